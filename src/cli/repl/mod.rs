//! The interactive session: reads a program, runs it, shows the answers, repeats.
//!
//! rustyline reads lines; [`Assistant`] supplies colours, completion, hints and the decision to read more lines. A line
//! that begins with a colon is a command, a row of [`COMMANDS`].

mod assistant;
mod block;
mod commands;
mod curating;
mod entered;
mod entry;
mod help;
mod listed;

pub use commands::{COMMANDS, CommandInfo};

use super::args::Global;
use super::progress::QUERY;
use super::session::{AnsweredQuery, Session, read};
use super::show::{Shown, counted, footer, is_counted, is_drawn};
use super::{Exit, output};
use crate::Error;
use crate::graph::{FactId, Graph};
use crate::render::{Emphasis, Format, paint};
use crate::syntax;
use crate::text::{Diagnostics, Text};
use assistant::{Assistant, TakesOffer};
use block::{Piece, begins_clause, last_statement, pieces};
use rustyline::config::{Config, Configurer};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::history::FileHistory;
use rustyline::{Cmd, CompletionType, Editor, EventHandler, KeyCode, KeyEvent, Modifiers};
use std::borrow::Cow;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

const PROMPT: &str = "begat> ";
/// An Enter that comes earlier after the prompt was typed ahead, and does not accept the offer. (The line editor does
/// not reveal what it has buffered; buffered input arrives in a fifth of this time, and no user reacts so fast.)
const REACTION: Duration = Duration::from_micros(500);

/// The state of a session.
pub struct Repl<'s> {
    pub session: &'s mut Session,
    /// `_`: the last answer, with its text.
    pub last: Option<(AnsweredQuery, Arc<Text>)>,
    /// The programs that ran without error, for `:save` and `:reload`; the first `settled` come from the settings.
    pub programs: Vec<String>,
    pub settled: usize,
    /// The file to which all output is copied, if set.
    pub log: Option<PathBuf>,
    /// What the next prompt offers: the corrected query after an error, or the text from an editor.
    pub offer: Option<String>,
    /// Whether commands print nothing, while the settings are read.
    pub silent: bool,
    /// Source and locator of the last asserted fact.
    pub cited: Option<(String, String)>,
    /// The previous query, which a line that begins with a clause continues.
    before: Option<String>,
    /// A line of a pipe that was read ahead.
    ahead: Option<String>,
    /// The part of the next line that was typed before this one ran.
    rest: Option<String>,
}

/// Whether the session continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Prompt,
    Quit,
}

/// Runs a session until it ends. `texts` have run before it; their definitions stay valid.
pub fn run(session: &mut Session, texts: &[Arc<Text>]) -> Exit {
    for text in texts {
        // They ran without error.
        let _ = session.database.define(&text.body);
    }
    session.idle.store(false, Ordering::SeqCst);
    session.global.no_pager |= !session.terminal.stdout;
    let mut editor = match editor(session) {
        Ok(editor) => editor,
        Err(error) => {
            session.terminal.error(&format!("cannot read from the terminal: {error}"));
            return Exit::File;
        }
    };
    if !session.terminal.quiet {
        // A closed terminal is noticed at the prompt.
        let _ = output::print(&format!("{}\n", greeting(session)), &session.terminal);
    }
    let history = history_file(session);
    if let Some(path) = &history {
        // Before the first session there is none.
        let _ = editor.load_history(path);
    }
    let mut repl = Repl {
        session,
        last: None,
        programs: Vec::new(),
        settled: 0,
        log: None,
        offer: None,
        silent: false,
        cited: None,
        before: None,
        ahead: None,
        rest: None,
    };
    repl.settle(&mut editor);
    repl.prompt(&mut editor, history)
}

type LineEditor = Editor<Assistant, FileHistory>;

