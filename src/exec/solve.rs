//! Finds the bindings of a block: each step inside the one before.

use super::automaton::Automaton;
use super::limits::{Budget, Flow, Halt};
use super::links::Links;
use super::reach::Search;
use super::{ABSENT, Mode};
use crate::check::typed::{CountOp, Modality, Term, Var};
use crate::graph::{EntityId, Graph, SourceId};
use crate::plan::{Block, Condition, Memo, PathId, Plan, Source, Step, Walk};
use crate::schema::TypeSet;
use crate::value::Truth;
use indexmap::IndexSet;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// What stays the same while a query runs.
pub(super) struct Engine<'e> {
    pub graph: &'e Graph,
    pub links: &'e Links<'e>,
    pub plan: &'e Plan,
    /// By variable of the plan.
    pub vars: &'e [Var],
    /// By path: from subject to object, and back.
    pub automata: Vec<[Automaton; 2]>,
}

/// One search through the bindings of a plan.
pub(super) struct Worker<'e> {
    pub engine: &'e Engine<'e>,
    pub budget: Budget,
    /// By variable: the entity, the position of a stated value, the number of a path, a length; or [`ABSENT`].
    pub frame: Vec<u32>,
    /// The distinct paths that path variables took.
    pub paths: IndexSet<Box<[u32]>>,
    /// `every` looked at nothing: where it was written.
    pub empty_domains: Vec<crate::text::Span>,
    /// A cycle that forbids a longest path.
    pub cycle: Option<Vec<u32>>,
    /// A variable whose values are only counted: where the last step binds it, the frame is handed on once, with the
    /// number of values in `times`.
    pub tail: Option<u16>,
    /// How many bindings the frame stands for: 1 unless `tail` is counted.
    pub times: usize,
    reached: FxHashMap<Reached, Rc<[u32]>>,
    greatest: FxHashMap<Reached, Rc<FxHashMap<u32, u32>>>,
    memos: FxHashMap<(u16, Mode), Vec<u8>>,
}

/// What a reached set depends on.
type Reached = (PathId, bool, Option<SourceId>, bool, u32);

/// Receives the frame of each binding.
pub(super) type Emit<'a> = &'a mut dyn FnMut(&mut Worker, Mode) -> Flow;

