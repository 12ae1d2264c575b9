//! Finds the bindings of a block: each step inside the one before, the values of a variable as sorted lists.

use super::automaton::{Automaton, Moves};
use super::closures::{self, Along, Closures};
use super::flood::Bits;
use super::limits::{Budget, Flow, Halt};
use super::links::Links;
use super::reach::Search;
use super::{ABSENT, Mode};
use crate::check::typed::{CountOp, Link, Modality, Term, Var, VarId};
use crate::graph::{EntityId, Graph, Rows, SourceId};
use crate::plan::{Block, Condition, Memo, PathId, Plan, Source, Step, Walk};
use crate::schema::TypeSet;
use crate::value::Truth;
use indexmap::IndexSet;
use rustc_hash::FxHashMap;
use std::cell::OnceCell;
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
    /// The same for searches that only ask what is reached.
    pub moves: Vec<[Moves; 2]>,
    /// By path, then direction, then whether all facts count.
    pub closures: Vec<closures::Shared>,
}

impl Engine<'_> {
    /// What all workers know of a closure.
    pub fn closure(&self, along: Along) -> &closures::Shared {
        &self.closures[along.path.0 as usize * 4 + usize::from(along.inverse) * 2 + usize::from(along.all)]
    }
}

/// What a search along a path depends on in a mode.
pub(super) fn along(path: PathId, inverse: bool, source: Option<SourceId>, mode: Mode) -> Along {
    Along { path, inverse, source, all: mode == Mode::Possible }
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
    pub closures: Closures<'e>,
    greatest: FxHashMap<(Along, u32), Rc<FxHashMap<u32, u32>>>,
    memos: FxHashMap<(u16, Mode), Vec<u8>>,
    /// By semi-join that is searched backwards from all it looks for: the entities for which it holds.
    pub leading: FxHashMap<(u16, Mode), Rc<Bits>>,
    /// Lists that are not in use, kept to spare their space.
    pub lists: Vec<Vec<u32>>,
    /// The same for sets, all empty.
    bits: Vec<Bits>,
    /// By verb, then direction, then whether all facts count: its rows, taken when they are first needed.
    rows: Vec<OnceCell<Rows<'e>>>,
}

/// Values are filtered in lists of this length first, and of up to [`LONGEST`] later: the first witness of many is found
/// without looking at all.
const FIRST: usize = 16;
const LONGEST: usize = 4096;

/// A list that is intersected with as many others as this, and is as long itself, is made a set first.
const DENSE: usize = 32;

/// Receives bindings.
pub(super) trait Sink {
    /// The frame holds a binding.
    fn one(&mut self, worker: &mut Worker, mode: Mode) -> Flow;

    /// The frame holds a binding for each of these values of `var`, which rise.
    fn each(&mut self, worker: &mut Worker, var: u16, values: &[u32], mode: Mode) -> Flow {
        values.iter().try_for_each(|value| {
            worker.frame[var as usize] = *value;
            self.one(worker, mode)
        })
    }

    /// Whether it only matters how many values a variable takes, and the frame need hold but one of them.
    fn counts(&self, _var: u16) -> bool {
        false
    }

    /// The frame holds one of as many bindings, which differ in a variable that this sink counts.
    fn number(&mut self, _worker: &mut Worker, _number: u64, _mode: Mode) -> Flow {
        Ok(())
    }
}

/// A function as a sink: see [`binding`].
struct Binding<F>(F);

impl<F: FnMut(&mut Worker, Mode) -> Flow> Sink for Binding<F> {
    fn one(&mut self, worker: &mut Worker, mode: Mode) -> Flow {
        (self.0)(worker, mode)
    }
}

/// The sink that calls a function for each binding.
pub(super) fn binding(f: impl FnMut(&mut Worker, Mode) -> Flow) -> impl Sink {
    Binding(f)
}

