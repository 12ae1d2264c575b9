//! Runs long work on a thread of its own, so that Ctrl-C takes effect at once, and shows progress on stderr.

use super::memory;
use super::terminal::tell_terminal;
use crate::limits::{Budget, Limits, Origin, Over, Stop};
use crate::render::{fit, gap, marked, width};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Time before anything is shown.
const PATIENCE: Duration = Duration::from_millis(500);
/// Interval of checks for Ctrl-C.
const LOOK: Duration = Duration::from_millis(10);
/// Interval of updates of the spinner.
const TURN: Duration = Duration::from_millis(100);
/// Time that stopped work has to end. After that it is abandoned; it ends at its next check of the budget.
const GRACE: Duration = Duration::from_millis(30);
/// Stack size of a worker: enough for the recursion of a search over the maximum number of variables. Unused pages cost
/// nothing.
const STACK: usize = 64 << 20;
const TURNS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// State shared between the work and the waiting thread.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Set by the waiting thread to stop the work.
    pub stop: Arc<AtomicBool>,
    /// Set by the work: the rows found, or the part that is done.
    pub done: Arc<AtomicU64>,
    /// The total that `done` is a part of; 0 if unknown.
    pub total: Arc<AtomicU64>,
}

/// The name of the work in the message about a limit.
pub const QUERY: &str = "the query";

/// A task of one or more steps, with their common budget.
#[derive(Debug, Clone)]
pub struct Task {
    pub watch: Watch,
    pub budget: Budget,
}

impl Task {
    /// Begins a task.
    pub fn new(work: &'static str, limits: Limits, begun: Origin) -> Task {
        let watch = Watch::default();
        let budget = Budget::of(work, limits, begun, Some(watch.stop.clone()), Some(watch.done.clone()));
        Task { watch, budget }
    }
}

/// What is shown while work takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    None,
    /// The number of rows found by a query.
    Rows,
    /// The progress of loading.
    Loading,
    /// That a file is being written.
    Writing,
}

/// An idle worker thread, which is reused: starting a thread costs more than most queries, and its thread-local state
/// serves the next query, too.
static IDLE: Mutex<Option<Sender<Job>>> = Mutex::new(None);

type Job = Box<dyn FnOnce() + Send>;

/// Runs a step of the task until it ends, `interrupted` is set, or its budget is exhausted; in the last two cases it
/// returns an error soon.
///
/// # Errors
/// The task was stopped before it ended.
pub fn run<T: Send + 'static>(
    sign: Sign,
    interrupted: &AtomicBool,
    task: &Task,
    work: impl FnOnce(&Watch) -> T + Send + 'static,
) -> Result<T, Stop> {
    let Some(worker) = idle().take().or_else(worker) else {
        // The system refuses threads: runs on this one, so that Ctrl-C must end the process.
        return Ok(task.budget.enter(|| work(&task.watch)));
    };
    let (sender, receiver) = channel();
    let own = task.clone();
    let work = move || own.budget.enter(|| work(&own.watch));
    // Passes a panic on to this thread, which may not be waiting any more.
    let job = Box::new(move || _ = sender.send(catch_unwind(AssertUnwindSafe(work))));
    worker.send(job).map_err(|_| Stop::Interrupted)?;
    // A thread that is still working is abandoned and ends with its work.
    let result = wait(&receiver, sign, interrupted, task)?;
    *idle() = Some(worker);
    Ok(result.unwrap_or_else(|panic| resume_unwind(panic)))
}

fn idle() -> MutexGuard<'static, Option<Sender<Job>>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a thread that runs the jobs sent to it.
fn worker() -> Option<Sender<Job>> {
    let (sender, jobs) = channel::<Job>();
    let work = move || jobs.into_iter().for_each(|job| job());
    std::thread::Builder::new().stack_size(STACK).spawn(work).ok()?;
    Some(sender)
}

/// Waits for the result; returns an error if it will not come in time.
fn wait<T>(receiver: &Receiver<T>, sign: Sign, interrupted: &AtomicBool, task: &Task) -> Result<T, Stop> {
    let Task { watch, budget } = task;
    let (start, mut turn, mut drawn, mut told) = (Instant::now(), 0, 0, None);
    let result = loop {
        match receiver.recv_timeout(LOOK) {
            Ok(result) => break Ok(result),
            Err(RecvTimeoutError::Disconnected) => break Err(Stop::Interrupted),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if interrupted.load(Ordering::SeqCst) {
            watch.stop.store(true, Ordering::SeqCst);
        }
        if let Some(over) = memory::is_short().then_some(Over::Memory).or_else(|| budget.over()) {
            if told.get_or_insert_with(Instant::now).elapsed() > GRACE {
                break Err(budget.stop(over));
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
        // Overwrites with spaces, because not every terminal understands escape sequences.
        tell_terminal(&format!("\r{}\r", " ".repeat(drawn)));
    }
    result
}

/// Returns the progress line.
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

/// Returns a bar with the rows read and an estimate of the time left.
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
    use super::{Sign, Task, bar, run};
    use crate::limits::{Limits, Origin, Stop};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    #[test]
    fn work_gives_its_result() {
        let task = Task::new("the work", Limits::default(), Origin::now());
        assert_eq!(run(Sign::None, &AtomicBool::new(false), &task, |_| 7), Ok(7));
    }

    #[test]
    fn work_that_does_not_stop_is_left() {
        let interrupted = AtomicBool::new(true);
        let task = || Task::new("the work", Limits::default(), Origin::now());
        let slow = run(Sign::None, &interrupted, &task(), |_| std::thread::sleep(Duration::from_secs(2)));
        assert_eq!(slow, Err(Stop::Interrupted));
        let good = run(Sign::None, &interrupted, &task(), |watch| {
            while !watch.stop.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            "stopped"
        });
        assert_eq!(good, Ok("stopped"));
    }

    #[test]
    fn work_is_left_when_its_time_is_over() {
        let limits = Limits { time: Some(Duration::from_millis(20)), ..Limits::default() };
        let task = Task::new("the work", limits, Origin::now());
        let slow = run(Sign::None, &AtomicBool::new(false), &task, |_| std::thread::sleep(Duration::from_secs(2)));
        assert!(matches!(slow, Err(Stop::Limit(_))));
    }

    #[test]
    fn the_bar_estimates() {
        assert_eq!(bar(500, 1000, 2.0), "loading ██████████░░░░░░░░░░  50 % · 500 rows · 2 s left");
        assert_eq!(bar(2000, 1000, 2.0), "loading ████████████████████ 100 % · 2000 rows · putting in order");
    }
}
