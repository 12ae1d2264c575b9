//! Sorted adjacency: who stands beside whom, by offsets.

use super::{Column, Condensation, EntityId, FactId};
use crate::value::Id;
use std::sync::{Arc, OnceLock};

/// For each entity of a range, its neighbours in id order.
///
/// Invariant: `offsets` has one entry more than the range, grows, starts at 0 and ends at `targets.len()`; the
/// targets of one entity rise strictly.
#[derive(Debug, Clone, Default)]
pub struct Adjacency {
    /// The first entity of the range.
    pub base: u32,
    pub offsets: Column<u32>,
    pub targets: Column<u32>,
    /// See [`Adjacency::is_single`]; found out when it is first asked, or written in a snapshot.
    pub(crate) single: OnceLock<bool>,
    /// Its condensation; made when that is worth it.
    pub(crate) condensation: OnceLock<Arc<Condensation>>,
}

impl Adjacency {
    /// Whether nothing has more than one neighbour. O(entities) at first, then remembered.
    pub fn is_single(&self) -> bool {
        *self.single.get_or_init(|| {
            let is_short = |pair: &[u32]| pair[1].saturating_sub(pair[0]) <= 1;
            self.len() < self.offsets.len() && self.offsets.windows(2).all(is_short)
        })
    }

    /// Positions in `targets` of the neighbours of `entity`; empty outside the range.
    #[inline]
    pub fn span(&self, entity: EntityId) -> std::ops::Range<usize> {
        let i = entity.0.wrapping_sub(self.base) as usize;
        match self.offsets.part(i..i.saturating_add(2)) {
            Some([start, end]) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// Neighbours in id order.
    #[inline]
    pub fn of(&self, entity: EntityId) -> &[u32] {
        self.targets.part(self.span(entity)).unwrap_or(&[])
    }

    /// The entity whose neighbours hold a position of `targets`. O(log n).
    pub fn owner(&self, position: u32) -> EntityId {
        EntityId(self.base + row_of(&self.offsets, position))
    }

    /// The lists as slices, for a hot loop.
    pub fn rows(&self) -> Rows<'_> {
        let known = self.offsets.known().zip(self.targets.known());
        Rows { links: self, known }
    }

    pub fn contains(&self, entity: EntityId, target: EntityId) -> bool {
        self.position(entity, target).is_some()
    }

    /// Where `target` stands among the targets of `entity`. O(log degree).
    pub fn position(&self, entity: EntityId, target: EntityId) -> Option<usize> {
        let span = self.span(entity);
        let start = span.start;
        Some(start + self.targets.part(span)?.binary_search(&target.0).ok()?)
    }

    pub fn degree(&self, entity: EntityId) -> usize {
        self.span(entity).len()
    }

    /// How many links there are in all.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// The range of entities.
    pub fn range(&self) -> std::ops::Range<u32> {
        self.base..self.base + self.offsets.len().saturating_sub(1) as u32
    }

    /// Every entity of the range with its neighbours, in id order.
    pub fn iter(&self) -> impl Iterator<Item = (EntityId, &[u32])> {
        self.range().map(EntityId).map(|entity| (entity, self.of(entity)))
    }
}

/// An [`Adjacency`] whose columns have been taken as slices, if they are known to be sound.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    links: &'a Adjacency,
    known: Option<(&'a [u32], &'a [u32])>,
}

impl<'a> Rows<'a> {
    /// Neighbours in id order; none outside the range.
    #[inline]
    pub fn of(&self, entity: u32) -> &'a [u32] {
        let Some((offsets, targets)) = self.known else { return self.links.of(EntityId(entity)) };
        let i = entity.wrapping_sub(self.links.base) as usize;
        match offsets.get(i..i.saturating_add(2)) {
            Some([start, end]) => targets.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}

/// The row that holds a position, by the offsets at which rows begin.
pub(super) fn row(offsets: &[u32], position: u32) -> u32 {
    let begun = offsets.partition_point(|offset| *offset <= position);
    begun.min(offsets.len().saturating_sub(1)).saturating_sub(1) as u32
}

/// The same for offsets of a column.
pub(super) fn row_of(offsets: &Column<u32>, position: u32) -> u32 {
    let begun = offsets.partition_point(|offset| offset <= position);
    begun.min(offsets.len().saturating_sub(1)).saturating_sub(1) as u32
}

/// The facts of one verb, from both ends.
#[derive(Debug, Clone, Default)]
pub struct Relation {
    /// Subject to objects. The fact at position `i` has the id `first_fact + i`.
    pub forward: Adjacency,
    /// Object to subjects.
    pub reverse: Adjacency,
    pub first_fact: u32,
    /// The facts that some claim states better than doubtfully; absent where that is all of them. Its fact ids are
    /// to be looked up in the whole relation.
    pub certain: Option<Box<AdjacencyPair>>,
    /// All facts that stood on the day of [`super::Graph::as_of`], from both ends; absent where that is all of them.
    pub possible: Option<Box<AdjacencyPair>>,
}

impl Relation {
    /// The fact that joins the two, if any. O(log degree).
    pub fn fact(&self, subject: EntityId, object: EntityId) -> Option<FactId> {
        let stood = self.possible.as_ref().is_none_or(|possible| possible.forward.contains(subject, object));
        let position = self.forward.position(subject, object).filter(|_| stood)?;
        FactId::new(self.first_fact as usize + position)
    }

    /// Every fact with its subject and object, in id order.
    pub fn iter(&self) -> impl Iterator<Item = (FactId, EntityId, EntityId)> {
        let links = self.forward.iter().flat_map(|(subject, row)| row.iter().map(move |object| (subject, *object)));
        links.zip(self.first_fact..).map(|((subject, object), fact)| (FactId(fact), subject, EntityId(object)))
    }

    /// How many facts.
    pub fn len(&self) -> usize {
        self.forward.len()
    }

    pub fn is_empty(&self) -> bool {
        self.forward.is_empty()
    }

    /// Returns the adjacency in a direction, of all facts or only the certain ones.
    pub fn adjacency(&self, direction: Direction, facts: Facts) -> &Adjacency {
        let part = match facts {
            Facts::Certain => self.certain.as_ref().or(self.possible.as_ref()),
            Facts::All => self.possible.as_ref(),
        };
        match (part, direction) {
            (Some(part), direction) => part.along(direction),
            (None, Direction::Forward) => &self.forward,
            (None, Direction::Reverse) => &self.reverse,
        }
    }
}

/// From which end facts are followed.
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

/// Which facts are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// Those that some claim states better than doubtfully.
    Certain,
    All,
}

/// The adjacency of the same facts from both ends.
#[derive(Debug, Clone, Default)]
pub struct AdjacencyPair {
    /// Subject to objects.
    pub forward: Adjacency,
    /// Object to subjects.
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
