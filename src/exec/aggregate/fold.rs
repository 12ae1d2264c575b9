//! Aggregates of groups with uncertain members: over the certain, the shown and all possible members.

use super::certain::CertainFolder;
use super::dictionary::{ABSENT_CODE, Dictionary, Merge};
use super::quantile::Quantile;
use super::{Counted, FoldColumn, Group};
use crate::answer::Cell;
use crate::date::Date;
use crate::exec::Context;
use crate::exec::bindings::{Bindings, Certainty};
use crate::exec::eval::{bounds, range};
use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph};
use crate::limits::{self, in_budget, is_over_after};
use crate::plan::{self, Scalar, VarId};
use crate::value::{Number, Sum, Value};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Ordering;

/// Result of an aggregate in one group.
#[derive(Clone)]
pub(crate) struct FoldValue {
    pub shown: Cell,
    /// Range of possible results, which `having` tests.
    pub range: Cell,
    /// For a count: how many more members are possible beyond the shown ones.
    pub beyond: u64,
    /// For `first` and `last`: each candidate, and whether it is certain.
    pub picks: Option<Vec<(Cell, bool)>>,
    /// True if the shown result is certain.
    pub is_steady: bool,
}

/// Returns the aggregate of each group formed by these keys, of bindings with the certainty of the member that each is.
/// If `is_own`, members that may belong to another group are left out.
pub(crate) fn fold(
    context: &Context,
    (found, sure): (&Bindings, &[Certainty]),
    (fold, keys): (&plan::AggregateCall, &[Scalar]),
    groups: &[Group],
    is_own: bool,
) -> FoldColumn {
    let (graph, function) = (context.graph, fold.function);
    let argument = Dictionary::of(graph, found, &fold.argument, Merge::Same);
    let merges = merges(function) && fold.argument.as_slot().is_some();
    // Two bindings of a group differ in some variable that is not a key. If `over` has all of these, each binding
    // counts.
    let differs = |var: &VarId| fold.over.contains(var) || keys.contains(&Scalar::Slot(*var));
    let each_counts = found.wanted.iter().all(differs);
    let over = if each_counts { Vec::new() } else { over_codes(found, &fold.over) };
    let quantile = match fold.percent {
        Some(percent) => Quantile::Percentile(percent),
        None => Quantile::Median,
    };
    if found.all_certain() && groups.iter().all(|group| group.possible_members.is_empty()) {
        let over = (!each_counts).then_some(over.as_slice());
        if let Some(folder) = CertainFolder::new(graph, (function, quantile, merges), &argument, over) {
            return folder.fold(groups);
        }
    }
    let over = if each_counts { (0..found.len() as u32).collect() } else { over };
    let folder = Folder { graph, sure, function, quantile, argument, over, merges };
    let members = |group: &Group| folder.members(group, is_own);
    let groups_in_time = groups.iter().take_while(in_budget);
    match (function, merges) {
        (FunctionId::Count, true) => FoldColumn::Counts(groups_in_time.map(|group| members(group).counted()).collect()),
        _ => FoldColumn::Values(groups_in_time.map(|group| folder.value(group, &members(group))).collect()),
    }
}

/// Returns true if equal values count once. Entities, texts and numbers are counted and listed once, whereas each
/// statement of a number adds to a sum.
fn merges(function: FunctionId) -> bool {
    matches!(function, FunctionId::Count | FunctionId::List | FunctionId::First | FunctionId::Last)
}

/// Returns, per binding, a code for its tuple of these variables.
fn over_codes(found: &Bindings, over: &[VarId]) -> Vec<u32> {
    let places: Vec<Option<usize>> = found.places(over);
    if let [Some(place)] = places.as_slice() {
        return (0..found.len()).map(|i| found.tuple(i)[*place]).collect();
    }
    let mut known: FxHashMap<Vec<u32>, u32> = FxHashMap::default();
    let code = |i: usize| {
        let tuple: Vec<u32> = places.iter().flatten().map(|place| found.tuple(i)[*place]).collect();
        let next = known.len() as u32;
        *known.entry(tuple).or_insert(next)
    };
    (0..found.len()).map(code).collect()
}

struct Folder<'a> {
    graph: &'a Graph,
    /// Per binding: certainty that its member is in the group.
    sure: &'a [Certainty],
    function: FunctionId,
    /// The place that `median` and `percentile` look at.
    quantile: Quantile,
    argument: Dictionary,
    /// Per binding: code of the tuple that counts once.
    over: Vec<u32>,
    /// True if equal values count once.
    merges: bool,
}

