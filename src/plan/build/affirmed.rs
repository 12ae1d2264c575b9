//! Formula in negation normal form, as it is proved: affirmed parts are separated from denied ones.
//!
//! A negated test is again a test, and a test for the existence of facts is the formula of these facts, so both are
//! affirmed where possible. `exactly` affirms that there are that many and denies that there are more.

use crate::check::typed::{CountOp, Expr, ExprKind, Formula};

/// Returns the formula with negations pushed inwards as far as possible.
pub(super) fn affirmed(formula: &Formula) -> Formula {
    let each = |all: &[Formula]| all.iter().map(affirmed).collect();
    let boxed = |inner: &Formula| Box::new(affirmed(inner));
    match formula {
        Formula::All(all) => Formula::All(each(all)),
        Formula::Any(all) => Formula::Any(each(all)),
        Formula::Not(inner) => negated(inner),
        Formula::Exists(vars, inner) => Formula::Exists(vars.clone(), boxed(inner)),
        Formula::Count { var, compare: CountOp::AtLeast, number, of } => {
            Formula::Count { var: *var, compare: CountOp::AtLeast, number: *number, of: boxed(of) }
        }
        Formula::Count { var, compare: CountOp::Exactly, number, of } => {
            let count = |compare, of| Formula::Count { var: *var, compare, number: *number, of };
            // What there may be no more of is denied, so it stays as it is.
            Formula::All(vec![count(CountOp::AtLeast, boxed(of)), count(CountOp::AtMost, of.clone())])
        }
        Formula::Every { vars, domain, then, span } => {
            // The domain is denied, too: outside it, `then` need not hold.
            Formula::Every { vars: vars.clone(), domain: domain.clone(), then: boxed(then), span: *span }
        }
        Formula::Optional(inner) => Formula::Optional(boxed(inner)),
        Formula::Modal(modality, inner) => Formula::Modal(*modality, boxed(inner)),
        Formula::Test(expr) => test(expr, true),
        atom => atom.clone(),
    }
}

fn negated(formula: &Formula) -> Formula {
    let each = |all: &[Formula]| all.iter().map(negated).collect();
    match formula {
        Formula::Not(inner) => affirmed(inner),
        Formula::All(all) => Formula::Any(each(all)),
        Formula::Any(all) => Formula::All(each(all)),
        Formula::Test(expr) => test(expr, false),
        other => Formula::Not(Box::new(other.clone())),
    }
}

/// Returns a test, or its negation, as a formula: connectives of tests become those of formulas (De Morgan).
fn test(expr: &Expr, holds: bool) -> Formula {
    let each = |all: &[Expr]| all.iter().map(|inner| test(inner, holds)).collect();
    match &expr.kind {
        ExprKind::And(all) if holds => Formula::All(each(all)),
        ExprKind::And(all) => Formula::Any(each(all)),
        ExprKind::Or(all) if holds => Formula::Any(each(all)),
        ExprKind::Or(all) => Formula::All(each(all)),
        ExprKind::Not(inner) => test(inner, !holds),
        ExprKind::Exists(formula) if holds => affirmed(formula),
        ExprKind::Exists(formula) => negated(formula),
        _ if holds => Formula::Test(expr.clone()),
        _ => Formula::Test(Expr { kind: ExprKind::Not(Box::new(expr.clone())), ..expr.clone() }),
    }
}
