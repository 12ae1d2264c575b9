//! Search for proofs. Among the alternatives that are compared, the one that rests on the fewest facts is taken.

use super::minimal::World;
use super::walks::{Hop as Step, Walk};
use crate::answer::{Proof, Reason};
use crate::exec::claims::{claims_of, fact_of, source_of};
use crate::exec::eval::Scope;
use crate::exec::join::expand::stated;
use crate::exec::limits::{Stop, stop};
use crate::exec::output::paths::entity_of;
use crate::exec::search::automaton::Automaton;
use crate::exec::search::product::{Hop, ProductGraph};
use crate::exec::{Mode, NULL_SLOT};
use crate::graph::{CitedFact, EntityId, Fact, FactId, Graph, SourceId, in_part, narrowing};
use crate::plan::{
    DefineId, Definition, FactAtom, Goal, Link, Modality, PathAtom, Scalar, SubpatternId, Template, Term, ValueAtom,
    Var,
};
use crate::schema::PropertyId;
use crate::value::Value;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Maximum number of witnesses of an existential part that are compared. Each costs a proof of its own; beyond, the
/// shortest proof may be missed, but never a proof.
const MOST_WITNESSES: usize = 64;

/// Prover for the goals of one form.
#[derive(Clone, Copy)]
pub(crate) struct Prover<'a, 'w> {
    pub world: &'a World<'w>,
    pub definitions: &'a [Definition],
    pub vars: &'a [Var],
    /// Paths that are proved as they are.
    pub walks: &'a [Walk],
    /// Derived facts count only if they were derived before this round, so that a proof does not rest on itself.
    pub rounds: u32,
    /// Set to true if something other than the cited facts could have been cited.
    pub chosen: &'a Cell<bool>,
    /// Proofs of derived facts so far. One may be needed at many places, and each definition would double them.
    pub derived: &'a RefCell<FxHashMap<Derived, Option<Proof>>>,
    /// Number of paths that need each of their facts, unless other facts give another path.
    pub paths: &'a Cell<usize>,
}

/// A derived fact as [`Prover::rule`] proves it: definition, subject, object, whether it need only be possible, rounds.
pub(crate) type Derived = (DefineId, u32, u32, bool, u32);

impl Prover<'_, '_> {
    /// Returns the least proof that was found; `None` if the goal does not hold.
    fn prove(&self, goal: &Goal, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let entity = |term: &Term| entity_of(*term, frame);
        match goal {
            Goal::All(all) => self.all(all, frame, mode),
            Goal::Any(all) => {
                let proofs: Result<Vec<_>, Stop> = all.iter().map(|inner| self.prove(inner, frame, mode)).collect();
                Ok(self.least(proofs?))
            }
            Goal::Optional(own, goal) => match own.iter().any(|var| frame[var.0 as usize] != NULL_SLOT) {
                true => self.prove(goal, frame, mode),
                false => Ok(Some(nothing())),
            },
            Goal::Modal(Modality::Certainly, goal) => self.prove(goal, frame, mode.certain()),
            Goal::Modal(Modality::Possibly, goal) => self.prove(goal, frame, mode.loosened()),
            Goal::Fact(FactAtom { link, subject, object, source, .. }) => {
                self.link((entity(subject), *link, false, entity(object)), *source, mode)
            }
            Goal::Path(atom, words) => match self.walks.iter().find(|walk| atom.bind == Some(walk.var)) {
                Some(walk) => self.steps(&walk.hops, atom.source, mode).map(|proofs| proofs.map(all_of)),
                None => self.chain(atom, words, frame, mode),
            },
            Goal::Value(atom) => Ok(self.value(atom, frame, mode)),
            Goal::Claim(atom) => {
                let (graph, by) = (self.graph(), frame[atom.by.0 as usize]);
                let mut claims = claims_of(graph, &atom.of, frame).iter();
                let is_claimed = claims.any(|claim| source_of(graph, *claim, mode) == Some(by));
                let fact = fact_of(graph, &atom.of, frame).filter(|_| is_claimed);
                Ok(fact.map(|fact| cited(fact, Some(SourceId(by)))))
            }
            Goal::Word(var, word) => Ok((frame[var.0 as usize] == *word).then(nothing)),
            Goal::Type(term, types) => {
                let is_of = |entity: u32| entity != NULL_SLOT && self.graph().is_of(EntityId(entity), *types);
                Ok(is_of(entity(term)).then(nothing))
            }
            Goal::Same(a, b) => Ok((entity(a) == entity(b) && entity(a) != NULL_SLOT).then(nothing)),
            Goal::Test(scalar, words) => {
                Ok(self.accepts(scalar, frame, mode).then(|| self.compared(scalar, words, frame)))
            }
            Goal::PathTest(scalar) => Ok(self.accepts(scalar, frame, mode).then(nothing)),
            quantified => self.quantified(quantified, frame, mode),
        }
    }

