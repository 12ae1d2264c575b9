//! Rule: a recursive definition that is the closure of a path is replaced by the path, which is searched from the bound
//! end, so that its pairs are never computed.

use super::path_of;
use crate::graph::Graph;
use crate::plan::{Condition, DefineId, FactAtom, Link, Operator, Path, Pattern, Plan, Step, View};

/// Replaces the definition by the path wherever it is used. Proofs read the rounds in which pairs were derived, so
/// plans for proofs keep the definitions.
pub(super) fn closure_of_recursion(plan: &mut Plan, _: &Graph) {
    if keeps_definitions(plan) || plan.definitions.iter().all(|definition| definition.closure.is_none()) {
        return;
    }
    let closures: Vec<Option<Path>> = plan.definitions.iter().map(|definition| definition.closure.clone()).collect();
    plan.patterns_mut().for_each(|pattern| replace(pattern, &closures));
    for node in &mut plan.operators {
        match &mut node.operator {
            Operator::Paths(paths) => paths.path = replaced(&paths.path, &closures),
            Operator::Nearest { path, .. } => *path = replaced(path, &closures),
            _ => {}
        }
    }
    for (definition, closure) in plan.definitions.iter_mut().zip(&closures) {
        definition.is_needed = closure.is_none();
    }
}

/// Returns true if facts or proofs are read from the pairs of the definitions.
pub(super) fn keeps_definitions(plan: &Plan) -> bool {
    plan.keeps_bindings || matches!(plan.view, View::Facts | View::Proofs | View::WhyNot | View::Lineage { .. })
}

/// Returns the path that a definition is the closure of; `None` if there is none.
fn of(define: DefineId, closures: &[Option<Path>]) -> Option<&Path> {
    closures.get(define.0 as usize)?.as_ref()
}

fn replace(pattern: &mut Pattern, closures: &[Option<Path>]) {
    pattern.paths.iter_mut().for_each(|path| *path = replaced(path, closures));
    let Pattern { block, paths, .. } = pattern;
    block.each_step_mut(&mut |step| {
        let Step::Filter(condition) = step else { return };
        condition.each_mut(&mut |condition| {
            if let Condition::Fact(FactAtom { link: Link::Define(define), subject, object, .. }) = condition
                && let Some(path) = of(*define, closures)
            {
                let (subject, object, path) = (*subject, *object, path_of(paths, path));
                *condition = Condition::Path { path, subject, object, source: None };
            }
        });
    });
}

/// Returns the path with the links of such definitions replaced.
fn replaced(path: &Path, closures: &[Option<Path>]) -> Path {
    let all = |paths: &[Path]| paths.iter().map(|path| replaced(path, closures)).collect();
    match path {
        Path::Link { link: Link::Define(define), inverse } => match of(*define, closures) {
            Some(closure) if *inverse => closure.inverted(),
            Some(closure) => closure.clone(),
            None => path.clone(),
        },
        Path::Link { .. } => path.clone(),
        Path::Sequence(paths) => Path::Sequence(all(paths)),
        Path::Either(paths) => Path::Either(all(paths)),
        Path::Repeat { path, min, max, types } => {
            let path = Box::new(replaced(path, closures));
            Path::Repeat { path, min: *min, max: *max, types: *types }
        }
    }
}
