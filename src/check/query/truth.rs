//! Sentences as values: `show m, (m uses MLA)`, `order by (m uses MLA)`, `having o develops Llama 2`.
//!
//! The value is yes, no or unknown. Sentences are matched by the pattern of a query and not by its expressions, so each
//! becomes two optional parts: one binds a hidden variable where the sentence certainly holds, the other where it
//! certainly does not. Neither is ever only possible, so that a row stays one row.

use super::group;
use crate::check::scope::{Scope, all, negation};
use crate::check::typed::{Expr, ExprKind, ExprType, Formula, Label, Modality, Select, VarId, VarKind};
use crate::text::{Code, Diagnostic, Span};
use crate::value::{Truth, Value};

/// Replaces the sentences in columns, keys, order and `having` by their values.
pub(super) fn sentences_as_values(scope: &mut Scope, mut select: Select) -> Select {
    let mut values = Values { scope, found: Vec::new(), parts: Vec::new() };
    let keys = select.group.iter_mut().flatten();
    let shown = select.columns.iter_mut().map(|column| &mut column.expr);
    let rest = select.having.iter_mut().chain(select.order.iter_mut().map(|key| &mut key.expr));
    keys.chain(shown).chain(rest).for_each(|expr| values.replace(expr));
    let Values { found, parts, .. } = values;
    if parts.is_empty() {
        return select;
    }
    // Sentences that groups show are about their keys, so that they divide no group. Where there is no key, the one group
    // has a row even if nothing is found, which a key would take away.
    match &mut select.group {
        Some(keys) if keys.is_empty() => found.iter().for_each(|(_, value)| {
            let message = "a sentence stands beside an aggregate without being a key";
            let problem = Diagnostic::error(Code::NotGrouped, value.span, message);
            scope.report(problem.help("put it after `by`, or ask it by itself"));
        }),
        Some(keys) => {
            for (_, value) in found {
                if !keys.iter().any(|key| group::same(key, &value)) {
                    keys.push(value);
                }
            }
        }
        None => {}
    }
    select.formula = all([select.formula].into_iter().chain(parts).collect());
    select.free = scope.outermost();
    select
}

struct Values<'s, 'c> {
    scope: &'s mut Scope<'c>,
    /// Sentences so far, each with its value.
    found: Vec<(Formula, Expr)>,
    /// The optional parts.
    parts: Vec<Formula>,
}

impl Values<'_, '_> {
    fn replace(&mut self, expr: &mut Expr) {
        match &expr.kind {
            ExprKind::Exists(formula) => {
                let value = match self.found.iter().find(|(known, _)| known == &**formula) {
                    Some((_, value)) => value.clone(),
                    None => self.value(formula.as_ref().clone(), expr.span),
                };
                *expr = Expr { span: expr.span, ..value };
            }
            _ => expr.children_mut().for_each(|part| self.replace(part)),
        }
    }

    fn value(&mut self, sentence: Formula, span: Span) -> Expr {
        let value = match modal(&sentence) {
            Some((Modality::Possibly, inner)) => absent(self.binds(negation(inner), span), span),
            Some((Modality::Certainly, inner)) => not(absent(self.binds(inner, span), span)),
            None => {
                let holds = self.binds(sentence.clone(), span);
                let denied = self.binds(negation(sentence.clone()), span);
                let maybe = truth(ExprKind::Value(Value::Truth(Truth::Maybe)), span);
                let undenied = truth(ExprKind::And(vec![absent(denied, span), maybe]), span);
                truth(ExprKind::Or(vec![not(absent(holds, span)), undenied]), span)
            }
        };
        self.found.push((sentence, value.clone()));
        value
    }

    /// Adds an optional part; returns the variable that it binds where the sentence certainly holds.
    fn binds(&mut self, sentence: Formula, span: Span) -> VarId {
        let var = self.scope.hidden(VarKind::Label(Label::Alternative(1)), span);
        let certainly = Formula::Modal(Modality::Certainly, Box::new(sentence));
        self.parts.push(Formula::Optional(Box::new(all(vec![Formula::Word(var, 0), certainly]))));
        self.scope.note_absent(var);
        var
    }
}

/// Takes the modality from a sentence: `m possibly uses Technique` is `possibly (m uses Technique)`.
fn modal(sentence: &Formula) -> Option<(Modality, Formula)> {
    match sentence {
        Formula::Modal(modality, inner) => Some((*modality, (**inner).clone())),
        Formula::Exists(vars, inner) => {
            modal(inner).map(|(modality, inner)| (modality, Formula::Exists(vars.clone(), Box::new(inner))))
        }
        _ => None,
    }
}

fn absent(var: VarId, span: Span) -> Expr {
    truth(ExprKind::IsAbsent(var), span)
}

fn not(inner: Expr) -> Expr {
    let span = inner.span;
    truth(ExprKind::Not(Box::new(inner)), span)
}

fn truth(kind: ExprKind, span: Span) -> Expr {
    Expr { kind, of: ExprType::Truth, span }
}
