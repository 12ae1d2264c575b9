//! Reachability along a path: searched per entity and cached, or for many entities at once.

use crate::exec::join::expand::Candidates;
use crate::exec::join::{Sink, Worker, closure_key};
use crate::exec::limits::{Flow, Halt};
use crate::exec::search::bfs::ReachCount;
use crate::exec::search::multi_source::{MultiSource, SOURCES};
use crate::exec::search::product::ProductGraph;
use crate::exec::{Mode, NULL_SLOT};
use crate::graph::{Condensation, Rows, SourceId};
use crate::plan::{AccessPath, PathId, Step, Steps, Term};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Parameters of a search along a path, except its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClosureKey {
    pub path: PathId,
    pub inverse: bool,
    pub source: Option<SourceId>,
    /// True if doubtful facts count.
    pub all: bool,
}

/// Caches of closures of one worker.
#[derive(Default)]
pub(crate) struct Closures<'e> {
    products: RefCell<Vec<(ClosureKey, Rc<ProductGraph<'e>>)>>,
    reached: FxHashMap<(ClosureKey, u32), Rc<[u32]>>,
    /// Total number of entities in `reached`.
    held: usize,
}

/// State of a closure shared by all workers: nodes visited so far by searches from single entities, and the condensed
/// graph once it exists.
#[derive(Default)]
pub(crate) struct Shared {
    spent: AtomicUsize,
    condensation: Mutex<Option<Arc<Condensation>>>,
}

/// Expansion of each value of `var` along a closure; the reached entities are bound to `to`.
struct ClosureExpand<'e> {
    /// Number of the step.
    id: u32,
    key: ClosureKey,
    product: Rc<ProductGraph<'e>>,
    /// Adjacency lists followed in one step.
    rows: Vec<Rows<'e>>,
    var: u16,
    to: u16,
    mode: Mode,
}

/// Maximum number of entities in cached reached sets: 16 MiB per thread. By reasoning, no benchmark varies it. Sets
/// beyond this are searched again.
const KEPT: usize = 1 << 22;

/// Minimum number of visited nodes for caching a reached set. By reasoning, no benchmark varies it: a cached set costs
/// an allocation and a hash table entry, some hundred nanoseconds, and a visit costs a few.
const WORTH_KEEPING: usize = 32;

/// Minimum number of sources for a search from many at once, which visits the components reached by any source in
/// topological order; this does not pay for a few sources. By reasoning, no benchmark varies it.
const MANY: usize = 8;

/// Maximum number of entities in the lists of one search from many sources: 64 MiB. More only if [`MANY`] sources
/// exceed it. By reasoning, no benchmark varies it: fewer sources at once expand the same components more often.
const MOST_LISTED: usize = 1 << 24;

