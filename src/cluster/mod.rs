//! A graph whose facts lie on a cluster: `-g spark://HOST:PORT/LAKE` (feature `spark`).
//!
//! The catalogue beside the lake's tables is a graph without facts, so names are looked up and queries are checked here,
//! as on any graph. The server finds the bindings of a query's pattern, by the statements of [`translate`]; begat drives
//! tables that grow ([`growth`]) and makes rows of the bindings, by the same operators as everywhere, so that the answer
//! is the same to the byte. What cannot be translated runs here on the part of the graph that it reads ([`part`],
//! [`fetch`]).

mod address;
mod explain;
mod fetch;
mod growth;
mod part;
mod rows;
mod server;

pub use address::{Address, SCHEME};
pub use fetch::MOST_FETCHED;

use crate::answer::{Answer, View};
use crate::check::typed::Explain;
use crate::database::{Database, Engine, Error, Options, Prepared};
use crate::disk::Scratch;
use crate::exec::Given;
use crate::exec::bindings::{Bindings, Certainty};
use crate::graph::{Census, Graph};
use crate::plan::{NULL_SLOT, Operator, Pattern, Plan, Wanted};
use crate::translate::{self, Lake, Program, SPARK};
use crate::{render, snapshot};
use part::Part;
use rows::{Rows, Unexpected};
use server::Server;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How a graph on a cluster is asked.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The folder in which the server keeps tables that grow beyond what begat holds; beside the lake if not given.
    pub state: Option<PathBuf>,
    /// Facts that are fetched for one statement at most.
    pub fetched: Option<u64>,
    /// Always fetches, and runs everything here.
    pub embedded: bool,
    /// Pairs of a growing table that begat holds at most.
    pub held: Option<usize>,
}

/// A lake and the server that reads it.
pub struct Cluster {
    server: Server,
    database: Database,
    census: Census,
    settings: Settings,
    /// Numbers parts of the state.
    parts: AtomicU64,
    state: Mutex<Option<Scratch>>,
    /// The last part that was fetched for facts and proofs.
    known: Mutex<Option<(Part, Arc<Graph>)>>,
}

/// How a query is answered.
enum Way {
    /// The server finds the bindings of these patterns.
    Statements(Vec<(Pattern, Program)>),
    /// A part is fetched, for the reason that a sentence tells.
    Fetch(Part, String),
}

impl Cluster {
    /// Opens the catalogue of a lake and connects to the server.
    ///
    /// # Errors
    /// The catalogue cannot be read, or the server cannot be reached.
    pub fn open(address: Address, settings: Settings) -> Result<Cluster, Error> {
        let place = address.lake.join(render::CATALOGUE);
        if !place.is_file() {
            let lost =
                "it has no catalogue: write it with `begat export --lake`, where begat and the server both see it";
            return Err(server::failure(&address, lost));
        }
        let unusable = |error: &dyn fmt::Display| server::failure(&address, &format!("its catalogue: {error}"));
        let graph = snapshot::open(&place).map_err(|error| unusable(&error))?;
        let manifest = std::fs::read_to_string(address.lake.join("manifest.json")).map_err(|error| unusable(&error))?;
        let census = render::census(&manifest, graph.schema());
        let census = census.ok_or_else(|| unusable(&"another version of begat wrote it; export the lake again"))?;
        let server = Server::connect(address)?;
        let (parts, state, known) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
        Ok(Cluster { server, database: Database::of(graph), census, settings, parts, state, known })
    }

    /// Returns the database of the catalogue.
    pub fn database(&self) -> Database {
        self.database.clone()
    }

    fn catalogue(&self) -> &Graph {
        self.database.graph()
    }

    fn most_fetched(&self) -> u64 {
        self.settings.fetched.unwrap_or(MOST_FETCHED)
    }

    fn path(&self, file: &str) -> String {
        self.server.address.lake.join(file).to_string_lossy().into_owned()
    }

    fn file(&self, folder: &str, name: &str) -> String {
        SPARK.file(&self.path(&format!("{folder}/{}.parquet", name.replace(['/', '\\'], "_"))))
    }

    fn unexpected(&self, statement: &str) -> Error {
        let short: String = statement.chars().take(80).collect();
        server::failure(
            &self.server.address,
            &format!("the server sent other columns than were asked for by `{short}…`"),
        )
    }

    fn next(&self) -> u64 {
        self.parts.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the folder for tables that grow, made on first use; it is removed with the session.
    fn state(&self) -> Result<PathBuf, Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = &*state {
            return Ok(state.path().to_path_buf());
        }
        let target = self.settings.state.clone().unwrap_or_else(|| self.server.address.lake.clone());
        let made = match &self.settings.state {
            Some(folder) => Scratch::inside(folder),
            None => Scratch::beside(&target),
        };
        let made = made.map_err(|error| Error::Write { path: target, reason: crate::disk::reason(&error) })?;
        let path = made.path().to_path_buf();
        *state = Some(made);
        Ok(path)
    }

