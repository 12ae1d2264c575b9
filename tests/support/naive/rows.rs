//! From matches to the answer: columns, sets, groups, aggregates, `having`, order, `limit`.
//!
//! The reading of the rules that this file holds the engine to:
//!
//! - A row is certain if some certain match gives it. Without aggregates that is all.
//! - With aggregates, the groups and what is counted come from the shown matches; a row is certain if its group has a
//!   certain match and `having` holds certainly.
//! - Keys are compared as they are: a date within a year falls into the group of that year; one that spans years into
//!   a group of its range; undated ones into one group. Each match is thus in one row.
//! - An aggregate looks at each distinct tuple of the variables of its argument once. Unknown values are passed over;
//!   `count` counts distinct entities or values.

use super::expr::{bounds, compare, is_unknown, number};
use super::{Binding, Mode, Outcome, Slot, World};
use begat::answer::{Cell, Row};
use begat::check::typed::*;
use begat::functions::FunctionId;
use begat::value::{Truth, Value, natural};
use std::cmp::Ordering;

/// One match, and whether it holds certainly.
#[derive(Debug, Clone)]
struct Match {
    binding: Binding,
    certain: bool,
}

/// Rows of a query that shows columns.
pub fn select(world: &World, query: &Query, select: &Select, shown: Mode) -> Outcome {
    let all = matches(world, query, select, Mode::Possible);
    let shown = matches(world, query, select, shown);
    let rows = arrange(world, query, select, &shown);
    let all = table(world, query, select, &all);
    let listed = table(world, query, select, &shown);
    Outcome::Rows { more: all.len().saturating_sub(listed.len()), rows }
}

/// `count`: one row with the number of distinct bindings of all nouns.
pub fn count(world: &World, query: &Query, select: &Select, shown: Mode) -> Outcome {
    let all = matches(world, query, select, Mode::Possible).len();
    let found = matches(world, query, select, shown).len();
    let row = Row { cells: vec![Cell::Value(Value::Number(found as f64))], certain: true };
    Outcome::Rows { rows: vec![row], more: all.saturating_sub(found) }
}

/// `ask`: yes, no, or unknown.
pub fn ask(world: &World, query: &Query, select: &Select) -> Truth {
    let has = |mode| !matches(world, query, select, mode).is_empty();
    match (has(Mode::Certain), has(Mode::Possible)) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Maybe,
        (false, false) => Truth::No,
    }
}

/// `path`, `paths`: for each match the shortest path (of equals, the first by its entities), or all of them.
pub fn paths(world: &World, query: &Query, select: &Select, shown: Mode) -> Option<Outcome> {
    let atom = only_path(&select.formula)?;
    let list = |mode| {
        let mut paths = Vec::new();
        for found in matches(world, query, select, mode) {
            let mut walks = world.walks(&found.binding, &atom, mode);
            walks.sort_by_key(|walk| (walk.len(), walk.clone()));
            walks.truncate(if query.head == Head::Path { 1 } else { usize::MAX });
            paths.extend(walks);
        }
        paths.sort_by_key(|walk| (walk.len(), walk.clone()));
        paths.dedup();
        paths
    };
    let (certain, all) = (list(Mode::Certain), list(Mode::Possible));
    let rows =
        list(shown).into_iter().map(|walk| Row { certain: certain.contains(&walk), cells: vec![Cell::Path(walk)] });
    let rows: Vec<Row> = rows.collect();
    Some(Outcome::Rows { more: all.len().saturating_sub(rows.len()), rows })
}

fn only_path(formula: &Formula) -> Option<PathAtom> {
    match formula {
        Formula::Path(atom) => Some(atom.clone()),
        Formula::Fact(atom) => Some(PathAtom {
            path: Path::Link { link: atom.link, inverse: false },
            subject: atom.subject,
            object: atom.object,
            bind: None,
            source: atom.source,
            span: atom.span,
        }),
        Formula::All(all) => all.iter().find_map(only_path),
        _ => None,
    }
}

/// All matches in a mode, in order of their bindings.
fn matches(world: &World, query: &Query, select: &Select, mode: Mode) -> Vec<Match> {
    let certain: Vec<Binding> = match mode {
        Mode::Certain => Vec::new(),
        _ => bindings(world, query, select, Mode::Certain),
    };
    let found = bindings(world, query, select, mode).into_iter();
    let all = found.map(|binding| Match { certain: mode == Mode::Certain || certain.contains(&binding), binding });
    let all: Vec<Match> = all.collect();
    match &select.nearest {
        None => all,
        Some(nearest) => keep_nearest(world, all, nearest, mode),
    }
}

