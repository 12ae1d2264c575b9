//! The commands that are no queries.

use super::Exit;
use super::args::Arguments;
use super::output::{page, write_file};
use super::session::{Session, counted, printed, report};
use super::terminal::Terminal;
use crate::Database;
use crate::load;
use crate::render::{Format, Rendered, grid, whole};
use crate::text::{CODES, Code, CodeInfo, Diagnostics, Text, suggest};
use clap::CommandFactory;
use std::path::{Path, PathBuf};

/// What a code means, with an example; without a code, all of them.
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
            terminal.complain(&format!("no code is called `{code}`{hint}"));
            Exit::Usage
        }
    }
}

/// A code's title, explanation and example.
pub fn code_text(info: &CodeInfo) -> String {
    let of_data = info.code >= Code::Ron;
    let example = if of_data { "Brought about by this data" } else { "Brought about by" };
    format!("{}: {}\n\n{}\n\n{example}:\n    {}\n", info.name, info.title, info.explain, info.example)
}

pub fn completions(shell: clap_complete::Shell, terminal: &Terminal) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "begat", &mut script);
    printed(&String::from_utf8_lossy(&script), terminal)
}

/// The manual page on stdout, or `begat.1` in a folder.
pub fn man(dir: Option<&Path>, terminal: &Terminal) -> Exit {
    let mut page = Vec::new();
    if clap_mangen::Man::new(Arguments::command()).render(&mut page).is_err() {
        return Exit::Bug;
    }
    let page = String::from_utf8_lossy(&page).into_owned();
    match dir {
        None => printed(&page, terminal),
        Some(dir) => match write_file(&dir.join("begat.1"), &page, terminal) {
            Ok(()) => Exit::Done,
            Err(exit) => exit,
        },
    }
}

/// Everything that is wrong with a graph, at once. Warnings alone are no failure.
pub fn check(path: Option<PathBuf>, terminal: &Terminal) -> Exit {
    let checked = match path.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => load::check(path),
        None => Ok((Some(Database::builtin().graph().clone()), Diagnostics::default())),
    };
    let (graph, diagnostics) = match checked {
        Ok(checked) => checked,
        Err(error) => return report(terminal, error.into(), None),
    };
    terminal.report(&diagnostics, &Text::new("", ""));
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.0.len() - errors;
    let size = graph.map_or(String::new(), |graph| {
        format!("{}, {}: ", counted(graph.entity_count(), "entity"), counted(graph.fact_count(), "fact"))
    });
    let found = match (errors, warnings) {
        (0, 0) => "nothing wrong".to_string(),
        (0, _) => counted(warnings, "warning"),
        (_, 0) => counted(errors, "error"),
        _ => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    };
    terminal.remark(&format!("{size}{found}"));
    if errors == 0 { Exit::Done } else { Exit::Nothing }
}

pub fn build(terminal: &Terminal) -> Exit {
    terminal.complain("`begat build` is not built yet; `--graph` opens folders and `.ron` files");
    Exit::Usage
}

pub fn fmt(terminal: &Terminal) -> Exit {
    terminal.complain("`begat fmt` is not built yet");
    Exit::Usage
}

/// The whole graph, or that of a query, in a format that shows graphs.
pub fn export(session: &mut Session, query: Option<&str>) -> Exit {
    let file = session.global.output.clone().filter(|path| path != Path::new("-"));
    let by_name = file.as_ref().and_then(|path| Format::of_file(&path.to_string_lossy()));
    let Some(format) = session.global.format.or(by_name) else {
        session.terminal.complain("in which format? write `-o FILE.dot`, or `--format dot`");
        return Exit::Usage;
    };
    let part = match query {
        None => whole(session.graph()),
        Some(query) => {
            let text = Text::new("query", query);
            let part = session.prepare(&text).and_then(|all| match all.as_slice() {
                [one] => session.working(|| session.database.subgraph(one, &session.options())).map(Some),
                _ => Ok(None),
            });
            match part {
                Ok(Some(part)) => part,
                Ok(None) => {
                    session.terminal.complain("`begat export` takes one query");
                    return Exit::Usage;
                }
                Err(error) => return session.fail(error, &text),
            }
        }
    };
    // The whole graph keeps its definitions.
    let rendered = match (query, format) {
        (None, Format::Ron) => Ok(Rendered::from(load::export::ron(session.graph()))),
        _ => session.render_graph(&part, format),
    };
    match rendered {
        Ok(rendered) => exported(session, &rendered, file.as_deref(), &session.contents(&part)),
        Err(words) => {
            session.terminal.complain(&words);
            Exit::Usage
        }
    }
}

fn exported(session: &Session, rendered: &Rendered, file: Option<&Path>, contents: &str) -> Exit {
    let Some(file) = file else { return printed(&rendered.text, &session.terminal) };
    match write_file(file, &rendered.text, &session.terminal) {
        Ok(()) => {
            session.terminal.remark(&format!("wrote {} ({contents})", file.display()));
            Exit::Done
        }
        Err(exit) => exit,
    }
}

/// How many of what the graph holds.
pub fn stats(session: &Session) -> Exit {
    let graph = session.graph();
    let mut lines: Vec<Vec<String>> = Vec::new();
    let mut count = |kind: &str, name: &str, number: usize| {
        lines.push(vec![kind.to_string(), name.to_string(), number.to_string()]);
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
    for (name, number) in [
        ("sources", graph.claims().sources.len()),
        ("claims", graph.claims().len()),
        ("entities", graph.entity_count()),
        ("facts", graph.fact_count()),
    ] {
        count("all", name, number);
    }
    let titles = [("kind", false), ("name", false), ("count", true)];
    let text = match session.terminal.stdout {
        true => grid(&titles, &lines, &session.terminal.looks(&session.global, false)).text,
        false => {
            let head = std::iter::once(titles.map(|title| title.0.to_string()).to_vec());
            head.chain(lines).map(|line| line.join("\t") + "\n").collect()
        }
    };
    match page(&text, &session.terminal, !session.global.no_pager) {
        Ok(()) => Exit::Done,
        Err(exit) => exit,
    }
}
