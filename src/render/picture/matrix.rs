//! Draws a matrix with rows and columns sorted by date, so that adoption forms a staircase.

use super::paint::frame::{self, Frame, MARGIN, Sign, plain, surround, text};
use super::paint::marks::{Anchor, Area, Def, Group, MORE, Mark, Picture, Step, Text, point};
use super::paint::metrics::{Weight, fit, width};
use super::paint::palette::{self, COLOURS};
use super::{PictureStyle, Room, Words, capital, cite, counted, frame, noun};
use crate::answer::Matrix;
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over};
use crate::value::Truth;
use rustc_hash::FxHashMap;

const ROW: f64 = 30.0;
const CLOSE_ROW: f64 = 19.0;
const HEAD_MOST: f64 = 220.0;
/// Column names are rotated by this many degrees; its sine and cosine.
const LEAN: f64 = -62.0;
const SIN: f64 = 0.883;
const COS: f64 = 0.469;

/// The geometry of the cells.
#[derive(Debug, Clone, Copy)]
struct CellGeometry {
    left: f64,
    top: f64,
    column: f64,
    /// Distance from the top of the cells up to the ends of the names.
    names: f64,
    /// Height of a row.
    row: f64,
}

/// Maximum number of rows and columns; a larger matrix omits those with the fewest filled cells.
const MOST: (usize, usize) = (60, 40);
/// From this number on, rows are closer together.
const MANY_ROWS: usize = 24;
/// Height that a page needs beside the rows: title, names of columns, totals, legend.
const AROUND: f64 = 420.0;

pub fn draw(matrix: &Matrix, graph: &Graph, looks: &PictureStyle, room: Room) -> Picture {
    let by_height = room.height.map_or(MOST.0, |height| ((height - AROUND) / CLOSE_ROW).max(1.0) as usize);
    let part = summary(matrix, (MOST.0.min(by_height), MOST.1));
    let (owners, part) = owned(part, graph, looks);
    let left_out = (matrix.rows.len() - part.rows.len(), matrix.columns.len() - part.columns.len());
    let frame = words(&part, left_out, graph, looks, &owners);
    let matrix = &part;
    let head = |id: &EntityId| width(graph.name(*id), 13.0, Weight::Bold);
    let group =
        owners.groups.iter().map(|(row, name)| head(&matrix.rows[*row]) + 8.0 + width(name, 11.0, Weight::Regular));
    let heads = matrix.rows.iter().map(head).chain(group).fold(60.0, f64::max);
    let left = MARGIN + heads.min(HEAD_MOST) + 22.0;
    let free = room.width.map_or(1400.0, |width| width - left - 60.0);
    let column = (free / matrix.columns.len().max(1) as f64).clamp(13.0, 36.0);
    let size = name_size(column);
    let longest = matrix.columns.iter().map(|id| width(graph.name(*id), size, Weight::Regular)).fold(0.0, f64::max);
    let names = longest.min(190.0) * SIN + 16.0;
    let right = left + column * matrix.columns.len() as f64;
    let least = room.width.unwrap_or(620.0).min(620.0);
    let width = (right + 52.0).max(right + longest.min(190.0) * COS + 12.0).max(least).ceil();
    let top = frame::top(&frame, width) + 30.0 + names;
    let row = if matrix.rows.len() > MANY_ROWS { CLOSE_ROW } else { ROW };
    let cells = CellGeometry { left, top, column, names, row };
    let mut marks = bands(matrix, width, &cells);
    marks.extend(years(matrix, graph, &cells));
    for (i, id) in matrix.columns.iter().enumerate().take_while(in_budget) {
        marks.push(column_head(*id, i, owners.of_column(i), size, graph, &cells));
    }
    for row in (0..matrix.rows.len()).take_while(|_| !is_over()) {
        marks.extend(row_marks(matrix, row, &owners, width, graph, &cells));
    }
    marks.extend(totals(matrix, &cells));
    let defs = vec![Def::Hatch { id: "begat-hatch".into(), class: "sg".into(), opacity: 0.55 }];
    let picture = Picture { width, defs, marks, ..Picture::default() };
    surround(&frame, picture, top + cells.row * (matrix.rows.len() + 1) as f64, signs(&owners))
}

