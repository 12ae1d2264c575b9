//! Aggregates of groups whose members are all certain: loops over columns of dictionary codes, numbers and days.

use super::dictionary::{ABSENT_CODE, Dictionary};
use super::fold::{FoldValue, is_known};
use super::quantile::Quantile;
use super::{Counted, FoldColumn, Group};
use crate::answer::Cell;
use crate::exec::eval::range;
use crate::functions::FunctionId;
use crate::graph::Graph;
use crate::limits::in_budget;
use crate::plan::NULL_SLOT;
use crate::schema::TypeSet;
use crate::value::{Number, Sum, Value};

/// Values of the dictionary codes of an argument, in a form that a loop can fold.
enum Column {
    /// Only codes are counted or listed.
    Codes,
    /// Finite numbers.
    Numbers(Vec<f64>),
    /// Day numbers of exact dates, or of entities with exact dates.
    Days(Vec<i32>),
}

/// An aggregate over bindings that are all certain.
pub(super) struct CertainFolder<'a> {
    function: FunctionId,
    /// The place that `median` and `percentile` look at.
    quantile: Quantile,
    argument: &'a Dictionary,
    /// Per code: true if the value is known.
    known: Vec<bool>,
    column: Column,
    /// Per binding: code of the tuple that counts once; `None` if each binding counts.
    over: Option<&'a [u32]>,
    /// True if equal values count once.
    merges: bool,
    /// Per tuple code, then per value code: number of the last group in which it occurred. Such stamps need no clearing
    /// between groups.
    seen: [Vec<u32>; 2],
}

