//! How far one entity is from another, searched from both ends.

use crate::exec::limits::{Budget, Halt};
use crate::exec::search::bfs::{NodeSet, SCRATCH, Scratch, expand};
use crate::exec::search::product::{Node, ProductGraph, Steps};

impl ProductGraph<'_> {
    /// The least number of steps between two entities; `None` where there is no path.
    ///
    /// The side with the smaller frontier goes on, a level at a time. The first level on which one side comes to a node of
    /// the other gives the distance, since every node on the way was new to both before.
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
        // Backwards, only the start itself is a node of the starting state.
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

/// What one side has seen.
struct Side<'s> {
    seen: &'s mut NodeSet,
    /// In the order seen.
    nodes: Vec<Node>,
    /// Where the frontier begins among the nodes.
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

    /// Goes one step on from each node of the frontier; returns whether that came to a node that `other` has seen.
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
            if self.nodes[first..].iter().any(|node| other.seen.contains(self.number(*node))) {
                return Ok(true);
            }
        }
        self.frontier = end;
        Ok(false)
    }
}
