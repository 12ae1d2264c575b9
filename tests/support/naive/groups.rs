//! Groups and aggregates. The reading of their rules stands at the head of [`super::rows`].

use super::Slot;
use super::expr::{bounds, compare, is_unknown, number};
use super::rows::{Draft, Grade, Match, Reader, one, order_cells};
use begat::answer::Cell;
use begat::check::typed::{CompareOp, Expr, ExprKind, VarId};
use begat::date::Date;
use begat::functions::FunctionId;
use begat::graph::{EntityId, Graph};
use begat::value::{Truth, Value, natural};

/// The matches of equal keys.
struct Group {
    keys: Vec<Cell>,
    own: Vec<Match>,
    /// Matches of wide groups that may belong here.
    touching: Vec<Match>,
}

/// The rows of a select with groups.
pub fn grouped(reader: Reader, keys: &[Expr], found: &[Match]) -> Vec<Draft> {
    let mut groups: Vec<Group> = Vec::new();
    for m in found {
        let key: Vec<Cell> = keys.iter().map(|key| one(reader, key, &m.binding)).collect();
        match groups.iter_mut().find(|group| group.keys == key) {
            Some(group) => group.own.push(m.clone()),
            None => groups.push(Group { keys: key, own: vec![m.clone()], touching: Vec::new() }),
        }
    }
    if keys.is_empty() && groups.is_empty() {
        groups.push(Group { keys: Vec::new(), own: Vec::new(), touching: Vec::new() });
    }
    for group in &mut groups {
        group.touching = found.iter().filter(|m| touches(reader, keys, group, m)).cloned().collect();
    }
    groups.iter().flat_map(|group| group_rows(reader, group)).collect()
}

/// Whether a match of a wide period may belong to a group of one period. Keys that are no periods must be equal.
fn touches(reader: Reader, keys: &[Expr], group: &Group, m: &Match) -> bool {
    let own: Vec<Cell> = keys.iter().map(|key| one(reader, key, &m.binding)).collect();
    let mut is_wider = false;
    let fits = keys.iter().enumerate().all(|(i, key)| {
        let (Some(date), Some(first)) = (period_date(reader, key, m), group.own.first()) else {
            return own[i] == group.keys[i];
        };
        is_wider |= own[i] != group.keys[i];
        let within = period_date(reader, key, first).and_then(|within| period_of(key, within));
        !date.is_undated() && within.is_some_and(|within| date.in_(within).is_possible())
    });
    fits && is_wider
}

/// The date inside `year(…)`, `quarter(…)`, `month(…)`.
fn period_date(reader: Reader, key: &Expr, m: &Match) -> Option<Date> {
    let ExprKind::Call(FunctionId::Year | FunctionId::Quarter | FunctionId::Month, arguments) = &key.kind else {
        return None;
    };
    match one(reader, arguments.first()?, &m.binding) {
        Cell::Value(Value::Date(date)) => Some(date),
        _ => None,
    }
}

/// The one period that a date certainly falls in.
fn period_of(key: &Expr, date: Date) -> Option<Date> {
    let ExprKind::Call(function, _) = &key.kind else { return None };
    match function {
        FunctionId::Year => date.year_of().and_then(Date::year),
        FunctionId::Quarter => date.quarter_of().and_then(|(year, quarter)| Date::quarter(year, quarter)),
        _ => date.month_of().and_then(|(year, month)| Date::month(year, month)),
    }
}

