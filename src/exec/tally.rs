//! Counts bindings by their keys: in an array where the bindings of a group come one after the other, in a map where not.

use super::count::{Reader, last_bound, least_count, most_rows};
use super::limits::{Flow, Halt};
use super::parallel::Gather;
use super::solve::{Engine, Sink, Worker};
use super::{ABSENT, Mode};
use crate::check::typed::{ExprKind, Key, Link, Select, Term, VarId};
use crate::plan::{Determines, Source, Step, come_in_turn};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// With more keys than this, groups are formed in `group`.
pub(super) const MOST_KEYS: usize = 4;

/// How great a count has to be to matter.
#[derive(Clone)]
pub(super) struct Threshold {
    least: u64,
    /// Where the greatest counts come first and only so many rows are wanted: how many, and the greatest so far.
    top: Option<(usize, BinaryHeap<Reverse<u64>>)>,
}

impl Threshold {
    pub fn of(select: &Select) -> Threshold {
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

/// Groups as they are found.
#[derive(Default)]
pub(super) struct Found {
    /// Group by group: the numbers of its keys.
    pub numbers: Vec<u32>,
    pub counts: Vec<u64>,
    /// By group: one of the entities counted.
    pub samples: Vec<u32>,
}

/// Counts bindings by their keys.
pub(super) struct Tally<'e> {
    pub readers: Arc<Vec<Reader<'e>>>,
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
    /// The present group, by number of the inner key beyond the least (0 without one).
    group: Group,
    /// Where groups do not come in turn: where each stands among those found.
    places: FxHashMap<[u32; MOST_KEYS], usize>,
    pub found: Found,
    /// A key belongs to no one group.
    pub wide: bool,
}

impl<'e> Tally<'e> {
    pub fn new(engine: &Engine<'e>, readers: Vec<Reader<'e>>, counted: VarId, threshold: Threshold) -> Tally<'e> {
        let block = &engine.plan.block;
        let inner = last_bound(block).and_then(|last| readers.iter().rposition(|reader| reader.var() == last));
        let outer = |i: &usize| Some(*i) != inner;
        let others: Vec<&Reader> = (0..readers.len()).filter(outer).map(|i| &readers[i]).collect();
        let keys: Option<Vec<VarId>> =
            others.iter().map(|reader| if let Reader::Entity(var) = reader { Some(*var) } else { None }).collect();
        let in_turn = keys.is_some_and(|keys| in_turn(engine, &keys));
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
            group: Group::of(numbers.len()),
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
    pub fn finish(&mut self) {
        // Where most groups are left out, those that stay are sorted at the end.
        let Group { counts, samples, met } = &mut self.group;
        if self.threshold.top.is_none() && !met.is_sorted() {
            met.sort_unstable();
        }
        for number in met.drain(..) {
            let count = std::mem::take(&mut counts[number as usize]);
            if self.threshold.admits(count) {
                let numbers = (0..self.readers.len()).map(|i| match self.inner == Some(i) {
                    true => self.base + number,
                    false => self.present[i],
                });
                self.found.numbers.extend(numbers);
                self.found.counts.push(count);
                self.found.samples.push(samples[number as usize]);
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
            (self.base..self.base + self.group.counts.len() as u32, (self.inner, self.in_turn, self.apart));
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

/// Counts by number, and for each that is not 0 one of the entities counted.
#[derive(Default)]
struct Group {
    counts: Vec<u64>,
    samples: Vec<u32>,
    /// The numbers that have been met.
    met: Vec<u32>,
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
            spare.push(Group { counts, samples, met: std::mem::take(&mut self.met) });
        }
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
        self.group.add(0, number, sample);
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
        let Tally { readers, group, base, .. } = self;
        let is_definite = match &readers[inner] {
            Reader::Entity(_) => {
                values.iter().for_each(|value| group.add(value.wrapping_sub(*base), 1, sample(*value)));
                true
            }
            reader => values.iter().all(|value| {
                let number = reader.number(*value);
                if number != ABSENT {
                    group.add(number, 1, sample(*value));
                }
                number != ABSENT
            }),
        };
        if is_definite { Ok(()) } else { self.is_wide() }
    }
}

/// Whether the bindings that agree on `keys` come one after the other.
fn in_turn(engine: &Engine, keys: &[VarId]) -> bool {
    let (mut order, mut facts) = (Vec::new(), Vec::new());
    for step in engine.plan.block.steps.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        let (var, sources) = match step {
            Step::Scan { var, .. } => (*var, &[][..]),
            Step::Expand { var, sources, .. } => (*var, sources.as_slice()),
            _ => break,
        };
        order.push(var);
        for source in sources {
            let Source::Link { link: Link::Verb(verb), from, inverse, source: None } = source else { continue };
            let single = |inverse: bool| engine.graph.relation(*verb).adjacency(inverse, false).is_single();
            facts.extend(single(*inverse).then_some(Determines { given: *from, var }));
            let back = from.var().filter(|_| single(!inverse));
            facts.extend(back.map(|from| Determines { given: Term::Var(var), var: from }));
        }
    }
    come_in_turn(&order, keys, &facts)
}
