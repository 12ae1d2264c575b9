//! A parameter gives what the same value gives that is written in the query, at every place where both may stand, and
//! whatever the value looks like.

use begat::load;
use begat::text::{Code, Text};
use begat::value::{Date, Value};
use begat::{Database, Error, Options};
use proptest::prelude::*;
use std::sync::LazyLock;

const GRAPH: &str = r#"(
    schema: (
        types: {"Book": (properties: {
            "code": (type: Text, verb: "coded"),
            "size": (type: Number, verb: "sized"),
            "date": (type: Date, verb: "dated"),
        })},
        verbs: {"cites": (from: ["Book"], to: ["Book"], lineage: true)},
    ),
    sources: {"2024": (), "true": (), "s": ()},
    entities: {"Book": {
        "1984": (aliases: ["01984"]), "300": (), "2001": (), "2024-05": (), "-5": (), "true": (), "and": (),
        "Animal Farm": (aliases: ["671B"]), "Große Straße": (), "1e5": (),
    }},
    claims: [
        (source: "2024", facts: [
            "1984 coded \"01581\"", "1984 sized 328", "1984 dated 1949-06-08", "300 cites 1984 and 2001",
            "\"and\" coded \"1984\"", "\"and\" cites \"true\" and \"-5\"", "\"2024-05\" dated 2024-05",
        ]),
        (source: "true", trust: doubtful, facts: [
            "\"true\" coded \"true\"", "\"-5\" sized -5", "\"-5\" coded \"-5\"", "2001 sized 0.5", "2001 coded \" 5 \"",
        ]),
        (source: "s", facts: [
            "\"Animal Farm\" sized 671B", "\"Animal Farm\" dated 1945", "\"Animal Farm\" cites 300 and 1984",
            "\"1e5\" coded \"1e5\"", "\"Große Straße\" coded \"große\"", "\"Große Straße\" dated 2024~",
        ]),
    ],
)"#;

/// Values of which each looks like something else somewhere.
const VALUES: &[&str] = &[
    "1984",
    "01984",
    "01581",
    "1581",
    "300",
    "2001",
    "5",
    "-5",
    "05",
    "0",
    "1",
    "0.5",
    "0.50",
    "671B",
    "1e5",
    "2024",
    "2024-05",
    "2024~",
    "..2023",
    "1949-06-08",
    "2024-13",
    "-0044",
    "undated",
    "true",
    "false",
    "yes",
    "unknown",
    "and",
    "or",
    "no",
    "Book",
    "Book b",
    "Date",
    "b",
    "$x",
    "Animal Farm",
    "animal farm",
    "große",
    "Große Straße",
    "",
    " 5 ",
    "5 ",
    "\"",
    "\\",
    "x\ny",
    "s",
    "*",
    "1*",
    "混合专家",
    "9007199254740993",
    "1.5",
    "4294967296",
];

/// Where a text may stand, between quotes.
const TEXTS: &[&str] = &[
    "Book coded {}",
    "Book not coded {}",
    "Book b where b.code = {}",
    "Book b where {} = b.code",
    "Book b where b.code != {} show b",
    "Book b where b.code < {} show b",
    "Book b where b.code like {} show b",
    "Book b where name(b) = {}",
    "Book b where {} < name(b)",
    "Book b where lower({}) = b.code show b",
    "Book b where length({}) < 3",
    "Book b show b where {} is unknown",
    "Book b show count(b) having type(b) = {}",
    // Names.
    "Book cites {}",
    "{} cites Book",
    "Book cites 1984 and {}",
    "Book cites no {}",
    "Book cites+ {}",
    "Book b where b = {}",
    "Book b where {} != b",
    "Book b where name({}) = b.code show b",
    "Book b where (b cites {})",
    "Book b that cites {} show b",
    "describe {}",
    "conflicts of {}",
    "ancestors of {}",
    "lineage of {} via cites",
    "path {} cites+ 1984",
    "why Book cites {}",
    "diff {} and 300",
    "count Book cites {}",
    "adoption of {}",
    "define Book a quotes Book b as a cites b; {} quotes Book",
    // Sources.
    "Book cites Book according to {}",
    "Book dated Date according to {}",
    // Dates.
    "Book dated {}",
    "Book dated before {}",
    "Book dated between {} and 2030",
    "Book b where b.date < {} show b",
    "Book b where {} >= b.date show b",
    "Book b where b.date in {} show b",
    "Book b where b.date since {} or b.date = {} show b",
    "Book b where days(b.date - {}) > 100 show b",
    "Book b where {} - b.date < b.date - {} show b",
    "Book b where year({}) = 2024",
    "Book b show b as of {}",
];

