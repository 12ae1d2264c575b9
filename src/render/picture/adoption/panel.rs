//! Draws a panel: title, curve with a hatched band, and a tick for each entity.

use super::super::counted;
use super::super::paint::frame::text;
use super::super::paint::marks::{Area, Group, Mark, Point, Step, outline, point};
use super::super::paint::metrics::{Weight, fit, width, wrap};
use super::axes::{axes, values};
use super::series::{Level, Member, Status};
use super::{first, place, sentence};
use crate::answer::{Adoption, Curve};
use crate::graph::{EntityId, Graph};
use crate::render::picture::cite::middle;

/// The panel of one adopted entity.
#[derive(Debug, Clone)]
pub struct Panel {
    pub name: String,
    pub adopted: EntityId,
    note: String,
    pub members: Vec<Member>,
    plot: Plot,
}

#[derive(Debug, Clone)]
pub enum Plot {
    Shares(Vec<Level>),
    Counts(Vec<Level>),
    /// Groups with the numbers of certain and possible adopters; and the maximum over all panels.
    Bars(Vec<(String, usize, usize)>, usize),
}

/// The height of a name and a note of one line each, and of every further line.
const HEAD: f64 = 46.0;
const NAME_LINE: f64 = 18.0;
const NOTE_LINE: f64 = 14.5;
/// Heights of a curve of shares, and of one of numbers, which is lower.
const CURVE: f64 = 140.0;
const LOW_CURVE: f64 = 72.0;
const TICKS: f64 = 58.0;

/// Above this number of entities ticks are thinner and have fewer titles.
const MANY: usize = 80;
const LEFT: f64 = 36.0;
const RIGHT: f64 = 46.0;
const BAR: f64 = 21.0;
/// Sizes of the name and of the note.
const NAME: f64 = 15.0;
const NOTE: f64 = 11.5;

impl Panel {
    pub fn new(curve: &Curve, members: Vec<Member>, plot: Plot, graph: &Graph, noun: &str) -> Panel {
        let uses = members.iter().filter(|member| member.status == Status::Uses).count();
        let undated = members.iter().filter(|m| m.status == Status::Uses && m.date.is_undated()).count();
        let of = format!("{uses} of {}", counted(members.len(), noun));
        let undated = (undated > 0).then(|| format!("{undated} undated"));
        let untold = members.iter().filter(|member| matches!(member.status, Status::Maybe | Status::Silent)).count();
        let untold = (untold > 0).then(|| format!("{untold} perhaps"));
        let first = Some(first(curve, graph)).filter(|words| !words.is_empty());
        let parts = [first, Some(of), undated, untold];
        let note = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Panel { name: graph.name(curve.adopted).to_string(), adopted: curve.adopted, note, members, plot }
    }

    /// Returns the sort key of panels: the last certain value, the last possible value, the number of users ever.
    pub fn rank(&self) -> (f64, f64, usize) {
        let uses = self.members.iter().filter(|member| member.status == Status::Uses).count();
        match self.levels().and_then(|levels| levels.last()) {
            Some(level) => (level.low, level.high, uses),
            None => (0.0, 0.0, uses),
        }
    }

    pub fn levels(&self) -> Option<&[Level]> {
        match &self.plot {
            Plot::Shares(levels) | Plot::Counts(levels) => Some(levels),
            Plot::Bars(..) => None,
        }
    }

    /// Returns the last value as text.
    pub fn now(&self) -> String {
        match (&self.plot, self.levels().and_then(|levels| levels.last())) {
            (Plot::Shares(_), Some(level)) => format!("{:.0}%", level.low * 100.0),
            (_, Some(level)) => format!("{:.0}", level.low),
            (_, None) => counted(self.members.iter().filter(|member| member.status == Status::Uses).count(), "adopter"),
        }
    }

    /// Returns the height of the part below the head.
    pub fn body(&self) -> f64 {
        match &self.plot {
            Plot::Bars(groups, _) => 10.0 + BAR * groups.len() as f64,
            _ => self.curve_height() + TICKS,
        }
    }

    /// Returns the height of the name, which is left out if the panel is the only one, and of the note below it.
    pub fn head(&self, wide: f64, is_only: bool) -> f64 {
        let names = if is_only { 0 } else { self.name_lines(wide).len() - 1 };
        HEAD + NAME_LINE * names as f64 + NOTE_LINE * (self.note_lines(wide).len() - 1) as f64
    }

    fn name_lines(&self, wide: f64) -> Vec<String> {
        wrap(&self.name, wide, NAME, Weight::Bold)
    }

    fn note_lines(&self, wide: f64) -> Vec<String> {
        wrap(&self.note, wide, NOTE, Weight::Regular)
    }

    fn curve_height(&self) -> f64 {
        if matches!(self.plot, Plot::Counts(_)) { LOW_CURVE } else { CURVE }
    }

