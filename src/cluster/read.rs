//! Rows of a server → bindings, groups and numbers.

use super::rows::{Rows, Unexpected};
use crate::exec::Counts;
use crate::exec::aggregate::Counted;
use crate::exec::bindings::{Bindings, Certainty};
use crate::plan::{Aggregate, NULL_SLOT, Pattern};

/// Reads the rows of [`crate::translate::bindings`].
pub fn bindings(pattern: &Pattern, rows: &Rows) -> Result<Bindings, Unexpected> {
    let width = pattern.block.wanted.len();
    let columns: Vec<Vec<Option<i64>>> = (0..width).map(|i| rows.longs(i)).collect::<Result<_, _>>()?;
    let slot = |long: Option<i64>| long.map_or(Ok(NULL_SLOT), |long| u32::try_from(long).map_err(|_| Unexpected));
    let mut tuples = Vec::with_capacity(rows.len());
    for (row, grade) in rows.longs(width)?.into_iter().enumerate() {
        let tuple: Box<[u32]> = columns.iter().map(|column| slot(column[row])).collect::<Result<_, _>>()?;
        tuples.push((tuple, certainty(grade)?));
    }
    Ok(Bindings::graded(pattern, tuples))
}

/// Reads the rows of [`crate::translate::count`]: how many are only possible, how many of these are shown, and how many are
/// certain.
pub fn grades(rows: &Rows) -> Result<[usize; 3], Unexpected> {
    let mut numbers = [0; 3];
    for (grade, number) in rows.longs(0)?.into_iter().zip(rows.longs(1)?) {
        numbers[certainty(grade)? as usize] = usize::try_from(number.ok_or(Unexpected)?).map_err(|_| Unexpected)?;
    }
    Ok(numbers)
}

/// Reads the rows of [`crate::translate::groups`].
pub fn counts(aggregate: &Aggregate, rows: &Rows) -> Result<Counts, Unexpected> {
    let (keys, folds) = (aggregate.keys.len(), aggregate.folds.len());
    let columns: Vec<Vec<u32>> = (0..keys).map(|i| rows.numbers(i)).collect::<Result<_, _>>()?;
    let numbers: Vec<Vec<u32>> = (keys..keys + 3 * folds).map(|i| rows.numbers(i)).collect::<Result<_, _>>()?;
    let grades = rows.longs(keys + 3 * folds)?;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let key = |row: usize| columns.iter().map(move |column| column[row]).collect::<Box<[u32]>>();
    order.sort_by_cached_key(|row| key(*row));
    let counted = |fold: usize, row: usize| {
        let number = |i: usize| u64::from(numbers[3 * fold + i][row]);
        Counted { certain: number(0), shown: number(1), possible: number(2) }
    };
    Ok(Counts {
        keys: order.iter().map(|row| key(*row)).collect(),
        // Without keys the one group may have no bindings, and no grade.
        sure: order.iter().map(|row| certainty(grades[*row].or(Some(2)))).collect::<Result<_, _>>()?,
        folds: (0..folds).map(|fold| order.iter().map(|row| counted(fold, *row)).collect()).collect(),
    })
}

fn certainty(grade: Option<i64>) -> Result<Certainty, Unexpected> {
    match grade.ok_or(Unexpected)? {
        0 => Ok(Certainty::Possible),
        1 => Ok(Certainty::Shown),
        2 => Ok(Certainty::Certain),
        _ => Err(Unexpected),
    }
}
