//! Breadth-first search of a [`ProductGraph`]: reached nodes and their parents. Distances, shortest paths and the nodes
//! on the way to an end are derived from these, see [`super::shortest`].

use crate::exec::limits::{Budget, Halt};
use crate::exec::search::product::{Node, ProductGraph, Steps};
use crate::graph::BitSet;
use rustc_hash::FxHashSet;
use std::cell::RefCell;

/// Maximum number of nodes for a bit set: 32 MiB of bits, or a path of 268 states over a million entities. By
/// reasoning, no benchmark varies it: paths with more states are long repetitions, of which a search visits few nodes
/// per state.
const MOST_BITS: usize = 1 << 28;

/// Set of node numbers: a bit set, or a hash set if there are more than [`MOST_BITS`] nodes.
#[derive(Default)]
pub(super) struct NodeSet {
    bits: BitSet,
    sparse: Option<FxHashSet<usize>>,
}

impl NodeSet {
    /// Makes room for numbers below `bound`. The set must be empty.
    pub fn fit(&mut self, bound: usize) {
        self.sparse = (bound > MOST_BITS).then(FxHashSet::default);
        if self.sparse.is_none() {
            self.bits.fit(bound);
        }
    }

    /// Inserts a node; returns true if it is new.
    #[inline]
    pub fn insert(&mut self, number: usize) -> bool {
        match &mut self.sparse {
            None => self.bits.insert(number),
            Some(numbers) => numbers.insert(number),
        }
    }

    #[inline]
    pub fn contains(&self, number: usize) -> bool {
        match &self.sparse {
            None => self.bits.contains(number),
            Some(numbers) => numbers.contains(&number),
        }
    }

    /// Removes all nodes; `nodes` must be exactly those in the set. O(nodes).
    pub fn clear(&mut self, nodes: &[Node], entities: usize) {
        self.sparse = None;
        self.bits.clear_all(nodes.iter().map(|node| node.state as usize * entities + node.entity as usize));
    }
}

/// Buffers of searches, all empty between searches.
#[derive(Default)]
pub(super) struct Scratch {
    pub seen: [NodeSet; 2],
    nodes: Vec<Node>,
    parents: Vec<u32>,
}

thread_local! {
    /// Reused by the searches of a thread, so that a search costs O(visited nodes) instead of O(entities).
    pub(super) static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Parent of the nodes reached directly from a seed.
pub(super) const ROOT: u32 = u32::MAX;

/// Data recorded by a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// Visited nodes only.
    Visits,
    /// Parents too. The nodes reached from one parent are visited by entity, then state, so that ties between shortest
    /// paths are broken by the first entity that differs.
    Parents,
}

/// Result of a search.
#[derive(Clone, Copy)]
pub(super) struct Visited<'s> {
    seen: &'s NodeSet,
    /// In visiting order, nearest first; without the seeds.
    pub nodes: &'s [Node],
    /// Per node: position of its parent, or [`ROOT`]. Empty unless recorded.
    pub parents: &'s [u32],
    /// Position of the node that ended the search early.
    pub end: Option<usize>,
}

