//! How the bindings of a pattern are found: scan, expand, reach, filter, semi-join, anti-join, left join.

use super::{CompareOp, CountOp, FactAtom, Link, Modality, Path, Scalar, Term, ValueAtom, Var, VarId};
use crate::graph::SourceId;
use crate::schema::{PropertyId, TypeSet};
use crate::text::Span;
use crate::value::{Like, Value, id};
use std::sync::Arc;

/// Binds the variables of a pattern: a generic join, one variable after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pub block: Block,
    /// Every path of the pattern; steps name them by position.
    pub paths: Vec<Path>,
    /// What groups are formed by, where the query forms any.
    pub keys: Vec<GroupKey>,
    /// By variable: its title and what it holds.
    pub slots: Arc<[Var]>,
    /// No fact in sight is doubtful and no value vague: what is possible is certain, and one pass finds both.
    pub is_certain: bool,
    /// The search may end when it has found so many bindings.
    pub most: Option<usize>,
}

/// What a group's bindings have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKey {
    /// An entity.
    Entity(VarId),
    /// What is read off an entity.
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

/// Steps carried out one inside the other: each binding of one is handed to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    pub steps: Vec<Step>,
    /// The variables that are asked for, each distinct tuple of them once; empty where only existence is asked.
    pub wanted: Vec<VarId>,
    /// Variables bound before the block begins.
    pub outer: Vec<VarId>,
    /// Variables that are not asked for, and take one value at most for each tuple of those that are.
    pub determined: Vec<VarId>,
    /// The number of the first step; the others follow it.
    pub first: u32,
    /// By step: how many bindings it is expected to hand on, in all for each time that the block begins.
    pub rows: Vec<f64>,
}

/// The steps of a block that are still to be carried out.
#[derive(Debug, Clone, Copy)]
pub struct Steps<'p> {
    steps: &'p [Step],
    /// The number of the first of them.
    pub first: u32,
}

impl<'p> Steps<'p> {
    pub fn is_empty(self) -> bool {
        self.steps.is_empty()
    }

    /// The first step, and those behind it.
    pub fn split_first(self) -> Option<(&'p Step, Steps<'p>)> {
        let (first, rest) = self.steps.split_first()?;
        Some((first, Steps { steps: rest, first: self.first + 1 }))
    }

    /// The filters at the beginning, and the steps behind them.
    pub fn split_filters(self) -> (Steps<'p>, Steps<'p>) {
        let number = self.steps.iter().take_while(|step| matches!(step, Step::Filter(_))).count();
        let (filters, rest) = self.steps.split_at(number);
        (Steps { steps: filters, ..self }, Steps { steps: rest, first: self.first + number as u32 })
    }

    /// The first step alone.
    pub fn only_first(self) -> Steps<'p> {
        Steps { steps: &self.steps[..1.min(self.steps.len())], ..self }
    }

    /// The conditions of the filters among the steps, with their numbers.
    pub fn conditions(self) -> impl Iterator<Item = (u32, &'p Condition)> {
        let numbered = (self.first..).zip(self.steps);
        numbered.filter_map(|(id, step)| if let Step::Filter(condition) = step { Some((id, condition)) } else { None })
    }
}

impl Block {
    /// All of its steps.
    pub fn all_steps(&self) -> Steps<'_> {
        Steps { steps: &self.steps, first: self.first }
    }

    /// A block that binds nothing yet.
    pub fn new(steps: Vec<Step>, wanted: Vec<VarId>, outer: Vec<VarId>) -> Block {
        Block { steps, wanted, outer, ..Block::default() }
    }

    /// The variables that the block's own steps bind, in order.
    pub fn bound(&self) -> Vec<VarId> {
        self.steps.iter().flat_map(Step::binds).collect()
    }

    /// The variable that the last step binds, if that is one step's own.
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

    /// Whether two bindings may agree on all wanted variables.
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
    /// Binds a variable to what all access have in common, in id order.
    Expand { var: VarId, access: Vec<AccessPath>, types: Option<TypeSet> },
    /// Binds a path variable to paths between two bound ends.
    Walk { var: VarId, path: PathId, subject: Term, object: Term, source: Option<SourceId>, walk: Walk },
    /// Goes on only where the condition holds.
    Filter(Condition),
    /// Binds what the block binds, once for each of its bindings, or leaves it unbound where there is none.
    Optional(Block),
}

