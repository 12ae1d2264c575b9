//! Computes the layout of a timeline in pixels, before it is drawn.

use super::super::paint::frame::MARGIN;
use super::super::paint::marks::{Area, Point, point};
use super::super::paint::metrics::{Weight, width};
use super::super::paint::palette;
use super::axis::{Axis, Extent};
use super::data::{Chart, ChartNode, Owner};
use super::grid::Obstacles;
use super::links::{self, Ends, Route};
use super::{aside, lanes, rows};
use crate::date::Day;
use crate::limits::is_over_after;
use crate::value::Date;
use rustc_hash::FxHashMap;

/// The layout of a timeline. `y` 0 is the top of the first lane; the labels of the axis are above it.
#[derive(Debug, Clone)]
pub struct TimelineScene {
    pub width: f64,
    /// The height of all lanes together.
    pub height: f64,
    /// `None` if nothing is dated.
    pub axis: Option<Axis>,
    /// From top to bottom.
    pub strips: Vec<Strip>,
    /// By node.
    pub spots: Vec<Spot>,
    /// By link.
    pub routes: Vec<Route>,
    /// The column of undated entities, from the top of the first lane to the bottom of the last.
    pub undated: Option<Area>,
    /// Whether the lanes have titles.
    pub headed: bool,
    /// Whether some dot is right of the middle of its bar, in order to be right of its parent's.
    pub nudged: bool,
    /// The number of labels that a link runs through.
    pub crossed: usize,
}

/// The position of a lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strip {
    /// Index in [`Chart::lanes`].
    pub lane: usize,
    pub area: Area,
    /// The index of its colour; `None` is grey: owners of few entities, and no owner if most entities have one.
    pub colour: Option<usize>,
}

/// The position of an entity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spot {
    pub at: Point,
    pub radius: f64,
    pub bar: Option<Bar>,
    /// The bounding box of its label.
    pub label: Area,
    /// The label's font size.
    pub size: f64,
    /// Whether the label shows the text behind the name.
    pub more: bool,
}

/// The range of an uncertain date on the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    pub from: f64,
    pub to: f64,
    pub open_start: bool,
    pub open_end: bool,
}

pub const ROW: f64 = 33.0;
/// Distances from a lane's top to its first row, and from its last row to its bottom.
const ABOVE: f64 = 32.0;
const BELOW: f64 = 25.0;
const NAME: f64 = 12.5;
/// Room for the label of the last dot, if the width is limited.
const LAST_LABEL: f64 = 70.0;
/// Offsets of a label from the centre of its dot: left of it, and above it.
pub const LABEL_LEFT: f64 = 5.0;
pub const LABEL_UP: f64 = 7.5;
pub const LABEL_HEIGHT: f64 = 14.0;
/// The drawn length of an open end, and the minimum distance between the dots of parent and child.
const FADE: f64 = 44.0;
const APART: f64 = 16.0;

