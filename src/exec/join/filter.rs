//! Filters on whole batches of values.

use crate::date::{Date, Day, civil_of};
use crate::exec::edges::EdgeLabel;
use crate::exec::eval::{compare_values, truth_of};
use crate::exec::exact::ExactScope;
use crate::exec::join::expand::DENSE;
use crate::exec::join::{Worker, binding, closure_key};
use crate::exec::limits::{Flow, Halt};
use crate::exec::{Mode, Outcomes};
use crate::graph::{BitSet, EntityId, Rows, ValueColumn};
use crate::plan::{
    Block, Coded, Compare, CompareOp, Condition, MOST_TESTS, NULL_SLOT, Order, Probe, ProbeFact, ReachEnds,
    ReachSemiJoin, Step, Steps, Term, VarId, VarKind,
};
use crate::value::{Truth, Value};
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// A property is encoded once one value has been tested for so many of the property: encoding visits each value once,
/// and a test evaluates an expression. By reasoning, no benchmark varies it.
const ENCODED_PER_TEST: usize = 8;

impl Order {
    /// Returns whether the two entities are in that order; neither if one is absent.
    pub(crate) fn outcomes(&self, frame: &[u32]) -> Outcomes {
        let other = match self.other {
            Term::Entity(entity) => entity.0,
            Term::Var(var) => frame[var.0 as usize],
        };
        match frame[self.var.0 as usize] {
            NULL_SLOT => Outcomes::NEITHER,
            _ if other == NULL_SLOT => Outcomes::NEITHER,
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
    /// Applies leading filters that compare `var` with a bound entity: the values that pass are a range of the sorted
    /// list. Returns this range and the remaining filters.
    pub(crate) fn narrow<'v, 's>(
        &mut self,
        var: u16,
        mut values: &'v [u32],
        mut filters: Steps<'s>,
    ) -> (&'v [u32], Steps<'s>) {
        // Filters behind another kind of filter are left: conditions are tested in the order of the plan.
        while let Some((Step::Filter(Condition::Order(order)), rest)) = filters.split_first() {
            let Some((order, other)) = self.comparison_of(order, var) else { break };
            let below = |bound: u32| below(values, bound);
            let kept = match order {
                CompareOp::Less => &values[..below(other)],
                CompareOp::LessOrEqual => &values[..below(other.saturating_add(1))],
                CompareOp::Greater => &values[below(other.saturating_add(1))..],
                CompareOp::GreaterOrEqual => &values[below(other)..],
                CompareOp::Equal => &values[below(other)..below(other.saturating_add(1))],
                // The values that differ from an entity are no contiguous range.
                _ => break,
            };
            self.count_filtered(filters.first, values.len(), kept.len());
            (values, filters) = (kept, rest);
        }
        (values, filters)
    }

    fn count_filtered(&mut self, id: u32, before: usize, after: usize) {
        if self.is_profiled() {
            self.accounted(id, before, |_| Ok(())).ok();
            self.count_out(id, after);
        }
    }

    /// Returns the operator that compares `var` with a bound entity, and that entity; `None` if it is absent, or if
    /// `var` is on both sides or on neither.
    fn comparison_of(&self, order: &Order, var: u16) -> Option<(CompareOp, u32)> {
        if order.other == Term::Var(order.var) {
            return None;
        }
        let (op, other) = if order.var.0 == var {
            (order.op, self.entity(order.other))
        } else if order.other == Term::Var(VarId(var)) {
            (order.op.mirrored(), self.frame[order.var.0 as usize])
        } else {
            return None;
        };
        (other != NULL_SLOT).then_some((op, other))
    }

    /// Keeps the values of `var` that pass all filters.
    pub(crate) fn filter_batch(&mut self, var: u16, values: &mut Vec<u32>, filters: Steps, mode: Mode) -> Flow {
        for (id, condition) in filters.conditions() {
            if self.is_profiled() {
                self.accounted(id, values.len(), |worker| worker.keep(var, values, condition, mode))?;
                self.count_out(id, values.len());
            } else {
                self.keep(var, values, condition, mode)?;
            }
        }
        Ok(())
    }

    /// Returns true if the frame passes a filter.
    pub(crate) fn filter_one(&mut self, id: u32, condition: &Condition, mode: Mode) -> Result<bool, Halt> {
        let holds = self.holds(condition, mode)?;
        if self.is_profiled() {
            self.count_filtered(id, 1, usize::from(holds));
        }
        Ok(holds)
    }

    fn keep(&mut self, var: u16, values: &mut Vec<u32>, condition: &Condition, mode: Mode) -> Flow {
        match condition {
            Condition::Order(order) if let Some((op, other)) = self.comparison_of(order, var) => {
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
            Condition::Exact(test) => {
                let (graph, mut frame) = (self.engine.graph, std::mem::take(&mut self.frame));
                values.retain(|value| {
                    frame[var as usize] = *value;
                    mode.accepts(ExactScope { graph, frame: &frame }.outcomes(test))
                });
                self.frame = frame;
                Ok(())
            }
            Condition::Coded(coded) if coded.var.0 == var => self.keep_coded(values, coded, mode),
            Condition::Name(of, pattern) if of.0 == var => {
                // The name of an entity is certain, so that the mode makes no difference.
                let graph = self.engine.graph;
                values.retain(|value| pattern.matches(graph.names().bytes(EntityId(*value))));
                Ok(())
            }
            Condition::Not(inner) => self.keep_listed(var, values, (inner, condition), false, mode),
            condition => self.keep_listed(var, values, (condition, condition), true, mode),
        }
    }

    /// Keeps the values that pass a test, which is evaluated once per dictionary code.
    fn keep_coded(&mut self, values: &mut Vec<u32>, coded: &Coded, mode: Mode) -> Flow {
        let graph = self.engine.graph;
        let column = graph.values(coded.property);
        // Encoding visits all values of the property, so that a few tests do not pay for it. The counter is only a measure.
        let tested = self.engine.tested.fetch_add(values.len(), Ordering::Relaxed) + values.len();
        let is_encoded = column.ranks.get().is_some();
        let is_worth = is_encoded || tested.saturating_mul(ENCODED_PER_TEST) >= column.len();
        let Some(dictionary) = Some(coded.property).filter(|_| is_worth).and_then(|property| graph.ranks(property))
        else {
            return self.keep_each(coded.var.0, values, &coded.test, mode);
        };
        // Taken out of the map while the test borrows the worker.
        let mut passing = self.coded.remove(&(coded.id, mode)).unwrap_or_default();
        passing.resize(dictionary.samples.len(), None);
        let mut kept = 0;
        for i in 0..values.len() {
            let value = values[i];
            let code = dictionary.of_entities.get(value.wrapping_sub(column.base) as usize);
            // An entity without a value has no code: its test is evaluated each time.
            let passes = match code.map(|code| &mut passing[*code as usize]) {
                Some(Some(known)) => *known,
                other => {
                    self.budget.tick()?;
                    self.frame[coded.var.0 as usize] = value;
                    let passes = self.holds(&coded.test, mode)?;
                    other.into_iter().for_each(|known| *known = Some(passes));
                    passes
                }
            };
            values[kept] = value;
            kept += usize::from(passes);
        }
        values.truncate(kept);
        self.coded.insert((coded.id, mode), passing);
        Ok(())
    }

    /// Keeps the values for which the result of a condition equals `wanted`, if the condition is a look-up in a set or
    /// list. Tests other conditions value by value, as `whole`, which includes the negation if there is one.
    fn keep_listed(
        &mut self,
        var: u16,
        values: &mut Vec<u32>,
        (condition, whole): (&Condition, &Condition),
        wanted: bool,
        mode: Mode,
    ) -> Flow {
        let inner = if wanted { mode } else { mode.negated() };
        match condition {
            Condition::ReachSemiJoin(join) if join.from.0 == var => {
                let reaching = self.reaching_set(join, inner)?;
                values.retain(|value| reaching.contains(*value as usize) == wanted);
                Ok(())
            }
            Condition::Probe(probe) if probe.from.0 == var => {
                let mut probe = self.neighbour_probe(probe, inner);
                // Bit sets pay off only if both the batch and the list are long.
                if let Some(probe) = probe.as_mut().filter(|_| values.len() >= DENSE) {
                    for fact in probe.facts.iter_mut().flatten().filter(|fact| fact.list.len() >= DENSE) {
                        fact.dense = Some(self.dense(fact.list));
                    }
                }
                values.retain(|value| probe.as_ref().is_some_and(|probe| probe.matches(*value)) == wanted);
                for fact in probe.into_iter().flat_map(|probe| probe.facts).flatten() {
                    if let Some(dense) = fact.dense {
                        self.give_back_dense(dense, fact.list);
                    }
                }
                Ok(())
            }
            _ => self.keep_each(var, values, whole, mode),
        }
    }

    /// Returns a probe for the currently bound entities; `None` if no neighbour can pass.
    pub(crate) fn neighbour_probe(&self, probe: &Probe, mode: Mode) -> Option<NeighbourProbe<'e>> {
        let mut orders = [None; MOST_TESTS];
        for (own, (op, other)) in orders.iter_mut().zip(&probe.orders) {
            match self.entity(*other) {
                // A comparison with an absent entity is neither true nor false.
                NULL_SLOT if mode.accepts(Outcomes::NEITHER) => {}
                NULL_SLOT => return None,
                other => *own = Some((*op, other)),
            }
        }
        let mut facts = [const { None }; MOST_TESTS];
        for (own, fact) in facts.iter_mut().zip(&probe.facts) {
            *own = Some(self.fact_test(fact, mode));
        }
        Some(NeighbourProbe {
            rows: self.rows(EdgeLabel { link: probe.link, inverse: probe.inverse, source: probe.source }, mode),
            orders,
            facts,
        })
    }

    fn fact_test(&self, fact: &ProbeFact, mode: Mode) -> FactTest<'e> {
        let ProbeFact { link, inverse, source, other, is_wanted } = *fact;
        // A denied fact fails the test if it may hold, so it is looked up in the opposite mode.
        let mode = if is_wanted { mode } else { mode.negated() };
        let label = EdgeLabel { link, inverse, source };
        FactTest { list: self.rows(label, mode).of(self.entity(other)), dense: None, is_wanted }
    }

    /// Tests the condition value by value.
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

    /// Returns the outcomes of comparing the property of an entity with a constant.
    pub(crate) fn compared(&self, compare: &Compare, entity: u32) -> Outcomes {
        match entity {
            NULL_SLOT => Outcomes::NEITHER,
            entity => {
                let value = self.engine.graph.value(EntityId(entity), compare.property);
                compare_values(compare.op, &value, &compare.value).into()
            }
        }
    }

    fn keep_compared(&self, values: &mut Vec<u32>, compare: &Compare, mode: Mode) {
        let (graph, stated) = (self.engine.graph, self.engine.graph.values(compare.property));
        let kind = self.engine.pattern.slots.get(compare.var.0 as usize).map(|slot| slot.kind);
        let is_exact = matches!(kind, Some(VarKind::Entity(types)) if graph.is_exact(compare.property, types));
        match (&stated.stated, &compare.value) {
            // Fast path: exact numbers in one array of floats.
            (ValueColumn::Numbers(numbers), Value::Number(wanted)) if is_exact && numbers.wide.is_empty() => {
                let offsets = (!graph.is_exact_throughout(compare.property)).then_some(&*stated.offsets);
                let unknown = mode.accepts(Truth::Maybe);
                let column = NumberColumn { numbers: &numbers.floats, offsets, base: stated.base, unknown };
                let wanted = *wanted;
                // One loop per operator, so that the operator is not tested per value.
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
            // Fast path: exact days. A batch of a few does not pay for five comparisons.
            (ValueColumn::Dates(_), Value::Date(period)) if is_exact && values.len() >= DENSE => {
                match DayTest::of(compare.op, *period, mode) {
                    Some(test) => keep_days(values, &stated.settled, stated.base, &test),
                    None => values.retain(|value| mode.accepts(self.compared(compare, *value))),
                }
            }
            _ => values.retain(|value| mode.accepts(self.compared(compare, *value))),
        }
    }

    /// Returns the entities from which a path leads to some entity of the block: one backward search from all of them,
    /// cached per semi-join and mode.
    pub(crate) fn reaching_set(&mut self, join: &ReachSemiJoin, mode: Mode) -> Result<Rc<BitSet>, Halt> {
        if let Some(known) = self.reaching.get(&(join.id, mode)) {
            return Ok(known.clone());
        }
        let ends = match &join.to {
            ReachEnds::Entity(entity) => vec![entity.0],
            ReachEnds::Block(block) => self.values_of(block, mode)?,
        };
        let mut reached = Vec::new();
        // Against the direction of the path: from the ends to the entities that lead to them.
        let product = self.product(closure_key(join.path, !join.inverse, join.source, mode));
        product.reached(&ends, &mut reached, &mut self.budget)?;
        let reaching =
            Rc::new(BitSet::of(reached.iter().map(|entity| *entity as usize), self.engine.graph.entity_count()));
        self.reaching.insert((join.id, mode), reaching.clone());
        Ok(reaching)
    }
}

impl Worker<'_> {
    /// Returns the values of the only wanted variable of a block, sorted ascending, each once.
    fn values_of(&mut self, block: &Block, mode: Mode) -> Result<Vec<u32>, Halt> {
        let var = block.wanted.first().map_or(0, |var| var.0 as usize);
        let mut values = Vec::new();
        let mut collect = binding(|worker, _| {
            values.push(worker.frame[var]);
            Ok(())
        });
        self.solve(block.all_steps(), mode, &mut collect)?;
        drop(collect);
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }
}

/// Neighbour test of a semi-join: does the entity have a neighbour that passes all tests?
pub(crate) struct NeighbourProbe<'e> {
    rows: Rows<'e>,
    /// Comparisons of the neighbour with bound entities.
    orders: [Option<(CompareOp, u32)>; MOST_TESTS],
    /// Required or excluded links of the neighbour to bound entities.
    facts: [Option<FactTest<'e>>; MOST_TESTS],
}

/// Test whether the neighbour is (or is not) in a list of neighbours of a bound entity.
struct FactTest<'e> {
    list: &'e [u32],
    /// The same list as a bit set, if many values are tested.
    dense: Option<BitSet>,
    is_wanted: bool,
}

