//! Draws links to further parents as thin arcs that avoid all names.
//!
//! An arc is a Bézier curve between two dots. If every curve tried crosses a name, there is no arc; the label then
//! names the parent.

use super::super::paint::marks::{Point, Step, point};
use super::super::timeline::data::Chart;
use super::super::timeline::grid::Obstacles;
use super::lay::FamilyScene;
use crate::limits::is_over_after;

/// A link with its curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Arc {
    /// Index in [`Chart::links`].
    pub link: usize,
    /// The ends, with the control points between them.
    pub curve: [Point; 4],
}

impl Arc {
    pub fn steps(&self) -> Vec<Step> {
        let [a, b, c, d] = self.curve;
        vec![Step::Move(a), Step::Curve(b, c, d)]
    }

    /// Returns points along the curve, without the ends, at most 3 pixels apart.
    #[cfg(test)]
    pub fn points(&self) -> impl Iterator<Item = Point> + use<> {
        along(self.curve)
    }
}

/// Above this number of links no arcs are drawn, because they would hide the family; the labels name the parents.
pub const MOST: usize = 60;

/// Returns the arcs of those links that can avoid all names.
pub fn lay(chart: &Chart, scene: &FamilyScene, links: &[usize]) -> Vec<Arc> {
    let centres: Vec<Point> = scene.spots.iter().map(|spot| spot.at).collect();
    let areas = scene.spots.iter().map(|spot| spot.label).collect();
    let obstacles = Obstacles::new(scene.width, scene.height, centres.clone(), areas);
    let mut arcs = Vec::new();
    for link in links {
        if is_over_after(1000) {
            break;
        }
        let ends = [chart.links[*link].parent, chart.links[*link].child];
        let [from, to] = ends.map(|node| centres[node]);
        let clear = |curve: &[Point; 4]| {
            along(*curve)
                .all(|at| !obstacles.hits_label(at) && !obstacles.hits_dot(at, ends) && !obstacles.is_outside(at))
        };
        arcs.extend(ways(from, to).into_iter().find(clear).map(|curve| Arc { link: *link, curve }));
    }
    arcs
}

/// Returns the curves to try, the flattest first: arcs that leave below the older dot and arrive from the left.
fn ways(from: Point, to: Point) -> Vec<[Point; 4]> {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let mut ways = Vec::new();
    for a in [0.5, 0.25, 0.75, 0.1, 0.9] {
        for b in [0.3, 0.6, 0.1, 0.85] {
            // Vertical first, then to the right; then the other way round.
            ways.push([from, point(from.x + 0.04 * dx, from.y + a * dy), point(to.x - b * dx, to.y), to]);
            ways.push([from, point(from.x + a * dx, from.y), point(to.x - 0.02 * dx, to.y - b * dy), to]);
            ways.push([from, point(from.x + a * dx, from.y), point(to.x - b * dx, to.y), to]);
        }
    }
    for lift in [14.0, -14.0, 26.0, -26.0, 48.0, -48.0] {
        for a in [0.15, 0.4] {
            ways.push([from, point(from.x + a * dx, from.y + lift), point(to.x - a * dx, to.y + lift), to]);
            ways.push([from, point(from.x - lift.abs(), from.y + a * dy), point(to.x - lift.abs(), to.y), to]);
        }
    }
    ways
}

fn along([a, b, c, d]: [Point; 4]) -> impl Iterator<Item = Point> {
    let length = (b.x - a.x).hypot(b.y - a.y) + (c.x - b.x).hypot(c.y - b.y) + (d.x - c.x).hypot(d.y - c.y);
    let steps = (length / 3.0).ceil().clamp(4.0, 3000.0) as usize;
    (1..steps).map(move |i| {
        let t = i as f64 / steps as f64;
        let mix = |p: f64, q: f64| p + (q - p) * t;
        let (ab, bc, cd) = (
            point(mix(a.x, b.x), mix(a.y, b.y)),
            point(mix(b.x, c.x), mix(b.y, c.y)),
            point(mix(c.x, d.x), mix(c.y, d.y)),
        );
        let (abc, bcd) = (point(mix(ab.x, bc.x), mix(ab.y, bc.y)), point(mix(bc.x, cd.x), mix(bc.y, cd.y)));
        point(mix(abc.x, bcd.x), mix(abc.y, bcd.y))
    })
}
