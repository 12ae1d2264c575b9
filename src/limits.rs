//! What stops work before its end: limits and Ctrl-C.
//!
//! One [`Budget`] goes with a statement from its text to its bytes. Whoever asks ([`Budget::enter`]) makes it the budget
//! of the thread for the time of a call. Searches count on their own copy of it and give up by an error. Pure functions,
//! of which there are hundreds between the text and the bytes, ask [`is_over`] in their loops: they end early with a part
//! of their result, which whoever entered throws away, since it looks at the budget again at the end. So they need
//! neither a parameter nor an error more, and none of them can forget to hand it on. What is kept beyond a statement must
//! not be kept from one that is over.

use crate::text::{Advice, Code, Diagnostic, Resource, Severity};
use std::cell::{Cell, RefCell};
use std::cmp::Ordering::{self, Greater};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How much a query may take; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    pub time: Option<Duration>,
    /// Bindings held for the answer, and its rows.
    pub rows: Option<u64>,
    /// Bytes held: all that the process holds more than when the work began, where the process counts them
    /// ([`account`]); else those of the answer and of reached sets, by our own count.
    pub memory: Option<u64>,
}

/// When work began, and what the process held then.
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

/// Why a query gave no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    Limit(Diagnostic),
    Interrupted,
}

/// What a budget has run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Time,
    Memory,
    Rows,
    Cancelled,
}

impl Over {
    /// The end of work of that name: `the query`.
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

/// What is counted, unless [`Budget::of`] says otherwise.
const QUERY: &str = "the query";

/// How many steps go by between two looks at the clock. A step takes some 10 to 1000 ns.
const BATCH: usize = 4096;

/// The steps that it takes to begin a search.
const SEARCH: usize = 64;

/// What a piece of work may still take. Clones share it.
#[derive(Debug, Clone)]
pub struct Budget {
    shared: Arc<Shared>,
    /// Steps until the next look.
    left: usize,
    /// Counted only where there is a limit, or somebody to be told.
    rows: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Shared {
    work: &'static str,
    limits: Limits,
    deadline: Option<Instant>,
    cancel: Option<Arc<AtomicBool>>,
    /// Is told now and then how many rows there are.
    found: Option<Arc<AtomicU64>>,
    /// What the process held when the work began.
    before: u64,
    /// Bytes by our own count.
    held: AtomicU64,
    /// Since then it is over for good, also where memory has been given back: what ended early is not whole.
    over: OnceLock<Over>,
}

impl Budget {
    pub fn new(limits: Limits, cancel: Option<Arc<AtomicBool>>, found: Option<Arc<AtomicU64>>) -> Budget {
        Budget::of(QUERY, limits, Origin::now(), cancel, found)
    }

    /// The budget of other work than a query, as `loading`, or of work that began before.
    pub fn of(
        work: &'static str,
        limits: Limits,
        begun: Origin,
        cancel: Option<Arc<AtomicBool>>,
        found: Option<Arc<AtomicU64>>,
    ) -> Budget {
        // A time that no clock reaches is no limit.
        let deadline = limits.time.and_then(|time| begun.at.checked_add(time));
        let before = begun.held;
        let shared =
            Shared { work, limits, deadline, cancel, found, before, held: AtomicU64::new(0), over: OnceLock::new() };
        Budget { shared: Arc::new(shared), left: BATCH, rows: Arc::default() }
    }

    /// The budget of this thread, where there is one.
    pub fn current() -> Option<Budget> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Does work of which this is the budget.
    pub fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        with_current(Some(self.clone()), work)
    }

    /// The same budget for another search, of which no rows have been counted yet. To begin one counts, too: many small
    /// ones would never come to a look.
    pub fn afresh(&self) -> Budget {
        let left = if is_over_after(SEARCH) { 0 } else { BATCH };
        Budget { rows: Arc::default(), left, shared: self.shared.clone() }
    }

    /// A budget of its own for a part of this work, which may take neither more than that nor more than this one has left.
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

    /// The same budget for another thread.
    pub fn fork(&self) -> Budget {
        self.clone()
    }

    /// Counts one step.
    ///
    /// # Errors
    /// The budget is over; so for all others.
    #[inline]
    pub fn tick(&mut self) -> Result<(), Stop> {
        self.ticks(1)
    }

    /// Counts as many steps.
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

    /// Looks at once at the clock, the memory and Ctrl-C.
    pub fn check(&self) -> Result<(), Stop> {
        self.over().map_or(Ok(()), |over| Err(self.stop(over)))
    }

    /// What the budget has run out of.
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

    /// The end of this work for that reason.
    pub fn stop(&self, over: Over) -> Stop {
        over.stop(self.shared.work)
    }