impl<'e> Worker<'e> {
    pub fn new(engine: &'e Engine<'e>, budget: Budget) -> Worker<'e> {
        Worker {
            engine,
            budget,
            frame: vec![ABSENT; engine.plan.slots],
            paths: IndexSet::new(),
            empty_domains: Vec::new(),
            cycle: None,
            tail: None,
            times: 1,
            reached: FxHashMap::default(),
            greatest: FxHashMap::default(),
            memos: FxHashMap::default(),
        }
    }

    /// Calls `emit` for each binding of the steps.
    pub fn solve(&mut self, steps: &[Step], mode: Mode, emit: Emit) -> Flow {
        let Some((step, rest)) = steps.split_first() else {
            self.budget.tick()?;
            return emit(self, mode);
        };
        match step {
            Step::Scan { var, types } if rest.is_empty() && self.tail == Some(var.0) => {
                let graph = self.engine.graph;
                let present = |entity: &u32| !graph.is_absent(EntityId(*entity));
                let times = graph.ranges(*types).into_iter().flatten().filter(present).count();
                self.emit_times(times, mode, emit)
            }
            Step::Scan { var, types } => {
                for range in self.engine.graph.ranges(*types) {
                    for entity in range.filter(|entity| !self.engine.graph.is_absent(EntityId(*entity))) {
                        self.bind(var.0, entity, rest, mode, emit)?;
                    }
                }
                Ok(())
            }
            Step::ScanValues { var, property } => (0..self.engine.graph.values(*property).len() as u32)
                .try_for_each(|position| self.bind(var.0, position, rest, mode, emit)),
            Step::Expand { var, sources, types } => self.expand(var.0, sources, *types, rest, mode, emit),
            Step::Walk { var, path, subject, object, source, walk } => {
                let ends = (self.entity(*subject), self.entity(*object));
                self.walk(var.0, (*path, *source, *walk), ends, &mut |worker| worker.solve(rest, mode, emit), mode)
            }
            Step::Filter(condition) => match self.holds(condition, mode)? {
                true => self.solve(rest, mode, emit),
                false => Ok(()),
            },
            Step::Optional(block) => self.optional(block, rest, mode, emit),
        }
    }

    #[inline]
    fn bind(&mut self, var: u16, value: u32, rest: &[Step], mode: Mode, emit: Emit) -> Flow {
        self.budget.tick()?;
        self.frame[var as usize] = value;
        self.solve(rest, mode, emit)
    }

    fn optional(&mut self, block: &Block, rest: &[Step], mode: Mode, emit: Emit) -> Flow {
        let mut found = false;
        self.solve(&block.steps, mode, &mut |worker, mode| {
            found = true;
            worker.solve(rest, mode, emit)
        })?;
        for var in block.bound() {
            self.frame[var.0 as usize] = ABSENT;
        }
        if found { Ok(()) } else { self.solve(rest, mode, emit) }
    }

    /// The entity that a term stands for; [`ABSENT`] for what an optional part left open.
    pub fn entity(&self, term: Term) -> u32 {
        match term {
            Term::Entity(entity) => entity.0,
            Term::Var(var) => self.frame[var.0 as usize],
        }
    }

    fn expand(
        &mut self,
        var: u16,
        sources: &[Source],
        types: Option<TypeSet>,
        rest: &[Step],
        mode: Mode,
        emit: Emit,
    ) -> Flow {
        let engine = self.engine;
        if let [Source::Link { link, from, inverse, source }] = sources {
            let neighbours = engine.links.adjacency(*link, *inverse, *source, mode).of(EntityId(self.entity(*from)));
            return self.bind_each(var, neighbours, types, rest, mode, emit);
        }
        let mut candidates: Vec<Candidates> = Vec::with_capacity(sources.len());
        for source in sources {
            candidates.push(self.candidates(source, mode)?);
        }
        candidates.sort_by_key(|candidates| candidates.len());
        match candidates.split_first() {
            Some((least, [])) => self.bind_each(var, least, types, rest, mode, emit),
            Some((least, others)) => {
                let common = intersection(least, others);
                self.bind_each(var, &common, types, rest, mode, emit)
            }
            None => Ok(()),
        }
    }

    fn bind_each(
        &mut self,
        var: u16,
        values: &[u32],
        types: Option<TypeSet>,
        rest: &[Step],
        mode: Mode,
        emit: Emit,
    ) -> Flow {
        let graph = self.engine.graph;
        if rest.is_empty() && self.tail == Some(var) {
            return self.emit_times(number_of(graph, values, types), mode, emit);
        }
        let Some(types) = types else {
            return values.iter().try_for_each(|value| self.bind(var, *value, rest, mode, emit));
        };
        for range in graph.ranges(types) {
            let start = values.partition_point(|value| *value < range.start);
            for value in values[start..].iter().take_while(|value| **value < range.end) {
                self.bind(var, *value, rest, mode, emit)?;
            }
        }
        Ok(())
    }

    /// Hands the frame on once for `times` values of the tail variable.
    fn emit_times(&mut self, times: usize, mode: Mode, emit: Emit) -> Flow {
        self.budget.tick()?;
        self.times = times;
        let flow = if times > 0 { emit(self, mode) } else { Ok(()) };
        self.times = 1;
        flow
    }

    /// A source's candidates, in rising order.
    fn candidates(&mut self, source: &Source, mode: Mode) -> Result<Candidates<'e>, Halt> {
        let engine = self.engine;
        Ok(match source {
            Source::Link { link, from, inverse, source } => {
                let adjacency = engine.links.adjacency(*link, *inverse, *source, mode);
                Candidates::Lent(adjacency.of(EntityId(self.entity(*from))))
            }
            Source::Reach { path, from, inverse, source } => {
                Candidates::Shared(self.reached(*path, *inverse, *source, self.entity(*from), mode)?)
            }
            Source::Values(atom) => {
                let values = engine.graph.values(atom.property);
                let span = values.span(EntityId(self.entity(atom.subject)));
                let stated = |i: &usize| stated(engine.graph, values.fact(*i), atom.source, mode);
                Candidates::Shared(span.filter(stated).map(|i| i as u32).collect())
            }
            Source::Same(term) => match self.entity(*term) {
                ABSENT => Candidates::Lent(&[]),
                entity if engine.graph.is_absent(EntityId(entity)) => Candidates::Lent(&[]),
                entity => Candidates::Shared(Rc::from([entity])),
            },
            Source::Either(sources) => {
                let mut all: Vec<u32> = Vec::new();
                for source in sources {
                    all.extend_from_slice(&self.candidates(source, mode)?);
                }
                all.sort_unstable();
                all.dedup();
                Candidates::Shared(all.into())
            }
        })
    }

    /// The search along a path.
    pub fn search(&self, path: PathId, inverse: bool, source: Option<SourceId>, mode: Mode) -> Search<'e> {
        let automaton = &self.engine.automata[path.0 as usize][inverse as usize];
        Search { links: self.engine.links, automaton, source, mode }
    }

    /// What an entity reaches along a path, in id order; kept for the next time.
    fn reached(
        &mut self,
        path: PathId,
        inverse: bool,
        source: Option<SourceId>,
        from: u32,
        mode: Mode,
    ) -> Result<Rc<[u32]>, Halt> {
        if from == ABSENT {
            return Ok(Rc::from([]));
        }
        let key = (path, inverse, source, mode == Mode::Possible, from);
        if let Some(reached) = self.reached.get(&key) {
            return Ok(reached.clone());
        }
        let search = self.search(path, inverse, source, mode);
        let reached: Rc<[u32]> = search.reached(from, &mut self.budget)?.into();
        self.budget.hold(reached.len() * 4 + 32)?;
        self.reached.insert(key, reached.clone());
        Ok(reached)
    }

    /// Calls `then` for each value of a path variable between two ends.
    fn walk(
        &mut self,
        var: u16,
        (path, source, walk): (PathId, Option<SourceId>, Walk),
        (from, to): (u32, u32),
        then: &mut dyn FnMut(&mut Worker) -> Flow,
        mode: Mode,
    ) -> Flow {
        let search = self.search(path, false, source, mode);
        match walk {
            Walk::Every => {
                let mut found: Vec<Box<[u32]>> = Vec::new();
                search.every(from, to, &mut self.budget, &mut |hops| {
                    found.push(std::iter::once(from).chain(hops.iter().map(|hop| hop.2)).collect());
                    Ok(())
                })?;
                for path in found {
                    self.frame[var as usize] = self.paths.insert_full(path).0 as u32;
                    then(self)?;
                }
                Ok(())
            }
            Walk::Lengths { least, greatest } => {
                let short = if least { search.least_length(from, to, &mut self.budget)? } else { None };
                let long = if greatest { self.greatest_length((path, source), from, to, mode)? } else { None };
                for length in short.into_iter().chain(long.filter(|long| Some(*long) != short)) {
                    self.frame[var as usize] = length;
                    then(self)?;
                }
                Ok(())
            }
        }
    }

    /// The greatest number of steps between two entities; a cycle is noted, and ends the search.
    fn greatest_length(
        &mut self,
        (path, source): (PathId, Option<SourceId>),
        from: u32,
        to: u32,
        mode: Mode,
    ) -> Result<Option<u32>, Halt> {
        let key = (path, false, source, mode == Mode::Possible, from);
        if let Some(lengths) = self.greatest.get(&key) {
            return Ok(lengths.get(&to).copied());
        }
        let search = self.search(path, false, source, mode);
        match search.greatest_lengths(from, &mut self.budget)? {
            Ok(lengths) => {
                let length = lengths.get(&to).copied();
                self.greatest.insert(key, Rc::new(lengths));
                Ok(length)
            }
            Err(cycle) => {
                self.cycle = Some(cycle);
                Err(Halt::Enough)
            }
        }
    }

    /// Whether a condition holds of the frame in a mode.
    pub fn holds(&mut self, condition: &Condition, mode: Mode) -> Result<bool, Halt> {
        let engine = self.engine;
        Ok(match condition {
            Condition::All(all) => {
                for inner in all {
                    if !self.holds(inner, mode)? {
                        return Ok(false);
                    }
                }
                true
            }
            Condition::Any(all) => {
                for inner in all {
                    if self.holds(inner, mode)? {
                        return Ok(true);
                    }
                }
                false
            }
            Condition::Not(inner) => !self.holds(inner, mode.negated())?,
            Condition::Modal(Modality::Certainly, inner) => self.holds(inner, Mode::Certain)?,
            Condition::Modal(Modality::Possibly, inner) => self.holds(inner, mode.loosened())?,
            Condition::Exists { block, memo } => self.exists(block, *memo, mode)?,
            Condition::Count { block, compare, number } => self.counts(block, *compare, *number, mode)?,
            Condition::Every { block, then, span } => self.every(block, then, *span, mode)?,
            Condition::Fact(atom) => {
                let (subject, object) = (self.entity(atom.subject), self.entity(atom.object));
                let adjacency = engine.links.adjacency(atom.link, false, atom.source, mode);
                adjacency.contains(EntityId(subject), EntityId(object))
            }
            Condition::Path { path, subject, object, source } => {
                let to = self.entity(*object);
                let reached = self.reached(*path, false, *source, self.entity(*subject), mode)?;
                reached.binary_search(&to).is_ok()
            }
            Condition::Value(atom) => {
                let position = self.frame[atom.value.0 as usize];
                let values = engine.graph.values(atom.property);
                let span = values.span(EntityId(self.entity(atom.subject)));
                span.contains(&(position as usize))
                    && stated(engine.graph, values.fact(position as usize), atom.source, mode)
            }
            Condition::Type(term, types) => {
                let entity = self.entity(*term);
                entity != ABSENT && engine.graph.is_of(EntityId(entity), *types)
            }
            Condition::Same(a, b) => self.entity(*a) == self.entity(*b) && self.entity(*a) != ABSENT,
            Condition::Test(expr) => mode.accepts(self.truth(expr)),
        })
    }

    fn exists(&mut self, block: &Block, memo: Option<Memo>, mode: Mode) -> Result<bool, Halt> {
        let outer = memo.map(|memo| (memo.id, self.frame[memo.var.0 as usize])).filter(|(_, value)| *value != ABSENT);
        if let Some((id, value)) = outer {
            match self.memos.get(&(id, mode)).and_then(|known| known.get(value as usize)) {
                Some(1) => return Ok(true),
                Some(2) => return Ok(false),
                _ => {}
            }
        }
        let found = self.any(block, mode)?;
        if let Some((id, value)) = outer {
            let known = self.memos.entry((id, mode)).or_default();
            if known.len() <= value as usize {
                known.resize(value as usize + 1, 0);
            }
            known[value as usize] = if found { 1 } else { 2 };
        }
        Ok(found)
    }

    /// Whether the block has a binding.
    fn any(&mut self, block: &Block, mode: Mode) -> Result<bool, Halt> {
        let mut found = false;
        let flow = self.solve(&block.steps, mode, &mut |_, _| {
            found = true;
            Err(Halt::Enough)
        });
        match flow {
            Err(Halt::Enough) if found => Ok(true),
            Err(halt) => Err(halt),
            Ok(()) => Ok(found),
        }
    }

    fn counts(&mut self, block: &Block, compare: CountOp, number: u32, mode: Mode) -> Result<bool, Halt> {
        let number = number as usize;
        Ok(match compare {
            CountOp::AtLeast => self.count_up_to(block, mode, number)? >= number,
            CountOp::AtMost => self.count_up_to(block, mode.negated(), number + 1)? <= number,
            CountOp::Exactly => {
                self.count_up_to(block, mode, number)? >= number
                    && self.count_up_to(block, mode.negated(), number + 1)? <= number
            }
        })
    }

    /// The distinct values of the block's wanted variable, counted as far as `most`.
    fn count_up_to(&mut self, block: &Block, mode: Mode, most: usize) -> Result<usize, Halt> {
        let mut seen: rustc_hash::FxHashSet<u32> = rustc_hash::FxHashSet::default();
        if most == 0 {
            return Ok(0);
        }
        let wanted = block.wanted.first().map(|var| var.0 as usize);
        let flow = self.solve(&block.steps, mode, &mut |worker, _| {
            seen.insert(wanted.map_or(0, |var| worker.frame[var]));
            if seen.len() >= most { Err(Halt::Enough) } else { Ok(()) }
        });
        match flow {
            Err(Halt::Enough) if seen.len() >= most => Ok(most),
            Err(halt) => Err(halt),
            Ok(()) => Ok(seen.len()),
        }
    }

    /// No binding of the domain fails `then`: in a mode, none that holds in the opposite one.
    fn every(&mut self, block: &Block, then: &Condition, span: crate::text::Span, mode: Mode) -> Result<bool, Halt> {
        let (mut empty, mut failed) = (true, false);
        let flow = self.solve(&block.steps, mode.negated(), &mut |worker, _| {
            empty = false;
            failed = !worker.holds(then, mode)?;
            if failed { Err(Halt::Enough) } else { Ok(()) }
        });
        match flow {
            Err(Halt::Enough) if failed => return Ok(false),
            Err(halt) => return Err(halt),
            Ok(()) => {}
        }
        if empty && !self.empty_domains.contains(&span) {
            self.empty_domains.push(span);
        }
        Ok(true)
    }

    /// The truth of an expression under the frame.
    fn truth(&mut self, expr: &crate::check::typed::Expr) -> Truth {
        self.scope().truth(expr)
    }
}

