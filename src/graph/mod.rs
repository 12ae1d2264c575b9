//! The store: entities, facts, values and their claims, as columns and sorted adjacency.
//!
//! Entities are numbered type by type (subtypes behind their type), and within a type in natural order of names, so
//! that a type test is a range check, and sorting by id is sorting by type and name. Read [`Graph`] first, then
//! [`Relation`] and [`Values`]. [`Builder`] makes a graph; a graph never changes.

mod adjacency;
mod as_of;
mod bitset;
mod builder;
mod citations;
mod claims;
mod column;
mod condensation;
mod conflicts;
mod date_bounds;
mod elsewhere;
mod iri;
mod names;
mod number;
mod only;
mod sort;
mod values;
mod visit;

pub use adjacency::{Adjacency, AdjacencyPair, Direction, Facts, Relation, Rows};
pub use bitset::{BitSet, each_bit};
pub use builder::{Builder, ClaimSource};
pub use claims::{CitedFact, Claim, Claims, Source, SourceId, Trust};
use column::Interner;
pub(crate) use column::{BLOCK, CHANGED, Damage};
pub use column::{Check, Column, Shared, Texts};
pub use condensation::Condensation;
pub use conflicts::{backwards, cycles, disjoint};
pub use date_bounds::{Narrowing, narrowing};
pub use elsewhere::{Census, FactCount, ValueCount};
pub use iri::iri;
pub use names::{Names, fold};
pub(crate) use names::{folded, same};
pub use only::{Part, entire, in_part, is_entire};
pub use values::{Numbers, ValueColumn, ValueDictionary, Values};
pub use visit::LinkView;

use crate::schema::{PropertyId, Schema, TypeId, TypeSet, VerbId};
use crate::value::{Date, Id, Value, id};
use std::ops::Range;
use std::sync::Arc;

id! {
    /// Number of an entity.
    EntityId(u32), "entities"
}

id! {
    /// Number of a fact: first the facts of each verb, by subject and object; then the values of each property, by
    /// entity.
    FactId(u32), "facts"
}

/// Content of a fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    Link {
        subject: EntityId,
        verb: VerbId,
        object: EntityId,
    },
    /// `value` as a source states it, before narrowing.
    Value {
        subject: EntityId,
        property: PropertyId,
        value: Value,
    },
}

/// A checked graph. Cheap to clone, since columns are shared.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(crate) schema: Schema,
    /// First id of each type, without subtypes; with one entry more.
    pub(crate) type_starts: Vec<u32>,
    pub(crate) names: Names,
    /// Per verb.
    pub(crate) relations: Vec<Relation>,
    /// Per property.
    pub(crate) values: Vec<Values>,
    pub(crate) claims: Claims,
    /// Definitions that belong to the graph, as text: `define … as …`.
    pub(crate) defines: Vec<String>,
    /// Entities that did not exist at the date; empty except in graphs of [`Graph::as_of`].
    pub(crate) absent: Arc<BitSet>,
    pub(crate) damage: Damage,
}

impl Graph {
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    pub fn defines(&self) -> &[String] {
        &self.defines
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Returns what was found damaged in the snapshot so far, in which case answers may be wrong; `None` if nothing
    /// was. Columns are checked when they are first read, so this must be called after a query.
    pub fn damage(&self) -> Option<&'static str> {
        self.damage.first()
    }

    /// Makes text properties share the heap of the claims.
    pub(crate) fn share_texts(&mut self) {
        for values in &mut self.values {
            if let ValueColumn::Texts(_, texts) = &mut values.stated {
                *texts = self.claims.texts.clone();
            }
        }
    }

    pub fn entity_count(&self) -> usize {
        self.type_starts.last().map_or(0, |end| *end as usize)
    }

    /// Returns the number of facts, including values.
    pub fn fact_count(&self) -> usize {
        let links: usize = self.relations.iter().map(Relation::len).sum();
        links + self.values.iter().map(Values::len).sum::<usize>()
    }

    /// Returns every fact, in id order.
    pub fn facts(&self) -> impl ExactSizeIterator<Item = FactId> + use<> {
        FactId::all(self.fact_count())
    }

    pub fn entities(&self) -> impl Iterator<Item = EntityId> {
        EntityId::all(self.entity_count())
    }

    /// Returns the ids of the entities of exactly this type, without subtypes.
    pub fn own_range(&self, id: TypeId) -> Range<u32> {
        self.type_starts[id.0 as usize]..self.type_starts[id.0 as usize + 1]
    }

