//! Where the values of a variable come from: neighbours, reached sets, stated values, and what several of these have in
//! common.

use crate::exec::Mode;
use crate::exec::join::{Sink, Worker, along};
use crate::exec::limits::{Flow, Halt};
use crate::exec::search::bfs::BitSet;
use crate::graph::{EntityId, Graph, SourceId, Values, in_part, is_entire};
use crate::plan::{ABSENT, AccessPath, Steps, Term, VarId};
use crate::schema::TypeSet;
use std::rc::Rc;

/// A list that is intersected with as many others as this, and is as long itself, is made a set first.
const DENSE: usize = 32;

impl<'e> Worker<'e> {
    /// What a source lists, where it is a link's.
    #[inline]
    pub(crate) fn listed(&self, source: &AccessPath, mode: Mode) -> Option<&'e [u32]> {
        match source {
            AccessPath::Link { link, from, inverse, source } => {
                Some(self.rows((*link, *inverse, *source), mode).of(self.entity(*from)))
            }
            _ => None,
        }
    }

    /// Binds a variable to what all access have in common.
    pub(crate) fn expand(
        &mut self,
        var: u16,
        access: &[AccessPath],
        types: Option<TypeSet>,
        rest: Steps,
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Flow {
        let listed = |i: usize| access.get(i).and_then(|source| self.listed(source, mode));
        match (listed(0), listed(1), access.len()) {
            (Some(values), _, 1) => self.bind_of(var, values, types, rest, mode, sink),
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

    /// Goes on from each of the values of a variable to its neighbours along one link, or to those that are also another's;
    /// `false` where the next step is none such. What is the same for all values is looked up once.
    pub(crate) fn follow(
        &mut self,
        var: u16,
        values: &[u32],
        (to, access): (u16, &[AccessPath]),
        rest: Steps,
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Result<bool, Halt> {
        let (of_var, other) = match access {
            [one] => (one, None),
            [one, two] if one.from() == Some(Term::Var(VarId(var))) => (one, Some(two)),
            [one, two] => (two, Some(one)),
            _ => return Ok(false),
        };
        let AccessPath::Link { link, from, inverse, source } = of_var else { return Ok(false) };
        if *from != Term::Var(VarId(var)) || other.is_some_and(|other| other.from() == Some(*from)) {
            return Ok(false);
        }
        let other = match other.map(|other| self.listed(other, mode)) {
            None => None,
            Some(Some(list)) => Some(list),
            Some(None) => return Ok(false),
        };
        let own = rest.first.saturating_sub(1);
        let (rows, rest) = (self.rows((*link, *inverse, *source), mode), rest.split_filters());
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
                Some(dense) if neighbours.len() <= other.len() * 8 => {
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

    /// A source's candidates, in rising order.
    fn candidates(&mut self, source: &AccessPath, mode: Mode) -> Result<Candidates<'e>, Halt> {
        let engine = self.engine;
        Ok(match source {
            AccessPath::Link { link, from, inverse, source } => {
                let adjacency = engine.edges.adjacency(*link, *inverse, *source, mode);
                Candidates::Lent(adjacency.of(EntityId(self.entity(*from))))
            }
            AccessPath::Reach { path, from, inverse, source, .. } => {
                self.reached(along(*path, *inverse, *source, mode), self.entity(*from))?
            }
            AccessPath::Values(atom) => {
                let values = engine.graph.values(atom.property);
                let span = values.span(EntityId(self.entity(atom.subject)));
                let stated = |i: &usize| stated(engine.graph, values, *i, atom.source, mode);
                Candidates::Shared(span.filter(stated).map(|i| i as u32).collect())
            }
            AccessPath::Same(term) => match self.entity(*term) {
                ABSENT => Candidates::Lent(&[]),
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

    /// Spares the space of candidates that are done with.
    pub(crate) fn give_back(&mut self, candidates: Candidates) {
        if let Candidates::Own(list) = candidates {
            self.lists.push(list);
        }
    }

    /// The values as a set, in which each is found at once.
    fn dense(&mut self, values: &[u32]) -> BitSet {
        let mut bits = self.bits.pop().unwrap_or_default();
        bits.fit(self.engine.graph.entity_count());
        values.iter().for_each(|value| _ = bits.insert(*value as usize));
        bits
    }

    /// Spares the space of a set, emptied of the values that it was made of.
    fn give_back_dense(&mut self, mut bits: BitSet, values: &[u32]) {
        values.iter().for_each(|value| bits.remove_with_neighbours(*value as usize));
        self.bits.push(bits);
    }
}

/// Whether a fact is stated at all in a mode, and by the source if one is named.
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

/// Sorted candidates, lent by the graph or worked out.
pub(crate) enum Candidates<'e> {
    Lent(&'e [u32]),
    Shared(Rc<[u32]>),
    /// In a list that is to be given back.
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

/// Appends what two rising lists have in common. Lists of like length are merged; of a long one, each value of the short
/// one is sought, going on from the last place.
fn intersect(one: &[u32], two: &[u32], common: &mut Vec<u32>) {
    let (short, mut long) = if one.len() <= two.len() { (one, two) } else { (two, one) };
    if long.len() > short.len().saturating_mul(8) {
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
        i += usize::from(a <= b);
        j += usize::from(b <= a);
    }
}

/// The first position whose value is not below `value`: doubling steps, then halves. O(log of the distance).
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
