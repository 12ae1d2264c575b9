//! Values of properties and expressions, their types, three-valued truth, and natural order.
//!
//! An unknown value is [`Value::Unknown`]; there is no null. Entities are not values here: the graph numbers them.

mod id;
mod like;
mod number;
mod order;
mod quote;
mod regex;
mod words;

pub use crate::date::{Date, Truth, month_of};
pub(crate) use id::id;
pub use id::{Id, too_many};
pub use like::Like;
pub use number::{Number, Sum};
pub use order::{natural, natural_key};
pub use quote::{cypher_literal, quoted, ron_literal, turtle_literal};
pub use regex::{BadRegex, Regex, TextPattern};
use std::sync::Arc;
pub use words::{is_invisible, plain};

/// The types a property may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ValueType {
    /// A day between two bounds.
    Date,
    /// A 64-bit number: a float or an integer.
    Number,
    /// Any text.
    Text,
}

impl ValueType {
    /// Returns the name as written in a query: `Date`, `Number` or `Text`.
    pub fn name(self) -> &'static str {
        match self {
            ValueType::Date => "Date",
            ValueType::Number => "Number",
            ValueType::Text => "Text",
        }
    }

    /// Returns the type with this name; `None` if there is none.
    pub fn of_name(name: &str) -> Option<ValueType> {
        [ValueType::Date, ValueType::Number, ValueType::Text].into_iter().find(|t| t.name() == name)
    }
}

/// The value of a property or of an expression.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// No source states a value. Comparisons with it are neither true nor false.
    Unknown,
    /// A number.
    Number(f64),
    /// A 64-bit integer that no `f64` equals. All other numbers are a [`Value::Number`], so that equal numbers are
    /// equal values.
    Integer(i64),
    /// A number known only to lie between two bounds, both included: the years between two uncertain dates. An open
    /// bound is infinite.
    Range(f64, f64),
    /// A date, exact or not.
    Date(Date),
    /// A text.
    Text(Arc<str>),
    /// A truth value: the result of a condition.
    Truth(Truth),
    /// Two or more values of a property that allows several. A comparison holds if it holds for one of them.
    Many(Arc<[Value]>),
}

impl Value {
    /// Returns a text value.
    pub fn text(text: &str) -> Value {
        Value::Text(Arc::from(text))
    }

    /// Returns the number; `None` if the value is not a single number.
    #[doc(hidden)]
    pub fn number(&self) -> Option<Number> {
        match self {
            Value::Number(float) => Some(Number::from(*float)),
            Value::Integer(whole) => Some(Number::of_whole((*whole).into())),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::text(&text)
    }
}

impl From<f64> for Value {
    /// Converts a number; one that is not finite becomes [`Value::Unknown`].
    fn from(number: f64) -> Value {
        Number::from(number).into()
    }
}

impl From<i64> for Value {
    fn from(whole: i64) -> Value {
        Number::of_whole(whole.into()).into()
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Value {
        Value::Date(date)
    }
}

impl std::fmt::Display for Value {
    /// Writes the value as in a query; numbers in full, without thousands separators.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Unknown => f.write_str("unknown"),
            Value::Number(number) => write!(f, "{}", Number::Float(*number)),
            Value::Integer(whole) => write!(f, "{whole}"),
            Value::Range(low, high) => range(f, *low, *high),
            Value::Date(date) => write!(f, "{date}"),
            Value::Text(text) => f.write_str(text),
            Value::Truth(truth) => f.write_str(truth_word(*truth)),
            Value::Many(values) => many(f, values),
        }
    }
}

fn many(f: &mut std::fmt::Formatter<'_>, values: &[Value]) -> std::fmt::Result {
    let words: Vec<String> = values.iter().map(Value::to_string).collect();
    f.write_str(&words.join(", "))
}

fn range(f: &mut std::fmt::Formatter<'_>, low: f64, high: f64) -> std::fmt::Result {
    let end = |bound: f64| if bound.is_finite() { Number::Float(bound).to_string() } else { String::new() };
    if low == high { write!(f, "{}", Number::Float(low)) } else { write!(f, "{}..{}", end(low), end(high)) }
}

/// Returns `yes`, `no`, or `unknown` for a truth that is only possible.
pub fn truth_word(truth: Truth) -> &'static str {
    match truth {
        Truth::Yes => "yes",
        Truth::Maybe => "unknown",
        Truth::No => "no",
    }
}
