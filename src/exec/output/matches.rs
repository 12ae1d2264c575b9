//! From the rows that are shown back to the bindings that give them: what `limit` and `having` leave is what is drawn and
//! proved.

use super::Output;
use super::sort::{by_time, compare_cells, last};
use crate::answer::Cell;
use crate::exec::Context;
use crate::exec::bindings::Bindings;
use crate::exec::eval::{Scope, bounds};
use crate::limits::{self, in_budget};
use crate::plan::RowColumn;
use std::cmp::Ordering;

/// Returns the bindings that give one of the rows, in the order of the rows.
pub(crate) fn of_rows(context: &Context, columns: &[RowColumn], shown: &Output, found: &Bindings) -> Bindings {
    // A binding with a vague date belongs to several periods, so periods are compared one by one.
    let (periods, exact): (Vec<_>, Vec<_>) = columns.iter().partition(|column| column.scalar.period().is_some());
    let compare = |a: &[Cell], b: &[Cell]| {
        let each = a.iter().zip(b).map(|(a, b)| compare_cells(a, b));
        each.fold(Ordering::Equal, Ordering::then)
    };
    let rows = shown.table.rows.iter().enumerate().map(|(rank, row)| {
        let cells = |of: &[&RowColumn]| of.iter().map(|column| row.cells[column.at].clone()).collect::<Vec<Cell>>();
        (cells(&exact), cells(&periods), rank)
    });
    let mut rows: Vec<(Vec<Cell>, Vec<Cell>, usize)> = rows.collect();
    limits::sort_by(&mut rows, |a, b| compare(&a.0, &b.0).then(a.2.cmp(&b.2)));

    let mut kept: Vec<(usize, usize)> = Vec::new();
    let mut frame = found.empty_frame();
    for i in (0..found.len()).take_while(in_budget) {
        found.fill(i, &mut frame);
        let scope = Scope { graph: context.graph, paths: &found.paths, frame: &frame, group: &|_| Cell::Absent };
        let cells = |of: &[&RowColumn]| of.iter().map(|column| scope.cell(&column.scalar)).collect::<Vec<Cell>>();
        let (own, times) = (cells(&exact), cells(&periods));
        let first = rows.partition_point(|row| compare(&row.0, &own).is_lt());
        let alike = rows[first..].iter().take_while(|row| compare(&row.0, &own).is_eq());
        let mut alike = alike.filter(|row| row.1.iter().zip(&times).all(|(row, time)| overlap(row, time)));
        // The first such row only: a binding is drawn and proved once.
        kept.extend(alike.next().map(|row| (row.2, i)));
    }
    kept.sort_unstable();
    found.selected(&kept.into_iter().map(|(_, i)| i).collect::<Vec<usize>>())
}

/// Returns true if the period of a binding reaches into that of a row; those without a date are together.
fn overlap(row: &Cell, time: &Cell) -> bool {
    if last(row) || last(time) {
        return last(row) == last(time);
    }
    let ends = |cell: &Cell| match by_time(cell.clone()) {
        Cell::Value(value) => bounds(&value),
        _ => None,
    };
    ends(row).zip(ends(time)).is_some_and(|(row, time)| row.0.cmp(time.1).is_le() && time.0.cmp(row.1).is_le())
}
