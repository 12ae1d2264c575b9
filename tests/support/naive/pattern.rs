//! When a formula holds of a binding.

use super::{Binding, Mode, Slot, World};
use begat::check::typed::*;
use begat::graph::EntityId;
use begat::value::{Truth, Value};
use std::collections::BTreeSet;

impl World<'_> {
    /// Whether some values of the formula's open variables make it hold.
    pub fn some(&self, vars: &[Var], binding: &mut Binding, formula: &Formula, mode: Mode) -> bool {
        self.each(vars, binding, formula, mode, &mut |_| true)
    }

    /// Calls `found` with each choice of the formula's open variables that makes it hold, until it returns true.
    pub fn each(
        &self,
        vars: &[Var],
        binding: &mut Binding,
        formula: &Formula,
        mode: Mode,
        found: &mut dyn FnMut(&mut Binding) -> bool,
    ) -> bool {
        let open = open_variables(vars, binding, formula);
        self.choose(vars, binding, formula, mode, &open, found)
    }

    fn choose(
        &self,
        vars: &[Var],
        binding: &mut Binding,
        formula: &Formula,
        mode: Mode,
        open: &[VarId],
        found: &mut dyn FnMut(&mut Binding) -> bool,
    ) -> bool {
        if !self.may_hold(vars, binding, formula, mode) {
            return false;
        }
        let Some((var, rest)) = open.split_first() else { return found(binding) };
        for slot in self.choices(vars, binding, *var, formula, mode) {
            binding[var.0 as usize] = slot;
            if self.choose(vars, binding, formula, mode, rest, found) {
                binding[var.0 as usize] = Slot::Open;
                return true;
            }
        }
        binding[var.0 as usize] = Slot::Open;
        false
    }

    /// False if a part of which all variables are chosen does not hold; the others are not looked at yet.
    fn may_hold(&self, vars: &[Var], binding: &mut Binding, formula: &Formula, mode: Mode) -> bool {
        match formula {
            Formula::All(all) => all.iter().all(|part| self.may_hold(vars, binding, part, mode)),
            _ => !open_variables(vars, binding, formula).is_empty() || self.holds(vars, binding, formula, mode),
        }
    }

    /// Whether the formula holds of a binding in which its variables are chosen.
    pub fn holds(&self, vars: &[Var], binding: &mut Binding, formula: &Formula, mode: Mode) -> bool {
        match formula {
            Formula::All(all) => all.iter().all(|part| self.holds(vars, binding, part, mode)),
            Formula::Any(any) => any.iter().any(|part| self.some(vars, binding, part, mode)),
            Formula::Not(inner) => !self.some(vars, binding, inner, mode.dual()),
            Formula::Exists(_, inner) => self.some(vars, binding, inner, mode),
            Formula::Count { var, compare, number, of } => {
                let count = |mode, binding: &mut Binding| self.count(vars, binding, *var, of, mode);
                match compare {
                    CountOp::AtLeast => count(mode, binding) >= *number,
                    CountOp::AtMost => count(mode.dual(), binding) <= *number,
                    CountOp::Exactly => exactly(mode, count(mode, binding), count(mode.dual(), binding), *number),
                }
            }
            Formula::Every { domain, then, .. } => self.every(vars, binding, domain, then, mode),
            Formula::Optional(_) => true,
            Formula::Modal(Modality::Certainly, inner) => self.some(vars, binding, inner, Mode::Certain),
            Formula::Modal(Modality::Possibly, inner) => {
                let mode = if mode == Mode::Shown { Mode::Possible } else { mode };
                self.some(vars, binding, inner, mode)
            }
            Formula::Fact(atom) => self.fact_holds(binding, atom, mode),
            Formula::Path(atom) => self.path_holds(binding, atom, mode),
            Formula::Value(atom) => self.value_holds(binding, atom, mode),
            Formula::Type(term, types) => entity(binding, *term).is_some_and(|e| self.graph.is_of(e, *types)),
            Formula::Same(a, b) => entity(binding, *a).is_some_and(|a| Some(a) == entity(binding, *b)),
            Formula::Test(expr) => match self.truth(vars, binding, expr, mode) {
                Truth::Yes => true,
                Truth::Maybe => mode == Mode::Possible,
                Truth::No => false,
            },
        }
    }

    /// How many distinct values of `var` make the formula hold.
    fn count(&self, vars: &[Var], binding: &mut Binding, var: VarId, of: &Formula, mode: Mode) -> u32 {
        let (mut slots, mut values) = (BTreeSet::new(), Vec::<Value>::new());
        for slot in self.choices(vars, binding, var, of, mode) {
            binding[var.0 as usize] = slot.clone();
            if self.some(vars, binding, of, mode) {
                match &slot {
                    Slot::Value(property, i) => values.push(self.graph.values(*property).stated(*i).1),
                    _ => _ = slots.insert(slot),
                }
            }
        }
        binding[var.0 as usize] = Slot::Open;
        let distinct = values.iter().enumerate().filter(|(i, value)| !values[..*i].contains(value)).count();
        (slots.len() + distinct) as u32
    }

    /// No choice that makes `domain` hold makes `then` fail.
    fn every(&self, vars: &[Var], binding: &mut Binding, domain: &Formula, then: &Formula, mode: Mode) -> bool {
        !self.each(vars, binding, domain, mode.dual(), &mut |binding| !self.some(vars, binding, then, mode))
    }

    fn fact_holds(&self, binding: &Binding, atom: &FactAtom, mode: Mode) -> bool {
        let path = Path::Link { link: atom.link, inverse: false };
        self.joined(binding, &path, atom.subject, atom.object, mode, atom.source)
    }

    fn path_holds(&self, binding: &Binding, atom: &PathAtom, mode: Mode) -> bool {
        match atom.bind.map(|var| &binding[var.0 as usize]) {
            Some(Slot::Path(entities)) => self.walks(binding, atom, mode).contains(entities),
            Some(Slot::Absent) => false,
            _ => self.joined(binding, &atom.path, atom.subject, atom.object, mode, atom.source),
        }
    }

    fn joined(
        &self,
        binding: &Binding,
        path: &Path,
        subject: Term,
        object: Term,
        mode: Mode,
        source: Option<begat::graph::SourceId>,
    ) -> bool {
        match (entity(binding, subject), entity(binding, object)) {
            (Some(from), Some(to)) => self.pairs(path, mode, source).contains(&(from, to)),
            _ => false,
        }
    }

    fn value_holds(&self, binding: &Binding, atom: &ValueAtom, mode: Mode) -> bool {
        let (Some(subject), Slot::Value(_, i)) = (entity(binding, atom.subject), &binding[atom.value.0 as usize])
        else {
            return false;
        };
        let values = self.graph.values(atom.property);
        values.span(subject).contains(&(*i as usize)) && self.counts(values.fact(*i as usize), mode, atom.source)
    }
}

