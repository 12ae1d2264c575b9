//! A graph whose facts lie on a cluster: `-g spark://HOST:PORT/LAKE` (feature `spark`).
//!
//! The catalogue beside the lake's tables is a graph without facts, so names are looked up and queries are checked here,
//! as on any graph. The server finds the bindings of a query's pattern, by the statements of [`crate::translate`]; begat drives
//! tables that grow ([`growth`]) and makes rows of the bindings, by the same operators as everywhere, so that the answer
//! is the same to the byte. What cannot be translated runs here on the part of the graph that it reads ([`part`],
//! [`fetch`]).

// The errors of the protocol's client are that large.
#![allow(clippy::result_large_err)]

mod address;
mod explain;
mod fetch;
mod growth;
mod part;
mod read;
mod rows;
mod server;
mod state;
mod way;

pub use address::{Address, SCHEME};
pub use fetch::MOST_FETCHED;

use crate::answer::{Answer, View};
use crate::check::typed::Explain;
use crate::database::{Database, Engine, Error, Options, Prepared};
use crate::exec::Given;
use crate::exec::bindings::Bindings;
use crate::exec::output;
use crate::graph::{Census, Graph};
use crate::plan::{Operator, Plan, VarId, VarKind, Wanted};
use crate::translate::{Program, SPARK};
use crate::{render, snapshot};
use explain::Spent;
use part::{Around, LakePart};
use rows::Rows;
use server::Server;
use state::State;
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use way::{Statements, Way};

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
    state: Mutex<Option<State>>,
    /// The last part that was fetched for facts and proofs.
    known: Mutex<Option<(LakePart, Arc<Graph>)>>,
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
                "it has no catalogue, as an export as a lake writes it; begat and the server must both see the folder";
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
            Some(folder) => State::inside(folder),
            None => State::beside(&target),
        };
        let made = made.map_err(|error| Error::Write { path: target, reason: crate::disk::reason(&error) })?;
        let path = made.path().to_path_buf();
        *state = Some(made);
        Ok(path)
    }

    /// Answers a query, whether it is to be explained or not.
    fn found(&self, prepared: &Prepared, options: &Options) -> Result<(Prepared, Answer), Error> {
        let plan = prepared.unoptimized(Wanted::Answer, options);
        let (prepared, answer) = match self.way(&plan) {
            Way::Fetch(part, _) => return self.run_here(prepared, &part, options),
            Way::Statements(statements) => self.run_statements(prepared, &plan, statements, options)?,
        };
        // Why there are no rows is found out here, unless that needs too much.
        let is_empty = matches!(answer.view, View::Rows) && answer.table.rows.is_empty() && answer.more_possible == 0;
        let whole = LakePart::whole(self.catalogue().schema());
        let part =
            if self.census.facts() <= self.most_fetched() { whole } else { LakePart::of(&plan, self.catalogue()) };
        if is_empty && let Ok(explained) = self.run_here(&prepared, &part, options) {
            return Ok(explained);
        }
        Ok((prepared, answer))
    }

    /// Runs the statements and then, on their bindings, the operators behind the first.
    fn run_statements(
        &self,
        prepared: &Prepared,
        plan: &Plan,
        statements: Statements,
        options: &Options,
    ) -> Result<(Prepared, Answer), Error> {
        let mut given = Given::default();
        for (pattern, program) in statements.patterns {
            let bindings = read::bindings(&pattern, &self.run(&program)?);
            given.bindings.push((pattern, bindings.map_err(|_| self.unexpected(&program.answer))?));
        }
        if let Some((pattern, program)) = statements.counted {
            let (rows, unexpected) = (self.run(&program)?, |_| self.unexpected(&program.answer));
            match plan.operators.get(1).map(|node| &node.operator) {
                Some(Operator::Aggregate(aggregate)) => {
                    given.groups = Some(read::counts(aggregate, &rows).map_err(unexpected)?);
                }
                _ => {
                    let [possible, shown, certain] = read::grades(&rows).map_err(unexpected)?;
                    let counted = output::number(shown + certain, certain, possible);
                    return Ok((prepared.clone(), counted.into_answer(plan.notes.clone())));
                }
            }
            let none = Bindings::graded(&pattern, Vec::new());
            given.bindings.push((pattern, none));
        }
        let mut part = LakePart::behind(plan, self.catalogue());
        part.around = near(plan, &given, &part).map(Around::Among);
        let graph = Arc::new(self.fetch(&part)?);
        let (database, prepared) = prepared.over(graph, options);
        let answer = database.run_given(plan, &given, options)?;
        Ok((prepared, answer))
    }

    /// Runs a program and returns the rows of its last statement.
    fn run(&self, program: &Program) -> Result<Rows, Error> {
        for of in &program.loops {
            self.grow(of)?;
        }
        self.limited(&program.answer)
    }

    fn run_here(&self, prepared: &Prepared, part: &LakePart, options: &Options) -> Result<(Prepared, Answer), Error> {
        let graph = Arc::new(self.fetch(part)?);
        let (database, prepared) = prepared.over(graph, options);
        let answer = database.run(&prepared, options)?;
        Ok((prepared, answer))
    }
}

/// Returns the entities of which values may be read behind bindings; `None` for all. Positions of stated values count those
/// of all entities.
fn near(plan: &Plan, given: &Given, part: &LakePart) -> Option<BTreeSet<u32>> {
    let wanted = plan.pattern().map(|pattern| &pattern.block.wanted)?;
    let is_entity =
        |var: &VarId| plan.slots.get(var.0 as usize).is_some_and(|slot| matches!(slot.kind, VarKind::Entity(_)));
    if !wanted.iter().all(is_entity) {
        return None;
    }
    let tuples = given.bindings.iter().flat_map(|(_, bindings)| bindings.iter().map(|(tuple, _)| tuple));
    let groups = given.groups.iter().flat_map(|groups| groups.keys.iter().map(|keys| &**keys));
    let named = part.entities.iter().map(|entity| entity.0);
    Some(tuples.chain(groups).flatten().copied().chain(named).collect())
}

impl Engine for Cluster {
    fn answer(&self, prepared: &Prepared, options: &Options) -> Result<(Prepared, Answer), Error> {
        match prepared.query.explain {
            Some(Explain::Plan) => Ok((prepared.clone(), self.explained(prepared, options, None))),
            Some(Explain::Profile) => {
                let (before, begun) = (self.server.work(), Instant::now());
                let (_, answer) = self.found(prepared, options)?;
                let profile = if let View::Plan(text) = answer.view { text } else { String::new() };
                let spent = Spent { work: self.server.work() - before, time: begun.elapsed(), profile };
                Ok((prepared.clone(), self.explained(prepared, options, Some(spent))))
            }
            None => self.found(prepared, options),
        }
    }

    fn with_facts(&self, prepared: &Prepared, options: &Options) -> Result<Prepared, Error> {
        // What a picture or a proof shows of an entity beside its facts is all that is known of it.
        let whole = LakePart::whole(self.catalogue().schema());
        let part = match self.census.facts() <= self.most_fetched() {
            true => whole,
            false => LakePart::of_proofs(&prepared.unoptimized(Wanted::Bindings, options), self.catalogue()),
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
        self.fetch(&LakePart::whole(self.catalogue().schema()))
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