/// How many of the sorted values are of these types.
fn number_of(graph: &Graph, values: &[u32], types: Option<TypeSet>) -> usize {
    let Some(types) = types else { return values.len() };
    let below = |bound: u32| values.partition_point(|value| *value < bound);
    graph.ranges(types).iter().map(|range| below(range.end) - below(range.start)).sum()
}

/// Whether a fact is stated at all in a mode, and by the source if one is named.
pub(super) fn stated(graph: &Graph, fact: crate::graph::FactId, source: Option<SourceId>, mode: Mode) -> bool {
    let claims = graph.claims();
    match source {
        None => mode == Mode::Possible || !graph.is_doubtful(fact),
        Some(source) => claims.of(fact).any(|claim| {
            claim.source == source && (mode == Mode::Possible || claim.trust != crate::graph::Trust::Doubtful)
        }),
    }
}

/// Sorted candidates, lent by the graph or worked out.
enum Candidates<'e> {
    Lent(&'e [u32]),
    Shared(Rc<[u32]>),
}

impl std::ops::Deref for Candidates<'_> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Candidates::Lent(values) => values,
            Candidates::Shared(values) => values,
        }
    }
}

/// What all have in common: each value of the least is sought in the others, going on from the last place.
fn intersection(least: &[u32], others: &[Candidates]) -> Vec<u32> {
    let mut rests: Vec<&[u32]> = others.iter().map(|other| &other[..]).collect();
    let in_all = |value: &&u32| {
        rests.iter_mut().all(|rest| {
            *rest = &rest[gallop(rest, **value)..];
            rest.first() == Some(*value)
        })
    };
    least.iter().filter(in_all).copied().collect()
}

/// The first position whose value is not below `value`: doubling steps, then halves. O(log of the distance).
fn gallop(values: &[u32], value: u32) -> usize {
    let mut step = 1;
    while step < values.len() && values[step - 1] < value {
        step *= 2;
    }
    let start = step / 2;
    let end = step.min(values.len());
    start + values[start..end].partition_point(|other| *other < value)
}

#[cfg(test)]
mod tests {
    use super::gallop;

    #[test]
    fn gallop_finds_the_first_not_below() {
        let values = [2, 4, 6, 8, 10];
        let expected = |value| values.partition_point(|other| *other < value);
        (0..12).for_each(|value| assert_eq!(gallop(&values, value), expected(value), "{value}"));
        assert_eq!(gallop(&[], 3), 0);
    }
}
