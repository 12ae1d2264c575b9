//! Routes links: straight within a row, a vertical line with one round corner if the child is close, otherwise the
//! cheapest curve tried.
//!
//! Dots other than a link's ends are walls: a curve through one is taken only if every curve tried crosses one. Labels,
//! other links and detours add cost. If there are very many links, fewer curves are tried.

use super::super::paint::marks::{Point, Step, point};
use super::grid::Obstacles;

/// The route of a link, from its parent's dot to its child's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Route {
    Straight([Point; 2]),
    /// Vertical from the first point, then around a corner of this radius.
    Drop([Point; 2], f64),
    Curve([Point; 4]),
}

/// A link to be routed: its ends as indexes of dots, and as points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    pub dots: [usize; 2],
    pub from: Point,
    pub to: Point,
}

/// Distance in pixels between the points at which a route is tested. Less than a dot's clearance and a label's height, so
/// that a route cannot step over one.
const PACE: f64 = 4.0;
// Costs of a point on a route. Only their ratios matter: a point in a dot is as bad as a hundred outside of the picture,
// one of those as seven in labels; what links cost decides only between routes that are free otherwise.
const WALL: f64 = 100_000.0;
const OUTSIDE: f64 = 1_000.0;
const THROUGH_LABEL: f64 = 150.0;
const BESIDE_LINK: f64 = 0.35;
/// Maximum horizontal distance of a child for a [`Route::Drop`].
const CLOSE: f64 = 44.0;

/// Routes a link at the lowest cost, and records it as laid. Routes start at the first end; the search runs from left
/// to right.
pub fn lay(obstacles: &mut Obstacles, ends: Ends) -> Route {
    let Ends { dots: [a, b], from, to } = ends;
    if to.x < from.x - 7.0 {
        return lay_forward(obstacles, Ends { dots: [b, a], from: to, to: from }).reversed();
    }
    lay_forward(obstacles, ends)
}

fn lay_forward(obstacles: &mut Obstacles, ends: Ends) -> Route {
    let best = cheapest(obstacles, ends, near_ways(ends));
    // Tries the far ways only if all near ones cross a dot or a label, or leave the picture.
    let enough = if obstacles.is_busy() { OUTSIDE } else { THROUGH_LABEL };
    let best = match best {
        (cost, route) if cost < enough || obstacles.is_crowded() => route,
        _ => cheapest(obstacles, ends, near_ways(ends).into_iter().chain(far_ways(ends))).1,
    };
    obstacles.lay(&best.points());
    best
}

fn cheapest(obstacles: &Obstacles, ends: Ends, ways: impl IntoIterator<Item = Route>) -> (f64, Route) {
    let mut best = (f64::INFINITY, Route::Straight([ends.from, ends.to]));
    for way in ways {
        let cost = cost(obstacles, ends, &way, best.0);
        if cost < best.0 {
            best = (cost, way);
        }
    }
    best
}

/// Returns the cost of a route; stops once it exceeds `limit`.
fn cost(obstacles: &Obstacles, ends: Ends, way: &Route, limit: f64) -> f64 {
    let straight = (ends.to.x - ends.from.x).hypot(ends.to.y - ends.from.y);
    let points = way.points();
    let mut cost = match way {
        Route::Straight(_) => 0.0,
        Route::Drop(..) => 8.0,
        Route::Curve([a, b, c, d]) => {
            let detour = points.len() as f64 * PACE - straight;
            let flat = ((b.y - a.y).abs() + (d.y - c.y).abs()) * 0.3;
            12.0 + detour.max(0.0) * 0.25 + flat
        }
    };
    for at in &points {
        let hits_dot = obstacles.hits_dot(*at, ends.dots);
        let hits_label = obstacles.hits_label(*at);
        cost += if hits_dot { WALL } else { 0.0 } + if hits_label { THROUGH_LABEL } else { 0.0 };
        cost += if obstacles.is_outside(*at) { OUTSIDE } else { 0.0 };
        // Capped, so that a point in a bundle of links never costs as much as one in a label.
        cost += f64::from(obstacles.tracks(*at).min(6)) * BESIDE_LINK;
        if cost > limit {
            break;
        }
    }
    cost
}

