//! Views: lineage, adoption, timeline, matrix, describe, conflicts, schema.

use super::clause::Clauses;
use super::select::{column_of, filtered};
use super::{head, plain_select};
use crate::check::name::{self, Meaning, offer};
use crate::check::pattern::{self, entity, path};
use crate::check::scope::Scope;
use crate::check::typed::{
    Adoption, Body, Column, Expr, ExprKind, ExprType, Formula, Grouping, Link, Path, SchemaTopic, Select, Term, VarId,
};
use crate::graph::EntityId;
use crate::schema::{TypeSet, VerbId, Word};
use crate::syntax::ast::{self, Period, Sentence};
use crate::text::{Code, Diagnostic, Span, Spanned};

/// A body that is no pattern. `None` where something is wrong with it, which has been reported.
pub(super) fn view(scope: &mut Scope, body: &ast::Body, clauses: &Clauses) -> Option<Body> {
    let all = scope.schema().all_types();
    match body {
        ast::Body::Pattern(pattern) => head::pattern(scope, None, pattern, clauses).map(|(_, body)| body),
        ast::Body::Lineage { kind, of, via } => lineage(scope, kind, of, via.as_ref()),
        ast::Body::Adoption { of, by } => adoption(scope, of, by.as_ref()),
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
        ast::Body::Schema(topic) => schema(scope, topic.as_ref()).map(Body::Schema),
    }
}

/// `describe X`; of a type, the schema tells.
fn described(scope: &mut Scope, noun: &ast::Noun, wanted: TypeSet) -> Option<Body> {
    if let Ok(Meaning::Type(id)) = name::meaning(scope, noun, wanted) {
        let name = &scope.schema().type_(id).name;
        let message = format!("`{name}` is a type, and `describe` wants the name of one entity");
        let help = format!("`schema {name}` tells of a type");
        scope.report(Diagnostic::error(Code::WrongType, noun.span, message).help(help));
        return None;
    }
    entity(scope, noun, wanted, "describe").map(Body::Describe)
}

/// The ancestors or descendants of an entity, along the schema's lineage verbs or the path of `via`.
fn lineage(scope: &mut Scope, kind: &Spanned<ast::Lineage>, of: &ast::Noun, via: Option<&ast::Path>) -> Option<Body> {
    let all = scope.schema().all_types();
    let found = match via {
        Some(via) => path::way(scope, via, all).map_err(|problems| problems.into_iter().for_each(|p| scope.report(p))),
        None => schema_lineage(scope, kind.span).map_err(|problem| scope.report(problem)),
    };
    let wanted = found.as_ref().map_or(all, |way| way.from.or(way.to));
    let view = match kind.item {
        ast::Lineage::Lineage => "lineage of",
        ast::Lineage::Ancestors => "ancestors of",
        ast::Lineage::Descendants => "descendants of",
    };
    let entity = entity(scope, of, wanted, view);
    let (way, entity) = (found.ok()?, entity?);
    if let (Some(via), true) = (via, way.from.and(way.to).is_empty()) {
        let message = "this path cannot follow itself, and gives no lineage";
        scope.report(Diagnostic::error(Code::WrongType, via.span, message));
    }
    pattern::note_use(scope, &way.path);
    if !scope.graph.is_of(entity, wanted) {
        let message = format!("`{}` has no part in this lineage", scope.graph.name(entity));
        let here = offer::wanted_here(scope, wanted);
        scope.report(Diagnostic::error(Code::WrongType, of.span, message).here(here));
    }
    Some(Body::Lineage { kind: kind.item, of: entity, via: way.path })
}

/// The verbs that the schema marks `lineage`.
fn schema_lineage(scope: &Scope, span: Span) -> Result<path::Way, Diagnostic> {
    let schema = scope.schema();
    let verbs = schema.lineage_verbs();
    let from = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(schema.verb(*verb).from));
    let to = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(schema.verb(*verb).to));
    let link = |verb: &VerbId| Path::Link { link: Link::Verb(*verb), inverse: false };
    match verbs.as_slice() {
        [] => Err(Diagnostic::error(Code::UnknownVerb, span, "the schema marks no verb as `lineage`")
            .help("name the verbs, as in `lineage of X via succeeds`")),
        [one] => Ok(path::Way { path: link(one), from, to }),
        several => Ok(path::Way { path: Path::Either(several.iter().map(link).collect()), from, to }),
    }
}

fn adoption(scope: &mut Scope, of: &ast::Noun, by: Option<&Spanned<Period>>) -> Option<Body> {
    let schema = scope.schema();
    let mut verbs = schema.adoption_verbs();
    let adopted = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(schema.verb(*verb).to));
    if verbs.is_empty() {
        scope.report(Diagnostic::error(Code::UnknownVerb, of.span, "the schema marks no verb as `adoption`"));
        return None;
    }
    let select = adopted_select(scope, of, adopted)?;
    let types = match select.columns.first().map(|column| column.expr.of) {
        Some(ExprType::Entity(types)) => types,
        _ => TypeSet::NONE,
    };
    verbs.retain(|verb| !schema.verb(*verb).to.and(types).is_empty());
    if verbs.is_empty() {
        let message = format!("nothing adopts {}", offer::a(&schema.type_names(types)));
        let here = offer::wanted_here(scope, adopted);
        scope.report(Diagnostic::error(Code::WrongType, of.name_span, message).here(here));
        return None;
    }
    let adopters = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(schema.verb(*verb).from));
    let by = by.map_or(Some(Grouping::Year), |by| grouping(scope, by, adopters))?;
    Some(Body::Adoption(Adoption { of: select, verbs, by }))
}

