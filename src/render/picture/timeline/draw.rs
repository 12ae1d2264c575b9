//! Draws the layout of a timeline.

use super::super::paint::frame::{self, Frame, MARGIN, Sign, plain, surround, text};
use super::super::paint::marks::{Anchor, Area, Def, Group, Mark, Picture, Point, Text, outline, point};
use super::super::paint::metrics::{Weight, fit, width};
use super::axis::Axis;
use super::data::{Chart, ChartLink, ChartNode};
use super::links::Route;
use super::place::{Bar, HEAD_MOST, Spot, Strip, TimelineScene};
use crate::limits::in_budget;
use std::collections::BTreeSet;

/// Width and dashes of lines, distinguishable without colour. The second is for lineage only.
const STYLES: [(f64, &str); 6] =
    [(1.7, ""), (2.9, ""), (1.4, "6 3.5"), (1.7, "1.5 3.5"), (1.4, "9 3 1.5 3"), (1.4, "14 4")];
/// The radius of the ring for a link to itself.
const LOOP: f64 = 5.0;
const LAST_STYLE: usize = STYLES.len() - 1;

/// Returns the style of a verb's links; all verbs beyond the styles share the last.
fn style_of(chart: &Chart, verb: usize) -> usize {
    let skip = usize::from(verb >= chart.lines && verb > 0 && chart.lines < 2);
    (verb + skip).min(LAST_STYLE)
}

/// Returns width, dashes and opacity of a verb's links. Lineage is emphasised.
pub fn style(chart: &Chart, verb: usize) -> (f64, &'static str, f64) {
    let (stroke, dash) = STYLES[style_of(chart, verb)];
    let background = chart.lines > 0 && verb >= chart.lines;
    if background { (stroke * 0.8, dash, 0.6) } else { (stroke, dash, 0.78) }
}

pub fn picture(chart: &Chart, scene: &TimelineScene, frame: &Frame) -> Picture {
    let axis_room = if scene.axis.is_some() { 30.0 } else { 10.0 };
    let top = frame::top(frame, scene.width) + axis_room;
    let mut marks = Vec::new();
    let at = |area: Area| Area { y: area.y + top, ..area };
    for strip in scene.strips.iter().step_by(2).filter(|_| scene.strips.len() > 1) {
        marks.push(Mark::fill(at(strip.area), "band"));
    }
    let classed = |class: &str, marks: Vec<Mark>| Mark::Group(Group { class: class.into(), marks, ..Group::default() });
    marks.push(classed("axis", axis_marks(scene, top)));
    let heads = scene.strips.iter().filter(|_| scene.headed).flat_map(|strip| head(chart, strip, top));
    marks.push(classed("side", heads.collect()));
    let colours = colours(chart, scene);
    for (link, route) in chart.links.iter().zip(&scene.routes).take_while(in_budget) {
        marks.push(link_mark(link, chart, route, &colours[link.parent], top));
    }
    for link in &chart.loops {
        marks.push(loop_mark(link, chart, &scene.spots[link.child], &colours[link.child], top));
    }
    let ids = ids(chart);
    for (i, (node, spot)) in chart.nodes.iter().zip(&scene.spots).enumerate().take_while(in_budget) {
        marks.push(node_mark(node, spot, &colours[i], &ids[i], top));
    }
    let picture = Picture { width: scene.width, defs: fades(&scene.spots, &colours), marks, ..Picture::default() };
    surround(frame, picture, top + scene.height, signs(chart, scene))
}

/// Returns the colour class of each node's lane: its number, or `g` for grey.
fn colours(chart: &Chart, scene: &TimelineScene) -> Vec<String> {
    let of_lane = |lane: usize| {
        let colour = scene.strips.iter().find(|strip| strip.lane == lane).and_then(|strip| strip.colour);
        colour.map_or("g".to_string(), |colour| colour.to_string())
    };
    let by_lane: Vec<String> = (0..chart.lanes.len()).map(of_lane).collect();
    chart.nodes.iter().map(|node| by_lane[node.lane].clone()).collect()
}

