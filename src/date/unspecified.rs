//! Unspecified digits and years of more than four digits: EDTF forms that are read as the span of the days they allow.

use super::calendar::{CALENDAR, Grouping, days_of_month, days_of_months, days_of_year};
use super::form::{End, Form, Marked, Precision};
use super::parse::{Fault, Parsed, no_month, number, trailing_flag};
use super::{Date, Day};

/// Returns the span from the first to the last day that fits the digits: `156X-12-25`, `1984-1X`, `1X99`.
pub(super) fn hull(body: &str, fields: &[&str], is_negative: bool) -> Parsed {
    let digits = |field: &str| field.bytes().all(|byte| byte == b'X' || byte.is_ascii_digit());
    let lengths = fields.iter().enumerate().all(|(at, field)| field.len() == if at == 0 { 4 } else { 2 });
    if !lengths || !fields.iter().all(|field| digits(field)) {
        return Err(Fault::Shape);
    }
    let mut years = fitting_years(fields[0]);
    if is_negative {
        years = years.into_iter().rev().map(|year| -year).collect();
    }
    let (units, precision) = match fields {
        [_] => (vec![(1, 12)], Precision::Year),
        [_, month] => match number(month).ok().and_then(|code| Grouping::of_code(code as u8)) {
            Some(grouping) => (vec![(grouping.first, grouping.months)], grouping.precision),
            None => (months(month).map(|month| (month, 1)).collect(), Precision::Month),
        },
        [_, month, _] => (months(month).map(|month| (month, 1)).collect(), Precision::Day),
        _ => return Err(Fault::Shape),
    };
    if units.is_empty() {
        return Err(number(fields[1]).map_or(Fault::Shape, |month| no_month(body, month as u8)));
    }
    let day = fields.get(2).copied();
    let days = |backwards: bool| -> Option<(Day, Day)> {
        let find = |year: &i32| in_year(*year, &units, day, backwards);
        if backwards { years.iter().rev().find_map(find) } else { years.iter().find_map(find) }
    };
    let (Some((earliest, _)), Some((_, latest))) = (days(false), days(true)) else { return Err(Fault::Shape) };
    let end = End::plain(precision);
    let form = if earliest == latest { Form::one(end) } else { Form::interval(end, end) };
    Ok(Date { earliest, latest, form })
}

/// Returns the first (or last) unit of a year that has a fitting day: that day, or the days of the whole unit.
fn in_year(year: i32, units: &[(u8, i32)], day: Option<&str>, backwards: bool) -> Option<(Day, Day)> {
    let find = |(month, months): &(u8, i32)| match day {
        None => days_of_months(year, *month, *months),
        Some(pattern) => {
            let (first, last) = days_of_month(year, *month)?;
            let mut fitting = (first..=last).filter(|day| fits(pattern, day - first + 1));
            let day = if backwards { fitting.next_back() } else { fitting.next() };
            day.map(|day| (day, day))
        }
    };
    if backwards { units.iter().rev().find_map(find) } else { units.iter().find_map(find) }
}

/// Returns the years of four digits that fit the pattern, sorted ascending.
fn fitting_years(pattern: &str) -> Vec<i32> {
    // At most the 10,000 years of `XXXX`, so that listing them costs little.
    pattern.bytes().fold(vec![0], |years, digit| {
        let digits = if digit == b'X' { 0..=9 } else { i32::from(digit - b'0')..=i32::from(digit - b'0') };
        years.iter().flat_map(|year| digits.clone().map(move |digit| year * 10 + digit)).collect()
    })
}

fn months(pattern: &str) -> impl Iterator<Item = u8> {
    (1..=12_u8).filter(|month| fits(pattern, i32::from(*month)))
}

/// Returns whether a number fits a pattern of digits and `X`; it may not have more digits than the pattern.
fn fits(pattern: &str, number: i32) -> bool {
    let mut rest = number;
    let fits = pattern.bytes().rev().all(|digit| {
        let last = rest % 10;
        rest /= 10;
        digit == b'X' || i32::from(digit - b'0') == last
    });
    fits && rest == 0
}

