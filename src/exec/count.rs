//! Counting without materialising: for each tuple of keys, how many entities; one number for each group, no rows.
//!
//! It serves where every match is certain and distinct as the plan finds it, and nothing but counts of one entity
//! variable is aggregated. Everything else goes through `group`. Bindings come as lists of values of the last variable:
//! where that is a key, or a key is read off it, counts go into an array by its numbers; where the variables bound first
//! are the other keys, a group is finished when one of these changes.

use super::eval::Scope;
use super::limits::{Flow, Halt, Stop};
use super::links::Links;
use super::matches::{Matches, empty_notes, engine, plan_of, unsure};
use super::parallel::Gather;
use super::rows::{as_var, compare_cells, stop};
use super::solve::{Engine, Sink, Worker};
use super::{ABSENT, Context, Mode};
use crate::answer::Cell;
use crate::check::typed::{Column, CompareOp, Expr, ExprKind, Key, Link, Select, Term, VarId, VarKind};
use crate::functions::FunctionId;
use crate::graph::{EntityId, Ranks};
use crate::plan::{Block, Plan, Source, Step};
use crate::value::Value;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;

/// With more keys than this, groups are formed in `group`.
const MOST_KEYS: usize = 4;

/// Groups with a count each.
pub(super) struct Counted {
    /// One tuple for each group: its keys, and one of the entities counted.
    pub matches: Matches,
    /// By group.
    pub counts: Vec<u64>,
    /// By group: the numbers of its keys.
    numbers: Vec<u32>,
    /// By key: the cells of its numbers; `None` for entities, whose numbers are their own.
    cells: Vec<Option<Vec<Cell>>>,
}

impl Counted {
    /// The cell of a key of a group.
    pub fn key(&self, group: usize, key: usize) -> Cell {
        let number = self.numbers[group * self.cells.len() + key];
        match &self.cells[key] {
            None => Cell::Entity(EntityId(number)),
            Some(cells) => cells[number as usize].clone(),
        }
    }
}

/// The counts of a select whose aggregates all count one entity variable; `None` where that is not so. Groups that
/// `having` or `limit` leave out in any case may be missing.
pub(super) fn counted(
    context: &Context,
    links: &Links,
    select: &Select,
    keys: &[Expr],
    aggregates: &[&Expr],
) -> Result<Option<Counted>, Stop> {
    let Some(var) = only_counts(context, aggregates) else { return Ok(None) };
    if keys.len() > MOST_KEYS || select.nearest.is_some() {
        return Ok(None);
    }
    let wanted = super::group::wanted(select, keys);
    let plan = plan_of(context, select, &wanted);
    if plan.block.repeats() || unsure(&plan, links, context.query) {
        return Ok(None);
    }
    let engine = engine(context.graph, links, &plan, &context.query.vars)?;
    let Some(readers) = keys.iter().map(|key| reader(&engine, key, var)).collect::<Option<Vec<Reader>>>() else {
        return Ok(None);
    };
    let mut tally = Tally::new(&engine, readers, var, Threshold::of(select));
    let mut worker = Worker::new(&engine, context.budget());
    let flow = worker.gather(Mode::Certain, &mut tally);
    let notes = empty_notes(&worker.empty_domains);
    drop(worker);
    match flow {
        _ if tally.wide => return Ok(None),
        Err(halt @ Halt::Stop(_)) => return Err(stop(halt)),
        _ => tally.finish(),
    }
    let (found, readers) = (tally.found, tally.readers);
    let least = super::group::least_of_interest(select, &found.counts);
    Ok(Some(groups(plan.clone(), (wanted, var), &readers, (found, least), notes)))
}

/// The variable that every aggregate counts.
fn only_counts(context: &Context, aggregates: &[&Expr]) -> Option<VarId> {
    let counts = |expr: &&Expr| match &expr.kind {
        ExprKind::Aggregate { function: FunctionId::Count, argument, .. } => as_var(argument),
        _ => None,
    };
    let vars: Option<Vec<VarId>> = aggregates.iter().map(counts).collect();
    let (first, rest) = vars.as_deref()?.split_first().map(|(first, rest)| (*first, rest.to_vec()))?;
    let entity = matches!(context.query.vars[first.0 as usize].kind, VarKind::Entity(_));
    (entity && rest.iter().all(|var| *var == first)).then_some(first)
}

