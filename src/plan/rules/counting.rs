//! Rules: counting and folding without materialised bindings.

use super::columns::{Exact, Kind};
use crate::functions::FunctionId;
use crate::graph::{Direction, Facts, Graph};
use crate::plan::dependency::{FunctionalDependency, is_clustered_by};
use crate::plan::{
    AccessPath, Aggregate, AggregateCall, Block, CompareOp, Condition, CountDistinct, CountGroups, GroupFold, Link,
    Node, Operator, Pattern, Plan, Scalar, Step, Term, Var, VarId, VarKind,
};
use crate::schema::PropertyId;
use crate::value::Value;

/// Maximum number of keys of such a group, which are packed into one array. It is that of `exec/aggregate/count.rs`.
const MOST_KEYS: usize = 4;

/// Bound on the number of possible pairs of a group and an entity, which are numbered in 64 bits.
const MOST_PAIRS: f64 = (1u64 << 62) as f64;

/// Replaces match and count by [`Operator::CountMatches`] if each binding is found once.
pub(super) fn count_matches(plan: &mut Plan, _: &Graph) {
    let [Node { operator: Operator::Match(pattern), .. }, Node { operator: Operator::Count, .. }] =
        plan.operators.as_slice()
    else {
        return;
    };
    if pattern.is_certain && !pattern.block.repeats() && !plan.keeps_bindings {
        let count = Operator::CountMatches(pattern.clone());
        plan.operators = vec![Node { operator: count, id: 0, rows: 0.0 }];
    }
}

/// Replaces match and aggregate by [`Operator::CountGroups`] if the only aggregate is a count. Each binding must be
/// found once and be certain, and each key must be an entity or read a single property of the counted entity.
pub(super) fn count_groups(plan: &mut Plan, graph: &Graph) {
    let counted = |_: &Pattern, fold: &AggregateCall| match fold {
        AggregateCall { function: FunctionId::Count, argument: Scalar::Slot(var), over, .. } if over == &[*var] => {
            Some(GroupFold::Count)
        }
        _ => None,
    };
    // Members with a condition are left to [`fold_groups`].
    let is_only = |pattern: &Pattern, aggregate: &Aggregate| matches!(&aggregate.folds[..], [fold] if fold.over.iter().all(|var| pattern.block.bound().contains(var)));
    without_bindings(plan, graph, is_only, counted);
}

/// Does the same if there are also sums, means or extremes of exact values, or counts of members with a condition.
pub(super) fn fold_groups(plan: &mut Plan, graph: &Graph) {
    if plan.as_of.is_some() || plan.provenance.is_some() {
        return;
    }
    let kept = |pattern: &Pattern, fold: &AggregateCall| match (fold.function, &fold.argument, fold.over.as_slice()) {
        (FunctionId::Count, Scalar::Slot(var), [over]) if var == over => Some(GroupFold::Count),
        (FunctionId::Sum | FunctionId::Avg | FunctionId::Min | FunctionId::Max, argument, [over]) => {
            let (mut is_own, exact) = (true, Exact { graph, slots: &pattern.slots });
            argument.slots(&mut |var| is_own &= var == *over);
            let kind = exact.kind(argument).filter(|_| is_own)?;
            let is_day = kind == Kind::Day;
            let is_extreme = matches!(fold.function, FunctionId::Min | FunctionId::Max);
            let fold = GroupFold::Exact { function: fold.function, argument: argument.clone(), is_day };
            (!is_day || is_extreme).then_some(fold)
        }
        _ => None,
    };
    // A binding whose period is uncertain may belong to other groups, too.
    let is_exact = |pattern: &Pattern, key: &Scalar| {
        let (mut is_exact, exact) = (true, Exact { graph, slots: &pattern.slots });
        key.properties(&mut |of, property| is_exact &= exact.is_exact(of, property));
        is_exact
    };
    let is_apt = |pattern: &Pattern, aggregate: &Aggregate| aggregate.keys.iter().all(|key| is_exact(pattern, key));
    without_bindings(plan, graph, is_apt, kept);
}