/// Returns the rows and columns with the most filled cells, in their order.
fn summary(matrix: &Matrix, (rows, columns): (usize, usize)) -> Matrix {
    let holds = |cell: &Truth| u32::from(*cell != Truth::No);
    let row_counts: Vec<u32> = matrix.cells.iter().map(|row| row.iter().map(holds).sum()).collect();
    let rows = fullest(&row_counts, rows);
    let mut column_counts = vec![0; matrix.columns.len()];
    for row in rows.iter().take_while(in_budget) {
        column_counts.iter_mut().zip(&matrix.cells[*row]).for_each(|(count, cell)| *count += holds(cell));
    }
    let columns = fullest(&column_counts, columns);
    part(matrix, &rows, &columns)
}

/// Returns the indexes of the largest counts, sorted ascending.
fn fullest(counts: &[u32], most: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..counts.len()).collect();
    places.sort_by_key(|place| (std::cmp::Reverse(counts[*place]), *place));
    places.truncate(most);
    places.sort_unstable();
    places
}

fn part(matrix: &Matrix, rows: &[usize], columns: &[usize]) -> Matrix {
    let chosen = |row: &Vec<bool>| columns.iter().map(|column| row.get(*column) == Some(&true)).collect();
    Matrix {
        rows: rows.iter().map(|row| matrix.rows[*row]).collect(),
        columns: columns.iter().map(|column| matrix.columns[*column]).collect(),
        cells: rows.iter().map(|row| columns.iter().map(|column| matrix.cells[*row][*column]).collect()).collect(),
        earliest: rows.iter().filter_map(|row| matrix.earliest.get(*row)).map(chosen).collect(),
        verb: matrix.verb.clone(),
        is_turned: matrix.is_turned,
    }
}

/// Draws the number of certain cells below each column.
fn totals(matrix: &Matrix, cells: &CellGeometry) -> Vec<Mark> {
    let y = cells.top + cells.row * matrix.rows.len() as f64 + 17.0;
    let total = |i: usize| {
        let count = matrix.cells.iter().filter(|row| row[i] == Truth::Yes).count();
        let x = cells.left + cells.column * (i as f64 + 0.5);
        let words = plain(x, y, &count.to_string(), 9.5, "quiet");
        Mark::Text(Text { anchor: Anchor::Middle, ..words })
    };
    (0..matrix.columns.len()).map(total).collect()
}

fn words(matrix: &Matrix, left_out: (usize, usize), graph: &Graph, looks: &PictureStyle, owners: &Owners) -> Frame {
    let (rows, columns) = (noun(graph, &matrix.rows), noun(graph, &matrix.columns));
    let counts = [counted(matrix.rows.len(), &rows), counted(matrix.columns.len(), &columns)];
    let title = match &matrix.verb {
        Some(verb) => {
            let verb = predicate(verb);
            let each = format!("each {rows}");
            let (first, second) = if matrix.is_turned { (&verb, &each) } else { (&each, &verb) };
            format!("Which {columns} {first} {second}: {} and {}", counts[0], counts[1])
        }
        None => format!("{} by {}", capital(&counts[0]), counts[1]),
    };
    let order = |entities: &[EntityId], others: &str| {
        let undated = entities.iter().filter(|entity| graph.date_of(**entity).is_undated()).count();
        match undated {
            0 => "in order of date".to_string(),
            _ if undated == entities.len() => format!("undated, {others}"),
            _ => format!("in order of date, the undated last, {others}"),
        }
    };
    let filled = matrix.verb.as_ref().map(|verb| meaning(verb, matrix.is_turned, &rows, &columns));
    let mut rules: Vec<String> = filled.into_iter().collect();
    for (many, noun) in [(left_out.0, &rows), (left_out.1, &columns)] {
        if many > 0 {
            rules.push(format!("{} that hold less are left out", counted(many, noun)));
        }
    }
    let grouped = if owners.groups.is_empty() { "" } else { "by owner, then " };
    rules.push(format!("{rows}s {grouped}{}", order(&matrix.rows, "in the order of their first column")));
    let mut notes = vec![format!("The {columns}s are {}.", order(&matrix.columns, "in the order of the graph"))];
    if matrix.earliest.iter().flatten().any(|is_earliest| *is_earliest) {
        rules.push(format!("ring = the earliest {rows} of its column"));
        notes.push(format!("No other {rows} certainly precedes one with a ring."));
    }
    if matrix.cells.iter().flatten().any(|cell| *cell == Truth::Maybe) {
        rules.push("hatched = only possible".into());
    }
    notes.push("The numbers at the right and below count what certainly holds.".into());
    let yes = matrix.cells.iter().flatten().filter(|cell| **cell == Truth::Yes).count();
    let all = matrix.rows.len() * matrix.columns.len();
    let desc =
        format!("A matrix of {rows} by {columns}; {yes} of {all} cells hold. The title of each names its source.");
    let shown: Vec<EntityId> = matrix.rows.iter().chain(&matrix.columns).copied().collect();
    frame(graph, looks, Words { title, rules, notes, desc, shown: &shown })
}

