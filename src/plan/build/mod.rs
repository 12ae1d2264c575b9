//! Literal translation of a query: scan every variable, test every condition, then make rows of the bindings.
//! Optimisation is left to the rules.

mod affirmed;
mod definition;
mod pattern;
mod scalar;
mod support;
mod template;

use std::collections::BTreeSet;

use super::{
    Adopted, AdoptionView, Aggregate, AggregateCall, Column, GroupKey, Limit, LineageView, Link, Node, Operator, Path,
    Paths, Pattern, Plan, PossibleCount, Projection, RowColumn, Scalar, SortKey, Summed, Term, VarId, View, WhichPaths,
};
use crate::check::typed::{self, Body, Expr, ExprKind, ExprType, FactAtom, Formula, Head, PathAtom, Query, Select};
use crate::functions::FunctionId;
use crate::graph::{Graph, SourceId, in_part};
use crate::schema::TypeSet;
use crate::value::ValueType;
use definition::definitions;
use pattern::build_select;
use scalar::Scalars;

/// Desired result of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The answer, as the query's head says.
    Answer,
    /// The bindings of all variables of the pattern, from which facts and proofs are read.
    Bindings,
    /// The answer, and the bindings of all variables, which are kept for its facts.
    Both,
}

/// Returns the plan of a query before any rule is applied.
pub fn build(query: &Query, graph: &Graph, wanted: Wanted, all_possible: bool) -> Plan {
    let mut plan = Plan {
        definitions: definitions(query, graph),
        claimed: Vec::new(),
        operators: Vec::new(),
        view: View::Rows,
        slots: query.vars.clone(),
        as_of: query.as_of,
        possibly: query.possibly,
        all_possible,
        notes: query.notes.clone(),
        applied: query.explain.is_some().then(Vec::new),
        keeps_bindings: false,
        subpatterns: Vec::new(),
        provenance: None,
    };
    let binds = if wanted == Wanted::Both { Binds::All } else { Binds::Nothing };
    let (operators, view) = Builder { query, graph, binds }.body(wanted);
    let reads_back = operators.iter().any(|operator| matches!(operator, Operator::MatchesOfRows { pattern: None, .. }));
    plan.keeps_bindings = wanted == Wanted::Both || reads_back;
    plan.operators = operators.into_iter().map(|operator| Node { operator, id: 0, rows: 0.0 }).collect();
    plan.view = view;
    let reads_proofs = matches!(plan.view, View::Facts | View::Proofs | View::WhyNot);
    if let (true, Body::Select(select) | Body::Matrix { select, .. }) =
        (reads_proofs || wanted != Wanted::Answer, &query.body)
    {
        support::add_provenance(&mut plan, query, select, graph);
    }
    let mut claimed = Vec::new();
    let mut note = |link: Link, source: Option<SourceId>| {
        if let (Link::Verb(verb), Some(source)) = (link, in_part(source)) {
            claimed.push((verb, source));
        }
    };
    plan.patterns_mut().for_each(|pattern| pattern.links(&mut note));
    if let Some(select) = pattern_of(&query.body) {
        build_select(query, select, &select.free).links(&mut note);
    }
    claimed.sort();
    claimed.dedup();
    plan.claimed = claimed;
    plan
}

/// Returns the select of a body; `None` if it has none.
fn pattern_of(body: &Body) -> Option<&Select> {
    match body {
        Body::Select(select) | Body::Timeline(select) | Body::Matrix { select, .. } => Some(select),
        Body::Adoption(adoption) | Body::Rise(adoption) => Some(&adoption.of),
        Body::Lineage(lineage) => lineage.among.as_ref(),
        _ => None,
    }
}

/// Variables that matches bind beside those that the operators read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binds {
    Nothing,
    /// Those that tell the rows apart, for a proof of each row.
    Rows,
    All,
}

struct Builder<'q> {
    query: &'q Query,
    graph: &'q Graph,
    /// What matches bind beside the variables that the operators read.
    binds: Binds,
}

