//! Opens a snapshot without reading its columns.
//!
//! Opening checks the lengths of columns against each other; the first read of a block checks its numbers against these
//! lengths. After both checks no number is out of range, whoever wrote the file, so that lookups in the graph cannot
//! fail.

use super::format::{self, Entry, SnapshotError, Tag};
use super::map::{self, Map, Plain};
use super::meta::{Meta, RelationMeta};
use crate::graph::{
    Adjacency, AdjacencyPair, BLOCK, Claims, Column, Damage, Graph, Names, Numbers, Relation, Texts, ValueColumn,
    Values,
};
use crate::schema::Property;
use crate::value::{Date, ValueType};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Opens a snapshot in time independent of its size.
///
/// # Errors
/// The file cannot be read, is not a snapshot or has another version, is truncated, or its header, table or schema is
/// damaged. Later damage is reported by [`Graph::damage`].
pub fn open(path: &Path) -> Result<Graph, SnapshotError> {
    if std::fs::metadata(path)?.len() == 0 {
        return Err(SnapshotError::NotASnapshot);
    }
    open_map(Map::open(path)?)
}

pub(super) fn open_map(map: Map) -> Result<Graph, SnapshotError> {
    let entries = format::sections(map.bytes())?;
    let map = Arc::new(map);
    let watched = map.clone();
    let damage = Damage::watching(move || watched.is_changed());
    let mut file = Columns { map, entries: entries.into_iter(), damage };
    let meta = file.meta()?;
    let count = meta.type_starts.last().copied().unwrap_or(0);
    let names = file.names(count)?;
    let relations = meta.relations.iter().map(|relation| file.relation(relation, count));
    let relations = relations.collect::<Result<Vec<Relation>, _>>()?;
    let values =
        meta.values.iter().zip(&meta.properties).map(|(firsts, property)| file.values(*firsts, property, count));
    let values = values.collect::<Result<Vec<Values>, _>>()?;
    let facts = count_facts(&relations, &values).ok_or(SnapshotError::Damaged("schema"))?;
    let claims = file.claims(&meta, facts)?;
    // An unknown section at the end would be data that this version ignores.
    if file.entries.next().is_some() {
        return Err(SnapshotError::Damaged("table of sections"));
    }
    let schema = meta.schema();
    let Meta { defines, type_starts, .. } = meta;
    let damage = file.damage;
    let mut graph =
        Graph { schema, type_starts, names, relations, values, claims, defines, damage, ..Graph::default() };
    graph.share_texts();
    Ok(graph)
}

/// Returns the number of facts; `None` if their ids are not consecutive.
fn count_facts(relations: &[Relation], values: &[Values]) -> Option<u32> {
    let links = relations.iter().map(|relation| (relation.first_fact, relation.len()));
    let values = values.iter().map(|values| (values.first_fact, values.len()));
    links.chain(values).try_fold(0_u32, |next, (first, length)| {
        if first == next { next.checked_add(u32::try_from(length).ok()?) } else { None }
    })
}

/// The sections of a file that have not been taken yet.
struct Columns {
    map: Arc<Map>,
    entries: std::vec::IntoIter<Entry>,
    damage: Damage,
}

type Opened<T> = Result<T, SnapshotError>;

impl Columns {
    /// Takes the next section, which must have this tag and width.
    fn next(&mut self, tag: Tag, width: usize) -> Opened<Entry> {
        let found = self.entries.next().filter(|entry| entry.tag == tag && entry.width as usize == width);
        found.ok_or(SnapshotError::Damaged("table of sections"))
    }

    fn meta(&mut self) -> Opened<Meta> {
        let entry = self.next(Tag::Meta, 1)?;
        let file = self.map.bytes();
        let bytes = file.get(entry.range()).filter(|_| entry.is_whole(file));
        bytes.and_then(Meta::read).ok_or(SnapshotError::Damaged(Tag::Meta.name()))
    }

