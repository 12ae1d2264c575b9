//! Trees from which facts, proofs and reasons for `why not` are read. They follow the query's formula; parts that are
//! tested for single bindings are patterns of their own.

use super::{ClaimAtom, Column, Definition, FactAtom, Modality, PathAtom, Scalar, Template, Term, ValueAtom, VarId};
use crate::schema::{PropertyId, TypeSet, VerbId};
use crate::value::id;

id! {
    /// Position in [`super::Plan::subpatterns`].
    SubpatternId(u32), "subpatterns"
}

/// Description of how the facts and proofs of bindings are found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// The whole pattern in words.
    pub title: Template,
    /// Facts that bindings rest on.
    pub support: Support,
    /// Entity variables of every binding.
    pub entities: Vec<VarId>,
    /// What holds whether optional parts match or not, and the variables of these parts, if rows do not tell these apart.
    pub required: Option<(SubpatternId, Vec<VarId>)>,
    /// Variables that no column shows, whose values a proof may choose.
    pub open: Vec<VarId>,
    /// Columns of the answer, which tell the bindings of a row.
    pub columns: Vec<Column>,
    /// Forms by which certain bindings are proved and then, if possible ones are shown, those.
    pub forms: Vec<Form>,
    /// The same for bindings in which all optional parts that rows tell have a match, so that a proof may choose their
    /// other variables; empty if there are no such variables.
    pub matched: Vec<Form>,
    /// Variables that tell by a row whether an optional part has a match: a list for each part.
    pub told: Vec<Vec<VarId>>,
    /// Conditions of `why not`, in order.
    pub stages: Vec<Stage>,
}

/// Facts that a binding rests on.
#[derive(Debug, Clone, PartialEq)]
pub enum Support {
    All(Vec<Support>),
    /// Support of each binding that extends the frame by the subpattern.
    Each(SubpatternId, Box<Support>),
    Fact(FactAtom),
    Path(PathAtom),
    Value(ValueAtom),
    /// The source by which a fact beside it is cited.
    Claim(ClaimAtom),
    /// Stated values that a test reads.
    Test(Scalar),
}

/// Form in which a pattern is proved in a mode.
///
/// A proof cites the facts of what is affirmed. What is denied rests on the absence of facts, so it is tested on the
/// whole graph, whatever part of it the proof is tested on: its sources and properties are marked as
/// [`entire`](crate::graph::entire). A test that something is unknown, or that need only be possible, rests on what is
/// not known, so it reads the values of the whole graph, too.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// One per conjunct.
    pub goals: Vec<Goal>,
    /// Subpatterns that bind the variables a proof may choose to values for which the goals hold: one for all goals, or
    /// one per goal.
    pub holds: Vec<SubpatternId>,
    pub definitions: Vec<Definition>,
}

/// A statement to be proved.
#[derive(Debug, Clone, PartialEq)]
pub enum Goal {
    All(Vec<Goal>),
    Any(Vec<Goal>),
    /// The subpattern has no binding. The proof states how many entities of these types there are.
    Absent {
        denied: SubpatternId,
        words: Template,
        among: TypeSet,
    },
    /// The goal, for some binding of the subpattern.
    Exists(SubpatternId, Box<Goal>),
    /// The goal, for at least `number` bindings of the subpattern; `denied` must have no more.
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
    /// The goal, for each binding of the subpattern.
    Every {
        domain: SubpatternId,
        then: Box<Goal>,
        words: Template,
    },
    /// The goal, if the optional part bound any of these variables.
    Optional(Vec<VarId>, Box<Goal>),
    Modal(Modality, Box<Goal>),
    Fact(FactAtom),
    /// A path, with its words.
    Path(PathAtom, String),
    Value(ValueAtom),
    /// A source of what another goal cites.
    Claim(ClaimAtom),
    Word(VarId, u32),
    Type(Term, TypeSet),
    Same(Term, Term),
    Test(Scalar, Template),
    /// A test of a path that the row names, for which no fact is cited.
    PathTest(Scalar),
}

/// A condition of `why not`.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub words: Template,
    /// Finds a binding that satisfies this condition and those before it that share variables with it.
    pub found: SubpatternId,
    /// Where to look for facts that exist instead.
    pub nearest: Vec<Nearest>,
}

/// Facts that come near a condition that fails.
#[derive(Debug, Clone, PartialEq)]
pub enum Nearest {
    /// Facts of the same verbs about the subject or, if there are none, about the object.
    Facts {
        subject: Term,
        object: Term,
        verbs: Vec<VerbId>,
    },
    Stated(Term, PropertyId),
}

impl Provenance {
    /// Returns the form by which a certain (or only possible) binding is proved; `is_bound` tells whether it has a value
    /// for a variable.
    pub fn form(&self, is_certain: bool, is_bound: &dyn Fn(VarId) -> bool) -> Option<&Form> {
        let has_all = self.told.iter().all(|vars| vars.iter().any(|var| is_bound(*var)));
        let forms = if has_all && !self.matched.is_empty() { &self.matched } else { &self.forms };
        if is_certain { forms.first() } else { forms.last() }
    }

    /// Returns all forms.
    pub fn all_forms(&self) -> impl Iterator<Item = &Form> {
        self.forms.iter().chain(&self.matched)
    }

    /// Returns the same, mutable.
    pub fn forms_mut(&mut self) -> impl Iterator<Item = &mut Form> {
        self.forms.iter_mut().chain(&mut self.matched)
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
