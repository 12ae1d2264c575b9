//! `begat diff OLD NEW`: reports what changed from one graph to another.

use super::Exit;
use super::args::Global;
use super::output::print;
use super::progress::Sign;
use super::session::{Session, read};
use super::terminal::Terminal;
use crate::answer::{Cell, Head, Row, Table};
use crate::compare::{self, Change, How, Kind};
use crate::render::{self, Format, TextStyle};
use crate::schema::TypeSet;
use crate::text::Text;
use crate::value::Value;
use crate::{Database, Error};
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// The old graph: a folder, a file, a snapshot, or git:REV:PATH
    pub old: PathBuf,
    /// The new graph
    pub new: PathBuf,
    /// Compare the answers to the queries in a file instead of the facts
    #[arg(long, value_name = "FILE")]
    pub query: Vec<PathBuf>,
}

/// Reports the changes. Returns status 1 if there are any.
pub fn run(global: &Global, terminal: &Terminal, args: &DiffArgs) -> Exit {
    compared(global, terminal, args).unwrap_or_else(|exit| exit)
}

fn compared(global: &Global, terminal: &Terminal, args: &DiffArgs) -> Result<Exit, Exit> {
    let open = |path: &PathBuf| Session::open(Global { graph: Some(path.clone()), ..global.clone() }, terminal.clone());
    let (old, new) = (open(&args.old)?, open(&args.new)?);
    let mut changes = Vec::new();
    if args.query.is_empty() {
        let (was, now) = (old.database.clone(), new.database.clone());
        new.begin("comparing");
        let work = move |_: &super::progress::Watch| Ok(compare::changes(was.graph(), now.graph()));
        changes = new.working(Sign::Rows, work).map_err(|error| new.fail(error, &Text::new("", "")))?;
    }
    for file in &args.query {
        let text = read(file, terminal)?;
        changes.extend(answers(&old, &new, &text)?);
    }
    told(&new, &changes)?;
    Ok(if changes.is_empty() { Exit::Done } else { Exit::Nothing })
}

/// Writes changes as sentences on a terminal, as a table elsewhere.
fn told(session: &Session, changes: &[Change]) -> Result<(), Exit> {
    let count = |how: How| changes.iter().filter(|change| change.how == how).count();
    let terminal = &session.terminal;
    let is_for_people = session.global.format.is_none_or(|format| format == Format::Tree);
    let as_sentences =
        is_for_people && session.global.output.is_none() && (terminal.stdout || session.global.format.is_some());
    match as_sentences {
        true => {
            let mut lines = String::new();
            let mut kind = None;
            for change in changes {
                if kind != Some(change.kind) && changes.first().map(|first| first.kind) != Some(change.kind) {
                    lines.push('\n');
                }
                kind = Some(change.kind);
                lines += &format!("{}\n", change.words());
            }
            print(&lines, terminal)?;
        }
        false => match session.show_table(table(changes)) {
            Exit::Done => {}
            other => return Err(other),
        },
    }
    let words = match changes.is_empty() {
        true => "no difference".to_string(),
        false => format!("{} gained, {} lost, {} changed", count(How::Gained), count(How::Lost), count(How::Changed)),
    };
    terminal.info(&words);
    Ok(())
}

fn table(changes: &[Change]) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    let text = |words: &str| if words.is_empty() { Cell::Absent } else { Cell::Value(Value::text(words)) };
    let row = |change: &Change| {
        let words = [change.how.name(), change.kind.name(), &change.what, &change.was, &change.now];
        Row { cells: words.map(text).into(), certain: true }
    };
    let columns = ["change", "kind", "what", "was", "now"].map(head).into();
    Table { columns, rows: changes.iter().map(row).collect::<Vec<_>>().into() }
}

/// Returns the rows of a program's answers that only one of the graphs gives.
fn answers(old: &Session, new: &Session, text: &Arc<Text>) -> Result<Vec<Change>, Exit> {
    let [was, now] = [old, new].map(|session| rows(session, text));
    let (was, now) = (was?, now?);
    let mut all = Vec::new();
    for (number, (was, now)) in was.iter().zip(&now).enumerate() {
        let name = format!("query {}", number + 1);
        let row = |words: &String| words.replace('\t', " | ");
        for (words, count) in was {
            let left = count.saturating_sub(now.get(words).copied().unwrap_or(0));
            all.extend((0..left).map(|_| Change::new(How::Lost, Kind::Answer, &name, row(words), "")));
        }
        for (words, count) in now {
            let left = count.saturating_sub(was.get(words).copied().unwrap_or(0));
            all.extend((0..left).map(|_| Change::new(How::Gained, Kind::Answer, &name, "", row(words))));
        }
    }
    Ok(all)
}

/// For each query, the number of occurrences of each row.
type RowCounts = Vec<BTreeMap<String, usize>>;

fn rows(session: &Session, text: &Arc<Text>) -> Result<RowCounts, Exit> {
    session.begin("comparing");
    let mut all = RowCounts::new();
    for prepared in session.prepare(text).map_err(|error| session.fail(error, text))? {
        let database = session.database.clone();
        let answered = session.asking(&prepared, move |asked: &Database, prepared, options| {
            let answer = asked.run(prepared, options)?;
            let rendered = render::answer(&answer, database.graph(), Format::Tsv, &TextStyle::default());
            rendered.map(|rendered| rendered.text).map_err(Error::Usage)
        });
        let table = answered.map_err(|error| session.fail(error, text))?;
        let mut counts = BTreeMap::new();
        table.lines().skip(1).for_each(|line| *counts.entry(line.to_string()).or_insert(0) += 1);
        all.push(counts);
    }
    Ok(all)
}