/// Draws the years with labels, the quarters without, and the column of undated entities.
fn axis_marks(scene: &TimelineScene, top: f64) -> Vec<Mark> {
    let mut marks = Vec::new();
    let bottom = top + scene.height;
    if let Some(area) = &scene.undated
        && scene.axis.is_some()
    {
        marks.push(text(area.x + 7.0, top - 10.0, "undated", 12.5, "quiet", true));
        let line = [point(area.right() + 4.0, top - 8.0), point(area.right() + 4.0, bottom)];
        let steps = outline(&line);
        marks.push(Mark::Path { steps, class: "n rule".into(), stroke: 1.0, dash: "2 4", opacity: 1.0 });
    }
    marks.extend(scene.axis.iter().flat_map(|axis| time_marks(axis, top, bottom)));
    marks
}

/// Draws the lines of years and months with their labels above `top`.
pub fn time_marks(axis: &Axis, top: f64, bottom: f64) -> Vec<Mark> {
    let mut marks = Vec::new();
    marks.extend(month_marks(axis, top, bottom));
    let mut free = f64::NEG_INFINITY;
    for (i, (year, x)) in axis.years.iter().enumerate() {
        if *x < free {
            continue;
        }
        let words = match axis.first_month().filter(|_| i == 0) {
            Some(month) => format!("{} {year}", MONTHS[usize::from(month - 1) % 12]),
            None => year.to_string(),
        };
        marks.push(Mark::line(point(*x, top - 8.0), point(*x, bottom), "rule", 1.0));
        marks.push(text(x + 6.0, top - 10.0, &words, 12.5, "quiet", true));
        free = x + width(&words, 12.5, Weight::Bold) + 12.0;
    }
    marks
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Draws faint lines, with the names of their months where they fit.
fn month_marks(axis: &Axis, top: f64, bottom: f64) -> Vec<Mark> {
    let mut marks = Vec::new();
    let stops: Vec<f64> = axis.years.iter().map(|(_, x)| *x).chain(axis.months.iter().map(|(_, x)| *x)).collect();
    let room = |x: f64| stops.iter().map(|other| (other - x).abs()).filter(|far| *far > 0.1).fold(f64::MAX, f64::min);
    for (month, x) in &axis.months {
        marks.push(Mark::line(point(*x, top), point(*x, bottom), "faint", 1.0));
        if room(*x) > 58.0 {
            let name = MONTHS[usize::from(month - 1) % 12];
            marks.push(text(x + 5.0, top - 10.0, name, 11.0, "quiet", false));
        }
    }
    marks
}

/// Draws the bar and the name of a lane at the left.
fn head(chart: &Chart, strip: &Strip, top: f64) -> Vec<Mark> {
    let lane = &chart.lanes[strip.lane];
    let (y, height) = (top + strip.area.y, strip.area.height);
    let class = strip.colour.map_or("fg".to_string(), |colour| format!("f{colour}"));
    let bar = Mark::rounded(Area::new(MARGIN, y + 9.0, 4.0, height - 18.0), 2.0, &class);
    let name = fit(&lane.name, HEAD_MOST, 13.5, Weight::Bold);
    let middle = y + height / 2.0 + if lane.note.is_empty() { 4.5 } else { -2.5 };
    let mut marks = vec![bar, text(MARGIN + 13.0, middle, &name, 13.5, "ink halo", true)];
    if !lane.note.is_empty() {
        let note = fit(&lane.note, HEAD_MOST, 10.5, Weight::Regular);
        marks.push(text(MARGIN + 13.0, middle + 15.0, &note, 10.5, "quiet halo", false));
    }
    marks
}

/// Draws a link's line with its sentence and sources.
pub fn link_mark(link: &ChartLink, chart: &Chart, route: &Route, colour: &str, top: f64) -> Mark {
    let (stroke, dash, opacity) = style(chart, link.verb);
    let opacity = if link.certain { opacity } else { 0.38 };
    let class = format!("n s{colour}");
    let path = Mark::Path { steps: lowered(route, top), class, stroke, dash, opacity };
    link_group(link, chart, "m e", vec![path])
}

/// Returns the marks of a link as a group with its sentence and sources, for scripts.
pub fn link_group(link: &ChartLink, chart: &Chart, class: &str, marks: Vec<Mark>) -> Mark {
    let doubt = if link.certain { "" } else { " (only possible)" };
    Mark::Group(Group {
        class: if link.faded { format!("{class} off") } else { class.to_string() },
        title: format!("{}{doubt}", link.title),
        data: vec![
            ("a", chart.nodes[link.parent].entity.0.to_string()),
            ("b", chart.nodes[link.child].entity.0.to_string()),
            ("v", chart.verbs[link.verb].clone()),
        ],
        marks,
        ..Group::default()
    })
}

/// Draws a link from an entity to itself: a ring that touches the dot from below, where there is no label.
pub fn loop_mark(link: &ChartLink, chart: &Chart, spot: &Spot, colour: &str, top: f64) -> Mark {
    let (stroke, ..) = style(chart, link.verb);
    let at = point(spot.at.x, spot.at.y + top + spot.radius + LOOP);
    let ring = Mark::Dot { at, radius: LOOP, class: format!("n s{colour}"), stroke };
    link_group(link, chart, "m e", vec![ring])
}

fn lowered(route: &Route, top: f64) -> Vec<super::super::paint::marks::Step> {
    let down = |at: Point| point(at.x, at.y + top);
    match *route {
        Route::Straight(ends) => Route::Straight(ends.map(down)),
        Route::Drop(ends, radius) => Route::Drop(ends.map(down), radius),
        Route::Curve(handles) => Route::Curve(handles.map(down)),
    }
    .steps()
}

/// Draws an entity's dot, bar and label, with what the sources say about it.
pub fn node_mark(node: &ChartNode, spot: &Spot, colour: &str, id: &str, top: f64) -> Mark {
    let at = point(spot.at.x, spot.at.y + top);
    let mut marks: Vec<Mark> = spot.bar.iter().flat_map(|bar| bar_marks(bar, at.y, colour)).collect();
    let inside = if node.filled { format!("f{colour}") } else { "hollow".to_string() };
    marks.push(Mark::Dot { at, radius: spot.radius, class: format!("dot {inside} s{colour}"), stroke: 2.0 });
    let doubt = if node.certain { "" } else { "?" };
    marks.push(Mark::Text(Text {
        bold: true,
        more: if spot.more { node.more.clone() } else { String::new() },
        ..plain(spot.label.x, spot.label.y + top + spot.label.height - 3.0, &node.name, spot.size, label_class(node))
    }));
    if !doubt.is_empty() {
        marks.push(Mark::Text(Text {
            anchor: Anchor::End,
            bold: true,
            ..plain(spot.label.x - 2.0, spot.label.y + top + spot.label.height - 3.0, doubt, spot.size, "quiet halo")
        }));
    }
    let possible = if node.certain { "" } else { " · only possible" };
    Mark::Group(Group {
        class: if node.faded { "m v off".into() } else { "m v".into() },
        id: id.to_string(),
        title: format!("{}{possible}", node.title),
        stop: true,
        data: vec![("i", node.entity.0.to_string())],
        marks,
        ..Group::default()
    })
}

fn label_class(node: &ChartNode) -> &'static str {
    if node.certain { "ink halo name" } else { "quiet halo name" }
}

