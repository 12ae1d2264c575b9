//! The axis of time: converts days to pixels.
//!
//! The elastic scale gives each year a width of 0.6 of its length plus 0.1 for each entity in it, so that crowded years
//! have room; a run of four or more empty years together has the width of one. Within a year the scale is linear.

use crate::date::{Day, civil_of, day_of};

/// A scale of years with its layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Pairs of day and x, both sorted ascending; linear in between.
    knots: Vec<(f64, f64)>,
    /// Years with the x of their first day, left to right.
    pub years: Vec<(i32, f64)>,
    /// Months with the x of their first day: the quarters that have room, or on a short axis all months.
    pub months: Vec<(u8, f64)>,
    /// Whether a run of empty years was narrowed.
    pub narrowed: bool,
    pub linear: bool,
}

/// The days that the axis must include.
#[derive(Debug, Clone)]
pub struct Extent {
    /// The days of all marks, bounds included; not empty.
    pub days: Vec<Day>,
    /// The days of the dots.
    pub dots: Vec<f64>,
}

/// The parts of a year's width for its length and for each entity in it. [`Axis::notes`] tells readers both numbers.
const LENGTH: f64 = 0.6;
const EACH: f64 = 0.1;
/// The minimum number of empty years that are narrowed. Smaller, more of the proportions of time are lost; larger, more of
/// the picture is empty.
const EMPTY_RUN: usize = 4;
/// The maximum length in days of an axis that shows months.
const SHORT: f64 = 500.0;

impl Axis {
    /// Lays out the years from `left`, `width` wide. `None` if there is no day.
    pub fn new(extent: &Extent, left: f64, width: f64, linear: bool) -> Option<Axis> {
        let first_day = *extent.days.iter().min()?;
        let first = civil_of(first_day)?.0;
        let last_day = *extent.days.iter().max()?;
        let last = civil_of(last_day)?.0;
        let years: Vec<i32> = (first..=last).collect();
        let mut starts: Vec<f64> = years.iter().filter_map(|year| day_of(*year, 1, 1)).map(f64::from).collect();
        begin_late(&mut starts, first_day);
        // At least a quarter of the last year, or its number would have no room.
        let end = (f64::from(last_day) + 20.0).max(starts.last()? + 90.0);
        let (weights, narrowed) = weights(&starts, end, &extent.dots, linear);
        let scale = width / weights.iter().sum::<f64>();
        let mut knots = Vec::with_capacity(starts.len() + 1);
        let mut x = left;
        for (start, weight) in starts.iter().zip(&weights) {
            knots.push((*start, x));
            x += weight * scale;
        }
        knots.push((end, x));
        let years = years.into_iter().zip(knots.iter().map(|(_, x)| *x)).collect();
        let mut axis = Axis { knots, years, months: Vec::new(), narrowed, linear };
        axis.months = axis.month_lines();
        Some(axis)
    }

    /// Returns the x of a day, clamped to the axis.
    pub fn x(&self, day: f64) -> f64 {
        let after = self.knots.partition_point(|(start, _)| *start <= day).clamp(1, self.knots.len() - 1);
        let ((d0, x0), (d1, x1)) = (self.knots[after - 1], self.knots[after]);
        x0 + (x1 - x0) * ((day - d0) / (d1 - d0)).clamp(0.0, 1.0)
    }

    /// Returns lines at the quarters of years that are wide enough; at all months of a short axis.
    fn month_lines(&self) -> Vec<(u8, f64)> {
        let span = self.knots.last().map_or(0.0, |(day, _)| day - self.knots[0].0);
        let every = if span < SHORT { 1 } else { 3 };
        let mut lines = Vec::new();
        for (i, (year, x)) in self.years.iter().enumerate() {
            let (end_day, end) = self.knots[i + 1];
            let months = (1..12).step_by(every).map(|month| month + every as u8).filter(|month| *month <= 12);
            let days = months.filter_map(|month| Some((month, f64::from(day_of(*year, month, 1)?))));
            let room = (end - x) * 365.0 / (end_day - self.knots[i].0).max(1.0);
            let shown = |day: f64| room > 70.0 && self.knots[i].0 < day && day < end_day;
            lines.extend(days.filter(|(_, day)| shown(*day)).map(|(month, day)| (month, self.x(day))));
        }
        lines
    }

