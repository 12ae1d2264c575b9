//! Values and tests as expressions: each value with its bounds, each test as two conditions, as in SQL.

use super::super::scalar::{needed_slots, owners_of_one_property};
use super::super::{Refused, refuse};
use super::lower::Lowering;
use super::tree::{Arithmetic, Attribute, Expr, Node, Sign};
use crate::date::Date;
use crate::functions::FunctionId;
use crate::graph::ValueColumn;
use crate::plan::{ArithmeticOp, CompareOp, PeriodOp, Scalar, VarId, VarKind};
use crate::schema::PropertyId;
use crate::value::{Value, ValueType};

/// A test: null where it is neither true nor false since something is absent.
#[derive(Debug, Clone)]
pub(super) struct LoweredTest {
    pub certain: Expr,
    pub possible: Expr,
}

/// What a scalar gives.
#[derive(Debug, Clone)]
pub(super) enum LoweredScalar {
    Entity(Node),
    Date(Box<LoweredDate>),
    /// A number between two bounds; null where it is unknown.
    Number {
        low: Expr,
        high: Expr,
        words: Option<Expr>,
    },
    Text {
        text: Expr,
        rank: Option<Expr>,
    },
}

/// The columns of a date. Those of an undated one are null.
#[derive(Debug, Clone)]
pub(super) struct LoweredDate {
    pub words: Expr,
    pub plain: LoweredBounds,
    reach: LoweredBounds,
    core: LoweredBounds,
    years: LoweredBounds,
}

/// The first and the last day (or year), both included.
#[derive(Debug, Clone)]
pub(super) struct LoweredBounds {
    pub first: Expr,
    pub last: Expr,
}

/// Beyond every year, on both sides.
const OPEN: f64 = 1e300;

impl LoweredBounds {
    fn days((first, last): (i32, i32)) -> LoweredBounds {
        LoweredBounds { first: Expr::Whole(first.into()), last: Expr::Whole(last.into()) }
    }
}

impl LoweredDate {
    fn of(read: impl Fn(&'static str) -> Expr) -> LoweredDate {
        let ends = |first, last| LoweredBounds { first: read(first), last: read(last) };
        LoweredDate {
            words: read("words"),
            plain: ends("earliest", "latest"),
            reach: ends("reach_earliest", "reach_latest"),
            core: ends("core_earliest", "core_latest"),
            years: ends("first_year", "last_year"),
        }
    }

    fn of_date(date: Date) -> LoweredDate {
        if date.is_undated() {
            return LoweredDate { words: Expr::Text("undated".to_string()), ..LoweredDate::of(|_| Expr::Null) };
        }
        let year = |year: Option<i32>| year.map_or(Expr::Null, |year| Expr::Whole(year.into()));
        let (first, last) = date.reached_years();
        LoweredDate {
            words: Expr::Text(date.to_string()),
            plain: LoweredBounds::days(date.bounds()),
            reach: LoweredBounds::days(date.reach()),
            core: LoweredBounds::days(date.core()),
            years: LoweredBounds { first: year(first), last: year(last) },
        }
    }
}

impl Lowering<'_> {
    /// The test that a scalar is.
    pub(super) fn truth(&mut self, scalar: &Scalar) -> Result<LoweredTest, Refused> {
        match scalar {
            Scalar::And(all) => self.each_of(all, Expr::all),
            Scalar::Or(all) => self.each_of(all, Expr::any),
            Scalar::Not(inner) => {
                let LoweredTest { certain, possible } = self.truth(inner)?;
                Ok(LoweredTest { certain: possible.not(), possible: certain.not() })
            }
            Scalar::IsAbsent(var) => Ok(both(Expr::IsAbsent(self.name_of(*var)?))),
            Scalar::IsUnknown(inner) => {
                let known = match self.given(inner)? {
                    LoweredScalar::Date(bounds) => bounds.plain.first,
                    LoweredScalar::Number { low, .. } => low,
                    LoweredScalar::Text { text, .. } => text,
                    LoweredScalar::Entity(node) => Expr::Read(node, Attribute::Number),
                };
                Ok(both(self.unless_absent(scalar, Expr::IsNull(Box::new(known)))?))
            }
            Scalar::Compare(op, a, b) => self.comparison(*op, a, b, scalar),
            Scalar::Constant(Value::Truth(truth)) => {
                Ok(LoweredTest { certain: Expr::Truth(truth.is_certain()), possible: Expr::Truth(truth.is_possible()) })
            }
            Scalar::Matches(..) => refuse("a regular expression"),
            _ => refuse("a test of this kind"),
        }
    }

