//! Filters asked of whole lists of values.

use super::eval::{compare_values, truth_of};
use super::flood::Bits;
use super::limits::{Flow, Halt};
use super::solve::{Worker, along, binding};
use super::{Mode, Outcomes};
use crate::check::typed::{CompareOp, Term, VarId};
use crate::graph::{EntityId, Rows, ValueColumn};
use crate::plan::{ABSENT, Compare, Condition, Leads, Order, Source, Step};
use crate::value::{Truth, Value};
use std::rc::Rc;

impl Order {
    /// Returns whether the two stand in that order; neither where one is absent.
    pub(super) fn outcomes(&self, frame: &[u32]) -> Outcomes {
        let other = match self.other {
            Term::Entity(entity) => entity.0,
            Term::Var(var) => frame[var.0 as usize],
        };
        match frame[self.var.0 as usize] {
            ABSENT => Outcomes::NEITHER,
            _ if other == ABSENT => Outcomes::NEITHER,
            value => truth_of(in_order(self.op, value, other)).into(),
        }
    }
}

fn in_order(op: CompareOp, value: u32, other: u32) -> bool {
    match op {
        CompareOp::Less => value < other,
        CompareOp::LessOrEqual => value <= other,
        CompareOp::Greater => value > other,
        CompareOp::GreaterOrEqual => value >= other,
        CompareOp::NotEqual => value != other,
        _ => value == other,
    }
}

impl<'e> Worker<'e> {
    /// The values that the first filters leave where these say in which order `var` stands to what is bound: a part of
    /// the list. The other filters are still to be asked.
    pub(super) fn narrow<'v, 's>(
        &self,
        var: u16,
        mut values: &'v [u32],
        mut filters: &'s [Step],
    ) -> (&'v [u32], &'s [Step]) {
        while let Some((Step::Filter(Condition::Order(order)), rest)) = filters.split_first() {
            let Some((order, other)) = self.seen_from(order, var) else { break };
            let below = |bound: u32| below(values, bound);
            values = match order {
                CompareOp::Less => &values[..below(other)],
                CompareOp::LessOrEqual => &values[..below(other.saturating_add(1))],
                CompareOp::Greater => &values[below(other.saturating_add(1))..],
                CompareOp::GreaterOrEqual => &values[below(other)..],
                CompareOp::Equal => &values[below(other)..below(other.saturating_add(1))],
                _ => break,
            };
            filters = rest;
        }
        (values, filters)
    }

    /// In which order `var` stands to what; nothing where that is absent, or `var` is both sides or neither.
    fn seen_from(&self, order: &Order, var: u16) -> Option<(CompareOp, u32)> {
        if order.other == Term::Var(order.var) {
            return None;
        }
        let (op, other) = if order.var.0 == var {
            (order.op, self.entity(order.other))
        } else if order.other == Term::Var(VarId(var)) {
            (mirrored(order.op), self.frame[order.var.0 as usize])
        } else {
            return None;
        };
        (other != ABSENT).then_some((op, other))
    }

    /// Keeps the values of `var` for which all filters hold.
    pub(super) fn sieve(&mut self, var: u16, values: &mut Vec<u32>, filters: &[Step], mode: Mode) -> Flow {
        for filter in filters {
            let Step::Filter(condition) = filter else { continue };
            self.keep(var, values, condition, mode)?;
        }
        Ok(())
    }

    fn keep(&mut self, var: u16, values: &mut Vec<u32>, condition: &Condition, mode: Mode) -> Flow {
        match condition {
            Condition::Order(order) if let Some((op, other)) = self.seen_from(order, var) => {
                match op {
                    CompareOp::NotEqual => values.retain(|value| *value != other),
                    _ => values.retain(|value| in_order(op, *value, other)),
                }
                Ok(())
            }
            Condition::Compare(compare) if compare.var.0 == var => {
                self.keep_compared(values, compare, mode);
                Ok(())
            }
            Condition::Not(inner)
                if let Condition::Leads(leads) = &**inner
                    && leads.from.0 == var =>
            {
                let leading = self.leading(leads, mode.negated())?;
                values.retain(|value| !leading.contains(*value as usize));
                Ok(())
            }
            Condition::Leads(leads) if leads.from.0 == var => {
                let leading = self.leading(leads, mode)?;
                values.retain(|value| leading.contains(*value as usize));
                Ok(())
            }
            Condition::Not(inner) if let Some(witness) = self.witness(inner, var, mode.negated()) => {
                values.retain(|value| !witness.is_beside(*value));
                Ok(())
            }
            _ if let Some(witness) = self.witness(condition, var, mode) => {
                values.retain(|value| witness.is_beside(*value));
                Ok(())
            }
            _ => self.keep_each(var, values, condition, mode),
        }
    }