/// Codes of the known values of a group with their certainty, sorted ascending; one per tuple that counts.
struct Members(Vec<(u32, Certainty)>);

impl Members {
    fn at_least(&self, least: Certainty) -> impl Iterator<Item = u32> {
        self.0.iter().filter(move |(_, sure)| *sure >= least).map(|(code, _)| *code)
    }

    fn counted(&self) -> Counted {
        let number = |least: Certainty| self.at_least(least).count() as u64;
        Counted {
            certain: number(Certainty::Certain),
            shown: number(Certainty::Shown),
            possible: number(Certainty::Possible),
        }
    }
}

impl Folder<'_> {
    fn members(&self, group: &Group, is_own: bool) -> Members {
        let own = group.own.iter().map(|i| (*i, self.sure[*i as usize]));
        let possible_members = group.possible_members.iter().filter(|_| !is_own).map(|i| (*i, Certainty::Possible));
        let known = |(i, _): &(u32, Certainty)| {
            self.argument.cells.get(self.argument.codes[*i as usize] as usize).is_some_and(is_known)
        };
        let coded = |(i, sure): (u32, Certainty)| (self.over[i as usize], self.argument.codes[i as usize], sure);
        let mut tuples: Vec<(u32, u32, Certainty)> = own.chain(possible_members).filter(known).map(coded).collect();
        // Sorted by descending certainty within a tuple, so that `dedup` keeps the surest; the same for equal values
        // below.
        limits::sort_unstable_by(&mut tuples, |a, b| (a.0, b.2).cmp(&(b.0, a.2)));
        tuples.dedup_by_key(|(over, ..)| *over);
        let mut codes: Vec<(u32, Certainty)> = tuples.into_iter().map(|(_, code, sure)| (code, sure)).collect();
        limits::sort_unstable_by(&mut codes, |a, b| (a.0, b.1).cmp(&(b.0, a.1)));
        if self.merges {
            codes.dedup_by_key(|(code, _)| *code);
        }
        Members(codes)
    }

    fn cells(&self, codes: impl Iterator<Item = u32>) -> Vec<Cell> {
        codes.map(|code| self.argument.cells[code as usize].clone()).collect()
    }

    fn value(&self, group: &Group, members: &Members) -> FoldValue {
        let cells = |least: Certainty| self.cells(members.at_least(least));
        if matches!(self.function, FunctionId::First | FunctionId::Last) {
            let all = cells(Certainty::Possible);
            let (certain, shown) = (cells(Certainty::Certain), cells(Certainty::Shown));
            let mut picks = candidates(self.graph, self.function, &certain, &shown, &all);
            if self.may_lack_members(group) {
                picks.push((Cell::Value(Value::Unknown), all.is_empty()));
            }
            let list = Cell::List(picks.clone());
            return FoldValue { shown: list.clone(), range: list, beyond: 0, picks: Some(picks), is_steady: true };
        }
        let (low, mid, high) = (cells(Certainty::Certain), cells(Certainty::Shown), cells(Certainty::Possible));
        let value = |cells: &[Cell]| self.aggregate(cells);
        let shown = match self.function {
            FunctionId::List => self.list(members),
            _ => Cell::Value(value(&mid)),
        };
        let is_count = self.function == FunctionId::Count;
        let is_steady = low.len() == mid.len() && (is_count || mid.len() == high.len());
        // A minimum, maximum or mean of nothing has no value to compare: it is absent if all members are.
        let is_number = is_count || self.function == FunctionId::Sum;
        let mut all = group.own.iter().chain(&group.possible_members);
        let range = match is_number || all.any(|i| !self.is_absent(*i)) {
            true => Cell::Value(self.range(group, members)),
            false => Cell::Absent,
        };
        FoldValue { shown, range, beyond: (high.len() - mid.len()) as u64, picks: None, is_steady }
    }

    /// Returns the range of the aggregate over the certain members and any subset of the others. Unknown if there may
    /// be no member, or none with a known value.
    fn range(&self, group: &Group, members: &Members) -> Value {
        let sure = self.cells(members.at_least(Certainty::Certain));
        let all = self.cells(members.at_least(Certainty::Possible));
        let is_unknown =
            |i: &u32| self.argument.cells.get(self.argument.codes[*i as usize] as usize).is_some_and(|c| !is_known(c));
        let others = members.0.iter().filter(|(_, sure)| *sure < Certainty::Certain).map(|(code, _)| *code);
        match self.function {
            FunctionId::Count => between(aggregate(self.function, &sure), aggregate(self.function, &all)),
            _ if sure.len() == all.len() => self.aggregate(&all),
            FunctionId::Sum => sum_range(&sure, &self.cells(others)),
            _ if sure.is_empty() && self.may_lack_members(group) => Value::Unknown,
            _ if sure.is_empty() && group.own.iter().chain(&group.possible_members).any(is_unknown) => Value::Unknown,
            FunctionId::Avg => mean_range(&sure, &self.cells(others)),
            FunctionId::Median | FunctionId::Percentile => self.quantile.range(&sure, &self.cells(others)),
            _ => extreme_range(self.function, &sure, &all),
        }
    }

    /// Folds known cells, sorted.
    fn aggregate(&self, cells: &[Cell]) -> Value {
        match self.function {
            FunctionId::Median | FunctionId::Percentile => self.quantile.of(cells),
            function => aggregate(function, cells),
        }
    }

    /// Returns the shown values; each is certain if an equal value is.
    fn list(&self, members: &Members) -> Cell {
        let certain: Vec<u32> = members.at_least(Certainty::Certain).collect();
        let listed = |code: u32| (self.argument.cells[code as usize].clone(), certain.binary_search(&code).is_ok());
        Cell::List(members.at_least(Certainty::Shown).map(listed).collect())
    }

    fn is_absent(&self, i: u32) -> bool {
        self.argument.codes[i as usize] == ABSENT_CODE
    }

    /// Returns true if in some world an existing group has no member: all its bindings may be missing, or lack what the
    /// argument reads.
    fn may_lack_members(&self, group: &Group) -> bool {
        let may_lack = |i: &u32| self.sure[*i as usize] < Certainty::Certain || self.is_absent(*i);
        group.own.iter().all(may_lack) && (group.is_whole || group.own.iter().any(|i| self.is_absent(*i)))
    }
}

