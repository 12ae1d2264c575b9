//! Planning: typed query → plan, which contains everything that a run does.
//!
//! `build` translates the query literally; [`optimize`] applies [`RULES`], each of which can be switched off. A plan is
//! a chain of [`Operator`]s, each of which reads the output of the one before. The first is the match of a [`Pattern`],
//! or there is none if a view reads the graph itself. No later module reads the typed query.

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
    AccessPath, Block, Coded, Compare, Condition, GroupKey, MOST_TESTS, Memo, Order, PathId, Pattern, Probe, ProbeFact,
    ReachEnds, ReachSemiJoin, Step, Steps, Walk,
};
pub use rules::{RULES, Rule, optimize, property_of};
pub use scalar::Scalar;
pub use support::{Form, Goal, Nearest, Provenance, Stage, SubpatternId, Support};
pub use words::{NULL_SLOT, Template, Words};

// Types that queries and plans share.
pub use crate::check::typed::{
    ArithmeticOp, ClaimAtom, Claimed, ClaimedBy, CompareOp, CountOp, DefineId, FactAtom, Generations, Grouping, Label,
    Lineage, Link, Modality, OfClaims, Over, Path, PathAtom, PeriodOp, Report, ReportKind, ReportScope, SchemaTopic,
    Term, ValueAtom, Var, VarId, VarKind,
};

use crate::functions::FunctionId;
use crate::graph::{EntityId, SourceId};
use crate::schema::{PropertyId, TypeSet, VerbId};
use crate::text::{Diagnostic, Span};
use crate::value::Date;
use std::ops::Range;
use std::sync::Arc;

/// Everything that a run of a query does.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The definitions that the query uses. Each stands behind those that it uses, unless they use it, too.
    pub definitions: Vec<Definition>,
    /// Verbs of which only the facts of one source are followed.
    pub claimed: Vec<(VerbId, SourceId)>,
    /// Operators in the order in which they run; each reads the output of the one before.
    pub operators: Vec<Node>,
    /// Form of the answer.
    pub view: View,
    /// By [`VarId`].
    pub slots: Vec<Var>,
    /// Date of an `as of` query.
    pub as_of: Option<Date>,
    /// True if `possibly` occurs in the query.
    pub possibly: bool,
    /// True if every possible answer is shown, as if each condition said `possibly`.
    pub all_possible: bool,
    /// Notes of the checker.
    pub notes: Vec<Diagnostic>,
    /// Names of the rules that changed the plan, in order; `None` unless the plan is explained.
    pub applied: Option<Vec<&'static str>>,
    /// True if the bindings of the match are kept beside the rows made of them.
    pub keeps_bindings: bool,
    /// Patterns that are tested for single bindings, to find facts or proofs.
    pub subpatterns: Vec<Pattern>,
    /// Description of how facts and proofs are found; `None` if the query does not ask for them.
    pub provenance: Option<Box<Provenance>>,
}

/// A defined verb: patterns that together derive its pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    pub name: String,
    /// Text of the definition, for proofs.
    pub text: String,
    pub subject: VarId,
    pub object: VarId,
    /// Bodies whose pairs together are all pairs.
    pub bodies: Vec<DefinitionBody>,
    /// Path whose ends are the pairs of the definition; `None` if there is none, or if the definition is better joined.
    pub path: Option<Path>,
    /// True if the pairs depend on themselves, so that the bodies are evaluated until no pair is new.
    pub is_recursive: bool,
    /// True if the word takes no object: both ends of each pair are one entity.
    pub is_state: bool,
    /// True if something reads the pairs.
    pub is_needed: bool,
    /// Positions of the definitions that depend on this one and on which it depends, including itself.
    pub group: Range<usize>,
    /// Variables of the definition.
    pub slots: Arc<[Var]>,
    /// See [`Node`].
    pub id: u32,
    /// Estimated pairs of one round.
    pub rows: f64,
    /// Facts that a pair rests on.
    pub support: Support,
    /// Goal that proves a pair, in a [`Form`].
    pub goal: Goal,
}

/// One alternative of a definition.
#[derive(Debug, Clone, PartialEq)]
pub struct DefinitionBody {
    pub pattern: Pattern,
    pub runs: Runs,
}

/// Rounds in which a body is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// In the first round only: it reads no pairs of its group.
    Once,
    /// In each round, over all pairs.
    EachRound,
    /// In each round after the first, over the new pairs of the last round at one reference.
    OnNew,
}

/// Flag in the number of a definition: set, the number stands for the new pairs of that definition.
pub const NEW_PAIRS: u16 = 1 << 15;

impl Definition {
    /// Returns the number that stands for the pairs that the last round added to a definition.
    pub fn new_pairs(define: DefineId) -> DefineId {
        DefineId(define.0 | NEW_PAIRS)
    }

