//! Paths: regular expressions over verbs.

use super::Built;
use super::literal::int;
use super::nodes::{Nodes, inside, span};
use super::sentence::spanned;
use crate::syntax::ast::{Path, PathKind};
use crate::syntax::grammar::{Pair, Rule};
use crate::text::{Code, Diagnostic, Spanned};
use crate::value::plain;

pub fn path(pair: Pair) -> Built<Path> {
    let span = span(&pair);
    let mut paths = Vec::new();
    for pair in inside(pair).rest().filter(|pair| matches!(pair.as_rule(), Rule::sequence | Rule::verb_variable)) {
        if pair.as_rule() == Rule::verb_variable {
            let variable = spanned(&inside(pair).next(Rule::variable));
            return Ok(Path { kind: PathKind::Variable(variable), span });
        }
        match sequence(pair)? {
            Path { kind: PathKind::Either(inner), .. } => paths.extend(inner),
            path => paths.push(path),
        }
    }
    Ok(one_or(paths, |paths| Path { kind: PathKind::Either(paths), span }))
}

fn sequence(pair: Pair) -> Built<Path> {
    let span = span(&pair);
    let mut paths = Vec::new();
    for pair in inside(pair).rest().filter(|pair| pair.as_rule() == Rule::step) {
        match step(pair)? {
            Path { kind: PathKind::Sequence(inner), .. } => paths.extend(inner),
            path => paths.push(path),
        }
    }
    Ok(one_or(paths, |paths| Path { kind: PathKind::Sequence(paths), span }))
}

/// Returns the only path, or the result of `join` for several.
fn one_or(mut paths: Vec<Path>, join: impl FnOnce(Vec<Path>) -> Path) -> Path {
    match paths.pop() {
        Some(path) if paths.is_empty() => path,
        Some(path) => {
            paths.push(path);
            join(paths)
        }
        None => join(paths),
    }
}

fn step(pair: Pair) -> Built<Path> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    let is_inverse = nodes.has(Rule::op_inverse);
    let mut path = single(&mut nodes)?;
    if is_inverse {
        path = Path { kind: PathKind::Inverse(Box::new(path)), span };
    }
    if let Some(pair) = nodes.maybe(Rule::repeat) {
        let (min, max) = bounds(pair)?;
        path = Path { kind: PathKind::Repeat { path: Box::new(path), min, max }, span };
    }
    nodes.end();
    Ok(path)
}

/// Builds a verb, or a path in parentheses.
fn single(nodes: &mut Nodes) -> Built<Path> {
    if nodes.has(Rule::op_open) {
        let inner = path(nodes.next(Rule::path))?;
        nodes.next(Rule::op_close);
        return Ok(inner);
    }
    if let Some(pair) = nodes.maybe(Rule::any_verb) {
        let span = span(&pair);
        let but = inside(pair).rest().filter(|pair| pair.as_rule() == Rule::verb).map(spanned_verb).collect();
        return Ok(Path { kind: PathKind::Any { but }, span });
    }
    let pair = nodes.next(Rule::verb);
    let span = span(&pair);
    Ok(Path { kind: PathKind::Verb(verb(pair)), span })
}

/// Returns a verb with its particle, separated by one space.
pub fn verb(pair: Pair) -> String {
    let mut nodes = inside(pair);
    let mut verb = plain(nodes.next(Rule::verb_word).as_str()).into_owned();
    if let Some(particle) = nodes.maybe(Rule::particle) {
        verb.push(' ');
        verb.push_str(&plain(particle.as_str()));
    }
    verb
}

pub fn spanned_verb(pair: Pair) -> Spanned<String> {
    let place = span(&pair);
    let verb = verb(pair);
    Spanned::new(verb, place)
}

/// Returns the least and greatest number of steps.
pub fn bounds(pair: Pair) -> Built<(u32, Option<u32>)> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    match nodes.any().as_rule() {
        Rule::op_plus => return Ok((1, None)),
        Rule::op_star => return Ok((0, None)),
        Rule::op_question => return Ok((0, Some(1))),
        _ => {}
    }
    let min = nodes.maybe(Rule::at_least).map(|pair| int(&inside(pair).next(Rule::int))).transpose()?;
    let has_comma = nodes.has(Rule::op_comma);
    let max = nodes.maybe(Rule::at_most).map(|pair| int(&inside(pair).next(Rule::int))).transpose()?;
    let wrong = |message: &str| {
        let help = "write `{2}`, `{1,3}`, `{2,}` or `{,3}`: how many steps";
        Err(Diagnostic::error(Code::Syntax, span, message).help(help))
    };
    match (min, has_comma, max) {
        (None, false, _) => wrong("the braces are empty"),
        (Some(steps), false, _) => Ok((steps, Some(steps))),
        (Some(min), true, Some(max)) if min > max => wrong("the range of steps ends before it begins"),
        (min, true, max) => Ok((min.unwrap_or(0), max)),
    }
}
