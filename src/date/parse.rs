//! Parses dates.
//!
//! `date = "undated" | set | range`, `set = "[" range ("," range)* "]"` or with braces, `range = one | side (".." |
//! "/") side`, `side = one | nothing`, `one = long year | day "T" time | field ("-" field ("-" field)?)?`. A flag
//! before a field applies to that field; a flag behind a field applies to all fields up to it.

use super::calendar::{GROUPINGS, Grouping, days_of_month, days_of_months, days_of_years};
use super::error::{DateError, reversed};
use super::form::{End, Form, Marked, Precision};
use super::unspecified;
use super::{Date, Day};

/// Why a part of the text is not a date.
pub(super) enum Fault {
    /// It does not have the shape of a date; the message is about the whole text.
    Shape,
    /// It has the shape of a date, but there is no such date.
    Calendar(DateError),
}

pub(super) type Parsed<T = Date> = Result<T, Fault>;

pub(super) fn parse(text: &str) -> Result<Date, DateError> {
    if let Some(day) = plain_day(text) {
        return Ok(day);
    }
    let text = text.trim();
    let parsed = match set_body(text) {
        _ if text.eq_ignore_ascii_case("undated") => Ok(Date::UNDATED),
        Some(body) => set(body),
        None => range(text),
    };
    parsed.map_err(|fault| match fault {
        Fault::Shape => DateError::unreadable(text),
        Fault::Calendar(error) => error,
    })
}

/// Parses `2024-05-13`, the usual form in tables, on a fast path. `None` for everything else.
fn plain_day(text: &str) -> Option<Date> {
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let value = |digits: &[u8]| {
        digits.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + i32::from(digit - b'0')))
    };
    let year = if year.len() == 4 { value(year)? } else { return None };
    Date::day(year, value(&[*m1, *m2])? as u8, value(&[*d1, *d2])? as u8)
}

/// Returns the contents of a set: `[2023,2025]` (one of them), `{2023,2025}` (all of them).
pub(super) fn set_body(text: &str) -> Option<&str> {
    let inside = |open: char, close: char| text.strip_prefix(open)?.strip_suffix(close);
    inside('[', ']').or_else(|| inside('{', '}'))
}

/// Parses the contents of a set, `2023,2025`, as the span of its elements.
fn set(text: &str) -> Parsed {
    let mut elements = text.split(',').map(range);
    let first = elements.next().unwrap_or(Err(Fault::Shape))?;
    elements.try_fold(first, |span, element| Ok(span.hull(element?)))
}

pub(super) fn range(text: &str) -> Parsed {
    // `/` first: a side of `a/..` may be `..` itself.
    let (start, end) = match (text.split_once('/'), text.split_once("..")) {
        (Some(("", "")), _) | (None, Some(("", ""))) => return Err(Fault::Shape),
        (Some((start, end)), _) => (slash_side(start.trim())?, slash_side(end.trim())?),
        (None, Some((start, end))) => (side(start.trim())?, side(end.trim())?),
        (None, None) => return one(text.trim()),
    };
    if start.is_undated() && end.is_undated() {
        return Ok(Date::UNDATED);
    }
    Date::span(start, end).ok_or_else(|| Fault::Calendar(reversed(start, end)))
}

/// Parses a side of `a..b`; an empty side is open.
fn side(text: &str) -> Parsed {
    if text.is_empty() { Ok(Date::UNDATED) } else { one(text) }
}

/// Parses a side of `a/b`; `..` is open, and an empty side is unknown, which is read as open, too.
fn slash_side(text: &str) -> Parsed {
    if text == ".." { Ok(Date::UNDATED) } else { side(text) }
}