    fn each_of(&mut self, all: &[Scalar], join: fn(Vec<Expr>) -> Expr) -> Result<LoweredTest, Refused> {
        let all = all.iter().map(|inner| self.truth(inner)).collect::<Result<Vec<LoweredTest>, _>>()?;
        Ok(LoweredTest {
            certain: join(all.iter().map(|sides| sides.certain.clone()).collect()),
            possible: join(all.into_iter().map(|sides| sides.possible).collect()),
        })
    }

    /// The expression, or null where a variable that the scalar reads is absent.
    pub(super) fn unless_absent(&self, scalar: &Scalar, expr: Expr) -> Result<Expr, Refused> {
        let mut absent: Vec<VarId> = Vec::new();
        needed_slots(scalar, &mut |var| {
            if self.may_be_absent(var) && !absent.contains(&var) {
                absent.push(var);
            }
        });
        if absent.is_empty() {
            return Ok(expr);
        }
        let tests = absent.iter().map(|var| self.name_of(*var).map(Expr::IsAbsent)).collect::<Result<Vec<_>, _>>()?;
        Ok(Expr::If(Box::new(Expr::any(tests)), Box::new(Expr::Null), Box::new(expr)))
    }

    fn comparison(&mut self, op: CompareOp, a: &Scalar, b: &Scalar, whole: &Scalar) -> Result<LoweredTest, Refused> {
        let owners = owners_of_one_property(a, b);
        if owners.is_some_and(|(one, other)| one == other) {
            return Ok(both(self.unless_absent(whole, Expr::Truth(op.holds_of_one_value()))?));
        }
        let is_part = |side: &Scalar| matches!(side, Scalar::Call(FunctionId::Month | FunctionId::Quarter, _));
        if is_part(a) || is_part(b) {
            return refuse("a comparison of months or quarters");
        }
        let sides = match (self.given(a)?, self.given(b)?) {
            (LoweredScalar::Date(a), LoweredScalar::Date(b)) => dates(op, &a, &b),
            (LoweredScalar::Number { low: al, high: ah, .. }, LoweredScalar::Number { low: bl, high: bh, .. }) => {
                let (a, b) = (LoweredBounds { first: al, last: ah }, LoweredBounds { first: bl, last: bh });
                numbers(op, &a, &b).map_or_else(|| refuse("this comparison of numbers"), Ok)?
            }
            (LoweredScalar::Text { text: a, .. }, LoweredScalar::Text { text: b, .. }) => both(texts(op, a, b)?),
            (LoweredScalar::Entity(a), LoweredScalar::Entity(b)) => match op {
                CompareOp::Equal => both(Expr::Same(a, b)),
                CompareOp::NotEqual => both(Expr::Same(a, b).not()),
                _ => return refuse("an order of entities"),
            },
            _ => return refuse("a comparison of values of two kinds"),
        };
        let mut certain = sides.certain.or_else(Expr::Truth(false));
        let mut possible = sides.possible.or_else(Expr::Truth(true));
        if let Some((one, other)) = owners {
            let same = Expr::Same(self.term(one)?, self.term(other)?);
            match op.holds_of_one_value() {
                true => certain = Expr::any(vec![certain, same]),
                false => possible = Expr::all(vec![possible, same.not()]),
            }
        }
        Ok(LoweredTest { certain: self.unless_absent(whole, certain)?, possible: self.unless_absent(whole, possible)? })
    }

