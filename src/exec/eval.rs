//! Evaluation of expressions for one binding.
//!
//! Entities are cells too, so that a column can show whatever an expression gives. A comparison of unknown values is
//! [`Truth::Maybe`].

use super::claims::told;
use super::join::Worker;
use super::{NULL_SLOT, Outcomes};
use crate::answer::Cell;
use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph};
use crate::plan::{ArithmeticOp, CompareOp, PeriodOp, Scalar, VarId};
use crate::schema::PropertyId;
use crate::value::{Date, Like, Number, Regex, Truth, Value, natural};
use indexmap::IndexSet;
use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Sub};

/// Environment of an expression: the graph and a binding.
pub(crate) struct Scope<'a> {
    pub graph: &'a Graph,
    pub paths: &'a IndexSet<Box<[u32]>>,
    pub frame: &'a [u32],
    /// Values of keys and aggregates of the current group; absent outside groups.
    pub group: &'a dyn Fn(OfGroup) -> Cell,
}

/// Reference of an expression to its group, by position.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OfGroup {
    Key(usize),
    AggregateCall(usize),
}

impl Worker<'_> {
    /// Returns the scope of the current frame.
    pub fn scope(&self) -> Scope<'_> {
        Scope { graph: self.engine.graph, paths: &self.paths, frame: &self.frame, group: &|_| Cell::Absent }
    }
}