    /// Returns the proof of a goal with subpatterns.
    fn quantified(&self, goal: &Goal, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let counted = |words: &Template, number: usize, because: Vec<Proof>| {
            Some(Proof { reason: Reason::Counted { what: self.said(words, frame), number }, because: because.into() })
        };
        match goal {
            Goal::Exists(of, goal) => Ok(self.least(self.each((*of, goal), frame, (mode, mode), MOST_WITNESSES)?)),
            Goal::Absent { denied, words, among } => {
                if self.world.parts.holds(*denied, frame, mode.negated())? {
                    return Ok(None);
                }
                let looked_at = self.graph().count_of(*among);
                Ok(Some(leaf(Reason::Absent { sought: self.said(words, frame), looked_at })))
            }
            Goal::AtLeast { number, of, goal, denied, words } => {
                if let Some(denied) = denied
                    && self.at_most(*denied, *number, frame, mode)?.is_none()
                {
                    return Ok(None);
                }
                let proofs = self.at_least(*number, (*of, goal), frame, mode)?;
                Ok(proofs.and_then(|proofs| counted(words, *number, proofs)))
            }
            // Absent facts cannot be cited.
            Goal::AtMost { number, denied, words } => {
                let number = self.at_most(*denied, *number, frame, mode)?;
                Ok(number.and_then(|number| counted(words, number, Vec::new())))
            }
            Goal::Every { domain, then, words } => {
                let proofs = self.each((*domain, then), frame, (mode.negated(), mode), usize::MAX)?;
                let proofs: Option<Vec<Proof>> = proofs.into_iter().collect();
                Ok(proofs.and_then(|proofs| counted(words, proofs.len(), proofs)))
            }
            _ => Ok(None),
        }
    }

    fn graph(&self) -> &Graph {
        self.world.context.graph
    }

    fn accepts(&self, scalar: &Scalar, frame: &[u32], mode: Mode) -> bool {
        let paths = self.world.paths.borrow();
        let scope = Scope { graph: self.graph(), paths: &paths, frame, group: &|_| crate::answer::Cell::Absent };
        mode.accepts(scope.outcomes(scalar))
    }

    /// Returns the proof of a stated value.
    fn value(&self, atom: &ValueAtom, frame: &[u32], mode: Mode) -> Option<Proof> {
        let position = frame[atom.value.0 as usize] as usize;
        let values = self.graph().values(atom.property);
        let is_there = values.span(EntityId(entity_of(atom.subject, frame))).contains(&position)
            && stated(self.graph(), values, position, atom.source, mode);
        is_there.then(|| cited(values.fact(position), atom.source))
    }

    /// Returns the proofs of a goal for each binding that a subpattern has in the mode `found`.
    fn each(
        &self,
        (of, goal): (SubpatternId, &Goal),
        frame: &[u32],
        (found, mode): (Mode, Mode),
        most: usize,
    ) -> Result<Vec<Option<Proof>>, Stop> {
        let frames = self.world.parts.witnesses(of, frame, found, most)?;
        frames.iter().map(|frame| self.prove(goal, frame, mode)).collect()
    }

    /// Returns the proof with the fewest links, then the fewest facts, then the least height; the first of equal ones.
    fn least(&self, proofs: Vec<Option<Proof>>) -> Option<Proof> {
        let mut proofs: Vec<Proof> = proofs.into_iter().flatten().collect();
        if proofs.len() < 2 {
            return proofs.pop();
        }
        self.chosen.set(true);
        proofs.into_iter().min_by_key(|proof| self.cost(proof))
    }

    fn cost(&self, proof: &Proof) -> (usize, usize, usize) {
        let facts = proved_by(proof);
        let is_link = |fact: &&FactId| matches!(self.graph().fact(**fact), Fact::Link { .. });
        (facts.iter().filter(is_link).count(), facts.len(), height(proof, &mut FxHashMap::default()))
    }

    /// Returns the proof of all goals; goals that need no fact leave no trace in it.
    pub fn all(&self, all: &[Goal], frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let mut proofs = Vec::new();
        for goal in all {
            match self.prove(goal, frame, mode)? {
                None => return Ok(None),
                Some(proof) => proofs.push(proof),
            }
        }
        Ok(Some(all_of(of_their_sources(proofs))))
    }

