//! The RDF terms that begat knows, and begat's words for those that it does not.

use super::draft::{DraftProperty, DraftVerb};
use super::words;
use crate::schema;
use crate::syntax;
use indexmap::IndexMap;
use std::collections::HashSet;

/// The prefix of begat's own nodes.
pub const BASE: &str = "https://begat.example/graph/";
const BEGAT: &str = "https://begat.example/ns#";
pub const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
pub const LABEL: &str = "http://www.w3.org/2000/01/rdf-schema#label";
pub const COMMENT: &str = "http://www.w3.org/2000/01/rdf-schema#comment";
pub const SUB_CLASS: &str = "http://www.w3.org/2000/01/rdf-schema#subClassOf";
pub const DOMAIN: &str = "http://www.w3.org/2000/01/rdf-schema#domain";
pub const RANGE: &str = "http://www.w3.org/2000/01/rdf-schema#range";
pub const ALIAS: &str = "http://www.w3.org/2004/02/skos/core#altLabel";
pub const OBJECT_PROPERTY: &str = "http://www.w3.org/2002/07/owl#ObjectProperty";
pub const DATATYPE_PROPERTY: &str = "http://www.w3.org/2002/07/owl#DatatypeProperty";
/// Predicates for the name of a node, best first.
pub const LABELS: [&str; 7] = [
    LABEL,
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://xmlns.com/foaf/0.1/name",
    "http://schema.org/name",
    "https://schema.org/name",
    "http://purl.org/dc/terms/title",
    "http://purl.org/dc/elements/1.1/title",
];
/// Predicates from a claim to its source.
pub const CLAIM_SOURCES: [&str; 4] = [
    "http://www.w3.org/ns/prov#wasDerivedFrom",
    "http://www.w3.org/ns/prov#hadPrimarySource",
    "http://purl.org/dc/terms/source",
    "http://purl.org/dc/elements/1.1/source",
];
/// Fields of a source, with their predicates.
pub const SOURCE_FIELDS: &[(&str, &[&str])] = &[
    ("title", &["http://purl.org/dc/terms/title", "http://purl.org/dc/elements/1.1/title"]),
    ("by", &["http://purl.org/dc/terms/creator", "http://purl.org/dc/elements/1.1/creator"]),
    ("url", &["https://begat.example/ns#url"]),
    ("date", &["http://purl.org/dc/terms/date", "http://purl.org/dc/elements/1.1/date"]),
    ("text", &["https://begat.example/ns#text"]),
];
/// Predicates of a claim, with their fields.
pub const CLAIM_FIELDS: [(&str, &str); 4] = [
    ("https://begat.example/ns#at", "at"),
    ("https://begat.example/ns#quote", "quote"),
    ("https://begat.example/ns#since", "date"),
    (COMMENT, "note"),
];

/// The terms of begat's own vocabulary.
const OWN: [&str; 17] = [
    "https://begat.example/ns#Claim",
    "https://begat.example/ns#Source",
    "https://begat.example/ns#Graph",
    "https://begat.example/ns#shape",
    "https://begat.example/ns#lane",
    "https://begat.example/ns#filled",
    "https://begat.example/ns#property",
    "https://begat.example/ns#verb",
    "https://begat.example/ns#unit",
    "https://begat.example/ns#single",
    "https://begat.example/ns#inverse",
    "https://begat.example/ns#lineage",
    "https://begat.example/ns#adoption",
    "https://begat.example/ns#chronological",
    "https://begat.example/ns#acyclic",
    "https://begat.example/ns#trust",
    "https://begat.example/ns#define",
];

/// Returns a term of begat's own vocabulary; empty if there is none.
pub fn begat(word: &str) -> &'static str {
    OWN.into_iter().find(|own| own.strip_prefix(BEGAT) == Some(word)).unwrap_or_default()
}

/// Returns whether nodes of this type belong to the schema or to claims.
pub fn is_schema(type_: &str) -> bool {
    let spaces = [
        "http://www.w3.org/2002/07/owl#",
        "http://www.w3.org/2000/01/rdf-schema#",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        BEGAT,
    ];
    let individual = "http://www.w3.org/2002/07/owl#NamedIndividual";
    let thing = "http://www.w3.org/2002/07/owl#Thing";
    spaces.iter().any(|space| type_.starts_with(space)) && ![individual, thing].contains(&type_)
}

