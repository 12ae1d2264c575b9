//! Inserts items into lists and maps and removes them, without changing anything else.

use super::format;
use super::splice::Splice;
use super::tokens::{comments, tokens};
use super::tree::{Bracket, Item};
use crate::text::Span;

/// The position of an insertion: after the item with this index, or before all items.
pub type Behind = Option<usize>;

/// Returns the splices that insert an item into a bracket. If the items are on separate lines, it gets a new line; a
/// bracket on one line stays on one line.
pub fn insert(text: &str, bracket: &Bracket, behind: Behind, item: &str) -> Vec<Splice> {
    if bracket.items.is_empty() {
        return first_of_all(text, bracket, item);
    }
    match behind {
        Some(at) => insert_behind(text, bracket, at.min(bracket.items.len() - 1), item),
        None => insert_first(text, bracket, item),
    }
}

/// Inserts into a bracket without items: the item gets its own line, whatever comments are there.
fn first_of_all(text: &str, bracket: &Bracket, item: &str) -> Vec<Splice> {
    let close = bracket.span.end as usize - 1;
    let outer = indent_at(text, bracket.span.start as usize);
    let inner = format!("{outer}    ");
    let newline = newline(text);
    let before = &text[..close];
    let line = before.trim_end_matches([' ', '\t']);
    // The closing bracket is on its own line: inserts a line before it.
    if line.ends_with('\n') && line.len() > bracket.span.start as usize {
        return vec![Splice::insert(line.len() as u32, format!("{}{newline}", indented(item, &inner, newline)))];
    }
    let words = format!("{newline}{}{newline}{outer}", indented(item, &inner, newline));
    vec![Splice::new(Span::new(before.trim_end().len(), close), words)]
}

fn insert_behind(text: &str, bracket: &Bracket, at: usize, item: &str) -> Vec<Splice> {
    let last = last_on_line(text, bracket, at);
    let before = &bracket.items[last];
    let end = before.comma.map_or(before.span.end as usize, |comma| comma as usize + 1);
    let Some(line_end) = rest_of_line(text, bracket, end).filter(|_| begins_line(text, bracket, last)) else {
        // On one line with the other items.
        let separator = if bracket.items[at].comma.is_some() { (" ", ",") } else { (", ", "") };
        let end = bracket.items[at].comma.map_or(bracket.items[at].span.end, |comma| comma + 1);
        return vec![Splice::insert(end, format!("{}{}{}", separator.0, flat(item), separator.1))];
    };
    let indent = indent_at(text, before.span.start as usize);
    let newline = newline(text);
    let mut splices = Vec::new();
    if before.comma.is_none() {
        splices.push(Splice::insert(before.span.end, ","));
    }
    splices.push(Splice::insert(line_end as u32, format!("{newline}{}", indented(item, &indent, newline))));
    splices
}

fn insert_first(text: &str, bracket: &Bracket, item: &str) -> Vec<Splice> {
    let (open, first) = (bracket.span.start as usize + 1, &bracket.items[0]);
    match rest_of_line(text, bracket, open).filter(|_| begins_line(text, bracket, 0)) {
        Some(line_end) => {
            let (indent, newline) = (indent_at(text, first.span.start as usize), newline(text));
            vec![Splice::insert(line_end as u32, format!("{newline}{}", indented(item, &indent, newline)))]
        }
        None => vec![Splice::insert(first.span.start, format!("{}, ", flat(item)))],
    }
}

/// Returns the splice that removes an item from a bracket, with its line if it is alone on it. Comments stay.
pub fn remove(text: &str, bracket: &Bracket, at: usize) -> Splice {
    let splice = bare_removal(text, bracket, at);
    let inside = splice.span.of(text);
    let start = splice.span.start as usize;
    let indent = if text[..start].ends_with('\n') { indent_at(text, start) } else { String::new() };
    let comments = comments(inside).unwrap_or_default().into_iter();
    let kept = comments.map(|comment| match comment.starts_with("/*") {
        true if inside.ends_with('\n') => format!("{indent}{comment}{}", newline(text)),
        true => format!("{comment} "),
        false => format!("{indent}{comment}{}", newline(text)),
    });
    Splice { words: kept.collect(), ..splice }
}