    /// Returns the definition whose new pairs the number stands for; `None` for a plain number.
    pub fn of_new_pairs(define: DefineId) -> Option<DefineId> {
        (define.0 & NEW_PAIRS != 0).then_some(DefineId(define.0 & !NEW_PAIRS))
    }

    /// Returns the patterns of its bodies.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.bodies.iter().map(|body| &body.pattern)
    }
}

/// An operator with its number and estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub operator: Operator,
    /// Number of the operator; numbers are shared with the steps of patterns.
    pub id: u32,
    /// Estimated rows.
    pub rows: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Operator {
    /// Finds the distinct bindings of the wanted variables, each with its certainty.
    Match(Box<Pattern>),
    /// Drops bindings that nearer ones displace.
    Nearest {
        var: VarId,
        path: Path,
    },
    /// Bindings or groups → rows of cells.
    Project(Projection),
    /// Certain bindings → rows of entities, sorted by id.
    ProjectIds {
        columns: Vec<Column>,
    },
    /// Project, sort, distinct and limit in one: cells are made only for the rows shown.
    LateRows(Box<LateRows>),
    /// Bindings → groups with the results of their aggregates.
    Aggregate(Box<Aggregate>),
    /// Match and aggregate in one: keeps counts, sums and extremes instead of bindings.
    CountGroups(Box<CountGroups>),
    /// Match and aggregate in one: keeps pairs of a group and a counted entity instead of bindings.
    CountDistinct(Box<CountDistinct>),
    /// Drops groups by a condition on their keys and aggregates.
    Having(Scalar),
    /// Replaces these columns by running sums over the groups up to the current one, or by shares of the sum of all.
    RunningSum {
        columns: Vec<(usize, Summed)>,
        keys: usize,
        last_is_period: bool,
    },
    Sort {
        keys: Vec<SortKey>,
    },
    /// Drops rows that equal the row before.
    Distinct,
    Limit(Limit),
    /// Rows → the bindings that give them: those of the pattern, or those that were kept. A row may be surer than each
    /// of them.
    MatchesOfRows {
        columns: Vec<RowColumn>,
        pattern: Option<Box<Pattern>>,
    },
    /// Bindings → their number.
    Count,
    /// Match and count in one.
    CountMatches(Box<Pattern>),
    /// Bindings → whether there are any.
    Ask,
    /// Bindings of two ends → paths between them.
    Paths(Paths),
}

/// What becomes of a column that is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Summed {
    /// The sum of this group and those before it.
    Running,
    /// The part of the sum of all groups, in percent.
    Share,
}

/// A column of the rows that each binding has a value of.
#[derive(Debug, Clone, PartialEq)]
pub struct RowColumn {
    /// Position of the column.
    pub at: usize,
    pub scalar: Scalar,
}

/// Form of the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    /// Rows of the last operator.
    Rows,
    /// Yes, no or maybe.
    Verdict,
    /// Facts that the bindings rest on.
    Facts,
    /// One proof per binding.
    Proofs,
    /// First condition that fails.
    WhyNot,
    Lineage(LineageView),
    Adoption(AdoptionView),
    /// Adoption grouped by year.
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
        /// The verb of the sentence that joins rows and columns, if one does.
        verb: Option<String>,
        /// Whether the columns are the subjects of the verb.
        is_turned: bool,
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
    /// Comparison of the two ends of each binding, in all verbs except these.
    DiffEnds {
        left: Term,
        right: Term,
        except: Vec<VerbId>,
        over: Option<Over>,
    },
}

impl View {
    /// Returns the pattern of the adopters among which shares are computed; `None` for other views.
    pub fn among(&self) -> Option<&Pattern> {
        match self {
            View::Adoption(AdoptionView { of: Adopted::Pairs { among, .. }, .. })
            | View::Rise(AdoptionView { of: Adopted::Pairs { among, .. }, .. }) => Some(among),
            _ => None,
        }
    }

    /// Returns the same, mutable.
    pub fn among_mut(&mut self) -> Option<&mut Pattern> {
        match self {
            View::Adoption(AdoptionView { of: Adopted::Pairs { among, .. }, .. })
            | View::Rise(AdoptionView { of: Adopted::Pairs { among, .. }, .. }) => Some(among),
            _ => None,
        }
    }
}

/// Relatives of an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct LineageView {
    pub kind: Lineage,
    pub of: EntityId,
    pub via: Path,
    pub generations: Generations,
    /// Variable whose bindings are shown; `None` for all relatives.
    pub among: Option<VarId>,
    pub limit: Limit,
}