    /// What a scalar gives.
    pub(super) fn given(&mut self, scalar: &Scalar) -> Result<LoweredScalar, Refused> {
        match scalar {
            Scalar::Slot(var) => Ok(LoweredScalar::Entity(self.node(*var)?)),
            Scalar::Entity(entity) => Ok(LoweredScalar::Entity(Node::Entity(*entity))),
            Scalar::Constant(value) => constant(value),
            Scalar::Stated(var, property) => {
                let node = self.node(*var)?;
                Ok(self.columns(*property, |column| Expr::Read(node.clone(), Attribute::Stated(column))))
            }
            Scalar::Property(var, property) => {
                let node = self.node(*var)?;
                self.settled(node, *property)
            }
            Scalar::PropertyOf(entity, property) => self.settled(Node::Entity(*entity), *property),
            Scalar::AggregateCall(fold) => match self.counts.get(*fold) {
                Some((low, high)) => {
                    let words = Some(Expr::Words(Box::new(low.clone())));
                    Ok(LoweredScalar::Number { low: low.clone(), high: high.clone(), words })
                }
                None => refuse("an aggregate here"),
            },
            Scalar::Call(function, arguments) => self.call(*function, arguments),
            Scalar::Arithmetic(op, a, b) => {
                let (a, b) = (self.given(a)?, self.given(b)?);
                sum(*op, a, b)
            }
            Scalar::OrElse(first, second) => {
                let (first, second) = (self.given(first)?, self.given(second)?);
                or_else(first, second)
            }
            Scalar::Negative(inner) => {
                let zero = LoweredScalar::Number { low: Expr::Whole(0), high: Expr::Whole(0), words: None };
                let inner = self.given(inner)?;
                sum(ArithmeticOp::Subtract, zero, inner)
            }
            _ => refuse("an expression of this kind"),
        }
    }

    fn call(&mut self, function: FunctionId, arguments: &[Scalar]) -> Result<LoweredScalar, Refused> {
        let given = match (function, arguments.first()) {
            (FunctionId::Name, Some(Scalar::Slot(var))) => {
                return Ok(LoweredScalar::Text { text: Expr::Read(self.node(*var)?, Attribute::Name), rank: None });
            }
            (FunctionId::Year | FunctionId::Lower | FunctionId::Upper, Some(argument)) => self.given(argument)?,
            _ => return refuse("an expression of this kind"),
        };
        match (function, given) {
            (FunctionId::Year, LoweredScalar::Date(bounds)) => {
                let open = |year: &Expr, beyond: f64| {
                    let is_unknown = Expr::IsNull(Box::new(bounds.plain.first.clone()));
                    let year = year.clone().or_else(Expr::Number(beyond));
                    Expr::If(Box::new(is_unknown), Box::new(Expr::Null), Box::new(year))
                };
                let (low, high) = (open(&bounds.years.first, -OPEN), open(&bounds.years.last, OPEN));
                Ok(LoweredScalar::Number { low, high, words: None })
            }
            (FunctionId::Lower, LoweredScalar::Text { text, .. }) => {
                Ok(LoweredScalar::Text { text: Expr::Lower(Box::new(text)), rank: None })
            }
            (FunctionId::Upper, LoweredScalar::Text { text, .. }) => {
                Ok(LoweredScalar::Text { text: Expr::Upper(Box::new(text)), rank: None })
            }
            _ => refuse("this function of this value"),
        }
    }

    /// The settled value of a property.
    fn settled(&self, of: Node, property: PropertyId) -> Result<LoweredScalar, Refused> {
        let values = self.graph.values(property);
        let has_several = values.offsets.iter().zip(values.offsets.iter().skip(1)).any(|(start, end)| end - start > 1);
        if has_several && values.settled.is_empty() {
            return refuse("a property of which an entity has several values");
        }
        if matches!(&values.stated, ValueColumn::Numbers(numbers) if !numbers.wide.is_empty()) {
            return refuse("a property with whole numbers beyond what a DOUBLE holds");
        }
        Ok(self.columns(property, |column| Expr::Read(of.clone(), Attribute::Settled(property, column))))
    }