impl Scope<'_> {
    /// Returns the outcomes of the expression as a test. A cell that is no truth value may be true or false.
    pub fn outcomes(&self, scalar: &Scalar) -> Outcomes {
        match scalar {
            Scalar::And(all) => all.iter().fold(Outcomes::YES, |so_far, inner| so_far.and(self.outcomes(inner))),
            Scalar::Or(all) => all.iter().fold(Outcomes::NO, |so_far, inner| so_far.or(self.outcomes(inner))),
            Scalar::Not(inner) => self.outcomes(inner).not(),
            Scalar::Compare(op, a, b) if self.same_statement(a, b) => truth_of(op.holds_of_one_value()).into(),
            Scalar::Compare(op, a, b) => match self.numbered_periods(a, b) {
                Some((a, b)) => compare(*op, &a, &b, self.graph),
                None => compare(*op, &self.cell(a), &self.cell(b), self.graph),
            },
            Scalar::Matches(inner, pattern) => match self.cell(inner) {
                Cell::Absent => Outcomes::NEITHER,
                Cell::Value(value) => matches(&value, pattern).into(),
                _ => Truth::Maybe.into(),
            },
            Scalar::IsUnknown(inner) => match self.cell(inner) {
                Cell::Absent => Outcomes::NEITHER,
                cell => truth_of(is_unknown(&cell)).into(),
            },
            Scalar::IsAbsent(slot) => truth_of(self.slot(*slot) == NULL_SLOT).into(),
            _ => match self.cell(scalar) {
                Cell::Value(Value::Truth(truth)) => truth.into(),
                Cell::Absent => Outcomes::NEITHER,
                _ => Truth::Maybe.into(),
            },
        }
    }

    fn slot(&self, slot: VarId) -> u32 {
        self.frame[slot.0 as usize]
    }

    /// Returns the value of the expression; absent if it reads something absent.
    pub fn cell(&self, scalar: &Scalar) -> Cell {
        match scalar {
            Scalar::Constant(value) => Cell::Value(value.clone()),
            Scalar::Entity(entity) => Cell::Entity(*entity),
            Scalar::Slot(slot) | Scalar::Stated(slot, _) | Scalar::Path(slot) | Scalar::Length(slot)
                if self.slot(*slot) == NULL_SLOT =>
            {
                Cell::Absent
            }
            Scalar::Slot(slot) => Cell::Entity(EntityId(self.slot(*slot))),
            Scalar::Stated(slot, property) => {
                Cell::Value(self.graph.values(*property).stated.get(self.slot(*slot) as usize))
            }
            Scalar::Label(slot, _) if self.slot(*slot) == NULL_SLOT => Cell::Absent,
            Scalar::Label(slot, label) => Cell::Value(Value::text(label.word(self.graph, self.slot(*slot)))),
            Scalar::OfClaims(what, claimed, by) => told(self.graph, *what, claimed, *by, self.frame),
            Scalar::Path(slot) => {
                let path = self.paths.get_index(self.slot(*slot) as usize).map_or(&[][..], |path| path);
                Cell::Path(path.iter().copied().map(EntityId).collect())
            }
            Scalar::Length(slot) => Cell::Value(Value::Number(self.slot(*slot).into())),
            Scalar::Property(slot, property) => match self.slot(*slot) {
                NULL_SLOT => Cell::Absent,
                entity => self.property(EntityId(entity), *property),
            },
            Scalar::PropertyOf(entity, property) => self.property(*entity, *property),
            Scalar::Arithmetic(op, a, b) => match (self.cell(a), self.cell(b)) {
                (Cell::Absent, _) | (_, Cell::Absent) => Cell::Absent,
                (a, b) => Cell::Value(arithmetic(*op, &value_of(a), &value_of(b))),
            },
            Scalar::OrElse(a, b) => match self.cell(a) {
                cell if is_unknown(&cell) => self.cell(b),
                cell => cell,
            },
            Scalar::Negative(inner) => match self.cell(inner) {
                Cell::Absent => Cell::Absent,
                cell => Cell::Value(arithmetic(ArithmeticOp::Subtract, &Value::Number(0.0), &value_of(cell))),
            },
            Scalar::Call(function, arguments) => self.call(*function, arguments),
            Scalar::Key(key) => (self.group)(OfGroup::Key(*key)),
            Scalar::AggregateCall(fold) => (self.group)(OfGroup::AggregateCall(*fold)),
            Scalar::And(_)
            | Scalar::Or(_)
            | Scalar::Not(_)
            | Scalar::Compare(..)
            | Scalar::Matches(..)
            | Scalar::IsUnknown(_)
            | Scalar::IsAbsent(_) => {
                self.outcomes(scalar).truth().map_or(Cell::Absent, |truth| Cell::Value(Value::Truth(truth)))
            }
            Scalar::Unknown => Cell::Value(Value::Unknown),
        }
    }

    fn property(&self, entity: EntityId, property: PropertyId) -> Cell {
        Cell::Value(self.graph.value(entity, property))
    }

    /// Returns the operands of `month(d) = "2024-05"` as running numbers of months (or quarters), so that a date that
    /// may fall in several of them compares as a range; `None` for other operands.
    fn numbered_periods(&self, a: &Scalar, b: &Scalar) -> Option<(Cell, Cell)> {
        let months = |scalar: &Scalar| match scalar {
            Scalar::Call(FunctionId::Month, _) => Some(1),
            Scalar::Call(FunctionId::Quarter, _) => Some(3),
            _ => None,
        };
        let length = months(a).or(months(b))?;
        Some((self.numbered_period(a, length)?, self.numbered_period(b, length)?))
    }

    /// Returns the range of period numbers (periods of `length` months) that a date may fall in, or the number that a
    /// text names.
    fn numbered_period(&self, scalar: &Scalar, length: i32) -> Option<Cell> {
        let number = |(year, month): (i32, u8)| f64::from((year * 12 + i32::from(month) - 1).div_euclid(length));
        match scalar {
            Scalar::Call(FunctionId::Month | FunctionId::Quarter, arguments) => match self.cell(arguments.first()?) {
                Cell::Value(Value::Date(date)) if !date.is_undated() => {
                    let (first, last) = date.reached_days();
                    let end = |day: Option<Date>, open: f64| day.and_then(Date::month_of).map_or(open, number);
                    Some(Cell::Value(range(end(first, f64::NEG_INFINITY), end(last, f64::INFINITY))))
                }
                Cell::Absent => Some(Cell::Absent),
                _ => Some(Cell::Value(Value::Unknown)),
            },
            Scalar::Constant(Value::Text(text)) => {
                let (year, part) = text.rsplit_once('-')?;
                let month = match part.strip_prefix(['Q', 'q']) {
                    Some(quarter) if length == 3 => quarter.parse::<u8>().ok().filter(|q| (1..=4).contains(q))? * 3,
                    None if length == 1 && part.len() == 2 => part.parse().ok().filter(|m| (1..=12).contains(m))?,
                    _ => return None,
                };
                Some(Cell::Value(Value::Number(number((year.parse().ok()?, month)))))
            }
            _ => None,
        }
    }

    /// Returns true if both sides are the same stated value, or the same property of the same entity. An unknown day is
    /// not before itself, though two unknown days may be in any order.
    fn same_statement(&self, a: &Scalar, b: &Scalar) -> bool {
        let owned = |scalar: &Scalar| match scalar {
            Scalar::Property(slot, property) => Some((self.slot(*slot), *property)),
            Scalar::PropertyOf(entity, property) => Some((entity.0, *property)),
            _ => None,
        };
        let (one, other) = match (a, b) {
            (Scalar::Stated(a, p), Scalar::Stated(b, q)) => (Some((self.slot(*a), *p)), Some((self.slot(*b), *q))),
            _ => (owned(a), owned(b)),
        };
        one.is_some_and(|(of, _)| of != NULL_SLOT) && one == other
    }

    fn call(&self, function: FunctionId, arguments: &[Scalar]) -> Cell {
        let Some(first) = arguments.first().map(|argument| self.cell(argument)) else { return Cell::Absent };
        let value = match (function, first) {
            // Running sums are added by a later operator, when all rows are known.
            (FunctionId::Running | FunctionId::Share, Cell::Value(value)) => value,
            (FunctionId::Length, Cell::Path(path)) => Value::Number(path.len().saturating_sub(1) as f64),
            (FunctionId::Length, Cell::Value(Value::Text(text))) => Value::Number(text.chars().count() as f64),
            (FunctionId::Name, Cell::Entity(entity)) => Value::text(self.graph.name(entity)),
            (FunctionId::Type, Cell::Entity(entity)) => {
                Value::text(&self.graph.schema().type_(self.graph.type_of(entity)).name)
            }
            (_, Cell::Absent) => return Cell::Absent,
            (_, Cell::Value(value)) => scalar(function, value),
            _ => Value::Unknown,
        };
        Cell::Value(value)
    }
}

