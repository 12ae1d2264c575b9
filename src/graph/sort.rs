//! Conversion of rows in any order to sorted adjacency, by counting sort: O(rows + entities).

use super::citations::Citations;
use super::{Adjacency, AdjacencyPair, Relation};
use std::cmp::Ordering;
use std::ops::Range;

/// Rows of a verb (subject, object, claim) or of a property (subject, position of the value, claim).
pub(super) struct RawFacts {
    rows: Vec<[u32; 3]>,
}

/// Rows merged to facts.
pub(super) struct Merged {
    /// Per entity of the range, with one entry more.
    pub offsets: Vec<u32>,
    /// Second column, once per fact.
    pub second: Vec<u32>,
    /// Positions of the facts that are only possible, sorted ascending.
    pub doubtful: Vec<u32>,
}

impl RawFacts {
    /// Returns the rows of a verb. `rank` maps provisional ids to final ones; rows with unknown ids are left out.
    pub fn new(mut rows: Vec<[u32; 3]>, rank: &[u32]) -> RawFacts {
        rows.retain(|row| row[..2].iter().all(|id| (*id as usize) < rank.len()));
        for row in &mut rows {
            row[0] = rank[row[0] as usize];
            row[1] = rank[row[1] as usize];
        }
        RawFacts { rows }
    }

    /// Returns the rows of a property, whose second column stays as it is.
    pub fn of_values(mut rows: Vec<[u32; 3]>, rank: &[u32]) -> RawFacts {
        rows.retain(|row| (row[0] as usize) < rank.len());
        rows.iter_mut().for_each(|row| row[0] = rank[row[0] as usize]);
        RawFacts { rows }
    }

    /// Returns the smallest range that contains `least` and every subject.
    pub fn subjects(&self, least: Range<u32>) -> Range<u32> {
        stretch(least, self.rows.iter().map(|row| row[0]))
    }

    /// Returns the smallest range that contains `least` and every object.
    pub fn objects(&self, least: Range<u32>) -> Range<u32> {
        stretch(least, self.rows.iter().map(|row| row[1]))
    }

    /// Sorts by subject, stably.
    pub fn sort_by_subject(&mut self, subjects: &Range<u32>) {
        sort_by_column(&mut self.rows, 0, subjects);
    }

    /// Sorts the rows of each subject by their second column, stably. The rows must be sorted by subject.
    pub fn sort_rows(&mut self, compare: impl Fn(u32, u32) -> Ordering) {
        for rows in self.rows.chunk_by_mut(|a, b| a[0] == b[0]) {
            rows.sort_by(|a, b| compare(a[1], b[1]));
        }
    }
}

fn stretch(least: Range<u32>, ids: impl Iterator<Item = u32>) -> Range<u32> {
    ids.fold(least, |range, id| match range.is_empty() {
        true => id..id + 1,
        false => range.start.min(id)..range.end.max(id + 1),
    })
}

/// Sorts rows by a column whose values lie in `range`: stable counting sort.
fn sort_by_column(rows: &mut Vec<[u32; 3]>, column: usize, range: &Range<u32>) {
    // Sorted rows need neither counters nor a copy.
    if rows.is_sorted_by_key(|row| row[column]) {
        return;
    }
    let mut next = starts(rows.iter().map(|row| row[column]), range);
    let mut sorted = vec![[0; 3]; rows.len()];
    for row in rows.iter() {
        let slot = &mut next[(row[column] - range.start) as usize];
        sorted[*slot as usize] = *row;
        *slot += 1;
    }
    *rows = sorted;
}

/// Returns the number of smaller keys, for each value of a range and for its end.
fn starts(keys: impl Iterator<Item = u32>, range: &Range<u32>) -> Vec<u32> {
    let mut starts = vec![0; range.len() + 1];
    keys.for_each(|key| starts[(key - range.start) as usize + 1] += 1);
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    starts
}

