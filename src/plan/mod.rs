//! Typed query → plan: everything that a run does, as operators over the bindings of a pattern.
//!
//! `build` writes the query down word for word; [`optimize`] applies [`RULES`], each of which can be switched off. A
//! plan is a chain of [`Operator`]s, each of which reads what the one before it gives; the first one is the match of a
//! [`Pattern`], or there is none, where a view reads the graph itself. After this module nothing reads the typed query.

mod build;
mod cost;
mod dependency;
mod explain;
mod pattern;
mod rules;
mod scalar;
mod support;
mod words;

pub use build::{Wanted, build};
pub use cost::annotate;
pub use dependency::is_clustered_by;
pub use explain::{Actual, Line, lines, print};
pub use pattern::{
    AccessPath, Block, Compare, Condition, GroupKey, MOST_TESTS, Memo, Order, PathId, Pattern, Probe, ProbeFact,
    ReachSemiJoin, Step, Steps, Walk,
};
pub use rules::{RULES, Rule, optimize, property_of};
pub use scalar::Scalar;
pub use support::{Form, Goal, Nearest, Provenance, Stage, SubpatternId, Support};
pub use words::{NULL_SLOT, Template, Words};

// The words that a query and its plan share.
pub use crate::check::typed::{
    ArithmeticOp, CompareOp, CountOp, DefineId, FactAtom, Generations, Grouping, Lineage, Link, Modality, Over, Path,
    PathAtom, PeriodOp, Report, ReportKind, ReportScope, SchemaTopic, Term, ValueAtom, Var, VarId, VarKind,
};

use crate::functions::FunctionId;
use crate::graph::{EntityId, SourceId};
use crate::schema::{TypeSet, VerbId};
use crate::text::{Diagnostic, Span};
use crate::value::Date;
use std::ops::Range;
use std::sync::Arc;

/// Everything that a run of a query does.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The definitions that the query uses, each after those that it negates.
    pub definitions: Vec<Definition>,
    /// Verbs of which only the facts of one source are followed.
    pub claimed: Vec<(VerbId, SourceId)>,
    /// In the order in which they run; each reads what the one before it gives.
    pub operators: Vec<Node>,
    /// What the answer shows of it.
    pub view: View,
    /// By [`VarId`].
    pub slots: Vec<Var>,
    /// The day as of which the graph is read.
    pub as_of: Option<Date>,
    /// `possibly` occurs in the query.
    pub possibly: bool,
    /// Every possible answer is shown, as if each condition said `possibly`.
    pub all_possible: bool,
    /// What the checker noted.
    pub notes: Vec<Diagnostic>,
    /// The names of the rules that changed the plan, in order.
    pub applied: Vec<&'static str>,
    /// The bindings that are found first are kept beside what is made of them.
    pub keeps_bindings: bool,
    /// Patterns that are asked of single bindings, where facts or proofs are read off them.
    pub subpatterns: Vec<Pattern>,
    /// How these are read off.
    pub provenance: Option<Box<Provenance>>,
}

/// A defined verb: the pattern that gives its pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    pub name: String,
    /// As written, for reasons.
    pub text: String,
    pub subject: VarId,
    pub object: VarId,
    /// Together they give all pairs.
    pub bodies: Vec<DefinitionBody>,
    /// The path that says the same, where the definition is the closure of one.
    pub closure: Option<Path>,
    /// The pairs depend on themselves, so that the bodies are run until nothing is added.
    pub is_recursive: bool,
    /// Something reads the pairs.
    pub is_needed: bool,
    /// The definitions that depend on this one and on which this one depends, itself among them.
    pub group: Range<usize>,
    /// By variable of the definition.
    pub slots: Arc<[Var]>,
    /// See [`Node`].
    pub id: u32,
    /// How many pairs it is expected to have, found in one round.
    pub rows: f64,
    /// What a pair rests on.
    pub support: Support,
    /// How a pair is proved, in a [`Form`].
    pub goal: Goal,
}

/// One way in which pairs of a definition come about.
#[derive(Debug, Clone, PartialEq)]
pub struct DefinitionBody {
    pub pattern: Pattern,
    pub runs: Runs,
}

/// When a body is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// In the first round: it uses nothing that grows.
    Once,
    /// In each round, over all pairs.
    EachRound,
    /// In each round after the first, over the pairs that the round before has added in one place.
    OnNew,
}

/// Marks the number of a definition of which the new pairs are meant.
pub const NEW_PAIRS: u16 = 1 << 15;

impl Definition {
    /// The number that stands for the pairs that the last round has added to a definition.
    pub fn new_pairs(define: DefineId) -> DefineId {
        DefineId(define.0 | NEW_PAIRS)
    }

    /// The definition whose new pairs the number stands for; `None` of a plain number.
    pub fn of_new_pairs(define: DefineId) -> Option<DefineId> {
        (define.0 & NEW_PAIRS != 0).then_some(DefineId(define.0 & !NEW_PAIRS))
    }

