//! Chooses the day at which each entity is drawn, within the bounds of its date.
//!
//! Unless lineage contradicts, the day is the middle of the bounds, or the bound that is known. A parent is drawn before
//! its children if the bounds allow it: of two dates, the wider one gives way. So dates are placed from exact to wide,
//! each within what the placed ones above and below leave.

use super::super::cite::middle;
use super::data::Chart;
use crate::limits::is_over_after;
use crate::value::Date;
use std::ops::RangeInclusive;

/// Maximum widths in days of the classes of dates, from exact to wide: half a day more than a day, the longest month,
/// quarter and year; then any, and half-open dates last.
const CLASSES: [f64; 6] = [1.5, 31.5, 92.5, 366.5, f64::MAX, f64::INFINITY];
/// The distance between the days of parent and child in relation to the length of the axis, if there is room for it.
/// Larger moves dots further from the middle of their dates; smaller makes the order of the two hard to see.
const GAP: f64 = 0.025;
/// Maximum distance in days. On an axis of centuries the share alone would be years.
const MOST_GAP: f64 = 366.0;

/// Sets the day of every node.
pub fn settle(chart: &mut Chart) {
    let bounds: Vec<(f64, f64)> = chart.nodes.iter().map(|node| bounds(node.date)).collect();
    let near = Near::of(chart);
    let mut days: Vec<Option<f64>> = vec![None; bounds.len()];
    let gap = gap(&bounds);
    let mut least = f64::NEG_INFINITY;
    for most in CLASSES {
        let limits = near.limits(&bounds, &days);
        for node in &near.order {
            let wide = bounds[*node].1 - bounds[*node].0;
            let Some(wish) = middle(chart.nodes[*node].date).filter(|_| least < wide && wide <= most) else { continue };
            if is_over_after(1) {
                break;
            }
            // Parents of the same class are placed already.
            let above = near.above(*node, &bounds, &days).fold(limits[*node].0, f64::max);
            days[*node] = Some(within(wish, bounds[*node], (above, limits[*node].1), gap));
        }
        least = most;
    }
    for (node, day) in chart.nodes.iter_mut().zip(days) {
        node.day = day.or_else(|| middle(node.date));
    }
}

fn bounds(date: Date) -> (f64, f64) {
    let (earliest, latest) = date.reach();
    let from = if earliest == Date::OPEN_START { f64::NEG_INFINITY } else { f64::from(earliest) };
    (from, if latest == Date::OPEN_END { f64::INFINITY } else { f64::from(latest) })
}

fn gap(bounds: &[(f64, f64)]) -> f64 {
    let known = || bounds.iter().flat_map(|(from, to)| [*from, *to]).filter(|day| day.is_finite());
    let (first, last) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    ((last - first).max(0.0) * GAP).clamp(1.0, MOST_GAP)
}

/// Returns the day nearest to the wish that is within the bounds and after the first and before the second limit, by a
/// gap or half the room. If that is impossible, the bounds prevail.
fn within(wish: f64, (from, to): (f64, f64), (above, below): (f64, f64), gap: f64) -> f64 {
    if above < wish && wish < below {
        return wish;
    }
    let (first, last) = (from.max(above), to.min(below));
    if first > last {
        return wish;
    }
    let room = ((last - first) / 2.0).min(gap);
    let first = if above >= from && above.is_finite() { first + room } else { first };
    let last = if below <= to && below.is_finite() { last - room } else { last };
    wish.clamp(first, last.max(first))
}

/// The lineage of a chart: the parents and children of each node.
struct Near {
    parents: Vec<Vec<usize>>,
    children: Vec<Vec<usize>>,
    /// Parents before their children, as far as there are no cycles.
    order: Vec<usize>,
}

impl Near {
    fn of(chart: &Chart) -> Near {
        let count = chart.nodes.len();
        let mut near = Near { parents: vec![Vec::new(); count], children: vec![Vec::new(); count], order: Vec::new() };
        for link in chart.links.iter().filter(|link| link.verb < chart.lines) {
            near.parents[link.child].push(link.parent);
            near.children[link.parent].push(link.child);
        }
        // Topological order (Kahn, *Topological sorting of large networks*, 1962); what a cycle holds back comes last.
        let mut open: Vec<usize> = near.parents.iter().map(Vec::len).collect();
        near.order = (0..count).filter(|node| open[*node] == 0).collect();
        let mut next = 0;
        while let Some(node) = near.order.get(next).copied() {
            for child in &near.children[node] {
                open[*child] -= 1;
                if open[*child] == 0 {
                    near.order.push(*child);
                }
            }
            next += 1;
        }
        near.order.extend((0..count).filter(|node| open[*node] > 0));
        near
    }

