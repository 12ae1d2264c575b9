//! Sums and extremes of exact values, added up while bindings are found.

use super::fold::FoldValue;
use crate::answer::Cell;
use crate::exec::eval::range;
use crate::exec::exact::ExactScope;
use crate::functions::FunctionId;
use crate::graph::Graph;
use crate::plan::{CountGroups, GroupFold, Scalar};
use crate::value::{Date, Number, Value};

/// The folds of a [`CountGroups`] that are more than counts.
#[derive(Clone)]
pub(super) struct ExactFolds<'e> {
    graph: &'e Graph,
    folds: Vec<(FunctionId, &'e Scalar)>,
}

impl<'e> ExactFolds<'e> {
    pub fn of(graph: &'e Graph, count: &'e CountGroups) -> ExactFolds<'e> {
        let exact = |fold: &'e GroupFold| match fold {
            GroupFold::Count => None,
            GroupFold::Exact { function, argument, .. } => Some((*function, argument)),
        };
        ExactFolds { graph, folds: count.folds.iter().filter_map(exact).collect() }
    }

    /// How many numbers a group has.
    pub fn width(&self) -> usize {
        self.folds.len()
    }

    /// The numbers of a group of no bindings.
    pub fn of_nothing(&self) -> impl Iterator<Item = i128> {
        self.folds.iter().map(|(function, _)| match function {
            FunctionId::Min => i128::MAX,
            FunctionId::Max => i128::MIN,
            _ => 0,
        })
    }

    /// Adds what the frame gives.
    #[inline]
    pub fn add(&self, frame: &[u32], own: &mut [i128]) {
        for ((function, argument), own) in self.folds.iter().zip(own) {
            if let Some(value) = (ExactScope { graph: self.graph, frame }).number(argument) {
                combine(*function, own, value.into());
            }
        }
    }

    /// Adds what another part of the search has found of the same group.
    pub fn merge(&self, other: &[i128], own: &mut [i128]) {
        for (((function, _), own), other) in self.folds.iter().zip(own).zip(other) {
            combine(*function, own, *other);
        }
    }
}

fn combine(function: FunctionId, own: &mut i128, value: i128) {
    *own = match function {
        FunctionId::Min => value.min(*own),
        FunctionId::Max => value.max(*own),
        _ => value.saturating_add(*own),
    };
}

/// What a fold comes to in a group of so many bindings.
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
    // Of nothing there is no least value to compare.
    let is_absent = bindings == 0 && function != FunctionId::Sum;
    let range = if is_absent { Cell::Absent } else { Cell::Value(shown.clone()) };
    FoldValue { shown: Cell::Value(shown), range, beyond: 0, picks: None, is_steady: true }
}
