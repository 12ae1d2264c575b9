//! The façade: open a graph, prepare a query, bind parameters, run, explain. What it gives are ids; `api` wraps them for
//! programs.

mod advice;
mod empty;
mod error;
mod lost;
mod meant;
mod offered;
mod options;

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
use crate::translate::{Dialect, Program, Refused};
use crate::value::{Date, Value};
use crate::{check, load, provenance, snapshot, syntax, translate, views};
use advice::Adviser;
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A graph and the definitions in force. Cheap to clone: clones share the graph and what is kept of earlier queries. It can
/// be asked from many threads at once.
#[derive(Debug, Clone)]
pub struct Database {
    graph: Arc<Graph>,
    /// The graph's definitions, parsed when a query first needs them.
    bundled_definitions: Arc<OnceLock<Vec<Definition>>>,
    /// The session's definitions.
    defines: Vec<Definition>,
    /// Programs that were prepared lately, by text, by whether the possible is asked for, and by the rules that are switched
    /// off. Those with parameters are not kept.
    known: Arc<Mutex<PlanCache>>,
}

/// By text, by whether the possible is asked for, and by the day as of which the graph is read.
type PlanCache = FxHashMap<(String, bool, Option<Date>), Vec<Prepared>>;

/// A query that has been checked, with its text.
type Checked = (Arc<Text>, Arc<typed::Query>);

/// How many programs are kept.
const MOST_KNOWN: usize = 256;

/// A statement that has been parsed, checked and planned, with the graph that it was prepared for. Cheap to clone.
///
/// It reads that graph only: [`Prepared::run`] needs no [`Database`], and a database of another graph refuses it.
/// Parameters have been bound as it was prepared.
#[derive(Debug, Clone)]
pub struct Prepared {
    #[doc(hidden)]
    pub text: Arc<Text>,
    #[doc(hidden)]
    pub query: Arc<typed::Query>,
    /// Everything that a run of it does.
    #[doc(hidden)]
    pub plan: Arc<Plan>,
    /// The graph that its ids are of.
    pub(crate) graph: Arc<Graph>,
    /// The rules that the plan was made without.
    disabled: Vec<String>,
    /// The bindings of all its variables: what facts and proofs are read off; planned when they are first asked for.
    bindings: Arc<OnceLock<Arc<Plan>>>,
}

impl Database {
    /// Opens the graph that is compiled in: the evolution of language models, each fact with its source.
    #[must_use]
    pub fn builtin() -> Database {
        Database::of(snapshot::builtin())
    }

    /// Opens a folder of RON files, a single one, or a snapshot, which its first bytes or its ending `.begat` tell. Reads
    /// all files of a folder; maps a snapshot, which costs milliseconds whatever its size.
    ///
    /// # Errors
    /// What cannot be read, or everything that is wrong with the data. Of a snapshot only what is small is read now:
    /// what is found damaged later is an error of the query that needed it.
    pub fn open(path: impl AsRef<Path>) -> Result<Database, Error> {
        Database::open_with(path.as_ref(), &|_, _| {})
    }

    /// The same, telling how far reading tables has come.
    ///
    /// # Errors
    /// As [`Database::open`].
    #[doc(hidden)]
    pub fn open_with(path: &Path, progress: &load::Progress<'_>) -> Result<Database, Error> {
        Database::open_as(path, load::Access::default(), progress)
    }

    /// The same, where more may be read than the folder of the graph.
    ///
    /// # Errors
    /// As [`Database::open`].
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

    /// A database of a graph. Its definitions have been checked as it was loaded: one that no longer parses is left
    /// out.
    #[doc(hidden)]
    pub fn of(graph: Graph) -> Database {
        Database::sharing(Arc::new(graph))
    }

    /// A database of a graph that others have too, without their definitions.
    pub(crate) fn sharing(graph: Arc<Graph>) -> Database {
        Database { graph, bundled_definitions: Arc::default(), defines: Vec::new(), known: Arc::default() }
    }

