//! Counting without materialising: for each tuple of keys, how many entities; one number for each group, no rows.
//!
//! It serves where every match is certain and distinct as the plan finds it, and nothing but counts of one entity
//! variable is aggregated. Everything else goes through `group`. Bindings come as lists of values of the last variable:
//! where that is a key, or a key is read off it, counts go into an array by its numbers; where the variables bound first
//! are the other keys, a group is finished when one of these changes.

use super::eval::Scope;
use super::limits::{Flow, Halt, Stop};
use super::links::Links;
use super::matches::{Matches, empty_notes, engine, plan_of, unsure};
use super::parallel::Gather;
use super::rows::{as_var, compare_cells, stop};
use super::solve::{Engine, Sink, Worker};
use super::tally::{Found, MOST_KEYS, Tally, Threshold};
use super::{ABSENT, Context, Mode};
use crate::answer::Cell;
use crate::check::typed::{Column, CompareOp, Expr, ExprKind, Select, VarId, VarKind};
use crate::functions::FunctionId;
use crate::graph::{EntityId, Ranks};
use crate::plan::{Block, Plan, Step};
use crate::value::Value;
use std::ops::Range;
use std::sync::Arc;

/// Groups with a count each.
pub(super) struct Counted {
    /// One tuple for each group: its keys, and one of the entities counted.
    pub matches: Matches,
    /// By group.
    pub counts: Vec<u64>,
    /// By group: the numbers of its keys.
    numbers: Vec<u32>,
    /// By key: the cells of its numbers; `None` for entities, whose numbers are their own.
    cells: Vec<Option<Vec<Cell>>>,
}

impl Counted {
    /// The cell of a key of a group.
    pub fn key(&self, group: usize, key: usize) -> Cell {
        let number = self.numbers[group * self.cells.len() + key];
        match &self.cells[key] {
            None => Cell::Entity(EntityId(number)),
            Some(cells) => cells[number as usize].clone(),
        }
    }
}

/// The counts of a select whose aggregates all count one entity variable; `None` where that is not so. Groups that
/// `having` or `limit` leave out in any case may be missing.
pub(super) fn counted(
    context: &Context,
    links: &Links,
    select: &Select,
    keys: &[Expr],
    aggregates: &[&Expr],
) -> Result<Option<Counted>, Stop> {
    let Some(var) = only_counts(context, aggregates) else { return Ok(None) };
    if keys.len() > MOST_KEYS || select.nearest.is_some() {
        return Ok(None);
    }
    let wanted = super::group::wanted(select, keys);
    let plan = plan_of(context, select, &wanted);
    // What an optional part binds may be absent, and is not counted then.
    if plan.block.repeats() || plan.block.has_optional() || unsure(&plan, links, context.query) {
        return Ok(None);
    }
    let engine = engine(context.graph, links, &plan, &context.query.vars)?;
    let Some(readers) = keys.iter().map(|key| reader(&engine, key, var)).collect::<Option<Vec<Reader>>>() else {
        return Ok(None);
    };
    let mut tally = Tally::new(&engine, readers, var, Threshold::of(select));
    let mut worker = Worker::new(&engine, context.budget());
    let flow = worker.gather(Mode::CERTAIN, &mut tally);
    let notes = empty_notes(&worker.empty_domains);
    drop(worker);
    match flow {
        _ if tally.wide => return Ok(None),
        Err(halt @ Halt::Stop(_)) => return Err(stop(halt)),
        _ => tally.finish(),
    }
    let (found, readers) = (tally.found, tally.readers);
    let least = super::group::least_of_interest(select, &found.counts);
    Ok(Some(groups(plan.clone(), (wanted, var), &readers, (found, least), notes)))
}

/// The variable that every aggregate counts.
fn only_counts(context: &Context, aggregates: &[&Expr]) -> Option<VarId> {
    let counts = |expr: &&Expr| match &expr.kind {
        ExprKind::Aggregate { function: FunctionId::Count, argument, .. } => as_var(argument),
        _ => None,
    };
    let vars: Option<Vec<VarId>> = aggregates.iter().map(counts).collect();
    let (first, rest) = vars.as_deref()?.split_first().map(|(first, rest)| (*first, rest.to_vec()))?;
    let entity = matches!(context.query.vars[first.0 as usize].kind, VarKind::Entity(_));
    (entity && rest.iter().all(|var| *var == first)).then_some(first)
}

