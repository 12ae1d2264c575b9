//! Candidates of a variable: neighbours, reached sets, stated values, and intersections of these.

use crate::exec::Mode;
use crate::exec::claims::{claims_of, source_of};
use crate::exec::edges::EdgeLabel;
use crate::exec::join::{Sink, Worker, closure_key};
use crate::exec::limits::{Flow, Halt};
use crate::graph::{BitSet, EntityId, Graph, SourceId, Values, in_part, is_entire};
use crate::plan::{AccessPath, NULL_SLOT, Steps, Term, VarId};
use crate::schema::TypeSet;
use std::rc::Rc;

/// Lists of at least this length that are intersected with at least this many others are turned into a bit set first.
/// By reasoning, no benchmark varies it: below, setting and clearing bits costs as much as the merges that they save.
pub(super) const DENSE: usize = 32;

/// Lists that differ in length by more than this factor are intersected by galloping. A gallop costs about two comparisons
/// for each doubling of the distance, and a merge one for each value skipped: at 8 these are 6 and 8. By reasoning, no
/// benchmark varies it.
const GALLOP: usize = 8;

impl<'e> Worker<'e> {
    /// Returns the neighbours that an access path lists; `None` if it is not a single link.
    #[inline]
    pub(crate) fn listed(&self, source: &AccessPath, mode: Mode) -> Option<&'e [u32]> {
        match source {
            AccessPath::Link { link, from, inverse, source } => {
                let label = EdgeLabel { link: *link, inverse: *inverse, source: *source };
                Some(self.rows(label, mode).of(self.entity(*from)))
            }
            _ => None,
        }
    }

    /// Binds a variable to the intersection of the candidates of all access paths.
    pub(crate) fn expand(
        &mut self,
        var: u16,
        access: &[AccessPath],
        types: Option<TypeSet>,
        rest: Steps,
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Flow {
        let mut lists = access.iter().map_while(|path| self.listed(path, mode));
        match (lists.next(), lists.next(), access.len()) {
            (Some(values), _, 1) => self.bind_of(var, values, types, rest, mode, sink),
            // The most frequent intersection needs no vector of candidates and no sort.
            (Some(one), Some(two), 2) => {
                let mut common = self.list();
                intersect(one, two, &mut common);
                self.bind_of(var, &common, types, rest, mode, sink)?;
                self.lists.push(common);
                Ok(())
            }
            _ => {
                let mut candidates: Vec<Candidates> = Vec::with_capacity(access.len());
                for source in access {
                    candidates.push(self.candidates(source, mode)?);
                }
                if let (Some(only), true) = (candidates.first(), candidates.len() == 1) {
                    self.bind_of(var, only, types, rest, mode, sink)?;
                    candidates.into_iter().for_each(|only| self.give_back(only));
                    return Ok(());
                }
                // Shortest list first: intermediate results are never longer than it.
                candidates.sort_by_key(|candidates| candidates.len());
                let Some((least, others)) = candidates.split_first() else { return Ok(()) };
                let (mut common, mut next) = (self.list(), self.list());
                common.extend_from_slice(least);
                for other in others {
                    next.clear();
                    intersect(&common, other, &mut next);
                    std::mem::swap(&mut common, &mut next);
                }
                self.bind_of(var, &common, types, rest, mode, sink)?;
                self.lists.extend([common, next]);
                Ok(())
            }
        }
    }

    /// Expands one link for each value of a variable, and intersects the neighbours with a second list if given.
    /// Returns `false` if the next step is no such expansion. Rows, list and bit set are looked up once for all values.
    pub(crate) fn follow(
        &mut self,
        var: u16,
        values: &[u32],
        (to, access): (u16, &[AccessPath]),
        rest: Steps,
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Result<bool, Halt> {
        // The list that starts at `var` changes with each value; the other one is fixed.
        let (of_var, other) = match access {
            [one] => (one, None),
            [one, two] if one.from() == Some(Term::Var(VarId(var))) => (one, Some(two)),
            [one, two] => (two, Some(one)),
            _ => return Ok(false),
        };
        let AccessPath::Link { link, from, inverse, source } = of_var else { return Ok(false) };
        // The second list is looked up once, so it must not start at `var`, too.
        if *from != Term::Var(VarId(var)) || other.is_some_and(|other| other.from() == Some(*from)) {
            return Ok(false);
        }
        let other = match other.map(|other| self.listed(other, mode)) {
            None => None,
            Some(Some(list)) => Some(list),
            Some(None) => return Ok(false),
        };
        let own = rest.first.saturating_sub(1);
        let label = EdgeLabel { link: *link, inverse: *inverse, source: *source };
        let (rows, rest) = (self.rows(label, mode), rest.split_filters());
        let dense = other.filter(|other| other.len() >= DENSE && values.len() >= DENSE);
        let dense = dense.map(|other| self.dense(other));
        for value in values {
            let neighbours = rows.of(*value);
            self.frame[var as usize] = *value;
            let Some(other) = other else {
                if !neighbours.is_empty() {
                    self.count_out(own, neighbours.len());
                    self.bind_those(to, neighbours, rest, mode, sink)?;
                }
                continue;
            };
            let mut common = self.list();
            match &dense {
                // If `other` is much shorter than the neighbours, galloping through these is cheaper than testing each.
                Some(dense) if neighbours.len() <= other.len() * GALLOP => {
                    common.extend(neighbours.iter().filter(|neighbour| dense.contains(**neighbour as usize)));
                }
                _ => intersect(neighbours, other, &mut common),
            }
            if !common.is_empty() {
                self.count_out(own, common.len());
                self.bind_those(to, &common, rest, mode, sink)?;
            }
            self.lists.push(common);
        }
        if let (Some(dense), Some(other)) = (dense, other) {
            self.give_back_dense(dense, other);
        }
        Ok(true)
    }

    /// Returns the candidates of an access path, sorted ascending.
    fn candidates(&mut self, source: &AccessPath, mode: Mode) -> Result<Candidates<'e>, Halt> {
        let engine = self.engine;
        Ok(match source {
            AccessPath::Link { link, from, inverse, source } => {
                let adjacency = engine.edges.adjacency(*link, *inverse, *source, mode);
                Candidates::Lent(adjacency.of(EntityId(self.entity(*from))))
            }
            AccessPath::Reach { path, from, inverse, source, .. } => {
                self.reached(closure_key(*path, *inverse, *source, mode), self.entity(*from))?
            }
            AccessPath::Values(atom) => {
                let values = engine.graph.values(atom.property);
                let span = values.span(EntityId(self.entity(atom.subject)));
                let stated = |i: &usize| stated(engine.graph, values, *i, atom.source, mode);
                Candidates::Shared(span.filter(stated).map(|i| i as u32).collect())
            }
            AccessPath::Ends { link, inverse } => {
                let adjacency = engine.edges.adjacency(*link, *inverse, None, mode);
                let ends = adjacency.iter().filter(|(_, others)| !others.is_empty());
                Candidates::Shared(ends.map(|(entity, _)| entity.0).collect())
            }
            AccessPath::Claims(claimed) => {
                let claims = claims_of(engine.graph, claimed, &self.frame);
                let mut sources: Vec<u32> =
                    claims.iter().filter_map(|claim| source_of(engine.graph, *claim, mode)).collect();
                sources.sort_unstable();
                sources.dedup();
                Candidates::Shared(sources.into())
            }
            AccessPath::Word(word) => Candidates::Shared(Rc::from([*word])),
            AccessPath::Same(term) => match self.entity(*term) {
                NULL_SLOT => Candidates::Lent(&[]),
                // The entity does not exist at the date of an `as of` query.
                entity if engine.graph.is_absent(EntityId(entity)) => Candidates::Lent(&[]),
                entity => Candidates::Shared(Rc::from([entity])),
            },
            AccessPath::Either(access) => {
                let mut all: Vec<u32> = Vec::new();
                for source in access {
                    all.extend_from_slice(&self.candidates(source, mode)?);
                }
                all.sort_unstable();
                all.dedup();
                Candidates::Shared(all.into())
            }
        })
    }

    /// Returns the buffer of candidates to the pool.
    pub(crate) fn give_back(&mut self, candidates: Candidates) {
        if let Candidates::Own(list) = candidates {
            self.lists.push(list);
        }
    }

    /// Returns the values as a bit set from the pool.
    pub(super) fn dense(&mut self, values: &[u32]) -> BitSet {
        let mut bits = self.bits.pop().unwrap_or_default();
        bits.fit(self.engine.graph.entity_count());
        values.iter().for_each(|value| _ = bits.insert(*value as usize));
        bits
    }

    /// Clears a bit set of these values and returns it to the pool. O(values), not O(entities).
    pub(super) fn give_back_dense(&mut self, mut bits: BitSet, values: &[u32]) {
        bits.clear_all(values.iter().map(|value| *value as usize));
        self.bits.push(bits);
    }
}

