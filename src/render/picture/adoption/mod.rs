//! Draws adoption as small multiples: a panel for each adopted entity, the most used today first; if there are few,
//! their curves in one panel ([`compare`]).
//!
//! With enough entities a panel shows the share of users among the entities of the last twelve months; with few, the
//! number of users up to each day; for groups that are not periods, bars. [`series`] counts, [`panel`] draws, [`axes`]
//! draws the lines and labels of both scales.

mod axes;
mod compare;
mod panel;
mod series;

use super::paint::frame::{self, Frame, MARGIN, Sign, surround};
use super::paint::marks::{Area, Def, Mark, Picture, point};
use super::paint::palette::COLOURS;
use super::{Panels, PictureStyle, Room, Untold, Words, cite, counted, frame, listed, noun};
use crate::answer::{Adoption, Curve};
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over_after};
use panel::{Panel, Plot};
use rustc_hash::FxHashSet;
use series::Member;

/// Widths of panels and gaps between them.
const PANEL: f64 = 370.0;
const LEAST_PANEL: f64 = 230.0;
/// The width of a single panel, and of one that compares several curves.
const ONLY_PANEL: f64 = 720.0;
const GAP: f64 = 27.0;
const ROW_GAP: f64 = 30.0;
const COLUMNS: usize = 3;
/// Fewer curves than this, but more than one, share a panel. More cross too often to be told apart.
const FEW: usize = 7;
/// The height of legend and footer below the last panel.
const BELOW: f64 = 80.0;

/// A curve with the status of all entities.
type Followed<'a> = (&'a Curve, Vec<Member>);

/// Draws an adoption: one picture, or as many as its panels need pages.
pub fn draw(adoption: &Adoption, graph: &Graph, looks: &PictureStyle, room: Room) -> Vec<Picture> {
    let people = population(adoption, graph, looks.untold);
    let of_each = adoption.curves.iter().take_while(|_| !is_over_after(people.len()));
    let curves: Vec<Followed> = of_each.map(|curve| (curve, series::members(curve, &people, graph))).collect();
    // The same for all curves: it depends on the dates of all people alone.
    let shares = adoption.timed && curves.first().is_some_and(|(_, members)| series::has_shares(members));
    let asked = Asked { adoption, graph, looks, room, people: &people, noun: noun(graph, &people), shares };
    let used: Vec<Followed> = curves.into_iter().filter(|(curve, _)| !series::adopters(curve).is_empty()).collect();
    let together = match looks.panels {
        Panels::Auto => (2..FEW).contains(&used.len()),
        Panels::Together => (2..COLOURS).contains(&used.len()),
        Panels::Apart => false,
    };
    match adoption.timed && together {
        true => vec![compare::picture(&asked, &used)],
        false => asked.panels(&used),
    }
}

/// The input of all panels.
struct Asked<'a> {
    adoption: &'a Adoption,
    graph: &'a Graph,
    looks: &'a PictureStyle,
    room: Room,
    people: &'a [EntityId],
    /// The noun for the people: `model`.
    noun: String,
    /// Whether there are enough of them for shares.
    shares: bool,
}

/// The number of panels in a row; the width of each; the height of its head, and of a row.
#[derive(Debug, Clone, Copy)]
struct Size {
    columns: usize,
    wide: f64,
    head: f64,
    height: f64,
}

