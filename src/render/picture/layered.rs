//! Draws a graph without dates in columns from left to right, so that links read in their direction.
//!
//! A subject is left of its object; in lineage, which has a direction of its own, the older entity is left. A node's
//! column is the length of the longest path to it; within a column, nodes are ordered to be near their neighbours.
//! Nodes without links are below. Dots, labels and links are those of timelines. (Layered drawing after Sugiyama,
//! Tagawa and Toda 1981.)

use super::paint::frame::{self, Frame, MARGIN, Sign, surround};
use super::paint::marks::{Area, Mark, Picture, Point, Step, point};
use super::timeline::data::{Chart, by_type};
use super::timeline::draw;
use super::timeline::place::{self, LABEL_HEIGHT, LABEL_LEFT, LABEL_UP, ROW, Spot};
use super::{PictureStyle, Words, counted, frame, noun};
use crate::answer::Subgraph;
use crate::graph::Graph;
use crate::limits::{in_budget, is_over};

/// The positions of all nodes; `y` 0 is the top.
#[derive(Debug, Clone)]
pub struct Layers {
    pub spots: Vec<Spot>,
    pub width: f64,
    pub height: f64,
}

/// Gap for links between the widest label of a column and the next column.
const BETWEEN: f64 = 84.0;
/// Vertical distance of nodes in the fullest column.
const PITCH: f64 = 40.0;
/// Number of sweeps that order the columns: fewer leave more crossings, more take longer. By reasoning, no benchmark varies
/// it.
const SWEEPS: usize = 8;

pub fn draw(subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle, title: &str) -> Picture {
    let chart = chart(subgraph, graph, looks);
    let layers = layers(&chart, graph);
    let noun = noun(graph, &subgraph.entities);
    let lineage = chart.verbs.iter().any(|verb| points_back(graph, verb));
    let links = chart.links.len() + chart.loops.len();
    let mut rules = vec![counted(chart.nodes.len(), &noun), counted(links, "link")];
    if chart.nodes.is_empty() {
        rules.push("nothing to draw".into());
    } else {
        rules.push("no axis of time, since most are undated".into());
    }
    let mut notes = Vec::new();
    if !chart.links.is_empty() {
        rules.push("arrows point from subject to object".into());
        notes.push("A line has the colour of its object.".to_string());
    }
    if let Some(property) = chart.number {
        notes.push(format!("A number beside a name is its {}.", graph.schema().property(property).name));
    }
    if lineage {
        notes.push("In lineage the older stands left.".into());
    }
    let desc = format!(
        "{} in columns, joined by {}. The title of each mark names its source.",
        counted(chart.nodes.len(), &noun),
        counted(links, "line")
    );
    let words = Words { title: title.to_string(), rules, notes, desc, shown: &subgraph.entities };
    picture(&chart, &layers, &frame(graph, looks, words))
}

/// Returns the nodes by type, with dates beside their names.
fn chart(subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle) -> Chart {
    let mut chart = by_type(subgraph, graph, looks);
    // Numbers beside dates could be mistaken for dates.
    if chart.nodes.iter().any(|node| !node.date.is_undated()) {
        chart.number = None;
        for node in &mut chart.nodes {
            node.more = if node.date.is_undated() { String::new() } else { node.date.to_string() };
        }
    }
    chart
}

fn picture(chart: &Chart, layers: &Layers, frame: &Frame) -> Picture {
    let top = frame::top(frame, layers.width) + 6.0;
    let routes = place::route(chart, &layers.spots, layers.width, layers.height);
    let colour = |lane: usize| (lane % super::paint::palette::COLOURS).to_string();
    let mut marks = Vec::new();
    for (link, route) in chart.links.iter().zip(&routes).take_while(in_budget) {
        let own = colour(chart.nodes[link.parent].lane);
        marks.push(draw::link_mark(link, chart, route, &own, top));
        marks.extend(arrow(&route.points(), &own, top, link.faded));
    }
    for link in &chart.loops {
        let own = colour(chart.nodes[link.child].lane);
        marks.push(draw::loop_mark(link, chart, &layers.spots[link.child], &own, top));
    }
    let ids = draw::ids(chart);
    for (i, (node, spot)) in chart.nodes.iter().zip(&layers.spots).enumerate().take_while(in_budget) {
        marks.push(draw::node_mark(node, spot, &colour(node.lane), &ids[i], top));
    }
    let types = chart.lanes.iter().enumerate().map(|(i, lane)| {
        let class = format!("f{0} s{0}", colour(i));
        let dot = Mark::Dot { at: point(6.0, 0.0), radius: 5.2, class, stroke: 2.0 };
        Sign { marks: vec![dot], room: 12.0, word: lane.name.clone() }
    });
    let signs = types.chain(draw::line_signs(chart)).collect();
    surround(frame, Picture { width: layers.width, marks, ..Picture::default() }, top + layers.height, signs)
}

