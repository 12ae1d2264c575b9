//! Execution: plan × graph → rows.
//!
//! [`run`] is the entry point: it evaluates the definitions ([`definitions`]), then carries out the operators one after
//! the other. A match finds bindings ([`bindings`]) by a generic join over sorted lists ([`join`]), which follows paths
//! ([`search`]); [`aggregate`] groups them and [`output`] makes rows. Nothing is planned here, and all data are ids.
//! Provenance and views read an [`Execution`].

pub(crate) mod aggregate;
pub(crate) mod bindings;
pub(crate) mod claims;
mod context;
pub(crate) mod definitions;
pub(crate) mod edges;
pub(crate) mod eval;
mod exact;
pub(crate) mod join;
pub(crate) mod limits;
mod mode;
mod outcomes;
pub(crate) mod output;
mod profile;
pub(crate) mod search;
pub(crate) mod subpatterns;
#[cfg(test)]
pub(crate) mod tests;
mod tuple_set;

pub use context::Context;
pub(crate) use context::Counts;
#[cfg(feature = "spark")]
pub(crate) use context::Given;
pub(crate) use mode::Mode;
pub(crate) use outcomes::Outcomes;
pub use profile::Profile;

pub(crate) use crate::plan::NULL_SLOT;

use crate::answer::Answer;
use crate::limits::Stop;
use crate::plan::{Node, Operator};
use crate::text::Diagnostic;
use aggregate::Groups;
use bindings::Bindings;
use edges::Edges;
use output::{Output, RowSet};

/// Data that one operator passes to the next.
pub(crate) enum Relation {
    /// Input of the first operator, and of views that read the graph itself.
    Nothing,
    Bindings(Bindings),
    Groups(Groups),
    Rows(RowSet),
    Output(Output),
}

/// Result of the run of a plan.
pub struct Execution<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) edges: Edges<'a>,
    pub(crate) relation: Relation,
    /// The bindings before they became groups or rows, if the plan needs them afterwards.
    kept: Option<Bindings>,
    notes: Vec<Diagnostic>,
}

/// Carries out the operators of a plan. The view of the plan is made from the result by the layers above.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn run<'a>(context: &'a Context<'a>) -> Result<Execution<'a>, Stop> {
    bindings::bearable(context.plan)?;
    let edges = definitions::edges(context)?;
    let mut run = Execution { context, edges, relation: Relation::Nothing, kept: None, notes: Vec::new() };
    for (i, node) in context.plan.operators.iter().enumerate() {
        run.step(node)?;
        // `nearest` drops bindings, so the bindings behind it are kept.
        let is_last =
            !matches!(context.plan.operators.get(i + 1).map(|node| &node.operator), Some(Operator::Nearest { .. }));
        if context.plan.keeps_bindings && is_last {
            run.keep();
        }
    }
    Ok(run)
}

