//! Prints dates, in the notation that parses back and as text for people.

use super::calendar::{Grouping, civil_of, format_day, format_year};
use super::form::{End, Marked, Precision};
use super::{Date, Day};
use std::fmt;

impl fmt::Display for Date {
    /// Writes the date in begat's notation, as it was written except for white space, `/` for `..`, and sets. Honours
    /// width and alignment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.notation())
    }
}

impl Date {
    fn notation(self) -> String {
        if self.is_undated() {
            return "undated".to_string();
        }
        if !self.form.is_interval() {
            return self.start_notation();
        }
        format!("{}..{}", self.start_notation(), self.end_notation())
    }

    /// Returns the first end as written; empty if open.
    fn start_notation(self) -> String {
        notation(self.earliest, self.form.start(), false)
    }

    /// Returns the last end as written; empty if open.
    fn end_notation(self) -> String {
        // The last year of a decade or century is 0 only if it lies before the year 0: `-000X`, `-00XX`.
        let is_before_0 = civil_of(self.latest).is_some_and(|(year, _, _)| year == 0);
        notation(self.latest, self.form.end(), is_before_0)
    }

    /// Returns a text for people, with the bounds spelt out: `2024-12`, `about 2024`, `before 2024`, `since 2023-06`,
    /// `some day from 2024-01-01 to 2024-12-31`, `undated`.
    pub fn describe(self) -> String {
        match (self.form.start().precision, self.form.end().precision) {
            _ if self.is_one_day() && !self.form.is_flagged() => format_day(self.earliest),
            (Precision::Open, Precision::Open) => "undated".to_string(),
            (Precision::Open, _) => self.describe_end(),
            (_, Precision::Open) => format!("since {}", hedged(self.form.start(), self.start_notation())),
            (Precision::Month, _) if !self.is_interval() => self.describe_one(),
            _ if self.form.is_flagged() && !self.is_interval() => self.describe_one(),
            _ => self.describe_range(),
        }
    }

    fn describe_one(self) -> String {
        hedged(self.form.start(), self.start_notation())
    }

    /// Returns `before 2024` for `..2023`; `until about 2023` for a flagged end, and `until …` at the end of the
    /// calendar.
    fn describe_end(self) -> String {
        let end = self.form.end();
        match next_unit(self.latest).filter(|_| !end.is_flagged()) {
            Some(next) => format!("before {next}"),
            None => format!("until {}", hedged(end, self.end_notation())),
        }
    }

    fn describe_range(self) -> String {
        let (start, end) = (self.form.start(), self.form.end());
        let first = if start.is_flagged() { hedged(start, self.start_notation()) } else { format_day(self.earliest) };
        let last = if end.is_flagged() { hedged(end, self.end_notation()) } else { format_day(self.latest) };
        format!("some day from {first} to {last}")
    }
}

/// Returns the year, month or day (the coarsest) that starts after a day. `None` at the end of the calendar.
fn next_unit(day: Day) -> Option<Date> {
    match civil_of(day.checked_add(1)?)? {
        (year, 1, 1) => Date::year(year),
        (year, month, 1) => Date::month(year, month),
        (year, month, day) => Date::day(year, month, day),
    }
}

/// Puts words for the flags before the text instead of marks behind it. Flags of a single field stay where they are.
fn hedged(end: End, text: String) -> String {
    let is_whole = |marked: Marked| !marked.any() || marked == Marked::first(end.fields());
    if !is_whole(end.approximate) || !is_whole(end.uncertain) {
        return text;
    }
    let plain = text.trim_end_matches(['~', '?', '%']);
    match (end.uncertain.any(), end.approximate.any()) {
        (false, false) => plain.to_string(),
        (false, true) => format!("about {plain}"),
        (true, false) => format!("perhaps {plain}"),
        (true, true) => format!("perhaps about {plain}"),
    }
}

/// Returns one end in EDTF, with its flags. `day` is the first or the last day of the unit.
fn notation(day: Day, end: End, is_before_0: bool) -> String {
    let Some((year, month, _)) = civil_of(day) else { return String::new() };
    let sign = if year < 0 || is_before_0 { "-" } else { "" };
    let text = match end.precision {
        Precision::Open => return String::new(),
        Precision::Day => format_day(day),
        Precision::Month => format!("{}-{month:02}", format_year(year)),
        Precision::Year => format_year(year),
        Precision::Decade => format!("{sign}{:03}X", year.unsigned_abs() / 10),
        Precision::Century => format!("{sign}{:02}XX", year.unsigned_abs() / 100),
        Precision::Millennium => format!("{sign}{}XXX", year.unsigned_abs() / 1000),
        Precision::AnyYear => format!("{sign}XXXX"),
        unit => grouping(year, month, unit),
    };
    flagged(text + &"-XX".repeat(end.masked.into()), end)
}

