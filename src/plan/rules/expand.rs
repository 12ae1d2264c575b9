//! Rule: scans are replaced by following facts from bound variables.

use super::{Context, ends};
use crate::graph::Graph;
use crate::plan::{AccessPath, Block, Claimed, Condition, Definition, FactAtom, Link, Path, Step, Term, VarId};
use crate::schema::TypeSet;

pub(super) fn expand_from_bound(block: &mut Block, context: &mut Context) {
    let steps = std::mem::take(&mut block.steps);
    let new: Vec<FactAtom> = steps.iter().filter_map(new_pairs).cloned().collect();
    // Alternatives that speak of later variables, too, already limit the earlier ones: `m Verb v Model p`.
    let alternatives: Vec<Condition> = steps.iter().filter_map(alternatives).cloned().collect();
    let mut bound = block.outer.clone();
    let mut steps = steps.into_iter().peekable();
    while let Some(step) = steps.next() {
        let (Step::Scan { var, .. } | Step::ScanValues { var, .. } | Step::ScanLabels { var, .. }) = step else {
            bound.extend(step.binds());
            block.steps.push(step);
            continue;
        };
        let (mut access, mut filters) = (Vec::new(), Vec::new());
        while let Some(Step::Filter(condition)) = steps.next_if(|step| matches!(step, Step::Filter(_))) {
            match source(&condition, var, &bound) {
                Some(source) => access.push(source),
                None => {
                    access.extend(part_of_each(&condition, var, &bound));
                    filters.push(Step::Filter(condition));
                }
            }
        }
        access.extend(new.iter().filter_map(|atom| end_of(atom, var, &bound)));
        let implied = alternatives.iter().filter_map(|condition| part_of_each(condition, var, &bound));
        implied.for_each(|path| {
            if !access.contains(&path) {
                access.push(path)
            }
        });
        bound.push(var);
        block.steps.push(expanded(step, access, context));
        block.steps.extend(filters);
    }
}

/// Returns the condition of a filter if it is a disjunction; `None` otherwise.
fn alternatives(step: &Step) -> Option<&Condition> {
    match step {
        Step::Filter(condition @ Condition::Any(_)) => Some(condition),
        _ => None,
    }
}

/// Returns the fact of a filter if it reads the new pairs of a round; `None` otherwise.
fn new_pairs(step: &Step) -> Option<&FactAtom> {
    match step {
        Step::Filter(Condition::Fact(atom @ FactAtom { link: Link::Define(define), .. })) => {
            Definition::of_new_pairs(*define).map(|_| atom)
        }
        _ => None,
    }
}

/// Returns the ends of a fact whose other end is not bound yet; the fact itself is tested when it is.
fn end_of(atom: &FactAtom, var: VarId, bound: &[VarId]) -> Option<AccessPath> {
    let this = Term::Var(var);
    let is_open = |term: Term| term.var().is_some_and(|other| other != var && !bound.contains(&other));
    match (atom.subject == this, atom.object == this) {
        (true, false) if is_open(atom.object) => Some(AccessPath::Ends { link: atom.link, inverse: false }),
        (false, true) if is_open(atom.subject) => Some(AccessPath::Ends { link: atom.link, inverse: true }),
        _ => None,
    }
}

fn expanded(scan: Step, access: Vec<AccessPath>, context: &Context) -> Step {
    match scan {
        step if access.is_empty() => step,
        Step::Scan { var, types } => {
            // If one list holds only entities of these types, so does the intersection of all.
            let sure = access.iter().any(|source| gives(source, context).is_some_and(|of| of.and(types) == of));
            Step::Expand { var, access, types: (!sure).then_some(types) }
        }
        Step::ScanValues { var, .. } | Step::ScanLabels { var, .. } => Step::Expand { var, access, types: None },
        other => other,
    }
}

