//! Views: timeline, matrix, describe, conflicts, schema.

use super::clause::Clauses;
use super::select::{column_of, filtered};
use super::{adoption, head, lineage, plain_select};
use crate::check::name::{self, Resolution, suggestions};
use crate::check::pattern::{self, entity};
use crate::check::scope::Scope;
use crate::check::typed::{Body, ExprType, Formula, Report, ReportScope, SchemaTopic, Select, Term, VarId};
use crate::graph::Trust;
use crate::schema::{Schema, TypeSet, Word};
use crate::syntax::ast::{self, Sentence};
use crate::text::{Code, Diagnostic, Span, Spanned};

/// Checks a body that is no pattern. `None` if it has an error, which has been reported.
pub(super) fn view(scope: &mut Scope, body: &ast::Body, clauses: &Clauses) -> Option<Body> {
    let all = scope.schema().all_types();
    match body {
        ast::Body::Pattern(pattern) => head::pattern(scope, None, pattern, clauses).map(|(_, body)| body),
        ast::Body::Lineage(of) => lineage::lineage(scope, of, clauses),
        ast::Body::Adoption { of, among, by } => {
            let asked = adoption::Asked { view: "adoption of", of, among: among.as_ref(), by: by.as_ref() };
            adoption::adoption(scope, &asked, clauses).map(Body::Adoption)
        }
        ast::Body::Rise { of, among } => {
            let asked = adoption::Asked { view: "rise of", of, among: among.as_ref(), by: None };
            adoption::adoption(scope, &asked, clauses).map(Body::Rise)
        }
        ast::Body::Spread { of, via } => adoption::spread(scope, of, via.as_ref()).map(Body::Spread),
        ast::Body::Timeline(pattern) => {
            let formula = pattern::whole(scope, pattern);
            let select = plain_select(scope, formula, clauses);
            dated(scope, &select, pattern.span);
            Some(Body::Timeline(select))
        }
        ast::Body::Matrix(sentence) => matrix(scope, sentence, clauses),
        ast::Body::Describe(noun) => described(scope, noun, all),
        ast::Body::Conflicts(None) => Some(Body::Conflicts(None)),
        ast::Body::Conflicts(Some(noun)) => {
            entity(scope, noun, all, "conflicts of").map(|entity| Body::Conflicts(Some(entity)))
        }
        ast::Body::Report(it) => report(scope, it),
        ast::Body::Schema(topic) => schema(scope, topic.as_ref()).map(Body::Schema),
    }
}

/// Checks `claims of X by S`, about an entity or all entities of a type.
fn report(scope: &mut Scope, report: &ast::Report) -> Option<Body> {
    let all = scope.schema().all_types();
    let what = format!("{} of", report.kind.name());
    let of = match &report.of {
        None => Some(ReportScope::All),
        Some(noun) if noun.quantifier.is_none() && noun.that.is_none() => match name::meaning(scope, noun, all) {
            Ok(Resolution::Type(id)) => Some(ReportScope::Types(scope.schema().type_(id).subtypes)),
            _ => entity(scope, noun, all, &what).map(ReportScope::Entity),
        },
        Some(noun) => entity(scope, noun, all, &what).map(ReportScope::Entity),
    };
    let by = report.by.as_ref().map(|noun| pattern::source_named(scope, noun));
    let trust = report.trust.as_ref().map(|ast::TrustTest { not, word }| {
        let found = Trust::ALL.into_iter().find(|trust| trust.name().eq_ignore_ascii_case(&word.item));
        if found.is_none() {
            let names = Trust::ALL.map(Trust::name).join("`, `");
            let problem =
                Diagnostic::error(Code::WrongType, word.span, format!("`{}` is no degree of trust", word.item));
            scope.report(problem.help(format!("there are `{names}`")));
        }
        found.map(|found| Trust::ALL.into_iter().filter(|trust| (*trust == found) != *not).collect())
    });
    let (by, trust) = (by.map_or(Some(None), |by| by.map(Some))?, trust.unwrap_or(Some(Trust::ALL.to_vec()))?);
    Some(Body::Report(Report { kind: report.kind, of: of?, by, trust }))
}

/// Checks `describe X`; for a type, suggests `schema`.
fn described(scope: &mut Scope, noun: &ast::Noun, wanted: TypeSet) -> Option<Body> {
    if let Ok(Resolution::Type(id)) = name::meaning(scope, noun, wanted) {
        let name = &scope.schema().type_(id).name;
        let message = format!("`{name}` is a type, and `describe` wants the name of one entity");
        let help = format!("`schema {name}` tells of a type");
        scope.report(Diagnostic::error(Code::WrongType, noun.span, message).help(help));
        return None;
    }
    entity(scope, noun, wanted, "describe").map(Body::Describe)
}