impl<'a> CertainFolder<'a> {
    /// Returns the folder; `None` if a loop cannot fold the values, or if an array would have more than about four
    /// elements per binding. `over` is as in [`CertainFolder::over`].
    pub fn new(
        graph: &Graph,
        (function, quantile, merges): (FunctionId, Quantile, bool),
        argument: &'a Dictionary,
        over: Option<&'a [u32]>,
    ) -> Option<CertainFolder<'a>> {
        let known: Vec<bool> = argument.cells.iter().map(is_known).collect();
        let column = column(graph, function, argument, &known)?;
        let tuples =
            over.map_or(0, |over| over.iter().filter(|tuple| **tuple != NULL_SLOT).max().map_or(1, |most| most + 2));
        // The bound of a dictionary: a longer array costs more to clear than sorting the bindings of each group.
        let is_long = tuples as usize > argument.codes.len().saturating_mul(4).saturating_add(1024);
        let seen = [vec![0; if is_long { 0 } else { tuples as usize }], vec![0; argument.cells.len()]];
        (!is_long).then_some(CertainFolder { function, quantile, argument, known, column, over, merges, seen })
    }

    /// Returns the aggregate of each group.
    pub fn fold(mut self, groups: &[Group]) -> FoldColumn {
        let mut codes = Vec::new();
        // Groups are numbered from 1; 0 in `seen` means "in no group yet".
        let numbered = (1u32..).zip(groups).take_while(in_budget);
        if self.function == FunctionId::Count && self.merges {
            let counted = numbered.map(|(number, group)| {
                self.members(number, group, &mut codes);
                let number = codes.len() as u64;
                Counted { certain: number, shown: number, possible: number }
            });
            return FoldColumn::Counts(counted.collect());
        }
        let value = |(number, group): (u32, &Group)| {
            self.members(number, group, &mut codes);
            self.value(group, &mut codes)
        };
        FoldColumn::Values(numbered.map(value).collect())
    }

    /// Collects the codes of the known values of a group in the order of the bindings: one per tuple that counts, and
    /// each code once if equal values count once.
    fn members(&mut self, number: u32, group: &Group, codes: &mut Vec<u32>) {
        codes.clear();
        let [tuples, merged] = &mut self.seen;
        // `count` is of distinct values, even of numbers, of which each statement adds to a sum.
        let once = self.merges || self.function == FunctionId::Count;
        for i in &group.own {
            let code = self.argument.codes[*i as usize];
            if !self.known.get(code as usize).copied().unwrap_or(false) {
                continue;
            }
            if let Some(over) = self.over {
                // The last element stands for absent tuples.
                let last = tuples.len() as u32 - 1;
                let own = &mut tuples[over[*i as usize].min(last) as usize];
                if std::mem::replace(own, number) == number {
                    continue;
                }
            }
            if !once || std::mem::replace(&mut merged[code as usize], number) != number {
                codes.push(code);
            }
        }
    }

    fn value(&self, group: &Group, codes: &mut [u32]) -> FoldValue {
        let shown = match (self.function, &self.column) {
            (FunctionId::Count, _) => number(codes.len() as f64),
            (FunctionId::Sum, Column::Numbers(numbers)) => Cell::Value(Value::from(sum(codes, numbers))),
            (FunctionId::Avg, Column::Numbers(numbers)) => match codes.len() {
                0 => Cell::Value(Value::Unknown),
                length => {
                    let mean = sum(codes, numbers) / Number::from(length as f64);
                    Cell::Value(range(mean, mean))
                }
            },
            (FunctionId::First | FunctionId::Last, Column::Days(days)) => return self.pick(group, codes, days),
            (FunctionId::List, _) => {
                codes.sort_unstable();
                let listed = |code: &u32| (self.argument.cells[*code as usize].clone(), true);
                Cell::List(codes.iter().map(listed).collect())
            }
            // Dictionary codes are in the order of their values, so that codes can be compared in place of values.
            (FunctionId::Median | FunctionId::Percentile, _) => Cell::Value(self.at_place(codes)),
            (FunctionId::Min, _) => self.cell(codes.iter().min()),
            _ => self.cell(codes.iter().max()),
        };
        let is_absent = |i: &u32| self.argument.codes[*i as usize] == ABSENT_CODE;
        let range = match (self.function, &shown) {
            (FunctionId::Count | FunctionId::Sum, shown) => shown.clone(),
            // A minimum, maximum or mean of nothing has no value to compare: it is absent if all members are.
            _ if group.own.iter().all(is_absent) => Cell::Absent,
            (FunctionId::List, _) => Cell::Value(Value::Unknown),
            (_, shown) => shown.clone(),
        };
        FoldValue { shown, range, beyond: 0, picks: None, is_steady: true }
    }

    fn cell(&self, code: Option<&u32>) -> Cell {
        code.map_or(Cell::Value(Value::Unknown), |code| self.argument.cells[*code as usize].clone())
    }

    /// Returns the value at the place of the quantile. O(codes).
    fn at_place(&self, codes: &mut [u32]) -> Value {
        if codes.is_empty() {
            return Value::Unknown;
        }
        let (low, high) = self.quantile.places(codes.len());
        let (below, upper, _) = codes.select_nth_unstable(high);
        let upper = *upper;
        let lower = if low == high { None } else { below.iter().max().copied() };
        let cell = |code: u32| self.argument.cells[code as usize].clone();
        // The value at a place between two is their median.
        Quantile::Median.of(&lower.into_iter().chain([upper]).map(cell).collect::<Vec<Cell>>())
    }

    /// Returns the entities of the first (or last) day. An entity is certain if it is the only one.
    fn pick(&self, group: &Group, codes: &mut [u32], days: &[i32]) -> FoldValue {
        codes.sort_unstable();
        let all = codes.iter().map(|code| days[*code as usize]);
        let day = if self.function == FunctionId::First { all.min() } else { all.max() };
        let candidates = || codes.iter().filter(|code| Some(days[**code as usize]) == day);
        let is_alone = candidates().count() == 1;
        let pick = |code: &u32| (self.argument.cells[*code as usize].clone(), is_alone);
        let mut picks: Vec<(Cell, bool)> = candidates().map(pick).collect();
        let is_absent = |i: &u32| self.argument.codes[*i as usize] == ABSENT_CODE;
        // In every world this group exists and has no member.
        if group.own.iter().all(is_absent) && (group.is_whole || !group.own.is_empty()) {
            picks.push((Cell::Value(Value::Unknown), codes.is_empty()));
        }
        let list = Cell::List(picks.clone());
        FoldValue { shown: list.clone(), range: list, beyond: 0, picks: Some(picks), is_steady: true }
    }
}

