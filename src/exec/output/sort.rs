//! Order of rows.

use super::{RowSet, SortableRow};
use crate::answer::Cell;
use crate::exec::eval::{bounds, range};
use crate::limits;
use crate::plan::SortKey;
use crate::value::{Number, Truth, Value, natural};
use std::cmp::Ordering;

/// Sorts by the keys, then by the columns from left to right, then by certainty, certain rows first.
pub(crate) fn sort(set: &mut RowSet, order: &[SortKey]) {
    set.order = order.to_vec();
    let compare = |a: &SortableRow, b: &SortableRow| compare_rows(a, b, order);
    // Groups usually arrive in this order.
    if !set.rows.is_sorted_by(|a, b| compare(a, b).is_le()) {
        sort_by_prefix(&mut set.rows, order, compare);
    }
}

/// Compares two rows by the keys, the columns and the certainty.
fn compare_rows(a: &SortableRow, b: &SortableRow, order: &[SortKey]) -> Ordering {
    let by_keys = order.iter().zip(a.keys.iter().zip(&b.keys)).map(|(key, (a, b))| {
        let ordering = compare_cells(a, b);
        // Unknown values come last, ascending or descending.
        if key.descending && !last(a) && !last(b) { ordering.reverse() } else { ordering }
    });
    let by_columns = a.row.cells.iter().zip(&b.row.cells).map(|(a, b)| compare_cells(a, b));
    by_keys.chain(by_columns).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal).then(b.sure.cmp(&a.sure))
}

/// Maximum number of leading sort columns in a prefix. By reasoning, no benchmark varies it: most queries sort by a
/// number and one or two entities.
const PREFIX: usize = 3;

/// Sorts rows by the leading columns that are all numbers or all entities, as integers side by side, and compares the
/// cells only of rows that agree in these.
fn sort_by_prefix(
    rows: &mut Vec<SortableRow>,
    order: &[SortKey],
    compare: impl Fn(&SortableRow, &SortableRow) -> Ordering,
) {
    let columns = order.len() + rows.first().map_or(0, |row| row.row.cells.len());
    let mut prefixes: Vec<([u64; PREFIX], u32)> = (0..rows.len() as u32).map(|i| ([0; PREFIX], i)).collect();
    for column in 0..columns.min(PREFIX) {
        let descending = order.get(column).is_some_and(|key| key.descending);
        let is_entity = |row: &SortableRow| matches!(sort_cell(row, column, order.len()), Cell::Entity(_));
        let entities = rows.iter().filter(|row| is_entity(row)).count();
        // Codes of entities and codes of numbers do not compare.
        let is_uniform = entities == 0 || entities == rows.len();
        let codes: Option<Vec<u64>> =
            rows.iter().map(|row| code(sort_cell(row, column, order.len())).filter(|_| is_uniform)).collect();
        // Columns behind this one must not decide before it, so that the prefix ends here.
        let Some(codes) = codes else { break };
        for (prefix, code) in prefixes.iter_mut().zip(codes) {
            prefix.0[column] = if descending { !code } else { code };
        }
    }
    let row = |i: u32| &rows[i as usize];
    limits::sort_by(&mut prefixes, |a, b| a.0.cmp(&b.0).then_with(|| compare(row(a.1), row(b.1))));
    let mut taken: Vec<Option<SortableRow>> = std::mem::take(rows).into_iter().map(Some).collect();
    rows.extend(prefixes.iter().filter_map(|(_, i)| taken[*i as usize].take()));
}

/// Returns the cell of a row in a sort column: one of `keys` keys, or a column behind them.
fn sort_cell(row: &SortableRow, column: usize, keys: usize) -> &Cell {
    match column.checked_sub(keys) {
        None => &row.keys[column],
        Some(column) => &row.row.cells[column],
    }
}

/// Returns an integer that is in the order of [`compare_cells`] among numbers, and among entities; `None` for other
/// cells.
fn code(cell: &Cell) -> Option<u64> {
    match cell {
        Cell::Entity(entity) => Some(entity.0.into()),
        Cell::Value(Value::Number(number)) if !number.is_nan() => {
            // Adding 0 makes -0 and 0 the same. The bits of floats ascend with positive ones, descend with negative ones.
            let bits = (number + 0.0).to_bits();
            Some(if bits >> 63 == 1 { !bits } else { bits | 1 << 63 })
        }
        _ => None,
    }
}

