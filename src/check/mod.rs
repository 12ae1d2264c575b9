//! AST + schema + names → typed query: the only place that reports an unknown name or a wrong type.
//!
//! [`check`] goes through a query in this order: `define` reads the heads of the definitions; `pattern` makes a
//! [`typed::Formula`] of the sentences (`attach` decides what each phrase after `that` speaks of, `declare` collects the
//! variables with the part of the query they are seen in, `noun` and `phrase` build the conditions); `query` reads
//! head and clauses, or the views; `define` then checks the definitions that were used. All of them share a
//! [`scope::Scope`] and go on after an error, so that everything wrong with a query is said at once.

mod define;
mod expr;
mod name;
mod pattern;
mod query;
mod scope;
pub mod typed;
mod walk;

use crate::graph::Graph;
use crate::syntax::ast;
use crate::text::{Result, Severity, Text};
use crate::value::Value;
use indexmap::IndexMap;
use std::sync::Arc;

/// Values bound to `$name`, by name without the mark. A text may also name an entity, or be a date.
pub type Params = IndexMap<String, Value>;

/// A definition, and the text it stands in: `None` is the text of the query itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    pub define: ast::Define,
    pub text: Option<Arc<Text>>,
}

/// What a query is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    pub graph: &'c Graph,
    pub params: &'c Params,
    /// Those of the graph, of the session and of the query's program; a later one of the same name takes the place
    /// of an earlier one.
    pub defines: &'c [Definition],
    /// Possible answers are wanted whether or not the query says `possibly`.
    pub possibly: bool,
}

/// Resolves every word of a query. Notes and warnings come with the result, in [`typed::Query::notes`].
///
/// # Errors
/// Everything that is wrong with the meaning of the query and of the definitions it uses or stands beside, in
/// order of place.
pub fn check(query: &ast::Query, context: &Context) -> Result<typed::Query> {
    let (signatures, heads) = define::signatures(context);
    let mut scope = scope::Scope::new(context, &signatures);
    heads.into_iter().for_each(|diagnostic| scope.report(diagnostic));
    let mut checked = query::query(&mut scope, query, context.possibly);
    define::resolve(&mut scope, &mut checked, context);
    name::unknown::finish(&mut scope);
    checked.vars = std::mem::take(&mut scope.vars);
    let mut diagnostics = scope.diagnostics;
    diagnostics.sort();
    if diagnostics.has_errors() {
        diagnostics.0.retain(|diagnostic| diagnostic.severity != Severity::Note);
        return Err(diagnostics);
    }
    Ok(typed::Query { notes: diagnostics.0, ..checked })
}
