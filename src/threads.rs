//! Thread pool of the process, with one thread per core, for work that is bound by the processor.
//!
//! Threads that wait for something else (input, a signal, a deep stack) do not belong to it.

use rayon_core::{Scope, ThreadPool, ThreadPoolBuilder};
use std::sync::LazyLock;

/// Stack size of a thread: enough for a search with the maximum number of variables.
const STACK: usize = 64 << 20;

/// The threads besides the calling one, one per further core, which are kept between pieces of work. `None` if there is
/// no other core, or if the system provides no threads.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let others = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
    (others > 0).then(|| ThreadPoolBuilder::new().num_threads(others).stack_size(STACK).build().ok()).flatten()
});

/// Returns the number of threads besides the calling one.
pub fn others() -> usize {
    POOL.as_ref().map_or(0, ThreadPool::current_num_threads)
}

/// Runs `work` on this thread, with a scope in which it may spawn tasks for the [`others`]; returns when all tasks have
/// ended. Passes on a panic of a task. The scope is `None` without other threads.
pub fn scope<'s, T>(work: impl FnOnce(Option<&Scope<'s>>) -> T) -> T {
    match POOL.as_ref() {
        Some(pool) => pool.in_place_scope(|scope| work(Some(scope))),
        None => work(None),
    }
}

/// Runs `here` on this thread and `beside` on another one if there is one; returns both results.
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
