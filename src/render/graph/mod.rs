//! Writes graphs as text for other tools.
//!
//! [`collect`] converts a subgraph to names once; each format writes the resulting [`Drawing`]. Entities and facts are
//! in id order, so that the output depends only on the graph.

mod cypher;
mod dot;
mod graphml;
#[cfg(feature = "parquet")]
mod lake;
mod mermaid;
mod neo4j;
mod node_link;
#[cfg(feature = "parquet")]
mod parquet;
mod tables;
mod trig;
mod turtle;

pub use cypher::cypher;
pub use dot::dot;
pub use graphml::graphml;
#[cfg(feature = "parquet")]
pub use lake::{CATALOGUE, census, lake};
pub use mermaid::mermaid;
pub use neo4j::neo4j;
pub use node_link::node_link;
#[cfg(feature = "parquet")]
pub use parquet::parquet;
pub use tables::{edges, nodes};
pub use trig::trig;
pub use turtle::turtle;

use crate::answer::{DerivedFact, Lineage, Subgraph};
use crate::graph::{EntityId, Fact, FactId, Graph};
use crate::limits::{in_budget, is_over, is_over_now};
use crate::render::words::{citations_of, controls, owners};
use crate::value::{Date, Value};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

/// Above this number of entities a drawing is hard to read in any layout.
pub const MANY_NODES: usize = 100;

/// Returns the warning for a drawing of too many entities.
pub fn too_many(count: usize) -> String {
    format!("{count} entities are hard to read: choose {MANY_NODES} or fewer with `where` or `limit`, or write .svg")
}

/// A subgraph with names in place of ids.
pub struct Drawing<'g> {
    pub graph: &'g Graph,
    pub nodes: Vec<Node<'g>>,
    pub edges: Vec<Edge<'g>>,
}

pub struct Node<'g> {
    pub entity: EntityId,
    pub name: &'g str,
    /// The name, followed by the type if several entities of the drawing have this name.
    pub id: String,
    pub type_name: &'g str,
    pub date: Date,
    /// The names of the owners of its lane; `None` if one of them is a node itself.
    pub lane: Option<String>,
    /// Names and settled values of its known properties.
    pub values: Vec<(&'g str, Value)>,
    /// The citations of its stated values.
    pub citations: String,
}

/// A fact between two nodes.
pub struct Edge<'g> {
    /// Index in [`Drawing::nodes`], as is `object`.
    pub subject: usize,
    pub object: usize,
    pub verb: &'g str,
    /// `None` for facts of defined verbs.
    pub fact: Option<FactId>,
    pub doubtful: bool,
    /// The numbers of the cited claims.
    pub claims: Vec<u32>,
    /// The citations as text; see [`citations_of`].
    pub citations: String,
}

/// Returns the whole graph as a subgraph.
pub fn whole(graph: &Graph) -> Subgraph {
    let facts = (0..graph.fact_count() as u32).map(FactId).collect();
    Subgraph { entities: graph.entities().collect(), facts, ..Subgraph::default() }
}

/// Returns the members of a family tree with the facts between them.
pub fn lineage_graph(lineage: &Lineage) -> Subgraph {
    let members = lineage.members.iter().map(|member| member.entity);
    let entities: BTreeSet<EntityId> = members.chain([lineage.root]).collect();
    let facts: BTreeSet<FactId> = lineage.links.iter().filter_map(|link| link.fact).collect();
    let defined = lineage.links.iter().filter(|link| link.fact.is_none());
    let derived = defined.map(|link| {
        let (subject, object) = link.ends();
        DerivedFact { subject, verb: link.verb.clone(), object, certain: true }
    });
    let derived = derived.collect();
    Subgraph {
        entities: entities.into_iter().collect(),
        facts: facts.into_iter().collect(),
        derived,
        ..Subgraph::default()
    }
}

/// Converts a subgraph to names. Adds the ends of its facts to its entities.
pub fn collect<'g>(part: &'g Subgraph, graph: &'g Graph) -> Drawing<'g> {
    let links = links(part, graph);
    let ends = links.iter().flat_map(|link| [link.subject, link.object]);
    let entities: BTreeSet<EntityId> = part.entities.iter().copied().chain(ends).collect();
    let position: HashMap<EntityId, usize> = entities.iter().enumerate().map(|(i, entity)| (*entity, i)).collect();
    let nodes = nodes_of(&entities, part, graph);
    // The nodes may be cut short then, and `position` would lead to missing ones.
    if is_over_now() {
        return Drawing { graph, nodes: Vec::new(), edges: Vec::new() };
    }
    let edges = links.into_iter().take_while(in_budget).map(|Link { subject, verb, object, fact, doubtful }| Edge {
        subject: position[&subject],
        object: position[&object],
        verb,
        fact,
        doubtful,
        claims: fact.map_or_else(Vec::new, |fact| part.claims(graph, fact).collect()),
        citations: fact.map_or(String::new(), |fact| citations_of(graph, &part.cited(fact))),
    });
    let edges = edges.collect();
    Drawing { graph, nodes, edges }
}

