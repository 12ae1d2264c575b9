//! What a path joins: the pairs of its ends by naive fixpoint, and the walks themselves by enumeration.

use super::pattern::entity;
use super::{Binding, Mode, Pairs, Slot, World};
use begat::check::typed::{Expr, ExprKind, Formula, Link, Path, PathAtom, VarId};
use begat::graph::{EntityId, SourceId};
use begat::schema::TypeSet;
use std::collections::BTreeSet;
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

    /// Whether the path leads from one to the other. A source knows the walk of no steps only at entities that one of its
    /// facts speaks of, of the verbs of the path; all other walks begin with such a fact.
    pub fn leads(&self, path: &Path, mode: Mode, source: Option<SourceId>, (from, to): (EntityId, EntityId)) -> bool {
        let is_known = || from != to || source.is_none() || self.is_spoken_of(path, mode, source, from);
        self.pairs(path, mode, source).contains(&(from, to)) && is_known()
    }

    /// Whether an entity is an end of a fact of the path's verbs.
    fn is_spoken_of(&self, path: &Path, mode: Mode, source: Option<SourceId>, entity: EntityId) -> bool {
        let mut found = false;
        path.links(&mut |link| {
            let pairs = self.link_pairs(link, mode, source);
            found |= pairs.iter().any(|(from, to)| [*from, *to].contains(&entity));
        });
        found
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

    /// What a path variable may stand for, with its atom's ends as they are bound: the walks of any world, or nothing
    /// where the sentence may hold of a walk that is none of them.
    pub fn path_choices(&self, binding: &Binding, var: VarId, formula: &Formula) -> Vec<Slot> {
        let mut atoms = Vec::new();
        path_atoms(formula, var, &mut atoms);
        let walks = atoms.iter().flat_map(|atom| self.walks(binding, atom, Mode::Possible)).map(Slot::Path);
        let absent = atoms.iter().any(|atom| may_lack_simple_walks(&atom.path)).then_some(Slot::Absent);
        let all: BTreeSet<Slot> = walks.chain(absent).collect();
        all.into_iter().collect()
    }

    /// What a path variable of the atom stands for in the mode, between the ends as they are bound: every walk where
    /// no quantifier is without a bound, else every walk that meets no entity twice, save that it may end where it
    /// began.
    pub fn walks(&self, binding: &Binding, atom: &PathAtom, mode: Mode) -> Vec<Vec<EntityId>> {
        self.walks_between(binding, atom, mode, is_unbounded(&atom.path))
    }

    /// The walks that meet no entity twice, save that they may end where they began.
    pub fn simple_walks(&self, binding: &Binding, atom: &PathAtom, mode: Mode) -> Vec<Vec<EntityId>> {
        self.walks_between(binding, atom, mode, true)
    }

    fn walks_between(&self, binding: &Binding, atom: &PathAtom, mode: Mode, simple: bool) -> Vec<Vec<EntityId>> {
        let (Some(from), Some(to)) = (entity(binding, atom.subject), entity(binding, atom.object)) else {
            return Vec::new();
        };
        let step = Step { mode, source: atom.source, simple };
        let mut walks = self.extend(&atom.path, vec![from], step);
        let stays = from == to && self.leads(&atom.path, mode, atom.source, (from, to));
        walks.retain(|walk| walk.last() == Some(&to) && (walk.len() > 1 || stays));
        walks.sort();
        walks.dedup();
        walks
    }

    /// Every walk along the path that begins with `walk`.
    fn extend(&self, path: &Path, walk: Vec<EntityId>, step: Step) -> Vec<Vec<EntityId>> {
        match path {
            Path::Link { .. } => self.step(path, walk, step),
            Path::Sequence(steps) => steps.iter().fold(vec![walk], |walks, next| {
                walks.into_iter().flat_map(|walk| self.extend(next, walk, step)).collect()
            }),
            Path::Either(paths) => paths.iter().flat_map(|p| self.extend(p, walk.clone(), step)).collect(),
            Path::Repeat { path, min, max, types } => {
                let fits = |walk: &&Vec<EntityId>| {
                    let last = walk[walk.len() - 1];
                    self.graph.is_of(last, *types) && self.is_there(last)
                };
                let (mut all, mut frontier) = (BTreeSet::new(), vec![walk]);
                // Rounds of no length would go on for ever.
                let most = max.unwrap_or(min + self.graph.entity_count() as u32);
                for round in 0..=most {
                    if round >= *min {
                        all.extend(frontier.iter().filter(|walk| round > 0 || fits(walk)).cloned());
                    }
                    frontier = frontier.into_iter().flat_map(|walk| self.extend(path, walk, step)).collect();
                    frontier.sort();
                    frontier.dedup();
                    if frontier.is_empty() {
                        break;
                    }
                }
                all.into_iter().collect()
            }
        }
    }

    fn step(&self, link: &Path, walk: Vec<EntityId>, step: Step) -> Vec<Vec<EntityId>> {
        let (first, last) = (walk[0], walk[walk.len() - 1]);
        if step.simple && walk.len() > 1 && first == last {
            return Vec::new();
        }
        let pairs = self.pairs(link, step.mode, step.source);
        let next = pairs.iter().filter(|(from, _)| *from == last).map(|(_, to)| *to);
        let fresh = next.filter(|to| !step.simple || *to == first || !walk.contains(to));
        fresh.map(|to| [walk.as_slice(), &[to]].concat()).collect()
    }
}

