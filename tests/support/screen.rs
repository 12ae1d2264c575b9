//! `begat` at a terminal, as a person meets it: a pseudo-terminal whose screen can be read.

use pty_process::blocking::{Command, Pty};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// What is waited for comes within that time, or the test fails. Far more than is ever needed.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Screen {
    pty: Arc<Pty>,
    child: Child,
    seen: Arc<Mutex<Seen>>,
}

/// What has come out of the terminal.
struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    ended: bool,
}

/// A folder of its own for each test, removed at the end: home, state, settings.
pub struct Home(pub PathBuf);

impl Home {
    pub fn new(name: &str) -> Home {
        let folder = std::env::temp_dir().join(format!("begat-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Home(folder)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn history(&self) -> PathBuf {
        self.file(".local/state/begat/history")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What is left behind hurts nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Screen {
    /// Runs `begat` on a screen of so many lines and columns.
    pub fn run(home: &Home, (lines, columns): (u16, u16), arguments: &[&str], env: &[(&str, &str)]) -> Screen {
        Screen::of(env!("CARGO_BIN_EXE_begat"), home, (lines, columns), arguments, env)
    }

    /// Runs any program so.
    pub fn of(
        program: &str,
        home: &Home,
        (lines, columns): (u16, u16),
        arguments: &[&str],
        env: &[(&str, &str)],
    ) -> Screen {
        let (pty, pts) = pty_process::blocking::open().expect("a pseudo-terminal");
        pty.resize(pty_process::Size::new(lines, columns)).expect("a size");
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TERM", "xterm-256color")
            .env("HOME", &home.0)
            .envs(env.iter().copied())
            .current_dir(&home.0)
            .spawn(pts)
            .expect("the program starts");
        let size = |n| NonZeroU16::new(n).expect("a screen has lines and columns");
        let parser = vt100::Parser::new(size(lines), size(columns), 10_000);
        let seen = Arc::new(Mutex::new(Seen { parser, bytes: Vec::new(), ended: false }));
        let pty = Arc::new(pty);
        let (from, into) = (pty.clone(), seen.clone());
        std::thread::spawn(move || watch(&from, &into));
        Screen { pty, child, seen }
    }

    /// A session on the built-in graph, at its first prompt.
    pub fn session(home: &Home) -> Screen {
        let screen = Screen::run(home, (40, 100), &[], &[]);
        screen.wait_for("begat> ");
        screen
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("the watcher does not panic")
    }

    /// Types without Enter.
    pub fn type_(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Types a line after a moment's thought, and waits until the prompt after its answer.
    pub fn enter(&self, line: &str) -> String {
        std::thread::sleep(Duration::from_millis(5));
        let before = self.prompts();
        self.type_(line);
        self.type_("\r");
        self.wait("a new prompt", |screen| screen.prompts() > before && screen.line().starts_with("begat>"));
        self.text()
    }

    /// Waits until some text stands on the screen.
    pub fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.text().contains(text));
    }

    /// Waits until something holds; gives the time that it took.
    pub fn wait(&self, what: &str, holds: impl Fn(&Screen) -> bool) -> Duration {
        let start = Instant::now();
        while !holds(self) {
            assert!(start.elapsed() < PATIENCE, "waited in vain for `{what}`; the screen has:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(2));
        }
        start.elapsed()
    }

    /// What stands on the screen, without the times that stand behind counts.
    pub fn text(&self) -> String {
        untimed(&self.seen().parser.screen().contents())
    }

    /// The line that the cursor is in, up to its end.
    pub fn line(&self) -> String {
        let seen = self.seen();
        let screen = seen.parser.screen();
        let (row, _) = screen.cursor_position();
        screen.rows(0, screen.size().1.get()).nth(row as usize).unwrap_or_default()
    }

    /// The part of the line before the cursor.
    pub fn before_cursor(&self) -> String {
        let seen = self.seen();
        let (row, column) = seen.parser.screen().cursor_position();
        seen.parser.screen().rows(0, column).nth(row as usize).unwrap_or_default()
    }

    /// How often the prompt for a new line has been written: each comes after a line break and bracketed paste.
    fn prompts(&self) -> usize {
        let on = b"\x1b[?2004h";
        self.seen().bytes.windows(on.len()).filter(|bytes| bytes == on).count()
    }

    /// Everything that came out, with its escapes.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen().bytes.clone()
    }

    /// Everything that came out, once nothing more will.
    pub fn bytes_at_end(&self) -> Vec<u8> {
        self.wait("the end of the output", |screen| screen.seen().ended);
        self.bytes()
    }

    /// The colour of the first letter of a word's last occurrence on the screen, and whether it is underlined.
    pub fn look(&self, word: &str) -> Option<(vt100::Color, bool)> {
        let seen = self.seen();
        let screen = seen.parser.screen();
        let rows: Vec<String> = screen.rows(0, screen.size().1.get()).collect();
        let (row, at) = rows.iter().enumerate().rev().find_map(|(row, text)| Some((row, text.rfind(word)?)))?;
        let column = rows[row][..at].chars().count();
        let cell = screen.cell(row as u16, column as u16)?;
        Some((cell.fgcolor(), cell.underline()))
    }

    /// Waits until the program ends.
    pub fn end(mut self) -> (ExitStatus, String) {
        let start = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("the child can be waited for") {
                Some(status) => break status,
                None if start.elapsed() > PATIENCE => panic!("it does not end:\n{}", self.text()),
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        self.wait("the end of the output", |screen| screen.seen().ended);
        (status, self.text())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn watch(pty: &Pty, seen: &Mutex<Seen>) {
    let mut bytes = [0; 4096];
    let mut from = pty;
    // Once the other end is closed, reading is an error.
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let mut seen = seen.lock().expect("no test panics while it looks");
        seen.parser.process(&bytes[..count]);
        seen.bytes.extend_from_slice(&bytes[..count]);
    }
    seen.lock().expect("no test panics while it looks").ended = true;
}

/// A text without the times at the ends of its lines, which no test can know.
pub fn untimed(text: &str) -> String {
    let lines = text.split('\n').map(|line| match line.rsplit_once(" · ") {
        Some((rest, time)) if time.ends_with(" ms") => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Writes a file.
pub fn write(path: &Path, text: &str) {
    std::fs::write(path, text).expect("the file is written");
}
