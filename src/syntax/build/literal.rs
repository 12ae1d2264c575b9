//! Words that stand for values: names, texts, dates, numbers.

use super::Built;
use super::nodes::{inside, span, unexpected};
use crate::date::Date;
use crate::syntax::ast::{Expr, ExprKind, Literal};
use crate::syntax::grammar::{Pair, Rule};
use crate::text::{Code, Diagnostic, Span};
use crate::value::{Number, plain};

/// Returns a name with single spaces between its words.
pub fn name(pair: &Pair) -> String {
    let text = &*plain(pair.as_str());
    if !text.contains("  ") && !text.contains(['\t', '\u{a0}']) {
        return text.to_string();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the text between quotes, unescaped.
pub fn string(pair: &Pair) -> Built<String> {
    let body = inside(pair.clone()).next(Rule::string_body);
    if !body.as_str().contains('\\') {
        return Ok(body.as_str().to_string());
    }
    unescape(body.as_str(), body.as_span().start())
}

/// Returns the unescaped text; `start` is the byte offset of `body`, for the span of a wrong escape.
fn unescape(body: &str, start: usize) -> Built<String> {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (character, length) = escape(&rest[at + 1..]);
        let place = start + (body.len() - rest.len()) + at;
        text.push(character.ok_or_else(|| bad_escape(Span::new(place, place + 1 + length)))?);
        rest = &rest[at + 1 + length..];
    }
    text.push_str(rest);
    Ok(text)
}

/// Returns the character of the escape after a backslash, and its length in bytes.
fn escape(rest: &str) -> (Option<char>, usize) {
    let first = rest.chars().next().unwrap_or('\\');
    match first {
        '"' | '\\' => (Some(first), 1),
        'n' => (Some('\n'), 1),
        't' => (Some('\t'), 1),
        'u' => unicode_escape(rest),
        other => (None, other.len_utf8().min(rest.len())),
    }
}

/// `u{1F600}`
fn unicode_escape(rest: &str) -> (Option<char>, usize) {
    let Some((digits, _)) = rest.strip_prefix("u{").and_then(|rest| rest.split_once('}')) else { return (None, 1) };
    (u32::from_str_radix(digits, 16).ok().and_then(char::from_u32), digits.len() + 3)
}

fn bad_escape(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, span, "a backslash begins no such character")
        .help("in a text, write `\\\"`, `\\\\`, `\\n`, `\\t` or `\\u{1F600}`")
}

pub fn param(pair: &Pair) -> String {
    plain(inside(pair.clone()).next(Rule::param_name).as_str()).into_owned()
}

/// Reads a whole number.
pub fn int(pair: &Pair) -> Built<u32> {
    let too_large = || Diagnostic::error(Code::BadNumber, span(pair), format!("`{}` is too large", pair.as_str()));
    plain(pair.as_str()).parse().map_err(|_| too_large())
}

/// Builds the date of `before 2024`: a literal, a text or a parameter.
pub fn moment(pair: Pair) -> Built<Expr> {
    let pair = inside(pair).any();
    let span = span(&pair);
    let kind = match pair.as_rule() {
        Rule::date | Rule::year => ExprKind::Literal(Literal::Date(read_date(&plain(pair.as_str()), span)?)),
        Rule::string => ExprKind::Text(string(&pair)?),
        Rule::param => ExprKind::Param(param(&pair)),
        rule => unexpected(rule),
    };
    Ok(Expr { kind, span })
}

/// Reads a date; `span` is its place in the text.
///
/// # Errors
/// [`Code::BadDate`] if it is no date.
pub fn read_date(text: &str, span: Span) -> Built<Date> {
    Date::parse(text).map_err(|error| {
        let diagnostic = Diagnostic::error(Code::BadDate, span, error.message);
        match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    })
}

