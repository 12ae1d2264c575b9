//! Formats RON canonically.
//!
//! Only white space, line breaks and commas change: all other tokens, comments included, are copied unchanged. A
//! bracket written on one line stays on one line if it fits; a broken bracket has a line for each nested bracket, and
//! its items keep the lines of the author, broken where they are too long.

use super::tokens::{Token, Unreadable, is_closing, tokens};

/// Maximum width of a line.
const WIDTH: usize = 120;
const INDENT: usize = 4;

/// Returns the text in canonical form.
///
/// # Errors
/// A bracket, string or comment does not close.
pub fn format(text: &str) -> Result<String, Unreadable> {
    let tokens = tokens(text)?;
    let mut reader = ElementReader { tokens: &tokens, at: 0 };
    let lines = reader.lines(|_| false)?;
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    write_lines(&lines, 0, Place::Text, &mut out);
    Ok(out)
}

/// Returns an item of a list in canonical form, with its comma, for an indentation of `columns`, which is not included.
pub fn item(text: &str, columns: usize) -> String {
    let Ok(tokens) = tokens(text) else { return format!("{text},") };
    let mut reader = ElementReader { tokens: &tokens, at: 0 };
    let Ok(lines) = reader.lines(|_| false) else { return format!("{text},") };
    let (depth, mut out) = (columns / INDENT, String::new());
    write_lines(&lines, depth, Place::Broken, &mut out);
    let line = |line: &str| line.get(depth * INDENT..).unwrap_or("").to_string();
    out.lines().map(line).collect::<Vec<_>>().join("\n")
}

// ---------------------------------------------------------------- tree

/// The contents of a bracket: items, with comments before, between and after them.
enum Element<'t> {
    Item(Vec<Piece<'t>>),
    Comment(Token<'t>),
}

/// A piece of an item; a comment inside of an item is one of its words.
enum Piece<'t> {
    Word(Token<'t>),
    Bracket(BracketLayout<'t>),
}

struct BracketLayout<'t> {
    open: &'t str,
    lines: Vec<Line<'t>>,
    close: &'t str,
    /// Whether the author wrote all of it on one line.
    on_one_line: bool,
}

/// The elements that the author wrote on one line within a bracket.
struct Line<'t> {
    /// Whether an empty line precedes it.
    apart: bool,
    elements: Vec<Element<'t>>,
}

struct ElementReader<'a, 't> {
    tokens: &'a [Token<'t>],
    at: usize,
}

