//! Bindings of a pattern: distinct tuples of the wanted variables, each with its certainty.

use super::edges::Edges;
use super::join::parallel::MergeableSink;
use super::join::{Engine, Sink, Worker};
use super::limits::{Flow, Halt, Stop};
use super::search::automaton::{Automaton, MOST_STATES};
use super::search::closures;
use super::{Context, Mode};
use crate::exec::tuple_set::TupleSet;
use crate::graph::Graph;
use crate::plan::{Pattern, Plan, VarId};
use crate::text::{Code, Diagnostic, Severity, Span};
use indexmap::IndexSet;
use std::sync::atomic::AtomicUsize;

/// Certainty of a match, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    /// Only possible, and the query does not ask for possible matches.
    Possible,
    /// Only possible, and shown because the query says `possibly`.
    Shown,
    Certain,
}

/// Distinct tuples in row-major order, with their certainty and paths.
#[derive(Clone)]
pub(crate) struct Bindings {
    pub wanted: Vec<VarId>,
    /// Row-major, `wanted.len()` cells per tuple; sorted if the pattern was searched in several modes.
    cells: Vec<u32>,
    /// Per tuple; empty if all are certain.
    sure: Vec<Certainty>,
    /// Number of variables of the pattern, which is the length of a frame.
    pub slots: usize,
    /// Distinct paths of path variables; their cells are positions in this set.
    pub paths: IndexSet<Box<[u32]>>,
    pub notes: Vec<Diagnostic>,
}

impl Bindings {
    /// Returns the number of tuples, including possible ones.
    pub fn len(&self) -> usize {
        // Tuples of no cells leave no trace in `cells`.
        match self.wanted.len() {
            0 => self.sure.len(),
            width => self.cells.len() / width,
        }
    }

    pub fn tuple(&self, i: usize) -> &[u32] {
        let width = self.wanted.len();
        &self.cells[i * width..(i + 1) * width]
    }

    pub fn certainty(&self, i: usize) -> Certainty {
        self.sure.get(i).copied().unwrap_or(Certainty::Certain)
    }

