//! Plan × graph → answer.
//!
//! [`run`] is the door. A pattern's bindings are found by `solve` over the plan, once in each mode that is needed
//! ([`matches`]): `expand` lists the values of a variable, `sieve` and `conditions` test them, `flood` and `closures` follow
//! paths, `parallel` divides the work; `rows` and `group` make columns of them, `proof` says why, `collect` gathers the facts that took part,
//! and `views` answers the questions that are more than a pattern. Everything works on ids.

mod automaton;
mod closures;
mod collect;
mod conditions;
mod count;
mod derive;
mod eval;
mod expand;
mod flood;
mod fold;
mod group;
mod lanes;
mod limits;
mod links;
mod matches;
mod nearest;
mod outcomes;
mod parallel;
mod part;
mod proof;
mod reach;
mod rows;
mod sieve;
mod solve;
mod tally;
mod views;
mod window;

pub use matches::{Plans, plan_of};

use crate::answer::{Answer, Explained, Row, Subgraph};
use crate::check::typed::{Body, Head, Query, Select};
use crate::graph::Graph;
use crate::limits::{Budget, Stop};
use links::Links;
use outcomes::Outcomes;

use crate::plan::ABSENT;

/// Which answers are sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Mode {
    /// What holds in some possible world; else, what holds in every one.
    possible: bool,
    /// Conditions marked `possibly` need only be possible.
    shown: bool,
    /// What is neither true nor false counts as holding: under a negation, which it keeps from holding.
    neither: bool,
}

impl Mode {
    /// What holds in every possible world.
    const CERTAIN: Mode = Mode { possible: false, shown: false, neither: false };
    /// What is shown: certain, but for the conditions that `possibly` loosens.
    const SHOWN: Mode = Mode { possible: false, shown: true, neither: false };
    /// What may hold in some possible world.
    const POSSIBLE: Mode = Mode { possible: true, shown: false, neither: false };

    /// The mode in which what is denied has to fail. Twice negated is as before.
    fn negated(self) -> Mode {
        Mode { possible: !self.possible, neither: !self.neither, ..self }
    }

    /// The mode inside `possibly`.
    fn loosened(self) -> Mode {
        if self.shown { Mode { possible: true, shown: false, ..self } } else { self }
    }

    /// The mode inside `certainly`.
    fn certain(self) -> Mode {
        Mode { possible: false, shown: false, ..self }
    }

    /// The mode in which an optional part must have no match for its absence to count: absence is certain where no match
    /// is possible, and possible where none is certain.
    fn of_absence(self) -> Mode {
        Mode { possible: !self.possible, neither: false, ..self }
    }

    /// Returns true if a test with these outcomes counts as holding.
    fn accepts(self, outcomes: impl Into<Outcomes>) -> bool {
        let outcomes = outcomes.into();
        let held = outcomes.yes || (self.neither && outcomes.neither);
        if self.possible { held } else { held && !outcomes.no && (self.neither || !outcomes.neither) }
    }
}

/// What a query runs on and under which limits.
pub struct Context<'a> {
    pub graph: &'a Graph,
    pub query: &'a Query,
    pub budget: Budget,
    /// Show every possible answer, as if each condition said `possibly`.
    pub possibly: bool,
    /// Where the plans of the query are kept; they are made anew where there is none.
    pub plans: Option<&'a Plans>,
    /// Rewrites that are switched off; `all` switches off every one.
    pub disabled_rewrites: &'a [String],
}

impl Context<'_> {
    /// The budget for one of its searches.
    fn budget(&self) -> Budget {
        self.budget.afresh()
    }
}

/// Answers a checked query.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn run(context: &Context) -> Result<Answer, Stop> {
    let answer = as_of(context, run_now)?;
    context.budget.admit(answer.table.rows.len())?;
    Ok(answer)
}

fn run_now(context: &Context) -> Result<Answer, Stop> {
    let links = derive::links(context)?;
    match &context.query.body {
        Body::Select(select) => match context.query.head {
            Head::Rows => rows::answer(context, &links, select),
            Head::Count => rows::count(context, &links, select),
            Head::Ask => rows::ask(context, &links, select),
            Head::Path | Head::Paths => rows::paths(context, &links, select),
            Head::Graph => collect::answer(context, &links, select),
            Head::Why => proof::answer(context, &links, select),
            Head::WhyNot => proof::why_not(context, &links, select),
            Head::Diff => views::diff_rows(context, &links, select),
        },
        body => views::answer(context, &links, body),
    }
}

/// The graph form of a query's answer: the facts that took part, with their ends.
pub fn subgraph(context: &Context) -> Result<Subgraph, Stop> {
    as_of(context, subgraph_now)
}

fn subgraph_now(context: &Context) -> Result<Subgraph, Stop> {
    let links = derive::links(context)?;
    match &context.query.body {
        Body::Select(select) if context.query.head == Head::Diff => views::diff_subgraph(context, &links, select),
        Body::Select(select) => collect::subgraph(context, &links, select),
        body => views::subgraph(context, &links, body),
    }
}

/// Why one row of a query's answer holds.
pub fn why(context: &Context, row: &Row) -> Result<Option<Explained>, Stop> {
    as_of(context, |context| {
        let links: Links = derive::links(context)?;
        match &context.query.body {
            Body::Select(select) => proof::of_row(context, &links, select, row),
            _ => Ok(None),
        }
    })
}

/// Runs on the graph as it stood on the day that the query asks about, if it does.
fn as_of<T>(context: &Context, f: impl FnOnce(&Context) -> Result<T, Stop>) -> Result<T, Stop> {
    matches::bearable(context.query)?;
    let Some(date) = context.query.as_of else { return f(context) };
    let past = context.graph.as_of(date);
    f(&Context {
        graph: &past,
        query: context.query,
        // What is good for the whole graph need not be for a part of it.
        plans: None,
        budget: context.budget.clone(),
        possibly: context.possibly,
        disabled_rewrites: context.disabled_rewrites,
    })
}

/// The printed plan of a query's pattern; a view without a pattern has none.
pub fn plan_text(context: &Context) -> String {
    let query = context.query;
    let print = |select: &&Select| {
        let plan = plan_of(context, select, &rows::wanted_of(query.head, select));
        finish_lines(select) + &crate::plan::print(&plan, context.graph, &query.defines, &query.vars)
    };
    let plans: Vec<String> = matches::selects(&query.body).iter().map(print).collect();
    if plans.is_empty() { "a view over the whole graph, without a pattern\n".to_string() } else { plans.concat() }
}

/// What is made of the matches, last step first.
fn finish_lines(select: &Select) -> String {
    let mut lines = String::new();
    let limit = select.limit.map(|limit| format!("limit {limit}\n"));
    lines.push_str(&limit.unwrap_or_default());
    if !select.order.is_empty() {
        lines.push_str("order by keys\n");
    }
    if let Some(keys) = &select.group {
        lines.push_str(&format!("group by {} keys\n", keys.len()));
    }
    let titles: Vec<&str> = select.columns.iter().map(|column| column.title.as_str()).collect();
    if !titles.is_empty() {
        lines.push_str(&format!("show {}\n", titles.join(", ")));
    }
    lines
}
