//! A part of a graph: all of its entities, and some of its facts.
//!
//! Entities and facts keep their ids, so that results on the part are valid for the whole. The cost depends on the
//! number of facts in the part and on the range of entities that they span.

use super::date_bounds::settle_part;
use super::{Adjacency, AdjacencyPair, Column, EntityId, Fact, FactId, Graph, Relation, SourceId, Values};
use crate::schema::PropertyId;
use crate::value::{Date, Id};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Selection of the stated values of a property.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Positions of the values.
    kept: BTreeSet<u32>,
    /// Settled dates of these values, per entity.
    pub(super) dates: FxHashMap<u32, Date>,
}

impl Graph {
    /// Returns the graph with each property twice, so that [`Graph::only`] leaves one of the two unchanged; see
    /// [`Graph::entire`].
    pub fn doubled(&self) -> Graph {
        let mut doubled = self.clone();
        doubled.values.extend(self.values.iter().cloned());
        doubled
    }

    /// Returns the property that keeps all its values in a part of a [`Graph::doubled`] graph.
    pub fn entire(&self, property: PropertyId) -> PropertyId {
        let (own, number) = (property.0 as usize, self.schema.properties().len());
        // If no number is left for the second one, the property itself is read.
        if own < number { PropertyId::new(own + number).unwrap_or(property) } else { property }
    }

    /// Returns the property of a [`Graph::entire`] one.
    pub fn in_part(&self, property: PropertyId) -> PropertyId {
        let (own, number) = (property.0 as usize, self.schema.properties().len());
        own.checked_sub(number).and_then(PropertyId::new).unwrap_or(property)
    }

    /// Returns the part of a [`Graph::doubled`] graph that consists of these facts.
    pub fn only(&self, facts: &BTreeSet<FactId>) -> Graph {
        let mut links: Vec<Vec<(u32, u32)>> = vec![Vec::new(); self.relations.len()];
        let mut kept: Vec<BTreeSet<u32>> = vec![BTreeSet::new(); self.schema.properties().len()];
        for fact in facts {
            match self.fact(*fact) {
                Fact::Link { subject, verb, object } => links[verb.0 as usize].push((subject.0, object.0)),
                Fact::Value { property, .. } => {
                    let first = self.values(property).first_fact;
                    kept[property.0 as usize].insert(fact.0 - first);
                }
            }
        }
        let mut part = self.clone();
        for (relation, pairs) in part.relations.iter_mut().zip(&links) {
            self.restrict(relation, pairs);
        }
        for (values, kept) in part.values.iter_mut().zip(kept) {
            values.part = Some(Arc::new(Part { kept, dates: FxHashMap::default() }));
        }
        settle_part(&mut part);
        part
    }

    fn restrict(&self, relation: &mut Relation, pairs: &[(u32, u32)]) {
        let is_sure = |(subject, object): &(u32, u32)| {
            let fact = relation.fact(EntityId(*subject), EntityId(*object));
            fact.is_some_and(|fact| !self.is_doubtful(fact))
        };
        let sure: Vec<(u32, u32)> = pairs.iter().copied().filter(is_sure).collect();
        // Even if all of them are certain: `None` would stand for the facts of the whole graph.
        relation.certain = Some(Box::new(both(&sure)));
        relation.possible = Some(Box::new(both(pairs)));
    }
}

/// Marks a source so that its facts are looked up in the whole graph even on a part of it, as denied conditions
/// require.
pub fn entire(source: Option<SourceId>) -> SourceId {
    SourceId(ENTIRE | source.map_or(ANY, |source| source.0))
}

/// Returns the source without the mark.
pub fn in_part(source: Option<SourceId>) -> Option<SourceId> {
    let plain = source.map(|source| SourceId(source.0 & !ENTIRE));
    plain.filter(|plain| !source.is_some_and(is_entire) || plain.0 != ANY)
}

/// Returns true if the source has the mark.
pub fn is_entire(source: SourceId) -> bool {
    source.0 & ENTIRE != 0
}

/// No graph has that many sources.
const ENTIRE: u32 = 1 << 31;
const ANY: u32 = ENTIRE - 1;

impl Values {
    /// Returns true if the value at a position belongs to the part.
    pub fn has(&self, position: usize) -> bool {
        self.part.as_ref().is_none_or(|part| part.kept.contains(&(position as u32)))
    }

    /// Returns true if the value at a position counts for the settled value: it belongs to the part and is not
    /// doubtful.
    pub fn settles(&self, graph: &Graph, position: usize) -> bool {
        self.has(position) && !graph.is_doubtful(self.fact(position))
    }

    /// Returns the subjects of the values of a part.
    pub(super) fn subjects_of_part(&self) -> BTreeSet<EntityId> {
        let kept = self.part.iter().flat_map(|part| part.kept.iter());
        kept.map(|position| self.stated(*position).0).collect()
    }
}

fn both(pairs: &[(u32, u32)]) -> AdjacencyPair {
    let mut turned: Vec<(u32, u32)> = pairs.iter().map(|(subject, object)| (*object, *subject)).collect();
    turned.sort_unstable();
    AdjacencyPair { forward: Adjacency::of_pairs(pairs), reverse: Adjacency::of_pairs(&turned) }
}

impl Adjacency {
    /// Returns the adjacency of pairs, which must be sorted ascending and distinct.
    pub fn of_pairs(pairs: &[(u32, u32)]) -> Adjacency {
        let (Some(first), Some(last)) = (pairs.first(), pairs.last()) else { return Adjacency::default() };
        let base = first.0;
        let mut offsets = vec![0u32; (last.0 - base) as usize + 2];
        for (subject, _) in pairs {
            offsets[(subject - base) as usize + 1] += 1;
        }
        for i in 1..offsets.len() {
            offsets[i] += offsets[i - 1];
        }
        let targets: Vec<u32> = pairs.iter().map(|(_, object)| *object).collect();
        Adjacency { base, offsets: Column::from(offsets), targets: Column::from(targets), ..Adjacency::default() }
    }
}
