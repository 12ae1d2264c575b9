//! What was meant: a query whose every word is resolved to an id, its holes numbered, its types known.
//!
//! The pattern is a [`Formula`] of first-order logic over facts. Every sentence form comes down to it:
//! `Org develops no Model that uses MoE` is `develops`-less of an Org `o`: `o is an Org and not exists m (o develops m
//! and m uses MoE)`.

use crate::functions::FunctionId;
use crate::graph::{EntityId, SourceId, Trust};
use crate::schema::{PropertyId, TypeSet, VerbId};
use crate::text::{Diagnostic, Span};
use crate::value::{Date, Value, ValueType, id};

pub use crate::syntax::ast::{ArithmeticOp, CompareOp, Explain, Generations, Lineage, PeriodOp, ReportKind};

id! {
    /// Position of a variable in [`Query::vars`]: one numbering for the whole query, locals included.
    VarId(u16), "variables"
}

id! {
    /// Position of a defined verb in [`Query::defines`].
    DefineId(u16), "definitions"
}

/// A checked query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Of all paths, only the shortest between two ends.
    pub shortest: bool,
    /// What a `diff` looks at; `None` is everything.
    pub over: Option<Over>,
    pub head: Head,
    pub body: Body,
    pub vars: Vec<Var>,
    /// The definitions that the query uses, directly or through others, in an order in which every definition comes
    /// after those it negates.
    pub defines: Vec<Define>,
    /// `explain`: show the plan instead of the answer; `profile`: show it with what happened.
    pub explain: Option<Explain>,
    /// `possibly` occurs: the possible answers are wanted beside the certain ones.
    pub possibly: bool,
    pub as_of: Option<Date>,
    /// The file of `to`.
    pub to: Option<String>,
    /// Warnings and notes: how an ambiguous `and` was read, an `every` that is true of nothing.
    pub notes: Vec<Diagnostic>,
}

/// What is made of the matches of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Rows of the shown columns.
    Rows,
    /// The number of distinct bindings of all nouns of the pattern.
    Count,
    /// Yes, no or unknown. A sentence without holes is asked so even without the word.
    Ask,
    /// One shortest path per match of the only path of the pattern.
    Path,
    /// All acyclic paths.
    Paths,
    /// The facts that took part in any match.
    Graph,
    /// A proof for each row.
    Why,
    WhyNot,
    /// `diff Qwen3 succeeds Model`: subject against object, for each match.
    Diff,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Select(Select),
    Lineage(LineageOf),
    Adoption(Adoption),
    /// Grouped by year.
    Rise(Adoption),
    Spread(Spread),
    /// The variables of the shown columns, by date.
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

/// What is known of the graph's claims as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub kind: ReportKind,
    pub of: ReportScope,
    pub by: Option<SourceId>,
    pub trust: Option<Trust>,
}

/// What a report looks at.
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

/// The verbs and properties that a `diff` looks at.
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
    /// The schema's lineage verbs unless the query names others.
    pub via: Path,
    /// How many generations away the relatives are, both ends included.
    pub generations: Generations,
    /// Which relatives are asked for: those that this binds its only column to. `None` is all.
    pub among: Option<Select>,
    pub limit: Option<u64>,
}

/// `adoption of GQA by year`, `adoption of Technique by Org`.
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// The adopted: entities of the select's first column; with `among`, the second is who adopts them.
    pub of: Select,
    /// The verbs marked `adoption`.
    pub verbs: Vec<VerbId>,
    pub by: Grouping,
    /// Of whom shares are told: those asked about of whom something is recorded.
    pub among: Option<Among>,
    /// How many of the adopted are shown, the most used first, perhaps with those used alike; and where that is written.
    pub limit: Option<u64>,
    pub ties: bool,
    pub limit_span: Span,
}

/// `among Model m that uses MoE`: the values of `var` that make the formula hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Among {
    pub var: VarId,
    pub formula: Formula,
}

/// `spread of QK-Norm via succeeds`.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    pub of: EntityId,
    /// The verbs marked `adoption` that lead to it.
    pub verbs: Vec<VerbId>,
    /// From child to parent.
    pub via: Path,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    Year,
    Quarter,
    Month,
    /// By the entities of a type, along the verb that joins them to the adopter: from the group's entity to the
    /// adopter, or the other way round where `inverse`.
    Entities {
        types: TypeSet,
        verb: VerbId,
        inverse: bool,
    },
}

/// A pattern and what is shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    pub formula: Formula,
    /// Variables with a value in every match: what `show` may speak of, in the order written. (Variables of an
    /// `optional` may be absent in a row.)
    pub free: Vec<VarId>,
    /// The columns; without `show`, the free variables that are named or bare types, in the order written.
    pub columns: Vec<Column>,
    /// The keys of `by`; present also where aggregates are shown without one (then empty: one group).
    pub group: Option<Vec<Expr>>,
    pub having: Option<Expr>,
    pub order: Vec<Key>,
    pub limit: Option<u64>,
    /// Rows that the order does not tell from the last one are shown too.
    pub ties: bool,
    /// Where the limit stands.
    pub limit_span: Span,
    pub offset: u64,
    /// Keep a match only if no other answer for this variable lies between it and the ends, by the path given.
    pub nearest: Option<Nearest>,
}