/// Returns an arrow head in the middle of a path, pointing to its start, because paths begin at the object.
fn arrow(points: &[Point], colour: &str, top: f64, faded: bool) -> Option<Mark> {
    let middle = points.len() / 2;
    let (at, before) = (*points.get(middle)?, *points.get(middle + 2)?);
    let length = (at.x - before.x).hypot(at.y - before.y).max(0.1);
    let (ux, uy) = ((at.x - before.x) / length, (at.y - before.y) / length);
    let corner = |along: f64, aside: f64| point(at.x + ux * along - uy * aside, at.y + top + uy * along + ux * aside);
    let steps =
        vec![Step::Move(corner(5.0, 0.0)), Step::Line(corner(-3.0, 3.4)), Step::Line(corner(-3.0, -3.4)), Step::Close];
    let opacity = if faded { 0.16 } else { 1.0 };
    Some(Mark::Path { steps, class: format!("f{colour}"), stroke: 0.0, dash: "", opacity })
}

/// Returns whether the object, which is older, is placed left.
fn points_back(graph: &Graph, verb: &str) -> bool {
    graph.schema().lookup_verb(verb).is_some_and(|id| graph.schema().verb(id).lineage)
}

pub fn layers(chart: &Chart, graph: &Graph) -> Layers {
    let edges = edges(chart, graph);
    let depth = depths(chart.nodes.len(), &edges);
    let mut joined = vec![false; chart.nodes.len()];
    edges.iter().for_each(|(a, b)| (joined[*a], joined[*b]) = (true, true));
    let columns = columns(chart, &depth, &joined, &edges);
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let tall = rows as f64 * PITCH;
    let mut spots = vec![spot(chart, 0, point(0.0, 0.0)); chart.nodes.len()];
    let mut x = MARGIN + 10.0;
    for column in &columns {
        let pitch = if column.is_empty() { PITCH } else { tall / column.len() as f64 };
        for (i, node) in column.iter().enumerate() {
            spots[*node] = spot(chart, *node, point(x, pitch * (i as f64 + 0.5) + 9.0));
        }
        x += column.iter().map(|node| place::label_width(&chart.nodes[*node]).1).fold(40.0, f64::max) + BETWEEN;
    }
    let width = x.max(620.0);
    let lonely: Vec<usize> = (0..chart.nodes.len()).filter(|i| !joined[*i]).collect();
    let bottom = lonely_ones(chart, &lonely, width, tall, &mut spots);
    let reach = spots.iter().map(|spot| spot.label.right() + MARGIN).fold(620.0, f64::max);
    Layers { spots, width: reach.ceil(), height: bottom + 16.0 }
}

/// Returns each link, left end first; without those that lineage contradicts.
fn edges(chart: &Chart, graph: &Graph) -> Vec<(usize, usize)> {
    let back: Vec<bool> = chart.verbs.iter().map(|verb| points_back(graph, verb)).collect();
    let (lines, others): (Vec<_>, Vec<_>) = chart.links.iter().partition(|link| back[link.verb]);
    let mut next = vec![Vec::new(); chart.nodes.len()];
    lines.iter().for_each(|link| next[link.parent].push(link.child));
    let mut edges: Vec<(usize, usize)> = lines.iter().map(|link| (link.parent, link.child)).collect();
    let others = others.iter().map(|link| (link.child, link.parent));
    let free = lines.is_empty();
    edges.extend(others.filter(|(left, right)| free || !leads(&next, *right, *left)));
    // Several verbs between two nodes would otherwise weigh as several neighbours.
    edges.sort();
    edges.dedup();
    edges
}

/// Returns whether a path leads from one node to another.
fn leads(next: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; next.len()];
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        // If time is over, the edge is dropped.
        if node == to || is_over() {
            return true;
        }
        if !std::mem::replace(&mut seen[node], true) {
            open.extend(&next[node]);
        }
    }
    false
}

/// Returns the length of the longest path to each node; links that would close a cycle are ignored.
fn depths(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut next = vec![Vec::new(); count];
    edges.iter().for_each(|(a, b)| next[*a].push(*b));
    // Its reverse is a topological order, except for edges that close a cycle (Cormen et al., *Introduction to
    // Algorithms*, section on topological sort).
    let order = finish_order(&next);
    let mut rank = vec![0; count];
    order.iter().rev().enumerate().for_each(|(i, node)| rank[*node] = i);
    let mut depth = vec![0usize; count];
    for node in order.iter().rev() {
        for after in &next[*node] {
            // An edge to a lower rank closes a cycle.
            if rank[*after] > rank[*node] {
                depth[*after] = depth[*after].max(depth[*node] + 1);
            }
        }
    }
    // Moves a node right next to its nearest successor, if it has room; in postorder, so that successors have moved before.
    for node in &order {
        let ahead = next[*node].iter().filter(|after| rank[**after] > rank[*node]).map(|after| depth[*after]).min();
        if let Some(ahead) = ahead {
            depth[*node] = depth[*node].max(ahead.saturating_sub(1));
        }
    }
    depth
}

