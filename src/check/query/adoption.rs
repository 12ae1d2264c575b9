//! `adoption of T` and `rise of T`: what is adopted, by whom, and among whom shares are computed; `spread of T`.

use super::clause::Clauses;
use super::lineage::way;
use super::select::{column_of, whole_number};
use super::views::of_formula;
use crate::check::expr;
use crate::check::name::{self, Resolution, suggestions};
use crate::check::pattern::{self, entity};
use crate::check::scope::{Aggregates, Scope, all, exists};
use crate::check::typed::{
    Adoption, Among, Column, CompareOp, Expr, ExprKind, ExprType, FactAtom, Formula, Grouping, Link, Spread, Term,
    VarId, VarKind,
};
use crate::graph::EntityId;
use crate::schema::{TypeId, TypeSet, VerbId};
use crate::syntax::ast::{self, Noun, Period};
use crate::syntax::print;
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::{Date, Value};
use std::collections::BTreeSet;

/// Parts of the query, as written.
pub(super) struct Asked<'q> {
    /// `adoption of` or `rise of`.
    pub view: &'static str,
    pub of: &'q [Noun],
    pub among: Option<&'q Noun>,
    pub by: Option<&'q Spanned<Period>>,
}

/// Checks an adoption with its clauses.
pub(super) fn adoption(scope: &mut Scope, asked: &Asked, clauses: &Clauses) -> Option<Adoption> {
    let first = asked.of.first()?;
    let (verbs, wanted) = adoption_verbs(scope, first.span)?;
    let is_plain = asked.of.len() == 1 && asked.among.is_none() && clauses.conditions.is_empty();
    let (formula, column) = if is_plain { alone(scope, asked, wanted)? } else { several(scope, asked, wanted)? };
    let types = if let ExprType::Entity(types) = column.expr.of { types } else { TypeSet::NONE };
    let verbs = leading_to(scope, verbs, types, (first.name_span, wanted))?;
    let adopters = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(scope.schema().verb(*verb).from));
    let among = asked.among.map(|among| adopters_among(scope, among, adopters));
    let among = match among {
        Some(found) => Some(found?),
        None => None,
    };
    let tests = tests(scope, clauses);
    let joined =
        among.as_ref().map(|(formula, var)| all(vec![formula.clone(), uses(&verbs, *var, &column.expr, first.span)]));
    let parts = [formula].into_iter().chain(joined).chain(tests.iter().cloned());
    let mut of = of_formula(scope, all(parts.collect()));
    of.columns = vec![column];
    of.columns.extend(among.as_ref().map(|(_, var)| column_of(scope, *var)));
    let among = among.map(|(formula, var)| recorded(scope, formula, var, &verbs, &tests));
    let by = asked.by.map_or(Some(Grouping::Year), |by| grouping(scope, by, adopters))?;
    let limit = clauses.limit.and_then(|limit| whole_number(scope, limit, "limit"));
    let limit_span = clauses.limit.map_or(Span::default(), |limit| limit.span);
    let ties = clauses.ties.is_some();
    Some(Adoption { of, verbs, by, among, limit, ties, limit_span })
}

/// Returns the verbs marked `adoption`, and the types that they lead to.
fn adoption_verbs(scope: &mut Scope, span: Span) -> Option<(Vec<VerbId>, TypeSet)> {
    let schema = scope.schema();
    let verbs = schema.adoption_verbs();
    if verbs.is_empty() {
        scope.report(Diagnostic::error(Code::UnknownVerb, span, "the schema marks no verb as `adoption`"));
        return None;
    }
    let wanted = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(schema.verb(*verb).to));
    Some((verbs, wanted))
}

/// Returns the verbs that lead to these types; reports an error if there are none.
fn leading_to(
    scope: &mut Scope,
    mut verbs: Vec<VerbId>,
    types: TypeSet,
    (span, wanted): (Span, TypeSet),
) -> Option<Vec<VerbId>> {
    let schema = scope.schema();
    verbs.retain(|verb| !schema.verb(*verb).to.and(types).is_empty());
    if verbs.is_empty() {
        let message = format!("nothing adopts {}", suggestions::a(&schema.type_names(types)));
        let here = suggestions::wanted_here(scope, wanted);
        scope.report(Diagnostic::error(Code::WrongType, span, message).here(here));
        return None;
    }
    Some(verbs)
}

/// Returns formula and column of a single entity, or of the entities of a type.
fn alone(scope: &mut Scope, asked: &Asked, wanted: TypeSet) -> Option<(Formula, Column)> {
    let of = &asked.of[0];
    let meaning = name::meaning(scope, of, wanted);
    if let (Ok(Resolution::Entity(entity)), None, None) = (&meaning, &of.quantifier, &of.that) {
        return Some((Formula::TRUE, named(scope, *entity, of.span)));
    }
    if let (Ok(Resolution::Entity(_)), Some(_)) = (&meaning, &of.that) {
        said_of_adopters(scope, of, asked.view);
        return None;
    }
    of_type(scope, of, asked.view)
}

