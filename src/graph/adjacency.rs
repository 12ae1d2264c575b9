//! Adjacency lists in compressed sparse row form: offsets and sorted targets.

use super::{Column, Condensation, EntityId, FactId};
use crate::value::Id;
use std::sync::{Arc, OnceLock};

/// Neighbours of each entity of a range, sorted ascending.
///
/// Invariant: `offsets` has one entry more than the range, is sorted ascending, starts at 0 and ends at
/// `targets.len()`; the targets of one entity are sorted ascending and distinct.
#[derive(Debug, Clone, Default)]
pub struct Adjacency {
    /// First entity of the range.
    pub base: u32,
    pub offsets: Column<u32>,
    pub targets: Column<u32>,
    /// See [`Adjacency::is_single`]; computed on first use, or read from a snapshot.
    pub(crate) single: OnceLock<bool>,
    /// Condensation of this adjacency; computed when a query can use it.
    pub(crate) condensation: OnceLock<Arc<Condensation>>,
}

impl Adjacency {
    /// Returns true if no entity has more than one neighbour. O(entities) on the first call, then cached.
    pub fn is_single(&self) -> bool {
        *self.single.get_or_init(|| {
            let is_short = |pair: &[u32]| pair[1].saturating_sub(pair[0]) <= 1;
            // The first test is cheap: more neighbours than entities cannot be single.
            self.len() < self.offsets.len() && self.offsets.windows(2).all(is_short)
        })
    }

    /// Returns the positions in `targets` of the neighbours of `entity`; empty outside the range.
    #[inline]
    pub fn span(&self, entity: EntityId) -> std::ops::Range<usize> {
        // An entity below the range wraps to a large number, which is out of bounds, too.
        let i = entity.0.wrapping_sub(self.base) as usize;
        match self.offsets.part(i..i.saturating_add(2)) {
            Some([start, end]) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// Returns the neighbours, sorted ascending; none outside the range.
    #[inline]
    pub fn of(&self, entity: EntityId) -> &[u32] {
        self.targets.part(self.span(entity)).unwrap_or(&[])
    }

    /// Returns the entity whose neighbours include this position of `targets`. O(log n).
    pub fn owner(&self, position: u32) -> EntityId {
        EntityId(self.base + row_of(&self.offsets, position))
    }

    /// Returns the lists as slices, for a hot loop.
    pub fn rows(&self) -> Rows<'_> {
        let known = self.offsets.known().zip(self.targets.known());
        Rows { links: self, known }
    }

    pub fn contains(&self, entity: EntityId, target: EntityId) -> bool {
        self.position(entity, target).is_some()
    }

    /// Returns the position of `target` among `targets`; `None` if it is no neighbour of `entity`. O(log degree).
    pub fn position(&self, entity: EntityId, target: EntityId) -> Option<usize> {
        let span = self.span(entity);
        let start = span.start;
        Some(start + self.targets.part(span)?.binary_search(&target.0).ok()?)
    }

    pub fn degree(&self, entity: EntityId) -> usize {
        self.span(entity).len()
    }

    /// Returns the total number of links.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Returns the range of entities.
    pub fn range(&self) -> std::ops::Range<u32> {
        self.base..self.base + self.offsets.len().saturating_sub(1) as u32
    }

    /// Returns every entity of the range with its neighbours, in id order.
    pub fn iter(&self) -> impl Iterator<Item = (EntityId, &[u32])> {
        self.range().map(EntityId).map(|entity| (entity, self.of(entity)))
    }
}

/// View of an [`Adjacency`] with its columns as slices, if they are known to be undamaged.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    links: &'a Adjacency,
    known: Option<(&'a [u32], &'a [u32])>,
}

