//! Groups and aggregates, with dates and facts that are not certain.
//!
//! A match belongs to the group of its keys. A key that is a period (`year(m.date)`) may be wide: such a match forms a
//! group of its own, listed once, and counts as possible in each group whose period it touches. Matches that are only
//! possible count as possible in their group. Aggregates are folded three times: over the certain matches, over the
//! shown ones, over all; what is shown is the second, and the first and last are the bounds that `having` looks at.

use super::count::{self, Counted};
use super::eval::{Scope, bounds, range};
use super::fold::{Fold, fold, is_known};
use super::limits::Stop;
use super::links::Links;
use super::matches::{Matches, Sureness, matches};
use super::rows::{Draft, compare_cells, finish, key_cell, notes, open_order, sort};
use super::{ABSENT, Context};
use crate::answer::{Answer, Cell, Head, Row, View};
use crate::check::typed::{Expr, ExprKind, Key, Select, VarId};
use crate::date::Date;
use crate::functions::FunctionId;
use crate::limits::{self, in_budget, is_over_after};
use crate::schema::TypeSet;
use crate::value::{Number, Sum, Value, ValueType};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;

/// The rows of a grouped select.
pub(super) fn answer(context: &Context, links: &Links, select: &Select, keys: &[Expr]) -> Result<Answer, Stop> {
    let aggregates = aggregates(select);
    if let Some(counted) = count::counted(context, links, select, keys, &aggregates)? {
        return Ok(of_counts(context, select, keys, &aggregates, counted));
    }
    let found = matches(context, links, select, &wanted(select, keys))?;
    let reader = Reader { context, found: &found };
    let there = there(context, links, select, keys, &found)?;
    let mut drafts: Vec<Draft> = Vec::new();
    for group in groups(&reader, keys, &there).into_iter().take_while(in_budget) {
        let folds: Vec<Fold> = aggregates.iter().map(|expr| fold(&reader, &group, expr)).collect();
        draft_group(&reader, &group, select, &aggregates, &folds, &mut drafts);
    }
    Ok(assemble(context, select, drafts, &found))
}

/// How sure it is that the group of each match is there.
///
/// A match may be less sure than its group: of a left join, both a doubtful match and its absence are only possible, while
/// one of them is there in every world. So groups are as sure as the matches of what their keys look at.
fn there(
    context: &Context,
    links: &Links,
    select: &Select,
    keys: &[Expr],
    found: &Matches,
) -> Result<Vec<Sureness>, Stop> {
    let of_matches = || (0..found.len()).map(|i| found.sureness(i)).collect();
    if keys.is_empty() || !found.plan.block.has_optional() || found.all_certain() {
        return Ok(of_matches());
    }
    let mut vars = Vec::new();
    keys.iter().for_each(|key| key.vars(&mut |var| vars.push(var)));
    let own = matches(context, links, select, &vars)?;
    let reader = |found| Reader { context, found };
    let mut best: FxHashMap<Vec<u32>, Sureness> = FxHashMap::default();
    for (tuple, sure) in own.iter() {
        let known = best.entry(reader(&own).slots(tuple, &vars)).or_insert(sure);
        *known = sure.max(*known);
    }
    let of_match = |(tuple, sure): (&[u32], Sureness)| {
        best.get(&reader(found).slots(tuple, &vars)).map_or(sure, |best| sure.max(*best))
    };
    Ok(found.iter().map(of_match).collect())
}

/// The rows of groups of which only counts are asked.
fn of_counts(context: &Context, select: &Select, keys: &[Expr], aggregates: &[&Expr], counted: Counted) -> Answer {
    let reader = Reader { context, found: &counted.matches };
    let kept = 0..counted.counts.len();
    if let Some(shape) = Shape::of(select, keys) {
        let drafts = kept.take_while(in_budget).map(|i| shape.draft(&counted, i)).collect();
        return assemble(context, select, drafts, &counted.matches);
    }
    let mut drafts: Vec<Draft> = Vec::new();
    let mut draft = |own: Vec<usize>, count: u64| {
        let group = Group { keys: Vec::new(), there: Sureness::Certain, own, touching: Vec::new() };
        let folds: Vec<Fold> = aggregates.iter().map(|_| Fold::exact(count)).collect();
        draft_group(&reader, &group, select, aggregates, &folds, &mut drafts);
    };
    kept.take_while(in_budget).for_each(|i| draft(vec![i], counted.counts[i]));
    if counted.counts.is_empty() && keys.is_empty() {
        draft(Vec::new(), 0);
    }
    assemble(context, select, drafts, &counted.matches)
}