    /// Returns true if every tuple is certain.
    pub fn all_certain(&self) -> bool {
        self.sure.iter().all(|sure| *sure == Certainty::Certain)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u32], Certainty)> {
        (0..self.len()).map(|i| (self.tuple(i), self.certainty(i)))
    }

    /// Returns a frame in which every slot is absent.
    pub fn empty_frame(&self) -> Vec<u32> {
        vec![super::NULL_SLOT; self.slots]
    }

    /// Writes a tuple into its slots of a frame.
    pub fn fill(&self, i: usize, frame: &mut [u32]) {
        for (var, value) in self.wanted.iter().zip(self.tuple(i)) {
            frame[var.0 as usize] = *value;
        }
    }

    /// Returns a frame with the tuple in its slots; other slots are absent.
    pub fn frame(&self, i: usize) -> Vec<u32> {
        let mut frame = self.empty_frame();
        self.fill(i, &mut frame);
        frame
    }

    /// Returns the position of each variable in a tuple; `None` for variables that are not wanted.
    pub fn places(&self, vars: &[VarId]) -> Vec<Option<usize>> {
        vars.iter().map(|var| self.wanted.iter().position(|other| other == var)).collect()
    }

    /// Returns bindings with these tuples, all certain.
    pub fn certain(wanted: Vec<VarId>, slots: usize, cells: Vec<u32>) -> Bindings {
        Bindings { wanted, slots, cells, sure: Vec::new(), paths: IndexSet::new(), notes: Vec::new() }
    }

    /// Returns the bindings of a pattern from its tuples, each once, with their certainty; in any order.
    #[cfg(feature = "spark")]
    pub fn graded(pattern: &Pattern, tuples: Vec<(Box<[u32]>, Certainty)>) -> Bindings {
        Bindings::of_tuples(pattern.block.wanted.clone(), pattern.slots.len(), tuples)
    }

    /// Returns bindings of these variables from their tuples, each once, with their certainty; in any order.
    pub fn of_tuples(wanted: Vec<VarId>, slots: usize, mut tuples: Vec<(Box<[u32]>, Certainty)>) -> Bindings {
        tuples.sort_unstable();
        let sure = tuples.iter().map(|(_, sure)| *sure).collect();
        let cells = tuples.iter().flat_map(|(tuple, _)| tuple.iter().copied()).collect();
        Bindings { wanted, slots, cells, sure, paths: IndexSet::new(), notes: Vec::new() }
    }

    /// Returns the tuples at these positions, and an absent tuple for each `None`; without certainty.
    pub fn picked(self, places: &[Option<u32>]) -> Bindings {
        let width = self.wanted.len();
        let mut cells = Vec::with_capacity(places.len() * width);
        for place in places {
            match place {
                Some(place) => cells.extend_from_slice(self.tuple(*place as usize)),
                None => cells.extend(std::iter::repeat_n(super::NULL_SLOT, width)),
            }
        }
        Bindings { cells, sure: Vec::new(), ..self }
    }

    /// Keeps the tuples at these positions, in this order. The bindings must carry no certainty, as those of
    /// [`Bindings::picked`].
    pub fn select(&mut self, kept: &[usize]) {
        self.cells = kept.iter().flat_map(|i| self.tuple(*i).iter().copied()).collect();
    }

    /// Returns the tuples at these positions, in this order.
    pub fn selected(&self, kept: &[usize]) -> Bindings {
        // Tuples of no cells are counted by their certainties.
        let sure = match self.sure.is_empty() && !self.wanted.is_empty() {
            true => Vec::new(),
            false => kept.iter().map(|i| self.certainty(*i)).collect(),
        };
        let cells = kept.iter().flat_map(|i| self.tuple(*i).iter().copied()).collect();
        let (wanted, paths, notes) = (self.wanted.clone(), self.paths.clone(), self.notes.clone());
        Bindings { wanted, cells, sure, slots: self.slots, paths, notes }
    }

    /// Replaces the certainty of each tuple; drops the tuple if `grade` returns `None`.
    pub fn regrade(&mut self, mut grade: impl FnMut(&[u32], Certainty) -> Option<Certainty>) {
        let kept: Vec<(usize, Certainty)> =
            (0..self.len()).filter_map(|i| Some((i, grade(self.tuple(i), self.certainty(i))?))).collect();
        self.cells = kept.iter().flat_map(|(i, _)| self.tuple(*i).to_vec()).collect();
        self.sure = kept.into_iter().map(|(_, sure)| sure).collect();
    }
}

/// Result of one search.
struct FoundTuples {
    /// Distinct tuples in row-major order; an empty tuple is only counted in `number`.
    cells: Vec<u32>,
    number: usize,
    empty_domains: Vec<Span>,
}

/// Returns the bindings of a pattern; searches once in each mode that is needed.
///
/// # Errors
/// A limit or Ctrl-C stopped it, or a path has more states than [`MOST_STATES`].
pub(crate) fn find(context: &Context, edges: &Edges, pattern: &Pattern) -> Result<Bindings, Stop> {
    let given = context.given.iter().flat_map(|given| &given.bindings);
    if let Some((_, bindings)) = given.into_iter().find(|(own, _)| own == pattern) {
        return Ok(bindings.clone());
    }
    let engine = engine(context.graph, edges, pattern)?;
    let wanted = pattern.block.wanted.clone();
    let (mut paths, slots) = (IndexSet::new(), pattern.slots.len());
    // All modes number paths in one set, so that a path has the same number in each.
    let certain = search(context, &engine, Mode::CERTAIN, &mut paths)?;
    let notes = empty_notes(&certain.empty_domains);
    // If every match is certain, the other modes would find the same tuples.
    if pattern.is_certain {
        // Empty tuples have no cells; their number is that of the certainties.
        let sure = if wanted.is_empty() { vec![Certainty::Certain; certain.number] } else { Vec::new() };
        return Ok(Bindings { wanted, slots, cells: certain.cells, sure, paths, notes });
    }
    let all_possible = context.plan.all_possible;
    let shown = (context.plan.possibly && !all_possible)
        .then(|| search(context, &engine, Mode::SHOWN, &mut paths))
        .transpose()?;
    let possible = search(context, &engine, Mode::POSSIBLE, &mut paths)?;
    // If all possible matches are shown, the search for shown ones would be the same.
    let shown = if all_possible { Some(&possible) } else { shown.as_ref() };
    let (cells, sure) = graded(wanted.len(), &certain, shown, &possible);
    Ok(Bindings { wanted, slots, cells, sure, paths, notes })
}