pub(crate) fn is_known(cell: &Cell) -> bool {
    match cell {
        Cell::Absent | Cell::Value(Value::Unknown) => false,
        Cell::Value(Value::Date(date)) => !date.is_undated(),
        _ => true,
    }
}

/// Folds known cells, sorted. Of no cells, a count and a sum are 0, other aggregates are unknown.
pub(super) fn aggregate(function: FunctionId, cells: &[Cell]) -> Value {
    let values = || cells.iter().filter_map(|cell| if let Cell::Value(value) = cell { Some(value) } else { None });
    match function {
        FunctionId::Count => {
            let mut distinct = cells.to_vec();
            distinct.dedup();
            Value::Number(distinct.len() as f64)
        }
        FunctionId::Sum => sum(values()),
        FunctionId::Avg => match sum(values()) {
            _ if cells.is_empty() => Value::Unknown,
            total => bounds(&total).map_or(Value::Unknown, |(low, high)| {
                let number = Number::from(cells.len() as f64);
                range(low / number, high / number)
            }),
        },
        FunctionId::Min => values().cloned().reduce(|a, b| extreme(a, b, true)).unwrap_or(Value::Unknown),
        FunctionId::Max => values().cloned().reduce(|a, b| extreme(a, b, false)).unwrap_or(Value::Unknown),
        _ => Value::Unknown,
    }
}

fn sum<'v>(values: impl Iterator<Item = &'v Value>) -> Value {
    let (mut low, mut high) = (Sum::default(), Sum::default());
    for value in values.filter_map(bounds) {
        low.add(value.0);
        high.add(value.1);
    }
    range(low.total(), high.total())
}

/// Returns the date that may be any day from the first to the last, both included; in the notation of one of these dates if
/// it reaches from the same day to the same day.
pub(super) fn date_that_reaches(dates: &[Date], days: (i32, i32)) -> Value {
    let same = dates.iter().find(|date| date.reach() == days).copied();
    same.or_else(|| Date::between(days.0, days.1)).map_or(Value::Unknown, Value::Date)
}

/// Returns the lesser (or greater) of two unknown values, computed bound by bound.
fn extreme(a: Value, b: Value, least: bool) -> Value {
    let pick = |a: Number, b: Number| if least { a.min(b) } else { a.max(b) };
    match (&a, &b) {
        (Value::Date(x), Value::Date(y)) => {
            let day = |a: i32, b: i32| if least { a.min(b) } else { a.max(b) };
            let (a, b) = (x.reach(), y.reach());
            date_that_reaches(&[*x, *y], (day(a.0, b.0), day(a.1, b.1)))
        }
        (Value::Text(x), Value::Text(y)) => {
            let first = crate::value::natural(x, y) == Ordering::Less;
            if first == least { a } else { b }
        }
        _ => match bounds(&a).zip(bounds(&b)) {
            Some((x, y)) => range(pick(x.0, y.0), pick(x.1, y.1)),
            None => a,
        },
    }
}