/// Returns a few dozen routes: straight within a row, a drop if the child is close, and curves that leave and arrive
/// horizontally.
fn near_ways(ends: Ends) -> Vec<Route> {
    let (from, to) = (ends.from, ends.to);
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let mut ways = Vec::with_capacity(40);
    if dy.abs() < 0.5 && dx.abs() > 0.5 {
        ways.push(Route::Straight([from, to]));
        return ways.into_iter().chain(bows(from, to, &[26.0, -26.0, 44.0, -44.0, 70.0, -70.0])).collect();
    }
    if (7.0..CLOSE).contains(&dx) {
        let corner = dx.min(dy.abs()).min(14.0);
        ways.push(Route::Drop([from, to], corner));
    }
    if dx > 20.0 {
        for a in [0.5, 0.35, 0.65, 0.2, 0.8] {
            for b in [0.5, 0.35, 0.65, 0.2, 0.8] {
                ways.push(curve(from, to, (a * dx, 0.0), (b * dx, 0.0)));
            }
        }
    } else {
        // Backwards or nearly vertical: leaves to the right and arrives from the left, or bows.
        for reach in [24.0, 40.0, 60.0, 90.0] {
            ways.push(curve(from, to, (reach, 0.0), (reach, 0.0)));
            ways.push(curve(from, to, (reach, 0.0), (-reach, 0.0)));
            ways.push(curve(from, to, (-reach, 0.0), (reach, 0.0)));
            ways.push(curve(from, to, (-reach, 0.0), (-reach, 0.0)));
        }
    }
    ways
}

/// Returns many more curves, with control points off the row, for when dots block all near ones.
fn far_ways(ends: Ends) -> Vec<Route> {
    let (from, to) = (ends.from, ends.to);
    let dx = (to.x - from.x).abs().max(40.0);
    let mut ways = bows(from, to, &[-20.0, 20.0, 34.0, -34.0, 52.0, -52.0, 90.0, -90.0, 140.0, -140.0]);
    for lift in [-60.0, -36.0, -18.0, 18.0, 36.0, 60.0, 110.0, -110.0] {
        for a in [0.05, 0.25, 0.5, 0.75, 1.0] {
            for b in [0.05, 0.25, 0.5, 0.75, 1.0] {
                ways.push(curve(from, to, (a * dx, lift), (b * dx, 0.0)));
                ways.push(curve(from, to, (a * dx, 0.0), (b * dx, lift)));
                ways.push(curve(from, to, (a * dx, lift), (b * dx, lift)));
                ways.push(curve(from, to, (a * dx, lift), (b * dx, -lift)));
            }
        }
    }
    ways
}

/// Returns curves over or under the obstacles between two dots.
fn bows(from: Point, to: Point, lifts: &[f64]) -> Vec<Route> {
    let dx = to.x - from.x;
    let steep = lifts.iter().map(|lift| curve(from, to, (0.06 * dx, *lift), (0.06 * dx, *lift)));
    let even = lifts.iter().map(|lift| curve(from, to, (0.25 * dx, *lift), (0.25 * dx, *lift)));
    steep.chain(even).collect()
}

/// Returns a curve by offsets of its control points: right of the start, left of the end, both lowered.
fn curve(from: Point, to: Point, out: (f64, f64), back: (f64, f64)) -> Route {
    Route::Curve([from, point(from.x + out.0, from.y + out.1), point(to.x - back.0, to.y + back.1), to])
}

impl Route {
    /// Returns the route from its other end. A drop has only one direction.
    fn reversed(self) -> Route {
        match self {
            Route::Straight([a, b]) => Route::Straight([b, a]),
            Route::Curve([a, b, c, d]) => Route::Curve([d, c, b, a]),
            drop => drop,
        }
    }