impl<'a> Rows<'a> {
    /// Returns the neighbours, sorted ascending; none outside the range.
    #[inline]
    pub fn of(&self, entity: u32) -> &'a [u32] {
        let Some((offsets, targets)) = self.known else { return self.links.of(EntityId(entity)) };
        // See `Adjacency::span` on entities below the range.
        let i = entity.wrapping_sub(self.links.base) as usize;
        match offsets.get(i..i.saturating_add(2)) {
            Some([start, end]) => targets.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// Returns the row that contains a position, given the offsets of the rows. O(log rows).
pub(super) fn row(offsets: &[u32], position: u32) -> u32 {
    // Empty rows begin at the same offset as the next row; the last of these contains the position.
    let begun = offsets.partition_point(|offset| *offset <= position);
    begun.min(offsets.len().saturating_sub(1)).saturating_sub(1) as u32
}

/// Does the same for offsets in a column.
pub(super) fn row_of(offsets: &Column<u32>, position: u32) -> u32 {
    let begun = offsets.partition_point(|offset| offset <= position);
    begun.min(offsets.len().saturating_sub(1)).saturating_sub(1) as u32
}

/// The facts of one verb, from both ends.
#[derive(Debug, Clone, Default)]
pub struct Relation {
    /// Objects of each subject. The fact at position `i` has the id `first_fact + i`.
    pub forward: Adjacency,
    /// Subjects of each object.
    pub reverse: Adjacency,
    pub first_fact: u32,
    /// Facts with a claim that is better than doubtful; `None` if these are all. Fact ids must be looked up in the
    /// whole relation.
    pub certain: Option<Box<AdjacencyPair>>,
    /// Facts that held on the day of [`super::Graph::as_of`], from both ends; `None` if these are all.
    pub possible: Option<Box<AdjacencyPair>>,
}

impl Relation {
    /// Returns the fact that joins subject and object; `None` if there is none. O(log degree).
    pub fn fact(&self, subject: EntityId, object: EntityId) -> Option<FactId> {
        let stood = self.possible.as_ref().is_none_or(|possible| possible.forward.contains(subject, object));
        // Fact ids count all facts of the verb, so the position is looked up in the whole relation.
        let position = self.forward.position(subject, object).filter(|_| stood)?;
        FactId::new(self.first_fact as usize + position)
    }

    /// Returns the recorded fact that joins subject and object, whether it is followed or not; `None` if there is none.
    pub fn recorded(&self, subject: EntityId, object: EntityId) -> Option<FactId> {
        FactId::new(self.first_fact as usize + self.forward.position(subject, object)?)
    }

    /// Returns every fact with its subject and object, in id order.
    pub fn iter(&self) -> impl Iterator<Item = (FactId, EntityId, EntityId)> {
        let links = self.forward.iter().flat_map(|(subject, row)| row.iter().map(move |object| (subject, *object)));
        links.zip(self.first_fact..).map(|((subject, object), fact)| (FactId(fact), subject, EntityId(object)))
    }

    /// Returns the number of facts.
    pub fn len(&self) -> usize {
        self.forward.len()
    }

    pub fn is_empty(&self) -> bool {
        self.forward.is_empty()
    }

    /// Returns the adjacency in a direction, of all facts or only the certain ones.
    pub fn adjacency(&self, direction: Direction, facts: Facts) -> &Adjacency {
        let part = match facts {
            // Without doubtful facts there is no list of certain ones: all possible facts are certain.
            Facts::Certain => self.certain.as_ref().or(self.possible.as_ref()),
            Facts::All => self.possible.as_ref(),
        };
        match (part, direction) {
            (Some(part), direction) => part.along(direction),
            // No sublist: all facts count.
            (None, Direction::Forward) => &self.forward,
            (None, Direction::Reverse) => &self.reverse,
        }
    }
}

/// Direction in which facts are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From subject to object.
    Forward,
    /// From object to subject.
    Reverse,
}

impl Direction {
    /// Returns the direction in which a verb is read.
    pub fn inverse_if(inverse: bool) -> Direction {
        if inverse { Direction::Reverse } else { Direction::Forward }
    }
}

/// Selection of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// Facts with a claim that is better than doubtful.
    Certain,
    All,
}

/// Adjacency of the same facts from both ends.
#[derive(Debug, Clone, Default)]
pub struct AdjacencyPair {
    /// Objects of each subject.
    pub forward: Adjacency,
    /// Subjects of each object.
    pub reverse: Adjacency,
}

impl AdjacencyPair {
    pub fn along(&self, direction: Direction) -> &Adjacency {
        match direction {
            Direction::Forward => &self.forward,
            Direction::Reverse => &self.reverse,
        }
    }
}
