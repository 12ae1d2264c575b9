//! A family on several pages: each holds whole branches, and above them what they hang from.

use super::super::paint::marks::Picture;
use super::Family;
use crate::limits::is_over_after;

/// The family drawn on as few pages of that height as its branches allow; a branch that is itself taller is parted too.
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

/// Every node as it stands from top to bottom: the blocks of later children before those of earlier ones.
fn walk(family: &Family) -> Vec<usize> {
    let Family { chart, forest, .. } = family;
    let day = |node: usize| super::super::cite::middle(chart.nodes[node].date).unwrap_or(f64::NEG_INFINITY);
    let mut roots: Vec<usize> = forest.order.iter().copied().filter(|node| forest.main[*node].is_none()).collect();
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

/// Where a page ends that could end at `most`: before a branch as near to the root as there is one in its last third.
fn calm_end(family: &Family, order: &[usize], first: usize, most: usize) -> usize {
    if most >= order.len() {
        return order.len();
    }
    let least = first + 1 + (most - first) * 2 / 3;
    let depth = |node: usize| std::iter::successors(Some(node), |n| family.forest.parent(&family.chart, *n)).count();
    (least.min(most)..=most).rev().min_by_key(|end| depth(order[*end])).unwrap_or(most)
}

/// Some nodes of a family with everything that they hang from.
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
