//! Finds a proof of a pattern, of the alternatives that it looks at the one that rests on the fewest facts.

use super::affirmed::unmarked;
use super::part::Parts;
use super::subgraph::{locals, words};
use crate::answer::{Proof, Reason};
use crate::check::typed::{
    CountOp, Define, DefineId, Expr, ExprKind, FactAtom, Formula, Link, Modality, PathAtom, Var, VarId, VarKind,
};
use crate::exec::edges::Edges;
use crate::exec::limits::{Stop, stop};
use crate::exec::output::paths::entity_of;
use crate::exec::search::automaton::Automaton;
use crate::exec::search::product::{Hop, ProductGraph};
use crate::exec::{ABSENT, Context, Mode};
use crate::graph::{EntityId, Fact, FactId, SourceId, narrowing};
use crate::plan::Words;
use crate::schema::PropertyId;
use crate::value::Value;
use std::cell::Cell;
use std::collections::BTreeSet;

/// How many witnesses of an existential part are compared for the least proof.
const MOST_WITNESSES: usize = 64;

/// Finds proofs of parts of one formula.
#[derive(Clone, Copy)]
pub(crate) struct Prover<'a> {
    pub context: &'a Context<'a>,
    pub edges: &'a Edges<'a>,
    pub vars: &'a [Var],
    /// Defined facts count only if they were found before this round: a proof does not rest on itself.
    pub rounds: u32,
    /// Is set where something else than what was cited might have been.
    pub chosen: &'a Cell<bool>,
    /// How many paths were followed that need each of their facts, unless others give another path.
    pub paths: &'a Cell<usize>,
}

