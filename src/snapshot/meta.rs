//! The small parts of a graph: schema, sources, definitions, and the first ids of the columns. One section, read on
//! opening.
//!
//! Numbers have a fixed width; texts and lists are preceded by their length. Reading never panics: malformed bytes give
//! `None`.

use crate::graph::{Graph, Source, SourceId};
use crate::schema::{Plot, Property, PropertyId, Schema, Type, TypeId, TypeSet, Verb, VerbId};
use crate::value::{Id, ValueType};

/// Everything that is not stored in columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meta {
    pub types: Vec<Type>,
    pub verbs: Vec<Verb>,
    pub properties: Vec<Property>,
    pub sources: Vec<Source>,
    pub defines: Vec<String>,
    /// The first entity of each type, and the end: one more than there are types.
    pub type_starts: Vec<u32>,
    /// One for each verb.
    pub relations: Vec<RelationMeta>,
    /// For each property, the first entity and the first fact.
    pub values: Vec<(u32, u32)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct RelationMeta {
    /// The first subject and the first object.
    pub bases: (u32, u32),
    pub first_fact: u32,
    /// Whether no subject has more than one object, and no object more than one subject.
    pub single: (bool, bool),
    /// The first subject and object of the adjacency of certain facts; `None` if there is none.
    pub certain: Option<(u32, u32)>,
}

impl Meta {
    pub fn of(graph: &Graph) -> Meta {
        let relation = |relation: &crate::graph::Relation| RelationMeta {
            bases: (relation.forward.base, relation.reverse.base),
            first_fact: relation.first_fact,
            single: (relation.forward.is_single(), relation.reverse.is_single()),
            certain: relation.certain.as_ref().map(|certain| (certain.forward.base, certain.reverse.base)),
        };
        Meta {
            types: graph.schema.types.values().cloned().collect(),
            verbs: graph.schema.verbs.values().cloned().collect(),
            properties: graph.schema.properties.values().cloned().collect(),
            sources: graph.claims.sources.clone(),
            defines: graph.defines.clone(),
            type_starts: graph.type_starts.clone(),
            relations: graph.relations.iter().map(relation).collect(),
            values: graph.values.iter().map(|values| (values.base, values.first_fact)).collect(),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.put(&mut bytes);
        bytes
    }

    /// Reads the section; `None` if the bytes are not a consistent schema.
    pub fn read(mut bytes: &[u8]) -> Option<Meta> {
        let meta = Meta::take(&mut bytes)?;
        (bytes.is_empty() && meta.fits()).then_some(meta)
    }

    pub fn schema(&self) -> Schema {
        Schema {
            types: self.types.iter().map(|item| (item.name.clone(), item.clone())).collect(),
            verbs: self.verbs.iter().map(|item| (item.name.clone(), item.clone())).collect(),
            properties: self.properties.iter().map(|item| (item.name.clone(), item.clone())).collect(),
        }
    }

    /// Returns whether every id refers to an existing thing and all names are distinct.
    fn fits(&self) -> bool {
        let (types, properties) = (self.types.len(), self.properties.len());
        let known = |set: &TypeSet| types <= 128 && set.0.checked_shr(types as u32).unwrap_or(0) == 0;
        let type_fits = |(i, item): (usize, &Type)| {
            let parent = item.parent.is_none_or(|parent| usize::from(parent.0) < i);
            parent && known(&item.subtypes) && item.properties.iter().all(|id| usize::from(id.0) < properties)
        };
        let schema = self.schema();
        let distinct =
            (schema.types.len(), schema.verbs.len(), schema.properties.len()) == (types, self.verbs.len(), properties);
        let starts = self.type_starts.len() == types + 1 || self.type_starts.is_empty() && types == 0;
        distinct
            && starts
            && self.type_starts.first().is_none_or(|first| *first == 0)
            && self.type_starts.is_sorted()
            && self.types.iter().enumerate().all(type_fits)
            && self.verbs.iter().all(|verb| known(&verb.from) && known(&verb.to))
            && self.properties.iter().all(|property| known(&property.of))
            && self.relations.len() == self.verbs.len()
            && self.values.len() == properties
            && self.sources.len() <= SourceId::MOST
            && self.verbs.len() <= VerbId::MOST
            && properties <= PropertyId::MOST
    }
}

/// Types that can be written as bytes and read back.
trait Stored: Sized {
    fn put(&self, bytes: &mut Vec<u8>);

