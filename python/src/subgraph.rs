//! Facts, and parts of a graph.

use crate::cells::{entity, value};
use crate::errors::raised;
use crate::graph::Graph;
use crate::proof::Claim;
use crate::work::run;
use begat::{Format, RenderOptions, Theme};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// A fact: subject, verb, and an entity or a value.
#[pyclass(frozen, get_all, module = "begat")]
pub struct Fact {
    subject: Py<PyAny>,
    verb: String,
    object: Py<PyAny>,
    /// Who states it; none if it was declared with its entity.
    claims: Vec<Py<Claim>>,
    /// Whether all who state it doubt it.
    doubtful: bool,
    sentence: String,
}

impl Fact {
    pub fn of(py: Python<'_>, graph: &Py<Graph>, fact: begat::Fact<'_>) -> PyResult<Fact> {
        let object = match (fact.object(), fact.value()) {
            (Some(object), _) => entity(py, graph, object)?,
            (None, Some(own)) => value(py, &own)?,
            (None, None) => py.None().into_bound(py),
        };
        Ok(Fact {
            subject: entity(py, graph, fact.subject())?.unbind(),
            verb: fact.verb().to_string(),
            object: object.unbind(),
            claims: fact.claims().map(|claim| Py::new(py, Claim::of(py, &claim)?)).collect::<PyResult<_>>()?,
            doubtful: fact.is_doubtful(),
            sentence: fact.to_string(),
        })
    }
}

#[pymethods]
impl Fact {
    fn __str__(&self) -> &str {
        &self.sentence
    }

    fn __repr__(&self) -> String {
        format!("<begat.Fact {}>", self.sentence)
    }
}

/// Some entities of a graph, and some of the facts between them.
#[pyclass(frozen, module = "begat")]
pub struct Subgraph {
    part: begat::Subgraph,
    graph: Py<Graph>,
}

impl Subgraph {
    pub fn new(part: begat::Subgraph, graph: Py<Graph>) -> Subgraph {
        Subgraph { part, graph }
    }
}

#[pymethods]
impl Subgraph {
    /// The entities, by type and name.
    #[getter]
    fn entities<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        self.part.entities().map(|one| entity(py, &self.graph, one)).collect()
    }

    /// The facts: links, then values.
    #[getter]
    fn facts(&self, py: Python<'_>) -> PyResult<Vec<Fact>> {
        self.part.facts().map(|fact| Fact::of(py, &self.graph, fact)).collect()
    }

    /// What follows from defined verbs, as subject, verb and object; no source states it.
    #[getter]
    #[allow(clippy::type_complexity, reason = "a triple")]
    fn derived<'py>(&self, py: Python<'py>) -> PyResult<Vec<(Bound<'py, PyAny>, String, Bound<'py, PyAny>)>> {
        let each = self.part.derived();
        each.map(|(subject, verb, object)| {
            Ok((entity(py, &self.graph, subject)?, verb.to_string(), entity(py, &self.graph, object)?))
        })
        .collect()
    }

    /// Writes it in a format of begat: `dot`, `graphml`, `ttl`, `ron`, `svg`, …
    #[pyo3(signature = (format, *, title=None, focus=None, theme=None))]
    fn render(
        &self,
        py: Python<'_>,
        format: &str,
        title: Option<String>,
        focus: Option<String>,
        theme: Option<&str>,
    ) -> PyResult<String> {
        let (format, looks) = rendered(format, title, focus, theme, None)?;
        let part = self.part.clone();
        run(py, None, move || part.render(format, &looks))?.map_err(|error| raised(py, &error, ""))
    }

    /// A `networkx.MultiDiGraph`: entities with `type` and their values, facts with `verb`, `doubtful` and `claims`.
    fn to_networkx<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("begat._convert")?.call_method1("to_networkx", (slf,))
    }

    fn _repr_svg_(&self, py: Python<'_>) -> PyResult<Option<String>> {
        if self.part.entities().len() == 0 { Ok(None) } else { self.render(py, "svg", None, None, None).map(Some) }
    }

    fn __repr__(&self) -> String {
        format!("<begat.Subgraph of {} entities, {} facts>", self.part.entities().len(), self.part.facts().len())
    }
}

/// Reads how something is to be written.
pub fn rendered(
    format: &str,
    title: Option<String>,
    focus: Option<String>,
    theme: Option<&str>,
    width: Option<usize>,
) -> PyResult<(Format, RenderOptions)> {
    let found = Format::named(format).ok_or_else(|| {
        let names: Vec<&str> = Format::all().map(Format::name).collect();
        PyValueError::new_err(format!("no format is called `{format}`; the formats are {}", names.join(", ")))
    })?;
    let theme = match theme {
        None | Some("auto") => Theme::Auto,
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        Some(other) => {
            return Err(PyValueError::new_err(format!(
                "no theme is called `{other}`; the themes are auto, light, dark"
            )));
        }
    };
    let mut looks = RenderOptions::new().theme(theme);
    if let Some(title) = title {
        looks = looks.title(title);
    }
    if let Some(focus) = focus {
        looks = looks.focus(focus);
    }
    if let Some(width) = width {
        looks = looks.width(width);
    }
    Ok((found, looks))
}
