//! `conflicts`: claims that cannot all be true.

use super::{entity_head, head, number, number_head, part, text, types_of, view};
use crate::answer::{Answer, Cell, Row, Subgraph, Table, View};
use crate::exec::{Context, Execution};
use crate::graph::{EntityId, Fact, FactId, Graph, backwards, cycles, disjoint, narrowing};
use crate::limits::in_budget;
use crate::provenance::subgraph::sentence;
use crate::provenance::{CITATION, cited};
use crate::schema::{PropertyId, VerbId};
use crate::value::Date;

/// Facts of which at least one is wrong.
struct Conflict {
    kind: &'static str,
    facts: Vec<FactId>,
}

/// Returns one row per claim that takes part in a conflict.
pub(super) fn answer(run: &Execution, of: Option<EntityId>) -> Answer {
    let context = run.context;
    let graph = context.graph;
    let conflicts = conflicts(graph, of);
    let mut rows: Vec<Row> = Vec::new();
    for (i, conflict) in conflicts.iter().enumerate() {
        for fact in conflict.facts.iter().take_while(in_budget) {
            let statement = text(&sentence(context, *fact));
            let cells = vec![number(i + 1), text(conflict.kind), Cell::Entity(subject(graph, *fact)), statement];
            rows.extend(cited(context, (*fact).into(), cells));
        }
    }
    let entities = conflicts.iter().flat_map(|conflict| &conflict.facts).map(|fact| subject(graph, *fact));
    let entity = entity_head("entity", types_of(graph, entities));
    let columns = [number_head("conflict"), head("kind"), entity, head("statement")];
    let columns = columns.into_iter().chain(CITATION.map(head)).collect();
    view(run, View::Conflicts, Table { columns, rows: rows.into() })
}

pub(crate) fn subgraph(context: &Context, of: Option<EntityId>) -> Subgraph {
    part(context.graph, conflicts(context.graph, of).into_iter().flat_map(|conflict| conflict.facts), of)
}

fn subject(graph: &Graph, fact: FactId) -> EntityId {
    match graph.fact(fact) {
        Fact::Link { subject, .. } | Fact::Value { subject, .. } => subject,
    }
}

/// Returns all conflicts, or those that an entity takes part in: values, then orders in time, then cycles.
fn conflicts(graph: &Graph, of: Option<EntityId>) -> Vec<Conflict> {
    let schema = graph.schema();
    let mut all: Vec<Conflict> = Vec::new();
    for (property, _) in schema.properties() {
        let found = disjoint(graph, property);
        all.extend(found.into_iter().map(|(_, facts)| Conflict { kind: "values", facts }));
    }
    for (verb, _) in schema.verbs() {
        all.extend(backwards(graph, verb).into_iter().take_while(in_budget).map(|fact| order(graph, fact)));
    }
    for (verb, _) in schema.verbs().filter(|(_, verb)| verb.acyclic) {
        all.extend(
            cycles(graph, verb).iter().map(|cycle| Conflict { kind: "cycle", facts: round(graph, verb, cycle) }),
        );
    }
    // Left out only now: cycles and narrowed dates lead to the entity through others.
    all.retain(|conflict| of.is_none_or(|of| conflict.facts.iter().any(|fact| touches(graph, *fact, of))));
    all
}

fn touches(graph: &Graph, fact: FactId, entity: EntityId) -> bool {
    match graph.fact(fact) {
        Fact::Link { subject, object, .. } => subject == entity || object == entity,
        Fact::Value { subject, .. } => subject == entity,
    }
}

/// Returns the conflict of a fact whose subject is dated before its object: by their own sources, or only by dates
/// narrowed along chronological verbs. Includes the facts that date both, and those along which the dates moved.
fn order(graph: &Graph, fact: FactId) -> Conflict {
    let Fact::Link { subject, object, .. } = graph.fact(fact) else {
        return Conflict { kind: "order", facts: vec![fact] };
    };
    let is_plain = before_lineage(graph, subject).reach().1 < before_lineage(graph, object).reach().0;
    let mut facts = vec![fact];
    for end in [subject, object] {
        facts.extend(dates(graph, end));
        let property = graph.dating(graph.type_of(end)).filter(|_| !is_plain);
        let moved = property.and_then(|property| narrowing(graph, end, property));
        for step in moved.into_iter().flat_map(|narrowing| narrowing.steps) {
            facts.push(step);
            if let Fact::Link { subject, object, .. } = graph.fact(step) {
                facts.extend([subject, object].into_iter().flat_map(|end| dates(graph, end)));
            }
        }
    }
    Conflict { kind: if is_plain { "order" } else { "lineage" }, facts: distinct(facts) }
}

/// Returns each fact once, at its first position.
fn distinct(facts: Vec<FactId>) -> Vec<FactId> {
    let facts: indexmap::IndexSet<FactId> = facts.into_iter().collect();
    facts.into_iter().collect()
}

/// Returns the date by an entity's own sources.
fn before_lineage(graph: &Graph, entity: EntityId) -> Date {
    let property = graph.dating(graph.type_of(entity));
    let narrowed = property.and_then(|property| narrowing(graph, entity, property));
    narrowed.map_or_else(|| graph.date_of(entity), |narrowing| narrowing.before)
}

/// Returns the facts that date an entity, without doubtful ones.
fn dates(graph: &Graph, entity: EntityId) -> Vec<FactId> {
    let of = |property: PropertyId| -> Vec<FactId> {
        let values = graph.values(property);
        values.span(entity).map(|i| values.fact(i)).filter(|fact| !graph.is_doubtful(*fact)).collect()
    };
    graph.dating(graph.type_of(entity)).map_or(Vec::new(), of)
}

/// Returns the facts of a cycle, from each entity to the next.
fn round(graph: &Graph, verb: VerbId, cycle: &[EntityId]) -> Vec<FactId> {
    let nexts = cycle.iter().skip(1).chain(cycle.first());
    cycle.iter().zip(nexts).filter_map(|(entity, next)| graph.relation(verb).fact(*entity, *next)).collect()
}
