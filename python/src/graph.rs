//! The graph: opened, asked, looked into.

use crate::answer::Answer;
use crate::cells::{entity, parameter, value};
use crate::dates::date_of;
use crate::errors::raised;
use crate::subgraph::{Fact, Subgraph};
use crate::work::run;
use begat::{Database, Options};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Opens a graph: a folder of data files, a `.ron` file or a snapshot; without a path the built-in one.
#[pyfunction]
#[pyo3(signature = (path=None))]
pub fn open(py: Python<'_>, path: Option<PathBuf>) -> PyResult<Graph> {
    let Some(path) = path else { return Ok(Graph(Database::builtin())) };
    let opened = run(py, None, move || Database::open(path))?;
    opened.map(Graph).map_err(|error| raised(py, &error, ""))
}

/// Makes a graph of texts by the names of their files: data files in RON, and the tables that they name.
#[pyfunction]
pub fn from_texts(py: Python<'_>, texts: Vec<(String, String)>) -> PyResult<Graph> {
    let opened = run(py, None, move || {
        let each: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Database::from_texts(&each)
    })?;
    opened.map(Graph).map_err(|error| raised(py, &error, ""))
}

/// A graph of facts. Threads may share it.
#[pyclass(frozen, module = "begat")]
pub struct Graph(pub Database);

#[pymethods]
impl Graph {
    /// Answers one query. `$name` in it stands for a value of `values` or of `parameters`, which is never read as query
    /// text. Limits: seconds, rows, bytes.
    #[pyo3(signature = (query, parameters=None, *, possibly=false, as_of=None, timeout=None, max_rows=None, max_memory=None, **values))]
    #[allow(clippy::too_many_arguments, reason = "Python names them")]
    fn ask(
        slf: &Bound<'_, Self>,
        query: String,
        parameters: Option<&Bound<'_, PyDict>>,
        possibly: bool,
        as_of: Option<&Bound<'_, PyAny>>,
        timeout: Option<f64>,
        max_rows: Option<u64>,
        max_memory: Option<u64>,
        values: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Answer> {
        let (py, cancel) = (slf.py(), Arc::new(AtomicBool::new(false)));
        let mut options =
            limited(Options::new().possibly(possibly).cancel(cancel.clone()), timeout, max_rows, max_memory)?;
        if let Some(day) = as_of {
            options = options.as_of(date_of(day)?);
        }
        options = bound(options, &[parameters, values])?;
        let (database, text) = (slf.get().0.clone(), query.clone());
        let answered = run(py, Some(&cancel), move || database.query_with(&text, &options))?;
        let answer = answered.map_err(|error| raised(py, &error, &query))?;
        Ok(Answer::new(answer, slf.clone().unbind(), cancel, query))
    }

    /// Answers any text as lines of JSON, errors included; with `proofs` each row has the member `because`.
    #[pyo3(signature = (query, parameters=None, *, possibly=false, proofs=false, timeout=None, max_rows=None, max_memory=None, **values))]
    #[allow(clippy::too_many_arguments, reason = "Python names them")]
    fn ask_json(
        &self,
        py: Python<'_>,
        query: String,
        parameters: Option<&Bound<'_, PyDict>>,
        possibly: bool,
        proofs: bool,
        timeout: Option<f64>,
        max_rows: Option<u64>,
        max_memory: Option<u64>,
        values: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<String> {
        let cancel = Arc::new(AtomicBool::new(false));
        let options = Options::new().possibly(possibly).proofs(proofs).cancel(cancel.clone());
        let options = bound(limited(options, timeout, max_rows, max_memory)?, &[parameters, values])?;
        let database = self.0.clone();
        run(py, Some(&cancel), move || database.ask(&query, &options))
    }

    /// What may stand at a place of a text, its end unless `cursor` says otherwise: the place of the word that a
    /// candidate replaces, and for each candidate the word, what it is, and its replacement.
    #[pyo3(signature = (text, cursor=None))]
    fn complete(&self, text: &str, cursor: Option<usize>) -> (usize, Vec<(String, String, String)>) {
        // Python counts characters.
        let byte = cursor.and_then(|cursor| text.char_indices().nth(cursor)).map_or(text.len(), |(byte, _)| byte);
        let found = self.0.complete(text, byte);
        let start = text.get(..found.start).map_or(0, |before| before.chars().count());
        (start, found.candidates.into_iter().map(|one| (one.word, one.about, one.replacement)).collect())
    }

    /// The entity of this name or alias.
    fn entity<'py>(slf: &Bound<'py, Self>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        match slf.get().0.entity(name) {
            Some(found) => entity(slf.py(), &slf.clone().unbind(), found),
            None => Err(PyKeyError::new_err(format!("no one entity is called `{name}`"))),
        }
    }

    /// All entities, or those of a type, by type and name.
    #[pyo3(signature = (type_name=None))]
    fn entities<'py>(slf: &Bound<'py, Self>, type_name: Option<&str>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let own = slf.clone().unbind();
        let all = slf.get().0.entities().filter(|one| type_name.is_none_or(|name| one.type_name() == name));
        all.map(|found| entity(slf.py(), &own, found)).collect()
    }

