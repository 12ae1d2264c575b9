//! The claims of each fact, run-length encoded, while they grow.

use super::{Column, Trust};

/// Value for "no claim" where claims are numbers.
pub(super) const NO_CLAIM: u32 = u32::MAX;

/// Claims of facts in id order. Adjacent facts with the same claims form one run, so that a table whose rows share a
/// claim takes hardly any space.
#[derive(Debug, Default)]
pub(super) struct Citations {
    /// Number of closed facts.
    count: u32,
    /// First fact of each run.
    starts: Vec<u32>,
    /// End of the claims of each run in `claims`.
    ends: Vec<u32>,
    claims: Vec<u32>,
    /// True if the last run has claims and all are doubtful.
    doubtful: bool,
    /// Claims of the open fact.
    open: Vec<u32>,
}

impl Citations {
    /// Returns the number of closed facts, which is the id of the next one.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Adds a claim to the open fact.
    pub fn add(&mut self, claim: u32) {
        if claim != NO_CLAIM {
            self.open.push(claim);
        }
    }

    /// Closes the open fact, with its claims sorted and distinct. Returns true if it has claims and all are doubtful.
    pub fn close(&mut self, trust: &[u8]) -> bool {
        if self.open.len() > 1 {
            self.open.sort_unstable();
            self.open.dedup();
        }
        // Starts a new run unless the claims are those of the last one.
        if self.starts.is_empty() || self.open != self.run(self.starts.len() - 1) {
            let is_doubtful = |claim: &u32| trust.get(*claim as usize) == Some(&(Trust::Doubtful as u8));
            self.doubtful = !self.open.is_empty() && self.open.iter().all(is_doubtful);
            self.starts.push(self.count);
            self.claims.extend_from_slice(&self.open);
            self.ends.push(self.claims.len() as u32);
        }
        self.count += 1;
        self.open.clear();
        self.doubtful
    }

    /// Returns the claims of a run.
    fn run(&self, i: usize) -> &[u32] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.claims[start as usize..self.ends[i] as usize]
    }

    /// Appends the facts of another part behind its own.
    pub fn append(&mut self, others: Citations) {
        let (facts, claims) = (self.count, self.claims.len() as u32);
        // Equal runs on both sides of the seam stay two, which costs a few bytes and nothing else.
        self.starts.extend(others.starts.iter().map(|start| start + facts));
        self.ends.extend(others.ends.iter().map(|end| end + claims));
        self.claims.extend(others.claims);
        self.count += others.count;
    }

    /// Returns the columns of [`super::Claims`]: `starts`, `offsets`, `of_facts`.
    pub fn finish(self) -> [Column<u32>; 3] {
        if self.claims.is_empty() {
            return [Column::default(), Column::default(), Column::default()];
        }
        let runs = self.starts.len();
        // Runs pay off if they cover at least two facts on average; otherwise each fact gets its own offsets.
        if 2 * runs <= self.count as usize {
            let offsets: Vec<u32> = std::iter::once(0).chain(self.ends).collect();
            return [self.starts.into(), offsets.into(), self.claims.into()];
        }
        let (mut offsets, mut all) = (vec![0], Vec::with_capacity(self.claims.len()));
        for i in 0..runs {
            let end = self.starts.get(i + 1).copied().unwrap_or(self.count);
            for _ in self.starts[i]..end {
                all.extend_from_slice(self.run(i));
                offsets.push(all.len() as u32);
            }
        }
        [Column::default(), offsets.into(), all.into()]
    }
}

#[cfg(test)]
mod tests {
    use super::Citations;

    /// Returns the columns for facts with these claims.
    fn columns(facts: &[&[u32]]) -> [Vec<u32>; 3] {
        let (mut first, mut second) = (Citations::default(), Citations::default());
        for (i, claims) in facts.iter().enumerate() {
            let half = if i < facts.len() / 2 { &mut first } else { &mut second };
            claims.iter().for_each(|claim| half.add(*claim));
            half.close(&[3, 0, 0]);
        }
        first.append(second);
        assert_eq!(first.len() as usize, facts.len());
        first.finish().map(|column| column.to_vec())
    }

    #[test]
    fn facts_that_share_their_claims_are_runs() {
        assert_eq!(columns(&[&[], &[]]), <[Vec<u32>; 3]>::default());
        assert_eq!(columns(&[&[1], &[1], &[1], &[1]]), [vec![0, 2], vec![0, 1, 2], vec![1, 1]]);
        assert_eq!(columns(&[&[1, 0, 1], &[], &[2]]), [vec![], vec![0, 2, 2, 3], vec![0, 1, 2]]);
    }

    #[test]
    fn facts_without_a_sure_claim_are_doubtful() {
        let mut citations = Citations::default();
        let mut doubtful = |claims: &[u32]| {
            claims.iter().for_each(|claim| citations.add(*claim));
            citations.close(&[3, 0])
        };
        assert_eq!([doubtful(&[0]), doubtful(&[0]), doubtful(&[0, 1]), doubtful(&[])], [true, true, false, false]);
    }
}
