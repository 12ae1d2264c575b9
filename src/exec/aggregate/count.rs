//! Counting without materialised bindings: one counter per group, keyed by up to [`MOST_KEYS`] numbers.
//!
//! Bindings arrive as lists of values of the last variable. If a key is read off that variable (the inner key),
//! counters are array elements indexed by the number of the key. If the bindings of a group are contiguous, the group
//! is emitted when an outer key changes; otherwise groups are found in a hash table.

use super::accumulate::{self, ExactFolds};
use super::fold::is_known;
use super::key::KeyExtractor;
use super::uncertain::{PeriodIndex, spans_several};
use super::{Counted, FoldColumn, Groups, no_paths};
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
use crate::plan::{CountGroups, GroupFold, Pattern, Scalar, VarId};
use crate::text::Diagnostic;
use crate::value::Value;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum number of keys of a group: they are packed into one fixed-size array, which is the key of the hash table.
/// By reasoning, no benchmark varies it: every entry of the table has room for all of them, and few queries group by
/// more.
const MOST_KEYS: usize = 4;

/// Returns the number of bindings of a pattern.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub(crate) fn matches(context: &Context, edges: &Edges, pattern: &Pattern) -> Result<(usize, Vec<Diagnostic>), Stop> {
    let engine = bindings::engine(context.graph, edges, pattern)?;
    let mut number = Number(0);
    let notes = run(context, &engine, &mut number)?;
    Ok((number.0 as usize, notes))
}

/// Counts the bindings of a pattern by their keys. Groups that the query cannot show (by `having` or `limit`) may be
/// missing.
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

/// Runs a pattern into a sink, in parallel; returns the notes of the run.
pub(super) fn run<S: MergeableSink>(context: &Context, engine: &Engine, sink: &mut S) -> Result<Vec<Diagnostic>, Stop> {
    let mut worker = Worker::new(engine, context.budget(), context.profile.is_kept());
    let flow = worker.run_parallel(Mode::CERTAIN, sink);
    worker.report(&context.profile);
    match flow {
        Err(Halt::Stop(stop)) => Err(stop),
        _ => Ok(bindings::empty_notes(&worker.empty_domains)),
    }
}

/// Least count that a group needs to be shown.
#[derive(Clone)]
struct Threshold {
    least: u64,
    /// If only the `n` greatest counts are shown: `n`, and a min-heap of the `n` greatest counts so far. (Selection by
    /// a heap: Knuth, *The art of computer programming*, vol. 3, 5.2.3.)
    top: Option<(usize, BinaryHeap<Reverse<u64>>)>,
}

impl Threshold {
    fn of(count: &CountGroups) -> Threshold {
        Threshold { least: count.least, top: count.most.map(|most| (most, BinaryHeap::new())) }
    }

    /// Returns true if a group with this count may be shown; raises the threshold to the least of the `n` greatest
    /// counts.
    #[inline]
    fn admits(&mut self, count: u64) -> bool {
        if count < self.least {
            return false;
        }
        if let Some((wanted, greatest)) = &mut self.top {
            // A full heap whose least element equals `count` would not change.
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

/// Groups found so far.
#[derive(Default)]
struct GroupCounts {
    /// Row-major, one row per group: numbers of its keys.
    numbers: Vec<u32>,
    counts: Vec<u64>,
    /// Per group: one of the counted entities, a sample from which keys and dates can be read.
    samples: Vec<u32>,
    /// Row-major, one row per group: accumulators of [`ExactFolds`].
    values: Vec<i128>,
}

/// Counts bindings by their keys, and folds exact values.
struct CountAggregator<'e> {
    exact: ExactFolds<'e>,
    extractors: Arc<Vec<KeyExtractor<'e>>>,
    shape: CountProjection,
    threshold: Threshold,
    /// Key numbers of the current group; the element of the inner key is unused.
    present: [u32; MOST_KEYS],
    /// Counters of the current group, by number of the inner key minus the start of its range (0 without an inner key).
    group: GroupCounters,
    /// If groups are not contiguous: position of each group in `found`.
    places: FxHashMap<[u32; MOST_KEYS], usize>,
    found: GroupCounts,
}

/// Layout of keys and groups: how a binding is assigned to its group.
#[derive(Clone)]
struct CountProjection {
    counted: u16,
    last: Option<VarId>,
    /// Key that is read off the last variable; `None` if there is none or groups are not contiguous.
    inner: Option<usize>,
    /// Range of the numbers of the inner key.
    numbers: Range<u32>,
    /// True if all bindings that agree on the outer keys are contiguous.
    is_clustered: bool,
    /// True if no group has bindings with different values of the first variable, so that parts of a parallel search
    /// share no group.
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
            group: GroupCounters::of(shape.numbers.len()),
            shape,
            threshold,
            places: FxHashMap::default(),
            found: GroupCounts::default(),
        }
    }