/// Replaces match and aggregate by [`Operator::CountGroups`]. `is_apt` decides for the whole aggregate, and `keep`
/// returns the fold of each aggregate, or `None` to leave the plan unchanged.
fn without_bindings(
    plan: &mut Plan,
    graph: &Graph,
    is_apt: impl Fn(&Pattern, &Aggregate) -> bool,
    keep: impl Fn(&Pattern, &AggregateCall) -> Option<GroupFold>,
) {
    let [Node { operator: Operator::Match(pattern), .. }, Node { operator: Operator::Aggregate(aggregate), .. }, ..] =
        plan.operators.as_slice()
    else {
        return;
    };
    let Aggregate { keys, folds, .. } = &**aggregate;
    let (pattern, conditional) = without_copies(pattern);
    let pattern = &pattern;
    let member = |var: VarId| conditional.iter().find(|copy| copy.var == var).map_or(var, |copy| copy.of);
    let Some(&[first]) = folds.first().map(|fold| fold.over.as_slice()) else { return };
    let counted = member(first);
    let is_key = |key: &Scalar| match key {
        Scalar::Slot(_) => true,
        key => property_of(key, counted).is_some_and(|property| graph.ranks(property).is_some()),
    };
    let block = &pattern.block;
    // A variable of an optional part may be absent, and is then not counted.
    let each_once = pattern.is_certain && !block.repeats() && !block.has_optional();
    let is_told = |var: &VarId| *var == counted || keys.contains(&Scalar::Slot(*var));
    let is_member = |fold: &AggregateCall| matches!(fold.over[..], [over] if member(over) == counted);
    let is_apart = block.wanted.iter().all(is_told) && folds.iter().all(is_member);
    if !each_once || !is_apart || plan.keeps_bindings || keys.len() > MOST_KEYS || !is_apt(pattern, aggregate) {
        return;
    }
    let kept = folds.iter().map(|fold| match conditional.iter().find(|copy| fold.over == [copy.var]) {
        Some(copy) => {
            let is_count = fold.function == FunctionId::Count && fold.argument == Scalar::Slot(copy.var);
            is_count.then(|| GroupFold::CountIf(copy.condition.clone()))
        }
        None => keep(pattern, fold),
    });
    let kept: Option<Vec<GroupFold>> = kept.collect();
    let Some(folds) = kept.filter(|_| keys.iter().all(is_key)) else { return };
    let count = CountGroups {
        pattern: (*pattern).clone(),
        keys: keys.clone(),
        counted,
        folds,
        is_clustered: false,
        least: 0,
        most: None,
    };
    plan.operators[0].operator = Operator::CountGroups(Box::new(count));
    plan.operators.remove(1);
}

/// A variable that an optional part binds to the value of another one if a condition holds: the members of an aggregate
/// that has a condition.
struct Copy {
    var: VarId,
    of: VarId,
    condition: Condition,
}

/// Returns the pattern without the optional parts that only bind a [`Copy`], and these copies.
fn without_copies(pattern: &Pattern) -> (Pattern, Vec<Copy>) {
    let mut pattern = pattern.clone();
    let mut copies: Vec<Copy> = Vec::new();
    let slots = pattern.slots.clone();
    pattern.block.steps.retain(|step| match step {
        Step::Optional(inner) => match copy(inner).filter(|copy| is_of_kind(&slots, copy)) {
            Some(copy) => {
                copies.push(copy);
                false
            }
            None => true,
        },
        _ => true,
    });
    for copy in &copies {
        let wanted = &mut pattern.block.wanted;
        wanted.retain(|var| *var != copy.var);
        if !wanted.contains(&copy.of) {
            wanted.push(copy.of);
        }
    }
    (pattern, copies)
}

/// Returns true if a copy is of the type of its original, so that no value is left out.
fn is_of_kind(slots: &[Var], copy: &Copy) -> bool {
    slots[copy.var.0 as usize].kind == slots[copy.of.0 as usize].kind
}

