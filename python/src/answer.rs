//! Answers and their rows.

use crate::cells::{cell, truth_word};
use crate::columns;
use crate::errors::{Diagnostic, UsageError, listed, raised};
use crate::graph::Graph;
use crate::proof::Proof;
use crate::subgraph::{Subgraph, rendered};
use crate::work::run;
use begat::{Shape, Truth};
use pyo3::exceptions::{PyIndexError, PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList, PySlice, PyTuple};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The answer to a query: rows, which are certain or only possible. It iterates, and has positions and columns.
#[pyclass(frozen, module = "begat")]
pub struct Answer {
    answer: begat::Answer,
    graph: Py<Graph>,
    cancel: Arc<AtomicBool>,
    /// The text that was asked.
    #[pyo3(get)]
    query: String,
}

impl Answer {
    pub fn new(answer: begat::Answer, graph: Py<Graph>, cancel: Arc<AtomicBool>, query: String) -> Answer {
        Answer { answer, graph, cancel, query }
    }

    /// The row at a position, which the caller has checked.
    fn row(slf: &Bound<'_, Self>, position: usize) -> Row {
        Row { answer: slf.clone().unbind(), position }
    }

    fn column<'py>(&self, py: Python<'py>, position: usize) -> PyResult<Bound<'py, PyAny>> {
        let cells = self.answer.rows().map(|row| match row.cell(position) {
            Some(found) => cell(py, &self.graph, &found),
            None => Ok(py.None().into_bound(py)),
        });
        Ok(PyList::new(py, cells.collect::<PyResult<Vec<_>>>()?)?.into_any())
    }

    /// Does what may take long.
    fn done<T: Send + 'static>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&begat::Answer) -> Result<T, begat::Error> + Send + 'static,
    ) -> PyResult<T> {
        let answer = self.answer.clone();
        run(py, Some(&self.cancel), move || work(&answer))?.map_err(|error| raised(py, &error, &self.query))
    }
}

#[pymethods]
impl Answer {
    fn __len__(&self) -> usize {
        self.answer.len()
    }

    /// Whether there are rows; of a question without holes, whether it is so.
    fn __bool__(&self) -> PyResult<bool> {
        match self.answer.verdict() {
            None => Ok(!self.answer.is_empty()),
            Some(Truth::Yes) => Ok(true),
            Some(Truth::No) => Ok(false),
            Some(Truth::Maybe) => Err(PyValueError::new_err("it is unknown whether it is so: look at `verdict`")),
        }
    }

    fn __iter__(slf: &Bound<'_, Self>) -> Rows {
        Rows { answer: slf.clone().unbind(), next: 0 }
    }

