//! An open graph, with the settings for queries. `show` writes the answers.

use super::args::{Arguments, Global, Query};
use super::output::reason;
use super::progress::{self, QUERY, Sign, Task, Watch};
use super::terminal::Terminal;
use super::{Exit, elsewhere, loading, memory, reading, repl};
use crate::answer::{Answer, Subgraph, View};
use crate::graph::Graph;
use crate::limits::{self, Budget, Origin};
use crate::render::Format;
use crate::snapshot;
use crate::text::{Text, suggest};
use crate::value::{Date, Truth};
use crate::{Database, Engine, Error, Options, Prepared};
use clap::CommandFactory;
use std::cell::{Cell, RefCell};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub struct Session {
    /// The graph; of one whose facts lie elsewhere, its catalogue.
    pub database: Database,
    /// What answers queries if the facts lie elsewhere.
    pub engine: Option<Arc<dyn Engine>>,
    /// The name of a graph on a cluster as it was given; [`Global::graph`] has it without credentials.
    named: Option<PathBuf>,
    pub global: Global,
    pub terminal: Terminal,
    /// Whether Ctrl-C ends the process, because no query is running that it could stop.
    pub idle: Arc<AtomicBool>,
    /// The day as of which the graph is read, unless a query names one.
    pub as_of: Option<Date>,
    /// The current statement, or other work that is limited as a whole.
    task: RefCell<Task>,
    /// The time that the command took before its first statement, mainly for opening the graph. It counts towards the
    /// time of that statement.
    spent: Cell<Duration>,
    /// Whether the file of `--output` has been written; it holds a single answer.
    pub wrote: Cell<bool>,
    /// Whether an answer was written to stdout; an empty line separates it from the next.
    pub shown: Cell<bool>,
}

/// A query with its answer.
pub struct AnsweredQuery {
    pub prepared: Prepared,
    pub answer: Arc<Answer>,
    /// The facts that took part, if they were computed with the answer.
    pub facts: Option<Arc<Subgraph>>,
    pub took: Duration,
    /// Number of rows cut off by `--limit`.
    pub left_out: usize,
}

impl Session {
    /// Opens the graph that the arguments name.
    pub fn open(mut global: Global, terminal: Terminal) -> Result<Session, Exit> {
        let begun = Origin { held: 0, ..Origin::now() };
        terminal.listen();
        let idle = terminal.idle.clone();
        let database = Database::of(Graph::default());
        let task = RefCell::new(Task::new("loading", memory::limits_of(&global), begun));
        let (spent, wrote, shown) = (Cell::default(), Cell::default(), Cell::default());
        let named = global.graph.clone().filter(|path| elsewhere::is_name(path));
        global.graph = global.graph.take().map(|path| elsewhere::shown(&path));
        let mut session =
            Session { database, engine: None, named, global, terminal, idle, as_of: None, task, spent, wrote, shown };
        (session.database, session.engine) = session.load().map_err(|error| report(&session.terminal, error, None))?;
        session.spent.set(begun.at.elapsed());
        Ok(session)
    }

    /// Opens the graph of the settings, and the engine that has its facts if they lie elsewhere.
    pub fn load(&self) -> Result<(Database, Option<Arc<dyn Engine>>), Error> {
        let Some(path) = self.global.graph.clone().filter(|path| !path.as_os_str().is_empty()) else {
            // The built-in graph is opened without limits, because it is small.
            return Ok((Database::builtin(), None));
        };
        if elsewhere::is_name(&path) {
            let given = self.named.clone().filter(|named| elsewhere::shown(named) == path).unwrap_or(path);
            let settings = self.global.cluster.clone();
            self.begin("connecting");
            return self.working(Sign::Loading, move |_| {
                let (database, engine) = elsewhere::open(&given, &settings)?;
                Ok((database, Some(engine)))
            });
        }
        if snapshot::is_snapshot(&path) {
            loading::expect_cuts(&path, &self.terminal);
        }
        let access = self.global.access();
        self.begin("loading");
        self.working(Sign::Loading, move |watch| Ok((loading::open(Some(&path), access, watch)?, None)))
    }

    /// Reads all facts of a graph that lie elsewhere, for commands that read the whole graph.
    pub fn fetch(&mut self) -> Result<(), Error> {
        if let Some(engine) = self.engine.take() {
            self.begin("loading");
            self.database = self.working(Sign::Loading, move |_| Ok(Database::of(engine.whole()?)))?;
        }
        Ok(())
    }

