//! Adoption as small multiples: a panel for each adopted entity, today's favourites first.
//!
//! With enough entities a panel shows the share of those of the last twelve months that use it; with few, how many
//! have used it by each day; for groups that are no periods, bars. [`series`] counts, [`panel`] draws.

mod panel;
mod series;

use super::paint::frame::{self, MARGIN, Sign, surround};
use super::paint::marks::{Area, Def, Mark, Picture, point};
use super::{PictureLooks, Room, Words, cite, counted, frame, noun};
use crate::answer::{Adoption, Curve};
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over_after};
use panel::{Panel, Plot};
use rustc_hash::FxHashSet;
use series::{Member, Status};

/// How panels lie beside each other.
const PANEL: f64 = 370.0;
const GAP: f64 = 27.0;
const COLUMNS: usize = 4;

pub fn draw(adoption: &Adoption, graph: &Graph, looks: &PictureLooks, _room: Room) -> Picture {
    let people = population(adoption, graph);
    let noun = noun(graph, &people);
    let is_timed = adoption.timed;
    let of_each = adoption.curves.iter().take_while(|_| !is_over_after(people.len()));
    let curves: Vec<(&Curve, Vec<Member>)> =
        of_each.map(|curve| (curve, series::members(curve, &people, graph))).collect();
    let shares = is_timed && curves.first().is_some_and(|(_, members)| series::has_shares(members));
    let most = adoption.curves.iter().map(|curve| panel::longest(adoption, curve)).max().unwrap_or(0);
    let used = curves.iter().filter(|(curve, _)| !series::adopters(curve).is_empty());
    let mut panels: Vec<Panel> = used
        .take_while(|_| !is_over_after(people.len()))
        .map(|(curve, members)| {
            let plot = match (is_timed, shares) {
                (false, _) => Plot::Bars(panel::bars(adoption, curve), most),
                (true, true) => Plot::Shares(series::shares(members)),
                (true, false) => Plot::Counts(series::counts(members)),
            };
            Panel::new(curve, members.clone(), plot, graph, &noun)
        })
        .collect();
    panels.sort_by(|a, b| b.rank().partial_cmp(&a.rank()).unwrap_or(std::cmp::Ordering::Equal));
    let mut rules = rules(is_timed, shares, &people, &noun);
    rules.extend(unused(adoption, graph));
    let shown: Vec<EntityId> = people.iter().copied().chain(panels.iter().map(|panel| panel.adopted)).collect();
    let (title, desc) = (title(&panels, &people, graph), describe(&panels, &noun));
    let frame = frame(graph, looks, Words { title, rules, notes: Vec::new(), desc, shown: &shown });
    let columns = panels.len().clamp(1, COLUMNS);
    let width = 2.0 * MARGIN + columns as f64 * PANEL + (columns as f64 - 1.0) * GAP;
    let span = series::span(panels.iter().flat_map(|panel| &panel.members));
    let top = frame::top(&frame, width) + 14.0;
    let height = panels.iter().map(Panel::height).fold(0.0, f64::max);
    let mut marks = Vec::new();
    for (i, panel) in panels.iter().enumerate().take_while(in_budget) {
        let x = MARGIN + (i % columns) as f64 * (PANEL + GAP);
        let y = top + (i / columns) as f64 * (height + 30.0);
        marks.extend(panel.marks(Area::new(x, y, PANEL, height), span, graph));
    }
    let rows = panels.len().div_ceil(columns) as f64;
    let defs = vec![Def::Hatch { id: "begat-hatch".into(), class: "sa".into() }];
    let picture = Picture { width, defs, marks, ..Picture::default() };
    surround(&frame, picture, top + rows * (height + 30.0) - 24.0, signs(is_timed))
}

/// Whoever could adopt: all entities of the types that the adoption verbs start from, and the adopters.
fn population(adoption: &Adoption, graph: &Graph) -> Vec<EntityId> {
    let verbs = graph.schema().adoption_verbs();
    let types = verbs.iter().fold(crate::schema::TypeSet::NONE, |all, verb| all.or(graph.schema().verb(*verb).from));
    let mut people: Vec<EntityId> = graph.ranges(types).into_iter().flatten().map(EntityId).collect();
    people.extend(adoption.curves.iter().flat_map(series::adopters));
    people.sort();
    people.dedup();
    people
}

/// `How 8 techniques spread through 36 models`.
fn title(panels: &[Panel], people: &[EntityId], graph: &Graph) -> String {
    let adopted: Vec<EntityId> = panels.iter().map(|panel| panel.adopted).collect();
    let (what, whom) = (counted(panels.len(), &noun(graph, &adopted)), counted(people.len(), &noun(graph, people)));
    format!("How {what} spread through {whom}")
}

