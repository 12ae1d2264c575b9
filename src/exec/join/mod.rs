//! Generic join (Ngo, Ré, Rudra, *Skew strikes back*, 2013): binds the variables of a block one at a time, by nested
//! steps. The candidates of a variable are an intersection of sorted lists.

mod conditions;
pub(crate) mod expand;
mod filter;
pub(crate) mod parallel;
#[cfg(test)]
mod tests;

use crate::exec::Profile;
use crate::exec::edges::{EdgeLabel, Edges};
use crate::exec::limits::{Budget, Flow, Halt};
use crate::exec::search::automaton::Automaton;
use crate::exec::search::closures::{self, ClosureKey, Closures};
use crate::exec::search::enumerate::Walks;
use crate::exec::search::product::ProductGraph;
use crate::exec::{Mode, NULL_SLOT};
use crate::graph::{BitSet, EntityId, Graph, Rows, SourceId};
use crate::plan::{AccessPath, Actual, Block, Link, PathId, Pattern, Step, Steps, Term, Walk};
use crate::schema::TypeSet;
use indexmap::IndexSet;
use rustc_hash::FxHashMap;
use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;

/// State shared by all workers of a query.
pub(crate) struct Engine<'e> {
    pub graph: &'e Graph,
    pub edges: &'e Edges<'e>,
    pub pattern: &'e Pattern,
    /// Per path: automaton from subject to object, and from object to subject.
    pub automata: Vec<[Automaton; 2]>,
    /// The same with equivalent states merged, for searches that only ask what is reached, or at what distance.
    pub merged: Vec<[Automaton; 2]>,
    /// Indexed by path, direction, and whether doubtful facts count; see [`Engine::closure`].
    pub closures: Vec<closures::Shared>,
    /// Number of values given to tests of dictionary codes so far, by all workers.
    pub tested: AtomicUsize,
}

impl Engine<'_> {
    /// Returns the state of a closure that all workers share.
    pub fn closure(&self, key: ClosureKey) -> &closures::Shared {
        &self.closures[key.path.0 as usize * 4 + usize::from(key.inverse) * 2 + usize::from(key.all)]
    }
}

/// Returns the key of a search along a path in a mode.
pub(crate) fn closure_key(path: PathId, inverse: bool, source: Option<SourceId>, mode: Mode) -> ClosureKey {
    ClosureKey { path, inverse, source, all: mode.possible }
}

/// A search thread with its frame, caches and buffers.
pub(crate) struct Worker<'e> {
    pub engine: &'e Engine<'e>,
    pub budget: Budget,
    /// Per variable: an entity, the position of a stated value, the number of a path, or a length; [`NULL_SLOT`] if
    /// absent.
    pub frame: Vec<u32>,
    /// Distinct paths of path variables; a slot holds a position in this set.
    pub paths: IndexSet<Box<[u32]>>,
    /// Places of `every` expressions whose block had no binding.
    pub empty_domains: Vec<crate::text::Span>,
    pub closures: Closures<'e>,
    greatest: FxHashMap<(ClosureKey, u32), Rc<FxHashMap<u32, u32>>>,
    /// Per memoised semi-join and mode, per value of its variable: the result, if known.
    pub memos: FxHashMap<(u16, Mode), Vec<Option<bool>>>,
    /// Per semi-join that is searched backwards: entities for which it holds.
    pub reaching: FxHashMap<(u16, Mode), Rc<BitSet>>,
    /// Per test of dictionary codes and mode: whether each code passes, if known.
    pub coded: FxHashMap<(u16, Mode), Vec<Option<bool>>>,
    /// Pool of lists, to avoid allocations.
    pub lists: Vec<Vec<u32>>,
    /// Pool of bit sets, all cleared.
    pub bits: Vec<BitSet>,
    /// Indexed by verb, direction, and whether doubtful facts count: adjacency lists, looked up on first use.
    rows: Vec<OnceCell<Rows<'e>>>,
    /// Per step: profile counters; `None` if no profile is kept.
    account: Option<Vec<Actual>>,
}

/// Initial batch size, which grows up to [`LONGEST`], so that existence checks stop early. 16 values are one cache
/// line.
const FIRST: usize = 16;

/// Maximum batch size: 16 KiB, so that a few batches of nested steps fit in the first-level cache. By reasoning, no
/// benchmark varies it.
const LONGEST: usize = 4096;