/// How the number of a key is read off an entity.
enum Reader<'e> {
    /// An entity is its own number.
    Entity(VarId),
    /// What an expression gives for the value that a property of the counted entity has.
    Of { var: VarId, ranks: &'e Ranks, base: u32, by_rank: Vec<u32>, cells: Vec<Cell> },
}

impl Reader<'_> {
    fn var(&self) -> VarId {
        match self {
            Reader::Entity(var) | Reader::Of { var, .. } => *var,
        }
    }

    /// [`ABSENT`] for what belongs to no one group: a period that is wide, a value that is not known.
    #[inline]
    fn number(&self, entity: u32) -> u32 {
        match self {
            Reader::Entity(_) => entity,
            Reader::Of { ranks, base, by_rank, .. } => {
                let rank = ranks.of_entities.get(entity.wrapping_sub(*base) as usize);
                rank.map_or(ABSENT, |rank| by_rank[*rank as usize])
            }
        }
    }

    /// The range of its numbers.
    fn numbers(&self, engine: &Engine) -> Range<u32> {
        match self {
            Reader::Entity(var) => match engine.vars[var.0 as usize].kind {
                VarKind::Entity(types) => {
                    let ranges = engine.graph.ranges(types);
                    ranges.first().map_or(0, |first| first.start)..ranges.last().map_or(0, |last| last.end)
                }
                _ => 0..0,
            },
            Reader::Of { cells, .. } => 0..cells.len() as u32,
        }
    }

    /// The cells of its numbers, where these are not entities.
    fn cells(&self) -> Option<Vec<Cell>> {
        match self {
            Reader::Entity(_) => None,
            Reader::Of { cells, .. } => Some(cells.clone()),
        }
    }
}

fn reader<'e>(engine: &Engine<'e>, key: &Expr, counted: VarId) -> Option<Reader<'e>> {
    if let Some(var) = as_var(key) {
        let entity = matches!(engine.vars[var.0 as usize].kind, VarKind::Entity(_));
        return entity.then_some(Reader::Entity(var));
    }
    let property = match &key.kind {
        ExprKind::Call(_, arguments) => match arguments.as_slice() {
            [Expr { kind: ExprKind::Property(var, property), .. }] if *var == counted => *property,
            _ => return None,
        },
        ExprKind::Property(var, property) if *var == counted => *property,
        _ => return None,
    };
    let (graph, base) = (engine.graph, engine.graph.values(property).base);
    let ranks = graph.ranks(property)?;
    let given: Vec<Option<Cell>> = ranks.samples.iter().map(|entity| definite(engine, key, counted, *entity)).collect();
    let mut cells: Vec<Cell> = given.iter().flatten().cloned().collect();
    cells.sort_by(compare_cells);
    cells.dedup();
    let place = |cell: &Cell| cells.binary_search_by(|other| compare_cells(other, cell)).map_or(ABSENT, |i| i as u32);
    let by_rank = given.iter().map(|cell| cell.as_ref().map_or(ABSENT, place)).collect();
    Some(Reader::Of { var: counted, ranks, base, by_rank, cells })
}

/// What a key gives for an entity, if that is one value.
fn definite(engine: &Engine, key: &Expr, var: VarId, entity: u32) -> Option<Cell> {
    let mut frame = vec![ABSENT; engine.plan.slots];
    frame[var.0 as usize] = entity;
    let (graph, plan, vars) = (engine.graph, engine.plan, engine.vars);
    let scope = Scope { graph, plan, vars, paths: &Default::default(), frame: &frame, folded: &|_| None };
    match scope.cell(key) {
        Cell::Value(Value::Text(text)) if text.contains("..") => None,
        cell @ Cell::Value(Value::Number(_) | Value::Text(_)) => Some(cell),
        _ => None,
    }
}