/// Lays out a chart, `room` wide if given and sufficient.
pub fn scene(chart: &Chart, linear: bool, room: Option<f64>) -> TimelineScene {
    let headed = chart.lanes.len() > 1 || chart.lanes.iter().any(|lane| matches!(lane.owner, Owner::Entity(_)));
    let left = if headed { MARGIN + 13.0 + head_width(chart) + 18.0 } else { MARGIN + 8.0 };
    let columns = undated_columns(chart);
    let (undated_x, axis_left, undated) = margin(chart, &columns, left);
    let longest = room.map_or(f64::INFINITY, |room| (room - axis_left - MARGIN - LAST_LABEL).max(160.0));
    let axis_width = axis_width(chart).min(longest);
    let axis = Axis::new(&extent(chart), axis_left, axis_width, linear);
    let right = axis_left + if axis.is_some() { axis_width } else { 0.0 };
    let bars: Vec<Option<Bar>> = chart.nodes.iter().map(|node| bar(node, axis.as_ref(), axis_left, right)).collect();
    let mut xs: Vec<f64> = (0..chart.nodes.len())
        .map(|i| match (&axis, chart.nodes[i].day) {
            (Some(axis), Some(day)) => axis.x(day),
            _ => undated_x[columns[i].unwrap_or(0)],
        })
        .collect();
    let nudged = nudge(chart, &bars, &mut xs);
    let order = lane_order(chart, &xs);
    let (strips, spots) = stack(chart, &order, &xs, &bars);
    let reach = spots.iter().map(|spot| spot.label.right().max(spot.at.x)).fold(right, f64::max);
    let height = strips.last().map_or(ROW, |strip| strip.area.bottom());
    let mut scene = TimelineScene {
        width: (reach + MARGIN).max(room.unwrap_or(560.0).min(560.0)).ceil(),
        height,
        axis,
        strips,
        spots,
        routes: Vec::new(),
        undated: undated.map(|(x, width)| Area::new(x, 0.0, width, height)),
        headed,
        nudged,
        crossed: 0,
    };
    for strip in &mut scene.strips {
        strip.area.width = scene.width;
    }
    scene.routes = route(chart, &scene.spots, scene.width, scene.height);
    let rooms = rooms(chart, &scene);
    // After the routes, which avoid labels where they can: only labels without a way around are moved.
    scene.crossed = aside::step_aside(&mut scene.spots, &scene.routes, &|node| rooms[node]);
    scene
}

/// Returns for each node the area of its lane, or of the undated in it.
fn rooms(chart: &Chart, scene: &TimelineScene) -> Vec<Area> {
    let lanes: FxHashMap<usize, Area> = scene.strips.iter().map(|strip| (strip.lane, strip.area)).collect();
    let column = scene.undated.filter(|_| scene.axis.is_some());
    let left = column.map_or(0.0, |column| column.right());
    let room = |node: &ChartNode| {
        let lane = lanes.get(&node.lane).copied().unwrap_or_default();
        let right = scene.width - MARGIN;
        match column.filter(|_| node.day.is_none()) {
            Some(column) => Area { x: column.x, width: column.width, ..lane },
            None => Area { x: left, width: right - left, ..lane },
        }
    };
    chart.nodes.iter().map(room).collect()
}

/// Returns the width of the widest lane title, up to a limit; longer ones are truncated.
fn head_width(chart: &Chart) -> f64 {
    let widths = chart
        .lanes
        .iter()
        .map(|lane| width(&lane.name, 13.5, Weight::Bold).max(width(&lane.note, 10.5, Weight::Regular)));
    widths.fold(0.0, f64::max).min(HEAD_MOST)
}

pub const HEAD_MOST: f64 = 180.0;

/// Returns the days that the axis of a chart must include.
pub fn extent(chart: &Chart) -> Extent {
    let reaches = chart.nodes.iter().map(|node| node.date.reach());
    let bounds = reaches.flat_map(|(earliest, latest)| [earliest, latest]);
    let known = bounds.filter(|day| *day != Date::OPEN_START && *day != Date::OPEN_END);
    let dots: Vec<f64> = chart.nodes.iter().filter_map(|node| node.day).collect();
    // An entity whose start is open may be drawn before every bound.
    let drawn = dots.iter().copied().chain(chart.nodes.iter().filter_map(|node| node.end));
    Extent { days: known.chain(drawn.map(|day| day.floor() as Day)).collect(), dots }
}

/// Returns the width of the axis; more entities need more room for labels.
fn axis_width(chart: &Chart) -> f64 {
    let n = chart.nodes.iter().filter(|node| !node.date.is_undated()).count() as f64;
    // A tenth of the room for each further one, so that a large picture grows in rows rather than in width.
    if n <= 40.0 { (420.0 + 44.0 * n).min(1440.0) } else { 1440.0 + 4.4 * (n - 40.0) }
}

