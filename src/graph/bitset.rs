//! Set of small numbers, one bit each.
//!
//! Not `fixedbitset`, because searches need three properties: numbers out of range are ignored instead of panicking (a
//! damaged snapshot may contain neighbours that are no entities), a large set is cleared in time proportional to the
//! numbers in it, and the greatest number below a bound is removed word by word.

/// A set of numbers below a bound.
#[derive(Debug, Default, Clone)]
pub struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// Returns the empty set, with room for numbers below `bound`.
    pub fn new(bound: usize) -> BitSet {
        BitSet { words: vec![0; bound.div_ceil(64)] }
    }

    /// Returns the set of these numbers, each below `bound`.
    pub fn of(numbers: impl IntoIterator<Item = usize>, bound: usize) -> BitSet {
        let mut set = BitSet::new(bound);
        numbers.into_iter().for_each(|number| _ = set.insert(number));
        set
    }

    /// Makes room for numbers below `bound`.
    pub fn fit(&mut self, bound: usize) {
        if self.words.len() < bound.div_ceil(64) {
            self.words.resize(bound.div_ceil(64), 0);
        }
    }

    /// Returns true if the set has no room for any number.
    pub fn has_no_room(&self) -> bool {
        self.words.is_empty()
    }

    /// Inserts a number; returns true if it is new. A number out of range is ignored and not new.
    #[inline]
    pub fn insert(&mut self, number: usize) -> bool {
        let Some(word) = self.words.get_mut(number / 64) else { return false };
        let bit = 1 << (number % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    #[inline]
    pub fn contains(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Removes a number; returns true if it was in the set.
    pub fn remove(&mut self, number: usize) -> bool {
        let was_in = self.contains(number);
        if was_in {
            self.words[number / 64] &= !(1 << (number % 64));
        }
        was_in
    }

    /// Clears the set; `numbers` must include all of its numbers. O(numbers).
    pub fn clear_all(&mut self, numbers: impl ExactSizeIterator<Item = usize>) {
        if numbers.len() > self.words.len() {
            return self.words.fill(0);
        }
        for number in numbers {
            if let Some(word) = self.words.get_mut(number / 64) {
                // The whole word: every number in it is among those to remove.
                *word = 0;
            }
        }
    }

    /// Removes and returns the greatest number below `end`; there must be no number from `end` on.
    #[inline]
    pub fn take_last_below(&mut self, end: usize) -> Option<usize> {
        let last = (0..self.words.len().min(end.div_ceil(64))).rfind(|i| self.words[*i] != 0)?;
        let bit = 63 - self.words[last].leading_zeros() as usize;
        self.words[last] &= !(1 << bit);
        Some(last * 64 + bit)
    }

    /// Adds the numbers of another set that has the same bound.
    pub fn unite(&mut self, other: &BitSet) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, other)| *own |= other);
    }

    /// Returns how many numbers are in each row of `length` numbers, row by row; `length` must be a multiple of 64.
    pub fn count_rows(&self, length: usize) -> impl Iterator<Item = usize> {
        let rows = self.words.chunks_exact((length / 64).max(1));
        rows.map(|row| row.iter().map(|word| word.count_ones() as usize).sum())
    }

    /// Calls `f` with all numbers, sorted ascending, and clears the set.
    pub fn drain(&mut self, mut f: impl FnMut(usize)) {
        for (i, word) in self.words.iter_mut().enumerate().filter(|(_, word)| **word != 0) {
            each_bit(std::mem::take(word), |bit| f(i * 64 + bit));
        }
    }

    /// Calls `f` with the numbers from `start` on, sorted ascending.
    pub fn each_from(&self, start: usize, mut f: impl FnMut(usize)) {
        for (i, word) in self.words.iter().enumerate().skip(start / 64) {
            let word = if i == start / 64 { *word & (u64::MAX << (start % 64)) } else { *word };
            each_bit(word, |bit| f(i * 64 + bit));
        }
    }
}

/// Calls `f` with the position of each set bit of a word, sorted ascending.
#[inline]
pub fn each_bit(mut word: u64, mut f: impl FnMut(usize)) {
    while word != 0 {
        f(word.trailing_zeros() as usize);
        // Clears the lowest set bit.
        word &= word - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::BitSet;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const BOUND: usize = 200;

    proptest! {
        #[test]
        fn a_set_of_bits_is_a_set(numbers in prop::collection::vec(0..BOUND, 0..40), start in 0..BOUND) {
            let expected: BTreeSet<usize> = numbers.iter().copied().collect();
            let mut set = BitSet::of(numbers.iter().copied(), BOUND);
            prop_assert!((0..BOUND).all(|number| set.contains(number) == expected.contains(&number)));
            let mut rest = Vec::new();
            set.each_from(start, |number| rest.push(number));
            prop_assert!(rest.iter().eq(expected.range(start..)));
            let (mut end, mut taken) = (BOUND, Vec::new());
            while let Some(number) = set.clone().take_last_below(end) {
                prop_assert!(set.remove(number) && !set.remove(number));
                taken.push(number);
                end = number;
            }
            prop_assert!(taken.iter().rev().eq(&expected));
            numbers.iter().for_each(|number| _ = set.insert(*number));
            set.clone().drain(|number| taken.push(number));
            prop_assert!(taken[expected.len()..].iter().eq(&expected));
            let (low, high) = (expected.range(..70).copied(), expected.range(70..).copied());
            let mut united = BitSet::of(low, BOUND);
            united.unite(&BitSet::of(high, BOUND));
            let rows: Vec<usize> = (0..BOUND.div_ceil(64)).map(|i| expected.range(i * 64..(i + 1) * 64).count()).collect();
            prop_assert_eq!(united.count_rows(64).collect::<Vec<_>>(), rows);
            set.clear_all(numbers.iter().copied());
            set.each_from(0, |number| panic!("{number} is left"));
        }
    }

    #[test]
    fn there_is_no_number_out_of_range() {
        let mut set = BitSet::new(64);
        assert!(!set.insert(64) && !set.contains(64) && !set.remove(1000));
        assert!(BitSet::default().has_no_room() && !set.has_no_room());
    }
}
