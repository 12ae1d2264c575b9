//! `order by`: what nothing is known of comes last in both directions, whatever the key; the rest turns round.

use begat::answer::{Cell, Table};
use begat::load;
use begat::text::Text;
use begat::value::{Date, Truth, Value};
use begat::{Database, Options};
use proptest::prelude::*;

/// The date, the end, the size and the kind of a thing, as far as they are known.
type Thing = (Option<&'static str>, Option<&'static str>, Option<i32>, Option<&'static str>);

/// A graph of things, of each of which some values are known.
fn database(things: &[Thing]) -> Database {
    let names: Vec<String> = (0..things.len()).map(|i| format!("\"T{i}\": ()")).collect();
    let mut facts = Vec::new();
    for (i, (date, gone, size, kind)) in things.iter().enumerate() {
        facts.extend(date.map(|date| format!("\"T{i} dated {date}\"")));
        facts.extend(gone.map(|gone| format!("\"T{i} ended {gone}\"")));
        facts.extend(size.map(|size| format!("\"T{i} sized {size}\"")));
        facts.extend(kind.map(|kind| format!("\"T{i} classed \\\"{kind}\\\"\"")));
        if i % 3 == 1 {
            facts.push(format!("\"T{i} leads to T{}\"", i - 1));
        }
    }
    let graph = format!(
        r#"(schema: (
            types: {{"Thing": (properties: {{
                "date": (type: Date, verb: "dated"), "gone": (type: Date, verb: "ended"),
                "size": (type: Number, verb: "sized"), "kind": (type: Text, verb: "classed"),
            }})}},
            verbs: {{"leads to": (from: ["Thing"], to: ["Thing"])}},
        ), sources: {{"s": ()}}, entities: {{"Thing": {{{}}}}}, claims: [(source: "s", facts: [{}])])"#,
        names.join(", "),
        facts.join(", ")
    );
    let (graph, problems) = load::read(vec![Text::new("graph.ron", graph)]);
    Database::of(graph.unwrap_or_else(|| panic!("{problems:?}")))
}

fn table(database: &Database, text: &str) -> Table {
    let prepared = database.prepare(text, &Options::default()).unwrap_or_else(|error| panic!("`{text}`: {error:?}"));
    database.run(&prepared[0], &Options::default()).expect("an answer").table
}

fn is_open(cell: &Cell) -> bool {
    match cell {
        Cell::Absent | Cell::Value(Value::Unknown | Value::Truth(Truth::Maybe)) => true,
        Cell::Value(Value::Date(date)) => date.is_undated(),
        Cell::Value(Value::Range(low, high)) => low.is_infinite() && high.is_infinite(),
        Cell::List(members) => members.is_empty(),
        _ => false,
    }
}

/// Keys of each thing, and aggregates of each kind.
const KEYS: &[&str] = &[
    "t.date",
    "t.gone",
    "t.size",
    "t.kind",
    "0 - t.size",
    "t.size * 2 + 1",
    "100 / t.size",
    "t.gone - t.date",
    "days(t.gone - t.date)",
    "0 - days(t.gone - t.date)",
    "abs(days(t.gone - t.date))",
    "days(t.gone - t.date) / 365",
    "year(t.date)",
    "quarter(t.date)",
    "month(t.gone)",
    "earliest(t.date)",
    "latest(t.gone)",
    "length(t.kind)",
    "upper(t.kind)",
    "t.date < t.gone",
    "t.size > 3",
    "t.kind = \"a\"",
];
const AGGREGATES: &[&str] = &[
    "min(t.date)",
    "max(t.gone)",
    "min(t.size)",
    "avg(t.size)",
    "sum(t.gone - t.date)",
    "max(days(t.gone - t.date))",
    "min(year(t.date))",
    "min(t.kind)",
    "list(t.size)",
    "first(t)",
    "last(t)",
    "max(t.size) - min(t.size)",
];

fn check(database: &Database, query: &str, key: &str) {
    let keys = |direction: &str| -> Vec<Cell> {
        let table = table(database, &format!("{query} order by {key}{direction}"));
        table.rows.iter().map(|row| row.cells[row.cells.len() - 1].clone()).collect()
    };
    let (up, down) = (keys(""), keys(" desc"));
    let known = |cells: &[Cell]| cells.iter().filter(|cell| !is_open(cell)).cloned().collect::<Vec<Cell>>();
    for cells in [&up, &down] {
        let first_open = cells.iter().position(is_open).unwrap_or(cells.len());
        assert!(cells[first_open..].iter().all(is_open), "`{query} order by {key}`: {cells:?}");
    }
    let (known_up, mut known_down) = (known(&up), known(&down));
    known_down.reverse();
    assert_eq!(known_up, known_down, "`{query} order by {key}`");
    // A limit keeps what is known.
    let top = table(database, &format!("{query} order by {key} desc limit {}", known_up.len()));
    assert!(top.rows.iter().all(|row| !is_open(&row.cells[row.cells.len() - 1])), "`{query} order by {key} limit`");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_unknown_comes_last(things in prop::collection::vec((
        prop::option::of(prop::sample::select(vec!["2020", "..2021", "2019-05-03", "2022..", "2018~", "-0044", "2020..2024"])),
        prop::option::of(prop::sample::select(vec!["2023", "..2024", "2022-07", "2025..", "2021-01-01"])),
        prop::option::of(-3..9),
        prop::option::of(prop::sample::select(vec!["a", "B", "10", "9"])),
    ), 1..9)) {
        let database = database(&things);
        for key in KEYS {
            check(&database, &format!("Thing t show t, {key}"), key);
        }
        for key in AGGREGATES {
            check(&database, &format!("Thing t show t, {key} by t"), key);
            check(&database, &format!("Thing s, optional s leads to Thing t show s, {key} by s"), key);
        }
    }
}

/// The months of a few dates, both ways; spans stand where they begin, or end where that is open.
#[test]
fn months_stand_in_time() {
    let dates = ["2020-11", "..2021-02", "-0044-03", "2020-02", "2022-01.."];
    let things: Vec<_> = dates.iter().map(|date| (Some(*date), None, None, None)).collect();
    let rows = table(&database(&things), "Thing t show month(t.date) order by month(t.date)").rows;
    let months: Vec<String> = rows.iter().map(|row| format!("{:?}", row.cells[0])).collect();
    let at = |word: &str| months.iter().position(|month| month.contains(word)).expect("it is there");
    let order = ["-044", "\"2020-02", "2020-11", "..2021-02", "2022-01.."].map(at);
    assert!(order.is_sorted(), "{months:?}");
}

/// `2021-03~` may be a day of February, too, and so its first day is one.
#[test]
fn no_date_lies_outside_of_its_first_and_last_day() {
    let dates = ["2021", "2021~", "2021-03~", "2021-03-05%", "2020~..2021", "2021-33?"];
    let things: Vec<Thing> = dates.iter().map(|date| (Some(*date), None, None, None)).collect();
    let database = database(&things);
    let outside = "Thing t where t.date < earliest(t.date) or t.date > latest(t.date)";
    let prepared = database.prepare(outside, &Options::default()).expect("a query");
    let found = database.run(&prepared[0], &Options::default()).expect("an answer");
    assert_eq!((found.table.rows.len(), found.more_possible), (0, 0));
    let days = table(&database, "Thing t where name(t) = \"T2\" show earliest(t.date), latest(t.date)");
    let day = |text: &str| Cell::Value(Value::Date(Date::parse(text).expect("a date")));
    assert_eq!(days.rows[0].cells.to_vec(), [day("2021-02-01"), day("2021-04-30")]);
}
