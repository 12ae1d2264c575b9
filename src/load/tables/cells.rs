//! Interprets cells: empty values, and numbers and dates in other notations.

use super::Section;
use super::dialect::{ByColumn, Dialect};
use super::header::Header;
use crate::date::{Date, Wording};
use crate::load::file::{List, Word};
use crate::load::{Reading, error, words};
use crate::text::{Code, Diagnostic, Span};
use crate::value::{Value, ValueType};

/// The notations of a file's cells. Shared by all threads.
#[derive(Default)]
pub(super) struct CellNotations {
    pub null: ByColumn<Vec<String>>,
    decimal: ByColumn<char>,
    thousands: ByColumn<char>,
    dates: ByColumn<Vec<Wording>>,
    /// Columns whose cells are lists in brackets.
    pub lists: Vec<usize>,
}

impl CellNotations {
    /// Resolves the columns that the dialect names; on failure, adds diagnostics and returns `None`.
    pub fn of<'s>(
        reading: &mut Reading<'_>,
        header: &mut Header,
        section: Section<'s>,
        dialect: &Dialect<'s>,
    ) -> Option<CellNotations> {
        let text = section.part.text;
        let words = |list: &List<'_>| Ok(list.0.iter().map(|word| word.text.trim().to_string()).collect());
        let sign = |word: &Word<'_>| {
            let mut chars = word.text.chars();
            // Letters, digits and the minus belong to the number itself.
            let found = chars.next().filter(|sign| chars.next().is_none() && !sign.is_alphanumeric() && *sign != '-');
            found.ok_or_else(|| error(text, word, Code::Ron, format!("`{}` is not one sign", word.text)))
        };
        let wordings = |list: &List<'_>| list.0.iter().map(|word| wording(text, word)).collect();
        let null = ByColumn::of(reading, header, (section, "null"), dialect.null, words);
        let decimal = ByColumn::of(reading, header, (section, "decimal"), dialect.decimal, sign);
        let thousands = ByColumn::of(reading, header, (section, "thousands"), dialect.thousands, sign);
        let dates = ByColumn::of(reading, header, (section, "dates"), dialect.dates, wordings);
        let lists = dialect.lists.iter().map(|word| header.column(reading, section, ("lists", Some(word))));
        let lists: Vec<Option<usize>> = lists.collect();
        let lists = lists.into_iter().collect::<Option<_>>();
        Some(CellNotations { null: null?, decimal: decimal?, thousands: thousands?, dates: dates?, lists: lists? })
    }

    /// Returns whether a cell is read as empty.
    pub fn is_null(&self, column: usize, cell: &str) -> bool {
        self.null.get(column).is_some_and(|words| words.iter().any(|word| word == cell.trim()))
    }

    /// Returns the value of a cell.
    ///
    /// # Errors
    /// The cell is not a value of this type.
    pub fn value(&self, column: usize, type_: ValueType, text: &str) -> Result<Value, Diagnostic> {
        match type_ {
            ValueType::Number => words::value(type_, &self.plain_number(column, text)?, Span::default()),
            ValueType::Date => {
                let known = self.dates.get(column).into_iter().flatten();
                match known.filter_map(|wording| wording.read(text)).next() {
                    Some(date) => Ok(Value::Date(date)),
                    None => words::value(type_, text, Span::default()).map_err(|bad| self.help_date(column, text, bad)),
                }
            }
            ValueType::Text => words::value(type_, text, Span::default()),
        }
    }

    /// Converts a number to begat's notation.
    ///
    /// # Errors
    /// The groups between thousands separators do not have three digits each.
    pub fn plain_number(&self, column: usize, text: &str) -> Result<String, Diagnostic> {
        let decimal = self.decimal.get(column).copied().unwrap_or('.');
        let (whole, rest) = text.split_once(decimal).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let mut plain = whole.to_string();
        if let Some(sign) = self.thousands.get(column) {
            let parts: Vec<&str> = whole.split(*sign).collect();
            let digits = |part: &&&str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
            let is_grouped =
                parts.iter().skip(1).all(|part| digits(&part)) && !parts[0].trim_start_matches(['-', '+']).is_empty();
            // `1234,567` may be a number of another notation, so it is no million.
            if parts.len() > 1 && !(is_grouped && parts[0].trim_start_matches(['-', '+']).len() <= 3) {
                return Err(Diagnostic::error(Code::BadNumber, Span::default(), format!("`{text}` is not a number"))
                    .help(format!("`{sign}` parts thousands here, three digits each")));
            }
            plain = parts.concat();
        }
        if decimal != '.' && plain.contains('.') {
            return Err(Diagnostic::error(Code::BadNumber, Span::default(), format!("`{text}` is not a number")).help(
                format!("`{decimal}` stands before decimals here; `thousands: \".\"` takes points between thousands"),
            ));
        }
        Ok(rest.map_or(plain.clone(), |rest| format!("{plain}.{rest}")))
    }

    /// Adds to the error of a date the notation that would read it.
    fn help_date(&self, column: usize, text: &str, bad: Diagnostic) -> Diagnostic {
        let known = self.dates.get(column).map_or(&[][..], Vec::as_slice);
        match Wording::guess(text).filter(|wording| !known.contains(wording)) {
            Some(wording) => {
                bad.help(format!("`dates: {{COLUMN: \"{wording}\"}}` reads it as {}", read_as(&wording, text)))
            }
            None => bad,
        }
    }
}

fn read_as(wording: &Wording, text: &str) -> Date {
    wording.read(text).unwrap_or(Date::UNDATED)
}

fn wording(text: &std::sync::Arc<crate::text::Text>, word: &Word<'_>) -> Result<Wording, Diagnostic> {
    word.text.parse().map_err(|reason: String| {
        let problem = error(text, word, Code::Ron, format!("`{}` is no way to write dates: {reason}", word.text));
        problem.help("write a format such as `%d.%m.%Y`, or `time` (ISO 8601 with a time), `years` (of one to four digits) or `words` (`c. 1991`, `mid 2021`, `1852–1911`)")
    })
}
