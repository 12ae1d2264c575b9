//! Cells as values of Python, and values of Python as parameters.

use crate::dates::{Date, date_of};
use crate::graph::Graph;
use begat::{Cell, Entity, Truth, Value};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString, PyTuple};

/// Returns a cell: an entity as `begat.Entity`, which is a `str`; a number, a text, a `begat.Date`; a range of numbers as
/// `begat.Range`; paths, lists and several values as tuples, in which what is only possible is a `begat.Possible`; what is
/// absent or unknown as `None`.
pub fn cell<'py>(py: Python<'py>, graph: &Py<Graph>, cell: &Cell<'_>) -> PyResult<Bound<'py, PyAny>> {
    match cell {
        Cell::Entity(one) => entity(py, graph, *one),
        Cell::Value(one) => value(py, one),
        Cell::Path(path) => tuple(py, path.iter().map(|one| entity(py, graph, *one))),
        Cell::List(items) => tuple(
            py,
            items.iter().map(|(item, certain)| {
                let item = self::cell(py, graph, item)?;
                if *certain { Ok(item) } else { class(py, &POSSIBLE, "Possible")?.call1((item,)) }
            }),
        ),
        _ => Ok(py.None().into_bound(py)),
    }
}

pub fn value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Number(number) => match whole(*number) {
            Some(whole) => whole.into_pyobject(py)?.into_any(),
            None => number.into_pyobject(py)?.into_any(),
        },
        Value::Integer(whole) => whole.into_pyobject(py)?.into_any(),
        Value::Range(low, high) => class(py, &RANGE, "Range")?.call1((*low, *high))?,
        Value::Date(date) => Bound::new(py, Date(*date))?.into_any(),
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::Truth(truth) => PyString::new(py, truth_word(*truth)).into_any(),
        Value::Many(each) => tuple(py, each.iter().map(|one| self::value(py, one)))?,
        _ => py.None().into_bound(py),
    })
}

/// The whole number that a float is; all floats between these bounds are exact.
pub fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

/// A truth as answers show it.
pub fn truth_word(truth: Truth) -> &'static str {
    match truth {
        Truth::Yes => "yes",
        Truth::No => "no",
        Truth::Maybe => "unknown",
    }
}

fn tuple<'py>(
    py: Python<'py>,
    items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyTuple::new(py, items.collect::<PyResult<Vec<_>>>()?)?.into_any())
}

static ENTITY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static RANGE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static POSSIBLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// A class that is written in Python.
fn class<'py>(py: Python<'py>, kept: &PyOnceLock<Py<PyAny>>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let found = kept.get_or_try_init(py, || Ok::<_, PyErr>(py.import("begat._values")?.getattr(name)?.unbind()))?;
    Ok(found.bind(py).clone())
}

pub fn entity<'py>(py: Python<'py>, graph: &Py<Graph>, entity: Entity<'_>) -> PyResult<Bound<'py, PyAny>> {
    class(py, &ENTITY, "Entity")?.call1((entity.name(), entity.type_name(), graph.clone_ref(py)))
}

/// Reads the value of a parameter. It is never read as query text.
pub fn parameter(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if value.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(format!(
            "`{name}` is a truth value: a parameter is a text, a number or a date"
        )));
    }
    if value.is_instance_of::<PyString>() {
        return Ok(value.extract::<String>()?.into());
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(value.extract::<i64>()?.into());
    }
    if value.is_instance_of::<PyFloat>() {
        let number = value.extract::<f64>()?;
        return match number.is_finite() {
            true => Ok(number.into()),
            false => Err(PyTypeError::new_err(format!("`{name}` is no finite number"))),
        };
    }
    date_of(value).map(Value::from).map_err(|_| {
        let kind = value.get_type().name().map_or_else(|_| "object".to_string(), |name| name.to_string());
        PyTypeError::new_err(format!("`{name}` is of type {kind}: a parameter is a text, a number or a date"))
    })
}
