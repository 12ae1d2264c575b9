//! Numbers of distinct entities per group, counted without materialised bindings.
//!
//! Each binding marks, for each counted variable, the pair of its group and its entity; a pair that is met again changes
//! nothing, so the pattern may find a binding repeatedly. Pairs are kept as numbers that are sorted now and then, and as
//! bits (one row per group) once there are enough of them.

use super::key::KeyExtractor;
use super::{Counted, FoldColumn, Groups};
use crate::exec::bindings::{self, Bindings, Certainty};
use crate::exec::edges::Edges;
use crate::exec::join::parallel::MergeableSink;
use crate::exec::join::{Engine, Sink, Worker};
use crate::exec::limits::{Budget, Flow, Stop};
use crate::exec::{Context, Mode, NULL_SLOT};
use crate::graph::BitSet;
use crate::limits::sort_unstable_by;
use crate::plan::{CountDistinct, Scalar, VarId};
use crate::text::Diagnostic;
use std::ops::Range;
use std::sync::Arc;

/// Maximum number of bits of one counted variable: 32 MiB. By reasoning, no benchmark varies it: it is the size of 4
/// million pairs, and clearing it takes some milliseconds.
const MOST_BITS: usize = 1 << 28;

/// Number of bits per pair up to which bits are used: with more, clearing and reading them costs more than sorting the
/// pairs. By reasoning, no benchmark varies it.
const BITS_PER_PAIR: usize = 512;

/// Number of pairs that are collected before they are first sorted: 128 KiB. By reasoning, no benchmark varies it.
const FIRST_SORT: usize = 1 << 14;

/// Counts the distinct entities of each counted variable in each group.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub(crate) fn groups(
    context: &Context,
    edges: &Edges,
    count: &CountDistinct,
) -> Result<(Groups, Vec<Diagnostic>), Stop> {
    let engine = bindings::engine(context.graph, edges, &count.pattern)?;
    let mut aggregator = DistinctAggregator::new(&engine, count);
    let notes = super::count::run(context, &engine, &mut aggregator)?;
    Ok((aggregator.formed(count), notes))
}

/// Set of pairs of a group and an entity.
#[derive(Clone)]
struct PairSet {
    /// Number of places of a group: of the entities, and one for an absent entity.
    width: u64,
    /// Number of possible groups.
    groups: u64,
    /// Pairs as group × width + place.
    pairs: Vec<u64>,
    /// Number of pairs from which they are sorted again.
    sort_at: usize,
    /// The pairs as group × [`PairSet::row`] + place; no room while they are kept as numbers.
    bits: BitSet,
}

impl PairSet {
    fn new(width: u64, groups: u64) -> PairSet {
        PairSet { width, groups, pairs: Vec::new(), sort_at: FIRST_SORT, bits: BitSet::default() }
    }

    /// Returns the length of a group's row of bits: its places, rounded up to whole words.
    #[inline]
    fn row(&self) -> usize {
        self.width.next_multiple_of(64) as usize
    }

    /// Returns the number of bits of all groups; `None` if they are too many.
    fn all_bits(&self) -> Option<usize> {
        let bits = usize::try_from(self.groups).ok()?.checked_mul(self.row())?;
        (bits <= MOST_BITS).then_some(bits)
    }

    #[inline]
    fn insert(&mut self, group: u64, place: u64) {
        if self.bits.has_no_room() {
            let pair = group * self.width + place;
            // Bindings of one pair often follow each other; dropping them here saves sorting them.
            if self.pairs.last() != Some(&pair) {
                self.pairs.push(pair);
            }
        } else {
            self.bits.insert(group as usize * self.row() + place as usize);
        }
    }

    /// Sorts the pairs, or replaces them by bits, if there are many new ones.
    #[inline]
    fn settle(&mut self, budget: &mut Budget) -> Result<(), Stop> {
        if self.pairs.len() < self.sort_at { Ok(()) } else { self.compact(budget) }
    }

    fn compact(&mut self, budget: &mut Budget) -> Result<(), Stop> {
        budget.ticks(self.pairs.len())?;
        let is_dense = |bits: &usize| *bits <= self.pairs.len().saturating_mul(BITS_PER_PAIR);
        if let Some(bits) = self.all_bits().filter(is_dense) {
            budget.hold(bits / 8)?;
            self.spread(bits);
            return Ok(());
        }
        self.sort();
        let before = self.sort_at;
        // Doubling: each sort is paid for by as many new pairs as are kept.
        self.sort_at = self.sort_at.max(self.pairs.len() * 2);
        budget.hold((self.sort_at - before) * 8)
    }

    fn sort(&mut self) {
        sort_unstable_by(&mut self.pairs, Ord::cmp);
        self.pairs.dedup();
    }

    /// Replaces the pairs by bits.
    fn spread(&mut self, bits: usize) {
        self.bits.fit(bits);
        for pair in std::mem::take(&mut self.pairs) {
            self.insert(pair / self.width, pair % self.width);
        }
    }

