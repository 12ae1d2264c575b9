//! Groups and aggregates over uncertain dates and facts.
//!
//! A binding belongs to the group of its keys. A key that is a period (`year(m.date)`) may be wide: such a binding
//! forms a group of its own, which is listed once, and counts as possible in each group whose period it may fall in. A
//! binding that is only possible counts as possible in its group. Each aggregate is folded over the certain, the shown
//! and all possible members; the second result is shown, and the first and last bound the range that `having` tests.
//!
//! Keys and arguments are dictionary-encoded ([`dictionary`]), so that groups are runs of sorted codes.

mod accumulate;
mod certain;
pub(crate) mod count;
pub(crate) mod dictionary;
pub(crate) mod distinct;
pub(crate) mod fold;
mod key;
mod quantile;
pub(crate) mod running;
mod uncertain;

use super::bindings::{self, Bindings, Certainty};
use super::edges::Edges;
use super::eval::{OfGroup, Scope};
use super::limits::Stop;
use super::{Context, Counts, NULL_SLOT};
use crate::answer::Cell;
use crate::graph::EntityId;
use crate::limits::{self, in_budget};
use crate::plan::{Aggregate, Pattern, Scalar, VarId};
use crate::value::Value;
use dictionary::{Dictionary, Merge, order_of};
use fold::{FoldValue, fold};
use indexmap::IndexSet;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Groups of a match, in columns.
pub(crate) struct Groups {
    /// One binding per group; all slots absent for a group without bindings.
    pub representatives: Bindings,
    /// Per key.
    pub keys: Vec<KeyColumn>,
    /// Per group: certainty that it exists and passes `having`.
    pub sure: Vec<Certainty>,
    /// Per aggregate.
    pub folds: Vec<FoldColumn>,
    /// The same, over members that certainly belong to no other group; `None` if there are no running sums.
    pub own: Option<Vec<FoldColumn>>,
}

/// Values of one key, per group.
pub(crate) struct KeyColumn {
    /// Per group: a position in `cells`, or an entity if there are no cells.
    pub numbers: Vec<u32>,
    /// Values of the numbers.
    pub cells: Option<Arc<Vec<Cell>>>,
}

impl KeyColumn {
    pub fn cell(&self, group: usize) -> Cell {
        let number = self.numbers[group];
        match &self.cells {
            Some(cells) => cells.get(number as usize).cloned().unwrap_or(Cell::Absent),
            None => Cell::Entity(EntityId(number)),
        }
    }
}

/// Results of one aggregate, per group.
#[derive(Clone)]
pub(crate) enum FoldColumn {
    Counts(Vec<Counted>),
    Values(Vec<FoldValue>),
}

/// Numbers of certain, shown and possible members; each includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counted {
    pub certain: u64,
    pub shown: u64,
    pub possible: u64,
}

impl FoldColumn {
    /// Returns the shown result of a group.
    pub fn shown(&self, group: usize) -> Cell {
        match self {
            FoldColumn::Counts(counts) => number(counts[group].shown),
            FoldColumn::Values(values) => values[group].shown.clone(),
        }
    }

    /// Returns the range of possible results, which `having` tests.
    pub fn range(&self, group: usize) -> Cell {
        match self {
            FoldColumn::Counts(counts) => {
                let Counted { certain, possible, .. } = counts[group];
                Cell::Value(super::eval::range(certain as f64, possible as f64))
            }
            FoldColumn::Values(values) => values[group].range.clone(),
        }
    }

    /// Returns how many more members are possible beyond the shown ones; 0 if the aggregate is no count.
    pub fn beyond(&self, group: usize) -> u64 {
        match self {
            FoldColumn::Counts(counts) => counts[group].possible - counts[group].shown,
            FoldColumn::Values(values) => values[group].beyond,
        }
    }

    /// Returns each candidate of `first` or `last`, and whether it is certain; `None` for other aggregates.
    pub fn picks(&self, group: usize) -> Option<&[(Cell, bool)]> {
        match self {
            FoldColumn::Counts(_) => None,
            FoldColumn::Values(values) => values[group].picks.as_deref(),
        }
    }

    /// Returns true if the shown result is certain.
    pub fn is_steady(&self, group: usize) -> bool {
        match self {
            FoldColumn::Counts(counts) => counts[group].certain == counts[group].shown,
            FoldColumn::Values(values) => values[group].is_steady,
        }
    }

