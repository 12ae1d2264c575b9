//! Where results go: stdout, a pager, or a file.

use super::Exit;
use super::terminal::Terminal;
use crate::{Error, limits};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

/// Between two looks at Ctrl-C so much is written.
const CHUNK: usize = 1 << 14;

/// Writes to stdout. A pipe that was closed is a wish to stop, not an error: the process ends with status 0. So does
/// Ctrl-C in a session, which goes on with the next prompt.
pub fn print(text: &str, terminal: &Terminal) -> Result<(), Exit> {
    let mut stdout = std::io::stdout().lock();
    let mut chunks = text.as_bytes().chunks(CHUNK).take_while(|_| !terminal.interrupt.load(Ordering::SeqCst));
    put(chunks.try_for_each(|chunk| stdout.write_all(chunk)).and_then(|()| stdout.flush()), terminal)
}

/// Prints to stdout and ends.
pub fn printed(text: &str, terminal: &Terminal) -> Exit {
    match print(text, terminal) {
        Ok(()) => Exit::Done,
        Err(exit) => exit,
    }
}

/// How writing to stdout has ended.
pub fn put(written: io::Result<()>, terminal: &Terminal) -> Result<(), Exit> {
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Exit::Done),
        Err(error) => {
            terminal.complain(&format!("cannot write to stdout: {error}"));
            Err(Exit::File)
        }
    }
}

/// Writes to stdout as long as the budget of the thread is not over.
///
/// # Errors
/// It is.
pub fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<io::Result<()>, Error> {
    let mut out = BufWriter::with_capacity(CHUNK, Budgeted(io::stdout().lock()));
    let written = write(&mut out).and_then(|()| out.flush());
    // What is left in the buffer of one that failed is not to be tried again.
    let _ = out.into_parts();
    limits::check()?;
    Ok(written)
}

/// Writes within the budget of the thread.
pub struct Budgeted<W>(pub W);

impl<W: Write> Write for Budgeted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if limits::is_over_now() { Err(io::Error::other("a limit stopped it")) } else { self.0.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Prints, by way of a pager where the text is taller than the screen.
pub fn page(text: &str, terminal: &Terminal, wanted: bool) -> Result<(), Exit> {
    let lines = terminal.size.map_or(usize::MAX, |(_, lines)| lines);
    let is_tall = terminal.stdout && text.lines().nth(lines.saturating_sub(1)).is_some();
    if wanted && is_tall && through_pager(text) { Ok(()) } else { print(text, terminal) }
}

/// False if no pager could be started.
fn through_pager(text: &str) -> bool {
    let pager = ["BEGAT_PAGER", "PAGER"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    let pager = if pager.trim().is_empty() { "less -FRSX" } else { pager.trim() };
    let mut words = pager.split_whitespace();
    let Some(program) = words.next() else { return false };
    let Ok(mut child) = Command::new(program).args(words).stdin(Stdio::piped()).spawn() else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // Who leaves the pager early closes the pipe.
        let _ = stdin.write_all(text.as_bytes());
    }
    child.wait().is_ok()
}

/// Writes a file whole or not at all: a temporary file beside it, then a rename.
pub fn write_file(path: &Path, text: &str, terminal: &Terminal) -> Result<(), Exit> {
    let temporary = beside(path);
    let written = File::create(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        // It may not have come to be.
        let _ = std::fs::remove_file(&temporary);
        terminal.complain(&format!("cannot write `{}`: {}", path.display(), reason(&error)));
        Exit::File
    })
}

fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

/// The error in words, without the number that the system gives it.
pub fn reason(error: &std::io::Error) -> String {
    let words = error.to_string();
    match words.find(" (os error") {
        Some(end) => words[..end].to_lowercase(),
        None => words,
    }
}