    /// Returns `number` proofs, the least ones; `None` if there are fewer.
    fn at_least(
        &self,
        number: usize,
        each: (SubpatternId, &Goal),
        frame: &[u32],
        mode: Mode,
    ) -> Result<Option<Vec<Proof>>, Stop> {
        let most = number.max(MOST_WITNESSES);
        let proofs = if number == 0 { Vec::new() } else { self.each(each, frame, (mode, mode), most)? };
        let mut proofs: Vec<Proof> = proofs.into_iter().flatten().collect();
        if proofs.len() < number {
            return Ok(None);
        }
        if proofs.len() > number {
            self.chosen.set(true);
            proofs.sort_by_cached_key(|proof| self.cost(proof));
            proofs.truncate(number);
        }
        Ok(Some(proofs))
    }

    /// Returns the number of bindings if it is at most `number`; `None` otherwise.
    fn at_most(&self, denied: SubpatternId, number: usize, frame: &[u32], mode: Mode) -> Result<Option<usize>, Stop> {
        // One binding more than allowed decides.
        let found = self.world.parts.witnesses(denied, frame, mode.negated(), number + 1)?.len();
        Ok((found <= number).then_some(found))
    }

    fn said(&self, words: &Template, frame: &[u32]) -> String {
        words.fill(self.graph(), self.vars, frame)
    }

    /// Returns the proof of one link of a fact or a path.
    fn link(
        &self,
        (subject, link, inverse, object): Step,
        source: Option<SourceId>,
        mode: Mode,
    ) -> Result<Option<Proof>, Stop> {
        if subject == NULL_SLOT || object == NULL_SLOT {
            return Ok(None);
        }
        let (subject, object) = if inverse { (object, subject) } else { (subject, object) };
        let ends = (EntityId(subject), EntityId(object));
        if !self.world.edges.adjacency(link, false, source, mode).contains(ends.0, ends.1) {
            return Ok(None);
        }
        match link {
            Link::Verb(verb) => {
                let fact = self.graph().relation(verb).fact(ends.0, ends.1);
                Ok(fact.map(|fact| cited(fact, source)))
            }
            Link::Define(define) => self.rule(define, subject, object, mode),
        }
    }

    /// Returns the proof of a derived fact. A definition is evaluated separately from its uses, so a `possibly` around
    /// a use does not loosen it.
    fn rule(&self, id: DefineId, subject: u32, object: u32, mode: Mode) -> Result<Option<Proof>, Stop> {
        let mode = if mode.possible { Mode::POSSIBLE } else { Mode::CERTAIN };
        let definition = &self.definitions[id.0 as usize];
        let rounds = match self.world.edges.derived[id.0 as usize].round((subject, object), mode) {
            _ if !definition.is_recursive => u32::MAX,
            Some(round) if round < self.rounds => round,
            _ => return Ok(None),
        };
        let derived = (id, subject, object, mode.possible, rounds);
        if let Some(proof) = self.derived.borrow().get(&derived) {
            return Ok(proof.clone());
        }
        let body = Prover { vars: &definition.slots, rounds, walks: &[], ..*self };
        let proof = body.prove(&definition.goal, &definition.frame(subject, object), mode)?;
        // A recursive fact may have other derivations.
        if definition.is_recursive {
            self.chosen.set(true);
        }
        let (subject, object) = (EntityId(subject), (!definition.is_state).then_some(EntityId(object)));
        let (verb, text) = (definition.name.clone(), definition.text.clone());
        let reason = Reason::Rule { subject, verb, object, text: Some(text) };
        let proof = proof.map(|proof| Proof { reason, because: unwrapped(proof).into() });
        self.derived.borrow_mut().insert(derived, proof.clone());
        Ok(proof)
    }

    fn chain(&self, atom: &PathAtom, words: &str, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let (from, to) = (entity_of(atom.subject, frame), entity_of(atom.object, frame));
        let Some(automaton) = Automaton::of(&atom.path, false) else { return Ok(None) };
        if from == NULL_SLOT || to == NULL_SLOT {
            return Ok(None);
        }
        let product = ProductGraph::new(self.world.edges, &automaton, atom.source, mode);
        let Some(hops) = product.shortest(from, to, &mut self.world.context.budget()).map_err(stop)? else {
            return Ok(None);
        };
        if hops.is_empty() {
            let because = match in_part(atom.source) {
                Some(_) => self.spoken_of(&automaton, from, atom.source, mode)?.into_iter().collect(),
                None => Vec::new(),
            };
            return Ok(Some(Proof { reason: Reason::Itself(EntityId(from)), because: Arc::new(because) }));
        }
        self.choose_path(from, &hops);
        let steps: Vec<_> = hops.iter().map(|hop| (hop.from, hop.link, hop.inverse, hop.to)).collect();
        let Some(because) = self.steps(&steps, atom.source, mode)? else { return Ok(None) };
        let reason = Reason::Chain { subject: EntityId(from), path: words.to_string(), object: EntityId(to) };
        Ok(Some(Proof { reason, because: because.into() }))
    }

