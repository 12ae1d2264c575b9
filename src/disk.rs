//! Files and folders that are written whole or not at all.
//!
//! What is new is written beside its place under a random name, brought to the disk, and renamed: whoever opens the file
//! finds the old one or the new one. A link is followed, so that it stays one; an old file keeps its mode and its owner.
//! What is no regular file, a pipe or a device, is written into, since nothing could take its place.

mod together;

pub use together::{pending, settle, write_together};

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// As many links lead at most to a file.
const MOST_LINKS: usize = 40;
/// So much is written at once.
const BUFFER: usize = 1 << 16;

/// Writes a file by what `fill` gives.
///
/// # Errors
/// What `fill` gives, or the file cannot be written. An older file of that name is then as it was, and nothing is left
/// behind.
pub fn write<T, E: From<io::Error>>(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<T, E>) -> Result<T, E> {
    if is_stream(path) {
        return filled(open_stream(path)?, fill).map(|(done, _)| done);
    }
    let target = followed(path)?;
    // It must be one that may be written to, though another takes its place.
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
    file.sync_all()?;
    renamed(&temporary.path, &target)?;
    sync_folder(&target);
    Ok(done)
}

/// Writes a folder of files, by their paths in it, each as `put` does. Where there is one of that name already, its other files stay, and
/// each new one takes its place when all have been written.
///
/// # Errors
/// The folder cannot be written; then it is as it was.
pub fn write_folder(
    path: &Path,
    files: &[(String, Vec<u8>)],
    put: impl Fn(&mut dyn Write, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let target = followed(path)?;
    let is_new = match fs::metadata(&target) {
        Ok(metadata) if metadata.is_dir() => false,
        Ok(_) => return Err(io::Error::new(ErrorKind::NotADirectory, "it is a file, and a folder is to be written")),
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => return Err(error),
    };
    let temporary = Temporary::folder(&target)?;
    for (name, bytes) in files {
        let place = temporary.path.join(name);
        place.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = File::create_new(&place)?;
        put(&mut file, bytes)?;
        file.sync_all()?;
    }
    if is_new {
        renamed(&temporary.path, &target)?;
    } else {
        for (name, _) in files {
            let place = target.join(name);
            place.parent().map_or(Ok(()), fs::create_dir_all)?;
            renamed(&temporary.path.join(name), &place)?;
        }
    }
    sync_folder(&target);
    Ok(())
}

/// Whether there is something at a path that nothing can take the place of: a pipe, a device, or what this process has
/// open under a name of the system (`/dev/stdout`).
pub fn is_stream(path: &Path) -> bool {
    let Ok(metadata) = fs::metadata(path) else { return false };
    !metadata.is_file() && !metadata.is_dir() || followed(path).is_ok_and(|target| is_of_process(&target))
}

/// The error in words, without the number that the system gives it.
pub fn reason(error: &io::Error) -> String {
    let words = error.to_string();
    match words.find(" (os error") {
        Some(end) => words[..end].to_lowercase(),
        None => words,
    }
}

/// Gives a file its place, unless the process is about to end: what it was stopped at is not to appear.
fn renamed(from: &Path, to: &Path) -> io::Result<()> {
    let live = live();
    if live.is_over { Err(ends()) } else { fs::rename(from, to) }
}

fn ends() -> io::Error {
    io::Error::other("the process ends")
}

/// Removes what is unfinished of this process, and lets nothing new begin: it is about to end.
pub fn abandon() {
    end(live());
}

/// The same where the process must not wait for anybody: this thread itself may be about to begin a file.
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
        // Opened anew, a file would be written to from its beginning, not from where it has come to.
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
    let mut out = BufWriter::with_capacity(BUFFER, file);
    let done = fill(&mut out);
    match done {
        Ok(done) => Ok((done, out.into_inner().map_err(io::IntoInnerError::into_error)?)),
        Err(error) => {
            // What is left in it is nobody's.
            _ = out.into_parts();
            Err(error)
        }
    }
}

/// Where the links at a path lead, also to a file that is not there yet.
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

/// Names that stand for what a process has open.
fn is_of_process(path: &Path) -> bool {
    path.starts_with("/proc") || path.starts_with("/dev/fd")
}

/// Gives a new file the owner and the mode of the one whose place it takes, as far as this process may.
fn inherit(file: &File, old: &File) -> io::Result<()> {
    let was = old.metadata()?;
    let permissions = was.permissions();
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
        let is = file.metadata()?;
        let has_owner = is.uid() == was.uid() || fchown(file, Some(was.uid()), None).is_ok();
        let has_group = is.gid() == was.gid() || fchown(file, None, Some(was.gid())).is_ok();
        // Nobody gets more than before by what could not be kept; nor does anything run as somebody else.
        let lost = if has_owner { 0 } else { 0o4000 } | if has_group { 0 } else { 0o2070 };
        Permissions::from_mode(permissions.mode() & 0o7777 & !lost)
    };
    file.set_permissions(permissions)
}

/// Brings the new name to the disk, where the system can do that. The content is there already.
fn sync_folder(path: &Path) {
    if cfg!(unix) {
        _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A folder itself, where its path may be empty.
fn folder_of_dir(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

/// What is unfinished of this process.
struct Live {
    paths: Vec<PathBuf>,
    is_over: bool,
}

static LIVE: Mutex<Live> = Mutex::new(Live { paths: Vec::new(), is_over: false });

fn live() -> MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn remove(path: &Path) {
    // It may have been renamed, or never come to be.
    _ = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
}

/// A file or folder of a random name beside its place; removed with this, unless it has been renamed.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Leaves it where it is, and gives its path.
    fn kept(mut self) -> PathBuf {
        let path = std::mem::take(&mut self.path);
        live().paths.retain(|own| *own != path);
        path
    }

    /// An empty file: of the mode that new files have, or, in place of an old one, of nobody but its owner for now.
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
        let mut live = live();
        if live.is_over {
            return Err(ends());
        }
        // A name may have 255 bytes; the beginning of it tells enough.
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