/// Merges the tuples of the three modes; a tuple gets the best certainty that it has in any of them.
fn graded(
    width: usize,
    certain: &FoundTuples,
    shown: Option<&FoundTuples>,
    possible: &FoundTuples,
) -> (Vec<u32>, Vec<Certainty>) {
    let graded =
        [(Some(certain), Certainty::Certain), (shown, Certainty::Shown), (Some(possible), Certainty::Possible)];
    let mut tuples: Vec<(&[u32], std::cmp::Reverse<Certainty>)> = Vec::new();
    for (found, grade) in graded {
        let Some(found) = found else { continue };
        match width {
            0 => tuples.extend((0..found.number).map(|_| (&[][..], std::cmp::Reverse(grade)))),
            _ => tuples.extend(found.cells.chunks_exact(width).map(|tuple| (tuple, std::cmp::Reverse(grade)))),
        }
    }
    // `Reverse` puts the best certainty of a tuple first, where `dedup` keeps it.
    crate::limits::sort_unstable_by(&mut tuples, Ord::cmp);
    tuples.dedup_by_key(|(tuple, _)| *tuple);
    let cells = tuples.iter().flat_map(|(tuple, _)| tuple.iter().copied()).collect();
    (cells, tuples.iter().map(|(_, grade)| grade.0).collect())
}

/// Compiles a pattern: builds the automata of its paths in both directions.
///
/// # Errors
/// A path has more states than [`MOST_STATES`].
pub(crate) fn engine<'e>(graph: &'e Graph, edges: &'e Edges<'e>, pattern: &'e Pattern) -> Result<Engine<'e>, Stop> {
    let automata: Option<Vec<[Automaton; 2]>> =
        pattern.paths.iter().map(|path| Some([Automaton::of(path, false)?, Automaton::of(path, true)?])).collect();
    let automata = automata.ok_or_else(too_long)?;
    let merged = automata.iter().map(|[ahead, back]| [ahead.merged(), back.merged()]).collect();
    // Per path: two directions × whether doubtful facts count.
    let closures = (0..automata.len() * 4).map(|_| closures::Shared::default()).collect();
    let tested = AtomicUsize::new(0);
    Ok(Engine { graph, edges, pattern, automata, merged, closures, tested })
}

/// Maximum number of variables of a query: the search recurses one level per variable, and this depth fits the stack of
/// a thread. A thread has 64 MiB, which are 32 KiB for each level.
const MOST_BOUND: usize = 2000;

/// Rejects a plan with more than [`MOST_BOUND`] variables.
pub(crate) fn bearable(plan: &Plan) -> Result<(), Stop> {
    if plan.slots.len() <= MOST_BOUND {
        return Ok(());
    }
    let message = format!("a query of more than {MOST_BOUND} variables is too large");
    Err(Stop::Limit(Diagnostic::new(Severity::Error, Code::Limit, message).help("ask for it in several queries")))
}

/// Returns the error for a path with more than [`MOST_STATES`] states.
pub(crate) fn too_long() -> Stop {
    let message = format!("a path of more than {MOST_STATES} verbs is too long");
    let help = "write `+` or `*` where any number of steps will do";
    Stop::Limit(Diagnostic::new(Severity::Error, Code::Limit, message).help(help))
}

