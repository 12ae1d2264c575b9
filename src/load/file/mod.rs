//! Parses a file into its [`Part`], and converts errors of RON into diagnostics.

mod part;
mod table;
mod word;

use crate::text::{Code, Diagnostic, Span, Text, suggest};
pub(super) use part::{ClaimPart, EntityPart, Part, Rule, VerbPart};
use ron::error::{Error, Position, SpannedError};
use ron::extensions::Extensions;
use std::sync::Arc;
pub(super) use table::{List, Missing, PerColumn, Ragged, TablePart, TrustChoice};
pub(crate) use word::Word;
pub(super) use word::{CheckPart, Entries, Scalar};

/// Parses one file. RON stops at its first error, so there is at most one for each file.
pub(super) fn read(file: &Arc<Text>) -> Result<Part<'_>, Diagnostic> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    options.from_str(&file.body).map_err(|error| diagnose(file, &error))
}

fn diagnose(file: &Arc<Text>, error: &SpannedError) -> Diagnostic {
    let (start, end) = (offset(&file.body, error.span.start), offset(&file.body, error.span.end));
    let (message, help) = explain(&error.code);
    let span = word(&error.code).and_then(|word| last_before(&file.body, word, end));
    let span = span.unwrap_or_else(|| at_fault(&file.body, start, end));
    let diagnostic = Diagnostic::new(crate::text::Severity::Error, Code::Ron, message).label_in(file, span, "");
    let diagnostic = match nearest(&error.code) {
        Some(near) => diagnostic.fix(format!("did you mean `{near}`?"), span, near),
        None => diagnostic,
    };
    help.into_iter().fold(diagnostic, Diagnostic::help)
}

/// Returns the byte offset of a line and column, both from 1, the column in characters.
fn offset(body: &str, position: Position) -> usize {
    let before = |line: &&str| line.len();
    let start: usize = body.split_inclusive('\n').take(position.line.saturating_sub(1)).map(|line| before(&line)).sum();
    let line = body.get(start..).unwrap_or("");
    start + line.char_indices().nth(position.col.saturating_sub(1)).map_or(line.len(), |(i, _)| i)
}

/// Returns the word that the error names as wrong.
fn word(error: &Error) -> Option<&str> {
    match error {
        Error::NoSuchStructField { found, .. } | Error::NoSuchEnumVariant { found, .. } => Some(found),
        Error::DuplicateStructField { field, .. } => Some(field),
        Error::Message(message) => message.rsplit('`').nth(1),
        _ => None,
    }
}

/// Returns the last occurrence of a word that ends at or before an offset.
fn last_before(body: &str, word: &str, end: usize) -> Option<Span> {
    let start = body.get(..end)?.rfind(word)?;
    Some(Span::new(start, start + word.len()))
}

/// Returns the token at which RON stopped: a word, a single character, or the end of the text.
fn at_fault(body: &str, start: usize, end: usize) -> Span {
    let from = if body.get(start..end).is_some_and(|between| !between.trim().is_empty()) { start } else { end };
    let rest = body.get(from..).unwrap_or("");
    let from = from + rest.len() - rest.trim_start().len();
    let rest = body.get(from..).unwrap_or("");
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let length = if word == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { word };
    Span::new(from, from + length)
}

fn nearest(error: &Error) -> Option<&'static str> {
    match error {
        Error::NoSuchStructField { found, expected, .. } | Error::NoSuchEnumVariant { found, expected, .. } => {
            suggest::nearest(found, expected.iter().copied()).first().copied()
        }
        _ => None,
    }
}

