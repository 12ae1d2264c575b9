//! Search from up to 64 sources at once over a condensed graph (after Then et al., *The more the merrier: efficient
//! multi-source graph traversal*, 2014): each source is a bit of a word, and every component is expanded once, for all
//! sources that reach it. Unlike there, components are visited in topological order instead of by levels, since
//! distances are not needed.

use crate::exec::limits::{Budget, Flow, Halt};
use crate::exec::search::bfs::ReachCount;
use crate::graph::{BitSet, Condensation, Rows, each_bit};
use std::cell::RefCell;

/// Number of sources of one search: the bits of a word.
pub(crate) const SOURCES: usize = 64;

/// Search from at most [`SOURCES`] seeds: for their neighbours in any of the rows, and everything reached from these.
pub(crate) struct MultiSource<'a> {
    pub condensation: &'a Condensation,
    pub rows: &'a [Rows<'a>],
    pub seeds: &'a [u32],
}

/// Buffers, all empty between searches.
#[derive(Default)]
struct LaneScratch {
    /// Per component: bit set of the sources that reached it.
    sources: Vec<u64>,
    /// Components still to be expanded.
    pending: BitSet,
    /// Expanded components, sorted descending.
    visited: Vec<u32>,
    /// Entities reached by any source.
    reached: BitSet,
}

thread_local! {
    /// Reused by the searches of a thread, so that a search costs O(visited nodes) instead of O(entities).
    static SCRATCH: RefCell<LaneScratch> = RefCell::default();
}

impl MultiSource<'_> {
    /// Appends the entities that each seed reaches to its list, sorted ascending. O(visited facts + entities reached +
    /// entities / 64).
    pub fn reached(&self, lists: &mut [Vec<u32>], budget: &mut Budget) -> Flow {
        self.search(budget, |scratch| {
            let LaneScratch { sources, visited, reached, .. } = scratch;
            let members = visited.iter().flat_map(|component| self.condensation.members(*component));
            members.for_each(|entity| _ = reached.insert(*entity as usize));
            // Draining yields the entities sorted ascending and clears the set.
            reached.drain(|entity| {
                let component = self.condensation.component(entity as u32);
                let set = component.map_or(0, |component| sources[component as usize]);
                each_bit(set, |source| lists[source].push(entity as u32));
            });
        })
    }

    /// Counts the entities that each seed reaches. O(visited facts).
    pub fn counts(&self, budget: &mut Budget) -> Result<[ReachCount; SOURCES], Halt> {
        let (mut counters, mut sampled) = (Counters::default(), 0);
        let mut counts = [ReachCount::default(); SOURCES];
        self.search(budget, |scratch| {
            for component in &scratch.visited {
                let (set, members) = (scratch.sources[*component as usize], self.condensation.members(*component));
                // One addition per component counts all its members for all its sources.
                counters.add(set, members.len() as u64);
                each_bit(set & !sampled, |source| counts[source].sample = members.first().copied());
                sampled |= set;
            }
            for (source, seed) in self.seeds.iter().enumerate() {
                let component = self.condensation.component(*seed);
                let own = component.map_or(0, |component| scratch.sources[component as usize]);
                counts[source].has_seed = own >> source & 1 == 1;
            }
        })?;
        counts.iter_mut().zip(counters.read()).for_each(|(count, entities)| count.entities = entities as usize);
        Ok(counts)
    }

    /// Searches, passes the buffers to `read`, and clears them.
    fn search(&self, budget: &mut Budget, read: impl FnOnce(&mut LaneScratch)) -> Flow {
        SCRATCH.with_borrow_mut(|scratch| {
            // Never shrunk: all words are zero between searches.
            scratch.sources.resize(self.condensation.len().max(scratch.sources.len()), 0);
            scratch.pending.fit(self.condensation.len());
            scratch.reached.fit(self.condensation.entities());
            let flow = self.visit(scratch, budget);
            match flow {
                Ok(()) => {
                    read(scratch);
                    let LaneScratch { sources, visited, .. } = scratch;
                    visited.drain(..).for_each(|component| sources[component as usize] = 0);
                }
                // A search that was stopped leaves unknown bits behind.
                Err(_) => *scratch = LaneScratch::default(),
            }
            flow
        })
    }

    /// Expands each component that a source reaches. Predecessors of a component have greater numbers and are expanded
    /// before it, so that all its sources are known by then.
    fn visit(&self, scratch: &mut LaneScratch, budget: &mut Budget) -> Flow {
        let LaneScratch { sources, pending, visited, .. } = scratch;
        for (source, seed) in self.seeds.iter().enumerate() {
            let neighbours = self.rows.iter().flat_map(|rows| rows.of(*seed));
            for component in neighbours.filter_map(|neighbour| self.condensation.component(*neighbour)) {
                sources[component as usize] |= 1 << source;
                pending.insert(component as usize);
            }
        }
        let mut end = self.condensation.len();
        while let Some(component) = pending.take_last_below(end) {
            let (set, onward) = (sources[component], self.condensation.onward(component as u32));
            budget.ticks(1 + onward.len())?;
            visited.push(component as u32);
            for other in onward {
                sources[*other as usize] |= set;
                pending.insert(*other as usize);
            }
            end = component;
        }
        Ok(())
    }
}