/// Returns the distinct tuples that a pattern has in one mode, in row-major order; for patterns with wanted variables.
pub(crate) fn cells(context: &Context, edges: &Edges, pattern: &Pattern, mode: Mode) -> Result<Vec<u32>, Stop> {
    let engine = engine(context.graph, edges, pattern)?;
    Ok(search(context, &engine, mode, &mut IndexSet::new())?.cells)
}

/// Returns the distinct tuples of one mode. `paths` numbers the paths, continued from earlier searches.
fn search(
    context: &Context,
    engine: &Engine,
    mode: Mode,
    paths: &mut IndexSet<Box<[u32]>>,
) -> Result<FoundTuples, Stop> {
    let mut worker = Worker::new(engine, context.budget(), context.profile.is_kept());
    worker.paths = std::mem::take(paths);
    let block = &engine.pattern.block;
    let distinct = (block.repeats() && !block.wanted.is_empty()).then(|| TupleSet::new(block.wanted.len()));
    let most = engine.pattern.most.unwrap_or(usize::MAX);
    let mut tuples = Tuples { wanted: &block.wanted, most, cells: Vec::new(), number: 0, distinct };
    let flow = worker.run_parallel(mode, &mut tuples);
    let Tuples { mut cells, number, distinct, .. } = tuples;
    *paths = std::mem::take(&mut worker.paths);
    worker.report(&context.profile);
    if let Err(Halt::Stop(stop)) = flow {
        return Err(stop);
    }
    if let Some(distinct) = distinct {
        cells = distinct.into_cells();
    }
    Ok(FoundTuples { cells, number, empty_domains: worker.empty_domains })
}

/// Sink that collects the tuples of the wanted variables.
struct Tuples<'w> {
    wanted: &'w [VarId],
    /// Maximum number of tuples, after which the search ends.
    most: usize,
    /// Row-major tuples; unused if tuples may repeat.
    cells: Vec<u32>,
    number: usize,
    /// Set of tuples, if the search may find a tuple more than once.
    distinct: Option<TupleSet>,
}

impl Sink for Tuples<'_> {
    fn one(&mut self, worker: &mut Worker, _: Mode) -> Flow {
        // All empty tuples are equal, so one is enough.
        if self.wanted.is_empty() {
            self.number = 1;
            return Err(Halt::Enough);
        }
        let tuple = self.wanted.iter().map(|var| worker.frame[var.0 as usize]);
        match &mut self.distinct {
            Some(distinct) => {
                if !distinct.insert(tuple) {
                    return Ok(());
                }
                self.number = distinct.len();
            }
            None => {
                self.cells.extend(tuple);
                self.number += 1;
            }
        }
        worker.budget.hold(self.wanted.len() * 4)?;
        worker.budget.rows(1)?;
        self.enough()
    }

    fn each(&mut self, worker: &mut Worker, var: u16, values: &[u32], mode: Mode) -> Flow {
        let place = self.wanted.iter().position(|wanted| wanted.0 == var);
        // Values of a variable that is not wanted, or tuples that may repeat, are added one by one.
        let (Some(place), None) = (place, &self.distinct) else {
            return values.iter().try_for_each(|value| {
                worker.frame[var as usize] = *value;
                self.one(worker, mode)
            });
        };
        let width = self.wanted.len();
        worker.budget.hold(values.len() * width * 4)?;
        worker.budget.rows(values.len())?;
        self.number += values.len();
        if width == 1 {
            self.cells.extend_from_slice(values);
            return self.enough();
        }
        let tuple: Vec<u32> = self.wanted.iter().map(|var| worker.frame[var.0 as usize]).collect();
        for value in values {
            let start = self.cells.len();
            self.cells.extend_from_slice(&tuple);
            self.cells[start + place] = *value;
        }
        self.enough()
    }
}

