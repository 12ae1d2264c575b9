//! A graph before it is written as a RON file: schema, sources, entities and claims.

use crate::graph::folded;
use crate::load::written;
use crate::value::ron_literal;
use indexmap::{IndexMap, IndexSet};
use std::collections::HashMap;
use std::fmt::Write;

#[derive(Debug, Default)]
pub struct Draft {
    pub types: IndexMap<String, DraftType>,
    pub properties: IndexMap<String, DraftProperty>,
    pub verbs: IndexMap<String, DraftVerb>,
    /// By key: fields with their texts.
    pub sources: IndexMap<String, Vec<(&'static str, String)>>,
    pub entities: Vec<DraftEntity>,
    pub claims: Vec<DraftClaim>,
    pub defines: Vec<String>,
}

#[derive(Debug, Default)]
pub struct DraftType {
    pub doc: String,
    pub extends: Option<String>,
    /// `shape`, `lane` and `filled` of its plot.
    pub plot: Vec<(&'static str, String)>,
    pub properties: IndexSet<String>,
}

#[derive(Debug, Default, Clone)]
pub struct DraftProperty {
    /// `Date`, `Number` or `Text`.
    pub value: &'static str,
    pub verb: Option<String>,
    pub single: bool,
    pub unit: Option<String>,
    pub doc: String,
}

#[derive(Debug, Default)]
pub struct DraftVerb {
    pub from: IndexSet<String>,
    pub to: IndexSet<String>,
    pub inverse: Option<String>,
    pub doc: String,
    /// Further fields as written: `lineage: true`.
    pub rules: Vec<String>,
}

#[derive(Debug, Default)]
pub struct DraftEntity {
    pub type_: String,
    pub name: String,
    pub aliases: Vec<String>,
    /// Values without a claim, by property.
    pub values: Vec<(String, String)>,
}

#[derive(Debug, Default)]
pub struct DraftClaim {
    pub source: String,
    /// `direct` if not given.
    pub trust: Option<String>,
    /// `at`, `quote`, `note` and `date`.
    pub fields: Vec<(&'static str, String)>,
    pub facts: Vec<DraftFact>,
}

/// A fact, with entities by index.
#[derive(Debug, Clone, PartialEq)]
pub enum DraftFact {
    Link(usize, String, usize),
    /// The value as written in the original file.
    Value(usize, String, String),
}

impl Draft {
    /// Returns a type; adds it if it is new.
    pub fn type_(&mut self, name: &str) -> &mut DraftType {
        self.types.entry(name.to_string()).or_default()
    }

    /// Returns the text of a RON file; `head` becomes a comment.
    pub fn ron(&self, head: &[String]) -> String {
        let mut out = String::new();
        for line in head {
            line.lines().for_each(|line| _ = writeln!(out, "// {line}"));
        }
        out.push_str("(\n");
        let nouns = Nouns::of(self);
        if nouns.are_alike || self.has_idle() {
            out.push_str("    // Names are told apart to the letter, and an entity may stand without facts.\n    exported: true,\n");
        }
        self.write_schema(&mut out);
        out.push_str("    sources: {\n");
        for (key, fields) in &self.sources {
            _ = writeln!(out, "        {}: ({}),", ron_literal(key), joined(fields));
        }
        out.push_str("    },\n    entities: {\n");
        for type_ in self.types.keys() {
            let own: Vec<&DraftEntity> = self.entities.iter().filter(|entity| entity.type_ == *type_).collect();
            if !own.is_empty() {
                _ = writeln!(out, "        {}: {{", ron_literal(type_));
                own.iter().for_each(|entity| {
                    _ = writeln!(out, "            {}: ({}),", ron_literal(&entity.name), fields(entity))
                });
                out.push_str("        },\n");
            }
        }
        out.push_str("    },\n    claims: [\n");
        for claim in &self.claims {
            let trust = claim.trust.as_ref().map_or(String::new(), |trust| format!(", trust: {trust}"));
            let fields = if claim.fields.is_empty() { String::new() } else { format!(", {}", joined(&claim.fields)) };
            _ = writeln!(out, "        (source: {}{trust}{fields}, facts: [", ron_literal(&claim.source));
            for fact in &claim.facts {
                _ = writeln!(out, "            {},", ron_literal(&self.sentence(&nouns, fact)));
            }
            out.push_str("        ]),\n");
        }
        out.push_str("    ],\n");
        if !self.defines.is_empty() {
            out.push_str("    defines: [\n");
            self.defines.iter().for_each(|define| _ = writeln!(out, "        {},", ron_literal(define)));
            out.push_str("    ],\n");
        }
        out + ")\n"
    }

