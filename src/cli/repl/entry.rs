//! Reads the next input: a line at a terminal, several lines of a paste, or as many lines of a pipe as belong together.
//!
//! At a terminal, Enter runs the input. An Enter that follows other keys immediately was pasted, or sent by a program:
//! the input runs once no more keys have come for a moment ([`Keys`]). From a pipe, one line is read ahead, because
//! only that shows whether the previous one is complete.

use super::block::goes_on;
use super::{LineEditor, PROMPT, Repl, entered};
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

/// Keys at shorter intervals are assumed not to be typed. (If they were, Enter only waits for a moment.)
const AT_ONCE: Duration = Duration::from_millis(20);
/// A paste is complete after this time without a key.
const QUIET: Duration = Duration::from_millis(50);
/// Lines that arrive within this time belong together on a terminal without a cursor.
const SOON: Duration = Duration::from_millis(10);

/// Tracks the keys. The line editor buffers input without telling. An Enter that may be inside a paste is treated as a
/// line break, and reading is interrupted when no key follows.
#[derive(Debug, Default)]
pub struct Keys {
    /// Whether keys are typed: on a terminal that can move its cursor.
    are_typed: bool,
    last: Cell<Option<Instant>>,
    line: RefCell<String>,
    at_end: Cell<bool>,
    /// Whether an Enter is waiting for further keys.
    waits: Cell<bool>,
    shared: Arc<Mutex<Count>>,
}

/// Counters by which the waiting thread notices activity.
#[derive(Debug, Default)]
struct Count {
    keys: u64,
    lines: u64,
}

impl Keys {
    pub fn of(are_typed: bool) -> Keys {
        Keys { are_typed, ..Keys::default() }
    }

    /// Records the line after a key.
    pub fn note(&self, line: &str, at: usize) {
        line.clone_into(&mut self.line.borrow_mut());
        self.at_end.set(at == line.len());
        self.touch();
    }

    /// Records the time at which a key is handled.
    pub fn touch(&self) {
        self.count().keys += 1;
        self.last.set(Some(Instant::now()));
    }

    /// Returns whether an Enter at this moment was not typed by the user.
    pub fn are_at_once(&self) -> bool {
        self.last.get().is_some_and(|last| last.elapsed() < AT_ONCE)
    }

    /// Returns whether an untyped Enter must wait for further keys; it is then a line break for now.
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

    /// Returns whether an Enter is waiting, so that nothing is offered.
    pub fn are_waiting(&self) -> bool {
        self.waits.get()
    }

    /// Ends the reading of a line, so that it is not interrupted any more. Returns whether an Enter was waiting.
    fn end(&self) -> bool {
        self.count().lines += 1;
        set_blocking(true);
        self.waits.replace(false)
    }

    fn count(&self) -> MutexGuard<'_, Count> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until no key has come for a moment, and then interrupts the reading of that line.
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
            // Holds the lock meanwhile, so that the line cannot end before its reading is interrupted.
            return interrupt();
        }
        keys = count.keys;
    }
}

/// Makes the line editor return: wakes it up while a read would block.
fn interrupt() {
    set_blocking(false);
    // A process may always signal itself.
    _ = kill_process(getpid(), Signal::WINCH);
}

fn set_blocking(is_blocking: bool) {
    let stdin = std::io::stdin();
    let Ok(flags) = fcntl_getfl(&stdin) else { return };
    let wanted = if is_blocking { flags - OFlags::NONBLOCK } else { flags | OFlags::NONBLOCK };
    if wanted != flags {
        // On failure, a paste becomes several inputs.
        _ = fcntl_setfl(&stdin, wanted);
    }
}

type Entry = Result<String, ReadlineError>;

impl Repl<'_> {
    /// Reads the next input.
    pub fn entry(&mut self, editor: &mut LineEditor) -> Entry {
        match (self.session.terminal.stdin, self.session.terminal.dumb) {
            (false, _) => self.piped(),
            (true, true) => dumb(editor),
            (true, false) => self.typed(editor),
        }
    }

    fn typed(&mut self, editor: &mut LineEditor) -> Entry {
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
            // The line editor has moved to a new line.
            let up = if is_entry { 1 } else { self.rows(&text) };
            _ = output::put(&format!("\x1b[{up}A\r\x1b[J"), &self.session.terminal);
            if is_entry {
                self.rest = Some(begun.to_string());
                return Ok(whole.to_string());
            }
            read = editor.readline_with_initial(PROMPT, (&text, ""));
        }
    }

    /// Returns the number of screen rows that a text takes behind the prompt.
    fn rows(&self, text: &str) -> usize {
        let columns = self.session.terminal.size.map_or(80, |(columns, _)| columns.max(1));
        let rows = |(i, line): (usize, &str)| (width(line) + if i == 0 { PROMPT.len() } else { 0 }) / columns + 1;
        text.split('\n').enumerate().map(rows).sum()
    }

    /// Reads the lines of a pipe that belong together. A line that ends in `;` is complete.
    fn piped(&mut self) -> Entry {
        let mut entry = match self.ahead.take() {
            Some(line) => line,
            None => line_of_stdin()?.ok_or(ReadlineError::Eof)?,
        };
        let is_whole = |entry: &str| {
            let is_ended = || entry.trim_end().ends_with(';') && !syntax::is_incomplete(entry);
            entered::recognised(entry).is_some() || entry.trim().is_empty() || is_ended()
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

/// Reads the lines that have arrived at a terminal that cannot move its cursor.
fn dumb(editor: &mut LineEditor) -> Entry {
    let mut entry = editor.readline(PROMPT)?;
    while !entry.trim().is_empty() && has_input(SOON) {
        entry += "\n";
        entry += &line_of_stdin()?.unwrap_or_default();
    }
    Ok(entry)
}

/// Returns whether unread input is available, or arrives within a time.
fn has_input(within: Duration) -> bool {
    let stdin = std::io::stdin();
    let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
    let moment = Timespec::try_from(within).ok();
    moment.is_some_and(|moment| poll(&mut fds, Some(&moment)).is_ok_and(|ready| ready > 0))
}

/// Reads the next line without its end; `None` after the last.
fn line_of_stdin() -> Result<Option<String>, ReadlineError> {
    let mut line = String::new();
    if std::io::stdin().read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let text = line.strip_suffix('\n').unwrap_or(&line);
    Ok(Some(text.strip_suffix('\r').unwrap_or(text).to_string()))
}
