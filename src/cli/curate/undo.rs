//! The log of recent edits for `undo`: in `$XDG_STATE_HOME/begat/undo.json`; without settings, in memory.

use crate::cli::args::Global;
use crate::cli::output::reason;
use crate::cli::repl::state_folder;
use crate::cli::terminal::Terminal;
use crate::disk;
use crate::edit::{Edit, FileEdit};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use xxhash_rust::xxh3::xxh3_64;

/// Maximum number of edits kept, of all graphs together.
const MOST_KEPT: usize = 100;

/// A past edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The graph's folder or file, with links resolved.
    graph: PathBuf,
    files: Vec<Before>,
    /// What was done, one line each.
    pub done: Vec<String>,
}

/// A file before an edit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    path: PathBuf,
    /// `None` if the edit created the file.
    text: Option<String>,
    /// A checksum of the file after the edit.
    after: u64,
}

/// The place where records are kept.
pub struct Log {
    file: Option<PathBuf>,
}

static UNWRITTEN: Mutex<Vec<Record>> = Mutex::new(Vec::new());

impl Record {
    pub fn of(graph: &Path, edit: &Edit) -> Record {
        let before = |file: &FileEdit| Before {
            path: real(&file.path),
            text: file.old.clone(),
            after: xxh3_64(file.new.as_deref().unwrap_or("").as_bytes()),
        };
        Record { graph: real(graph), files: edit.files.iter().map(before).collect(), done: edit.done.clone() }
    }

    /// Returns the edit that reverts this one.
    ///
    /// # Errors
    /// A file has been changed since, as the message says.
    pub fn back(&self) -> Result<Vec<FileEdit>, String> {
        let one = |file: &Before| {
            let now = fs::read_to_string(&file.path).ok();
            match now.as_deref().is_some_and(|now| xxh3_64(now.as_bytes()) == file.after) {
                true => Ok(FileEdit { path: file.path.clone(), old: now, new: file.text.clone() }),
                false => Err(format!("`{}` has been changed since; it cannot be taken back", file.path.display())),
            }
        };
        self.files.iter().map(one).collect()
    }
}

/// Returns an absolute path with links resolved; for a file that does not exist, those of its folder.
fn real(path: &Path) -> PathBuf {
    let absolute = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::canonicalize(folder).map(|folder| folder.join(path.file_name().unwrap_or_default()))
    };
    fs::canonicalize(path).or_else(|_| absolute()).unwrap_or_else(|_| path.to_path_buf())
}

impl Log {
    pub fn of(global: &Global) -> Log {
        Log { file: state_folder(global).map(|folder| folder.join("undo.json")) }
    }

    fn read(&self) -> Vec<Record> {
        match &self.file {
            Some(file) => fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default(),
            None => UNWRITTEN.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    fn write(&self, records: Vec<Record>, terminal: &Terminal) {
        let Some(file) = &self.file else {
            *UNWRITTEN.lock().unwrap_or_else(PoisonError::into_inner) = records;
            return;
        };
        let bytes = serde_json::to_vec(&records).unwrap_or_default();
        if let Err(error) = disk::write(file, |out| out.write_all(&bytes)) {
            let words = format!("cannot write `{}`, so this cannot be taken back: {}", file.display(), reason(&error));
            terminal.info(&words);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Readable only by its owner, like the history.
            _ = fs::set_permissions(file, fs::Permissions::from_mode(0o600));
        }
    }

    pub fn push(&self, record: Record, terminal: &Terminal) {
        let mut records = self.read();
        records.push(record);
        let surplus = records.len().saturating_sub(MOST_KEPT);
        records.drain(..surplus);
        self.write(records, terminal);
    }

    /// Returns the last edit of a graph; `None` if there is none.
    pub fn last(&self, graph: &Path) -> Option<Record> {
        let graph = real(graph);
        self.read().into_iter().rev().find(|record| record.graph == graph)
    }

    /// Removes the last edit of a graph from the log.
    pub fn pop(&self, graph: &Path, terminal: &Terminal) {
        let (graph, mut records) = (real(graph), self.read());
        if let Some(at) = records.iter().rposition(|record| record.graph == graph) {
            records.remove(at);
            self.write(records, terminal);
        }
    }
}
