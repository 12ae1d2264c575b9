//! The commands other than queries.

use super::args::{Arguments, Target};
use super::output::{self, budgeted, printed, reason};
use super::progress::{Sign, Watch};
use super::session::{Session, report};
use super::show::counted;
use super::terminal::Terminal;
use super::{Exit, advice, checks, loading};
use crate::answer::{Answer, Cell, Head, Row, Subgraph, Table, View};
use crate::disk;
use crate::limits;
use crate::load::{self, Access};
use crate::render::{self, Format, Rendered, Shows, whole};
use crate::schema::TypeSet;
use crate::snapshot::{self, SnapshotError};
use crate::text::{CODES, Code, CodeInfo, Diagnostics, Severity, Text, suggest};
use crate::translate::GraphLanguage;
use crate::value::Value;
use crate::{Database, Error, Limits, translate};
use clap::CommandFactory;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Explains a code with an example; without a code, lists all of them.
pub fn explain(code: &str, terminal: &Terminal) -> Exit {
    let width = CODES.iter().map(|info| info.name.len()).max().unwrap_or(0);
    if code.is_empty() {
        let lines = CODES.iter().map(|info| format!("{:width$}  {}\n", info.name, info.title));
        return printed(&lines.collect::<String>(), terminal);
    }
    match CODES.iter().find(|info| info.name == code.trim()) {
        Some(info) => printed(&code_text(info), terminal),
        None => {
            let near = suggest::nearest(code, CODES.iter().map(|info| info.name));
            let hint = if near.is_empty() { String::new() } else { format!("; did you mean `{}`?", near.join("`, `")) };
            terminal.error(&format!("no code is called `{code}`{hint}"));
            Exit::Usage
        }
    }
}

/// Returns a code's title, explanation and example.
pub fn code_text(info: &CodeInfo) -> String {
    let of_data = info.code >= Code::Ron;
    let example = if of_data { "Brought about by this data" } else { "Brought about by" };
    let advice = advice::of_code(info.code).map_or(String::new(), |words| format!(" {words}"));
    format!("{}: {}\n\n{}{advice}\n\n{example}:\n    {}\n", info.name, info.title, info.explain, info.example)
}

/// Answers agents until they close stdin; if the graph is writable, they may change its files.
#[cfg(feature = "mcp")]
pub fn serve_agents(session: Session, is_writable: bool) -> Exit {
    let curator = match is_writable {
        false => None,
        true => match super::curate::curator(&session.global, &session.terminal) {
            Ok(curator) => Some(curator),
            Err(exit) => return exit,
        },
    };
    match crate::mcp::serve(session.database, curator) {
        Ok(()) => Exit::Done,
        Err(error) => {
            session.terminal.error(&format!("the client went away: {error}"));
            Exit::File
        }
    }
}

/// Answers browsers and programs until the process is ended. The address is told on stdout.
#[cfg(feature = "serve")]
pub fn serve_pages(session: Session, host: &str, port: u16) -> Exit {
    let terminal = &session.terminal;
    let bound = std::net::TcpListener::bind((host, port)).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = match bound {
        Ok(bound) => bound,
        Err(error) => {
            terminal.error(&format!("cannot listen at {host}, port {port}: {}", reason(&error)));
            return Exit::File;
        }
    };
    if !address.ip().is_loopback() {
        terminal.info("other machines may ask, too");
    }
    let told = printed(&format!("http://{address}/\n"), terminal);
    if told != Exit::Done {
        return told;
    }
    let hosts = crate::serve::Hosts { given: host.to_string() };
    match crate::serve::serve(session.database, listener, hosts) {
        Ok(()) => Exit::Done,
        Err(error) => {
            session.terminal.error(&format!("cannot go on: {}", reason(&error)));
            Exit::File
        }
    }
}

/// Writes the graph as static pages into the folder named by `--output`.
#[cfg(feature = "serve")]
pub fn site(session: &Session, queries: &[String], files: &[PathBuf]) -> Exit {
    let Some(folder) = session.global.output.clone().filter(|path| path != Path::new("-")) else {
        session.terminal.error("into which folder? write `-o FOLDER`");
        return Exit::Usage;
    };
    let mut saved = Vec::new();
    for path in files {
        match super::session::read(path, &session.terminal) {
            Ok(text) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                saved.push(crate::serve::Saved { title: stem, text: text.body.clone() });
            }
            Err(exit) => return exit,
        }
    }
    saved.extend(queries.iter().map(|text| crate::serve::Saved { title: text.clone(), text: text.clone() }));
    let title = session.global.title.clone().unwrap_or_else(|| {
        let stem = session.global.graph.as_deref().and_then(Path::file_stem);
        stem.map_or("begat".to_string(), |stem| stem.to_string_lossy().into_owned())
    });
    session.begin("writing pages");
    let (database, options) = (session.database.clone(), session.options());
    let made = session.working(Sign::Writing, move |_| crate::serve::site(&database, &title, &saved, &options));
    let text = Text::new("query", "");
    let written = made.map_err(|error| session.fail(error, &text)).and_then(|files| {
        let pages = files.iter().filter(|(path, _)| path.ends_with(".html")).count();
        save_folder(session, &folder, files, &text).map(|_| pages)
    });
    written.map_or_else(
        |exit| exit,
        |pages| {
            session.terminal.info(&format!("wrote {} ({})", folder.display(), counted(pages, "page")));
            Exit::Done
        },
    )
}

