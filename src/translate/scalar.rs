//! Expressions as SQL: each value with its bounds, each test as two conditions.

use super::{Dialect, Refused, Writer, refuse};
use crate::date::Date;
use crate::functions::FunctionId;
use crate::graph::ValueCount;
use crate::plan::{ArithmeticOp, CompareOp, PeriodOp, Scalar, Term, VarId};
use crate::schema::PropertyId;
use crate::value::{Truth, Value, ValueType};

/// A test: null where it is neither true nor false since something is absent.
pub(super) struct Tested {
    /// True where it may hold.
    pub possible: String,
    /// True where it holds for sure.
    pub certain: String,
}

/// What an expression gives, in SQL.
#[derive(Debug, Clone)]
pub(super) enum SqlScalar {
    Entity {
        number: String,
    },
    Date(SqlDate),
    /// A number between two bounds; null where it is unknown.
    Number {
        low: String,
        high: String,
    },
    Text {
        text: String,
        rank: Option<String>,
    },
}

/// The columns of a date. Those of an undated one are null.
#[derive(Debug, Clone)]
pub(super) struct SqlDate {
    pub words: String,
    pub plain: SqlBounds,
    pub reach: SqlBounds,
    pub core: SqlBounds,
    pub years: SqlBounds,
}

/// The first and the last day (or year), both included.
#[derive(Debug, Clone)]
pub(super) struct SqlBounds {
    pub first: String,
    pub last: String,
}

impl SqlBounds {
    fn of(first: impl ToString, last: impl ToString) -> SqlBounds {
        SqlBounds { first: first.to_string(), last: last.to_string() }
    }

    fn columns(alias: &str, [first, last]: [&str; 2]) -> SqlBounds {
        SqlBounds::of(format!("{alias}.{first}"), format!("{alias}.{last}"))
    }
}

impl SqlDate {
    /// The columns of a table of values.
    fn of_row(alias: &str) -> SqlDate {
        SqlDate {
            words: format!("{alias}.words"),
            plain: SqlBounds::columns(alias, ["earliest", "latest"]),
            reach: SqlBounds::columns(alias, ["reach_earliest", "reach_latest"]),
            core: SqlBounds::columns(alias, ["core_earliest", "core_latest"]),
            years: SqlBounds::columns(alias, ["first_year", "last_year"]),
        }
    }

    fn of_date(date: Date, dialect: &Dialect) -> SqlDate {
        if date.is_undated() {
            let null = SqlBounds::of("NULL", "NULL");
            let [reach, core, years] = [null.clone(), null.clone(), null.clone()];
            return SqlDate { words: "'undated'".to_string(), plain: null, reach, core, years };
        }
        let year = |year: Option<i32>| year.map_or("NULL".to_string(), |year| year.to_string());
        let (first, last) = date.reached_years();
        SqlDate {
            words: dialect.text(&date.to_string()),
            plain: SqlBounds::of(date.earliest(), date.latest()),
            reach: SqlBounds::of(date.reach().0, date.reach().1),
            core: SqlBounds::of(date.core().0, date.core().1),
            years: SqlBounds::of(year(first), year(last)),
        }
    }
}

/// Both conditions of a comparison.
struct SqlTest {
    certain: String,
    possible: String,
}

fn sides(certain: String, possible: String) -> SqlTest {
    SqlTest { certain, possible }
}