/// Columns and order of a grouped select that are nothing but its keys and the count.
struct Shape {
    /// How many of the columns are running sums.
    running: usize,
    columns: Vec<Place>,
    order: Vec<(Place, Expr)>,
}

enum Place {
    Key(usize),
    Count,
}

impl Shape {
    /// `None` where something else is shown or sorted by, or groups are left out by more than their count.
    fn of(select: &Select, keys: &[Expr]) -> Option<Shape> {
        let counts = |expr: &Expr| matches!(expr.kind, ExprKind::Aggregate { .. });
        let place = |expr: &Expr| match keys.iter().position(|key| key.kind == expr.kind) {
            Some(i) => Some(Place::Key(i)),
            None => counts(expr).then_some(Place::Count),
        };
        let place = |expr: &Expr| match &expr.kind {
            ExprKind::Call(FunctionId::Running, arguments) => arguments.first().and_then(place),
            _ => place(expr),
        };
        let is_simple =
            !keys.is_empty() && select.having.as_ref().is_none_or(|having| count::least_count(having).is_some());
        let columns: Option<Vec<Place>> = select.columns.iter().map(|column| place(&column.expr)).collect();
        let order: Option<Vec<_>> =
            select.order.iter().map(|key| Some((place(&key.expr)?, key.expr.clone()))).collect();
        let running = select.columns.iter().filter(|column| running(&column.expr).is_some()).count();
        is_simple.then_some(Shape { running, columns: columns?, order: order? })
    }

    fn draft(&self, counted: &Counted, group: usize) -> Draft {
        let cell = |place: &Place| match place {
            Place::Key(i) => counted.key(group, *i),
            Place::Count => Cell::Value(Value::Number(counted.counts[group] as f64)),
        };
        let row = Row { cells: self.columns.iter().map(cell).collect(), certain: true };
        let count = Number::from(counted.counts[group] as f64);
        let adds = vec![(count, count); self.running];
        let keys = self.order.iter().map(|(place, expr)| key_cell(expr, cell(place))).collect();
        Draft { row, keys, sure: Sureness::Certain, adds }
    }
}

/// The least count that can be among the rows: by `having`, and where the greatest counts come first and only so many
/// rows are wanted.
pub(super) fn least_of_interest(select: &Select, counts: &[u64]) -> u64 {
    let by_count = |key: &Key| key.descending && matches!(key.expr.kind, ExprKind::Aggregate { .. });
    // A condition that drops great counts would let smaller ones move up.
    let Some(least) = select.having.as_ref().map_or(Some(0), count::least_count) else { return 0 };
    let wanted = count::most_rows(select);
    match (select.order.first(), wanted) {
        (Some(key), Some(wanted)) if by_count(key) && wanted > 0 && wanted < counts.len() => {
            let mut counts = counts.to_vec();
            least.max(*counts.select_nth_unstable_by(wanted - 1, |a, b| b.cmp(a)).1)
        }
        _ => least,
    }
}

/// The rows of one group, if it passes `having`.
fn draft_group(
    reader: &Reader,
    group: &Group,
    select: &Select,
    aggregates: &[&Expr],
    folds: &[Fold],
    drafts: &mut Vec<Draft>,
) {
    let lookup = |expr: &Expr| aggregates.iter().position(|other| std::ptr::eq(*other, expr) || *other == expr);
    let range = |expr: &Expr| Some(folds[lookup(expr)?].range.clone());
    let Some(sure) = having(reader, group, select, &range) else { return };
    let adds = added(reader, group, select, (aggregates, folds), sure);
    for (picks, certain) in explode(select, &lookup, folds) {
        let value = |expr: &Expr| {
            let i = lookup(expr)?;
            let pick = picks.iter().find(|(place, _)| *place == i).map(|(_, cell)| cell.clone());
            Some(pick.unwrap_or_else(|| folds[i].shown.clone()))
        };
        let steady = folds.iter().all(|fold| fold.steady);
        let mut draft = draft(reader, group, select, &value, sure, certain && steady);
        draft.keys.extend(counted_beyond(aggregates, folds));
        draft.adds.clone_from(&adds);
        drafts.push(draft);
    }
}

