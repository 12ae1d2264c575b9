//! `diff A and B` has one direction in every format: what only B has is added, what only A has is removed.

use begat::render::{self, Format, TextStyle, picture};
use begat::{Database, Options};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// A change, a verb and a value.
type Change = [String; 3];

const TEXTS: [Format; 7] =
    [Format::Table, Format::Tsv, Format::Csv, Format::Markdown, Format::Jsonl, Format::Json, Format::Tree];

fn shown(database: &Database, query: &str, format: Format) -> String {
    let options = Options::default();
    let prepared = database.prepare(query, &options).unwrap_or_else(|error| panic!("{query}: {error:?}")).remove(0);
    let answer = database.run(&prepared, &options).expect("an answer");
    let looks = picture::PictureStyle::default();
    match format {
        Format::Svg => picture::svg(&answer, None, database.graph(), &looks).expect("a picture"),
        Format::Html => picture::html(&answer, None, database.graph(), &looks).expect("a page"),
        _ => render::answer(&answer, database.graph(), format, &TextStyle::default()).expect("a text").text,
    }
}

/// The changes that a text says, by its own words.
fn changes(text: &str, format: Format) -> BTreeSet<Change> {
    let change = |cells: Vec<String>| -> Option<Change> { cells.get(2..5)?.to_vec().try_into().ok() };
    let split = |line: &str, by: &str| line.split(by).map(|cell| cell.trim().to_string()).collect::<Vec<_>>();
    let of_json = |row: &Json| -> Change {
        ["change", "verb", "value"].map(|key| match &row[key] {
            Json::String(word) => word.clone(),
            Json::Object(date) => date["edtf"].as_str().unwrap_or_default().to_string(),
            other => other.to_string(),
        })
    };
    match format {
        Format::Tsv => text.lines().skip(1).filter_map(|line| change(split(line, "\t"))).collect(),
        Format::Csv => text.lines().skip(1).filter_map(|line| change(split(line, ","))).collect(),
        Format::Markdown => {
            text.lines().skip(2).filter_map(|line| change(split(line.trim_matches('|'), "|"))).collect()
        }
        Format::Jsonl => text.lines().map(|line| of_json(&serde_json::from_str(line).expect("JSON"))).collect(),
        Format::Json => {
            let all: Json = serde_json::from_str(text).expect("JSON");
            all["rows"].as_array().expect("rows").iter().map(of_json).collect()
        }
        Format::Table => text.lines().skip(1).filter_map(|line| change(split_wide(line))).collect(),
        _ => of_tree(text),
    }
}

fn split_wide(line: &str) -> Vec<String> {
    line.split("  ").filter(|cell| !cell.trim().is_empty()).map(|cell| cell.trim().to_string()).collect()
}

fn of_tree(text: &str) -> BTreeSet<Change> {
    let (mut found, mut side) = (BTreeSet::new(), "");
    for line in text.lines() {
        match line.strip_prefix("  ") {
            Some(fact) => {
                let fact = fact.split("    ").next().unwrap_or_default();
                let (verb, value) = fact.split_once(' ').expect("a verb and a value");
                found.insert([side, verb, value].map(str::to_string));
            }
            None if line.ends_with("(removed)") => side = "removed",
            None if line.ends_with("(added)") => side = "added",
            None => side = "kept",
        }
    }
    found
}

/// The marks of a picture whose titles begin with a word.
fn titled(svg: &str, word: &str) -> BTreeSet<String> {
    let titles = svg.split("<title>").skip(1).filter_map(|rest| rest.split("</title>").next());
    titles.filter_map(|title| title.strip_prefix(word)).map(str::to_string).collect()
}

fn swapped(changes: &BTreeSet<Change>) -> BTreeSet<Change> {
    let swap = |[change, verb, value]: &Change| {
        let change = match change.as_str() {
            "added" => "removed",
            "removed" => "added",
            other => other,
        };
        [change.to_string(), verb.clone(), value.clone()]
    };
    changes.iter().map(swap).collect()
}

#[test]
fn the_second_one_is_the_new_one_in_every_format() {
    let database = Database::builtin();
    let models = ["DeepSeek V2", "DeepSeek V3", "DeepSeek R1", "Llama 3", "OLMo 2", "Gemma 3", "GPT", "GPT-2"];
    let pairs = models.iter().flat_map(|a| models.iter().map(move |b| (*a, *b))).filter(|(a, b)| a != b);
    for (old, new) in pairs {
        check(&database, (old, new), [format!("diff {old} and {new}"), format!("diff {new} and {old}")]);
    }
}

#[test]
fn rows_of_a_sentence_are_compared_from_the_one_written_first() {
    let database = Database::builtin();
    let pair = ("DeepSeek V3", "DeepSeek V2");
    let queries = ["diff DeepSeek V3 succeeds DeepSeek V2", "diff DeepSeek V2 ^succeeds DeepSeek V3"];
    check(&database, pair, queries.map(String::from));
}

fn check(database: &Database, (old, new): (&str, &str), [query, back]: [String; 2]) {
    let own = facts(database, old);
    let others = facts(database, new);
    let told = changes(&shown(database, &query, Format::Tsv), Format::Tsv);
    for [change, verb, value] in &told {
        let fact = format!("{verb} {value}");
        let (is_old, is_new) = (own.contains(&fact), others.contains(&fact));
        let is_so = match change.as_str() {
            "added" => is_new && !is_old,
            "removed" => is_old && !is_new,
            _ => is_new && is_old,
        };
        assert!(is_so, "{query}: {change} {fact}, {own:?}, {others:?}");
    }
    for format in TEXTS {
        let there = changes(&shown(database, &query, format), format);
        assert_eq!(there.len(), told.len(), "{query} as {format:?}");
        let back = changes(&shown(database, &back, format), format);
        assert_eq!(swapped(&there), back, "{query} and {} as {format:?}", "turned");
    }
    for format in [Format::Svg, Format::Html] {
        let [there, back] = [&query, &back].map(|query| shown(database, query, format));
        for (word, opposite) in [("added: ", "removed: "), ("removed: ", "added: ")] {
            assert_eq!(titled(&there, word), titled(&back, opposite), "{query} as {format:?}");
            let number = told.iter().filter(|[change, ..]| word.starts_with(change.as_str())).count();
            assert_eq!(titled(&there, word).len(), number, "{query} as {format:?}");
        }
        assert!(there.contains(&format!("From {old} to {new}")), "{query} as {format:?}");
    }
}

/// What is said of one entity, by the rows of the queries about it.
fn facts(database: &Database, name: &str) -> BTreeSet<String> {
    let described = shown(database, &format!("describe {name}"), Format::Tsv);
    let cells = described.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
    cells.filter(|cells| cells[0] == name).map(|cells| format!("{} {}", cells[1], cells[2])).collect()
}
