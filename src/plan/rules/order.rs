//! Rule: order in which the variables of a block are bound.

use super::certainty::is_certain;
use super::{Context, filters, is_scan};
use crate::graph::{Direction, Facts, Graph};
use crate::limits::is_over_after;
use crate::plan::cost::{Bound, Estimate, ScanCost, VarSet, population};
use crate::plan::dependency::{FunctionalDependency, is_clustered_by};
use crate::plan::{Block, Condition, FactAtom, GroupKey, Link, Pattern, Step, VarId};
use rustc_hash::FxHashMap;

/// Maximum number of variables for which each is tried as the first one. Beyond, only the one with the fewest
/// candidates is: a try is quadratic in the number of variables.
const MOST_STARTS: usize = 8;

/// How many times cheaper an order has to be to be preferred. By reasoning, no benchmark varies it: a smaller one would
/// follow differences that are within the error of the estimates.
const CLEARLY: f64 = 1.25;

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
    let (scans, rest): (Vec<Step>, Vec<Step>) = std::mem::take(&mut block.steps).into_iter().partition(is_scan);
    if scans.len() < 2 {
        block.steps = scans.into_iter().chain(rest).collect();
        return;
    }
    let order = cheapest_order(block, context, &scans, &rest);
    let mut scans: Vec<Option<Step>> = scans.into_iter().map(Some).collect();
    block.steps = order.into_iter().filter_map(|at| scans[at].take()).collect();
    block.steps.extend(rest);
}

/// Returns the positions of the scans in the order of the least cost among those that are tried.
fn cheapest_order(block: &Block, context: &Context, scans: &[Step], rest: &[Step]) -> Vec<usize> {
    let conditions: Vec<&Condition> = rest.iter().filter_map(Step::filter).collect();
    let scanned: Vec<VarId> = scans.iter().map(step_var).collect();
    let rest: Vec<&Step> = rest.iter().collect();
    let components = witness_components(block, &scanned, &conditions, &rest);
    let keys = if context.nested { &[] } else { context.keys };
    let facts = if keys.is_empty() { Vec::new() } else { determined(context.graph, &conditions) };
    let (of_vars, own) = (referenced_variables(&conditions), owners(&components));
    let (graph, of_vars, own, facts) = (context.graph, &of_vars, &own, &facts[..]);
    let folded = if keys.is_empty() { &[] } else { context.folded };
    let scan = |step| {
        let var = step_var(step);
        let conditions = of_vars.get(&var).map_or(&[][..], Vec::as_slice);
        let boundary = own.get(&var).map_or(&[][..], |own| own.boundary.as_slice());
        RankedScan { step, cost: ScanCost::new(graph, step, conditions), boundary }
    };
    let ranked: Vec<RankedScan> = scans.iter().map(scan).collect();
    let mut order =
        VariableOrder { graph, scans: &ranked, of_vars, keys, folded, facts, eager: true, keys_first: false };
    let starts = if scans.len() <= MOST_STARTS { scans.len() } else { 0 };
    let mut best: Option<(Vec<usize>, f64)> = None;
    let tries = [(true, false), (false, false), (true, true), (false, true)];
    // Without existential variables, `eager` makes no difference.
    let differs = |(eager, _): &(bool, bool)| *eager || !components.is_empty();
    for (eager, keys_first) in tries.into_iter().take(if keys.is_empty() { 2 } else { 4 }).filter(differs) {
        (order.eager, order.keys_first) = (eager, keys_first);
        for first in std::iter::once(None).chain((0..starts).map(Some)) {
            // The order with the fewest candidates first is preferred unless another is clearly cheaper. Among equal
            // ones, existential variables come last.
            let most = best.as_ref().map_or(f64::INFINITY, |best| best.1);
            let is_preferred = first.is_none() && !keys_first;
            let other = order.of(&block.outer, first, if is_preferred { most } else { most / CLEARLY });
            let is_less = |cost: f64| if is_preferred { cost <= most } else { cost * CLEARLY < most };
            best = other.filter(|other| best.is_none() || is_less(other.1)).or(best);
        }
    }
    best.map_or_else(|| (0..scans.len()).collect(), |best| best.0)
}

/// Returns the variable that a scan binds.
fn step_var(scan: &Step) -> VarId {
    scan.binds()[0]
}

/// A scan with what is known of it in every order.
struct RankedScan<'o> {
    step: &'o Step,
    cost: ScanCost<'o>,
    /// Variables that an existential variable is joined to; empty for other variables.
    boundary: &'o [VarId],
}

