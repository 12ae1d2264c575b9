//! Expressions as text, with the parentheses they need.

use super::{joined, name, sentence, string};
use crate::syntax::ast::*;

pub fn expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Or(items) => joined(items, " or ", test),
        ExprKind::And(items) => joined(items, " and ", test),
        ExprKind::Not(it) => format!("not {}", within(it, ExprPrecedence::Not)),
        ExprKind::Modal(modality, it) => format!("{} {}", modality.word(), within(it, ExprPrecedence::Not)),
        ExprKind::Compare(op, left, right) => {
            format!("{} {} {}", within(left, ExprPrecedence::Else), op.item.sign(), within(right, ExprPrecedence::Else))
        }
        ExprKind::IsLacking { expr, not, lack } => {
            let word = if *lack == Lack::Absent { "absent" } else { "unknown" };
            format!("{} is {}{word}", within(expr, ExprPrecedence::Else), if *not { "not " } else { "" })
        }
        ExprKind::IsType { expr, not, type_name } => {
            let article = if type_name.item.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
            let not = if *not { "not " } else { "" };
            format!("{} is {not}{article} {}", within(expr, ExprPrecedence::Else), name(&type_name.item))
        }
        ExprKind::OrElse(left, right) => {
            format!("{} or else {}", within(left, ExprPrecedence::Else), within(right, ExprPrecedence::Sum))
        }
        ExprKind::Matches(text, pattern) => {
            format!("{} matches {}", within(text, ExprPrecedence::Else), within(pattern, ExprPrecedence::Else))
        }
        ExprKind::List(items) => format!("({})", joined(items, ", ", self::expr)),
        ExprKind::Arithmetic(op, left, right) => arithmetic(op.item, left, right),
        ExprKind::Negative(it) => format!("-{}", within(it, ExprPrecedence::Negative)),
        ExprKind::Call { function, arguments, condition } => {
            let condition = condition.as_ref().map(|condition| format!(" where {}", bare_expr(condition)));
            format!("{}({}{})", function.item, joined(arguments, ", ", self::expr), condition.unwrap_or_default())
        }
        ExprKind::OfFact { function, fact } => format!("{}({})", function.item, sentence::pattern(fact)),
        ExprKind::Property { owner, property } => format!("{}.{}", sentence::noun_kind(&owner.item), property.item),
        ExprKind::Literal(it) => literal(it),
        ExprKind::Text(it) => string(it),
        ExprKind::Param(it) => format!("${it}"),
        ExprKind::Name(it) => name(it),
        ExprKind::Lower(it) => it.clone(),
        ExprKind::Exists(it) => exists(it),
    }
}

/// Precedence of expressions, the loosest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum ExprPrecedence {
    /// `and` and `or` alike: beside each other they need parentheses.
    Join,
    Not,
    Compare,
    Else,
    Sum,
    Product,
    Negative,
    Primary,
}

fn level(expr: &Expr) -> ExprPrecedence {
    match &expr.kind {
        ExprKind::Or(_) | ExprKind::And(_) => ExprPrecedence::Join,
        ExprKind::Not(_) | ExprKind::Modal(..) => ExprPrecedence::Not,
        ExprKind::Compare(..) | ExprKind::Matches(..) | ExprKind::IsLacking { .. } | ExprKind::IsType { .. } => {
            ExprPrecedence::Compare
        }
        ExprKind::OrElse(..) => ExprPrecedence::Else,
        ExprKind::Arithmetic(op, ..) => arithmetic_level(op.item),
        ExprKind::Negative(_) => ExprPrecedence::Negative,
        _ => ExprPrecedence::Primary,
    }
}

fn arithmetic_level(op: ArithmeticOp) -> ExprPrecedence {
    match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => ExprPrecedence::Sum,
        ArithmeticOp::Multiply | ArithmeticOp::Divide => ExprPrecedence::Product,
    }
}

/// Returns a part of an expression, in parentheses if it binds more loosely than its place requires.
fn within(expr: &Expr, place: ExprPrecedence) -> String {
    let text = self::expr(expr);
    if level(expr) < place { format!("({text})") } else { text }
}

/// Returns an operation. A right operand of the same level gets parentheses: `a - (b - c)`.
fn arithmetic(op: ArithmeticOp, left: &Expr, right: &Expr) -> String {
    let beyond =
        if arithmetic_level(op) == ExprPrecedence::Sum { ExprPrecedence::Product } else { ExprPrecedence::Negative };
    format!("{} {} {}", within(left, arithmetic_level(op)), op.sign(), within(right, beyond))
}

pub fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Date(date) => date.to_string(),
        Literal::Number { text, .. } => text.clone(),
    }
}

/// Returns one of several conditions, where a sentence of one noun, one verb and one object needs no parentheses.
fn test(condition: &Expr) -> String {
    if let ExprKind::Exists(pattern) = &condition.kind
        && let [PatternItem { sentence: Sentence::Plain { subject, phrases: Some(phrases), .. }, .. }] =
            &pattern.sentences[..]
        && let ([noun], [phrase]) = (&subject.nouns[..], &phrases.phrases[..])
        && noun.quantifier.is_none()
        && noun.that.is_none()
        && is_one(&phrase.object)
    {
        return sentence::pattern(pattern);
    }
    within(condition, ExprPrecedence::Not)
}

fn is_one(object: &Object) -> bool {
    match object {
        Object::Nouns(objects) => matches!(&objects.items[..], [only] if !only.not && only.noun.that.is_none()),
        Object::Between(..) => false,
        _ => true,
    }
}

/// Returns an expression that stands alone, as in a call or above a column, where a sentence about one noun needs no
/// parentheses.
pub fn bare_expr(condition: &Expr) -> String {
    if let ExprKind::Exists(pattern) = &condition.kind
        && let [PatternItem { sentence: Sentence::Plain { subject, phrases: Some(_), .. }, .. }] =
            &pattern.sentences[..]
        && subject.nouns.iter().all(|noun| noun.quantifier.is_none())
    {
        return sentence::pattern(pattern);
    }
    expr(condition)
}

/// Returns a pattern in parentheses; those of alternatives are part of the group.
fn exists(pattern: &Pattern) -> String {
    match &pattern.sentences[..] {
        [PatternItem { cross: false, sentence: Sentence::Group(group) }]
            if group.alternatives.len() > 1 || group.condition.is_some() =>
        {
            sentence::group(group)
        }
        _ => format!("({})", sentence::pattern(pattern)),
    }
}
