//! Errors of queries, data and files.

use crate::limits::Stop;
use crate::load;
use crate::text::{Diagnostic, Diagnostics, Text};
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::sync::Arc;

/// Why there is no answer. Its text is the messages of its errors, joined by `; `; [`Error::render`] shows them with
/// the places that they point at.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Error {
    /// The query is wrong: its text, and at least one error.
    #[doc(hidden)]
    Query(Arc<Text>, Diagnostics),
    /// The data is wrong.
    #[doc(hidden)]
    Data(Diagnostics),
    /// A file could not be read.
    #[doc(hidden)]
    Read { path: PathBuf, reason: String },
    /// A file could not be written.
    #[doc(hidden)]
    Write { path: PathBuf, reason: String },
    /// A limit stopped the query.
    #[doc(hidden)]
    Limit(Diagnostic),
    /// The flag of [`Options::cancel`](crate::Options::cancel) was set.
    #[doc(hidden)]
    Interrupted,
    /// The library was asked for something that it cannot do with any data, as the sentence says.
    #[doc(hidden)]
    Usage(String),
}

/// The cause of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text of the query.
    Query,
    /// The data of the graph.
    Data,
    /// A file that could not be read or written.
    File,
    /// A limit of the [`Options`](crate::Options) was reached.
    Limit,
    /// The flag of [`Options::cancel`](crate::Options::cancel) was set.
    Interrupted,
    /// The program asked for something impossible: a prepared query of another graph, a column that does not exist, a
    /// format that cannot show the answer.
    Usage,
}

impl ErrorKind {
    /// Returns the kind as one lower-case word, as in the `error` of [`Database::ask`](crate::Database::ask).
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Query => "query",
            ErrorKind::Data => "data",
            ErrorKind::File => "file",
            ErrorKind::Limit => "limit",
            ErrorKind::Interrupted => "interrupted",
            ErrorKind::Usage => "usage",
        }
    }
}

impl Error {
    /// Returns the cause.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Query(..) => ErrorKind::Query,
            Error::Data(_) => ErrorKind::Data,
            Error::Read { .. } | Error::Write { .. } => ErrorKind::File,
            Error::Limit(_) => ErrorKind::Limit,
            Error::Interrupted => ErrorKind::Interrupted,
            Error::Usage(_) => ErrorKind::Usage,
        }
    }

    /// Returns all problems. Empty if no text is at fault: a file, a cancelled query, wrong use of the library.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Error::Query(_, found) | Error::Data(found) => &found.0,
            Error::Limit(diagnostic) => std::slice::from_ref(diagnostic),
            Error::Read { .. } | Error::Write { .. } | Error::Interrupted | Error::Usage(_) => &[],
        }
    }

    pub(crate) fn usage(sentence: impl Into<String>) -> Error {
        Error::Usage(sentence.into())
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Error::Read { path, reason } => write!(f, "cannot read `{}`: {reason}", path.display()),
            Error::Write { path, reason } => write!(f, "cannot write `{}`: {reason}", path.display()),
            Error::Interrupted => f.write_str("the query was cancelled"),
            Error::Usage(sentence) => f.write_str(sentence),
            Error::Query(..) | Error::Data(_) | Error::Limit(_) => {
                let errors = self.diagnostics().iter().filter(|diagnostic| diagnostic.is_error());
                let messages = errors.map(|error| error.message.as_str());
                f.write_str(&messages.collect::<Vec<_>>().join("; "))
            }
        }
    }
}

impl std::error::Error for Error {}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Error {
        match stop {
            Stop::Limit(diagnostic) => Error::Limit(diagnostic),
            Stop::Interrupted => Error::Interrupted,
        }
    }
}

impl From<load::LoadError> for Error {
    fn from(error: load::LoadError) -> Error {
        match error {
            load::LoadError::Io { path, reason } => Error::Read { path, reason },
            load::LoadError::Data(diagnostics) => Error::Data(diagnostics),
        }
    }
}
