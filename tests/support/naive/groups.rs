//! Groups and aggregates. The reading of their rules stands at the head of [`super::rows`].

use super::dates::{compare_days, within};
use super::expr::{bounds, is_unknown, number};
use super::median::{median, medians};
use super::outcomes::Outcomes;
use super::rows::{Draft, Grade, Match, Reader, one, order_cells, summed};
use super::{Reading, Slot};
use begat::answer::Cell;
use begat::check::typed::{CompareOp, Expr, ExprKind, Formula, Select, Term, VarId};
use begat::date::{Date, civil_of, days_of_month, days_of_quarter, days_of_year};
use begat::functions::FunctionId;
use begat::graph::{EntityId, Graph};
use begat::value::{Value, natural};
use std::rc::Rc;

/// The matches of equal keys.
struct Group {
    keys: Vec<Cell>,
    grade: Grade,
    own: Vec<Match>,
    /// Matches of wide groups that may belong here.
    touching: Vec<Match>,
    alone: Rc<Vec<Alone>>,
}

/// The matches of some of the variables alone: by them it is told how sure what is counted is in its group. Of what may be
/// there or not, one is in every world, so that what both share is surer than either.
struct Alone {
    vars: Vec<VarId>,
    found: Vec<Match>,
}

/// The rows of a select with groups.
///
/// `of_vars` finds the matches of some of the variables alone.
pub fn grouped(reader: Reader, keys: &[Expr], found: &[Match], of_vars: &dyn Fn(&[VarId]) -> Vec<Match>) -> Vec<Draft> {
    let mut key_vars = Vec::new();
    keys.iter().for_each(|key| key.vars(&mut |var| key_vars.push(var)));
    let there = of_vars(&key_vars);
    let Reader { select, .. } = reader;
    let exprs = select.columns.iter().map(|column| &column.expr).chain(select.order.iter().map(|key| &key.expr));
    let mut aggregates = Vec::new();
    exprs.chain(&select.having).for_each(|expr| each_aggregate(expr, &mut aggregates));
    let alone = aggregates.iter().map(|aggregate| {
        let mut vars = key_vars.clone();
        vars.extend(counted_by(reader, aggregate));
        let found = of_vars(&vars);
        Alone { vars: counted_by(reader, aggregate), found }
    });
    let alone = Rc::new(alone.collect::<Vec<_>>());
    let mut groups: Vec<Group> = Vec::new();
    for m in found {
        let key: Vec<Cell> = keys.iter().map(|key| one(reader, key, &m.binding)).collect();
        match groups.iter_mut().find(|group| group.keys == key) {
            Some(group) => group.own.push(m.clone()),
            None => {
                let (own, alone) = (vec![m.clone()], alone.clone());
                groups.push(Group { keys: key, grade: Grade::Possible, own, touching: Vec::new(), alone })
            }
        }
    }
    if keys.is_empty() && groups.is_empty() {
        let (keys, own, touching) = (Vec::new(), Vec::new(), Vec::new());
        groups.push(Group { keys, grade: Grade::Certain, own, touching, alone: alone.clone() });
    }
    for group in &mut groups {
        let of_group =
            there.iter().filter(|m| keys.iter().map(|key| one(reader, key, &m.binding)).eq(group.keys.clone()));
        let own = of_group.chain(&group.own).map(|m| m.grade).max();
        group.grade = own.filter(|_| !keys.is_empty()).unwrap_or(Grade::Certain);
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
        let period = period_date(reader, key, first).and_then(|date| period_of(key, date));
        !date.is_undated() && period.is_some_and(|(first, last)| within(date, first, last).is_possible())
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

/// The days of the one period that a date certainly falls in, wherever in its reach it is.
fn period_of(key: &Expr, date: Date) -> Option<(i32, i32)> {
    let ExprKind::Call(function, _) = &key.kind else { return None };
    let (first, last) = date.reach();
    let period = |day| {
        let (year, month, _) = civil_of(day)?;
        match function {
            FunctionId::Year => days_of_year(year),
            FunctionId::Quarter => days_of_quarter(year, month.div_ceil(3)),
            _ => days_of_month(year, month),
        }
    };
    period(first).filter(|of_first| Some(*of_first) == period(last))
}

/// The rows of one group: one, or one for each choice of `first` and `last`.
fn group_rows(reader: Reader, group: &Group) -> Vec<Draft> {
    let Reader { select, .. } = reader;
    let mut grade = group.grade;
    match select.having.as_ref().map(|having| having_outcomes(reader, group, having)) {
        Some(outcomes) if !outcomes.is_possible() => return Vec::new(),
        Some(outcomes) if outcomes.is_certain() => {}
        Some(_) if reader.query.possibly => grade = grade.min(Grade::Shown),
        Some(_) => grade = Grade::Possible,
        None => {}
    }
    let exprs = select.columns.iter().map(|column| &column.expr).chain(select.order.iter().map(|key| &key.expr));
    let mut aggregates = Vec::new();
    exprs.chain(&select.having).for_each(|expr| each_aggregate(expr, &mut aggregates));
    let steady = aggregates.iter().all(|aggregate| is_steady(reader, group, aggregate));
    let beyond: Vec<usize> = shown_counts(select).iter().map(|aggregate| beyond(reader, group, aggregate)).collect();
    let adds: Vec<(f64, f64)> =
        select.columns.iter().filter_map(summed).map(|expr| adds(reader, group, expr, grade)).collect();
    let mut drafts = Vec::new();
    for choice in choices(reader, group) {
        let is_sure = choice.iter().all(|(_, _, sure)| *sure);
        let chosen =
            |aggregate: Aggregate| choice.iter().find(|(expr, ..)| aggregate.is(expr)).map(|(_, c, _)| c.clone());
        let mut value = |aggregate: Aggregate| chosen(aggregate).unwrap_or_else(|| shown(reader, group, aggregate));
        let cells: Vec<Cell> =
            select.columns.iter().map(|column| fold(reader, group, &column.expr, &mut value)).collect();
        let keys = select.order.iter().map(|key| fold(reader, group, &key.expr, &mut value)).collect();
        let steady = steady && grade == Grade::Certain;
        drafts.push(Draft {
            cells,
            keys,
            grade,
            certain: steady && is_sure,
            adds: adds.clone(),
            beyond: beyond.clone(),
        });
    }
    drafts
}

/// What `having` may come to. An aggregate that may be of nothing is tried both ways.
fn having_outcomes(reader: Reader, group: &Group, having: &Expr) -> Outcomes {
    let mut aggregates = Vec::new();
    each_aggregate(having, &mut aggregates);
    let ranges: Vec<Vec<Cell>> = aggregates.iter().map(|aggregate| ranges(reader, group, aggregate)).collect();
    let mut choices: Vec<Vec<Cell>> = vec![Vec::new()];
    for range in ranges {
        choices = choices
            .iter()
            .flat_map(|c| range.iter().map(|cell| [&c[..], std::slice::from_ref(cell)].concat()))
            .collect();
    }
    let nothing = vec![Slot::Absent; reader.query.vars.len()];
    let binding = group.own.first().map_or(&nothing, |m| &m.binding);
    let outcomes = choices.into_iter().map(|choice| {
        let mut cells = choice.into_iter();
        // In the order in which they were collected.
        let folded = replace_aggregates(having, &mut |_| cells.next().unwrap_or(Cell::Absent));
        match as_expr(folded, having) {
            Folded::Expr(expr) => reader.world.test(&reader.query.vars, binding, &expr, Reading::Strict),
            Folded::Cell(_) => Outcomes::NEITHER,
        }
    });
    outcomes.reduce(Outcomes::union).unwrap_or(Outcomes::NEITHER)
}

/// Whether an expression has an aggregate that is no count.
pub fn folds_other_than_count(expr: &Expr) -> bool {
    let mut aggregates = Vec::new();
    each_aggregate(expr, &mut aggregates);
    aggregates.iter().any(|aggregate| aggregate.0 != FunctionId::Count)
}

/// An aggregate of the query: function, argument, variables, and the percent of `percentile`.
#[derive(Debug, Clone, Copy)]
struct Aggregate<'e>(FunctionId, &'e Expr, &'e [VarId], Option<f64>);

impl Aggregate<'_> {
    fn is(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Aggregate { function, percent, argument, .. }
            if *function == self.0 && *percent == self.3 && **argument == *self.1)
    }
}

