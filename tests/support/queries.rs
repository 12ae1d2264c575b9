//! Queries and the worlds they are asked of: the spec pages, the questions, and short ways to ask.

use begat::answer::{Answer, Cell, Row};
use begat::check::typed::Query;
use begat::graph::Graph;
use begat::text::Diagnostics;
use begat::{Database, Error, Options, Prepared};
use std::path::{Path, PathBuf};

/// A fenced block of a spec page with what follows it.
#[derive(Debug, Clone)]
pub struct Example {
    pub page: PathBuf,
    /// The heading it stands under.
    pub heading: String,
    /// Line of the opening fence, from 1.
    pub line: usize,
    /// As [`open`] takes it.
    pub world: String,
    pub text: String,
}

/// The folder of tests.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The world of a page: `builtin`, a folder of `graph-data`, or a file of `tests/graphs`.
pub fn open(world: &str) -> Database {
    if world == "builtin" {
        return Database::builtin();
    }
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph-data").join(world);
    let path = if shipped.is_dir() { shipped } else { folder().join("graphs").join(format!("{world}.ron")) };
    Database::open(&path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}

/// The pages of the spec, in order of their names.
pub fn pages() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join("spec")).expect("the spec is there");
    let mut pages: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// Every query of the spec.
pub fn examples() -> Vec<Example> {
    pages().iter().flat_map(|page| examples_of(page)).collect()
}

fn examples_of(page: &Path) -> Vec<Example> {
    let body = std::fs::read_to_string(page).expect("a readable page");
    let world = body.lines().find_map(|line| line.strip_prefix("graph: ")).unwrap_or("toy").trim().to_string();
    let (mut heading, mut open, mut examples) = (String::new(), None::<Example>, Vec::new());
    for (i, line) in body.lines().enumerate() {
        match (&mut open, line) {
            (Some(_), "```") => examples.extend(open.take()),
            (Some(example), line) => {
                example.text += &format!("{}{line}", if example.text.is_empty() { "" } else { "\n" })
            }
            (None, "```begat") => {
                let (page, heading, world) = (page.to_path_buf(), heading.clone(), world.clone());
                open = Some(Example { page, heading, line: i + 1, world, text: String::new() });
            }
            (None, line) if line.starts_with('#') => heading = line.trim_start_matches('#').trim().to_string(),
            (None, _) => {}
        }
    }
    examples
}

/// One of the questions, as its file has it.
#[derive(Debug, Clone)]
pub struct Question {
    pub id: String,
    pub query: String,
    pub rows: Vec<Vec<serde_json::Value>>,
}

pub fn questions() -> Vec<Question> {
    let text = std::fs::read_to_string(folder().join("graphs/questions.json")).expect("the questions are there");
    let all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let questions = all["questions"].as_array().expect("a list of questions");
    let word = |question: &serde_json::Value, key: &str| question[key].as_str().expect("a text").to_string();
    let rows = |question: &serde_json::Value| {
        let rows = question["rows"].as_array().expect("rows").iter();
        rows.map(|row| row.as_array().expect("a row").clone()).collect()
    };
    questions.iter().map(|q| Question { id: word(q, "id"), query: word(q, "query"), rows: rows(q) }).collect()
}

/// The queries of a text, checked.
pub fn prepare(database: &Database, text: &str) -> Result<Vec<Prepared>, Error> {
    database.prepare(text, &Options::default())
}

/// The only query of a text with its possible answers, if it is well formed and well typed. Definitions may stand
/// before it.
pub fn check_one(graph: &Graph, text: &str) -> Option<Query> {
    let options = Options { possibly: true, ..Options::default() };
    let prepared = Database::of(graph.clone()).prepare(text, &options).ok()?;
    prepared.into_iter().last().map(|prepared| (*prepared.query).clone())
}

/// The answer of the last query of a text.
pub fn ask(database: &Database, text: &str, options: &Options) -> Result<Answer, Error> {
    let prepared = database.prepare(text, options)?;
    let last = prepared.last().unwrap_or_else(|| panic!("no query in: {text}"));
    database.run(last, options)
}

/// Runs every query of a text, for what it does to the engine.
pub fn ask_all(database: &Database, text: &str) -> Result<(), Error> {
    for prepared in prepare(database, text)? {
        database.run(&prepared, &Options::default())?;
    }
    Ok(())
}

/// The diagnostics of an error; none where it is not about a text.
pub fn diagnostics(error: &Error) -> Diagnostics {
    match error {
        Error::Query(_, diagnostics) | Error::Data(diagnostics) => diagnostics.clone(),
        Error::Limit(diagnostic) => diagnostic.clone().into(),
        _ => Diagnostics::default(),
    }
}

/// A cell in words: names, and values as they are written in a query. What is only possible ends in `?`.
pub fn word(graph: &Graph, cell: &Cell) -> String {
    let name = |entity: &begat::graph::EntityId| graph.name(*entity).to_string();
    match cell {
        Cell::Absent => String::new(),
        Cell::Entity(entity) => name(entity),
        Cell::Value(value) => value.to_string(),
        Cell::Path(entities) => entities.iter().map(name).collect::<Vec<_>>().join(" > "),
        Cell::List(list) => {
            let words = list.iter().map(|(cell, sure)| word(graph, cell) + if *sure { "" } else { "?" });
            words.collect::<Vec<_>>().join("; ")
        }
    }
}

/// A row in words.
pub fn words(graph: &Graph, row: &Row) -> Vec<String> {
    row.cells.iter().map(|cell| word(graph, cell)).collect()
}
