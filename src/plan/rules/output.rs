//! Rules: sorting ids instead of cells, and ending the search or the listing of paths at the limit.

use super::columns::Exact;
use crate::graph::Graph;
use crate::plan::{LateRows, Node, Operator, Plan, Step, VarId};

/// Replaces project, sort and distinct by [`Operator::ProjectIds`] if all rows are certain, consist only of entities,
/// and are sorted by their columns.
pub(super) fn sort_ids(plan: &mut Plan, _: &Graph) {
    let [first, project, sort, distinct, ..] = plan.operators.as_slice() else { return };
    let (Operator::Match(pattern), Operator::Project(projection)) = (&first.operator, &project.operator) else {
        return;
    };
    let in_order = matches!(&sort.operator, Operator::Sort { keys } if keys.is_empty());
    let columns = &projection.columns;
    let all_entities = !columns.is_empty() && columns.iter().all(|column| column.entity().is_some());
    if all_entities && pattern.is_certain && in_order && distinct.operator == Operator::Distinct {
        let node = Node { operator: Operator::ProjectIds { columns: columns.clone() }, id: 0, rows: 0.0 };
        plan.operators.splice(1..4, [node]);
    }
}

/// Replaces project, sort, distinct and limit by [`Operator::LateRows`] if all rows are certain. Not for names of
/// periods, which sort by time instead of by their codes.
pub(super) fn late_rows(plan: &mut Plan, graph: &Graph) {
    let [first, project, sort, distinct, limit] = plan.operators.as_slice() else { return };
    let (Operator::Match(pattern), Operator::Project(projection), Operator::Sort { keys }, Operator::Limit(limit)) =
        (&first.operator, &project.operator, &sort.operator, &limit.operator)
    else {
        return;
    };
    let is_apt = pattern.is_certain && !keys.iter().any(|key| key.is_period) && *keys == projection.keys;
    if is_apt && distinct.operator == Operator::Distinct && !projection.columns.is_empty() {
        let first = keys.first().map(|key| &key.scalar);
        let first = first.or_else(|| projection.columns.first().map(|column| &column.scalar));
        let exact = Exact { graph, slots: &pattern.slots };
        let is_exact_first = first.is_some_and(|scalar| exact.kind(scalar).is_some());
        let late = LateRows { projection: projection.clone(), limit: *limit, is_exact_first };
        let node = Node { operator: Operator::LateRows(Box::new(late)), id: 0, rows: 0.0 };
        plan.operators.splice(1..5, [node]);
    }
}

/// Ends the match after as many rows as the limit needs, if bindings are found in the order of the rows and each once.
pub(super) fn stop_at_limit(plan: &mut Plan, _: &Graph) {
    // Who reads the bindings afterwards needs all of them.
    let keeps_bindings = plan.keeps_bindings;
    let [first, project, limit] = plan.operators.as_mut_slice() else { return };
    let (Operator::Match(pattern), Operator::ProjectIds { columns }, Operator::Limit(limit)) =
        (&mut first.operator, &project.operator, &limit.operator)
    else {
        return;
    };
    let bound = bound_in_order(&pattern.block.steps);
    let shown: Option<Vec<VarId>> = columns.iter().map(|column| column.entity()).collect();
    if bound == shown && bound.is_some() && !pattern.block.repeats() && !keeps_bindings {
        pattern.most = limit.limit.map(|number| number.saturating_add(limit.offset));
    }
}

/// Ends the listing of the paths of a binding after as many as the limit needs: they are found in the order of the rows,
/// and each once.
pub(super) fn stop_paths_at_limit(plan: &mut Plan, _: &Graph) {
    let [_, operators @ ..] = plan.operators.as_mut_slice() else { return };
    let [paths, sort, distinct, limit] = operators else { return };
    let (Operator::Paths(paths), Operator::Sort { keys }, Operator::Distinct, Operator::Limit(limit)) =
        (&mut paths.operator, &sort.operator, &distinct.operator, &limit.operator)
    else {
        return;
    };
    if keys.is_empty() {
        paths.most = limit.limit.map(|number| number.saturating_add(limit.offset));
    }
}

/// Returns the variables of the steps if their bindings are found in the order of ids; `None` otherwise. An optional part
/// without a binding is absent once, so it keeps the order.
fn bound_in_order(steps: &[Step]) -> Option<Vec<VarId>> {
    let mut bound = Vec::new();
    for step in steps {
        match step {
            Step::Scan { var, .. } | Step::Expand { var, .. } => bound.push(*var),
            Step::Filter(_) => {}
            Step::Optional(block) => bound.extend(bound_in_order(&block.steps)?),
            _ => return None,
        }
    }
    Some(bound)
}
