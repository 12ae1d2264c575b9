//! Numbers are kept, compared, added up and written exactly: whole ones up to 2^63, decimals as they are written.

use begat::answer::{Cell, Table};
use begat::graph::Graph;
use begat::load::{self, export};
use begat::snapshot;
use begat::text::{Code, Severity, Text};
use begat::value::Value;
use begat::{Database, Options};
use proptest::prelude::*;
use std::io::Cursor;

fn graph_text(facts: &[String], tables: &str) -> String {
    let names: Vec<String> = (0..facts.len()).map(|i| format!("\"T{i}\": ()")).collect();
    format!(
        r#"(schema: (types: {{"Thing": (properties: {{"size": (type: Number, verb: "sized")}})}}, verbs: {{}}),
        sources: {{"s": ()}}, entities: {{"Thing": {{{}}}}}, claims: [(source: "s", facts: [{}])]{tables})"#,
        names.join(", "),
        facts.join(", ")
    )
}

fn graph(sizes: &[&str]) -> Graph {
    let facts: Vec<String> = sizes.iter().enumerate().map(|(i, size)| format!("\"T{i} sized {size}\"")).collect();
    let (graph, problems) = load::read(vec![Text::new("graph.ron", graph_text(&facts, ""))]);
    graph.unwrap_or_else(|| panic!("{problems:?}"))
}

fn ask(database: &Database, text: &str, params: &[(&str, &str)]) -> Table {
    let params = params.iter().map(|(name, value)| (name.to_string(), Value::text(value))).collect();
    let options = Options { params, ..Options::default() };
    let prepared = database.prepare(text, &options).unwrap_or_else(|error| panic!("`{text}`: {error:?}"));
    database.run(&prepared[0], &options).expect("an answer").table
}

/// The values of the last column.
fn column(table: &Table) -> Vec<String> {
    let word = |cell: &Cell| match cell {
        Cell::Value(value) => value.to_string(),
        other => format!("{other:?}"),
    };
    table.rows.iter().map(|row| word(&row.cells[row.cells.len() - 1])).collect()
}

fn one(database: &Database, text: &str) -> String {
    column(&ask(database, text, &[])).join(" ")
}

#[test]
fn neighbours_beyond_2_to_the_53rd_differ() {
    let database = Database::of(graph(&["9007199254740993", "9007199254740992", "9007199254740994.0", "0.5"]));
    let sizes = |text: &str| column(&ask(&database, &format!("Thing t where {text} show t.size"), &[]));
    assert_eq!(sizes("t.size = 9007199254740993"), ["9007199254740993"]);
    assert_eq!(sizes("t.size > 9007199254740992"), ["9007199254740993", "9007199254740994"]);
    assert_eq!(sizes("t.size < 9007199254740993 and t.size != 0.5"), ["9007199254740992"]);
    assert_eq!(sizes("t.size - 1 = 9007199254740992"), ["9007199254740993"]);
    assert_eq!(sizes("t.size + 0.5 = 1"), ["0.5"]);
    assert_eq!(
        column(&ask(&database, "Thing t sized $x show t.size", &[("x", "9007199254740993")])),
        ["9007199254740993"]
    );
    let order = column(&ask(&database, "Thing t show t.size order by t.size desc", &[]));
    assert_eq!(order, ["9007199254740994", "9007199254740993", "9007199254740992", "0.5"]);
    assert_eq!(one(&database, "Thing t show max(t.size) - min(t.size)"), "9007199254740994");
    assert_eq!(one(&database, "Thing t where t.size > 1 show sum(t.size)"), "27021597764222979");
    assert_eq!(one(&database, "Thing t where t.size > 1 show avg(t.size)"), "9007199254740993");
    assert_eq!(ask(&database, "Thing t show t.size, count(t) by t.size", &[]).rows.iter().count(), 4);
}

#[test]
fn decimals_are_added_as_decimals() {
    let database = Database::of(graph(&["0.1", "0.2", "29.46", "1.005", "-0.1"]));
    assert_eq!(one(&database, "Thing t show sum(t.size)"), "30.665");
    assert_eq!(one(&database, "Thing t where t.size < 1 show sum(t.size)"), "0.2");
    assert_eq!(one(&database, "Thing t where t.size = 0.2 show t.size + 0.1"), "0.3");
    assert_eq!(one(&database, "Thing t where t.size = 29.46 show t.size * 100"), "2946");
    assert_eq!(one(&database, "Thing t where t.size * 3 = 0.3 show t.size"), "0.1");
    assert_eq!(one(&database, "Thing t where t.size = 0.2 show 0 - t.size * 0"), "0");
}

/// What has no value is unknown.
#[test]
fn nothing_is_infinite() {
    let database = Database::of(graph(&["1e308", "0", "-9223372036854775808"]));
    for (expr, given) in [
        ("t.size * 10", ["unknown", "0", "-92233720368547760000"]),
        ("1 / t.size", ["0.000", "unknown", "-0.000"]),
        ("t.size / 0", ["unknown", "unknown", "unknown"]),
        ("abs(t.size)", ["1000000", "0", "9223372036854775808"]),
        ("round(t.size) - t.size", ["0", "0", "0"]),
        ("-t.size", ["-1000000", "0", "9223372036854775808"]),
    ] {
        let found = column(&ask(&database, &format!("Thing t show t, {expr}"), &[]));
        let fits = found.iter().zip(given).all(|(found, given)| found.starts_with(given));
        assert!(fits && found.iter().all(|word| !word.contains("inf") && !word.contains("NaN")), "{expr}: {found:?}");
    }
    assert_eq!(one(&database, "Thing t show max(t.size) * 10"), "unknown");
    assert_eq!(one(&database, "Thing t where t.size / 0 = 1 show t"), "");
}

