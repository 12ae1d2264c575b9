//! The language by example: every fenced `begat` block of `tests/spec/*.md` is run, and each block after it is what must
//! come out.
//!
//! The language of a block says what is compared: `rows` (the table, with a last line where not all is certain),
//! `error` (the diagnostics), `notes`, `plan`, or the name of any output format. `BLESS=1 cargo test --test spec`
//! writes what comes out into the pages, but no error where an answer stands: a query that fails all of a sudden is a fault of
//! the engine. Read the difference before you commit it. Every query is also printed and
//! parsed again.

mod support;

use begat::answer::{Answer, View};
use begat::render::{self, Format, TextStyle};
use begat::text::{Diagnostic, Diagnostics, Text};
use begat::{Database, Error, Options, syntax};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use support::queries;

/// A page in pieces, which written one after the other are the page.
enum Piece {
    /// Lines of prose, with their line breaks.
    Prose(String),
    Query(Example),
}

#[derive(Clone)]
struct Example {
    heading: String,
    /// Line of the opening fence, from 1.
    line: usize,
    text: String,
    /// Language and content of the blocks that follow.
    blocks: Vec<(String, String)>,
}

fn main() {
    let arguments = Arguments::from_args();
    let pages: Vec<_> = queries::pages();
    if std::env::var_os("BLESS").is_some() {
        pages.iter().for_each(|page| bless(page));
        return;
    }
    let trials = pages.iter().flat_map(|page| trials(page)).collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn trials(page: &Path) -> Vec<Trial> {
    let body = std::fs::read_to_string(page).expect("a readable page");
    let world = world(&body);
    let name = page.file_stem().expect("a page has a name").to_string_lossy().into_owned();
    let examples = read(&body).into_iter().filter_map(|piece| match piece {
        Piece::Query(example) => Some(example),
        Piece::Prose(_) => None,
    });
    let trial = |example: Example| {
        let world = world.clone();
        Trial::test(format!("{name}:{} {}", example.line, example.heading), move || compare(&world, &example))
    };
    examples.map(trial).collect()
}

fn compare(world: &str, example: &Example) -> Result<(), Failed> {
    reparse(&example.text)?;
    if example.blocks.is_empty() {
        return Err(format!("nothing is expected of\n{}", example.text).into());
    }
    for (language, expected) in &example.blocks {
        let found = outcome(world, &example.text, language).unwrap_or_else(|problem| problem);
        if found != *expected {
            return Err(format!("{}\n\nexpected {language}:\n{expected}\nfound:\n{found}", example.text).into());
        }
    }
    Ok(())
}

/// What is printed parses to the same tree, and prints to the same text again.
fn reparse(text: &str) -> Result<(), Failed> {
    let Ok(tree) = syntax::parse(text) else { return Ok(()) };
    let printed = syntax::print(&tree);
    match syntax::parse(&printed) {
        Ok(again) if again != tree => Err(format!("{text}\nprints as another query:\n{printed}").into()),
        Ok(again) if syntax::print(&again) != printed => Err(format!("{printed}\nprints otherwise again").into()),
        Ok(_) => Ok(()),
        Err(problem) => Err(format!("{text}\nprints as what does not parse:\n{printed}\n{problem:?}").into()),
    }
}

/// What comes out for a block of that language; the diagnostics where it fails.
fn outcome(world: &str, text: &str, language: &str) -> Result<String, String> {
    let database = database(world);
    let is_asked = text.split("; ").any(|statement| statement.starts_with("explain "));
    let text = if language == "plan" && !is_asked { format!("explain {text}") } else { text.to_string() };
    let answer = match queries::ask(database, &text, &Options::default()) {
        Ok(answer) => answer,
        Err(error) => return Err(problems(&error)),
    };
    let source = Text::new("query", text.as_str());
    match language {
        "rows" => rows(&answer, database),
        "error" => Err("no error\n".to_string()),
        "notes" => Ok(print(&Diagnostics(answer.notes.clone()), &source)),
        "plan" => match &answer.view {
            View::Plan(plan) => Ok(plan.clone()),
            _ => Err("no plan\n".to_string()),
        },
        name => formatted(name, &text, &answer, database),
    }
}

fn rows(answer: &Answer, database: &Database) -> Result<String, String> {
    let rendered = render::answer(answer, database.graph(), Format::Table, &TextStyle::default())?;
    let is_plain = answer.more_possible == 0 && answer.table.rows.iter().all(|row| row.certain);
    let footer = if is_plain { String::new() } else { render::footer(answer, &rendered.hidden, "--wide") + "\n" };
    Ok(rendered.text + &footer)
}

fn formatted(name: &str, text: &str, answer: &Answer, database: &Database) -> Result<String, String> {
    let format = Format::named(name).ok_or_else(|| format!("no format is called {name}\n"))?;
    if !format.is_graph() || matches!(answer.view, View::Graph(_)) {
        return Ok(render::answer(answer, database.graph(), format, &TextStyle::default())?.text);
    }
    let prepared = database.prepare(text, &Options::default()).map_err(|error| problems(&error))?;
    let last = prepared.last().ok_or("no query\n")?;
    let part = database.subgraph(last, &Options::default()).map_err(|error| problems(&error))?;
    render::subgraph(&part, database.graph(), format)
}

fn problems(error: &Error) -> String {
    match error {
        Error::Query(text, diagnostics) => print(diagnostics, text),
        other => print(&queries::diagnostics(other), &Text::new("query", "")),
    }
}

fn print(diagnostics: &Diagnostics, text: &Arc<Text>) -> String {
    let one = |diagnostic: &Diagnostic| render::diagnostic(diagnostic, text, false, 100);
    let all: Vec<String> = diagnostics.iter().map(one).collect();
    all.join("\n")
}

/// Each world is opened once.
fn database(world: &str) -> &'static Database {
    static OPEN: OnceLock<Mutex<HashMap<String, &'static Database>>> = OnceLock::new();
    let mut open = OPEN.get_or_init(Mutex::default).lock().expect("no test panics while it opens a world");
    open.entry(world.to_string()).or_insert_with(|| Box::leak(Box::new(queries::open(world))))
}

