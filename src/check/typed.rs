//! Typed query: every word is resolved to an id, variables are numbered, types are known.
//!
//! The pattern is a [`Formula`] of first-order logic over facts, to which every form of sentence is reduced: `Org
//! develops no Model that uses MoE` is `o is an Org and not exists m (o develops m and m uses MoE)`.

mod claim;
mod select;
mod tree;

pub use claim::{ClaimAtom, Claimed, ClaimedBy, Label, OfClaims};
pub use select::{Column, Key, Nearest, Select};

use crate::functions::FunctionId;
use crate::graph::{EntityId, SourceId, Trust};
use crate::schema::{PropertyId, TypeSet, VerbId};
use crate::text::{Diagnostic, Span};
use crate::value::{Date, Regex, Value, ValueType, id};

pub use crate::syntax::ast::{ArithmeticOp, CompareOp, Explain, Generations, Lineage, PeriodOp, ReportKind};

id! {
    /// Position of a variable in [`Query::vars`]; the numbering covers the whole query, including local variables.
    VarId(u16), "variables"
}

id! {
    /// Position of a defined verb in [`Query::defines`].
    DefineId(u16), "definitions"
}

/// A checked query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// True if `paths` lists only the shortest paths between two ends.
    pub shortest: bool,
    /// The property of numbers whose sum along a path is to be least; `None` if the steps are counted.
    pub cost: Option<PropertyId>,
    /// Verbs and properties that a `diff` compares; `None` for all.
    pub over: Option<Over>,
    pub head: Head,
    pub body: Body,
    pub vars: Vec<Var>,
    /// Definitions that the query uses, directly or through others. Each stands behind those that it uses, unless they
    /// use it, too.
    pub defines: Vec<Define>,
    /// Set if the plan is shown instead of the answer; with the profile of a run for `profile`.
    pub explain: Option<Explain>,
    /// True if `possibly` occurs: possible answers are shown beside the certain ones.
    pub possibly: bool,
    pub as_of: Option<Date>,
    /// File of `to`.
    pub to: Option<String>,
    /// Warnings and notes: how an ambiguous `and` was read, or an `every` over nothing.
    pub notes: Vec<Diagnostic>,
}

impl Query {
    /// Returns the variables whose distinct bindings `count` counts: all that the query itself declares.
    pub fn counted(&self, select: &Select) -> Vec<VarId> {
        select.free.iter().copied().filter(|var| !self.vars[var.0 as usize].title.is_empty()).collect()
    }
}

/// Result that is made of the matches of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Rows of the shown columns.
    Rows,
    /// Number of distinct bindings of all nouns of the pattern.
    Count,
    /// Yes, no or maybe. The head of a sentence without holes, even without the word.
    Ask,
    /// One shortest path per match of the only path of the pattern.
    Path,
    /// All acyclic paths, or all shortest ones with `shortest`.
    Paths,
    /// Facts that took part in any match.
    Graph,
    /// One proof per row.
    Why,
    WhyNot,
    /// `diff Qwen3 succeeds Model`: subject against object, for each match.
    Diff,
}

/// Body of a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Select(Select),
    Lineage(LineageOf),
    Adoption(Adoption),
    /// Adoption grouped by year.
    Rise(Adoption),
    Spread(Spread),
    /// Rows of the shown columns, by date.
    Timeline(Select),
    /// Subject × object of one sentence.
    Matrix {
        select: Select,
        rows: VarId,
        columns: VarId,
    },
    Describe(EntityId),
    Conflicts(Option<EntityId>),
    Report(Report),
    Schema(SchemaTopic),
    /// `diff OLMo 2 and Gemma 3`
    Diff(EntityId, EntityId),
}

/// A report about the claims of the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub kind: ReportKind,
    pub of: ReportScope,
    pub by: Option<SourceId>,
    /// Degrees of trust of the claims.
    pub trust: Vec<Trust>,
}

/// Subject of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportScope {
    All,
    Types(TypeSet),
    Entity(EntityId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaTopic {
    All,
    Type(crate::schema::TypeId),
    Verb(VerbId),
    Property(PropertyId),
}

/// Verbs and properties that a `diff` compares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Over {
    pub verbs: Vec<VerbId>,
    pub properties: Vec<PropertyId>,
}

/// `descendants of Llama {1,2} that uses GQA`.
#[derive(Debug, Clone, PartialEq)]
pub struct LineageOf {
    pub kind: Lineage,
    pub of: EntityId,
    /// Path from child to parent: that of `via`, or the schema's lineage verbs.
    pub via: Path,
    /// Range of generations, both ends included.
    pub generations: Generations,
    /// Restricts the relatives to the values of the only column of this select; `None` for all.
    pub among: Option<Select>,
    pub limit: Option<u64>,
}

/// `adoption of GQA by year`, `adoption of Technique by Org`.
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// Adopted entities in the first column of the select; with `among`, the adopters in the second.
    pub of: Select,
    /// Verbs marked `adoption`.
    pub verbs: Vec<VerbId>,
    pub by: Grouping,
    /// Adopters among which shares are computed, restricted to those with a recorded adoption.
    pub among: Option<Among>,
    /// Maximum number of adopted entities, the most used first; whether equally used ones are included; and the place
    /// of the limit.
    pub limit: Option<u64>,
    pub ties: bool,
    pub limit_span: Span,
}

