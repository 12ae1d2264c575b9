//! Rule: order in which the variables of a block are bound.

use super::certainty::is_certain;
use super::{Context, filters, is_scan};
use crate::graph::{Direction, Facts, Graph};
use crate::limits::is_over_after;
use crate::plan::cost::{Bound, Estimate, VarSet, estimate, population};
use crate::plan::dependency::{FunctionalDependency, is_clustered_by};
use crate::plan::{Block, Condition, FactAtom, GroupKey, Link, Pattern, Step, VarId};
use rustc_hash::FxHashMap;

/// Maximum number of variables for which each is tried as the first one. Beyond, only the one with the fewest
/// candidates is: a try is quadratic in the number of variables.
const MOST_STARTS: usize = 8;

/// Cost of looking up the group of a binding in a table of groups, in units of bindings. By reasoning, no benchmark
/// varies it: a look-up hashes the keys and misses the cache.
const APART: f64 = 4.0;

/// The same if all groups stand in an array that stays in the cache: those of no more than [`MOST_NEAR`] keys (512 KiB
/// of counters). Measured with sums by 500 keys: 20 ms apart, 13 ms in order, for 690,000 bindings.
const NEAR: f64 = 0.5;
const MOST_NEAR: f64 = 65_536.0;

/// Cost of reading the values of an entity that is not met in the order of entities, in units of bindings, if the columns
/// of its types are larger than a cache. Measured with sums over 6.9 million bindings of 1.4 million entities: 330 ms
/// against 100 ms in order; with 140,000 entities, the same for both.
const FAR: f64 = 2.3;
const FEWEST_FAR: f64 = 524_288.0;

/// Permutes the scans; all other steps stay behind them in their order.
pub(super) fn order_variables(block: &mut Block, context: &mut Context) {
    let (scans, rest): (Vec<Step>, Vec<Step>) = block.steps.drain(..).partition(is_scan);
    let conditions: Vec<Condition> = rest
        .iter()
        .filter_map(|step| match step {
            Step::Filter(condition) => Some(condition.clone()),
            _ => None,
        })
        .collect();
    let scanned: Vec<VarId> = scans.iter().flat_map(Step::binds).collect();
    let components = witness_components(block, &scanned, &conditions, &rest);
    let keys = if context.nested { &[] } else { context.keys };
    let facts = if keys.is_empty() { Vec::new() } else { determined(context.graph, &conditions) };
    let (of_vars, own) = (referenced_variables(&conditions), owners(&components));
    let (graph, of_vars, own, facts) = (context.graph, &of_vars, &own, &facts[..]);
    let folded = if keys.is_empty() { &[] } else { context.folded };
    let mut order = VariableOrder { graph, of_vars, own, keys, folded, facts, eager: true, keys_first: false };
    let starts = if scans.len() <= MOST_STARTS { scans.len() } else { 0 };
    let mut best = order.of(scans.clone(), &block.outer, None);
    let tries = [(true, false), (false, false), (true, true), (false, true)];
    for (eager, keys_first) in tries.into_iter().take(if keys.is_empty() { 2 } else { 4 }) {
        (order.eager, order.keys_first) = (eager, keys_first);
        for first in std::iter::once(None).chain((0..starts).map(Some)) {
            let other = order.of(scans.clone(), &block.outer, first);
            // The order with the fewest candidates first is preferred unless another is clearly cheaper. Among equal
            // ones, existential variables come last. By reasoning, no benchmark varies the factor: a smaller one would
            // follow differences that are within the error of the estimates.
            let is_less = if first.is_none() && !keys_first { other.1 <= best.1 } else { other.1 * 1.25 < best.1 };
            if is_less {
                best = other;
            }
        }
    }
    block.steps = best.0;
    block.steps.extend(rest);
}

/// Permutes the scans to the order of the columns, by which the rows are sorted, if finding rows up to the limit is then
/// cheaper than finding all.
pub(super) fn order_by_columns(block: &mut Block, context: &mut Context) {
    let Some(first) = context.first_rows.filter(|_| !context.nested) else { return };
    let (scans, rest): (Vec<Step>, Vec<Step>) = block.steps.iter().cloned().partition(is_scan);
    let bound: Vec<VarId> = scans.iter().flat_map(Step::binds).collect();
    let is_same = bound.len() == first.columns.len() && first.columns.iter().all(|var| bound.contains(var));
    if !is_same || bound == first.columns || !is_certain_block(block, context) {
        return;
    }
    let conditions: Vec<Condition> = filters(block).cloned().collect();
    let of_vars = referenced_variables(&conditions);
    let cost = |order: &[VarId]| {
        let (mut known, mut bindings, mut total): (VarSet, f64, f64) =
            (block.outer.iter().copied().collect(), 1.0, 0.0);
        for var in order {
            let Some(step) = scans.iter().find(|step| step.binds()[0] == *var) else { continue };
            let conditions = of_vars.get(var).map_or(&[][..], Vec::as_slice);
            let Estimate { candidates, work } =
                estimate(step, conditions, &Bound { graph: context.graph, vars: &known });
            (total, bindings) = (total + bindings * work, bindings * candidates);
            known.insert(*var);
        }
        (total, bindings)
    };
    let ((all, _), (sorted, rows)) = (cost(&bound), cost(&first.columns));
    let needed = (first.number as f64 / rows.max(1.0)).min(1.0);
    if sorted * needed < all {
        let place = |step: &Step| first.columns.iter().position(|var| *var == step.binds()[0]);
        let mut scans = scans;
        scans.sort_by_key(place);
        block.steps = scans.into_iter().chain(rest).collect();
    }
}

