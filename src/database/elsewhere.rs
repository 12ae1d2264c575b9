//! Graphs whose facts lie elsewhere: an engine answers what is prepared on their catalogue.

use super::{Database, Error, Options, Prepared};
use crate::answer::Answer;
use crate::graph::{Census, Graph};
use std::fmt::Debug;
use std::sync::Arc;

/// An engine that holds the facts of a catalogue. Queries are prepared on the catalogue. What it returns refers to graphs
/// with the same entities and with those facts that are needed to show it.
pub trait Engine: Send + Sync + Debug {
    /// Answers a query.
    ///
    /// # Errors
    /// The engine cannot be reached or says no; a limit or Ctrl-C stopped it.
    fn answer(&self, prepared: &Prepared, options: &Options) -> Result<(Prepared, Answer), Error>;

    /// Returns the query prepared on a graph that has all facts of its matches.
    ///
    /// # Errors
    /// Those of [`Engine::answer`].
    fn with_facts(&self, prepared: &Prepared, options: &Options) -> Result<Prepared, Error>;

    /// Returns the graph with all of its facts.
    ///
    /// # Errors
    /// Those of [`Engine::answer`].
    fn whole(&self) -> Result<Graph, Error>;

    /// Returns what the facts are like.
    fn census(&self) -> &Census;

    /// Returns the name of the graph, without credentials.
    fn name(&self) -> String;
}

impl Prepared {
    /// Returns true if the query was prepared for the graph of a database.
    #[doc(hidden)]
    pub fn is_of(&self, database: &Database) -> bool {
        Arc::ptr_eq(&self.graph, &database.graph)
    }

    /// Returns a database of the graph that the query was prepared for, without definitions of a session.
    #[doc(hidden)]
    pub fn database(&self) -> Database {
        Database::sharing(self.graph.clone())
    }
}