    /// What the process may hold in all as long as this work goes on.
    pub fn most_held(&self) -> Option<u64> {
        Some(self.shared.limits.memory?.saturating_add(self.shared.before))
    }

    /// Counts `bytes` more held, where the process does not count them itself.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Stop> {
        if self.shared.limits.memory.is_none() || account::held().is_some() {
            return Ok(());
        }
        self.shared.held.fetch_add(bytes as u64, Relaxed);
        let over = self.over().filter(|over| *over == Over::Memory);
        over.map_or(Ok(()), |over| Err(self.stop(over)))
    }

    /// Counts that many rows more.
    pub fn rows(&mut self, rows: usize) -> Result<(), Stop> {
        if self.shared.limits.rows.is_none() && self.shared.found.is_none() {
            return Ok(());
        }
        let before = self.rows.fetch_add(rows as u64, Relaxed);
        self.admit(usize::try_from(before).unwrap_or(usize::MAX).saturating_add(rows))
    }

    /// Whether so many rows may be.
    pub fn admit(&self, rows: usize) -> Result<(), Stop> {
        let is_over = self.shared.limits.rows.is_some_and(|limit| rows as u64 > limit);
        if is_over { Err(self.stop(Over::Rows)) } else { Ok(()) }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Budget>> = const { RefCell::new(None) };
    /// Steps until the next look at it.
    static LEFT: Cell<usize> = const { Cell::new(BATCH) };
}

/// Puts back what was there before, also after a panic.
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

/// Does work that no budget stops: what is small, and kept for others.
pub fn unlimited<T>(work: impl FnOnce() -> T) -> T {
    with_current(None, work)
}

/// Counts a step; whether the budget of this thread is over.
#[inline]
pub fn is_over() -> bool {
    is_over_after(1)
}

/// Counts as many steps; whether the budget of this thread is over.
#[inline]
pub fn is_over_after(steps: usize) -> bool {
    let left = LEFT.get().saturating_sub(steps);
    LEFT.set(left);
    left == 0 && is_over_now()
}

/// Whether the thread's budget is not over, for `take_while`: what an iterator gives ends early.
pub fn in_budget<T>(_: &T) -> bool {
    !is_over()
}

/// Work that another thread does within the budget of this one.
pub fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let budget = Budget::current();
    move || with_current(budget, work)
}

/// Looks at once. Where there is no more, every later question is answered by a look, too.
#[cold]
pub fn is_over_now() -> bool {
    let is_over = CURRENT.with_borrow(|budget| budget.as_ref().is_some_and(|budget| budget.over().is_some()));
    LEFT.set(if is_over { 0 } else { BATCH });
    is_over
}

/// Counts as many steps.
///
/// # Errors
/// The budget of this thread is over.
pub fn spend(steps: usize) -> Result<(), Stop> {
    if is_over_after(steps) { check() } else { Ok(()) }
}

/// Looks at once.
///
/// # Errors
/// The budget of this thread is over.
pub fn check() -> Result<(), Stop> {
    CURRENT.with_borrow(|budget| budget.as_ref().map_or(Ok(()), Budget::check))
}

/// Whether the budget of this thread admits so many rows.
///
/// # Errors
/// It does not.
pub fn admit(rows: usize) -> Result<(), Stop> {
    CURRENT.with_borrow(|budget| budget.as_ref().map_or(Ok(()), |budget| budget.admit(rows)))
}

/// Runs of so many are sorted at once.
const RUN: usize = 1 << 12;
/// Where comparisons are quick, so many are.
const MOST_AT_ONCE: usize = 1 << 18;

/// Sorts as `slice::sort_by` does, in pieces, between which the budget of this thread is looked at. (A comparison that
/// began to lie when the budget is over would be no order, which the sorts of the standard library may punish by a
/// panic.)
pub fn sort_by<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let all = std::mem::take(items);
    *items = sorted(all, &mut compare);
}

/// Sorts as `slice::sort_unstable_by` does; as [`sort_by`] where there is more than can be sorted at once.
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

/// The bytes that the process holds, as its allocator counts them: that of the command does. A library leaves the
/// choice of one to its program.
pub mod account {
    use super::{AtomicBool, AtomicI64, Relaxed};

    static HELD: AtomicI64 = AtomicI64::new(0);
    static COUNTED: AtomicBool = AtomicBool::new(false);

    /// Says that the allocator counts from now on.
    pub fn begin() {
        COUNTED.store(true, Relaxed);
    }

    /// Adds what was taken, or given back; the sum.
    #[inline]
    pub fn add(bytes: i64) -> i64 {
        HELD.fetch_add(bytes, Relaxed).saturating_add(bytes)
    }

    /// What is held; `None` where nobody counts.
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