    /// The patterns of its bodies.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.bodies.iter().map(|body| &body.pattern)
    }
}

/// An operator with its place in the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub operator: Operator,
    /// Numbers the operators and steps of a plan.
    pub id: u32,
    /// How many rows it is expected to give.
    pub rows: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Operator {
    /// The distinct bindings of the wanted variables, each with how sure it is.
    Match(Box<Pattern>),
    /// Drops bindings that others displace.
    Nearest {
        var: VarId,
        path: Path,
    },
    /// Bindings or groups → rows of cells.
    Project(Projection),
    /// Bindings → rows of entities, sorted by their numbers.
    ProjectIds {
        columns: Vec<Column>,
    },
    /// Project, sort, distinct and limit in one: cells are made of the rows alone that are shown.
    LateRows(Box<LateRows>),
    /// Bindings → groups with the values of their aggregates.
    Aggregate(Box<Aggregate>),
    /// Match and aggregate in one: counts, sums and extremes are kept, not bindings.
    CountGroups(Box<CountGroups>),
    /// Drops groups by a condition on their aggregates.
    Having(Scalar),
    /// Makes the columns of `running` the sum over the groups that come no later.
    RunningSum {
        columns: Vec<usize>,
        keys: usize,
        last_is_period: bool,
    },
    Sort {
        keys: Vec<SortKey>,
    },
    /// Drops rows that equal the one before.
    Distinct,
    Limit(Limit),
    /// Bindings → their number.
    Count,
    /// Match and count in one.
    CountMatches(Box<Pattern>),
    /// Bindings → whether there is any.
    Ask,
    /// Bindings of two ends → the paths between them.
    Paths(Paths),
}

/// What the answer is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    /// The rows of the last operator.
    Rows,
    /// Yes, no or unknown.
    Verdict,
    /// The facts that the bindings rest on.
    Facts,
    /// A proof for each binding.
    Proofs,
    /// The first condition that fails.
    WhyNot,
    Lineage(LineageView),
    Adoption(AdoptionView),
    /// Grouped by year.
    Rise(AdoptionView),
    Spread {
        of: EntityId,
        verbs: Vec<VerbId>,
        via: Path,
    },
    Timeline {
        column: usize,
        is_entity: bool,
        limit: Limit,
    },
    Matrix {
        title: String,
    },
    Describe(EntityId),
    Conflicts(Option<EntityId>),
    Report(Report),
    Schema(SchemaTopic),
    Diff {
        left: EntityId,
        right: EntityId,
        over: Option<Over>,
    },
    /// Compares the two ends of each binding, in all but these verbs.
    DiffEnds {
        left: Term,
        right: Term,
        except: Vec<VerbId>,
        over: Option<Over>,
    },
}

impl View {
    /// The pattern that gives those of whom shares are told.
    pub fn among(&self) -> Option<&Pattern> {
        match self {
            View::Adoption(AdoptionView { of: Adopted::Pairs { among, .. }, .. })
            | View::Rise(AdoptionView { of: Adopted::Pairs { among, .. }, .. }) => Some(among),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn among_mut(&mut self) -> Option<&mut Pattern> {
        match self {
            View::Adoption(AdoptionView { of: Adopted::Pairs { among, .. }, .. })
            | View::Rise(AdoptionView { of: Adopted::Pairs { among, .. }, .. }) => Some(among),
            _ => None,
        }
    }
}

/// The relatives of an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct LineageView {
    pub kind: Lineage,
    pub of: EntityId,
    pub via: Path,
    pub generations: Generations,
    /// The variable whose bindings are asked for; `None` is all relatives.
    pub among: Option<VarId>,
    pub limit: Limit,
}

/// Who takes up what.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptionView {
    pub of: Adopted,
    pub verbs: Vec<VerbId>,
    pub by: Grouping,
    /// How many are shown, the most used first.
    pub limit: Limit,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Adopted {
    One(EntityId),
    /// The bindings of the variable.
    Each(VarId),
    /// The bindings of both; the pattern gives those of whom shares are told, by the adopter's variable.
    Pairs {
        adopted: VarId,
        adopter: VarId,
        among: Box<Pattern>,
    },
}

/// Columns made of each binding or group, and what its row is sorted by.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Projection {
    pub columns: Vec<Column>,
    pub keys: Vec<SortKey>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub title: String,
    pub scalar: Scalar,
    /// Aligned to the right.
    pub is_numeric: bool,
    /// Of a column of entities; else empty.
    pub types: TypeSet,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    pub scalar: Scalar,
    pub descending: bool,
    /// The names of months and quarters are texts, yet stand in the order of time.
    pub is_period: bool,
    /// Where it was written, for notes.
    pub span: Span,
}

