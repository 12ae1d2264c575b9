//! Renders answers, graphs and diagnostics as text.
//!
//! Read [`Format`] and [`answer`] first. Everything here is a pure function: equal input gives equal output, without
//! clock, terminal or environment. [`TextStyle`] describes the terminal.

mod diagnostic;
mod format;
mod graph;
pub mod picture;
mod reasons;
mod rows;
mod terminal;
mod words;

pub use diagnostic::{MOST_DIAGNOSTICS, diagnostic, diagnostics, diagnostics_json, diagnostics_value};
pub use format::{FORMATS, Format, FormatInfo, Shows};
pub use graph::{MANY_NODES, lineage_graph, too_many, whole};
pub use rows::{column_keys, date_json, grid, value_json};
pub use terminal::reason_text as reason;
pub use words::{
    Emphasis, TextStyle, compact, escape, fit, gap, json_line, marked, markup, paint, printable, sentence, steers,
    width,
};

use crate::answer::{Answer, Subgraph, View};
use crate::disk::NewFolder;
use crate::graph::Graph;
use std::io::{self, Write};

/// Rendered text, and the columns that were left out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Ends with a line break unless it is empty.
    pub text: String,
    /// The titles of the columns that did not fit.
    pub hidden: Vec<String>,
}

impl From<String> for Rendered {
    fn from(text: String) -> Rendered {
        Rendered { text, hidden: Vec::new() }
    }
}

/// Renders an answer in a format.
///
/// # Errors
/// A sentence if the format draws graphs and the answer is not one; [`subgraph`] renders the graph of any query.
pub fn answer(answer: &Answer, graph: &Graph, format: Format, looks: &TextStyle) -> Result<Rendered, String> {
    let table = &answer.table;
    Ok(match (format, own_subgraph(answer)) {
        _ if is_streamed(answer, format) => text_of(|out| stream(answer, graph, format, looks, out)).into(),
        (Format::Table, _) => rows::table(table, graph, looks),
        (Format::Tree | Format::Chart, _) => terminal::view(answer, graph, format, looks),
        (_, Some(part)) => subgraph_with(part, graph, format, looks)?.into(),
        (_, None) => return Err(format!("`{}` draws graphs, and this answer is a table", format.info().name)),
    })
}

/// Returns whether [`stream`] writes the answer in this format.
pub fn is_streamed(answer: &Answer, format: Format) -> bool {
    match format {
        Format::Jsonl | Format::Tsv | Format::Markdown => true,
        Format::Json | Format::Csv => own_subgraph(answer).is_none(),
        _ => false,
    }
}

/// Returns whether the answer is a list of its rows in this format, not a drawing of what it is of.
pub fn lists_rows(answer: &Answer, format: Format) -> bool {
    let is_list = matches!(answer.view, View::Rows | View::Graph(_) | View::Conflicts);
    is_streamed(answer, format) || format == Format::Table || !format.is_graph() && is_list
}

/// Writes the rows of an answer as they are made, for a format of [`is_streamed`]; writes nothing for other formats.
///
/// # Errors
/// The error of the output.
pub fn stream(
    answer: &Answer,
    graph: &Graph,
    format: Format,
    looks: &TextStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let table = &answer.table;
    match format {
        Format::Json => rows::json(answer, graph, out),
        Format::Jsonl => rows::jsonl(table, graph, out),
        Format::Tsv => rows::tsv(table, graph, looks.header, out),
        Format::Csv => rows::csv(table, graph, looks, out),
        Format::Markdown => rows::markdown(table, graph, out),
        _ => Ok(()),
    }
}

/// Collects what `write` writes into a text.
fn text_of(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("memory takes all bytes");
    String::from_utf8(bytes).expect("what is written is text")
}

/// Renders a subgraph in a graph format.
///
/// # Errors
/// A sentence if the format cannot show graphs.
pub fn subgraph(part: &Subgraph, graph: &Graph, format: Format) -> Result<String, String> {
    subgraph_with(part, graph, format, &TextStyle::default())
}

