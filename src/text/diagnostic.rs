//! One problem in a text that a person wrote, and lists of them.

use super::{Code, Span, Text};
use std::sync::Arc;

/// Whether the text can be used in spite of the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    /// Worth knowing, nothing to mend: how an ambiguous `and` was read, for example.
    Note,
}

/// One problem in a text that a person wrote.
///
/// The message stands alone: lower case, no full stop, the user's words in backticks. What is wrong is in the
/// message, what to write is in the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: Code,
    pub message: String,
    /// The first label is the primary one. Empty only where no text is at fault (a limit, for example).
    pub labels: Vec<Label>,
    pub help: Vec<Help>,
}

/// A place and what is to be said of it; the words may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The text that the span lies in; `None` is the text that is being read (the query).
    pub text: Option<Arc<Text>>,
    pub span: Span,
    pub message: String,
}

/// What to do about it, and perhaps the edit that does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    pub message: String,
    pub fix: Option<Fix>,
}

/// An edit in the text of the primary label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub span: Span,
    pub replacement: String,
}

impl Diagnostic {
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity, code, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// An error at `span`, with nothing written beside the carets.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message).label(span, "")
    }

    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message).label(span, "")
    }

    pub fn note(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Note, code, message).label(span, "")
    }

    /// Adds a place. The first one given is the primary label.
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { text: None, span, message: message.into() });
        self
    }

    /// Writes beside the carets of the primary label.
    pub fn here(mut self, message: impl Into<String>) -> Diagnostic {
        if let Some(primary) = self.labels.first_mut() {
            primary.message = message.into();
        }
        self
    }

    /// Adds a place in another text.
    pub fn label_in(mut self, text: &Arc<Text>, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { text: Some(text.clone()), span, message: message.into() });
        self
    }

    pub fn help(mut self, message: impl Into<String>) -> Diagnostic {
        self.help.push(Help { message: message.into(), fix: None });
        self
    }

    /// Help that can be carried out: the text of `span` becomes `replacement`.
    pub fn fix(mut self, message: impl Into<String>, span: Span, replacement: impl Into<String>) -> Diagnostic {
        let fix = Fix { span, replacement: replacement.into() };
        self.help.push(Help { message: message.into(), fix: Some(fix) });
        self
    }

    /// Says which text the labels without one lie in, and moves them `by` bytes: a fact's sentence inside a file.
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

    /// The place of the primary label; the start of the text where there is none.
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span::default(), |label| label.span)
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Problems in order of their position. As the error of a [`super::Result`] it holds at least one error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// In order of file and position; equal ones once.
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

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}
