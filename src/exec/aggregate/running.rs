//! Running sums over all groups up to the current one, and shares of the sum of all.

use crate::answer::Cell;
use crate::exec::eval::range;
use crate::exec::output::SortableRow;
use crate::exec::output::sort::compare_cells;
use crate::limits;
use crate::plan::Summed;
use crate::value::{Number, Sum, Value};
use std::cmp::Ordering;

/// Per column: least and greatest value that a sum may have.
type Sums = Vec<(Number, Number)>;

/// Replaces the cells of `columns` by running sums: over the groups that agree in all keys except the last, and are not
/// later by the last key; or by their shares of the sum over all groups that agree so. A sum is a range if it depends on
/// uncertain days or facts. The first `width` columns are the keys.
///
/// O(rows × log rows) if the last keys are exact; O(groups²) within a run of groups with a key that is not.
pub(crate) fn add_up(rows: &mut [SortableRow], columns: &[(usize, Summed)], width: usize, last_is_period: bool) {
    let outer = width.saturating_sub(1);
    let keys = |row: &usize| &rows[*row].row.cells[..width];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    if !order.is_sorted_by(|a, b| compare_keys(keys(a), keys(b)).is_le()) {
        limits::sort_by(&mut order, |a, b| compare_keys(keys(a), keys(b)));
    }
    let (mut written, mut sums): (Vec<usize>, Vec<Value>) = (Vec::with_capacity(rows.len()), Vec::new());
    for run in order.chunk_by(|a, b| compare_keys(&keys(a)[..outer], &keys(b)[..outer]).is_eq()) {
        // A column such as `first` makes several rows of a group, which must be added once.
        let groups: Vec<&[usize]> = run.chunk_by(|a, b| compare_keys(keys(a), keys(b)).is_eq()).collect();
        let group = |rows_of: &&[usize]| (keys(&rows_of[0]).last(), &rows[rows_of[0]].adds);
        let added: Vec<(Option<&Cell>, &Sums)> = groups.iter().map(group).collect();
        let are_exact = !last_is_period || added.iter().all(|(key, _)| key.is_none_or(is_exact));
        let running = if are_exact { exact_sums(&added, columns.len()) } else { open_sums(&added, columns.len()) };
        // What lies in one of several periods has no sum of which it is a part.
        let is_apart = run.first().is_some_and(|row| keys(row)[..outer].iter().all(is_exact));
        let of_groups = values(columns, &added, &running, is_apart);
        for (rows_of, sums_of) in groups.iter().zip(of_groups.chunks(columns.len().max(1))) {
            for row in *rows_of {
                written.push(*row);
                sums.extend_from_slice(sums_of);
            }
        }
    }
    for (row, sums) in written.into_iter().zip(sums.chunks(columns.len().max(1))) {
        for ((column, _), value) in columns.iter().zip(sums) {
            rows[row].row.cells[*column] = Cell::Value(value.clone());
        }
    }
}

/// Returns the running sums, and in the columns of shares these instead, unknown unless `is_apart`: row-major, one row per
/// group.
fn values(
    columns: &[(usize, Summed)],
    groups: &[(Option<&Cell>, &Sums)],
    running: &Sums,
    is_apart: bool,
) -> Vec<Value> {
    let mut values: Vec<Value> = running.iter().map(|(low, high)| range(*low, *high)).collect();
    for (column, _) in columns.iter().enumerate().filter(|(_, (_, summed))| *summed == Summed::Share) {
        let adds: Vec<(Number, Number)> = groups.iter().map(|(_, adds)| adds[column]).collect();
        for (i, share) in shares(&adds).into_iter().enumerate() {
            values[i * columns.len() + column] = if is_apart { share } else { Value::Unknown };
        }
    }
    values
}

