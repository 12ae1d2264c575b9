//! Writes Mermaid flowcharts.

use super::{Drawing, Edge, MANY_NODES, Node, visible};
use crate::limits::{in_budget, is_over_after};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Returns a flowchart in which time runs from left to right: arrows of lineage lead from the older entity to the
/// younger. Lanes are subgraphs, doubtful facts are dotted. If all arrows have the same verb, the title names it once.
/// Nodes are `e0`, `e1`, … in order.
pub fn mermaid(drawing: &Drawing) -> String {
    let words = verbs(drawing);
    let mut text = match words.as_slice() {
        [one] => format!("---\ntitle: \"each arrow: {}\"\n---\n", quoted(one)),
        _ => String::new(),
    };
    text.push_str("flowchart LR\n");
    if drawing.nodes.len() > MANY_NODES {
        let _ = writeln!(text, "  %% {}", super::too_many(drawing.nodes.len()));
    }
    let mut lanes: Vec<Option<&str>> = Vec::new();
    for node in &drawing.nodes {
        if !lanes.contains(&node.lane.as_deref()) && !is_over_after(lanes.len()) {
            lanes.push(node.lane.as_deref());
        }
    }
    lanes.sort_by_key(|lane| lane.is_some());
    for (i, lane) in lanes.iter().enumerate() {
        let indent = if lane.is_some() { "    " } else { "  " };
        if let Some(lane) = lane {
            let _ = writeln!(text, "  subgraph lane{i}[{}]", quote(lane));
        }
        let nodes = drawing.nodes.iter().enumerate().take_while(in_budget);
        for (j, node) in nodes.filter(|(_, node)| node.lane.as_deref() == *lane) {
            let _ = writeln!(text, "{indent}e{j}{}", shape(drawing, node));
        }
        text.push_str(if lane.is_some() { "  end\n" } else { "" });
    }
    for edge in drawing.edges.iter().take_while(in_budget) {
        let line = if edge.doubtful { "-.->" } else { "-->" };
        let (from, word, to) = forward(drawing, edge);
        let label = if words.len() > 1 { format!("|{}|", quote(word)) } else { String::new() };
        let _ = writeln!(text, "  e{from} {line}{label} e{to}");
    }
    text
}

/// Returns an edge as drawn: source, label, target. An edge of lineage leads from the object, which is older, to the
/// subject, if its verb has an inverse to label it.
fn forward<'g>(drawing: &Drawing<'g>, edge: &Edge<'g>) -> (usize, &'g str, usize) {
    let schema = drawing.graph.schema();
    let verb = schema.lookup_verb(edge.verb).map(|verb| schema.verb(verb)).filter(|verb| verb.lineage);
    match verb.and_then(|verb| verb.inverse.as_deref()) {
        Some(inverse) => (edge.object, inverse, edge.subject),
        None => (edge.subject, edge.verb, edge.object),
    }
}

/// Returns the distinct labels of the edges, sorted.
fn verbs<'g>(drawing: &Drawing<'g>) -> Vec<&'g str> {
    let words: BTreeSet<&str> = drawing.edges.iter().map(|edge| forward(drawing, edge).1).collect();
    words.into_iter().collect()
}

fn shape(drawing: &Drawing, node: &Node) -> String {
    let plot = &drawing.graph.schema().type_(drawing.graph.type_of(node.entity)).plot;
    let (open, close) = match plot.shape.as_str() {
        "ellipse" | "oval" => ("([", "])"),
        "circle" => ("((", "))"),
        "diamond" => ("{", "}"),
        "hexagon" => ("{{", "}}"),
        _ => ("[", "]"),
    };
    let date = if node.date.is_undated() { String::new() } else { format!("\n{}", node.date) };
    format!("{open}{}{close}", quote(&format!("{}{date}", node.name)))
}

/// Returns a quoted text, with the characters that Mermaid would read as markup as character codes.
fn quote(text: &str) -> String {
    format!("\"{}\"", quoted(text))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for c in visible(text).chars() {
        match c {
            '\n' => quoted.push_str("<br/>"),
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '_' | ';' => {
                let _ = write!(quoted, "#{};", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted
}
