//! Set of tuples of equal width in one array, in the order of insertion.

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// Distinct tuples. One allocation for all, since a box per tuple costs more than the search that finds it.
#[derive(Default)]
pub(crate) struct TupleSet {
    /// Number of values per tuple, at least 1.
    width: usize,
    /// Row-major tuples.
    cells: Vec<u32>,
    /// Numbers of the tuples, by hash.
    numbers: HashTable<u32>,
}

impl TupleSet {
    pub fn new(width: usize) -> TupleSet {
        TupleSet { width: width.max(1), ..TupleSet::default() }
    }

    /// Returns the number of tuples.
    pub fn len(&self) -> usize {
        self.cells.len() / self.width
    }

    /// Adds a tuple of `width` values; returns false if it is in the set already. O(width) amortised.
    pub fn insert(&mut self, tuple: impl IntoIterator<Item = u32>) -> bool {
        let (start, width) = (self.cells.len(), self.width);
        // Appended before the look-up, so that it is hashed and compared in place, without a buffer of its own.
        self.cells.extend(tuple);
        let (known, new) = self.cells.split_at(start);
        let of = |number: u32| &known[number as usize * width..][..width];
        let hash = FxBuildHasher.hash_one(new);
        if self.numbers.find(hash, |number| of(*number) == new).is_some() {
            self.cells.truncate(start);
            return false;
        }
        let number = (start / width) as u32;
        self.numbers.insert_unique(hash, number, |number| FxBuildHasher.hash_one(of(*number)));
        true
    }

    /// Adds the tuples of another set of the same width that are not in this one, in their order.
    pub fn extend(&mut self, other: &TupleSet) {
        for tuple in other.cells.chunks_exact(self.width) {
            self.insert(tuple.iter().copied());
        }
    }

    /// Returns the row-major tuples.
    pub fn into_cells(self) -> Vec<u32> {
        self.cells
    }
}

#[cfg(test)]
mod tests {
    use super::TupleSet;
    use indexmap::IndexSet;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tuples_are_kept_once_in_order(
            tuples in prop::collection::vec(prop::collection::vec(0u32..4, 2), 0..60),
            others in prop::collection::vec(prop::collection::vec(0u32..4, 2), 0..60),
        ) {
            let (mut set, mut expected) = (TupleSet::new(2), IndexSet::new());
            for tuple in &tuples {
                prop_assert_eq!(set.insert(tuple.iter().copied()), expected.insert(tuple.clone()));
                prop_assert_eq!(set.len(), expected.len());
            }
            let mut other = TupleSet::new(2);
            others.iter().for_each(|tuple| _ = other.insert(tuple.iter().copied()));
            set.extend(&other);
            expected.extend(others);
            prop_assert_eq!(set.into_cells(), expected.into_iter().flatten().collect::<Vec<u32>>());
        }
    }
}