    /// Takes the next section as a column. Each block must pass `is_sound`, which may also read the values before the
    /// block. A damaged block reads as copies of `instead`.
    fn column<T: Plain>(
        &mut self,
        tag: Tag,
        instead: T,
        is_sound: impl Fn(&[T], Range<usize>) -> bool + Send + Sync + 'static,
    ) -> Opened<Column<T>> {
        let entry = self.next(tag, size_of::<T>())?;
        let (map, damage, trusted) = (self.map.clone(), self.damage.clone(), OnceLock::new());
        let check = move |values: &[T], block: Range<usize>| {
            let list = map.bytes().get(entry.list()).unwrap_or(&[]);
            // The list of checksums is verified once, on the first block that is read.
            let is_trusted = *trusted.get_or_init(|| format::hash(list) == entry.hash);
            let sum = list.as_chunks().0.get(block.start / BLOCK).copied().map(u64::from_ne_bytes);
            let bytes = map::bytes_of(&values[block.clone()]);
            let is_sound = is_trusted && sum == Some(format::hash(bytes)) && is_sound(values, block);
            if !is_sound {
                damage.note(tag.name());
            }
            is_sound
        };
        let column = map::column(&self.map, entry.range(), Box::new(check), instead);
        column.ok_or(SnapshotError::Damaged("table of sections"))
    }

    /// Takes the next section as a column in which each value must pass a test by itself.
    fn each<T: Plain>(
        &mut self,
        tag: Tag,
        instead: T,
        is_sound: impl Fn(&T) -> bool + Send + Sync + 'static,
    ) -> Opened<Column<T>> {
        // A fold without early exit can be vectorised.
        self.column(tag, instead, move |values, block| {
            values[block].iter().fold(true, |sound, value| sound & is_sound(value))
        })
    }

    /// Takes the offsets of the rows of a list of `total` elements. In a damaged block all rows are empty.
    fn offsets(&mut self, tag: Tag, rows: usize, total: usize) -> Opened<Column<u32>> {
        let is_sound = move |offsets: &[u32], block: Range<usize>| {
            let is_first = block.start > 0 || offsets.first().is_none_or(|first| *first == 0);
            let ends = offsets[block.clone()].last().is_none_or(|last| *last as usize <= total);
            is_first && ends && rises(offsets, block)
        };
        let offsets = self.column(tag, 0, is_sound)?;
        // Without rows the offsets may be missing altogether.
        fits(offsets.len() == rows + 1 || rows == 0 && offsets.is_empty(), tag)?;
        Ok(offsets)
    }

    /// Returns the number of elements of the section after the next `skip`; 0 if there is none.
    fn ahead(&self, skip: usize) -> usize {
        let entry = self.entries.as_slice().get(skip);
        entry.map_or(0, |entry| (entry.bytes / u64::from(entry.width.max(1))) as usize)
    }

    /// Takes a column of numbers in a range.
    fn within(&mut self, tag: Tag, range: Range<u32>) -> Opened<Column<u32>> {
        self.each(tag, range.start, move |value| range.contains(value))
    }

    fn texts(&mut self, [offsets, bytes]: [Tag; 2]) -> Opened<Texts> {
        let (rows, total) = (self.ahead(0).saturating_sub(1), self.ahead(1));
        Ok(Texts { offsets: self.offsets(offsets, rows, total)?, bytes: self.each(bytes, 0, |_| true)? })
    }

    fn names(&mut self, count: u32) -> Opened<Names> {
        let names = self.texts([Tag::NameOffsets, Tag::NameBytes])?;
        fits(names.len() == count as usize, Tag::NameOffsets)?;
        let aliases = self.texts([Tag::AliasOffsets, Tag::AliasBytes])?;
        let rows = if self.ahead(0) == 0 && aliases.is_empty() { 0 } else { count as usize };
        let alias_offsets = self.offsets(Tag::AliasStarts, rows, aliases.len())?;
        let words = u32::try_from(names.len() + aliases.len()).unwrap_or(0);
        let by_fold = self.within(Tag::Folded, 0..words)?;
        fits(by_fold.len() == words as usize, Tag::Folded)?;
        Ok(Names { names, alias_offsets, aliases, by_fold })
    }

    fn relation(&mut self, meta: &RelationMeta, count: u32) -> Opened<Relation> {
        let AdjacencyPair { mut forward, mut reverse } = self.links(meta.bases, count)?;
        (forward.single, reverse.single) = (meta.single.0.into(), meta.single.1.into());
        let certain = match meta.certain {
            Some(bases) => Some(Box::new(self.links(bases, count)?)),
            None => None,
        };
        Ok(Relation { forward, reverse, first_fact: meta.first_fact, certain, possible: None })
    }

