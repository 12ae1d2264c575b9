//! Enumeration of the values of a path variable: all walks, or acyclic paths, by depth-first search.

use crate::exec::limits::{Budget, Flow};
use crate::exec::search::product::{Hop, Node, ProductGraph};
use rustc_hash::FxHashSet;

/// Which walks are enumerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walks {
    All,
    /// Walks that visit no entity twice, except that they may end where they began.
    Acyclic,
}

impl ProductGraph<'_> {
    /// Calls `visit` with each value of a path variable between two entities, as its hops, in order of entities.
    pub fn enumerate(
        &self,
        from: u32,
        to: u32,
        walks: Walks,
        budget: &mut Budget,
        visit: &mut dyn FnMut(&[Hop]) -> Flow,
    ) -> Flow {
        if from == to && self.accepts_empty_path(from) {
            visit(&[])?;
        }
        // Only nodes from which the end is reachable are followed, so that no branch is a dead end.
        let useful = self.walk_nodes(from, to, budget, |_, _| {})?;
        let start = Node { entity: from, state: 0 };
        // Explicit stack: recursion would be as deep as the path is long.
        let (mut trail, mut stack): (Vec<Hop>, _) = (Vec::new(), vec![self.onward(start, &useful)]);
        while let Some(level) = stack.last_mut() {
            budget.tick()?;
            let Some(node) = level.pop() else {
                stack.pop();
                trail.pop();
                continue;
            };
            let meets = |entity: u32| entity == from || trail.iter().any(|hop| hop.to == entity);
            // A path may close at its start, but not continue from there.
            let closes = walks == Walks::Acyclic && node.entity == from && to == from;
            if walks == Walks::Acyclic && !closes && meets(node.entity) {
                continue;
            }
            let before = trail.last().map_or(from, |hop| hop.to);
            trail.extend(self.hop(before, node));
            if node.entity == to && self.accepts(node) {
                visit(&trail)?;
            }
            stack.push(if closes { Vec::new() } else { self.onward(node, &useful) });
        }
        Ok(())
    }

    /// Returns the successors of `node` from which the end is reachable, sorted descending: they are popped from the
    /// end.
    fn onward(&self, node: Node, useful: &FxHashSet<Node>) -> Vec<Node> {
        let mut next: Vec<Node> = self.successors(node).filter(|node| useful.contains(node)).collect();
        next.sort_unstable_by(|a, b| b.cmp(a));
        next
    }
}
