//! Certain answers hold in every possible world, and whatever holds in some world is a possible answer.
//!
//! A world gives each uncertain date one of its days and decides each doubtful fact. Small graphs stand for few enough
//! worlds to build each one and to ask there.

mod support;

use begat::answer::{Answer, Cell, Row, View};
use begat::check::typed::{Body, ExprKind, Head, Query};
use begat::functions::FunctionId;
use begat::graph::Graph;
use begat::value::{Truth, Value};
use begat::{Database, Options};
use std::collections::BTreeSet;
use support::cases::Effort;
use support::generate::{self, Draft, Random};
use support::naive::{self, Mode, Outcome};
use support::phrases::{self, Repertoire};
use support::queries;
use support::worlds::{some_worlds, worlds};

const PLAIN: Repertoire = Repertoire {
    modal: false,
    optional: false,
    aggregates: false,
    heads: false,
    defines: true,
    sources: false,
    claims: false,
    values: false,
};

#[test]
fn answers_enclose_the_worlds() {
    let mut tried = 0;
    for seed in 0..70 {
        let mut random = Random(seed);
        let draft = generate::narrow_draft(&mut random);
        let graph = generate::build(&draft);
        let worlds = worlds(&draft);
        for _ in 0..6 {
            let text = phrases::query(&mut random, PLAIN);
            let Some(query) = queries::check_one(&graph, &text) else { continue };
            if query_is_cut(&query) {
                continue;
            }
            enclose(&graph, &query, &worlds, &format!("seed {seed}: {text}\n{}", generate::describe(&draft)));
            tried += 1;
        }
    }
    assert!(tried > 250, "only {tried} queries were well typed");
}

/// Dates that lineage narrows: only worlds in which no successor is earlier than its predecessor count.
#[test]
fn narrowed_dates_enclose_the_worlds() {
    let mut tried = 0;
    for seed in 1000..1060 {
        let mut random = Random(seed);
        let draft = Draft { chronological: true, ..generate::narrow_draft(&mut random) };
        let graph = generate::build(&draft);
        let worlds: Vec<Graph> = worlds(&draft).into_iter().filter(is_in_order).collect();
        if worlds.is_empty() {
            continue;
        }
        for _ in 0..4 {
            let text = phrases::query(&mut random, PLAIN);
            let Some(query) = queries::check_one(&graph, &text) else { continue };
            if query_is_cut(&query) {
                continue;
            }
            enclose(&graph, &query, &worlds, &format!("seed {seed}: {text}\n{}", generate::describe(&draft)));
            tried += 1;
        }
    }
    assert!(tried > 60, "only {tried} queries were well typed");
}

/// A single comparison is exact: nothing is certain or possible but what the worlds make so.
#[test]
fn plain_comparisons_are_exact() {
    let periods = ["2020", "2021", "2021-01-01", "2021-01", "2020-12-31..2021-01-01", "..2020", "2021-03.."];
    let mut texts: Vec<String> = Vec::new();
    for operator in ["", "in", "before", "after", "since", "until"] {
        texts.extend(periods.iter().map(|period| format!("Model m dated {operator} {period}")));
    }
    for operator in ["<", "<=", ">", ">="] {
        texts.extend(periods.iter().map(|period| format!("Model m where m.date {operator} {period}")));
    }
    for operator in ["=", "!=", "<", "<=", ">", ">="] {
        texts.push(format!("Model m, cross Tool t where m.date {operator} t.date"));
    }
    for seed in 0..12 {
        let draft = generate::narrow_draft(&mut Random(seed));
        let graph = generate::build(&draft);
        let worlds = worlds(&draft);
        for text in &texts {
            let query = queries::check_one(&graph, text).unwrap_or_else(|| panic!("{text} is well typed"));
            let (certain, possible) = answers(&graph, &query);
            let (all, some) = in_worlds(&query, &worlds);
            assert_eq!((certain, possible), (all, some), "{text}, seed {seed}: {}", generate::describe(&draft));
        }
    }
}

