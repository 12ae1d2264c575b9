//! Plan → statements of another engine, over the tables of a lake.
//!
//! The plan is read before any rule: every variable is scanned and every condition stands beside it, which is what a SQL
//! engine wants to see. Parts of it become tables that are joined, never subqueries that read what stands around them
//! (`scope`); how an engine spells that is a [`Dialect`]. A path that repeats is a table that grows: a recursive common
//! table where the engine has sets there, else a [`Loop`] that the client runs. Certainty is part of the text: in each mode (see `exec::Mode`) a condition is a plain SQL condition,
//! and a negation is that of the other mode. What a target cannot say is refused, never approximated.

mod bindings;
mod dialect;
mod graphs;
mod pattern;
mod program;
mod relation;
mod rows;
mod scalar;
mod scope;

pub use bindings::{GRADES, bindings, count, groups};
pub use dialect::{DUCKDB, Dialect, SPARK};
pub use graphs::{GraphLanguage, graph_query, ladybug};
pub use program::{KEY, Loop, Program};

use crate::graph::{Census, Graph};
use crate::plan::{Pattern, Plan, Var, VarId};
use crate::schema::PropertyId;
use scope::{Place, Scope};
use std::collections::HashMap;

/// Why a query has no translation, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

type Sql = Result<String, Refused>;

/// The statements of a plan over the lake in a folder.
///
/// The rows of the last one are those of the answer, in its order, as words; where rows may be only possible, a last
/// column `certainty` tells which.
///
/// # Errors
/// The query says something that cannot be said so.
pub fn program(plan: &Plan, graph: &Graph, lake: &str, dialect: &'static Dialect) -> Result<Program, Refused> {
    let census = Census::of(graph);
    let mut writer = Writer::new(plan, Lake { graph, census: &census, folder: lake }, dialect);
    let whole = rows::statement(&mut writer).map_err(|refused| refused.by(dialect))?;
    Ok(program::assembled(dialect, writer.tables, whole))
}

/// A lake: its catalogue, what its facts are like, and its folder.
#[derive(Debug, Clone, Copy)]
pub struct Lake<'a> {
    /// A graph with or without facts.
    pub graph: &'a Graph,
    pub census: &'a Census,
    pub folder: &'a str,
}

impl Refused {
    fn by(self, dialect: &Dialect) -> Refused {
        Refused(format!("{} cannot be said in {}", self.0, dialect.name))
    }
}

/// Returns a refusal.
fn refuse<T>(what: &str) -> Result<T, Refused> {
    Err(Refused(what.to_string()))
}

/// Which answers a part of the text looks for, as the engine's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Mode {
    possible: bool,
    /// Conditions marked `possibly` need only be possible.
    shown: bool,
    /// What is neither true nor false counts as holding.
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

/// A common table.
#[derive(Debug)]
struct Table {
    name: String,
    /// What it begins with.
    body: String,
    /// A table of pairs that grows: what the rows added last add, read from [`Table::added`].
    step: Option<String>,
}

impl Table {
    /// The name of the rows that were added last.
    fn added(name: &str) -> String {
        format!("{name}_added")
    }
}

struct Writer<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    census: &'a Census,
    lake: &'a str,
    dialect: &'static Dialect,
    /// Each after those that it reads.
    tables: Vec<Table>,
    scopes: Vec<Scope>,
    /// The variables of the pattern that is being written.
    slots: &'a [Var],
    /// Where the variables of the innermost scope stand.
    places: HashMap<VarId, Place>,
    /// Of each count of a group: what it is at least, and at most.
    counts: Vec<(String, String)>,
    /// Numbers aliases.
    aliases: u32,
}

impl<'a> Writer<'a> {
    fn new(plan: &'a Plan, lake: Lake<'a>, dialect: &'static Dialect) -> Writer<'a> {
        let Lake { graph, census, folder } = lake;
        Writer {
            plan,
            graph,
            census,
            lake: folder,
            dialect,
            tables: Vec::new(),
            scopes: Vec::new(),
            slots: &plan.slots,
            places: HashMap::new(),
            counts: Vec::new(),
            aliases: 0,
        }
    }

    fn alias(&mut self, of: &str) -> String {
        self.aliases += 1;
        format!("{of}{}", self.aliases)
    }

    /// The quoted name of a common table, which is added if it is not there yet.
    fn table(&mut self, name: &str, body: impl FnOnce(&mut Self) -> Sql) -> Sql {
        if !self.tables.iter().any(|known| known.name == name) {
            let body = body(self)?;
            self.tables.push(Table { name: name.to_string(), body, step: None });
        }
        Ok(self.dialect.name(name))
    }

    /// Adds a common table under a new name.
    fn new_table(&mut self, of: &str, body: String) -> String {
        let name = self.alias(of);
        self.tables.push(Table { name: name.clone(), body, step: None });
        self.dialect.name(&name)
    }

    /// A file of the lake as a common table.
    fn file(&mut self, prefix: &str, folder: &str, name: &str) -> Sql {
        let file = self.dialect.file(&format!("{}/{folder}/{}.parquet", self.lake, name.replace(['/', '\\'], "_")));
        self.table(&format!("{prefix}{name}"), |_| Ok(format!("SELECT * FROM {file}")))
    }

    /// The stated values of a property.
    fn stated_table(&mut self, property: PropertyId) -> Sql {
        let name = self.graph.schema().property(property).name.clone();
        self.file("stated ", "stated", &name)
    }
}

/// The pattern that the plan matches first.
fn pattern_of(plan: &Plan) -> Result<&Pattern, Refused> {
    plan.pattern().map_or_else(|| refuse("a view"), Ok)
}
