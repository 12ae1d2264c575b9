//! The matches of a pattern: distinct tuples of the wanted variables, each with how sure it is.

use super::automaton::{Automaton, MOST_STATES};
use super::closures;
use super::limits::{Budget, Flow, Halt, Stop};
use super::links::Links;
use super::nearest::keep_nearest;
use super::parallel::Gather;
use super::solve::{Engine, Sink, Worker};
use super::{Context, Mode};
use crate::check::typed::{Body, Expr, ExprKind, Link, Query, Select, Var, VarId, VarKind};
use crate::graph::Graph;
use crate::plan::{self, Compare, Condition, Plan};
use crate::text::{Code, Diagnostic, Severity, Span};
use indexmap::IndexSet;
use std::sync::{Arc, Mutex, PoisonError};

/// How sure a match is, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sureness {
    /// Only possible, and not asked for.
    Possible,
    /// Only possible, and shown because of `possibly`.
    Shown,
    Certain,
}

/// Distinct tuples, with what is needed to read them.
pub(super) struct Matches {
    pub plan: Arc<Plan>,
    pub wanted: Vec<VarId>,
    /// Tuple by tuple; in rising order where there is more than one mode.
    cells: Vec<u32>,
    /// By tuple; empty where all are certain.
    sure: Vec<Sureness>,
    pub paths: IndexSet<Box<[u32]>>,
    pub notes: Vec<Diagnostic>,
}

impl Matches {
    /// How many tuples, possible ones included.
    pub fn len(&self) -> usize {
        match self.wanted.len() {
            0 => self.sure.len(),
            width => self.cells.len() / width,
        }
    }

    pub fn tuple(&self, i: usize) -> &[u32] {
        let width = self.wanted.len();
        &self.cells[i * width..(i + 1) * width]
    }

    pub fn sureness(&self, i: usize) -> Sureness {
        self.sure.get(i).copied().unwrap_or(Sureness::Certain)
    }

    /// Whether no tuple is only possible.
    pub fn all_certain(&self) -> bool {
        self.sure.iter().all(|sure| *sure == Sureness::Certain)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&[u32], Sureness)> {
        (0..self.len()).map(|i| (self.tuple(i), self.sureness(i)))
    }

    /// A frame with the tuple in its slots; the rest is absent.
    pub fn frame(&self, tuple: &[u32]) -> Vec<u32> {
        let mut frame = vec![super::ABSENT; self.plan.slots];
        for (var, value) in self.wanted.iter().zip(tuple) {
            frame[var.0 as usize] = *value;
        }
        frame
    }

    /// Gives each tuple another grade; drops those for which there is none.
    pub fn regrade(&mut self, mut grade: impl FnMut(&[u32], Sureness) -> Option<Sureness>) {
        let kept: Vec<(usize, Sureness)> =
            (0..self.len()).filter_map(|i| Some((i, grade(self.tuple(i), self.sureness(i))?))).collect();
        self.cells = kept.iter().flat_map(|(i, _)| self.tuple(*i).to_vec()).collect();
        self.sure = kept.into_iter().map(|(_, sure)| sure).collect();
    }
}

impl Matches {
    /// Certain matches that were found in another way.
    pub fn of(plan: Arc<Plan>, wanted: Vec<VarId>, cells: Vec<u32>, number: usize, notes: Vec<Diagnostic>) -> Matches {
        let sure = if wanted.is_empty() { vec![Sureness::Certain; number] } else { Vec::new() };
        Matches { plan, wanted, cells, sure, paths: IndexSet::new(), notes }
    }
}

/// What one search found.
pub(super) struct Found {
    /// Tuples one after the other, distinct; a single empty tuple is counted in `number`.
    pub cells: Vec<u32>,
    pub number: usize,
    paths: IndexSet<Box<[u32]>>,
    empty_domains: Vec<Span>,
}

/// The plans of a query's only pattern, by the variables that are wanted of it.
#[derive(Debug, Default)]
pub struct Plans(Mutex<Vec<(Vec<VarId>, Arc<Plan>)>>);

