//! Traversal of the steps, conditions and links of a pattern.

use super::{AccessPath, Block, Condition, PathId, Pattern, ReachEnds, Step};
use crate::graph::SourceId;
use crate::plan::Link;

impl Pattern {
    /// Calls `f` with each link that the pattern follows and the source it is restricted to, once per occurrence.
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
                Condition::NotEmpty(access) | Condition::Length { access, .. } => followed(access, f),
                _ => {}
            }),
            _ => {}
        });
    }

    /// Calls `f` with each condition of the pattern, including nested ones and those of their blocks.
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

    /// Calls `f` with each step of the block and of the blocks inside it, mutable; a step comes before those inside it.
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
    /// Returns the direct parts of the condition that are tested on the same binding.
    pub fn children(&self) -> &[Condition] {
        match self {
            Condition::All(all) | Condition::Any(all) => all,
            Condition::Not(inner) | Condition::Modal(_, inner) => std::slice::from_ref(inner),
            Condition::Every { then, .. } => std::slice::from_ref(then),
            _ => &[],
        }
    }

    /// Returns the same, mutable.
    pub fn children_mut(&mut self) -> &mut [Condition] {
        match self {
            Condition::All(all) | Condition::Any(all) => all,
            Condition::Not(inner) | Condition::Modal(_, inner) => std::slice::from_mut(inner),
            Condition::Every { then, .. } => std::slice::from_mut(then),
            _ => &mut [],
        }
    }

    /// Returns the block whose bindings the condition looks for; `None` if it has no block.
    pub fn block(&self) -> Option<&Block> {
        match self {
            Condition::Exists { block, .. } | Condition::Count { block, .. } | Condition::Every { block, .. } => {
                Some(block)
            }
            Condition::ReachSemiJoin(join) => match &join.to {
                ReachEnds::Block(block) => Some(block),
                ReachEnds::Entity(_) => None,
            },
            _ => None,
        }
    }

    /// Returns the same, mutable.
    pub fn block_mut(&mut self) -> Option<&mut Block> {
        match self {
            Condition::Exists { block, .. } | Condition::Count { block, .. } | Condition::Every { block, .. } => {
                Some(block)
            }
            Condition::ReachSemiJoin(join) => match &mut join.to {
                ReachEnds::Block(block) => Some(block),
                ReachEnds::Entity(_) => None,
            },
            _ => None,
        }
    }

    /// Calls `f` with this condition and its parts, outermost first.
    pub fn each(&self, f: &mut dyn FnMut(&Condition)) {
        f(self);
        self.children().iter().for_each(|inner| inner.each(f));
    }

    /// Calls `f` with this condition and its parts, mutable, outermost first.
    pub fn each_mut(&mut self, f: &mut dyn FnMut(&mut Condition)) {
        f(self);
        self.children_mut().iter_mut().for_each(|inner| inner.each_mut(f));
    }
}

impl AccessPath {
    /// Calls `f` with this access path and its parts.
    pub fn each(&self, f: &mut dyn FnMut(&AccessPath)) {
        f(self);
        if let AccessPath::Either(access) = self {
            access.iter().for_each(|inner| inner.each(f));
        }
    }
}
