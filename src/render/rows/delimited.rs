//! TSV, CSV and Markdown.

use super::{certainty, has_possible, keys};
use crate::answer::{Cell, Row, Rows, Table};
use crate::graph::{EntityId, Graph};
use crate::render::words::{cell, escape_data};
use crate::value::Value;
use std::fmt::Write;

/// Tab-separated values, never cut. A backslash is doubled; control characters (tabs and line breaks above all) are
/// written as in a quoted text. A last column `certainty` stands there if a row is only possible.
pub fn tsv(table: &Table, graph: &Graph, header: bool) -> String {
    let mut text = String::new();
    if let Some(rows) = table.rows.entities() {
        if header {
            tsv_line(&mut text, titles(table, false).iter().map(String::as_str));
        }
        return text + &entity_lines(rows, graph);
    }
    let marked = has_possible(table);
    if header {
        tsv_line(&mut text, titles(table, marked).iter().map(String::as_str));
    }
    for row in &table.rows {
        for (i, cell) in row.cells.iter().enumerate() {
            if i > 0 {
                text.push('\t');
            }
            tsv_cell(&mut text, cell, graph);
        }
        if marked {
            text.push('\t');
            text.push_str(certainty(row));
        }
        text.push('\n');
    }
    text
}

/// Adds a cell; without a copy of its words where it is an entity or a number.
fn tsv_cell(text: &mut String, inner: &Cell, graph: &Graph) {
    match inner {
        Cell::Entity(entity) => tsv_field(text, graph.name(*entity)),
        Cell::Value(number @ (Value::Number(_) | Value::Integer(_))) => _ = write!(text, "{number}"),
        inner => tsv_field(text, &cell(graph, inner)),
    }
}

fn tsv_field(text: &mut String, field: &str) {
    match is_plain(field.as_bytes()) {
        true => text.push_str(field),
        false => text.push_str(&escaped(field)),
    }
}

/// Most lines of entities are no longer than this.
const MOST_LINES: usize = 24;

/// The lines of rows of entities, put together as bytes.
fn entity_lines<'r>(rows: impl Iterator<Item = &'r [u32]>, graph: &Graph) -> String {
    let mut text: Vec<u8> = Vec::with_capacity(rows.size_hint().0 * MOST_LINES);
    for row in rows {
        for (i, number) in row.iter().enumerate() {
            if i > 0 {
                text.push(b'\t');
            }
            let entity = EntityId(*number);
            match graph.names().bytes(entity) {
                _ if *number == Rows::ABSENT => {}
                name if is_plain(name) => text.extend_from_slice(name),
                _ => text.extend_from_slice(escaped(graph.name(entity)).as_bytes()),
            }
        }
        text.push(b'\n');
    }
    String::from_utf8(text).expect("plain bytes are ASCII, and the rest is text")
}

/// Whether all bytes stand for themselves: printable ASCII but the backslash. Eight at a time.
fn is_plain(bytes: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    let below = |word: u64, bound: u64| word.wrapping_sub(EACH * bound) & !word & HIGH;
    let holds = |word: u64, byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    let odd = |word: u64| word & HIGH | below(word, b' '.into()) | holds(word, 0x7f) | holds(word, b'\\');
    let (words, rest) = bytes.as_chunks::<8>();
    let is_plain = |byte: &u8| (b' '..0x7f).contains(byte) && *byte != b'\\';
    words.iter().all(|word| odd(u64::from_ne_bytes(*word)) == 0) && rest.iter().all(is_plain)
}

/// A field as it is written where not all bytes stand for themselves.
fn escaped(field: &str) -> String {
    escape_data(&field.replace('\\', "\\\\")).into_owned()
}

fn tsv_line<'f>(text: &mut String, fields: impl Iterator<Item = &'f str>) {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            text.push('\t');
        }
        tsv_field(text, field);
    }
    text.push('\n');
}

/// Comma-separated values by RFC 4180, lines ended by a line feed. See [`tsv`] for the column `certainty`.
pub fn csv(table: &Table, graph: &Graph, header: bool) -> String {
    csv_text(lines(table, graph, header))
}

/// Lines of equal length as CSV.
pub fn csv_text(lines: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(&line).expect("lines are of equal length, and memory takes them");
    }
    let bytes = writer.into_inner().expect("memory takes all bytes");
    String::from_utf8(bytes).expect("fields are UTF-8")
}

/// A Markdown table. Bars, backslashes and what would be markup are escaped; line breaks become `<br>`.
pub fn markdown(table: &Table, graph: &Graph) -> String {
    let mut lines = lines(table, graph, true);
    let head = lines.next().unwrap_or_default();
    let numeric = |i: usize| table.columns.get(i).is_some_and(|column| column.numeric);
    let rule = (0..head.len()).map(|i| if numeric(i) { "--:" } else { "---" }.to_string()).collect();
    let mut text = markdown_line(head.iter().map(|title| markdown_text(title)).collect());
    text += &markdown_line(rule);
    for line in lines {
        text += &markdown_line(line.iter().map(|cell| markdown_text(cell)).collect());
    }
    text
}

fn markdown_line(cells: Vec<String>) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn markdown_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("<br>"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' => safe.extend(['\\', c]),
            c => safe.push_str(&escape_data(c.encode_utf8(&mut [0; 4]))),
        }
    }
    safe
}

/// The titles of the columns; where `marked`, with one of the rows' certainty.
fn titles(table: &Table, marked: bool) -> Vec<String> {
    let mut titles = keys(table);
    titles.extend(marked.then(|| "certainty".to_string()));
    titles
}

/// The titles, if wanted, and the rows in words.
fn lines<'a>(table: &'a Table, graph: &'a Graph, header: bool) -> impl Iterator<Item = Vec<String>> + 'a {
    let marked = has_possible(table);
    let words = move |row: &Row| {
        let mut words: Vec<String> = row.cells.iter().map(|inner| cell(graph, inner)).collect();
        if marked {
            words.push(certainty(row).to_string());
        }
        words
    };
    header.then(|| titles(table, marked)).into_iter().chain(table.rows.iter().map(words))
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn plain_bytes_are_told_wherever_they_stand() {
        for byte in 0..=255u8 {
            let expected = (b' '..0x7f).contains(&byte) && byte != b'\\';
            for place in 0..20 {
                let mut bytes = *b"Llama 3.1 405B, GPT-";
                bytes[place] = byte;
                assert_eq!(is_plain(&bytes), expected, "{byte} at {place}");
            }
        }
    }
}
