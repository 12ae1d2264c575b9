//! Texts that people write (queries, data files), places in them, and problems with them.
//!
//! Read [`Diagnostic`] first. This module knows neither the language nor the graph; `render` decides how a diagnostic
//! looks.

mod code;
mod diagnostic;
mod span;
pub mod suggest;

pub use code::{CODES, Code, CodeInfo};
pub use diagnostic::{Advice, Diagnostic, Diagnostics, Fix, Help, Label, Resource, Severity};
pub use span::{Span, Spanned, Text};

/// A value, or all problems of the text that it was to be made from.
pub type Result<T> = std::result::Result<T, Diagnostics>;
