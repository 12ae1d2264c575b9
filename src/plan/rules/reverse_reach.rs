//! Rule: semi-joins along a path are searched backwards, from all their entities at once.

use super::flatten::flatten_conditions;
use super::{Context, filters};
use crate::plan::cost::{Bound, ScanCost, VarSet};
use crate::plan::{Block, Condition, ReachEnds, ReachSemiJoin, Step, Term, VarId};

/// Minimum estimated number of values of the outer variable. Below, each is searched from separately. By reasoning, no
/// benchmark varies it: the backward search visits whatever leads to any of the ends, each forward search only what
/// one value leads to.
const WORTHWHILE: f64 = 16.0;

/// Replaces a semi-join by [`Condition::ReachSemiJoin`] if only a path joins the variables of its block to an outer
/// variable, and that variable takes many values; so is a denied path to an entity.
pub(super) fn reverse_reach(block: &mut Block, context: &mut Context) {
    let many = often_bound(block, context);
    for step in &mut block.steps {
        if let Step::Filter(condition) = step {
            condition.each_mut(&mut |condition| {
                let join = match condition {
                    Condition::Not(inner) => denied_reach(inner, &many, context).map(|join| (&mut **inner, join)),
                    condition => reach_join(condition, &many, context).map(|join| (condition, join)),
                };
                if let Some((condition, join)) = join {
                    *condition = Condition::ReachSemiJoin(Box::new(join));
                }
            });
        }
    }
}

/// Returns the variables of the block that take many values, by estimate.
fn often_bound(block: &Block, context: &Context) -> Vec<VarId> {
    // What denies something leaves most values.
    let conditions: Vec<&Condition> = filters(block).filter(|test| !matches!(test, Condition::Not(_))).collect();
    let mut bound: VarSet = block.outer.iter().copied().collect();
    let (mut total, mut many) = (1.0, Vec::new());
    for step in block.steps.iter().filter(|step| matches!(step, Step::Scan { .. })) {
        total *= ScanCost::new(context.graph, step, &conditions)
            .estimate(&Bound { graph: context.graph, vars: &bound })
            .candidates;
        step.binds().into_iter().for_each(|var| bound.insert(var));
        if total >= WORTHWHILE {
            many.extend(step.binds());
        }
    }
    many
}

/// Returns the semi-join of a denied path from a variable to an entity, which cannot list the values of the variable.
fn denied_reach(condition: &Condition, many: &[VarId], context: &mut Context) -> Option<ReachSemiJoin> {
    let Condition::Path { path, subject, object, source } = condition else { return None };
    let (from, entity, inverse) = match (subject, object) {
        (Term::Var(from), Term::Entity(entity)) => (*from, *entity, false),
        (Term::Entity(entity), Term::Var(from)) => (*from, *entity, true),
        _ => return None,
    };
    many.contains(&from).then(|| {
        context.reach_joins += 1;
        let to = ReachEnds::Entity(entity);
        ReachSemiJoin { from, path: *path, inverse, source: *source, to, id: context.reach_joins }
    })
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
    let to = ReachEnds::Block(Block::new(inner.steps, vec![end], Vec::new()));
    Some(ReachSemiJoin { from: *from, path, inverse, source, to, id: context.reach_joins })
}
