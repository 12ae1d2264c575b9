//! Writes RDF 1.2 in Turtle: entities, facts as triples, and each claim as a reifier of the triples that it states.
//!
//! [`crate::import`] reads it back to the same graph. Terms come from RDFS, SKOS, PROV and Dublin Core where they
//! exist, otherwise from `begat:`; a date is an EDTF literal.

use crate::answer::Subgraph;
use crate::graph::{EntityId, Fact, FactId, Graph, backwards, cycles, iri};
use crate::limits::in_budget;
use crate::schema::{Schema, TypeSet};
use crate::value::{Value, ValueType, turtle_literal};
use std::collections::BTreeSet;
use std::fmt::Write;

const HEAD: &str = "BASE <https://begat.example/graph/>
PREFIX begat: <https://begat.example/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX edtf: <http://id.loc.gov/datatypes/edtf/>
";

/// Returns a subgraph as Turtle; for the whole graph, also unused sources and claims, and the definitions.
pub fn turtle(part: &Subgraph, graph: &Graph) -> String {
    let is_whole = part.entities.len() == graph.entity_count() && part.facts.len() == graph.fact_count();
    let mut out = String::from(HEAD);
    if is_whole {
        let defines = graph.defines().iter().map(|define| format!(" ; begat:define {}", turtle_literal(define)));
        _ = writeln!(out, "\nbegat:graph a begat:Graph{} .", defines.collect::<String>());
    }
    schema(&mut out, graph);
    claims(&mut out, graph, part, is_whole);
    let ends = part.facts.iter().flat_map(|fact| match graph.fact(*fact) {
        Fact::Link { subject, object, .. } => vec![subject, object],
        Fact::Value { subject, .. } => vec![subject],
    });
    let all: BTreeSet<EntityId> = part.entities.iter().copied().chain(ends).collect();
    out.push('\n');
    for entity in all.into_iter().take_while(in_budget) {
        let type_ = &graph.schema().type_(graph.type_of(entity)).name;
        _ = write!(
            out,
            "{} a {} ; rdfs:label {}",
            subject(graph, entity),
            iri("type", type_),
            turtle_literal(graph.name(entity))
        );
        graph.names().aliases(entity).for_each(|alias| _ = write!(out, " ; skos:altLabel {}", turtle_literal(alias)));
        out.push_str(" .\n");
    }
    out.push('\n');
    part.facts.iter().take_while(in_budget).for_each(|fact| triple(&mut out, graph, part, *fact));
    out
}

fn schema(out: &mut String, graph: &Graph) {
    let schema = graph.schema();
    out.push('\n');
    for (id, type_) in schema.types() {
        let parent = type_.parent.map(|parent| schema.type_(parent));
        let mut own = vec!["a rdfs:Class".to_string(), format!("rdfs:label {}", turtle_literal(&type_.name))];
        own.extend(parent.map(|parent| format!("rdfs:subClassOf {}", iri("type", &parent.name))));
        let plot = [
            ("rdfs:comment", &type_.doc),
            ("begat:shape", &type_.plot.shape),
            ("begat:lane", &type_.plot.lane),
            ("begat:filled", &type_.plot.filled),
        ];
        own.extend(given(&plot));
        let inherited = type_.parent.map_or(&[][..], |parent| &schema.type_(parent).properties);
        let has = type_.properties.iter().filter(|property| !inherited.contains(property));
        own.extend(has.map(|property| format!("begat:property {}", iri("property", &schema.property(*property).name))));
        debug_assert!(schema.lookup_type(&type_.name) == Some(id), "a type is found by its name");
        _ = writeln!(out, "{} {} .", iri("type", &type_.name), own.join(" ; "));
    }
    for (_, property) in schema.properties() {
        let range = match property.value {
            ValueType::Date => "edtf:EDTF",
            ValueType::Number => "xsd:decimal",
            ValueType::Text => "xsd:string",
        };
        let mut own = vec![
            "a owl:DatatypeProperty".to_string(),
            format!("rdfs:label {}", turtle_literal(&property.name)),
            format!("rdfs:range {range}"),
        ];
        own.extend(property.verb.as_ref().map(|verb| format!("begat:verb {}", turtle_literal(verb))));
        own.extend(property.unit.as_ref().map(|unit| format!("begat:unit {}", turtle_literal(unit))));
        own.extend(property.single.then(|| "begat:single true".to_string()));
        own.extend(given(&[("rdfs:comment", &property.doc)]));
        _ = writeln!(out, "{} {} .", iri("property", &property.name), own.join(" ; "));
    }
    for (id, verb) in schema.verbs() {
        let mut own = vec!["a owl:ObjectProperty".to_string(), format!("rdfs:label {}", turtle_literal(&verb.name))];
        own.push(format!("rdfs:domain {} ; rdfs:range {}", ends(schema, verb.from), ends(schema, verb.to)));
        own.extend(verb.inverse.as_ref().map(|inverse| format!("begat:inverse {}", turtle_literal(inverse))));
        own.extend(given(&[("rdfs:comment", &verb.doc)]));
        let rule = |is_kept: bool| if is_kept { "true" } else { "warn" };
        own.extend(verb.lineage.then(|| "begat:lineage true".to_string()));
        own.extend(verb.adoption.then(|| "begat:adoption true".to_string()));
        own.extend(
            verb.chronological.then(|| format!("begat:chronological \"{}\"", rule(backwards(graph, id).is_empty()))),
        );
        own.extend(verb.acyclic.then(|| format!("begat:acyclic \"{}\"", rule(cycles(graph, id).is_empty()))));
        _ = writeln!(out, "{} {} .", iri("verb", &verb.name), own.join(" ; "));
    }
}