/// The table; with a column of what is possible beyond the counts, where there is any.
fn assemble(context: &Context, select: &Select, mut drafts: Vec<Draft>, found: &Matches) -> Answer {
    let beyond = |draft: &Draft| draft.keys.get(select.order.len()).cloned();
    let is_listed = |draft: &&Draft| draft.sure != Sureness::Possible;
    let counts = |draft: &Draft| matches!(beyond(draft), Some(Cell::Value(Value::Number(n))) if n > 0.0);
    let any = drafts.iter().filter(is_listed).any(counts);
    for draft in &mut drafts {
        if let Some(possible) = beyond(draft).filter(|_| any) {
            draft.row.cells.push(possible);
        }
        draft.keys.truncate(select.order.len());
    }
    add_up(select, &mut drafts);
    sort(&mut drafts, &select.order);
    let mut notes = notes(context, found.notes.clone());
    notes.extend(open_order(select, &drafts));
    let (mut table, more_possible, tied) = finish(context, select, drafts);
    if any {
        table.columns.push(Head { title: "possible".to_string(), numeric: true, types: TypeSet::NONE });
    }
    notes.extend(tied);
    Answer { view: View::Rows, table, more_possible, notes }
}

/// The argument of a column that is a running sum.
fn running(column: &Expr) -> Option<&Expr> {
    match &column.kind {
        ExprKind::Call(FunctionId::Running, arguments) => arguments.first(),
        _ => None,
    }
}

/// The least and the most that a group adds to each running sum: by its own matches, and nothing if it may not be there.
fn added(
    reader: &Reader,
    group: &Group,
    select: &Select,
    (aggregates, folds): (&[&Expr], &[Fold]),
    sure: Sureness,
) -> Vec<(Number, Number)> {
    let columns: Vec<&Expr> = select.columns.iter().filter_map(|column| running(&column.expr)).collect();
    if columns.is_empty() {
        return Vec::new();
    }
    let own: Option<Vec<Fold>> = (!group.touching.is_empty()).then(|| {
        let own = Group { keys: group.keys.clone(), own: group.own.clone(), touching: Vec::new(), ..*group };
        aggregates.iter().map(|expr| fold(reader, &own, expr)).collect()
    });
    let folds = own.as_deref().unwrap_or(folds);
    let range = |expr: &Expr| Some(folds[aggregates.iter().position(|other| *other == expr)?].range.clone());
    let tuple = representative(reader, group);
    let bounds_of = |argument: &&Expr| match reader.with(&tuple, &range, |scope| scope.cell(argument)) {
        Cell::Value(value) => bounds(&value).unwrap_or((Number::ZERO, Number::ZERO)),
        _ => (Number::ZERO, Number::ZERO),
    };
    let or_nothing = |(low, high): (Number, Number)| match sure {
        Sureness::Certain => (low, high),
        _ => (low.min(Number::ZERO), high.max(Number::ZERO)),
    };
    columns.iter().map(bounds_of).map(or_nothing).collect()
}

/// The keys of a group, with what it adds to each running sum.
type KeysAndSums = (Vec<Cell>, Vec<(Number, Number)>);

/// Gives the columns of `running` the sum over the groups that agree in all keys but the last and come no later by it;
/// as a range where that depends on days or doubtful facts. The keys are the first columns.
fn add_up(select: &Select, drafts: &mut [Draft]) {
    let columns: Vec<usize> =
        (0..select.columns.len()).filter(|i| running(&select.columns[*i].expr).is_some()).collect();
    let Some(keys) = select.group.as_ref().filter(|_| !columns.is_empty()) else { return };
    let width = keys.len();
    let last = keys.last().and_then(period).is_some();
    let key = |draft: &Draft| draft.row.cells[..width].to_vec();
    // Columns such as `first` make several rows of a group, which is added once.
    let mut groups: Vec<KeysAndSums> = drafts.iter().map(|draft| (key(draft), draft.adds.clone())).collect();
    groups.sort_by(|a, b| order(&a.0, &b.0));
    groups.dedup_by(|a, b| order(&a.0, &b.0).is_eq());
    let ends = |keys: &[Cell]| keys.last().map_or((None, None), |key| if last { ends_of(key) } else { both(key) });
    for draft in drafts {
        let own = key(draft);
        let outer = width.saturating_sub(1);
        let same_run = |group: &&KeysAndSums| order(&group.0[..outer], &own[..outer]).is_eq();
        let (own_start, own_end) = ends(&own);
        let mut sums = vec![(Sum::default(), Sum::default()); columns.len()];
        for (keys, adds) in groups.iter().filter(same_run) {
            let (start, end) = ends(keys);
            let is_own = order(keys, &own).is_eq();
            let is_before = is_own || is_no_later(&end, &own_start, false);
            let may_be_before = is_own || is_no_later(&start, &own_end, true);
            for (sum, (low, high)) in sums.iter_mut().zip(adds) {
                let (low, high) = match (is_before, may_be_before) {
                    (true, _) => (*low, *high),
                    (false, true) => (low.min(Number::ZERO), high.max(Number::ZERO)),
                    (false, false) => continue,
                };
                sum.0.add(low);
                sum.1.add(high);
            }
        }
        for (column, (low, high)) in columns.iter().zip(sums) {
            draft.row.cells[*column] = Cell::Value(range(low.total(), high.total()));
        }
    }
}

