//! The tables of a program that grow: begat drives the rounds.
//!
//! While a table is small, begat holds it and sends each round what the last one has added, as Arrow. A round takes several
//! hops while little is added, since a round costs much on a cluster, whatever it reads. A table that becomes larger
//! lies in a state folder that the server writes: each round adds a part, and parts are merged now and then. No part is
//! empty, since some servers cannot read one.

use super::Cluster;
use super::rows::{Rows, Unexpected};
use crate::database::Error;
use crate::limits;
use crate::translate::{KEY, Loop, SPARK};
use rustc_hash::FxHashSet;
use spark_connect::row::{Row, Value};
use spark_connect::{DataFrame, DataType, SparkError, SparkSession};
use std::path::{Path, PathBuf};

/// Pairs that begat holds: 16 bytes each and as much again for the set, so 40 MB. Sent back, they are a message of 16 MB;
/// servers take 128 MB.
pub(super) const MOST_HELD: usize = 1_000_000;
/// Rows of the protocol's client that are made at a time: they take some 500 bytes each until they are Arrow.
const MOST_ROWS: usize = 100_000;
/// Hops of a round. Each reads the verb once more, and those before it again on a server that does not keep them. Measured
/// with a way of 60 hops over 20,000 facts: with 1, 2, 4 and 8 hops a round 1.8, 1.2, 1.1 and 1.2 s on Sail; 24 to 58 s with
/// 1 as with 4 on Spark, where a hop takes half a second and more however they are put together.
const HOPS: usize = 4;
/// Pairs that were added, up to which a round takes [`HOPS`]; with more, what is found twice costs more than a round.
const FEW: usize = 10_000;
/// Parts of a state, beyond which they are merged.
const MOST_PARTS: usize = 8;

pub(super) type Pair = (i64, i64);

impl Cluster {
    /// Grows the table of a loop until nothing is new.
    ///
    /// # Errors
    /// Those of [`super::server::Server::rows`].
    pub(super) fn grow(&self, of: &Loop) -> Result<(), Error> {
        let (near, far) = (of.hops(1, &SPARK), of.hops(HOPS, &SPARK));
        let mut known: FxHashSet<Pair> = self.pairs(&of.init)?.into_iter().collect();
        let mut last: Vec<Pair> = known.iter().copied().collect();
        loop {
            if known.len() > self.most_held() {
                return self.grow_there(of, known, last);
            }
            if last.is_empty() {
                break;
            }
            self.view(&of.added, &last)?;
            let (statement, hops) = if last.len() <= FEW { (&far, HOPS) } else { (&near, 1) };
            self.server.count_round();
            last.clear();
            // What fewer hops reach as well, the statement itself has gone on from.
            for (pair, hop) in self.reached_pairs(statement)? {
                if known.insert(pair) && hop == hops {
                    last.push(pair);
                }
            }
        }
        let mut known: Vec<Pair> = known.into_iter().collect();
        limits::sort_unstable_by(&mut known, Ord::cmp);
        self.view(&of.table, &known)
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

    /// Returns the pairs of a statement with the number of hops after which each is reached, those of fewer hops first.
    fn reached_pairs(&self, statement: &str) -> Result<Vec<(Pair, usize)>, Error> {
        let rows = self.server.rows(statement)?;
        let read = |rows: &Rows| -> Result<Vec<(Pair, usize)>, Unexpected> {
            let (src, dst, hops) = (rows.longs(0)?, rows.longs(1)?, rows.numbers(2)?);
            let all = src.into_iter().zip(dst).zip(hops);
            Ok(all.filter_map(|((src, dst), hop)| Some(((src?, dst?), hop as usize))).collect())
        };
        let mut pairs = read(&rows).map_err(|_| self.unexpected(statement))?;
        pairs.sort_by_key(|(_, hop)| *hop);
        Ok(pairs)
    }

    /// Names a table of pairs.
    pub(super) fn view(&self, name: &str, pairs: &[Pair]) -> Result<(), Error> {
        if pairs.len() > MOST_HELD {
            let state = self.state()?;
            let parts: Result<Vec<PathBuf>, Error> =
                pairs.chunks(MOST_HELD).map(|some| self.part_of_pairs(&state, some)).collect();
            return self.named(name, union(&parts?));
        }
        let (name, pairs) = (name.to_string(), pairs.to_vec());
        self.server.ask(move |session| sent(session, &pairs)?.create_or_replace_temp_view(&name))
    }

    fn named(&self, name: &str, statement: String) -> Result<(), Error> {
        let name = name.to_string();
        self.server.ask(move |session| session.sql(&statement)?.create_or_replace_temp_view(&name))
    }

    /// Goes on with a table that lies in the state folder.
    fn grow_there(&self, of: &Loop, known: FxHashSet<Pair>, last: Vec<Pair>) -> Result<(), Error> {
        let known: Vec<Pair> = known.into_iter().collect();
        self.view(&of.table, &known)?;
        self.view(&of.added, &last)?;
        drop((known, last));
        let state = self.state()?;
        let mut parts = vec![self.part(&state, &format!("SELECT src, dst FROM {}", SPARK.name(&of.table)))?];
        loop {
            self.server.count_round();
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
                return Ok(());
            }
            parts.push(part);
            if parts.len() > MOST_PARTS {
                parts = vec![self.part(&state, &union(&parts))?];
            }
        }
    }