fn bindings(world: &World, query: &Query, select: &Select, mode: Mode) -> Vec<Binding> {
    let mut found = Vec::new();
    let mut binding = vec![Slot::Open; query.vars.len()];
    let optional = optionals(&select.formula);
    world.each(&query.vars, &mut binding, &select.formula, mode, &mut |binding| {
        let mut extended = vec![binding.clone()];
        for part in &optional {
            extended = extended.into_iter().flat_map(|b| extend(world, query, b, part, mode)).collect();
        }
        found.extend(extended);
        false
    });
    found.sort();
    found.dedup();
    found
}

fn optionals(formula: &Formula) -> Vec<&Formula> {
    match formula {
        Formula::All(all) => all.iter().flat_map(optionals).collect(),
        Formula::Optional(inner) => vec![inner],
        _ => Vec::new(),
    }
}

/// The ways in which an optional part holds; its variables absent where it certainly does in none.
fn extend(world: &World, query: &Query, mut binding: Binding, part: &Formula, mode: Mode) -> Vec<Binding> {
    let mut found = Vec::new();
    let mut of_part = Vec::new();
    part.free(&mut |var| of_part.push(var));
    world.each(&query.vars, &mut binding, part, mode, &mut |binding| {
        found.push(binding.clone());
        false
    });
    if !world.some(&query.vars, &mut binding, part, Mode::Certain) {
        let mut absent = binding;
        for var in of_part {
            if absent[var.0 as usize] == Slot::Open {
                absent[var.0 as usize] = Slot::Absent;
            }
        }
        found.push(absent);
    }
    found
}

/// Drops a match if, for the same values of all else, another value of the variable leads to its own.
fn keep_nearest(world: &World, all: Vec<Match>, nearest: &Nearest, mode: Mode) -> Vec<Match> {
    let at = nearest.var.0 as usize;
    let pairs = world.pairs(&nearest.path, mode.dual(), None);
    let between = |other: &Match, this: &Match| match (&other.binding[at], &this.binding[at]) {
        (Slot::Entity(other), Slot::Entity(this)) => other != this && pairs.contains(&(*other, *this)),
        _ => false,
    };
    all.iter().filter(|this| !all.iter().any(|other| between(other, this))).cloned().collect()
}

/// The rows as a set, unordered: each with its sort keys.
fn table(world: &World, query: &Query, select: &Select, matches: &[Match]) -> Vec<(Row, Vec<Cell>)> {
    let mut rows: Vec<(Row, Vec<Cell>)> = Vec::new();
    for (group, _) in groups(world, query, select, matches) {
        let mut certain = group.iter().any(|m| m.certain);
        if let Some(having) = &select.having {
            match fold(world, query, having, &group) {
                Cell::Value(Value::Truth(Truth::Yes)) => {}
                Cell::Value(Value::Truth(Truth::Maybe)) => certain = false,
                _ => continue,
            }
        }
        let cells: Vec<Cell> = select.columns.iter().map(|column| fold(world, query, &column.expr, &group)).collect();
        let keys: Vec<Cell> = select.order.iter().map(|key| fold(world, query, &key.expr, &group)).collect();
        match rows.iter_mut().find(|(row, _)| row.cells == cells) {
            Some((row, _)) => row.certain |= certain,
            None => rows.push((Row { cells, certain }, keys)),
        }
    }
    rows
}

/// The matches by their keys; without grouping, each match alone.
fn groups(world: &World, query: &Query, select: &Select, matches: &[Match]) -> Vec<(Vec<Match>, Vec<Cell>)> {
    let Some(keys) = &select.group else { return matches.iter().map(|m| (vec![m.clone()], Vec::new())).collect() };
    let mut groups: Vec<(Vec<Match>, Vec<Cell>)> = Vec::new();
    if keys.is_empty() {
        return vec![(matches.to_vec(), Vec::new())];
    }
    for m in matches {
        let key: Vec<Cell> = keys.iter().map(|key| one(world, query, key, m)).collect();
        match groups.iter_mut().find(|(_, other)| *other == key) {
            Some((group, _)) => group.push(m.clone()),
            None => groups.push((vec![m.clone()], key)),
        }
    }
    groups
}

fn one(world: &World, query: &Query, expr: &Expr, m: &Match) -> Cell {
    world.eval(&query.vars, &mut m.binding.clone(), expr, Mode::Certain)
}

