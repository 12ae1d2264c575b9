//! Loads RON parts and tables into a schema and a graph, with diagnostics.
//!
//! A graph is a folder of parts, or a single file. All problems are reported at once, each at its place in its file;
//! only parts without errors give a graph. Read [`open`], then [`read`], then `facts`, which converts sentences to
//! facts. [`export`] is the inverse.

mod check;
pub mod checks;
mod entities;
pub mod export;
mod facts;
mod file;
mod folder;
mod names;
mod parsed;
pub(crate) mod references;
mod schema;
mod sentence;
pub mod source_text;
pub mod stated;
mod tables;
mod words;

pub use checks::{GraphCheck, checks};
pub(crate) use file::Word as Literal;
pub use folder::Access;
pub use parsed::Parsed;
pub use stated::{Named, Sentences, Stated};
pub use tables::{catches_panics, sample};
pub use words::written;

use crate::graph::{Builder, EntityId, Graph, SourceId};
use crate::limits::is_over_now;
use crate::schema::{PropertyId, VerbId};
use crate::text::{Code, Diagnostic, Diagnostics, Severity, Span, Text};
use crate::value::{Value, ValueType};
use file::{Part, Word};
use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a graph cannot be opened.
#[derive(Debug)]
pub enum LoadError {
    /// A file cannot be read.
    Io { path: PathBuf, reason: String },
    /// The data is wrong; at least one error.
    Data(Diagnostics),
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LoadError::Io { path, reason } => write!(f, "cannot read `{}`: {reason}", path.display()),
            LoadError::Data(diagnostics) => {
                let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
                f.write_str(&errors.map(|error| error.message.clone()).collect::<Vec<_>>().join("; "))
            }
        }
    }
}

impl std::error::Error for LoadError {}

/// A file that a part names: a source's text, or a table.
pub trait File: Read + Seek {}

impl<F: Read + Seek> File for F {}

/// Opens a file by its path as written in a part.
pub type Files<'f> = dyn Fn(&str) -> io::Result<Box<dyn File>> + 'f;

/// Reports progress: the current table, as its section names it, and the number of rows read so far.
pub type Progress<'p> = dyn Fn(&str, u64) + 'p;

/// Opens a folder (all `.ron` files, also in subfolders, sorted by path) or a single `.ron` file. Drops warnings;
/// `check` returns them.
///
/// # Errors
/// A file cannot be read, or the data has an error.
pub fn open(path: impl AsRef<Path>) -> Result<Graph, LoadError> {
    let (graph, diagnostics) = check(path)?;
    graph.ok_or(LoadError::Data(diagnostics))
}

/// Opens a graph and returns all errors and warnings. The graph is `None` exactly if there is an error.
///
/// # Errors
/// Only if a part cannot be read; a source's text or a table that cannot be read is a diagnostic.
pub fn check(path: impl AsRef<Path>) -> Result<(Option<Graph>, Diagnostics), LoadError> {
    check_with(path, &|_, _| {})
}

/// Opens a graph as `check` does, and reports progress.
///
/// # Errors
/// The errors of `check`.
pub fn check_with(path: impl AsRef<Path>, progress: &Progress<'_>) -> Result<(Option<Graph>, Diagnostics), LoadError> {
    check_as(path, Access::default(), progress)
}

/// Opens a graph as [`check_with`] does, with access to files outside of the graph's folder.
///
/// # Errors
/// The errors of `check`.
pub fn check_as(
    path: impl AsRef<Path>,
    access: Access,
    progress: &Progress<'_>,
) -> Result<(Option<Graph>, Diagnostics), LoadError> {
    let (path, mut problems) = (path.as_ref(), Diagnostics::default());
    let parts = folder::parts(path, access, &mut problems)?;
    let files = folder::files(path, access);
    let (graph, mut found) = read_parts(&parts, &files, (access, progress), &mut Parsed::default());
    problems.0.append(&mut found.0);
    Ok((graph, problems))
}

/// Returns the problems of a graph that was built in code: cycles, order in time, contradictory values.
pub fn check_graph(graph: &Graph) -> Diagnostics {
    check::check_alone(graph)
}

/// Returns the text of a source that is a file, in any supported form.
///
/// # Errors
/// The file cannot be read.
pub fn source_text(path: impl AsRef<Path>, access: Access, name: &str) -> Result<source_text::SourceText, LoadError> {
    let mut bytes = Vec::new();
    let read = folder::files(path.as_ref(), access)(name).and_then(|mut file| file.read_to_end(&mut bytes));
    let text = read.and_then(|_| source_text::SourceText::read(name, bytes));
    text.map_err(|error| io_error(Path::new(name), &error))
}

/// Returns the texts of the parts at a path, sorted by path, and warnings about those left out.
///
/// # Errors
/// A part cannot be read, or there is none.
pub fn parts(path: impl AsRef<Path>, access: Access) -> Result<(Vec<Arc<Text>>, Diagnostics), LoadError> {
    let mut problems = Diagnostics::default();
    let parts = folder::parts(path.as_ref(), access, &mut problems)?;
    Ok((parts, problems))
}

