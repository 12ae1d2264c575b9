//! What an expression gives for one binding, and what a test of values comes to.
//!
//! What is absent makes a test neither true nor false, and whatever is worked out from it absent. What is only unknown
//! leaves it open.

use super::outcomes::Outcomes;
use super::pattern::entity;
use super::{Binding, Reading, Slot, World, dates};
use begat::answer::Cell;
use begat::check::typed::{
    ArithmeticOp, Claimed, ClaimedBy, CompareOp, Expr, ExprKind, Label, OfClaims, PeriodOp, Var, VarId, VarKind,
};
use begat::functions::FunctionId;
use begat::graph::{EntityId, Fact, FactId, Graph, SourceId};
use begat::value::{Date, Truth, Value, natural};
use std::cmp::Ordering;

impl World<'_> {
    /// What a condition on values comes to.
    pub fn test(&self, vars: &[Var], binding: &Binding, expr: &Expr, reading: Reading) -> Outcomes {
        let test = |expr: &Expr| self.test(vars, binding, expr, reading);
        match &expr.kind {
            ExprKind::And(all) => all.iter().fold(Outcomes::YES, |found, expr| found.and(test(expr))),
            ExprKind::Or(all) => all.iter().fold(Outcomes::NO, |found, expr| found.or(test(expr))),
            ExprKind::Not(inner) => self.test(vars, binding, inner, reading.negated()).not(),
            ExprKind::Exists(formula) => self.exists(vars, binding, formula, reading),
            ExprKind::Compare(op, a, b) if is_one_statement(vars, binding, a, b) => with_itself(*op).into(),
            ExprKind::Compare(op, a, b) => {
                let cells = [a, b].map(|side| self.eval(vars, binding, side));
                match (&cells, &a.kind, &b.kind) {
                    ([Cell::Absent, _] | [_, Cell::Absent], ..) => Outcomes::NEITHER,
                    ([left, _], _, ExprKind::Value(Value::Date(period))) => with_period(*op, left, *period).into(),
                    ([_, right], ExprKind::Value(Value::Date(period)), _) => {
                        with_period(mirrored(*op), right, *period).into()
                    }
                    ([left, right], ..) => compare(self.graph, *op, left, right).into(),
                }
            }
            ExprKind::Matches(inner, pattern) => match self.eval(vars, binding, inner) {
                Cell::Absent => Outcomes::NEITHER,
                cell => matches(&cell, pattern.written()).into(),
            },
            ExprKind::IsUnknown(inner) => match self.eval(vars, binding, inner) {
                Cell::Absent => Outcomes::NEITHER,
                cell => Outcomes::from(Truth::from(is_unknown(&cell))),
            },
            ExprKind::IsAbsent(var) => Truth::from(binding[var.0 as usize] == Slot::Absent).into(),
            _ => match self.eval(vars, binding, expr) {
                Cell::Value(Value::Truth(truth)) => truth.into(),
                Cell::Absent => Outcomes::NEITHER,
                _ => Truth::Maybe.into(),
            },
        }
    }

    /// The value of an expression without aggregates.
    pub fn eval(&self, vars: &[Var], binding: &Binding, expr: &Expr) -> Cell {
        let eval = |expr: &Expr| self.eval(vars, binding, expr);
        match &expr.kind {
            ExprKind::Value(value) => Cell::Value(value.clone()),
            ExprKind::Entity(entity) => Cell::Entity(*entity),
            ExprKind::Var(var) => self.slot_cell(&binding[var.0 as usize]),
            ExprKind::Property(var, property) => match binding[var.0 as usize] {
                Slot::Entity(entity) => Cell::Value(self.graph.value(entity, *property)),
                _ => Cell::Absent,
            },
            ExprKind::PropertyOf(entity, property) => Cell::Value(self.graph.value(*entity, *property)),
            ExprKind::Arithmetic(op, a, b) => of_present([eval(a), eval(b)], |[a, b]| arithmetic(*op, a, b)),
            ExprKind::OrElse(first, second) => match eval(first) {
                cell if is_unknown(&cell) => eval(second),
                cell => cell,
            },
            ExprKind::Negative(inner) => {
                let zero = Cell::Value(Value::Number(0.0));
                of_present([zero, eval(inner)], |[a, b]| arithmetic(ArithmeticOp::Subtract, a, b))
            }
            ExprKind::Call(function, arguments) => match arguments.first() {
                Some(argument) => of_present([eval(argument)], |[cell]| call(self.graph, *function, cell)),
                None => Cell::Value(Value::Unknown),
            },
            ExprKind::OfClaims(what, claimed, by) => self.of_claims(binding, *what, claimed, *by),
            ExprKind::Aggregate { .. } => Cell::Absent,
            _ => match self.test(vars, binding, expr, Reading::Strict) {
                Outcomes { yes: true, no: false, neither: false } => Cell::Value(Value::Truth(Truth::Yes)),
                Outcomes { yes: false, no: true, neither: false } => Cell::Value(Value::Truth(Truth::No)),
                Outcomes::NEITHER => Cell::Absent,
                _ => Cell::Value(Value::Truth(Truth::Maybe)),
            },
        }
    }

    /// What the claims of a fact tell of it: the best trust, the hull of the days from which it holds.
    fn of_claims(&self, binding: &Binding, what: OfClaims, claimed: &Claimed, by: ClaimedBy) -> Cell {
        let wanted = |source: SourceId| match by {
            ClaimedBy::Any => true,
            ClaimedBy::Source(wanted) => source == wanted,
            ClaimedBy::Var(var) => matches!(binding[var.0 as usize], Slot::Label { at, .. } if at == source.0),
        };
        let Some(fact) = self.claimed(binding, claimed) else { return Cell::Absent };
        let claims: Vec<_> = self.graph.claims().of(fact).filter(|claim| wanted(claim.source)).collect();
        if claims.is_empty() && by != ClaimedBy::Any {
            return Cell::Absent;
        }
        let value = match what {
            OfClaims::Trust => claims
                .iter()
                .map(|claim| claim.trust as usize)
                .min()
                .map(|least| Value::text(["direct", "secondary", "inferred", "doubtful"][least])),
            OfClaims::Date => claims.iter().filter_map(|claim| claim.date).reduce(|a, b| a.hull(b)).map(Value::Date),
        };
        Cell::Value(value.unwrap_or(Value::Unknown))
    }

    /// The recorded fact; `None` where there is none.
    pub fn claimed(&self, binding: &Binding, claimed: &Claimed) -> Option<FactId> {
        match claimed {
            Claimed::Link { verb, subject, object } => {
                let (subject, object) = (entity(binding, *subject)?, entity(binding, *object)?);
                let mut facts = self.graph.facts();
                facts.find(|fact| self.graph.fact(*fact) == Fact::Link { subject, verb: *verb, object })
            }
            Claimed::Value { property, value } => match binding[value.0 as usize] {
                Slot::Value(_, i) => Some(self.graph.values(*property).fact(i as usize)),
                _ => None,
            },
        }
    }

    pub fn slot_cell(&self, slot: &Slot) -> Cell {
        match slot {
            Slot::Open | Slot::Absent => Cell::Absent,
            Slot::Entity(entity) => Cell::Entity(*entity),
            Slot::Value(property, i) => Cell::Value(self.graph.values(*property).stated(*i).1),
            Slot::Label { is_verb, at } => {
                let label = if *is_verb { Label::Verb } else { Label::Source };
                Cell::Value(Value::text(label.word(self.graph, *at)))
            }
            Slot::Path(entities) => Cell::Path(entities.clone()),
        }
    }
}