/// Returns the grouping in EDTF; the first months of a year belong to the winter that began the year before.
fn grouping(year: i32, month: u8, unit: Precision) -> String {
    match Grouping::around(month, unit) {
        Some(grouping) if month < grouping.first => format!("{}-{}", format_year(year - 1), grouping.code),
        Some(grouping) => format!("{}-{}", format_year(year), grouping.code),
        None => format_year(year),
    }
}

/// Adds the flags: those of the whole date behind it, those of a field before the field.
fn flagged(text: String, end: End) -> String {
    let whole = Marked::first(end.fields());
    let of_whole = flag(end.approximate == whole, end.uncertain == whole);
    let part = |marked: Marked, field: u8| marked != whole && marked.has(field);
    if [end.approximate, end.uncertain].iter().all(|marked| !marked.any() || *marked == whole) {
        return text + of_whole;
    }
    let (sign, digits) = text.strip_prefix('-').map_or(("", &text[..]), |digits| ("-", digits));
    let fields = digits.split('-').zip(0..).map(|(digits, field)| {
        let own = flag(part(end.approximate, field), part(end.uncertain, field));
        format!("{own}{}{digits}", if field == 0 { sign } else { "" })
    });
    fields.collect::<Vec<_>>().join("-") + of_whole
}

fn flag(approximate: bool, uncertain: bool) -> &'static str {
    match (approximate, uncertain) {
        (false, false) => "",
        (true, false) => "~",
        (false, true) => "?",
        (true, true) => "%",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Date;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn prints_what_was_written() {
        let texts = "2024 0800 -0044-03-15 2024-05 2024-05-13 202X 20XX 000X -000X -00XX -20XX 2024-XX 2024-XX-XX \
                     2024-05-XX 2024-21 2024-22 2024-23 2024-24 9999-24 2024-25 2023-28 2024-29 2024-30 2024-32 2024-39 2024-40 2024-41~ 1XXX -0XXX XXXX -XXXX XXXX-XX-XX 2024-33 2024-34 2024-35 2024-36 2024~ 2024-05? \
                     202X% ..2023 2023.. 2023..2025 2024..2024 2024..2024-05 2024-05-13..2024-05-13 202X..2024-36 \
                     2023-24..2023-24~ ..-000X -00XX..-00XX 000X..00XX 2023?..2024-XX% ..9999-24 undated \
                     ?2004-06-11 2004-~06 ~2004-06-?11 %-0044-03-15 2004-?06-XX ?2004-~06-11..%2005-06";
        for text in texts.split_whitespace() {
            assert_eq!(date(text).to_string(), text);
        }
    }

    #[test]
    fn other_spellings_are_canonical() {
        let cases = [
            (" 2023 .. 2025 ", "2023..2025"),
            ("2023/2025", "2023..2025"),
            ("../2025", "..2025"),
            ("2023/..", "2023.."),
            ("[2023, 2025]", "2023..2025"),
            ("[ 2023 ]", "2023"),
            ("[..2023]", "..2023"),
            ("{2023, 2025}", "2023..2025"),
            ("{1960,1961-12}", "1960..1961"),
            ("2023/", "2023.."),
            ("/2023", "..2023"),
            ("../..", "undated"),
            ("2004?-06-11", "?2004-06-11"),
            ("2004-06~-11", "~2004-~06-11"),
            ("~2024", "2024~"),
            ("~2024-~05", "2024-05~"),
            ("1985-04-12T23:20:30+05:30", "1985-04-12"),
            ("Undated", "undated"),
        ];
        for (text, canonical) in cases {
            assert_eq!(date(text).to_string(), canonical);
        }
    }

    #[test]
    fn columns_align() {
        assert_eq!(format!("{:<6}|{:>6}|", date("2024"), date("2024")), "2024  |  2024|");
    }

    #[test]
    fn readings_for_people() {
        let cases = [
            ("2024-05-13", "2024-05-13"),
            ("2024-05-13~", "about 2024-05-13"),
            ("2024-12", "2024-12"),
            ("2024-12?", "perhaps 2024-12"),
            ("2024%", "perhaps about 2024"),
            ("2024", "some day from 2024-01-01 to 2024-12-31"),
            ("2024-33", "some day from 2024-01-01 to 2024-03-31"),
            ("2023~..2025", "some day from about 2023 to 2025-12-31"),
            ("..2023", "before 2024"),
            ("..2024-05", "before 2024-06"),
            ("..2024-05-13", "before 2024-05-14"),
            ("..2023~", "until about 2023"),
            ("..9999", "until 9999"),
            ("2023-06..", "since 2023-06"),
            ("2023?..", "since perhaps 2023"),
            ("undated", "undated"),
        ];
        for (text, reading) in cases {
            assert_eq!(date(text).describe(), reading, "{text}");
        }
    }
}