struct Link<'g> {
    subject: EntityId,
    verb: &'g str,
    object: EntityId,
    fact: Option<FactId>,
    doubtful: bool,
}

fn links<'g>(part: &'g Subgraph, graph: &'g Graph) -> Vec<Link<'g>> {
    let stated = part.facts.iter().filter_map(|fact| match graph.fact(*fact) {
        Fact::Link { subject, verb, object } => {
            let doubtful = part.is_doubtful(graph, *fact);
            Some(Link { subject, verb: &graph.schema().verb(verb).name, object, fact: Some(*fact), doubtful })
        }
        Fact::Value { .. } => None,
    });
    let derived = part.derived.iter().map(|DerivedFact { subject, verb, object, certain }| Link {
        subject: *subject,
        verb,
        object: *object,
        fact: None,
        doubtful: !certain,
    });
    stated.chain(derived).take_while(in_budget).collect()
}

fn nodes_of<'g>(entities: &BTreeSet<EntityId>, part: &Subgraph, graph: &'g Graph) -> Vec<Node<'g>> {
    let mut bearers: HashMap<&str, usize> = HashMap::new();
    for entity in entities {
        *bearers.entry(graph.name(*entity)).or_default() += 1;
    }
    let node = |entity: &EntityId| {
        let name = graph.name(*entity);
        let type_name = graph.schema().type_(graph.type_of(*entity)).name.as_str();
        let is_shared = bearers.get(name).is_some_and(|count| *count > 1);
        Node {
            entity: *entity,
            name,
            id: if is_shared { format!("{name} ({type_name})") } else { name.to_string() },
            type_name,
            date: graph.date_of(*entity),
            lane: lane(graph, *entity, entities),
            values: values(graph, *entity),
            citations: value_citations(part, graph, *entity),
        }
    };
    let mut nodes: Vec<Node> = entities.iter().take_while(in_budget).map(node).collect();
    tell_apart(&mut nodes);
    nodes
}

fn lane(graph: &Graph, entity: EntityId, nodes: &BTreeSet<EntityId>) -> Option<String> {
    let owners = owners(graph, entity);
    let is_outside = !owners.is_empty() && owners.iter().all(|owner| !nodes.contains(owner));
    is_outside.then(|| owners.iter().map(|owner| graph.name(*owner)).collect::<Vec<_>>().join(", "))
}

/// Makes ids unique by numbering them: a name may itself end in the type of another.
fn tell_apart(nodes: &mut [Node]) {
    let mut taken: std::collections::HashSet<String> = Default::default();
    for node in nodes {
        let numbered = (2..).map(|i| format!("{} {i}", node.id));
        let free = std::iter::once(node.id.clone()).chain(numbered).find(|id| !taken.contains(id) || is_over());
        node.id = free.unwrap_or_default();
        taken.insert(node.id.clone());
    }
}

fn values(graph: &Graph, entity: EntityId) -> Vec<(&str, Value)> {
    let properties = graph.schema().type_(graph.type_of(entity)).properties.iter();
    let known = |value: &Value| match value {
        Value::Unknown => false,
        Value::Date(date) => !date.is_undated(),
        _ => true,
    };
    let named = properties.map(|id| (graph.schema().property(*id).name.as_str(), graph.value(entity, *id)));
    named.filter(|(_, value)| known(value)).collect()
}

fn value_citations(part: &Subgraph, graph: &Graph, entity: EntityId) -> String {
    let properties = graph.schema().type_(graph.type_of(entity)).properties.iter().map(|id| graph.values(*id));
    let facts =
        properties.flat_map(|values| values.span(entity).flat_map(|position| part.cited(values.fact(position))));
    citations_of(graph, &facts.collect::<Vec<_>>())
}

/// Replaces control characters, which Graphviz and Mermaid cannot show, by symbols (U+2400 …), and escapes characters
/// that change the direction of text. Line breaks stay; a tab becomes a space.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => shown.push(picture(c)),
            c if controls(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
}

/// Returns the symbol for a character that cannot be written.
fn picture(c: char) -> char {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        _ => '\u{fffd}',
    }
}

/// Returns a verb as a relationship name of other tools: `SUCCEEDED_BY` for `succeeded by`.
fn shouted(verb: &str) -> String {
    verb.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
}

/// Escapes text for XML contents and attributes. Characters that XML cannot represent become symbols.
fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => safe.push(picture(c)),
            c if controls(c) => _ = write!(safe, "&#{};", c as u32),
            c => safe.push(c),
        }
    }
    safe
}
