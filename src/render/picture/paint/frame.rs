//! What stands around every picture: title and subtitle above, legend and source of the data below.

use super::marks::{Anchor, Area, Mark, Picture, Text, point};
use super::metrics::{Weight, fit, width, wrap};

/// Free space at the left and right edge.
pub const MARGIN: f64 = 24.0;

const TITLE: f64 = 21.0;
/// From line to line, in relation to the size.
const LEADING: f64 = 1.2;
/// Pictures that are narrower have a smaller title.
const NARROW: f64 = 620.0;
const SUBTITLE: f64 = 12.5;
const LINE: f64 = 17.0;
const LEGEND: f64 = 12.0;

/// The words around a picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    pub title: String,
    /// What must be known to read the picture; joined by ` · `. The rest is in `desc`.
    pub rules: Vec<String>,
    /// The graph and its newest date.
    pub footer: String,
    pub desc: String,
}

/// A sign and what it means. The signs are drawn around the origin's right: x from 0 to `room`, y about 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Sign {
    pub marks: Vec<Mark>,
    pub room: f64,
    pub word: String,
}

/// A font that is not the one measured may be wider: a full line in ours fills this part of the room.
const NARROWEST: f64 = 0.87;

/// Where the picture's own space begins, below title and subtitle.
pub fn top(frame: &Frame, picture_width: f64) -> f64 {
    let (lines, size) = title(frame, picture_width);
    44.0 + size * LEADING * (lines.len() as f64 - 1.0) + LINE * subtitle(frame, picture_width).len() as f64
}

/// The title in lines, none of them cut, and its size: smaller in a narrow picture.
fn title(frame: &Frame, picture_width: f64) -> (Vec<String>, f64) {
    let size = if picture_width < NARROW { 16.0 } else { TITLE };
    (wrap(&frame.title, (picture_width - 2.0 * MARGIN) * NARROWEST, size, Weight::Bold), size)
}

/// The base line of the first line below the title.
fn below_title(frame: &Frame, picture_width: f64) -> f64 {
    let (lines, size) = title(frame, picture_width);
    58.0 + size * LEADING * (lines.len() as f64 - 1.0)
}

/// The rules in lines: broken between rules where that is possible, else between words.
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

/// Surrounds marks that end at `bottom`; gives the finished picture.
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

/// Writes signs from the left and the footer at the right; gives the last base line.
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

/// A line of text at a point of its base line.
pub fn text(x: f64, y: f64, words: &str, size: f64, class: &'static str, bold: bool) -> Mark {
    Mark::Text(Text { bold, ..plain(x, y, words, size, class) })
}

/// The same, to be changed.
pub fn plain(x: f64, y: f64, words: &str, size: f64, class: &'static str) -> Text {
    Text { at: point(x, y), text: words.to_string(), size, class, ..Text::default() }
}

/// The mark, moved.
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
