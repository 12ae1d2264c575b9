//! What an aggregate comes to over the matches of a group: folded over the certain, the shown and all of them.

use super::eval::{bounds, range};
use super::group::{Group, Reader};
use super::matches::Sureness;
use super::rows::{as_var, compare_cells};
use crate::answer::Cell;
use crate::check::typed::{Expr, ExprKind, VarId};
use crate::date::Date;
use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph};
use crate::limits::{self, in_budget, is_over_after};
use crate::value::{Number, Sum, Value};
use std::cmp::Ordering;

/// An aggregate of one group.
pub(super) struct Fold {
    pub shown: Cell,
    /// What it may be: what `having` looks at.
    pub range: Cell,
    /// Of a count: how many more are possible.
    pub beyond: usize,
    /// Of `first` and `last`: each candidate, and whether it is certain.
    pub picks: Option<Vec<(Cell, bool)>>,
    /// What is shown holds for certain.
    pub steady: bool,
}

impl Fold {
    /// A count that is certain.
    pub fn exact(count: u64) -> Fold {
        let cell = Cell::Value(Value::Number(count as f64));
        Fold { shown: cell.clone(), range: cell, beyond: 0, picks: None, steady: true }
    }
}

/// An aggregate of a group's matches.
pub(super) fn fold(reader: &Reader, group: &Group, expr: &Expr) -> Fold {
    let ExprKind::Aggregate { function, argument, over } = &expr.kind else {
        return Fold { shown: Cell::Absent, range: Cell::Absent, beyond: 0, picks: None, steady: true };
    };
    let members = |least: Sureness| -> Vec<usize> {
        group.own.iter().copied().filter(|i| reader.found.sureness(*i) >= least).collect()
    };
    let (certain, shown) = (members(Sureness::Certain), members(Sureness::Shown));
    let all: Vec<usize> = group.own.iter().chain(&group.touching).copied().collect();
    // Entities, texts and numbers are counted and listed once; each statement of a number adds to a sum.
    let merges = matches!(function, FunctionId::Count | FunctionId::List | FunctionId::First | FunctionId::Last);
    let cells = |members: &[usize]| distinct_cells(reader, members, (argument, over), merges);
    if matches!(function, FunctionId::First | FunctionId::Last) {
        let all = cells(&all);
        let mut picks = candidates(reader.context.graph, *function, &cells(&certain), &cells(&shown), &all);
        if may_lack_members(reader, group, argument) {
            picks.push((Cell::Value(Value::Unknown), all.is_empty()));
        }
        let list = Cell::List(picks.clone());
        return Fold { shown: list.clone(), range: list, beyond: 0, picks: Some(picks), steady: true };
    }
    let (low, mid, high) = (cells(&certain), cells(&shown), cells(&all));
    let value = |cells: &[Cell]| aggregate(*function, cells);
    let shown = match function {
        FunctionId::List => Cell::List(mid.iter().map(|cell| (cell.clone(), holds(&low, cell))).collect()),
        _ => Cell::Value(value(&mid)),
    };
    let steady = low.len() == mid.len() && (*function == FunctionId::Count || mid.len() == high.len());
    // Of nothing there is no least value to compare: as absent as its members.
    let is_number = matches!(function, FunctionId::Count | FunctionId::Sum);
    let is_present = |i: &usize| reader.cell(reader.found.tuple(*i), argument) != Cell::Absent;
    let range = match is_number || all.iter().any(is_present) {
        true => Cell::Value(between(value(&low), value(&mid), value(&high))),
        false => Cell::Absent,
    };
    Fold { shown, range, beyond: high.len() - mid.len(), picks: None, steady }
}

/// Whether cells in order hold this one.
fn holds(sorted: &[Cell], cell: &Cell) -> bool {
    let first = sorted.partition_point(|other| compare_cells(other, cell).is_lt());
    sorted[first..].iter().take_while(|other| compare_cells(other, cell).is_eq()).any(|other| other == cell)
}

/// The argument's cells, one for each distinct tuple of `over`, the unknown ones left out; where `merges`, equal values of
/// a variable once.
fn distinct_cells(reader: &Reader, members: &[usize], (argument, over): (&Expr, &[VarId]), merges: bool) -> Vec<Cell> {
    let mut tuples: Vec<(Vec<u32>, usize)> =
        members.iter().take_while(in_budget).map(|i| (reader.slots(reader.found.tuple(*i), over), *i)).collect();
    limits::sort_by(&mut tuples, Ord::cmp);
    tuples.dedup_by(|a, b| a.0 == b.0);
    let cell = |(_, i): &(Vec<u32>, usize)| reader.cell(reader.found.tuple(*i), argument);
    let mut cells: Vec<Cell> = tuples.iter().take_while(in_budget).map(cell).filter(is_known).collect();
    limits::sort_by(&mut cells, compare_cells);
    if merges && as_var(argument).is_some() {
        cells.dedup();
    }
    cells
}

pub(super) fn is_known(cell: &Cell) -> bool {
    match cell {
        Cell::Absent | Cell::Value(Value::Unknown) => false,
        Cell::Value(Value::Date(date)) => !date.is_undated(),
        _ => true,
    }
}

