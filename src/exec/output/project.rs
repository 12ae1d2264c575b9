//! Projection of bindings and groups to rows of cells.

use super::sort::key_cell;
use super::{Output, RowSet, SortableRow, heads};
use crate::answer::{Cell, Head, Row, Rows};
use crate::exec::Context;
use crate::exec::aggregate::{FoldColumn, Groups};
use crate::exec::bindings::{Bindings, Certainty};
use crate::exec::eval::{OfGroup, Scope, bounds};
use crate::limits::{self, in_budget};
use crate::plan::{Column, PossibleCount, Projection, Scalar, Summed};
use crate::schema::TypeSet;
use crate::value::{Number, Value};

/// Returns one row per binding.
pub(crate) fn of_bindings(context: &Context, projection: &Projection, found: &Bindings) -> RowSet {
    let mut frame = found.empty_frame();
    let mut rows = Vec::with_capacity(found.len());
    for (i, (_, sure)) in found.iter().enumerate().take_while(in_budget) {
        found.fill(i, &mut frame);
        let scope = Scope { graph: context.graph, paths: &found.paths, frame: &frame, group: &|_| Cell::Absent };
        rows.push(row(projection, &scope, sure, sure == Certainty::Certain));
    }
    RowSet { columns: heads(&projection.columns), rows, order: Vec::new(), hidden: 0 }
}

fn row(projection: &Projection, scope: &Scope, sure: Certainty, certain: bool) -> SortableRow {
    let cells = projection.columns.iter().map(|column| scope.cell(&column.scalar)).collect();
    let keys = projection.keys.iter().map(|key| key_cell(key, scope.cell(&key.scalar))).collect();
    SortableRow { row: Row { cells, certain }, keys, sure, adds: Vec::new() }
}

/// Returns the rows of certain bindings if all columns are entities: sorted by id, without duplicates.
pub(crate) fn ids(columns: &[Column], found: &Bindings) -> Output {
    let slots: Vec<_> = columns.iter().filter_map(Column::entity).collect();
    let places: Vec<usize> = found.places(&slots).into_iter().flatten().collect();
    let rows = match places.as_slice() {
        [place] => {
            let mut numbers: Vec<u32> = (0..found.len()).map(|i| found.tuple(i)[*place]).collect();
            limits::sort_unstable_by(&mut numbers, Ord::cmp);
            numbers.dedup();
            Rows::of_entities(1, numbers)
        }
        places => {
            let key = |i: &u32| {
                let tuple = found.tuple(*i as usize);
                places.iter().map(|place| tuple[*place])
            };
            let mut order: Vec<u32> = (0..found.len() as u32).collect();
            // Bindings that were found in this order need no sort.
            if !order.is_sorted_by(|a, b| key(a).le(key(b))) {
                limits::sort_unstable_by(&mut order, |a, b| key(a).cmp(key(b)));
            }
            order.dedup_by(|a, b| key(a).eq(key(b)));
            Rows::of_entities(places.len(), order.iter().flat_map(key).collect())
        }
    };
    Output::rows(heads(columns), rows, 0)
}

/// Returns one row per group, or several if a column is `first` or `last` with several candidates. Behind the columns
/// stands, for each count of which some listed row may have more, how many more.
pub(crate) fn of_groups(context: &Context, projection: &Projection, groups: &Groups) -> RowSet {
    let (mut rows, mut of_rows) = (Vec::new(), Vec::new());
    let mut frame = groups.representatives.empty_frame();
    for group in (0..groups.len()).take_while(in_budget) {
        groups.representatives.fill(group, &mut frame);
        GroupProjector { context, projection, groups, group, frame: &frame }.rows(&mut rows);
        of_rows.resize(rows.len(), group);
    }
    let mut columns = heads(&projection.columns);
    for PossibleCount { title, fold } in &projection.counts {
        let beyond = |group: &usize| groups.folds[*fold].beyond(*group);
        let is_open = |(row, group): (&SortableRow, _)| row.sure != Certainty::Possible && beyond(group) > 0;
        if rows.iter().zip(&of_rows).any(is_open) {
            columns.push(Head { title: title.clone(), numeric: true, types: TypeSet::NONE });
            for (row, group) in rows.iter_mut().zip(&of_rows) {
                row.row.cells.push(Cell::Value(Value::Number(beyond(group) as f64)));
            }
        }
    }
    RowSet { columns, rows, order: Vec::new(), hidden: 0 }
}

/// A choice of candidates for the columns that are `first` or `last`, by position of the aggregate.
type Picks = Vec<(usize, Cell)>;

struct GroupProjector<'a> {
    context: &'a Context<'a>,
    projection: &'a Projection,
    groups: &'a Groups,
    group: usize,
    frame: &'a [u32],
}

