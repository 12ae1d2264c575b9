//! Proofs of which no fact can be left out.
//!
//! The facts that a proof cites are tried as the only ones, without one of them after the other: a fact without which
//! the row still holds is idle. What is left is proved again in the graph of nothing else. A proof for which there was
//! no choice is left as it was found.

use super::super::links::Links;
use super::super::part::Parts;
use super::super::{ABSENT, Context, Mode, derive};
use super::affirmed::affirmed;
use super::prove::{Prover, proved_by};
use crate::answer::Proof;
use crate::check::typed::{Define, Formula, Query, Var, VarId};
use crate::graph::{FactId, Graph};
use crate::limits::{self, Stop};
use std::cell::Cell;
use std::collections::BTreeSet;

/// A query in the form in which it is proved.
pub(super) struct Case<'a> {
    pub context: &'a Context<'a>,
    /// Of the whole graph.
    links: &'a Links<'a>,
    query: Query,
    graph: Graph,
}

/// A graph in which a proof is sought, with its links.
struct World<'a> {
    context: &'a Context<'a>,
    links: &'a Links<'a>,
    vars: &'a [Var],
    /// Whether tests read what the facts of this graph leave: see [`Graph::only`].
    settled: bool,
}

impl<'a> Case<'a> {
    pub fn new(context: &'a Context<'a>, links: &'a Links<'a>) -> Case<'a> {
        let graph = context.graph.doubled();
        let define = |define: &Define| Define { formula: affirmed(&graph, &define.formula), ..define.clone() };
        let query = Query { defines: context.query.defines.iter().map(define).collect(), ..context.query.clone() };
        Case { context, links, query, graph }
    }

    /// A proof of the formula under the frame; `None` where none was found. The variables that are `open` may take other
    /// values, if that spares facts: the frame is changed to those that the proof is of.
    pub fn proof(
        &self,
        formula: &Formula,
        open: &[VarId],
        frame: &mut Vec<u32>,
        mode: Mode,
    ) -> Result<Option<Proof>, Stop> {
        let formula = affirmed(&self.graph, &bound(formula, open, frame));
        // A test that is only possible rests on what is not known: no fact makes it so.
        let settled = mode == Mode::CERTAIN;
        let whole = self.context(&self.graph);
        let world = World { context: &whole, links: self.links, vars: &self.query.vars, settled };
        let chosen = Cell::new(!open.is_empty());
        let Some(first) = world.proof(&formula, frame, mode, &chosen)? else { return Ok(None) };
        if !chosen.get() {
            return Ok(Some(first));
        }
        let cited = proved_by(&first);
        let needed = self.needed(cited.clone(), (&formula, open), frame, mode)?;
        if needed == cited {
            return Ok(Some(first));
        }
        let again = self.within(&needed, mode, |world| match world.witness(&formula, open, frame, mode)? {
            None => Ok(None),
            Some(found) => {
                let proof = world.proof(&formula, &found, mode, &chosen)?;
                Ok(proof.map(|proof| (proof, found)))
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
        mode: Mode,
    ) -> Result<BTreeSet<FactId>, Stop> {
        loop {
            let before = facts.len();
            for fact in facts.clone() {
                limits::spend(facts.len() + 64)?;
                facts.remove(&fact);
                let found = self.within(&facts, mode, |world| world.witness(formula, open, frame, mode))?;
                facts.extend(found.is_none().then_some(fact));
            }
            // What dates settle to may narrow when a source is left out, so that another becomes idle.
            if facts.len() == before || mode != Mode::CERTAIN {
                return Ok(facts);
            }
        }
    }

    /// Does something in the graph of these facts alone.
    fn within<T>(
        &self,
        facts: &BTreeSet<FactId>,
        mode: Mode,
        f: impl FnOnce(&World) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let settled = mode == Mode::CERTAIN;
        let graph = self.graph.only(facts, settled);
        let context = self.context(&graph);
        let links = derive::part_links(&context, self.links)?;
        f(&World { context: &context, links: &links, vars: &self.query.vars, settled })
    }

    fn context<'c>(&'c self, graph: &'c Graph) -> Context<'c> {
        Context {
            graph,
            query: &self.query,
            budget: self.context.budget.clone(),
            possibly: self.context.possibly,
            plans: None,
            disabled_rewrites: self.context.disabled_rewrites,
        }
    }
}

impl World<'_> {
    fn proof(
        &self,
        formula: &Formula,
        frame: &[u32],
        mode: Mode,
        chosen: &Cell<bool>,
    ) -> Result<Option<Proof>, Stop> {
        let World { context, links, vars, settled } = *self;
        Prover { context, links, vars, rounds: u32::MAX, settled, chosen }.prove(formula, frame, mode)
    }

    /// The frame with values of the open variables for which the formula holds.
    fn witness(
        &self,
        formula: &Formula,
        open: &[VarId],
        frame: &[u32],
        mode: Mode,
    ) -> Result<Option<Vec<u32>>, Stop> {
        let parts = Parts::new(self.context, self.links, self.vars);
        Ok(parts.witnesses(open, formula, frame, mode, 1)?.pop())
    }
}

/// Returns the formula with each `optional` that binds more than open variables as the frame has it: its part where it
/// found something, else nothing.
fn bound(formula: &Formula, open: &[VarId], frame: &[u32]) -> Formula {
    fn go(formula: &Formula, open: &[VarId], frame: &[u32], met: &mut Vec<VarId>) -> Formula {
        let mut own = Vec::new();
        let result = match formula {
            Formula::All(all) => return Formula::All(all.iter().map(|inner| go(inner, open, frame, met)).collect()),
            Formula::Optional(inner) => {
                inner.free(&mut |var| own.extend((!met.contains(&var)).then_some(var)));
                let is_shown = own.iter().any(|var| !open.contains(var));
                match own.iter().any(|var| frame[var.0 as usize] != ABSENT) {
                    _ if !own.is_empty() && !is_shown => formula.clone(),
                    true => go(inner, open, frame, &mut met.clone()),
                    false => Formula::TRUE,
                }
            }
            other => other.clone(),
        };
        formula.free(&mut |var| met.push(var));
        result
    }
    go(formula, open, frame, &mut Vec::new())
}
