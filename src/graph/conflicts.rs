//! Facts that cannot all be true.

use super::settle::sure_dates;
use super::{EntityId, FactId, Graph, LinkView};
use crate::limits::in_budget;
use crate::schema::{PropertyId, VerbId};
use crate::value::ValueType;
use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::visit::IntoNeighbors;
use std::collections::{HashMap, HashSet, VecDeque};

/// Values of a single-valued property that cannot all be true, entity by entity: dates that have no day in common,
/// numbers and texts that differ. Doubtful values contradict nothing.
pub fn disjoint(graph: &Graph, property: PropertyId) -> Vec<(EntityId, Vec<FactId>)> {
    if !graph.schema().property(property).single {
        return Vec::new();
    }
    let values = graph.values(property);
    let entities = values.base..values.base + values.offsets.len().saturating_sub(1) as u32;
    let contradicts = |entity: &EntityId| match graph.schema().property(property).value {
        ValueType::Date => {
            let dates = sure_dates(graph, values, *entity);
            let common = dates.iter().skip(1).try_fold(dates.first().copied(), |all, date| Some(all?.intersect(*date)));
            common.flatten().is_none() && !dates.is_empty()
        }
        _ => sure(graph, property, *entity).len() > 1,
    };
    entities
        .map(EntityId)
        .take_while(in_budget)
        .filter(contradicts)
        .map(|entity| (entity, sure(graph, property, entity)))
        .collect()
}

/// The values of an entity that are not doubtful.
fn sure(graph: &Graph, property: PropertyId, entity: EntityId) -> Vec<FactId> {
    let values = graph.values(property);
    values.span(entity).map(|i| values.fact(i)).filter(|fact| !graph.is_doubtful(*fact)).collect()
}

/// The certain facts of a chronological verb whose subject is certainly dated before their object, in id order;
/// none of other verbs.
pub fn backwards(graph: &Graph, verb: VerbId) -> Vec<FactId> {
    if !graph.schema().verb(verb).chronological {
        return Vec::new();
    }
    let runs_backwards = |(_, subject, object): &(FactId, EntityId, EntityId)| {
        graph.date_of(*subject).latest() < graph.date_of(*object).earliest()
    };
    let facts = graph.relation(verb).iter().take_while(in_budget).filter(runs_backwards).map(|(fact, ..)| fact);
    facts.filter(|fact| !graph.is_doubtful(*fact)).collect()
}

/// One shortest cycle for each knot of a verb's facts: the entities in the order of the facts, beginning with the
/// one of the lowest id, which is not repeated at the end. In order of that id.
pub fn cycles(graph: &Graph, verb: VerbId) -> Vec<Vec<EntityId>> {
    let verbs = [verb];
    let view = LinkView { graph, verbs: &verbs, certain: false };
    if toposort(view, None).is_ok() {
        return Vec::new();
    }
    let knots = kosaraju_scc(view);
    let mut cycles: Vec<Vec<EntityId>> = knots.iter().filter_map(|knot| cycle(view, knot)).collect();
    cycles.sort();
    cycles
}

/// A shortest cycle through the lowest entity of a knot; `None` where it is one entity without a fact to itself.
fn cycle(view: LinkView<'_>, knot: &[EntityId]) -> Option<Vec<EntityId>> {
    let members: HashSet<EntityId> = knot.iter().copied().collect();
    let start = *knot.iter().min()?;
    let mut came: HashMap<EntityId, EntityId> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(here) = queue.pop_front() {
        for next in view.neighbors(here).filter(|next| members.contains(next)) {
            if next == start {
                let mut cycle: Vec<EntityId> =
                    std::iter::successors(Some(here), |entity| came.get(entity).copied()).collect();
                cycle.reverse();
                return Some(cycle);
            }
            came.entry(next).or_insert_with(|| {
                queue.push_back(next);
                here
            });
        }
    }
    None
}
