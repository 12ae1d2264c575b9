//! Answers, plans, graphs, diagnostics → bytes.
pub mod picture;