/// Returns what is wrong, and what to write instead.
fn explain(error: &Error) -> (String, Option<String>) {
    match error {
        Error::NoSuchStructField { found, expected, .. } => {
            (format!("no field is called `{found}` here"), Some(format!("the fields are {}", list(expected))))
        }
        Error::NoSuchEnumVariant { found, expected, .. } => {
            (format!("`{found}` is none of the words that can stand here"), Some(format!("write {}", list(expected))))
        }
        Error::MissingStructField { field, .. } => {
            (format!("the field `{field}` is missing"), Some(format!("add `{field}: …` before this place")))
        }
        Error::DuplicateStructField { field, .. } => (format!("the field `{field}` stands here twice"), None),
        Error::Message(message) => (message.clone(), None),
        Error::ExpectedDifferentStructName { found, expected: "Part" } => {
            let help = "a part of a graph stands in parentheses: `(schema: (…), entities: {…}, claims: […])`";
            (format!("`{found}` begins no part of a graph"), Some(help.to_string()))
        }
        Error::ExpectedDifferentStructName { found, .. } => {
            (format!("`{found}` cannot stand before a parenthesis"), Some("leave it out: `(…)`".to_string()))
        }
        Error::InvalidValueForType { expected, found } => (format!("{expected} is wanted here, not {found}"), None),
        Error::ExpectedDifferentLength { expected, found } => {
            (format!("{expected} is wanted here, not {found} values"), None)
        }
        Error::UnexpectedChar(found) => (format!("`{}` cannot stand here", found.escape_debug()), None),
        Error::InvalidIdentifier(found) | Error::SuggestRawIdentifier(found) => {
            (format!("`{found}` is no name of a field"), None)
        }
        Error::NoSuchExtension(found) => (format!("no extension of RON is called `{found}`"), None),
        other => (structure(other), None),
    }
}

/// Returns what RON expected, for errors of punctuation.
fn structure(error: &Error) -> String {
    let wanted = match error {
        Error::Eof => return "the file ends too early".to_string(),
        Error::TrailingCharacters => return "nothing may stand after the end of the part".to_string(),
        Error::ExceededRecursionLimit => return "nested too deep".to_string(),
        Error::ExpectedStringEnd => return "a text in quotes never ends".to_string(),
        Error::UnclosedBlockComment | Error::UnclosedLineComment => return "a comment never ends".to_string(),
        Error::InvalidEscape(_) => return "a backslash begins no such character".to_string(),
        Error::IntegerOutOfBounds => return "the number is too large".to_string(),
        Error::FloatUnderscore | Error::UnderscoreAtBeginning => return "a number has no `_` here".to_string(),
        Error::InvalidIntegerDigit { .. } => return "a number has no such digit".to_string(),
        Error::Utf8Error(_) => return "this is not UTF-8 text".to_string(),
        Error::ExpectedRawValue => "a value",
        Error::ExpectedArray => "`[`",
        Error::ExpectedArrayEnd => "`,` or `]`",
        Error::ExpectedMap => "`{`",
        Error::ExpectedMapColon => "`:`",
        Error::ExpectedMapEnd => "`,` or `}`",
        Error::ExpectedStructLike | Error::ExpectedNamedStructLike(_) => "`(`",
        Error::ExpectedStructLikeEnd | Error::ExpectedOptionEnd => "`,` or `)`",
        Error::ExpectedComma => "`,`",
        Error::ExpectedBoolean => "`true` or `false`",
        Error::ExpectedString => "a text in quotes",
        Error::ExpectedIdentifier => "the name of a field",
        Error::ExpectedOption => "a value, or `None`",
        Error::ExpectedUnit => "`()`",
        Error::ExpectedAttribute | Error::ExpectedAttributeEnd => "`#![enable(…)]`",
        Error::ExpectedChar | Error::ExpectedByteLiteral | Error::ExpectedByteString => "a text in quotes",
        Error::ExpectedFloat | Error::ExpectedInteger => "a number",
        _ => return "this is not RON".to_string(),
    };
    format!("{wanted} is wanted here")
}

fn list(words: &[&str]) -> String {
    // `exported` is written by the exporter only, so it is not suggested.
    let written = words.iter().filter(|word| **word != "exported");
    written.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
