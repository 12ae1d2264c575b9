//! From matches to the answer: columns, sets, groups, aggregates, `having`, order, `limit`.
//!
//! The reading of the rules that this file holds the engine to:
//!
//! - A match is certain, shown (only possible, but asked for by `possibly`), or possible. A row is as sure as the
//!   surest match that gives it; possible ones are counted, not listed.
//! - A group has the matches of equal keys, however sure, and is as sure as the surest of them. Where `having` may
//!   be true and may be not, the group is only possible; where it is never true, there is none.
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
//! - `running(x)` sums up the groups that have the same keys but for the last, and by the last come no later: at least
//!   those that certainly do with what they certainly add, at most those that may with what they may add.
//! - `limit` and `offset` cut the answer that there is without them.
//! - An optional part that nothing looks at changes nothing, as a left join drops no row.

use super::expr::{bounds, is_unknown, number};
use super::pattern::Solution;
use super::{Binding, Mode, Outcome, Reading, Slot, World};
use begat::answer::{Cell, Row};
use begat::check::typed::*;
use begat::functions::FunctionId;
use begat::graph::EntityId;
use begat::value::{Truth, Value, natural};
use std::cmp::Ordering;
use std::collections::BTreeMap;

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
    /// What a group adds to each running sum, at least and at most.
    pub adds: Vec<(f64, f64)>,
    /// Per count that is shown: how many more may count.
    pub beyond: Vec<usize>,
}

/// Rows of a query that shows columns.
pub fn select(world: &World, query: &Query, select: &Select, shown: Mode) -> Outcome {
    let reader = Reader { world, query, select };
    let mut looked_at = Vec::new();
    let mut look = |expr: &Expr| expr.vars(&mut |var| looked_at.push(var));
    select.columns.iter().for_each(|column| look(&column.expr));
    select.order.iter().for_each(|key| look(&key.expr));
    select.having.iter().chain(select.group.iter().flatten()).for_each(&mut look);
    let found = matches(reader, &looked_at, shown);
    let drafts = match &select.group {
        None => found.iter().map(|m| plain(reader, m)).collect(),
        Some(keys) => {
            let of_vars = |vars: &[VarId]| matches(reader, vars, shown);
            running(select, keys, super::groups::grouped(reader, keys, &found, &of_vars))
        }
    };
    list(reader, drafts)
}

/// What is added up, and whether for a share instead of a running sum.
pub fn summed(column: &Column) -> Option<(bool, &Expr)> {
    match &column.expr.kind {
        ExprKind::Call(function @ (FunctionId::Running | FunctionId::Share), arguments) => {
            Some((*function == FunctionId::Share, arguments.first()?))
        }
        _ => None,
    }
}

/// The keys of a group, with what it adds to each running sum.
type KeysAndSums = (Vec<Cell>, Vec<(f64, f64)>);

