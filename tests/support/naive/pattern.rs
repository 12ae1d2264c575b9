//! What a formula comes to, and the bindings that make it hold.
//!
//! A pattern is its conjuncts in the order written. Its `optional` parts are left joins:
//!
//! - A variable that is first met in an optional part is bound by that part alone, and its level is the number of the
//!   part, from 1. One that is first met elsewhere has the level of its conjunct.
//! - The level of a conjunct is the greatest of its variables met before, or 0.
//! - The bindings of level 0 make the conjuncts of level 0 hold. Then, part after part: each is joined with the part
//!   (without a match its variables are absent), the variables of that level are bound, and its conjuncts filter.
//!
//! A binding with a match is there if the match holds, and one with absent variables if no match does: certainly if no
//! match is even possible, possibly if none is certain.

use super::outcomes::Outcomes;
use super::{Binding, Mode, Reading, Slot, World};
use begat::check::typed::*;
use begat::graph::{EntityId, SourceId};
use begat::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A binding of a pattern and whether it is there.
pub type Solution = (Binding, Outcomes);

/// One step of a pattern: a left join (level 0 has none), then variables to bind and conjuncts to hold.
#[derive(Default)]
struct Level<'f> {
    optional: Option<&'f Formula>,
    vars: Vec<VarId>,
    conjuncts: Vec<&'f Formula>,
}

