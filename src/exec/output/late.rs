//! Late materialisation (Abadi et al., *Materialization strategies in a column-oriented DBMS*, 2007): bindings are sorted
//! by codes, and cells are made only for the rows that `limit` leaves.

use super::sort::{compare_cells, last};
use super::{Output, heads, limit, project, sort, window};
use crate::answer::{Row, Rows};
use crate::exec::Context;
use crate::exec::aggregate::dictionary::{Dictionary, Merge, order_of};
use crate::exec::bindings::Bindings;
use crate::exec::exact::ExactScope;
use crate::graph::Graph;
use crate::limits::in_budget;
use crate::plan::{Column, LateRows, Scalar};
use crate::text::Diagnostic;

/// Sorts the bindings by the codes of their sort keys and columns, and makes the rows that `limit` leaves. If codes do
/// not determine the order and the notes (distinct values at the same place of the order, or inexact values), makes all
/// rows first.
pub(crate) fn rows(context: &Context, late: &LateRows, found: &Bindings) -> (Output, Vec<Diagnostic>) {
    let first = first_rows(context, late, found);
    let found = first.as_ref().unwrap_or(found);
    match Sorter::of(context, late, found) {
        Some(sorter) => sorter.rows(),
        None => {
            let mut set = project::of_bindings(context, &late.projection, found);
            sort::sort(&mut set, &late.projection.keys);
            // Sorted by all columns, so equal rows are adjacent.
            set.rows.dedup_by(|later, first| later.row.cells == first.row.cells);
            limit::limited(&late.limit, set)
        }
    }
}

/// Returns the bindings whose first sort value is not behind that of the last listed row: the others cannot be listed,
/// and need no further values. `None` if most are listed, or if the first values leave the order open.
fn first_rows(context: &Context, late: &LateRows, found: &Bindings) -> Option<Bindings> {
    let end = late.limit.limit?.saturating_add(late.limit.offset);
    let projection = &late.projection;
    // If most rows are listed, the selection drops too few to pay for its pass.
    if end >= found.len() / 2 || !found.all_certain() || !is_distinct(late, found) {
        return None;
    }
    let by_column = || projection.columns.first().map(|column| (&column.scalar, false));
    let (scalar, descending) = projection.keys.first().map(|key| (&key.scalar, key.descending)).or_else(by_column)?;
    if late.is_exact_first {
        return Some(found.selected(&first_exact(context.graph, found, (scalar, descending), end)));
    }
    let dictionary = Dictionary::of(context.graph, found, scalar, Merge::Same);
    let is_strict = dictionary.cells.is_sorted_by(|a, b| compare_cells(a, b).is_lt());
    if !is_strict || !dictionary.cells.iter().all(window::is_exact) {
        return None;
    }
    let (codes, number) = codes(&dictionary, descending);
    let kept: Vec<usize> = up_to(&codes, number, end).map(|row| row as usize).collect();
    Some(found.selected(&kept))
}

/// Returns the bindings whose exact value is not behind that of row `end` in the order, in their own order. Found by
/// selection, without sorting.
fn first_exact(graph: &Graph, found: &Bindings, (scalar, descending): (&Scalar, bool), end: usize) -> Vec<usize> {
    let mut frame = found.empty_frame();
    let mut key = |tuple: usize| {
        found.fill(tuple, &mut frame);
        // Absent values come last in both directions.
        let number = ExactScope { graph, frame: &frame }.number(scalar);
        number.map_or(i64::MAX, |number| if descending { -number } else { number })
    };
    let keys: Vec<i64> = (0..found.len()).take_while(in_budget).map(&mut key).collect();
    let mut others = keys.clone();
    let last = end.saturating_sub(1).min(others.len().saturating_sub(1));
    if others.is_empty() || end == 0 {
        return Vec::new();
    }
    let (_, greatest, _) = others.select_nth_unstable(last);
    let greatest = *greatest;
    keys.iter().enumerate().filter(|(_, key)| **key <= greatest).map(|(tuple, _)| tuple).collect()
}

/// Returns true if no two bindings give the same row.
fn is_distinct(late: &LateRows, found: &Bindings) -> bool {
    let entity = |var| late.projection.columns.iter().any(|column| column.entity() == Some(var));
    found.wanted.iter().all(|var| entity(*var))
}

/// Returns the rows whose code is not above that of row `end` in the order of the codes, in their own order. Found by
/// counting codes, without sorting; ties with that row are included.
fn up_to(codes: &[u32], number: usize, end: usize) -> impl Iterator<Item = u32> {
    let mut counts = vec![0usize; number + 1];
    let place = move |code: u32| (code as usize).min(number);
    codes.iter().for_each(|code| counts[place(*code)] += 1);
    let mut before = 0;
    let holds_end = |count: &usize| {
        before += count;
        before >= end
    };
    let greatest = counts.iter().position(holds_end).unwrap_or(number);
    (0..).zip(codes).filter(move |(_, code)| place(**code) <= greatest).map(|(row, _)| row)
}

struct Sorter<'a> {
    late: &'a LateRows,
    found: &'a Bindings,
    /// Values of the distinct expressions.
    dictionaries: Vec<Dictionary>,
    /// Per column: position of its dictionary.
    shown: Vec<usize>,
    /// Sort columns, those of `order by` first: codes, and their number.
    by: Vec<(Vec<u32>, usize)>,
    /// True if no two bindings give the same row.
    is_distinct: bool,
}

