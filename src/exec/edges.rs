//! Edges that a search follows: verbs, verbs restricted to a source, and evaluated definitions.

use crate::exec::Mode;
use crate::graph::{Adjacency, AdjacencyPair, Direction, EntityId, FactId, Facts, Graph, SourceId, in_part, is_entire};
use crate::limits::{in_budget, sort_unstable_by};
use crate::plan::{Definition, Link};
use crate::schema::VerbId;
use rustc_hash::FxHashMap;

/// Pairs of a defined verb, or of a verb as one source claims it: certain and possible ones. `rounds` gives the round
/// of the fixpoint in which a pair was first derived (0 unless recursive).
#[derive(Default)]
pub(crate) struct Derived {
    pub certain: AdjacencyPair,
    pub possible: AdjacencyPair,
    /// For certain pairs, and for possible ones; empty unless the definition is recursive.
    pub rounds: [FxHashMap<(u32, u32), u32>; 2],
}

impl Derived {
    /// Returns the round in which a pair was first derived in a mode; `None` if it was not.
    pub fn round(&self, pair: (u32, u32), mode: Mode) -> Option<u32> {
        let known = if mode.possible { &self.possible } else { &self.certain };
        let is_derived = || known.forward.contains(EntityId(pair.0), EntityId(pair.1));
        match &self.rounds[usize::from(mode.possible)] {
            rounds if rounds.is_empty() => is_derived().then_some(0),
            rounds => rounds.get(&pair).copied(),
        }
    }
}

/// Label of an edge: a link, from object to subject if `inverse`, restricted to one source if given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EdgeLabel {
    pub link: Link,
    pub inverse: bool,
    pub source: Option<SourceId>,
}

/// All edges of a query.
pub(crate) struct Edges<'g> {
    pub graph: &'g Graph,
    /// Per definition; empty until it is evaluated.
    pub derived: Vec<Derived>,
    /// Per definition: certain and possible pairs that the last round added (the delta of semi-naive evaluation).
    pub new_pairs: Vec<[AdjacencyPair; 2]>,
    /// Edges of the graph that this one is a subgraph of: what [`entire`](crate::graph::entire) reads.
    whole: Option<&'g Edges<'g>>,
    /// Facts of a verb that a source claims.
    claimed: FxHashMap<(VerbId, SourceId), Derived>,
}

impl<'g> Edges<'g> {
    pub fn new(graph: &'g Graph, definitions: usize, claimed: &[(VerbId, SourceId)]) -> Edges<'g> {
        let derived = (0..definitions).map(|_| Derived::default()).collect();
        let new_pairs = (0..definitions).map(|_| Default::default()).collect();
        let mut edges = Edges { graph, derived, new_pairs, whole: None, claimed: FxHashMap::default() };
        for (verb, source) in claimed {
            let [certain, possible] =
                [Facts::Certain, Facts::All].map(|facts| claimed_by(graph, *verb, *source, facts));
            edges.claimed.insert((*verb, *source), Derived { certain, possible, ..Derived::default() });
        }
        edges
    }

    /// Returns these edges as those of a subgraph of the graph of `whole`.
    pub fn beside(self, whole: &'g Edges<'g>) -> Edges<'g> {
        Edges { whole: Some(whole), ..self }
    }

    /// Returns the adjacency of a link; from object to subject if `inverse`.
    pub fn adjacency(&self, link: Link, inverse: bool, source: Option<SourceId>, mode: Mode) -> &Adjacency {
        if source.is_some_and(is_entire) {
            return self.whole.unwrap_or(self).adjacency(link, inverse, in_part(source), mode);
        }
        let direction = Direction::inverse_if(inverse);
        let pair = match (link, source) {
            (Link::Define(define), _) if let Some(define) = Definition::of_new_pairs(define) => {
                let new = &self.new_pairs[define.0 as usize];
                return new[usize::from(mode.possible)].along(direction);
            }
            (Link::Define(define), _) => &self.derived[define.0 as usize],
            (Link::Verb(verb), Some(source)) if let Some(claimed) = self.claimed.get(&(verb, source)) => claimed,
            (Link::Verb(verb), _) => return self.graph.relation(verb).adjacency(direction, mode.facts()),
        };
        let pair = if mode.possible { &pair.possible } else { &pair.certain };
        pair.along(direction)
    }

    /// Returns true if the empty path may stay at an entity. If a source is named, the entity must occur in a fact of
    /// the source along one of the links of the path.
    pub fn holds(
        &self,
        entity: u32,
        mut path: impl Iterator<Item = Link>,
        source: Option<SourceId>,
        mode: Mode,
    ) -> bool {
        let is_end = |link: Link| {
            [false, true].iter().any(|end| !self.adjacency(link, *end, source, mode).of(EntityId(entity)).is_empty())
        };
        in_part(source).is_none() || path.any(is_end)
    }
}

/// Returns the facts of a verb that some claim of the source states; for certain facts the claim must not be doubtful.
fn claimed_by(graph: &Graph, verb: VerbId, source: SourceId, facts: Facts) -> AdjacencyPair {
    let relation = graph.relation(verb);
    let says = |fact: FactId| {
        graph.claims().of(fact).any(|claim| {
            claim.source == source && (facts == Facts::All || claim.trust != crate::graph::Trust::Doubtful)
        })
    };
    let mut pairs = Vec::new();
    for (subject, objects) in relation.adjacency(Direction::Forward, Facts::All).iter().take_while(in_budget) {
        for object in objects {
            let fact = relation.fact(subject, EntityId(*object));
            if fact.is_some_and(says) {
                pairs.push((subject.0, *object));
            }
        }
    }
    pair(&mut pairs)
}

/// Returns forward and reverse adjacency of pairs, which may be unsorted and repeated; sorts them.
pub(crate) fn pair(pairs: &mut Vec<(u32, u32)>) -> AdjacencyPair {
    let forward = adjacency(pairs);
    let mut turned: Vec<(u32, u32)> = pairs.iter().map(|(subject, object)| (*object, *subject)).collect();
    AdjacencyPair { forward, reverse: adjacency(&mut turned) }
}

fn adjacency(pairs: &mut Vec<(u32, u32)>) -> Adjacency {
    sort_unstable_by(pairs, Ord::cmp);
    pairs.dedup();
    Adjacency::of_pairs(pairs)
}