/// The number of things is `number` in every case (`Certain`), or in some.
fn exactly(mode: Mode, sure: u32, other: u32, number: u32) -> bool {
    match mode {
        Mode::Certain | Mode::Shown => sure >= number && other <= number,
        Mode::Possible => other <= number && number <= sure,
    }
}

/// The variables that the formula leaves to be chosen; paths last, since they depend on their ends.
pub fn open_variables(vars: &[Var], binding: &Binding, formula: &Formula) -> Vec<VarId> {
    let mut open = BTreeSet::new();
    required(formula, &mut |var| {
        if binding[var.0 as usize] == Slot::Open {
            open.insert((vars[var.0 as usize].kind == VarKind::Path, var));
        }
    });
    open.into_iter().map(|(_, var)| var).collect()
}

/// As [`Formula::free`], without the variables that only optional parts speak of.
fn required(formula: &Formula, f: &mut dyn FnMut(VarId)) {
    match formula {
        Formula::All(all) => all.iter().for_each(|part| required(part, f)),
        Formula::Optional(_) => {}
        _ => formula.free(f),
    }
}

/// What a term stands for; `None` where its variable is absent.
pub fn entity(binding: &Binding, term: Term) -> Option<EntityId> {
    match term {
        Term::Entity(entity) => Some(entity),
        Term::Var(var) => match binding[var.0 as usize] {
            Slot::Entity(entity) => Some(entity),
            _ => None,
        },
    }
}
