//! Writes several files atomically: all of them or none, even if the process is stopped at any point.
//!
//! Write-ahead: each new file is written beside its target under a temporary name and synced. Then a journal that lists
//! them all is renamed into place: from here on they count as written. Each file is renamed to its target, and the
//! journal is removed. A reader of a folder with a journal reads the files that it lists ([`pending`]); the next writer
//! completes the renames first ([`settle`]).

use super::{Temporary, filled, followed, inherit, renamed, step, sync_folder, synced};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// The file name of the journal in its folder.
const JOURNAL: &str = ".begat-journal";
/// The first line of a journal, and the last line of a complete one.
const HEAD: &str = "begat journal 1";
const FOOT: &str = "end";

/// Writes files of a folder and its subfolders; `None` removes a file. If a file cannot be written, all are unchanged;
/// if a rename fails after that, the journal stays and [`settle`] completes the write.
///
/// # Errors
/// A file cannot be written or renamed.
pub fn write_together(folder: &Path, files: &[(&Path, Option<&[u8]>)]) -> io::Result<()> {
    if let [(path, Some(bytes))] = files {
        return super::write(path, |out| out.write_all(bytes));
    }
    let mut ready = Vec::new();
    for (path, bytes) in files {
        ready.push((bytes.map(|bytes| prepared(path, bytes)).transpose()?, followed(path)?));
    }
    let mut lines = String::new();
    for (from, to) in &ready {
        let from = from.as_ref().map(|from| inside(folder, &from.path)).transpose()?.unwrap_or_default();
        lines += &format!("{}\t{}\n", escaped(&from), escaped(&inside(folder, to)?));
    }
    // Keeps the temporary files from the clean-up on a signal, which must not remove what the journal will list.
    let moves: Vec<(Option<PathBuf>, PathBuf)> =
        ready.into_iter().map(|(from, to)| (from.map(Temporary::kept), to)).collect();
    let journal = folder.join(JOURNAL);
    let noted = super::write(&journal, |out| out.write_all(format!("{HEAD}\n{lines}{FOOT}\n").as_bytes()));
    if let Err(error) = noted {
        moves.iter().filter_map(|(from, _)| from.as_ref()).for_each(|from| super::remove(from));
        return Err(error);
    }
    finish(&journal, &moves)
}

/// Returns the path of a file relative to a folder that contains it, with links resolved.
fn inside(folder: &Path, file: &Path) -> io::Result<String> {
    let outside = || io::Error::other("it lies outside of the graph's folder");
    let folder = fs::canonicalize(super::folder_of_dir(folder))?;
    let parent = fs::canonicalize(super::folder_of(file))?;
    let path = parent.join(file.file_name().ok_or_else(outside)?);
    let inside = path.strip_prefix(&folder).map_err(|_| outside())?;
    inside.to_str().map(str::to_string).ok_or_else(|| io::Error::other("its name is not UTF-8"))
}

/// Completes a write that was interrupted after its journal was in place.
///
/// # Errors
/// A file cannot be renamed to its target.
pub fn settle(folder: &Path) -> io::Result<()> {
    let journal = folder.join(JOURNAL);
    match moves(&journal) {
        Some(moves) => finish(&journal, &moves),
        None => Ok(()),
    }
}

/// Returns the renames that are still to be done in a folder: the temporary file (`None` if the target is to be
/// removed) and the target.
pub fn pending(folder: &Path) -> Vec<(Option<PathBuf>, PathBuf)> {
    let mut moves = moves(&folder.join(JOURNAL)).unwrap_or_default();
    moves.retain(|(from, to)| from.as_ref().map_or(to.exists(), |from| from.exists()));
    moves
}

/// Writes and syncs a new file beside the old one.
fn prepared(path: &Path, bytes: &[u8]) -> io::Result<Temporary> {
    let target = followed(path)?;
    let old = match OpenOptions::new().write(true).open(&target) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let temporary = Temporary::file(&target, old.is_none())?;
    let file = OpenOptions::new().write(true).open(&temporary.path)?;
    let (_, file) = filled::<(), io::Error>(file, |out| out.write_all(bytes))?;
    if let Some(old) = old {
        inherit(&file, &old)?;
    }
    synced(&file)?;
    Ok(temporary)
}

fn finish(journal: &Path, moves: &[(Option<PathBuf>, PathBuf)]) -> io::Result<()> {
    for (from, to) in moves {
        let moved = match from {
            Some(from) => renamed(from, to),
            None => step().and_then(|()| fs::remove_file(to)),
        };
        match moved {
            // An earlier, interrupted attempt has renamed it already.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            other => other?,
        }
        sync_folder(to);
    }
    step()?;
    fs::remove_file(journal)?;
    sync_folder(journal);
    Ok(())
}

