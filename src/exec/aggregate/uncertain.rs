//! Assignment of bindings with wide periods to groups that they may belong to.

use super::Group;
use super::dictionary::{Dictionary, Merge};
use super::fold::is_known;
use crate::answer::Cell;
use crate::date::Day;
use crate::exec::bindings::Bindings;
use crate::functions::FunctionId;
use crate::graph::Graph;
use crate::limits::{in_budget, is_over_after};
use crate::plan::Scalar;
use crate::value::{Date, Value};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Adds to each group of definite periods the bindings of wide groups that may belong to it. O(bindings × log groups +
/// members added).
pub(super) fn assign(graph: &Graph, keys: &[Scalar], found: &Bindings, columns: &[Dictionary], groups: &mut [Group]) {
    let periods: Vec<Option<(FunctionId, &Scalar)>> = keys.iter().map(Scalar::period).collect();
    let is_wide = |column: &Dictionary, code: u32| spans_several(&column.cells[code as usize]);
    let some_wide =
        |(column, period): (&Dictionary, &Option<_>)| period.is_some() && column.cells.iter().any(spans_several);
    if !columns.iter().zip(&periods).any(some_wide) {
        return;
    }
    let dates: Vec<Option<Dictionary>> =
        periods.iter().map(|period| period.map(|(_, date)| Dictionary::of(graph, found, date, Merge::Same))).collect();
    let date =
        |key: usize, i: u32| match &dates[key].as_ref()?.cells.get(dates[key].as_ref()?.codes[i as usize] as usize)? {
            Cell::Value(Value::Date(date)) => Some(*date),
            _ => None,
        };
    let code = |key: usize, i: u32| columns[key].codes[i as usize];
    let exact = |i: u32| (0..keys.len()).filter(|key| periods[*key].is_none()).map(|key| code(key, i)).collect();
    let all_dates = |i: u32| -> Option<Vec<(FunctionId, Date)>> {
        let of_periods = (0..keys.len()).filter(|key| periods[*key].is_some());
        of_periods.map(|key| Some((periods[key]?.0, date(key, i)?))).collect()
    };
    let is_definite = |i: u32, key: usize| {
        let cell = &columns[key].cells[code(key, i) as usize];
        periods[key].is_none() || (is_known(cell) && !spans_several(cell))
    };
    let definite = groups.iter().enumerate().filter_map(|(place, group)| {
        let first = *group.own.first()?;
        let all_definite = (0..keys.len()).all(|key| is_definite(first, key));
        Some((place, exact(first), all_dates(first).filter(|_| all_definite)?))
    });
    let index = PeriodIndex::of(definite);
    let is_in_wide =
        |i: &u32| (0..keys.len()).any(|key| periods[key].is_some() && is_wide(&columns[key], code(key, *i)));
    let wide: Vec<u32> = groups.iter().flat_map(|group| &group.own).copied().filter(is_in_wide).collect();
    for i in wide {
        let Some(dates) = all_dates(i) else { continue };
        let mut met = 0;
        index.each_met(&exact(i), &dates, |place| {
            groups[place].possible_members.push(i);
            met += 1;
        });
        if is_over_after(met + 1) {
            return;
        }
    }
    groups.iter_mut().for_each(|group| group.possible_members.sort_unstable());
}

/// Groups of definite periods, sorted by their other keys and then by time, so that those that a wide date meets lie
/// side by side.
pub(super) struct PeriodIndex {
    groups: Vec<DefiniteGroup>,
}

struct DefiniteGroup {
    place: usize,
    /// Codes of the keys that are no periods.
    exact: Vec<u32>,
    /// First and last day of each key that is a period. The periods of one key are disjoint.
    periods: Vec<(Day, Day)>,
}

impl PeriodIndex {
    /// Indexes groups, each with its place, the codes of its exact keys, and the unit and a date of each period.
    pub fn of(groups: impl Iterator<Item = (usize, Vec<u32>, Vec<(FunctionId, Date)>)>) -> PeriodIndex {
        let group = |(place, exact, dates): (usize, Vec<u32>, Vec<(FunctionId, Date)>)| {
            let periods: Option<Vec<(Day, Day)>> = dates.iter().map(|(unit, date)| period_of(*unit, *date)).collect();
            Some(DefiniteGroup { place, exact, periods: periods? })
        };
        let mut groups: Vec<DefiniteGroup> = groups.filter_map(group).collect();
        groups.sort_unstable_by(|a, b| a.exact.cmp(&b.exact).then_with(|| a.periods.cmp(&b.periods)));
        PeriodIndex { groups }
    }

    /// Returns the positions of the groups with these exact keys whose first period the date may fall in.
    fn span(&self, exact: &[u32], date: Date) -> Range<usize> {
        let (earliest, latest) = date.reach();
        let first = |group: &DefiniteGroup| group.periods.first().copied().unwrap_or_default();
        let is_before = |group: &DefiniteGroup| (group.exact.as_slice(), first(group).1) < (exact, earliest);
        let is_not_after = |group: &DefiniteGroup| (group.exact.as_slice(), first(group).0) <= (exact, latest);
        let start = self.groups.partition_point(is_before);
        start..self.groups.partition_point(is_not_after).max(start)
    }

    /// Calls `f` with the place of each group with these exact keys whose periods these dates may fall in.
    pub fn each_met(&self, exact: &[u32], dates: &[(FunctionId, Date)], mut f: impl FnMut(usize)) {
        let Some((_, first)) = dates.first() else { return };
        let meets = |((start, end), (_, date)): (&(Day, Day), &(FunctionId, Date))| {
            let (earliest, latest) = date.reach();
            earliest <= *end && *start <= latest
        };
        for group in &self.groups[self.span(exact, *first)] {
            if group.periods.iter().zip(dates).skip(1).all(meets) {
                f(group.place);
            }
        }
    }

    /// Adds numbers to the groups that are met by their exact keys and dates; returns the place and sum of each group.
    /// With a single period, each addition takes O(log groups), however many groups it meets.
    pub fn sums(&self, added: impl Iterator<Item = (Vec<u32>, Vec<(FunctionId, Date)>, u64)>) -> Vec<(usize, u64)> {
        // Per position: the change of the sum from the position before; of several periods, `apart` holds the sums.
        let (mut changes, mut apart) = (vec![0i128; self.groups.len() + 1], FxHashMap::default());
        for (exact, dates, number) in added.take_while(in_budget) {
            // Groups that meet one period lie side by side; those that meet several need not.
            if let [(_, date)] = dates.as_slice() {
                let span = self.span(&exact, *date);
                changes[span.start] += i128::from(number);
                changes[span.end] -= i128::from(number);
            } else {
                self.each_met(&exact, &dates, |place| *apart.entry(place).or_insert(0) += number);
            }
        }
        let mut sum = 0;
        let total = |(group, change): (&DefiniteGroup, &i128)| {
            sum += change;
            (group.place, sum as u64 + apart.get(&group.place).copied().unwrap_or(0))
        };
        self.groups.iter().zip(&changes).map(total).collect()
    }
}

/// Returns the first and last day of the calendar period (year, quarter or month) that a date certainly lies in; `None`
/// if it spans several.
fn period_of(unit: FunctionId, within: Date) -> Option<(Day, Day)> {
    let period = match unit {
        FunctionId::Year => within.year_of().and_then(Date::year),
        FunctionId::Quarter => within.quarter_of().and_then(|(year, quarter)| Date::quarter(year, quarter)),
        _ => within.month_of().and_then(|(year, month)| Date::month(year, month)),
    };
    period.map(Date::bounds)
}

/// Returns true if the key spans several periods.
pub(super) fn spans_several(key: &Cell) -> bool {
    match key {
        Cell::Value(Value::Range(..)) => true,
        Cell::Value(Value::Text(text)) => text.contains(".."),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{PeriodIndex, period_of};
    use crate::functions::FunctionId;
    use crate::value::Date;
    use proptest::prelude::*;

    const UNITS: [FunctionId; 3] = [FunctionId::Year, FunctionId::Quarter, FunctionId::Month];

    /// Dates that are definite or wide, with open ends and marks.
    fn date() -> impl Strategy<Value = Date> {
        let text = prop_oneof![
            (2019..2023i32, 1..13u32).prop_map(|(year, month)| format!("{year}-{month:02}")),
            (2019..2023i32, "[~?]?").prop_map(|(year, mark)| format!("{year}{mark}")),
            (2019..2022i32, 1..13u32, 0..3i32)
                .prop_map(|(year, month, more)| format!("{year}-{month:02}..{}-06", year + more + 1)),
            (2019..2023i32).prop_map(|year| format!("..{year}")),
            (2019..2023i32).prop_map(|year| format!("{year}..")),
        ];
        text.prop_map(|text| Date::parse(&text).expect("a date"))
    }

    proptest! {
        #[test]
        fn the_groups_met_are_those_that_the_dates_may_fall_in(
            groups in prop::collection::btree_set((0..3u32, 2019..2023i32, 1..13u32), 0..20),
            wide in prop::collection::vec((0..3u32, date(), date(), 1..5u64), 0..12),
            units in prop::collection::vec(prop::sample::select(UNITS.to_vec()), 1..3),
        ) {
            let month = |year: i32, month: u32| Date::parse(&format!("{year}-{month:02}")).expect("a month");
            // The periods of one key are disjoint, so one month stands for each.
            let mut seen = std::collections::BTreeSet::new();
            let groups: Vec<(u32, Date)> = groups.into_iter().map(|(key, y, m)| (key, month(y, m))).filter(|(key, date)| {
                let periods: Vec<_> = units.iter().map(|unit| period_of(*unit, *date)).collect();
                seen.insert((*key, periods))
            }).collect();
            let dates = |one: Date, other: Date| units.iter().copied().zip([one, other]).collect::<Vec<_>>();
            let index = PeriodIndex::of(groups.iter().enumerate().map(|(i, (key, date))| (i, vec![*key], dates(*date, *date))));
            let meets = |(key, date): &(u32, Date), (other, one, two, _): &(u32, Date, Date, u64)| {
                let falls_in = |(unit, wide): &(FunctionId, Date)| {
                    let (first, last) = period_of(*unit, *date).expect("a month lies in one period");
                    let period = Date::parse(&format!("{}..{}", Date::on(first), Date::on(last))).expect("a period");
                    wide.in_(period).is_possible()
                };
                key == other && dates(*one, *two).iter().all(falls_in)
            };
            let mut sums = index.sums(wide.iter().map(|(key, one, two, n)| (vec![*key], dates(*one, *two), *n)));
            sums.sort_unstable();
            for (i, group) in groups.iter().enumerate() {
                let expected: u64 = wide.iter().filter(|wide| meets(group, wide)).map(|wide| wide.3).sum();
                prop_assert_eq!(sums[i], (i, expected));
            }
        }
    }
}