impl GroupProjector<'_> {
    fn rows(&self, rows: &mut Vec<SortableRow>) {
        let (sure, folds) = (self.groups.sure[self.group], &self.groups.folds);
        let is_steady = folds.iter().all(|fold| fold.is_steady(self.group));
        let mut push = |picks: &[(usize, Cell)], is_certain: bool| {
            let value = |of: OfGroup| match of {
                OfGroup::Key(key) => self.groups.keys[key].cell(self.group),
                OfGroup::AggregateCall(fold) => {
                    let pick = picks.iter().find(|(of, _)| *of == fold).map(|(_, cell)| cell.clone());
                    pick.unwrap_or_else(|| folds[fold].shown(self.group))
                }
            };
            let certain = is_certain && is_steady && sure == Certainty::Certain;
            let row = self.with(&value, |scope| row(self.projection, scope, sure, certain));
            rows.push(SortableRow { adds: self.adds(), ..row });
        };
        match folds.iter().any(|fold| fold.picks(self.group).is_some()) {
            true => self.choices().iter().for_each(|(picks, is_certain)| push(picks, *is_certain)),
            false => push(&[], true),
        }
    }

    fn with<T>(&self, group: &dyn Fn(OfGroup) -> Cell, f: impl FnOnce(&Scope) -> T) -> T {
        let paths = &self.groups.representatives.paths;
        f(&Scope { graph: self.context.graph, paths, frame: self.frame, group })
    }

    /// Returns all combinations of candidates of the columns that are `first` or `last`, and whether each is certain;
    /// one empty combination if there is no such column.
    fn choices(&self) -> Vec<(Picks, bool)> {
        let mut choices: Vec<(Picks, bool)> = vec![(Vec::new(), true)];
        for column in &self.projection.columns {
            let Scalar::AggregateCall(fold) = column.scalar else { continue };
            let Some(picks) = self.groups.folds[fold].picks(self.group) else { continue };
            let with = |(before, certain): &(Picks, bool)| {
                let (before, certain) = (before.clone(), *certain);
                picks.iter().take_while(in_budget).map(move |(cell, sure)| {
                    let picked = before.iter().cloned().chain([(fold, cell.clone())]).collect();
                    (picked, certain && *sure)
                })
            };
            choices = choices.iter().flat_map(with).collect();
        }
        choices
    }

    /// Returns the range of the group's contribution to each running sum and each share: to a running sum by its own members,
    /// since those that may belong elsewhere are added there; including 0 if the group may not exist.
    fn adds(&self) -> Vec<(Number, Number)> {
        let running = self.projection.columns.iter().filter_map(|column| column.scalar.summed());
        let range = |(summed, argument): (Summed, &Scalar)| match self
            .with(&|of| self.added(summed, of), |scope| scope.cell(argument))
        {
            Cell::Value(value) => bounds(&value).unwrap_or((Number::ZERO, Number::ZERO)),
            _ => (Number::ZERO, Number::ZERO),
        };
        let or_nothing = |(low, high): (Number, Number)| match self.groups.sure[self.group] {
            Certainty::Certain => (low, high),
            _ => (low.min(Number::ZERO), high.max(Number::ZERO)),
        };
        running.map(range).map(or_nothing).collect()
    }

    /// Returns what an aggregate, or a key, of the group contributes.
    fn added(&self, summed: Summed, of: OfGroup) -> Cell {
        let folds: &[FoldColumn] = match (summed, self.groups.own.as_deref()) {
            (Summed::Running, Some(own)) => own,
            _ => &self.groups.folds,
        };
        match of {
            OfGroup::Key(key) => self.groups.keys[key].cell(self.group),
            OfGroup::AggregateCall(fold) => folds[fold].range(self.group),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ids;
    use crate::exec::bindings::Bindings;
    use crate::plan::{Column, Scalar, VarId};
    use crate::schema::TypeSet;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn rows_of_entities_are_sorted_and_distinct(
            cells in prop::collection::vec(0u32..4, 0..60), shown in prop::collection::vec(0u16..3, 1..3),
        ) {
            let cells = cells[..cells.len() / 3 * 3].to_vec();
            let expected: BTreeSet<Vec<u32>> =
                cells.chunks(3).map(|tuple| shown.iter().map(|i| tuple[*i as usize]).collect()).collect();
            let column = |i: &u16| {
                let scalar = Scalar::Slot(VarId(*i));
                Column { title: String::new(), scalar, is_numeric: false, types: TypeSet::NONE }
            };
            let columns: Vec<Column> = shown.iter().map(column).collect();
            let found = Bindings::certain(vec![VarId(0), VarId(1), VarId(2)], 3, cells);
            let rows = ids(&columns, &found).table.rows;
            let rows: Vec<Vec<u32>> = rows.entities().expect("entities").map(<[u32]>::to_vec).collect();
            prop_assert_eq!(rows, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
