//! `adoption of T by year`: adopters of T per period; or `by Org`, per group.

use super::period::Unit;
use super::{by_date, entity_head, head, number, number_head, part, row, text, types_of};
use crate::answer::{Answer, Cell, Curve, Row, Share, Subgraph, Table, View};
use crate::exec::aggregate::fold::candidates;
use crate::exec::bindings::{self, Bindings, Certainty};
use crate::exec::edges::Edges;
use crate::exec::eval::{compare_dates, range};
use crate::exec::limits::Stop;
use crate::exec::output::limit::tie;
use crate::exec::{Execution, Mode, NULL_SLOT};
use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over_after};
use crate::plan::{Adopted, AdoptionView, CompareOp, Grouping, Limit, Link, VarId};
use crate::schema::VerbId;
use crate::text::Diagnostic;
use crate::value::{Date, Value};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the curves, and one row per period with any adopters.
pub(super) fn answer(run: &Execution, asked: &AdoptionView) -> Result<Answer, Stop> {
    let (graph, edges) = (run.context.graph, &run.edges);
    let mut found = Found::of(run, asked)?;
    let notes = found.most_used(&asked.limit);
    let Found { all, told, more_possible } = found;
    let among = told.as_ref().map(Adopters::in_id_order);
    let (periods, mut curves, told) = match (Unit::of(asked.by), asked.by) {
        (None, Grouping::Entities { types, verb, inverse }) => {
            by_group(graph, edges, (&all, told.as_ref()), (types, verb, inverse))
        }
        (unit, _) => by_time(graph, (&all, told.as_ref()), unit.unwrap_or(Unit::Year), asked.dated()),
    };
    if let Some(told) = &told {
        for curve in curves.iter_mut().take_while(in_budget) {
            curve.shares = shares(curve, told, &lacks(edges, asked, curve.adopted));
        }
    }
    let table = Writer { graph, asked, periods: &periods, all: &all }.table(&curves, told.is_some());
    let periods = periods.iter().map(|period| period.title(graph)).collect();
    let timed = Unit::of(asked.by).is_some();
    let view = View::Adoption(crate::answer::Adoption { timed, among, periods, curves });
    Ok(Answer { view, table, more_possible, notes: run.notes().into_iter().chain(notes).collect() })
}

/// Returns the facts of the adoption.
pub(super) fn subgraph(run: &Execution, asked: &AdoptionView) -> Result<Subgraph, Stop> {
    let mut found = Found::of(run, asked)?;
    found.most_used(&asked.limit);
    let mut facts = Vec::new();
    for (adopted, adopters) in &found.all {
        for verb in asked.verbs.iter().take_while(in_budget) {
            let relation = run.context.graph.relation(*verb);
            facts.extend(adopters.all().filter_map(|adopter| relation.fact(adopter, *adopted)));
        }
    }
    Ok(part(run.context.graph, facts, found.all.iter().map(|(adopted, _)| *adopted)))
}

/// Result of an adoption query.
pub(super) struct Found {
    /// Adopted entities with their adopters, in id order.
    pub all: Vec<(EntityId, Adopters)>,
    /// Adopters among which shares are computed; `None` if there are no shares.
    pub told: Option<Adopters>,
    pub more_possible: usize,
}

impl Found {
    /// # Errors
    /// A limit or Ctrl-C stopped it.
    pub fn of(run: &Execution, asked: &AdoptionView) -> Result<Found, Stop> {
        let (graph, edges) = (run.context.graph, &run.edges);
        let by_facts = |adopted: EntityId| (adopted, Adopters::of(graph, edges, &asked.verbs, adopted));
        match &asked.of {
            Adopted::One(entity) => {
                // It may not have existed yet on the day of `as of`.
                let shown = Some(*entity).filter(|entity| !graph.is_absent(*entity));
                Ok(Found { all: shown.into_iter().map(by_facts).collect(), told: None, more_possible: 0 })
            }
            Adopted::Each(var) => {
                let Graded { certain, possible } = Graded::of(run.bindings(), *var, Certainty::Shown);
                let all = certain.into_iter().take_while(in_budget).map(by_facts).collect();
                Ok(Found { all, told: None, more_possible: possible.len() })
            }
            Adopted::Pairs { adopted, adopter, among, .. } => {
                let all = pairs(graph, run.bindings(), (*adopted, *adopter));
                let told = bindings::find(run.context, edges, among)?;
                let told = Graded::of(Some(&told), *adopter, Certainty::Certain).into_adopters(graph);
                Ok(Found { all, told: Some(told), more_possible: 0 })
            }
        }
    }