    fn columns(&self, property: PropertyId, read: impl Fn(&'static str) -> Expr) -> LoweredScalar {
        match self.graph.schema().property(property).value {
            ValueType::Date => LoweredScalar::Date(Box::new(LoweredDate::of(read))),
            ValueType::Number => {
                LoweredScalar::Number { low: read("number"), high: read("number"), words: Some(read("words")) }
            }
            ValueType::Text => LoweredScalar::Text { text: read("words"), rank: Some(read("rank")) },
        }
    }

    /// The property of a variable for a stated value.
    pub(super) fn property_of(&self, var: VarId) -> Result<PropertyId, Refused> {
        match self.slot(var).map(|slot| slot.kind) {
            Some(VarKind::Value(_, property)) => Ok(property),
            _ => refuse("what is not a value"),
        }
    }
}

fn both(expr: Expr) -> LoweredTest {
    LoweredTest { certain: expr.clone(), possible: expr }
}

/// The first where it is known, else the second.
fn or_else(first: LoweredScalar, second: LoweredScalar) -> Result<LoweredScalar, Refused> {
    let either = |known: &Expr, a: Expr, b: Expr| {
        Expr::If(Box::new(Expr::IsNull(Box::new(known.clone()))), Box::new(b), Box::new(a))
    };
    Ok(match (first, second) {
        (LoweredScalar::Date(a), LoweredScalar::Date(b)) => {
            let known = a.plain.first.clone();
            let ends = |a: LoweredBounds, b: LoweredBounds| LoweredBounds {
                first: either(&known, a.first, b.first),
                last: either(&known, a.last, b.last),
            };
            LoweredScalar::Date(Box::new(LoweredDate {
                words: either(&known, a.words, b.words),
                plain: ends(a.plain, b.plain),
                reach: ends(a.reach, b.reach),
                core: ends(a.core, b.core),
                years: ends(a.years, b.years),
            }))
        }
        (
            LoweredScalar::Number { low: al, high: ah, words: aw },
            LoweredScalar::Number { low: bl, high: bh, words: bw },
        ) => LoweredScalar::Number {
            words: aw.zip(bw).map(|(a, b)| either(&al, a, b)),
            high: either(&al, ah, bh),
            low: either(&al, al.clone(), bl),
        },
        (LoweredScalar::Text { text: a, .. }, LoweredScalar::Text { text: b, .. }) => {
            LoweredScalar::Text { text: either(&a, a.clone(), b), rank: None }
        }
        _ => return refuse("an alternative of another kind"),
    })
}

fn constant(value: &Value) -> Result<LoweredScalar, Refused> {
    match value {
        Value::Date(date) => Ok(LoweredScalar::Date(Box::new(LoweredDate::of_date(*date)))),
        Value::Text(text) => Ok(LoweredScalar::Text { text: Expr::Text(text.to_string()), rank: None }),
        Value::Number(number) if number.is_finite() => {
            let words = Some(Expr::Text(value.to_string()));
            Ok(LoweredScalar::Number { low: Expr::Number(*number), high: Expr::Number(*number), words })
        }
        _ => refuse("this constant"),
    }
}

fn sum(op: ArithmeticOp, a: LoweredScalar, b: LoweredScalar) -> Result<LoweredScalar, Refused> {
    let (LoweredScalar::Number { low: al, high: ah, .. }, LoweredScalar::Number { low: bl, high: bh, .. }) = (a, b)
    else {
        return refuse("arithmetic with dates");
    };
    let pair = |op, a: &Expr, b: &Expr| Expr::Arithmetic(op, Box::new(a.clone()), Box::new(b.clone()));
    let (low, high) = match op {
        ArithmeticOp::Add => (pair(Arithmetic::Plus, &al, &bl), pair(Arithmetic::Plus, &ah, &bh)),
        ArithmeticOp::Subtract => (pair(Arithmetic::Minus, &al, &bh), pair(Arithmetic::Minus, &ah, &bl)),
        ArithmeticOp::Multiply if al == ah && bl == bh => {
            (pair(Arithmetic::Times, &al, &bl), pair(Arithmetic::Times, &al, &bl))
        }
        ArithmeticOp::Multiply => return refuse("a product of ranges"),
        ArithmeticOp::Divide => return refuse("a quotient"),
    };
    Ok(LoweredScalar::Number { low, high, words: None })
}

/// The table of a comparison of dates, for one choice of ends.
fn table(op: CompareOp, a: &LoweredBounds, b: &LoweredBounds) -> Option<LoweredTest> {
    let and = |a: Expr, b: Expr| Expr::all(vec![a, b]);
    let overlap = || and(Expr::at_most(&a.first, &b.last), Expr::at_most(&b.first, &a.last));
    let before = |a: &LoweredBounds, b: &LoweredBounds| LoweredTest {
        certain: Expr::less(&a.last, &b.first),
        possible: Expr::less(&a.first, &b.last),
    };
    Some(match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => before(a, b),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => before(b, a),
        CompareOp::Period(PeriodOp::In) => LoweredTest {
            certain: and(Expr::at_most(&b.first, &a.first), Expr::at_most(&a.last, &b.last)),
            possible: overlap(),
        },
        CompareOp::Period(PeriodOp::Since) => {
            LoweredTest { certain: Expr::at_most(&b.first, &a.first), possible: Expr::at_most(&b.first, &a.last) }
        }
        CompareOp::Period(PeriodOp::Until) => {
            LoweredTest { certain: Expr::at_most(&a.last, &b.last), possible: Expr::at_most(&a.first, &b.last) }
        }
        CompareOp::Equal => LoweredTest { certain: same(a, b), possible: overlap() },
        _ => return None,
    })
}