/// Returns the margin column of each undated node: right of its undated parents.
fn undated_columns(chart: &Chart) -> Vec<Option<usize>> {
    let is_undated = |i: usize| chart.nodes[i].date.is_undated();
    let mut columns: Vec<Option<usize>> = (0..chart.nodes.len()).map(|i| is_undated(i).then_some(0)).collect();
    // A round for each column is enough, in whatever order the links are: longer chains, and cycles, end in the last
    // one.
    for _ in 0..UNDATED_COLUMNS {
        for link in &chart.links {
            if let (Some(parent), Some(child)) = (columns[link.parent], columns[link.child]) {
                columns[link.child] = Some(child.max((parent + 1).min(UNDATED_COLUMNS - 1)));
            }
        }
    }
    columns
}

/// Maximum number of columns in the margin. Later descendants share the last one, or the margin could outgrow the axis.
const UNDATED_COLUMNS: usize = 3;

/// Returns the x of each margin column, the x at which the axis begins, and the margin's x and width.
fn margin(chart: &Chart, columns: &[Option<usize>], left: f64) -> (Vec<f64>, f64, Option<(f64, f64)>) {
    let used = columns.iter().flatten().max().map_or(0, |most| most + 1);
    let mut x = left + 12.0;
    let mut places = Vec::new();
    for column in 0..used {
        let nodes = chart.nodes.iter().zip(columns).filter(|(_, c)| **c == Some(column));
        let widest = nodes.map(|(node, _)| label_width(node).1).fold(64.0, f64::max);
        places.push(x);
        x += widest + 26.0;
    }
    if used == 0 { (vec![left], left, None) } else { (places, x + 14.0, Some((left, x - left))) }
}

/// Returns the bar of an uncertain date; `None` for a single day, or if the dot would cover it.
pub fn bar(node: &ChartNode, axis: Option<&Axis>, left: f64, right: f64) -> Option<Bar> {
    let (axis, date) = (axis?, node.date);
    let (earliest, latest) = date.reach();
    let (open_start, open_end) = (earliest == Date::OPEN_START, latest == Date::OPEN_END);
    if date.is_undated() {
        return None;
    }
    let from = if open_start { None } else { Some(axis.x(f64::from(earliest))) };
    let to = if open_end { None } else { Some(axis.x(f64::from(latest))) };
    let dot = node.day.map_or(left, |day| axis.x(day));
    let from = from.unwrap_or_else(|| (to.unwrap_or(left) - FADE).min(dot - FADE / 2.0).max(left - 10.0));
    let to = to.unwrap_or_else(|| (from + FADE).max(dot + FADE / 2.0).min(right));
    (to - from > 13.0).then_some(Bar { from, to, open_start, open_end })
}

/// Moves children right of their parents as far as their bars allow, then parents left. Returns whether any moved.
fn nudge(chart: &Chart, bars: &[Option<Bar>], xs: &mut [f64]) -> bool {
    let mut order: Vec<usize> = (0..chart.links.len()).collect();
    order.sort_by(|a, b| xs[chart.links[*a].parent].total_cmp(&xs[chart.links[*b].parent]).then(a.cmp(b)));
    let mut moved = false;
    // A few rounds, since a move may require another.
    for _ in 0..4 {
        for link in order.iter().map(|i| &chart.links[*i]) {
            let (parent, child) = (link.parent, link.child);
            if chart.nodes[parent].date.is_undated() || chart.nodes[child].date.is_undated() {
                continue;
            }
            let lacking = |xs: &[f64]| xs[parent] + APART - xs[child];
            if let Some(bar) = bars[child].filter(|bar| lacking(xs) > 0.5 && xs[child] < bar.to) {
                xs[child] = (xs[parent] + APART).min(bar.to);
                moved = true;
            }
            if let Some(bar) = bars[parent].filter(|bar| lacking(xs) > 0.5 && xs[parent] > bar.from) {
                xs[parent] = (xs[child] - APART).max(bar.from);
                moved = true;
            }
        }
    }
    moved
}

