//! Splits RON into tokens, including comments.

use crate::text::{Code, Diagnostic, Span};

/// Maximum nesting of brackets, that of the reader of RON itself; a graph needs eight. Whoever reads deeper ones would
/// exhaust the stack.
pub const MAX_DEPTH: usize = 128;

/// The position at which a text is not valid RON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable {
    pub at: usize,
    pub message: &'static str,
}

impl Unreadable {
    /// Returns the error at its place in the text.
    pub fn diagnostic(self, body: &str) -> Diagnostic {
        let length = body[self.at..].chars().next().map_or(0, char::len_utf8);
        Diagnostic::error(Code::Ron, Span::new(self.at, self.at + length), self.message)
    }
}

/// Returns the meaning of a text: its tokens without comments, line breaks, and commas before a closing bracket.
pub fn meaning(text: &str) -> Result<Vec<&str>, Unreadable> {
    let tokens = tokens(text)?;
    let mut words: Vec<&str> = Vec::new();
    for token in tokens.iter().filter(|token| !token.is_comment()) {
        let closes = matches!(token.text, ")" | "]" | "}");
        words.pop_if(|last| closes && *last == ",");
        words.push(token.text);
    }
    words.pop_if(|last| *last == ",");
    Ok(words)
}

/// Returns the comments and attributes of a text, in order.
pub fn comments(text: &str) -> Result<Vec<&str>, Unreadable> {
    Ok(tokens(text)?.iter().filter(|token| token.is_comment()).map(|token| token.text).collect())
}

/// Returns whether a token is a closing bracket.
pub fn is_closing(text: &str) -> bool {
    matches!(text, ")" | "]" | "}")
}

/// A word, a mark, a quoted text, or a comment.
#[derive(Debug, Clone, Copy)]
pub struct Token<'t> {
    pub text: &'t str,
    pub start: usize,
    /// Number of line breaks between the previous token and this one.
    pub breaks: usize,
}

impl Token<'_> {
    /// Returns whether this is a comment, or an attribute of the file (`#![enable(…)]`), which is treated like one.
    pub fn is_comment(&self) -> bool {
        self.ends_line() || self.text.starts_with("/*")
    }

    /// Returns whether this is a comment that extends to the end of the line.
    pub fn ends_line(&self) -> bool {
        self.text.starts_with("//") || self.text.starts_with("#!")
    }
}

/// Returns the tokens of a text.
///
/// # Errors
/// A string or comment does not close, or brackets are nested deeper than [`MAX_DEPTH`].
pub fn tokens(text: &str) -> Result<Vec<Token<'_>>, Unreadable> {
    let (mut tokens, mut at, mut depth) = (Vec::new(), 0, 0usize);
    loop {
        let rest = &text[at..];
        let space = rest.len() - rest.trim_start().len();
        let breaks = rest[..space].matches('\n').count();
        at += space;
        if at == text.len() {
            return Ok(tokens);
        }
        let length = token_length(&text[at..]).map_err(|message| Unreadable { at, message })?;
        let token = &text[at..at + length];
        match token {
            "(" | "[" | "{" if depth == MAX_DEPTH => {
                return Err(Unreadable { at, message: "brackets are nested deeper than 128 levels here" });
            }
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        tokens.push(Token { text: token.trim_end_matches('\r'), start: at, breaks });
        at += length;
    }
}

/// Returns the length of the first token of a text that does not begin with white space.
fn token_length(text: &str) -> Result<usize, &'static str> {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return Ok(0) };
    match first {
        '"' => quoted(text, '"').ok_or("this string never ends"),
        '\'' => quoted(text, '\'').ok_or("this character never ends"),
        '/' if text.starts_with("//") => Ok(text.find('\n').unwrap_or(text.len())),
        '/' if text.starts_with("/*") => block_comment(text).ok_or("this comment never ends"),
        '#' if text.starts_with("#![") => text.find(']').map(|end| end + 1).ok_or("this attribute never ends"),
        'r' | 'b' => prefixed(text),
        '(' | ')' | '[' | ']' | '{' | '}' | ',' | ':' => Ok(1),
        _ => Ok(word_length(text)),
    }
}

/// Returns the length of a raw or byte string, `r"…"`, `r#"…"#`, `b"…"`, `br#"…"#`; otherwise of a word that begins
/// like one.
fn prefixed(text: &str) -> Result<usize, &'static str> {
    let raw = text.strip_prefix("br").or(text.strip_prefix('r'));
    if let Some(after) = raw {
        let hashes = after.len() - after.trim_start_matches('#').len();
        if after[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let from = text.len() - after.len() + hashes + 1;
            return text[from..].find(&end).map(|at| from + at + end.len()).ok_or("this string never ends");
        }
    }
    match text.strip_prefix('b').filter(|rest| rest.starts_with(['"', '\''])) {
        Some(rest) => token_length(rest).map(|length| length + 1),
        None => Ok(word_length(text)),
    }
}

fn quoted(text: &str, quote: char) -> Option<usize> {
    // The first quote opens the string.
    let mut escaped = true;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            other if other == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Returns the length of a block comment; these nest.
fn block_comment(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0usize, 0);
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Returns the length of a number, a name, or another single character.
fn word_length(text: &str) -> usize {
    let is_part = |c: char| !c.is_whitespace() && !"()[]{},:\"'/".contains(c);
    let length = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    length.max(text.chars().next().map_or(0, char::len_utf8))
}
