//! Operators against plain loops, on random graphs and random cells.

use super::aggregate::{FoldColumn, Group, fold::fold};
use super::bindings::{Bindings, Certainty};
use super::output::SortableRow;
use super::{Context, Profile};
use crate::answer::{Answer, Cell, Row};
use crate::functions::FunctionId;
use crate::graph::EntityId;
use crate::limits::{Budget, Limits};
use crate::plan::{AggregateCall, Scalar, VarId};
use crate::value::{Date, Truth, Value};
use crate::{Database, Options};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Generates any cell; few of each kind, so that equal cells occur.
pub(crate) fn cell() -> impl Strategy<Value = Cell> {
    let end = prop_oneof![Just(f64::NEG_INFINITY), Just(1.0), Just(2.0), Just(f64::INFINITY)];
    let range = (end.clone(), end).prop_filter("from low to high", |(a, b)| a < b);
    let date = prop::sample::select(vec!["2020", "2020-01", "2020-01-01", "2020~", "..2020", "2020..", "2019..2021"]);
    let text = prop::sample::select(vec!["a1", "a01", "A1", "a10", "b", "2023-05", "2023-05..2023-07", ".."]);
    let value = prop_oneof![
        Just(Value::Unknown),
        (-2i32..3).prop_map(|number| Value::Number(f64::from(number))),
        Just(Value::Integer(i64::MAX)),
        range.prop_map(|(low, high)| Value::Range(low, high)),
        date.prop_map(|date| Value::Date(Date::parse(date).expect("a date"))),
        Just(Value::Date(Date::UNDATED)),
        text.prop_map(Value::text),
        prop::sample::select(vec![Truth::Yes, Truth::No, Truth::Maybe]).prop_map(Value::Truth),
    ];
    let single = prop_oneof![
        Just(Cell::Absent),
        (0u32..3).prop_map(|entity| Cell::Entity(EntityId(entity))),
        prop::collection::vec((0u32..3).prop_map(EntityId), 0..3).prop_map(Cell::Path),
        value.prop_map(Cell::Value),
    ];
    let list = prop::collection::vec((single.clone(), any::<bool>()), 0..3).prop_map(Cell::List);
    prop_oneof![6 => single, 1 => list]
}

/// Returns a certain row for each key.
pub(crate) fn rows_of(keys: Vec<Cell>) -> Vec<SortableRow> {
    let row = |key: Cell| {
        let row = Row { cells: vec![key.clone()], certain: true };
        SortableRow { row, keys: vec![key], sure: Certainty::Certain, adds: Vec::new() }
    };
    keys.into_iter().map(row).collect()
}

/// Random number generator, deterministic for a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

const MODELS: u64 = 40;

/// Returns a graph of models that succeed others and use tools; some undated, some vaguely dated, some without a size.
fn database(seed: u64) -> Database {
    let mut random = Random(seed);
    let (mut models, mut facts) = (Vec::new(), Vec::new());
    let density = 1 + random.below(4);
    for i in 0..MODELS {
        let date = ["2020-01-01", "2021-05-03", "2021-05", "2020..2021", "2022-02-02"][random.below(5) as usize];
        let size = if random.below(4) == 0 { String::new() } else { format!(", size: {}", random.below(7)) };
        let date = if random.below(8) == 0 { String::new() } else { format!("date: \"{date}\"") };
        models.push(format!("\"M{i}\": ({})", format!("{date}{size}").trim_start_matches(", ")));
        facts.extend((0..6).filter(|_| random.below(5) < density).map(|t| format!("\"M{i} uses T{t}\"")));
        facts.extend((0..i).filter(|_| random.below(MODELS) < density).map(|k| format!("\"M{i} succeeds M{k}\"")));
    }
    let text = format!(
        r#"(
            schema: (
                types: {{
                    "Model": (properties: {{"date": (type: Date, single: true), "size": (type: Number, single: true)}}),
                    "Tool": (),
                }},
                verbs: {{
                    "uses": (from: ["Model"], to: ["Tool"], inverse: "used by"),
                    "succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by"),
                }},
            ),
            sources: {{"S": (title: "S")}},
            entities: {{"Model": {{{}}}, "Tool": {{"T0": (), "T1": (), "T2": (), "T3": (), "T4": (), "T5": ()}}}},
            claims: [(source: "S", at: "1", trust: direct, facts: [{}])],
        )"#,
        models.join(", "),
        facts.join(", ")
    );
    let (graph, problems) = crate::load::read(vec![crate::text::Text::new("graph", text.as_str())]);
    Database::of(graph.unwrap_or_else(|| panic!("{problems:?}")))
}

