//! Rows of bindings: numbers are sorted, not cells, and a limit ends the search.

use crate::graph::Graph;
use crate::plan::{LateRows, Node, Operator, Plan, Step, VarId};

/// Puts [`Operator::ProjectIds`] in the place of projection, sort and distinct, where all rows are certain, show nothing
/// but entities, and stand in the order of their columns.
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

/// Puts [`Operator::LateRows`] in the place of projection, sort, distinct and limit, where all rows are certain. The names
/// of periods stand in the order of time, not in that of their codes.
pub(super) fn late_rows(plan: &mut Plan, _: &Graph) {
    let [first, project, sort, distinct, limit] = plan.operators.as_slice() else { return };
    let (Operator::Match(pattern), Operator::Project(projection), Operator::Sort { keys }, Operator::Limit(limit)) =
        (&first.operator, &project.operator, &sort.operator, &limit.operator)
    else {
        return;
    };
    let is_apt = pattern.is_certain && !keys.iter().any(|key| key.is_period) && *keys == projection.keys;
    if is_apt && distinct.operator == Operator::Distinct && !projection.columns.is_empty() {
        let late = LateRows { projection: projection.clone(), limit: *limit };
        let node = Node { operator: Operator::LateRows(Box::new(late)), id: 0, rows: 0.0 };
        plan.operators.splice(1..5, [node]);
    }
}

/// Ends the match when as many rows are found as the limit lets through: where the bindings come in the order of the
/// rows, each once.
pub(super) fn stop_at_limit(plan: &mut Plan, _: &Graph) {
    let keeps_bindings = plan.keeps_bindings;
    let [first, project, limit] = plan.operators.as_mut_slice() else { return };
    let (Operator::Match(pattern), Operator::ProjectIds { columns }, Operator::Limit(limit)) =
        (&mut first.operator, &project.operator, &limit.operator)
    else {
        return;
    };
    let bound: Option<Vec<VarId>> = pattern
        .block
        .steps
        .iter()
        .filter(|step| !matches!(step, Step::Filter(_)))
        .map(|step| match step {
            Step::Scan { var, .. } | Step::Expand { var, .. } => Some(*var),
            _ => None,
        })
        .collect();
    let shown: Option<Vec<VarId>> = columns.iter().map(|column| column.entity()).collect();
    if bound == shown && bound.is_some() && !pattern.block.repeats() && !keeps_bindings {
        pattern.most = limit.limit.map(|number| number.saturating_add(limit.offset));
    }
}