fn editor(session: &Session) -> rustyline::Result<LineEditor> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .history_ignore_space(true)
        .max_history_size(10_000)?
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_color_mode(match session.terminal.color_out {
        true => rustyline::ColorMode::Enabled,
        false => rustyline::ColorMode::Disabled,
    });
    editor.set_helper(Some(Assistant::new(session)));
    for modifiers in [Modifiers::ALT, Modifiers::SHIFT] {
        editor.bind_sequence(KeyEvent(KeyCode::Enter, modifiers), Cmd::Newline);
    }
    for key in [KeyCode::Left, KeyCode::Home, KeyCode::Backspace] {
        editor.bind_sequence(KeyEvent(key, Modifiers::NONE), EventHandler::Conditional(Box::new(TakesOffer)));
    }
    Ok(editor)
}

/// Returns a summary of the graph: the first types in the schema that have entities, and whether every fact has a
/// source.
fn greeting(session: &Session) -> String {
    let graph = session.graph();
    let top = graph.schema().types().filter(|(_, type_)| type_.parent.is_none());
    let counts = top.map(|(_, type_)| (graph.count_of(type_.subtypes), &type_.name));
    let counts: Vec<(usize, &String)> = counts.filter(|(number, _)| *number > 0).collect();
    let mut parts: Vec<String> = counts.iter().take(3).map(|(number, name)| counted(*number, name)).collect();
    let rest: usize = counts.iter().skip(3).map(|(number, _)| number).sum();
    if rest > 0 {
        parts.push(format!("{rest} others"));
    }
    let version = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));
    let facts = match &session.engine {
        Some(engine) => format!("{} facts elsewhere", engine.census().facts()),
        None => sourced(graph),
    };
    format!("begat {version} · {}; {facts} · :help", parts.join(", "))
}

/// Larger graphs are not checked for unsourced facts.
const LOOKED_THROUGH: usize = 100_000;

fn sourced(graph: &Graph) -> String {
    let count = graph.fact_count();
    let is_sourced = |fact: u32| !graph.claims().numbers(FactId(fact)).is_empty();
    match count <= LOOKED_THROUGH && (0..count as u32).all(is_sourced) {
        true => "every fact sourced".to_string(),
        false => counted(count, "fact"),
    }
}

/// Returns `$XDG_STATE_HOME/begat/history`, which rustyline makes readable for its owner only; `None` if no one types,
/// since a script has no history.
fn history_file(session: &Session) -> Option<PathBuf> {
    state_folder(&session.global).filter(|_| std::io::stdin().is_terminal()).map(|folder| folder.join("history"))
}

/// Returns `$XDG_STATE_HOME/begat`, and creates it; `None` without settings.
pub fn state_folder(global: &Global) -> Option<PathBuf> {
    let folder = folder("XDG_STATE_HOME", ".local/state").filter(|_| !global.no_config)?;
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder)
}

/// Reads `$XDG_CONFIG_HOME/begat/init.begat`, if it exists: commands and definitions for every session.
fn settings(session: &Session) -> Option<Arc<Text>> {
    let config = folder("XDG_CONFIG_HOME", ".config").filter(|_| !session.global.no_config)?;
    let path = config.join("init.begat");
    if path.is_file() { read(&path, &session.terminal).ok() } else { None }
}

/// Returns begat's folder within the one that a variable names, or within one in the home folder.
fn folder(variable: &str, at_home: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set(variable).or_else(|| Some(set("HOME")?.join(at_home))).map(|folder| folder.join("begat"))
}

