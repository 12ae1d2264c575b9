//! What an expression gives for one binding, in three-valued logic.

use super::{Binding, Mode, Slot, World};
use begat::answer::Cell;
use begat::check::typed::{ArithmeticOp, CompareOp, Expr, ExprKind, PeriodOp, Var, VarId, VarKind};
use begat::functions::FunctionId;
use begat::graph::{EntityId, Graph};
use begat::schema::PropertyId;
use begat::value::{Date, Truth, Value, natural};
use std::cmp::Ordering;

impl World<'_> {
    /// Whether an expression holds.
    pub fn truth(&self, vars: &[Var], binding: &mut Binding, expr: &Expr, mode: Mode) -> Truth {
        match self.eval(vars, binding, expr, mode) {
            Cell::Value(Value::Truth(truth)) => truth,
            _ => Truth::Maybe,
        }
    }

    /// The value of an expression without aggregates.
    pub fn eval(&self, vars: &[Var], binding: &mut Binding, expr: &Expr, mode: Mode) -> Cell {
        let value = |value| Cell::Value(value);
        let truth = |truth| Cell::Value(Value::Truth(truth));
        match &expr.kind {
            ExprKind::Value(v) => value(v.clone()),
            ExprKind::Entity(entity) => Cell::Entity(*entity),
            ExprKind::Var(var) => self.slot_cell(&binding[var.0 as usize]),
            ExprKind::Property(var, property) => match binding[var.0 as usize] {
                Slot::Entity(entity) => value(self.property(entity, *property)),
                _ => Cell::Absent,
            },
            ExprKind::PropertyOf(entity, property) => value(self.property(*entity, *property)),
            ExprKind::And(all) => truth(self.truths(vars, binding, all, mode).fold(Truth::Yes, Truth::and)),
            ExprKind::Or(all) => truth(self.truths(vars, binding, all, mode).fold(Truth::No, Truth::or)),
            ExprKind::Not(inner) => truth(self.truth(vars, binding, inner, mode).not()),
            ExprKind::Compare(op, a, b) if is_one_statement(vars, binding, a, b) => truth(with_itself(*op)),
            ExprKind::Compare(op, a, b) => {
                let (left, right) = (self.eval(vars, binding, a, mode), self.eval(vars, binding, b, mode));
                truth(match (&a.kind, &b.kind) {
                    (_, ExprKind::Value(Value::Date(period))) => against_period(*op, &left, *period),
                    (ExprKind::Value(Value::Date(period)), _) => against_period(mirrored(*op), &right, *period),
                    _ => compare(self.graph, *op, &left, &right),
                })
            }
            ExprKind::IsUnknown(inner) => truth(is_unknown(&self.eval(vars, binding, inner, mode)).into()),
            ExprKind::Arithmetic(op, a, b) => {
                let (a, b) = (self.eval(vars, binding, a, mode), self.eval(vars, binding, b, mode));
                value(arithmetic(*op, &a, &b))
            }
            ExprKind::Negative(inner) => {
                let inner = self.eval(vars, binding, inner, mode);
                value(arithmetic(ArithmeticOp::Subtract, &value(Value::Number(0.0)), &inner))
            }
            ExprKind::Call(function, arguments) => {
                let cells = arguments.iter().map(|a| self.eval(vars, binding, a, mode)).collect::<Vec<_>>();
                value(cells.first().map_or(Value::Unknown, |first| call(self.graph, *function, first)))
            }
            ExprKind::Exists(formula) => {
                let sure = if mode == Mode::Shown { Mode::Shown } else { Mode::Certain };
                let is_sure = self.some(vars, binding, formula, sure);
                let is_possible = self.some(vars, binding, formula, Mode::Possible);
                truth(if is_sure {
                    Truth::Yes
                } else if is_possible {
                    Truth::Maybe
                } else {
                    Truth::No
                })
            }
            ExprKind::IsAbsent(var) => Cell::Value(Value::Truth((binding[var.0 as usize] == Slot::Absent).into())),
            ExprKind::Aggregate { .. } => Cell::Absent,
        }
    }

    fn truths(&self, vars: &[Var], binding: &mut Binding, all: &[Expr], mode: Mode) -> impl Iterator<Item = Truth> {
        all.iter().map(|e| self.truth(vars, binding, e, mode)).collect::<Vec<_>>().into_iter()
    }

    pub fn slot_cell(&self, slot: &Slot) -> Cell {
        match slot {
            Slot::Open | Slot::Absent => Cell::Absent,
            Slot::Entity(entity) => Cell::Entity(*entity),
            Slot::Value(property, i) => Cell::Value(self.graph.values(*property).stated(*i).1),
            Slot::Path(entities) => Cell::Path(entities.clone()),
        }
    }

    fn property(&self, entity: EntityId, property: PropertyId) -> Value {
        self.graph.value(entity, property)
    }
}

