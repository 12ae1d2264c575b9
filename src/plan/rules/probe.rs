//! Semi-joins that one list answers.

use crate::plan::{AccessPath, Block, CompareOp, Condition, MOST_ORDERS, Order, Probe, Step, Term, VarId};

/// Writes semi-joins as [`Condition::Probe`] where they ask the variable bound just before for a neighbour along one
/// link, and of that no more than how it compares with what is bound; as [`Condition::NotEmpty`] where they ask for
/// any neighbour of something else.
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

/// The probe that a block comes to; `None` where it is more.
fn neighbour(block: &Block, last: Option<VarId>) -> Option<Probe> {
    let (Step::Expand { var, access, types: None }, filters) = block.steps.split_first()? else { return None };
    let [AccessPath::Link { link, from: Term::Var(from), inverse, source }] = access.as_slice() else { return None };
    if last != Some(*from) || filters.len() > MOST_ORDERS {
        return None;
    }
    let order = |step: &Step| match step {
        Step::Filter(Condition::Order(order)) => seen_from(order, *var).filter(|(_, other)| *other != Term::Var(*from)),
        _ => None,
    };
    let orders = filters.iter().map(order).collect::<Option<Vec<_>>>()?;
    Some(Probe { from: *from, link: *link, inverse: *inverse, source: *source, orders })
}

/// How a variable compares, and with what; `None` where it is both sides or neither.
fn seen_from(order: &Order, var: VarId) -> Option<(CompareOp, Term)> {
    match (order.var == var, order.other == Term::Var(var)) {
        (true, false) => Some((order.op, order.other)),
        (false, true) => Some((order.op.mirrored(), Term::Var(order.var))),
        _ => None,
    }
}
