//! Writes rows as text: aligned for people, delimited or JSON for programs.

mod delimited;
mod json;
mod table;

pub(super) use delimited::csv_lines;
pub use delimited::{csv, markdown, tsv};
pub(super) use json::claims_json;
pub use json::{date_json, json, jsonl, value_json};
pub use table::{grid, table};

use crate::answer::{Row, Table};
use std::collections::{HashMap, HashSet};

/// Keys of a JSON row that are not columns.
const RESERVED: [&str; 2] = ["certainty", "because"];

/// Returns unique keys for the columns: a title that is taken or reserved gets a number (`Model`, `Model 2`; `certainty
/// 2`).
pub fn column_keys(table: &Table) -> Vec<String> {
    let mut taken: HashSet<String> = RESERVED.map(String::from).into();
    // The last number given to each title.
    let mut last: HashMap<&str, usize> = HashMap::new();
    let unique = |title| {
        let last = last.entry(title).or_insert(0);
        loop {
            *last += 1;
            let key = if *last == 1 { title.to_string() } else { format!("{title} {last}") };
            if taken.insert(key.clone()) {
                break key;
            }
        }
    };
    table.columns.iter().map(|column| column.title.as_str()).map(unique).collect()
}

fn certainty(row: &Row) -> &'static str {
    if row.certain { "certain" } else { "possible" }
}

/// Returns whether some row is only possible, so that certainty needs a column.
fn has_possible(table: &Table) -> bool {
    table.rows.certain() < table.rows.len()
}
