//! Running sums: over the groups that come no later.

use crate::answer::Cell;
use crate::exec::eval::range;
use crate::exec::output::SortableRow;
use crate::exec::output::sort::compare_cells;
use crate::value::{Number, Sum, Value};
use std::cmp::Ordering;

/// The keys of a group, with what it adds to each running sum.
type KeysAndSums = (Vec<Cell>, Vec<(Number, Number)>);

/// Gives the columns of `running` the sum over the groups that agree in all keys but the last and come no later by it;
/// as a range where that depends on days or doubtful facts. The keys are the first columns.
pub(crate) fn add_up(rows: &mut [SortableRow], columns: &[usize], width: usize, last_is_period: bool) {
    let key = |row: &SortableRow| row.row.cells[..width].to_vec();
    // Columns such as `first` make several rows of a group, which is added once.
    let mut groups: Vec<KeysAndSums> = rows.iter().map(|row| (key(row), row.adds.clone())).collect();
    groups.sort_by(|a, b| order(&a.0, &b.0));
    groups.dedup_by(|a, b| order(&a.0, &b.0).is_eq());
    let ends =
        |keys: &[Cell]| keys.last().map_or((None, None), |key| if last_is_period { ends_of(key) } else { both(key) });
    for row in rows {
        let own = key(row);
        let outer = width.saturating_sub(1);
        let same_run = |group: &&KeysAndSums| order(&group.0[..outer], &own[..outer]).is_eq();
        let (own_start, own_end) = ends(&own);
        let mut sums = vec![(Sum::default(), Sum::default()); columns.len()];
        for (keys, adds) in groups.iter().filter(same_run) {
            let (start, end) = ends(keys);
            let is_own = order(keys, &own).is_eq();
            let is_before = is_own || is_no_later(&end, &own_start, false);
            let may_be_before = is_own || is_no_later(&start, &own_end, true);
            for (sum, (low, high)) in sums.iter_mut().zip(adds) {
                let (low, high) = match (is_before, may_be_before) {
                    (true, _) => (*low, *high),
                    (false, true) => (low.min(Number::ZERO), high.max(Number::ZERO)),
                    (false, false) => continue,
                };
                sum.0.add(low);
                sum.1.add(high);
            }
        }
        for (column, (low, high)) in columns.iter().zip(sums) {
            row.row.cells[*column] = Cell::Value(range(low.total(), high.total()));
        }
    }
}

fn order(a: &[Cell], b: &[Cell]) -> Ordering {
    a.iter().zip(b).map(|(a, b)| compare_cells(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The first and the last value that a key may have: `None` for an open end.
type Ends = (Option<Cell>, Option<Cell>);

fn both(key: &Cell) -> Ends {
    (Some(key.clone()), Some(key.clone()))
}

/// The periods that a key spans.
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
        key => both(key),
    }
}

/// Returns true if an end comes no later than another; `open` is what it means that one of them is open.
fn is_no_later(end: &Option<Cell>, other: &Option<Cell>, open: bool) -> bool {
    end.as_ref().zip(other.as_ref()).map_or(open, |(end, other)| compare_cells(end, other).is_le())
}
