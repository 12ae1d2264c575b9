//! Reads dates in other notations: by a format of `strptime`, with a time of day, as bare years, or in English words.
//!
//! `before` and `after` a year include that year (`before 1850` is `..1850`), because sources differ in what they mean.
//! Years BC are astronomical: `1 BC` is `0000`.

use super::Date;
use super::calendar::broken_down;
use std::fmt;
use std::str::FromStr;

/// A notation of dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wording {
    /// `%d.%m.%Y`
    Format(String),
    /// ISO 8601 with a time of day, which is dropped: `1996-07-04 00:00:00.000`.
    Time,
    /// Years of one to four digits, before Christ of up to six: `300`, `-690`, `-10000`.
    Years,
    /// `c. 1991`, `mid 2021`, `1852–1911`, `11 May 2020`, `1990s`, `before 1850`.
    Words,
}

impl Wording {
    /// Reads a date; `None` if the text is not in this notation.
    pub fn read(&self, text: &str) -> Option<Date> {
        let text = text.trim();
        match self {
            Wording::Format(format) => {
                let (year, month, day) = broken_down(format, text)?;
                match (month, day) {
                    (Some(month), Some(day)) => Date::day(year, month, day),
                    (Some(month), None) => Date::month(year, month),
                    (None, _) => Date::year(year),
                }
            }
            Wording::Time => timed(text),
            Wording::Years => Date::parse(&year(text)?).ok(),
            Wording::Words => Words::of(text).date(),
        }
    }

    /// Returns a notation that reads the text, other than a format; `None` if there is none.
    pub fn guess(text: &str) -> Option<Wording> {
        // The most special one first: words include bare years.
        [Wording::Time, Wording::Years, Wording::Words].into_iter().find(|wording| wording.read(text).is_some())
    }
}

impl FromStr for Wording {
    type Err = String;

    fn from_str(text: &str) -> Result<Wording, String> {
        match text {
            "time" => Ok(Wording::Time),
            "years" => Ok(Wording::Years),
            "words" => Ok(Wording::Words),
            _ if !text.contains('%') => Err("it has no `%`".to_string()),
            _ => super::calendar::check_format(text).map(|()| Wording::Format(text.to_string())),
        }
    }
}

impl fmt::Display for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Wording::Format(format) => format,
            Wording::Time => "time",
            Wording::Years => "years",
            Wording::Words => "words",
        })
    }
}

/// Reads a timestamp, `2020-01-02T03:04:05Z`, as its day.
fn timed(text: &str) -> Option<Date> {
    let (day, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let is_time = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | '+' | '-' | 'Z' | 'z' | ' ');
    let begins = time.len() >= 2 && time.bytes().take(2).all(|byte| byte.is_ascii_digit());
    let date = Date::parse(day).ok().filter(|date| date.is_one_day())?;
    (begins && time.chars().all(is_time)).then_some(date)
}

