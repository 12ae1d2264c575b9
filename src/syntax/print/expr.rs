//! Expressions as text, with the brackets they need.

use super::{joined, name, sentence, string};
use crate::syntax::ast::*;

pub fn expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Or(items) => joined(items, " or ", |item| within(item, Level::Not)),
        ExprKind::And(items) => joined(items, " and ", |item| within(item, Level::Not)),
        ExprKind::Not(it) => format!("not {}", within(it, Level::Not)),
        ExprKind::Compare(op, left, right) => {
            format!("{} {} {}", within(left, Level::Sum), op.item.sign(), within(right, Level::Sum))
        }
        ExprKind::IsLacking { expr, not, lack } => {
            let word = if *lack == Lack::Absent { "absent" } else { "unknown" };
            format!("{} is {}{word}", within(expr, Level::Sum), if *not { "not " } else { "" })
        }
        ExprKind::Arithmetic(op, left, right) => arithmetic(op.item, left, right),
        ExprKind::Negative(it) => format!("-{}", within(it, Level::Negative)),
        ExprKind::Call { function, arguments } => {
            format!("{}({})", function.item, joined(arguments, ", ", self::expr))
        }
        ExprKind::Property { variable, property } => format!("{}.{}", variable.item, property.item),
        ExprKind::Literal(it) => literal(it),
        ExprKind::Text(it) => string(it),
        ExprKind::Param(it) => format!("${it}"),
        ExprKind::Name(it) => name(it),
        ExprKind::Lower(it) => it.clone(),
        ExprKind::Exists(it) => exists(it),
    }
}

/// How tightly expressions bind, the loosest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// `and` and `or` alike: beside each other they need brackets.
    Join,
    Not,
    Compare,
    Sum,
    Product,
    Negative,
    Primary,
}

fn level(expr: &Expr) -> Level {
    match &expr.kind {
        ExprKind::Or(_) | ExprKind::And(_) => Level::Join,
        ExprKind::Not(_) => Level::Not,
        ExprKind::Compare(..) | ExprKind::IsLacking { .. } => Level::Compare,
        ExprKind::Arithmetic(op, ..) => arithmetic_level(op.item),
        ExprKind::Negative(_) => Level::Negative,
        _ => Level::Primary,
    }
}

fn arithmetic_level(op: ArithmeticOp) -> Level {
    match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => Level::Sum,
        ArithmeticOp::Multiply | ArithmeticOp::Divide => Level::Product,
    }
}

/// A part of an expression, in brackets if it binds more loosely than its place.
fn within(expr: &Expr, place: Level) -> String {
    let text = self::expr(expr);
    if level(expr) < place { format!("({text})") } else { text }
}

/// Of one row, what stands on the right is in brackets: `a - (b - c)`.
fn arithmetic(op: ArithmeticOp, left: &Expr, right: &Expr) -> String {
    let beyond = if arithmetic_level(op) == Level::Sum { Level::Product } else { Level::Negative };
    format!("{} {} {}", within(left, arithmetic_level(op)), op.sign(), within(right, beyond))
}

pub fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Date(date) => date.to_string(),
        Literal::Number { text, .. } => text.clone(),
    }
}

/// A pattern in brackets; alternatives bring their own.
fn exists(pattern: &Pattern) -> String {
    match &pattern.sentences[..] {
        [PatternItem { cross: false, sentence: Sentence::Group(group) }] if group.alternatives.len() > 1 => {
            sentence::group(group)
        }
        _ => format!("({})", sentence::pattern(pattern)),
    }
}