    fn merge(&mut self, mut other: PairSet) {
        match (self.bits.has_no_room(), other.bits.has_no_room()) {
            (false, false) => self.bits.unite(&other.bits),
            (true, false) => {
                std::mem::swap(self, &mut other);
                self.merge(other);
            }
            (false, true) => other.pairs.iter().for_each(|pair| self.insert(pair / self.width, pair % self.width)),
            // Sorted by whoever reads or compacts them, once for all parts.
            (true, true) => self.pairs.append(&mut other.pairs),
        }
    }

    /// Returns the groups that have a pair, sorted ascending, each with the number of its entities.
    fn counts(mut self) -> Vec<(u64, u64)> {
        let absent = self.width - 1;
        if self.bits.has_no_room() {
            self.sort();
            let group = |pair: &u64| pair / self.width;
            let counted =
                |run: &[u64]| run.len() as u64 - u64::from(run.last().is_some_and(|p| p % self.width == absent));
            let runs = self.pairs.chunk_by(|a, b| group(a) == group(b));
            return runs.map(|run| (group(&run[0]), counted(run))).collect();
        }
        let counted = |(group, all): (usize, usize)| {
            let is_absent = self.bits.contains(group * self.row() + absent as usize);
            (all > 0).then_some((group as u64, all as u64 - u64::from(is_absent)))
        };
        self.bits.count_rows(self.row()).enumerate().filter_map(counted).collect()
    }
}

/// Key of the groups: how it is read off a binding, and its numbers.
struct Key<'e> {
    extractor: KeyExtractor<'e>,
    numbers: Range<u32>,
}

/// Counts distinct entities per group.
struct DistinctAggregator<'e> {
    keys: Arc<Vec<Key<'e>>>,
    /// Counted variables, with the ranges of their entities.
    counted: Arc<Vec<(VarId, Range<u32>)>>,
    /// One for each counted variable.
    sets: Vec<PairSet>,
}

impl<'e> DistinctAggregator<'e> {
    fn new(engine: &Engine<'e>, count: &CountDistinct) -> DistinctAggregator<'e> {
        let key = |(key, var): (&Scalar, &VarId)| {
            let extractor = KeyExtractor::of(engine, key, *var);
            let numbers = extractor.numbers(engine);
            Key { extractor, numbers }
        };
        let keys: Vec<Key> = count.keys.iter().zip(&count.key_vars).map(key).collect();
        let groups = keys.iter().map(|key| key.numbers.len() as u64).product();
        let counted: Vec<(VarId, Range<u32>)> =
            count.counted.iter().map(|var| (*var, KeyExtractor::Entity(*var).numbers(engine))).collect();
        let sets = counted.iter().map(|(_, range)| PairSet::new(range.len() as u64 + 1, groups)).collect();
        DistinctAggregator { keys: Arc::new(keys), counted: Arc::new(counted), sets }
    }

    /// Returns the number of the binding's group: its key numbers as digits.
    #[inline]
    fn group(&self, frame: &[u32]) -> u64 {
        self.keys.iter().fold(0, |group, key| {
            let number = key.extractor.number(frame[key.extractor.var().0 as usize]);
            group * key.numbers.len() as u64 + u64::from(number.wrapping_sub(key.numbers.start))
        })
    }

    /// Adds the binding of the frame, except the entity of `apart`.
    #[inline]
    fn add(&mut self, frame: &[u32], group: u64, apart: Option<u16>) {
        for ((var, range), set) in self.counted.iter().zip(&mut self.sets) {
            if Some(var.0) != apart {
                set.insert(group, place(frame[var.0 as usize], range));
            }
        }
    }

    fn settle(&mut self, worker: &mut Worker) -> Flow {
        self.sets.iter_mut().try_for_each(|set| Ok(set.settle(&mut worker.budget)?))
    }

    /// Returns the groups in order of their keys.
    fn formed(self, count: &CountDistinct) -> Groups {
        let columns: Vec<Vec<(u64, u64)>> = self.sets.into_iter().map(PairSet::counts).collect();
        let mut found: Vec<u64> =
            columns.first().map_or(Vec::new(), |all| all.iter().map(|(group, _)| *group).collect());
        // Without keys there is exactly one group, even if there are no bindings.
        if count.keys.is_empty() && found.is_empty() {
            found.push(0);
        }
        let fold = |column: &Vec<(u64, u64)>| {
            let counted = |i: usize| column.get(i).map_or(0, |(_, number)| *number);
            let all = (0..found.len()).map(counted).map(|n| Counted { certain: n, shown: n, possible: n });
            FoldColumn::Counts(all.collect())
        };
        let folds: Vec<FoldColumn> = columns.iter().map(fold).collect();
        let mut numbers: Vec<Vec<u32>> = vec![Vec::with_capacity(found.len()); self.keys.len()];
        for group in &found {
            let mut rest = *group;
            for (key, numbers) in self.keys.iter().zip(&mut numbers).rev() {
                let length = key.numbers.len() as u64;
                numbers.push(key.numbers.start + (rest % length) as u32);
                rest /= length;
            }
        }
        let wanted = count.pattern.block.wanted.clone();
        let slot = |group: usize, var: &VarId| {
            let own = |key: &Key| matches!(&key.extractor, KeyExtractor::Entity(own) if own == var);
            self.keys.iter().position(own).map_or(NULL_SLOT, |key| numbers[key][group])
        };
        let cells = (0..found.len()).flat_map(|group| wanted.iter().map(move |var| (group, var)));
        let cells = cells.map(|(group, var)| slot(group, var)).collect();
        let representatives = Bindings::certain(wanted.clone(), count.pattern.slots.len(), cells);
        let column = |(key, numbers): (&Key, Vec<u32>)| key.extractor.column(numbers);
        Groups {
            sure: vec![Certainty::Certain; found.len()],
            keys: self.keys.iter().zip(numbers).map(column).collect(),
            representatives,
            folds,
            own: None,
        }
    }
}

/// Returns the place of an entity in its range; the place behind it if the entity is absent.
#[inline]
fn place(entity: u32, range: &Range<u32>) -> u64 {
    u64::from(entity.wrapping_sub(range.start).min(range.len() as u32))
}

impl MergeableSink for DistinctAggregator<'_> {
    const IN_ORDER: bool = false;

