//! Steps and conditions by which the bindings of a pattern are found: scan, expand, reach, filter, semi-join,
//! anti-join, left join.

mod walk;

use super::{
    ClaimAtom, Claimed, CompareOp, CountOp, FactAtom, Label, Link, Modality, Path, Scalar, Term, ValueAtom, Var, VarId,
};
use crate::graph::{EntityId, SourceId};
use crate::schema::{PropertyId, TypeSet};
use crate::text::Span;
use crate::value::{TextPattern, Value, id};
use std::sync::Arc;

/// A generic join that binds the variables of a pattern, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pub block: Block,
    /// Distinct paths of the pattern; steps refer to them by position.
    pub paths: Vec<Path>,
    /// Group keys, if the query groups its bindings.
    pub keys: Vec<GroupKey>,
    /// Variables whose values are added up or compared in the groups, if no binding of a group is kept for that.
    pub folded: Vec<VarId>,
    /// Title and kind of each variable.
    pub slots: Arc<[Var]>,
    /// True if no fact of the pattern is doubtful and no value vague: possible matches are then certain, and one search
    /// finds both.
    pub is_certain: bool,
    /// Number of bindings after which the search may end; `None` for no limit.
    pub most: Option<usize>,
}

/// Key of a group, for the order of variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKey {
    /// The entity itself.
    Entity(VarId),
    /// A value that is read from the entity.
    Of(VarId),
}

impl GroupKey {
    pub fn var(self) -> VarId {
        match self {
            GroupKey::Entity(var) | GroupKey::Of(var) => var,
        }
    }
}

id! {
    /// Position in [`Pattern::paths`].
    PathId(u32), "paths"
}

/// Nested steps: each binding of one is passed to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    pub steps: Vec<Step>,
    /// Requested variables, of which each distinct tuple is found once; empty if only existence matters.
    pub wanted: Vec<VarId>,
    /// Variables that are bound outside the block.
    pub outer: Vec<VarId>,
    /// Variables that are not requested and have at most one value per tuple of the requested ones.
    pub determined: Vec<VarId>,
    /// Number of the first step; the other steps are numbered consecutively.
    pub first: u32,
    /// Per step: estimated bindings that it produces each time the block starts.
    pub rows: Vec<f64>,
}

/// The remaining steps of a block.
#[derive(Debug, Clone, Copy)]
pub struct Steps<'p> {
    steps: &'p [Step],
    /// Number of the first of them.
    pub first: u32,
}

impl<'p> Steps<'p> {
    pub fn is_empty(self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the first step and the steps behind it.
    pub fn split_first(self) -> Option<(&'p Step, Steps<'p>)> {
        let (first, rest) = self.steps.split_first()?;
        Some((first, Steps { steps: rest, first: self.first + 1 }))
    }

    /// Returns the leading filters and the steps behind them.
    pub fn split_filters(self) -> (Steps<'p>, Steps<'p>) {
        let number = self.steps.iter().take_while(|step| matches!(step, Step::Filter(_))).count();
        let (filters, rest) = self.steps.split_at(number);
        (Steps { steps: filters, ..self }, Steps { steps: rest, first: self.first + number as u32 })
    }

    /// Returns the first step alone.
    pub fn only_first(self) -> Steps<'p> {
        Steps { steps: &self.steps[..1.min(self.steps.len())], ..self }
    }

    /// Returns the conditions of the filters among the steps, with the numbers of the steps.
    pub fn conditions(self) -> impl Iterator<Item = (u32, &'p Condition)> {
        let numbered = (self.first..).zip(self.steps);
        numbered.filter_map(|(id, step)| if let Step::Filter(condition) = step { Some((id, condition)) } else { None })
    }
}

