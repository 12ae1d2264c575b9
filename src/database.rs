//! The façade: open a graph, prepare a query, bind parameters, run, explain. Results hold ids; `api` wraps them for
//! programs.

mod advice;
mod elsewhere;
mod empty;
mod error;
#[cfg(feature = "spark")]
mod given;
mod lost;
mod meant;
mod offered;
mod options;

#[doc(hidden)]
pub use elsewhere::Engine;
pub use error::{Error, ErrorKind};
pub use options::Options;

use crate::answer::{Answer, Explained, Row, Subgraph, View};
use crate::check::Definition;
use crate::check::typed::{self, Explain};
use crate::exec::{self, Context, Execution, Profile};
use crate::graph::{CHANGED, EntityId, Graph};
use crate::limits::{self, Budget, Stop, unlimited};
use crate::plan::{self, Plan, Wanted};
use crate::snapshot::SnapshotError;
use crate::syntax::ast;
use crate::text::{Advice, Code, Diagnostic, Diagnostics, Severity, Text};
use crate::translate::{Dialect, GraphLanguage, Program, Refused};
use crate::value::{Date, Value};
use crate::{check, load, provenance, snapshot, syntax, translate, views};
use advice::Adviser;
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A graph with its definitions. Cheap to clone: clones share the graph and the cache of prepared queries. Queries can
/// run on many threads at once.
#[derive(Debug, Clone)]
pub struct Database {
    graph: Arc<Graph>,
    /// The graph's definitions, parsed when a query first needs them.
    bundled_definitions: Arc<OnceLock<Vec<Definition>>>,
    /// The session's definitions.
    defines: Vec<Definition>,
    /// Cache of prepared programs. Programs with parameters or with rules switched off are not cached.
    known: Arc<Mutex<PlanCache>>,
}

/// Key: text, whether possible rows are asked for, and the day as of which the graph is read.
type PlanCache = FxHashMap<(String, bool, Option<Date>), Vec<Prepared>>;

/// A query that has been checked, with its text.
type Checked = (Arc<Text>, Arc<typed::Query>);

/// Capacity of the cache of prepared programs, which is emptied when full. Emptying needs no record of use, and costs
/// a program that is still asked only one more preparation.
const MOST_KNOWN: usize = 256;

/// A statement that has been parsed, checked and planned, with the graph that it was prepared for. Cheap to clone.
///
/// It reads that graph only: [`Prepared::run`] needs no [`Database`], and a database of another graph refuses it.
/// Parameters are bound when it is prepared.
#[derive(Debug, Clone)]
pub struct Prepared {
    #[doc(hidden)]
    pub text: Arc<Text>,
    #[doc(hidden)]
    pub query: Arc<typed::Query>,
    /// All operators that a run executes, and the view.
    #[doc(hidden)]
    pub plan: Arc<Plan>,
    /// The graph that the ids refer to.
    pub(crate) graph: Arc<Graph>,
    /// The rules that were switched off when the plan was made.
    disabled: Vec<String>,
    /// The plan that binds all variables, from which facts and proofs are read. Made on first use.
    bindings: Arc<OnceLock<Arc<Plan>>>,
}

impl Database {
    /// Opens the graph that is compiled into the library: the evolution of language models, each fact with its source.
    #[must_use]
    pub fn builtin() -> Database {
        Database::of(snapshot::builtin())
    }

    /// Opens a folder of RON files, a single RON file, or a snapshot, which is recognised by its first bytes or by the
    /// ending `.begat`. Reads all files of a folder; a snapshot is mapped, which costs milliseconds whatever its size.
    ///
    /// # Errors
    /// [`ErrorKind::File`] if the path cannot be read; [`ErrorKind::Data`] with everything that is wrong with the data.
    /// Only the small blocks of a snapshot are verified here: damage found later is an error of the query that reads
    /// the block.
    pub fn open(path: impl AsRef<Path>) -> Result<Database, Error> {
        Database::open_with(path.as_ref(), &|_, _| {})
    }

