//! Writes an answer to stdout or a file in its format, with notes and a footer.

use super::output::{self, budgeted, page, write_file};
use super::progress::{Sign, Watch};
use super::session::{AnsweredQuery, Session};
use super::{Exit, door};
use crate::answer::{Answer, Subgraph, Table, View};
use crate::disk;
use crate::limits;
use crate::render::{self, Format, Rendered, Shows};
use crate::text::{Diagnostics, Text};
use crate::{Database, Error};
use std::borrow::Cow;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An answer in its format.
pub struct Shown {
    pub text: String,
    /// Used instead of the text by binary formats.
    pub bytes: Vec<u8>,
    /// The titles of hidden columns.
    pub hidden: Vec<String>,
    /// The contents in words: `12 rows`, `3 models`.
    pub contents: String,
    /// Whether it lists the rows of the answer, as `--limit` leaves them; a drawing shows what it is of as a whole.
    pub lists_rows: bool,
}

impl Shown {
    /// Returns the bytes to write, and leaves nothing behind.
    pub fn taken(&mut self) -> Vec<u8> {
        match self.bytes.is_empty() {
            true => std::mem::take(&mut self.text).into_bytes(),
            false => std::mem::take(&mut self.bytes),
        }
    }
}

/// An answer, and the function that writes it.
type Written = (Shown, Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + Send>);

impl Session {
    /// Writes an answer to the file of `to`, to that of `--output`, or to stdout.
    pub fn show(&self, answered: &AnsweredQuery, text: &Arc<Text>) -> Result<(), Exit> {
        self.note(answered, text);
        let asked = answered.prepared.query.to.as_ref().map(PathBuf::from);
        let file = asked.or(self.global.output.clone()).filter(|path| path != Path::new("-"));
        match file {
            Some(path) if answered.prepared.query.to.is_some() => self.write(answered, &path, text),
            Some(path) if !self.wrote.replace(true) => self.write(answered, &path, text),
            Some(path) => {
                let words = "holds the answer of one query; end the others with `to \"FILE\"`";
                self.terminal.error(&format!("`{}` {words}", path.display()));
                Err(Exit::Usage)
            }
            None if self.terminal.quiet => Ok(()),
            None => {
                let format = self.global.format.unwrap_or_else(|| self.default_format(&answered.answer));
                let is_apart = self.shown.replace(true) && !matches!(format, Format::Json | Format::Jsonl);
                let gap = if is_apart { "\n" } else { "" };
                if !self.terminal.stdout {
                    let rendered = self.stream(answered, format, gap, text)?;
                    self.footer(answered, &rendered);
                    return Ok(());
                }
                let rendered = self.render(answered, format, false, text)?;
                let plain = self.unstyled(&rendered.text, format);
                page(&format!("{gap}{plain}"), &self.terminal, !self.global.no_pager)?;
                self.footer(answered, &rendered);
                Ok(())
            }
        }
    }

    /// Writes an answer to stdout, which is not a terminal, within the limits.
    fn stream(
        &self,
        answered: &AnsweredQuery,
        format: Format,
        gap: &'static str,
        text: &Arc<Text>,
    ) -> Result<Shown, Exit> {
        let (shown, write) = self.written(answered, format, false, text)?;
        let write = move |out: &mut dyn Write| {
            out.write_all(gap.as_bytes())?;
            write(out)
        };
        self.out(write, text)?;
        Ok(shown)
    }

    /// Writes a text to stdout, within the limits.
    pub fn put(&self, whole: Vec<u8>, text: &Arc<Text>) -> Result<(), Exit> {
        match self.terminal.stdout {
            true => output::print(&String::from_utf8_lossy(&whole), &self.terminal),
            false => self.out(move |out| out.write_all(&whole), text),
        }
    }

    fn out(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
        text: &Arc<Text>,
    ) -> Result<(), Exit> {
        let written = self.working(Sign::Writing, move |_| output::stream(write));
        output::ended(written.map_err(|error| self.fail(error, text))?, &self.terminal)
    }