impl Prover<'_> {
    /// The least proof that was found; `None` where the formula does not hold.
    pub fn prove(&self, formula: &Formula, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        match formula {
            Formula::All(all) => self.all(all, frame, mode),
            Formula::Any(all) => {
                let proofs: Result<Vec<_>, Stop> = all.iter().map(|inner| self.prove(inner, frame, mode)).collect();
                Ok(self.least(proofs?))
            }
            Formula::Not(inner) => self.absent(inner, frame, mode),
            Formula::Exists(vars, inner) => self.some(vars, inner, frame, mode),
            Formula::Count { var, compare: CountOp::AtLeast, number, of } => {
                self.at_least(formula, (*var, *number as usize), of, frame, mode)
            }
            Formula::Count { var, of, .. } => self.at_most(formula, *var, of, frame, mode),
            Formula::Every { vars, domain, then, .. } => self.every(formula, (vars, domain), then, frame, mode),
            Formula::Optional(inner) => Ok(Some(self.prove(inner, frame, mode)?.unwrap_or(nothing()))),
            Formula::Modal(Modality::Certainly, inner) => self.prove(inner, frame, mode.certain()),
            Formula::Modal(Modality::Possibly, inner) => self.prove(inner, frame, mode.loosened()),
            Formula::Fact(FactAtom { link, subject, object, source, .. }) => {
                self.link((entity_of(*subject, frame), *link, false, entity_of(*object, frame)), *source, mode)
            }
            Formula::Path(atom) => self.chain(atom, frame, mode),
            Formula::Value(atom) => {
                let position = frame[atom.value.0 as usize];
                let fact = self.context.graph.values(atom.property).fact(position as usize);
                Ok(self.holds(formula, frame, mode)?.then(|| leaf(Reason::Fact(fact))))
            }
            Formula::Type(..) | Formula::Same(..) => Ok(self.holds(formula, frame, mode)?.then(nothing)),
            Formula::Test(expr) => self.compared(formula, expr, frame, mode),
        }
    }

    /// Some values of the variables make the formula hold: those of the least proof.
    fn some(&self, vars: &[VarId], formula: &Formula, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let frames = self.witnesses(vars, formula, frame, mode, MOST_WITNESSES)?;
        let proofs: Result<Vec<_>, Stop> = frames.iter().map(|frame| self.prove(formula, frame, mode)).collect();
        Ok(self.least(proofs?))
    }

    /// The proof that rests on the fewest facts, links before values; of several that of least height, then the first.
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
        let is_link = |fact: &&FactId| matches!(self.context.graph.fact(**fact), Fact::Link { .. });
        (facts.iter().filter(is_link).count(), facts.len(), height(proof))
    }

    fn holds(&self, formula: &Formula, frame: &[u32], mode: Mode) -> Result<bool, Stop> {
        Ok(!self.witnesses(&[], formula, frame, mode, 1)?.is_empty())
    }

    fn witnesses(
        &self,
        vars: &[VarId],
        formula: &Formula,
        frame: &[u32],
        mode: Mode,
        most: usize,
    ) -> Result<Vec<Vec<u32>>, Stop> {
        let parts = Parts::new(self.context, self.edges, self.vars);
        parts.witnesses(vars, formula, frame, mode, most)
    }

    /// All of the formulas; those that prove nothing by themselves are left out.
    fn all(&self, all: &[Formula], frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let mut because = Vec::new();
        let mut rest = all;
        while let Some((formula, after)) = rest.split_first() {
            rest = after;
            let proof = match (formula, after.first()) {
                // `exactly` rests on what makes it at least so many, where there are no more.
                (Formula::Count { var, number, of, .. }, Some(most)) if is_exactly(formula, most) => {
                    rest = &after[1..];
                    let Some(_) = self.prove(most, frame, mode)? else { return Ok(None) };
                    let (compare, of) = (CountOp::Exactly, of.clone());
                    let whole = Formula::Count { var: *var, compare, number: *number, of: of.clone() };
                    self.at_least(&whole, (*var, *number as usize), &of, frame, mode)?
                }
                _ => self.prove(formula, frame, mode)?,
            };
            match proof {
                None => return Ok(None),
                Some(Proof { reason: Reason::All, because: inner }) => because.extend(inner),
                Some(proof) => because.push(proof),
            }
        }
        Ok(Some(if because.len() == 1 { because.remove(0) } else { Proof { reason: Reason::All, because } }))
    }

    /// Nothing makes the denied part hold.
    fn absent(&self, inner: &Formula, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        if self.holds(inner, frame, mode.negated())? {
            return Ok(None);
        }
        let sought = self.said(inner, frame);
        Ok(Some(leaf(Reason::Absent { sought, looked_at: self.candidates(inner) })))
    }

    /// How many entities the variables of the denied part range over.
    fn candidates(&self, inner: &Formula) -> usize {
        let Formula::Exists(vars, _) = inner else { return 0 };
        let count = |var: &VarId| match self.vars[var.0 as usize].kind {
            VarKind::Entity(types) => self.context.graph.ranges(types).iter().map(|range| range.len()).sum(),
            _ => 0,
        };
        vars.first().map_or(0, count)
    }

    /// As many as are asked for, those with the least proofs.
    fn at_least(
        &self,
        whole: &Formula,
        (var, number): (VarId, usize),
        of: &Formula,
        frame: &[u32],
        mode: Mode,
    ) -> Result<Option<Proof>, Stop> {
        let most = if number == 0 { 0 } else { number.max(MOST_WITNESSES) };
        let frames = if most == 0 { Vec::new() } else { self.witnesses(&[var], of, frame, mode, most)? };
        let proofs: Result<Vec<_>, Stop> = frames.iter().map(|frame| self.prove(of, frame, mode)).collect();
        let mut proofs: Vec<Proof> = proofs?.into_iter().flatten().collect();
        if proofs.len() < number {
            return Ok(None);
        }
        if proofs.len() > number {
            self.chosen.set(true);
            proofs.sort_by_cached_key(|proof| self.cost(proof));
            proofs.truncate(number);
        }
        Ok(Some(Proof { reason: Reason::Counted { what: self.said(whole, frame), number }, because: proofs }))
    }

    /// No more than that are there: of what is not there, nothing can be cited.
    fn at_most(
        &self,
        whole: &Formula,
        var: VarId,
        of: &Formula,
        frame: &[u32],
        mode: Mode,
    ) -> Result<Option<Proof>, Stop> {
        if !self.holds(whole, frame, mode)? {
            return Ok(None);
        }
        let number = self.witnesses(&[var], of, frame, mode.negated(), usize::MAX)?.len();
        Ok(Some(leaf(Reason::Counted { what: self.said(whole, frame), number })))
    }

    /// The second part holds of all of which the first may.
    fn every(
        &self,
        whole: &Formula,
        (vars, domain): (&[VarId], &Formula),
        then: &Formula,
        frame: &[u32],
        mode: Mode,
    ) -> Result<Option<Proof>, Stop> {
        let frames = self.witnesses(vars, domain, frame, mode.negated(), usize::MAX)?;
        let mut because = Vec::new();
        for frame in &frames {
            match self.prove(then, frame, mode)? {
                None => return Ok(None),
                Some(proof) => because.push(proof),
            }
        }
        Ok(Some(Proof { reason: Reason::Counted { what: self.said(whole, frame), number: frames.len() }, because }))
    }

    /// A part of the formula in words.
    fn said(&self, formula: &Formula, frame: &[u32]) -> String {
        self.words(frame).formula(&unmarked(self.context.graph, formula))
    }

    fn words<'w>(&'w self, frame: &'w [u32]) -> Words<'w> {
        words(self.context, self.vars, frame)
    }

    /// One link of a fact or of a chain.
    fn link(
        &self,
        (subject, link, inverse, object): (u32, Link, bool, u32),
        source: Option<SourceId>,
        mode: Mode,
    ) -> Result<Option<Proof>, Stop> {
        if subject == ABSENT || object == ABSENT {
            return Ok(None);
        }
        let (subject, object) = if inverse { (object, subject) } else { (subject, object) };
        let ends = (EntityId(subject), EntityId(object));
        if !self.edges.adjacency(link, false, source, mode).contains(ends.0, ends.1) {
            return Ok(None);
        }
        match link {
            Link::Verb(verb) => {
                let fact = self.context.graph.relation(verb).fact(ends.0, ends.1);
                Ok(fact.map(|fact| leaf(Reason::Fact(fact))))
            }
            Link::Define(define) => self.rule(define, subject, object, mode),
        }
    }

    /// A definition is worked out apart from what uses it, so that `possibly` there does not loosen it.
    fn rule(&self, id: DefineId, subject: u32, object: u32, mode: Mode) -> Result<Option<Proof>, Stop> {
        let mode = if mode.possible { Mode::POSSIBLE } else { Mode::CERTAIN };
        let define = &self.context.plan.query.defines[id.0 as usize];
        let rounds = match self.edges.derived[id.0 as usize].round((subject, object), mode) {
            _ if !define.recursive => u32::MAX,
            Some(round) if round < self.rounds => round,
            _ => return Ok(None),
        };
        let proof = Prover { vars: &define.vars, rounds, ..*self }.body(define, subject, object, mode)?;
        if define.recursive {
            self.chosen.set(true);
        }
        let (subject, object) = (EntityId(subject), EntityId(object));
        let (verb, text) = (define.name.clone(), define.text.clone());
        let reason = Reason::Rule { subject, verb, object, text };
        Ok(proof.map(|proof| Proof { reason, because: unwrapped(proof) }))
    }

    fn body(&self, define: &Define, subject: u32, object: u32, mode: Mode) -> Result<Option<Proof>, Stop> {
        let mut frame = vec![ABSENT; define.vars.len()];
        frame[define.subject.0 as usize] = subject;
        frame[define.object.0 as usize] = object;
        self.some(&locals(define), &define.formula, &frame, mode)
    }

    fn chain(&self, atom: &PathAtom, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let (from, to) = (entity_of(atom.subject, frame), entity_of(atom.object, frame));
        let Some(automaton) = Automaton::of(&atom.path, false) else { return Ok(None) };
        if from == ABSENT || to == ABSENT {
            return Ok(None);
        }
        let product = ProductGraph::new(self.edges, &automaton, atom.source, mode);
        let Some(hops) = product.shortest(from, to, &mut self.context.budget()).map_err(stop)? else {
            return Ok(None);
        };
        if hops.is_empty() {
            return Ok(Some(leaf(Reason::Itself(EntityId(from)))));
        }
        self.choose_path(from, &hops);
        let mut because = Vec::new();
        for hop in hops {
            match self.link((hop.from, hop.link, hop.inverse, hop.to), atom.source, mode)? {
                Some(proof) => because.push(proof),
                None => return Ok(None),
            }
        }
        let path = self.words(frame).path(&atom.path);
        let reason = Reason::Chain { subject: EntityId(from), path, object: EntityId(to) };
        Ok(Some(Proof { reason, because }))
    }

    /// Notes that another path might have done. One of verbs that meets nothing twice is broken by each fact that is left
    /// out, so that it needs all of them where it is alone.
    fn choose_path(&self, from: u32, hops: &[Hop]) {
        let mut met = BTreeSet::from([from]);
        let is_plain = hops.iter().all(|hop| matches!(hop.link, Link::Verb(_)) && met.insert(hop.to));
        match is_plain {
            true => self.paths.set(self.paths.get() + 1),
            false => self.chosen.set(true),
        }
    }

    /// A test that holds: the bounds that it was decided by, and the facts that state them.
    fn compared(&self, formula: &Formula, expr: &Expr, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        if !self.holds(formula, frame, mode)? {
            return Ok(None);
        }
        let (mut bounds, mut because, mut read) = (Vec::new(), Vec::new(), BTreeSet::new());
        self.properties(expr, frame, &mut |entity, property| {
            bounds.push(self.bound(entity, property));
            // What is read of the whole graph rests on what is not known.
            match self.context.graph.in_part(property) == property {
                true => because.extend(self.stated(entity, property)),
                false => self.stated(entity, property).iter().for_each(|stated| read.extend(proved_by(stated))),
            }
        });
        if !because.is_empty() {
            self.chosen.set(true);
        }
        let condition = self.said(formula, frame);
        Ok(Some(Proof { reason: Reason::Compared { condition, bounds, read: read.into_iter().collect() }, because }))
    }

    /// Calls `f` with each entity and property that the test reads.
    fn properties(&self, expr: &Expr, frame: &[u32], f: &mut dyn FnMut(EntityId, PropertyId)) {
        match &expr.kind {
            ExprKind::Property(var, property) if frame[var.0 as usize] != ABSENT => {
                f(EntityId(frame[var.0 as usize]), *property);
            }
            ExprKind::PropertyOf(entity, property) => f(*entity, *property),
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => {
                all.iter().for_each(|inner| self.properties(inner, frame, f));
            }
            ExprKind::Not(inner) | ExprKind::Negative(inner) | ExprKind::IsUnknown(inner) => {
                self.properties(inner, frame, f);
            }
            ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => {
                self.properties(a, frame, f);
                self.properties(b, frame, f);
            }
            _ => {}
        }
    }

    /// What a property is, by the facts that may be cited, else by all that is known.
    fn bound(&self, entity: EntityId, property: PropertyId) -> String {
        let graph = self.context.graph;
        let is_cited = !self.facts_of(entity, property).is_empty() || narrowing(graph, entity, property).is_some();
        let read = if is_cited { property } else { graph.entire(property) };
        let property = graph.in_part(property);
        let said = match graph.value(entity, read) {
            Value::Date(date) => date.describe(),
            value => value.to_string(),
        };
        format!("{}.{}: {said}", graph.name(entity), graph.schema().property(property).name)
    }

    /// The facts that state a property of an entity, and those by which lineage narrows it.
    fn stated(&self, entity: EntityId, property: PropertyId) -> Vec<Proof> {
        let graph = self.context.graph;
        let mut because = self.facts_of(entity, property);
        let Some(narrowing) = narrowing(graph, entity, property) else { return because };
        // The chain of facts along which the bound came, with the dates that it came from.
        let mut steps: Vec<Proof> = narrowing.steps.iter().map(|fact| leaf(Reason::Fact(*fact))).collect();
        let ends = narrowing.steps.iter().flat_map(|fact| match graph.fact(*fact) {
            Fact::Link { subject, object, .. } => vec![subject, object],
            Fact::Value { subject, .. } => vec![subject],
        });
        let others: BTreeSet<EntityId> = ends.filter(|end| *end != entity).collect();
        let dated_by = |entity: EntityId| graph.dating(graph.type_of(entity)).unwrap_or(property);
        steps.extend(others.into_iter().flat_map(|entity| self.facts_of(entity, dated_by(entity))));
        let reason = Reason::Narrowed { entity, from: narrowing.before, to: narrowing.after };
        because.push(Proof { reason, because: steps });
        because
    }

    /// The facts that state a property of an entity, those that settle nothing left out.
    fn facts_of(&self, entity: EntityId, property: PropertyId) -> Vec<Proof> {
        let graph = self.context.graph;
        let values = graph.values(property);
        let facts = values.span(entity).filter(|i| values.settles(graph, *i)).map(|i| values.fact(i));
        facts.map(|fact| leaf(Reason::Fact(fact))).collect()
    }
}

