//! Typed query → plan: named rewrites, cost, the printable tree.
