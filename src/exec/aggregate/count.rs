//! Counting without bindings: for each tuple of keys, how many entities; one number for each group.
//!
//! Bindings come as lists of values of the last variable: where that is a key, or a key is read off it, counts go into an
//! array by its numbers. Where the groups are contiguous, one is finished when an outer key changes; else each has its
//! place in a table.

use super::accumulate::{self, ExactFolds};
use super::fold::is_known;
use super::key::KeyExtractor;
use super::uncertain::{may_fall_in, spans_several};
use super::{Counted, FoldColumn, Groups, KeyColumn, no_paths};
use crate::answer::Cell;
use crate::date::Date;
use crate::exec::bindings::{self, Bindings, Certainty};
use crate::exec::edges::Edges;
use crate::exec::eval::Scope;
use crate::exec::join::parallel::MergeableSink;
use crate::exec::join::{Engine, Sink, Worker};
use crate::exec::limits::{Flow, Halt, Stop};
use crate::exec::{Context, Mode, NULL_SLOT};
use crate::functions::FunctionId;
use crate::graph::Graph;
use crate::limits::is_over_after;
use crate::plan::{CountGroups, GroupFold, Pattern, Scalar, VarId};
use crate::text::Diagnostic;
use crate::value::Value;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// How many numbers a group is found by at most.
const MOST_KEYS: usize = 4;

/// Counts the bindings of a pattern.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub(crate) fn matches(context: &Context, edges: &Edges, pattern: &Pattern) -> Result<(usize, Vec<Diagnostic>), Stop> {
    let engine = bindings::engine(context.graph, edges, pattern)?;
    let mut number = Number(0);
    let notes = run(context, &engine, &mut number)?;
    Ok((number.0 as usize, notes))
}

/// Counts the bindings of a pattern by their keys. Groups that cannot be shown may be missing.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub(crate) fn groups(context: &Context, edges: &Edges, count: &CountGroups) -> Result<(Groups, Vec<Diagnostic>), Stop> {
    let engine = bindings::engine(context.graph, edges, &count.pattern)?;
    let extractors = count.keys.iter().map(|key| KeyExtractor::of(&engine, key, count.counted)).collect();
    let mut counts = CountAggregator::new(&engine, count, extractors);
    let notes = run(context, &engine, &mut counts)?;
    counts.finish();
    Ok((formed(context.graph, count, counts), notes))
}

/// Runs a pattern into a sink.
fn run<S: MergeableSink>(context: &Context, engine: &Engine, sink: &mut S) -> Result<Vec<Diagnostic>, Stop> {
    let mut worker = Worker::new(engine, context.budget(), context.profile.is_kept());
    let flow = worker.run_parallel(Mode::CERTAIN, sink);
    worker.report(&context.profile);
    match flow {
        Err(Halt::Stop(stop)) => Err(stop),
        _ => Ok(bindings::empty_notes(&worker.empty_domains)),
    }
}

/// How great a count has to be to matter.
#[derive(Clone)]
struct Threshold {
    least: u64,
    /// Only so many of the greatest are of use, and the greatest so far.
    top: Option<(usize, BinaryHeap<Reverse<u64>>)>,
}

impl Threshold {
    fn of(count: &CountGroups) -> Threshold {
        Threshold { least: count.least, top: count.most.map(|most| (most, BinaryHeap::new())) }
    }

    /// Returns true if a group of that count may be shown.
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

/// Groups as they are found.
#[derive(Default)]
struct GroupCounts {
    /// Group by group: the numbers of its keys.
    numbers: Vec<u32>,
    counts: Vec<u64>,
    /// By group: one of the entities counted.
    samples: Vec<u32>,
    /// Group by group: what [`ExactFolds`] keep.
    values: Vec<i128>,
}

/// Counts bindings by their keys, and folds exact values.
struct CountAggregator<'e> {
    exact: ExactFolds<'e>,
    extractors: Arc<Vec<KeyExtractor<'e>>>,
    shape: CountProjection,
    threshold: Threshold,
    /// The numbers of the keys of the present group; that of the inner key is not used.
    present: [u32; MOST_KEYS],
    /// The present group, by number of the inner key beyond the least (0 without one).
    group: Group,
    /// Where groups are not contiguous: where each stands among those found.
    places: FxHashMap<[u32; MOST_KEYS], usize>,
    found: GroupCounts,
}

