//! Writes files and folders atomically.
//!
//! A new file is written beside its target under a random name, synced and renamed: a reader finds the old file or the
//! new one. A link is followed and stays a link; the new file keeps the mode and the owner of the old one. A pipe or a
//! device cannot be replaced, so it is written into.

#[cfg(test)]
mod fault;
mod together;

pub use together::{pending, settle, write_together};

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Maximum number of links followed, as the system does, to stop on a cycle.
const MOST_LINKS: usize = 40;
/// Size of the write buffer, in bytes. Smaller ones take more system calls, larger ones only memory.
const BUFFER: usize = 1 << 16;

/// Writes a file with the contents that `fill` writes.
///
/// # Errors
/// The error of `fill`, or the file cannot be written. Then an older file of this name is unchanged, and no temporary
/// file is left.
pub fn write<T, E: From<io::Error>>(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<T, E>) -> Result<T, E> {
    if is_stream(path) {
        return filled(open_stream(path)?, fill).map(|(done, _)| done);
    }
    let target = followed(path)?;
    // Even though it will be replaced, the old file must be writable.
    let old = match OpenOptions::new().write(true).open(&target) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let temporary = Temporary::file(&target, old.is_none())?;
    let (done, file) = filled(OpenOptions::new().write(true).open(&temporary.path)?, fill)?;
    if let Some(old) = old {
        inherit(&file, &old)?;
    }
    synced(&file)?;
    renamed(&temporary.path, &target)?;
    sync_folder(&target);
    Ok(done)
}

/// Writes a folder of files, by their paths in it, each through `put`, as [`fill_folder`] does.
///
/// # Errors
/// Those of [`fill_folder`].
pub fn write_folder(
    path: &Path,
    files: &[(String, Vec<u8>)],
    put: impl Fn(&mut dyn Write, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    fill_folder(path, |folder| files.iter().try_for_each(|(name, bytes)| put(&mut folder.file(name)?, bytes)))
}

/// A folder for files that are needed only while the process runs. It is removed on drop, and when the process is ended.
pub struct Scratch(Temporary);

impl Scratch {
    /// Makes a folder beside a path, in which everybody may write.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn beside(path: &Path) -> io::Result<Scratch> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push("-state.");
        Scratch::made(folder_of(path), &name)
    }

    /// Makes a folder in another one.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn inside(folder: &Path) -> io::Result<Scratch> {
        fs::create_dir_all(folder)?;
        Scratch::made(folder, OsStr::new("state."))
    }

    /// The name begins with no dot: engines leave out files that do.
    fn made(folder: &Path, name: &OsStr) -> io::Result<Scratch> {
        let mut live = live();
        if live.is_over {
            return Err(ends());
        }
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // The server may be another user.
            builder.permissions(Permissions::from_mode(0o777));
        }
        let path = builder.prefix(name).rand_bytes(12).tempdir_in(folder)?.keep();
        live.paths.push(path.clone());
        Ok(Scratch(Temporary { path }))
    }

    pub fn path(&self) -> &Path {
        &self.0.path
    }
}

/// A folder that is being filled.
pub struct NewFolder {
    temporary: Temporary,
    names: Vec<String>,
}

impl NewFolder {
    /// Opens a new file for writing, by its path in the folder.
    ///
    /// # Errors
    /// It cannot be made, or there is one already.
    pub fn file(&mut self, name: &str) -> io::Result<File> {
        let place = self.temporary.path.join(name);
        place.parent().map_or(Ok(()), fs::create_dir_all)?;
        self.names.push(name.to_string());
        File::create_new(&place)
    }
}

