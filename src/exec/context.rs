//! Input of a run: graph, plan and limits.

use super::Profile;
use crate::graph::Graph;
use crate::limits::{Budget, Stop};
use crate::plan::Plan;

/// Graph, plan, limits and profile of a run.
pub struct Context<'a> {
    pub graph: &'a Graph,
    pub plan: &'a Plan,
    pub budget: Budget,
    pub profile: Profile,
}

impl<'a> Context<'a> {
    /// Calls `f` with a context of the graph; of its state at a date if the query says `as of`.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn enter<T>(
        graph: &Graph,
        plan: &Plan,
        budget: &Budget,
        profile: Profile,
        f: impl FnOnce(&Context) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let past = plan.as_of.map(|date| graph.as_of(date));
        let graph = past.as_ref().unwrap_or(graph);
        f(&Context { graph, plan, budget: budget.clone(), profile })
    }

    /// Returns a fresh budget for one search, with the same limits.
    pub(crate) fn budget(&self) -> Budget {
        self.budget.afresh()
    }
}
