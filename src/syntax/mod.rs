//! Text ⇄ tree: the only module that knows pest.
//!
//! [`parse`] gives an [`ast::Program`] or diagnostics; [`print`] writes a tree back. Colours ([`lexemes`]) and what may
//! come next ([`expected`]) are read from the same grammar, so that keywords are written down once.

pub mod ast;