/// The manual page on stdout, or those of all commands in a folder.
pub fn man(dir: Option<&Path>, terminal: &Terminal) -> Exit {
    // The page of `help` would only repeat those of the commands.
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let Some(dir) = dir else {
        let mut page = Vec::new();
        return match clap_mangen::Man::new(command).render(&mut page) {
            Ok(()) => printed(&String::from_utf8_lossy(&page), terminal),
            Err(_) => Exit::Bug,
        };
    };
    let written = std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(command, dir));
    match written {
        Ok(()) => {
            terminal.info(&format!("wrote begat.1 and one page for each command into {}", dir.display()));
            Exit::Done
        }
        Err(error) => {
            terminal.error(&format!("cannot write into `{}`: {}", dir.display(), reason(&error)));
            Exit::File
        }
    }
}

/// Prints the licences of everything that begat is built from.
pub fn notices(terminal: &Terminal) -> Exit {
    printed(include_str!("../../THIRD-PARTY-NOTICES"), terminal)
}

/// Reports all problems of a graph. Warnings alone are not a failure.
pub fn check(path: Option<PathBuf>, access: Access, limits: Limits, terminal: &Terminal) -> Exit {
    let path = path.filter(|path| !path.as_os_str().is_empty());
    if let Some(path) = path.as_deref().filter(|path| snapshot::is_snapshot(path)) {
        loading::expect_cuts(path, terminal);
        return verify(path, limits, terminal);
    }
    let checked = match &path {
        Some(path) => loading::check(path.clone(), Access { cited: true, ..access }, limits, terminal),
        None => Ok((Some(snapshot::builtin()), Diagnostics::default())),
    };
    let (graph, mut diagnostics) = match checked {
        Ok(checked) => checked,
        Err(error) => return report(terminal, error, None),
    };
    if let (Some(path), Some(graph)) = (&path, &graph) {
        match checks::failed(path, access, graph, limits, terminal) {
            Ok(failed) => diagnostics.0.extend(failed.0),
            Err(error) => return report(terminal, error, None),
        }
    }
    terminal.report(&diagnostics, &Text::new("", ""));
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning).count();
    let size = graph.map_or(String::new(), |graph| {
        format!("{}, {}: ", counted(graph.entity_count(), "entity"), counted(graph.fact_count(), "fact"))
    });
    let found = match (errors, warnings) {
        (0, 0) => "nothing wrong".to_string(),
        (0, _) => counted(warnings, "warning"),
        (_, 0) => counted(errors, "error"),
        _ => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    terminal.info(&format!("{size}{found}"));
    if errors == 0 { Exit::Done } else { Exit::Nothing }
}

/// Compiles the graph into the snapshot named by `--output`.
pub fn build(session: &Session) -> Exit {
    let terminal = &session.terminal;
    let Some(output) = session.global.output.clone().filter(|path| path != Path::new("-")) else {
        terminal.error("into which file? write `-o FILE.begat`");
        return Exit::Usage;
    };
    session.begin("building");
    let (database, file) = (session.database.clone(), output.clone());
    let write = move |_: &Watch| {
        let unwritable = |error: SnapshotError| Error::Write { path: file.clone(), reason: error.to_string() };
        let graph = database.graph();
        disk::write(&file, |out| budgeted(out, |mut out| snapshot::write_to(graph, &mut out))).map_err(unwritable)
    };
    output::watch_signals();
    let written = session.working(Sign::Writing, write);
    match written {
        Ok(bytes) => {
            let graph = session.graph();
            let size = format!("{}, {}", counted(graph.entity_count(), "entity"), counted(graph.fact_count(), "fact"));
            terminal.info(&format!("wrote {} ({size}, {bytes} bytes)", output.display()));
            Exit::Done
        }
        Err(error) => report(terminal, error, None),
    }
}

