//! Compares few curves in one panel: each is labelled at its end and has a row of ticks below.

use super::super::paint::frame::{self, MARGIN, surround, text};
use super::super::paint::marks::{Area, Group, Mark, Picture, Point, outline, point};
use super::super::paint::metrics::{Weight, fit, width};
use super::super::paint::palette;
use super::axes::{axes, values};
use super::panel::runs;
use super::series::{self, Level, Status};
use super::{Asked, Followed, place, sentence};
use crate::graph::EntityId;
use crate::limits::in_budget;
use crate::render::picture::cite::middle;

const WIDTH: f64 = 820.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 36.0;
const ROW: f64 = 15.0;
const SIZE: f64 = 12.0;
/// Maximum width of a name at the end of a curve.
const NAME: f64 = 150.0;

/// A curve with the class of its colour.
struct Curve<'a> {
    name: &'a str,
    adopted: EntityId,
    members: &'a [series::Member],
    levels: Vec<Level>,
    class: String,
}

pub fn picture(asked: &Asked, used: &[Followed]) -> Picture {
    let lines = lines(asked, used);
    let adopted: Vec<EntityId> = lines.iter().map(|line| line.adopted).collect();
    let now: Vec<String> = lines.iter().map(|line| format!("{} {}", line.name, now(line, asked.shares))).collect();
    let desc = format!(
        "A chart of {} curves: {}. What is only possible is left out. The title of each mark names its source.",
        lines.len(),
        now.join(", ")
    );
    let rules = vec![super::rule(asked), "without what is only possible".to_string()];
    let frame = asked.words(super::title(&adopted, asked), rules, desc, false);
    let wide = asked.room.width.map_or(WIDTH, |room| room.clamp(300.0, WIDTH * 1.2));
    let names = lines.iter().map(|line| width(&end_words(line, asked), SIZE, Weight::Bold)).fold(0.0, f64::max);
    let right = names + 16.0;
    let top = frame::top(&frame, wide) + 18.0;
    let plot = Area::new(MARGIN + LEFT, top, wide - 2.0 * MARGIN - LEFT - right, HEIGHT);
    let span = series::span(lines.iter().map(|line| (line.members, Some(line.levels.as_slice()))));
    let highest = lines.iter().flat_map(|line| &line.levels).map(|level| level.low).fold(1.0, f64::max);
    let (scale, most) = if asked.shares { (values(None), 1.0) } else { (values(Some(highest)), highest) };
    let mut marks = Vec::new();
    match span {
        Some(span) => {
            marks.extend(axes(plot, span, &scale, most));
            marks.extend(lines.iter().flat_map(|line| curve(line, plot, span, most)));
            marks.extend(ends(&lines, asked, plot, span, most));
            for (i, line) in lines.iter().enumerate().take_while(in_budget) {
                marks.extend(ticks(line, i, plot, span, asked));
            }
        }
        None => marks.push(text(plot.x, plot.y + 20.0, "nothing is dated", 11.5, "quiet", false)),
    }
    let picture = Picture { width: wide, marks, ..Picture::default() };
    surround(&frame, picture, plot.bottom() + 30.0 + ROW * lines.len() as f64, Vec::new())
}

/// Returns the curves, sorted by today's value, largest first.
fn lines<'a>(asked: &'a Asked, used: &'a [Followed]) -> Vec<Curve<'a>> {
    let line = |(curve, members): &'a Followed| Curve {
        name: asked.graph.name(curve.adopted),
        adopted: curve.adopted,
        members,
        levels: if asked.shares { series::shares(members) } else { series::counts(members) },
        class: String::new(),
    };
    let mut lines: Vec<Curve> = used.iter().map(line).collect();
    let last = |line: &Curve| line.levels.last().map_or(0.0, |level| level.low);
    lines.sort_by(|a, b| last(b).total_cmp(&last(a)).then(a.adopted.cmp(&b.adopted)));
    lines.iter_mut().enumerate().for_each(|(i, line)| line.class = palette::lane(i, true).to_string());
    lines
}

fn now(line: &Curve, shares: bool) -> String {
    let last = line.levels.last().map_or(0.0, |level| level.low);
    if shares { format!("{:.0}%", last * 100.0) } else { format!("{last:.0}") }
}