    /// Takes both directions of an adjacency, given the first subject and the first object.
    fn links(&mut self, bases: (u32, u32), count: u32) -> Opened<AdjacencyPair> {
        let range = |base: u32, offsets: usize| {
            let end = u32::try_from(offsets.saturating_sub(1)).ok().and_then(|rows| base.checked_add(rows));
            end.filter(|end| *end <= count).map(|end| base..end).ok_or(SnapshotError::Damaged(Tag::Offsets.name()))
        };
        let (subjects, objects) = (range(bases.0, self.ahead(0))?, range(bases.1, self.ahead(2))?);
        let forward = self.adjacency(subjects.clone(), objects.clone())?;
        let reverse = self.adjacency(objects, subjects)?;
        fits(forward.len() == reverse.len(), Tag::Targets)?;
        Ok(AdjacencyPair { forward, reverse })
    }

    fn adjacency(&mut self, from: Range<u32>, to: Range<u32>) -> Opened<Adjacency> {
        let offsets = self.offsets(Tag::Offsets, from.len(), self.ahead(1))?;
        let none = to.is_empty();
        let targets = self.within(Tag::Targets, to)?;
        fits(targets.is_empty() || !none, Tag::Targets)?;
        Ok(Adjacency { base: from.start, offsets, targets, ..Adjacency::default() })
    }

    fn values(&mut self, (base, first_fact): (u32, u32), property: &Property, count: u32) -> Opened<Values> {
        let rows = self.ahead(0).saturating_sub(1);
        fits(base as usize + rows <= count as usize, Tag::ValueOffsets)?;
        let offsets = self.offsets(Tag::ValueOffsets, rows, self.ahead(1))?;
        let stated = match property.value {
            ValueType::Date => ValueColumn::Dates(self.dates(Tag::Dates)?),
            ValueType::Number => ValueColumn::Numbers(self.numbers()?),
            // The heap of texts follows later in the file; `share_texts` sets it.
            ValueType::Text => ValueColumn::Texts(self.each(Tag::Words, 0, |_| true)?, Texts::default()),
        };
        let settled = self.dates(Tag::Settled)?;
        fits(settled.is_empty() || settled.len() == rows, Tag::Settled)?;
        Ok(Values { base, offsets, stated, settled, first_fact, ..Values::default() })
    }

    fn numbers(&mut self) -> Opened<Numbers> {
        let floats = self.each(Tag::Numbers, 0.0, |float: &f64| float.is_finite())?;
        let wide = self.column(Tag::WidePlaces, 0, rises)?;
        let whole = self.each(Tag::WideNumbers, 0_i64, |_| true)?;
        fits(wide.len() == whole.len() && wide.len() <= floats.len(), Tag::WidePlaces)?;
        Ok(Numbers { floats, wide, whole })
    }

    fn dates(&mut self, tag: Tag) -> Opened<Column<Date>> {
        self.each(tag, Date::UNDATED, |date: &Date| date.is_sound())
    }

    fn claims(&mut self, meta: &Meta, facts: u32) -> Opened<Claims> {
        let sources = meta.sources.clone();
        let known = sources.len();
        let source = self.each(Tag::ClaimSources, 0, move |source: &u32| (*source as usize) < known)?;
        let trust = self.each(Tag::ClaimTrusts, 0_u8, |_| true)?;
        let words = self.each(Tag::ClaimWords, [0_u32; 3], |_| true)?;
        let date = self.dates(Tag::ClaimDates)?;
        let count = source.len();
        fits(count == 0 || known > 0, Tag::ClaimSources)?;
        fits([trust.len(), words.len(), date.len()] == [count; 3], Tag::ClaimSources)?;
        let texts = self.texts([Tag::TextOffsets, Tag::TextBytes])?;
        let starts = self.column(Tag::FactStarts, 0, rises)?;
        let rows = match (self.ahead(0), starts.len()) {
            (0, _) => 0,
            (_, 0) => facts as usize,
            (_, runs) => runs,
        };
        let offsets = self.offsets(Tag::FactOffsets, rows, self.ahead(1))?;
        let of_facts = self.within(Tag::FactClaims, 0..u32::try_from(count).unwrap_or(0))?;
        fits(of_facts.is_empty() || count > 0, Tag::FactClaims)?;
        Ok(Claims { sources, source, trust, words, date, texts, starts, offsets, of_facts })
    }
}

/// Returns whether the values of a block are sorted ascending, including the step from the previous block.
fn rises(values: &[u32], block: Range<usize>) -> bool {
    let pairs = values[block.start.saturating_sub(1)..block.end].windows(2);
    pairs.fold(true, |rising, pair| rising & (pair[0] <= pair[1]))
}

/// Returns an error if a column does not fit the others.
fn fits(does: bool, tag: Tag) -> Opened<()> {
    if does { Ok(()) } else { Err(SnapshotError::Damaged(tag.name())) }
}
