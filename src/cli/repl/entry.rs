//! Reading what is entered next: one line at a terminal, more where they come together, and as many as belong together
//! where no person types.
//!
//! At a terminal, Enter runs what stands there. An Enter that comes in one go with the keys before it was pasted, or
//! typed by a program: it runs what stands there when no more has come for a moment ([`Keys`]). Of a pipe, a line is read
//! ahead: only that tells whether the one before it is whole.

use super::block::goes_on;
use super::{Line, PROMPT, Repl, commands};
use crate::cli::output;
use crate::render::width;
use crate::syntax;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Signal, getpid, kill_process};
use rustyline::error::ReadlineError;
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Keys that come sooner one after the other were hardly typed by a person. (If they were, Enter waits for a moment.)
const AT_ONCE: Duration = Duration::from_millis(20);
/// After that long without a key, what came at once is whole.
const QUIET: Duration = Duration::from_millis(50);
/// Lines that a terminal without a cursor has together come within that time.
const SOON: Duration = Duration::from_millis(10);

/// What the line editor tells of the keys: it has read more than it has shown, and does not say so. Where an Enter may
/// stand between two lines of one paste, it is taken for a line break, and reading is interrupted when no key follows.
#[derive(Debug, Default)]
pub struct Keys {
    /// Whether there are any: a terminal that can move its cursor.
    are_typed: bool,
    last: Cell<Option<Instant>>,
    line: RefCell<String>,
    at_end: Cell<bool>,
    /// An Enter waits for what may follow it.
    waits: Cell<bool>,
    shared: Arc<Mutex<Count>>,
}

/// What tells whoever waits whether something has happened.
#[derive(Debug, Default)]
struct Count {
    keys: u64,
    lines: u64,
}

impl Keys {
    pub fn of(are_typed: bool) -> Keys {
        Keys { are_typed, ..Keys::default() }
    }

    /// Notes the line after a key.
    pub fn note(&self, line: &str, at: usize) {
        line.clone_into(&mut self.line.borrow_mut());
        self.at_end.set(at == line.len());
        self.touch();
    }

    /// A key is being dealt with; if it has been, the next one comes from now on.
    pub fn touch(&self) {
        self.count().keys += 1;
        self.last.set(Some(Instant::now()));
    }

    /// Whether an Enter at this moment is no person's.
    pub fn are_at_once(&self) -> bool {
        self.last.get().is_some_and(|last| last.elapsed() < AT_ONCE)
    }

    /// Whether an Enter that no person typed has to wait for what may follow it. If so, it is a line break for now.
    pub fn wait_for_more(&self, line: &str) -> bool {
        if !self.are_typed || line.trim().is_empty() || !self.at_end.get() {
            return false;
        }
        if !self.waits.get() {
            let (shared, own) = (self.shared.clone(), self.count().lines);
            let wait = move || until_quiet(&shared, own);
            self.waits.set(std::thread::Builder::new().stack_size(1 << 16).spawn(wait).is_ok());
        }
        self.waits.get()
    }

    /// Whether an Enter waits, and nothing is to be offered.
    pub fn are_waiting(&self) -> bool {
        self.waits.get()
    }

