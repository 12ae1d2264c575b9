//! From matches to rows: columns, order, limits; counts, verdicts and paths.

use super::eval::{Scope, bounds, range};
use super::limits::Stop;
use super::links::Links;
use super::matches::{Matches, Sureness, engine, matches};
use super::solve::Worker;
use super::{Context, Mode, group, window};
use crate::answer::{Answer, Cell, Head, Row, Rows, Table, View};
use crate::check::typed::{self, Expr, ExprKind, ExprType, Formula, Key, PathAtom, Select, Term, VarId};
use crate::functions::FunctionId;
use crate::graph::EntityId;
use crate::limits::{self, in_budget};
use crate::schema::TypeSet;
use crate::text::{Code, Diagnostic};
use crate::value::{Number, Truth, Value, ValueType, natural};
use std::cmp::Ordering;

/// The rows of a select.
pub(super) fn answer(context: &Context, links: &Links, select: &Select) -> Result<Answer, Stop> {
    if let Some(keys) = &select.group {
        return group::answer(context, links, select, keys);
    }
    let wanted = wanted(select);
    let found = matches(context, links, select, &wanted)?;
    if let Some(rows) = entity_rows(context, select, &found) {
        let table = Table { columns: heads(context, select), rows };
        return Ok(Answer { view: View::Rows, table, more_possible: 0, notes: notes(context, found.notes) });
    }
    let drafts = found.iter().take_while(in_budget).map(|(tuple, sure)| draft(context, select, &found, tuple, sure));
    let mut rows: Vec<Draft> = drafts.collect();
    sort(&mut rows, &select.order);
    rows.dedup_by(|later, first| later.row.cells == first.row.cells);
    let mut notes = notes(context, found.notes);
    notes.extend(open_order(select, &rows));
    let (table, more_possible, tied) = finish(context, select, rows);
    notes.extend(tied);
    Ok(Answer { view: View::Rows, table, more_possible, notes })
}

/// The note that other rows than those listed may be the first ones.
pub(super) fn open_order(select: &Select, rows: &[Draft]) -> Option<Diagnostic> {
    let open = window::open_rows(rows, &select.order, window(select));
    let span = select.order.first()?.expr.span;
    let message = match open {
        0 => return None,
        1 => "for 1 of the rows listed it is open whether `limit` would leave it".to_string(),
        open => format!("for {open} of the rows listed it is open whether `limit` would leave them"),
    };
    Some(Diagnostic::note(Code::OpenOrder, span, message).here("the values that they are ordered by are not exact"))
}

/// The rows where all are certain, in the order of their columns, and show nothing but entities: numbers are sorted, and
/// only the rows that are shown are made. `None` for others.
fn entity_rows(context: &Context, select: &Select, found: &Matches) -> Option<Rows> {
    let entity = |var: &VarId| matches!(context.query.vars[var.0 as usize].kind, typed::VarKind::Entity(_));
    let place = |column: &typed::Column| {
        let var = as_var(&column.expr).filter(entity)?;
        found.wanted.iter().position(|wanted| *wanted == var)
    };
    let places: Vec<usize> = select.columns.iter().map(place).collect::<Option<_>>()?;
    if !select.order.is_empty() || places.is_empty() || !found.all_certain() {
        return None;
    }
    let key = |i: &u32| {
        let tuple = found.tuple(*i as usize);
        places.iter().map(|place| tuple[*place])
    };
    let compare = |a: &u32, b: &u32| key(a).cmp(key(b));
    if let [place] = places.as_slice()
        && found.wanted.len() == 1
    {
        let mut numbers: Vec<u32> = (0..found.len()).map(|i| found.tuple(i)[*place]).collect();
        limits::sort_unstable_by(&mut numbers, Ord::cmp);
        numbers.dedup();
        let (offset, limit) = window(select);
        return Some(Rows::of_entities(1, numbers.into_iter().skip(offset).take(limit).collect()));
    }
    let mut order: Vec<u32> = (0..found.len() as u32).collect();
    if !order.is_sorted_by(|a, b| compare(a, b).is_le()) {
        limits::sort_unstable_by(&mut order, compare);
    }
    order.dedup_by(|a, b| compare(a, b).is_eq());
    let (offset, limit) = window(select);
    let shown = order.iter().skip(offset).take(limit);
    Some(Rows::of_entities(places.len(), shown.flat_map(key).collect()))
}

