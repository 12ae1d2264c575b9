//! Parts of a query under a binding: whether they hold, and by which values of their own variables.

use super::limits::Stop;
use super::links::Links;
use super::matches::engine;
use super::rows::stop;
use super::solve::{Worker, binding};
use super::{Context, Mode};
use crate::check::typed::{Formula, Var, VarId};
use crate::plan::{self, Plan};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// Evaluates parts of one formula, whose variables `vars` number.
pub(super) struct Parts<'a> {
    pub context: &'a Context<'a>,
    pub links: &'a Links<'a>,
    pub vars: &'a [Var],
    /// Plans by the address of their formula, which outlives them.
    plans: RefCell<FxHashMap<usize, Rc<Plan>>>,
}

impl<'a> Parts<'a> {
    pub fn new(context: &'a Context<'a>, links: &'a Links<'a>, vars: &'a [Var]) -> Parts<'a> {
        Parts { context, links, vars, plans: RefCell::default() }
    }

    /// Whether the formula holds under the frame.
    pub fn holds(&self, formula: &'a Formula, frame: &[u32], mode: Mode) -> Result<bool, Stop> {
        Ok(!self.witnesses(&[], formula, frame, mode, 1)?.is_empty())
    }

    /// At most `most` frames that extend the given one by values of `bind` for which the formula holds.
    pub fn witnesses(
        &self,
        bind: &[VarId],
        formula: &'a Formula,
        frame: &[u32],
        mode: Mode,
        most: usize,
    ) -> Result<Vec<Vec<u32>>, Stop> {
        let plan = self.plan(bind, formula);
        let engine = engine(self.context.graph, self.links, &plan, self.vars)?;
        let mut worker = Worker::new(&engine, self.context.budget());
        worker.frame.copy_from_slice(frame);
        let mut found = Vec::new();
        let mut sink = binding(|worker, _| {
            found.push(worker.frame.clone());
            if found.len() >= most { Err(super::limits::Halt::Enough) } else { Ok(()) }
        });
        let flow = worker.solve(&plan.block.steps, mode, &mut sink);
        drop(sink);
        match flow {
            Err(super::limits::Halt::Stop(halt)) => Err(stop(super::limits::Halt::Stop(halt))),
            _ => Ok(found),
        }
    }

    fn plan(&self, bind: &[VarId], formula: &'a Formula) -> Rc<Plan> {
        let key = std::ptr::from_ref(formula) as usize;
        if let Some(plan) = self.plans.borrow().get(&key) {
            return plan.clone();
        }
        let plan = plan::build_part(self.vars, bind, formula);
        let plan = Rc::new(plan::optimize(plan, self.context.graph, self.context.disabled_rewrites));
        self.plans.borrow_mut().insert(key, plan.clone());
        plan
    }
}