/// Groups of bindings with equal keys, and what is folded over each.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Without keys there is one group, also of no bindings.
    pub keys: Vec<Scalar>,
    pub folds: Vec<AggregateCall>,
    /// The bindings of the keys' variables alone, where a group may be surer than each of its bindings.
    pub presence: Option<Pattern>,
    /// Running sums add up what certainly belongs to each group alone.
    pub sums: bool,
}

/// An aggregate function of one argument.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateCall {
    pub function: FunctionId,
    pub argument: Scalar,
    /// Each distinct tuple of these variables counts once in a group.
    pub over: Vec<VarId>,
}

/// The columns of bindings, sorted as their keys say, and which of them are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct LateRows {
    pub projection: Projection,
    pub limit: Limit,
}

/// What is kept of a group whose bindings are not.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupFold {
    /// How many bindings it has.
    Count,
    /// A sum, a mean or an extreme of what an exact expression gives: whole numbers, or days.
    Exact { function: FunctionId, argument: Scalar, is_day: bool },
}

/// Counts of bindings by key, without the bindings.
#[derive(Debug, Clone, PartialEq)]
pub struct CountGroups {
    pub pattern: Pattern,
    pub keys: Vec<Scalar>,
    /// The variable that every aggregate is over: in a group, bindings differ in it.
    pub counted: VarId,
    pub folds: Vec<GroupFold>,
    /// The bindings of a group are contiguous, but for the key that is read off the last variable.
    pub is_clustered: bool,
    /// Groups of a lesser count are left out.
    pub least: u64,
    /// Only the greatest counts are of use: so many of them.
    pub most: Option<usize>,
}

/// Which rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limit {
    pub offset: usize,
    pub limit: Option<usize>,
    /// Those that the order does not tell from the last one are shown too.
    pub ties: bool,
    /// Where the limit was written, for notes.
    pub span: Span,
}

impl WhichPaths {
    pub fn words(self) -> &'static str {
        match self {
            WhichPaths::OneShortest => "one shortest",
            WhichPaths::AllShortest => "every shortest",
            WhichPaths::Acyclic => "every acyclic",
        }
    }
}

/// The paths between the two ends of each binding.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    pub subject: Term,
    pub path: Path,
    pub object: Term,
    pub source: Option<SourceId>,
    pub which: WhichPaths,
}

/// Which paths between two ends are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichPaths {
    OneShortest,
    AllShortest,
    Acyclic,
}

impl Column {
    /// The variable, where the column shows the entity that it holds.
    pub fn entity(&self) -> Option<VarId> {
        if let Scalar::Slot(var) = self.scalar { Some(var) } else { None }
    }
}

impl Definition {
    /// A frame with nothing but its ends bound.
    pub fn frame(&self, subject: u32, object: u32) -> Vec<u32> {
        let mut frame = vec![NULL_SLOT; self.slots.len()];
        frame[self.subject.0 as usize] = subject;
        frame[self.object.0 as usize] = object;
        frame
    }
}

impl CountGroups {
    /// The key that is read off the variable bound last.
    pub fn inner_key(&self) -> Option<usize> {
        let last = self.pattern.block.last_bound()?;
        self.keys.iter().rposition(|key| {
            let mut vars = Vec::new();
            key.slots(&mut |var| vars.push(var));
            vars == [last]
        })
    }
}

impl Plan {
    /// The pattern that is matched first.
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.operators.first()?.operator {
            Operator::Match(pattern) | Operator::CountMatches(pattern) => Some(pattern),
            Operator::CountGroups(count) => Some(&count.pattern),
            _ => None,
        }
    }

    /// Its definitions, also in the forms in which they are proved.
    pub fn definitions_mut(&mut self) -> impl Iterator<Item = &mut Definition> {
        definitions(&mut self.definitions, &mut self.provenance)
    }

    /// Every pattern of the plan: its own, those of its operators, those of its definitions.
    pub fn patterns_mut(&mut self) -> impl Iterator<Item = &mut Pattern> {
        let own = self.operators.iter_mut().filter_map(|node| match &mut node.operator {
            Operator::Match(pattern) | Operator::CountMatches(pattern) => Some(&mut **pattern),
            Operator::CountGroups(count) => Some(&mut count.pattern),
            Operator::Aggregate(aggregate) => aggregate.presence.as_mut(),
            _ => None,
        });
        let bodies = definitions(&mut self.definitions, &mut self.provenance).flat_map(|own| &mut own.bodies);
        bodies.map(|body| &mut body.pattern).chain(own).chain(self.view.among_mut()).chain(&mut self.subpatterns)
    }
}

fn definitions<'p>(
    own: &'p mut [Definition],
    provenance: &'p mut Option<Box<Provenance>>,
) -> impl Iterator<Item = &'p mut Definition> {
    let forms = provenance.iter_mut().flat_map(|provenance| &mut provenance.forms);
    own.iter_mut().chain(forms.flat_map(|form| &mut form.definitions))
}
