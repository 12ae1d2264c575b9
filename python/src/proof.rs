//! Proofs and claims.

use crate::dates::Date;
use pyo3::prelude::*;
use std::sync::Arc;

/// Why something holds: a tree of facts, of which none can be left out.
#[pyclass(frozen, module = "begat")]
#[derive(Clone)]
pub struct Proof {
    root: Arc<begat::Proof>,
    /// The way from the root to this step: the position of each next one.
    way: Vec<usize>,
}

impl Proof {
    pub fn root(proof: begat::Proof) -> Proof {
        Proof { root: Arc::new(proof), way: Vec::new() }
    }

    fn own(&self) -> &begat::Proof {
        self.way.iter().fold(&self.root, |proof, at| &proof.because[*at])
    }
}

#[pymethods]
impl Proof {
    /// What holds, as a sentence.
    #[getter]
    fn sentence(&self) -> &str {
        &self.own().sentence
    }

    /// `all`, `fact`, `path`, `definition`, `absent`, `comparison`, `narrowed`, `counted` or `same`.
    #[getter]
    fn kind(&self) -> &'static str {
        self.own().kind.name()
    }

    /// Whether it holds whatever the days of uncertain dates are.
    #[getter]
    fn certain(&self) -> bool {
        self.own().certain
    }

    /// Who states it.
    #[getter]
    fn claims(&self, py: Python<'_>) -> PyResult<Vec<Claim>> {
        self.own().claims.iter().map(|claim| Claim::of(py, claim)).collect()
    }

    /// What it rests on, in order.
    #[getter]
    fn because(&self) -> Vec<Proof> {
        let below = |at| Proof { root: self.root.clone(), way: [self.way.as_slice(), &[at]].concat() };
        (0..self.own().because.len()).map(below).collect()
    }

    fn __str__(&self) -> String {
        self.own().to_string().trim_end().to_string()
    }

    fn __repr__(&self) -> String {
        self.__str__()
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("begat._show")?.call_method1("proof", (slf,))
    }
}

/// A citation of a fact; a text that was not given is empty.
#[pyclass(frozen, get_all, module = "begat")]
pub struct Claim {
    /// The key of the source.
    source: String,
    /// The place within the source.
    at: String,
    /// `direct`, `secondary`, `inferred` or `doubtful`.
    trust: String,
    /// The words of the source.
    quote: String,
    note: String,
    /// The date from which its facts hold.
    date: Option<Py<Date>>,
}

impl Claim {
    pub fn of(py: Python<'_>, claim: &begat::Claim) -> PyResult<Claim> {
        let begat::Claim { source, at, trust, quote, note, date, .. } = claim.clone();
        Ok(Claim { source, at, trust, quote, note, date: date.map(|date| Py::new(py, Date(date))).transpose()? })
    }
}

#[pymethods]
impl Claim {
    fn __repr__(&self) -> String {
        format!("<begat.Claim {}>", [self.source.as_str(), &self.at].join(" ").trim_end())
    }
}