fn of_present<const N: usize>(cells: [Cell; N], value: impl FnOnce(&[Cell; N]) -> Value) -> Cell {
    if cells.contains(&Cell::Absent) { Cell::Absent } else { Cell::Value(value(&cells)) }
}

/// Whether both sides are one stated value, or one property of one entity: a day is not before itself, unknown or not.
fn is_one_statement(vars: &[Var], binding: &Binding, a: &Expr, b: &Expr) -> bool {
    let slot = |var: &VarId| &binding[var.0 as usize];
    let of = |entity: &EntityId| Slot::Entity(*entity);
    match (&a.kind, &b.kind) {
        (ExprKind::PropertyOf(a, p), ExprKind::PropertyOf(b, q)) => (a, p) == (b, q),
        (ExprKind::Property(var, p), ExprKind::PropertyOf(entity, q))
        | (ExprKind::PropertyOf(entity, q), ExprKind::Property(var, p)) => p == q && *slot(var) == of(entity),
        (ExprKind::Var(a), ExprKind::Var(b)) => {
            matches!(vars[a.0 as usize].kind, VarKind::Value(..)) && *slot(a) != Slot::Absent && slot(a) == slot(b)
        }
        (ExprKind::Property(a, p), ExprKind::Property(b, q)) => {
            p == q && *slot(a) != Slot::Absent && slot(a) == slot(b)
        }
        _ => false,
    }
}

