//! Sums, minima and maxima of exact values, and numbers of bindings that satisfy a condition, updated while bindings are
//! found.

use super::fold::FoldValue;
use crate::answer::Cell;
use crate::exec::Mode;
use crate::exec::eval::range;
use crate::exec::exact::ExactScope;
use crate::exec::join::Worker;
use crate::exec::limits::Flow;
use crate::functions::FunctionId;
use crate::graph::Graph;
use crate::plan::{Condition, CountGroups, GroupFold, Scalar};
use crate::value::{Date, Number, Value};

/// Folds of a [`CountGroups`] other than counts of all bindings.
#[derive(Clone)]
pub(super) struct ExactFolds<'e> {
    graph: &'e Graph,
    folds: Vec<ExactFold<'e>>,
}

#[derive(Clone, Copy)]
enum ExactFold<'e> {
    Value(FunctionId, &'e Scalar),
    CountIf(&'e Condition),
}

impl ExactFold<'_> {
    fn function(self) -> FunctionId {
        match self {
            ExactFold::Value(function, _) => function,
            // Numbers of bindings are merged by addition.
            ExactFold::CountIf(_) => FunctionId::Sum,
        }
    }
}

impl<'e> ExactFolds<'e> {
    pub fn of(graph: &'e Graph, count: &'e CountGroups) -> ExactFolds<'e> {
        let exact = |fold: &'e GroupFold| match fold {
            GroupFold::Count => None,
            GroupFold::CountIf(condition) => Some(ExactFold::CountIf(condition)),
            GroupFold::Exact { function, argument, .. } => Some(ExactFold::Value(*function, argument)),
        };
        ExactFolds { graph, folds: count.folds.iter().filter_map(exact).collect() }
    }

    /// Returns how many accumulators a group has.
    pub fn width(&self) -> usize {
        self.folds.len()
    }

    /// Returns the initial accumulators of a group: the identity element of each fold.
    pub fn of_nothing(&self) -> impl Iterator<Item = i128> {
        self.folds.iter().map(|fold| match fold.function() {
            FunctionId::Min => i128::MAX,
            FunctionId::Max => i128::MIN,
            _ => 0,
        })
    }

    /// Folds the values of the worker's frame into the accumulators of its group.
    #[inline]
    pub fn add(&self, worker: &mut Worker, own: &mut [i128]) -> Flow {
        for (fold, own) in self.folds.iter().zip(own) {
            match fold {
                ExactFold::Value(function, argument) => {
                    if let Some(value) = (ExactScope { graph: self.graph, frame: &worker.frame }).number(argument) {
                        combine(*function, own, value.into());
                    }
                }
                ExactFold::CountIf(condition) => *own += i128::from(worker.holds(condition, Mode::CERTAIN)?),
            }
        }
        Ok(())
    }

    /// Merges the accumulators of the same group from another part of a parallel search.
    pub fn merge(&self, other: &[i128], own: &mut [i128]) {
        for ((fold, own), other) in self.folds.iter().zip(own).zip(other) {
            combine(fold.function(), own, *other);
        }
    }
}

fn combine(function: FunctionId, own: &mut i128, value: i128) {
    *own = match function {
        FunctionId::Min => value.min(*own),
        FunctionId::Max => value.max(*own),
        // Never saturates: with values of 64 bits that takes 2^64 bindings.
        _ => value.saturating_add(*own),
    };
}

/// Returns the result of a fold over a group of `bindings` bindings whose accumulator is `number`.
pub(super) fn value((function, is_day): (FunctionId, bool), number: i128, bindings: u64) -> FoldValue {
    let shown = match function {
        FunctionId::Sum => Value::from(Number::of_whole(number)),
        _ if bindings == 0 => Value::Unknown,
        FunctionId::Avg => {
            let mean = Number::of_whole(number) / Number::from(bindings as f64);
            range(mean, mean)
        }
        _ if is_day => i32::try_from(number).map_or(Value::Unknown, |day| Value::Date(Date::on(day))),
        _ => Value::from(Number::of_whole(number)),
    };
    // A minimum, maximum or mean of nothing has no value to compare, so `having` sees it as absent.
    let is_absent = bindings == 0 && function != FunctionId::Sum;
    let range = if is_absent { Cell::Absent } else { Cell::Value(shown.clone()) };
    FoldValue { shown: Cell::Value(shown), range, beyond: 0, picks: None, is_steady: true }
}
