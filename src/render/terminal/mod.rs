//! Draws answers with characters, for a terminal.

mod chart;
mod describe;
mod lanes;
mod lineage;
mod matrix;
mod proof;
mod schema;
mod spread;
mod tree;

pub use proof::reason_text;

use super::rows;
use super::words::{Emphasis, TextStyle, paint, printable};
use super::{Format, Rendered};
use crate::answer::{Answer, View};
use crate::graph::Graph;
use crate::value::{Truth, truth_word};

/// Returns the drawing for the answer's view; a table if there is none. [`Format::Chart`] prefers bars if a column
/// holds numbers.
pub fn view(answer: &Answer, graph: &Graph, format: Format, looks: &TextStyle) -> Rendered {
    let table = || rows::table(&answer.table, graph, looks);
    Rendered::from(match &answer.view {
        View::Verdict(truth) => verdict(*truth, looks),
        View::Why(explained) => proof::why(explained, graph, looks),
        View::WhyNot(why_not) => proof::why_not(why_not, graph, looks),
        View::Lineage(lineage) => lineage::lineage(lineage, graph, looks),
        View::Adoption(adoption) => chart::adoption(adoption, graph, looks),
        View::Rise(rise) => chart::rise(rise, &answer.table, graph, looks),
        View::Spread(found) => spread::spread(found, graph, looks),
        View::Timeline(part) => lanes::timeline(part, graph, looks),
        View::Matrix(matrix) => matrix::matrix(matrix, graph, looks),
        View::Diff(diffs) => describe::diffs(diffs, graph, looks),
        View::Describe(entity) => describe::describe(*entity, graph, looks),
        View::Plan(text) => printable(text.trim_end()).into_owned() + "\n",
        View::Rows if format == Format::Chart => match chart::bars(&answer.table, graph, looks) {
            Some(text) => text,
            None => return table(),
        },
        View::Schema => schema::schema(&answer.table, graph, looks),
        View::Rows | View::Graph(_) | View::Conflicts => return table(),
    })
}

fn verdict(truth: Truth, looks: &TextStyle) -> String {
    let face = match truth {
        Truth::Yes => Emphasis::Added,
        Truth::Maybe => Emphasis::Possible,
        Truth::No => Emphasis::Dropped,
    };
    paint(face, truth_word(truth), looks.color) + "\n"
}
