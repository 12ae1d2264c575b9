//! Draws the layout of a family.

use super::super::paint::frame::{self, Frame, Sign, surround};
use super::super::paint::marks::{Group, Mark, Picture, Point, Step, outline, point};
use super::super::paint::palette;
use super::super::timeline::data::{Chart, ChartLink, ChartNode, Owner};
use super::super::timeline::draw as timeline;
use super::super::{PictureStyle, Room};
use super::arcs::Arc;
use super::lay::FamilyScene;
use super::{Family, words};
use crate::graph::Graph;
use crate::limits::in_budget;
use std::cmp::Reverse;

const LINE: f64 = 1.7;
/// Half the height of the cap at an end.
const CAP: f64 = 3.4;
const ARC: f64 = 1.0;
const ARC_DASH: &str = "3 3";
/// The natural width: minimum, pixels for each entity, maximum.
const WIDTHS: (f64, f64, f64) = (760.0, 4.2, 1480.0);

/// Draws a family: one picture, or as many as its pages.
pub fn pages(family: &Family, graph: &Graph, looks: &PictureStyle, room: Room, title: &str) -> Vec<Picture> {
    let natural = (WIDTHS.0 + WIDTHS.1 * family.chart.nodes.len() as f64).min(WIDTHS.2);
    let width = room.width.unwrap_or(natural);
    // All pages use the same colours.
    let colours = Colours::of(&family.chart);
    let own = |part: &Family| {
        let scene = part.scene(looks, width);
        let frame = words(family, &scene, graph, looks, title);
        picture(part, &scene, &frame, &colours, room)
    };
    match room.height {
        Some(height) => super::pages::parted(family, &own, height),
        None => vec![own(family)],
    }
}

fn picture(family: &Family, scene: &FamilyScene, frame: &Frame, colours: &Colours, room: Room) -> Picture {
    let chart = &family.chart;
    let axis_room = if scene.axis.is_some() { 26.0 } else { 8.0 };
    let top = frame::top(frame, scene.width) + axis_room;
    let mut marks = Vec::new();
    if let Some(axis) = &scene.axis {
        let axis = Mark::Group(Group {
            class: "axis".into(),
            marks: timeline::time_marks(axis, top, top + scene.height),
            ..Group::default()
        });
        marks.push(axis);
    }
    for (i, node) in chart.nodes.iter().enumerate().take_while(in_budget) {
        marks.extend(line(scene, i, node, &colours.of_lane[node.lane], top));
    }
    let hung = (0..chart.nodes.len()).filter_map(|node| Some((node, family.forest.main[node]?)));
    let doubles = family.forest.doubles.iter().map(|link| (chart.links[*link].child, *link));
    for (_, link) in hung.chain(doubles).take_while(in_budget) {
        let link = &chart.links[link];
        marks.push(drop_mark(chart, link, scene, &colours.of_lane[chart.nodes[link.parent].lane], top));
    }
    marks.extend(scene.arcs.iter().map(|arc| arc_mark(chart, arc, colours, top)));
    if room.is_page {
        marks.extend(hidden_arcs(family, scene, colours, top));
    }
    for link in &chart.loops {
        let colour = &colours.of_lane[chart.nodes[link.child].lane];
        marks.push(timeline::loop_mark(link, chart, &scene.spots[link.child], colour, top));
    }
    let ids = timeline::ids(chart);
    for (i, node) in chart.nodes.iter().enumerate().take_while(in_budget) {
        let mut shown = node.clone();
        shown.name.clone_from(&scene.labels[i].name);
        shown.more.clone_from(&scene.labels[i].more);
        marks.push(timeline::node_mark(&shown, &scene.spots[i], &colours.of_lane[node.lane], &ids[i], top));
    }
    let by_node: Vec<String> = chart.nodes.iter().map(|node| colours.of_lane[node.lane].clone()).collect();
    let picture =
        Picture { width: scene.width, defs: timeline::fades(&scene.spots, &by_node), marks, ..Picture::default() };
    let mut signs = colours.signs(chart);
    signs.extend(timeline::dot_signs(chart, &scene.spots));
    signs.extend(line_signs(family, scene));
    surround(frame, picture, top + scene.height, signs)
}

/// The colours of owners: those with the most entities have one each; the others are grey and named in the labels.
struct Colours {
    /// By lane: the number of the class, `g` for grey, `a` if no entity has an owner.
    of_lane: Vec<String>,
    /// Lanes with a colour, sorted by number of entities, descending.
    told: Vec<usize>,
}

impl Colours {
    fn of(chart: &Chart) -> Colours {
        let mut counts = vec![0usize; chart.lanes.len()];
        chart.nodes.iter().for_each(|node| counts[node.lane] += 1);
        let is_owned = |lane: &usize| matches!(chart.lanes[*lane].owner, Owner::Entity(_));
        let mut told: Vec<usize> = (0..chart.lanes.len()).filter(is_owned).collect();
        if told.is_empty() {
            return Colours { of_lane: vec!["a".to_string(); chart.lanes.len()], told };
        }
        told.sort_by_key(|lane| (Reverse(counts[*lane]), *lane));
        told.truncate(palette::COLOURS - 1);
        let mut of_lane = vec!["g".to_string(); chart.lanes.len()];
        told.iter().enumerate().for_each(|(i, lane)| of_lane[*lane] = palette::lane(i, true).to_string());
        Colours { of_lane, told }
    }

