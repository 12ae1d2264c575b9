//! Paths between two entities: one shortest path, all shortest ones, the cheapest ones, the hops of all shortest ones,
//! the nodes and hops of all walks. All start with a [breadth-first search](super::bfs) or, with costs, Dijkstra's; if
//! more than one path counts, a second pass goes backwards over the visited nodes.

use crate::exec::limits::{Budget, Flow, Halt};
use crate::exec::search::bfs::{ROOT, Trace, Visited};
use crate::exec::search::enumerate::Walks;
use crate::exec::search::product::{Hop, Node, ProductGraph, neighbours};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::hash_map::Entry;

/// Cost of the way to a node: the bits of the sum, which sort as the sums do since none is below 0, and the number of
/// steps: of equal sums the fewer steps count, so that no cycle without costs is part of a path.
type Cost = (u64, u32);

impl ProductGraph<'_> {
    /// Returns one shortest path between two entities, the first in order of entities if there are several. Empty if
    /// both are the same and the empty path is allowed; `None` if there is no path.
    pub fn shortest(&self, from: u32, to: u32, budget: &mut Budget) -> Result<Option<Vec<Hop>>, Halt> {
        if from == to && self.accepts_empty_path(from) {
            return Ok(Some(Vec::new()));
        }
        let is_end = |node: Node| node.entity == to && self.accepts(node);
        self.search(&[from], Trace::Parents, is_end, budget, |visited| {
            let mut path: Vec<Node> = Vec::new();
            let mut place = visited.end?;
            while let Some(node) = visited.nodes.get(place) {
                path.push(*node);
                place = visited.parents[place] as usize;
            }
            path.push(Node { entity: from, state: 0 });
            Some(path.windows(2).rev().filter_map(|ends| self.hop(ends[1].entity, ends[0])).collect())
        })
    }

    /// Calls `visit` with each shortest path between two entities, once, in order of entities: the entities behind the
    /// first one.
    pub fn all_shortest(&self, from: u32, to: u32, budget: &mut Budget, visit: &mut dyn FnMut(&[u32]) -> Flow) -> Flow {
        if from == to && self.accepts_empty_path(from) {
            return visit(&[]);
        }
        let distances = self.distances(from, budget)?;
        // A hop lies on a shortest path if it increases the distance by one.
        self.visit_least((from, to), &distances, |distance, _| Some(distance + 1), budget, visit)
    }

    /// Calls `visit` with each path of the least sum of costs between two entities, and of these with those of the
    /// fewest steps, as [`ProductGraph::all_shortest`] does; with the first only unless `all`. `cost` is what entering an
    /// entity costs, 0 or more; `None` if a path does not pass it. The search is Dijkstra's.
    pub fn cheapest(
        &self,
        from: u32,
        to: u32,
        (cost, all): (&dyn Fn(u32) -> Option<f64>, bool),
        budget: &mut Budget,
        visit: &mut dyn FnMut(&[u32]) -> Flow,
    ) -> Flow {
        if from == to && self.accepts_empty_path(from) {
            return visit(&[]);
        }
        let step = |(sum, steps): Cost, entity: u32| -> Option<Cost> {
            Some(((f64::from_bits(sum) + cost(entity)?).to_bits(), steps + 1))
        };
        let mut found: FxHashMap<Node, Cost> = FxHashMap::default();
        let start = Node { entity: from, state: 0 };
        let mut open = BinaryHeap::from([Reverse((Cost::default(), start))]);
        let mut least: Option<Cost> = None;
        while let Some(Reverse((before, node))) = open.pop() {
            budget.tick()?;
            // All that is still open costs more than the ends.
            if least.is_some_and(|least| before > least) {
                break;
            }
            match found.entry(node) {
                Entry::Occupied(_) => continue,
                Entry::Vacant(place) => place.insert(before),
            };
            if node.entity == to && self.accepts(node) && node != start {
                least = Some(before);
            }
            let next = self.successors(node).filter(|next| !found.contains_key(next));
            open.extend(next.filter_map(|next| Some(Reverse((step(before, next.entity)?, next)))));
        }
        let mut is_first = true;
        let mut first = |entities: &[u32]| match std::mem::take(&mut is_first) || all {
            true => visit(entities),
            false => Ok(()),
        };
        self.visit_least((from, to), &found, step, budget, &mut first)
    }

    /// Calls `visit` with each path to the nearest end, as [`ProductGraph::all_shortest`] does. `distances` are those of
    /// the nodes reached, `step` the distance of a node after another by its entity.
    fn visit_least<D: Copy + Ord>(
        &self,
        (from, to): (u32, u32),
        distances: &FxHashMap<Node, D>,
        step: impl Fn(D, u32) -> Option<D>,
        budget: &mut Budget,
        visit: &mut dyn FnMut(&[u32]) -> Flow,
    ) -> Flow {
        let least = self.ends(to).filter_map(|node| distances.get(&node)).min();
        let ends: Vec<Node> = self.ends(to).filter(|node| least.is_some() && distances.get(node) == least).collect();
        let mut onward: FxHashMap<Node, Vec<Node>> = FxHashMap::default();
        self.backwards(ends.clone(), budget, |before, after| {
            let next = distances.get(&before).and_then(|distance| step(*distance, after.entity));
            let is_tight = next.is_some() && next.as_ref() == distances.get(&after);
            if is_tight {
                onward.entry(before).or_default().push(after);
            }
            is_tight
        })?;
        let next = |node: Node| onward.get(&node).into_iter().flatten().copied();
        self.sequences(from, Walks::All, next, |node| ends.contains(&node), budget, visit)
    }

    /// Returns the hops of all shortest paths from one entity to each target that it reaches, sorted, without
    /// duplicates.
    pub fn shortest_hops(&self, from: u32, targets: &[u32], budget: &mut Budget) -> Result<Vec<Hop>, Halt> {
        let distances = self.distances(from, budget)?;
        let mut ends = Vec::new();
        for target in targets {
            let least = self.ends(*target).filter_map(|node| distances.get(&node)).min();
            ends.extend(self.ends(*target).filter(|node| least.is_some() && distances.get(node) == least));
        }
        let mut hops = Vec::new();
        self.backwards(ends, budget, |before, after| {
            let is_tight =
                distances.get(&before).is_some_and(|distance| Some(&(distance + 1)) == distances.get(&after));
            hops.extend(self.hop(before.entity, after).filter(|_| is_tight));
            is_tight
        })?;
        hops.sort_unstable();
        hops.dedup();
        Ok(hops)
    }

    /// Returns the hops of all walks between two entities, sorted, without duplicates.
    pub fn hops_between(&self, from: u32, to: u32, budget: &mut Budget) -> Result<Vec<Hop>, Halt> {
        let mut hops = Vec::new();
        self.walk_nodes(from, to, budget, |before, after| hops.extend(self.hop(before.entity, after)))?;
        hops.sort_unstable();
        hops.dedup();
        Ok(hops)
    }

    /// Returns the nodes on some walk from `from` to `to`, without the start. Calls `visit` once with the nodes before
    /// and after each hop of such a walk.
    pub(super) fn walk_nodes(
        &self,
        from: u32,
        to: u32,
        budget: &mut Budget,
        mut visit: impl FnMut(Node, Node),
    ) -> Result<FxHashSet<Node>, Halt> {
        let distances = self.distances(from, budget)?;
        let ends = self.ends(to).filter(|node| distances.contains_key(node)).collect();
        self.backwards(ends, budget, |before, after| {
            let is_reached = distances.contains_key(&before);
            if is_reached {
                visit(before, after);
            }
            is_reached
        })
    }

    /// Returns the distance of each reached node, including the start (0).
    fn distances(&self, from: u32, budget: &mut Budget) -> Result<FxHashMap<Node, u32>, Halt> {
        let read = |Visited { nodes, parents, .. }: Visited| {
            let mut distances: Vec<u32> = Vec::with_capacity(nodes.len());
            for parent in parents {
                distances.push(if *parent == ROOT { 1 } else { distances[*parent as usize] + 1 });
            }
            let start = (Node { entity: from, state: 0 }, 0);
            std::iter::once(start).chain(nodes.iter().copied().zip(distances)).collect()
        };
        self.search(&[from], Trace::Parents, |_| false, budget, read)
    }

    /// Returns the nodes from which the ends are reached over hops that `keep` accepts, including the ends, without
    /// nodes of the starting state. Calls `keep` once per hop.
    fn backwards(
        &self,
        ends: Vec<Node>,
        budget: &mut Budget,
        mut keep: impl FnMut(Node, Node) -> bool,
    ) -> Result<FxHashSet<Node>, Halt> {
        let back = self.back();
        let mut found: FxHashSet<Node> = ends.iter().copied().collect();
        let mut open: Vec<Node> = found.iter().copied().collect();
        while let Some(after) = open.pop() {
            budget.tick()?;
            for before in neighbours(&back, after) {
                // Starting nodes have no predecessors.
                if keep(before, after) && before.state != 0 && found.insert(before) {
                    open.push(before);
                }
            }
        }
        Ok(found)
    }

    /// Returns the hop from an entity to a node after it; `None` if no link leads into its state.
    pub(super) fn hop(&self, from: u32, after: Node) -> Option<Hop> {
        let (link, inverse) = self.automaton.label(after.state)?;
        Some(Hop { from, link, inverse, to: after.entity })
    }
}