fn rules(is_timed: bool, shares: bool, people: &[EntityId], noun: &str) -> Vec<String> {
    let all = counted(people.len(), noun);
    if !is_timed {
        return vec![all, "bar = adopters in each group".into(), "hatched = only possible".into()];
    }
    let few = counted(series::LEAST, noun);
    let mut rules = match shares {
        true => vec![
            format!("share of the {noun}s of the last 12 months that use it"),
            format!("drawn while at least {few} fall into them"),
            format!("a {noun} counts at the middle of its dates"),
            format!("hatched = possible: doubtful, or nothing is told of what the {noun} uses"),
        ],
        false => vec![
            format!("how many {noun}s had come to use it by each day"),
            format!("no shares, since no 12 months hold {few}"),
            "hatched = possible, by what the dates allow".into(),
            format!("a {noun} of which nothing is told is not counted"),
        ],
    };
    rules.push(format!("each tick is one {noun} ({} in all)", people.len()));
    rules.push("most used today first".into());
    rules
}

/// Those that have no panel, since nobody adopted them.
fn unused(adoption: &Adoption, graph: &Graph) -> Option<String> {
    let unused = adoption.curves.iter().filter(|curve| series::adopters(curve).is_empty());
    let names: Vec<&str> = unused.map(|curve| graph.name(curve.adopted)).collect();
    match names.len() {
        0 => None,
        1..=8 => Some(format!("no adopter is told of {}", names.join(", "))),
        many => Some(format!("no adopter is told of {many} more")),
    }
}

fn describe(panels: &[Panel], noun: &str) -> String {
    let best: Vec<String> = panels.iter().take(5).map(|panel| format!("{} {}", panel.name, panel.now())).collect();
    format!(
        "{}, one for each adopted entity: its use by {noun}s. {}. The title of each mark names its source.",
        counted(panels.len(), "panel"),
        best.join(", ")
    )
}

/// Ticks explain themselves only with a word; the curves are labelled where they end.
fn signs(is_timed: bool) -> Vec<Sign> {
    if !is_timed {
        return Vec::new();
    }
    let tick = |class: &str, height: f64, width: f64, status| {
        let area = Area::new(2.0, -height / 2.0, width, height);
        let mark = if status == Status::Maybe { panel::dashed(area) } else { Mark::fill(area, class) };
        vec![mark]
    };
    [
        (tick("fa", 12.0, 2.6, Status::Uses), "uses it"),
        (tick("fa", 11.0, 3.0, Status::Maybe), "perhaps"),
        (tick("fg", 6.0, 1.6, Status::Not), "does not"),
    ]
    .into_iter()
    .map(|(marks, word)| Sign { marks, room: 6.0, word: word.to_string() })
    .collect()
}

/// `Llama 2, 2023-07`: who was first, or who may have been.
fn first(curve: &Curve, graph: &Graph) -> String {
    let name = |entity: &EntityId| {
        let date = graph.date_of(*entity);
        let dated = if date.is_undated() { String::new() } else { format!(", {date}") };
        format!("{}{dated}", graph.name(*entity))
    };
    match curve.first.as_slice() {
        [] => String::new(),
        [(one, _)] => format!("first: {}", name(one)),
        [(a, _), (b, _)] => format!("first: {} or {}", graph.name(*a), graph.name(*b)),
        many => format!("first: one of {}", many.len()),
    }
}

/// All who use it, each once, and those who perhaps do.
fn users(curve: &Curve) -> (FxHashSet<EntityId>, FxHashSet<EntityId>) {
    let certain: FxHashSet<EntityId> =
        curve.certain.iter().flatten().chain(&curve.wide).chain(&curve.undated).copied().collect();
    let possible = curve.possible.iter().flatten().filter(|entity| !certain.contains(entity)).copied().collect();
    (certain, possible)
}

/// The places of a period's ticks and words.
fn place(day: f64, span: (f64, f64), area: Area) -> crate::render::picture::paint::marks::Point {
    let share = ((day - span.0) / (span.1 - span.0).max(1.0)).clamp(0.0, 1.0);
    point(area.x + share * area.width, area.bottom())
}

/// What the graph says of an adopter and an adopted: the sentence with its sources, or that it says nothing.
fn sentence(adopter: EntityId, adopted: EntityId, graph: &Graph) -> String {
    for verb in graph.schema().adoption_verbs() {
        if let Some(fact) = graph.relation(verb).fact(adopter, adopted) {
            return cite::link(graph, adopter, verb, adopted, fact);
        }
    }
    graph.name(adopter).to_string()
}