    /// Returns the proof of a fact of the source that speaks of an entity along one of the links: without one, the path of
    /// no steps is not the source's.
    fn spoken_of(
        &self,
        automaton: &Automaton,
        entity: u32,
        source: Option<SourceId>,
        mode: Mode,
    ) -> Result<Option<Proof>, Stop> {
        self.chosen.set(true);
        for link in automaton.next.iter().flatten().map(|step| step.link) {
            for inverse in [false, true] {
                let ends = self.world.edges.adjacency(link, inverse, source, mode).of(EntityId(entity));
                let Some(end) = ends.first() else { continue };
                // The ends of a step, in the order in which the path takes it.
                let proof = self.link((entity, link, inverse, *end), source, mode)?;
                if proof.is_some() {
                    return Ok(proof);
                }
            }
        }
        Ok(None)
    }

    /// Returns the proof of each step of a path.
    fn steps(&self, steps: &[Step], source: Option<SourceId>, mode: Mode) -> Result<Option<Vec<Proof>>, Stop> {
        steps.iter().map(|step| self.link(*step, source, mode)).collect()
    }

    /// Records that another path could have been cited. A path of verbs that visits no entity twice is broken by
    /// removing any of its facts, so it needs all of them if it is the only path.
    fn choose_path(&self, from: u32, hops: &[Hop]) {
        let mut met = BTreeSet::from([from]);
        let is_plain = hops.iter().all(|hop| matches!(hop.link, Link::Verb(_)) && met.insert(hop.to));
        match is_plain {
            true => self.paths.set(self.paths.get() + 1),
            false => self.chosen.set(true),
        }
    }

    /// Returns the proof of a test that holds: the values that decided it, and the facts that state them.
    fn compared(&self, scalar: &Scalar, words: &Template, frame: &[u32]) -> Proof {
        let (mut bounds, mut because, mut read) = (Vec::new(), Vec::new(), BTreeSet::new());
        scalar.properties(&mut |term, property| {
            let entity = EntityId(entity_of(term, frame));
            if entity.0 == NULL_SLOT {
                return;
            }
            bounds.push(self.bound(entity, property));
            // What is read from the whole graph rests on what is not known, so it is not cited.
            match self.graph().in_part(property) == property {
                true => because.extend(self.stated(entity, property)),
                false => self.stated(entity, property).iter().for_each(|stated| read.extend(proved_by(stated))),
            }
        });
        if !because.is_empty() {
            self.chosen.set(true);
        }
        let condition = self.said(words, frame);
        Proof {
            reason: Reason::Compared { condition, bounds, read: read.into_iter().collect() },
            because: because.into(),
        }
    }

    /// Returns the value of a property in words, by the facts that may be cited or, if there are none, by the whole
    /// graph.
    fn bound(&self, entity: EntityId, property: PropertyId) -> String {
        let graph = self.graph();
        let is_cited = !self.facts_of(entity, property).is_empty() || narrowing(graph, entity, property).is_some();
        let read = if is_cited { property } else { graph.entire(property) };
        let property = graph.in_part(property);
        let said = match graph.value(entity, read) {
            Value::Date(date) => date.describe(),
            value => value.to_string(),
        };
        format!("{}.{}: {said}", graph.name(entity), graph.schema().property(property).name)
    }

    /// Returns the facts that state a property of an entity, and those by which its date is narrowed.
    fn stated(&self, entity: EntityId, property: PropertyId) -> Vec<Proof> {
        let graph = self.graph();
        let mut because = self.facts_of(entity, property);
        let Some(narrowing) = narrowing(graph, entity, property) else { return because };
        // Facts along which the bound moved, and the dates from which it came.
        let mut steps: Vec<Proof> = narrowing.steps.iter().map(|fact| cited(*fact, None)).collect();
        let ends = narrowing.steps.iter().flat_map(|fact| match graph.fact(*fact) {
            Fact::Link { subject, object, .. } => vec![subject, object],
            Fact::Value { subject, .. } => vec![subject],
        });
        let others: BTreeSet<EntityId> = ends.filter(|end| *end != entity).collect();
        let dated_by = |entity: EntityId| graph.dating(graph.type_of(entity)).unwrap_or(property);
        steps.extend(others.into_iter().flat_map(|entity| self.facts_of(entity, dated_by(entity))));
        let reason = Reason::Narrowed { entity, from: narrowing.before, to: narrowing.after };
        because.push(Proof { reason, because: steps.into() });
        because
    }

