//! What a run works on and under which limits.

use super::Profile;
use crate::graph::Graph;
use crate::limits::{Budget, Stop};
use crate::plan::Plan;

/// What a plan runs on and under which limits.
pub struct Context<'a> {
    pub graph: &'a Graph,
    pub plan: &'a Plan,
    pub budget: Budget,
    pub profile: Profile,
}

impl<'a> Context<'a> {
    /// Calls `f` with a context of the graph as it stood on the day that the query asks about, if it does.
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

    /// The budget for one of its searches.
    pub(crate) fn budget(&self) -> Budget {
        self.budget.afresh()
    }
}
