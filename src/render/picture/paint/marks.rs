//! The marks of a picture before they are written. Lengths are in pixels; y grows downwards.

#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

pub fn point(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// An axis-aligned rectangle; `x` and `y` are its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    pub fn new(x: f64, y: f64, width: f64, height: f64) -> Area {
        Area { x, y, width, height }
    }

    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Returns whether the rectangles share more than an edge.
    pub fn overlaps(&self, other: &Area) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    pub fn contains(&self, at: Point) -> bool {
        (self.x..=self.right()).contains(&at.x) && (self.y..=self.bottom()).contains(&at.y)
    }
}

/// A step of an outline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    Move(Point),
    Line(Point),
    /// Two control points and the end.
    Curve(Point, Point, Point),
    Close,
}

/// The alignment of a text at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Anchor {
    #[default]
    Start,
    Middle,
    End,
}

/// One line of text; `at` is on its base line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    pub at: Point,
    pub text: String,
    pub size: f64,
    pub bold: bool,
    pub anchor: Anchor,
    /// Classes of the style sheet: `ink` or `quiet`, optionally `halo`.
    pub class: &'static str,
    /// Text that follows, smaller and quiet.
    pub more: String,
    /// Rotation in degrees, clockwise around `at`.
    pub turn: f64,
}

/// A mark of a picture. Classes are those of [`super::palette::style_sheet`].
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// `fill` is the id of a [`Def`]; if empty, the class decides.
    Box {
        area: Area,
        round: f64,
        class: String,
        opacity: f64,
        fill: String,
    },
    Dot {
        at: Point,
        radius: f64,
        class: String,
        stroke: f64,
    },
    /// `dash` is empty for a solid line; `stroke` 0 draws no line.
    Path {
        steps: Vec<Step>,
        class: String,
        stroke: f64,
        dash: &'static str,
        opacity: f64,
    },
    Text(Text),
    Group(Group),
}

/// Marks that belong together. A group with a title is a unit for screen readers, pointers and keyboard focus.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    pub class: String,
    /// An anchor for links into the picture.
    pub id: String,
    pub title: String,
    /// Whether the tab key stops here; otherwise only pointers and scripts focus it.
    pub stop: bool,
    /// Attributes for scripts: `data-NAME`.
    pub data: Vec<(&'static str, String)>,
    /// The URL that the marks link to; may be empty.
    pub link: String,
    pub marks: Vec<Mark>,
}

/// A definition that marks refer to by `url(#…)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Def {
    /// Slanted lines.
    Hatch { id: String, class: String, opacity: f64 },
    /// From transparent to opaque, left to right, or the other way round.
    Fade { id: String, class: String, rising: bool },
}

/// A picture with its layout.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Picture {
    pub width: f64,
    pub height: f64,
    pub title: String,
    /// The description for screen readers.
    pub desc: String,
    pub defs: Vec<Def>,
    pub marks: Vec<Mark>,
    /// Width and height on paper, in points; `None` if the size is that in pixels.
    pub paper: Option<(f64, f64)>,
}

impl Picture {
    /// Returns the smallest font size, in pixels; infinite if there is no text.
    pub fn smallest_text(&self) -> f64 {
        self.marks.iter().map(smallest).fold(f64::INFINITY, f64::min)
    }
}

/// The font size of text behind a name, relative to the name.
pub const MORE: f64 = 0.84;

fn smallest(mark: &Mark) -> f64 {
    match mark {
        Mark::Text(text) if text.more.is_empty() => text.size,
        Mark::Text(text) => text.size * MORE,
        Mark::Group(group) => group.marks.iter().map(smallest).fold(f64::INFINITY, f64::min),
        _ => f64::INFINITY,
    }
}

impl Mark {
    pub fn fill(area: Area, class: &str) -> Mark {
        Mark::Box { area, round: 0.0, class: class.to_string(), opacity: 1.0, fill: String::new() }
    }

    pub fn rounded(area: Area, round: f64, class: &str) -> Mark {
        Mark::Box { area, round, class: class.to_string(), opacity: 1.0, fill: String::new() }
    }

    /// Returns a straight line.
    pub fn line(from: Point, to: Point, class: &str, stroke: f64) -> Mark {
        let steps = vec![Step::Move(from), Step::Line(to)];
        Mark::Path { steps, class: format!("n {class}"), stroke, dash: "", opacity: 1.0 }
    }
}

/// Returns an open outline through the points.
pub fn outline(points: &[Point]) -> Vec<Step> {
    let lines = points.iter().skip(1).map(|at| Step::Line(*at));
    points.first().map(|at| Step::Move(*at)).into_iter().chain(lines).collect()
}