    /// Draws the panel, whose head is as high as the highest of its row; omits its name if it is the only one.
    pub fn marks(&self, area: Area, head: f64, span: Option<(f64, f64)>, graph: &Graph, is_only: bool) -> Vec<Mark> {
        let mut marks = self.head_marks(area, is_only);
        let top = area.y + head;
        let plot = Area::new(area.x + LEFT, top, area.width - LEFT - RIGHT, self.curve_height());
        match (&self.plot, span) {
            (Plot::Bars(groups, most), _) => marks.extend(bar_marks(groups, *most, Area { y: top, ..area })),
            (Plot::Shares(levels), Some(span)) => {
                marks.extend(axes(plot, span, &values(None), 1.0));
                marks.extend(self.curve(levels, plot, span, 1.0));
                marks.extend(self.ticks(plot, span, graph));
            }
            (Plot::Counts(levels), Some(span)) => {
                let most = levels.iter().map(|level| level.high).fold(1.0, f64::max);
                marks.extend(axes(plot, span, &values(Some(most)), most));
                marks.extend(self.curve(levels, plot, span, most));
                marks.extend(self.ticks(plot, span, graph));
            }
            (_, None) => marks.push(text(area.x, top + 20.0, "nothing is dated", 11.5, "quiet", false)),
        }
        marks
    }

    fn head_marks(&self, area: Area, is_only: bool) -> Vec<Mark> {
        let mut below = area.y + 14.0;
        let mut marks = Vec::new();
        for line in self.name_lines(area.width).iter().filter(|_| !is_only) {
            marks.push(text(area.x, below, line, NAME, "ink", true));
            below += NAME_LINE;
        }
        let first = if is_only { area.y + 31.0 } else { below - 1.0 };
        let lines = self.note_lines(area.width);
        let note = |(i, line): (usize, &String)| text(area.x, first + NOTE_LINE * i as f64, line, NOTE, "quiet", false);
        marks.extend(lines.iter().enumerate().map(note));
        marks
    }

    /// Draws the step line, the area below it, the hatched band above it, and the last value.
    fn curve(&self, all: &[Level], plot: Area, span: (f64, f64), most: f64) -> Vec<Mark> {
        let levels: Vec<Level> = all.iter().filter(|level| level.to > span.0).copied().collect();
        let y = |value: f64| plot.bottom() - value / most * plot.height;
        let x = |day: f64| place(day, span, plot).x;
        let mut marks = Vec::new();
        for band in merged(&levels).iter().filter(|level| level.high > level.low) {
            let area = Area::new(x(band.from), y(band.high), x(band.to) - x(band.from), y(band.low) - y(band.high));
            let hatch = "begat-hatch".to_string();
            marks.push(Mark::Box { area, round: 0.0, class: String::new(), opacity: 1.0, fill: hatch });
        }
        for run in runs(&levels) {
            let corners: Vec<Point> = run
                .iter()
                .flat_map(|level| [point(x(level.from), y(level.low)), point(x(level.to), y(level.low))])
                .collect();
            let mut ground = outline(&corners);
            let ends = corners.first().zip(corners.last());
            if let Some((first, last)) = ends {
                ground.extend([Step::Line(point(last.x, plot.bottom())), Step::Line(point(first.x, plot.bottom()))]);
                ground.push(Step::Close);
            }
            marks.push(Mark::Path { steps: ground, class: "fa".into(), stroke: 0.0, dash: "", opacity: 0.13 });
            let steps = outline(&corners);
            marks.push(Mark::Path { steps, class: "n sa".into(), stroke: 2.2, dash: "", opacity: 1.0 });
        }
        if let Some(last) = levels.last() {
            marks.extend(self.last_value(last, point(x(last.to), y(last.low)), y(last.high)));
        }
        marks
    }

    fn last_value(&self, last: &Level, at: Point, high: f64) -> Vec<Mark> {
        let words = |value: f64| match self.plot {
            Plot::Shares(_) => format!("{:.0}", value * 100.0),
            _ => format!("{value:.0}"),
        };
        let unit = if matches!(self.plot, Plot::Shares(_)) { "%" } else { "" };
        let mut marks = vec![Mark::Dot { at, radius: 3.6, class: "fa".into(), stroke: 0.0 }];
        marks.push(text(at.x + 8.0, at.y + 4.5, &format!("{}{unit}", words(last.low)), 13.5, "ink halo", true));
        if last.high > last.low {
            let above = (high + 4.0).min(at.y - 11.0);
            marks.push(text(at.x + 8.0, above, &format!("≤{}", words(last.high)), 11.0, "quiet halo", false));
        }
        marks
    }

