//! Counting without materialising: for each tuple of keys, how many entities; one number for each group, no rows.
//!
//! It serves where every match is certain and distinct as the plan finds it, at most two keys are asked for, and nothing
//! but counts of one entity variable is aggregated. Everything else goes through `group`.

use super::eval::Scope;
use super::limits::{Flow, Halt, Stop};
use super::links::Links;
use super::matches::{Matches, empty_notes, engine, plan_of, unsure};
use super::rows::{as_var, stop};
use super::solve::Worker;
use super::{ABSENT, Context, Mode};
use crate::answer::Cell;
use crate::check::typed::{Expr, ExprKind, Select, VarId, VarKind};
use crate::functions::FunctionId;
use crate::plan::Plan;
use crate::value::Value;
use indexmap::IndexSet;
use rustc_hash::FxHashMap;

/// Groups with a count each.
pub(super) struct Counted {
    /// One tuple for each group: its keys, and one of the entities counted.
    pub matches: Matches,
    /// By group.
    pub counts: Vec<u64>,
}

/// The counts of a select whose aggregates all count one entity variable; `None` where that is not so.
pub(super) fn counted(
    context: &Context,
    links: &Links,
    select: &Select,
    keys: &[Expr],
    aggregates: &[&Expr],
) -> Result<Option<Counted>, Stop> {
    let Some(var) = only_counts(context, aggregates) else { return Ok(None) };
    let Some(readers) = keys.iter().map(|key| reader(context, key, var)).collect::<Option<Vec<Reader>>>() else {
        return Ok(None);
    };
    if readers.len() > 2 || select.nearest.is_some() {
        return Ok(None);
    }
    let wanted = super::group::wanted(select, keys);
    let plan = plan_of(context, select, &wanted);
    if plan.block.repeats() || unsure(&plan, links, context.query) {
        return Ok(None);
    }
    tally(context, links, plan, (wanted, var), readers)
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

/// How the number of a key is read off a frame.
enum Reader<'q> {
    /// An entity is its own number.
    Entity(VarId),
    /// What an expression gives for the counted entity, numbered as met; kept by entity.
    Of { expr: &'q Expr, known: Vec<u32>, cells: IndexSet<String> },
}

fn reader<'q>(context: &Context, key: &'q Expr, counted: VarId) -> Option<Reader<'q>> {
    if let Some(var) = as_var(key) {
        let entity = matches!(context.query.vars[var.0 as usize].kind, VarKind::Entity(_));
        return entity.then_some(Reader::Entity(var));
    }
    let mut only = true;
    key.vars(&mut |var| only &= var == counted);
    (only && matches!(key.kind, ExprKind::Property(..) | ExprKind::Call(..))).then(|| Reader::Of {
        expr: key,
        known: Vec::new(),
        cells: IndexSet::new(),
    })
}

/// One search through the plan, a count for each pair of keys.
fn tally(
    context: &Context,
    links: &Links,
    plan: Plan,
    (wanted, var): (Vec<VarId>, VarId),
    mut readers: Vec<Reader>,
) -> Result<Option<Counted>, Stop> {
    let engine = engine(context.graph, links, &plan, &context.query.vars)?;
    let mut worker = Worker::new(&engine, context.budget());
    // The counted variable itself is not looked at one by one, so it cannot be a key too.
    let plain = readers.iter().all(|reader| matches!(reader, Reader::Entity(key) if *key != var));
    worker.tail = plain.then_some(var.0);
    let mut counts: FxHashMap<[u32; 2], (u64, u32)> = FxHashMap::default();
    let mut wide = false;
    let flow = worker.solve(&plan.block.steps, Mode::Certain, &mut |worker, _| {
        let mut key = [0; 2];
        for (place, reader) in key.iter_mut().zip(&mut readers) {
            match number(worker, reader, var) {
                Some(number) => *place = number,
                None => wide = true,
            }
        }
        if wide {
            return Err(Halt::Enough);
        }
        let count = counts.entry(key).or_insert((0, worker.frame[var.0 as usize]));
        count.0 += worker.times as u64;
        Ok(())
    });
    let notes = empty_notes(&worker.empty_domains);
    match flow {
        _ if wide => return Ok(None),
        Err(halt @ Halt::Stop(_)) => return Err(stop(halt)),
        _ => {}
    }
    Ok(Some(groups(plan.clone(), wanted, var, &readers, counts, notes)))
}

/// The number of a key; `None` for a period that is wide, which belongs to more than one group.
fn number(worker: &mut Worker, reader: &mut Reader, var: VarId) -> Option<u32> {
    match reader {
        Reader::Entity(var) => Some(worker.frame[var.0 as usize]),
        Reader::Of { expr, known, cells } => {
            let entity = worker.frame[var.0 as usize] as usize;
            if known.len() <= entity {
                known.resize(entity + 1, ABSENT);
            }
            if known[entity] == ABSENT {
                known[entity] = cells.insert_full(written(&worker.scope(), expr)?).0 as u32;
            }
            Some(known[entity])
        }
    }
}

/// A key that is one value, as text.
fn written(scope: &Scope, expr: &Expr) -> Option<String> {
    match scope.cell(expr) {
        Cell::Value(Value::Number(number)) => Some(number.to_string()),
        Cell::Value(Value::Text(text)) if !text.contains("..") => Some(text.to_string()),
        _ => None,
    }
}

fn groups(
    plan: Plan,
    wanted: Vec<VarId>,
    var: VarId,
    readers: &[Reader],
    counts: FxHashMap<[u32; 2], (u64, u32)>,
    notes: Vec<crate::text::Diagnostic>,
) -> Counted {
    let mut sorted: Vec<([u32; 2], (u64, u32))> = counts.into_iter().collect();
    sorted.sort_unstable();
    let slot = |wanted: &VarId, key: &[u32; 2], entity: u32| {
        let of_key = readers.iter().position(|reader| matches!(reader, Reader::Entity(var) if var == wanted));
        match of_key {
            Some(i) => key[i],
            None if *wanted == var => entity,
            None => ABSENT,
        }
    };
    let cells = sorted
        .iter()
        .flat_map(|(key, (_, entity))| wanted.iter().map(move |wanted| slot(wanted, key, *entity)))
        .collect();
    let counts: Vec<u64> = sorted.iter().map(|(_, (count, _))| *count).collect();
    Counted { matches: Matches::of(plan, wanted, cells, counts.len(), notes), counts }
}

/// How many bindings all free variables of a select have; `None` where that is not certain or they repeat.
pub(super) fn number_of_matches(context: &Context, links: &Links, select: &Select) -> Result<Option<u64>, Stop> {
    let plan = plan_of(context, select, &select.free);
    if plan.block.repeats() || unsure(&plan, links, context.query) {
        return Ok(None);
    }
    let engine = engine(context.graph, links, &plan, &context.query.vars)?;
    let mut worker = Worker::new(&engine, context.budget());
    worker.tail = plan.block.bound().last().map(|var| var.0);
    let mut count = 0;
    let flow: Flow = worker.solve(&plan.block.steps, Mode::Certain, &mut |worker, _| {
        count += worker.times as u64;
        Ok(())
    });
    match flow {
        Err(halt) => Err(stop(halt)),
        Ok(()) if worker.cycle.is_some() || !worker.empty_domains.is_empty() => Ok(None),
        Ok(()) => Ok(Some(count)),
    }
}