/// How many rows are passed over, and how many are shown at most.
fn window(select: &Select) -> (usize, usize) {
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    (whole(select.offset), select.limit.map_or(usize::MAX, whole))
}

/// A row with what it is sorted by.
pub(super) struct Draft {
    pub row: Row,
    pub keys: Vec<Cell>,
    pub sure: Sureness,
    /// Of a group: the least and the most that it adds to each `running` column.
    pub adds: Vec<(Number, Number)>,
}

/// The variables that a query's pattern is searched for, by its head.
pub(super) fn wanted_of(head: typed::Head, select: &Select) -> Vec<VarId> {
    match (head, &select.group) {
        (typed::Head::Rows, Some(keys)) => group::wanted(select, keys),
        (typed::Head::Rows, None) => wanted(select),
        (typed::Head::Ask, _) => Vec::new(),
        _ => select.free.clone(),
    }
}

/// The variables that columns and order speak of.
fn wanted(select: &Select) -> Vec<VarId> {
    let mut vars = Vec::new();
    let mut note = |var: VarId| {
        if !vars.contains(&var) {
            vars.push(var)
        }
    };
    select.columns.iter().for_each(|column| column.expr.vars(&mut note));
    select.order.iter().for_each(|key| key.expr.vars(&mut note));
    vars
}

fn draft(context: &Context, select: &Select, found: &Matches, tuple: &[u32], sure: Sureness) -> Draft {
    let frame = found.frame(tuple);
    let scope = Scope {
        graph: context.graph,
        plan: &found.plan,
        vars: &context.query.vars,
        paths: &found.paths,
        frame: &frame,
        folded: &|_| None,
    };
    let cells = select.columns.iter().map(|column| scope.cell(&column.expr)).collect();
    let keys = select.order.iter().map(|key| key_cell(&key.expr, scope.cell(&key.expr))).collect();
    Draft { row: Row { cells, certain: sure == Sureness::Certain }, keys, sure, adds: Vec::new() }
}

/// The end of a search as the end of a query.
pub(super) fn stop(halt: super::limits::Halt) -> Stop {
    match halt {
        super::limits::Halt::Stop(stop) => stop,
        super::limits::Halt::Enough => Stop::Interrupted,
    }
}

/// By the keys, then by the columns from left to right.
pub(super) fn sort(rows: &mut Vec<Draft>, order: &[Key]) {
    limits::sort_by(rows, |a, b| {
        let by_keys = order.iter().zip(a.keys.iter().zip(&b.keys)).map(|(key, (a, b))| {
            let ordering = compare_cells(a, b);
            // What is unknown comes last either way.
            if key.descending && !last(a) && !last(b) { ordering.reverse() } else { ordering }
        });
        let by_columns = a.row.cells.iter().zip(&b.row.cells).map(|(a, b)| compare_cells(a, b));
        by_keys.chain(by_columns).find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal).then(b.sure.cmp(&a.sure))
    });
}

/// Whether the cell sorts behind all known ones: nothing at all is known of it.
pub(super) fn last(cell: &Cell) -> bool {
    match cell {
        Cell::Absent | Cell::Value(Value::Unknown | Value::Truth(Truth::Maybe)) => true,
        Cell::Value(Value::Date(date)) => date.is_undated(),
        Cell::Value(Value::Range(low, high)) => low.is_infinite() && high.is_infinite(),
        Cell::List(members) => members.iter().all(|(cell, _)| last(cell)),
        _ => false,
    }
}

