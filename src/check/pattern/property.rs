//! Sentences about values: `Technique dated 2023`, `Model totals 671B`, `m dated Date d`.

use super::label::{self, Source};
use super::noun::count;
use super::phrase::{SubjectRef, modal};
use super::{all, objects};
use crate::check::expr::{self, Hint, literal};
use crate::check::name::suggestions;
use crate::check::scope::{Scope, exists, negation};
use crate::check::typed::{
    Claimed, CompareOp, Expr, ExprKind, ExprType, Formula, PeriodOp, Term, ValueAtom, VarId, VarKind,
};
use crate::schema::{Property, PropertyId};
use crate::syntax::ast::{self, Noun, NounKind, Object, Phrase, Quantifier, Typed};
use crate::text::{Code, Diagnostic, Span};
use crate::value::ValueType;

/// A phrase about a property, without its object.
#[derive(Clone, Copy)]
struct PropertyContext<'a> {
    phrase: &'a Phrase,
    property: PropertyId,
    value: ValueType,
    /// Operator that was read as part of the verb.
    op: Option<PeriodOp>,
    subject: Term,
    source: Source,
}

/// Returns the condition of a phrase whose verb belongs to a property.
pub(super) fn phrase(
    scope: &mut Scope,
    phrase: &Phrase,
    (property, op): (PropertyId, Option<PeriodOp>),
    speaker: &SubjectRef,
) -> Formula {
    let of = scope.schema().property(property);
    if scope.types(speaker.term).and(of.of).is_empty() {
        let diagnostic = no_such_property(scope, phrase, of, speaker);
        scope.report(diagnostic);
    }
    // After an error it goes on, so that those of the object are reported, too.
    if let Some(bind) = &phrase.bind {
        scope.report(Diagnostic::error(Code::WrongType, bind.span, "a value is reached by no path"));
    }
    let source = phrase.according.as_deref().map_or(Source::Any, |noun| label::source(scope, noun));
    let said = PropertyContext { phrase, property, value: of.value, op, subject: speaker.term, source };
    object(scope, &said)
}

fn no_such_property(scope: &Scope, phrase: &Phrase, of: &Property, speaker: &SubjectRef) -> Diagnostic {
    let types = scope.types(speaker.term);
    let names = |types| scope.schema().type_names(types);
    let message = format!(
        "`{}` is {}, which has no {}",
        suggestions::words(speaker.noun),
        suggestions::a(&names(types)),
        of.name
    );
    let diagnostic = Diagnostic::error(Code::WrongType, phrase.path.span, message)
        .here(format!("said of {}", suggestions::a(&names(of.of))))
        .label(speaker.noun.name_span, suggestions::wanted_here(scope, of.of));
    let near = suggestions::near_entities(scope, &suggestions::words(speaker.noun), of.of);
    near.iter().fold(diagnostic, |diagnostic, name| suggestions::offer(diagnostic, speaker.noun.name_span, name))
}

fn object(scope: &mut Scope, said: &PropertyContext) -> Formula {
    match &said.phrase.object {
        Object::Value(value) => {
            let expr = ast::Expr { kind: ast::ExprKind::Literal(value.item.clone()), span: value.span };
            compared(scope, said, &expr)
        }
        Object::Itself => {
            let message = format!("`{}` wants a value", crate::syntax::print::path(&said.phrase.path));
            scope.report(Diagnostic::error(Code::WrongType, said.phrase.path.span, message));
            Formula::TRUE
        }
        Object::Period(op, expr) => period(scope, said, op.span, &[(op.item, expr)]),
        Object::Between(a, b) => period(scope, said, a.span, &[(PeriodOp::Since, a), (PeriodOp::Until, b)]),
        Object::Nouns(objects) => objects::of_each(scope, objects, &mut |scope, it| noun(scope, said, it)),
    }
}

/// Returns the condition of `before 2024`, or both conditions of `between 2023 and 2024`.
fn period(scope: &mut Scope, said: &PropertyContext, span: Span, parts: &[(PeriodOp, &ast::Expr)]) -> Formula {
    if said.value != ValueType::Date {
        let name = &scope.schema().property(said.property).name;
        let message = format!("`{name}` is {}, not a date", suggestions::a(said.value.name()));
        scope.report(Diagnostic::error(Code::WrongType, span, message).label(said.phrase.path.span, ""));
        return Formula::TRUE;
    }
    let mut tests = Vec::new();
    for (op, expr) in parts {
        let Some(date) = expr::expr(scope, expr, Hint::Date) else { continue };
        if expr::expect(scope, &date, ExprType::Value(ValueType::Date)) {
            tests.push((CompareOp::Period(*op), date));
        }
    }
    tested(scope, said, tests)
}

/// Returns the condition of a noun where a value is required: a literal that reads as a name, a text, or a value
/// variable.
fn noun(scope: &mut Scope, said: &PropertyContext, noun: &Noun) -> Formula {
    if let Some(that) = &noun.that {
        let message = "a value has no facts that `that` could tell";
        scope.report(Diagnostic::error(Code::WrongType, that.span, message).here("said of a value"));
    }
    if let Some(value) = value_type(noun) {
        return stated(scope, said, noun, value);
    }
    if let Some(quantifier) = &noun.quantifier {
        match quantifier.item {
            Quantifier::No => {}
            _ => {
                let message = "a single value cannot be counted";
                scope.report(Diagnostic::error(Code::WrongType, quantifier.span, message));
            }
        }
    }
    let expr = ast::Expr { kind: literal::of_noun(noun), span: noun.name_span };
    let formula = compared(scope, said, &expr);
    if noun.quantifier.is_some() { negation(formula) } else { formula }
}