    /// Opens a graph as [`Database::open`] does, and reports progress in reading tables.
    ///
    /// # Errors
    /// The errors of [`Database::open`].
    #[doc(hidden)]
    pub fn open_with(path: &Path, progress: &load::Progress<'_>) -> Result<Database, Error> {
        Database::open_as(path, load::Access::default(), progress)
    }

    /// Opens a graph as [`Database::open_with`] does, with access to files outside of the graph's folder.
    ///
    /// # Errors
    /// The errors of [`Database::open`].
    #[doc(hidden)]
    pub fn open_as(path: &Path, access: load::Access, progress: &load::Progress<'_>) -> Result<Database, Error> {
        let named_so = path.extension().is_some_and(|extension| extension == "begat") && path.is_file();
        if named_so || snapshot::is_snapshot(path) {
            let opened = snapshot::open(path).map_err(|error| unusable(path, error))?;
            return Ok(Database::of(opened));
        }
        let loaded = load::check_as(path, access, progress);
        limits::check()?;
        let (graph, diagnostics) = loaded?;
        graph.map(Database::of).ok_or(Error::Data(diagnostics))
    }

    /// Returns a database of a graph. The graph's definitions were checked when it was loaded; one that no longer
    /// parses is skipped.
    #[doc(hidden)]
    pub fn of(graph: Graph) -> Database {
        Database::sharing(Arc::new(graph))
    }

    /// Returns a database that shares a graph with others, without the definitions of their sessions.
    pub(crate) fn sharing(graph: Arc<Graph>) -> Database {
        Database { graph, bundled_definitions: Arc::default(), defines: Vec::new(), known: Arc::default() }
    }

    /// Returns the definitions that come with the graph, parsed on first use.
    fn bundled_definitions(&self) -> &[Definition] {
        let parsed = |text: &String| {
            let define = syntax::parse_define(text).ok()?;
            Some(Definition { define, text: Some(Text::new("definition", text.as_str())) })
        };
        // Parsed without a budget: the result is cached for later queries, and must not be cut short by the limits of
        // this one.
        self.bundled_definitions.get_or_init(|| unlimited(|| self.graph.defines().iter().filter_map(parsed).collect()))
    }