impl Asked<'_> {
    fn panels(&self, used: &[Followed]) -> Vec<Picture> {
        let most = self.adoption.curves.iter().map(|curve| panel::longest(self.adoption, curve)).max().unwrap_or(0);
        let all = used.iter().take_while(|_| !is_over_after(self.people.len()));
        let mut panels: Vec<Panel> = all
            .map(|(curve, members)| {
                let plot = match self.adoption.timed {
                    true => self.plot(members),
                    false => Plot::Bars(panel::bars(self.adoption, curve), most),
                };
                Panel::new(curve, members.clone(), plot, self.graph, &self.noun)
            })
            .collect();
        panels.sort_by(|a, b| b.rank().partial_cmp(&a.rank()).unwrap_or(std::cmp::Ordering::Equal));
        let left_out = panels.split_off(panels.len().min(self.looks.top.unwrap_or(TOP)));
        let frame = self.frame(&panels, &left_out);
        let (columns, wide) = self.columns(panels.len());
        let is_only = self.adoption.curves.len() == 1;
        let head = panels.iter().map(|panel| panel.head(wide, is_only)).fold(0.0, f64::max);
        let height = head + panels.iter().map(Panel::body).fold(0.0, f64::max) + ROW_GAP;
        let size = Size { columns, wide, head, height };
        let width = 2.0 * MARGIN + columns as f64 * (wide + GAP) - GAP;
        let top = frame::top(&frame, width) + 14.0;
        let rows = self.room.height.map_or(usize::MAX / columns, |page| ((page - top - BELOW) / height) as usize);
        let mut pages: Vec<Picture> = panels
            .chunks((rows.max(1) * columns).max(1))
            .map(|part| self.page(part, &frame, size, span_of(&panels)))
            .collect();
        if pages.is_empty() {
            pages.push(self.page(&[], &frame, Size { columns: 1, ..size }, None));
        }
        super::paper::number(&mut pages);
        pages
    }

    fn plot(&self, members: &[Member]) -> Plot {
        if self.shares { Plot::Shares(series::shares(members)) } else { Plot::Counts(series::counts(members)) }
    }

    /// Returns the number of panels in a row, and the width of each.
    fn columns(&self, panels: usize) -> (usize, f64) {
        let room = self.room.width.map(|width| width - 2.0 * MARGIN);
        if panels == 1 {
            return (1, room.map_or(ONLY_PANEL, |room| room.clamp(LEAST_PANEL, ONLY_PANEL)));
        }
        let fitting = |room: f64| ((room + GAP) / (PANEL + GAP)).max(1.0) as usize;
        let columns = room.map_or(COLUMNS, fitting).clamp(1, COLUMNS).min(panels.max(1));
        let share = |room: f64| (room + GAP) / columns as f64 - GAP;
        (columns, room.map_or(PANEL, |room| share(room).clamp(LEAST_PANEL, PANEL * 1.25)))
    }

    fn page(&self, panels: &[Panel], frame: &Frame, size: Size, span: Option<(f64, f64)>) -> Picture {
        let Size { columns, wide, head, height } = size;
        let width = 2.0 * MARGIN + columns as f64 * (wide + GAP) - GAP;
        let is_only = self.adoption.curves.len() == 1;
        let top = frame::top(frame, width) + if is_only { -6.0 } else { 14.0 };
        let mut marks = Vec::new();
        for (i, panel) in panels.iter().enumerate().take_while(in_budget) {
            let x = MARGIN + (i % columns) as f64 * (wide + GAP);
            let y = top + (i / columns) as f64 * height;
            marks.extend(panel.marks(Area::new(x, y, wide, height - ROW_GAP), head, span, self.graph, is_only));
        }
        let rows = panels.len().div_ceil(columns) as f64;
        let defs = vec![Def::Hatch { id: "begat-hatch".into(), class: "sa".into(), opacity: 0.3 }];
        let picture = Picture { width, defs, marks, ..Picture::default() };
        let signs = if self.adoption.timed { signs(self.looks.untold) } else { Vec::new() };
        surround(frame, picture, top + rows * height - 24.0, signs)
    }

    /// Returns the texts around the panels; `left_out` are those that are not drawn.
    fn frame(&self, panels: &[Panel], left_out: &[Panel]) -> Frame {
        let adopted: Vec<EntityId> = panels.iter().map(|panel| panel.adopted).collect();
        let mut rules = vec![rule(self)];
        if panels.len() > 1 {
            rules.push("most used today first".into());
        }
        if !left_out.is_empty() {
            let entities: Vec<EntityId> = left_out.iter().map(|panel| panel.adopted).collect();
            let many = counted(left_out.len(), &noun(self.graph, &entities));
            rules.push(format!("and {many} less used, which are not drawn"));
        }
        rules.extend(unused(self.adoption, self.graph));
        let best: Vec<String> = panels.iter().take(5).map(|panel| format!("{} {}", panel.name, panel.now())).collect();
        let desc = format!(
            "{}, one for each adopted entity: its use by {}s. {}. The title of each mark names its source.",
            counted(panels.len(), "panel"),
            self.noun,
            best.join(", ")
        );
        self.words(title(&adopted, self), rules, desc, true)
    }

    /// `hatches` is false for drawings without hatching, which leave out what is only possible.
    fn words(&self, title: String, rules: Vec<String>, desc: String, hatches: bool) -> Frame {
        let adopted = self.adoption.curves.iter().map(|curve| curve.adopted);
        let shown: Vec<EntityId> = self.people.iter().copied().chain(adopted).collect();
        frame(self.graph, self.looks, Words { title, rules, notes: notes(self, hatches), desc, shown: &shown })
    }
}

/// Maximum number of panels unless the style sets it.
const TOP: usize = 12;

fn span_of(panels: &[Panel]) -> Option<(f64, f64)> {
    series::span(panels.iter().map(|panel| (panel.members.as_slice(), panel.levels())))
}

/// Returns the entities that the query asks about; otherwise all that could adopt: the entities of the subject types of
/// adoption verbs, and the adopters. Entities without any stated adoption are dropped if the style says so.
fn population(adoption: &Adoption, graph: &Graph, untold: Untold) -> Vec<EntityId> {
    if let Some(among) = &adoption.among {
        return among.clone();
    }
    let verbs = graph.schema().adoption_verbs();
    let types = verbs.iter().fold(crate::schema::TypeSet::NONE, |all, verb| all.or(graph.schema().verb(*verb).from));
    let mut people: Vec<EntityId> = graph.ranges(types).into_iter().flatten().map(EntityId).collect();
    if untold == Untold::LeftOut {
        people.retain(|entity| !series::is_silent(*entity, graph));
    }
    people.extend(adoption.curves.iter().flat_map(series::adopters));
    people.sort();
    people.dedup();
    people
}