fn with_itself(op: CompareOp) -> Truth {
    match op {
        CompareOp::Like => Truth::Yes,
        CompareOp::Period(PeriodOp::In | PeriodOp::Since | PeriodOp::Until) => Truth::Yes,
        CompareOp::Period(PeriodOp::Before | PeriodOp::After) => Truth::No,
        _ => by_order(op, Ordering::Equal),
    }
}

/// Compares with a date that is written in the query.
fn with_period(op: CompareOp, cell: &Cell, period: Date) -> Truth {
    match cell {
        Cell::Value(Value::Date(date)) => dates::compare_with_period(op, *date, period),
        Cell::Value(Value::Many(all)) => any_of(all, |date| with_period(op, &Cell::Value(date.clone()), period)),
        _ => Truth::Maybe,
    }
}

/// The operator with its sides exchanged. (Those of periods have no mirror: their right side is the period.)
fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        CompareOp::Period(PeriodOp::Before) => CompareOp::Period(PeriodOp::After),
        CompareOp::Period(PeriodOp::After) => CompareOp::Period(PeriodOp::Before),
        other => other,
    }
}

/// Whether a text has a part that fits the pattern, by a reader of patterns of its own.
fn matches(cell: &Cell, pattern: &str) -> Truth {
    match cell {
        Cell::Value(Value::Text(text)) => super::regex::finds(pattern, text).into(),
        Cell::Value(Value::Many(all)) => any_of(all, |value| matches(&Cell::Value(value.clone()), pattern)),
        _ => Truth::Maybe,
    }
}

/// Compares two cells that are not absent; of what is unknown nothing is decided.
pub fn compare(graph: &Graph, op: CompareOp, a: &Cell, b: &Cell) -> Truth {
    match (a, b) {
        (Cell::Value(Value::Many(all)), b) => any_of(all, |a| compare(graph, op, &Cell::Value(a.clone()), b)),
        (a, Cell::Value(Value::Many(all))) => any_of(all, |b| compare(graph, op, a, &Cell::Value(b.clone()))),
        (Cell::Entity(a), Cell::Entity(b)) => match op {
            CompareOp::Equal => (a == b).into(),
            CompareOp::NotEqual => (a != b).into(),
            _ => by_order(op, natural(graph.name(*a), graph.name(*b))),
        },
        (Cell::Value(a), Cell::Value(b)) => compare_values(op, a, b),
        (Cell::Path(a), Cell::Path(b)) => by_order(op, a.cmp(b)),
        _ => Truth::Maybe,
    }
}

fn any_of(all: &[Value], holds: impl Fn(&Value) -> Truth) -> Truth {
    all.iter().map(holds).fold(Truth::No, Truth::or)
}

