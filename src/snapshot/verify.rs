//! All of a file, held against its checksums.

use super::format::{self, SnapshotError};
use super::map::Map;
use super::{meta::Meta, open, write};
use std::path::Path;

/// A part of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it holds, in words.
    pub name: &'static str,
    pub bytes: u64,
    /// Whether its bytes are those that were written.
    pub is_sound: bool,
}

/// Reads a whole snapshot: its sections in the order of the file. If all are sound, so is the graph.
///
/// # Errors
/// What `open` gives, or a column that has the right checksum and leads nowhere all the same.
pub fn verify(path: &Path) -> Result<Vec<Section>, SnapshotError> {
    let map = Map::open(path)?;
    let sections = format::sections(map.bytes())?.into_iter().map(|entry| Section {
        name: entry.tag.name(),
        bytes: entry.bytes,
        is_sound: entry.is_whole(map.bytes()),
    });
    let sections: Vec<Section> = sections.collect();
    if sections.iter().all(|section| section.is_sound) {
        let graph = open::open_map(map)?;
        // To name the columns is to read them.
        write::sections(&graph, &Meta::of(&graph).to_bytes());
        if let Some(damaged) = graph.damage() {
            return Err(SnapshotError::Damaged(damaged));
        }
    }
    Ok(sections)
}