/// Returns the share of each group in the sum of all, in percent. Unknown if the sum may be 0 or a part negative.
fn shares(adds: &[(Number, Number)]) -> Vec<Value> {
    let sum_but = |own: usize, end: fn(&(Number, Number)) -> Number| {
        let mut sum = Sum::default();
        adds.iter().enumerate().filter(|(i, _)| *i != own).for_each(|(_, ends)| sum.add(end(ends)));
        sum.total().to_f64()
    };
    let mut least = Sum::default();
    adds.iter().for_each(|(low, _)| least.add(*low));
    let is_plain = adds.iter().all(|(low, high)| low == high);
    let is_positive = adds.iter().all(|(low, _)| low.to_f64() >= 0.0) && least.total().to_f64() > 0.0;
    let percent =
        |part: f64, others: f64| Number::Float(if part == 0.0 { 0.0 } else { 100.0 * part / (part + others) });
    let share = |(i, (low, high)): (usize, &(Number, Number))| match (is_positive, is_plain) {
        (false, _) => Value::Unknown,
        (true, true) => Value::from(Number::Float(100.0 * low.to_f64() / least.total().to_f64())),
        // The part is least where it is least itself and all others are greatest.
        (true, false) => {
            let low = percent(low.to_f64(), sum_but(i, |ends| ends.1));
            spanned(low, percent(high.to_f64(), sum_but(i, |ends| ends.0)))
        }
    };
    adds.iter()
        .enumerate()
        .take_while(|_| !limits::is_over_after(if is_plain { 1 } else { adds.len() }))
        .map(share)
        .collect()
}

/// Returns the number, or the range between two.
fn spanned(low: Number, high: Number) -> Value {
    if low == high { Value::from(low) } else { Value::Range(low.to_f64(), high.to_f64()) }
}