/// Applies a scalar function to a value; unknown if the function is not defined for it.
fn scalar(function: FunctionId, value: Value) -> Value {
    match (function, value) {
        (FunctionId::Year, Value::Date(date)) => year(date),
        (FunctionId::Quarter, Value::Date(date)) => named_period(date, Date::quarter_of, |(y, q)| format!("{y}-Q{q}")),
        (FunctionId::Month, Value::Date(date)) => named_period(date, Date::month_of, |(y, m)| format!("{y:04}-{m:02}")),
        (FunctionId::Earliest, Value::Date(date)) => date.reached_days().0.map_or(Value::Unknown, Value::Date),
        (FunctionId::Latest, Value::Date(date)) => date.reached_days().1.map_or(Value::Unknown, Value::Date),
        (FunctionId::Days, days @ (Value::Number(_) | Value::Integer(_) | Value::Range(..))) => days,
        (FunctionId::Lower, Value::Text(text)) => Value::text(&text.to_lowercase()),
        (FunctionId::Upper, Value::Text(text)) => Value::text(&text.to_uppercase()),
        (FunctionId::Abs | FunctionId::Round, value) if let Some(number) = value.number() => {
            Value::from(if function == FunctionId::Abs { number.abs() } else { number.round() })
        }
        (FunctionId::Abs, Value::Range(low, high)) if low <= 0.0 && high >= 0.0 => range(0.0, high.max(-low)),
        (FunctionId::Abs, Value::Range(low, high)) => range(low.abs().min(high.abs()), low.abs().max(high.abs())),
        (FunctionId::Round, Value::Range(low, high)) => range(low.round(), high.round()),
        _ => Value::Unknown,
    }
}

/// Returns the year of a date, or the range of years that it may fall in.
fn year(date: Date) -> Value {
    if date.is_undated() {
        return Value::Unknown;
    }
    let bound = |year: Option<i32>, open: f64| year.map_or(open, f64::from);
    let (first, last) = date.reached_years();
    range(bound(first, f64::NEG_INFINITY), bound(last, f64::INFINITY))
}

/// Returns the name of the period of a date, or `first..last` if it spans several; an open end is left out.
fn named_period<P: PartialEq>(date: Date, of: fn(Date) -> Option<P>, name: fn(P) -> String) -> Value {
    if date.is_undated() {
        return Value::Unknown;
    }
    let (first, last) = date.reached_days();
    let (first, last) = (first.and_then(of), last.and_then(of));
    if first == last && first.is_some() {
        return Value::text(&first.map(name).unwrap_or_default());
    }
    let words = |period: Option<P>| period.map(name).unwrap_or_default();
    Value::text(&format!("{}..{}", words(first), words(last)))
}

