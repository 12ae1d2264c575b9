//! `count(m where m uses GELU)`: an aggregate over a subset of its members.
//!
//! It is rewritten as an optional part of the query, which binds further variables to the same entities if the
//! condition holds, and an aggregate over these variables. The rules of optional parts apply: a condition that is only
//! possible makes a member that is only possible.

use super::call::wrong;
use super::condition;
use crate::check::scope::{Aggregates, Scope, all};
use crate::check::typed::{Expr, ExprKind, Formula, Term, VarKind};
use crate::functions::Function;
use crate::syntax::ast;

/// Returns the aggregate over the members that satisfy the condition.
pub(super) fn only_where(
    scope: &mut Scope,
    function: &Function,
    mut aggregate: Expr,
    test: &ast::Expr,
) -> Option<Expr> {
    let outside = std::mem::replace(&mut scope.aggregates, Aggregates::Nested);
    let test = condition(scope, test);
    scope.aggregates = outside;
    let test = test?;
    let span = aggregate.span;
    let ExprKind::Aggregate { argument, over, .. } = &mut aggregate.kind else { return Some(aggregate) };
    let mut parts = Vec::new();
    for var in over.iter_mut() {
        let VarKind::Entity(types) = scope.var(*var).kind else {
            let message = format!(
                "`where` inside `{}` speaks of entities, and `{}` is none",
                function.name,
                scope.var(*var).title
            );
            scope.report(wrong(function, argument.span, message));
            return None;
        };
        let same = scope.create(None, String::new(), VarKind::Entity(types), span, 0);
        scope.meet(same);
        parts.extend([Formula::Type(Term::Var(same), types), Formula::Same(Term::Var(same), Term::Var(*var))]);
        argument.rename(&|other| if other == *var { same } else { other });
        *var = same;
    }
    parts.push(Formula::Test(test));
    scope.conditional.push(Formula::Optional(Box::new(all(parts))));
    Some(aggregate)
}
