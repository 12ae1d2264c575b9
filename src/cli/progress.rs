//! A sign of life on stderr while a query runs long.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Nothing is shown before that.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs `work`; where `shown`, a spinner with the time passed turns on stderr from half a second on.
pub fn watched<T>(shown: bool, work: impl FnOnce() -> T) -> T {
    if !shown {
        return work();
    }
    let (done, wait) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let start = Instant::now();
            let mut next = PATIENCE;
            let mut turns = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"].iter().cycle();
            while let Err(RecvTimeoutError::Timeout) = wait.recv_timeout(next) {
                next = Duration::from_millis(100);
                let turn = turns.next().unwrap_or(&"-");
                eprint!("\r{turn} {:.1} s · Ctrl-C stops\x1b[K", start.elapsed().as_secs_f64());
                let _ = std::io::stderr().flush();
            }
            if start.elapsed() >= PATIENCE {
                eprint!("\r\x1b[K");
            }
        });
        let result = work();
        drop(done);
        result
    })
}