impl Step {
    /// The variables that the step binds.
    pub fn binds(&self) -> Vec<VarId> {
        match self {
            Step::Scan { var, .. } | Step::ScanValues { var, .. } => vec![*var],
            Step::Expand { var, .. } | Step::Walk { var, .. } => vec![*var],
            Step::Filter(_) => Vec::new(),
            Step::Optional(block) => block.bound(),
        }
    }
}

/// What a path variable takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walk {
    /// Each acyclic path.
    Every,
    /// Only lengths are asked: the least, the greatest, or both.
    Lengths { least: bool, greatest: bool },
}

/// A sorted set of candidates for a variable, given what is bound.
#[derive(Debug, Clone, PartialEq)]
pub enum AccessPath {
    /// The neighbours of `from`: its objects, or where `inverse` its subjects.
    Link { link: Link, from: Term, inverse: bool, source: Option<SourceId> },
    /// What `from` reaches; where `inverse`, what reaches it. `together`: it may be searched for many values of `from` at
    /// once.
    Reach { path: PathId, from: Term, inverse: bool, source: Option<SourceId>, together: bool },
    /// The stated values of a bound subject.
    Values(ValueAtom),
    /// That entity.
    Same(Term),
    /// The entities that are subject of a link; where `inverse`, object.
    Ends { link: Link, inverse: bool },
    /// What any of these give.
    Either(Vec<AccessPath>),
}

impl AccessPath {
    /// What the candidates stand beside.
    pub fn from(&self) -> Option<Term> {
        match self {
            AccessPath::Link { from, .. } | AccessPath::Reach { from, .. } => Some(*from),
            _ => None,
        }
    }
}

/// A test with every variable of it bound outside or by its own block.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// Anti-join where it stands before a block.
    Not(Box<Condition>),
    /// Semi-join. `memo` is the one outer variable it depends on, if its answers are worth keeping.
    Exists {
        block: Block,
        memo: Option<Memo>,
    },
    /// The block's distinct values of its one wanted variable, counted.
    Count {
        block: Block,
        compare: CountOp,
        number: u32,
    },
    /// No binding of the block fails the condition.
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
    Type(Term, TypeSet),
    Same(Term, Term),
    Test(Scalar),
    /// A test in which every value is a whole number or a day, and nothing is vague.
    Exact(Scalar),
    /// The name of an entity is as a pattern describes it.
    Like(VarId, Like),
    Order(Order),
    Compare(Compare),
    ReachSemiJoin(Box<ReachSemiJoin>),
    /// Semi-join with the neighbours of a variable.
    Probe(Probe),
    /// Semi-join with a list that holds anything.
    NotEmpty(AccessPath),
}

/// Two entities compare so by their numbers, which within a type are in the order of names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    pub var: VarId,
    pub op: CompareOp,
    pub other: Term,
}

/// The settled value of an entity's property compares so with a constant.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    pub var: VarId,
    pub property: PropertyId,
    pub op: CompareOp,
    pub value: Value,
}

/// Semi-join along a path: `from` reaches some entity that the block finds; where `inverse`, is reached by one. The
/// block depends on nothing outside, so that one search backwards from all its entities serves every `from`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachSemiJoin {
    pub from: VarId,
    pub path: PathId,
    pub inverse: bool,
    pub source: Option<SourceId>,
    pub to: Block,
    /// Numbers the semi-joins of a plan that are searched so.
    pub id: u16,
}

/// Semi-join that asks an entity for a neighbour along one link, and nothing more of that than how its number stands to
/// what is bound, and whether it has a link to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    pub from: VarId,
    pub link: Link,
    pub inverse: bool,
    pub source: Option<SourceId>,
    /// The neighbour compares so with each of these.
    pub orders: Vec<(CompareOp, Term)>,
    /// The neighbour has, or lacks, a link to each of these.
    pub facts: Vec<ProbeFact>,
}

