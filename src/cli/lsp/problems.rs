//! What is wrong with texts, as the editor underlines it.

use super::place::{self, Lines};
use super::{Server, Told, is_data};
use crate::limits::{Budget, Limits};
use crate::load::{self, LoadError, Parsed};
use crate::text::{Diagnostic, Diagnostics, Severity, Text};
use crate::{Database, Error, Options};
use lsp_types::{
    DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Position, Range, TextEdit,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// So long a text is looked at.
const TIME: Duration = Duration::from_secs(10);

impl Server {
    /// Checks what has changed: data with all files of its graph, and queries again where their graph has changed.
    pub(super) fn check(&mut self) {
        let changed = std::mem::take(&mut self.unchecked);
        let (data, mut queries): (BTreeSet<_>, BTreeSet<_>) = changed.into_iter().partition(|path| is_data(path));
        let graphs: BTreeSet<PathBuf> = data.iter().map(|path| self.graph_of(path)).collect();
        for graph in graphs {
            if self.check_graph(&graph) {
                queries.extend(self.open.keys().filter(|path| !is_data(path)).cloned());
            }
        }
        for path in queries {
            let Some(document) = self.open.get(&path) else { continue };
            let found = of_query(&self.database, &document.text);
            self.tell(&path, found);
        }
    }

    /// The graph that a data file is a part of: that of queries if the file lies in it, else the outermost folder of
    /// data files above it without a gap. A folder that the editor has open is not left for one above it.
    pub(super) fn graph_of(&self, path: &Path) -> PathBuf {
        if let Some(graph) = &self.graph
            && is_inside(path, graph)
        {
            return graph.clone();
        }
        let holds_data = |folder: &&Path| {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).any(|entry| is_data(&entry))
        };
        let opened =
            self.folders.iter().filter(|folder| path.starts_with(folder)).min_by_key(|folder| folder.as_os_str().len());
        let is_opened = |folder: &&Path| opened.is_none_or(|opened| folder.starts_with(opened));
        let outermost = path.ancestors().skip(1).take_while(is_opened).take_while(holds_data).last();
        outermost.map_or_else(|| path.to_path_buf(), Path::to_path_buf)
    }

    /// The texts of a graph as the editor holds them.
    pub(super) fn texts(&self, graph: &Path) -> Result<(Vec<Arc<Text>>, Diagnostics), LoadError> {
        let (mut texts, problems) = load::parts(graph, self.access).or_else(|error| match self.is_new(graph) {
            true => Ok((Vec::new(), Diagnostics::default())),
            false => Err(error),
        })?;
        for (path, document) in self.open.iter().filter(|(path, _)| is_data(path) && is_inside(path, graph)) {
            let name = path.display().to_string();
            match texts.iter_mut().find(|text| is_same(Path::new(&text.name), path)) {
                Some(text) => *text = Text::new(text.name.clone(), document.text.as_str()),
                None => texts.push(Text::new(name, document.text.as_str())),
            }
        }
        Ok((texts, problems))
    }

    /// A file that is open and not yet written.
    fn is_new(&self, graph: &Path) -> bool {
        self.open.contains_key(graph) && !graph.exists()
    }

    /// Checks a graph; true where queries are asked of it, and it can be asked.
    fn check_graph(&mut self, graph: &Path) -> bool {
        let budget = Budget::new(Limits { time: Some(TIME), ..Limits::default() }, None, None);
        let texts = self.texts(graph);
        let (texts, mut problems) = match texts {
            Ok(read) => read,
            Err(error) => {
                let paths: Vec<PathBuf> = self.open.keys().filter(|path| is_inside(path, graph)).cloned().collect();
                paths.iter().for_each(|path| self.tell(path, vec![at_start(&error.to_string())]));
                return false;
            }
        };
        let parsed = self.parsed.entry(graph.to_path_buf()).or_insert_with(Parsed::kept);
        let (made, mut found) = budget.enter(|| load::check_again(graph, self.access, &texts, parsed));
        problems.0.append(&mut found.0);
        let lines: Vec<Lines> = texts.iter().map(|text| Lines::of(text)).collect();
        let mut by_file: BTreeMap<PathBuf, Vec<Told>> =
            texts.iter().map(|text| (PathBuf::from(&text.name), Vec::new())).collect();
        for problem in problems.iter() {
            let text = problem.labels.first().and_then(|label| label.text.clone());
            let file = text.as_ref().map(|text| PathBuf::from(&text.name));
            // What lies in a table, or nowhere, is said where the graph begins.
            let known = file.filter(|file| by_file.contains_key(file)).or_else(|| by_file.keys().next().cloned());
            let Some(file) = known else { continue };
            let own = texts.iter().zip(&lines).find(|(text, _)| Path::new(&text.name) == file);
            let told = match (own, text) {
                (Some((own, lines)), Some(text)) if text.name == own.name => told(problem, lines),
                (_, Some(text)) => {
                    let (line, _) = text.line_column(problem.span().start);
                    at_start(&format!("{}, line {line}: {}", text.name, problem.message))
                }
                _ => at_start(&problem.message),
            };
            by_file.entry(file).or_default().push(told);
        }
        for (file, found) in by_file {
            let open = self.open.keys().find(|path| is_same(path, &file)).cloned();
            self.tell(&open.unwrap_or(file), found);
        }
        let Some(made) = made else { return false };
        let made = Database::of(made);
        let is_asked = self.graph.as_deref() == Some(graph);
        if is_asked {
            self.database = made.clone();
        }
        self.of_data.insert(graph.to_path_buf(), made);
        is_asked
    }

    /// Returns the graph that a file speaks of: of data its own, of queries that of `-g`.
    pub(super) fn database_of(&self, path: &Path) -> &Database {
        if !is_data(path) {
            return &self.database;
        }
        let graph = self.graph_of(path);
        let known = self.of_data.get(&graph);
        known.unwrap_or(if self.graph.as_ref() == Some(&graph) { &self.database } else { &self.empty })
    }
}