impl Builder<'_> {
    fn body(&self, wanted: Wanted) -> (Vec<Operator>, View) {
        let of = |view: View| (Vec::new(), view);
        match &self.query.body {
            Body::Select(select) => self.select(select, wanted),
            Body::Lineage(lineage) => self.lineage(lineage),
            Body::Adoption(adoption) => {
                let (operators, view) = self.adoption(adoption);
                (operators, View::Adoption(view))
            }
            Body::Rise(adoption) => {
                let (operators, view) = self.adoption(adoption);
                (operators, View::Rise(view))
            }
            Body::Spread(typed::Spread { of: entity, verbs, via }) => {
                of(View::Spread { of: *entity, verbs: verbs.clone(), via: via.clone() })
            }
            Body::Timeline(select) => self.timeline(select),
            Body::Matrix { select, .. } if wanted == Wanted::Bindings => {
                (self.matches(select, &select.free), View::Facts)
            }
            Body::Matrix { select, rows, columns } => {
                let title = self.query.vars[rows.0 as usize].title.clone();
                let joining = joining(&select.formula, *rows, *columns);
                let verb = joining.map(|atom| match atom.link {
                    Link::Verb(verb) => self.graph.schema().verb(verb).name.clone(),
                    Link::Define(define) => self.query.defines[define.0 as usize].name.clone(),
                });
                let is_turned = joining.is_some_and(|atom| atom.subject == Term::Var(*columns));
                (self.matches(select, &[*rows, *columns]), View::Matrix { title, verb, is_turned })
            }
            Body::Describe(entity) => of(View::Describe(*entity)),
            Body::Conflicts(entity) => of(View::Conflicts(*entity)),
            Body::Report(report) => of(View::Report(report.clone())),
            Body::Schema(topic) => of(View::Schema(*topic)),
            Body::Diff(left, right) => of(View::Diff { left: *left, right: *right, over: self.query.over.clone() }),
        }
    }

    fn select(&self, select: &Select, wanted: Wanted) -> (Vec<Operator>, View) {
        match self.query.head {
            Head::Diff => self.diff(select, wanted),
            Head::WhyNot if wanted == Wanted::Answer => (Vec::new(), View::WhyNot),
            _ if wanted == Wanted::Bindings => (self.shown_matches(select, Binds::All), View::Facts),
            Head::Rows => (self.rows(select), View::Rows),
            Head::Count => (self.then(self.matches(select, &self.query.counted(select)), Operator::Count), View::Rows),
            Head::Ask => (self.then(self.matches(select, &[]), Operator::Ask), View::Verdict),
            Head::Path | Head::Paths => (self.paths(select), View::Rows),
            Head::Graph => (self.shown_matches(select, Binds::All), View::Facts),
            Head::Why | Head::WhyNot => (self.shown_matches(select, Binds::Rows), View::Proofs),
        }
    }

    fn then(&self, mut operators: Vec<Operator>, next: Operator) -> Vec<Operator> {
        operators.push(next);
        operators
    }

    /// Returns the operators that find the bindings of these variables. `nearest` compares whole bindings, so it needs
    /// all variables.
    fn matches(&self, select: &Select, wanted: &[VarId]) -> Vec<Operator> {
        let mut wanted = wanted.to_vec();
        let hidden = support::hidden(self.query, select);
        for var in &select.free {
            if select.nearest.is_some()
                || self.binds == Binds::All
                || self.binds == Binds::Rows && !hidden.contains(var)
            {
                note(&mut wanted, *var);
            }
        }
        let mut operators = vec![Operator::Match(Box::new(build_select(self.query, select, &wanted)))];
        let nearest = |nearest: &typed::Nearest| Operator::Nearest { var: nearest.var, path: nearest.path.clone() };
        operators.extend(select.nearest.as_ref().map(nearest));
        operators
    }

    /// Returns the operators that find the bindings that give a row that is shown.
    fn shown_matches(&self, select: &Select, binds: Binds) -> Vec<Operator> {
        let builder = Builder { binds, ..*self };
        let is_path = matches!(self.query.head, Head::Path | Head::Paths);
        if is_path || !select.cuts() {
            return builder.matches(select, &[]);
        }
        let mut scalars = Scalars::new(&self.query.vars);
        let mut select = select.clone();
        // The keys of the groups tell which bindings belong to a row, so they are columns behind the others.
        let first = if select.group.is_some() { select.columns.len() } else { 0 };
        let keys = select.group.iter().flatten();
        let keys: Vec<_> =
            keys.map(|key| typed::Column { title: String::new(), expr: key.clone(), counts: Vec::new() }).collect();
        select.columns.extend(keys);
        let columns = select.columns.iter().enumerate().skip(first);
        let columns = columns.map(|(at, column)| RowColumn { at, scalar: scalars.scalar(&column.expr) }).collect();
        // `nearest` compares whole bindings. Otherwise the rows are those of the answer: where an optional part may match or
        // not, a row is surer than each binding that gives it.
        let (rows, pattern) = match select.nearest {
            Some(_) => (builder, None),
            None => {
                let all = builder.matches(&select, &[]).into_iter().next();
                let pattern = all.and_then(|all| if let Operator::Match(pattern) = all { Some(pattern) } else { None });
                (Builder { binds: Binds::Nothing, ..*self }, pattern)
            }
        };
        let mut operators = rows.rows(&select);
        operators.push(Operator::MatchesOfRows { columns, pattern });
        operators
    }

    fn rows(&self, select: &Select) -> Vec<Operator> {
        match &select.group {
            Some(keys) => self.groups(select, keys),
            None => self.plain_rows(select),
        }
    }

    fn plain_rows(&self, select: &Select) -> Vec<Operator> {
        let mut scalars = Scalars::new(&self.query.vars);
        let projection = projection(select, &mut scalars);
        let mut wanted = Vec::new();
        let read = projection.columns.iter().map(|column| &column.scalar);
        for scalar in read.chain(projection.keys.iter().map(|key| &key.scalar)) {
            scalar.slots(&mut |var| note(&mut wanted, var));
        }
        let keys = projection.keys.clone();
        let mut operators = self.matches(select, &wanted);
        operators.push(Operator::Project(projection));
        operators.extend([Operator::Sort { keys }, Operator::Distinct, Operator::Limit(limit(select))]);
        operators
    }

    fn groups(&self, select: &Select, keys: &[Expr]) -> Vec<Operator> {
        let mut scalars = Scalars::new(&self.query.vars);
        let keys: Vec<Scalar> = keys.iter().map(|key| scalars.scalar(key)).collect();
        let having = select.having.as_ref();
        let mut projection = projection(select, &mut scalars);
        let having = having.map(|having| scalars.scalar(having));
        let mut folds = scalars.folds;
        let columns = projection.columns.iter_mut().map(|column| &mut column.scalar);
        let read = columns.chain(projection.keys.iter_mut().map(|key| &mut key.scalar));
        read.for_each(|scalar| read_keys(scalar, &keys));
        let mut wanted = Vec::new();
        let read = keys.iter().chain(projection.columns.iter().map(|column| &column.scalar));
        let read = read.chain(&having).chain(projection.keys.iter().map(|key| &key.scalar));
        read.for_each(|scalar| scalar.slots(&mut |var| note(&mut wanted, var)));
        for fold in &folds {
            fold.argument.slots(&mut |var| note(&mut wanted, var));
            fold.over.iter().for_each(|var| note(&mut wanted, *var));
        }
        let mut operators = self.matches(select, &wanted);
        if let Some(Operator::Match(pattern)) = operators.first_mut() {
            pattern.keys = group_keys(&keys);
            pattern.folded = folded(&folds);
        }
        let (presences, of_keys) = self.presences(select, &keys, &mut folds, &operators);
        let summed = projection.columns.iter().enumerate();
        let running: Vec<(usize, Summed)> =
            summed.filter_map(|(at, column)| Some((at, column.scalar.summed()?.0))).collect();
        let sum = Operator::RunningSum {
            columns: running.clone(),
            keys: keys.len(),
            last_is_period: keys.last().and_then(Scalar::period).is_some(),
        };
        let order = projection.keys.clone();
        let sums = !running.is_empty();
        operators.push(Operator::Aggregate(Box::new(Aggregate { keys, folds, presences, of_keys, sums })));
        operators.extend(having.map(Operator::Having));
        operators.push(Operator::Project(projection));
        operators.extend((!running.is_empty()).then_some(sum));
        operators.extend([Operator::Sort { keys: order }, Operator::Limit(limit(select))]);
        operators
    }

    /// Returns the patterns by which groups exist and by which members are in them, and the position of the former; sets
    /// those of the aggregates. None where each binding tells: without optional parts, and where all variables are read.
    fn presences(
        &self,
        select: &Select,
        keys: &[Scalar],
        folds: &mut [AggregateCall],
        operators: &[Operator],
    ) -> (Vec<Pattern>, Option<usize>) {
        let Some(Operator::Match(pattern)) = operators.first() else { return (Vec::new(), None) };
        if !pattern.block.has_optional() || select.nearest.is_some() {
            return (Vec::new(), None);
        }
        let whole: BTreeSet<VarId> = pattern.block.wanted.iter().copied().collect();
        let mut known: Vec<(BTreeSet<VarId>, Pattern)> = Vec::new();
        let mut of_vars = |vars: &[VarId]| {
            let own: BTreeSet<VarId> = vars.iter().copied().collect();
            if own == whole {
                return None;
            }
            let position = known.iter().position(|(other, _)| *other == own);
            Some(position.unwrap_or_else(|| {
                known.push((own, build_select(self.query, select, vars)));
                known.len() - 1
            }))
        };
        let mut of_group = Vec::new();
        keys.iter().for_each(|key| key.slots(&mut |var| note(&mut of_group, var)));
        let of_keys = if keys.is_empty() { None } else { of_vars(&of_group) };
        for fold in folds {
            let mut vars = of_group.clone();
            fold.argument.slots(&mut |var| note(&mut vars, var));
            fold.over.iter().for_each(|var| note(&mut vars, *var));
            fold.presence = of_vars(&vars);
        }
        (known.into_iter().map(|(_, pattern)| pattern).collect(), of_keys)
    }

    /// Returns the operators that find, for each binding of the ends of the only path, one shortest path, all shortest
    /// paths or all acyclic paths.
    fn paths(&self, select: &Select) -> Vec<Operator> {
        let Some((subject, path, object, source)) = only_path(&select.formula) else { return self.rows(select) };
        let ends: Vec<VarId> = [subject, object].into_iter().filter_map(Term::var).collect();
        let all = self.query.head == Head::Paths;
        let which = match self.query.cost {
            Some(property) => WhichPaths::Cheapest { property, all },
            None if all && self.query.shortest => WhichPaths::AllShortest,
            None if all => WhichPaths::Acyclic,
            None => WhichPaths::OneShortest,
        };
        let mut operators = self.matches(select, &ends);
        operators.push(Operator::Paths(Paths { subject, path, object, source, which, most: None }));
        operators.extend([Operator::Sort { keys: Vec::new() }, Operator::Distinct]);
        operators.push(Operator::Limit(limit(select)));
        operators
    }

    fn lineage(&self, of: &typed::LineageOf) -> (Vec<Operator>, View) {
        let column = of.among.as_ref().and_then(|select| select.columns.first());
        let among = column.and_then(|column| if let ExprKind::Var(var) = column.expr.kind { Some(var) } else { None });
        let operators = of.among.as_ref().zip(among).map(|(select, var)| self.matches(select, &[var]));
        let limit = Limit { limit: of.limit.map(whole), ..Limit::default() };
        let (kind, via, generations) = (of.kind, of.via.clone(), of.generations);
        let view = LineageView { kind, of: of.of, via, generations, among, limit };
        (operators.unwrap_or_default(), View::Lineage(view))
    }

    fn adoption(&self, adoption: &typed::Adoption) -> (Vec<Operator>, AdoptionView) {
        let (select, verbs) = (&adoption.of, adoption.verbs.clone());
        let column = |at: usize| select.columns.get(at).map(|column| &column.expr.kind);
        let (operators, of) = match (column(0), column(1), &adoption.among) {
            (Some(ExprKind::Entity(entity)), _, _) => (Vec::new(), Adopted::One(*entity)),
            (Some(ExprKind::Var(adopted)), Some(ExprKind::Var(adopter)), Some(among)) => {
                let free = pattern::free_vars(&among.formula);
                let told = Select { formula: among.formula.clone(), free, nearest: None, ..select.clone() };
                let (is_whole, dated) = (among.is_whole, among.dated.clone());
                let among = Box::new(build_select(self.query, &told, &[among.var]));
                let (adopted, adopter) = (*adopted, *adopter);
                let pairs = Adopted::Pairs { adopted, adopter, among, is_whole, dated };
                (self.matches(select, &[adopted, adopter]), pairs)
            }
            (Some(ExprKind::Var(adopted)), _, _) => (self.matches(select, &[*adopted]), Adopted::Each(*adopted)),
            _ => (self.matches(select, &[]), Adopted::Each(VarId(0))),
        };
        let (limit, ties, span) = (adoption.limit.map(whole), adoption.ties, adoption.limit_span);
        let limit = Limit { offset: 0, limit, ties, span };
        (operators, AdoptionView { of, verbs, by: adoption.by, limit })
    }

    /// Returns the operators of all rows, and a view by the date of the first column that has one.
    fn timeline(&self, select: &Select) -> (Vec<Operator>, View) {
        // The view sorts by date and applies the limit itself.
        let whole = Select { limit: None, offset: 0, order: Vec::new(), ..select.clone() };
        let column = self.dated_column(select);
        let is_entity = select.columns.get(column).is_some_and(|column| matches!(column.expr.of, ExprType::Entity(_)));
        (self.rows(&whole), View::Timeline { column, is_entity, limit: limit(select) })
    }

    /// Returns the position of the first column of dates, or of entities with dates; 0 if there is none.
    fn dated_column(&self, select: &Select) -> usize {
        let has_date = |of: ExprType| match of {
            ExprType::Entity(types) => types.iter().any(|id| self.graph.dating(id).is_some()),
            other => other == ExprType::Value(ValueType::Date),
        };
        select.columns.iter().position(|column| has_date(column.expr.of)).unwrap_or(0)
    }

    /// Returns the operators and view that compare the two ends of each binding of a sentence.
    fn diff(&self, select: &Select, wanted: Wanted) -> (Vec<Operator>, View) {
        let Some((left, path, right, _)) = only_path(&select.formula) else {
            return match wanted {
                Wanted::Answer | Wanted::Both => (self.rows(select), View::Rows),
                Wanted::Bindings => (self.matches(select, &select.free), View::Facts),
            };
        };
        let (left, right) = if is_turned(&select.formula) { (right, left) } else { (left, right) };
        let mut except = Vec::new();
        path.links(&mut |link| except.extend(if let Link::Verb(verb) = link { Some(verb) } else { None }));
        let ends: Vec<VarId> = [left, right].into_iter().filter_map(Term::var).collect();
        (self.matches(select, &ends), View::DiffEnds { left, right, except, over: self.query.over.clone() })
    }
}