    /// Returns the days of the placed parents of a node, as far as its bounds allow a later day.
    fn above<'a>(
        &'a self,
        node: usize,
        bounds: &'a [(f64, f64)],
        days: &'a [Option<f64>],
    ) -> impl Iterator<Item = f64> + 'a {
        self.parents[node].iter().filter_map(|parent| days[*parent]).filter(move |day| *day <= bounds[node].1)
    }

    /// Returns for each node the latest day above and the earliest below that the placed nodes, or the bounds of others,
    /// impose. Those that contradict the node's own bounds are ignored.
    fn limits(&self, bounds: &[(f64, f64)], days: &[Option<f64>]) -> Vec<(f64, f64)> {
        let free: RangeInclusive<f64> = f64::NEG_INFINITY..=f64::INFINITY;
        let mut limits = vec![(*free.start(), *free.end()); bounds.len()];
        for node in &self.order {
            let (latest, own) = (bounds[*node].1, limits[*node].0);
            let day = |parent: &usize| days[*parent].unwrap_or(bounds[*parent].0.max(limits[*parent].0));
            let above = self.parents[*node].iter().map(day).filter(|day| *day <= latest);
            limits[*node].0 = above.fold(own, f64::max);
        }
        for node in self.order.iter().rev() {
            let (earliest, own) = (bounds[*node].0, limits[*node].1);
            let day = |child: &usize| days[*child].unwrap_or(bounds[*child].1.min(limits[*child].1));
            let below = self.children[*node].iter().map(day).filter(|day| *day >= earliest);
            limits[*node].1 = below.fold(own, f64::min);
        }
        limits
    }
}

#[cfg(test)]
mod tests {
    use super::super::data::{ChartLink, ChartNode};
    use super::*;
    use crate::graph::EntityId;

    /// Returns the days of entities with these dates; each link leads from parent to child.
    fn days(dates: &[&str], links: &[(usize, usize)]) -> Vec<f64> {
        let node = |text: &&str| ChartNode {
            entity: EntityId(0),
            name: String::new(),
            more: String::new(),
            title: String::new(),
            date: Date::parse(text).expect("a date"),
            day: None,
            end: None,
            certain: true,
            filled: true,
            lane: 0,
            faded: false,
            central: false,
        };
        let link =
            |(parent, child): &(usize, usize)| ChartLink { parent: *parent, child: *child, ..ChartLink::default() };
        let nodes = dates.iter().map(node).collect();
        let mut chart = Chart { nodes, links: links.iter().map(link).collect(), lines: 1, ..Chart::default() };
        settle(&mut chart);
        chart.nodes.iter().map(|node| node.day.expect("a day")).collect()
    }

    fn day(text: &str) -> f64 {
        middle(Date::parse(text).expect("a date")).expect("a day")
    }

    #[test]
    fn dates_stand_in_their_middle_unless_lineage_contradicts() {
        assert_eq!(days(&["2020", "2023-05", "..2024"], &[(0, 1)]), [day("2020"), day("2023-05"), day("..2024")]);
        assert_eq!(days(&["2024-05-07", "2023-01-01"], &[(0, 1)]), [day("2024-05-07"), day("2023-01-01")]);
    }

    #[test]
    fn the_wider_date_gives_way() {
        for (parent, child) in [
            ("..2024", "2024-12"),
            ("..2024", "2022-03-01"),
            ("2024", "2024-03-01"),
            ("2024", "2024-03"),
            ("2023-11..2025", "2024-01"),
            ("2024-06-01", "2024"),
            ("2024-11-20", "2020.."),
            ("..2025", "..2024"),
            ("2022..", "2023.."),
            ("2024~", "2023-02-01"),
        ] {
            let found = days(&[parent, child], &[(0, 1)]);
            assert!(found[0] < found[1], "{parent} before {child}: {found:?}");
            for (text, day) in [parent, child].iter().zip(found) {
                let (from, to) = bounds(Date::parse(text).expect("a date"));
                assert!(from <= day && day <= to, "{text}: {day}");
            }
        }
    }

    #[test]
    fn whole_lines_are_in_order() {
        let dates = ["..2024", "2020..", "..2024", "2024-03-01", "2024", "2019..2024"];
        let found = days(&dates, &[(0, 1), (1, 2), (2, 3), (5, 4), (5, 3), (4, 3)]);
        for (parent, child) in [(0, 1), (1, 2), (2, 3), (5, 4), (5, 3), (4, 3)] {
            assert!(found[parent] < found[child], "{parent} before {child}: {found:?}");
        }
        assert_eq!(found[3], day("2024-03-01"), "the exact date stays");
    }

    #[test]
    fn cycles_end() {
        assert_eq!(days(&["2020", "2020-05"], &[(0, 1), (1, 0)]).len(), 2);
    }
}