impl RankedScan<'_> {
    /// Returns true if the variable is existential and its boundary is bound.
    fn is_witness(&self, bound: &VarSet) -> bool {
        !self.boundary.is_empty() && self.boundary.iter().all(|other| bound.contains(*other))
    }
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
    let conditions: Vec<&Condition> = filters(block).collect();
    let of_vars = referenced_variables(&conditions);
    let cost = |order: &[VarId]| {
        let (mut known, mut bindings, mut total): (VarSet, f64, f64) =
            (block.outer.iter().copied().collect(), 1.0, 0.0);
        for var in order {
            let Some(step) = scans.iter().find(|step| step.binds()[0] == *var) else { continue };
            let conditions = of_vars.get(var).map_or(&[][..], Vec::as_slice);
            let Estimate { candidates, work, .. } =
                ScanCost::new(context.graph, step, conditions).estimate(&Bound { graph: context.graph, vars: &known });
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

fn referenced_variables<'c>(conditions: &[&'c Condition]) -> OfVars<'c> {
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
fn determined(graph: &Graph, conditions: &[&Condition]) -> Vec<FunctionalDependency> {
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
    scans: &'o [RankedScan<'o>],
    of_vars: &'o OfVars<'o>,
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
    /// Returns the scans by position in greedy order, each the one with the fewest candidates, and the cost of carrying
    /// them out, in units of bindings. If `first` is given, that scan comes first. `None` if the cost exceeds `most`.
    fn of(&self, outer: &[VarId], mut first: Option<usize>, most: f64) -> Option<(Vec<usize>, f64)> {
        let apart = if self.has_few_groups() { NEAR } else { APART };
        let mut left: Vec<usize> = (0..self.scans.len()).collect();
        let (mut bound, mut order) = (outer.to_vec(), Vec::with_capacity(left.len()));
        let mut known: VarSet = outer.iter().copied().collect();
        let (mut bindings, mut total) = (1.0, 0.0);
        while !left.is_empty() {
            // Counts the scans that ranking visits.
            if is_over_after(left.len()) {
                break;
            }
            let (next, Estimate { candidates, work, .. }) = match first.take() {
                Some(first) => (first, self.rank(first, &known).1),
                None => self.least(&left, &known),
            };
            let at = left.remove(next);
            let scan = &self.scans[at];
            let var = scan.cost.var;
            // The search for an existential variable ends at its first witness, once its boundary is bound.
            let is_witness = scan.is_witness(&known);
            let is_counted = left.is_empty() && !self.keys.is_empty() && self.is_only_counted(var, &bound);
            total += bindings
                * if is_witness {
                    (work / candidates.max(1.0)).max(1.0)
                } else if is_counted {
                    1.0
                } else {
                    work
                };
            bindings *= if is_witness { 1.0 } else { candidates };
            if !bound.is_empty() && !is_counted && self.is_read(scan.step) {
                total += bindings * FAR;
            }
            if total > most {
                return None;
            }
            bound.push(var);
            known.insert(var);
            order.push(at);
        }
        // If the time limit is reached, any order will do.
        order.append(&mut left);
        if !self.is_clustered(&bound) {
            total += bindings * apart;
        }
        Some((order, total))
    }

    /// Returns the place in `left` of the scan with the lowest rank, the first of equal ones, and its estimate.
    fn least(&self, left: &[usize], known: &VarSet) -> (usize, Estimate) {
        let ranked = left.iter().map(|scan| self.rank(*scan, known)).enumerate();
        let least = ranked.min_by(|(_, a), (_, b)| a.0.cmp(&b.0).then(a.1.candidates.total_cmp(&b.1.candidates)));
        let (place, (_, estimate)) = least.expect("there are scans left");
        (place, estimate)
    }

    /// Returns true if aggregates may read values of the entities that a step binds, of which there are many.
    fn is_read(&self, step: &Step) -> bool {
        let Step::Scan { var, types } = step else { return false };
        self.folded.contains(var) && population(self.graph, *types) >= FEWEST_FAR
    }

    /// Returns true if the groups are those of entities, and few.
    fn has_few_groups(&self) -> bool {
        let number = |key: &GroupKey| -> Option<f64> {
            let GroupKey::Entity(var) = key else { return None };
            self.scans.iter().find_map(|scan| match scan.step {
                Step::Scan { var: own, types } if own == var => Some(population(self.graph, *types)),
                _ => None,
            })
        };
        let numbers: Option<Vec<f64>> = self.keys.iter().map(number).collect();
        numbers.is_some_and(|numbers| numbers.iter().product::<f64>() <= MOST_NEAR)
    }

    /// Returns true if only the number of values of the last variable matters: they are counted without being visited.
    fn is_only_counted(&self, var: VarId, bound: &[VarId]) -> bool {
        let all: Vec<VarId> = bound.iter().copied().chain([var]).collect();
        let is_read = self.folded.contains(&var) || self.keys.iter().any(|key| key.var() == var);
        !is_read && self.is_clustered(&all) && self.of_vars.get(&var).map_or(0, Vec::len) == 1
    }

    /// Returns true if the bindings of a group are contiguous, so that no look-up of groups is needed. The last
    /// variable may be a key of any kind.
    fn is_clustered(&self, order: &[VarId]) -> bool {
        let outer = self.keys.iter().filter(|key| Some(&key.var()) != order.last());
        let entities = outer.map(|key| if let GroupKey::Entity(var) = key { Some(*var) } else { None });
        entities.collect::<Option<Vec<VarId>>>().is_some_and(|keys| is_clustered_by(order, &keys, self.facts))
    }

    /// Returns the rank of a scan, lower is sooner, with its estimate: existential variables, and those that no
    /// condition joins to bound ones, come last.
    fn rank(&self, scan: usize, bound: &VarSet) -> (Rank, Estimate) {
        let scan = &self.scans[scan];
        let estimate = scan.cost.estimate(&Bound { graph: self.graph, vars: bound });
        let is_apart = !bound.is_empty() && !estimate.is_joined;
        let is_deferred = if self.eager { scan.is_witness(bound) } else { !scan.boundary.is_empty() };
        let is_later = self.keys_first && self.keys.iter().all(|key| key.var() != scan.cost.var);
        ((is_deferred, is_apart, is_later), estimate)
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
    conditions: &[&Condition],
    rest: &[&Step],
) -> Vec<Component> {
    let mut read: Vec<VarId> = block.wanted.iter().chain(&block.determined).copied().collect();
    for step in rest.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        step.needs(&mut |var| read.push(var));
    }
    let bound_late: Vec<VarId> = rest.iter().flat_map(|step| step.binds()).collect();
    let referenced: Vec<Vec<VarId>> = conditions.iter().map(|condition| condition.outer_vars()).collect();
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