fn compare_values(op: CompareOp, a: &Value, b: &Value) -> Truth {
    match (a, b) {
        (Value::Date(a), Value::Date(b)) => dates::compare_days(op, *a, *b),
        (Value::Text(a), Value::Text(b)) if op == CompareOp::Like => like(&a.to_lowercase(), &b.to_lowercase()).into(),
        (Value::Text(a), Value::Text(b)) => by_order(op, natural(a, b)),
        (Value::Truth(a), Value::Truth(b)) => by_order(op, a.cmp(b)),
        _ => match (bounds(a), bounds(b)) {
            (Some(a), Some(b)) => compare_ranges(op, a, b),
            _ => Truth::Maybe,
        },
    }
}

/// Two unknown numbers, each between its bounds.
fn compare_ranges(op: CompareOp, a: (f64, f64), b: (f64, f64)) -> Truth {
    let (certainly, possibly) = match op {
        CompareOp::Less => (a.1 < b.0, a.0 < b.1),
        CompareOp::LessOrEqual => (a.1 <= b.0, a.0 <= b.1),
        CompareOp::Greater => (a.0 > b.1, a.1 > b.0),
        CompareOp::GreaterOrEqual => (a.0 >= b.1, a.1 >= b.0),
        CompareOp::Equal => (a.0 == b.1 && a.1 == b.0, a.0 <= b.1 && a.1 >= b.0),
        CompareOp::NotEqual => return compare_ranges(CompareOp::Equal, a, b).not(),
        CompareOp::Period(_) | CompareOp::Like => (false, true),
    };
    match (certainly, possibly) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Maybe,
        (false, false) => Truth::No,
    }
}

fn by_order(op: CompareOp, order: Ordering) -> Truth {
    match op {
        CompareOp::Equal => order.is_eq().into(),
        CompareOp::NotEqual => order.is_ne().into(),
        CompareOp::Less => order.is_lt().into(),
        CompareOp::LessOrEqual => order.is_le().into(),
        CompareOp::Greater => order.is_gt().into(),
        CompareOp::GreaterOrEqual => order.is_ge().into(),
        CompareOp::Period(_) | CompareOp::Like => Truth::Maybe,
    }
}

/// Whether a text fits a pattern in which `*` stands for any run of characters.
fn like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|after| {
            after.char_indices().map(|(i, _)| i).chain([after.len()]).any(|i| like(&after[i..], rest))
        }),
    }
}

pub fn is_unknown(cell: &Cell) -> bool {
    match cell {
        Cell::Absent | Cell::Value(Value::Unknown) => true,
        Cell::Value(Value::Date(date)) => date.is_undated(),
        _ => false,
    }
}

/// The least and the greatest number that a value may be.
pub fn bounds(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Number(number) => Some((*number, *number)),
        Value::Range(low, high) => Some((*low, *high)),
        _ => None,
    }
}

/// One number where the bounds meet; unknown where there are none.
pub fn number(low: f64, high: f64) -> Value {
    match () {
        _ if low.is_nan() || high.is_nan() => Value::Unknown,
        _ if low == high => Value::Number(low),
        _ => Value::Range(low, high),
    }
}

fn arithmetic(op: ArithmeticOp, a: &Cell, b: &Cell) -> Value {
    let (Cell::Value(a), Cell::Value(b)) = (a, b) else { return Value::Unknown };
    if let (Value::Date(a), Value::Date(b), ArithmeticOp::Subtract) = (a, b, op) {
        return days_between(*a, *b);
    }
    let (Some(a), Some(b)) = (bounds(a), bounds(b)) else { return Value::Unknown };
    match op {
        ArithmeticOp::Add => number(a.0 + b.0, a.1 + b.1),
        ArithmeticOp::Subtract => number(a.0 - b.1, a.1 - b.0),
        ArithmeticOp::Multiply => corners(a, b, |a, b| a * b),
        ArithmeticOp::Divide if b.0 <= 0.0 && b.1 >= 0.0 => Value::Unknown,
        ArithmeticOp::Divide => corners(a, b, |a, b| a / b),
    }
}

