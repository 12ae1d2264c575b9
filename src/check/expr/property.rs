//! Properties of variables and of entities: `m.date`, `GPT-2.date`, `"o1".date`.

use super::{Hint, literal};
use crate::check::name::{self, Resolution, suggestions};
use crate::check::scope::Scope;
use crate::check::typed::{Expr, ExprKind, ExprType, VarId, VarKind};
use crate::graph::EntityId;
use crate::schema::TypeSet;
use crate::syntax::ast::NounKind;
use crate::text::{Code, Diagnostic, Span, Spanned, suggest};

/// Checks `m.date`.
pub(super) fn property(
    scope: &mut Scope,
    owner: &Spanned<NounKind>,
    property: &Spanned<String>,
    span: Span,
) -> Option<Expr> {
    match of(scope, owner, property, span) {
        Ok(found) => {
            if let ExprKind::Property(var, _) = found.kind {
                scope.speak(var);
            }
            Some(found)
        }
        Err(diagnostic) => {
            scope.report(diagnostic);
            None
        }
    }
}

/// Interprets a capitalised run as the property of an entity: `GPT-2.date`. Returns `None` if it is the name of an entity as
/// it stands, or if neither the property nor, where a value is required, the entity is known.
pub(super) fn of_name(scope: &Scope, run: &str, span: Span, hint: Hint) -> Option<Result<Expr, Diagnostic>> {
    let (owner, property) = run.rsplit_once('.')?;
    let names = scope.graph.names();
    let is_value = !matches!(hint, Hint::Any | Hint::Entity(_)) && property.starts_with(char::is_lowercase);
    let is_property = scope.schema().lookup_property(property).is_some() || is_value && !names.lookup(owner).is_empty();
    if !is_property || !names.lookup(run).is_empty() {
        return None;
    }
    // Characters that cannot be seen are not in the run.
    let is_whole = (span.end - span.start) as usize == run.len();
    let dot = if is_whole { span.start + owner.len() as u32 } else { span.end };
    let owner = Spanned::new(NounKind::Name(owner.to_string()), Span { end: dot, ..span });
    let property = Spanned::new(property.to_string(), if is_whole { Span { start: dot + 1, ..span } } else { span });
    Some(of(scope, &owner, &property, span))
}

fn of(scope: &Scope, owner: &Spanned<NounKind>, property: &Spanned<String>, span: Span) -> Result<Expr, Diagnostic> {
    let schema = scope.schema();
    let wanted = schema.lookup_property(&property.item).map_or(schema.all_types(), |id| schema.property(id).of);
    let noun = literal::noun(owner.item.clone(), owner.span);
    let holder = match name::meaning(scope, &noun, wanted)? {
        Resolution::Variable(var) => Holder::Var(var),
        Resolution::Entity(entity) => Holder::Entity(entity),
        Resolution::Type(_) | Resolution::Declaration => {
            let name = suggestions::words(&noun);
            let letter = name.chars().next().unwrap_or('x').to_lowercase();
            let message = format!("`{name}` is a type, and has no `{}` of its own", property.item);
            return Err(Diagnostic::error(Code::WrongType, owner.span, message).help(format!(
                "name it in the sentence, `{name} {letter}`, and write `{letter}.{}` here",
                property.item
            )));
        }
    };
    let types = holder.types(scope);
    let found = schema.lookup_property(&property.item).filter(|id| !schema.property(*id).of.and(types).is_empty());
    let id = found.ok_or_else(|| no_property(scope, property, types, &suggestions::words(&noun)))?;
    let kind = match holder {
        Holder::Var(var) => ExprKind::Property(var, id),
        Holder::Entity(entity) => ExprKind::PropertyOf(entity, id),
    };
    Ok(Expr { kind, of: ExprType::Value(schema.property(id).value), span })
}

/// Owner of a property.
enum Holder {
    Var(VarId),
    Entity(EntityId),
}

impl Holder {
    fn types(&self, scope: &Scope) -> TypeSet {
        match self {
            Holder::Var(var) => match scope.var(*var).kind {
                VarKind::Entity(types) => types,
                _ => TypeSet::NONE,
            },
            Holder::Entity(entity) => TypeSet::only(scope.graph.type_of(*entity)),
        }
    }
}

fn no_property(scope: &Scope, property: &Spanned<String>, types: TypeSet, variable: &str) -> Diagnostic {
    let schema = scope.schema();
    let (name, span) = (&property.item, property.span);
    if types.is_empty() {
        let message = format!("`{variable}` is no entity, and has no properties");
        return Diagnostic::error(Code::UnknownProperty, span, message);
    }
    let message = format!("{} has no property `{name}`", suggestions::a(&schema.type_names(types)));
    let of_type = || schema.properties().filter(|(_, p)| !p.of.and(types).is_empty()).map(|(_, p)| p.name.as_str());
    let diagnostic = Diagnostic::error(Code::UnknownProperty, span, message);
    let mut diagnostic = suggestions::offer_near(diagnostic, span, name, of_type());
    if diagnostic.help.is_empty() {
        let parts = suggest::parts(name, of_type());
        diagnostic = parts.into_iter().fold(diagnostic, |diagnostic, part| suggestions::offer(diagnostic, span, part));
    }
    let all: Vec<String> = of_type().map(|name| format!("`{name}`")).collect();
    match (diagnostic.help.is_empty(), all.is_empty()) {
        (true, false) => diagnostic.help(format!("it has {}", all.join(", "))),
        _ => diagnostic,
    }
}
