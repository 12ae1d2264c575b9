//! Rule: a definition that stands for a path is replaced by the path where only its ends matter, so that the path is
//! searched from the bound end, and its pairs are never computed.

use super::inline::used;
use super::path_of;
use crate::graph::Graph;
use crate::plan::{Condition, DefineId, FactAtom, Link, Path, Pattern, Plan, Step, View};

/// Replaces such definitions in conditions. The values of path variables and the rows of `paths` keep them, since a
/// defined link is a single step there. Proofs read the rounds in which pairs were derived, so plans for proofs keep the
/// definitions, too.
pub(super) fn paths_of_definitions(plan: &mut Plan, _: &Graph) {
    let keeps = keeps_definitions(plan) || matches!(plan.view, View::Spread { .. });
    if keeps || plan.definitions.iter().all(|definition| definition.path.is_none()) {
        return;
    }
    let mut known: Vec<Option<Path>> = Vec::new();
    // Each definition stands behind those that it uses.
    for definition in &plan.definitions {
        known.push(definition.path.as_ref().map(|path| replaced(path, &known)));
    }
    plan.patterns_mut().for_each(|pattern| replace(pattern, &known));
    let mut definitions = std::mem::take(&mut plan.definitions);
    let used = used(plan, &definitions);
    for (definition, is_used) in definitions.iter_mut().zip(used) {
        definition.is_needed &= is_used;
    }
    plan.definitions = definitions;
}

/// Returns true if facts or proofs are read from the pairs of the definitions.
pub(super) fn keeps_definitions(plan: &Plan) -> bool {
    plan.keeps_bindings || matches!(plan.view, View::Facts | View::Proofs | View::WhyNot | View::Lineage { .. })
}

/// Returns the path that a definition stands for; `None` if there is none.
fn of(define: DefineId, known: &[Option<Path>]) -> Option<&Path> {
    known.get(define.0 as usize)?.as_ref()
}

fn replace(pattern: &mut Pattern, known: &[Option<Path>]) {
    let Pattern { block, paths, .. } = pattern;
    block.each_step_mut(&mut |step| {
        let Step::Filter(condition) = step else { return };
        condition.each_mut(&mut |condition| match condition {
            Condition::Fact(FactAtom { link: Link::Define(define), subject, object, .. }) => {
                if let Some(path) = of(*define, known) {
                    let (subject, object, path) = (*subject, *object, path_of(paths, path));
                    *condition = Condition::Path { path, subject, object, source: None };
                }
            }
            Condition::Path { path, .. } => {
                let other = replaced(&paths[path.0 as usize], known);
                *path = path_of(paths, &other);
            }
            _ => {}
        });
    });
}

/// Returns the path with the links of such definitions replaced.
fn replaced(path: &Path, known: &[Option<Path>]) -> Path {
    let all = |paths: &[Path]| paths.iter().map(|path| replaced(path, known)).collect();
    match path {
        Path::Link { link: Link::Define(define), inverse } => match of(*define, known) {
            Some(own) if *inverse => own.inverted(),
            Some(own) => own.clone(),
            None => path.clone(),
        },
        Path::Link { .. } => path.clone(),
        Path::Sequence(paths) => Path::Sequence(all(paths)),
        Path::Either(paths) => Path::Either(all(paths)),
        Path::Repeat { path, min, max, types } => {
            let path = Box::new(replaced(path, known));
            Path::Repeat { path, min: *min, max: *max, types: *types }
        }
    }
}