    /// The definitions that come with the graph.
    fn bundled_definitions(&self) -> &[Definition] {
        let parsed = |text: &String| {
            let define = syntax::parse_define(text).ok()?;
            Some(Definition { define, text: Some(Text::new("definition", text.as_str())) })
        };
        // They are kept for queries that have more time.
        self.bundled_definitions.get_or_init(|| unlimited(|| self.graph.defines().iter().filter_map(parsed).collect()))
    }

    /// A result, unless what it may rest on turned out to be damaged.
    fn check_damage<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        // Whoever shows an answer reads names, so they are to be checked before.
        self.intact()?;
        self.graph.name(EntityId(0));
        self.intact()?;
        result
    }

    /// An error where the graph is known to be damaged. To be asked before anything of a snapshot is read, too, since
    /// what has been cut off cannot be.
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

    /// Adds definitions that stay in force for this database and its later clones: `define … as …`, several separated by `;`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn define(&mut self, text: &str) -> Result<(), Error> {
        let (text, program) = parse(text)?;
        self.known = Arc::default();
        self.defines.extend(program.statements.into_iter().filter_map(|statement| match statement {
            ast::Statement::Define(define) => Some(Definition { define, text: Some(text.clone()) }),
            ast::Statement::Query(_) => None,
        }));
        Ok(())
    }

    /// Parses a program, checks its statements in order and plans them; one [`Prepared`] for each that asks something. Its
    /// definitions hold for the whole program. What was prepared lately without parameters is kept, so that preparing it
    /// again costs a lookup.
    ///
    /// # Errors
    /// Everything that is wrong with the first statement that has something wrong, each problem with the edits that mend it.
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
        // Whoever panicked while holding it left whole entries behind.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn prepare_anew(&self, text: &str, options: &Options) -> Result<Vec<Prepared>, Error> {
        let problems = |text: &str| match self.checked_program(text, options) {
            Err(Error::Query(_, found)) => Err(found),
            _ => Ok(()),
        };
        let adviser = Adviser::new(text, &problems);
        match self.checked_program(text, options) {
            Err(Error::Query(shared, found)) if syntax::parse(text).is_err() => {
                let lost = [self.quotes_lost(text, &found), self.capital_lost(text, &found, options)];
                let lost = lost.into_iter().flatten().flat_map(|found| found.0);
                let readings = lost.chain(syntax::readings(text)).collect();
                let advised = adviser.first_helpful(readings);
                Err(Error::Query(shared, self.with_offers(&adviser, advised, options)))
            }
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

    /// Parses and checks a program; its advice has not been tried.
    fn checked_program(&self, text: &str, options: &Options) -> Result<Vec<Checked>, Error> {
        let (text, program) = match parse(text) {
            Err(Error::Query(text, found)) => {
                let search = || {
                    let mended = self.quotes_lost(&text.body, &found);
                    mended.or_else(|| self.capital_lost(&text.body, &found, options))
                };
                let mended = if text.body.len() <= SEARCHED { search() } else { None };
                return Err(Error::Query(text, mended.unwrap_or(found)));
            }
            parsed => parsed?,
        };
        let mut own = self.defines.clone();
        let mut queries = Vec::new();
        for statement in program.statements {
            match statement {
                ast::Statement::Define(define) => own.push(Definition { define, text: None }),
                ast::Statement::Query(query) => queries.push(query),
            }
        }
        // Most queries need none of the graph's definitions: they are asked only where the query is wrong without.
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

    /// The plan of a prepared query under these options: its own, unless other rules are switched off.
    fn plan_of(&self, prepared: &Prepared, wanted: Wanted, options: &Options) -> Arc<Plan> {
        let is_same = prepared.disabled == options.disabled_rewrites && prepared.plan.all_possible == options.possibly;
        let planned = || self.plan(&prepared.query, wanted, options);
        match wanted {
            _ if !is_same => planned(),
            Wanted::Answer | Wanted::Both => prepared.plan.clone(),
            Wanted::Bindings => prepared.bindings.get_or_init(planned).clone(),
        }
    }

    /// Answers a prepared query, without a word on why there are no rows.
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

    /// Answers a prepared query and gives the facts that took part, as [`Database::run`] and [`Database::subgraph`] do, from
    /// one run where that can be.
    ///
    /// # Errors
    /// A limit or Ctrl-C stopped it.
    #[doc(hidden)]
    pub fn run_with_facts(&self, prepared: &Prepared, options: &Options) -> Result<(Answer, Subgraph), Error> {
        self.owns(prepared)?;
        let plan = self.plan_of(prepared, Wanted::Answer, options);
        let is_rows = matches!(plan.view, plan::View::Rows | plan::View::Verdict) && !plan.operators.is_empty();
        if !is_rows || prepared.query.explain.is_some() {
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

    /// The facts that took part in a query's answer, with their ends: what is drawn, saved or queried again.
    ///
    /// # Errors
    /// A limit or Ctrl-C stopped it.
    #[doc(hidden)]
    pub fn subgraph(&self, prepared: &Prepared, options: &Options) -> Result<Subgraph, Error> {
        let of = |run: Execution| match run.context.plan.view {
            plan::View::Facts | plan::View::Proofs | plan::View::WhyNot => provenance::facts(&run),
            _ => views::subgraph(run),
        };
        self.with_bindings(prepared, options, of)
    }

    /// Why a row of a query's answer holds; `None` where the query gives no proofs or the row is not its.
    ///
    /// # Errors
    /// A limit or Ctrl-C stopped it.
    #[doc(hidden)]
    pub fn why(&self, prepared: &Prepared, row: &Row, options: &Options) -> Result<Option<Explained>, Error> {
        self.with_bindings(prepared, options, |run| provenance::of_row(&run, row))
    }

    /// Calls `f` with a run that binds all variables of the query's pattern.
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

    /// An error where a query was prepared for another graph, whose numbers mean other things here.
    fn owns(&self, prepared: &Prepared) -> Result<(), Error> {
        match Arc::ptr_eq(&self.graph, &prepared.graph) {
            true => Ok(()),
            false => Err(Error::usage("the query was prepared for another graph: prepare it for this one")),
        }
    }

    /// Why each of these rows of a query's answer holds, from one run; as [`Database::why`] for each.
    pub(crate) fn why_all(
        &self,
        prepared: &Prepared,
        rows: &[Row],
        options: &Options,
    ) -> Result<Vec<Option<Explained>>, Error> {
        self.with_bindings(prepared, options, |run| rows.iter().map(|row| provenance::of_row(&run, row)).collect())
    }

    /// The plan as an answer; after a run with what each operator did.
    fn explained(&self, plan: &Plan, actual: Option<Vec<plan::Actual>>) -> Answer {
        let text = plan::print(plan, &self.graph, actual.as_deref());
        let table = plan_table(&plan::lines(plan, &self.graph), actual.as_deref());
        Answer { view: View::Plan(text), table, more_possible: 0, notes: plan.notes.clone() }
    }
}

/// What a run found, as the plan's view shows it.
fn answer(run: Execution) -> Result<Answer, Stop> {
    match run.context.plan.view {
        plan::View::Rows | plan::View::Verdict => Ok(run.into_answer()),
        plan::View::Facts | plan::View::Proofs | plan::View::WhyNot => provenance::answer(&run),
        _ => views::answer(run),
    }
}

/// Does work within the budget of the thread, where the question is part of a larger piece of work, or else one of the
/// options. Where it is over, what was done is no answer.
pub(crate) fn within<T>(options: &Options, work: impl FnOnce(&Budget) -> Result<T, Error>) -> Result<T, Error> {
    let anew = || Budget::new(options.limits, options.cancel.clone(), options.found.clone());
    let budget = Budget::current().unwrap_or_else(anew);
    let done = budget.enter(|| work(&budget));
    budget.check()?;
    done
}

/// Programs longer than this, in bytes, are not searched for what was meant: that costs several parses.
const SEARCHED: usize = 20_000;
/// Why a snapshot cannot be opened.
fn unusable(path: &Path, error: SnapshotError) -> Error {
    match error {
        SnapshotError::Io(reason) => Error::Io { path: path.to_path_buf(), reason },
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

/// A row for each line of a plan, with the line that it stands inside of; after a run with what was counted.
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