/// Verifies all sections of a snapshot.
fn verify(path: &Path, limits: Limits, terminal: &Terminal) -> Exit {
    let verified = match loading::verify(path, limits, terminal) {
        Ok(verified) => verified,
        Err(stop) => return report(terminal, stop.into(), None),
    };
    match verified {
        Ok(sections) => {
            let bad: Vec<&str> = sections.iter().filter(|part| !part.is_sound).map(|part| part.name).collect();
            match bad.is_empty() {
                true => terminal.info(&format!("{}: nothing wrong", counted(sections.len(), "part"))),
                false => terminal.error(&format!("`{}` is damaged: {}", path.display(), bad.join(", "))),
            }
            if bad.is_empty() { Exit::Done } else { Exit::Nothing }
        }
        Err(error) => {
            terminal.error(&format!("`{}` cannot be used: {error}", path.display()));
            if matches!(error, SnapshotError::Io(_)) { Exit::File } else { Exit::Nothing }
        }
    }
}

/// Exports the whole graph, or that of a query, in a graph format.
pub fn export(session: &mut Session, query: Option<&str>) -> Exit {
    let file = session.global.output.clone().filter(|path| path != Path::new("-"));
    let by_name = file.as_ref().and_then(|path| Format::of_file(&path.to_string_lossy()));
    let Some(format) = session.global.format.or(by_name) else {
        session.terminal.error("in which format? write `-o FILE.dot`, or `--format dot`");
        return Exit::Usage;
    };
    session.begin("exporting");
    let text = Text::new("query", query.unwrap_or("the whole graph"));
    let done = exported_part(session, query, &text).and_then(|part| match format {
        Format::Parquet | Format::Neo4j => folder(session, &part, format, file.as_deref(), &text),
        _ => exported(session, &part, query.is_none(), format, file.as_deref(), &text),
    });
    done.map_or_else(|exit| exit, |()| Exit::Done)
}

/// Returns the subgraph to export.
fn exported_part(session: &Session, query: Option<&str>, text: &Arc<Text>) -> Result<Arc<Subgraph>, Exit> {
    let part = match query {
        None => {
            let database = session.database.clone();
            session.working(Sign::Rows, move |_| Ok(Some(whole(database.graph()))))
        }
        Some(_) => session.prepare(text).and_then(|all| match all.as_slice() {
            [one] => session.asking(one, Database::subgraph).map(Some),
            _ => Ok(None),
        }),
    };
    match part {
        Ok(Some(part)) => Ok(Arc::new(part)),
        Ok(None) => {
            session.terminal.error("`begat export` takes one query");
            Err(Exit::Usage)
        }
        Err(error) => Err(session.fail(error, text)),
    }
}

/// Writes a subgraph, or the whole graph, to a file or to stdout.
fn exported(
    session: &Session,
    part: &Arc<Subgraph>,
    is_whole: bool,
    format: Format,
    file: Option<&Path>,
    text: &Arc<Text>,
) -> Result<(), Exit> {
    let mut picture = None;
    let rendered = match format {
        // The whole graph keeps its definitions, which a subgraph has not.
        Format::Ron if is_whole => {
            let database = session.database.clone();
            session.working(Sign::Writing, move |_| Ok(Ok(load::export::ron(database.graph()).into())))
        }
        _ if format.info().shows == Shows::Pictures => {
            let view = View::Graph((**part).clone());
            let answer = Arc::new(Answer { view, table: Table::default(), more_possible: 0, notes: Vec::new() });
            picture = Some(
                session.picture((&answer, &session.database), part.clone(), format, file.is_some(), text)?.taken(),
            );
            Ok(Ok(Rendered::default()))
        }
        _ => session.render_graph(&session.database, part.clone(), format),
    };
    let Rendered { text: whole, .. } = told(session, rendered, text)?;
    let whole = picture.unwrap_or_else(|| whole.into_bytes());
    let Some(file) = file else { return session.put(whole, text) };
    session.save(file, move |out| out.write_all(&whole), text)?;
    session.terminal.info(&format!("wrote {} ({})", file.display(), session.contents(part)));
    Ok(())
}

/// Returns what was rendered; reports an error.
fn told<T>(session: &Session, rendered: Result<Result<T, String>, Error>, text: &Arc<Text>) -> Result<T, Exit> {
    rendered.map_err(|error| session.fail(error, text))?.map_err(|words| {
        session.terminal.error(&words);
        Exit::Usage
    })
}