/// A link that the neighbour of a [`Probe`] has, or lacks, to something bound.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeFact {
    pub link: Link,
    /// From the other to the neighbour.
    pub inverse: bool,
    pub source: Option<SourceId>,
    pub other: Term,
    pub is_wanted: bool,
}

/// With more comparisons than this, or more links, a semi-join is carried out as any other: each is a test for every
/// neighbour.
pub const MOST_TESTS: usize = 2;

impl Probe {
    fn outer(&self, f: &mut dyn FnMut(VarId)) {
        let others = self.orders.iter().map(|(_, other)| other).chain(self.facts.iter().map(|fact| &fact.other));
        [self.from].into_iter().chain(others.filter_map(|other| other.var())).for_each(f);
    }
}

/// Answers kept by the value of an outer variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memo {
    pub var: VarId,
    /// Numbers the memos of a plan.
    pub id: u16,
}

impl Condition {
    /// True of everything.
    pub fn always() -> Condition {
        Condition::All(Vec::new())
    }

    /// Calls `f` with each variable bound outside the condition, again for each time it occurs.
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
            Condition::Type(t, _) => term(t, f),
            Condition::Same(a, b) => [a, b].into_iter().for_each(|t| term(t, f)),
            Condition::Test(scalar) | Condition::Exact(scalar) => scalar.slots(f),
            Condition::Like(var, _) => f(*var),
            Condition::Order(order) => [order.var].into_iter().chain(order.other.var()).for_each(f),
            Condition::Compare(compare) => f(compare.var),
            Condition::ReachSemiJoin(join) => f(join.from),
            Condition::Probe(probe) => probe.outer(f),
            Condition::NotEmpty(access) => access.needs(f),
        }
    }

    /// The distinct variables of [`Condition::outer`].
    pub fn outer_vars(&self) -> Vec<VarId> {
        let mut vars = Vec::new();
        self.outer(&mut |var| vars.push(var));
        vars.sort();
        vars.dedup();
        vars
    }
}

/// The variables that a block needs from outside.
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
    /// Calls `f` with each variable that the step reads.
    pub fn needs(&self, f: &mut dyn FnMut(VarId)) {
        match self {
            Step::Scan { .. } | Step::ScanValues { .. } => {}
            Step::Expand { access, .. } => access.iter().for_each(|source| source.needs(f)),
            Step::Walk { subject, object, .. } => [subject, object].into_iter().filter_map(|t| t.var()).for_each(f),
            Step::Filter(condition) => condition.outer(f),
            Step::Optional(block) => block_outer(block, None, f),
        }
    }
}

impl AccessPath {
    /// Calls `f` with each variable that the source reads.
    pub fn needs(&self, f: &mut dyn FnMut(VarId)) {
        match self {
            AccessPath::Link { from, .. } | AccessPath::Reach { from, .. } => from.var().into_iter().for_each(f),
            AccessPath::Values(atom) => atom.subject.var().into_iter().for_each(f),
            AccessPath::Same(term) => term.var().into_iter().for_each(f),
            AccessPath::Ends { .. } => {}
            AccessPath::Either(access) => access.iter().for_each(|source| source.needs(f)),
        }
    }
}

impl Pattern {
    /// Calls `f` with each link that the pattern follows, and the source it is restricted to; again for each time.
    pub fn links(&self, f: &mut dyn FnMut(Link, Option<SourceId>)) {
        let along = |path: PathId, source: Option<SourceId>, f: &mut dyn FnMut(Link, Option<SourceId>)| {
            self.paths[path.0 as usize].links(&mut |link| f(link, source));
        };
        let followed = |access: &AccessPath, f: &mut dyn FnMut(Link, Option<SourceId>)| {
            access.each(&mut |access| match access {
                AccessPath::Link { link, source, .. } => f(*link, *source),
                AccessPath::Ends { link, .. } => f(*link, None),
                AccessPath::Reach { path, source, .. } => along(*path, *source, f),
                _ => {}
            });
        };
        self.each_step(&mut |step| match step {
            Step::Expand { access, .. } => access.iter().for_each(|access| followed(access, f)),
            Step::Walk { path, source, .. } => along(*path, *source, f),
            Step::Filter(condition) => condition.each(&mut |condition| match condition {
                Condition::Fact(atom) => f(atom.link, atom.source),
                Condition::Path { path, source, .. } => along(*path, *source, f),
                Condition::ReachSemiJoin(join) => along(join.path, join.source, f),
                Condition::Probe(probe) => {
                    f(probe.link, probe.source);
                    probe.facts.iter().for_each(|fact| f(fact.link, fact.source));
                }
                Condition::NotEmpty(access) => followed(access, f),
                _ => {}
            }),
            _ => {}
        });
    }