impl Tuples<'_> {
    fn enough(&self) -> Flow {
        if self.number >= self.most { Err(Halt::Enough) } else { Ok(()) }
    }
}

impl MergeableSink for Tuples<'_> {
    const IN_ORDER: bool = true;

    fn fork(&self) -> Self {
        let distinct = self.distinct.as_ref().map(|_| TupleSet::new(self.wanted.len()));
        Tuples { wanted: self.wanted, most: self.most, cells: Vec::new(), number: 0, distinct }
    }

    fn merge(&mut self, next: Self) {
        match (&mut self.distinct, next.distinct) {
            (Some(distinct), Some(other)) => {
                distinct.extend(&other);
                self.number = distinct.len();
            }
            _ => {
                self.cells.extend(next.cells);
                // Each part counts at most one empty tuple, and all of these are the same.
                self.number =
                    if self.wanted.is_empty() { self.number.max(next.number) } else { self.number + next.number };
            }
        }
    }
}

pub(crate) fn empty_notes(spans: &[Span]) -> Vec<Diagnostic> {
    let note = |span: &Span| {
        Diagnostic::note(Code::EmptyEvery, *span, "`every` is true of nothing here: no entity fits its description")
    };
    spans.iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::{Bindings, Certainty, FoundTuples, graded};
    use crate::plan::VarId;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn found(tuples: &[(u32, u32)]) -> FoundTuples {
        let cells = tuples.iter().flat_map(|(a, b)| [*a, *b]).collect();
        FoundTuples { cells, number: tuples.len(), empty_domains: Vec::new() }
    }

    proptest! {
        #[test]
        fn the_best_grade_of_a_tuple_counts(
            certain in prop::collection::vec((0u32..5, 0u32..5), 0..12),
            shown in prop::option::of(prop::collection::vec((0u32..5, 0u32..5), 0..12)),
            possible in prop::collection::vec((0u32..5, 0u32..5), 0..12),
        ) {
            let mut expected: BTreeMap<(u32, u32), Certainty> = BTreeMap::new();
            possible.iter().for_each(|tuple| _ = expected.insert(*tuple, Certainty::Possible));
            shown.iter().flatten().for_each(|tuple| _ = expected.insert(*tuple, Certainty::Shown));
            certain.iter().for_each(|tuple| _ = expected.insert(*tuple, Certainty::Certain));
            let of_shown = shown.as_deref().map(found);
            let (cells, sure) = graded(2, &found(&certain), of_shown.as_ref(), &found(&possible));
            let tuples = cells.chunks(2).map(|pair| (pair[0], pair[1])).zip(sure);
            prop_assert_eq!(tuples.collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn picked_and_kept_tuples_are_those_of_their_places(cells in prop::collection::vec(0u32..9, 0..30)) {
            let cells = cells[..cells.len() / 2 * 2].to_vec();
            let whole = || Bindings::certain(vec![VarId(1), VarId(0)], 2, cells.clone());
            let odd: Vec<usize> = (0..whole().len()).filter(|i| i % 2 == 1).collect();
            let expected: Vec<Vec<u32>> = odd.iter().map(|i| whole().tuple(*i).to_vec()).collect();
            let mut kept = whole();
            kept.select(&odd);
            let picked = whole().picked(&odd.iter().map(|i| Some(*i as u32)).collect::<Vec<_>>());
            let mut graded = whole();
            let mut place = 0;
            graded.regrade(|_, _| {
                place += 1;
                (place % 2 == 0).then_some(Certainty::Shown)
            });
            prop_assert!(graded.iter().all(|(_, sure)| sure == Certainty::Shown));
            for found in [kept, picked, graded] {
                prop_assert_eq!(found.iter().map(|(tuple, _)| tuple.to_vec()).collect::<Vec<_>>(), expected.clone());
                (0..found.len()).for_each(|i| assert_eq!(found.frame(i), [found.tuple(i)[1], found.tuple(i)[0]]));
            }
        }
    }
}