fn each_aggregate<'e>(expr: &'e Expr, found: &mut Vec<Aggregate<'e>>) {
    match &expr.kind {
        ExprKind::Aggregate { function, percent, argument, over } => {
            found.push(Aggregate(*function, argument, over, *percent));
        }
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => {
            all.iter().for_each(|inner| each_aggregate(inner, found));
        }
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) | ExprKind::Matches(e, _) => {
            each_aggregate(e, found)
        }
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
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
    if let ExprKind::Aggregate { function, percent, argument, over } = &expr.kind {
        return Folded::Cell(value(Aggregate(*function, argument, over, *percent)));
    }
    let mut copy = expr.clone();
    let mut inside = |e: &mut Expr| {
        if let Folded::Expr(new) = as_expr(replace_aggregates(e, value), e) {
            *e = new;
        }
    };
    match &mut copy.kind {
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => all.iter_mut().for_each(inside),
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) | ExprKind::Matches(e, _) => inside(e),
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
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
        // An aggregate that is left in its place is absent.
        Folded::Cell(Cell::Absent) => return Folded::Expr(like.clone()),
        Folded::Cell(_) => ExprKind::Value(Value::Unknown),
    };
    Folded::Expr(Expr { kind, ..like.clone() })
}

/// A value that an aggregate looks at.
struct Member {
    tuple: Vec<Slot>,
    cell: Cell,
    grade: Grade,
}

