//! Regular expressions over texts, by the crate `regex`: case counts unless the pattern says `(?i)`, and the time is
//! linear in the text.

use super::Like;
use std::fmt;
use std::ops::Range;

/// Maximum size of a compiled pattern, in bytes. It bounds the time for each text, which is O(text × pattern); repetitions
/// such as `(a{1000}){1000}` would exceed it.
const MOST_BYTES: usize = 1 << 20;

/// Maximum depth of nested groups and repetitions. It bounds the recursion of the compiler.
const MOST_NESTED: u32 = 100;

/// A compiled regular expression. Two are equal if they are written alike.
#[derive(Clone)]
pub struct Regex {
    compiled: regex::Regex,
}

/// A pattern that is no regular expression, or one that is too large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRegex {
    pub message: String,
    /// Bytes of the pattern that are wrong; `None` if it is the pattern as a whole.
    pub place: Option<Range<usize>>,
}

impl Regex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// The pattern does not follow the syntax, or its program is larger than [`MOST_BYTES`].
    pub fn new(pattern: &str) -> Result<Regex, BadRegex> {
        // The compiler's own error has its place only as a drawing.
        if let Err(error) = regex_syntax::ParserBuilder::new().nest_limit(MOST_NESTED).build().parse(pattern) {
            return Err(bad_syntax(&error));
        }
        let compiled = regex::RegexBuilder::new(pattern).size_limit(MOST_BYTES).nest_limit(MOST_NESTED).build();
        let compiled = compiled.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => BadRegex { message: "this pattern is too large".into(), place: None },
            other => BadRegex { message: other.to_string(), place: None },
        });
        compiled.map(|compiled| Regex { compiled })
    }

    /// Returns the pattern as written.
    pub fn written(&self) -> &str {
        self.compiled.as_str()
    }

    /// Returns whether some part of the text matches. Bytes that are not UTF-8 are read as the empty text. O(text ×
    /// pattern).
    pub fn matches(&self, text: &[u8]) -> bool {
        self.compiled.is_match(std::str::from_utf8(text).unwrap_or(""))
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Regex) -> bool {
        self.written() == other.written()
    }
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regex({:?})", self.written())
    }
}

fn bad_syntax(error: &regex_syntax::Error) -> BadRegex {
    let (message, span) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), Some(error.span())),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), Some(error.span())),
        other => (other.to_string(), None),
    };
    BadRegex { message, place: span.map(|span| span.start.offset..span.end.offset) }
}

/// A pattern that names are tested against.
#[derive(Debug, Clone, PartialEq)]
pub enum TextPattern {
    Like(Like),
    Matches(Regex),
}

impl TextPattern {
    /// Returns whether the text fits the pattern. Bytes that are not UTF-8 are read as the empty text.
    pub fn matches(&self, text: &[u8]) -> bool {
        match self {
            TextPattern::Like(like) => like.matches(text),
            TextPattern::Matches(regex) => regex.matches(text),
        }
    }
}

impl fmt::Display for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextPattern::Like(like) => write!(f, "like {:?}", like.written),
            TextPattern::Matches(regex) => write!(f, "matches {:?}", regex.written()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Regex;

    #[test]
    fn case_counts_unless_said() {
        let matches = |pattern: &str, text: &str| Regex::new(pattern).expect(pattern).matches(text.as_bytes());
        assert!(matches("^DeepSeek V[0-9]$", "DeepSeek V3") && !matches("^deepseek", "DeepSeek V3"));
        assert!(matches("(?i)^deepseek", "DeepSeek V3") && matches("(?i)é", "Élan"));
        assert!(matches(r"\bV\d\b", "DeepSeek V3") && !matches(r"\d", "DeepSeek"));
    }

    #[test]
    fn a_fault_has_its_place() {
        let place = |pattern: &str| Regex::new(pattern).expect_err(pattern).place;
        assert_eq!(place("a(b"), Some(1..2));
        assert_eq!(place("ab[z-a]"), Some(3..6));
        // Nothing stands before the star.
        assert_eq!(place("*a"), Some(0..0));
        assert_eq!(place(r"(a)\1"), Some(3..5));
    }

    #[test]
    fn size_has_a_limit() {
        assert!(Regex::new("(((a{1000}){1000}){1000})").is_err());
        assert!(Regex::new(&format!("{}a{}", "(".repeat(200), ")".repeat(200))).is_err());
    }
}
