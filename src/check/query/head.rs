//! The word before a pattern, which says what is made of its matches.

use super::clause::Clauses;
use super::plain_select;
use crate::check::name::suggestions;
use crate::check::pattern::{self, entity};
use crate::check::scope::Scope;
use crate::check::typed::{Body, Formula, Head, Path, PathAtom, Select};
use crate::check::walk;
use crate::schema::PropertyId;
use crate::syntax::ast::{self, Sentence};
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::ValueType;

/// Checks a pattern with its head. `None` if it has an error, which has been reported.
pub(super) fn pattern(
    scope: &mut Scope,
    head: Option<&Spanned<ast::Head>>,
    pattern: &ast::Pattern,
    clauses: &Clauses,
) -> Option<(Head, Body)> {
    let word = head.map(|head| head.item);
    if word == Some(ast::Head::Diff)
        && let Some(nouns) = bare_nouns(pattern)
    {
        return diff(scope, nouns, pattern.span).map(|body| (Head::Diff, body));
    }
    let formula = match word {
        // It looks for the first condition that fails, and an `or` is one.
        Some(ast::Head::WhyNot) => pattern::whole(scope, pattern),
        _ => pattern::main(scope, pattern),
    };
    let mut select = plain_select(scope, formula, clauses);
    let head = of_word(word, &select, clauses);
    if matches!(head, Head::Path | Head::Paths | Head::Diff) && !scope.diagnostics.has_errors() {
        one_path(scope, &mut select, head, pattern.span);
    }
    Some((head, Body::Select(select)))
}

/// Returns the head. Without a word, a pattern without holes asks whether it holds.
fn of_word(word: Option<ast::Head>, select: &Select, clauses: &Clauses) -> Head {
    match word {
        None => {
            let ground = select.free.is_empty() && clauses.show.is_none();
            if ground { Head::Ask } else { Head::Rows }
        }
        Some(ast::Head::Why) => Head::Why,
        Some(ast::Head::WhyNot) => Head::WhyNot,
        Some(ast::Head::Path) => Head::Path,
        Some(ast::Head::Paths) => Head::Paths,
        Some(ast::Head::Graph) => Head::Graph,
        Some(ast::Head::Diff) => Head::Diff,
        Some(ast::Head::Count) => Head::Count,
        Some(ast::Head::Ask) => Head::Ask,
    }
}

/// Returns the nouns of a pattern that consists only of `A and B`; `None` for others.
pub(super) fn bare_nouns(pattern: &ast::Pattern) -> Option<&[ast::Noun]> {
    match pattern.sentences.as_slice() {
        [ast::PatternItem { sentence: Sentence::Plain { subject, phrases: None, .. }, .. }] => Some(&subject.nouns),
        _ => None,
    }
}

/// Checks `diff OLMo 2 and Gemma 3`.
fn diff(scope: &mut Scope, nouns: &[ast::Noun], span: Span) -> Option<Body> {
    let all = scope.schema().all_types();
    let [a, b] = nouns else {
        let message = format!("`diff` compares two entities, not {}", nouns.len());
        scope.report(
            Diagnostic::error(Code::WrongArguments, span, message)
                .help("write `diff OLMo 2 and Gemma 3`, or a sentence, as in `diff Qwen3 succeeds Model`"),
        );
        return None;
    };
    let (left, right) = (entity(scope, a, all, "diff"), entity(scope, b, all, "diff"));
    let (left, right) = (left?, right?);
    let schema = scope.schema();
    let (of_left, of_right) = (schema.type_(scope.graph.type_of(left)), schema.type_(scope.graph.type_of(right)));
    if of_left.properties.is_empty()
        && of_left.name != of_right.name
        && of_left.subtypes.and(of_right.subtypes).is_empty()
    {
        let message = format!("a {} and a {} have nothing to compare", of_left.name, of_right.name);
        scope.report(Diagnostic::error(Code::WrongType, b.span, message).label(a.span, of_left.name.clone()));
    }
    Some(Body::Diff(left, right))
}

