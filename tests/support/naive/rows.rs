//! From matches to the answer: columns, sets, groups, aggregates, `having`, order, `limit`.
//!
//! The reading of the rules that this file holds the engine to:
//!
//! - A match is certain, shown (only possible, but asked for by `possibly`), or possible. A row is as sure as the
//!   surest match that gives it; possible ones are counted, not listed.
//! - A group has the matches of equal keys, however sure, and is as sure as the surest of them. Where `having` is
//!   unknown, the group is only possible.
//! - A key that is a period is wide where the date spans several: such matches form groups of their own, listed once,
//!   and count as possible in each group of one period that they touch. The undated form one group and touch none.
//! - An aggregate looks at each distinct tuple of its variables once and passes over unknown values. What is shown is
//!   its value over the shown matches; `having` sees the range of its values over the certain, the shown and all.
//! - If an answer counts, and more than is shown may count in some listed row, a last column `possible` says how many.
//! - A row is certain if its group is, and if each aggregate is the same over the certain, the shown and (except for
//!   counts, which say so in their own column) all matches.
//! - `first(m)` and `last(m)` give a row for each candidate.

use super::expr::{bounds, is_unknown};
use super::{Binding, Mode, Outcome, Slot, World};
use begat::answer::{Cell, Row};
use begat::check::typed::*;
use begat::value::{Truth, Value, natural};
use std::cmp::Ordering;

/// How sure a match or a row is, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    Possible,
    Shown,
    Certain,
}

#[derive(Debug, Clone)]
pub struct Match {
    pub binding: Binding,
    pub grade: Grade,
}

/// What a select is read with.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub world: &'a World<'a>,
    pub query: &'a Query,
    pub select: &'a Select,
}

/// A row before it is listed.
pub struct Draft {
    pub cells: Vec<Cell>,
    /// By the keys of `order by`.
    pub keys: Vec<Cell>,
    pub grade: Grade,
    pub certain: bool,
    /// How many more may count; `None` where nothing is counted.
    pub beyond: Option<usize>,
}

/// Rows of a query that shows columns.
pub fn select(world: &World, query: &Query, select: &Select, shown: Mode) -> Outcome {
    let reader = Reader { world, query, select };
    let found = matches(reader, shown);
    let drafts = match &select.group {
        None => found.iter().map(|m| plain(reader, m)).collect(),
        Some(keys) => running(select, keys.len(), super::groups::grouped(reader, keys, &found)),
    };
    list(reader, drafts)
}

/// Each `running(…)` becomes the sum of that column over all listed rows that have the same keys but for the last, and
/// by the last come no later; it is certain if all these rows are. The keys are the first columns.
fn running(select: &Select, keys: usize, mut drafts: Vec<Draft>) -> Vec<Draft> {
    let is_running =
        |i: &usize| matches!(select.columns[*i].expr.kind, ExprKind::Call(begat::functions::FunctionId::Running, _));
    let columns: Vec<usize> = (0..select.columns.len()).filter(is_running).collect();
    let listed: Vec<(Vec<Cell>, bool)> = drafts
        .iter()
        .filter(|draft| draft.grade > Grade::Possible)
        .map(|draft| (draft.cells.clone(), draft.certain))
        .collect();
    let counts = |draft: &[Cell], other: &[Cell]| {
        (0..keys).all(|i| match order_cells(&other[i], &draft[i]) {
            Ordering::Equal => true,
            Ordering::Less => i + 1 == keys,
            Ordering::Greater => false,
        })
    };
    for draft in drafts.iter_mut().filter(|draft| draft.grade > Grade::Possible && !columns.is_empty()) {
        let own = draft.cells.clone();
        let before: Vec<&(Vec<Cell>, bool)> = listed.iter().filter(|(other, _)| counts(&own, other)).collect();
        draft.certain = before.iter().all(|(_, certain)| *certain);
        for column in &columns {
            let ends = before.iter().filter_map(|(cells, _)| match &cells[*column] {
                Cell::Value(value) => bounds(value),
                _ => None,
            });
            let (low, high) = ends.fold((0.0, 0.0), |sum, ends| (sum.0 + ends.0, sum.1 + ends.1));
            let sum = if low == high { Value::Number(low) } else { Value::Range(low, high) };
            draft.cells[*column] = Cell::Value(sum);
        }
    }
    drafts
}

