//! Bidirectional search for the distance between two entities (Pohl, *Bi-directional search*, 1971).

use crate::exec::limits::{Budget, Halt};
use crate::exec::search::bfs::{NodeSet, SCRATCH, Scratch, expand};
use crate::exec::search::product::{Node, ProductGraph, Steps};

impl ProductGraph<'_> {
    /// Returns the least number of steps between two entities; `None` if there is no path.
    ///
    /// The side with the smaller frontier is expanded next, by a whole level. The first level at which one side meets a
    /// node of the other gives the distance: had a shorter path existed, the sides would have met before.
    pub fn distance(&self, from: u32, to: u32, budget: &mut Budget) -> Result<Option<u32>, Halt> {
        if from == to && self.accepts_empty_path(from) {
            return Ok(Some(0));
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let Scratch { seen: [ahead, behind], .. } = scratch;
            let start = Node { entity: from, state: 0 };
            let mut ahead = Side::new(self, vec![start], ahead);
            let mut behind = Side::new(self, self.ends(to).collect(), behind);
            let distance = self.meet(start, &mut ahead, &mut behind, budget);
            [ahead, behind].into_iter().for_each(|side| side.seen.clear(&side.nodes, self.entities()));
            distance
        })
    }

    fn meet(&self, start: Node, ahead: &mut Side, behind: &mut Side, budget: &mut Budget) -> Result<Option<u32>, Halt> {
        let back = self.back();
        // Backwards, the only node with the starting state is the start itself.
        let is_node = |node: Node| node.state > 0 || node == start;
        loop {
            let (side, met) = if behind.width() < ahead.width() {
                let met = behind.advance(&back, ahead, is_node, budget)?;
                (behind.width(), met)
            } else {
                let met = ahead.advance(self.next(), behind, |_| true, budget)?;
                (ahead.width(), met)
            };
            match (met, side) {
                (true, _) => return Ok(Some(ahead.depth + behind.depth)),
                (false, 0) => return Ok(None),
                (false, _) => {}
            }
        }
    }
}

/// One side of the search.
struct Side<'s> {
    seen: &'s mut NodeSet,
    /// In visiting order.
    nodes: Vec<Node>,
    /// Position of the first node of the frontier.
    frontier: usize,
    depth: u32,
    entities: usize,
}

impl<'s> Side<'s> {
    fn new(product: &ProductGraph, nodes: Vec<Node>, seen: &'s mut NodeSet) -> Side<'s> {
        seen.fit(product.nodes());
        let side = Side { seen, nodes, frontier: 0, depth: 0, entities: product.entities() };
        for i in 0..side.nodes.len() {
            let number = side.number(side.nodes[i]);
            side.seen.insert(number);
        }
        side
    }

    fn number(&self, node: Node) -> usize {
        node.state as usize * self.entities + node.entity as usize
    }

    fn width(&self) -> usize {
        self.nodes.len() - self.frontier
    }

    /// Expands every node of the frontier; returns true if a node seen by `other` was reached.
    fn advance(
        &mut self,
        steps: &[Vec<Steps>],
        other: &Side,
        is_node: impl Fn(Node) -> bool,
        budget: &mut Budget,
    ) -> Result<bool, Halt> {
        self.depth += 1;
        let end = self.nodes.len();
        for i in self.frontier..end {
            budget.tick()?;
            let (node, first) = (self.nodes[i], self.nodes.len());
            expand(&steps[node.state as usize], node.entity, self.seen, &mut self.nodes, &is_node);
            // Older nodes were compared with the other side when they, or their counterparts, were reached.
            if self.nodes[first..].iter().any(|node| other.seen.contains(self.number(*node))) {
                return Ok(true);
            }
        }
        self.frontier = end;
        Ok(false)
    }
}