    /// Returns the number of adopted entities up to `most`, including those with as many adopters as the last one. The
    /// entities must be sorted by use.
    fn with_ties(&self, most: usize) -> usize {
        let Some((_, last)) = most.checked_sub(1).and_then(|last| self.all.get(last)) else { return most };
        let alike = |(_, other): &&(EntityId, Adopters)| other.certain.len() == last.certain.len();
        most + self.all[most..].iter().take_while(alike).count()
    }

    /// Keeps the most used entities within the limit; returns a note if equally used ones are left out.
    pub fn most_used(&mut self, limit: &Limit) -> Vec<Diagnostic> {
        let Some(most) = limit.limit else { return Vec::new() };
        let uses = |(adopted, adopters): &(EntityId, Adopters)| {
            (Reverse(adopters.certain.len()), Reverse(adopters.doubtful.len()), *adopted)
        };
        self.all.sort_by_key(uses);
        let most = if limit.ties { self.with_ties(most) } else { most };
        let left: Vec<(EntityId, Adopters)> = self.all.split_off(most.min(self.all.len()));
        let Some((_, last)) = self.all.last() else { return Vec::new() };
        let alike = left.iter().take_while(|(_, other)| other.certain.len() == last.certain.len()).count();
        (alike > 0).then(|| tie(alike, limit.span)).into_iter().collect()
    }
}

/// Entities that a variable is bound to, in id order.
struct Graded {
    certain: BTreeSet<EntityId>,
    possible: BTreeSet<EntityId>,
}

impl Graded {
    /// Returns the entities of a variable; those of at least the given certainty are certain.
    fn of(found: Option<&Bindings>, var: VarId, least: Certainty) -> Graded {
        let mut graded = Graded { certain: BTreeSet::new(), possible: BTreeSet::new() };
        let place = found.and_then(|found| found.places(&[var]).first().copied().flatten());
        let (Some(found), Some(place)) = (found, place) else { return graded };
        for (tuple, sure) in found.iter().filter(|(tuple, _)| tuple[place] != NULL_SLOT) {
            let set = if sure < least { &mut graded.possible } else { &mut graded.certain };
            set.insert(EntityId(tuple[place]));
        }
        let Graded { certain, possible } = &mut graded;
        possible.retain(|entity| !certain.contains(entity));
        graded
    }

    fn into_adopters(self, graph: &Graph) -> Adopters {
        Adopters { certain: dated(graph, self.certain), doubtful: dated(graph, self.possible) }
    }
}

/// Returns the adopters of each adopted entity, from bindings of both.
fn pairs(graph: &Graph, found: Option<&Bindings>, (adopted, adopter): (VarId, VarId)) -> Vec<(EntityId, Adopters)> {
    let Some(found) = found else { return Vec::new() };
    let places = found.places(&[adopted, adopter]);
    let [Some(of), Some(by)] = places[..] else { return Vec::new() };
    let mut sets: BTreeMap<EntityId, Graded> = BTreeMap::new();
    for (tuple, sure) in found.iter().take_while(in_budget) {
        let empty = || Graded { certain: BTreeSet::new(), possible: BTreeSet::new() };
        let graded = sets.entry(EntityId(tuple[of])).or_insert_with(empty);
        let set = if sure == Certainty::Certain { &mut graded.certain } else { &mut graded.possible };
        set.insert(EntityId(tuple[by]));
    }
    sets.into_iter().map(|(adopted, graded)| (adopted, graded.into_adopters(graph))).collect()
}

