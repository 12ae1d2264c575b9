//! Rules: existential variables are moved into semi-joins, and out of those that join what nothing else does.

use super::flatten::flatten;
use super::{Context, filters, is_scan, order};
use crate::plan::{Block, Condition, Step, VarId};

/// Joins the steps of a semi-join with those of its block if it is the only condition that connects one of its variables
/// with others, which would else be scanned for each of these.
pub(super) fn join_semi_joins(block: &mut Block, _: &mut Context) {
    let is_first = |step: &&Step| is_scan(step) || matches!(step, Step::Filter(_));
    let mut place = 0;
    while place < block.steps.iter().take_while(is_first).count() {
        let Step::Filter(Condition::Exists { block: inner, memo: None }) = &block.steps[place] else {
            place += 1;
            continue;
        };
        let is_plain = inner.steps.iter().all(|step| is_first(&step));
        if !is_plain || !connects_alone(block, place) {
            place += 1;
            continue;
        }
        let Step::Filter(Condition::Exists { block: inner, .. }) = block.steps.remove(place) else { return };
        let (scans, mut filters): (Vec<Step>, Vec<Step>) = inner.steps.into_iter().partition(is_scan);
        // Those of a conjunction are looked at one by one.
        let conditions =
            filters.drain(..).filter_map(|step| if let Step::Filter(own) = step { Some(own) } else { None });
        let mut flat = Vec::new();
        conditions.for_each(|condition| flatten(condition, &mut flat));
        block.steps.splice(place..place, flat.into_iter().map(Step::Filter));
        let behind = block.steps.iter().take_while(|step| is_scan(step)).count();
        block.steps.splice(behind..behind, scans);
    }
}

/// Returns true if a variable that the block scans is joined with another one by the condition at this place, and by
/// no other.
fn connects_alone(block: &Block, place: usize) -> bool {
    let scanned: Vec<VarId> = block.steps.iter().filter(|step| is_scan(step)).flat_map(Step::binds).collect();
    let joined = |condition: &Condition| -> Vec<VarId> {
        let mut vars = condition.outer_vars();
        vars.retain(|var| scanned.contains(var));
        if vars.len() > 1 { vars } else { Vec::new() }
    };
    let of = |(i, step): (usize, &Step)| {
        if let Step::Filter(condition) = step { Some((i, joined(condition))) } else { None }
    };
    let (own, others): (Vec<_>, Vec<_>) = block.steps.iter().enumerate().filter_map(of).partition(|(i, _)| *i == place);
    let is_joined = |var: &VarId| others.iter().any(|(_, vars)| vars.contains(var));
    own.iter().flat_map(|(_, vars)| vars).any(|var| !is_joined(var))
}

pub(super) fn existential_to_semi_join(block: &mut Block, _: &mut Context) {
    let scanned: Vec<VarId> = block.steps.iter().filter(|step| is_scan(step)).flat_map(Step::binds).collect();
    // A block is no semi-join of its only variable.
    if scanned.len() < 2 {
        return;
    }
    let conditions: Vec<&Condition> = filters(block).collect();
    let rest: Vec<&Step> = block.steps.iter().filter(|step| !is_scan(step)).collect();
    let place = |var: &VarId| scanned.iter().position(|other| other == var);
    let mut components = order::witness_components(block, &scanned, &conditions, &rest);
    components.extend(determined_alone(block, &conditions, &rest));
    for component in components {
        let first = component.vars.iter().filter_map(place).min();
        let last = component.boundary.iter().filter_map(place).max();
        let whole = component.vars.len() == scanned.len();
        if last < first && !whole {
            close(block, &component);
        }
    }
}

/// Returns each determined variable that only filters read, as a component: its only value serves as a witness.
fn determined_alone(block: &Block, conditions: &[&Condition], rest: &[&Step]) -> Vec<order::Component> {
    let mut needed = Vec::new();
    for step in rest.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        step.needs(&mut |var| needed.push(var));
    }
    let beside = |var: VarId| -> Vec<VarId> {
        let referenced = conditions.iter().map(|condition| condition.outer_vars()).filter(|vars| vars.contains(&var));
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