impl Select {
    /// All matches of a formula, without clauses.
    pub fn of(formula: Formula, free: Vec<VarId>, columns: Vec<Column>) -> Select {
        Select {
            formula,
            free,
            columns,
            group: None,
            having: None,
            order: Vec::new(),
            limit: None,
            ties: false,
            limit_span: Span::default(),
            offset: 0,
            nearest: None,
        }
    }
}

/// `Mixtral 8x7B and Qwen3 succeeds+ Model c nearest c`: drops a `c` from which another answer is reached by `path`
/// backwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    pub var: VarId,
    /// The path that leads to the variable in the pattern.
    pub path: Path,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub expr: Expr,
    /// The head of the column: the variable's type, or the expression as written, or the name after `as`.
    pub title: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub expr: Expr,
    pub descending: bool,
}

/// A hole of the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Var {
    /// As written; `None` for a bare type.
    pub name: Option<String>,
    /// The column's title: `Model`, or `m`.
    pub title: String,
    pub kind: VarKind,
    /// Where it was declared.
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
}

/// A condition on bindings. Which variables it binds is what [`Formula::free`] gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// All hold; none written: true.
    All(Vec<Formula>),
    /// At least one holds. Every branch binds the same variables.
    Any(Vec<Formula>),
    /// Does not hold. Binds nothing.
    Not(Box<Formula>),
    /// Some values of these variables make it hold. They are not seen outside.
    Exists(Vec<VarId>, Box<Formula>),
    /// The number of distinct values of `var` for which the rest holds compares so. `of` speaks of `var`; other
    /// locals are existential inside it.
    Count {
        var: VarId,
        compare: CountOp,
        number: u32,
        of: Box<Formula>,
    },
    /// For all values of these variables that make `domain` hold, `then` holds too (in which what `domain` leaves
    /// open has been closed by `Exists`).
    Every {
        vars: Vec<VarId>,
        domain: Box<Formula>,
        then: Box<Formula>,
        span: Span,
    },
    /// Holds in any case; binds its variables where it can.
    Optional(Box<Formula>),
    /// `possibly`: the possible answers of this condition are shown as well. `certainly`: only certain ones count,
    /// also where possible ones would be.
    Modal(Modality, Box<Formula>),
    Fact(FactAtom),
    Path(PathAtom),
    /// The variable is one of the stated values of the subject: `m dated Date d`.
    Value(ValueAtom),
    /// The entity is of one of these types.
    Type(Term, TypeSet),
    /// Two terms are the same entity.
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

/// An entity, or a hole for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    Var(VarId),
    Entity(EntityId),
}

/// What joins two entities: a verb of the schema or a defined one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    Verb(VerbId),
    Define(DefineId),
}

/// Subject and object stand in a link, from the verb's own direction (an inverse has been turned round).
#[derive(Debug, Clone, PartialEq)]
pub struct FactAtom {
    pub link: Link,
    pub subject: Term,
    pub object: Term,
    /// Whether it was written from the object to the subject: by the inverse, or with `^`.
    pub turned: bool,
    /// Only facts that this source claims: `according to`.
    pub source: Option<SourceId>,
    /// Where it was written, for reasons and notes.
    pub span: Span,
}

/// The object is reached from the subject along a path that is more than one verb.
#[derive(Debug, Clone, PartialEq)]
pub struct PathAtom {
    pub path: Path,
    pub subject: Term,
    pub object: Term,
    /// The path's own variable: `as p`.
    pub bind: Option<VarId>,
    pub source: Option<SourceId>,
    pub span: Span,
}

/// A regular expression over links.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Path {
    /// `inverse`: from object to subject.
    Link {
        link: Link,
        inverse: bool,
    },
    Sequence(Vec<Path>),
    Either(Vec<Path>),
    /// `min` 0 adds identity on the entities of `types`, which is what may stand at both ends.
    Repeat {
        path: Box<Path>,
        min: u32,
        max: Option<u32>,
        types: TypeSet,
    },
}

impl Path {
    /// Returns true if no part of the path repeats without bound: a path variable then takes every walk, else the paths
    /// that meet no entity twice.
    pub fn is_bounded(&self) -> bool {
        match self {
            Path::Link { .. } => true,
            Path::Sequence(paths) | Path::Either(paths) => paths.iter().all(Path::is_bounded),
            Path::Repeat { path, max, .. } => max.is_some() && path.is_bounded(),
        }
    }

    /// Returns true if two entities that a walk joins are always joined by one of the values that a path variable takes.
    /// So it is for walks themselves, and where a walk remains one of the path when its rounds are cut out.
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