    /// A row by its position, rows by a slice, a column by its name.
    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, own) = (slf.py(), slf.get());
        if let Ok(name) = key.extract::<String>() {
            return own.column(py, position_of(own, &name)?);
        }
        if let Ok(slice) = key.cast::<PySlice>() {
            let range = slice.indices(own.answer.len() as isize)?;
            let positions = (0..range.slicelength as isize).map(|at| (range.start + at * range.step) as usize);
            let rows: Vec<Row> = positions.map(|position| Answer::row(slf, position)).collect();
            return Ok(PyList::new(py, rows.into_iter().map(|row| Py::new(py, row)).collect::<PyResult<Vec<_>>>()?)?
                .into_any());
        }
        let position =
            key.extract::<isize>().map_err(|_| PyTypeError::new_err("rows have positions, columns names"))?;
        let position = placed(position, own.answer.len(), "row")?;
        Ok(Bound::new(py, Answer::row(slf, position))?.into_any())
    }

    /// The names of the columns, each different.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.answer.table().keys()
    }

    /// How many rows are certain: they hold whatever the days of uncertain dates are.
    #[getter]
    fn certain(&self) -> usize {
        self.answer.certain()
    }

    /// How many rows are only possible, shown or not.
    #[getter]
    fn possible(&self) -> usize {
        self.answer.len() - self.answer.certain() + self.answer.more_possible()
    }

    /// `yes`, `no` or `unknown`, of a question without holes; else `None`.
    #[getter]
    fn verdict(&self) -> Option<&'static str> {
        self.answer.verdict().map(truth_word)
    }

    /// Warnings and notes.
    #[getter]
    fn notes(&self, py: Python<'_>) -> PyResult<Vec<Py<Diagnostic>>> {
        listed(py, self.answer.diagnostics(), &self.query)
    }

    /// Why a row holds, the first unless another is named; `None` where such an answer has no proofs.
    #[pyo3(signature = (row=None))]
    fn why(slf: &Bound<'_, Self>, row: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Proof>> {
        let own = slf.get();
        let position = match row {
            None => 0,
            Some(row) => match row.cast::<Row>() {
                Ok(row) if row.get().answer.is(slf) => row.get().position as isize,
                Ok(_) => return Err(UsageError::new_err("the row belongs to another answer")),
                Err(_) => row.extract()?,
            },
        };
        let position = placed(position, own.answer.len(), "row")?;
        let found = own.done(slf.py(), move |answer| match answer.table().row(position) {
            Some(row) => answer.why(&row),
            None => Ok(None),
        })?;
        Ok(found.map(Proof::root))
    }

    /// The proofs that a query with `why` asks for.
    fn proofs(&self) -> Vec<Proof> {
        self.answer.proofs().into_iter().map(Proof::root).collect()
    }

    /// The facts that took part in the answer.
    fn subgraph(&self, py: Python<'_>) -> PyResult<Subgraph> {
        Ok(Subgraph::new(self.done(py, |answer| answer.subgraph())?, self.graph.clone_ref(py)))
    }

    /// Writes the answer in a format of begat: `table`, `json`, `csv`, `md`, `dot`, `svg`, `html`, …
    #[pyo3(signature = (format, *, title=None, focus=None, theme=None, width=None))]
    fn render(
        &self,
        py: Python<'_>,
        format: &str,
        title: Option<String>,
        focus: Option<String>,
        theme: Option<&str>,
        width: Option<usize>,
    ) -> PyResult<String> {
        let (format, looks) = rendered(format, title, focus, theme, width)?;
        self.done(py, move |answer| answer.render(format, &looks))
    }

    /// The rows as dictionaries, with `certainty`.
    fn to_dicts<'py>(slf: &Bound<'py, Self>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        (0..slf.get().answer.len()).map(|position| Answer::row(slf, position).to_dict(slf.py())).collect()
    }

    /// The columns as a stream of Arrow's C interface: what takes it needs no copy.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Whoever asks for another schema casts: so the interface allows.
        drop(requested_schema);
        let answer = self.answer.clone();
        let made = run(py, Some(&self.cancel), move || columns::batch(&answer))?;
        let batch = made.map_err(|error| PyValueError::new_err(error.to_string()))?;
        PyCapsule::new_with_value(py, columns::stream(batch), c"arrow_array_stream")
    }

    /// A `pyarrow.Table`; a date is two columns, `.earliest` and `.latest`.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("begat._convert")?.call_method1("to_arrow", (slf,))
    }

    /// A `pandas.DataFrame`; a date is two columns, `.earliest` and `.latest`.
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("begat._convert")?.call_method1("to_pandas", (slf,))
    }

    /// A `polars.DataFrame`; a date is two columns, `.earliest` and `.latest`.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("begat._convert")?.call_method1("to_polars", (slf,))
    }

    /// A table, for notebooks; `None` of what is drawn or written.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match slf.get().answer.shape() {
            Shape::Table => slf.py().import("begat._show")?.call_method1("table", (slf,)).map(Some),
            _ => Ok(None),
        }
    }

    /// A picture, for notebooks; `None` of tables and texts.
    fn _repr_svg_(&self, py: Python<'_>) -> PyResult<Option<String>> {
        match self.answer.shape() {
            Shape::Picture => self.render(py, "svg", None, None, None, None).map(Some),
            _ => Ok(None),
        }
    }

    /// The answer as the command shows it.
    fn __str__(&self, py: Python<'_>) -> PyResult<String> {
        let is_table = self.answer.shape() == Shape::Table;
        self.render(py, if is_table { "table" } else { "tree" }, None, None, None, None)
            .map(|text| text.trim_end().to_string())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        /// More lines fill a screen.
        const LINES: usize = 40;
        let text = self.__str__(py)?;
        let lines: Vec<&str> = text.lines().collect();
        Ok(match lines.len().saturating_sub(LINES) {
            0 => text,
            more => format!("{}\n… {more} more lines", lines[..LINES].join("\n")),
        })
    }
}