/// Writes a folder of the files that `fill` opens. A new folder appears as a whole. In an existing one other files stay,
/// and the new files are renamed one by one after all have been written.
///
/// # Errors
/// The error of `fill`, or the folder cannot be written. It is unchanged, unless a rename into an existing folder failed:
/// then some files are new.
pub fn fill_folder<T, E: From<io::Error>>(
    path: &Path,
    fill: impl FnOnce(&mut NewFolder) -> Result<T, E>,
) -> Result<T, E> {
    let target = followed(path)?;
    let is_new = match fs::metadata(&target) {
        Ok(metadata) if metadata.is_dir() => false,
        Ok(_) => {
            let words = "it is a file, and a folder is to be written";
            return Err(io::Error::new(ErrorKind::NotADirectory, words).into());
        }
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => return Err(error.into()),
    };
    let mut folder = NewFolder { temporary: Temporary::folder(&target)?, names: Vec::new() };
    let done = fill(&mut folder)?;
    let NewFolder { temporary, names } = folder;
    for name in &names {
        synced(&File::open(temporary.path.join(name))?)?;
    }
    if is_new {
        renamed(&temporary.path, &target)?;
    } else {
        for name in &names {
            let place = target.join(name);
            place.parent().map_or(Ok(()), fs::create_dir_all)?;
            renamed(&temporary.path.join(name), &place)?;
        }
    }
    sync_folder(&target);
    Ok(done)
}

/// Returns whether a path is something that cannot be replaced: a pipe, a device, or an open file of this process under
/// a name of the system (`/dev/stdout`).
pub fn is_stream(path: &Path) -> bool {
    let Ok(metadata) = fs::metadata(path) else { return false };
    !metadata.is_file() && !metadata.is_dir() || followed(path).is_ok_and(|target| is_of_process(&target))
}

/// Returns the error in words, without the number of the system.
pub fn reason(error: &io::Error) -> String {
    let words = error.to_string();
    match words.find(" (os error") {
        Some(end) => words[..end].to_lowercase(),
        None => words,
    }
}

/// Returns an error if a test wants this step to fail. Called before each change of the disk.
fn step() -> io::Result<()> {
    #[cfg(test)]
    fault::step()?;
    Ok(())
}

/// Syncs a file, so that its contents are durable.
fn synced(file: &File) -> io::Result<()> {
    step()?;
    file.sync_all()
}

/// Renames a file to its target, unless the process is about to end.
fn renamed(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    let live = live();
    if live.is_over { Err(ends()) } else { fs::rename(from, to) }
}

fn ends() -> io::Error {
    io::Error::other("the process ends")
}

/// Removes the unfinished files of this process and refuses new ones. Called before the process ends.
pub fn abandon() {
    end(live());
}

/// Does the same without waiting for the lock, which this thread itself may hold.
pub fn abandon_at_once() {
    if let Ok(live) = LIVE.try_lock() {
        end(live);
    }
}

fn end(mut live: MutexGuard<'_, Live>) {
    live.is_over = true;
    live.paths.iter().for_each(|path| remove(path));
}

fn open_stream(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        // Duplicates the descriptor: opening the file anew would write from its start, not from its current position.
        match followed(path)?.to_str() {
            Some("/proc/self/fd/1" | "/dev/fd/1") => return Ok(io::stdout().as_fd().try_clone_to_owned()?.into()),
            Some("/proc/self/fd/2" | "/dev/fd/2") => return Ok(io::stderr().as_fd().try_clone_to_owned()?.into()),
            _ => {}
        }
    }
    let is_file = fs::metadata(path)?.is_file();
    OpenOptions::new().write(true).append(is_file).open(path)
}

fn filled<T, E: From<io::Error>>(
    file: File,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<(T, File), E> {
    let mut out = BufWriter::with_capacity(BUFFER, Unfinished(file));
    let done = fill(&mut out);
    match done {
        Ok(done) => Ok((done, out.into_inner().map_err(io::IntoInnerError::into_error)?.0)),
        Err(error) => {
            // Discards the buffer: dropping the writer would flush it.
            _ = out.into_parts();
            Err(error)
        }
    }
}

/// A file that is being written.
struct Unfinished(File);

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = step() {
            // Before a disk is full, a part is written.
            self.0.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Resolves the links at a path, even if the file at their end does not exist.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        if is_of_process(&target) {
            return Ok(target);
        }
        match fs::read_link(&target) {
            Ok(next) => target = target.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(target),
        }
    }
    Err(io::Error::other("too many links lead on from it"))
}