pub(crate) fn leaf(reason: Reason) -> Proof {
    Proof { reason, because: Vec::new() }
}

/// What needs no fact.
fn nothing() -> Proof {
    leaf(Reason::All)
}

/// Whether the two together are what `exactly` says.
fn is_exactly(least: &Formula, most: &Formula) -> bool {
    use CountOp::{AtLeast, AtMost};
    match (least, most) {
        (
            Formula::Count { var, compare: AtLeast, number, .. },
            Formula::Count { var: other, compare: AtMost, number: most, .. },
        ) => var == other && number == most,
        _ => false,
    }
}

/// The facts that a proof cites.
pub(crate) fn proved_by(proof: &Proof) -> BTreeSet<FactId> {
    let mut facts = BTreeSet::new();
    let mut stack = vec![proof];
    while let Some(next) = stack.pop() {
        if let Reason::Fact(fact) = next.reason {
            facts.insert(fact);
        }
        stack.extend(&next.because);
    }
    facts
}

/// The parts of a conjunction, or the proof itself.
pub(crate) fn unwrapped(proof: Proof) -> Vec<Proof> {
    match proof {
        Proof { reason: Reason::All, because } => because,
        proof => vec![proof],
    }
}

fn height(proof: &Proof) -> usize {
    1 + proof.because.iter().map(height).max().unwrap_or(0)
}