    /// Writes pairs that begat holds, at least one, into the state folder; returns the path.
    fn part_of_pairs(&self, state: &Path, pairs: &[Pair]) -> Result<PathBuf, Error> {
        let (place, pairs) = (state.join(format!("part-{}", self.next())), pairs.to_vec());
        let target = place.to_string_lossy().into_owned();
        self.server.ask(move |session| sent(session, &pairs)?.write().mode("overwrite").parquet(&target))?;
        Ok(place)
    }

    /// Writes the pairs of a statement into the state folder, with one that is none, so that the part is not empty; returns its path.
    fn part(&self, state: &Path, statement: &str) -> Result<PathBuf, Error> {
        let place = state.join(format!("part-{}", self.next()));
        let target = place.to_string_lossy().into_owned();
        let statement = format!("SELECT src, dst FROM ({statement}) pairs UNION ALL SELECT {NONE}, {NONE}");
        self.server.ask(move |session| session.sql(&statement)?.write().mode("overwrite").parquet(&target))?;
        Ok(place)
    }
}

/// The columns of pairs, which are [`KEY`].
const COLUMNS: &str = "src BIGINT, dst BIGINT";

/// The pair that stands for none.
const NONE: &str = "CAST(-1 AS BIGINT)";

/// Returns pairs as a table of Arrow: as a text, a server parses some 100,000 pairs a second.
fn sent(session: &SparkSession, pairs: &[Pair]) -> Result<DataFrame, SparkError> {
    let columns = DataType::from_ddl(COLUMNS)?;
    let fields: Vec<String> = KEY.map(str::to_string).to_vec();
    let row = |(src, dst): &Pair| Row::new(fields.clone(), vec![Value::Long(*src), Value::Long(*dst)]);
    let of = |some: &[Pair]| session.create_dataframe(some.iter().map(row).collect(), columns.clone());
    let mut parts = pairs.chunks(MOST_ROWS).map(of);
    let first = parts.next().unwrap_or_else(|| of(&[]))?;
    parts.try_fold(first, |all, part| Ok(all.union(&part?)))
}

/// The pairs of parts as a statement.
fn union(parts: &[PathBuf]) -> String {
    let part =
        |place: &PathBuf| format!("SELECT src, dst FROM {} WHERE src >= 0", SPARK.file(&place.to_string_lossy()));
    parts.iter().map(part).collect::<Vec<_>>().join(" UNION ALL ")
}
