//! `describe X`: everything known about an entity.

use super::{part, text, view};
use crate::answer::{Answer, Cell, Row, Subgraph, View};
use crate::exec::{Context, Execution};
use crate::graph::{CitedFact, Direction, EntityId, FactId, Facts, Graph, narrowing};
use crate::limits::in_budget;
use crate::provenance::{self as proof, uncited};
use crate::schema::PropertyId;
use crate::value::Value;

/// Returns type, aliases, values, the facts of which it is subject, and those of which it is object; each fact with its
/// citations.
pub(super) fn answer(run: &Execution, entity: EntityId) -> Answer {
    let context = run.context;
    let graph = context.graph;
    let mut table = proof::table(context, &[]);
    let said = |word: &str, value: &str| uncited(vec![Cell::Entity(entity), text(word), text(value)], true);
    table.rows.push(said("type", &graph.schema().type_(graph.type_of(entity)).name));
    table.rows.extend(graph.names().aliases(entity).map(|alias| said("alias", alias)));
    for property in &graph.schema().type_(graph.type_of(entity)).properties {
        table.rows.extend(settled(graph, entity, *property));
        table
            .rows
            .extend(proof::cited_facts(context, stated(graph, entity, *property).into_iter().map(CitedFact::from)));
    }
    for inverse in [false, true] {
        table.rows.extend(proof::cited_facts(context, links(graph, entity, inverse).into_iter().map(CitedFact::from)));
    }
    view(run, View::Describe(entity), table)
}

pub(crate) fn subgraph(context: &Context, entity: EntityId) -> Subgraph {
    let graph = context.graph;
    let properties = &graph.schema().type_(graph.type_of(entity)).properties;
    let values = properties.iter().flat_map(|property| stated(graph, entity, *property));
    let links = [false, true].into_iter().flat_map(|inverse| links(graph, entity, inverse));
    part(graph, values.chain(links), [entity])
}

/// Returns the facts that state values of a property.
fn stated(graph: &Graph, entity: EntityId, property: PropertyId) -> Vec<FactId> {
    let values = graph.values(property);
    values.span(entity).map(|i| values.fact(i)).collect()
}

/// Returns a row with the settled value and a note, if it is not simply the only stated value; `None` otherwise.
fn settled(graph: &Graph, entity: EntityId, property: PropertyId) -> Option<Row> {
    let (info, values, value) =
        (graph.schema().property(property), graph.values(property), graph.value(entity, property));
    let is_stated = values.span(entity).any(|i| values.stated.get(i) == value);
    let is_known = match &value {
        Value::Unknown | Value::Many(_) => false,
        Value::Date(date) => !date.is_undated(),
        _ => true,
    };
    let several = values.span(entity).len() > 1;
    if !info.single || !is_known || (is_stated && !several) {
        return None;
    }
    let note = match narrowing(graph, entity, property) {
        Some(_) => "as lineage narrows it",
        None => "as its sources leave it",
    };
    let verb = info.verb.as_deref().unwrap_or(&info.name);
    let mut row = uncited(vec![Cell::Entity(entity), text(verb), Cell::Value(value)], true);
    if let Some(last) = row.cells.last_mut() {
        *last = text(note);
    }
    Some(row)
}

/// Returns the facts of which the entity is subject (or object), by verb.
fn links(graph: &Graph, entity: EntityId, inverse: bool) -> Vec<FactId> {
    let mut facts = Vec::new();
    for (verb, _) in graph.schema().verbs() {
        let relation = graph.relation(verb);
        for other in
            relation.adjacency(Direction::inverse_if(inverse), Facts::All).of(entity).iter().take_while(in_budget)
        {
            let other = EntityId(*other);
            let (subject, object) = if inverse { (other, entity) } else { (entity, other) };
            // A fact of an entity with itself is listed once.
            facts.extend(relation.fact(subject, object).filter(|_| !inverse || subject != object));
        }
    }
    facts
}