/// One counter per source, incremented for a set of sources at once (bit-sliced): plane `i` holds bit `i` of all
/// counters.
#[derive(Default)]
struct Counters {
    planes: Vec<u64>,
}

impl Counters {
    /// Adds `number` to the counter of each source of the set.
    #[inline]
    fn add(&mut self, set: u64, number: u64) {
        // Each set bit of `number` is added at its own plane.
        let (mut plane, mut rest) = (0, number);
        while rest != 0 {
            if rest & 1 == 1 {
                self.carry(set, plane);
            }
            (plane, rest) = (plane + 1, rest >> 1);
        }
    }

    #[inline]
    fn carry(&mut self, mut set: u64, mut place: usize) {
        while set != 0 {
            if self.planes.len() <= place {
                self.planes.resize(place + 1, 0);
            }
            let plane = &mut self.planes[place];
            // Half adder on 64 lanes: XOR is the sum, AND the carry.
            (*plane, set) = (*plane ^ set, *plane & set);
            place += 1;
        }
    }

    fn read(&self) -> [u64; SOURCES] {
        let bit = |source: usize| move |(i, plane): (usize, &u64)| (plane >> source & 1) << i;
        std::array::from_fn(|source| self.planes.iter().enumerate().map(bit(source)).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::{Counters, MultiSource, SOURCES};
    use crate::exec::edges::pair;
    use crate::exec::limits::Budget;
    use crate::graph::{AdjacencyPair, Condensation, Rows};
    use crate::limits::Limits;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const ENTITIES: usize = 100;

    /// Returns the entities reached with one step or more, by plain search.
    fn reached(rows: &[Rows<'_>], from: u32) -> BTreeSet<u32> {
        let (mut found, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(entity) = open.pop() {
            for next in rows.iter().flat_map(|rows| rows.of(entity)) {
                if found.insert(*next) {
                    open.push(*next);
                }
            }
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn many_sources_reach_what_single_searches_reach(
            links in prop::collection::vec((0..ENTITIES as u32, 0..ENTITIES as u32), 0..220),
            first in 0..ENTITIES as u32 - SOURCES as u32,
        ) {
            let AdjacencyPair { forward, reverse } = pair(&mut links.clone());
            for rows in [vec![forward.rows()], vec![reverse.rows()], vec![forward.rows(), reverse.rows()]] {
                let condensation = Condensation::new(ENTITIES, &rows, &mut |_| Ok::<(), ()>(())).unwrap();
                let seeds: Vec<u32> = (first..first + SOURCES as u32).collect();
                let search = MultiSource { condensation: &condensation, rows: &rows, seeds: &seeds };
                let mut budget = Budget::new(Limits::default(), None, None);
                let mut lists = vec![Vec::new(); SOURCES];
                prop_assert!(search.reached(&mut lists, &mut budget).is_ok());
                let Ok(counts) = search.counts(&mut budget) else { return Err(TestCaseError::fail("stopped")) };
                for (source, seed) in seeds.iter().enumerate() {
                    let expected = reached(&rows, *seed);
                    prop_assert_eq!(&lists[source], &expected.iter().copied().collect::<Vec<u32>>());
                    prop_assert_eq!(counts[source].entities, expected.len());
                    prop_assert_eq!(counts[source].sample.is_none(), expected.is_empty());
                    prop_assert!(counts[source].sample.is_none_or(|sample| expected.contains(&sample)));
                    prop_assert_eq!(counts[source].has_seed, expected.contains(seed));
                }
            }
        }
    }

    #[test]
    fn counters_add_numbers_of_any_size() {
        let mut counters = Counters::default();
        (1..=1000u64).for_each(|number| counters.add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number));
        let expected = |source: usize| -> u64 {
            (1..=1000u64).filter(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> source & 1 == 1).sum()
        };
        assert_eq!(counters.read(), std::array::from_fn(expected));
    }
}
