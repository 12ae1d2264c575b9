//! Alternatives of an `or`, and the variables that only one of them binds.

use super::free;
use crate::check::scope::{Scope, all, exists};
use crate::check::typed::{Expr, ExprKind, ExprType, Formula, Label, Term, VarId, VarKind};
use crate::text::Span;
use std::collections::BTreeSet;

/// A branch of an `or`.
pub(super) struct Branch {
    formula: Formula,
    /// Variables that are visible outside the `or`, and that no other branch refers to.
    own: Vec<VarId>,
    span: Span,
}

impl Branch {
    /// Returns the branch at this place. Variables declared only in it are not visible outside, unless the declarations
    /// of the pattern have put them there.
    pub fn of<'c>(scope: &mut Scope<'c>, span: Span, condition: impl FnOnce(&mut Scope<'c>) -> Formula) -> Branch {
        scope.enter(span);
        let formula = condition(scope);
        let locals = scope.leave();
        Branch { formula: exists(locals, formula), own: scope.own_of(span), span }
    }
}

/// Returns the condition that one of the branches holds.
///
/// If branches have variables of their own, each binding is that of one branch, and leaves the variables of the others
/// absent. A hidden variable then numbers the branches, and an optional part for each binds its variables:
///
/// ```text
/// (A(x, t) or B(x, p) or C(x))
/// (n = 0 or n = 1 or n = 2 and C(x)), optional (n = 0 and A(x, t)), optional (n = 1 and B(x, p)),
///     (n = 1 or n = 2 or t is not absent), (n = 0 or n = 2 or p is not absent)
/// ```
pub(super) fn any(scope: &mut Scope, branches: Vec<Branch>) -> Formula {
    if branches.iter().all(|branch| branch.own.is_empty()) {
        return disjunction(scope, branches.into_iter().map(|branch| branch.formula).collect());
    }
    let number = u16::try_from(branches.len()).unwrap_or(u16::MAX);
    let which = scope.hidden(VarKind::Label(Label::Alternative(number)), branches[0].span);
    let is_nth = |n: usize| Formula::Word(which, n as u32);
    let shared = shared(scope, &branches);
    let (mut deciding, mut parts) = (Vec::new(), Vec::new());
    for (n, branch) in branches.into_iter().enumerate() {
        let Branch { formula, own, span } = branch;
        deciding.push(match (own.is_empty(), shared) {
            (true, _) => all(vec![formula.clone(), is_nth(n)]),
            (false, false) => is_nth(n),
            // The variables that all branches bind are bound here, each time with some values of the others.
            (false, true) => all(vec![some(scope, &formula, &own), is_nth(n)]),
        });
        if own.is_empty() {
            continue;
        }
        parts.push(Formula::Optional(Box::new(all(vec![is_nth(n), formula]))));
        if let Some(told) = own.iter().find(|var| !scope.may_be_absent(**var)) {
            let others = (0..usize::from(number)).filter(|other| *other != n).map(is_nth);
            parts.push(Formula::Any(others.chain([is_present(scope, *told, span)]).collect()));
        }
        own.iter().for_each(|var| scope.note_absent(*var));
    }
    all([disjunction(scope, deciding)].into_iter().chain(parts).collect())
}

/// Returns true if the branches declare a variable that all of them bind.
fn shared(scope: &Scope, branches: &[Branch]) -> bool {
    let is_declared = |var: VarId| {
        let at = scope.var(var).span;
        branches.iter().any(|branch| branch.span.start <= at.start && at.end <= branch.span.end)
    };
    let is_shared =
        |branch: &Branch| free(&branch.formula).into_iter().any(|var| !branch.own.contains(&var) && is_declared(var));
    branches.iter().any(is_shared)
}

/// Returns the condition that there are values of these variables for which the formula holds.
fn some(scope: &mut Scope, formula: &Formula, vars: &[VarId]) -> Formula {
    let others = vars.iter().map(|var| {
        let (kind, span) = (scope.var(*var).kind, scope.var(*var).span);
        (*var, scope.unnamed_local(kind, span))
    });
    let others: Vec<(VarId, VarId)> = others.collect();
    let mut formula = formula.clone();
    formula.rename(&|var| others.iter().find(|(own, _)| *own == var).map_or(var, |(_, other)| *other));
    exists(others.into_iter().map(|(_, other)| other).collect(), formula)
}

/// Returns the condition that a variable is not absent.
fn is_present(scope: &Scope, var: VarId, span: Span) -> Formula {
    let truth = |kind: ExprKind| Expr { kind, of: ExprType::Truth, span };
    let present = || truth(ExprKind::Not(Box::new(truth(ExprKind::IsAbsent(var)))));
    of_its_type(scope, var).unwrap_or_else(|| Formula::Test(present()))
}

/// Returns the disjunction of the branches. Type conditions are added so that all branches refer to the same entities,
/// except those that an earlier `optional` binds: if these are absent, a branch that does not mention them may still
/// hold.
pub(super) fn disjunction(scope: &Scope, branches: Vec<Formula>) -> Formula {
    let referenced: Vec<BTreeSet<VarId>> = branches.iter().map(free).collect();
    let union: BTreeSet<VarId> = referenced.iter().flatten().copied().collect();
    let padded = branches.into_iter().zip(&referenced).map(|(branch, referenced)| {
        let missing = union.difference(referenced).filter(|var| !scope.may_be_absent(**var));
        let missing = missing.filter_map(|var| of_its_type(scope, *var));
        all(std::iter::once(branch).chain(missing).collect())
    });
    Formula::Any(padded.collect())
}

fn of_its_type(scope: &Scope, var: VarId) -> Option<Formula> {
    match scope.var(var).kind {
        VarKind::Entity(types) => Some(Formula::Type(Term::Var(var), types)),
        _ => None,
    }
}
