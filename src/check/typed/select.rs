//! A pattern with its columns, groups, order and limits.

use super::{Expr, Formula, Path, VarId};
use crate::text::Span;

/// A pattern with its columns and clauses.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    pub formula: Formula,
    /// Variables that `show` may refer to, in the order written. Those of an `optional` may be absent in a row.
    pub free: Vec<VarId>,
    /// Columns; without `show`, the free variables in the order written.
    pub columns: Vec<Column>,
    /// Keys of `by`; empty for a single group, if aggregates are shown without `by`. `None` without groups.
    pub group: Option<Vec<Expr>>,
    pub having: Option<Expr>,
    pub order: Vec<Key>,
    pub limit: Option<u64>,
    /// True if rows that sort equal to the last one are shown, too.
    pub ties: bool,
    /// Place of the limit in the query.
    pub limit_span: Span,
    pub offset: u64,
    /// Restriction to the matches with the nearest values of a variable.
    pub nearest: Option<Nearest>,
}

impl Select {
    /// Returns true if not every binding gives a row that is shown, or if the rows have an order of their own.
    pub fn cuts(&self) -> bool {
        let Select { having, order, offset, limit, .. } = self;
        having.is_some() || !order.is_empty() || *offset > 0 || limit.is_some()
    }

    /// Returns a select of all matches of a formula, without clauses.
    pub fn of(formula: Formula, free: Vec<VarId>, columns: Vec<Column>) -> Select {
        Select {
            formula,
            free,
            columns,
            group: None,
            having: None,
            order: Vec::new(),
            limit: None,
            ties: false,
            limit_span: Span::default(),
            offset: 0,
            nearest: None,
        }
    }
}

/// `Mixtral 8x7B and Qwen3 succeeds+ Model c nearest c`: drops values of the variable that are reached from another
/// answer along `path`.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    pub var: VarId,
    /// Path that leads to the variable in the pattern.
    pub path: Path,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub expr: Expr,
    /// Head of the column: the variable's type, the expression as written, or the name after `as`.
    pub title: String,
    /// The counts in the expression as written, in their order.
    pub counts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub expr: Expr,
    pub descending: bool,
}
