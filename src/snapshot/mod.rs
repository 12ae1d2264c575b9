//! The mapped file: a graph as it stands in memory, so that opening it costs the same whatever its size.
//!
//! [`write`] and `open` are inverse. `format` says how a file is laid out: a header, a table of sections, and the
//! sections, each an array. What is small (schema, sources, definitions) is `meta`, one section that is read when the
//! file is opened; all others are columns of the graph and stay where they are.
//!
//! Nothing of a file is trusted. Header, table and `meta` have checksums that are looked at on opening, and the
//! lengths of all columns are held against each other. The content of a column is checked when it is first read: its
//! checksum, and that its numbers lie where they must. That costs about 0.1 ms a megabyte, once. A damaged column reads
//! as something harmless, and [`Graph::damage`] names it, so that no answer is given from it. `verify` checks all.
//!
//! A file must not be written to while it is mapped; [`write`] makes a new one and gives it the old one's name. If
//! somebody does it all the same, [`Graph::damage`] tells before the next query, by the file's length and date. (A file
//! that is cut during a query is a matter of the process: `end_when_cut`.)
//!
//! [`Graph::damage`]: crate::graph::Graph::damage

mod builtin;
#[cfg(all(unix, feature = "cli"))]
mod fault;
mod format;
mod map;
mod meta;
mod open;
mod verify;
mod write;

pub use builtin::builtin;
#[cfg(all(unix, feature = "cli"))]
pub use fault::end_when_cut;
pub use format::{SnapshotError, is_snapshot};
pub use open::open;
pub use verify::{Section, verify};
pub use write::{write, write_to};
