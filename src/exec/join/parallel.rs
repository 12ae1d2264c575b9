//! One search on all cores: the values of the first variable are divided, and what each part finds is joined in order.

use crate::exec::Mode;
use crate::exec::join::{Sink, Worker};
use crate::exec::limits::{Flow, Halt};
use crate::plan::{Actual, Pattern, Step, Steps};
use rayon_core::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

/// A search that makes fewer bindings than this, by a guess, is not worth a thread.
const WORTHWHILE: f64 = 100_000.0;

/// Parts for each thread: some take longer than others.
const PARTS: usize = 8;

/// Enough for a search of as many variables as there may be.
const STACK: usize = 64 << 20;

/// The threads beside the one that asks, one for each other core; they stay from one search to the next. `None` where there
/// is no other core, or the system gives no threads.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let others = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
    (others > 0).then(|| ThreadPoolBuilder::new().num_threads(others).stack_size(STACK).build().ok()).flatten()
});

/// A sink of which each part of a search has its own.
pub(crate) trait Gather: Sink + Send + Sync + Sized {
    /// Whether it matters in which order parts are joined; if not, one sink serves all parts of a thread.
    const IN_ORDER: bool;

    /// An empty one.
    fn fork(&self) -> Self;

    /// Adds what the next part has found.
    fn join(&mut self, next: Self);
}

impl Worker<'_> {
    /// Hands each binding of the plan to the sink, as [`Worker::solve`] does, on as many cores as are worth it.
    pub(crate) fn gather<G: Gather>(&mut self, mode: Mode, sink: &mut G) -> Flow {
        let engine = self.engine;
        let steps = engine.pattern.block.all_steps();
        let Some((Step::Scan { var, .. } | Step::Expand { var, .. }, rest)) = steps.split_first() else {
            return self.solve(steps, mode, sink);
        };
        let Some(pool) = POOL.as_ref().filter(|_| is_worthwhile(engine.pattern)) else {
            return self.solve(steps, mode, sink);
        };
        let threads = pool.current_num_threads() + 1;
        let mut values = Values(Vec::new());
        self.solve(steps.only_first(), mode, &mut values)?;
        let length = values.0.len().div_ceil(threads * PARTS).max(1);
        let parts: Vec<&[u32]> = values.0.chunks(length).collect();
        let shared = Shared { next: AtomicUsize::new(0), halted: AtomicBool::new(false), done: Mutex::new(Vec::new()) };
        let budgets: Vec<_> = (1..threads).map(|_| self.budget.fork()).collect();
        let whole: &G = sink;
        let is_profiled = self.is_profiled();
        pool.in_place_scope(|scope| {
            for budget in budgets {
                let (shared, parts) = (&shared, &parts);
                scope.spawn(move |_| {
                    let mut worker = Worker::new(engine, budget, is_profiled);
                    worker.work(var.0, parts, whole, rest, mode, shared);
                    shared.lock().push(Done::Rest(worker.give_account(), worker.empty_domains));
                });
            }
            self.work(var.0, &parts, whole, rest, mode, &shared);
        });
        self.join(sink, shared)
    }

    /// Takes parts until there are none left.
    fn work<G: Gather>(&mut self, var: u16, parts: &[&[u32]], whole: &G, rest: Steps, mode: Mode, shared: &Shared<G>) {
        let mut kept: Option<(usize, G)> = None;
        while !shared.halted.load(Ordering::Relaxed) {
            let i = shared.next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(i) else { break };
            let (first, mut own) = kept.take().unwrap_or_else(|| (i, whole.fork()));
            let flow = self.bind_those(var, part, rest.split_filters(), mode, &mut own);
            if flow.is_err() {
                shared.halted.store(true, Ordering::Relaxed);
            }
            match flow {
                Ok(()) if !G::IN_ORDER => kept = Some((first, own)),
                flow => shared.lock().push(Done::Part(first, own, flow)),
            }
        }
        if let Some((first, own)) = kept {
            shared.lock().push(Done::Part(first, own, Ok(())));
        }
    }

    /// Joins what the parts have found, in order; the first that was halted halts the whole.
    fn join<G: Gather>(&mut self, sink: &mut G, shared: Shared<G>) -> Flow {
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
            sink.join(found);
            halt = halt.and(flow);
        }
        halt
    }
}

/// What the threads of one search share.
struct Shared<G> {
    /// The part to be taken next.
    next: AtomicUsize,
    /// Nothing more is to be sought.
    halted: AtomicBool,
    done: Mutex<Vec<Done<G>>>,
}

enum Done<G> {
    Part(usize, G, Flow),
    /// What the steps did, and [`Worker::empty_domains`].
    Rest(Vec<Actual>, Vec<crate::text::Span>),
}

impl<G> Shared<G> {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Done<G>>> {
        self.done.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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

/// Whether a search is worth more than one thread.
fn is_worthwhile(pattern: &Pattern) -> bool {
    let is_walk = |step: &Step| matches!(step, Step::Walk { .. });
    let expected: f64 = pattern.block.rows.iter().sum();
    !pattern.block.steps.iter().any(is_walk) && expected >= WORTHWHILE
}