    /// Returns how a plan is carried out, which no rule has changed.
    fn way(&self, plan: &Plan) -> Way {
        let fetch = |why: &str| Way::Fetch(Part::of(plan, self.catalogue()), why.to_string());
        if self.settings.embedded {
            return fetch("as asked for by `--closure embedded`");
        }
        if plan.as_of.is_some() {
            return fetch("`as of` cannot be said in Spark's SQL");
        }
        if !matches!(plan.view, crate::plan::View::Rows | crate::plan::View::Verdict) || plan.operators.is_empty() {
            return fetch("a view, a picture or a proof cannot be said in Spark's SQL");
        }
        let behind = Part::behind(plan, self.catalogue());
        if behind.claims || plan.operators.iter().any(|node| is_of_paths(&node.operator)) {
            return fetch("paths and claims cannot be said in Spark's SQL");
        }
        let lake = self.server.address.lake.to_string_lossy();
        let lake = Lake { graph: self.catalogue(), census: &self.census, folder: &lake };
        let mut found = Vec::new();
        for node in &plan.operators {
            let (pattern, presence) = match &node.operator {
                Operator::Match(pattern) => (Some(&**pattern), None),
                Operator::Aggregate(aggregate) => (None, aggregate.presence.as_ref()),
                _ => (None, None),
            };
            for pattern in pattern.into_iter().chain(presence) {
                match translate::bindings(plan, pattern, lake, &SPARK) {
                    Ok(program) => found.push((pattern.clone(), program)),
                    Err(refused) => return fetch(&refused.0),
                }
            }
        }
        Way::Statements(found)
    }

    /// Runs the statements and then, on their bindings, the operators behind the first.
    fn run_statements(
        &self,
        prepared: &Prepared,
        plan: &Plan,
        patterns: Vec<(Pattern, Program)>,
        options: &Options,
    ) -> Result<(Prepared, Answer), Error> {
        let mut given = Vec::new();
        for (pattern, program) in patterns {
            for of in &program.loops {
                self.grow(of)?;
            }
            let rows = self.limited(&program.answer)?;
            let bindings = bindings(&pattern, &rows).map_err(|_| self.unexpected(&program.answer))?;
            given.push(Given { pattern, bindings });
        }
        let graph = Arc::new(self.fetch(&Part::behind(plan, self.catalogue()))?);
        let (database, prepared) = prepared.over(graph, options);
        let answer = database.run_given(plan, &given, options)?;
        Ok((prepared, answer))
    }

    fn run_here(&self, prepared: &Prepared, part: &Part, options: &Options) -> Result<(Prepared, Answer), Error> {
        let graph = Arc::new(self.fetch(part)?);
        let (database, prepared) = prepared.over(graph, options);
        let answer = database.run(&prepared, options)?;
        Ok((prepared, answer))
    }
}

fn is_of_paths(operator: &Operator) -> bool {
    matches!(operator, Operator::Paths(_) | Operator::Nearest { .. })
}

/// Reads the rows of [`translate::bindings`].
fn bindings(pattern: &Pattern, rows: &Rows) -> Result<Bindings, Unexpected> {
    let width = pattern.block.wanted.len();
    let columns: Vec<Vec<Option<i64>>> = (0..width).map(|i| rows.longs(i)).collect::<Result<_, _>>()?;
    let slot = |long: Option<i64>| long.map_or(Ok(NULL_SLOT), |long| u32::try_from(long).map_err(|_| Unexpected));
    let mut tuples = Vec::with_capacity(rows.len());
    for (row, grade) in rows.longs(width)?.into_iter().enumerate() {
        let tuple: Box<[u32]> = columns.iter().map(|column| slot(column[row])).collect::<Result<_, _>>()?;
        let sure = match grade.ok_or(Unexpected)? {
            0 => Certainty::Possible,
            1 => Certainty::Shown,
            _ => Certainty::Certain,
        };
        tuples.push((tuple, sure));
    }
    Ok(Bindings::graded(pattern, tuples))
}

impl Engine for Cluster {
    fn answer(&self, prepared: &Prepared, options: &Options) -> Result<(Prepared, Answer), Error> {
        let plan = prepared.unoptimized(Wanted::Answer, options);
        if prepared.query.explain == Some(Explain::Plan) {
            return Ok((prepared.clone(), self.explained(prepared, options)));
        }
        let (prepared, answer) = match self.way(&plan) {
            _ if prepared.query.explain.is_some() => {
                return self.run_here(prepared, &Part::of(&plan, self.catalogue()), options);
            }
            Way::Fetch(part, _) => return self.run_here(prepared, &part, options),
            Way::Statements(patterns) => self.run_statements(prepared, &plan, patterns, options)?,
        };
        // Why there are no rows is found out here, unless that needs too much.
        let is_empty = matches!(answer.view, View::Rows) && answer.table.rows.is_empty() && answer.more_possible == 0;
        let whole = Part::whole(self.catalogue().schema());
        let part = if self.census.facts() <= self.most_fetched() { whole } else { Part::of(&plan, self.catalogue()) };
        if is_empty && let Ok(explained) = self.run_here(&prepared, &part, options) {
            return Ok(explained);
        }
        Ok((prepared, answer))
    }

    fn with_facts(&self, prepared: &Prepared, options: &Options) -> Result<Prepared, Error> {
        // What a picture or a proof shows of an entity beside its facts is all that is known of it.
        let whole = Part::whole(self.catalogue().schema());
        let part = match self.census.facts() <= self.most_fetched() {
            true => whole,
            false => Part::of_proofs(&prepared.unoptimized(Wanted::Bindings, options), self.catalogue()),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let graph = match &*known {
            Some((of, graph)) if *of == part => graph.clone(),
            _ => Arc::new(self.fetch(&part)?),
        };
        *known = Some((part, graph.clone()));
        Ok(prepared.over(graph, options).1)
    }

    fn whole(&self) -> Result<Graph, Error> {
        self.fetch(&Part::whole(self.catalogue().schema()))
    }

    fn census(&self) -> &Census {
        &self.census
    }

    fn name(&self) -> String {
        self.server.address.to_string()
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}