/// Returns true if all bindings of a block without definitions are certain.
fn is_certain_block(block: &Block, context: &Context) -> bool {
    let pattern = Pattern {
        block: block.clone(),
        paths: context.paths.to_vec(),
        keys: Vec::new(),
        folded: Vec::new(),
        slots: context.slots.clone(),
        is_certain: false,
        most: None,
    };
    is_certain(&pattern, context.graph, &[])
}

/// Conditions by the variables that they read.
type OfVars<'c> = FxHashMap<VarId, Vec<&'c Condition>>;

fn referenced_variables(conditions: &[Condition]) -> OfVars<'_> {
    let mut of_vars = OfVars::default();
    for condition in conditions {
        condition.outer_vars().into_iter().for_each(|var| of_vars.entry(var).or_default().push(condition));
    }
    of_vars
}

/// Component of each variable.
fn owners(components: &[Component]) -> FxHashMap<VarId, &Component> {
    components.iter().flat_map(|component| component.vars.iter().map(move |var| (*var, component))).collect()
}

/// Returns the functional dependencies of the facts among the conditions.
fn determined(graph: &Graph, conditions: &[Condition]) -> Vec<FunctionalDependency> {
    let mut facts = Vec::new();
    for condition in conditions {
        let Condition::Fact(FactAtom { link: Link::Verb(verb), subject, object, .. }) = condition else { continue };
        for (given, determined, back) in [(*subject, *object, false), (*object, *subject, true)] {
            let is_single = graph.relation(*verb).adjacency(Direction::inverse_if(back), Facts::All).is_single();
            facts.extend(determined.var().filter(|_| is_single).map(|var| FunctionalDependency { given, var }));
        }
    }
    facts
}

/// Criteria for the order of variables.
struct VariableOrder<'o> {
    graph: &'o Graph,
    of_vars: &'o OfVars<'o>,
    own: &'o FxHashMap<VarId, &'o Component>,
    keys: &'o [GroupKey],
    /// Variables whose values are read for the groups.
    folded: &'o [VarId],
    /// Functional dependencies; empty if there are no keys.
    facts: &'o [FunctionalDependency],
    /// True if existential variables may come first if they have the fewest candidates.
    eager: bool,
    /// True if the variables of group keys come before the others.
    keys_first: bool,
}

