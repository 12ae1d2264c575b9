//! Parses values of properties, and writes names for sentences.

use crate::syntax::ast::Literal;
use crate::syntax::{is_verb_name, keywords, literal_number, read_date};
use crate::text::{Code, Diagnostic, Span};
use crate::value::{Value, ValueType, ron_literal};
use std::borrow::Cow;

/// Parses a value of a type; `span` is its place.
pub(super) fn value(type_: ValueType, text: &str, span: Span) -> Result<Value, Diagnostic> {
    match type_ {
        ValueType::Text => Ok(Value::text(text)),
        ValueType::Date => read_date(text, span).map(Value::Date),
        // Fast path for plain digits, the usual form in tables. A float is exact for fewer than 16 digits.
        ValueType::Number if text.len() < 16 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(Value::Number(text.bytes().fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0'))))
        }
        ValueType::Number => match literal_number(&full_number(text), span).transpose()? {
            Some(Literal::Number { number, .. }) => Ok(Value::from(number)),
            _ => Err(Diagnostic::error(Code::BadNumber, span, format!("`{text}` is not a number"))
                .help("write a decimal number, perhaps with `K`, `M`, `B` or `T` behind it: `671B`")),
        },
    }
}

/// Returns a number with a zero before the decimal point and without a leading `+`.
fn full_number(text: &str) -> Cow<'_, str> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let begins = |digits: &str| digits.starts_with(|first: char| first.is_ascii_digit());
    match digits.strip_prefix('.') {
        Some(decimals) if begins(decimals) => Cow::Owned(format!("{sign}0.{decimals}")),
        _ if sign.is_empty() && begins(digits) => Cow::Borrowed(digits),
        _ => Cow::Borrowed(text),
    }
}

/// Returns the warning that a property's number is rounded; `None` if it is exact.
pub(super) fn rounded(property: &str, text: &str, value: &Value, span: Span) -> Option<Diagnostic> {
    crate::syntax::rounded(&format!("a number of `{property}`"), text, value.number()?, span)
}

/// Returns a name for a sentence: bare if the grammar reads it as one name, otherwise in quotes.
pub fn written(name: &str) -> String {
    if is_bare(name) { name.to_string() } else { ron_literal(name) }
}

/// Returns whether a word is a keyword, in any case. A keyword that may be a verb in other places does not count.
pub(super) fn is_keyword(word: &str) -> bool {
    keywords().any(|keyword| keyword.eq_ignore_ascii_case(word) && !is_verb_name(keyword))
}

/// Returns whether a name is a run of words that each begin with a capital or a digit and are not keywords. The first
/// must begin with a capital: a run that begins with a digit may be a value.
fn is_bare(name: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '\'');
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
            && word.ends_with(|c: char| c.is_ascii_alphanumeric())
            && word.chars().all(inside)
            && !word.as_bytes().windows(2).any(|pair| pair.iter().all(|b| !b.is_ascii_alphanumeric()))
            && !is_keyword(word)
    };
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.split(' ').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::written;
    use crate::value::ron_literal;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        assert_eq!(written("DeepSeek V3"), "DeepSeek V3");
        for name in ["gpt-oss", "Command R+", "Mixture of Experts", "Llama  2", "2Wiki", "Show", "X-", "A--B"] {
            assert_eq!(written(name), ron_literal(name));
        }
        assert_eq!(ron_literal("a\"b\\c\n\u{7}"), r#""a\"b\\c\n\u{7}""#);
    }
}
