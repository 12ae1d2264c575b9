//! Texts as literals, in the notations of files and of other languages.

/// Returns a text between quotes as a literal. A backslash stands before the quote, before itself, and in `\n` and `\t`;
/// `control` writes every other control character.
pub fn quoted(text: &str, quote: char, control: impl Fn(char) -> String) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for c in text.chars() {
        match c {
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            c if c == quote => literal.extend(['\\', c]),
            c if c.is_control() => literal.push_str(&control(c)),
            c => literal.push(c),
        }
    }
    literal.push(quote);
    literal
}

/// Returns a text as a literal of RON on one line, which is also one of begat's language.
pub fn ron_literal(text: &str) -> String {
    quoted(text, '"', |c| format!("\\u{{{:x}}}", c as u32))
}

/// Returns a text as a literal of Turtle and SPARQL.
pub fn turtle_literal(text: &str) -> String {
    quoted(text, '"', four_digits)
}

/// Returns a text as a literal of Cypher.
pub fn cypher_literal(text: &str) -> String {
    quoted(text, '\'', four_digits)
}

fn four_digits(c: char) -> String {
    if c == '\r' { "\\r".to_string() } else { format!("\\u{:04X}", c as u32) }
}

#[cfg(test)]
mod tests {
    use super::{cypher_literal, ron_literal, turtle_literal};
    use proptest::prelude::*;

    #[test]
    fn what_would_end_a_literal_does_not() {
        let text = "a\"b'c\\d\ne\tf\rg\u{1}";
        assert_eq!(ron_literal(text), r#""a\"b'c\\d\ne\tf\u{d}g\u{1}""#);
        assert_eq!(turtle_literal(text), r#""a\"b'c\\d\ne\tf\rg\u0001""#);
        assert_eq!(cypher_literal(text), r#"'a"b\'c\\d\ne\tf\rg\u0001'"#);
    }

    proptest! {
        #[test]
        fn ron_reads_what_is_written(text in any::<String>()) {
            prop_assert_eq!(ron::from_str::<String>(&ron_literal(&text)), Ok(text));
        }
    }
}
