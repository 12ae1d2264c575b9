//! Curating: edits of a graph's files, of which a crash leaves the old graph or the new one, and reports about a graph.

#[path = "../support/generate.rs"]
#[allow(dead_code)]
mod generate;

mod command;
mod edits;
mod folder;
mod reports;
