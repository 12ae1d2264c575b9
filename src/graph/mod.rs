//! The store: entities, facts, values, and the claims they rest on, as columns and sorted adjacency.
//!
//! Entities are numbered type by type (subtypes after their type), and within a type in natural name order: a type
//! test is a range check, and sorting by id is sorting by type and name. Read [`Graph`], then [`Relation`] and
//! [`Values`]. [`Builder`] makes a graph; nothing changes one.

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
mod names;
mod number;
mod only;
mod sort;
mod values;
mod visit;

pub use adjacency::{Adjacency, AdjacencyPair, Direction, Facts, Relation, Rows};
pub use bitset::{BitSet, each_bit};
pub use builder::{Builder, ClaimSource};
pub use claims::{Claim, Claims, Source, SourceId, Trust};
use column::Interner;
pub(crate) use column::{BLOCK, CHANGED, Damage};
pub use column::{Check, Column, Shared, Texts};
pub use condensation::Condensation;
pub use conflicts::{backwards, cycles, disjoint};
pub use date_bounds::{Narrowing, narrowing};
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
    /// An entity's number.
    EntityId(u32), "entities"
}

id! {
    /// A fact's number: the facts of the first verb in order of subject and object, those of the next, …, then the
    /// values of the first property in order of entity, ….
    FactId(u32), "facts"
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    Link {
        subject: EntityId,
        verb: VerbId,
        object: EntityId,
    },
    /// `value` as some source states it, before narrowing.
    Value {
        subject: EntityId,
        property: PropertyId,
        value: Value,
    },
}

/// A graph that has been checked. Cheap to clone: columns are shared.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(crate) schema: Schema,
    /// Where the own entities of each type begin; one entry more than there are types.
    pub(crate) type_starts: Vec<u32>,
    pub(crate) names: Names,
    /// By verb.
    pub(crate) relations: Vec<Relation>,
    /// By property.
    pub(crate) values: Vec<Values>,
    pub(crate) claims: Claims,
    /// Definitions that come with the graph, as text: `define … as …`.
    pub(crate) defines: Vec<String>,
    /// Who was not there: nobody but in what [`Graph::as_of`] gives.
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

    /// What was found damaged in the snapshot that this graph lies in, so far: answers given from it may be wrong.
    /// `None` where nothing was. Columns are checked when they are first read, so this is to be asked afterwards.
    pub fn damage(&self) -> Option<&'static str> {
        self.damage.first()
    }

    /// Lets text properties read the heap of the claims.
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

    /// Facts in all, values included.
    pub fn fact_count(&self) -> usize {
        let links: usize = self.relations.iter().map(Relation::len).sum();
        links + self.values.iter().map(Values::len).sum::<usize>()
    }

    /// Every fact, in id order.
    pub fn facts(&self) -> impl ExactSizeIterator<Item = FactId> + use<> {
        FactId::all(self.fact_count())
    }

    pub fn entities(&self) -> impl Iterator<Item = EntityId> {
        EntityId::all(self.entity_count())
    }

    /// The ids of the entities of exactly this type, subtypes left out.
    pub fn own_range(&self, id: TypeId) -> Range<u32> {
        self.type_starts[id.0 as usize]..self.type_starts[id.0 as usize + 1]
    }

    /// The ids of the entities of these types: ranges in rising order, neighbouring ones merged.
    pub fn ranges(&self, types: TypeSet) -> Vec<Range<u32>> {
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for id in types.iter().filter(|id| (id.0 as usize) + 1 < self.type_starts.len()) {
            let range = self.own_range(id);
            match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ if range.is_empty() => {}
                _ => ranges.push(range),
            }
        }
        ranges
    }

    /// The type that the entity was declared with. O(log types).
    pub fn type_of(&self, entity: EntityId) -> TypeId {
        TypeId::new(adjacency::row(&self.type_starts, entity.0) as usize).unwrap_or(TypeId(0))
    }

    /// Whether the entity is there and of one of these types.
    pub fn is_of(&self, entity: EntityId, types: TypeSet) -> bool {
        types.contains(self.type_of(entity)) && !self.is_absent(entity)
    }

    /// The name by which the entity was declared.
    pub fn name(&self, entity: EntityId) -> &str {
        self.names.name(entity)
    }

    pub fn relation(&self, verb: VerbId) -> &Relation {
        &self.relations[verb.0 as usize]
    }

    pub fn values(&self, property: PropertyId) -> &Values {
        &self.values[property.0 as usize]
    }

    /// The value that sources and lineage leave: a date narrowed, or the hull of what contradicts itself; the only
    /// value, or [`Value::Many`]; [`Value::Unknown`] where no source says. A date without a source is
    /// [`Date::UNDATED`].
    pub fn value(&self, entity: EntityId, property: PropertyId) -> Value {
        self.values(property).settled(self, entity)
    }

    /// The settled date; [`Date::UNDATED`] where the property has none or is no date.
    pub fn date(&self, entity: EntityId, property: PropertyId) -> Date {
        match self.value(entity, property) {
            Value::Date(date) => date,
            _ => Date::UNDATED,
        }
    }

    /// The date property that orders entities in pictures and by default: the first of value type Date that the
    /// entity's type has.
    pub fn dating(&self, id: TypeId) -> Option<PropertyId> {
        let mut properties = self.schema.type_(id).properties.iter();
        properties.find(|p| self.schema.property(**p).value == crate::value::ValueType::Date).copied()
    }

    /// The date of an entity by [`Graph::dating`].
    pub fn date_of(&self, entity: EntityId) -> Date {
        self.dating(self.type_of(entity)).map_or(Date::UNDATED, |property| self.date(entity, property))
    }

    /// The first fact id of a property's values.
    pub fn first_value_fact(&self, property: PropertyId) -> u32 {
        self.values(property).first_fact
    }

    /// What a fact says. O(log n).
    pub fn fact(&self, id: FactId) -> Fact {
        for (verb, relation) in VerbId::all(self.relations.len()).zip(&self.relations) {
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

    /// Returns the number of the fact that says this; `None` where the graph has none. O(log n).
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

    /// Whether there are claims, and none states the fact better than doubtfully.
    pub fn is_doubtful(&self, fact: FactId) -> bool {
        self.claims.is_doubtful(fact)
    }
}
