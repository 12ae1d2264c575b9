//! What a path joins: the pairs of its ends by naive fixpoint, and the walks themselves by enumeration.

use super::pattern::entity;
use super::{Binding, Mode, Pairs, Slot, World};
use begat::check::typed::{Expr, ExprKind, Formula, Link, Path, PathAtom, VarId};
use begat::graph::{EntityId, SourceId};
use begat::schema::TypeSet;
use std::rc::Rc;

impl World<'_> {
    /// The ends of all walks along the path.
    pub fn pairs(&self, path: &Path, mode: Mode, source: Option<SourceId>) -> Rc<Pairs> {
        let key = (path.clone(), mode, source);
        if let Some(known) = self.pairs.borrow().get(&key) {
            return known.clone();
        }
        let pairs = Rc::new(self.compute_pairs(path, mode, source));
        self.pairs.borrow_mut().insert(key, pairs.clone());
        pairs
    }

    fn compute_pairs(&self, path: &Path, mode: Mode, source: Option<SourceId>) -> Pairs {
        match path {
            Path::Link { link, inverse: false } => self.link_pairs(*link, mode, source),
            Path::Link { link, inverse: true } => {
                self.link_pairs(*link, mode, source).into_iter().map(|(from, to)| (to, from)).collect()
            }
            Path::Sequence(steps) => {
                let sets = steps.iter().map(|step| self.pairs(step, mode, source));
                sets.map(|set| (*set).clone()).reduce(|all, step| compose(&all, &step)).unwrap_or_default()
            }
            Path::Either(paths) => paths
                .iter()
                .flat_map(|path| self.pairs(path, mode, source).iter().copied().collect::<Vec<_>>())
                .collect(),
            Path::Repeat { path, min, max, types } => {
                self.repeat_pairs(&self.pairs(path, mode, source), *min, *max, *types)
            }
        }
    }

    fn link_pairs(&self, link: Link, mode: Mode, source: Option<SourceId>) -> Pairs {
        match link {
            Link::Define(define) => self.defined(define, mode).clone(),
            Link::Verb(verb) => {
                let relation = self.graph.relation(verb);
                let facts =
                    relation.forward.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, EntityId(*to))));
                let there = facts.filter(|(from, to)| self.is_there(*from) && self.is_there(*to));
                let counted = there
                    .filter(|(from, to)| relation.fact(*from, *to).is_some_and(|fact| self.counts(fact, mode, source)));
                counted.collect()
            }
        }
    }

    /// Walks of `min` to `max` rounds. Without `max`, of `min` or more: rounds until nothing new is reached.
    fn repeat_pairs(&self, step: &Pairs, min: u32, max: Option<u32>, types: TypeSet) -> Pairs {
        let here = self.graph.entities().filter(|e| self.graph.is_of(*e, types) && self.is_there(*e));
        let mut power: Pairs = here.map(|e| (e, e)).collect();
        let mut earlier: Vec<Pairs> = Vec::new();
        let mut all = Pairs::new();
        for round in 0..=max.unwrap_or(u32::MAX) {
            if round >= min {
                all.extend(&power);
                // The powers of a relation on finitely many entities repeat themselves in the end.
                if earlier.contains(&power) {
                    break;
                }
                earlier.push(power.clone());
            }
            power = if round == 0 { step.clone() } else { compose(&power, step) };
        }
        all
    }

    /// The walks that a path variable may stand for, with its atom's ends as they are bound.
    pub fn path_choices(&self, binding: &Binding, var: VarId, formula: &Formula, mode: Mode) -> Vec<Slot> {
        let Some(atom) = path_atom(formula, var) else { return Vec::new() };
        self.walks(binding, atom, mode).into_iter().map(Slot::Path).collect()
    }

    /// The acyclic walks between the atom's bound ends, in order of their entities.
    pub fn walks(&self, binding: &Binding, atom: &PathAtom, mode: Mode) -> Vec<Vec<EntityId>> {
        let (Some(from), Some(to)) = (entity(binding, atom.subject), entity(binding, atom.object)) else {
            return Vec::new();
        };
        let mut walks = self.extend(&atom.path, vec![from], mode, atom.source);
        walks.retain(|walk| walk.last() == Some(&to));
        walks.sort();
        walks.dedup();
        walks
    }

    /// Every walk along the path that begins with `walk` and meets no entity twice (save that it may end where it
    /// began).
    fn extend(&self, path: &Path, walk: Vec<EntityId>, mode: Mode, source: Option<SourceId>) -> Vec<Vec<EntityId>> {
        match path {
            Path::Link { .. } => self.step(path, walk, mode, source),
            Path::Sequence(steps) => steps.iter().fold(vec![walk], |walks, step| {
                walks.into_iter().flat_map(|walk| self.extend(step, walk, mode, source)).collect()
            }),
            Path::Either(paths) => paths.iter().flat_map(|p| self.extend(p, walk.clone(), mode, source)).collect(),
            Path::Repeat { path, min, max, types } => {
                let (mut all, mut frontier, mut round) = (Vec::new(), vec![walk], 0);
                while !frontier.is_empty() && max.is_none_or(|max| round <= max) {
                    if round >= *min {
                        let fits = |walk: &&Vec<EntityId>| round > 0 || self.graph.is_of(walk[walk.len() - 1], *types);
                        all.extend(frontier.iter().filter(fits).cloned());
                    }
                    frontier = frontier.into_iter().flat_map(|w| self.extend(path, w, mode, source)).collect();
                    frontier.sort();
                    frontier.dedup();
                    round += 1;
                    // Rounds of no length would go on for ever.
                    if round > min + self.graph.entity_count() as u32 {
                        break;
                    }
                }
                all
            }
        }
    }

    fn step(&self, link: &Path, walk: Vec<EntityId>, mode: Mode, source: Option<SourceId>) -> Vec<Vec<EntityId>> {
        let (first, last) = (walk[0], walk[walk.len() - 1]);
        if walk.len() > 1 && first == last {
            return Vec::new();
        }
        let pairs = self.pairs(link, mode, source);
        let next = pairs.iter().filter(|(from, _)| *from == last).map(|(_, to)| *to);
        let fresh = next.filter(|to| *to == first || !walk.contains(to));
        fresh.map(|to| [walk.as_slice(), &[to]].concat()).collect()
    }
}

fn compose(left: &Pairs, right: &Pairs) -> Pairs {
    let mut pairs = Pairs::new();
    for (from, middle) in left {
        pairs.extend(right.iter().filter(|(start, _)| start == middle).map(|(_, to)| (*from, *to)));
    }
    pairs
}

/// The atom that binds a path variable.
fn path_atom(formula: &Formula, var: VarId) -> Option<&PathAtom> {
    match formula {
        Formula::Path(atom) if atom.bind == Some(var) => Some(atom),
        Formula::All(all) | Formula::Any(all) => all.iter().find_map(|part| path_atom(part, var)),
        Formula::Not(inner) | Formula::Exists(_, inner) | Formula::Optional(inner) | Formula::Modal(_, inner) => {
            path_atom(inner, var)
        }
        Formula::Count { of, .. } => path_atom(of, var),
        Formula::Every { domain, then, .. } => path_atom(domain, var).or_else(|| path_atom(then, var)),
        Formula::Test(Expr { kind: ExprKind::Exists(inner), .. }) => path_atom(inner, var),
        _ => None,
    }
}
