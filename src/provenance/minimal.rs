//! Proofs of which no fact can be left out.
//!
//! The facts that a proof cites are tried as the only ones, without one of them after the other: a fact without which
//! the row still holds is idle. What is left is proved again in the graph of nothing else. A proof for which there was
//! no choice is left as it was found.

use super::affirmed::affirmed;
use super::part::Parts;
use super::prove::{Prover, proved_by};
use super::walks::Walks;
use crate::answer::{Proof, Reason};
use crate::check::typed::{Define, Formula, Query, Var, VarId};
use crate::exec::bindings::Bindings;
use crate::exec::edges::Edges;
use crate::exec::{ABSENT, Context, Mode, Profile, definitions};
use crate::graph::{FactId, Graph};
use crate::limits::{self, Stop};
use crate::plan::{self, Plan};
use rustc_hash::FxHashMap;
use std::cell::Cell;
use std::collections::BTreeSet;

/// A query in the form in which it is proved.
pub(crate) struct Case<'a> {
    pub context: &'a Context<'a>,
    /// Of the whole graph.
    edges: &'a Edges<'a>,
    mode: Mode,
    /// With the definitions in that form too.
    plan: Plan,
    graph: Graph,
}

/// A graph in which a proof is sought, with its links.
struct World<'a> {
    context: &'a Context<'a>,
    edges: &'a Edges<'a>,
    vars: &'a [Var],
}

impl<'a> Case<'a> {
    /// The case of rows that are found in a mode.
    pub fn new(context: &'a Context<'a>, edges: &'a Edges<'a>, mode: Mode) -> Case<'a> {
        let graph = context.graph.doubled();
        // A definition is worked out apart from what uses it, so that `possibly` there does not loosen it.
        let apart = if mode.possible { Mode::POSSIBLE } else { Mode::CERTAIN };
        let define = |define: &Define| Define { formula: affirmed(&graph, &define.formula, apart), ..define.clone() };
        let query = &context.plan.query;
        let query = Query { defines: query.defines.iter().map(define).collect(), ..(**query).clone() };
        let plan = plan::redefined(context.plan, query, &graph, context.disabled);
        Case { context, edges, mode, plan, graph }
    }

    /// A proof of the formula under the frame; `None` where none was found. The variables that are `open` may take other
    /// values, if that spares facts: the frame is changed to those that the proof is of. `found` holds the paths of the frame.
    pub fn proof(
        &self,
        formula: &Formula,
        open: &[VarId],
        frame: &mut Vec<u32>,
        found: Option<&Bindings>,
    ) -> Result<Option<Proof>, Stop> {
        let mode = self.mode;
        let mut formula = affirmed(&self.graph, &bound(formula, open, frame), mode);
        if let Some(found) = found {
            let Case { context, edges, plan, .. } = self;
            formula = Walks { context, edges, vars: &plan.slots, found, frame }.walked(&formula, mode);
        }
        let whole = self.context(&self.graph);
        let world = World { context: &whole, edges: self.edges, vars: &self.plan.slots };
        let Some((first, is_chosen)) = world.proof(&formula, frame, mode)? else { return Ok(None) };
        if open.is_empty() && !is_chosen {
            return Ok(Some(first));
        }
        let cited = proved_by(&first);
        let needed = self.needed(cited.clone(), (&formula, open), frame)?;
        if needed == cited {
            return Ok(Some(first));
        }
        let again = self.within(&needed, |world| match world.witness(&formula, open, frame, mode)? {
            None => Ok(None),
            Some(found) => {
                let proof = world.proof(&formula, &found, mode)?;
                Ok(proof.map(|(proof, _)| (proof, found)))
            }
        })?;
        let Some((proof, found)) = again else { return Ok(Some(first)) };
        *frame = found;
        Ok(Some(proof))
    }

    /// Those of the facts that are left when each that is idle beside the others has been left out.
    fn needed(
        &self,
        mut facts: BTreeSet<FactId>,
        (formula, open): (&Formula, &[VarId]),
        frame: &[u32],
    ) -> Result<BTreeSet<FactId>, Stop> {
        let mode = self.mode;
        loop {
            let before = facts.len();
            for fact in facts.clone() {
                limits::spend(facts.len() + 64)?;
                facts.remove(&fact);
                let found = self.within(&facts, |world| world.witness(formula, open, frame, mode))?;
                facts.extend(found.is_none().then_some(fact));
            }
            // What dates settle to may narrow when a source is left out, so that another becomes idle.
            if facts.len() == before {
                return Ok(facts);
            }
        }
    }

    /// Does something in the graph of these facts alone.
    fn within<T>(&self, facts: &BTreeSet<FactId>, f: impl FnOnce(&World) -> Result<T, Stop>) -> Result<T, Stop> {
        let graph = self.graph.only(facts);
        let context = self.context(&graph);
        let edges = definitions::part_edges(&context, self.edges)?;
        f(&World { context: &context, edges: &edges, vars: &self.plan.slots })
    }

    fn context<'c>(&'c self, graph: &'c Graph) -> Context<'c> {
        let Context { budget, disabled, .. } = self.context;
        Context { graph, plan: &self.plan, budget: budget.clone(), profile: Profile::default(), disabled }
    }
}

