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
use crate::value::Value;
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
    let cells = |members: &[usize]| distinct_cells(reader, members, argument, over);
    if matches!(function, FunctionId::First | FunctionId::Last) {
        let picks = candidates(reader.context.graph, *function, &cells(&certain), &cells(&shown), &cells(&all));
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
    let range = between(value(&low), value(&mid), value(&high));
    Fold { shown, range: Cell::Value(range), beyond: high.len() - mid.len(), picks: None, steady }
}

/// Whether cells in order hold this one.
fn holds(sorted: &[Cell], cell: &Cell) -> bool {
    let first = sorted.partition_point(|other| compare_cells(other, cell).is_lt());
    sorted[first..].iter().take_while(|other| compare_cells(other, cell).is_eq()).any(|other| other == cell)
}

/// The argument's cells, one for each distinct tuple of `over`, the unknown ones left out; equal entities and texts
/// once.
fn distinct_cells(reader: &Reader, members: &[usize], argument: &Expr, over: &[VarId]) -> Vec<Cell> {
    let mut tuples: Vec<(Vec<u32>, usize)> =
        members.iter().take_while(in_budget).map(|i| (reader.slots(reader.found.tuple(*i), over), *i)).collect();
    limits::sort_by(&mut tuples, Ord::cmp);
    tuples.dedup_by(|a, b| a.0 == b.0);
    let cell = |(_, i): &(Vec<u32>, usize)| reader.cell(reader.found.tuple(*i), argument);
    let mut cells: Vec<Cell> = tuples.iter().take_while(in_budget).map(cell).filter(is_known).collect();
    limits::sort_by(&mut cells, compare_cells);
    if as_var(argument).is_some() {
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
            Value::Number(total) if !cells.is_empty() => Value::Number(total / cells.len() as f64),
            Value::Range(low, high) if !cells.is_empty() => range(low / cells.len() as f64, high / cells.len() as f64),
            _ => Value::Unknown,
        },
        FunctionId::Min => values().cloned().reduce(|a, b| extreme(a, b, true)).unwrap_or(Value::Unknown),
        FunctionId::Max => values().cloned().reduce(|a, b| extreme(a, b, false)).unwrap_or(Value::Unknown),
        _ => Value::Unknown,
    }
}

fn sum<'v>(values: impl Iterator<Item = &'v Value>) -> Value {
    let (low, high) = values.filter_map(bounds).fold((0.0, 0.0), |sum, value| (sum.0 + value.0, sum.1 + value.1));
    range(low, high)
}

/// The lesser (or greater) of two unknown values: bound by bound.
fn extreme(a: Value, b: Value, least: bool) -> Value {
    let pick = |a: f64, b: f64| if least { a.min(b) } else { a.max(b) };
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
    let ends: Vec<(f64, f64)> = [&low, &mid, &high].into_iter().filter_map(bounds).collect();
    match ends.len() {
        3 => range(
            ends.iter().map(|end| end.0).fold(f64::INFINITY, f64::min),
            ends.iter().map(|end| end.1).fold(f64::NEG_INFINITY, f64::max),
        ),
        _ if low == high => mid,
        _ => Value::Unknown,
    }
}

/// Who may be first (or last): every shown entity that no certain one certainly precedes; certain if it is certain
/// itself and certainly precedes all others that are possible. O(shown + candidates × all).
pub(super) fn candidates(
    graph: &Graph,
    function: FunctionId,
    certain: &[Cell],
    shown: &[Cell],
    all: &[Cell],
) -> Vec<(Cell, bool)> {
    let is_last = function == FunctionId::Last;
    let held = |cell: &Cell| Held::of(graph, cell, is_last);
    let rivals: Vec<(&Cell, Held)> = all.iter().map(|cell| (cell, held(cell))).collect();
    let soonest = [0, 1].map(|i| {
        let mut ends: Vec<(i64, &Cell)> = certain.iter().map(|cell| (held(cell).0[i].1, cell)).collect();
        ends.sort_by_key(|(end, _)| *end);
        ends.truncate(2);
        ends
    });
    let may_be = |cell: &&Cell| {
        let starts = held(cell).0.map(|(start, _)| start);
        let is_behind = |i: usize| soonest[i].iter().any(|(end, other)| other != cell && *end < starts[i]);
        !is_behind(0) && !is_behind(1)
    };
    let surely = |cell: &Cell| {
        let own = held(cell);
        !is_over_after(rivals.len())
            && rivals.iter().all(|(other, held)| *other == cell || own.precedes(*held))
            && certain.contains(cell)
    };
    shown.iter().filter(may_be).map(|cell| (cell.clone(), surely(cell))).collect()
}

/// The days between which an entity is dated, by its settled date, then by its claims: the latest start and the
/// soonest end. Where the sources contradict each other on a date, one of them that puts another entity certainly after
/// this one is enough: a contradiction does not make anybody first.
#[derive(Clone, Copy)]
struct Held([(i64, i64); 2]);

impl Held {
    /// Where `is_last`, as seen from the end of time.
    fn of(graph: &Graph, cell: &Cell, is_last: bool) -> Held {
        let Cell::Entity(entity) = cell else { return Held([(i64::MIN, i64::MAX); 2]) };
        let held = |dates: &[Date]| {
            let days = |date: &Date| (i64::from(date.reach().0), i64::from(date.reach().1));
            let (starts, ends): (Vec<i64>, Vec<i64>) = dates.iter().map(days).unzip();
            let (start, end) = (starts.into_iter().max(), ends.into_iter().min());
            let (start, end) = (start.unwrap_or(i64::MIN), end.unwrap_or(i64::MAX));
            if is_last { (-end, -start) } else { (start, end) }
        };
        Held([held(&[graph.date_of(*entity)]), held(&claimed_dates(graph, *entity))])
    }

    /// Whether its end certainly comes before the other's start, by either reading.
    fn precedes(self, other: Held) -> bool {
        (0..2).any(|i| self.0[i].1 < other.0[i].0)
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
