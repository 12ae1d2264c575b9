//! Searches from up to 64 entities at once over a condensed graph: each has a lane, which is one bit of a word. Every
//! knot is gone on from once, for all lanes that come to it.

use crate::exec::limits::{Budget, Flow, Halt};
use crate::exec::search::bfs::BitSet;
use crate::graph::{Condensed, Rows};
use std::cell::RefCell;

/// How many entities are searched from at once.
pub(crate) const LANES: usize = 64;

/// Entities whose neighbours in any of the rows, and what these lead to, are sought; at most [`LANES`] seeds.
pub(crate) struct MultiSource<'a> {
    pub condensed: &'a Condensed,
    pub rows: &'a [Rows<'a>],
    pub seeds: &'a [u32],
}

/// How many entities are reached, by lane.
pub(crate) struct Numbers {
    pub numbers: [u64; LANES],
    /// One of them.
    pub samples: [Option<u32>; LANES],
    /// The lanes whose seed is among what it reaches.
    back: u64,
}

impl Numbers {
    /// Nothing is reached.
    pub fn none() -> Numbers {
        Numbers { numbers: [0; LANES], samples: [None; LANES], back: 0 }
    }

    /// Notes what is reached in a lane: how many entities, one of them, and whether the seed is among them.
    pub fn note(&mut self, lane: usize, (number, sample, back): (usize, Option<u32>, bool)) {
        self.numbers[lane] = number as u64;
        self.samples[lane] = sample;
        self.back |= u64::from(back) << lane;
    }

    /// Whether the seed of a lane is among what it reaches.
    pub fn comes_back(&self, lane: usize) -> bool {
        self.back >> lane & 1 == 1
    }
}

/// What a search works in. It is lent out clean, and handed back clean.
#[derive(Default)]
struct Scratch {
    /// By knot: the lanes that have come to it.
    lanes: Vec<u64>,
    /// The knots that are to be gone on from.
    pending: BitSet,
    /// Those that were, in falling order.
    visited: Vec<u32>,
    /// The entities come to.
    reached: BitSet,
}

thread_local! {
    /// Kept from one search to the next, so that a search costs what it visits and not what the graph holds.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl MultiSource<'_> {
    /// Adds to the list of each seed what it reaches, in id order. O(facts met + entities reached + entities / 64).
    pub fn reached(&self, lists: &mut [Vec<u32>], budget: &mut Budget) -> Flow {
        self.with(budget, |scratch| {
            let Scratch { lanes, visited, reached, .. } = scratch;
            let members = visited.iter().flat_map(|knot| self.condensed.members(*knot));
            members.for_each(|entity| _ = reached.insert(*entity as usize));
            reached.drain(|entity| {
                let knot = self.condensed.knot(entity as u32);
                let set = knot.map_or(0, |knot| lanes[knot as usize]);
                each_lane(set, |lane| lists[lane].push(entity as u32));
            });
        })
    }

    /// How many entities each seed reaches. O(facts met).
    pub fn numbers(&self, budget: &mut Budget) -> Result<Numbers, Halt> {
        let (mut counters, mut numbers, mut sampled) = (Counters::default(), Numbers::none(), 0);
        self.with(budget, |scratch| {
            for knot in &scratch.visited {
                let (set, members) = (scratch.lanes[*knot as usize], self.condensed.members(*knot));
                counters.add(set, members.len() as u64);
                each_lane(set & !sampled, |lane| numbers.samples[lane] = members.first().copied());
                sampled |= set;
            }
            for (lane, seed) in self.seeds.iter().enumerate() {
                let own = self.condensed.knot(*seed).map_or(0, |knot| scratch.lanes[knot as usize]);
                numbers.back |= own & 1 << lane;
            }
        })?;
        numbers.numbers = counters.read();
        Ok(numbers)
    }

    /// Searches, and shows what was found.
    fn with(&self, budget: &mut Budget, show: impl FnOnce(&mut Scratch)) -> Flow {
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.lanes.resize(self.condensed.len().max(scratch.lanes.len()), 0);
            scratch.pending.fit(self.condensed.len());
            scratch.reached.fit(self.condensed.entities());
            let flow = self.search(scratch, budget);
            match flow {
                Ok(()) => {
                    show(scratch);
                    let Scratch { lanes, visited, .. } = scratch;
                    visited.drain(..).for_each(|knot| lanes[knot as usize] = 0);
                }
                Err(_) => *scratch = Scratch::default(),
            }
            flow
        })
    }

    /// Goes on from each knot that a lane comes to. Those that lead to it have greater numbers, so that all its lanes
    /// have come when its turn is.
    fn search(&self, scratch: &mut Scratch, budget: &mut Budget) -> Flow {
        let Scratch { lanes, pending, visited, .. } = scratch;
        for (lane, seed) in self.seeds.iter().enumerate() {
            let neighbours = self.rows.iter().flat_map(|rows| rows.of(*seed));
            for knot in neighbours.filter_map(|neighbour| self.condensed.knot(*neighbour)) {
                lanes[knot as usize] |= 1 << lane;
                pending.insert(knot as usize);
            }
        }
        let mut end = self.condensed.len();
        while let Some(knot) = pending.take_last_below(end) {
            let (set, onward) = (lanes[knot], self.condensed.onward(knot as u32));
            budget.ticks(1 + onward.len())?;
            visited.push(knot as u32);
            for other in onward {
                lanes[*other as usize] |= set;
                pending.insert(*other as usize);
            }
            end = knot;
        }
        Ok(())
    }
}

