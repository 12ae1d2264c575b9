//! Rule: semi-joins along a path are searched backwards, from all their entities at once.

use super::flatten::flatten_conditions;
use super::{Context, filters};
use crate::plan::cost::{Bound, VarSet, estimate};
use crate::plan::{Block, Condition, ReachSemiJoin, Step, Term, VarId};

/// Minimum estimated number of values of the outer variable. Below, each is searched from separately.
const WORTHWHILE: f64 = 16.0;

/// Replaces a semi-join by [`Condition::ReachSemiJoin`] if only a path joins the variables of its block to an outer
/// variable, and that variable takes many values.
pub(super) fn reverse_reach(block: &mut Block, context: &mut Context) {
    let many = often_bound(block, context);
    for step in &mut block.steps {
        if let Step::Filter(condition) = step {
            condition.each_mut(&mut |condition| {
                if let Some(join) = reach_join(condition, &many, context) {
                    *condition = Condition::ReachSemiJoin(Box::new(join));
                }
            });
        }
    }
}

/// Returns the variables of the block that take many values, by estimate.
fn often_bound(block: &Block, context: &Context) -> Vec<VarId> {
    let conditions: Vec<&Condition> = filters(block).collect();
    let mut bound: VarSet = block.outer.iter().copied().collect();
    let (mut total, mut many) = (1.0, Vec::new());
    for step in block.steps.iter().filter(|step| matches!(step, Step::Scan { .. })) {
        total *= estimate(step, &conditions, &Bound { graph: context.graph, vars: &bound }).candidates;
        step.binds().into_iter().for_each(|var| bound.insert(var));
        if total >= WORTHWHILE {
            many.extend(step.binds());
        }
    }
    many
}

fn reach_join(condition: &Condition, many: &[VarId], context: &mut Context) -> Option<ReachSemiJoin> {
    let Condition::Exists { block, .. } = condition else { return None };
    let outer = condition.outer_vars();
    let [from] = outer.as_slice() else { return None };
    if !many.contains(from) {
        return None;
    }
    // On a copy: the block stays as it is if it turns out to be no such join.
    let mut inner = block.clone();
    flatten_conditions(&mut inner, context);
    let references = |step: &Step| {
        let mut found = false;
        step.needs(&mut |var| found |= var == *from);
        found
    };
    let place = inner.steps.iter().position(references)?;
    let Step::Filter(Condition::Path { path, subject, object, source }) = inner.steps.remove(place) else {
        return None;
    };
    let (inverse, end) = match (subject, object) {
        (Term::Var(subject), Term::Var(object)) if subject == *from => (false, object),
        (Term::Var(subject), Term::Var(object)) if object == *from => (true, subject),
        _ => return None,
    };
    let scanned = |step: &Step| matches!(step, Step::Scan { var, .. } if *var == end);
    if end == *from || inner.steps.iter().any(references) || !inner.steps.iter().any(scanned) {
        return None;
    }
    context.reach_joins += 1;
    let to = Block::new(inner.steps, vec![end], Vec::new());
    Some(ReachSemiJoin { from: *from, path, inverse, source, to, id: context.reach_joins })
}
