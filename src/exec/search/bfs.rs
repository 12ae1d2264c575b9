//! Breadth-first searches that only ask what is reached, or how far it is: a bit for each entity and state, sorted
//! adjacency, no maps.

use crate::exec::Mode;
use crate::exec::edges::Edges;
use crate::exec::limits::{Budget, Flow, Halt};
use crate::exec::search::automaton::{Move, Moves};
use crate::graph::{Adjacency, EntityId, Rows, SourceId};
use std::cell::RefCell;

/// Moves ready to be followed over the facts of a mode and perhaps a source.
pub(crate) struct Bfs<'a> {
    edges: &'a Edges<'a>,
    moves: &'a Moves,
    source: Option<SourceId>,
    mode: Mode,
    /// By state.
    onward: Vec<Vec<Transition<'a>>>,
}

/// A move with its adjacency.
struct Transition<'a> {
    rows: Rows<'a>,
    state: u32,
    /// Where the bits of the state begin.
    at: usize,
}

/// An entity, and the state in which the search came to it.
type Node = (u32, u32);

/// What searches work in. It is lent out clean, and handed back clean.
#[derive(Default)]
struct Scratch {
    seen: [BitSet; 2],
    queue: Vec<Node>,
}

thread_local! {
    /// Kept from one search to the next, so that a search costs what it visits and not what the graph holds.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl<'a> Bfs<'a> {
    pub fn new(edges: &'a Edges<'a>, moves: &'a Moves, source: Option<SourceId>, mode: Mode) -> Bfs<'a> {
        let mut flood = Bfs { edges, moves, source, mode, onward: Vec::new() };
        flood.onward = moves.onward.iter().map(|all| all.iter().map(|step| flood.way(step, false)).collect()).collect();
        flood
    }

    /// The neighbours along a move, or against it.
    fn way(&self, step: &Move, against: bool) -> Transition<'a> {
        let adjacency = self.edges.adjacency(step.link, step.inverse != against, self.source, self.mode);
        Transition { rows: adjacency.rows(), state: step.state.into(), at: step.state as usize * self.entities() }
    }

    /// The adjacency of a plain closure that follows one link.
    pub fn only_link(&self) -> Option<&'a Adjacency> {
        match self.moves.onward.get(1)?.as_slice() {
            [step] => Some(self.edges.adjacency(step.link, step.inverse, self.source, self.mode)),
            _ => None,
        }
    }

    /// How many facts the moves of the last state follow.
    pub fn links(&self) -> usize {
        let moves = self.moves.onward.last().into_iter().flatten();
        moves.map(|step| self.edges.adjacency(step.link, step.inverse, self.source, self.mode).len()).sum()
    }

    fn entities(&self) -> usize {
        self.edges.graph.entity_count()
    }

    pub fn stays(&self, entity: u32) -> bool {
        let graph = self.edges.graph;
        let path = self.moves.onward.iter().flatten().map(|step| step.link);
        self.moves.identity.is_some_and(|types| graph.is_of(EntityId(entity), types))
            && self.edges.holds(entity, path, self.source, self.mode)
    }

    /// Adds what any of `seeds` reaches to an empty list, in id order; how many nodes were visited for it.
    /// O(facts met × states).
    pub fn reached(&self, seeds: &[u32], found: &mut Vec<u32>, budget: &mut Budget) -> Result<usize, Halt> {
        self.visited(seeds, budget, |seen, queue| {
            self.found(seeds, seen, queue, found);
            queue.len()
        })
    }

    /// How many entities a plain closure reaches from a seed, whether it comes back to it, and one of them.
    pub fn number(&self, seed: u32, budget: &mut Budget) -> Result<(usize, Option<u32>, bool), Halt> {
        let own = self.entities() + seed as usize;
        self.visited(&[seed], budget, |seen, queue| (queue.len(), queue.first().map(|node| node.0), seen.contains(own)))
    }

    /// Shows the nodes that the seeds lead to, as they were come to.
    fn visited<T>(
        &self,
        seeds: &[u32],
        budget: &mut Budget,
        show: impl FnOnce(&BitSet, &[Node]) -> T,
    ) -> Result<T, Halt> {
        SCRATCH.with_borrow_mut(|scratch| {
            let Scratch { seen: [seen, _], queue } = scratch;
            seen.fit(self.entities() * self.onward.len());
            let flow = self.flood(seeds, seen, queue, budget);
            let shown = flow.map(|()| show(seen, queue));
            seen.clear(queue, self.entities());
            queue.clear();
            shown
        })
    }

    /// Whether nothing is reached from there.
    #[inline]
    pub fn is_dead_end(&self, from: u32) -> bool {
        self.onward[0].iter().all(|way| way.rows.of(from).is_empty()) && !self.stays(from)
    }

    /// The rows that a plain closure follows with each step, and from which it starts; `None` of other paths.
    pub fn closure(&self) -> Option<Vec<Rows<'a>>> {
        let ways = |state: usize| self.onward.get(state).into_iter().flatten();
        let is_loop = self.onward.len() == 2 && self.moves.onward[0] == self.moves.onward[1] && self.moves.accepts[1];
        is_loop.then(|| ways(1).map(|way| way.rows).collect())
    }

    /// Visits all nodes that the seeds lead to.
    fn flood(&self, seeds: &[u32], seen: &mut BitSet, queue: &mut Vec<Node>, budget: &mut Budget) -> Flow {
        seeds.iter().for_each(|seed| visit(&self.onward[0], *seed, seen, queue));
        let mut next = 0;
        while let Some((entity, state)) = queue.get(next).copied() {
            next += 1;
            budget.tick()?;
            visit(&self.onward[state as usize], entity, seen, queue);
        }
        Ok(())
    }

    /// The entities of accepted nodes and those that stay.
    fn found(&self, seeds: &[u32], seen: &BitSet, queue: &[Node], found: &mut Vec<u32>) {
        let stays = self.moves.identity.is_some();
        if self.onward.len() == 2 && self.moves.accepts[1] && !stays && queue.len() * 8 > seen.words.len() {
            return seen.numbers(self.entities(), found);
        }
        let accepts = |node: &&Node| self.moves.accepts[node.1 as usize];
        found.extend(queue.iter().filter(accepts).map(|node| node.0));
        found.extend(seeds.iter().filter(|seed| self.stays(**seed)));
        found.sort_unstable();
        found.dedup();
    }

    /// The least number of steps between two entities, searched from both ends; `None` where there is no path.
    pub fn distance(&self, from: u32, to: u32, budget: &mut Budget) -> Result<Option<u32>, Halt> {
        if from == to && self.stays(from) {
            return Ok(Some(0));
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let Scratch { seen: [ahead, behind], .. } = scratch;
            ahead.fit(self.entities() * self.onward.len());
            behind.fit(self.entities() * self.onward.len());
            let mut ends =
                Ends { flood: self, from, sides: [Side::at(vec![(from, 0)], ahead, 0), self.end(to, behind)] };
            let found = ends.meet(budget);
            let [ahead, behind] = ends.sides;
            ahead.seen.clear(&ahead.nodes, self.entities());
            behind.seen.clear(&behind.nodes, self.entities());
            found
        })
    }

    /// The nodes in which a path ends at an entity.
    fn end<'s>(&self, to: u32, seen: &'s mut BitSet) -> Side<'s> {
        let accepting = (0..self.onward.len() as u32).filter(|state| self.moves.accepts[*state as usize]);
        Side::at(accepting.map(|state| (to, state)).collect(), seen, self.entities())
    }
}

