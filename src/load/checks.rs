//! The section `checks`: queries that the authors of a graph expect to hold.

use super::LoadError;
use super::file::{self, Word};
use super::folder::{self, Access};
use crate::text::{Code, Diagnostic, Diagnostics, Severity, Span, Text};
use std::path::Path;
use std::sync::Arc;

/// A check: a query with the message that describes it.
#[derive(Debug, Clone)]
pub struct GraphCheck {
    pub message: String,
    pub query: String,
    /// Whether the query must have results; otherwise it must have none.
    pub wants_some: bool,
    file: Arc<Text>,
    /// The place of the message.
    key: Span,
    /// The place of the query, quotes included.
    literal: Span,
}

/// Returns the checks of the parts at a path, in the order written. A part that is not valid RON has none.
///
/// # Errors
/// A part cannot be read.
pub fn checks(path: impl AsRef<Path>, access: Access) -> Result<Vec<GraphCheck>, LoadError> {
    let parts = folder::parts(path.as_ref(), access, &mut Diagnostics::default())?;
    Ok(parts.iter().flat_map(of_part).collect())
}

fn of_part(file: &Arc<Text>) -> Vec<GraphCheck> {
    // Its error is reported when the graph is opened.
    let Ok(part) = file::read(file) else { return Vec::new() };
    let check = |(message, check): &(Word<'_>, file::CheckPart<'_>)| GraphCheck {
        message: message.text.to_string(),
        query: check.query.text.to_string(),
        wants_some: check.wants_some,
        file: file.clone(),
        key: message.span(file),
        literal: check.query.span(file),
    };
    part.checks.0.iter().map(check).collect()
}

impl GraphCheck {
    /// Returns the error of a failed check, placed at its message in the file.
    pub fn failed(&self, found: &str) -> Diagnostic {
        let message = format!("{}: {found}", self.message);
        Diagnostic::new(Severity::Error, Code::FailedCheck, message).label_in(&self.file, self.key, "")
    }

    /// Returns problems of the query with their places in the file.
    pub fn placed(&self, problems: Diagnostics) -> Diagnostics {
        match Word::of(self.literal.of(&self.file.body)) {
            Some(word) => Diagnostics(problems.0.into_iter().map(|problem| word.placed(problem, &self.file)).collect()),
            None => problems,
        }
    }
}