    /// Starts the group of the outer keys of the frame; emits the previous group if the keys differ.
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

    /// Emits the current groups (one per number of the inner key that occurred) and resets their counters.
    fn finish(&mut self) {
        // If a threshold drops most groups, sorting is left to [`formed`], which sees only the remaining ones.
        let GroupCounters { counts, samples, met, values } = &mut self.group;
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

    /// Adds the binding of the frame to its group in the hash table.
    fn add_apart(&mut self, worker: &mut Worker) -> Flow {
        let frame = &worker.frame;
        let mut keys = [NULL_SLOT; MOST_KEYS];
        for (place, extractor) in keys.iter_mut().zip(self.extractors.iter()) {
            *place = extractor.number(frame[extractor.var().0 as usize]);
        }
        let place = self.place(keys, frame[self.shape.counted as usize]);
        self.found.counts[place] += 1;
        let width = self.exact.width();
        self.exact.add(worker, &mut self.found.values[place * width..][..width])
    }

    /// Returns the position of the group with these keys in `found`; adds an empty group if it is new.
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
    /// Adds one binding for each value of the last variable, with the values of the exact folds.
    fn fold_each(&mut self, worker: &mut Worker, var: u16, values: &[u32]) -> Flow {
        self.turn(&worker.frame);
        let CountAggregator { exact, extractors, group, shape, .. } = self;
        for value in values {
            worker.frame[var as usize] = *value;
            let number = shape.inner.map_or(0, |inner| extractors[inner].number(*value) - shape.numbers.start);
            group.fold(number, worker.frame[shape.counted as usize], exact, worker)?;
        }
        Ok(())
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
        // No group spans several parts, so groups are appended without look-up.
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

/// Counters by number of the inner key, with one counted entity for each counter that is not 0.
#[derive(Default)]
struct GroupCounters {
    counts: Vec<u64>,
    samples: Vec<u32>,
    /// Numbers with a counter that is not 0, in the order in which they occurred.
    met: Vec<u32>,
    /// Row-major, by number: accumulators of [`ExactFolds`].
    values: Vec<i128>,
}

/// Pool of groups with zeroed counters, reused across queries: page faults of fresh memory cost more than counting.
static SPARE: Mutex<Vec<GroupCounters>> = Mutex::new(Vec::new());

/// Limits of the pool: number of groups, and counters of a group (8 MiB with `u64` counters). Larger ones would keep
/// more memory between queries, smaller ones would allocate more often.
const MOST_SPARE: usize = 8;
const LONGEST_SPARE: usize = 1 << 20;

impl GroupCounters {
    /// Returns a group with `length` zeroed counters, from the pool if possible.
    fn of(length: usize) -> GroupCounters {
        let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut group = spare.unwrap_or_default();
        group.counts.resize(length, 0);
        group.samples.resize(length, 0);
        group
    }

    /// Adds the binding of the frame to a counter and to its accumulators.
    fn fold(&mut self, number: u32, sample: u32, exact: &ExactFolds, worker: &mut Worker) -> Flow {
        let place = number as usize * exact.width();
        // The first binding of a number initialises its accumulators, which may be left over from an earlier group.
        if self.counts.get(number as usize) == Some(&0) {
            let least = self.values.len().max(place + exact.width());
            self.values.resize(least, 0);
            self.values[place..].iter_mut().zip(exact.of_nothing()).for_each(|(own, nothing)| *own = nothing);
        }
        self.add(number, 1, sample);
        match self.values.get_mut(place..place + exact.width()) {
            Some(own) => exact.add(worker, own),
            None => Ok(()),
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

impl Drop for GroupCounters {
    fn drop(&mut self) {
        let mut spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner);
        // A group that was not emitted still has counters that are not 0, and must not enter the pool.
        if self.met.is_empty() && self.counts.capacity() <= LONGEST_SPARE && spare.len() < MOST_SPARE {
            let (counts, samples) = (std::mem::take(&mut self.counts), std::mem::take(&mut self.samples));
            spare.push(GroupCounters { counts, samples, met: std::mem::take(&mut self.met), values: Vec::new() });
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
            _ => self.add_apart(worker),
        }
    }

    fn counts(&self, var: u16) -> bool {
        // The number of values suffices if no key and no fold reads them.
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
            return values.iter().try_for_each(|value| {
                worker.frame[var as usize] = *value;
                self.add_apart(worker)
            });
        };
        worker.frame[var as usize] = *first;
        if self.exact.width() > 0 {
            return self.fold_each(worker, var, values);
        }
        let Some(inner) = self.shape.inner else { return self.number(worker, values.len() as u64, mode) };
        self.turn(&worker.frame);
        let own = self.shape.counted == var;
        let other = worker.frame[self.shape.counted as usize];
        let sample = |value: u32| if own { value } else { other };
        let CountAggregator { extractors, group, shape, .. } = self;
        match &extractors[inner] {
            // The difference of an entity below the range wraps to a number beyond the counters, which `add` ignores.
            KeyExtractor::Entity(_) => {
                let base = shape.numbers.start;
                values.iter().for_each(|value| group.add(value.wrapping_sub(base), 1, sample(*value)));
            }
            extractor => values.iter().for_each(|value| group.add(extractor.number(*value), 1, sample(*value))),
        }
        Ok(())
    }
}

/// Groups to be shown, in order of their keys.
struct FoundGroups<'e> {
    counts: GroupCounts,
    extractors: Arc<Vec<KeyExtractor<'e>>>,
    /// Positions in `counts`, sorted by key.
    order: Vec<usize>,
}

impl FoundGroups<'_> {
    /// Returns the key numbers of a group.
    fn numbers(&self, group: usize) -> &[u32] {
        let (width, place) = (self.extractors.len(), self.order[group]);
        &self.counts.numbers[place * width..(place + 1) * width]
    }

    /// Returns the value of a variable in a representative binding of the group; [`NULL_SLOT`] if it is neither a key
    /// nor counted.
    fn slot(&self, group: usize, var: VarId, counted: VarId) -> u32 {
        let is_own = |key: &KeyExtractor| matches!(key, KeyExtractor::Entity(own) if *own == var);
        match self.extractors.iter().position(is_own) {
            Some(key) => self.numbers(group)[key],
            None if var == counted => self.counts.samples[self.order[group]],
            None => NULL_SLOT,
        }
    }
}

/// Returns the groups in order of their keys, each with one representative binding.
fn formed(graph: &Graph, count: &CountGroups, aggregator: CountAggregator) -> Groups {
    let CountAggregator { found: counts, extractors, threshold, .. } = aggregator;
    let least = least_of_interest(&threshold, count, &counts.counts);
    let order: Vec<usize> = (0..counts.counts.len()).filter(|group| counts.counts[*group] >= least).collect();
    let width = extractors.len();
    let mut found = FoundGroups { counts, extractors, order };
    // Taken out while the order is sorted by them, and put back below.
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
    // Without keys there is exactly one group, even if there are no bindings.
    if count.keys.is_empty() && counted.is_empty() {
        counted.push(Counted::default());
        cells = vec![NULL_SLOT; wanted.len()];
    }
    let folds = fold_columns(count, &found, &counted);
    let own = count.folds.iter().zip(&folds).map(|(fold, column)| match fold {
        GroupFold::Count => FoldColumn::Counts(own.clone()),
        GroupFold::CountIf(_) | GroupFold::Exact { .. } => column.clone(),
    });
    let numbers = |key: usize| (0..found.order.len()).map(|group| found.numbers(group)[key]).collect();
    let key = |key: usize| found.extractors[key].column(numbers(key));
    Groups {
        keys: (0..count.keys.len()).map(key).collect(),
        sure: vec![Certainty::Certain; counted.len()],
        representatives: Bindings::certain(wanted, count.pattern.slots.len(), cells),
        own: some_uncertain.then(|| own.collect()),
        folds,
    }
}

/// Returns the result column of each fold.
fn fold_columns(count: &CountGroups, found: &FoundGroups, counted: &[Counted]) -> Vec<FoldColumn> {
    let (width, mut next) = (count.folds.iter().filter(|fold| **fold != GroupFold::Count).count(), 0);
    let mut column = |fold: &GroupFold| {
        let place = next;
        next += usize::from(*fold != GroupFold::Count);
        let number = |group: usize| Some(found.counts.values[found.order.get(group)? * width + place]);
        match fold {
            GroupFold::Count => FoldColumn::Counts(counted.to_vec()),
            GroupFold::CountIf(_) => {
                let value =
                    |group: usize| exactly(number(group).and_then(|number| u64::try_from(number).ok()).unwrap_or(0));
                FoldColumn::Counts((0..counted.len()).map(value).collect())
            }
            GroupFold::Exact { function, is_day, .. } => {
                let value = |(group, counted): (usize, &Counted)| {
                    accumulate::value((*function, *is_day), number(group).unwrap_or(0), counted.shown)
                };
                FoldColumn::Values(counted.iter().enumerate().map(value).collect())
            }
        }
    };
    count.folds.iter().map(&mut column).collect()
}

fn exactly(number: u64) -> Counted {
    Counted { certain: number, shown: number, possible: number }
}

/// Returns the least count that a group among the first `most` can have.
fn least_of_interest(threshold: &Threshold, count: &CountGroups, counts: &[u64]) -> u64 {
    match count.most.filter(|most| *most < counts.len()) {
        Some(most) => {
            // Quickselect (Hoare, *Algorithm 65: Find*, 1961): the count at position `most` in descending order.
            let mut counts = counts.to_vec();
            threshold.least.max(*counts.select_nth_unstable_by(most - 1, |a, b| b.cmp(a)).1)
        }
        None => count.least,
    }
}

/// Adds the counts of groups with wide periods to the `possible` counts of the groups with definite periods that they
/// may fall in; returns true if there are wide groups. Adding is correct since an entity has one period, so no entity
/// is counted in two groups.
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
    // Groups with the same number of a key have the same period, so one date stands for all.
    let mut known: FxHashMap<(usize, u32), Option<Date>> = FxHashMap::default();
    let evaluated = |group: usize, key: usize| -> Option<Date> {
        let mut frame = vec![NULL_SLOT; count.pattern.slots.len()];
        frame[count.counted.0 as usize] = found.counts.samples[found.order[group]];
        let scope = Scope { graph, paths: &no_paths(), frame: &frame, group: &|_| Cell::Absent };
        if let Cell::Value(Value::Date(date)) = scope.cell(periods[key]?.1) { Some(date) } else { None }
    };
    let exact = |group: usize| {
        let keys = (0..periods.len()).filter(|key| periods[*key].is_none());
        keys.map(|key| found.numbers(group)[key]).collect::<Vec<u32>>()
    };
    let mut dates = |group: usize| -> Option<Vec<(FunctionId, Date)>> {
        let mut date =
            |key: usize| *known.entry((key, found.numbers(group)[key])).or_insert_with(|| evaluated(group, key));
        let of_periods = (0..periods.len()).filter(|key| periods[*key].is_some());
        of_periods.map(|key| Some((periods[key]?.0, date(key)?))).collect()
    };
    // Groups with an unknown period receive nothing.
    let definite = others.into_iter().filter(|group| !some_key(*group, |cell| !is_known(cell)));
    let index = PeriodIndex::of(definite.filter_map(|group| Some((group, exact(group), dates(group)?))));
    let added = wide.into_iter().filter_map(|group| Some((exact(group), dates(group)?, counted[group].shown)));
    for (group, sum) in index.sums(added) {
        counted[group].possible += sum;
    }
    true
}

/// Sink that only counts bindings.
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
