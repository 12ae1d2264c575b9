//! The median and percentiles, by sorting; over uncertain members, by trying every choice of them.

use super::expr::number;
use super::groups::cell_bounds;
use begat::answer::Cell;
use begat::value::{Date, Value};

/// The middle value, or the least one that so many percent do not exceed, bound by bound.
pub fn median(cells: &[Cell], percent: Option<f64>) -> Value {
    let middle = |numbers: &mut dyn Iterator<Item = f64>| middle(numbers, percent);
    let dates: Vec<Date> = cells.iter().filter_map(cell_date).collect();
    if !dates.is_empty() {
        let first = middle(&mut dates.iter().map(|date| date.reach().0.into())).0;
        let last = middle(&mut dates.iter().map(|date| date.reach().1.into())).0;
        let bounds = (first as i32, last as i32);
        let same = dates.iter().copied().find(|date| date.reach() == bounds);
        return same.or_else(|| Date::between(bounds.0, bounds.1)).map_or(Value::Unknown, Value::Date);
    }
    let numbers: Vec<(f64, f64)> = cells.iter().filter_map(cell_bounds).collect();
    if numbers.is_empty() {
        return Value::Unknown;
    }
    let mean = |(a, b): (f64, f64)| if a == b { a } else { (a + b) / 2.0 };
    number(mean(middle(&mut numbers.iter().map(|n| n.0))), mean(middle(&mut numbers.iter().map(|n| n.1))))
}

/// All that the median may be over the sure values and some of the others: every choice of these is tried.
pub fn medians(sure: &[Cell], others: &[Cell], percent: Option<f64>) -> Value {
    let middle = |numbers: &mut dyn Iterator<Item = f64>| middle(numbers, percent);
    let (mut low, mut high, mut of_dates) = (f64::INFINITY, f64::NEG_INFINITY, false);
    for choice in 0..1u32 << others.len() {
        let some = others.iter().enumerate().filter(|(i, _)| choice >> i & 1 == 1).map(|(_, cell)| cell);
        let cells: Vec<&Cell> = sure.iter().chain(some).collect();
        let dates: Vec<Date> = cells.iter().filter_map(|cell| cell_date(cell)).collect();
        let numbers: Vec<(f64, f64)> = cells.iter().filter_map(|cell| cell_bounds(cell)).collect();
        let mean = |(a, b): (f64, f64)| if a == b { a } else { (a + b) / 2.0 };
        if !dates.is_empty() {
            of_dates = true;
            low = low.min(middle(&mut dates.iter().map(|date| date.reach().0.into())).0);
            high = high.max(middle(&mut dates.iter().map(|date| date.reach().1.into())).0);
        } else if !numbers.is_empty() {
            low = low.min(mean(middle(&mut numbers.iter().map(|n| n.0))));
            high = high.max(mean(middle(&mut numbers.iter().map(|n| n.1))));
        }
    }
    match of_dates {
        true => Date::between(low as i32, high as i32).map_or(Value::Unknown, Value::Date),
        false => number(low, high),
    }
}

/// The two middle ones of some numbers, twice the same if their number is odd; or twice that which so many percent of them do
/// not exceed.
fn middle(numbers: &mut dyn Iterator<Item = f64>, percent: Option<f64>) -> (f64, f64) {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    let Some(percent) = percent else { return (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]) };
    let is_enough = |least: f64| {
        let within = sorted.iter().filter(|number| **number <= least).count() as f64;
        within >= percent * sorted.len() as f64 / 100.0
    };
    let found = sorted.iter().copied().find(|least| is_enough(*least)).expect("all are 100 percent");
    (found, found)
}

fn cell_date(cell: &Cell) -> Option<Date> {
    if let Cell::Value(Value::Date(date)) = cell { Some(*date) } else { None }
}
