//! Nouns in a sentence: their terms, their quantifiers, and their `that`.

use super::phrase::{self, SubjectRef};
use crate::check::expr::literal;
use crate::check::name::{self, Resolution, suggestions};
use crate::check::scope::{Scope, all, exists, negation};
use crate::check::typed::{CountOp, Formula, Term, VarId, VarKind};
use crate::graph::EntityId;
use crate::schema::TypeSet;
use crate::syntax::ast::{Amount, Noun, Quantifier};
use crate::text::{Code, Diagnostic, Span};

/// Returns the condition on a noun, given its term.
pub(super) type Said<'s, 'c> = dyn FnMut(&mut Scope<'c>, Term) -> Formula + 's;

/// Returns the condition that `said` holds for the noun: for the entity, for some entity, or for as many as its
/// quantifier requires.
pub(super) fn about<'c>(scope: &mut Scope<'c>, noun: &Noun, wanted: TypeSet, said: &mut Said<'_, 'c>) -> Formula {
    match &noun.quantifier {
        None => {
            let held = hold(scope, noun, wanted);
            all(vec![held.of_type, said(scope, held.term), that(scope, noun, held.term)])
        }
        Some(quantifier) => {
            scope.enter(noun.span);
            let held = hold(scope, noun, wanted);
            quantified(scope, noun, (&quantifier.item, quantifier.span), held, said)
        }
    }
}

/// Term of a noun, and its type condition if the noun declares a variable.
struct ResolvedNoun {
    term: Term,
    of_type: Formula,
    /// Variable that the noun declares.
    declares: Option<VarId>,
}

fn hold(scope: &mut Scope, noun: &Noun, wanted: TypeSet) -> ResolvedNoun {
    let declared = match name::meaning(scope, noun, wanted) {
        Ok(Resolution::Entity(entity)) => return referenced(Term::Entity(entity)),
        Ok(Resolution::Variable(var)) => return variable(scope, noun, wanted, var),
        Ok(Resolution::Type(id)) => scope.bare(id, noun.name_span),
        Ok(Resolution::Declaration) => return declaration(scope, noun, wanted),
        Err(diagnostic) => {
            scope.report(diagnostic);
            scope.anything(noun.name_span)
        }
    };
    declaring(scope, declared)
}

fn referenced(term: Term) -> ResolvedNoun {
    ResolvedNoun { term, of_type: Formula::TRUE, declares: None }
}

fn declaring(scope: &Scope, var: VarId) -> ResolvedNoun {
    let of_type = match scope.var(var).kind {
        VarKind::Entity(types) => Formula::Type(Term::Var(var), types),
        _ => Formula::TRUE,
    };
    ResolvedNoun { term: Term::Var(var), of_type, declares: Some(var) }
}

/// Resolves `Model m`, whose variable `declare` has created.
fn declaration(scope: &mut Scope, noun: &Noun, wanted: TypeSet) -> ResolvedNoun {
    let Some(var) = scope.declared_at(noun.name_span) else {
        let var = scope.anything(noun.name_span);
        return declaring(scope, var);
    };
    scope.meet(var);
    if !matches!(scope.var(var).kind, VarKind::Entity(_)) {
        return variable(scope, noun, wanted, var);
    }
    declaring(scope, var)
}

/// Resolves a declared variable. A value or a path is an error where an entity is required.
fn variable(scope: &mut Scope, noun: &Noun, wanted: TypeSet, var: VarId) -> ResolvedNoun {
    scope.speak(var);
    if matches!(scope.var(var).kind, VarKind::Entity(_)) {
        return referenced(Term::Var(var));
    }
    let message = format!("`{}` is no entity", suggestions::words(noun));
    let diagnostic = Diagnostic::error(Code::WrongType, noun.name_span, message);
    let mut diagnostic = diagnostic.here(suggestions::wanted_here(scope, wanted));
    if scope.var(var).span != noun.name_span {
        diagnostic = diagnostic.label(scope.var(var).span, "declared here");
    }
    scope.report(diagnostic);
    let all = VarKind::Entity(scope.schema().all_types());
    let span = Span { start: noun.name_span.start, end: noun.name_span.start };
    referenced(Term::Var(scope.create(None, String::new(), all, span, scope.depth())))
}

/// Returns the condition of the phrases of `that`.
fn that(scope: &mut Scope, noun: &Noun, term: Term) -> Formula {
    match &noun.that {
        Some(phrases) => phrase::phrases(scope, phrases, &SubjectRef { term, noun }),
        None => Formula::TRUE,
    }
}

