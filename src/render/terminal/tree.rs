//! Branches of trees, and lines with aligned notes.

use crate::limits::in_budget;
use crate::render::words::{Emphasis, TextStyle, escape, fit, gap, paint, width};

/// The line style of a branch, by verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    Plain,
    Dashed,
    Heavy,
}

impl Stroke {
    /// Returns the stroke of the first, second and third verb; later ones are plain and named.
    pub fn nth(i: usize) -> Stroke {
        [Stroke::Plain, Stroke::Dashed, Stroke::Heavy].get(i).copied().unwrap_or(Stroke::Plain)
    }

    /// Returns a line of the stroke, `length` characters long.
    pub fn line(self, length: usize, ascii: bool) -> String {
        let (drawn, typed) = match self {
            Stroke::Plain => ("─", "-"),
            Stroke::Dashed => ("╌", "~"),
            Stroke::Heavy => ("━", "="),
        };
        if ascii { typed } else { drawn }.repeat(length)
    }
}

/// Returns the prefix of a child: `├── `, `└── `. `length` is that of the stroke.
pub fn branch(is_last: bool, stroke: Stroke, length: usize, ascii: bool) -> String {
    let corner = match (is_last, ascii) {
        (false, false) => "├",
        (true, false) => "└",
        (false, true) => "|",
        (true, true) => "`",
    };
    format!("{corner}{} ", stroke.line(length, ascii))
}

/// Returns the prefix of a child's own children: `│   `.
pub fn trunk(is_last: bool, length: usize, ascii: bool) -> String {
    let line = match (is_last, ascii) {
        (true, _) => " ",
        (false, false) => "│",
        (false, true) => "|",
    };
    format!("{line}{}", " ".repeat(length + 1))
}

/// A line of a tree: its text and the notes behind it.
#[derive(Debug, Clone, Default)]
pub struct Line {
    pub text: String,
    pub face: Option<Emphasis>,
    /// Columns behind the text; `true` aligns to the right.
    pub notes: Vec<(String, bool)>,
}

impl Line {
    fn escaped(&self) -> Line {
        let notes = self.notes.iter().map(|(note, right)| (escape(note).into_owned(), *right));
        Line { text: escape(&self.text).into_owned(), face: self.face, notes: notes.collect() }
    }
}

/// What is shortened on a narrow screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrow {
    /// All notes but the last are dropped, then texts are truncated.
    Drop,
    /// The last note is truncated, to at least a dozen columns, then texts.
    Cut,
}

/// Returns lines with their notes in columns, the first of them `space` behind the longest text. Escapes the text of
/// all views.
pub fn aligned(lines: &[Line], space: usize, narrow: Narrow, looks: &TextStyle) -> String {
    let lines: Vec<Line> = lines.iter().map(Line::escaped).collect();
    let count = lines.iter().map(|line| line.notes.len()).max().unwrap_or(0);
    let note_width = |i: usize| lines.iter().filter_map(|line| line.notes.get(i)).map(|note| width(&note.0)).max();
    let widths: Vec<usize> = (0..count).map(|i| note_width(i).unwrap_or(0)).collect();
    let noted = lines.iter().filter(|line| !line.notes.is_empty());
    let text_width = noted.map(|line| width(&line.text)).max().unwrap_or(0);
    let screen = looks.width.filter(|_| !looks.wide).unwrap_or(usize::MAX);
    // The total width of the notes from `from` on, with gaps; the gap before the first is `space`.
    let behind = |from: usize| widths[from..].iter().filter(|w| **w > 0).map(|w| w + 2).sum::<usize>();
    let is_wide = (text_width + space + behind(0)).saturating_sub(2) > screen;
    let from = if is_wide && narrow == Narrow::Drop { count.saturating_sub(1) } else { 0 };
    let last = widths.last().copied().unwrap_or(0);
    let spared = if narrow == Narrow::Cut { last.saturating_sub(12) } else { 0 };
    let room = screen.saturating_sub((space + behind(from)).saturating_sub(2 + spared)).max(8);
    let columns = LineColumns { widths: &widths, from, text_width: text_width.min(room), space, screen };
    lines.iter().take_while(in_budget).map(|line| columns.line(line, looks)).collect()
}

struct LineColumns<'a> {
    widths: &'a [usize],
    /// The first note that is shown.
    from: usize,
    text_width: usize,
    space: usize,
    screen: usize,
}

impl LineColumns<'_> {
    fn line(&self, line: &Line, looks: &TextStyle) -> String {
        let face = line.face.unwrap_or(Emphasis::Plain);
        if line.notes.iter().skip(self.from).all(|(note, _)| note.is_empty()) {
            // Nothing stands behind it, so that it may take the whole width.
            return paint(face, &fit(&line.text, self.screen, looks.ascii), looks.color) + "\n";
        }
        let text = fit(&line.text, self.text_width, looks.ascii);
        let mut row = paint(face, &text, looks.color) + &gap(&text, self.text_width);
        let mut used = self.text_width;
        for (i, (note, right)) in line.notes.iter().enumerate().skip(self.from).filter(|(i, _)| self.widths[*i] > 0) {
            let space = if i == self.from { self.space } else { 2 };
            used += space;
            let note = fit(note, self.screen.saturating_sub(used), looks.ascii);
            let fill = gap(&note, self.widths[i]);
            let note = paint(Emphasis::Aside, &note, looks.color);
            row += &" ".repeat(space);
            row += &if *right { fill + &note } else { note + &fill };
            used += self.widths[i];
        }
        row.trim_end_matches(' ').to_string() + "\n"
    }
}