/// How bindings come to their groups.
#[derive(Clone)]
struct CountProjection {
    counted: u16,
    last: Option<VarId>,
    /// The key that is read off the last variable, if the groups of the others are contiguous.
    inner: Option<usize>,
    /// The numbers of the inner key.
    numbers: Range<u32>,
    /// All bindings of a group are contiguous, but for the inner key.
    is_clustered: bool,
    /// No group has bindings of two values of the first variable.
    is_apart: bool,
}

impl<'e> CountAggregator<'e> {
    fn new(engine: &Engine<'e>, count: &'e CountGroups, extractors: Vec<KeyExtractor<'e>>) -> CountAggregator<'e> {
        let inner = count.inner_key().filter(|_| count.is_clustered);
        let numbers = inner.map_or(0..1, |inner| extractors[inner].numbers(engine));
        let is_apart = count.is_clustered && extractors.len() > usize::from(inner.is_some());
        let (counted, last) = (count.counted.0, count.pattern.block.last_bound());
        let shape = CountProjection { counted, last, inner, numbers, is_clustered: count.is_clustered, is_apart };
        let exact = ExactFolds::of(engine.graph, count);
        CountAggregator::empty(exact, Arc::new(extractors), shape, Threshold::of(count))
    }

    fn empty(
        exact: ExactFolds<'e>,
        extractors: Arc<Vec<KeyExtractor<'e>>>,
        shape: CountProjection,
        threshold: Threshold,
    ) -> CountAggregator<'e> {
        CountAggregator {
            exact,
            extractors,
            present: [NULL_SLOT; MOST_KEYS],
            group: Group::of(shape.numbers.len()),
            shape,
            threshold,
            places: FxHashMap::default(),
            found: GroupCounts::default(),
        }
    }

    /// Goes on to the group of the frame's outer keys.
    fn turn(&mut self, frame: &[u32]) {
        let mut keys = self.present;
        for (i, extractor) in self.extractors.iter().enumerate() {
            if Some(i) != self.shape.inner {
                keys[i] = frame[extractor.var().0 as usize];
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
        let Group { counts, samples, met, values } = &mut self.group;
        let width = self.exact.width();
        if self.threshold.top.is_none() && !met.is_sorted() {
            met.sort_unstable();
        }
        for number in met.drain(..) {
            let count = std::mem::take(&mut counts[number as usize]);
            if self.threshold.admits(count) {
                let numbers = (0..self.extractors.len()).map(|i| match self.shape.inner == Some(i) {
                    true => self.shape.numbers.start + number,
                    false => self.present[i],
                });
                self.found.numbers.extend(numbers);
                self.found.counts.push(count);
                self.found.samples.push(samples[number as usize]);
                self.found.values.extend_from_slice(&values[number as usize * width..][..width]);
            }
        }
    }

    /// Adds to the group of the frame, wherever it stands.
    fn add_apart(&mut self, frame: &[u32]) {
        let mut keys = [NULL_SLOT; MOST_KEYS];
        for (place, extractor) in keys.iter_mut().zip(self.extractors.iter()) {
            *place = extractor.number(frame[extractor.var().0 as usize]);
        }
        let place = self.place(keys, frame[self.shape.counted as usize]);
        self.found.counts[place] += 1;
        let width = self.exact.width();
        self.exact.add(frame, &mut self.found.values[place * width..][..width]);
    }

    /// Where the group of these keys stands among those found; a new one counts nothing yet.
    fn place(&mut self, keys: [u32; MOST_KEYS], sample: u32) -> usize {
        let GroupCounts { numbers, counts, samples, values } = &mut self.found;
        *self.places.entry(keys).or_insert_with(|| {
            numbers.extend(&keys[..self.extractors.len()]);
            counts.push(0);
            samples.push(sample);
            values.extend(self.exact.of_nothing());
            counts.len() - 1
        })
    }
}

impl CountAggregator<'_> {
    /// Adds one binding for each value of the last variable.
    fn fold_each(&mut self, worker: &mut Worker, var: u16, values: &[u32]) {
        self.turn(&worker.frame);
        let CountAggregator { exact, extractors, group, shape, .. } = self;
        for value in values {
            worker.frame[var as usize] = *value;
            let number = shape.inner.map_or(0, |inner| extractors[inner].number(*value) - shape.numbers.start);
            group.fold(number, worker.frame[shape.counted as usize], exact, &worker.frame);
        }
    }
}

impl MergeableSink for CountAggregator<'_> {
    const IN_ORDER: bool = false;