/// `among Model m that uses MoE`: the values of `var` that satisfy the formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Among {
    pub var: VarId,
    pub formula: Formula,
    /// True if all conditions speak of the adopters alone, so that those who satisfy them and adopt something are its
    /// adopters.
    pub is_whole: bool,
    /// Dates with which the dates of the adopters are compared by conditions that all must hold.
    pub dated: Vec<(CompareOp, Date)>,
}

/// `spread of QK-Norm via succeeds`.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    pub of: EntityId,
    /// Verbs marked `adoption` that lead to the entity.
    pub verbs: Vec<VerbId>,
    /// Path from child to parent.
    pub via: Path,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    Year,
    Quarter,
    Month,
    /// Groups by the entities of a type, which a verb joins to the adopter: from the group's entity to the adopter, or
    /// the other way round if `inverse`.
    Entities {
        types: TypeSet,
        verb: VerbId,
        inverse: bool,
    },
}

/// A variable of the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Var {
    /// Name as written; `None` for a bare type.
    pub name: Option<String>,
    /// Title of the column: `Model`, or `m`.
    pub title: String,
    pub kind: VarKind,
    /// Place of the declaration.
    pub span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VarKind {
    /// An entity of one of these types.
    Entity(TypeSet),
    /// A stated value of a property: `Model dated Date d`.
    Value(ValueType, PropertyId),
    /// A path: `succeeds+ as p`.
    Path,
    /// A word of a closed list: `according to Source s`, `Model x Verb v Model y`.
    Label(Label),
}

/// A condition on bindings. [`Formula::free`] gives the variables that it binds.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// Conjunction; true if empty.
    All(Vec<Formula>),
    /// Disjunction; every branch binds the same variables.
    Any(Vec<Formula>),
    /// Negation; binds nothing.
    Not(Box<Formula>),
    /// Existential quantifier; the variables are not visible outside.
    Exists(Vec<VarId>, Box<Formula>),
    /// Compares the number of distinct values of `var` for which `of` holds. Other local variables are existential
    /// inside `of`.
    Count {
        var: VarId,
        compare: CountOp,
        number: u32,
        of: Box<Formula>,
    },
    /// Universal quantifier: for all values of these variables that satisfy `domain`, `then` holds, too. Other local
    /// variables are existential in either part.
    Every {
        vars: Vec<VarId>,
        domain: Box<Formula>,
        then: Box<Formula>,
        span: Span,
    },
    /// Always true; binds its variables if there is a match.
    Optional(Box<Formula>),
    /// `possibly`: possible answers of this condition are shown, too. `certainly`: only certain answers count, even
    /// where possible ones would.
    Modal(Modality, Box<Formula>),
    Fact(FactAtom),
    Path(PathAtom),
    /// `m dated Date d`: the variable is one of the stated values of the subject.
    Value(ValueAtom),
    /// `according to Source s`: the variable is a source that claims a fact, beside the condition that it holds.
    Claim(ClaimAtom),
    /// The variable is the word at this position of its list.
    Word(VarId, u32),
    /// The entity is of one of these types.
    Type(Term, TypeSet),
    /// Both terms are the same entity.
    Same(Term, Term),
    /// A condition on values: `where`, `dated before 2024`.
    Test(Expr),
}

pub use crate::syntax::ast::Modality;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CountOp {
    AtLeast,
    AtMost,
    Exactly,
}

impl CountOp {
    /// Returns the words before the number.
    pub fn words(self) -> &'static str {
        match self {
            CountOp::AtLeast => "at least",
            CountOp::AtMost => "at most",
            CountOp::Exactly => "exactly",
        }
    }
}

/// An entity, or a variable for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    Var(VarId),
    Entity(EntityId),
}

/// An edge label: a verb of the schema or a defined one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    Verb(VerbId),
    Define(DefineId),
}

/// A fact that joins subject and object, in the direction of its verb.
#[derive(Debug, Clone, PartialEq)]
pub struct FactAtom {
    pub link: Link,
    pub subject: Term,
    pub object: Term,
    /// True if it was written from object to subject: by the inverse, or with `^`.
    pub turned: bool,
    /// Restriction to facts that this source claims: `according to`.
    pub source: Option<SourceId>,
    /// Place in the query, for proofs and notes.
    pub span: Span,
}

/// A path from subject to object: one of more than a single verb, with a variable, or under the heads `path` and
/// `paths`.
#[derive(Debug, Clone, PartialEq)]
pub struct PathAtom {
    pub path: Path,
    pub subject: Term,
    pub object: Term,
    /// Path variable: `as p`.
    pub bind: Option<VarId>,
    pub source: Option<SourceId>,
    pub span: Span,
}

