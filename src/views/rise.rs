//! `rise of T`: speed of adoption, one row per adopted entity, for comparison.
//!
//! The share of a year is the part of its new entities that adopt it, among those with a recorded adoption: the curve
//! of the diffusion of innovations (Rogers, *Diffusion of innovations*, 1962). The years to 10, 50 and 90 % are the
//! measures by which substitutions are compared (Fisher and Pry, *A simple substitution model of technological change*,
//! 1971). Each measure is a range over uncertain days and doubtful facts.

use super::adoption::{Adopters, Found, curve_of, lacks, percents, shares};
use super::period::Unit;
use super::{entity_head, head, number, number_head, row, types_of};
use crate::answer::{Adoption, Answer, Cell, Curve, Reached, Rise, RiseOf, Row, Share, Table, View};
use crate::exec::edges::Edges;
use crate::exec::eval::range;
use crate::exec::{Execution, Mode, NULL_SLOT};
use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph};
use crate::limits::{Stop, in_budget, is_over_after};
use crate::plan::{Adopted, AdoptionView, Link};
use crate::schema::{TypeSet, VerbId};
use crate::value::{Date, Value};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Shares of new entities, in percent, for which the years are computed.
pub const MARKS: [u32; 3] = [10, 50, 90];

/// Returns the curves, and one row per adopted entity, the most used first.
pub(super) fn answer(run: &Execution, asked: &AdoptionView) -> Result<Answer, Stop> {
    let graph = run.context.graph;
    let mut found = Found::of(run, asked)?;
    if !matches!(asked.of, Adopted::One(_)) {
        found.all.retain(|(_, adopters)| adopters.all().next().is_some());
    }
    let notes = found.most_used(&asked.limit);
    let Found { mut all, told, more_possible } = found;
    // Without a limit, nothing has sorted them yet.
    all.sort_by_key(|(adopted, by)| (Reverse(by.certain.len()), Reverse(by.doubtful.len()), *adopted));
    let among = told.as_ref().map(Adopters::in_id_order);
    let told = told.unwrap_or_else(|| recorded(graph, &run.edges, &asked.verbs));
    let dates = told.all().chain(all.iter().flat_map(|(_, adopters)| adopters.all())).take_while(in_budget);
    let periods = Unit::Year.spanned(dates.map(|entity| graph.date_of(entity)));
    let base = curve_of(graph, (&periods, Unit::Year, asked.dated()), (EntityId(NULL_SLOT), &told));
    let (mut curves, mut rises) = (Vec::new(), Vec::new());
    for (adopted, adopters) in all.iter().take_while(|_| !is_over_after(periods.len())) {
        let mut curve = curve_of(graph, (&periods, Unit::Year, asked.dated()), (*adopted, adopters));
        curve.shares = shares(&curve, &base, &lacks(&run.edges, asked, *adopted));
        rises.push(Measured { graph, periods: &periods, curve: &curve, adopters }.rise());
        curves.push(curve);
    }
    let table = table(graph, &rises);
    let periods = periods.iter().map(|period| Unit::Year.title(*period)).collect();
    let view = View::Rise(Rise { rises, adoption: Adoption { timed: true, among, periods, curves } });
    Ok(Answer { view, table, more_possible, notes: run.notes().into_iter().chain(notes).collect() })
}

/// Returns the entities with a recorded adoption by these verbs.
fn recorded(graph: &Graph, edges: &Edges, verbs: &[VerbId]) -> Adopters {
    let types = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(graph.schema().verb(*verb).from));
    let uses = |mode: Mode| -> BTreeSet<EntityId> {
        let entities = graph.ranges(types).into_iter().flatten().map(EntityId).take_while(in_budget);
        let any = |entity: EntityId| {
            verbs.iter().any(|verb| !edges.adjacency(Link::Verb(*verb), false, None, mode).of(entity).is_empty())
        };
        entities.filter(|entity| any(*entity)).collect()
    };
    let certain = uses(Mode::CERTAIN);
    let doubtful = uses(Mode::POSSIBLE).difference(&certain).copied().collect();
    Adopters { certain: certain.into_iter().collect(), doubtful }
}

struct Measured<'a> {
    graph: &'a Graph,
    /// Years, sorted ascending.
    periods: &'a [i32],
    curve: &'a Curve,
    adopters: &'a Adopters,
}

