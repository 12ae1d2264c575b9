//! What joins entities, ready to be followed: verbs, verbs of one source, and definitions worked out.

use super::Mode;
use crate::check::typed::{Define, Link};
use crate::graph::{Adjacency, Column, EntityId, FactId, Graph, SourceId};
use crate::limits::{in_budget, sort_unstable_by};
use crate::schema::VerbId;
use rustc_hash::FxHashMap;

/// Forward and reverse adjacency.
pub(super) type Pair = (Adjacency, Adjacency);

/// A defined verb worked out: the pairs that certainly hold and those that possibly do, and the round of the fixpoint
/// in which each possible pair was first found (0 unless recursive).
#[derive(Default)]
pub(super) struct Derived {
    pub certain: Pair,
    pub possible: Pair,
    pub rounds: FxHashMap<(u32, u32), u32>,
}

/// All links of a query.
pub(super) struct Links<'g> {
    pub graph: &'g Graph,
    /// By definition; those that have not been worked out yet are empty.
    pub derived: Vec<Derived>,
    /// Facts of a verb that a source claims: certain ones, all.
    claimed: FxHashMap<(VerbId, SourceId), (Pair, Pair)>,
}

impl<'g> Links<'g> {
    pub fn new(graph: &'g Graph, defines: &[Define], claimed: &[(VerbId, SourceId)]) -> Links<'g> {
        let derived = defines.iter().map(|_| Derived::default()).collect();
        let mut links = Links { graph, derived, claimed: FxHashMap::default() };
        for (verb, source) in claimed {
            let both = (claimed_by(graph, *verb, *source, true), claimed_by(graph, *verb, *source, false));
            links.claimed.insert((*verb, *source), both);
        }
        links
    }

    /// Adjacency along a link; where `inverse`, from object to subject.
    pub fn adjacency(&self, link: Link, inverse: bool, source: Option<SourceId>, mode: Mode) -> &Adjacency {
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
pub(super) fn pair(pairs: &mut Vec<(u32, u32)>) -> Pair {
    let forward = adjacency(pairs);
    let mut turned: Vec<(u32, u32)> = pairs.iter().map(|(subject, object)| (*object, *subject)).collect();
    (forward, adjacency(&mut turned))
}

fn adjacency(pairs: &mut Vec<(u32, u32)>) -> Adjacency {
    sort_unstable_by(pairs, Ord::cmp);
    pairs.dedup();
    let (Some(first), Some(last)) = (pairs.first(), pairs.last()) else { return Adjacency::default() };
    let base = first.0;
    let mut offsets = vec![0u32; (last.0 - base) as usize + 2];
    for (subject, _) in pairs.iter() {
        offsets[(subject - base) as usize + 1] += 1;
    }
    for i in 1..offsets.len() {
        offsets[i] += offsets[i - 1];
    }
    let targets: Vec<u32> = pairs.iter().map(|(_, object)| *object).collect();
    Adjacency { base, offsets: Column::from(offsets), targets: Column::from(targets), ..Adjacency::default() }
}