/// Whether a file is a graph or lies in its folder.
fn is_inside(path: &Path, graph: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    match (real(path), real(graph)) {
        (Ok(path), Ok(graph)) => path.starts_with(graph),
        _ => false,
    }
}

fn is_same(one: &Path, two: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    one == two || real(one).is_some_and(|real_one| Some(real_one) == real(two))
}

/// What is wrong with, or worth knowing of, a file of queries.
fn of_query(database: &Database, text: &str) -> Vec<Told> {
    match database.prepare(text, &Options::new().timeout(TIME)) {
        Ok(prepared) => {
            let notes = prepared.iter().flat_map(|one| one.query.notes.iter().map(|note| (note, &one.text)));
            notes.map(|(note, own)| told(note, &Lines::of(own))).collect()
        }
        Err(Error::Query(own, found)) => {
            let lines = Lines::of(&own);
            found.iter().map(|problem| told(problem, &lines)).collect()
        }
        Err(error) => vec![at_start(&error.to_string())],
    }
}

/// A problem that has no place in the text.
fn at_start(words: &str) -> Told {
    let start = Range::new(Position::new(0, 0), Position::new(0, 1));
    let problem = lsp_types::Diagnostic {
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some("begat".to_string()),
        ..lsp_types::Diagnostic::new_simple(start, words.to_string())
    };
    Told { problem, fixes: Vec::new() }
}

fn told(problem: &Diagnostic, lines: &Lines) -> Told {
    let mut message = problem.message.clone();
    if let Some(label) = problem.labels.first().filter(|label| !label.message.is_empty()) {
        message += &format!(": {}", label.message);
    }
    for help in &problem.help {
        message += &format!("\n{}", help.message);
    }
    let severity = match problem.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    };
    let elsewhere = problem.labels.iter().skip(1).filter_map(|label| {
        let text = label.text.as_deref().unwrap_or(lines.text);
        let is_own = std::ptr::eq(text, lines.text);
        let range = if is_own { lines.range(label.span) } else { place::range(&text.body, label.span) };
        let location = Location { uri: place::uri(Path::new(&text.name))?, range };
        Some(DiagnosticRelatedInformation { location, message: label.message.clone() })
    });
    let elsewhere: Vec<_> = elsewhere.collect();
    let fixes = problem.help.iter().filter_map(|help| {
        let fix = help.fix.as_ref()?;
        let edit = TextEdit { range: lines.range(fix.span), new_text: fix.replacement.clone() };
        Some((help.message.clone(), edit))
    });
    let told = lsp_types::Diagnostic {
        range: lines.range(problem.span()),
        severity: Some(severity),
        code: Some(NumberOrString::String(problem.code.name().to_string())),
        source: Some("begat".to_string()),
        message,
        related_information: (!elsewhere.is_empty()).then_some(elsewhere),
        ..lsp_types::Diagnostic::default()
    };
    Told { problem: told, fixes: fixes.collect() }
}
