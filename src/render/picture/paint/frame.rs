//! The frame of every picture: title and subtitle above, legend and footer below.

use super::marks::{Anchor, Area, Mark, Picture, Text, point};
use super::metrics::{Weight, fit, width, wrap};

/// Margin at the left and right edge.
pub const MARGIN: f64 = 24.0;

const TITLE: f64 = 21.0;
/// Line height in relation to the font size.
const LEADING: f64 = 1.2;
/// Narrower pictures have a smaller title.
const NARROW: f64 = 620.0;
const SUBTITLE: f64 = 12.5;
const LINE: f64 = 17.0;
const LEGEND: f64 = 12.0;

/// The texts around a picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    pub title: String,
    /// What is needed to read the picture; joined by ` · `. Further explanations are in `desc`.
    pub rules: Vec<String>,
    /// The name of the graph and its newest date.
    pub footer: String,
    pub desc: String,
}

/// An entry of the legend. The marks are drawn relative to the origin: x from 0 to `room`, y around 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Sign {
    pub marks: Vec<Mark>,
    pub room: f64,
    pub word: String,
}

/// Safety factor for line widths, since a fallback font may be wider than the one measured.
const NARROWEST: f64 = 0.87;

/// Returns the y at which the drawing begins, below title and subtitle.
pub fn top(frame: &Frame, picture_width: f64) -> f64 {
    let (lines, size) = title(frame, picture_width);
    44.0 + size * LEADING * (lines.len() as f64 - 1.0) + LINE * subtitle(frame, picture_width).len() as f64
}

/// Returns the lines of the title, which is never truncated, and its font size.
fn title(frame: &Frame, picture_width: f64) -> (Vec<String>, f64) {
    let size = if picture_width < NARROW { 16.0 } else { TITLE };
    (wrap(&frame.title, (picture_width - 2.0 * MARGIN) * NARROWEST, size, Weight::Bold), size)
}

/// Returns the base line of the first line below the title.
fn below_title(frame: &Frame, picture_width: f64) -> f64 {
    let (lines, size) = title(frame, picture_width);
    58.0 + size * LEADING * (lines.len() as f64 - 1.0)
}

/// Returns the lines of the rules, broken between rules if possible, otherwise between words.
fn subtitle(frame: &Frame, picture_width: f64) -> Vec<String> {
    let room = (picture_width - 2.0 * MARGIN) * NARROWEST;
    let mut lines: Vec<String> = Vec::new();
    for rule in &frame.rules {
        let joined = lines.last().map(|line| format!("{line} · {rule}"));
        match joined.filter(|joined| width(joined, SUBTITLE, Weight::Regular) <= room) {
            Some(joined) => *lines.last_mut().expect("it was joined") = joined,
            None => lines.extend(wrap(rule, room, SUBTITLE, Weight::Regular)),
        }
    }
    lines
}

/// Adds the frame to marks that end at `bottom`; returns the finished picture.
pub fn surround(frame: &Frame, mut picture: Picture, bottom: f64, signs: Vec<Sign>) -> Picture {
    let (lines, size) = title(frame, picture.width);
    let title_line =
        |(i, line): (usize, &String)| text(MARGIN, 36.0 + size * LEADING * i as f64, line, size, "ink", true);
    let mut head: Vec<Mark> = lines.iter().enumerate().map(title_line).collect();
    let first = below_title(frame, picture.width);
    for (i, line) in subtitle(frame, picture.width).iter().enumerate() {
        head.push(text(MARGIN, first + LINE * i as f64, line, SUBTITLE, "quiet", false));
    }
    picture.marks.splice(0..0, head);
    let end = legend(&mut picture, signs, &frame.footer, bottom + 34.0);
    picture.height = (end + 22.0).ceil();
    picture.title = frame.title.clone();
    picture.desc = frame.desc.clone();
    picture
}

/// Draws the legend from the left and the footer at the right; returns the last base line.
fn legend(picture: &mut Picture, signs: Vec<Sign>, footer: &str, first: f64) -> f64 {
    let (mut x, mut y) = (MARGIN, first);
    let right = picture.width - MARGIN;
    for sign in signs {
        let needed = sign.room + 8.0 + width(&sign.word, LEGEND, Weight::Regular);
        if x > MARGIN && x + needed > right {
            (x, y) = (MARGIN, y + 22.0);
        }
        picture.marks.extend(sign.marks.into_iter().map(|mark| shifted(mark, x, y - 4.0)));
        picture.marks.push(text(x + sign.room + 8.0, y, &sign.word, LEGEND, "quiet", false));
        x += needed + 26.0;
    }
    let footer = fit(footer, right - MARGIN, 11.5, Weight::Regular);
    if x > MARGIN && x + width(&footer, 11.5, Weight::Regular) > right {
        y += 22.0;
    }
    picture.marks.push(Mark::Text(Text { anchor: Anchor::End, ..plain(right, y, &footer, 11.5, "quiet") }));
    y
}

/// Returns a line of text at a point of its base line.
pub fn text(x: f64, y: f64, words: &str, size: f64, class: &'static str, bold: bool) -> Mark {
    Mark::Text(Text { bold, ..plain(x, y, words, size, class) })
}

/// Returns the same as a [`Text`], which can be changed further.
pub fn plain(x: f64, y: f64, words: &str, size: f64, class: &'static str) -> Text {
    Text { at: point(x, y), text: words.to_string(), size, class, ..Text::default() }
}

/// Returns the mark, moved.
pub fn shifted(mark: Mark, dx: f64, dy: f64) -> Mark {
    use super::marks::Step;
    let moved = |at: super::marks::Point| point(at.x + dx, at.y + dy);
    match mark {
        Mark::Box { area, round, class, opacity, fill } => {
            let area = Area { x: area.x + dx, y: area.y + dy, ..area };
            Mark::Box { area, round, class, opacity, fill }
        }
        Mark::Dot { at, radius, class, stroke } => Mark::Dot { at: moved(at), radius, class, stroke },
        Mark::Path { mut steps, class, stroke, dash, opacity } => {
            for step in &mut steps {
                *step = match *step {
                    Step::Move(a) => Step::Move(moved(a)),
                    Step::Line(a) => Step::Line(moved(a)),
                    Step::Curve(a, b, c) => Step::Curve(moved(a), moved(b), moved(c)),
                    Step::Close => Step::Close,
                };
            }
            Mark::Path { steps, class, stroke, dash, opacity }
        }
        Mark::Text(words) => Mark::Text(Text { at: moved(words.at), ..words }),
        Mark::Group(mut group) => {
            group.marks = group.marks.into_iter().map(|mark| shifted(mark, dx, dy)).collect();
            Mark::Group(group)
        }
    }
}