/// Each `running(…)` becomes the sum over all groups that have the same keys but for the last, and by the last come no
/// later. The keys are the first columns; other columns may make several rows of a group.
fn running(select: &Select, keys: &[Expr], mut drafts: Vec<Draft>) -> Vec<Draft> {
    let columns: Vec<usize> = (0..select.columns.len()).filter(|i| summed(&select.columns[*i]).is_some()).collect();
    if columns.is_empty() {
        return drafts;
    }
    let mut groups: Vec<KeysAndSums> = Vec::new();
    for draft in &drafts {
        let own = draft.cells[..keys.len()].to_vec();
        if !groups.iter().any(|(other, _)| *other == own) {
            groups.push((own, draft.adds.clone()));
        }
    }
    for draft in &mut drafts {
        let own = draft.cells[..keys.len()].to_vec();
        for (at, column) in columns.iter().enumerate() {
            if summed(&select.columns[*column]).is_some_and(|(is_share, _)| is_share) {
                draft.cells[*column] = Cell::Value(share(&groups, keys.len(), at, &own));
                continue;
            }
            let (mut low, mut high) = (0.0, 0.0);
            for (other, adds) in &groups {
                let (least, most) = adds[at];
                match comes_no_later(keys, other, &own) {
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

/// The share of a group, in percent, in the sum of all that have the same keys but for the last; unknown if the sum may be 0.
fn share(groups: &[KeysAndSums], width: usize, at: usize, own: &[Cell]) -> Value {
    let outer = width.saturating_sub(1);
    let is_wide = |cell: &Cell| match cell {
        Cell::Value(Value::Range(..)) => true,
        Cell::Value(Value::Text(text)) => text.contains(".."),
        _ => false,
    };
    if own[..outer].iter().any(is_wide) {
        return Value::Unknown;
    }
    let beside: Vec<&KeysAndSums> = groups.iter().filter(|(keys, _)| keys[..outer] == own[..outer]).collect();
    let (mut mine, mut least, mut most) = ((0.0, 0.0), 0.0, 0.0);
    for (keys, adds) in &beside {
        match keys == own {
            true => mine = adds[at],
            false => (least, most) = (least + adds[at].0, most + adds[at].1),
        }
    }
    if beside.iter().any(|(_, adds)| adds[at].0 < 0.0) || mine.0 + least <= 0.0 {
        return Value::Unknown;
    }
    let percent = |part: f64, others: f64| if part == 0.0 { 0.0 } else { 100.0 * part / (part + others) };
    let (low, high) = (percent(mine.0, most), percent(mine.1, least));
    if low == high { Value::Number(low) } else { Value::Range(low, high) }
}

/// Whether a group belongs to the running sum of another (or of itself).
fn comes_no_later(keys: &[Expr], group: &[Cell], of: &[Cell]) -> Truth {
    if group == of {
        return Truth::Yes;
    }
    let (Some((last, outer)), Some((last_of, outer_of)), Some(key)) =
        (group.split_last(), of.split_last(), keys.last())
    else {
        return Truth::Yes;
    };
    if outer != outer_of {
        return Truth::No;
    }
    let (first, end) = span(key, last);
    let (first_of, end_of) = span(key, last_of);
    let no_later = |a: &Option<Cell>, b: &Option<Cell>, open: bool| match (a, b) {
        (Some(a), Some(b)) => order_cells(a, b).is_le(),
        _ => open,
    };
    match (no_later(&end, &first_of, false), no_later(&first, &end_of, true)) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Maybe,
        (false, false) => Truth::No,
    }
}

/// The first and the last period of a key; `None` where that is open.
fn span(key: &Expr, cell: &Cell) -> (Option<Cell>, Option<Cell>) {
    let is_period = matches!(key.kind, ExprKind::Call(FunctionId::Year | FunctionId::Quarter | FunctionId::Month, _));
    match cell {
        Cell::Value(Value::Range(low, high)) if is_period => {
            let end = |end: f64| end.is_finite().then_some(Cell::Value(Value::Number(end)));
            (end(*low), end(*high))
        }
        Cell::Value(Value::Text(text)) if is_period && text.contains("..") => {
            let end = |text: &str| (!text.is_empty()).then(|| Cell::Value(Value::text(text)));
            text.split_once("..").map_or((None, None), |(first, last)| (end(first), end(last)))
        }
        cell => (Some(cell.clone()), Some(cell.clone())),
    }
}

/// `count`: one row with the number of distinct bindings of all nouns.
pub fn count(world: &World, query: &Query, select: &Select, shown: Mode) -> Outcome {
    let counted = query.counted(select);
    let mut found = BTreeMap::<Vec<&Slot>, Grade>::new();
    let matches = matches(Reader { world, query, select }, &counted, shown);
    for m in &matches {
        let known = found.entry(counted.iter().map(|var| &m.binding[var.0 as usize]).collect()).or_insert(m.grade);
        *known = m.grade.max(*known);
    }
    let number = |least| found.values().filter(|grade| **grade >= least).count();
    let (certain, listed) = (number(Grade::Certain), number(Grade::Shown));
    let row = Row { cells: vec![Cell::Value(Value::Number(listed as f64))], certain: certain == listed };
    Outcome::Rows { rows: vec![row], more: found.len() - listed }
}

/// `ask`: yes, no, or unknown.
pub fn ask(world: &World, query: &Query, select: &Select) -> Truth {
    let found = matches(Reader { world, query, select }, &[], Mode::Certain);
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
    for found in by_ends(matches(Reader { world, query, select }, &[], shown), &atom) {
        if found.grade == Grade::Possible {
            hidden += 1;
            continue;
        }
        let certain = found.grade == Grade::Certain;
        let mode = if certain { Mode::Certain } else { Mode::Possible };
        let mut walks = world.simple_walks(&found.binding, &atom, mode);
        walks.sort_by_key(|walk| (walk.len(), walk.clone()));
        let number = |entity: EntityId, property| world.graph.value(entity, property).number().map(|own| own.to_f64());
        let cost = |walk: &Vec<EntityId>| -> Option<f64> {
            let property = query.cost?;
            walk.iter().skip(1).map(|entity| number(*entity, property)).sum()
        };
        if query.cost.is_some() {
            walks.retain(|walk| cost(walk).is_some());
            let key = |walk: &Vec<EntityId>| (cost(walk).unwrap_or_default(), walk.len());
            walks.sort_by(|a, b| key(a).partial_cmp(&key(b)).expect("numbers").then_with(|| a.cmp(b)));
            let least = walks.first().map(key);
            walks.retain(|walk| Some(key(walk)) == least);
        } else {
            let least = walks.first().map_or(0, Vec::len);
            walks.retain(|walk| !query.shortest || walk.len() == least);
        }
        walks.truncate(if query.head == Head::Path { 1 } else { usize::MAX });
        rows.extend(walks.into_iter().map(|walk| {
            let sum = cost(&walk).map(|sum| Cell::Value(Value::Number(sum)));
            Row { cells: [Some(Cell::Path(walk)), sum].into_iter().flatten().collect(), certain }
        }));
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

/// The formula without the optional parts that bind nothing that is looked at, by what is wanted or by other parts.
fn without_idle_options(formula: &Formula, wanted: &[VarId]) -> Formula {
    let mut conjuncts = Vec::new();
    super::pattern::flatten(formula, &mut conjuncts);
    let mut looked_at = wanted.to_vec();
    let mut kept = Vec::new();
    for (i, conjunct) in conjuncts.iter().enumerate().rev() {
        let mut vars = Vec::new();
        conjunct.free(&mut |var| vars.push(var));
        let is_met_before = |var: &VarId| {
            let mut met = false;
            conjuncts[..i].iter().for_each(|before| before.free(&mut |other| met |= other == *var));
            met
        };
        let is_idle = matches!(conjunct, Formula::Optional(_))
            && !vars.iter().any(|var| looked_at.contains(var) && !is_met_before(var));
        if !is_idle {
            looked_at.extend(vars);
            kept.push((*conjunct).clone());
        }
    }
    kept.reverse();
    Formula::All(kept)
}

/// All matches, each as sure as it is, in order of their bindings. Of `nearest`, those of all variables; else, of an
/// optional part only if it binds something wanted.
fn matches(reader: Reader, wanted: &[VarId], shown: Mode) -> Vec<Match> {
    let Reader { world, query, select } = reader;
    // `possibly` said of the whole pattern.
    let (formula, shown) = match (&select.formula, shown) {
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
    let keys: Vec<Cell> = reader.select.order.iter().map(|key| one(reader, &key.expr, &m.binding)).collect();
    let certain = m.grade == Grade::Certain;
    Draft { cells, keys, grade: m.grade, certain, adds: Vec::new(), beyond: Vec::new() }
}

/// The rows in order: equal ones once, the possible ones counted, the others cut to `offset` and `limit`.
fn list(reader: Reader, mut drafts: Vec<Draft>) -> Outcome {
    let select = reader.select;
    for count in 0..drafts.first().map_or(0, |draft| draft.beyond.len()) {
        if drafts.iter().any(|draft| draft.grade > Grade::Possible && draft.beyond[count] > 0) {
            for draft in &mut drafts {
                draft.cells.push(Cell::Value(Value::Number(draft.beyond[count] as f64)));
            }
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
    let listed: Vec<&Draft> = rows.iter().filter(|row| row.grade > Grade::Possible).collect();
    let first = select.offset as usize;
    // Rows alike to the last one in all that they are ordered by stay with it, where the query says so.
    let last = first.saturating_add(most(select)).checked_sub(1).and_then(|last| listed.get(last));
    let is_tied = |row: &&Draft| last.is_some_and(|last| orders_alike(last, row)) && select.ties && most(select) > 0;
    let listed = listed.iter().enumerate().skip(first);
    let listed = listed.take_while(|(i, row)| i - first < most(select) || is_tied(row)).map(|(_, row)| *row);
    Outcome::Rows { rows: listed.map(|row| Row { cells: row.cells.clone(), certain: row.certain }).collect(), more }
}

fn orders_alike(a: &Draft, b: &Draft) -> bool {
    a.keys.iter().zip(&b.keys).all(|(a, b)| order_cells(a, b).is_eq())
}

/// What is unknown or absent stays last, whichever way round.
fn order_key(a: &Cell, b: &Cell, descending: bool) -> Ordering {
    match is_open(a).cmp(&is_open(b)) {
        Ordering::Equal if descending && !is_open(a) => order_cells(b, a),
        Ordering::Equal => order_cells(a, b),
        order => order,
    }
}

/// Whether nothing at all is known of a key.
fn is_open(cell: &Cell) -> bool {
    let open = [Value::Range(f64::NEG_INFINITY, f64::INFINITY), Value::Truth(Truth::Maybe)];
    is_unknown(cell) || open.iter().any(|value| *cell == Cell::Value(value.clone()))
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
        (Value::Truth(a), Value::Truth(b)) => {
            let rank = |truth: &Truth| (*truth == Truth::Maybe, truth.is_certain());
            rank(a).cmp(&rank(b))
        }
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
