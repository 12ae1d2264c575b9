//! Many cases on several threads: how many and from which seed, and how a failing one is made small.

use super::generate::{self, Draft};
use begat::Database;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How much is tried: `BEGAT_CASES` cases, graphs from the seed `BEGAT_SEED` on.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    pub cases: u64,
    pub seed: u64,
}

impl Effort {
    pub fn of(cases: u64) -> Effort {
        let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
        Effort { cases: number("BEGAT_CASES").unwrap_or(cases), seed: number("BEGAT_SEED").unwrap_or(0) }
    }

    /// So many times fewer cases, of what takes longer.
    pub fn part(self, fewer: u64) -> Effort {
        Effort { cases: self.cases / fewer, ..self }
    }

    /// Calls `one` with seed after seed, on two threads, until so many cases have been tried, as it tells; gives what
    /// it found wrong, and prints what was tried.
    pub fn run(self, name: &str, one: impl Fn(u64) -> (u64, Vec<String>) + Sync) -> Vec<String> {
        let (next, tried, wrong) = (AtomicU64::new(self.seed), AtomicU64::new(0), Mutex::new(Vec::new()));
        let start = Instant::now();
        let work = || {
            while tried.load(Ordering::Relaxed) < self.cases && wrong.lock().expect("nobody panics").len() < MOST_WRONG
            {
                let (cases, found) = one(next.fetch_add(1, Ordering::Relaxed));
                tried.fetch_add(cases.max(1), Ordering::Relaxed);
                wrong.lock().expect("nobody panics").extend(found);
            }
        };
        std::thread::scope(|scope| (0..THREADS).for_each(|_| _ = scope.spawn(work)));
        let (tried, graphs) = (tried.into_inner(), next.into_inner() - self.seed);
        let time: Duration = start.elapsed();
        println!("{name}: {tried} cases on {graphs} graphs from seed {} on, in {:.1} s", self.seed, time.as_secs_f64());
        wrong.into_inner().expect("nobody panics")
    }
}

const THREADS: usize = 2;
/// With so many failures there is enough to look at.
const MOST_WRONG: usize = 8;

/// Makes a failing draft smaller as long as it fails: `fails` says how.
pub fn shrink(mut draft: Draft, fails: impl Fn(&Draft, &Database) -> Option<String>) -> (Draft, Option<String>) {
    let mut last = None;
    loop {
        let smaller = candidates(&draft).into_iter().find_map(|smaller| {
            let database = Database::of(generate::build(&smaller));
            fails(&smaller, &database).map(|how| (smaller, how))
        });
        let Some((smaller, how)) = smaller else { return (draft, last) };
        (draft, last) = (smaller, Some(how));
    }
}

/// The drafts that lack one thing, or are surer of one.
fn candidates(draft: &Draft) -> Vec<Draft> {
    let mut all = Vec::new();
    for i in (0..draft.entities.len()).rev() {
        all.push(without_entity(draft, i));
    }
    for i in 0..draft.links.len() {
        let mut smaller = draft.clone();
        smaller.links.remove(i);
        all.push(smaller);
    }
    for i in 0..draft.values.len() {
        let mut smaller = draft.clone();
        smaller.values.remove(i);
        all.push(smaller);
    }
    for i in 0..draft.links.len() {
        if draft.links[i].claims.len() > 1 || draft.links[i].is_doubtful() {
            let mut surer = draft.clone();
            surer.links[i].claims = vec![generate::SURE];
            all.push(surer);
        }
    }
    all
}

fn without_entity(draft: &Draft, i: usize) -> Draft {
    let mut smaller = draft.clone();
    smaller.entities.remove(i);
    smaller.links.retain(|link| link.subject != i && link.object != i);
    smaller.values.retain(|stated| stated.subject != i);
    let moved = |at: &mut usize| *at -= usize::from(*at > i);
    smaller.links.iter_mut().for_each(|link| [&mut link.subject, &mut link.object].into_iter().for_each(moved));
    smaller.values.iter_mut().for_each(|stated| moved(&mut stated.subject));
    smaller
}
