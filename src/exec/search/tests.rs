//! Compares each search with all walks of bounded length, which are made by joining sets of walks.

use super::automaton::Automaton;
use super::enumerate::Walks;
use super::product::{Hop, ProductGraph};
use crate::exec::Mode;
use crate::exec::edges::{Derived, Edges, pair};
use crate::exec::limits::{Budget, Flow, Halt};
use crate::graph::Graph;
use crate::limits::Limits;
use crate::plan::{DefineId, Link, Path};
use crate::schema::TypeSet;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Few enough that all acyclic walks, and all walks of the bounded paths below, are no longer than [`LONGEST`].
const ENTITIES: u32 = 5;
const LONGEST: usize = 5;

type Pairs = Vec<(u32, u32)>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Walk {
    from: u32,
    hops: Vec<Hop>,
}

impl Walk {
    fn to(&self) -> u32 {
        self.hops.last().map_or(self.from, |hop| hop.to)
    }

    fn entities(&self) -> Vec<u32> {
        std::iter::once(self.from).chain(self.hops.iter().map(|hop| hop.to)).collect()
    }

    fn is_acyclic(&self) -> bool {
        let entities = self.entities();
        let closed = usize::from(!self.hops.is_empty() && self.to() == self.from);
        BTreeSet::from_iter(&entities).len() + closed == entities.len()
    }
}

/// Returns all walks of a path up to length [`LONGEST`].
fn walks(path: &Path, links: &[Pairs; 2]) -> BTreeSet<Walk> {
    let joined = |before: &BTreeSet<Walk>, after: &BTreeSet<Walk>| -> BTreeSet<Walk> {
        let both = before.iter().flat_map(|a| after.iter().filter(|b| b.from == a.to()).map(move |b| (a, b)));
        let walks = both.map(|(a, b)| Walk { from: a.from, hops: [&a.hops[..], &b.hops].concat() });
        walks.filter(|walk| walk.hops.len() <= LONGEST).collect()
    };
    let empty: BTreeSet<Walk> = (0..ENTITIES).map(|from| Walk { from, hops: Vec::new() }).collect();
    match path {
        Path::Link { link: link @ Link::Define(define), inverse } => {
            let ends = links[define.0 as usize].iter().map(|(a, b)| if *inverse { (*b, *a) } else { (*a, *b) });
            ends.map(|(from, to)| Walk { from, hops: vec![Hop { from, link: *link, inverse: *inverse, to }] }).collect()
        }
        Path::Link { .. } => BTreeSet::new(),
        Path::Sequence(paths) => paths.iter().fold(empty, |before, path| joined(&before, &walks(path, links))),
        Path::Either(paths) => paths.iter().flat_map(|path| walks(path, links)).collect(),
        Path::Repeat { path, min, max, .. } => {
            let (once, mut power, mut all) = (walks(path, links), empty, BTreeSet::new());
            for times in 0..=max.unwrap_or(*min + LONGEST as u32) {
                if times >= *min {
                    all.extend(power.iter().cloned());
                }
                power = joined(&power, &once);
            }
            all
        }
    }
}

/// Returns the paths to test, and whether all walks of each are bounded.
fn paths() -> Vec<(Path, bool)> {
    let link = |define: u16, inverse: bool| Path::Link { link: Link::Define(DefineId(define)), inverse };
    let repeat = |path: Path, min: u32, max: Option<u32>| Path::Repeat {
        path: Box::new(path),
        min,
        max,
        types: TypeSet(u128::MAX),
    };
    let (a, b, back) = (link(0, false), link(1, false), link(1, true));
    vec![
        (a.clone(), true),
        (repeat(a.clone(), 1, None), false),
        (repeat(a.clone(), 0, None), false),
        (repeat(Path::Either(vec![a.clone(), back.clone()]), 1, None), false),
        (repeat(Path::Sequence(vec![a.clone(), b.clone()]), 0, None), false),
        (Path::Sequence(vec![a.clone(), back.clone(), repeat(b.clone(), 0, Some(2))]), true),
        (Path::Sequence(vec![repeat(a.clone(), 0, None), back.clone()]), false),
        (repeat(Path::Either(vec![a, Path::Sequence(vec![b, back])]), 1, Some(2)), true),
    ]
}