/// Returns the property of `shortest by parameters`. A number below 0 would make a path round a cycle ever shorter.
pub(super) fn cost(scope: &mut Scope, property: &Spanned<String>) -> Option<PropertyId> {
    let schema = scope.schema();
    let (name, span) = (&property.item, property.span);
    let numbers = || schema.properties().filter(|(_, item)| item.value == ValueType::Number);
    let found = numbers().find(|(_, item)| item.name == *name || item.verb.as_ref() == Some(name));
    let Some((id, item)) = found else {
        let message = format!("no property of numbers is called `{name}`");
        let diagnostic = Diagnostic::error(Code::UnknownProperty, span, message);
        let near = numbers().map(|(_, item)| item.name.as_str());
        let diagnostic = suggestions::offer_near(diagnostic, span, name, near);
        let all: Vec<String> = numbers().map(|(_, item)| format!("`{}`", item.name)).collect();
        scope.report(match diagnostic.help.is_empty() && !all.is_empty() {
            true => diagnostic.help(format!("of numbers there are {}", all.join(", "))),
            false => diagnostic,
        });
        return None;
    };
    let values = scope.graph.values(id);
    let below = values.range().map(|position| values.stated(position)).find_map(|(entity, value)| {
        let number = value.number().filter(|number| number.to_f64() < 0.0)?;
        Some((entity, number))
    });
    if let Some((entity, number)) = below {
        let message = format!("`{}` is below 0: `{}` has {number}", item.name, scope.graph.name(entity));
        let problem = Diagnostic::error(Code::WrongArguments, span, message);
        scope.report(problem.help("a path round a cycle would be ever shorter; name a property of 0 and more"));
        return None;
    }
    Some(id)
}

/// Reports the head of a pattern before a view.
pub(super) fn before_view(scope: &mut Scope, head: Option<&Spanned<ast::Head>>) {
    let Some(head) = head else { return };
    let message = "this word stands before a sentence only";
    scope.report(Diagnostic::error(Code::MisplacedClause, head.span, message).fix("leave it out", head.span, ""));
}

/// Checks that `path`, `paths` and `diff` have exactly one path: the only verb of the pattern, or its only path of
/// several steps. Turns a single verb into a path of one step where a path is required.
fn one_path(scope: &mut Scope, select: &mut Select, head: Head, span: Span) {
    let (mut facts, mut paths) = (0, 0);
    walk::formulas(&select.formula, false, &mut |formula, _| match formula {
        Formula::Fact(_) => facts += 1,
        Formula::Path(_) => paths += 1,
        _ => {}
    });
    match (facts, paths) {
        (1, 0) if head != Head::Diff => as_path(&mut select.formula),
        (1, 0) | (_, 1) => {}
        (0, 0) => scope.report(
            Diagnostic::error(Code::OnePath, span, "there is no path in this pattern")
                .help("write a verb between two nouns, as in `path DeepSeek R1 succeeds+ GPT-2`"),
        ),
        _ => scope.report(
            Diagnostic::error(Code::OnePath, span, "more than one path could be meant")
                .help("keep one verb, or make one a path with `+`; tell the rest in `where (…)`"),
        ),
    }
}

fn as_path(formula: &mut Formula) {
    match formula {
        Formula::Fact(atom) => {
            // The path keeps the direction in which it is written.
            let path = Path::Link { link: atom.link, inverse: atom.turned };
            let (subject, object) = if atom.turned { (atom.object, atom.subject) } else { (atom.subject, atom.object) };
            let (source, span) = (atom.source, atom.span);
            *formula = Formula::Path(PathAtom { path, subject, object, bind: None, source, span });
        }
        Formula::All(all) => all.iter_mut().for_each(as_path),
        Formula::Modal(_, inner) | Formula::Optional(inner) => as_path(inner),
        _ => {}
    }
}
