//! The graph that ships with begat.

use super::map::Map;
use super::open::open_map;
use crate::graph::Graph;

/// Bytes at an address that any column may have.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

static FILE: &Aligned<[u8]> = &Aligned(*include_bytes!("../../graph-data/llm-evolution.begat"));

/// The evolution of language models, compiled in: the snapshot of `graph-data/llm-evolution`. A test holds that the two
/// are equal; it would be empty else.
pub fn builtin() -> Graph {
    open_map(Map::Static(&FILE.0)).unwrap_or_default()
}
