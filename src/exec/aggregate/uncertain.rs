//! Assignment of bindings with wide periods to groups that they may belong to.

use super::Group;
use super::dictionary::{Dictionary, Merge};
use super::fold::is_known;
use crate::answer::Cell;
use crate::exec::bindings::Bindings;
use crate::functions::FunctionId;
use crate::graph::Graph;
use crate::limits::is_over_after;
use crate::plan::Scalar;
use crate::value::{Date, Value};
use rustc_hash::FxHashMap;

/// Adds to each group of definite periods the bindings of wide groups that may belong to it. O(groups × distinct dates
/// of wide groups).
pub(super) fn assign(graph: &Graph, keys: &[Scalar], found: &Bindings, columns: &[Dictionary], groups: &mut [Group]) {
    let periods: Vec<Option<(FunctionId, &Scalar)>> = keys.iter().map(Scalar::period).collect();
    let is_wide = |column: &Dictionary, code: u32| spans_several(&column.cells[code as usize]);
    let some_wide =
        |(column, period): (&Dictionary, &Option<_>)| period.is_some() && column.cells.iter().any(spans_several);
    if !columns.iter().zip(&periods).any(some_wide) {
        return;
    }
    let dates: Vec<Option<Dictionary>> =
        periods.iter().map(|period| period.map(|(_, date)| Dictionary::of(graph, found, date, Merge::Same))).collect();
    let date =
        |key: usize, i: u32| match &dates[key].as_ref()?.cells.get(dates[key].as_ref()?.codes[i as usize] as usize)? {
            Cell::Value(Value::Date(date)) => Some(*date),
            _ => None,
        };
    // Members of wide groups with equal keys and dates share one entry.
    let mut wide: FxHashMap<Vec<(u32, Option<u32>)>, Vec<u32>> = FxHashMap::default();
    for i in groups.iter().flat_map(|group| &group.own) {
        let code = |key: usize| columns[key].codes[*i as usize];
        if (0..keys.len()).any(|key| periods[key].is_some() && is_wide(&columns[key], code(key))) {
            let of_key = |key: usize| (code(key), dates[key].as_ref().map(|dates| dates.codes[*i as usize]));
            wide.entry((0..keys.len()).map(of_key).collect()).or_default().push(*i);
        }
    }
    let mut wide: Vec<Vec<u32>> = wide.into_values().collect();
    // The order of a hash table is arbitrary.
    wide.sort_unstable();
    for group in groups {
        let Some(first) = group.own.first().copied() else { continue };
        let code = |key: usize, i: u32| columns[key].codes[i as usize];
        let is_definite = |key: usize| {
            let cell = &columns[key].cells[code(key, first) as usize];
            periods[key].is_none() || (is_known(cell) && !spans_several(cell))
        };
        if !(0..keys.len()).all(is_definite) {
            continue;
        }
        if is_over_after(wide.len()) {
            return;
        }
        for members in &wide {
            let meets = |key: usize| match (periods[key], date(key, first), date(key, members[0])) {
                (Some((unit, _)), Some(own), Some(other)) => may_fall_in(unit, own, other),
                _ => code(key, first) == code(key, members[0]),
            };
            if (0..keys.len()).all(meets) {
                group.assign_uncertain_members.extend(members);
            }
        }
        group.assign_uncertain_members.sort_unstable();
    }
}

/// Returns true if a date may fall in the calendar period (year, quarter or month) of `within`.
pub(super) fn may_fall_in(unit: FunctionId, within: Date, date: Date) -> bool {
    let period = match unit {
        FunctionId::Year => within.year_of().and_then(Date::year),
        FunctionId::Quarter => within.quarter_of().and_then(|(year, quarter)| Date::quarter(year, quarter)),
        _ => within.month_of().and_then(|(year, month)| Date::month(year, month)),
    };
    period.is_some_and(|period| date.in_(period).is_possible())
}

/// Returns true if the key spans several periods.
pub(super) fn spans_several(key: &Cell) -> bool {
    match key {
        Cell::Value(Value::Range(..)) => true,
        Cell::Value(Value::Text(text)) => text.contains(".."),
        _ => false,
    }
}