impl FactTest<'_> {
    #[inline]
    fn passes(&self, it: u32) -> bool {
        let is_listed = match &self.dense {
            Some(dense) => dense.contains(it as usize),
            None => self.list.binary_search(&it).is_ok(),
        };
        is_listed == self.is_wanted
    }
}

impl NeighbourProbe<'_> {
    #[inline]
    pub fn matches(&self, entity: u32) -> bool {
        let is_so = |it: &u32| {
            self.orders.iter().flatten().all(|(op, other)| in_order(*op, *it, *other))
                && self.facts.iter().flatten().all(|fact| fact.passes(*it))
        };
        self.rows.of(entity).iter().any(is_so)
    }
}

/// Returns how many of the sorted values are below a bound. Short lists are counted without branches.
fn below(values: &[u32], bound: u32) -> usize {
    // 32 values are two cache lines: counting them costs about as much as two mispredicted branches of a binary
    // search. By reasoning, no benchmark varies it.
    match values.len() <= 32 {
        true => values.iter().map(|value| usize::from(*value < bound)).sum(),
        false => values.partition_point(|value| *value < bound),
    }
}

/// Column of exact numbers, one per entity.
#[derive(Clone, Copy)]
struct NumberColumn<'a> {
    numbers: &'a [f64],
    /// Per entity: position of its number; `None` if these are the positions of the entities.
    offsets: Option<&'a [u32]>,
    /// First entity of the column.
    base: u32,
    /// True if entities without a number pass.
    unknown: bool,
}