/// Returns a range, or a number if both ends are equal; unknown if an end is not a number.
pub(crate) fn range(low: impl Into<Number>, high: impl Into<Number>) -> Value {
    let (low, high) = (low.into(), high.into());
    // Rounded outwards, since a range has floats as ends.
    if low == high { Value::from(low) } else { ends(low.floor(), high.ceil()) }
}

fn ends(low: f64, high: f64) -> Value {
    if low.is_nan() || high.is_nan() { Value::Unknown } else { Value::Range(low, high) }
}

/// Returns the bounds of a number or range; `None` for other values.
pub(crate) fn bounds(value: &Value) -> Option<(Number, Number)> {
    match value {
        Value::Range(low, high) => Some((Number::Float(*low), Number::Float(*high))),
        _ => value.number().map(|number| (number, number)),
    }
}

fn arithmetic(op: ArithmeticOp, a: &Value, b: &Value) -> Value {
    if let (ArithmeticOp::Subtract, Value::Date(a), Value::Date(b)) = (op, a, b) {
        let (least, greatest) = a.difference(*b);
        let bound = |days: Option<i64>, open: f64| days.map_or(open, |days| days as f64);
        return range(bound(least, f64::NEG_INFINITY), bound(greatest, f64::INFINITY));
    }
    let f = match op {
        ArithmeticOp::Add => Number::add,
        ArithmeticOp::Subtract => Number::sub,
        ArithmeticOp::Multiply => Number::mul,
        ArithmeticOp::Divide => Number::div,
    };
    if let Some((a, b)) = a.number().zip(b.number()) {
        return Value::from(f(a, b));
    }
    let (Some(a), Some(b)) = (bounds(a), bounds(b)) else { return Value::Unknown };
    // The quotient is unbounded and its sign unknown if the divisor's range contains 0.
    if op == ArithmeticOp::Divide && b.0.cmp(Number::ZERO).is_le() && b.1.cmp(Number::ZERO).is_ge() {
        return Value::Unknown;
    }
    // All four operations are monotonic in each operand here, so the extremes lie at the corners of both ranges.
    let corners = [f(a.0, b.0), f(a.0, b.1), f(a.1, b.0), f(a.1, b.1)];
    if corners.iter().any(|corner| corner.to_f64().is_nan()) {
        return Value::Unknown;
    }
    let fold = |f: fn(Number, Number) -> Number| corners.into_iter().reduce(f).unwrap_or(Number::ZERO);
    range(fold(Number::min), fold(Number::max))
}

/// Returns the value of a present cell; unknown for an entity or a path.
fn value_of(cell: Cell) -> Value {
    match cell {
        Cell::Value(value) => value,
        _ => Value::Unknown,
    }
}

fn is_unknown(cell: &Cell) -> bool {
    match cell {
        Cell::Absent | Cell::Value(Value::Unknown) => true,
        Cell::Value(Value::Date(date)) => date.is_undated(),
        _ => false,
    }
}

pub(crate) fn truth_of(known: bool) -> Truth {
    if known { Truth::Yes } else { Truth::No }
}

/// Compares two cells; neither true nor false if one of them is absent.
pub(crate) fn compare(op: CompareOp, a: &Cell, b: &Cell, graph: &Graph) -> Outcomes {
    match (a, b) {
        (Cell::Absent, _) | (_, Cell::Absent) => Outcomes::NEITHER,
        _ => compare_present(op, a, b, graph).into(),
    }
}

fn compare_present(op: CompareOp, a: &Cell, b: &Cell, graph: &Graph) -> Truth {
    match (a, b) {
        (Cell::Entity(a), Cell::Entity(b)) => match op {
            CompareOp::Equal => truth_of(a == b),
            CompareOp::NotEqual => truth_of(a != b),
            // Within a type, entity ids are in the order of names.
            _ if graph.type_of(*a) == graph.type_of(*b) => truth_of(holds(op, a.cmp(b))),
            _ => ordered(op, graph.name(*a), graph.name(*b)),
        },
        (Cell::Value(Value::Many(many)), other) => {
            any(many, |value| compare_present(op, &Cell::Value(value), other, graph))
        }
        (other, Cell::Value(Value::Many(many))) => {
            any(many, |value| compare_present(op, other, &Cell::Value(value), graph))
        }
        (Cell::Value(a), Cell::Value(b)) => compare_values(op, a, b),
        _ => Truth::Maybe,
    }
}