impl Writer<'_> {
    /// The test that an expression is.
    pub(super) fn truth(&mut self, scalar: &Scalar) -> Result<Tested, Refused> {
        match scalar {
            Scalar::And(all) => self.joined(all, "AND", "true"),
            Scalar::Or(all) => self.joined(all, "OR", "false"),
            Scalar::Not(inner) => {
                let inner = self.truth(inner)?;
                Ok(Tested { possible: format!("NOT {}", inner.certain), certain: format!("NOT {}", inner.possible) })
            }
            Scalar::IsAbsent(var) => {
                let is_absent = format!("({} IS NULL)", self.number(*var)?);
                Ok(Tested { possible: is_absent.clone(), certain: is_absent })
            }
            Scalar::IsUnknown(inner) => {
                let known = match self.given(inner)? {
                    SqlScalar::Date(bounds) => bounds.plain.first,
                    SqlScalar::Number { low, .. } => low,
                    SqlScalar::Text { text, .. } => text,
                    SqlScalar::Entity { number } => number,
                };
                let is_unknown = self.unless_absent(scalar, &format!("({known} IS NULL)"))?;
                Ok(Tested { possible: is_unknown.clone(), certain: is_unknown })
            }
            Scalar::Compare(op, a, b) => self.comparison(*op, a, b, scalar),
            Scalar::Constant(Value::Truth(truth)) => {
                Ok(Tested { possible: truth.is_possible().to_string(), certain: truth.is_certain().to_string() })
            }
            Scalar::Matches(..) => refuse("a regular expression"),
            _ => refuse("a test of this kind"),
        }
    }

    fn joined(&mut self, all: &[Scalar], sign: &str, none: &str) -> Result<Tested, Refused> {
        let all: Result<Vec<Tested>, Refused> = all.iter().map(|inner| self.truth(inner)).collect();
        let all = all?;
        let join = |parts: Vec<&str>| match parts.is_empty() {
            true => none.to_string(),
            false => format!("({})", parts.join(&format!(" {sign} "))),
        };
        Ok(Tested {
            possible: join(all.iter().map(|tested| tested.possible.as_str()).collect()),
            certain: join(all.iter().map(|tested| tested.certain.as_str()).collect()),
        })
    }

    /// The condition, or null where a variable that the expression reads is absent.
    pub(super) fn unless_absent(&self, scalar: &Scalar, condition: &str) -> super::Sql {
        let mut absent: Vec<String> = Vec::new();
        needed_slots(scalar, &mut |var| {
            let place = self.places.get(&var).filter(|place| place.may_be_absent);
            absent.extend(place.map(|place| format!("{} IS NULL", place.number)));
        });
        absent.dedup();
        Ok(match absent.is_empty() {
            true => condition.to_string(),
            false => format!("CASE WHEN {} THEN NULL ELSE {condition} END", absent.join(" OR ")),
        })
    }

    fn comparison(&mut self, op: CompareOp, a: &Scalar, b: &Scalar, whole: &Scalar) -> Result<Tested, Refused> {
        let owners = owners_of_one_property(a, b);
        if owners.is_some_and(|(one, other)| one == other) {
            let always = self.unless_absent(whole, if op.holds_of_one_value() { "true" } else { "false" })?;
            return Ok(Tested { possible: always.clone(), certain: always });
        }
        if matches!(a, Scalar::Call(FunctionId::Month | FunctionId::Quarter, _))
            || matches!(b, Scalar::Call(FunctionId::Month | FunctionId::Quarter, _))
        {
            return refuse("a comparison of months or quarters");
        }
        let (a, b) = (self.given(a)?, self.given(b)?);
        let SqlTest { certain, possible } = match (&a, &b) {
            (SqlScalar::Date(a), SqlScalar::Date(b)) => dates(op, a, b),
            (SqlScalar::Number { low: al, high: ah }, SqlScalar::Number { low: bl, high: bh }) => {
                numbers(op, (al, ah), (bl, bh)).map_or_else(|| refuse("this comparison of numbers"), Ok)?
            }
            (SqlScalar::Text { text: a, .. }, SqlScalar::Text { text: b, .. }) => texts(op, a, b)?,
            (SqlScalar::Entity { number: a }, SqlScalar::Entity { number: b }) => {
                let sign = match op {
                    CompareOp::Equal => "=",
                    CompareOp::NotEqual => "<>",
                    _ => return refuse("an order of entities"),
                };
                let same = format!("{a} {sign} {b}");
                sides(same.clone(), same)
            }
            _ => return refuse("a comparison of values of two kinds"),
        };
        let (mut certain, mut possible) =
            (format!("coalesce({certain}, false)"), format!("coalesce({possible}, true)"));
        if let Some((one, other)) = owners {
            let (one, other) = (self.term(one)?, self.term(other)?);
            match op.holds_of_one_value() {
                true => certain = format!("({certain} OR {one} = {other})"),
                false => possible = format!("({possible} AND {one} <> {other})"),
            }
        }
        Ok(Tested { certain: self.unless_absent(whole, &certain)?, possible: self.unless_absent(whole, &possible)? })
    }

    /// What an expression gives.
    pub(super) fn given(&mut self, scalar: &Scalar) -> Result<SqlScalar, Refused> {
        match scalar {
            Scalar::Slot(var) => Ok(SqlScalar::Entity { number: self.number(*var)? }),
            Scalar::Entity(entity) => Ok(SqlScalar::Entity { number: entity.0.to_string() }),
            Scalar::Constant(value) => constant(value, self.dialect),
            Scalar::Stated(var, property) => {
                let row = self.row(*var)?;
                Ok(self.columns(&row, *property))
            }
            Scalar::Property(var, property) => self.property(Term::Var(*var), *property),
            Scalar::PropertyOf(entity, property) => self.property(Term::Entity(*entity), *property),
            Scalar::AggregateCall(fold) => match self.counts.get(*fold) {
                Some((low, high)) => Ok(SqlScalar::Number { low: low.clone(), high: high.clone() }),
                None => refuse("an aggregate here"),
            },
            Scalar::Call(FunctionId::Year, arguments) => {
                match arguments.first().map(|date| self.given(date)).transpose()? {
                    Some(SqlScalar::Date(bounds)) => Ok(year_of(&bounds)),
                    _ => refuse("the year of this"),
                }
            }
            Scalar::Call(FunctionId::Name, arguments) => match arguments.first() {
                Some(Scalar::Slot(var)) => Ok(SqlScalar::Text { text: self.name(*var)?, rank: None }),
                _ => refuse("the name of this"),
            },
            Scalar::Call(function @ (FunctionId::Lower | FunctionId::Upper), arguments) => {
                match arguments.first().map(|text| self.given(text)).transpose()? {
                    Some(SqlScalar::Text { text, .. }) => {
                        let name = if *function == FunctionId::Lower { "lower" } else { "upper" };
                        Ok(SqlScalar::Text { text: format!("{name}({text})"), rank: None })
                    }
                    _ => refuse("the case of this"),
                }
            }
            Scalar::Arithmetic(op, a, b) => {
                let (a, b) = (self.given(a)?, self.given(b)?);
                sum(*op, a, b)
            }
            Scalar::OrElse(first, second) => {
                let (first, second) = (self.given(first)?, self.given(second)?);
                or_else(first, second)
            }
            Scalar::Negative(inner) => {
                let zero = SqlScalar::Number { low: "0".to_string(), high: "0".to_string() };
                let inner = self.given(inner)?;
                sum(ArithmeticOp::Subtract, zero, inner)
            }
            _ => refuse("an expression of this kind"),
        }
    }

    /// The name of the entity that a variable holds.
    pub(super) fn name(&mut self, var: VarId) -> super::Sql {
        let number = self.number(var)?;
        self.name_of(&number)
    }

    /// The name of the entity of a number.
    pub(super) fn name_of(&mut self, number: &str) -> super::Sql {
        let table = self.entities()?;
        Ok(format!("{}.name", self.beside(&table, "vid", number)))
    }

    /// The settled value of a property, joined where its entity is bound.
    fn property(&mut self, of: Term, property: PropertyId) -> Result<SqlScalar, Refused> {
        let number = self.term(of)?;
        let ValueCount { several, wide, .. } = self.census.property(property);
        if several {
            return refuse("a property of which an entity has several values");
        }
        if wide {
            return refuse("a property with whole numbers beyond what a DOUBLE holds");
        }
        let name = self.graph.schema().property(property).name.clone();
        let table = self.file("settled ", "settled", &name)?;
        let alias = self.beside(&table, "vid", &number);
        Ok(self.columns(&alias, property))
    }

    fn columns(&self, alias: &str, property: PropertyId) -> SqlScalar {
        match self.graph.schema().property(property).value {
            ValueType::Date => SqlScalar::Date(SqlDate::of_row(alias)),
            ValueType::Number => {
                let number = format!("{alias}.number");
                SqlScalar::Number { low: number.clone(), high: number }
            }
            ValueType::Text => SqlScalar::Text { text: format!("{alias}.words"), rank: Some(format!("{alias}.rank")) },
        }
    }
}

