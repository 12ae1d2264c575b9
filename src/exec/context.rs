//! Input of a run: graph, plan and limits.

use super::Profile;
use super::bindings::Bindings;
use crate::graph::Graph;
use crate::limits::{Budget, Stop};
use crate::plan::{Pattern, Plan};

/// Graph, plan, limits and profile of a run.
pub struct Context<'a> {
    pub graph: &'a Graph,
    pub plan: &'a Plan,
    pub budget: Budget,
    pub profile: Profile,
    /// What another engine has found of patterns.
    pub(crate) given: &'a [Given],
}

/// The bindings of a pattern, found by another engine.
pub(crate) struct Given {
    pub pattern: Pattern,
    pub bindings: Bindings,
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
        f(&Context { graph, plan, budget: budget.clone(), profile, given: &[] })
    }

    /// Calls `f` with a context of the graph in which some patterns need no search.
    pub(crate) fn with_given<T>(
        graph: &Graph,
        plan: &Plan,
        budget: &Budget,
        given: &[Given],
        f: impl FnOnce(&Context) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        f(&Context { graph, plan, budget: budget.clone(), profile: Profile::default(), given })
    }

    /// Returns a fresh budget for one search, with the same limits.
    pub(crate) fn budget(&self) -> Budget {
        self.budget.afresh()
    }
}