/// How great a count has to be to matter.
#[derive(Clone)]
struct Threshold {
    least: u64,
    /// Where the greatest counts come first and only so many rows are wanted: how many, and the greatest so far.
    top: Option<(usize, BinaryHeap<Reverse<u64>>)>,
}

impl Threshold {
    fn of(select: &Select) -> Threshold {
        let by_count = |key: &&Key| key.descending && matches!(key.expr.kind, ExprKind::Aggregate { .. });
        let wanted = most_rows(select);
        let least = select.having.as_ref().map_or(Some(0), least_count);
        // A condition that drops great counts would let smaller ones move up.
        let top =
            wanted.filter(|wanted| *wanted > 0 && least.is_some() && select.order.first().filter(by_count).is_some());
        Threshold { least: least.unwrap_or(0), top: top.map(|wanted| (wanted, BinaryHeap::new())) }
    }

    /// Whether a group of that count may be shown.
    #[inline]
    fn admits(&mut self, count: u64) -> bool {
        if count < self.least {
            return false;
        }
        if let Some((wanted, greatest)) = &mut self.top {
            if greatest.len() == *wanted && count == self.least {
                return true;
            }
            greatest.push(Reverse(count));
            if greatest.len() > *wanted {
                greatest.pop();
            }
            if let Some(Reverse(least)) = greatest.peek().filter(|_| greatest.len() == *wanted) {
                self.least = self.least.max(*least);
            }
        }
        true
    }
}

/// How many rows are looked at where only the first are shown; `None` where all are, and where each adds to the next.
pub(super) fn most_rows(select: &Select) -> Option<usize> {
    let adds_up = |column: &Column| matches!(column.expr.kind, ExprKind::Call(FunctionId::Running, _));
    let limit = select.limit.filter(|_| !select.columns.iter().any(adds_up))?;
    Some(limit.saturating_add(select.offset) as usize)
}

/// The least count that passes a condition of the form `count(x) >= 3`; `None` for other conditions.
pub(super) fn least_count(having: &Expr) -> Option<u64> {
    let ExprKind::Compare(op, a, b) = &having.kind else { return None };
    let (ExprKind::Aggregate { .. }, ExprKind::Value(Value::Number(number))) = (&a.kind, &b.kind) else { return None };
    match op {
        CompareOp::GreaterOrEqual => Some(number.ceil().max(0.0) as u64),
        CompareOp::Greater => Some((number.floor() + 1.0).max(0.0) as u64),
        _ => None,
    }
}

/// Groups as they are found.
#[derive(Default)]
struct Found {
    /// Group by group: the numbers of its keys.
    numbers: Vec<u32>,
    counts: Vec<u64>,
    /// By group: one of the entities counted.
    samples: Vec<u32>,
}

/// Counts bindings by their keys.
struct Tally<'e> {
    readers: Arc<Vec<Reader<'e>>>,
    counted: u16,
    /// The key that is read off the last variable, if the groups of the others come one after the other.
    inner: Option<usize>,
    /// Whether all bindings of a group come one after the other, but for the inner key.
    in_turn: bool,
    threshold: Threshold,
    /// The numbers of the keys of the present group; that of the inner key is not used.
    present: [u32; MOST_KEYS],
    /// Whether no group has bindings of two values of the first variable.
    apart: bool,
    /// The least number of the inner key.
    base: u32,
    /// By number of the inner key beyond the least (0 without one): the count in the present group, and one of the entities counted.
    counts: Vec<u64>,
    samples: Vec<u32>,
    /// The numbers that have been met in the present group.
    met: Vec<u32>,
    /// Where groups do not come in turn: where each stands among those found.
    places: FxHashMap<[u32; MOST_KEYS], usize>,
    found: Found,
    /// A key belongs to no one group.
    wide: bool,
}

