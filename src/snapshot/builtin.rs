//! The graph that is compiled into begat.

use super::map::Map;
use super::open::open_map;
use crate::graph::Graph;

/// Bytes with an alignment that suits any column.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

static FILE: &Aligned<[u8]> = &Aligned(*include_bytes!("../../graph-data/llm-evolution.begat"));

/// Returns the evolution of language models: the snapshot of `graph-data/llm-evolution`, compiled in. A test compares
/// the two; a snapshot that cannot be opened would read as an empty graph.
pub fn builtin() -> Graph {
    open_map(Map::Static(&FILE.0)).unwrap_or_default()
}
