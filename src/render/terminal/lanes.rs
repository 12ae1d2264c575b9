//! Draws a timeline in lanes: time from left to right, a lane for each owner.

use crate::answer::Subgraph;
use crate::date::{Day, civil_of, day_of};
use crate::graph::{EntityId, Graph};
use crate::render::words::{Emphasis, TextStyle, escape, fit, gap, owners, paint, width};
use crate::value::Date;

/// An entity on the axis: the columns of its bar and its dot, and its label.
struct AxisMark {
    start: usize,
    dot: usize,
    /// The column after the bar.
    end: usize,
    label: String,
    vague: bool,
}

impl AxisMark {
    fn next_free(&self) -> usize {
        self.end + 1 + width(&self.label)
    }
}

/// Maps days to columns.
struct DayColumns {
    first: Day,
    last: Day,
    width: usize,
}

impl DayColumns {
    fn column(&self, day: Day) -> usize {
        let span = (i64::from(self.last) - i64::from(self.first)).max(1);
        let at = (i64::from(day) - i64::from(self.first)).clamp(0, span);
        (at * (self.width as i64 - 1) / span) as usize
    }
}

/// Draws entities by date, in the lanes of their owners, lanes sorted by first date. Undated entities are listed below.
pub fn timeline(part: &Subgraph, graph: &Graph, looks: &TextStyle) -> String {
    let mut entities = part.entities.clone();
    entities.sort_by_key(|entity| (graph.date_of(*entity).sort_key(), *entity));
    let is_placed = |entity: &EntityId| anchor(graph.date_of(*entity)).is_some();
    let (dated, undated): (Vec<EntityId>, Vec<EntityId>) = entities.into_iter().partition(is_placed);
    let mut text = match axis(&dated, graph, looks, lane_width(&dated, graph)) {
        Some(axis) => draw(&dated, &axis, graph, looks),
        None => String::new(),
    };
    if !undated.is_empty() {
        let names: Vec<&str> = undated.iter().map(|entity| graph.name(*entity)).collect();
        text += &paint(Emphasis::Aside, &format!("undated: {}", escape(&names.join(", "))), looks.color);
        text.push('\n');
    }
    if text.is_empty() { "no entities\n".to_string() } else { text }
}

/// Returns the day of the dot: the middle of the date, or its only bound. `None` if undated.
fn anchor(date: Date) -> Option<Day> {
    match date.reach() {
        (Date::OPEN_START, Date::OPEN_END) => None,
        (Date::OPEN_START, latest) => Some(latest),
        (earliest, Date::OPEN_END) => Some(earliest),
        (earliest, latest) => Some(earliest + (latest - earliest) / 2),
    }
}

fn lane_width(dated: &[EntityId], graph: &Graph) -> usize {
    let names = dated.iter().map(|entity| width(&lane(graph, *entity)));
    names.max().unwrap_or(0).min(18)
}

/// Returns the first owner of an entity; the others are shown beside its name.
fn lane(graph: &Graph, entity: EntityId) -> String {
    owners(graph, entity).first().map_or(String::new(), |owner| escape(graph.name(*owner)).into_owned())
}

/// Returns the axis from the first January needed to the last December.
fn axis(dated: &[EntityId], graph: &Graph, looks: &TextStyle, lane_width: usize) -> Option<DayColumns> {
    let days = || dated.iter().filter_map(|entity| anchor(graph.date_of(*entity)));
    let (first, _, _) = civil_of(days().min()?)?;
    let (last, _, _) = civil_of(days().max()?)?;
    let first = day_of(first, 1, 1)?;
    let last = day_of(last, 12, 31)?;
    // Leaves room for the labels of the last year.
    let width = looks.columns().saturating_sub(lane_width + 2).max(12);
    Some(DayColumns { first, last, width: width - (width / 6).min(12) })
}