/// Checks a graph as [`check_as`] does, but with these texts in place of the parts: the result of an edit before it is
/// written.
pub fn check_texts(
    path: impl AsRef<Path>,
    access: Access,
    texts: &[Arc<Text>],
    progress: &Progress<'_>,
) -> (Option<Graph>, Diagnostics) {
    read_parts(texts, &folder::files(path.as_ref(), access), (access, progress), &mut Parsed::default())
}

/// Checks a graph as [`check_texts`] does; sentences that the last reading with the same store has parsed are not parsed
/// again.
pub fn check_again(
    path: impl AsRef<Path>,
    access: Access,
    texts: &[Arc<Text>],
    parsed: &mut Parsed,
) -> (Option<Graph>, Diagnostics) {
    read_parts(texts, &folder::files(path.as_ref(), access), (access, &|_, _| {}), parsed)
}

fn io_error(path: &Path, error: &io::Error) -> LoadError {
    LoadError::Io { path: path.to_path_buf(), reason: reason(error) }
}

/// Returns why a file cannot be read, in plain words where the system's are not.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_string(),
        io::ErrorKind::PermissionDenied => "it may not be read".to_string(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_string(),
        io::ErrorKind::UnexpectedEof => "it ends too early".to_string(),
        io::ErrorKind::IsADirectory => "it is a folder".to_string(),
        _ => {
            let words = error.to_string();
            match error.raw_os_error() {
                Some(_) => words.split(" (os error").next().unwrap_or(&words).to_lowercase(),
                None => words,
            }
        }
    }
}

/// Reads parts that name no other files. The graph is `None` exactly if there is an error.
pub fn read(parts: Vec<Arc<Text>>) -> (Option<Graph>, Diagnostics) {
    read_with(parts, &|_| Err(io::Error::from(io::ErrorKind::NotFound)))
}

/// Reads parts and the files that they name.
pub fn read_with(texts: Vec<Arc<Text>>, files: &Files<'_>) -> (Option<Graph>, Diagnostics) {
    read_parts(&texts, files, (Access::default(), &|_, _| {}), &mut Parsed::default())
}

fn read_parts(
    texts: &[Arc<Text>],
    files: &Files<'_>,
    (access, progress): (Access, &Progress<'_>),
    parsed: &mut Parsed,
) -> (Option<Graph>, Diagnostics) {
    let mut problems = Diagnostics::default();
    let graph = read_all(texts, files, (access, progress), parsed, &mut problems);
    problems.sort();
    (graph.filter(|_| !problems.has_errors()), problems)
}

fn read_all(
    texts: &[Arc<Text>],
    files: &Files<'_>,
    (access, progress): (Access, &Progress<'_>),
    parsed: &mut Parsed,
    problems: &mut Diagnostics,
) -> Option<Graph> {
    let parts = read_shapes(texts, problems);
    // Without all parts, types and names would be missing, and the errors about them would be false.
    if problems.has_errors() {
        return None;
    }
    let schema = schema::read(&parts, problems)?;
    let mut reading = Reading::new(Builder::new(schema), texts, files, progress);
    reading.cited = access.cited;
    // The order matters: claims refer to sources, facts to entities, and tables declare missing names only after all
    // others are declared.
    entities::read_sources(&mut reading, &parts);
    entities::read(&mut reading, &parts);
    tables::read_entities(&mut reading, &parts);
    tables::declare_missing(&mut reading, &parts);
    facts::read(&mut reading, &parts, parsed);
    tables::read_facts(&mut reading, &parts);
    facts::read_defines(&mut reading, &parts);
    let mut told = HashSet::new();
    // Reports the rounded numbers of a property once, at the first.
    let is_new = |problem: &Diagnostic| problem.code != Code::RoundedNumber || told.insert(problem.message.clone());
    problems.0.extend(std::mem::take(&mut reading.problems.0).into_iter().filter(is_new));
    let Reading { builder, declared, stated, .. } = reading;
    if let Some(message) = builder.too_many() {
        problems.push(Diagnostic::new(Severity::Error, Code::TooMany, message));
        return None;
    }
    // A graph with only part of its data is not worth sorting.
    if is_over_now() {
        return None;
    }
    let (graph, ids) = builder.finish_with_ids();
    check::check(&check::Finished { graph: &graph, parts: &parts, ids: &ids, declared, stated }, problems);
    Some(graph)
}

/// Returns whether a cell is a value of the type in begat's own notation.
pub fn is_value(type_: ValueType, text: &str) -> bool {
    words::value(type_, text, Span::default()).is_ok()
}

/// A file and its parsed part.
struct Source<'t> {
    text: &'t Arc<Text>,
    part: Part<'t>,
}

fn read_shapes<'t>(texts: &'t [Arc<Text>], problems: &mut Diagnostics) -> Vec<Source<'t>> {
    let mut parts = Vec::with_capacity(texts.len());
    for text in texts {
        match file::read(text) {
            Ok(part) => parts.push(Source { text, part }),
            Err(problem) => problems.push(problem),
        }
    }
    parts
}