    fn write_schema(&self, out: &mut String) {
        out.push_str("    schema: (\n        types: {\n");
        for (name, type_) in &self.types {
            let mut fields = Vec::new();
            fields.extend(type_.extends.as_ref().map(|parent| format!("extends: {}", ron_literal(parent))));
            fields.extend((!type_.doc.is_empty()).then(|| format!("doc: {}", ron_literal(&type_.doc))));
            fields.extend((!type_.plot.is_empty()).then(|| format!("plot: ({})", joined(&type_.plot))));
            let properties = type_.properties.iter().filter_map(|name| Some((name, self.properties.get(name)?)));
            let properties: Vec<String> = properties
                .map(|(name, of)| format!("\n                {}: ({}),", ron_literal(name), property(of)))
                .collect();
            fields.extend(
                (!properties.is_empty()).then(|| format!("properties: {{{}\n            }}", properties.concat())),
            );
            _ = writeln!(out, "            {}: ({}),", ron_literal(name), fields.join(", "));
        }
        out.push_str("        },\n        verbs: {\n");
        for (name, verb) in &self.verbs {
            let ends =
                |types: &IndexSet<String>| types.iter().map(|type_| ron_literal(type_)).collect::<Vec<_>>().join(", ");
            let mut fields = vec![format!("from: [{}], to: [{}]", ends(&verb.from), ends(&verb.to))];
            fields.extend(verb.inverse.as_ref().map(|inverse| format!("inverse: {}", ron_literal(inverse))));
            fields.extend((!verb.doc.is_empty()).then(|| format!("doc: {}", ron_literal(&verb.doc))));
            fields.extend(verb.rules.iter().cloned());
            _ = writeln!(out, "            {}: ({}),", ron_literal(name), fields.join(", "));
        }
        out.push_str("        },\n    ),\n");
    }

    fn sentence(&self, nouns: &Nouns, fact: &DraftFact) -> String {
        match fact {
            DraftFact::Link(subject, verb, object) => {
                format!("{} {verb} {}", nouns.noun(self, *subject), nouns.noun(self, *object))
            }
            DraftFact::Value(subject, property, value) => {
                let of = self.properties.get(property);
                let value = if of.is_some_and(|of| of.value == "Number") { value.clone() } else { ron_literal(value) };
                match of.and_then(|of| of.verb.as_ref()) {
                    Some(verb) => format!("{} {verb} {value}", nouns.noun(self, *subject)),
                    None => format!("{}.{property} = {value}", nouns.ron_literal(self, *subject)),
                }
            }
        }
    }

    /// Returns whether some entity has no fact.
    fn has_idle(&self) -> bool {
        let mut used: Vec<bool> = self.entities.iter().map(|entity| !entity.values.is_empty()).collect();
        for fact in self.claims.iter().flat_map(|claim| &claim.facts) {
            match fact {
                DraftFact::Link(subject, _, object) => (used[*subject], used[*object]) = (true, true),
                DraftFact::Value(subject, ..) => used[*subject] = true,
            }
        }
        used.contains(&false)
    }
}

fn property(of: &DraftProperty) -> String {
    let mut fields = vec![format!("type: {}", of.value)];
    fields.extend(of.verb.as_ref().map(|verb| format!("verb: {}", ron_literal(verb))));
    fields.extend(of.single.then(|| "single: true".to_string()));
    fields.extend(of.unit.as_ref().map(|unit| format!("unit: {}", ron_literal(unit))));
    fields.extend((!of.doc.is_empty()).then(|| format!("doc: {}", ron_literal(&of.doc))));
    fields.join(", ")
}

fn fields(entity: &DraftEntity) -> String {
    let aliases: Vec<String> = entity.aliases.iter().map(|alias| ron_literal(alias)).collect();
    let aliases = (!aliases.is_empty()).then(|| format!("aliases: [{}]", aliases.join(", ")));
    let values = entity.values.iter().map(|(property, value)| format!("{property}: {}", ron_literal(value)));
    aliases.into_iter().chain(values).collect::<Vec<_>>().join(", ")
}

fn joined(fields: &[(&'static str, String)]) -> String {
    fields.iter().map(|(name, words)| format!("{name}: {}", ron_literal(words))).collect::<Vec<_>>().join(", ")
}

/// The number of entities for each name or alias, case-folded.
struct Nouns {
    bearers: HashMap<String, usize>,
    are_alike: bool,
}

impl Nouns {
    fn of(draft: &Draft) -> Nouns {
        let mut bearers: HashMap<String, usize> = HashMap::new();
        for entity in &draft.entities {
            let words = std::iter::once(&entity.name).chain(&entity.aliases);
            let own: IndexSet<String> = words.map(|word| folded(word).collect()).collect();
            own.into_iter().for_each(|word| *bearers.entry(word).or_default() += 1);
        }
        let are_alike = bearers.values().any(|count| *count > 1);
        Nouns { bearers, are_alike }
    }

    fn noun(&self, draft: &Draft, entity: usize) -> String {
        let entity = &draft.entities[entity];
        let word: String = folded(&entity.name).collect();
        let is_alone = self.bearers.get(&word).is_none_or(|count| *count == 1);
        if is_alone { written(&entity.name) } else { format!("{} {}", entity.type_, ron_literal(&entity.name)) }
    }

    /// Returns the same in quotes.
    fn ron_literal(&self, draft: &Draft, entity: usize) -> String {
        let noun = self.noun(draft, entity);
        if noun.ends_with('"') { noun } else { ron_literal(&noun) }
    }
}
