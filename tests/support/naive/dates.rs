//! Dates that are not exact: one unknown day each, between an earliest and a latest.
//!
//! | | certainly | possibly |
//! |---|---|---|
//! | `a before b` | latest(a) < earliest(b) | earliest(a) < latest(b) |
//! | `a after b` | earliest(a) > latest(b) | latest(a) > earliest(b) |
//! | `a in P` | a lies within P | a overlaps P |
//! | `a since P` | earliest(a) ≥ earliest(P) | latest(a) ≥ earliest(P) |
//! | `a until P` | latest(a) ≤ latest(P) | earliest(a) ≤ latest(P) |
//! | `a = b` | both one day, the same | they overlap |
//!
//! A date that is written in the query is a period: `before P` is before its first day, `after P` after its last.
//! An end with `~` or `?` may lie up to one unit of its precision to either side: what does not hold wherever it lies
//! is not certain, and what holds for some place of it is possible. With an undated side nothing is decided.

use begat::check::typed::{CompareOp, PeriodOp};
use begat::date::{civil_of, day_of};
use begat::value::{Date, Truth};

/// The first and the last day that a date may be.
type Days = (i32, i32);

/// A row of the table: certainly, possibly.
type Line = fn(Days, Days) -> (bool, bool);

const BEFORE: Line = |a, b| (a.1 < b.0, a.0 < b.1);
const AFTER: Line = |a, b| (a.0 > b.1, a.1 > b.0);
const IN: Line = |a, p| (a.0 >= p.0 && a.1 <= p.1, a.0 <= p.1 && a.1 >= p.0);
const SINCE: Line = |a, p| (a.0 >= p.0, a.1 >= p.0);
const UNTIL: Line = |a, p| (a.1 <= p.1, a.0 <= p.1);
const SAME: Line = |a, b| (a.0 == a.1 && b.0 == b.1 && a.0 == b.0, a.0 <= b.1 && a.1 >= b.0);
const BEFORE_ITS_FIRST_DAY: Line = |a, p| (a.1 < p.0, a.0 < p.0);
const AFTER_ITS_LAST_DAY: Line = |a, p| (a.0 > p.1, a.1 > p.1);

/// Compares two unknown days.
pub fn compare_days(op: CompareOp, a: Date, b: Date) -> Truth {
    match op {
        CompareOp::Equal => look_up(SAME, a, b),
        CompareOp::NotEqual => look_up(SAME, a, b).not(),
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => look_up(BEFORE, a, b),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => look_up(AFTER, a, b),
        CompareOp::LessOrEqual => look_up(AFTER, a, b).not(),
        CompareOp::GreaterOrEqual => look_up(BEFORE, a, b).not(),
        CompareOp::Period(PeriodOp::In) => look_up(IN, a, b),
        CompareOp::Period(PeriodOp::Since) => look_up(SINCE, a, b),
        CompareOp::Period(PeriodOp::Until) => look_up(UNTIL, a, b),
        CompareOp::Like => Truth::Maybe,
    }
}

/// Compares an unknown day with a period that is written in the query.
pub fn compare_with_period(op: CompareOp, a: Date, period: Date) -> Truth {
    match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => look_up(BEFORE_ITS_FIRST_DAY, a, period),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => look_up(AFTER_ITS_LAST_DAY, a, period),
        CompareOp::LessOrEqual => look_up(UNTIL, a, period),
        CompareOp::GreaterOrEqual => look_up(SINCE, a, period),
        other => compare_days(other, a, period),
    }
}

/// Whether the date lies in the days from `first` to `last`.
pub fn within(a: Date, first: i32, last: i32) -> Truth {
    Date::between(first, last).map_or(Truth::Maybe, |period| look_up(IN, a, period))
}

fn look_up(line: Line, a: Date, b: Date) -> Truth {
    if a.is_undated() || b.is_undated() {
        return Truth::Maybe;
    }
    let (mut certainly, mut possibly) = (true, false);
    for a in [a.bounds(), a.reach()] {
        for b in [b.bounds(), b.reach(), core(b)] {
            let (always, sometimes) = line(a, b);
            certainly &= always;
            possibly |= sometimes;
        }
    }
    match (certainly, possibly) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Maybe,
        (false, false) => Truth::No,
    }
}

/// The bounds with each end that bears a mark moved inward by as much as [`Date::reach`] moves it outward.
fn core(date: Date) -> Days {
    let (bounds, reach) = (date.bounds(), date.reach());
    let first = if bounds.0 == reach.0 { bounds.0 } else { mirror(bounds.0, reach.0) };
    // A unit ends on the day before the next one begins.
    let last = if bounds.1 == reach.1 { bounds.1 } else { mirror(bounds.1 + 1, reach.1.saturating_add(1)) - 1 };
    (first, last)
}

/// The first day of a unit moved as far the other way as `moved` is from it: by months where both begin one.
fn mirror(day: i32, moved: i32) -> i32 {
    let (Some((year, month, 1)), Some((other_year, other_month, 1))) = (civil_of(day), civil_of(moved)) else {
        return if civil_of(moved).is_some() { 2 * day - moved } else { day };
    };
    let months = 2 * (year * 12 + i32::from(month) - 1) - (other_year * 12 + i32::from(other_month) - 1);
    day_of(months.div_euclid(12), months.rem_euclid(12) as u8 + 1, 1).unwrap_or(day)
}
