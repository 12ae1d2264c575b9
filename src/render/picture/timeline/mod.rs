//! The timeline tree: dates give x, lanes give y.
//!
//! [`data`] takes what is shown from the answer; [`place`] says where along the axis it stands ([`axis`]), in which
//! lane ([`lanes`]) and row ([`rows`]), and how the links run ([`links`], [`grid`]); [`draw`] makes marks of it.

mod axis;
pub mod data;
pub mod draw;
mod grid;
mod lanes;
mod links;
pub mod place;
mod rows;
#[cfg(test)]
mod tests;

use super::paint::marks::Picture;
use super::{PictureLooks, Words, counted, frame, noun};
use crate::answer::{Lineage, Subgraph};
use crate::graph::{EntityId, Graph};
use data::Chart;
use place::Scene;

pub fn of_lineage(lineage: &Lineage, graph: &Graph, looks: &PictureLooks) -> Picture {
    let chart = data::of_lineage(lineage, graph, looks);
    let name = graph.name(lineage.root);
    let title = match (lineage.ancestors, lineage.descendants) {
        (true, false) => format!("How {name} came to be"),
        (false, true) => format!("What came of {name}"),
        _ => format!("Lineage of {name}"),
    };
    finish(&chart, graph, looks, title)
}

pub fn of_subgraph(subgraph: &Subgraph, graph: &Graph, looks: &PictureLooks) -> Picture {
    let chart = data::of_subgraph(subgraph, graph, looks);
    let entities: Vec<EntityId> = chart.nodes.iter().map(|node| node.entity).collect();
    let title = format!("Timeline of {}", counted(entities.len(), &noun(graph, &entities)));
    finish(&chart, graph, looks, if looks.query.is_empty() { title } else { looks.query.clone() })
}

fn finish(chart: &Chart, graph: &Graph, looks: &PictureLooks, title: String) -> Picture {
    let scene = place::scene(chart, looks.linear_scale);
    let entities: Vec<EntityId> = chart.nodes.iter().map(|node| node.entity).collect();
    let noun = noun(graph, &entities);
    let desc = describe(chart, &scene, &noun);
    let rules = rules(chart, &scene, graph, looks, &noun);
    let frame = frame(graph, looks, Words { title, rules, desc, shown: &entities });
    draw::picture(chart, &scene, &frame)
}

/// Everything that the picture does to the truth.
fn rules(chart: &Chart, scene: &Scene, graph: &Graph, looks: &PictureLooks, noun: &str) -> Vec<String> {
    let undated = chart.nodes.iter().filter(|node| node.date.is_undated()).count();
    let bars = scene.spots.iter().any(|spot| spot.bar.is_some());
    let open = scene.spots.iter().filter_map(|spot| spot.bar).any(|bar| bar.open_start || bar.open_end);
    let axis = scene.axis.as_ref();
    let focus = looks.focus.filter(|focus| chart.nodes.iter().any(|node| node.entity == *focus));
    let mut rules = vec![counted(chart.nodes.len(), noun), counted(chart.links.len() + chart.loops.len(), "link")];
    rules.extend(focus.map(|focus| format!("only {} and its lineage in full colour", graph.name(focus))));
    if bars {
        rules.push("bar = earliest to latest date that the sources allow, dot = its middle".into());
    }
    if open {
        rules.push("a bar fades where its end is open, and the dot is at the end that is known".into());
    }
    if scene.nudged {
        rules.push("a child of the same date is moved right within its bar".into());
    }
    if let Some(property) = chart.number.filter(|_| has_numbers(chart, &scene.spots)) {
        rules.push(format!("a number beside a name = {}", graph.schema().property(property).name));
    }
    if chart.nodes.iter().zip(&scene.spots).any(|(node, spot)| spot.more && node.more.contains('+')) {
        rules.push("+1 = one more owner than the lane's".into());
    }
    if undated > 0 && axis.is_some() {
        rules.push(format!("{undated} undated, in the column at the left"));
    }
    if chart.lanes.len() > 1 && !chart.links.is_empty() {
        rules.push("a line has the colour of its older end".into());
    }
    match axis {
        Some(axis) if axis.linear => rules.push("years are as wide as they are long".into()),
        Some(_) => rules.push(format!("a year's width is 0.6 of its length and 0.1 for each {noun} in it")),
        None => {}
    }
    if axis.is_some_and(|axis| axis.narrowed) {
        rules.push("a run of empty years has the width of one".into());
    }
    rules
}

/// Whether some node shows its number.
fn has_numbers(chart: &Chart, spots: &[place::Spot]) -> bool {
    let is_number = |node: &data::Node| node.more.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    chart.nodes.iter().zip(spots).any(|(node, spot)| spot.more && is_number(node))
}

fn describe(chart: &Chart, scene: &Scene, noun: &str) -> String {
    let years = scene.axis.as_ref().map(|axis| (axis.years.first(), axis.years.last()));
    let span = match years {
        Some((Some((first, _)), Some((last, _)))) => format!(" on an axis of time from {first} to {last}"),
        _ => String::new(),
    };
    let lanes = counted(scene.strips.len(), "lane");
    let nodes = counted(chart.nodes.len(), noun);
    format!("{nodes} in {lanes}{span}; lines join them, older to newer. The title of each mark names its source.")
}