/// Visits the neighbours of a node that have not been seen.
#[inline]
fn visit(onward: &[Transition], entity: u32, seen: &mut BitSet, queue: &mut Vec<Node>) {
    for way in onward {
        for next in way.rows.of(entity) {
            if seen.insert(way.at + *next as usize) {
                queue.push((*next, way.state));
            }
        }
    }
}

/// A search from both ends: the side with the smaller frontier goes on, a level at a time. The first level on which
/// one side comes to a node of the other gives the distance, since every node on the way was new to both before.
struct Ends<'f, 's> {
    flood: &'f Bfs<'f>,
    from: u32,
    sides: [Side<'s>; 2],
}

/// What one side has seen.
struct Side<'s> {
    seen: &'s mut BitSet,
    /// In the order seen.
    nodes: Vec<Node>,
    /// Where the frontier begins among the nodes.
    frontier: usize,
    depth: u32,
}

impl<'s> Side<'s> {
    fn at(nodes: Vec<Node>, seen: &'s mut BitSet, entities: usize) -> Side<'s> {
        nodes.iter().for_each(|(entity, state)| _ = seen.insert(*state as usize * entities + *entity as usize));
        Side { seen, nodes, frontier: 0, depth: 0 }
    }

    fn width(&self) -> usize {
        self.nodes.len() - self.frontier
    }
}

impl Ends<'_, '_> {
    fn meet(&mut self, budget: &mut Budget) -> Result<Option<u32>, Halt> {
        let ways = |all: &Vec<Move>| all.iter().map(|step| self.flood.way(step, true)).collect();
        let back: Vec<Vec<Transition>> = self.flood.moves.back.iter().map(ways).collect();
        loop {
            let [ahead, behind] = &mut self.sides;
            let backwards = behind.width() < ahead.width();
            let (side, other) = if backwards { (behind, ahead) } else { (ahead, behind) };
            if side.width() == 0 {
                return Ok(None);
            }
            let steps = if backwards { &back } else { &self.flood.onward };
            // Backwards, only the start itself is a node of the starting state.
            let start = backwards.then_some(self.from);
            let met = level(steps, side, other.seen, start, budget)?;
            side.depth += 1;
            if met {
                return Ok(Some(side.depth + other.depth));
            }
        }
    }
}

/// Goes one step on from each node of the frontier; whether that came to a node that `other` has seen.
fn level(
    steps: &[Vec<Transition>],
    side: &mut Side,
    other: &BitSet,
    start: Option<u32>,
    budget: &mut Budget,
) -> Result<bool, Halt> {
    let end = side.nodes.len();
    for i in side.frontier..end {
        budget.tick()?;
        let (entity, state) = side.nodes[i];
        for way in &steps[state as usize] {
            for next in way.rows.of(entity) {
                let is_node = way.state > 0 || start.is_none_or(|start| start == *next);
                let node = way.at + *next as usize;
                if is_node && side.seen.insert(node) {
                    side.nodes.push((*next, way.state));
                    if other.contains(node) {
                        return Ok(true);
                    }
                }
            }
        }
    }
    side.frontier = end;
    Ok(false)
}

/// A set of small numbers, a bit each.
#[derive(Debug, Default, Clone)]
pub(crate) struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// The set of these numbers, each below `bound`.
    pub fn of(numbers: &[u32], bound: usize) -> BitSet {
        let mut bits = BitSet { words: vec![0; bound.div_ceil(64)] };
        numbers.iter().for_each(|number| _ = bits.insert(*number as usize));
        bits
    }

