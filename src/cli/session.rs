//! A graph that is open, the settings it is asked with, and what becomes of an answer.

use super::args::{Arguments, Global, Query, Scale, Theme};
use super::output::{self, page, reason, write_file};
use super::progress::{self, QUERY, Sign, Task, Watch};
use super::terminal::Terminal;
use super::{Exit, door, loading, memory, repl};
use crate::answer::{Answer, Subgraph, Table, View};
use crate::graph::{EntityId, Graph};
use crate::limits;
use crate::render::picture::{self, PictureLooks};
use crate::render::{self, Format, Rendered};
use crate::snapshot;
use crate::text::{Diagnostics, Text, suggest};
use crate::value::{Date, Truth};
use crate::{Database, Error, Options, Prepared};
use clap::CommandFactory;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub struct Session {
    pub database: Database,
    pub global: Global,
    pub terminal: Terminal,
    /// Ctrl-C ends the process: no query runs that could be stopped instead.
    pub idle: Arc<AtomicBool>,
    /// The graph as of that day, unless a query says otherwise.
    pub as_of: Option<Date>,
    /// The statement at hand, or other work that is limited as a whole.
    task: RefCell<Task>,
    /// The file of `--output` has been written: it holds one answer.
    wrote: Cell<bool>,
    /// An answer has gone to stdout; an empty line parts it from the next.
    shown: Cell<bool>,
}

/// A query with its answer.
pub struct Answered {
    pub prepared: Prepared,
    pub answer: Arc<Answer>,
    pub took: Duration,
    /// Rows that `--limit` left out.
    pub left_out: usize,
}

/// An answer in its format.
pub struct Shown {
    pub text: String,
    /// The titles of columns that found no room.
    pub hidden: Vec<String>,
    /// How much it is: `12 rows`, `3 models`.
    pub contents: String,
}

impl Session {
    /// Opens the graph that the arguments name.
    pub fn open(global: Global, terminal: Terminal) -> Result<Session, Exit> {
        terminal.listen();
        let idle = terminal.idle.clone();
        let database = Database::of(Graph::default());
        let (task, wrote, shown) =
            (RefCell::new(Task::new("loading", memory::limits_of(&global))), Cell::new(false), Cell::new(false));
        let mut session = Session { database, global, terminal, idle, as_of: None, task, wrote, shown };
        session.database = session.load().map_err(|error| report(&session.terminal, error, None))?;
        Ok(session)
    }

    /// Opens the graph of the settings.
    pub fn load(&self) -> Result<Database, Error> {
        let Some(path) = self.global.graph.clone().filter(|path| !path.as_os_str().is_empty()) else {
            // It is as small as it ever was, whatever the limits are.
            return Ok(Database::builtin());
        };
        if snapshot::is_snapshot(&path) {
            loading::expect_cuts(&path, &self.terminal);
        }
        let access = self.global.access();
        self.begin("loading");
        self.working(Sign::Loading, move |watch| loading::open(Some(&path), access, watch))
    }

    pub fn graph(&self) -> &Graph {
        self.database.graph()
    }

    pub fn options(&self) -> Options {
        Options {
            params: self.global.param.iter().cloned().collect(),
            possibly: self.global.possibly,
            limits: memory::limits_of(&self.global),
            ..Options::default()
        }
    }

    /// Begins work that is limited as a whole: a statement from its text to its bytes, or what `work` says.
    pub fn begin(&self, work: &'static str) {
        self.terminal.interrupt.store(false, Ordering::SeqCst);
        *self.task.borrow_mut() = Task::new(work, memory::limits_of(&self.global));
    }

    /// Checks a program; what is wrong with it is reported.
    pub fn prepare(&self, text: &Arc<Text>) -> Result<Vec<Prepared>, Error> {
        let (database, text, options) = (self.database.clone(), text.clone(), self.options());
        let mut all = self.working(Sign::Rows, move |_| database.prepare(&text.body, &options))?;
        for prepared in &mut all {
            if let (Some(date), None) = (self.as_of, prepared.query.as_of) {
                Arc::make_mut(&mut prepared.query).as_of = Some(date);
            }
        }
        Ok(all)
    }