/// Returns a verb as a predicate in the third person: `uses`, but `is part of`, `is influenced by`.
fn predicate(verb: &str) -> String {
    let is_finite = verb.split(' ').next().is_some_and(|word| word.ends_with('s'));
    if is_finite { verb.to_string() } else { format!("is {verb}") }
}

/// Returns what a filled cell says: `filled = model uses technique`.
fn meaning(verb: &str, is_turned: bool, rows: &str, columns: &str) -> String {
    let (subject, object) = if is_turned { (columns, rows) } else { (rows, columns) };
    match (subject == object, is_turned) {
        (false, _) => format!("filled = {subject} {verb} {object}"),
        (true, false) => format!("filled = the {subject} of the row {verb} that of the column"),
        (true, true) => format!("filled = the {subject} of the column {verb} that of the row"),
    }
}

/// The owners of the columns or, if no column has one, of the rows; and their colours.
#[derive(Debug, Default)]
struct Owners {
    /// Sorted by number of entities, descending.
    names: Vec<String>,
    of_columns: Vec<Option<usize>>,
    of_rows: Vec<Option<usize>>,
    /// The first row of each owner, with the owner's name; empty if rows are not grouped.
    groups: Vec<(usize, String)>,
}

/// Further owners share grey.
const COLOURED: usize = COLOURS - 1;

impl Owners {
    fn class(&self, owner: Option<usize>) -> String {
        match owner {
            Some(owner) if owner < COLOURED => palette::lane(owner, true).to_string(),
            None if self.names.is_empty() => "a".to_string(),
            _ => "g".to_string(),
        }
    }

    fn of_column(&self, column: usize) -> String {
        self.class(self.of_columns.get(column).copied().flatten())
    }

    fn of_row(&self, row: usize) -> String {
        self.class(self.of_rows.get(row).copied().flatten())
    }

    /// Returns the colour of a cell.
    fn of_cell(&self, row: usize, column: usize) -> String {
        if self.of_rows.is_empty() { self.of_column(column) } else { self.of_row(row) }
    }
}

/// Returns the owners of the columns, or of the rows, which are then grouped by owner.
fn owned(matrix: Matrix, graph: &Graph, looks: &PictureStyle) -> (Owners, Matrix) {
    let mut owners = Owners::default();
    let of_columns = owners_of(&matrix.columns, graph, looks);
    if of_columns.iter().any(Option::is_some) {
        (owners.names, owners.of_columns) = named(&of_columns, graph);
        return (owners, matrix);
    }
    let of_rows = owners_of(&matrix.rows, graph, looks);
    if of_rows.iter().all(Option::is_none) {
        return (owners, matrix);
    }
    let mut order: Vec<usize> = (0..of_rows.len()).collect();
    let first = |row: usize| of_rows[row].and_then(|own| of_rows.iter().position(|other| *other == Some(own)));
    order.sort_by_key(|row| (first(*row).is_none(), first(*row), *row));
    let columns: Vec<usize> = (0..matrix.columns.len()).collect();
    let matrix = part(&matrix, &order, &columns);
    let of_rows: Vec<Option<EntityId>> = order.iter().map(|row| of_rows[*row]).collect();
    for (row, owner) in of_rows.iter().enumerate() {
        if row == 0 || of_rows[row - 1] != *owner {
            let name = owner.map_or("owner not told".to_string(), |owner| graph.name(owner).to_string());
            owners.groups.push((row, name));
        }
    }
    (owners.names, owners.of_rows) = named(&of_rows, graph);
    (owners, matrix)
}

