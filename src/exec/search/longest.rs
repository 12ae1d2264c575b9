//! Longest paths, if no cycle makes them unbounded.

use crate::exec::limits::{Budget, Halt};
use crate::exec::search::product::{Node, ProductGraph};
use rustc_hash::FxHashMap;

impl ProductGraph<'_> {
    /// Returns the greatest number of steps from `from` to each reached entity, by dynamic programming in topological
    /// order; `None` if a cycle is reachable.
    pub fn greatest_lengths(&self, from: u32, budget: &mut Budget) -> Result<Option<FxHashMap<u32, u32>>, Halt> {
        let start = Node { entity: from, state: 0 };
        let Some(order) = self.finishing_order(start, budget)? else { return Ok(None) };
        let mut lengths = FxHashMap::from_iter([(start, 0)]);
        let mut greatest: FxHashMap<u32, u32> = FxHashMap::default();
        if self.accepts_empty_path(from) {
            greatest.insert(from, 0);
        }
        for node in order.iter().rev() {
            let length = lengths[node];
            if self.accepts(*node) {
                let known = greatest.entry(node.entity).or_default();
                *known = length.max(*known);
            }
            for next in self.successors(*node) {
                let known = lengths.entry(next).or_default();
                *known = (length + 1).max(*known);
            }
        }
        Ok(Some(greatest))
    }

    /// Returns the reached nodes in postorder of a depth-first search, each behind all its successors; `None` if a
    /// cycle is found.
    fn finishing_order(&self, start: Node, budget: &mut Budget) -> Result<Option<Vec<Node>>, Halt> {
        /// State of a node: on the stack, or with all its successors visited.
        #[derive(PartialEq)]
        enum Progress {
            Open,
            Finished,
        }
        let mut progress = FxHashMap::from_iter([(start, Progress::Open)]);
        // Explicit stack: recursion would be as deep as the longest path.
        let mut stack = vec![(start, self.successors(start).collect::<Vec<_>>())];
        let mut order = Vec::new();
        while let Some((node, left)) = stack.last_mut() {
            budget.tick()?;
            let Some(next) = left.pop() else {
                progress.insert(*node, Progress::Finished);
                order.push(*node);
                stack.pop();
                continue;
            };
            // An open node is on the stack, so an edge to it closes a cycle.
            match progress.get(&next) {
                Some(Progress::Open) => return Ok(None),
                Some(Progress::Finished) => {}
                None => {
                    progress.insert(next, Progress::Open);
                    stack.push((next, self.successors(next).collect()));
                }
            }
        }
        Ok(Some(order))
    }
}