/// An expression over a group: its aggregates folded, the rest as its first match has it.
fn fold(world: &World, query: &Query, expr: &Expr, group: &[Match]) -> Cell {
    let folded = replace_aggregates(expr, &mut |function, argument, over| {
        aggregate(world, query, function, argument, over, group)
    });
    match (&folded, group.first()) {
        (Folded::Cell(cell), _) => cell.clone(),
        (Folded::Expr(expr), Some(m)) => one(world, query, expr, m),
        (Folded::Expr(expr), None) => {
            world.eval(&query.vars, &mut vec![Slot::Absent; query.vars.len()], expr, Mode::Certain)
        }
    }
}

enum Folded {
    Cell(Cell),
    Expr(Expr),
}

/// Puts the value of each aggregate in its place. One that is no plain value can only stand alone.
fn replace_aggregates(expr: &Expr, f: &mut dyn FnMut(FunctionId, &Expr, &[VarId]) -> Cell) -> Folded {
    if let ExprKind::Aggregate { function, argument, over } = &expr.kind {
        return Folded::Cell(f(*function, argument, over));
    }
    let mut copy = expr.clone();
    let mut inside = |e: &mut Expr| {
        if let Folded::Expr(new) = as_expr(replace_aggregates(e, f), e) {
            *e = new;
        }
    };
    match &mut copy.kind {
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => all.iter_mut().for_each(inside),
        ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) => inside(e),
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => {
            inside(a);
            inside(b);
        }
        _ => {}
    }
    Folded::Expr(copy)
}

fn as_expr(folded: Folded, like: &Expr) -> Folded {
    let kind = match folded {
        Folded::Expr(expr) => return Folded::Expr(expr),
        Folded::Cell(Cell::Value(value)) => ExprKind::Value(value),
        Folded::Cell(Cell::Entity(entity)) => ExprKind::Entity(entity),
        Folded::Cell(_) => ExprKind::Value(Value::Unknown),
    };
    Folded::Expr(Expr { kind, ..like.clone() })
}

/// One aggregate of a group.
fn aggregate(
    world: &World,
    query: &Query,
    function: FunctionId,
    argument: &Expr,
    over: &[VarId],
    group: &[Match],
) -> Cell {
    let mut seen: Vec<(Vec<Slot>, Cell, bool)> = Vec::new();
    for m in group {
        let tuple: Vec<Slot> = over.iter().map(|var| m.binding[var.0 as usize].clone()).collect();
        match seen.iter_mut().find(|(other, ..)| *other == tuple) {
            Some((_, _, certain)) => *certain |= m.certain,
            None => seen.push((tuple, one(world, query, argument, m), m.certain)),
        }
    }
    let cells: Vec<(Cell, bool)> = seen.into_iter().map(|(_, cell, certain)| (cell, certain)).collect();
    let known: Vec<(Cell, bool)> = cells.iter().filter(|(cell, _)| !is_unknown(cell)).cloned().collect();
    match function {
        FunctionId::Count => Cell::Value(Value::Number(distinct(known).len() as f64)),
        FunctionId::Sum => Cell::Value(sum(&known)),
        FunctionId::Avg if known.is_empty() => Cell::Value(Value::Unknown),
        FunctionId::Avg => {
            let count = known.len() as f64;
            let sum = bounds(&sum(&known));
            Cell::Value(sum.map_or(Value::Unknown, |(low, high)| number(low / count, high / count)))
        }
        FunctionId::Min => extreme(known, Ordering::Less),
        FunctionId::Max => extreme(known, Ordering::Greater),
        FunctionId::List => {
            let mut list = distinct(known);
            list.sort_by(|(a, _), (b, _)| order_cells(a, b));
            Cell::List(list)
        }
        FunctionId::First => ends(world, distinct(known), CompareOp::Less),
        FunctionId::Last => ends(world, distinct(known), CompareOp::Greater),
        _ => Cell::Absent,
    }
}

fn distinct(cells: Vec<(Cell, bool)>) -> Vec<(Cell, bool)> {
    let mut list: Vec<(Cell, bool)> = Vec::new();
    for (cell, certain) in cells {
        match list.iter_mut().find(|(other, _)| *other == cell) {
            Some((_, sure)) => *sure |= certain,
            None => list.push((cell, certain)),
        }
    }
    list
}

fn sum(cells: &[(Cell, bool)]) -> Value {
    let numbers = cells.iter().filter_map(|(cell, _)| match cell {
        Cell::Value(value) => bounds(value),
        _ => None,
    });
    let (low, high) = numbers.fold((0.0, 0.0), |sum, bounds| (sum.0 + bounds.0, sum.1 + bounds.1));
    number(low, high)
}

