//! Input of a run: graph, plan and limits.

use super::Profile;
use super::aggregate::Counted;
use super::bindings::{Bindings, Certainty};
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
    pub(crate) given: Option<&'a Given>,
}

/// What another engine has found. Only builds with such an engine make one.
#[cfg_attr(not(feature = "spark"), allow(dead_code))]
#[derive(Default)]
pub(crate) struct Given {
    /// The bindings of patterns.
    pub bindings: Vec<(Pattern, Bindings)>,
    /// The groups of the plan's aggregation.
    pub groups: Option<Counts>,
}

/// Groups by entities with nothing but counts, sorted by their keys.
#[cfg_attr(not(feature = "spark"), allow(dead_code))]
pub(crate) struct Counts {
    pub keys: Vec<Box<[u32]>>,
    /// Certainty of each group by its own bindings.
    pub sure: Vec<Certainty>,
    /// By aggregate, then by group.
    pub folds: Vec<Vec<Counted>>,
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
        f(&Context { graph, plan, budget: budget.clone(), profile, given: None })
    }

    /// Calls `f` with a context of the graph in which some patterns need no search.
    #[cfg(feature = "spark")]
    pub(crate) fn with_given<T>(
        graph: &Graph,
        plan: &Plan,
        budget: &Budget,
        given: &Given,
        f: impl FnOnce(&Context) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        f(&Context { graph, plan, budget: budget.clone(), profile: Profile::default(), given: Some(given) })
    }

    /// Returns a fresh budget for one search, with the same limits.
    pub(crate) fn budget(&self) -> Budget {
        self.budget.afresh()
    }
}
