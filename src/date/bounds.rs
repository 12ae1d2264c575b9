//! Builds dates from bounds, and reads periods from dates.

use super::calendar::{civil_of, ends_month, shift_months};
use super::form::{End, Precision};
use super::{Date, Day};

impl Date {
    /// Returns a date from `earliest` to `latest` in canonical form; either bound may be open.
    ///
    /// A single day, a whole month and a whole year print as such; anything else as `a..b`, with both ends in the
    /// coarsest of year, month and day that fits both. `None` if the bounds are in the wrong order or outside of the
    /// calendar.
    pub fn between(earliest: Day, latest: Day) -> Option<Date> {
        let (start, end) = (start_unit(earliest)?, end_unit(latest)?);
        // Units ascend from the finest, so the lesser one fits both ends.
        let unit = start.min(end);
        let is_one = is_one_unit(earliest, latest, unit);
        match (earliest <= latest, is_one) {
            (false, _) => None,
            (true, true) => Some(Date::one((earliest, latest), End::plain(unit))),
            (true, false) => {
                let mark = |open: Precision| End::plain(if open == Precision::Open { open } else { unit });
                let form = super::Form::interval(mark(start), mark(end));
                Some(Date { earliest, latest, form })
            }
        }
    }

    /// Returns the days that both dates reach: how two sources narrow each other. `None` if there are none.
    ///
    /// Keeps the form of the date that reaches no further than the other (of the less doubtful one if both reach as far).
    /// Otherwise each end keeps its `~` and `?`, where that says the same days; without any, the result is that of
    /// [`Date::between`]. Commutative.
    pub fn intersect(self, other: Date) -> Option<Date> {
        let (first, second) = less_doubtful_first(self, other);
        let (of_first, of_second) = (first.reach(), second.reach());
        let common = (of_first.0.max(of_second.0), of_first.1.min(of_second.1));
        if common.0 > common.1 {
            return None;
        }
        if let Some(inner) = [first, second].into_iter().find(|date| date.reach() == common) {
            return Some(inner);
        }
        let start = if of_second.0 > of_first.0 { second } else { first };
        let end = if of_second.1 < of_first.1 { second } else { first };
        // The marked ends of `2021~` and `2022~` cross, although the days that they reach do not.
        let marked = || Date::span(start, end).filter(|date| date.reach() == common);
        let is_flagged = start.form.start().is_flagged() || end.form.end().is_flagged();
        is_flagged.then(marked).flatten().or_else(|| Date::between(common.0, common.1))
    }

    /// Returns the narrowest date that contains both, including the days between them.
    ///
    /// Keeps the form of the date that contains the other (of the more doubtful one if both do). Otherwise each end keeps
    /// its `~` and `?`; without any, the result is that of [`Date::between`]. Commutative.
    pub fn hull(self, other: Date) -> Date {
        let (second, first) = less_doubtful_first(self, other);
        let start = if second.earliest < first.earliest { second } else { first };
        let end = if second.latest > first.latest { second } else { first };
        joined([first, second], start, end, (start.earliest, end.latest))
    }

    /// Returns the bounds, with each end marked `~` or `?` moved outward by one unit of its precision (`2024~` reaches
    /// from 2023-01-01 to 2025-12-31). A bound outside of the calendar becomes open.
    pub fn reach(self) -> (Day, Day) {
        self.moved(1)
    }

    /// Returns the days of a period to which the date reaches; `None` if there are none.
    pub fn within(self, period: Date) -> Option<Date> {
        let ((earliest, latest), (first, last)) = (self.reach(), period.bounds());
        Date::between(earliest.max(first), latest.min(last))
    }

    /// Returns the first and the last day of the reach as dates; `None` for an open end.
    pub fn reached_days(self) -> (Option<Date>, Option<Date>) {
        let (earliest, latest) = self.reach();
        let day = |day: Day| civil_of(day).map(|_| Date::on(day));
        (day(earliest), day(latest))
    }

    /// Returns the years of the first and the last day of the reach. `None` for an open end.
    pub fn reached_years(self) -> (Option<i32>, Option<i32>) {
        let (earliest, latest) = self.reach();
        (civil_of(earliest).map(|civil| civil.0), civil_of(latest).map(|civil| civil.0))
    }

    /// Returns the bounds, with each end marked `~` or `?` moved inward by one unit. They may cross: then no day
    /// certainly belongs to the period.
    pub fn core(self) -> (Day, Day) {
        self.moved(-1)
    }

