//! Searches that are worth several threads give what plain loops over the same numbers give.

use begat::answer::Cell;
use begat::text::Text;
use begat::{Database, Error, Limits, Options, load};
use std::fmt::Write;
use std::io::Cursor;

const MODELS: usize = 12_000;
const TECHNIQUES: usize = 60;

/// The techniques that a model uses, rising.
fn uses(model: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (0..6).map(|k| (model * (k + 1) + k * k * 13) % TECHNIQUES).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn database() -> Database {
    let schema = r#"(
        schema: (
            types: {"Model": (), "Technique": ()},
            verbs: {"uses": (from: ["Model"], to: ["Technique"], inverse: "used by")},
        ),
        sources: {"s": ()},
        tables: [
            (file: "models.csv", source: "s", entity: "Model", name: "name"),
            (file: "techniques.csv", source: "s", entity: "Technique", name: "name"),
            (file: "uses.csv", source: "s", verb: "uses", subject: "model", object: "technique"),
        ],
    )"#;
    let [mut models, mut techniques, mut links] = ["name\n", "name\n", "model,technique\n"].map(String::from);
    (0..TECHNIQUES).for_each(|i| _ = writeln!(techniques, "t{i:02}"));
    for i in 0..MODELS {
        _ = writeln!(models, "m{i:05}");
        uses(i).iter().for_each(|t| _ = writeln!(links, "m{i:05},t{t:02}"));
    }
    let files = move |name: &str| -> std::io::Result<Box<dyn load::File>> {
        Ok(Box::new(Cursor::new(match name {
            "models.csv" => models.clone(),
            "techniques.csv" => techniques.clone(),
            _ => links.clone(),
        })))
    };
    let (graph, problems) = load::read_with(vec![Text::new("graph.ron", schema)], &files);
    assert_eq!(problems.0, []);
    Database::of(graph.expect("the graph is sound"))
}

/// The rows of a query, names and numbers as text.
fn rows(database: &Database, text: &str) -> Vec<Vec<String>> {
    let prepared = database.prepare(text, &Options::default()).expect("the query is right");
    let answer = database.run(&prepared[0], &Options::default()).expect("the query runs");
    let word = |cell: &Cell| match cell {
        Cell::Entity(entity) => database.graph().name(*entity).to_string(),
        Cell::Value(value) => value.to_string(),
        other => panic!("{other:?} is no cell of these queries"),
    };
    answer.table.rows.iter().map(|row| row.cells.iter().map(word).collect()).collect()
}

/// How many models use both, for each two techniques in order.
fn together() -> Vec<(usize, usize, usize)> {
    let mut counts = vec![0; TECHNIQUES * TECHNIQUES];
    for model in 0..MODELS {
        let all = uses(model);
        all.iter().for_each(|a| all.iter().filter(|b| a < b).for_each(|b| counts[a * TECHNIQUES + b] += 1));
    }
    let pairs = counts.into_iter().enumerate().filter(|(_, count)| *count > 0);
    pairs.map(|(i, count)| (i / TECHNIQUES, i % TECHNIQUES, count)).collect()
}

fn named((a, b, count): &(usize, usize, usize)) -> Vec<String> {
    vec![format!("t{a:02}"), format!("t{b:02}"), count.to_string()]
}

#[test]
fn groups_rows_and_numbers_are_those_of_plain_loops() {
    let (database, pairs) = (database(), together());
    let pattern = "Model m uses Technique a and uses Technique b where name(a) < name(b)";
    let grouped = rows(&database, &format!("{pattern} show count(m) by a, b"));
    assert_eq!(grouped, pairs.iter().map(named).collect::<Vec<_>>());

    let mut top = pairs.clone();
    top.sort_by_key(|(a, b, count)| (std::cmp::Reverse(*count), *a, *b));
    let query = format!("{pattern} show count(m) by a, b having count(m) > 100 order by count(m) desc limit 20");
    let expected: Vec<Vec<String>> = top.iter().filter(|pair| pair.2 > 100).take(20).map(named).collect();
    assert_eq!(rows(&database, &query), expected);

    // Keys that do not come in turn.
    let by_last = rows(&database, &format!("{pattern} show count(m) by b"));
    let of = |b: usize| (0..MODELS).filter(|m| uses(*m).iter().position(|t| *t == b).is_some_and(|i| i > 0)).count();
    let expected = (0..TECHNIQUES).filter(|b| of(*b) > 0).map(|b| vec![format!("t{b:02}"), of(b).to_string()]);
    assert_eq!(by_last, expected.collect::<Vec<_>>());

    let total: usize = pairs.iter().map(|pair| pair.2).sum();
    assert_eq!(rows(&database, &format!("count {pattern}")), [[total.to_string()]]);

    let all = rows(&database, pattern);
    assert_eq!(all.len(), total);
    assert!(all.is_sorted() && all[0][0] == "m00000", "rows are in the order of their columns");
}

#[test]
fn limits_hold_for_all_threads_together() {
    let database = database();
    let pattern = "Model m uses Technique a and uses Technique b where name(a) < name(b)";
    let limits = Limits { rows: Some(50_000), ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let prepared = database.prepare(pattern, &options).expect("the query is right");
    assert!(matches!(database.run(&prepared[0], &options), Err(Error::Limit(_))));
    let fewer = database.prepare("Model uses Technique", &options).expect("the query is right");
    assert!(matches!(database.run(&fewer[0], &options), Err(Error::Limit(_))));
    let few = database.prepare("Technique", &options).expect("the query is right");
    assert_eq!(database.run(&few[0], &options).expect("it is within the limit").table.rows.len(), TECHNIQUES);
}
