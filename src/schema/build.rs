//! Builds a [`Schema`] from the declarations of a schema section.

use super::{Property, PropertyId, Schema, Type, TypeId, TypeSet, Verb, VerbId, words};
use crate::text::suggest;
use crate::value::{Id, ValueType, too_many};
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// How entities of a type are drawn. An empty text leaves the choice to the picture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plot {
    /// The name of a shape, as `box`, `ellipse`, `diamond`.
    pub shape: String,
    /// The verb (or inverse) whose object is the entity's lane: `developed by`.
    pub lane: String,
    /// The Text property or the verb that fills the dot of an entity that has it.
    pub filled: String,
}

/// A schema as declared, with unresolved names.
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

/// A wrong declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaProblem {
    /// The type, verb or property declared wrongly.
    pub what: String,
    /// The type that declares it, if `what` is a property.
    pub within: Option<String>,
    /// The wrong word in the declaration; equal to `what` if the name itself is wrong.
    pub word: String,
    pub message: String,
    pub help: Option<String>,
    /// Whether there are more things than can be numbered.
    pub is_too_many: bool,
}

impl SchemaProblem {
    pub(super) fn new(what: &str, word: &str, message: String) -> SchemaProblem {
        let (what, word) = (what.to_string(), word.to_string());
        SchemaProblem { what, within: None, word, message, help: None, is_too_many: false }
    }

    /// Returns the problem of too many declarations; `what` is the first one too many, `message` names the maximum.
    pub(super) fn too_many(what: &str, message: String) -> SchemaProblem {
        SchemaProblem { is_too_many: true, ..SchemaProblem::new(what, what, message) }
    }

    pub(super) fn within(mut self, of: &str) -> SchemaProblem {
        self.within = Some(of.to_string());
        self
    }

    pub(super) fn help(mut self, help: Option<String>) -> SchemaProblem {
        self.help = help;
        self
    }
}

/// The number of bits of a [`TypeSet`].
const MOST_TYPES: usize = 128;

impl Schema {
    /// Resolves the names of the declarations.
    ///
    /// Types keep the order of declaration, each followed directly by its subtypes; verbs keep their order; properties
    /// are in the order in which the types name them.
    ///
    /// # Errors
    /// All of: an unknown type in `extends`, `from` or `to` (with the nearest names), a cycle of `extends`, more than
    /// 128 types, a word with two meanings (two verbs, an inverse and a verb, a verb and a property's verb), a property
    /// declared with two value types or two verbs, a malformed name. Keywords are not checked here: whoever reads
    /// declarations from a text does that.
    pub fn build(source: SchemaSource) -> Result<Schema, Vec<SchemaProblem>> {
        if let Some((name, _)) = source.verbs.get_index(VerbId::MOST) {
            return Err(vec![SchemaProblem::too_many(name, VerbId::too_many())]);
        }
        let mut problems = words::problems(&source);
        let order = order_types(&source, &mut problems);
        let mut schema = Schema { types: IndexMap::new(), verbs: IndexMap::new(), properties: IndexMap::new() };
        for name in order {
            add_type(&mut schema, &source, name);
        }
        close_types(&mut schema);
        add_properties(&mut schema, &source, &mut problems);
        for (name, verb) in &source.verbs {
            let verb = resolve_verb(&schema, &source, name, verb, &mut problems);
            schema.verbs.insert(name.clone(), verb);
        }
        if problems.is_empty() { Ok(schema) } else { Err(problems) }
    }
}

/// Returns the names of the types, each directly followed by its subtypes, so that subtypes form a range.
fn order_types<'s>(source: &'s SchemaSource, problems: &mut Vec<SchemaProblem>) -> Vec<&'s str> {
    if let Some((name, _)) = source.types.get_index(MOST_TYPES) {
        problems.push(SchemaProblem::too_many(name, too_many(MOST_TYPES, TypeId::KIND)));
        return Vec::new();
    }
    let mut order = Vec::new();
    // Reversed, because the stack is last in, first out.
    let mut stack: Vec<&str> =
        source.types.iter().filter(|(_, t)| t.extends.is_none()).map(|(name, _)| &**name).rev().collect();
    while let Some(name) = stack.pop() {
        order.push(name);
        let below = source.types.iter().filter(|(_, t)| t.extends.as_deref() == Some(name));
        stack.extend(below.map(|(name, _)| &**name).rev());
    }
    for (name, declared) in source.types.iter().filter(|(name, _)| !order.contains(&&***name)) {
        problems.extend(bad_parent(source, name, declared.extends.as_deref().unwrap_or_default()));
    }
    order
}

/// Returns why a type is not reachable from a root: its parent is unknown, or it extends itself. `None` if only an
/// ancestor is at fault.
fn bad_parent(source: &SchemaSource, name: &str, parent: &str) -> Option<SchemaProblem> {
    if !source.types.contains_key(parent) {
        return Some(unknown_type(source, name, parent));
    }
    let above = |name: &str| source.types.get(name).and_then(|t| t.extends.as_deref());
    let circle: Vec<&str> = std::iter::successors(Some(parent), |name| above(name)).take(source.types.len()).collect();
    let length = circle.iter().position(|above| *above == name)?;
    let message = format!("`{name}` extends itself: {name}, {}", circle[..=length].join(", "));
    Some(SchemaProblem::new(name, parent, message).help(Some("leave one of the `extends` out".to_string())))
}