fn copy(part: &Block) -> Option<Copy> {
    let (mut conditions, mut bound) = (Vec::new(), None);
    for step in &part.steps {
        match step {
            Step::Filter(condition) => conditions.push(condition.clone()),
            Step::Expand { var, access, .. } if bound.is_none() => match access.as_slice() {
                [AccessPath::Same(Term::Var(of))] => bound = Some((*var, *of)),
                _ => return None,
            },
            _ => return None,
        }
    }
    let (var, of) = bound?;
    let reads_copy = conditions.iter().any(|condition| condition.outer_vars().contains(&var));
    (!reads_copy).then_some(Copy { var, of, condition: Condition::All(conditions) })
}

/// Replaces match and aggregate by [`Operator::CountDistinct`] if all aggregates count entities of one variable each and
/// each key is an entity or reads a single exact property. Every binding must be certain.
pub(super) fn count_distinct(plan: &mut Plan, graph: &Graph) {
    let [Node { operator: Operator::Match(pattern), .. }, Node { operator: Operator::Aggregate(aggregate), .. }, ..] =
        plan.operators.as_slice()
    else {
        return;
    };
    let Aggregate { keys, folds, .. } = &**aggregate;
    let block = &pattern.block;
    let is_entity = |var: &VarId| matches!(pattern.slots[var.0 as usize].kind, VarKind::Entity(_));
    let counted = |fold: &AggregateCall| match (fold.function, &fold.argument, fold.over.as_slice()) {
        (FunctionId::Count, Scalar::Slot(var), [over]) if var == over && is_entity(var) => Some(*var),
        _ => None,
    };
    let bound: Vec<VarId> =
        block.steps.iter().filter(|step| !matches!(step, Step::Optional(_))).flat_map(Step::binds).collect();
    let exact = Exact { graph, slots: &pattern.slots };
    let key_var = |key: &Scalar| {
        let mut vars = Vec::new();
        key.slots(&mut |var| vars.push(var));
        let var = *vars.first().filter(|var| bound.contains(var) && is_entity(var))?;
        let is_apt = match key {
            Scalar::Slot(_) => true,
            key => property_of(key, var)
                .is_some_and(|property| graph.ranks(property).is_some() && exact.is_exact(Term::Var(var), property)),
        };
        is_apt.then_some(var)
    };
    let counted: Option<Vec<VarId>> = folds.iter().map(counted).collect();
    let key_vars: Option<Vec<VarId>> = keys.iter().map(key_var).collect();
    let (Some(counted), Some(key_vars)) = (counted, key_vars) else { return };
    let is_apt = pattern.is_certain && !plan.keeps_bindings && plan.as_of.is_none() && !folds.is_empty();
    // A pair of a group and an entity is one number.
    let all = graph.entity_count() as f64 + 1.0;
    if !is_apt || all.powi(keys.len() as i32 + 1) >= MOST_PAIRS {
        return;
    }
    let count = CountDistinct { pattern: (**pattern).clone(), keys: keys.clone(), key_vars, counted };
    plan.operators[0].operator = Operator::CountDistinct(Box::new(count));
    plan.operators.remove(1);
}

/// Returns the property if an expression depends only on one property of the entity; `None` otherwise.
pub fn property_of(scalar: &Scalar, entity: VarId) -> Option<PropertyId> {
    let mut is_alone = true;
    scalar.slots(&mut |slot| is_alone &= slot == entity);
    scalar.only_property(entity).filter(|_| is_alone)
}