/// The present values of an aggregate's argument, in order, one for each distinct tuple of its variables, each as sure as
/// it is in the group; what touches the group is possible. Of a variable, each value once.
fn members(reader: Reader, group: &Group, aggregate: &Aggregate) -> Vec<Member> {
    let own = group.own.iter().map(|m| (m, surest(reader, group, aggregate, m)));
    let touching = group.touching.iter().map(|m| (m, Grade::Possible));
    let is_set = matches!(aggregate.1.kind, ExprKind::Var(_)) && !takes_subjects(aggregate.0);
    let over = variables(reader, aggregate);
    let mut found: Vec<Member> = Vec::new();
    for (m, grade) in own.chain(touching) {
        let tuple: Vec<Slot> = over.iter().map(|var| m.binding[var.0 as usize].clone()).collect();
        let cell = one(reader, aggregate.1, &m.binding);
        match found.iter_mut().find(|other| if is_set { other.cell == cell } else { other.tuple == tuple }) {
            Some(known) => known.grade = known.grade.max(grade),
            None if cell == Cell::Absent => {}
            None => found.push(Member { tuple, cell, grade }),
        }
    }
    found.sort_by(|a, b| order_cells(&a.cell, &b.cell));
    found
}

/// The variables that an aggregate looks at.
fn counted_by(reader: Reader, aggregate: &Aggregate) -> Vec<VarId> {
    let mut vars = variables(reader, aggregate);
    aggregate.1.vars(&mut |var| vars.push(var));
    vars
}

/// How sure what an aggregate counts of a match is in the group: as sure as any match with the same keys and the same
/// values of what is looked at.
fn surest(reader: Reader, group: &Group, aggregate: &Aggregate, m: &Match) -> Grade {
    let vars = counted_by(reader, aggregate);
    let Some(alone) = group.alone.iter().find(|alone| alone.vars == vars) else { return m.grade };
    let keys = reader.select.group.iter().flatten();
    let mut all = vars;
    keys.for_each(|key| key.vars(&mut |var| all.push(var)));
    let is_same = |other: &&Match| all.iter().all(|var| other.binding[var.0 as usize] == m.binding[var.0 as usize]);
    alone.found.iter().filter(is_same).map(|other| other.grade).max().map_or(m.grade, |grade| grade.max(m.grade))
}

/// Whether a bound value counts again for each of its subjects.
fn takes_subjects(function: FunctionId) -> bool {
    use FunctionId::{Avg, Max, Median, Min, Percentile, Sum};
    matches!(function, Sum | Avg | Median | Percentile | Min | Max)
}

/// The variables whose tuples count once each.
fn variables(reader: Reader, aggregate: &Aggregate) -> Vec<VarId> {
    let mut over = aggregate.2.to_vec();
    if takes_subjects(aggregate.0) {
        let mut subjects = Vec::new();
        subjects_of(&reader.select.formula, &over, &mut subjects);
        over.extend(subjects);
    }
    over
}

