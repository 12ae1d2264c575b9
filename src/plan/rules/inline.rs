//! Rule: a definition without recursion is written out where it is used, so that its conditions are joined with the
//! others, from what they bind, and its pairs are never computed.

use super::definition_paths::keeps_definitions;
use super::rename::Renaming;
use crate::graph::Graph;
use crate::plan::{
    Block, Condition, Definition, DefinitionBody, FactAtom, Link, NEW_PAIRS, Operator, Path, Pattern, Plan, Step, Term,
    Var, VarId, View,
};
use crate::value::Id;

/// Maximum number of conditions that are written out in a pattern. A definition that uses another twice doubles them, so
/// a chain of such definitions would grow without bound; beyond, pairs are computed once and looked up.
const MOST_CONDITIONS: usize = 64;

/// Writes definitions out, each also in the bodies of those behind it. Proofs tell the definitions, so plans for proofs
/// keep them.
pub(super) fn inline_definitions(plan: &mut Plan, _: &Graph) {
    if plan.definitions.is_empty() || keeps_definitions(plan) || matches!(plan.view, View::Spread { .. }) {
        return;
    }
    let mut definitions = std::mem::take(&mut plan.definitions);
    for i in 0..definitions.len() {
        let (before, rest) = definitions.split_at_mut(i);
        rest[0].bodies.iter_mut().for_each(|body| write_out(&mut body.pattern, before));
    }
    plan.patterns_mut().for_each(|pattern| write_out(pattern, &definitions));
    let used = used(plan, &definitions);
    for (definition, is_used) in definitions.iter_mut().zip(used) {
        definition.is_needed &= is_used;
    }
    plan.definitions = definitions;
}

/// Returns, for each definition, whether an operator reads its pairs, or another definition that is used does.
pub(super) fn used(plan: &mut Plan, definitions: &[Definition]) -> Vec<bool> {
    let mut used = vec![false; definitions.len()];
    let note = |used: &mut Vec<bool>, link: Link| {
        if let Link::Define(define) = link
            && let Some(is_used) = used.get_mut(usize::from(define.0 & !NEW_PAIRS))
        {
            *is_used = true;
        }
    };
    for node in &plan.operators {
        match &node.operator {
            Operator::Paths(paths) => paths.path.links(&mut |link| note(&mut used, link)),
            Operator::Nearest { path, .. } => path.links(&mut |link| note(&mut used, link)),
            _ => {}
        }
    }
    plan.patterns_mut().for_each(|pattern| pattern.links(&mut |link, _| note(&mut used, link)));
    // Each definition stands behind those that it uses, or in one group with them.
    for (i, definition) in definitions.iter().enumerate().rev() {
        if definition.group.clone().any(|member| used[member]) {
            used[i] = true;
            definition.patterns().for_each(|pattern| pattern.links(&mut |link, _| note(&mut used, link)));
        }
    }
    used
}

fn write_out(pattern: &mut Pattern, definitions: &[Definition]) {
    let mut is_used = false;
    pattern.links(&mut |link, _| is_used |= matches!(link, Link::Define(_)));
    if !is_used {
        return;
    }
    let Pattern { block, paths, slots, .. } = pattern;
    let mut writer = DefinitionInliner { definitions, paths, slots: slots.to_vec(), conditions: 0 };
    writer.block(block);
    *slots = writer.slots.into();
}

/// Writes definitions out in a pattern.
struct DefinitionInliner<'p> {
    definitions: &'p [Definition],
    paths: &'p mut Vec<Path>,
    /// Variables of the pattern, with those of the definitions behind its own.
    slots: Vec<Var>,
    /// Conditions that have been written out.
    conditions: usize,
}

impl DefinitionInliner<'_> {
    /// Writes out what the steps of a block use, and the blocks inside it.
    fn block(&mut self, block: &mut Block) {
        let (mut steps, mut joins) = (Vec::new(), false);
        for step in std::mem::take(&mut block.steps) {
            match step {
                Step::Filter(condition) => self.conjunct(condition, &mut steps, &mut joins),
                Step::Optional(mut inner) => {
                    self.block(&mut inner);
                    steps.push(Step::Optional(inner));
                }
                other => steps.push(other),
            }
        }
        block.steps = steps;
    }

    /// Appends a conjunct of a block. `joins` is true if a definition with variables of its own is part of the block.
    fn conjunct(&mut self, condition: Condition, steps: &mut Vec<Step>, joins: &mut bool) {
        match condition {
            Condition::All(all) => all.into_iter().for_each(|inner| self.conjunct(inner, steps, joins)),
            Condition::Fact(atom) => {
                let body = self.body(&atom).filter(|(definition, body)| {
                    // Two of them in a row may bind a pair many times over, which distinct pairs prevent.
                    !*joins || !has_own_vars(definition, body)
                });
                match body {
                    Some((definition, body)) => {
                        *joins |= has_own_vars(definition, body);
                        steps.extend(self.written(definition, body, &atom));
                    }
                    None => steps.push(Step::Filter(Condition::Fact(atom))),
                }
            }
            mut other => {
                self.inside(&mut other);
                steps.push(Step::Filter(other));
            }
        }
    }

    /// Writes out what the parts of a condition use. There nothing can be bound, so a definition with variables of its own
    /// stays.
    fn inside(&mut self, condition: &mut Condition) {
        if let Condition::Fact(atom) = condition {
            let atom = atom.clone();
            let is_test = |atom: &FactAtom| {
                let ends = [atom.subject, atom.object];
                ends.iter().all(|end| matches!(end, Term::Var(_)))
            };
            if let Some((definition, body)) = self.body(&atom)
                && !has_own_vars(definition, body)
                && is_test(&atom)
            {
                let written = self.written(definition, body, &atom).into_iter();
                let filters = written.filter_map(|step| if let Step::Filter(own) = step { Some(own) } else { None });
                *condition = Condition::All(filters.collect());
            }
            return;
        }
        condition.children_mut().iter_mut().for_each(|inner| self.inside(inner));
        if let Some(block) = condition.block_mut() {
            self.block(block);
        }
    }
}