/// Renders a subgraph with a style, which determines whether CSV cells are guarded.
///
/// # Errors
/// The errors of [`subgraph`].
pub fn subgraph_with(part: &Subgraph, graph: &Graph, format: Format, looks: &TextStyle) -> Result<String, String> {
    let drawing = graph::collect(part, graph);
    Ok(match format {
        Format::Dot => graph::dot(&drawing),
        Format::Mermaid => graph::mermaid(&drawing),
        Format::Graphml => graph::graphml(&drawing),
        Format::Json => graph::node_link(&drawing),
        Format::Cypher => graph::cypher(&drawing),
        Format::Nodes => graph::nodes(&drawing, looks.guard),
        Format::Csv | Format::Edges => graph::edges(&drawing, looks.guard),
        Format::Turtle => graph::turtle(part, graph),
        Format::Trig => graph::trig(part, graph),
        Format::Neo4j => {
            return Err("CSV for Neo4j is several files, which `render::neo4j` makes".into());
        }
        Format::Parquet => {
            return Err("Parquet is several files, not one text".into());
        }
        Format::Ron => crate::load::export::ron_of(graph, &part.entities, &part.facts),
        other => return Err(format!("`{}` shows no graphs", other.info().name)),
    })
}

/// Returns a subgraph as Parquet files by path: `entities/TYPE.parquet` and `facts/VERB.parquet`.
///
/// # Errors
/// A sentence if the format cannot hold the subgraph.
#[cfg(feature = "parquet")]
pub fn parquet(part: &Subgraph, graph: &Graph) -> Result<Vec<(String, Vec<u8>)>, String> {
    graph::parquet(&graph::collect(part, graph)).map_err(|error| error.to_string())
}

/// Fails: this build has no Parquet.
///
/// # Errors
/// Always.
#[cfg(not(feature = "parquet"))]
pub fn parquet(_: &Subgraph, _: &Graph) -> Result<Vec<(String, Vec<u8>)>, String> {
    Err("this build writes no Parquet (feature `parquet`)".to_string())
}

/// Returns a subgraph as CSV files for Neo4j by path: `nodes/TYPE.csv`, `relationships/VERB.csv` and `import.sh`.
pub fn neo4j(part: &Subgraph, graph: &Graph) -> Vec<(String, Vec<u8>)> {
    graph::neo4j(&graph::collect(part, graph))
}

#[cfg(feature = "parquet")]
pub use graph::{CATALOGUE, census};

/// Writes the whole graph as a lake into a folder: Parquet tables of entities by type, facts by verb, values by property,
/// claims and sources, a manifest that describes them, and a snapshot of everything but the facts.
///
/// # Errors
/// A limit stopped the writing, or a file cannot be written.
#[cfg(feature = "parquet")]
pub fn lake(graph: &Graph, folder: &mut NewFolder) -> io::Result<()> {
    graph::lake(graph, folder).map_err(io::Error::other)
}

/// Fails: this build has no Parquet.
///
/// # Errors
/// Always.
#[cfg(not(feature = "parquet"))]
pub fn lake(_: &Graph, _: &mut NewFolder) -> io::Result<()> {
    Err(io::Error::other("this build writes no Parquet (feature `parquet`)"))
}

/// Returns the graph of an answer to `graph …`; `None` for other answers.
fn own_subgraph(answer: &Answer) -> Option<&Subgraph> {
    match &answer.view {
        View::Graph(part) => Some(part),
        _ => None,
    }
}

/// Returns the line under a table: the number of rows, how many more would be possible, and which columns are hidden,
/// with the way to show them.
pub fn footer(answer: &Answer, hidden: &[String], wide: &str) -> String {
    let rows = &answer.table.rows;
    let certain = rows.certain();
    let shown = rows.len() - certain;
    let mut parts = vec![match (certain, shown, answer.more_possible) {
        (0, 0, 0) => "no rows".to_string(),
        (_, 0, 0) => format!("{certain} certain"),
        (_, _, 0) => format!("{certain} certain, {shown} possible"),
        (_, _, more) => format!("{certain} certain, {} possible (add \"possibly\")", shown + more),
    }];
    if !hidden.is_empty() {
        parts.push(format!("no room for {} ({wide} shows all)", hidden.join(", ")));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests;
