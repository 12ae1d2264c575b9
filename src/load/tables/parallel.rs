//! Parallel work with results in order.

use crate::threads;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError, mpsc};

/// Applies `work` to each item of `next`, on all cores, and passes the results to `done` in the order of the items,
/// until `done` returns false. A single item is processed on this thread. Keeps at most two items for each core in
/// memory.
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
    // One item in work and one waiting for each core.
    let most = 2 * (threads::others() + 1);
    let queue: Mutex<VecDeque<(usize, T)>> = Mutex::default();
    let lock = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    // Processes the next item, if there is one. Panics are caught and resumed on the receiving thread, which would
    // otherwise wait forever.
    let work_on_next = || {
        let (i, thing) = lock().pop_front()?;
        Some((i, catch_unwind(AssertUnwindSafe(|| work(thing)))))
    };
    let work_on_next = &work_on_next;
    let (finish, finished) = mpsc::channel();
    threads::scope(|scope| {
        let (mut given, mut due, mut early) = (0_usize, 0, BTreeMap::new());
        loop {
            for thing in all.by_ref().take((most + due).saturating_sub(given)) {
                lock().push_back((given, thing));
                given += 1;
                if let Some(scope) = scope {
                    let finish = finish.clone();
                    scope.spawn(move |_| work_on_next().into_iter().for_each(|result| _ = finish.send(result)));
                }
            }
            if due == given {
                return;
            }
            // This thread works, too, instead of waiting.
            let result = finished.try_recv().ok().or_else(work_on_next).or_else(|| finished.recv().ok());
            let Some((i, result)) = result else { return };
            early.insert(i, result.unwrap_or_else(|panic| resume_unwind(panic)));
            while let Some(result) = early.remove(&due) {
                due += 1;
                if !done(result) {
                    // The results of other items are dropped: nobody waits for them.
                    lock().clear();
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