/// Replaces expressions that equal a key of the group by a reference to it. An entity is read from its slot.
fn read_keys(scalar: &mut Scalar, keys: &[Scalar]) {
    scalar.each_mut(&mut |inner| {
        let key = keys.iter().position(|key| key == inner && !matches!(key, Scalar::Slot(_)));
        if let Some(key) = key {
            *inner = Scalar::Key(key);
        }
    });
}

fn note(vars: &mut Vec<VarId>, var: VarId) {
    if !vars.contains(&var) {
        vars.push(var);
    }
}

fn projection(select: &Select, scalars: &mut Scalars) -> Projection {
    let columns = select.columns.iter().map(|column| Column {
        title: column.title.clone(),
        scalar: scalars.scalar(&column.expr),
        is_numeric: matches!(column.expr.of, ExprType::Value(ValueType::Number) | ExprType::Duration),
        types: match column.expr.of {
            ExprType::Entity(types) => types,
            _ => TypeSet::NONE,
        },
    });
    let columns = columns.collect();
    let key = |key: &typed::Key| {
        let scalar = scalars.scalar(&key.expr);
        let is_period = matches!(scalar.period(), Some((FunctionId::Month | FunctionId::Quarter, _)));
        SortKey { scalar, descending: key.descending, is_period, span: key.expr.span }
    };
    Projection { columns, keys: select.order.iter().map(key).collect(), counts: possible_counts(select, scalars) }
}