    fn fork(&self) -> Self {
        CountAggregator::empty(self.exact.clone(), self.extractors.clone(), self.shape.clone(), self.threshold.clone())
    }

    fn merge(&mut self, mut next: Self) {
        next.finish();
        let GroupCounts { numbers, counts, samples, values } = next.found;
        if self.shape.is_apart {
            self.found.numbers.extend(numbers);
            self.found.counts.extend(counts);
            self.found.samples.extend(samples);
            self.found.values.extend(values);
            return;
        }
        let width = self.extractors.len();
        for (group, count) in counts.into_iter().enumerate() {
            let mut keys = [NULL_SLOT; MOST_KEYS];
            keys[..width].copy_from_slice(&numbers[group * width..(group + 1) * width]);
            let place = self.place(keys, samples[group]);
            self.found.counts[place] += count;
            let of = |group: usize| group * self.exact.width()..(group + 1) * self.exact.width();
            self.exact.merge(&values[of(group)], &mut self.found.values[of(place)]);
        }
    }
}

/// Counts by number, and for each that is not 0 one of the entities counted.
#[derive(Default)]
struct Group {
    counts: Vec<u64>,
    samples: Vec<u32>,
    /// The numbers that have been met.
    met: Vec<u32>,
    /// By number: what [`ExactFolds`] keep.
    values: Vec<i128>,
}

/// Groups that are not in use, which count nothing: kept from one query to the next, since fresh memory costs more than
/// counting does.
static SPARE: Mutex<Vec<Group>> = Mutex::new(Vec::new());

/// So many groups of so many numbers are kept.
const MOST_SPARE: usize = 8;
const LONGEST_SPARE: usize = 1 << 20;

impl Group {
    /// Counts of nothing for so many numbers.
    fn of(length: usize) -> Group {
        let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut group = spare.unwrap_or_default();
        group.counts.resize(length, 0);
        group.samples.resize(length, 0);
        group
    }

    /// Adds the binding of the frame.
    fn fold(&mut self, number: u32, sample: u32, exact: &ExactFolds, frame: &[u32]) {
        let place = number as usize * exact.width();
        if self.counts.get(number as usize) == Some(&0) {
            let least = self.values.len().max(place + exact.width());
            self.values.resize(least, 0);
            self.values[place..].iter_mut().zip(exact.of_nothing()).for_each(|(own, nothing)| *own = nothing);
        }
        self.add(number, 1, sample);
        if let Some(own) = self.values.get_mut(place..place + exact.width()) {
            exact.add(frame, own);
        }
    }

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

impl Drop for Group {
    fn drop(&mut self) {
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        if self.met.is_empty() && self.counts.capacity() <= LONGEST_SPARE && spare.len() < MOST_SPARE {
            let (counts, samples) = (std::mem::take(&mut self.counts), std::mem::take(&mut self.samples));
            spare.push(Group { counts, samples, met: std::mem::take(&mut self.met), values: Vec::new() });
        }
    }
}

impl Sink for CountAggregator<'_> {
    fn one(&mut self, worker: &mut Worker, mode: Mode) -> Flow {
        match self.shape.last {
            Some(last) if self.shape.is_clustered => {
                let value = worker.frame[last.0 as usize];
                self.each(worker, last.0, &[value], mode)
            }
            _ => {
                self.add_apart(&worker.frame);
                Ok(())
            }
        }
    }

    fn counts(&self, var: u16) -> bool {
        let is_key = self.extractors.iter().any(|extractor| extractor.var().0 == var);
        let reads = is_key || (self.exact.width() > 0 && self.shape.counted == var);
        self.shape.is_clustered && self.shape.inner.is_none() && !reads
    }

    fn number(&mut self, worker: &mut Worker, number: u64, _: Mode) -> Flow {
        self.turn(&worker.frame);
        let sample = worker.frame[self.shape.counted as usize];
        self.group.add(0, number, sample);
        Ok(())
    }

