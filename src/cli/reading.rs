//! `begat read SOURCE`: shows a source's text, with the facts that cite each line.

use super::Exit;
use super::completions::sources;
use super::output::page;
use super::session::{Session, report};
use super::show::counted;
use crate::Error;
use crate::answer::{Cell, Head, Row, Table};
use crate::graph::{Claim, Graph, SourceId};
use crate::load::{self, source_text::SourceText};
use crate::render::Format;
use crate::schema::TypeSet;
use crate::text::suggest;
use crate::value::Value;
use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

#[derive(Debug, Clone, Args)]
pub struct ReadArgs {
    /// The key of a source that has a `text`
    #[arg(add = ArgValueCompleter::new(sources))]
    pub source: String,
    /// Show only this place: L23, L20-30, 'p. 3', '#models'
    #[arg(long, value_name = "PLACE")]
    pub at: Option<String>,
    /// Show only lines that no fact cites
    #[arg(long)]
    pub uncited: bool,
}

/// A line of a text with the facts that cite it.
struct Line<'t> {
    number: usize,
    text: &'t str,
    facts: Vec<String>,
    /// Whether some fact cites it, alone or in a range.
    is_cited: bool,
}

pub fn run(session: &Session, args: &ReadArgs) -> Exit {
    shown(session, args).map_or_else(|exit| exit, |()| Exit::Done)
}

fn shown(session: &Session, args: &ReadArgs) -> Result<(), Exit> {
    let (graph, terminal) = (session.graph(), &session.terminal);
    let id = source(session, &args.source)?;
    let name = &graph.claims().source(id).text;
    let path = session.global.graph.clone().filter(|path| !path.as_os_str().is_empty());
    if path.is_none() || name.is_empty() {
        let words = "names no text; write `text: \"FILE\"` beside its title, with the file in the graph's folder";
        terminal.error(&format!("`{}` {words}", args.source));
        return Err(Exit::Data);
    }
    let text = text_of(session, name).map_err(|error| report(terminal, error, None))?;
    let (lines, elsewhere) = lines(graph, id, &text);
    let wanted = match &args.at {
        None => 0..lines.len(),
        Some(at) => match text.place(at) {
            Ok(Some(range)) => range,
            Ok(None) => {
                return Err(complained(session, &format!("`{at}` is no place of this text; write `L23` or `L20-30`")));
            }
            Err(words) => return Err(complained(session, &words)),
        },
    };
    let is_wanted = |line: &&Line| wanted.contains(&(line.number - 1));
    let is_open = |line: &&Line| !args.uncited || !line.is_cited && !line.text.trim().is_empty();
    let some: Vec<&Line> = lines.iter().filter(is_wanted).filter(is_open).collect();
    put(session, &some)?;
    for words in elsewhere.iter().filter(|_| args.at.is_none() && !args.uncited) {
        terminal.info(words);
    }
    let told = lines.iter().filter(|line| !line.text.trim().is_empty());
    let (cited, open): (Vec<&Line>, Vec<&Line>) = told.partition(|line| line.is_cited);
    let words = format!("{} cited, {} not", counted(cited.len(), "line"), open.len());
    terminal.info(&words);
    Ok(())
}

fn complained(session: &Session, words: &str) -> Exit {
    session.terminal.error(words);
    Exit::Usage
}

/// Prints on stderr the lines that the citations of a table refer to, each once: `goose L23: the line`.
pub fn tell_lines(session: &Session, table: &Table) {
    let column = |title: &str| table.columns.iter().position(|head| head.title == title);
    let (Some(source), Some(at)) = (column("source"), column("at")) else { return };
    let words = |cell: &Cell| match cell {
        Cell::Value(value) => value.to_string(),
        _ => String::new(),
    };
    let cited: BTreeSet<(String, String)> =
        table.rows.iter().map(|row| (words(&row.cells[source]), words(&row.cells[at]))).collect();
    let claims = session.graph().claims();
    let mut texts: BTreeMap<String, Option<SourceText>> = BTreeMap::new();
    for (key, at) in &cited {
        let Some(name) = claims.lookup_source(key).map(|id| &claims.source(id).text).filter(|name| !name.is_empty())
        else {
            continue;
        };
        let text = texts.entry(key.clone()).or_insert_with(|| text_of(session, name).ok());
        let Some(Ok(Some(range))) = text.as_ref().map(|text| text.place(at)) else { continue };
        let lines = text.iter().flat_map(|text| text.lines()).enumerate();
        for (_, line) in lines.filter(|(number, line)| range.contains(number) && !line.trim().is_empty()) {
            session.terminal.info(&format!("{key} {at}: {line}"));
        }
    }
}

