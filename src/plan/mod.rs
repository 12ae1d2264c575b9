//! Typed query → plan: named rewrites, cost, the printable tree.
//!
//! A [`Plan`] is a small algebra over named relations: scan, expand (with intersection), reach, filter, semi-join,
//! anti-join, count, group, top. Nothing in it is known to the in-memory engine alone. [`build`] writes the query down
//! word for word (bind every variable, then test every condition); [`optimize`] applies [`REWRITES`], each of which
//! can be switched off.

mod build;
mod cost;
mod print;
mod rewrite;
mod turn;
mod words;

pub use build::{build, build_define, build_part};
pub use print::print;
pub use rewrite::{REWRITES, Rewrite, optimize};
pub use turn::{Determines, come_in_turn};
pub use words::{ABSENT, Words};

use crate::check::typed::{CompareOp, CountOp, Expr, FactAtom, Link, Modality, Path, Term, ValueAtom, VarId};
use crate::graph::SourceId;
use crate::schema::{PropertyId, TypeSet};
use crate::text::Span;
use crate::value::{Value, id};

/// How the matches of a pattern are found. What is made of them (columns, groups, order) stays in the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub block: Block,
    /// Every path of the plan; steps name them by position.
    pub paths: Vec<Path>,
    /// What groups are formed by, where the query forms any.
    pub keys: Vec<GroupKey>,
    /// How many variables there are, query and inlined definitions together.
    pub slots: usize,
    /// The titles of the variables, for printing.
    pub titles: Vec<String>,
    /// The names of the rewrites that changed the plan, in order.
    pub applied: Vec<&'static str>,
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
    /// Position in [`Plan::paths`].
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
}