/// Returns the value type that a noun names, as in `Date` or `Number n`; `None` for other nouns.
fn value_type(noun: &Noun) -> Option<ValueType> {
    match &noun.kind {
        NounKind::Name(name) => ValueType::of_name(name),
        NounKind::Typed { type_name, of: Typed::Var(_) } => ValueType::of_name(&type_name.item),
        _ => None,
    }
}

/// Returns the comparison of the property with one value: membership for a date, equality for other types.
fn compared(scope: &mut Scope, said: &PropertyContext, with: &ast::Expr) -> Formula {
    let Some(value) = expr::expr(scope, with, Hint::of(said.value)) else { return Formula::TRUE };
    if !expr::expect(scope, &value, ExprType::Value(said.value)) {
        return Formula::TRUE;
    }
    let op = match (said.value, said.op) {
        (ValueType::Date, op) => CompareOp::Period(op.unwrap_or(PeriodOp::In)),
        _ => CompareOp::Equal,
    };
    tested(scope, said, vec![(op, value)])
}

/// Returns the test of the settled value or, with `according to`, of some value that the source states.
fn tested(scope: &mut Scope, said: &PropertyContext, tests: Vec<(CompareOp, Expr)>) -> Formula {
    let span = said.phrase.span;
    let of = ExprType::Value(said.value);
    let stated = (said.source != Source::Any).then(|| anonymous(scope, said, span));
    let kind = match (stated, said.subject) {
        (Some(var), _) => ExprKind::Var(var),
        (None, Term::Var(var)) => ExprKind::Property(var, said.property),
        (None, Term::Entity(entity)) => ExprKind::PropertyOf(entity, said.property),
    };
    let left = Expr { kind, of, span: said.phrase.path.span };
    let tests = tests.into_iter().map(|(op, right)| Formula::Test(expr::comparison(op, left.clone(), right, span)));
    let tests: Vec<Formula> = tests.collect();
    let formula = match stated {
        Some(var) => exists(vec![var], all(vec![value_atom(said, var, span), all(tests)])),
        None => all(tests),
    };
    modal(said.phrase, formula)
}

/// Creates a value variable that is not visible.
fn anonymous(scope: &mut Scope, said: &PropertyContext, span: Span) -> VarId {
    let kind = VarKind::Value(said.value, said.property);
    let at = Span { start: span.end, end: span.end };
    scope.create(None, String::new(), kind, at, scope.depth())
}

fn value_atom(said: &PropertyContext, value: VarId, span: Span) -> Formula {
    let (property, subject, source) = (said.property, said.subject, said.source.known());
    let formula = Formula::Value(ValueAtom { property, subject, value, source, span });
    label::claimed_by(formula, Claimed::Value { property, value }, said.source, span)
}

/// Returns the condition of `dated Date d`: the variable is one of the stated values.
fn stated(scope: &mut Scope, said: &PropertyContext, noun: &Noun, value: ValueType) -> Formula {
    if value != said.value {
        let property = &scope.schema().property(said.property).name;
        let message =
            format!("`{property}` is {}, not {}", suggestions::a(said.value.name()), suggestions::a(value.name()));
        let at = match &noun.kind {
            NounKind::Typed { type_name, .. } => type_name.span,
            _ => noun.name_span,
        };
        let diagnostic = Diagnostic::error(Code::WrongType, at, message)
            .here(format!("here {} is wanted", suggestions::a(said.value.name())))
            .fix(format!("write `{}`", said.value.name()), at, said.value.name());
        scope.report(diagnostic);
    }
    let Some(quantifier) = &noun.quantifier else {
        let var = value_variable(scope, said, noun);
        return modal(said.phrase, value_atom(said, var, said.phrase.span));
    };
    scope.enter(noun.span);
    let var = value_variable(scope, said, noun);
    scope.leave();
    let atom = value_atom(said, var, said.phrase.span);
    let formula = match &quantifier.item {
        Quantifier::No => negation(exists(vec![var], atom)),
        Quantifier::Every => {
            let message = "`every` value of a property is no condition";
            scope.report(Diagnostic::error(Code::WrongType, quantifier.span, message));
            Formula::TRUE
        }
        counted => {
            let (compare, number) = count(scope, counted);
            Formula::Count { var, compare, number, of: Box::new(atom) }
        }
    };
    modal(said.phrase, formula)
}

/// Returns the variable that the noun declares, and sets its property, which is now known.
fn value_variable(scope: &mut Scope, said: &PropertyContext, noun: &Noun) -> VarId {
    let kind = VarKind::Value(said.value, said.property);
    let title = said.value.name().to_string();
    let known = scope.declared_at(noun.name_span);
    let var = known.unwrap_or_else(|| scope.create(None, title, kind, noun.name_span, scope.depth()));
    scope.vars[var.0 as usize].kind = kind;
    scope.meet(var);
    var
}