fn number(number: f64) -> Cell {
    Cell::Value(Value::Number(number))
}

/// Returns the values of the codes in the form that a loop reads; `None` if a loop cannot fold them.
fn column(graph: &Graph, function: FunctionId, argument: &Dictionary, known: &[bool]) -> Option<Column> {
    let cells = || argument.cells.iter().zip(known);
    let numbers = || -> Option<Vec<f64>> {
        let of = |(cell, known): (&Cell, &bool)| match cell {
            Cell::Value(Value::Number(number)) if number.is_finite() => Some(*number),
            _ => (!known).then_some(0.0),
        };
        cells().map(of).collect()
    };
    let days = |of: &dyn Fn(&Cell) -> Option<i32>| -> Option<Vec<i32>> {
        cells().map(|(cell, known)| if *known { of(cell) } else { Some(0) }).collect()
    };
    let of_date = |cell: &Cell| match cell {
        Cell::Value(Value::Date(date)) => date.is_exact().then_some(date.earliest()),
        _ => None,
    };
    let of_entity = |cell: &Cell| match cell {
        // A date on which sources contradict each other is not exact.
        Cell::Entity(entity) => {
            let own = graph.type_of(*entity);
            let property = graph.dating(own).filter(|property| graph.is_exact(*property, TypeSet::only(own)))?;
            of_date(&Cell::Value(Value::Date(graph.date(*entity, property))))
        }
        _ => None,
    };
    match function {
        FunctionId::Count | FunctionId::List => Some(Column::Codes),
        FunctionId::Sum | FunctionId::Avg => numbers().map(Column::Numbers),
        FunctionId::Min | FunctionId::Max | FunctionId::Median | FunctionId::Percentile => {
            numbers().map(Column::Numbers).or_else(|| days(&of_date).map(Column::Days))
        }
        FunctionId::First | FunctionId::Last => days(&of_entity).map(Column::Days),
        _ => None,
    }
}

/// Every whole number below this magnitude is exact in a float (the limit is 2^53, about 9.007e15).
const WHOLE: f64 = 9e15;

/// Returns the sum of the numbers of these codes.
fn sum(codes: &[u32], numbers: &[f64]) -> Number {
    let of = |code: &u32| numbers[*code as usize];
    let is_whole = |code: &u32| of(code).abs() < WHOLE && of(code).fract() == 0.0;
    if codes.iter().all(is_whole) {
        return Number::of_whole(codes.iter().map(|code| of(code) as i64).map(i128::from).sum());
    }
    // If 128 bits do not hold the sum, its rounding depends on the order of addition: sorted codes make the result
    // independent of the order of the bindings.
    let (mut sum, mut sorted) = (Sum::default(), codes.to_vec());
    sorted.sort_unstable();
    sorted.iter().for_each(|code| sum.add(Number::from(of(code))));
    sum.total()
}

#[cfg(test)]
mod tests {
    use super::sum;
    use crate::value::{Number, Sum};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sum_is_that_of_the_numbers(numbers in prop::collection::vec((-9_000_000i64..9_000_000, 0u8..3), 0..20)) {
            let scale = |scale: u8| [1.0, 1e9, 0.25][scale as usize];
            let numbers: Vec<f64> = numbers.into_iter().map(|(number, by)| number as f64 * scale(by)).collect();
            let codes: Vec<u32> = (0..numbers.len() as u32).collect();
            let mut expected = Sum::default();
            numbers.iter().for_each(|number| expected.add(Number::from(*number)));
            prop_assert_eq!(sum(&codes, &numbers), expected.total());
        }
    }
}
