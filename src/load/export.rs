//! Writes a graph as RON. Deterministic: equal graphs give equal text, which loads back to an equal graph.
//!
//! Claims keep the order of the graph, with one sentence for each of their facts, in the order of fact ids. Values
//! without a claim are written with their entity. Links without a claim, which only a [`Builder`] makes, are written
//! under one claim of a source without a name, since a part has no links without a claim.
//!
//! [`Builder`]: crate::graph::Builder

use super::words::written;
use crate::graph::{EntityId, Fact, FactId, Graph, backwards, cycles};
use crate::limits::in_budget;
use crate::schema::{Property, PropertyId, Schema, Type, TypeSet, Verb, VerbId};
use crate::syntax;
use crate::value::{Date, Value, ron_literal};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Returns the whole graph as one part.
pub fn ron(graph: &Graph) -> String {
    let entities: Vec<EntityId> = graph.entities().collect();
    let facts: Vec<FactId> = graph.facts().collect();
    write_part(graph, &entities, &facts, true)
}

/// Returns some entities and facts as one part, with the whole schema and the sources that the facts rest on. Adds the
/// ends of the facts to the entities; the order of the arguments does not matter. Claims keep their order; definitions
/// are left out.
pub fn ron_of(graph: &Graph, entities: &[EntityId], facts: &[FactId]) -> String {
    let mut all: BTreeSet<EntityId> = entities.iter().copied().collect();
    for fact in facts {
        match graph.fact(*fact) {
            Fact::Link { subject, object, .. } => all.extend([subject, object]),
            Fact::Value { subject, .. } => all.extend([subject]),
        }
    }
    // Sorted, since `entity_fields` uses binary search.
    let facts: BTreeSet<FactId> = facts.iter().copied().collect();
    write_part(graph, &Vec::from_iter(all), &Vec::from_iter(facts), false)
}

fn write_part(graph: &Graph, entities: &[EntityId], facts: &[FactId], whole: bool) -> String {
    let mut out = String::from("(\n");
    let is_marked = if whole { needs_mark(graph) } else { has_alike(graph) };
    if is_marked {
        line(&mut out, 1, "exported: true,");
    }
    let claims = by_claim(graph, facts);
    write_schema(&mut out, graph);
    write_sources(&mut out, graph, &claims, whole);
    write_entities(&mut out, graph, entities, facts);
    write_claims(&mut out, graph, &claims, whole);
    if whole && !graph.defines().is_empty() {
        out.push_str("    defines: [\n");
        graph.defines().iter().for_each(|define| line(&mut out, 2, &format!("{},", text(define))));
        out.push_str("    ],\n");
    }
    out.push_str(")\n");
    out
}

/// Returns whether the part needs the mark `exported`: it has names that fold alike, which are an error in a part
/// written by people, or entities without facts.
fn needs_mark(graph: &Graph) -> bool {
    has_alike(graph) || super::check::used(graph).contains(&false)
}

/// Returns whether some names fold alike.
fn has_alike(graph: &Graph) -> bool {
    let names = graph.names();
    let is_alike = |(name, entity): (&str, EntityId)| names.alike(name).iter().any(|other| *other != entity);
    names.iter().any(is_alike)
}

/// Appends a line, indented by `depth` steps.
fn line(out: &mut String, depth: usize, words: &str) {
    (0..depth).for_each(|_| out.push_str("    "));
    out.push_str(words);
    out.push('\n');
}

