//! Columns, groups, order and limits.

use super::clause::Clauses;
use super::{group, truth};
use crate::check::expr::{self, Hint, literal};
use crate::check::name::{self, Resolution};
use crate::check::pattern::{self, path::reversed};
use crate::check::scope::{Aggregates, Scope, all};
use crate::check::typed::{Column, Expr, ExprKind, Formula, Key, Link, Nearest, Path, Select, Term, VarId, VarKind};
use crate::check::walk;
use crate::schema::TypeSet;
use crate::syntax::ast;
use crate::text::{Code, Diagnostic, Span, Spanned};

/// Returns the select of a formula with its clauses.
pub(super) fn select(scope: &mut Scope, formula: Formula, clauses: &Clauses) -> Select {
    let formula = filtered(scope, formula, &clauses.conditions);
    // The order of these steps matters: keys are checked before columns, which may repeat them, and names of `as` are
    // visible only in `having` and `order by`.
    let free = scope.outermost();
    scope.aggregates = Aggregates::Misplaced("by");
    let keys: Vec<Column> = clauses.show.map_or(Vec::new(), |(items, by)| self::keys(scope, items, by));
    let every = clauses.show.map_or(Vec::new(), |(_, by)| every(scope, by, &keys, &formula));
    scope.aggregates = Aggregates::Allowed;
    let (columns, items) = match clauses.show {
        Some((items, _)) => shown(scope, items, keys.clone()),
        None => {
            let named = free.iter().filter(|var| !scope.var(**var).title.is_empty());
            (named.map(|var| column_of(scope, *var)).collect(), Vec::new())
        }
    };
    scope.aliases = items;
    let having = clauses.having.and_then(|having| expr::condition(scope, having));
    let order = order(scope, clauses.order);
    scope.aliases.clear();
    let keys: Vec<Expr> = keys.into_iter().map(|key| key.expr).collect();
    let nearest = clauses.nearest.and_then(|var| nearest(scope, var, &formula));
    let whole = [with_every(scope, formula, &every)].into_iter().chain(std::mem::take(&mut scope.conditional));
    let select = Select {
        nearest,
        formula: all(whole.collect()),
        free: scope.outermost(),
        columns,
        group: clauses.show.filter(|(_, by)| !by.is_empty()).map(|_| keys),
        having,
        order,
        ties: clauses.ties.is_some(),
        limit_span: clauses.limit.map_or(Span::default(), |limit| limit.span),
        limit: clauses.limit.and_then(|limit| whole_number(scope, limit, "limit")),
        offset: clauses.offset.and_then(|offset| whole_number(scope, offset, "offset")).unwrap_or(0),
    };
    let select = grouped(scope, select);
    truth::sentences_as_values(scope, select)
}

/// Returns the formula with the conditions of `where`.
pub(super) fn filtered(scope: &mut Scope, formula: Formula, conditions: &[&ast::Expr]) -> Formula {
    scope.aggregates = Aggregates::Misplaced("where");
    let tests = conditions.iter().filter_map(|condition| expr::condition(scope, condition)).map(Formula::Test);
    let tests: Vec<Formula> = tests.collect();
    all(std::iter::once(formula).chain(tests).collect())
}

/// Returns the column of a variable.
pub(super) fn column_of(scope: &Scope, var: VarId) -> Column {
    let of = scope.var(var);
    Column { expr: literal::variable(scope, var, of.span), title: of.title.clone(), counts: Vec::new() }
}

fn column(scope: &mut Scope, expr: &ast::Expr, name: Option<&Spanned<String>>) -> Option<Column> {
    scope.counts.clear();
    let found = expr::expr(scope, expr, Hint::Any)?;
    let title = match (name, &found.kind) {
        (Some(name), _) => name.item.clone(),
        (None, ExprKind::Var(var)) => scope.var(*var).title.clone(),
        (None, _) => crate::syntax::print::bare_expr(expr),
    };
    let mut counts = std::mem::take(&mut scope.counts);
    // A hint may have let a later operand be checked first.
    counts.sort_by_key(|count| count.span.start);
    let counts = counts.into_iter().map(|count| count.item).collect();
    Some(Column { expr: found, title, counts })
}

/// Returns the keys of `by`. A key may be the name that an item has after `as`.
fn keys(scope: &mut Scope, items: &[ast::Item], by: &[ast::GroupKey]) -> Vec<Column> {
    let mut keys = Vec::new();
    for ast::GroupKey { expr: key, .. } in by {
        let named = |item: &&ast::Item| match (&key.kind, &item.name) {
            (ast::ExprKind::Lower(word), Some(name)) => *word == name.item && scope.seen(word).is_none(),
            _ => false,
        };
        keys.extend(match items.iter().find(named) {
            Some(item) => column(scope, &item.expr, item.name.as_ref()),
            None => column(scope, key, None),
        });
    }
    keys
}

