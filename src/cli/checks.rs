//! Runs the checks of a graph; those that fail name their offenders.

use super::progress::{self, Sign, Task};
use super::session::is_nothing;
use super::show::counted;
use super::terminal::Terminal;
use crate::graph::Graph;
use crate::limits::{Limits, Origin};
use crate::load::{self, Access, GraphCheck};
use crate::render::{self, Format, TextStyle};
use crate::text::Diagnostics;
use crate::{Database, Error, Options};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Maximum number of offenders named.
const MOST_NAMED: usize = 5;

/// Runs the checks of the graph at a path, and returns the failures.
///
/// # Errors
/// A part cannot be read, or a limit or Ctrl-C stopped the checks.
pub fn failed(
    path: &Path,
    access: Access,
    graph: &Graph,
    limits: Limits,
    terminal: &Terminal,
) -> Result<Diagnostics, Error> {
    let checks = load::checks(path, access)?;
    if checks.is_empty() {
        return Ok(Diagnostics::default());
    }
    let task = Task::new("checking", limits, Origin { held: 0, ..Origin::now() });
    let sign = if terminal.shows_progress() { Sign::Rows } else { Sign::None };
    let database = Database::of(graph.clone());
    progress::run(sign, &AtomicBool::new(false), &task, move |_| {
        let mut problems = Diagnostics::default();
        for check in &checks {
            problems.0.extend(of_one(check, &database, &limits)?.0);
        }
        Ok(problems)
    })?
}

/// Returns the problems of a check's query, or its failure.
fn of_one(check: &GraphCheck, database: &Database, limits: &Limits) -> Result<Diagnostics, Error> {
    let options = Options { limits: *limits, ..Options::default() };
    let prepared = match database.prepare(&check.query, &options) {
        Ok(prepared) => prepared,
        Err(Error::Query(_, problems)) => return Ok(check.placed(problems)),
        Err(error) => return Err(error),
    };
    let mut problems = Diagnostics::default();
    for one in &prepared {
        let answer = database.run(one, &options)?;
        let finds = !is_nothing(&answer);
        if finds == check.wants_some {
            continue;
        }
        if check.wants_some {
            problems.push(check.failed("nothing is found"));
            continue;
        }
        let rows = answer.table.rows.len();
        let looks = TextStyle::default();
        let text = render::answer(&answer, database.graph(), Format::Tsv, &looks).map_or(String::new(), |it| it.text);
        let named: Vec<String> =
            text.lines().skip(1).take(MOST_NAMED).map(|row| row.trim().replace('\t', ", ")).collect();
        let rest = if rows > MOST_NAMED { format!("; and {} more", rows - MOST_NAMED) } else { String::new() };
        let found = if rows == 0 { "it holds".to_string() } else { format!("{} found", counted(rows, "row")) };
        let found = if named.is_empty() { found } else { format!("{}{rest}", named.join("; ")) };
        problems.push(check.failed(&found));
    }
    Ok(problems)
}