/// The optimised plan of a select.
pub fn plan_of(context: &Context, select: &Select, wanted: &[VarId]) -> Arc<Plan> {
    let make = || {
        Arc::new(plan::optimize(plan::build(context.query, select, wanted), context.graph, context.disabled_rewrites))
    };
    let Some(Plans(known)) = context.plans.filter(|_| context.disabled_rewrites.is_empty()) else { return make() };
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, plan)) = known.iter().find(|(vars, _)| vars == wanted) {
        return plan.clone();
    }
    let plan = make();
    if crate::limits::is_over_now() {
        return plan;
    }
    known.push((wanted.to_vec(), plan.clone()));
    plan
}

/// The selects of a body.
pub(super) fn selects(body: &Body) -> Vec<&Select> {
    match body {
        Body::Select(select) | Body::Timeline(select) | Body::Matrix { select, .. } => vec![select],
        Body::Adoption(adoption) => vec![&adoption.of],
        _ => Vec::new(),
    }
}

/// The distinct tuples of `wanted` for which the select's formula holds, certain and possible; of all variables where
/// `nearest` is asked: what lies nearer is told by whole matches, whatever is wanted of them.
pub(super) fn matches(context: &Context, links: &Links, select: &Select, wanted: &[VarId]) -> Result<Matches, Stop> {
    if select.nearest.is_none() {
        return matches_of_formula(context, links, select, wanted);
    }
    let mut found = matches_of_formula(context, links, select, &select.free)?;
    keep_nearest(context, links, select, &mut found)?;
    Ok(found)
}

fn matches_of_formula(context: &Context, links: &Links, select: &Select, wanted: &[VarId]) -> Result<Matches, Stop> {
    let plan = plan_of(context, select, wanted);
    let vars = &context.query.vars;
    let unsure = unsure(&plan, links, context.query);
    let engine = Engine { unsure, ..engine(context.graph, links, &plan, vars)? };
    let mut certain = bindings(&engine, context.budget(), wanted, Mode::CERTAIN)?;
    let notes = empty_notes(&certain.empty_domains);
    let mut paths = std::mem::take(&mut certain.paths);
    if !unsure {
        let sure = if wanted.is_empty() { vec![Sureness::Certain; certain.number] } else { Vec::new() };
        return Ok(Matches { plan, wanted: wanted.to_vec(), cells: certain.cells, sure, paths, notes });
    }
    let mut others = Vec::new();
    for mode in [Mode::SHOWN, Mode::POSSIBLE] {
        if mode.possible || (context.query.possibly && !context.possibly) {
            others.push(bindings_with(&engine, context.budget(), wanted, mode, &mut paths)?);
        }
    }
    let possible = others.pop().expect("the possible mode is always sought");
    let shown = if context.possibly { Some(&possible) } else { others.last() };
    let (cells, sure) = graded(wanted.len(), &certain, shown, &possible);
    Ok(Matches { plan, wanted: wanted.to_vec(), cells, sure, paths, notes })
}

/// Merges the tuples of the three modes, each with the best grade that it has.
fn graded(width: usize, certain: &Found, shown: Option<&Found>, possible: &Found) -> (Vec<u32>, Vec<Sureness>) {
    let graded = [(Some(certain), Sureness::Certain), (shown, Sureness::Shown), (Some(possible), Sureness::Possible)];
    let mut tuples: Vec<(&[u32], std::cmp::Reverse<Sureness>)> = Vec::new();
    for (found, grade) in graded {
        let Some(found) = found else { continue };
        match width {
            0 => tuples.extend((0..found.number).map(|_| (&[][..], std::cmp::Reverse(grade)))),
            _ => tuples.extend(found.cells.chunks_exact(width).map(|tuple| (tuple, std::cmp::Reverse(grade)))),
        }
    }
    crate::limits::sort_unstable_by(&mut tuples, Ord::cmp);
    tuples.dedup_by_key(|(tuple, _)| *tuple);
    let cells = tuples.iter().flat_map(|(tuple, _)| tuple.iter().copied()).collect();
    (cells, tuples.iter().map(|(_, grade)| grade.0).collect())
}