    /// Moves the flagged ends outward by `outward` units, inward if negative.
    fn moved(self, outward: i32) -> (Day, Day) {
        let (start, end) = (self.form.start(), self.form.end());
        let earliest = if start.is_flagged() { move_start(self.earliest, start, -outward) } else { self.earliest };
        let latest = if end.is_flagged() { move_end(self.latest, end, outward) } else { self.latest };
        (earliest, latest)
    }

    /// Returns the year of the earliest day. `None` if the start is open.
    pub fn first_year(self) -> Option<i32> {
        civil_of(self.earliest).map(|(year, _, _)| year)
    }

    /// Returns the year of the latest day. `None` if the end is open.
    pub fn last_year(self) -> Option<i32> {
        civil_of(self.latest).map(|(year, _, _)| year)
    }

    /// Returns the year that the date certainly lies in. `None` if several are possible, as for `2024~`, which may be a
    /// day of 2023.
    pub fn year_of(self) -> Option<i32> {
        self.certain(|(year, _, _)| year)
    }

    /// Returns the year and the quarter (1 to 4) that the date certainly lies in. `None` as for [`Date::year_of`].
    pub fn quarter_of(self) -> Option<(i32, u8)> {
        self.certain(|(year, month, _)| (year, month.div_ceil(3)))
    }

    /// Returns the year and the month (1 to 12) that the date certainly lies in. `None` as for [`Date::year_of`].
    pub fn month_of(self) -> Option<(i32, u8)> {
        self.certain(|(year, month, _)| (year, month))
    }

    /// Returns the period of both ends of the reach if it is the same.
    fn certain<P: PartialEq>(self, period: fn((i32, u8, u8)) -> P) -> Option<P> {
        let (earliest, latest) = self.reach();
        let (first, last) = (period(civil_of(earliest)?), period(civil_of(latest)?));
        (first == last).then_some(first)
    }

    /// Returns the earliest day as a date. `None` if the start is open.
    pub fn earliest_date(self) -> Option<Date> {
        civil_of(self.earliest).map(|_| Date::on(self.earliest))
    }

    /// Returns the latest day as a date. `None` if the end is open.
    pub fn latest_date(self) -> Option<Date> {
        civil_of(self.latest).map(|_| Date::on(self.latest))
    }

    /// Returns the minimum and maximum number of days from `other` to `self`; negative if `self` is earlier, `None` if
    /// unbounded. `~` and `?` widen the range by their unit.
    pub fn difference(self, other: Date) -> (Option<i64>, Option<i64>) {
        let days = |to: Day, from: Day| civil_of(to).and(civil_of(from)).map(|_| i64::from(to) - i64::from(from));
        let (own, others) = (self.reach(), other.reach());
        (days(own.0, others.1), days(own.1, others.0))
    }

    /// Returns a key for display order, ascending: by the earliest day (the latest if the start is open), then by the
    /// latest. An open end sorts after all days, so undated dates come last. Comparisons never use it.
    pub fn sort_key(self) -> (Day, Day) {
        let first = if self.earliest == Date::OPEN_START { self.latest } else { self.earliest };
        (first, self.latest)
    }
}

fn less_doubtful_first(a: Date, b: Date) -> (Date, Date) {
    if b.form.doubt() < a.form.doubt() { (b, a) } else { (a, b) }
}

/// Returns the date with these bounds: one of the two if it has them, otherwise built from the ends that gave the
/// bounds.
fn joined(dates: [Date; 2], start: Date, end: Date, bounds: (Day, Day)) -> Date {
    if let Some(whole) = dates.into_iter().find(|date| date.bounds() == bounds) {
        return whole;
    }
    let is_flagged = start.form.start().is_flagged() || end.form.end().is_flagged();
    // `Date::between` gives a form without flags, so it serves only for ends that have none.
    let canonical = if is_flagged { None } else { Date::between(bounds.0, bounds.1) };
    canonical.or_else(|| Date::span(start, end)).unwrap_or(Date::UNDATED)
}

/// Moves the first day of a unit by `units` units; open if outside of the calendar.
fn move_start(day: Day, end: End, units: i32) -> Day {
    let moved = match end.moved_by() {
        Some(months) => shift_months(day, months * units),
        None => Some(day + units).filter(|day| civil_of(*day).is_some()),
    };
    moved.unwrap_or(if units < 0 { Date::OPEN_START } else { Date::OPEN_END })
}