/// Returns whether a path is a system name for an open file of a process.
fn is_of_process(path: &Path) -> bool {
    path.starts_with("/proc") || path.starts_with("/dev/fd")
}

/// Gives a new file the owner and the mode of the file it replaces, as far as this process may.
fn inherit(file: &File, old: &File) -> io::Result<()> {
    let was = old.metadata()?;
    let permissions = was.permissions();
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let is = file.metadata()?;
        let has_owner = is.uid() == was.uid() || fchown(file, Some(was.uid()), None).is_ok();
        let has_group = is.gid() == was.gid() || fchown(file, None, Some(was.gid())).is_ok();
        // Drops permissions of an owner or group that could not be kept, and set-uid or set-gid with them.
        let lost = if has_owner { 0 } else { 0o4000 } | if has_group { 0 } else { 0o2070 };
        Permissions::from_mode(permissions.mode() & 0o7777 & !lost)
    };
    step()?;
    file.set_permissions(permissions)
}

/// Syncs the folder, so that the new name is durable, where the system can do that. The contents are synced already.
fn sync_folder(path: &Path) {
    if cfg!(unix) {
        _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns a folder's path, `.` if it is empty.
fn folder_of_dir(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

/// The unfinished files of this process.
struct Live {
    paths: Vec<PathBuf>,
    is_over: bool,
}

static LIVE: Mutex<Live> = Mutex::new(Live { paths: Vec::new(), is_over: false });

fn live() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove(path: &Path) {
    #[cfg(test)]
    if fault::is_down() {
        return;
    }
    // The path may have been renamed, or not created yet.
    _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
}

/// A temporary file or folder beside its target; removed on drop unless it was renamed.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Gives up ownership: the file is not removed on drop or on a signal. Returns its path.
    fn kept(mut self) -> PathBuf {
        let path = std::mem::take(&mut self.path);
        live().paths.retain(|own| *own != path);
        path
    }

    /// Creates an empty file: with the default mode if it is new, or readable only by its owner until it replaces an
    /// old one.
    fn file(target: &Path, is_new: bool) -> io::Result<Temporary> {
        if target.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::Error::new(ErrorKind::NotADirectory, "there is no such folder"));
        }
        Temporary::made(target, |builder, folder| {
            #[cfg(unix)]
            if is_new {
                use std::os::unix::fs::PermissionsExt;
                builder.permissions(Permissions::from_mode(0o666));
            }
            _ = is_new;
            builder.tempfile_in(folder)?.into_temp_path().keep().map_err(|error| error.error)
        })
    }

    fn folder(target: &Path) -> io::Result<Temporary> {
        Temporary::made(target, |builder, folder| {
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                builder.permissions(Permissions::from_mode(0o777));
            }
            Ok(builder.tempdir_in(folder)?.keep())
        })
    }

    fn made(
        target: &Path,
        make: impl FnOnce(&mut tempfile::Builder<'_, '_>, &Path) -> io::Result<PathBuf>,
    ) -> io::Result<Temporary> {
        let is_named = matches!(target.components().next_back(), Some(Component::Normal(_)));
        let Some(name) = target.file_name().filter(|_| is_named) else {
            return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder"));
        };
        let mut prefix = OsString::from(".");
        prefix.push(name);
        prefix.push(".");
        step()?;
        let mut live = live();
        if live.is_over {
            return Err(ends());
        }
        // File names are limited to 255 bytes on most systems.
        let prefix = if prefix.len() > 200 { OsString::from(".begat.") } else { prefix };
        let mut builder = tempfile::Builder::new();
        let path = make(builder.prefix(&prefix).suffix(".tmp").rand_bytes(12), folder_of(target))?;
        live.paths.push(path.clone());
        Ok(Temporary { path })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.path.as_os_str().is_empty() {
            return;
        }
        remove(&self.path);
        live().paths.retain(|path| *path != self.path);
    }
}