/// Parses a single expression: `2024-05~`.
fn one(text: &str) -> Parsed {
    if text.starts_with('Y') || text.contains('S') {
        return unspecified::long_year(text);
    }
    if let Some((day, time)) = text.split_once(['T', ' ']) {
        return if is_time(time) { plain_day(day).ok_or(Fault::Shape) } else { Err(Fault::Shape) };
    }
    let (lead, rest) = leading_flag(text);
    // The sign of a year is removed first, because hyphens separate the fields.
    let (is_negative, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (mut flags, mut bodies) = (Flags::default(), [""; 3]);
    let mut number = 0;
    for field in rest.split('-') {
        let slot = bodies.get_mut(number).ok_or(Fault::Shape)?;
        let (first, field) = if number == 0 { (lead, field) } else { leading_flag(field) };
        let (body, last) = trailing_flag(field);
        flags.put(first, Marked(1 << number));
        if last.is_some_and(|flag| flags.holds(flag, number as u8)) {
            return Err(Fault::Shape);
        }
        number += 1;
        flags.put(last, Marked::first(number as u8));
        *slot = body;
    }
    let body = unflagged(text);
    fields(&body, &bodies[..number], is_negative).map(|date| date.flagged(flags.approximate, flags.uncertain))
}

/// The flags of a single expression.
#[derive(Default)]
struct Flags {
    approximate: Marked,
    uncertain: Marked,
}

impl Flags {
    fn put(&mut self, flag: Option<char>, marked: Marked) {
        if let Some('~' | '%') = flag {
            self.approximate = self.approximate.and(marked);
        }
        if let Some('?' | '%') = flag {
            self.uncertain = self.uncertain.and(marked);
        }
    }

    /// Returns whether the field has the flag already.
    fn holds(&self, flag: char, field: u8) -> bool {
        matches!(flag, '~' | '%') && self.approximate.has(field)
            || matches!(flag, '?' | '%') && self.uncertain.has(field)
    }
}

const FLAGS: [char; 3] = ['~', '?', '%'];

fn leading_flag(text: &str) -> (Option<char>, &str) {
    match text.chars().next().filter(|first| FLAGS.contains(first)) {
        Some(flag) => (Some(flag), &text[1..]),
        None => (None, text),
    }
}

pub(super) fn trailing_flag(text: &str) -> (&str, Option<char>) {
    match text.chars().next_back().filter(|last| FLAGS.contains(last)) {
        Some(flag) => (&text[..text.len() - 1], Some(flag)),
        None => (text, None),
    }
}

fn unflagged(text: &str) -> String {
    text.chars().filter(|c| !FLAGS.contains(c)).collect()
}

/// Returns whether the text is a time, `23:20:30`, with an optional fraction and `Z` or offset from UTC. The offset
/// does not change the day.
fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, "Z"),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let below = |field: &str, limit: u8| field.len() == 2 && number(field).is_ok_and(|value| value < i32::from(limit));
    let is_clock = match clock.split(':').collect::<Vec<_>>()[..] {
        // The end of the day; below, second 60 is a leap second.
        ["24", "00", "00"] => true,
        [hour, minute, second] => below(hour, 24) && below(minute, 60) && below(second, 61),
        _ => false,
    };
    let is_zone = zone == "Z"
        || match zone[1..].split_once(':') {
            Some((hour, minute)) => below(hour, 24) && below(minute, 60) && !zone.starts_with('Z'),
            None => below(&zone[1..], 24) && !zone.starts_with('Z'),
        };
    is_clock && is_zone && !fraction.is_empty() && number(fraction).is_ok()
}

/// Returns the days of the fields of an expression; `body` is the whole expression without its flags.
fn fields(body: &str, fields: &[&str], is_negative: bool) -> Parsed {
    let year = fields[0];
    let stem = year.trim_end_matches('X');
    let is_run = year.len() == 4 && stem.bytes().all(|byte| byte.is_ascii_digit());
    if !is_run || fields[1..].iter().any(|field| field.contains('X')) || stem.len() < 4 {
        let masked = fields[1..].iter().filter(|field| **field == "XX").count();
        return match fields {
            [_, rest @ ..] if is_run && masked == rest.len() => {
                let (days, end) = years(year, is_negative)?;
                Ok(Date::one(days, End { masked: masked as u8, ..end }))
            }
            [_, month, "XX"] if is_run && stem.len() == 4 && !month.contains('X') => {
                let days = month_days(body, single_year(year, is_negative)?, two_digits(month)?)?;
                Ok(Date::one(days, End { masked: 1, ..End::plain(Precision::Month) }))
            }
            _ => unspecified::hull(body, fields, is_negative),
        };
    }
    let (days, end) = match *fields {
        [year] => years(year, is_negative)?,
        [year, month] => months(body, single_year(year, is_negative)?, two_digits(month)?)?,
        [year, month, day] => {
            day_of_month(body, single_year(year, is_negative)?, two_digits(month)?, two_digits(day)?)?
        }
        _ => return Err(Fault::Shape),
    };
    Ok(Date::one(days, end))
}

