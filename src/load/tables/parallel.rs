//! Work on all cores, whose results come in order.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, mpsc};
use std::thread;

/// Does the work on each thing that `next` gives, on all cores, and hands the results to `done` in the order of the
/// things, until that says that it is enough. One thing alone is worked on here. At most a few things for each core
/// are in memory.
pub(super) fn in_order<T: Send, R: Send>(
    mut next: impl FnMut() -> Option<T>,
    work: impl Fn(T) -> R + Sync,
    mut done: impl FnMut(R) -> bool,
) {
    let Some(first) = next() else { return };
    let Some(second) = next() else {
        done(work(first));
        return;
    };
    let mut all = [first, second].into_iter().chain(std::iter::from_fn(next));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (give, take) = mpsc::channel();
    let (take, work) = (&Mutex::new(take), &work);
    let (finish, finished) = mpsc::channel();
    thread::scope(|scope| {
        // Threads end when there is nothing more to take, so it must go with this closure.
        let give = give;
        for _ in 0..threads {
            let finish = finish.clone();
            scope.spawn(move || {
                while let Some((i, thing)) = take.lock().ok().and_then(|take| take.recv().ok()) {
                    // A panic is to be seen where the results are waited for, or they would be waited for in vain.
                    _ = finish.send((i, catch_unwind(AssertUnwindSafe(|| work(thing)))));
                }
            });
        }
        let (mut given, mut due, mut early) = (0_usize, 0, BTreeMap::new());
        loop {
            let room = (2 * threads + due).saturating_sub(given);
            for thing in all.by_ref().take(room) {
                _ = give.send((given, thing));
                given += 1;
            }
            if due == given {
                return;
            }
            let Ok((i, result)) = finished.recv() else { return };
            early.insert(i, result.unwrap_or_else(|panic| resume_unwind(panic)));
            while let Some(result) = early.remove(&due) {
                due += 1;
                if !done(result) {
                    return;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn results_come_in_order_until_it_is_enough() {
        let (mut things, mut results) = (0..1000, Vec::new());
        in_order(
            || things.next(),
            |i| i * 2,
            |i| {
                results.push(i);
                i < 200
            },
        );
        assert_eq!(results, (0..=100).map(|i| i * 2).collect::<Vec<_>>());
        assert!(things.next().is_some(), "no more is taken than is needed");
    }
}
