//! Conversion of bindings and groups to rows: columns, order, limits; counts, verdicts and paths.

pub(crate) mod late;
pub(crate) mod limit;
pub(crate) mod matches;
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

/// A row with its sort keys.
pub(crate) struct SortableRow {
    pub row: Row,
    pub keys: Vec<Cell>,
    pub sure: Certainty,
    /// For a group: range of its contribution to each running sum.
    pub adds: Vec<(Number, Number)>,
}

/// Rows on their way to the answer.
pub(crate) struct RowSet {
    pub columns: Vec<Head>,
    pub rows: Vec<SortableRow>,
    /// Sort keys of the rows, which precede the columns.
    pub order: Vec<SortKey>,
    /// Number of further possible matches, for which no rows are made.
    pub hidden: usize,
}

/// Answer of a plan, without notes.
#[derive(Default)]
pub(crate) struct Output {
    pub table: Table,
    /// Number of possible rows that are not shown.
    pub more_possible: usize,
    /// Truth value, if the query is a question for yes or no.
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

/// Returns the heads of the columns.
fn heads(columns: &[Column]) -> Vec<Head> {
    let head = |column: &Column| Head { title: column.title.clone(), numeric: column.is_numeric, types: column.types };
    columns.iter().map(head).collect()
}

/// Returns a table of one row and one column.
fn single(title: &str, value: Value, certain: bool) -> Table {
    let numeric = value.number().is_some();
    let head = Head { title: title.to_string(), numeric, types: TypeSet::NONE };
    Table { columns: vec![head], rows: vec![Row { cells: vec![Cell::Value(value)], certain }].into() }
}

/// Returns a count of bindings: `shown` of them, of which `certain` are certain, and `more_possible` beyond.
pub(crate) fn number(shown: usize, certain: usize, more_possible: usize) -> Output {
    let table = single("count", Value::Number(shown as f64), certain == shown);
    Output { table, more_possible, verdict: None }
}

/// Returns the number of bindings.
pub(crate) fn count(found: &Bindings) -> Output {
    let at_least = |grade: Certainty| found.iter().filter(|(_, sure)| *sure >= grade).count();
    let (certain, shown) = (at_least(Certainty::Certain), at_least(Certainty::Shown));
    number(shown, certain, found.len() - shown)
}

/// Returns yes if a binding is certain, maybe if one is only possible, no if there is none.
pub(crate) fn ask(found: &Bindings) -> Output {
    let truth = match found.iter().map(|(_, sure)| sure).max() {
        Some(Certainty::Certain) => Truth::Yes,
        Some(_) => Truth::Maybe,
        None => Truth::No,
    };
    let table = single("answer", Value::Truth(truth), truth != Truth::Maybe);
    Output { table, more_possible: 0, verdict: Some(truth) }
}
