//! The public library interface: answers that own their graph, rows that convert to values, proofs and facts as text,
//! JSON.
//!
//! Read [`Answer`] first. This module decides nothing: `database` answers and `render` writes. It turns ids into names
//! and keeps the objects that belong together alive.

mod answer;
mod ask;
mod build;
mod cell;
mod drawing;
mod fact;
mod proof;
#[cfg(feature = "serde")]
mod serialize;

pub use answer::{Answer, Column, ColumnIndex, Row, Rows, Shape, Table};
pub use build::{GraphBuilder, Verb};
pub use cell::{Cell, Entity, FromCell};
pub use drawing::RenderOptions;
pub use fact::{Claim, Fact, Subgraph};
pub use proof::{Proof, ProofKind};

#[cfg(any(feature = "mcp", feature = "serve"))]
pub(crate) use ask::{answers, error_json, notes_json};

use crate::complete::{Completion, complete};
use crate::database::{Database, Error, Options, Prepared, within};
use crate::snapshot::{self, SnapshotError};

impl Database {
    /// Answers one query with the default options.
    ///
    /// ```
    /// let answer = begat::Database::builtin().query("Model uses MLA")?;
    /// assert_eq!(answer.len(), 2);
    /// # Ok::<(), begat::Error>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`Database::prepare`] and [`Prepared::run`]; [`ErrorKind::Usage`](crate::ErrorKind::Usage) if the
    /// text does not hold exactly one query.
    pub fn query(&self, text: &str) -> Result<Answer, Error> {
        self.query_with(text, &Options::new())
    }

    /// Answers one query. The limits of `options` cover parsing, planning and running together.
    ///
    /// # Errors
    /// The errors of [`Database::query`].
    pub fn query_with(&self, text: &str, options: &Options) -> Result<Answer, Error> {
        // One budget for both calls: the time limit starts with parsing.
        within(options, |_| match self.prepare(text, options)?.as_slice() {
            [one] => one.run(options),
            other => Err(Error::usage(format!("one query is asked at a time, and the text holds {}", other.len()))),
        })
    }

    /// Answers a text as JSON and never fails: errors are part of the output. Meant for a service, a notebook or an
    /// agent.
    ///
    /// A line for each statement, with the bytes that the command writes for `--format json`: `{"columns", "rows", "certain",
    /// "possible"}`, each row an object by column with its `certainty`; dates are `{"edtf", "earliest", "latest"}`. Behind
    /// these stands `diagnostics` where there are warnings or notes. With [`Options::proofs`] each row has `because`: its
    /// proof, or null. An error is a line `{"error", "message", "diagnostics"}`, after which nothing follows; its
    /// diagnostics hold the edits that mend the text. A text that names a file (`to "x.csv"`) is an error: nothing is written.
    ///
    /// A proof in JSON has at most 40 levels; where there are more, the lowest has `more`, the number of steps below it.
    ///
    /// ```
    /// use begat::{Database, Options};
    ///
    /// let json = Database::builtin().ask("Model uses $t", &Options::new().param("t", "MLA"));
    /// assert!(json.starts_with(r#"{"columns":["Model"],"rows":[{"Model":"DeepSeek V2","certainty":"certain"}"#));
    /// ```
    #[must_use]
    pub fn ask(&self, text: &str, options: &Options) -> String {
        ask::ask(self, text, options)
    }

    /// Returns the completions at a position of a text. `cursor` is a byte offset, moved back to the start of a
    /// character. The text after the cursor is ignored.
    ///
    /// ```
    /// let found = begat::Database::builtin().complete("Model uses ML", 13);
    /// assert_eq!((found.start, found.candidates[0].replacement.as_str()), (11, "MLA"));
    /// ```
    #[must_use]
    pub fn complete(&self, text: &str, cursor: usize) -> Completion {
        let before = &text[..text.floor_char_boundary(cursor)];
        if self.graph().damage().is_some() { Completion::default() } else { complete(before, self.graph(), &[]) }
    }

    /// Returns the entity with this name or alias; `None` if there is none or more than one. If no name matches
    /// exactly, case, spaces and hyphens are ignored.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<Entity<'_>> {
        match self.graph().names().lookup(name).as_slice() {
            [one] => Some(Entity::new(self.graph(), *one)),
            _ => None,
        }
    }

    /// Returns all entities, sorted by type, then in natural order of name.
    pub fn entities(&self) -> impl Iterator<Item = Entity<'_>> {
        self.graph().entities().map(|entity| Entity::new(self.graph(), entity))
    }

    /// Returns the whole graph as a [`Subgraph`], to render it or to iterate over it. Costs O(entities + facts).
    #[must_use]
    pub fn whole(&self) -> Subgraph {
        Subgraph::new(self.graph_handle(), crate::render::whole(self.graph()))
    }

    /// Writes the graph as a snapshot: one file that [`Database::open`] maps. The file is complete or is not there.
    ///
    /// # Errors
    /// [`ErrorKind::File`](crate::ErrorKind::File) if the file cannot be written.
    pub fn save(&self, path: impl AsRef<std::path::Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let unwritable = |error: SnapshotError| Error::Write { path: path.to_path_buf(), reason: error.to_string() };
        snapshot::write(self.graph(), path).map(|_| ()).map_err(unwritable)
    }
}

impl Prepared {
    /// Returns the file that the statement asks its answer to be written to (`… to "x.csv"`). The library writes none.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.query.to.as_deref()
    }

    /// Answers the statement. Everything was planned as it was prepared; options may set other limits, but bind no
    /// parameters. Costs the query: all its rows are found, and turned into cells as they are read.
    ///
    /// # Errors
    /// A limit or the flag of [`Options::cancel`] stopped the query, or a block of a snapshot is damaged.
    pub fn run(&self, options: &Options) -> Result<Answer, Error> {
        let found = Database::sharing(self.graph.clone()).run(self, options)?;
        Ok(Answer::new(self.clone(), options.clone(), found))
    }
}
