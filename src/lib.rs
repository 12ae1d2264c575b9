//! begat: a knowledge-graph query engine whose language reads like the facts it asks about.
#![deny(unsafe_code)]

pub mod answer;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod date;
pub mod exec;
pub mod functions;
pub mod graph;
pub mod load;
pub mod plan;
pub mod render;
pub mod schema;
pub mod snapshot;
pub mod syntax;
pub mod text;
pub mod value;

mod database;
pub use database::{Database, Error, Limits, Options, Prepared};
