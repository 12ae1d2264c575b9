//! Parallel search: the values of the first variable are divided into parts, and the results of the parts are merged in
//! order.

use crate::exec::Mode;
use crate::exec::join::{Sink, Worker};
use crate::exec::limits::{Flow, Halt};
use crate::plan::{Actual, Pattern, Step, Steps};
use crate::threads;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Minimum number of bindings, by the plan's estimate, for more than one thread. By reasoning, no benchmark varies it:
/// at some ten nanoseconds per binding they take a millisecond, and waking a thread takes a tenth of that.
const WORTHWHILE: f64 = 100_000.0;

/// Parts per thread. Parts take different times; with eight, no thread waits longer than about an eighth of its work.
const PARTS: usize = 8;

/// Sink that can be forked for the parts of a parallel search.
pub(crate) trait MergeableSink: Sink + Send + Sync + Sized {
    /// True if parts must be merged in order. If false, one sink serves all parts of a thread.
    const IN_ORDER: bool;

    /// Returns an empty sink of the same kind.
    fn fork(&self) -> Self;

    /// Adds the results of the next part.
    fn merge(&mut self, next: Self);
}

impl Worker<'_> {
    /// Passes each binding of the pattern to the sink, as [`Worker::solve`] does, on several threads if that is
    /// worthwhile.
    pub(crate) fn run_parallel<S: MergeableSink>(&mut self, mode: Mode, sink: &mut S) -> Flow {
        if !is_worthwhile(self.engine.pattern) {
            return self.solve(self.engine.pattern.block.all_steps(), mode, sink);
        }
        self.run_divided(threads::others(), mode, sink)
    }

    /// Does the same on this thread and `others` more.
    pub(super) fn run_divided<S: MergeableSink>(&mut self, others: usize, mode: Mode, sink: &mut S) -> Flow {
        let engine = self.engine;
        let steps = engine.pattern.block.all_steps();
        // Only a scan or an expansion yields values that can be divided.
        let Some((Step::Scan { var, .. } | Step::Expand { var, .. }, rest)) =
            steps.split_first().filter(|_| others > 0)
        else {
            return self.solve(steps, mode, sink);
        };
        let mut values = Values(Vec::new());
        self.solve(steps.only_first(), mode, &mut values)?;
        let length = values.0.len().div_ceil((others + 1) * PARTS).max(1);
        let parts: Vec<&[u32]> = values.0.chunks(length).collect();
        let shared =
            SharedSearch { next: AtomicUsize::new(0), halted: AtomicBool::new(false), done: Mutex::new(Vec::new()) };
        let budgets: Vec<_> = (0..others).map(|_| self.budget.fork()).collect();
        let whole: &S = sink;
        let is_profiled = self.is_profiled();
        threads::scope(|scope| {
            for budget in budgets {
                // Without a thread pool, this thread takes all parts.
                let (Some(scope), shared, parts) = (scope, &shared, &parts) else { break };
                scope.spawn(move |_| {
                    let mut worker = Worker::new(engine, budget, is_profiled);
                    worker.work(var.0, parts, whole, rest, mode, shared);
                    shared.lock().push(Done::Rest(worker.give_account(), worker.empty_domains));
                });
            }
            self.work(var.0, &parts, whole, rest, mode, &shared);
        });
        self.merge(sink, shared)
    }

    /// Takes parts until none is left.
    fn work<S: MergeableSink>(
        &mut self,
        var: u16,
        parts: &[&[u32]],
        whole: &S,
        rest: Steps,
        mode: Mode,
        shared: &SharedSearch<S>,
    ) {
        let mut kept: Option<(usize, S)> = None;
        while !shared.halted.load(Ordering::Relaxed) {
            // Threads take parts from a shared counter, so that a slow part delays no other thread.
            let i = shared.next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(i) else { break };
            let (first, mut own) = kept.take().unwrap_or_else(|| (i, whole.fork()));
            let flow = self.bind_those(var, part, rest.split_filters(), mode, &mut own);
            if flow.is_err() {
                // Parts are taken in order, so all parts before this one are finished or running.
                shared.halted.store(true, Ordering::Relaxed);
            }
            match flow {
                // A sink that needs no order serves the next part, too, which saves merging.
                Ok(()) if !S::IN_ORDER => kept = Some((first, own)),
                flow => shared.lock().push(Done::Part(first, own, flow)),
            }
        }
        if let Some((first, own)) = kept {
            shared.lock().push(Done::Part(first, own, Ok(())));
        }
    }

    /// Merges the results of the parts in order. The first part that was stopped by a limit stops the whole.
    fn merge<S: MergeableSink>(&mut self, sink: &mut S, shared: SharedSearch<S>) -> Flow {
        let mut parts = Vec::new();
        for done in shared.done.into_inner().unwrap_or_default() {
            match done {
                Done::Part(i, found, flow) => parts.push((i, found, flow)),
                Done::Rest(account, spans) => {
                    self.take_account(account);
                    self.empty_domains.extend(spans);
                }
            }
        }
        self.empty_domains.sort_unstable_by_key(|span| (span.start, span.end));
        self.empty_domains.dedup();
        parts.sort_by_key(|(i, ..)| *i);
        let is_stop = |flow: &Flow| matches!(flow, Err(Halt::Stop(_)));
        if let Some(stopped) = parts.iter().position(|(_, _, flow)| is_stop(flow)) {
            return parts.swap_remove(stopped).2;
        }
        let mut halt = Ok(());
        for (_, found, flow) in parts {
            sink.merge(found);
            halt = halt.and(flow);
        }
        halt
    }
}

/// State shared by the threads of one search.
struct SharedSearch<S> {
    /// Next part to be taken.
    next: AtomicUsize,
    /// True if a part was halted: no more parts are taken.
    halted: AtomicBool,
    done: Mutex<Vec<Done<S>>>,
}

enum Done<S> {
    Part(usize, S, Flow),
    /// Profile counters of the steps, and [`Worker::empty_domains`].
    Rest(Vec<Actual>, Vec<crate::text::Span>),
}

impl<S> SharedSearch<S> {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Done<S>>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sink that collects the values of the first variable.
struct Values(Vec<u32>);

impl Sink for Values {
    fn one(&mut self, _: &mut Worker, _: Mode) -> Flow {
        Ok(())
    }

    fn each(&mut self, _: &mut Worker, _: u16, values: &[u32], _: Mode) -> Flow {
        self.0.extend_from_slice(values);
        Ok(())
    }
}

/// Returns true if a search is worth more than one thread.
fn is_worthwhile(pattern: &Pattern) -> bool {
    // Paths are numbered per worker, see [`Worker::paths`], and the numbers of several workers are not merged.
    let mut has_walk = false;
    pattern.each_step(&mut |step| has_walk |= matches!(step, Step::Walk { .. }));
    let expected: f64 = pattern.block.rows.iter().sum();
    !has_walk && expected >= WORTHWHILE
}
