//! Rule: results of semi-joins are cached by the value of the only variable that they depend on.

use super::Context;
use crate::plan::{Block, Condition, Memo, Step, VarId};

pub(super) fn cache_semi_joins(block: &mut Block, context: &mut Context) {
    let first = block.steps.iter().flat_map(Step::binds).next();
    let nested = context.nested;
    for step in &mut block.steps {
        let Step::Filter(condition) = step else { continue };
        // In a nested block, the first variable takes its values again for each outer binding.
        memoize(condition, first.filter(|_| !nested), &mut context.memos);
    }
}

/// Gives a memo to each semi-join that depends on a single outer variable, unless that variable takes each value only
/// once.
fn memoize(condition: &mut Condition, once: Option<VarId>, memos: &mut u16) {
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter_mut().for_each(|inner| memoize(inner, once, memos)),
        Condition::Not(inner) | Condition::Modal(_, inner) => memoize(inner, once, memos),
        Condition::Exists { .. } => {
            let outer = condition.outer_vars();
            let (Condition::Exists { memo, .. }, [var]) = (condition, outer.as_slice()) else { return };
            if Some(*var) != once {
                *memo = Some(Memo { var: *var, id: *memos });
                *memos += 1;
            }
        }
        _ => {}
    }
}