fn given<T>(result: Result<T, Halt>) -> T {
    result.unwrap_or_else(|_| panic!("there is no limit"))
}

fn check(path: &Path, is_short: bool, links: &[Pairs; 2]) {
    let graph = Graph { type_starts: vec![0, ENTITIES], ..Graph::default() };
    let mut edges = Edges::new(&graph, 2, &[]);
    for (derived, pairs) in edges.derived.iter_mut().zip(links) {
        let [certain, possible] = [pair(&mut pairs.clone()), pair(&mut pairs.clone())];
        *derived = Derived { certain, possible, ..Derived::default() };
    }
    let automaton = Automaton::of(path, false).expect("a short path");
    let merged = automaton.merged();
    let product = ProductGraph::new(&edges, &automaton, None, Mode::CERTAIN);
    let merged = ProductGraph::new(&edges, &merged, None, Mode::CERTAIN);
    let all = walks(path, links);
    let budget = &mut Budget::new(Limits::default(), None, None);
    for from in 0..ENTITIES {
        let from_here: BTreeMap<u32, Vec<&Walk>> = (0..ENTITIES)
            .map(|to| (to, all.iter().filter(|walk| walk.from == from && walk.to() == to).collect()))
            .filter(|(_, walks): &(u32, Vec<&Walk>)| !walks.is_empty())
            .collect();
        let reachable = reached(&product, from, budget);
        assert_eq!(reached(&merged, from, budget), reachable);
        assert!(reachable.is_empty() || !merged.is_dead_end(from));
        for to in 0..ENTITIES {
            let distance = given(merged.distance(from, to, budget));
            assert_eq!(distance.is_some(), reachable.contains(&to));
            check_pair(
                &product,
                (from, to),
                from_here.get(&to).map_or(&[], Vec::as_slice),
                (distance, is_short),
                budget,
            );
        }
        if let Some(lengths) = given(product.greatest_lengths(from, budget)) {
            assert!(from_here.keys().all(|to| lengths.contains_key(to)));
            for (to, length) in lengths.into_iter().filter(|(_, length)| *length as usize <= LONGEST) {
                let longest = from_here.get(&to).into_iter().flatten().map(|walk| walk.hops.len()).max();
                assert_eq!(longest, Some(length as usize));
            }
        } else {
            assert!(!is_short);
        }
    }
}

fn reached(product: &ProductGraph, from: u32, budget: &mut Budget) -> Vec<u32> {
    let mut found = Vec::new();
    given(product.reached(&[from], &mut found, budget));
    found
}

/// Compares all searches between two entities with `expected`, the sorted walks between them.
fn check_pair(
    product: &ProductGraph,
    (from, to): (u32, u32),
    expected: &[&Walk],
    (distance, is_short): (Option<u32>, bool),
    budget: &mut Budget,
) {
    let hops = |walks: &mut dyn Iterator<Item = &&Walk>| -> BTreeSet<Hop> {
        walks.flat_map(|walk| &walk.hops).copied().collect()
    };
    let shortest = given(product.shortest(from, to, budget));
    assert_eq!(shortest.as_ref().map(|hops| hops.len() as u32), distance);
    let least = expected.iter().map(|walk| walk.hops.len()).min();
    match least {
        Some(least) => {
            assert_eq!(distance, Some(least as u32));
            let first = expected.iter().filter(|walk| walk.hops.len() == least).map(|walk| walk.entities()).min();
            assert_eq!(shortest.map(|hops| Walk { from, hops }.entities()), first);
            let mut all = expected.iter().filter(|walk| walk.hops.len() == least);
            // If the end is the start, `shortest_hops` returns the hops of a cycle, though the empty path is shorter.
            if least > 0 {
                assert!(given(product.shortest_hops(from, &[to], budget)).iter().eq(&hops(&mut all)));
            }
        }
        None => assert!(distance.is_none_or(|distance| distance as usize > LONGEST)),
    }
    check_cheapest(product, (from, to), expected, budget);
    // Each once, and in order.
    let enumerated = |walks: Walks, budget: &mut Budget| -> Vec<Vec<u32>> {
        visited(from, &mut |visit| given(product.enumerate(from, to, walks, budget, visit)))
    };
    let in_order = |walks: &mut dyn Iterator<Item = &&Walk>| -> Vec<Vec<u32>> {
        let entities: BTreeSet<Vec<u32>> = walks.map(|walk| walk.entities()).collect();
        entities.into_iter().collect()
    };
    let acyclic = in_order(&mut expected.iter().filter(|walk| walk.is_acyclic()));
    assert_eq!(enumerated(Walks::Acyclic, budget), acyclic);
    if let Some(least) = least {
        let all = visited(from, &mut |visit| given(product.all_shortest(from, to, budget, visit)));
        assert_eq!(all, in_order(&mut expected.iter().filter(|walk| walk.hops.len() == least)));
    }
    if is_short {
        assert_eq!(enumerated(Walks::All, budget), in_order(&mut expected.iter()));
        assert!(given(product.hops_between(from, to, budget)).iter().eq(&hops(&mut expected.iter())));
    }
}