    /// Writes a table that is not the answer of a query, according to the arguments.
    pub fn show_table(&self, table: Table) -> Exit {
        let answer = Answer { view: View::Rows, table, more_possible: 0, notes: Vec::new() };
        let file = self.global.output.as_deref().filter(|path| *path != Path::new("-"));
        let by_name = file.and_then(|path| Format::of_file(&path.to_string_lossy()));
        let format = self.global.format.or(by_name).unwrap_or_else(|| self.default_format(&answer));
        let looks = self.terminal.looks(&self.global, file.is_some());
        let shown = match render::answer(&answer, self.graph(), format, &looks) {
            Ok(rendered) => rendered.text,
            Err(words) => {
                self.terminal.error(&words);
                return Exit::Usage;
            }
        };
        let written = match file {
            Some(path) => write_file(path, &shown, &self.terminal),
            None => page(&self.unstyled(&shown, format), &self.terminal, !self.global.no_pager),
        };
        written.map_or_else(|exit| exit, |()| Exit::Done)
    }

    /// Sanitises a text for stdout if its format has no colours of its own.
    pub fn unstyled<'t>(&self, text: &'t str, format: Format) -> Cow<'t, str> {
        if self.terminal.stdout && !is_drawn(format) { door::plain(text) } else { text.into() }
    }

    pub fn default_format(&self, answer: &Answer) -> Format {
        if self.terminal.stdout { Format::natural(answer) } else { Format::piped(answer) }
    }

    /// Prints the query's warnings and notes on stderr.
    pub fn note(&self, answered: &AnsweredQuery, text: &Arc<Text>) {
        let notes = answered.prepared.query.notes.iter().chain(&answered.answer.notes).cloned();
        let mut notes = Diagnostics(notes.collect());
        notes.sort();
        if !self.terminal.quiet {
            self.terminal.report(&notes, text);
        }
    }

    /// Prints the footer of an answer on stderr: on a terminal, and whenever rows are missing.
    fn footer(&self, answered: &AnsweredQuery, rendered: &Shown) {
        let is_incomplete = answered.answer.more_possible > 0 || rendered.lists_rows && answered.left_out > 0;
        let is_person = self.terminal.stdout && self.terminal.stderr;
        if is_incomplete || is_person || self.global.verbose || self.global.timing {
            self.terminal.info(&footer(answered, rendered, self.global.timing, "--wide"));
        }
    }

    /// Writes an answer into a file, in the requested format or that of the file's extension.
    pub fn write(&self, answered: &AnsweredQuery, path: &Path, text: &Arc<Text>) -> Result<(), Exit> {
        self.write_as(answered, path, self.global.format, text)
    }

    /// Writes an answer into a file, in a format or that of the file's extension.
    pub fn write_as(
        &self,
        answered: &AnsweredQuery,
        path: &Path,
        format: Option<Format>,
        text: &Arc<Text>,
    ) -> Result<(), Exit> {
        let format = match format.or_else(|| Format::of_file(&path.to_string_lossy())) {
            Some(format) => format,
            None => {
                let name = path.display().to_string();
                self.terminal.error(&match Format::instead(&name) {
                    Some(instead) => format!("begat writes no files such as `{name}`; {instead}"),
                    None => format!(
                        "the name `{name}` does not say which format; add --format, or an extension as in `.json` or `.dot`"
                    ),
                });
                return Err(Exit::Usage);
            }
        };
        let (shown, write) = self.written(answered, format, true, text)?;
        self.save(path, write, text)?;
        self.terminal.info(&format!("wrote {} ({})", path.display(), shown.contents));
        Ok(())
    }

    /// Writes a file atomically, within the limits; a pipe or device is written into.
    pub fn save(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
        text: &Arc<Text>,
    ) -> Result<(), Exit> {
        let file = path.to_path_buf();
        let save = move |_: &Watch| {
            let written = disk::write(&file, |out| budgeted(out, write));
            limits::check()?;
            Ok(written)
        };
        output::watch_signals();
        match self.working(Sign::Writing, save).map_err(|error| self.fail(error, text))? {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(output::unwritten(path, &error, &self.terminal)),
            _ => Ok(()),
        }
    }

    /// Returns an answer in a format and the function that writes it; rows are made as they are written.
    fn written(
        &self,
        answered: &AnsweredQuery,
        format: Format,
        to_file: bool,
        text: &Arc<Text>,
    ) -> Result<Written, Exit> {
        let streamed = render::is_streamed(&answered.answer, format);
        let mut shown = match streamed {
            true => {
                let contents = counted(answered.answer.table.rows.len(), "row");
                Shown { text: String::new(), bytes: Vec::new(), hidden: Vec::new(), contents, lists_rows: true }
            }
            false => self.render(answered, format, to_file, text)?,
        };
        let whole = shown.taken();
        let (database, answer) = (answered.prepared.database(), answered.answer.clone());
        let looks = self.terminal.looks(&self.global, to_file);
        let write = move |out: &mut dyn Write| match streamed {
            true => render::stream(&answer, database.graph(), format, &looks, out),
            false => out.write_all(&whole),
        };
        Ok((shown, Box::new(write)))
    }

    /// Renders an answer in a format; graph formats show the graph of the query.
    pub fn render(
        &self,
        answered: &AnsweredQuery,
        format: Format,
        to_file: bool,
        text: &Arc<Text>,
    ) -> Result<Shown, Exit> {
        let looks = self.terminal.looks(&self.global, to_file);
        let mut contents = counted(answered.answer.table.rows.len(), "row");
        let rendered = if format.is_graph() {
            let answered = self.drawable(answered).map_err(|error| self.fail(error, text))?;
            let (part, database) = (answered.facts.clone().unwrap_or_default(), answered.prepared.database());
            contents = self.contents(&part);
            if matches!(format, Format::Dot | Format::Mermaid) && part.entities.len() > render::MANY_NODES {
                self.terminal.info(&render::too_many(part.entities.len()));
            }
            match format {
                _ if format.info().shows == Shows::Pictures => {
                    return self.picture((&answered.answer, &database), part, format, to_file, text);
                }
                _ => self.render_graph(&database, part, format).map_err(|error| self.fail(error, text))?,
            }
        } else {
            let (database, answer) = (answered.prepared.database(), answered.answer.clone());
            let rendered =
                self.working(Sign::Writing, move |_| Ok(render::answer(&answer, database.graph(), format, &looks)));
            rendered.map_err(|error| self.fail(error, text))?
        };
        match rendered {
            Ok(Rendered { text, hidden }) => {
                let lists_rows = render::lists_rows(&answered.answer, format);
                Ok(Shown { text, bytes: Vec::new(), hidden, contents, lists_rows })
            }
            Err(words) if format == Format::Parquet => {
                self.terminal.error(&format!("{words}: write them with `begat export -o FOLDER.parquet`"));
                Err(Exit::Usage)
            }
            Err(words) => {
                self.terminal.error(&words);
                Err(Exit::Usage)
            }
        }
    }

    /// Returns the contents of a subgraph in words, the most frequent type first: `17 techniques, 10 models`.
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

    /// Renders a subgraph in a graph format.
    pub fn render_graph(
        &self,
        database: &Database,
        part: Arc<Subgraph>,
        format: Format,
    ) -> Result<Result<Rendered, String>, Error> {
        let (database, looks) = (database.clone(), self.terminal.looks(&self.global, true));
        let render = move || render::subgraph_with(&part, database.graph(), format, &looks).map(Rendered::from);
        self.working(Sign::Writing, move |_| Ok(render()))
    }
}