/// Returns the condition of a quantified noun; closes the part that [`about`] has opened.
fn quantified<'c>(
    scope: &mut Scope<'c>,
    noun: &Noun,
    (quantifier, span): (&Quantifier, Span),
    held: ResolvedNoun,
    said: &mut Said<'_, 'c>,
) -> Formula {
    match (quantifier, held.declares) {
        (Quantifier::Every, Some(var)) => every(scope, noun, span, var, held, said),
        (Quantifier::No, _) => {
            let inner = all(vec![held.of_type, said(scope, held.term), that(scope, noun, held.term)]);
            negation(exists(scope.leave(), inner))
        }
        (_, Some(var)) => {
            let inner = all(vec![held.of_type, said(scope, held.term), that(scope, noun, held.term)]);
            let mut locals = scope.leave();
            locals.retain(|local| *local != var);
            let (compare, number) = count(scope, quantifier);
            Formula::Count { var, compare, number, of: Box::new(exists(locals, inner)) }
        }
        (_, None) => {
            scope.leave();
            scope.report(uncountable(noun, span));
            Formula::TRUE
        }
    }
}

fn uncountable(noun: &Noun, span: Span) -> Diagnostic {
    let message = format!("`{}` is one entity, not a type to count over", suggestions::words(noun));
    Diagnostic::error(Code::WrongType, noun.name_span, message).label(span, "this wants a type").fix(
        "leave the quantifier out",
        span.to(noun.name_span),
        suggestions::words(noun),
    )
}

/// Returns operator and number of a quantifier.
pub(super) fn count(scope: &mut Scope, quantifier: &Quantifier) -> (CountOp, u32) {
    let (compare, amount) = match quantifier {
        Quantifier::AtLeast(amount) => (CountOp::AtLeast, amount),
        Quantifier::AtMost(amount) => (CountOp::AtMost, amount),
        Quantifier::Exactly(amount) => (CountOp::Exactly, amount),
        Quantifier::Every | Quantifier::No => return (CountOp::AtMost, 0),
    };
    let number = match amount {
        Amount::Number(number) => *number,
        Amount::Param(name) => {
            let number = literal::whole_param(scope, &name.item, name.span).unwrap_or(0);
            // No graph has that many entities.
            u32::try_from(number).unwrap_or(u32::MAX)
        }
    };
    (compare, number)
}

/// Returns the condition of `every`. Variables of the domain that `said` refers to are universally quantified with the
/// noun; others are existential where they occur.
fn every<'c>(
    scope: &mut Scope<'c>,
    noun: &Noun,
    span: Span,
    var: VarId,
    held: ResolvedNoun,
    said: &mut Said<'_, 'c>,
) -> Formula {
    let domain = all(vec![held.of_type, that(scope, noun, held.term)]);
    let of_domain: Vec<VarId> = scope.locals().to_vec();
    let then = said(scope, held.term);
    let referenced = super::free(&then);
    let locals = scope.leave();
    let (shared, inner): (Vec<VarId>, Vec<VarId>) =
        of_domain.iter().copied().filter(|local| *local != var).partition(|local| referenced.contains(local));
    let of_then = locals.into_iter().filter(|local| !of_domain.contains(local) && *local != var).collect();
    Formula::Every {
        vars: std::iter::once(var).chain(shared).collect(),
        domain: Box::new(exists(inner, domain)),
        then: Box::new(exists(of_then, then)),
        span: span.to(noun.span),
    }
}

/// Returns the noun's name for messages: the name of the entity, or the noun as written.
pub(super) fn name(scope: &Scope, noun: &Noun, term: Term) -> String {
    match term {
        Term::Entity(entity) => suggestions::written(scope.graph.name(entity)),
        Term::Var(_) => suggestions::words(noun),
    }
}

/// Returns the entity that a noun names where only an entity is allowed: `describe X`.
pub(in crate::check) fn entity(scope: &mut Scope, noun: &Noun, wanted: TypeSet, what: &str) -> Option<EntityId> {
    let problem = match name::meaning(scope, noun, wanted) {
        Ok(Resolution::Entity(entity)) if noun.quantifier.is_none() && noun.that.is_none() => return Some(entity),
        Ok(_) => Diagnostic::error(Code::WrongType, noun.span, format!("`{what}` wants the name of one entity"))
            .here(suggestions::wanted_here(scope, wanted)),
        Err(diagnostic) => diagnostic,
    };
    scope.report(problem);
    None
}