/// The rows of one group: one, or one for each choice of `first` and `last`.
fn group_rows(reader: Reader, group: &Group) -> Vec<Draft> {
    let Reader { select, .. } = reader;
    let mut grade = group.own.iter().map(|m| m.grade).max().unwrap_or(Grade::Certain);
    if let Some(having) = &select.having {
        match fold(reader, group, having, &mut |aggregate| range(reader, group, aggregate)) {
            Cell::Value(Value::Truth(Truth::Yes)) => {}
            Cell::Value(Value::Truth(Truth::No)) => return Vec::new(),
            _ if reader.query.possibly => grade = grade.min(Grade::Shown),
            _ => grade = Grade::Possible,
        }
    }
    let exprs = select.columns.iter().map(|column| &column.expr).chain(select.order.iter().map(|key| &key.expr));
    let mut aggregates = Vec::new();
    exprs.chain(&select.having).for_each(|expr| each_aggregate(expr, &mut aggregates));
    let steady = aggregates.iter().all(|aggregate| is_steady(reader, group, aggregate));
    let beyond = aggregates.iter().find(|aggregate| aggregate.0 == FunctionId::Count).map(|a| beyond(reader, group, a));
    let mut drafts = Vec::new();
    for choice in choices(reader, group) {
        let certain = steady && grade == Grade::Certain && choice.iter().all(|(_, _, sure)| *sure);
        let mut value = |aggregate: Aggregate| match choice.iter().find(|(expr, ..)| aggregate.is(expr)) {
            Some((_, cell, _)) => cell.clone(),
            None => shown(reader, group, aggregate),
        };
        let cells = select.columns.iter().map(|column| fold(reader, group, &column.expr, &mut value)).collect();
        let keys = select.order.iter().map(|key| fold(reader, group, &key.expr, &mut value)).collect();
        drafts.push(Draft { cells, keys, grade, certain, beyond });
    }
    drafts
}

/// An aggregate of the query: function, argument, variables.
#[derive(Debug, Clone, Copy)]
struct Aggregate<'e>(FunctionId, &'e Expr, &'e [VarId]);

impl Aggregate<'_> {
    fn is(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Aggregate { function, argument, .. } if *function == self.0 && **argument == *self.1)
    }
}

fn each_aggregate<'e>(expr: &'e Expr, found: &mut Vec<Aggregate<'e>>) {
    match &expr.kind {
        ExprKind::Aggregate { function, argument, over } => found.push(Aggregate(*function, argument, over)),
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => {
            all.iter().for_each(|inner| each_aggregate(inner, found));
        }
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) => each_aggregate(e, found),
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => {
            each_aggregate(a, found);
            each_aggregate(b, found);
        }
        _ => {}
    }
}

/// An expression of a group: its aggregates as `value` has them, the rest as the keys have it.
fn fold(reader: Reader, group: &Group, expr: &Expr, value: &mut dyn FnMut(Aggregate) -> Cell) -> Cell {
    let absent = vec![Slot::Absent; reader.query.vars.len()];
    let binding = group.own.first().map_or(&absent, |m| &m.binding);
    match replace_aggregates(expr, value) {
        Folded::Cell(cell) => cell,
        Folded::Expr(expr) => one(reader, &expr, binding),
    }
}

enum Folded {
    Cell(Cell),
    Expr(Expr),
}

/// Puts the value of each aggregate in its place. One that is no plain value can only stand alone.
fn replace_aggregates(expr: &Expr, value: &mut dyn FnMut(Aggregate) -> Cell) -> Folded {
    if let ExprKind::Aggregate { function, argument, over } = &expr.kind {
        return Folded::Cell(value(Aggregate(*function, argument, over)));
    }
    let mut copy = expr.clone();
    let mut inside = |e: &mut Expr| {
        if let Folded::Expr(new) = as_expr(replace_aggregates(e, value), e) {
            *e = new;
        }
    };
    match &mut copy.kind {
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => all.iter_mut().for_each(inside),
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) => inside(e),
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => {
            inside(a);
            inside(b);
        }
        _ => {}
    }
    Folded::Expr(copy)
}

fn as_expr(folded: Folded, like: &Expr) -> Folded {
    let kind = match folded {
        Folded::Expr(expr) => return Folded::Expr(expr),
        Folded::Cell(Cell::Value(value)) => ExprKind::Value(value),
        Folded::Cell(Cell::Entity(entity)) => ExprKind::Entity(entity),
        Folded::Cell(_) => ExprKind::Value(Value::Unknown),
    };
    Folded::Expr(Expr { kind, ..like.clone() })
}