/// Returns the variables of the keys after `every`, which have a group even without bindings.
fn every(scope: &mut Scope, by: &[ast::GroupKey], keys: &[Column], formula: &Formula) -> Vec<VarId> {
    let mut every = Vec::new();
    for place in by.iter().filter_map(|key| key.every.as_ref().map(|every| every.span)) {
        let key = keys.iter().find(|key| key.expr.span.start >= place.end);
        match key.map(|key| &key.expr.kind) {
            Some(ExprKind::Var(var)) if pattern::free(formula).contains(var) && !binds(formula, *var) => {
                let message = format!("`{}` may be absent: `every` has no group for that", scope.var(*var).title);
                let problem = Diagnostic::error(Code::WrongType, place, message);
                scope.report(problem.help("leave out `every`, or the `optional` before its sentence"));
            }
            Some(ExprKind::Var(var)) if matches!(scope.var(*var).kind, VarKind::Entity(_)) => every.push(*var),
            None => {}
            Some(_) => {
                let message = "`every` stands before a variable for entities";
                let problem = Diagnostic::error(Code::WrongType, place, message);
                scope.report(problem.help("write for example `show count(m) by every t`"));
            }
        }
    }
    every
}

/// Returns true if each binding of a formula has a value for a variable that occurs in it. Only an optional part leaves
/// one open; whatever else denies or counts speaks of variables that are bound elsewhere.
fn binds(formula: &Formula, var: VarId) -> bool {
    match formula {
        Formula::All(all) => all.iter().any(|part| binds(part, var)),
        Formula::Any(all) => all.iter().all(|part| binds(part, var)),
        Formula::Modal(_, inner) | Formula::Exists(_, inner) => binds(inner, var),
        Formula::Optional(_) | Formula::Not(_) | Formula::Count { .. } | Formula::Every { .. } | Formula::Test(_) => {
            false
        }
        atom => pattern::free(atom).contains(&var),
    }
}

/// Returns the formula as an optional part of these variables, so that each value has a binding. Conditions on a single
/// one of these variables stay outside the optional part.
fn with_every(scope: &Scope, formula: Formula, every: &[VarId]) -> Formula {
    if every.is_empty() {
        return formula;
    }
    let conjuncts = if let Formula::All(all) = formula { all } else { vec![formula] };
    let conjuncts = conjuncts.into_iter().flat_map(|formula| match formula {
        Formula::Test(Expr { kind: ExprKind::And(tests), .. }) => tests.into_iter().map(Formula::Test).collect(),
        other => vec![other],
    });
    let of_one = |formula: &Formula| {
        let free = pattern::free(formula);
        free.len() == 1 && free.iter().all(|var| every.contains(var))
    };
    let (mut own, others): (Vec<Formula>, Vec<Formula>) = conjuncts.partition(of_one);
    own.extend(every.iter().map(|var| Formula::Type(Term::Var(*var), scope.types(Term::Var(*var)))));
    own.push(Formula::Optional(Box::new(all(others))));
    all(own)
}

/// Returns the columns, keys first, then the items that are not keys, and the expressions that the names of `as` stand
/// for. An item that equals a key gives it its name.
fn shown(scope: &mut Scope, items: &[ast::Item], keys: Vec<Column>) -> (Vec<Column>, Vec<(String, Expr)>) {
    let grouped = keys.len();
    let (mut columns, mut names) = (keys, Vec::new());
    for item in items {
        let Some(found) = column(scope, &item.expr, item.name.as_ref()) else { continue };
        if let Some(name) = &item.name {
            names.push((name.item.clone(), found.expr.clone()));
        }
        let key = columns[..grouped].iter_mut().find(|key| group::same(&key.expr, &found.expr));
        match (key, &item.name) {
            (Some(key), Some(name)) => key.title = name.item.clone(),
            (Some(_), None) => {}
            (None, _) => columns.push(found),
        }
    }
    (columns, names)
}

fn order(scope: &mut Scope, keys: &[ast::Key]) -> Vec<Key> {
    let typed = keys.iter().filter_map(|key| {
        let expr = expr::expr(scope, &key.expr, Hint::Any)?;
        Some(Key { expr, descending: key.descending })
    });
    typed.collect()
}

/// Makes a single group if there is an aggregate without `by`, and reports expressions that do not fit the groups.
fn grouped(scope: &mut Scope, mut select: Select) -> Select {
    let columns = select.columns.iter().map(|column| &column.expr);
    let looked_at: Vec<&Expr> = columns.chain(&select.having).chain(select.order.iter().map(|key| &key.expr)).collect();
    if select.group.is_none() && looked_at.iter().any(|expr| group::has_aggregate(expr)) {
        select.group = Some(Vec::new());
    }
    if let (None, Some(having)) = (&select.group, &select.having) {
        let message = "`having` tests groups, and here are none";
        let problem = Diagnostic::error(Code::MisplacedClause, having.span, message);
        scope.report(problem.help("`where` tests rows; groups are made by `show … by …`"));
    }
    select.columns.iter().for_each(|column| group::running_elsewhere(scope, &column.expr, true));
    let others =
        select.having.iter().chain(select.order.iter().map(|key| &key.expr)).chain(select.group.iter().flatten());
    others.for_each(|expr| group::running_elsewhere(scope, expr, false));
    match &select.group {
        Some(keys) => looked_at.into_iter().for_each(|expr| group::check(scope, expr, keys)),
        None => {
            let columns: Vec<&Expr> = select.columns.iter().map(|column| &column.expr).collect();
            let hang = select.having.iter().chain(select.order.iter().map(|key| &key.expr));
            hang.for_each(|key| group::shown(scope, key, &columns));
        }
    }
    select
}