/// Returns the lanes from top to bottom: owners so that links cross few lanes, then the others.
fn lane_order(chart: &Chart, xs: &[f64]) -> Vec<usize> {
    let first = |lane: usize| {
        if is_over_after(chart.nodes.len()) {
            return f64::INFINITY;
        }
        let own = chart.nodes.iter().zip(xs).filter(|(node, _)| node.lane == lane && !node.date.is_undated());
        own.map(|(_, x)| *x).fold(f64::INFINITY, f64::min)
    };
    let rank = |lane: &usize| match chart.lanes[*lane].owner {
        Owner::Entity(_) => 0,
        Owner::Others => 1,
        Owner::Nobody(_) => 2,
    };
    let mut known: Vec<usize> = (0..chart.lanes.len()).collect();
    known.sort_by(|a, b| rank(a).cmp(&rank(b)).then(first(*a).total_cmp(&first(*b))).then(a.cmp(b)));
    let mixed = known.iter().any(|lane| rank(lane) == 0);
    let moving: Vec<usize> = known.iter().filter(|lane| !mixed || rank(lane) == 0).copied().collect();
    let place = |lane: usize| moving.iter().position(|moved| *moved == lane);
    let mut weights = vec![vec![0u32; moving.len()]; moving.len()];
    for link in &chart.links {
        let ends = (place(chart.nodes[link.parent].lane), place(chart.nodes[link.child].lane));
        if let (Some(a), Some(b)) = ends
            && a != b
        {
            weights[a][b] += 1;
            weights[b][a] += 1;
        }
    }
    let ordered = lanes::order(&weights).into_iter().map(|i| moving[i]);
    ordered.chain(known.iter().filter(|lane| !moving.contains(lane)).copied()).collect()
}

/// Stacks the lanes and assigns a row to every entity.
fn stack(chart: &Chart, order: &[usize], xs: &[f64], bars: &[Option<Bar>]) -> (Vec<Strip>, Vec<Spot>) {
    let nobody = |lane: usize| matches!(chart.lanes[lane].owner, Owner::Nobody(_));
    let owned = chart.nodes.iter().filter(|node| !nobody(node.lane)).count() * 2 > chart.nodes.len();
    let mut spots: Vec<Spot> = (0..xs.len()).map(|i| spot(&chart.nodes[i], xs[i], bars[i])).collect();
    let is_grey = |lane: usize| owned && nobody(lane) || chart.lanes[lane].owner == Owner::Others;
    let beside_grey = order.iter().any(|lane| is_grey(*lane));
    let mut strips = Vec::new();
    let (mut y, mut colours) = (0.0, 0);
    for lane in order.iter().take_while(|_| !is_over_after(chart.nodes.len() + chart.links.len())) {
        let members: Vec<usize> = (0..xs.len()).filter(|i| chart.nodes[*i].lane == *lane).collect();
        let items: Vec<rows::LaneItem> = members.iter().map(|i| item(&chart.nodes[*i], &spots[*i])).collect();
        let (own_rows, count) = rows::assign(&items, &links_within(chart, &members));
        for (member, row) in members.iter().zip(&own_rows) {
            let down = y + ABOVE + ROW * *row as f64;
            spots[*member].at.y = down;
            spots[*member].label.y = down - LABEL_UP - LABEL_HEIGHT;
        }
        settle_labels(chart, &members, &own_rows, &mut spots);
        let grey = is_grey(*lane);
        let height = ABOVE + ROW * (count as f64 - 1.0) + BELOW;
        strips.push(Strip {
            lane: *lane,
            area: Area::new(0.0, y, 0.0, height),
            colour: (!grey).then_some(palette::lane(colours, beside_grey)),
        });
        colours += usize::from(!grey);
        y += height;
    }
    (strips, spots)
}