/// Returns whether a text has a match of the pattern; of several values, whether one has.
fn matches(value: &Value, pattern: &Regex) -> Truth {
    match value {
        Value::Text(text) => truth_of(pattern.matches(text.as_bytes())),
        Value::Many(many) => any(many, |value| matches(&value, pattern)),
        _ => Truth::Maybe,
    }
}

fn any(many: &[Value], truth: impl Fn(Value) -> Truth) -> Truth {
    many.iter().fold(Truth::No, |any, value| any.or(truth(value.clone())))
}

pub(crate) fn compare_values(op: CompareOp, a: &Value, b: &Value) -> Truth {
    match (a, b) {
        (Value::Date(a), Value::Date(b)) => compare_dates(op, *a, *b),
        (Value::Text(a), Value::Text(b)) => match op {
            CompareOp::Like => truth_of(Like::new(b).matches(a.as_bytes())),
            CompareOp::Equal => truth_of(a == b),
            CompareOp::NotEqual => truth_of(a != b),
            _ => ordered(op, a, b),
        },
        // Equal if both hold or neither does.
        (Value::Truth(a), Value::Truth(b)) if op == CompareOp::Equal => a.and(*b).or(a.not().and(b.not())),
        (Value::Truth(a), Value::Truth(b)) => a.and(*b).or(a.not().and(b.not())).not(),
        _ => match bounds(a).zip(bounds(b)) {
            Some((a, b)) => compare_ranges(op, a, b),
            None => Truth::Maybe,
        },
    }
}

fn ordered(op: CompareOp, a: &str, b: &str) -> Truth {
    truth_of(holds(op, natural(a, b)))
}

fn holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Less => order == Ordering::Less,
        CompareOp::LessOrEqual => order != Ordering::Greater,
        CompareOp::Greater => order == Ordering::Greater,
        CompareOp::GreaterOrEqual => order != Ordering::Less,
        CompareOp::Equal => order == Ordering::Equal,
        CompareOp::NotEqual => order != Ordering::Equal,
        _ => false,
    }
}

pub(crate) fn compare_dates(op: CompareOp, a: Date, b: Date) -> Truth {
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

/// Compares two unknown numbers, each of which lies in its range.
fn compare_ranges(op: CompareOp, a: (Number, Number), b: (Number, Number)) -> Truth {
    let verdict = |certainly: bool, possibly: bool| match (certainly, possibly) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Maybe,
        (false, false) => Truth::No,
    };
    let (less, most) = (|a: Number, b: Number| a.cmp(b).is_lt(), |a: Number, b: Number| a.cmp(b).is_le());
    match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => verdict(less(a.1, b.0), less(a.0, b.1)),
        CompareOp::LessOrEqual | CompareOp::Period(PeriodOp::Until) => verdict(most(a.1, b.0), most(a.0, b.1)),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => verdict(less(b.1, a.0), less(b.0, a.1)),
        CompareOp::GreaterOrEqual | CompareOp::Period(PeriodOp::Since) => verdict(most(b.1, a.0), most(b.0, a.1)),
        CompareOp::Equal | CompareOp::Period(PeriodOp::In) => {
            verdict(a.0 == a.1 && b.0 == b.1 && a.0 == b.0, most(a.0, b.1) && most(b.0, a.1))
        }
        CompareOp::NotEqual => compare_ranges(CompareOp::Equal, a, b).not(),
        CompareOp::Like => Truth::Maybe,
    }
}

#[cfg(test)]
mod tests {
    use super::{FunctionId, Value, scalar};

    #[test]
    fn an_absolute_range_reaches_zero_only_if_the_range_does() {
        for ((low, high), expected) in
            [((-5.0, -3.0), (3.0, 5.0)), ((3.0, 5.0), (3.0, 5.0)), ((-5.0, 3.0), (0.0, 5.0)), ((-3.0, 5.0), (0.0, 5.0))]
        {
            let found = scalar(FunctionId::Abs, Value::Range(low, high));
            assert_eq!(found, Value::Range(expected.0, expected.1), "{low} to {high}");
        }
    }
}
