//! Rules: each preserves the result of a plan and makes it cheaper. They are applied in order: first those on the whole
//! plan that change what is bound, then those on patterns, block by block, outer blocks first, then those that choose
//! how bindings are used.

mod certainty;
mod columns;
mod counting;
mod definition_paths;
mod dependencies;
mod expand;
mod flatten;
mod inline;
mod lengths;
mod memo;
mod narrow_types;
mod order;
mod output;
mod probe;
mod push_filters;
mod reach;
mod rename;
mod reverse_reach;
mod semi_joins;
#[cfg(test)]
mod tests;

pub use counting::property_of;

use super::{Block, Condition, GroupKey, Link, Operator, Path, PathId, Pattern, Plan, Step, Var, VarId, annotate};
use crate::graph::Graph;
use crate::limits::is_over_now;
use crate::schema::TypeSet;
use crate::value::Id;
use std::sync::Arc;

/// A rewrite rule with its name and purpose.
pub struct Rule {
    pub name: &'static str,
    pub doc: &'static str,
    apply: Apply,
}

enum Apply {
    /// Applied to the plan before its patterns are rewritten.
    First(fn(&mut Plan, &Graph)),
    /// Applied to each block of each pattern, outer blocks first.
    Block(fn(&mut Block, &mut Context)),
    /// Applied to each block after the blocks inside it.
    Inner(fn(&mut Block)),
    /// Applied to the plan after its patterns.
    Last(fn(&mut Plan, &Graph)),
}

/// Context of a block during the rewriting of a pattern.
struct Context<'g> {
    graph: &'g Graph,
    paths: &'g [Path],
    /// See [`Pattern::keys`].
    keys: &'g [GroupKey],
    /// See [`Pattern::folded`].
    folded: &'g [VarId],
    slots: &'g Arc<[Var]>,
    /// Rows that are enough, if they are found in the order of these columns.
    first_rows: Option<&'g FirstRows>,
    /// True if the block is inside a condition or optional part of another block.
    nested: bool,
    memos: u16,
    reach_joins: u16,
    /// Types of scanned entity variables after narrowing; the latest entry of a variable counts.
    types: Vec<(VarId, TypeSet)>,
}

/// A limit on rows of entities that are sorted by their columns.
struct FirstRows {
    columns: Vec<VarId>,
    number: usize,
}

impl FirstRows {
    /// Returns the limit of a plan without definitions, whose first pattern is that of the rows; `None` for other plans.
    fn of(plan: &Plan) -> Option<FirstRows> {
        let [_, project, sort, distinct, limit] = plan.operators.as_slice() else { return None };
        let (Operator::Project(projection), Operator::Sort { keys }, Operator::Limit(limit)) =
            (&project.operator, &sort.operator, &limit.operator)
        else {
            return None;
        };
        let columns: Option<Vec<VarId>> = projection.columns.iter().map(|column| column.entity()).collect();
        let number = limit.limit?.saturating_add(limit.offset);
        let is_alone = plan.definitions.is_empty() && plan.provenance.is_none() && plan.as_of.is_none();
        let is_plain = keys.is_empty() && distinct.operator == Operator::Distinct && !plan.keeps_bindings;
        columns.filter(|_| is_plain && is_alone).map(|columns| FirstRows { columns, number })
    }
}

const fn rule(name: &'static str, doc: &'static str, apply: Apply) -> Rule {
    Rule { name, doc, apply }
}

