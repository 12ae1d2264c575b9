//! Edits of a graph's files: claims are added and taken back, entities renamed and merged, sources declared.
//!
//! An edit is made in the text of the files, in place: comments, order and formatting stay. [`Workspace`] reads the files,
//! a [`Request`] says what is wanted, and [`Edit`] is what it comes to: the new texts, checked as a whole graph before
//! anything is written. Read `claim` for the commonest one; `tree` finds places, `place` puts things there.

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
pub use entity::Rename;
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

/// The files of a graph, and the graph that they make. While this lives, no other edit begins.
pub struct Workspace {
    pub path: PathBuf,
    pub access: Access,
    pub texts: Vec<Arc<Text>>,
    pub graph: Graph,
    /// Warnings of the graph as it is.
    pub warnings: Diagnostics,
    _lock: Option<File>,
}

/// Why nothing was changed.
#[derive(Debug)]
pub enum Refusal {
    /// A file cannot be read.
    Unread(LoadError),
    /// What the request says is wrong: a sentence of it, for example.
    Request(Arc<Text>, Diagnostics),
    /// The graph is wrong, or would be.
    Data(Diagnostics),
    /// It cannot be done, for the reason given, with what to do instead.
    Cannot(String),
    /// A new name is like known ones: whoever means another thing says so.
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

/// A file before and after; `None` where it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    pub path: PathBuf,
    pub old: Option<String>,
    pub new: Option<String>,
}

impl FileEdit {
    /// Returns what takes the edit back.
    pub fn reversed(&self) -> FileEdit {
        FileEdit { path: self.path.clone(), old: self.new.clone(), new: self.old.clone() }
    }
}

/// What a request comes to. Nothing has been written.
#[derive(Debug)]
pub struct Edit {
    pub files: Vec<FileEdit>,
    /// What was done, a line each, as sentences.
    pub done: Vec<String>,
    /// The graph as it will be.
    pub graph: Graph,
    /// Warnings that the graph did not have before.
    pub warnings: Diagnostics,
}

/// What is wanted of a graph.
pub trait Request {
    /// Makes the edit in a draft and returns what was done, a line each; none where there is nothing to do.
    ///
    /// # Errors
    /// It cannot be done.
    fn make(&self, workspace: &Workspace, draft: &mut Draft) -> Result<Vec<String>, Refusal>;
}

impl Workspace {
    /// Reads a graph's files to edit them.
    ///
    /// # Errors
    /// One cannot be read, or the graph is wrong as it is.
    pub fn open(path: &Path, access: Access, progress: &Progress<'_>) -> Result<Workspace, Refusal> {
        let lock = lock(path);
        settle(path).map_err(|error| io_refusal(path, &error))?;
        let (texts, left_out) = load::parts(path, access)?;
        let (graph, mut warnings) = load::check_texts(path, access, &texts, progress);
        let Some(graph) = graph else { return Err(Refusal::Data(warnings)) };
        warnings.0.extend(left_out.0);
        Ok(Workspace { path: path.to_path_buf(), access, texts, graph, warnings, _lock: lock })
    }

    /// Makes an edit and checks the whole graph with it.
    ///
    /// # Errors
    /// It cannot be done, or the graph would be wrong.
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

    /// The graph that a draft makes, with its warnings.
    fn check(&self, draft: &Draft) -> Result<(Graph, Diagnostics), Refusal> {
        let (graph, problems) = load::check_texts(&self.path, self.access, &draft.texts(), &|_, _| {});
        match graph {
            Some(graph) => Ok((graph, problems)),
            None => Err(Refusal::Data(Diagnostics(problems.0.into_iter().filter(Diagnostic::is_error).collect()))),
        }
    }
}

impl Edit {
    /// Returns the edit as `diff -u` writes it.
    pub fn diff(&self) -> String {
        let one = |file: &FileEdit| unified(&shown(&file.path), file.old.as_deref(), file.new.as_deref());
        self.files.iter().map(one).collect()
    }
}

/// A path as a diff has it.
fn shown(path: &Path) -> String {
    path.display().to_string().trim_start_matches("./").trim_start_matches('/').to_string()
}

/// Writes files: all of them, or none, whenever it is stopped.
///
/// # Errors
/// One was changed by somebody else, or cannot be written; then all are as they were.
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

/// Brings what an edit before this one was stopped at to its end.
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

/// The folder of a graph, which is a folder or a file.
fn folder_of(graph: &Path) -> &Path {
    match graph.is_dir() {
        true => graph,
        false => graph.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")),
    }
}

/// Waits until no other edit of the graph is at work. Where the system cannot do that, nobody waits.
fn lock(graph: &Path) -> Option<File> {
    let folder = File::open(folder_of(graph)).ok()?;
    folder.lock().ok().map(|()| folder)
}

fn io_refusal(path: &Path, error: &io::Error) -> Refusal {
    Refusal::Unread(LoadError::Io { path: path.to_path_buf(), reason: disk::reason(error) })
}
