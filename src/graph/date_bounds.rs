//! What is left of dates: sources that overlap narrow each other, and so does lineage.
//!
//! 1. The values that some claim states better than doubtfully are intersected. Where they have no day in common,
//!    the date is their hull, and [`super::disjoint`] reports them.
//! 2. For the verbs marked chronological the subject is not earlier than the object: earliest days move from object
//!    to subject, latest days from subject to object, until nothing changes. A fact that runs backwards moves
//!    nothing, and [`super::backwards`] reports it.
//!
//! Only single-valued dates by which their type is dated ([`Graph::dating`]) take part in the second step.

use super::{Direction, EntityId, FactId, Facts, Graph, LinkView, ValueColumn, Values};
use crate::schema::{PropertyId, VerbId};
use crate::value::{Date, Id, ValueType};
use petgraph::visit::DfsPostOrder;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// On a cycle of chronological facts bounds may go round; after that many rounds they stay as they are.
const MOST_ROUNDS: usize = 64;

/// A date that lineage made narrower.
#[derive(Debug, Clone, PartialEq)]
pub struct Narrowing {
    /// What the sources of the entity itself leave.
    pub before: Date,
    pub after: Date,
    /// The facts along which the bounds came, each chain from the entity on: first that of the earliest day, then
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

/// The same for a part of a graph, whose dates are none so far.
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

/// Whether the property is a date of which entities have one.
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

/// What the sources of an entity leave of a date, before lineage: their intersection, else their hull;
/// [`Date::UNDATED`] where none says, or only doubtfully.
pub(super) fn stated(graph: &Graph, values: &Values, entity: EntityId) -> Date {
    let dates = sure_dates(graph, values, entity);
    let Some(first) = dates.first() else { return Date::UNDATED };
    let common = dates.iter().try_fold(*first, |all, date| all.intersect(*date));
    common.unwrap_or_else(|| dates.iter().fold(*first, |all, date| all.hull(*date)))
}

/// The stated dates of an entity, the doubtful left out.
pub(super) fn sure_dates(graph: &Graph, values: &Values, entity: EntityId) -> Vec<Date> {
    let ValueColumn::Dates(dates) = &values.stated else { return Vec::new() };
    let sure = values.span(entity).filter(|i| values.settles(graph, *i));
    sure.map(|i| dates[i]).collect()
}

/// The property by which an entity is dated, if that is single-valued.
fn dating(graph: &Graph, entity: EntityId) -> Option<PropertyId> {
    let property = graph.dating(graph.type_of(entity))?;
    graph.schema.property(property).single.then_some(property)
}

/// The bounds of some neighbouring entities while they move. Those that are not dated at all hold up nothing.
struct Bounds {
    /// The first of the entities.
    base: u32,
    earliest: Vec<i32>,
    latest: Vec<i32>,
    dated: Vec<bool>,
}

impl Bounds {
    /// Moves the bounds of the entities of a range, between which all facts of the verbs are.
    fn propagate(graph: &Graph, verbs: &[VerbId], range: Range<u32>) -> Bounds {
        let mut bounds = Bounds::of(graph, range.clone());
        let view = LinkView { graph, verbs, facts: Facts::Certain };
        let order = objects_first(view, range);
        for _ in 0..MOST_ROUNDS {
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
            earliest: dates.iter().map(|d| date(d).earliest()).collect(),
            latest: dates.iter().map(|d| date(d).latest()).collect(),
            dated: dates.iter().map(Option::is_some).collect(),
        }
    }

    fn place(&self, entity: EntityId) -> usize {
        (entity.0 - self.base) as usize
    }

    /// Whether bounds may move along a fact: both ends have dates, and the fact does not run backwards.
    fn agree(&self, subject: usize, object: usize) -> bool {
        self.dated[subject] && self.dated[object] && self.earliest[object] <= self.latest[subject]
    }

    /// Moves the earliest days of its objects to the subject.
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

    /// Moves the latest day of the subject to its objects.
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

/// The places of the objects of an entity.
fn objects(view: LinkView<'_>, subject: EntityId, base: u32) -> impl Iterator<Item = usize> {
    use petgraph::visit::IntoNeighbors;
    view.neighbors(subject).map(move |object| (object.0 - base) as usize)
}

/// The entities of a range, each after the objects of its facts as far as there is no cycle.
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

/// Writes the bounds that moved into the columns of settled dates.
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
    if (earliest, latest) == (date.earliest(), date.latest()) {
        return date;
    }
    Date::between(earliest, latest).and_then(|bounds| date.intersect(bounds)).unwrap_or(date)
}

/// How lineage made a settled date narrower; `None` where it did not.
pub fn narrowing(graph: &Graph, entity: EntityId, property: PropertyId) -> Option<Narrowing> {
    if dating(graph, entity) != Some(property) {
        return None;
    }
    let (before, after) = (stated(graph, graph.values(property), entity), graph.date(entity, property));
    let mut steps = Vec::new();
    if after.earliest() > before.earliest() {
        steps.extend(chain(graph, entity, false));
    }
    if after.latest() < before.latest() {
        steps.extend(chain(graph, entity, true));
    }
    (!steps.is_empty()).then_some(Narrowing { before, after, steps })
}

/// The shortest chain of chronological facts from an entity to one whose own sources give the bound that the entity
/// has: to objects for the earliest day, to subjects (`later`) for the latest.
fn chain(graph: &Graph, entity: EntityId, later: bool) -> Vec<FactId> {
    let bound = |date: Date| if later { date.latest() } else { date.earliest() };
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
            if next != entity && settled(next) == wanted && !came.contains_key(&next) {
                came.insert(next, (here, fact));
                queue.push_back(next);
            }
        }
    }
    Vec::new()
}

/// The neighbours over certain facts, with the facts.
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