    /// Returns the facts that state a property of an entity and count for its settled value.
    fn facts_of(&self, entity: EntityId, property: PropertyId) -> Vec<Proof> {
        let graph = self.graph();
        let values = graph.values(property);
        let facts = values.span(entity).filter(|i| values.settles(graph, *i)).map(|i| values.fact(i));
        facts.map(|fact| cited(fact, None)).collect()
    }
}

/// Returns the proofs of a conjunction, of which some name the source of a fact that others state: the fact is cited once,
/// with the claims of that source.
fn of_their_sources(mut proofs: Vec<Proof>) -> Vec<Proof> {
    let named: BTreeSet<FactId> = proofs
        .iter()
        .filter_map(|proof| cited_by(proof).filter(|cited| cited.by.is_some()).map(|cited| cited.fact))
        .collect();
    proofs.retain(|proof| cited_by(proof).is_none_or(|cited| cited.by.is_some() || !named.contains(&cited.fact)));
    proofs
}

/// Returns the fact that a proof is; `None` for other proofs.
fn cited_by(proof: &Proof) -> Option<CitedFact> {
    if let Reason::Fact(cited) = proof.reason { Some(cited) } else { None }
}

/// Returns the proof that is a fact, as a source claims it where one is asked for.
fn cited(fact: FactId, source: Option<SourceId>) -> Proof {
    leaf(Reason::Fact(CitedFact { fact, by: in_part(source) }))
}

pub(crate) fn leaf(reason: Reason) -> Proof {
    Proof { reason, because: Arc::default() }
}

/// Returns the proof of a goal that needs no fact.
fn nothing() -> Proof {
    leaf(Reason::All)
}

/// Returns one proof of several parts; parts that need no fact are left out.
fn all_of(proofs: Vec<Proof>) -> Proof {
    let mut because: Vec<Proof> = proofs.into_iter().flat_map(unwrapped).collect();
    if because.len() == 1 { because.remove(0) } else { Proof { reason: Reason::All, because: because.into() } }
}

/// Returns the facts that a proof cites.
pub(crate) fn proved_by(proof: &Proof) -> BTreeSet<FactId> {
    let mut facts = BTreeSet::new();
    let (mut stack, mut seen) = (vec![proof], FxHashSet::default());
    while let Some(next) = stack.pop() {
        if let Reason::Fact(cited) = next.reason {
            facts.insert(cited.fact);
        }
        if seen.insert(Arc::as_ptr(&next.because)) {
            stack.extend(next.because.iter());
        }
    }
    facts
}

/// Calls `f` with each fact that a proof cites or whose value it compares, with the claims to cite.
pub(crate) fn cited_in(proof: &Proof, f: &mut dyn FnMut(CitedFact)) {
    match &proof.reason {
        Reason::Fact(cited) => f(*cited),
        Reason::Compared { read, .. } => read.iter().for_each(|fact| f((*fact).into())),
        _ => {}
    }
    proof.because.iter().for_each(|below| cited_in(below, f));
}

/// Returns the proof with each derived fact proved at its first place alone, so that it is no larger than the facts that it
/// rests on.
pub(crate) fn told_once(proof: Proof) -> Proof {
    told(proof, &mut FxHashSet::default())
}

fn told(Proof { reason, because }: Proof, seen: &mut FxHashSet<*const Vec<Proof>>) -> Proof {
    match reason {
        Reason::Rule { subject, verb, object, .. } if !seen.insert(Arc::as_ptr(&because)) => {
            leaf(Reason::Rule { subject, verb, object, text: None })
        }
        reason => {
            let because: Vec<Proof> = because.iter().map(|below| told(below.clone(), seen)).collect();
            Proof { reason, because: because.into() }
        }
    }
}

/// Returns the parts of a conjunction, or the proof itself.
pub(crate) fn unwrapped(proof: Proof) -> Vec<Proof> {
    match proof {
        Proof { reason: Reason::All, because } => Arc::unwrap_or_clone(because),
        proof => vec![proof],
    }
}

fn height(proof: &Proof, known: &mut FxHashMap<*const Vec<Proof>, usize>) -> usize {
    let below = Arc::as_ptr(&proof.because);
    if let Some(height) = known.get(&below) {
        return *height;
    }
    let height = 1 + proof.because.iter().map(|next| height(next, known)).max().unwrap_or(0);
    known.insert(below, height);
    height
}