/// Returns a select of all visible variables of a formula, without clauses.
pub(super) fn of_formula(scope: &Scope, formula: Formula) -> Select {
    let free = scope.outermost();
    let columns = free.iter().map(|var| column_of(scope, *var)).collect();
    Select::of(formula, free, columns)
}

/// Reports a timeline without any column that has a date.
fn dated(scope: &mut Scope, select: &Select, span: Span) {
    let has_date = select.columns.iter().any(|column| match column.expr.of {
        ExprType::Entity(types) => types.iter().any(|id| scope.graph.dating(id).is_some()),
        ExprType::Value(value) => value == crate::value::ValueType::Date,
        _ => false,
    });
    if !has_date && !scope.diagnostics.has_errors() {
        let message = "nothing in this timeline has a date";
        scope.report(Diagnostic::error(Code::WrongType, span, message));
    }
}

/// Checks `matrix of Model uses Technique`: subject × object of the first phrase.
fn matrix(scope: &mut Scope, sentence: &Sentence, clauses: &Clauses) -> Option<Body> {
    let span = pattern::span_of(sentence);
    let formula = pattern::whole_sentence(scope, sentence);
    let formula = filtered(scope, formula, &clauses.conditions);
    let ends = ends(sentence).map(|(subject, object)| [subject, object].map(|noun| variable(scope, noun)));
    let Some([Some(rows), Some(columns)]) = ends else {
        // An end that is not known has been reported.
        if !scope.diagnostics.has_errors() {
            let message = "`matrix of` wants a type or a variable on both sides of one verb";
            let diagnostic = Diagnostic::error(Code::WrongType, span, message);
            scope.report(match example(scope.schema()) {
                Some(sentence) => diagnostic.help(format!("write for example `matrix of {sentence}`")),
                None => diagnostic,
            });
        }
        return None;
    };
    let mut select = of_formula(scope, formula);
    select.columns = vec![column_of(scope, rows), column_of(scope, columns)];
    Some(Body::Matrix { select, rows, columns })
}

/// Returns a sentence of two types, with a verb of adoption if there is one.
fn example(schema: &Schema) -> Option<String> {
    let verb = schema.adoption_verbs().into_iter().next().or_else(|| schema.verbs().next().map(|(id, _)| id))?;
    let verb = schema.verb(verb);
    let name = |types: TypeSet| types.iter().next().map(|id| schema.type_(id).name.as_str());
    Some(format!("{} {} {}", name(verb.from)?, verb.name, name(verb.to)?))
}

/// Returns subject and object of the first phrase; `None` unless each is a single noun.
fn ends(sentence: &Sentence) -> Option<(&ast::Noun, &ast::Noun)> {
    let Sentence::Plain { subject, phrases: Some(phrases), .. } = sentence else { return None };
    let ([subject], Some(first)) = (subject.nouns.as_slice(), phrases.phrases.first()) else { return None };
    let ast::Object::Nouns(objects) = &first.object else { return None };
    match objects.items.as_slice() {
        [only] if !only.not && !first.not && first.third.is_none() => Some((subject, &only.noun)),
        _ => None,
    }
}

/// Returns the visible entity variable that a noun declares; `None` if there is none.
fn variable(scope: &Scope, noun: &ast::Noun) -> Option<VarId> {
    let var = scope.declared_at(noun.name_span).filter(|_| noun.quantifier.is_none())?;
    let seen = scope.outermost().contains(&var) && !scope.types(Term::Var(var)).is_empty();
    seen.then_some(var)
}

/// Returns the topic of `schema`: a type, a verb or its inverse, or a property.
fn schema(scope: &mut Scope, topic: Option<&Spanned<String>>) -> Option<SchemaTopic> {
    let Some(topic) = topic else { return Some(SchemaTopic::All) };
    let schema = scope.schema();
    if let Some(id) = schema.lookup_type(&topic.item) {
        return Some(SchemaTopic::Type(id));
    }
    match schema.lookup_word(&topic.item) {
        Some(Word::Verb { verb, .. }) => return Some(SchemaTopic::Verb(verb)),
        Some(Word::Property(id)) => return Some(SchemaTopic::Property(id)),
        None => {}
    }
    if let Some(id) = schema.lookup_property(&topic.item) {
        return Some(SchemaTopic::Property(id));
    }
    let message = format!("the schema has no `{}`", topic.item);
    let types = schema.types().map(|(_, item)| item.name.as_str());
    let properties = schema.properties().map(|(_, item)| item.name.as_str());
    let diagnostic = Diagnostic::error(Code::UnknownName, topic.span, message);
    let words = types.chain(schema.words()).chain(properties);
    scope.report(suggestions::offer_near(diagnostic, topic.span, &topic.item, words));
    None
}
