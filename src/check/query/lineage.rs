//! `lineage of X`, `ancestors of X {1,2}`, `descendants of X that uses GQA`.

use super::clause::Clauses;
use super::select::{column_of, filtered, whole_number};
use super::views::of_formula;
use crate::check::name::suggestions;
use crate::check::pattern::{self, entity, path};
use crate::check::scope::{Scope, all};
use crate::check::typed::{Body, Formula, Generations, LineageOf, Link, Path, Select, Term, VarKind};
use crate::schema::{TypeSet, VerbId};
use crate::syntax::ast::{self, Noun, NounKind, Sentence, Subject};
use crate::text::{Code, Diagnostic, Span};

/// Checks the relatives of an entity, along the schema's lineage verbs or the path of `via`.
pub(super) fn lineage(scope: &mut Scope, asked: &ast::LineageOf, clauses: &Clauses) -> Option<Body> {
    let view = match asked.kind.item {
        ast::Lineage::Lineage => "lineage of",
        ast::Lineage::Ancestors => "ancestors of",
        ast::Lineage::Descendants => "descendants of",
    };
    let root = Noun { that: None, ..asked.of.clone() };
    let (of, way) = rooted(scope, &root, asked.via.as_ref(), asked.kind.span, view)?;
    let generations = asked.generations.map_or(Generations { least: 1, most: None }, |given| given.item);
    if let Some(given) = asked.generations.filter(|given| given.item.most == Some(0)) {
        let problem = Diagnostic::error(Code::WrongArguments, given.span, "no relative is 0 generations away");
        scope.report(problem.help("write `{1}` for parents or children, `{1,2}` for those and theirs"));
    }
    let among = relatives(scope, asked, way.from.or(way.to), clauses);
    let limit = clauses.limit.and_then(|limit| whole_number(scope, limit, "limit"));
    Some(Body::Lineage(LineageOf { kind: asked.kind.item, of, via: way.path, generations, among, limit }))
}

/// Returns an entity that has relatives, and the path from child to parent.
pub(super) fn rooted(
    scope: &mut Scope,
    of: &Noun,
    via: Option<&ast::Path>,
    span: Span,
    view: &str,
) -> Option<(crate::graph::EntityId, path::ResolvedPath)> {
    let found = way(scope, via, span);
    let wanted = found.as_ref().map_or(scope.schema().all_types(), |way| way.from.or(way.to));
    let entity = entity(scope, of, wanted, view);
    let (way, entity) = (found?, entity?);
    if !scope.graph.is_of(entity, wanted) {
        let message = format!("`{}` has no part in this lineage", scope.graph.name(entity));
        let here = suggestions::wanted_here(scope, wanted);
        scope.report(Diagnostic::error(Code::WrongType, of.span, message).here(here));
    }
    Some((entity, way))
}

/// Returns the path from child to parent: that of `via`, or the verbs that the schema marks `lineage`.
pub(super) fn way(scope: &mut Scope, via: Option<&ast::Path>, span: Span) -> Option<path::ResolvedPath> {
    let all = scope.schema().all_types();
    let found = match via {
        Some(via) => path::way(scope, via, all).map_err(|problems| problems.into_iter().for_each(|p| scope.report(p))),
        None => schema_lineage(scope, span).map_err(|problem| scope.report(problem)),
    };
    let way = found.ok()?;
    if let (Some(via), true) = (via, way.from.and(way.to).is_empty()) {
        let message = "this path cannot follow itself, and gives no lineage";
        scope.report(Diagnostic::error(Code::WrongType, via.span, message));
    }
    pattern::note_use(scope, &way.path);
    Some(way)
}

/// Returns the verbs that the schema marks `lineage`, as a path.
fn schema_lineage(scope: &Scope, span: Span) -> Result<path::ResolvedPath, Diagnostic> {
    let schema = scope.schema();
    let verbs = schema.lineage_verbs();
    let from = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(schema.verb(*verb).from));
    let to = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(schema.verb(*verb).to));
    let link = |verb: &VerbId| Path::Link { link: Link::Verb(*verb), inverse: false };
    match verbs.as_slice() {
        [] => Err(Diagnostic::error(Code::UnknownVerb, span, "the schema marks no verb as `lineage`")
            .help("name the verbs, as in `lineage of X via succeeds`")),
        [one] => Ok(path::ResolvedPath { path: link(one), from, to }),
        several => Ok(path::ResolvedPath { path: Path::Either(several.iter().map(link).collect()), from, to }),
    }
}

/// Variable name that cannot be written in a query, for relatives without a name.
const NAMELESS: &str = "each relative";

/// Returns the pattern of the requested relatives, by `that` and `where`; `None` if there is neither.
fn relatives(scope: &mut Scope, asked: &ast::LineageOf, types: TypeSet, clauses: &Clauses) -> Option<Select> {
    if asked.of.that.is_none() && asked.name.is_none() && clauses.conditions.is_empty() {
        return None;
    }
    let place = asked.name.as_ref().map_or(asked.kind.span, |name| name.span);
    let name = asked.name.as_ref().map_or(NAMELESS.to_string(), |name| name.item.clone());
    let title = scope.schema().type_names(types);
    let var = scope.create(Some(name.clone()), title, VarKind::Entity(types), place, 0);
    scope.meet(var);
    // Otherwise it would be reported as a variable that nothing uses.
    scope.speak(var);
    let mut parts = vec![Formula::Type(Term::Var(var), types)];
    if let Some(that) = &asked.of.that {
        let (kind, name_span) = (NounKind::Lower(name), asked.of.name_span);
        let noun = Noun { quantifier: None, kind, name_span, that: None, span: name_span };
        let (subject, phrases) = (Subject { nouns: vec![noun] }, Some(that.clone()));
        parts.push(pattern::whole_sentence(scope, &Sentence::Plain { subject, phrases, span: that.span }));
    }
    let formula = filtered(scope, all(parts), &clauses.conditions);
    Some(Select { columns: vec![column_of(scope, var)], ..of_formula(scope, formula) })
}
