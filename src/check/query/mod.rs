//! Queries: body, pattern and clauses.

mod adoption;
mod clause;
mod group;
mod head;
mod lineage;
mod select;
mod truth;
mod views;

use super::expr::{self, Hint};
use super::name::suggestions;
use super::scope::Scope;
use super::typed::{Body, ExprKind, ExprType, Formula, Head, Modality, Over, Query, SchemaTopic, Select};
use super::walk;
use crate::schema::Word;
use crate::syntax::ast;
use crate::text::{Code, Diagnostic, Spanned};
use crate::value::{Date, Value, ValueType};
use clause::Clauses;

pub(super) use group::{has_aggregate, is_running};

/// Resolves a query except for its definitions. After an error, which has been reported, parts of the result are
/// placeholders.
pub(super) fn query(scope: &mut Scope, query: &ast::Query, possibly: bool) -> Query {
    let clauses = clause::collect(scope, query);
    let asked = match &query.body {
        ast::Body::Pattern(pattern) => head::pattern(scope, query.head.as_ref(), pattern, &clauses),
        view => {
            head::before_view(scope, query.head.as_ref());
            views::view(scope, view, &clauses).map(|body| (Head::Rows, body))
        }
    };
    // Any body will do after an error: no plan is made of it.
    let (head, body) = asked.unwrap_or((Head::Rows, Body::Schema(SchemaTopic::All)));
    Query {
        shortest: clauses.shortest,
        cost: clauses.cost.and_then(|property| head::cost(scope, property)),
        over: (!clauses.over.is_empty()).then(|| over(scope, clauses.over)),
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

/// Returns the pattern of a query; `None` if it has none.
pub(super) fn select_of(body: &Body) -> Option<&Select> {
    match body {
        Body::Select(select) | Body::Timeline(select) | Body::Matrix { select, .. } => Some(select),
        Body::Adoption(adoption) | Body::Rise(adoption) => Some(&adoption.of),
        Body::Lineage(lineage) => lineage.among.as_ref(),
        _ => None,
    }
}

/// Returns the same, mutable.
pub(super) fn select_of_mut(body: &mut Body) -> Option<&mut Select> {
    match body {
        Body::Select(select) | Body::Timeline(select) | Body::Matrix { select, .. } => Some(select),
        Body::Adoption(adoption) | Body::Rise(adoption) => Some(&mut adoption.of),
        Body::Lineage(lineage) => lineage.among.as_mut(),
        _ => None,
    }
}

/// Returns the verbs and properties after `over`.
fn over(scope: &mut Scope, words: &[Spanned<String>]) -> Over {
    let mut over = Over::default();
    for word in words {
        let schema = scope.schema();
        match schema.lookup_word(&word.item) {
            Some(Word::Property(id)) => over.properties.push(id),
            Some(Word::Verb { verb, inverse: false }) => over.verbs.push(verb),
            Some(Word::Verb { verb, inverse: true }) => {
                let forward = schema.verb(verb).name.clone();
                let message = format!("`diff` looks at what an entity does, and `{}` is done to it", word.item);
                let problem = Diagnostic::error(Code::WrongType, word.span, message);
                scope.report(problem.fix(format!("write `{forward}`"), word.span, forward));
            }
            None => {
                let message = format!("no verb is called `{}`", word.item);
                let problem = Diagnostic::error(Code::UnknownVerb, word.span, message);
                scope.report(suggestions::offer_near(problem, word.span, &word.item, schema.words()));
            }
        }
    }
    over
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

/// Returns a select of a formula; its columns are the visible variables unless a clause says otherwise.
fn plain_select(scope: &mut Scope, formula: Formula, clauses: &Clauses) -> Select {
    select::select(scope, formula, clauses)
}