/// Returns the distinct counts that the columns read. Each has a column of its own, since what one may have more tells
/// nothing of another.
fn possible_counts(select: &Select, scalars: &mut Scalars) -> Vec<PossibleCount> {
    let mut counts: Vec<(&str, PossibleCount)> = Vec::new();
    for column in &select.columns {
        let mut calls = Vec::new();
        count_calls(&column.expr, &mut calls);
        for (call, written) in calls.into_iter().zip(&column.counts) {
            let Scalar::AggregateCall(fold) = scalars.scalar(call) else { continue };
            // A count with a condition is a fold of its own each time that it is written.
            if counts.iter().all(|(known, count)| count.fold != fold && known != written) {
                let title = if *call == column.expr { &column.title } else { written };
                counts.push((written, PossibleCount { title: format!("possible {title}"), fold }));
            }
        }
    }
    let mut counts: Vec<PossibleCount> = counts.into_iter().map(|(_, count)| count).collect();
    if let [count] = counts.as_mut_slice() {
        count.title = "possible".to_string();
    }
    counts
}

/// Collects the calls of `count` in an expression, in the order in which they are written.
fn count_calls<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match &expr.kind {
        ExprKind::Aggregate { function: FunctionId::Count, .. } => found.push(expr),
        _ => expr.children().for_each(|inner| count_calls(inner, found)),
    }
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn limit(select: &Select) -> Limit {
    let (offset, limit) = (whole(select.offset), select.limit.map(whole));
    Limit { offset, limit, ties: select.ties, span: select.limit_span }
}