/// Reads a run of words as a date; `None` if it does not look like one: `2024`, `202X`, `2024-05`.
///
/// # Errors
/// [`Code::BadDate`] if it looks like a date but is none: `2024-13`.
pub fn literal_date(run: &str, span: Span) -> Option<Built<Literal>> {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'X';
    let bytes = run.as_bytes();
    let looks_so = bytes.len() >= 4
        && bytes[0].is_ascii_digit()
        && bytes[1].is_ascii_digit()
        && bytes[..4].iter().all(is_digit)
        && bytes[4..].iter().all(|byte| is_digit(byte) || *byte == b'-')
        && bytes.get(4).is_none_or(|byte| *byte == b'-');
    looks_so.then(|| read_date(run, span).map(Literal::Date))
}

/// Reads a run of words as a number, with its suffix multiplied out; `None` if it does not begin with a digit, or `-`
/// and a digit.
///
/// # Errors
/// [`Code::BadNumber`] if it begins like a number but is none: `67x`.
pub fn literal_number(run: &str, span: Span) -> Option<Built<Literal>> {
    let digits = run.strip_prefix('-').unwrap_or(run);
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let number = |number| Literal::Number { number, text: run.to_string() };
    Some(number_value(run).map(number).ok_or_else(|| bad_number(run, span)))
}

/// Returns the warning that a number cannot be stored exactly as written; `None` if it can. `what` names the number.
pub fn rounded(what: &str, run: &str, number: Number, span: Span) -> Option<Diagnostic> {
    if run.len() < 16 || number.keeps(&in_full(run)) {
        return None;
    }
    let message = format!("{what} has more digits than are kept");
    let problem = Diagnostic::warning(Code::RoundedNumber, span, message).here(format!("is taken for {number}"));
    Some(problem.help("whole numbers are exact up to 2^63, others to 15 digits; a Text keeps all"))
}

fn number_value(run: &str) -> Option<Number> {
    Number::parse(&in_full(run))
}

/// Returns a number with its suffix as an exponent. Both are parsed together, so that `0.3B` is the nearest float.
fn in_full(run: &str) -> String {
    let (digits, scale) = match run.as_bytes().last() {
        Some(b'K') => (&run[..run.len() - 1], "e3"),
        Some(b'M') => (&run[..run.len() - 1], "e6"),
        Some(b'B') => (&run[..run.len() - 1], "e9"),
        Some(b'T') => (&run[..run.len() - 1], "e12"),
        _ => (run, ""),
    };
    format!("{digits}{scale}")
}

fn bad_number(run: &str, span: Span) -> Diagnostic {
    if in_full(run).parse().is_ok_and(|float: f64| float.is_infinite())
        && run.ends_with(|c: char| c.is_ascii_alphanumeric())
    {
        return Diagnostic::error(Code::BadNumber, span, format!("`{run}` is too large for a number"))
            .help("a number has at most 308 digits before its point; a Text has as many as it likes");
    }
    let problem = Diagnostic::error(Code::BadNumber, span, format!("`{run}` is not a number"));
    match respelt_number(run) {
        // The span of a text in a data file includes its quotes, which the edit would remove.
        Some(number) if (span.end - span.start) as usize == run.len() => {
            problem.fix(format!("write `{number}`"), span, number)
        }
        Some(number) => problem.help(format!("write `{number}`")),
        None => problem.help("write a decimal number, perhaps with `K`, `M`, `B` or `T` behind it: `671B`"),
    }
}

/// Returns the number meant by another usual spelling: `200k`, `2bn`, `1_000`; `None` for other texts.
fn respelt_number(run: &str) -> Option<String> {
    let run = run.replace('_', "");
    let digits = run.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = match run[digits.len()..].to_ascii_lowercase().as_str() {
        "" => "",
        "k" => "K",
        "m" | "mn" | "mio" | "million" => "M",
        "b" | "bn" | "g" | "billion" => "B",
        "t" | "tn" | "trillion" => "T",
        _ => return None,
    };
    let number = format!("{digits}{suffix}");
    number_value(&number).map(|_| number)
}