/// Growth factor of batches: all batches before the last sum up to at most a third of it.
const GROWTH: usize = 4;

/// Consumer of bindings.
pub(crate) trait Sink {
    /// Receives the binding in the frame.
    fn one(&mut self, worker: &mut Worker, mode: Mode) -> Flow;

    /// Receives one binding per value of `var`; the values are sorted ascending.
    fn each(&mut self, worker: &mut Worker, var: u16, values: &[u32], mode: Mode) -> Flow {
        values.iter().try_for_each(|value| {
            worker.frame[var as usize] = *value;
            self.one(worker, mode)
        })
    }

    /// Returns true if the sink needs only the number of values of `var`. It then receives [`Sink::number`], with one
    /// of the values in the frame.
    fn counts(&self, _var: u16) -> bool {
        false
    }

    /// Receives `number` bindings that differ only in a variable that this sink counts; the frame holds one of them.
    fn number(&mut self, worker: &mut Worker, number: u64, mode: Mode) -> Flow {
        (0..number).try_for_each(|_| self.one(worker, mode))
    }
}

/// Adapter from a function to a sink, see [`binding`].
struct Binding<F>(F);

impl<F: FnMut(&mut Worker, Mode) -> Flow> Sink for Binding<F> {
    fn one(&mut self, worker: &mut Worker, mode: Mode) -> Flow {
        (self.0)(worker, mode)
    }
}

/// Returns a sink that calls a function for each binding.
pub(crate) fn binding(f: impl FnMut(&mut Worker, Mode) -> Flow) -> impl Sink {
    Binding(f)
}

