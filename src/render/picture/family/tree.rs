//! Selects the parent that each entity hangs from: the links that form a forest, and the remaining ones.

use super::super::timeline::data::{Chart, ChartLink};
use crate::limits::is_over_after;
use std::cmp::Reverse;

/// The nodes of a chart as a forest.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    /// By node: the link to its parent, as an index in [`Chart::links`]; `None` for a root.
    pub main: Vec<Option<usize>>,
    /// By node: its children, unordered.
    pub children: Vec<Vec<usize>>,
    /// All nodes, parents before their children.
    pub order: Vec<usize>,
    /// The links between nodes that are not parent and child in the forest.
    pub others: Vec<usize>,
    /// Further links between a node and its parent.
    pub doubles: Vec<usize>,
}

impl Forest {
    /// Hangs every node from the best of its parents that is not younger: by order of the verb's declaration, then
    /// certain links, the same owner, the latest date. Nodes without such a parent become roots.
    pub fn of(chart: &Chart) -> Forest {
        let count = chart.nodes.len();
        let mut forest = Forest { main: vec![None; count], children: vec![Vec::new(); count], ..Forest::default() };
        let mut by_child: Vec<Vec<usize>> = vec![Vec::new(); count];
        chart.links.iter().enumerate().for_each(|(i, link)| by_child[link.child].push(i));
        // In order of time, so that a parent's own parents are known.
        for child in in_time(chart) {
            if is_over_after(by_child[child].len()) {
                break;
            }
            by_child[child].sort_by_key(|i| preference(chart, &chart.links[*i]));
            let found = by_child[child].iter().find(|i| forest.may_hang(chart, &chart.links[**i]));
            forest.main[child] = found.copied();
        }
        for (child, main) in forest.main.iter().enumerate() {
            if let Some(link) = main {
                forest.children[chart.links[*link].parent].push(child);
            }
        }
        forest.sort_nodes();
        forest.gather_others(chart);
        forest
    }

    /// Returns the parent of a node; `None` for a root.
    pub fn parent(&self, chart: &Chart, node: usize) -> Option<usize> {
        self.main[node].map(|link| chart.links[link].parent)
    }

    /// Returns whether the parent is not younger and is not a descendant of the child.
    fn may_hang(&self, chart: &Chart, link: &ChartLink) -> bool {
        let day = |node: usize| chart.nodes[node].day;
        let fits = match (day(link.parent), day(link.child)) {
            // No descendant of the child is older than the child, so that this closes no cycle.
            (Some(parent), Some(child)) if parent < child => return true,
            (Some(parent), Some(child)) => parent == child,
            // Undated nodes are placed at the left, or right of a dated parent.
            (None, Some(_)) => self.ancestors(chart, link.parent).all(|above| day(above).is_none()),
            (_, None) => true,
        };
        fits && self.ancestors(chart, link.parent).all(|above| above != link.child)
    }

    /// Iterates over the node, its parent, and so on up to the root.
    fn ancestors<'a>(&'a self, chart: &'a Chart, node: usize) -> impl Iterator<Item = usize> + 'a {
        std::iter::successors(Some(node), |node| self.parent(chart, *node)).take_while(|_| !is_over_after(1))
    }

    fn sort_nodes(&mut self) {
        let mut open: Vec<usize> = (0..self.main.len()).filter(|node| self.main[*node].is_none()).collect();
        let mut next = 0;
        while let Some(node) = open.get(next) {
            open.extend_from_slice(&self.children[*node]);
            next += 1;
        }
        self.order = open;
    }

    fn gather_others(&mut self, chart: &Chart) {
        for (i, link) in chart.links.iter().enumerate() {
            let joins = |child: usize, parent: usize| self.parent(chart, child) == Some(parent);
            match self.main[link.child] {
                Some(main) if main == i => {}
                _ if joins(link.child, link.parent) || joins(link.parent, link.child) => self.doubles.push(i),
                _ => self.others.push(i),
            }
        }
    }
}

/// Returns the dated nodes by date, then the others, by index.
fn in_time(chart: &Chart) -> Vec<usize> {
    let mut nodes: Vec<(Option<f64>, usize)> = chart.nodes.iter().enumerate().map(|(i, node)| (node.day, i)).collect();
    nodes.sort_by(|a, b| match (a.0, b.0) {
        (Some(x), Some(y)) => x.total_cmp(&y).then(a.1.cmp(&b.1)),
        (x, y) => x.is_none().cmp(&y.is_none()).then(a.1.cmp(&b.1)),
    });
    nodes.into_iter().map(|(_, node)| node).collect()
}

type Preference = (usize, bool, bool, Reverse<Option<i64>>, usize);

/// Returns the preference of a link; smaller is better.
fn preference(chart: &Chart, link: &ChartLink) -> Preference {
    let (parent, child) = (&chart.nodes[link.parent], &chart.nodes[link.child]);
    // Floats have no total order; a quarter of a day is precise enough.
    let day = parent.day.map(|day| (day * 4.0) as i64);
    (link.verb, !link.certain, parent.lane != child.lane, Reverse(day), link.parent)
}
