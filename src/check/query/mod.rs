//! Queries: what is asked, of which pattern, with which clauses.

mod clause;
mod group;
mod head;
mod select;
mod views;

use super::expr::{self, Hint};
use super::scope::Scope;
use super::typed::{Body, ExprKind, ExprType, Formula, Head, Modality, Query, SchemaTopic, Select};
use super::walk;
use crate::syntax::ast;
use crate::value::{Date, Value, ValueType};
use clause::Clauses;

pub(super) use group::{has_aggregate, is_running};

/// Resolves a query but for its definitions. Where something is wrong, which has been reported, parts of the result
/// stand for nothing.
pub(super) fn query(scope: &mut Scope, query: &ast::Query, possibly: bool) -> Query {
    let clauses = clause::collect(scope, query);
    let asked = match &query.body {
        ast::Body::Pattern(pattern) => head::pattern(scope, query.head.as_ref(), pattern, &clauses),
        view => {
            head::before_view(scope, query.head.as_ref());
            views::view(scope, view, &clauses).map(|body| (Head::Rows, body))
        }
    };
    let (head, body) = asked.unwrap_or((Head::Rows, Body::Schema(SchemaTopic::All)));
    Query {
        head,
        possibly: possibly || select_of(&body).is_some_and(|select| says_possibly(&select.formula)),
        body,
        vars: Vec::new(),
        defines: Vec::new(),
        explain: query.explain.map(|explain| explain.item),
        as_of: clauses.as_of.and_then(|date| as_of(scope, date)),
        to: clauses.to.map(str::to_string),
        notes: Vec::new(),
    }
}

/// The pattern of a query that has one.
pub(super) fn select_of(body: &Body) -> Option<&Select> {
    match body {
        Body::Select(select) | Body::Timeline(select) | Body::Matrix { select, .. } => Some(select),
        Body::Adoption(adoption) => Some(&adoption.of),
        _ => None,
    }
}

/// The same, to be changed.
pub(super) fn select_of_mut(body: &mut Body) -> Option<&mut Select> {
    match body {
        Body::Select(select) | Body::Timeline(select) | Body::Matrix { select, .. } => Some(select),
        Body::Adoption(adoption) => Some(&mut adoption.of),
        _ => None,
    }
}

fn says_possibly(formula: &Formula) -> bool {
    let mut found = false;
    walk::formulas(formula, false, &mut |formula, _| {
        found |= matches!(formula, Formula::Modal(Modality::Possibly, _));
    });
    found
}

fn as_of(scope: &mut Scope, date: &ast::Expr) -> Option<Date> {
    let found = expr::expr(scope, date, Hint::Date)?;
    expr::expect(scope, &found, ExprType::Value(ValueType::Date));
    match found.kind {
        ExprKind::Value(Value::Date(date)) => Some(date),
        _ => None,
    }
}

/// A select of a formula alone, its columns the variables that can be seen.
fn plain_select(scope: &mut Scope, formula: Formula, clauses: &Clauses) -> Select {
    select::select(scope, formula, clauses)
}
