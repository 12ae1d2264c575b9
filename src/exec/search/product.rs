//! Product of a graph and an automaton: its nodes are pairs of entity and state, its edges the facts that a transition
//! follows. Every search along a path is a search of this product.

use crate::exec::Mode;
use crate::exec::edges::Edges;
use crate::exec::search::automaton::{Automaton, Transition};
use crate::graph::{Adjacency, EntityId, Rows, SourceId};
use crate::plan::Link;

/// Product over the facts of a mode, and of one source if given.
pub(crate) struct ProductGraph<'a> {
    edges: &'a Edges<'a>,
    pub(super) automaton: &'a Automaton,
    source: Option<SourceId>,
    mode: Mode,
    /// Per state: outgoing transitions.
    next: Vec<Vec<Steps<'a>>>,
}

/// An entity, and the state in which a search reached it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Node {
    pub entity: u32,
    pub state: u16,
}

/// One step of a path: the link, followed from object to subject if `inverse`, and the entities at its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hop {
    pub from: u32,
    pub link: Link,
    pub inverse: bool,
    pub to: u32,
}

/// A transition with its adjacency lists.
pub(super) struct Steps<'a> {
    pub rows: Rows<'a>,
    pub state: u16,
    /// Number of the node of entity 0 in that state.
    pub first: usize,
}

impl<'a> ProductGraph<'a> {
    pub fn new(
        edges: &'a Edges<'a>,
        automaton: &'a Automaton,
        source: Option<SourceId>,
        mode: Mode,
    ) -> ProductGraph<'a> {
        let mut product = ProductGraph { edges, automaton, source, mode, next: Vec::new() };
        product.next = product.steps(&automaton.next, false);
        product
    }

    /// Returns the transitions with their adjacency lists; if `against`, those of the opposite direction.
    fn steps(&self, transitions: &[Vec<Transition>], against: bool) -> Vec<Vec<Steps<'a>>> {
        let steps = |step: &Transition| Steps {
            rows: self.edges.adjacency(step.link, step.inverse != against, self.source, self.mode).rows(),
            state: step.state,
            first: step.state as usize * self.entities(),
        };
        transitions.iter().map(|all| all.iter().map(steps).collect()).collect()
    }

    /// Returns the outgoing transitions, per state.
    #[inline]
    pub(super) fn next(&self) -> &[Vec<Steps<'a>>] {
        &self.next
    }

    /// Returns the incoming transitions, per state. A node with the starting state is valid only if it is the start
    /// itself.
    pub(super) fn back(&self) -> Vec<Vec<Steps<'a>>> {
        self.steps(&self.automaton.back, true)
    }

    /// Returns the nodes after a node, by state, then entity.
    pub(super) fn successors(&self, node: Node) -> impl Iterator<Item = Node> {
        neighbours(&self.next, node)
    }

    pub(super) fn entities(&self) -> usize {
        self.edges.graph.entity_count()
    }

    /// Returns the number of nodes: entities × states.
    pub(super) fn nodes(&self) -> usize {
        self.entities() * self.next.len()
    }

    /// Returns true if a path may end at a node.
    #[inline]
    pub(super) fn accepts(&self, node: Node) -> bool {
        self.automaton.accepts[node.state as usize]
    }

    /// Returns the accepting nodes of an entity.
    pub(super) fn ends(&self, entity: u32) -> impl Iterator<Item = Node> {
        (0..self.next.len() as u16).map(move |state| Node { entity, state }).filter(|node| self.accepts(*node))
    }

    /// Returns true if the empty path stays at an entity.
    pub fn accepts_empty_path(&self, entity: u32) -> bool {
        let links = self.automaton.next.iter().flatten().map(|step| step.link);
        self.automaton.empty_path.is_some_and(|types| self.edges.graph.is_of(EntityId(entity), types))
            && self.edges.holds(entity, links, self.source, self.mode)
    }

    /// Returns true if nothing is reached from an entity.
    #[inline]
    pub fn is_dead_end(&self, from: u32) -> bool {
        self.next[0].iter().all(|steps| steps.rows.of(from).is_empty()) && !self.accepts_empty_path(from)
    }

    /// Returns the adjacency lists that a plain closure (`a+`, `(a or b)*`) follows in each step; `None` for other
    /// paths.
    pub fn closure(&self) -> Option<Vec<Rows<'a>>> {
        // One state besides the start, with a loop on itself.
        let [first, repeated] = self.automaton.next.as_slice() else { return None };
        let is_loop = first == repeated && self.automaton.accepts[1];
        is_loop.then(|| self.next[1].iter().map(|steps| steps.rows).collect())
    }

    /// Returns the adjacency of a plain closure over a single link; `None` for other paths.
    pub fn only_link(&self) -> Option<&'a Adjacency> {
        match self.automaton.next.get(1)?.as_slice() {
            [step] => Some(self.edges.adjacency(step.link, step.inverse, self.source, self.mode)),
            _ => None,
        }
    }

    /// Returns how many facts the transitions of the last state follow.
    pub fn links(&self) -> usize {
        let steps = self.automaton.next.last().into_iter().flatten();
        steps.map(|step| self.edges.adjacency(step.link, step.inverse, self.source, self.mode).len()).sum()
    }
}

/// Returns the nodes reached from a node by the given transitions, by state, then entity.
pub(super) fn neighbours<'s>(steps: &'s [Vec<Steps>], node: Node) -> impl Iterator<Item = Node> + use<'s> {
    let to = move |steps: &'s Steps| {
        steps.rows.of(node.entity).iter().map(|entity| Node { entity: *entity, state: steps.state })
    };
    steps[node.state as usize].iter().flat_map(to)
}
