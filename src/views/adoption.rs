//! `adoption of T by year`: who takes up T, period by period; or `by Org`, group by group.

use super::period::Unit;
use super::{by_date, entity_head, head, number, number_head, part, row, text, types_of};
use crate::answer::{Answer, Cell, Curve, Row, Subgraph, Table, View};
use crate::exec::aggregate::fold::candidates;
use crate::exec::bindings::Certainty;
use crate::exec::edges::Edges;
use crate::exec::limits::Stop;
use crate::exec::{ABSENT, Execution, Mode};
use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over_after};
use crate::plan::{Grouping, Link};
use crate::schema::VerbId;
use crate::value::{Date, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What adoption is asked of.
pub(super) struct Asked<'a> {
    /// The adopted, where it is one; else the bindings are.
    pub of: Option<EntityId>,
    /// The verbs marked `adoption`.
    pub verbs: &'a [VerbId],
    pub by: Grouping,
}

/// The curves, and a row for each period in which somebody takes up one of the adopted.
pub(super) fn answer(run: &Execution, asked: &Asked) -> Result<Answer, Stop> {
    let (context, edges) = (run.context, &run.edges);
    let found = adopted(run, asked);
    let graph = context.graph;
    let of = |entity: &EntityId| (*entity, Adopters::of(graph, edges, asked.verbs, *entity));
    let all: Vec<(EntityId, Adopters)> = found.shown.iter().take_while(in_budget).map(of).collect();
    let (periods, curves) = match (Unit::of(asked.by), asked.by) {
        (None, Grouping::Entities { types, verb, inverse }) => by_group(graph, edges, &all, (types, verb, inverse)),
        (unit, _) => by_time(graph, &all, unit.unwrap_or(Unit::Year)),
    };
    let table = Writer { graph, asked, periods: &periods, all: &all }.table(&curves);
    let periods = periods.iter().map(|period| period.title(graph)).collect();
    let timed = Unit::of(asked.by).is_some();
    let view = View::Adoption(crate::answer::Adoption { timed, periods, curves });
    Ok(Answer { view, table, more_possible: found.more_possible, notes: run.notes() })
}

/// The facts by which the adopted are taken up.
pub(super) fn subgraph(run: &Execution, asked: &Asked) -> Subgraph {
    let (context, edges) = (run.context, &run.edges);
    let found = adopted(run, asked);
    let mut facts = Vec::new();
    for entity in &found.shown {
        for verb in asked.verbs.iter().take_while(in_budget) {
            let adopters = edges.adjacency(Link::Verb(*verb), true, None, Mode::POSSIBLE).of(*entity);
            let relation = context.graph.relation(*verb);
            facts.extend(adopters.iter().filter_map(|adopter| relation.fact(EntityId(*adopter), *entity)));
        }
    }
    part(context.graph, facts, found.shown)
}

struct Adopted {
    /// In id order.
    shown: Vec<EntityId>,
    more_possible: usize,
}

/// Whose adoption is asked: one entity, or all that match.
fn adopted(run: &Execution, asked: &Asked) -> Adopted {
    if let Some(entity) = asked.of {
        let is_there = !run.context.graph.is_absent(entity);
        return Adopted { shown: Some(entity).filter(|_| is_there).into_iter().collect(), more_possible: 0 };
    }
    let (mut shown, mut more_possible) = (BTreeSet::new(), 0);
    for (tuple, sure) in run.bindings().into_iter().flat_map(|found| found.iter()) {
        match sure {
            Certainty::Possible => more_possible += 1,
            _ => shown.extend(tuple.first().filter(|entity| **entity != ABSENT).copied().map(EntityId)),
        }
    }
    Adopted { shown: shown.into_iter().collect(), more_possible }
}

/// Who adopts one entity, by date; ties in id order.
struct Adopters {
    certain: Vec<EntityId>,
    /// Through doubtful facts only.
    doubtful: Vec<EntityId>,
}

