//! Text to dates.
//!
//! `date = "undated" | set | range`, `set = "[" range ("," range)* "]"`, `range = one | side (".." | "/") side`,
//! `side = one | nothing`, `one = "-"? year ("-" month ("-" day)?)? flag?`.

use super::calendar::{days_of_month, days_of_months, days_of_quarter, days_of_years};
use super::error::{DateError, reversed};
use super::form::{End, Precision};
use super::{Date, Day};

/// Why a part of the text is no date.
pub(super) enum Fault {
    /// It has not the shape of one; the message is about the whole text.
    Shape,
    /// It has the shape, but there is no such date.
    Calendar(DateError),
}

type Parsed<T = Date> = Result<T, Fault>;

pub(super) fn parse(text: &str) -> Result<Date, DateError> {
    if let Some(day) = plain_day(text) {
        return Ok(day);
    }
    let text = text.trim();
    let parsed = match text.strip_prefix('[') {
        _ if text.eq_ignore_ascii_case("undated") => Ok(Date::UNDATED),
        Some(rest) => rest.strip_suffix(']').ok_or(Fault::Shape).and_then(set),
        None => range(text),
    };
    parsed.map_err(|fault| match fault {
        Fault::Shape => DateError::unreadable(text),
        Fault::Calendar(error) => error,
    })
}

/// `2024-05-13`, which tables are full of: the short way. `None` for all else.
fn plain_day(text: &str) -> Option<Date> {
    let [year @ .., b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return None };
    let value = |digits: &[u8]| {
        digits.iter().try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + i32::from(digit - b'0')))
    };
    let year = if year.len() == 4 { value(year)? } else { return None };
    Date::day(year, value(&[*m1, *m2])? as u8, value(&[*d1, *d2])? as u8)
}

/// `2023,2025` of `[2023,2025]`: the span of its elements.
fn set(text: &str) -> Parsed {
    let mut elements = text.split(',').map(range);
    let first = elements.next().unwrap_or(Err(Fault::Shape))?;
    elements.try_fold(first, |span, element| Ok(span.hull(element?)))
}

pub(super) fn range(text: &str) -> Parsed {
    let (start, end) = match (text.split_once('/'), text.split_once("..")) {
        (Some((start, end)), _) => (slash_side(start.trim())?, slash_side(end.trim())?),
        (None, Some((start, end))) => (side(start.trim())?, side(end.trim())?),
        (None, None) => return one(text.trim()),
    };
    if start.is_undated() && end.is_undated() {
        return Err(Fault::Shape);
    }
    Date::span(start, end).ok_or_else(|| Fault::Calendar(reversed(start, end)))
}

/// A side of `a..b`; nothing is open.
fn side(text: &str) -> Parsed {
    if text.is_empty() { Ok(Date::UNDATED) } else { one(text) }
}

/// A side of `a/b`; `..` is open.
fn slash_side(text: &str) -> Parsed {
    if text == ".." { Ok(Date::UNDATED) } else { one(text) }
}

/// One expression: `2024-05~`.
fn one(text: &str) -> Parsed {
    let (body, approximate, uncertain) = flags(text);
    let (is_negative, digits) = match body.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, body),
    };
    let fields: Vec<&str> = digits.splitn(4, '-').collect();
    let (days, end) = match fields[..] {
        [field] => years(field, is_negative)?,
        [field, "XX"] => (year_days(single_year(field, is_negative)?)?, masked(Precision::Year, 1)),
        [field, "XX", "XX"] => (year_days(single_year(field, is_negative)?)?, masked(Precision::Year, 2)),
        [field, month] => months(body, single_year(field, is_negative)?, two_digits(month)?)?,
        [field, month, day] => day_of_month(body, single_year(field, is_negative)?, two_digits(month)?, day)?,
        _ => return Err(Fault::Shape),
    };
    Ok(Date::one(days, End { approximate, uncertain, ..end }))
}

/// The text before a flag, and whether the flag says about, and perhaps.
fn flags(text: &str) -> (&str, bool, bool) {
    let strip = |flag: char| text.strip_suffix(flag);
    match (strip('~'), strip('?'), strip('%')) {
        (Some(body), _, _) => (body, true, false),
        (_, Some(body), _) => (body, false, true),
        (_, _, Some(body)) => (body, true, true),
        _ => (text, false, false),
    }
}

