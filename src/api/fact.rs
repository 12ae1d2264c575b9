//! Facts, who says them, and parts of a graph.

use super::{Cell, Entity, RenderOptions};
use crate::answer::{self, CellRef};
use crate::database::Error;
use crate::graph::{self, EntityId, FactId, Graph};
use crate::render::Format;
use crate::value::{Date, Value};
use std::fmt::{self, Debug, Display, Formatter};
use std::sync::Arc;

/// A fact of a graph: a subject, a verb, and an entity or a value.
#[derive(Clone, Copy)]
pub struct Fact<'a> {
    graph: &'a Graph,
    id: FactId,
}

impl<'a> Fact<'a> {
    pub(super) fn new(graph: &'a Graph, id: FactId) -> Fact<'a> {
        Fact { graph, id }
    }

    /// Returns the subject.
    pub fn subject(self) -> Entity<'a> {
        match self.graph.fact(self.id) {
            graph::Fact::Link { subject, .. } | graph::Fact::Value { subject, .. } => Entity::new(self.graph, subject),
        }
    }

    /// Returns the verb, as `uses`; of a value the name of its property, as `date`.
    pub fn verb(self) -> &'a str {
        match self.graph.fact(self.id) {
            graph::Fact::Link { verb, .. } => &self.graph.schema().verb(verb).name,
            graph::Fact::Value { property, .. } => &self.graph.schema().property(property).name,
        }
    }

    /// Returns the object; `None` of a value.
    pub fn object(self) -> Option<Entity<'a>> {
        match self.graph.fact(self.id) {
            graph::Fact::Link { object, .. } => Some(Entity::new(self.graph, object)),
            graph::Fact::Value { .. } => None,
        }
    }

    /// Returns the value as some source states it, before lineage narrows it; `None` where the object is an entity.
    pub fn value(self) -> Option<Value> {
        match self.graph.fact(self.id) {
            graph::Fact::Link { .. } => None,
            graph::Fact::Value { value, .. } => Some(value),
        }
    }

    /// Returns who says it, in the order given. Empty of what was declared with its entity.
    pub fn claims(self) -> impl Iterator<Item = Claim> + use<'a> {
        let graph = self.graph;
        graph.claims().of(self.id).map(move |claim| Claim::of(graph, claim))
    }

    /// Returns whether no claim states it better than doubtfully, so that it is only possible.
    pub fn is_doubtful(self) -> bool {
        self.graph.is_doubtful(self.id)
    }
}

impl Display for Fact<'_> {
    /// As a sentence: `DeepSeek V3 uses MLA`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::render::sentence(self.graph, self.id))
    }
}

impl Debug for Fact<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Fact({self})")
    }
}

/// The facts of an entity, those of verbs first.
pub(super) fn of_entity(graph: &Graph, entity: EntityId) -> impl Iterator<Item = Fact<'_>> {
    let of_verbs = graph.schema().verbs().flat_map(move |(verb, _)| {
        let relation = graph.relation(verb);
        let objects = relation.forward.of(entity).iter().map(move |object| (entity, EntityId(*object)));
        let subjects = relation.reverse.of(entity).iter().map(move |subject| (EntityId(*subject), entity));
        objects.chain(subjects).filter_map(|(subject, object)| relation.fact(subject, object))
    });
    let of_properties = graph.schema().properties().flat_map(move |(property, _)| {
        let values = graph.values(property);
        values.span(entity).map(|position| values.fact(position))
    });
    of_verbs.chain(of_properties).map(move |id| Fact::new(graph, id))
}

/// One citation of a fact. Empty texts were not given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Claim {
    /// The key of the source.
    pub source: String,
    /// The place within the source: `L23`.
    pub at: String,
    /// How surely it is stated: `direct`, `secondary`, `inferred` or `doubtful`.
    pub trust: String,
    /// The words of the source.
    pub quote: String,
    /// What whoever entered it adds.
    pub note: String,
    /// When its facts began to hold.
    pub date: Option<Date>,
}

impl Claim {
    pub(super) fn of(graph: &Graph, claim: graph::Claim<'_>) -> Claim {
        Claim {
            source: graph.claims().source(claim.source).key.clone(),
            at: claim.at.to_string(),
            trust: claim.trust.name().to_string(),
            quote: claim.quote.to_string(),
            note: claim.note.to_string(),
            date: claim.date,
        }
    }
}

/// Some entities of a graph and some of the facts between them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Subgraph {
    graph: Arc<Graph>,
    part: Arc<answer::Subgraph>,
}

impl Subgraph {
    pub(super) fn new(graph: Arc<Graph>, part: answer::Subgraph) -> Subgraph {
        Subgraph { graph, part: Arc::new(part) }
    }

    pub(super) fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(super) fn part(&self) -> &answer::Subgraph {
        &self.part
    }

    /// Returns the entities, by type and then in natural order of name. They hold the ends of all facts.
    pub fn entities(&self) -> impl ExactSizeIterator<Item = Entity<'_>> {
        self.part.entities.iter().map(|id| Entity::new(&self.graph, *id))
    }

    /// Returns the facts: those of the first verb in order of subject and object, those of the next, …, then values.
    pub fn facts(&self) -> impl ExactSizeIterator<Item = Fact<'_>> {
        self.part.facts.iter().map(|id| Fact::new(&self.graph, *id))
    }

    /// Returns what defined verbs say: subject, verb, object. No source states it.
    pub fn derived(&self) -> impl ExactSizeIterator<Item = (Entity<'_>, &str, Entity<'_>)> {
        let derived = self.part.derived.iter();
        derived.map(|(subject, verb, object)| (self.entity(*subject), verb.as_str(), self.entity(*object)))
    }

    fn entity(&self, id: EntityId) -> Entity<'_> {
        Entity::new(&self.graph, id)
    }

    /// Writes it in a format that shows graphs: DOT, Mermaid, GraphML, JSON, Cypher, CSV of facts or of entities, RON with
    /// citations; or as a picture.
    ///
    /// # Errors
    /// The format shows no graphs, or is several files ([`Subgraph::parquet`]).
    pub fn render(&self, format: Format, options: &RenderOptions) -> Result<String, Error> {
        super::drawing::subgraph(self, format, options)
    }

    /// Writes it as Parquet tables, by path: `entities/TYPE.parquet` and `facts/VERB.parquet`.
    ///
    /// # Errors
    /// The format cannot hold it.
    #[cfg(feature = "parquet")]
    pub fn parquet(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        crate::render::parquet(&self.part, &self.graph).map_err(Error::usage)
    }
}

impl<'a> From<Entity<'a>> for Cell<'a> {
    fn from(entity: Entity<'a>) -> Cell<'a> {
        Cell::new(entity.graph, CellRef::Number(entity.id.0))
    }
}
