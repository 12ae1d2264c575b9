//! Proofs as text, for terminals and pictures.

use super::words::sentence;
use crate::answer::{Proof, Reason};
use crate::graph::{CitedFact, Graph};
use std::collections::BTreeSet;

/// A reason as text, with the facts that state it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Worded {
    pub text: String,
    /// A note behind the text: the definition by which it holds.
    pub note: String,
    pub facts: Vec<CitedFact>,
}

/// Returns a reason as text; empty for [`Reason::All`].
pub fn worded(reason: &Reason, graph: &Graph) -> Worded {
    let name = |entity| graph.name(entity);
    let plain = |text: String| Worded { text, ..Worded::default() };
    match reason {
        Reason::All => Worded::default(),
        Reason::Fact(cited) => Worded { facts: vec![*cited], ..plain(sentence(graph, cited.fact)) },
        Reason::Chain { subject, path, object } => plain(format!("{} ({path}) {}", name(*subject), name(*object))),
        Reason::Rule { subject, verb, object, text } => {
            let said = match object {
                Some(object) => format!("{} {verb} {}", name(*subject), name(*object)),
                None => format!("{} is {verb}", name(*subject)),
            };
            let note = text.as_ref().map_or("as above".to_string(), |text| format!("by `{text}`"));
            Worded { note, ..plain(said) }
        }
        Reason::Absent { sought, looked_at: 0 } => plain(format!("nothing found: {sought}")),
        Reason::Absent { sought, looked_at } => plain(format!("nothing found: {sought} (looked at {looked_at})")),
        Reason::Compared { condition, bounds, .. } if bounds.is_empty() => plain(condition.clone()),
        Reason::Compared { condition, bounds, read } => Worded {
            facts: read.iter().map(|fact| CitedFact::from(*fact)).collect(),
            ..plain(format!("{condition} ({})", bounds.join("; ")))
        },
        Reason::Narrowed { entity, from, to } => {
            plain(format!("{} dated {to} by lineage ({from} by its own sources)", name(*entity)))
        }
        Reason::Counted { what, number } => plain(format!("{what}: {number}")),
        Reason::Itself(entity) => plain(format!("{} is itself", name(*entity))),
    }
}

/// Returns the proofs; one that only groups others (`All`) is replaced by these.
pub fn flat(proofs: &[Proof]) -> Vec<&Proof> {
    let mut flattened = Vec::new();
    // Reversed, here and below, so that the stack returns them in order.
    let mut open: Vec<&Proof> = proofs.iter().rev().collect();
    while let Some(proof) = open.pop() {
        match proof.reason {
            Reason::All => open.extend(proof.because.iter().rev()),
            _ => flattened.push(proof),
        }
    }
    flattened
}

/// Returns the number of distinct facts that a proof rests on, with its noun.
pub fn facts(proof: &Proof) -> String {
    let mut facts = BTreeSet::new();
    let mut stack = vec![proof];
    while let Some(next) = stack.pop() {
        if let Reason::Fact(cited) = next.reason {
            facts.insert(cited.fact);
        }
        stack.extend(next.because.iter());
    }
    if facts.len() == 1 { "1 fact".to_string() } else { format!("{} facts", facts.len()) }
}