/// Calls `f` with each lane of a set.
#[inline]
fn each_lane(mut set: u64, mut f: impl FnMut(usize)) {
    while set != 0 {
        f(set.trailing_zeros() as usize);
        set &= set - 1;
    }
}

/// A number for each lane, added to for many lanes at once: plane `i` holds bit `i` of all numbers.
#[derive(Default)]
struct Counters {
    planes: Vec<u64>,
}

impl Counters {
    /// Adds `number` for each lane of the set.
    #[inline]
    fn add(&mut self, set: u64, number: u64) {
        let (mut place, mut rest) = (0, number);
        while rest != 0 {
            if rest & 1 == 1 {
                self.carry(set, place);
            }
            (place, rest) = (place + 1, rest >> 1);
        }
    }

    #[inline]
    fn carry(&mut self, mut set: u64, mut place: usize) {
        while set != 0 {
            if self.planes.len() <= place {
                self.planes.resize(place + 1, 0);
            }
            let plane = &mut self.planes[place];
            (*plane, set) = (*plane ^ set, *plane & set);
            place += 1;
        }
    }

    fn read(&self) -> [u64; LANES] {
        let bit = |lane: usize| move |(i, plane): (usize, &u64)| (plane >> lane & 1) << i;
        std::array::from_fn(|lane| self.planes.iter().enumerate().map(bit(lane)).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::{Counters, LANES, MultiSource};
    use crate::exec::edges::pair;
    use crate::exec::limits::Budget;
    use crate::graph::{Condensed, Rows};
    use crate::limits::Limits;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const ENTITIES: usize = 100;

    /// What an entity reaches with one step or more, by plain search.
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
        fn lanes_reach_what_single_searches_reach(
            links in prop::collection::vec((0..ENTITIES as u32, 0..ENTITIES as u32), 0..220),
            first in 0..ENTITIES as u32 - LANES as u32,
        ) {
            let (forward, reverse) = pair(&mut links.clone());
            for rows in [vec![forward.rows()], vec![reverse.rows()], vec![forward.rows(), reverse.rows()]] {
                let condensed = Condensed::of(ENTITIES, &rows, &mut |_| Ok::<(), ()>(())).unwrap();
                let seeds: Vec<u32> = (first..first + LANES as u32).collect();
                let lanes = MultiSource { condensed: &condensed, rows: &rows, seeds: &seeds };
                let mut budget = Budget::new(Limits::default(), None, None);
                let mut lists = vec![Vec::new(); LANES];
                prop_assert!(lanes.reached(&mut lists, &mut budget).is_ok());
                let Ok(numbers) = lanes.numbers(&mut budget) else { return Err(TestCaseError::fail("stopped")) };
                for (lane, seed) in seeds.iter().enumerate() {
                    let expected = reached(&rows, *seed);
                    prop_assert_eq!(&lists[lane], &expected.iter().copied().collect::<Vec<u32>>());
                    prop_assert_eq!(numbers.numbers[lane], expected.len() as u64);
                    prop_assert_eq!(numbers.samples[lane].is_none(), expected.is_empty());
                    prop_assert!(numbers.samples[lane].is_none_or(|sample| expected.contains(&sample)));
                    prop_assert_eq!(numbers.comes_back(lane), expected.contains(seed));
                }
            }
        }
    }

    #[test]
    fn counters_add_numbers_of_any_size() {
        let mut counters = Counters::default();
        (1..=1000u64).for_each(|number| counters.add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number));
        let expected = |lane: usize| -> u64 {
            (1..=1000u64).filter(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> lane & 1 == 1).sum()
        };
        assert_eq!(counters.read(), std::array::from_fn(expected));
    }
}
