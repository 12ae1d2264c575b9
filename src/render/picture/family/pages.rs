//! Splits a family into pages: each holds whole branches, with their ancestors above them.

use super::super::paint::marks::Picture;
use super::Family;
use crate::limits::is_over_after;

/// Draws a family on as few pages of this height as its branches allow; a branch taller than a page is split, too.
pub fn parted(family: &Family, draw: &dyn Fn(&Family) -> Picture, height: f64) -> Vec<Picture> {
    let whole = draw(family);
    let order = walk(family);
    if whole.height <= height || order.len() < 2 {
        return vec![whole];
    }
    let mut pages = Vec::new();
    let mut first = 0;
    while first < order.len() {
        let drawn = |end: usize| draw(&part(family, &order[first..end]));
        // Binary search for the most nodes that fit; only drawing tells their height.
        let (mut fits, mut tall) = (first + 1, order.len() + 1);
        while fits + 1 < tall && !is_over_after(order.len()) {
            let middle = fits.midpoint(tall);
            if drawn(middle).height <= height { fits = middle } else { tall = middle }
        }
        let end = calm_end(family, &order, first, fits);
        pages.push(drawn(end));
        first = end;
    }
    super::super::paper::number(&mut pages);
    pages
}

/// Returns all nodes in order from top to bottom: blocks of later children come before those of earlier ones.
fn walk(family: &Family) -> Vec<usize> {
    let Family { chart, forest, .. } = family;
    let day = |node: usize| chart.nodes[node].day.unwrap_or(f64::NEG_INFINITY);
    let mut roots: Vec<usize> = forest.order.iter().copied().filter(|node| forest.main[*node].is_none()).collect();
    // Backwards, like the children below, because the stack returns the last one first.
    roots.sort_by(|a, b| {
        let alone = |node: usize| forest.children[node].is_empty();
        alone(*b).cmp(&alone(*a)).then(day(*b).total_cmp(&day(*a))).then(b.cmp(a))
    });
    let (mut open, mut order) = (roots, Vec::new());
    while let Some(node) = open.pop() {
        order.push(node);
        let mut children = forest.children[node].clone();
        children.sort_by(|a, b| day(*a).total_cmp(&day(*b)).then(a.cmp(b)));
        open.extend(children);
    }
    order
}

/// Returns the end of a page that could end at `most`: in its last third, before the branch nearest to the root.
fn calm_end(family: &Family, order: &[usize], first: usize, most: usize) -> usize {
    if most >= order.len() {
        return order.len();
    }
    let least = first + 1 + (most - first) * 2 / 3;
    let depth = |node: usize| std::iter::successors(Some(node), |n| family.forest.parent(&family.chart, *n)).count();
    (least.min(most)..=most).rev().min_by_key(|end| depth(order[*end])).unwrap_or(most)
}

/// Returns some nodes of a family with all their ancestors.
fn part(family: &Family, nodes: &[usize]) -> Family {
    let Family { chart, forest, .. } = family;
    let mut kept = vec![false; chart.nodes.len()];
    for node in nodes {
        let mut next = Some(*node);
        while let Some(at) = next.filter(|at| !std::mem::replace(&mut kept[*at], true)) {
            next = forest.parent(chart, at);
        }
    }
    family.only(&kept)
}