    /// Calls `f` with each condition of the pattern, also inside others and inside their blocks.
    pub fn conditions(&self, f: &mut dyn FnMut(&Condition)) {
        self.each_step(&mut |step| {
            if let Step::Filter(condition) = step {
                condition.each(f);
            }
        });
    }

    /// Calls `f` with each step of the pattern, outer blocks first.
    pub fn each_step(&self, f: &mut dyn FnMut(&Step)) {
        self.block.each_step(f);
    }
}

impl Block {
    /// Calls `f` with each step of the block and of the blocks inside it.
    pub fn each_step(&self, f: &mut dyn FnMut(&Step)) {
        for step in &self.steps {
            f(step);
            match step {
                Step::Filter(condition) => condition.each(&mut |inner| {
                    if let Some(block) = inner.block() {
                        block.each_step(f);
                    }
                }),
                Step::Optional(block) => block.each_step(f),
                _ => {}
            }
        }
    }
}

impl Block {
    /// Calls `f` with each step of the block and of the blocks inside it, to be changed.
    pub fn each_step_mut(&mut self, f: &mut dyn FnMut(&mut Step)) {
        for step in &mut self.steps {
            f(step);
            match step {
                Step::Filter(condition) => condition.each_mut(&mut |inner| {
                    if let Some(block) = inner.block_mut() {
                        block.each_step_mut(f);
                    }
                }),
                Step::Optional(block) => block.each_step_mut(f),
                _ => {}
            }
        }
    }
}

impl Condition {
    /// The conditions that this one is made of, asked of the same binding.
    pub fn children(&self) -> &[Condition] {
        match self {
            Condition::All(all) | Condition::Any(all) => all,
            Condition::Not(inner) | Condition::Modal(_, inner) => std::slice::from_ref(inner),
            Condition::Every { then, .. } => std::slice::from_ref(then),
            _ => &[],
        }
    }

    /// The same, to be changed.
    pub fn children_mut(&mut self) -> &mut [Condition] {
        match self {
            Condition::All(all) | Condition::Any(all) => all,
            Condition::Not(inner) | Condition::Modal(_, inner) => std::slice::from_mut(inner),
            Condition::Every { then, .. } => std::slice::from_mut(then),
            _ => &mut [],
        }
    }

    /// The block whose bindings the condition asks for.
    pub fn block(&self) -> Option<&Block> {
        match self {
            Condition::Exists { block, .. } | Condition::Count { block, .. } | Condition::Every { block, .. } => {
                Some(block)
            }
            Condition::ReachSemiJoin(join) => Some(&join.to),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn block_mut(&mut self) -> Option<&mut Block> {
        match self {
            Condition::Exists { block, .. } | Condition::Count { block, .. } | Condition::Every { block, .. } => {
                Some(block)
            }
            Condition::ReachSemiJoin(join) => Some(&mut join.to),
            _ => None,
        }
    }

    /// Calls `f` with this condition and each that it is made of.
    pub fn each(&self, f: &mut dyn FnMut(&Condition)) {
        f(self);
        self.children().iter().for_each(|inner| inner.each(f));
    }

    /// Calls `f` with this condition and each that it is made of, outermost first.
    pub fn each_mut(&mut self, f: &mut dyn FnMut(&mut Condition)) {
        f(self);
        self.children_mut().iter_mut().for_each(|inner| inner.each_mut(f));
    }
}

impl AccessPath {
    /// Calls `f` with this access path and each that it is made of.
    pub fn each(&self, f: &mut dyn FnMut(&AccessPath)) {
        f(self);
        if let AccessPath::Either(access) = self {
            access.iter().for_each(|inner| inner.each(f));
        }
    }
}
