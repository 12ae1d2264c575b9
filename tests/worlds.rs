//! Certain answers hold in every possible world, and whatever holds in some world is a possible answer.
//!
//! A world gives each uncertain date one of its days and decides each doubtful fact. Small graphs stand for few enough
//! worlds to build each one and to ask there.

mod support;

use begat::answer::{Cell, Row};
use begat::check::typed::Query;
use begat::graph::Graph;
use begat::value::{Date, Value};
use std::collections::BTreeSet;
use support::generate::{self, Draft, Random, SURE};
use support::naive::{self, Mode, Outcome};
use support::phrases::{self, Repertoire};
use support::queries;

const PLAIN: Repertoire = Repertoire {
    modal: false,
    optional: false,
    aggregates: false,
    heads: false,
    defines: true,
    sources: false,
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

/// Every choice of a day for each date and of presence for each doubtful link.
fn worlds(draft: &Draft) -> Vec<Graph> {
    let mut drafts = vec![draft.clone()];
    for i in 0..draft.values.len() {
        drafts = drafts.iter().flat_map(|draft| days(draft, i)).collect();
    }
    for i in (0..draft.links.len()).rev().filter(|i| draft.links[*i].is_doubtful()) {
        drafts = drafts.iter().flat_map(|draft| [without(draft, i), with(draft, i)]).collect();
    }
    drafts.iter().map(|draft| generate::build(&Draft { chronological: false, ..draft.clone() })).collect()
}

fn days(draft: &Draft, i: usize) -> Vec<Draft> {
    let Value::Date(date) = draft.values[i].value else { return vec![draft.clone()] };
    let day = |day| Value::Date(Date::between(day, day).expect("a day of the calendar"));
    let exact = (date.earliest()..=date.latest()).map(|d| {
        let mut draft = draft.clone();
        draft.values[i].value = day(d);
        draft
    });
    exact.collect()
}

fn without(draft: &Draft, i: usize) -> Draft {
    let mut draft = draft.clone();
    draft.links.remove(i);
    draft
}

fn with(draft: &Draft, i: usize) -> Draft {
    let mut draft = draft.clone();
    draft.links[i].claims = vec![SURE];
    draft
}

fn is_in_order(world: &Graph) -> bool {
    let succeeds = world.schema().lookup_verb("succeeds").expect("declared");
    let links = world.relation(succeeds).forward.iter();
    let dates = links.flat_map(|(s, objects)| objects.iter().map(move |o| (s, begat::graph::EntityId(*o))));
    dates.into_iter().all(|(s, o)| world.date_of(s).before(world.date_of(o)) == begat::value::Truth::No)
}
