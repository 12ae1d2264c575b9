//! How many candidates a variable will have: the estimates behind the order of variables.

use super::Condition;
use crate::check::typed::{FactAtom, Link, Term, VarId};
use crate::graph::Graph;
use crate::schema::TypeSet;

/// A set of variables: a bit each.
#[derive(Debug, Clone, Default)]
pub struct VarSet(Vec<u64>);

impl VarSet {
    pub fn contains(&self, var: VarId) -> bool {
        self.0.get(usize::from(var.0 / 64)).is_some_and(|word| word >> (var.0 % 64) & 1 == 1)
    }

    pub fn insert(&mut self, var: VarId) {
        let place = usize::from(var.0 / 64);
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        self.0[place] |= 1 << (var.0 % 64);
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

impl FromIterator<VarId> for VarSet {
    fn from_iter<I: IntoIterator<Item = VarId>>(vars: I) -> VarSet {
        let mut set = VarSet::default();
        vars.into_iter().for_each(|var| set.insert(var));
        set
    }
}

/// What is known while a block is ordered.
pub struct Bound<'a> {
    pub graph: &'a Graph,
    pub vars: &'a VarSet,
}

impl Bound<'_> {
    fn has(&self, term: Term) -> bool {
        term.var().is_none_or(|var| self.vars.contains(var))
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