/// The known values of an aggregate's argument over the matches of a grade or better, one for each distinct tuple of
/// its variables; `all` takes in what touches the group as well.
fn cells(reader: Reader, group: &Group, aggregate: &Aggregate, least: Grade) -> Vec<Cell> {
    let touching: &[Match] = if least == Grade::Possible { &group.touching } else { &[] };
    let members = group.own.iter().filter(|m| m.grade >= least).chain(touching);
    let mut seen: Vec<Vec<Slot>> = Vec::new();
    let mut cells = Vec::new();
    for m in members {
        let tuple: Vec<Slot> = aggregate.2.iter().map(|var| m.binding[var.0 as usize].clone()).collect();
        if !seen.contains(&tuple) {
            seen.push(tuple);
            cells.push(one(reader, aggregate.1, &m.binding));
        }
    }
    cells.retain(|cell| !is_unknown(cell));
    cells.sort_by(order_cells);
    if matches!(aggregate.1.kind, ExprKind::Var(_)) {
        cells.dedup();
    }
    cells
}

/// What is listed: the value over the shown matches.
fn shown(reader: Reader, group: &Group, aggregate: Aggregate) -> Cell {
    let listed = cells(reader, group, &aggregate, Grade::Shown);
    if aggregate.0 == FunctionId::List {
        let sure = cells(reader, group, &aggregate, Grade::Certain);
        return Cell::List(listed.into_iter().map(|cell| (cell.clone(), sure.contains(&cell))).collect());
    }
    Cell::Value(value(aggregate.0, listed))
}

/// What `having` sees: the least and the greatest that the value may be.
fn range(reader: Reader, group: &Group, aggregate: Aggregate) -> Cell {
    let over = |least| value(aggregate.0, cells(reader, group, &aggregate, least));
    let all = [over(Grade::Certain), over(Grade::Shown), over(Grade::Possible)];
    let ends: Vec<(f64, f64)> = all.iter().filter_map(bounds).collect();
    Cell::Value(match ends.len() {
        3 => {
            let low = ends.iter().map(|end| end.0).fold(f64::INFINITY, f64::min);
            let high = ends.iter().map(|end| end.1).fold(f64::NEG_INFINITY, f64::max);
            number(low, high)
        }
        _ if all[0] == all[2] => all[1].clone(),
        _ => Value::Unknown,
    })
}

fn is_steady(reader: Reader, group: &Group, aggregate: &Aggregate) -> bool {
    if matches!(aggregate.0, FunctionId::First | FunctionId::Last) {
        return true;
    }
    let over = |least| cells(reader, group, aggregate, least).len();
    let (sure, listed, all) = (over(Grade::Certain), over(Grade::Shown), over(Grade::Possible));
    sure == listed && (aggregate.0 == FunctionId::Count || listed == all)
}

/// How many more than are shown may count.
fn beyond(reader: Reader, group: &Group, aggregate: &Aggregate) -> usize {
    let over = |least| cells(reader, group, aggregate, least).len();
    over(Grade::Possible) - over(Grade::Shown)
}

/// A cell for each column that is `first` or `last`, with its certainty; one choice of nothing without such a column.
fn choices<'e>(reader: Reader<'e>, group: &Group) -> Vec<Vec<(&'e Expr, Cell, bool)>> {
    let mut choices = vec![Vec::new()];
    for column in &reader.select.columns {
        let ExprKind::Aggregate { function: function @ (FunctionId::First | FunctionId::Last), argument, over } =
            &column.expr.kind
        else {
            continue;
        };
        let picks = ends(reader, group, &Aggregate(*function, argument, over));
        let extend = |choice: &Vec<(&'e Expr, Cell, bool)>| -> Vec<_> {
            let with =
                |(cell, sure): &(Cell, bool)| [choice.as_slice(), &[(&column.expr, cell.clone(), *sure)]].concat();
            picks.iter().map(with).collect()
        };
        choices = choices.iter().flat_map(extend).collect();
    }
    choices
}