fn draw(dated: &[EntityId], axis: &DayColumns, graph: &Graph, looks: &TextStyle) -> String {
    let lane_width = lane_width(dated, graph);
    let screen = looks.columns();
    let mut lanes: Vec<(String, Vec<Vec<AxisMark>>)> = Vec::new();
    for entity in dated {
        let name = lane(graph, *entity);
        let at = lanes.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            lanes.push((name, Vec::new()));
            lanes.len() - 1
        });
        let mark = mark(*entity, axis, graph, screen.saturating_sub(lane_width + 2), looks.ascii);
        place(&mut lanes[at].1, mark);
    }
    let years = years(axis);
    let mut text = format!("{}  {}\n", " ".repeat(lane_width), paint(Emphasis::Aside, &heads(&years), looks.color));
    for (name, rows) in &lanes {
        for (i, row) in rows.iter().enumerate() {
            let name = if i == 0 { fit(name, lane_width, looks.ascii) } else { String::new() };
            let head = paint(Emphasis::Head, &name, looks.color) + &gap(&name, lane_width);
            text += format!("{head}  {}", draw_row(row, &years, looks)).trim_end();
            text.push('\n');
        }
    }
    text
}

/// Puts the mark into the first row of the lane that has room.
fn place(rows: &mut Vec<Vec<AxisMark>>, mark: AxisMark) {
    // Marks come by date, so that only the last one of a row can be in the way.
    let has_room = |row: &&mut Vec<AxisMark>| row.last().is_none_or(|last| last.next_free() < mark.start);
    match rows.iter_mut().find(has_room) {
        Some(row) => row.push(mark),
        None => rows.push(vec![mark]),
    }
}

fn mark(entity: EntityId, axis: &DayColumns, graph: &Graph, room: usize, ascii: bool) -> AxisMark {
    let date = graph.date_of(entity);
    let dot = axis.column(anchor(date).unwrap_or(axis.first));
    let (earliest, latest) = date.reach();
    let start = axis.column(earliest.max(axis.first)).min(dot);
    let end = if latest == Date::OPEN_END { dot } else { axis.column(latest).max(dot) } + 1;
    let others = owners(graph, entity).into_iter().skip(1).map(|owner| format!(" +{}", graph.name(owner)));
    let name = escape(&(graph.name(entity).to_string() + &others.collect::<String>())).into_owned();
    let label = fit(&name, room.saturating_sub(end + 1), ascii);
    AxisMark { start, dot, end, label, vague: end - start > 2 }
}

/// Returns the Januaries of the axis with their columns, as many as have room for their label.
fn years(axis: &DayColumns) -> Vec<(usize, i32)> {
    let year = |day| civil_of(day).map_or(0, |(year, _, _)| year);
    let mut years: Vec<(usize, i32)> = Vec::new();
    for year in year(axis.first)..=year(axis.last) {
        let column = day_of(year, 1, 1).map_or(0, |day| axis.column(day));
        if years.last().is_none_or(|(last, _)| column >= last + 6) {
            years.push((column, year));
        }
    }
    years
}

fn heads(years: &[(usize, i32)]) -> String {
    let mut heads = String::new();
    for (column, year) in years {
        heads += &gap(&heads, *column);
        heads += &year.to_string();
    }
    heads
}

/// Draws a row: bars, dots and labels over the lines of the years.
fn draw_row(row: &[AxisMark], years: &[(usize, i32)], looks: &TextStyle) -> String {
    let [line, bar, sure, vague] = if looks.ascii { [":", "~", "*", "o"] } else { ["┊", "╍", "●", "○"] };
    let mut drawn = String::new();
    let mut at = 0;
    for mark in row {
        fill(&mut drawn, &mut at, mark.start, years, line);
        for column in mark.start..mark.end {
            let is_dot = column == mark.dot;
            drawn += if is_dot && mark.vague {
                vague
            } else if is_dot {
                sure
            } else {
                bar
            };
        }
        drawn += " ";
        drawn += &mark.label;
        at = mark.next_free();
    }
    if let Some((last, _)) = years.last() {
        fill(&mut drawn, &mut at, last + 1, years, line);
    }
    drawn
}

/// Appends spaces up to a column, with the lines of the years among them.
fn fill(drawn: &mut String, at: &mut usize, to: usize, years: &[(usize, i32)], line: &str) {
    while *at < to {
        let is_year = years.iter().any(|(column, _)| column == at);
        drawn.push_str(if is_year { line } else { " " });
        *at += 1;
    }
}