impl<'t> ElementReader<'_, 't> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    /// Reads the contents of a bracket up to its end; or those of the whole text.
    fn lines(&mut self, is_end: impl Fn(Token) -> bool) -> Result<Vec<Line<'t>>, Unreadable> {
        let mut lines: Vec<Line> = Vec::new();
        while let Some(token) = self.peek().filter(|token| !is_end(*token)) {
            let is_ended =
                |line: &Line| matches!(line.elements.last(), Some(Element::Comment(last)) if last.ends_line());
            if token.breaks > 0 || lines.last().is_none_or(is_ended) {
                let apart = token.breaks > 1 && !lines.is_empty();
                lines.push(Line { apart, elements: Vec::new() });
            }
            if is_closing(token.text) {
                return Err(Unreadable { at: token.start, message: "this bracket closes none that is open" });
            }
            if let Some(line) = lines.last_mut() {
                self.element(&mut line.elements)?;
            }
        }
        Ok(lines)
    }

    /// Reads a comment, or an item with its comma. A comment before the comma moves behind it.
    fn element(&mut self, elements: &mut Vec<Element<'t>>) -> Result<(), Unreadable> {
        if let Some(token) = self.peek().filter(Token::is_comment) {
            self.at += 1;
            elements.push(Element::Comment(token));
            return Ok(());
        }
        let mut pieces = Vec::new();
        while let Some(token) = self.peek().filter(|token| !self.ends_item(*token)) {
            pieces.push(self.piece(token)?);
        }
        let is_comment = |piece: &Piece| matches!(piece, Piece::Word(token) if token.is_comment());
        let own = pieces.iter().rposition(|piece| !is_comment(piece)).map_or(0, |last| last + 1);
        let behind = pieces.split_off(own);
        if self.peek().is_some_and(|token| token.text == ",") {
            self.at += 1;
        }
        elements.push(Element::Item(pieces));
        elements.extend(behind.into_iter().filter_map(|piece| match piece {
            Piece::Word(token) => Some(Element::Comment(token)),
            Piece::Bracket(_) => None,
        }));
        Ok(())
    }

    /// Returns whether a token ends an item: a comma, a closing bracket, or a comment on its own line before a closing
    /// bracket.
    fn ends_item(&self, token: Token) -> bool {
        let after = || self.tokens[self.at..].iter().find(|token| !token.is_comment());
        let is_last = || after().is_none_or(|token| is_closing(token.text));
        token.text == "," || is_closing(token.text) || token.is_comment() && token.breaks > 0 && is_last()
    }

    fn piece(&mut self, token: Token<'t>) -> Result<Piece<'t>, Unreadable> {
        self.at += 1;
        let Some(close) = closing(token.text) else { return Ok(Piece::Word(token)) };
        let from = self.at;
        let mut lines = self.lines(|token| is_closing(token.text))?;
        match self.peek() {
            Some(end) if end.text == close => {
                self.at += 1;
                let mut on_one_line = self.tokens[from..self.at].iter().all(|token| token.breaks == 0);
                // The tokens before the contents are `facts`, `:` and `[`.
                if from > 2 && self.tokens[from - 3].text == "facts" && token.text == "[" {
                    lines = one_a_line(lines);
                    on_one_line &= lines.len() < 2;
                }
                Ok(Piece::Bracket(BracketLayout { open: token.text, lines, close, on_one_line }))
            }
            Some(end) => Err(Unreadable { at: end.start, message: "this bracket closes none that is open" }),
            None => Err(Unreadable { at: token.start, message: "this bracket never closes" }),
        }
    }
}

/// Puts each item on its own line, so that a change of one item is a change of one line.
fn one_a_line(lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    let mut apart: Vec<Line> = Vec::new();
    for line in lines {
        let mut is_apart = line.apart;
        let mut is_new = true;
        for element in line.elements {
            let holds_item = |line: &Line| line.elements.iter().any(|element| matches!(element, Element::Item(_)));
            is_new |= matches!(element, Element::Item(_)) && apart.last().is_some_and(holds_item);
            match apart.last_mut().filter(|_| !is_new) {
                Some(last) => last.elements.push(element),
                None => apart.push(Line { apart: is_apart, elements: vec![element] }),
            }
            (is_apart, is_new) = (false, false);
        }
    }
    apart
}

fn closing(open: &str) -> Option<&'static str> {
    match open {
        "(" => Some(")"),
        "[" => Some("]"),
        "{" => Some("}"),
        _ => None,
    }
}

// ---------------------------------------------------------------- lines

/// The context of elements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a bracket on one line.
    Flat,
    /// On separate lines in a bracket: a comma follows every item.
    Broken,
    /// Outside of all brackets.
    Text,
}

impl BracketLayout<'_> {
    /// Returns the bracket on one line; `None` if the author broke it or a comment in it ends a line.
    fn flat(&self) -> Option<String> {
        let elements: Vec<&Element> = self.lines.iter().flat_map(|line| &line.elements).collect();
        if !self.on_one_line && !elements.is_empty() {
            return None;
        }
        let inside = flat_elements(&elements, Place::Flat)?;
        let gap = if self.open == "{" && !inside.is_empty() { " " } else { "" };
        Some(format!("{}{gap}{inside}{gap}{}", self.open, self.close))
    }

    fn broken(&self, depth: usize, out: &mut String) {
        out.push_str(self.open);
        out.push('\n');
        write_lines(&self.lines, depth + 1, Place::Broken, out);
        indent(depth, out);
        out.push_str(self.close);
    }
}