/// `count`: one row with the number of distinct bindings of all nouns.
pub fn count(world: &World, query: &Query, select: &Select, shown: Mode) -> Outcome {
    let found = matches(Reader { world, query, select }, shown);
    let number = |grade| found.iter().filter(|m| m.grade >= grade).count();
    let (certain, listed) = (number(Grade::Certain), number(Grade::Shown));
    let row = Row { cells: vec![Cell::Value(Value::Number(listed as f64))], certain: certain == listed };
    Outcome::Rows { rows: vec![row], more: found.len() - listed }
}

/// `ask`: yes, no, or unknown.
pub fn ask(world: &World, query: &Query, select: &Select) -> Truth {
    let found = matches(Reader { world, query, select }, Mode::Certain);
    match found.iter().map(|m| m.grade).max() {
        Some(Grade::Certain) => Truth::Yes,
        Some(_) => Truth::Maybe,
        None => Truth::No,
    }
}

/// `path`, `paths`: between the ends of each match the shortest path (of equals, the first by its entities), or all.
pub fn paths(world: &World, query: &Query, select: &Select, shown: Mode) -> Option<Outcome> {
    let atom = only_path(&select.formula)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut hidden = 0;
    for found in by_ends(matches(Reader { world, query, select }, shown), &atom) {
        if found.grade == Grade::Possible {
            hidden += 1;
            continue;
        }
        let certain = found.grade == Grade::Certain;
        let mode = if certain { Mode::Certain } else { Mode::Possible };
        let mut walks = world.walks(&found.binding, &atom, mode);
        walks.sort_by_key(|walk| (walk.len(), walk.clone()));
        walks.truncate(if query.head == Head::Path { 1 } else { usize::MAX });
        rows.extend(walks.into_iter().map(|walk| Row { cells: vec![Cell::Path(walk)], certain }));
    }
    rows.sort_by(|a, b| order_cells(&a.cells[0], &b.cells[0]));
    let rows = rows.into_iter().skip(select.offset as usize).take(most(select)).collect();
    Some(Outcome::Rows { more: hidden, rows })
}

/// The matches told apart by the ends of the path alone.
fn by_ends(found: Vec<Match>, atom: &PathAtom) -> Vec<Match> {
    let ends = |m: &Match| [atom.subject, atom.object].map(|term| super::pattern::entity(&m.binding, term));
    let mut kept: Vec<Match> = Vec::new();
    for m in found {
        match kept.iter_mut().find(|other| ends(other) == ends(&m)) {
            Some(other) => other.grade = other.grade.max(m.grade),
            None => kept.push(m),
        }
    }
    kept
}

