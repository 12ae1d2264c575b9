//! `explain` on a cluster: the statements that the server runs, or what is fetched and why.

use super::Cluster;
use super::part::{Around, LakePart};
use super::way::{Statements, Way};
use crate::answer::{Answer, Cell, Head, Row, Table, View};
use crate::database::{Options, Prepared};
use crate::graph::Census;
use crate::plan::Wanted;
use crate::schema::{Schema, TypeSet};
use crate::value::Value;
use std::fmt::Write;

impl Cluster {
    /// Returns how a query would be answered.
    pub(super) fn explained(&self, prepared: &Prepared, options: &Options) -> Answer {
        let plan = prepared.unoptimized(Wanted::Answer, options);
        let text = match self.way(&plan) {
            Way::Statements(Statements { patterns, counted }) => {
                let does = if counted.is_some() { "counts" } else { "finds" };
                let mut text = format!("-- the server {does} the bindings; begat makes rows of them\n");
                for (_, program) in counted.iter().chain(&patterns) {
                    if !program.loops.is_empty() {
                        let words = "each loop takes a round, one job of the server, for each step of the longest way";
                        let _ = writeln!(text, "-- {}: {words}", number(program.loops.len(), "loop"));
                    }
                    text += &program.to_string();
                }
                text + &fetched(&LakePart::behind(&plan, self.catalogue()), &self.census, self.catalogue().schema())
            }
            Way::Fetch(part, why) => {
                let mut text = format!("-- begat runs this on facts that it fetches: {why}\n");
                if let Some(Around::Reached { .. }) = part.around {
                    text += "-- only what is reached is fetched: a round for each step of the longest way\n";
                }
                text + &fetched(&part, &self.census, self.catalogue().schema())
            }
        };
        let line = |line: &str| Row { cells: vec![Cell::Value(Value::text(line))], certain: true };
        let columns = vec![Head { title: "plan".to_string(), numeric: false, types: TypeSet::NONE }];
        let table = Table { columns, rows: text.lines().map(line).collect() };
        Answer { view: View::Plan(text), table, more_possible: 0, notes: plan.notes.clone() }
    }
}

/// The tables that are fetched, a line each.
fn fetched(part: &LakePart, census: &Census, schema: &Schema) -> String {
    let limited = if part.around.is_some() { "a part of " } else { "" };
    let mut text = String::new();
    for id in &part.verbs {
        let _ = writeln!(text, "-- fetch {limited}verbs/{} ({})", schema.verb(*id).name, census.verb(*id).facts);
    }
    for id in &part.properties {
        let property = schema.property(*id);
        let _ = writeln!(text, "-- fetch {limited}stated/{} ({})", property.name, census.property(*id).stated);
    }
    if part.claims {
        let _ = writeln!(text, "-- fetch their claims");
    }
    text
}

fn number(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
