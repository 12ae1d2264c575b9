//! Dates, numbers and short texts in a question.

use super::vocabulary::Vocabulary;
use crate::schema::PropertyId;
use crate::value::{Date, Number, Value, ValueType, month_of};
use rustc_hash::FxHashMap;

/// Texts that a property sorts entities by, folded, each with the property and the text as it is recorded.
pub(super) type Texts = FxHashMap<String, (PropertyId, String)>;

/// The short texts of the properties that sort entities into kinds: of their values, a quarter or more occur again. The
/// title of a paper or a definition is hardly ever that of two.
pub(super) fn short_texts(graph: &Vocabulary<'_>) -> Texts {
    // The values of a property that are read, since each search reads them again; the bytes of a text that names a kind;
    // and the number of values below which repetition tells nothing.
    const MANY: usize = 4000;
    const SHORT: usize = 40;
    const FEW: usize = 8;
    let mut texts = FxHashMap::default();
    for (id, _) in graph.schema().properties().filter(|(_, property)| property.value == ValueType::Text) {
        let values = graph.values(id);
        let stated = (0..values.len().min(MANY) as u32).filter_map(|position| match values.stated(position) {
            (_, Value::Text(text)) => Some(text.to_string()),
            _ => None,
        });
        let (mut own, mut count) = (Texts::default(), 0);
        for text in stated {
            count += 1;
            if text.len() <= SHORT {
                own.entry(crate::graph::fold(&text)).or_insert((id, text));
            }
        }
        if count < FEW || 4 * own.len() <= 3 * count {
            for (text, value) in own {
                texts.entry(text).or_insert(value);
            }
        }
    }
    texts
}

/// Returns a date such as `2024`, `2024-05`, `may 2024`, `1970s`, `80s`, in the notation of begat.
pub(super) fn date(words: &[&str]) -> Option<String> {
    match words {
        [one] => {
            if let Some(decade) = named_decade(one) {
                return Some(format!("19{decade}X"));
            }
            if let Some(decade) = one.strip_suffix('s').map(|decade| decade.trim_end_matches(['\'', '’'])) {
                return match decade.parse::<u32>().ok()? {
                    years @ 1000..=2090 if years % 10 == 0 => Some(format!("{}X", years / 10)),
                    years @ 20..=90 if years % 10 == 0 && decade.len() == 2 => Some(format!("19{}X", years / 10)),
                    _ => None,
                };
            }
            // `2015-2018`: no month has such a number.
            if let Some((first, last)) = one.split_once('-').filter(|(a, b)| a.len() == 4 && b.len() == 4) {
                let is_date = |year: &str| year.parse::<u32>().is_ok_and(|year| (1000..2101).contains(&year));
                return (is_date(first) && is_date(last)).then(|| format!("{first}..{last}"));
            }
            let is_year = one.len() >= 4 && one.chars().all(|c| c.is_ascii_digit() || "-.X~?".contains(c));
            let year: u32 = one.get(..4)?.parse().ok()?;
            let bare = one.len() == 4 && !(1000..2101).contains(&year);
            (is_year && !bare && (one.len() == 4 || one.contains(['-', '.'])) && Date::parse(one).is_ok())
                .then(|| one.to_string())
        }
        [month, year] if year.len() == 4 && month_of(month).is_some() => {
            let (number, year) = (month_of(month)?, year.parse::<u32>().ok()?);
            Some(format!("{year:04}-{number:02}"))
        }
        [part, year] | [year, part] if is_year(year) => {
            part_of_year(part).map(|(first, last)| format!("{year}-{first:02}..{year}-{last:02}"))
        }
        [part @ ("early" | "mid" | "late"), decade] => {
            let decade = date(&[decade]).filter(|decade| decade.len() == 4 && decade.ends_with('X'))?;
            let (first, last) = part_of_decade(part);
            let years = &decade[..3];
            Some(format!("{years}{first}..{years}{last}"))
        }
        ["first" | "second", "half", "of", year] | ["first" | "second", "half", year] if is_year(year) => {
            let (first, last) = if words[0] == "first" { (1, 6) } else { (7, 12) };
            Some(format!("{year}-{first:02}..{year}-{last:02}"))
        }
        ["start" | "beginning", "of", year] => date(&["early", year]),
        ["middle", "of", year] => date(&["mid", year]),
        ["end", "of", year] => date(&["late", year]),
        // `march to june 2025`
        [first, "and" | "to" | "until" | "till" | "through" | "-" | "–", last, year] if is_year(year) => {
            let (first, last) = (month_of(first)?, month_of(last)?);
            (first < last).then(|| format!("{year}-{first:02}..{year}-{last:02}"))
        }
        [month, "of", year] => date(&[month, year]),
        [decade, "century"] => {
            let number: u32 = decade.trim_end_matches(|c: char| c.is_alphabetic()).parse().ok()?;
            (2..=21).contains(&number).then(|| format!("{:02}XX", number - 1))
        }
        _ => None,
    }
}