/// Returns true if the cell sorts behind all known ones, since nothing is known of it.
pub(crate) fn last(cell: &Cell) -> bool {
    match cell {
        Cell::Absent | Cell::Value(Value::Unknown | Value::Truth(Truth::Maybe)) => true,
        Cell::Value(Value::Date(date)) => date.is_undated(),
        Cell::Value(Value::Range(low, high)) => low.is_infinite() && high.is_infinite(),
        Cell::List(members) => members.iter().all(|(cell, _)| last(cell)),
        _ => false,
    }
}

/// Returns the sort key of a cell. Names of months and quarters are texts but sort by time, so their numbers replace
/// them.
pub(crate) fn key_cell(key: &SortKey, cell: Cell) -> Cell {
    if key.is_period { by_time(cell) } else { cell }
}

/// Returns a month or a quarter, and a stretch of them, as numbers that are in the order of time; other cells as they are.
pub(crate) fn by_time(cell: Cell) -> Cell {
    let Cell::Value(Value::Text(text)) = &cell else { return cell };
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let (first, last) = (period_number(first), period_number(last));
    Cell::Value(range(first.unwrap_or(f64::NEG_INFINITY), last.unwrap_or(f64::INFINITY)))
}

/// Returns a number for `2023-05` or `2023-Q1` that is in the order of time among months, and among quarters.
fn period_number(text: &str) -> Option<f64> {
    let (year, part) = text.rsplit_once('-')?;
    let (year, part) = (year.parse::<i32>().ok()?, part.trim_start_matches('Q').parse::<i32>().ok()?);
    Some(f64::from(year) * 12.0 + f64::from(part))
}

/// Returns the display order: entities by type and name, numbers by size, dates by their sort key, texts in natural
/// order; unknown values last.
pub(crate) fn compare_cells(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        // Fast paths for the most frequent cells, which are never unknown.
        (Cell::Entity(a), Cell::Entity(b)) => a.cmp(b),
        (Cell::Value(Value::Number(a)), Cell::Value(Value::Number(b))) => Number::Float(*a).cmp(Number::Float(*b)),
        _ if last(a) != last(b) => last(a).cmp(&last(b)),
        (Cell::Path(a), Cell::Path(b)) => a.cmp(b),
        (Cell::List(a), Cell::List(b)) => {
            let mut pairs = a.iter().zip(b).map(|((a, _), (b, _))| compare_cells(a, b));
            let of_members = pairs.find(|ordering| ordering.is_ne()).unwrap_or(a.len().cmp(&b.len()));
            // Certain members come first: lists that differ only in that are two values, and must not mix in the order.
            of_members.then_with(|| b.iter().map(|(_, sure)| sure).cmp(a.iter().map(|(_, sure)| sure)))
        }
        (Cell::Value(a), Cell::Value(b)) => compare_values(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn compare_values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        _ if let Some(((a_low, a_high), (b_low, b_high))) = bounds(a).zip(bounds(b)) => {
            // As for dates: by the lower bound, or by the upper bound if the lower one is open.
            let key = |low: Number, high: Number| if low.is_finite() { low } else { high };
            key(a_low, a_high).cmp(key(b_low, b_high)).then(a_high.cmp(b_high)).then(b_low.cmp(a_low))
        }
        (Value::Date(a), Value::Date(b)) if a == b => Ordering::Equal,
        (Value::Date(a), Value::Date(b)) => {
            a.sort_key().cmp(&b.sort_key()).then_with(|| a.to_string().cmp(&b.to_string()))
        }
        (Value::Text(a), Value::Text(b)) => natural(a, b),
        (Value::Truth(a), Value::Truth(b)) => a.cmp(b),
        (Value::Many(a), Value::Many(b)) => {
            let mut pairs = a.iter().zip(b.iter()).map(|(a, b)| compare_values(a, b));
            pairs.find(|ordering| ordering.is_ne()).unwrap_or(a.len().cmp(&b.len()))
        }
        _ => value_rank(a).cmp(&value_rank(b)),
    }
}

