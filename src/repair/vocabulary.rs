//! The verbs of a graph: those of its schema, and those that definitions make.

use crate::graph::{EntityId, Graph};
use crate::schema::{TypeSet, VerbId};
use crate::syntax::TypedNoun;
use crate::syntax::ast::Define;
use std::ops::Deref;

/// A verb that a query may be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Word {
    Verb(VerbId),
    /// The position of a definition.
    Defined(usize),
}

/// What may stand at an end of a verb.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tip {
    Only(EntityId),
    Of(TypeSet),
}

/// A graph with the verbs that are defined over it.
pub(super) struct Vocabulary<'g> {
    graph: &'g Graph,
    defined: Vec<Defined>,
}

struct Defined {
    name: String,
    from: TypeSet,
    to: TypeSet,
}

impl Deref for Vocabulary<'_> {
    type Target = Graph;

    fn deref(&self) -> &Graph {
        self.graph
    }
}

impl<'g> Vocabulary<'g> {
    /// The graph with those definitions that stand between two nouns.
    pub fn new<'d>(graph: &'g Graph, defines: impl Iterator<Item = &'d Define>) -> Vocabulary<'g> {
        Vocabulary { graph, defined: defines.filter_map(|define| defined(define, graph)).collect() }
    }

    /// The verbs that are defined, with their names.
    pub fn defined(&self) -> impl Iterator<Item = (Word, &str)> {
        self.defined.iter().enumerate().map(|(i, defined)| (Word::Defined(i), defined.name.as_str()))
    }

    /// The types from which and to which a verb leads, forwards or backwards.
    pub fn ends(&self, word: Word, inverse: bool) -> (TypeSet, TypeSet) {
        let (from, to) = match word {
            Word::Verb(id) => (self.schema().verb(id).from, self.schema().verb(id).to),
            Word::Defined(i) => (self.defined[i].from, self.defined[i].to),
        };
        if inverse { (to, from) } else { (from, to) }
    }

    /// A verb as a query writes it, forwards or backwards.
    pub fn spelt(&self, word: Word, inverse: bool) -> String {
        let (name, opposite) = match word {
            Word::Verb(id) => (&self.schema().verb(id).name, self.schema().verb(id).inverse.as_ref()),
            Word::Defined(i) => (&self.defined[i].name, None),
        };
        match (inverse, opposite) {
            (false, _) => name.clone(),
            (true, Some(opposite)) => opposite.clone(),
            (true, None) => format!("^{name}"),
        }
    }

    /// Whether a fact of a verb is recorded with these ends, of which either may be an entity or of some types.
    pub fn has_fact(&self, verb: VerbId, subject: Tip, object: Tip) -> bool {
        /// Maximum number of neighbours that are looked at; beyond, a fact is assumed. Those of one type lie together, so
        /// that others may come late.
        const MOST: usize = 2000;
        let relation = self.relation(verb);
        let has = |others: &[u32], types: TypeSet| {
            others.iter().take(MOST).any(|id| types.contains(self.type_of(EntityId(*id)))) || others.len() > MOST
        };
        match (subject, object) {
            (Tip::Only(subject), Tip::Only(object)) => relation.fact(subject, object).is_some(),
            (Tip::Only(subject), Tip::Of(types)) => has(relation.forward.of(subject), types),
            (Tip::Of(types), Tip::Only(object)) => has(relation.reverse.of(object), types),
            (Tip::Of(_), Tip::Of(_)) => !relation.is_empty(),
        }
    }
}

/// The head of a definition of two places: `Model m adds Technique t`.
fn defined(define: &Define, graph: &Graph) -> Option<Defined> {
    let head = define.parts().filter(|head| head.third.is_none())?;
    let types = |noun: TypedNoun| {
        let id = graph.schema().lookup_type(&noun.type_name.item)?;
        Some(graph.schema().type_(id).subtypes)
    };
    Some(Defined { name: head.verb.to_string(), from: types(head.subject)?, to: types(head.object?)? })
}
