//! Adapter to petgraph: its `visit` traits over our adjacency.
//!
//! With [`LinkView`], petgraph's algorithms (topological sort, connected components, dominators) run on the store
//! itself, without a copy of the facts.

use super::{BitSet, Direction, EntityId, Facts, Graph};
use crate::limits::in_budget;
use crate::schema::VerbId;
use crate::value::Id;
use petgraph::visit::{
    GraphBase, GraphRef, IntoNeighbors, IntoNodeIdentifiers, NodeCompactIndexable, NodeCount, NodeIndexable, VisitMap,
    Visitable,
};

/// Entities of a graph as nodes, and the facts of some verbs as edges from subject to object.
#[derive(Debug, Clone, Copy)]
pub struct LinkView<'g> {
    pub graph: &'g Graph,
    pub verbs: &'g [VerbId],
    pub facts: Facts,
}

impl VisitMap<EntityId> for BitSet {
    fn visit(&mut self, entity: EntityId) -> bool {
        self.insert(entity.0 as usize)
    }

    fn is_visited(&self, entity: &EntityId) -> bool {
        self.contains(entity.0 as usize)
    }

    fn unvisit(&mut self, entity: EntityId) -> bool {
        self.remove(entity.0 as usize)
    }
}

impl GraphBase for LinkView<'_> {
    type NodeId = EntityId;
    /// Subject, verb and object.
    type EdgeId = (EntityId, VerbId, EntityId);
}

impl GraphRef for LinkView<'_> {}

impl NodeCount for LinkView<'_> {
    fn node_count(&self) -> usize {
        self.graph.entity_count()
    }
}

impl NodeIndexable for LinkView<'_> {
    fn node_bound(&self) -> usize {
        self.graph.entity_count()
    }

    fn to_index(&self, entity: EntityId) -> usize {
        entity.0 as usize
    }

    fn from_index(&self, i: usize) -> EntityId {
        // petgraph passes only indices returned by `to_index`.
        EntityId::new(i).unwrap_or(EntityId(u32::MAX))
    }
}

impl NodeCompactIndexable for LinkView<'_> {}

impl<'g> IntoNodeIdentifiers for LinkView<'g> {
    type NodeIdentifiers = std::iter::Map<std::ops::Range<u32>, fn(u32) -> EntityId>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        (0..self.graph.entity_count() as u32).map(EntityId)
    }
}

impl Visitable for LinkView<'_> {
    type Map = BitSet;

    fn visit_map(&self) -> BitSet {
        BitSet::new(self.graph.entity_count())
    }

    fn reset_map(&self, map: &mut BitSet) {
        *map = self.visit_map();
    }
}

/// Neighbours by verb, then in id order. An entity that two verbs join occurs twice.
#[derive(Debug, Clone)]
pub struct Neighbors<'g> {
    view: LinkView<'g>,
    entity: EntityId,
    direction: Direction,
    verb: usize,
    rest: std::slice::Iter<'g, u32>,
}

impl Iterator for Neighbors<'_> {
    type Item = EntityId;

    fn next(&mut self) -> Option<EntityId> {
        loop {
            if let Some(neighbor) = self.rest.next() {
                return Some(EntityId(*neighbor));
            }
            // petgraph knows no budget: after the time limit, no node has further neighbours, so that its algorithms
            // end.
            let verb = *self.view.verbs.get(self.verb).filter(in_budget)?;
            let links = self.view.graph.relation(verb).adjacency(self.direction, self.view.facts);
            self.rest = links.of(self.entity).iter();
            self.verb += 1;
        }
    }
}

impl<'g> IntoNeighbors for LinkView<'g> {
    type Neighbors = Neighbors<'g>;

    fn neighbors(self, entity: EntityId) -> Neighbors<'g> {
        Neighbors { view: self, entity, direction: Direction::Forward, verb: 0, rest: [].iter() }
    }
}
