//! Enumeration of the values of a path variable: all walks, or acyclic paths, by depth-first search.

use crate::exec::limits::{Budget, Flow};
use crate::exec::search::product::{Node, ProductGraph};

/// Which walks are enumerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walks {
    All,
    /// Walks that visit no entity twice, except that they may end where they began.
    Acyclic,
}

impl ProductGraph<'_> {
    /// Calls `visit` with each value of a path variable between two entities, once, in order of entities: the entities
    /// behind the first one.
    pub fn enumerate(
        &self,
        from: u32,
        to: u32,
        walks: Walks,
        budget: &mut Budget,
        visit: &mut dyn FnMut(&[u32]) -> Flow,
    ) -> Flow {
        if from == to && self.accepts_empty_path(from) {
            visit(&[])?;
        }
        // Only nodes from which the end is reachable are followed, so that no branch is a dead end.
        let useful = self.walk_nodes(from, to, budget, |_, _| {})?;
        let next = |node: Node| self.successors(node).filter(|node| useful.contains(node));
        let is_end = |node: Node| node.entity == to && self.accepts(node);
        self.sequences(from, walks, next, is_end, budget, visit)
    }

    /// Calls `visit` with the entities behind `from` of each walk over `next` to an end, once, in order of entities.
    /// All states that are reached along the same entities are followed at once (the subset construction of automata:
    /// Rabin, Scott, *Finite automata and their decision problems*, 1959), since walks that differ in their states
    /// alone are the same value.
    pub(super) fn sequences<N: Iterator<Item = Node>>(
        &self,
        from: u32,
        walks: Walks,
        next: impl Fn(Node) -> N,
        is_end: impl Fn(Node) -> bool,
        budget: &mut Budget,
        visit: &mut dyn FnMut(&[u32]) -> Flow,
    ) -> Flow {
        // Sorted descending, since nodes are popped from the end.
        let onward = |nodes: &[Node]| {
            let mut onward: Vec<Node> = nodes.iter().flat_map(|node| next(*node)).collect();
            onward.sort_unstable_by(|a, b| b.cmp(a));
            onward.dedup();
            onward
        };
        // Explicit stack: recursion would be as deep as the path is long.
        let (mut trail, mut stack): (Vec<u32>, _) = (Vec::new(), vec![onward(&[Node { entity: from, state: 0 }])]);
        let mut here: Vec<Node> = Vec::new();
        while let Some(level) = stack.last_mut() {
            budget.tick()?;
            let Some(entity) = level.last().map(|node| node.entity) else {
                stack.pop();
                trail.pop();
                continue;
            };
            here.clear();
            here.extend(std::iter::from_fn(|| level.pop_if(|node| node.entity == entity)));
            // An acyclic path may close at its start, but not continue from there.
            let closes = walks == Walks::Acyclic && entity == from;
            if walks == Walks::Acyclic && trail.contains(&entity) {
                continue;
            }
            trail.push(entity);
            if here.iter().any(|node| is_end(*node)) {
                visit(&trail)?;
            }
            stack.push(if closes { Vec::new() } else { onward(&here) });
        }
        Ok(())
    }
}