impl<'e> Worker<'e> {
    /// Returns the entities reached from an entity along a path, sorted ascending.
    pub(crate) fn reached(&mut self, key: ClosureKey, from: u32) -> Result<Candidates<'e>, Halt> {
        if from == NULL_SLOT {
            return Ok(Candidates::Lent(&[]));
        }
        let product = self.product(key);
        // Nothing to reach: no search, and no entry in the cache.
        if product.is_dead_end(from) {
            return Ok(Candidates::Lent(&[]));
        }
        if let Some(reached) = self.closures.reached.get(&(key, from)) {
            return Ok(Candidates::Shared(reached.clone()));
        }
        let mut found = self.list();
        let visited = product.reached(&[from], &mut found, &mut self.budget)?;
        // Counted for the decision to condense the graph, see [`Worker::condensation`].
        self.engine.closure(key).spent.fetch_add(visited, Ordering::Relaxed);
        if visited < WORTH_KEEPING || self.closures.held + found.len() > KEPT {
            return Ok(Candidates::Own(found));
        }
        self.budget.hold(found.len() * 4 + 32)?;
        self.closures.held += found.len();
        let reached: Rc<[u32]> = found.as_slice().into();
        self.closures.reached.insert((key, from), reached.clone());
        self.lists.push(found);
        Ok(Candidates::Shared(reached))
    }

    /// Returns the product graph of a path with merged states, for reachability and distances; cached.
    pub(crate) fn product(&self, key: ClosureKey) -> Rc<ProductGraph<'e>> {
        let mut products = self.closures.products.borrow_mut();
        if let Some((_, product)) = products.iter().find(|(known, _)| *known == key) {
            return product.clone();
        }
        let automaton = &self.engine.merged[key.path.0 as usize][key.inverse as usize];
        let mode = if key.all { Mode::POSSIBLE } else { Mode::CERTAIN };
        let product = Rc::new(ProductGraph::new(self.engine.edges, automaton, key.source, mode));
        products.push((key, product.clone()));
        product
    }

    /// Expands each value of a variable along a closure; returns `false` if the next step is no such expansion.
    /// Searches start from single values, until the work done would have paid for condensing the graph and searching
    /// from many values at once.
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
        let key = closure_key(*path, *inverse, *source, mode);
        let product = self.product(key);
        let Some(rows) = product.closure() else { return Ok(false) };
        let expand = ClosureExpand { id: steps.first, key, product, rows, var, to: to.0, mode };
        let counts = rest.is_empty() && types.is_none() && sink.counts(to.0);
        // Each list may hold every entity, so this many lists stay within `MOST_LISTED`.
        let many = (MOST_LISTED / self.engine.graph.entity_count().max(1)).clamp(MANY, SOURCES);
        let mut left = values;
        while !left.is_empty() {
            let (seeds, after) = left.split_at(left.len().min(if counts { SOURCES } else { many }));
            let condensation = if seeds.len() < MANY { None } else { self.condensation(&expand)? };
            let Some(condensation) = condensation else {
                let done = match counts {
                    true => self.count_one_by_one(&expand, seeds, sink)?,
                    false => self.reach_one_by_one(&expand, seeds, steps, sink)?,
                };
                left = &left[done..];
                continue;
            };
            left = after;
            let search = MultiSource { condensation: &condensation, rows: &expand.rows, seeds };
            if counts {
                let counts = search.counts(&mut self.budget)?;
                self.hand_on_counts(&expand, seeds, &counts, sink)?;
                continue;
            }
            let mut lists: Vec<Vec<u32>> = seeds.iter().map(|_| self.list()).collect();
            search.reached(&mut lists, &mut self.budget)?;
            for (seed, mut list) in seeds.iter().zip(lists) {
                // The seed belongs to its own set if the empty path is allowed; the list stays sorted.
                if let (true, Err(place)) = (expand.product.accepts_empty_path(*seed), list.binary_search(seed)) {
                    list.insert(place, *seed);
                }
                self.frame[var as usize] = *seed;
                self.bind_of(to.0, &list, *types, rest, mode, sink)?;
                self.lists.push(list);
            }
        }
        Ok(true)
    }

    /// Expands the seeds one by one until condensing is worthwhile; returns how many were expanded.
    fn reach_one_by_one(
        &mut self,
        expand: &ClosureExpand,
        seeds: &[u32],
        steps: Steps,
        sink: &mut dyn Sink,
    ) -> Result<usize, Halt> {
        let Some((step, rest)) = steps.split_first() else { return Ok(seeds.len()) };
        for (i, seed) in seeds.iter().enumerate() {
            self.frame[expand.var as usize] = *seed;
            // `carry_out` instead of `solve`: the step is profiled with the whole batch.
            self.carry_out(step, rest, expand.mode, sink)?;
            if self.is_worth_condensing(expand) {
                return Ok(i + 1);
            }
        }
        Ok(seeds.len())
    }

    /// Does the same if only the number of reached entities matters.
    fn count_one_by_one(&mut self, expand: &ClosureExpand, seeds: &[u32], sink: &mut dyn Sink) -> Result<usize, Halt> {
        let mut counts = Vec::with_capacity(seeds.len());
        for seed in seeds {
            let is_dead_end = expand.product.is_dead_end(*seed);
            counts.push(if is_dead_end {
                ReachCount::default()
            } else {
                expand.product.count(*seed, &mut self.budget)?
            });
            let visited = counts.last().map_or(0, |count| count.entities);
            self.engine.closure(expand.key).spent.fetch_add(visited, Ordering::Relaxed);
            if !is_dead_end && self.is_worth_condensing(expand) {
                break;
            }
        }
        self.hand_on_counts(expand, seeds, &counts, sink)?;
        Ok(counts.len())
    }

    /// Passes on the number of bindings of each seed that has a count.
    fn hand_on_counts(
        &mut self,
        expand: &ClosureExpand,
        seeds: &[u32],
        counts: &[ReachCount],
        sink: &mut dyn Sink,
    ) -> Flow {
        for (seed, count) in seeds.iter().zip(counts) {
            let adds_seed = !count.has_seed && expand.product.accepts_empty_path(*seed);
            let number = count.entities as u64 + u64::from(adds_seed);
            if number > 0 {
                self.count_out(expand.id, number as usize);
                self.frame[expand.var as usize] = *seed;
                // Without a sample, the only reached entity is the seed itself, by the empty path.
                self.frame[expand.to as usize] = count.sample.unwrap_or(*seed);
                sink.number(self, number, expand.mode)?;
            }
        }
        Ok(())
    }

    /// Returns true if single searches have cost as much as condensing the graph would.
    fn is_worth_condensing(&self, expand: &ClosureExpand) -> bool {
        let spent = self.engine.closure(expand.key).spent.load(Ordering::Relaxed);
        spent >= self.engine.graph.entity_count() + expand.product.links()
    }

    /// Returns the condensation of a closure; `None` until it is worthwhile. By this rule (as in the ski-rental
    /// problem: Karlin, Manasse, Rudolph, Sleator, *Competitive snoopy caching*, 1988) the total cost is at most about
    /// twice that of the better strategy. The condensation of a single verb is cached in the graph.
    fn condensation(&mut self, expand: &ClosureExpand) -> Result<Option<Arc<Condensation>>, Halt> {
        let shared = self.engine.closure(expand.key);
        // The lock is held while condensing, so that other workers wait for the result instead of computing it, too.
        let mut known = shared.condensation.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(condensation) = known.as_ref().or_else(|| expand.product.only_link()?.condensation.get()) {
            return Ok(Some(condensation.clone()));
        }
        if !self.is_worth_condensing(expand) {
            return Ok(None);
        }
        let (entities, budget) = (self.engine.graph.entity_count(), &mut self.budget);
        let condensation = Arc::new(Condensation::new(entities, &expand.rows, &mut |done| budget.ticks(done))?);
        self.budget.hold(condensation.bytes())?;
        if let Some(link) = expand.product.only_link() {
            // Another query may have set it meanwhile, to an equal value.
            _ = link.condensation.set(condensation.clone());
        }
        Ok(Some(known.insert(condensation).clone()))
    }
}