impl Adopters {
    fn of(graph: &Graph, edges: &Edges, verbs: &[VerbId], adopted: EntityId) -> Adopters {
        let by = |mode: Mode| -> BTreeSet<EntityId> {
            let of = |verb: &VerbId| edges.adjacency(Link::Verb(*verb), true, None, mode).of(adopted);
            verbs.iter().flat_map(of).copied().map(EntityId).collect()
        };
        let certain = by(Mode::CERTAIN);
        let doubtful: BTreeSet<EntityId> = by(Mode::POSSIBLE).difference(&certain).copied().collect();
        Adopters { certain: dated(graph, certain), doubtful: dated(graph, doubtful) }
    }

    fn all(&self) -> impl Iterator<Item = EntityId> {
        self.certain.iter().chain(&self.doubtful).copied()
    }

    /// Who may have been first, of those who adopt it for certain.
    fn first(&self, graph: &Graph) -> Vec<(EntityId, bool)> {
        let cells = |entities: &[EntityId]| -> Vec<Cell> { entities.iter().copied().map(Cell::Entity).collect() };
        let (certain, all) = (cells(&self.certain), cells(&self.all().collect::<Vec<_>>()));
        let first = candidates(graph, FunctionId::First, &certain, &certain, &all);
        let entity = |(cell, sure): (Cell, bool)| if let Cell::Entity(e) = cell { Some((e, sure)) } else { None };
        first.into_iter().filter_map(entity).collect()
    }
}

fn dated(graph: &Graph, entities: impl IntoIterator<Item = EntityId>) -> Vec<EntityId> {
    let mut entities: Vec<EntityId> = entities.into_iter().collect();
    entities.sort_by_cached_key(|entity| by_date(graph, *entity));
    entities
}

/// What adopters are put under.
#[derive(Clone, Copy)]
enum Period {
    Time(Unit, i32),
    Group(EntityId),
    /// Adopters that nothing of the asked type is joined to.
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

fn by_time(graph: &Graph, all: &[(EntityId, Adopters)], unit: Unit) -> (Vec<Period>, Vec<Curve>) {
    let adopters = all.iter().flat_map(|(_, adopters)| adopters.all()).take_while(in_budget);
    let dates = adopters.map(|adopter| graph.date_of(adopter));
    let periods = unit.spanned(dates);
    let curve = |(adopted, adopters): &(EntityId, Adopters)| {
        let mut curve = Curve {
            adopted: *adopted,
            certain: vec![Vec::new(); periods.len()],
            possible: vec![Vec::new(); periods.len()],
            wide: Vec::new(),
            undated: Vec::new(),
            first: adopters.first(graph),
        };
        for adopter in &adopters.certain {
            place(&mut curve, &periods, unit, *adopter, graph.date_of(*adopter));
        }
        for adopter in &adopters.doubtful {
            may_fall(&mut curve, &periods, unit, *adopter, graph.date_of(*adopter));
        }
        curve
    };
    let curves = all.iter().take_while(|_| !is_over_after(periods.len())).map(curve).collect();
    (periods.into_iter().map(|period| Period::Time(unit, period)).collect(), curves)
}

/// Puts an adopter into the period of its date; or among the wide or undated, and where it may belong.
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

/// Groups by the entities joined to adopters, those with most adopters first.
fn by_group(
    graph: &Graph,
    edges: &Edges,
    all: &[(EntityId, Adopters)],
    (types, verb, inverse): (crate::schema::TypeSet, VerbId, bool),
) -> (Vec<Period>, Vec<Curve>) {
    // From the adopter to its groups is against the grouping's own direction.
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
    let curve = |(adopted, adopters): &(EntityId, Adopters)| {
        let (mut certain, mut possible) = (vec![Vec::new(); periods.len()], vec![Vec::new(); periods.len()]);
        let graded = adopters.certain.iter().map(|adopter| (*adopter, true));
        for (adopter, is_certain) in graded.chain(adopters.doubtful.iter().map(|adopter| (*adopter, false))) {
            let (sure, every) = (groups_of(adopter, Mode::CERTAIN), groups_of(adopter, Mode::POSSIBLE));
            for group in &every {
                let is_certain = is_certain && sure.contains(group);
                (if is_certain { &mut certain } else { &mut possible })[place_of[group]].push(adopter);
            }
            if every.is_empty() {
                (if is_certain { &mut certain } else { &mut possible })[periods.len() - 1].push(adopter);
            }
        }
        let (wide, undated, first) = (Vec::new(), Vec::new(), adopters.first(graph));
        Curve { adopted: *adopted, certain, possible, wide, undated, first }
    };
    let curves = all.iter().take_while(|_| !is_over_after(periods.len())).map(curve).collect();
    (periods, curves)
}

/// Writes curves as rows.
struct Writer<'a> {
    graph: &'a Graph,
    asked: &'a Asked<'a>,
    periods: &'a [Period],
    all: &'a [(EntityId, Adopters)],
}