/// All rules, in the order in which they are applied.
pub static RULES: &[Rule] = &[
    rule(
        "paths_of_definitions",
        "search the path that a definition stands for, not its pairs",
        Apply::First(definition_paths::paths_of_definitions),
    ),
    rule(
        "inline_definitions",
        "join the conditions of a definition, not its pairs",
        Apply::First(inline::inline_definitions),
    ),
    rule(
        "search_lengths",
        "search the least and greatest length, not each path",
        Apply::First(lengths::search_lengths),
    ),
    rule("drop_unused_paths", "bind no path that nothing reads", Apply::Block(lengths::drop_unused_paths)),
    rule("flatten_conditions", "one filter per condition, no empty ones", Apply::Block(flatten::flatten_conditions)),
    rule(
        "join_semi_joins",
        "join what a semi-join alone connects, instead of testing each pair",
        Apply::Block(semi_joins::join_semi_joins),
    ),
    // Before the order of variables, whose estimates count the entities of these types.
    rule("narrow_types", "scan only the types that the facts allow", Apply::Block(narrow_types::narrow_types)),
    rule(
        "columnar_predicates",
        "compare numbers and columns, not expressions",
        Apply::Block(columns::columnar_predicates),
    ),
    rule(
        "infer_dependencies",
        "a variable that a fact determines repeats nothing",
        Apply::Block(dependencies::infer_dependencies),
    ),
    // Behind `infer_dependencies`: a variable that is determined does not count as existential.
    rule("order_variables", "bind the variable with the fewest candidates next", Apply::Block(order::order_variables)),
    rule(
        "order_by_columns",
        "find the rows in their order, and only those within the limit",
        Apply::Block(order::order_by_columns),
    ),
    rule(
        // Behind the order: only variables that come after all those that they are joined with can be moved.
        "existential_to_semi_join",
        "variables that are not asked for become semi-joins",
        Apply::Block(semi_joins::existential_to_semi_join),
    ),
    rule(
        "reverse_reach",
        "search a semi-join's path backwards, once, from all it looks for",
        Apply::Block(reverse_reach::reverse_reach),
    ),
    // Behind all rules that make filters of scans and of other filters.
    rule("push_down_filters", "test as soon as everything is bound", Apply::Block(push_filters::push_down_filters)),
    rule(
        "drop_redundant_reach",
        "the least length of a path tells whether there is one",
        Apply::Block(reach::drop_redundant_reach),
    ),
    // Reads the filters directly behind a scan, where `push_down_filters` has put them.
    rule("expand_from_bound", "follow facts instead of scanning", Apply::Block(expand::expand_from_bound)),
    rule(
        "multi_source_reach",
        "search a closure from many entities at once, its cycles condensed",
        Apply::Block(reach::multi_source_reach),
    ),
    rule("cache_semi_joins", "keep the answers of semi-joins", Apply::Block(memo::cache_semi_joins)),
    rule("probe_neighbours", "ask a list of neighbours, without binding them", Apply::Inner(probe::probe_neighbours)),
    rule(
        "count_neighbours",
        "compare the length of a list, not each of its values",
        Apply::Inner(probe::count_neighbours),
    ),
    // Before `tests_by_code`, which wraps exact tests, and before `certain_only`, which counts them as certain.
    rule("exact_tests", "compare whole numbers and days as columns hold them", Apply::Last(columns::exact_tests)),
    rule("tests_by_code", "test once per distinct value of a property", Apply::Last(columns::tests_by_code)),
    // Before the rules that count and sort, which need certain bindings.
    rule("certain_only", "search once where nothing is doubtful or vague", Apply::Last(certainty::certain_only)),
    rule("count_matches", "count bindings without keeping them", Apply::Last(counting::count_matches)),
    rule("count_groups", "count by key without keeping bindings", Apply::Last(counting::count_groups)),
    rule("fold_groups", "add up and compare by key without keeping bindings", Apply::Last(counting::fold_groups)),
    rule(
        "count_distinct",
        "count distinct entities by key without keeping bindings",
        Apply::Last(counting::count_distinct),
    ),
    rule("clustered_groups", "count one group after the other in an array", Apply::Last(counting::clustered_groups)),
    // Only groups that are complete when they are dropped: after `clustered_groups`.
    rule("top_counts", "drop groups that cannot be among the first", Apply::Last(counting::top_counts)),
    // Before `late_rows`, which would take the same rows; `stop_at_limit` reads what this rule makes.
    rule("sort_ids", "sort rows of entities by number", Apply::Last(output::sort_ids)),
    rule("late_rows", "sort codes of cells, make cells of the rows shown", Apply::Last(output::late_rows)),
    rule("stop_at_limit", "end the search when enough rows are found", Apply::Last(output::stop_at_limit)),
    rule(
        "stop_paths_at_limit",
        "end the listing of paths when enough are found",
        Apply::Last(output::stop_paths_at_limit),
    ),
];

/// Applies all rules except those named in `disabled` (`all` disables every rule); then estimates the plan.
pub fn optimize(mut plan: Plan, graph: &Graph, disabled: &[String]) -> Plan {
    let rules = enabled(disabled);
    // Proofs may read the values of the whole graph while they are tested on a part of it.
    let doubled = plan.provenance.as_ref().map(|_| graph.doubled());
    let graph = doubled.as_ref().unwrap_or(graph);
    let mut applied = plan.applied.take();
    for rule in &rules {
        if let Apply::First(apply) = rule.apply {
            noting(&mut plan, rule.name, &mut applied, |plan| apply(plan, graph));
        }
    }
    let first_rows = FirstRows::of(&plan);
    for (number, pattern) in plan.patterns_mut().enumerate() {
        let first_rows = first_rows.as_ref().filter(|_| number == 0);
        optimize_pattern(pattern, (graph, first_rows), &rules, &mut applied);
    }
    for rule in &rules {
        if let Apply::Last(apply) = rule.apply {
            noting(&mut plan, rule.name, &mut applied, |plan| apply(plan, graph));
        }
    }
    plan.applied = applied;
    annotate(&mut plan, graph);
    plan
}

/// Names of the rules that changed something, in order; `None` if nobody reads them. Finding out takes a copy of the plan
/// for each rule, which costs more than the rules do.
type Applied = Option<Vec<&'static str>>;

