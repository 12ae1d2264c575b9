//! The commands that edit a graph's files: `add`, `retract`, `rename`, `merge`, `source add`, `undo`.
//!
//! [`crate::edit`] computes the edits; this module parses arguments, asks for confirmation, writes the files and
//! records the edits for `undo`.

pub mod args;
mod asserted;
mod undo;

pub use asserted::asserted;
pub use undo::{Log, Record};

use super::args::Global;
use super::output::print;
use super::progress::{self, Sign, Task};
use super::session::report;
use super::terminal::{Terminal, tell};
use super::{Exit, memory};
use crate::edit::{self, Edit, FileEdit, Refusal, Request, Workspace};
use crate::limits::Origin;
use crate::load::LoadError;
use crate::snapshot;
use crate::text::Text;
use crate::{Error, limits};
use args::Writing;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Builds a request; the flag says whether the user has confirmed new names.
pub type Asked<'a> = dyn Fn(bool) -> Box<dyn Request> + 'a;

/// Edits the graph of the settings, or shows the edit for `--dry-run`. Returns the edit if something was written.
///
/// # Errors
/// The edit failed, which has been reported.
pub fn run(global: &Global, terminal: &Terminal, writing: Writing, asked: &Asked<'_>) -> Result<Option<Edit>, Exit> {
    let path = editable(global, terminal)?;
    let workspace = open(&path, global, terminal)?;
    let mut made = workspace.edit(&*asked(writing.yes));
    if let Err(Refusal::Near { name, near }) = &made {
        let near = near.join("`, `");
        if !terminal.interactive {
            let words = format!("`{name}` is like `{near}`; if it is another one, add `--yes`");
            terminal.error(&words);
            return Err(Exit::Data);
        }
        tell(&format!("`{name}` is like `{near}`: is it another one, to be declared? [y/N] "));
        if !says_yes() {
            terminal.info("nothing was changed");
            return Err(Exit::Nothing);
        }
        made = workspace.edit(&*asked(true));
    }
    let edit = made.map_err(|refusal| refused(refusal, terminal))?;
    terminal.report(&edit.warnings, &Text::new("", ""));
    if edit.files.is_empty() {
        terminal.info("it stands there already; nothing was changed");
        return Ok(None);
    }
    if writing.dry_run {
        print(&edit.diff(), terminal)?;
        return Ok(None);
    }
    written(&path, &edit.files, terminal)?;
    let record = Record::of(&path, &edit);
    Log::of(global).push(record, terminal);
    told(&edit, terminal);
    Ok(Some(edit))
}

/// Reverts the last edit of the graph of the settings. Returns whether files were written.
///
/// # Errors
/// The edit cannot be reverted, which has been reported.
pub fn undo(global: &Global, terminal: &Terminal, dry_run: bool) -> Result<bool, Exit> {
    let path = editable(global, terminal)?;
    let log = Log::of(global);
    let Some(record) = log.last(&path) else {
        terminal.error("there is no edit of this graph to take back");
        return Err(Exit::Nothing);
    };
    // Holds the lock against other edits; an error is ignored, because the graph may be broken.
    let workspace = Workspace::open(&path, global.access(), &|_, _| {});
    let files = record.back().map_err(|words| {
        terminal.error(&words);
        Exit::Data
    })?;
    if dry_run {
        let diff: String = files
            .iter()
            .map(|file| edit::unified(&file.path.display().to_string(), file.old.as_deref(), file.new.as_deref()))
            .collect();
        print(&diff, terminal)?;
        return Ok(false);
    }
    written(&path, &files, terminal)?;
    drop(workspace);
    log.pop(&path, terminal);
    terminal.info(&format!("taken back: {}", record.done.join("; ")));
    Ok(true)
}

/// Returns what lets agents edit the graph of the settings. Their edits are recorded for `undo`, too.
///
/// # Errors
/// The graph cannot be edited, which has been reported.
#[cfg(feature = "mcp")]
pub fn curator(global: &Global, terminal: &Terminal) -> Result<crate::tools::Curator, Exit> {
    let path = editable(global, terminal)?;
    let (log, quiet) = (Log::of(global), terminal.clone());
    let record = move |graph: &Path, edit: &Edit| log.push(Record::of(graph, edit), &quiet);
    Ok(crate::tools::Curator::new(path, global.access(), record))
}

/// Returns the path of the graph if it can be edited.
fn editable(global: &Global, terminal: &Terminal) -> Result<PathBuf, Exit> {
    let Some(path) = global.graph.clone().filter(|path| !path.as_os_str().is_empty()) else {
        let words = "the built-in graph cannot be changed; `begat export -o my.ron` writes it into a file, and \
                     `-g my.ron` names that";
        terminal.error(words);
        return Err(Exit::Usage);
    };
    if snapshot::is_snapshot(&path) {
        let words = format!("`{}` is a snapshot; change the files that it was built from", path.display());
        terminal.error(&words);
        return Err(Exit::Usage);
    }
    Ok(path)
}

fn open(path: &Path, global: &Global, terminal: &Terminal) -> Result<Workspace, Exit> {
    let task = Task::new("reading the graph", memory::limits_of(global), Origin { held: 0, ..Origin::now() });
    let sign = if terminal.shows_progress() { Sign::Loading } else { Sign::None };
    let (own, access) = (path.to_path_buf(), global.access());
    let opened = progress::run(sign, &AtomicBool::new(false), &task, move |_| {
        let opened = Workspace::open(&own, access, &|_, _| {});
        limits::check()?;
        Ok::<_, limits::Stop>(opened)
    });
    match opened {
        Ok(Ok(opened)) => opened.map_err(|refusal| refused(refusal, terminal)),
        Ok(Err(stop)) | Err(stop) => Err(report(terminal, Error::from(stop), None)),
    }
}

/// Reports why nothing was changed.
fn refused(refusal: Refusal, terminal: &Terminal) -> Exit {
    match refusal {
        Refusal::Unread(error) => report(terminal, Error::from(error), None),
        Refusal::Request(text, problems) => {
            terminal.report(&problems, &text);
            Exit::Query
        }
        Refusal::Data(problems) => {
            let exit = report(terminal, Error::from(LoadError::Data(problems)), None);
            terminal.info("nothing was changed");
            exit
        }
        Refusal::Cannot(words) => {
            terminal.error(&words);
            Exit::Data
        }
        Refusal::Near { name, near } => {
            terminal.error(&format!("`{name}` is like `{}`", near.join("`, `")));
            Exit::Data
        }
    }
}

fn written(graph: &Path, files: &[FileEdit], terminal: &Terminal) -> Result<(), Exit> {
    let names: Vec<String> = files.iter().map(|file| file.path.display().to_string()).collect();
    terminal.finishing(|| edit::write(graph, files)).map_err(|error| {
        terminal.error(&format!("cannot write `{}`: {}", names.join("`, `"), super::output::reason(&error)));
        Exit::File
    })
}

/// Reports what was done, and where.
fn told(edit: &Edit, terminal: &Terminal) {
    let files: Vec<String> = edit.files.iter().map(|file| file.path.display().to_string()).collect();
    let lines: String = edit.done.iter().map(|line| format!("{line}\n")).collect();
    terminal.info(&format!("{lines}wrote {}", files.join(", ")));
}

/// Returns whether the user answers yes.
fn says_yes() -> bool {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).is_ok() && matches!(line.trim().to_lowercase().as_str(), "y" | "yes")
}
