//! Draws families: lineages as trees in time, and timelines with too many links for lanes.
//!
//! [`tree`] selects the parent that each entity hangs from, [`lay`] computes positions and packs blocks by [`contour`],
//! [`arcs`] draws links to other parents, [`pages`] splits what is too tall for a page, [`draw`] makes the marks.

mod arcs;
mod contour;
mod draw;
mod lay;
mod pages;
#[cfg(test)]
mod tests;
mod tree;

use super::paint::marks::Picture;
use super::timeline::data::{self, Chart, Few, Owner};
use super::{LinkChoice, PictureStyle, Room, Words, counted, frame, noun};
use crate::answer::{Lineage, Spread, Subgraph};
use crate::graph::{EntityId, Fact, FactId, Graph};
use crate::limits::is_over_after;
use lay::FamilyScene;
use std::collections::BTreeSet;
use tree::Forest;

/// Above this number of links a timeline is drawn as families. Larger, lanes fill with curves that cannot be followed;
/// smaller, owners lose their lanes in pictures that would be clear. By reasoning, no benchmark varies it.
const MANY_LINKS: usize = 60;

/// Draws a family tree on as many pages as the room requires.
pub fn of_lineage(lineage: &Lineage, graph: &Graph, looks: &PictureStyle, room: Room) -> Vec<Picture> {
    let chart = data::of_lineage(lineage, graph, looks, Few::Apart);
    let title = super::timeline::title_of(lineage, graph);
    let generation = |entity: EntityId| {
        let member = lineage.members.iter().find(|member| member.entity == entity);
        member.map_or(0, |member| member.generation.unsigned_abs() as usize)
    };
    let family = match looks.depth {
        Some(depth) => {
            let kept = chart.nodes.iter().map(|node| generation(node.entity) <= depth).collect::<Vec<bool>>();
            Family::of(chart).cut(&kept)
        }
        None => Family::of(chart),
    };
    let family = Family { before: family.before + lineage.left_out, ..family };
    draw::pages(&family, graph, looks, room, &title)
}

/// Draws the families of a timeline.
pub fn of_subgraph(subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle, room: Room, title: &str) -> Vec<Picture> {
    of_chart(data::of_subgraph(subgraph, graph, looks, Few::Apart), graph, looks, room, title)
}

/// Draws the families that something spread through.
pub fn of_spread(
    spread: &Spread,
    subgraph: &Subgraph,
    graph: &Graph,
    looks: &PictureStyle,
    room: Room,
) -> Vec<Picture> {
    let chart = super::timeline::chart_of_spread(spread, subgraph, graph, looks, Few::Apart);
    of_chart(chart, graph, looks, room, &super::timeline::title_of_spread(spread, graph))
}

fn of_chart(chart: Chart, graph: &Graph, looks: &PictureStyle, room: Room, title: &str) -> Vec<Picture> {
    let whole = Family::of(chart);
    let family = match looks.depth {
        Some(depth) => {
            let depths = whole.depths();
            whole.cut(&depths.iter().map(|own| *own <= depth).collect::<Vec<bool>>())
        }
        None => whole,
    };
    draw::pages(&family, graph, looks, room, title)
}

/// Returns whether a timeline is drawn as families: lanes show neither many links nor spans of life.
pub fn suits(subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle) -> bool {
    let is_link = |fact: &&FactId| matches!(graph.fact(**fact), Fact::Link { .. });
    let links = || subgraph.facts.iter().filter(is_link).count() + subgraph.derived.len();
    match looks.layout {
        super::Layout::Family => true,
        super::Layout::Lanes => false,
        super::Layout::Auto => {
            links() > MANY_LINKS || subgraph.entities.iter().any(|entity| data::end_of(*entity, graph).is_some())
        }
    }
}

/// The chart, and the links of it that form trees.
#[derive(Debug, Clone)]
pub struct Family {
    pub chart: Chart,
    pub forest: Forest,
    /// By node: the number of omitted nodes below it.
    pub after: Vec<usize>,
    /// The number of other omitted nodes.
    pub before: usize,
}

impl Family {
    fn of(chart: Chart) -> Family {
        let forest = Forest::of(&chart);
        let after = vec![0; chart.nodes.len()];
        Family { chart, forest, after, before: 0 }
    }