type Visit<'v> = dyn FnMut(&[u32]) -> Flow + 'v;

/// Returns the entities of all paths that a search visits.
fn visited(from: u32, search: &mut dyn FnMut(&mut Visit)) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    search(&mut |entities| {
        found.push(std::iter::once(&from).chain(entities).copied().collect());
        Ok(())
    });
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn searches_find_what_joined_walks_do(
        one in prop::collection::vec((0..ENTITIES, 0..ENTITIES), 0..8),
        two in prop::collection::vec((0..ENTITIES, 0..ENTITIES), 0..5),
    ) {
        let links = [one, two];
        for (path, is_short) in paths() {
            check(&path, is_short, &links);
        }
    }
}

#[test]
fn a_sparse_set_of_nodes_is_as_a_dense_one() {
    let mut dense = super::bfs::NodeSet::default();
    let mut sparse = super::bfs::NodeSet::default();
    dense.fit(1000);
    sparse.fit(1 << 40);
    for number in (0..1000).map(|i| i * i % 1000) {
        assert_eq!(dense.insert(number), sparse.insert(number));
    }
    assert!((0..1000).all(|number| dense.contains(number) == sparse.contains(number)));
}

/// Compares the cheapest walks with those of the least cost among `expected`. Entering costs nothing of some entities, and is
/// not possible for others.
fn check_cheapest(product: &ProductGraph, (from, to): (u32, u32), expected: &[&Walk], budget: &mut Budget) {
    let cost = |entity: u32| (entity != 3).then_some(entity * 7 % 3);
    // Costs and steps of a path, without its start.
    let total = |entered: &[u32]| -> Option<(u32, usize)> {
        let costs: Option<Vec<u32>> = entered.iter().map(|entity| cost(*entity)).collect();
        Some((costs?.into_iter().sum(), entered.len()))
    };
    let walks: BTreeSet<Vec<u32>> = expected.iter().map(|walk| walk.entities()).collect();
    let least = walks.iter().filter_map(|walk| total(&walk[1..])).min();
    let found = |all: bool, budget: &mut Budget| {
        let cost = |entity: u32| cost(entity).map(f64::from);
        visited(from, &mut |visit| given(product.cheapest(from, to, (&cost, all), budget, visit)))
    };
    let all = found(true, budget);
    let own: BTreeSet<(u32, usize)> = all.iter().map(|walk| total(&walk[1..]).expect("it can be entered")).collect();
    assert!(own.len() <= 1, "all cost the same: {own:?}");
    match (own.first(), least) {
        (Some(own), least) if own.1 <= LONGEST => {
            assert_eq!(Some(*own), least);
            assert!(all.iter().eq(walks.iter().filter(|walk| total(&walk[1..]) == least)));
            assert_eq!(found(false, budget), all[..1]);
        }
        (Some(own), Some(least)) => assert!(*own <= least),
        (Some(_), None) => {}
        (None, least) => assert_eq!(least, None),
    }
}