impl Repl<'_> {
    /// Runs the settings.
    fn settle(&mut self, editor: &mut LineEditor) {
        let Some(text) = settings(self.session) else { return };
        self.silent = true;
        self.enter(&text.body, editor);
        (self.silent, self.offer) = (false, None);
        self.settled = self.programs.len();
        if let Some(assistant) = editor.helper_mut() {
            assistant.look_at(self.session);
        }
    }

    fn prompt(&mut self, editor: &mut LineEditor, history: Option<PathBuf>) -> Exit {
        loop {
            self.session.terminal.measure();
            let offer = self.offer.take();
            if let Some(assistant) = editor.helper_mut() {
                assistant.offer = offer.clone();
            }
            let shown = Instant::now();
            let line = match self.entry(editor) {
                Ok(line) if line.trim().is_empty() => match offer.filter(|_| shown.elapsed() > REACTION) {
                    Some(offer) => {
                        self.echo(&offer, editor);
                        offer
                    }
                    None => continue,
                },
                Ok(line) => line,
                Err(ReadlineError::Interrupted) => continue,
                Err(ReadlineError::Eof) => return Exit::Done,
                Err(error) => {
                    self.session.terminal.error(&format!("cannot read from the terminal: {error}"));
                    return Exit::File;
                }
            };
            self.session.terminal.interrupt.store(false, Ordering::SeqCst);
            self.remember(editor, &line, history.as_ref());
            if self.enter(&line, editor) == Next::Quit {
                return Exit::Done;
            }
            if let Some(assistant) = editor.helper_mut() {
                assistant.look_at(self.session);
            }
        }
    }

    /// Prints the accepted offer in place of its hint.
    fn echo(&self, offer: &str, editor: &LineEditor) {
        let terminal = &self.session.terminal;
        let painted = editor.helper().map(|assistant| assistant.highlight(offer, 0));
        let prompt = paint(Emphasis::Head, PROMPT, terminal.color_out);
        if !terminal.dumb {
            // A closed terminal is noticed at the next prompt.
            let _ = output::put("\x1b[A\r", terminal);
        }
        let _ = output::print(&format!("{prompt}{}\n", painted.as_deref().unwrap_or(offer)), terminal);
    }

    fn remember(&self, editor: &mut LineEditor, line: &str, history: Option<&PathBuf>) {
        // A history that cannot be saved does not end the session.
        let _ = editor.add_history_entry(line);
        if let Some(path) = history {
            let _ = editor.append_history(path);
        }
    }

    /// Runs the input: commands, and programs, which are parsed as a file is.
    fn enter(&mut self, entered: &str, editor: &mut LineEditor) -> Next {
        let pieces = pieces(&self.gone_on(entered));
        let is_one = pieces.len() == 1;
        for piece in pieces {
            match piece {
                Piece::Command(line) => {
                    let Some(command) = entered::recognised(&line) else { continue };
                    if self.command(command, editor) == Next::Quit {
                        return Next::Quit;
                    }
                }
                Piece::Program(body) => {
                    // A paste runs without an offer: a correction would apply to only one of its lines.
                    if self.program(&Text::new("query", body.as_str()), is_one) {
                        self.before = last_statement(&body).map(String::from);
                    }
                }
            }
        }
        Next::Prompt
    }

    /// Returns the input, after the previous query if it begins with a clause.
    fn gone_on<'e>(&self, entered: &'e str) -> Cow<'e, str> {
        let first = entered.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        match self.before.as_ref().filter(|before| begins_clause(before, first)) {
            Some(before) => format!("{before}\n{entered}").into(),
            None => entered.into(),
        }
    }

    /// Runs a program: keeps its definitions and shows its answers. With `mended`, offers a correction. Returns whether
    /// there was no error.
    pub fn program(&mut self, text: &Arc<Text>, mended: bool) -> bool {
        match self.try_program(text) {
            Ok(()) => {
                self.programs.push(text.body.clone());
                true
            }
            Err(mut error) => {
                if let Error::Query(_, diagnostics) = &mut error {
                    self.offer = corrected(&text.body, diagnostics).filter(|_| mended);
                    announce(diagnostics, self.offer.is_some());
                }
                self.session.fail(error, text);
                false
            }
        }
    }

    fn try_program(&mut self, text: &Arc<Text>) -> Result<(), Error> {
        self.session.begin(QUERY);
        let prepared = self.session.prepare(text)?;
        if self.session.confined(&prepared, text).is_err() {
            // The reason has been reported.
            return Ok(());
        }
        self.session.database.define(&text.body)?;
        self.tell_defined(text);
        for prepared in prepared {
            self.session.begin(QUERY);
            let answered = self.session.answer(prepared)?;
            self.session.note(&answered, text);
            match answered.prepared.query.to.clone() {
                Some(path) => {
                    // Errors have been reported.
                    let _ = self.session.write(&answered, path.as_ref(), text);
                }
                None => self.show(&answered, None, text),
            }
            self.last = Some((answered, text.clone()));
        }
        Ok(())
    }

    /// Reports the verbs that a program defines.
    fn tell_defined(&self, text: &Arc<Text>) {
        let statements = syntax::parse(&text.body).map(|program| program.statements).unwrap_or_default();
        let defined = statements.iter().filter_map(|statement| match statement {
            syntax::ast::Statement::Define(define) => Some(syntax::print::sentence(&define.head)),
            syntax::ast::Statement::Query(_) => None,
        });
        for head in defined.filter(|_| !self.silent) {
            self.session.terminal.info(&format!("defined: {head}"));
        }
    }

    /// Shows an answer with its footer, in the given format or the current one.
    pub fn show(&self, answered: &AnsweredQuery, format: Option<Format>, text: &Arc<Text>) {
        let session = &self.session;
        let format = format.or(session.global.format).unwrap_or_else(|| Format::natural(&answered.answer));
        if let Ok(mut rendered) = session.render(answered, format, false, text) {
            if let Cow::Owned(plain) = session.unstyled(&rendered.text, format) {
                rendered.text = plain;
            }
            self.put(answered, &rendered, is_drawn(format));
        }
    }

    fn put(&self, answered: &AnsweredQuery, rendered: &Shown, footed: bool) {
        let session = &self.session;
        // The time is shown beside a count of rows; elsewhere only if it was noticeable.
        let is_timed = session.global.timing || is_counted(&answered.answer) || answered.took.as_millis() >= 100;
        let footer = footer(answered, rendered, is_timed, ":wide");
        let shown = match footer.is_empty() || !footed {
            true => rendered.text.clone(),
            false => format!("{}{}\n", rendered.text, paint(Emphasis::Aside, &footer, session.terminal.color_out)),
        };
        // A closed pager or terminal is noticed at the next prompt.
        let _ = output::page(&shown, &session.terminal, !session.global.no_pager);
        if let Some(path) = &self.log {
            let plain = anstream::adapter::strip_str(&shown).to_string();
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            if let Err(error) = file.and_then(|mut file| std::io::Write::write_all(&mut file, plain.as_bytes())) {
                session.terminal.error(&format!("cannot write `{}`: {}", path.display(), output::reason(&error)));
            }
        }
    }
}

