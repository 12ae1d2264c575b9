//! Writes openCypher.

use super::{Drawing, Node, shouted};
use crate::limits::in_budget;
use crate::render::words::controls;
use crate::value::Value;

/// Returns a single `CREATE` statement: nodes with their properties, then relationships with their citations. Dates are
/// texts in begat's notation.
pub fn cypher(drawing: &Drawing) -> String {
    let nodes = drawing.nodes.iter().enumerate().take_while(in_budget).map(|(i, node)| create_node(i, node));
    let edges = drawing.edges.iter().take_while(in_budget).map(|edge| {
        let mut members = Vec::new();
        if !edge.citations.is_empty() {
            members.push(format!("citations: {}", quote(&edge.citations)));
        }
        if edge.doubtful {
            members.push("doubtful: true".to_string());
        }
        let properties = if members.is_empty() { String::new() } else { format!(" {{{}}}", members.join(", ")) };
        format!("(e{})-[:{}{properties}]->(e{})", edge.subject, tick(&shouted(edge.verb)), edge.object)
    });
    // A single statement, because the variable of a node is unknown outside of its statement.
    let parts: Vec<String> = nodes.chain(edges).collect();
    if parts.is_empty() { String::new() } else { format!("CREATE\n  {};\n", parts.join(",\n  ")) }
}

fn create_node(i: usize, node: &Node) -> String {
    let name = ("name", quote(node.name));
    let others = node.values.iter().map(|(key, value)| (*key, literal(value)));
    // The entity's name takes precedence over a property called `name`.
    let members = std::iter::once(name).chain(others.filter(|(key, _)| *key != "name"));
    let members: Vec<String> = members.map(|(key, value)| format!("{}: {value}", tick(key))).collect();
    format!("(e{i}:{} {{{}}})", tick(node.type_name), members.join(", "))
}

fn literal(value: &Value) -> String {
    match value {
        Value::Number(_) | Value::Integer(_) => value.to_string(),
        Value::Many(values) => format!("[{}]", values.iter().map(literal).collect::<Vec<_>>().join(", ")),
        other => quote(&other.to_string()),
    }
}

/// Returns an identifier, in backticks unless it is a plain word.
fn tick(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_string() } else { format!("`{}`", name.replace('`', "``")) }
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if controls(c) => quoted.push_str(&format!("\\u{:04x}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted + "'"
}