/// The position of a column of that name.
fn position_of(answer: &Answer, name: &str) -> PyResult<usize> {
    let keys = answer.columns();
    keys.iter().position(|key| key == name).ok_or_else(|| {
        PyKeyError::new_err(format!("no column is called `{name}`; the columns are `{}`", keys.join("`, `")))
    })
}

/// A position from the start, or from the end if it is negative.
fn placed(position: isize, length: usize, what: &str) -> PyResult<usize> {
    let at = if position < 0 { position.checked_add_unsigned(length) } else { Some(position) };
    let at = at.and_then(|at| usize::try_from(at).ok()).filter(|at| *at < length);
    at.ok_or_else(|| PyIndexError::new_err(format!("there is no {what} {position}: there are {length}")))
}

/// Iterates over the rows of an answer.
#[pyclass]
pub struct Rows {
    answer: Py<Answer>,
    next: usize,
}

#[pymethods]
impl Rows {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> Option<Row> {
        let position = self.next;
        self.next += 1;
        (position < self.answer.get().answer.len()).then(|| Row { answer: self.answer.clone_ref(py), position })
    }
}

/// A row: its values in order, or by the names of their columns.
#[pyclass(frozen, module = "begat")]
pub struct Row {
    answer: Py<Answer>,
    position: usize,
}

impl Row {
    fn cell<'py>(&self, py: Python<'py>, column: usize) -> PyResult<Bound<'py, PyAny>> {
        let own = self.answer.get();
        match own.answer.table().row(self.position).and_then(|row| row.cell(column)) {
            Some(found) => cell(py, &own.graph, &found),
            None => Ok(py.None().into_bound(py)),
        }
    }
}

#[pymethods]
impl Row {
    fn __len__(&self) -> usize {
        self.answer.get().answer.table().columns().len()
    }

    /// A value by the position or the name of its column.
    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(name) = key.extract::<String>() {
            return self.cell(py, position_of(self.answer.get(), &name)?);
        }
        let position = key.extract::<isize>().map_err(|_| PyTypeError::new_err("columns have positions and names"))?;
        self.cell(py, placed(position, self.__len__(), "column")?)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.values(py)?.call_method0("__iter__")
    }

    /// The names of the columns, so that `dict(row)` works.
    fn keys(&self) -> Vec<String> {
        self.answer.get().columns()
    }

    /// The values, in the order of the columns.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let cells = (0..self.__len__()).map(|column| self.cell(py, column));
        PyTuple::new(py, cells.collect::<PyResult<Vec<_>>>()?)
    }

    /// Whether the row holds whatever the days of uncertain dates are; else it is only possible.
    #[getter]
    fn certain(&self) -> bool {
        self.answer.get().answer.table().row(self.position).is_some_and(|row| row.is_certain())
    }

    /// Why the row holds; `None` where such an answer has no proofs.
    fn why(&self, py: Python<'_>) -> PyResult<Option<Proof>> {
        Answer::why(self.answer.bind(py), Some(&self.position.into_pyobject(py)?.into_any()))
    }

    /// The values by the names of their columns, with `certainty`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let row = PyDict::new(py);
        for (column, name) in self.keys().into_iter().enumerate() {
            row.set_item(name, self.cell(py, column)?)?;
        }
        row.set_item("certainty", if self.certain() { "certain" } else { "possible" })?;
        Ok(row)
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        match other.cast::<Row>() {
            Ok(row) => self.values(py)?.eq(row.get().values(py)?),
            Err(_) => self.values(py)?.eq(other),
        }
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.values(py)?.hash()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let each = self
            .keys()
            .into_iter()
            .enumerate()
            .map(|(column, name)| Ok(format!("{name}={}", self.cell(py, column)?.repr()?)));
        let words = each.collect::<PyResult<Vec<_>>>()?.join(", ");
        Ok(format!("<Row {words}{}>", if self.certain() { "" } else { ", only possible" }))
    }
}