/// Returns the group keys for the order of variables; none if a key reads several variables.
fn group_keys(keys: &[Scalar]) -> Vec<GroupKey> {
    let key = |key: &Scalar| match key {
        Scalar::Slot(var) => Some(GroupKey::Entity(*var)),
        Scalar::Path(_) | Scalar::Stated(..) | Scalar::Label(..) | Scalar::OfClaims(..) => None,
        _ => {
            let mut vars = Vec::new();
            key.slots(&mut |var| vars.push(var));
            vars.first().filter(|_| vars.len() == 1).map(|var| GroupKey::Of(*var))
        }
    };
    keys.iter().map(key).collect::<Option<Vec<GroupKey>>>().unwrap_or_default()
}

/// Returns the variables whose values aggregates add up or compare; none if some aggregate reads whole groups.
fn folded(folds: &[AggregateCall]) -> Vec<VarId> {
    use FunctionId::{Avg, Count, Max, Min, Sum};
    let mut vars = Vec::new();
    for fold in folds {
        match fold.function {
            Count if fold.argument.as_slot().is_some() => {}
            Sum | Avg | Min | Max => fold.argument.slots(&mut |var| note(&mut vars, var)),
            _ => return Vec::new(),
        }
    }
    vars
}

/// Subject, path, object and source.
type Ends = (Term, Path, Term, Option<SourceId>);