/// Returns the number of `limit` or `offset`; reports any other value.
pub(super) fn whole_number(scope: &mut Scope, expr: &ast::Expr, word: &str) -> Option<u64> {
    if let ast::ExprKind::Param(name) = &expr.kind {
        return literal::whole_param(scope, name, expr.span);
    }
    let found = expr::expr(scope, expr, Hint::Number)?;
    let number = literal::whole(&found);
    if number.is_none() {
        let message = format!("`{word}` wants a whole number, 0 or more");
        scope.report(Diagnostic::error(Code::WrongArguments, expr.span, message));
    }
    number
}

/// Returns the variable of `nearest c`, and the path that leads to it in the pattern.
fn nearest(scope: &mut Scope, word: &Spanned<String>, formula: &Formula) -> Option<Nearest> {
    let noun = literal::noun(ast::NounKind::Lower(word.item.clone()), word.span);
    let everything = scope.schema().all_types();
    let problem = match name::meaning(scope, &noun, everything) {
        Ok(Resolution::Variable(var)) if matches!(scope.var(var).kind, VarKind::Entity(_)) => {
            scope.speak(var);
            match path_to(formula, var) {
                Some(path) if leads_on(scope, &path, scope.types(Term::Var(var))) => {
                    return Some(Nearest { var, path });
                }
                Some(_) => {
                    let message = format!("the path to `{}` leads from none of these to another", word.item);
                    Diagnostic::error(Code::WrongArguments, word.span, message)
                        .help("`nearest` drops what lies behind another answer on the path, as in a lineage")
                }
                None => Diagnostic::error(Code::WrongArguments, word.span, format!("no verb leads to `{}`", word.item))
                    .help("`nearest` keeps what lies nearest along the path that leads to it"),
            }
        }
        Ok(_) => {
            let message = format!("`nearest` wants a variable for entities, and `{}` is none", word.item);
            Diagnostic::error(Code::WrongType, word.span, message)
        }
        Err(diagnostic) => diagnostic,
    };
    scope.report(problem);
    None
}

/// Returns true if a path may lead from an entity of these types to another of them.
fn leads_on(scope: &Scope, path: &Path, types: TypeSet) -> bool {
    let (from, to) = ends(scope, path);
    !from.and(types).is_empty() && !to.and(types).is_empty()
}

/// Returns the types at the start and at the end of a path.
fn ends(scope: &Scope, path: &Path) -> (TypeSet, TypeSet) {
    match path {
        Path::Link { link, inverse } => {
            let (from, to) = match link {
                Link::Verb(verb) => (scope.schema().verb(*verb).from, scope.schema().verb(*verb).to),
                Link::Define(define) => {
                    let signature = &scope.signatures[define.0 as usize];
                    (signature.from, signature.to)
                }
            };
            if *inverse { (to, from) } else { (from, to) }
        }
        Path::Sequence(steps) => {
            let (first, last) =
                (steps.first().map(|step| ends(scope, step)), steps.last().map(|step| ends(scope, step)));
            (first.map_or(TypeSet::NONE, |ends| ends.0), last.map_or(TypeSet::NONE, |ends| ends.1))
        }
        Path::Either(ways) => {
            let all = ways.iter().map(|way| ends(scope, way));
            all.fold((TypeSet::NONE, TypeSet::NONE), |all, own| (all.0.or(own.0), all.1.or(own.1)))
        }
        Path::Repeat { path, .. } => ends(scope, path),
    }
}

/// Returns the first path or fact that ends at the variable or, if there is none, the first that begins there,
/// reversed.
fn path_to(formula: &Formula, var: VarId) -> Option<Path> {
    let (mut there, mut back) = (None, None);
    walk::formulas(formula, false, &mut |formula, negated| {
        let (path, subject, object) = match formula {
            Formula::Path(atom) => (atom.path.clone(), atom.subject, atom.object),
            Formula::Fact(atom) => (Path::Link { link: atom.link, inverse: false }, atom.subject, atom.object),
            _ => return,
        };
        if !negated && object == Term::Var(var) && there.is_none() {
            there = Some(path);
        } else if !negated && subject == Term::Var(var) && back.is_none() {
            back = Some(reversed(path));
        }
    });
    there.or(back)
}