fn owners_of(entities: &[EntityId], graph: &Graph, looks: &PictureStyle) -> Vec<Option<EntityId>> {
    let owner = |id: &EntityId| {
        let word = looks.lane.as_deref().unwrap_or(cite::plot(graph, *id, |plot| &plot.lane));
        graph.schema().lookup_word(word).and_then(|word| cite::reached(graph, *id, word).first().copied())
    };
    entities.iter().take_while(in_budget).map(owner).collect()
}

/// Returns the names of owners, sorted by number of entities, descending, and the index of each entity's owner among
/// them.
fn named(of: &[Option<EntityId>], graph: &Graph) -> (Vec<String>, Vec<Option<usize>>) {
    let mut counts: FxHashMap<EntityId, usize> = FxHashMap::default();
    of.iter().flatten().for_each(|owner| *counts.entry(*owner).or_default() += 1);
    let mut owners: Vec<EntityId> = counts.keys().copied().collect();
    owners.sort_by_key(|owner| (std::cmp::Reverse(counts[owner]), *owner));
    let places: FxHashMap<EntityId, usize> = owners.iter().enumerate().map(|(i, owner)| (*owner, i)).collect();
    let names = owners.iter().map(|owner| graph.name(*owner).to_string()).collect();
    (names, of.iter().map(|owner| Some(places[&(*owner)?])).collect())
}

fn name_size(column: f64) -> f64 {
    (column * 0.62).clamp(9.3, 11.5)
}

fn bands(matrix: &Matrix, width: f64, cells: &CellGeometry) -> Vec<Mark> {
    let rows = (0..matrix.rows.len()).step_by(2);
    rows.map(|row| Mark::fill(Area::new(0.0, cells.top + cells.row * row as f64, width, cells.row), "band")).collect()
}

/// Number of lines of the headings of years.
const LINES: usize = 2;

/// Draws a line and a label where a year begins, and before the undated columns. A label that reaches over the next one
/// stands a line higher, so that no line crosses a label; one without room is left out.
fn years(matrix: &Matrix, graph: &Graph, cells: &CellGeometry) -> Vec<Mark> {
    let mut marks = Vec::new();
    let bottom = cells.top + cells.row * matrix.rows.len() as f64;
    let mut heads: Vec<(f64, String)> = Vec::new();
    for (i, id) in matrix.columns.iter().enumerate() {
        let date = graph.date_of(*id);
        // A date within several years has a heading of its own.
        let head = date.year_of().map_or_else(|| date.to_string(), |year| year.to_string());
        if heads.last().is_none_or(|(_, last)| *last != head) {
            heads.push((cells.left + cells.column * i as f64, head));
        }
    }
    // From the right: the start of the nearest label on each line.
    let mut starts = [f64::INFINITY; LINES];
    for (x, head) in heads.iter().rev() {
        let end = x + 10.0 + width(head, 12.5, Weight::Bold);
        let above = starts.iter().rposition(|start| *start < end).map_or(0, |line| line + 1);
        let from = match above {
            LINES.. => cells.top - 8.0,
            line => {
                starts[line] = *x;
                let y = cells.top - cells.names - 4.0 - 14.0 * line as f64;
                marks.push(text(x + 5.0, y, head, 12.5, "quiet", true));
                y - 10.0
            }
        };
        marks.push(Mark::line(point(*x, from), point(*x, bottom), "rule", 1.0));
    }
    marks
}

