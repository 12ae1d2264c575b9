//! `timeline of P`: what matched, by date.

use super::super::Context;
use super::super::limits::Stop;
use super::super::links::Links;
use super::super::rows::{self, compare_cells};
use super::{by_date, head, part};
use crate::answer::{Answer, Cell, Row, Subgraph, View};
use crate::check::typed::{ExprType, Select};
use crate::graph::{EntityId, FactId, Graph};
use crate::limits::{self, in_budget};
use crate::text::Diagnostic;
use crate::value::{Value, ValueType};
use std::collections::BTreeSet;

/// The rows by the date of the first column that has one, with that date behind them.
pub(super) fn answer(context: &Context, links: &Links, select: &Select) -> Result<Answer, Stop> {
    let graph = context.graph;
    let whole = Select { limit: None, offset: 0, order: Vec::new(), ..select.clone() };
    let mut answer = rows::answer(context, links, &whole)?;
    let column = dated_column(graph, select);
    let date = |row: &Row| row.cells.get(column).map_or(Cell::Absent, |cell| date(graph, cell));
    // The rows stand in the order of their columns, which breaks ties.
    let mut rows: Vec<Row> = std::mem::take(&mut answer.table.rows).into_iter().collect();
    limits::sort_by(&mut rows, |a, b| compare_cells(&date(a), &date(b)));
    limits::check()?;
    let bound = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let rows: crate::answer::Rows = rows.into();
    answer.notes.extend(cut_among_equals(&rows, select, &date));
    let rows = rows.into_iter().skip(bound(select.offset));
    answer.table.rows = rows.take(select.limit.map_or(usize::MAX, bound)).collect();
    limits::check()?;
    answer.view = View::Timeline(shown(graph, &answer.table.rows, column));
    limits::check()?;
    if select.columns.get(column).is_some_and(|column| matches!(column.expr.of, ExprType::Entity(_))) {
        answer.table.columns.push(head("date"));
        for row in answer.table.rows.iter_mut() {
            let date = date(row);
            row.cells.push(date);
        }
    }
    Ok(answer)
}

pub(super) fn subgraph(context: &Context, links: &Links, select: &Select) -> Result<Subgraph, Stop> {
    match answer(context, links, select)?.view {
        View::Timeline(part) => {
            let entities: BTreeSet<EntityId> = part.entities.into_iter().collect();
            Ok(Subgraph { entities: entities.into_iter().collect(), ..part })
        }
        _ => Ok(Subgraph::default()),
    }
}

/// A note where the limit parts rows of one date.
fn cut_among_equals(rows: &[Row], select: &Select, date: &dyn Fn(&Row) -> Cell) -> Option<Diagnostic> {
    let end = usize::try_from(select.offset.saturating_add(select.limit?)).ok()?;
    let last = date(rows.get(end.checked_sub(1)?)?);
    let left_out = rows[end..].iter().take_while(|row| compare_cells(&date(row), &last).is_eq()).count();
    (left_out > 0 && select.limit != Some(0)).then(|| rows::tie(left_out, select))
}

/// The first column of entities that have dates, or of dates; else the first.
fn dated_column(graph: &Graph, select: &Select) -> usize {
    let has_date = |of: ExprType| match of {
        ExprType::Entity(types) => types.iter().any(|id| graph.dating(id).is_some()),
        other => other == ExprType::Value(ValueType::Date),
    };
    select.columns.iter().position(|column| has_date(column.expr.of)).unwrap_or(0)
}

fn date(graph: &Graph, cell: &Cell) -> Cell {
    match cell {
        Cell::Entity(entity) => Cell::Value(Value::Date(graph.date_of(*entity))),
        Cell::Value(Value::Date(_)) => cell.clone(),
        _ => Cell::Absent,
    }
}

/// The entities of the column, by date, and the facts of lineage between them.
fn shown(graph: &Graph, rows: &[Row], column: usize) -> Subgraph {
    let entity = |row: &Row| if let Some(Cell::Entity(entity)) = row.cells.get(column) { Some(*entity) } else { None };
    let entities: BTreeSet<EntityId> = rows.iter().filter_map(entity).collect();
    let facts = between(graph, &entities);
    let mut dated: Vec<_> = entities.iter().map(|entity| (by_date(graph, *entity), *entity)).collect();
    limits::sort_by(&mut dated, Ord::cmp);
    let by_dates = dated.into_iter().map(|(_, entity)| entity).collect();
    Subgraph { entities: by_dates, ..part(graph, facts, entities) }
}

/// The facts of lineage that join two of the entities.
fn between(graph: &Graph, entities: &BTreeSet<EntityId>) -> Vec<FactId> {
    let mut facts = Vec::new();
    for verb in graph.schema().lineage_verbs() {
        let relation = graph.relation(verb);
        for subject in entities.iter().take_while(in_budget) {
            let objects = relation.adjacency(false, false).of(*subject).iter().map(|object| EntityId(*object));
            let joined = objects.filter(|object| entities.contains(object));
            facts.extend(joined.filter_map(|object| relation.fact(*subject, object)));
        }
    }
    facts
}