    /// Returns the depth of each node: its number of ancestors.
    fn depths(&self) -> Vec<usize> {
        let mut depths = vec![0; self.chart.nodes.len()];
        for node in &self.forest.order {
            depths[*node] = self.forest.parent(&self.chart, *node).map_or(0, |parent| depths[parent] + 1);
        }
        depths
    }

    /// Keeps the given nodes; counts the others at the node that they hang from.
    fn cut(mut self, kept: &[bool]) -> Family {
        for node in self.forest.order.iter().rev().filter(|node| !kept[**node]) {
            let all = self.after[*node] + 1;
            match self.forest.parent(&self.chart, *node) {
                Some(parent) => self.after[parent] += all,
                None => self.before += all,
            }
        }
        self.only(kept)
    }

    /// Returns some nodes of the family with the links between them.
    fn only(&self, kept: &[bool]) -> Family {
        let mut place = vec![usize::MAX; kept.len()];
        let mut chart = Chart { nodes: Vec::new(), links: Vec::new(), loops: Vec::new(), ..self.chart.clone() };
        let mut after = Vec::new();
        for (i, node) in self.chart.nodes.iter().enumerate().filter(|(i, _)| kept[*i]) {
            place[i] = chart.nodes.len();
            chart.nodes.push(node.clone());
            after.push(self.after[i]);
        }
        let moved = |link: &data::ChartLink| {
            let (parent, child) = (place[link.parent], place[link.child]);
            let is_kept = parent != usize::MAX && child != usize::MAX;
            is_kept.then(|| data::ChartLink { parent, child, ..link.clone() })
        };
        chart.links = self.chart.links.iter().filter_map(moved).collect();
        chart.loops = self.chart.loops.iter().filter_map(moved).collect();
        // Hung anew, because the best parent of a node may be gone.
        let forest = Forest::of(&chart);
        Family { chart, forest, after, before: self.before }
    }

    /// Computes the layout. Parents without an arc are named in the labels.
    fn scene(&self, looks: &PictureStyle, room: f64) -> FamilyScene {
        let Family { chart, forest, .. } = self;
        let shown = if looks.links == LinkChoice::All { forest.others.as_slice() } else { &[] };
        let is_many = shown.len() > arcs::MOST;
        let mut named: BTreeSet<usize> = shown.iter().copied().filter(|_| is_many).collect();
        loop {
            // Names behind a label make it longer, so that each round lays out everything anew.
            let mut scene = lay::scene(chart, forest, &self.words(&named), room, looks.linear_scale);
            let rest: Vec<usize> = shown.iter().copied().filter(|link| !named.contains(link)).collect();
            scene.arcs = arcs::lay(chart, &scene, &rest);
            let drawn: BTreeSet<usize> = scene.arcs.iter().map(|arc| arc.link).collect();
            let failed: Vec<usize> = rest.into_iter().filter(|link| !drawn.contains(link)).collect();
            // Terminates: each round names more links in labels, and a named link needs no arc.
            if failed.is_empty() || is_over_after(chart.nodes.len()) {
                return scene;
            }
            named.extend(failed);
        }
    }

    /// Returns the text behind each name: its owner if it differs from its parent's, its number, and the parents
    /// without an arc.
    fn words(&self, named: &BTreeSet<usize>) -> Vec<String> {
        let Family { chart, forest, .. } = self;
        let mut also: Vec<Vec<&str>> = vec![Vec::new(); chart.nodes.len()];
        for link in named {
            let link = &chart.links[*link];
            also[link.child].push(&chart.nodes[link.parent].name);
        }
        let owner = |node: usize| match chart.lanes[chart.nodes[node].lane].owner {
            Owner::Entity(_) => chart.lanes[chart.nodes[node].lane].name.as_str(),
            _ => "",
        };
        let words = |node: usize| {
            let parent = forest.parent(chart, node);
            let is_new = parent.is_none_or(|parent| chart.nodes[parent].lane != chart.nodes[node].lane);
            let owner = if is_new { owner(node).to_string() } else { String::new() };
            let undated = if chart.nodes[node].date.is_undated() && parent.is_some() { "undated" } else { "" };
            let cut = match self.after[node] {
                0 => String::new(),
                many => format!("… and {many} more"),
            };
            let more = &chart.nodes[node].more;
            // A further owner follows the first: `Meta + Stanford`.
            let owned = match more.starts_with('+') && !owner.is_empty() {
                true => [format!("{owner} {more}"), String::new()],
                false => [owner, more.clone()],
            };
            let parts = owned.into_iter().chain([undated.to_string(), also_from(&also[node]), cut]);
            parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
        };
        (0..chart.nodes.len()).map(words).collect()
    }
}

