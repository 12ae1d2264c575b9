//! Check whether the rows that `limit` leaves are the first ones in every possible world.
//!
//! The listed rows are the first ones in display order. If sort keys are uncertain, or rows are only possible, other
//! rows may come first in some world; a note says so.

use super::SortableRow;
use super::sort::{compare_cells, last};
use crate::answer::Cell;
use crate::exec::bindings::Certainty;
use crate::exec::eval::bounds;
use crate::plan::SortKey;
use crate::value::Value;
use std::cmp::Ordering;

/// Possible orders of two cells.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Orders {
    less: bool,
    equal: bool,
    greater: bool,
}

impl From<Ordering> for Orders {
    fn from(order: Ordering) -> Orders {
        Orders { less: order.is_lt(), equal: order.is_eq(), greater: order.is_gt() }
    }
}

impl Orders {
    /// Returns the possible orders of two numbers (or days) that lie within ranges.
    fn of_ranges<T: PartialOrd>(a: (T, T), b: (T, T)) -> Orders {
        Orders { less: a.0 < b.1, equal: a.0 <= b.1 && b.0 <= a.1, greater: a.1 > b.0 }
    }

    fn reversed(self) -> Orders {
        Orders { less: self.greater, equal: self.equal, greater: self.less }
    }
}

/// Returns how many listed rows would be outside the window of `offset` and `limit` in some possible world. The rows
/// must be sorted. O(listed rows × rows); O(rows) if everything is certain and exact.
pub(crate) fn open_rows(rows: &[SortableRow], order: &[SortKey], (offset, limit): (usize, usize)) -> usize {
    let is_cut = offset > 0 || limit < rows.len();
    let is_open = |draft: &SortableRow| !draft.row.certain || sort_cells(draft).any(|cell| !is_exact(cell));
    if order.is_empty() || !is_cut || rows.len() > MOST_COMPARED || !rows.iter().any(is_open) {
        return 0;
    }
    let listed = rows.iter().enumerate().filter(|(_, draft)| draft.sure != Certainty::Possible);
    listed.skip(offset).take(limit.min(MOST_LISTED)).filter(|(i, _)| !stays(rows, *i, order, (offset, limit))).count()
}

/// Limits of the check, beyond which the note is not worth the time: rows of the answer, and listed rows. By
/// reasoning, no benchmark varies them: each listed row is compared with every other, at most ten million times.
pub(super) const MOST_COMPARED: usize = 100_000;
const MOST_LISTED: usize = 100;

/// Returns true if the row is inside the window in every world.
fn stays(rows: &[SortableRow], own: usize, order: &[SortKey], (offset, limit): (usize, usize)) -> bool {
    let (mut before, mut may_be_before) = (0, 0);
    for (_, other) in rows.iter().enumerate().filter(|(i, _)| *i != own) {
        let orders = compare(other, &rows[own], order);
        may_be_before += usize::from(orders.less);
        // An uncertain row may be missing, so it does not certainly come before.
        before += usize::from(other.row.certain && !orders.equal && !orders.greater);
    }
    before >= offset && may_be_before < offset.saturating_add(limit)
}

/// Returns the cells by which a row is sorted.
fn sort_cells(draft: &SortableRow) -> impl Iterator<Item = &Cell> {
    draft.keys.iter().chain(&draft.row.cells)
}

/// Returns the possible orders of two rows: by the keys, then by the columns.
fn compare(a: &SortableRow, b: &SortableRow, order: &[SortKey]) -> Orders {
    let descending = order.iter().map(|key| key.descending).chain(std::iter::repeat(false));
    let mut orders = Orders { less: false, equal: true, greater: false };
    for ((a, b), descending) in sort_cells(a).zip(sort_cells(b)).zip(descending) {
        let by_cell = compare_open(a, b, descending);
        orders.less |= by_cell.less;
        orders.greater |= by_cell.greater;
        if !by_cell.equal {
            orders.equal = false;
            break;
        }
    }
    orders
}

fn compare_open(a: &Cell, b: &Cell, descending: bool) -> Orders {
    // Unknown values come last, ascending or descending.
    if last(a) || last(b) {
        return compare_cells(a, b).into();
    }
    let orders = match (a, b) {
        (Cell::Value(Value::Date(a)), Cell::Value(Value::Date(b))) => Orders::of_ranges(a.reach(), b.reach()),
        (Cell::Value(a), Cell::Value(b)) => match bounds(a).zip(bounds(b)) {
            Some((a, b)) => Orders::of_ranges(a, b),
            None => compare_cells(&Cell::Value(a.clone()), &Cell::Value(b.clone())).into(),
        },
        _ => compare_cells(a, b).into(),
    };
    if descending { orders.reversed() } else { orders }
}

/// Returns true if the cell has a single place in the order.
pub(super) fn is_exact(cell: &Cell) -> bool {
    match cell {
        cell if last(cell) => true,
        Cell::Value(Value::Date(date)) => date.reach().0 == date.reach().1,
        Cell::Value(Value::Range(..)) => false,
        _ => true,
    }
}
