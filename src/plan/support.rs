//! What facts, proofs and reasons why not are read off: trees that follow the query's formula, whose parts that are asked
//! of single bindings are patterns of their own.

use super::{Column, Definition, FactAtom, Modality, PathAtom, Scalar, Template, Term, ValueAtom, VarId};
use crate::schema::{PropertyId, TypeSet, VerbId};
use crate::value::id;

id! {
    /// Position in [`super::Plan::subpatterns`].
    SubpatternId(u32), "subpatterns"
}

/// How the facts and proofs of bindings are found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// The whole pattern in words.
    pub title: Template,
    /// What bindings rest on.
    pub support: Support,
    /// The variables of entities in every binding.
    pub entities: Vec<VarId>,
    /// The columns of the answer: they tell which bindings give a row.
    pub columns: Vec<Column>,
    /// How certain bindings are proved; then, where such are shown, those that are only possible.
    pub forms: Vec<Form>,
    /// Of `why not`: the conditions in order.
    pub stages: Vec<Stage>,
}

/// What a binding rests on.
#[derive(Debug, Clone, PartialEq)]
pub enum Support {
    All(Vec<Support>),
    /// Of each binding by which the subpattern extends the frame.
    Each(SubpatternId, Box<Support>),
    Fact(FactAtom),
    Path(PathAtom),
    Value(ValueAtom),
    /// The stated values that a test reads.
    Test(Scalar),
}

/// The form in which a pattern is proved in a mode.
///
/// A proof cites the facts of what is affirmed. What is denied rests on facts that are not there, so that it looks at the
/// whole graph, whatever part of it a proof is tried on: its sources and properties are marked as
/// [`entire`](crate::graph::entire). A test that need only be possible, or that something is unknown, rests on what is
/// not known: the values that it reads are those of the whole graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// By conjunct.
    pub goals: Vec<Goal>,
    /// Bind the variables that a proof may choose to values for which the goals hold: one for all, or one by goal.
    pub holds: Vec<SubpatternId>,
    pub definitions: Vec<Definition>,
}

/// What is to be proved.
#[derive(Debug, Clone, PartialEq)]
pub enum Goal {
    All(Vec<Goal>),
    Any(Vec<Goal>),
    /// The subpattern has no binding. How many entities of these types there are is told.
    Absent {
        denied: SubpatternId,
        words: Template,
        among: TypeSet,
    },
    /// For some binding of the subpattern.
    Exists(SubpatternId, Box<Goal>),
    /// For so many bindings of the subpattern, while `denied` has no more.
    AtLeast {
        number: usize,
        of: SubpatternId,
        goal: Box<Goal>,
        denied: Option<SubpatternId>,
        words: Template,
    },
    AtMost {
        number: usize,
        denied: SubpatternId,
        words: Template,
    },
    /// For each binding of the subpattern.
    Every {
        domain: SubpatternId,
        then: Box<Goal>,
        words: Template,
    },
    /// Where the part bound any of these.
    Optional(Vec<VarId>, Box<Goal>),
    Modal(Modality, Box<Goal>),
    Fact(FactAtom),
    /// With the path in words.
    Path(PathAtom, String),
    Value(ValueAtom),
    Type(Term, TypeSet),
    Same(Term, Term),
    Test(Scalar, Template),
    /// A test of a path that the row names: nothing need be cited for it.
    PathTest(Scalar),
}

/// A condition of `why not`.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub words: Template,
    /// Finds a binding for which this condition holds, and those before it that have to do with it.
    pub found: SubpatternId,
    /// What there is instead.
    pub nearest: Vec<Nearest>,
}

/// What comes near to a condition that fails.
#[derive(Debug, Clone, PartialEq)]
pub enum Nearest {
    /// Facts of the same verbs about the subject, else about the object.
    Facts {
        subject: Term,
        object: Term,
        verbs: Vec<VerbId>,
    },
    Stated(Term, PropertyId),
}

impl Provenance {
    /// The form in which bindings are proved that are certain, or not.
    pub fn form(&self, is_certain: bool) -> Option<&Form> {
        if is_certain { self.forms.first() } else { self.forms.last() }
    }
}

impl Default for Support {
    fn default() -> Support {
        Support::All(Vec::new())
    }
}

impl Default for Goal {
    fn default() -> Goal {
        Goal::All(Vec::new())
    }
}