/// Returns the links within a lane, as indexes of its members, sorted by verb.
fn links_within(chart: &Chart, members: &[usize]) -> Vec<(usize, usize)> {
    let mut places = vec![usize::MAX; chart.nodes.len()];
    members.iter().enumerate().for_each(|(place, member)| places[*member] = place);
    let mut links: Vec<_> = chart
        .links
        .iter()
        .map(|link| (link.verb, places[link.parent], places[link.child]))
        .filter(|(_, parent, child)| *parent != usize::MAX && *child != usize::MAX)
        .collect();
    links.sort();
    links.into_iter().map(|(_, parent, child)| (parent, child)).collect()
}

/// Returns the widths of a label without and with the text behind the name.
pub fn label_width(node: &ChartNode) -> (f64, f64) {
    let size = label_size(node);
    let short = width(&node.name, size, Weight::Bold);
    let more = if node.more.is_empty() { 0.0 } else { 5.0 + width(&node.more, size * 0.84, Weight::Regular) };
    (short, short + more)
}

pub fn label_size(node: &ChartNode) -> f64 {
    if node.central { 15.0 } else { NAME }
}

fn spot(node: &ChartNode, x: f64, bar: Option<Bar>) -> Spot {
    let label = Area::new(x - LABEL_LEFT, 0.0, label_width(node).1, LABEL_HEIGHT);
    let radius = if node.central { 7.0 } else { 5.2 };
    Spot { at: point(x, 0.0), radius, bar, label, size: label_size(node), more: true }
}

fn item(node: &ChartNode, spot: &Spot) -> rows::LaneItem {
    let (short, full) = label_width(node);
    let (from, to) = spot.bar.map_or((spot.at.x, spot.at.x), |bar| (bar.from, bar.to));
    let label = spot.label.x;
    rows::LaneItem {
        x: spot.at.x,
        from: from.min(spot.at.x),
        to: to.max(spot.at.x),
        label,
        short: label + short,
        full: label + full,
    }
}

/// Drops the text behind a name if it would reach the next label in the row.
fn settle_labels(chart: &Chart, members: &[usize], rows: &[usize], spots: &mut [Spot]) {
    let mut in_order: Vec<(usize, usize)> = members.iter().zip(rows).map(|(member, row)| (*row, *member)).collect();
    in_order.sort_by(|a, b| a.0.cmp(&b.0).then(spots[a.1].at.x.total_cmp(&spots[b.1].at.x)));
    for pair in in_order.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (this, next) = (pair[0].1, pair[1].1);
        if spots[this].label.right() + 6.0 > spots[next].label.x {
            spots[this].more = false;
            spots[this].label.width = label_width(&chart.nodes[this]).0;
        }
    }
}

/// The approximate number of steps for routing a link, by which the budget is checked.
const WAYS: usize = 1000;

/// Routes the links: straight ones first, then short ones, so that long ones can avoid them.
pub fn route(chart: &Chart, spots: &[Spot], width: f64, height: f64) -> Vec<Route> {
    let centres: Vec<Point> = spots.iter().map(|spot| spot.at).collect();
    let areas = spots.iter().map(|spot| spot.label).collect();
    let mut obstacles = Obstacles::new(width, height, centres.clone(), areas);
    let ends = |link: &super::data::ChartLink| Ends {
        dots: [link.parent, link.child],
        from: centres[link.parent],
        to: centres[link.child],
    };
    let length = |i: usize| {
        let Ends { from, to, .. } = ends(&chart.links[i]);
        ((to.y - from.y).abs() > 0.5, (to.x - from.x).hypot(to.y - from.y))
    };
    let mut order: Vec<usize> = (0..chart.links.len()).collect();
    order.sort_by(|a, b| {
        let (a_key, b_key) = (length(*a), length(*b));
        a_key.0.cmp(&b_key.0).then(a_key.1.total_cmp(&b_key.1)).then(a.cmp(b))
    });
    let mut routes: Vec<Option<Route>> = vec![None; chart.links.len()];
    for i in order.into_iter().take_while(|_| !is_over_after(WAYS)) {
        routes[i] = Some(links::lay(&mut obstacles, ends(&chart.links[i])));
    }
    routes.into_iter().flatten().collect()
}