/// Returns, per period, the share of a curve's adopters among `told`: its least and greatest value over all days of
/// wide dates and all doubtful facts. `lacks` tells whether an entity may have another recorded adoption and not this one.
pub(super) fn shares(curve: &Curve, told: &Curve, lacks: &dyn Fn(EntityId) -> bool) -> Vec<Option<Share>> {
    let everywhere = |curve: &Curve| -> BTreeSet<EntityId> {
        curve.certain.iter().flatten().chain(&curve.wide).chain(&curve.undated).copied().collect()
    };
    let (sure, surely_told) = (everywhere(curve), everywhere(told));
    let of_period = |period: usize| {
        let adopting: BTreeSet<EntityId> = curve.certain[period].iter().copied().collect();
        let may: BTreeSet<EntityId> = curve.possible[period].iter().copied().collect();
        let others = |told: &[EntityId]| {
            told.iter().filter(|entity| !adopting.contains(entity) && !may.contains(entity)).count()
        };
        let (there, may_be_there) = (others(&told.certain[period]), others(&told.possible[period]));
        // An entity that certainly adopts, and may do so in this period, increases the share wherever it falls.
        let may_do_without =
            |entity: &&EntityId| !sure.contains(entity) && (surely_told.contains(entity) || lacks(**entity));
        let without = may.iter().filter(may_do_without).count();
        let (most, least) = (adopting.len() + may.len() + there, adopting.len() + without + there + may_be_there);
        let percent = |part: usize, of: usize| if of == 0 { 0.0 } else { 100.0 * part as f64 / of as f64 };
        let high = percent(adopting.len() + may.len(), most);
        let low = if least == 0 { high } else { percent(adopting.len(), least) };
        let recorded = (told.certain[period].len(), told.certain[period].len() + told.possible[period].len());
        (most + least > 0).then_some(Share { recorded, percent: (low, high) })
    };
    (0..curve.certain.len()).take_while(in_budget).map(of_period).collect()
}

/// Returns a test whether an entity may be among those of whom an adoption is recorded, and not have adopted `adopted`.
pub(super) fn lacks<'a>(
    edges: &'a Edges,
    asked: &'a AdoptionView,
    adopted: EntityId,
) -> impl Fn(EntityId) -> bool + 'a {
    let is_whole = !matches!(asked.of, Adopted::Pairs { is_whole: false, .. });
    move |entity| {
        let of = |verb: &VerbId, mode: Mode| edges.adjacency(Link::Verb(*verb), false, None, mode).of(entity);
        let adopts = || asked.verbs.iter().any(|verb| of(verb, Mode::CERTAIN).contains(&adopted.0));
        let has_other = |verb: &VerbId| of(verb, Mode::POSSIBLE).iter().any(|other| *other != adopted.0);
        asked.verbs.iter().any(has_other) && !(is_whole && adopts())
    }
}

/// Adopters of one entity, by date; ties in id order.
pub(super) struct Adopters {
    pub certain: Vec<EntityId>,
    /// Adopters by doubtful facts only, or that match the query only in some worlds.
    pub doubtful: Vec<EntityId>,
}

impl Adopters {
    pub fn of(graph: &Graph, edges: &Edges, verbs: &[VerbId], adopted: EntityId) -> Adopters {
        let by = |mode: Mode| -> BTreeSet<EntityId> {
            let of = |verb: &VerbId| edges.adjacency(Link::Verb(*verb), true, None, mode).of(adopted);
            verbs.iter().flat_map(of).copied().map(EntityId).collect()
        };
        let certain = by(Mode::CERTAIN);
        let doubtful: BTreeSet<EntityId> = by(Mode::POSSIBLE).difference(&certain).copied().collect();
        Adopters { certain: dated(graph, certain), doubtful: dated(graph, doubtful) }
    }

    pub fn in_id_order(&self) -> Vec<EntityId> {
        let mut all: Vec<EntityId> = self.all().collect();
        all.sort_unstable();
        all
    }

    pub fn all(&self) -> impl Iterator<Item = EntityId> {
        self.certain.iter().chain(&self.doubtful).copied()
    }

    /// Returns the certain adopters that may have been first, each with whether it is certain.
    pub fn first(&self, graph: &Graph) -> Vec<(EntityId, bool)> {
        self.ends(graph, FunctionId::First)
    }

