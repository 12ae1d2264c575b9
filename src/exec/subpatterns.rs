//! Subpatterns of a plan, tested for many single bindings.

use super::bindings::engine;
use super::edges::Edges;
use super::join::{Engine, Worker, binding};
use super::limits::{Halt, Stop};
use super::{Context, Mode};
use crate::plan::{Pattern, SubpatternId};
use indexmap::IndexSet;
use std::cell::{OnceCell, RefCell};

/// Engines of the subpatterns, created on first use.
pub(crate) struct Engines<'a> {
    context: &'a Context<'a>,
    edges: &'a Edges<'a>,
    /// Per subpattern.
    engines: Vec<OnceCell<Engine<'a>>>,
}

impl<'a> Engines<'a> {
    pub fn new(context: &'a Context<'a>, edges: &'a Edges<'a>) -> Engines<'a> {
        let engines = context.plan.subpatterns.iter().map(|_| OnceCell::new()).collect();
        Engines { context, edges, engines }
    }

    fn engine(&self, id: SubpatternId) -> Result<&Engine<'a>, Stop> {
        let cell = &self.engines[id.0 as usize];
        if let Some(engine) = cell.get() {
            return Ok(engine);
        }
        let engine = engine(self.context.graph, self.edges, self.pattern(id))?;
        Ok(cell.get_or_init(|| engine))
    }

    pub fn pattern(&self, id: SubpatternId) -> &'a Pattern {
        &self.context.plan.subpatterns[id.0 as usize]
    }
}

/// Evaluator of subpatterns, with one reusable worker each.
pub(crate) struct Subpatterns<'e> {
    engines: &'e Engines<'e>,
    /// Per subpattern.
    workers: RefCell<Vec<Option<Worker<'e>>>>,
    /// Paths that the values of path variables refer to.
    paths: &'e RefCell<IndexSet<Box<[u32]>>>,
}

impl<'e> Subpatterns<'e> {
    pub fn new(engines: &'e Engines<'e>, paths: &'e RefCell<IndexSet<Box<[u32]>>>) -> Subpatterns<'e> {
        let workers = RefCell::new(engines.engines.iter().map(|_| None).collect());
        Subpatterns { engines, workers, paths }
    }

    /// Returns true if the subpattern holds for the frame.
    pub fn holds(&self, id: SubpatternId, frame: &[u32], mode: Mode) -> Result<bool, Stop> {
        Ok(!self.witnesses(id, frame, mode, 1)?.is_empty())
    }

    /// Returns at most `most` extensions of the frame that match the subpattern.
    pub fn witnesses(&self, id: SubpatternId, frame: &[u32], mode: Mode, most: usize) -> Result<Vec<Vec<u32>>, Stop> {
        let context = self.engines.context;
        let kept = self.workers.borrow_mut()[id.0 as usize].take();
        let mut worker = match kept {
            Some(worker) => worker,
            None => Worker::new(self.engines.engine(id)?, context.budget(), context.profile.is_kept()),
        };
        worker.budget = context.budget();
        worker.frame.copy_from_slice(frame);
        // Path variables of the frame are positions in the caller's set, which the worker therefore continues.
        worker.paths = self.paths.take();
        let pattern = self.engines.pattern(id);
        let most = pattern.most.map_or(most, |few| few.min(most));
        let mut found = Vec::new();
        let mut sink = binding(|worker, _| {
            found.push(worker.frame.clone());
            if found.len() >= most { Err(Halt::Enough) } else { Ok(()) }
        });
        let flow = worker.solve(pattern.block.all_steps(), mode, &mut sink);
        drop(sink);
        self.paths.replace(std::mem::take(&mut worker.paths));
        self.workers.borrow_mut()[id.0 as usize] = Some(worker);
        match flow {
            Err(Halt::Stop(stop)) => Err(stop),
            _ => Ok(found),
        }
    }
}

impl Drop for Subpatterns<'_> {
    /// Adds the counters of the workers to the profile.
    fn drop(&mut self) {
        let context = self.engines.context;
        self.workers.get_mut().iter_mut().flatten().for_each(|worker| worker.report(&context.profile));
    }
}