    /// The whole graph.
    fn whole(slf: &Bound<'_, Self>) -> PyResult<Subgraph> {
        let database = slf.get().0.clone();
        Ok(Subgraph::new(run(slf.py(), None, move || database.whole())?, slf.clone().unbind()))
    }

    /// Writes the graph as a snapshot, which opens at once.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let database = self.0.clone();
        run(py, None, move || database.save(path))?.map_err(|error| raised(py, &error, ""))
    }

    fn __repr__(&self) -> String {
        format!("<begat.Graph of {} entities>", self.0.entities().count())
    }

    // What `begat.Entity` asks for.

    fn _aliases(&self, name: &str, type_name: &str) -> PyResult<Vec<String>> {
        Ok(self.one(name, type_name)?.aliases().map(String::from).collect())
    }

    fn _value<'py>(&self, py: Python<'py>, name: &str, type_name: &str, property: &str) -> PyResult<Bound<'py, PyAny>> {
        match self.one(name, type_name)?.value(property) {
            Some(found) => value(py, &found),
            None => Err(PyKeyError::new_err(format!("a {type_name} has no property `{property}`"))),
        }
    }

    fn _date<'py>(&self, py: Python<'py>, name: &str, type_name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let date = self.one(name, type_name)?.date();
        if date.is_undated() { Ok(None) } else { value(py, &date.into()).map(Some) }
    }

    fn _facts(slf: &Bound<'_, Self>, name: &str, type_name: &str) -> PyResult<Vec<Fact>> {
        let own = slf.clone().unbind();
        slf.get().one(name, type_name)?.facts().map(|fact| Fact::of(slf.py(), &own, fact)).collect()
    }
}

impl Graph {
    /// The entity of a name and a type. Names differ within a type.
    fn one(&self, name: &str, type_name: &str) -> PyResult<begat::Entity<'_>> {
        let is_meant = |one: &begat::Entity<'_>| one.name() == name && one.type_name() == type_name;
        let found = self.0.entity(name).filter(is_meant).or_else(|| self.0.entities().find(is_meant));
        found.ok_or_else(|| PyKeyError::new_err(format!("no {type_name} is called `{name}`")))
    }
}

fn limited(options: Options, timeout: Option<f64>, rows: Option<u64>, memory: Option<u64>) -> PyResult<Options> {
    let options = match timeout.map(Duration::try_from_secs_f64) {
        None => options,
        Some(Ok(time)) => options.timeout(time),
        Some(Err(_)) => return Err(PyValueError::new_err("`timeout` is a number of seconds, from 0")),
    };
    let options = rows.map_or(options.clone(), |rows| options.max_rows(rows));
    Ok(memory.map_or(options.clone(), |bytes| options.max_memory(bytes)))
}

fn bound(mut options: Options, given: &[Option<&Bound<'_, PyDict>>]) -> PyResult<Options> {
    for (name, value) in given.iter().flatten().flat_map(|values| values.iter()) {
        let name: String = name.extract()?;
        let name = name.trim_start_matches('$');
        options = options.param(name, parameter(name, &value)?);
    }
    Ok(options)
}