fn most(select: &Select) -> usize {
    select.limit.map_or(usize::MAX, |limit| limit as usize)
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

/// All matches, each as sure as it is in any mode, in order of their bindings.
fn matches(reader: Reader, shown: Mode) -> Vec<Match> {
    let mut found: Vec<Match> = Vec::new();
    for (mode, grade) in [(Mode::Certain, Grade::Certain), (shown, Grade::Shown), (Mode::Possible, Grade::Possible)] {
        for binding in nearest_bindings(reader, mode) {
            if !found.iter().any(|m| m.binding == binding) {
                found.push(Match { binding, grade });
            }
        }
    }
    found.sort_by(|a, b| a.binding.cmp(&b.binding));
    found
}

/// The bindings that hold in a mode, less those for which `nearest` knows a nearer one: one that, with the same values
/// of all else, leads to it and is not led to by it.
fn nearest_bindings(reader: Reader, mode: Mode) -> Vec<Binding> {
    let all = bindings(reader, mode);
    let Some(nearest) = &reader.select.nearest else { return all };
    let at = nearest.var.0 as usize;
    let others = bindings(reader, mode.dual());
    let leads = reader.world.pairs(&nearest.path, mode.dual(), None);
    let led = reader.world.pairs(&nearest.path, mode, None);
    let is_nearer = |other: &Binding, this: &Binding| {
        let (Slot::Entity(a), Slot::Entity(b)) = (&other[at], &this[at]) else { return false };
        let rest = (0..this.len()).all(|i| i == at || other[i] == this[i]);
        rest && a != b && leads.contains(&(*a, *b)) && !led.contains(&(*b, *a))
    };
    all.iter().filter(|this| !others.iter().any(|other| is_nearer(other, this))).cloned().collect()
}

fn bindings(reader: Reader, mode: Mode) -> Vec<Binding> {
    let Reader { world, query, select } = reader;
    let mut found = Vec::new();
    let mut binding = vec![Slot::Open; query.vars.len()];
    // `possibly` said of the whole pattern.
    let (formula, mode) = match (&select.formula, mode) {
        (Formula::Modal(Modality::Possibly, inner), Mode::Shown) => (&**inner, Mode::Possible),
        (Formula::Modal(Modality::Possibly, inner), mode) => (&**inner, mode),
        (formula, mode) => (formula, mode),
    };
    let optional = optionals(formula);
    world.each(&query.vars, &mut binding, formula, mode, &mut |binding| {
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

/// An expression without aggregates, for one match.
pub fn one(reader: Reader, expr: &Expr, binding: &Binding) -> Cell {
    reader.world.eval(&reader.query.vars, &mut binding.clone(), expr, Mode::Certain)
}

/// The row of a match without grouping.
fn plain(reader: Reader, m: &Match) -> Draft {
    let cells = reader.select.columns.iter().map(|column| one(reader, &column.expr, &m.binding)).collect();
    let keys = reader.select.order.iter().map(|key| one(reader, &key.expr, &m.binding)).collect();
    Draft { cells, keys, grade: m.grade, certain: m.grade == Grade::Certain, beyond: None }
}

/// The rows in order: equal ones once, the possible ones counted, the others cut to `offset` and `limit`.
fn list(reader: Reader, mut drafts: Vec<Draft>) -> Outcome {
    let select = reader.select;
    if drafts.iter().any(|draft| draft.grade > Grade::Possible && draft.beyond.is_some_and(|n| n > 0)) {
        for draft in &mut drafts {
            draft.cells.push(Cell::Value(Value::Number(draft.beyond.unwrap_or(0) as f64)));
        }
    }
    drafts.sort_by(|a, b| {
        let pairs = a.keys.iter().zip(&b.keys).zip(&select.order);
        let keys = pairs.map(|((a, b), key)| order_key(a, b, key.descending));
        let columns = a.cells.iter().zip(&b.cells).map(|(a, b)| order_cells(a, b));
        keys.chain(columns).find(|order| order.is_ne()).unwrap_or(b.grade.cmp(&a.grade))
    });
    let mut rows: Vec<Draft> = Vec::new();
    for draft in drafts {
        match rows.iter_mut().find(|row| row.cells == draft.cells) {
            Some(row) if row.grade < draft.grade => *row = draft,
            Some(_) => {}
            None => rows.push(draft),
        }
    }
    let more = rows.iter().filter(|row| row.grade == Grade::Possible).count();
    let listed = rows.into_iter().filter(|row| row.grade > Grade::Possible);
    let listed = listed.skip(select.offset as usize).take(most(select));
    Outcome::Rows { rows: listed.map(|row| Row { cells: row.cells, certain: row.certain }).collect(), more }
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
        (Cell::Path(a), Cell::Path(b)) => a.cmp(b),
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
            (Some(a), Some(b)) => {
                // As dates: by the lower bound, or the upper one where that is open.
                let key = |(low, high): (f64, f64)| if low.is_finite() { low } else { high };
                key(a).total_cmp(&key(b)).then(a.1.total_cmp(&b.1)).then(b.0.total_cmp(&a.0))
            }
            _ => a.to_string().cmp(&b.to_string()),
        },
    }
}