    fn fork(&self) -> Self {
        let sets = self.sets.iter().map(|set| PairSet::new(set.width, set.groups)).collect();
        DistinctAggregator { keys: self.keys.clone(), counted: self.counted.clone(), sets }
    }

    fn merge(&mut self, next: Self) {
        self.sets.iter_mut().zip(next.sets).for_each(|(own, next)| own.merge(next));
    }
}

impl Sink for DistinctAggregator<'_> {
    fn one(&mut self, worker: &mut Worker, _: Mode) -> Flow {
        let group = self.group(&worker.frame);
        self.add(&worker.frame, group, None);
        self.settle(worker)
    }

    fn counts(&self, var: u16) -> bool {
        // Nothing reads the values of such a variable.
        let is_key = self.keys.iter().any(|key| key.extractor.var().0 == var);
        !is_key && self.counted.iter().all(|(counted, _)| counted.0 != var)
    }

    fn number(&mut self, worker: &mut Worker, _: u64, mode: Mode) -> Flow {
        self.one(worker, mode)
    }

    fn each(&mut self, worker: &mut Worker, var: u16, values: &[u32], mode: Mode) -> Flow {
        if values.is_empty() {
            return Ok(());
        }
        if self.keys.iter().any(|key| key.extractor.var().0 == var) {
            return values.iter().try_for_each(|value| {
                worker.frame[var as usize] = *value;
                self.one(worker, mode)
            });
        }
        // The group and the other entities are the same for all values.
        let group = self.group(&worker.frame);
        self.add(&worker.frame, group, Some(var));
        for ((_, range), set) in self.counted.iter().zip(&mut self.sets).filter(|((counted, _), _)| counted.0 == var) {
            values.iter().for_each(|value| set.insert(group, place(*value, range)));
        }
        self.settle(worker)
    }
}

#[cfg(test)]
mod tests {
    use super::PairSet;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Returns a set of these pairs; as bits if `as_bits`, else sorted after every few pairs.
    fn set_of(pairs: &[(u64, u64)], (width, groups): (u64, u64), as_bits: bool) -> PairSet {
        let mut set = PairSet::new(width, groups);
        for (i, (group, place)) in pairs.iter().enumerate() {
            set.insert(*group, *place);
            match as_bits {
                true if i == 3 => set.spread(set.all_bits().expect("few bits")),
                false if i % 5 == 4 => set.sort(),
                _ => {}
            }
        }
        set
    }

    proptest! {
        #[test]
        fn pairs_are_counted_once(
            parts in prop::collection::vec((prop::collection::vec((0..7u64, 0..70u64), 0..40), any::<bool>()), 1..4),
        ) {
            let shape = (70, 7);
            let mut sets = parts.iter().map(|(pairs, as_bits)| set_of(pairs, shape, *as_bits));
            let mut all = sets.next().expect("one part or more");
            sets.for_each(|set| all.merge(set));
            let mut expected: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
            for (group, place) in parts.iter().flat_map(|(pairs, _)| pairs) {
                expected.entry(*group).or_default().insert(*place);
            }
            // The last place is that of the absent entity, which is not counted.
            let number = |places: &BTreeSet<u64>| places.range(..69).count() as u64;
            let expected: Vec<(u64, u64)> = expected.iter().map(|(group, places)| (*group, number(places))).collect();
            prop_assert_eq!(all.counts(), expected);
        }
    }
}
