//! What becomes of a process that reads a snapshot which has been cut short behind its back.
//!
//! A mapped file cannot be kept from being cut. Before each query the length is looked at ([`super::map::Map`]); a file
//! that is cut while a query reads it gives the signal SIGBUS, which would end the process without a word. Reading the
//! file into memory instead would cost what mapping saves, and reading each block by a system call costs more than the
//! queries themselves. So the signal is caught: the process says what has happened, and ends with a status of its own.
#![allow(unsafe_code)]

use signal_hook::consts::SIGBUS;
use signal_hook::low_level;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

/// From now on, a signal SIGBUS writes `message` to stderr and ends the process with `status`.
///
/// # Errors
/// The system does not allow it.
pub fn end_when_cut(message: String, status: i32) -> io::Result<()> {
    // Not by way of `std::io::stderr`, whose lock the thread that is stopped may hold.
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let end = move || {
        // Nothing can be done about an error.
        _ = (&stderr).write(message.as_bytes());
        low_level::exit(status);
    };
    // SAFETY: within a signal's handler only what is async-signal-safe may be done. This does two things, `write` and
    // `_exit`, which are; it allocates nothing, takes no lock and does not return.
    unsafe { low_level::register(SIGBUS, end) }.map(drop)
}