    /// Returns the result, or an error if a block that it may depend on is damaged.
    fn check_damage<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        // Checks names as well: whoever shows the answer will read them.
        self.intact()?;
        self.graph.name(EntityId(0));
        self.intact()?;
        result
    }

    /// Returns an error if the graph is known to be damaged. Must also be called before anything of a snapshot is read:
    /// the truncated part of a file cannot be read at all.
    fn intact(&self) -> Result<(), Error> {
        let error = match self.graph.damage() {
            None => return Ok(()),
            Some(CHANGED) => SnapshotError::Changed,
            Some(part) => SnapshotError::Damaged(part),
        };
        Err(Error::Data(damaged(error.to_string()).into()))
    }

    #[doc(hidden)]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(crate) fn graph_handle(&self) -> Arc<Graph> {
        self.graph.clone()
    }

    /// Adds definitions for this database and its later clones: `define … as …`, several separated by `;`. Empties the
    /// cache.
    ///
    /// # Errors
    /// The text does not parse ([`ErrorKind::Query`]).
    pub fn define(&mut self, text: &str) -> Result<(), Error> {
        let (text, program) = parse(text)?;
        self.known = Arc::default();
        self.defines.extend(program.statements.into_iter().filter_map(|statement| match statement {
            ast::Statement::Define(define) => Some(Definition { define, text: Some(text.clone()) }),
            ast::Statement::Query(_) => None,
        }));
        Ok(())
    }

    /// Parses a program, checks its statements in order and plans them. Returns one [`Prepared`] for each statement
    /// that is not a definition. Definitions hold for the whole program. Recent programs without parameters are cached:
    /// preparing one again costs a lookup.
    ///
    /// # Errors
    /// Everything that is wrong with the first faulty statement ([`ErrorKind::Query`]), each problem with the edits
    /// that mend it.
    pub fn prepare(&self, text: &str, options: &Options) -> Result<Vec<Prepared>, Error> {
        self.intact()?;
        within(options, |_| self.prepare_now(text, options))
    }

    fn prepare_now(&self, text: &str, options: &Options) -> Result<Vec<Prepared>, Error> {
        if !options.params.is_empty() || !options.disabled_rewrites.is_empty() {
            return self.prepare_anew(text, options);
        }
        let key = (text.to_string(), options.possibly, options.as_of);
        if let Some(prepared) = self.known().get(&key) {
            return Ok(prepared.clone());
        }
        let prepared = self.prepare_anew(text, options)?;
        limits::check()?;
        let mut known = self.known();
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(key, prepared.clone());
        Ok(prepared)
    }

    fn known(&self) -> MutexGuard<'_, PlanCache> {
        // A poisoned lock is safe: entries are inserted whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn prepare_anew(&self, text: &str, options: &Options) -> Result<Vec<Prepared>, Error> {
        let problems = |text: &str| match self.checked_program(text, options) {
            Err(Error::Query(_, found)) => Err(found),
            _ => Ok(()),
        };
        let is_sound = |text: &str| syntax::parse_quietly(text).is_some() && problems(text).is_ok();
        let adviser = Adviser::new(text, &problems, &is_sound);
        let checked = match parse(text) {
            Ok((text, program)) => self.checked_statements(text, program, options),
            Err(Error::Query(shared, found)) => {
                let lost = self.lost(text, &found, options);
                // What is lost beside that.
                let beside = |found| [self.quotes_lost(text, &found), self.capital_lost(text, &found, options)];
                let lost = lost.map_or([None, None], beside).into_iter().flatten().flat_map(|found| found.0);
                let advised = adviser.first_helpful(lost.chain(syntax::readings(text)).collect());
                return Err(Error::Query(shared, self.with_offers(&adviser, advised, options)));
            }
            Err(error) => return Err(error),
        };
        match checked {
            Err(Error::Query(shared, found)) => {
                Err(Error::Query(shared, self.with_offers(&adviser, adviser.tried(found), options)))
            }
            checked => {
                let planned = |(text, query)| self.planned(text, query, options);
                checked.map(|queries| queries.into_iter().map(planned).collect())
            }
        }
    }

    /// The statements of a prepared query in an engine's SQL, over a lake that `render::lake` wrote into a folder.
    ///
    /// # Errors
    /// What the query says that cannot be said there.
    pub fn translated(
        &self,
        prepared: &Prepared,
        options: &Options,
        lake: &str,
        dialect: &'static Dialect,
    ) -> Result<Program, Refused> {
        let plan = plan::build(&prepared.query, &self.graph, Wanted::Answer, options.possibly);
        translate::program(&plan, &self.graph, lake, dialect)
    }

    /// Returns the query in a language for graphs.
    ///
    /// # Errors
    /// The query says something that the language cannot.
    pub fn translated_to_graphs(
        &self,
        prepared: &Prepared,
        options: &Options,
        language: GraphLanguage,
    ) -> Result<Program, Refused> {
        let plan = plan::build(&prepared.query, &self.graph, Wanted::Answer, options.possibly);
        translate::graph_query(&plan, &self.graph, language)
    }

    /// Parses and checks a program. The edits in its diagnostics have not been tried.
    fn checked_program(&self, text: &str, options: &Options) -> Result<Vec<Checked>, Error> {
        let (text, program) = match parse(text) {
            Err(Error::Query(text, found)) => {
                let mended = self.lost(&text.body, &found, options);
                return Err(Error::Query(text, mended.unwrap_or(found)));
            }
            parsed => parsed?,
        };
        self.checked_statements(text, program, options)
    }

    fn checked_statements(
        &self,
        text: Arc<Text>,
        program: ast::Program,
        options: &Options,
    ) -> Result<Vec<Checked>, Error> {
        let mut own = self.defines.clone();
        let mut queries = Vec::new();
        for statement in program.statements {
            match statement {
                ast::Statement::Define(define) => own.push(Definition { define, text: None }),
                ast::Statement::Query(query) => queries.push(query),
            }
        }
        // Most queries need none of the graph's definitions, so they are parsed only if the query is wrong without
        // them.
        let prepared = |query: &ast::Query| {
            let alone = self.checked(query, &own, options);
            let checked = alone.or_else(|_| {
                let all: Vec<Definition> = self.bundled_definitions().iter().chain(&own).cloned().collect();
                self.checked(query, &all, options)
            });
            match checked {
                Ok(mut query) => {
                    query.as_of = query.as_of.or(options.as_of);
                    Ok((text.clone(), Arc::new(query)))
                }
                Err(diagnostics) => Err(Error::Query(text.clone(), diagnostics)),
            }
        };
        self.check_damage(queries.iter().map(prepared).collect())
    }

    /// Returns the problem of a name without its quotes or its capital; `None` if that is not the problem, or the text too
    /// long to look for it.
    fn lost(&self, text: &str, found: &Diagnostics, options: &Options) -> Option<Diagnostics> {
        let search = || self.quotes_lost(text, found).or_else(|| self.capital_lost(text, found, options));
        (text.len() <= SEARCHED).then(search)?
    }

    fn checked(
        &self,
        query: &ast::Query,
        defines: &[Definition],
        options: &Options,
    ) -> Result<typed::Query, Diagnostics> {
        let Options { params, possibly, .. } = options;
        check::check(query, &check::Context { graph: &self.graph, params, defines, possibly: *possibly })
    }

    fn planned(&self, text: Arc<Text>, query: Arc<typed::Query>, options: &Options) -> Prepared {
        let plan = self.plan(&query, Wanted::Answer, options);
        let (graph, disabled) = (self.graph.clone(), options.disabled_rewrites.clone());
        Prepared { text, query, plan, graph, disabled, bindings: Arc::default() }
    }

    fn plan(&self, query: &Arc<typed::Query>, wanted: Wanted, options: &Options) -> Arc<Plan> {
        let plan = plan::build(query, &self.graph, wanted, options.possibly);
        Arc::new(plan::optimize(plan, &self.graph, &options.disabled_rewrites))
    }

    /// Returns the plan of a prepared query under these options: the cached one unless `possibly` or the switched-off
    /// rules differ.
    fn plan_of(&self, prepared: &Prepared, wanted: Wanted, options: &Options) -> Arc<Plan> {
        let is_same = prepared.disabled == options.disabled_rewrites && prepared.plan.all_possible == options.possibly;
        let planned = || self.plan(&prepared.query, wanted, options);
        match wanted {
            _ if !is_same => planned(),
            Wanted::Answer | Wanted::Both => prepared.plan.clone(),
            Wanted::Bindings => prepared.bindings.get_or_init(planned).clone(),
        }
    }

    /// Answers a prepared query, without a note on why there are no rows.
    fn run_now(&self, prepared: &Prepared, options: &Options) -> Result<Answer, Error> {
        self.owns(prepared)?;
        within(options, |budget| {
            let plan = self.plan_of(prepared, Wanted::Answer, options);
            let run = |profile: Profile| {
                let of = |context: &Context| {
                    let answer = answer(exec::run(context)?)?;
                    context.budget.admit(answer.table.rows.len())?;
                    Ok((answer, context.profile.actual()))
                };
                Context::enter(&self.graph, &plan, budget, profile, of)
            };
            let answer = match prepared.query.explain {
                Some(Explain::Plan) => Ok(self.explained(&plan, None)),
                Some(Explain::Profile) => run(Profile::kept()).map(|ran| self.explained(&plan, Some(ran.1))),
                None => run(Profile::default()).map(|ran| ran.0),
            };
            self.check_damage(answer.map_err(Error::from))
        })
    }

    /// Answers a prepared query and returns the facts that took part, as [`Database::run`] and [`Database::subgraph`]
    /// do. Runs the query once if its view allows, otherwise twice.
    ///
    /// # Errors
    /// A limit or Ctrl-C stopped the query.
    #[doc(hidden)]
    pub fn run_with_facts(&self, prepared: &Prepared, options: &Options) -> Result<(Answer, Subgraph), Error> {
        self.owns(prepared)?;
        let plan = self.plan_of(prepared, Wanted::Answer, options);
        let is_rows = matches!(plan.view, plan::View::Rows | plan::View::Verdict) && !plan.operators.is_empty();
        // The facts are then those of the rows that remain, which another plan finds.
        let cuts = matches!(&prepared.query.body, typed::Body::Select(select) if select.cuts());
        if !is_rows || cuts || prepared.query.explain.is_some() {
            return Ok((self.run(prepared, options)?, self.subgraph(prepared, options)?));
        }
        within(options, |budget| {
            let plan = self.plan(&prepared.query, Wanted::Both, options);
            let of = |context: &Context| {
                let run = exec::run(context)?;
                let facts = provenance::facts(&run)?;
                Ok((run.into_answer(), facts))
            };
            let done = Context::enter(&self.graph, &plan, budget, Profile::default(), of);
            self.check_damage(done.map_err(Error::from))
        })
    }

    /// Returns the facts that took part in a query's answer, with their ends: the subgraph that is drawn, saved or
    /// queried again.
    ///
    /// # Errors
    /// A limit or Ctrl-C stopped the query.
    #[doc(hidden)]
    pub fn subgraph(&self, prepared: &Prepared, options: &Options) -> Result<Subgraph, Error> {
        let of = |run: Execution| match run.context.plan.view {
            plan::View::Facts | plan::View::Proofs | plan::View::WhyNot => provenance::facts(&run),
            _ => views::subgraph(run),
        };
        self.with_bindings(prepared, options, of)
    }

    /// Returns why a row of a query's answer holds; `None` if the query has no proofs or the row is not one of its
    /// rows.
    ///
    /// # Errors
    /// A limit or Ctrl-C stopped the query.
    #[doc(hidden)]
    pub fn why(&self, prepared: &Prepared, row: &Row, options: &Options) -> Result<Option<Explained>, Error> {
        self.with_bindings(prepared, options, |run| provenance::of_row(&run, row))
    }

    /// Runs a plan that binds all variables of the query's pattern, and calls `f` with that run.
    fn with_bindings<T>(
        &self,
        prepared: &Prepared,
        options: &Options,
        f: impl FnOnce(Execution) -> Result<T, Stop>,
    ) -> Result<T, Error> {
        self.owns(prepared)?;
        self.intact()?;
        within(options, |budget| {
            let plan = self.plan_of(prepared, Wanted::Bindings, options);
            let run = |context: &Context| f(exec::run(context)?);
            let done = Context::enter(&self.graph, &plan, budget, Profile::default(), run);
            self.check_damage(done.map_err(Error::from))
        })
    }

    /// Returns an error if the query was prepared for another graph, in which its ids mean other things.
    fn owns(&self, prepared: &Prepared) -> Result<(), Error> {
        match Arc::ptr_eq(&self.graph, &prepared.graph) {
            true => Ok(()),
            false => Err(Error::usage("the query was prepared for another graph: prepare it for this one")),
        }
    }

    /// Returns why each of these rows holds, as [`Database::why`] does, from a single run.
    pub(crate) fn why_all(
        &self,
        prepared: &Prepared,
        rows: &[Row],
        options: &Options,
    ) -> Result<Vec<Option<Explained>>, Error> {
        self.with_bindings(prepared, options, |run| rows.iter().map(|row| provenance::of_row(&run, row)).collect())
    }

    /// Returns the plan as an answer; after a run, with the counters of each operator.
    fn explained(&self, plan: &Plan, actual: Option<Vec<plan::Actual>>) -> Answer {
        let text = plan::print(plan, &self.graph, actual.as_deref());
        let table = plan_table(&plan::lines(plan, &self.graph), actual.as_deref());
        Answer { view: View::Plan(text), table, more_possible: 0, notes: plan.notes.clone() }
    }
}

