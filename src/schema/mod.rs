//! The types, verbs and properties of a graph.
//!
//! `load` or `snapshot` makes a [`Schema`] once, by [`Schema::build`]; it never changes. Ids are positions in its
//! tables.

mod build;
mod words;

use crate::value::{Id, ValueType, id, plain};
pub use build::{Plot, PropertySource, SchemaProblem, SchemaSource, TypeSource, VerbSource};
use indexmap::IndexMap;
pub use words::{PARTICLES, is_type, is_verb};

id! {
    /// Position of a type in [`Schema::types`]. A type's subtypes follow it directly.
    TypeId(u16), "types"
}

id! {
    /// Position of a verb in [`Schema::verbs`].
    VerbId(u16), "verbs"
}

id! {
    /// Position of a property in [`Schema::properties`].
    PropertyId(u16), "properties"
}

/// A set of types, one bit per type; subtypes are listed explicitly. A schema has at most 128 types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TypeSet(pub u128);

impl TypeSet {
    pub const NONE: TypeSet = TypeSet(0);

    /// Returns the set of one type, without its subtypes.
    pub fn only(id: TypeId) -> TypeSet {
        TypeSet(1 << id.0)
    }

    pub fn contains(self, id: TypeId) -> bool {
        self.0 >> id.0 & 1 == 1
    }

    pub fn and(self, other: TypeSet) -> TypeSet {
        TypeSet(self.0 & other.0)
    }

    pub fn or(self, other: TypeSet) -> TypeSet {
        TypeSet(self.0 | other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Iterates in id order.
    pub fn iter(self) -> impl Iterator<Item = TypeId> {
        let mut left = self.0;
        let lowest = std::iter::from_fn(move || {
            let lowest = (left != 0).then_some(left.trailing_zeros() as usize);
            left &= left.wrapping_sub(1);
            lowest
        });
        lowest.filter_map(TypeId::new)
    }
}

/// A kind of entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Type {
    pub name: String,
    pub doc: String,
    pub parent: Option<TypeId>,
    /// This type and all its subtypes.
    pub subtypes: TypeSet,
    /// The properties of this type and of its supertypes, in the order declared.
    pub properties: Vec<PropertyId>,
    pub plot: Plot,
}

/// A kind of fact between entities. Each direction is a word: `develops` and `developed by`.
#[derive(Debug, Clone, PartialEq)]
pub struct Verb {
    pub name: String,
    /// The word from object to subject. `None` if only `^ verb` reads it backwards.
    pub inverse: Option<String>,
    pub doc: String,
    /// Types of the subject, subtypes included.
    pub from: TypeSet,
    /// Types of the object, subtypes included.
    pub to: TypeSet,
    /// Whether `lineage of …` follows it, from successor (subject) to predecessor (object).
    pub lineage: bool,
    /// Whether `adoption of …` counts it, from adopter (subject) to adopted (object).
    pub adoption: bool,
    /// Whether no subject may be dated before its object.
    pub chronological: bool,
    pub acyclic: bool,
}

/// A kind of value that entities have. One name is one property, whichever types declare it.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    pub name: String,
    pub doc: String,
    pub value: ValueType,
    /// The word that asks for it in a sentence: `dated`. `None` if only `m.name` reads it.
    pub verb: Option<String>,
    /// Whether an entity has one true value; sources may still state several.
    pub single: bool,
    pub unit: Option<String>,
    /// The types that have it, subtypes included.
    pub of: TypeSet,
}

/// Types, verbs and properties, each in the order declared, except that subtypes follow their type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    pub(crate) types: IndexMap<String, Type>,
    pub(crate) verbs: IndexMap<String, Verb>,
    pub(crate) properties: IndexMap<String, Property>,
}

/// The meaning of a lower-case word in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Word {
    /// A verb; `inverse` if the word is that of its inverse.
    Verb { verb: VerbId, inverse: bool },
    /// The verb of a property.
    Property(PropertyId),
}

impl Schema {
    pub fn types(&self) -> impl ExactSizeIterator<Item = (TypeId, &Type)> {
        TypeId::all(self.types.len()).zip(self.types.values())
    }

    pub fn verbs(&self) -> impl ExactSizeIterator<Item = (VerbId, &Verb)> {
        VerbId::all(self.verbs.len()).zip(self.verbs.values())
    }

    pub fn properties(&self) -> impl ExactSizeIterator<Item = (PropertyId, &Property)> {
        PropertyId::all(self.properties.len()).zip(self.properties.values())
    }

    pub fn type_(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }

    pub fn verb(&self, id: VerbId) -> &Verb {
        &self.verbs[id.0 as usize]
    }

    pub fn property(&self, id: PropertyId) -> &Property {
        &self.properties[id.0 as usize]
    }

    /// Returns the type with exactly this name.
    pub fn lookup_type(&self, name: &str) -> Option<TypeId> {
        self.types.get_index_of(&*plain(name)).and_then(TypeId::new)
    }

    /// Returns the verb with exactly this name; inverses are not searched.
    pub fn lookup_verb(&self, name: &str) -> Option<VerbId> {
        self.verbs.get_index_of(&*plain(name)).and_then(VerbId::new)
    }

    pub fn lookup_property(&self, name: &str) -> Option<PropertyId> {
        self.properties.get_index_of(&*plain(name)).and_then(PropertyId::new)
    }

    /// Returns the meaning of a word: a verb, an inverse, or the verb of a property.
    pub fn lookup_word(&self, word: &str) -> Option<Word> {
        let word = &*plain(word);
        if let Some(verb) = self.lookup_verb(word) {
            return Some(Word::Verb { verb, inverse: false });
        }
        let inverse = self.verbs().find(|(_, verb)| verb.inverse.as_deref() == Some(word));
        if let Some((verb, _)) = inverse {
            return Some(Word::Verb { verb, inverse: true });
        }
        let property = self.properties().find(|(_, property)| property.verb.as_deref() == Some(word));
        property.map(|(id, _)| Word::Property(id))
    }

    /// Returns all words that [`Schema::lookup_word`] knows: verbs with their inverses, then verbs of properties.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let verbs = self.verbs.values().flat_map(|verb| [Some(verb.name.as_str()), verb.inverse.as_deref()]);
        let properties = self.properties.values().map(|property| property.verb.as_deref());
        verbs.chain(properties).flatten()
    }

    /// Returns the set of all types.
    pub fn all_types(&self) -> TypeSet {
        self.types().fold(TypeSet::NONE, |all, (id, _)| all.or(TypeSet::only(id)))
    }

    /// Returns the names of the topmost types of a set, for messages and column titles: `Model`, or `Model or Org`.
    pub fn type_names(&self, types: TypeSet) -> String {
        let top = types.iter().filter(|id| {
            let parent = self.type_(*id).parent;
            parent.is_none_or(|parent| !types.contains(parent))
        });
        let names: Vec<&str> = top.map(|id| self.type_(id).name.as_str()).collect();
        names.join(" or ")
    }

    /// Returns the verbs that `lineage of` follows.
    pub fn lineage_verbs(&self) -> Vec<VerbId> {
        self.verbs().filter(|(_, verb)| verb.lineage).map(|(id, _)| id).collect()
    }

    /// Returns the verbs that `adoption of` counts.
    pub fn adoption_verbs(&self) -> Vec<VerbId> {
        self.verbs().filter(|(_, verb)| verb.adoption).map(|(id, _)| id).collect()
    }
}
