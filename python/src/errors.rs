//! The library's errors as exceptions, whose text shows the place with carets.

use begat::{ErrorKind, Severity};
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(begat, Error, PyException, "Why there is no answer; the kinds of errors are its subclasses.");
create_exception!(begat, QueryError, Error, "The text of the query is wrong; `fixes` are the corrected texts.");
create_exception!(begat, DataError, Error, "The data of the graph is wrong.");
create_exception!(begat, FileError, Error, "A file could not be read or written.");
create_exception!(begat, LimitError, Error, "A limit stopped the query: time, rows or memory.");
create_exception!(begat, Interrupted, Error, "Another thread stopped the query.");
create_exception!(begat, UsageError, Error, "Something was asked for that is impossible with any data.");

/// The columns of messages.
const WIDTH: usize = 100;

pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("Error", py.get_type::<Error>())?;
    module.add("QueryError", py.get_type::<QueryError>())?;
    module.add("DataError", py.get_type::<DataError>())?;
    module.add("FileError", py.get_type::<FileError>())?;
    module.add("LimitError", py.get_type::<LimitError>())?;
    module.add("Interrupted", py.get_type::<Interrupted>())?;
    module.add("UsageError", py.get_type::<UsageError>())
}

/// One problem: what is wrong, where, and what to write instead.
#[pyclass(frozen, get_all, module = "begat")]
pub struct Diagnostic {
    /// `error`, `warning` or `note`.
    severity: &'static str,
    /// The kind of problem, the same in every version: `unknown-name`.
    code: String,
    message: String,
    /// The characters of the query that it is about; `None` if it is about data, or about no text.
    start: Option<usize>,
    end: Option<usize>,
    /// What to do about it, the likeliest first.
    help: Vec<String>,
    /// The query as corrected by each edit, the likeliest first.
    fixes: Vec<String>,
}

#[pymethods]
impl Diagnostic {
    fn __repr__(&self) -> String {
        format!("<begat.Diagnostic {}[{}]: {}>", self.severity, self.code, self.message)
    }
}

impl Diagnostic {
    /// Converts a problem of a query.
    pub fn of(problem: &begat::Diagnostic, query: &str) -> Diagnostic {
        let own = problem.labels.first().filter(|label| label.text.is_none());
        let characters = |byte: u32| query.get(..byte as usize).map(|before| before.chars().count());
        let fixes = problem.help.iter().filter_map(|help| help.fix.as_ref()).filter_map(|fix| fix.apply(query));
        Diagnostic {
            severity: match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                _ => "note",
            },
            code: problem.code.name().to_string(),
            message: problem.message.clone(),
            start: own.and_then(|label| characters(label.span.start)),
            end: own.and_then(|label| characters(label.span.end)),
            help: problem.help.iter().map(|help| help.message.clone()).collect(),
            fixes: fixes.collect(),
        }
    }
}

/// Converts problems into a list.
pub fn listed(py: Python<'_>, problems: &[begat::Diagnostic], query: &str) -> PyResult<Vec<Py<Diagnostic>>> {
    problems.iter().map(|problem| Py::new(py, Diagnostic::of(problem, query))).collect()
}

/// Converts an error: its text is what a compiler shows, its `diagnostics` are data, its `fixes` the corrected queries.
pub fn raised(py: Python<'_>, error: &begat::Error, query: &str) -> PyErr {
    let shown = error.render(false, WIDTH).trim_end().to_string();
    // An exception has its name before its text: the text begins on a line of its own.
    let words = if shown.contains('\n') { format!("\n{shown}") } else { shown };
    let exception = match error.kind() {
        ErrorKind::Query => QueryError::new_err(words),
        ErrorKind::Data => DataError::new_err(words),
        ErrorKind::File => FileError::new_err(error.to_string()),
        ErrorKind::Limit => LimitError::new_err(words),
        ErrorKind::Interrupted => Interrupted::new_err(error.to_string()),
        _ => UsageError::new_err(error.to_string()),
    };
    let told = || -> PyResult<()> {
        let diagnostics = listed(py, error.diagnostics(), query)?;
        let mut fixes: Vec<String> = diagnostics.iter().flat_map(|one| one.get().fixes.clone()).collect();
        fixes.dedup();
        let value = exception.value(py);
        value.setattr("message", error.to_string())?;
        value.setattr("diagnostics", diagnostics)?;
        value.setattr("fixes", fixes)
    };
    match told() {
        Ok(()) => exception,
        Err(other) => other,
    }
}