/// Parses a year with trailing `X`: `2024`, `202X`, `20XX`, `2XXX`, `XXXX`.
fn years(field: &str, is_negative: bool) -> Parsed<((Day, Day), End)> {
    let stem = field.trim_end_matches('X');
    let (unit, precision) = match stem.len() {
        0 => (10_000, Precision::AnyYear),
        1 => (1000, Precision::Millennium),
        2 => (100, Precision::Century),
        3 => (10, Precision::Decade),
        _ => (1, Precision::Year),
    };
    if unit == 1 {
        let year = single_year(field, is_negative)?;
        return Ok((days_of_years(year, year).ok_or(Fault::Shape)?, End::plain(precision)));
    }
    let first = if stem.is_empty() { 0 } else { number(stem)? * unit };
    let last = first + unit - 1;
    let (first, last) = if is_negative { (-last, -first) } else { (first, last) };
    Ok((days_of_years(first, last).ok_or(Fault::Shape)?, End::plain(precision)))
}

/// Parses a year of four digits. The year 0 has no sign.
fn single_year(field: &str, is_negative: bool) -> Parsed<i32> {
    let year = if field.len() == 4 { number(field)? } else { return Err(Fault::Shape) };
    match (is_negative, year) {
        (true, 0) => Err(Fault::Shape),
        (true, year) => Ok(-year),
        (false, year) => Ok(year),
    }
}

/// Returns the days of year and second field: a month or a grouping of months.
fn months(body: &str, year: i32, month: u8) -> Parsed<((Day, Day), End)> {
    match Grouping::of_code(month) {
        Some(grouping) => {
            let days = days_of_months(year, grouping.first, grouping.months).ok_or(Fault::Shape)?;
            Ok((days, End::plain(grouping.precision)))
        }
        None => Ok((month_days(body, year, month)?, End::plain(Precision::Month))),
    }
}

fn month_days(body: &str, year: i32, month: u8) -> Parsed<(Day, Day)> {
    days_of_month(year, month).ok_or_else(|| match Grouping::of_code(month) {
        Some(_) => no_days(body),
        None => no_month(body, month),
    })
}

/// Returns the day of all three fields; `body` is the whole expression without its flags.
fn day_of_month(body: &str, year: i32, month: u8, day: u8) -> Parsed<((Day, Day), End)> {
    let (first, last) = month_days(body, year, month)?;
    let on = first - 1 + Day::from(day);
    if !(first..=last).contains(&on) {
        return Err(no_day(body, day, last - first + 1));
    }
    Ok(((on, on), End::plain(Precision::Day)))
}

fn two_digits(field: &str) -> Parsed<u8> {
    if field.len() != 2 {
        return Err(Fault::Shape);
    }
    u8::try_from(number(field)?).map_err(|_| Fault::Shape)
}

/// Parses digits only; `i32::from_str` would accept a sign.
pub(super) fn number(digits: &str) -> Parsed<i32> {
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        digits.parse().map_err(|_| Fault::Shape)
    } else {
        Err(Fault::Shape)
    }
}

impl Date {
    /// Returns the same days with these flags at both ends.
    pub(super) fn flagged(self, approximate: Marked, uncertain: Marked) -> Date {
        let mark = |end: End| match end.precision {
            Precision::Open => end,
            _ => End { approximate, uncertain, ..end },
        };
        let (start, end) = (mark(self.form.start()), mark(self.form.end()));
        Date { form: if self.is_interval() { Form::interval(start, end) } else { Form::one(start) }, ..self }
    }
}

pub(super) fn no_month(body: &str, month: u8) -> Fault {
    let (first, last) = (GROUPINGS[0].code, GROUPINGS[GROUPINGS.len() - 1].code);
    Fault::Calendar(DateError::new(
        format!("there is no month {month:02} in `{body}`"),
        format!("write a month from `01` to `12`, or a season, quarter or half year from `{first}` to `{last}`"),
    ))
}

fn no_day(body: &str, day: u8, length: Day) -> Fault {
    let month = parent(body);
    Fault::Calendar(DateError::new(
        format!("`{month}` has no day {day:02}"),
        format!("write a day from `01` to `{length}`, or `{month}` for some day in it"),
    ))
}

fn no_days(body: &str) -> Fault {
    let period = parent(body);
    Fault::Calendar(DateError::new(
        format!("`{period}` is several months and has no numbered days"),
        format!("write `{period}`, or a month from `01` to `12` before the day"),
    ))
}

