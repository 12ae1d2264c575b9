//! TSV, CSV and Markdown.

use super::{certainty, has_possible, keys};
use crate::answer::{Cell, Row, Table};
use crate::graph::Graph;
use crate::render::words::{cell, escape};

/// Tab-separated values, never cut. A backslash is doubled; control characters (tabs and line breaks above all) are
/// written as in a quoted text. A last column `certainty` stands there if a row is only possible.
pub fn tsv(table: &Table, graph: &Graph, header: bool) -> String {
    let mut text = String::new();
    let marked = has_possible(table);
    if header {
        titles(table, marked).iter().for_each(|title| push_field(&mut text, title));
        end_line(&mut text);
    }
    for row in &table.rows {
        for inner in &row.cells {
            match inner {
                Cell::Entity(entity) => push_field(&mut text, graph.name(*entity)),
                inner => push_field(&mut text, &cell(graph, inner)),
            }
        }
        if marked {
            push_field(&mut text, certainty(row));
        }
        end_line(&mut text);
    }
    text
}

/// Appends a field and the tab behind it.
fn push_field(text: &mut String, field: &str) {
    let plain = field.bytes().all(|byte| (b' '..127).contains(&byte) && byte != b'\\');
    match plain {
        true => text.push_str(field),
        false => text.push_str(&escape(&field.replace('\\', "\\\\"))),
    }
    text.push('\t');
}

/// Puts the end of the line in the place of the last tab.
fn end_line(text: &mut String) {
    if text.ends_with('\t') {
        text.pop();
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