    pub fn graph(&self) -> &Graph {
        self.database.graph()
    }

    pub fn options(&self) -> Options {
        Options {
            params: self.global.param.iter().cloned().collect(),
            possibly: self.global.possibly,
            as_of: self.as_of,
            limits: memory::limits_of(&self.global),
            ..Options::default()
        }
    }

    /// Begins work that is limited as a whole: a statement from parsing to output, or the work that `work` names. If
    /// the process ends with it, its memory limit applies to the whole process, and the work before the first statement
    /// counts towards it.
    pub fn begin(&self, work: &'static str) {
        self.terminal.interrupt.store(false, Ordering::SeqCst);
        let now = Origin::now();
        let begun = match self.idle.load(Ordering::SeqCst) {
            true => Origin { at: now.at.checked_sub(self.spent.get()).unwrap_or(now.at), held: 0 },
            false => now,
        };
        *self.task.borrow_mut() = Task::new(work, memory::limits_of(&self.global), begun);
    }

    /// Returns the budget of the current work.
    pub fn budget(&self) -> Budget {
        self.task.borrow().budget.clone()
    }

    /// Prepares a program.
    pub fn prepare(&self, text: &Arc<Text>) -> Result<Vec<Prepared>, Error> {
        let (database, text, options) = (self.database.clone(), text.clone(), self.options());
        self.working(Sign::Rows, move |_| database.prepare(&text.body, &options))
    }

    /// Runs a query.
    pub fn answer(&self, prepared: Prepared) -> Result<AnsweredQuery, Error> {
        let start = Instant::now();
        let (prepared, mut answer, facts) = match (self.engine.clone(), self.wants_facts(&prepared)) {
            (Some(engine), false) => {
                let options = self.options();
                let (prepared, answer) = self.working(Sign::Rows, move |_| engine.answer(&prepared, &options))?;
                (prepared, answer, None)
            }
            (_, true) => {
                let prepared = self.with_facts(&prepared)?;
                let (answer, facts) = self.asking(&prepared, Database::run_with_facts)?;
                (prepared, answer, Some(facts))
            }
            (None, false) => {
                let answer = self.asking(&prepared, Database::run)?;
                (prepared, answer, None)
            }
        };
        let took = start.elapsed();
        let rows = &mut answer.table.rows;
        let left_out = rows.len().saturating_sub(self.global.limit.unwrap_or(usize::MAX));
        if left_out > 0 {
            let shown = rows.len() - left_out;
            rows.truncate(shown);
        }
        Ok(AnsweredQuery { prepared, answer: Arc::new(answer), facts: facts.map(Arc::new), took, left_out })
    }

    /// Returns a query prepared on a graph that has the facts of its matches.
    pub fn with_facts(&self, prepared: &Prepared) -> Result<Prepared, Error> {
        let Some(engine) = self.engine.clone() else { return Ok(prepared.clone()) };
        let (prepared, options) = (prepared.clone(), self.options());
        self.working(Sign::Rows, move |_| engine.with_facts(&prepared, &options))
    }

    /// Returns the answer on a graph that has the facts of its matches, which are returned with it.
    pub fn drawable(&self, answered: &AnsweredQuery) -> Result<AnsweredQuery, Error> {
        let prepared = self.with_facts(&answered.prepared)?;
        let is_same = prepared.is_of(&answered.prepared.database());
        let (answer, facts) = match (&answered.facts, is_same) {
            (Some(facts), true) => (answered.answer.clone(), facts.clone()),
            (None, true) => (answered.answer.clone(), Arc::new(self.asking(&prepared, Database::subgraph)?)),
            (_, false) => {
                let (answer, facts) = self.asking(&prepared, Database::run_with_facts)?;
                (Arc::new(answer), Arc::new(facts))
            }
        };
        Ok(AnsweredQuery { prepared, answer, facts: Some(facts), ..*answered })
    }

    /// Returns whether the answer will be drawn or written as a graph.
    fn wants_facts(&self, prepared: &Prepared) -> bool {
        let file =
            prepared.query.to.clone().or_else(|| Some(self.global.output.as_ref()?.to_string_lossy().into_owned()));
        let by_name = file.and_then(|file| Format::of_file(&file));
        self.global.format.or(by_name).is_some_and(Format::is_graph)
    }

