//! Paths: what is reached, how far it is, and by which ways.

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
