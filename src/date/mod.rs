//! Dates that are not exact: parse, bounds, comparisons, print. Read [`Date`] first, then [`Truth`].
//!
//! A date is one unknown day between two bounds, with the source's own reading (ISO 8601-2, EDTF) kept beside it.
//! Comparisons are three-valued. A date on the right of `in`, `since` and `until` is read as a period: all its days.
//!
//! Deliberately not here: times of day, time zones, durations, the words `before` and `after` of the language, and
//! sets with holes (`[2023,2025]` is read as its hull).
//!
//! ```
//! use begat::date::{Date, Truth};
//!
//! let released = Date::parse("2024")?;
//! assert_eq!(released.before(Date::parse("2025")?), Truth::Yes);
//! assert_eq!(released.before(Date::parse("2024-06")?), Truth::Maybe);
//! assert_eq!(released.intersect(Date::parse("..2024-03")?).unwrap().to_string(), "2024-01..2024-03");
//! # Ok::<(), begat::date::DateError>(())
//! ```

mod bounds;
mod calendar;
mod compare;
mod error;
mod form;
mod parse;
mod print;
mod truth;
mod unspecified;
mod wording;

use calendar::CALENDAR;
pub use calendar::{Day, civil_of, day_of, days_of_month, days_of_quarter, days_of_year, format_day};
pub use error::DateError;
pub use form::Precision;
pub use truth::Truth;
pub use wording::{Wording, month_of};

use form::{End, Form};

/// One unknown day between `earliest` and `latest`, both included, and how that was written. Twelve bytes.
///
/// `==` compares the writing too (`2024` is not `2024-01..2024-12`), as a column or a map needs it; the `=` of the
/// language is [`Date::same`]. There is no `Ord`: order is three-valued ([`Date::before`]), and lists for display
/// are sorted by [`Date::sort_key`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(C)]
pub struct Date {
    // Invariant: earliest <= latest; each is in the calendar, or open with `Precision::Open` in the form.
    earliest: Day,
    latest: Day,
    form: Form,
}

const _: () = assert!(size_of::<Date>() == 12);

impl Date {
    /// The earliest day of a date without a beginning: `..2023`.
    pub const OPEN_START: Day = Day::MIN;
    /// The latest day of a date without an end: `2023..`.
    pub const OPEN_END: Day = Day::MAX;
    /// A date of which nothing is known; both ends are open. Written `undated`.
    pub const UNDATED: Date = {
        let open = End::plain(Precision::Open);
        Date { earliest: Date::OPEN_START, latest: Date::OPEN_END, form: Form::interval(open, open) }
    };

    /// Reads a date in begat's notation or in EDTF; space around it and around its separators is ignored.
    ///
    /// `2024`, `2024-05`, `2024-05-13`; `202X`, `20XX`, `2024-XX`, `2024-05-XX`; seasons `2024-21` (spring, from March)
    /// to `2024-24` (winter, from December to February of the next year); quarters `2024-33` to `2024-36`; each with
    /// `~` (about), `?` (perhaps) or `%` (both); `a..b`, `..b`, `a..`, also `a/b`, `../b`, `a/..`; `[a,b]` for one of
    /// several, which is read as the span from the first to the last; `undated`.
    ///
    /// # Errors
    /// For any other text, for days that the calendar does not have, and for an interval that ends before it begins.
    pub fn parse(text: &str) -> Result<Date, DateError> {
        parse::parse(text)
    }

    /// One day; months and days from 1. `None` if the calendar has no such day.
    pub fn day(year: i32, month: u8, day: u8) -> Option<Date> {
        day_of(year, month, day).map(Date::on)
    }

    /// Some day of a month (1 to 12): `2024-05`. `None` if there is no such month.
    pub fn month(year: i32, month: u8) -> Option<Date> {
        days_of_month(year, month).map(|days| Date::one(days, End::plain(Precision::Month)))
    }

    /// Some day of a quarter (1 to 4): `2024-33`. `None` if there is no such quarter.
    pub fn quarter(year: i32, quarter: u8) -> Option<Date> {
        days_of_quarter(year, quarter).map(|days| Date::one(days, End::plain(Precision::Quarter)))
    }

    /// Some day of a year: `2024`. `None` outside -9999 to 9999.
    pub fn year(year: i32) -> Option<Date> {
        days_of_year(year).map(|days| Date::one(days, End::plain(Precision::Year)))
    }

    /// The earliest day it may be, or [`Date::OPEN_START`].
    pub fn earliest(self) -> Day {
        self.earliest
    }

    /// The latest day it may be, or [`Date::OPEN_END`].
    pub fn latest(self) -> Day {
        self.latest
    }

    /// Both bounds, as they stand; `~` and `?` do not widen them.
    pub fn bounds(self) -> (Day, Day) {
        (self.earliest, self.latest)
    }

    /// Whether neither bound is known.
    pub fn is_undated(self) -> bool {
        self.bounds() == Date::UNDATED.bounds()
    }

    /// Whether only one day is possible; a `~` or `?` on that day does not count against it.
    pub fn is_one_day(self) -> bool {
        self.earliest == self.latest
    }

    /// Whether it is one day, written as such, and nothing is said against that.
    pub fn is_exact(self) -> bool {
        self == Date::on(self.earliest)
    }

    /// Whether an end bears `~` or `%`.
    pub fn is_approximate(self) -> bool {
        self.form.start().approximate.any() || self.form.end().approximate.any()
    }

    /// Whether an end bears `?` or `%`.
    pub fn is_uncertain(self) -> bool {
        self.form.start().uncertain.any() || self.form.end().uncertain.any()
    }

    /// Whether it was written with two ends, `a..b`, `..b` or `a..`.
    pub fn is_interval(self) -> bool {
        self.form.is_interval()
    }

    /// The units that the start and the end name; equal unless it is an interval. `2024-XX` names a year.
    pub fn precision(self) -> (Precision, Precision) {
        (self.form.start().precision, self.form.end().precision)
    }

    /// Whether the bounds are days of the calendar in order, or open where the form says so: for dates that came as
    /// bytes.
    pub(crate) fn is_sound(self) -> bool {
        let (start, end) =
            (self.form.start().precision == Precision::Open, self.form.end().precision == Precision::Open);
        let first = if start { Date::OPEN_START..=Date::OPEN_START } else { CALENDAR };
        let last = if end { Date::OPEN_END..=Date::OPEN_END } else { CALENDAR };
        first.contains(&self.earliest) && last.contains(&self.latest) && self.earliest <= self.latest
    }

    /// A day of the calendar, which the caller vouches for.
    pub fn on(day: Day) -> Date {
        Date::one((day, day), End::plain(Precision::Day))
    }

    /// The days of one expression.
    fn one((earliest, latest): (Day, Day), end: End) -> Date {
        debug_assert!(earliest <= latest, "an expression has a first and a last day in order");
        Date { earliest, latest, form: Form::one(end) }
    }

    /// From the start of one date to the end of another. `None` if that ends before it begins.
    fn span(start: Date, end: Date) -> Option<Date> {
        let form = Form::interval(start.form.start(), end.form.end());
        (start.earliest <= end.latest).then_some(Date { earliest: start.earliest, latest: end.latest, form })
    }
}

impl std::str::FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Date, DateError> {
        Date::parse(text)
    }
}
