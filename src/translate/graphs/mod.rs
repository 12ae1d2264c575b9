//! Plan → one query of a language for graphs: Cypher or SPARQL.
//!
//! Both have nested groups that see the variables around them, so that a plan is read as what it says: `lower` makes
//! groups and expressions of it, which each language writes in its own words. A certain answer reads facts without doubt
//! and the ends of dates; what a language cannot say is refused, never approximated.

mod answer;
mod cypher;
mod ladybug;
mod lower;
mod scalar;
mod sparql;
mod tree;

pub use ladybug::ladybug;

use super::{Program, Refused};
use crate::graph::{Graph, SourceId};
use crate::plan::{Path, Plan};

/// A language for graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphLanguage {
    /// Cypher as Ladybug reads it, over the tables of a lake.
    Cypher,
    /// SPARQL 1.1, over the graph as N-Quads.
    Sparql,
}

/// What a language can say of paths.
trait Language {
    /// Returns true if the language says the path between two nodes with the meaning of a set.
    fn says(&self, path: &Path, source: Option<SourceId>) -> bool;

    /// Returns how the language repeats a step one time or more, where that may not lead back to its beginning; `None`
    /// if it does not repeat such a step.
    fn beyond_one(&self, step: &Path, source: Option<SourceId>) -> Option<Path>;
}

/// The query of a plan. Its rows are those of the answer, in its order, as words.
///
/// # Errors
/// The query says something that the language cannot.
pub fn graph_query(plan: &Plan, graph: &Graph, language: GraphLanguage) -> Result<Program, Refused> {
    let (written, name) = match language {
        GraphLanguage::Cypher => (cypher::written(plan, graph), "Cypher"),
        GraphLanguage::Sparql => (sparql::written(plan, graph), "SPARQL"),
    };
    let answer = written.map_err(|Refused(what)| Refused(format!("{what} cannot be said in {name}")))?;
    Ok(Program { loops: Vec::new(), answer })
}
