//! Dictionary encoding: the values of an expression per binding, as codes in the order of the values.

use crate::answer::Cell;
use crate::exec::bindings::Bindings;
use crate::exec::eval::Scope;
use crate::exec::output::sort::compare_cells;
use crate::graph::{Graph, ValueDictionary};
use crate::limits;
use crate::plan::{NULL_SLOT, Scalar, VarId};
use crate::schema::PropertyId;
use rustc_hash::FxHashMap;

/// Code of an absent value.
pub(crate) const ABSENT_CODE: u32 = u32::MAX;

/// Equality of values that share a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// Values at the same place of the sort order: for group keys.
    Equivalent,
    /// Identical values: for arguments of aggregates.
    Same,
}

/// A dictionary-encoded column.
pub(crate) struct Dictionary {
    /// Per binding: a position in `cells`, or [`ABSENT_CODE`] if an argument is absent.
    pub codes: Vec<u32>,
    /// Distinct values, in display order.
    pub cells: Vec<Cell>,
}

impl Dictionary {
    /// Evaluates an expression once per distinct input: per tuple of values of the slots that it reads, or of the
    /// properties, for slots of which it reads a single property. O(bindings + inputs × log inputs).
    pub fn of(graph: &Graph, found: &Bindings, scalar: &Scalar, merge: Merge) -> Dictionary {
        let mut slots = Vec::new();
        scalar.slots(&mut |slot| {
            if !slots.contains(&slot) {
                slots.push(slot)
            }
        });
        let places = found.places(&slots);
        let mut frame = found.empty_frame();
        let mut evaluate = |tuple: usize| {
            found.fill(tuple, &mut frame);
            Scope { graph, paths: &found.paths, frame: &frame, group: &|_| Cell::Absent }.cell(scalar)
        };
        let placed = slots.iter().zip(&places).filter_map(|(slot, place)| Some((*slot, (*place)?)));
        let (numbers, samples) = numbered_tuples((graph, found, scalar), placed);
        let in_budget = samples.iter().take_while(limits::in_budget);
        let mut given: Vec<Cell> = in_budget.map(|sample| evaluate(*sample as usize)).collect();
        // If the budget is over, the rest stays absent: the operator's result is then discarded.
        given.resize(samples.len(), Cell::Absent);
        Dictionary::coded(numbers, given, merge)
    }

    /// Replaces each number by the code of its value; `given` holds the value of each number.
    fn coded(mut numbers: Vec<u32>, given: Vec<Cell>, merge: Merge) -> Dictionary {
        let mut order: Vec<u32> = (0..given.len() as u32).collect();
        let cell = |i: &u32| &given[*i as usize];
        limits::sort_by(&mut order, |a, b| compare_cells(cell(a), cell(b)));
        let is_same = |a: &u32, b: &u32| match merge {
            Merge::Equivalent => compare_cells(cell(a), cell(b)).is_eq(),
            Merge::Same => cell(a) == cell(b),
        };
        let mut codes = vec![0; given.len()];
        let mut cells: Vec<Cell> = Vec::new();
        for run in order.chunk_by(is_same) {
            let code = match (merge, cell(&run[0])) {
                // As an argument, something absent is no member; as a key, it is a group of its own.
                (Merge::Same, Cell::Absent) => ABSENT_CODE,
                (_, first) => {
                    cells.push(first.clone());
                    cells.len() as u32 - 1
                }
            };
            run.iter().for_each(|i| codes[*i as usize] = code);
        }
        numbers.iter_mut().for_each(|number| *number = codes[*number as usize]);
        Dictionary { codes: numbers, cells }
    }
}

/// Returns, per binding, a number for what the expression reads of it; and per number, a binding of which it reads the
/// same. The slots are numbered one by one, and pairs of numbers are numbered again.
fn numbered_tuples(
    (graph, found, scalar): (&Graph, &Bindings, &Scalar),
    slots: impl Iterator<Item = (VarId, usize)>,
) -> (Vec<u32>, Vec<u32>) {
    let length = found.len();
    let mut all: Option<(Vec<u32>, Vec<u32>)> = None;
    for (slot, place) in slots {
        let (numbers, samples) = Domain::of(graph, length, scalar, slot).numbered(found, place);
        all = Some(match all {
            None => (numbers, samples),
            Some((before, others)) => {
                // Both factors are at most the number of bindings, so the product fits in 64 bits however many slots
                // there are.
                let count = samples.len() as u64;
                let bound = others.len() as u64 * count;
                number_keys(length, bound, |i| u64::from(before[i]) * count + u64::from(numbers[i]))
            }
        });
    }
    // An expression that reads nothing has one value.
    all.unwrap_or_else(|| (vec![0; length], (0..length.min(1) as u32).collect()))
}

