//! The axes of a plot: lines at values, and dates below their ticks.

use super::super::paint::frame::{plain, text};
use super::super::paint::marks::{Anchor, Area, Mark, Text, point};
use super::super::paint::metrics::{Weight, width};
use super::place;
use crate::date::{civil_of, day_of};

const SIZE: f64 = 10.5;
/// Minimum distance between the labels of two ticks.
const BETWEEN: f64 = 12.0;
/// Intervals of ticks in months: divisors or multiples of a year.
const STEPS: [i32; 11] = [1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12_000];

/// Returns the values that get a line: of shares if `most` is `None`, otherwise of a number up to `most`.
pub fn values(most: Option<f64>) -> Vec<(f64, String)> {
    match most {
        None => vec![(0.0, "0".into()), (0.5, "50".into()), (1.0, "100%".into())],
        Some(most) => vec![(0.0, "0".into()), (most, format!("{most}"))],
    }
}

/// Draws lines at the values, and as many dates below as fit, each under its tick.
pub fn axes(plot: Area, span: (f64, f64), values: &[(f64, String)], most: f64) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (value, words) in values {
        let y = plot.bottom() - value / most * plot.height;
        let class = if *value == 0.0 { "sg" } else { "rule" };
        marks.push(Mark::line(point(plot.x, y), point(plot.right(), y), class, 1.0));
        let x = plot.x - 6.0 - width(words, 11.0, Weight::Regular);
        marks.push(text(x, y + 4.0, words, 11.0, "quiet", false));
    }
    for (day, words) in ticks(span, plot.width) {
        let x = place(day, span, plot).x;
        marks.push(Mark::line(point(x, plot.bottom()), point(x, plot.bottom() + 5.0), "sg", 1.0));
        let at = plain(x, plot.bottom() + 16.0, &words, SIZE, "quiet");
        marks.push(Mark::Text(Text { anchor: Anchor::Middle, ..at }));
    }
    marks
}

/// Returns the days of the ticks with their labels: the shortest interval whose labels fit.
pub fn ticks(span: (f64, f64), room: f64) -> Vec<(f64, String)> {
    let month = |day: f64| civil_of(day as i32).map(|(year, month, _)| year * 12 + i32::from(month) - 1);
    let Some((first, last)) = month(span.0).zip(month(span.1)) else { return Vec::new() };
    let per_month = room / f64::from(last - first + 1).max(1.0);
    let needed = |step: i32| width(if step < 12 { "2024-00" } else { "2024" }, SIZE, Weight::Regular) + BETWEEN;
    let step = STEPS.into_iter().find(|step| per_month * f64::from(*step) >= needed(*step)).unwrap_or(12_000);
    let months = (first..=last).filter(|month| month.rem_euclid(step) == 0);
    let tick = |month: i32| {
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let day = day_of(year, u8::try_from(month).ok()?, 1).map(f64::from)?;
        let words = if step < 12 { format!("{year}-{month:02}") } else { year.to_string() };
        (span.0 <= day && day <= span.1).then_some((day, words))
    };
    months.filter_map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tick_has_its_words_and_room_for_them() {
        let day = |year| f64::from(day_of(year, 1, 1).expect("a day"));
        for (from, to, room) in [(2018, 2027, 280.0), (2024, 2025, 600.0), (1950, 2020, 280.0), (2023, 2024, 200.0)] {
            let span = (day(from), day(to));
            let ticks = ticks(span, room);
            assert!(ticks.len() >= 2, "{from} to {to}: {ticks:?}");
            let x = |day: f64| (day - span.0) / (span.1 - span.0) * room;
            for pair in ticks.windows(2) {
                let between = x(pair[1].0) - x(pair[0].0);
                assert!(between > width(&pair[0].1, SIZE, Weight::Regular), "{from} to {to}: {pair:?}");
            }
        }
    }
}
