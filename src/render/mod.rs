//! Answers, plans, graphs, diagnostics → bytes.
