//! Searches along paths: reachability, distances, and the paths themselves.

pub(crate) mod automaton;
pub(crate) mod bfs;
mod bidirectional;
pub(crate) mod closures;
pub(crate) mod enumerate;
mod longest;
pub(crate) mod multi_source;
pub(crate) mod product;
mod shortest;
#[cfg(test)]
mod tests;