/// Returns a year of one to four digits, possibly signed, with four digits.
fn year(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix(['-', '−']) {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let most = if sign.is_empty() { 4 } else { 6 };
    let is_year = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let year: u32 = is_year.then(|| digits.parse().ok()).flatten()?;
    let mark = if year > 9999 { "Y" } else { "" };
    Some(if year == 0 { "0000".to_string() } else { format!("{mark}{sign}{year:04}") })
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const ABOUT: [&str; 9] = ["c", "ca", "circa", "about", "abt", "approximately", "approx", "around", "est"];
const UNTIL: [&str; 5] = ["before", "bef", "until", "by", "to"];
const SINCE: [&str; 7] = ["after", "aft", "since", "from", "born", "b", "founded"];

const ERAS: [&str; 4] = ["bc", "bce", "ad", "ce"];

/// The words of a date in lower case, without brackets and punctuation.
struct Words(Vec<String>);

impl Words {
    fn of(text: &str) -> Words {
        let text = text.to_lowercase();
        let text = text.replace(['–', '—', '‒', '−'], " - ").replace(['(', ')', '[', ']'], " ");
        // A hyphen separates two words or two years, but not the parts of a date in digits.
        let parted: Vec<String> = text.split_whitespace().flat_map(hyphens).collect();
        let words = parted.iter().map(|word| word.trim_matches([',', ';', '.']).to_string());
        Words(words.filter(|word| !word.is_empty()).collect())
    }

    fn date(&self) -> Option<Date> {
        let words: Vec<&str> = self.0.iter().map(String::as_str).collect();
        let words = words.as_slice();
        let (first, rest) = words.split_first()?;
        if let Some((from, to)) = interval(words) {
            return between(&from?, &to?);
        }
        match *first {
            word if UNTIL.contains(&word) => Date::parse(&format!("..{}", one(rest)?)).ok(),
            word if SINCE.contains(&word) => Date::parse(&format!("{}..", one(rest)?)).ok(),
            // The other end is missing, or it would have been an interval.
            "between" | "bet" => None,
            _ => Date::parse(&one(words)?).ok(),
        }
    }
}

/// Splits a word at its hyphens, which become pieces of their own; a date in digits stays whole.
fn hyphens(word: &str) -> Vec<String> {
    let pieces: Vec<&str> = word.split('-').collect();
    let is_year =
        |piece: &&str| piece.len() >= 3 && piece.trim_end_matches(['?', '~']).bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |piece: &&str| piece.chars().all(|c| c.is_alphabetic() || c == '.') && !piece.is_empty();
    match pieces.as_slice() {
        [a, b] if is_year(a) && is_year(b) => vec![a.to_string(), "-".to_string(), b.to_string()],
        [a, ""] if is_year(a) => vec![a.to_string(), "-".to_string()],
        [a, rest @ ..] if is_word(a) && !rest.is_empty() => pieces.iter().map(ToString::to_string).collect(),
        _ => vec![word.to_string()],
    }
}

/// Returns both ends of an interval in words; `None` if the words are not an interval.
fn interval(words: &[&str]) -> Option<(Option<String>, Option<String>)> {
    let (sign, from) = match words.first()? {
        &"between" | &"bet" | &"btw" => ("and", 1),
        &"from" => ("to", 1),
        _ => ("-", 0),
    };
    let at = words.iter().position(|word| *word == sign || sign == "-" && *word == "to")?;
    if at < from || at == 0 {
        return None;
    }
    let after = &words[at + 1..];
    let from = &words[from..at];
    // `384 - 322 BC` has the era once.
    let era = after.last().filter(|last| ["bc", "bce"].contains(last) && !from.iter().any(|word| ERAS.contains(word)));
    if let Some(era) = era {
        return Some((one(&[from, &[*era]].concat()), one(after)));
    }
    // `1852 -` has an open end.
    Some((one(from), if after.is_empty() && sign == "-" { Some(String::new()) } else { one(after) }))
}

fn between(from: &str, to: &str) -> Option<Date> {
    if let (Some((a, _)), Some((_, b))) = (from.split_once(".."), to.split_once("..")) {
        return Date::parse(&format!("{a}..{b}")).ok();
    }
    let start = from.split_once("..").map_or(from, |(start, _)| start);
    let end = to.split_once("..").map_or(to, |(_, end)| end);
    Date::parse(&format!("{start}..{end}")).ok()
}

/// Returns one date in EDTF, or two bounds joined by `..`.
fn one(words: &[&str]) -> Option<String> {
    let (first, rest) = words.split_first()?;
    if ABOUT.contains(first) || *first == "~" {
        let inner = one(rest)?;
        return Some(if inner.contains("..") { inner.replace("..", "~..") + "~" } else { inner + "~" });
    }
    if let Some(inner) = first.strip_prefix(['~']).or_else(|| about_prefix(first)).filter(|inner| !inner.is_empty()) {
        return one(&[&[inner], rest].concat()).map(|date| date + "~");
    }
    let (last, before) = words.split_last()?;
    if let Some(inner) = last.strip_suffix('?').filter(|inner| !inner.is_empty()) {
        return one(&[before, &[inner]].concat()).map(|date| date + "?");
    }
    match (*last, before) {
        ("bc" | "bce", [.., year]) if before.len() == 1 => before_christ(year),
        // With the era, a year may have fewer digits.
        ("ad" | "ce", [digits]) if year(digits).is_some() => year(digits),
        ("ad" | "ce", _) => one(before),
        _ if *first == "ad" => {
            rest.first().filter(|_| rest.len() == 1).and_then(|digits| year(digits)).or_else(|| one(rest))
        }
        _ => part_of(first, rest).or_else(|| calendar_date(words)),
    }
}

/// Returns the date after a prefix for "about": `c.1780`.
fn about_prefix(word: &str) -> Option<&str> {
    let inner = ["circa", "ca", "c"].iter().find_map(|about| word.strip_prefix(about))?;
    let inner = inner.trim_start_matches('.');
    inner.starts_with(|c: char| c.is_ascii_digit()).then_some(inner)
}

fn before_christ(text: &str) -> Option<String> {
    let digits: i32 = text.parse().ok().filter(|year| (1..=9999).contains(year))?;
    Some(if digits == 1 { "0000".to_string() } else { format!("-{:04}", digits - 1) })
}

/// Returns a part of a period: `early 2021`, `mid 1990s`, `spring 2021`, `q3 2021`, `19th century`.
fn part_of(first: &str, rest: &[&str]) -> Option<String> {
    let third = ["early", "mid", "late"].iter().position(|word| *word == first);
    if let Some(third) = third {
        return match rest {
            [year] if is_year(year) => Some(format!("{year}-{:02}..{year}-{:02}", third * 4 + 1, third * 4 + 4)),
            [decade] => {
                let decade = years_of(decade)?;
                let (from, to) = [(0, 3), (4, 6), (7, 9)][third];
                Some(format!("{:04}..{:04}", decade + from, decade + to))
            }
            [number, "century"] => {
                let first = century(number)?;
                let (from, to) = [(0, 32), (33, 65), (66, 99)][third];
                Some(format!("{:04}..{:04}", first + from, first + to))
            }
            _ => None,
        };
    }
    let season = ["spring", "summer", "autumn", "winter"].iter().position(|word| *word == first);
    let season = season.or((first == "fall").then_some(2));
    let quarter = ["q1", "q2", "q3", "q4"].iter().position(|word| *word == first);
    match (season, quarter, rest) {
        (Some(season), _, [year]) if is_year(year) => Some(format!("{year}-{}", 21 + season)),
        (_, Some(quarter), [year]) if is_year(year) => Some(format!("{year}-{}", 33 + quarter)),
        (None, None, ["century"]) => century(first).map(|first| format!("{first:04}..{:04}", first + 99)),
        _ => None,
    }
}

/// Returns the first year of a century: 1801 for `19th`.
fn century(word: &str) -> Option<u32> {
    let number: u32 = ordinal(word)?.parse().ok()?;
    (1..=99).contains(&number).then(|| (number - 1) * 100 + 1)
}

/// Returns the first year of a decade: `1990s`.
fn years_of(word: &str) -> Option<u32> {
    let digits = word.strip_suffix("'s").or_else(|| word.strip_suffix('s'))?;
    let is_decade = digits.len() == 4 && digits.ends_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_decade.then(|| digits.parse().ok()).flatten()
}

/// Returns the digits of an ordinal: `11th`.
fn ordinal(word: &str) -> Option<&str> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns the number of the month, from 1, for a lower-case word: the full name or at least its first three letters,
/// with or without a full stop. `None` for other words.
pub fn month_of(word: &str) -> Option<usize> {
    let word = word.trim_end_matches('.');
    let is_it = |name: &&str| word == "sept" && *name == "september" || word.len() >= 3 && name.starts_with(word);
    MONTHS.iter().position(is_it).map(|i| i + 1)
}

/// Returns a date in EDTF: `1991`, `1990s`, `may 2020`, `11 may 2020`, `may 11 2020`, or EDTF itself.
fn calendar_date(words: &[&str]) -> Option<String> {
    let day =
        |word: &str| ordinal(word).and_then(|digits| digits.parse::<u32>().ok()).filter(|day| (1..=31).contains(day));
    match words {
        [word] => {
            if let Some(decade) = years_of(word) {
                return Some(format!("{:03}X", decade / 10));
            }
            let whole = year(word);
            whole.filter(|_| word.len() >= 3).or_else(|| Date::parse(word).ok().map(|_| word.to_string()))
        }
        [name, whole] => Some(format!("{}-{:02}", year(whole)?, month_of(name)?)),
        [a, b, whole] => {
            let (day, month) = match (day(a), month_of(b)) {
                (Some(day), Some(month)) => (day, month),
                _ => (day(b)?, month_of(a)?),
            };
            Some(format!("{}-{month:02}-{day:02}", year(whole)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Wording;

    fn read(wording: &str, text: &str) -> String {
        let wording: Wording = wording.parse().unwrap();
        wording.read(text).map_or("-".to_string(), |date| date.to_string())
    }

    #[test]
    fn words_are_read() {
        let cases = [
            ("c. 1991", "1991~"),
            ("c.1780", "1780~"),
            ("ca. 1780-1850", "1780~..1850"),
            ("ABT 11 MAY 1720", "1720-05-11~"),
            ("1852–1911", "1852..1911"),
            ("1852 - 1911", "1852..1911"),
            ("1852-", "1852.."),
            ("born 1930", "1930.."),
            ("mid 2021", "2021-05..2021-08"),
            ("mid-2021", "2021-05..2021-08"),
            ("mid-1990s", "1994..1996"),
            ("early 1990s", "1990..1993"),
            ("1990s", "199X"),
            ("19th century", "1801..1900"),
            ("late 19th century", "1867..1900"),
            ("March 2021", "2021-03"),
            ("11 May 2020", "2020-05-11"),
            ("May 11th, 2020", "2020-05-11"),
            ("Sept 2020", "2020-09"),
            ("BET 1700 AND MAR 1710", "1700..1710-03"),
            ("FROM 1700 TO 1710", "1700..1710"),
            ("BEF 1850", "..1850"),
            ("AFT MAY 1850", "1850-05.."),
            ("Spring 2020", "2020-21"),
            ("Q3 2021", "2021-35"),
            ("44 BC", "-0043"),
            ("384-322 BC", "-0383..-0321"),
            ("c. 428 – 348 BCE", "-0427~..-0347"),
            ("63 BC - 14 AD", "-0062..0014"),
            ("AD 300", "0300"),
            ("1850?", "1850?"),
            ("2020-05-11", "2020-05-11"),
            ("31 February 2020", "-"),
            ("some day", "-"),
            ("", "-"),
            ("between 1700", "-"),
            ("12", "-"),
        ];
        for (text, date) in cases {
            assert_eq!(read("words", text), date, "{text}");
        }
    }

    #[test]
    fn formats_times_and_years_are_read() {
        let cases = [
            ("%d-%b-%y", "04-Jul-96", "1996-07-04"),
            ("%d.%m.%Y", "4.7.1996", "1996-07-04"),
            ("%b %Y", "Jul 1996", "1996-07"),
            ("%Y", "1996", "1996"),
            ("%d.%m.%Y", "31.2.1996", "-"),
            ("%d.%m.%Y", "4.7.1996 x", "-"),
            ("%Y.%m.00", "2016.03.00", "2016-03"),
            ("time", "1996-07-04 00:00:00.000", "1996-07-04"),
            ("time", "2020-01-02T03:04:05Z", "2020-01-02"),
            ("time", "2020-01-02", "-"),
            ("time", "2020-01-02 noon", "-"),
            ("time", "2020-13-02T03:04:05Z", "-"),
            ("years", "300", "0300"),
            ("years", "-690", "-0690"),
            ("years", "0", "0000"),
            ("years", "12345", "-"),
            ("years", "-10000", "..-9999-01-01"),
            ("words", "AD 14", "0014"),
        ];
        for (wording, text, date) in cases {
            assert_eq!(read(wording, text), date, "{wording} {text}");
        }
        for wrong in ["%", "%Q", "day", "%H:%M"] {
            assert!(wrong.parse::<Wording>().is_err(), "{wrong}");
        }
    }
}
