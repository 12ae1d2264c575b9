//! Limits and cancellation: what stops work before its end.
//!
//! One [`Budget`] accompanies a statement from its text to its bytes. [`Budget::enter`] makes it the budget of the
//! thread for the duration of a call. Searches count steps on their own copy and return an error. The hundreds of pure
//! functions between text and bytes call [`is_over`] in their loops instead: they end early with a partial result,
//! which the caller of `enter` discards, since it checks the budget again at the end. They therefore need no parameter
//! and no error, and cannot forget to pass it on. Whatever is kept beyond a statement must not be kept if its budget is
//! over.

use crate::text::{Advice, Code, Diagnostic, Resource, Severity};
use std::cell::{Cell, RefCell};
use std::cmp::Ordering::{self, Greater};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// Limits of a query; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    pub time: Option<Duration>,
    /// Maximum number of bindings held for the answer, and of its rows.
    pub rows: Option<u64>,
    /// Maximum number of bytes held: of all that the process holds beyond its state at the start, if its allocator
    /// counts ([`account`]); otherwise of the answer and of reached sets, by our own count.
    pub memory: Option<u64>,
}

/// Start of work: its time, and the bytes that the process held.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    pub at: Instant,
    pub held: u64,
}

impl Origin {
    pub fn now() -> Origin {
        Origin { at: Instant::now(), held: account::held().unwrap_or(0) }
    }
}

/// Reason why a query gave no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    Limit(Diagnostic),
    Interrupted,
}

/// Resource that a budget has run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Time,
    Memory,
    Rows,
    Cancelled,
}

impl Over {
    /// Returns the error for work of that name, such as `the query`.
    pub fn stop(self, work: &str) -> Stop {
        let (what, resource) = match self {
            Over::Time => ("time", Resource::Time),
            Over::Memory => ("memory", Resource::Memory),
            Over::Rows => ("number of rows", Resource::Rows),
            Over::Cancelled => return Stop::Interrupted,
        };
        let message = format!("{work} was stopped at its limit of {what}");
        let problem = Diagnostic::new(Severity::Error, Code::Limit, message).advise(Advice::RaiseLimit(resource));
        Stop::Limit(if work == QUERY {
            problem.help("ask for less with `limit` or a narrower sentence")
        } else {
            problem
        })
    }
}

/// Default name of the work, see [`Budget::of`].
const QUERY: &str = "the query";

/// Steps between two checks of the clock. A step takes some 10 to 1000 ns, so that a limit is noticed after some 4 ms at
/// most, and reading the clock costs little in proportion.
const BATCH: usize = 4096;

/// Steps charged for starting a search. Many short searches would otherwise never reach a check.
const SEARCH: usize = 64;

/// Remaining resources of a piece of work, shared by its clones.
#[derive(Debug, Clone)]
pub struct Budget {
    shared: Arc<Shared>,
    /// Steps until the next check.
    left: usize,
    /// Counted only if there is a limit or a progress counter.
    rows: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Shared {
    work: &'static str,
    limits: Limits,
    deadline: Option<Instant>,
    cancel: Option<Arc<AtomicBool>>,
    /// Progress counter of rows, updated with every check.
    found: Option<Arc<AtomicU64>>,
    /// Bytes that the process held when the work began.
    before: u64,
    /// Bytes by our own count.
    held: AtomicU64,
    /// Set once the budget is over, and never reset, even if memory has been freed: a result that ended early is not
    /// complete.
    over: OnceLock<Over>,
}

impl Budget {
    pub fn new(limits: Limits, cancel: Option<Arc<AtomicBool>>, found: Option<Arc<AtomicU64>>) -> Budget {
        Budget::of(QUERY, limits, Origin::now(), cancel, found)
    }

