//! Ends the process cleanly if a mapped snapshot is truncated while it is read.
//!
//! A mapped file cannot be protected from truncation. Its length is checked before each query ([`super::map::Map`]); if
//! it is truncated during a query, reading raises SIGBUS, which would end the process without a message. Reading the
//! file into memory would give up what mapping saves, and a system call for each block costs more than the queries
//! themselves. So the signal is caught: the process writes a message and exits with a status of its own.
#![allow(unsafe_code)]

use signal_hook::consts::SIGBUS;
use signal_hook::low_level;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

/// Installs a handler for SIGBUS that writes `message` to stderr and ends the process with `status`.
///
/// # Errors
/// The system refuses the handler.
pub fn end_when_cut(message: String, status: i32) -> io::Result<()> {
    // Avoids `std::io::stderr`: the interrupted thread may hold its lock.
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let end = move || {
        // Errors are ignored: nothing can be done about them.
        _ = (&stderr).write(message.as_bytes());
        low_level::exit(status);
    };
    // SAFETY: a signal handler may only call async-signal-safe functions. This one calls `write` and `_exit`, which
    // are; it allocates nothing, takes no lock and does not return.
    unsafe { low_level::register(SIGBUS, end) }.map(drop)
}