/// Returns what two expressions read if both read one property: the entities of two settled values, the statements of two
/// stated ones. Where these are the same, the two are one value, which is not before itself even where nobody knows it.
pub(super) fn owners_of_one_property(a: &Scalar, b: &Scalar) -> Option<(Term, Term)> {
    let settled = |scalar: &Scalar| match scalar {
        Scalar::Property(var, property) => Some((Term::Var(*var), *property)),
        Scalar::PropertyOf(entity, property) => Some((Term::Entity(*entity), *property)),
        _ => None,
    };
    let stated = |scalar: &Scalar| match scalar {
        Scalar::Stated(var, property) => Some((Term::Var(*var), *property)),
        _ => None,
    };
    let (one, other) = settled(a).zip(settled(b)).or_else(|| stated(a).zip(stated(b)))?;
    (one.1 == other.1).then_some((one.0, other.0))
}

/// Calls `f` with each slot without which the expression gives nothing.
pub(super) fn needed_slots(scalar: &Scalar, f: &mut dyn FnMut(VarId)) {
    match scalar {
        Scalar::OrElse(_, second) => needed_slots(second, f),
        Scalar::Compare(_, a, b) | Scalar::Arithmetic(_, a, b) => {
            needed_slots(a, f);
            needed_slots(b, f);
        }
        Scalar::Call(..) | Scalar::IsUnknown(_) | Scalar::Negative(_) | Scalar::Matches(..) => {
            scalar.children().iter().for_each(|inner| needed_slots(inner, f));
        }
        other => other.slots(f),
    }
}