fn column_head(id: EntityId, i: usize, class: String, size: f64, graph: &Graph, cells: &CellGeometry) -> Mark {
    let x = cells.left + cells.column * (i as f64 + 0.5);
    let name = fit(graph.name(id), 190.0, size, Weight::Regular);
    let label = Text { turn: LEAN, ..plain(x + 2.0, cells.top - 12.0, &name, size, "ink name") };
    let bar = Mark::rounded(Area::new(x - 5.0, cells.top - 7.0, 10.0, 3.0), 1.5, &format!("f{class}"));
    Mark::Group(Group {
        class: "m v".into(),
        id: super::slug(graph.name(id)),
        title: cite::entity(graph, id),
        stop: true,
        data: vec![("i", id.0.to_string())],
        marks: vec![Mark::Text(label), bar],
        ..Group::default()
    })
}

fn row_marks(
    matrix: &Matrix,
    row: usize,
    owners: &Owners,
    width: f64,
    graph: &Graph,
    cells: &CellGeometry,
) -> Vec<Mark> {
    let id = matrix.rows[row];
    let y = cells.top + cells.row * row as f64;
    let base = y + cells.row / 2.0 + 4.5;
    let mut marks = vec![row_head(matrix, row, owners, base, graph, cells)];
    if owners.groups.iter().any(|(first, _)| *first == row && row > 0) {
        marks.push(Mark::line(point(MARGIN, y), point(width - MARGIN, y), "rule", 1.0));
    }
    let holds = &matrix.cells[row];
    let is_earliest = |column: usize| matrix.earliest.get(row).is_some_and(|cells| cells.get(column) == Some(&true));
    let mut dots: Vec<Step> = Vec::new();
    for (i, (cell, column)) in holds.iter().zip(&matrix.columns).enumerate() {
        if is_over() {
            break;
        }
        let x = cells.left + cells.column * i as f64;
        if *cell == Truth::No {
            let middle = point(x + cells.column / 2.0, y + cells.row / 2.0);
            dots.extend([Step::Move(point(middle.x - 0.9, middle.y)), Step::Line(point(middle.x + 0.9, middle.y))]);
        } else {
            let inset = cells.row * 0.13;
            let area = Area::new(x + 2.5, y + inset, cells.column - 5.0, cells.row - 2.0 * inset);
            let title = sentence(*column, id, graph);
            marks.push(cell_mark(area, *cell == Truth::Yes, is_earliest(i), &owners.of_cell(row, i), title));
        }
    }
    marks.push(Mark::Path { steps: dots, class: "n sg".into(), stroke: 1.8, dash: "", opacity: 0.5 });
    let count = holds.iter().filter(|cell| **cell == Truth::Yes).count().to_string();
    let at = cells.left + cells.column * matrix.columns.len() as f64 + 14.0;
    marks.push(text(at.min(width - MARGIN), base, &count, 12.0, "quiet", false));
    marks
}

/// Draws the name of a row with a bar in its owner's colour, and at the first row of an owner the owner's name.
fn row_head(matrix: &Matrix, row: usize, owners: &Owners, base: f64, graph: &Graph, cells: &CellGeometry) -> Mark {
    let id = matrix.rows[row];
    let size = if cells.row < ROW { 12.0 } else { 13.0 };
    let group = owners.groups.iter().find(|(first, _)| *first == row).map(|(_, name)| name.as_str());
    let name = fit(graph.name(id), HEAD_MOST, size, Weight::Bold);
    let rest = cells.left - MARGIN - 16.0 - width(&name, size, Weight::Bold);
    let more = group.filter(|_| rest > 40.0).map(|group| fit(group, rest, size * MORE, Weight::Regular));
    let words = Text { bold: true, more: more.unwrap_or_default(), ..plain(MARGIN, base, &name, size, "ink name") };
    let mut marks = vec![Mark::Text(words)];
    if !owners.of_rows.is_empty() {
        let bar = Area::new(cells.left - 8.0, base - 4.5 - cells.row / 2.0 + 2.0, 3.0, cells.row - 4.0);
        marks.push(Mark::rounded(bar, 1.5, &format!("f{}", owners.of_row(row))));
    }
    Mark::Group(Group {
        class: "m v side".into(),
        // Links go to the column of the same entity, if there is one.
        id: if matrix.columns.contains(&id) { String::new() } else { super::slug(graph.name(id)) },
        title: cite::entity(graph, id),
        stop: true,
        data: vec![("i", id.0.to_string())],
        marks,
        ..Group::default()
    })
}

