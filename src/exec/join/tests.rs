//! Compares the join with three nested loops, on one thread and on several.

use super::parallel::MergeableSink;
use super::{Sink, Worker};
use crate::exec::Mode;
use crate::exec::bindings::engine;
use crate::exec::edges::{Derived, Edges, pair};
use crate::exec::limits::{Budget, Flow};
use crate::graph::Graph;
use crate::limits::Limits;
use crate::plan::{AccessPath, Block, CompareOp, Condition, DefineId, Link, Order, Pattern, Probe, Step, Term, VarId};
use crate::schema::TypeSet;
use proptest::prelude::*;

const ENTITIES: u32 = 40;

/// Sink that collects the bindings in order.
struct Frames(Vec<Vec<u32>>);

impl Sink for Frames {
    fn one(&mut self, worker: &mut Worker, _: Mode) -> Flow {
        self.0.push(worker.frame.clone());
        Ok(())
    }
}

impl MergeableSink for Frames {
    const IN_ORDER: bool = true;

    fn fork(&self) -> Frames {
        Frames(Vec::new())
    }

    fn merge(&mut self, mut next: Frames) {
        self.0.append(&mut next.0);
    }
}

/// `a one b`, `b >= a` if `filtered`, and `b` has a neighbour by `two` below `a`, or not `a != b`; `b one c` and `c two a`.
fn pattern(filtered: bool) -> Pattern {
    let [a, b, c] = [VarId(0), VarId(1), VarId(2)];
    let link = |define: u16, from: VarId, inverse: bool| AccessPath::Link {
        link: Link::Define(DefineId(define)),
        from: Term::Var(from),
        inverse,
        source: None,
    };
    let expand = |var: VarId, access: Vec<AccessPath>| Step::Expand { var, access, types: None };
    let order = |op: CompareOp| Condition::Order(Order { var: b, op, other: Term::Var(a) });
    let probe = Condition::Probe(Probe {
        from: b,
        link: Link::Define(DefineId(1)),
        inverse: false,
        source: None,
        orders: vec![(CompareOp::Less, Term::Var(a))],
        facts: Vec::new(),
    });
    let mut steps = vec![Step::Scan { var: a, types: TypeSet(1) }, expand(b, vec![link(0, a, false)])];
    if filtered {
        steps.push(Step::Filter(order(CompareOp::GreaterOrEqual)));
        steps.push(Step::Filter(Condition::Any(vec![
            probe.clone(),
            Condition::Not(Box::new(order(CompareOp::NotEqual))),
        ])));
        steps.push(Step::Filter(Condition::Not(Box::new(Condition::All(vec![probe, order(CompareOp::Equal)])))));
    }
    steps.push(expand(c, vec![link(0, b, false), link(1, a, true)]));
    let var = |title: &str| crate::check::typed::Var {
        name: None,
        title: title.to_string(),
        kind: crate::check::typed::VarKind::Entity(TypeSet(1)),
        span: Default::default(),
    };
    Pattern {
        block: Block { steps, wanted: vec![a, b, c], ..Block::default() },
        paths: Vec::new(),
        keys: Vec::new(),
        folded: Vec::new(),
        slots: ["a", "b", "c"].map(var).to_vec().into(),
        is_certain: true,
        most: None,
    }
}

fn loops(one: &[(u32, u32)], two: &[(u32, u32)], filtered: bool) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    for (a, b) in one {
        let has_lower = two.iter().any(|(from, to)| from == b && to < a);
        let passes = b >= a && (has_lower || a == b) && !(has_lower && a == b);
        for (_, c) in one.iter().filter(|(from, _)| from == b && (passes || !filtered)) {
            if two.contains(&(*c, *a)) {
                found.push(vec![*a, *b, *c]);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_join_finds_what_loops_do_on_any_number_of_threads(
        one in prop::collection::vec((0..ENTITIES, 0..ENTITIES), 0..400),
        two in prop::collection::vec((0..ENTITIES, 0..ENTITIES), 0..400),
        filtered: bool,
    ) {
        let graph = Graph { type_starts: vec![0, ENTITIES], ..Graph::default() };
        let mut edges = Edges::new(&graph, 2, &[]);
        for (derived, pairs) in edges.derived.iter_mut().zip([&one, &two]) {
            // A negated fact is looked up among the possible ones.
            let [certain, possible] = [pair(&mut pairs.clone()), pair(&mut pairs.clone())];
            *derived = Derived { certain, possible, ..Derived::default() };
        }
        let pattern = pattern(filtered);
        let Ok(engine) = engine(&graph, &edges, &pattern) else { return Err(TestCaseError::fail("too long")) };
        let expected = loops(&one, &two, filtered);
        for others in [0, 1, 3] {
            let mut worker = Worker::new(&engine, Budget::new(Limits::default(), None, None), false);
            let mut found = Frames(Vec::new());
            prop_assert!(worker.run_divided(others, Mode::CERTAIN, &mut found).is_ok());
            prop_assert_eq!(&found.0, &expected);
        }
    }
}
