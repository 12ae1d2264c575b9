//! Rule: filters stand directly behind the step that binds their last variable.

use super::Context;
use crate::plan::{Block, Condition, Step, VarId};

pub(super) fn push_down_filters(block: &mut Block, _: &mut Context) {
    let (filters, binders): (Vec<Step>, Vec<Step>) =
        block.steps.drain(..).partition(|step| matches!(step, Step::Filter(_)));
    let own: Vec<Vec<VarId>> = binders.iter().map(Step::binds).collect();
    let mut placed: Vec<(usize, u8, Step)> = Vec::new();
    for step in filters {
        let Step::Filter(condition) = &step else { continue };
        let vars = condition.outer_vars();
        let after = own.iter().rposition(|binds| binds.iter().any(|var| vars.contains(var)));
        placed.push((after.map_or(0, |i| i + 1), weight(condition), step));
    }
    placed.sort_by_key(|(after, weight, _)| (*after, *weight));
    let mut placed = placed.into_iter().peekable();
    for i in 0..=binders.len() {
        if let Some(step) = i.checked_sub(1).map(|i| binders[i].clone()) {
            block.steps.push(step);
        }
        while placed.peek().is_some_and(|(after, ..)| *after == i) {
            block.steps.extend(placed.next().map(|(_, _, step)| step));
        }
    }
}

/// Returns the relative cost of a condition: cheaper ones are tested first.
fn weight(condition: &Condition) -> u8 {
    match condition {
        Condition::Order(_)
        | Condition::Probe(_)
        | Condition::NotEmpty(_)
        | Condition::Length { .. }
        | Condition::Type(..)
        | Condition::Same(..)
        | Condition::Word(..)
        | Condition::Fact(_) => 0,
        Condition::Value(_)
        | Condition::Claim(_)
        | Condition::Test(_)
        | Condition::Exact(_)
        | Condition::Coded(_)
        | Condition::Name(..)
        | Condition::Compare(_) => 1,
        Condition::All(all) | Condition::Any(all) => all.iter().map(weight).max().unwrap_or(0),
        Condition::Not(inner) | Condition::Modal(_, inner) => weight(inner),
        Condition::Path { .. } => 2,
        Condition::Exists { .. } | Condition::ReachSemiJoin(_) => 3,
        Condition::Count { .. } | Condition::Every { .. } => 4,
    }
}
