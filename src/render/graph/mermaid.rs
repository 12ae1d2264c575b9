//! Mermaid flowcharts.

use super::{Drawing, Node, visible};
use crate::limits::{in_budget, is_over_after};
use std::fmt::Write;

/// A flowchart from left to right; lanes are subgraphs, doubtful facts dotted. Nodes are `e0`, `e1`, … in order.
pub fn mermaid(drawing: &Drawing) -> String {
    let mut text = String::from("flowchart LR\n");
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
        let _ = writeln!(text, "  e{} {line}|{}| e{}", edge.subject, quote(edge.verb), edge.object);
    }
    text
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

/// A quoted text; what Mermaid would read as markup is written as its character code.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in visible(text).chars() {
        match c {
            '\n' => quoted.push_str("<br/>"),
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '_' | ';' => {
                let _ = write!(quoted, "#{};", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
