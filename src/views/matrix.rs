//! `matrix of S`: subjects of a sentence against its objects.

use super::{by_date, entity_head, head, row, types_of};
use crate::answer::{Answer, Cell, Matrix, Table, View};
use crate::exec::aggregate::fold::candidates;
use crate::exec::bindings::Certainty;
use crate::exec::limits::Stop;
use crate::exec::{Execution, NULL_SLOT};
use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over_after};
use crate::value::{Truth, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the matrix; its table has a column for each entity of the columns.
pub(super) fn answer(run: &Execution, title: &str, verb: Option<&str>, is_turned: bool) -> Result<Answer, Stop> {
    let context = run.context;
    let mut truths: BTreeMap<(EntityId, EntityId), Truth> = BTreeMap::new();
    let found = run.bindings().into_iter().flat_map(|found| found.iter());
    for (tuple, sure) in found.take_while(in_budget) {
        let [row, column] = *tuple else { continue };
        if row != NULL_SLOT && column != NULL_SLOT {
            let truth = if sure == Certainty::Certain { Truth::Yes } else { Truth::Maybe };
            truths.insert((EntityId(row), EntityId(column)), truth);
        }
    }
    let matrix = Matrix { verb: verb.map(str::to_string), is_turned, ..matrix(context.graph, &truths) };
    // A cell for each pair, although only the joined ones have been counted so far.
    context.budget().hold(matrix.rows.len() * matrix.columns.len() * size_of::<Cell>())?;
    let table = table(context.graph, title, &matrix);
    Ok(Answer { view: View::Matrix(matrix), table, more_possible: 0, notes: run.notes() })
}

/// Returns the matrix with columns by date, and rows by date, then by the first possible column, then by the first
/// certain one.
fn matrix(graph: &Graph, truths: &BTreeMap<(EntityId, EntityId), Truth>) -> Matrix {
    let columns: BTreeSet<EntityId> = truths.keys().map(|(_, column)| *column).collect();
    let mut columns: Vec<EntityId> = columns.into_iter().collect();
    columns.sort_by_cached_key(|column| by_date(graph, *column));
    let rows: BTreeSet<EntityId> = truths.keys().map(|(row, _)| *row).collect();
    let cell = |row: EntityId, column: &EntityId| truths.get(&(row, *column)).copied().unwrap_or(Truth::No);
    let of_row = |row: EntityId| (row, columns.iter().map(|column| cell(row, column)).collect::<Vec<Truth>>());
    let mut lines: Vec<(EntityId, Vec<Truth>)> =
        rows.into_iter().take_while(|_| !is_over_after(columns.len())).map(of_row).collect();
    let first = |cells: &[Truth], wanted: fn(Truth) -> bool| {
        cells.iter().position(|truth| wanted(*truth)).unwrap_or(usize::MAX)
    };
    lines.sort_by_cached_key(|(row, cells)| {
        let date = graph.date_of(*row).sort_key();
        (date, first(cells, Truth::is_possible), first(cells, Truth::is_certain), *row)
    });
    let (rows, cells): (Vec<EntityId>, Vec<Vec<Truth>>) = lines.into_iter().unzip();
    let earliest = earliest(graph, &rows, &cells, columns.len());
    Matrix { rows, columns, cells, earliest, verb: None, is_turned: false }
}

/// Returns, per row and column, whether no other row certainly precedes it: these cells get a ring.
fn earliest(graph: &Graph, rows: &[EntityId], cells: &[Vec<Truth>], columns: usize) -> Vec<Vec<bool>> {
    let mut earliest = vec![vec![false; columns]; rows.len()];
    // Without any date, nothing precedes anything, and every cell would get a ring.
    if rows.iter().all(|row| graph.date_of(*row).is_undated()) {
        return earliest;
    }
    let place: BTreeMap<EntityId, usize> = rows.iter().enumerate().map(|(i, row)| (*row, i)).collect();
    for column in (0..columns).take_while(|_| !is_over_after(rows.len())) {
        let those = |wanted: fn(Truth) -> bool| -> Vec<Cell> {
            let holds = rows.iter().zip(cells).filter(|(_, cells)| wanted(cells[column]));
            holds.map(|(row, _)| Cell::Entity(*row)).collect()
        };
        let (certain, all) = (those(Truth::is_certain), those(Truth::is_possible));
        for (cell, _) in candidates(graph, FunctionId::First, &certain, &certain, &all) {
            if let Cell::Entity(row) = cell {
                earliest[place[&row]][column] = true;
            }
        }
    }
    earliest
}

fn table(graph: &Graph, title: &str, matrix: &Matrix) -> Table {
    let first = entity_head(title, types_of(graph, matrix.rows.iter().copied()));
    let others = matrix.columns.iter().map(|column| head(graph.name(*column)));
    let line = |(entity, truths): (&EntityId, &Vec<Truth>)| {
        let cells = truths.iter().map(|truth| Cell::Value(Value::Truth(*truth)));
        row(std::iter::once(Cell::Entity(*entity)).chain(cells).collect(), true)
    };
    let lines = matrix.rows.iter().zip(&matrix.cells);
    let rows = lines.take_while(|_| !is_over_after(matrix.columns.len())).map(line).collect();
    Table { columns: std::iter::once(first).chain(others).collect(), rows }
}
