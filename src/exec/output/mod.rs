//! From bindings and groups to rows: columns, order, limits; counts, verdicts and paths.

pub(crate) mod late;
pub(crate) mod limit;
pub(crate) mod nearest;
pub(crate) mod paths;
pub(crate) mod project;
pub(crate) mod sort;
mod window;

use super::bindings::{Bindings, Certainty};
use crate::answer::{Answer, Cell, Head, Row, Rows, Table, View};
use crate::plan::{Column, SortKey};
use crate::schema::TypeSet;
use crate::text::Diagnostic;
use crate::value::{Number, Truth, Value};

/// A row with what it is sorted by.
pub(crate) struct SortableRow {
    pub row: Row,
    pub keys: Vec<Cell>,
    pub sure: Certainty,
    /// Of a group: the least and the most that it adds to each running sum.
    pub adds: Vec<(Number, Number)>,
}

/// Rows on their way to the answer.
pub(crate) struct RowSet {
    pub columns: Vec<Head>,
    pub rows: Vec<SortableRow>,
    /// What they have been sorted by, before their columns.
    pub order: Vec<SortKey>,
    /// More that are only possible, of which no rows are made.
    pub hidden: usize,
}

/// What a plan gives as an answer.
#[derive(Default)]
pub(crate) struct Output {
    pub table: Table,
    /// Rows that are only possible and not shown.
    pub more_possible: usize,
    /// Of a question for yes or no.
    pub verdict: Option<Truth>,
}

impl Output {
    pub fn rows(columns: Vec<Head>, rows: Rows, more_possible: usize) -> Output {
        Output { table: Table { columns, rows }, more_possible, verdict: None }
    }

    pub fn into_answer(self, notes: Vec<Diagnostic>) -> Answer {
        let view = self.verdict.map_or(View::Rows, View::Verdict);
        Answer { view, table: self.table, more_possible: self.more_possible, notes }
    }
}

/// The heads of columns.
fn heads(columns: &[Column]) -> Vec<Head> {
    let head = |column: &Column| Head { title: column.title.clone(), numeric: column.is_numeric, types: column.types };
    columns.iter().map(head).collect()
}

/// A table of one row and one column.
fn single(title: &str, value: Value, certain: bool) -> Table {
    let numeric = value.number().is_some();
    let head = Head { title: title.to_string(), numeric, types: TypeSet::NONE };
    Table { columns: vec![head], rows: vec![Row { cells: vec![Cell::Value(value)], certain }].into() }
}

/// A number of bindings, of which so many are certain, and how many more are possible.
pub(crate) fn number(shown: usize, certain: usize, more_possible: usize) -> Output {
    let table = single("count", Value::Number(shown as f64), certain == shown);
    Output { table, more_possible, verdict: None }
}

/// How many bindings there are.
pub(crate) fn count(found: &Bindings) -> Output {
    let at_least = |grade: Certainty| found.iter().filter(|(_, sure)| *sure >= grade).count();
    let (certain, shown) = (at_least(Certainty::Certain), at_least(Certainty::Shown));
    number(shown, certain, found.len() - shown)
}

/// Yes, no, or unknown.
pub(crate) fn ask(found: &Bindings) -> Output {
    let truth = match found.iter().map(|(_, sure)| sure).max() {
        Some(Certainty::Certain) => Truth::Yes,
        Some(_) => Truth::Maybe,
        None => Truth::No,
    };
    let table = single("answer", Value::Truth(truth), truth != Truth::Maybe);
    Output { table, more_possible: 0, verdict: Some(truth) }
}
