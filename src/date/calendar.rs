//! Days and the proleptic Gregorian calendar. Only this module uses jiff.
//!
//! No function panics: a day outside of the calendar gives `None`.

use super::form::Precision;
use jiff::fmt::strtime;
use jiff::{SignedDuration, Span, civil};

/// Days since 1970-01-01, proleptic Gregorian; negative before it.
///
/// The calendar covers the civil years -9999 to 9999, including year 0. `Date::OPEN_START` and `Date::OPEN_END` lie
/// outside of it and stand for a missing bound.
pub type Day = i32;

/// All days of the calendar: -9999-01-01 to 9999-12-31.
pub(super) const CALENDAR: std::ops::RangeInclusive<Day> = -4_371_587..=2_932_896;

/// Several months that EDTF writes as one number in place of the month: a season, a quarter, a half year.
pub(super) struct Grouping {
    pub code: u8,
    /// The first month, from 1.
    pub first: u8,
    pub months: i32,
    pub precision: Precision,
}

const fn grouping(code: u8, first: u8, months: i32, precision: Precision) -> Grouping {
    Grouping { code, first, months, precision }
}

/// Sorted by code. A season without a hemisphere is read as a northern one; its winter ends in the next year.
pub(super) static GROUPINGS: [Grouping; 21] = [
    grouping(21, 3, 3, Precision::Season),
    grouping(22, 6, 3, Precision::Season),
    grouping(23, 9, 3, Precision::Season),
    grouping(24, 12, 3, Precision::Season),
    grouping(25, 3, 3, Precision::NorthSeason),
    grouping(26, 6, 3, Precision::NorthSeason),
    grouping(27, 9, 3, Precision::NorthSeason),
    grouping(28, 12, 3, Precision::NorthSeason),
    grouping(29, 9, 3, Precision::SouthSeason),
    grouping(30, 12, 3, Precision::SouthSeason),
    grouping(31, 3, 3, Precision::SouthSeason),
    grouping(32, 6, 3, Precision::SouthSeason),
    grouping(33, 1, 3, Precision::Quarter),
    grouping(34, 4, 3, Precision::Quarter),
    grouping(35, 7, 3, Precision::Quarter),
    grouping(36, 10, 3, Precision::Quarter),
    grouping(37, 1, 4, Precision::Quadrimester),
    grouping(38, 5, 4, Precision::Quadrimester),
    grouping(39, 9, 4, Precision::Quadrimester),
    grouping(40, 1, 6, Precision::Semester),
    grouping(41, 7, 6, Precision::Semester),
];

impl Grouping {
    pub fn of_code(code: u8) -> Option<&'static Grouping> {
        GROUPINGS.iter().find(|grouping| grouping.code == code)
    }

    /// Returns the grouping of kind `precision` that contains a month; `None` for other units.
    pub fn around(month: u8, precision: Precision) -> Option<&'static Grouping> {
        let of = |it: &&Grouping| it.precision == precision && i32::from((month + 12 - it.first) % 12) < it.months;
        GROUPINGS.iter().find(of)
    }
}

const EPOCH: civil::Date = civil::date(1970, 1, 1);

/// Returns the number of a civil day; month and day count from 1. `None` if the calendar has no such day.
pub fn day_of(year: i32, month: u8, day: u8) -> Option<Day> {
    let (year, month, day) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    civil::Date::new(year, month, day).ok().map(count)
}

/// Returns year, month and day of the month, the last two from 1. `None` for an open bound.
pub fn civil_of(day: Day) -> Option<(i32, u8, u8)> {
    let date = civil_date(day)?;
    Some((date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs()))
}

/// Returns the first and last day of a year, both included. `None` outside of -9999 to 9999.
pub fn days_of_year(year: i32) -> Option<(Day, Day)> {
    days_of_years(year, year)
}

/// Returns the first and last day of a quarter (1 to 4), both included.
pub fn days_of_quarter(year: i32, quarter: u8) -> Option<(Day, Day)> {
    (1..=4).contains(&quarter).then(|| days_of_months(year, quarter * 3 - 2, 3))?
}

/// Returns the first and last day of a month (1 to 12), both included.
pub fn days_of_month(year: i32, month: u8) -> Option<(Day, Day)> {
    days_of_months(year, month, 1)
}

/// Returns the first day of one year and the last of another, both included.
pub(super) fn days_of_years(first: i32, last: i32) -> Option<(Day, Day)> {
    Some((day_of(first, 1, 1)?, day_of(last, 12, 31)?))
}