/// Returns the renames that a journal lists; `None` if there is no complete journal.
fn moves(journal: &Path) -> Option<Vec<(Option<PathBuf>, PathBuf)>> {
    let text = fs::read_to_string(journal).ok()?;
    let lines = text.strip_prefix(HEAD)?.strip_prefix('\n')?.strip_suffix(&format!("{FOOT}\n"))?;
    let folder = journal.parent()?;
    let pair = |line: &str| {
        let (from, to) = line.split_once('\t')?;
        let (from, to) = (Some(unescaped(from)).filter(|from| !from.is_empty()), unescaped(to));
        let is_inside = |path: &str| Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let beside = from.as_ref().is_none_or(|from| is_inside(from) && is_temporary(Path::new(from), Path::new(&to)));
        (is_inside(&to) && beside).then(|| (from.map(|from| folder.join(from)), folder.join(to)))
    };
    lines.lines().map(pair).collect()
}

/// Returns whether a file's name is that of a temporary file for the other. Guards against a forged journal.
fn is_temporary(from: &Path, to: &Path) -> bool {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (own, other) = (name(from), name(to));
    let is_named = own.starts_with(&format!(".{other}.")) || own.starts_with(".begat.");
    from.parent() == to.parent() && own.ends_with(".tmp") && is_named
}

fn escaped(path: &str) -> String {
    path.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, true) => match characters.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                other => out.extend(other),
            },
            (c, _) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fault::{Fault, begin, end};
    use super::{JOURNAL, pending, settle, write_together};
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    type Files = BTreeMap<String, Vec<u8>>;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter().map(|(name, text)| (name.to_string(), text.repeat(40_000).into_bytes())).collect()
    }

    /// Returns the files of a folder as a reader finds them, and the number of temporary files.
    fn found(folder: &Path) -> (Files, usize) {
        let (mut read, mut temporary) = (Files::new(), 0);
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            match name.starts_with('.') {
                true => temporary += 1,
                false => _ = read.insert(name, fs::read(&path).expect("a file")),
            }
        }
        for (from, to) in pending(folder) {
            let name = to.file_name().expect("a name").to_string_lossy().into_owned();
            match from {
                Some(from) => _ = read.insert(name, fs::read(from).expect("a file")),
                None => _ = read.remove(&name),
            }
        }
        (read, temporary)
    }

    fn set(folder: &Path, files: &Files) {
        fs::create_dir_all(folder).expect("a folder");
        files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).expect("a file"));
    }

    /// Writes files with a fault at each step; returns the number of steps.
    fn at_each_step(fault: Fault, old: &Files, new: &Files) -> u32 {
        for steps in 0.. {
            let folder = tempfile::tempdir().expect("a folder");
            let folder = folder.path();
            set(folder, old);
            let changes: Vec<_> = old.keys().chain(new.keys()).map(|name| (folder.join(name), new.get(name))).collect();
            let mut changes: Vec<_> =
                changes.iter().map(|(path, bytes)| (path.as_path(), bytes.map(Vec::as_slice))).collect();
            changes.sort();
            changes.dedup();
            begin(fault, steps);
            let written = write_together(folder, &changes);
            let is_through = !end();
            let (read, temporary) = found(folder);
            assert!(read == *old || read == *new, "{fault:?} at step {steps}: a part of each");
            if written.is_ok() {
                assert_eq!((read == *new, temporary), (true, 0), "{fault:?} at step {steps}");
            } else if fault == Fault::Full && !folder.join(JOURNAL).exists() {
                assert_eq!((read == *old, temporary), (true, 0), "{fault:?} at step {steps}: cleaned up");
            }
            // The next writer may be interrupted, too.
            for again in 0.. {
                begin(fault, again);
                let settled = settle(folder);
                end();
                assert_eq!(found(folder).0, read, "{fault:?} at steps {steps} and {again}");
                if settled.is_ok() {
                    break;
                }
            }
            assert!(!folder.join(JOURNAL).exists());
            if is_through {
                return steps;
            }
        }
        0
    }

    #[test]
    fn a_fault_at_any_step_leaves_all_old_files_or_all_new_ones() {
        let old = files(&[("a.ron", "old a\n"), ("b.ron", "old b\n"), ("c.ron", "old c\n")]);
        let new = files(&[("a.ron", "new a\n"), ("b.ron", "old b, too\n"), ("d.ron", "new d\n")]);
        for fault in [Fault::Full, Fault::Crash] {
            assert!(at_each_step(fault, &old, &new) > 12, "files, journal, renames");
            let (one, other) = (files(&[("a.ron", "old\n")]), files(&[("a.ron", "new\n")]));
            assert!(at_each_step(fault, &one, &other) > 4, "one file");
        }
    }
}