/// Adds to the offered edit that Enter runs it.
fn announce(diagnostics: &mut Diagnostics, is_offered: bool) {
    let helps = diagnostics.0.iter_mut().filter(|diagnostic| diagnostic.is_error()).flat_map(|error| &mut error.help);
    if let Some(help) = helps.into_iter().find(|help| help.fix.is_some()).filter(|_| is_offered) {
        let mark = if help.message.ends_with('?') { "" } else { ";" };
        help.message += &format!("{mark} Enter runs the corrected query");
    }
}

/// Returns the text after the first edit that a diagnostic offers; `None` if there is none.
fn corrected(text: &str, diagnostics: &Diagnostics) -> Option<String> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    let own = errors.filter(|error| error.labels.first().is_none_or(|label| label.text.is_none()));
    let fix = own.flat_map(|error| &error.help).find_map(|help| help.fix.as_ref())?;
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    Some(format!("{before}{}{after}", fix.replacement)).filter(|fixed| fixed != text)
}

#[cfg(test)]
mod tests {
    use super::corrected;
    use crate::text::{Code, Diagnostic, Diagnostics, Span};

    #[test]
    fn the_first_edit_is_offered() {
        let one = Diagnostic::error(Code::UnknownName, Span::new(11, 15), "x").fix("y", Span::new(11, 15), "MLA");
        assert_eq!(corrected("Model uses MLAA", &Diagnostics(vec![one])).as_deref(), Some("Model uses MLA"));
        let far = Diagnostic::error(Code::UnknownName, Span::new(0, 1), "x").fix("y", Span::new(90, 99), "MLA");
        assert_eq!(corrected("Model", &Diagnostics(vec![far])), None);
    }
}
