//! Rules: path variables of which only lengths are needed, or nothing.

use super::Context;
use crate::functions::FunctionId;
use crate::graph::Graph;
use crate::plan::{AggregateCall, Block, Operator, Plan, Scalar, Step, VarId, Walk};

/// Binds the least or greatest length instead of each path if the path occurs only in `min(length(p))` or
/// `max(length(p))`.
pub(super) fn search_lengths(plan: &mut Plan, _: &Graph) {
    let mut asked: Vec<(VarId, bool, bool)> = Vec::new();
    let mut whole: Vec<VarId> = Vec::new();
    for node in &plan.operators {
        match &node.operator {
            Operator::Aggregate(aggregate) => {
                aggregate.folds.iter().for_each(|fold| match (fold.function, length_of(&fold.argument)) {
                    (FunctionId::Min, Some(var)) => asked.push((var, true, false)),
                    (FunctionId::Max, Some(var)) => asked.push((var, false, true)),
                    _ => fold.argument.slots(&mut |var| whole.push(var)),
                });
                aggregate.keys.iter().for_each(|key| key.slots(&mut |var| whole.push(var)));
            }
            Operator::Project(projection) => {
                let columns = projection.columns.iter().map(|column| &column.scalar);
                let read = columns.chain(projection.keys.iter().map(|key| &key.scalar));
                read.for_each(|scalar| scalar.slots(&mut |var| whole.push(var)));
            }
            Operator::Having(condition) => condition.slots(&mut |var| whole.push(var)),
            _ => {}
        }
    }
    asked.retain(|(var, ..)| !whole.contains(var));
    let Some(Operator::Match(pattern)) = plan.operators.first_mut().map(|node| &mut node.operator) else { return };
    let mut changed = Vec::new();
    // A condition on the path may drop some of its values.
    asked.retain(|(var, ..)| !reads_again(&pattern.block, *var));
    for step in &mut pattern.block.steps {
        let Step::Walk { var, path, walk, .. } = step else { continue };
        let of_var = || asked.iter().filter(|(other, ..)| other == var);
        if of_var().next().is_none() || !pattern.paths[path.0 as usize].joins_simply() {
            continue;
        }
        let (least, greatest) = (of_var().any(|(_, least, _)| *least), of_var().any(|(.., greatest)| *greatest));
        *walk = Walk::Lengths { least, greatest };
        changed.push(*var);
    }
    for node in &mut plan.operators {
        if let Operator::Aggregate(aggregate) = &mut node.operator {
            aggregate.folds.iter_mut().for_each(|fold| read_length(fold, &changed));
        }
    }
}

/// Returns true if a step other than its own reads the path.
fn reads_again(block: &Block, path: VarId) -> bool {
    let mut read = false;
    block.steps.iter().for_each(|step| step.needs(&mut |var| read |= var == path));
    read
}

/// Returns the path variable of `length(p)`; `None` for other expressions.
fn length_of(scalar: &Scalar) -> Option<VarId> {
    match scalar {
        Scalar::Call(FunctionId::Length, arguments) => match arguments.as_slice() {
            [Scalar::Path(var)] => Some(*var),
            _ => None,
        },
        _ => None,
    }
}

fn read_length(fold: &mut AggregateCall, changed: &[VarId]) {
    if let Some(var) = length_of(&fold.argument).filter(|var| changed.contains(var)) {
        fold.argument = Scalar::Length(var);
    }
}

/// Removes the binding of paths that nothing reads, which changes nothing else.
pub(super) fn drop_unused_paths(block: &mut Block, _: &mut Context) {
    let is_read = |path: VarId| block.wanted.contains(&path) || reads_again(block, path);
    let unread: Vec<VarId> = block
        .steps
        .iter()
        .filter_map(|step| if let Step::Walk { var, .. } = step { Some(*var) } else { None })
        .filter(|var| !is_read(*var))
        .collect();
    block.steps.retain(|step| !matches!(step, Step::Walk { var, .. } if unread.contains(var)));
}