impl<'a> Sorter<'a> {
    fn of(context: &Context, late: &'a LateRows, found: &'a Bindings) -> Option<Sorter<'a>> {
        let (mut scalars, mut dictionaries): (Vec<&Scalar>, Vec<Dictionary>) = (Vec::new(), Vec::new());
        let mut place = |scalar: &'a Scalar| {
            scalars.iter().position(|known| *known == scalar).unwrap_or_else(|| {
                scalars.push(scalar);
                dictionaries.push(Dictionary::of(context.graph, found, scalar, Merge::Same));
                scalars.len() - 1
            })
        };
        let keys: Vec<usize> = late.projection.keys.iter().map(|key| place(&key.scalar)).collect();
        let shown: Vec<usize> = late.projection.columns.iter().map(|column| place(&column.scalar)).collect();
        let is_distinct = is_distinct(late, found);
        // Notes on ties and open order need sort keys and a limit; long answers are not compared.
        let is_told = !keys.is_empty()
            && (late.limit.offset > 0 || late.limit.limit.is_some())
            && (!is_distinct || found.len() <= window::MOST_COMPARED);
        // Codes determine the order only if no two values have the same place in it.
        let is_plain = |dictionary: &Dictionary| {
            let in_order = dictionary.cells.is_sorted_by(|a, b| compare_cells(a, b).is_lt());
            in_order && !(is_told && dictionary.cells.iter().any(|cell| !window::is_exact(cell)))
        };
        if !found.all_certain() || !dictionaries.iter().all(is_plain) {
            return None;
        }
        let key = |(key, place): (&crate::plan::SortKey, &usize)| codes(&dictionaries[*place], key.descending);
        let mut by: Vec<(Vec<u32>, usize)> = late.projection.keys.iter().zip(&keys).map(key).collect();
        // A column that is a sort key, or repeats an earlier column, cannot decide the order.
        let rest = shown.iter().enumerate().filter(|(i, place)| !keys.contains(place) && !shown[..*i].contains(place));
        by.extend(rest.map(|(_, place)| codes(&dictionaries[*place], false)));
        Some(Sorter { late, found, dictionaries, shown, by, is_distinct })
    }

    fn rows(self) -> (Output, Vec<Diagnostic>) {
        let limit = self.late.limit;
        let (offset, most) = (limit.offset, limit.limit.unwrap_or(usize::MAX));
        let end = offset.saturating_add(most);
        let by: Vec<(&[u32], usize)> = self.by.iter().map(|(codes, number)| (&codes[..], *number)).collect();
        let mut order = order_of(&by, self.candidates(end));
        if !self.is_distinct {
            order.dedup_by(|a, b| self.shown.iter().all(|column| self.code(*column, *a) == self.code(*column, *b)));
        }
        let tied = if self.late.projection.keys.is_empty() { 0 } else { self.cut_among_equals(&order, end) };
        let is_cut = tied > 0 && most > 0;
        let end = if limit.ties && is_cut { end + tied } else { end };
        let notes = (is_cut && !limit.ties).then(|| limit::tie(tied, limit.span)).into_iter().collect();
        let listed = &order[offset.min(order.len())..end.min(order.len())];
        (Output::rows(heads(&self.late.projection.columns), self.made(listed), 0), notes)
    }

    /// Returns the rows that can be among the first `end`: all rows whose first sort code is not above that of row
    /// `end`. Found by counting codes, without sorting; ties with that row are included.
    fn candidates(&self, end: usize) -> Vec<u32> {
        let all = 0..self.found.len() as u32;
        let Some((codes, number)) = self.by.first().filter(|_| self.is_distinct && end < self.found.len() / 2) else {
            return all.collect();
        };
        up_to(codes, *number, end).collect()
    }

    fn code(&self, dictionary: usize, row: u32) -> u32 {
        self.dictionaries[dictionary].codes[row as usize]
    }

    /// Returns how many rows from `end` on have the same keys as the row before it.
    fn cut_among_equals(&self, order: &[u32], end: usize) -> usize {
        let Some(last) = end.checked_sub(1).and_then(|i| order.get(i)) else { return 0 };
        let keys = &self.by[..self.late.projection.keys.len()];
        let is_equal = |row: &&u32| keys.iter().all(|(codes, _)| codes[**row as usize] == codes[*last as usize]);
        order[end..].iter().take_while(is_equal).count()
    }

    /// Returns the rows of these bindings.
    fn made(&self, listed: &[u32]) -> Rows {
        let columns = &self.late.projection.columns;
        let slots: Option<Vec<_>> = columns.iter().map(Column::entity).collect();
        if let Some(slots) = slots.filter(|slots| !slots.is_empty()) {
            let places: Vec<usize> = self.found.places(&slots).into_iter().flatten().collect();
            let tuples = listed.iter().map(|row| self.found.tuple(*row as usize));
            return Rows::of_entities(
                places.len(),
                tuples.flat_map(|tuple| places.iter().map(|i| tuple[*i])).collect(),
            );
        }
        let cell = |row: u32, dictionary: usize| {
            let dictionary = &self.dictionaries[dictionary];
            dictionary
                .cells
                .get(dictionary.codes[row as usize] as usize)
                .cloned()
                .unwrap_or(crate::answer::Cell::Absent)
        };
        let row = |row: &u32| Row { cells: self.shown.iter().map(|own| cell(*row, *own)).collect(), certain: true };
        listed.iter().take_while(in_budget).map(row).collect()
    }
}

/// Returns codes in the order of the rows, and their number. Unknown values come last, ascending or descending.
fn codes(dictionary: &Dictionary, descending: bool) -> (Vec<u32>, usize) {
    let number = dictionary.cells.len();
    if !descending {
        return (dictionary.codes.clone(), number);
    }
    let known = dictionary.cells.partition_point(|cell| !last(cell)) as u32;
    let turned = |code: &u32| if *code < known { known - 1 - code } else { *code };
    (dictionary.codes.iter().map(turned).collect(), number)
}