    /// Returns points along the route, at most [`PACE`] apart, without the ends.
    pub fn points(&self) -> Vec<Point> {
        match *self {
            Route::Straight([a, b]) => between(a, b),
            Route::Drop([a, b], _) => {
                let turn = point(a.x, b.y);
                let mut points = between(a, turn);
                points.extend(between(turn, b));
                points
            }
            Route::Curve([a, b, c, d]) => {
                // The length of a Bézier curve lies between its chord and its control polygon.
                let length = (b.x - a.x).hypot(b.y - a.y) + (c.x - b.x).hypot(c.y - b.y) + (d.x - c.x).hypot(d.y - c.y);
                let chord = (d.x - a.x).hypot(d.y - a.y);
                let steps = ((length + chord) / 2.0 * 1.25 / PACE).ceil().clamp(4.0, 2000.0) as usize;
                (1..steps).map(|i| on_curve([a, b, c, d], i as f64 / steps as f64)).collect()
            }
        }
    }

    /// Returns the outline of the route.
    pub fn steps(&self) -> Vec<Step> {
        match *self {
            Route::Straight([a, b]) => vec![Step::Move(a), Step::Line(b)],
            Route::Curve([a, b, c, d]) => vec![Step::Move(a), Step::Curve(b, c, d)],
            Route::Drop([a, b], radius) => {
                let up = (b.y - a.y).signum();
                let (enter, leave) = (point(a.x, b.y - up * radius), point(a.x + radius, b.y));
                // A quarter circle as a Bézier curve: its control points are 0.45 radii from the corner.
                let (h, k) = (radius * 0.45, radius * 0.45);
                let handles = (point(a.x, b.y - up * h), point(a.x + k, b.y));
                vec![Step::Move(a), Step::Line(enter), Step::Curve(handles.0, handles.1, leave), Step::Line(b)]
            }
        }
    }
}

fn between(a: Point, b: Point) -> Vec<Point> {
    let steps = ((b.x - a.x).hypot(b.y - a.y) / PACE).ceil().max(1.0) as usize;
    let at = |i: usize| i as f64 / steps as f64;
    (1..steps).map(|i| point(a.x + (b.x - a.x) * at(i), a.y + (b.y - a.y) * at(i))).collect()
}

fn on_curve([a, b, c, d]: [Point; 4], t: f64) -> Point {
    let u = 1.0 - t;
    let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
    let mix = |a: f64, b: f64, c: f64, d: f64| weights[0] * a + weights[1] * b + weights[2] * c + weights[3] * d;
    point(mix(a.x, b.x, c.x, d.x), mix(a.y, b.y, c.y, d.y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay_between(centres: Vec<Point>) -> (Route, Obstacles) {
        let mut obstacles = Obstacles::new(500.0, 300.0, centres.clone(), Vec::new());
        let ends = Ends { dots: [0, 1], from: centres[0], to: centres[1] };
        (lay(&mut obstacles, ends), obstacles)
    }

    #[test]
    fn straight_where_it_is_free() {
        let (route, _) = lay_between(vec![point(50.0, 50.0), point(300.0, 50.0)]);
        assert!(matches!(route, Route::Straight(_)));
    }

    #[test]
    fn around_what_stands_between() {
        let (route, obstacles) = lay_between(vec![point(50.0, 50.0), point(300.0, 50.0), point(170.0, 50.0)]);
        assert!(matches!(route, Route::Curve(_)));
        assert!(route.points().iter().all(|at| !obstacles.hits_dot(*at, [0, 1])));
    }

    #[test]
    fn a_close_child_is_dropped_to() {
        let (route, _) = lay_between(vec![point(50.0, 50.0), point(70.0, 120.0)]);
        assert!(matches!(route, Route::Drop(..)));
        let (route, obstacles) = lay_between(vec![point(50.0, 50.0), point(70.0, 120.0), point(52.0, 84.0)]);
        assert!(route.points().iter().all(|at| !obstacles.hits_dot(*at, [0, 1])));
    }

    #[test]
    fn points_are_close_together() {
        let curve = Route::Curve([point(0.0, 0.0), point(900.0, 0.0), point(-500.0, 400.0), point(400.0, 400.0)]);
        let points = curve.points();
        let far = points.windows(2).map(|pair| (pair[1].x - pair[0].x).hypot(pair[1].y - pair[0].y));
        assert!(far.fold(0.0, f64::max) < 2.5 * PACE);
    }
}