    /// Draws a tick for each dated entity: users and possible users with titles, the others as one path. With many
    /// entities the possible ones are one path, too, because their titles would be equal in every panel.
    fn ticks(&self, plot: Area, span: (f64, f64), graph: &Graph) -> Vec<Mark> {
        let (mut marks, mut others, mut possible) = (Vec::new(), Vec::new(), Vec::new());
        let many = self.members.len() > MANY;
        for member in &self.members {
            let Some(day) = middle(member.date).filter(|day| *day >= span.0) else { continue };
            let x = place(day, span, plot).x;
            match member.status {
                Status::Not => {
                    others.push(Step::Move(point(x, plot.bottom() + 36.0)));
                    others.push(Step::Line(point(x, plot.bottom() + 42.0)));
                }
                Status::Maybe | Status::Silent if many => {
                    possible.push(Step::Move(point(x, plot.bottom() + 22.0)));
                    possible.push(Step::Line(point(x, plot.bottom() + 33.0)));
                }
                status => marks.push(self.tick(member, status, point(x, plot.bottom() + 22.0), graph)),
            }
        }
        for (steps, class, stroke, dash) in [(others, "n sg", 1.4, ""), (possible, "n sa", 0.9, "1.5 1.2")] {
            if !steps.is_empty() {
                marks.push(Mark::Path { steps, class: class.into(), stroke, dash, opacity: 0.7 });
            }
        }
        marks
    }

    fn tick(&self, member: &Member, status: Status, at: Point, graph: &Graph) -> Mark {
        let thick = if self.members.len() > MANY { 1.4 } else { 2.6 };
        let area = Area::new(at.x - thick / 2.0, at.y, thick, 11.0);
        let words = match status {
            Status::Uses => sentence(member.entity, self.adopted, graph),
            Status::Maybe => format!("{}: perhaps", sentence(member.entity, self.adopted, graph)),
            _ => format!("{}: perhaps, nothing is told", graph.name(member.entity)),
        };
        let mark = if status == Status::Uses { Mark::fill(area, "fa") } else { dashed(area) };
        Mark::Group(Group {
            class: "m v".into(),
            title: format!("{words} · {}", member.date.describe()),
            stop: true,
            data: vec![("i", member.entity.0.to_string())],
            marks: vec![mark],
            ..Group::default()
        })
    }
}

/// Draws the box of a possible user.
pub fn dashed(area: Area) -> Mark {
    let corners = [
        point(area.x, area.y),
        point(area.right(), area.y),
        point(area.right(), area.bottom()),
        point(area.x, area.bottom()),
    ];
    let mut steps = outline(&corners);
    steps.push(Step::Close);
    Mark::Path { steps, class: "n sa".into(), stroke: 0.9, dash: "1.5 1.2", opacity: 1.0 }
}

/// Merges adjacent levels of equal value.
pub fn merged(levels: &[Level]) -> Vec<Level> {
    let mut out: Vec<Level> = Vec::new();
    for level in levels {
        match out.last_mut() {
            Some(last) if last.to == level.from && last.low == level.low && last.high == level.high => {
                last.to = level.to
            }
            _ => out.push(*level),
        }
    }
    out
}

/// Splits levels at gaps.
pub fn runs(levels: &[Level]) -> Vec<Vec<Level>> {
    let mut runs: Vec<Vec<Level>> = Vec::new();
    for level in merged(levels) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| last.to == level.from) => run.push(level),
            _ => runs.push(vec![level]),
        }
    }
    runs
}

/// Returns the groups of an answer with the numbers of this curve's adopters.
pub fn bars(adoption: &Adoption, curve: &Curve) -> Vec<(String, usize, usize)> {
    let count = |lists: &[Vec<EntityId>], i: usize| lists.get(i).map_or(0, Vec::len);
    let group = |(i, head): (usize, &String)| (head.clone(), count(&curve.certain, i), count(&curve.possible, i));
    adoption.periods.iter().enumerate().map(group).collect()
}

/// Returns the largest number of certain and possible adopters in a group of this curve.
pub fn longest(adoption: &Adoption, curve: &Curve) -> usize {
    bars(adoption, curve).iter().map(|(_, certain, possible)| certain + possible).max().unwrap_or(0)
}

fn bar_marks(groups: &[(String, usize, usize)], most: usize, area: Area) -> Vec<Mark> {
    let widest = groups.iter().map(|(head, ..)| width(head, 11.5, Weight::Regular)).fold(0.0, f64::max);
    let label = widest.min(area.width * 0.4);
    let most = most.max(1) as f64;
    let room = area.width - label - 44.0;
    let mut marks = Vec::new();
    for (i, (head, certain, possible)) in groups.iter().enumerate() {
        let y = area.y + BAR * i as f64;
        let head = fit(head, label, 11.5, Weight::Regular);
        marks.push(text(area.x, y + 11.5, &head, 11.5, "quiet", false));
        let x = area.x + label + 8.0;
        let sure = *certain as f64 / most * room;
        let perhaps = *possible as f64 / most * room;
        marks.push(Mark::rounded(Area::new(x, y + 2.0, sure, 12.0), 1.5, "fa"));
        let area = Area::new(x + sure, y + 2.0, perhaps, 12.0);
        if *possible > 0 {
            marks.push(Mark::Box { area, round: 0.0, class: String::new(), opacity: 1.0, fill: "begat-hatch".into() });
        }
        let words = if *possible > 0 { format!("{certain}–{}", certain + possible) } else { certain.to_string() };
        marks.push(text(x + sure + perhaps + 6.0, y + 11.5, &words, 11.5, "ink", false));
    }
    marks
}