/// Adoption view: adopted entities, verbs of adoption, and grouping of the adopters.
#[derive(Debug, Clone, PartialEq)]
pub struct AdoptionView {
    pub of: Adopted,
    pub verbs: Vec<VerbId>,
    pub by: Grouping,
    /// Limit, with the most used first.
    pub limit: Limit,
}

impl AdoptionView {
    /// Returns the dates with which the date of each adopter must compare so.
    pub fn dated(&self) -> &[(CompareOp, Date)] {
        if let Adopted::Pairs { dated, .. } = &self.of { dated } else { &[] }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Adopted {
    One(EntityId),
    /// Each binding of the variable.
    Each(VarId),
    /// Each binding of both variables. Shares are computed among the bindings of `among`, by the adopter's variable.
    Pairs {
        adopted: VarId,
        adopter: VarId,
        among: Box<Pattern>,
        /// True if those who are bound by `among` and adopt something are its adopters.
        is_whole: bool,
        /// Dates with which the date of each adopter must compare so.
        dated: Vec<(CompareOp, Date)>,
    },
}

/// Columns and sort keys of rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Projection {
    pub columns: Vec<Column>,
    pub keys: Vec<SortKey>,
    /// The distinct counts that the columns read, in their order.
    pub counts: Vec<PossibleCount>,
}

/// A column of how many more members of a group a count may have than are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct PossibleCount {
    /// `possible`; where the columns read several counts, with what is counted: `possible count(m)`.
    pub title: String,
    /// Position of the aggregate in [`Aggregate::folds`].
    pub fold: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub title: String,
    pub scalar: Scalar,
    /// True if aligned to the right.
    pub is_numeric: bool,
    /// Types of a column of entities; empty for other columns.
    pub types: TypeSet,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    pub scalar: Scalar,
    pub descending: bool,
    /// True for names of months and quarters, which are texts but sort by time.
    pub is_period: bool,
    /// Place in the query, for notes.
    pub span: Span,
}

/// Grouping by keys, and the aggregates of each group.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// Keys; without keys there is exactly one group, even if there are no bindings.
    pub keys: Vec<Scalar>,
    pub folds: Vec<AggregateCall>,
    /// Patterns of some of the variables each: in a left join, a doubtful match and its absence are each only possible,
    /// but one of them exists in every world, so that what both share may be more certain than either.
    pub presences: Vec<Pattern>,
    /// Position of the pattern of the variables of the keys, by which a group exists; `None` if its bindings tell.
    pub of_keys: Option<usize>,
    /// True if there are running sums, which add up only members that certainly belong to no other group.
    pub sums: bool,
}

/// An aggregate function with its argument.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateCall {
    pub function: FunctionId,
    /// The place that `percentile` looks at; `None` for other functions.
    pub percent: Option<f64>,
    pub argument: Scalar,
    /// Each distinct tuple of these variables counts once in a group.
    pub over: Vec<VarId>,
    /// Position of the pattern by which a member is in its group, in [`Aggregate::presences`]; `None` if its bindings tell.
    pub presence: Option<usize>,
}

/// Columns, sort keys and limit of late rows.
#[derive(Debug, Clone, PartialEq)]
pub struct LateRows {
    pub projection: Projection,
    pub limit: Limit,
    /// True if the first value that rows are sorted by is a whole number or a day, so that it is not encoded.
    pub is_exact_first: bool,
}

/// Accumulator of a group without bindings.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupFold {
    /// Number of bindings.
    Count,
    /// Number of bindings that satisfy a condition.
    CountIf(Condition),
    /// Sum, mean or extreme of an exact expression: whole numbers or days.
    Exact { function: FunctionId, argument: Scalar, is_day: bool },
}

/// Grouping and aggregation without materialised bindings.
#[derive(Debug, Clone, PartialEq)]
pub struct CountGroups {
    pub pattern: Pattern,
    pub keys: Vec<Scalar>,
    /// Variable of all aggregates; the bindings of a group differ in it.
    pub counted: VarId,
    pub folds: Vec<GroupFold>,
    /// True if the bindings that agree on all keys except that of the last variable are contiguous.
    pub is_clustered: bool,
    /// Least count of a group; groups with fewer bindings are dropped.
    pub least: u64,
    /// Only this many greatest counts are needed; `None` if all are.
    pub most: Option<usize>,
}

/// Numbers of distinct entities by group, without materialised bindings.
#[derive(Debug, Clone, PartialEq)]
pub struct CountDistinct {
    pub pattern: Pattern,
    pub keys: Vec<Scalar>,
    /// Per key: the only variable that it reads.
    pub key_vars: Vec<VarId>,
    /// Per aggregate: the entity variable whose values are counted; its absence is not.
    pub counted: Vec<VarId>,
}

