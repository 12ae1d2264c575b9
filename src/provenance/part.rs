//! Parts of a query under a binding: whether they hold, and by which values of their own variables.

use crate::check::typed::{Formula, Var, VarId};
use crate::exec::bindings::engine;
use crate::exec::edges::Edges;
use crate::exec::join::{Worker, binding};
use crate::exec::limits::{Halt, Stop};
use crate::exec::{Context, Mode};
use crate::plan::{self, Pattern};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// Evaluates parts of one formula, whose variables `vars` number.
pub(crate) struct Parts<'a> {
    pub context: &'a Context<'a>,
    pub edges: &'a Edges<'a>,
    pub vars: &'a [Var],
    /// Plans by the address of their formula, which outlives them.
    plans: RefCell<FxHashMap<usize, Rc<Pattern>>>,
}

impl<'a> Parts<'a> {
    pub fn new(context: &'a Context<'a>, edges: &'a Edges<'a>, vars: &'a [Var]) -> Parts<'a> {
        Parts { context, edges, vars, plans: RefCell::default() }
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
        let engine = engine(self.context.graph, self.edges, &plan)?;
        let mut worker = Worker::new(&engine, self.context.budget(), false);
        worker.frame.copy_from_slice(frame);
        let mut found = Vec::new();
        let mut sink = binding(|worker, _| {
            found.push(worker.frame.clone());
            if found.len() >= most { Err(Halt::Enough) } else { Ok(()) }
        });
        let flow = worker.solve(plan.block.all_steps(), mode, &mut sink);
        drop(sink);
        match flow {
            Err(Halt::Stop(stop)) => Err(stop),
            _ => Ok(found),
        }
    }

    fn plan(&self, bind: &[VarId], formula: &'a Formula) -> Rc<Pattern> {
        let key = std::ptr::from_ref(formula) as usize;
        if let Some(plan) = self.plans.borrow().get(&key) {
            return plan.clone();
        }
        let plan = plan::build_part(self.vars, bind, formula);
        let plan = Rc::new(plan::optimize_part(plan, self.context.graph, self.context.disabled));
        self.plans.borrow_mut().insert(key, plan.clone());
        plan
    }
}
