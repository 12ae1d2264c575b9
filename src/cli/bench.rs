//! `begat bench`: measures queries, from their text to their rows as text.

use super::Exit;
use super::output::printed;
use super::progress::QUERY;
use super::session::Session;
use crate::render::{self, Format, TextStyle};
use crate::text::Text;
use crate::{Error, Options};
use serde_json::json;
use std::time::{Duration, Instant};

/// A run of a query.
struct Run {
    prepared: Duration,
    whole: Duration,
    rows: usize,
    text: String,
}

/// Runs each query once, then `runs` times as a new text, then `runs` times as a cached one. Writes its rows to stdout,
/// and its times to stderr as a line of JSON, in seconds: of the first run, the fresh runs, the cached runs, and the
/// first preparation.
pub fn bench(session: &Session, queries: &[String], runs: usize) -> Exit {
    for query in queries {
        let all = run(session, query).and_then(|first| {
            // Trailing spaces make a new text with the same meaning, which misses the cache of prepared queries.
            let fresh = |i: usize| run(session, &format!("{query}{}", " ".repeat(i)));
            let fresh = (1..=runs).map(fresh).collect::<Result<Vec<Run>, Error>>()?;
            let later = (0..runs).map(|_| run(session, query)).collect::<Result<Vec<Run>, Error>>()?;
            Ok((first, fresh, later))
        });
        let (first, fresh, later) = match all {
            Ok(all) => all,
            Err(error) => return session.fail(error, &Text::new("query", query.as_str())),
        };
        let exit = printed(&first.text, &session.terminal);
        if !matches!(exit, Exit::Done) {
            return exit;
        }
        eprintln!("{}", times(&first, &fresh, &later));
    }
    Exit::Done
}

fn run(session: &Session, query: &str) -> Result<Run, Error> {
    let options: Options = session.options();
    let looks = TextStyle { header: false, ..session.terminal.looks(&session.global, true) };
    session.begin(QUERY);
    let budget = session.budget();
    budget.enter(|| timed(session, query, &options, &looks)).and_then(|run| {
        budget.check()?;
        Ok(run)
    })
}

fn timed(session: &Session, query: &str, options: &Options, looks: &TextStyle) -> Result<Run, Error> {
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

fn times(first: &Run, fresh: &[Run], later: &[Run]) -> serde_json::Value {
    let seconds = |all: &[Run]| all.iter().map(|run| run.whole.as_secs_f64()).collect::<Vec<f64>>();
    json!({
        "first": first.whole.as_secs_f64(), "fresh": seconds(fresh), "times": seconds(later),
        "prepare": first.prepared.as_secs_f64(), "rows": first.rows,
    })
}