fn cell_mark(area: Area, certain: bool, first: bool, class: &str, title: String) -> Mark {
    let mut marks = if certain {
        vec![Mark::rounded(area, 4.0, &format!("f{class} dot s{class}"))]
    } else {
        let fill = "begat-hatch".to_string();
        vec![Mark::Box { area, round: 4.0, class: String::new(), opacity: 1.0, fill }]
    };
    if first {
        let at = point(area.x + area.width / 2.0, area.y + area.height / 2.0);
        let radius = (area.width / 3.2).min(5.5);
        marks.push(Mark::Dot { at, radius, class: "n halo".into(), stroke: 2.4 });
    }
    let doubt = if certain { "" } else { " (only possible)" };
    Mark::Group(Group { class: "m".into(), title: format!("{title}{doubt}"), stop: true, marks, ..Group::default() })
}

/// Returns the facts that join the two entities, with sources; their names if there are none.
fn sentence(column: EntityId, row: EntityId, graph: &Graph) -> String {
    let ways = graph.schema().verbs().flat_map(|(verb, _)| [(column, verb, row), (row, verb, column)]);
    let facts = ways.filter_map(|(subject, verb, object)| {
        let fact = graph.relation(verb).fact(subject, object)?;
        Some(cite::link(graph, subject, verb, object, fact))
    });
    let words = facts.collect::<Vec<_>>().join(" · ");
    if words.is_empty() { format!("{}, {}", graph.name(column), graph.name(row)) } else { words }
}

fn signs(owners: &Owners) -> Vec<Sign> {
    let sign = |class: String, word: &str| {
        let mark = Mark::rounded(Area::new(0.0, -6.0, 13.0, 12.0), 3.0, &format!("f{class}"));
        Sign { marks: vec![mark], room: 13.0, word: word.to_string() }
    };
    let coloured = owners.names.iter().take(COLOURED).enumerate();
    let mut signs: Vec<Sign> = coloured.map(|(i, name)| sign(owners.class(Some(i)), name)).collect();
    let is_untold = owners.of_columns.contains(&None) || owners.of_rows.contains(&None);
    match (owners.names.len() > COLOURED, is_untold && !owners.names.is_empty()) {
        (true, _) => signs.push(sign("g".into(), "others")),
        (false, true) => signs.push(sign("g".into(), "owner not told")),
        (false, false) => {}
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::picture::sample::{World, matrix};

    #[test]
    fn a_summary_keeps_what_holds_most_in_its_order() {
        assert_eq!(fullest(&[1, 5, 0, 5, 3], 3), [1, 3, 4]);
        let graph = World::of(120, 30).graph();
        let whole = matrix(&graph);
        let part = summary(&whole, (5, 30));
        assert_eq!((part.rows.len(), part.columns.len()), (5, 30));
        for (row, id) in part.rows.iter().enumerate() {
            let of = whole.rows.iter().position(|other| other == id).expect("a row of the whole");
            for (column, id) in part.columns.iter().enumerate() {
                let at = whole.columns.iter().position(|other| other == id).expect("a column of the whole");
                assert_eq!(part.cells[row][column], whole.cells[of][at]);
            }
        }
    }

    #[test]
    fn the_left_out_are_counted() {
        let graph = World::of(120, 30).graph();
        let whole = matrix(&graph);
        let picture = draw(&whole, &graph, &PictureStyle::default(), Room::default());
        let words: Vec<&str> = picture
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Text(text) => Some(text.text.as_str()),
                _ => None,
            })
            .collect();
        let left_out = whole.rows.len().saturating_sub(MOST.0) + whole.columns.len().saturating_sub(MOST.1);
        let told = words.iter().any(|line| line.contains("left out"));
        assert!(left_out > 0 && told, "{left_out}: {words:?}");
    }
}
