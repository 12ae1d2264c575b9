//! Draws timelines: dates determine x, lanes determine y.
//!
//! [`data`] extracts the contents from the answer and [`days`] dates them; [`place`] computes the position on the axis ([`axis`]), the lane
//! ([`lanes`]), the row ([`rows`]) and the routes of links ([`links`], [`grid`]), out of whose way labels step
//! ([`aside`]); [`draw`] makes the marks.

mod aside;
pub mod axis;
pub mod data;
mod days;
pub mod draw;
pub mod grid;
mod lanes;
mod links;
pub mod place;
mod rows;
#[cfg(test)]
mod tests;

use super::paint::marks::Picture;
use super::{PictureStyle, Room, Words, counted, frame, noun};
use crate::answer::{Lineage, Spread, SpreadHow, SpreadMember, Subgraph};
use crate::graph::{EntityId, Graph};
use data::{Chart, Few};
use place::TimelineScene;
use rustc_hash::FxHashMap;

pub fn of_lineage(lineage: &Lineage, graph: &Graph, looks: &PictureStyle, room: Room) -> Picture {
    let chart = data::of_lineage(lineage, graph, looks, Few::Together);
    finish(&chart, graph, looks, room, title_of(lineage, graph)).0
}

/// Returns the title of a family tree.
pub fn title_of(lineage: &Lineage, graph: &Graph) -> String {
    let name = graph.name(lineage.root);
    match (lineage.ancestors, lineage.descendants) {
        (true, false) => format!("What {name} came from"),
        (false, true) => format!("What came of {name}"),
        _ => format!("What {name} came from, and what came of it"),
    }
}

/// Draws lanes; also returns whether no link runs through a label.
pub fn of_subgraph(
    subgraph: &Subgraph,
    graph: &Graph,
    looks: &PictureStyle,
    room: Room,
    title: &str,
) -> (Picture, bool) {
    let chart = data::of_subgraph(subgraph, graph, looks, Few::Together);
    finish(&chart, graph, looks, room, title.to_string())
}

/// Draws a spread in lanes.
pub fn of_spread(spread: &Spread, subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle, room: Room) -> Picture {
    let chart = chart_of_spread(spread, subgraph, graph, looks, Few::Together);
    finish(&chart, graph, looks, room, title_of_spread(spread, graph)).0
}

/// Returns the title of a spread.
pub fn title_of_spread(spread: &Spread, graph: &Graph) -> String {
    format!("How {} spread: {}", graph.name(spread.adopted), spread.in_words())
}

/// Returns the chart of a spread: filled dots have the trait, hollow ones have lost it, large ones acquired it anew.
pub fn chart_of_spread(spread: &Spread, subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle, few: Few) -> Chart {
    let mut chart = data::of_subgraph(subgraph, graph, looks, few);
    let how: FxHashMap<EntityId, &SpreadMember> = spread.members.iter().map(|member| (member.entity, member)).collect();
    for node in &mut chart.nodes {
        let Some(member) = how.get(&node.entity) else { continue };
        node.filled = member.how != SpreadHow::Lost;
        node.central = member.how == SpreadHow::Anew;
        node.certain = member.certain;
        node.title = format!("{} ({})", node.title, member.how.word());
    }
    let name = graph.name(spread.adopted);
    let any_lost = spread.members.iter().any(|member| member.how == SpreadHow::Lost);
    chart.filled = any_lost.then(|| [format!("has {name}"), "has something else recorded".to_string()]);
    chart.rules.push("large = taken up anew, by what is recorded".to_string());
    chart
}

fn finish(chart: &Chart, graph: &Graph, looks: &PictureStyle, room: Room, title: String) -> (Picture, bool) {
    let scene = place::scene(chart, looks.linear_scale, room.width);
    let entities: Vec<EntityId> = chart.nodes.iter().map(|node| node.entity).collect();
    let noun = noun(graph, &entities);
    let desc = describe(chart, &scene, &noun);
    let rules = rules(chart, &scene, graph, looks, &noun);
    let notes = notes(chart, &scene, graph, &noun);
    let frame = frame(graph, looks, Words { title, rules, notes, desc, shown: &entities });
    (draw::picture(chart, &scene, &frame), scene.crossed == 0)
}

/// Returns the explanations that are needed to read the picture.
fn rules(chart: &Chart, scene: &TimelineScene, graph: &Graph, looks: &PictureStyle, noun: &str) -> Vec<String> {
    let undated = chart.nodes.iter().filter(|node| node.date.is_undated()).count();
    let axis = scene.axis.as_ref();
    let focus = looks.focus.filter(|focus| chart.nodes.iter().any(|node| node.entity == *focus));
    let links = counted(chart.links.len() + chart.loops.len(), "link");
    let mut rules = vec![format!("{}, {links}", counted(chart.nodes.len(), noun))];
    rules.extend(chart.rules.iter().cloned());
    rules.extend(focus.map(|focus| format!("only {} and its lineage in full colour", graph.name(focus))));
    if undated > 0 && axis.is_some() {
        rules.push(format!("{undated} undated, in the column at the left"));
    }
    rules.extend(axis.and_then(|axis| axis.rule()).map(String::from));
    rules
}

/// Returns all other explanations of distortions.
fn notes(chart: &Chart, scene: &TimelineScene, graph: &Graph, noun: &str) -> Vec<String> {
    let bars = || scene.spots.iter().filter_map(|spot| spot.bar);
    let mut notes = Vec::new();
    if bars().next().is_some() {
        notes.push("A bar spans the dates that the sources allow; the dot is its middle, or right of its parents and left of its children.".to_string());
    }
    if bars().any(|bar| bar.open_start || bar.open_end) {
        notes.push("A bar fades where its end is open, and the dot is at the end that is known.".into());
    }
    if scene.nudged {
        notes.push("A child of the same date is moved right within its bar.".into());
    }
    if chart.lanes.len() > 1 && !chart.links.is_empty() {
        notes.push("A line has the colour of its older end.".into());
    }
    if let Some(property) = chart.number.filter(|_| has_numbers(chart, &scene.spots)) {
        notes.push(format!("A number beside a name is its {}.", graph.schema().property(property).name));
    }
    notes.extend(scene.axis.iter().flat_map(|axis| axis.notes(noun)));
    notes
}

/// Returns whether some node shows its number.
fn has_numbers(chart: &Chart, spots: &[place::Spot]) -> bool {
    let is_number = |node: &data::ChartNode| node.more.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    chart.nodes.iter().zip(spots).any(|(node, spot)| spot.more && is_number(node))
}

fn describe(chart: &Chart, scene: &TimelineScene, noun: &str) -> String {
    let years = scene.axis.as_ref().map(|axis| (axis.years.first(), axis.years.last()));
    let span = match years {
        Some((Some((first, _)), Some((last, _)))) => format!(" on an axis of time from {first} to {last}"),
        _ => String::new(),
    };
    let lanes = counted(scene.strips.len(), "lane");
    let nodes = counted(chart.nodes.len(), noun);
    format!("{nodes} in {lanes}{span}; lines join them, older to newer. The title of each mark names its source.")
}
