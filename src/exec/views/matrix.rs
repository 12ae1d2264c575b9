//! `matrix of S`: the subject of a sentence against its object.

use super::super::limits::Stop;
use super::super::links::Links;
use super::super::matches::{Sureness, matches};
use super::super::{ABSENT, Context, rows};
use super::{by_date, entity_head, head, row, types_of};
use crate::answer::{Answer, Cell, Matrix, Table, View};
use crate::check::typed::{Select, VarId};
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over_after};
use crate::value::{Truth, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The matrix; as a table it has a column for each entity of its columns.
pub(super) fn answer(
    context: &Context,
    links: &Links,
    select: &Select,
    (rows, columns): (VarId, VarId),
) -> Result<Answer, Stop> {
    let found = matches(context, links, select, &[rows, columns])?;
    let mut truths: BTreeMap<(EntityId, EntityId), Truth> = BTreeMap::new();
    for (tuple, sure) in
        found.iter().take_while(in_budget).filter(|(tuple, _)| tuple.iter().all(|entity| *entity != ABSENT))
    {
        let truth = if sure == Sureness::Certain { Truth::Yes } else { Truth::Maybe };
        truths.insert((EntityId(tuple[0]), EntityId(tuple[1])), truth);
    }
    let matrix = matrix(context.graph, &truths);
    context.budget().hold(matrix.rows.len() * matrix.columns.len() * size_of::<Cell>())?;
    let title = |var: VarId| context.query.vars[var.0 as usize].title.as_str();
    let table = table(context.graph, title(rows), &matrix);
    Ok(Answer { view: View::Matrix(matrix), table, more_possible: 0, notes: rows::notes(context, found.notes) })
}

/// Columns by date; rows by the first column in which they have anything, then the first in which it is certain.
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
    lines.sort_by_key(|(row, cells)| (first(cells, Truth::is_possible), first(cells, Truth::is_certain), *row));
    let (rows, cells) = lines.into_iter().unzip();
    Matrix { rows, columns, cells }
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
