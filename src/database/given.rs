//! What an engine needs to go on with its own results.

use super::{Database, Error, Options, Prepared, answer, within};
use crate::answer::Answer;
use crate::exec::{self, Context, Given};
use crate::graph::Graph;
use crate::plan::{self, Plan, Wanted};
use std::sync::Arc;

impl Prepared {
    /// Returns the same query prepared on another graph with the same schema and entities, and a database of that.
    pub(crate) fn over(&self, graph: Arc<Graph>, options: &Options) -> (Database, Prepared) {
        let database = Database::sharing(graph);
        let prepared = database.planned(self.text.clone(), self.query.clone(), options);
        (database, prepared)
    }

    /// Returns the plan as no rule has changed it, since rules read the graph's facts.
    pub(crate) fn unoptimized(&self, wanted: Wanted, options: &Options) -> Plan {
        plan::build(&self.query, &self.graph, wanted, options.possibly)
    }
}

impl Database {
    /// Runs a plan of which an engine has found the bindings of some patterns.
    pub(crate) fn run_given(&self, plan: &Plan, given: &Given, options: &Options) -> Result<Answer, Error> {
        within(options, |budget| {
            let run = |context: &Context| {
                let answer = answer(exec::run(context)?)?;
                context.budget.admit(answer.table.rows.len())?;
                Ok(answer)
            };
            Context::with_given(self.graph(), plan, budget, given, run).map_err(Error::from)
        })
    }
}
