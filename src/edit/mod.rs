//! Edits a graph's files: adds and retracts claims, renames and merges entities, declares sources.
//!
//! Edits change the text of the files in place: comments, order and formatting stay. [`Workspace`] reads the files, a
//! [`Request`] describes the edit, and [`Edit`] is the result: the new texts, checked as a whole graph before anything
//! is written. Read `claim` for the most common edit; `tree` finds positions, `place` inserts and removes there.

mod claim;
mod draft;
mod entity;
pub mod format;
mod merge;
mod place;
mod source;
mod splice;
pub mod tokens;
mod tree;

pub use claim::{Add, Citation, New, Retract};
pub use entity::{Rename, mentions};
pub use merge::Merge;
pub use source::AddSource;
pub use splice::unified;

pub use tree::{Bracket, read as read_tree};

use crate::disk;
use crate::graph::Graph;
use crate::load::{self, Access, LoadError, Progress};
use crate::text::{Diagnostic, Diagnostics, Text};
use draft::Draft;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files of a graph, and the graph that they make. Holds a lock against other edits.
pub struct Workspace {
    pub path: PathBuf,
    pub access: Access,
    pub texts: Vec<Arc<Text>>,
    pub graph: Graph,
    /// The warnings of the unedited graph.
    pub warnings: Diagnostics,
    _lock: Option<File>,
}

/// Why nothing was changed.
#[derive(Debug)]
pub enum Refusal {
    /// A file cannot be read.
    Unread(LoadError),
    /// The request is wrong: one of its sentences, for example.
    Request(Arc<Text>, Diagnostics),
    /// The graph is wrong, or would be.
    Data(Diagnostics),
    /// The edit is impossible, for the given reason, with what to do instead.
    Cannot(String),
    /// A new name resembles known ones; the user must confirm it.
    Near { name: String, near: Vec<String> },
}

impl From<LoadError> for Refusal {
    fn from(error: LoadError) -> Refusal {
        match error {
            LoadError::Data(problems) => Refusal::Data(problems),
            other => Refusal::Unread(other),
        }
    }
}

/// A file before and after an edit; `None` if it does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    pub path: PathBuf,
    pub old: Option<String>,
    pub new: Option<String>,
}

impl FileEdit {
    /// Returns the edit that reverts this one.
    pub fn reversed(&self) -> FileEdit {
        FileEdit { path: self.path.clone(), old: self.new.clone(), new: self.old.clone() }
    }
}

/// The result of a request. Nothing has been written.
#[derive(Debug)]
pub struct Edit {
    pub files: Vec<FileEdit>,
    /// What was done, one sentence for each line.
    pub done: Vec<String>,
    /// The graph after the edit.
    pub graph: Graph,
    /// Warnings that the graph did not have before.
    pub warnings: Diagnostics,
}

/// A request to edit a graph.
pub trait Request {
    /// Edits a draft, and returns what was done, one line each; empty if there is nothing to do.
    ///
    /// # Errors
    /// The edit is impossible.
    fn make(&self, workspace: &Workspace, draft: &mut Draft) -> Result<Vec<String>, Refusal>;
}

impl Workspace {
    /// Reads a graph's files in order to edit them. Waits for other edits to end.
    ///
    /// # Errors
    /// A file cannot be read, or the graph has errors.
    pub fn open(path: &Path, access: Access, progress: &Progress<'_>) -> Result<Workspace, Refusal> {
        let lock = lock(path);
        settle(path).map_err(|error| io_refusal(path, &error))?;
        let (texts, left_out) = load::parts(path, access)?;
        let (graph, mut warnings) = load::check_texts(path, access, &texts, progress);
        let Some(graph) = graph else { return Err(Refusal::Data(warnings)) };
        warnings.0.extend(left_out.0);
        Ok(Workspace { path: path.to_path_buf(), access, texts, graph, warnings, _lock: lock })
    }

    /// Returns a workspace of texts that may differ from the files, as an editor holds them, and of the graph that they make.
    /// Nothing is locked: the edits are the editor's.
    pub fn of(path: PathBuf, access: Access, texts: Vec<Arc<Text>>, graph: Graph, warnings: Diagnostics) -> Workspace {
        Workspace { path, access, texts, graph, warnings, _lock: None }
    }

    /// Makes an edit and checks the whole edited graph.
    ///
    /// # Errors
    /// The edit is impossible, or the graph would have errors.
    pub fn edit(&self, request: &dyn Request) -> Result<Edit, Refusal> {
        let mut draft = Draft::new(self);
        let done = request.make(self, &mut draft)?;
        let files = draft.changes();
        if files.is_empty() {
            return Ok(Edit { files, done, graph: self.graph.clone(), warnings: Diagnostics::default() });
        }
        let (graph, warnings) = self.check(&draft)?;
        let known = |warning: &Diagnostic| self.warnings.iter().any(|known| known.message == warning.message);
        let warnings = Diagnostics(warnings.0.into_iter().filter(|warning| !known(warning)).collect());
        Ok(Edit { files, done, graph, warnings })
    }

    /// Returns the graph of a draft, with its warnings.
    fn check(&self, draft: &Draft) -> Result<(Graph, Diagnostics), Refusal> {
        let (graph, problems) = load::check_texts(&self.path, self.access, &draft.texts(), &|_, _| {});
        match graph {
            Some(graph) => Ok((graph, problems)),
            None => Err(Refusal::Data(Diagnostics(problems.0.into_iter().filter(Diagnostic::is_error).collect()))),
        }
    }
}

impl Edit {
    /// Returns the edit as a unified diff.
    pub fn diff(&self) -> String {
        let one = |file: &FileEdit| unified(&shown(&file.path), file.old.as_deref(), file.new.as_deref());
        self.files.iter().map(one).collect()
    }
}

/// Returns a path as shown in a diff.
fn shown(path: &Path) -> String {
    path.display().to_string().trim_start_matches("./").trim_start_matches('/').to_string()
}

/// Writes files atomically: all of them or none, even if the process is stopped at any point.
///
/// # Errors
/// A file was changed by somebody else or cannot be written; then all are unchanged. If a rename fails after that, the
/// next edit completes the write.
pub fn write(graph: &Path, files: &[FileEdit]) -> io::Result<()> {
    for file in files {
        if read_if_there(&file.path)? != file.old {
            let words = format!("`{}` has been changed by somebody else", file.path.display());
            return Err(io::Error::other(words));
        }
    }
    let contents: Vec<(&Path, Option<&[u8]>)> =
        files.iter().map(|file| (file.path.as_path(), file.new.as_deref().map(str::as_bytes))).collect();
    disk::write_together(folder_of(graph), &contents)
}

/// Completes an interrupted write of an earlier edit.
fn settle(graph: &Path) -> io::Result<()> {
    disk::settle(folder_of(graph))
}

fn read_if_there(path: &Path) -> io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the folder of a graph, which is a folder or a file.
fn folder_of(graph: &Path) -> &Path {
    match graph.is_dir() {
        true => graph,
        false => graph.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")),
    }
}

/// Waits for the lock against other edits of the graph. `None` if the system does not support locks; then edits are not
/// protected.
fn lock(graph: &Path) -> Option<File> {
    let folder = File::open(folder_of(graph)).ok()?;
    folder.lock().ok().map(|()| folder)
}

fn io_refusal(path: &Path, error: &io::Error) -> Refusal {
    Refusal::Unread(LoadError::Io { path: path.to_path_buf(), reason: disk::reason(error) })
}
