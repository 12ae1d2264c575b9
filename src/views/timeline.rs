//! `timeline of P`: matches by date.

use super::{by_date, head, part};
use crate::answer::{Answer, Cell, Row, Rows, Subgraph, View};
use crate::exec::Execution;
use crate::exec::output::limit::tie;
use crate::exec::output::sort::compare_cells;
use crate::graph::{Direction, EntityId, FactId, Facts, Graph};
use crate::limits::{self, Stop, in_budget};
use crate::plan::Limit;
use crate::text::Diagnostic;
use crate::value::Value;
use std::collections::BTreeSet;

/// Returns the rows sorted by the date of the first column that has one. If that is a column of entities, the date is
/// appended.
pub(super) fn answer(run: Execution, column: usize, is_entity: bool, limit: &Limit) -> Result<Answer, Stop> {
    let graph = run.context.graph;
    let mut answer = run.into_answer();
    let date = |row: &Row| row.cells.get(column).map_or(Cell::Absent, |cell| date(graph, cell));
    // The rows are sorted by their columns, and the sort is stable, so the columns break ties.
    let mut rows: Vec<Row> = std::mem::take(&mut answer.table.rows).into_iter().collect();
    limits::sort_by(&mut rows, |a, b| compare_cells(&date(a), &date(b)));
    limits::check()?;
    let rows = Rows::from(rows);
    answer.notes.extend(cut_among_equals(&rows, limit, &date));
    answer.table.rows = rows.window(limit.offset, limit.limit.unwrap_or(usize::MAX));
    limits::check()?;
    answer.view = View::Timeline(shown(graph, &answer.table.rows, column));
    limits::check()?;
    if is_entity {
        answer.table.columns.push(head("date"));
        for row in answer.table.rows.iter_mut() {
            let date = date(row);
            row.cells.push(date);
        }
    }
    Ok(answer)
}

pub(super) fn subgraph(run: Execution, column: usize, is_entity: bool, limit: &Limit) -> Result<Subgraph, Stop> {
    Ok(match answer(run, column, is_entity, limit)?.view {
        View::Timeline(part) => {
            let entities: BTreeSet<EntityId> = part.entities.into_iter().collect();
            Subgraph { entities: entities.into_iter().collect(), ..part }
        }
        _ => Subgraph::default(),
    })
}

/// Returns a note if the limit separates rows of the same date.
fn cut_among_equals(rows: &[Row], limit: &Limit, date: &dyn Fn(&Row) -> Cell) -> Option<Diagnostic> {
    let end = limit.offset.saturating_add(limit.limit?);
    let last = date(rows.get(end.checked_sub(1)?)?);
    let left_out = rows[end..].iter().take_while(|row| compare_cells(&date(row), &last).is_eq()).count();
    (left_out > 0 && limit.limit != Some(0)).then(|| tie(left_out, limit.span))
}

fn date(graph: &Graph, cell: &Cell) -> Cell {
    match cell {
        Cell::Entity(entity) => Cell::Value(Value::Date(graph.date_of(*entity))),
        Cell::Value(Value::Date(_)) => cell.clone(),
        _ => Cell::Absent,
    }
}

/// Returns the entities of the column by date, with the lineage facts between them.
fn shown(graph: &Graph, rows: &[Row], column: usize) -> Subgraph {
    let entity = |row: &Row| if let Some(Cell::Entity(entity)) = row.cells.get(column) { Some(*entity) } else { None };
    let entities: BTreeSet<EntityId> = rows.iter().filter_map(entity).collect();
    let facts = between(graph, &entities);
    let mut dated: Vec<_> = entities.iter().map(|entity| (by_date(graph, *entity), *entity)).collect();
    limits::sort_by(&mut dated, Ord::cmp);
    let by_dates = dated.into_iter().map(|(_, entity)| entity).collect();
    Subgraph { entities: by_dates, ..part(graph, facts, entities) }
}

/// Returns the lineage facts that join two of the entities.
fn between(graph: &Graph, entities: &BTreeSet<EntityId>) -> Vec<FactId> {
    let mut facts = Vec::new();
    for verb in graph.schema().lineage_verbs() {
        let relation = graph.relation(verb);
        for subject in entities.iter().take_while(in_budget) {
            let objects =
                relation.adjacency(Direction::Forward, Facts::All).of(*subject).iter().map(|object| EntityId(*object));
            let joined = objects.filter(|object| entities.contains(object));
            facts.extend(joined.filter_map(|object| relation.fact(*subject, object)));
        }
    }
    facts
}