/// Moves the last day of a unit by `units` units; open if outside of the calendar.
fn move_end(day: Day, end: End, units: i32) -> Day {
    // Moves the first day of the next unit and steps back, since months differ in length.
    match move_start(day + 1, end, units) {
        open @ (Date::OPEN_START | Date::OPEN_END) => open,
        next => next - 1,
    }
}

/// Returns the coarsest of year, month and day that begins on the day; `None` if the day is outside of the calendar.
fn start_unit(day: Day) -> Option<Precision> {
    if day == Date::OPEN_START {
        return Some(Precision::Open);
    }
    Some(match civil_of(day)? {
        (_, 1, 1) => Precision::Year,
        (_, _, 1) => Precision::Month,
        _ => Precision::Day,
    })
}

/// Returns the coarsest of year, month and day that ends on the day; `None` as for [`start_unit`].
fn end_unit(day: Day) -> Option<Precision> {
    if day == Date::OPEN_END {
        return Some(Precision::Open);
    }
    Some(match civil_of(day)? {
        (_, 12, 31) => Precision::Year,
        _ if ends_month(day) => Precision::Month,
        _ => Precision::Day,
    })
}

/// Returns whether two days that begin and end a unit belong to the same unit.
fn is_one_unit(earliest: Day, latest: Day, unit: Precision) -> bool {
    match (civil_of(earliest), civil_of(latest)) {
        (Some(first), Some(last)) if unit == Precision::Year => first.0 == last.0,
        (Some(first), Some(last)) if unit == Precision::Month => (first.0, first.1) == (last.0, last.1),
        _ => earliest == latest,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Date, Day, civil_of, day_of, format_day};

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn between(earliest: (i32, u8, u8), latest: (i32, u8, u8)) -> String {
        let day = |(y, m, d)| day_of(y, m, d).unwrap();
        Date::between(day(earliest), day(latest)).unwrap().to_string()
    }

    #[test]
    fn between_takes_the_coarsest_form_that_fits_both_ends() {
        assert_eq!(between((2024, 5, 13), (2024, 5, 13)), "2024-05-13");
        assert_eq!(between((2024, 2, 1), (2024, 2, 29)), "2024-02");
        assert_eq!(between((2024, 1, 1), (2024, 12, 31)), "2024");
        assert_eq!(between((2020, 1, 1), (2029, 12, 31)), "2020..2029");
        assert_eq!(between((2024, 1, 1), (2024, 3, 31)), "2024-01..2024-03");
        assert_eq!(between((2024, 1, 1), (2024, 5, 13)), "2024-01-01..2024-05-13");
    }

    #[test]
    fn between_open_or_impossible_bounds() {
        let (start, end) = date("2024").bounds();
        assert_eq!(Date::between(Date::OPEN_START, end), Some(date("..2024")));
        assert_eq!(Date::between(start, Date::OPEN_END), Some(date("2024..")));
        assert_eq!(Date::between(Date::OPEN_START, Date::OPEN_END), Some(Date::UNDATED));
        for (earliest, latest) in
            [(end, start), (Date::OPEN_END, Date::OPEN_END), (Day::MIN + 1, end), (start, Day::MAX - 1)]
        {
            assert_eq!(Date::between(earliest, latest), None);
        }
    }

    #[test]
    fn narrowing_keeps_the_writing() {
        let cases = [
            ("2024", "2024-04", "2024-04"),
            ("2024~", "2024", "2024"),
            ("202X", "2019..2029", "202X"),
            ("2023..2024", "2024..2025", "2024"),
            ("..2024-05-05", "2024", "2024-01-01..2024-05-05"),
            ("2024~", "2024-06..2025", "2024-06..2025"),
            ("2021~", "2022", "2022"),
            ("2021~", "2020..2021", "2020..2021"),
            ("2021~", "2022-06..", "2022-06..2022-12"),
            ("2021~", "..2021-06", "2021~..2021-06"),
            ("2021~", "2022~", "2021..2022"),
            ("2021~..2023", "2019..2022", "2021~..2022"),
            ("undated", "2024?", "2024?"),
            ("..2024", "2024..", "2024"),
        ];
        for (a, b, result) in cases {
            assert_eq!(date(a).intersect(date(b)), Some(date(result)), "{a} {b}");
            assert_eq!(date(b).intersect(date(a)), Some(date(result)), "{b} {a}");
        }
        for (a, b) in [("2023", "2024"), ("2023~", "2025"), ("2023~", "2026~")] {
            assert_eq!(date(a).intersect(date(b)), None, "{a} {b}");
        }
    }

    #[test]
    fn hull_keeps_the_doubt() {
        let cases = [
            ("2023", "2025", "2023..2025"),
            ("2024~", "2024", "2024~"),
            ("2024-01", "2024-02..2024-12", "2024"),
            ("2023?", "2025", "2023?..2025"),
            ("..2023", "2024..", "undated"),
        ];
        for (a, b, result) in cases {
            assert_eq!(date(a).hull(date(b)), date(result), "{a} {b}");
            assert_eq!(date(b).hull(date(a)), date(result), "{b} {a}");
        }
    }

    #[test]
    fn reach_moves_flagged_ends_by_a_unit() {
        let reach = |text: &str| {
            let (earliest, latest) = date(text).reach();
            format!("{} {}", format_day(earliest), format_day(latest))
        };
        assert_eq!(reach("2024"), "2024-01-01 2024-12-31");
        assert_eq!(reach("2024~"), "2023-01-01 2025-12-31");
        assert_eq!(reach("2024-02?"), "2024-01-01 2024-03-31");
        assert_eq!(reach("2024-05-13%"), "2024-05-12 2024-05-14");
        assert_eq!(reach("2024-33~"), "2023-10-01 2024-06-30");
        assert_eq!(reach("202X~"), "2010-01-01 2039-12-31");
        assert_eq!(reach("2023~..2025"), "2022-01-01 2025-12-31");
        assert_eq!(reach("?2004-06-11"), "2003-06-11 2005-06-11");
        assert_eq!(reach("2004-06~-11"), "2004-05-11 2004-07-11");
        assert_eq!(reach("2004-~06-?11"), "2004-05-11 2004-07-11");
        assert_eq!(reach("2024-41~"), "2024-01-01 2025-06-30");
        assert_eq!(reach("..2025~"), ".. 2026-12-31");
        assert_eq!(date("9999-12-31~").reach().1, Date::OPEN_END);
        assert_eq!(date("9999~").reach().1, Date::OPEN_END);
        assert_eq!(date("-9999-01-01~").reach().0, Date::OPEN_START);
        assert_eq!((reach("-9999~").as_str(), reach("9999~").as_str()), (".. -9998-12-31", "9998-01-01 .."));
    }

    #[test]
    fn certain_periods() {
        assert_eq!(date("2024-05..2024-06").year_of(), Some(2024));
        assert_eq!(date("2024-05..2024-06").quarter_of(), Some((2024, 2)));
        assert_eq!(date("2024-05-XX").month_of(), Some((2024, 5)));
        assert_eq!(date("2024-05..2025").year_of(), None);
        assert_eq!(date("2024~").year_of(), None);
        assert_eq!(date("2024-05~").year_of(), Some(2024));
        assert_eq!(
            (date("..2024").year_of(), date("..2024").first_year(), date("..2024").last_year()),
            (None, None, Some(2024))
        );
    }

    #[test]
    fn single_days_of_the_bounds() {
        assert_eq!(date("2024-02").earliest_date(), Some(date("2024-02-01")));
        assert_eq!(date("2024-02").latest_date(), Some(date("2024-02-29")));
        assert_eq!((date("..2024").earliest_date(), date("2024..").latest_date()), (None, None));
    }

    #[test]
    fn differences_in_days() {
        assert_eq!(date("2024-03-01").difference(date("2024-02-01")), (Some(29), Some(29)));
        assert_eq!(date("2024").difference(date("2023")), (Some(1), Some(730)));
        assert_eq!(date("2024..").difference(date("2023")), (Some(1), None));
        assert_eq!(date("2024-03-01~").difference(date("2024-02-01")), (Some(28), Some(30)));
        assert_eq!(Date::UNDATED.difference(date("2023")), (None, None));
    }

    #[test]
    fn display_order() {
        let sorted = ["2022..", "..2023", "2023-05", "2023..2024", "2024", "2024..", "undated"];
        let mut dates = sorted.map(date);
        dates.reverse();
        dates.sort_by_key(|date| date.sort_key());
        let order = ["2022..", "2023..2024", "2023-05", "..2023", "2024", "2024..", "undated"];
        assert_eq!(dates, order.map(date));
        assert_eq!(civil_of(Date::UNDATED.sort_key().0), None);
    }
}