    /// Makes room for numbers below `bound`.
    pub fn fit(&mut self, bound: usize) {
        if self.words.len() < bound.div_ceil(64) {
            self.words.resize(bound.div_ceil(64), 0);
        }
    }

    /// Whether the number is new. Numbers for which there is no room are not.
    #[inline]
    pub fn insert(&mut self, i: usize) -> bool {
        let Some(word) = self.words.get_mut(i / 64) else { return false };
        let bit = 1 << (i % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    #[inline]
    pub fn contains(&self, i: usize) -> bool {
        self.words.get(i / 64).is_some_and(|word| word >> (i % 64) & 1 == 1)
    }

    /// Takes out the greatest number below `end`, where there is no greater one.
    #[inline]
    pub fn take_last_below(&mut self, end: usize) -> Option<usize> {
        let last = (0..self.words.len().min(end.div_ceil(64))).rfind(|i| self.words[*i] != 0)?;
        let bit = 63 - self.words[last].leading_zeros() as usize;
        self.words[last] &= !(1 << bit);
        Some(last * 64 + bit)
    }

    /// Takes out all numbers, in rising order.
    pub fn drain(&mut self, mut f: impl FnMut(usize)) {
        for (i, word) in self.words.iter_mut().enumerate().filter(|(_, word)| **word != 0) {
            let mut rest = std::mem::take(word);
            while rest != 0 {
                f(i * 64 + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }

    /// Takes out a number, and whatever lies in the same word.
    pub fn remove_with_neighbours(&mut self, i: usize) {
        if let Some(word) = self.words.get_mut(i / 64) {
            *word = 0;
        }
    }

    /// Takes out the nodes, which are all that is in.
    fn clear(&mut self, nodes: &[Node], entities: usize) {
        if nodes.len() > self.words.len() {
            return self.words.fill(0);
        }
        for (entity, state) in nodes {
            if let Some(word) = self.words.get_mut((*state as usize * entities + *entity as usize) / 64) {
                *word = 0;
            }
        }
    }

    /// Adds the numbers from `from` on, less it, in rising order.
    fn numbers(&self, from: usize, found: &mut Vec<u32>) {
        for (i, word) in self.words.iter().enumerate().skip(from / 64) {
            let mut rest = *word;
            while rest != 0 {
                let bit = i * 64 + rest.trailing_zeros() as usize;
                if bit >= from {
                    found.push((bit - from) as u32);
                }
                rest &= rest - 1;
            }
        }
    }
}
