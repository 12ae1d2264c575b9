//! Searches along a path: what is reached, by which shortest paths, by which acyclic paths, over what lengths.

use crate::exec::Mode;
use crate::exec::edges::Edges;
use crate::exec::limits::{Budget, Flow};
use crate::exec::search::automaton::Automaton;
use crate::graph::{EntityId, SourceId};
use crate::plan::Link;
use rustc_hash::FxHashMap;
use std::ops::ControlFlow;

/// One way to search: a path from one of its ends, over the facts of a mode and perhaps a source.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub edges: &'a Edges<'a>,
    pub automaton: &'a Automaton,
    pub source: Option<SourceId>,
    pub mode: Mode,
}

/// An entity, and the state in which the search came to it.
type Node = (u32, u16);

/// A step of a found path: the link followed and the entity come to.
pub(crate) type Hop = (Link, bool, u32);

impl Search<'_> {
    /// The steps from a node, in order of state, then of entity.
    fn steps(&self, (entity, state): Node) -> impl Iterator<Item = (u16, &[u32])> {
        self.automaton.next[state as usize].iter().map(move |next| {
            let (link, inverse) = self.automaton.links[*next as usize];
            let adjacency = self.edges.adjacency(link, inverse, self.source, self.mode);
            (*next, adjacency.of(EntityId(entity)))
        })
    }

    fn stays(&self, entity: u32) -> bool {
        let graph = self.edges.graph;
        // Nothing leads to the start.
        let path = self.automaton.links.iter().skip(1).map(|(link, _)| *link);
        self.automaton.identity.is_some_and(|types| graph.is_of(EntityId(entity), types))
            && self.edges.holds(entity, path, self.source, self.mode)
    }

    /// What `from` reaches, in id order. O(facts met × states).
    pub fn reached(&self, from: u32, budget: &mut Budget) -> Result<Vec<u32>, crate::exec::limits::Halt> {
        let mut found: Vec<u32> = if self.stays(from) { vec![from] } else { Vec::new() };
        self.breadth_first(from, budget, |(entity, state), _| {
            if self.automaton.accepts[state as usize] {
                found.push(entity);
            }
            ControlFlow::Continue(())
        })?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Calls `visit` with each node reached and its distance, nearest first, the start left out.
    fn breadth_first(
        &self,
        from: u32,
        budget: &mut Budget,
        mut visit: impl FnMut(Node, u32) -> ControlFlow<()>,
    ) -> Flow {
        let mut seen = Seen::new(self.edges.graph.entity_count(), self.automaton.next.len());
        budget.hold(seen.bytes())?;
        let mut frontier = vec![(from, 0u16)];
        let mut distance = 0;
        while !frontier.is_empty() {
            distance += 1;
            let mut next = Vec::new();
            for node in frontier {
                budget.tick()?;
                for (state, entities) in self.steps(node) {
                    for entity in entities.iter().filter(|entity| seen.insert(**entity, state)) {
                        if visit((*entity, state), distance).is_break() {
                            return Ok(());
                        }
                        next.push((*entity, state));
                    }
                }
            }
            frontier = next;
        }
        Ok(())
    }

    /// One shortest path between the two; of several the one whose entities come first. Empty where the two are one
    /// and the path may stay; `None` where there is none.
    pub fn shortest(
        &self,
        from: u32,
        to: u32,
        budget: &mut Budget,
    ) -> Result<Option<Vec<Hop>>, crate::exec::limits::Halt> {
        if from == to && self.stays(from) {
            return Ok(Some(Vec::new()));
        }
        let mut parents: FxHashMap<Node, Node> = FxHashMap::default();
        let mut level = vec![(from, 0u16)];
        while !level.is_empty() {
            let mut next = Vec::new();
            for node in level {
                budget.tick()?;
                let steps = self.steps(node);
                let mut onward: Vec<Node> =
                    steps.flat_map(|(state, entities)| entities.iter().map(move |entity| (*entity, state))).collect();
                onward.sort_unstable();
                for reached in onward {
                    if reached != (from, 0) && !parents.contains_key(&reached) {
                        parents.insert(reached, node);
                        next.push(reached);
                    }
                }
            }
            let arrived = |node: &&Node| node.0 == to && self.automaton.accepts[node.1 as usize];
            if let Some(end) = next.iter().find(arrived) {
                return Ok(Some(self.trace(*end, &parents)));
            }
            // Levels are searched in the order of their paths, so that ties are broken by the first entity that
            // differs.
            level = next;
        }
        Ok(None)
    }

    fn trace(&self, mut node: Node, parents: &FxHashMap<Node, Node>) -> Vec<Hop> {
        let mut hops = Vec::new();
        while let Some(parent) = parents.get(&node) {
            let (link, inverse) = self.automaton.links[node.1 as usize];
            hops.push((link, inverse, node.0));
            node = *parent;
        }
        hops.reverse();
        hops
    }

    /// Calls `visit` with each value of a path variable between the two, as its hops, in order of entities: every walk, or
    /// where `simple`, those that meet no entity twice, save that they may end where they began.
    pub fn every(
        &self,
        (from, to): (u32, u32),
        simple: bool,
        budget: &mut Budget,
        visit: &mut dyn FnMut(&[Hop]) -> Flow,
    ) -> Flow {
        if from == to && self.stays(from) {
            visit(&[])?;
        }
        let useful = self.leading_to(from, to, budget)?;
        let mut trail: Vec<Hop> = Vec::new();
        let mut stack: Vec<Vec<Node>> = vec![self.onward((from, 0), &useful)];
        let mut on_trail = vec![from];
        while let Some(level) = stack.last_mut() {
            budget.tick()?;
            let Some(node) = level.pop() else {
                stack.pop();
                trail.pop();
                on_trail.pop();
                continue;
            };
            let closes = simple && node.0 == from && to == from;
            if simple && on_trail.contains(&node.0) && !closes {
                continue;
            }
            let (link, inverse) = self.automaton.links[node.1 as usize];
            trail.push((link, inverse, node.0));
            if node.0 == to && self.automaton.accepts[node.1 as usize] {
                visit(&trail)?;
            }
            on_trail.push(node.0);
            stack.push(if closes { Vec::new() } else { self.onward(node, &useful) });
        }
        Ok(())
    }

    /// The nodes after `node` from which the end can be reached, last first.
    fn onward(&self, node: Node, useful: &FxHashMap<Node, ()>) -> Vec<Node> {
        let mut next: Vec<Node> = self
            .steps(node)
            .flat_map(|(state, entities)| entities.iter().map(move |entity| (*entity, state)))
            .filter(|node| useful.contains_key(node))
            .collect();
        next.sort_unstable();
        next.reverse();
        next
    }

    /// The nodes on some walk from `from` to `to`.
    fn leading_to(
        &self,
        from: u32,
        to: u32,
        budget: &mut Budget,
    ) -> Result<FxHashMap<Node, ()>, crate::exec::limits::Halt> {
        let mut backward: FxHashMap<Node, Vec<Node>> = FxHashMap::default();
        let mut open = vec![(from, 0u16)];
        let mut ends = Vec::new();
        while let Some(node) = open.pop() {
            budget.tick()?;
            for (state, entities) in self.steps(node) {
                for entity in entities {
                    let reached = (*entity, state);
                    let before = backward.entry(reached).or_default();
                    if before.is_empty() {
                        open.push(reached);
                        if *entity == to && self.automaton.accepts[state as usize] {
                            ends.push(reached);
                        }
                    }
                    before.push(node);
                }
            }
        }
        let mut useful: FxHashMap<Node, ()> = FxHashMap::default();
        while let Some(node) = ends.pop() {
            if useful.insert(node, ()).is_none() {
                ends.extend(backward.get(&node).into_iter().flatten().filter(|before| before.1 != 0));
            }
        }
        Ok(useful)
    }

    /// The hops of every walk between the two, as (before, link, inverse, after), each once and in order.
    pub fn between(
        &self,
        from: u32,
        to: u32,
        budget: &mut Budget,
    ) -> Result<Vec<(u32, Link, bool, u32)>, crate::exec::limits::Halt> {
        let useful = self.leading_to(from, to, budget)?;
        Ok(self.hops_along(from, &|_, _, after| useful.contains_key(&after)))
    }

    /// The hops of all shortest paths from one entity to each of those it reaches: of every path that is as short as
    /// any to where it leads.
    pub fn shortest_hops(
        &self,
        from: u32,
        targets: &[u32],
        budget: &mut Budget,
    ) -> Result<Vec<(u32, Link, bool, u32)>, crate::exec::limits::Halt> {
        let mut distances: FxHashMap<Node, u32> = FxHashMap::default();
        self.breadth_first(from, budget, |node, distance| {
            distances.insert(node, distance);
            ControlFlow::Continue(())
        })?;
        let at = |node: Node| if node == (from, 0) { Some(0) } else { distances.get(&node).copied() };
        let tight = |before: Node, after: Node| at(before).zip(at(after)).is_some_and(|(a, b)| a + 1 == b);
        let useful = self.shortest_ends(targets, &distances);
        let kept = self.backwards_from(from, useful, &tight);
        Ok(self.hops_along(from, &|before, _, after| kept.contains_key(&after) && tight(before, after)))
    }

    /// The nodes in which the targets are reached soonest.
    fn shortest_ends(&self, targets: &[u32], distances: &FxHashMap<Node, u32>) -> Vec<Node> {
        let states = || (1..self.automaton.next.len() as u16).filter(|state| self.automaton.accepts[*state as usize]);
        let ends = |target: &u32| {
            let target = *target;
            let least = states().filter_map(|state| distances.get(&(target, state))).min().copied();
            states()
                .map(move |state| (target, state))
                .filter(move |node| least.is_some() && distances.get(node).copied() == least)
                .collect::<Vec<_>>()
        };
        targets.iter().flat_map(ends).collect()
    }

    /// The nodes from which `ends` are reached over hops that `keep` allows.
    fn backwards_from(&self, from: u32, ends: Vec<Node>, keep: &dyn Fn(Node, Node) -> bool) -> FxHashMap<Node, ()> {
        let mut before: FxHashMap<Node, Vec<Node>> = FxHashMap::default();
        self.walk_hops(from, &mut |a, b| {
            let kept = keep(a, b);
            if kept {
                before.entry(b).or_default().push(a);
            }
            kept
        });
        let mut open = ends;
        let mut useful: FxHashMap<Node, ()> = FxHashMap::default();
        while let Some(node) = open.pop() {
            if useful.insert(node, ()).is_none() {
                open.extend(before.get(&node).into_iter().flatten().filter(|node| node.1 != 0));
            }
        }
        useful
    }

    /// The distinct hops met from `from` that `keep` allows, in order.
    fn hops_along(&self, from: u32, keep: &dyn Fn(Node, u16, Node) -> bool) -> Vec<(u32, Link, bool, u32)> {
        let mut hops = Vec::new();
        self.walk_hops(from, &mut |before, after| {
            let kept = keep(before, before.1, after);
            if kept {
                let (link, inverse) = self.automaton.links[after.1 as usize];
                hops.push((before.0, link, inverse, after.0));
            }
            kept
        });
        hops.sort_unstable();
        hops.dedup();
        hops
    }

    /// Calls `visit` with each hop between nodes, each pair once; goes on from the nodes for which it says so.
    fn walk_hops(&self, from: u32, visit: &mut dyn FnMut(Node, Node) -> bool) {
        let mut seen: FxHashMap<Node, ()> = FxHashMap::default();
        let mut open = vec![(from, 0u16)];
        while let Some(node) = open.pop() {
            for (state, entities) in self.steps(node) {
                for entity in entities {
                    let after = (*entity, state);
                    if visit(node, after) && seen.insert(after, ()).is_none() {
                        open.push(after);
                    }
                }
            }
        }
    }

    /// The greatest number of steps from `from` to each entity it reaches, by dynamic programming in topological order;
    /// `None` where a cycle is met, so that there is none.
    pub fn greatest_lengths(
        &self,
        from: u32,
        budget: &mut Budget,
    ) -> Result<Option<FxHashMap<u32, u32>>, crate::exec::limits::Halt> {
        let Some(order) = self.finishing_order(from, budget)? else { return Ok(None) };
        let mut lengths: FxHashMap<Node, u32> = FxHashMap::default();
        lengths.insert((from, 0), 0);
        let mut greatest: FxHashMap<u32, u32> = FxHashMap::default();
        if self.stays(from) {
            greatest.insert(from, 0);
        }
        for node in order.iter().rev() {
            let length = lengths[node];
            if node.1 != 0 && self.automaton.accepts[node.1 as usize] {
                let known = greatest.entry(node.0).or_default();
                *known = length.max(*known);
            }
            for (state, entities) in self.steps(*node) {
                for entity in entities {
                    let known = lengths.entry((*entity, state)).or_default();
                    *known = (length + 1).max(*known);
                }
            }
        }
        Ok(Some(greatest))
    }

    /// The nodes reached, each after all that come after it; `None` where a cycle is met.
    fn finishing_order(&self, from: u32, budget: &mut Budget) -> Result<Option<Vec<Node>>, crate::exec::limits::Halt> {
        let successors = |node: Node| -> Vec<Node> {
            let steps = self.steps(node);
            steps.flat_map(|(state, entities)| entities.iter().map(move |e| (*e, state))).collect()
        };
        let mut open: FxHashMap<Node, bool> = FxHashMap::default();
        let mut order = Vec::new();
        let mut stack = vec![((from, 0u16), successors((from, 0)))];
        open.insert((from, 0), true);
        while let Some((node, rest)) = stack.last_mut() {
            budget.tick()?;
            let Some(next) = rest.pop() else {
                open.insert(*node, false);
                order.push(*node);
                stack.pop();
                continue;
            };
            match open.get(&next) {
                Some(true) => return Ok(None),
                Some(false) => {}
                None => {
                    open.insert(next, true);
                    stack.push((next, successors(next)));
                }
            }
        }
        Ok(Some(order))
    }
}

/// Which nodes have been met: a bit each where there are few states, a set otherwise.
enum Seen {
    BitSet { words: Vec<u64>, entities: usize },
    Set(FxHashMap<Node, ()>),
}

impl Seen {
    fn new(entities: usize, states: usize) -> Seen {
        match entities * states {
            small if small <= 1 << 16 => Seen::BitSet { words: vec![0; small.div_ceil(64)], entities },
            _ => Seen::Set(FxHashMap::default()),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Seen::BitSet { words, .. } => words.len() * 8,
            Seen::Set(set) => set.capacity() * 12,
        }
    }

    /// Whether the node is new.
    fn insert(&mut self, entity: u32, state: u16) -> bool {
        match self {
            Seen::Set(set) => set.insert((entity, state), ()).is_none(),
            Seen::BitSet { words, entities } => {
                let i = state as usize * *entities + entity as usize;
                let (word, bit) = (&mut words[i / 64], 1 << (i % 64));
                let new = *word & bit == 0;
                *word |= bit;
                new
            }
        }
    }
}