/// Where a number may stand.
const NUMBERS: &[&str] = &[
    "Book sized {}",
    "Book b where b.size = {} show b",
    "Book b where {} < b.size show b",
    "Book b where b.size >= {} and b.size != {} show b",
    "Book b where b.size + {} > 300 show b",
    "Book b where {} * b.size - 2 < {} show b",
    "Book b where round({}) = 328 show b",
    "Book b where days(b.date - 1940) > {} show b",
    "Book b show b, abs({})",
    "Book b, b cites Book c show b, count(c) as n by b having n >= {}",
    "Book b, b cites Book c show b, count(c) by b having {} = count(c)",
];

/// Where only a whole number may stand.
const COUNTS: &[&str] = &[
    "Book limit {}",
    "Book offset {}",
    "Book cites at least {} Book",
    "Book cites at most {} Book",
    "Book cites exactly {} Book",
    "Book sized at least {} Number n",
];

fn quote_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn database() -> &'static Database {
    static DATABASE: LazyLock<Database> = LazyLock::new(loaded);
    &DATABASE
}

fn loaded() -> Database {
    let (graph, problems) = load::read(vec![Text::new("graph.ron", GRAPH)]);
    Database::of(graph.unwrap_or_else(|| panic!("{problems:?}")))
}

/// The rows of the last query, or nothing where it is wrong.
fn rows(database: &Database, text: &str, given: Option<Value>) -> Option<String> {
    let params = given.map(|given| ("x".to_string(), given)).into_iter().collect();
    let options = Options { params, ..Options::default() };
    match database.prepare(text, &options) {
        Ok(prepared) => {
            let answer = database.run(prepared.last().expect("a query"), &options).expect("an answer");
            Some(format!("{:?} and {} more", answer.table.rows, answer.more_possible))
        }
        Err(Error::Query(_, problems)) => {
            let about = problems.iter().find(|problem| problem.is_error()).expect("an error");
            let of_value =
                [Code::UnknownName, Code::BadNumber, Code::BadDate, Code::UnknownSource].contains(&about.code);
            assert!(
                !of_value || options.params.is_empty() || about.message.contains("$x"),
                "`{text}`: {}",
                about.message
            );
            None
        }
        Err(other) => panic!("`{text}`: {other:?}"),
    }
}

fn compare(database: &Database, place: &str, literal: &str, given: Value) {
    let written = rows(database, &place.replace("{}", literal), None);
    let bound = rows(database, &place.replace("{}", "$x"), Some(given.clone()));
    assert_eq!(bound, written, "`{place}` with {given:?} and {literal}");
}

#[test]
fn a_parameter_is_what_is_written() {
    let database = database();
    // Without optimization each value is tried in a third of the places, the next one in the next third.
    let step = if std::env::var_os("BEGAT_CASES").is_some() { 1 } else { 3 };
    for (at, value) in VALUES.iter().enumerate() {
        for place in TEXTS.iter().skip(at % step).step_by(step) {
            compare(database, place, &quote_text(value), Value::text(value));
        }
    }
}

#[test]
fn a_parameter_is_the_number_that_is_written() {
    let database = database();
    for value in ["0", "00", "1", "5", "-5", "05", "0.5", "0.50", "300", "328", "0328", "2024", "671B", "1.5K", "-2"] {
        for place in NUMBERS {
            compare(database, place, value, Value::text(value));
        }
    }
    for (value, number) in [("328", 328.0), ("0.5", 0.5), ("-5", -5.0), ("671B", 671e9)] {
        for place in NUMBERS {
            compare(database, place, value, Value::Number(number));
        }
    }
    for value in ["0", "1", "2", "02", "300", "4294967295"] {
        for place in COUNTS {
            compare(database, place, value, Value::text(value));
        }
    }
}