/// Converts a run into an answer, according to the plan's view.
fn answer(run: Execution) -> Result<Answer, Stop> {
    match run.context.plan.view {
        plan::View::Rows | plan::View::Verdict => Ok(run.into_answer()),
        plan::View::Facts | plan::View::Proofs | plan::View::WhyNot => provenance::answer(&run),
        _ => views::answer(run),
    }
}

/// Runs `work` within the thread's current budget, if it is part of a larger task, or else within a new one of
/// `options`. Once the budget is exhausted the result is discarded: it may be incomplete.
pub(crate) fn within<T>(options: &Options, work: impl FnOnce(&Budget) -> Result<T, Error>) -> Result<T, Error> {
    let anew = || Budget::new(options.limits, options.cancel.clone(), options.found.clone());
    let budget = Budget::current().unwrap_or_else(anew);
    let done = budget.enter(|| work(&budget));
    budget.check()?;
    done
}

/// Longer programs, in bytes, are not searched for what was meant: that costs several parses.
const SEARCHED: usize = 20_000;
/// Converts the error of a snapshot that cannot be opened.
fn unusable(path: &Path, error: SnapshotError) -> Error {
    match error {
        SnapshotError::Io(reason) => Error::Read { path: path.to_path_buf(), reason },
        SnapshotError::NoMemory => {
            let message = format!("the system gives no memory for `{}`", path.display());
            Error::Limit(Diagnostic::new(Severity::Error, Code::Limit, message))
        }
        error => Error::Data(damaged(format!("`{}` cannot be used: {error}", path.display())).into()),
    }
}

