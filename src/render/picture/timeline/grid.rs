//! A uniform grid of the obstacles for links, so that a lookup costs the same however many there are.

use super::super::paint::marks::{Area, Point};

/// Side of a cell in pixels, which is also how near links count as beside each other. By reasoning, no benchmark varies
/// it: in larger cells a point is tested against more dots and labels, in smaller ones an obstacle touches more cells.
const CELL: f64 = 24.0;
/// The numbers of laid links above which no link, and above which only one through a dot, is searched a far way for. A
/// search tries some 800 curves in place of some 25, which is what makes pictures of thousands of links slow; larger
/// numbers spend that on links that cannot be followed by eye in any case. By reasoning, no benchmark varies them.
const CROWD: usize = 2000;
const BUSY: usize = 800;

/// Dots, labels, and the routes of links laid so far.
#[derive(Debug)]
pub struct Obstacles {
    size: (f64, f64),
    /// The number of links laid so far.
    laid: usize,
    columns: usize,
    rows: usize,
    /// By cell: the dots that touch it.
    dots: Vec<Vec<u32>>,
    labels: Vec<Vec<u32>>,
    /// By cell: the number of links that pass.
    tracks: Vec<u16>,
    centres: Vec<Point>,
    areas: Vec<Area>,
}

/// The minimum distance from a dot's centre. Greater than the radius of any dot.
pub const CLEAR: f64 = 9.0;

impl Obstacles {
    /// Returns the grid of the dots and labels of a picture of this size.
    pub fn new(width: f64, height: f64, centres: Vec<Point>, areas: Vec<Area>) -> Obstacles {
        let cells = |length: f64| (length.max(1.0) / CELL).ceil() as usize + 1;
        let (columns, rows) = (cells(width), cells(height));
        let empty = vec![Vec::new(); columns * rows];
        let tracks = vec![0; columns * rows];
        let mut obstacles = Obstacles {
            size: (width, height),
            laid: 0,
            columns,
            rows,
            dots: empty.clone(),
            labels: empty,
            tracks,
            centres,
            areas,
        };
        for i in 0..obstacles.centres.len() {
            let at = obstacles.centres[i];
            // Entered in every cell within reach, so that a test needs to look into the point's own cell only.
            let around = Area::new(at.x - CLEAR, at.y - CLEAR, 2.0 * CLEAR, 2.0 * CLEAR);
            obstacles.cells(&around).for_each(|cell| obstacles.dots[cell].push(i as u32));
        }
        for i in 0..obstacles.areas.len() {
            let area = obstacles.areas[i];
            obstacles.cells(&area).for_each(|cell| obstacles.labels[cell].push(i as u32));
        }
        obstacles
    }

    /// Returns the cells that an area touches.
    fn cells(&self, area: &Area) -> impl Iterator<Item = usize> + use<> {
        let columns = self.columns;
        let place = |value: f64, count: usize| ((value / CELL).max(0.0) as usize).min(count - 1);
        let across = place(area.x, columns)..=place(area.right(), columns);
        let down = place(area.y, self.rows)..=place(area.bottom(), self.rows);
        down.flat_map(move |row| across.clone().map(move |column| row * columns + column))
    }

    fn cell(&self, at: Point) -> usize {
        let place = |value: f64, count: usize| ((value / CELL).max(0.0) as usize).min(count - 1);
        place(at.y, self.rows) * self.columns + place(at.x, self.columns)
    }

    /// Returns whether the point is too near to a dot other than the two ends.
    pub fn hits_dot(&self, at: Point, ends: [usize; 2]) -> bool {
        self.dots[self.cell(at)].iter().any(|dot| {
            let dot = *dot as usize;
            let centre = self.centres[dot];
            let (dx, dy) = (centre.x - at.x, centre.y - at.y);
            !ends.contains(&dot) && dx * dx + dy * dy < CLEAR * CLEAR
        })
    }

    pub fn hits_label(&self, at: Point) -> bool {
        self.labels[self.cell(at)].iter().any(|label| self.areas[*label as usize].contains(at))
    }

    /// Returns whether the point is outside of the picture.
    pub fn is_outside(&self, at: Point) -> bool {
        !(2.0..=self.size.0 - 2.0).contains(&at.x) || !(2.0..=self.size.1 - 2.0).contains(&at.y)
    }

    /// Returns whether so many links are laid that avoiding them no longer matters.
    pub fn is_crowded(&self) -> bool {
        self.laid > CROWD
    }

    /// Returns whether so many links are laid that only those through dots are worth a long search.
    pub fn is_busy(&self) -> bool {
        self.laid > BUSY
    }

    /// Returns the number of links that pass the point's cell.
    pub fn tracks(&self, at: Point) -> u16 {
        self.tracks[self.cell(at)]
    }

    /// Records that a link passes these points.
    pub fn lay(&mut self, points: &[Point]) {
        self.laid += 1;
        let mut last = usize::MAX;
        for at in points {
            let cell = self.cell(*at);
            // Consecutive points in a cell are one passage.
            if cell != last {
                self.tracks[cell] = self.tracks[cell].saturating_add(1);
                last = cell;
            }
        }
    }
}
