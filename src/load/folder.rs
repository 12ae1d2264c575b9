//! Finds the files of a graph: its parts, and the files that they name. Only regular files are read, and by default
//! only files within the graph's folder, so that a foreign graph cannot read anything else. A symbolic link in the folder
//! may lead to a table or a part elsewhere, as whoever keeps large tables in one place needs; not to other files.

use super::{File, Files, LoadError, io_error};
use crate::disk;
use crate::text::{Advice, Code, Diagnostic, Diagnostics, Severity, Text};
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Permissions for reading a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Access {
    /// Whether files outside of the graph's folder may be read.
    pub outside: bool,
    /// Whether sources that need an external program may be read in order to check citations: PDF, by `pdftotext`.
    pub cited: bool,
}

/// The maximum number of bytes read from a stream, whose length is unknown. An endless one would fill the memory
/// without it.
const LONGEST_STREAM: u64 = 256 << 20;

/// Returns the parts at a path, sorted by path: those of a folder, or the file itself.
///
/// # Errors
/// A part cannot be read, or there is none.
pub(super) fn parts(path: &Path, access: Access, problems: &mut Diagnostics) -> Result<Vec<Arc<Text>>, LoadError> {
    if !path.is_dir() {
        return Ok(vec![read_part(path)?]);
    }
    let (mut parts, mut folders) = (Vec::new(), vec![path.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| io_error(&folder, &error))? {
            let entry = entry.map_err(|error| io_error(&folder, &error))?;
            // Links to folders are not followed: they could form a cycle.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let file = entry.path();
            if is_folder {
                folders.push(file);
            } else if is_ron(&file) {
                match refused(path, &file, access) {
                    None => parts.push(file),
                    Some(refusal) => problems.push(left_out(&file, &refusal)),
                }
            }
        }
    }
    // Includes files of an interrupted edit that are in its journal and not renamed yet.
    let pending = disk::pending(path);
    parts.extend(
        pending.iter().filter(|(from, to)| from.is_some() && !to.exists() && is_ron(to)).map(|(_, to)| to.clone()),
    );
    let is_gone = |part: &PathBuf| pending.iter().any(|(from, to)| from.is_none() && is_same(part, to));
    parts.retain(|part| !is_gone(part));
    // The order of a folder's entries depends on the system.
    parts.sort();
    let none =
        || LoadError::Io { path: path.to_path_buf(), reason: "there is no .ron file in this folder".to_string() };
    let read = |part: &PathBuf| match pending.iter().find(|(_, to)| is_same(part, to)) {
        Some((Some(from), _)) => read_part(from).map(|text| Text::new(part.display().to_string(), text.body.as_str())),
        _ => read_part(part),
    };
    if parts.is_empty() { Err(none()) } else { parts.iter().map(read).collect() }
}

/// Returns whether two paths lead to the same file.
fn is_same(one: &Path, two: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    one == two || real(one).is_some_and(|real_one| Some(real_one) == real(two))
}

/// Returns a function that opens the files named by the parts at a path.
pub(super) fn files(path: &Path, access: Access) -> Box<Files<'static>> {
    let folder = match path.is_dir() {
        true => path.to_path_buf(),
        false => path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf(),
    };
    Box::new(move |name| {
        let file = folder.join(name);
        if let Some(refusal) = refused(&folder, &file, access) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, refusal));
        }
        Ok(Box::new(fs::File::open(file)?) as Box<dyn File>)
    })
}

/// Why a file is not read.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The file lies outside of the graph's folder.
    Outside,
    NotRegular,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refusal::Outside => "it lies outside of the graph's folder",
            Refusal::NotRegular => "it is no regular file",
        })
    }
}

impl std::error::Error for Refusal {}

/// Returns whether a file was not opened because it lies outside of the graph's folder.
pub(super) fn is_outside(error: &io::Error) -> bool {
    let refusal = error.get_ref().and_then(|inner| inner.downcast_ref::<Refusal>());
    matches!(refusal, Some(Refusal::Outside))
}

/// Returns why a file of a folder is refused; `None` if it may be read or does not exist.
fn refused(folder: &Path, file: &Path, access: Access) -> Option<Refusal> {
    let metadata = fs::metadata(file).ok()?;
    // Canonical paths, so that neither `..` nor a symbolic link to any file leads out of the folder.
    let named = folder.to_path_buf();
    let (folder, real) = (fs::canonicalize(folder).ok()?, fs::canonicalize(file).ok()?);
    let is_link = || is_within(&named, file) && (is_table(&real) || is_ron(&real));
    if !access.outside && !real.starts_with(&folder) && !is_link() {
        return Some(Refusal::Outside);
    }
    (!metadata.is_file()).then_some(Refusal::NotRegular)
}

/// Returns whether a path lies in a folder by its words alone, wherever symbolic links lead.
fn is_within(folder: &Path, file: &Path) -> bool {
    let Ok(below) = file.strip_prefix(folder) else { return false };
    let depth = below.components().try_fold(0usize, |depth, part| match part {
        Component::Normal(_) => Some(depth + 1),
        Component::CurDir => Some(depth),
        Component::ParentDir => depth.checked_sub(1),
        Component::RootDir | Component::Prefix(_) => None,
    });
    depth.is_some()
}

fn is_ron(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ron")
}

fn left_out(file: &Path, refusal: &Refusal) -> Diagnostic {
    let message = format!("`{}` is left out: {refusal}", file.display());
    let problem = Diagnostic::new(Severity::Warning, Code::File, message);
    if matches!(refusal, Refusal::Outside) { problem.advise(Advice::AllowOutside) } else { problem }
}

fn read_part(path: &Path) -> Result<Arc<Text>, LoadError> {
    let wrong = |reason: &str| LoadError::Io { path: path.to_path_buf(), reason: reason.to_string() };
    if is_table(path) {
        let message = format!("`{}` is a table, and no graph", path.display());
        let problem = Diagnostic::new(Severity::Error, Code::File, message);
        let problem = problem.help("name it in a section `tables` of a .ron file beside it");
        return Err(LoadError::Data(problem.advise(Advice::ImportTable).into()));
    }
    let file = fs::File::open(path).map_err(|error| io_error(path, &error))?;
    let is_regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
    let most = if is_regular { u64::from(u32::MAX) } else { LONGEST_STREAM };
    let mut body = Vec::new();
    file.take(most + 1).read_to_end(&mut body).map_err(|error| io_error(path, &error))?;
    // Spans are 32-bit offsets.
    if body.len() as u64 > most {
        return Err(wrong(if is_regular { "a part may have 4 GB" } else { "it is longer than 256 MB" }));
    }
    let body = String::from_utf8(body).map_err(|_| wrong("it is not UTF-8 text"))?;
    Ok(Text::new(path.display().to_string(), body))
}

/// Returns whether a file is a table, by its name.
fn is_table(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.trim_end_matches(".gz").trim_end_matches(".zst");
    [".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet"].iter().any(|ending| name.ends_with(ending))
}
