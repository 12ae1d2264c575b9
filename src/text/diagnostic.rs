//! Problems in a text that a person wrote.

use super::{Code, Span, Text};
use std::sync::Arc;

/// How severe a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The text cannot be used.
    Error,
    /// The text is used, but perhaps not as it was meant.
    Warning,
    /// Information without anything to mend: how an ambiguous `and` was read, for example.
    Note,
}

/// One problem in a text that a person wrote.
///
/// The message stands alone: lower case, no full stop, the user's words in backticks. It says what is wrong; the help
/// says what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Whether the text can be used in spite of the problem.
    pub severity: Severity,
    /// The kind of problem; the same in every version.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// The places; the first is the primary label. Empty only if no text is at fault (a limit, for example).
    pub labels: Vec<Label>,
    /// What to write instead, the likeliest first.
    pub help: Vec<Help>,
    /// What the caller can do outside of the text. Each front end has its own words for it.
    pub advice: Vec<Advice>,
}

/// A remedy outside of the text; a front end words it for its users.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Ask again with a higher limit.
    RaiseLimit(Resource),
    /// Bind a value to the parameter with this name, written here without its `$`.
    BindParameter(String),
    /// Build the snapshot again from its sources.
    RebuildSnapshot,
    /// Allow files outside of the graph's folder.
    AllowOutside,
    /// Import the table as a graph.
    ImportTable,
    /// Declare a new entity with this name, of one of these types; of none where the type is told otherwise.
    Declare(String, Vec<String>),
}

impl std::fmt::Display for Advice {
    /// Writes words that fit every front end; one that has a flag or a button for it names that instead.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Advice::RaiseLimit(Resource::Time) => f.write_str("raise the limit of time"),
            Advice::RaiseLimit(Resource::Memory) => f.write_str("raise the limit of memory"),
            Advice::RaiseLimit(Resource::Rows) => f.write_str("raise the limit of rows"),
            Advice::BindParameter(name) => write!(f, "bind a value to `${name}`"),
            Advice::RebuildSnapshot => f.write_str("build the snapshot again from its sources"),
            Advice::AllowOutside => f.write_str("allow files outside of the graph's folder"),
            Advice::ImportTable => f.write_str("make a graph of the table"),
            Advice::Declare(name, types) if types.is_empty() => write!(f, "or declare `{name}` as new"),
            Advice::Declare(name, types) => {
                write!(f, "declare `{} {name}` as new; a {} can stand here", types[0], types.join(" or "))
            }
        }
    }
}

/// The subject of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// From parsing to the last byte of output.
    Time,
    /// Bytes held.
    Memory,
    /// Rows of the answer and intermediate rows.
    Rows,
}

/// A place and what is said about it; the message may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Label {
    /// The text that the span lies in; `None` means the text that is being read (the query).
    pub text: Option<Arc<Text>>,
    /// The place.
    pub span: Span,
    /// What is said about the place.
    pub message: String,
}

/// What to do about a problem, with an edit that does it if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Help {
    /// What to do, for people.
    pub message: String,
    /// The edit that does it; the query that results is valid. `None` if there is no such edit.
    pub fix: Option<Fix>,
}

/// An edit of the text of the primary label.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// The span to replace; empty for an insertion.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

impl Diagnostic {
    #[doc(hidden)]
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Diagnostic {
        let (message, labels, help, advice) = (message.into(), Vec::new(), Vec::new(), Vec::new());
        Diagnostic { severity, code, message, labels, help, advice }
    }

    /// Returns an error at `span`, without words beside the carets.
    #[doc(hidden)]
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message).label(span, "")
    }

    #[doc(hidden)]
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message).label(span, "")
    }

    #[doc(hidden)]
    pub fn note(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Note, code, message).label(span, "")
    }

    /// Adds a place. The first one is the primary label.
    #[doc(hidden)]
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { text: None, span, message: message.into() });
        self
    }

    /// Sets the words beside the carets of the primary label.
    #[doc(hidden)]
    pub fn here(mut self, message: impl Into<String>) -> Diagnostic {
        if let Some(primary) = self.labels.first_mut() {
            primary.message = message.into();
        }
        self
    }

    /// Adds a place in another text.
    #[doc(hidden)]
    pub fn label_in(mut self, text: &Arc<Text>, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { text: Some(text.clone()), span, message: message.into() });
        self
    }

    #[doc(hidden)]
    pub fn help(mut self, message: impl Into<String>) -> Diagnostic {
        self.help.push(Help { message: message.into(), fix: None });
        self
    }

    /// Adds a remedy outside of the text.
    #[doc(hidden)]
    pub fn advise(mut self, advice: Advice) -> Diagnostic {
        self.advice.push(advice);
        self
    }

    /// Adds help with an edit: the text of `span` becomes `replacement`.
    #[doc(hidden)]
    pub fn fix(mut self, message: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        let fix = Fix { span, replacement: replacement.into() };
        self.help.push(Help { message: message.into(), fix: Some(fix) });
        self
    }

    /// Sets the text of the labels that have none, and moves them and the edits by `by` bytes: for a fact's sentence
    /// inside a file.
    #[doc(hidden)]
    pub fn placed(mut self, text: &Arc<Text>, by: u32) -> Diagnostic {
        for label in self.labels.iter_mut().filter(|label| label.text.is_none()) {
            label.text = Some(text.clone());
            label.span = label.span.shifted(by);
        }
        for fix in self.help.iter_mut().filter_map(|help| help.fix.as_mut()) {
            fix.span = fix.span.shifted(by);
        }
        self
    }

    /// Returns the place of the primary label; the start of the text if there is none.
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span::default(), |label| label.span)
    }

    /// Returns whether the text cannot be used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Problems, sorted by position. As the error of a [`super::Result`] it holds at least one error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Sorts by file and position, and removes duplicates.
    pub fn sort(&mut self) {
        let key = |d: &Diagnostic| {
            let name = d.labels.first().and_then(|l| l.text.as_ref()).map(|t| t.name.clone());
            (name, d.span(), d.severity)
        };
        self.0.sort_by_cached_key(key);
        self.0.dedup();
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl Fix {
    /// Applies the edit; `None` if its span does not lie in `text`.
    ///
    /// ```
    /// let text = "Model uses MLAA";
    /// let error = begat::Database::builtin().query(text).unwrap_err();
    /// let fix = error.diagnostics()[0].help[0].fix.as_ref().expect("an edit");
    /// assert_eq!(fix.apply(text).as_deref(), Some("Model uses MLA"));
    /// ```
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let (before, after) = (text.get(..self.span.start as usize)?, text.get(self.span.end as usize..)?);
        (self.span.start <= self.span.end).then(|| format!("{before}{}{after}", self.replacement))
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}
