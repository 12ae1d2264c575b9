//! Opens a graph for the command, with progress.

use super::Exit;
use super::elsewhere;
use super::fmt::table_files;
use super::git;
use super::memory;
use super::progress::{self, Sign, Task, Watch};
use super::terminal::Terminal;
use crate::Limits;
use crate::graph::Graph;
use crate::limits::{Origin, Stop};
use crate::load::{self, Access};
use crate::snapshot::{self, Section, SnapshotError};
use crate::text::Diagnostics;
use crate::{Database, Error};
use std::cell::RefCell;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Number of bytes of a table that are sampled for the average length of its lines.
const SAMPLE: u64 = 1 << 16;
/// Maximum size in bytes of a part that is searched for tables; larger ones hold facts.
const LARGEST_PART: u64 = 1 << 20;

/// Opens the graph at a path, or the built-in one, and reports the rows read to `watch`.
pub fn open(path: Option<&Path>, access: Access, watch: &Watch) -> Result<Database, Error> {
    let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) else { return Ok(Database::builtin()) };
    if elsewhere::is_name(path) {
        let (_, engine) = elsewhere::open(path, &Default::default())?;
        return Ok(Database::of(engine.whole()?));
    }
    if let Some(spec) = git::spec(path) {
        return git::open(spec);
    }
    watch.total.store(expected_rows(path).unwrap_or(0), Ordering::Relaxed);
    let rows = RowCounter::default();
    Database::open_as(path, access, &|table, read| watch.done.store(rows.up_to(table, read), Ordering::Relaxed))
}

/// Installs a handler that reports a snapshot which is truncated while it is read.
pub fn expect_cuts(path: &Path, terminal: &Terminal) {
    static EXPECTED: Once = Once::new();
    #[cfg(unix)]
    EXPECTED.call_once(|| {
        let words = format!("`{}` was cut short while it was read", path.display());
        // If the system refuses, the signal ends the process anyway.
        _ = snapshot::end_when_cut(terminal.complaint(&words), Exit::Data as i32);
    });
}

/// Returns all problems of the data at a path.
pub fn check(
    path: PathBuf,
    access: Access,
    limits: Limits,
    terminal: &Terminal,
) -> Result<(Option<Graph>, Diagnostics), Error> {
    let task = Task::new("checking", limits, Origin { held: 0, ..Origin::now() });
    memory::bound(task.budget.most_held());
    let sign = if terminal.shows_progress() { Sign::Loading } else { Sign::None };
    let checked = progress::run(sign, &AtomicBool::new(false), &task, move |watch| {
        watch.total.store(expected_rows(&path).unwrap_or(0), Ordering::Relaxed);
        let rows = RowCounter::default();
        load::check_as(&path, access, &|table, read| watch.done.store(rows.up_to(table, read), Ordering::Relaxed))
    });
    Ok(checked??)
}

/// Verifies the snapshot at a path.
pub fn verify(path: &Path, limits: Limits, terminal: &Terminal) -> Result<Result<Vec<Section>, SnapshotError>, Stop> {
    let task = Task::new("checking", limits, Origin { held: 0, ..Origin::now() });
    let sign = if terminal.shows_progress() { Sign::Loading } else { Sign::None };
    let path = path.to_path_buf();
    progress::run(sign, &AtomicBool::new(false), &task, move |_| snapshot::verify(&path))
}

/// Counts the rows read so far, over all tables.
#[derive(Default)]
struct RowCounter(RefCell<(String, u64, u64)>);

impl RowCounter {
    /// Returns the total after `read` rows of the current pass over a table; a smaller number than before means a new
    /// pass.
    fn up_to(&self, table: &str, read: u64) -> u64 {
        let (name, before, last) = &mut *self.0.borrow_mut();
        if name != table || read < *last {
            *before += *last;
            table.clone_into(name);
        }
        *last = read;
        *before + read
    }
}

/// Estimates the rows of a graph's tables, counting each table as often as it is read. `None` if one is compressed or
/// there are none.
fn expected_rows(path: &Path) -> Option<u64> {
    let folder = if path.is_dir() { path } else { path.parent()? };
    let mut rows = 0;
    for part in parts(path) {
        let text = std::fs::read_to_string(part).ok()?;
        for name in table_files(&text) {
            rows += rows_of(&folder.join(name))?;
        }
    }
    Some(rows).filter(|rows| *rows > 0)
}

/// Returns the data files that may have sections of tables.
fn parts(path: &Path) -> Vec<PathBuf> {
    let is_part = |path: &Path| {
        let is_small = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST_PART);
        path.extension().is_some_and(|extension| extension == "ron") && is_small
    };
    if !path.is_dir() {
        return Some(path.to_path_buf()).filter(|path| is_part(path)).into_iter().collect();
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    entries
        .flat_map(|path| if path.is_dir() && !path.is_symlink() { parts(&path) } else { vec![path] })
        .filter(|path| is_part(path))
        .collect()
}

/// Estimates the number of lines of a text from its first ones.
fn rows_of(path: &Path) -> Option<u64> {
    let is_plain = path.extension().is_some_and(|extension| extension == "csv" || extension == "tsv") && path.is_file();
    let file = File::open(path).ok().filter(|_| is_plain)?;
    let length = file.metadata().ok()?.len();
    let mut sample = Vec::new();
    file.take(SAMPLE).read_to_end(&mut sample).ok()?;
    let lines = sample.iter().filter(|byte| **byte == b'\n').count() as u64;
    Some(length * lines.max(1) / (sample.len() as u64).max(1))
}

#[cfg(test)]
mod tests {
    use super::{RowCounter, expected_rows};
    use std::path::Path;

    #[test]
    fn tables_are_estimated() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph-data/languages");
        let lines = std::fs::read_to_string(folder.join("languages.csv")).expect("a table").lines().count() as u64;
        assert_eq!(expected_rows(&folder), Some(6 * lines));
        assert_eq!(expected_rows(&folder.join("languages.ron")), Some(6 * lines));
        assert_eq!(
            expected_rows(Path::new(env!("CARGO_MANIFEST_DIR")).join("graph-data/llm-evolution").as_path()),
            None
        );
    }

    #[test]
    fn rows_of_several_passes_add_up() {
        let rows = RowCounter::default();
        let seen = [("a", 5), ("a", 9), ("a", 2), ("b", 1), ("b", 3)].map(|(table, read)| rows.up_to(table, read));
        assert_eq!(seen, [5, 9, 11, 12, 14]);
    }
}