fn unknown_type(source: &SchemaSource, what: &str, word: &str) -> SchemaProblem {
    let near = suggest::nearest(word, source.types.keys().map(String::as_str));
    let help = near.first().map(|name| format!("did you mean `{name}`?"));
    SchemaProblem::new(what, word, format!("no type is called `{word}`")).help(help)
}

fn add_type(schema: &mut Schema, source: &SchemaSource, name: &str) {
    let declared = &source.types[name];
    let parent = declared.extends.as_deref().and_then(|parent| schema.lookup_type(parent));
    let (doc, plot) = (declared.doc.clone(), declared.plot.clone());
    let entry = Type { name: name.to_string(), doc, parent, subtypes: TypeSet::NONE, properties: Vec::new(), plot };
    schema.types.insert(name.to_string(), entry);
}

/// Gives every type the set of its subtypes. Parents come before their children, so one pass backwards is enough.
fn close_types(schema: &mut Schema) {
    for id in TypeId::all(schema.types.len()).rev() {
        let i = usize::from(id.0);
        let below = schema.types[i].subtypes.or(TypeSet::only(id));
        schema.types[i].subtypes = below;
        if let Some(parent) = schema.types[i].parent {
            let parent = &mut schema.types[parent.0 as usize];
            parent.subtypes = parent.subtypes.or(below);
        }
    }
}

fn add_properties(schema: &mut Schema, source: &SchemaSource, problems: &mut Vec<SchemaProblem>) {
    for i in 0..schema.types.len() {
        let Type { name, subtypes, parent, .. } = schema.types[i].clone();
        let mut properties = parent.map_or(Vec::new(), |parent| schema.type_(parent).properties.clone());
        let mut known: BTreeSet<PropertyId> = properties.iter().copied().collect();
        for (word, declared) in &source.types[&name].properties {
            let Some(id) = add_property(schema, &name, word, declared, problems) else { break };
            let property = &mut schema.properties[id.0 as usize];
            property.of = property.of.or(subtypes);
            if known.insert(id) {
                properties.push(id);
            }
        }
        schema.types[i].properties = properties;
    }
}

/// Returns the property with this name: a new one, or the one declared earlier, which is checked against this
/// declaration.
fn add_property(
    schema: &mut Schema,
    of: &str,
    name: &str,
    declared: &PropertySource,
    problems: &mut Vec<SchemaProblem>,
) -> Option<PropertyId> {
    if let Some(id) = schema.lookup_property(name) {
        let property = &mut schema.properties[id.0 as usize];
        if property.doc.is_empty() {
            property.doc.clone_from(&declared.doc);
        }
        let differs = difference(property, declared);
        problems.extend(differs.map(|differs| {
            let message = format!("property `{name}` is declared twice, with {differs}");
            SchemaProblem::new(name, name, message)
                .within(of)
                .help(Some("one name means one property in all types: declare both alike, or rename one".to_string()))
        }));
        return Some(id);
    }
    let PropertySource { value, verb, single, unit, doc } = declared.clone();
    let property = Property { name: name.to_string(), doc, value, verb, single, unit, of: TypeSet::NONE };
    let id = PropertyId::new(schema.properties.len());
    match id {
        Some(_) => _ = schema.properties.insert(name.to_string(), property),
        None => problems.push(SchemaProblem::too_many(name, PropertyId::too_many()).within(of)),
    }
    id
}

/// Returns how two declarations of a property contradict each other.
fn difference(property: &Property, declared: &PropertySource) -> Option<String> {
    let name = |verb: &Option<String>| verb.as_ref().map_or("none".to_string(), |verb| format!("`{verb}`"));
    if property.value != declared.value {
        return Some(format!("type {} and type {}", property.value.name(), declared.value.name()));
    }
    if property.verb != declared.verb {
        return Some(format!("verb {} and verb {}", name(&property.verb), name(&declared.verb)));
    }
    if property.single != declared.single {
        return Some("`single` and without".to_string());
    }
    let units = property.unit != declared.unit;
    units.then(|| format!("unit {} and unit {}", name(&property.unit), name(&declared.unit)))
}

fn resolve_verb(
    schema: &Schema,
    source: &SchemaSource,
    name: &str,
    declared: &VerbSource,
    problems: &mut Vec<SchemaProblem>,
) -> Verb {
    let mut ends = |end: &str, names: &[String]| {
        if names.is_empty() {
            let help = Some(format!("name the types: `{end}: [\"Model\"]`"));
            problems.push(SchemaProblem::new(name, name, format!("verb `{name}` has no types in `{end}`")).help(help));
        }
        let unknown = names.iter().filter(|word| !source.types.contains_key(*word));
        problems.extend(unknown.map(|word| unknown_type(source, name, word)));
        let known = names.iter().filter_map(|word| schema.lookup_type(word));
        known.fold(TypeSet::NONE, |all, id| all.or(schema.type_(id).subtypes))
    };
    let (from, to) = (ends("from", &declared.from), ends("to", &declared.to));
    let VerbSource { doc, inverse, lineage, adoption, chronological, acyclic, .. } = declared.clone();
    Verb { name: name.to_string(), inverse, doc, from, to, lineage, adoption, chronological, acyclic }
}