/// Returns the range that spans both numbers or ranges.
fn between(low: Value, high: Value) -> Value {
    let ends = bounds(&low).zip(bounds(&high));
    ends.map_or(Value::Unknown, |(low, high)| range(low.0.min(high.0), low.1.max(high.1)))
}

fn ends(cells: &[Cell]) -> impl Iterator<Item = (Number, Number)> {
    cells.iter().filter_map(|cell| if let Cell::Value(value) = cell { bounds(value) } else { None })
}

/// Returns the range of the sum of the certain numbers and any subset of the others.
fn sum_range(sure: &[Cell], others: &[Cell]) -> Value {
    let (mut low, mut high) = (Sum::default(), Sum::default());
    // Another number may be missing, so it lowers or raises the sum or leaves it as it is.
    let some = ends(others).map(|(low, high)| (low.min(Number::ZERO), high.max(Number::ZERO)));
    for (least, greatest) in ends(sure).chain(some) {
        low.add(least);
        high.add(greatest);
    }
    range(low.total(), high.total())
}

/// Returns the range of the mean of the certain numbers and any subset of the others, which is not empty if there are
/// no certain ones.
fn mean_range(sure: &[Cell], others: &[Cell]) -> Value {
    let of = |cells: &[Cell], end: fn((Number, Number)) -> f64| ends(cells).map(end).collect::<Vec<f64>>();
    let least = |end: fn((Number, Number)) -> f64| least_mean(&of(sure, end), of(others, end));
    // The greatest mean is the negated least mean of the negated numbers.
    range(least(|end| end.0.to_f64()), -least(|end| -end.1.to_f64()))
}

/// Returns the least mean of the certain numbers and any subset of the others: ascending, each number is added as long
/// as it lowers the mean.
fn least_mean(sure: &[f64], mut others: Vec<f64>) -> f64 {
    others.sort_by(f64::total_cmp);
    let (mut sum, mut count) = (sure.iter().sum::<f64>(), sure.len() as f64);
    for other in others {
        if count == 0.0 || other < sum / count {
            sum += other;
            count += 1.0;
        }
    }
    sum / count
}

/// Returns the range of the minimum (or maximum) of the certain values and any subset of the others: between the
/// extreme of all and that of the certain values. Without certain values each value may be the only one.
fn extreme_range(function: FunctionId, sure: &[Cell], all: &[Cell]) -> Value {
    let other = if function == FunctionId::Min { FunctionId::Max } else { FunctionId::Min };
    let (one, two) = match sure.is_empty() {
        true => (aggregate(function, all), aggregate(other, all)),
        false => (aggregate(function, all), aggregate(function, sure)),
    };
    match (&one, &two) {
        _ if one == two => one,
        (Value::Date(a), Value::Date(b)) => {
            let (a, b) = (a.reach(), b.reach());
            Date::between(a.0.min(b.0), a.1.max(b.1)).map_or(Value::Unknown, Value::Date)
        }
        _ => between(one, two),
    }
}

/// Returns the shown entities that may be first (or last): those that no certain entity precedes. A candidate is
/// certain if it is itself certain and precedes all other possible entities. O(all × log all), plus O(shown + certain)
/// for each entity on whose date sources contradict each other.
pub(crate) fn candidates(
    graph: &Graph,
    function: FunctionId,
    certain: &[Cell],
    shown: &[Cell],
    all: &[Cell],
) -> Vec<(Cell, bool)> {
    let is_last = function == FunctionId::Last;
    let rivals: Vec<Dated> = all.iter().take_while(in_budget).map(|cell| Dated::of(graph, cell, is_last)).collect();
    // Nearly all shown and certain cells are among `all`.
    let known: FxHashMap<EntityId, Dated> =
        all.iter().zip(&rivals).filter_map(|(cell, dated)| Some((entity_of(cell)?, *dated))).collect();
    let dated = |cell: &Cell| {
        let known = entity_of(cell).and_then(|entity| known.get(&entity));
        known.copied().unwrap_or_else(|| Dated::of(graph, cell, is_last))
    };
    let sure: Vec<(&Cell, Dated)> = certain.iter().take_while(in_budget).map(|cell| (cell, dated(cell))).collect();
    // Two certain entities with the earliest ends: at least one of them is not the cell itself.
    let mut soonest: Vec<(i64, &Cell)> = sure.iter().map(|(cell, dated)| (dated.settled.end, *cell)).collect();
    soonest.sort_by_key(|(end, _)| *end);
    soonest.truncate(2);
    let contradicted: Vec<&(&Cell, Dated)> = sure.iter().filter(|(_, dated)| dated.is_contradicted()).collect();
    // The same for the two possible entities that begin first.
    let mut first_starts: Vec<(i64, &Cell)> =
        all.iter().zip(&rivals).map(|(cell, own)| (own.settled.start, cell)).collect();
    first_starts.sort_by_key(|(start, _)| *start);
    first_starts.truncate(2);
    let is_certain = certain_cells(certain);
    let mut found = Vec::new();
    for cell in shown.iter().take_while(in_budget) {
        let own = dated(cell);
        let excludes = |(other, dated): &(&Cell, Dated)| *other != cell && dated.excludes(own);
        let is_excluded = soonest.iter().any(|(end, other)| *other != cell && *end < own.settled.start)
            || contradicted.iter().any(|other| excludes(other))
            || (own.is_contradicted() && sure.iter().any(excludes));
        if is_excluded {
            continue;
        }
        is_over_after(1);
        let is_first = first_starts.iter().all(|(start, other)| *other == cell || own.settled.end < *start);
        found.push((cell.clone(), is_first && is_certain(cell)));
    }
    found
}