impl Block {
    /// Returns all steps of the block.
    pub fn all_steps(&self) -> Steps<'_> {
        Steps { steps: &self.steps, first: self.first }
    }

    /// Returns a block with these steps, without estimates.
    pub fn new(steps: Vec<Step>, wanted: Vec<VarId>, outer: Vec<VarId>) -> Block {
        Block { steps, wanted, outer, ..Block::default() }
    }

    /// Returns the variables that the steps of the block bind, in order.
    pub fn bound(&self) -> Vec<VarId> {
        self.steps.iter().flat_map(Step::binds).collect()
    }

    /// Returns the variable that the last binding step binds; `None` unless it is a scan or an expansion.
    pub fn last_bound(&self) -> Option<VarId> {
        match self.steps.iter().rfind(|step| !matches!(step, Step::Filter(_)))? {
            Step::Scan { var, .. } | Step::Expand { var, .. } => Some(*var),
            _ => None,
        }
    }

    /// Returns true if a variable of the block may be absent.
    pub fn has_optional(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Optional(_) | Step::Walk { .. }))
    }

    /// Returns true if two bindings may agree on all wanted variables.
    pub fn repeats(&self) -> bool {
        self.bound().iter().any(|var| !self.wanted.contains(var) && !self.determined.contains(var))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Binds an entity variable to each entity of the types, in id order.
    Scan { var: VarId, types: TypeSet },
    /// Binds a value variable to each stated value of the property.
    ScanValues { var: VarId, property: PropertyId },
    /// Binds a variable to each word of a list.
    ScanLabels { var: VarId, label: Label },
    /// Binds a variable to the intersection of all access paths, in id order.
    Expand { var: VarId, access: Vec<AccessPath>, types: Option<TypeSet> },
    /// Binds a path variable to the paths between two bound ends.
    Walk { var: VarId, path: PathId, subject: Term, object: Term, source: Option<SourceId>, walk: Walk },
    /// Continues only if the condition holds.
    Filter(Condition),
    /// Left join: binds the variables of the block once per binding of the block, or leaves them absent if there is
    /// none.
    Optional(Block),
}

impl Step {
    /// Returns the variables that the step binds.
    pub fn binds(&self) -> Vec<VarId> {
        match self {
            Step::Scan { var, .. } | Step::ScanValues { var, .. } | Step::ScanLabels { var, .. } => vec![*var],
            Step::Expand { var, .. } | Step::Walk { var, .. } => vec![*var],
            Step::Filter(_) => Vec::new(),
            Step::Optional(block) => block.bound(),
        }
    }
}

/// Values of a path variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Each walk if the path is bounded, otherwise each acyclic path.
    Every,
    /// Only the least or greatest length, or both.
    Lengths { least: bool, greatest: bool },
}

/// A sorted list of candidates for a variable, given the bound variables.
#[derive(Debug, Clone, PartialEq)]
pub enum AccessPath {
    /// Neighbours of `from`: its objects, or its subjects if `inverse`.
    Link { link: Link, from: Term, inverse: bool, source: Option<SourceId> },
    /// Entities that `from` reaches, or that reach it if `inverse`. If `together`, many values of `from` may be
    /// searched at once.
    Reach { path: PathId, from: Term, inverse: bool, source: Option<SourceId>, together: bool },
    /// Stated values of a bound subject.
    Values(ValueAtom),
    /// Sources that claim a fact.
    Claims(Claimed),
    /// A word of a list, by its position.
    Word(u32),
    /// The entity of the term.
    Same(Term),
    /// Entities that are subject of a link, or object if `inverse`.
    Ends { link: Link, inverse: bool },
    /// Union of these lists.
    Either(Vec<AccessPath>),
}

impl AccessPath {
    /// Returns the term from which the candidates are found; `None` if there is no single one.
    pub fn from(&self) -> Option<Term> {
        match self {
            AccessPath::Link { from, .. } | AccessPath::Reach { from, .. } => Some(*from),
            _ => None,
        }
    }
}

