//! What an expression gives for each binding, as numbers in the order of its values.

use crate::answer::Cell;
use crate::exec::bindings::Bindings;
use crate::exec::eval::Scope;
use crate::exec::output::sort::compare_cells;
use crate::graph::Graph;
use crate::limits;
use crate::plan::Scalar;
use rustc_hash::FxHashMap;

/// The code of what is absent.
pub(crate) const ABSENT_CODE: u32 = u32::MAX;

/// Which values share a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// Those that stand at the same place in the order: of keys.
    Equivalent,
    /// Those that are the same: of arguments.
    Same,
}

/// A column of codes with the values that they stand for.
pub(crate) struct Dictionary {
    /// By binding: a position in `cells`, or [`ABSENT_CODE`] where arguments are absent.
    pub codes: Vec<u32>,
    /// Distinct, in the order of display.
    pub cells: Vec<Cell>,
}

impl Dictionary {
    /// Evaluates an expression once for each value of the slots that it reads. O(bindings + values × log values).
    pub fn of(graph: &Graph, found: &Bindings, scalar: &Scalar, merge: Merge) -> Dictionary {
        let mut slots = Vec::new();
        scalar.slots(&mut |slot| {
            if !slots.contains(&slot) {
                slots.push(slot)
            }
        });
        let places = found.places(&slots);
        let mut frame = found.empty_frame();
        let mut known: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
        let mut known_alone: FxHashMap<u32, u32> = FxHashMap::default();
        let mut given: Vec<Cell> = Vec::new();
        let mut numbers: Vec<u32> = Vec::with_capacity(found.len());
        for (i, tuple) in (0..found.len()).map(|i| (i, found.tuple(i))).take_while(limits::in_budget) {
            let evaluate = || {
                found.fill(i, &mut frame);
                given.push(Scope { graph, paths: &found.paths, frame: &frame, group: &|_| Cell::Absent }.cell(scalar));
                given.len() as u32 - 1
            };
            numbers.push(match places.as_slice() {
                [Some(place)] => *known_alone.entry(tuple[*place]).or_insert_with(evaluate),
                places => {
                    let read: Vec<u32> = places.iter().flatten().map(|place| tuple[*place]).collect();
                    *known.entry(read).or_insert_with(evaluate)
                }
            });
        }
        Dictionary::coded(numbers, given, merge)
    }

    /// Numbers the given values in their order.
    fn coded(mut numbers: Vec<u32>, given: Vec<Cell>, merge: Merge) -> Dictionary {
        let mut order: Vec<u32> = (0..given.len() as u32).collect();
        let cell = |i: &u32| &given[*i as usize];
        limits::sort_by(&mut order, |a, b| compare_cells(cell(a), cell(b)));
        let is_same = |a: &u32, b: &u32| match merge {
            Merge::Equivalent => compare_cells(cell(a), cell(b)).is_eq(),
            Merge::Same => cell(a) == cell(b),
        };
        let mut codes = vec![0; given.len()];
        let mut cells: Vec<Cell> = Vec::new();
        for run in order.chunk_by(is_same) {
            let code = match (merge, cell(&run[0])) {
                (Merge::Same, Cell::Absent) => ABSENT_CODE,
                (_, first) => {
                    cells.push(first.clone());
                    cells.len() as u32 - 1
                }
            };
            run.iter().for_each(|i| codes[*i as usize] = code);
        }
        numbers.iter_mut().for_each(|number| *number = codes[*number as usize]);
        Dictionary { codes: numbers, cells }
    }
}

#[cfg(test)]
mod tests {
    use super::{ABSENT_CODE, Dictionary, Merge};
    use crate::answer::Cell;
    use crate::exec::output::sort::compare_cells;
    use crate::exec::tests::cell;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_are_in_the_order_of_cells(given in prop::collection::vec(cell(), 0..24)) {
            for merge in [Merge::Same, Merge::Equivalent] {
                let numbers: Vec<u32> = (0..given.len() as u32).rev().collect();
                let Dictionary { codes, cells } = Dictionary::coded(numbers.clone(), given.clone(), merge);
                for (number, code) in numbers.iter().zip(&codes) {
                    let own = &given[*number as usize];
                    match (merge, own) {
                        (Merge::Same, Cell::Absent) => prop_assert_eq!(*code, ABSENT_CODE),
                        (Merge::Same, own) => prop_assert_eq!(&cells[*code as usize], own),
                        (Merge::Equivalent, own) => prop_assert!(compare_cells(&cells[*code as usize], own).is_eq()),
                    }
                }
                for pair in cells.windows(2) {
                    let order = compare_cells(&pair[0], &pair[1]);
                    prop_assert!(order.is_lt() || (merge == Merge::Same && order.is_eq()), "{:?}", pair);
                }
                for (i, cell) in cells.iter().enumerate() {
                    prop_assert!(!cells[..i].contains(cell), "{:?} has two codes", cell);
                }
            }
        }
    }
}