/// Input of an expression over one slot: the value of the slot, or the only property that is read of it.
enum Domain<'g> {
    Slot,
    /// Codes of the values of a property, from its first entity on.
    ValueDictionary {
        base: u32,
        ranks: &'g ValueDictionary,
    },
}

/// An array indexed by key is used if it has at most `SPARSE` elements per binding, plus `SHORT`. Beyond, clearing the
/// array costs more than hashing the keys. By reasoning, no benchmark varies them: a few elements written in order
/// cost less than one look-up in a hash table, and 1024 elements stay in the first-level cache.
const SPARSE: usize = 4;
const SHORT: usize = 1024;

impl<'g> Domain<'g> {
    fn of(graph: &'g Graph, bindings: usize, scalar: &Scalar, slot: VarId) -> Domain<'g> {
        let property = scalar.only_property(slot);
        // Encoding a property visits all of its values, so there must be enough bindings.
        let is_worth = |property: &PropertyId| graph.values(*property).len() <= bindings.saturating_mul(SPARSE);
        let ranks = property.filter(is_worth).and_then(|id| Some((graph.values(id).base, graph.ranks(id)?)));
        ranks.map_or(Domain::Slot, |(base, ranks)| Domain::ValueDictionary { base, ranks })
    }

    /// Returns, per binding, a number for its value at this place; and per number, a binding that has this value. If an
    /// array is used, see [`SPARSE`], numbers ascend with slots or with the codes of the property.
    fn numbered(&self, found: &Bindings, place: usize) -> (Vec<u32>, Vec<u32>) {
        let length = found.len();
        match self {
            Domain::Slot => {
                let value = |i: usize| found.tuple(i)[place];
                let most = (0..length).map(value).filter(|value| *value != NULL_SLOT).max();
                let absent = most.map_or(0, |most| most + 1);
                number_keys(length, u64::from(absent) + 1, |i| {
                    u64::from(if value(i) == NULL_SLOT { absent } else { value(i) })
                })
            }
            Domain::ValueDictionary { base, ranks } => {
                // Two more numbers: for entities without a value, and for absent slots.
                let (absent, without) = (ranks.samples.len() as u32 + 1, ranks.samples.len() as u32);
                let code = |entity: u32| ranks.of_entities.get(entity.wrapping_sub(*base) as usize).copied();
                number_keys(length, u64::from(absent) + 1, |i| match found.tuple(i)[place] {
                    NULL_SLOT => absent.into(),
                    entity => code(entity).unwrap_or(without).into(),
                })
            }
        }
    }
}

/// Returns, per position, a number for its key, which is below `bound`; and per number, a position with this key.
fn number_keys(length: usize, bound: u64, key: impl Fn(usize) -> u64) -> (Vec<u32>, Vec<u32>) {
    let mut samples = Vec::new();
    if bound > length.saturating_mul(SPARSE).saturating_add(SHORT) as u64 {
        let mut known: FxHashMap<u64, u32> = FxHashMap::default();
        let number = |i: usize| {
            *known.entry(key(i)).or_insert_with(|| {
                samples.push(i as u32);
                samples.len() as u32 - 1
            })
        };
        return ((0..length).map(number).collect(), samples);
    }
    // Per key: first a position with this key, later its number.
    let mut of_key = vec![ABSENT_CODE; bound as usize];
    (0..length).for_each(|i| of_key[key(i) as usize] = i as u32);
    for sample in of_key.iter_mut().filter(|sample| **sample != ABSENT_CODE) {
        samples.push(*sample);
        *sample = samples.len() as u32 - 1;
    }
    ((0..length).map(|i| of_key[key(i) as usize]).collect(), samples)
}

/// Sorts rows by columns of codes, each given with its number of codes; absent values come last. The rows must be
/// sorted ascending, and rows that agree in all columns stay so. O(columns × (rows + codes)): a radix sort, which sorts
/// stably by counting, last column first (Knuth, *The art of computer programming*, vol. 3, 5.2.5). If there are many
/// more codes than rows, a comparison sort is used instead.
pub(crate) fn order_of(columns: &[(&[u32], usize)], mut order: Vec<u32>) -> Vec<u32> {
    let rows = order.len();
    if columns.iter().map(|(_, number)| number).sum::<usize>() > rows.saturating_mul(SPARSE).saturating_add(SHORT) {
        let codes = |row: u32| columns.iter().map(move |(codes, _)| codes[row as usize]);
        // The row as the last key makes the unstable sort a stable one.
        limits::sort_unstable_by(&mut order, |a, b| codes(*a).cmp(codes(*b)).then(a.cmp(b)));
        return order;
    }
    let mut sorted: Vec<u32> = Vec::new();
    for (codes, number) in columns.iter().rev() {
        // A stable sort by this column would change nothing.
        if order.is_sorted_by_key(|row| codes[*row as usize]) {
            continue;
        }
        let mut places = vec![0u32; number + 2];
        // [`ABSENT_CODE`] is mapped to the last bucket.
        let place = |row: &u32| (codes[*row as usize] as usize).min(*number);
        order.iter().for_each(|row| places[place(row) + 1] += 1);
        for i in 1..places.len() {
            places[i] += places[i - 1];
        }
        sorted.resize(rows, 0);
        for row in &order {
            let next = &mut places[place(row)];
            sorted[*next as usize] = *row;
            *next += 1;
        }
        std::mem::swap(&mut order, &mut sorted);
        if limits::is_over_after(rows) {
            break;
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::{ABSENT_CODE, Dictionary, Merge, number_keys, order_of};
    use crate::answer::Cell;
    use crate::exec::output::sort::compare_cells;
    use crate::exec::tests::cell;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_have_numbers_and_samples(keys in prop::collection::vec(0u32..9, 0..30), bound in prop::sample::select(vec![9u64, 100_000])) {
            let (numbers, samples) = number_keys(keys.len(), bound, |i| keys[i].into());
            prop_assert!(numbers.iter().zip(&keys).all(|(number, key)| keys[samples[*number as usize] as usize] == *key));
            let distinct: std::collections::BTreeSet<u32> = keys.iter().copied().collect();
            prop_assert_eq!(samples.len(), distinct.len());
        }

        #[test]
        fn rows_stand_in_the_order_of_their_codes(codes in prop::collection::vec((0u32..4, 0u32..3), 0..40)) {
            let code = |code: u32| if code == 3 { ABSENT_CODE } else { code };
            let (one, two): (Vec<u32>, Vec<u32>) = codes.iter().map(|(a, b)| (code(*a), *b)).unzip();
            let mut expected: Vec<u32> = (0..codes.len() as u32).collect();
            expected.sort_by_key(|i| (one[*i as usize], two[*i as usize]));
            for number in [3, 9000] {
                let order = order_of(&[(&one, number), (&two, number)], (0..codes.len() as u32).collect());
                prop_assert_eq!(&order, &expected);
            }
        }

        #[test]
        fn codes_are_in_the_order_of_cells(given in prop::collection::vec(cell(), 0..24)) {
            for merge in [Merge::Same, Merge::Equivalent] {
                let numbers: Vec<u32> = (0..given.len() as u32).rev().collect();
                let Dictionary { codes, cells } = Dictionary::coded(numbers.clone(), given.clone(), merge);
                for (number, code) in numbers.iter().zip(&codes) {
                    let own = &given[*number as usize];
                    match (merge, own) {
                        (Merge::Same, Cell::Absent) => prop_assert_eq!(*code, ABSENT_CODE),
                        (Merge::Same, own) => prop_assert_eq!(&cells[*code as usize], own),
                        (Merge::Equivalent, own) => prop_assert!(compare_cells(&cells[*code as usize], own).is_eq()),
                    }
                }
                for pair in cells.windows(2) {
                    let order = compare_cells(&pair[0], &pair[1]);
                    prop_assert!(order.is_lt() || (merge == Merge::Same && order.is_eq()), "{:?}", pair);
                }
                for (i, cell) in cells.iter().enumerate() {
                    prop_assert!(!cells[..i].contains(cell), "{:?} has two codes", cell);
                }
            }
        }
    }
}
