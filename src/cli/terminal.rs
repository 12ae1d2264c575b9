//! The three standard streams and their properties. They are inspected once, and the terminal is never queried.

use super::args::{Global, Reports, When};
use super::output::reason;
use super::paper::Width;
use super::{Exit, advice, door};
use crate::render::{TextStyle, json_line};
use crate::text::{Diagnostics, Text};
use signal_hook::consts::SIGINT;
use signal_hook::flag::{register, register_conditional_shutdown};
use std::borrow::Cow;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The streams of this process.
#[derive(Debug, Clone)]
pub struct Terminal {
    /// Whether stdin and stdout are terminals, so that there is a user.
    pub interactive: bool,
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    /// Whether it understands no escape sequences: no colours, no cursor movement.
    pub dumb: bool,
    /// Columns and lines of the screen, if there is one.
    pub size: Option<(usize, usize)>,
    pub color_out: bool,
    pub color_err: bool,
    pub reports: Reports,
    pub quiet: bool,
    /// Set by Ctrl-C when that does not end the process.
    pub interrupt: Arc<AtomicBool>,
    /// Whether Ctrl-C ends the process, because there is no work that it could stop.
    pub idle: Arc<AtomicBool>,
}

impl Terminal {
    pub fn of(global: &Global) -> Terminal {
        let stdin = std::io::stdin().is_terminal();
        let (stdout, stderr) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let color = |is_terminal| wants_color(global.color, is_terminal, |name| std::env::var(name).ok());
        let mut terminal = Terminal {
            interactive: stdout && stdin,
            stdin,
            stdout,
            stderr,
            dumb: std::env::var("TERM").is_ok_and(|term| term == "dumb"),
            size: None,
            color_out: color(stdout),
            color_err: color(stderr),
            reports: global.diagnostics,
            quiet: global.quiet,
            interrupt: Arc::default(),
            idle: Arc::new(AtomicBool::new(true)),
        };
        terminal.measure();
        terminal
    }

    /// Installs the handler for Ctrl-C.
    pub fn listen(&self) {
        let listened = register_conditional_shutdown(SIGINT, Exit::Interrupted as i32, self.idle.clone())
            .and_then(|_| register(SIGINT, self.interrupt.clone()));
        if let Err(error) = listened {
            self.error(&format!("cannot listen for Ctrl-C: {}", reason(&error)));
        }
    }

    /// Updates the size of the screen.
    pub fn measure(&mut self) {
        self.size = terminal_size::terminal_size().map(|(columns, lines)| (columns.0 as usize, lines.0 as usize));
    }

    /// Returns the text style for stdout; with `to_file`, for a file, which is plain and never truncated.
    pub fn looks(&self, global: &Global, to_file: bool) -> TextStyle {
        let characters = match global.width {
            Some(Width::Characters(characters)) => Some(usize::from(characters)),
            _ => None,
        };
        let screen = self.size.filter(|_| self.stdout && !to_file).map(|(columns, _)| columns);
        TextStyle {
            width: characters.or(screen),
            color: self.color_out && !to_file,
            ascii: global.ascii,
            header: !global.no_header,
            wide: global.wide,
            dates: self.stdout && !to_file,
            marks: self.stdout && !to_file,
            guard: global.csv_guard,
        }
    }

    /// Returns whether stderr is a terminal that shows progress.
    pub fn shows_progress(&self) -> bool {
        self.stderr && !self.dumb && !self.quiet
    }

    /// Returns the width of reports on stderr.
    fn width(&self) -> usize {
        self.size.map_or(120, |(columns, _)| columns)
    }

    /// Prints diagnostics on stderr, as text or, if requested, as JSON.
    pub fn report(&self, diagnostics: &Diagnostics, text: &Arc<Text>) {
        if diagnostics.0.is_empty() {
            return;
        }
        let worded = advice::worded(diagnostics);
        let shown = match self.reports {
            Reports::Human => crate::render::diagnostics(&worded, text, self.color_err, self.width()),
            Reports::Json => crate::render::diagnostics_json(&worded, text),
        };
        tell(&shown);
        if self.reports == Reports::Human && worded.0.len() > crate::render::MOST_DIAGNOSTICS {
            tell("`--diagnostics json` shows all\n");
        }
    }

    /// Prints a remark on stderr, unless `--quiet` is set.
    pub fn info(&self, words: &str) {
        if !self.quiet && !words.is_empty() {
            tell(&format!("{}\n", self.plain(words)));
        }
    }

    /// Prints an error without a place in a text.
    pub fn error(&self, words: &str) {
        tell(&self.complaint(words));
    }

    /// Returns an error as it is printed.
    pub fn complaint(&self, words: &str) -> String {
        match self.reports {
            Reports::Human => format!("error: {}\n", self.plain(words)),
            Reports::Json => json_line(&serde_json::json!({ "severity": "error", "message": words })) + "\n",
        }
    }

    /// Sanitises words without colours for stderr.
    fn plain<'w>(&self, words: &'w str) -> Cow<'w, str> {
        if self.stderr { door::plain(words) } else { words.into() }
    }
}

/// Writes to stderr, sanitised if that is a terminal. A closed stderr is ignored.
pub fn tell(words: &str) {
    let is_terminal = std::io::stderr().is_terminal();
    let words = if is_terminal { door::styled(words) } else { words.into() };
    tell_terminal(&words);
}

/// Writes to stderr without sanitising: begat's own control sequences.
pub fn tell_terminal(words: &str) {
    let _ = std::io::stderr().write_all(words.as_bytes());
}

/// Returns whether to use colours: `--color` decides first; then `NO_COLOR`, `CLICOLOR_FORCE`, and whether the stream
/// is a terminal that is not dumb.
fn wants_color(when: When, is_terminal: bool, env: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| env(name).is_some_and(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR") => false,
        When::Auto if env("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") => true,
        When::Auto => is_terminal && env("TERM").as_deref() != Some("dumb"),
    }
}

#[cfg(test)]
mod tests {
    use super::{When, wants_color};

    #[test]
    fn colour_follows_the_conventions() {
        let env = |name: &'static str| move |asked: &str| (asked == name).then(|| "1".to_string());
        assert!(wants_color(When::Auto, true, |_| None));
        assert!(!wants_color(When::Auto, false, |_| None));
        assert!(!wants_color(When::Auto, true, env("NO_COLOR")));
        assert!(wants_color(When::Auto, false, env("CLICOLOR_FORCE")));
        assert!(wants_color(When::Always, false, env("NO_COLOR")));
    }
}
