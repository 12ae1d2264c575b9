//! The graph at a date: what certainly existed by then.
//!
//! - An entity exists if its date certainly is not after the day, or if its type has no date.
//! - A fact holds by the date of a claim. Without one, it holds by the date of its subject, or of its object if the
//!   type of the subject has no date. Doubtful facts hold, doubtfully, if both ends exist.
//! - The ends of a fact that holds existed: an entity whose own date leaves it open exists, whereas an entity that
//!   certainly is later removes the fact.
//!
//! Values stay with their entity, and dates are settled as in the whole graph, since present knowledge of a date may
//! tell what existed then. Ids of entities and facts stay the same.

use super::{AdjacencyPair, BitSet, EntityId, FactId, Graph, Relation, sort};
use crate::schema::VerbId;
use crate::value::{Date, Id, Truth};
use std::sync::Arc;

impl Graph {
    /// Returns the graph at the end of `date`. Entities and facts keep their ids; those that did not exist are reached
    /// from nowhere. O(entities + facts).
    pub fn as_of(&self, date: Date) -> Graph {
        let mut there: Vec<Truth> = self.entities().map(|entity| self.stood(entity, date)).collect();
        // Facts are judged by the dates of their ends alone: what one fact adds must not let another one hold, which
        // would depend on the order of the facts.
        let own = there.clone();
        let verbs = || VerbId::all(self.relations.len());
        for verb in verbs() {
            for (subject, object, fact) in facts(self.relation(verb)) {
                let stands = !self.is_doubtful(fact) && self.stands(fact, (subject, object), &own, date);
                if stands && own[subject.0 as usize].is_possible() && own[object.0 as usize].is_possible() {
                    there[subject.0 as usize] = Truth::Yes;
                    there[object.0 as usize] = Truth::Yes;
                }
            }
        }
        // Clones share the columns; only the restricted ones are copied.
        let mut past = self.clone();
        let absent = (0..there.len()).filter(|i| !there[*i].is_certain());
        past.absent = Arc::new(BitSet::of(absent, there.len()));
        for verb in verbs() {
            let stands = |(subject, object, fact): (EntityId, EntityId, FactId)| {
                [subject, object].iter().all(|end| there[end.0 as usize].is_certain())
                    && self.stands(fact, (subject, object), &own, date)
            };
            let left_out: Vec<bool> = facts(self.relation(verb)).map(|fact| !stands(fact)).collect();
            restrict(self, &mut past.relations[verb.0 as usize], &left_out);
        }
        past.values.iter_mut().for_each(|values| values.absent = past.absent.clone());
        past
    }

    /// Returns true if all entities exist, as in every graph except those of [`Graph::as_of`].
    pub fn is_whole(&self) -> bool {
        self.absent.has_no_room()
    }

    /// Returns true if the entity did not exist on the day of [`Graph::as_of`].
    pub fn is_absent(&self, entity: EntityId) -> bool {
        self.absent.contains(entity.0 as usize)
    }

    /// Returns whether the entity's own date lies before the end of the day. An entity without a date always existed.
    fn stood(&self, entity: EntityId, date: Date) -> Truth {
        match self.dating(self.type_of(entity)) {
            Some(property) => self.date(entity, property).until(date),
            None => Truth::Yes,
        }
    }

    /// Returns true if a fact certainly held by the day; `there` tells which entities existed by their own dates.
    fn stands(&self, fact: FactId, (subject, object): (EntityId, EntityId), there: &[Truth], date: Date) -> bool {
        let mut claimed = self.claims.of(fact).filter_map(|claim| claim.date).peekable();
        if claimed.peek().is_some() {
            return claimed.any(|claimed| claimed.until(date).is_certain());
        }
        let is_dated = self.dating(self.type_of(subject)).is_some();
        let dated_by = if is_dated { subject } else { object };
        there[dated_by.0 as usize].is_certain()
    }
}

/// Returns every fact of a relation, in id order.
fn facts(relation: &Relation) -> impl Iterator<Item = (EntityId, EntityId, FactId)> {
    let links = relation.forward.iter().flat_map(|(subject, row)| row.iter().map(move |object| (subject, *object)));
    (relation.first_fact..).map(FactId).zip(links).map(|(fact, (subject, object))| (subject, EntityId(object), fact))
}

/// Removes the facts at these positions from what is followed; fact ids stay the same.
fn restrict(graph: &Graph, relation: &mut Relation, left_out: &[bool]) {
    let positions = |also: &dyn Fn(u32) -> bool| -> Vec<u32> {
        (0..left_out.len() as u32).filter(|i| left_out[*i as usize] || also(*i)).collect()
    };
    let possible = positions(&|_| false);
    if possible.is_empty() {
        return;
    }
    let doubtful = |i: u32| graph.is_doubtful(FactId(relation.first_fact + i));
    let pair = |left_out: &[u32]| -> AdjacencyPair {
        let forward = sort::without(&relation.forward, left_out);
        let reverse = sort::reversed(&forward, &relation.reverse.range());
        AdjacencyPair { forward, reverse }
    };
    let certain = relation.certain.is_some().then(|| Box::new(pair(&positions(&doubtful))));
    relation.possible = Some(Box::new(pair(&possible)));
    relation.certain = certain;
}