/// How many days the first is later than the second, wherever in their reach the two are.
fn days_between(later: Date, earlier: Date) -> Value {
    let (a, b) = (later.reach(), earlier.reach());
    let days = |to: i32, from: i32| {
        begat::date::civil_of(to).and(begat::date::civil_of(from)).map(|_| f64::from(to) - f64::from(from))
    };
    number(days(a.0, b.1).unwrap_or(f64::NEG_INFINITY), days(a.1, b.0).unwrap_or(f64::INFINITY))
}

fn corners(a: (f64, f64), b: (f64, f64), f: fn(f64, f64) -> f64) -> Value {
    let all = [f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)];
    if all.iter().any(|corner| corner.is_nan()) {
        return Value::Unknown;
    }
    number(all.into_iter().fold(f64::INFINITY, f64::min), all.into_iter().fold(f64::NEG_INFINITY, f64::max))
}

fn call(graph: &Graph, function: FunctionId, argument: &Cell) -> Value {
    match (function, argument) {
        (FunctionId::Running | FunctionId::Share, Cell::Value(value)) => value.clone(),
        (FunctionId::Length, Cell::Path(entities)) => Value::Number(entities.len() as f64 - 1.0),
        (FunctionId::Name, Cell::Entity(entity)) => Value::text(graph.name(*entity)),
        (FunctionId::Type, Cell::Entity(entity)) => Value::text(&graph.schema().type_(graph.type_of(*entity)).name),
        (_, Cell::Value(Value::Date(date))) => call_date(function, *date),
        (_, Cell::Value(Value::Text(text))) => call_text(function, text),
        (_, Cell::Value(value)) => bounds(value).map_or(Value::Unknown, |bounds| call_number(function, bounds)),
        _ => Value::Unknown,
    }
}

/// Years are numbers, or a range over all years that the date may lie in; quarters and months are texts, with dots
/// between the first and the last where there are several.
fn call_date(function: FunctionId, date: Date) -> Value {
    match function {
        FunctionId::Year if date.is_undated() => Value::Unknown,
        FunctionId::Year => {
            let (first, last) = date.reach();
            let year = |day, open| begat::date::civil_of(day).map_or(open, |(year, _, _)| f64::from(year));
            number(year(first, f64::NEG_INFINITY), year(last, f64::INFINITY))
        }
        FunctionId::Quarter => periods(date, |(year, month, _)| format!("{year}-Q{}", month.div_ceil(3))),
        FunctionId::Month => periods(date, |(year, month, _)| format!("{year:04}-{month:02}")),
        FunctionId::Earliest => date.reached_days().0.map_or(Value::Unknown, Value::Date),
        FunctionId::Latest => date.reached_days().1.map_or(Value::Unknown, Value::Date),
        _ => Value::Unknown,
    }
}

fn periods(date: Date, name: fn((i32, u8, u8)) -> String) -> Value {
    if date.is_undated() {
        return Value::Unknown;
    }
    let (first, last) = date.reach();
    let [first, last] = [first, last].map(|day| begat::date::civil_of(day).map(name).unwrap_or_default());
    Value::text(&if first == last { first } else { format!("{first}..{last}") })
}

fn call_text(function: FunctionId, text: &str) -> Value {
    match function {
        FunctionId::Length => Value::Number(text.chars().count() as f64),
        FunctionId::Lower => Value::text(&text.to_lowercase()),
        FunctionId::Upper => Value::text(&text.to_uppercase()),
        _ => Value::Unknown,
    }
}

fn call_number(function: FunctionId, (low, high): (f64, f64)) -> Value {
    match function {
        FunctionId::Days => number(low, high),
        FunctionId::Round => number(low.round(), high.round()),
        FunctionId::Abs if low <= 0.0 && high >= 0.0 => number(0.0, high.max(-low)),
        FunctionId::Abs => number(low.abs().min(high.abs()), low.abs().max(high.abs())),
        _ => Value::Unknown,
    }
}