impl Block {
    /// The variables that the block's own steps bind, in order.
    pub fn bound(&self) -> Vec<VarId> {
        self.steps.iter().flat_map(Step::binds).collect()
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
    /// Binds a variable to what all sources have in common, in id order.
    Expand { var: VarId, sources: Vec<Source>, types: Option<TypeSet> },
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
pub enum Source {
    /// The neighbours of `from`: its objects, or where `inverse` its subjects.
    Link { link: Link, from: Term, inverse: bool, source: Option<SourceId> },
    /// What `from` reaches; where `inverse`, what reaches it. `together`: it may be searched for many values of `from` at
    /// once.
    Reach { path: PathId, from: Term, inverse: bool, source: Option<SourceId>, together: bool },
    /// The stated values of a bound subject.
    Values(ValueAtom),
    /// That entity.
    Same(Term),
    /// What any of these give.
    Either(Vec<Source>),
}

impl Source {
    /// What the candidates stand beside.
    pub fn from(&self) -> Option<Term> {
        match self {
            Source::Link { from, .. } | Source::Reach { from, .. } => Some(*from),
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
    Test(Expr),
    Order(Order),
    Compare(Compare),
    Leads(Box<Leads>),
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
pub struct Leads {
    pub from: VarId,
    pub path: PathId,
    pub inverse: bool,
    pub source: Option<SourceId>,
    pub to: Block,
    /// Numbers the semi-joins of a plan that are searched so.
    pub id: u16,
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
            Condition::Test(expr) => expr.vars(f),
            Condition::Order(order) => [order.var].into_iter().chain(order.other.var()).for_each(f),
            Condition::Compare(compare) => f(compare.var),
            Condition::Leads(leads) => f(leads.from),
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
            Step::Expand { sources, .. } => sources.iter().for_each(|source| source.needs(f)),
            Step::Walk { subject, object, .. } => [subject, object].into_iter().filter_map(|t| t.var()).for_each(f),
            Step::Filter(condition) => condition.outer(f),
            Step::Optional(block) => block_outer(block, None, f),
        }
    }
}

impl Source {
    /// Calls `f` with each variable that the source reads.
    pub fn needs(&self, f: &mut dyn FnMut(VarId)) {
        match self {
            Source::Link { from, .. } | Source::Reach { from, .. } => from.var().into_iter().for_each(f),
            Source::Values(atom) => atom.subject.var().into_iter().for_each(f),
            Source::Same(term) => term.var().into_iter().for_each(f),
            Source::Either(sources) => sources.iter().for_each(|source| source.needs(f)),
        }
    }
}

impl Plan {
    /// Calls `f` with each link that the plan follows, and the source it is restricted to; again for each time.
    pub fn links(&self, f: &mut dyn FnMut(Link, Option<SourceId>)) {
        self.block.links(&self.paths, f);
    }

    /// Calls `f` with each condition of the plan, also inside others and inside their blocks.
    pub fn conditions(&self, f: &mut dyn FnMut(&Condition)) {
        self.block.conditions(f);
    }
}

impl Block {
    /// Calls `f` with each condition of the block, also inside others and inside their blocks.
    pub fn conditions(&self, f: &mut dyn FnMut(&Condition)) {
        for step in &self.steps {
            match step {
                Step::Filter(condition) => condition.each(f),
                Step::Optional(block) => block.conditions(f),
                _ => {}
            }
        }
    }

    /// The sources of the block's own steps and of the blocks inside it.
    fn sources(&self, f: &mut dyn FnMut(&Source)) {
        for step in &self.steps {
            match step {
                Step::Expand { sources, .. } => sources.iter().for_each(|source| source.each(f)),
                Step::Optional(block) => block.sources(f),
                Step::Filter(condition) => condition.blocks(&mut |block| block.sources(f)),
                _ => {}
            }
        }
    }

    fn links(&self, paths: &[Path], f: &mut dyn FnMut(Link, Option<SourceId>)) {
        let along = |path: PathId, source: Option<SourceId>, f: &mut dyn FnMut(Link, Option<SourceId>)| {
            paths[path.0 as usize].links(&mut |link| f(link, source));
        };
        self.conditions(&mut |condition| match condition {
            Condition::Fact(atom) => f(atom.link, atom.source),
            Condition::Path { path, source, .. } => along(*path, *source, f),
            Condition::Leads(leads) => along(leads.path, leads.source, f),
            _ => {}
        });
        self.sources(&mut |found| match found {
            Source::Link { link, source, .. } => f(*link, *source),
            Source::Reach { path, source, .. } => along(*path, *source, f),
            _ => {}
        });
        for step in &self.steps {
            if let Step::Walk { path, source, .. } = step {
                along(*path, *source, f);
            }
        }
    }
}

impl Condition {
    /// Calls `f` with this condition and each inside it, blocks included.
    fn each(&self, f: &mut dyn FnMut(&Condition)) {
        f(self);
        match self {
            Condition::All(all) | Condition::Any(all) => all.iter().for_each(|inner| inner.each(f)),
            Condition::Not(inner) | Condition::Modal(_, inner) => inner.each(f),
            Condition::Exists { block, .. } | Condition::Count { block, .. } => block.conditions(f),
            Condition::Leads(leads) => leads.to.conditions(f),
            Condition::Every { block, then, .. } => {
                block.conditions(f);
                then.each(f);
            }
            _ => {}
        }
    }

    /// Calls `f` with each block that is not inside another block of the condition.
    fn blocks(&self, f: &mut dyn FnMut(&Block)) {
        match self {
            Condition::All(all) | Condition::Any(all) => all.iter().for_each(|inner| inner.blocks(f)),
            Condition::Not(inner) | Condition::Modal(_, inner) => inner.blocks(f),
            Condition::Exists { block, .. } | Condition::Count { block, .. } => f(block),
            Condition::Leads(leads) => f(&leads.to),
            Condition::Every { block, then, .. } => {
                f(block);
                then.blocks(f);
            }
            _ => {}
        }
    }
}

impl Source {
    fn each(&self, f: &mut dyn FnMut(&Source)) {
        f(self);
        if let Source::Either(sources) = self {
            sources.iter().for_each(|source| source.each(f));
        }
    }
}
