//! Verifies a whole file against its checksums.

use super::format::{self, SnapshotError};
use super::map::Map;
use super::{meta::Meta, open, write};
use std::path::Path;

/// A section of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its contents in words.
    pub name: &'static str,
    pub bytes: u64,
    /// Whether its bytes match their checksums.
    pub is_sound: bool,
}

/// Reads a whole snapshot. Returns its sections in file order; if all are sound, the graph is consistent, too.
///
/// # Errors
/// The errors of `open`, or a column with the right checksum whose numbers are out of range.
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
        // Collecting the sections reads every column, which checks it.
        write::sections(&graph, &Meta::of(&graph).to_bytes());
        if let Some(damaged) = graph.damage() {
            return Err(SnapshotError::Damaged(damaged));
        }
    }
    Ok(sections)
}