/// What the engine answers on vague dates and doubtful facts holds of every world: left joins, negations, counts and
/// other aggregates, groups by periods, `having`, `first`, `running`, `nearest` and `limit`.
#[test]
fn the_engine_encloses_the_worlds() {
    const ALL: Repertoire = Repertoire { modal: false, sources: false, claims: false, ..Repertoire::ALL };
    let wrong = Effort::of(300).run("worlds", |seed| {
        let mut random = Random(seed);
        let draft = generate::vague_draft(&mut random);
        let database = Database::of(generate::build(&draft));
        let worlds = some_worlds(&draft);
        let (mut tried, mut wrong) = (0, Vec::new());
        for _ in 0..8 {
            let text = phrases::query(&mut random, ALL);
            // What no source says is no matter of days.
            let Some(held) = (!text.contains("is unknown")).then(|| encloses(&database, &text, &worlds)).flatten()
            else {
                continue;
            };
            tried += 1;
            if let Err(how) = held {
                wrong.push(format!("seed {seed}: {text}\n{how}\n{}", generate::describe(&draft)));
                break;
            }
        }
        (tried, wrong)
    });
    assert!(wrong.is_empty(), "{} failures\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// Whether the answer of a query fits that of each world; `None` where it is not well typed, or shows paths.
fn encloses(database: &Database, text: &str, worlds: &[Graph]) -> Option<Result<(), String>> {
    let options = Options { possibly: true, ..Options::default() };
    let prepared = database.prepare(text, &options).ok()?.into_iter().last()?;
    let answer = database.run(&prepared, &options).ok()?;
    let Body::Select(select) = &prepared.query.body else { return None };
    if matches!(prepared.query.head, Head::Path | Head::Paths) {
        return None;
    }
    // Where the window of a `limit` is open, a note says so; without an order it is only a sample.
    let is_cut = select.limit.is_some() || select.offset > 0;
    let is_fixed = !is_cut || (!select.order.is_empty() && answer.notes.is_empty());
    let sorts = sorts(&prepared.query, &answer);
    for world in worlds {
        let rows = match naive::answer(world, &prepared.query)? {
            Outcome::Rows { rows, .. } => rows,
            Outcome::Verdict(truth) => {
                let View::Verdict(of_engine) = answer.view else { return None };
                if (of_engine.is_certain() && !truth.is_certain()) || (!of_engine.is_possible() && truth.is_possible())
                {
                    return Some(Err(format!("  {of_engine:?}, but in a world {truth:?}")));
                }
                continue;
            }
        };
        let shown = |row: &Row| queries::words(database.graph(), row).join(" | ");
        for row in answer.table.rows.iter().filter(|row| row.certain && is_fixed && !is_wide(row, &sorts)) {
            if !rows.iter().any(|in_world| covers(row, in_world, &sorts)) {
                let all: Vec<String> = rows.iter().map(shown).collect();
                return Some(Err(format!("  certain: {}\n  but in a world: {all:?}", shown(row))));
            }
        }
        for in_world in rows.iter().filter(|_| !is_cut) {
            if !answer.table.rows.iter().any(|row| covers(row, in_world, &sorts)) {
                let all: Vec<String> = answer.table.rows.iter().map(shown).collect();
                return Some(Err(format!("  in a world: {}\n  but possible are only: {all:?}", shown(in_world))));
            }
        }
    }
    Some(Ok(()))
}

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// What the row is about: in a world it is the same, or within it.
    Key,
    /// A number of what counts; `possible` says how many more may.
    Count,
    /// Of a group that is certain, the same in every world, or within what is shown.
    Folded,
}

fn sorts(query: &Query, answer: &Answer) -> Vec<Sort> {
    let Body::Select(select) = &query.body else { return Vec::new() };
    if query.head == Head::Count {
        return vec![Sort::Count];
    }
    let sort = |kind: &ExprKind| match kind {
        ExprKind::Aggregate { function: FunctionId::Count, .. } => Sort::Count,
        ExprKind::Aggregate { function: FunctionId::First | FunctionId::Last, .. } => Sort::Key,
        ExprKind::Aggregate { .. } | ExprKind::Call(FunctionId::Running | FunctionId::Share, _) => Sort::Folded,
        _ => Sort::Key,
    };
    let columns = select.columns.iter().map(|column| sort(&column.expr.kind));
    columns.take(answer.table.columns.len()).collect()
}

/// A period that spans several is shown once, though in a world it is one of them.
fn is_wide(row: &Row, sorts: &[Sort]) -> bool {
    row.cells.iter().zip(sorts).any(|(cell, sort)| match cell {
        Cell::Value(Value::Range(..) | Value::Truth(Truth::Maybe)) => *sort == Sort::Key,
        Cell::Value(Value::Text(text)) => text.contains(".."),
        _ => false,
    })
}

/// Whether a row of the answer says what a row of a world says.
fn covers(row: &Row, in_world: &Row, sorts: &[Sort]) -> bool {
    let beyond = match row.cells.get(sorts.len()) {
        Some(Cell::Value(Value::Number(number))) => *number,
        _ => 0.0,
    };
    row.cells.iter().zip(&in_world.cells).zip(sorts).all(|((cell, in_world), sort)| match (sort, cell, in_world) {
        (Sort::Count | Sort::Folded, ..) if !row.certain || is_wide(row, sorts) => true,
        (Sort::Count, Cell::Value(Value::Number(n)), Cell::Value(Value::Number(w))) => *n <= *w && *w <= n + beyond,
        _ => encloses_cell(cell, in_world),
    })
}

fn encloses_cell(cell: &Cell, in_world: &Cell) -> bool {
    match (cell, in_world) {
        (Cell::Value(Value::Date(a)), Cell::Value(Value::Date(b))) => {
            a.is_undated() || (a.reach().0 <= b.earliest() && b.latest() <= a.reach().1)
        }
        (Cell::Value(Value::Range(low, high)), Cell::Value(Value::Number(n))) => low <= n && n <= high,
        (Cell::Value(Value::Range(low, high)), Cell::Value(Value::Range(a, b))) => low <= a && b <= high,
        (Cell::Value(Value::Text(a)), Cell::Value(Value::Text(b))) => {
            a == b
                || a.split_once("..").is_some_and(|(first, last)| {
                    (first.is_empty() || first <= &**b) && (last.is_empty() || &**b <= last)
                })
        }
        (Cell::List(all), Cell::List(some)) => {
            let has = |list: &[(Cell, bool)], cell: &Cell| list.iter().any(|(other, _)| other == cell);
            some.iter().all(|(cell, _)| has(all, cell)) && all.iter().all(|(cell, sure)| !sure || has(some, cell))
        }
        (Cell::Value(Value::Truth(Truth::Maybe)), Cell::Value(Value::Truth(_))) => true,
        _ => cell == in_world,
    }
}

type Rows = BTreeSet<String>;

fn enclose(graph: &Graph, query: &Query, worlds: &[Graph], about: &str) {
    let (certain, possible) = answers(graph, query);
    let (all, some) = in_worlds(query, worlds);
    let wrong: Vec<_> = certain.difference(&all).collect();
    assert!(wrong.is_empty(), "certain, but not in every world: {wrong:?}\n{about}");
    let missing: Vec<_> = some.difference(&possible).collect();
    assert!(missing.is_empty(), "in some world, but not possible: {missing:?}\n{about}");
}

/// The certain and the possible rows.
fn answers(graph: &Graph, query: &Query) -> (Rows, Rows) {
    let rows = rows(graph, query);
    let certain = rows.iter().filter(|row| row.certain).map(show).collect();
    (certain, rows.iter().map(show).collect())
}

/// The rows of every world, and those of any.
fn in_worlds(query: &Query, worlds: &[Graph]) -> (Rows, Rows) {
    let each = worlds.iter().map(|world| answers(world, query).0);
    let (mut all, mut some): (Option<Rows>, Rows) = (None, Rows::new());
    for rows in each {
        some.extend(rows.iter().cloned());
        all = Some(all.map_or(rows.clone(), |all| all.intersection(&rows).cloned().collect()));
    }
    (all.unwrap_or_default(), some)
}

fn rows(graph: &Graph, query: &Query) -> Vec<Row> {
    match naive::answer_in(graph, query, Mode::Possible) {
        Some(Outcome::Rows { rows, .. }) => rows,
        Some(Outcome::Verdict(truth)) => {
            vec![Row { cells: Vec::new(), certain: truth.is_certain() }; usize::from(truth.is_possible())]
        }
        None => panic!("only rows and verdicts are asked here"),
    }
}

fn show(row: &Row) -> String {
    let cell = |cell: &Cell| format!("{cell:?}");
    row.cells.iter().map(cell).collect::<Vec<_>>().join(", ")
}

/// `limit` and `offset` cut rows off by an order that says nothing of certainty.
fn query_is_cut(query: &Query) -> bool {
    match &query.body {
        begat::check::typed::Body::Select(select) => select.limit.is_some() || select.offset > 0,
        _ => true,
    }
}

fn is_in_order(world: &Graph) -> bool {
    let succeeds = world.schema().lookup_verb("succeeds").expect("declared");
    let links = world.relation(succeeds).forward.iter();
    let dates = links.flat_map(|(s, objects)| objects.iter().map(move |o| (s, begat::graph::EntityId(*o))));
    dates.into_iter().all(|(s, o)| world.date_of(s).before(world.date_of(o)) == begat::value::Truth::No)
}
