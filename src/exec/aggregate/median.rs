//! `median`: the middle value. Of an even number of values it is the mean of the two middle numbers, or the earlier of
//! the two middle dates. Values with bounds are ordered bound by bound.

use crate::answer::Cell;
use crate::date::Date;
use crate::exec::eval::{bounds, range};
use crate::value::{Number, Value};
use std::cmp::Ordering;

/// Returns the median of known cells; unknown if there are none.
pub(super) fn median(cells: &[Cell]) -> Value {
    let dates = dates(cells);
    if !dates.is_empty() {
        let middle = |end: fn(&Date) -> i32| {
            let mut days: Vec<i32> = dates.iter().map(end).collect();
            days.sort_unstable();
            days[(days.len() - 1) / 2]
        };
        return of_days(&dates, middle(|date| date.earliest()), middle(|date| date.latest()));
    }
    let numbers: Vec<(Number, Number)> = cells.iter().filter_map(ends).collect();
    let middle = |end: fn(&(Number, Number)) -> Number| {
        let mut ends: Vec<Number> = numbers.iter().map(end).collect();
        ends.sort_by(|a, b| a.cmp(*b));
        let (low, high) = (ends[(ends.len() - 1) / 2], ends[ends.len() / 2]);
        if low == high { low } else { (low + high) / Number::from(2.0) }
    };
    if numbers.is_empty() { Value::Unknown } else { range(middle(|ends| ends.0), middle(|ends| ends.1)) }
}

/// Returns the date between two days, in the notation of a date that has these bounds.
fn of_days(dates: &[Date], first: i32, last: i32) -> Value {
    let same = dates.iter().find(|date| date.bounds() == (first, last)).copied();
    same.or_else(|| Date::between(first, last)).map_or(Value::Unknown, Value::Date)
}

/// Returns the range of the median of the certain values and any subset of the others, which is not empty if there are
/// no certain ones. O(values × log values).
pub(super) fn median_range(sure: &[Cell], others: &[Cell]) -> Value {
    let (of_sure, of_others) = (dates(sure), dates(others));
    if !of_sure.is_empty() || !of_others.is_empty() {
        let least = |end: fn(&Date) -> f64| {
            least_median(of_sure.iter().map(end).collect(), of_others.iter().map(end).collect(), lower)
        };
        let first = least(|date| f64::from(date.reach().0));
        // The latest lower median is the negated least upper median of the negated days.
        let negated = |all: &[Date]| all.iter().map(|date| -f64::from(date.reach().1)).collect::<Vec<f64>>();
        let last = -least_median(negated(&of_sure), negated(&of_others), upper);
        return Date::between(first as i32, last as i32).map_or(Value::Unknown, Value::Date);
    }
    let of =
        |cells: &[Cell], end: fn((Number, Number)) -> f64| cells.iter().filter_map(ends).map(end).collect::<Vec<f64>>();
    let least = |end: fn((Number, Number)) -> f64| least_median(of(sure, end), of(others, end), mean);
    range(least(|ends| ends.0.to_f64()), -least(|ends| -ends.1.to_f64()))
}

fn dates(cells: &[Cell]) -> Vec<Date> {
    let date = |cell: &Cell| if let Cell::Value(Value::Date(date)) = cell { Some(*date) } else { None };
    cells.iter().filter_map(date).collect()
}

fn ends(cell: &Cell) -> Option<(Number, Number)> {
    if let Cell::Value(value) = cell { bounds(value) } else { None }
}

fn lower(low: f64, _: f64) -> f64 {
    low
}

fn upper(_: f64, high: f64) -> f64 {
    high
}

fn mean(low: f64, high: f64) -> f64 {
    if low == high { low } else { (low + high) / 2.0 }
}

/// Returns the least median of the certain numbers and any subset of the others. Of all subsets of one size, that of the
/// least numbers has the least median, so only these are tried.
fn least_median(mut sure: Vec<f64>, mut others: Vec<f64>, of_middle: fn(f64, f64) -> f64) -> f64 {
    sure.sort_by(f64::total_cmp);
    others.sort_by(f64::total_cmp);
    let sizes = usize::from(sure.is_empty())..=others.len();
    let median = |size: usize| {
        let (some, length) = (&others[..size], sure.len() + size);
        of_middle(nth(&sure, some, (length - 1) / 2), nth(&sure, some, length / 2))
    };
    sizes.map(median).min_by(f64::total_cmp).unwrap_or(f64::NAN)
}

/// Returns the number at a position of two sorted lists together, by binary search for how many of the first list stand
/// before it.
fn nth(one: &[f64], two: &[f64], position: usize) -> f64 {
    let (mut least, mut most) = (position.saturating_sub(two.len()), position.min(one.len()));
    while least < most {
        let own = (least + most) / 2;
        // Too few of the first list stand before the position if its next number is below what the second list has there.
        match one[own].total_cmp(&two[position - own - 1]) {
            Ordering::Less => least = own + 1,
            _ => most = own,
        }
    }
    match (one.get(least), two.get(position - least)) {
        (Some(a), Some(b)) => {
            if a.total_cmp(b).is_lt() {
                *a
            } else {
                *b
            }
        }
        (Some(only), None) | (None, Some(only)) => *only,
        (None, None) => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::{least_median, mean, nth};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn two_lists_are_read_as_one(one in prop::collection::vec(0u8..9, 0..9), two in prop::collection::vec(0u8..9, 0..9)) {
            let sorted = |all: &[u8]| -> Vec<f64> {
                let mut all: Vec<f64> = all.iter().map(|n| f64::from(*n)).collect();
                all.sort_by(f64::total_cmp);
                all
            };
            let both = sorted(&[one.clone(), two.clone()].concat());
            for (i, number) in both.iter().enumerate() {
                prop_assert_eq!(nth(&sorted(&one), &sorted(&two), i), *number);
            }
        }

        #[test]
        fn the_least_median_is_that_of_some_subset(sure in prop::collection::vec(0u8..9, 0..5), others in prop::collection::vec(0u8..9, 1..7)) {
            let numbers = |all: &[u8]| all.iter().map(|n| f64::from(*n)).collect::<Vec<f64>>();
            let (sure, others) = (numbers(&sure), numbers(&others));
            let of_subset = |bits: usize| {
                let some = others.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, n)| *n);
                let mut all: Vec<f64> = sure.iter().copied().chain(some).collect();
                all.sort_by(f64::total_cmp);
                (!all.is_empty()).then(|| mean(all[(all.len() - 1) / 2], all[all.len() / 2]))
            };
            let expected = (0..1 << others.len()).filter_map(of_subset).min_by(f64::total_cmp);
            prop_assert_eq!(Some(least_median(sure.clone(), others.clone(), mean)), expected);
        }
    }
}