/// Whether both sides are one stated value, or one property of one entity: a day is not before itself, unknown or not.
fn is_one_statement(vars: &[Var], binding: &Binding, a: &Expr, b: &Expr) -> bool {
    let slot = |var: &VarId| &binding[var.0 as usize];
    match (&a.kind, &b.kind) {
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

/// Compares a date with one that is written in the query, which is a period and not an unknown day: `before 2024` ends
/// with 2023, whatever day of 2024 the other date may be.
fn against_period(op: CompareOp, date: &Cell, period: Date) -> Truth {
    let date = match date {
        Cell::Value(Value::Date(date)) => *date,
        Cell::Value(Value::Many(all)) => {
            return any_of(all, |date| against_period(op, &Cell::Value(date.clone()), period));
        }
        _ => return Truth::Maybe,
    };
    match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => date.since(period).not(),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => date.until(period).not(),
        CompareOp::LessOrEqual => date.until(period),
        CompareOp::GreaterOrEqual => date.since(period),
        other => compare_dates(other, date, period),
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

/// Compares two cells; what is absent or unknown compares as `Maybe`.
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
        (Value::Date(a), Value::Date(b)) => compare_dates(op, *a, *b),
        (Value::Text(a), Value::Text(b)) if op == CompareOp::Like => like(&a.to_lowercase(), &b.to_lowercase()).into(),
        (Value::Text(a), Value::Text(b)) => by_order(op, natural(a, b)),
        (Value::Truth(a), Value::Truth(b)) => by_order(op, a.cmp(b)),
        _ => match (bounds(a), bounds(b)) {
            (Some(a), Some(b)) => compare_ranges(op, a, b),
            _ => Truth::Maybe,
        },
    }
}

fn compare_dates(op: CompareOp, a: Date, b: Date) -> Truth {
    match op {
        CompareOp::Equal => a.same(b),
        CompareOp::NotEqual => a.same(b).not(),
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => a.before(b),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => a.after(b),
        CompareOp::LessOrEqual => a.after(b).not(),
        CompareOp::GreaterOrEqual => a.before(b).not(),
        CompareOp::Period(PeriodOp::In) => a.in_(b),
        CompareOp::Period(PeriodOp::Since) => a.since(b),
        CompareOp::Period(PeriodOp::Until) => a.until(b),
        CompareOp::Like => Truth::Maybe,
    }
}

/// Two unknown numbers, each between its bounds.
fn compare_ranges(op: CompareOp, a: (f64, f64), b: (f64, f64)) -> Truth {
    let choose = |certainly: bool, possibly: bool| match (certainly, possibly) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Maybe,
        (false, false) => Truth::No,
    };
    match op {
        CompareOp::Equal => choose(a.0 == a.1 && a == b, a.0 <= b.1 && b.0 <= a.1),
        CompareOp::NotEqual => compare_ranges(CompareOp::Equal, a, b).not(),
        CompareOp::Less => choose(a.1 < b.0, a.0 < b.1),
        CompareOp::Greater => compare_ranges(CompareOp::Less, b, a),
        CompareOp::LessOrEqual => compare_ranges(CompareOp::Less, b, a).not(),
        CompareOp::GreaterOrEqual => compare_ranges(CompareOp::Less, a, b).not(),
        CompareOp::Period(_) | CompareOp::Like => Truth::Maybe,
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
        let (low, high) = a.difference(*b);
        let end = |days: Option<i64>, open: f64| days.map_or(open, |days| days as f64);
        return number(end(low, f64::NEG_INFINITY), end(high, f64::INFINITY));
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

fn corners(a: (f64, f64), b: (f64, f64), f: fn(f64, f64) -> f64) -> Value {
    let all = [f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)];
    if all.iter().any(|corner| corner.is_nan()) {
        return Value::Unknown;
    }
    number(all.into_iter().fold(f64::INFINITY, f64::min), all.into_iter().fold(f64::NEG_INFINITY, f64::max))
}

fn call(graph: &Graph, function: FunctionId, argument: &Cell) -> Value {
    match (function, argument) {
        (FunctionId::Running, Cell::Value(value)) => value.clone(),
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
        FunctionId::Earliest => date.earliest_date().map_or(Value::Unknown, Value::Date),
        FunctionId::Latest => date.latest_date().map_or(Value::Unknown, Value::Date),
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