/// Rows to show.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limit {
    pub offset: usize,
    pub limit: Option<usize>,
    /// True if rows that sort equal to the last one are shown, too.
    pub ties: bool,
    /// Place of the limit in the query, for notes.
    pub span: Span,
}

impl WhichPaths {
    pub fn words(self) -> &'static str {
        match self {
            WhichPaths::OneShortest => "one shortest",
            WhichPaths::AllShortest => "every shortest",
            WhichPaths::Cheapest { all: false, .. } => "one cheapest",
            WhichPaths::Cheapest { all: true, .. } => "every cheapest",
            WhichPaths::Acyclic => "every acyclic",
        }
    }
}

/// Paths between the two ends of each binding.
#[derive(Debug, Clone, PartialEq)]
pub struct Paths {
    pub subject: Term,
    pub path: Path,
    pub object: Term,
    pub source: Option<SourceId>,
    pub which: WhichPaths,
    /// Number of paths of a binding after which no more are needed; `None` if all are.
    pub most: Option<usize>,
}

/// Paths to list between two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichPaths {
    OneShortest,
    AllShortest,
    /// Those of the least sum of a property over the entities that they enter, and of these those of the fewest steps; one
    /// of them unless `all`.
    Cheapest {
        property: PropertyId,
        all: bool,
    },
    Acyclic,
}

impl Column {
    /// Returns the variable if the column shows an entity; `None` otherwise.
    pub fn entity(&self) -> Option<VarId> {
        if let Scalar::Slot(var) = self.scalar { Some(var) } else { None }
    }
}

impl Definition {
    /// Returns the path that a recursive definition stands for; `None` if there is none.
    pub fn closure(&self) -> Option<&Path> {
        self.path.as_ref().filter(|_| self.is_recursive)
    }

    /// Returns a frame in which only the ends are bound.
    pub fn frame(&self, subject: u32, object: u32) -> Vec<u32> {
        let mut frame = vec![NULL_SLOT; self.slots.len()];
        frame[self.subject.0 as usize] = subject;
        frame[self.object.0 as usize] = object;
        frame
    }
}

impl Aggregate {
    /// Returns the pattern by which groups exist; `None` if their bindings tell.
    pub fn pattern_of_keys(&self) -> Option<&Pattern> {
        self.of_keys.and_then(|at| self.presences.get(at))
    }

    /// Returns the pattern by which members of an aggregate are in their groups; `None` if their bindings tell.
    pub fn pattern_of_members(&self, fold: &AggregateCall) -> Option<&Pattern> {
        fold.presence.and_then(|at| self.presences.get(at))
    }
}

impl CountGroups {
    /// Returns the position of the key that reads only the variable bound last; `None` if there is none.
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
    /// Returns the pattern that is matched first; `None` if a view reads the graph itself.
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.operators.first()?.operator {
            Operator::Match(pattern) | Operator::CountMatches(pattern) => Some(pattern),
            Operator::CountGroups(count) => Some(&count.pattern),
            Operator::CountDistinct(count) => Some(&count.pattern),
            _ => None,
        }
    }

    /// Returns the definitions, including their forms for proofs.
    pub fn definitions_mut(&mut self) -> impl Iterator<Item = &mut Definition> {
        definitions(&mut self.definitions, &mut self.provenance)
    }

    /// Returns all patterns of the plan: those of its definitions, operators and view, and its subpatterns.
    pub fn patterns_mut(&mut self) -> impl Iterator<Item = &mut Pattern> {
        let own = self.operators.iter_mut().flat_map(|node| match &mut node.operator {
            Operator::Match(pattern) | Operator::CountMatches(pattern) => std::slice::from_mut(&mut **pattern),
            Operator::CountGroups(count) => std::slice::from_mut(&mut count.pattern),
            Operator::CountDistinct(count) => std::slice::from_mut(&mut count.pattern),
            Operator::Aggregate(aggregate) => &mut aggregate.presences[..],
            Operator::MatchesOfRows { pattern, .. } => pattern.as_deref_mut().map_or(&mut [][..], std::slice::from_mut),
            _ => &mut [],
        });
        let bodies = definitions(&mut self.definitions, &mut self.provenance).flat_map(|own| &mut own.bodies);
        bodies.map(|body| &mut body.pattern).chain(own).chain(self.view.among_mut()).chain(&mut self.subpatterns)
    }
}

fn definitions<'p>(
    own: &'p mut [Definition],
    provenance: &'p mut Option<Box<Provenance>>,
) -> impl Iterator<Item = &'p mut Definition> {
    let forms = provenance.iter_mut().flat_map(|provenance| provenance.forms_mut());
    own.iter_mut().chain(forms.flat_map(|form| &mut form.definitions))
}
