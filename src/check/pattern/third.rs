//! Defined verbs of three places, such as `takes MLA from DeepSeek V2`. No link joins three things, so a definition is
//! written out wherever its verb stands, with variables of its own.

use super::phrase::{SubjectRef, modal, no_value};
use super::{noun, objects};
use crate::check::define::{self, BodyOfThree, Signature};
use crate::check::name::suggestions;
use crate::check::scope::{Scope, all, exists};
use crate::check::typed::{Formula, Term, VarId};
use crate::schema::TypeSet;
use crate::syntax::ast::{Noun, Object, PathKind, Phrase, Third};
use crate::syntax::print;
use crate::text::{Code, Diagnostic, Span, suggest};
use crate::value::Id;

/// Maximum number of definitions that are written out in a query or a definition. One that uses another twice doubles
/// it, so a chain of such definitions would grow without bound.
const MOST_WRITTEN: usize = 64;

/// State of the definitions that are written out.
#[derive(Debug, Clone, Default)]
pub(in crate::check) struct Written {
    /// Definitions whose bodies are being checked, outermost first, as positions in the signatures.
    pub inside: Vec<usize>,
    /// Number of those written out so far.
    pub number: usize,
    /// True if one of them would have been written out inside itself.
    pub is_circular: bool,
}

/// A phrase with a third place, and what is known about it.
struct ThirdContext<'a> {
    phrase: &'a Phrase,
    third: &'a Third,
    speaker: &'a SubjectRef<'a>,
    index: usize,
    /// Types of subject, object and third place.
    types: [TypeSet; 3],
}

/// Returns the signature that the verb of a phrase and the word before its third place name; `None` if there is none.
pub(super) fn signature<'c>(scope: &Scope<'c>, phrase: &Phrase, third: &Third) -> Option<(usize, &'c Signature)> {
    let PathKind::Verb(verb) = &phrase.path.kind else { return None };
    let name = define::name_of_three(verb, &third.particle.item);
    scope.signatures.iter().enumerate().find(|(_, signature)| signature.third.is_some() && signature.name == name)
}

/// Returns the condition of a phrase with a third place.
pub(super) fn phrase(scope: &mut Scope, phrase: &Phrase, third: &Third, speaker: &SubjectRef) -> Formula {
    let Some((index, signature)) = signature(scope, phrase, third) else {
        let problem = unknown(scope, phrase, third);
        scope.report(problem);
        return Formula::TRUE;
    };
    let types = [signature.from, signature.to, signature.third.unwrap_or(TypeSet::NONE)];
    let Object::Nouns(objects) = &phrase.object else {
        let problem = no_value(scope, phrase, types[1]);
        scope.report(problem);
        return Formula::TRUE;
    };
    if let Some(bind) = &phrase.bind {
        let message = "a verb of three places is no path";
        scope.report(Diagnostic::error(Code::WrongType, bind.span, message));
    }
    if let Some(noun) = &phrase.according {
        let message = format!("`{}` is defined here; no source says it", signature.name);
        scope.report(Diagnostic::error(Code::UnknownSource, noun.span, message));
    }
    scope.used.insert(index);
    let said = ThirdContext { phrase, third, speaker, index, types };
    objects::of_each(scope, objects, &mut |scope, noun| object(scope, noun, &said))
}

fn object(scope: &mut Scope, object: &Noun, said: &ThirdContext) -> Formula {
    let plain = object.quantifier.is_none();
    let formula = noun::about(scope, object, said.types[1], &mut |scope, term| {
        objects::of_each(scope, &said.third.objects, &mut |scope, noun| third(scope, (object, term), noun, said))
    });
    if plain { formula } else { modal(said.phrase, formula) }
}

fn third(scope: &mut Scope, object: (&Noun, Term), third: &Noun, said: &ThirdContext) -> Formula {
    // A modality encloses a quantifier, as in `possibly uses at least 3 Technique`.
    let (object_is_plain, is_plain) = (object.0.quantifier.is_none(), third.quantifier.is_none());
    let formula = noun::about(scope, third, said.types[2], &mut |scope, term| {
        let ends = [(said.speaker.noun, said.speaker.term), object, (third, term)];
        ends.iter().zip(said.types).for_each(|(end, types)| fit(scope, said, *end, types));
        let written = written(scope, said, ends.map(|(_, term)| term));
        if object_is_plain && is_plain { modal(said.phrase, written) } else { written }
    });
    if object_is_plain && !is_plain { modal(said.phrase, formula) } else { formula }
}

/// Reports a noun of the wrong type.
fn fit(scope: &mut Scope, said: &ThirdContext, (noun, term): (&Noun, Term), wanted: TypeSet) {
    let types = scope.types(term);
    if !types.and(wanted).is_empty() {
        return;
    }
    let is = suggestions::a(&scope.schema().type_names(types));
    let words = print_words(said);
    let message = format!("{is} cannot stand here with `{words}`");
    let problem = Diagnostic::error(Code::WrongType, noun.name_span, message);
    let problem = problem.here(suggestions::wanted_here(scope, wanted));
    scope.report(problem);
}

