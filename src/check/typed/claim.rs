//! Claims in a query: variables over sources and verbs, and what claims tell of a fact.

use super::{Term, VarId};
use crate::graph::{Graph, SourceId};
use crate::schema::{PropertyId, VerbId};
use crate::text::Span;

/// Closed lists of words that a variable may stand for, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    /// Keys of [`crate::graph::Claims::sources`].
    Source,
    /// Names of the verbs of the schema.
    Verb,
    /// Numbers of so many alternatives. No query declares such a variable: one is added to an `or` whose alternatives
    /// bind different variables.
    Alternative(u16),
}

/// Names of the first alternatives, for `explain`.
const NUMBERS: [&str; 8] =
    ["the first", "the second", "the third", "the fourth", "the fifth", "the sixth", "the seventh", "the eighth"];

impl Label {
    /// Returns the word that declares such a variable.
    pub fn name(self) -> &'static str {
        match self {
            Label::Source => "Source",
            Label::Verb => "Verb",
            Label::Alternative(_) => "alternative",
        }
    }

    /// Returns the number of words in the list.
    pub fn number(self, graph: &Graph) -> usize {
        match self {
            Label::Source => graph.claims().sources.len(),
            Label::Verb => graph.schema().verbs().len(),
            Label::Alternative(number) => usize::from(number),
        }
    }

    /// Returns the word at a position; the empty text beyond the end.
    pub fn word(self, graph: &Graph, position: u32) -> &str {
        match self {
            Label::Source => graph.claims().sources.get(position as usize).map_or("", |source| &source.key),
            Label::Verb => graph.schema().verbs().nth(position as usize).map_or("", |(_, verb)| &verb.name),
            Label::Alternative(_) => NUMBERS.get(position as usize).copied().unwrap_or(""),
        }
    }
}

/// A source, and what it claims.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClaimAtom {
    pub of: Claimed,
    /// Variable for the source.
    pub by: VarId,
    pub span: Span,
}

/// A fact that claims are about, as it is recorded: whatever the day of `as of`, and whatever part of the graph is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Claimed {
    Link {
        verb: VerbId,
        subject: Term,
        object: Term,
    },
    /// A stated value, whose position is in the variable.
    Value {
        property: PropertyId,
        value: VarId,
    },
}

impl Claimed {
    /// Returns the same with other variables.
    pub fn renamed(self, other: &dyn Fn(VarId) -> VarId) -> Claimed {
        let term = |term: Term| if let Term::Var(var) = term { Term::Var(other(var)) } else { term };
        match self {
            Claimed::Link { verb, subject, object } => {
                Claimed::Link { verb, subject: term(subject), object: term(object) }
            }
            Claimed::Value { property, value } => Claimed::Value { property, value: other(value) },
        }
    }

    /// Calls `f` with each variable, once per occurrence.
    pub fn vars(&self, f: &mut dyn FnMut(VarId)) {
        match self {
            Claimed::Link { subject, object, .. } => [*subject, *object].into_iter().filter_map(Term::var).for_each(f),
            Claimed::Value { value, .. } => f(*value),
        }
    }
}

/// What the claims of a fact tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfClaims {
    /// `trust(m uses t)`: the best trust of any claim, in words.
    Trust,
    /// `date(m uses t)`: the day from which the fact holds, according to its claims.
    Date,
}

impl OfClaims {
    /// Returns the word that asks for it.
    pub fn name(self) -> &'static str {
        match self {
            OfClaims::Trust => "trust",
            OfClaims::Date => "date",
        }
    }
}

/// Sources whose claims count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimedBy {
    Any,
    Source(SourceId),
    Var(VarId),
}