/// Keeps the entities whose number passes the test; entities without a number if `unknown` is true.
fn keep_numbers(values: &mut Vec<u32>, column: NumberColumn, test: impl Fn(f64) -> bool) {
    let NumberColumn { numbers, offsets, base, unknown } = column;
    let mut kept = 0;
    for i in 0..values.len() {
        let value = values[i];
        // Written unconditionally, so that the loop has no branch.
        values[kept] = value;
        let place = value.wrapping_sub(base) as usize;
        let place = offsets.map_or(place, |offsets| offsets.get(place).map_or(usize::MAX, |place| *place as usize));
        let number = numbers.get(place);
        kept += usize::from(number.map_or(unknown, |number| test(*number)));
    }
    values.truncate(kept);
}

/// Comparison of an exact day with a constant period. Its outcome only changes at the two ends of the period.
struct DayTest {
    first: Day,
    last: Day,
    /// Whether days pass that lie before the first day, on it, between the two, on the last day, and after it.
    passes: [bool; 5],
}

impl DayTest {
    /// Returns `None` for a period with flagged ends, which are no two days, and for an undated one.
    fn of(op: CompareOp, period: Date, mode: Mode) -> Option<DayTest> {
        let (first, last) = period.bounds();
        if period.is_undated() || period.reach() != (first, last) {
            return None;
        }
        // Each stretch of days has one outcome, so that one day stands for it.
        let inner = match first {
            // The only day is both ends.
            _ if first == last => first,
            Date::OPEN_START => last.saturating_sub(1),
            _ => first.saturating_add(1),
        };
        let samples = [first.saturating_sub(1), first, inner, last, last.saturating_add(1)];
        let constant = Value::Date(period);
        let passes = samples.map(|day| {
            let date = civil_of(day).map(|_| Value::Date(Date::on(day)));
            date.is_some_and(|date| mode.accepts(Outcomes::from(compare_values(op, &date, &constant))))
        });
        Some(DayTest { first, last, passes })
    }

