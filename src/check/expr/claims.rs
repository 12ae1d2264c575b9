//! `trust(m uses t)`, `date(m uses t)`: what the claims of a fact tell of it.

use crate::check::name::suggestions;
use crate::check::pattern;
use crate::check::scope::Scope;
use crate::check::typed::{Expr, ExprKind, ExprType, Label, OfClaims, VarKind};
use crate::functions::{self, FUNCTIONS, Function, FunctionId, FunctionKind};
use crate::graph::Trust;
use crate::syntax::ast;
use crate::text::{Code, Diagnostic, Span, Spanned, suggest};
use crate::value::{Value, ValueType};

/// Checks a function of a fact.
pub(super) fn of_fact(scope: &mut Scope, name: &Spanned<String>, fact: &ast::Pattern, span: Span) -> Option<Expr> {
    let what = match functions::lookup(&name.item) {
        Some(Function { id: FunctionId::Trust, .. }) => OfClaims::Trust,
        Some(Function { id: FunctionId::Date, .. }) => OfClaims::Date,
        other => {
            let problem = no_function_of_facts(name, fact.span, other);
            scope.report(problem);
            return None;
        }
    };
    let (claimed, by) = pattern::claimed(scope, fact)?;
    let of = match what {
        OfClaims::Trust => ValueType::Text,
        OfClaims::Date => ValueType::Date,
    };
    Some(Expr { kind: ExprKind::OfClaims(what, claimed, by), of: ExprType::Value(of), span })
}

fn no_function_of_facts(name: &Spanned<String>, span: Span, found: Option<&Function>) -> Diagnostic {
    match found {
        Some(function) => {
            let help = format!("`{}` gives {}", function.signature, function.doc);
            Diagnostic::error(Code::WrongArguments, span, format!("`{}` takes no sentence", function.name)).help(help)
        }
        None => {
            let of_facts = FUNCTIONS.iter().filter(|function| function.kind == FunctionKind::Fact);
            let message = format!("no function is called `{}`", name.item);
            let problem = Diagnostic::error(Code::UnknownFunction, name.span, message);
            suggestions::offer_near(problem, name.span, &name.item, of_facts.map(|function| function.name))
        }
    }
}

/// Returns a bare word as the text that it stands for beside a trust, a source or a verb: `trust(m uses t) = inferred`,
/// `s = goose`. `None` for anything else.
pub(super) fn bare_word(scope: &Scope, beside: &ast::Expr, word: &ast::Expr) -> Option<ast::Expr> {
    let written = match &word.kind {
        ast::ExprKind::Lower(written) if scope.seen(written).is_none() => written,
        ast::ExprKind::Name(written) => written,
        _ => return None,
    };
    let is_word = match &beside.kind {
        ast::ExprKind::OfFact { function, .. } | ast::ExprKind::Call { function, .. }
            if function.item.eq_ignore_ascii_case(OfClaims::Trust.name()) =>
        {
            true
        }
        ast::ExprKind::Lower(var) => matches!(scope.seen(var).map(|var| scope.var(var).kind), Some(VarKind::Label(_))),
        _ => false,
    };
    is_word.then(|| ast::Expr { kind: ast::ExprKind::Text(written.clone()), span: word.span })
}

/// Reports a text that no trust, source or verb can equal.
pub(super) fn check_words(scope: &mut Scope, a: &Expr, b: &Expr) {
    for (word, text) in [(a, b), (b, a)] {
        let ExprKind::Value(Value::Text(written)) = &text.kind else { continue };
        let known: (Code, &str, Vec<&str>) = match word.kind {
            ExprKind::OfClaims(OfClaims::Trust, ..) => {
                (Code::WrongType, "claim has the trust", Trust::ALL.map(Trust::name).to_vec())
            }
            ExprKind::Var(var) => match scope.var(var).kind {
                VarKind::Label(Label::Source) => {
                    let keys = scope.graph.claims().sources.iter().map(|source| source.key.as_str());
                    (Code::UnknownSource, "source is called", keys.collect())
                }
                VarKind::Label(Label::Verb) => {
                    let verbs = scope.schema().verbs().map(|(_, verb)| verb.name.as_str());
                    (Code::UnknownVerb, "verb is called", verbs.collect())
                }
                _ => continue,
            },
            _ => continue,
        };
        let (code, what, words) = known;
        if words.contains(&&**written) {
            continue;
        }
        let problem = Diagnostic::error(code, text.span, format!("no {what} `{written}`"));
        let quoted: Vec<String> =
            suggest::nearest(written, words.iter().copied()).into_iter().map(suggestions::quoted).collect();
        let mut problem = quoted.iter().fold(problem, |problem, near| suggestions::offer(problem, text.span, near));
        if problem.help.is_empty() && words.len() <= MOST_LISTED {
            let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            problem = problem.help(format!("there are {}", listed.join(", ")));
        }
        scope.report(problem);
    }
}

/// A trust is a word, which sorts by its letters and not by its degree.
pub(super) const TRUST_IS_A_WORD: &str =
    "a trust is a word: name each one that is wanted, as in `trust(…) in (direct, secondary)`";

pub(super) fn is_trust(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::OfClaims(OfClaims::Trust, ..))
}

/// Maximum number of words that an error lists.
const MOST_LISTED: usize = 8;
