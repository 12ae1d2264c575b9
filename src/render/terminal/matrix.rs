//! Draws a matrix of subjects and objects.

use crate::answer::Matrix;
use crate::graph::Graph;
use crate::limits::is_over_after;
use crate::render::words::{Emphasis, TextStyle, escape, fit, gap, paint, width};
use crate::value::Truth;

/// Draws rows by name and columns by number, with a legend of the numbers below; columns that do not fit form further
/// blocks. The earliest cells of each column are ringed.
pub fn matrix(matrix: &Matrix, graph: &Graph, looks: &TextStyle) -> String {
    let screen = looks.columns();
    let names: Vec<String> = matrix.rows.iter().map(|entity| escape(graph.name(*entity)).into_owned()).collect();
    let label_width = names.iter().map(|name| width(name)).max().unwrap_or(0).min(screen / 2);
    let each = matrix.columns.len().to_string().len() + 1;
    let per_block = (screen.saturating_sub(label_width + 1) / each).max(1);
    let mut text = String::new();
    for from in (0..matrix.columns.len()).step_by(per_block) {
        let columns = from..(from + per_block).min(matrix.columns.len());
        let numbers: String = columns.clone().map(|i| format!("{:>each$}", i + 1)).collect();
        text += &format!("{} {}\n", " ".repeat(label_width), paint(Emphasis::Head, &numbers, looks.color));
        for (i, name) in names.iter().enumerate().take_while(|_| !is_over_after(matrix.columns.len())) {
            let name = fit(name, label_width, looks.ascii);
            let cells: String = columns.clone().map(|j| mark(matrix, i, j, each, looks)).collect();
            text += format!("{name}{} {cells}", gap(&name, label_width)).trim_end();
            text.push('\n');
        }
        text.push('\n');
    }
    text += &legend(matrix, graph, looks);
    if matrix.earliest.iter().flatten().any(|is_earliest| *is_earliest) {
        let ring = if looks.ascii { "@" } else { "◉" };
        let words = fit(&format!("{ring} the earliest of its column"), looks.columns(), looks.ascii);
        text += &(paint(Emphasis::Aside, &words, looks.color) + "\n");
    }
    text
}

fn mark(matrix: &Matrix, row: usize, column: usize, each: usize, looks: &TextStyle) -> String {
    let cells = matrix.cells.get(row).map_or(&[][..], Vec::as_slice);
    let truth = cells.get(column).copied().unwrap_or(Truth::No);
    let is_first = is_earliest(matrix, row, column);
    let mark = match (truth, is_first, looks.ascii) {
        (Truth::Yes, true, false) => "◉",
        (Truth::Yes, false, false) => "●",
        (Truth::Maybe, _, false) => "○",
        (Truth::No, _, false) => "·",
        (Truth::Yes, true, true) => "@",
        (Truth::Yes, false, true) => "#",
        (Truth::Maybe, _, true) => "?",
        (Truth::No, _, true) => ".",
    };
    " ".repeat(each - 1) + mark
}

fn is_earliest(matrix: &Matrix, row: usize, column: usize) -> bool {
    matrix.earliest.get(row).and_then(|cells| cells.get(column)).copied().unwrap_or(false)
}

/// Returns the names of the columns, as many on a line as fit.
fn legend(matrix: &Matrix, graph: &Graph, looks: &TextStyle) -> String {
    let entry = |(i, entity): (usize, &crate::graph::EntityId)| {
        let date = graph.date_of(*entity);
        let date = if date.is_undated() { String::new() } else { format!(" ({date})") };
        format!("{} {}{date}", i + 1, escape(graph.name(*entity)))
    };
    let mut lines = vec![String::new()];
    for entry in matrix.columns.iter().enumerate().map(entry) {
        let entry = fit(&entry, looks.columns(), looks.ascii);
        let line = lines.last_mut().expect("there is always a line");
        let joined = if line.is_empty() { entry.clone() } else { format!("{line}  {entry}") };
        if width(&joined) <= looks.columns() {
            *line = joined;
        } else {
            lines.push(entry);
        }
    }
    lines.iter().map(|line| paint(Emphasis::Aside, line, looks.color) + "\n").collect()
}