/// Parses a long year: `Y170000002`, `Y-17E7`, `1950S2`, `Y171010000S3`. A year outside of the calendar becomes an open
/// end.
pub(super) fn long_year(text: &str) -> Parsed {
    let (body, flag) = trailing_flag(text);
    let (is_long, rest) = match body.strip_prefix('Y') {
        Some(rest) => (true, rest),
        None => (false, body),
    };
    let (is_negative, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let (rest, significant) = split_number(rest, 'S')?;
    let (digits, exponent) = if is_long { split_number(rest, 'E')? } else { (rest, None) };
    let is_shaped = match (is_long, exponent) {
        (true, None) => digits.len() > 4 && !digits.starts_with('0'),
        (true, Some(_)) => !digits.is_empty(),
        (false, _) => digits.len() == 4 && significant.is_some(),
    };
    if !is_shaped || significant == Some(0) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Shape);
    }
    // Saturates: any year outside of the calendar becomes an open end.
    let power = 10_i64.saturating_pow(exponent.unwrap_or(0));
    let year = digits.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(power);
    let unit = significant.map_or(1, |digits| rounding(year, digits));
    let (first, last) = (year / unit * unit, (year / unit * unit).saturating_add(unit - 1));
    let date = if is_negative { span(-last, -first) } else { span(first, last) }?;
    let marked =
        |marks: [char; 2]| if flag.is_some_and(|it| marks.contains(&it)) { Marked::first(1) } else { Marked::NONE };
    Ok(date.flagged(marked(['~', '%']), marked(['?', '%'])))
}

/// Splits off the number behind a letter; `None` if the letter is missing.
fn split_number(text: &str, letter: char) -> Parsed<(&str, Option<u32>)> {
    match text.split_once(letter) {
        Some((_, "")) => Err(Fault::Shape),
        Some((before, digits)) => Ok((before, Some(number(digits)? as u32))),
        None => Ok((text, None)),
    }
}

/// Returns the unit to which a year is known when `significant` of its digits are significant.
fn rounding(year: i64, significant: u32) -> i64 {
    let digits = year.max(1).ilog10() + 1;
    10_i64.saturating_pow(digits.saturating_sub(significant))
}

/// Returns the span from one year to another; a year outside of the calendar becomes an open end.
fn span(first: i64, last: i64) -> Parsed {
    let year = |year: i64| i32::try_from(year).ok().and_then(days_of_year);
    let (start, end) = (year(first), year(last));
    if let (Some(start), Some(_)) = (start, end)
        && first == last
    {
        return Ok(Date::one(start, End::plain(Precision::Year)));
    }
    let (plain, open) = (End::plain(Precision::Year), End::plain(Precision::Open));
    let (earliest, from) = match start {
        Some((earliest, _)) => (earliest, plain),
        // Behind the calendar begins its last day; an open start would mean the opposite.
        None if first > 0 => (*CALENDAR.end(), End::plain(Precision::Day)),
        None => (Date::OPEN_START, open),
    };
    let (latest, to) = match end {
        Some((_, latest)) => (latest, plain),
        None if last < 0 => (*CALENDAR.start(), End::plain(Precision::Day)),
        None => (Date::OPEN_END, open),
    };
    Ok(Date { earliest, latest, form: Form::interval(from, to) })
}

#[cfg(test)]
mod tests {
    use super::super::Date;

    fn hull(text: &str) -> String {
        Date::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_string()
    }

    #[test]
    fn unspecified_digits_are_the_span_of_what_fits() {
        let cases = [
            ("156X-12-25", "1560-12-25..1569-12-25"),
            ("15XX-12-25", "1500-12-25..1599-12-25"),
            ("XXXX-12-XX", "0000-12-01..9999-12-31"),
            ("1XXX-12", "1000-12..1999-12"),
            ("1984-1X", "1984-10..1984-12"),
            ("1865-X2-02", "1865-02-02..1865-12-02"),
            ("1560-XX-25", "1560-01-25..1560-12-25"),
            ("2015-02-X8", "2015-02-08..2015-02-28"),
            ("1X99", "1099..1999"),
            ("190X-02-29", "1904-02-29..1908-02-29"),
            ("-156X-12", "-1569-12..-1560-12"),
            ("201X-21", "2010-21..2019-21"),
            ("XXXX-11-3X", "0000-11-30..9999-11-30"),
        ];
        for (text, expected) in cases {
            assert_eq!(hull(text), expected, "{text}");
        }
        for text in ["XXXX-02-30", "198X-13", "X001-02-29", "198X-4X", "198X-1", "19X-10"] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn long_years() {
        let cases = [
            ("Y170000002", "9999-12-31.."),
            ("Y-170000002", "..-9999-01-01"),
            ("Y-17E7", "..-9999-01-01"),
            ("Y17E7", "9999-12-31.."),
            ("Y17E2", "1700"),
            ("1950S2", "1900..1999"),
            ("1953S3~", "1950~..1959~"),
            ("-1859S3", "-1859..-1850"),
            ("1950S9", "1950"),
            ("Y171010000S3", "9999-12-31.."),
            ("Y3388E2S3", "9999-12-31.."),
            ("Y99999999999999999999E99", "9999-12-31.."),
        ];
        for (text, expected) in cases {
            assert_eq!(hull(text), expected, "{text}");
        }
        for text in ["Y2006", "Y", "Y-", "Y1E", "1950S", "1950S0", "S2", "YE7", "Y00012", "Y12345-06", "y17e7"] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }
}