/// Applies a rule and notes its name if it changed something.
fn noting<T: Clone + PartialEq>(value: &mut T, name: &'static str, applied: &mut Applied, apply: impl FnOnce(&mut T)) {
    // Optimisation stops when the time limit is reached; the plan is valid after every rule.
    if is_over_now() {
        return;
    }
    let before = applied.is_some().then(|| value.clone());
    apply(value);
    if let Some(names) = applied.as_mut().filter(|names| !names.contains(&name))
        && before.is_some_and(|before| *value != before)
    {
        names.push(name);
    }
}

fn enabled(disabled: &[String]) -> Vec<&'static Rule> {
    RULES.iter().filter(|rule| !disabled.iter().any(|name| name == rule.name || name == "all")).collect()
}

fn optimize_pattern(
    pattern: &mut Pattern,
    (graph, first_rows): (&Graph, Option<&FirstRows>),
    rules: &[&Rule],
    applied: &mut Applied,
) {
    let Pattern { block, paths, keys, folded, slots, .. } = pattern;
    let (memos, reach_joins, types) = (0, 0, Vec::new());
    let mut context =
        Context { graph, paths, keys, folded, slots, first_rows, nested: false, memos, reach_joins, types };
    optimize_block(block, rules, &mut context, applied);
}

/// Applies the rules to a block, to each of its levels separately: an optional part depends on everything before it,
/// and everything behind it depends on what it binds.
fn optimize_block(block: &mut Block, rules: &[&Rule], context: &mut Context, applied: &mut Applied) {
    let mut levels = levels_of(block);
    // If a plan has several levels, its groups are formed of all its bindings, so no level can be ordered by the keys.
    let (keys, first_rows) = (context.keys, context.first_rows);
    if levels.len() > 1 {
        (context.keys, context.first_rows) = (&[], None);
    }
    for (level, _) in &mut levels {
        for rule in rules {
            let Apply::Block(apply) = rule.apply else { continue };
            noting(level, rule.name, applied, |level| apply(level, context));
        }
    }
    (context.keys, context.first_rows) = (keys, first_rows);
    for (level, optional) in levels {
        block.steps.extend(level.steps);
        block.steps.extend(optional);
        block.determined.extend(level.determined);
    }
    let nested = std::mem::replace(&mut context.nested, true);
    for step in &mut block.steps {
        match step {
            Step::Filter(condition) => condition.each_mut(&mut |inner| {
                if let Some(block) = inner.block_mut() {
                    optimize_block(block, rules, context, applied);
                }
            }),
            Step::Optional(block) => optimize_block(block, rules, context, applied),
            _ => {}
        }
    }
    context.nested = nested;
    for rule in rules {
        let Apply::Inner(apply) = rule.apply else { continue };
        noting(block, rule.name, applied, apply);
    }
}

/// Splits a block at its optional parts: each level as a block of its own, with the optional part behind it.
fn levels_of(block: &mut Block) -> Vec<(Block, Option<Step>)> {
    let mut levels: Vec<(Block, Option<Step>)> = Vec::new();
    let mut steps = Vec::new();
    let mut close = |steps: Vec<Step>, optional: Option<Step>| {
        let level = Block::new(steps, block.wanted.clone(), block.outer.clone());
        levels.push((level, optional));
    };
    for step in std::mem::take(&mut block.steps) {
        match step {
            Step::Optional(_) => close(std::mem::take(&mut steps), Some(step)),
            other => steps.push(other),
        }
    }
    close(steps, None);
    let steps = |levels: &[(Block, Option<Step>)]| -> Vec<Step> {
        levels.iter().flat_map(|(level, optional)| level.steps.iter().chain(optional)).cloned().collect()
    };
    for i in 0..levels.len() {
        let bound = steps(&levels[..i]).iter().flat_map(Step::binds).collect::<Vec<_>>();
        // Variables that later levels read must not be dropped as existential.
        let behind: Vec<Step> = levels[i].1.iter().cloned().chain(steps(&levels[i + 1..])).collect();
        levels[i].0.outer.extend(bound);
        let wanted = &mut levels[i].0.wanted;
        behind.iter().for_each(|step| step.needs(&mut |var| wanted.push(var)));
    }
    levels
}

/// Returns the conditions of the filters of a block.
fn filters(block: &Block) -> impl Iterator<Item = &Condition> {
    block.steps.iter().filter_map(Step::filter)
}

/// Returns the types of subject and object of a verb; `None` for definitions.
fn ends(graph: &Graph, link: Link) -> Option<(TypeSet, TypeSet)> {
    match link {
        Link::Verb(verb) => {
            let verb = graph.schema().verb(verb);
            Some((verb.from, verb.to))
        }
        Link::Define(_) => None,
    }
}

/// Returns the number of a path in the list of a pattern, to which it is appended if it is new.
fn path_of(paths: &mut Vec<Path>, path: &Path) -> PathId {
    let known = paths.iter().position(|other| other == path).unwrap_or_else(|| {
        paths.push(path.clone());
        paths.len() - 1
    });
    PathId::new(known).unwrap_or(PathId(u32::MAX))
}

fn is_scan(step: &Step) -> bool {
    matches!(step, Step::Scan { .. } | Step::ScanValues { .. } | Step::ScanLabels { .. })
}