/// Returns true if a value is stated in a mode, and by the source if one is given.
pub(crate) fn stated(graph: &Graph, values: &Values, position: usize, source: Option<SourceId>, mode: Mode) -> bool {
    let (claims, fact) = (graph.claims(), values.fact(position));
    if !values.has(position) && !source.is_some_and(is_entire) {
        return false;
    }
    match in_part(source) {
        None => mode.possible || !graph.is_doubtful(fact),
        Some(source) => claims
            .of(fact)
            .any(|claim| claim.source == source && (mode.possible || claim.trust != crate::graph::Trust::Doubtful)),
    }
}

/// Candidates, sorted ascending: borrowed from the graph, shared with a cache, or in a buffer of the pool.
pub(crate) enum Candidates<'e> {
    Lent(&'e [u32]),
    Shared(Rc<[u32]>),
    /// Buffer of the pool, see [`Worker::give_back`].
    Own(Vec<u32>),
}

impl std::ops::Deref for Candidates<'_> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Candidates::Lent(values) => values,
            Candidates::Shared(values) => values,
            Candidates::Own(values) => values,
        }
    }
}

/// Intersects two lists, sorted ascending: merges them if they are similar in length, else gallops through the longer one
/// (as in Veldhuizen's *Leapfrog triejoin*, 2014). Appends to `common`.
fn intersect(one: &[u32], two: &[u32], common: &mut Vec<u32>) {
    let (short, mut long) = if one.len() <= two.len() { (one, two) } else { (two, one) };
    if long.len() > short.len().saturating_mul(GALLOP) {
        for value in short {
            long = &long[gallop(long, *value)..];
            if long.first() == Some(value) {
                common.push(*value);
            }
        }
        return;
    }
    let (mut i, mut j) = (0, 0);
    while let (Some(a), Some(b)) = (short.get(i), long.get(j)) {
        if a == b {
            common.push(*a);
        }
        // Without branches: which list is behind follows no pattern that a processor could predict.
        i += usize::from(a <= b);
        j += usize::from(b <= a);
    }
}