/// Writes the tables of Parquet or of CSV for Neo4j into a folder.
fn folder(
    session: &Session,
    part: &Arc<Subgraph>,
    format: Format,
    folder: Option<&Path>,
    text: &Arc<Text>,
) -> Result<(), Exit> {
    let Some(folder) = folder else {
        session.terminal.error(&format!("into which folder? write `-o FOLDER.{}`", format.info().extension));
        return Err(Exit::Usage);
    };
    let (database, own) = (session.database.clone(), part.clone());
    let rendered = session.working(Sign::Writing, move |_| {
        Ok(match format {
            Format::Neo4j => Ok(render::neo4j(&own, database.graph())),
            _ => render::parquet(&own, database.graph()),
        })
    });
    let files = told(session, rendered, text)?;
    let tables = save_folder(session, folder, files, text)?;
    session.terminal.info(&format!("wrote {} ({tables}: {})", folder.display(), session.contents(part)));
    Ok(())
}

/// Writes files into a folder, and returns their number in words.
fn save_folder(
    session: &Session,
    folder: &Path,
    files: Vec<(String, Vec<u8>)>,
    text: &Arc<Text>,
) -> Result<String, Exit> {
    let (target, tables) = (folder.to_path_buf(), counted(files.len(), "table"));
    let save = move |_: &Watch| {
        let written = disk::write_folder(&target, &files, |out, bytes| budgeted(out, |out| out.write_all(bytes)));
        limits::check()?;
        Ok(written)
    };
    output::watch_signals();
    let saved = session.working(Sign::Writing, save).map_err(|error| session.fail(error, text))?;
    saved.map_err(|error| output::unwritten(folder, &error, &session.terminal))?;
    Ok(tables)
}

/// Writes the whole graph as a lake into a folder.
pub fn lake(session: &Session, folder: &Path) -> Exit {
    let text = Text::new("query", "the whole graph");
    session.begin("exporting");
    let (database, target) = (session.database.clone(), folder.to_path_buf());
    output::watch_signals();
    let saved = session.working(Sign::Writing, move |_| {
        let written = disk::fill_folder(&target, |folder| {
            render::lake(database.graph(), folder)?;
            folder.file("ladybug.cypher")?.write_all(translate::ladybug(database.graph()).as_bytes())
        });
        limits::check()?;
        Ok(written)
    });
    match saved {
        Ok(Ok(())) => {
            session.terminal.info(&format!("wrote {}", folder.display()));
            Exit::Done
        }
        Ok(Err(error)) => output::unwritten(folder, &error, &session.terminal),
        Err(error) => session.fail(error, &text),
    }
}

/// Writes a query in another engine's language: for people, or where JSON is asked for, for a program.
pub fn translate(session: &Session, query: &str, target: Target, lake: &str) -> Exit {
    let text = Text::new("query", query);
    let prepared = match session.prepare(&text) {
        Ok(prepared) => prepared,
        Err(error) => return session.fail(error, &text),
    };
    let (database, options) = (&session.database, session.options());
    let mut whole = String::new();
    for one in &prepared {
        let program = match target {
            Target::Duckdb => database.translated(one, &options, lake, &translate::DUCKDB),
            Target::SparkSql => database.translated(one, &options, lake, &translate::SPARK),
            Target::Cypher => database.translated_to_graphs(one, &options, GraphLanguage::Cypher),
            Target::Sparql => database.translated_to_graphs(one, &options, GraphLanguage::Sparql),
        };
        match program {
            Ok(program) if session.global.format == Some(Format::Json) => whole += &format!("{}\n", program.json()),
            Ok(program) => whole += &program.to_string(),
            Err(refused) => {
                session.terminal.error(&refused.0);
                return Exit::Usage;
            }
        }
    }
    printed(&whole, &session.terminal)
}

/// Counts the contents of the graph.
pub fn stats(session: &Session) -> Exit {
    let graph = session.graph();
    let mut rows: Vec<Row> = Vec::new();
    let mut count = |kind: &str, name: &str, number: usize| {
        let cells = [Value::text(kind), Value::text(name), Value::Number(number as f64)];
        rows.push(Row { cells: cells.map(Cell::Value).into(), certain: true });
    };
    for (_, type_) in graph.schema().types() {
        let all: u32 = graph.ranges(type_.subtypes).iter().map(|range| range.end - range.start).sum();
        count("type", &type_.name, all as usize);
    }
    for (id, verb) in graph.schema().verbs() {
        count("verb", &verb.name, graph.relation(id).len());
    }
    for (id, property) in graph.schema().properties() {
        count("property", &property.name, graph.values(id).len());
    }
    count("all", "sources", graph.claims().sources.len());
    count("all", "claims", graph.claims().len());
    count("all", "entities", graph.entity_count());
    count("all", "facts", graph.fact_count());
    let head = |title: &str, numeric| Head { title: title.to_string(), numeric, types: TypeSet::NONE };
    let columns = vec![head("kind", false), head("name", false), head("count", true)];
    session.show_table(Table { columns, rows: rows.into() })
}