    /// Runs one query.
    pub fn answer(&self, prepared: Prepared) -> Result<Answered, Error> {
        let start = Instant::now();
        let mut answer = self.asking(&prepared, Database::run)?;
        let took = start.elapsed();
        let rows = &mut answer.table.rows;
        let left_out = rows.len().saturating_sub(self.global.limit.unwrap_or(usize::MAX));
        if left_out > 0 {
            let shown = rows.len() - left_out;
            rows.truncate(shown);
        }
        Ok(Answered { prepared, answer: Arc::new(answer), took, left_out })
    }

    /// Does what Ctrl-C can stop, with a sign of life where a person waits.
    pub fn working<T: Send + 'static>(
        &self,
        sign: Sign,
        work: impl FnOnce(&Watch) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let was_idle = self.idle.swap(false, Ordering::SeqCst);
        let sign = if self.terminal.shows_progress() { sign } else { Sign::None };
        let task = self.task.borrow().clone();
        // A session goes on with what is held up, so nothing may be.
        memory::bound(task.budget.most_held().filter(|_| was_idle));
        // What ended early because the budget is over is not what was asked for.
        let whole = move |watch: &Watch| {
            let done = work(watch);
            limits::check()?;
            done
        };
        let result = progress::run(sign, &self.terminal.interrupt, &task, whole);
        self.idle.store(was_idle, Ordering::SeqCst);
        result?
    }

    /// Asks the database about a query.
    pub fn asking<T: Send + 'static>(
        &self,
        prepared: &Prepared,
        ask: impl FnOnce(&Database, &Prepared, &Options) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (database, prepared, options) = (self.database.clone(), prepared.clone(), self.options());
        self.working(Sign::Rows, move |_| ask(&database, &prepared, &options))
    }

    /// Runs a program and writes its answers; stops at the first error.
    pub fn run(&self, text: &Arc<Text>) -> Exit {
        self.begin(QUERY);
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
            if self.global.exit_status && is_nothing(&answered.answer) {
                exit = Exit::Nothing;
            }
        }
        exit
    }

    /// An error where a query of a file or of stdin writes outside of the working folder: whoever runs it may not have
    /// written it.
    pub fn confined(&self, prepared: &[Prepared], text: &Arc<Text>) -> Result<(), Exit> {
        let is_typed = text.name == TYPED || self.global.write_outside;
        let files = prepared.iter().filter_map(|prepared| prepared.query.to.as_deref());
        let Some(outside) = files.filter(|_| !is_typed).find(|file| leads_out(Path::new(file))) else { return Ok(()) };
        let words = "leads out of the working folder; add --write-outside if it may";
        self.terminal.complain(&format!("{}: `to \"{outside}\"` {words}", text.name));
        Err(Exit::Usage)
    }

    /// Runs a query made of words of the language and perhaps a name.
    pub fn run_words(&self, words: &[&str], name: Option<&str>) -> Exit {
        let body: Vec<&str> = words.iter().copied().chain(name).collect();
        self.run(&Text::new("query", body.join(" ")))
    }

    pub fn fail(&self, error: Error, text: &Arc<Text>) -> Exit {
        report(&self.terminal, error, Some(text))
    }

    /// Writes an answer where it belongs: into the file of `to`, into that of `--output`, or to stdout.
    fn show(&self, answered: &Answered, text: &Arc<Text>) -> Result<(), Exit> {
        self.note(answered, text);
        let asked = answered.prepared.query.to.as_ref().map(PathBuf::from);
        let file = asked.or(self.global.output.clone()).filter(|path| path != Path::new("-"));
        match file {
            Some(path) if answered.prepared.query.to.is_some() => self.write(answered, &path, text),
            Some(path) if !self.wrote.replace(true) => self.write(answered, &path, text),
            Some(path) => {
                let words = "holds the answer of one query; end the others with `to \"FILE\"`";
                self.terminal.complain(&format!("`{}` {words}", path.display()));
                Err(Exit::Usage)
            }
            None if self.terminal.quiet => Ok(()),
            None => {
                let format = self.global.format.unwrap_or_else(|| self.default_format(&answered.answer));
                let is_apart = self.shown.replace(true) && !matches!(format, Format::Json | Format::Jsonl);
                let gap = if is_apart { "\n" } else { "" };
                if !self.terminal.stdout {
                    let rendered = self.stream(answered, format, gap, text)?;
                    self.foot(answered, &rendered);
                    return Ok(());
                }
                let rendered = self.render(answered, format, false, text)?;
                let plain = self.unstyled(&rendered.text, format);
                page(&format!("{gap}{plain}"), &self.terminal, !self.global.no_pager)?;
                self.foot(answered, &rendered);
                Ok(())
            }
        }
    }

    /// Writes an answer to stdout, which is no terminal, as far as the limits go: rows as they are made.
    fn stream(&self, answered: &Answered, format: Format, gap: &'static str, text: &Arc<Text>) -> Result<Shown, Exit> {
        let streamed = render::is_streamed(&answered.answer, format);
        let contents = counted(answered.answer.table.rows.len(), "row");
        let shown = match streamed {
            true => Shown { text: String::new(), hidden: Vec::new(), contents },
            false => self.render(answered, format, false, text)?,
        };
        let (database, answer, looks) =
            (self.database.clone(), answered.answer.clone(), self.terminal.looks(&self.global, false));
        let whole = shown.text.clone();
        let write = move |out: &mut dyn Write| {
            out.write_all(gap.as_bytes())?;
            out.write_all(whole.as_bytes())?;
            if streamed { render::stream(&answer, database.graph(), format, &looks, out) } else { Ok(()) }
        };
        let written = self.working(Sign::Writing, move |_| output::stream(write));
        output::ended(written.map_err(|error| self.fail(error, text))?, &self.terminal)?;
        Ok(shown)
    }

    /// Writes a table that answers no query, where and as the arguments say.
    pub fn show_table(&self, table: Table) -> Exit {
        let answer = Answer { view: View::Rows, table, more_possible: 0, notes: Vec::new() };
        let file = self.global.output.as_deref().filter(|path| *path != Path::new("-"));
        let by_name = file.and_then(|path| Format::of_file(&path.to_string_lossy()));
        let format = self.global.format.or(by_name).unwrap_or_else(|| self.default_format(&answer));
        let looks = self.terminal.looks(&self.global, file.is_some());
        let shown = match render::answer(&answer, self.graph(), format, &looks) {
            Ok(rendered) => rendered.text,
            Err(words) => {
                self.terminal.complain(&words);
                return Exit::Usage;
            }
        };
        let written = match file {
            Some(path) => write_file(path, &shown, &self.terminal),
            None => page(&self.unstyled(&shown, format), &self.terminal, !self.global.no_pager),
        };
        written.map_or_else(|exit| exit, |()| Exit::Done)
    }

    /// A text in its format as it may come to stdout: only what is drawn has colours of its own.
    pub fn unstyled<'t>(&self, text: &'t str, format: Format) -> Cow<'t, str> {
        if self.terminal.stdout && !is_drawn(format) { door::plain(text) } else { text.into() }
    }

    pub fn default_format(&self, answer: &Answer) -> Format {
        if self.terminal.stdout { Format::natural(answer) } else { Format::piped(answer) }
    }

    /// Warnings and notes of the query, on stderr.
    pub fn note(&self, answered: &Answered, text: &Arc<Text>) {
        let notes = answered.prepared.query.notes.iter().chain(&answered.answer.notes).cloned();
        let mut notes = Diagnostics(notes.collect());
        notes.sort();
        if !self.terminal.quiet {
            self.terminal.report(&notes, text);
        }
    }

    /// The line under an answer, on stderr: for people, and wherever something is missing from the rows.
    fn foot(&self, answered: &Answered, rendered: &Shown) {
        let is_incomplete = answered.answer.more_possible > 0 || answered.left_out > 0;
        let is_person = self.terminal.stdout && self.terminal.stderr;
        if is_incomplete || is_person || self.global.verbose || self.global.timing {
            self.terminal.remark(&footer(answered, rendered, self.global.timing, "--wide"));
        }
    }

    /// Writes an answer into a file, in the format of its extension unless one was asked for.
    pub fn write(&self, answered: &Answered, path: &Path, text: &Arc<Text>) -> Result<(), Exit> {
        self.write_as(answered, path, self.global.format, text)
    }

    /// Writes an answer into a file, in a format or that of its extension.
    pub fn write_as(
        &self,
        answered: &Answered,
        path: &Path,
        format: Option<Format>,
        text: &Arc<Text>,
    ) -> Result<(), Exit> {
        let format = match format.or_else(|| Format::of_file(&path.to_string_lossy())) {
            Some(format) => format,
            None => {
                let name = path.display().to_string();
                self.terminal.complain(&match Format::instead(&name) {
                    Some(instead) => format!("begat writes no files such as `{name}`; {instead}"),
                    None => format!(
                        "the name `{name}` does not say which format; add --format, or an extension as in `.json` or `.dot`"
                    ),
                });
                return Err(Exit::Usage);
            }
        };
        let rendered = self.render(answered, format, true, text)?;
        write_file(path, &rendered.text, &self.terminal)?;
        self.terminal.remark(&format!("wrote {} ({})", path.display(), rendered.contents));
        Ok(())
    }

    /// The answer in a format; graph formats show the graph of the query.
    pub fn render(&self, answered: &Answered, format: Format, to_file: bool, text: &Arc<Text>) -> Result<Shown, Exit> {
        let looks = self.terminal.looks(&self.global, to_file);
        let mut contents = counted(answered.answer.table.rows.len(), "row");
        let rendered = if format.is_graph() {
            let part = self.asking(&answered.prepared, Database::subgraph);
            let part = part.map_err(|error| self.fail(error, text))?;
            contents = self.contents(&part);
            match format {
                Format::Svg | Format::Html => return self.picture(&answered.answer, Arc::new(part), format, text),
                _ => self.render_graph(Arc::new(part), format).map_err(|error| self.fail(error, text))?,
            }
        } else {
            let (database, answer) = (self.database.clone(), answered.answer.clone());
            let rendered =
                self.working(Sign::Writing, move |_| Ok(render::answer(&answer, database.graph(), format, &looks)));
            rendered.map_err(|error| self.fail(error, text))?
        };
        match rendered {
            Ok(Rendered { text, hidden }) => Ok(Shown { text, hidden, contents }),
            Err(words) => {
                self.terminal.complain(&words);
                Err(Exit::Usage)
            }
        }
    }

    /// The picture of an answer whose facts are `part`.
    pub fn picture(
        &self,
        answer: &Arc<Answer>,
        part: Arc<Subgraph>,
        format: Format,
        text: &Arc<Text>,
    ) -> Result<Shown, Exit> {
        if self.global.width.is_some() {
            self.terminal.complain(
                "--width counts characters, and a picture has none: leave it out, and scale the picture where it is shown",
            );
            return Err(Exit::Usage);
        }
        let looks = self.picture_looks(text)?;
        let draw = if format == Format::Svg { picture::svg } else { picture::html };
        let (database, answer, own) = (self.database.clone(), answer.clone(), part.clone());
        let drawn = self.working(Sign::Writing, move |_| Ok(draw(&answer, Some(&own), database.graph(), &looks)));
        match drawn.map_err(|error| self.fail(error, text))? {
            Ok(text) => Ok(Shown { text, hidden: Vec::new(), contents: self.contents(&part) }),
            Err(diagnostics) => {
                self.terminal.report(&diagnostics, text);
                Err(Exit::Usage)
            }
        }
    }

    fn picture_looks(&self, text: &Arc<Text>) -> Result<PictureLooks, Exit> {
        let global = &self.global;
        let focus = match &global.focus {
            Some(name) => Some(self.focused(name)?),
            None => None,
        };
        Ok(PictureLooks {
            focus,
            lane: global.lane.clone(),
            linear_scale: global.scale == Scale::Linear,
            theme: match global.theme {
                Theme::Auto => picture::Theme::Auto,
                Theme::Light => picture::Theme::Light,
                Theme::Dark => picture::Theme::Dark,
            },
            title: global.title.clone(),
            query: text.body.trim().to_string(),
            graph: global.graph.as_deref().map_or("begat's built-in graph".to_string(), graph_name),
        })
    }

    /// The entity of `--focus`.
    fn focused(&self, name: &str) -> Result<EntityId, Exit> {
        let names = self.graph().names();
        if let [entity] = names.lookup(name).as_slice() {
            return Ok(*entity);
        }
        let near = suggest::nearest(name, names.iter().map(|(known, _)| known));
        let near = near.first().map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        self.terminal.complain(&format!("--focus: no one entity is called `{name}`{near}"));
        Err(Exit::Usage)
    }

    /// What a part of the graph holds: `17 techniques, 10 models`, the most numerous type first.
    pub fn contents(&self, part: &Subgraph) -> String {
        let schema = self.graph().schema();
        let mut counts: Vec<(usize, &str)> = Vec::new();
        for entity in &part.entities {
            let name = schema.type_(self.graph().type_of(*entity)).name.as_str();
            match counts.iter_mut().find(|(_, known)| *known == name) {
                Some((count, _)) => *count += 1,
                None => counts.push((1, name)),
            }
        }
        counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let words: Vec<String> = counts.iter().map(|(count, name)| counted(*count, name)).collect();
        if words.is_empty() { "nothing".to_string() } else { words.join(", ") }
    }

    /// A part of the graph in a format that shows graphs.
    pub fn render_graph(&self, part: Arc<Subgraph>, format: Format) -> Result<Result<Rendered, String>, Error> {
        let database = self.database.clone();
        let render = move || render::subgraph(&part, database.graph(), format).map(Rendered::from);
        self.working(Sign::Writing, move |_| Ok(render()))
    }
}