    fn retain(&mut self, kept: &[usize]) {
        match self {
            FoldColumn::Counts(counts) => *counts = kept.iter().map(|group| counts[*group]).collect(),
            FoldColumn::Values(values) => {
                // Moves the values instead of cloning their cells.
                let mut taken: Vec<Option<FoldValue>> = std::mem::take(values).into_iter().map(Some).collect();
                *values = kept.iter().filter_map(|group| taken[*group].take()).collect();
            }
        }
    }
}

fn number(number: u64) -> Cell {
    Cell::Value(Value::Number(number as f64))
}

impl Groups {
    pub fn len(&self) -> usize {
        self.sure.len()
    }

    /// Keeps these groups, in this order.
    fn retain(&mut self, kept: &[usize]) {
        self.sure = kept.iter().map(|group| self.sure[*group]).collect();
        self.representatives.select(kept);
        self.keys.iter_mut().for_each(|key| key.numbers = kept.iter().map(|group| key.numbers[*group]).collect());
        self.folds.iter_mut().chain(self.own.iter_mut().flatten()).for_each(|column| column.retain(kept));
    }
}

/// Members of one group, as positions of bindings.
pub(crate) struct Group {
    /// Certainty that the group exists.
    pub there: Certainty,
    /// Sorted ascending.
    pub own: Vec<u32>,
    /// Members of wide groups that may belong to this group.
    pub possible_members: Vec<u32>,
    /// True if there are no keys: the group then exists in every world, even without members.
    pub is_whole: bool,
}

/// Groups the bindings and folds the aggregates over each group.
pub(crate) fn groups(context: &Context, edges: &Edges, aggregate: &Aggregate, found: Bindings) -> Result<Groups, Stop> {
    if let Some(counts) = context.given.and_then(|given| given.groups.as_ref()) {
        return counted(context, edges, aggregate, counts, &found);
    }
    let presences: Result<Vec<Vec<Certainty>>, Stop> = match found.all_certain() {
        true => Ok(Vec::new()),
        false => aggregate.presences.iter().map(|pattern| presence(context, edges, pattern, &found)).collect(),
    };
    let own: Vec<Certainty> = (0..found.len()).map(|i| found.certainty(i)).collect();
    let presences = presences?;
    let sure = |presence: Option<usize>| presence.and_then(|at| presences.get(at)).unwrap_or(&own).as_slice();
    let (groups, keys) = formed(context, &aggregate.keys, &found, sure(aggregate.of_keys));
    limits::check()?;
    let column = |of: &crate::plan::AggregateCall, is_own: bool| {
        fold(context, (&found, sure(of.presence)), (of, &aggregate.keys), &groups, is_own)
    };
    let folds: Vec<FoldColumn> = aggregate.folds.iter().map(|of| column(of, false)).collect();
    let own = aggregate.sums.then(|| aggregate.folds.iter().map(|of| column(of, true)).collect());
    let sure = groups.iter().map(|group| group.there).collect();
    let kept: Vec<Option<u32>> = groups.iter().map(|group| group.own.first().copied()).collect();
    Ok(Groups { representatives: found.picked(&kept), keys, sure, folds, own })
}

/// Returns groups that another engine has counted; `found` are the bindings without any tuple.
fn counted(
    context: &Context,
    edges: &Edges,
    aggregate: &Aggregate,
    counts: &Counts,
    found: &Bindings,
) -> Result<Groups, Stop> {
    let wanted: Vec<VarId> = aggregate.keys.iter().filter_map(Scalar::as_slot).collect();
    let tuples = counts.keys.iter().cloned().zip(counts.sure.iter().copied()).collect();
    let of_keys = Bindings::of_tuples(wanted, found.slots, tuples);
    let sure = match aggregate.pattern_of_keys() {
        _ if aggregate.keys.is_empty() => vec![Certainty::Certain; counts.keys.len()],
        Some(pattern) => presence(context, edges, pattern, &of_keys)?,
        None => (0..of_keys.len()).map(|i| of_keys.certainty(i)).collect(),
    };
    let column = |key: usize| KeyColumn { numbers: counts.keys.iter().map(|keys| keys[key]).collect(), cells: None };
    let keys = (0..aggregate.keys.len()).map(column).collect();
    let folds = counts.folds.iter().map(|counts| FoldColumn::Counts(counts.clone())).collect();
    let kept: Vec<Option<u32>> = (0..counts.keys.len() as u32).map(Some).collect();
    Ok(Groups { representatives: of_keys.picked(&kept), keys, sure, folds, own: None })
}

