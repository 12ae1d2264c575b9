//! The text of a source for checking citations: its lines, pages and anchors, and whether it contains a quotation.
//!
//! Plain text is used unchanged. HTML is reduced to its visible text, one line for each block. PDF is converted by
//! `pdftotext`.

use super::references;
use crate::limits::is_over_now;
use crate::value::is_invisible;
use std::io::{self, Read, Write};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;
use unicode_normalization::UnicodeNormalization;

/// The maximum number of bytes of text read from a PDF. A small file may unpack to any length; a book has a few
/// megabytes.
const LONGEST: u64 = 64 << 20;
/// In a text for searching: a hyphen at the end of a line, which may or may not belong to the word.
const BREAK: char = '\u{1}';

/// A source's text in lines.
#[derive(Debug, Clone, Default)]
pub struct SourceText {
    body: String,
    /// For PDF: the first line of each page.
    pages: Option<Vec<usize>>,
    /// For PDF: the text of each page in reading order. The lines show columns side by side.
    flow: Vec<String>,
    /// For HTML: anchors, each with its line.
    anchors: Option<Vec<(String, usize)>>,
    /// Found once, since a source may be cited by each of many facts.
    index: OnceLock<TextIndex>,
}

/// What places and quotations are looked up by.
#[derive(Debug, Clone)]
struct TextIndex {
    /// Each line as a range of bytes.
    lines: Vec<Range<usize>>,
    /// The text and, for PDF, the text in reading order, as they are searched.
    body: String,
    flow: String,
}

/// Where a quotation occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// At the place that was asked for, at least in part.
    There,
    Elsewhere,
    Nowhere,
}

/// The form of a text, by its first bytes and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    Plain,
    Html,
    Pdf,
}

impl TextFormat {
    pub fn of(name: &str, bytes: &[u8]) -> TextFormat {
        let name = name.to_lowercase();
        let start = bytes.trim_ascii_start();
        let begins =
            |words: &str| start.get(..words.len()).is_some_and(|own| own.eq_ignore_ascii_case(words.as_bytes()));
        match () {
            () if begins("%PDF-") => TextFormat::Pdf,
            () if [".html", ".htm", ".xhtml"].iter().any(|ending| name.ends_with(ending)) => TextFormat::Html,
            () if begins("<!doctype html") || begins("<html") => TextFormat::Html,
            () => TextFormat::Plain,
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
        match TextFormat::of(name, &bytes) {
            TextFormat::Plain => {
                let body = utf8(bytes)?;
                // Some programs end lines with `\r` alone.
                let body = if body.contains('\n') { body } else { body.replace('\r', "\n") };
                Ok(SourceText { body, ..SourceText::default() })
            }
            TextFormat::Html => Ok(html(&utf8(bytes)?)),
            TextFormat::Pdf => {
                let as_shown = pdf(&bytes, &["-layout"])?;
                // This order keeps the hyphens at line ends.
                let in_order = pdf(&bytes, &["-raw"])?;
                Ok(paged(&String::from_utf8_lossy(&as_shown), &String::from_utf8_lossy(&in_order)))
            }
        }
    }

    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.body.lines()
    }

    fn index(&self) -> &TextIndex {
        self.index.get_or_init(|| {
            let start = |line: &str| line.as_ptr() as usize - self.body.as_ptr() as usize;
            let lines = self.lines().map(|line| start(line)..start(line) + line.len()).collect();
            TextIndex { lines, body: searchable(&self.body), flow: searchable(&self.flow.join("\n")) }
        })
    }

