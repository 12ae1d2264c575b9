//! From facts in any order to a [`Graph`].

use super::{EntityId, Graph, Source, SourceId, Trust};
use crate::schema::{PropertyId, Schema, TypeId, VerbId};
use crate::value::{Date, Value};

/// Collects entities, claims and facts; [`Builder::finish`] numbers and sorts them.
///
/// The ids it hands out are provisional: they are good for this builder only.
#[derive(Debug, Default)]
pub struct Builder {
    pub schema: Schema,
}

/// A claim to be stored. Empty texts are absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClaimSource {
    pub source: Option<SourceId>,
    pub at: String,
    pub trust: Trust,
    pub quote: String,
    pub note: String,
    pub date: Option<Date>,
}

impl Builder {
    pub fn new(schema: Schema) -> Builder {
        Builder { schema }
    }

    pub fn source(&mut self, _source: Source) -> SourceId {
        todo!()
    }

    pub fn entity(&mut self, _type: TypeId, _name: &str, _aliases: &[String]) -> EntityId {
        todo!()
    }

    /// The number of a new claim, for [`Builder::link`] and [`Builder::value`].
    pub fn claim(&mut self, _claim: ClaimSource) -> u32 {
        todo!()
    }

    /// States a fact; the same fact of another claim adds a citation.
    pub fn link(&mut self, _subject: EntityId, _verb: VerbId, _object: EntityId, _claim: Option<u32>) {
        todo!()
    }

    /// States a value; the value's type must be the property's.
    pub fn value(&mut self, _subject: EntityId, _property: PropertyId, _value: Value, _claim: Option<u32>) {
        todo!()
    }

    /// A definition that comes with the graph.
    pub fn define(&mut self, _text: String) {
        todo!()
    }

    /// Numbers entities by type and natural name order, sorts facts, settles dates.
    pub fn finish(self) -> Graph {
        todo!()
    }
}
