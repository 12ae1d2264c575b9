//! Variables that nothing declares, looked at when the whole query is known: perhaps the declaration has the typo.

use crate::check::scope::Scope;
use crate::check::typed::VarId;
use crate::text::{Code, Diagnostic, Fix, Help, Span};
use std::collections::BTreeMap;

/// Keeps one diagnostic for each unknown variable, and points at the variables that are declared and never used.
pub(crate) fn finish(scope: &mut Scope) {
    let mut places: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for (span, word) in scope.unknown.take() {
        places.entry(word).or_default().push(span);
    }
    let unused = scope.unspoken();
    for (word, spans) in places {
        let of_word =
            |diagnostic: &Diagnostic| diagnostic.code == Code::UnknownVariable && spans.contains(&diagnostic.span());
        let mut found = Vec::new();
        scope.diagnostics.0.retain(|diagnostic| {
            let ours = of_word(diagnostic);
            found.extend(ours.then(|| diagnostic.clone()));
            !ours
        });
        if let Some(first) = found.into_iter().min_by_key(Diagnostic::span) {
            let diagnostic = explained(scope, first, &word, &spans, &unused);
            scope.report(diagnostic);
        }
    }
}

/// Where the word stands again, and the declarations that may have meant it. Where it stands more than once, mending the
/// only unused declaration mends all of them, and is offered first.
fn explained(scope: &Scope, mut problem: Diagnostic, word: &str, spans: &[Span], unused: &[VarId]) -> Diagnostic {
    let here = problem.span();
    for again in spans.iter().filter(|span| **span != here).take(2) {
        problem = problem.label(*again, "and here");
    }
    let first = spans.len() > 1 && unused.len() == 1;
    for var in unused.iter().take(2) {
        let (declared, name) = (scope.var(*var).span, &scope.var(*var).title);
        let at = Span { start: declared.end.saturating_sub(name.len() as u32), end: declared.end };
        let message = format!("or declare `{word}` instead of `{name}`, which is used nowhere");
        let help = Help { message, fix: Some(Fix { span: at, replacement: word.to_string() }) };
        problem = problem.label(at, "declared, but used nowhere");
        problem.help.insert(if first { 0 } else { problem.help.len() }, help);
    }
    problem
}