/// The first and the last value that a key may have: `None` for an open end.
type Ends = (Option<Cell>, Option<Cell>);

fn both(key: &Cell) -> Ends {
    (Some(key.clone()), Some(key.clone()))
}

/// The periods that a key spans.
fn ends_of(key: &Cell) -> Ends {
    match key {
        Cell::Value(Value::Range(low, high)) => {
            let end = |end: f64| end.is_finite().then_some(Cell::Value(Value::Number(end)));
            (end(*low), end(*high))
        }
        Cell::Value(Value::Text(text)) if let Some((first, last)) = text.split_once("..") => {
            let end = |text: &str| (!text.is_empty()).then(|| Cell::Value(Value::text(text)));
            (end(first), end(last))
        }
        key => both(key),
    }
}

/// Returns true if an end comes no later than another; `open` is what it means that one of them is open.
fn is_no_later(end: &Option<Cell>, other: &Option<Cell>, open: bool) -> bool {
    end.as_ref().zip(other.as_ref()).map_or(open, |(end, other)| compare_cells(end, other).is_le())
}

/// Reads tuples as cells.
pub(super) struct Reader<'a> {
    pub context: &'a Context<'a>,
    pub found: &'a Matches,
}

impl Reader<'_> {
    fn with<T>(&self, tuple: &[u32], folded: &dyn Fn(&Expr) -> Option<Cell>, f: impl FnOnce(&Scope) -> T) -> T {
        let frame = self.found.frame(tuple);
        f(&Scope {
            graph: self.context.graph,
            plan: &self.found.plan,
            vars: &self.context.query.vars,
            paths: &self.found.paths,
            frame: &frame,
            folded,
        })
    }

    pub fn cell(&self, tuple: &[u32], expr: &Expr) -> Cell {
        self.with(tuple, &|_| None, |scope| scope.cell(expr))
    }

    /// The slots of these variables.
    pub fn slots(&self, tuple: &[u32], vars: &[VarId]) -> Vec<u32> {
        let slot = |var: &VarId| self.found.wanted.iter().position(|other| other == var).map_or(ABSENT, |i| tuple[i]);
        vars.iter().map(slot).collect()
    }
}

/// The matches of one group, as positions.
pub(super) struct Group {
    keys: Vec<Cell>,
    /// How sure it is that there is the group.
    there: Sureness,
    pub own: Vec<usize>,
    /// Matches of wide groups that may belong here.
    pub touching: Vec<usize>,
}

impl Group {
    /// Returns true if the group is formed without keys: it is there in every world, also of no matches.
    pub fn is_whole(&self) -> bool {
        self.keys.is_empty()
    }
}

/// All variables that keys, columns and conditions speak of.
pub(super) fn wanted(select: &Select, keys: &[Expr]) -> Vec<VarId> {
    let mut vars = Vec::new();
    let mut note = |var: VarId| {
        if !vars.contains(&var) {
            vars.push(var)
        }
    };
    keys.iter().for_each(|key| key.vars(&mut note));
    for expr in exprs(select) {
        expr.vars(&mut note);
    }
    aggregates(select).iter().for_each(|expr| {
        if let ExprKind::Aggregate { over, .. } = &expr.kind {
            over.iter().copied().for_each(&mut note);
        }
    });
    vars
}