/// How the number of a key is read off an entity.
pub(super) enum Reader<'e> {
    /// An entity is its own number.
    Entity(VarId),
    /// What an expression gives for the value that a property of the counted entity has.
    Of { var: VarId, ranks: &'e Ranks, base: u32, by_rank: Vec<u32>, cells: Vec<Cell> },
}

impl Reader<'_> {
    pub fn var(&self) -> VarId {
        match self {
            Reader::Entity(var) | Reader::Of { var, .. } => *var,
        }
    }

    /// [`ABSENT`] for what belongs to no one group: a period that is wide, a value that is not known.
    #[inline]
    pub fn number(&self, entity: u32) -> u32 {
        match self {
            Reader::Entity(_) => entity,
            Reader::Of { ranks, base, by_rank, .. } => {
                let rank = ranks.of_entities.get(entity.wrapping_sub(*base) as usize);
                rank.map_or(ABSENT, |rank| by_rank[*rank as usize])
            }
        }
    }

    /// The range of its numbers.
    pub fn numbers(&self, engine: &Engine) -> Range<u32> {
        match self {
            Reader::Entity(var) => match engine.vars[var.0 as usize].kind {
                VarKind::Entity(types) => {
                    let ranges = engine.graph.ranges(types);
                    ranges.first().map_or(0, |first| first.start)..ranges.last().map_or(0, |last| last.end)
                }
                _ => 0..0,
            },
            Reader::Of { cells, .. } => 0..cells.len() as u32,
        }
    }

    /// The cells of its numbers, where these are not entities.
    fn cells(&self) -> Option<Vec<Cell>> {
        match self {
            Reader::Entity(_) => None,
            Reader::Of { cells, .. } => Some(cells.clone()),
        }
    }
}

fn reader<'e>(engine: &Engine<'e>, key: &Expr, counted: VarId) -> Option<Reader<'e>> {
    if let Some(var) = as_var(key) {
        let entity = matches!(engine.vars[var.0 as usize].kind, VarKind::Entity(_));
        return entity.then_some(Reader::Entity(var));
    }
    let property = match &key.kind {
        ExprKind::Call(_, arguments) => match arguments.as_slice() {
            [Expr { kind: ExprKind::Property(var, property), .. }] if *var == counted => *property,
            _ => return None,
        },
        ExprKind::Property(var, property) if *var == counted => *property,
        _ => return None,
    };
    let (graph, base) = (engine.graph, engine.graph.values(property).base);
    let ranks = graph.ranks(property)?;
    let given: Vec<Option<Cell>> = ranks.samples.iter().map(|entity| definite(engine, key, counted, *entity)).collect();
    let mut cells: Vec<Cell> = given.iter().flatten().cloned().collect();
    cells.sort_by(compare_cells);
    cells.dedup();
    let place = |cell: &Cell| cells.binary_search_by(|other| compare_cells(other, cell)).map_or(ABSENT, |i| i as u32);
    let by_rank = given.iter().map(|cell| cell.as_ref().map_or(ABSENT, place)).collect();
    Some(Reader::Of { var: counted, ranks, base, by_rank, cells })
}

/// What a key gives for an entity, if that is one value.
fn definite(engine: &Engine, key: &Expr, var: VarId, entity: u32) -> Option<Cell> {
    let mut frame = vec![ABSENT; engine.plan.slots];
    frame[var.0 as usize] = entity;
    let (graph, plan, vars) = (engine.graph, engine.plan, engine.vars);
    let scope = Scope { graph, plan, vars, paths: &Default::default(), frame: &frame, folded: &|_| None };
    match scope.cell(key) {
        Cell::Value(Value::Text(text)) if text.contains("..") => None,
        cell @ Cell::Value(Value::Number(_) | Value::Integer(_) | Value::Text(_)) => Some(cell),
        _ => None,
    }
}

/// How many rows are looked at where only the first are shown; `None` where all are, and where each adds to the next.
pub(super) fn most_rows(select: &Select) -> Option<usize> {
    let adds_up = |column: &Column| matches!(column.expr.kind, ExprKind::Call(FunctionId::Running, _));
    let limit = select.limit.filter(|_| !select.columns.iter().any(adds_up))?;
    Some(limit.saturating_add(select.offset) as usize)
}

