//! Writes CSV for `neo4j-admin database import`: a file for each type, one for each verb, and the command.

use super::{Drawing, shouted};
use crate::limits::in_budget;
use crate::render::rows::csv_lines;
use crate::render::text_of;
use crate::value::{Value, ValueType};
use indexmap::IndexMap;

/// The separator of several values in one cell; the command declares it.
const LIST: char = '\u{1f}';

/// Returns the files by path, with `/` between folders.
///
/// - `nodes/TYPE.csv`: `:ID`, `name`, a column for each property (numbers as `double`, all else as text, dates as the
///   sources say them; lists of several values), `citations` of those values, `:LABEL`, the type with those above it.
/// - `relationships/VERB.csv`: `:START_ID`, `:END_ID`, `:TYPE`, `certain`, `citations`.
/// - `import.sh`, the command, which also says what is not in the files.
pub fn neo4j(drawing: &Drawing) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut by_type: IndexMap<&str, Vec<usize>> = IndexMap::new();
    for (i, node) in drawing.nodes.iter().enumerate().take_while(in_budget) {
        by_type.entry(node.type_name).or_default().push(i);
    }
    for (type_name, nodes) in &by_type {
        files.push((format!("nodes/{}.csv", file_name(type_name)), node_file(drawing, type_name, nodes)));
    }
    let mut by_verb: IndexMap<&str, Vec<Vec<String>>> = IndexMap::new();
    for edge in drawing.edges.iter().take_while(in_budget) {
        let id = |i: usize| drawing.nodes[i].entity.0.to_string();
        let certain = if edge.doubtful { "false" } else { "true" };
        let cells =
            [id(edge.subject), id(edge.object), shouted(edge.verb), certain.to_string(), edge.citations.clone()];
        by_verb.entry(edge.verb).or_default().push(cells.to_vec());
    }
    for (verb, lines) in by_verb {
        let head = [":START_ID", ":END_ID", ":TYPE", "certain:boolean", "citations"].map(String::from).to_vec();
        let bytes = text_of(|out| csv_lines(std::iter::once(head).chain(lines), false, out)).into_bytes();
        files.push((format!("relationships/{}.csv", file_name(verb)), bytes));
    }
    let command = command(&files);
    files.push(("import.sh".to_string(), command.into_bytes()));
    files
}

fn file_name(name: &str) -> String {
    name.replace(['/', '\\', ' '], "_")
}

fn node_file(drawing: &Drawing, type_name: &str, nodes: &[usize]) -> Vec<u8> {
    let schema = drawing.graph.schema();
    let type_ = schema.lookup_type(type_name);
    let properties: Vec<_> =
        type_.into_iter().flat_map(|id| &schema.type_(id).properties).map(|id| schema.property(*id)).collect();
    let value = |node: usize, name: &str| {
        let found = drawing.nodes[node].values.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value)
    };
    let column = |property: &&crate::schema::Property| {
        let is_list = nodes.iter().any(|node| matches!(value(*node, &property.name), Some(Value::Many(_))));
        let kind = if property.value == ValueType::Number { "double" } else { "string" };
        format!("{}:{kind}{}", property.name, if is_list { "[]" } else { "" })
    };
    let mut head = vec![":ID".to_string(), "name".to_string()];
    head.extend(properties.iter().map(column));
    head.extend(["citations".to_string(), ":LABEL".to_string()]);
    let above = std::iter::successors(type_, |id| schema.type_(*id).parent).map(|id| schema.type_(id).name.as_str());
    let labels = above.collect::<Vec<_>>().join(&LIST.to_string());
    let line = |node: &usize| {
        let own = &drawing.nodes[*node];
        let mut cells = vec![own.entity.0.to_string(), own.name.to_string()];
        cells.extend(properties.iter().map(|property| value(*node, &property.name).map_or(String::new(), cell)));
        cells.extend([own.citations.clone(), labels.clone()]);
        cells
    };
    text_of(|out| csv_lines(std::iter::once(head).chain(nodes.iter().map(line)), false, out)).into_bytes()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Many(values) => values.iter().map(Value::to_string).collect::<Vec<_>>().join(&LIST.to_string()),
        one => one.to_string(),
    }
}

fn command(files: &[(String, Vec<u8>)]) -> String {
    let mut text = String::from(
        "#!/bin/sh\n# Run in this folder. Citations are one text each; of sources that contradict each other, a node has what\n\
         # they leave open together. Claims as such (trust, quotes, notes) and definitions are in begat's RON and in Turtle.\n\
         neo4j-admin database import full --array-delimiter=U+001F",
    );
    for (name, _) in files {
        let kind = if name.starts_with("nodes/") { "nodes" } else { "relationships" };
        text.push_str(&format!(" \\\n  --{kind}='{}'", name.replace('\'', "'\\''")));
    }
    text + " \\\n  neo4j\n"
}