fn exprs(select: &Select) -> impl Iterator<Item = &Expr> {
    let columns = select.columns.iter().map(|column| &column.expr);
    columns.chain(&select.having).chain(select.order.iter().map(|key| &key.expr))
}

/// The aggregates of a select, in the order met.
fn aggregates(select: &Select) -> Vec<&Expr> {
    let mut found = Vec::new();
    exprs(select).for_each(|expr| each_aggregate(expr, &mut found));
    found
}

fn each_aggregate<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Aggregate { .. } => found.push(expr),
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => {
            all.iter().for_each(|inner| each_aggregate(inner, found));
        }
        ExprKind::Not(inner) | ExprKind::Negative(inner) | ExprKind::IsUnknown(inner) => each_aggregate(inner, found),
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => {
            each_aggregate(a, found);
            each_aggregate(b, found);
        }
        _ => {}
    }
}

/// The groups in order of their keys. Without keys there is one group, also of no matches.
fn groups(reader: &Reader, keys: &[Expr], there: &[Sureness]) -> Vec<Group> {
    if keys.is_empty() {
        let own = (0..reader.found.len()).collect();
        return vec![Group { keys: Vec::new(), there: Sureness::Certain, own, touching: Vec::new() }];
    }
    let key = |i: usize| -> Vec<Cell> { keys.iter().map(|key| reader.cell(reader.found.tuple(i), key)).collect() };
    let mut keyed: Vec<(Vec<Cell>, usize)> =
        (0..reader.found.len()).take_while(in_budget).map(|i| (key(i), i)).collect();
    limits::sort_by(&mut keyed, |(a, i), (b, j)| order(a, b).then(i.cmp(j)));
    let mut groups: Vec<Group> = Vec::new();
    for (keys, i) in keyed.into_iter().take_while(in_budget) {
        match groups.last_mut() {
            Some(group) if order(&group.keys, &keys) == Ordering::Equal => {
                group.own.push(i);
                group.there = group.there.max(there[i]);
            }
            _ => groups.push(Group { keys, there: there[i], own: vec![i], touching: Vec::new() }),
        }
    }
    touch(reader, &mut groups, keys);
    groups
}