impl<'e> Worker<'e> {
    pub fn new(engine: &'e Engine<'e>, budget: Budget, is_profiled: bool) -> Worker<'e> {
        Worker {
            engine,
            budget,
            frame: vec![NULL_SLOT; engine.pattern.slots.len()],
            paths: IndexSet::new(),
            empty_domains: Vec::new(),
            closures: Closures::default(),
            greatest: FxHashMap::default(),
            memos: FxHashMap::default(),
            reaching: FxHashMap::default(),
            coded: FxHashMap::default(),
            lists: Vec::new(),
            bits: Vec::new(),
            rows: vec![OnceCell::new(); engine.graph.schema().verbs().len() * 4],
            account: is_profiled.then(Vec::new),
        }
    }

    /// Returns the adjacency lists of an edge label.
    #[inline]
    pub fn rows(&self, label: EdgeLabel, mode: Mode) -> Rows<'e> {
        let EdgeLabel { link, inverse, source } = label;
        let take = || self.engine.edges.adjacency(link, inverse, source, mode).rows();
        let (Link::Verb(verb), None) = (link, source) else { return take() };
        let place = verb.0 as usize * 4 + usize::from(inverse) * 2 + usize::from(mode.possible);
        *self.rows[place].get_or_init(take)
    }

    /// Passes each binding of the steps to the sink.
    pub fn solve(&mut self, steps: Steps, mode: Mode, sink: &mut dyn Sink) -> Flow {
        let Some((step, rest)) = steps.split_first() else {
            self.budget.tick()?;
            return sink.one(self, mode);
        };
        if self.account.is_some() {
            return self.accounted(steps.first, 1, |worker| worker.carry_out(step, rest, mode, sink));
        }
        self.carry_out(step, rest, mode, sink)
    }

    /// Carries out one step and passes its bindings to the remaining steps.
    pub(crate) fn carry_out(&mut self, step: &Step, rest: Steps, mode: Mode, sink: &mut dyn Sink) -> Flow {
        match step {
            Step::Scan { var, types } => {
                let ranges = self.engine.graph.ranges(*types);
                ranges.into_iter().try_for_each(|range| self.scan(var.0, range, rest, mode, sink))
            }
            Step::ScanValues { var, property } => {
                let count = self.engine.graph.values(*property).len() as u32;
                self.bind_range(var.0, 0..count, rest, mode, sink)
            }
            Step::ScanLabels { var, label } => {
                self.bind_range(var.0, 0..label.number(self.engine.graph) as u32, rest, mode, sink)
            }
            Step::Expand { var, access, types } => self.expand(var.0, access, *types, rest, mode, sink),
            Step::Walk { var, path, subject, object, source, walk } => {
                let ends = (self.entity(*subject), self.entity(*object));
                let mut then = |worker: &mut Worker| {
                    worker.count_out(rest.first - 1, 1);
                    worker.solve(rest, mode, sink)
                };
                self.walk(var.0, (*path, *source, *walk), ends, &mut then, mode)
            }
            Step::Filter(condition) => match self.holds(condition, mode)? {
                true => {
                    self.count_out(rest.first - 1, 1);
                    self.solve(rest, mode, sink)
                }
                false => Ok(()),
            },
            Step::Optional(block) => self.optional(block, rest, mode, sink),
        }
    }

    /// Carries out a step with `rows_in` bindings and records its time in the profile.
    pub fn accounted(&mut self, id: u32, rows_in: usize, f: impl FnOnce(&mut Self) -> Flow) -> Flow {
        let started = std::time::Instant::now();
        let flow = f(self);
        if let Some(own) = self.own_account(id) {
            own.rows_in += rows_in as u64;
            own.time += started.elapsed();
        }
        flow
    }

    /// Adds to the number of bindings that a step has produced.
    #[inline]
    pub fn count_out(&mut self, id: u32, rows_out: usize) {
        if self.account.is_some() {
            self.note_out(id, rows_out);
        }
    }

    #[cold]
    fn note_out(&mut self, id: u32, rows_out: usize) {
        if let Some(own) = self.own_account(id) {
            own.rows_out += rows_out as u64;
        }
    }

    fn own_account(&mut self, id: u32) -> Option<&mut Actual> {
        let account = self.account.as_mut()?;
        if account.len() <= id as usize {
            account.resize(id as usize + 1, Actual::default());
        }
        account.get_mut(id as usize)
    }

    /// Adds the counters of all steps to a profile.
    pub fn report(&mut self, profile: &Profile) {
        let account = self.account.take().unwrap_or_default();
        (0..).zip(account).for_each(|(id, actual)| profile.add(id, actual));
    }

    /// Adds the counters of another worker.
    pub fn take_account(&mut self, other: Vec<Actual>) {
        for (id, actual) in (0..).zip(other) {
            if let Some(own) = self.own_account(id) {
                own.rows_in += actual.rows_in;
                own.rows_out += actual.rows_out;
                own.time += actual.time;
            }
        }
    }

    /// Returns true if a profile is kept.
    pub fn is_profiled(&self) -> bool {
        self.account.is_some()
    }

    /// Takes the counters of all steps so far; no more are kept.
    pub fn give_account(&mut self) -> Vec<Actual> {
        self.account.take().unwrap_or_default()
    }

    /// Binds a variable to the entities of a range that are present in the graph.
    fn scan(&mut self, var: u16, range: std::ops::Range<u32>, rest: Steps, mode: Mode, sink: &mut dyn Sink) -> Flow {
        let graph = self.engine.graph;
        if graph.is_whole() {
            return self.bind_range(var, range, rest, mode, sink);
        }
        let there: Vec<u32> = range.filter(|entity| !graph.is_absent(EntityId(*entity))).collect();
        self.bind(var, &there, rest, mode, sink)
    }

    /// Binds a variable to each number of a range, in batches.
    fn bind_range(
        &mut self,
        var: u16,
        range: std::ops::Range<u32>,
        rest: Steps,
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
            (next, length) = (end, (length * GROWTH as u32).min(LONGEST as u32));
        }
        Ok(())
    }

    /// Takes a list from the pool, empty.
    pub fn list(&mut self) -> Vec<u32> {
        let mut list = self.lists.pop().unwrap_or_default();
        list.clear();
        list
    }

    /// Binds a variable to each of the values, sorted ascending; applies the filters that follow.
    pub fn bind(&mut self, var: u16, values: &[u32], rest: Steps, mode: Mode, sink: &mut dyn Sink) -> Flow {
        self.count_out(rest.first.saturating_sub(1), values.len());
        self.bind_those(var, values, rest.split_filters(), mode, sink)
    }

    /// Binds a variable to the values, sorted ascending, that pass the filters, in batches.
    pub(crate) fn bind_those(
        &mut self,
        var: u16,
        values: &[u32],
        (filters, rest): (Steps, Steps),
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Flow {
        // A single value needs no batch.
        if let ([value], false) = (values, filters.is_empty()) {
            self.frame[var as usize] = *value;
            for (id, condition) in filters.conditions() {
                if !self.filter_one(id, condition, mode)? {
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
            (left, length) = (after, (length * GROWTH).min(LONGEST));
            let mut kept = self.list();
            kept.extend_from_slice(some);
            self.filter_batch(var, &mut kept, filters, mode)?;
            self.hand_on(var, &kept, rest, mode, sink)?;
            self.lists.push(kept);
        }
        Ok(())
    }

    /// Binds a variable to each of the values and carries out the remaining steps: for the whole batch if the next step
    /// can, otherwise value by value.
    fn hand_on(&mut self, var: u16, values: &[u32], rest: Steps, mode: Mode, sink: &mut dyn Sink) -> Flow {
        self.budget.ticks(values.len())?;
        // Behind the last step, the sink takes the whole batch.
        let Some((step, after)) = rest.split_first() else {
            return if values.is_empty() { Ok(()) } else { sink.each(self, var, values, mode) };
        };
        // An expansion may take the whole batch, too.
        if let Step::Expand { var: to, access, types } = step {
            let batch = |worker: &mut Self| match access.as_slice() {
                [AccessPath::Reach { .. }] => worker.reach_together(var, values, rest, mode, sink),
                // `follow` binds whole lists of neighbours, which may hold entities of other types.
                _ if types.is_none() => worker.follow(var, values, (to.0, access), after, mode, sink),
                _ => Ok(false),
            };
            if self.batched(rest.first, values.len(), batch)? {
                return Ok(());
            }
        }
        values.iter().try_for_each(|value| {
            self.frame[var as usize] = *value;
            self.solve(rest, mode, sink)
        })
    }

    /// Carries out a step for a whole batch; records its time unless it returned `false`.
    fn batched(
        &mut self,
        id: u32,
        rows_in: usize,
        f: impl FnOnce(&mut Self) -> Result<bool, Halt>,
    ) -> Result<bool, Halt> {
        if self.account.is_none() {
            return f(self);
        }
        let mut done = false;
        let started = std::time::Instant::now();
        let flow = f(self).map(|is_done| done = is_done);
        // If the batch was declined, the step is profiled value by value.
        if let Some(own) = self.own_account(id).filter(|_| done || flow.is_err()) {
            own.rows_in += rows_in as u64;
            own.time += started.elapsed();
        }
        flow.map(|()| done)
    }

    /// Left join: passes on each match of the block, and its absence where there may be no match.
    fn optional(&mut self, block: &Block, rest: Steps, mode: Mode, sink: &mut dyn Sink) -> Flow {
        let (mut found, own) = (false, rest.first - 1);
        // Inside the optional part, a test that is neither true nor false is no match.
        let matching = Mode { neither: false, ..mode };
        let mut inner = binding(|worker, _| {
            found = true;
            worker.count_out(own, 1);
            worker.solve(rest, mode, sink)
        });
        self.solve(block.all_steps(), matching, &mut inner)?;
        drop(inner);
        for var in block.bound() {
            self.frame[var.0 as usize] = NULL_SLOT;
        }
        // A certain pattern matches alike in all modes. Otherwise absence is certain if no match is possible, and
        // possible if no match is certain.
        let is_absent = match (!self.engine.pattern.is_certain, mode.possible) {
            (false, _) => !found,
            (true, false) => !found && !self.any(block, mode.of_absence())?,
            (true, true) => !found || !self.any(block, mode.of_absence())?,
        };
        if !is_absent {
            return Ok(());
        }
        // The search for matches in the other mode has overwritten the slots.
        for var in block.bound() {
            self.frame[var.0 as usize] = NULL_SLOT;
        }
        self.count_out(own, 1);
        self.solve(rest, mode, sink)
    }

    /// Returns the entity of a term; [`NULL_SLOT`] for a variable of an unmatched optional part.
    pub fn entity(&self, term: Term) -> u32 {
        match term {
            Term::Entity(entity) => entity.0,
            Term::Var(var) => self.frame[var.0 as usize],
        }
    }

    /// Binds a variable to the values that are entities of these types.
    pub fn bind_of(
        &mut self,
        var: u16,
        values: &[u32],
        types: Option<TypeSet>,
        rest: Steps,
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Flow {
        let Some(types) = types else { return self.bind(var, values, rest, mode, sink) };
        // Ids of a type are contiguous.
        for range in self.engine.graph.ranges(types) {
            let below = |bound: u32| values.partition_point(|value| *value < bound);
            self.bind(var, &values[below(range.start)..below(range.end)], rest, mode, sink)?;
        }
        Ok(())
    }

    /// Returns the product graph of a path with unmerged states, which tell the link of each hop.
    fn path_graph(&self, path: PathId, source: Option<SourceId>, mode: Mode) -> ProductGraph<'e> {
        let [automaton, _] = &self.engine.automata[path.0 as usize];
        ProductGraph::new(self.engine.edges, automaton, source, mode)
    }

    /// Calls `then` for each value of a path variable between two entities.
    fn walk(
        &mut self,
        var: u16,
        (path, source, walk): (PathId, Option<SourceId>, Walk),
        (from, to): (u32, u32),
        then: &mut dyn FnMut(&mut Worker) -> Flow,
        mode: Mode,
    ) -> Flow {
        match walk {
            Walk::Every => {
                let found = self.path_values((path, source), (from, to), usize::MAX, mode)?;
                let is_absent = !self.engine.pattern.paths[path.0 as usize].joins_simply() && {
                    let other = !self.engine.pattern.is_certain && (mode.possible || found.is_empty());
                    let most = usize::from(other);
                    let others = self.path_values((path, source), (from, to), most, mode.of_absence())?;
                    if other { others.is_empty() } else { found.is_empty() }
                };
                for path in found {
                    self.frame[var as usize] = self.paths.insert_full(path).0 as u32;
                    then(self)?;
                }
                if is_absent {
                    self.frame[var as usize] = NULL_SLOT;
                    then(self)?;
                }
                Ok(())
            }
            Walk::Lengths { least, greatest } => {
                let short = if least {
                    self.product(closure_key(path, false, source, mode)).distance(from, to, &mut self.budget)?
                } else {
                    None
                };
                let long = if greatest { self.greatest_length((path, source), from, to, mode)? } else { None };
                // Once if both lengths are equal.
                for length in short.into_iter().chain(long.filter(|long| Some(*long) != short)) {
                    self.frame[var as usize] = length;
                    then(self)?;
                }
                Ok(())
            }
        }
    }

    /// Returns at most `most` distinct values of a path variable between two entities, in order of their entities.
    fn path_values(
        &mut self,
        (path, source): (PathId, Option<SourceId>),
        (from, to): (u32, u32),
        most: usize,
        mode: Mode,
    ) -> Result<IndexSet<Box<[u32]>>, Halt> {
        let mut found: IndexSet<Box<[u32]>> = IndexSet::new();
        if most == 0 {
            return Ok(found);
        }
        let product = self.path_graph(path, source, mode);
        let is_bounded = self.engine.pattern.paths[path.0 as usize].is_bounded();
        let walks = if is_bounded { Walks::All } else { Walks::Acyclic };
        let mut bytes = 0;
        let flow = product.enumerate(from, to, walks, &mut self.budget, &mut |entities| {
            bytes += 4 * (entities.len() + 1);
            found.insert(std::iter::once(from).chain(entities.iter().copied()).collect());
            if found.len() >= most { Err(Halt::Enough) } else { Ok(()) }
        });
        self.budget.hold(bytes)?;
        match flow {
            Err(Halt::Enough) if found.len() >= most => Ok(found),
            flow => flow.map(|()| found),
        }
    }

    /// Returns the greatest number of steps between two entities; `None` if there is no path. If there are cycles on
    /// the way, there is no topological order, and all acyclic paths are enumerated.
    fn greatest_length(
        &mut self,
        (path, source): (PathId, Option<SourceId>),
        from: u32,
        to: u32,
        mode: Mode,
    ) -> Result<Option<u32>, Halt> {
        let key = (closure_key(path, false, source, mode), from);
        if let Some(lengths) = self.greatest.get(&key) {
            return Ok(lengths.get(&to).copied());
        }
        let product = self.path_graph(path, source, mode);
        if let Some(lengths) = product.greatest_lengths(from, &mut self.budget)? {
            let length = lengths.get(&to).copied();
            self.greatest.insert(key, Rc::new(lengths));
            return Ok(length);
        }
        let mut greatest = None;
        product.enumerate(from, to, Walks::Acyclic, &mut self.budget, &mut |entities| {
            greatest = greatest.max(Some(entities.len() as u32));
            Ok(())
        })?;
        Ok(greatest)
    }
}
