//! Text ⇄ tree: the only module that knows pest.
//!
//! [`parse`] gives an [`ast::Program`] or diagnostics; [`print`] writes a tree back. Colours (`lexemes`) and what may
//! come next (`expected`) are read from the same grammar, so that keywords are written down once.
//!
//! One query through it: the grammar (`grammar/begat.pest`) makes pairs of the text, `build` makes a tree of the pairs.
//! If the grammar stops, `repair` tries what may have been meant, and `error` says what could have stood there.
//! Deliberately not here: names, verbs and types. A tree is right when it follows the grammar; `check` does the rest.

pub mod ast;

mod build;
mod context;
mod depth;
mod error;
mod expected;
mod grammar;
mod lexemes;
pub mod print;
mod repair;

pub use build::{literal_date, literal_number, read_date, rounded};
pub use expected::{Expected, Kind, Run, Set, expected};
pub use grammar::{REPORTS, is_keyword, keywords};
pub use lexemes::{TokenKind, lexemes, words};
pub use print::{is_type_name, is_verb_name, print, quote_name};

use crate::text::{Diagnostic, Diagnostics, Result};
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
    depth::with_stack(depth, || match grammar::parse(rule, text) {
        Some(pair) => build(pair).map_err(Diagnostics::from),
        None => Err(error::explain(rule, text).into()),
    })
}

/// What may be wrong with a text that does not parse, the surest reading first. At the end what could have stood where it
/// stops; that alone where the mistake is not one of the grammar's, and none where the text parses.
pub fn readings(text: &str) -> Vec<Diagnostic> {
    let Err(found) = parse(text) else { return Vec::new() };
    let Ok(depth) = depth::checked(text) else { return found.0 };
    depth::with_stack(depth, || match grammar::parse(Rule::program, text) {
        Some(_) => found.0,
        None => error::readings(Rule::program, text),
    })
}

/// The tree of a text that parses, without a search for what is wrong with another.
fn parse_quietly(text: &str) -> Option<ast::Program> {
    let depth = depth::checked(text).ok()?;
    depth::with_stack(depth, || build::program(grammar::parse(Rule::program, text)?).ok())
}

/// Whether a text wants more: it breaks no rule as far as it goes, but it cannot end there. A text that parses is
/// complete, and so is one with a mistake before its end.
pub fn is_incomplete(text: &str) -> bool {
    let Ok(depth) = depth::checked(text) else { return false };
    depth::with_stack(depth, || {
        if grammar::parse(Rule::program, text).is_some() {
            return false;
        }
        let is_open = |fault: &error::Fault| fault.near(0).is_some_and(|lexeme| lexeme.rule == Rule::error_string);
        error::Fault::of(Rule::program, text).is_some_and(|fault| fault.is_at_end() || is_open(&fault))
    })
}

/// The byte after the last `;` that stands outside of quotes and comments.
pub fn last_statement(text: &str) -> usize {
    let is_end = |lexeme: &lexemes::Lexeme| lexeme.rule == Rule::op_semicolon;
    lexemes::words(text).into_iter().rfind(is_end).map_or(0, |lexeme| lexeme.span.end as usize)
}
