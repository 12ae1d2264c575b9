//! begat: a knowledge-graph query engine whose language reads like the facts it asks about.
//!
//! A graph holds entities with types (`DeepSeek V3`, a Model), facts between them (`DeepSeek V3 uses MLA`), values (`DeepSeek V3
//! dated 2024-12`), and for each fact the sources that claim it. A query is a fact with holes: `Model uses MLA` asks which
//! models do, `Org develops Model that uses MLA` whose they are. Dates are as uncertain as the sources are, so that a row is
//! *certain* (it holds whatever the days are) or *possible*.
//!
//! # Ask
//!
//! ```
//! use begat::{Database, Date};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let database = Database::builtin(); // or Database::open("graph-data/transformers")?
//!     for row in &database.query("Model m uses MLA show m, m.date")? {
//!         let (model, date): (&str, Option<Date>) = row.try_into()?;
//!         println!("{model} {date:?}");
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Ask with values, and within limits
//!
//! ```
//! use begat::{Database, ErrorKind, Options};
//! use std::time::Duration;
//!
//! let database = Database::builtin();
//! let options = Options::new().param("t", "MLA").timeout(Duration::from_secs(1)).max_rows(1000);
//! let prepared = database.prepare("Model m uses $t order by m.date", &options)?.remove(0);
//! assert_eq!(prepared.run(&options)?.len(), 2);
//!
//! let endless = database.query_with("Model a, cross Model b, cross Model c, cross Model d", &options);
//! assert_eq!(endless.unwrap_err().kind(), ErrorKind::Limit);
//! # Ok::<(), begat::Error>(())
//! ```
//!
//! # Dates
//!
//! A [`Date`] is one unknown day between two bounds, and comparing two gives a [`Truth`].
//!
//! ```
//! use begat::{Date, Truth};
//!
//! let released = Date::parse("2024")?;
//! assert_eq!(released.before(Date::parse("2025")?), Truth::Yes);
//! assert_eq!(released.before(Date::parse("2024-06")?), Truth::Maybe);
//! # Ok::<(), begat::DateError>(())
//! ```
//!
//! # Ask why
//!
//! ```
//! let answer = begat::Database::builtin().query("DeepSeek R1 based on / uses MLA")?;
//! let row = answer.rows().next().expect("a row");
//! let proof = answer.why(&row)?.expect("rows of sentences have proofs");
//! assert_eq!(proof.sentence, "DeepSeek R1 based on / uses MLA");
//! let path = &proof.because[0]; // its facts are below, in order
//! assert!(path.because.iter().all(|fact| fact.claims[0].source == "goose"));
//! # Ok::<(), begat::Error>(())
//! ```
//!
//! # Draw
//!
//! ```
//! use begat::{Database, Format, RenderOptions};
//!
//! let answer = Database::builtin().query("timeline of Model")?;
//! let picture = answer.render(Format::Svg, &RenderOptions::new().title("Models in time"))?;
//! assert!(picture.contains("Models in time"));
//! # Ok::<(), begat::Error>(())
//! ```
//!
//! # Bring your own facts
//!
//! [`Database::open`] reads a folder of RON files and the tables that they name, [`Database::from_texts`] the same from memory:
//!
//! ```
//! let graph = r#"(
//!     schema: (types: {"City": (properties: {"people": (type: Number)})}),
//!     sources: {"office": (title: "Statistical office, 2023")},
//!     tables: [(file: "cities.csv", entity: "City", name: "name", properties: {"people": "people"}, source: "office")],
//! )"#;
//! let database = begat::Database::from_texts(&[("graph.ron", graph), ("cities.csv", "name,people\nUlm,128928\nBonn,335975\n")])?;
//! assert_eq!(database.query("City c where c.people > 200K")?.len(), 1);
//! # Ok::<(), begat::Error>(())
//! ```
//!
//! [`GraphBuilder`] makes a graph in code.
//!
//! # For front ends
//!
//! [`Database::ask`] turns any text into JSON, errors included; [`Database::complete`] says what may stand at a cursor;
//! [`Error::render`] shows an error with carets, and each [`Diagnostic`] holds edits that mend the text.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `cli` | yes | the command `begat` |
//! | `mcp` | yes | `begat mcp`, a server of the Model Context Protocol |
//! | `parquet` | yes | reading and writing Parquet |
//! | `serve` | yes | `begat serve`, a page and JSON over HTTP |
//! | `serde` | yes | `serde::Serialize` of answers, rows, cells, values, dates, proofs and diagnostics |
//! | `spark` | no | graphs on a cluster: `begat -g spark://HOST:PORT/LAKE` |
#![deny(unsafe_code)]
#![warn(missing_docs)]
// The hidden modules link to their parts.
#![allow(rustdoc::private_intra_doc_links)]

/// The pages of the repository, so that their examples are tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/embedding.md")]
    mod embedding {}
}

// What the command, the tests and the benches reach into. None of it is promised to stay.
#[doc(hidden)]
pub mod answer;
mod api;
#[doc(hidden)]
pub mod check;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "spark")]
#[doc(hidden)]
pub mod cluster;
#[doc(hidden)]
pub mod compare;
#[doc(hidden)]
pub mod complete;
mod database;
#[doc(hidden)]
pub mod date;
#[doc(hidden)]
pub mod disk;
#[doc(hidden)]
pub mod edit;
#[doc(hidden)]
pub mod exec;
#[doc(hidden)]
pub mod functions;
#[doc(hidden)]
pub mod graph;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod import;
#[doc(hidden)]
pub mod limits;
#[doc(hidden)]
pub mod load;
#[cfg(feature = "mcp")]
#[doc(hidden)]
pub mod mcp;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod provenance;
#[doc(hidden)]
pub mod render;
#[doc(hidden)]
pub mod repair;
#[doc(hidden)]
pub mod schema;
#[cfg(feature = "serve")]
#[doc(hidden)]
pub mod serve;
#[doc(hidden)]
pub mod snapshot;
#[doc(hidden)]
pub mod syntax;
#[doc(hidden)]
pub mod text;
mod threads;
#[cfg(any(feature = "mcp", feature = "serve"))]
#[doc(hidden)]
pub mod tools;
#[doc(hidden)]
pub mod translate;
#[doc(hidden)]
pub mod value;
#[doc(hidden)]
pub mod views;

pub use api::{
    Answer, Cell, Claim, Column, ColumnIndex, Entity, Fact, FromCell, GraphBuilder, Proof, ProofKind, RenderOptions,
    Row, Rows, Shape, Subgraph, Table, Verb,
};
pub use complete::{Candidate, Completion};
#[doc(hidden)]
pub use database::Engine;
pub use database::{Database, Error, ErrorKind, Options, Prepared};
pub use date::{DateError, Precision};
#[doc(hidden)]
pub use limits::Limits;
pub use render::Format;
pub use render::picture::Theme;
pub use text::{Advice, Code, Diagnostic, Fix, Help, Label, Resource, Severity, Span, Text};
pub use value::{Date, Truth, Value, ValueType};