    fn signs(&self, chart: &Chart) -> Vec<Sign> {
        let dot = |class: String| vec![Mark::Dot { at: point(5.0, 0.0), radius: 4.2, class, stroke: 0.0 }];
        let sign = |class: String, word: &str| Sign { marks: dot(class), room: 10.0, word: word.to_string() };
        let mut signs: Vec<Sign> =
            self.told.iter().map(|lane| sign(format!("f{}", self.of_lane[*lane]), &chart.lanes[*lane].name)).collect();
        let owners = chart.lanes.iter().filter(|lane| matches!(lane.owner, Owner::Entity(_))).count();
        if owners > self.told.len() && !signs.is_empty() {
            signs.push(sign("fg".into(), "others, named where they begin"));
        }
        signs
    }
}

/// Draws the line from a dot to its last child or its end, which has a cap.
fn line(scene: &FamilyScene, i: usize, node: &ChartNode, colour: &str, top: f64) -> Option<Mark> {
    let at = scene.spots[i].at;
    let end = scene.ends[i]?;
    let line = Mark::line(point(at.x, at.y + top), point(end, at.y + top), &format!("s{colour}"), LINE);
    let cap = scene.spans[i].map(|x| {
        let ends = [-CAP, CAP].map(|up| point(x, at.y + top + up));
        Mark::line(ends[0], ends[1], &format!("s{colour}"), LINE)
    });
    let class = if node.faded { "trunk off" } else { "trunk" };
    let data = vec![("i", node.entity.0.to_string())];
    Some(Mark::Group(Group {
        class: class.into(),
        data,
        marks: [line].into_iter().chain(cap).collect(),
        ..Group::default()
    }))
}

/// Returns the line from a parent's line down to a child's dot, or along it if they are on the same line.
pub fn drop(scene: &FamilyScene, link: &ChartLink) -> [Point; 2] {
    let (from, to) = (scene.spots[link.parent].at, scene.spots[link.child].at);
    [point(to.x, from.y), to]
}

fn drop_mark(chart: &Chart, link: &ChartLink, scene: &FamilyScene, colour: &str, top: f64) -> Mark {
    let ends = drop(scene, link).map(|at| point(at.x, at.y + top));
    let (stroke, dash, opacity) = timeline::style(chart, link.verb);
    let opacity = if link.certain { opacity.max(0.75) } else { 0.38 };
    let class = format!("n s{colour}");
    let path = Mark::Path { steps: outline(&ends), class, stroke: stroke * 0.62, dash, opacity };
    timeline::link_group(link, chart, "m e", vec![path])
}

fn arc_mark(chart: &Chart, arc: &Arc, colours: &Colours, top: f64) -> Mark {
    let link = &chart.links[arc.link];
    let colour = &colours.of_lane[chart.nodes[link.parent].lane];
    let steps = arc.steps().into_iter().map(|step| lowered(step, top)).collect();
    let opacity = if link.certain { 0.7 } else { 0.38 };
    let path = Mark::Path { steps, class: format!("n s{colour}"), stroke: ARC, dash: ARC_DASH, opacity };
    timeline::link_group(link, chart, "m e arc", vec![path])
}

/// Returns the arcs that an HTML page shows only for the focused entity: those of links that are named in labels.
fn hidden_arcs(family: &Family, scene: &FamilyScene, colours: &Colours, top: f64) -> Vec<Mark> {
    let is_drawn = |link: &usize| scene.arcs.iter().any(|arc| arc.link == *link);
    let hidden = family.forest.others.iter().filter(|link| !is_drawn(link));
    let arc = |link: &usize| {
        let ends = [family.chart.links[*link].parent, family.chart.links[*link].child];
        let [from, to] = ends.map(|node| scene.spots[node].at);
        let half = (to.x - from.x) / 2.0;
        Arc { link: *link, curve: [from, point(from.x + half, from.y), point(to.x - half, to.y), to] }
    };
    hidden.take_while(in_budget).map(|link| arc_mark(&family.chart, &arc(link), colours, top)).collect()
}

fn lowered(step: Step, down: f64) -> Step {
    let moved = |at: Point| point(at.x, at.y + down);
    match step {
        Step::Move(a) => Step::Move(moved(a)),
        Step::Line(a) => Step::Line(moved(a)),
        Step::Curve(a, b, c) => Step::Curve(moved(a), moved(b), moved(c)),
        Step::Close => Step::Close,
    }
}

/// Returns the legend of line styles, if there are several verbs, and of arcs.
fn line_signs(family: &Family, scene: &FamilyScene) -> Vec<Sign> {
    let mut signs = timeline::line_signs(&family.chart);
    if !scene.arcs.is_empty() {
        let steps = outline(&[point(0.0, 0.0), point(30.0, 0.0)]);
        let line = Mark::Path { steps, class: "n sg".into(), stroke: ARC, dash: ARC_DASH, opacity: 1.0 };
        signs.push(Sign { marks: vec![line], room: 30.0, word: "a further parent".into() });
    }
    signs
}