/// A plan ready to run.
///
/// # Errors
/// A path that is longer than the engine takes.
pub(super) fn engine<'e>(
    graph: &'e Graph,
    links: &'e Links<'e>,
    plan: &'e Plan,
    vars: &'e [Var],
) -> Result<Engine<'e>, Stop> {
    let automata: Option<Vec<[Automaton; 2]>> =
        plan.paths.iter().map(|path| Some([Automaton::of(path, false)?, Automaton::of(path, true)?])).collect();
    let automata = automata.ok_or_else(too_long)?;
    let moves = automata.iter().map(|[ahead, back]| [ahead.moves(), back.moves()]).collect();
    let closures = (0..automata.len() * 4).map(|_| closures::Shared::default()).collect();
    Ok(Engine { graph, links, plan, vars, automata, moves, closures, unsure: true })
}

/// A query of more variables than this is not answered: the search goes a level deeper for each, and the stack of a
/// thread bears so many.
const MOST_BOUND: usize = 2000;

/// Refuses a query of more variables than the engine takes.
pub(super) fn bearable(query: &Query) -> Result<(), Stop> {
    if query.vars.len() <= MOST_BOUND {
        return Ok(());
    }
    let message = format!("a query of more than {MOST_BOUND} variables is too large");
    Err(Stop::Limit(Diagnostic::new(Severity::Error, Code::Limit, message).help("ask for it in several queries")))
}

/// What stops a query whose path the engine does not take.
pub(super) fn too_long() -> Stop {
    let message = format!("a path of more than {MOST_STATES} verbs is too long");
    let help = "write `+` or `*` where any number of steps will do";
    Stop::Limit(Diagnostic::new(Severity::Error, Code::Limit, message).help(help))
}

/// The distinct tuples that a plan finds in one mode.
pub(super) fn bindings(engine: &Engine, budget: Budget, wanted: &[VarId], mode: Mode) -> Result<Found, Stop> {
    let mut paths = IndexSet::new();
    let mut found = bindings_with(engine, budget, wanted, mode, &mut paths)?;
    found.paths = paths;
    Ok(found)
}

/// As [`bindings`], numbering paths as an earlier search did.
fn bindings_with(
    engine: &Engine,
    budget: Budget,
    wanted: &[VarId],
    mode: Mode,
    paths: &mut IndexSet<Box<[u32]>>,
) -> Result<Found, Stop> {
    let mut worker = Worker::new(engine, budget);
    worker.paths = std::mem::take(paths);
    let repeats = engine.plan.block.repeats();
    let mut tuples = Tuples { wanted, cells: Vec::new(), number: 0, distinct: repeats.then(IndexSet::default) };
    let flow = worker.gather(mode, &mut tuples);
    let Tuples { mut cells, number, distinct, .. } = tuples;
    *paths = std::mem::take(&mut worker.paths);
    if let Err(Halt::Stop(stop)) = flow {
        return Err(stop);
    }
    if let Some(distinct) = distinct {
        cells = distinct.iter().flat_map(|tuple| tuple.iter().copied()).collect();
    }
    Ok(Found { cells, number, paths: IndexSet::new(), empty_domains: worker.empty_domains })
}

/// Gathers the tuples of the wanted variables.
struct Tuples<'w> {
    wanted: &'w [VarId],
    /// Tuple by tuple, unless they may repeat.
    cells: Vec<u32>,
    number: usize,
    /// The tuples, where they may repeat.
    distinct: Option<IndexSet<Box<[u32]>, rustc_hash::FxBuildHasher>>,
}