/// Returns the text of a source of the session's graph.
fn text_of(session: &Session, name: &str) -> Result<SourceText, Error> {
    let path = session.global.graph.clone().unwrap_or_default();
    let access = load::Access { cited: true, ..session.global.access() };
    Ok(load::source_text(&path, access, name)?)
}

/// Returns the source with a key.
fn source(session: &Session, key: &str) -> Result<SourceId, Exit> {
    let claims = session.graph().claims();
    claims.lookup_source(key).ok_or_else(|| {
        let near = suggest::nearest(key, claims.sources.iter().map(|source| source.key.as_str()));
        let near = near.first().map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        complained(session, &format!("no source is called `{key}`{near}"))
    })
}

/// Returns the lines of a text with their facts, and the facts that cite no line.
fn lines<'t>(graph: &Graph, source: SourceId, text: &'t SourceText) -> (Vec<Line<'t>>, Vec<String>) {
    let line = |(at, text)| Line { number: at + 1, text, facts: Vec::new(), is_cited: false };
    let mut lines: Vec<Line> = text.lines().enumerate().map(line).collect();
    let mut elsewhere = Vec::new();
    for fact in graph.facts() {
        for claim in graph.claims().of(fact).filter(|claim| claim.source == source) {
            let words = words(&load::export::sentence(graph, fact), &claim);
            match text.place(claim.at) {
                Ok(Some(Range { start, end })) if start < lines.len() => {
                    lines[start].facts.push(if end > start + 1 { format!("{words}  [{}]", claim.at) } else { words });
                    lines[start..end].iter_mut().for_each(|line| line.is_cited = true);
                }
                _ => elsewhere.push(format!("{}: {words}", if claim.at.is_empty() { "no place" } else { claim.at })),
            }
        }
    }
    (lines, elsewhere)
}

fn words(sentence: &str, claim: &Claim<'_>) -> String {
    match claim.trust {
        crate::graph::Trust::Direct => sentence.to_string(),
        trust => format!("{sentence}  ({})", trust.name()),
    }
}

/// Prints each line with its facts below it on a terminal, a table elsewhere.
fn put(session: &Session, lines: &[&Line]) -> Result<(), Exit> {
    let terminal = &session.terminal;
    let is_for_people =
        session.global.format.is_none_or(|format| format == Format::Tree) && session.global.output.is_none();
    if !is_for_people || !terminal.stdout && session.global.format.is_none() {
        return match session.show_table(table(lines)) {
            Exit::Done => Ok(()),
            other => Err(other),
        };
    }
    let width = lines.last().map_or(1, |line| line.number.to_string().len());
    let mut out = String::new();
    for line in lines {
        let mark = if line.is_cited { '*' } else { ' ' };
        out += format!("{mark} {:>width$}  {}", line.number, line.text).trim_end();
        out.push('\n');
        line.facts.iter().for_each(|fact| out += &format!("  {:width$}    → {fact}\n", ""));
    }
    page(&out, terminal, !session.global.no_pager)
}

fn table(lines: &[&Line]) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: title == "line", types: TypeSet::NONE };
    let text = |words: &str| if words.is_empty() { Cell::Absent } else { Cell::Value(Value::text(words)) };
    let row = |line: &&Line| {
        let cells = [Cell::Value(Value::Number(line.number as f64)), text(line.text), text(&line.facts.join("; "))];
        Row { cells: cells.into(), certain: true }
    };
    let columns = ["line", "text", "facts"].map(head).into();
    Table { columns, rows: lines.iter().map(row).collect::<Vec<_>>().into() }
}
