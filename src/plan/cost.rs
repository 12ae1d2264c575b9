//! How many candidates a variable will have: the estimates behind the order of variables.

use super::Condition;
use crate::check::typed::{FactAtom, Link, Term, VarId};
use crate::graph::Graph;
use crate::schema::TypeSet;

/// What is known while a block is ordered.
pub struct Bound<'a> {
    pub graph: &'a Graph,
    pub vars: &'a [VarId],
}

impl Bound<'_> {
    fn has(&self, term: Term) -> bool {
        term.var().is_none_or(|var| self.vars.contains(&var))
    }

    /// How many values `var` takes by `condition` alone for one binding of the rest; `None` where the condition does
    /// not list them.
    pub fn candidates(&self, condition: &Condition, var: VarId) -> Option<f64> {
        let this = Term::Var(var);
        match condition {
            Condition::Fact(atom) if atom.object == this && self.has(atom.subject) => Some(self.fan(atom, false)),
            Condition::Fact(atom) if atom.subject == this && self.has(atom.object) => Some(self.fan(atom, true)),
            Condition::Path { subject, object, .. } if *object == this && self.has(*subject) => Some(self.reach()),
            Condition::Path { subject, object, .. } if *subject == this && self.has(*object) => Some(self.reach()),
            Condition::Same(a, b) if (*a == this && self.has(*b)) || (*b == this && self.has(*a)) => Some(1.0),
            Condition::Value(atom) if atom.value == var && self.has(atom.subject) => Some(1.0),
            Condition::Any(all) => all.iter().map(|inner| self.candidates(inner, var)).sum(),
            _ => None,
        }
    }

    /// Neighbours of the bound end: exactly for an entity, on average for a variable.
    fn fan(&self, atom: &FactAtom, inverse: bool) -> f64 {
        let Link::Verb(verb) = atom.link else { return self.graph.entity_count() as f64 / 8.0 };
        let adjacency = self.graph.relation(verb).adjacency(inverse, false);
        match if inverse { atom.object } else { atom.subject } {
            Term::Entity(entity) => adjacency.degree(entity) as f64,
            Term::Var(_) => adjacency.len() as f64 / (adjacency.offsets.len() as f64).max(1.0),
        }
    }

    /// A closure may reach anything; most reach a part.
    fn reach(&self) -> f64 {
        self.graph.entity_count() as f64 / 4.0 + 1.0
    }
}

/// How many entities there are of these types.
pub fn population(graph: &Graph, types: TypeSet) -> f64 {
    graph.ranges(types).iter().map(|range| range.len() as f64).sum()
}