/// Returns the title: `How GQA spread through 36 models`; names the adopted entities if they are few.
fn title(adopted: &[EntityId], asked: &Asked) -> String {
    let names: Vec<String> = adopted.iter().map(|entity| asked.graph.name(*entity).to_string()).collect();
    let what = match adopted.len() {
        0 => "nothing".to_string(),
        1..FEW => listed(&names),
        many => counted(many, &noun(asked.graph, adopted)),
    };
    format!("How {what} spread through {}", counted(asked.people.len(), &asked.noun))
}

/// Returns the explanation that is needed to read the panels.
fn rule(asked: &Asked) -> String {
    let noun = &asked.noun;
    let undated = asked.people.iter().filter(|entity| asked.graph.date_of(**entity).is_undated()).count();
    let left_out = if undated > 0 { format!(", without {undated} undated") } else { String::new() };
    match (asked.adoption.timed, asked.shares) {
        (false, _) => format!("how many {noun}s of each group adopted it"),
        (true, true) => format!("share of the last 12 months’ {noun}s that use it{left_out}"),
        (true, false) => format!("how many {noun}s had come to use it by each day{left_out}"),
    }
}

/// Returns further explanations.
fn notes(asked: &Asked, hatches: bool) -> Vec<String> {
    let noun = &asked.noun;
    if !asked.adoption.timed {
        return vec!["Hatched is what is only possible.".to_string()];
    }
    let few = counted(series::LEAST, noun);
    let mut notes = match asked.shares {
        true => vec![
            format!("A share is drawn while at least {few} fall into the 12 months."),
            format!("A {noun} counts at the middle of its dates."),
        ],
        false => vec![
            format!("There are no shares, since no 12 months hold {few}."),
            format!("A {noun} of which nothing is told is not counted."),
        ],
    };
    notes.extend(match asked.looks.untold {
        Untold::Possible => hatches.then(|| {
            format!("Hatched is what is possible: the fact is doubtful, or nothing is told of what the {noun} uses.")
        }),
        Untold::LeftOut => Some(format!("Each {noun} of which nothing is told is left out.")),
    });
    notes.push(format!("Each tick below is one {noun}."));
    notes
}

/// Names the entities without a panel, because nobody adopted them.
fn unused(adoption: &Adoption, graph: &Graph) -> Option<String> {
    let unused = adoption.curves.iter().filter(|curve| series::adopters(curve).is_empty());
    let names: Vec<&str> = unused.map(|curve| graph.name(curve.adopted)).collect();
    match names.len() {
        0 => None,
        1..=8 => Some(format!("no adopter is told of {}", names.join(", "))),
        many => Some(format!("no adopter is told of {many} more")),
    }
}

/// Returns the legend of the ticks; curves are labelled at their ends.
fn signs(untold: Untold) -> Vec<Sign> {
    let area = |height: f64, width: f64| Area::new(2.0, -height / 2.0, width, height);
    let sign = |mark: Mark, word: &str| Sign { marks: vec![mark], room: 6.0, word: word.to_string() };
    let mut signs = vec![sign(Mark::fill(area(12.0, 2.6), "fa"), "uses it")];
    if untold == Untold::Possible {
        signs.push(sign(panel::dashed(area(11.0, 3.0)), "perhaps"));
    }
    signs.push(sign(Mark::fill(area(6.0, 1.6), "fg"), "does not"));
    signs
}

/// Returns the certain or possible first adopters: `Llama 2, 2023-07`.
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

/// Returns the distinct certain users, and the possible ones.
fn users(curve: &Curve) -> (FxHashSet<EntityId>, FxHashSet<EntityId>) {
    let certain: FxHashSet<EntityId> =
        curve.certain.iter().flatten().chain(&curve.wide).chain(&curve.undated).copied().collect();
    let possible = curve.possible.iter().flatten().filter(|entity| !certain.contains(entity)).copied().collect();
    (certain, possible)
}

/// Returns the point on the baseline for a day.
fn place(day: f64, span: (f64, f64), area: Area) -> crate::render::picture::paint::marks::Point {
    let share = ((day - span.0) / (span.1 - span.0).max(1.0)).clamp(0.0, 1.0);
    point(area.x + share * area.width, area.bottom())
}

/// Returns the sentence and sources of the fact that an adopter uses an adopted entity; the adopter's name if there is
/// no fact.
fn sentence(adopter: EntityId, adopted: EntityId, graph: &Graph) -> String {
    for verb in graph.schema().adoption_verbs() {
        if let Some(fact) = graph.relation(verb).fact(adopter, adopted) {
            return cite::link(graph, adopter, verb, adopted, fact);
        }
    }
    graph.name(adopter).to_string()
}
