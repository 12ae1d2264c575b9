//! Answers, graphs, diagnostics → text.
//!
//! Read [`Format`] and [`answer`] first. Everything here is a pure function from what was found to bytes: equal input
//! gives equal output, no clock, no terminal, no environment. What a terminal allows is said by [`Looks`].

mod diagnostic;
mod format;
mod graph;
pub mod picture;
mod rows;
mod terminal;
mod words;

pub use diagnostic::{diagnostic, diagnostics, diagnostics_json};
pub use format::{FORMATS, Format, FormatInfo, Shows};
pub use graph::{lineage_graph, whole};
pub use rows::grid;
pub use words::{Face, Looks, compact, escape, fit, gap, json_line, marked, paint, printable, sentence, steers, width};

use crate::answer::{Answer, Subgraph, View};
use crate::graph::Graph;

/// What was rendered, and what had to be left out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Ends with a line break unless empty.
    pub text: String,
    /// The titles of the columns that found no room.
    pub hidden: Vec<String>,
}

impl From<String> for Rendered {
    fn from(text: String) -> Rendered {
        Rendered { text, hidden: Vec::new() }
    }
}

/// The answer in a format.
///
/// # Errors
/// A sentence for people when the format draws graphs and the answer has none; [`subgraph`] renders those of any query.
pub fn answer(answer: &Answer, graph: &Graph, format: Format, looks: &Looks) -> Result<Rendered, String> {
    let table = &answer.table;
    let own = own_subgraph(answer);
    Ok(match (format, own) {
        (Format::Table, _) => return Ok(rows::table(table, graph, looks)),
        (Format::Tree | Format::Chart, _) => return Ok(terminal::view(answer, graph, format, looks)),
        (Format::Json | Format::Csv, Some(part)) => return subgraph(&part, graph, format).map(Rendered::from),
        (Format::Json, None) => rows::json(answer, graph),
        (Format::Jsonl, _) => rows::jsonl(table, graph),
        (Format::Tsv, _) => rows::tsv(table, graph, looks.header),
        (Format::Csv, None) => rows::csv(table, graph, looks.header),
        (Format::Markdown, _) => rows::markdown(table, graph),
        (_, Some(part)) => subgraph(&part, graph, format)?,
        (_, None) => return Err(format!("`{}` draws graphs, and this answer is a table", format.info().name)),
    }
    .into())
}

/// A part of the graph in a format that shows graphs.
///
/// # Errors
/// A sentence for people when the format shows none.
pub fn subgraph(part: &Subgraph, graph: &Graph, format: Format) -> Result<String, String> {
    let drawing = graph::collect(part, graph);
    Ok(match format {
        Format::Dot => graph::dot(&drawing),
        Format::Mermaid => graph::mermaid(&drawing),
        Format::Graphml => graph::graphml(&drawing),
        Format::Json => graph::node_link(&drawing),
        Format::Cypher => graph::cypher(&drawing),
        Format::Nodes => graph::nodes(&drawing),
        Format::Csv | Format::Edges => graph::edges(&drawing),
        Format::Parquet => {
            return Err("Parquet is several files: write them with `begat export -o FOLDER.parquet`".into());
        }
        Format::Ron => crate::load::export::ron_of(graph, &part.entities, &part.facts),
        other => return Err(format!("`{}` shows no graphs", other.info().name)),
    })
}

/// A part of the graph as Parquet files, by name: `entities/TYPE.parquet` and `facts/VERB.parquet`.
///
/// # Errors
/// A sentence for people when the format cannot hold it.
pub fn parquet(part: &Subgraph, graph: &Graph) -> Result<Vec<(String, Vec<u8>)>, String> {
    graph::parquet(&graph::collect(part, graph)).map_err(|error| error.to_string())
}

/// The graph that an answer is by itself, whatever the format.
fn own_subgraph(answer: &Answer) -> Option<Subgraph> {
    match &answer.view {
        View::Graph(part) => Some(part.clone()),
        _ => None,
    }
}

/// The line under a table: how many rows, how many more would be possible, and what is hidden, with what shows it.
pub fn footer(answer: &Answer, hidden: &[String], wide: &str) -> String {
    let rows = &answer.table.rows;
    let certain = rows.iter().filter(|row| row.certain).count();
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