/// Returns the year of a date; a missing first or last day has an infinite year, and an undated one has none.
fn year_of(bounds: &SqlDate) -> SqlScalar {
    let known = &bounds.plain.first;
    let open = |year: &str, sign: &str| {
        format!("CASE WHEN {known} IS NULL THEN NULL ELSE coalesce({year}, CAST('{sign}Infinity' AS DOUBLE)) END")
    };
    SqlScalar::Number { low: open(&bounds.years.first, "-"), high: open(&bounds.years.last, "") }
}

/// The first where it is known, else the second.
fn or_else(first: SqlScalar, second: SqlScalar) -> Result<SqlScalar, Refused> {
    let either = |known: &str, a: &str, b: &str| format!("CASE WHEN {known} IS NULL THEN {b} ELSE {a} END");
    Ok(match (first, second) {
        (SqlScalar::Date(a), SqlScalar::Date(b)) => {
            let known = &a.plain.first;
            let ends = |a: &SqlBounds, b: &SqlBounds| SqlBounds {
                first: either(known, &a.first, &b.first),
                last: either(known, &a.last, &b.last),
            };
            SqlScalar::Date(SqlDate {
                words: either(known, &a.words, &b.words),
                plain: ends(&a.plain, &b.plain),
                reach: ends(&a.reach, &b.reach),
                core: ends(&a.core, &b.core),
                years: ends(&a.years, &b.years),
            })
        }
        (SqlScalar::Number { low: al, high: ah }, SqlScalar::Number { low: bl, high: bh }) => {
            SqlScalar::Number { low: either(&al, &al, &bl), high: either(&al, &ah, &bh) }
        }
        (SqlScalar::Text { text: a, .. }, SqlScalar::Text { text: b, .. }) => {
            SqlScalar::Text { text: either(&a, &a, &b), rank: None }
        }
        _ => return refuse("an alternative of another kind"),
    })
}

fn constant(value: &Value, dialect: &Dialect) -> Result<SqlScalar, Refused> {
    match value {
        Value::Date(date) => Ok(SqlScalar::Date(SqlDate::of_date(*date, dialect))),
        Value::Text(text) => Ok(SqlScalar::Text { text: dialect.text(text), rank: None }),
        Value::Number(number) if number.is_finite() => {
            let number = format!("CAST({number:?} AS DOUBLE)");
            Ok(SqlScalar::Number { low: number.clone(), high: number })
        }
        _ => refuse("this constant"),
    }
}

fn sum(op: ArithmeticOp, a: SqlScalar, b: SqlScalar) -> Result<SqlScalar, Refused> {
    let (SqlScalar::Number { low: al, high: ah }, SqlScalar::Number { low: bl, high: bh }) = (a, b) else {
        return refuse("arithmetic with dates");
    };
    Ok(match op {
        ArithmeticOp::Add => SqlScalar::Number { low: format!("({al} + {bl})"), high: format!("({ah} + {bh})") },
        ArithmeticOp::Subtract => SqlScalar::Number { low: format!("({al} - {bh})"), high: format!("({ah} - {bl})") },
        ArithmeticOp::Multiply => {
            let corners = format!("{al} * {bl}, {al} * {bh}, {ah} * {bl}, {ah} * {bh}");
            SqlScalar::Number { low: format!("least({corners})"), high: format!("greatest({corners})") }
        }
        ArithmeticOp::Divide => return refuse("a quotient"),
    })
}

