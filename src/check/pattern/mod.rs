//! Translation of sentences to a formula.

mod alternatives;
mod attach;
mod connect;
mod declare;
mod label;
mod mismatch;
mod noun;
mod objects;
pub(super) mod path;
mod phrase;
mod property;
pub(super) mod third;

pub(super) use label::claimed;
pub(super) use noun::entity;
pub(super) use phrase::{note_use, source_named};

use self::alternatives::{Branch, any};
use super::expr;
use super::scope::{Aggregates, Scope, all, exists, negation};
use super::typed::{Formula, VarId};
use crate::syntax::ast::{Expr, Group, Noun, Pattern, PatternItem, Phrases, Sentence, Subject};
use crate::text::{Code, Diagnostic, Span};
use std::collections::BTreeSet;

/// Returns the condition of a pattern. Its variables are declared in the currently open parts of the query.
pub(super) fn whole(scope: &mut Scope, pattern: &Pattern) -> Formula {
    let mut pattern = pattern.clone();
    attach::pattern(scope, &mut pattern);
    // Before any sentence is read, since a variable may be used before the noun that declares it.
    declare::pattern(scope, &pattern);
    let parts = sentences(scope, &pattern.sentences);
    // Inside a part, sentences may be connected by variables of the parts around it.
    if scope.depth() == 0 && !scope.diagnostics.has_errors() {
        connect::check(scope, &parts);
    }
    all(parts.into_iter().map(|part| part.formula).collect())
}

/// Does the same for the pattern of the query itself, whose alternatives may bind different variables.
pub(super) fn main(scope: &mut Scope, pattern: &Pattern) -> Formula {
    scope.mentions = declare::mentions(pattern);
    let formula = whole(scope, pattern);
    // Patterns of clauses are not that of the query: their alternatives keep their variables.
    scope.mentions.clear();
    formula
}

/// Does the same for a single sentence.
pub(super) fn whole_sentence(scope: &mut Scope, sentence: &Sentence) -> Formula {
    let item = PatternItem { cross: false, sentence: sentence.clone() };
    whole(scope, &Pattern { sentences: vec![item], span: span_of(sentence) })
}

/// Returns the condition of a noun with its `that`, and the variable that it declares.
pub(super) fn lone_noun(scope: &mut Scope, noun: &Noun) -> (Formula, Option<VarId>) {
    let subject = Subject { nouns: vec![noun.clone()] };
    let formula = whole_sentence(scope, &Sentence::Plain { subject, phrases: None, span: noun.span });
    (formula, scope.declared_at(noun.name_span))
}

/// A sentence of the outermost level with its condition.
struct OuterSentence {
    cross: bool,
    span: Span,
    formula: Formula,
}

/// Returns one part per sentence; a plain group counts as its sentences.
fn sentences(scope: &mut Scope, items: &[PatternItem]) -> Vec<OuterSentence> {
    let mut parts = Vec::new();
    for item in items {
        match &item.sentence {
            Sentence::Group(group) if group.alternatives.len() == 1 => {
                let mut inner = grouped(scope, group);
                inner.first_mut().into_iter().for_each(|first| first.cross |= item.cross);
                parts.append(&mut inner);
            }
            other => {
                scope.next_sentence();
                let formula = sentence(scope, other);
                scope.note_bound(&formula);
                parts.push(OuterSentence { cross: item.cross, span: span_of(other), formula });
            }
        }
    }
    parts
}

/// Returns the sentences of a group without alternatives, and its condition.
fn grouped(scope: &mut Scope, group: &Group) -> Vec<OuterSentence> {
    let mut parts = sentences(scope, &group.alternatives[0].sentences);
    if let Some(condition) = &group.condition {
        let test = test(scope, condition);
        parts.extend(test.map(|formula| OuterSentence { cross: false, span: condition.span, formula }));
    }
    parts
}

/// Returns the condition of a `where` within the pattern.
fn test(scope: &mut Scope, condition: &Expr) -> Option<Formula> {
    let aggregates = std::mem::replace(&mut scope.aggregates, Aggregates::Misplaced("where"));
    let test = expr::condition(scope, condition).map(Formula::Test);
    scope.aggregates = aggregates;
    test
}

pub(super) fn span_of(sentence: &Sentence) -> Span {
    match sentence {
        Sentence::Plain { span, .. } | Sentence::Optional { span, .. } | Sentence::Not { span, .. } => *span,
        Sentence::Group(group) => group.span,
    }
}

fn sentence(scope: &mut Scope, sentence: &Sentence) -> Formula {
    match sentence {
        Sentence::Plain { subject, phrases, .. } => plain(scope, subject, phrases.as_ref()),
        Sentence::Optional { sentence: inner, .. } => {
            let before = scope.bound_so_far();
            let formula = self::sentence(scope, inner);
            scope.note_optional(&formula, &before);
            Formula::Optional(Box::new(formula))
        }
        Sentence::Not { group, span } => {
            scope.enter(*span);
            let inner = self::group(scope, group);
            let locals = scope.leave();
            negation(exists(locals, inner))
        }
        Sentence::Group(group) => self::group(scope, group),
    }
}

/// Returns the condition that the phrases hold for each subject. Variables that they declare are shared by all
/// subjects.
fn plain(scope: &mut Scope, subject: &Subject, phrases: Option<&Phrases>) -> Formula {
    let wanted = phrases.map_or(scope.schema().all_types(), |phrases| phrase::subject_types(scope, phrases));
    let each = subject.nouns.iter().map(|noun| {
        noun::about(scope, noun, wanted, &mut |scope, term| match phrases {
            Some(phrases) => phrase::phrases(scope, phrases, &phrase::SubjectRef { term, noun }),
            None => bare(scope, noun, term),
        })
    });
    let each = each.collect();
    all(each)
}

/// Checks a noun without phrases: a type lists its entities, whereas an entity alone is no condition.
fn bare(scope: &mut Scope, noun: &Noun, term: super::typed::Term) -> Formula {
    if term.var().is_none() && noun.that.is_none() {
        let name = noun::name(scope, noun, term);
        let message = format!("nothing is asked of `{name}`");
        let diagnostic = Diagnostic::error(Code::NoCondition, noun.span, message)
            .here("a verb is missing after it")
            .fix(format!("write `describe {name}`"), noun.span, format!("describe {name}"));
        scope.report(diagnostic);
    }
    Formula::TRUE
}

fn group(scope: &mut Scope, group: &Group) -> Formula {
    match group.alternatives.as_slice() {
        [_] => all(grouped(scope, group).into_iter().map(|part| part.formula).collect()),
        several => {
            let branches = several.iter();
            let branches = branches.map(|pattern| Branch::of(scope, pattern.span, |scope| inner(scope, pattern)));
            let branches = branches.collect();
            any(scope, branches)
        }
    }
}

fn inner(scope: &mut Scope, pattern: &Pattern) -> Formula {
    let parts = sentences(scope, &pattern.sentences);
    all(parts.into_iter().map(|part| part.formula).collect())
}

pub(super) fn free(formula: &Formula) -> BTreeSet<VarId> {
    let mut vars = BTreeSet::new();
    formula.free(&mut |var| _ = vars.insert(var));
    vars
}
