//! `explain` on a cluster: the statements that the server runs, or what is fetched and why.

use super::Cluster;
use super::part::{Around, LakePart};
use super::server::Work;
use super::way::{Statements, Way};
use crate::answer::{Answer, Cell, Head, Row, Table, View};
use crate::database::{Options, Prepared};
use crate::graph::Census;
use crate::plan::Wanted;
use crate::schema::{Schema, TypeSet};
use crate::value::Value;
use std::fmt::Write;
use std::time::Duration;

/// What an answer took.
pub struct Spent {
    pub work: Work,
    pub time: Duration,
    /// The profile of the plan that ran here on facts that were fetched; empty where the server found the bindings.
    pub profile: String,
}

impl Cluster {
    /// Returns how a query would be answered; or was, at a cost.
    pub(super) fn explained(&self, prepared: &Prepared, options: &Options, spent: Option<Spent>) -> Answer {
        let plan = prepared.unoptimized(Wanted::Answer, options);
        let mut text = match self.way(&plan) {
            Way::Statements(Statements { patterns, counted }) => {
                let does = if counted.is_some() { "counts" } else { "finds" };
                let mut text = format!("-- the server {does} the bindings; begat makes rows of them\n");
                for (_, program) in counted.iter().chain(&patterns) {
                    if !program.loops.is_empty() {
                        let words =
                            "each loop takes rounds, each a job of the server, for up to four steps of the longest way";
                        let _ = writeln!(text, "-- {}: {words}", number(program.loops.len() as u64, "loop"));
                    }
                    text += &program.to_string();
                }
                text + &fetched(&LakePart::behind(&plan, self.catalogue()), &self.census, self.catalogue().schema())
            }
            Way::Fetch(part, why) => {
                let mut text = format!("-- begat runs this on facts that it fetches: {why}\n");
                if let Some(Around::Reached { .. }) = part.around {
                    text += "-- only what is reached is fetched: a round for up to four steps of the longest way\n";
                }
                text + &fetched(&part, &self.census, self.catalogue().schema())
            }
        };
        if let Some(Spent { work, time, profile }) = spent {
            let Work { statements, rounds, received } = work;
            let _ = writeln!(
                text,
                "-- took {:.2} s: {} with {} of them rounds, and {} received",
                time.as_secs_f64(),
                number(statements, "statement"),
                rounds,
                number(received, "row")
            );
            text += &profile;
        }
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

fn number(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