impl ProductGraph<'_> {
    /// Appends the entities reached from any of `seeds` to `found`, which must be empty, sorted ascending. Returns the
    /// number of visited nodes. O(visited facts × states).
    pub fn reached(&self, seeds: &[u32], found: &mut Vec<u32>, budget: &mut Budget) -> Result<usize, Halt> {
        self.search(
            seeds,
            Trace::Visits,
            |_| false,
            budget,
            |visited| {
                self.accepted(seeds, visited, found);
                visited.nodes.len()
            },
        )
    }

    /// Counts the entities that a plain closure reaches from a seed.
    pub fn count(&self, seed: u32, budget: &mut Budget) -> Result<ReachCount, Halt> {
        // A plain closure has two states; nodes of state 1 are numbered from `entities()`.
        let own = self.entities() + seed as usize;
        self.search(
            &[seed],
            Trace::Visits,
            |_| false,
            budget,
            |visited| ReachCount {
                entities: visited.nodes.len(),
                sample: visited.nodes.first().map(|node| node.entity),
                has_seed: visited.seen.contains(own),
            },
        )
    }

    /// Searches from the starting nodes of the seeds until `is_end` accepts a node, and passes the result to `read`.
    pub(super) fn search<T>(
        &self,
        seeds: &[u32],
        trace: Trace,
        is_end: impl Fn(Node) -> bool,
        budget: &mut Budget,
        read: impl FnOnce(Visited) -> T,
    ) -> Result<T, Halt> {
        SCRATCH.with_borrow_mut(|scratch| {
            let Scratch { seen: [seen, _], nodes, parents } = scratch;
            seen.fit(self.nodes());
            let traced = (trace == Trace::Parents).then_some(&mut *parents);
            let end = self.visit(seeds, seen, nodes, traced, is_end, budget);
            let given = end.map(|end| read(Visited { seen, nodes, parents, end }));
            seen.clear(nodes, self.entities());
            nodes.clear();
            parents.clear();
            given
        })
    }

    /// Visits the nodes reached from the seeds; returns the position of the node that ended the search early.
    fn visit(
        &self,
        seeds: &[u32],
        seen: &mut NodeSet,
        nodes: &mut Vec<Node>,
        mut parents: Option<&mut Vec<u32>>,
        is_end: impl Fn(Node) -> bool,
        budget: &mut Budget,
    ) -> Result<Option<usize>, Halt> {
        // Seeds are expanded but not recorded: no transition leads to a starting node.
        let mut starts = seeds.iter().map(|seed| Node { entity: *seed, state: 0 });
        let mut place = 0;
        loop {
            let (node, parent) = match (starts.next(), nodes.get(place)) {
                (Some(start), _) => (start, ROOT),
                (None, Some(node)) => {
                    budget.tick()?;
                    place += 1;
                    (*node, place as u32 - 1)
                }
                (None, None) => return Ok(None),
            };
            let (steps, first) = (&self.next()[node.state as usize], nodes.len());
            expand(steps, node.entity, seen, nodes, |_| true);
            if let Some(parents) = &mut parents {
                // Neighbours along a single transition are sorted already.
                if steps.len() > 1 {
                    nodes[first..].sort_unstable();
                }
                parents.resize(nodes.len(), parent);
            }
            if let Some(end) = nodes[first..].iter().position(|node| is_end(*node)) {
                return Ok(Some(first + end));
            }
        }
    }

    /// Appends the entities of accepting nodes, and the seeds at which the empty path stays; sorted ascending, without
    /// duplicates.
    fn accepted(&self, seeds: &[u32], Visited { seen, nodes, .. }: Visited, found: &mut Vec<u32>) {
        // Reading all bits in order is cheaper than sorting if there is more than one node per eight words: a word
        // takes about a nanosecond, and sorting a node some ten. By reasoning, no benchmark varies it.
        let is_dense = nodes.len() * 8 > self.nodes().div_ceil(64) && seen.sparse.is_none();
        // With one accepting state besides the start, node numbers from `entities()` on stand for the reached entities.
        let is_simple = self.next().len() == 2 && self.automaton.accepts[1] && self.automaton.empty_path.is_none();
        if is_dense && is_simple {
            let first = self.entities();
            return seen.bits.each_from(first, |number| found.push((number - first) as u32));
        }
        found.extend(nodes.iter().filter(|node| self.accepts(**node)).map(|node| node.entity));
        found.extend(seeds.iter().filter(|seed| self.accepts_empty_path(**seed)));
        found.sort_unstable();
        found.dedup();
    }
}

/// Appends the admitted neighbours of an entity that have not been seen.
#[inline]
pub(super) fn expand(
    steps: &[Steps],
    entity: u32,
    seen: &mut NodeSet,
    nodes: &mut Vec<Node>,
    admits: impl Fn(Node) -> bool,
) {
    // The kind of set is tested once per node instead of once per edge.
    match &mut seen.sparse {
        None => expand_new(steps, entity, nodes, admits, |number| seen.bits.insert(number)),
        Some(numbers) => expand_new(steps, entity, nodes, admits, |number| numbers.insert(number)),
    }
}

#[inline]
fn expand_new(
    steps: &[Steps],
    entity: u32,
    nodes: &mut Vec<Node>,
    admits: impl Fn(Node) -> bool,
    mut insert: impl FnMut(usize) -> bool,
) {
    for step in steps {
        for next in step.rows.of(entity) {
            let node = Node { entity: *next, state: step.state };
            if admits(node) && insert(step.first + *next as usize) {
                nodes.push(node);
            }
        }
    }
}

/// Number of entities that a closure reaches from a seed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReachCount {
    pub entities: usize,
    /// One of the reached entities; `None` if there are none.
    pub sample: Option<u32>,
    /// True if the seed itself is reached by at least one step.
    pub has_seed: bool,
}