    /// Returns the budget of work other than a query, such as `loading`, or of work that began earlier.
    pub fn of(
        work: &'static str,
        limits: Limits,
        begun: Origin,
        cancel: Option<Arc<AtomicBool>>,
        found: Option<Arc<AtomicU64>>,
    ) -> Budget {
        // A deadline that the clock cannot represent is no limit.
        let deadline = limits.time.and_then(|time| begun.at.checked_add(time));
        let before = begun.held;
        let shared =
            Shared { work, limits, deadline, cancel, found, before, held: AtomicU64::new(0), over: OnceLock::new() };
        Budget { shared: Arc::new(shared), left: BATCH, rows: Arc::default() }
    }

    /// Returns the budget of this thread; `None` if there is none.
    pub fn current() -> Option<Budget> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Runs `work` with this as the budget of the thread.
    pub fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        with_current(Some(self.clone()), work)
    }

    /// Returns the same budget for another search, with no rows counted yet. Starting a search costs steps, too, so
    /// that many small searches reach a check.
    pub fn afresh(&self) -> Budget {
        let left = if is_over_after(SEARCH) { 0 } else { BATCH };
        Budget { rows: Arc::default(), left, shared: self.shared.clone() }
    }

    /// Returns a separate budget for a part of this work, limited by both `limits` and what this budget has left.
    pub fn narrowed(&self, limits: Limits) -> Budget {
        let Shared { work, deadline, cancel, before, limits: own, .. } = &*self.shared;
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        let limits =
            Limits { time: limits.time, rows: least(limits.rows, own.rows), memory: least(limits.memory, own.memory) };
        let until = limits.time.and_then(|time| Instant::now().checked_add(time));
        let deadline = deadline.iter().copied().chain(until).min();
        let (held, over) = (AtomicU64::new(self.shared.held.load(Relaxed)), OnceLock::new());
        let shared =
            Shared { work, limits, deadline, cancel: cancel.clone(), found: None, before: *before, held, over };
        Budget { shared: Arc::new(shared), left: BATCH, rows: Arc::default() }
    }

    /// Returns the same budget for another thread.
    pub fn fork(&self) -> Budget {
        self.clone()
    }

    /// Counts one step.
    ///
    /// # Errors
    /// The budget is over; also for the methods below.
    #[inline]
    pub fn tick(&mut self) -> Result<(), Stop> {
        self.ticks(1)
    }

    /// Counts several steps.
    #[inline]
    pub fn ticks(&mut self, number: usize) -> Result<(), Stop> {
        self.left = self.left.saturating_sub(number);
        if self.left == 0 { self.look() } else { Ok(()) }
    }

    #[cold]
    fn look(&mut self) -> Result<(), Stop> {
        self.left = BATCH;
        if let Some(found) = &self.shared.found {
            found.store(self.rows.load(Relaxed), Relaxed);
        }
        self.check()
    }

    /// Checks the clock, the memory and cancellation at once.
    pub fn check(&self) -> Result<(), Stop> {
        self.over().map_or(Ok(()), |over| Err(self.stop(over)))
    }

    /// Returns the resource that the budget has run out of; `None` if it is not over.
    pub fn over(&self) -> Option<Over> {
        let over = self.shared.over.get().copied().or_else(|| self.found_over())?;
        Some(*self.shared.over.get_or_init(|| over))
    }

    fn found_over(&self) -> Option<Over> {
        let Shared { limits, deadline, cancel, before, .. } = &*self.shared;
        if cancel.as_ref().is_some_and(|cancel| cancel.load(Relaxed)) {
            return Some(Over::Cancelled);
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Some(Over::Time);
        }
        let more = account::held().map(|held| held.saturating_sub(*before));
        let held = more.unwrap_or_else(|| self.shared.held.load(Relaxed));
        limits.memory.is_some_and(|limit| held > limit).then_some(Over::Memory)
    }

    /// Returns the error of this work for a resource.
    pub fn stop(&self, over: Over) -> Stop {
        over.stop(self.shared.work)
    }

    /// Returns how many bytes the process may hold in total during this work; `None` without a limit.
    pub fn most_held(&self) -> Option<u64> {
        Some(self.shared.limits.memory?.saturating_add(self.shared.before))
    }

