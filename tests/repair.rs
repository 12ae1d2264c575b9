//! First phrasings of newcomers: each leads to the query that was meant, within one Enter.

use begat::text::{Diagnostics, Fix};
use begat::{Database, Error, Options};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A phrasing, the graph that it is asked of, and the queries any of which it may lead to.
struct Phrasing {
    graph: String,
    text: String,
    wanted: Vec<String>,
}

fn phrasings(file: &str) -> Vec<Phrasing> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/repair").join(file);
    let text = fs::read_to_string(path).expect("the file is there");
    let of = |line: &str| {
        let parts: Vec<&str> = line.split('\t').collect();
        let [graph, text, wanted] = parts[..] else { panic!("three columns: {line}") };
        let wanted = wanted.split("||").map(|query| query.trim().to_string()).collect();
        Phrasing { graph: graph.to_string(), text: text.to_string(), wanted }
    };
    text.lines().filter(|line| !line.is_empty()).map(of).collect()
}

fn open(graph: &str) -> Database {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path: PathBuf = match graph {
        "builtin" => return Database::builtin(),
        "toy" => root.join("tests/graphs/toy.ron"),
        "transformers" | "languages" => root.join("graph-data").join(graph),
        own => root.join(format!("tests/repair/{own}.ron")),
    };
    Database::open(&path).unwrap_or_else(|error| panic!("{graph}: {error:?}"))
}

/// The rows of an answer, in any order; `None` where the query is wrong, has none, or shows something else: these are told
/// apart by their texts alone.
fn rows(database: &Database, query: &str) -> Option<Vec<String>> {
    let prepared = database.prepare(query, &Options::default()).ok()?;
    let mut rows = Vec::new();
    for prepared in &prepared {
        let answer = database.run(prepared, &Options::default()).ok()?;
        if !matches!(answer.view, begat::answer::View::Rows) {
            return None;
        }
        rows.extend(answer.table.rows.iter().map(|row| format!("{:?}", row.cells)));
    }
    rows.sort();
    Some(rows).filter(|rows| !rows.is_empty())
}

fn fixes(found: &Diagnostics) -> impl Iterator<Item = &Fix> {
    let errors = found.iter().filter(|problem| problem.is_error());
    errors.flat_map(|problem| &problem.help).filter_map(|help| help.fix.as_ref())
}

/// What Enter comes to: the text itself, or the edits that are offered, each carried out.
fn led_to(database: &Database, text: &str) -> (Vec<String>, Duration) {
    let start = Instant::now();
    let prepared = database.prepare(text, &Options::default());
    let took = start.elapsed();
    let mended = |fix: &Fix| {
        let (start, end) = (fix.span.start as usize, fix.span.end as usize);
        format!("{}{}{}", &text[..start], fix.replacement, &text[end..])
    };
    let queries = match prepared {
        Ok(_) => vec![text.to_string()],
        Err(Error::Query(_, found)) => fixes(&found).map(mended).collect(),
        Err(error) => panic!("{text}: {error:?}"),
    };
    (queries, took)
}

/// How many phrasings of a file lead to what is wanted, of how many; the others are printed.
fn reached(file: &str) -> (usize, usize) {
    let all = phrasings(file);
    let (mut right, mut later, mut helpless) = (0, 0, 0);
    let mut database: Option<(String, Database)> = None;
    for Phrasing { graph, text, wanted } in &all {
        if database.as_ref().is_none_or(|(name, _)| name != graph) {
            database = Some((graph.clone(), open(graph)));
        }
        let (_, database) = database.as_ref().expect("it was opened");
        let (queries, took) = led_to(database, text);
        for query in wanted {
            assert!(database.prepare(query, &Options::default()).is_ok(), "what is wanted is a query: {query}");
        }
        let is_wanted = |query: &String| {
            let answer = rows(database, query);
            wanted.iter().any(|wanted| {
                wanted.eq_ignore_ascii_case(query) || answer.is_some() && answer == rows(database, wanted)
            })
        };
        match queries.iter().position(is_wanted) {
            Some(0) => right += 1,
            Some(_) => later += 1,
            None => helpless += usize::from(queries.is_empty()),
        }
        if !queries.first().is_some_and(is_wanted) {
            let got = if queries.is_empty() { "nothing".to_string() } else { queries.join("\n           ") };
            println!("{graph}: {text}\n    wanted {}\n    got    {got}  ({took:.0?})", wanted[0]);
        }
    }
    let wrong = all.len() - right - later - helpless;
    println!("{file}: {right} of {}; {later} by a later offer, {helpless} without any, {wrong} wrong", all.len());
    (right, all.len())
}

