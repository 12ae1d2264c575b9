//! Rules: reachability that is searched only once, with a length or from many entities.

use super::Context;
use crate::plan::{AccessPath, Block, Condition, Path, Step, Term, Walk};

/// Removes the condition that there is a path between two named entities if the least length of that path is searched
/// at once.
pub(super) fn drop_redundant_reach(block: &mut Block, _: &mut Context) {
    let measured = |step: &Step, condition: &Condition| match (step, condition) {
        (
            Step::Walk { path, subject, object, source, walk: Walk::Lengths { greatest: false, .. }, .. },
            Condition::Path { path: asked, subject: from, object: to, source: by },
        ) => {
            let ends_are_named = [*subject, *object].iter().all(|term| term.var().is_none());
            ends_are_named && (path, subject, object, source) == (asked, from, to, by)
        }
        _ => false,
    };
    let walks: Vec<Step> = block.steps.iter().filter(|step| matches!(step, Step::Walk { .. })).cloned().collect();
    block.steps.retain(|step| match step {
        Step::Filter(condition) => !walks.iter().any(|walk| measured(walk, condition)),
        _ => true,
    });
}

/// Marks the closures that are searched from each value of the variable bound just before.
pub(super) fn multi_source_reach(block: &mut Block, context: &mut Context) {
    let mut before = None;
    for step in &mut block.steps {
        match step {
            Step::Expand { var, access, .. } => {
                if let [AccessPath::Reach { path, from, source: None, together, .. }] = access.as_mut_slice() {
                    *together = before.is_some_and(|var| *from == Term::Var(var))
                        && is_closure(&context.paths[path.0 as usize]);
                }
                before = Some(*var);
            }
            Step::Scan { var, .. } => before = Some(*var),
            Step::Filter(_) => {}
            _ => before = None,
        }
    }
}

/// Returns true if the path is a repetition of single links.
fn is_closure(path: &Path) -> bool {
    let is_link = |path: &Path| matches!(path, Path::Link { .. });
    match path {
        Path::Repeat { path, min: 0 | 1, max: None, .. } => match &**path {
            Path::Either(paths) => paths.iter().all(is_link),
            path => is_link(path),
        },
        _ => false,
    }
}