    /// Counts `bytes` more, unless the allocator of the process counts them.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Stop> {
        if self.shared.limits.memory.is_none() || account::held().is_some() {
            return Ok(());
        }
        self.shared.held.fetch_add(bytes as u64, Relaxed);
        let over = self.over().filter(|over| *over == Over::Memory);
        over.map_or(Ok(()), |over| Err(self.stop(over)))
    }

    /// Counts rows.
    pub fn rows(&mut self, rows: usize) -> Result<(), Stop> {
        if self.shared.limits.rows.is_none() && self.shared.found.is_none() {
            return Ok(());
        }
        let before = self.rows.fetch_add(rows as u64, Relaxed);
        self.admit(usize::try_from(before).unwrap_or(usize::MAX).saturating_add(rows))
    }

    /// Returns an error if that many rows exceed the limit.
    pub fn admit(&self, rows: usize) -> Result<(), Stop> {
        let is_over = self.shared.limits.rows.is_some_and(|limit| rows as u64 > limit);
        if is_over { Err(self.stop(Over::Rows)) } else { Ok(()) }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Budget>> = const { RefCell::new(None) };
    /// Steps until the next check.
    static LEFT: Cell<usize> = const { Cell::new(BATCH) };
}

/// Restores the previous budget of the thread on drop, even after a panic.
struct Restored(Option<Budget>);

impl Drop for Restored {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
        LEFT.set(BATCH);
    }
}

fn with_current<T>(budget: Option<Budget>, work: impl FnOnce() -> T) -> T {
    let _restored = Restored(CURRENT.replace(budget));
    LEFT.set(BATCH);
    work()
}

/// Runs work that no budget stops: small work whose result is kept for others.
pub fn unlimited<T>(work: impl FnOnce() -> T) -> T {
    with_current(None, work)
}

/// Counts a step; returns true if the budget of this thread is over.
#[inline]
pub fn is_over() -> bool {
    is_over_after(1)
}

/// Counts several steps; returns true if the budget of this thread is over.
#[inline]
pub fn is_over_after(steps: usize) -> bool {
    let left = LEFT.get().saturating_sub(steps);
    LEFT.set(left);
    left == 0 && is_over_now()
}

/// Returns true if the budget of this thread is not over. For `take_while`, which then ends an iterator early.
pub fn in_budget<T>(_: &T) -> bool {
    !is_over()
}

/// Returns work for another thread, with the budget of this one.
pub fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let budget = Budget::current();
    move || with_current(budget, work)
}

/// Checks at once; returns true if the budget of this thread is over. Every later question then leads to a check, too.
#[cold]
pub fn is_over_now() -> bool {
    let is_over = CURRENT.with_borrow(|budget| budget.as_ref().is_some_and(|budget| budget.over().is_some()));
    LEFT.set(if is_over { 0 } else { BATCH });
    is_over
}

/// Counts several steps.
///
/// # Errors
/// The budget of this thread is over.
pub fn spend(steps: usize) -> Result<(), Stop> {
    if is_over_after(steps) { check() } else { Ok(()) }
}

/// Checks at once.
///
/// # Errors
/// The budget of this thread is over.
pub fn check() -> Result<(), Stop> {
    CURRENT.with_borrow(|budget| budget.as_ref().map_or(Ok(()), Budget::check))
}

/// Returns an error if the budget of this thread does not admit that many rows.
///
/// # Errors
/// The number exceeds the limit.
pub fn admit(rows: usize) -> Result<(), Stop> {
    CURRENT.with_borrow(|budget| budget.as_ref().map_or(Ok(()), |budget| budget.admit(rows)))
}

/// Number of items that are sorted without a check in between. As many as steps between two checks.
const RUN: usize = 1 << 12;
/// The same for unstable sorts, whose comparisons are fast. Merging runs costs copies of the items, which most sorts
/// can do without.
const MOST_AT_ONCE: usize = 1 << 18;

