//! From matches to the answer: columns, sets, groups, aggregates, `having`, order, `limit`.
//!
//! The reading of the rules that this file holds the engine to:
//!
//! - A match is certain, shown (only possible, but asked for by `possibly`), or possible. A row is as sure as the
//!   surest match that gives it; possible ones are counted, not listed.
//! - An optional part drops no row, so where nothing looks at what it binds, it is left out: of a doubtful match and its
//!   absence each is only possible, though there is one of them in every world.
//! - A group has the matches of equal keys, however sure, and is as sure as the surest match of what its keys look at.
//!   Where `having` may be true and may be not, the group is only possible; where it is never true, there is none.
//! - A key that is a period is wide where the date spans several: such matches form groups of their own, listed once,
//!   and count as possible in each group of one period that they touch. The undated form one group and touch none.
//! - An aggregate looks at each distinct tuple of its variables once (`sum`, `avg`, `min`, `max` of a bound value: with
//!   the value's subject) and passes over what is absent or unknown. What is shown is its value over the shown
//!   matches; `having` sees all values that it has over the certain matches and some of the others. `avg`, `min`,
//!   `max`, `first`, `last` of nothing are unknown, and where nothing is even present, tests of them are neither true
//!   nor false.
//! - If an answer counts, and more than is shown may count in some listed row, a last column `possible` says how many.
//! - A row is certain if its group is, and if each aggregate is the same over the certain, the shown and (except for
//!   counts, which say so in their own column) all matches.
//! - `first(m)` and `last(m)` give a row for each candidate.
//! - `running(x)` sums up the groups that have the same keys but for the last, and by the last come no later.
//! - `limit` and `offset` cut a part out of what is listed, and change nothing in it.

use super::expr::{bounds, is_unknown, number};
use super::pattern::Solution;
use super::{Binding, Mode, Outcome, Reading, Slot, World};
use begat::answer::{Cell, Row};
use begat::check::typed::*;
use begat::functions::FunctionId;
use begat::value::{Truth, Value, natural};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

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
    /// The least and the most that the row's group adds to each `running` column.
    pub adds: Vec<(f64, f64)>,
    /// How many more may count; `None` where nothing is counted.
    pub beyond: Option<usize>,
}

/// Rows of a query that shows columns.
pub fn select(world: &World, query: &Query, select: &Select, shown: Mode) -> Outcome {
    let reader = Reader { world, query, select };
    let order = select.order.iter().map(|key| &key.expr);
    let found = matches(reader, shown, select.columns.iter().map(|column| &column.expr).chain(order).chain(&select.having));
    let drafts = match &select.group {
        None => found.iter().map(|m| plain(reader, m)).collect(),
        Some(keys) => {
            let by_keys = matches(reader, shown, keys.iter());
            running(select, keys, super::groups::grouped(reader, keys, &found, &by_keys))
        }
    };
    list(reader, drafts)
}

/// Each `running(…)` becomes the sum of that column over all groups that have the same keys but for the last, and by the
/// last come no later; a range where that depends on days or doubtful facts. The keys are the first columns; other
/// columns may make several rows of a group, which counts once.
fn running(select: &Select, keys: &[Expr], mut drafts: Vec<Draft>) -> Vec<Draft> {
    let is_running = |i: &usize| running_argument(&select.columns[*i].expr).is_some();
    let columns: Vec<usize> = (0..select.columns.len()).filter(is_running).collect();
    let Some((last, others)) = keys.split_last().filter(|_| !columns.is_empty()) else { return drafts };
    let mut groups: Vec<(Vec<Cell>, Vec<(f64, f64)>)> = Vec::new();
    for draft in &drafts {
        let group = (draft.cells[..keys.len()].to_vec(), draft.adds.clone());
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    for draft in &mut drafts {
        let (own, at) = (draft.cells[..keys.len()].to_vec(), others.len());
        for (i, column) in columns.iter().enumerate() {
            let (mut low, mut high) = (0.0, 0.0);
            for (group, adds) in groups.iter().filter(|(group, _)| group[..at] == own[..at]) {
                let (least, most) = adds[i];
                match if *group == own { Truth::Yes } else { comes_no_later(last, &group[at], &own[at]) } {
                    Truth::Yes => (low, high) = (low + least, high + most),
                    Truth::Maybe => (low, high) = (low + least.min(0.0), high + most.max(0.0)),
                    Truth::No => {}
                }
            }
            draft.cells[*column] = Cell::Value(number(low, high));
        }
    }
    drafts
}

/// What `running` adds up.
pub fn running_argument(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Call(FunctionId::Running, arguments) => arguments.first(),
        _ => None,
    }
}

