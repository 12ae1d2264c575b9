//! Translation of a plan to one query of another engine, over the tables of a lake.
//!
//! The plan is translated before any rule is applied: every variable is scanned and all conditions stand beside it, as
//! a SQL engine expects. Certainty is part of the text: in each mode (see `exec::Mode`) a condition is a plain SQL
//! condition, and a negation that of the opposite mode. What the target cannot express is refused, never approximated.

mod pattern;
mod relation;
mod rows;
mod scalar;

use crate::graph::Graph;
use crate::plan::{Pattern, Plan, VarId};
use crate::schema::PropertyId;
use std::collections::HashMap;

/// Reason why a query has no translation, for display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

type Sql = Result<String, Refused>;

/// Returns a plan as a query in DuckDB's SQL, over the lake in a folder.
///
/// The rows are those of the answer, in its order, as texts. If rows may be only possible, a last column `certainty`
/// tells which.
///
/// # Errors
/// The query contains something that cannot be expressed in one statement.
pub fn duckdb(plan: &Plan, graph: &Graph, lake: &str) -> Sql {
    let mut writer = Writer::new(plan, graph, lake);
    let whole = rows::statement(&mut writer)?;
    let tables = writer.tables.iter().map(|(name, body)| format!("  {name} AS (\n    {body}\n  )")).collect::<Vec<_>>();
    let with = if tables.is_empty() { String::new() } else { format!("WITH RECURSIVE\n{}\n", tables.join(",\n")) };
    Ok(format!("{with}{whole};\n"))
}

/// Returns a refusal.
fn refuse<T>(what: &str) -> Result<T, Refused> {
    Err(Refused(format!("{what} cannot be said in one statement of DuckDB's SQL")))
}

/// Meaning of "holds" in a part of the text, as in the engine's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Mode {
    possible: bool,
    /// True if conditions marked `possibly` need only be possible.
    shown: bool,
    /// True if a test that is neither true nor false counts as holding.
    neither: bool,
}

impl Mode {
    const SHOWN: Mode = Mode { possible: false, shown: true, neither: false };
    const CERTAIN: Mode = Mode { possible: false, shown: false, neither: false };
    const POSSIBLE: Mode = Mode { possible: true, shown: false, neither: false };

    fn negated(self) -> Mode {
        Mode { possible: !self.possible, neither: !self.neither, ..self }
    }

    fn loosened(self) -> Mode {
        if self.shown { Mode { possible: true, shown: false, ..self } } else { self }
    }

    fn certain(self) -> Mode {
        Mode { possible: false, shown: false, ..self }
    }

    fn of_absence(self) -> Mode {
        Mode { possible: !self.possible, neither: false, ..self }
    }
}

/// SQL expressions for the value of a variable.
#[derive(Debug, Clone)]
struct Place {
    /// The id of the entity, or the position of the value.
    number: String,
    /// Alias of the row of a stated value.
    row: String,
    /// True if an optional part binds it, so that it may be null.
    may_be_absent: bool,
    /// Position of the scope that binds it.
    scope: usize,
}

/// A `SELECT` under construction.
#[derive(Debug, Default)]
struct Scope {
    from: Vec<String>,
    wheres: Vec<String>,
    /// Aliases of settled values that are joined here, by the entity's id.
    joined: HashMap<(String, PropertyId), String>,
}

impl Scope {
    fn tail(&self) -> String {
        let from = if self.from.is_empty() { String::new() } else { format!(" FROM {}", self.from.join(" ")) };
        let wheres =
            if self.wheres.is_empty() { String::new() } else { format!(" WHERE {}", self.wheres.join(" AND ")) };
        format!("{from}{wheres}")
    }

    /// Adds a table that every row of the scope is joined with.
    fn cross(&mut self, table: &str) {
        self.from.push(if self.from.is_empty() { table.to_string() } else { format!("CROSS JOIN {table}") });
    }

    /// Adds a left join, which keeps rows without a match.
    fn left(&mut self, table: &str, on: &str) {
        if self.from.is_empty() {
            self.from.push("(SELECT 1) one".to_string());
        }
        self.from.push(format!("LEFT JOIN {table} ON {on}"));
    }
}

struct Writer<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    lake: &'a str,
    /// Common table expressions, each behind those that it reads.
    tables: Vec<(String, String)>,
    scopes: Vec<Scope>,
    places: HashMap<VarId, Place>,
    /// Per count of a group: its least and its greatest value.
    counts: Vec<(String, String)>,
    /// Number of the last alias.
    aliases: u32,
}

impl<'a> Writer<'a> {
    fn new(plan: &'a Plan, graph: &'a Graph, lake: &'a str) -> Writer<'a> {
        Writer {
            plan,
            graph,
            lake,
            tables: Vec::new(),
            scopes: Vec::new(),
            places: HashMap::new(),
            counts: Vec::new(),
            aliases: 0,
        }
    }

    fn alias(&mut self, of: &str) -> String {
        self.aliases += 1;
        format!("{of}{}", self.aliases)
    }

    /// Returns the name of a common table, which is added if it does not exist.
    fn table(&mut self, name: String, body: impl FnOnce(&mut Self) -> Sql) -> Sql {
        if !self.tables.iter().any(|(known, _)| *known == name) {
            let body = body(self)?;
            self.tables.push((name.clone(), body));
        }
        Ok(name)
    }

    /// Returns a file of the lake as a common table.
    fn file(&mut self, prefix: &str, folder: &str, name: &str) -> Sql {
        let path = format!("{}/{folder}/{}.parquet", self.lake, name.replace(['/', '\\'], "_"));
        let body = format!("SELECT * FROM read_parquet({})", quoted(&path));
        self.table(identifier(&format!("{prefix}{name}")), |_| Ok(body))
    }

    /// Writes a `SELECT` in a scope of its own.
    fn scoped(&mut self, write: impl FnOnce(&mut Self) -> Sql) -> Sql {
        self.scopes.push(Scope::default());
        let before = self.places.clone();
        let written = write(self);
        self.places = before;
        let scope = self.scopes.pop().unwrap_or_default();
        Ok(format!("{}{}", written?, scope.tail()))
    }

    fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }
}

/// Returns a text in SQL quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns a name in SQL quotes.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns the pattern that the plan matches first.
fn pattern_of(plan: &Plan) -> Result<&Pattern, Refused> {
    plan.pattern().map_or_else(|| refuse("a view"), Ok)
}