/// Returns a test whether a cell is among these, in O(1) for entities.
fn certain_cells(certain: &[Cell]) -> impl Fn(&Cell) -> bool {
    let entities: FxHashSet<EntityId> = certain.iter().filter_map(entity_of).collect();
    move |cell: &Cell| entity_of(cell).map_or_else(|| certain.contains(cell), |entity| entities.contains(&entity))
}

fn entity_of(cell: &Cell) -> Option<EntityId> {
    if let Cell::Entity(entity) = cell { Some(*entity) } else { None }
}

/// Range of days of an entity. Its end may lie before its start if claims contradict each other.
#[derive(Clone, Copy)]
struct Days {
    start: i64,
    end: i64,
}

impl Days {
    /// Returns the latest start and the earliest end; if `is_last`, with time reversed, so that `last` is computed like
    /// `first`.
    fn of(dates: &[Date], is_last: bool) -> Days {
        let reach = |date: &Date| (i64::from(date.reach().0), i64::from(date.reach().1));
        let start = dates.iter().map(|date| reach(date).0).max().unwrap_or(i64::MIN);
        let end = dates.iter().map(|date| reach(date).1).min().unwrap_or(i64::MAX);
        if is_last { Days { start: -end, end: -start } } else { Days { start, end } }
    }

    fn precedes(self, other: Days) -> bool {
        self.end < other.start
    }
}

/// Dates of an entity: the settled date, which spans all contradicting sources, and the intersection of its claims.
#[derive(Clone, Copy)]
struct Dated {
    settled: Days,
    claimed: Days,
}

impl Dated {
    fn of(graph: &Graph, cell: &Cell, is_last: bool) -> Dated {
        let any = Days { start: i64::MIN, end: i64::MAX };
        let Cell::Entity(entity) = cell else { return Dated { settled: any, claimed: any } };
        let settled = Days::of(&[graph.date_of(*entity)], is_last);
        // A single stated date cannot be contradicted.
        let stated =
            graph.dating(graph.type_of(*entity)).map_or(0, |property| graph.values(property).span(*entity).len());
        let claimed = if stated < 2 { settled } else { Days::of(&claimed_dates(graph, *entity), is_last) };
        Dated { settled, claimed }
    }

    /// Returns true if no day satisfies all claims.
    fn is_contradicted(self) -> bool {
        self.claimed.end < self.claimed.start
    }

    /// Returns true if the other entity cannot be first beside this one. If sources contradict each other on a date,
    /// one claim that puts the other after this one is enough, unless another claim puts it before this one, since then
    /// either may be first.
    fn excludes(self, other: Dated) -> bool {
        self.settled.precedes(other.settled)
            || (self.claimed.precedes(other.claimed) && !other.claimed.precedes(self.claimed))
    }
}

/// Returns the dates that an entity may have: all claimed ones if they contradict each other, otherwise the settled
/// one.
fn claimed_dates(graph: &Graph, entity: EntityId) -> Vec<Date> {
    let Some(property) = graph.dating(graph.type_of(entity)) else { return vec![Date::UNDATED] };
    let values = graph.values(property);
    let stated: Vec<Date> = values
        .span(entity)
        .filter(|i| !graph.is_doubtful(values.fact(*i)))
        .filter_map(|i| if let Value::Date(date) = values.stated.get(i) { Some(date) } else { None })
        .collect();
    let common = stated.iter().try_fold(Date::UNDATED, |common, date| common.intersect(*date));
    if common.is_some() { vec![graph.date(entity, property)] } else { stated }
}
