//! Rule: existential variables are moved into semi-joins.

use super::{Context, filters, is_scan, order};
use crate::plan::{Block, Condition, Step, VarId};

pub(super) fn existential_to_semi_join(block: &mut Block, _: &mut Context) {
    let scanned: Vec<VarId> = block.steps.iter().filter(|step| is_scan(step)).flat_map(Step::binds).collect();
    let conditions: Vec<Condition> = filters(block).cloned().collect();
    let rest: Vec<Step> =
        block.steps.iter().filter(|step| !scanned.iter().any(|v| step.binds() == [*v])).cloned().collect();
    let place = |var: &VarId| scanned.iter().position(|other| other == var);
    let components = order::witness_components(block, &scanned, &conditions, &rest);
    for component in components.into_iter().chain(determined_alone(block, &conditions, &rest)) {
        let first = component.vars.iter().filter_map(place).min();
        let last = component.boundary.iter().filter_map(place).max();
        let whole = component.vars.len() == scanned.len();
        if last < first && !whole {
            close(block, &component);
        }
    }
}

/// Returns each determined variable that only filters read, as a component: its only value serves as a witness.
fn determined_alone(block: &Block, conditions: &[Condition], rest: &[Step]) -> Vec<order::Component> {
    let mut needed = Vec::new();
    for step in rest.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        step.needs(&mut |var| needed.push(var));
    }
    let beside = |var: VarId| -> Vec<VarId> {
        let referenced = conditions.iter().map(Condition::outer_vars).filter(|vars| vars.contains(&var));
        referenced.flatten().filter(|other| *other != var).collect()
    };
    let alone = block.determined.iter().filter(|var| !needed.contains(var));
    alone.map(|var| order::Component { vars: vec![*var], boundary: beside(*var) }).collect()
}

/// Moves the scans and conditions of a component into a semi-join.
fn close(block: &mut Block, component: &order::Component) {
    let belongs = |step: &Step| match step {
        Step::Filter(condition) => condition.outer_vars().iter().any(|var| component.vars.contains(var)),
        other => other.binds().iter().any(|var| component.vars.contains(var)),
    };
    let (own, mut rest): (Vec<Step>, Vec<Step>) = block.steps.drain(..).partition(belongs);
    let inner = Block::new(own, Vec::new(), component.boundary.clone());
    let exists = Step::Filter(Condition::Exists { block: inner, memo: None });
    // Before the next optional part, since variables behind it may depend on the rows that remain.
    let place = rest.iter().position(|step| matches!(step, Step::Optional(_))).unwrap_or(rest.len());
    rest.insert(place, exists);
    block.steps = rest;
}