impl<'e> Tally<'e> {
    fn new(engine: &Engine<'e>, readers: Vec<Reader<'e>>, counted: VarId, threshold: Threshold) -> Tally<'e> {
        let block = &engine.plan.block;
        let inner = last_bound(block).and_then(|last| readers.iter().rposition(|reader| reader.var() == last));
        let outer = |i: &usize| Some(*i) != inner;
        let others: Vec<&Reader> = (0..readers.len()).filter(outer).map(|i| &readers[i]).collect();
        let keys: Option<Vec<VarId>> =
            others.iter().map(|reader| if let Reader::Entity(var) = reader { Some(*var) } else { None }).collect();
        let in_turn = keys.is_some_and(|keys| come_in_turn(engine, keys));
        let inner = inner.filter(|_| in_turn);
        let numbers = inner.map_or(0..1, |inner| readers[inner].numbers(engine));
        let apart = in_turn && readers.len() > usize::from(inner.is_some());
        let threshold = if apart { threshold } else { Threshold { least: 0, top: None } };
        Tally::empty(Arc::new(readers), counted.0, (inner, in_turn, apart), numbers, threshold)
    }

    fn empty(
        readers: Arc<Vec<Reader<'e>>>,
        counted: u16,
        (inner, in_turn, apart): (Option<usize>, bool, bool),
        numbers: Range<u32>,
        threshold: Threshold,
    ) -> Tally<'e> {
        Tally {
            readers,
            counted,
            inner,
            in_turn,
            apart,
            threshold,
            present: [ABSENT; MOST_KEYS],
            base: numbers.start,
            counts: vec![0; numbers.len()],
            samples: vec![0; numbers.len()],
            met: Vec::new(),
            places: FxHashMap::default(),
            found: Found::default(),
            wide: false,
        }
    }

    /// Goes on to the group of the frame's outer keys.
    fn turn(&mut self, frame: &[u32]) {
        let mut keys = self.present;
        for (i, reader) in self.readers.iter().enumerate() {
            if Some(i) != self.inner {
                keys[i] = frame[reader.var().0 as usize];
            }
        }
        if keys != self.present {
            self.finish();
            self.present = keys;
        }
    }

    /// Notes what the present group comes to.
    fn finish(&mut self) {
        // Where most groups are left out, those that stay are sorted at the end.
        if self.threshold.top.is_none() && !self.met.is_sorted() {
            self.met.sort_unstable();
        }
        for number in self.met.drain(..) {
            let count = std::mem::take(&mut self.counts[number as usize]);
            if self.threshold.admits(count) {
                let numbers = (0..self.readers.len()).map(|i| match self.inner == Some(i) {
                    true => self.base + number,
                    false => self.present[i],
                });
                self.found.numbers.extend(numbers);
                self.found.counts.push(count);
                self.found.samples.push(self.samples[number as usize]);
            }
        }
    }

    /// Adds to the group of the frame, wherever it stands.
    fn add_apart(&mut self, frame: &[u32]) -> Flow {
        let mut keys = [ABSENT; MOST_KEYS];
        for (place, reader) in keys.iter_mut().zip(self.readers.iter()) {
            *place = reader.number(frame[reader.var().0 as usize]);
            if *place == ABSENT {
                return self.is_wide();
            }
        }
        let place = self.place(keys, frame[self.counted as usize]);
        self.found.counts[place] += 1;
        Ok(())
    }

    /// Where the group of these keys stands among those found; a new one counts nothing yet.
    fn place(&mut self, keys: [u32; MOST_KEYS], sample: u32) -> usize {
        let Found { numbers, counts, samples } = &mut self.found;
        *self.places.entry(keys).or_insert_with(|| {
            numbers.extend(&keys[..self.readers.len()]);
            counts.push(0);
            samples.push(sample);
            counts.len() - 1
        })
    }

    fn is_wide(&mut self) -> Flow {
        self.wide = true;
        Err(Halt::Enough)
    }
}

