//! Work that may take long: on a thread of its own, so that Ctrl-C has an effect at once, and with a sign of life on
//! stderr where a person waits.

use super::terminal::tell_terminal;
use crate::render::{fit, gap, marked, width};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Nothing is shown before that.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks at Ctrl-C.
const LOOK: Duration = Duration::from_millis(10);
/// Between two pictures of the spinner.
const TURN: Duration = Duration::from_millis(100);
/// Work that was told to stop has so long to do it; then it is left to end by itself.
const GRACE: Duration = Duration::from_millis(30);
/// As the main thread has.
const STACK: usize = 8 << 20;
const TURNS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// What the work and whoever waits for it know of each other.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Set by whoever waits: the work is to stop.
    pub stop: Arc<AtomicBool>,
    /// Set by the work: the rows found, or the part of the work that is done.
    pub done: Arc<AtomicU64>,
    /// Of how much that is a part; 0: nobody knows.
    pub total: Arc<AtomicU64>,
}

/// What is shown of work that takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    None,
    /// How many rows a query has found.
    Rows,
    /// How far loading has come.
    Loading,
    /// That a file is written.
    Writing,
}

/// A thread that waits for work, of those that have ended theirs: to start one costs more than most queries, and what a
/// thread has once set up serves the next query too.
static IDLE: Mutex<Option<Sender<Job>>> = Mutex::new(None);

type Job = Box<dyn FnOnce() + Send>;

/// Runs `work` until it ends, or until `interrupted` is set: then `None`, soon.
pub fn run<T: Send + 'static>(
    sign: Sign,
    interrupted: &AtomicBool,
    work: impl FnOnce(&Watch) -> T + Send + 'static,
) -> Option<T> {
    let watch = Watch::default();
    let Some(worker) = idle().take().or_else(worker) else {
        // The system gives no threads: then nobody waits, and Ctrl-C has to end the process.
        return Some(work(&watch));
    };
    let (sender, receiver) = channel();
    let own = watch.clone();
    // A panic is to be seen here. Whoever waited may have gone.
    let job = Box::new(move || _ = sender.send(catch_unwind(AssertUnwindSafe(|| work(&own)))));
    worker.send(job).ok()?;
    // A thread whose work goes on is left to end with it.
    let result = wait(&receiver, sign, interrupted, &watch)?;
    *idle() = Some(worker);
    Some(result.unwrap_or_else(|panic| resume_unwind(panic)))
}

fn idle() -> MutexGuard<'static, Option<Sender<Job>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A new thread that does what it is sent.
fn worker() -> Option<Sender<Job>> {
    let (sender, jobs) = channel::<Job>();
    let work = move || jobs.into_iter().for_each(|job| job());
    std::thread::Builder::new().stack_size(STACK).spawn(work).ok()?;
    Some(sender)
}

/// The result; `None`: there will be none in time.
fn wait<T>(receiver: &Receiver<T>, sign: Sign, interrupted: &AtomicBool, watch: &Watch) -> Option<T> {
    let (start, mut turn, mut drawn, mut told) = (Instant::now(), 0, 0, None);
    let result = loop {
        match receiver.recv_timeout(LOOK) {
            Ok(result) => break Some(result),
            Err(RecvTimeoutError::Disconnected) => break None,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if interrupted.load(Ordering::SeqCst) {
            watch.stop.store(true, Ordering::SeqCst);
            if told.get_or_insert_with(Instant::now).elapsed() > GRACE {
                break None;
            }
        } else if sign != Sign::None && start.elapsed() >= PATIENCE + TURN * turn {
            let columns = terminal_size::terminal_size().map_or(80, |(columns, _)| usize::from(columns.0));
            let words = format!("{} {}", TURNS[turn as usize % TURNS.len()], line(sign, watch, start.elapsed()));
            let words = fit(&words, columns.saturating_sub(1), false);
            tell_terminal(&format!("\r{words}{}", gap(&words, drawn)));
            (turn, drawn) = (turn + 1, width(&words));
        }
    };
    if turn > 0 {
        // By spaces, not by an escape, which not every terminal is to get.
        tell_terminal(&format!("\r{}\r", " ".repeat(drawn)));
    }
    result
}

/// What is known of the work so far.
fn line(sign: Sign, watch: &Watch, passed: Duration) -> String {
    let (done, total) = (watch.done.load(Ordering::Relaxed), watch.total.load(Ordering::Relaxed));
    let seconds = passed.as_secs_f64();
    match sign {
        Sign::Loading if total > 0 => bar(done, total, seconds),
        Sign::Loading => format!("loading · {seconds:.1} s"),
        Sign::Writing => format!("writing · {seconds:.1} s"),
        _ if done > 0 => format!("{} rows · {seconds:.1} s · Ctrl-C stops", thousands(done)),
        _ => format!("{seconds:.1} s · Ctrl-C stops"),
    }
}

/// A bar with the rows read and an estimate of the time left, by the pace so far.
fn bar(done: u64, total: u64, seconds: f64) -> String {
    const LENGTH: usize = 20;
    let share = (done as f64 / total as f64).min(1.0);
    let full = (share * LENGTH as f64) as usize;
    let bar = "█".repeat(full) + &"░".repeat(LENGTH - full);
    let left = match share {
        share if share > 0.02 && share < 1.0 => format!("{:.0} s left", (seconds / share - seconds).ceil()),
        share if share < 1.0 => format!("{seconds:.1} s"),
        _ => "putting in order".to_string(),
    };
    format!("loading {bar} {:3.0} % · {} rows · {left}", share * 100.0, thousands(done))
}

fn thousands(number: u64) -> String {
    marked(&number.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Sign, bar, run};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    #[test]
    fn work_gives_its_result() {
        assert_eq!(run(Sign::None, &AtomicBool::new(false), |_| 7), Some(7));
    }

    #[test]
    fn work_that_does_not_stop_is_left() {
        let interrupted = AtomicBool::new(true);
        let slow = run(Sign::None, &interrupted, |_| std::thread::sleep(Duration::from_secs(2)));
        assert_eq!(slow, None);
        let good = run(Sign::None, &interrupted, |watch| {
            while !watch.stop.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            "stopped"
        });
        assert_eq!(good, Some("stopped"));
    }

    #[test]
    fn the_bar_estimates() {
        assert_eq!(bar(500, 1000, 2.0), "loading ██████████░░░░░░░░░░  50 % · 500 rows · 2 s left");
        assert_eq!(bar(2000, 1000, 2.0), "loading ████████████████████ 100 % · 2000 rows · putting in order");
    }
}