impl Execution<'_> {
    /// Carries out one operator and records its profile.
    fn step(&mut self, node: &Node) -> Result<(), Stop> {
        let started = self.context.profile.start();
        let rows_in = self.relation.len();
        let relation = std::mem::replace(&mut self.relation, Relation::Nothing);
        self.relation = self.applied(&node.operator, relation)?;
        // An operator ends early if the budget is over, and its result is then incomplete.
        crate::limits::check()?;
        self.context.profile.note(node.id, rows_in, self.relation.len(), started);
        Ok(())
    }

    /// Keeps a copy of the current bindings.
    fn keep(&mut self) {
        if let Relation::Bindings(found) = &self.relation {
            self.kept = Some(found.clone());
        }
    }

    /// Applies an operator to its input. No plan puts an operator behind one whose output it cannot read; such an input
    /// is passed on.
    fn applied(&mut self, operator: &Operator, relation: Relation) -> Result<Relation, Stop> {
        match relation {
            Relation::Nothing => self.searched(operator),
            Relation::Bindings(found) => self.of_bindings(operator, found),
            Relation::Groups(groups) => Ok(self.of_groups(operator, groups)),
            Relation::Rows(rows) => Ok(self.of_rows(operator, rows)),
            Relation::Output(shown) => self.of_output(operator, shown),
        }
    }

    /// Carries out an operator that searches the graph.
    fn searched(&mut self, operator: &Operator) -> Result<Relation, Stop> {
        let (context, edges) = (self.context, &self.edges);
        let (relation, notes) = match operator {
            Operator::Match(pattern) => {
                let mut found = bindings::find(context, edges, pattern)?;
                let notes = std::mem::take(&mut found.notes);
                (Relation::Bindings(found), notes)
            }
            Operator::CountMatches(pattern) => {
                let (number, notes) = aggregate::count::matches(context, edges, pattern)?;
                (Relation::Output(output::number(number, number, 0)), notes)
            }
            Operator::CountGroups(count) => {
                let (groups, notes) = aggregate::count::groups(context, edges, count)?;
                (Relation::Groups(groups), notes)
            }
            Operator::CountDistinct(count) => {
                let (groups, notes) = aggregate::distinct::groups(context, edges, count)?;
                (Relation::Groups(groups), notes)
            }
            _ => (Relation::Nothing, Vec::new()),
        };
        self.notes.extend(notes);
        Ok(relation)
    }

    fn of_bindings(&mut self, operator: &Operator, mut found: Bindings) -> Result<Relation, Stop> {
        let (context, edges) = (self.context, &self.edges);
        Ok(match operator {
            Operator::Nearest { var, path } => {
                output::nearest::keep_nearest(context, edges, (*var, path), &mut found)?;
                Relation::Bindings(found)
            }
            Operator::Project(projection) => Relation::Rows(output::project::of_bindings(context, projection, &found)),
            Operator::ProjectIds { columns } => Relation::Output(output::project::ids(columns, &found)),
            Operator::LateRows(late) => {
                let (shown, notes) = output::late::rows(context, late, &found);
                self.notes.extend(notes);
                Relation::Output(shown)
            }
            Operator::Aggregate(aggregate) => Relation::Groups(aggregate::groups(context, edges, aggregate, found)?),
            Operator::Count => Relation::Output(output::count(&found)),
            Operator::Ask => Relation::Output(output::ask(&found)),
            Operator::Paths(paths) => Relation::Rows(output::paths::rows(context, edges, paths, &found)?),
            _ => Relation::Bindings(found),
        })
    }

    fn of_groups(&mut self, operator: &Operator, mut groups: Groups) -> Relation {
        match operator {
            Operator::Having(condition) => {
                aggregate::having(self.context, condition, &mut groups);
                Relation::Groups(groups)
            }
            Operator::Project(projection) => {
                Relation::Rows(output::project::of_groups(self.context, projection, &groups))
            }
            _ => Relation::Groups(groups),
        }
    }

    fn of_rows(&mut self, operator: &Operator, mut rows: RowSet) -> Relation {
        match operator {
            Operator::RunningSum { columns, keys, last_is_period } => {
                aggregate::running::add_up(&mut rows.rows, columns, *keys, *last_is_period);
            }
            Operator::Sort { keys } => output::sort::sort(&mut rows, keys),
            // Rows are sorted by all their columns, so equal rows are adjacent, the surest first.
            Operator::Distinct => rows.rows.dedup_by(|later, first| later.row.cells == first.row.cells),
            Operator::Limit(limit) => {
                let (shown, notes) = output::limit::limited(limit, rows);
                self.notes.extend(notes);
                return Relation::Output(shown);
            }
            _ => {}
        }
        Relation::Rows(rows)
    }

    fn of_output(&mut self, operator: &Operator, shown: Output) -> Result<Relation, Stop> {
        Ok(match operator {
            Operator::Limit(limit) => Relation::Output(output::limit::of_output(limit, shown)),
            Operator::MatchesOfRows { columns, pattern } => {
                let kept = self.kept.take();
                let found = match pattern {
                    Some(pattern) => bindings::find(self.context, &self.edges, pattern)?,
                    None => kept.unwrap_or_else(|| Bindings::certain(Vec::new(), 0, Vec::new())),
                };
                Relation::Bindings(output::matches::of_rows(self.context, columns, &shown, &found))
            }
            _ => Relation::Output(shown),
        })
    }

    /// Returns the notes of the query and of its run.
    pub(crate) fn notes(&self) -> Vec<Diagnostic> {
        self.context.plan.notes.iter().chain(&self.notes).cloned().collect()
    }

    /// Returns the bindings that the plan has found; `None` if later operators have consumed them and they were not
    /// kept.
    pub(crate) fn bindings(&self) -> Option<&Bindings> {
        if let Relation::Bindings(found) = &self.relation { Some(found) } else { self.kept.as_ref() }
    }

    /// Returns the rows of the last operator as an answer.
    pub fn into_answer(self) -> Answer {
        let notes = self.notes();
        match self.relation {
            Relation::Output(output) => output.into_answer(notes),
            _ => Output::default().into_answer(notes),
        }
    }
}

impl Relation {
    fn len(&self) -> usize {
        match self {
            Relation::Nothing => 0,
            Relation::Bindings(found) => found.len(),
            Relation::Groups(groups) => groups.len(),
            Relation::Rows(rows) => rows.rows.len(),
            Relation::Output(output) => output.table.rows.len(),
        }
    }
}
