//! Texts that people write (queries, data files), places in them, and what is wrong with them.
//!
//! Read [`Diagnostic`] first. This module knows neither the language nor the graph; how a diagnostic looks is
//! the business of `render`.

mod code;
mod diagnostic;
mod span;
pub mod suggest;

pub use code::{CODES, Code, CodeInfo};
pub use diagnostic::{Advice, Diagnostic, Diagnostics, Fix, Help, Label, Resource, Severity};
pub use span::{Span, Spanned, Text};

/// A value, or everything that is wrong with the text it was to be made from.
pub type Result<T> = std::result::Result<T, Diagnostics>;