    fn each(&mut self, worker: &mut Worker, var: u16, values: &[u32], mode: Mode) -> Flow {
        let (Some(first), true) = (values.first(), self.shape.is_clustered) else {
            for value in values {
                worker.frame[var as usize] = *value;
                self.add_apart(&worker.frame);
            }
            return Ok(());
        };
        worker.frame[var as usize] = *first;
        if self.exact.width() > 0 {
            self.fold_each(worker, var, values);
            return Ok(());
        }
        let Some(inner) = self.shape.inner else { return self.number(worker, values.len() as u64, mode) };
        self.turn(&worker.frame);
        let own = self.shape.counted == var;
        let other = worker.frame[self.shape.counted as usize];
        let sample = |value: u32| if own { value } else { other };
        let CountAggregator { extractors, group, shape, .. } = self;
        match &extractors[inner] {
            KeyExtractor::Entity(_) => {
                let base = shape.numbers.start;
                values.iter().for_each(|value| group.add(value.wrapping_sub(base), 1, sample(*value)));
            }
            extractor => values.iter().for_each(|value| group.add(extractor.number(*value), 1, sample(*value))),
        }
        Ok(())
    }
}

/// The groups that matter, in order of their keys.
struct FoundGroups<'e> {
    counts: GroupCounts,
    extractors: Arc<Vec<KeyExtractor<'e>>>,
    /// Positions in `counts`.
    order: Vec<usize>,
}

impl FoundGroups<'_> {
    /// The numbers of the keys of a group.
    fn numbers(&self, group: usize) -> &[u32] {
        let (width, place) = (self.extractors.len(), self.order[group]);
        &self.counts.numbers[place * width..(place + 1) * width]
    }

    /// What a binding of the group holds of a variable.
    fn slot(&self, group: usize, var: VarId, counted: VarId) -> u32 {
        let is_own = |key: &KeyExtractor| matches!(key, KeyExtractor::Entity(own) if *own == var);
        match self.extractors.iter().position(is_own) {
            Some(key) => self.numbers(group)[key],
            None if var == counted => self.counts.samples[self.order[group]],
            None => NULL_SLOT,
        }
    }
}

/// The groups in order of their keys, each with one binding to read them off.
fn formed(graph: &Graph, count: &CountGroups, aggregator: CountAggregator) -> Groups {
    let CountAggregator { found: counts, extractors, threshold, .. } = aggregator;
    let least = least_of_interest(&threshold, count, &counts.counts);
    let order: Vec<usize> = (0..counts.counts.len()).filter(|group| counts.counts[*group] >= least).collect();
    let width = extractors.len();
    let mut found = FoundGroups { counts, extractors, order };
    let numbers = std::mem::take(&mut found.counts.numbers);
    let of = |group: usize| &numbers[group * width..(group + 1) * width];
    crate::limits::sort_unstable_by(&mut found.order, |a, b| of(*a).cmp(of(*b)));
    found.counts.numbers = numbers;
    let wanted = count.pattern.block.wanted.clone();
    let slots = |group: usize| wanted.iter().map(move |var| (group, *var));
    let mut cells: Vec<u32> =
        (0..found.order.len()).flat_map(slots).map(|(group, var)| found.slot(group, var, count.counted)).collect();
    let mut counted: Vec<Counted> = found.order.iter().map(|group| exactly(found.counts.counts[*group])).collect();
    let own = counted.clone();
    let some_uncertain = add_uncertain(graph, count, &found, &mut counted);
    // Without keys there is one group, also of no bindings.
    if count.keys.is_empty() && counted.is_empty() {
        counted.push(Counted::default());
        cells = vec![NULL_SLOT; wanted.len()];
    }
    let folds = fold_columns(count, &found, &counted);
    let first_count = count.folds.iter().position(|fold| *fold == GroupFold::Count);
    let own = count.folds.iter().zip(&folds).map(|(fold, column)| match fold {
        GroupFold::Count => FoldColumn::Counts(own.clone()),
        GroupFold::Exact { .. } => column.clone(),
    });
    let key = |key: usize| KeyColumn {
        numbers: (0..found.order.len()).map(|group| found.numbers(group)[key]).collect(),
        cells: match &found.extractors[key] {
            KeyExtractor::Entity(_) => None,
            KeyExtractor::Of { cells, .. } => Some(cells.clone()),
        },
    };
    Groups {
        keys: (0..count.keys.len()).map(key).collect(),
        sure: vec![Certainty::Certain; counted.len()],
        representatives: Bindings::certain(wanted, count.pattern.slots.len(), cells),
        own: some_uncertain.then(|| own.collect()),
        folds,
        first_count,
    }
}