fn damaged(message: String) -> Diagnostic {
    let problem = Diagnostic::new(Severity::Error, Code::Snapshot, message);
    problem.advise(Advice::RebuildSnapshot)
}

/// Returns a row for each line of a plan, with the number of its parent line; after a run, with its counters.
fn plan_table(lines: &[plan::Line], actual: Option<&[plan::Actual]>) -> crate::answer::Table {
    use crate::answer::{Cell, Head, Row, Table};
    let number = |number: f64| Cell::Value(Value::Number(number));
    let known = |known: Option<f64>| known.map_or(Cell::Absent, number);
    let line = |(i, line): (usize, &plan::Line)| {
        let parent = lines[..i].iter().rposition(|other| other.depth < line.depth);
        let detail = if line.detail.is_empty() { Cell::Absent } else { Cell::Value(Value::text(&line.detail)) };
        let mut cells = vec![
            number(i as f64 + 1.0),
            known(parent.map(|parent| parent as f64 + 1.0)),
            Cell::Value(Value::text(line.operator)),
            detail,
            known(line.rows.map(f64::round)),
        ];
        let ran = actual.map(|actual| line.node.and_then(|node| actual.get(node as usize)));
        if let Some(ran) = ran {
            let milliseconds = |ran: &plan::Actual| (ran.time.as_secs_f64() * 1e6).round() / 1e3;
            cells.extend([
                known(ran.map(|ran| ran.rows_in as f64)),
                known(ran.map(|ran| ran.rows_out as f64)),
                known(ran.map(milliseconds)),
            ]);
        }
        Row { cells, certain: true }
    };
    let head = |(title, numeric): (&str, bool)| Head {
        title: title.to_string(),
        numeric,
        types: crate::schema::TypeSet::NONE,
    };
    let columns = [("line", true), ("parent", true), ("operator", false), ("detail", false), ("expected", true)];
    let counted = [("rows in", true), ("rows out", true), ("ms", true)];
    let columns = columns.into_iter().chain(counted.into_iter().filter(|_| actual.is_some())).map(head).collect();
    Table { columns, rows: lines.iter().enumerate().map(line).collect() }
}

fn parse(text: &str) -> Result<(Arc<Text>, ast::Program), Error> {
    let shared = Text::new("query", text);
    match syntax::parse(text) {
        Ok(program) => Ok((shared, program)),
        Err(diagnostics) => Err(Error::Query(shared, diagnostics)),
    }
}