/// Returns the same without regard for comments.
fn bare_removal(text: &str, bracket: &Bracket, at: usize) -> Splice {
    let item = &bracket.items[at];
    let start = item.span.start as usize;
    let end = item.comma.map_or(item.span.end as usize, |comma| comma as usize + 1);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let is_alone = text[line_start..start].trim().is_empty();
    let after = &text[end..];
    let space = after.len() - after.trim_start_matches([' ', '\t', '\r']).len();
    // A comma leads the line: it goes with the item, and the item's own comma, on a later line, stays.
    let own_end = item.span.end as usize;
    if text[line_start..start].trim() == ","
        && item.comma.is_some_and(|comma| text[own_end..comma as usize].contains('\n'))
        && let Some(line_end) = rest_of_line(text, bracket, own_end)
    {
        let line_end = line_end + text[line_end..].find('\n').map_or(0, |at| at + 1);
        return Splice::new(Span::new(line_start, line_end), "");
    }
    if is_alone && after[space..].starts_with('\n') {
        return Splice::new(Span::new(line_start, end + space + 1), "");
    }
    if is_alone {
        // A comment, another item or the closing bracket follows on the same line.
        let blank = after.len() - after.trim_start_matches([' ', '\t']).len();
        return Splice::new(Span::new(start, end + blank), "");
    }
    match item.comma {
        Some(_) => {
            let blank = after.len() - after.trim_start_matches([' ', '\t']).len();
            let is_last = after[blank..].starts_with([')', ']', '}', '\n', '\r']);
            let before = text[..start].trim_end_matches([' ', '\t']).len();
            let span = if is_last { Span::new(before, end) } else { Span::new(start, end + blank) };
            Splice::new(span, "")
        }
        // The last item: removes the comma of the previous one, too.
        None => match at.checked_sub(1).and_then(|before| bracket.items[before].comma) {
            Some(comma) if text[comma as usize + 1..start].trim().is_empty() => {
                Splice::new(Span { start: comma, end: end as u32 }, "")
            }
            _ => Splice::new(item.span, ""),
        },
    }
}

/// Returns the last item that begins on the line on which another ends.
fn last_on_line(text: &str, bracket: &Bracket, at: usize) -> usize {
    let is_on_line = |pair: &[Item]| !text[pair[0].span.end as usize..pair[1].span.start as usize].contains('\n');
    at + bracket.items[at..].windows(2).take_while(|pair| is_on_line(pair)).count()
}

/// Returns whether an item, or the first one on its line, begins its line.
fn begins_line(text: &str, bracket: &Bracket, at: usize) -> bool {
    let start = bracket.items[at].span.start as usize;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    line_start > bracket.span.start as usize
}

/// Returns the end of the line at `at` if only white space and comments precede it: no other item, no closing bracket,
/// and no comment that continues.
fn rest_of_line(text: &str, bracket: &Bracket, at: usize) -> Option<usize> {
    let end = at + text[at..].find('\n')?;
    let rest = &text[at..end];
    let is_space = || tokens(rest).is_ok_and(|tokens| tokens.iter().all(|token| token.is_comment()));
    let end = end - usize::from(rest.ends_with('\r'));
    (end < bracket.span.end as usize && is_space()).then_some(end)
}

/// Returns the white space at the start of the line that contains a byte.
fn indent_at(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    text[start..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// Returns the line ending of a text.
pub fn newline(text: &str) -> &'static str {
    let first = text.find('\n').unwrap_or(0);
    if first > 0 && text.as_bytes()[first - 1] == b'\r' { "\r\n" } else { "\n" }
}

/// Returns an item in canonical form with an indentation and a comma.
fn indented(item: &str, indent: &str, newline: &str) -> String {
    let columns: usize = indent.chars().map(|c| if c == '\t' { 4 } else { 1 }).sum();
    let lines = format::item(item, columns);
    let step = if indent.contains('\t') { "\t" } else { "    " };
    let line = |line: &str| {
        let depth = (line.len() - line.trim_start_matches(' ').len()) / 4;
        format!("{indent}{}{}", step.repeat(depth), line.trim_start_matches(' '))
    };
    lines.lines().map(line).collect::<Vec<_>>().join(newline)
}

fn flat(item: &str) -> String {
    let joined = item.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    joined.trim_end_matches(',').to_string()
}