    /// Returns the certain adopters that may have been first (or last), each with whether it is certain.
    pub fn ends(&self, graph: &Graph, function: FunctionId) -> Vec<(EntityId, bool)> {
        let cells = |entities: &[EntityId]| -> Vec<Cell> { entities.iter().copied().map(Cell::Entity).collect() };
        let (certain, all) = (cells(&self.certain), cells(&self.all().collect::<Vec<_>>()));
        let first = candidates(graph, function, &certain, &certain, &all);
        let entity = |(cell, sure): (Cell, bool)| if let Cell::Entity(e) = cell { Some((e, sure)) } else { None };
        first.into_iter().filter_map(entity).collect()
    }
}

fn dated(graph: &Graph, entities: impl IntoIterator<Item = EntityId>) -> Vec<EntityId> {
    let mut entities: Vec<EntityId> = entities.into_iter().collect();
    entities.sort_by_cached_key(|entity| by_date(graph, *entity));
    entities
}

/// Period or group of adopters.
#[derive(Clone, Copy)]
enum Period {
    Time(Unit, i32),
    Group(EntityId),
    /// Adopters without an entity of the requested type.
    Ungrouped,
}

impl Period {
    fn title(&self, graph: &Graph) -> String {
        match self {
            Period::Time(unit, period) => unit.title(*period),
            Period::Group(entity) => graph.name(*entity).to_string(),
            Period::Ungrouped => "none".to_string(),
        }
    }

    fn cell(&self) -> Cell {
        match self {
            Period::Time(unit, period) => Cell::Value(unit.value(*period)),
            Period::Group(entity) => Cell::Entity(*entity),
            Period::Ungrouped => Cell::Absent,
        }
    }
}

/// Curves to draw, and the adopters among which shares are computed.
type Taken<'a> = (&'a [(EntityId, Adopters)], Option<&'a Adopters>);

/// Periods, one curve per adopted entity, and the curve of those among which shares are computed.
type Curves = (Vec<Period>, Vec<Curve>, Option<Curve>);

fn by_time(graph: &Graph, (all, told): Taken, unit: Unit, dated: &[(CompareOp, Date)]) -> Curves {
    let adopters = all.iter().flat_map(|(_, adopters)| adopters.all()).take_while(in_budget);
    let dates = adopters.map(|adopter| graph.date_of(adopter));
    let periods = unit.spanned(dates);
    let curves = all.iter().take_while(|_| !is_over_after(periods.len()));
    let curves =
        curves.map(|(adopted, adopters)| curve_of(graph, (&periods, unit, dated), (*adopted, adopters))).collect();
    // The curve of all adopters belongs to no adopted entity.
    let told = told.map(|told| curve_of(graph, (&periods, unit, dated), (EntityId(NULL_SLOT), told)));
    (periods.into_iter().map(|period| Period::Time(unit, period)).collect(), curves, told)
}

/// Returns the curve of one entity, each adopter in the period of its date. Those that satisfy a condition only in some
/// worlds are in the periods that have a day for which their date may compare with the dates of the conditions.
pub(super) fn curve_of(
    graph: &Graph,
    (periods, unit, dated): (&[i32], Unit, &[(CompareOp, Date)]),
    (adopted, adopters): (EntityId, &Adopters),
) -> Curve {
    let mut curve = Curve {
        adopted,
        certain: vec![Vec::new(); periods.len()],
        possible: vec![Vec::new(); periods.len()],
        wide: Vec::new(),
        undated: Vec::new(),
        first: adopters.first(graph),
        shares: Vec::new(),
    };
    for adopter in &adopters.certain {
        place(&mut curve, periods, unit, *adopter, graph.date_of(*adopter));
    }
    for adopter in &adopters.doubtful {
        let date = graph.date_of(*adopter);
        for i in unit.touched(date, periods).take_while(|_| !is_over_after(1)) {
            let days = unit.days(periods[i]).and_then(|period| date.within(period)).unwrap_or(date);
            if dated.iter().all(|(op, with)| compare_dates(*op, days, *with).is_possible()) {
                curve.possible[i].push(*adopter);
            }
        }
    }
    curve
}