    /// Returns the number of entities of these types.
    pub fn count_of(&self, types: TypeSet) -> usize {
        self.own_ranges(types).map(|range| range.len()).sum()
    }

    /// The ids of the entities of each of these types.
    fn own_ranges(&self, types: TypeSet) -> impl Iterator<Item = Range<u32>> {
        types.iter().filter(|id| (id.0 as usize) + 1 < self.type_starts.len()).map(|id| self.own_range(id))
    }

    /// Returns the ids of the entities of these types, as ranges sorted ascending, with adjacent ones merged.
    pub fn ranges(&self, types: TypeSet) -> Vec<Range<u32>> {
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for range in self.own_ranges(types) {
            match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ if range.is_empty() => {}
                _ => ranges.push(range),
            }
        }
        ranges
    }

    /// Returns the type with which the entity was declared. O(log types).
    pub fn type_of(&self, entity: EntityId) -> TypeId {
        TypeId::new(adjacency::row(&self.type_starts, entity.0) as usize).unwrap_or(TypeId(0))
    }

    /// Returns true if the entity exists and is of one of these types.
    pub fn is_of(&self, entity: EntityId, types: TypeSet) -> bool {
        types.contains(self.type_of(entity)) && !self.is_absent(entity)
    }

    /// Returns the name with which the entity was declared.
    pub fn name(&self, entity: EntityId) -> &str {
        self.names.name(entity)
    }

    pub fn relation(&self, verb: VerbId) -> &Relation {
        &self.relations[verb.0 as usize]
    }

    pub fn values(&self, property: PropertyId) -> &Values {
        &self.values[property.0 as usize]
    }

    /// Returns the settled value: a narrowed date, or the hull of contradicting ones; the only value, or
    /// [`Value::Many`]; [`Value::Unknown`] if no source states one. A date without a source is [`Date::UNDATED`].
    pub fn value(&self, entity: EntityId, property: PropertyId) -> Value {
        self.values(property).settled(self, entity)
    }

    /// Returns the settled date; [`Date::UNDATED`] if there is none or the property is no date.
    pub fn date(&self, entity: EntityId, property: PropertyId) -> Date {
        match self.value(entity, property) {
            Value::Date(date) => date,
            _ => Date::UNDATED,
        }
    }

    /// Returns the property that dates the entities of a type in pictures and by default: its first property of value
    /// type Date; `None` if it has none.
    pub fn dating(&self, id: TypeId) -> Option<PropertyId> {
        let mut properties = self.schema.type_(id).properties.iter();
        properties.find(|p| self.schema.property(**p).value == crate::value::ValueType::Date).copied()
    }

    /// Returns the date of an entity by [`Graph::dating`].
    pub fn date_of(&self, entity: EntityId) -> Date {
        self.dating(self.type_of(entity)).map_or(Date::UNDATED, |property| self.date(entity, property))
    }

    /// Returns the id of the first fact among the values of a property.
    pub fn first_value_fact(&self, property: PropertyId) -> u32 {
        self.values(property).first_fact
    }

    /// Returns the content of a fact. O(verbs + properties + log n).
    ///
    /// # Panics
    /// If the id is not from this graph.
    pub fn fact(&self, id: FactId) -> Fact {
        for (verb, relation) in VerbId::all(self.relations.len()).zip(&self.relations) {
            // Ids before the first one wrap around to large positions, so that one comparison tests both ends.
            let position = id.0.wrapping_sub(relation.first_fact);
            if (position as usize) < relation.len() {
                let subject = relation.forward.owner(position);
                let object = EntityId(relation.forward.targets.at(position as usize).unwrap_or(0));
                return Fact::Link { subject, verb, object };
            }
        }
        for (property, values) in PropertyId::all(self.values.len()).zip(&self.values) {
            let position = id.0.wrapping_sub(values.first_fact);
            if (position as usize) < values.len() {
                let (subject, value) = values.stated(position);
                return Fact::Value { subject, property, value };
            }
        }
        unreachable!("fact ids come from this graph")
    }

    /// Returns the fact with this content; `None` if there is none.
    pub fn find(&self, fact: &Fact) -> Option<FactId> {
        match fact {
            Fact::Link { subject, verb, object } => self.relation(*verb).fact(*subject, *object),
            Fact::Value { subject, property, value } => {
                let values = self.values(*property);
                let found = values.span(*subject).find(|i| values.stated.get(*i) == *value);
                found.map(|i| values.fact(i))
            }
        }
    }

    /// Returns true if the fact has claims and all of them are doubtful.
    pub fn is_doubtful(&self, fact: FactId) -> bool {
        self.claims.is_doubtful(fact)
    }
}
