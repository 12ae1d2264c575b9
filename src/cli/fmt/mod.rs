//! `begat fmt`: formats data and query files canonically.
//!
//! Only white space, line breaks and redundant punctuation change. That is verified before a file is written.

mod query;

use super::Exit;
use super::output::{print, write_file};
use super::session::read;
use super::terminal::Terminal;
use crate::edit::format;
use crate::edit::tokens::{Unreadable, comments, meaning};
use crate::snapshot;
use crate::syntax;
use crate::text::{Diagnostics, Text};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Returns the files named by the sections of tables in a data file, with repetitions.
pub fn table_files(text: &str) -> Vec<&str> {
    let words = meaning(text).unwrap_or_default();
    let named = words.windows(3).filter(|words| words[..2] == ["file", ":"]);
    named.map(|words| words[2].trim_matches('"')).collect()
}

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Language {
    Ron,
    Query,
}

/// Formats files, and the files in folders, in place; without any, formats stdin to stdout. With `check`, changes
/// nothing and names the files that would change.
pub fn run(files: &[PathBuf], check: bool, terminal: &Terminal) -> Exit {
    if files.is_empty() && terminal.stdin {
        terminal.error("which files? write `begat fmt FILE…`, or a folder");
        return Exit::Usage;
    }
    terminal.listen();
    let mut worst = Exit::Done;
    let stdin = [PathBuf::from("-")];
    let named = if files.is_empty() { &stdin } else { files };
    for path in named {
        for file in within(path) {
            let exit = one(&file, check, terminal);
            worst = if exit as u8 > worst as u8 { exit } else { worst };
        }
    }
    worst
}

/// Returns a file itself, or the data and query files of a folder, sorted by path.
fn within(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_path_buf()];
    }
    let Ok(entries) = std::fs::read_dir(path) else { return vec![path.to_path_buf()] };
    let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inside.sort();
    let is_ours = |path: &PathBuf| {
        let has = |extension: &str| path.extension().is_some_and(|own| own == extension);
        path.is_dir() && !path.is_symlink() || has("ron") || has("begat") && !snapshot::is_snapshot(path)
    };
    inside.iter().filter(|path| is_ours(path)).flat_map(|path| within(path)).collect()
}

fn one(path: &Path, check: bool, terminal: &Terminal) -> Exit {
    let is_stdin = path == Path::new("-");
    if !is_stdin && snapshot::is_snapshot(path) {
        terminal.error(&format!("`{}` is a snapshot, which has no other form", path.display()));
        return Exit::Usage;
    }
    let text = match read(path, terminal) {
        Ok(text) => text,
        Err(exit) => return exit,
    };
    let formatted = match formatted(&text, language(path, &text.body)) {
        Ok(formatted) => formatted,
        Err((diagnostics, exit)) => {
            terminal.report(&diagnostics, &text);
            return exit;
        }
    };
    let is_changed = formatted != text.body;
    let done = match (check, is_stdin) {
        (true, _) if is_changed => print(&format!("{}\n", text.name), terminal).map(|()| Exit::Nothing),
        (false, true) => print(&formatted, terminal).map(|()| Exit::Done),
        (false, false) if is_changed => write_file(path, &formatted, terminal).map(|()| {
            terminal.info(&format!("formatted {}", path.display()));
            Exit::Done
        }),
        _ => Ok(Exit::Done),
    };
    done.unwrap_or_else(|exit| exit)
}

/// Returns the language by the file's extension; for stdin, by what parses.
fn language(path: &Path, body: &str) -> Language {
    let is_data = match path == Path::new("-") {
        true => syntax::parse(body).is_err() && body.trim_start().starts_with(['(', '{', '[', '/', '#']),
        false => path.extension().is_some_and(|extension| extension == "ron"),
    };
    if is_data { Language::Ron } else { Language::Query }
}

/// The text of a file in canonical form; `None` where it cannot be read.
#[cfg(feature = "lsp")]
pub fn formatted_text(path: &Path, body: &str) -> Option<String> {
    formatted(&Text::new("text", body), language(path, body)).ok()
}

/// The text in canonical form, or what is wrong with it and the status that this has.
fn formatted(text: &Arc<Text>, language: Language) -> Result<String, (Diagnostics, Exit)> {
    let body = &text.body;
    match language {
        Language::Query => {
            let new = query::format(body).map_err(|problems| (problems, Exit::Query))?;
            let is_same = syntax::parse(&new) == syntax::parse(body) && query::comments(&new) == query::comments(body);
            assert!(is_same, "a formatted query means what it did");
            Ok(new)
        }
        Language::Ron => {
            let unreadable = |error: Unreadable| (Diagnostics::from(error.diagnostic(body)), Exit::Data);
            let new = format::format(body).map_err(unreadable)?;
            let is_same = meaning(&new) == meaning(body) && comments(&new) == comments(body);
            assert!(is_same, "a formatted data file means what it did");
            Ok(new)
        }
    }
}