    /// Returns the lines of a locator, from 0; `None` if the locator is not of a form that this text supports.
    ///
    /// # Errors
    /// The locator is not in the text.
    pub fn place(&self, at: &str) -> Result<Option<Range<usize>>, String> {
        if let Some((first, last)) = line_numbers(at) {
            return within(at, first, last, self.index().lines.len(), "line").map(Some);
        }
        if let (Some(pages), Some((first, last))) = (&self.pages, page_numbers(at)) {
            let found = within(at, first, last, pages.len(), "page")?;
            let end = pages.get(found.end).copied().unwrap_or_else(|| self.index().lines.len());
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

    /// Searches for a quotation, up to white space, ligatures and hyphens at line ends. `at` is a range of lines; without
    /// it, every occurrence counts as [`Found::There`].
    pub fn find(&self, quote: &str, at: Option<Range<usize>>) -> Found {
        let wanted = searchable(quote);
        let TextIndex { lines, body, flow } = self.index();
        let in_lines = self.body.contains(quote) || count(body, &wanted) > 0;
        let in_flow = !in_lines && count(flow, &wanted) > 0;
        let Some(at) = at.filter(|_| in_lines || in_flow) else {
            return if in_lines || in_flow { Found::There } else { Found::Nowhere };
        };
        let of_lines = |range: Range<usize>| match lines[range].split_first() {
            Some((first, rest)) => self.body[first.start..rest.last().unwrap_or(first).end].to_string(),
            None => String::new(),
        };
        let of_pages = |range: Range<usize>| self.flow[range].join("\n");
        let is_there = in_lines && overlaps(lines.len(), &of_lines, at.clone(), &wanted)
            || self.pages.as_ref().is_some_and(|pages| {
                let page = |line: usize| pages.partition_point(|first| *first <= line).saturating_sub(1);
                let end = page(at.end.max(at.start + 1) - 1) + 1;
                overlaps(self.flow.len(), &of_pages, page(at.start)..end.min(self.flow.len()), &wanted)
            });
        if is_there { Found::There } else { Found::Elsewhere }
    }
}

/// Returns whether a quotation occurs at least in part in a range of the pieces of a text; `text` returns that of a range.
fn overlaps(pieces: usize, text: &dyn Fn(Range<usize>) -> String, at: Range<usize>, wanted: &str) -> bool {
    // No piece is empty of words, so a quotation covers at most as many pieces as it has words; blank lines come on top.
    let most = 2 * wanted.split(' ').count() + 2;
    let at = at.start.min(pieces)..at.end.min(pieces);
    let (start, end) = (at.start.saturating_sub(most), (at.end + most).min(pieces));
    let in_pieces = |range: Range<usize>| count(&searchable(&text(range)), wanted);
    in_pieces(start..end) > in_pieces(start..at.start) + in_pieces(at.end..end)
}

/// Returns a text in which quotations are searched: on one line, without ligatures and invisible characters, with
/// [`BREAK`] in place of each hyphen at a line end and the white space that follows.
fn searchable(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut out = String::with_capacity(text.len());
    for line in lines {
        if !out.is_empty() && !out.ends_with(BREAK) {
            out.push(' ');
        }
        let (body, is_broken) = match line.strip_suffix(['-', '‐', '\u{ad}']) {
            Some(body) if body.ends_with(char::is_alphabetic) => (body, true),
            _ => (line, false),
        };
        out += &one_line(body);
        out.extend(is_broken.then_some(BREAK));
    }
    if out.is_ascii() { out } else { out.nfkc().filter(|c| !is_invisible(*c)).collect() }
}

/// Returns the number of occurrences of a quotation in a text; both are [`searchable`].
fn count(text: &str, quote: &str) -> usize {
    let quote = quote.trim_end_matches(BREAK);
    if !text.contains(BREAK) && !quote.contains(BREAK) {
        return if quote.is_empty() { 1 } else { text.matches(quote).count() };
    }
    let Some(first) = quote.chars().next() else { return 1 };
    text.match_indices(first).filter(|(at, _)| begins(&text[*at..], quote)).count()
}

/// Returns whether a text begins with a quotation; a [`BREAK`] stands for a hyphen or for nothing.
fn begins(text: &str, quote: &str) -> bool {
    let (mut text, mut quote) = (text.chars().peekable(), quote.chars().peekable());
    loop {
        match (text.peek().copied(), quote.peek().copied()) {
            (_, None) => return true,
            (Some(a), Some(b)) if a == b || (a, b) == (BREAK, '-') || (a, b) == ('-', BREAK) => {
                text.next();
                quote.next();
            }
            (Some(BREAK), _) => _ = text.next(),
            (_, Some(BREAK)) => _ = quote.next(),
            _ => return false,
        }
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

/// Parses `p. 3`, `p.3`, `pp. 3-5`, `page 3` or `p. 3, table 2` to first and last page.
fn page_numbers(at: &str) -> Option<(usize, usize)> {
    let rest = ["pages", "page", "pp.", "pp", "p."].iter().find_map(|word| at.strip_prefix(word))?;
    range(rest.split([',', ';']).next().unwrap_or(rest).trim())
}

fn range(numbers: &str) -> Option<(usize, usize)> {
    let (first, last) = numbers.split_once(['-', '–']).unwrap_or((numbers, numbers));
    Some((first.trim().parse().ok()?, last.trim().trim_start_matches('L').parse().ok()?))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

// ---------------------------------------------------------------- PDF

fn pdf(bytes: &[u8], options: &[&str]) -> io::Result<Vec<u8>> {
    let mut command = Command::new("pdftotext");
    command.args(options).args(["-enc", "UTF-8", "-", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::other("`pdftotext`, which reads PDF, is not installed"),
        _ => error,
    })?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let bytes = bytes.to_vec();
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

/// Splits the text as shown at form feeds, which end pages; and the text in reading order likewise.
fn paged(text: &str, in_order: &str) -> SourceText {
    let (mut body, mut pages, mut line) = (String::new(), Vec::new(), 0);
    let split = |text: &str| -> Vec<String> {
        text.strip_suffix('\u{c}').unwrap_or(text).split('\u{c}').map(str::to_string).collect()
    };
    for page in split(text) {
        pages.push(line);
        for words in page.lines() {
            body += words.trim_end();
            body.push('\n');
            line += 1;
        }
    }
    SourceText { body, pages: Some(pages), flow: split(in_order), ..SourceText::default() }
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
    SourceText { body, anchors: Some(anchors), ..SourceText::default() }
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
            // Only behind `=`: the apostrophe of `<p don't>` opens nothing.
            (None, '"' | '\'') if at > 0 && tag[..at].trim_end().ends_with('=') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

/// Returns the text after the end tag of an element.
fn after_element<'p>(rest: &'p str, name: &str) -> &'p str {
    let is_end = |at: &usize| {
        let inside = rest.get(at + 2..at + 2 + name.len());
        inside.is_some_and(|inside| inside.eq_ignore_ascii_case(name))
    };
    // Searched without a copy of the rest of the page, which may hold many such elements.
    let Some(at) = rest.match_indices("</").map(|(at, _)| at).find(is_end) else { return "" };
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
    references::resolved(text, |_| true).0
}

#[cfg(test)]
mod tests {
    use super::{Found, SourceText, html, paged};

    #[test]
    fn html_is_read_in_blocks() {
        let page = "<!doctype html><title>T &amp; U</title><style>p > a {}</style><!-- <p>no</p> -->\
                    <h1 id='top'>One\n two</h1><p>a <b>bold</b> 1 < 2 &#8211; &eacute; &other;<br>next <a name=x></a>there</p>";
        let text = html(page);
        assert_eq!(text.lines().collect::<Vec<_>>(), ["T & U", "One two", "a bold 1 < 2 – é &other;", "next there"]);
        assert_eq!(text.place("#top"), Ok(Some(1..2)));
        assert_eq!(text.place("#x"), Ok(Some(3..4)));
        assert!(text.place("#y").is_err());
        assert_eq!((text.find("a bold 1 < 2", None), text.find("no", None)), (Found::There, Found::Nowhere));
    }

    #[test]
    fn places_are_those_of_the_form() {
        let text = paged("a\nb\n\u{c}c\n\u{c}", "");
        assert_eq!(text.place("p. 2"), Ok(Some(2..3)));
        assert_eq!(text.place("pp. 1-2"), Ok(Some(0..3)));
        assert!(text.place("p. 3").is_err() && text.place("L4").is_err() && text.place("L0").is_err());
        assert_eq!(text.place("chapter 7"), Ok(None));
        let plain = SourceText::read("a.txt", b"one\ntwo words\n".to_vec()).expect("a text");
        assert_eq!(plain.place("L1-2"), Ok(Some(0..2)));
        assert_eq!(plain.place("p. 9"), Ok(None));
        assert_eq!(plain.find("one two", None), Found::There, "a quotation goes over the ends of lines");
        assert_eq!(paged("a\n\u{c}\u{c}", "").place("p. 2"), Ok(Some(1..1)), "a page without text is a page");
        assert_eq!(text.place("p. 2, table 1"), Ok(Some(2..3)));
        assert!(SourceText::read("a.txt", vec![0xff]).is_err());
    }

    #[test]
    fn quotations_are_found_over_hyphens_columns_and_ligatures() {
        let shown = "We use atten-    The self-\ntion and e\u{fb03}cient  attention is\ncode.            new.\n\u{c}last\n\u{c}";
        let flow = "We use atten-\ntion and e\u{fb03}cient\ncode.\n\nThe self-\nattention is\nnew.\n\u{c}last\n\u{c}";
        let text = paged(shown, flow);
        let pages = |at: &str| text.place(at).expect("a page");
        for quote in ["attention and efficient code", "The self-attention is new", "atten- tion and e\u{fb03}cient"] {
            let wanted = if quote.starts_with("atten- ") { Found::Nowhere } else { Found::There };
            assert_eq!(text.find(quote, pages("p. 1")), wanted, "{quote}");
        }
        assert_eq!(text.find("selfattention is", None), Found::There, "the hyphen may belong to the line");
        assert_eq!(text.find("We use a ttention", None), Found::Nowhere);
        assert_eq!(text.find("attention", pages("p. 2")), Found::Elsewhere);
        assert_eq!(text.find("new. last", pages("p. 2")), Found::There, "it ends there");
        let plain = SourceText::read("a.txt", b"one\n\ntwo\nthree two\nfour".to_vec()).expect("a text");
        let lines = |at: &str| plain.place(at).expect("a line");
        assert_eq!(plain.find("one two", lines("L3")), Found::There);
        assert_eq!(plain.find("one two", lines("L4")), Found::Elsewhere);
        assert_eq!(plain.find("two", lines("L4")), Found::There);
        assert_eq!(plain.find("two four", lines("L1-2")), Found::Elsewhere);
    }
}