/// Marks counts whose groups are contiguous, so that one array of counters serves one group after the other.
pub(super) fn clustered_groups(plan: &mut Plan, graph: &Graph) {
    let Some(Operator::CountGroups(count)) = plan.operators.first_mut().map(|node| &mut node.operator) else { return };
    let inner = count.inner_key();
    let outer = count.keys.iter().enumerate().filter(|(i, _)| Some(*i) != inner).map(|(_, key)| key);
    let entities: Option<Vec<VarId>> =
        outer.map(|key| if let Scalar::Slot(var) = key { Some(*var) } else { None }).collect();
    // All values of the variable bound last arrive at once, so that its key needs no contiguous groups.
    let last = count.pattern.block.last_bound();
    let is_clustered =
        |keys: Vec<VarId>| !keys.iter().any(|key| Some(*key) == last) && is_clustered(&count.pattern, graph, &keys);
    count.is_clustered = entities.is_some_and(is_clustered);
}

/// Returns true if the bindings that agree on the keys are contiguous.
fn is_clustered(pattern: &Pattern, graph: &Graph, keys: &[VarId]) -> bool {
    let (mut order, mut facts) = (Vec::new(), Vec::new());
    for step in pattern.block.steps.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        let (var, access) = match step {
            Step::Scan { var, .. } => (*var, &[][..]),
            Step::Expand { var, access, .. } => (*var, access.as_slice()),
            _ => break,
        };
        order.push(var);
        for access in access {
            let AccessPath::Link { link: Link::Verb(verb), from, inverse, source: None } = access else { continue };
            let single =
                |inverse: bool| graph.relation(*verb).adjacency(Direction::inverse_if(inverse), Facts::All).is_single();
            facts.extend(single(*inverse).then_some(FunctionalDependency { given: *from, var }));
            let back = from.var().filter(|_| single(!inverse));
            facts.extend(back.map(|from| FunctionalDependency { given: Term::Var(var), var: from }));
        }
    }
    is_clustered_by(&order, keys, &facts)
}

/// Sets the least count and the number of counts that are needed: by `having`, and by a limit on rows sorted by
/// descending count. Only if a group is complete when it is dropped.
pub(super) fn top_counts(plan: &mut Plan, _: &Graph) {
    let (Some(first), rest) = (plan.operators.first(), plan.operators.get(1..).unwrap_or_default()) else { return };
    let Operator::CountGroups(count) = &first.operator else { return };
    // Bindings with an uncertain period may belong to other groups, too, whose counts may then be greater.
    let is_exact = count.keys.iter().all(|key| key.period().is_none());
    let outer = count.keys.len() - usize::from(count.inner_key().is_some());
    if !is_exact || !count.is_clustered || outer == 0 || count.folds != [GroupFold::Count] {
        return;
    }
    let (mut least, mut most, mut is_plain) = (0, None, true);
    for node in rest {
        match &node.operator {
            Operator::Having(condition) => match least_count(condition) {
                Some(number) => least = number,
                // A condition that drops great counts lets smaller ones move up.
                None => is_plain = false,
            },
            // Each row contributes to the next ones.
            Operator::RunningSum { .. } => is_plain = false,
            Operator::Limit(limit) if limit.ties => {}
            Operator::Limit(limit) => most = limit.limit.map(|number| number.saturating_add(limit.offset)),
            Operator::Sort { keys } => {
                let by_count =
                    |key: &crate::plan::SortKey| key.descending && matches!(key.scalar, Scalar::AggregateCall(_));
                is_plain &= keys.first().is_some_and(by_count);
            }
            _ => {}
        }
    }
    if let Operator::CountGroups(count) = &mut plan.operators[0].operator {
        count.least = least;
        count.most = most.filter(|number| is_plain && *number > 0);
    }
}

/// Returns the least count that passes a condition of the form `count(x) >= 3`; `None` for other conditions.
fn least_count(condition: &Scalar) -> Option<u64> {
    let Scalar::Compare(op, a, b) = condition else { return None };
    let (Scalar::AggregateCall(_), Scalar::Constant(Value::Number(number))) = (&**a, &**b) else { return None };
    match op {
        CompareOp::GreaterOrEqual => Some(number.ceil().max(0.0) as u64),
        CompareOp::Greater => Some((number.floor() + 1.0).max(0.0) as u64),
        _ => None,
    }
}
