//! Snapshots: a graph in a file with its layout in memory, so that opening it costs the same whatever its size.
//!
//! [`write`] and `open` are inverse. `format` defines the layout: a header, a table of sections, and the sections, each
//! an array. The small parts (schema, sources, definitions) are `meta`, a section that is read on opening. All other
//! sections are columns of the graph and are read in place.
//!
//! Nothing in a file is trusted. Opening verifies the checksums of header, table and `meta`, and that the lengths of
//! all columns agree. The contents of a column are verified when it is first read: its checksum, and that its numbers
//! are in range. That costs about 0.1 ms a megabyte, once. A damaged block reads as harmless values, and
//! [`Graph::damage`] names it, so that no answer is given from it. `verify` checks everything.
//!
//! A file must not be written to while it is mapped; [`write`] makes a new file and renames it. If somebody does so
//! anyway, [`Graph::damage`] reports it before the next query, by the file's length and time of modification.
//! (Truncation during a query is handled by the process: `end_when_cut`.)
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
