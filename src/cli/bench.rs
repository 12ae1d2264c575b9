//! `begat bench`: how long a query takes, from its text to its rows as text.

use super::Exit;
use super::output::printed;
use super::progress::QUERY;
use super::session::Session;
use crate::render::{self, Format, Looks};
use crate::text::Text;
use crate::{Error, Options};
use serde_json::json;
use std::time::{Duration, Instant};

/// One run of a query.
struct Run {
    prepared: Duration,
    whole: Duration,
    rows: usize,
    text: String,
}

/// Runs each query once and then `runs` times more; its rows go to stdout, its times to stderr as a line of JSON, in
/// seconds: of the first run, of each later one (which finds the query prepared), and of the first preparation.
pub fn bench(session: &Session, queries: &[String], runs: usize) -> Exit {
    for query in queries {
        let all: Result<Vec<Run>, Error> = (0..=runs).map(|_| run(session, query)).collect();
        let all = match all {
            Ok(all) => all,
            Err(error) => return session.fail(error, &Text::new("query", query.as_str())),
        };
        let exit = printed(&all[0].text, &session.terminal);
        if !matches!(exit, Exit::Done) {
            return exit;
        }
        eprintln!("{}", times(&all));
    }
    Exit::Done
}

fn run(session: &Session, query: &str) -> Result<Run, Error> {
    let options: Options = session.options();
    let looks = Looks { header: false, ..session.terminal.looks(&session.global, true) };
    session.begin(QUERY);
    let budget = session.budget();
    budget.enter(|| timed(session, query, &options, &looks)).and_then(|run| {
        budget.check()?;
        Ok(run)
    })
}

fn timed(session: &Session, query: &str, options: &Options, looks: &Looks) -> Result<Run, Error> {
    let start = Instant::now();
    let all = session.database.prepare(query, options)?;
    let prepared = start.elapsed();
    let (mut rows, mut text) = (0, String::new());
    for one in &all {
        let answer = session.database.run(one, options)?;
        rows += answer.table.rows.len();
        text += &render::answer(&answer, session.graph(), Format::Tsv, looks).map_or(String::new(), |done| done.text);
    }
    Ok(Run { prepared, whole: start.elapsed(), rows, text })
}

fn times(all: &[Run]) -> serde_json::Value {
    let later: Vec<f64> = all[1..].iter().map(|run| run.whole.as_secs_f64()).collect();
    let first = &all[0];
    json!({
        "first": first.whole.as_secs_f64(), "times": later, "prepare": first.prepared.as_secs_f64(), "rows": first.rows,
    })
}