impl World<'_> {
    /// The bindings of all open variables that may make the formula hold, or leave it neither true nor false.
    pub fn solutions(&self, vars: &[Var], binding: &Binding, formula: &Formula, reading: Reading) -> Vec<Solution> {
        let mut found = vec![(binding.clone(), Outcomes::YES)];
        for level in levels(vars, binding, formula) {
            let mut next = Vec::new();
            for solution in found {
                for (mut binding, outcomes) in self.left_join(vars, solution, level.optional, reading) {
                    let open = Open { vars, whole: formula, reading, to_bind: &level.vars };
                    self.bind(&open, &mut binding, &level.conjuncts, outcomes, &mut next);
                }
            }
            found = next;
        }
        found
    }

    /// Whether some choice of the formula's open variables makes it hold: Kleene's or of them all.
    pub fn exists(&self, vars: &[Var], binding: &Binding, formula: &Formula, reading: Reading) -> Outcomes {
        if open_variables(vars, binding, formula).is_empty() && !matches!(formula, Formula::All(_)) {
            return self.outcomes(vars, binding, formula, reading);
        }
        let found = self.solutions(vars, binding, formula, reading);
        found.into_iter().fold(Outcomes::NO, |all, (_, outcomes)| all.or(outcomes))
    }

    fn left_join(&self, vars: &[Var], row: Solution, optional: Option<&Formula>, reading: Reading) -> Vec<Solution> {
        let Some(optional) = optional else { return vec![row] };
        let (binding, outcomes) = row;
        let new = open_variables(vars, &binding, optional);
        // Nothing is added, and nothing taken away.
        if new.is_empty() {
            return vec![(binding, outcomes)];
        }
        let matches = self.solutions(vars, &binding, optional, reading);
        let matches: Vec<Solution> = matches.into_iter().map(|(binding, found)| (binding, found.holds())).collect();
        let matched = matches.iter().fold(Outcomes::NO, |all, (_, found)| all.or(*found));
        let mut absent = binding;
        for var in new {
            absent[var.0 as usize] = Slot::Absent;
        }
        let rows = matches.into_iter().chain([(absent, matched.not())]);
        rows.map(|(binding, found)| (binding, found.and(outcomes))).filter(|(_, found)| may_matter(*found)).collect()
    }

    /// Binds one variable after the other; a conjunct is looked at as soon as all its variables are bound.
    fn bind(
        &self,
        open: &Open,
        binding: &mut Binding,
        conjuncts: &[&Formula],
        mut outcomes: Outcomes,
        found: &mut Vec<Solution>,
    ) {
        let mut waiting = Vec::new();
        for conjunct in conjuncts {
            if !open.to_bind.is_empty() && !open_variables(open.vars, binding, conjunct).is_empty() {
                waiting.push(*conjunct);
                continue;
            }
            outcomes = outcomes.and(self.outcomes(open.vars, binding, conjunct, open.reading));
            if !may_matter(outcomes) {
                return;
            }
        }
        let Some((var, rest)) = open.to_bind.split_first() else {
            found.push((binding.clone(), outcomes));
            return;
        };
        for slot in self.choices(open.vars, binding, *var, open.whole) {
            binding[var.0 as usize] = slot;
            self.bind(&Open { to_bind: rest, ..*open }, binding, &waiting, outcomes, found);
        }
        binding[var.0 as usize] = Slot::Open;
    }

    /// What the formula comes to in a binding; variables that are left open are its own.
    pub fn outcomes(&self, vars: &[Var], binding: &Binding, formula: &Formula, reading: Reading) -> Outcomes {
        let some = |formula, reading| self.exists(vars, binding, formula, reading);
        match formula {
            Formula::All(_) => some(formula, reading),
            Formula::Any(any) => any.iter().fold(Outcomes::NO, |all, part| all.or(some(part, reading))),
            Formula::Not(inner) => some(inner, reading.negated()).not(),
            Formula::Exists(_, inner) => some(inner, reading),
            Formula::Count { var, compare, number, of } => {
                let enough = |number, reading| at_least(&self.candidates(vars, binding, *var, of, reading), number);
                let number = *number as usize;
                let no_more = || enough(number + 1, reading.negated()).not();
                match compare {
                    CountOp::AtLeast => enough(number, reading),
                    CountOp::AtMost => no_more(),
                    CountOp::Exactly => enough(number, reading).and(no_more()),
                }
            }
            Formula::Every { domain, then, .. } => {
                let all = self.solutions(vars, binding, domain, reading.negated());
                all.into_iter().fold(Outcomes::YES, |all, (binding, is_in)| {
                    all.and(is_in.not().or(self.exists(vars, &binding, then, reading)))
                })
            }
            // Where it stands alone, as in a negation, it takes nothing away.
            Formula::Optional(_) => Outcomes::YES,
            Formula::Modal(Modality::Certainly, inner) => decided(some(inner, Reading::Strict).is_certain()),
            Formula::Modal(Modality::Possibly, inner) => match (reading, some(inner, Reading::Strict)) {
                (Reading::Lenient, found) if found.is_possible() => Outcomes::YES,
                (_, found) => found,
            },
            Formula::Fact(atom) => {
                let path = Path::Link { link: atom.link, inverse: false };
                self.joined(binding, &path, [atom.subject, atom.object], atom.source)
            }
            Formula::Path(atom) => self.path_outcomes(binding, atom),
            Formula::Value(atom) => self.value_outcomes(binding, atom),
            Formula::Claim(atom) => {
                let (Some(fact), Slot::Label { at: by, .. }) =
                    (self.claimed(binding, &atom.of), &binding[atom.by.0 as usize])
                else {
                    return Outcomes::NO;
                };
                let says = |mode| self.counts(fact, mode, Some(SourceId(*by)));
                Outcomes::of(says(Mode::Certain), says(Mode::Possible))
            }
            Formula::Word(var, word) => {
                decided(matches!(binding[var.0 as usize], Slot::Label { at, .. } if at == *word))
            }
            Formula::Type(term, types) => decided(entity(binding, *term).is_some_and(|e| self.graph.is_of(e, *types))),
            Formula::Same(a, b) => decided(entity(binding, *a).is_some_and(|a| Some(a) == entity(binding, *b))),
            Formula::Test(expr) => self.test(vars, binding, expr, reading),
        }
    }

    /// For each value that `var` may stand for, whether it makes the formula hold.
    fn candidates(&self, vars: &[Var], binding: &Binding, var: VarId, of: &Formula, reading: Reading) -> Vec<Outcomes> {
        let (mut entities, mut values) = (BTreeMap::<Slot, Outcomes>::new(), Vec::<(Value, Outcomes)>::new());
        let mut binding = binding.clone();
        for slot in self.choices(vars, &binding, var, of) {
            binding[var.0 as usize] = slot.clone();
            let found = self.exists(vars, &binding, of, reading);
            let Slot::Value(property, i) = slot else {
                entities.insert(slot, found);
                continue;
            };
            let value = self.graph.values(property).stated(i).1;
            match values.iter_mut().find(|(other, _)| *other == value) {
                Some((_, known)) => *known = known.or(found),
                None => values.push((value, found)),
            }
        }
        entities.into_values().chain(values.into_iter().map(|(_, found)| found)).collect()
    }

    fn path_outcomes(&self, binding: &Binding, atom: &PathAtom) -> Outcomes {
        let joined = self.joined(binding, &atom.path, [atom.subject, atom.object], atom.source);
        let has_walk = |mode, walk| self.walks(binding, atom, mode).contains(walk);
        match atom.bind.map(|var| &binding[var.0 as usize]) {
            Some(Slot::Path(walk)) => Outcomes::of(has_walk(Mode::Certain, walk), has_walk(Mode::Possible, walk)),
            // The sentence holds, but of no path that the variable may stand for.
            Some(Slot::Absent) => {
                let walks = |mode| !self.walks(binding, atom, mode).is_empty();
                joined.and(Outcomes::of(walks(Mode::Certain), walks(Mode::Possible)).not())
            }
            _ => joined,
        }
    }

    /// Whether the path leads from the first to the second; nothing leads to what is absent.
    fn joined(&self, binding: &Binding, path: &Path, ends: [Term; 2], source: Option<SourceId>) -> Outcomes {
        let [Some(from), Some(to)] = ends.map(|end| entity(binding, end)) else { return Outcomes::NO };
        let leads = |mode| self.leads(path, mode, source, (from, to));
        Outcomes::of(leads(Mode::Certain), leads(Mode::Possible))
    }

    fn value_outcomes(&self, binding: &Binding, atom: &ValueAtom) -> Outcomes {
        let (Some(subject), Slot::Value(_, i)) = (entity(binding, atom.subject), &binding[atom.value.0 as usize])
        else {
            return Outcomes::NO;
        };
        let values = self.graph.values(atom.property);
        let is_stated = values.span(subject).contains(&(*i as usize));
        let counts = |mode| is_stated && self.counts(values.fact(*i as usize), mode, atom.source);
        Outcomes::of(counts(Mode::Certain), counts(Mode::Possible))
    }
}