    /// Runs work that Ctrl-C can stop, with a progress display on a terminal.
    pub fn working<T: Send + 'static>(
        &self,
        sign: Sign,
        work: impl FnOnce(&Watch) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let was_idle = self.idle.swap(false, Ordering::SeqCst);
        let sign = if self.terminal.shows_progress() { sign } else { Sign::None };
        let task = self.task.borrow().clone();
        // A session continues after a limit, so its threads must not be held up.
        memory::bound(task.budget.most_held().filter(|_| was_idle));
        // Once the budget is exhausted the result may be incomplete.
        let whole = move |watch: &Watch| {
            let done = work(watch);
            limits::check()?;
            done
        };
        let result = progress::run(sign, &self.terminal.interrupt, &task, whole);
        self.idle.store(was_idle, Ordering::SeqCst);
        result?
    }

    /// Runs a query on the graph that it was prepared for.
    pub fn asking<T: Send + 'static>(
        &self,
        prepared: &Prepared,
        ask: impl FnOnce(&Database, &Prepared, &Options) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (prepared, options) = (prepared.clone(), self.options());
        self.working(Sign::Rows, move |_| ask(&prepared.database(), &prepared, &options))
    }

    /// Runs a program and writes its answers; stops at the first error.
    pub fn run(&self, text: &Arc<Text>) -> Exit {
        self.begin(QUERY);
        self.spent.take();
        let prepared = match self.prepare(text) {
            Ok(prepared) => prepared,
            Err(error) => return self.fail(error, text),
        };
        if let Err(exit) = self.confined(&prepared, text) {
            return exit;
        }
        let mut exit = Exit::Done;
        for (i, prepared) in prepared.into_iter().enumerate() {
            if i > 0 {
                self.begin(QUERY);
            }
            let answered = match self.answer(prepared) {
                Ok(answered) => answered,
                Err(error) => return self.fail(error, text),
            };
            if let Err(exit) = self.show(&answered, text) {
                return exit;
            }
            if self.global.lines {
                reading::tell_lines(self, &answered.answer.table);
            }
            if self.global.exit_status && is_nothing(&answered.answer) {
                exit = Exit::Nothing;
            }
        }
        exit
    }

    /// Returns an error if a query from a file or stdin writes outside of the working folder: the user may not have
    /// written it.
    pub fn confined(&self, prepared: &[Prepared], text: &Arc<Text>) -> Result<(), Exit> {
        let is_typed = text.name == TYPED || self.global.write_outside;
        let files = prepared.iter().filter_map(|prepared| prepared.query.to.as_deref());
        let Some(outside) = files.filter(|_| !is_typed).find(|file| leads_out(Path::new(file))) else { return Ok(()) };
        let words = "leads out of the working folder; add --write-outside if it may";
        self.terminal.error(&format!("{}: `to \"{outside}\"` {words}", text.name));
        Err(Exit::Usage)
    }

    /// Runs a query made of keywords and an optional name.
    pub fn run_words(&self, words: &[&str], name: Option<&str>) -> Exit {
        let body: Vec<&str> = words.iter().copied().chain(name).collect();
        self.run(&Text::new("query", body.join(" ")))
    }

    pub fn fail(&self, error: Error, text: &Arc<Text>) -> Exit {
        report(&self.terminal, error, Some(text))
    }
}

/// The name of typed texts. [`read`] ensures that no file has it.
const TYPED: &str = "query";

/// Returns whether a path leads out of the working folder, not considering links.
fn leads_out(path: &Path) -> bool {
    let mut depth = 0_i32;
    path.components().any(|part| {
        match part {
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth -= 1,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return true,
        }
        depth < 0
    })
}