    /// Describes how the scale distorts time.
    pub fn notes(&self, noun: &str) -> Vec<String> {
        let mut notes = match self.linear {
            true => vec!["Years are as wide as they are long.".to_string()],
            false => vec![format!("A year's width is 0.6 of its length and 0.1 for each {noun} in it.")],
        };
        notes.extend(self.rule().map(|rule| format!("{}.", crate::render::picture::capital(rule))));
        notes
    }

    /// Returns what must be known to read the scale; `None` if no run of empty years is narrowed.
    pub fn rule(&self) -> Option<&'static str> {
        self.narrowed.then_some("a run of empty years has the width of one")
    }

    /// Returns the month at which the axis begins, unless it begins with a year.
    pub fn first_month(&self) -> Option<u8> {
        let (_, month, _) = civil_of(self.knots[0].0 as Day)?;
        Some(month).filter(|month| *month > 1)
    }
}

/// Drops the empty quarters before the first mark of the first year.
fn begin_late(starts: &mut [f64], first_day: Day) {
    // At least forty days before it, so that the mark does not stand on the edge.
    let quarter = civil_of(first_day - 40).and_then(|(year, month, _)| day_of(year, (month - 1) / 3 * 3 + 1, 1));
    if let (Some(start), Some(quarter)) = (starts.first_mut(), quarter.map(f64::from)) {
        *start = start.max(quarter);
    }
}

/// Returns the relative width of each year, and whether a run of empty years was narrowed.
fn weights(starts: &[f64], end: f64, dots: &[f64], linear: bool) -> (Vec<f64>, bool) {
    let until = |i: usize| starts.get(i + 1).copied().unwrap_or(end);
    let length = |i: usize| (until(i) - starts[i]) / 365.25;
    if linear {
        return ((0..starts.len()).map(length).collect(), false);
    }
    let mut held = vec![0usize; starts.len()];
    for dot in dots {
        held[starts.partition_point(|start| start <= dot).saturating_sub(1)] += 1;
    }
    let mut weights: Vec<f64> = (0..starts.len()).map(|i| LENGTH * length(i) + EACH * held[i] as f64).collect();
    let mut narrowed = false;
    let mut i = 0;
    while i < held.len() {
        let run = held[i..].iter().take_while(|count| **count == 0).count();
        if run >= EMPTY_RUN {
            weights[i..i + run].fill(LENGTH / run as f64);
            narrowed = true;
        }
        i += run.max(1);
    }
    (weights, narrowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(dots: &[(i32, u8)], linear: bool) -> Axis {
        let days: Vec<Day> = dots.iter().map(|(year, month)| day_of(*year, *month, 15).unwrap()).collect();
        let dots = days.iter().map(|day| f64::from(*day)).collect();
        Axis::new(&Extent { days, dots }, 100.0, 900.0, linear).unwrap()
    }

    #[test]
    fn crowded_years_are_wider() {
        let axis = axis(&[(2019, 1), (2020, 1), (2020, 5), (2020, 9), (2021, 12)], false);
        let widths: Vec<f64> = axis.years.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
        assert!(widths[1] > widths[0] * 1.2);
        assert_eq!(axis.years[0], (2019, 100.0));
        let ratio = widths[1] / widths[0];
        assert!((ratio - 0.9 / 0.7).abs() < 0.01, "{ratio}");
    }

    #[test]
    fn time_never_runs_backwards() {
        let axis = axis(&[(1986, 1), (2017, 6), (2018, 2), (2024, 12)], false);
        assert!(axis.narrowed);
        let days = (-100..26000).map(|i| axis.x(f64::from(i) + 5000.0));
        assert!(days.collect::<Vec<_>>().is_sorted());
        assert!(axis.x(-1e6) == 100.0 && (axis.x(1e6) - 1000.0).abs() < 1e-6);
    }

    #[test]
    fn linear_years_are_alike() {
        let axis = axis(&[(2019, 1), (2020, 1), (2020, 2), (2022, 12)], true);
        let widths: Vec<f64> = axis.years.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
        assert!(widths.iter().all(|width| (width / widths[0] - 1.0).abs() < 0.01));
    }

    #[test]
    fn one_day_is_enough() {
        assert!(axis(&[(2024, 7)], false).x(f64::from(day_of(2024, 7, 15).unwrap())) > 100.0);
        assert_eq!(Axis::new(&Extent { days: vec![], dots: vec![] }, 0.0, 1.0, false), None);
    }
}