    /// Calls `f` with each link of the path, again for each time it occurs.
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
    /// Bound to a position among the property's stated values.
    pub value: VarId,
    pub source: Option<SourceId>,
    pub span: Span,
}

/// A definition: the link holds between the values of `subject` and `object` that make `formula` hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Define {
    /// The verb: `adds`.
    pub name: String,
    pub from: TypeSet,
    pub to: TypeSet,
    /// In the numbering of `vars` below, not of the query.
    pub subject: VarId,
    pub object: VarId,
    pub vars: Vec<Var>,
    /// Other variables are existential.
    pub formula: Formula,
    /// It uses itself, directly or through others.
    pub recursive: bool,
    /// Its text, for reasons.
    pub text: String,
}

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExprType {
    Entity(TypeSet),
    Value(ValueType),
    /// A difference of dates, in days.
    Duration,
    Path,
    Truth,
    /// Of `list`, `first`, `last`.
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
    /// The settled value of the entity's property.
    Property(VarId, PropertyId),
    /// The settled value of a named entity's property: `DeepSeek V3 dated 2024-12`.
    PropertyOf(EntityId, PropertyId),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `x is unknown`
    IsUnknown(Box<Expr>),
    /// `m is absent`: the optional part that binds the variable has no match.
    IsAbsent(VarId),
    Arithmetic(ArithmeticOp, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    /// The second where the first is unknown or absent.
    OrElse(Box<Expr>, Box<Expr>),
    /// A scalar function with its arguments.
    Call(FunctionId, Vec<Expr>),
    /// An aggregate of one argument. Each distinct tuple of `over`, the variables of the argument, counts once in a
    /// group. `ordered by` for `first` and `last` is the date of the entity.
    Aggregate {
        function: FunctionId,
        argument: Box<Expr>,
        over: Vec<VarId>,
    },
    /// `(m uses MLA)`: some fact makes it hold.
    Exists(Box<Formula>),
}

impl Formula {
    /// True of everything.
    pub const TRUE: Formula = Formula::All(Vec::new());

    /// Calls `f` with each variable that the formula speaks of and does not close itself by `Exists`, `Count` or
    /// `Every`; again for each time it occurs.
    pub fn free(&self, f: &mut dyn FnMut(VarId)) {
        match self {
            Formula::All(all) | Formula::Any(all) => all.iter().for_each(|formula| formula.free(f)),
            Formula::Not(inner) | Formula::Optional(inner) | Formula::Modal(_, inner) => inner.free(f),
            Formula::Exists(vars, inner) => inner.free(&mut except(vars, f)),
            Formula::Count { var, of, .. } => of.free(&mut except(&[*var], f)),
            Formula::Every { vars, domain, then, .. } => {
                domain.free(&mut except(vars, f));
                then.free(&mut except(vars, f));
            }
            Formula::Fact(atom) => [atom.subject, atom.object].into_iter().filter_map(Term::var).for_each(f),
            Formula::Path(atom) => {
                let ends = [atom.subject, atom.object].into_iter().filter_map(Term::var);
                ends.chain(atom.bind).for_each(f);
            }
            Formula::Value(atom) => atom.subject.var().into_iter().chain([atom.value]).for_each(f),
            Formula::Type(term, _) => term.var().into_iter().for_each(f),
            Formula::Same(a, b) => [*a, *b].into_iter().filter_map(Term::var).for_each(f),
            Formula::Test(expr) => expr.vars(f),
        }
    }
}

fn except<'a>(vars: &'a [VarId], f: &'a mut dyn FnMut(VarId)) -> impl FnMut(VarId) + 'a {
    move |var| {
        if !vars.contains(&var) {
            f(var)
        }
    }
}

impl Term {
    /// The variable, if it is one.
    pub fn var(self) -> Option<VarId> {
        match self {
            Term::Var(var) => Some(var),
            Term::Entity(_) => None,
        }
    }
}

impl Expr {
    /// Calls `f` with each pattern whose existence the expression tests.
    pub fn exists(&self, f: &mut dyn FnMut(&Formula)) {
        match &self.kind {
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => all.iter().for_each(|e| e.exists(f)),
            ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) => e.exists(f),
            ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
                a.exists(f);
                b.exists(f);
            }
            ExprKind::Exists(formula) => f(formula),
            _ => {}
        }
    }

    /// Calls `f` with each variable of the expression, again for each time it occurs.
    pub fn vars(&self, f: &mut dyn FnMut(VarId)) {
        match &self.kind {
            ExprKind::Value(_) | ExprKind::Entity(_) | ExprKind::PropertyOf(..) => {}
            ExprKind::Var(var) | ExprKind::Property(var, _) | ExprKind::IsAbsent(var) => f(*var),
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => all.iter().for_each(|e| e.vars(f)),
            ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) => e.vars(f),
            ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
                a.vars(f);
                b.vars(f);
            }
            ExprKind::Aggregate { argument, .. } => argument.vars(f),
            ExprKind::Exists(formula) => formula.free(f),
        }
    }
}
