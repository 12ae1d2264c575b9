//! Text ⇄ tree: the only module that knows pest.
//!
//! [`parse`] gives an [`ast::Program`] or diagnostics; [`print`] writes a tree back. Colours ([`lexemes`]) and what may
//! come next ([`expected`]) are read from the same grammar, so that keywords are written down once.
//!
//! One query through it: the grammar (`grammar/begat.pest`) makes pairs of the text, `build` makes a tree of the pairs.
//! If the grammar stops, `error` looks at what could have stood there, and `repair` tries what may have been meant.
//! Deliberately not here: names, verbs and types. A tree is right when it follows the grammar; `check` does the rest.

pub mod ast;

mod build;
mod depth;
mod error;
mod grammar;

pub use build::{literal_date, literal_number, read_date};
pub use grammar::keywords;

use crate::text::{Diagnostics, Result};
use grammar::Rule;

/// Reads statements; none is a program too.
///
/// # Errors
/// One diagnostic: a text that does not follow the grammar is read as far as its first mistake.
pub fn parse(text: &str) -> Result<ast::Program> {
    read(text, Rule::program, build::program)
}

/// Reads one sentence with nothing after it, as data files hold them.
///
/// # Errors
/// One diagnostic, as [`parse`].
pub fn parse_fact(text: &str) -> Result<ast::Sentence> {
    read(text, Rule::fact, build::fact)
}

/// Reads one `define …` with nothing after it.
///
/// # Errors
/// One diagnostic, as [`parse`].
pub fn parse_define(text: &str) -> Result<ast::Define> {
    read(text, Rule::definition, build::definition)
}

fn read<T: Send>(text: &str, rule: Rule, build: fn(grammar::Pair) -> build::Built<T>) -> Result<T> {
    let depth = depth::checked(text)?;
    depth::with_stack(depth, || {
        let pair = grammar::parse(rule, text).map_err(|error| error::explain(text, rule, &error))?;
        build(pair).map_err(Diagnostics::from)
    })
}
pub fn print_define(d: &ast::Define) -> String {
    format!("{:?}", d.span)
}
pub fn print_expr(e: &ast::Expr) -> String {
    format!("{:?}", e.span)
}
pub fn name(n: &str) -> String {
    n.to_string()
}
