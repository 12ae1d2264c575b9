//! `median` and `percentile`: the value at a place in the order of all. Values with bounds are ordered bound by bound.

use crate::answer::Cell;
use crate::date::Date;
use crate::exec::aggregate::fold::date_that_reaches;
use crate::exec::eval::{bounds, range};
use crate::value::{Number, Value};
use std::cmp::Ordering;

/// A place in the order of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantile {
    /// The middle. Of an even number of values it is the mean of the two middle numbers, or the earlier of the two middle
    /// dates.
    Median,
    /// The least value that at least so many percent of the values do not exceed: more than 0, at most 100. (The nearest
    /// rank, definition 1 of Hyndman, Fan, *Sample quantiles in statistical packages*, 1996, as which it is one of the
    /// values, so that dates have it, too.)
    Percentile(f64),
}

impl Quantile {
    /// Returns the positions of the two values between which the place is, among `number` sorted ones; `number` is not 0.
    pub fn places(self, number: usize) -> (usize, usize) {
        match self {
            Quantile::Median => ((number - 1) / 2, number / 2),
            Quantile::Percentile(percent) => {
                let rank = (percent * number as f64 / 100.0).ceil() as usize;
                // The product may be rounded to just above a whole number, or to 0.
                let place = rank.clamp(1, number) - 1;
                (place, place)
            }
        }
    }

    /// Returns the value at this place among known cells; unknown if there are none.
    pub fn of(self, cells: &[Cell]) -> Value {
        let dates = dates(cells);
        if !dates.is_empty() {
            let at = |end: fn(&Date) -> i32| {
                let mut days: Vec<i32> = dates.iter().map(end).collect();
                days.sort_unstable();
                days[self.places(days.len()).0]
            };
            return date_that_reaches(&dates, (at(|date| date.reach().0), at(|date| date.reach().1)));
        }
        let numbers: Vec<(Number, Number)> = cells.iter().filter_map(ends).collect();
        let at = |end: fn(&(Number, Number)) -> Number| {
            let mut ends: Vec<Number> = numbers.iter().map(end).collect();
            ends.sort_by(|a, b| a.cmp(*b));
            let (low, high) = self.places(ends.len());
            let (low, high) = (ends[low], ends[high]);
            if low == high { low } else { (low + high) / Number::from(2.0) }
        };
        if numbers.is_empty() { Value::Unknown } else { range(at(|ends| ends.0), at(|ends| ends.1)) }
    }

    /// Returns the range of that value over the certain values and any subset of the others, which is not empty if there
    /// are no certain ones. O(values × log values).
    pub fn range(self, sure: &[Cell], others: &[Cell]) -> Value {
        let (of_sure, of_others) = (dates(sure), dates(others));
        let lower = |number: usize| self.places(number).0;
        if !of_sure.is_empty() || !of_others.is_empty() {
            let days = |all: &[Date], end: fn(&Date) -> f64| all.iter().map(end).collect::<Vec<f64>>();
            let start: fn(&Date) -> f64 = |date| f64::from(date.reach().0);
            let end: fn(&Date) -> f64 = |date| -f64::from(date.reach().1);
            let first = least(days(&of_sure, start), days(&of_others, start), |number| (lower(number), lower(number)));
            // The latest value is the negated least one of the negated days, whose order is the opposite one.
            let upper = |number: usize| number - 1 - lower(number);
            let last = -least(days(&of_sure, end), days(&of_others, end), |number| (upper(number), upper(number)));
            return Date::between(first as i32, last as i32).map_or(Value::Unknown, Value::Date);
        }
        let of = |cells: &[Cell], end: fn((Number, Number)) -> f64| {
            cells.iter().filter_map(ends).map(end).collect::<Vec<f64>>()
        };
        let start: fn((Number, Number)) -> f64 = |ends| ends.0.to_f64();
        let end: fn((Number, Number)) -> f64 = |ends| -ends.1.to_f64();
        let low = least(of(sure, start), of(others, start), |number| self.places(number));
        let turned = |number: usize| {
            let (low, high) = self.places(number);
            (number - 1 - high, number - 1 - low)
        };
        range(low, -least(of(sure, end), of(others, end), turned))
    }
}

fn dates(cells: &[Cell]) -> Vec<Date> {
    let date = |cell: &Cell| if let Cell::Value(Value::Date(date)) = cell { Some(*date) } else { None };
    cells.iter().filter_map(date).collect()
}

fn ends(cell: &Cell) -> Option<(Number, Number)> {
    if let Cell::Value(value) = cell { bounds(value) } else { None }
}

fn mean(low: f64, high: f64) -> f64 {
    if low == high { low } else { (low + high) / 2.0 }
}

/// Returns the least mean of the two values at `places` over the certain numbers and any subset of the others. Of all
/// subsets of one size, that of the least numbers has the least values at each place, so only these are tried.
fn least(mut sure: Vec<f64>, mut others: Vec<f64>, places: impl Fn(usize) -> (usize, usize)) -> f64 {
    sure.sort_by(f64::total_cmp);
    others.sort_by(f64::total_cmp);
    let sizes = usize::from(sure.is_empty())..=others.len();
    let value = |size: usize| {
        let (low, high) = places(sure.len() + size);
        mean(nth(&sure, &others[..size], low), nth(&sure, &others[..size], high))
    };
    sizes.map(value).min_by(f64::total_cmp).unwrap_or(f64::NAN)
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
    use super::{Quantile, least, mean, nth};
    use crate::answer::Cell;
    use crate::date::Date;
    use crate::functions::FunctionId;
    use crate::value::Value;
    use proptest::prelude::*;

    /// `2021-03~` may be a day of February or of April, too.
    #[test]
    fn what_is_about_a_date_reaches_further() {
        let cell = |text: &str| Cell::Value(Value::Date(Date::parse(text).expect("a date")));
        let both = [cell("2021-03~"), cell("2021-03-05")];
        let date = |text: &str| Value::Date(Date::parse(text).expect("a date"));
        assert_eq!(Quantile::Percentile(10.0).of(&both), date("2021-02-01..2021-03-05"));
        assert_eq!(Quantile::Percentile(100.0).of(&both), date("2021-03-05..2021-04-30"));
        assert_eq!(Quantile::Median.of(&both[..1]), date("2021-03~"));
        let value = |function| crate::exec::aggregate::fold::aggregate(function, &both);
        assert_eq!(value(FunctionId::Min), date("2021-02-01..2021-03-05"));
        assert_eq!(value(FunctionId::Max), date("2021-03-05..2021-04-30"));
    }

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
        fn the_least_value_is_that_of_some_subset(sure in prop::collection::vec(0u8..9, 0..5), others in prop::collection::vec(0u8..9, 1..7), percent in 0u8..=100) {
            let numbers = |all: &[u8]| all.iter().map(|n| f64::from(*n)).collect::<Vec<f64>>();
            let (sure, others) = (numbers(&sure), numbers(&others));
            let quantile = if percent == 0 { Quantile::Median } else { Quantile::Percentile(percent.into()) };
            let of_subset = |bits: usize| {
                let some = others.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, n)| *n);
                let mut all: Vec<f64> = sure.iter().copied().chain(some).collect();
                all.sort_by(f64::total_cmp);
                let (low, high) = if all.is_empty() { (0, 0) } else { quantile.places(all.len()) };
                (!all.is_empty()).then(|| mean(all[low], all[high]))
            };
            let expected = (0..1 << others.len()).filter_map(of_subset).min_by(f64::total_cmp);
            prop_assert_eq!(Some(least(sure.clone(), others.clone(), |number| quantile.places(number))), expected);
        }
    }
}
