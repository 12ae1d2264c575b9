//! Writes JSON of nodes and links for networkx and D3.

use super::{Drawing, Edge, Node};
use crate::limits::in_budget;
use crate::render::rows::{claims_json, date_json, value_json};
use crate::render::words::json_line;
use serde_json::{Map, Value as Json, json};

/// Returns `{"directed", "multigraph", "graph", "nodes", "links"}` with one node or link on each line. Links carry
/// their claims.
pub fn node_link(drawing: &Drawing) -> String {
    let nodes: Vec<String> =
        drawing.nodes.iter().take_while(in_budget).map(|node| json_line(&node_json(node))).collect();
    let links: Vec<String> =
        drawing.edges.iter().take_while(in_budget).map(|edge| json_line(&link_json(drawing, edge))).collect();
    format!(
        "{{\"directed\":true,\"multigraph\":true,\"graph\":{{}},\n\"nodes\":[{}],\n\"links\":[{}]}}\n",
        lines(&nodes),
        lines(&links)
    )
}

fn lines(items: &[String]) -> String {
    if items.is_empty() { String::new() } else { format!("\n{}\n", items.join(",\n")) }
}

fn node_json(node: &Node) -> Json {
    let values: Map<String, Json> = node.values.iter().map(|(name, v)| (name.to_string(), value_json(v))).collect();
    let dated = (!node.date.is_undated()).then(|| date_json(node.date));
    json!({ "id": node.id, "name": node.name, "type": node.type_name, "date": dated, "properties": values })
}

fn link_json(drawing: &Drawing, edge: &Edge) -> Json {
    let end = |i: usize| drawing.nodes[i].id.as_str();
    json!({
        "source": end(edge.subject),
        "target": end(edge.object),
        "key": edge.verb,
        "certainty": if edge.doubtful { "possible" } else { "certain" },
        "claims": claims_json(drawing.graph, &edge.claims),
    })
}