/// Whether the period that one key names comes no later than that of another, whatever the days are.
fn comes_no_later(key: &Expr, this: &Cell, other: &Cell) -> Truth {
    let is_period =
        matches!(key.kind, ExprKind::Call(FunctionId::Year | FunctionId::Quarter | FunctionId::Month, _));
    // From the first to the last period; `None` is open.
    let ends = |cell: &Cell| match cell {
        Cell::Value(Value::Range(low, high)) if is_period => {
            [low, high].map(|end| end.is_finite().then(|| Cell::Value(Value::Number(*end))))
        }
        Cell::Value(Value::Text(text)) if is_period && text.contains("..") => {
            let (first, last) = text.split_once("..").unwrap_or_default();
            [first, last].map(|end| (!end.is_empty()).then(|| Cell::Value(Value::text(end))))
        }
        cell => [Some(cell.clone()), Some(cell.clone())],
    };
    let ([first, last], [other_first, other_last]) = (ends(this), ends(other));
    let is_no_later = |a: &Option<Cell>, b: &Option<Cell>| Some(order_cells(a.as_ref()?, b.as_ref()?).is_le());
    match (is_no_later(&last, &other_first), is_no_later(&first, &other_last)) {
        (Some(true), _) => Truth::Yes,
        (_, Some(false)) => Truth::No,
        _ => Truth::Maybe,
    }
}

/// `count`: one row with the number of distinct bindings of all nouns.
pub fn count(world: &World, query: &Query, select: &Select, shown: Mode) -> Outcome {
    let found = all_matches(Reader { world, query, select }, &select.formula, shown);
    let number = |grade| found.iter().filter(|m| m.grade >= grade).count();
    let (certain, listed) = (number(Grade::Certain), number(Grade::Shown));
    let row = Row { cells: vec![Cell::Value(Value::Number(listed as f64))], certain: certain == listed };
    Outcome::Rows { rows: vec![row], more: found.len() - listed }
}