/// Returns what a row is sorted by: the names of months and quarters are texts, yet stand in the order of time, so that
/// their numbers take their place.
pub(super) fn key_cell(expr: &Expr, cell: Cell) -> Cell {
    match (&expr.kind, &cell) {
        (ExprKind::Call(FunctionId::Month | FunctionId::Quarter, _), Cell::Value(Value::Text(text))) => {
            let (first, last) = text.split_once("..").unwrap_or((text, text));
            let (first, last) = (period_number(first), period_number(last));
            Cell::Value(range(first.unwrap_or(f64::NEG_INFINITY), last.unwrap_or(f64::INFINITY)))
        }
        _ => cell,
    }
}

/// The number of `2023-05` or `2023-Q1` among all of its kind.
fn period_number(text: &str) -> Option<f64> {
    let (year, part) = text.rsplit_once('-')?;
    let (year, part) = (year.parse::<i32>().ok()?, part.trim_start_matches('Q').parse::<i32>().ok()?);
    Some(f64::from(year) * 12.0 + f64::from(part))
}

/// The order of display: entities by type and name, numbers by size, dates by their sort key, texts in natural order;
/// unknown last.
pub(super) fn compare_cells(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        _ if last(a) != last(b) => last(a).cmp(&last(b)),
        (Cell::Entity(a), Cell::Entity(b)) => a.cmp(b),
        (Cell::Path(a), Cell::Path(b)) => a.cmp(b),
        (Cell::List(a), Cell::List(b)) => {
            let mut pairs = a.iter().zip(b).map(|((a, _), (b, _))| compare_cells(a, b));
            pairs.find(|ordering| ordering.is_ne()).unwrap_or(a.len().cmp(&b.len()))
        }
        (Cell::Value(a), Cell::Value(b)) => compare_values(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn compare_values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        _ if let Some(((a_low, a_high), (b_low, b_high))) = bounds(a).zip(bounds(b)) => {
            // As dates: by the lower bound, or the upper one where that is open.
            let key = |low: Number, high: Number| if low.is_finite() { low } else { high };
            key(a_low, a_high).cmp(key(b_low, b_high)).then(a_high.cmp(b_high)).then(b_low.cmp(a_low))
        }
        (Value::Date(a), Value::Date(b)) => {
            a.sort_key().cmp(&b.sort_key()).then_with(|| a.to_string().cmp(&b.to_string()))
        }
        (Value::Text(a), Value::Text(b)) => natural(a, b),
        (Value::Truth(a), Value::Truth(b)) => a.cmp(b),
        (Value::Many(a), Value::Many(b)) => {
            let mut pairs = a.iter().zip(b.iter()).map(|(a, b)| compare_values(a, b));
            pairs.find(|ordering| ordering.is_ne()).unwrap_or(a.len().cmp(&b.len()))
        }
        _ => value_rank(a).cmp(&value_rank(b)),
    }
}

fn rank(cell: &Cell) -> u8 {
    match cell {
        Cell::Entity(_) => 0,
        Cell::Path(_) => 1,
        Cell::Value(Value::Unknown) => 4,
        Cell::Value(_) => 2,
        Cell::List(_) => 3,
        Cell::Absent => 5,
    }
}

fn value_rank(value: &Value) -> u8 {
    match value {
        Value::Number(_) | Value::Integer(_) | Value::Range(..) => 0,
        Value::Date(_) => 1,
        Value::Text(_) => 2,
        Value::Truth(_) => 3,
        Value::Many(_) => 4,
        Value::Unknown => 5,
    }
}

/// Sorted, distinct drafts → the table: what is not shown is counted, then offset and limit, with a note where the limit
/// parts rows that the order does not tell apart.
pub(super) fn finish(context: &Context, select: &Select, rows: Vec<Draft>) -> (Table, usize, Option<Diagnostic>) {
    let (shown, hidden): (Vec<Draft>, Vec<Draft>) =
        rows.into_iter().partition(|draft| draft.sure != Sureness::Possible);
    let (offset, limit) = window(select);
    let tied = if select.order.is_empty() { 0 } else { cut_among_equals(&shown, offset.saturating_add(limit)) };
    let rows = shown.into_iter().map(|draft| draft.row).skip(offset).take(limit).collect();
    (Table { columns: heads(context, select), rows }, hidden.len(), (tied > 0 && limit > 0).then(|| tie(tied, select)))
}