    /// Reading has ended: nobody interrupts it any more. Whether an Enter was waiting.
    fn end(&self) -> bool {
        self.count().lines += 1;
        set_blocking(true);
        self.waits.replace(false)
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until no key has come for a moment, and interrupts the reading of that line.
fn until_quiet(shared: &Mutex<Count>, line: u64) {
    let count = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let mut keys = count().keys;
    loop {
        std::thread::sleep(QUIET);
        let count = count();
        if count.lines != line {
            return;
        }
        if count.keys == keys && !has_input(Duration::ZERO) {
            // The count is held meanwhile: the line does not end before its reading is interrupted.
            return interrupt();
        }
        keys = count.keys;
    }
}

/// Makes the line editor give back the terminal: it is woken up, and reads where nothing is to be read.
fn interrupt() {
    set_blocking(false);
    // A process may always send itself a signal.
    _ = kill_process(getpid(), Signal::WINCH);
}

fn set_blocking(is_blocking: bool) {
    let stdin = std::io::stdin();
    let Ok(flags) = fcntl_getfl(&stdin) else { return };
    let wanted = if is_blocking { flags - OFlags::NONBLOCK } else { flags | OFlags::NONBLOCK };
    if wanted != flags {
        // Without it, a paste is several entries.
        _ = fcntl_setfl(&stdin, wanted);
    }
}

type Entry = Result<String, ReadlineError>;

impl Repl<'_> {
    /// Reads what is entered next.
    pub fn entry(&mut self, editor: &mut Line) -> Entry {
        match (self.session.terminal.stdin, self.session.terminal.dumb) {
            (false, _) => self.piped(),
            (true, true) => dumb(editor),
            (true, false) => self.typed(editor),
        }
    }

    fn typed(&mut self, editor: &mut Line) -> Entry {
        let rest = self.rest.take().unwrap_or_default();
        let mut read = editor.readline_with_initial(PROMPT, (&rest, ""));
        loop {
            let Some(keys) = editor.helper().map(|assistant| &assistant.keys) else { return read };
            let was_waiting = keys.end();
            match &read {
                Err(ReadlineError::Io(error)) if error.kind() == ErrorKind::WouldBlock => {}
                _ => return read,
            }
            let text = keys.line.take();
            let (whole, begun) = text.rsplit_once('\n').unwrap_or(("", &text));
            let is_entry = was_waiting && !whole.is_empty() && (begun.trim().is_empty() || !goes_on(whole, begun));
            // The line editor has gone on to a line of its own.
            let up = if is_entry { 1 } else { self.rows(&text) };
            _ = output::put(&format!("\x1b[{up}A\r\x1b[J"), &self.session.terminal);
            if is_entry {
                self.rest = Some(begun.to_string());
                return Ok(whole.to_string());
            }
            read = editor.readline_with_initial(PROMPT, (&text, ""));
        }
    }

    /// How many rows of the screen a text takes behind the prompt.
    fn rows(&self, text: &str) -> usize {
        let columns = self.session.terminal.size.map_or(80, |(columns, _)| columns.max(1));
        let rows = |(i, line): (usize, &str)| (width(line) + if i == 0 { PROMPT.len() } else { 0 }) / columns + 1;
        text.split('\n').enumerate().map(rows).sum()
    }

    /// The lines that belong together; a line with `;` at its end waits for none.
    fn piped(&mut self) -> Entry {
        let mut entry = match self.ahead.take() {
            Some(line) => line,
            None => line_of_stdin()?.ok_or(ReadlineError::Eof)?,
        };
        let is_whole = |entry: &str| {
            let is_ended = || entry.trim_end().ends_with(';') && !syntax::is_incomplete(entry);
            commands::recognised(entry).is_some() || entry.trim().is_empty() || is_ended()
        };
        let mut gap = String::from("\n");
        while !is_whole(&entry) {
            match line_of_stdin()? {
                Some(line) if line.trim().is_empty() => gap.push('\n'),
                Some(line) if goes_on(&entry, &line) => {
                    entry += &std::mem::replace(&mut gap, String::from("\n"));
                    entry += &line;
                }
                Some(line) => {
                    self.ahead = Some(line);
                    break;
                }
                None => break,
            }
        }
        Ok(entry)
    }
}

/// Lines of a terminal that cannot move its cursor, as many as have come.
fn dumb(editor: &mut Line) -> Entry {
    let mut entry = editor.readline(PROMPT)?;
    while !entry.trim().is_empty() && has_input(SOON) {
        entry += "\n";
        entry += &line_of_stdin()?.unwrap_or_default();
    }
    Ok(entry)
}

/// Whether the system has keys that nobody has read, or gets some within that time.
fn has_input(within: Duration) -> bool {
    let stdin = std::io::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    let moment = Timespec::try_from(within).ok();
    moment.is_some_and(|moment| poll(&mut fds, Some(&moment)).is_ok_and(|ready| ready > 0))
}

/// The next line without its end; `None` after the last.
fn line_of_stdin() -> Result<Option<String>, ReadlineError> {
    let mut line = String::new();
    if std::io::stdin().read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let text = line.strip_suffix('\n').unwrap_or(&line);
    Ok(Some(text.strip_suffix('\r').unwrap_or(text).to_string()))
}