/// `ask`: yes, no, or unknown.
pub fn ask(world: &World, query: &Query, select: &Select) -> Truth {
    let found = matches(Reader { world, query, select }, Mode::Certain, std::iter::empty());
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
    for found in by_ends(all_matches(Reader { world, query, select }, &select.formula, shown), &atom) {
        if found.grade == Grade::Possible {
            hidden += 1;
            continue;
        }
        let certain = found.grade == Grade::Certain;
        let mode = if certain { Mode::Certain } else { Mode::Possible };
        let mut walks = world.simple_walks(&found.binding, &atom, mode);
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

/// The matches of what some expressions look at.
fn matches<'e>(reader: Reader, shown: Mode, exprs: impl Iterator<Item = &'e Expr>) -> Vec<Match> {
    let mut looked_at: BTreeSet<VarId> = reader.select.nearest.iter().map(|nearest| nearest.var).collect();
    exprs.for_each(|expr| expr.vars(&mut |var| _ = looked_at.insert(var)));
    let formula = match &reader.select.formula {
        Formula::Modal(modality, inner) => Formula::Modal(*modality, Box::new(without_unseen(inner, looked_at))),
        formula => without_unseen(formula, looked_at),
    };
    all_matches(reader, &formula, shown)
}

/// The pattern without the optional parts whose variables nothing looks at, neither outside nor after them.
fn without_unseen(formula: &Formula, mut looked_at: BTreeSet<VarId>) -> Formula {
    let mut conjuncts = Vec::new();
    super::pattern::flatten(formula, &mut conjuncts);
    let vars = |formula: &Formula| {
        let mut vars = BTreeSet::new();
        formula.free(&mut |var| _ = vars.insert(var));
        vars
    };
    let mut kept = Vec::new();
    for (i, conjunct) in conjuncts.iter().enumerate().rev() {
        let known: BTreeSet<VarId> = conjuncts[..i].iter().flat_map(|before| vars(before)).collect();
        let of_this = vars(conjunct);
        if matches!(conjunct, Formula::Optional(_)) && of_this.difference(&known).all(|var| !looked_at.contains(var)) {
            continue;
        }
        looked_at.extend(of_this);
        kept.push((*conjunct).clone());
    }
    kept.reverse();
    Formula::All(kept)
}

/// All matches of a formula, each as sure as it is, in order of their bindings.
fn all_matches(reader: Reader, formula: &Formula, shown: Mode) -> Vec<Match> {
    let Reader { world, query, select } = reader;
    // `possibly` said of the whole pattern.
    let (formula, shown) = match (formula, shown) {
        (Formula::Modal(Modality::Possibly, inner), Mode::Shown) => (&**inner, Mode::Possible),
        (Formula::Modal(Modality::Possibly, inner), mode) => (&**inner, mode),
        (formula, mode) => (formula, mode),
    };
    let wanted = if select.nearest.is_some() { &select.free } else { wanted };
    let formula = &without_idle_options(formula, wanted);
    let unbound = vec![Slot::Open; query.vars.len()];
    let solutions = |reading| world.solutions(&query.vars, &unbound, formula, reading);
    let mut found = BTreeMap::<Binding, Grade>::new();
    let mut add = |(binding, outcomes): Solution, sure: Grade, else_possible: Grade| {
        let grade = if outcomes.is_certain() { sure } else { else_possible };
        if outcomes.is_possible() {
            let known = found.entry(binding).or_insert(grade);
            *known = grade.max(*known);
        }
    };
    let possible = if shown == Mode::Possible { Grade::Shown } else { Grade::Possible };
    solutions(Reading::Strict).into_iter().for_each(|solution| add(solution, Grade::Certain, possible));
    if shown == Mode::Shown {
        solutions(Reading::Lenient).into_iter().for_each(|solution| add(solution, Grade::Shown, possible));
    }
    let found: Vec<Match> = found.into_iter().map(|(binding, grade)| Match { binding, grade }).collect();
    match &select.nearest {
        None => found,
        Some(nearest) => found.iter().filter_map(|m| keep_nearest(world, nearest, m, &found, possible)).collect(),
    }
}

/// A match as it is after `nearest`. Another one that has the same values of all else displaces it if it leads to it and
/// is not led to by it. It is certain if no possible one possibly displaces it, and possible if no certain one certainly
/// does.
fn keep_nearest(world: &World, nearest: &Nearest, m: &Match, all: &[Match], possible: Grade) -> Option<Match> {
    let at = nearest.var.0 as usize;
    let pairs = |mode| world.pairs(&nearest.path, mode, None);
    let (sure, maybe) = (pairs(Mode::Certain), pairs(Mode::Possible));
    let ends = |other: &Match| {
        let (Slot::Entity(a), Slot::Entity(b)) = (&other.binding[at], &m.binding[at]) else { return None };
        let same = (0..m.binding.len()).all(|i| i == at || other.binding[i] == m.binding[i]);
        (same && a != b).then_some(((*a, *b), (*b, *a)))
    };
    let rivals = all.iter().filter_map(|other| Some((other.grade, ends(other)?)));
    let (mut certainly, mut possibly) = (false, false);
    for (grade, (there, back)) in rivals {
        certainly |= grade == Grade::Certain && sure.contains(&there) && !maybe.contains(&back);
        possibly |= maybe.contains(&there) && !sure.contains(&back);
    }
    let grade = if possibly { possible.min(m.grade) } else { m.grade };
    (!certainly).then(|| Match { binding: m.binding.clone(), grade })
}

/// An expression without aggregates, for one match.
pub fn one(reader: Reader, expr: &Expr, binding: &Binding) -> Cell {
    reader.world.eval(&reader.query.vars, binding, expr)
}

/// The row of a match without grouping.
fn plain(reader: Reader, m: &Match) -> Draft {
    let cells = reader.select.columns.iter().map(|column| one(reader, &column.expr, &m.binding)).collect();
    let keys = reader.select.order.iter().map(|key| one(reader, &key.expr, &m.binding)).collect();
    Draft { cells, keys, grade: m.grade, certain: m.grade == Grade::Certain, adds: Vec::new(), beyond: None }
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
    match is_open(a).cmp(&is_open(b)) {
        Ordering::Equal if descending => order_cells(b, a),
        Ordering::Equal => order_cells(a, b),
        order => order,
    }
}

/// Whether nothing at all is known of a key.
fn is_open(cell: &Cell) -> bool {
    is_unknown(cell) || *cell == Cell::Value(Value::Range(f64::NEG_INFINITY, f64::INFINITY))
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