/// The subjects that the formula binds values of.
fn subjects_of(formula: &Formula, values: &[VarId], subjects: &mut Vec<VarId>) {
    match formula {
        Formula::All(all) | Formula::Any(all) => all.iter().for_each(|part| subjects_of(part, values, subjects)),
        Formula::Optional(inner) | Formula::Modal(_, inner) | Formula::Exists(_, inner) => {
            subjects_of(inner, values, subjects);
        }
        Formula::Value(atom) if values.contains(&atom.value) => match atom.subject {
            Term::Var(subject) => subjects.push(subject),
            Term::Entity(_) => {}
        },
        _ => {}
    }
}

/// The known values that count at a grade or better.
fn cells(reader: Reader, group: &Group, aggregate: &Aggregate, least: Grade) -> Vec<Cell> {
    let members = members(reader, group, aggregate).into_iter();
    members.filter(|m| m.grade >= least && !is_unknown(&m.cell)).map(|m| m.cell).collect()
}

/// What is listed: the value over the shown matches.
fn shown(reader: Reader, group: &Group, aggregate: Aggregate) -> Cell {
    let listed = cells(reader, group, &aggregate, Grade::Shown);
    if aggregate.0 == FunctionId::List {
        let sure = cells(reader, group, &aggregate, Grade::Certain);
        return Cell::List(listed.into_iter().map(|cell| (cell.clone(), sure.contains(&cell))).collect());
    }
    Cell::Value(value((aggregate.0, aggregate.3), listed))
}

/// What the group adds to a running sum, by its own matches, or to the sum of which it has a share: nothing, if it may not be
/// there.
fn adds(reader: Reader, group: &Group, (is_share, expr): (bool, &Expr), grade: Grade) -> (f64, f64) {
    let touching = if is_share { group.touching.clone() } else { Vec::new() };
    let own = Group { keys: group.keys.clone(), grade, own: group.own.clone(), touching, alone: group.alone.clone() };
    let mut value = |aggregate: Aggregate| range(reader, &own, &aggregate);
    let (low, high) = match fold(reader, &own, expr, &mut value) {
        Cell::Value(value) => bounds(&value).unwrap_or((0.0, 0.0)),
        _ => (0.0, 0.0),
    };
    if grade == Grade::Certain { (low, high) } else { (low.min(0.0), high.max(0.0)) }
}

/// What `having` sees: all that the value may be, and `Absent` where nothing may be present.
fn ranges(reader: Reader, group: &Group, aggregate: &Aggregate) -> Vec<Cell> {
    if matches!(aggregate.0, FunctionId::Count | FunctionId::Sum | FunctionId::List) {
        return vec![range(reader, group, aggregate)];
    }
    let members = members(reader, group, aggregate);
    let is_sure = members.iter().any(|member| member.grade == Grade::Certain);
    let can_do_without =
        group.own.is_empty() || group.own.iter().any(|m| one(reader, aggregate.1, &m.binding) == Cell::Absent);
    let range = (!members.is_empty()).then(|| range(reader, group, aggregate));
    let absent = (members.is_empty() || (!is_sure && can_do_without)).then_some(Cell::Absent);
    range.into_iter().chain(absent).collect()
}

/// The least and the greatest that the value may be over the certain members and some of the others.
fn range(reader: Reader, group: &Group, aggregate: &Aggregate) -> Cell {
    let members = members(reader, group, aggregate);
    let (sure, others): (Vec<Member>, Vec<Member>) = members.into_iter().partition(|m| m.grade == Grade::Certain);
    let is_unknown_alone = sure.iter().any(|m| is_unknown(&m.cell)) || others.iter().any(|m| is_unknown(&m.cell));
    let known = |all: Vec<Member>| all.into_iter().map(|m| m.cell).filter(|c| !is_unknown(c)).collect::<Vec<Cell>>();
    let (sure, others) = (known(sure), known(others));
    let all = || [&sure[..], &others[..]].concat();
    let numbers = |cells: &[Cell]| cells.iter().filter_map(cell_bounds).collect::<Vec<(f64, f64)>>();
    Cell::Value(match aggregate.0 {
        FunctionId::Count => number(distinct(sure.clone()) as f64, distinct_of(all()) as f64),
        _ if others.is_empty() => value((aggregate.0, aggregate.3), sure),
        FunctionId::Sum => {
            let (of_sure, of_others) = (numbers(&sure), numbers(&others));
            let low = of_sure.iter().map(|n| n.0).chain(of_others.iter().map(|n| n.0.min(0.0))).sum();
            let high = of_sure.iter().map(|n| n.1).chain(of_others.iter().map(|n| n.1.max(0.0))).sum();
            number(low, high)
        }
        _ if sure.is_empty() && is_unknown_alone => Value::Unknown,
        FunctionId::Avg => {
            let least = |of: fn(&(f64, f64)) -> f64, sign: f64| {
                let [sure, others] =
                    [&sure, &others].map(|cells| numbers(cells).iter().map(|n| sign * of(n)).collect());
                sign * least_mean(sure, others)
            };
            number(least(|n| n.0, 1.0), least(|n| n.1, -1.0))
        }
        FunctionId::Median | FunctionId::Percentile => medians(&sure, &others, aggregate.3),
        FunctionId::Min | FunctionId::Max => extremes(aggregate.0, &sure, &all()),
        _ => Value::Unknown,
    })
}