/// How many rows from `end` on have the keys of the row before it.
fn cut_among_equals(rows: &[Draft], end: usize) -> usize {
    let Some(last) = end.checked_sub(1).and_then(|i| rows.get(i)) else { return 0 };
    let is_equal = |draft: &&Draft| {
        let mut pairs = last.keys.iter().zip(&draft.keys);
        pairs.all(|(a, b)| compare_cells(a, b).is_eq())
    };
    rows[end..].iter().take_while(is_equal).count()
}

/// Tells of rows that `limit` leaves out, though they are no later than the last one shown.
pub(super) fn tie(left_out: usize, select: &Select) -> Diagnostic {
    let rows = if left_out == 1 { "row" } else { "rows" };
    let message = format!("`limit` leaves out {left_out} more {rows} of the same value as the last one");
    Diagnostic::note(Code::Tied, select.limit_span, message)
}

/// The heads of a select's columns.
pub(super) fn heads(_: &Context, select: &Select) -> Vec<Head> {
    let head = |column: &typed::Column| Head {
        title: column.title.clone(),
        numeric: matches!(column.expr.of, ExprType::Value(ValueType::Number) | ExprType::Duration),
        types: match column.expr.of {
            ExprType::Entity(types) => types,
            _ => TypeSet::NONE,
        },
    };
    select.columns.iter().map(head).collect()
}

/// The query's notes and those of its run.
pub(super) fn notes(context: &Context, found: Vec<crate::text::Diagnostic>) -> Vec<crate::text::Diagnostic> {
    context.query.notes.iter().cloned().chain(found).collect()
}

/// A table of one row and one column.
pub(super) fn single(title: &str, value: Value, certain: bool) -> Table {
    let numeric = value.number().is_some();
    let head = Head { title: title.to_string(), numeric, types: TypeSet::NONE };
    Table { columns: vec![head], rows: vec![Row { cells: vec![Cell::Value(value)], certain }].into() }
}

/// `count …`: the distinct bindings of all nouns.
pub(super) fn count(context: &Context, links: &Links, select: &Select) -> Result<Answer, Stop> {
    if let Some(number) = super::count::number_of_matches(context, links, select)? {
        let table = single("count", Value::Number(number as f64), true);
        return Ok(Answer { view: View::Rows, table, more_possible: 0, notes: notes(context, Vec::new()) });
    }
    let found = matches(context, links, select, &select.free)?;
    let at_least = |grade: Sureness| found.iter().filter(|(_, sure)| *sure >= grade).count();
    let (certain, shown) = (at_least(Sureness::Certain), at_least(Sureness::Shown));
    let table = single("count", Value::Number(shown as f64), certain == shown);
    Ok(Answer { view: View::Rows, table, more_possible: found.len() - shown, notes: notes(context, found.notes) })
}

/// Yes, no, or unknown.
pub(super) fn ask(context: &Context, links: &Links, select: &Select) -> Result<Answer, Stop> {
    let found = matches(context, links, select, &[])?;
    let truth = match found.iter().map(|(_, sure)| sure).max() {
        Some(Sureness::Certain) => Truth::Yes,
        Some(_) => Truth::Maybe,
        None => Truth::No,
    };
    let table = single("answer", Value::Truth(truth), truth != Truth::Maybe);
    Ok(Answer { view: View::Verdict(truth), table, more_possible: 0, notes: notes(context, found.notes) })
}

