//! What could have stood where the grammar stops.

use super::grammar::Rule;
use crate::text::{Code, Diagnostic, Span};
use pest::error::{Error, InputLocation};

pub fn explain(text: &str, _rule: Rule, error: &Error<Rule>) -> Diagnostic {
    let at = match error.location {
        InputLocation::Pos(at) => at,
        InputLocation::Span((start, _)) => start,
    };
    Diagnostic::error(Code::Syntax, Span::new(at, text.len()), "this does not follow the grammar")
}
