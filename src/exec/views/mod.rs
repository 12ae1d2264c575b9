//! The questions that are more than a pattern: lineage, adoption, timeline, matrix, diff, describe, conflicts, schema.
//!
//! Each gives its view and the table that every format can show.

use super::Context;
use super::limits::Stop;
use super::links::Links;
use crate::answer::{Answer, Subgraph};
use crate::check::typed::{Body, Select};

/// The answer to a body that is no select.
pub(super) fn answer(_context: &Context, _links: &Links, _body: &Body) -> Result<Answer, Stop> {
    Err(Stop::Interrupted)
}

/// Its graph form.
pub(super) fn subgraph(_context: &Context, _links: &Links, _body: &Body) -> Result<Subgraph, Stop> {
    Err(Stop::Interrupted)
}

/// `diff` before a sentence: its subject against its object, for each match.
pub(super) fn diff_rows(_context: &Context, _links: &Links, _select: &Select) -> Result<Answer, Stop> {
    Err(Stop::Interrupted)
}