/// The table of a comparison of dates, for one choice of ends.
fn table(op: CompareOp, a: &SqlBounds, b: &SqlBounds) -> Option<SqlTest> {
    let overlap = || format!("({} <= {} AND {} <= {})", a.first, b.last, b.first, a.last);
    let before =
        |a: &SqlBounds, b: &SqlBounds| sides(format!("{} < {}", a.last, b.first), format!("{} < {}", a.first, b.last));
    Some(match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => before(a, b),
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => before(b, a),
        CompareOp::Period(PeriodOp::In) => {
            sides(format!("({} <= {} AND {} <= {})", b.first, a.first, a.last, b.last), overlap())
        }
        CompareOp::Period(PeriodOp::Since) => {
            sides(format!("{} >= {}", a.first, b.first), format!("{} >= {}", a.last, b.first))
        }
        CompareOp::Period(PeriodOp::Until) => {
            sides(format!("{} <= {}", a.last, b.last), format!("{} <= {}", a.first, b.last))
        }
        CompareOp::Equal => {
            let same = format!("({0} = {1} AND {0} = {2} AND {1} = {3})", a.first, a.last, b.first, b.last);
            sides(same, overlap())
        }
        _ => return None,
    })
}

/// Dates, with the ends that bear a flag moved: certain, or certainly not, is what every move leaves so.
fn dates(op: CompareOp, a: &SqlDate, b: &SqlDate) -> SqlTest {
    let negated = match op {
        CompareOp::NotEqual => Some(CompareOp::Equal),
        CompareOp::LessOrEqual => Some(CompareOp::Greater),
        CompareOp::GreaterOrEqual => Some(CompareOp::Less),
        _ => None,
    };
    if let Some(op) = negated {
        let SqlTest { certain, possible } = dates(op, a, b);
        return sides(format!("NOT ({possible})"), format!("NOT ({certain})"));
    }
    let has_core = matches!(op, CompareOp::Period(PeriodOp::In | PeriodOp::Since | PeriodOp::Until));
    let moves = [Some((&a.plain, &b.plain)), Some((&a.reach, &b.reach)), has_core.then_some((&a.reach, &b.core))];
    let all: Vec<SqlTest> = moves.into_iter().flatten().filter_map(|(a, b)| table(op, a, b)).collect();
    let join = |parts: Vec<&str>, sign: &str| format!("({})", parts.join(sign));
    if all.is_empty() {
        let maybe = Truth::Maybe;
        return sides(maybe.is_certain().to_string(), maybe.is_possible().to_string());
    }
    sides(
        join(all.iter().map(|sides| sides.certain.as_str()).collect(), " AND "),
        join(all.iter().map(|sides| sides.possible.as_str()).collect(), " OR "),
    )
}

/// One unknown number between each two bounds.
fn numbers(op: CompareOp, a: (&str, &str), b: (&str, &str)) -> Option<SqlTest> {
    Some(match op {
        CompareOp::Less | CompareOp::Period(PeriodOp::Before) => {
            sides(format!("{} < {}", a.1, b.0), format!("{} < {}", a.0, b.1))
        }
        CompareOp::LessOrEqual | CompareOp::Period(PeriodOp::Until) => {
            sides(format!("{} <= {}", a.1, b.0), format!("{} <= {}", a.0, b.1))
        }
        CompareOp::Greater | CompareOp::Period(PeriodOp::After) => {
            sides(format!("{} < {}", b.1, a.0), format!("{} < {}", b.0, a.1))
        }
        CompareOp::GreaterOrEqual | CompareOp::Period(PeriodOp::Since) => {
            sides(format!("{} <= {}", b.1, a.0), format!("{} <= {}", b.0, a.1))
        }
        CompareOp::Equal | CompareOp::Period(PeriodOp::In) => {
            let same = format!("({0} = {1} AND {2} = {3} AND {0} = {2})", a.0, a.1, b.0, b.1);
            sides(same, format!("({} <= {} AND {} <= {})", a.0, b.1, b.0, a.1))
        }
        CompareOp::NotEqual => {
            let SqlTest { certain, possible } = numbers(CompareOp::Equal, a, b)?;
            sides(format!("NOT {possible}"), format!("NOT {certain}"))
        }
        CompareOp::Like => return None,
    })
}

fn texts(op: CompareOp, a: &str, b: &str) -> Result<SqlTest, Refused> {
    let said = match op {
        CompareOp::Equal => format!("{a} = {b}"),
        CompareOp::NotEqual => format!("{a} <> {b}"),
        CompareOp::Like => {
            let escaped = format!("replace(replace(replace(lower({b}), '!', '!!'), '%', '!%'), '_', '!_')");
            format!("lower({a}) LIKE replace({escaped}, '*', '%') ESCAPE '!'")
        }
        _ => return refuse("the natural order of texts in a condition"),
    };
    Ok(sides(said.clone(), said))
}