    /// A semi-join that asks `var` for a neighbour and nothing more of that than how it stands to what is bound.
    fn witness(&self, condition: &Condition, var: u16, mode: Mode) -> Option<Witness<'e>> {
        let Condition::Exists { block, .. } = condition else { return None };
        let (Step::Expand { var: neighbour, sources, types: None }, filters) = block.steps.split_first()? else {
            return None;
        };
        let [Source::Link { link, from: Term::Var(from), inverse, source }] = sources.as_slice() else { return None };
        let order = |filter: &Step| match filter {
            Step::Filter(Condition::Order(order)) if order.var.0 != var && order.other != Term::Var(VarId(var)) => {
                self.seen_from(order, neighbour.0)
            }
            _ => None,
        };
        let mut orders = [None; MOST_ORDERS];
        for (i, filter) in filters.iter().enumerate() {
            *orders.get_mut(i)? = Some(order(filter)?);
        }
        (from.0 == var).then(|| Witness { rows: self.rows((*link, *inverse, *source), mode), orders })
    }

    /// Whether a condition holds for one value of `var`, which stands in the frame.
    pub(super) fn holds_of(&mut self, var: u16, condition: &Condition, mode: Mode) -> Result<bool, Halt> {
        let value = self.frame[var as usize];
        match condition {
            Condition::Not(inner) if let Some(witness) = self.witness(inner, var, mode.negated()) => {
                Ok(!witness.is_beside(value))
            }
            _ => match self.witness(condition, var, mode) {
                Some(witness) => Ok(witness.is_beside(value)),
                None => self.holds(condition, mode),
            },
        }
    }

    /// Asks the condition of one value after the other.
    fn keep_each(&mut self, var: u16, values: &mut Vec<u32>, condition: &Condition, mode: Mode) -> Flow {
        let mut kept = 0;
        for i in 0..values.len() {
            self.budget.tick()?;
            self.frame[var as usize] = values[i];
            if self.holds(condition, mode)? {
                values[kept] = values[i];
                kept += 1;
            }
        }
        values.truncate(kept);
        Ok(())
    }

    /// How the property of an entity compares.
    pub(super) fn compared(&self, compare: &Compare, entity: u32) -> Outcomes {
        match entity {
            ABSENT => Outcomes::NEITHER,
            entity => {
                let value = self.engine.graph.value(EntityId(entity), compare.property);
                compare_values(compare.op, &value, &compare.value).into()
            }
        }
    }

    fn keep_compared(&self, values: &mut Vec<u32>, compare: &Compare, mode: Mode) {
        let stated = self.engine.graph.values(compare.property);
        let exact = self.engine.graph.is_exact(compare.property);
        match (&stated.stated, &compare.value, exact) {
            (ValueColumn::Numbers(numbers), Value::Number(wanted), true) if numbers.wide.is_empty() => {
                let (column, wanted) = ((&numbers.floats[..], stated.base, mode.accepts(Truth::Maybe)), *wanted);
                match compare.op {
                    CompareOp::Equal => keep_numbers(values, column, |number| number == wanted),
                    CompareOp::NotEqual => keep_numbers(values, column, |number| number != wanted),
                    CompareOp::Less => keep_numbers(values, column, |number| number < wanted),
                    CompareOp::LessOrEqual => keep_numbers(values, column, |number| number <= wanted),
                    CompareOp::Greater => keep_numbers(values, column, |number| number > wanted),
                    CompareOp::GreaterOrEqual => keep_numbers(values, column, |number| number >= wanted),
                    _ => values.retain(|value| mode.accepts(self.compared(compare, *value))),
                }
            }
            _ => values.retain(|value| mode.accepts(self.compared(compare, *value))),
        }
    }

    /// The entities that a path leads to some entity of the block; searched once, from all these at once.
    pub(super) fn leading(&mut self, leads: &Leads, mode: Mode) -> Result<Rc<Bits>, Halt> {
        if let Some(known) = self.leading.get(&(leads.id, mode)) {
            return Ok(known.clone());
        }
        let var = leads.to.wanted.first().map_or(0, |var| var.0 as usize);
        let mut ends = Vec::new();
        let mut gather = binding(|worker, _| {
            ends.push(worker.frame[var]);
            Ok(())
        });
        self.solve(&leads.to.steps, mode, &mut gather)?;
        drop(gather);
        ends.sort_unstable();
        ends.dedup();
        let mut reached = Vec::new();
        let flood = self.flood(along(leads.path, !leads.inverse, leads.source, mode));
        flood.reached(&ends, &mut reached, &mut self.budget)?;
        let leading = Rc::new(Bits::of(&reached, self.engine.graph.entity_count()));
        self.leading.insert((leads.id, mode), leading.clone());
        Ok(leading)
    }
}

/// Who is looked for beside an entity.
struct Witness<'e> {
    rows: Rows<'e>,
    /// How it stands to entities that are bound.
    orders: [Option<(CompareOp, u32)>; MOST_ORDERS],
}

/// With more of them, a semi-join is solved as any other.
const MOST_ORDERS: usize = 2;

impl Witness<'_> {
    #[inline]
    fn is_beside(&self, entity: u32) -> bool {
        let is_so = |it: &u32| self.orders.iter().flatten().all(|(op, other)| in_order(*op, *it, *other));
        self.rows.of(entity).iter().any(is_so)
    }
}

/// How many of the rising values are below a bound. Short lists are counted through, which no branch spoils.
fn below(values: &[u32], bound: u32) -> usize {
    match values.len() <= 32 {
        true => values.iter().map(|value| usize::from(*value < bound)).sum(),
        false => values.partition_point(|value| *value < bound),
    }
}

/// Keeps the entities whose number passes the test; those of whom nothing is known where `unknown` says so. `base` is
/// the first entity of the column.
fn keep_numbers(values: &mut Vec<u32>, (numbers, base, unknown): (&[f64], u32, bool), test: impl Fn(f64) -> bool) {
    let mut kept = 0;
    for i in 0..values.len() {
        let value = values[i];
        values[kept] = value;
        let number = numbers.get(value.wrapping_sub(base) as usize);
        kept += usize::from(number.map_or(unknown, |number| test(*number)));
    }
    values.truncate(kept);
}

/// The same order seen from the other side.
fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}