impl World<'_> {
    /// A proof, and whether it may cite facts that can be left out.
    fn proof(&self, formula: &Formula, frame: &[u32], mode: Mode) -> Result<Option<(Proof, bool)>, Stop> {
        let World { context, edges, vars } = *self;
        let (chosen, paths) = (Cell::new(false), Cell::new(0));
        let prover = Prover { context, edges, vars, rounds: u32::MAX, chosen: &chosen, paths: &paths };
        let Some(proof) = prover.prove(formula, frame, mode)? else { return Ok(None) };
        let is_one_path = paths.get() == 1 && matches!(proof.reason, Reason::Chain { .. });
        let is_chosen = chosen.get() || (paths.get() > 0 && !is_one_path);
        Ok(Some((proof, is_chosen)))
    }

    /// The frame with values of the open variables for which the formula holds.
    fn witness(&self, formula: &Formula, open: &[VarId], frame: &[u32], mode: Mode) -> Result<Option<Vec<u32>>, Stop> {
        let parts = Parts::new(self.context, self.edges, self.vars);
        Ok(parts.witnesses(open, formula, frame, mode, 1)?.pop())
    }
}

/// Returns the formula with each `optional` as the frame has it: its part where it found something, else nothing. One
/// that binds only what is open is left as it is, or left out where nothing else speaks of that.
fn bound(formula: &Formula, open: &[VarId], frame: &[u32]) -> Formula {
    let occurs = |formula: &Formula| {
        let mut times: FxHashMap<VarId, usize> = FxHashMap::default();
        formula.free(&mut |var| *times.entry(var).or_default() += 1);
        times
    };
    let in_all = occurs(formula);
    let optional = |formula: &Formula, inner: &Formula, met: &[VarId]| {
        let within = occurs(inner);
        let own: Vec<VarId> = within.keys().copied().filter(|var| !met.contains(var)).collect();
        if own.iter().all(|var| open.contains(var)) {
            let is_spoken_of = own.iter().any(|var| in_all.get(var) != within.get(var));
            return if is_spoken_of { formula.clone() } else { Formula::TRUE };
        }
        let is_found = own.iter().any(|var| frame[var.0 as usize] != ABSENT);
        if is_found { inner.clone() } else { Formula::TRUE }
    };
    let (mut all, mut stack) = (Vec::new(), vec![formula]);
    while let Some(next) = stack.pop() {
        match next {
            Formula::All(inner) => stack.extend(inner.iter().rev()),
            conjunct => all.push(conjunct),
        }
    }
    let mut met = Vec::new();
    let as_found = all.into_iter().map(|conjunct| {
        let result = match conjunct {
            Formula::Optional(inner) => optional(conjunct, inner, &met),
            other => other.clone(),
        };
        conjunct.free(&mut |var| met.push(var));
        result
    });
    Formula::All(as_found.collect())
}
