//! Recognises tables whose rows are of several kinds, each with a meaning of its own for the columns: nodes and connectors
//! in one file.

use super::columns::{Column, Holds, NOTHING, listed};
use super::table::counted;
use crate::load::sample::{Kind, Sample};
use std::collections::HashMap;

/// Maximum length of the word for a kind in characters, and maximum number of kinds.
const LONGEST: usize = 6;
const MOST: usize = 10;
/// Only the first columns tell kinds.
const FIRST: usize = 3;
/// The least number of rows of other kinds.
const FEW: usize = 5;

/// Keeps the rows of the most frequent kind if the others use at least two columns for other values, and reports the others;
/// returns the column and the cell of the kind.
pub fn keep_main(read: &mut Sample, unsure: &mut Vec<String>) -> Option<(String, String)> {
    if read.kind != Kind::Csv {
        return None;
    }
    let (c, main) = (0..read.columns.len().min(FIRST)).find_map(|c| Some((c, main_kind(read, c)?)))?;
    let mut others: Vec<String> = Vec::new();
    let before = read.rows.len();
    for row in &read.rows {
        let cell = row[c].trim();
        if cell != main && !others.iter().any(|other| other == cell) {
            others.push(cell.to_string());
        }
    }
    read.rows.retain(|row| row[c].trim() == main);
    let left = counted(before - read.rows.len(), "row");
    unsure.push(format!(
        "{left} with {} in `{}` use the columns in another way than those with `{main}`, and are left out; sections with \
         `where` can read them",
        listed(&others),
        read.columns[c]
    ));
    Some((read.columns[c].clone(), main))
}

/// Returns the most frequent cell of a column if it tells the kinds of the rows.
fn main_kind(read: &Sample, c: usize) -> Option<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    read.rows.iter().for_each(|row| *counts.entry(row[c].trim()).or_default() += 1);
    let is_word = |cell: &&str| {
        !cell.is_empty() && cell.chars().count() <= LONGEST && cell.chars().all(|c| c.is_alphabetic() || c == '_')
    };
    if !(2..=MOST).contains(&counts.len()) || !counts.keys().all(is_word) {
        return None;
    }
    let (main, count) = counts.iter().max_by_key(|(cell, count)| (**count, std::cmp::Reverse(**cell)))?;
    if count * 2 < read.rows.len() || read.rows.len() - count < FEW {
        return None;
    }
    let second = counts
        .iter()
        .filter(|(cell, _)| *cell != main)
        .max_by_key(|(cell, count)| (**count, std::cmp::Reverse(**cell)));
    let (second, _) = second.filter(|(_, count)| **count >= FEW)?;
    // Values where the main kind has texts; texts among values may be mere remarks.
    let mut has_values = false;
    let mut differs = |other: &usize| {
        let cells = |kind: &str| -> Vec<&str> {
            let rows = read.rows.iter().filter(|row| row[c].trim() == kind);
            rows.map(|row| row[*other].as_str()).collect()
        };
        let holds = |kind: &str| {
            let mut cells = cells(kind);
            // `NA` in all cells says nothing; it is no text.
            cells.retain(|cell| !NOTHING.contains(&cell.trim()));
            Column::of(&read.columns[*other], &cells, false).holds
        };
        let kind = |holds: &Holds| match holds {
            Holds::Nothing => 0,
            Holds::Number(..) => 1,
            Holds::Date(_) => 2,
            Holds::Text => 3,
        };
        let (own, others) = (kind(&holds(main)), kind(&holds(second)));
        has_values |= own == 3 && [1, 2].contains(&others);
        own != others && own != 0 && others != 0
    };
    let differing = (0..read.columns.len()).filter(|other| *other != c && differs(other)).count();
    (differing >= 2 && has_values).then(|| main.to_string())
}
