//! Facts, their claims, and subgraphs.

use super::{Cell, Entity, RenderOptions};
use crate::answer::{self, CellRef};
use crate::database::Error;
use crate::graph::{self, CitedFact, EntityId, FactId, Graph};
use crate::render::Format;
use crate::value::{Date, Value};
use std::fmt::{self, Debug, Display, Formatter};
use std::sync::Arc;

/// A fact of a graph: a subject, a verb, and an entity or a value.
#[derive(Clone, Copy)]
pub struct Fact<'a> {
    graph: &'a Graph,
    id: FactId,
    /// Sources by which alone it is cited; by all if empty.
    sources: &'a [CitedFact],
}

impl<'a> Fact<'a> {
    pub(super) fn new(graph: &'a Graph, id: FactId) -> Fact<'a> {
        Fact { graph, id, sources: &[] }
    }

    /// Returns the subject.
    pub fn subject(self) -> Entity<'a> {
        match self.graph.fact(self.id) {
            graph::Fact::Link { subject, .. } | graph::Fact::Value { subject, .. } => Entity::new(self.graph, subject),
        }
    }

    /// Returns the verb, as `uses`; for a value the name of its property, as `date`.
    pub fn verb(self) -> &'a str {
        match self.graph.fact(self.id) {
            graph::Fact::Link { verb, .. } => &self.graph.schema().verb(verb).name,
            graph::Fact::Value { property, .. } => &self.graph.schema().property(property).name,
        }
    }

    /// Returns the object; `None` if the fact is a value.
    pub fn object(self) -> Option<Entity<'a>> {
        match self.graph.fact(self.id) {
            graph::Fact::Link { object, .. } => Some(Entity::new(self.graph, object)),
            graph::Fact::Value { .. } => None,
        }
    }

    /// Returns the value as a source states it, before lineage narrows it; `None` if the object is an entity.
    pub fn value(self) -> Option<Value> {
        match self.graph.fact(self.id) {
            graph::Fact::Link { .. } => None,
            graph::Fact::Value { value, .. } => Some(value),
        }
    }

    /// Returns the claims that state the fact, in the order given. Empty if the fact was declared with its entity,
    /// without a claim. A fact of a [`Subgraph`] that was asked for `according to` a source has the claims of that
    /// source.
    pub fn claims(self) -> impl Iterator<Item = Claim> + use<'a> {
        let claims = self.graph.claims();
        claims.numbers_by(self.id, self.sources).map(move |claim| Claim::of(self.graph, claims.get(claim)))
    }

    /// Returns whether the fact has [`Fact::claims`] and all of them are doubtful, so that the fact is only possible.
    pub fn is_doubtful(self) -> bool {
        self.graph.claims().is_doubtful_by(self.id, self.sources)
    }
}

impl Display for Fact<'_> {
    /// Writes the fact as a sentence: `DeepSeek V3 uses MLA`.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::render::sentence(self.graph, self.id))
    }
}

impl Debug for Fact<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "Fact({self})")
    }
}

/// Returns the facts of an entity: links verb by verb (first those with it as subject), then values.
pub(super) fn of_entity(graph: &Graph, entity: EntityId) -> impl Iterator<Item = Fact<'_>> {
    let of_verbs = graph.schema().verbs().flat_map(move |(verb, _)| {
        let relation = graph.relation(verb);
        let objects = relation.forward.of(entity).iter().map(move |object| (entity, EntityId(*object)));
        // A fact about the entity itself is among the objects already.
        let subjects = relation.reverse.of(entity).iter().map(|subject| EntityId(*subject));
        let subjects = subjects.filter(move |subject| *subject != entity).map(move |subject| (subject, entity));
        objects.chain(subjects).filter_map(|(subject, object)| relation.fact(subject, object))
    });
    let of_properties = graph.schema().properties().flat_map(move |(property, _)| {
        let values = graph.values(property);
        values.span(entity).map(|position| values.fact(position))
    });
    of_verbs.chain(of_properties).map(move |id| Fact::new(graph, id))
}

/// A citation of a fact. A text that was not given is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Claim {
    /// The key of the source.
    pub source: String,
    /// The place within the source: `L23`.
    pub at: String,
    /// How surely the source states the facts: `direct`, `secondary`, `inferred` or `doubtful`.
    pub trust: String,
    /// The words of the source, quoted.
    pub quote: String,
    /// A note by the person who entered the claim.
    pub note: String,
    /// The date from which its facts hold.
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

    /// Returns the entities, sorted by type, then in natural order of name. They include the ends of all facts.
    pub fn entities(&self) -> impl ExactSizeIterator<Item = Entity<'_>> {
        self.part.entities.iter().map(|id| Entity::new(&self.graph, *id))
    }

    /// Returns the facts: links by verb, subject and object, then values.
    pub fn facts(&self) -> impl ExactSizeIterator<Item = Fact<'_>> {
        let cited = |id: &FactId| Fact { sources: self.part.sources(*id), ..Fact::new(&self.graph, *id) };
        self.part.facts.iter().map(cited)
    }

    /// Returns the facts that follow from defined verbs, as subject, verb and object. No source states them.
    pub fn derived(&self) -> impl ExactSizeIterator<Item = (Entity<'_>, &str, Entity<'_>)> {
        let derived = self.part.derived.iter();
        derived.map(|fact| (self.entity(fact.subject), fact.verb.as_str(), self.entity(fact.object)))
    }

    fn entity(&self, id: EntityId) -> Entity<'_> {
        Entity::new(&self.graph, id)
    }

    /// Writes the subgraph in a graph format: DOT, Mermaid, GraphML, JSON, Cypher, CSV of facts or of entities, RON
    /// with citations; or as a picture.
    ///
    /// # Errors
    /// The format cannot show graphs, or consists of several files (see [`Subgraph::parquet`]).
    pub fn render(&self, format: Format, options: &RenderOptions) -> Result<String, Error> {
        super::drawing::subgraph(self, format, options)
    }

    /// Returns the subgraph as Parquet files, each with its path: `entities/TYPE.parquet` and `facts/VERB.parquet`.
    ///
    /// # Errors
    /// The format cannot hold the subgraph.
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