/// The least or greatest in order of display; of ranges, the range of the extreme.
fn extreme(cells: Vec<(Cell, bool)>, wanted: Ordering) -> Cell {
    let ranges: Option<Vec<(f64, f64)>> = cells
        .iter()
        .map(|(cell, _)| match cell {
            Cell::Value(value) => bounds(value),
            _ => None,
        })
        .collect();
    let pick: fn(f64, f64) -> f64 = if wanted.is_lt() { f64::min } else { f64::max };
    match ranges {
        _ if cells.is_empty() => Cell::Value(Value::Unknown),
        Some(ranges) => {
            let best = ranges.into_iter().reduce(|a, b| (pick(a.0, b.0), pick(a.1, b.1)));
            best.map_or(Cell::Value(Value::Unknown), |(low, high)| Cell::Value(number(low, high)))
        }
        None => {
            let cells = cells.into_iter().map(|(cell, _)| cell);
            let best = cells.reduce(|a, b| if order_cells(&b, &a) == wanted { b } else { a });
            best.unwrap_or(Cell::Value(Value::Unknown))
        }
    }
}

/// `first`, `last`: every entity that no other certainly precedes (follows), marked certain if it certainly precedes
/// (follows) all others.
fn ends(world: &World, cells: Vec<(Cell, bool)>, op: CompareOp) -> Cell {
    let date = |cell: &Cell| match cell {
        Cell::Entity(entity) => Cell::Value(Value::Date(world.graph.date_of(*entity))),
        other => other.clone(),
    };
    let mut list = Vec::new();
    for (i, (cell, certain)) in cells.iter().enumerate() {
        let others = || cells.iter().enumerate().filter(move |(j, _)| *j != i).map(|(_, other)| other);
        if others().any(|(other, sure)| *sure && compare(op, &date(other), &date(cell)).is_certain()) {
            continue;
        }
        let beats_all = others().all(|(other, _)| compare(op, &date(cell), &date(other)).is_certain());
        list.push((cell.clone(), *certain && beats_all));
    }
    list.sort_by(|(a, _), (b, _)| order_cells(a, b));
    Cell::List(list)
}

/// The rows in order, cut to `offset` and `limit`.
fn arrange(world: &World, query: &Query, select: &Select, matches: &[Match]) -> Vec<Row> {
    let mut rows = table(world, query, select, matches);
    rows.sort_by(|(a, a_keys), (b, b_keys)| {
        let keys =
            select.order.iter().zip(a_keys.iter().zip(b_keys)).map(|(key, (a, b))| order_key(a, b, key.descending));
        let columns = a.cells.iter().zip(&b.cells).map(|(a, b)| order_cells(a, b));
        keys.chain(columns).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    let rows = rows.into_iter().map(|(row, _)| row).skip(select.offset as usize);
    rows.take(select.limit.map_or(usize::MAX, |limit| limit as usize)).collect()
}

/// What is unknown or absent stays last, whichever way round.
fn order_key(a: &Cell, b: &Cell, descending: bool) -> Ordering {
    match is_unknown(a).cmp(&is_unknown(b)) {
        Ordering::Equal if descending => order_cells(b, a),
        Ordering::Equal => order_cells(a, b),
        order => order,
    }
}

/// The order of display.
pub fn order_cells(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Absent, Cell::Absent) => Ordering::Equal,
        (Cell::Entity(a), Cell::Entity(b)) => a.cmp(b),
        (Cell::Value(a), Cell::Value(b)) => order_values(a, b),
        (Cell::Path(a), Cell::Path(b)) => (a.len(), a).cmp(&(b.len(), b)),
        (Cell::List(a), Cell::List(b)) => {
            let pairs = a.iter().zip(b).map(|((a, _), (b, _))| order_cells(a, b));
            pairs.chain([a.len().cmp(&b.len())]).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(cell: &Cell) -> u8 {
    match cell {
        Cell::Entity(_) => 0,
        Cell::Value(_) => 1,
        Cell::Path(_) => 2,
        Cell::List(_) => 3,
        Cell::Absent => 4,
    }
}

fn order_values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Unknown, _) | (_, Value::Unknown) => (*a == Value::Unknown).cmp(&(*b == Value::Unknown)),
        (Value::Date(a), Value::Date(b)) => {
            a.sort_key().cmp(&b.sort_key()).then_with(|| a.to_string().cmp(&b.to_string()))
        }
        (Value::Text(a), Value::Text(b)) => natural(a, b),
        _ => match (bounds(a), bounds(b)) {
            (Some(a), Some(b)) => a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)),
            _ => a.to_string().cmp(&b.to_string()),
        },
    }
}
