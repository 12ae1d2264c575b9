//! Measures finished pictures: where their texts and lines are, whatever drew them.

use crate::render::picture::paint::marks::{Anchor, MORE, Mark, Picture, Point, Step, Text, point};
use crate::render::picture::paint::metrics::{Weight, width};
use std::collections::HashMap;

/// A text as a box, which may be turned.
#[derive(Debug, Clone)]
pub struct Words {
    pub text: String,
    /// The corners, clockwise.
    corners: [Point; 4],
    /// The edges: left, top, right, bottom.
    bounds: [f64; 4],
}

/// A line that means something: not the paper, a grid or an axis.
#[derive(Debug, Clone)]
pub struct Line {
    /// What its group says; may be empty.
    pub title: String,
    pub points: Vec<Point>,
}

/// The texts and lines of a picture.
#[derive(Debug, Default)]
pub struct Shapes {
    pub words: Vec<Words>,
    pub lines: Vec<Line>,
}

impl Shapes {
    pub fn of(picture: &Picture) -> Shapes {
        let mut shapes = Shapes::default();
        picture.marks.iter().for_each(|mark| shapes.add(mark, ""));
        shapes
    }

    fn add(&mut self, mark: &Mark, title: &str) {
        match mark {
            Mark::Text(text) if !text.text.is_empty() => self.words.push(Words::of(text)),
            Mark::Path { steps, class, stroke, .. } if *stroke > 0.0 && is_line(class) => {
                let runs = sampled(steps).into_iter().filter(|points| points.len() > 1);
                self.lines.extend(runs.map(|points| Line { title: title.to_string(), points }));
            }
            Mark::Group(group) => {
                let title = if group.title.is_empty() { title } else { &group.title };
                group.marks.iter().for_each(|mark| self.add(mark, title));
            }
            _ => {}
        }
    }

    /// Returns the pairs of texts that overlap.
    pub fn overlaps(&self) -> Vec<(&str, &str)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        for near in self.by_cell().values() {
            let pairs = near.iter().enumerate().flat_map(|(k, i)| near[k + 1..].iter().map(move |j| (*i, *j)));
            found.extend(pairs.filter(|(i, j)| self.words[*i].overlaps(&self.words[*j])));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(i, j)| (&*self.words[i].text, &*self.words[j].text)).collect()
    }

    /// Returns the lines that run through a text, each with the first such text.
    pub fn struck(&self) -> Vec<(&str, &str)> {
        let by_cell = self.by_cell();
        let near = |at: &Point| by_cell.get(&(cell(at.x), cell(at.y))).into_iter().flatten().map(|i| &self.words[*i]);
        let hit = |line: &Line| line.points.iter().find_map(|at| near(at).find(|words| words.holds(*at)));
        self.lines.iter().filter_map(|line| Some((&*line.title, &*hit(line)?.text))).collect()
    }

    /// Returns the indexes of the texts that touch each square of a grid.
    fn by_cell(&self) -> HashMap<(i64, i64), Vec<usize>> {
        let mut by_cell: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
        for (i, words) in self.words.iter().enumerate() {
            let [left, top, right, bottom] = words.bounds.map(cell);
            let cells = (left..=right).flat_map(|x| (top..=bottom).map(move |y| (x, y)));
            cells.for_each(|place| by_cell.entry(place).or_default().push(i));
        }
        by_cell
    }

    /// Returns the texts that reach beyond the edges.
    pub fn outside(&self, picture: &Picture) -> Vec<&str> {
        let is_outside = |[left, top, right, bottom]: [f64; 4]| {
            left < 0.0 || top < 0.0 || right > picture.width || bottom > picture.height
        };
        self.words.iter().filter(|words| is_outside(words.bounds)).map(|words| &*words.text).collect()
    }
}

/// Returns the column or row of a grid of squares.
fn cell(length: f64) -> i64 {
    (length / 32.0).floor() as i64
}

/// Heights above and below the base line in relation to the font size: those of capitals and of descenders.
const ABOVE: f64 = 0.74;
const BELOW: f64 = 0.2;