/// Merges adjacent rows of the same fact, and adds their claims to `facts`.
pub(super) fn merge(
    stated: &RawFacts,
    subjects: &Range<u32>,
    same: impl Fn(u32, u32) -> bool,
    trust: &[u8],
    facts: &mut Citations,
) -> Merged {
    let rows = &stated.rows;
    let (mut second, mut doubtful) = (Vec::with_capacity(rows.len()), Vec::new());
    let mut offsets = vec![0; subjects.len() + 1];
    for fact in rows.chunk_by(|a, b| a[0] == b[0] && same(a[1], b[1])) {
        fact.iter().for_each(|row| facts.add(row[2]));
        if facts.close(trust) {
            doubtful.push(second.len() as u32);
        }
        second.push(fact[0][1]);
        offsets[(fact[0][0] - subjects.start) as usize + 1] += 1;
    }
    for i in 1..offsets.len() {
        offsets[i] += offsets[i - 1];
    }
    Merged { offsets, second, doubtful }
}

/// Returns the facts of one verb from both ends. `ends` are the ranges of subjects and objects.
pub(super) fn relation(
    mut stated: RawFacts,
    (subjects, objects): (Range<u32>, Range<u32>),
    trust: &[u8],
    facts: &mut Citations,
) -> Relation {
    let first_fact = facts.len();
    if !stated.rows.is_sorted() {
        // Radix sort, last column first.
        sort_by_column(&mut stated.rows, 1, &objects);
        sort_by_column(&mut stated.rows, 0, &subjects);
    }
    let merged = merge(&stated, &subjects, |a, b| a == b, trust, facts);
    // Frees the rows before the second adjacency is built.
    drop(stated);
    let forward = adjacency(&subjects, merged.offsets, merged.second);
    let reverse = reversed(&forward, &objects);
    let certain = (!merged.doubtful.is_empty()).then(|| {
        let forward = without(&forward, &merged.doubtful);
        let reverse = reversed(&forward, &objects);
        Box::new(AdjacencyPair { forward, reverse })
    });
    Relation { forward, reverse, first_fact, certain, possible: None }
}

fn adjacency(range: &Range<u32>, offsets: Vec<u32>, targets: Vec<u32>) -> Adjacency {
    Adjacency { base: range.start, offsets: offsets.into(), targets: targets.into(), ..Adjacency::default() }
}

/// Returns the same links from their other end. Subjects are visited in order, so that each list is sorted.
pub(super) fn reversed(forward: &Adjacency, objects: &Range<u32>) -> Adjacency {
    let offsets = starts(forward.targets.iter().copied(), objects);
    let (mut next, mut sources) = (offsets.clone(), vec![0; forward.len()]);
    for (subject, row) in forward.iter() {
        for object in row {
            let slot = &mut next[(object - objects.start) as usize];
            sources[*slot as usize] = subject.0;
            *slot += 1;
        }
    }
    adjacency(objects, offsets, sources)
}

/// Returns the links except those at the positions `left_out`, sorted ascending.
pub(super) fn without(all: &Adjacency, left_out: &[u32]) -> Adjacency {
    let before = |position: u32| left_out.partition_point(|i| *i < position) as u32;
    let offsets = all.offsets.iter().map(|offset| offset - before(*offset)).collect();
    let mut out = left_out.iter().peekable();
    let kept = |(i, _): &(usize, &u32)| out.next_if(|left_out| **left_out as usize == *i).is_none();
    let targets = all.targets.iter().enumerate().filter(kept).map(|(_, target)| *target).collect();
    adjacency(&all.range(), offsets, targets)
}

#[cfg(test)]
mod tests {
    use super::super::citations::NO_CLAIM;
    use super::super::{Direction, EntityId, Facts};
    use super::*;

    #[test]
    fn rows_become_facts_from_both_ends() {
        let rank: Vec<u32> = (0..6).collect();
        let stated = RawFacts::new(vec![[2, 4, 0], [1, 5, 1], [2, 3, NO_CLAIM], [2, 4, 1], [9, 0, 0]], &rank);
        let mut facts = Citations::default();
        let relation = relation(stated, (1..3, 3..6), &[3, 3], &mut facts);
        assert_eq!(relation.forward.of(EntityId(2)), [3, 4]);
        assert_eq!(relation.reverse.of(EntityId(4)), [2]);
        assert_eq!(relation.adjacency(Direction::Forward, Facts::Certain).of(EntityId(2)), [3]);
        assert_eq!(relation.adjacency(Direction::Reverse, Facts::Certain).of(EntityId(4)), [] as [u32; 0]);
    }
}