/// A test whose variables are all bound, outside or by its own block.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// Negation; an anti-join if the inner condition is a semi-join.
    Not(Box<Condition>),
    /// Semi-join. `memo` is set if the result depends on a single outer variable and is worth caching.
    Exists {
        block: Block,
        memo: Option<Memo>,
    },
    /// Compares the number of distinct values of the block's only wanted variable.
    Count {
        block: Block,
        compare: CountOp,
        number: u32,
    },
    /// True if every binding of the block satisfies `then`.
    Every {
        block: Block,
        then: Box<Condition>,
        span: Span,
    },
    Modal(Modality, Box<Condition>),
    Fact(FactAtom),
    Path {
        path: PathId,
        subject: Term,
        object: Term,
        source: Option<SourceId>,
    },
    Value(ValueAtom),
    Claim(ClaimAtom),
    Word(VarId, u32),
    Type(Term, TypeSet),
    Same(Term, Term),
    Test(Scalar),
    /// Test of whole numbers and exact days only.
    Exact(Scalar),
    /// Test that is evaluated once per distinct value of a property.
    Coded(Box<Coded>),
    /// Test of the name of an entity against a pattern.
    Name(VarId, TextPattern),
    Order(Order),
    Compare(Compare),
    ReachSemiJoin(Box<ReachSemiJoin>),
    /// Semi-join that tests the neighbours of a variable.
    Probe(Probe),
    /// Semi-join that tests whether a list is not empty.
    NotEmpty(AccessPath),
    /// Compares the length of a list without repetitions.
    Length {
        access: AccessPath,
        compare: CountOp,
        number: u32,
    },
}

/// Comparison of two entities by id, which within a type is the order of names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    pub var: VarId,
    pub op: CompareOp,
    pub other: Term,
}

impl Order {
    /// Returns true if only one entity passes.
    pub fn is_entity(&self) -> bool {
        self.op == CompareOp::Equal && matches!(self.other, Term::Entity(_))
    }
}

/// Comparison of the settled value of a property with a constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    pub var: VarId,
    pub property: PropertyId,
    pub op: CompareOp,
    pub value: Value,
}

/// Test of a single property of a variable, whose values are dictionary-encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Coded {
    pub var: VarId,
    pub property: PropertyId,
    /// [`Condition::Test`] or [`Condition::Exact`].
    pub test: Condition,
    /// Number of the test within its pattern.
    pub id: u16,
}

/// Entities to which a [`ReachSemiJoin`] leads.
#[derive(Debug, Clone, PartialEq)]
pub enum ReachEnds {
    Entity(EntityId),
    /// Values of the only wanted variable of a block without outer variables.
    Block(Block),
}

/// Semi-join along a path: `from` reaches one of the entities `to`, or is reached by one if `inverse`. They do not depend
/// on other variables, so one backward search from all of them serves every value of `from`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachSemiJoin {
    pub from: VarId,
    pub path: PathId,
    pub inverse: bool,
    pub source: Option<SourceId>,
    pub to: ReachEnds,
    /// Number of the semi-join within its pattern.
    pub id: u16,
}

/// Semi-join with the neighbours of an entity along one link, which are only compared by id with bound entities and
/// tested for links to these.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    pub from: VarId,
    pub link: Link,
    pub inverse: bool,
    pub source: Option<SourceId>,
    /// Comparisons of the neighbour with bound entities.
    pub orders: Vec<(CompareOp, Term)>,
    /// Required or excluded links of the neighbour to bound entities.
    pub facts: Vec<ProbeFact>,
}

/// Required or excluded link of the neighbour of a [`Probe`] to a bound entity.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeFact {
    pub link: Link,
    /// Direction from the bound entity to the neighbour.
    pub inverse: bool,
    pub source: Option<SourceId>,
    pub other: Term,
    pub is_wanted: bool,
}

/// Maximum number of comparisons, and of links, of a [`Probe`]. Each is tested for every neighbour; beyond, the
/// semi-join is carried out as a block.
pub const MOST_TESTS: usize = 2;

impl Probe {
    fn outer(&self, f: &mut dyn FnMut(VarId)) {
        let others = self.orders.iter().map(|(_, other)| other).chain(self.facts.iter().map(|fact| &fact.other));
        [self.from].into_iter().chain(others.filter_map(|other| other.var())).for_each(f);
    }
}

/// Cache of results by the value of an outer variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memo {
    pub var: VarId,
    /// Number of the memo within its pattern.
    pub id: u16,
}

impl Condition {
    /// Returns a condition that is always true.
    pub fn always() -> Condition {
        Condition::All(Vec::new())
    }