impl Measured<'_> {
    fn rise(&self) -> RiseOf {
        let began = self.began();
        RiseOf {
            adopted: self.curve.adopted,
            users: (self.adopters.certain.len(), self.adopters.all().count()),
            began,
            peak: self.peak(),
            reached: MARKS.map(|mark| self.reached(f64::from(mark), began)),
            doubling: self.doubling(),
            led: self.adopters.ends(self.graph, FunctionId::First),
            lagged: self.adopters.ends(self.graph, FunctionId::Last),
        }
    }

    fn date(&self, entity: &EntityId) -> Date {
        self.graph.date_of(*entity)
    }

    /// Returns the earliest and the latest year of the first user; `None` for an open end.
    fn began(&self) -> (Option<i32>, Option<i32>) {
        // `None`, an open beginning, sorts before all years.
        let first = self.adopters.all().map(|user| self.date(&user).reached_years().0).min().flatten();
        let last = self.adopters.certain.iter().filter_map(|user| self.date(user).reached_years().1).min();
        (first, last)
    }

    /// Returns the range of the greatest share of a year; `None` if no share is known.
    fn peak(&self) -> Option<(f64, f64)> {
        let shares = || self.curve.shares.iter().flatten();
        let high = shares().map(|share| share.percent.1).reduce(f64::max)?;
        let sure = shares().filter(|share| share.recorded.0 > 0).map(|share| share.percent.0).reduce(f64::max);
        // If only undated users are known, the shares of the years say nothing.
        let is_told = high > 0.0 || self.curve.undated.is_empty();
        let low = sure.or(shares().map(|share| share.percent.0).reduce(f64::min))?;
        is_told.then_some((low, high))
    }

    /// Returns the years from the first user to the first year with at least this share of new entities.
    fn reached(&self, mark: f64, (first, last): (Option<i32>, Option<i32>)) -> Reached {
        let year = |is_reached: &dyn Fn(&Share) -> bool| {
            let mut shares = self.curve.shares.iter().zip(self.periods);
            shares.find(|(share, _)| share.as_ref().is_some_and(is_reached)).map(|(_, year)| *year)
        };
        // A share among entities that may not exist is not certain.
        let latest = year(&|share| share.percent.0 >= mark && share.recorded.0 > 0);
        let soonest = year(&|share| share.percent.1 >= mark);
        let Some(soonest) = soonest else { return Reached::Never };
        let least = last.map_or(0, |last| (soonest - last).max(0));
        let most = latest.zip(first).map(|(latest, first)| (latest - first).max(0));
        Reached::After { least, most }
    }

    /// Returns the range of months in which the number of dated users last doubled.
    fn doubling(&self) -> Option<(f64, f64)> {
        let dates: Vec<Date> =
            self.adopters.certain.iter().map(|user| self.date(user)).filter(|date| !date.is_undated()).collect();
        let half = dates.len() / 2;
        let sorted = |end: fn(Date) -> i32| {
            let mut days: Vec<i32> = dates.iter().map(|date| end(*date)).collect();
            days.sort_unstable();
            days
        };
        let (earliest, latest) = (sorted(|date| date.reach().0), sorted(|date| date.reach().1));
        let (before, after) = (half.checked_sub(1)?, half * 2 - 1);
        let months = |to: i32, from: i32| (f64::from(to) - f64::from(from)).max(0.0) / DAYS_A_MONTH;
        let is_open = |day: i32| day == Date::OPEN_START || day == Date::OPEN_END;
        let least = if is_open(earliest[after]) || is_open(latest[before]) {
            0.0
        } else {
            months(earliest[after], latest[before])
        };
        let is_bounded = !is_open(latest[after]) && !is_open(earliest[before]);
        let most = if is_bounded { months(latest[after], earliest[before]) } else { f64::INFINITY };
        Some((least, most))
    }
}

/// Mean length of a month of the Gregorian calendar.
const DAYS_A_MONTH: f64 = 365.2425 / 12.0;

fn table(graph: &Graph, rises: &[RiseOf]) -> Table {
    let adopted = entity_head("adopted", types_of(graph, rises.iter().map(|rise| rise.adopted)));
    let users =
        types_of(graph, rises.iter().flat_map(|rise| rise.led.iter().chain(&rise.lagged)).map(|(user, _)| *user));
    let marks = MARKS.map(|mark| number_head(&format!("years to {mark}%")));
    let columns = [adopted, number_head("users"), head("since"), number_head("peak %")].into_iter().chain(marks);
    let ends = [number_head("months of last doubling"), entity_head("led by", users), entity_head("lagged by", users)];
    let row_of = |rise: &RiseOf| -> Row {
        let (sure, all) = rise.users;
        let mut cells =
            vec![Cell::Entity(rise.adopted), Cell::Value(range(sure as f64, all as f64)), since(rise.began)];
        if all == 0 {
            cells[1] = number(0);
        }
        cells.push(rise.peak.map_or(Cell::Absent, |peak| Cell::Value(percents(peak))));
        cells.extend(rise.reached.iter().map(|reached| match reached {
            Reached::Never => Cell::Absent,
            Reached::After { least, most } => {
                Cell::Value(range(f64::from(*least), most.map_or(f64::INFINITY, f64::from)))
            }
        }));
        cells.push(rise.doubling.map_or(Cell::Absent, |(least, most)| Cell::Value(range(least.round(), most.round()))));
        cells.extend([&rise.led, &rise.lagged].map(|ends| {
            let ends: Vec<(Cell, bool)> = ends.iter().map(|(user, sure)| (Cell::Entity(*user), *sure)).collect();
            super::list(ends)
        }));
        row(cells, sure > 0 || all == 0)
    };
    Table { columns: columns.chain(ends).collect(), rows: rises.iter().take_while(in_budget).map(row_of).collect() }
}

/// Returns the year of the first user, or the range of years in which it may be.
fn since((first, last): (Option<i32>, Option<i32>)) -> Cell {
    let ends = [first, last].map(|year| year.map_or(String::new(), |year| year.to_string()));
    match (first, last) {
        (None, None) => Cell::Absent,
        (Some(first), Some(last)) if first == last => Cell::Value(Value::Number(first.into())),
        _ => Cell::Value(Value::text(&format!("{}..{}", ends[0], ends[1]))),
    }
}