/// What a graph is called in a picture: the name of its folder or file, also where the path ends in `.` or `..`.
fn graph_name(path: &Path) -> String {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let name = path.file_name().or(whole.file_name()).unwrap_or(whole.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The name of texts that were typed; no file is named so ([`read`]).
const TYPED: &str = "query";

/// Whether a path leads out of the working folder, links apart.
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

/// Formats that are made for people: they may hold colours.
pub fn is_drawn(format: Format) -> bool {
    matches!(format, Format::Table | Format::Tree | Format::Chart)
}

/// Reports an error and says how the process is to end.
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
        Error::Io { path, reason } => {
            terminal.complain(&format!("cannot read `{}`: {reason}", path.display()));
            Exit::File
        }
        Error::Limit(diagnostic) => {
            terminal.report(&diagnostic.into(), text.unwrap_or(&none));
            Exit::Limit
        }
        Error::Interrupted => {
            terminal.remark("stopped");
            Exit::Interrupted
        }
    }
}

/// Whether the answer is empty, no, or unknown.
fn is_nothing(answer: &Answer) -> bool {
    match &answer.view {
        View::Verdict(truth) => *truth != Truth::Yes,
        View::Graph(part) => part.facts.is_empty() && part.derived.is_empty(),
        View::Why(explained) => explained.is_empty(),
        View::Plan(_) => false,
        _ => answer.table.rows.is_empty(),
    }
}