/// Returns, per binding, how certain its values of the variables of a pattern are: as the best binding of these alone.
fn presence(context: &Context, edges: &Edges, pattern: &Pattern, found: &Bindings) -> Result<Vec<Certainty>, Stop> {
    let alone = bindings::find(context, edges, pattern)?;
    let mut best: FxHashMap<Vec<u32>, Certainty> = FxHashMap::default();
    for (tuple, sure) in alone.iter() {
        let known = best.entry(tuple.to_vec()).or_insert(sure);
        *known = sure.max(*known);
    }
    let places = found.places(&alone.wanted);
    let of_binding = |(tuple, sure): (&[u32], Certainty)| {
        let keys: Vec<u32> = places.iter().map(|place| place.map_or(NULL_SLOT, |place| tuple[place])).collect();
        best.get(&keys).map_or(sure, |best| sure.max(*best))
    };
    Ok(found.iter().map(of_binding).collect())
}

/// Returns the groups in order of their keys. Without keys there is exactly one group, even if there are no bindings.
fn formed(context: &Context, keys: &[Scalar], found: &Bindings, there: &[Certainty]) -> (Vec<Group>, Vec<KeyColumn>) {
    let length = found.len() as u32;
    if keys.is_empty() {
        let (own, possible_members) = ((0..length).collect(), Vec::new());
        return (vec![Group { there: Certainty::Certain, own, possible_members, is_whole: true }], Vec::new());
    }
    let columns: Vec<Dictionary> =
        keys.iter().map(|key| Dictionary::of(context.graph, found, key, Merge::Equivalent)).collect();
    let codes = |i: u32| columns.iter().map(move |column| column.codes[i as usize]);
    let by: Vec<(&[u32], usize)> = columns.iter().map(|column| (&column.codes[..], column.cells.len())).collect();
    let order = order_of(&by, (0..length).collect());
    let mut groups: Vec<Group> = Vec::new();
    for run in order.chunk_by(|a, b| codes(*a).eq(codes(*b))).take_while(in_budget) {
        let there = run.iter().map(|i| there[*i as usize]).max().unwrap_or(Certainty::Possible);
        groups.push(Group { there, own: run.to_vec(), possible_members: Vec::new(), is_whole: false });
    }
    uncertain::assign(context.graph, keys, found, &columns, &mut groups);
    let first = |group: &Group| group.own.first().map_or(0, |i| *i as usize);
    let column = |column: Dictionary| KeyColumn {
        numbers: groups.iter().map(|group| column.codes[first(group)]).collect(),
        cells: Some(Arc::new(column.cells)),
    };
    let keys = columns.into_iter().map(column).collect();
    (groups, keys)
}

/// Drops the groups that fail `having`; updates the certainty of the others.
pub(crate) fn having(context: &Context, condition: &Scalar, groups: &mut Groups) {
    let mut kept = Vec::new();
    let mut frame = groups.representatives.empty_frame();
    for group in (0..groups.len()).take_while(in_budget) {
        groups.representatives.fill(group, &mut frame);
        let range = |of: OfGroup| match of {
            OfGroup::Key(key) => groups.keys[key].cell(group),
            OfGroup::AggregateCall(fold) => groups.folds[fold].range(group),
        };
        let paths = &groups.representatives.paths;
        let scope = Scope { graph: context.graph, paths, frame: &frame, group: &range };
        let outcomes = scope.outcomes(condition);
        let own = groups.sure[group];
        // Possible outcomes: that the group passes, and that it does not.
        groups.sure[group] = match (outcomes.yes, outcomes.no || outcomes.neither) {
            (true, false) => own,
            (true, true) if context.plan.possibly => own.min(Certainty::Shown),
            (true, true) => Certainty::Possible,
            (false, _) => continue,
        };
        kept.push(group);
    }
    groups.retain(&kept);
}

/// Returns an empty set of paths, for scopes without path variables.
pub(crate) fn no_paths() -> IndexSet<Box<[u32]>> {
    IndexSet::new()
}
