//! One search on all cores: the values of the first variable are divided, and what each part finds is merged in order.

use crate::exec::Mode;
use crate::exec::join::{Sink, Worker};
use crate::exec::limits::{Flow, Halt};
use crate::plan::{Actual, Pattern, Step, Steps};
use crate::threads;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// A search that makes fewer bindings than this, by the plan's estimate, is not worth a thread. By reasoning, no benchmark
/// varies it: at some ten nanoseconds a binding they take a millisecond, and to wake a thread takes a tenth of that.
const WORTHWHILE: f64 = 100_000.0;

/// Parts for each thread: some take longer than others, and no thread waits for more than an eighth of its work.
const PARTS: usize = 8;

/// A sink of which each part of a search has its own.
pub(crate) trait MergeableSink: Sink + Send + Sync + Sized {
    /// Whether it matters in which order parts are merged; if not, one sink serves all parts of a thread.
    const IN_ORDER: bool;

    /// Returns an empty one.
    fn fork(&self) -> Self;

    /// Adds what the next part has found.
    fn merge(&mut self, next: Self);
}

impl Worker<'_> {
    /// Hands each binding of the plan to the sink, as [`Worker::solve`] does, on as many cores as are worth it.
    pub(crate) fn run_parallel<S: MergeableSink>(&mut self, mode: Mode, sink: &mut S) -> Flow {
        if !is_worthwhile(self.engine.pattern) {
            return self.solve(self.engine.pattern.block.all_steps(), mode, sink);
        }
        self.run_divided(threads::others(), mode, sink)
    }

    /// The same, divided among this thread and as many others.
    pub(super) fn run_divided<S: MergeableSink>(&mut self, others: usize, mode: Mode, sink: &mut S) -> Flow {
        let engine = self.engine;
        let steps = engine.pattern.block.all_steps();
        let Some((Step::Scan { var, .. } | Step::Expand { var, .. }, rest)) =
            steps.split_first().filter(|_| others > 0)
        else {
            return self.solve(steps, mode, sink);
        };
        let mut values = Values(Vec::new());
        self.solve(steps.only_first(), mode, &mut values)?;
        let length = values.0.len().div_ceil((others + 1) * PARTS).max(1);
        let parts: Vec<&[u32]> = values.0.chunks(length).collect();
        let shared = Shared { next: AtomicUsize::new(0), halted: AtomicBool::new(false), done: Mutex::new(Vec::new()) };
        let budgets: Vec<_> = (0..others).map(|_| self.budget.fork()).collect();
        let whole: &S = sink;
        let is_profiled = self.is_profiled();
        threads::scope(|scope| {
            for budget in budgets {
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

    /// Takes parts until there are none left.
    fn work<S: MergeableSink>(
        &mut self,
        var: u16,
        parts: &[&[u32]],
        whole: &S,
        rest: Steps,
        mode: Mode,
        shared: &Shared<S>,
    ) {
        let mut kept: Option<(usize, S)> = None;
        while !shared.halted.load(Ordering::Relaxed) {
            let i = shared.next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(i) else { break };
            let (first, mut own) = kept.take().unwrap_or_else(|| (i, whole.fork()));
            let flow = self.bind_those(var, part, rest.split_filters(), mode, &mut own);
            if flow.is_err() {
                shared.halted.store(true, Ordering::Relaxed);
            }
            match flow {
                Ok(()) if !S::IN_ORDER => kept = Some((first, own)),
                flow => shared.lock().push(Done::Part(first, own, flow)),
            }
        }
        if let Some((first, own)) = kept {
            shared.lock().push(Done::Part(first, own, Ok(())));
        }
    }

    /// Merges what the parts have found, in order; the first that was halted halts the whole.
    fn merge<S: MergeableSink>(&mut self, sink: &mut S, shared: Shared<S>) -> Flow {
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

/// What the threads of one search share.
struct Shared<S> {
    /// The part to be taken next.
    next: AtomicUsize,
    /// Whether a part was halted: no more parts are taken.
    halted: AtomicBool,
    done: Mutex<Vec<Done<S>>>,
}

enum Done<S> {
    Part(usize, S, Flow),
    /// What the steps did, and [`Worker::empty_domains`].
    Rest(Vec<Actual>, Vec<crate::text::Span>),
}

impl<S> Shared<S> {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Done<S>>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The values of the first variable.
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

/// Returns whether a search is worth more than one thread.
fn is_worthwhile(pattern: &Pattern) -> bool {
    let is_walk = |step: &Step| matches!(step, Step::Walk { .. });
    let expected: f64 = pattern.block.rows.iter().sum();
    !pattern.block.steps.iter().any(is_walk) && expected >= WORTHWHILE
}