impl Piece<'_> {
    fn flat(&self) -> Option<String> {
        match self {
            Piece::Word(token) if token.ends_line() || token.text.contains('\n') => None,
            Piece::Word(token) => Some(token.text.to_string()),
            Piece::Bracket(bracket) => bracket.flat(),
        }
    }
}

/// Returns elements on a single line; `None` if that is impossible.
fn flat_elements(elements: &[&Element], place: Place) -> Option<String> {
    let last = elements.iter().rposition(|element| matches!(element, Element::Item(_)));
    let mut words = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        let is_end = at + 1 == elements.len() && place != Place::Flat;
        words.push(match element {
            Element::Comment(token) if token.text.contains('\n') || token.ends_line() && !is_end => return None,
            Element::Comment(token) => token.text.to_string(),
            Element::Item(pieces) if place == Place::Broken || last != Some(at) => flat_item(pieces)? + ",",
            Element::Item(pieces) => flat_item(pieces)?,
        });
    }
    Some(words.join(" "))
}

fn flat_item(pieces: &[Piece]) -> Option<String> {
    let mut text = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 && is_apart(&pieces[at - 1], piece) {
            text.push(' ');
        }
        text += &piece.flat()?;
    }
    Some(text)
}

/// Returns whether a space separates two pieces: none before a colon, and none between a name and its bracket.
fn is_apart(before: &Piece, after: &Piece) -> bool {
    match (before, after) {
        (_, Piece::Word(token)) => token.text != ":",
        (Piece::Word(token), Piece::Bracket(_)) => token.text == ":" || token.is_comment(),
        (Piece::Bracket(_), Piece::Bracket(_)) => false,
    }
}

fn write_lines(lines: &[Line], depth: usize, place: Place, out: &mut String) {
    for line in lines {
        if line.apart {
            out.push('\n');
        }
        let elements: Vec<&Element> = line.elements.iter().collect();
        match flat_elements(&elements, place).filter(|text| fits(text, depth)) {
            Some(text) => whole_line(&text, depth, out),
            None => cut_line(&elements, depth, place, out),
        }
    }
}

fn fits(text: &str, depth: usize) -> bool {
    crate::render::width(text) + depth * INDENT <= WIDTH
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', depth * INDENT));
}

fn whole_line(text: &str, depth: usize, out: &mut String) {
    indent(depth, out);
    out.push_str(text);
    out.push('\n');
}

/// Writes elements on as many lines as needed; a comment stays behind the element that it follows.
fn cut_line(elements: &[&Element], depth: usize, place: Place, out: &mut String) {
    let mut line = String::new();
    for (at, element) in elements.iter().enumerate() {
        let text = flat_elements(&[element], place);
        match (element, text) {
            (Element::Comment(_), Some(text)) if at > 0 && line.is_empty() => {
                // Removes the line break: the comment follows the broken element.
                out.truncate(out.len() - 1);
                out.push_str(&format!(" {text}\n"));
            }
            (Element::Comment(_), Some(text)) if at > 0 => line += &format!(" {text}"),
            (_, Some(text)) if line.is_empty() && fits(&text, depth) => line = text,
            (_, Some(text)) if !line.is_empty() && fits(&format!("{line} {text}"), depth) => {
                line += &format!(" {text}")
            }
            (_, Some(text)) if fits(&text, depth) => {
                flush(&mut line, depth, out);
                line = text;
            }
            _ => {
                flush(&mut line, depth, out);
                broken_element(element, depth, place, out);
            }
        }
    }
    flush(&mut line, depth, out);
}

fn flush(line: &mut String, depth: usize, out: &mut String) {
    if !line.is_empty() {
        whole_line(line, depth, out);
        line.clear();
    }
}