fn order(a: &[Cell], b: &[Cell]) -> Ordering {
    a.iter().zip(b).map(|(a, b)| compare_cells(a, b)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// Notes in each group of definite periods which matches of wide groups may belong to it.
fn touch(reader: &Reader, groups: &mut [Group], keys: &[Expr]) {
    let periods: Vec<Option<&Expr>> = keys.iter().map(period).collect();
    if periods.iter().all(Option::is_none) {
        return;
    }
    let dates = |i: usize| -> Vec<Option<Date>> {
        let date = |expr: &Option<&Expr>| match expr.map(|expr| reader.cell(reader.found.tuple(i), expr)) {
            Some(Cell::Value(Value::Date(date))) => Some(date),
            _ => None,
        };
        periods.iter().map(date).collect()
    };
    let wide: Vec<(Vec<Cell>, Vec<Option<Date>>, usize)> = groups
        .iter()
        .filter(|group| group.keys.iter().zip(&periods).any(|(key, period)| period.is_some() && spans_several(key)))
        .flat_map(|group| group.own.iter().map(|i| (group.keys.clone(), dates(*i), *i)))
        .collect();
    for group in groups.iter_mut() {
        let definite = group.keys.iter().zip(&periods).all(|(key, period)| period.is_none() || is_one_period(key));
        let Some(first) = group.own.first().filter(|_| definite) else { continue };
        if is_over_after(wide.len()) {
            break;
        }
        let own = dates(*first);
        for (wide_keys, dates, i) in &wide {
            let meets = |k: usize| match (own[k], dates[k]) {
                (Some(own), Some(other)) => may_fall_in(&keys[k], own, other),
                _ => compare_cells(&group.keys[k], &wide_keys[k]) == Ordering::Equal,
            };
            if (0..wide_keys.len()).all(meets) {
                group.touching.push(*i);
            }
        }
    }
}

/// The date inside `year(…)`, `quarter(…)` or `month(…)`.
fn period(key: &Expr) -> Option<&Expr> {
    match &key.kind {
        ExprKind::Call(FunctionId::Year | FunctionId::Quarter | FunctionId::Month, arguments) => {
            arguments.first().filter(|date| date.of == crate::check::typed::ExprType::Value(ValueType::Date))
        }
        _ => None,
    }
}

/// Whether a date may fall in a period of the calendar, given by another date that certainly does.
fn may_fall_in(function: &Expr, within: Date, date: Date) -> bool {
    let ExprKind::Call(function, _) = &function.kind else { return false };
    let period = match function {
        FunctionId::Year => within.year_of().and_then(Date::year),
        FunctionId::Quarter => within.quarter_of().and_then(|(year, quarter)| Date::quarter(year, quarter)),
        _ => within.month_of().and_then(|(year, month)| Date::month(year, month)),
    };
    period.is_some_and(|period| date.in_(period).is_possible())
}

/// Whether a key of a period spans several of them.
fn spans_several(key: &Cell) -> bool {
    match key {
        Cell::Value(Value::Range(..)) => true,
        Cell::Value(Value::Text(text)) => text.contains(".."),
        _ => false,
    }
}

fn is_one_period(key: &Cell) -> bool {
    is_known(key) && !spans_several(key)
}

/// Whether the group passes `having`, and how surely it does; `None` where it does not.
fn having(reader: &Reader, group: &Group, select: &Select, value: &dyn Fn(&Expr) -> Option<Cell>) -> Option<Sureness> {
    let own = group.there;
    let Some(condition) = &select.having else { return Some(own) };
    let tuple = representative(reader, group);
    let outcomes = reader.with(&tuple, value, |scope| scope.outcomes(condition));
    match (outcomes.yes, outcomes.no || outcomes.neither) {
        (true, false) => Some(own),
        (true, true) if reader.context.query.possibly => Some(own.min(Sureness::Shown)),
        (true, true) => Some(Sureness::Possible),
        (false, _) => None,
    }
}

/// A tuple whose keys are the group's.
fn representative(reader: &Reader, group: &Group) -> Vec<u32> {
    match group.own.first() {
        Some(first) => reader.found.tuple(*first).to_vec(),
        None => vec![ABSENT; reader.found.wanted.len()],
    }
}

/// One choice for each column that is `first` or `last`, as (aggregate, cell), with its certainty; without such a
/// column, one empty choice.
type Picks = Vec<(usize, Cell)>;

fn explode(select: &Select, lookup: &dyn Fn(&Expr) -> Option<usize>, folds: &[Fold]) -> Vec<(Picks, bool)> {
    let mut choices: Vec<(Picks, bool)> = vec![(Vec::new(), true)];
    for column in &select.columns {
        let Some(i) = lookup(&column.expr) else { continue };
        let Some(picks) = &folds[i].picks else { continue };
        choices = choices
            .iter()
            .flat_map(|(before, certain)| {
                picks.iter().take_while(in_budget).map(move |(cell, sure)| {
                    let mut picked = before.clone();
                    picked.push((i, cell.clone()));
                    (picked, *certain && *sure)
                })
            })
            .collect();
    }
    choices
}

fn draft(
    reader: &Reader,
    group: &Group,
    select: &Select,
    value: &dyn Fn(&Expr) -> Option<Cell>,
    sure: Sureness,
    certain: bool,
) -> Draft {
    let tuple = representative(reader, group);
    let cells = |exprs: &mut dyn Iterator<Item = &Expr>| -> Vec<Cell> {
        reader.with(&tuple, value, |scope| exprs.map(|expr| scope.cell(expr)).collect())
    };
    let row = Row {
        cells: cells(&mut select.columns.iter().map(|column| &column.expr)),
        certain: certain && sure == Sureness::Certain,
    };
    let keys = cells(&mut select.order.iter().map(|key| &key.expr));
    let keys = select.order.iter().zip(keys).map(|(key, cell)| key_cell(&key.expr, cell)).collect();
    Draft { row, keys, sure, adds: Vec::new() }
}

/// How many more are possible than the first count shows; `None` where nothing is counted.
fn counted_beyond(aggregates: &[&Expr], folds: &[Fold]) -> Option<Cell> {
    let counts = |expr: &&Expr| matches!(expr.kind, ExprKind::Aggregate { function: FunctionId::Count, .. });
    let i = aggregates.iter().position(counts)?;
    Some(Cell::Value(Value::Number(folds[i].beyond as f64)))
}