/// Reports an error and returns the exit status.
pub fn report(terminal: &Terminal, error: Error, text: Option<&Arc<Text>>) -> Exit {
    let none = Text::new("query", "");
    match error {
        Error::Query(own, diagnostics) => {
            let text = text.filter(|text| text.body == own.body).unwrap_or(&own);
            terminal.report(&diagnostics, text);
            Exit::Query
        }
        Error::Data(diagnostics) => {
            terminal.report(&diagnostics, &none);
            Exit::Data
        }
        Error::Read { .. } | Error::Write { .. } => {
            terminal.error(&error.to_string());
            Exit::File
        }
        Error::Limit(diagnostic) => {
            terminal.report(&diagnostic.into(), text.unwrap_or(&none));
            Exit::Limit
        }
        Error::Usage(sentence) => {
            terminal.error(&sentence);
            Exit::Usage
        }
        Error::Interrupted => {
            terminal.info("stopped");
            Exit::Interrupted
        }
    }
}

/// Returns whether the answer is empty, no, or unknown.
pub fn is_nothing(answer: &Answer) -> bool {
    match &answer.view {
        View::Verdict(truth) => *truth != Truth::Yes,
        View::Graph(part) => part.facts.is_empty() && part.derived.is_empty(),
        View::Why(explained) => explained.is_empty(),
        View::Plan(_) => false,
        _ => answer.table.rows.is_empty(),
    }
}

/// Runs the queries of files and arguments, or of stdin; then the session, if the user is at a terminal and there was
/// nothing to run.
pub fn query(session: &mut Session, query: &Query) -> Exit {
    let mut texts = Vec::new();
    for path in &query.file {
        match read(path, &session.terminal) {
            Ok(text) => texts.push(text),
            Err(exit) => return exit,
        }
    }
    texts.extend(query.queries.iter().map(|query| Text::new("query", query.as_str())));
    if texts.is_empty() && !session.terminal.interactive && !query.interactive {
        match read(Path::new("-"), &session.terminal) {
            Ok(text) => texts.push(text),
            Err(exit) => return exit,
        }
    }
    match misread(session, &query.queries) {
        Ok(None) => {}
        Ok(Some(words)) => {
            session.terminal.error(&words);
            return Exit::Usage;
        }
        Err(error) => return report(&session.terminal, error, None),
    }
    let wants_repl = query.interactive || texts.is_empty();
    let mut exit = Exit::Done;
    for text in &texts {
        match session.run(text) {
            Exit::Done => {}
            Exit::Nothing => exit = Exit::Nothing,
            other => return other,
        }
    }
    if wants_repl { repl::run(session, &texts) } else { exit }
}

/// Returns a suggestion for arguments that are not queries: one query without quotes, or a command.
fn misread(session: &Session, queries: &[String]) -> Result<Option<String>, Error> {
    // Counts towards the time of the first query.
    session.begin(QUERY);
    let start = Instant::now();
    let is_sound = |query: &str| match session.prepare(&Text::new("query", query)) {
        Err(error @ (Error::Limit(_) | Error::Interrupted)) => Err(error),
        prepared => Ok(prepared.is_ok()),
    };
    let mut are_sound = true;
    for query in queries {
        are_sound = are_sound && is_sound(query)?;
    }
    session.spent.set(session.spent.get() + start.elapsed());
    if are_sound {
        return Ok(None);
    }
    Ok(match queries {
        [word] if !word.contains(' ') => {
            let commands = Arguments::command();
            let names = commands.get_subcommands().map(|command| command.get_name());
            let near = suggest::nearest(word, names);
            near.first().map(|near| format!("`{word}` is neither a query nor a command; did you mean `begat {near}`?"))
        }
        [_] => None,
        _ => {
            let whole = queries.join(" ");
            is_sound(&whole)?.then(|| format!("each argument is a query of its own; write `begat '{whole}'`"))
        }
    })
}

/// Reads a file; `-` is stdin.
pub fn read(path: &Path, terminal: &Terminal) -> Result<Arc<Text>, Exit> {
    let mut bytes = Vec::new();
    let result = match path == Path::new("-") {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ()),
        false => std::fs::read(path).map(|read| bytes = read),
    };
    let name = match path.to_str() {
        Some("-") => "stdin".to_string(),
        Some(TYPED) => format!("./{TYPED}"),
        _ => path.display().to_string(),
    };
    if let Err(error) = result {
        terminal.error(&format!("cannot read `{name}`: {}", reason(&error)));
        return Err(Exit::File);
    }
    match String::from_utf8(bytes) {
        Ok(body) => Ok(Text::new(name, body)),
        Err(_) => {
            terminal.error(&format!("cannot read `{name}`: it is not UTF-8"));
            Err(Exit::File)
        }
    }
}
