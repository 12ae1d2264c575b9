//! The statements of a query: loops that grow tables, then the one whose rows are the answer's.

use super::{Dialect, Table};
use serde_json::{Value, json};
use std::fmt;

/// What a client runs, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Each reads only those before it.
    pub loops: Vec<Loop>,
    /// The last statement.
    pub answer: String,
}

/// A table of pairs that grows until nothing is new: `init` gives the first rows; then `step`, again and again, gives
/// rows of which those not in the table yet are added. `step` reads those that were added last, under the name `added`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// The name of the table, unquoted, as later statements read it.
    pub table: String,
    /// The name of the rows that were added last.
    pub added: String,
    pub init: String,
    pub step: String,
}

/// What tells rows of a loop's table apart: all of its columns.
pub const KEY: [&str; 2] = ["src", "dst"];

/// The statements over common tables.
pub(super) fn assembled(dialect: &Dialect, tables: Vec<Table>, whole: String) -> Program {
    let written = |statement: String| format!("{}{statement}", with(dialect, &tables, &statement));
    let looped = |table: &Table, step: &String| Loop {
        table: table.name.clone(),
        added: Table::added(&table.name),
        init: written(table.body.clone()),
        step: written(Loop::distinct(step)),
    };
    let loops = match dialect.recursion {
        true => Vec::new(),
        false => tables.iter().filter_map(|table| Some(looped(table, table.step.as_ref()?))).collect(),
    };
    Program { loops, answer: written(whole) }
}

/// The common tables that a statement reads, and those that these read. Tables of loops are there already.
fn with(dialect: &Dialect, tables: &[Table], statement: &str) -> String {
    let is_looped = |table: &Table| table.step.is_some() && !dialect.recursion;
    let mut read: Vec<(&Table, String)> = Vec::new();
    let mut text = statement.to_string();
    // Each table reads only those before it.
    for table in tables.iter().rev().filter(|table| !is_looped(table)) {
        let name = dialect.name(&table.name);
        if text.contains(&name) {
            let body = match &table.step {
                Some(step) => format!(
                    "{}\n    UNION\n    {}",
                    table.body,
                    step.replace(&dialect.name(&Table::added(&table.name)), &name)
                ),
                None => table.body.clone(),
            };
            text += &body;
            read.push((table, body));
        }
    }
    if read.is_empty() {
        return String::new();
    }
    let columns = |table: &Table| if table.step.is_some() { "(src, dst)" } else { "" };
    let parts = read
        .iter()
        .rev()
        .map(|(table, body)| format!("  {}{} AS (\n    {body}\n  )", dialect.name(&table.name), columns(table)));
    let recursive = if dialect.recursion { " RECURSIVE" } else { "" };
    format!("WITH{recursive}\n{}\n", parts.collect::<Vec<_>>().join(",\n"))
}

/// How the statement of a step begins, behind its common tables.
const DISTINCT: &str = "SELECT DISTINCT src, dst FROM (";

impl Loop {
    /// Returns the pairs of a statement, each once, as `step` has them.
    pub fn distinct(pairs: &str) -> String {
        format!("{DISTINCT}{pairs}) grown")
    }

    /// Returns a statement of the pairs that so many steps reach from those that were added last: `src`, `dst`, and `hop`,
    /// the number of steps. A pair that several numbers of steps reach stands once for each.
    ///
    /// Between two steps each pair stands once, so that walks do not multiply; what comes last may repeat, since making
    /// it distinct is one more exchange among machines, which costs Spark as much as the join.
    pub fn hops(&self, count: usize, dialect: &Dialect) -> String {
        let added = dialect.name(&self.added);
        let name = |hop: usize| dialect.name(&format!("{}_hop{hop}", self.table));
        let step = |hop: usize| {
            let step = if hop == 1 { self.step.clone() } else { self.step.replace(&added, &name(hop - 1)) };
            if hop == count { step.replacen(DISTINCT, "SELECT src, dst FROM (", 1) } else { step }
        };
        let tables: Vec<String> =
            (1..=count).map(|hop| format!("  {} AS (\n    {}\n  )", name(hop), step(hop))).collect();
        let all: Vec<String> =
            (1..=count).map(|hop| format!("SELECT src, dst, {hop} AS hop FROM {}", name(hop))).collect();
        format!("WITH\n{}\n{}", tables.join(",\n"), all.join(" UNION ALL "))
    }
}

impl Program {
    /// The statements for a program: `{"loops": [{"table", "added", "key", "init", "step"}], "answer"}`.
    pub fn json(&self) -> Value {
        let looped =
            |it: &Loop| json!({"table": it.table, "added": it.added, "key": KEY, "init": it.init, "step": it.step});
        json!({"loops": self.loops.iter().map(looped).collect::<Vec<_>>(), "answer": self.answer})
    }
}

impl fmt::Display for Program {
    /// Writes the statements for people, with comments that say how loops run.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for it in &self.loops {
            writeln!(
                f,
                "-- The table `{}` (src, dst) begins with these rows, which are also `{}`:",
                it.table, it.added
            )?;
            writeln!(f, "{};", it.init)?;
            writeln!(
                f,
                "-- Rows of this that `{}` does not hold are added, and become `{}`; again, until there are none:",
                it.table, it.added
            )?;
            writeln!(f, "{};", it.step)?;
        }
        if !self.loops.is_empty() {
            writeln!(f, "-- The answer:")?;
        }
        writeln!(f, "{};", self.answer)
    }
}