/// Returns the topmost types at one end of a verb.
fn ends(schema: &Schema, types: TypeSet) -> String {
    let parent = |id| schema.type_(id).parent;
    let top = types.iter().filter(|id| parent(*id).is_none_or(|parent| !types.contains(parent)));
    top.map(|id| iri("type", &schema.type_(id).name)).collect::<Vec<_>>().join(" , ")
}

/// Writes the sources and claims that the subgraph rests on, or all.
fn claims(out: &mut String, graph: &Graph, part: &Subgraph, is_whole: bool) {
    let claims = graph.claims();
    let used: BTreeSet<u32> =
        part.facts.iter().take_while(in_budget).flat_map(|fact| part.claims(graph, *fact)).collect();
    let all: Vec<u32> = if is_whole { (0..claims.len() as u32).collect() } else { used.into_iter().collect() };
    let sources: BTreeSet<u32> = all.iter().map(|claim| claims.get(*claim).source.0).collect();
    out.push('\n');
    for (i, source) in claims.sources.iter().enumerate() {
        if is_whole || sources.contains(&(i as u32)) {
            let mut own = vec!["a begat:Source".to_string(), format!("rdfs:label {}", turtle_literal(&source.key))];
            let words = [
                ("dct:title", &source.title),
                ("dct:creator", &source.by),
                ("begat:url", &source.url),
                ("dct:date", &source.date),
                ("begat:text", &source.text),
            ];
            own.extend(given(&words));
            _ = writeln!(out, "<source/{i}> {} .", own.join(" ; "));
        }
    }
    for claim in all.into_iter().take_while(in_budget) {
        let own = claims.get(claim);
        let mut pieces = vec![format!("a begat:Claim ; prov:wasDerivedFrom <source/{}>", own.source.0)];
        pieces.push(format!("begat:trust \"{}\"", own.trust.name()));
        let words = [("begat:at", own.at), ("begat:quote", own.quote), ("rdfs:comment", own.note)];
        pieces.extend(
            words
                .into_iter()
                .filter(|(_, word)| !word.is_empty())
                .map(|(name, word)| format!("{name} {}", turtle_literal(word))),
        );
        pieces.extend(own.date.map(|date| format!("begat:since \"{date}\"^^edtf:EDTF")));
        _ = writeln!(out, "<claim/{claim}> {} .", pieces.join(" ; "));
    }
}

fn triple(out: &mut String, graph: &Graph, part: &Subgraph, fact: FactId) {
    let schema = graph.schema();
    let (s, p, o) = match graph.fact(fact) {
        Fact::Link { subject: s, verb, object } => (s, iri("verb", &schema.verb(verb).name), subject(graph, object)),
        Fact::Value { subject: s, property, value } => {
            (s, iri("property", &schema.property(property).name), literal(&value))
        }
    };
    _ = write!(out, "{} {p} {o}", subject(graph, s));
    part.claims(graph, fact).for_each(|claim| _ = write!(out, " ~ <claim/{claim}>"));
    out.push_str(" .\n");
}

fn literal(value: &Value) -> String {
    match value {
        Value::Date(date) => format!("\"{date}\"^^edtf:EDTF"),
        Value::Number(_) | Value::Integer(_) => format!("\"{value}\"^^xsd:decimal"),
        other => turtle_literal(&other.to_string()),
    }
}

pub(super) fn subject(graph: &Graph, entity: EntityId) -> String {
    let type_ = &graph.schema().type_(graph.type_of(entity)).name;
    iri(type_, graph.name(entity))
}

fn given<S: AsRef<str>>(words: &[(&str, S)]) -> Vec<String> {
    let given = words.iter().filter(|(_, word)| !word.as_ref().is_empty());
    given.map(|(name, word)| format!("{name} {}", turtle_literal(word.as_ref()))).collect()
}
