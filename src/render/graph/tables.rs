//! Writes entities and facts as CSV tables.

use super::{Drawing, Node};
use crate::render::rows::csv_lines;
use crate::render::text_of;

/// Returns a table with `id, type, name` and a column for each property that some node has.
pub fn nodes(drawing: &Drawing, guard: bool) -> String {
    let properties = drawing.graph.schema().properties().map(|(_, property)| property.name.as_str());
    let has = |name: &&str| drawing.nodes.iter().any(|node| node.values.iter().any(|(key, _)| key == name));
    let properties: Vec<&str> = properties.filter(has).collect();
    let head = ["id", "type", "name"].into_iter().chain(properties.iter().copied());
    let head = head.map(String::from).collect();
    let line = |node: &Node| {
        let value = |name: &&str| {
            let found = node.values.iter().find(|(key, _)| key == name);
            found.map_or(String::new(), |(_, value)| value.to_string())
        };
        let own = [node.id.clone(), node.type_name.to_string(), node.name.to_string()];
        own.into_iter().chain(properties.iter().map(value)).collect()
    };
    text_of(|out| csv_lines(std::iter::once(head).chain(drawing.nodes.iter().map(line)), guard, out))
}

/// Returns a table with `subject, verb, object, certainty, citations`; the ends are given by the `id` of [`nodes`].
pub fn edges(drawing: &Drawing, guard: bool) -> String {
    let head = ["subject", "verb", "object", "certainty", "citations"].map(String::from).to_vec();
    let lines = drawing.edges.iter().map(|edge| {
        let certainty = if edge.doubtful { "possible" } else { "certain" };
        let id = |i: usize| drawing.nodes[i].id.clone();
        let words = [edge.verb, certainty, &edge.citations].map(String::from);
        let [verb, certainty, citations] = words;
        vec![id(edge.subject), verb, id(edge.object), certainty, citations]
    });
    text_of(|out| csv_lines(std::iter::once(head).chain(lines), guard, out))
}
