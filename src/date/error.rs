//! Errors of texts that are not dates, with what to write instead.

use super::Date;

/// Why a text is not a date. Messages are in lower case, without a full stop, the text in backticks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DateError {
    /// A message that stands alone: "`2024-02` has no day 30".
    pub message: String,
    /// What to write: "write `2024-05-13`".
    pub help: Option<String>,
}

impl std::fmt::Display for DateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DateError {}

impl DateError {
    pub(super) fn new(message: String, help: String) -> DateError {
        DateError { message, help: Some(help) }
    }

    /// Returns the error of a text without the shape of a date. The help is the date that was probably meant, if there
    /// is one.
    pub(super) fn unreadable(text: &str) -> DateError {
        let help = match repair(text) {
            Some(meant) if padded(text).as_ref() == Some(&meant) => format!("a year has four digits: write `{meant}`"),
            Some(meant) => format!("write `{meant}`"),
            None => "write a date as `2024`, `2024-05`, `2024-05-13`, `202X`, `2024~`, `..2023`, `2023..` or \
                     `2023..2025`"
                .to_string(),
        };
        DateError::new(format!("`{}` is not a date", shorten(text)), help)
    }
}

/// Returns the first forty characters, so that a message stays on one line.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// Repairs for common mistakes; each returns a text that may be a date, or `None`.
const REPAIRS: [fn(&str) -> Option<String>; 6] = [padded, hyphenated, dotted, compact, decade, about];

/// Returns the date that the text probably meant.
fn repair(text: &str) -> Option<String> {
    let usable = |meant: &String| keeps_numbers(text, meant) && super::parse::range(meant).is_ok();
    REPAIRS.iter().find_map(|repair| repair(text).filter(usable))
}

/// Returns whether a repair keeps the date's numbers: it adds no sign, and its digits begin like those of the text.
fn keeps_numbers(text: &str, meant: &str) -> bool {
    // Zeros do not count: padding adds them.
    let digits = |text: &str| -> Vec<char> { text.chars().filter(|c| c.is_ascii_digit() && *c != '0').collect() };
    let is_signed = |text: &str| text.trim_start().starts_with(['-', '\u{2212}']);
    let (own, kept) = (digits(text), digits(meant));
    (is_signed(text) || !is_signed(meant)) && own.starts_with(&kept)
}

/// Pads a year of three digits to four: `300`, `-690`.
fn padded(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let is_short = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_short.then(|| format!("{sign}0{digits}"))
}

/// Replaces the separators by hyphens: `2024/5/13`, `2024.05`, `2024-5`, `202x`.
fn hyphenated(text: &str) -> Option<String> {
    let pad = |field: &str| if field.len() == 1 { format!("0{field}") } else { field.to_string() };
    let fields: Vec<String> = text.to_ascii_uppercase().split(is_separator).map(pad).collect();
    Some(fields.join("-"))
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '/' | '.' | '_' | ' ') || is_dash(c)
}

/// Returns whether a character is one of Unicode's hyphens, dashes or its minus sign.
fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Replaces the separator of an interval by `..`: `2023-2025`, `2023 to 2025`, `2023...2025`, `2023/`.
fn dotted(text: &str) -> Option<String> {
    let separators = ["...", "…", " to ", " - ", "-", "/", ":"];
    let text: String = text.chars().map(|c| if is_dash(c) { '-' } else { c }).collect();
    let (start, end) = separators.iter().find_map(|separator| text.split_once(separator))?;
    (!start.is_empty()).then(|| format!("{}..{}", start.trim(), end.trim()))
}

/// Inserts hyphens: `20240513`.
fn compact(text: &str) -> Option<String> {
    let is_eight_digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    is_eight_digits.then(|| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
}

/// Converts a decade: `2020s`.
fn decade(text: &str) -> Option<String> {
    text.strip_suffix("0s").map(|start| format!("{start}X"))
}

/// Moves a word or mark for "about" behind the date: `circa 2024`, `~2024`, `2024~?`.
fn about(text: &str) -> Option<String> {
    if let Some(date) = text.strip_suffix("~?").or(text.strip_suffix("?~")) {
        return Some(format!("{date}%"));
    }
    let whole = |date: &str| {
        let words = ["circa", "about", "ca.", "c.", "~"];
        let date = words.iter().find_map(|word| date.trim().strip_prefix(word));
        date.map(|date| format!("{}~", date.trim()))
    };
    // Marks only the end of an interval that is vague.
    match text.split_once("..").or_else(|| text.split_once('/')) {
        Some((start, end)) if whole(start).or(whole(end)).is_some() => {
            let end_of = |date: &str| whole(date).unwrap_or_else(|| date.trim().to_string());
            Some(format!("{}..{}", end_of(start), end_of(end)))
        }
        Some(_) => None,
        None => whole(text),
    }
}

/// Returns the error of an interval that ends before it begins.
pub(super) fn reversed(start: Date, end: Date) -> DateError {
    let message = format!("`{start}..{end}` ends before it begins");
    DateError::new(message, format!("write the earlier date first: `{end}..{start}`"))
}

#[cfg(test)]
mod tests {
    use super::super::Date;

    fn help(text: &str) -> String {
        Date::parse(text).expect_err(text).help.expect("every date error has a help")
    }

    #[test]
    fn usual_mistakes_are_repaired() {
        let cases = [
            ("2024-5", "2024-05"),
            ("2024/05", "2024-05"),
            ("2024/5/13", "2024-05-13"),
            ("2024.05.13", "2024-05-13"),
            ("2024–05", "2024-05"),
            ("202x", "202X"),
            ("20240513", "2024-05-13"),
            ("2020s", "202X"),
            ("2023-2025", "2023..2025"),
            ("2023–2025", "2023..2025"),
            ("2023 to 2025", "2023..2025"),
            ("2023...2025", "2023..2025"),
            ("circa 2024", "2024~"),
            ("y170000002", "Y170000002"),
            ("2024?~", "2024%"),
        ];
        for (text, meant) in cases {
            assert_eq!(help(text), format!("write `{meant}`"), "{text}");
        }
    }

    #[test]
    fn short_years_are_filled_up() {
        assert_eq!(help("300"), "a year has four digits: write `0300`");
    }

    #[test]
    fn what_cannot_be_told_gets_the_list() {
        for text in ["", "..", "[]", "May 2024", "before 2024", "24", "12024", "日本", "-0000"] {
            assert!(help(text).starts_with("write a date as "), "{text}: {}", help(text));
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let message = Date::parse(&"é".repeat(100)).unwrap_err().message;
        assert_eq!(message, format!("`{}…` is not a date", "é".repeat(40)));
    }
}