    /// Calls `f` with each variable bound outside the condition, once per occurrence.
    pub fn outer(&self, f: &mut dyn FnMut(VarId)) {
        let term = |term: &Term, f: &mut dyn FnMut(VarId)| term.var().into_iter().for_each(f);
        match self {
            Condition::All(all) | Condition::Any(all) => all.iter().for_each(|c| c.outer(f)),
            Condition::Not(inner) | Condition::Modal(_, inner) => inner.outer(f),
            Condition::Exists { block, .. } | Condition::Count { block, .. } => block_outer(block, None, f),
            Condition::Every { block, then, .. } => block_outer(block, Some(then), f),
            Condition::Fact(atom) => [atom.subject, atom.object].iter().for_each(|t| term(t, f)),
            Condition::Path { subject, object, .. } => [subject, object].into_iter().for_each(|t| term(t, f)),
            Condition::Value(atom) => {
                term(&atom.subject, f);
                f(atom.value);
            }
            Condition::Claim(atom) => {
                atom.of.vars(f);
                f(atom.by);
            }
            Condition::Word(var, _) => f(*var),
            Condition::Type(t, _) => term(t, f),
            Condition::Same(a, b) => [a, b].into_iter().for_each(|t| term(t, f)),
            Condition::Test(scalar) | Condition::Exact(scalar) => scalar.slots(f),
            Condition::Coded(coded) => f(coded.var),
            Condition::Name(var, _) => f(*var),
            Condition::Order(order) => [order.var].into_iter().chain(order.other.var()).for_each(f),
            Condition::Compare(compare) => f(compare.var),
            Condition::ReachSemiJoin(join) => f(join.from),
            Condition::Probe(probe) => probe.outer(f),
            Condition::NotEmpty(access) | Condition::Length { access, .. } => access.needs(f),
        }
    }

    /// Returns the distinct variables of [`Condition::outer`], sorted ascending.
    pub fn outer_vars(&self) -> Vec<VarId> {
        let mut vars = Vec::new();
        self.outer(&mut |var| vars.push(var));
        vars.sort();
        vars.dedup();
        vars
    }
}

/// Calls `f` with each variable that a block reads from outside.
fn block_outer(block: &Block, then: Option<&Condition>, f: &mut dyn FnMut(VarId)) {
    let bound = block.bound();
    let mut outside = |var: VarId| {
        if !bound.contains(&var) {
            f(var)
        }
    };
    block.steps.iter().for_each(|step| step.needs(&mut outside));
    if let Some(then) = then {
        then.outer(&mut outside);
    }
}

impl Step {
    /// Returns the condition of a filter; `None` for other steps.
    pub fn filter(&self) -> Option<&Condition> {
        if let Step::Filter(condition) = self { Some(condition) } else { None }
    }

    /// Calls `f` with each variable that the step reads.
    pub fn needs(&self, f: &mut dyn FnMut(VarId)) {
        match self {
            Step::Scan { .. } | Step::ScanValues { .. } | Step::ScanLabels { .. } => {}
            Step::Expand { access, .. } => access.iter().for_each(|source| source.needs(f)),
            Step::Walk { subject, object, .. } => [subject, object].into_iter().filter_map(|t| t.var()).for_each(f),
            Step::Filter(condition) => condition.outer(f),
            Step::Optional(block) => block_outer(block, None, f),
        }
    }
}

impl AccessPath {
    /// Calls `f` with each variable that the access path reads.
    pub fn needs(&self, f: &mut dyn FnMut(VarId)) {
        match self {
            AccessPath::Link { from, .. } | AccessPath::Reach { from, .. } => from.var().into_iter().for_each(f),
            AccessPath::Values(atom) => atom.subject.var().into_iter().for_each(f),
            AccessPath::Same(term) => term.var().into_iter().for_each(f),
            AccessPath::Claims(claimed) => claimed.vars(f),
            AccessPath::Ends { .. } | AccessPath::Word(_) => {}
            AccessPath::Either(access) => access.iter().for_each(|source| source.needs(f)),
        }
    }
}