/// `2024`, `202X`, `20XX`
fn years(field: &str, is_negative: bool) -> Parsed<((Day, Day), End)> {
    let (first, last, precision) = match field.trim_end_matches('X').len() {
        2 => (number(&field[..2])? * 100, 99, Precision::Century),
        3 => (number(&field[..3])? * 10, 9, Precision::Decade),
        _ => (single_year(field, is_negative)?.abs(), 0, Precision::Year),
    };
    if field.len() != 4 {
        return Err(Fault::Shape);
    }
    let (first, last) = if is_negative { (-first - last, -first) } else { (first, first + last) };
    Ok((days_of_years(first, last).ok_or(Fault::Shape)?, End::plain(precision)))
}

/// Four digits. The year 0 has no sign.
fn single_year(field: &str, is_negative: bool) -> Parsed<i32> {
    let year = if field.len() == 4 { number(field)? } else { return Err(Fault::Shape) };
    match (is_negative, year) {
        (true, 0) => Err(Fault::Shape),
        (true, year) => Ok(-year),
        (false, year) => Ok(year),
    }
}

fn year_days(year: i32) -> Parsed<(Day, Day)> {
    days_of_years(year, year).ok_or(Fault::Shape)
}

/// The second field without a third: a month, a season or a quarter.
fn months(body: &str, year: i32, month: u8) -> Parsed<((Day, Day), End)> {
    let (days, precision) = match month {
        21..=24 => (days_of_months(year, (month - 20) * 3, 3), Precision::Season),
        33..=36 => (days_of_quarter(year, month - 32), Precision::Quarter),
        _ => (days_of_month(year, month), Precision::Month),
    };
    let days = days.ok_or_else(|| no_month(body, month))?;
    Ok((days, End::plain(precision)))
}

/// All three fields; `body` is the whole expression without its flag.
fn day_of_month(body: &str, year: i32, month: u8, day: &str) -> Parsed<((Day, Day), End)> {
    let (first, last) = days_of_month(year, month).ok_or_else(|| match month {
        21..=24 | 33..=36 => no_days(body),
        _ => no_month(body, month),
    })?;
    if day == "XX" {
        return Ok(((first, last), masked(Precision::Month, 1)));
    }
    let day = two_digits(day)?;
    let on = first - 1 + Day::from(day);
    if !(first..=last).contains(&on) {
        return Err(no_day(body, day, last - first + 1));
    }
    Ok(((on, on), End::plain(Precision::Day)))
}

fn masked(precision: Precision, masked: u8) -> End {
    End { masked, ..End::plain(precision) }
}

fn two_digits(field: &str) -> Parsed<u8> {
    if field.len() != 2 {
        return Err(Fault::Shape);
    }
    u8::try_from(number(field)?).map_err(|_| Fault::Shape)
}

/// Digits alone; `i32::from_str` would take a sign too.
fn number(digits: &str) -> Parsed<i32> {
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        digits.parse().map_err(|_| Fault::Shape)
    } else {
        Err(Fault::Shape)
    }
}

fn no_month(body: &str, month: u8) -> Fault {
    Fault::Calendar(DateError::new(
        format!("there is no month {month:02} in `{body}`"),
        "write a month from `01` to `12`, a season from `21` to `24`, or a quarter from `33` to `36`".to_string(),
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
        format!("`{period}` is a season or a quarter and has no numbered days"),
        format!("write `{period}`, or a month from `01` to `12` before the day"),
    ))
}

/// The expression without its last field.
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
            ("2024-33-05", "`2024-33` is a season or a quarter and has no numbered days"),
            ("2025..2023", "`2025..2023` ends before it begins"),
            ("[2021,2025/2023]", "`2025..2023` ends before it begins"),
        ];
        for (text, expected) in cases {
            assert_eq!(message(text), expected);
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let texts = "| .. | ../.. | / | [ | ] | [] | [2023 | [2023,] | {2023,2025} | 24 | 2O24 | +024 | 2024-+5 | \
                     XXXX | 2XXX | 20X4 | 202X-05 | 2024-XX-05 | 2024-X5 | 2024-05-13-01 | 2024~~ | ~ | - | -- | \
                     -0000 | -0000-05 | 2024..2025..2026 | ２０２４ | 20é | ééé | XX | 2024~-05";
        for text in texts.split('|') {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }
}
