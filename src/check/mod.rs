//! Semantic analysis: AST + schema + names → typed query. The only place that reports an unknown name or a wrong type.
//!
//! [`check`] processes a query in this order: `define` reads the heads of the definitions; `pattern` turns the
//! sentences into a [`typed::Formula`] (`attach` assigns each phrase after `that` to its noun, `declare` collects the
//! variables with the part of the query in which they are visible, `noun` and `phrase` build the conditions); `query`
//! reads head and clauses, or the views; `define` then checks the definitions that were used. All of them share a
//! [`scope::Scope`] and continue after an error, so that all errors of a query are reported at once.

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

/// Values of parameters by name, without the `$`. A text may also name an entity, or be a date.
pub type Params = IndexMap<String, Value>;

/// A definition and the text that contains it; `None` is the text of the query itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    pub define: ast::Define,
    pub text: Option<Arc<Text>>,
}

/// Input of a check, apart from the query.
#[derive(Debug, Clone, Copy)]
pub struct Context<'c> {
    pub graph: &'c Graph,
    pub params: &'c Params,
    /// Definitions of the graph, of the session and of the query's program. A later one replaces an earlier one of the
    /// same name.
    pub defines: &'c [Definition],
    /// True if possible answers are shown even if the query does not say `possibly`.
    pub possibly: bool,
}

/// Resolves every word of a query. Notes and warnings are returned with the result, in [`typed::Query::notes`].
///
/// # Errors
/// All errors in the query, in the definitions that it uses, and in those of its own text, in order of position.
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