/// `path …` and `paths …`: for each match, one shortest path or all acyclic ones between the ends of the path.
pub(super) fn paths(context: &Context, links: &Links, select: &Select) -> Result<Answer, Stop> {
    let Some((subject, path, object, source)) = only_path(&select.formula) else {
        return answer(context, links, select);
    };
    let ends: Vec<VarId> = [subject, object].into_iter().filter_map(Term::var).collect();
    let found = matches(context, links, select, &ends)?;
    let plan = crate::plan::Plan { paths: vec![path], ..(*found.plan).clone() };
    let engine = engine(context.graph, links, &plan, &context.query.vars)?;
    let mut worker = Worker::new(&engine, context.budget());
    let mut rows = Vec::new();
    for (tuple, sure) in found.iter().filter(|(_, sure)| *sure != Sureness::Possible) {
        limits::admit(rows.len())?;
        let frame = found.frame(tuple);
        let end = |term: Term| term.var().map_or_else(|| entity_of(term), |var| frame[var.0 as usize]);
        let mode = if sure == Sureness::Certain { Mode::CERTAIN } else { Mode::POSSIBLE };
        let search = worker.search(crate::plan::PathId(0), false, source, mode);
        let (from, to) = (end(subject), end(object));
        let mut push = |hops: &[super::reach::Hop]| {
            let path = std::iter::once(from).chain(hops.iter().map(|hop| hop.2)).map(EntityId).collect();
            let row = Row { cells: vec![Cell::Path(path)], certain: sure == Sureness::Certain };
            rows.push(Draft { row, keys: Vec::new(), sure, adds: Vec::new() });
        };
        if context.query.head == typed::Head::Path {
            let shortest = search.shortest(from, to, &mut worker.budget).map_err(stop)?;
            shortest.iter().for_each(|hops| push(hops));
        } else {
            let every = search.every((from, to), true, &mut worker.budget, &mut |hops| {
                push(hops);
                Ok(())
            });
            every.map_err(stop)?;
        }
    }
    sort(&mut rows, &[]);
    // Different links may join the same entities.
    rows.dedup_by(|later, first| later.row.cells == first.row.cells);
    let head = Head { title: "path".to_string(), numeric: false, types: TypeSet::NONE };
    let (table, more, _) = finish(context, select, rows);
    let table = Table { columns: vec![head], ..table };
    let hidden = found.iter().filter(|(_, sure)| *sure == Sureness::Possible).count();
    Ok(Answer { view: View::Rows, table, more_possible: more + hidden, notes: notes(context, found.notes) })
}

fn entity_of(term: Term) -> u32 {
    match term {
        Term::Entity(entity) => entity.0,
        Term::Var(_) => super::ABSENT,
    }
}

/// Subject, path, object and source.
pub(super) type Ends = (Term, typed::Path, Term, Option<crate::graph::SourceId>);

/// The only path of a pattern, or its only fact as a path of one verb.
pub(super) fn only_path(formula: &Formula) -> Option<Ends> {
    let (mut walked, mut facts) = (Vec::new(), Vec::new());
    conjuncts(formula, &mut |formula| match formula {
        Formula::Path(PathAtom { path, subject, object, source, .. }) => {
            walked.push((*subject, path.clone(), *object, *source));
        }
        Formula::Fact(atom) => {
            let path = typed::Path::Link { link: atom.link, inverse: false };
            facts.push((atom.subject, path, atom.object, atom.source));
        }
        _ => {}
    });
    let mut found = if walked.is_empty() { facts } else { walked };
    (!found.is_empty()).then(|| found.remove(0))
}

/// Calls `f` with each conjunct.
pub(super) fn conjuncts<'f>(formula: &'f Formula, f: &mut dyn FnMut(&'f Formula)) {
    match formula {
        Formula::All(all) => all.iter().for_each(|inner| conjuncts(inner, f)),
        Formula::Modal(_, inner) | Formula::Optional(inner) => conjuncts(inner, f),
        other => f(other),
    }
}

/// An expression that is only a variable.
pub(super) fn as_var(expr: &Expr) -> Option<VarId> {
    match expr.kind {
        typed::ExprKind::Var(var) => Some(var),
        _ => None,
    }
}
