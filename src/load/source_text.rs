//! The text of a source for checking citations: its lines, pages and anchors, and whether it contains a quotation.
//!
//! Plain text is used unchanged. HTML is reduced to its visible text, one line for each block. PDF is converted by
//! `pdftotext`.

use crate::limits::is_over_now;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// The maximum number of bytes of text read from a PDF.
const LONGEST: u64 = 64 << 20;

/// A source's text in lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceText {
    body: String,
    /// For PDF: the first line of each page.
    pages: Option<Vec<usize>>,
    /// For HTML: anchors, each with its line.
    anchors: Option<Vec<(String, usize)>>,
}

/// The form of a text, by its first bytes and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Plain,
    Html,
    Pdf,
}

impl Form {
    pub fn of(name: &str, bytes: &[u8]) -> Form {
        let name = name.to_lowercase();
        let start = bytes.trim_ascii_start();
        let begins =
            |words: &str| start.get(..words.len()).is_some_and(|own| own.eq_ignore_ascii_case(words.as_bytes()));
        match () {
            () if begins("%PDF-") => Form::Pdf,
            () if [".html", ".htm", ".xhtml"].iter().any(|ending| name.ends_with(ending)) => Form::Html,
            () if begins("<!doctype html") || begins("<html") => Form::Html,
            () => Form::Plain,
        }
    }
}

impl SourceText {
    /// Reads a text of any form.
    ///
    /// # Errors
    /// It is not UTF-8, or `pdftotext` is not installed or fails.
    pub fn read(name: &str, bytes: Vec<u8>) -> io::Result<SourceText> {
        let utf8 = |bytes| String::from_utf8(bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData));
        match Form::of(name, &bytes) {
            Form::Plain => Ok(SourceText { body: utf8(bytes)?, ..SourceText::default() }),
            Form::Html => Ok(html(&utf8(bytes)?)),
            Form::Pdf => Ok(paged(&String::from_utf8_lossy(&pdf(bytes)?))),
        }
    }

    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.body.lines()
    }

    /// Returns the lines of a locator, from 0; `None` if the locator is not of a form that this text supports.
    ///
    /// # Errors
    /// The locator is not in the text.
    pub fn place(&self, at: &str) -> Result<Option<Range<usize>>, String> {
        if let Some((first, last)) = line_numbers(at) {
            return within(at, first, last, self.lines().count(), "line").map(Some);
        }
        if let (Some(pages), Some((first, last))) = (&self.pages, page_numbers(at)) {
            let found = within(at, first, last, pages.len(), "page")?;
            let end = pages.get(found.end).copied().unwrap_or_else(|| self.lines().count());
            return Ok(Some(pages[found.start]..end));
        }
        if let (Some(anchors), Some(name)) = (&self.anchors, at.strip_prefix('#')) {
            let found = anchors.iter().find(|(known, _)| known == name);
            return found
                .map(|(_, line)| Some(*line..*line + 1))
                .ok_or_else(|| format!("`{at}` is no place of the source"));
        }
        Ok(None)
    }

    /// Returns whether the text contains a quotation, up to white space.
    pub fn holds(&self, quote: &str) -> bool {
        self.body.contains(quote) || one_line(&self.body).contains(&one_line(quote))
    }
}

/// Converts numbers from 1 to the range `first - 1..last`.
fn within(at: &str, first: usize, last: usize, count: usize, unit: &str) -> Result<Range<usize>, String> {
    match (first, last) {
        (0, _) => Err(format!("{unit}s are counted from 1")),
        _ if last < first => Err(format!("`{at}` ends before it begins")),
        _ if last > count => Err(format!("`{at}` is beyond the end of the source, which has {count} {unit}s")),
        _ => Ok(first - 1..last),
    }
}

/// Parses `L23` or `L23-25` to first and last line; `None` for other locators.
fn line_numbers(at: &str) -> Option<(usize, usize)> {
    range(at.strip_prefix('L')?)
}

/// Parses `p. 3`, `p.3`, `pp. 3-5` or `page 3` to first and last page.
fn page_numbers(at: &str) -> Option<(usize, usize)> {
    let rest = ["pages", "page", "pp.", "p."].iter().find_map(|word| at.strip_prefix(word))?;
    range(rest.trim())
}

fn range(numbers: &str) -> Option<(usize, usize)> {
    let (first, last) = numbers.split_once(['-', '–']).unwrap_or((numbers, numbers));
    Some((first.trim().parse().ok()?, last.trim().trim_start_matches('L').parse().ok()?))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

// ---------------------------------------------------------------- PDF

fn pdf(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let mut command = Command::new("pdftotext");
    command.args(["-layout", "-enc", "UTF-8", "-", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::other("`pdftotext`, which reads PDF, is not installed"),
        _ => error,
    })?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    // Write errors are ignored: `pdftotext` may stop reading early.
    let writer = thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&bytes)));
    // Both pipes have threads of their own: either may fill up and block while this thread watches the budget.
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        stdout.map(|stdout| stdout.take(LONGEST).read_to_end(&mut text));
        text
    });
    // Polls, because the standard library has no wait with a time-out.
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if is_over_now() => {
                child.kill()?;
                break child.wait()?;
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    _ = writer.join();
    let text = reader.join().unwrap_or_default();
    if status.success() { Ok(text) } else { Err(io::Error::other("`pdftotext` cannot read it")) }
}