/// Draws a translucent bar with caps at known ends, fading towards open ones.
fn bar_marks(bar: &Bar, y: f64, colour: &str) -> Vec<Mark> {
    let area = Area::new(bar.from, y - 2.8, bar.to - bar.from, 5.6);
    let fill = match (bar.open_start, bar.open_end) {
        (true, _) => fade(colour, true),
        (_, true) => fade(colour, false),
        _ => String::new(),
    };
    let opacity = if fill.is_empty() { 0.3 } else { 1.0 };
    let class = if fill.is_empty() { format!("f{colour}") } else { String::new() };
    let mut marks = vec![Mark::Box { area, round: 0.0, class, opacity, fill }];
    let cap = |x: f64| Mark::line(point(x, y - 4.6), point(x, y + 4.6), &format!("s{colour}"), 1.4);
    if !bar.open_start {
        marks.push(cap(bar.from));
    }
    if !bar.open_end {
        marks.push(cap(bar.to));
    }
    marks
}

fn fade(colour: &str, rising: bool) -> String {
    format!("begat-{}-{colour}", if rising { "rise" } else { "fall" })
}

/// Returns the gradients that the bars use.
pub fn fades(spots: &[Spot], colours: &[String]) -> Vec<Def> {
    let mut used: BTreeSet<(bool, String)> = BTreeSet::new();
    for (spot, colour) in spots.iter().zip(colours) {
        match spot.bar {
            Some(bar) if bar.open_start => drop(used.insert((true, colour.clone()))),
            Some(bar) if bar.open_end => drop(used.insert((false, colour.clone()))),
            _ => {}
        }
    }
    let def =
        |(rising, colour): (bool, String)| Def::Fade { id: fade(&colour, rising), class: format!("c{colour}"), rising };
    used.into_iter().map(def).collect()
}