/// The least mean of the sure numbers and some of the others.
fn least_mean(sure: Vec<f64>, mut others: Vec<f64>) -> f64 {
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

/// All that the least or greatest may be: bound by bound over all values and over the sure ones, or, where none is sure,
/// over each alone.
fn extremes(function: FunctionId, sure: &[Cell], all: &[Cell]) -> Value {
    let (of_sure, of_all) = (value((function, None), sure.to_vec()), value((function, None), all.to_vec()));
    let alone = |function| value((function, None), all.to_vec());
    let other_end = match (sure.is_empty(), function) {
        (false, _) => of_sure.clone(),
        (true, FunctionId::Min) => alone(FunctionId::Max),
        (true, _) => alone(FunctionId::Min),
    };
    match (&of_all, &other_end) {
        _ if of_all == of_sure => of_all,
        (Value::Date(a), Value::Date(b)) => {
            let (a, b) = (a.reach(), b.reach());
            Date::between(a.0.min(b.0), a.1.max(b.1)).map_or(Value::Unknown, Value::Date)
        }
        (a, b) => match (bounds(a), bounds(b)) {
            (Some(a), Some(b)) => number(a.0.min(b.0), a.1.max(b.1)),
            _ => Value::Unknown,
        },
    }
}

pub fn cell_bounds(cell: &Cell) -> Option<(f64, f64)> {
    match cell {
        Cell::Value(value) => bounds(value),
        _ => None,
    }
}

fn distinct_of(mut cells: Vec<Cell>) -> usize {
    cells.sort_by(order_cells);
    distinct(cells)
}

fn is_steady(reader: Reader, group: &Group, aggregate: &Aggregate) -> bool {
    if matches!(aggregate.0, FunctionId::First | FunctionId::Last) {
        return true;
    }
    let over = |least| cells(reader, group, aggregate, least).len();
    let (sure, listed, all) = (over(Grade::Certain), over(Grade::Shown), over(Grade::Possible));
    sure == listed && (aggregate.0 == FunctionId::Count || listed == all)
}

/// The different counts that the columns read: by what they read or how they are written, not by where.
fn shown_counts(select: &Select) -> Vec<Aggregate<'_>> {
    let mut counts: Vec<(Aggregate, &str)> = Vec::new();
    for column in &select.columns {
        let mut aggregates = Vec::new();
        each_aggregate(&column.expr, &mut aggregates);
        aggregates.retain(|aggregate| aggregate.0 == FunctionId::Count);
        for (aggregate, title) in aggregates.into_iter().zip(&column.counts) {
            let is_same = |(known, of): &(Aggregate, &str)| {
                of == title || (&known.1.kind, known.2) == (&aggregate.1.kind, aggregate.2)
            };
            if !counts.iter().any(is_same) {
                counts.push((aggregate, title));
            }
        }
    }
    counts.into_iter().map(|(aggregate, _)| aggregate).collect()
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
        let ExprKind::Aggregate { function: function @ (FunctionId::First | FunctionId::Last), argument, over, .. } =
            &column.expr.kind
        else {
            continue;
        };
        let picks = ends(reader, group, &Aggregate(*function, argument, over, None));
        let extend = |choice: &Vec<(&'e Expr, Cell, bool)>| -> Vec<_> {
            let with =
                |(cell, sure): &(Cell, bool)| [choice.as_slice(), &[(&column.expr, cell.clone(), *sure)]].concat();
            picks.iter().map(with).collect()
        };
        choices = choices.iter().flat_map(extend).collect();
    }
    choices
}

