//! From declarations, as a schema section has them, to a [`Schema`].

use super::{Property, PropertyId, Schema, Type, TypeId, TypeSet, Verb};
use crate::value::ValueType;
use indexmap::IndexMap;

/// How entities of a type are drawn. Empty words leave it to the picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plot {
    /// A shape's name, as in `box`, `ellipse`, `diamond`.
    pub shape: String,
    /// The verb (or inverse) whose object owns the lane: `developed by`.
    pub lane: String,
    /// The property of type Text, or a verb, that fills the dot where it is present.
    pub filled: String,
}

/// A schema as declared, names unresolved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SchemaSource {
    pub types: IndexMap<String, TypeSource>,
    pub verbs: IndexMap<String, VerbSource>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct TypeSource {
    pub doc: String,
    pub extends: Option<String>,
    pub properties: IndexMap<String, PropertySource>,
    pub plot: Plot,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PropertySource {
    pub value: ValueType,
    pub verb: Option<String>,
    pub single: bool,
    pub unit: Option<String>,
    pub doc: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct VerbSource {
    pub doc: String,
    pub from: Vec<String>,
    pub to: Vec<String>,
    pub inverse: Option<String>,
    pub lineage: bool,
    pub adoption: bool,
    pub chronological: bool,
    pub acyclic: bool,
}

/// What is wrong with a declaration, and where: `what` is the name in the declarations that is at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaProblem {
    /// The type, verb or property declared wrongly.
    pub what: String,
    /// The word in its declaration that is wrong; equal to `what` where the name itself is.
    pub word: String,
    pub message: String,
    pub help: Option<String>,
}

impl Schema {
    /// Resolves the names of a schema's declarations.
    ///
    /// # Errors
    /// All of: an unknown type in `extends`, `from` or `to` (with the nearest names), types that extend each other in
    /// a circle, more than 128 types, a word that means two things (two verbs, an inverse and a verb, a verb and a
    /// property's verb, a keyword), a property declared with two value types or two verbs, a malformed name.
    pub fn build(_source: SchemaSource) -> Result<Schema, Vec<SchemaProblem>> {
        let _ = (TypeSet::NONE, None::<(Property, PropertyId, Type, TypeId, Verb)>);
        todo!("schema builder")
    }
}