impl<'p> DefinitionInliner<'p> {
    /// Returns the definition that an atom uses and its body; `None` if it cannot be written out.
    fn body(&self, atom: &FactAtom) -> Option<(&'p Definition, &'p DefinitionBody)> {
        let Link::Define(define) = atom.link else { return None };
        let definition = self.definitions.get(usize::from(define.0))?;
        let [body] = definition.bodies.as_slice() else { return None };
        let steps = &body.pattern.block.steps;
        let is_bearable = self.conditions + steps.len() <= MOST_CONDITIONS
            && VarId::new(self.slots.len() + body.pattern.slots.len()).is_some();
        let is_plain = !definition.is_recursive && atom.source.is_none() && steps.iter().all(super::rename::can_rename);
        // What a definition calls possible does not depend on the search that uses it.
        let mut has_modality = false;
        body.pattern.conditions(&mut |condition| has_modality |= matches!(condition, Condition::Modal(..)));
        (is_plain && is_bearable && !has_modality).then_some((definition, body))
    }
}

impl DefinitionInliner<'_> {
    /// Returns the steps of a body with the ends of an atom in the place of its own.
    fn written(&mut self, definition: &Definition, body: &DefinitionBody, atom: &FactAtom) -> Vec<Step> {
        let first = self.slots.len();
        // Those of the definition, and of what has been written out in it.
        self.slots.extend(body.pattern.slots.iter().cloned());
        let mut steps = Vec::new();
        let ends = [(definition.subject, atom.subject), (definition.object, atom.object)];
        // A named end is a variable that equals it, since conditions read values from variables.
        let ends = ends.map(|(own, term)| match term {
            Term::Var(var) => (own, var),
            Term::Entity(_) => {
                let var = numbered(first, own);
                steps.push(Step::Filter(Condition::Same(Term::Var(var), term)));
                (own, var)
            }
        });
        let [(subject, of_subject), (object, of_object)] = ends;
        if subject == object && of_subject != of_object {
            steps.push(Step::Filter(Condition::Same(Term::Var(of_subject), Term::Var(of_object))));
        }
        let var = |var: VarId| match ends.iter().find(|(own, _)| *own == var) {
            Some((_, end)) => *end,
            None => numbered(first, var),
        };
        let paths: Vec<_> = body.pattern.paths.iter().map(|path| super::path_of(self.paths, path)).collect();
        let renaming = Renaming { var: &var, paths: &paths };
        let mut all = body.pattern.block.steps.clone();
        all.iter_mut().for_each(|step| renaming.step(step));
        self.conditions += all.len();
        let is_bound = |var: VarId| usize::from(var.0) < first;
        // An end that the pattern binds itself is only tested for its types.
        let scans = all.into_iter().map(|step| match step {
            Step::Scan { var, types } if is_bound(var) => Step::Filter(Condition::Type(Term::Var(var), types)),
            other => other,
        });
        let (mut written, filters): (Vec<Step>, Vec<Step>) = scans.partition(super::is_scan);
        for filter in steps.into_iter().chain(filters) {
            // An end equals itself, and is tested for its types once.
            let is_trivial = matches!(&filter, Step::Filter(Condition::Same(a, b)) if a == b);
            if !is_trivial && !written.contains(&filter) {
                written.push(filter);
            }
        }
        written
    }
}

/// Returns the number of a variable of a definition whose variables begin at `first`.
fn numbered(first: usize, var: VarId) -> VarId {
    VarId::new(first + usize::from(var.0)).unwrap_or(var)
}

/// Returns true if a body binds more than the two ends.
fn has_own_vars(definition: &Definition, body: &DefinitionBody) -> bool {
    body.pattern.block.bound().iter().any(|var| *var != definition.subject && *var != definition.object)
}
