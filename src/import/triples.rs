//! The triples of an RDF file, with the reifiers and named graphs that claim them.

use super::vocabulary;
use indexmap::{IndexMap, IndexSet};
use oxrdf::{GraphName, NamedOrBlankNode, Quad, Term};
use std::collections::{HashMap, HashSet};

/// The parts of a collection.
const FIRST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first";
const REST: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest";
const NIL: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil";

/// The object of a triple.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Object {
    Node(String),
    /// Text, datatype, language.
    Literal(String, String, String),
}

impl Object {
    pub fn words(&self) -> &str {
        match self {
            Object::Node(words) | Object::Literal(words, ..) => words,
        }
    }
}

pub type Triple = (String, String, Object);

/// All triples in their order, each with the nodes of its claims.
#[derive(Debug, Default)]
pub struct Store {
    pub triples: IndexMap<Triple, IndexSet<String>>,
    /// By subject: indexes of its triples.
    pub by_subject: HashMap<String, Vec<usize>>,
    /// The number of triples that are reified but not asserted.
    pub unsaid: usize,
    /// The number of collections whose members are the objects now.
    pub lists: usize,
}

impl Store {
    pub fn of(quads: Vec<Quad>) -> Store {
        let (mut store, mut reified) = (Store::default(), Vec::new());
        for quad in quads {
            let (subject, predicate) = (node(&quad.subject), quad.predicate.as_str().to_string());
            match quad.object {
                Term::Triple(inner) => {
                    let object = object(inner.object);
                    reified.push((subject, (node(&inner.subject), inner.predicate.as_str().to_string(), object)));
                }
                other => {
                    let claims = store.triples.entry((subject, predicate, object(other))).or_default();
                    match quad.graph_name {
                        GraphName::NamedNode(graph) => _ = claims.insert(graph.as_str().to_string()),
                        GraphName::BlankNode(graph) => _ = claims.insert(format!("_:{}", graph.as_str())),
                        GraphName::DefaultGraph => {}
                    }
                }
            }
        }
        // A reifier may precede its triple.
        for (claim, triple) in reified {
            match store.triples.get_mut(&triple) {
                Some(claims) => _ = claims.insert(claim),
                None => store.unsaid += 1,
            }
        }
        store.open_lists();
        for (i, (subject, ..)) in store.triples.keys().enumerate() {
            store.by_subject.entry(subject.clone()).or_default().push(i);
        }
        store
    }

    /// Replaces each collection, `:a :parts (:x :y)`, by its members.
    fn open_lists(&mut self) {
        let cell = |predicate: &str| -> HashMap<String, Object> {
            let own = self.triples.keys().filter(|(subject, own, _)| own == predicate && subject.starts_with("_:"));
            own.map(|(subject, _, object)| (subject.clone(), object.clone())).collect()
        };
        let (first, rest) = (cell(FIRST), cell(REST));
        if first.is_empty() && !self.triples.keys().any(|(.., object)| object.words() == NIL) {
            return;
        }
        for ((subject, predicate, object), claims) in std::mem::take(&mut self.triples) {
            let is_cell = [FIRST, REST].contains(&predicate.as_str()) && first.contains_key(&subject);
            let is_head = object.words() == NIL || first.contains_key(object.words());
            match (is_cell, is_head) {
                (true, _) => {}
                (false, false) => self.triples.entry((subject, predicate, object)).or_default().extend(claims),
                (false, true) => {
                    self.lists += 1;
                    // A damaged collection may run in a circle.
                    let mut seen = HashSet::new();
                    let mut at = object.words().to_string();
                    while let Some(member) = first.get(&at).filter(|_| seen.insert(at.clone())) {
                        let triple = (subject.clone(), predicate.clone(), member.clone());
                        self.triples.entry(triple).or_default().extend(claims.clone());
                        at = rest.get(&at).map_or(String::new(), |rest| rest.words().to_string());
                    }
                }
            }
        }
    }

    pub fn about<'s>(&'s self, subject: &str) -> impl Iterator<Item = (&'s str, &'s Object)> {
        let positions = self.by_subject.get(subject).map_or(&[][..], Vec::as_slice);
        positions
            .iter()
            .filter_map(|i| self.triples.get_index(*i))
            .map(|((_, predicate, object), _)| (predicate.as_str(), object))
    }

    pub fn all<'s>(&'s self, subject: &str, predicate: &'s str) -> impl Iterator<Item = &'s str> {
        self.about(subject).filter(move |(other, _)| *other == predicate).map(|(_, object)| object.words())
    }

    pub fn one<'s>(&'s self, subject: &str, predicate: &'s str) -> Option<&'s str> {
        self.all(subject, predicate).next()
    }

    /// Returns the distinct subjects in their order.
    pub fn subjects(&self) -> IndexSet<&str> {
        self.triples.keys().map(|(subject, ..)| subject.as_str()).collect()
    }

    pub fn types<'s>(&'s self, subject: &str) -> impl Iterator<Item = &'s str> {
        self.all(subject, vocabulary::TYPE)
    }
}

fn node(node: &NamedOrBlankNode) -> String {
    match node {
        NamedOrBlankNode::NamedNode(node) => node.as_str().to_string(),
        NamedOrBlankNode::BlankNode(node) => format!("_:{}", node.as_str()),
    }
}

fn object(term: Term) -> Object {
    match term {
        Term::NamedNode(node) => Object::Node(node.into_string()),
        Term::BlankNode(node) => Object::Node(format!("_:{}", node.as_str())),
        Term::Literal(literal) => {
            let language = literal.language().unwrap_or("").to_string();
            Object::Literal(literal.value().to_string(), literal.datatype().as_str().to_string(), language)
        }
        Term::Triple(inner) => Object::Literal(inner.to_string(), String::new(), String::new()),
    }
}