    /// Reads a value and advances `bytes` past it.
    fn take(bytes: &mut &[u8]) -> Option<Self>;
}

macro_rules! stored_numbers {
    ($($number:ty)*) => {$(
        impl Stored for $number {
            fn put(&self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_ne_bytes());
            }

            fn take(bytes: &mut &[u8]) -> Option<$number> {
                let (first, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(<$number>::from_ne_bytes(*first))
            }
        }
    )*};
}

stored_numbers!(u8 u16 u32 u128);

impl Stored for bool {
    fn put(&self, bytes: &mut Vec<u8>) {
        u8::from(*self).put(bytes);
    }

    fn take(bytes: &mut &[u8]) -> Option<bool> {
        match u8::take(bytes)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Stored for String {
    fn put(&self, bytes: &mut Vec<u8>) {
        (self.len() as u32).put(bytes);
        bytes.extend_from_slice(self.as_bytes());
    }

    fn take(bytes: &mut &[u8]) -> Option<String> {
        let length = u32::take(bytes)? as usize;
        let (text, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        String::from_utf8(text.to_vec()).ok()
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        (self.len() as u32).put(bytes);
        self.iter().for_each(|item| item.put(bytes));
    }

    fn take(bytes: &mut &[u8]) -> Option<Vec<T>> {
        // Does not reserve memory: a forged length ends at the first missing item, as every item takes at least one
        // byte.
        (0..u32::take(bytes)?).map(|_| T::take(bytes)).collect()
    }
}

impl<T: Stored> Stored for Option<T> {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.is_some().put(bytes);
        self.iter().for_each(|item| item.put(bytes));
    }

    fn take(bytes: &mut &[u8]) -> Option<Option<T>> {
        if bool::take(bytes)? { T::take(bytes).map(Some) } else { Some(None) }
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn put(&self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
        self.1.put(bytes);
    }

    fn take(bytes: &mut &[u8]) -> Option<(A, B)> {
        Some((A::take(bytes)?, B::take(bytes)?))
    }
}

impl Stored for ValueType {
    fn put(&self, bytes: &mut Vec<u8>) {
        (*self as u8).put(bytes);
    }

    fn take(bytes: &mut &[u8]) -> Option<ValueType> {
        let number = u8::take(bytes)?;
        [ValueType::Date, ValueType::Number, ValueType::Text].into_iter().find(|type_| *type_ as u8 == number)
    }
}

macro_rules! stored {
    ($($name:ident { $($field:tt)* })*) => {$(
        impl Stored for $name {
            fn put(&self, bytes: &mut Vec<u8>) {
                stored!(@put self bytes $($field)*);
            }

            fn take(bytes: &mut &[u8]) -> Option<$name> {
                stored!(@take bytes $name $($field)*)
            }
        }
    )*};
    (@put $self:ident $bytes:ident $($field:tt)*) => { $($self.$field.put($bytes);)* };
    (@take $bytes:ident $name:ident $($field:tt)*) => { Some($name { $($field: Stored::take($bytes)?),* }) };
}

stored! {
    TypeId { 0 }
    PropertyId { 0 }
    TypeSet { 0 }
    Plot { shape lane filled }
    Type { name doc parent subtypes properties plot }
    Verb { name inverse doc from to lineage adoption chronological acyclic }
    Property { name doc value verb single unit of }
    Source { key title by url date text }
    RelationMeta { bases first_fact single certain }
    Meta { types verbs properties sources defines type_starts relations values }
}
