//! Writes GraphML for Gephi, yEd and networkx.

use super::{Drawing, Edge, Node, xml};
use crate::limits::in_budget;
use crate::value::{Value, ValueType};
use std::fmt::Write;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="label" for="node" attr.name="label" attr.type="string"/>
  <key id="type" for="node" attr.name="type" attr.type="string"/>
  <key id="verb" for="edge" attr.name="verb" attr.type="string"/>
  <key id="doubtful" for="edge" attr.name="doubtful" attr.type="boolean"/>
  <key id="citations" for="edge" attr.name="citations" attr.type="string"/>
"#;

/// Returns a directed graph; each property has its own key, dates are in begat's notation.
pub fn graphml(drawing: &Drawing) -> String {
    let mut text = String::from(HEAD);
    for (id, property) in drawing.graph.schema().properties() {
        let kind = if property.value == ValueType::Number { "double" } else { "string" };
        let name = xml(&property.name);
        let _ = writeln!(text, r#"  <key id="p{}" for="node" attr.name="{name}" attr.type="{kind}"/>"#, id.0);
    }
    text.push_str("  <graph id=\"begat\" edgedefault=\"directed\">\n");
    for (i, node) in drawing.nodes.iter().enumerate().take_while(in_budget) {
        write_node(&mut text, drawing, i, node);
    }
    for edge in drawing.edges.iter().take_while(in_budget) {
        write_edge(&mut text, edge);
    }
    text + "  </graph>\n</graphml>\n"
}

fn write_node(text: &mut String, drawing: &Drawing, i: usize, node: &Node) {
    let _ = writeln!(text, "    <node id=\"e{i}\">");
    write_data(text, "label", node.name);
    write_data(text, "type", node.type_name);
    for (name, value) in &node.values {
        let key = drawing.graph.schema().lookup_property(name).map_or(0, |id| id.0);
        let is_list = matches!(value, Value::Many(_));
        let is_number = drawing.graph.schema().properties().any(|(id, p)| id.0 == key && p.value == ValueType::Number);
        if !(is_list && is_number) {
            write_data(text, &format!("p{key}"), &value.to_string());
        }
    }
    text.push_str("    </node>\n");
}

fn write_edge(text: &mut String, edge: &Edge) {
    let _ = writeln!(text, "    <edge source=\"e{}\" target=\"e{}\">", edge.subject, edge.object);
    write_data(text, "verb", edge.verb);
    write_data(text, "doubtful", if edge.doubtful { "true" } else { "false" });
    write_data(text, "citations", &edge.citations);
    text.push_str("    </edge>\n");
}

fn write_data(text: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(text, "      <data key=\"{key}\">{}</data>", xml(value));
    }
}