/// Returns the types of the entities that an access path lists; `None` if the schema does not determine them.
fn gives(source: &AccessPath, context: &Context) -> Option<TypeSet> {
    match source {
        AccessPath::Link { link, inverse, .. } => {
            leads_to(&Path::Link { link: *link, inverse: false }, *inverse, context.graph)
        }
        AccessPath::Reach { path, inverse, .. } => leads_to(&context.paths[path.0 as usize], *inverse, context.graph),
        AccessPath::Either(all) => {
            let types: Option<Vec<TypeSet>> = all.iter().map(|source| gives(source, context)).collect();
            Some(types?.into_iter().fold(TypeSet::NONE, TypeSet::or))
        }
        _ => None,
    }
}

/// Returns the types of the entities to which a path leads, or from which it starts if `back`; `None` if not known.
fn leads_to(path: &Path, back: bool, graph: &Graph) -> Option<TypeSet> {
    match path {
        Path::Link { link, inverse } => {
            let (from, to) = ends(graph, *link)?;
            Some(if *inverse == back { to } else { from })
        }
        Path::Either(paths) => {
            let types: Option<Vec<TypeSet>> = paths.iter().map(|path| leads_to(path, back, graph)).collect();
            Some(types?.into_iter().fold(TypeSet::NONE, TypeSet::or))
        }
        Path::Repeat { path, min: 1.., .. } => leads_to(path, back, graph),
        // A path that may be empty also leads to where it starts, of whatever type.
        Path::Repeat { .. } | Path::Sequence(_) => None,
    }
}

/// Returns an access path of `var` that lists all its values if each alternative of a condition has a conjunct that lists
/// those of its own; `None` otherwise. The condition must still be tested.
fn part_of_each(condition: &Condition, var: VarId, bound: &[VarId]) -> Option<AccessPath> {
    let Condition::Any(all) = condition else { return None };
    let part = |inner: &Condition| match inner {
        Condition::All(all) => all.iter().find_map(|inner| source(inner, var, bound)),
        inner => source(inner, var, bound),
    };
    all.iter().map(part).collect::<Option<Vec<AccessPath>>>().map(AccessPath::Either)
}

/// Returns the condition as an access path of `var` if all its other variables are bound; `None` otherwise.
fn source(condition: &Condition, var: VarId, bound: &[VarId]) -> Option<AccessPath> {
    let this = Term::Var(var);
    let known = |term: Term| term.var().is_none_or(|other| other != var && bound.contains(&other));
    match condition {
        Condition::Fact(atom) => {
            let (from, inverse) = if atom.object == this { (atom.subject, false) } else { (atom.object, true) };
            let other = if inverse { atom.subject } else { atom.object };
            let source = AccessPath::Link { link: atom.link, from, inverse, source: atom.source };
            (other == this && known(from)).then_some(source)
        }
        Condition::Path { path, subject, object, source } => {
            let (from, inverse) = if *object == this { (*subject, false) } else { (*object, true) };
            let other = if inverse { *subject } else { *object };
            let reach = AccessPath::Reach { path: *path, from, inverse, source: *source, together: false };
            (other == this && known(from)).then_some(reach)
        }
        Condition::Same(a, b) if *a == this && known(*b) => Some(AccessPath::Same(*b)),
        Condition::Same(a, b) if *b == this && known(*a) => Some(AccessPath::Same(*a)),
        Condition::Order(order) if order.var == var && order.is_entity() => Some(AccessPath::Same(order.other)),
        Condition::Value(atom) if atom.value == var && known(atom.subject) => Some(AccessPath::Values(atom.clone())),
        Condition::Claim(atom) if atom.by == var && of_bound(&atom.of, var, bound) => Some(AccessPath::Claims(atom.of)),
        Condition::Word(own, word) if *own == var => Some(AccessPath::Word(*word)),
        Condition::Any(all) => {
            let access: Option<Vec<AccessPath>> = all.iter().map(|inner| source(inner, var, bound)).collect();
            access.map(AccessPath::Either)
        }
        _ => None,
    }
}

fn of_bound(claimed: &Claimed, var: VarId, bound: &[VarId]) -> bool {
    let mut is_known = true;
    claimed.vars(&mut |other| is_known &= other != var && bound.contains(&other));
    is_known
}