/// Splits the text at form feeds, which end pages.
fn paged(text: &str) -> SourceText {
    let (mut body, mut pages, mut line) = (String::new(), Vec::new(), 0);
    for page in text.trim_end_matches('\u{c}').split('\u{c}') {
        pages.push(line);
        for words in page.lines() {
            body += words.trim_end();
            body.push('\n');
            line += 1;
        }
    }
    SourceText { body, pages: Some(pages), anchors: None }
}

// ---------------------------------------------------------------- HTML

/// Elements that start and end a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "title",
    "tr",
    "ul",
];

/// Elements without visible text.
const UNREAD: &[&str] = &["script", "style", "noscript", "template", "svg"];

/// Named character references; others are kept unchanged.
const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
];

/// Returns the visible text of a page.
fn html(page: &str) -> SourceText {
    let (mut lines, mut line, mut anchors): (Vec<String>, String, Vec<(String, usize)>) = Default::default();
    let mut rest = page;
    while !rest.is_empty() {
        let (words, tag) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        line += words;
        let Some(inside) = tag.strip_prefix('<') else { break };
        if let Some(comment) = inside.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let is_tag = inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        let Some(end) = tag_end(inside).filter(|_| is_tag) else {
            line.push('<');
            rest = inside;
            continue;
        };
        let own = &inside[..end];
        rest = inside.get(end + 1..).unwrap_or("");
        let name = own.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        let name = name.to_ascii_lowercase();
        if BLOCKS.contains(&name.as_str()) {
            broken(&mut lines, &mut line);
        }
        let named = ["id", "name"].iter().filter_map(|key| attribute(own, key));
        anchors.extend(named.map(|name| (name, lines.len())));
        if UNREAD.contains(&name.as_str()) && !own.starts_with('/') && !own.ends_with('/') {
            rest = after_element(rest, &name);
        }
    }
    broken(&mut lines, &mut line);
    // An anchor behind the last line belongs to the last line.
    anchors.iter_mut().for_each(|(_, at)| *at = (*at).min(lines.len().saturating_sub(1)));
    let body = lines.iter().map(|line| format!("{line}\n")).collect();
    SourceText { body, pages: None, anchors: Some(anchors) }
}

/// Ends a line, unless it is empty.
fn broken(lines: &mut Vec<String>, line: &mut String) {
    let words = one_line(&decoded(&std::mem::take(line)));
    if !words.is_empty() {
        lines.push(words);
    }
}

/// Returns the end of a tag: the first `>` outside of quotes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') if at > 0 && tag[..at].trim_end().ends_with('=') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// Returns the text after the end tag of an element.
fn after_element<'p>(rest: &'p str, name: &str) -> &'p str {
    let lower = rest.to_ascii_lowercase();
    let Some(at) = lower.find(&format!("</{name}")) else { return "" };
    rest[at..].split_once('>').map_or("", |(_, rest)| rest)
}

/// Returns the value of an attribute of a tag.
fn attribute(tag: &str, key: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    for (at, _) in lower.match_indices(key) {
        let is_apart = lower[..at].ends_with(|c: char| c.is_ascii_whitespace());
        let Some(value) = tag[at + key.len()..].trim_start().strip_prefix('=').filter(|_| is_apart) else { continue };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let text = match quote {
            Some(quote) => value[1..].split(quote).next(),
            None => value.split(|c: char| c.is_ascii_whitespace() || c == '/').next(),
        };
        return text.map(decoded);
    }
    None
}

/// Replaces character references by their characters.
fn decoded(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('&') {
        out += &rest[..at];
        rest = &rest[at..];
        let known = rest[1..].split_once(';').filter(|(name, _)| name.len() < 10).and_then(|(name, after)| {
            let named = ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, text)| text.to_string());
            Some((named.or_else(|| numbered(name))?, after))
        });
        match known {
            Some((text, after)) => (out, rest) = (out + &text, after),
            None => (out, rest) = (out + "&", &rest[1..]),
        }
    }
    out + rest
}

fn numbered(name: &str) -> Option<String> {
    let digits = name.strip_prefix('#')?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    char::from_u32(number.ok()?).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::{SourceText, html, paged};

    #[test]
    fn html_is_read_in_blocks() {
        let page = "<!doctype html><title>T &amp; U</title><style>p > a {}</style><!-- <p>no</p> -->\
                    <h1 id='top'>One\n two</h1><p>a <b>bold</b> 1 < 2 &#8211; &eacute;<br>next <a name=x></a>there</p>";
        let text = html(page);
        assert_eq!(text.lines().collect::<Vec<_>>(), ["T & U", "One two", "a bold 1 < 2 – &eacute;", "next there"]);
        assert_eq!(text.place("#top"), Ok(Some(1..2)));
        assert_eq!(text.place("#x"), Ok(Some(3..4)));
        assert!(text.place("#y").is_err());
        assert!(text.holds("a bold 1 < 2") && !text.holds("no"));
    }

    #[test]
    fn places_are_those_of_the_form() {
        let text = paged("a\nb\n\u{c}c\n\u{c}");
        assert_eq!(text.place("p. 2"), Ok(Some(2..3)));
        assert_eq!(text.place("pp. 1-2"), Ok(Some(0..3)));
        assert!(text.place("p. 3").is_err() && text.place("L4").is_err() && text.place("L0").is_err());
        assert_eq!(text.place("chapter 7"), Ok(None));
        let plain = SourceText::read("a.txt", b"one\ntwo words\n".to_vec()).expect("a text");
        assert_eq!(plain.place("L1-2"), Ok(Some(0..2)));
        assert_eq!(plain.place("p. 9"), Ok(None));
        assert!(plain.holds("one two"), "a quotation goes over the ends of lines");
        assert!(SourceText::read("a.txt", vec![0xff]).is_err());
    }
}
