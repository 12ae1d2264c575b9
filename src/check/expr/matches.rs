//! `name(m) matches "^GPT-[0-9]"`: a text against a regular expression, which is known before the query runs.

use super::{Hint, expr, literal, type_words};
use crate::check::name;
use crate::check::scope::Scope;
use crate::check::typed::{Expr, ExprKind, ExprType};
use crate::syntax::ast;
use crate::text::{Code, Diagnostic, Span};
use crate::value::{BadRegex, Regex, Value, ValueType};
use std::ops::Range;

/// Checks a text against a pattern.
pub(super) fn matches(scope: &mut Scope, text: &ast::Expr, pattern: &ast::Expr, span: Span) -> Option<Expr> {
    let text = expr(scope, text, Hint::Text);
    let pattern = self::pattern(scope, pattern);
    let (text, pattern) = (text?, pattern?);
    if text.of != ExprType::Value(ValueType::Text) {
        let problem = not_a_text(scope, &text);
        scope.report(problem);
        return None;
    }
    Some(Expr { kind: ExprKind::Matches(Box::new(text), pattern), of: ExprType::Truth, span })
}

fn not_a_text(scope: &Scope, of: &Expr) -> Diagnostic {
    let message = format!("`matches` looks at a text, and this is {}", type_words(scope, of.of));
    named(scope, of, Diagnostic::error(Code::WrongType, of.span, message))
}

/// Adds the advice to read the name of an entity as a text.
pub(super) fn named(scope: &Scope, of: &Expr, problem: Diagnostic) -> Diagnostic {
    match (of.of, &of.kind) {
        (ExprType::Entity(_), ExprKind::Var(var)) => {
            let call = format!("name({})", scope.var(*var).title);
            problem.fix(format!("`{call}` gives the name of an entity as a text"), of.span, call)
        }
        (ExprType::Entity(_), _) => problem.help("`name(…)` gives the name of an entity as a text"),
        _ => problem,
    }
}

/// Returns the compiled pattern of a text or a parameter; reports any other expression and a pattern that is none.
fn pattern(scope: &mut Scope, expr: &ast::Expr) -> Option<Regex> {
    let compiled = match &expr.kind {
        ast::ExprKind::Text(written) => Regex::new(written).map_err(|bad| bad_literal(written, &bad, expr.span)),
        ast::ExprKind::Param(name) => of_param(scope, name, expr.span),
        _ => {
            let problem = Diagnostic::error(Code::WrongType, expr.span, "a pattern is a text in quotes or a parameter");
            Err(problem.help("write for example `matches \"^GPT-[0-9]\"`"))
        }
    };
    compiled.map_err(|problem| scope.report(problem)).ok()
}

fn of_param(scope: &Scope, name: &str, span: Span) -> Result<Regex, Diagnostic> {
    let given = literal::param(scope, name, span, Hint::Text)?;
    let ExprKind::Value(Value::Text(written)) = given.kind else {
        return Err(Diagnostic::error(Code::BadPattern, span, format!("`${name}` is no text")));
    };
    Regex::new(&written).map_err(|bad| {
        let at = bad.place.as_ref().map(|place| format!(" at `{}`", &written[place.start..]));
        let message = format!("{}{}", bad.message, at.unwrap_or_default());
        name::of_param(name, &written, Diagnostic::error(Code::BadPattern, span, message))
    })
}

fn bad_literal(written: &str, bad: &BadRegex, span: Span) -> Diagnostic {
    let place = bad.place.as_ref().and_then(|place| within(written, place, span)).unwrap_or(span);
    Diagnostic::error(Code::BadPattern, place, bad.message.clone())
}

/// Returns the place in the query of some bytes of a quoted text, whose backslashes and quotes are written with a
/// backslash before them; `None` if other characters are escaped, too.
fn within(written: &str, bytes: &Range<usize>, span: Span) -> Option<Span> {
    let escaped = |text: &str| (text.len() + text.matches(['\\', '"']).count()) as u32;
    if escaped(written) + 2 != span.end - span.start {
        return None;
    }
    let start = span.start + 1 + escaped(written.get(..bytes.start)?);
    let length = escaped(written.get(bytes.clone())?);
    // Something that is missing has no length: the caret is before the next character, or the closing quote.
    Some(Span { start, end: start + length.max(1) })
}