/// Whether the rows of the answer are counted under it. A single number needs no count.
pub fn is_counted(answer: &Answer) -> bool {
    let Table { columns, rows } = &answer.table;
    let is_table = matches!(answer.view, View::Rows | View::Conflicts | View::Timeline(_));
    let is_number = matches!((columns.as_slice(), rows.as_slice()), ([column], [_]) if column.numeric);
    is_table && !(is_number && answer.more_possible == 0)
}

/// The line under an answer: how many rows, what is left out (`wide` shows it), how long it took. Empty where there is
/// nothing to say.
pub fn footer(answered: &Answered, rendered: &Shown, timing: bool, wide: &str) -> String {
    let mut parts = Vec::new();
    if is_counted(&answered.answer) {
        parts.push(render::footer(&answered.answer, &rendered.hidden, wide));
    }
    if answered.left_out > 0 {
        parts.push(format!("{} more left out by --limit", answered.left_out));
    }
    if timing {
        parts.push(format!("{:.1} ms", answered.took.as_secs_f64() * 1000.0));
    }
    parts.join(" · ")
}

/// The queries of the arguments, of files, of stdin; then the REPL, if a person is there and nothing else was asked.
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
            session.terminal.complain(&words);
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

/// What a person may have meant whose arguments are no queries: one query without quotes, or a command.
fn misread(session: &Session, queries: &[String]) -> Result<Option<String>, Error> {
    let is_sound = |query: &str| {
        session.begin(QUERY);
        match session.prepare(&Text::new("query", query)) {
            Err(error @ (Error::Limit(_) | Error::Interrupted)) => Err(error),
            prepared => Ok(prepared.is_ok()),
        }
    };
    let mut are_sound = true;
    for query in queries {
        are_sound = are_sound && is_sound(query)?;
    }
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

/// The text of a file; `-` is stdin.
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
        terminal.complain(&format!("cannot read `{name}`: {}", reason(&error)));
        return Err(Exit::File);
    }
    match String::from_utf8(bytes) {
        Ok(body) => Ok(Text::new(name, body)),
        Err(_) => {
            terminal.complain(&format!("cannot read `{name}`: it is not UTF-8"));
            Err(Exit::File)
        }
    }
}

/// `1 model`, `3 entities`.
pub fn counted(number: usize, name: &str) -> String {
    let lower = name.to_lowercase();
    let plural = match lower.strip_suffix('y') {
        _ if number == 1 || lower.ends_with('s') => lower.clone(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{lower}s"),
    };
    format!("{number} {plural}")
}
