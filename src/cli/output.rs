//! Writes results to stdout, a pager, or a file.

use super::Exit;
use super::door;
use super::progress::{self, Sign, Task, Watch};
use super::terminal::Terminal;
use crate::limits::{self, Limits, Origin};
use crate::{Error, disk};
use signal_hook::consts::{SIGHUP, SIGTERM};
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;
use std::borrow::Cow;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

pub use crate::disk::reason;

/// Number of bytes written between two checks for Ctrl-C.
const CHUNK: usize = 1 << 14;
/// Maximum number of bytes of one write if they are all in memory.
const MOST_AT_ONCE: usize = 1 << 20;

/// Writes to stdout. If the pipe is closed, the process ends with status 0, without an error. Ctrl-C stops the output;
/// a session then continues with the next prompt.
pub fn print(text: &str, terminal: &Terminal) -> Result<(), Exit> {
    put(&through(text, terminal), terminal)
}

/// Returns the text for stdout, sanitised if that is a terminal.
fn through<'t>(text: &'t str, terminal: &Terminal) -> Cow<'t, str> {
    match (terminal.stdout, terminal.color_out) {
        (true, true) => door::styled(text),
        (true, false) => door::plain(text),
        (false, _) => Cow::Borrowed(text),
    }
}

/// Writes to stdout without sanitising: begat's own control sequences, or text that is sanitised already.
pub fn put(text: &str, terminal: &Terminal) -> Result<(), Exit> {
    let mut stdout = std::io::stdout().lock();
    let mut chunks = text.as_bytes().chunks(CHUNK).take_while(|_| !terminal.interrupt.load(Ordering::SeqCst));
    ended(chunks.try_for_each(|chunk| stdout.write_all(chunk)).and_then(|()| stdout.flush()), terminal)
}

/// Prints to stdout and returns the exit status.
pub fn printed(text: &str, terminal: &Terminal) -> Exit {
    match print(text, terminal) {
        Ok(()) => Exit::Done,
        Err(exit) => exit,
    }
}

/// Converts the result of writing to stdout; a closed pipe ends the process with status 0.
pub fn ended(written: io::Result<()>, terminal: &Terminal) -> Result<(), Exit> {
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Exit::Done),
        Err(error) => {
            terminal.error(&format!("cannot write to stdout: {}", reason(&error)));
            Err(Exit::File)
        }
    }
}

/// Writes to stdout until the budget of the thread is exhausted.
///
/// # Errors
/// The budget is exhausted.
pub fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<io::Result<()>, Error> {
    let written = budgeted(io::stdout().lock(), write);
    limits::check()?;
    Ok(written)
}

/// Writes until the budget of the thread is exhausted, and flushes.
pub fn budgeted<T, E: From<io::Error>>(
    out: impl Write,
    write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
) -> Result<T, E> {
    let mut out = BufWriter::with_capacity(CHUNK, Budgeted(out));
    let written = write(&mut out).and_then(|done| out.flush().map(|()| done).map_err(E::from));
    // Discards the buffer of a failed write, which must not be tried again.
    let _ = out.into_parts();
    written
}

/// A writer that fails once the budget of the thread is exhausted.
struct Budgeted<W>(W);

impl<W: Write> Write for Budgeted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if limits::is_over_now() {
            return Err(io::Error::other("a limit stopped it"));
        }
        self.0.write(&bytes[..bytes.len().min(MOST_AT_ONCE)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Prints a text, through a pager if it is taller than the screen.
pub fn page(text: &str, terminal: &Terminal, wanted: bool) -> Result<(), Exit> {
    let text = &through(text, terminal);
    let lines = terminal.size.map_or(usize::MAX, |(_, lines)| lines);
    let is_tall = terminal.stdout && text.lines().nth(lines.saturating_sub(1)).is_some();
    if wanted && is_tall && through_pager(text) { Ok(()) } else { put(text, terminal) }
}

/// Returns false if no pager could be started.
fn through_pager(text: &str) -> bool {
    let pager = ["BEGAT_PAGER", "PAGER"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    let pager = if pager.trim().is_empty() { "less -FRSX" } else { pager.trim() };
    let mut words = pager.split_whitespace();
    let Some(program) = words.next() else { return false };
    let Ok(mut child) = Command::new(program).args(words).stdin(Stdio::piped()).spawn() else { return false };
    if let Some(mut stdin) = child.stdin.take() {
        // A pager that is left early closes the pipe.
        let _ = stdin.write_all(text.as_bytes());
    }
    child.wait().is_ok()
}

/// Writes a file atomically; a pipe or device is written into. Ctrl-C stops it.
pub fn write_file(path: &Path, text: &str, terminal: &Terminal) -> Result<(), Exit> {
    let written = match disk::is_stream(path) {
        false => terminal.finishing(|| disk::write(path, |out| copy(text, out, &terminal.interrupt))),
        // Runs on another thread: a pipe may have no reader yet.
        true => {
            let (path, text, interrupt) = (path.to_path_buf(), text.to_string(), terminal.interrupt.clone());
            let write = move |_: &Watch| disk::write(&path, |out| copy(&text, out, &interrupt));
            // No limits: the reader determines how long it takes.
            let task = Task::new("writing", Limits::default(), Origin::now());
            progress::run(Sign::None, &terminal.interrupt, &task, write).unwrap_or_else(|_| Err(stopped()))
        }
    };
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            terminal.info("stopped");
            Err(Exit::Interrupted)
        }
        Err(error) => Err(unwritten(path, &error, terminal)),
    }
}

/// Reports why a file could not be written.
pub fn unwritten(path: &Path, error: &io::Error, terminal: &Terminal) -> Exit {
    terminal.error(&format!("cannot write `{}`: {}", path.display(), reason(error)));
    Exit::File
}

fn copy(text: &str, out: &mut dyn Write, interrupt: &AtomicBool) -> std::io::Result<()> {
    text.as_bytes().chunks(CHUNK).try_for_each(|chunk| match interrupt.load(Ordering::SeqCst) {
        true => Err(stopped()),
        false => out.write_all(chunk),
    })
}

fn stopped() -> std::io::Error {
    ErrorKind::Interrupted.into()
}

/// Signals that end the process.
const ENDS: [i32; 2] = [SIGTERM, SIGHUP];

/// Installs a handler that removes unfinished files before a signal ends the process. If the system refuses a thread
/// for that, the signal ends the process without clean-up.
pub fn watch_signals() {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        let alone = Arc::new(AtomicBool::new(true));
        let ends = |signal: &i32| register_conditional_default(*signal, alone.clone()).is_ok();
        let Some(mut signals) = ENDS.iter().all(ends).then(|| Signals::new(ENDS).ok()).flatten() else { return };
        let watch = move || {
            if let Some(signal) = signals.forever().next() {
                disk::abandon();
                // It cannot fail for these signals.
                _ = emulate_default_handler(signal);
            }
        };
        let thread = std::thread::Builder::new().stack_size(1 << 16).spawn(watch);
        alone.store(thread.is_err(), Ordering::SeqCst);
    });
}

impl Terminal {
    /// Runs work that writes a file atomically: a signal that ends the process removes the unfinished file first, and
    /// the work itself checks for Ctrl-C.
    pub fn finishing<T>(&self, work: impl FnOnce() -> T) -> T {
        watch_signals();
        let was_idle = self.idle.swap(false, Ordering::SeqCst);
        let done = work();
        self.idle.store(was_idle, Ordering::SeqCst);
        done
    }
}