/// Sorts like `slice::sort_by`, by merging runs, between which the budget of this thread is checked. (A comparison that
/// became inconsistent when the budget is over would be no total order, on which the sorts of the standard library may
/// panic.)
pub fn sort_by<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let all = std::mem::take(items);
    *items = sorted(all, &mut compare);
}

/// Sorts like `slice::sort_unstable_by`; like [`sort_by`] if there are too many items to sort without a check.
pub fn sort_unstable_by<T>(items: &mut Vec<T>, compare: impl FnMut(&T, &T) -> Ordering) {
    if items.len() <= MOST_AT_ONCE { items.sort_unstable_by(compare) } else { sort_by(items, compare) }
}

fn sorted<T>(mut items: Vec<T>, compare: &mut impl FnMut(&T, &T) -> Ordering) -> Vec<T> {
    if is_over_after(items.len().min(RUN)) {
        return items;
    }
    if items.len() <= RUN {
        items.sort_by(compare);
        return items;
    }
    let later = items.split_off(items.len() / 2);
    let (first, later) = (sorted(items, compare), sorted(later, compare));
    let mut merged = Vec::with_capacity(first.len() + later.len());
    let (mut first, mut later) = (first.into_iter().peekable(), later.into_iter().peekable());
    while let (Some(a), Some(b)) = (first.peek(), later.peek()) {
        let next = if compare(a, b) == Greater { later.next() } else { first.next() };
        merged.extend(next);
        if is_over() {
            break;
        }
    }
    merged.extend(first);
    merged.extend(later);
    merged
}

/// Bytes that the process holds, as counted by its allocator. The command has such an allocator; a library leaves the
/// choice to its program.
pub mod account {
    use super::{AtomicBool, AtomicI64, Relaxed};

    static HELD: AtomicI64 = AtomicI64::new(0);
    static COUNTED: AtomicBool = AtomicBool::new(false);

    /// Declares that the allocator counts from now on.
    pub fn begin() {
        COUNTED.store(true, Relaxed);
    }

    /// Adds allocated (or freed, if negative) bytes; returns the new total.
    #[inline]
    pub fn add(bytes: i64) -> i64 {
        HELD.fetch_add(bytes, Relaxed).saturating_add(bytes)
    }

    /// Returns the bytes held; `None` if no allocator counts.
    pub fn held() -> Option<u64> {
        COUNTED.load(Relaxed).then(|| HELD.load(Relaxed).max(0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Limits, Stop, is_over, is_over_now, sort_by, unlimited};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    fn spent() -> Budget {
        Budget::new(Limits { time: Some(Duration::ZERO), ..Limits::default() }, None, None)
    }

    #[test]
    fn a_thread_is_over_while_its_budget_is() {
        assert!(!is_over_now());
        spent().enter(|| {
            assert!(is_over_now());
            assert!(is_over(), "it stays over");
            assert!(!unlimited(is_over_now));
            assert!(is_over_now());
        });
        assert!(!is_over_now());
        assert!((0..10_000).all(|_| !is_over()));
    }

    #[test]
    fn whoever_cancels_stops_every_copy() {
        let cancel = Arc::new(AtomicBool::new(false));
        let mut budget = Budget::new(Limits::default(), Some(cancel.clone()), None);
        assert_eq!(budget.ticks(1 << 20), Ok(()));
        cancel.store(true, Ordering::Relaxed);
        assert_eq!(budget.fork().ticks(1 << 20), Err(Stop::Interrupted));
    }

    #[test]
    fn sorting_is_stable_and_whole() {
        let mut numbers: Vec<(u32, usize)> = (0..50_000).map(|i| (i as u32 * 7919 % 1000, i)).collect();
        let mut expected = numbers.clone();
        expected.sort_by_key(|pair| pair.0);
        sort_by(&mut numbers, |a, b| a.0.cmp(&b.0));
        assert_eq!(numbers, expected);
        spent().enter(|| sort_by(&mut numbers, |a, b| b.cmp(a)));
        assert_eq!(numbers.len(), expected.len(), "nothing is lost where it ends early");
    }
}