impl Gather for Tally<'_> {
    const IN_ORDER: bool = false;

    fn fork(&self) -> Self {
        let (numbers, shape) =
            (self.base..self.base + self.counts.len() as u32, (self.inner, self.in_turn, self.apart));
        Tally::empty(self.readers.clone(), self.counted, shape, numbers, self.threshold.clone())
    }

    fn join(&mut self, mut next: Self) {
        next.finish();
        self.wide |= next.wide;
        let Found { numbers, counts, samples } = next.found;
        if self.apart {
            self.found.numbers.extend(numbers);
            self.found.counts.extend(counts);
            self.found.samples.extend(samples);
            return;
        }
        let width = self.readers.len();
        for (group, count) in counts.into_iter().enumerate() {
            let mut keys = [ABSENT; MOST_KEYS];
            keys[..width].copy_from_slice(&numbers[group * width..(group + 1) * width]);
            let place = self.place(keys, samples[group]);
            self.found.counts[place] += count;
        }
    }
}

/// The present group of a [`Tally`], taken apart for a hot loop.
struct Present<'t> {
    counts: &'t mut [u64],
    samples: &'t mut [u32],
    met: &'t mut Vec<u32>,
}

impl Present<'_> {
    #[inline]
    fn add(&mut self, number: u32, times: u64, sample: u32) {
        let Some(count) = self.counts.get_mut(number as usize) else { return };
        if *count == 0 {
            self.met.push(number);
            self.samples[number as usize] = sample;
        }
        *count += times;
    }
}

impl Sink for Tally<'_> {
    fn one(&mut self, worker: &mut Worker, mode: Mode) -> Flow {
        match last_bound(&worker.engine.plan.block) {
            Some(last) if self.in_turn => {
                let value = worker.frame[last.0 as usize];
                self.each(worker, last.0, &[value], mode)
            }
            _ => self.add_apart(&worker.frame),
        }
    }

    fn counts(&self, var: u16) -> bool {
        self.in_turn && self.inner.is_none() && self.readers.iter().all(|reader| reader.var().0 != var)
    }

    fn number(&mut self, worker: &mut Worker, number: u64, _: Mode) -> Flow {
        self.turn(&worker.frame);
        let sample = worker.frame[self.counted as usize];
        let Tally { counts, samples, met, .. } = self;
        Present { counts, samples, met }.add(0, number, sample);
        Ok(())
    }

    fn each(&mut self, worker: &mut Worker, var: u16, values: &[u32], mode: Mode) -> Flow {
        let (Some(first), true) = (values.first(), self.in_turn) else {
            return values.iter().try_for_each(|value| {
                worker.frame[var as usize] = *value;
                self.add_apart(&worker.frame)
            });
        };
        worker.frame[var as usize] = *first;
        let Some(inner) = self.inner else { return self.number(worker, values.len() as u64, mode) };
        self.turn(&worker.frame);
        let own = self.counted == var;
        let other = worker.frame[self.counted as usize];
        let sample = |value: u32| if own { value } else { other };
        let Tally { readers, counts, samples, met, base, .. } = self;
        let mut present = Present { counts, samples, met };
        let is_definite = match &readers[inner] {
            Reader::Entity(_) => {
                values.iter().for_each(|value| present.add(value.wrapping_sub(*base), 1, sample(*value)));
                true
            }
            reader => values.iter().all(|value| {
                let number = reader.number(*value);
                if number != ABSENT {
                    present.add(number, 1, sample(*value));
                }
                number != ABSENT
            }),
        };
        if is_definite { Ok(()) } else { self.is_wide() }
    }
}

/// Whether the bindings that agree on `keys` come one after the other: these variables are bound first, but for such as
/// take one value at most, and such as a key determines.
fn come_in_turn(engine: &Engine, mut keys: Vec<VarId>) -> bool {
    let all = keys.clone();
    let steps = &engine.plan.block.steps;
    let is_single = |source: &Source, back: bool| match source {
        Source::Link { link: Link::Verb(verb), inverse, source: None, .. } => {
            engine.graph.relation(*verb).adjacency(*inverse != back, false).is_single()
        }
        _ => false,
    };
    let comes_from =
        |source: &Source, var: VarId| matches!(source, Source::Link { from: Term::Var(from), .. } if *from == var);
    let is_determined = |var: VarId| {
        steps.iter().any(|step| match step {
            Step::Expand { var: key, sources, .. } if all.contains(key) => {
                sources.iter().any(|source| comes_from(source, var) && is_single(source, true))
            }
            _ => false,
        })
    };
    for step in steps.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        if keys.is_empty() {
            return true;
        }
        let (var, sources) = match step {
            Step::Scan { var, .. } => (*var, &[][..]),
            Step::Expand { var, sources, .. } => (*var, sources.as_slice()),
            _ => return false,
        };
        let is_key = keys.iter().position(|key| *key == var).map(|i| keys.remove(i)).is_some();
        if !is_key && !sources.iter().any(|source| is_single(source, false)) && !is_determined(var) {
            return false;
        }
    }
    keys.is_empty()
}