/// Returns whether a format is made for people, so that it may contain colours.
pub fn is_drawn(format: Format) -> bool {
    matches!(format, Format::Table | Format::Tree | Format::Chart)
}

/// Returns whether the footer counts the rows of the answer. A single row of numbers needs no count.
pub fn is_counted(answer: &Answer) -> bool {
    let Table { columns, rows } = &answer.table;
    let is_table = matches!(answer.view, View::Rows | View::Conflicts | View::Timeline(_));
    let is_numbers = rows.len() == 1 && rows.certain() == 1 && columns.iter().all(|column| column.numeric);
    is_table && !(is_numbers && answer.more_possible == 0)
}

/// Returns the footer of an answer: the number of rows, what is hidden (`wide` shows it), the time. Empty if there is
/// nothing to say.
pub fn footer(answered: &AnsweredQuery, rendered: &Shown, timing: bool, wide: &str) -> String {
    let mut parts = Vec::new();
    if is_counted(&answered.answer) {
        parts.push(render::footer(&answered.answer, &rendered.hidden, wide));
    }
    if rendered.lists_rows && answered.left_out > 0 {
        parts.push(format!("{} more left out by --limit", answered.left_out));
    }
    if timing {
        parts.push(format!("{:.1} ms", answered.took.as_secs_f64() * 1000.0));
    }
    parts.join(" · ")
}

/// Returns a number with its noun: `1 model`, `3 entities`.
pub fn counted(number: usize, name: &str) -> String {
    let lower = name.to_lowercase();
    let plural = match lower.strip_suffix('y') {
        _ if number == 1 || lower.ends_with('s') => lower.clone(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{lower}s"),
    };
    format!("{number} {plural}")
}
