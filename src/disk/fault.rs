//! Faults of the disk for tests: at one step, writing fails, or the machine stops.

use std::cell::Cell;
use std::io::{self, ErrorKind};

/// What happens at the step of the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The step fails, as on a full disk.
    Full,
    /// The step fails, as do all later ones; nothing is cleaned up.
    Crash,
}

thread_local! {
    static NEXT: Cell<Option<(Fault, u32)>> = const { Cell::new(None) };
    static IS_DOWN: Cell<bool> = const { Cell::new(false) };
}

/// Lets the disk of this thread fail after some steps.
pub fn begin(fault: Fault, steps: u32) {
    NEXT.set(Some((fault, steps)));
    IS_DOWN.set(false);
}

/// Repairs the disk. Returns whether the fault occurred.
pub fn end() -> bool {
    IS_DOWN.set(false);
    NEXT.take().is_none()
}

/// Returns whether the machine has stopped.
pub fn is_down() -> bool {
    IS_DOWN.get()
}

/// Counts a step.
///
/// # Errors
/// The step is that of the fault, or comes after a crash.
pub fn step() -> io::Result<()> {
    let failed = || Err(ErrorKind::StorageFull.into());
    if is_down() {
        return failed();
    }
    match NEXT.get() {
        Some((fault, 0)) => {
            NEXT.set(None);
            IS_DOWN.set(fault == Fault::Crash);
            failed()
        }
        Some((fault, steps)) => {
            NEXT.set(Some((fault, steps - 1)));
            Ok(())
        }
        None => Ok(()),
    }
}