pub fn is_class(type_: &str) -> bool {
    is_schema(type_) && type_.ends_with("#Class")
}

pub fn is_predicate(type_: &str) -> bool {
    is_schema(type_) && type_.ends_with("Property")
}

/// Returns the last part of an IRI, unescaped; for a blank node, a text.
pub fn local(iri: &str) -> String {
    if let Some(blank) = iri.strip_prefix("_:") {
        return format!("Blank {blank}");
    }
    let last = iri.trim_end_matches(['/', '#']).rsplit(['/', '#', ':']).next().unwrap_or(iri);
    let mut bytes = Vec::new();
    let mut rest = last.as_bytes();
    while let [byte, after @ ..] = rest {
        let escape = after
            .get(..2)
            .filter(|_| *byte == b'%')
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(escape.unwrap_or(*byte));
        rest = if escape.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).replace('_', " ")
}

pub fn type_name(label: Option<&str>, iri: &str, taken: &[String]) -> String {
    let is_good =
        |name: &str| schema::is_type(name) && syntax::is_type_name(name) && !taken.iter().any(|other| other == name);
    let (short, last) = (local(iri).replace(' ', ""), label.unwrap_or_default());
    [last, &short]
        .into_iter()
        .find(|name| is_good(name))
        .map_or_else(|| words::type_name(&words::parted(&short), taken), str::to_string)
}

pub fn verb_name(label: Option<&str>, iri: &str, taken: &IndexMap<String, DraftVerb>) -> String {
    let is_good = |name: &str| schema::is_verb(name) && syntax::is_verb_name(name) && !taken.contains_key(name);
    let mut parts = words::parted(&local(iri));
    parts.iter_mut().for_each(|part| part.retain(char::is_lowercase));
    parts.retain(|part| !part.is_empty());
    let joined = parts.join("_");
    let with_particle = match parts.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} {last}", first.join("_")),
        _ => joined.clone(),
    };
    let all = [label.unwrap_or_default().to_string(), with_particle, joined.clone(), format!("has_{joined}")];
    let others = (0..26_u8).map(|i| format!("has_{joined}_{}", char::from(b'a' + i)));
    all.into_iter().chain(others).find(|name| is_good(name)).unwrap_or(joined)
}

pub fn property_name(label: Option<&str>, iri: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let is_good = |name: &str| words::property_name(name) == name && !is_taken(name);
    let label = label.unwrap_or_default().to_string();
    let short = words::property_name(&local(iri));
    let others = (2..).map(|i| format!("{short}_{i}"));
    [label, short.clone()].into_iter().chain(others).find(|name| is_good(name)).unwrap_or(short.clone())
}

/// Returns the type of values by their datatypes: `Date`, `Number` or `Text`.
pub fn value_of(datatypes: &HashSet<&str>) -> &'static str {
    let all = |names: &[&str]| {
        let is = |datatype: &&str| names.iter().any(|name| datatype.rsplit(['#', '/']).next() == Some(name));
        !datatypes.is_empty() && datatypes.iter().all(is)
    };
    let numbers = [
        "integer",
        "decimal",
        "double",
        "float",
        "int",
        "long",
        "short",
        "nonNegativeInteger",
        "positiveInteger",
        "unsignedInt",
        "unsignedLong",
    ];
    match (all(&["date", "gYear", "gYearMonth", "dateTime", "EDTF"]), all(&numbers)) {
        (true, _) => "Date",
        (_, true) => "Number",
        _ => "Text",
    }
}

/// Returns a literal in begat's notation: a date without time and time zone.
pub fn plain_value(text: &str, value: &str) -> String {
    match value {
        "Date" => {
            let text = text.trim();
            let day = text.split_once('T').map_or(text, |(day, _)| day);
            day.trim_end_matches('Z').to_string()
        }
        "Number" => text.trim().trim_start_matches('+').to_string(),
        _ => text.to_string(),
    }
}

pub fn text_property(doc: &str) -> DraftProperty {
    DraftProperty { value: "Text", doc: doc.to_string(), ..DraftProperty::default() }
}