/// Returns the nodes in postorder of a depth-first search, without recursion.
fn finish_order(next: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![false; next.len()];
    let mut order = Vec::with_capacity(next.len());
    for start in 0..next.len() {
        let mut stack = vec![(start, 0)];
        while let Some((node, child)) = stack.pop() {
            if child == 0 && std::mem::replace(&mut seen[node], true) {
                continue;
            }
            match next[node].get(child) {
                Some(after) => {
                    stack.push((node, child + 1));
                    if !seen[*after] {
                        stack.push((*after, 0));
                    }
                }
                None => order.push(node),
            }
        }
    }
    order
}

/// Returns the nodes of each column, top to bottom: by type and name at first, then near their neighbours.
fn columns(chart: &Chart, depth: &[usize], joined: &[bool], edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let count = (0..chart.nodes.len()).filter(|i| joined[*i]).map(|i| depth[i] + 1).max().unwrap_or(0);
    let mut columns = vec![Vec::new(); count];
    (0..chart.nodes.len()).filter(|i| joined[*i]).for_each(|i| columns[depth[i]].push(i));
    let mut near = vec![Vec::new(); chart.nodes.len()];
    for (a, b) in edges {
        near[*a].push(*b);
        near[*b].push(*a);
    }
    let mut place = vec![0.5; chart.nodes.len()];
    // Barycentre heuristic: sweeps to and fro order each column by the mean position of the neighbours.
    for sweep in 0..SWEEPS {
        let order: Vec<usize> = if sweep % 2 == 0 { (0..count).collect() } else { (0..count).rev().collect() };
        for column in order.into_iter().take_while(in_budget) {
            let centre = |node: &usize| {
                // Never empty: columns hold nodes with links only.
                let sum: f64 = near[*node].iter().map(|other| place[*other]).sum();
                if sweep == 0 && column == 0 { place[*node] } else { sum / near[*node].len() as f64 }
            };
            let mut keyed: Vec<(f64, usize)> = columns[column].iter().map(|node| (centre(node), *node)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            columns[column] = keyed.into_iter().map(|(_, node)| node).collect();
            let size = columns[column].len() as f64;
            columns[column].iter().enumerate().for_each(|(i, node)| place[*node] = (i as f64 + 0.5) / size);
        }
    }
    columns
}

/// Places nodes without links in rows below the columns; returns the bottom.
fn lonely_ones(chart: &Chart, lonely: &[usize], width: f64, top: f64, spots: &mut [Spot]) -> f64 {
    let (mut x, mut y) = (MARGIN + 10.0, top + ROW);
    for node in lonely {
        let needed = place::label_width(&chart.nodes[*node]).1 + 28.0;
        if x > MARGIN + 10.0 && x + needed > width.max(900.0) - MARGIN {
            (x, y) = (MARGIN + 10.0, y + ROW);
        }
        spots[*node] = spot(chart, *node, point(x, y));
        x += needed;
    }
    if lonely.is_empty() { top } else { y + 14.0 }
}

fn spot(chart: &Chart, node: usize, at: Point) -> Spot {
    let Some(node) = chart.nodes.get(node) else { return Spot::default() };
    let size = place::label_size(node);
    let label = Area::new(at.x - LABEL_LEFT, at.y - LABEL_UP - LABEL_HEIGHT, place::label_width(node).1, LABEL_HEIGHT);
    Spot { at, radius: if node.central { 7.0 } else { 5.2 }, bar: None, label, size, more: true }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{World, real};
    use super::*;
    use crate::render::whole;

    fn laid(graph: &Graph) -> (Chart, Layers) {
        let chart = chart(&whole(graph), graph, &PictureStyle::default());
        let layers = layers(&chart, graph);
        (chart, layers)
    }

    #[test]
    fn nothing_overlaps_and_all_is_inside() {
        for graph in [real(), World::of(30, 4).graph(), Graph::default()] {
            let (chart, layers) = laid(&graph);
            for (i, spot) in layers.spots.iter().enumerate() {
                let others = layers.spots[i + 1..].iter();
                assert!(others.clone().all(|other| !spot.label.overlaps(&other.label)), "{}", chart.nodes[i].name);
                assert!(spot.label.x > 0.0 && spot.label.right() <= layers.width && spot.at.y <= layers.height);
            }
        }
    }

    #[test]
    fn sentences_read_from_left_to_right() {
        let graph = real();
        let (chart, layers) = laid(&graph);
        let edges = edges(&chart, &graph);
        let right = edges.iter().filter(|(a, b)| layers.spots[*a].at.x < layers.spots[*b].at.x).count();
        assert!(right * 10 >= edges.len() * 9, "{right} of {}", edges.len());
    }

    #[test]
    fn circles_are_cut() {
        assert_eq!(depths(3, &[(0, 1), (1, 2), (2, 0)]), [0, 1, 2]);
        assert_eq!(depths(4, &[(0, 1), (1, 2), (3, 2)]), [0, 1, 2, 1]);
    }
}