/// Both are one point, and the same.
fn same(a: &LoweredBounds, b: &LoweredBounds) -> Expr {
    let pairs = [(&a.first, &a.last), (&b.first, &b.last), (&a.first, &b.first)];
    Expr::all(pairs.into_iter().filter(|(a, b)| a != b).map(|(a, b)| Expr::equal(a, b)).collect())
}

/// Dates, with the ends that bear a flag moved: certain, or certainly not, is what every move leaves so.
fn dates(op: CompareOp, a: &LoweredDate, b: &LoweredDate) -> LoweredTest {
    let negated = match op {
        CompareOp::NotEqual => Some(CompareOp::Equal),
        CompareOp::LessOrEqual => Some(CompareOp::Greater),
        CompareOp::GreaterOrEqual => Some(CompareOp::Less),
        _ => None,
    };
    if let Some(op) = negated {
        let LoweredTest { certain, possible } = dates(op, a, b);
        return LoweredTest { certain: possible.not(), possible: certain.not() };
    }
    let has_core = matches!(op, CompareOp::Period(PeriodOp::In | PeriodOp::Since | PeriodOp::Until));
    let moves = [Some((&a.plain, &b.plain)), Some((&a.reach, &b.reach)), has_core.then_some((&a.reach, &b.core))];
    let all: Vec<LoweredTest> = moves.into_iter().flatten().filter_map(|(a, b)| table(op, a, b)).collect();
    if all.is_empty() {
        return LoweredTest { certain: Expr::Truth(false), possible: Expr::Truth(true) };
    }
    LoweredTest {
        certain: Expr::all(all.iter().map(|sides| sides.certain.clone()).collect()),
        possible: Expr::any(all.into_iter().map(|sides| sides.possible).collect()),
    }
}

/// One unknown number between each two bounds.
fn numbers(op: CompareOp, a: &LoweredBounds, b: &LoweredBounds) -> Option<LoweredTest> {
    let pair = |sign: fn(&Expr, &Expr) -> Expr, a: &LoweredBounds, b: &LoweredBounds| LoweredTest {
        certain: sign(&a.last, &b.first),
        possible: sign(&a.first, &b.last),
    };
    Some(match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => pair(Expr::less, a, b),
        CompareOp::LessOrEqual | CompareOp::Period(PeriodOp::Until) => pair(Expr::at_most, a, b),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => pair(Expr::less, b, a),
        CompareOp::GreaterOrEqual | CompareOp::Period(PeriodOp::Since) => pair(Expr::at_most, b, a),
        CompareOp::Equal | CompareOp::Period(PeriodOp::In) => {
            let overlap = Expr::all(vec![Expr::at_most(&a.first, &b.last), Expr::at_most(&b.first, &a.last)]);
            LoweredTest { certain: same(a, b), possible: overlap }
        }
        CompareOp::NotEqual => {
            let LoweredTest { certain, possible } = numbers(CompareOp::Equal, a, b)?;
            LoweredTest { certain: possible.not(), possible: certain.not() }
        }
        CompareOp::Like => return None,
    })
}

fn texts(op: CompareOp, a: Expr, b: Expr) -> Result<Expr, Refused> {
    match op {
        CompareOp::Equal => Ok(Expr::compare(Sign::Equal, &a, &b)),
        CompareOp::NotEqual => Ok(Expr::compare(Sign::Equal, &a, &b).not()),
        CompareOp::Like => match b {
            Expr::Text(wanted) => Ok(Expr::Fits(Box::new(Expr::Lower(Box::new(a))), fitting(&wanted))),
            _ => refuse("a `like` with what is no constant"),
        },
        _ => refuse("the natural order of texts in a condition"),
    }
}

/// The regular expression of a text in which `*` stands for any characters, in lower case.
fn fitting(wanted: &str) -> String {
    let mut fitting = String::new();
    for c in wanted.to_lowercase().chars() {
        match c {
            '*' => fitting.push_str(".*"),
            c if c.is_ascii_punctuation() => {
                fitting.push('\\');
                fitting.push(c);
            }
            c => fitting.push(c),
        }
    }
    fitting
}
