//! Shows the schema, kind by kind.

use super::tree::{Line, Narrow, aligned};
use crate::answer::{Row, Table};
use crate::graph::Graph;
use crate::render::words::{Emphasis, TextStyle, cell, escape};

/// Shows a line for each type, property, verb and definition: its name, the types that it joins, its inverse, the
/// number of entities or facts, its roles and its meaning; aligned within each kind. Reads the columns of the schema's
/// table by title.
pub fn schema(table: &Table, graph: &Graph, looks: &TextStyle) -> String {
    let mut sections: Vec<(String, Vec<Line>)> = Vec::new();
    for row in &table.rows {
        let word = |title: &str| word(table, row, title, graph);
        let kind = word("kind");
        if sections.last().is_none_or(|(last, _)| *last != kind) {
            let head = Line { text: plural(&kind), face: Some(Emphasis::Head), notes: Vec::new() };
            sections.push((kind, vec![head]));
        }
        let line = Line { text: format!("  {}", word("name")), face: Some(Emphasis::Verb), notes: notes(&word, looks) };
        if let Some((_, lines)) = sections.last_mut() {
            lines.push(line);
        }
    }
    sections.iter().map(|(_, lines)| aligned(lines, 2, Narrow::Cut, looks)).collect()
}

fn notes(word: &dyn Fn(&str) -> String, looks: &TextStyle) -> Vec<(String, bool)> {
    let arrow = if looks.ascii { "->" } else { "→" };
    let joins = match (word("from"), word("to")) {
        (from, to) if to.is_empty() => from,
        (from, to) => format!("{from} {arrow} {to}"),
    };
    let about = [word("roles"), word("doc")].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>();
    vec![(word("count"), true), (joins, false), (word("inverse"), false), (about.join("; "), false)]
}

fn word(table: &Table, row: &Row, title: &str, graph: &Graph) -> String {
    let position = table.columns.iter().position(|column| column.title == title);
    let found = position.and_then(|i| row.cells.get(i));
    found.map_or(String::new(), |inner| escape(&cell(graph, inner)).into_owned())
}

fn plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    }
}
