//! begat for Python: the module `begat._begat`, whose names the package `begat` gives on.
//!
//! It stands on the public interface of the library alone. Queries run without the interpreter's lock, on threads of their
//! own, so that Ctrl-C stops them (`work`). What a notebook shows, and what other libraries take, is put together in
//! Python (`begat/_show.py`, `begat/_convert.py`); columns are made here (`columns`).

mod answer;
mod cells;
mod columns;
mod dates;
mod errors;
mod graph;
mod proof;
mod subgraph;
mod work;

use pyo3::prelude::*;

#[pymodule]
fn _begat(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<graph::Graph>()?;
    module.add_class::<answer::Answer>()?;
    module.add_class::<answer::Row>()?;
    module.add_class::<dates::Date>()?;
    module.add_class::<proof::Proof>()?;
    module.add_class::<proof::Claim>()?;
    module.add_class::<subgraph::Subgraph>()?;
    module.add_class::<subgraph::Fact>()?;
    module.add_class::<errors::Diagnostic>()?;
    errors::add(module)?;
    module.add_function(wrap_pyfunction!(graph::open, module)?)?;
    module.add_function(wrap_pyfunction!(graph::from_texts, module)?)
}
