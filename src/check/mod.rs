//! AST + schema + names → typed query: the only place that reports an unknown name or a wrong type.

pub mod typed;