fn compare_keys(a: &[Cell], b: &[Cell]) -> Ordering {
    a.iter().zip(b).map(|(a, b)| compare_cells(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Returns true if a key is a single period.
fn is_exact(key: &Cell) -> bool {
    let (start, end) = ends_of(key);
    start.is_some() && start == end
}

/// Returns the prefix sums of groups whose keys are exact: row-major, one row per group.
fn exact_sums(groups: &[(Option<&Cell>, &Sums)], columns: usize) -> Sums {
    let mut sums = vec![(Sum::default(), Sum::default()); columns];
    let mut found = Vec::with_capacity(groups.len() * columns);
    for (_, adds) in groups.iter().take_while(limits::in_budget) {
        for (sum, (low, high)) in sums.iter_mut().zip(*adds) {
            sum.0.add(*low);
            sum.1.add(*high);
        }
        found.extend(sums.iter().map(|(low, high)| (low.total(), high.total())));
    }
    found
}

/// Returns the same if some keys span several periods: every other group is compared with the current one.
fn open_sums(groups: &[(Option<&Cell>, &Sums)], columns: usize) -> Sums {
    let ends: Vec<Ends> = groups.iter().map(|(key, _)| key.map_or((None, None), ends_of)).collect();
    let of_group = |own: usize| {
        let mut sums = vec![(Sum::default(), Sum::default()); columns];
        for (i, (_, adds)) in groups.iter().enumerate() {
            // The group itself always counts, even if its key is open.
            let is_before = i == own || is_no_later(&ends[i].1, &ends[own].0, false);
            let may_be_before = i == own || is_no_later(&ends[i].0, &ends[own].1, true);
            for (sum, (low, high)) in sums.iter_mut().zip(*adds) {
                let (low, high) = match (is_before, may_be_before) {
                    (true, _) => (*low, *high),
                    // A group that may be earlier contributes all or nothing.
                    (false, true) => (low.min(Number::ZERO), high.max(Number::ZERO)),
                    (false, false) => continue,
                };
                sum.0.add(low);
                sum.1.add(high);
            }
        }
        sums.into_iter().map(|(low, high)| (low.total(), high.total())).collect::<Sums>()
    };
    (0..groups.len()).take_while(|_| !limits::is_over_after(groups.len())).flat_map(of_group).collect()
}

/// First and last value that a key may have; `None` for an open end.
type Ends = (Option<Cell>, Option<Cell>);

/// Returns the periods that a key spans.
fn ends_of(key: &Cell) -> Ends {
    match key {
        Cell::Value(Value::Range(low, high)) => {
            let end = |end: f64| end.is_finite().then_some(Cell::Value(Value::Number(end)));
            (end(*low), end(*high))
        }
        Cell::Value(Value::Text(text)) if let Some((first, last)) = text.split_once("..") => {
            let end = |text: &str| (!text.is_empty()).then(|| Cell::Value(Value::text(text)));
            (end(first), end(last))
        }
        key => (Some(key.clone()), Some(key.clone())),
    }
}

/// Returns true if an end is not later than another; `open` is the result if one of them is open.
fn is_no_later(end: &Option<Cell>, other: &Option<Cell>, open: bool) -> bool {
    end.as_ref().zip(other.as_ref()).map_or(open, |(end, other)| compare_cells(end, other).is_le())
}

#[cfg(test)]
mod tests {
    use super::{Sums, exact_sums, open_sums};
    use crate::answer::Cell;
    use crate::value::{Number, Value};
    use proptest::prelude::*;

    /// Returns the groups in the form that the sums read.
    fn groups(owned: &[(Cell, Sums)]) -> Vec<(Option<&Cell>, &Sums)> {
        owned.iter().map(|(key, adds)| (Some(key), adds)).collect()
    }

    proptest! {
        #[test]
        fn sums_over_exact_keys_are_prefix_sums(adds in prop::collection::vec((-9i64..9, 0i64..9), 0..20)) {
            let number = |number: i64| Number::Float(number as f64);
            let group = |(i, (low, more)): (usize, &(i64, i64))| -> (Cell, Sums) {
                (Cell::Value(Value::Number(i as f64)), vec![(number(*low), number(low + more))])
            };
            let owned: Vec<(Cell, Sums)> = adds.iter().enumerate().map(group).collect();
            let (exact, open) = (exact_sums(&groups(&owned), 1), open_sums(&groups(&owned), 1));
            let (mut low, mut high) = (0, 0);
            for (i, (least, more)) in adds.iter().enumerate() {
                (low, high) = (low + least, high + least + more);
                prop_assert_eq!(exact[i], (number(low), number(high)));
            }
            prop_assert_eq!(open, exact);
        }

        /// Whatever years the members of wide groups fall in, the sum up to a year lies within the bounds.
        #[test]
        fn sums_over_open_keys_hold_in_every_world(
            spans in prop::collection::vec((0i64..6, 0i64..3, -5i64..6), 1..7), pick in prop::collection::vec(0i64..3, 7),
        ) {
            let key = |first: i64, last: i64| match first == last {
                true => Value::Number(first as f64),
                false => Value::Range(first as f64, last as f64),
            };
            let mut spans = spans;
            spans.sort();
            spans.dedup_by_key(|(first, more, _)| (*first, *more));
            let group = |(first, more, add): &(i64, i64, i64)| -> (Cell, Sums) {
                let add = Number::Float(*add as f64);
                (Cell::Value(key(*first, first + more)), vec![(add, add)])
            };
            let owned: Vec<(Cell, Sums)> = spans.iter().map(group).collect();
            let sums = open_sums(&groups(&owned), 1);
            for (own, (first, more, _)) in sums.iter().zip(&spans).filter(|(_, (_, more, _))| *more == 0) {
                let year = first + more;
                let fell = |(i, (first, more, add)): (usize, &(i64, i64, i64))| {
                    if first + pick[i].min(*more) <= year { *add } else { 0 }
                };
                let total: i64 = spans.iter().enumerate().map(fell).sum();
                let (low, high) = *own;
                prop_assert!(low.to_f64() <= total as f64 && total as f64 <= high.to_f64(), "{:?}", spans);
            }
        }
    }
}
