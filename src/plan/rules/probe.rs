//! Rule: semi-joins that are answered by a single list.

use crate::plan::{
    AccessPath, Block, CompareOp, Condition, FactAtom, MOST_TESTS, Order, Probe, ProbeFact, Step, Term, VarId,
};

/// Replaces a semi-join by [`Condition::Probe`] if it looks for a neighbour, along one link, of the variable bound just
/// before, and only compares it with bound entities or tests its links to these; by [`Condition::NotEmpty`] if it looks
/// for any neighbour of something else.
pub(super) fn probe_neighbours(block: &mut Block) {
    let mut last = None;
    for step in &mut block.steps {
        match step {
            Step::Filter(condition) => probe(condition, last),
            step => last = step.binds().last().copied(),
        }
    }
}

fn probe(condition: &mut Condition, last: Option<VarId>) {
    if let Condition::Not(inner) = condition {
        return probe(inner, last);
    }
    let Condition::Exists { block, .. } = condition else { return };
    if let Some(probe) = neighbour(block, last) {
        *condition = Condition::Probe(probe);
    } else if let [Step::Expand { access, types: None, .. }] = block.steps.as_slice()
        && let [access @ AccessPath::Link { .. }] = access.as_slice()
    {
        *condition = Condition::NotEmpty(access.clone());
    }
}

/// Replaces the count of the neighbours along one link by [`Condition::Length`] if nothing else is asked of them.
pub(super) fn count_neighbours(block: &mut Block) {
    for step in &mut block.steps {
        let Step::Filter(condition) = step else { continue };
        condition.each_mut(&mut |condition| {
            let Condition::Count { block, compare, number } = condition else { return };
            if let [Step::Expand { var, access, types: None }] = block.steps.as_slice()
                && let [access @ AccessPath::Link { .. }] = access.as_slice()
                && block.wanted == [*var]
            {
                *condition = Condition::Length { access: access.clone(), compare: *compare, number: *number };
            }
        });
    }
}

/// Returns the probe equivalent to a block; `None` if the block does more.
fn neighbour(block: &Block, last: Option<VarId>) -> Option<Probe> {
    let (Step::Expand { var, access, types: None }, filters) = block.steps.split_first()? else { return None };
    let [AccessPath::Link { link, from: Term::Var(from), inverse, source }] = access.as_slice() else { return None };
    if last != Some(*from) {
        return None;
    }
    // Entities that are looked up once for all values of `from` must not be `from` itself.
    let is_bound = |other: Term| other != Term::Var(*from);
    let (mut orders, mut facts) = (Vec::new(), Vec::new());
    for step in filters {
        let Step::Filter(condition) = step else { return None };
        match condition {
            Condition::Order(order) => {
                orders.push(seen_from(order, *var).filter(|(_, other)| is_bound(*other))?);
            }
            Condition::Fact(atom) => facts.push(fact_of(atom, *var, true).filter(|fact| is_bound(fact.other))?),
            Condition::Not(inner) => match &**inner {
                Condition::Fact(atom) => facts.push(fact_of(atom, *var, false).filter(|fact| is_bound(fact.other))?),
                _ => return None,
            },
            _ => return None,
        }
    }
    let is_short = orders.len() <= MOST_TESTS && facts.len() <= MOST_TESTS;
    is_short.then_some(Probe { from: *from, link: *link, inverse: *inverse, source: *source, orders, facts })
}

/// Returns a link of a variable to something bound, as seen from the other end; `None` if the variable is both ends or
/// neither.
fn fact_of(atom: &FactAtom, var: VarId, is_wanted: bool) -> Option<ProbeFact> {
    let FactAtom { link, subject, object, source, .. } = atom;
    let (other, inverse) = match (*subject == Term::Var(var), *object == Term::Var(var)) {
        (true, false) => (*object, true),
        (false, true) => (*subject, false),
        _ => return None,
    };
    Some(ProbeFact { link: *link, inverse, source: *source, other, is_wanted })
}

/// Returns the operator and operand with which a variable is compared; `None` if it is both sides or neither.
fn seen_from(order: &Order, var: VarId) -> Option<(CompareOp, Term)> {
    match (order.var == var, order.other == Term::Var(var)) {
        (true, false) => Some((order.op, order.other)),
        (false, true) => Some((order.op.mirrored(), Term::Var(order.var))),
        _ => None,
    }
}
