//! Undeclared variables, examined when the whole query is known: the typing error may be in the declaration.

use super::suggestions;
use crate::check::scope::Scope;
use crate::check::typed::{VarId, VarKind};
use crate::schema::TypeSet;
use crate::text::{Code, Diagnostic, Fix, Help, Span};
use std::collections::BTreeMap;

/// Keeps one diagnostic per undeclared variable, and shows declarations that may have been meant.
pub(crate) fn finish(scope: &mut Scope) {
    let mut places: BTreeMap<String, (TypeSet, Vec<Span>)> = BTreeMap::new();
    for (span, (word, wanted)) in scope.unknown.take() {
        places.entry(word).or_insert((wanted, Vec::new())).1.push(span);
    }
    for (word, (wanted, spans)) in places {
        if let Some(first) = take_first(scope, &spans) {
            let diagnostic = explained(scope, first, &word, wanted, &spans);
            scope.report(diagnostic);
        }
    }
}

/// Removes the diagnostics of undeclared variables at these places; returns the first one.
fn take_first(scope: &mut Scope, spans: &[Span]) -> Option<Diagnostic> {
    let all = std::mem::take(&mut scope.diagnostics.0);
    let ours = |diagnostic: &Diagnostic| diagnostic.code == Code::UnknownVariable && spans.contains(&diagnostic.span());
    let (ours, others) = all.into_iter().partition(ours);
    scope.diagnostics.0 = others;
    let ours: Vec<Diagnostic> = ours;
    ours.into_iter().min_by_key(Diagnostic::span)
}

/// Adds the other occurrences of the word, the variables it may have been meant as, and the declarations that may have
/// been meant to declare it. If the word occurs several times, one edit of a declaration mends all, so it is suggested
/// first.
fn explained(scope: &Scope, mut problem: Diagnostic, word: &str, wanted: TypeSet, spans: &[Span]) -> Diagnostic {
    let here = problem.span();
    for again in spans.iter().filter(|span| **span != here).take(2) {
        problem = problem.label(*again, "and here");
    }
    let unused = likely(scope, word, scope.unreferenced());
    // `Model m uses t`: the letter is that of a type which may stand here.
    let own = suggestions::declared_by_letter(scope, word, wanted);
    if let Some(declaration) = own.filter(|_| !unused.iter().any(|var| begins_as(scope, *var, word))) {
        let fix = Fix { span: here, replacement: declaration.clone() };
        problem.help.truncate(2);
        problem.help.insert(0, Help { message: format!("did you mean `{declaration}`?"), fix: Some(fix) });
        return problem;
    }
    problem.help.sort_by_key(|help| !unused.iter().any(|var| is_for(help, &scope.var(*var).title)));
    let often = spans.len() > 1;
    let renamed = unused.iter().take(if often { 2 } else { 1 }).map(|var| renamed(scope, *var, word));
    let named = likely(scope, word, scope.unnamed(wanted)).into_iter().take(1).map(|var| named(scope, var, word));
    let mut declarations: Vec<(Span, &str, Help)> = renamed.chain(named).collect();
    problem.help.truncate(3 - declarations.len().min(2));
    declarations.truncate(3 - problem.help.len());
    let place = if often { 0 } else { problem.help.len() };
    for (i, (span, message, help)) in declarations.into_iter().enumerate() {
        problem = problem.label(span, message);
        problem.help.insert(place + i, help);
    }
    if !problem.help.is_empty() {
        return problem;
    }
    let declaration = suggestions::declaration(scope, word, wanted);
    problem.help(format!("a variable exists only after its type: `{declaration}`"))
}

fn is_for(help: &Help, name: &str) -> bool {
    help.fix.as_ref().is_some_and(|fix| fix.replacement == name)
}

/// Sorts variables whose type begins with the letter of the word first: `t` for a Technique.
fn likely(scope: &Scope, word: &str, mut vars: Vec<VarId>) -> Vec<VarId> {
    vars.sort_by_key(|var| !begins_as(scope, *var, word));
    vars
}

/// Whether the type of a variable begins with a word's letter.
fn begins_as(scope: &Scope, var: VarId, word: &str) -> bool {
    let type_name = match scope.var(var).kind {
        VarKind::Entity(types) => scope.schema().type_names(types),
        VarKind::Value(value, _) => value.name().to_string(),
        VarKind::Label(label) => label.name().to_string(),
        VarKind::Path => "path".to_string(),
    };
    let initial = type_name.chars().next().map(|c| c.to_ascii_lowercase());
    initial == word.chars().next()
}

/// A variable that is declared and used nowhere takes the word as its name.
fn renamed(scope: &Scope, var: VarId, word: &str) -> (Span, &'static str, Help) {
    let var = scope.var(var);
    let span = Span { start: var.span.end.saturating_sub(var.title.len() as u32), end: var.span.end };
    let message = format!("declare `{word}` instead of `{}`, which is used nowhere", var.title);
    let help = Help { message, fix: Some(Fix { span, replacement: word.to_string() }) };
    (span, "declared, but used nowhere", help)
}

/// Suggests naming a bare type.
fn named(scope: &Scope, var: VarId, word: &str) -> (Span, &'static str, Help) {
    let bare = scope.var(var).span;
    let fix = Fix { span: Span { start: bare.end, end: bare.end }, replacement: format!(" {word}") };
    (bare, "has no name", Help { message: format!("name this one `{word}`"), fix: Some(fix) })
}