impl VariableOrder<'_> {
    /// Returns the scans in greedy order, each the one with the fewest candidates, and the cost of carrying them out,
    /// in units of bindings. If `first` is given, that scan comes first.
    fn of(&self, mut scans: Vec<Step>, outer: &[VarId], mut first: Option<usize>) -> (Vec<Step>, f64) {
        let apart = if self.has_few_groups(&scans) { NEAR } else { APART };
        let (mut bound, mut ordered) = (outer.to_vec(), Vec::new());
        let mut known: VarSet = outer.iter().copied().collect();
        let (mut bindings, mut total) = (1.0, 0.0);
        while !scans.is_empty() {
            let ranks: Vec<(Rank, Estimate)> = scans.iter().map(|step| self.rank(step, &known)).collect();
            // Counts the scans that ranking has visited.
            if is_over_after(scans.len()) {
                break;
            }
            let less = |a: &usize, b: &usize| {
                let (a, b) = (&ranks[*a], &ranks[*b]);
                a.0.cmp(&b.0).then(a.1.candidates.total_cmp(&b.1.candidates))
            };
            let least = (0..scans.len()).min_by(less).expect("there are scans left");
            let next = first.take().unwrap_or(least);
            let step = scans.remove(next);
            // The search for an existential variable ends at its first witness, once its boundary is bound.
            let Estimate { candidates, work } = &ranks[next].1;
            let is_witness = self.is_witness(step.binds()[0], &known);
            let is_counted = scans.is_empty() && !self.keys.is_empty() && self.is_only_counted(&step, &bound);
            total += bindings
                * if is_witness {
                    (work / candidates.max(1.0)).max(1.0)
                } else if is_counted {
                    1.0
                } else {
                    *work
                };
            bindings *= if is_witness { 1.0 } else { *candidates };
            if !bound.is_empty() && !is_counted && self.is_read(&step) {
                total += bindings * FAR;
            }
            bound.extend(step.binds());
            step.binds().into_iter().for_each(|var| known.insert(var));
            ordered.push(step);
        }
        // If the time limit is reached, any order will do.
        ordered.append(&mut scans);
        if !self.is_clustered(&bound) {
            total += bindings * apart;
        }
        (ordered, total)
    }

    /// Returns true if aggregates may read values of the entities that a step binds, of which there are many.
    fn is_read(&self, step: &Step) -> bool {
        let Step::Scan { var, types } = step else { return false };
        self.folded.contains(var) && population(self.graph, *types) >= FEWEST_FAR
    }

    /// Returns true if the groups are those of entities, and few.
    fn has_few_groups(&self, scans: &[Step]) -> bool {
        let number = |key: &GroupKey| -> Option<f64> {
            let GroupKey::Entity(var) = key else { return None };
            scans.iter().find_map(|step| match step {
                Step::Scan { var: own, types } if own == var => Some(population(self.graph, *types)),
                _ => None,
            })
        };
        let numbers: Option<Vec<f64>> = self.keys.iter().map(number).collect();
        numbers.is_some_and(|numbers| numbers.iter().product::<f64>() <= MOST_NEAR)
    }

    /// Returns true if only the number of values of the last variable matters: they are counted without being visited.
    fn is_only_counted(&self, step: &Step, bound: &[VarId]) -> bool {
        let var = step.binds()[0];
        let all: Vec<VarId> = bound.iter().copied().chain([var]).collect();
        let is_read = self.folded.contains(&var) || self.keys.iter().any(|key| key.var() == var);
        !is_read && self.is_clustered(&all) && self.speaking_of(var).len() == 1
    }

    /// Returns the conditions that read a variable.
    fn speaking_of(&self, var: VarId) -> &[&Condition] {
        self.of_vars.get(&var).map_or(&[], Vec::as_slice)
    }

    /// Returns true if the bindings of a group are contiguous, so that no look-up of groups is needed. The last
    /// variable may be a key of any kind.
    fn is_clustered(&self, order: &[VarId]) -> bool {
        let outer = self.keys.iter().filter(|key| Some(&key.var()) != order.last());
        let entities = outer.map(|key| if let GroupKey::Entity(var) = key { Some(*var) } else { None });
        entities.collect::<Option<Vec<VarId>>>().is_some_and(|keys| is_clustered_by(order, &keys, self.facts))
    }

    /// Returns the boundary of an existential variable; empty for other variables.
    fn boundary(&self, var: VarId) -> &[VarId] {
        self.own.get(&var).map_or(&[], |own| &own.boundary)
    }

    /// Returns true if the variable is existential and its boundary is bound.
    fn is_witness(&self, var: VarId, bound: &VarSet) -> bool {
        let boundary = self.boundary(var);
        !boundary.is_empty() && boundary.iter().all(|other| bound.contains(*other))
    }

    /// Returns the rank of a scan, lower is sooner, with its estimate: existential variables, and those that no
    /// condition joins to bound ones, come last.
    fn rank(&self, step: &Step, bound: &VarSet) -> (Rank, Estimate) {
        let var = step.binds()[0];
        let known = Bound { graph: self.graph, vars: bound };
        let conditions = self.speaking_of(var);
        let is_apart = !bound.is_empty() && !conditions.iter().any(|c| known.candidates(c, var).is_some());
        let is_deferred = if self.eager { self.is_witness(var, bound) } else { !self.boundary(var).is_empty() };
        let is_later = self.keys_first && self.keys.iter().all(|key| key.var() != var);
        ((is_deferred, is_apart, is_later), estimate(step, conditions, &known))
    }
}

/// True if the variable is existential, if no condition joins it to bound variables, if group keys come before it.
type Rank = (bool, bool, bool);

/// A connected component of existential variables, joined by conditions; and the other variables of these conditions.
pub(super) struct Component {
    pub vars: Vec<VarId>,
    pub boundary: Vec<VarId>,
}

/// Returns the components of existential variables. A variable is not existential if something other than a filter
/// reads it, or if it is determined by others.
pub(super) fn witness_components(
    block: &Block,
    scanned: &[VarId],
    conditions: &[Condition],
    rest: &[Step],
) -> Vec<Component> {
    let mut read: Vec<VarId> = block.wanted.iter().chain(&block.determined).copied().collect();
    for step in rest.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        step.needs(&mut |var| read.push(var));
    }
    let bound_late: Vec<VarId> = rest.iter().flat_map(Step::binds).collect();
    let referenced: Vec<Vec<VarId>> = conditions.iter().map(Condition::outer_vars).collect();
    let reads_late = |var: &VarId| {
        referenced.iter().any(|vars| vars.contains(var) && vars.iter().any(|other| bound_late.contains(other)))
    };
    let mut open: Vec<VarId> = scanned.iter().filter(|var| !read.contains(var) && !reads_late(var)).copied().collect();
    let mut components = Vec::new();
    while let Some(first) = open.pop() {
        let mut component = Component { vars: vec![first], boundary: Vec::new() };
        let mut next = 0;
        while let Some(var) = component.vars.get(next).copied() {
            next += 1;
            for other in referenced.iter().filter(|vars| vars.contains(&var)).flatten() {
                match open.iter().position(|open| open == other) {
                    Some(i) => component.vars.push(open.remove(i)),
                    None if component.vars.contains(other) || component.boundary.contains(other) => {}
                    None => component.boundary.push(*other),
                }
            }
        }
        components.push(component);
    }
    components
}
