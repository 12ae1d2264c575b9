//! TSV, CSV and Markdown.

use super::{certainty, has_possible, keys};
use crate::answer::{Cell, Row, Rows, Table};
use crate::graph::{EntityId, Graph};
use crate::render::words::{cell, escape};
use std::borrow::Cow;

/// Tab-separated values, never cut. A backslash is doubled; control characters (tabs and line breaks above all) are
/// written as in a quoted text. A last column `certainty` stands there if a row is only possible.
pub fn tsv(table: &Table, graph: &Graph, header: bool) -> String {
    let mut text = String::new();
    if let Some(rows) = table.rows.entities() {
        if header {
            tsv_line(&mut text, titles(table, false).iter().map(String::as_str));
        }
        let name = |number: &u32| if *number == Rows::ABSENT { "" } else { graph.name(EntityId(*number)) };
        rows.for_each(|row| tsv_line(&mut text, row.iter().map(name)));
        return text;
    }
    let marked = has_possible(table);
    if header {
        tsv_line(&mut text, titles(table, marked).iter().map(String::as_str));
    }
    for row in &table.rows {
        let words: Vec<Cow<str>> = row.cells.iter().map(|inner| word(graph, inner)).collect();
        tsv_line(&mut text, words.iter().map(|word| &**word).chain(marked.then(|| certainty(row))));
    }
    text
}

/// A cell in words, without a copy where it is an entity.
fn word<'g>(graph: &'g Graph, inner: &Cell) -> Cow<'g, str> {
    match inner {
        Cell::Entity(entity) => Cow::Borrowed(graph.name(*entity)),
        inner => Cow::Owned(cell(graph, inner)),
    }
}

fn tsv_line<'f>(text: &mut String, fields: impl Iterator<Item = &'f str>) {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            text.push('\t');
        }
        // Nearly all fields: bytes that stand for themselves.
        let is_plain = |byte: u8| (b' '..127).contains(&byte) & (byte != b'\\');
        match field.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            true => text.push_str(field),
            false => text.push_str(&escape(&field.replace('\\', "\\\\"))),
        }
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
            c => safe.push_str(&escape(c.encode_utf8(&mut [0; 4]))),
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