/// Returns the body of the definition with these terms in the place of its head's.
fn written(scope: &mut Scope, said: &ThirdContext, ends: [Term; 3]) -> Formula {
    let span = said.phrase.span;
    let mut formula = Formula::TRUE;
    if scope.written.inside.contains(&said.index) {
        scope.written.is_circular = true;
    } else if scope.written.number >= MOST_WRITTEN {
        let message = format!("more than {MOST_WRITTEN} definitions of three places are written out here");
        scope.report(Diagnostic::error(Code::TooMany, span, message));
    } else if let Some(body) = define::body_of_three(scope, said.index) {
        formula = placed(scope, body, ends, span);
    }
    // What uses the verb outside its own definition is right, and the definition is reported where it stands.
    if scope.written.is_circular && !scope.written.inside.is_empty() {
        let words = print_words(said);
        let problem = Diagnostic::error(Code::NotStratified, span, format!("`{words}` is defined by itself"));
        scope.report(problem.help("a verb of three places may not use itself: define what repeats as a verb of two"));
    }
    formula
}

/// Returns the formula of a body with new variables, and with the terms in the place of its ends.
fn placed(scope: &mut Scope, body: BodyOfThree, ends: [Term; 3], span: Span) -> Formula {
    scope.written.number = body.written.number;
    scope.written.is_circular |= body.written.is_circular;
    scope.used.extend(body.used);
    let (mut own, mut others, mut inside): (Vec<VarId>, Vec<VarId>, Vec<Formula>) = Default::default();
    let mut formula = body.formula;
    for (var, end) in body.vars.into_iter().zip(VarId::all(usize::MAX)) {
        let given = body.ends.iter().position(|own| *own == end).map(|place| ends[place]);
        if let Some(Term::Var(given)) = given {
            others.push(given);
            continue;
        }
        if let Some(Term::Entity(entity)) = given {
            formula.put(end, entity);
        }
        let new = scope.unnamed_local(var.kind, span);
        own.push(new);
        others.push(new);
        // Conditions read the values of a named end from a variable that equals it.
        let is_left = given.is_some() && has(&formula, &[end]);
        inside.extend(given.filter(|_| is_left).map(|entity| Formula::Same(Term::Var(new), entity)));
    }
    formula.rename(&|var| others.get(usize::from(var.0)).copied().unwrap_or(var));
    // What says nothing of the new variables stands beside them.
    let parts = if let Formula::All(parts) = formula { parts } else { vec![formula] };
    let (inner, mut outer): (Vec<Formula>, Vec<Formula>) = parts.into_iter().partition(|part| has(part, &own));
    inside.extend(inner);
    outer.push(exists(own, all(inside)));
    all(outer)
}

/// Returns true if one of these variables is free in a formula.
fn has(formula: &Formula, vars: &[VarId]) -> bool {
    let mut has = false;
    formula.free(&mut |var| has |= vars.contains(&var));
    has
}

/// Returns `takes … from`.
fn print_words(said: &ThirdContext) -> String {
    define::name_of_three(&print::path(&said.phrase.path), &said.third.particle.item)
}

fn unknown(scope: &Scope, phrase: &Phrase, third: &Third) -> Diagnostic {
    let verb = print::path(&phrase.path);
    let words = define::name_of_three(&verb, &third.particle.item);
    let problem = Diagnostic::error(Code::UnknownVerb, phrase.path.span, format!("no definition says `{words}`"));
    let problem = problem.label(third.span(), "a third noun");
    let known: Vec<(&str, &str)> = scope.signatures.iter().filter_map(Signature::words_of_three).collect();
    let particles = known.iter().filter(|(known, _)| *known == verb).map(|(_, particle)| *particle);
    let particles: Vec<&str> = particles.collect();
    if !particles.is_empty() {
        let offered = particles.into_iter();
        return offered.fold(problem, |problem, word| suggestions::offer(problem, third.particle.span, word));
    }
    let verbs =
        suggest::nearest(&verb, known.iter().filter(|known| known.1 == third.particle.item).map(|known| known.0));
    if !verbs.is_empty() {
        let offered = verbs.into_iter();
        return offered.fold(problem, |problem, word| suggestions::offer(problem, phrase.path.span, word));
    }
    if known.is_empty() {
        return problem.help("a verb joins two nouns; one of three is made by `define`");
    }
    let known: Vec<String> = known.iter().map(|(verb, particle)| format!("`{verb} … {particle}`")).collect();
    problem.help(format!("defined are {}", known.join(", ")))
}