/// Adds an adopter to the period of its date, or to the wide or undated ones and the periods in which it may fall.
fn place(curve: &mut Curve, periods: &[i32], unit: Unit, adopter: EntityId, date: Date) {
    match unit.period(date).and_then(|period| periods.binary_search(&period).ok()) {
        Some(i) => curve.certain[i].push(adopter),
        None if date.is_undated() => curve.undated.push(adopter),
        None => {
            curve.wide.push(adopter);
            may_fall(curve, periods, unit, adopter, date);
        }
    }
}

fn may_fall(curve: &mut Curve, periods: &[i32], unit: Unit, adopter: EntityId, date: Date) {
    if is_over_after(1) {
        return;
    }
    curve.possible[unit.touched(date, periods)].iter_mut().for_each(|adopters| adopters.push(adopter));
}

/// Returns the curves by the entities joined to adopters, those with the most adopters first.
fn by_group(
    graph: &Graph,
    edges: &Edges,
    (all, told): Taken,
    (types, verb, inverse): (crate::schema::TypeSet, VerbId, bool),
) -> Curves {
    // From adopter to group is against the direction of the grouping.
    let groups_of = |adopter: EntityId, mode: Mode| -> Vec<EntityId> {
        let groups = edges.adjacency(Link::Verb(verb), !inverse, None, mode).of(adopter);
        groups.iter().copied().map(EntityId).filter(|group| graph.is_of(*group, types)).collect()
    };
    let mut sizes: BTreeMap<EntityId, BTreeSet<EntityId>> = BTreeMap::new();
    let mut any_ungrouped = false;
    for adopter in all.iter().flat_map(|(_, adopters)| adopters.all()).take_while(in_budget) {
        let groups = groups_of(adopter, Mode::POSSIBLE);
        any_ungrouped |= groups.is_empty();
        groups.into_iter().for_each(|group| {
            sizes.entry(group).or_default().insert(adopter);
        });
    }
    let mut groups: Vec<EntityId> = sizes.keys().copied().collect();
    groups.sort_by_key(|group| (std::cmp::Reverse(sizes[group].len()), *group));
    let place_of: BTreeMap<EntityId, usize> = groups.iter().enumerate().map(|(i, group)| (*group, i)).collect();
    let mut periods: Vec<Period> = groups.into_iter().map(Period::Group).collect();
    periods.extend(any_ungrouped.then_some(Period::Ungrouped));
    let curve = |adopted: EntityId, adopters: &Adopters| {
        let (mut certain, mut possible) = (vec![Vec::new(); periods.len()], vec![Vec::new(); periods.len()]);
        let graded = adopters.certain.iter().map(|adopter| (*adopter, true));
        for (adopter, is_certain) in graded.chain(adopters.doubtful.iter().map(|adopter| (*adopter, false))) {
            let (sure, every) = (groups_of(adopter, Mode::CERTAIN), groups_of(adopter, Mode::POSSIBLE));
            // Entities without any adoption may belong to groups that are not drawn.
            for group in every.iter().filter(|group| place_of.contains_key(group)) {
                let is_certain = is_certain && sure.contains(group);
                (if is_certain { &mut certain } else { &mut possible })[place_of[group]].push(adopter);
            }
            if every.is_empty() && any_ungrouped {
                (if is_certain { &mut certain } else { &mut possible })[periods.len() - 1].push(adopter);
            }
        }
        let (wide, undated, first) = (Vec::new(), Vec::new(), adopters.first(graph));
        Curve { adopted, certain, possible, wide, undated, first, shares: Vec::new() }
    };
    let curves = all.iter().take_while(|_| !is_over_after(periods.len()));
    let curves = curves.map(|(adopted, adopters)| curve(*adopted, adopters)).collect();
    let told = told.map(|told| curve(EntityId(NULL_SLOT), told));
    (periods, curves, told)
}

/// Writer of curves as rows.
struct Writer<'a> {
    graph: &'a Graph,
    asked: &'a AdoptionView,
    periods: &'a [Period],
    all: &'a [(EntityId, Adopters)],
}