/// Returns the expression without its last field.
fn parent(body: &str) -> &str {
    body.rsplit_once('-').map_or(body, |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::super::{Date, format_day};

    fn bounds(text: &str) -> String {
        let date = Date::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        format!("{} {}", format_day(date.earliest()), format_day(date.latest()))
    }

    fn message(text: &str) -> String {
        Date::parse(text).expect_err(text).message
    }

    #[test]
    fn bounds_of_every_form() {
        let cases = [
            ("2024", "2024-01-01 2024-12-31"),
            ("2024-02", "2024-02-01 2024-02-29"),
            ("2024-05-13", "2024-05-13 2024-05-13"),
            ("202X", "2020-01-01 2029-12-31"),
            ("20XX", "2000-01-01 2099-12-31"),
            ("-000X", "-0009-01-01 0000-12-31"),
            ("-0044-03-15", "-0044-03-15 -0044-03-15"),
            ("2024-XX", "2024-01-01 2024-12-31"),
            ("2024-XX-XX", "2024-01-01 2024-12-31"),
            ("2024-05-XX", "2024-05-01 2024-05-31"),
            ("2024-21", "2024-03-01 2024-05-31"),
            ("2024-24", "2024-12-01 2025-02-28"),
            ("9999-24", "9999-12-01 9999-12-31"),
            ("2024-33", "2024-01-01 2024-03-31"),
            ("2024-36", "2024-10-01 2024-12-31"),
            ("2024~", "2024-01-01 2024-12-31"),
            ("..2023", ".. 2023-12-31"),
            ("2023..", "2023-01-01 .."),
            ("2024..2024-05", "2024-01-01 2024-05-31"),
            ("2023?..2025-06%", "2023-01-01 2025-06-30"),
            ("2023/2025", "2023-01-01 2025-12-31"),
            ("../2025", ".. 2025-12-31"),
            ("2023/..", "2023-01-01 .."),
            ("[2025, 2023]", "2023-01-01 2025-12-31"),
            ("[..2023]", ".. 2023-12-31"),
            ("[2021,2023..2025]", "2021-01-01 2025-12-31"),
            (" undated ", ".. .."),
            ("1XXX", "1000-01-01 1999-12-31"),
            ("XXXX", "0000-01-01 9999-12-31"),
            ("2024-25", "2024-03-01 2024-05-31"),
            ("2024-29", "2024-09-01 2024-11-30"),
            ("2024-30", "2024-12-01 2025-02-28"),
            ("2024-38", "2024-05-01 2024-08-31"),
            ("2024-41", "2024-07-01 2024-12-31"),
            ("2024-05-13T24:00:00Z", "2024-05-13 2024-05-13"),
            ("/1985", ".. 1985-12-31"),
            ("1985/", "1985-01-01 .."),
        ];
        for (text, expected) in cases {
            assert_eq!(bounds(text), expected, "{text}");
        }
    }

    #[test]
    fn impossible_dates_are_explained() {
        let cases = [
            ("2024-13", "there is no month 13 in `2024-13`"),
            ("2024-00", "there is no month 00 in `2024-00`"),
            ("2024-13-01", "there is no month 13 in `2024-13-01`"),
            ("2024-02-30", "`2024-02` has no day 30"),
            ("2023-02-29~", "`2023-02` has no day 29"),
            ("2024-05-00", "`2024-05` has no day 00"),
            ("2024-33-05", "`2024-33` is several months and has no numbered days"),
            ("2025..2023", "`2025..2023` ends before it begins"),
            ("[2021,2025/2023]", "`2025..2023` ends before it begins"),
        ];
        for (text, expected) in cases {
            assert_eq!(message(text), expected);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let texts = "| .. | / | [ | ] | [] | [2023 | [2023,] | {2023,2025] | 24 | 2O24 | +024 | 2024-+5 | 2024-05-13-01 | \
                     2024~~ | ~2024~ | ~ | - | -- | -0000 | -0000-05 | 2024..2025..2026 | ２０２４ | 20é | ééé | XX | \
                     2012-10-10T10:10:1 | 2012-10-10T1:10:10 | 2012-10-10t10:10:10 | 2012-10-10T10:10:10Z10 | \
                     2012-10-10T24:10:10 | 2012-10-10T10:60:10 | 2012-10T10:10:10 | 2012T10:10:10 | 2012///4444 | \
                     2000/12-12 | 1960-06-31 | [1 760-01] | 2024-5 | 2024-XX-5 | -2024-05-13T10:00:00+";
        for text in texts.split('|') {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }
}
