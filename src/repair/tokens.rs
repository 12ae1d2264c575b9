//! Tokens: a text as words and marks, in whatever language it was meant.

use crate::text::Span;

/// A word, a quoted text, or a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// As written, without quotes.
    pub word: String,
    /// In lower case.
    pub lower: String,
    pub span: Span,
    pub quoted: bool,
    /// Which noun of its type it stands for, if that was named before.
    pub again: Option<usize>,
}

impl Token {
    fn new(word: &str, start: usize, length: usize, quoted: bool) -> Token {
        let span = Span::new(start, start + length);
        Token { word: word.to_string(), lower: word.to_lowercase(), span, quoted, again: None }
    }

    /// Another word at the same place.
    pub fn worded(&self, word: &str) -> Token {
        Token { word: word.to_string(), lower: word.to_lowercase(), quoted: false, ..self.clone() }
    }

    pub fn is(&self, word: &str) -> bool {
        !self.quoted && self.lower == word
    }

    /// Returns true if the token is quoted, or contains a letter or digit.
    pub fn is_word(&self) -> bool {
        self.quoted || self.word.chars().any(char::is_alphanumeric)
    }
}

/// Marks of more than one character; longer ones precede their prefixes.
const MARKS: &[&str] = &["<->", "-->", "<--", "->", "<-", "=>", ">=", "<=", "!=", "<>", "==", "&&", "||"];

/// Returns the words and marks of a text, in order.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if first.is_whitespace() {
            first.len_utf8()
        } else if let Some((length, closing)) = quoted(rest) {
            tokens.push(Token::new(&rest[first.len_utf8()..length - closing], at, length, true));
            length
        } else if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            tokens.push(Token::new(mark, at, mark.len(), false));
            mark.len()
        } else if is_inside(first) {
            let length = word_length(rest);
            match rest[..length].split_once('.').filter(|_| rest[length..].starts_with('(')) {
                // `Model.uses(…)`
                Some((owner, verb)) => {
                    split(owner, at, &mut tokens);
                    split(verb, at + owner.len() + 1, &mut tokens);
                }
                None => split(&rest[..length], at, &mut tokens),
            }
            length
        } else {
            tokens.push(Token::new(&rest[..first.len_utf8()], at, first.len_utf8(), false));
            first.len_utf8()
        };
        at += length;
    }
    tokens
}

/// Returns the byte lengths of a quoted text that begins here and of its closing quote; `None` if none begins. An
/// apostrophe inside a word does not get here, since it belongs to the word.
fn quoted(rest: &str) -> Option<(usize, usize)> {
    const QUOTES: &[(char, char)] = &[('"', '"'), ('\'', '\''), ('“', '”'), ('„', '“'), ('«', '»'), ('`', '`')];
    let open = rest.chars().next()?;
    let (_, close) = QUOTES.iter().find(|(mark, _)| *mark == open)?;
    let inner = &rest[open.len_utf8()..];
    let end = inner.find(*close).filter(|end| *end > 0)?;
    Some((open.len_utf8() + end + close.len_utf8(), close.len_utf8()))
}

fn is_inside(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Returns the byte length of the word at the beginning of a text. Marks belong to it between letters or digits, and
/// `+` or `#` at its end.
fn word_length(rest: &str) -> usize {
    let mut length = 0;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let joins = "-.'’&_".contains(c) && next.is_some_and(char::is_alphanumeric) && length > 0;
        let ends = "+#".contains(c) && length > 0 && next.is_none_or(|next| !next.is_alphanumeric());
        if !(is_inside(c) || joins || ends) {
            break;
        }
        length += c.len_utf8();
    }
    length
}

/// Appends the tokens of a word: `Meta's` is two words, `m.date` is two, `from+` is a word and a mark.
fn split(word: &str, at: usize, tokens: &mut Vec<Token>) {
    let own = ["'s", "’s", "'S"].iter().find_map(|mark| word.strip_suffix(mark));
    if let Some(owner) = own.filter(|owner| !owner.is_empty()) {
        split(owner, at, tokens);
        tokens.push(Token::new("'s", at + owner.len(), word.len() - owner.len(), false));
        return;
    }
    if let Some((owner, property)) = word.split_once('.')
        && owner.starts_with(char::is_lowercase)
        && property.starts_with(char::is_lowercase)
    {
        tokens.push(Token::new(owner, at, owner.len(), false));
        tokens.push(Token::new(property, at + owner.len() + 1, property.len(), false));
        return;
    }
    let bare = word.trim_end_matches('+');
    if bare.len() + 1 == word.len()
        && bare.len() > 1
        && bare.starts_with(char::is_lowercase)
        && bare.chars().all(char::is_alphabetic)
    {
        tokens.push(Token::new(bare, at, bare.len(), false));
        tokens.push(Token::new("+", at + bare.len(), 1, false));
        return;
    }
    tokens.push(Token::new(word, at, word.len(), false));
}

/// Returns the words of tokens as one text.
#[cfg(test)]
pub(super) fn words(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.word.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::tokens;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn words_and_marks() {
        assert_eq!(words("Meta's models, C++?"), ["Meta", "'s", "models", ",", "C++", "?"]);
        assert_eq!(words("(m:Model)-[:USES]->"), ["(", "m", ":", "Model", ")", "-", "[", ":", "USES", "]", "->"]);
        assert_eq!(words("m.date >= 2024 and A.X K1"), ["m", "date", ">=", "2024", "and", "A.X", "K1"]);
        assert_eq!(words("stems from+ “Dense FFN”"), ["stems", "from", "+", "Dense FFN"]);
        assert_eq!(words("Model.uses(MLA)"), ["Model", "uses", "(", "MLA", ")"]);
        assert_eq!(words("don't 'x"), ["don't", "'", "x"]);
    }
}