/// Reports a `that` after the adopted entity, and suggests where it may belong.
fn said_of_adopters(scope: &mut Scope, of: &Noun, view: &str) {
    let schema = scope.schema();
    let adopters = schema.adoption_verbs().iter().fold(TypeSet::NONE, |types, verb| types.or(schema.verb(*verb).from));
    let named = format!("{} among {}", print::noun(&Noun { that: None, ..of.clone() }), schema.type_names(adopters));
    let message = format!("`{view}` wants an entity without `that`");
    let problem = Diagnostic::error(Code::WrongType, of.span, message);
    let help = format!("who takes it up is told behind `among`: `{view} {named} that …`");
    scope.report(problem.fix(help, of.name_span, named));
}

fn of_type(scope: &mut Scope, of: &Noun, view: &str) -> Option<(Formula, Column)> {
    let (formula, var) = pattern::lone_noun(scope, of);
    let Some(var) = var.filter(|_| of.quantifier.is_none()) else {
        let message = format!("`{view}` wants entities or a type");
        scope.report(Diagnostic::error(Code::WrongType, of.span, message));
        return None;
    };
    Some((formula, column_of(scope, var)))
}

fn named(scope: &Scope, entity: EntityId, span: Span) -> Column {
    let types = TypeSet::only(scope.graph.type_of(entity));
    let expr = Expr { kind: ExprKind::Entity(entity), of: ExprType::Entity(types), span };
    Column { expr, title: scope.schema().type_names(types), counts: Vec::new() }
}

/// Returns formula and column of entities by name, or of those of a type, as the values of a variable.
fn several(scope: &mut Scope, asked: &Asked, wanted: TypeSet) -> Option<(Formula, Column)> {
    if let ([of], Ok(Resolution::Type(_) | Resolution::Declaration)) =
        (asked.of, name::meaning(scope, &asked.of[0], wanted))
    {
        return of_type(scope, of, asked.view);
    }
    let entities: Vec<Option<EntityId>> = asked.of.iter().map(|of| entity(scope, of, wanted, asked.view)).collect();
    let entities = entities.into_iter().collect::<Option<Vec<EntityId>>>()?;
    let types = entities.iter().map(|entity| TypeSet::only(scope.graph.type_of(*entity)));
    let types = types.fold(TypeSet::NONE, TypeSet::or);
    let span = asked.of[0].span;
    let var = scope.create(None, scope.schema().type_names(types), VarKind::Entity(types), span, 0);
    scope.meet(var);
    let same = |entity: &EntityId| Formula::Same(Term::Var(var), Term::Entity(*entity));
    let mut each: Vec<Formula> = entities.iter().map(same).collect();
    let one = if each.len() == 1 { each.remove(0) } else { Formula::Any(each) };
    Some((all(vec![Formula::Type(Term::Var(var), types), one]), column_of(scope, var)))
}

/// Returns the adopters of `among`: entities of a type, with the conditions of `that`.
fn adopters_among(scope: &mut Scope, among: &Noun, adopters: TypeSet) -> Option<(Formula, VarId)> {
    let (formula, var) = pattern::lone_noun(scope, among);
    let wrong = |scope: &mut Scope, message: &str| {
        let here = suggestions::wanted_here(scope, adopters);
        scope.report(Diagnostic::error(Code::WrongType, among.span, message.to_string()).here(here));
        None
    };
    match var.filter(|_| among.quantifier.is_none()) {
        None => wrong(scope, "`among` wants a type"),
        Some(var) if scope.types(Term::Var(var)).and(adopters).is_empty() => wrong(scope, "these adopt nothing"),
        Some(var) => Some((formula, var)),
    }
}

/// Returns the conditions of `where`, those joined by `and` one by one: some speak of the adopters alone.
fn tests(scope: &mut Scope, clauses: &Clauses) -> Vec<Formula> {
    scope.aggregates = Aggregates::Misplaced("where");
    let conditions = clauses.conditions.iter();
    let conditions: Vec<Expr> = conditions.filter_map(|condition| expr::condition(scope, condition)).collect();
    let mut open: Vec<Expr> = conditions.into_iter().rev().collect();
    let mut tests = Vec::new();
    while let Some(next) = open.pop() {
        match next.kind {
            ExprKind::And(all) => open.extend(all.into_iter().rev()),
            _ => tests.push(Formula::Test(next)),
        }
    }
    tests
}

/// Returns `m uses t`, by any of the verbs.
fn uses(verbs: &[VerbId], adopter: VarId, adopted: &Expr, span: Span) -> Formula {
    let object = match adopted.kind {
        ExprKind::Var(var) => Term::Var(var),
        ExprKind::Entity(entity) => Term::Entity(entity),
        _ => return Formula::TRUE,
    };
    by_any(verbs, Term::Var(adopter), object, span)
}

