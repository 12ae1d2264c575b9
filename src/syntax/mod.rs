//! Parser and printer: text ⇄ tree. The only module that uses pest.
//!
//! [`parse`] returns an [`ast::Program`] or diagnostics; [`print`] writes a tree back. Colours (`lexemes`) and
//! completion (`expected`) are derived from the same grammar, so that keywords are written down once.
//!
//! A query passes through it as follows: the grammar (`grammar/begat.pest`) turns the text into pairs, and `build`
//! turns the pairs into a tree. If the grammar stops, `repair` tries what may have been meant, and `error` says what
//! was expected. Names, verbs and types are not checked here: a tree is valid if it follows the grammar, and `check`
//! does the rest.

pub mod ast;

mod build;
mod context;
mod defined;
mod depth;
mod error;
mod expected;
mod grammar;
mod lexemes;
pub mod print;
mod repair;

pub use build::{literal_date, literal_number, read_date, rounded};
pub use defined::{DefinedHead, TypedNoun};
pub use expected::{Expected, Kind, Run, Set, expected};
pub use grammar::{REPORTS, is_keyword, keywords};
pub use lexemes::{TokenKind, lexemes, words};
pub use print::{is_type_name, is_verb_name, print, quote_name};

use crate::text::{Diagnostic, Diagnostics, Result};
use grammar::Rule;

/// Reads statements; an empty text is an empty program.
///
/// # Errors
/// One diagnostic: a text that does not follow the grammar is read up to its first error.
pub fn parse(text: &str) -> Result<ast::Program> {
    read(text, Rule::program, build::program)
}

/// Reads a single sentence, as in data files.
///
/// # Errors
/// One diagnostic, as [`parse`].
pub fn parse_fact(text: &str) -> Result<ast::Sentence> {
    read(text, Rule::fact, build::fact)
}

/// Reads a single `define …`.
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

/// Returns the possible errors of a text that does not parse, the best interpretation first. The last diagnostic says
/// what was expected; it is the only one if the error is not one of the grammar. Empty if the text parses.
pub fn readings(text: &str) -> Vec<Diagnostic> {
    let depth = match depth::checked(text) {
        Ok(depth) => depth,
        Err(problem) => return Diagnostics::from(problem).0,
    };
    depth::with_stack(depth, || match grammar::parse(Rule::program, text) {
        Some(pair) => build::program(pair).err().map_or(Vec::new(), |problem| Diagnostics::from(problem).0),
        None => error::readings(Rule::program, text),
    })
}

/// Returns the tree of a text; `None` if it does not parse, without searching for the error.
pub fn parse_quietly(text: &str) -> Option<ast::Program> {
    let depth = depth::checked(text).ok()?;
    depth::with_stack(depth, || build::program(grammar::parse(Rule::program, text)?).ok())
}

/// Returns true if a text follows the grammar, whose tree may have errors still. Costs pest's part of [`parse`] alone.
pub fn follows_grammar(text: &str) -> bool {
    let Ok(depth) = depth::checked(text) else { return false };
    depth::with_stack(depth, || grammar::parse(Rule::program, text).is_some())
}

/// Returns true if a text can be continued: it has no error up to its end, but cannot end there. False for a text that
/// parses, or that has an error before its end.
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

/// Returns the byte after the last `;` outside of quotes and comments.
pub fn last_statement(text: &str) -> usize {
    let is_end = |lexeme: &lexemes::Lexeme| lexeme.rule == Rule::op_semicolon;
    lexemes::words(text).into_iter().rfind(is_end).map_or(0, |lexeme| lexeme.span.end as usize)
}