#[test]
fn a_typed_value_is_read_as_its_place_wants() {
    let database = database();
    let date = Value::Date(Date::parse("1949-06-08").expect("a date"));
    compare(database, "Book dated {}", "1949-06-08", date.clone());
    compare(database, "Book b where b.date >= {} show b", "1949-06-08", date);
    compare(database, "Book cites {}", "1984", Value::Number(1984.0));
    compare(database, "Book b where b.code = {} show b", "\"1984\"", Value::Number(1984.0));
    compare(database, "Book b where b.date < {} show b", "1984", Value::Number(1984.0));
    for odd in [Value::Unknown, Value::Number(f64::NAN), Value::Number(f64::INFINITY), Value::Range(1.0, 2.0)] {
        assert_eq!(rows(database, "Book b where b.size = $x", Some(odd)), None);
    }
}

/// One value, read in three ways in one query.
#[test]
fn two_uses_are_of_two_types() {
    let database = database();
    let whole = rows(database, "Book b where b.code = $x or b = $x or b.date in $x show b", Some(Value::text("1984")));
    let written = "Book b where b.code = \"1984\" or b = 1984 or b.date in 1984 show b";
    assert_eq!(whole, rows(database, written, None));
    let differences = rows(database, "Book b where days($x - $x) = 0 show b", Some(Value::text("2024-05-01")));
    assert_eq!(differences, rows(database, "Book b where days(2024-05-01 - 2024-05-01) = 0 show b", None));
    let sums = rows(database, "Book b where $x + $x = b.size * 2 show b", Some(Value::text("328")));
    assert_eq!(sums, rows(database, "Book b where 328 + 328 = b.size * 2 show b", None));
}

/// What does not fit is told with the parameter, what it stands beside, and what was given.
#[test]
fn what_does_not_fit_is_told() {
    let database = database();
    for (text, given, words) in [
        ("Book b where b.size > $x", "abc", ["`$x`: `abc` is not a number", "a Number"]),
        ("Book b where b.size > $x", "1984-05", ["`$x`: `1984-05` is not a number", "a Number"]),
        ("Book b where $x < b.date", "300", ["`$x`: `300` is not a date", "a Date"]),
        ("Book dated $x", "2024-13", ["`$x`: there is no month 13 in `2024-13`", "a Date"]),
        ("Book cites $x", "1985", ["`$x`: no entity is called `1985`", ""]),
        ("Book limit $x", "1.5", ["`$x` is `1.5`: this is no whole number from 0 on", "a whole number"]),
        ("Book cites at least $x Book", "-1", ["`$x` is `-1`: this is no whole number from 0 on", "a whole number"]),
        ("Book cites Book according to $x", "me", ["`$x`: no source is called `me`", ""]),
    ] {
        let params = [("x".to_string(), Value::text(given))].into_iter().collect();
        let Err(Error::Query(_, problems)) = database.prepare(text, &Options { params, ..Options::default() }) else {
            panic!("`{text}` is right with `{given}`")
        };
        let problem = problems.iter().next().expect("a problem");
        assert_eq!(problem.message, words[0], "`{text}`");
        assert!(problem.labels.iter().any(|label| label.message.contains(words[1])), "`{text}`: {problem:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_text_is_what_is_written(value in "\\PC{0,6}|-?[0-9]{1,5}(\\.[0-9]{1,2})?[KMBT]?|[0-9]{4}(-[0-9]{2}){0,2}[~?]?") {
        let database = database();
        let step = if std::env::var_os("BEGAT_CASES").is_some() { 1 } else { 3 };
        for place in TEXTS.iter().skip(value.len() % step).step_by(step) {
            compare(database, place, &quote_text(&value), Value::text(&value));
        }
    }

    #[test]
    fn any_number_is_what_is_written(value in "-?[0-9]{1,12}(\\.[0-9]{1,6})?[KMBT]?") {
        let database = database();
        for place in NUMBERS {
            compare(database, place, &value, Value::text(&value));
        }
    }
}
