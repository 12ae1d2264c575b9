//! Other numbers for the variables and paths of steps, as they are before rules have changed them.

use crate::plan::{Block, Claimed, ClaimedBy, Condition, PathId, Scalar, Step, Term, VarId};

/// New numbers.
pub(super) struct Renaming<'r> {
    pub var: &'r dyn Fn(VarId) -> VarId,
    /// By the old number.
    pub paths: &'r [PathId],
}

/// Returns true if a step is of the kinds that [`Renaming`] covers: scans, and conditions that no rule has rewritten.
pub(super) fn can_rename(step: &Step) -> bool {
    match step {
        Step::Scan { .. } | Step::ScanValues { .. } | Step::ScanLabels { .. } => true,
        Step::Filter(condition) => {
            let mut can = true;
            condition.each(&mut |condition| can &= is_unchanged(condition));
            can
        }
        Step::Expand { .. } | Step::Walk { .. } | Step::Optional(_) => false,
    }
}

fn is_unchanged(condition: &Condition) -> bool {
    match condition {
        Condition::Exists { memo: Some(_), .. } => false,
        Condition::Exists { block, .. } | Condition::Count { block, .. } | Condition::Every { block, .. } => {
            block.steps.iter().all(can_rename)
        }
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::Modal(..) | Condition::Fact(_) => true,
        Condition::Path { .. } | Condition::Value(_) | Condition::Claim(_) | Condition::Word(..) => true,
        Condition::Type(..) | Condition::Same(..) | Condition::Test(_) => true,
        Condition::Exact(_)
        | Condition::Coded(_)
        | Condition::Name(..)
        | Condition::Order(_)
        | Condition::Compare(_) => false,
        Condition::ReachSemiJoin(_) | Condition::Probe(_) => false,
        Condition::NotEmpty(_) | Condition::Length { .. } => false,
    }
}

impl Renaming<'_> {
    pub fn step(&self, step: &mut Step) {
        match step {
            Step::Scan { var, .. } | Step::ScanValues { var, .. } | Step::ScanLabels { var, .. } => self.var(var),
            Step::Filter(condition) => self.condition(condition),
            Step::Expand { .. } | Step::Walk { .. } | Step::Optional(_) => {}
        }
    }

    fn condition(&self, condition: &mut Condition) {
        condition.each_mut(&mut |condition| {
            self.own(condition);
            if let Some(block) = condition.block_mut() {
                self.block(block);
            }
        });
    }

    fn block(&self, block: &mut Block) {
        block.steps.iter_mut().for_each(|step| self.step(step));
        let Block { wanted, outer, determined, .. } = block;
        wanted.iter_mut().chain(outer).chain(determined).for_each(|var| self.var(var));
    }

    /// Renames what a condition reads itself, without its parts and its block.
    fn own(&self, condition: &mut Condition) {
        match condition {
            Condition::Fact(atom) => {
                self.term(&mut atom.subject);
                self.term(&mut atom.object);
            }
            Condition::Path { path, subject, object, .. } => {
                *path = self.paths.get(path.0 as usize).copied().unwrap_or(*path);
                self.term(subject);
                self.term(object);
            }
            Condition::Value(atom) => {
                self.term(&mut atom.subject);
                self.var(&mut atom.value);
            }
            Condition::Claim(atom) => {
                self.claimed(&mut atom.of);
                self.var(&mut atom.by);
            }
            Condition::Word(var, _) => self.var(var),
            Condition::Type(term, _) => self.term(term),
            Condition::Same(a, b) => {
                self.term(a);
                self.term(b);
            }
            Condition::Test(scalar) => scalar.each_mut(&mut |inner| self.scalar(inner)),
            _ => {}
        }
    }

    fn scalar(&self, scalar: &mut Scalar) {
        match scalar {
            Scalar::Slot(var) | Scalar::Stated(var, _) | Scalar::Path(var) | Scalar::Length(var) => self.var(var),
            Scalar::Property(var, _) | Scalar::IsAbsent(var) | Scalar::Label(var, _) => self.var(var),
            Scalar::OfClaims(_, claimed, by) => {
                self.claimed(claimed);
                if let ClaimedBy::Var(var) = by {
                    self.var(var);
                }
            }
            _ => {}
        }
    }

    fn claimed(&self, claimed: &mut Claimed) {
        match claimed {
            Claimed::Link { subject, object, .. } => {
                self.term(subject);
                self.term(object);
            }
            Claimed::Value { value, .. } => self.var(value),
        }
    }

    fn term(&self, term: &mut Term) {
        if let Term::Var(var) = term {
            self.var(var);
        }
    }

    fn var(&self, var: &mut VarId) {
        *var = (self.var)(*var);
    }
}
