//! What entities reach along a path: searched for one by one and kept, or for many at once.

use crate::exec::join::expand::Candidates;
use crate::exec::join::{Sink, Worker, along};
use crate::exec::limits::{Flow, Halt};
use crate::exec::search::bfs::Bfs;
use crate::exec::search::multi_source::{LANES, MultiSource, Numbers};
use crate::exec::{ABSENT, Mode};
use crate::graph::{Condensed, Rows, SourceId};
use crate::plan::{AccessPath, PathId, Step, Steps, Term};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What a search depends on, but for where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClosureKey {
    pub path: PathId,
    pub inverse: bool,
    pub source: Option<SourceId>,
    /// Whether all facts count, doubtful ones too.
    pub all: bool,
}

/// What a worker knows of closures.
#[derive(Default)]
pub(crate) struct Closures<'e> {
    floods: RefCell<Vec<(ClosureKey, Rc<Bfs<'e>>)>>,
    reached: FxHashMap<(ClosureKey, u32), Rc<[u32]>>,
    /// How many entities `reached` holds in all.
    held: usize,
}

/// What all workers know of a closure from which many entities are asked: how much has been spent on searching from one
/// after the other, and the condensed graph once that was made.
#[derive(Default)]
pub(crate) struct Shared {
    spent: AtomicUsize,
    condensed: Mutex<Option<Arc<Condensed>>>,
}

/// A closure that is asked from each value of `var`; what is reached is bound to `to`.
struct ClosureExpand<'e> {
    /// The number of its step.
    id: u32,
    along: ClosureKey,
    flood: Rc<Bfs<'e>>,
    /// What it follows with each step.
    rows: Vec<Rows<'e>>,
    var: u16,
    to: u16,
    mode: Mode,
}

/// How many entities of reached sets are kept in all, in case they are asked for again.
const KEPT: usize = 1 << 22;

/// A search that visits fewer entities than this costs no more than to keep what it found.
const WORTH_KEEPING: usize = 32;

/// Fewer entities than this are searched from one by one.
const MANY: usize = 8;

/// How many entities the lists of one search from many may hold in all; more, where so few as [`MANY`] come to more.
const MOST_LISTED: usize = 1 << 24;