/// How walks go on.
#[derive(Clone, Copy)]
struct Step {
    mode: Mode,
    source: Option<SourceId>,
    /// They meet no entity twice.
    simple: bool,
}

/// Whether a quantifier of the path is without an upper bound.
fn is_unbounded(path: &Path) -> bool {
    match path {
        Path::Link { .. } => false,
        Path::Sequence(paths) | Path::Either(paths) => paths.iter().any(is_unbounded),
        Path::Repeat { path, max, .. } => max.is_none() || is_unbounded(path),
    }
}

/// Whether the ends of a walk may have no walk between them that the path's variable may stand for. Not where every
/// walk counts, nor where a round less is a walk still: then the rounds between two visits of one entity can go.
fn may_lack_simple_walks(path: &Path) -> bool {
    let is_step = |path: &Path| match path {
        Path::Link { .. } => true,
        Path::Either(paths) => paths.iter().all(|path| matches!(path, Path::Link { .. })),
        _ => false,
    };
    match path {
        Path::Repeat { path, min: 0 | 1, max: None, .. } => !is_step(path),
        _ => is_unbounded(path),
    }
}

fn compose(left: &Pairs, right: &Pairs) -> Pairs {
    let mut pairs = Pairs::new();
    for (from, middle) in left {
        pairs.extend(right.iter().filter(|(start, _)| start == middle).map(|(_, to)| (*from, *to)));
    }
    pairs
}

/// The atoms that bind a path variable.
fn path_atoms<'f>(formula: &'f Formula, var: VarId, found: &mut Vec<&'f PathAtom>) {
    match formula {
        Formula::Path(atom) if atom.bind == Some(var) => found.push(atom),
        Formula::All(all) | Formula::Any(all) => all.iter().for_each(|part| path_atoms(part, var, found)),
        Formula::Not(inner) | Formula::Exists(_, inner) | Formula::Optional(inner) | Formula::Modal(_, inner) => {
            path_atoms(inner, var, found);
        }
        Formula::Count { of, .. } => path_atoms(of, var, found),
        Formula::Every { domain, then, .. } => {
            path_atoms(domain, var, found);
            path_atoms(then, var, found);
        }
        Formula::Test(Expr { kind: ExprKind::Exists(inner), .. }) => path_atoms(inner, var, found),
        _ => {}
    }
}