/// What is not kept as it is written is told once for each property, with its first place.
#[test]
fn rounding_is_told() {
    let facts: Vec<String> = ["9223372036854775809", "0.1234567890123456789", "5", "1e30", "9007199254740993"]
        .iter()
        .enumerate()
        .map(|(i, size)| format!("\"T{i} sized {size}\""))
        .collect();
    let (graph, problems) = load::read(vec![Text::new("graph.ron", graph_text(&facts, ""))]);
    let warnings: Vec<_> = problems.iter().filter(|problem| problem.code == Code::RoundedNumber).collect();
    assert_eq!(warnings.len(), 1, "{problems:?}");
    assert_eq!(warnings[0].severity, Severity::Warning);
    assert!(warnings[0].message.contains("`size`") && warnings[0].labels[0].message.contains("9223372036854775808"));
    let database = Database::of(graph.expect("a graph"));
    let told = |text: &str, value: &str| {
        let params = [("x".to_string(), Value::text(value))].into_iter().collect();
        let options = Options { params, ..Options::default() };
        let prepared = database.prepare(text, &options).expect("a query");
        let answer = database.run(&prepared[0], &options).expect("an answer");
        answer.notes.iter().any(|note| note.code == Code::RoundedNumber)
    };
    for (value, is_rounded) in [
        ("9223372036854775809", true),
        ("0.1234567890123456", false),
        ("0.123456789012345678", true),
        ("9007199254740993", false),
        ("1000000000000000000000000000", false),
        ("0.10000000000000000000000", false),
    ] {
        assert_eq!(told(&format!("Thing t where t.size > {value}"), ""), is_rounded, "{value}");
        assert_eq!(told("Thing t where t.size > $x", value), is_rounded, "{value}");
    }
}

#[test]
fn tables_keep_numbers() {
    let tables =
        r#", tables: [(file: "n.csv", source: "s", entity: "Thing", name: "name", properties: {"size": "size"})]"#;
    let rows = "name,size\nA,9007199254740993\nB,-9223372036854775808\nC,9007199254740993.0\nD,1.26e+24\n";
    let files = |_: &str| -> std::io::Result<Box<dyn load::File>> { Ok(Box::new(Cursor::new(rows.as_bytes()))) };
    let (graph, problems) = load::read_with(vec![Text::new("graph.ron", graph_text(&[], tables))], &files);
    let graph = graph.unwrap_or_else(|| panic!("{problems:?}"));
    let sizes = column(&ask(&Database::of(graph), "Thing t show t, t.size", &[]));
    assert_eq!(sizes, ["9007199254740993", "-9223372036854775808", "9007199254740993", "1260000000000000000000000"]);
}

fn sizes() -> impl Strategy<Value = Vec<i64>> {
    let near = |centre: i64| (-3..=3_i64).prop_map(move |by| centre.saturating_add(by));
    let one = prop_oneof![any::<i64>(), near(1 << 53), near(-(1 << 53)), near(i64::MAX), near(i64::MIN), near(0)];
    prop::collection::btree_set(one, 1..9).prop_map(|all| all.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Everything is as with numbers of 128 bits, from text, from a snapshot, and exported and loaded again.
    #[test]
    fn whole_numbers_are_exact(sizes in sizes()) {
        let words: Vec<String> = sizes.iter().map(i64::to_string).collect();
        let loaded = graph(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let again = load::read(vec![Text::new("again.ron", export::ron(&loaded))]).0.expect("it loads again");
        let file = std::env::temp_dir().join(format!("begat-numbers-{}.begat", std::process::id()));
        snapshot::write(&loaded, &file).expect("written");
        let mapped = snapshot::open(&file).expect("opened");
        _ = std::fs::remove_file(&file);
        for database in [loaded, again, mapped].map(Database::of) {
            let rising = column(&ask(&database, "Thing t show t.size order by t.size", &[]));
            prop_assert_eq!(&rising, &words);
            let sum: i128 = sizes.iter().map(|size| i128::from(*size)).sum();
            if let Ok(sum) = i64::try_from(sum) {
                prop_assert_eq!(one(&database, "Thing t show sum(t.size)"), sum.to_string());
            }
            prop_assert_eq!(one(&database, "Thing t show max(t.size)"), words[words.len() - 1].clone());
            prop_assert_eq!(one(&database, "Thing t show min(t.size)"), words[0].clone());
            for (i, word) in words.iter().enumerate() {
                let count = |op: &str| {
                    let text = format!("Thing t where t.size {op} $x show t.size");
                    column(&ask(&database, &text, &[("x", word)])).len()
                };
                let found = (count("<"), count("<="), count("="), count(">="), count(">"), count("!="));
                let many = words.len();
                prop_assert_eq!(found, (i, i + 1, 1, many - i, many - i - 1, many - 1), "{}", word);
                let next = sizes[i].checked_add(1).map(|next| next.to_string());
                if let Some(next) = next {
                    let text = "Thing t where t.size = $x show t.size + 1";
                    prop_assert_eq!(column(&ask(&database, text, &[("x", word)])), [next]);
                }
            }
        }
    }
}

#[test]
fn the_median_is_in_the_middle_or_between_the_two_there() {
    let of = |sizes: &[&str]| one(&Database::of(graph(sizes)), "Thing t show median(t.size)");
    assert_eq!(of(&["10", "1", "2"]), "2");
    assert_eq!(of(&["10", "1", "2", "20"]), "6");
    assert_eq!(of(&["7"]), "7");
}
