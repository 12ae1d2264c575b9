//! `limit` and `offset`: the rows to show, and notes about those left out.

use super::sort::compare_cells;
use super::{Output, RowSet, SortableRow, window};
use crate::exec::bindings::Certainty;
use crate::plan::Limit;
use crate::text::{Code, Diagnostic, Span};

/// Applies offset and limit to sorted rows. Rows that are only possible are counted, not shown. Adds notes if the limit
/// separates rows with equal keys, or if other values of uncertain dates would change the rows shown.
pub(crate) fn limited(limit: &Limit, set: RowSet) -> (Output, Vec<Diagnostic>) {
    let RowSet { columns, rows, order, hidden: unmade } = set;
    let (offset, most) = (limit.offset, limit.limit.unwrap_or(usize::MAX));
    let open = window::open_rows(&rows, &order, (offset, most));
    let mut notes: Vec<Diagnostic> = order.first().and_then(|key| open_order(open, key.span)).into_iter().collect();
    let (shown, hidden): (Vec<SortableRow>, Vec<SortableRow>) =
        rows.into_iter().partition(|row| row.sure != Certainty::Possible);
    let tied = if order.is_empty() || most == 0 { 0 } else { cut_among_equals(&shown, offset.saturating_add(most)) };
    notes.extend((tied > 0 && !limit.ties).then(|| tie(tied, limit.span)));
    let most = if limit.ties { most.saturating_add(tied) } else { most };
    let rows = shown.into_iter().map(|row| row.row).skip(offset).take(most).collect();
    (Output::rows(columns, rows, hidden.len() + unmade), notes)
}

/// Applies offset and limit to rows that are already made and all certain.
pub(crate) fn of_output(limit: &Limit, mut output: Output) -> Output {
    let rows = std::mem::take(&mut output.table.rows);
    output.table.rows = rows.window(limit.offset, limit.limit.unwrap_or(usize::MAX));
    output
}

/// Returns the note that other rows may be the first ones; `None` if the order is certain.
fn open_order(open: usize, span: Span) -> Option<Diagnostic> {
    let message = match open {
        0 => return None,
        1 => "for 1 of the rows listed it is open whether `limit` would leave it".to_string(),
        open => format!("for {open} of the rows listed it is open whether `limit` would leave them"),
    };
    Some(Diagnostic::note(Code::OpenOrder, span, message).here("the values that they are ordered by are not exact"))
}

/// Returns how many rows from `end` on have the same keys as the row before it.
fn cut_among_equals(rows: &[SortableRow], end: usize) -> usize {
    let Some(last) = end.checked_sub(1).and_then(|i| rows.get(i)) else { return 0 };
    let is_equal = |row: &&SortableRow| {
        let mut pairs = last.keys.iter().zip(&row.keys);
        pairs.all(|(a, b)| compare_cells(a, b).is_eq())
    };
    rows[end..].iter().take_while(is_equal).count()
}

/// Returns the note that `limit` leaves out rows with the same keys as the last one shown.
pub(crate) fn tie(left_out: usize, span: Span) -> Diagnostic {
    let rows = if left_out == 1 { "row" } else { "rows" };
    let message = format!("`limit` leaves out {left_out} more {rows} of the same value as the last one");
    Diagnostic::note(Code::Tied, span, message).help("`with ties` behind the number shows them, too")
}

#[cfg(test)]
mod tests {
    use super::{compare_cells, cut_among_equals, limited};
    use crate::answer::Row;
    use crate::exec::bindings::Certainty;
    use crate::exec::output::{RowSet, sort};
    use crate::exec::tests::{cell, rows_of};
    use crate::plan::Limit;
    use crate::text::Span;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_window_of_the_sorted_rows(
            keys in prop::collection::vec(cell(), 0..20), possible in any::<u32>(), offset in 0usize..8, limit in 0usize..12,
        ) {
            let mut rows = rows_of(keys);
            for (i, row) in rows.iter_mut().enumerate().filter(|(i, _)| possible >> i & 1 == 1) {
                row.sure = if i % 2 == 0 { Certainty::Possible } else { Certainty::Shown };
                row.row.certain = false;
            }
            let mut set = RowSet { columns: Vec::new(), rows, order: Vec::new(), hidden: 3 };
            sort::sort(&mut set, &[]);
            let listed = set.rows.iter().filter(|row| row.sure != Certainty::Possible);
            let expected: Vec<Row> = listed.map(|row| row.row.clone()).skip(offset).take(limit).collect();
            let possible = set.rows.iter().filter(|row| row.sure == Certainty::Possible).count();
            let (shown, _) = limited(&Limit { offset, limit: Some(limit), ties: false, span: Span::default() }, set);
            prop_assert_eq!(shown.table.rows.to_vec(), expected);
            prop_assert_eq!(shown.more_possible, possible + 3);
        }

        #[test]
        fn ties_are_the_rows_behind_with_the_same_keys(keys in prop::collection::vec(cell(), 0..20), end in 0usize..22) {
            let mut keys = keys;
            keys.sort_by(compare_cells);
            let rows = rows_of(keys.clone());
            let same = |i: &usize| compare_cells(&keys[*i], &keys[end - 1]).is_eq();
            let expected = if end == 0 || end > keys.len() { 0 } else { (end..keys.len()).filter(same).count() };
            prop_assert_eq!(cut_among_equals(&rows, end), expected);
        }
    }
}
