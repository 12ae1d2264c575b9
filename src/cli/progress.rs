//! Work that may take long: on a thread of its own, so that Ctrl-C has an effect at once, and with a sign of life on
//! stderr where a person waits.

use super::memory;
use super::terminal::tell_terminal;
use crate::limits::{Budget, Limits, Origin, Over, Stop};
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
/// Work that was told to stop, or whose budget is over, has so long to end; then it is left to end by itself, as it does
/// at its next look at the budget.
const GRACE: Duration = Duration::from_millis(30);
/// Enough for a search of as many variables as there may be; what is not used costs nothing.
const STACK: usize = 64 << 20;
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

/// What a limit is said to have stopped.
pub const QUERY: &str = "the query";

/// A piece of work, perhaps in several steps, with what it may take in all.
#[derive(Debug, Clone)]
pub struct Task {
    pub watch: Watch,
    pub budget: Budget,
}

impl Task {
    /// Begins one.
    pub fn new(work: &'static str, limits: Limits, begun: Origin) -> Task {
        let watch = Watch::default();
        let budget = Budget::of(work, limits, begun, Some(watch.stop.clone()), Some(watch.done.clone()));
        Task { watch, budget }
    }
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

/// Runs a step of the task until it ends, until `interrupted` is set or until its budget is over: then an error, soon.
///
/// # Errors
/// The end of the task before its end.
pub fn run<T: Send + 'static>(
    sign: Sign,
    interrupted: &AtomicBool,
    task: &Task,
    work: impl FnOnce(&Watch) -> T + Send + 'static,
) -> Result<T, Stop> {
    let Some(worker) = idle().take().or_else(worker) else {
        // The system gives no threads: then nobody waits, and Ctrl-C has to end the process.
        return Ok(task.budget.enter(|| work(&task.watch)));
    };
    let (sender, receiver) = channel();
    let own = task.clone();
    let work = move || own.budget.enter(|| work(&own.watch));
    // A panic is to be seen here. Whoever waited may have gone.
    let job = Box::new(move || _ = sender.send(catch_unwind(AssertUnwindSafe(work))));
    worker.send(job).map_err(|_| Stop::Interrupted)?;
    // A thread whose work goes on is left to end with it.
    let result = wait(&receiver, sign, interrupted, task)?;
    *idle() = Some(worker);
    Ok(result.unwrap_or_else(|panic| resume_unwind(panic)))
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

/// The result; or why there will be none in time.
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
