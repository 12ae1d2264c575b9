//! Uncertain dates: parsing, bounds, comparisons, printing. Read [`Date`] first, then [`Truth`].
//!
//! A date is one unknown day between two bounds. It also keeps the form in which the source wrote it (ISO 8601-2,
//! EDTF). Comparisons are three-valued. A date on the right of `in`, `since` and `until` is read as a period: all its
//! days.
//!
//! Out of scope: times of day, time zones, durations, the words `before` and `after` of the language, and sets with
//! holes (`[2023,2025]` is read as its hull).
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

/// One unknown day between `earliest` and `latest`, both included, with the form in which it was written. Twelve bytes.
///
/// `==` also compares the form (`2024` is not `2024-01..2024-12`), as columns and maps need it; the `=` of the language
/// is [`Date::same`]. There is no `Ord`, because order is three-valued ([`Date::before`]); sort for display by
/// [`Date::sort_key`].
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
    /// The earliest day of a date without a start: `..2023`.
    pub const OPEN_START: Day = Day::MIN;
    /// The latest day of a date without an end: `2023..`.
    pub const OPEN_END: Day = Day::MAX;
    /// A date with both ends open. Written `undated`.
    pub const UNDATED: Date = {
        let open = End::plain(Precision::Open);
        Date { earliest: Date::OPEN_START, latest: Date::OPEN_END, form: Form::interval(open, open) }
    };

    /// Parses a date in begat's notation or in EDTF; white space around it and around its separators is ignored.
    ///
    /// `2024`, `2024-05`, `2024-05-13`; `202X`, `20XX`, `2024-XX`, `2024-05-XX`; seasons `2024-21` (spring, from March)
    /// to `2024-24` (winter, from December to February of the next year); quarters `2024-33` to `2024-36`; each with
    /// `~` (about), `?` (perhaps) or `%` (both); `a..b`, `..b`, `a..`, also `a/b`, `../b`, `a/..`; `[a,b]` for one of
    /// several, which is read as the span from the first to the last; `undated`.
    ///
    /// # Errors
    /// Any other text, a day that the calendar does not have, and an interval that ends before it begins.
    pub fn parse(text: &str) -> Result<Date, DateError> {
        parse::parse(text)
    }

    /// Returns a single day; month and day count from 1. `None` if the calendar has no such day.
    pub fn day(year: i32, month: u8, day: u8) -> Option<Date> {
        day_of(year, month, day).map(Date::on)
    }

    /// Returns some day of a month (1 to 12): `2024-05`. `None` if there is no such month.
    pub fn month(year: i32, month: u8) -> Option<Date> {
        days_of_month(year, month).map(|days| Date::one(days, End::plain(Precision::Month)))
    }

    /// Returns some day of a quarter (1 to 4): `2024-33`. `None` if there is no such quarter.
    pub fn quarter(year: i32, quarter: u8) -> Option<Date> {
        days_of_quarter(year, quarter).map(|days| Date::one(days, End::plain(Precision::Quarter)))
    }

    /// Returns some day of a year: `2024`. `None` outside of -9999 to 9999.
    pub fn year(year: i32) -> Option<Date> {
        days_of_year(year).map(|days| Date::one(days, End::plain(Precision::Year)))
    }

    /// Returns the earliest possible day, or [`Date::OPEN_START`].
    pub fn earliest(self) -> Day {
        self.earliest
    }

    /// Returns the latest possible day, or [`Date::OPEN_END`].
    pub fn latest(self) -> Day {
        self.latest
    }

    /// Returns both bounds; `~` and `?` do not widen them.
    pub fn bounds(self) -> (Day, Day) {
        (self.earliest, self.latest)
    }

    /// Returns whether both bounds are open.
    pub fn is_undated(self) -> bool {
        self.bounds() == Date::UNDATED.bounds()
    }

    /// Returns whether both bounds are the same day, even if marked `~` or `?`.
    pub fn is_one_day(self) -> bool {
        self.earliest == self.latest
    }

    /// Returns whether the date is a single day, written as such, without `~` or `?`.
    pub fn is_exact(self) -> bool {
        self == Date::on(self.earliest)
    }

    /// Returns whether an end is marked `~` or `%`.
    pub fn is_approximate(self) -> bool {
        self.form.start().approximate.any() || self.form.end().approximate.any()
    }

    /// Returns whether an end is marked `?` or `%`.
    pub fn is_uncertain(self) -> bool {
        self.form.start().uncertain.any() || self.form.end().uncertain.any()
    }

    /// Returns whether the date was written with two ends: `a..b`, `..b` or `a..`.
    pub fn is_interval(self) -> bool {
        self.form.is_interval()
    }

    /// Returns the units of the start and the end; equal unless the date is an interval. The unit of `2024-XX` is the
    /// year.
    pub fn precision(self) -> (Precision, Precision) {
        (self.form.start().precision, self.form.end().precision)
    }

    /// Returns whether the bounds are in order and in the calendar, or open where the form says so. Validates dates
    /// read as bytes.
    pub(crate) fn is_sound(self) -> bool {
        let (start, end) =
            (self.form.start().precision == Precision::Open, self.form.end().precision == Precision::Open);
        let first = if start { Date::OPEN_START..=Date::OPEN_START } else { CALENDAR };
        let last = if end { Date::OPEN_END..=Date::OPEN_END } else { CALENDAR };
        first.contains(&self.earliest) && last.contains(&self.latest) && self.earliest <= self.latest
    }

    /// Returns the form in which it is written, as bits; with the bounds they are the whole date.
    #[cfg(feature = "parquet")]
    pub(crate) fn form_bits(self) -> u32 {
        self.form.bits()
    }

    /// Returns the date of bounds and [`Date::form_bits`]; `None` if they do not fit each other.
    #[cfg(feature = "spark")]
    pub(crate) fn of_parts(earliest: Day, latest: Day, form: u32) -> Option<Date> {
        Some(Date { earliest, latest, form: Form::of_bits(form) }).filter(|date| date.is_sound())
    }

    /// Returns a day as a date. The caller guarantees that the calendar has the day.
    pub fn on(day: Day) -> Date {
        Date::one((day, day), End::plain(Precision::Day))
    }

    /// Returns the date of a single expression.
    fn one((earliest, latest): (Day, Day), end: End) -> Date {
        debug_assert!(earliest <= latest, "an expression has a first and a last day in order");
        Date { earliest, latest, form: Form::one(end) }
    }

    /// Returns the date from the start of one to the end of another. `None` if it would end before it begins.
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