fn rank(cell: &Cell) -> u8 {
    match cell {
        Cell::Entity(_) => 0,
        Cell::Path(_) => 1,
        Cell::Value(Value::Unknown) => 4,
        Cell::Value(_) => 2,
        Cell::List(_) => 3,
        Cell::Absent => 5,
    }
}

fn value_rank(value: &Value) -> u8 {
    match value {
        Value::Number(_) | Value::Integer(_) | Value::Range(..) => 0,
        Value::Date(_) => 1,
        Value::Text(_) => 2,
        Value::Truth(_) => 3,
        Value::Many(_) => 4,
        Value::Unknown => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::{code, compare_cells, compare_rows, last, sort};
    use crate::answer::Cell;
    use crate::exec::output::{RowSet, SortableRow};
    use crate::exec::tests::{cell, rows_of};
    use crate::graph::EntityId;
    use crate::plan::{Scalar, SortKey};
    use crate::text::Span;
    use crate::value::Value;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn cells_are_totally_ordered(a in cell(), b in cell(), c in cell()) {
            prop_assert!(compare_cells(&a, &a).is_eq());
            prop_assert_eq!(compare_cells(&a, &b), compare_cells(&b, &a).reverse());
            if compare_cells(&a, &b).is_le() && compare_cells(&b, &c).is_le() {
                prop_assert!(compare_cells(&a, &c).is_le(), "{:?} {:?} {:?}", a, b, c);
            }
            if last(&a) && !last(&b) {
                prop_assert!(compare_cells(&a, &b).is_gt());
            }
        }

        #[test]
        fn codes_are_in_the_order_of_cells(a in cell(), b in cell()) {
            let is_alike = matches!((&a, &b), (Cell::Entity(_), Cell::Entity(_)) | (Cell::Value(_), Cell::Value(_)));
            if let (Some(one), Some(other), true) = (code(&a), code(&b), is_alike) {
                prop_assert_eq!(one.cmp(&other), compare_cells(&a, &b));
            }
        }

        #[test]
        fn rows_stand_in_the_order_of_their_cells(
            // Few values, so that rows agree in a part of their keys; now and then a key that has no code.
            keys in prop::collection::vec((-2i32..3, 0u32..3, prop::option::weighted(0.05, cell())), 0..30),
            descending in any::<(bool, bool)>(),
        ) {
            let key = |descending| SortKey { scalar: Scalar::Unknown, descending, is_period: false, span: Span::default() };
            let order = [key(descending.0), key(descending.1)];
            let mut rows = rows_of(keys.iter().map(|(_, entity, _)| Cell::Entity(EntityId(*entity))).collect());
            for (row, (number, _, other)) in rows.iter_mut().zip(keys) {
                row.keys.push(other.unwrap_or(Cell::Value(Value::Number(f64::from(number)))));
                row.keys.reverse();
            }
            let cells = |row: &SortableRow| (row.keys.clone(), row.row.cells.clone());
            let mut expected: Vec<&SortableRow> = rows.iter().collect();
            expected.sort_by(|a, b| compare_rows(a, b, &order));
            let expected: Vec<_> = expected.into_iter().map(cells).collect();
            let mut set = RowSet { columns: Vec::new(), rows, order: Vec::new(), hidden: 0 };
            sort(&mut set, &order);
            prop_assert_eq!(set.rows.iter().map(cells).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn what_is_unknown_comes_last_either_way(
            keys in prop::collection::vec(cell(), 0..20), descending in any::<bool>(),
        ) {
            let rows: Vec<SortableRow> = rows_of(keys);
            let mut set = RowSet { columns: Vec::new(), rows, order: Vec::new(), hidden: 0 };
            sort(&mut set, &[SortKey { scalar: Scalar::Unknown, descending, is_period: false, span: Span::default() }]);
            let known = set.rows.iter().take_while(|row| !last(&row.keys[0])).count();
            prop_assert!(set.rows[known..].iter().all(|row| last(&row.keys[0])));
            for pair in set.rows[..known].windows(2) {
                let order = compare_cells(&pair[0].keys[0], &pair[1].keys[0]);
                let order = if descending { order.reverse() } else { order };
                prop_assert!(order.is_le(), "{:?}", order);
            }
        }
    }
}