impl<'e> Worker<'e> {
    pub fn new(engine: &'e Engine<'e>, budget: Budget) -> Worker<'e> {
        Worker {
            engine,
            budget,
            frame: vec![ABSENT; engine.plan.slots],
            paths: IndexSet::new(),
            empty_domains: Vec::new(),
            cycle: None,
            closures: Closures::default(),
            greatest: FxHashMap::default(),
            memos: FxHashMap::default(),
            leading: FxHashMap::default(),
            lists: Vec::new(),
            bits: Vec::new(),
            rows: vec![OnceCell::new(); engine.graph.schema().verbs().len() * 4],
        }
    }

    /// The rows of a link; where `inverse`, from object to subject.
    #[inline]
    pub fn rows(&self, (link, inverse, source): (Link, bool, Option<SourceId>), mode: Mode) -> Rows<'e> {
        let take = || self.engine.links.adjacency(link, inverse, source, mode).rows();
        let (Link::Verb(verb), None) = (link, source) else { return take() };
        let place = verb.0 as usize * 4 + usize::from(inverse) * 2 + usize::from(mode == Mode::Possible);
        *self.rows[place].get_or_init(take)
    }

    /// What a source lists, where it is a link's.
    #[inline]
    fn listed(&self, source: &Source, mode: Mode) -> Option<&'e [u32]> {
        match source {
            Source::Link { link, from, inverse, source } => {
                Some(self.rows((*link, *inverse, *source), mode).of(self.entity(*from)))
            }
            _ => None,
        }
    }

    /// Hands each binding of the steps to the sink.
    pub fn solve(&mut self, steps: &[Step], mode: Mode, sink: &mut dyn Sink) -> Flow {
        let Some((step, rest)) = steps.split_first() else {
            self.budget.tick()?;
            return sink.one(self, mode);
        };
        match step {
            Step::Scan { var, types } => {
                let ranges = self.engine.graph.ranges(*types);
                ranges.into_iter().try_for_each(|range| self.scan(var.0, range, rest, mode, sink))
            }
            Step::ScanValues { var, property } => {
                let count = self.engine.graph.values(*property).len() as u32;
                self.number(var.0, 0..count, rest, mode, sink)
            }
            Step::Expand { var, sources, types } => self.expand(var.0, sources, *types, rest, mode, sink),
            Step::Walk { var, path, subject, object, source, walk } => {
                let ends = (self.entity(*subject), self.entity(*object));
                self.walk(var.0, (*path, *source, *walk), ends, &mut |worker| worker.solve(rest, mode, sink), mode)
            }
            Step::Filter(condition) => match self.holds(condition, mode)? {
                true => self.solve(rest, mode, sink),
                false => Ok(()),
            },
            Step::Optional(block) => self.optional(block, rest, mode, sink),
        }
    }

    /// Binds a variable to the entities of a range that are there.
    fn scan(&mut self, var: u16, range: std::ops::Range<u32>, rest: &[Step], mode: Mode, sink: &mut dyn Sink) -> Flow {
        let graph = self.engine.graph;
        if graph.is_whole() {
            return self.number(var, range, rest, mode, sink);
        }
        let there: Vec<u32> = range.filter(|entity| !graph.is_absent(EntityId(*entity))).collect();
        self.bind(var, &there, rest, mode, sink)
    }

    /// Binds a variable to the numbers of a range.
    fn number(
        &mut self,
        var: u16,
        range: std::ops::Range<u32>,
        rest: &[Step],
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Flow {
        let (mut next, mut length) = (range.start, FIRST as u32);
        while next < range.end {
            let end = range.end.min(next.saturating_add(length));
            let mut list = self.list();
            list.extend(next..end);
            self.bind(var, &list, rest, mode, sink)?;
            self.lists.push(list);
            (next, length) = (end, (length * 4).min(LONGEST as u32));
        }
        Ok(())
    }

    /// Spares the space of candidates that are done with.
    fn give_back(&mut self, candidates: Candidates) {
        if let Candidates::Own(list) = candidates {
            self.lists.push(list);
        }
    }

    /// The values as a set, in which each is found at once.
    fn dense(&mut self, values: &[u32]) -> Bits {
        let mut bits = self.bits.pop().unwrap_or_default();
        bits.fit(self.engine.graph.entity_count());
        values.iter().for_each(|value| _ = bits.insert(*value as usize));
        bits
    }

    /// Spares the space of a set, emptied of the values that it was made of.
    fn give_back_dense(&mut self, mut bits: Bits, values: &[u32]) {
        values.iter().for_each(|value| bits.remove_with_neighbours(*value as usize));
        self.bits.push(bits);
    }

    /// An empty list.
    pub fn list(&mut self) -> Vec<u32> {
        let mut list = self.lists.pop().unwrap_or_default();
        list.clear();
        list
    }

    /// Binds a variable to each of the values, which rise.
    pub fn bind(&mut self, var: u16, values: &[u32], rest: &[Step], mode: Mode, sink: &mut dyn Sink) -> Flow {
        self.bind_those(var, values, filters_first(rest), mode, sink)
    }

    /// Binds a variable to those of the values, which rise, for which the filters behind it hold. These are asked of whole
    /// lists of values.
    fn bind_those(
        &mut self,
        var: u16,
        values: &[u32],
        (filters, rest): (&[Step], &[Step]),
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Flow {
        if let ([value], false) = (values, filters.is_empty()) {
            self.frame[var as usize] = *value;
            for filter in filters {
                if let Step::Filter(condition) = filter
                    && !self.holds_of(var, condition, mode)?
                {
                    return Ok(());
                }
            }
            return self.hand_on(var, values, rest, mode, sink);
        }
        let (values, filters) = self.narrow(var, values, filters);
        if filters.is_empty() {
            return self.hand_on(var, values, rest, mode, sink);
        }
        let (mut left, mut length) = (values, FIRST);
        while !left.is_empty() {
            let (some, after) = left.split_at(left.len().min(length));
            (left, length) = (after, (length * 4).min(LONGEST));
            let mut kept = self.list();
            kept.extend_from_slice(some);
            self.sieve(var, &mut kept, filters, mode)?;
            self.hand_on(var, &kept, rest, mode, sink)?;
            self.lists.push(kept);
        }
        Ok(())
    }

    /// Binds a variable to each of the values, and goes on with the other steps.
    fn hand_on(&mut self, var: u16, values: &[u32], rest: &[Step], mode: Mode, sink: &mut dyn Sink) -> Flow {
        self.budget.ticks(values.len())?;
        let Some((step, after)) = rest.split_first() else {
            return if values.is_empty() { Ok(()) } else { sink.each(self, var, values, mode) };
        };
        if let Step::Expand { var: to, sources, types } = step {
            let done = match sources.as_slice() {
                [Source::Reach { .. }] => self.reach_together(var, values, rest, mode, sink)?,
                _ if types.is_none() => self.follow(var, values, (to.0, sources), after, mode, sink)?,
                _ => false,
            };
            if done {
                return Ok(());
            }
        }
        values.iter().try_for_each(|value| {
            self.frame[var as usize] = *value;
            self.solve(rest, mode, sink)
        })
    }

    /// Goes on from each of the values of a variable to its neighbours along one link, or to those that are also another's;
    /// `false` where the next step is none such. What is the same for all values is looked up once.
    fn follow(
        &mut self,
        var: u16,
        values: &[u32],
        (to, sources): (u16, &[Source]),
        rest: &[Step],
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Result<bool, Halt> {
        let (of_var, other) = match sources {
            [one] => (one, None),
            [one, two] if one.from() == Some(Term::Var(VarId(var))) => (one, Some(two)),
            [one, two] => (two, Some(one)),
            _ => return Ok(false),
        };
        let Source::Link { link, from, inverse, source } = of_var else { return Ok(false) };
        if *from != Term::Var(VarId(var)) || other.is_some_and(|other| other.from() == Some(*from)) {
            return Ok(false);
        }
        let other = match other.map(|other| self.listed(other, mode)) {
            None => None,
            Some(Some(list)) => Some(list),
            Some(None) => return Ok(false),
        };
        let (rows, rest) = (self.rows((*link, *inverse, *source), mode), filters_first(rest));
        let dense = other.filter(|other| other.len() >= DENSE && values.len() >= DENSE);
        let dense = dense.map(|other| self.dense(other));
        for value in values {
            let neighbours = rows.of(*value);
            self.frame[var as usize] = *value;
            let Some(other) = other else {
                if !neighbours.is_empty() {
                    self.bind_those(to, neighbours, rest, mode, sink)?;
                }
                continue;
            };
            let mut common = self.list();
            match &dense {
                Some(dense) if neighbours.len() <= other.len() * 8 => {
                    common.extend(neighbours.iter().filter(|neighbour| dense.contains(**neighbour as usize)));
                }
                _ => intersect(neighbours, other, &mut common),
            }
            if !common.is_empty() {
                self.bind_those(to, &common, rest, mode, sink)?;
            }
            self.lists.push(common);
        }
        if let (Some(dense), Some(other)) = (dense, other) {
            self.give_back_dense(dense, other);
        }
        Ok(true)
    }

    fn optional(&mut self, block: &Block, rest: &[Step], mode: Mode, sink: &mut dyn Sink) -> Flow {
        let mut found = false;
        let mut inner = binding(|worker, mode| {
            found = true;
            worker.solve(rest, mode, sink)
        });
        self.solve(&block.steps, mode, &mut inner)?;
        drop(inner);
        for var in block.bound() {
            self.frame[var.0 as usize] = ABSENT;
        }
        if found { Ok(()) } else { self.solve(rest, mode, sink) }
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
        sink: &mut dyn Sink,
    ) -> Flow {
        let listed = |i: usize| sources.get(i).and_then(|source| self.listed(source, mode));
        match (listed(0), listed(1), sources.len()) {
            (Some(values), _, 1) => self.bind_of(var, values, types, rest, mode, sink),
            (Some(one), Some(two), 2) => {
                let mut common = self.list();
                intersect(one, two, &mut common);
                self.bind_of(var, &common, types, rest, mode, sink)?;
                self.lists.push(common);
                Ok(())
            }
            _ => {
                let mut candidates: Vec<Candidates> = Vec::with_capacity(sources.len());
                for source in sources {
                    candidates.push(self.candidates(source, mode)?);
                }
                if let (Some(only), true) = (candidates.first(), candidates.len() == 1) {
                    self.bind_of(var, only, types, rest, mode, sink)?;
                    candidates.into_iter().for_each(|only| self.give_back(only));
                    return Ok(());
                }
                candidates.sort_by_key(|candidates| candidates.len());
                let Some((least, others)) = candidates.split_first() else { return Ok(()) };
                let (mut common, mut next) = (self.list(), self.list());
                common.extend_from_slice(least);
                for other in others {
                    next.clear();
                    intersect(&common, other, &mut next);
                    std::mem::swap(&mut common, &mut next);
                }
                self.bind_of(var, &common, types, rest, mode, sink)?;
                self.lists.extend([common, next]);
                Ok(())
            }
        }
    }

    /// Binds a variable to those of the values that are of these types.
    pub fn bind_of(
        &mut self,
        var: u16,
        values: &[u32],
        types: Option<TypeSet>,
        rest: &[Step],
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Flow {
        let Some(types) = types else { return self.bind(var, values, rest, mode, sink) };
        for range in self.engine.graph.ranges(types) {
            let below = |bound: u32| values.partition_point(|value| *value < bound);
            self.bind(var, &values[below(range.start)..below(range.end)], rest, mode, sink)?;
        }
        Ok(())
    }

    /// A source's candidates, in rising order.
    fn candidates(&mut self, source: &Source, mode: Mode) -> Result<Candidates<'e>, Halt> {
        let engine = self.engine;
        Ok(match source {
            Source::Link { link, from, inverse, source } => {
                let adjacency = engine.links.adjacency(*link, *inverse, *source, mode);
                Candidates::Lent(adjacency.of(EntityId(self.entity(*from))))
            }
            Source::Reach { path, from, inverse, source, .. } => {
                self.reached(along(*path, *inverse, *source, mode), self.entity(*from))?
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
                let short = if least {
                    self.flood(along(path, false, source, mode)).distance(from, to, &mut self.budget)?
                } else {
                    None
                };
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
        let key = (along(path, false, source, mode), from);
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
                let reached = self.reached(along(*path, false, *source, mode), self.entity(*subject))?;
                let found = reached.binary_search(&to).is_ok();
                self.give_back(reached);
                found
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
            Condition::Order(order) => mode.accepts(order.truth(&self.frame)),
            Condition::Compare(compare) => mode.accepts(self.compared(compare, self.frame[compare.var.0 as usize])),
            Condition::Leads(leads) => {
                let from = self.frame[leads.from.0 as usize];
                self.leading(leads, mode)?.contains(from as usize)
            }
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
        if let Some(source) = only_source(block)
            && let Some(values) = self.listed(source, mode)
        {
            return Ok(!values.is_empty());
        }
        let mut found = false;
        let flow = self.solve(&block.steps, mode, &mut First(&mut found));
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
        let mut sink = binding(|worker, _| {
            seen.insert(wanted.map_or(0, |var| worker.frame[var]));
            if seen.len() >= most { Err(Halt::Enough) } else { Ok(()) }
        });
        let flow = self.solve(&block.steps, mode, &mut sink);
        drop(sink);
        match flow {
            Err(Halt::Enough) if seen.len() >= most => Ok(most),
            Err(halt) => Err(halt),
            Ok(()) => Ok(seen.len()),
        }
    }

    /// No binding of the domain fails `then`: in a mode, none that holds in the opposite one.
    fn every(&mut self, block: &Block, then: &Condition, span: crate::text::Span, mode: Mode) -> Result<bool, Halt> {
        let (mut empty, mut failed) = (true, false);
        let mut sink = binding(|worker, _| {
            empty = false;
            failed = !worker.holds(then, mode)?;
            if failed { Err(Halt::Enough) } else { Ok(()) }
        });
        let flow = self.solve(&block.steps, mode.negated(), &mut sink);
        drop(sink);
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

/// The filters that steps begin with, and the other steps.
fn filters_first(steps: &[Step]) -> (&[Step], &[Step]) {
    let is_filter = |step: &&Step| matches!(step, Step::Filter(_));
    steps.split_at(steps.iter().take_while(is_filter).count())
}

/// The source of a block that asks for nothing but one.
fn only_source(block: &Block) -> Option<&Source> {
    match block.steps.as_slice() {
        [Step::Expand { sources, types: None, .. }] if sources.len() == 1 => sources.first(),
        _ => None,
    }
}

/// Stops at the first binding.
struct First<'f>(&'f mut bool);

impl Sink for First<'_> {
    fn one(&mut self, _: &mut Worker, _: Mode) -> Flow {
        *self.0 = true;
        Err(Halt::Enough)
    }
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
pub(super) enum Candidates<'e> {
    Lent(&'e [u32]),
    Shared(Rc<[u32]>),
    /// In a list that is to be given back.
    Own(Vec<u32>),
}

impl std::ops::Deref for Candidates<'_> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Candidates::Lent(values) => values,
            Candidates::Shared(values) => values,
            Candidates::Own(values) => values,
        }
    }
}

/// Appends what two rising lists have in common. Lists of like length are merged; of a long one, each value of the short
/// one is sought, going on from the last place.
fn intersect(one: &[u32], two: &[u32], common: &mut Vec<u32>) {
    let (short, mut long) = if one.len() <= two.len() { (one, two) } else { (two, one) };
    if long.len() > short.len().saturating_mul(8) {
        for value in short {
            long = &long[gallop(long, *value)..];
            if long.first() == Some(value) {
                common.push(*value);
            }
        }
        return;
    }
    let (mut i, mut j) = (0, 0);
    while let (Some(a), Some(b)) = (short.get(i), long.get(j)) {
        if a == b {
            common.push(*a);
        }
        i += usize::from(a <= b);
        j += usize::from(b <= a);
    }
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
    use super::{gallop, intersect};

    #[test]
    fn intersections_of_lists_of_any_length() {
        let multiples = |of: usize, to: u32| (0..to).step_by(of).collect::<Vec<u32>>();
        for (a, b) in [(2, 3), (1, 50), (50, 1), (7, 7)] {
            let mut common = Vec::new();
            intersect(&multiples(a, 1000), &multiples(b, 900), &mut common);
            let expected: Vec<u32> = (0..900).filter(|i| i % a as u32 == 0 && i % b as u32 == 0).collect();
            assert_eq!(common, expected, "{a} and {b}");
        }
    }

    #[test]
    fn gallop_finds_the_first_not_below() {
        let values = [2, 4, 6, 8, 10];
        let expected = |value| values.partition_point(|other| *other < value);
        (0..12).for_each(|value| assert_eq!(gallop(&values, value), expected(value), "{value}"));
        assert_eq!(gallop(&[], 3), 0);
    }
}
