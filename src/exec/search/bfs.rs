//! Breadth-first search of a [`ProductGraph`]: what is reached, and from where each node was reached first. How far nodes
//! are, shortest paths and the nodes on the way to some end are read from it, see [`super::shortest`].

use crate::exec::limits::{Budget, Halt};
use crate::exec::search::product::{Node, ProductGraph, Steps};
use crate::graph::BitSet;
use rustc_hash::FxHashSet;
use std::cell::RefCell;

/// How many nodes have a bit each: 32 MiB of them, which is a path of 268 states over a million entities. By reasoning, no
/// benchmark varies it: paths of more states are long repetitions, of which a search visits few nodes for each state.
const MOST_BITS: usize = 1 << 28;

/// A set of nodes by their numbers: a bit each, or a hash set where there would be more than [`MOST_BITS`].
#[derive(Default)]
pub(super) struct NodeSet {
    bits: BitSet,
    sparse: Option<FxHashSet<usize>>,
}

impl NodeSet {
    /// Makes room for nodes with numbers below `bound`; the set must be empty.
    pub fn fit(&mut self, bound: usize) {
        self.sparse = (bound > MOST_BITS).then(FxHashSet::default);
        if self.sparse.is_none() {
            self.bits.fit(bound);
        }
    }

    /// Returns whether the node is new.
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

    /// Takes out the nodes, which are all that is in. O(nodes).
    pub fn clear(&mut self, nodes: &[Node], entities: usize) {
        self.sparse = None;
        self.bits.clear_all(nodes.iter().map(|node| node.state as usize * entities + node.entity as usize));
    }
}

/// Buffers of searches, all empty between two of them.
#[derive(Default)]
pub(super) struct Scratch {
    pub seen: [NodeSet; 2],
    nodes: Vec<Node>,
    parents: Vec<u32>,
}

thread_local! {
    /// Kept from one search to the next, so that a search costs what it visits and not what the graph holds.
    pub(super) static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The parent of the nodes that come after a seed.
pub(super) const ROOT: u32 = u32::MAX;

/// How a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// Only what is visited is asked for.
    Visits,
    /// So is the parent of each node, and nodes are visited in the order of their paths: those of one parent by entity,
    /// then state. So ties between shortest paths are broken by the first entity that differs.
    Parents,
}

/// What a search has visited.
#[derive(Clone, Copy)]
pub(super) struct Visited<'s> {
    seen: &'s NodeSet,
    /// In the order visited, nearest first; the seeds are not among them.
    pub nodes: &'s [Node],
    /// By node: the place of the node that it was reached from, or [`ROOT`]. Empty unless asked for.
    pub parents: &'s [u32],
    /// The place of the node at which the search ended early.
    pub end: Option<usize>,
}

impl ProductGraph<'_> {
    /// Adds what any of `seeds` reaches to an empty list, in id order; returns how many nodes were visited for it.
    /// O(facts met × states).
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

    /// Returns what a plain closure reaches from a seed, counted.
    pub fn count(&self, seed: u32, budget: &mut Budget) -> Result<ReachCount, Halt> {
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

    /// Searches from the starting nodes of the seeds, up to the first node that `is_end` accepts, and reads what was visited.
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

    /// Visits what the seeds lead to; returns the place of the node at which it ended early.
    fn visit(
        &self,
        seeds: &[u32],
        seen: &mut NodeSet,
        nodes: &mut Vec<Node>,
        mut parents: Option<&mut Vec<u32>>,
        is_end: impl Fn(Node) -> bool,
        budget: &mut Budget,
    ) -> Result<Option<usize>, Halt> {
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

    /// Adds the entities of accepted nodes, and the seeds that the path of no steps leads to themselves.
    fn accepted(&self, seeds: &[u32], Visited { seen, nodes, .. }: Visited, found: &mut Vec<u32>) {
        // Reading all bits in order costs less than sorting where there is a node for every eight words: a word takes about a
        // nanosecond, and a node that is sorted some ten. By reasoning, no benchmark varies it.
        let is_dense = nodes.len() * 8 > self.nodes().div_ceil(64) && seen.sparse.is_none();
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

/// Visits the neighbours of an entity that are admitted and have not been seen.
#[inline]
pub(super) fn expand(
    steps: &[Steps],
    entity: u32,
    seen: &mut NodeSet,
    nodes: &mut Vec<Node>,
    admits: impl Fn(Node) -> bool,
) {
    // The kind of set is looked at once for each node, not for each edge.
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

/// What a closure reaches from a seed, counted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ReachCount {
    pub entities: usize,
    /// One of them.
    pub sample: Option<u32>,
    /// Whether the seed is among them.
    pub has_seed: bool,
}
