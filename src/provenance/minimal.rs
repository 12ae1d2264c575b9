//! Minimal proofs: no cited fact can be left out.
//!
//! The facts of a proof are taken as a graph of their own, and each is removed in turn: a fact without which the row
//! still holds is idle. The row is then proved again in the graph of the remaining facts. A proof without alternatives
//! stays as it was found.

use super::prove::{Prover, proved_by};
use super::walks::Walk;
use crate::answer::{Proof, Reason};
use crate::exec::bindings::Bindings;
use crate::exec::edges::Edges;
use crate::exec::subpatterns::{Engines, Subpatterns};
use crate::exec::{Context, Mode, NULL_SLOT, definitions};
use crate::graph::{FactId, Graph};
use crate::limits::{self, Stop};
use crate::plan::{Definition, Form, Goal, SubpatternId};
use indexmap::IndexSet;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// A graph in which a proof is searched, with its edges.
pub(crate) struct World<'a> {
    pub context: &'a Context<'a>,
    pub edges: &'a Edges<'a>,
    pub parts: Subpatterns<'a>,
    pub paths: &'a RefCell<IndexSet<Box<[u32]>>>,
}

/// Goals to be proved, and the mode.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub goals: &'a [Goal],
    pub holds: &'a [SubpatternId],
    pub definitions: &'a [Definition],
    pub mode: Mode,
    /// Paths that the row names.
    pub walks: &'a [Walk],
}

impl<'a> Case<'a> {
    /// Returns the case of all goals of a form.
    pub fn new(form: &'a Form, mode: Mode, walks: &'a [Walk]) -> Case<'a> {
        Case { goals: &form.goals, holds: &form.holds, definitions: &form.definitions, mode, walks }
    }
}

impl World<'_> {
    /// Calls `f` with the whole graph of `edges`, and with the paths of the bindings.
    pub fn enter<T>(
        context: &Context,
        edges: &Edges,
        found: Option<&Bindings>,
        f: impl FnOnce(&World) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let paths = RefCell::new(found.map_or_else(IndexSet::new, |found| found.paths.clone()));
        let graph = context.graph.doubled();
        World::of(&part(context, &graph), edges, &paths, f)
    }

    fn of<T>(
        context: &Context,
        edges: &Edges,
        paths: &RefCell<IndexSet<Box<[u32]>>>,
        f: impl FnOnce(&World) -> T,
    ) -> T {
        let engines = Engines::new(context, edges);
        f(&World { context, edges, parts: Subpatterns::new(&engines, paths), paths })
    }

    /// Returns a proof of the goals under the frame; `None` if none was found. Open variables may take other values if
    /// that needs fewer facts; `frame` is then changed to these values.
    pub fn least_proof(&self, case: &Case, frame: &mut Vec<u32>) -> Result<Option<Proof>, Stop> {
        let open = |id: &SubpatternId| &self.context.plan.subpatterns[id.0 as usize].block.wanted;
        let is_open = |id: &SubpatternId| !open(id).is_empty();
        // Variables that the row does not show have no values yet.
        if case.holds.iter().flat_map(open).any(|var| frame[var.0 as usize] == NULL_SLOT) {
            *frame = self.witness(case, frame)?.unwrap_or_else(|| frame.clone());
        }
        let Some((first, is_chosen)) = self.proof(case, frame)? else { return Ok(None) };
        // Without open variables and alternatives, every cited fact is needed.
        if !case.holds.iter().any(is_open) && !is_chosen {
            return Ok(Some(first));
        }
        let cited = proved_by(&first);
        let needed = self.needed(cited.clone(), case, frame)?;
        if needed == cited {
            return Ok(Some(first));
        }
        let again = self.within(&needed, case, |world| match world.witness(case, frame)? {
            None => Ok(None),
            Some(found) => Ok(world.proof(case, &found)?.map(|(proof, _)| (proof, found))),
        })?;
        let Some((proof, found)) = again else { return Ok(Some(first)) };
        *frame = found;
        Ok(Some(proof))
    }

    /// Returns the facts that remain after removing each one that is idle beside the others.
    fn needed(&self, mut facts: BTreeSet<FactId>, case: &Case, frame: &[u32]) -> Result<BTreeSet<FactId>, Stop> {
        loop {
            let before = facts.len();
            for fact in facts.clone() {
                // Each try builds a graph of the remaining facts.
                limits::spend(facts.len() + 64)?;
                facts.remove(&fact);
                let found = self.within(&facts, case, |world| world.witness(case, frame))?;
                facts.extend(found.is_none().then_some(fact));
            }
            // Removing a source may narrow a settled date, which may make another fact idle.
            if facts.len() == before {
                return Ok(facts);
            }
        }
    }

    /// Calls `f` with the part of the graph that consists of these facts.
    fn within<T>(
        &self,
        facts: &BTreeSet<FactId>,
        case: &Case,
        f: impl FnOnce(&World) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let graph = self.context.graph.only(facts);
        let context = part(self.context, &graph);
        let edges = definitions::part_edges(&context, case.definitions, self.edges)?;
        World::of(&context, &edges, self.paths, f)
    }

    /// Returns a proof, and whether it may cite facts that can be left out.
    fn proof(&self, case: &Case, frame: &[u32]) -> Result<Option<(Proof, bool)>, Stop> {
        let (chosen, paths, derived) = (Cell::new(false), Cell::new(0), RefCell::default());
        let (definitions, vars) = (case.definitions, &self.context.plan.slots[..]);
        let prover = Prover {
            world: self,
            definitions,
            vars,
            walks: case.walks,
            rounds: u32::MAX,
            chosen: &chosen,
            derived: &derived,
            paths: &paths,
        };
        let Some(proof) = prover.all(case.goals, frame, case.mode)? else { return Ok(None) };
        let is_one_path = paths.get() == 1 && matches!(proof.reason, Reason::Chain { .. });
        let is_chosen = chosen.get() || (paths.get() > 0 && !is_one_path);
        Ok(Some((proof, is_chosen)))
    }

    /// Returns the frame with values of the open variables for which the goals hold; `None` if there are none.
    fn witness(&self, case: &Case, frame: &[u32]) -> Result<Option<Vec<u32>>, Stop> {
        if !case.walks.iter().all(|walk| walk.is_there(self.edges, case.mode)) {
            return Ok(None);
        }
        let mut frame = Some(frame.to_vec());
        for id in case.holds {
            let Some(before) = &frame else { break };
            frame = self.parts.witnesses(*id, before, case.mode, 1)?.pop();
        }
        Ok(frame)
    }
}

/// Returns the context with another graph.
fn part<'a>(context: &Context<'a>, graph: &'a Graph) -> Context<'a> {
    let Context { plan, budget, profile, .. } = context;
    Context { graph, plan, budget: budget.clone(), profile: profile.clone(), given: None }
}
