//! What entities reach along a path: searched for one by one and kept, or for many at once.

use super::flood::Flood;
use super::lanes::{LANES, Lanes, Numbers};
use super::limits::{Flow, Halt};
use super::solve::{Candidates, Sink, Worker, along};
use super::{ABSENT, Mode};
use crate::check::typed::Term;
use crate::graph::{Condensed, Rows, SourceId};
use crate::plan::{PathId, Source, Step};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What a search depends on, but for where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Along {
    pub path: PathId,
    pub inverse: bool,
    pub source: Option<SourceId>,
    /// Whether all facts count, doubtful ones too.
    pub all: bool,
}

/// What a worker knows of closures.
#[derive(Default)]
pub(super) struct Closures<'e> {
    floods: RefCell<Vec<(Along, Rc<Flood<'e>>)>>,
    reached: FxHashMap<(Along, u32), Rc<[u32]>>,
    /// How many entities `reached` holds in all.
    held: usize,
}

/// What all workers know of a closure from which many entities are asked: how much has been spent on searching from one
/// after the other, and the condensed graph once that was made.
#[derive(Default)]
pub(super) struct Shared {
    spent: AtomicUsize,
    condensed: Mutex<Option<Arc<Condensed>>>,
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
    pub(super) fn reached(&mut self, along: Along, from: u32) -> Result<Candidates<'e>, Halt> {
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
    pub(super) fn flood(&self, along: Along) -> Rc<Flood<'e>> {
        let mut floods = self.closures.floods.borrow_mut();
        if let Some((_, flood)) = floods.iter().find(|(known, _)| *known == along) {
            return flood.clone();
        }
        let moves = &self.engine.moves[along.path.0 as usize][along.inverse as usize];
        let mode = if along.all { Mode::Possible } else { Mode::Certain };
        let flood = Rc::new(Flood::new(self.engine.links, moves, along.source, mode));
        floods.push((along, flood.clone()));
        flood
    }

    /// Goes on from the values of a variable by a closure that is asked from each of them; `false` where the next step is
    /// none. They are searched from one by one, until it is worth it to condense the graph and search from many at once.
    pub(super) fn reach_together(
        &mut self,
        var: u16,
        values: &[u32],
        steps: &[Step],
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Result<bool, Halt> {
        let Some((Step::Expand { var: to, sources, types }, rest)) = steps.split_first() else { return Ok(false) };
        let [Source::Reach { path, from: Term::Var(from), inverse, source, together: true }] = sources.as_slice()
        else {
            return Ok(false);
        };
        if from.0 != var {
            return Ok(false);
        }
        let along = along(*path, *inverse, *source, mode);
        let flood = self.flood(along);
        let Some(rows) = flood.closure() else { return Ok(false) };
        let counts = rest.is_empty() && types.is_none() && sink.counts(to.0);
        let most = (MOST_LISTED / self.engine.graph.entity_count().max(1)).clamp(MANY, LANES);
        for seeds in values.chunks(if counts { LANES } else { most }) {
            let condensed = if seeds.len() < MANY { None } else { self.condensed(along, &flood, &rows)? };
            if counts {
                let numbers = match condensed {
                    Some(condensed) => Lanes { condensed: &condensed, rows: &rows, seeds }.numbers(&mut self.budget)?,
                    None => self.numbers(along, &flood, seeds)?,
                };
                self.hand_on_numbers((var, to.0), seeds, &numbers, &flood, mode, sink)?;
                continue;
            }
            let Some(condensed) = condensed else {
                for seed in seeds {
                    self.frame[var as usize] = *seed;
                    self.solve(steps, mode, sink)?;
                }
                continue;
            };
            let mut lists: Vec<Vec<u32>> = seeds.iter().map(|_| self.list()).collect();
            Lanes { condensed: &condensed, rows: &rows, seeds }.reached(&mut lists, &mut self.budget)?;
            for (seed, mut list) in seeds.iter().zip(lists) {
                if let (true, Err(place)) = (flood.stays(*seed), list.binary_search(seed)) {
                    list.insert(place, *seed);
                }
                self.frame[var as usize] = *seed;
                self.bind_of(to.0, &list, *types, rest, mode, sink)?;
                self.lists.push(list);
            }
        }
        Ok(true)
    }

    /// How many entities each seed reaches, searched one by one.
    fn numbers(&mut self, along: Along, flood: &Flood, seeds: &[u32]) -> Result<Numbers, Halt> {
        let mut numbers = Numbers::none();
        for (lane, seed) in seeds.iter().enumerate().filter(|(_, seed)| !flood.is_dead_end(**seed)) {
            numbers.note(lane, flood.number(*seed, &mut self.budget)?);
        }
        let spent = numbers.numbers.iter().sum::<u64>() as usize;
        self.engine.closure(along).spent.fetch_add(spent, Ordering::Relaxed);
        Ok(numbers)
    }

    /// Hands on how many bindings of `to` there are for each seed.
    fn hand_on_numbers(
        &mut self,
        (var, to): (u16, u16),
        seeds: &[u32],
        numbers: &Numbers,
        flood: &Flood,
        mode: Mode,
        sink: &mut dyn Sink,
    ) -> Flow {
        for (lane, seed) in seeds.iter().enumerate() {
            let stays = flood.stays(*seed) && !numbers.comes_back(lane);
            let number = numbers.numbers[lane] + u64::from(stays);
            if number > 0 {
                self.frame[var as usize] = *seed;
                self.frame[to as usize] = numbers.samples[lane].unwrap_or(*seed);
                sink.number(self, number, mode)?;
            }
        }
        Ok(())
    }

    /// The condensed graph of a closure, once searching one by one has cost as much as it takes to make it: so that it
    /// never costs more than twice what would have been best. That of one verb is kept with the graph.
    fn condensed(&mut self, along: Along, flood: &Flood, rows: &[Rows]) -> Result<Option<Arc<Condensed>>, Halt> {
        let shared = self.engine.closure(along);
        let mut known = shared.condensed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(condensed) = known.as_ref().or_else(|| flood.only_link()?.condensed.get()) {
            return Ok(Some(condensed.clone()));
        }
        let entities = self.engine.graph.entity_count();
        if shared.spent.load(Ordering::Relaxed) < entities + flood.links() {
            return Ok(None);
        }
        let budget = &mut self.budget;
        let condensed = Arc::new(Condensed::of(entities, rows, &mut |done| budget.ticks(done))?);
        self.budget.hold(condensed.bytes())?;
        if let Some(link) = flood.only_link() {
            _ = link.condensed.set(condensed.clone());
        }
        Ok(Some(known.insert(condensed).clone()))
    }
}