    #[inline]
    fn accepts(&self, day: Day) -> bool {
        let ends = [day >= self.first, day > self.first, day >= self.last, day > self.last];
        self.passes[ends.into_iter().map(usize::from).sum::<usize>()]
    }
}

/// Keeps the entities whose day passes the test. Each has a day.
fn keep_days(values: &mut Vec<u32>, days: &[Date], base: u32, test: &DayTest) {
    let mut kept = 0;
    for i in 0..values.len() {
        let value = values[i];
        // Written unconditionally, so that the loop has no branch.
        values[kept] = value;
        kept +=
            usize::from(days.get(value.wrapping_sub(base) as usize).is_some_and(|date| test.accepts(date.earliest())));
    }
    values.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::{DayTest, FactTest, NeighbourProbe, NumberColumn, below, in_order, keep_days, keep_numbers};
    use crate::date::Date;
    use crate::exec::edges::pair;
    use crate::exec::eval::compare_values;
    use crate::exec::{Mode, Outcomes};
    use crate::graph::BitSet;
    use crate::plan::{CompareOp, MOST_TESTS, PeriodOp};
    use crate::value::Value;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const ORDERS: [CompareOp; 6] = [
        CompareOp::Less,
        CompareOp::LessOrEqual,
        CompareOp::Greater,
        CompareOp::GreaterOrEqual,
        CompareOp::Equal,
        CompareOp::NotEqual,
    ];

    const PERIODS: [PeriodOp; 5] = [PeriodOp::Before, PeriodOp::After, PeriodOp::Since, PeriodOp::Until, PeriodOp::In];

    proptest! {
        #[test]
        fn values_below_a_bound_are_counted(values in prop::collection::btree_set(0..200u32, 0..80), bound in 0..220u32) {
            let values: Vec<u32> = values.into_iter().collect();
            prop_assert_eq!(below(&values, bound), values.iter().filter(|value| **value < bound).count());
        }

        #[test]
        fn numbers_are_kept_as_by_a_loop(
            numbers in prop::collection::vec(0..9u8, 0..20),
            values in prop::collection::btree_set(0..40u32, 0..40),
            base in 0..20u32,
            unknown: bool,
        ) {
            let numbers: Vec<f64> = numbers.into_iter().map(f64::from).collect();
            let number = |entity: u32| entity.checked_sub(base).and_then(|i| numbers.get(i as usize));
            let passes = |entity: &u32| number(*entity).map_or(unknown, |number| *number < 5.0);
            let expected: Vec<u32> = values.iter().copied().filter(|entity| passes(entity)).collect();
            let mut kept: Vec<u32> = values.into_iter().collect();
            keep_numbers(&mut kept, NumberColumn { numbers: &numbers, offsets: None, base, unknown }, |number| number < 5.0);
            prop_assert_eq!(kept, expected);
        }

        #[test]
        fn days_are_kept_by_the_outcome_of_their_dates(
            days in prop::collection::vec(0i32..40, 0..30),
            period in prop::sample::select(vec!["2024", "2024-01", "2024-01-10", "2024-01-10..2024-01-11", "..2024-01-12", "2024-01-12..", "2024-01-05..2024-01-20", "2023", "~2024-01"]),
            op in prop::sample::select(ORDERS.into_iter().chain(PERIODS.map(CompareOp::Period)).collect::<Vec<_>>()),
            possible in any::<bool>(),
        ) {
            let period = Date::parse(period).expect("a date");
            let dates: Vec<Date> = days.iter().map(|day| Date::on(Date::parse("2023-12-25").expect("a day").earliest() + day)).collect();
            let mode = if possible { Mode::POSSIBLE } else { Mode::CERTAIN };
            let outcome = |date: &Date| Outcomes::from(compare_values(op, &Value::Date(*date), &Value::Date(period)));
            let expected: Vec<u32> = (0..).zip(&dates).filter(|(_, date)| mode.accepts(outcome(date))).map(|(i, _)| i).collect();
            if let Some(test) = DayTest::of(op, period, mode) {
                let mut kept: Vec<u32> = (0..dates.len() as u32).collect();
                keep_days(&mut kept, &dates, 0, &test);
                prop_assert_eq!(kept, expected);
            } else {
                prop_assert_ne!(period.reach(), period.bounds());
            }
        }

        #[test]
        fn a_probe_looks_at_all_neighbours(
            pairs in prop::collection::vec((0..9u32, 0..9u32), 0..20),
            orders in prop::collection::vec((0..ORDERS.len(), 0..9u32), 0..3),
            listed in prop::option::of(prop::collection::btree_set(0..9u32, 0..9)),
            (is_wanted, is_dense) in any::<(bool, bool)>(),
        ) {
            let orders: Vec<(CompareOp, u32)> = orders.into_iter().map(|(op, other)| (ORDERS[op], other)).collect();
            let passes = |target: u32| {
                orders.iter().all(|(op, other)| in_order(*op, target, *other))
                    && listed.as_ref().is_none_or(|listed| listed.contains(&target) == is_wanted)
            };
            let sources = pairs.iter().filter(|(_, target)| passes(*target)).map(|(source, _)| *source);
            let expected: BTreeSet<u32> = sources.collect();
            let forward = pair(&mut pairs.clone()).forward;
            let mut own = [None; MOST_TESTS];
            own.iter_mut().zip(&orders).for_each(|(own, order)| *own = Some(*order));
            let list: Vec<u32> = listed.iter().flatten().copied().collect();
            let dense = is_dense.then(|| BitSet::of(list.iter().map(|value| *value as usize), 9));
            let fact = listed.is_some().then_some(FactTest { list: &list, dense, is_wanted });
            let probe = NeighbourProbe { rows: forward.rows(), orders: own, facts: [fact, None] };
            prop_assert!((0..10).filter(|entity| probe.matches(*entity)).eq(expected));
        }
    }
}