/// Regular expression over links.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Path {
    /// A single link, from object to subject if `inverse`.
    Link {
        link: Link,
        inverse: bool,
    },
    Sequence(Vec<Path>),
    Either(Vec<Path>),
    /// Repetition. A `min` of 0 adds the empty path at entities of `types`, which are those that both ends allow.
    Repeat {
        path: Box<Path>,
        min: u32,
        max: Option<u32>,
        types: TypeSet,
    },
}

impl Path {
    /// Returns true if no part of the path repeats without bound. A path variable then takes every walk, otherwise only
    /// walks that visit no entity twice.
    pub fn is_bounded(&self) -> bool {
        match self {
            Path::Link { .. } => true,
            Path::Sequence(paths) | Path::Either(paths) => paths.iter().all(Path::is_bounded),
            Path::Repeat { path, max, .. } => max.is_some() && path.is_bounded(),
        }
    }

    /// Returns true if every two entities that a walk joins are also joined by some value of a path variable. This
    /// holds if every walk is a value, and if a walk stays on the path when its cycles are removed.
    pub fn joins_simply(&self) -> bool {
        let is_step = |path: &Path| match path {
            Path::Either(paths) => paths.iter().all(|path| matches!(path, Path::Link { .. })),
            path => matches!(path, Path::Link { .. }),
        };
        self.is_bounded() || matches!(self, Path::Repeat { path, min: 0 | 1, max: None, .. } if is_step(path))
    }

    /// Returns the path from object to subject.
    pub fn inverted(&self) -> Path {
        match self {
            Path::Link { link, inverse } => Path::Link { link: *link, inverse: !inverse },
            Path::Sequence(paths) => Path::Sequence(paths.iter().rev().map(Path::inverted).collect()),
            Path::Either(paths) => Path::Either(paths.iter().map(Path::inverted).collect()),
            Path::Repeat { path, min, max, types } => {
                Path::Repeat { path: Box::new(path.inverted()), min: *min, max: *max, types: *types }
            }
        }
    }

    /// Calls `f` with each link of the path, once per occurrence.
    pub fn links(&self, f: &mut dyn FnMut(Link)) {
        match self {
            Path::Link { link, .. } => f(*link),
            Path::Sequence(paths) | Path::Either(paths) => paths.iter().for_each(|path| path.links(f)),
            Path::Repeat { path, .. } => path.links(f),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ValueAtom {
    pub property: PropertyId,
    pub subject: Term,
    /// Variable for a position among the property's stated values.
    pub value: VarId,
    pub source: Option<SourceId>,
    pub span: Span,
}

/// A definition: the verb joins the values of `subject` and `object` that satisfy `formula`.
#[derive(Debug, Clone, PartialEq)]
pub struct Define {
    /// Name of the verb: `adds`.
    pub name: String,
    pub from: TypeSet,
    pub to: TypeSet,
    /// Variables in the numbering of `vars` below, not in that of the query.
    pub subject: VarId,
    pub object: VarId,
    pub vars: Vec<Var>,
    /// Condition; variables other than the ends are existential.
    pub formula: Formula,
    /// True if it uses itself, directly or through others.
    pub recursive: bool,
    /// True if the word takes no object, as in `Model m modern`; both ends are then one entity.
    pub is_state: bool,
    /// Text of the definition, for proofs.
    pub text: String,
}

/// Type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExprType {
    Entity(TypeSet),
    Value(ValueType),
    /// A difference of dates, in days.
    Duration,
    Path,
    Truth,
    /// Result of `list`, `first` and `last`.
    List,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub of: ExprType,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Value(Value),
    Entity(EntityId),
    Var(VarId),
    /// Settled value of a property of an entity variable.
    Property(VarId, PropertyId),
    /// Settled value of a property of a named entity: `DeepSeek V3 dated 2024-12`.
    PropertyOf(EntityId, PropertyId),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `name(m) matches "^GPT"`
    Matches(Box<Expr>, Regex),
    /// `x is unknown`
    IsUnknown(Box<Expr>),
    /// `m is absent`: the optional part that binds the variable has no match.
    IsAbsent(VarId),
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    /// The second operand if the first is unknown or absent.
    OrElse(Box<Expr>, Box<Expr>),
    /// A scalar function with its arguments.
    Call(FunctionId, Vec<Expr>),
    /// An aggregate of one argument. Each distinct tuple of `over`, the variables of the argument, counts once in a
    /// group. `first` and `last` order entities by their date.
    Aggregate {
        function: FunctionId,
        /// The place that `percentile` looks at; `None` for other functions.
        percent: Option<f64>,
        argument: Box<Expr>,
        over: Vec<VarId>,
    },
    /// `trust(m uses t)`, `date(m uses t according to s)`; absent if no such claim is recorded.
    OfClaims(OfClaims, Claimed, ClaimedBy),
    /// `(m uses MLA)`: true if some fact makes it hold.
    Exists(Box<Formula>),
}

impl Term {
    /// Returns the variable; `None` for an entity.
    pub fn var(self) -> Option<VarId> {
        match self {
            Term::Var(var) => Some(var),
            Term::Entity(_) => None,
        }
    }
}