/// Returns the first position whose value is not below `value`: exponential search (Bentley, Yao, *An almost optimal
/// algorithm for unbounded searching*, 1976), then binary search. O(log of the distance).
fn gallop(values: &[u32], value: u32) -> usize {
    let mut step = 1;
    while step < values.len() && values[step - 1] < value {
        step *= 2;
    }
    let start = step / 2;
    let end = step.min(values.len());
    start + values[start..end].partition_point(|other| *other < value)
}

#[cfg(test)]
mod tests {
    use super::{gallop, intersect};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn intersections_are_those_of_sets(
            short in prop::collection::btree_set(0..300u32, 0..9),
            long in prop::collection::btree_set(0..300u32, 0..200),
        ) {
            let [one, two] = [&short, &long].map(|set: &BTreeSet<u32>| set.iter().copied().collect::<Vec<u32>>());
            let expected: Vec<u32> = short.intersection(&long).copied().collect();
            for (one, two) in [(&one, &two), (&two, &one)] {
                let mut common = Vec::new();
                intersect(one, two, &mut common);
                prop_assert_eq!(&common, &expected);
            }
        }
    }

    #[test]
    fn intersections_of_lists_of_any_length() {
        let multiples = |of: usize, to: u32| (0..to).step_by(of).collect::<Vec<u32>>();
        for (a, b) in [(2, 3), (1, 50), (50, 1), (7, 7)] {
            let mut common = Vec::new();
            intersect(&multiples(a, 1000), &multiples(b, 900), &mut common);
            let expected: Vec<u32> = (0..900).filter(|i| i % a as u32 == 0 && i % b as u32 == 0).collect();
            assert_eq!(common, expected, "{a} and {b}");
        }
    }

    #[test]
    fn gallop_finds_the_first_not_below() {
        let values = [2, 4, 6, 8, 10];
        let expected = |value| values.partition_point(|other| *other < value);
        (0..12).for_each(|value| assert_eq!(gallop(&values, value), expected(value), "{value}"));
        assert_eq!(gallop(&[], 3), 0);
    }
}
