//! Settled dates: claims about the same date narrow each other, and so do dates along chronological verbs.
//!
//! 1. The values with a claim that is better than doubtful are intersected. If they have no day in common, the date is
//!    their hull, and [`super::disjoint`] reports them.
//! 2. The subject of a chronological verb is not earlier than its object: earliest days move from object to subject,
//!    latest days from subject to object, until nothing changes. A fact that contradicts this moves nothing, and
//!    [`super::backwards`] reports it.
//!
//! Only single-valued dates that date their type ([`Graph::dating`]) take part in the second step, which is constraint
//! propagation on intervals (Davis, *Constraint propagation with interval labels*, 1987).

use super::{Direction, EntityId, FactId, Facts, Graph, LinkView, ValueColumn, Values};
use crate::schema::{PropertyId, VerbId};
use crate::value::{Date, Id, ValueType};
use petgraph::visit::DfsPostOrder;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// Maximum number of rounds: on a cycle of chronological facts, bounds may move for many rounds; they then stay as they
/// are. Without cycles two rounds are enough, of which the second finds nothing to move; each further one costs a pass
/// over these facts.
const MOST_ROUNDS: usize = 64;

/// A date that was narrowed along chronological verbs.
#[derive(Debug, Clone, PartialEq)]
pub struct Narrowing {
    /// Date by the entity's own sources.
    pub before: Date,
    pub after: Date,
    /// Facts along which the bounds moved, each chain beginning at the entity: first that of the earliest day, then
    /// that of the latest.
    pub steps: Vec<FactId>,
}

/// Fills [`Values::settled`] of all single-valued dates.
pub(super) fn propagate_date_bounds(graph: &mut Graph) {
    for (i, id) in PropertyId::all(graph.values.len()).enumerate() {
        if is_settled(graph, id) {
            let settled: Vec<Date> = entities(&graph.values[i]).map(|e| stated(graph, &graph.values[i], e)).collect();
            graph.values[i].settled = settled.into();
        }
    }
    let verbs = chronological(graph);
    if verbs.iter().any(|verb| !graph.relation(*verb).is_empty()) {
        let bounds = Bounds::propagate(graph, &verbs, 0..graph.entity_count() as u32);
        store(graph, &bounds);
    }
}

/// Does the same for a part of a graph, which has no settled dates yet.
pub(super) fn settle_part(graph: &mut Graph) {
    for (i, id) in PropertyId::all(graph.schema.properties().len()).enumerate() {
        if is_settled(graph, id) {
            let subjects = graph.values[i].subjects_of_part();
            let dates = subjects.into_iter().map(|e| (e, stated(graph, &graph.values[i], e))).collect();
            keep(&mut graph.values[i], dates);
        }
    }
    let verbs = chronological(graph);
    let ends = |inverse: bool, graph: &Graph| -> Vec<u32> {
        verbs
            .iter()
            .flat_map(|verb| graph.relation(*verb).adjacency(Direction::inverse_if(inverse), Facts::Certain).range())
            .collect()
    };
    let joined: Vec<u32> = [false, true].iter().flat_map(|inverse| ends(*inverse, graph)).collect();
    let (Some(first), Some(last)) = (joined.iter().min(), joined.iter().max()) else { return };
    let bounds = Bounds::propagate(graph, &verbs, *first..*last + 1);
    for entity in joined.into_iter().collect::<BTreeSet<u32>>().into_iter().map(EntityId) {
        if let Some(property) = dating(graph, entity) {
            let date = narrow(graph.date(entity, property), &bounds, entity);
            keep(&mut graph.values[property.0 as usize], vec![(entity, date)]);
        }
    }
}

fn keep(values: &mut Values, dates: Vec<(EntityId, Date)>) {
    let Some(part) = &mut values.part else { return };
    Arc::make_mut(part).dates.extend(dates.into_iter().map(|(entity, date)| (entity.0, date)));
}

/// Returns true if the property is a date of which an entity has at most one.
fn is_settled(graph: &Graph, id: PropertyId) -> bool {
    let property = graph.schema.property(id);
    property.single && property.value == ValueType::Date
}

fn entities(values: &Values) -> impl Iterator<Item = EntityId> {
    (values.base..values.base + values.offsets.len().saturating_sub(1) as u32).map(EntityId)
}

fn chronological(graph: &Graph) -> Vec<VerbId> {
    graph.schema.verbs().filter(|(_, verb)| verb.chronological).map(|(id, _)| id).collect()
}