/// Returns the first path of a pattern, or its first fact as a path of one verb; `None` if it has neither.
fn only_path(formula: &Formula) -> Option<Ends> {
    let (mut walked, mut facts) = (Vec::new(), Vec::new());
    conjuncts(formula, &mut |formula| match formula {
        Formula::Path(PathAtom { path, subject, object, source, .. }) => {
            walked.push((*subject, path.clone(), *object, *source));
        }
        Formula::Fact(atom) => {
            let path = Path::Link { link: atom.link, inverse: false };
            facts.push((atom.subject, path, atom.object, atom.source));
        }
        _ => {}
    });
    let mut found = if walked.is_empty() { facts } else { walked };
    (!found.is_empty()).then(|| found.remove(0))
}

/// Returns true if the sentence was written from the object of the fact to its subject, as in `Llama 2 succeeded by
/// Model`.
fn is_turned(formula: &Formula) -> bool {
    let mut turned = None;
    conjuncts(formula, &mut |formula| match formula {
        Formula::Fact(atom) => turned = turned.or(Some(atom.turned)),
        // A path keeps the direction in which it is written.
        Formula::Path(_) => turned = Some(false),
        _ => {}
    });
    turned.unwrap_or(false)
}

/// Calls `f` with each conjunct, including those of modal and optional parts.
fn conjuncts<'f>(formula: &'f Formula, f: &mut dyn FnMut(&'f Formula)) {
    match formula {
        Formula::All(all) => all.iter().for_each(|inner| conjuncts(inner, f)),
        Formula::Modal(_, inner) | Formula::Optional(inner) => conjuncts(inner, f),
        other => f(other),
    }
}

/// Returns the only fact that every match has between two variables, in either direction.
fn joining(formula: &Formula, a: VarId, b: VarId) -> Option<&FactAtom> {
    fn all<'f>(formula: &'f Formula, found: &mut Vec<&'f FactAtom>) {
        match formula {
            Formula::Fact(atom) => found.push(atom),
            Formula::All(_) | Formula::Exists(..) | Formula::Modal(..) => {
                formula.children().for_each(|inner| all(inner, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    all(formula, &mut found);
    let ends = [Term::Var(a), Term::Var(b)];
    found.retain(|atom| ends.contains(&atom.subject) && ends.contains(&atom.object) && atom.subject != atom.object);
    if let [atom] = found[..] { Some(atom) } else { None }
}