/// Returns the first and last day of `count` months from `month` on, cut off at the end of the calendar.
pub(super) fn days_of_months(year: i32, month: u8, count: i32) -> Option<(Day, Day)> {
    let first = day_of(year, month, 1)?;
    let last = shift_months(first, count).map_or_else(|| self::count(civil::Date::MAX), |after| after - 1);
    Some((first, last))
}

/// Returns the same day of the month `months` later, or earlier if negative. `None` outside of the calendar.
pub(super) fn shift_months(day: Day, months: i32) -> Option<Day> {
    civil_date(day)?.checked_add(Span::new().months(months)).ok().map(count)
}

/// Returns whether the day is the last of its month; false for an open bound.
pub(super) fn ends_month(day: Day) -> bool {
    civil_date(day).is_some_and(|date| date == date.last_of_month())
}

/// Returns the day in ISO 8601, `2024-05-13`; `..` for an open bound.
pub fn format_day(day: Day) -> String {
    match civil_of(day) {
        Some((year, month, day)) => format!("{}-{month:02}-{day:02}", format_year(year)),
        None => "..".to_string(),
    }
}

/// Returns the year with four digits and a `-` before the year 0: `2024`, `0800`, `-0044`.
pub(super) fn format_year(year: i32) -> String {
    let sign = if year < 0 { "-" } else { "" };
    format!("{sign}{:04}", year.unsigned_abs())
}

fn civil_date(day: Day) -> Option<civil::Date> {
    EPOCH.checked_add(SignedDuration::from_hours(24 * i64::from(day))).ok()
}

fn count(date: civil::Date) -> Day {
    // The cast cannot overflow: the calendar has fewer than 2^23 days.
    (EPOCH.duration_until(date).as_hours() / 24) as Day
}

/// Reads a text by a format of `strptime`. Returns the year, and the month and day if the format has them; `None` if
/// the text does not match or the calendar has no such day.
pub(super) fn broken_down(format: &str, text: &str) -> Option<(i32, Option<u8>, Option<u8>)> {
    let time = strtime::parse(format, text).ok()?;
    // Day of the year, week and Unix time also determine a date.
    if let Ok(date) = time.to_date() {
        return Some((date.year().into(), Some(date.month() as u8), Some(date.day() as u8)));
    }
    let (year, month, day) = (time.year()?, time.month(), time.day());
    day.is_none().then_some((year.into(), month.map(|month| month as u8), None))
}

/// Checks a format of `strptime`.
///
/// # Errors
/// Why the format is invalid, or that it has no year.
pub(super) fn check_format(format: &str) -> Result<(), String> {
    // Written and read back, since fields determine a year in many combinations.
    let sample = civil::date(2024, 5, 13).at(1, 2, 3, 0);
    let written = strtime::format(format, sample).map_err(|error| error.to_string())?;
    match broken_down(format, &written) {
        Some(_) => Ok(()),
        None => Err("it says no year".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970() {
        assert_eq!(day_of(1970, 1, 1), Some(0));
        assert_eq!(day_of(1969, 12, 31), Some(-1));
        assert_eq!(day_of(2024, 2, 29), Some(19_782));
        assert_eq!(day_of(2023, 2, 29), None);
        assert_eq!(day_of(10_000, 1, 1), None);
        assert_eq!(day_of(2024, 200, 200), None);
    }

    #[test]
    fn the_ends_of_the_calendar() {
        let (first, last) = (day_of(-9999, 1, 1).unwrap(), day_of(9999, 12, 31).unwrap());
        assert_eq!((format_day(first).as_str(), format_day(last).as_str()), ("-9999-01-01", "9999-12-31"));
        assert_eq!(CALENDAR, first..=last);
        assert_eq!((civil_of(first - 1), civil_of(last + 1)), (None, None));
        assert_eq!((format_day(Day::MIN).as_str(), format_day(Day::MAX).as_str()), ("..", ".."));
        assert_eq!(days_of_months(9999, 12, 3).unwrap().1, last);
    }

    #[test]
    fn counting_and_reading_agree() {
        for day in (-4_371_587..=2_932_896).step_by(97) {
            let (y, m, d) = civil_of(day).unwrap();
            assert_eq!(day_of(y, m, d), Some(day));
        }
    }

    #[test]
    fn periods_include_both_ends() {
        assert_eq!(days_of_month(2024, 2), Some((19_754, 19_782)));
        assert_eq!(days_of_quarter(2024, 4).unwrap().1, days_of_year(2024).unwrap().1);
        assert_eq!((days_of_quarter(2024, 0), days_of_quarter(2024, 5), days_of_month(2024, 13)), (None, None, None));
    }
}
