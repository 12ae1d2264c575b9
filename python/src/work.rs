//! Work that may take long: done without the interpreter's lock, and stopped by Ctrl-C.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// A main thread has as much, and parsers of deep texts count on it.
const STACK: usize = 8 << 20;
/// Signals are looked for so often.
const TICK: Duration = Duration::from_millis(50);

/// Does the work on another thread, and returns what it gives. Other threads of Python run meanwhile.
///
/// # Errors
/// What a signal's handler raises, `KeyboardInterrupt` as a rule. Before that the flag is set, and the work has ended;
/// work without a flag goes on, and what it gives is dropped.
pub fn run<T: Send + 'static>(
    py: Python<'_>,
    cancel: Option<&Arc<AtomicBool>>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let (send, mut receive) = mpsc::channel();
    thread::Builder::new().name("begat".into()).stack_size(STACK).spawn(move || {
        let _ = send.send(work());
    })?;
    loop {
        let waiting = &mut receive;
        match py.detach(move || waiting.recv_timeout(TICK)) {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Disconnected) => return Err(PyRuntimeError::new_err("this is a bug in begat")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Err(signal) = py.check_signals() {
            if let Some(flag) = cancel {
                flag.store(true, Ordering::Relaxed);
                let ending = &mut receive;
                let _ = py.detach(move || ending.recv());
                // The same flag serves what is asked of the answer later.
                flag.store(false, Ordering::Relaxed);
            }
            return Err(signal);
        }
    }
}
