//! Whether the rows that a `limit` leaves are the first ones whatever the days are.
//!
//! What is listed is the beginning of the whole answer, in the order of display. Where the keys of `order by` are vague,
//! or rows are only possible, other rows may come first in some world: that is told in a note.

use super::SortableRow;
use super::sort::{compare_cells, last};
use crate::answer::Cell;
use crate::exec::bindings::Certainty;
use crate::exec::eval::bounds;
use crate::plan::SortKey;
use crate::value::Value;
use std::cmp::Ordering;

/// How two cells may stand to each other in the order of the rows.
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
    /// Of two numbers (or days) that each lie between bounds.
    fn of_ranges<T: PartialOrd>(a: (T, T), b: (T, T)) -> Orders {
        Orders { less: a.0 < b.1, equal: a.0 <= b.1 && b.0 <= a.1, greater: a.1 > b.0 }
    }

    fn reversed(self) -> Orders {
        Orders { less: self.greater, equal: self.equal, greater: self.less }
    }
}

/// Returns how many of the listed rows other days or facts would move out of the window of `offset` and `limit`. The rows
/// are sorted. O(rows listed × rows), and O(rows) where nothing is open.
pub(crate) fn open_rows(rows: &[SortableRow], order: &[SortKey], (offset, limit): (usize, usize)) -> usize {
    let is_cut = offset > 0 || limit < rows.len();
    let is_open = |draft: &SortableRow| !draft.row.certain || sort_cells(draft).any(|cell| !is_exact(cell));
    if order.is_empty() || !is_cut || rows.len() > MOST_COMPARED || !rows.iter().any(is_open) {
        return 0;
    }
    let listed = rows.iter().enumerate().filter(|(_, draft)| draft.sure != Certainty::Possible);
    listed.skip(offset).take(limit.min(MOST_LISTED)).filter(|(i, _)| !stays(rows, *i, order, (offset, limit))).count()
}

/// Longer answers are not looked at: the note is not worth the time.
pub(super) const MOST_COMPARED: usize = 100_000;
const MOST_LISTED: usize = 100;

/// Returns true if the row is within the window in every world.
fn stays(rows: &[SortableRow], own: usize, order: &[SortKey], (offset, limit): (usize, usize)) -> bool {
    let (mut before, mut may_be_before) = (0, 0);
    for (_, other) in rows.iter().enumerate().filter(|(i, _)| *i != own) {
        let orders = compare(other, &rows[own], order);
        may_be_before += usize::from(orders.less);
        before += usize::from(other.row.certain && !orders.equal && !orders.greater);
    }
    before >= offset && may_be_before < offset.saturating_add(limit)
}

/// What rows are sorted by.
fn sort_cells(draft: &SortableRow) -> impl Iterator<Item = &Cell> {
    draft.keys.iter().chain(&draft.row.cells)
}

/// How two rows may stand to each other: by the keys, then by the columns.
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
    // What is unknown comes last either way.
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

/// Returns true if the cell has one place in the order.
pub(super) fn is_exact(cell: &Cell) -> bool {
    match cell {
        cell if last(cell) => true,
        Cell::Value(Value::Date(date)) => date.reach().0 == date.reach().1,
        Cell::Value(Value::Range(..)) => false,
        _ => true,
    }
}