impl Writer<'_> {
    fn table(&self, curves: &[Curve]) -> Table {
        let graph = self.graph;
        let adopted = entity_head("adopted", types_of(graph, curves.iter().map(|curve| curve.adopted)));
        let adopters = entity_head("adopters", types_of(graph, self.all.iter().flat_map(|(_, a)| a.all())));
        let columns = match Unit::of(self.asked.by) {
            Some(unit) => {
                let [new, possible, total] = ["new", "possible", "total"].map(number_head);
                vec![adopted, head(unit.name()), new, possible, total, adopters]
            }
            None => vec![adopted, self.group_head(), number_head("certain"), number_head("possible"), adopters],
        };
        let rows = curves.iter().zip(self.all).flat_map(|(curve, (_, adopters))| self.rows(curve, adopters)).collect();
        Table { columns, rows }
    }

    fn group_head(&self) -> crate::answer::Head {
        match self.asked.by {
            Grouping::Entities { types, .. } => entity_head(&self.graph.schema().type_names(types), types),
            _ => head(""),
        }
    }

    /// The periods in which something happens, then the adopters of no one period. Of a single entity also the
    /// nothing.
    fn rows(&self, curve: &Curve, adopters: &Adopters) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut total = 0;
        let mut push = |period: Cell, sure: &[EntityId], maybe: &[EntityId]| {
            if sure.is_empty() && maybe.is_empty() {
                return;
            }
            total += sure.len();
            rows.push(self.row(curve.adopted, period, (sure, maybe), total));
        };
        for (i, period) in self.periods.iter().enumerate().take_while(in_budget) {
            push(period.cell(), &curve.certain[i], &curve.possible[i]);
        }
        push(text("several"), &curve.wide, &[]);
        let undated = |entity: &EntityId| self.graph.date_of(*entity).is_undated();
        let is_time = Unit::of(self.asked.by).is_some();
        let doubtful: Vec<EntityId> = adopters.doubtful.iter().copied().filter(|e| is_time && undated(e)).collect();
        push(text("undated"), &curve.undated, &doubtful);
        if rows.is_empty() {
            rows.push(self.row(curve.adopted, Cell::Absent, (&[], &[]), 0));
        }
        rows
    }

    fn row(&self, adopted: EntityId, period: Cell, (sure, maybe): (&[EntityId], &[EntityId]), total: usize) -> Row {
        let named = |certain: bool| move |entity: &EntityId| (Cell::Entity(*entity), certain);
        let names: Vec<(Cell, bool)> = sure.iter().map(named(true)).chain(maybe.iter().map(named(false))).collect();
        let mut cells = vec![Cell::Entity(adopted), period, number(sure.len()), number(maybe.len())];
        if Unit::of(self.asked.by).is_some() {
            cells.push(Cell::Value(Value::Number(total as f64)));
        }
        cells.push(if names.is_empty() { Cell::Absent } else { Cell::List(names) });
        row(cells, maybe.is_empty() || !sure.is_empty())
    }
}