/// The adopted as the only column: one entity, or those of a type.
fn adopted_select(scope: &mut Scope, of: &ast::Noun, wanted: TypeSet) -> Option<Select> {
    let meaning = name::meaning(scope, of, wanted);
    if let (Ok(Meaning::Entity(entity)), None, None) = (&meaning, &of.quantifier, &of.that) {
        return Some(single(scope, *entity, of.span));
    }
    let (formula, var) = pattern::lone_noun(scope, of);
    let Some(var) = var.filter(|_| of.quantifier.is_none()) else {
        let message = "`adoption of` wants an entity or a type";
        scope.report(Diagnostic::error(Code::WrongType, of.span, message));
        return None;
    };
    let mut select = of_formula(scope, formula);
    select.columns = vec![column_of(scope, var)];
    Some(select)
}

fn single(scope: &Scope, entity: EntityId, span: Span) -> Select {
    let types = TypeSet::only(scope.graph.type_of(entity));
    let expr = Expr { kind: ExprKind::Entity(entity), of: ExprType::Entity(types), span };
    let title = scope.schema().type_names(types);
    Select { columns: vec![Column { expr, title }], ..of_formula(scope, Formula::TRUE) }
}

/// Everything that is seen of a formula, without clauses.
fn of_formula(scope: &Scope, formula: Formula) -> Select {
    let free = scope.outermost();
    let columns = free.iter().map(|var| column_of(scope, *var)).collect();
    let (group, having, order) = (None, None, Vec::new());
    Select {
        formula,
        free,
        columns,
        group,
        having,
        order,
        limit: None,
        limit_span: Span::default(),
        offset: 0,
        nearest: None,
    }
}

fn grouping(scope: &mut Scope, by: &Spanned<Period>, adopters: TypeSet) -> Option<Grouping> {
    let name = match &by.item {
        Period::Year => return Some(Grouping::Year),
        Period::Quarter => return Some(Grouping::Quarter),
        Period::Month => return Some(Grouping::Month),
        Period::Type(name) => name,
    };
    let schema = scope.schema();
    let all = schema.all_types();
    let types = match name::type_id(scope, name, by.span, all) {
        Ok(id) => schema.type_(id).subtypes,
        Err(diagnostic) => {
            scope.report(diagnostic);
            return None;
        }
    };
    let fits = |a: TypeSet, b: TypeSet| !a.and(b).is_empty();
    let joins = |from: TypeSet, to: TypeSet| {
        schema.verbs().find(|(_, verb)| fits(verb.from, from) && fits(verb.to, to)).map(|(id, _)| id)
    };
    let found = joins(types, adopters).map(|verb| (verb, false)).or(joins(adopters, types).map(|verb| (verb, true)));
    if found.is_none() {
        let message = format!("no verb joins {} with {}", offer::a(name), offer::a(&schema.type_names(adopters)));
        scope.report(Diagnostic::error(Code::WrongType, by.span, message));
    }
    found.map(|(verb, inverse)| Grouping::Entities { types, verb, inverse })
}

/// Reports a timeline none of whose columns has a date.
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

/// `matrix of Model uses Technique`: the subject against the object of the first phrase.
fn matrix(scope: &mut Scope, sentence: &Sentence, clauses: &Clauses) -> Option<Body> {
    let span = pattern::span_of(sentence);
    let formula = pattern::whole_sentence(scope, sentence);
    let formula = filtered(scope, formula, &clauses.conditions);
    let ends = ends(sentence).map(|(subject, object)| [subject, object].map(|noun| variable(scope, noun)));
    let Some([Some(rows), Some(columns)]) = ends else {
        let message = "`matrix of` wants a type or a variable on both sides of one verb";
        scope.report(
            Diagnostic::error(Code::WrongType, span, message)
                .help("write for example `matrix of Model uses Technique`"),
        );
        return None;
    };
    let mut select = of_formula(scope, formula);
    select.columns = vec![column_of(scope, rows), column_of(scope, columns)];
    Some(Body::Matrix { select, rows, columns })
}

/// The subject and the object of the first phrase, if they are one noun each.
fn ends(sentence: &Sentence) -> Option<(&ast::Noun, &ast::Noun)> {
    let Sentence::Plain { subject, phrases: Some(phrases), .. } = sentence else { return None };
    let ([subject], Some(first)) = (subject.nouns.as_slice(), phrases.phrases.first()) else { return None };
    let ast::Object::Nouns(objects) = &first.object else { return None };
    match objects.items.as_slice() {
        [only] if !only.not && !first.not => Some((subject, &only.noun)),
        _ => None,
    }
}

/// The variable for entities that a noun declares and that can be seen.
fn variable(scope: &Scope, noun: &ast::Noun) -> Option<VarId> {
    let var = scope.declared_at(noun.name_span).filter(|_| noun.quantifier.is_none())?;
    let seen = scope.outermost().contains(&var) && !scope.types(Term::Var(var)).is_empty();
    seen.then_some(var)
}

/// A type, a verb or its inverse, or a property.
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
    scope.report(offer::offer_near(diagnostic, topic.span, &topic.item, words));
    None
}