/// The least count that passes a condition of the form `count(x) >= 3`; `None` for other conditions.
pub(super) fn least_count(having: &Expr) -> Option<u64> {
    let ExprKind::Compare(op, a, b) = &having.kind else { return None };
    let (ExprKind::Aggregate { .. }, ExprKind::Value(Value::Number(number))) = (&a.kind, &b.kind) else { return None };
    match op {
        CompareOp::GreaterOrEqual => Some(number.ceil().max(0.0) as u64),
        CompareOp::Greater => Some((number.floor() + 1.0).max(0.0) as u64),
        _ => None,
    }
}

/// The variable that the last step binds, if that is one step's own.
pub(super) fn last_bound(block: &Block) -> Option<VarId> {
    let binds = block.steps.iter().rfind(|step| !matches!(step, Step::Filter(_)));
    match binds? {
        Step::Scan { var, .. } | Step::Expand { var, .. } => Some(*var),
        _ => None,
    }
}

fn groups(
    plan: Arc<Plan>,
    (wanted, var): (Vec<VarId>, VarId),
    readers: &[Reader],
    (found, least): (Found, u64),
    notes: Vec<crate::text::Diagnostic>,
) -> Counted {
    let width = readers.len();
    let numbers = |group: usize| &found.numbers[group * width..(group + 1) * width];
    let mut order: Vec<usize> = (0..found.counts.len()).filter(|group| found.counts[*group] >= least).collect();
    crate::limits::sort_unstable_by(&mut order, |a, b| numbers(*a).cmp(numbers(*b)));
    let slot = |wanted: &VarId, group: usize| {
        let of_key = readers.iter().position(|reader| matches!(reader, Reader::Entity(var) if var == wanted));
        match of_key {
            Some(i) => numbers(group)[i],
            None if *wanted == var => found.samples[group],
            None => ABSENT,
        }
    };
    let cells = order.iter().flat_map(|group| wanted.iter().map(|wanted| slot(wanted, *group))).collect();
    let counts: Vec<u64> = order.iter().map(|group| found.counts[*group]).collect();
    let sorted = order.iter().flat_map(|group| numbers(*group)).copied().collect();
    let key_cells = readers.iter().map(Reader::cells).collect();
    Counted {
        matches: Matches::of(plan, wanted, cells, counts.len(), notes),
        counts,
        numbers: sorted,
        cells: key_cells,
    }
}

/// How many bindings all free variables of a select have; `None` where that is not certain or they repeat.
pub(super) fn number_of_matches(context: &Context, links: &Links, select: &Select) -> Result<Option<u64>, Stop> {
    let plan = plan_of(context, select, &select.free);
    if select.nearest.is_some() || plan.block.repeats() || unsure(&plan, links, context.query) {
        return Ok(None);
    }
    let engine = Engine { unsure: false, ..engine(context.graph, links, &plan, &context.query.vars)? };
    let mut worker = Worker::new(&engine, context.budget());
    let mut number = Number(0);
    match worker.gather(Mode::CERTAIN, &mut number) {
        Err(halt) => Err(stop(halt)),
        Ok(()) if !worker.empty_domains.is_empty() => Ok(None),
        Ok(()) => Ok(Some(number.0)),
    }
}

/// Counts bindings.
struct Number(u64);

impl Gather for Number {
    const IN_ORDER: bool = false;

    fn fork(&self) -> Self {
        Number(0)
    }

    fn join(&mut self, next: Self) {
        self.0 += next.0;
    }
}

impl Sink for Number {
    fn one(&mut self, _: &mut Worker, _: Mode) -> Flow {
        self.0 += 1;
        Ok(())
    }

    fn each(&mut self, _: &mut Worker, _: u16, values: &[u32], _: Mode) -> Flow {
        self.0 += values.len() as u64;
        Ok(())
    }

    fn counts(&self, _: u16) -> bool {
        true
    }

    fn number(&mut self, _: &mut Worker, number: u64, _: Mode) -> Flow {
        self.0 += number;
        Ok(())
    }
}
