//! begat: a knowledge-graph query engine whose language reads like the facts it asks about.
//!
//! [`Database`] is the door: open a graph, prepare a query, run it.
#![deny(unsafe_code)]

pub mod answer;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
mod database;
pub mod date;
pub mod disk;
pub mod exec;
pub mod functions;
pub mod graph;
pub mod limits;
pub mod load;
pub mod plan;
pub mod provenance;
pub mod render;
pub mod schema;
pub mod snapshot;
pub mod syntax;
pub mod text;
mod threads;
pub mod value;
pub mod views;

pub use database::{Database, Error, Options, Prepared};
pub use limits::Limits;