/// `first`, `last`: every entity that no certain one certainly precedes (follows), marked certain if it is certain and
/// certainly precedes (follows) all others that are possible.
fn ends(reader: Reader, group: &Group, aggregate: &Aggregate) -> Vec<(Cell, bool)> {
    let graph = reader.world.graph;
    let [sure, listed, all] =
        [Grade::Certain, Grade::Shown, Grade::Possible].map(|g| cells(reader, group, aggregate, g));
    let op = if aggregate.0 == FunctionId::First { CompareOp::Less } else { CompareOp::Greater };
    let beats = |a: &Cell, b: &Cell| match (a, b) {
        (Cell::Entity(a), Cell::Entity(b)) => dates(graph, *a)
            .iter()
            .any(|a| dates(graph, *b).iter().any(|b| compare(graph, op, &date_cell(*a), &date_cell(*b)).is_certain())),
        _ => false,
    };
    let may_be = |cell: &&Cell| !sure.iter().any(|other| other != *cell && beats(other, cell));
    let is_sure = |cell: &Cell| sure.contains(cell) && all.iter().all(|other| other == cell || beats(cell, other));
    listed.iter().filter(may_be).map(|cell| (cell.clone(), is_sure(cell))).collect()
}

fn date_cell(date: Date) -> Cell {
    Cell::Value(Value::Date(date))
}

/// The dates that an entity may be held to: the settled one, and where its sources contradict each other each of
/// theirs, since a contradiction makes nobody first.
fn dates(graph: &Graph, entity: EntityId) -> Vec<Date> {
    let settled = graph.date_of(entity);
    let Some(property) = graph.dating(graph.type_of(entity)) else { return vec![settled] };
    let values = graph.values(property);
    let sure = values.span(entity).filter(|i| !graph.is_doubtful(values.fact(*i)));
    let stated: Vec<Date> = sure
        .filter_map(|i| match values.stated.get(i) {
            Value::Date(date) => Some(date),
            _ => None,
        })
        .collect();
    let agree = stated.iter().try_fold(Date::UNDATED, |all, date| all.intersect(*date)).is_some();
    if agree { vec![settled] } else { stated.into_iter().chain([settled]).collect() }
}

/// Folds known cells; of nothing, a count and a sum are 0 and the rest unknown.
fn value(function: FunctionId, cells: Vec<Cell>) -> Value {
    let count = cells.len() as f64;
    match function {
        FunctionId::Count => Value::Number(distinct(cells) as f64),
        FunctionId::Sum => sum(&cells),
        FunctionId::Avg if cells.is_empty() => Value::Unknown,
        FunctionId::Avg => bounds(&sum(&cells)).map_or(Value::Unknown, |(low, high)| number(low / count, high / count)),
        FunctionId::Min => extreme(cells, f64::min),
        FunctionId::Max => extreme(cells, f64::max),
        _ => Value::Unknown,
    }
}

fn distinct(mut cells: Vec<Cell>) -> usize {
    cells.dedup();
    cells.len()
}

fn sum(cells: &[Cell]) -> Value {
    let numbers = cells.iter().filter_map(|cell| match cell {
        Cell::Value(value) => bounds(value),
        _ => None,
    });
    let (low, high) = numbers.fold((0.0, 0.0), |sum, bounds| (sum.0 + bounds.0, sum.1 + bounds.1));
    number(low, high)
}

/// The least or greatest of unknown values, bound by bound.
fn extreme(cells: Vec<Cell>, pick: fn(f64, f64) -> f64) -> Value {
    let values = cells.into_iter().filter_map(|cell| match cell {
        Cell::Value(value) => Some(value),
        _ => None,
    });
    let better = |a: Value, b: Value| match (&a, &b) {
        (Value::Date(x), Value::Date(y)) => Value::Date(extreme_date(*x, *y, pick)),
        (Value::Text(x), Value::Text(y)) => {
            let is_first = natural(x, y).is_lt();
            if is_first == (pick(0.0, 1.0) == 0.0) { a } else { b }
        }
        _ => match (bounds(&a), bounds(&b)) {
            (Some(x), Some(y)) => number(pick(x.0, y.0), pick(x.1, y.1)),
            _ => a,
        },
    };
    values.reduce(better).unwrap_or(Value::Unknown)
}

/// Bound by bound; in the writing of the date that has both bounds.
fn extreme_date(a: Date, b: Date, pick: fn(f64, f64) -> f64) -> Date {
    let day = |a: i32, b: i32| pick(f64::from(a), f64::from(b)) as i32;
    let (earliest, latest) = (day(a.earliest(), b.earliest()), day(a.latest(), b.latest()));
    let same = [a, b].into_iter().find(|date| date.bounds() == (earliest, latest));
    same.or_else(|| Date::between(earliest, latest)).unwrap_or(a)
}
