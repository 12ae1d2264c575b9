//! Facts that cannot all be true.

use super::date_bounds::sure_dates;
use super::{Condensation, Direction, EntityId, FactId, Facts, Graph, Rows};
use crate::limits::{in_budget, is_over};
use crate::schema::{PropertyId, VerbId};
use crate::value::ValueType;
use std::collections::{HashMap, VecDeque};

/// Returns the entities whose values of a single-valued property cannot all be true, with these values: dates without a
/// common day, or different numbers or texts. Doubtful values are ignored.
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

/// Returns the values of an entity that are not doubtful.
fn sure(graph: &Graph, property: PropertyId, entity: EntityId) -> Vec<FactId> {
    let values = graph.values(property);
    values.span(entity).map(|i| values.fact(i)).filter(|fact| !graph.is_doubtful(*fact)).collect()
}

/// Returns the certain facts of a chronological verb whose subject is certainly dated before their object, in id order;
/// none for other verbs.
pub fn backwards(graph: &Graph, verb: VerbId) -> Vec<FactId> {
    if !graph.schema().verb(verb).chronological {
        return Vec::new();
    }
    let runs_backwards = |(_, subject, object): &(FactId, EntityId, EntityId)| {
        graph.date_of(*subject).reach().1 < graph.date_of(*object).reach().0
    };
    let facts = graph.relation(verb).iter().take_while(in_budget).filter(runs_backwards).map(|(fact, ..)| fact);
    facts.filter(|fact| !graph.is_doubtful(*fact)).collect()
}

/// Returns one shortest cycle per strongly connected component of a verb's facts, sorted by their lowest id. A cycle
/// lists its entities in the order of the facts, beginning with the lowest id, which is not repeated at the end.
pub fn cycles(graph: &Graph, verb: VerbId) -> Vec<Vec<EntityId>> {
    let rows = graph.relation(verb).adjacency(Direction::Forward, Facts::All).rows();
    let mut tick = |_| if is_over() { Err(()) } else { Ok(()) };
    let Ok(condensation) = Condensation::new(graph.entity_count(), &[rows], &mut tick) else { return Vec::new() };
    let components = (0..condensation.len() as u32).take_while(in_budget);
    let mut cycles: Vec<_> = components.filter_map(|component| cycle(rows, &condensation, component)).collect();
    cycles.sort();
    cycles
}

/// Returns a shortest cycle through the lowest entity of a component; `None` for a single entity without a fact to
/// itself. Breadth-first search.
fn cycle(rows: Rows, condensation: &Condensation, component: u32) -> Option<Vec<EntityId>> {
    let start = *condensation.members(component).iter().min()?;
    let mut parents: HashMap<u32, u32> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(here) = queue.pop_front() {
        for next in rows.of(here).iter().filter(|next| condensation.component(**next) == Some(component)) {
            if *next == start {
                let mut cycle: Vec<EntityId> =
                    std::iter::successors(Some(here), |entity| parents.get(entity).copied()).map(EntityId).collect();
                cycle.reverse();
                return Some(cycle);
            }
            parents.entry(*next).or_insert_with(|| {
                queue.push_back(*next);
                here
            });
        }
    }
    None
}