/// What stays the same while variables are bound.
#[derive(Clone, Copy)]
struct Open<'a> {
    vars: &'a [Var],
    /// The formula that says what paths may be.
    whole: &'a Formula,
    reading: Reading,
    to_bind: &'a [VarId],
}

/// Takes a pattern apart by levels.
fn levels<'f>(vars: &[Var], binding: &Binding, formula: &'f Formula) -> Vec<Level<'f>> {
    let mut conjuncts = Vec::new();
    flatten(formula, &mut conjuncts);
    let (mut levels, mut level_of) = (vec![Level::default()], BTreeMap::<VarId, usize>::new());
    for conjunct in conjuncts {
        let (known, new): (Vec<VarId>, Vec<VarId>) =
            open_variables(vars, binding, conjunct).into_iter().partition(|var| level_of.contains_key(var));
        if let Formula::Optional(inner) = conjunct {
            level_of.extend(new.iter().map(|var| (*var, levels.len())));
            levels.push(Level { optional: Some(inner), ..Level::default() });
        } else {
            let level = known.iter().map(|var| level_of[var]).max().unwrap_or(0);
            level_of.extend(new.iter().map(|var| (*var, level)));
            levels[level].conjuncts.push(conjunct);
            levels[level].vars.extend(new);
        }
    }
    for level in &mut levels {
        level.vars.sort_by_key(|var| (vars[var.0 as usize].kind == VarKind::Path, *var));
    }
    levels
}

pub fn flatten<'f>(formula: &'f Formula, conjuncts: &mut Vec<&'f Formula>) {
    match formula {
        Formula::All(all) => all.iter().for_each(|part| flatten(part, conjuncts)),
        _ => conjuncts.push(formula),
    }
}

/// The variables of the formula that are not bound yet; paths last, since they depend on their ends.
pub fn open_variables(vars: &[Var], binding: &Binding, formula: &Formula) -> Vec<VarId> {
    let mut open = BTreeSet::new();
    formula.free(&mut |var| {
        if binding[var.0 as usize] == Slot::Open {
            open.insert((vars[var.0 as usize].kind == VarKind::Path, var));
        }
    });
    open.into_iter().map(|(_, var)| var).collect()
}

/// Whether so many of the candidates hold. It is false only if too few are not false.
fn at_least(candidates: &[Outcomes], number: usize) -> Outcomes {
    let count = |is: fn(Outcomes) -> bool| candidates.iter().filter(|outcomes| is(**outcomes)).count();
    let (surely, perhaps) = (count(Outcomes::is_certain), count(Outcomes::is_possible));
    let never_false = count(|outcomes| !outcomes.may_fail());
    let perhaps_neither = count(Outcomes::may_be_neither);
    let or_else_true = count(|outcomes| outcomes.is_possible() && !outcomes.may_be_neither());
    // With as many true as may be beside those that are neither, but too few.
    let some_neither = or_else_true.min(number.saturating_sub(1)) + perhaps_neither >= number;
    Outcomes {
        yes: perhaps >= number,
        no: never_false < number,
        neither: surely < number && perhaps_neither > 0 && some_neither,
    }
}

fn decided(holds: bool) -> Outcomes {
    Outcomes::of(holds, holds)
}

/// Whether a binding with these outcomes can still make a difference: what is certainly false cannot.
fn may_matter(outcomes: Outcomes) -> bool {
    outcomes.is_possible() || outcomes.may_be_neither()
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