/// `first`, `last`: every entity that no certain one precedes (follows), marked certain if
/// it is certain and certainly precedes (follows) all others that are possible. Unknown where there may be none.
fn ends(reader: Reader, group: &Group, aggregate: &Aggregate) -> Vec<(Cell, bool)> {
    let graph = reader.world.graph;
    let [sure, listed, all] =
        [Grade::Certain, Grade::Shown, Grade::Possible].map(|g| cells(reader, group, aggregate, g));
    let op = if aggregate.0 == FunctionId::First { CompareOp::Less } else { CompareOp::Greater };
    let beats = |a: &Cell, b: &Cell| match (a, b) {
        (Cell::Entity(a), Cell::Entity(b)) => compare_days(op, graph.date_of(*a), graph.date_of(*b)).is_certain(),
        _ => false,
    };
    // A source that puts a candidate after another keeps it out, unless another puts it before that.
    let some_source = |a: &Cell, b: &Cell| match (a, b) {
        (Cell::Entity(a), Cell::Entity(b)) => {
            let later = dates(graph, *b);
            dates(graph, *a).iter().any(|a| later.iter().any(|b| compare_days(op, *a, *b).is_certain()))
        }
        _ => false,
    };
    let excludes = |a: &Cell, b: &Cell| beats(a, b) || (some_source(a, b) && !some_source(b, a));
    let may_be = |cell: &&Cell| !sure.iter().any(|other| other != *cell && excludes(other, cell));
    let is_sure = |cell: &Cell| sure.contains(cell) && all.iter().all(|other| other == cell || beats(cell, other));
    let may_lack = sure.is_empty()
        && group
            .own
            .iter()
            .all(|m| surest(reader, group, aggregate, m) < Grade::Certain || is_absent(reader, aggregate, m));
    let can_lack = group.keys.is_empty() || group.own.iter().any(|m| is_absent(reader, aggregate, m));
    let none = (may_lack && can_lack).then_some((Cell::Value(Value::Unknown), all.is_empty()));
    listed.iter().filter(may_be).map(|cell| (cell.clone(), is_sure(cell))).chain(none).collect()
}

/// The dates that an entity may be held to: the settled one, or where its sources contradict each other each of theirs.
fn dates(graph: &Graph, entity: EntityId) -> Vec<Date> {
    let settled = graph.date_of(entity);
    let Some(property) = graph.dating(graph.type_of(entity)) else { return vec![settled] };
    let values = graph.values(property);
    let sure = values.span(entity).filter(|i| !graph.is_doubtful(values.fact(*i)));
    let date = |i: usize| if let Value::Date(date) = values.stated.get(i) { Some(date) } else { None };
    let stated: Vec<Date> = sure.filter_map(date).collect();
    let agree = stated.iter().try_fold(Date::UNDATED, |all, date| all.intersect(*date)).is_some();
    if agree { vec![settled] } else { stated }
}

fn is_absent(reader: Reader, aggregate: &Aggregate, m: &Match) -> bool {
    one(reader, aggregate.1, &m.binding) == Cell::Absent
}

/// Folds known cells; of nothing, a count and a sum are 0 and the rest unknown.
fn value((function, percent): (FunctionId, Option<f64>), cells: Vec<Cell>) -> Value {
    let count = cells.len() as f64;
    match function {
        FunctionId::Median | FunctionId::Percentile => median(&cells, percent),
        FunctionId::Count => Value::Number(distinct(cells) as f64),
        FunctionId::Sum => sum(&cells),
        FunctionId::Avg if cells.is_empty() => Value::Unknown,
        FunctionId::Avg => bounds(&sum(&cells)).map_or(Value::Unknown, |(low, high)| number(low / count, high / count)),
        FunctionId::Min => extreme(cells, f64::min),
        FunctionId::Max => extreme(cells, f64::max),
        _ => Value::Unknown,
    }
}

/// How many distinct cells, in order as they are.
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

/// Bound by bound, of all days that each may be; in the writing of the date that may be the same days.
fn extreme_date(a: Date, b: Date, pick: fn(f64, f64) -> f64) -> Date {
    let day = |a: i32, b: i32| pick(f64::from(a), f64::from(b)) as i32;
    let (earliest, latest) = (day(a.reach().0, b.reach().0), day(a.reach().1, b.reach().1));
    let same = [a, b].into_iter().find(|date| date.reach() == (earliest, latest));
    same.or_else(|| Date::between(earliest, latest)).unwrap_or(a)
}
