//! Views: lineage, adoption, rise, spread, timeline, matrix, diff, describe, conflicts, reports, schema.
//!
//! Each returns its view and a table that every format can show; [`subgraph`] returns the facts of each.

mod adoption;
mod conflicts;
mod describe;
mod diff;
mod duplicates;
mod lineage;
mod matrix;
mod period;
mod reports;
mod rise;
mod schema;
mod spread;
mod timeline;

use crate::answer::{Answer, Cell, Head, Row, Subgraph, Table, View};
use crate::exec::Execution;
use crate::graph::{EntityId, Fact, FactId, Graph};
use crate::limits::{Stop, in_budget};
use crate::plan;
use crate::schema::TypeSet;
use crate::value::Value;
use std::collections::BTreeSet;

/// Returns the answer of a plan whose view is more than rows.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn answer(run: Execution) -> Result<Answer, Stop> {
    let plan = run.context.plan;
    match &plan.view {
        plan::View::Lineage(asked) => lineage::answer(&run, asked),
        plan::View::Adoption(asked) => adoption::answer(&run, asked),
        plan::View::Rise(asked) => rise::answer(&run, asked),
        plan::View::Spread { of, verbs, via } => spread::answer(&run, *of, verbs, via),
        plan::View::Timeline { column, is_entity, limit } => timeline::answer(run, *column, *is_entity, limit),
        plan::View::Matrix { title, verb, is_turned } => matrix::answer(&run, title, verb.as_deref(), *is_turned),
        plan::View::Describe(entity) => Ok(describe::answer(&run, *entity)),
        plan::View::Conflicts(of) => Ok(conflicts::answer(&run, *of)),
        plan::View::Report(report) => Ok(reports::answer(&run, report)),
        plan::View::Schema(topic) => Ok(schema::answer(&run, *topic)),
        plan::View::Diff { left, right, over } => Ok(diff::answer(&run, *left, *right, &diff::Looked::at(over))),
        plan::View::DiffEnds { left, right, except, over } => {
            Ok(diff::rows(&run, (*left, *right), &diff::Looked { except, over: over.as_ref() }))
        }
        _ => Ok(run.into_answer()),
    }
}

/// Returns the facts of a view as a graph.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn subgraph(run: Execution) -> Result<Subgraph, Stop> {
    let (context, plan) = (run.context, run.context.plan);
    match &plan.view {
        plan::View::Lineage(asked) => lineage::subgraph(&run, asked),
        plan::View::Adoption(asked) | plan::View::Rise(asked) => adoption::subgraph(&run, asked),
        plan::View::Spread { of, verbs, via } => spread::subgraph(&run, *of, verbs, via),
        plan::View::Timeline { column, is_entity, limit } => timeline::subgraph(run, *column, *is_entity, limit),
        plan::View::Describe(entity) => Ok(describe::subgraph(context, *entity)),
        plan::View::Conflicts(of) => Ok(conflicts::subgraph(context, *of)),
        plan::View::Report(report) => Ok(reports::subgraph(context, report)),
        plan::View::Schema(topic) => Ok(schema::subgraph(context, *topic)),
        plan::View::Diff { left, right, over } => Ok(diff::subgraph(context, *left, *right, &diff::Looked::at(over))),
        plan::View::DiffEnds { left, right, except, over } => {
            Ok(diff::rows_subgraph(&run, (*left, *right), &diff::Looked { except, over: over.as_ref() }))
        }
        _ => Ok(Subgraph::default()),
    }
}

/// Returns the answer of a view without hidden possible rows.
fn view(run: &Execution, view: View, table: Table) -> Answer {
    Answer { view, table, more_possible: 0, notes: run.notes() }
}

/// Returns facts with their ends, and further entities.
fn part(graph: &Graph, facts: impl IntoIterator<Item = FactId>, also: impl IntoIterator<Item = EntityId>) -> Subgraph {
    let facts: BTreeSet<FactId> = facts.into_iter().take_while(in_budget).collect();
    let mut entities: BTreeSet<EntityId> = also.into_iter().take_while(in_budget).collect();
    for fact in facts.iter().take_while(in_budget) {
        match graph.fact(*fact) {
            Fact::Link { subject, object, .. } => entities.extend([subject, object]),
            Fact::Value { subject, .. } => entities.extend([subject]),
        }
    }
    Subgraph { entities: entities.into_iter().collect(), facts: facts.into_iter().collect(), ..Subgraph::default() }
}

/// Returns the head of a column of texts, values or lists.
fn head(title: &str) -> Head {
    Head { title: title.to_string(), numeric: false, types: TypeSet::NONE }
}

fn number_head(title: &str) -> Head {
    Head { numeric: true, ..head(title) }
}

fn entity_head(title: &str, types: TypeSet) -> Head {
    Head { types, ..head(title) }
}

/// Returns the types of these entities.
fn types_of(graph: &Graph, entities: impl IntoIterator<Item = EntityId>) -> TypeSet {
    entities.into_iter().fold(TypeSet::NONE, |types, entity| types.or(TypeSet::only(graph.type_of(entity))))
}

/// Returns a text cell; absent if empty.
fn text(words: &str) -> Cell {
    if words.is_empty() { Cell::Absent } else { Cell::Value(Value::text(words)) }
}

fn number(number: usize) -> Cell {
    Cell::Value(Value::Number(number as f64))
}

/// Returns a single certain cell itself, otherwise a list; absent if empty.
fn list(mut cells: Vec<(Cell, bool)>) -> Cell {
    match cells.len() {
        0 => Cell::Absent,
        1 if cells[0].1 => cells.remove(0).0,
        _ => Cell::List(cells),
    }
}

/// Returns the sort key of entities by date, undated last; ties in id order.
fn by_date(graph: &Graph, entity: EntityId) -> ((i32, i32), EntityId) {
    (graph.date_of(entity).sort_key(), entity)
}

fn row(cells: Vec<Cell>, certain: bool) -> Row {
    Row { cells, certain }
}