/// Returns whether the chart tells when some entity ended.
fn has_ends(chart: &Chart) -> bool {
    chart.nodes.iter().any(|node| node.end.is_some())
}

fn also_from(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("also from {one}"),
        [one, two] => format!("also from {one} and {two}"),
        [one, rest @ ..] => format!("also from {one} and {} more", rest.len()),
    }
}

/// Returns the texts around a family.
fn words(
    family: &Family,
    scene: &FamilyScene,
    graph: &Graph,
    looks: &PictureStyle,
    title: &str,
) -> super::paint::frame::Frame {
    let chart = &family.chart;
    let entities: Vec<EntityId> = chart.nodes.iter().map(|node| node.entity).collect();
    let noun = noun(graph, &entities);
    let counts = [counted(chart.nodes.len(), &noun), counted(chart.links.len() + chart.loops.len(), "link")];
    let mut rules = vec![counts.join(", ")];
    rules.extend(chart.rules.iter().cloned());
    if family.forest.main.iter().any(Option::is_some) {
        let end = if has_ends(chart) { "its end or its last child" } else { "its last child" };
        rules.push(format!("a line runs from each to {end}; a child hangs at its own date"));
    }
    let focus = looks.focus.filter(|focus| entities.contains(focus));
    rules.extend(focus.map(|focus| format!("only {} and its lineage in full colour", graph.name(focus))));
    let undated = || chart.nodes.iter().zip(&family.forest.main).filter(|(node, _)| node.date.is_undated());
    match (undated().count(), undated().filter(|(_, main)| main.is_none()).count()) {
        (0, _) => {}
        _ if scene.axis.is_none() => rules.push("nothing is dated".into()),
        (all, left) if all == left => rules.push(format!("{all} undated at the left")),
        (all, 0) => rules.push(format!("{all} undated, right of what they come from")),
        (all, left) => {
            rules.push(format!("{all} undated: {left} at the left, the others right of what they come from"))
        }
    }
    rules.extend(scene.axis.as_ref().and_then(|axis| axis.rule()).map(String::from));
    let cut = family.before + family.after.iter().sum::<usize>();
    if cut > 0 {
        rules.push(format!("… and {cut} more, left out"));
    }
    if looks.links == LinkChoice::Main && !family.forest.others.is_empty() {
        rules.push(format!("{} to further parents left out", counted(family.forest.others.len(), "link")));
    }
    let notes = notes(family, scene, graph, &noun);
    let desc = describe(chart, scene, &noun);
    frame(graph, looks, Words { title: title.to_string(), rules, notes, desc, shown: &entities })
}

/// Returns the distortions of the picture, and how to read it.
fn notes(family: &Family, scene: &FamilyScene, graph: &Graph, noun: &str) -> Vec<String> {
    let chart = &family.chart;
    let mut notes = Vec::new();
    if scene.spots.iter().any(|spot| spot.bar.is_some()) {
        notes.push(
            "A bar spans the dates that the sources allow. The dot is its middle or the end that is known, unless that \
             contradicts the lineage."
                .to_string(),
        );
    }
    if scene.moved {
        notes.push("Children of nearly the same date are moved apart.".to_string());
    }
    if !scene.arcs.is_empty() {
        notes.push("A dashed arc joins a further parent.".to_string());
    }
    if let Some(property) = chart.number {
        notes.push(format!("A number beside a name is its {}.", graph.schema().property(property).name));
    }
    notes.extend(scene.axis.iter().flat_map(|axis| axis.notes(noun)));
    notes
}

fn describe(chart: &Chart, scene: &FamilyScene, noun: &str) -> String {
    let years = scene.axis.as_ref().and_then(|axis| Some((axis.years.first()?.0, axis.years.last()?.0)));
    let span = years.map_or(String::new(), |(first, last)| format!(" on an axis of time from {first} to {last}"));
    let nodes = counted(chart.nodes.len(), noun);
    format!("{nodes}{span}; each hangs from what it comes from. The title of each mark names its source.")
}
