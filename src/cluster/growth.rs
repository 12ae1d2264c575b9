//! The tables of a program that grow: begat drives the rounds.
//!
//! While a table is small, begat holds it and sends each round what the last one has added. A table that becomes larger
//! lies in a state folder that the server writes: each round adds a part, and parts are merged now and then. No part is
//! empty, since some servers cannot read one.

use super::Cluster;
use crate::database::Error;
use crate::limits;
use crate::translate::{Loop, SPARK};
use rustc_hash::FxHashSet;
use std::path::{Path, PathBuf};

/// Pairs that begat holds: 16 bytes each and as much again for the set, so 40 MB. Sent back, they are the largest message
/// that a server takes by default.
const MOST_HELD: usize = 1_000_000;
/// Pairs of a statement; a server parses some 100,000 a second.
const MOST_VALUES: usize = 20_000;
/// Parts of a state, beyond which they are merged.
const MOST_PARTS: usize = 8;

type Pair = (i64, i64);

impl Cluster {
    /// Grows the table of a loop until nothing is new; returns the number of rounds.
    ///
    /// # Errors
    /// Those of [`super::server::Server::rows`].
    pub(super) fn grow(&self, of: &Loop) -> Result<usize, Error> {
        let mut known: FxHashSet<Pair> = FxHashSet::default();
        let (mut statement, mut rounds) = (&of.init, 0);
        loop {
            let found = self.pairs(statement)?;
            let new: Vec<Pair> = found.into_iter().filter(|pair| known.insert(*pair)).collect();
            rounds += 1;
            if known.len() > self.most_held() {
                return Ok(rounds + self.grow_there(of, known, new)?);
            }
            self.view(&of.added, &new)?;
            if new.is_empty() {
                break;
            }
            statement = &of.step;
        }
        let mut known: Vec<Pair> = known.into_iter().collect();
        limits::sort_unstable_by(&mut known, Ord::cmp);
        self.view(&of.table, &known)?;
        Ok(rounds)
    }

    fn most_held(&self) -> usize {
        self.settings.held.unwrap_or(MOST_HELD)
    }

    /// Returns the pairs of a statement.
    fn pairs(&self, statement: &str) -> Result<Vec<Pair>, Error> {
        let rows = self.server.rows(statement)?;
        let unexpected = |_| self.unexpected(statement);
        let (src, dst) = (rows.longs(0).map_err(unexpected)?, rows.longs(1).map_err(unexpected)?);
        Ok(src.into_iter().zip(dst).filter_map(|(src, dst)| src.zip(dst)).collect())
    }

    /// Names a table of pairs.
    fn view(&self, name: &str, pairs: &[Pair]) -> Result<(), Error> {
        if pairs.len() <= MOST_VALUES {
            return self.named(name, values(pairs));
        }
        let state = self.state()?;
        let mut parts = Vec::new();
        for some in pairs.chunks(MOST_VALUES) {
            parts.push(self.part(&state, &values(some))?);
        }
        self.named(name, union(&parts))
    }

    fn named(&self, name: &str, statement: String) -> Result<(), Error> {
        let name = name.to_string();
        self.server.ask(move |session| session.sql(&statement)?.create_or_replace_temp_view(&name))
    }

    /// Goes on with a table that lies in the state folder.
    fn grow_there(&self, of: &Loop, known: FxHashSet<Pair>, new: Vec<Pair>) -> Result<usize, Error> {
        let known: Vec<Pair> = known.into_iter().collect();
        self.view(&of.table, &known)?;
        self.view(&of.added, &new)?;
        drop((known, new));
        let state = self.state()?;
        let mut parts = vec![self.part(&state, &format!("SELECT src, dst FROM {}", SPARK.name(&of.table)))?];
        for round in 1.. {
            self.named(&of.table, union(&parts))?;
            let fresh = format!(
                "SELECT s.src, s.dst FROM ({}) s LEFT ANTI JOIN {} k ON k.src = s.src AND k.dst = s.dst",
                of.step,
                SPARK.name(&of.table)
            );
            let part = self.part(&state, &fresh)?;
            let count = self.server.rows(&format!("SELECT count(*) FROM ({})", union(std::slice::from_ref(&part))))?;
            let count = count.longs(0).map_err(|_| self.unexpected("count"))?;
            self.named(&of.added, union(std::slice::from_ref(&part)))?;
            if count.first().copied().flatten().unwrap_or(0) == 0 {
                return Ok(round);
            }
            parts.push(part);
            if parts.len() > MOST_PARTS {
                parts = vec![self.part(&state, &union(&parts))?];
            }
        }
        Ok(0)
    }

    /// Writes pairs into the state folder, with one that is none, so that the part is not empty; returns its path.
    fn part(&self, state: &Path, statement: &str) -> Result<PathBuf, Error> {
        let place = state.join(format!("part-{}", self.next()));
        let target = place.to_string_lossy().into_owned();
        let statement = format!("SELECT src, dst FROM ({statement}) pairs UNION ALL SELECT {NONE}, {NONE}");
        self.server.ask(move |session| session.sql(&statement)?.write().mode("overwrite").parquet(&target))?;
        Ok(place)
    }
}

/// The pair that stands for none.
const NONE: &str = "CAST(-1 AS BIGINT)";

/// Pairs as a statement.
fn values(pairs: &[Pair]) -> String {
    if pairs.is_empty() {
        return "SELECT CAST(0 AS BIGINT) AS src, CAST(0 AS BIGINT) AS dst WHERE false".to_string();
    }
    let all: Vec<String> = pairs.iter().map(|(src, dst)| format!("({src}L,{dst}L)")).collect();
    format!("SELECT src, dst FROM (VALUES {}) pairs(src, dst)", all.join(","))
}

/// The pairs of parts as a statement.
fn union(parts: &[PathBuf]) -> String {
    let part =
        |place: &PathBuf| format!("SELECT src, dst FROM {} WHERE src >= 0", SPARK.file(&place.to_string_lossy()));
    parts.iter().map(part).collect::<Vec<_>>().join(" UNION ALL ")
}
