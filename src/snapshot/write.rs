//! Writes a graph to a snapshot.

use super::format::{self, ENTRY, Entry, HEADER, SnapshotError, Tag, align};
use super::map::{Plain, bytes_of};
use super::meta::Meta;
use crate::disk;
use crate::graph::{Adjacency, Column, Graph, Texts, ValueColumn};
use std::io::Write;
use std::path::Path;

/// Writes a graph to a file; returns its length in bytes. Equal graphs give equal files, byte for byte.
///
/// The file is written beside its target and renamed ([`disk::write`]): a file of this name is always complete, and one
/// that is open stays valid.
///
/// # Errors
/// The file cannot be written, or the graph comes from a damaged snapshot. No temporary file is left, and an older file
/// of this name is unchanged.
pub fn write(graph: &Graph, path: &Path) -> Result<u64, SnapshotError> {
    disk::write(path, |mut out| write_to(graph, &mut out))
}

/// Writes a graph to any output; returns the number of bytes.
///
/// # Errors
/// The error of the output, or the graph comes from a damaged snapshot.
pub fn write_to(graph: &Graph, out: &mut impl Write) -> Result<u64, SnapshotError> {
    let meta = Meta::of(graph).to_bytes();
    let mut sections = sections(graph, &meta);
    let lists: Vec<Vec<u64>> =
        sections.iter().map(|section| format::block_hashes(section.bytes, section.width).collect()).collect();
    let all = lists.concat();
    sections.push(UnplacedSection { tag: Tag::Checksums, width: size_of::<u64>(), bytes: bytes_of(&all) });
    let hashes = lists.iter().chain([&all]).map(|list| format::hash(bytes_of(list)));
    let entries = entries(&sections, hashes);
    let table: Vec<u8> = entries.iter().flat_map(|entry| entry.to_bytes()).collect();
    let length = entries.last().map_or(HEADER as u64, |last| last.offset + last.bytes);
    out.write_all(&format::header(&table, length))?;
    out.write_all(&table)?;
    let mut at = (HEADER + table.len()) as u64;
    for (entry, section) in entries.iter().zip(&sections) {
        out.write_all(&[0; format::ALIGN][..(entry.offset - at) as usize])?;
        out.write_all(section.bytes)?;
        at = entry.offset + entry.bytes;
    }
    out.flush()?;
    // Writing has read every column, so any damage of the source is known now.
    if let Some(damaged) = graph.damage() {
        return Err(SnapshotError::Damaged(damaged));
    }
    Ok(length)
}

/// A section without an offset yet.
pub(super) struct UnplacedSection<'g> {
    tag: Tag,
    width: usize,
    bytes: &'g [u8],
}

fn entries(sections: &[UnplacedSection<'_>], hashes: impl Iterator<Item = u64>) -> Vec<Entry> {
    let mut next = (HEADER + sections.len() * ENTRY) as u64;
    let entry = |(section, hash): (&UnplacedSection<'_>, u64)| {
        let (offset, bytes) = (align(next), section.bytes.len() as u64);
        next = offset + bytes;
        Entry { tag: section.tag, width: section.width as u32, offset, bytes, hash, list: 0 }
    };
    sections.iter().zip(hashes).map(entry).collect()
}

/// Returns all sections, in the order in which `open` takes them.
pub(super) fn sections<'g>(graph: &'g Graph, meta: &'g [u8]) -> Vec<UnplacedSection<'g>> {
    let mut out = Sections(vec![UnplacedSection { tag: Tag::Meta, width: 1, bytes: meta }]);
    out.texts([Tag::NameOffsets, Tag::NameBytes], &graph.names.names);
    out.texts([Tag::AliasOffsets, Tag::AliasBytes], &graph.names.aliases);
    out.add(Tag::AliasStarts, &graph.names.alias_offsets);
    out.add(Tag::Folded, &graph.names.by_fold);
    for relation in &graph.relations {
        out.links(&relation.forward, &relation.reverse);
        if let Some(certain) = &relation.certain {
            out.links(&certain.forward, &certain.reverse);
        }
    }
    for values in &graph.values {
        out.add(Tag::ValueOffsets, &values.offsets);
        match &values.stated {
            ValueColumn::Dates(dates) => out.add(Tag::Dates, dates),
            ValueColumn::Numbers(numbers) => {
                out.add(Tag::Numbers, &numbers.floats);
                out.add(Tag::WidePlaces, &numbers.wide);
                out.add(Tag::WideNumbers, &numbers.whole);
            }
            ValueColumn::Texts(words, _) => out.add(Tag::Words, words),
        }
        out.add(Tag::Settled, &values.settled);
    }
    out.claims(graph);
    out.0
}

struct Sections<'g>(Vec<UnplacedSection<'g>>);

impl<'g> Sections<'g> {
    fn add<T: Plain>(&mut self, tag: Tag, column: &'g Column<T>) {
        self.0.push(UnplacedSection { tag, width: size_of::<T>(), bytes: bytes_of(column) });
    }

    fn texts(&mut self, [offsets, bytes]: [Tag; 2], texts: &'g Texts) {
        self.add(offsets, &texts.offsets);
        self.add(bytes, &texts.bytes);
    }

    fn links(&mut self, forward: &'g Adjacency, reverse: &'g Adjacency) {
        for links in [forward, reverse] {
            self.add(Tag::Offsets, &links.offsets);
            self.add(Tag::Targets, &links.targets);
        }
    }

    fn claims(&mut self, graph: &'g Graph) {
        let claims = &graph.claims;
        self.add(Tag::ClaimSources, &claims.source);
        self.add(Tag::ClaimTrusts, &claims.trust);
        self.add(Tag::ClaimWords, &claims.words);
        self.add(Tag::ClaimDates, &claims.date);
        self.texts([Tag::TextOffsets, Tag::TextBytes], &claims.texts);
        self.add(Tag::FactStarts, &claims.starts);
        self.add(Tag::FactOffsets, &claims.offsets);
        self.add(Tag::FactClaims, &claims.of_facts);
    }
}