/// Returns the anchors of the nodes: their names in lower case, digits and hyphens; duplicates are numbered.
pub fn ids(chart: &Chart) -> Vec<String> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let unique = |node: &ChartNode| {
        let id = super::super::slug(&node.name);
        let numbered = (2..).map(|i| format!("{id}-{i}"));
        let free = std::iter::once(id.clone()).chain(numbered).find(|id| !used.contains(id)).unwrap_or(id);
        used.insert(free.clone());
        free
    };
    chart.nodes.iter().map(unique).collect()
}

/// Returns the legend of the dots, bars and lines in the picture.
fn signs(chart: &Chart, scene: &TimelineScene) -> Vec<Sign> {
    let mut signs = dot_signs(chart, &scene.spots);
    signs.extend(line_signs(chart));
    signs
}

/// Returns the legend of filled and hollow dots and bars, if there are any.
pub fn dot_signs(chart: &Chart, spots: &[Spot]) -> Vec<Sign> {
    let mut signs = Vec::new();
    let dot = |class: &str| Mark::Dot { at: point(6.0, 0.0), radius: 5.2, class: class.into(), stroke: 2.0 };
    if let Some([filled, hollow]) = chart.filled.as_ref().filter(|_| chart.nodes.iter().any(|node| !node.filled)) {
        signs.push(Sign { marks: vec![dot("fg sg")], room: 12.0, word: filled.clone() });
        signs.push(Sign { marks: vec![dot("hollow sg")], room: 12.0, word: hollow.clone() });
    }
    let bars: Vec<Bar> = spots.iter().filter_map(|spot| spot.bar).collect();
    if bars.iter().any(|bar| !bar.open_start && !bar.open_end) {
        let bar = Bar { from: 1.0, to: 45.0, open_start: false, open_end: false };
        let mut marks = bar_marks(&bar, 0.0, "g");
        marks.push(Mark::Dot { at: point(23.0, 0.0), radius: 4.6, class: "fg sg".into(), stroke: 1.0 });
        signs.push(Sign { marks, room: 46.0, word: "dates that the sources allow".into() });
    }
    signs
}

/// Returns the legend of the lines' styles. Verbs beyond the styles share the last.
pub fn line_signs(chart: &Chart) -> Vec<Sign> {
    let line = |stroke: f64, dash: &'static str, opacity: f64, word: &str| {
        let steps = outline(&[point(0.0, 0.0), point(36.0, 0.0)]);
        let line = Mark::Path { steps, class: "n sg".into(), stroke, dash, opacity };
        Sign { marks: vec![line], room: 36.0, word: word.to_string() }
    };
    let sharing = (0..chart.verbs.len()).filter(|verb| style_of(chart, *verb) == LAST_STYLE).count();
    let own = if sharing > 1 { chart.verbs.len() - sharing } else { chart.verbs.len() };
    let sign = |verb: usize, word: &str| line(style(chart, verb).0, style(chart, verb).1, 1.0, word);
    let mut signs: Vec<Sign> = (0..own).map(|verb| sign(verb, &chart.verbs[verb])).collect();
    if sharing > 1 {
        signs.push(sign(own, &format!("{sharing} other verbs, named in each line's title")));
    }
    if !chart.loops.is_empty() {
        let ring = Mark::Dot { at: point(LOOP, 0.0), radius: LOOP, class: "n sg".into(), stroke: 1.7 };
        signs.push(Sign { marks: vec![ring], room: 2.0 * LOOP, word: "leads to itself".into() });
    }
    if chart.links.iter().any(|link| !link.certain) {
        signs.push(line(1.7, "", 0.38, "only possible"));
    }
    signs
}
