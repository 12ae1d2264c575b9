//! Dates that are as uncertain as their sources are.

use begat::Truth;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDate;
use std::hash::{DefaultHasher, Hash, Hasher};

/// One unknown day between two bounds, as a source wrote it: `2024-12`, `..2023`, `2024~`.
#[pyclass(frozen, eq, module = "begat")]
#[derive(Clone, Copy, PartialEq)]
pub struct Date(pub begat::Date);

#[pymethods]
impl Date {
    #[new]
    fn new(text: &str) -> PyResult<Date> {
        begat::Date::parse(text).map(Date).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    /// The earliest possible day; `None` if the start is open.
    #[getter]
    fn earliest<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDate>>> {
        self.0.earliest_date().map(|day| to_python(py, day)).transpose()
    }

    /// The latest possible day; `None` if the end is open.
    #[getter]
    fn latest<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDate>>> {
        self.0.latest_date().map(|day| to_python(py, day)).transpose()
    }

    /// Whether this is before the other: `True`, `False`, or `None` where it depends on the days.
    fn before(&self, other: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        Ok(known(self.0.before(date_of(other)?)))
    }

    /// Whether this is after the other: `True`, `False`, or `None` where it depends on the days.
    fn after(&self, other: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        Ok(known(self.0.after(date_of(other)?)))
    }

    /// Whether both are the same day: `True`, `False`, or `None` where it depends on the days.
    fn same(&self, other: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
        Ok(known(self.0.same(date_of(other)?)))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("begat.Date('{}')", self.0)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyAny>, (String,)) {
        (py.get_type::<Date>().into_any(), (self.0.to_string(),))
    }
}

fn known(truth: Truth) -> Option<bool> {
    match truth {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Maybe => None,
    }
}

/// A day as Python has it, which knows the years 1 to 9999 only.
fn to_python<'py>(py: Python<'py>, day: begat::Date) -> PyResult<Bound<'py, PyDate>> {
    // Written as `-0044-03-15` or `2024-12-01`.
    let text = day.to_string();
    let mut parts = text.rsplitn(3, '-').map(|part| part.parse::<i32>().unwrap_or(0));
    let (day, month, year) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if text.starts_with('-') || year < 1 {
        return Err(PyValueError::new_err(format!("Python's dates begin in the year 1: `{text}` is a text only")));
    }
    PyDate::new(py, year, month.unsigned_abs() as u8, day.unsigned_abs() as u8)
}

/// Reads a date of begat, a `datetime.date`, or a text.
pub fn date_of(value: &Bound<'_, PyAny>) -> PyResult<begat::Date> {
    if let Ok(date) = value.cast::<Date>() {
        return Ok(date.get().0);
    }
    let datetime = value.py().import("datetime")?;
    let is_moment = value.is_instance(&datetime.getattr("datetime")?)?;
    let text = match value.is_instance(&datetime.getattr("date")?)? && !is_moment {
        true => value.call_method0("isoformat")?,
        false => value.clone(),
    };
    match text.extract::<String>() {
        Ok(text) => begat::Date::parse(&text).map_err(|error| PyValueError::new_err(error.to_string())),
        Err(_) => Err(PyTypeError::new_err("a date is a begat.Date, a datetime.date or a text, as '2024-12'")),
    }
}