#[track_caller]
fn most_are_reached(file: &str, percent: usize) {
    let (right, all) = reached(file);
    assert!(right * 100 >= all * percent, "{file}: {right} of {all}");
}

#[test]
fn first_phrasings_lead_to_what_was_meant() {
    most_are_reached("development.tsv", 95);
}

#[test]
fn phrasings_of_another_day_do_so_too() {
    most_are_reached("fresh.tsv", 95);
}

/// Phrasings that were put down before the words were taught, and looked at only afterwards.
#[test]
fn phrasings_that_were_kept_apart_do_so_too() {
    most_are_reached("held-out.tsv", 95);
}

/// Phrasings of plain English, SQL, Cypher and SPARQL, put down before anything was done for them.
#[test]
fn phrasings_of_newcomers_do_so_too() {
    most_are_reached("newcomers.tsv", 95);
}

/// More of these, put down before it was known how the others fare: 34 of 45 then. Kinds among them were mended since.
#[test]
fn later_phrasings_do_so_too() {
    most_are_reached("later.tsv", 80);
}

/// The last of them were counted before anything was changed for them: 22 of 25. One rule was changed since for a kind among
/// them.
#[test]
fn last_phrasings_do_so_too() {
    most_are_reached("last.tsv", 80);
}

/// Written with the queries that each is to lead to, before anything was changed for them: 112 of 150 then.
#[test]
fn phrasings_of_every_day_do_so_too() {
    most_are_reached("everyday.tsv", 93);
}

/// Written after the kinds among these were mended: 44 of 60 before anything was changed for them.
#[test]
fn fresh_phrasings_of_every_day_do_so_too() {
    most_are_reached("everyday-fresh.tsv", 90);
}

/// Phrasings of another author, who did not know what is recognised: 62 of 75 before anything was changed for them.
#[test]
fn phrasings_of_another_author_do_so_too() {
    most_are_reached("another.tsv", 90);
}

/// Counted once, before anything was changed for them: 69 of 75.
#[test]
fn phrasings_that_nobody_had_seen_do_so_too() {
    most_are_reached("unseen.tsv", 85);
}

/// Written with the queries that each is to lead to, before anything was changed for them: 67 of 100 then, of which one was
/// a right query that had been left out.
#[test]
fn phrasings_of_a_first_look_do_so_too() {
    most_are_reached("first-look.tsv", 92);
}

/// Written after kinds among these were mended: 46 of 60 before anything was changed for them.
#[test]
fn phrasings_of_a_second_look_do_so_too() {
    most_are_reached("second-look.tsv", 90);
}

/// Written as five kinds of people would, twenty each, from the schema and the names alone, before the repairer was read: 66
/// of 100 before anything was changed for them, of which three were right queries that had been left out. These kinds are people
/// in a hurry, journalists, those who know SQL, pandas, Cypher or SPARQL, those who speak another language, and historians.
#[test]
fn phrasings_of_five_kinds_of_people_do_so_too() {
    most_are_reached("third-look.tsv", 92);
}

/// Twelve of each kind, written after these were mended: 43 of 60 before anything was changed for them.
#[test]
fn later_phrasings_of_five_kinds_of_people_do_so_too() {
    most_are_reached("fourth-look.tsv", 86);
}

#[test]
fn words_are_moved_to_where_they_say_something() {
    most_are_reached("moved.tsv", 100);
}

/// Phrasings of five people on three graphs, put down before it was known how they fare: 49 of 60 then.
#[test]
fn phrasings_of_a_fifth_look_do_so_too() {
    most_are_reached("fifth-look.tsv", 95);
}

/// The same of others: 48 of 60 then.
#[test]
fn phrasings_of_a_sixth_look_do_so_too() {
    most_are_reached("sixth-look.tsv", 90);
}

/// The same of others again, after what the two before had shown was mended: 57 of 60 then.
#[test]
fn phrasings_of_a_seventh_look_do_so_too() {
    most_are_reached("seventh-look.tsv", 95);
}

/// A word between two phrases is missing: `that`, `and`, or the verb once more.
#[test]
fn missing_joining_words_are_inserted() {
    most_are_reached("joints.tsv", 100);
}

/// What is said of a noun with a variable, without `that`.
#[test]
fn a_variable_stays_with_its_noun() {
    most_are_reached("nouns.tsv", 100);
}