fn ask(database: &Database, text: &str, disabled: &[&str]) -> Answer {
    let disabled = disabled.iter().map(|name| name.to_string()).collect();
    let options = Options { disabled_rewrites: disabled, ..Options::default() };
    let prepared = database.prepare(text, &options).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    database.run(prepared.last().expect("a query"), &options).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// Returns the rows of a query as numbers: entity ids and numbers.
fn numbers(database: &Database, text: &str) -> Vec<Vec<Option<i64>>> {
    let number = |cell: &Cell| match cell {
        Cell::Entity(entity) => Some(i64::from(entity.0)),
        Cell::Value(value) => value.number().map(|number| number.to_f64() as i64),
        _ => None,
    };
    ask(database, text, &[]).table.rows.iter().map(|row| row.cells.iter().map(number).collect()).collect()
}

#[test]
fn counted_groups_are_groups_that_are_counted() {
    let queries = [
        "Model m uses Tool t show t, count(m) by t",
        "Model m uses Tool t show t, count(m) by t order by count(m) desc limit 3",
        "Model m uses Tool t show t, count(m) by t order by count(m) desc limit 2 offset 1",
        "Model m uses Tool t show t, count(m) by t having count(m) >= 9",
        "Model m uses Tool t show t, count(m) by t having count(m) > 9 order by count(m) desc limit 1",
        "Model m uses Tool t show count(m) by t, year(m.date)",
        "Model m uses Tool t show count(m), running(count(m)) by t, year(m.date)",
        "Model m uses Tool t show count(m) by t, month(m.date) having count(m) > 2",
        "Model m uses T0 show count(m) by m.size",
        "Model m uses T0 show count(m) by quarter(m.date), m.size",
        "Model m uses Tool t, m uses Tool s show count(m) by t, s order by count(m) desc limit 4",
        "Model m uses Tool t, m uses Tool s, m uses Tool r show count(m) by t, s, r having count(m) > 4",
        "Model m succeeds+ Model p show p, count(m) by p order by count(m) desc limit 5",
        "Model m succeeds+ Model p show count(p) by m having count(p) >= 3",
        "Model m uses T0, m uses T1 show count(m)",
    ];
    for others in [&[][..], &["clustered_groups"], &["top_counts"], &["multi_source_reach"]] {
        agree("count_groups", others, &queries);
    }
}

/// Checks on random graphs that queries have the same answers without a rule as without the others.
fn agree(rule: &str, others: &[&str], queries: &[&str]) {
    for seed in 0..12 {
        let database = database(seed);
        for text in queries {
            let (with, without) = (ask(&database, text, others), ask(&database, text, &[rule]));
            assert_eq!(with.table.rows, without.table.rows, "seed {seed}, without {others:?}: {text}");
            assert_eq!(with.more_possible, without.more_possible, "seed {seed}: {text}");
        }
    }
}

#[test]
fn distinct_entities_are_those_of_the_bindings() {
    let queries = [
        "Model m succeeds Model o, m uses Tool t show count(m), count(o) by t",
        "Model m succeeds Model o, m uses Tool t show count(t), count(o) by year(m.date) having count(t) > 1",
        "Model m succeeds Model o, m uses Tool t show count(m), count(t) by m.size, o order by count(t) desc limit 4",
        "Model m, optional m succeeds Model p show count(m), count(p)",
        "Model m, optional m succeeds Model p, optional p uses Tool t show count(t), count(p) by m",
        "Model m succeeds Model p, p uses Tool t, m uses no t show t, count(m) by t order by count(m) desc, t limit 3",
        "Model m uses Tool t, m uses no T0 show count(m), count(t)",
        "Model m succeeds+ Model p, p uses Tool t show count(m), count(p) by t",
    ];
    agree("count_distinct", &[], &queries);
}

#[test]
fn the_first_rows_are_the_first_of_all() {
    let queries = [
        "Model m, optional m succeeds Model p show m, p limit 4",
        "Model m, optional m succeeds Model p, optional m uses Tool t show m, p, t limit 5 offset 2",
        "Model m, optional (m succeeds Model p, p uses Tool t) show m, p, t limit 4",
        "Model m uses Tool t, optional m succeeds Model p show m, t, p limit 3 offset 6",
    ];
    agree("stop_at_limit", &[], &queries);
}

#[test]
fn the_first_paths_are_the_first_of_all() {
    let queries = [
        "paths Model succeeds{1,3} Model limit 4",
        "paths M0 succeeds{1,4} Model limit 3 offset 2",
        "paths M0 (succeeds | succeeded by){1,3} Model limit 5",
        "paths M1 (uses / used by){1,2} Model limit 7 offset 3",
        "paths Model (succeeds | succeeded by)+ Model shortest limit 6 offset 4",
        "paths Model m uses Tool t, m (succeeds | uses | used by)+ Model shortest limit 3",
    ];
    agree("stop_paths_at_limit", &[], &queries);
}

/// A defined link is one step, also if the definition stands for a path.
#[test]
fn paths_of_definitions_have_their_pairs() {
    let follows = "define Model x follows Model y as (x succeeds y or x follows Model z, z succeeds y)";
    let meets =
        "define Model x meets Tool t as (x uses t or x succeeds Model z, z uses t or x follows Model z, z uses t)";
    let asked = [
        "Model m follows Model n show m, n",
        "paths Model follows Model",
        "paths Model meets Tool shortest",
        "path Model m follows Model n",
        "Model m follows as p Model n show p, length(p)",
        "Model m (follows / uses) as p Tool t show p, t",
        "Model m meets Tool t show t, count(m) by t",
        "Model m meets T0, m follows Model n show m, n",
        "Model m meets no Tool show m",
        "Model m (meets / used by) Model n show m, n",
        "Model m follows Model n nearest n show m, n",
        "M9 (follows | succeeded by)+ Model m show m",
    ];
    let queries: Vec<String> = asked.iter().map(|query| format!("{follows}; {meets}; {query}")).collect();
    let queries: Vec<&str> = queries.iter().map(String::as_str).collect();
    agree("paths_of_definitions", &[], &queries);
}

#[test]
fn joined_semi_joins_repeat_nothing() {
    let queries = [
        "Model m, cross Model n where (m uses Tool that is used by n) show m, n",
        "Model m, cross Model n where (m uses Tool that is used by n) show count(m), sum(m.size), avg(n.size)",
        "Model m, cross Model n where (m uses Tool that is used by n) show n, sum(m.size), list(m) by n",
        "Model m, cross Model n where (m succeeds Model that succeeds n) show min(m.date), count(n) by m.size",
        "Model m, cross Model n where (m succeeds Model that succeeds n) or m.size = n.size show m, n",
        "Model m, cross Model n, optional n uses Tool t where (m uses Tool that is used by n) show m, sum(n.size) by m",
        "count Model m, cross Model n where (m uses Tool that is used by n)",
        "Model m, optional (m succeeds Model n, cross Model k where (k uses Tool that is used by n)) show m, sum(k.size), count(n) by m",
        "Tool t, cross Tool u where (t used by Model that uses u) and t != u show t, u limit 4",
    ];
    agree("join_semi_joins", &[], &queries);
    agree("join_semi_joins", &["existential_to_semi_join"], &queries);
}

/// Questions with verbs of three places, and the same written out.
const OF_THREE: &[(&str, &str)] = &[
    (
        "Model m takes Tool t from Model p show m, t, p",
        "Model m uses Tool t, m succeeds Model p, p uses t show m, t, p",
    ),
    ("Model m takes T0 from Model p show m, p", "Model m uses T0, m succeeds Model p, p uses T0 show m, p"),
    ("Model m takes Tool t from M3 show m, t", "Model m uses Tool t, m succeeds M3, M3 uses t show m, t"),
    ("Model m takes no Tool from Model show m", "Model m, not (m uses Tool t, m succeeds Model p, p uses t) show m"),
    (
        "Model m succeeds Model p, not (m takes Tool from p) show m, p",
        "Model m succeeds Model p, not (m uses Tool t, p uses t) show m, p",
    ),
    (
        "Model m takes T0 or T1 from Model p show m, p",
        "Model m succeeds Model p, (m uses T0, p uses T0 or m uses T1, p uses T1) show m, p",
    ),
    (
        "Model m takes T0 and T1 from Model p show m, p",
        "Model m succeeds Model p, m uses T0 and T1, p uses T0 and T1 show m, p",
    ),
    (
        "Model m succeeds Model p, m takes every Tool from p show m, p",
        "Model m succeeds Model p, not (Tool t, not (m uses t, p uses t)) show m, p",
    ),
    (
        "Model m succeeds Model p, m takes at least 2 Tool from p show m, p",
        "Model m succeeds Model p, m uses Tool t, p uses t show m, p, count(t) by m, p having count(t) >= 2",
    ),
    (
        "Model m meets Tool t through Model p show m, t, p",
        "Model m succeeds Model q, q succeeds Model p, p uses Tool t show m, t, p",
    ),
    (
        "Model m meets Tool t through Model p show t, count(m), count(p) by t",
        "Model m succeeds Model q, q succeeds Model p, p uses Tool t show t, count(m), count(p) by t",
    ),
    (
        "Model m keeps Tool t with Model p show m, t, p",
        "Model m uses Tool t, m succeeds Model p, p uses t where p.size < m.size show m, t, p",
    ),
    (
        "Model m, optional m takes Tool t from Model p show m, t, p",
        "Model m, optional (m uses Tool t, m succeeds Model p, p uses t) show m, t, p",
    ),
    (
        "Model m where m takes T2 from M1 or m.size > 4 show m",
        "Model m where (m uses T2, m succeeds M1, M1 uses T2) or m.size > 4 show m",
    ),
    (
        "Model that takes T0 from Model p succeeds Model q show p, q",
        "Model x uses T0, x succeeds Model p, p uses T0, x succeeds Model q show p, q",
    ),
    (
        "Model m takes T0 from M1 or M2 show m",
        "Model m uses T0, (m succeeds M1, M1 uses T0 or m succeeds M2, M2 uses T0) show m",
    ),
    (
        "Model m takes Tool t from M1 but not M2 show m, t",
        "Model m uses Tool t, m succeeds M1, M1 uses t, not (m succeeds M2, M2 uses t) show m, t",
    ),
    (
        "Model m takes T0 and T1 from M1 and M2 show m",
        "Model m uses T0 and T1, m succeeds M1 and M2, M1 and M2 uses T0 and T1 show m",
    ),
];

/// A verb of three places means what its definition says, written out.
#[test]
fn verbs_of_three_places_are_their_definitions() {
    const TAKES: &str = "define Model m takes Tool t from Model p as m uses t, m succeeds p, p uses t";
    const MEETS: &str = "define Model m meets Tool t through Model p as m succeeds Model q, q succeeds p, p uses t";
    const YOUNG: &str = "define Model m keeps Tool t with Model p as m takes t from p where p.size < m.size";
    for seed in 0..5 {
        let database = database(seed);
        for (short, written) in OF_THREE {
            let defined = format!("{TAKES}; {MEETS}; {YOUNG}; {short}");
            for off in [&[][..], &["all"], &["join_semi_joins"]] {
                let (of_three, plain) = (ask(&database, &defined, off), ask(&database, written, &[]));
                let cells = |answer: &Answer| -> Vec<Vec<Cell>> {
                    answer.table.rows.iter().map(|row| row.cells[..2.min(row.cells.len())].to_vec()).collect()
                };
                assert_eq!(cells(&of_three), cells(&plain), "seed {seed}, without {off:?}: {short}");
                assert_eq!(of_three.more_possible, plain.more_possible, "seed {seed}: {short}");
            }
        }
    }
}

#[test]
fn paths_to_any_are_searched_once() {
    let queries = [
        "Model m uses T0, m succeeds+ Model a show a",
        "Model m uses T0, m succeeds+ Model a show count(a)",
        "Model a succeeds+ Model m, m uses T1, a uses no T0 show a",
        "Model m uses T0, m succeeds* Model a, a uses Tool t show t, count(a) by t",
    ];
    agree("reverse_reach", &[], &queries);
}

#[test]
fn counted_matches_are_as_many_as_rows() {
    for seed in 0..12 {
        let database = database(seed);
        for text in [
            "Model m uses Tool t",
            "Model m succeeds+ Model p",
            "Model m uses Tool t, m succeeds Model p, p uses t",
            "Model m, no m uses Tool",
            "Model m succeeds* Model p, p uses T0",
        ] {
            let rows = numbers(&database, text).len() as i64;
            assert_eq!(numbers(&database, &format!("count {text}")), [[Some(rows)]], "seed {seed}: {text}");
        }
    }
}

#[test]
fn groups_are_those_of_a_table() {
    for seed in 0..12 {
        let database = database(seed);
        let mut table: BTreeMap<i64, Vec<Option<i64>>> = BTreeMap::new();
        for row in numbers(&database, "Model m uses Tool t show t, m, m.size") {
            table.entry(row[0].expect("a tool")).or_default().push(row[2]);
        }
        let expected: Vec<Vec<Option<i64>>> = table
            .into_iter()
            .map(|(tool, sizes)| {
                let known = || sizes.iter().flatten().copied();
                let count = sizes.len() as i64;
                vec![Some(tool), Some(count), known().min(), known().max(), Some(known().sum())]
            })
            .collect();
        let text = "Model m uses Tool t show t, count(m), min(m.size), max(m.size), sum(m.size) by t";
        assert_eq!(numbers(&database, text), expected, "seed {seed}");
    }
}

/// Returns, per entity, the entities that it succeeds in one or more steps.
fn ancestors(database: &Database) -> BTreeMap<i64, BTreeSet<i64>> {
    let mut reached: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for row in numbers(database, "Model m succeeds Model p show m, p") {
        reached.entry(row[0].expect("a model")).or_default().insert(row[1].expect("a model"));
    }
    loop {
        let before = reached.clone();
        for further in reached.values_mut() {
            let next: Vec<i64> = further.iter().filter_map(|other| before.get(other)).flatten().copied().collect();
            further.extend(next);
        }
        if reached == before {
            return reached;
        }
    }
}

#[test]
fn definitions_closures_and_the_nearest_by_plain_loops() {
    for seed in 0..8 {
        let database = database(seed);
        let reached = ancestors(&database);
        let pairs: Vec<Vec<Option<i64>>> =
            reached.iter().flat_map(|(m, all)| all.iter().map(|p| vec![Some(*m), Some(*p)])).collect();
        let define = "define Model a comes from Model b as (a succeeds b or a succeeds Model c that comes from b);";
        assert_eq!(numbers(&database, &format!("{define} Model m comes from Model p show m, p")), pairs, "seed {seed}");
        assert_eq!(numbers(&database, "Model m succeeds+ Model p show m, p"), pairs, "seed {seed}");
        let own = numbers(&database, "Model m where name(m) = \"M39\" show m")[0][0].expect("a model");
        let none = BTreeSet::new();
        let all = reached.get(&own).unwrap_or(&none);
        let is_displaced = |p: &i64| all.iter().any(|other| reached.get(other).is_some_and(|of| of.contains(p)));
        let nearest: Vec<Vec<Option<i64>>> = all.iter().filter(|p| !is_displaced(p)).map(|p| vec![Some(*p)]).collect();
        assert_eq!(numbers(&database, "M39 succeeds+ Model c nearest c"), nearest, "seed {seed}");
    }
}

#[test]
fn paths_are_walked_step_by_step() {
    for seed in 0..6 {
        let database = database(seed);
        let steps: BTreeSet<(u32, u32)> = (numbers(&database, "Model m succeeds Model p show m, p").iter())
            .map(|row| (row[0].expect("a model") as u32, row[1].expect("a model") as u32))
            .collect();
        let lengths: BTreeMap<i64, i64> = numbers(&database, "M39 succeeds+ as p Model m show m, min(length(p)) by m")
            .into_iter()
            .map(|row| (row[0].expect("a model"), row[1].expect("a length")))
            .collect();
        let found = ask(&database, "path M39 succeeds+ Model m", &[]);
        assert_eq!(found.table.rows.len(), lengths.len(), "seed {seed}");
        for row in found.table.rows.iter() {
            let [Cell::Path(path)] = row.cells.as_slice() else { panic!("a path") };
            assert!(path.windows(2).all(|pair| steps.contains(&(pair[0].0, pair[1].0))), "seed {seed}");
            let last = i64::from(path.last().expect("an end").0);
            assert_eq!(lengths.get(&last), Some(&(path.len() as i64 - 1)), "seed {seed}");
        }
    }
}

/// Sizes of the members of a group, each with its certainty.
type Members = Vec<(i64, Certainty)>;

/// Returns the shown result of an aggregate over these members, and its range.
fn folded(members: &Members, function: FunctionId) -> (Cell, Cell) {
    let sizes: Vec<String> = (0..).zip(members).map(|(i, (size, _))| format!("\"M{i}\": (size: {size})")).collect();
    let text = format!(
        r#"(schema: (types: {{"Model": (properties: {{"size": (type: Number, single: true)}})}}),
            sources: {{"S": (title: "S")}}, entities: {{"Model": {{{}}}}})"#,
        sizes.join(", ")
    );
    let (graph, problems) = crate::load::read(vec![crate::text::Text::new("graph", text.as_str())]);
    let database = Database::of(graph.unwrap_or_else(|| panic!("{problems:?}")));
    let plan = database.prepare("Model m show m, m.size", &Options::default()).expect("a query").remove(0).plan;
    let size = database.graph().schema().lookup_property("size").expect("declared");
    let mut place = 0;
    let mut found = Bindings::certain(vec![VarId(0)], plan.slots.len(), (0..members.len() as u32).collect());
    found.regrade(|_, _| {
        place += 1;
        Some(members[place - 1].1)
    });
    let own = (0..members.len() as u32).collect();
    let group = Group { there: Certainty::Certain, own, possible_members: Vec::new(), is_whole: true };
    let argument =
        if function == FunctionId::Count { Scalar::Slot(VarId(0)) } else { Scalar::Property(VarId(0), size) };
    let of = AggregateCall { function, percent: None, argument, over: vec![VarId(0)], presence: None };
    let budget = Budget::new(Limits::default(), None, None);
    let context = Context { graph: database.graph(), plan: &plan, budget, profile: Profile::default(), given: None };
    let sure: Vec<Certainty> = members.iter().map(|member| member.1).collect();
    let column: FoldColumn = fold(&context, (&found, &sure), (&of, &[]), &[group], false);
    (column.shown(0), column.range(0))
}

