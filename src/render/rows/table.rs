//! Writes aligned text, fitted to a width.

use crate::answer::{Cell, Table};
use crate::graph::Graph;
use crate::limits::in_budget;
use crate::render::Rendered;
use crate::render::words::{Emphasis, TextStyle, cell_short, escape, fit, gap, marked, paint, width};
use crate::value::Value;

/// Minimum width to which a column is truncated, unless its widest cell is narrower. Smaller, truncated names look
/// alike; larger, more columns are hidden.
const NARROWEST: usize = 8;
/// Spaces between columns, and before the first.
const GAP: usize = 2;

/// A column with its cells as text.
struct Column {
    title: String,
    right: bool,
    cells: Vec<String>,
    width: usize,
    /// Minimum width; a column that does not fit is hidden. Numbers and dates must not be truncated: they would be
    /// wrong.
    least: usize,
}

/// Returns an aligned table. If it does not fit, the widest columns are truncated first, then columns are hidden from
/// the right, since queries put the important ones first. Possible rows begin with `?`.
pub fn table(table: &Table, graph: &Graph, looks: &TextStyle) -> Rendered {
    let mut columns: Vec<Column> = (0..table.columns.len()).map(|i| column(table, i, graph, looks)).collect();
    if looks.dates {
        columns.extend(dates(table, graph));
    }
    let possible: Vec<bool> = table.rows.iter().map(|row| !row.certain).collect();
    write(columns, &possible, looks)
}

/// Returns a table of given words: titles (`true` for numbers), then lines.
pub fn grid(titles: &[(&str, bool)], lines: &[Vec<String>], looks: &TextStyle) -> Rendered {
    let cells = |i: usize| lines.iter().map(move |line| line.get(i).map_or("", String::as_str));
    let columns = titles.iter().enumerate().map(|(i, (title, right))| {
        let words = cells(i).map(|cell| if *right && looks.marks { marked(cell) } else { escape(cell).into_owned() });
        Column::new(title, *right, *right, words.collect())
    });
    write(columns.collect(), &vec![false; lines.len()], looks)
}

impl Column {
    /// Returns a column; with `whole`, no cell may be truncated.
    fn new(title: &str, right: bool, whole: bool, cells: Vec<String>) -> Column {
        let title = escape(title).into_owned();
        let widest = cells.iter().map(|cell| width(cell)).max().unwrap_or(0);
        let width = widest.max(width(&title));
        let least = if whole { widest.max(1) } else { width.min(NARROWEST) };
        Column { title, right, cells, width, least }
    }
}

fn column(table: &Table, i: usize, graph: &Graph, looks: &TextStyle) -> Column {
    let head = &table.columns[i];
    let words = |cell: Option<&Cell>| match cell {
        Some(cell @ Cell::Value(Value::Number(_) | Value::Integer(_))) if looks.marks => {
            marked(&cell_short(graph, cell))
        }
        Some(cell) => escape(&cell_short(graph, cell)).into_owned(),
        None => String::new(),
    };
    let cells = || table.rows.iter().map(|row| row.cells.get(i));
    let whole = head.numeric || cells().any(|cell| matches!(cell, Some(Cell::Value(Value::Date(_)))));
    Column::new(&head.title, head.numeric, whole, cells().take_while(in_budget).map(words).collect())
}

/// Returns the dates of a single column of entities, as a second column.
fn dates(table: &Table, graph: &Graph) -> Option<Column> {
    let [head] = table.columns.as_slice() else { return None };
    let property = head.types.iter().find_map(|id| graph.dating(id))?;
    let date = |cell: &Cell| match cell {
        Cell::Entity(entity) => graph.date_of(*entity).to_string(),
        _ => String::new(),
    };
    let cells = table.rows.iter().map(|row| row.cells.first().map(date).unwrap_or_default()).collect();
    Some(Column::new(&graph.schema().property(property).name, false, true, cells))
}

fn write(mut columns: Vec<Column>, possible: &[bool], looks: &TextStyle) -> Rendered {
    let hidden = match looks.width.filter(|_| !looks.wide) {
        Some(screen) => squeeze(&mut columns, screen),
        None => Vec::new(),
    };
    let mut text = String::new();
    if looks.header && !columns.is_empty() {
        let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
        text += &line(&columns, &titles, " ", Emphasis::Head, looks);
    }
    for (i, possible) in possible.iter().enumerate().take_while(in_budget) {
        // If a limit cut a column short, its last cells are missing.
        let cells = columns.iter().map(|column| column.cells.get(i).map_or("", String::as_str));
        let cells: Vec<&str> = cells.collect();
        let (mark, face) = if *possible { ("?", Emphasis::Possible) } else { (" ", Emphasis::Plain) };
        text += &line(&columns, &cells, mark, face, looks);
    }
    Rendered { text, hidden }
}

/// Makes the columns fit: hides the last ones until the rest can be truncated far enough, then truncates the widest.
/// Returns the titles of the hidden ones.
fn squeeze(columns: &mut Vec<Column>, screen: usize) -> Vec<String> {
    let mut hidden = Vec::new();
    while columns.len() > 1 && columns.iter().map(|column| column.least + GAP).sum::<usize>() > screen {
        hidden.extend(columns.pop().map(|column| column.title));
    }
    hidden.reverse();
    let mut over = columns.iter().map(|column| column.width + GAP).sum::<usize>().saturating_sub(screen);
    while over > 0 {
        // A column at its minimum shrinks only when all are.
        let widest = columns.iter_mut().max_by_key(|column| (column.width > column.least, column.width));
        let Some(widest) = widest.filter(|column| column.width > 1) else { break };
        widest.width -= 1;
        over -= 1;
    }
    hidden
}

fn line(columns: &[Column], cells: &[&str], mark: &str, face: Emphasis, looks: &TextStyle) -> String {
    let mut line = paint(face, mark, looks.color && face == Emphasis::Possible) + " ";
    for (i, (column, cell)) in columns.iter().zip(cells).enumerate() {
        let cell = fit(cell, column.width, looks.ascii);
        let fill = gap(&cell, column.width);
        let painted = paint(face, &cell, looks.color);
        match (column.right, i + 1 == columns.len()) {
            (true, _) => line += &(fill + &painted),
            (false, true) => line += &painted,
            (false, false) => line += &(painted + &fill),
        }
        if i + 1 < columns.len() {
            line += &" ".repeat(GAP);
        }
    }
    line.truncate(line.trim_end_matches(' ').len());
    line + "\n"
}
