//! Conditions as sentences of the language, with slots in the place of variables.

use crate::check::typed::{CountOp, Expr, ExprKind, Formula, Term};
use crate::plan::words::{Template, Words};
use crate::value::Value;

/// Writes sentences.
#[derive(Clone, Copy)]
pub(super) struct Sentences<'a>(pub Words<'a>);

impl Sentences<'_> {
    /// The formula as sentences joined by commas.
    pub fn formula(&self, formula: &Formula) -> Template {
        let words = self.0;
        match formula {
            Formula::All(all) => {
                let said = all.iter().map(|inner| self.formula(inner)).filter(|words| !words.is_empty());
                Template::join(said, ", ")
            }
            Formula::Any(all) => {
                let said = Template::join(all.iter().map(|inner| self.formula(inner)), " or ");
                Template::of(["(".into(), said, ")".into()])
            }
            Formula::Not(inner) if matches!(**inner, Formula::Exists(..)) => {
                Template::of(["no ".into(), self.formula(inner)])
            }
            Formula::Not(inner) => Template::of(["not (".into(), self.formula(inner), ")".into()]),
            Formula::Exists(_, inner) | Formula::Optional(inner) => self.formula(inner),
            Formula::Modal(modality, inner) => {
                Template::of([format!("{modality:?} ").to_lowercase().into(), self.formula(inner)])
            }
            Formula::Count { compare, number, of, .. } => {
                let compare = match compare {
                    CountOp::AtLeast => "at least",
                    CountOp::AtMost => "at most",
                    CountOp::Exactly => "exactly",
                };
                Template::of([format!("{compare} {number}: ").into(), self.formula(of)])
            }
            Formula::Every { domain, then, .. } => {
                Template::of(["every (".into(), self.formula(domain), "): ".into(), self.formula(then)])
            }
            Formula::Fact(atom) => self.between(atom.subject, &words.link(atom.link, false), atom.object),
            Formula::Path(atom) => self.between(atom.subject, &words.path(&atom.path), atom.object),
            Formula::Value(atom) => {
                let property = words.graph.schema().property(atom.property);
                let verb = property.verb.as_deref().unwrap_or(&property.name);
                self.between(atom.subject, verb, Term::Var(atom.value))
            }
            Formula::Type(..) => Template::default(),
            Formula::Same(a, b) => self.between(*a, "=", *b),
            Formula::Test(expr) => self.expr(expr),
        }
    }

    fn term(&self, term: Term) -> Template {
        match term {
            Term::Entity(_) => self.0.term(term).into(),
            Term::Var(var) => var.into(),
        }
    }

    fn between(&self, a: Term, words: &str, b: Term) -> Template {
        Template::of([self.term(a), format!(" {words} ").into(), self.term(b)])
    }

    fn expr(&self, expr: &Expr) -> Template {
        let list = |all: &[Expr], mark: &str| Template::join(all.iter().map(|expr| self.expr(expr)), mark);
        let call = |name: &str, of: Template| Template::of([format!("{name}(").into(), of, ")".into()]);
        let pair = |a: &Expr, sign: &str, b: &Expr| {
            Template::of([self.expr(a), format!(" {sign} ").into(), self.expr(b)])
        };
        let property = |id| format!(".{}", self.0.property(id)).into();
        match &expr.kind {
            ExprKind::Value(Value::Text(text)) => format!("{text:?}").into(),
            ExprKind::Value(value) => value.to_string().into(),
            ExprKind::Entity(entity) => self.term(Term::Entity(*entity)),
            ExprKind::Var(var) => (*var).into(),
            ExprKind::Property(var, id) => Template::of([(*var).into(), property(*id)]),
            ExprKind::PropertyOf(entity, id) => Template::of([self.term(Term::Entity(*entity)), property(*id)]),
            ExprKind::And(all) => list(all, " and "),
            ExprKind::Or(all) => list(all, " or "),
            ExprKind::Not(inner) => Template::of(["not ".into(), self.expr(inner)]),
            ExprKind::Compare(op, a, b) => pair(a, op.sign(), b),
            ExprKind::IsUnknown(inner) => Template::of([self.expr(inner), " is unknown".into()]),
            ExprKind::IsAbsent(var) => Template::of([(*var).into(), " is absent".into()]),
            ExprKind::Arithmetic(op, a, b) => pair(a, op.sign(), b),
            ExprKind::Negative(inner) => Template::of(["-".into(), self.expr(inner)]),
            ExprKind::Call(function, arguments) => call(function.info().name, list(arguments, ", ")),
            ExprKind::Aggregate { function, argument, .. } => call(function.info().name, self.expr(argument)),
            ExprKind::Exists(formula) => call("", self.formula(formula)),
        }
    }
}
