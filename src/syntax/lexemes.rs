//! Lexical analysis: a text as a sequence of words and marks, for colours and for error messages.

use super::build::{literal_date, literal_number};
use super::grammar::{self, Pair, Rule};
use crate::text::Span;

/// Class of a token, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    Keyword,
    /// A run of capitalised words, or a lower-case name that cannot be a verb: `DeepSeek V3`, `gpt-oss`.
    Name,
    /// A lower-case word of two or more letters, with its particle; also properties and functions.
    Verb,
    Variable,
    Date,
    Number,
    Text,
    Parameter,
    /// An operator or a bracket.
    Mark,
    Comment,
    /// A character that the language does not use, or a quoted text without an end.
    Unknown,
}

/// A word or mark, with the rule that accepted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lexeme {
    pub rule: Rule,
    pub span: Span,
}

impl Lexeme {
    /// Returns true if it may be a misspelt word: not a mark, text or date.
    pub fn is_word(self) -> bool {
        matches!(self.rule, Rule::name | Rule::variable | Rule::verb | Rule::lower | Rule::unknown) || self.is_keyword()
    }

    pub fn is_variable(self) -> bool {
        self.rule == Rule::variable
    }

    pub fn is_keyword(self) -> bool {
        grammar::is_keyword_rule(self.rule)
    }
}

/// Returns the tokens of a text with their classes, in order and without overlap; only white space lies between them.
/// Accepts any text, complete or not.
pub fn lexemes(text: &str) -> Vec<(Span, TokenKind)> {
    pieces(text).map(|lexeme| (lexeme.span, face(lexeme, text))).collect()
}

/// Returns all words and marks except comments.
pub fn words(text: &str) -> Vec<Lexeme> {
    pieces(text).filter(|lexeme| lexeme.rule != Rule::comment).collect()
}

fn pieces(text: &str) -> impl Iterator<Item = Lexeme> {
    let pairs = grammar::parse(Rule::lexemes, text).map(Pair::into_inner);
    pairs.into_iter().flatten().flat_map(parts)
}

/// Returns the lexemes of a pair: three for a property, otherwise one. Comments behind a verb are added, since the rule
/// for its particle includes them.
fn parts(pair: Pair) -> impl Iterator<Item = Lexeme> {
    let behind = if pair.as_rule() == Rule::verb { comments_behind(&pair) } else { Vec::new() };
    let whole = (pair.as_rule() != Rule::property && pair.as_rule() != Rule::EOI).then(|| lexeme(&pair));
    let parts = (pair.as_rule() == Rule::property).then(|| pair.into_inner().map(|pair| lexeme(&pair)));
    whole.into_iter().chain(parts.into_iter().flatten()).chain(behind)
}

fn comments_behind(pair: &Pair) -> Vec<Lexeme> {
    let (text, from) = (pair.as_str(), verb_length(pair));
    let mut comments = Vec::new();
    let mut at = from;
    while let Some(mark) = text[at..].find('#') {
        let start = at + mark;
        let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
        let length = text[start..end].trim_end().len();
        let start = pair.as_span().start() + start;
        comments.push(Lexeme { rule: Rule::comment, span: Span::new(start, start + length) });
        at = end;
    }
    comments
}

fn lexeme(pair: &Pair) -> Lexeme {
    let trimmed = pair.as_str().trim_end_matches([' ', '\n', '\t', '\r', '\u{a0}', '\u{feff}']);
    let start = pair.as_span().start();
    let length = if pair.as_rule() == Rule::verb { verb_length(pair) } else { trimmed.len() };
    Lexeme { rule: pair.as_rule(), span: Span::new(start, start + length) }
}

/// Returns the length of a verb without trailing white space.
fn verb_length(pair: &Pair) -> usize {
    let end = pair.clone().into_inner().last().map_or(pair.as_span().end(), |word| word.as_span().end());
    end - pair.as_span().start()
}

fn face(lexeme: Lexeme, text: &str) -> TokenKind {
    match lexeme.rule {
        Rule::name => name_face(lexeme.span.of(text), lexeme.span),
        Rule::lower => TokenKind::Name,
        Rule::verb | Rule::property_name => TokenKind::Verb,
        Rule::variable | Rule::owner => TokenKind::Variable,
        Rule::date => TokenKind::Date,
        Rule::string => TokenKind::Text,
        Rule::param => TokenKind::Parameter,
        Rule::comment => TokenKind::Comment,
        _ if lexeme.is_keyword() => TokenKind::Keyword,
        Rule::unknown
        | Rule::error_string
        | Rule::error_quotes
        | Rule::error_arrow
        | Rule::error_equal
        | Rule::error_logic => TokenKind::Unknown,
        _ => TokenKind::Mark,
    }
}

/// Returns the class of a run; one that begins with a digit may be a date or a number.
fn name_face(run: &str, span: Span) -> TokenKind {
    match (literal_date(run, span), literal_number(run, span)) {
        (Some(Ok(_)), _) => TokenKind::Date,
        (_, Some(Ok(_))) => TokenKind::Number,
        _ => TokenKind::Name,
    }
}