/// Writes an element that does not fit on one line.
fn broken_element(element: &Element, depth: usize, place: Place, out: &mut String) {
    indent(depth, out);
    match element {
        Element::Comment(token) => out.push_str(token.text),
        Element::Item(pieces) => {
            broken_item(pieces, depth, out);
            out.push_str(if place == Place::Broken { "," } else { "" });
        }
    }
    out.push('\n');
}

/// Writes an item whose last bracket is broken, and every one that cannot be on one line.
fn broken_item(pieces: &[Piece], depth: usize, out: &mut String) {
    let last = pieces.iter().rposition(|piece| matches!(piece, Piece::Bracket(_)));
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 && is_apart(&pieces[at - 1], piece) && !out.ends_with(' ') {
            out.push(' ');
        }
        match (piece, piece.flat()) {
            (Piece::Bracket(bracket), flat) if !bracket.lines.is_empty() && (flat.is_none() || last == Some(at)) => {
                bracket.broken(depth, out);
            }
            (_, Some(text)) => out.push_str(&text),
            (Piece::Word(token), None) if token.ends_line() => {
                out.push_str(token.text);
                out.push('\n');
                indent(depth + 1, out);
            }
            (Piece::Word(token), None) => out.push_str(token.text),
            (Piece::Bracket(_), None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::format;
    use crate::edit::tokens::{comments, meaning};

    fn formatted(text: &str) -> String {
        let once = format(text).unwrap_or_else(|error| panic!("{}: {text}", error.message));
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "twice is once");
        assert_eq!((meaning(&once), comments(&once)), (meaning(text), comments(text)));
        once
    }

    #[test]
    fn space_and_commas() {
        assert_eq!(formatted("( a:1 ,b :[1,2,],)"), "(a: 1, b: [1, 2])\n");
        assert_eq!(formatted("{\"x\":( ),\"y\":Some( 3 )}"), "{ \"x\": (), \"y\": Some(3) }\n");
        assert_eq!(formatted("(a: 1,\n\n\n b: 2\n)"), "(\n    a: 1,\n\n    b: 2,\n)\n");
    }

    #[test]
    fn lines_are_kept_where_they_fit() {
        // Each fact is on its own line, so that a change of one fact is a change of one line.
        let text = "(\n    source: \"x\", at: \"L1\",\n    facts: [\n        \"A\",\n        \"B\",\n    ],\n)\n";
        assert_eq!(formatted(text), text);
        let long = format!("[{}]", "\"a rather long text\", ".repeat(12));
        let out = formatted(&long);
        assert!(out.lines().count() > 3 && out.lines().all(|line| line.len() <= super::WIDTH), "{out}");
    }

    #[test]
    fn comments_stay_by_what_they_speak_of() {
        let text = "// head\n( // first\n  a: 1, // one\n  b: 2 // two\n  , /* in */ c: 3 // three\n  // last\n) // end\n// after";
        let out = formatted(text);
        let lines =
            ["// head", "(", "    // first", "    a: 1, // one", "    b: 2, // two", "    /* in */ c: 3, // three"];
        assert_eq!(out.lines().take(6).collect::<Vec<_>>(), lines, "{out}");
        assert!(out.ends_with("    // last\n) // end\n// after\n"), "{out}");
        formatted("(a: // of a key\n 1, b: /* x */ 2)");
        formatted("#![enable(implicit_some)]\n(a: 1)");
    }

    #[test]
    fn texts_are_copied() {
        for text in ["\"a // b \\\" , (\"", "r#\"a \"b\" )\"#", "'('", "\"two\n   lines\"", "b\"x\"", "r\"\\\""] {
            assert_eq!(
                formatted(&format!("[{text}]")).replace(['\n', ' ', ',', '[', ']'], ""),
                text.replace(['\n', ' ', ',', '[', ']'], "")
            );
        }
    }

    #[test]
    fn what_does_not_close_is_an_error() {
        for text in ["(", "(]", ")", "\"", "[\"a]", "/*", "r#\"x\"", "'", "(a: 1))"] {
            assert!(format(text).is_err(), "{text}");
        }
        assert_eq!(format(""), Ok(String::new()));
    }
}