/// Folds known cells; of nothing, a count and a sum are 0 and the rest unknown.
fn aggregate(function: FunctionId, cells: &[Cell]) -> Value {
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

/// The lesser (or greater) of two unknown values: bound by bound.
fn extreme(a: Value, b: Value, least: bool) -> Value {
    let pick = |a: Number, b: Number| if least { a.min(b) } else { a.max(b) };
    match (&a, &b) {
        (Value::Date(x), Value::Date(y)) => {
            let day = |a: i32, b: i32| if least { a.min(b) } else { a.max(b) };
            let date = Date::between(day(x.earliest(), y.earliest()), day(x.latest(), y.latest()));
            match date {
                Some(date) if date.bounds() == x.bounds() => Value::Date(*x),
                Some(date) if date.bounds() == y.bounds() => Value::Date(*y),
                date => date.map_or(Value::Unknown, Value::Date),
            }
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

/// What an aggregate may be, given what it is over the certain, the shown and all matches.
fn between(low: Value, mid: Value, high: Value) -> Value {
    let ends: Vec<(Number, Number)> = [&low, &mid, &high].into_iter().filter_map(bounds).collect();
    match ends.len() {
        3 => range(
            ends.iter().map(|end| end.0).fold(Number::Float(f64::INFINITY), Number::min),
            ends.iter().map(|end| end.1).fold(Number::Float(f64::NEG_INFINITY), Number::max),
        ),
        _ if low == high => mid,
        _ => Value::Unknown,
    }
}

/// Who may be first (or last): every shown entity that no certain one precedes; certain if it is certain itself and
/// certainly precedes all others that are possible. O(shown + candidates × all), and as much again for each entity on whose
/// date the sources contradict each other.
pub(super) fn candidates(
    graph: &Graph,
    function: FunctionId,
    certain: &[Cell],
    shown: &[Cell],
    all: &[Cell],
) -> Vec<(Cell, bool)> {
    let is_last = function == FunctionId::Last;
    let dated = |cells: &[Cell]| -> Vec<Dated> {
        cells.iter().take_while(in_budget).map(|cell| Dated::of(graph, cell, is_last)).collect()
    };
    let rivals = dated(all);
    let sure: Vec<(&Cell, Dated)> = certain.iter().zip(dated(certain)).collect();
    // Of the two that end first, one is another than the cell.
    let mut soonest: Vec<(i64, &Cell)> = sure.iter().map(|(cell, dated)| (dated.settled.end, *cell)).collect();
    soonest.sort_by_key(|(end, _)| *end);
    soonest.truncate(2);
    let contradicted: Vec<&(&Cell, Dated)> = sure.iter().filter(|(_, dated)| dated.is_contradicted()).collect();
    let mut found = Vec::new();
    for cell in shown.iter().take_while(in_budget) {
        let own = Dated::of(graph, cell, is_last);
        let excludes = |(other, dated): &(&Cell, Dated)| *other != cell && dated.excludes(own);
        let is_excluded = soonest.iter().any(|(end, other)| *other != cell && *end < own.settled.start)
            || contradicted.iter().any(|other| excludes(other))
            || (own.is_contradicted() && sure.iter().any(excludes));
        if is_excluded {
            continue;
        }
        is_over_after(rivals.len());
        let is_first = |(other, dated): (&Cell, &Dated)| other == cell || own.settled.precedes(dated.settled);
        found.push((cell.clone(), certain.contains(cell) && all.iter().zip(&rivals).all(is_first)));
    }
    found
}

/// Returns true if in some world a group that is there has no member: its matches may all be missing, or lack what the
/// argument reads.
fn may_lack_members(reader: &Reader, group: &Group, argument: &Expr) -> bool {
    let is_absent = |i: &usize| reader.cell(reader.found.tuple(*i), argument) == Cell::Absent;
    let may_lack = |i: &usize| reader.found.sureness(*i) < Sureness::Certain || is_absent(i);
    group.own.iter().all(may_lack) && (group.is_whole() || group.own.iter().any(is_absent))
}

/// The days between which something lies: it may be that the end comes before the start, of claims that contradict each
/// other.
#[derive(Clone, Copy)]
struct Days {
    start: i64,
    end: i64,
}

impl Days {
    /// The latest start and the soonest end; where `is_last`, as seen from the end of time.
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

/// When an entity is dated: by its settled date, which spans what its sources contradict each other on, and by its claims.
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
        Dated { settled, claimed: Days::of(&claimed_dates(graph, *entity), is_last) }
    }

    /// Returns true if no day is within all claims.
    fn is_contradicted(self) -> bool {
        self.claimed.end < self.claimed.start
    }

    /// Returns true if the other cannot be the first beside this one. Where the sources contradict each other on a date, one
    /// that puts the other certainly after this one is enough; but not if another puts it certainly before this one, since
    /// then either may be first.
    fn excludes(self, other: Dated) -> bool {
        self.settled.precedes(other.settled)
            || (self.claimed.precedes(other.claimed) && !other.claimed.precedes(self.claimed))
    }
}

/// The dates that an entity may be held to: each claimed one where they contradict each other, else the settled one.
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