impl Words {
    fn of(text: &Text) -> Words {
        let weight = if text.bold { Weight::Bold } else { Weight::Regular };
        let more = if text.more.is_empty() { 0.0 } else { 5.0 + width(&text.more, text.size * MORE, Weight::Regular) };
        let long = width(&text.text, text.size, weight) + more;
        let left = match text.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => -long / 2.0,
            Anchor::End => -long,
        };
        let (up, down) = (-ABOVE * text.size, BELOW * text.size);
        let (sin, cos) = text.turn.to_radians().sin_cos();
        let turned = |(x, y): (f64, f64)| point(text.at.x + x * cos - y * sin, text.at.y + x * sin + y * cos);
        let corners = [(left, up), (left + long, up), (left + long, down), (left, down)].map(turned);
        let least = |of: fn(&Point) -> f64| corners.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&Point) -> f64| corners.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let bounds = [least(|at| at.x), least(|at| at.y), most(|at| at.x), most(|at| at.y)];
        let text = if text.more.is_empty() { text.text.clone() } else { format!("{} | {}", text.text, text.more) };
        Words { text, corners, bounds }
    }

    /// Returns whether some line separates the boxes: of convex shapes, one along a side of either does if any does.
    fn overlaps(&self, other: &Words) -> bool {
        let apart = |of: &Words| {
            (0..4).any(|i| {
                let (a, b) = (of.corners[i], of.corners[(i + 1) % 4]);
                let (nx, ny) = (b.y - a.y, a.x - b.x);
                let reach = |words: &Words| {
                    let along = words.corners.map(|at| at.x * nx + at.y * ny);
                    (
                        along.iter().copied().fold(f64::INFINITY, f64::min),
                        along.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                    )
                };
                let (own, others) = (reach(self), reach(other));
                // Half a pixel may be shared.
                let shared = nx.hypot(ny) * 0.5;
                own.1 <= others.0 + shared || others.1 <= own.0 + shared
            })
        };
        !apart(self) && !apart(other)
    }

    fn holds(&self, at: Point) -> bool {
        (0..4).all(|i| {
            let (a, b) = (self.corners[i], self.corners[(i + 1) % 4]);
            (b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x) > 0.0
        })
    }
}

/// Returns whether a path is neither an area nor the ground: its stroke has a colour of an owner, of a curve, or grey.
fn is_line(class: &str) -> bool {
    let is_stroke =
        |word: &str| word == "sa" || word == "sg" || word.strip_prefix('s').is_some_and(|n| n.parse::<u8>().is_ok());
    class.split(' ').any(is_stroke)
}

/// Returns points along each run of a path, at most a pixel and a half apart.
fn sampled(steps: &[Step]) -> Vec<Vec<Point>> {
    const PACE: f64 = 1.5;
    let mut runs: Vec<Vec<Point>> = Vec::new();
    for step in steps {
        if let Step::Move(at) = step {
            runs.push(vec![*at]);
            continue;
        }
        let Some(run) = runs.last_mut() else { continue };
        let from = run[run.len() - 1];
        let ends = match *step {
            Step::Curve(b, c, d) => [from, b, c, d],
            Step::Line(to) => [from, from, to, to],
            Step::Close => [from, from, run[0], run[0]],
            Step::Move(_) => continue,
        };
        let length: f64 = ends.windows(2).map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y)).sum();
        let count = (length / PACE * 1.6).ceil().max(1.0) as usize;
        run.extend((1..=count).map(|i| on_curve(ends, i as f64 / count as f64)));
    }
    runs
}

fn on_curve([a, b, c, d]: [Point; 4], t: f64) -> Point {
    let u = 1.0 - t;
    let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
    let sum = |of: fn(Point) -> f64| {
        [a, b, c, d].into_iter().map(of).zip(weights).map(|(value, weight)| value * weight).sum()
    };
    point(sum(|at| at.x), sum(|at| at.y))
}

#[test]
fn texts_and_lines_are_measured() {
    let text = |x: f64, y: f64, turn: f64| {
        Mark::Text(Text { at: point(x, y), text: "MMMM".into(), size: 10.0, turn, ..Text::default() })
    };
    let line = |from: Point, to: Point| Mark::line(from, to, "s3", 1.0);
    let marks = vec![
        text(10.0, 50.0, 0.0),
        text(30.0, 55.0, 0.0),
        text(100.0, 90.0, -60.0),
        text(116.0, 90.0, -60.0),
        line(point(5.0, 47.0), point(20.0, 47.0)),
        line(point(0.0, 60.0), point(300.0, 60.0)),
        Mark::line(point(10.0, 47.0), point(40.0, 47.0), "rule", 1.0),
    ];
    let picture = Picture { width: 130.0, height: 100.0, marks, ..Picture::default() };
    let shapes = Shapes::of(&picture);
    assert_eq!(shapes.overlaps().len(), 1, "{:?}", shapes.overlaps());
    assert_eq!(shapes.struck().len(), 2, "{:?}", shapes.struck());
    assert_eq!(shapes.outside(&picture), ["MMMM"]);
}