impl<'e> Worker<'e> {
    /// What an entity reaches along a path, in id order.
    pub(crate) fn reached(&mut self, along: ClosureKey, from: u32) -> Result<Candidates<'e>, Halt> {
        if from == ABSENT {
            return Ok(Candidates::Lent(&[]));
        }
        let flood = self.flood(along);
        if flood.is_dead_end(from) {
            return Ok(Candidates::Lent(&[]));
        }
        if let Some(reached) = self.closures.reached.get(&(along, from)) {
            return Ok(Candidates::Shared(reached.clone()));
        }
        let mut found = self.list();
        let visited = flood.reached(&[from], &mut found, &mut self.budget)?;
        self.engine.closure(along).spent.fetch_add(visited, Ordering::Relaxed);
        if visited < WORTH_KEEPING || self.closures.held + found.len() > KEPT {
            return Ok(Candidates::Own(found));
        }
        self.budget.hold(found.len() * 4 + 32)?;
        self.closures.held += found.len();
        let reached: Rc<[u32]> = found.as_slice().into();
        self.closures.reached.insert((along, from), reached.clone());
        self.lists.push(found);
        Ok(Candidates::Shared(reached))
    }

    /// The search along a path for what is reached; kept for the next time.
    pub(crate) fn flood(&self, along: ClosureKey) -> Rc<Bfs<'e>> {
        let mut floods = self.closures.floods.borrow_mut();
        if let Some((_, flood)) = floods.iter().find(|(known, _)| *known == along) {
            return flood.clone();
        }
        let moves = &self.engine.moves[along.path.0 as usize][along.inverse as usize];
        let mode = if along.all { Mode::POSSIBLE } else { Mode::CERTAIN };
        let flood = Rc::new(Bfs::new(self.engine.edges, moves, along.source, mode));
        floods.push((along, flood.clone()));
        flood
    }

    /// Goes on from the values of a variable by a closure that is asked from each of them; `false` where the next step is
    /// none. They are searched from one by one, until it is worth it to condense the graph and search from many at once.
    pub(crate) fn reach_together(
        &mut self,
        var: u16,
        values: &[u32],
        steps: Steps,
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Result<bool, Halt> {
        let Some((Step::Expand { var: to, access, types }, rest)) = steps.split_first() else { return Ok(false) };
        let [AccessPath::Reach { path, from: Term::Var(from), inverse, source, together: true }] = access.as_slice()
        else {
            return Ok(false);
        };
        if from.0 != var {
            return Ok(false);
        }
        let along = along(*path, *inverse, *source, mode);
        let flood = self.flood(along);
        let Some(rows) = flood.closure() else { return Ok(false) };
        let asked = ClosureExpand { id: steps.first, along, flood, rows, var, to: to.0, mode };
        let counts = rest.is_empty() && types.is_none() && sink.counts(to.0);
        let many = (MOST_LISTED / self.engine.graph.entity_count().max(1)).clamp(MANY, LANES);
        let mut left = values;
        while !left.is_empty() {
            let (seeds, after) = left.split_at(left.len().min(if counts { LANES } else { many }));
            let condensed = if seeds.len() < MANY { None } else { self.condensed(&asked)? };
            let Some(condensed) = condensed else {
                let done = match counts {
                    true => self.count_one_by_one(&asked, seeds, sink)?,
                    false => self.reach_one_by_one(&asked, seeds, steps, sink)?,
                };
                left = &left[done..];
                continue;
            };
            left = after;
            let lanes = MultiSource { condensed: &condensed, rows: &asked.rows, seeds };
            if counts {
                let numbers = lanes.numbers(&mut self.budget)?;
                self.hand_on_numbers(&asked, seeds, &numbers, sink)?;
                continue;
            }
            let mut lists: Vec<Vec<u32>> = seeds.iter().map(|_| self.list()).collect();
            lanes.reached(&mut lists, &mut self.budget)?;
            for (seed, mut list) in seeds.iter().zip(lists) {
                if let (true, Err(place)) = (asked.flood.stays(*seed), list.binary_search(seed)) {
                    list.insert(place, *seed);
                }
                self.frame[var as usize] = *seed;
                self.bind_of(to.0, &list, *types, rest, mode, sink)?;
                self.lists.push(list);
            }
        }
        Ok(true)
    }

    /// Goes on from the seeds one by one, until it is worth it to condense the graph; how many that were.
    fn reach_one_by_one(
        &mut self,
        asked: &ClosureExpand,
        seeds: &[u32],
        steps: Steps,
        sink: &mut dyn Sink,
    ) -> Result<usize, Halt> {
        let Some((step, rest)) = steps.split_first() else { return Ok(seeds.len()) };
        for (i, seed) in seeds.iter().enumerate() {
            self.frame[asked.var as usize] = *seed;
            // The step is accounted for with the whole batch.
            self.carry_out(step, rest, asked.mode, sink)?;
            if self.is_worth_condensing(asked) {
                return Ok(i + 1);
            }
        }
        Ok(seeds.len())
    }

    /// The same where only the numbers of what is reached matter.
    fn count_one_by_one(&mut self, asked: &ClosureExpand, seeds: &[u32], sink: &mut dyn Sink) -> Result<usize, Halt> {
        let (mut numbers, mut done) = (Numbers::none(), seeds.len());
        for (lane, seed) in seeds.iter().enumerate().filter(|(_, seed)| !asked.flood.is_dead_end(**seed)) {
            let number = asked.flood.number(*seed, &mut self.budget)?;
            numbers.note(lane, number);
            self.engine.closure(asked.along).spent.fetch_add(number.0, Ordering::Relaxed);
            if self.is_worth_condensing(asked) {
                done = lane + 1;
                break;
            }
        }
        self.hand_on_numbers(asked, &seeds[..done], &numbers, sink)?;
        Ok(done)
    }

    /// Hands on how many bindings there are for each seed.
    fn hand_on_numbers(
        &mut self,
        asked: &ClosureExpand,
        seeds: &[u32],
        numbers: &Numbers,
        sink: &mut dyn Sink,
    ) -> Flow {
        for (lane, seed) in seeds.iter().enumerate() {
            let stays = asked.flood.stays(*seed) && !numbers.comes_back(lane);
            let number = numbers.numbers[lane] + u64::from(stays);
            if number > 0 {
                self.count_out(asked.id, number as usize);
                self.frame[asked.var as usize] = *seed;
                self.frame[asked.to as usize] = numbers.samples[lane].unwrap_or(*seed);
                sink.number(self, number, asked.mode)?;
            }
        }
        Ok(())
    }

    /// Whether searching one by one has cost as much as it takes to condense the graph.
    fn is_worth_condensing(&self, asked: &ClosureExpand) -> bool {
        let spent = self.engine.closure(asked.along).spent.load(Ordering::Relaxed);
        spent >= self.engine.graph.entity_count() + asked.flood.links()
    }

    /// The condensed graph of a closure, once it is worth it: then it never costs more than about twice what would have been
    /// best. That of one verb is kept with the graph.
    fn condensed(&mut self, asked: &ClosureExpand) -> Result<Option<Arc<Condensed>>, Halt> {
        let shared = self.engine.closure(asked.along);
        let mut known = shared.condensed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(condensed) = known.as_ref().or_else(|| asked.flood.only_link()?.condensed.get()) {
            return Ok(Some(condensed.clone()));
        }
        if !self.is_worth_condensing(asked) {
            return Ok(None);
        }
        let (entities, budget) = (self.engine.graph.entity_count(), &mut self.budget);
        let condensed = Arc::new(Condensed::of(entities, &asked.rows, &mut |done| budget.ticks(done))?);
        self.budget.hold(condensed.bytes())?;
        if let Some(link) = asked.flood.only_link() {
            _ = link.condensed.set(condensed.clone());
        }
        Ok(Some(known.insert(condensed).clone()))
    }
}