/// Returns the date by the entity's own sources: their intersection, or their hull if it is empty; [`Date::UNDATED`] if
/// no source states it, or only doubtfully.
pub(super) fn stated(graph: &Graph, values: &Values, entity: EntityId) -> Date {
    let dates = sure_dates(graph, values, entity);
    let Some(first) = dates.first() else { return Date::UNDATED };
    let common = dates.iter().try_fold(*first, |all, date| all.intersect(*date));
    common.unwrap_or_else(|| dates.iter().fold(*first, |all, date| all.hull(*date)))
}

/// Returns the stated dates of an entity, without doubtful ones.
pub(super) fn sure_dates(graph: &Graph, values: &Values, entity: EntityId) -> Vec<Date> {
    let ValueColumn::Dates(dates) = &values.stated else { return Vec::new() };
    let sure = values.span(entity).filter(|i| values.settles(graph, *i));
    sure.map(|i| dates[i]).collect()
}

/// Returns the property that dates an entity; `None` if it is not single-valued.
fn dating(graph: &Graph, entity: EntityId) -> Option<PropertyId> {
    let property = graph.dating(graph.type_of(entity))?;
    graph.schema.property(property).single.then_some(property)
}

/// First and last days that the dates of the entities of a range reach, while they move. `dated` is false for an entity
/// whose type has no single date; no bounds move from or to it.
struct Bounds {
    /// First entity of the range.
    base: u32,
    earliest: Vec<i32>,
    latest: Vec<i32>,
    dated: Vec<bool>,
}

impl Bounds {
    /// Returns the narrowed bounds of the entities of a range, which must contain both ends of all facts of the verbs.
    fn propagate(graph: &Graph, verbs: &[VerbId], range: Range<u32>) -> Bounds {
        let mut bounds = Bounds::of(graph, range.clone());
        let view = LinkView { graph, verbs, facts: Facts::Certain };
        let order = objects_first(view, range);
        for _ in 0..MOST_ROUNDS {
            // In this order a round moves bounds along whole chains, unless there is a cycle.
            // Latest days move the other way, so in reverse order. (`any` would stop at the first bound that moves.)
            let raised = order.iter().fold(false, |moved, subject| bounds.raise(view, *subject) | moved);
            let lowered = order.iter().rev().fold(false, |moved, subject| bounds.lower(view, *subject) | moved);
            if !raised && !lowered {
                break;
            }
        }
        bounds
    }

    fn of(graph: &Graph, range: Range<u32>) -> Bounds {
        let base = range.start;
        let dates: Vec<Option<Date>> = range.map(EntityId).map(|e| Some(graph.date(e, dating(graph, e)?))).collect();
        let date = |date: &Option<Date>| date.unwrap_or(Date::UNDATED);
        Bounds {
            base,
            earliest: dates.iter().map(|d| date(d).reach().0).collect(),
            latest: dates.iter().map(|d| date(d).reach().1).collect(),
            dated: dates.iter().map(Option::is_some).collect(),
        }
    }

    fn place(&self, entity: EntityId) -> usize {
        (entity.0 - self.base) as usize
    }

    /// Returns true if bounds may move along a fact: both ends have a date, and the fact does not contradict them.
    fn agree(&self, subject: usize, object: usize) -> bool {
        self.dated[subject] && self.dated[object] && self.earliest[object] <= self.latest[subject]
    }

    /// Moves the earliest days of the objects to the subject; returns true if that changed its bound.
    fn raise(&mut self, view: LinkView<'_>, subject: EntityId) -> bool {
        let s = self.place(subject);
        let before = self.earliest[s];
        for object in objects(view, subject, self.base) {
            if self.agree(s, object) {
                self.earliest[s] = self.earliest[s].max(self.earliest[object]);
            }
        }
        self.earliest[s] != before
    }

    /// Moves the latest day of the subject to its objects; returns true if that changed a bound.
    fn lower(&mut self, view: LinkView<'_>, subject: EntityId) -> bool {
        let (s, mut moved) = (self.place(subject), false);
        for object in objects(view, subject, self.base) {
            if self.agree(s, object) && self.latest[s] < self.latest[object] {
                self.latest[object] = self.latest[s];
                moved = true;
            }
        }
        moved
    }
}

/// Returns the positions of the objects of an entity.
fn objects(view: LinkView<'_>, subject: EntityId, base: u32) -> impl Iterator<Item = usize> {
    use petgraph::visit::IntoNeighbors;
    view.neighbors(subject).map(move |object| (object.0 - base) as usize)
}

