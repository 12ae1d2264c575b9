//! Computes the positions of a family in pixels, before it is drawn.
//!
//! Time gives x. An entity's line runs from its dot to its last child, or to its own end, and every child hangs from it
//! at its own date, later ones higher up. So whatever hangs from a line lies right of it, with no other line between it
//! and its parent, and in a tree no link crosses a link or a label. Blocks are packed by their contours.

use super::super::paint::frame::MARGIN;
use super::super::paint::marks::{Area, MORE, point};
use super::super::paint::metrics::{Weight, fit, width};
use super::super::timeline::axis::Axis;
use super::super::timeline::data::Chart;
use super::super::timeline::place::{Bar, Spot, bar, extent};
use super::arcs::Arc;
use super::contour::Contour;
use super::tree::Forest;
use crate::limits::is_over_after;

/// The layout of a family. `y` 0 is the top of the first block; the labels of the axis are above it.
#[derive(Debug, Clone, Default)]
pub struct FamilyScene {
    pub width: f64,
    pub height: f64,
    /// `None` if nothing is dated.
    pub axis: Option<Axis>,
    /// By node.
    pub spots: Vec<Spot>,
    /// By node: the displayed name, and the text behind it.
    pub labels: Vec<Label>,
    /// By node: the right end of its line; `None` if it has neither children nor an end.
    pub ends: Vec<Option<f64>>,
    /// By node: the x at which it ended; `None` if that is unknown or next to its dot.
    pub spans: Vec<Option<f64>>,
    /// For the links that are drawn as arcs.
    pub arcs: Vec<Arc>,
    /// Whether some dot is displaced from its date to make room for others.
    pub moved: bool,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Label {
    pub name: String,
    pub more: String,
}

/// Font sizes of a name, and of the focused one.
pub const NAME: f64 = 11.0;
pub const CENTRAL: f64 = 13.0;
const RADIUS: f64 = 3.4;
const HEIGHT: f64 = 12.0;
/// Distances from the centre of a dot to a label right of it, and to one above its line.
const BESIDE: f64 = 7.0;
const ABOVE: f64 = 5.0;
/// Minimum distance between the vertical lines of two children.
const APART: f64 = 8.0;
/// Gap between rows, and right of a label.
const ROW_GAP: f64 = 3.0;
const LABEL_GAP: f64 = 5.0;
/// Gap between trees.
const BLOCK_GAP: f64 = 7.0;
/// Minimum distance of a dot below its parent's line.
const DROP: f64 = 14.0;
/// Distance of an undated child right of its parent.
const UNDATED: f64 = 22.0;
/// Maximum number of attempts to shorten the axis until the labels fit. Each lays out the family anew.
const TRIES: usize = 5;
/// The minimum width of the axis.
const LEAST_AXIS: f64 = 120.0;

/// Lays out a family with the width `room`, or wider if the names need it.
pub fn scene(chart: &Chart, forest: &Forest, words: &[String], room: f64, linear: bool) -> FamilyScene {
    let left = MARGIN + 8.0;
    let words = chart.nodes.iter().zip(words);
    let mut labels: Vec<Label> = words.map(|(node, more)| label(&node.name, more, room)).collect();
    let mut axis_width = (room - left - MARGIN - 40.0).max(LEAST_AXIS);
    let mut scene = FamilyScene::default();
    // Labels do not shrink with the axis, so that one attempt may not be enough.
    for attempts_left in (0..TRIES).rev() {
        scene = lay(chart, forest, labels.clone(), (left, axis_width), linear);
        let over = scene.width - room;
        if over <= 0.5 || attempts_left == 0 || is_over_after(chart.nodes.len()) {
            break;
        }
        // When nothing else helps, drops the text behind names that do not fit.
        let is_narrowest = axis_width <= LEAST_AXIS;
        let has_dropped = (is_narrowest || attempts_left == 1) && drop_words(&scene, &mut labels, room);
        if is_narrowest && !has_dropped {
            break;
        }
        axis_width = (axis_width - over).max(LEAST_AXIS);
    }
    scene.width = scene.width.max(room).ceil();
    scene
}

/// Removes the text behind names that reach beyond the right edge; returns whether there was any.
fn drop_words(scene: &FamilyScene, labels: &mut [Label], room: f64) -> bool {
    let beyond = scene.spots.iter().zip(labels).filter(|(spot, _)| spot.label.right() + MARGIN > room);
    let words = beyond.map(|(_, label)| std::mem::take(&mut label.more));
    words.filter(|more| !more.is_empty()).count() > 0
}

fn label(name: &str, more: &str, room: f64) -> Label {
    let most = (room * 0.4).clamp(120.0, 320.0);
    let more = if more.is_empty() { String::new() } else { fit(more, most * 0.8, NAME * MORE, Weight::Regular) };
    Label { name: fit(name, most, NAME, Weight::Bold), more }
}

fn lay(chart: &Chart, forest: &Forest, labels: Vec<Label>, (left, wide): (f64, f64), linear: bool) -> FamilyScene {
    let (column, axis_left) = undated_column(chart, forest, &labels, left);
    let axis = Axis::new(&extent(chart), axis_left, wide - (axis_left - left), linear);
    let right = axis_left + wide - (axis_left - left);
    let days = |node: usize| Some((axis.as_ref()?, chart.nodes[node].day?));
    let own: Vec<Option<f64>> = (0..chart.nodes.len()).map(|i| days(i).map(|(axis, day)| axis.x(day))).collect();
    let (xs, moved) = places(forest, &own, (column, right));
    let end = |node: usize| Some(axis.as_ref()?.x(chart.nodes[node].end?)).filter(|end| *end > xs[node] + APART);
    let last = |children: &Vec<usize>| children.iter().map(|child| xs[*child]).max_by(f64::total_cmp);
    let spans: Vec<Option<f64>> = (0..xs.len()).map(end).collect();
    let latest =
        |(own, span): (&Vec<usize>, &Option<f64>)| [last(own), *span].into_iter().flatten().max_by(f64::total_cmp);
    let ends: Vec<Option<f64>> = forest.children.iter().zip(&spans).map(latest).collect();
    let mut spots: Vec<Spot> = (0..xs.len())
        .map(|i| {
            let bar = bar(&chart.nodes[i], axis.as_ref(), axis_left, right);
            spot(xs[i], bar, ends[i].is_some(), &labels[i], chart.nodes[i].central)
        })
        .collect();
    let height = stack(forest, &mut spots, &ends);
    let reach = spots.iter().map(|spot| spot.label.right().max(spot.at.x + RADIUS)).fold(right, f64::max);
    FamilyScene { width: reach + MARGIN, height, axis, spots, labels, ends, spans, arcs: Vec::new(), moved }
}

/// Returns the x of undated roots, and the x at which the axis begins.
fn undated_column(chart: &Chart, forest: &Forest, labels: &[Label], left: f64) -> (f64, f64) {
    let is_dated = |node: usize| chart.nodes[node].day.is_some();
    let nodes = || 0..chart.nodes.len();
    if !nodes().any(is_dated) {
        return (left, left);
    }
    let undated = nodes().filter(|node| !is_dated(*node) && forest.main[*node].is_none());
    let widest = undated.map(|node| label_width(&labels[node], NAME)).fold(0.0, f64::max);
    if widest > 0.0 { (left, left + widest.min(160.0) + 40.0) } else { (left, left) }
}

/// Returns the x of every dot: that of its date if its siblings leave room, but always right of its parent. Also
/// returns whether a dot was displaced.
fn places(forest: &Forest, own: &[Option<f64>], (column, right): (f64, f64)) -> (Vec<f64>, bool) {
    let mut xs: Vec<f64> = own.iter().map(|x| x.unwrap_or(column)).collect();
    let mut moved = false;
    // Parents first: children stand right of them, undated ones at a fixed distance.
    for node in &forest.order {
        let mut children = forest.children[*node].clone();
        if children.is_empty() || is_over_after(children.len()) {
            continue;
        }
        let wanted = |child: usize| own[child].unwrap_or(xs[*node] + UNDATED);
        children.sort_by(|a, b| wanted(*a).total_cmp(&wanted(*b)).then(a.cmp(b)));
        let wishes: Vec<f64> = children.iter().map(|child| wanted(*child)).collect();
        let least = xs[*node] + if wishes[0] > xs[*node] + 1.0 { APART / 2.0 } else { APART };
        let placed = spread(&wishes, least, right);
        for ((child, x), wish) in children.iter().zip(placed).zip(&wishes) {
            moved |= (x - wish).abs() > 2.0 && own[*child].is_some();
            xs[*child] = x;
        }
    }
    (xs, moved)
}

/// Returns the positions nearest to the wishes, in the same order and at the minimum distance of children, by isotonic
/// regression (pooling adjacent violators: Ayer, Brunk, Ewing, Reid and Silverman, *An empirical distribution function
/// for sampling with incomplete information*, 1955). All are within `least` and `most` if that is possible.
fn spread(wishes: &[f64], least: f64, most: f64) -> Vec<f64> {
    let count = wishes.len() as f64;
    // If the children do not fit, their distance shrinks.
    let apart = if count > 1.0 { APART.min((most - least).max(count) / (count - 1.0)) } else { APART };
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (i, wish) in wishes.iter().enumerate() {
        // Without the minimum distances, the rest is plain isotonic regression.
        let mut pool = (wish - apart * i as f64, 1);
        while let Some((mean, size)) = pools.last().copied().filter(|(mean, _)| *mean > pool.0) {
            let all = size + pool.1;
            pool = ((mean * size as f64 + pool.0 * pool.1 as f64) / all as f64, all);
            pools.pop();
        }
        pools.push(pool);
    }
    let means = pools.iter().flat_map(|(mean, size)| std::iter::repeat_n(*mean, *size));
    let place = |(i, mean): (usize, f64)| {
        let step = apart * i as f64;
        let latest = most - apart * (count - 1.0);
        mean.min(latest).max(least) + step
    };
    means.enumerate().map(place).collect()
}

fn label_width(label: &Label, size: f64) -> f64 {
    let more = if label.more.is_empty() { 0.0 } else { 5.0 + width(&label.more, size * MORE, Weight::Regular) };
    width(&label.name, size, Weight::Bold) + more
}

/// Returns a dot with its label: right of it, or above it if a line or bar runs to the right.
fn spot(x: f64, bar: Option<Bar>, has_line: bool, label: &Label, central: bool) -> Spot {
    let size = if central { CENTRAL } else { NAME };
    let is_above = has_line || bar.is_some();
    // The ends of a bar rise above its line.
    let rise = if bar.is_some() { 5.0 } else { 3.0 };
    let (dx, dy) = if is_above { (ABOVE, -HEIGHT - rise) } else { (BESIDE, -HEIGHT / 2.0) };
    let extra = if central { 2.0 } else { 0.0 };
    let area = Area::new(x + dx + extra, dy - extra, label_width(label, size), HEIGHT + extra);
    let radius = if central { 5.0 } else { RADIUS };
    Spot { at: point(x, 0.0), radius, bar, label: area, size, more: !label.more.is_empty() }
}

/// Returns the contour of a node alone, with its dot at y 0.
fn own_contour(spot: &Spot, end: Option<f64>) -> Contour {
    let mut contour = Contour::default();
    let around = spot.radius + 2.0;
    contour.add((spot.at.x - around, spot.at.x + around), (-around, around));
    let label = spot.label;
    contour.add((label.x, label.right() + LABEL_GAP), (label.y, label.bottom()));
    if let Some(end) = end {
        contour.add((spot.at.x, end + 2.0), (-1.5, 1.5));
    }
    if let Some(bar) = spot.bar {
        contour.add((bar.from - 2.0, bar.to + 2.0), (-4.6, 4.6));
    }
    contour
}

/// Sets the y of every dot; returns the total height.
fn stack(forest: &Forest, spots: &mut [Spot], ends: &[Option<f64>]) -> f64 {
    let mut blocks: Vec<Option<Contour>> = vec![None; spots.len()];
    let mut down = vec![0.0; spots.len()];
    // Children first: a block contains those of its children.
    for node in forest.order.iter().rev() {
        let mut children = forest.children[*node].clone();
        if is_over_after(children.len() + 100) {
            break;
        }
        // Latest first, because later children are placed higher up.
        children.sort_by(|a, b| spots[*b].at.x.total_cmp(&spots[*a].at.x).then(b.cmp(a)));
        let mut block = own_contour(&spots[*node], ends[*node]);
        for child in children {
            let Some(own) = blocks[child].take() else { continue };
            down[child] = (block.below(&own, DROP - ROW_GAP) + ROW_GAP).ceil();
            block.merge(&own, down[child]);
            let x = spots[child].at.x;
            // The vertical line from the parent's line to the child belongs to the block.
            block.add((x - 1.5, x + 1.5), (0.0, down[child]));
        }
        blocks[*node] = Some(block);
    }
    let mut all = Contour::default();
    for root in roots(forest, spots) {
        let Some(own) = blocks[root].take() else { continue };
        let top = (HEIGHT + 6.0).max(all.below(&own, 0.0) + BLOCK_GAP);
        down[root] = top.ceil();
        all.merge(&own, down[root]);
    }
    // Until here `down` is relative to the parent: adds it up from the roots on.
    for node in &forest.order {
        let y = down[*node];
        for child in &forest.children[*node] {
            down[*child] += y;
        }
        spots[*node].at.y += y;
        spots[*node].label.y += y;
    }
    all.lowest() + 6.0
}

/// Returns the roots: those with children first, then by date.
fn roots(forest: &Forest, spots: &[Spot]) -> Vec<usize> {
    let mut roots: Vec<usize> = forest.order.iter().copied().filter(|node| forest.main[*node].is_none()).collect();
    let is_alone = |node: usize| forest.children[node].is_empty();
    roots
        .sort_by(|a, b| is_alone(*a).cmp(&is_alone(*b)).then(spots[*a].at.x.total_cmp(&spots[*b].at.x)).then(a.cmp(b)));
    roots
}

#[cfg(test)]
mod tests {
    use super::{APART, spread};

    #[test]
    fn crowded_children_stand_apart_around_their_dates() {
        let placed = spread(&[100.0, 100.0, 100.0, 300.0], 0.0, 400.0);
        assert_eq!(placed, [100.0 - APART, 100.0, 100.0 + APART, 300.0]);
        assert_eq!(spread(&[100.0, 100.0], 100.0, 400.0), [100.0, 100.0 + APART]);
        assert_eq!(spread(&[398.0, 399.0], 0.0, 400.0), [400.0 - APART, 400.0]);
    }

    #[test]
    fn without_room_they_stand_closer() {
        let placed = spread(&[0.0; 50], 0.0, 98.0);
        assert_eq!((placed[0], placed[1], placed[49]), (0.0, 2.0, 98.0));
    }
}
