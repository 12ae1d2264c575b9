//! The questions that are more than a pattern: lineage, adoption, timeline, matrix, diff, describe, conflicts, schema.
//!
//! Each gives its view and the table that every format can show; [`subgraph`] gives the facts that each looks at.

mod adoption;
mod conflicts;
mod describe;
mod diff;
mod lineage;
mod matrix;
mod period;
mod schema;
mod timeline;

use super::limits::Stop;
use super::links::Links;
use super::{Context, collect, rows};
use crate::answer::{Answer, Cell, Head, Row, Subgraph, Table, View};
use crate::check::typed::Body;
use crate::graph::{EntityId, Fact, FactId, Graph};
use crate::limits::in_budget;
use crate::schema::TypeSet;
use crate::value::Value;
pub(super) use diff::{rows as diff_rows, rows_subgraph as diff_subgraph};
use std::collections::BTreeSet;

/// The answer to a body that is no select.
pub(super) fn answer(context: &Context, links: &Links, body: &Body) -> Result<Answer, Stop> {
    match body {
        Body::Select(select) => rows::answer(context, links, select),
        Body::Lineage { kind, of, via } => lineage::answer(context, links, *kind, *of, via),
        Body::Adoption(asked) => adoption::answer(context, links, asked),
        Body::Timeline(select) => timeline::answer(context, links, select),
        Body::Matrix { select, rows, columns } => matrix::answer(context, links, select, (*rows, *columns)),
        Body::Describe(entity) => Ok(describe::answer(context, *entity)),
        Body::Conflicts(of) => Ok(conflicts::answer(context, *of)),
        Body::Schema(topic) => Ok(schema::answer(context, *topic)),
        Body::Diff(left, right) => Ok(diff::answer(context, *left, *right)),
    }
}

/// Its graph form.
pub(super) fn subgraph(context: &Context, links: &Links, body: &Body) -> Result<Subgraph, Stop> {
    match body {
        Body::Select(select) | Body::Matrix { select, .. } => collect::subgraph(context, links, select),
        Body::Lineage { kind, of, via } => lineage::subgraph(context, links, *kind, *of, via),
        Body::Adoption(asked) => adoption::subgraph(context, links, asked),
        Body::Timeline(select) => timeline::subgraph(context, links, select),
        Body::Describe(entity) => Ok(describe::subgraph(context, *entity)),
        Body::Conflicts(of) => Ok(conflicts::subgraph(context, *of)),
        Body::Schema(topic) => Ok(schema::subgraph(context, *topic)),
        Body::Diff(left, right) => Ok(diff::subgraph(context, *left, *right)),
    }
}

/// The answer of a view, all of it certain or marked.
fn view(context: &Context, view: View, table: Table) -> Answer {
    Answer { view, table, more_possible: 0, notes: rows::notes(context, Vec::new()) }
}

/// Facts with their ends, and more entities.
fn part(graph: &Graph, facts: impl IntoIterator<Item = FactId>, also: impl IntoIterator<Item = EntityId>) -> Subgraph {
    let facts: BTreeSet<FactId> = facts.into_iter().take_while(in_budget).collect();
    let mut entities: BTreeSet<EntityId> = also.into_iter().take_while(in_budget).collect();
    for fact in facts.iter().take_while(in_budget) {
        match graph.fact(*fact) {
            Fact::Link { subject, object, .. } => entities.extend([subject, object]),
            Fact::Value { subject, .. } => entities.extend([subject]),
        }
    }
    Subgraph { entities: entities.into_iter().collect(), facts: facts.into_iter().collect(), derived: Vec::new() }
}

/// A column of texts, values or lists.
fn head(title: &str) -> Head {
    Head { title: title.to_string(), numeric: false, types: TypeSet::NONE }
}

fn number_head(title: &str) -> Head {
    Head { numeric: true, ..head(title) }
}

fn entity_head(title: &str, types: TypeSet) -> Head {
    Head { types, ..head(title) }
}

/// The types of these entities.
fn types_of(graph: &Graph, entities: impl IntoIterator<Item = EntityId>) -> TypeSet {
    entities.into_iter().fold(TypeSet::NONE, |types, entity| types.or(TypeSet::only(graph.type_of(entity))))
}

/// A text; absent where it is empty.
fn text(words: &str) -> Cell {
    if words.is_empty() { Cell::Absent } else { Cell::Value(Value::text(words)) }
}

fn number(number: usize) -> Cell {
    Cell::Value(Value::Number(number as f64))
}

/// The cell itself where there is one, else a list.
fn list(mut cells: Vec<(Cell, bool)>) -> Cell {
    match cells.len() {
        0 => Cell::Absent,
        1 if cells[0].1 => cells.remove(0).0,
        _ => Cell::List(cells),
    }
}

/// Entities by date, the undated last; ties in id order.
fn by_date(graph: &Graph, entity: EntityId) -> ((i32, i32), EntityId) {
    (graph.date_of(entity).sort_key(), entity)
}

fn row(cells: Vec<Cell>, certain: bool) -> Row {
    Row { cells, certain }
}