/// What each fold comes to, by group.
fn fold_columns(count: &CountGroups, found: &FoundGroups, counted: &[Counted]) -> Vec<FoldColumn> {
    let (width, mut next) = (count.folds.iter().filter(|fold| **fold != GroupFold::Count).count(), 0);
    let column = |fold: &GroupFold| match fold {
        GroupFold::Count => FoldColumn::Counts(counted.to_vec()),
        GroupFold::Exact { function, is_day, .. } => {
            let place = next;
            next += 1;
            let number = |group: usize| Some(found.counts.values[found.order.get(group)? * width + place]);
            let value = |(group, counted): (usize, &Counted)| {
                accumulate::value((*function, *is_day), number(group).unwrap_or(0), counted.shown)
            };
            FoldColumn::Values(counted.iter().enumerate().map(value).collect())
        }
    };
    count.folds.iter().map(column).collect()
}

fn exactly(number: u64) -> Counted {
    Counted { certain: number, shown: number, possible: number }
}

/// Groups of a lesser count are not among the first that are wanted.
fn least_of_interest(threshold: &Threshold, count: &CountGroups, counts: &[u64]) -> u64 {
    match count.most.filter(|most| *most < counts.len()) {
        Some(most) => {
            let mut counts = counts.to_vec();
            threshold.least.max(*counts.select_nth_unstable_by(most - 1, |a, b| b.cmp(a)).1)
        }
        None => count.least,
    }
}

/// Adds to each group of definite periods what groups of wide periods may add to it; whether there are any. An entity has
/// one period, so that what is counted in two groups is not the same.
fn add_uncertain(graph: &Graph, count: &CountGroups, found: &FoundGroups, counted: &mut [Counted]) -> bool {
    let periods: Vec<Option<(FunctionId, &Scalar)>> = count.keys.iter().map(Scalar::period).collect();
    let cell = |group: usize, key: usize| match &found.extractors[key] {
        KeyExtractor::Of { cells, .. } => cells.get(found.numbers(group)[key] as usize),
        KeyExtractor::Entity(_) => None,
    };
    let some_key = |group: usize, is: fn(&Cell) -> bool| {
        (0..periods.len()).any(|key| periods[key].is_some() && cell(group, key).is_some_and(is))
    };
    let (wide, others): (Vec<usize>, Vec<usize>) =
        (0..found.order.len()).partition(|group| some_key(*group, spans_several));
    if wide.is_empty() {
        return false;
    }
    let date = |group: usize, key: usize| -> Option<Date> {
        let mut frame = vec![NULL_SLOT; count.pattern.slots.len()];
        frame[count.counted.0 as usize] = found.counts.samples[found.order[group]];
        let scope = Scope { graph, paths: &no_paths(), frame: &frame, group: &|_| Cell::Absent };
        if let Cell::Value(Value::Date(date)) = scope.cell(periods[key]?.1) { Some(date) } else { None }
    };
    let dates = |group: &usize| (0..periods.len()).map(|key| date(*group, key)).collect::<Vec<Option<Date>>>();
    let wide: Vec<(usize, Vec<Option<Date>>)> = wide.iter().map(|group| (*group, dates(group))).collect();
    for group in others.into_iter().filter(|group| !some_key(*group, |cell| !is_known(cell))) {
        if is_over_after(wide.len()) {
            break;
        }
        let own = dates(&group);
        for (other, dates) in &wide {
            let meets = |key: usize| match (periods[key], own[key], dates[key]) {
                (Some((unit, _)), Some(own), Some(other)) => may_fall_in(unit, own, other),
                _ => found.numbers(group)[key] == found.numbers(*other)[key],
            };
            if (0..periods.len()).all(meets) {
                counted[group].possible += counted[*other].shown;
            }
        }
    }
    true
}

/// Counts bindings.
struct Number(u64);

impl MergeableSink for Number {
    const IN_ORDER: bool = false;

    fn fork(&self) -> Self {
        Number(0)
    }

    fn merge(&mut self, next: Self) {
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
