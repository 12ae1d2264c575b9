//! The syntax tree of a RON text, with the position of each piece, by which edits find their place.

use super::tokens::{Token, Unreadable, is_closing, tokens};
use crate::text::Span;

/// A bracket with its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bracket {
    /// From the opening to the closing bracket, both included.
    pub span: Span,
    pub items: Vec<Item>,
    /// Whether it contains comments.
    pub is_commented: bool,
}

/// A value between two commas, with an optional key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Without its comma and surrounding comments.
    pub span: Span,
    pub key: Option<Span>,
    pub value: Value,
    /// The offset of its comma.
    pub comma: Option<u32>,
}

/// The value of an item. `Some(…)` is replaced by its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Word(Span),
    Bracket(Bracket),
}

/// Parses a text that is a single bracket: a part of a graph.
///
/// # Errors
/// A bracket, string or comment does not close, or there is no bracket.
pub fn read(text: &str) -> Result<Bracket, Unreadable> {
    let tokens = tokens(text)?;
    let mut reader = TreeReader { tokens: &tokens, at: 0 };
    while let Some(token) = reader.peek() {
        if opens(token.text) {
            return reader.bracket();
        }
        reader.at += 1;
    }
    Err(Unreadable { at: 0, message: "a part of a graph stands in parentheses" })
}

impl Bracket {
    /// Returns the item with this key, a field's name or a quoted text.
    pub fn item(&self, text: &str, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.key_text(text).as_deref() == Some(key))
    }

    /// Returns the bracket that is the value of a key.
    pub fn bracket(&self, text: &str, key: &str) -> Option<&Bracket> {
        self.item(text, key).and_then(Item::bracket)
    }

    /// Returns the place of the word that is the value of a key: a quoted text, a number, a name.
    pub fn word(&self, text: &str, key: &str) -> Option<Span> {
        match self.item(text, key)?.value {
            Value::Word(span) => Some(span),
            Value::Bracket(_) => None,
        }
    }

    /// Returns the text that is the value of a key, without quotes; empty if there is none.
    pub fn text(&self, text: &str, key: &str) -> String {
        self.word(text, key).map_or(String::new(), |span| literal(span.of(text)))
    }
}

impl Item {
    pub fn bracket(&self) -> Option<&Bracket> {
        match &self.value {
            Value::Bracket(bracket) => Some(bracket),
            Value::Word(_) => None,
        }
    }

    /// Returns the key without quotes.
    pub fn key_text(&self, text: &str) -> Option<String> {
        self.key.map(|span| literal(span.of(text)))
    }
}

/// Returns the meaning of a RON word: a text without quotes and escapes, any other word unchanged.
pub fn literal(word: &str) -> String {
    let is_quoted = word.starts_with(['"', 'r']) && word.ends_with(['"', '#']);
    if is_quoted { ron::from_str(word).unwrap_or_else(|_| word.to_string()) } else { word.to_string() }
}

fn opens(text: &str) -> bool {
    matches!(text, "(" | "[" | "{")
}

struct TreeReader<'a, 't> {
    tokens: &'a [Token<'t>],
    at: usize,
}

impl<'t> TreeReader<'_, 't> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    /// Reads from an opening bracket to its closing one.
    fn bracket(&mut self) -> Result<Bracket, Unreadable> {
        let (first, mut items) = (self.at, Vec::new());
        let open = self.tokens[first];
        self.at += 1;
        loop {
            self.skip_comments();
            match self.peek() {
                None => return Err(Unreadable { at: open.start, message: "this bracket never closes" }),
                Some(token) if is_closing(token.text) => {
                    self.at += 1;
                    let is_commented = self.tokens[first..self.at].iter().any(Token::is_comment);
                    let span = Span::new(open.start, token.start + token.text.len());
                    return Ok(Bracket { span, items, is_commented });
                }
                Some(token) if token.text == "," => self.at += 1,
                Some(_) => items.push(self.item()?),
            }
        }
    }

    fn item(&mut self) -> Result<Item, Unreadable> {
        let (mut key, mut value, mut span): (_, Option<Value>, Option<Span>) = (None, None, None);
        loop {
            self.skip_comments();
            let Some(token) = self.peek().filter(|token| token.text != "," && !is_closing(token.text)) else { break };
            let place = Span::new(token.start, token.start + token.text.len());
            let place = if token.text == ":" {
                self.at += 1;
                key = span;
                value = None;
                place
            } else if opens(token.text) {
                let bracket = self.bracket()?;
                let place = bracket.span;
                value = Some(inside_of_some(value, bracket));
                place
            } else {
                self.at += 1;
                value = Some(Value::Word(place));
                place
            };
            span = Some(span.map_or(place, |span| span.to(place)));
        }
        let span = span.unwrap_or_default();
        let comma = self.peek().filter(|token| token.text == ",").map(|token| token.start as u32);
        Ok(Item { span, key, value: value.unwrap_or(Value::Word(span)), comma })
    }

    fn skip_comments(&mut self) {
        while self.peek().is_some_and(|token| token.is_comment()) {
            self.at += 1;
        }
    }
}

/// Returns the list in `Some([…])`; any other word before a bracket is its name.
fn inside_of_some(before: Option<Value>, mut bracket: Bracket) -> Value {
    let is_option = matches!(before, Some(Value::Word(span)) if span.end - span.start == 4);
    match (is_option, &mut bracket.items[..]) {
        (true, [only]) if only.key.is_none() => only.value.clone(),
        _ => Value::Bracket(bracket),
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, literal, read};
    use crate::edit::tokens::MAX_DEPTH;

    #[test]
    fn brackets_are_followed_to_a_depth_and_refused_beyond_it() {
        let nested = |depth: usize| format!("{}{}", "(".repeat(depth), ")".repeat(depth));
        assert!(read(&nested(MAX_DEPTH)).is_ok());
        for text in [nested(MAX_DEPTH + 1), "[(".repeat(50_000)] {
            let refused = read(&text).expect_err("too deep");
            assert!(refused.message.contains("deeper"), "{}", refused.message);
        }
    }

    #[test]
    fn pieces_have_their_places() {
        let text = "// a\n(claims: [ /* b */ (source: \"s\", // c\n facts: [\"A \\\"x\\\"\"],),\n], entities: {\"T\": Some({})})";
        let part = read(text).expect("RON");
        let claims = part.bracket(text, "claims").expect("claims");
        assert!(claims.is_commented && claims.items.len() == 1);
        let claim = claims.items[0].bracket().expect("a claim");
        assert_eq!(claim.text(text, "source"), "s");
        let facts = claim.bracket(text, "facts").expect("facts");
        assert!(matches!(facts.items[0].value, Value::Word(span) if literal(span.of(text)) == "A \"x\""));
        assert_eq!(claims.items[0].comma.map(|at| &text[at as usize..at as usize + 2]), Some(",\n"));
        let types = part.bracket(text, "entities").and_then(|all| all.bracket(text, "T")).expect("a type");
        assert_eq!(types.span.of(text), "{}");
    }
}
