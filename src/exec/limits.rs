//! What stops a query before its end: limits and Ctrl-C.

use crate::text::{Code, Diagnostic, Severity};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How much a query may take; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    pub time: Option<Duration>,
    /// Bindings held for the answer.
    pub rows: Option<u64>,
    /// Bytes held for the answer and for reached sets, by our own count.
    pub memory: Option<u64>,
}

/// Why a query gave no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Stop {
    Limit(Diagnostic),
    Interrupted,
}

/// Why the search for bindings ends early.
pub(super) enum Halt {
    /// All that was asked for is known.
    Enough,
    Stop(Stop),
}

pub(super) type Flow = Result<(), Halt>;

/// How many bindings go by between two looks at the clock.
const BATCH: u32 = 4096;

/// Counts what a query takes.
pub(super) struct Budget {
    limits: Limits,
    deadline: Option<Instant>,
    cancel: Option<Arc<AtomicBool>>,
    until_look: u32,
    /// Counted only where there is a limit, or somebody to be told.
    taken: Arc<Taken>,
    /// Is told now and then how many rows there are.
    found: Option<Arc<AtomicU64>>,
}

/// What all threads of a search hold.
#[derive(Default)]
struct Taken {
    bytes: AtomicU64,
    rows: AtomicU64,
}

impl Budget {
    pub fn new(limits: Limits, cancel: Option<Arc<AtomicBool>>, found: Option<Arc<AtomicU64>>) -> Budget {
        let deadline = limits.time.map(|time| Instant::now() + time);
        Budget { limits, deadline, cancel, until_look: BATCH, taken: Arc::default(), found }
    }

    /// The same budget for another thread.
    pub fn fork(&self) -> Budget {
        let (cancel, taken, found) = (self.cancel.clone(), self.taken.clone(), self.found.clone());
        Budget { cancel, taken, found, ..*self }
    }

    /// Counts one binding.
    #[inline]
    pub fn tick(&mut self) -> Flow {
        self.until_look = self.until_look.saturating_sub(1);
        if self.until_look == 0 { self.look() } else { Ok(()) }
    }

    /// Counts as many bindings.
    #[inline]
    pub fn ticks(&mut self, number: usize) -> Flow {
        self.until_look = self.until_look.saturating_sub(number as u32);
        if self.until_look == 0 { self.look() } else { Ok(()) }
    }

    /// Looks at the clock and at Ctrl-C.
    #[cold]
    pub fn look(&mut self) -> Flow {
        self.until_look = BATCH;
        if let Some(found) = &self.found {
            found.store(self.taken.rows.load(Ordering::Relaxed), Ordering::Relaxed);
        }
        if self.cancel.as_ref().is_some_and(|cancel| cancel.load(Ordering::Relaxed)) {
            return Err(Halt::Stop(Stop::Interrupted));
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(over("time", "--timeout")),
            _ => Ok(()),
        }
    }

    /// Counts `bytes` more held.
    pub fn hold(&mut self, bytes: usize) -> Flow {
        match self.limits.memory {
            Some(limit) if add(&self.taken.bytes, bytes) > limit => Err(over("memory", "--max-memory")),
            _ => Ok(()),
        }
    }

    /// Counts that many rows more.
    pub fn rows(&mut self, rows: usize) -> Flow {
        if self.limits.rows.is_none() && self.found.is_none() {
            return Ok(());
        }
        match (add(&self.taken.rows, rows), self.limits.rows) {
            (found, Some(limit)) if found > limit => Err(over("number of rows", "--max-rows")),
            _ => Ok(()),
        }
    }
}

/// What a counter comes to with that much more.
fn add(counter: &AtomicU64, more: usize) -> u64 {
    counter.fetch_add(more as u64, Ordering::Relaxed).saturating_add(more as u64)
}

fn over(what: &str, flag: &str) -> Halt {
    let message = format!("the query was stopped at its limit of {what}");
    let help = format!("raise it with `{flag}`, or ask for less with `limit` or a narrower sentence");
    Halt::Stop(Stop::Limit(Diagnostic::new(Severity::Error, Code::Limit, message).help(help)))
}