/// Returns the digit of the decade of the last century that a word names: `nineties`.
fn named_decade(word: &str) -> Option<u32> {
    let names = ["thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"];
    names.iter().position(|name| *name == word).map(|place| place as u32 + 3)
}

/// Returns the first and the last year of a third of a decade.
fn part_of_decade(part: &str) -> (u32, u32) {
    match part {
        "early" => (0, 3),
        "mid" => (4, 6),
        _ => (7, 9),
    }
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u32>().is_ok_and(|year| (1000..2101).contains(&year))
}

/// Returns the first and the last month of a quarter, a season or a third of a year.
fn part_of_year(word: &str) -> Option<(u32, u32)> {
    match word {
        "q1" => Some((1, 3)),
        "q2" => Some((4, 6)),
        "q3" => Some((7, 9)),
        "q4" => Some((10, 12)),
        "h1" => Some((1, 6)),
        "h2" => Some((7, 12)),
        "spring" => Some((3, 5)),
        "summer" => Some((6, 8)),
        "autumn" | "fall" => Some((9, 11)),
        "early" => Some((1, 4)),
        "mid" => Some((5, 8)),
        "late" => Some((9, 12)),
        _ => None,
    }
}

/// Whether words tell a span that ends today: `last 2 years`, `past six months`.
pub(super) fn is_until_today(words: &[&str]) -> bool {
    const SPANS: &[&str] = &["day", "days", "week", "weeks", "month", "months", "year", "years", "decade", "decades"];
    match words {
        [first, number, span] => {
            ["last", "past", "previous", "recent"].contains(first)
                && (self::number(&[number]).is_some() || ["few", "couple"].contains(number))
                && SPANS.contains(span)
        }
        _ => false,
    }
}

/// Returns a number such as `5`, `100B`, `100 billion`, `five`, in the notation of begat.
pub(super) fn number(words: &[&str]) -> Option<String> {
    const UNITS: &[(&str, &str)] = &[
        ("thousand", "K"),
        ("million", "M"),
        ("millions", "M"),
        ("mio", "M"),
        ("billion", "B"),
        ("billions", "B"),
        ("bn", "B"),
        ("trillion", "T"),
    ];
    const SMALL: &[&str] =
        &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match words {
        [one] => {
            if let Some(number) = SMALL.iter().position(|word| word == one).filter(|number| *number > 1) {
                return Some(number.to_string());
            }
            let upper = one.to_uppercase();
            let bare = upper.trim_end_matches(['K', 'M', 'B', 'T']);
            let is_number =
                bare.chars().all(|c| c.is_ascii_digit() || c == '.') && bare.starts_with(|c: char| c.is_ascii_digit());
            (is_number && upper.len() - bare.len() <= 1 && Number::parse(bare).is_some()).then_some(upper.clone())
        }
        [one, unit] => {
            let (_, letter) = UNITS.iter().find(|(word, _)| word == unit)?;
            number(&[one]).filter(|number| number.ends_with(|c: char| c.is_ascii_digit())).map(|n| n + letter)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{date, is_until_today, number};

    #[test]
    fn spans_until_today() {
        for words in [["last", "2", "years"], ["past", "six", "months"], ["last", "few", "days"]] {
            assert!(is_until_today(&words), "{words:?}");
        }
        assert!(!is_until_today(&["last", "5", "models"]));
    }

    #[test]
    fn dates_and_numbers() {
        for (words, wanted) in [
            (&["2024"][..], Some("2024")),
            (&["may", "2024"], Some("2024-05")),
            (&["1970s"], Some("197X")),
            (&["80s"], Some("198X")),
            (&["19th", "century"], Some("18XX")),
            (&["2024-13"], None),
            (&["70b"], None),
            (&["q1", "2024"], Some("2024-01..2024-03")),
            (&["2024", "q4"], Some("2024-10..2024-12")),
            (&["spring", "2024"], Some("2024-03..2024-05")),
            (&["nineties"], Some("199X")),
            (&["early", "1990s"], Some("1990..1993")),
            (&["late", "80s"], Some("1987..1989")),
            (&["second", "half", "of", "2024"], Some("2024-07..2024-12")),
            (&["march", "and", "june", "2025"], Some("2025-03..2025-06")),
            (&["june", "and", "march", "2025"], None),
            (&["end", "of", "2024"], Some("2024-09..2024-12")),
            (&["may", "of", "2024"], Some("2024-05")),
        ] {
            assert_eq!(date(words).as_deref(), wanted, "{words:?}");
        }
        for (words, wanted) in [
            (&["70b"][..], Some("70B")),
            (&["100", "billion"], Some("100B")),
            (&["five"], Some("5")),
            (&["b"], None),
            (&["1.5M"], Some("1.5M")),
        ] {
            assert_eq!(number(words).as_deref(), wanted, "{words:?}");
        }
    }
}