/// Returns the entities of a range, each behind the objects of its facts unless there is a cycle.
fn objects_first(view: LinkView<'_>, range: Range<u32>) -> Vec<EntityId> {
    let mut order = Vec::with_capacity(range.len());
    let mut walk = DfsPostOrder::empty(view);
    for start in range.map(EntityId) {
        walk.move_to(start);
        while let Some(entity) = walk.next(view) {
            order.push(entity);
        }
    }
    order
}

/// Writes the narrowed bounds to the columns of settled dates.
fn store(graph: &mut Graph, bounds: &Bounds) {
    for (i, property) in PropertyId::all(graph.values.len()).enumerate() {
        let narrowed = |entity: EntityId, date: Date| match dating(graph, entity) {
            Some(dating) if dating == property => narrow(date, bounds, entity),
            _ => date,
        };
        let values = &graph.values[i];
        let settled: Vec<Date> = entities(values).zip(values.settled.iter()).map(|(e, d)| narrowed(e, *d)).collect();
        graph.values[i].settled = settled.into();
    }
}

fn narrow(date: Date, bounds: &Bounds, entity: EntityId) -> Date {
    let place = bounds.place(entity);
    let (earliest, latest) = (bounds.earliest[place], bounds.latest[place]);
    if (earliest, latest) == date.reach() {
        return date;
    }
    Date::between(earliest, latest).and_then(|bounds| date.intersect(bounds)).unwrap_or(date)
}

/// Returns how a settled date was narrowed along chronological verbs; `None` if it was not.
pub fn narrowing(graph: &Graph, entity: EntityId, property: PropertyId) -> Option<Narrowing> {
    if dating(graph, entity) != Some(property) {
        return None;
    }
    let (before, after) = (stated(graph, graph.values(property), entity), graph.date(entity, property));
    let mut steps = Vec::new();
    if after.reach().0 > before.reach().0 {
        steps.extend(chain(graph, entity, false));
    }
    if after.reach().1 < before.reach().1 {
        steps.extend(chain(graph, entity, true));
    }
    (!steps.is_empty()).then_some(Narrowing { before, after, steps })
}

/// Returns the shortest chain of chronological facts from an entity to one whose own sources give the same bound: to
/// objects for the earliest day, to subjects (if `later`) for the latest.
fn chain(graph: &Graph, entity: EntityId, later: bool) -> Vec<FactId> {
    let bound = |date: Date| if later { date.reach().1 } else { date.reach().0 };
    let settled = |entity: EntityId| Some(bound(graph.date(entity, dating(graph, entity)?)));
    let own = |entity: EntityId| Some(bound(stated(graph, graph.values(dating(graph, entity)?), entity)));
    let (verbs, wanted) = (chronological(graph), settled(entity));
    let mut came: HashMap<EntityId, (EntityId, FactId)> = HashMap::new();
    let mut queue = VecDeque::from([entity]);
    while let Some(here) = queue.pop_front() {
        if here != entity && own(here) == wanted {
            return walk_back(&came, entity, here);
        }
        for (next, fact) in links(graph, &verbs, here, later) {
            // A bound only moves between entities that end up with the same one.
            if next != entity && settled(next) == wanted && !came.contains_key(&next) {
                came.insert(next, (here, fact));
                queue.push_back(next);
            }
        }
    }
    Vec::new()
}

/// Returns the neighbours over certain facts, with the facts.
fn links<'g>(
    graph: &'g Graph,
    verbs: &'g [VerbId],
    here: EntityId,
    inverse: bool,
) -> impl Iterator<Item = (EntityId, FactId)> + 'g {
    verbs.iter().flat_map(move |verb| {
        let relation = graph.relation(*verb);
        relation.adjacency(Direction::inverse_if(inverse), Facts::Certain).of(here).iter().filter_map(move |other| {
            let other = EntityId(*other);
            let fact = if inverse { relation.fact(other, here) } else { relation.fact(here, other) };
            Some((other, fact?))
        })
    })
}

fn walk_back(came: &HashMap<EntityId, (EntityId, FactId)>, start: EntityId, end: EntityId) -> Vec<FactId> {
    let mut steps = Vec::new();
    let mut here = end;
    while here != start {
        let Some((before, fact)) = came.get(&here) else { break };
        steps.push(*fact);
        here = *before;
    }
    steps.reverse();
    steps
}
