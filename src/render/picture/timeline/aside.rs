//! Moves labels out of the way of links, after the links are routed.

use super::super::paint::marks::{Area, Point};
use super::links::Route;
use super::place::{LABEL_LEFT, LABEL_UP, Spot};
use crate::limits::is_over_after;
use rustc_hash::FxHashMap;

/// Side of a square of the grid.
const CELL: f64 = 24.0;

/// Moves each label that a link runs through to the nearest free place beside its dot and within its bounds, if there is
/// one. Returns the number of labels that are still crossed.
pub fn step_aside(spots: &mut [Spot], routes: &[Route], bounds: &dyn Fn(usize) -> Area) -> usize {
    let ways = Ways::of(routes);
    let mut crossed = 0;
    for i in 0..spots.len() {
        if !ways.cross(&spots[i].label) {
            continue;
        }
        if is_over_after(spots.len()) {
            return crossed + 1;
        }
        let room = bounds(i);
        let is_free = |area: &Area| {
            let is_inside =
                area.x >= room.x && area.right() <= room.right() && area.y >= room.y && area.bottom() <= room.bottom();
            let is_clear =
                |(k, other): (usize, &Spot)| (k == i || !other.label.overlaps(area)) && !around(other).overlaps(area);
            is_inside && spots.iter().enumerate().all(is_clear) && !ways.cross(area)
        };
        match places(&spots[i]).into_iter().find(is_free) {
            Some(area) => spots[i].label = area,
            None => crossed += 1,
        }
    }
    crossed
}

/// Returns the places for a label beside its dot, the usual one first.
fn places(spot: &Spot) -> Vec<Area> {
    let (at, label, reach) = (spot.at, spot.label, spot.radius + 4.0);
    let heights = [at.y - LABEL_UP - label.height, at.y + LABEL_UP];
    let ends = [
        at.x - LABEL_LEFT,
        at.x + LABEL_LEFT,
        at.x - label.width / 2.0,
        at.x + LABEL_LEFT - label.width,
        at.x - LABEL_LEFT - label.width,
    ];
    let above_or_below = heights.into_iter().flat_map(|y| ends.map(|x| Area { x, y, ..label }));
    let beside = [at.x + reach, at.x - reach - label.width].map(|x| Area { x, y: at.y - label.height / 2.0, ..label });
    above_or_below.chain(beside).collect()
}

/// Returns the box of a dot with its bar.
fn around(spot: &Spot) -> Area {
    let bar = spot.bar.map_or((spot.at.x, spot.at.x), |bar| (bar.from.min(spot.at.x), bar.to.max(spot.at.x)));
    let (from, to) = (bar.0.min(spot.at.x - spot.radius), bar.1.max(spot.at.x + spot.radius));
    Area::new(from, spot.at.y - spot.radius, to - from, 2.0 * spot.radius)
}

/// The points of all links, by square of a grid.
struct Ways(FxHashMap<(i64, i64), Vec<Point>>);

impl Ways {
    fn of(routes: &[Route]) -> Ways {
        let mut by_cell: FxHashMap<(i64, i64), Vec<Point>> = FxHashMap::default();
        for at in routes.iter().flat_map(Route::points) {
            by_cell.entry((cell(at.x), cell(at.y))).or_default().push(at);
        }
        Ways(by_cell)
    }

    /// Returns whether a link runs through an area, or closer than half the distance of its points.
    fn cross(&self, area: &Area) -> bool {
        let area = Area::new(area.x - 2.0, area.y - 1.0, area.width + 4.0, area.height + 2.0);
        let rows = || cell(area.y)..=cell(area.bottom());
        let mut cells = (cell(area.x)..=cell(area.right())).flat_map(|x| rows().map(move |y| (x, y)));
        cells.any(|place| self.0.get(&place).is_some_and(|points| points.iter().any(|at| area.contains(*at))))
    }
}

fn cell(length: f64) -> i64 {
    (length / CELL).floor() as i64
}

#[cfg(test)]
mod tests {
    use super::super::super::paint::marks::point;
    use super::*;

    fn spot(x: f64, y: f64) -> Spot {
        let label = Area::new(x - LABEL_LEFT, y - LABEL_UP - 14.0, 60.0, 14.0);
        Spot { at: point(x, y), radius: 5.0, label, ..Spot::default() }
    }

    fn moved(spots: &mut [Spot], routes: &[Route]) -> usize {
        step_aside(spots, routes, &|_| Area::new(0.0, 0.0, 400.0, 200.0))
    }

    #[test]
    fn a_label_steps_aside_and_no_other_moves() {
        let mut spots = [spot(100.0, 100.0), spot(300.0, 100.0)];
        let kept = spots[1].label;
        // A line that rises from the first dot, and one above it.
        let routes = [
            Route::Straight([point(100.0, 100.0), point(100.0, 20.0)]),
            Route::Straight([point(90.0, 60.0), point(200.0, 60.0)]),
        ];
        assert_eq!(moved(&mut spots, &routes), 0);
        assert_eq!((spots[0].label.x, spots[1].label), (105.0, kept));
    }

    #[test]
    fn what_finds_no_place_is_counted() {
        let lines = (0..40).map(|i| f64::from(i) * 10.0);
        let routes: Vec<Route> = lines.map(|x| Route::Straight([point(x, 0.0), point(x, 200.0)])).collect();
        let mut spots = [spot(100.0, 100.0)];
        let kept = spots[0].label;
        assert_eq!((moved(&mut spots, &routes), spots[0].label), (1, kept));
    }
}