impl Sink for Tuples<'_> {
    fn one(&mut self, worker: &mut Worker, _: Mode) -> Flow {
        if self.wanted.is_empty() {
            self.number = 1;
            return Err(Halt::Enough);
        }
        let tuple = self.wanted.iter().map(|var| worker.frame[var.0 as usize]);
        match &mut self.distinct {
            Some(distinct) => {
                if !distinct.insert(tuple.collect()) {
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
        Ok(worker.budget.rows(1)?)
    }

    fn each(&mut self, worker: &mut Worker, var: u16, values: &[u32], mode: Mode) -> Flow {
        let place = self.wanted.iter().position(|wanted| wanted.0 == var);
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
            return Ok(());
        }
        let tuple: Vec<u32> = self.wanted.iter().map(|var| worker.frame[var.0 as usize]).collect();
        for value in values {
            let start = self.cells.len();
            self.cells.extend_from_slice(&tuple);
            self.cells[start + place] = *value;
        }
        Ok(())
    }
}

impl Gather for Tuples<'_> {
    const IN_ORDER: bool = true;

    fn fork(&self) -> Self {
        let distinct = self.distinct.as_ref().map(|_| IndexSet::default());
        Tuples { wanted: self.wanted, cells: Vec::new(), number: 0, distinct }
    }

    fn join(&mut self, next: Self) {
        match (&mut self.distinct, next.distinct) {
            (Some(distinct), Some(other)) => {
                distinct.extend(other);
                self.number = distinct.len();
            }
            _ => {
                self.cells.extend(next.cells);
                self.number =
                    if self.wanted.is_empty() { self.number.max(next.number) } else { self.number + next.number };
            }
        }
    }
}

pub(super) fn empty_notes(spans: &[Span]) -> Vec<Diagnostic> {
    let note = |span: &Span| {
        Diagnostic::note(Code::EmptyEvery, *span, "`every` is true of nothing here: no entity fits its description")
    };
    spans.iter().map(note).collect()
}

/// Whether the possible answers may differ from the certain ones: some link has doubtful facts, or some test looks at
/// values.
pub(super) fn unsure(plan: &Plan, links: &Links, query: &Query) -> bool {
    let mut unsure = query.possibly && links.graph.claims().trust.contains(&(crate::graph::Trust::Doubtful as u8));
    plan.links(&mut |link, source| {
        unsure |= match link {
            Link::Verb(verb) => source.is_some() || links.graph.relation(verb).certain.is_some(),
            Link::Define(define) => {
                let derived = &links.derived[define.0 as usize];
                derived.certain.0.len() != derived.possible.0.len()
            }
        }
    });
    plan.conditions(&mut |condition| {
        unsure |= match condition {
            Condition::Test(expr) => looks_at_values(expr),
            Condition::Compare(compare) => !is_known(links.graph, query, compare),
            _ => false,
        }
    });
    unsure || plan_states_values(plan)
}

/// Whether every entity that is compared has a value that leaves nothing open.
fn is_known(graph: &Graph, query: &Query, compare: &Compare) -> bool {
    let kind = query.vars.get(compare.var.0 as usize).map(|var| var.kind);
    let Some(VarKind::Entity(types)) = kind else { return false };
    let values = graph.values(compare.property).range();
    let covered = |range: &std::ops::Range<u32>| values.start <= range.start && range.end <= values.end;
    graph.ranges(types).iter().all(covered) && graph.is_exact(compare.property)
}

/// Whether the plan binds stated values, some of which may be doubtful.
fn plan_states_values(plan: &Plan) -> bool {
    let text = |step: &plan::Step| match step {
        plan::Step::ScanValues { .. } => true,
        plan::Step::Expand { sources, .. } => sources.iter().any(|s| matches!(s, plan::Source::Values(_))),
        _ => false,
    };
    plan.block.steps.iter().any(text)
}

/// Whether a test reads more than which entities are bound.
fn looks_at_values(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Var(_) | ExprKind::Entity(_) | ExprKind::Value(_) => false,
        ExprKind::And(all) | ExprKind::Or(all) => all.iter().any(looks_at_values),
        ExprKind::Not(inner) => looks_at_values(inner),
        ExprKind::Compare(_, a, b) => {
            looks_at_values(a) || looks_at_values(b) || !matches!(a.of, crate::check::typed::ExprType::Entity(_))
        }
        _ => true,
    }
}
