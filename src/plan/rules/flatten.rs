//! Rule: a conjunction becomes one filter per condition.

use super::Context;
use crate::plan::{Block, Condition, Step};

pub(super) fn flatten_conditions(block: &mut Block, _: &mut Context) {
    let steps = std::mem::take(&mut block.steps);
    for step in steps {
        match step {
            Step::Filter(condition) => {
                let mut flat = Vec::new();
                flatten(condition, &mut flat);
                block.steps.extend(flat.into_iter().map(Step::Filter));
            }
            other => block.steps.push(other),
        }
    }
}

/// Appends the conditions of nested conjunctions; removes double negations and disjunctions of one.
pub(super) fn flatten(condition: Condition, out: &mut Vec<Condition>) {
    match condition {
        Condition::All(all) => all.into_iter().for_each(|inner| flatten(inner, out)),
        Condition::Any(mut all) if all.len() == 1 => flatten(all.remove(0), out),
        Condition::Not(inner) => match *inner {
            Condition::Not(twice) => flatten(*twice, out),
            other => out.push(Condition::Not(Box::new(simplified(other)))),
        },
        Condition::Any(all) => out.push(Condition::Any(all.into_iter().map(simplified).collect())),
        other => out.push(other),
    }
}

fn simplified(condition: Condition) -> Condition {
    let mut flat = Vec::new();
    flatten(condition, &mut flat);
    if flat.len() == 1 { flat.remove(0) } else { Condition::All(flat) }
}
