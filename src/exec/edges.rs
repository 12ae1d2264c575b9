//! What joins entities, ready to be followed: verbs, verbs of one source, and definitions worked out.

use crate::exec::Mode;
use crate::graph::{Adjacency, EntityId, FactId, Graph, SourceId, in_part, is_entire};
use crate::limits::{in_budget, sort_unstable_by};
use crate::plan::Link;
use crate::schema::VerbId;
use rustc_hash::FxHashMap;

/// Forward and reverse adjacency.
pub(crate) type Pair = (Adjacency, Adjacency);

/// A defined verb worked out: the pairs that certainly hold and those that possibly do, and the round of the fixpoint
/// in which each pair was first found (0 unless recursive).
#[derive(Default)]
pub(crate) struct Derived {
    pub certain: Pair,
    pub possible: Pair,
    /// Of certain pairs, and of possible ones.
    pub rounds: [FxHashMap<(u32, u32), u32>; 2],
}

impl Derived {
    /// The round in which a pair was first found in a mode.
    pub fn round(&self, pair: (u32, u32), mode: Mode) -> Option<u32> {
        self.rounds[usize::from(mode.possible)].get(&pair).copied()
    }
}

/// All links of a query.
pub(crate) struct Edges<'g> {
    pub graph: &'g Graph,
    /// By definition; those that have not been worked out yet are empty.
    pub derived: Vec<Derived>,
    /// The edges of the graph of which this one is a part: what [`entire`](crate::graph::entire) asks for.
    whole: Option<&'g Edges<'g>>,
    /// Facts of a verb that a source claims: certain ones, all.
    claimed: FxHashMap<(VerbId, SourceId), (Pair, Pair)>,
}

impl<'g> Edges<'g> {
    pub fn new(graph: &'g Graph, definitions: usize, claimed: &[(VerbId, SourceId)]) -> Edges<'g> {
        let derived = (0..definitions).map(|_| Derived::default()).collect();
        let mut edges = Edges { graph, derived, whole: None, claimed: FxHashMap::default() };
        for (verb, source) in claimed {
            let both = (claimed_by(graph, *verb, *source, true), claimed_by(graph, *verb, *source, false));
            edges.claimed.insert((*verb, *source), both);
        }
        edges
    }

    /// These edges, of a part of the graph that those are of.
    pub fn beside(self, whole: &'g Edges<'g>) -> Edges<'g> {
        Edges { whole: Some(whole), ..self }
    }

    /// Adjacency along a link; where `inverse`, from object to subject.
    pub fn adjacency(&self, link: Link, inverse: bool, source: Option<SourceId>, mode: Mode) -> &Adjacency {
        if source.is_some_and(is_entire) {
            return self.whole.unwrap_or(self).adjacency(link, inverse, in_part(source), mode);
        }
        let certain = !mode.possible;
        let pair = match (link, source) {
            (Link::Define(define), _) => {
                let derived = &self.derived[define.0 as usize];
                if certain { &derived.certain } else { &derived.possible }
            }
            (Link::Verb(verb), None) => return self.graph.relation(verb).adjacency(inverse, certain),
            (Link::Verb(verb), Some(source)) => match self.claimed.get(&(verb, source)) {
                Some((sure, all)) => {
                    if certain {
                        sure
                    } else {
                        all
                    }
                }
                None => return self.graph.relation(verb).adjacency(inverse, certain),
            },
        };
        if inverse { &pair.1 } else { &pair.0 }
    }

    /// Whether a path of no steps may stay at an entity: where a source is asked, only at one that a fact of one of the
    /// path's links speaks of.
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
        source.is_none() || path.any(is_end)
    }
}

/// The facts of a verb that some claim of the source states; where `certain`, better than doubtfully.
fn claimed_by(graph: &Graph, verb: VerbId, source: SourceId, certain: bool) -> Pair {
    let relation = graph.relation(verb);
    let says = |fact: FactId| {
        graph
            .claims()
            .of(fact)
            .any(|claim| claim.source == source && (!certain || claim.trust != crate::graph::Trust::Doubtful))
    };
    let mut pairs = Vec::new();
    for (subject, objects) in relation.adjacency(false, false).iter().take_while(in_budget) {
        for object in objects {
            let fact = relation.fact(subject, EntityId(*object));
            if fact.is_some_and(says) {
                pairs.push((subject.0, *object));
            }
        }
    }
    pair(&mut pairs)
}

/// Forward and reverse adjacency of pairs, in any order and perhaps repeated.
pub(crate) fn pair(pairs: &mut Vec<(u32, u32)>) -> Pair {
    let forward = adjacency(pairs);
    let mut turned: Vec<(u32, u32)> = pairs.iter().map(|(subject, object)| (*object, *subject)).collect();
    (forward, adjacency(&mut turned))
}

fn adjacency(pairs: &mut Vec<(u32, u32)>) -> Adjacency {
    sort_unstable_by(pairs, Ord::cmp);
    pairs.dedup();
    Adjacency::of_pairs(pairs)
}