/// Returns the name, truncated where it is too long, and the value of today.
fn end_words(line: &Curve, asked: &Asked) -> String {
    let value = format!(" {}", now(line, asked.shares));
    let name = fit(line.name, NAME - width(&value, SIZE, Weight::Bold), SIZE, Weight::Bold);
    name + &value
}

fn curve(line: &Curve, plot: Area, span: (f64, f64), most: f64) -> Vec<Mark> {
    let y = |value: f64| plot.bottom() - value / most * plot.height;
    let certain: Vec<Level> =
        line.levels.iter().filter(|level| level.to > span.0).map(|level| Level { high: level.low, ..*level }).collect();
    let steps = |run: Vec<Level>| {
        let corners: Vec<Point> = run
            .iter()
            .flat_map(|level| [level.from, level.to].map(|day| point(place(day, span, plot).x, y(level.low))))
            .collect();
        let class = format!("n s{}", line.class);
        Mark::Path { steps: outline(&corners), class, stroke: 2.2, dash: "", opacity: 1.0 }
    };
    runs(&certain).into_iter().map(steps).collect()
}

/// Draws the names at the ends of the curves, moved apart to avoid overlaps, each with a line to its end.
fn ends(lines: &[Curve], asked: &Asked, plot: Area, span: (f64, f64), most: f64) -> Vec<Mark> {
    let mut wishes: Vec<(usize, Point)> = lines
        .iter()
        .enumerate()
        .filter_map(|(i, line)| {
            let level = line.levels.last()?;
            let y = plot.bottom() - level.low / most * plot.height;
            Some((i, point(place(level.to, span, plot).x, y)))
        })
        .collect();
    wishes.sort_by(|a, b| a.1.y.total_cmp(&b.1.y).then(a.0.cmp(&b.0)));
    let places = apart(&wishes.iter().map(|(_, at)| at.y).collect::<Vec<_>>(), ROW, plot.bottom());
    let mark = |((i, at), y): (&(usize, Point), f64)| {
        let line = &lines[*i];
        let words = end_words(line, asked);
        let x = plot.right() + 12.0;
        [
            Mark::line(*at, point(x - 3.0, y), &format!("s{}", line.class), 1.0),
            Mark::Dot { at: *at, radius: 3.4, class: format!("f{}", line.class), stroke: 0.0 },
            text(x, y + 4.0, &words, SIZE, "ink halo", true),
        ]
    };
    wishes.iter().zip(places).flat_map(mark).collect()
}

/// Moves heights, sorted ascending, so that neighbours are at least `gap` apart and none exceeds `most`.
fn apart(wishes: &[f64], gap: f64, most: f64) -> Vec<f64> {
    let mut places: Vec<f64> = Vec::new();
    for wish in wishes {
        places.push(places.last().map_or(*wish, |last: &f64| wish.max(last + gap)));
    }
    let mut limit = most;
    for place in places.iter_mut().rev() {
        *place = place.min(limit);
        limit = *place - gap;
    }
    places
}

/// Draws a row of ticks: all users at their dates.
fn ticks(line: &Curve, row: usize, plot: Area, span: (f64, f64), asked: &Asked) -> Vec<Mark> {
    let y = plot.bottom() + 26.0 + ROW * row as f64;
    let users = line.members.iter().filter(|member| member.status == Status::Uses);
    let mut marks: Vec<Mark> = users
        .filter_map(|member| {
            let x = place(middle(member.date)?, span, plot).x;
            let mark = Mark::fill(Area::new(x - 0.8, y, 1.6, 10.0), &format!("f{}", line.class));
            let words = sentence(member.entity, line.adopted, asked.graph);
            Some(Mark::Group(Group {
                class: "m v".into(),
                title: format!("{words} · {}", member.date.describe()),
                stop: true,
                data: vec![("i", member.entity.0.to_string())],
                marks: vec![mark],
                ..Group::default()
            }))
        })
        .collect();
    let name = fit(line.name, NAME, 11.0, Weight::Regular);
    marks.push(text(plot.right() + 12.0, y + 9.0, &name, 11.0, "quiet", false));
    marks
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn names_do_not_overlap() {
        assert_eq!(apart(&[10.0, 12.0, 50.0], 15.0, 100.0), [10.0, 25.0, 50.0]);
        assert_eq!(apart(&[98.0, 99.0, 100.0], 15.0, 100.0), [70.0, 85.0, 100.0]);
    }
}
