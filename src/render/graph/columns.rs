//! Columns of values that other engines compare.

use crate::date::Date;
use crate::graph::Values;
use crate::value::{Value, natural};
use std::collections::HashMap;

/// Returns the date; for several, their hull.
pub(super) fn date_of(value: &Value) -> Date {
    match value {
        Value::Date(date) => *date,
        Value::Many(many) => many.iter().map(date_of).reduce(Date::hull).unwrap_or(Date::UNDATED),
        _ => Date::UNDATED,
    }
}

/// Returns the rank of each text of a property in natural order.
pub(super) fn ranks(values: &Values) -> HashMap<String, i32> {
    let mut texts: Vec<String> = (0..values.len()).map(|i| values.stated.get(i).to_string()).collect();
    texts.sort_by(|a, b| natural(a, b).then_with(|| a.cmp(b)));
    texts.dedup();
    texts.into_iter().zip(0..).collect()
}
