//! The threads of the process, one for each core: work that is bound by the processor is divided among them.
//!
//! Threads that wait for something else (input, a signal, a deep stack) are not of this pool.

use rayon_core::{Scope, ThreadPool, ThreadPoolBuilder};
use std::sync::LazyLock;

/// Enough for a search of as many variables as there may be.
const STACK: usize = 64 << 20;

/// The threads beside the one that asks, one for each other core; they stay from one piece of work to the next. `None`
/// where there is no other core, or the system gives no threads.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let others = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
    (others > 0).then(|| ThreadPoolBuilder::new().num_threads(others).stack_size(STACK).build().ok()).flatten()
});

/// Returns how many threads there are beside the one that asks.
pub fn others() -> usize {
    POOL.as_ref().map_or(0, ThreadPool::current_num_threads)
}

/// Runs `work` on this thread, with a scope in which it may spawn tasks for the [`others`]; returns when all have ended. A
/// panic of one is passed on. Without other threads there is no scope.
pub fn scope<'s, T>(work: impl FnOnce(Option<&Scope<'s>>) -> T) -> T {
    match POOL.as_ref() {
        Some(pool) => pool.in_place_scope(|scope| work(Some(scope))),
        None => work(None),
    }
}

/// Runs one function on this thread and one beside it, where there is another thread; returns what both give.
pub fn join<A, B: Send>(here: impl FnOnce() -> A, beside: impl FnOnce() -> B + Send) -> (A, B) {
    let Some(pool) = POOL.as_ref() else { return (here(), beside()) };
    let mut given = None;
    let own = pool.in_place_scope(|scope| {
        scope.spawn(|_| given = Some(beside()));
        here()
    });
    match given {
        Some(given) => (own, given),
        None => unreachable!("a scope ends when its tasks have"),
    }
}

#[cfg(test)]
mod tests {
    use super::{join, others, scope};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn all_is_done_when_a_scope_ends() {
        let (number, done) = (10 * others(), AtomicUsize::new(0));
        scope(|scope| {
            for _ in 0..number {
                scope.into_iter().for_each(|scope| scope.spawn(|_| _ = done.fetch_add(1, Ordering::Relaxed)));
            }
        });
        assert_eq!(done.into_inner(), number);
        assert_eq!(join(|| 1, || join(|| 2, || 3)), (1, (2, 3)));
    }
}
