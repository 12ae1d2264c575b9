//! What the claims of a fact tell, read from the record: whatever part of the graph is searched.

use super::output::paths::entity_of;
use super::{Mode, NULL_SLOT};
use crate::answer::Cell;
use crate::graph::{EntityId, FactId, Graph, Trust};
use crate::plan::{Claimed, ClaimedBy, OfClaims};
use crate::value::Value;

/// Returns the claims of a fact under a frame; none if no such fact is recorded.
pub(crate) fn claims_of<'g>(graph: &'g Graph, claimed: &Claimed, frame: &[u32]) -> &'g [u32] {
    fact_of(graph, claimed, frame).map_or(&[], |fact| graph.claims().numbers(fact))
}

/// Returns the source of a claim if the claim counts in the mode.
pub(crate) fn source_of(graph: &Graph, claim: u32, mode: Mode) -> Option<u32> {
    let claim = graph.claims().get(claim);
    (mode.possible || claim.trust != Trust::Doubtful).then_some(claim.source.0)
}

/// Returns trust or date of a fact by its claims; unknown if they tell none, absent if no such claim is recorded.
pub(crate) fn told(graph: &Graph, what: OfClaims, claimed: &Claimed, by: ClaimedBy, frame: &[u32]) -> Cell {
    let source = match by {
        ClaimedBy::Any => None,
        ClaimedBy::Source(source) => Some(source.0),
        ClaimedBy::Var(var) => Some(frame[var.0 as usize]),
    };
    let Some(fact) = fact_of(graph, claimed, frame) else { return Cell::Absent };
    let is_its = |source_of_claim: u32| source.is_none_or(|source| source == source_of_claim);
    let claims: Vec<_> = graph.claims().of(fact).filter(|claim| is_its(claim.source.0)).collect();
    // A fact that was declared with its entity has no claim.
    if claims.is_empty() && source.is_some() {
        return Cell::Absent;
    }
    let value = match what {
        OfClaims::Trust => claims.iter().map(|claim| claim.trust).min().map(|trust| Value::text(trust.name())),
        OfClaims::Date => claims.iter().filter_map(|claim| claim.date).reduce(|a, b| a.hull(b)).map(Value::Date),
    };
    Cell::Value(value.unwrap_or(Value::Unknown))
}

/// Returns the fact under a frame; `None` if it is not recorded.
pub(crate) fn fact_of(graph: &Graph, claimed: &Claimed, frame: &[u32]) -> Option<FactId> {
    match claimed {
        Claimed::Link { verb, subject, object } => {
            let (subject, object) = (entity_of(*subject, frame), entity_of(*object, frame));
            let is_there = subject != NULL_SLOT && object != NULL_SLOT;
            is_there.then(|| graph.relation(*verb).recorded(EntityId(subject), EntityId(object)))?
        }
        Claimed::Value { property, value } => {
            let position = frame[value.0 as usize];
            (position != NULL_SLOT).then(|| graph.values(*property).fact(position as usize))
        }
    }
}