/// A place in one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// Index of the file.
    part: usize,
    span: Span,
}

/// A fact stated by a sentence, with ids of the builder.
#[derive(Debug, Clone, PartialEq)]
enum Statement {
    Link { subject: EntityId, verb: VerbId, object: EntityId },
    Value { subject: EntityId, property: PropertyId, value: Value },
}

/// The state of reading.
struct Reading<'f> {
    builder: Builder,
    open: &'f Files<'f>,
    progress: &'f Progress<'f>,
    texts: &'f [Arc<Text>],
    index: names::NameIndex,
    sources: HashMap<String, KnownSource>,
    /// The place of declaration of each entity.
    declared: Vec<Declared>,
    /// The tables that declare entities.
    files: Vec<TableFile>,
    stated: Vec<(Statement, Place)>,
    problems: Diagnostics,
    /// Names of the current table that fold like another entity's: their number, and the first pair.
    alike: (usize, Option<[String; 2]>),
    /// Tables that cannot be read and have been reported.
    unreadable: HashSet<TableRows>,
    /// Tables whose rows have been searched for those that no section reads.
    looked_through: HashSet<TableRows>,
    /// Table, place, column and severity of the row problems that have been reported.
    told: HashSet<(TableRows, u64, usize, Severity)>,
    /// Whether citations are checked in full.
    cited: bool,
}

/// The rows of a file, or of one of the paths within it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct TableRows {
    file: String,
    /// Empty for the file's only rows.
    path: String,
}

/// The place of an entity's declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Declared {
    At(Place),
    /// Index of the table's file, and the line or row.
    Row(u32, u64),
}

/// A file with a table.
struct TableFile {
    name: String,
    /// The unit of places in it: `line` or `row`.
    unit: &'static str,
}

struct KnownSource {
    id: SourceId,
    declared: Place,
    /// The source's text, if it names a file that can be read.
    text: Option<source_text::SourceText>,
}

impl<'f> Reading<'f> {
    fn new(builder: Builder, texts: &'f [Arc<Text>], open: &'f Files<'f>, progress: &'f Progress<'f>) -> Reading<'f> {
        Reading {
            builder,
            open,
            progress,
            texts,
            index: names::NameIndex::default(),
            sources: HashMap::new(),
            declared: Vec::new(),
            files: Vec::new(),
            stated: Vec::new(),
            problems: Diagnostics::default(),
            alike: (0, None),
            unreadable: HashSet::new(),
            looked_through: HashSet::new(),
            told: HashSet::new(),
            cited: false,
        }
    }

    /// Returns the place of an entity's declaration in words.
    fn where_declared(&self, id: EntityId) -> String {
        match self.declared.get(id.0 as usize) {
            Some(Declared::At(place)) => self.texts.get(place.part).map_or(String::new(), |text| {
                format!("line {} of `{}`", text.line_column(place.span.start).0, text.name)
            }),
            Some(Declared::Row(file, place)) => self
                .files
                .get(*file as usize)
                .map_or(String::new(), |file| format!("{} {place} of `{}`", file.unit, file.name)),
            None => String::new(),
        }
    }

    /// Returns the keys of sources nearest to a word.
    fn sources_like(&self, key: &str) -> Vec<String> {
        // Sorted: the order of a hash map is random, and that of suggestions must not be.
        let mut keys: Vec<&str> = self.sources.keys().map(String::as_str).collect();
        keys.sort_unstable();
        crate::text::suggest::nearest(key, keys).into_iter().map(str::to_string).collect()
    }

    /// Returns the source with this key; if there is none, adds a diagnostic.
    fn source(&mut self, text: &Arc<Text>, key: &Word<'_>) -> Option<SourceId> {
        if let Some(known) = self.sources.get(&*key.text) {
            return Some(known.id);
        }
        let mut keys: Vec<&str> = self.sources.keys().map(String::as_str).collect();
        keys.sort_unstable();
        let problem = undeclared(text, key, "source", keys);
        self.problems.push(problem);
        None
    }
}

/// Returns an error at a literal of a file.
fn error(text: &Arc<Text>, word: &Word<'_>, code: Code, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Severity::Error, code, message).label_in(text, word.span(text), "")
}

/// Returns `no type is called …`, with the nearest names.
fn undeclared<'a>(
    text: &Arc<Text>,
    word: &Word<'_>,
    kind: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let problem = Diagnostic::error(
        Code::Undeclared,
        Span::new(0, word.text.len()),
        format!("no {kind} is called `{}`", word.text),
    );
    word.placed(suggest(problem, &word.text, known), text)
}

/// Adds a fix for each of the nearest words.
fn suggest<'a>(problem: Diagnostic, word: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let span = problem.span();
    let near = crate::text::suggest::nearest(word, known);
    near.into_iter().fold(problem, |problem, near| problem.fix(format!("did you mean `{near}`?"), span, near))
}