fn by_any(verbs: &[VerbId], subject: Term, object: Term, span: Span) -> Formula {
    let fact = |verb: &VerbId| {
        let link = Link::Verb(*verb);
        Formula::Fact(FactAtom { link, subject, object, turned: false, source: None, span })
    };
    match verbs {
        [one] => fact(one),
        several => Formula::Any(several.iter().map(fact).collect()),
    }
}

/// Returns the adopters among which shares are computed: those that satisfy the conditions on them alone and have any
/// recorded adoption by these verbs.
fn recorded(scope: &mut Scope, formula: Formula, var: VarId, verbs: &[VerbId], tests: &[Formula]) -> Among {
    let span = scope.var(var).span;
    let own: BTreeSet<VarId> = pattern::free(&formula);
    let of_own = |test: &&Formula| pattern::free(test).is_subset(&own);
    let is_whole = tests.iter().all(|test| of_own(&test) || is_settled(test));
    let tests: Vec<Formula> = tests.iter().filter(of_own).cloned().collect();
    let dated = tests.iter().filter_map(|test| dated(scope, var, test)).collect();
    let types = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(scope.schema().verb(*verb).to));
    let place = Span { start: span.end, end: span.end };
    scope.enter(place);
    let anything = scope.create(None, String::new(), VarKind::Entity(types), place, scope.depth());
    scope.meet(anything);
    let locals = scope.leave();
    let told = exists(locals, by_any(verbs, Term::Var(var), Term::Var(anything), span));
    Among { var, formula: all([formula].into_iter().chain(tests).chain([told]).collect()), is_whole, dated }
}

/// Returns true if a test compares entities alone, so that it holds in every world or in none.
fn is_settled(test: &Formula) -> bool {
    fn of_entities(expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::And(all) | ExprKind::Or(all) => all.iter().all(of_entities),
            ExprKind::Not(inner) => of_entities(inner),
            ExprKind::Compare(_, a, b) => {
                [a, b].iter().all(|side| matches!(side.kind, ExprKind::Var(_) | ExprKind::Entity(_)))
            }
            _ => false,
        }
    }
    matches!(test, Formula::Test(expr) if of_entities(expr))
}

/// Returns the date with which a test compares the date of the adopter; `None` for other tests.
fn dated(scope: &Scope, adopter: VarId, test: &Formula) -> Option<(CompareOp, Date)> {
    let Formula::Test(Expr { kind: ExprKind::Compare(op, of, with), .. }) = test else { return None };
    let (ExprKind::Property(var, property), ExprKind::Value(Value::Date(date))) = (&of.kind, &with.kind) else {
        return None;
    };
    let is_dating = |id: TypeId| scope.graph.dating(id) == Some(*property);
    let is_dated = *var == adopter && scope.types(Term::Var(adopter)).iter().all(is_dating);
    is_dated.then_some((*op, *date))
}

/// Checks `spread of T`: the adopted entity, the verbs, and the lineage.
pub(super) fn spread(scope: &mut Scope, of: &Noun, via: Option<&ast::Path>) -> Option<Spread> {
    let (verbs, wanted) = adoption_verbs(scope, of.span)?;
    let adopted = entity(scope, of, wanted, "spread of");
    let way = way(scope, via, of.span);
    let (adopted, way) = (adopted?, way?);
    let types = TypeSet::only(scope.graph.type_of(adopted));
    let verbs = leading_to(scope, verbs, types, (of.name_span, wanted))?;
    let adopters = verbs.iter().fold(TypeSet::NONE, |types, verb| types.or(scope.schema().verb(*verb).from));
    if adopters.and(way.from.or(way.to)).is_empty() {
        let message = "those who adopt it have no part in this lineage";
        scope.report(Diagnostic::error(Code::WrongType, via.map_or(of.span, |via| via.span), message));
        return None;
    }
    Some(Spread { of: adopted, verbs, via: way.path })
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
            let is_unknown = diagnostic.code == Code::UnknownType;
            scope.report(if is_unknown { suggestions::unknown_grouping(scope, name, by.span) } else { diagnostic });
            return None;
        }
    };
    let fits = |a: TypeSet, b: TypeSet| !a.and(b).is_empty();
    let joins = |from: TypeSet, to: TypeSet| {
        schema.verbs().find(|(_, verb)| fits(verb.from, from) && fits(verb.to, to)).map(|(id, _)| id)
    };
    let found = joins(types, adopters).map(|verb| (verb, false)).or(joins(adopters, types).map(|verb| (verb, true)));
    if found.is_none() {
        let message =
            format!("no verb joins {} with {}", suggestions::a(name), suggestions::a(&schema.type_names(adopters)));
        scope.report(Diagnostic::error(Code::WrongType, by.span, message));
    }
    found.map(|(verb, inverse)| Grouping::Entities { types, verb, inverse })
}