/// Returns the same if all members are present.
fn plainly(sizes: &[i64], function: FunctionId) -> Option<f64> {
    let all = || sizes.iter().map(|size| *size as f64);
    match function {
        FunctionId::Count => Some(sizes.len() as f64),
        FunctionId::Sum => Some(all().sum()),
        FunctionId::Min => all().reduce(f64::min),
        FunctionId::Max => all().reduce(f64::max),
        _ => (!sizes.is_empty()).then(|| all().sum::<f64>() / sizes.len() as f64),
    }
}

fn ends(cell: &Cell) -> Option<(f64, f64)> {
    let Cell::Value(value) = cell else { return None };
    super::eval::bounds(value).map(|(low, high)| (low.to_f64(), high.to_f64()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    /// The range that `having` tests holds in every world: any uncertain member may be missing.
    #[test]
    fn aggregates_lie_within_their_range_in_every_world(
        members in prop::collection::vec((-4i64..6, 0u8..3), 1..6),
    ) {
        let sure = [Certainty::Possible, Certainty::Shown, Certainty::Certain];
        let members: Members = members.into_iter().map(|(size, grade)| (size, sure[grade as usize])).collect();
        for function in [FunctionId::Count, FunctionId::Sum, FunctionId::Avg, FunctionId::Min, FunctionId::Max] {
            let (shown, range) = folded(&members, function);
            let listed: Vec<i64> =
                members.iter().filter(|(_, sure)| *sure >= Certainty::Shown).map(|(size, _)| *size).collect();
            match plainly(&listed, function) {
                Some(number) => {
                    let (low, high) = ends(&shown).expect("a number");
                    prop_assert!(low <= number && number <= high && high - low <= 1.0, "{:?} {:?}", function, shown);
                }
                None => prop_assert_eq!(shown, Cell::Value(Value::Unknown)),
            }
            // An unknown range contains every number.
            let Some((low, high)) = ends(&range) else { continue };
            for world in 0u32..1 << members.len() {
                let is_there = |(i, (_, sure)): &(usize, &(i64, Certainty))| {
                    *sure == Certainty::Certain || world >> i & 1 == 1
                };
                let there: Vec<i64> =
                    members.iter().enumerate().filter(is_there).map(|(_, (size, _))| *size).collect();
                if let Some(number) = plainly(&there, function) {
                    prop_assert!(low <= number && number <= high, "{:?} of {:?}: {:?}", function, members, range);
                }
            }
        }
    }
}