/// Returns a text as a RON literal. Line breaks stay unescaped, so that long definitions stay readable.
fn text(words: &str) -> String {
    let mut text = String::from("\"");
    for c in words.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push('\n'),
            c if c.is_control() => _ = write!(text, "\\u{{{:x}}}", c as u32),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// Returns `name: "words"` for each field with a value, joined by commas.
fn fields(fields: &[(&str, &str)]) -> String {
    let given = fields.iter().filter(|(_, words)| !words.is_empty());
    let given: Vec<String> = given.map(|(name, words)| format!("{name}: {}", text(words))).collect();
    given.join(", ")
}

fn join(pieces: Vec<String>) -> String {
    Vec::from_iter(pieces.into_iter().filter(|piece| !piece.is_empty())).join(", ")
}

fn write_schema(out: &mut String, graph: &Graph) {
    let schema = graph.schema();
    line(out, 1, "schema: (");
    line(out, 2, "types: {");
    for (_, type_) in schema.types() {
        write_type(out, schema, type_);
    }
    line(out, 2, "},");
    line(out, 2, "verbs: {");
    for (id, verb) in schema.verbs() {
        line(out, 3, &format!("{}: ({}),", text(&verb.name), verb_fields(graph, id, verb)));
    }
    line(out, 2, "},");
    line(out, 1, "),");
}

fn write_type(out: &mut String, schema: &Schema, type_: &Type) {
    let parent = type_.parent.map(|parent| schema.type_(parent));
    let extends = parent.map_or("", |parent| &parent.name);
    let plot = fields(&[("shape", &type_.plot.shape), ("lane", &type_.plot.lane), ("filled", &type_.plot.filled)]);
    let plot = if plot.is_empty() { plot } else { format!("plot: ({plot})") };
    let head = join(vec![fields(&[("doc", &type_.doc), ("extends", extends)]), plot]);
    let inherited = |id: &&PropertyId| parent.is_some_and(|parent| parent.properties.contains(id));
    let own: Vec<&PropertyId> = type_.properties.iter().filter(|id| !inherited(id)).collect();
    if own.is_empty() {
        return line(out, 3, &format!("{}: ({head}),", text(&type_.name)));
    }
    line(out, 3, &format!("{}: (", text(&type_.name)));
    if !head.is_empty() {
        line(out, 4, &format!("{head},"));
    }
    line(out, 4, "properties: {");
    for id in own {
        let property = schema.property(*id);
        line(out, 5, &format!("{}: ({}),", text(&property.name), property_fields(property)));
    }
    line(out, 4, "},");
    line(out, 3, "),");
}

fn property_fields(property: &Property) -> String {
    let words =
        |word: &Option<String>, name: &str| word.as_ref().map_or(String::new(), |w| format!("{name}: {}", text(w)));
    join(vec![
        format!("type: {}", property.value.name()),
        words(&property.verb, "verb"),
        flag("single", property.single),
        words(&property.unit, "unit"),
        fields(&[("doc", &property.doc)]),
    ])
}

fn verb_fields(graph: &Graph, id: VerbId, verb: &Verb) -> String {
    let schema = graph.schema();
    // A rule that the graph breaks was read with `warn`, and is written so again.
    let rule = |name: &str, is_set: bool, is_kept: &dyn Fn() -> bool| match is_set && !is_kept() {
        true => format!("{name}: warn"),
        false => flag(name, is_set),
    };
    join(vec![
        fields(&[("doc", &verb.doc)]),
        ends("from", schema, verb.from),
        ends("to", schema, verb.to),
        verb.inverse.as_ref().map_or(String::new(), |inverse| format!("inverse: {}", text(inverse))),
        flag("lineage", verb.lineage),
        flag("adoption", verb.adoption),
        rule("chronological", verb.chronological, &|| backwards(graph, id).is_empty()),
        rule("acyclic", verb.acyclic, &|| cycles(graph, id).is_empty()),
    ])
}

fn flag(name: &str, set: bool) -> String {
    if set { format!("{name}: true") } else { String::new() }
}

/// Returns the field for one end of a verb, with its topmost types.
fn ends(name: &str, schema: &Schema, types: TypeSet) -> String {
    let parent = |id| schema.type_(id).parent;
    // A type stands for its subtypes, too.
    let top = types.iter().filter(|id| parent(*id).is_none_or(|parent| !types.contains(parent)));
    let names: Vec<String> = top.map(|id| text(&schema.type_(id).name)).collect();
    format!("{name}: [{}]", names.join(", "))
}

/// Returns the facts of each claim, in order; links without a claim under `None`.
fn by_claim(graph: &Graph, facts: &[FactId]) -> Vec<(Option<u32>, Vec<FactId>)> {
    let mut claims: Vec<Vec<FactId>> = vec![Vec::new(); graph.claims().len()];
    let mut unclaimed = Vec::new();
    for fact in facts.iter().take_while(in_budget) {
        let numbers = graph.claims().numbers(*fact);
        numbers.iter().for_each(|claim| claims[*claim as usize].push(*fact));
        if numbers.is_empty() && matches!(graph.fact(*fact), Fact::Link { .. }) {
            unclaimed.push(*fact);
        }
    }
    let numbered = claims.into_iter().enumerate().map(|(claim, facts)| (Some(claim as u32), facts));
    let unclaimed = (!unclaimed.is_empty()).then_some((None, unclaimed));
    numbered.chain(unclaimed).collect()
}

type Claimed = (Option<u32>, Vec<FactId>);

fn write_sources(out: &mut String, graph: &Graph, claims: &[Claimed], whole: bool) {
    let rested_on = claims.iter().filter(|(_, facts)| !facts.is_empty());
    let keys: BTreeSet<&str> = rested_on
        .map(|(claim, _)| claim.map_or("", |claim| &graph.claims().source(graph.claims().get(claim).source).key))
        .collect();
    line(out, 1, "sources: {");
    for source in graph.claims().sources.iter().filter(|source| whole || keys.contains(&*source.key)) {
        let words = fields(&[
            ("title", &source.title),
            ("by", &source.by),
            ("url", &source.url),
            ("date", &source.date),
            ("text", &source.text),
        ]);
        line(out, 2, &format!("{}: ({words}),", text(&source.key)));
    }
    // The source of links without a claim.
    if keys.contains("") && graph.claims().lookup_source("").is_none() {
        line(out, 2, "\"\": (),");
    }
    line(out, 1, "},");
}

fn write_entities(out: &mut String, graph: &Graph, entities: &[EntityId], facts: &[FactId]) {
    line(out, 1, "entities: {");
    for (id, type_) in graph.schema().types() {
        let range = graph.own_range(id);
        let of_type: Vec<EntityId> = entities.iter().copied().filter(|entity| range.contains(&entity.0)).collect();
        if of_type.is_empty() {
            continue;
        }
        line(out, 2, &format!("{}: {{", text(&type_.name)));
        for entity in of_type.into_iter().take_while(in_budget) {
            line(out, 3, &format!("{}: ({}),", text(graph.name(entity)), entity_fields(graph, entity, facts)));
        }
        line(out, 2, "},");
    }
    line(out, 1, "},");
}

fn entity_fields(graph: &Graph, entity: EntityId, facts: &[FactId]) -> String {
    let aliases: Vec<String> = graph.names().aliases(entity).map(text).collect();
    let aliases = if aliases.is_empty() { String::new() } else { format!("aliases: [{}]", aliases.join(", ")) };
    let mut pieces = vec![aliases];
    for (id, property) in graph.schema().properties() {
        let values = graph.values(id);
        for i in values.span(entity) {
            let fact = values.fact(i);
            if graph.claims().numbers(fact).is_empty() && facts.binary_search(&fact).is_ok() {
                pieces.push(format!("{}: {}", property.name, text(&values.stated.get(i).to_string())));
            }
        }
    }
    join(pieces)
}

fn write_claims(out: &mut String, graph: &Graph, claims: &[Claimed], whole: bool) {
    line(out, 1, "claims: [");
    for (claim, facts) in claims.iter().filter(|(_, facts)| whole || !facts.is_empty()) {
        line(out, 2, &format!("({}, facts: [", claim_fields(graph, *claim)));
        for fact in facts.iter().take_while(in_budget) {
            line(out, 3, &format!("{},", text(&sentence(graph, *fact))));
        }
        line(out, 2, "]),");
    }
    line(out, 1, "],");
}

fn claim_fields(graph: &Graph, claim: Option<u32>) -> String {
    let Some(claim) = claim else { return "source: \"\"".to_string() };
    let claim = graph.claims().get(claim);
    let date = claim.date.map_or(String::new(), |date| date.to_string());
    join(vec![
        format!("source: {}", text(&graph.claims().source(claim.source).key)),
        fields(&[("at", claim.at)]),
        format!("trust: {}", claim.trust.name()),
        fields(&[("quote", claim.quote), ("note", claim.note), ("date", &date)]),
    ])
}

/// Returns a fact as a sentence of the language: `DeepSeek V3 uses MLA`.
pub fn sentence(graph: &Graph, fact: FactId) -> String {
    sentence_of(graph, &graph.fact(fact))
}

/// Returns a fact as a sentence, whether the graph holds it or not.
pub(super) fn sentence_of(graph: &Graph, fact: &Fact) -> String {
    match fact {
        Fact::Link { subject, verb, object } => {
            let verb = &graph.schema().verb(*verb).name;
            format!("{} {verb} {}", noun(graph, *subject), noun(graph, *object))
        }
        Fact::Value { subject, property, value } => {
            let (schema, value) = (graph.schema(), value_words(value));
            let Property { name, verb, .. } = schema.property(*property);
            let verb = verb.as_ref().or(Some(name).filter(|name| is_verb(schema, name)));
            match verb {
                Some(verb) => format!("{} {verb} {value}", noun(graph, *subject)),
                None => format!("{}.{name} = {value}", quoted_noun(graph, *subject)),
            }
        }
    }
}

/// Returns whether a property's name can serve as the verb of a sentence: it has the form of a verb, and is none.
fn is_verb(schema: &Schema, name: &str) -> bool {
    syntax::is_verb_name(name) && schema.lookup_word(name).is_none()
}

/// Returns an entity's name in quotes, with its type if the name alone is ambiguous.
fn quoted_noun(graph: &Graph, entity: EntityId) -> String {
    let noun = noun(graph, entity);
    if noun.ends_with('"') { noun } else { ron_literal(graph.name(entity)) }
}

/// Returns an entity's name for a sentence, with its type if the name alone is ambiguous.
pub(super) fn noun(graph: &Graph, entity: EntityId) -> String {
    let name = graph.name(entity);
    if graph.names().lookup(name) == [entity] {
        return written(name);
    }
    format!("{} {}", graph.schema().type_(graph.type_of(entity)).name, ron_literal(name))
}

/// Returns a value: bare if the grammar reads it as one value, otherwise in quotes, which any value may have.
fn value_words(value: &Value) -> String {
    match value {
        Value::Date(date) if is_plain(*date) => date.to_string(),
        Value::Number(_) | Value::Integer(_) => value.to_string(),
        value => ron_literal(&value.to_string()),
    }
}

/// Returns whether the date is written with digits, hyphens and dots only, and begins with a digit or a dot.
fn is_plain(date: Date) -> bool {
    let words = date.to_string();
    !words.starts_with('-') && words.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}