/// The variable that the last step binds, if that is one step's own.
fn last_bound(block: &Block) -> Option<VarId> {
    let binds = block.steps.iter().rfind(|step| !matches!(step, Step::Filter(_)));
    match binds? {
        Step::Scan { var, .. } | Step::Expand { var, .. } => Some(*var),
        _ => None,
    }
}

fn groups(
    plan: Arc<Plan>,
    (wanted, var): (Vec<VarId>, VarId),
    readers: &[Reader],
    (found, least): (Found, u64),
    notes: Vec<crate::text::Diagnostic>,
) -> Counted {
    let width = readers.len();
    let numbers = |group: usize| &found.numbers[group * width..(group + 1) * width];
    let mut order: Vec<usize> = (0..found.counts.len()).filter(|group| found.counts[*group] >= least).collect();
    order.sort_by_key(|group| numbers(*group));
    let slot = |wanted: &VarId, group: usize| {
        let of_key = readers.iter().position(|reader| matches!(reader, Reader::Entity(var) if var == wanted));
        match of_key {
            Some(i) => numbers(group)[i],
            None if *wanted == var => found.samples[group],
            None => ABSENT,
        }
    };
    let cells = order.iter().flat_map(|group| wanted.iter().map(|wanted| slot(wanted, *group))).collect();
    let counts: Vec<u64> = order.iter().map(|group| found.counts[*group]).collect();
    let sorted = order.iter().flat_map(|group| numbers(*group)).copied().collect();
    let key_cells = readers.iter().map(Reader::cells).collect();
    Counted {
        matches: Matches::of(plan, wanted, cells, counts.len(), notes),
        counts,
        numbers: sorted,
        cells: key_cells,
    }
}

/// How many bindings all free variables of a select have; `None` where that is not certain or they repeat.
pub(super) fn number_of_matches(context: &Context, links: &Links, select: &Select) -> Result<Option<u64>, Stop> {
    let plan = plan_of(context, select, &select.free);
    if plan.block.repeats() || unsure(&plan, links, context.query) {
        return Ok(None);
    }
    let engine = engine(context.graph, links, &plan, &context.query.vars)?;
    let mut worker = Worker::new(&engine, context.budget());
    let mut number = Number(0);
    match worker.gather(Mode::Certain, &mut number) {
        Err(halt) => Err(stop(halt)),
        Ok(()) if worker.cycle.is_some() || !worker.empty_domains.is_empty() => Ok(None),
        Ok(()) => Ok(Some(number.0)),
    }
}

/// Counts bindings.
struct Number(u64);

impl Gather for Number {
    const IN_ORDER: bool = false;

    fn fork(&self) -> Self {
        Number(0)
    }

    fn join(&mut self, next: Self) {
        self.0 += next.0;
    }
}

impl Sink for Number {
    fn one(&mut self, _: &mut Worker, _: Mode) -> Flow {
        self.0 += 1;
        Ok(())
    }

    fn each(&mut self, _: &mut Worker, _: u16, values: &[u32], _: Mode) -> Flow {
        self.0 += values.len() as u64;
        Ok(())
    }

    fn counts(&self, _: u16) -> bool {
        true
    }

    fn number(&mut self, _: &mut Worker, number: u64, _: Mode) -> Flow {
        self.0 += number;
        Ok(())
    }
}