/// The world that the page's `graph: ` line names.
fn world(body: &str) -> String {
    body.lines().find_map(|line| line.strip_prefix("graph: ")).unwrap_or("toy").trim().to_string()
}

/// Cuts a page into prose and examples.
fn read(body: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut heading = String::new();
    let lines: Vec<&str> = body.lines().collect();
    let mut i = 0;
    while i < lines.len() {
        let (fence, content) = (lines[i], content(&lines, i));
        match (fence, pieces.last_mut()) {
            ("```begat", _) => {
                let (heading, text) = (heading.clone(), content.trim_end().to_string());
                pieces.push(Piece::Query(Example { heading, line: i + 1, text, blocks: Vec::new() }));
            }
            (line, Some(Piece::Query(example))) if line.starts_with("```") => {
                example.blocks.push((line[3..].to_string(), content.clone()));
            }
            (line, Some(Piece::Query(_))) if line.is_empty() && next_is_block(&lines, i) => {}
            (line, _) => {
                if line.starts_with('#') {
                    heading = line.trim_start_matches('#').trim().to_string();
                }
                let is_prose = !matches!(pieces.last(), Some(Piece::Prose(_)));
                if is_prose {
                    pieces.push(Piece::Prose(String::new()));
                }
                if let Some(Piece::Prose(prose)) = pieces.last_mut() {
                    *prose += &format!("{line}\n");
                }
                i += 1;
                continue;
            }
        }
        i += if fence.is_empty() { 1 } else { content.lines().count() + 2 };
    }
    pieces
}

/// The lines after a fence up to the next one, with their line breaks.
fn content(lines: &[&str], fence: usize) -> String {
    let inside = lines[fence + 1..].iter().take_while(|line| **line != "```");
    inside.map(|line| format!("{line}\n")).collect()
}

/// Whether only empty lines stand before a block that is no query.
fn next_is_block(lines: &[&str], from: usize) -> bool {
    let next = lines[from..].iter().find(|line| !line.is_empty());
    next.is_some_and(|line| line.starts_with("```") && *line != "```begat")
}

/// Writes what comes out into the page. An example without blocks gets the one that fits.
fn bless(page: &Path) {
    let body = std::fs::read_to_string(page).expect("a readable page");
    let world = world(&body);
    let mut written = String::new();
    for piece in read(&body) {
        match piece {
            Piece::Prose(prose) => written += &prose,
            Piece::Query(example) => {
                written += &format!("```begat\n{}\n```\n", example.text);
                for (language, content) in blessed(&world, &example) {
                    written += &format!("\n```{language}\n{content}```\n");
                }
            }
        }
    }
    if written != body {
        std::fs::write(page, written).expect("a writable page");
        println!("wrote {}", page.display());
    }
}

fn blessed(world: &str, example: &Example) -> Vec<(String, String)> {
    let mut languages: Vec<&str> = example.blocks.iter().map(|(language, _)| language.as_str()).collect();
    languages.retain(|language| *language != "error");
    if languages.is_empty() {
        languages.push(natural(world, &example.text));
    }
    let outcome = |language: &str| outcome(world, &example.text, language);
    let all: Result<HashMap<&str, String>, String> =
        languages.iter().map(|language| Ok((*language, outcome(language)?))).collect();
    match all {
        Ok(all) => languages.iter().map(|language| (language.to_string(), all[language].clone())).collect(),
        Err(problem) => {
            let is_answered = |(language, content): &(String, String)| language != "error" && !content.is_empty();
            if example.blocks.iter().any(is_answered) {
                println!("left as it was, since it fails now: {}\n{problem}", example.text);
                return example.blocks.clone();
            }
            vec![("error".to_string(), problem)]
        }
    }
}

/// `rows` for tables, `tree` for answers that a terminal draws.
fn natural(world: &str, text: &str) -> &'static str {
    let answer = queries::ask(database(world), text, &Options::default());
    if matches!(&answer, Ok(Answer { view: View::Plan(_), .. })) {
        return "plan";
    }
    match answer.map(|answer| Format::natural(&answer)) {
        Ok(Format::Tree) => "tree",
        Ok(Format::Chart) => "chart",
        _ => "rows",
    }
}