impl Writer<'_> {
    fn table(&self, curves: &[Curve], has_shares: bool) -> Table {
        let graph = self.graph;
        let adopted = entity_head("adopted", types_of(graph, curves.iter().map(|curve| curve.adopted)));
        let adopters = entity_head("adopters", types_of(graph, self.all.iter().flat_map(|(_, a)| a.all())));
        let shares = ["recorded", "percent"].map(number_head).into_iter().filter(|_| has_shares);
        let mut columns = match Unit::of(self.asked.by) {
            Some(unit) => {
                let [new, possible, total] = ["new", "possible", "total"].map(number_head);
                vec![adopted, head(unit.name()), new, possible, total]
            }
            None => vec![adopted, self.group_head(), number_head("certain"), number_head("possible")],
        };
        columns.extend(shares.chain([adopters]));
        let rows = curves.iter().zip(self.all).flat_map(|(curve, (_, adopters))| self.rows(curve, adopters)).collect();
        Table { columns, rows }
    }

    fn group_head(&self) -> crate::answer::Head {
        match self.asked.by {
            Grouping::Entities { types, .. } => entity_head(&self.graph.schema().type_names(types), types),
            _ => head(""),
        }
    }

    /// Returns the periods with adopters, then the adopters without a single period. A curve without any gets one empty
    /// row.
    fn rows(&self, curve: &Curve, adopters: &Adopters) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut total = 0;
        let has_shares = !curve.shares.is_empty();
        let mut push = |period: Cell, sure: &[EntityId], maybe: &[EntityId], share: Option<Share>| {
            if sure.is_empty() && maybe.is_empty() {
                return;
            }
            total += sure.len();
            let share = has_shares.then_some(share);
            rows.push(self.row(curve.adopted, period, (sure, maybe), (total, share)));
        };
        for (i, period) in self.periods.iter().enumerate().take_while(in_budget) {
            let share = curve.shares.get(i).copied().flatten();
            push(period.cell(), &curve.certain[i], &curve.possible[i], share);
        }
        push(text("several"), &curve.wide, &[], None);
        let undated = |entity: &EntityId| self.graph.date_of(*entity).is_undated();
        let is_time = Unit::of(self.asked.by).is_some();
        let doubtful: Vec<EntityId> = adopters.doubtful.iter().copied().filter(|e| is_time && undated(e)).collect();
        push(text("undated"), &curve.undated, &doubtful, None);
        if rows.is_empty() {
            let share = has_shares.then_some(None);
            rows.push(self.row(curve.adopted, Cell::Absent, (&[], &[]), (0, share)));
        }
        rows
    }

    fn row(
        &self,
        adopted: EntityId,
        period: Cell,
        (sure, maybe): (&[EntityId], &[EntityId]),
        (total, share): (usize, Option<Option<Share>>),
    ) -> Row {
        let named = |certain: bool| move |entity: &EntityId| (Cell::Entity(*entity), certain);
        let names: Vec<(Cell, bool)> = sure.iter().map(named(true)).chain(maybe.iter().map(named(false))).collect();
        let mut cells = vec![Cell::Entity(adopted), period, number(sure.len()), number(maybe.len())];
        if Unit::of(self.asked.by).is_some() {
            cells.push(Cell::Value(Value::Number(total as f64)));
        }
        cells.extend(share.map(share_cells).into_iter().flatten());
        cells.push(if names.is_empty() { Cell::Absent } else { Cell::List(names) });
        row(cells, maybe.is_empty() || !sure.is_empty())
    }
}

/// Returns the number recorded and the percentage; absent if there are none.
fn share_cells(share: Option<Share>) -> [Cell; 2] {
    let Some(Share { recorded, percent }) = share else { return [Cell::Absent, Cell::Absent] };
    [Cell::Value(range(recorded.0 as f64, recorded.1 as f64)), Cell::Value(percents(percent))]
}

/// Returns a percentage with one decimal, or a range of whole percentages.
pub(super) fn percents((low, high): (f64, f64)) -> Value {
    if low == high { Value::Number((low * 10.0).round() / 10.0) } else { range(low.floor(), high.ceil()) }
}
