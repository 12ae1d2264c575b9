//! Expressions: a flat sequence of operands and operators, structured by a precedence table.

use super::Built;
use super::literal::{literal_date, literal_number, name, param, read_date, string};
use super::nodes::{Nodes, inside, span, unexpected};
use super::sentence::{group, mixed, noun_kind, period_op, spanned};
use crate::syntax::ast::*;
use crate::syntax::depth::{MAX_DEPTH, too_deep};
use crate::syntax::grammar::{Pair, Rule};
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::plain;
use pest::pratt_parser::{Assoc, ConstPrattParser, Op, pratt_precedence};

/// From the loosest to the tightest binding; operators of one row bind equally, left to right.
static PRECEDENCE: ConstPrattParser<Rule, 25> = ConstPrattParser::new_const(pratt_precedence![
    Op::infix(Rule::kw_or, Assoc::Left),
    Op::infix(Rule::kw_and, Assoc::Left),
    Op::prefix(Rule::kw_not) | Op::prefix(Rule::kw_possibly) | Op::prefix(Rule::kw_certainly),
    Op::infix(Rule::op_equal, Assoc::Left)
        | Op::infix(Rule::op_unequal, Assoc::Left)
        | Op::infix(Rule::op_less, Assoc::Left)
        | Op::infix(Rule::op_greater, Assoc::Left)
        | Op::infix(Rule::op_at_most, Assoc::Left)
        | Op::infix(Rule::op_at_least, Assoc::Left)
        | Op::infix(Rule::kw_in, Assoc::Left)
        | Op::infix(Rule::kw_before, Assoc::Left)
        | Op::infix(Rule::kw_after, Assoc::Left)
        | Op::infix(Rule::kw_since, Assoc::Left)
        | Op::infix(Rule::kw_until, Assoc::Left)
        | Op::infix(Rule::kw_like, Assoc::Left)
        | Op::infix(Rule::kw_matches, Assoc::Left)
        | Op::postfix(Rule::is_lacking),
    Op::infix(Rule::or_else, Assoc::Left),
    Op::infix(Rule::op_plus, Assoc::Left) | Op::infix(Rule::op_minus, Assoc::Left),
    Op::infix(Rule::op_star, Assoc::Left) | Op::infix(Rule::op_slash, Assoc::Left),
    Op::prefix(Rule::negate),
]);

/// An expression with its depth of nesting; a chain of `+` is as deep as it is long.
struct Tree {
    expr: Expr,
    depth: usize,
    /// True if it stood in parentheses of its own.
    bracketed: bool,
}

pub fn expr(pair: Pair) -> Built<Expr> {
    tree(pair).map(|tree| tree.expr)
}

fn tree(pair: Pair) -> Built<Tree> {
    one_kind_per_level(&pair)?;
    PRECEDENCE
        .map_primary(primary)
        .map_prefix(|op, operand| prefix(&op, operand?))
        .map_postfix(|operand, op| is_lacking(operand?, op))
        .map_infix(|left, op, right| infix(left?, &op, right?))
        .parse(pair.into_inner())
}

/// Reports `and` beside `or`, `a < b < c`, and sequences of operators that would be nested too deeply.
fn one_kind_per_level(pair: &Pair) -> Built<()> {
    let (mut join, mut comparison, mut nested) = (None, None, 0);
    for pair in pair.clone().into_inner() {
        match pair.as_rule() {
            Rule::kw_and | Rule::kw_or => {
                // Conjunctions are flattened, so each operand counts its own depth.
                (comparison, nested) = (None, 0);
                match join {
                    Some((rule, place)) if rule != pair.as_rule() => return Err(mixed(place, span(&pair))),
                    _ => join = Some((pair.as_rule(), span(&pair))),
                }
            }
            // The Pratt parser nests a chain of operators, one level each.
            Rule::op_plus | Rule::op_minus | Rule::op_star | Rule::op_slash => nested += 1,
            Rule::negate | Rule::kw_not | Rule::kw_possibly | Rule::kw_certainly => nested += 1,
            rule if compare_op(rule).is_some() || rule == Rule::is_lacking => {
                if let Some(first) = comparison.replace(span(&pair)) {
                    return Err(chained(first, span(&pair)));
                }
            }
            _ => {}
        }
        if nested > MAX_DEPTH {
            return Err(too_deep(span(&pair)));
        }
    }
    Ok(())
}

fn chained(first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, second, "comparisons do not chain")
        .label(first, "the first comparison")
        .help("write `a < b and b < c`")
}

fn primary(pair: Pair) -> Built<Tree> {
    let span = span(&pair);
    let kind = match pair.as_rule() {
        Rule::parens => return parens(pair, span),
        Rule::call => return call(pair, span),
        Rule::exists => ExprKind::Exists(Box::new(exists(pair)?)),
        Rule::test => ExprKind::Exists(Box::new(alone(super::sentence::test(pair)?, span))),
        Rule::string => ExprKind::Text(string(&pair)?),
        Rule::param => ExprKind::Param(param(&pair)),
        Rule::property => property(pair)?,
        Rule::date => ExprKind::Literal(Literal::Date(read_date(&plain(pair.as_str()), span)?)),
        Rule::name => run(&pair, span)?,
        Rule::lower => ExprKind::Lower(plain(pair.as_str()).into_owned()),
        rule => unexpected(rule),
    };
    Ok(Tree { expr: Expr { kind, span }, depth: 1, bracketed: false })
}

/// Builds the expression in parentheses, with a span that includes them; several expressions form a list.
fn parens(pair: Pair, span: Span) -> Built<Tree> {
    let items = pair.into_inner().filter(|pair| pair.as_rule() == Rule::expr).map(tree);
    let mut items = items.collect::<Built<Vec<Tree>>>()?;
    match items.pop() {
        Some(tree) if items.is_empty() => Ok(Tree { expr: Expr { span, ..tree.expr }, bracketed: true, ..tree }),
        last => {
            items.extend(last);
            let depth = items.iter().map(|item| item.depth).max().unwrap_or(0);
            nest(ExprKind::List(items.into_iter().map(|item| item.expr).collect()), span, depth)
        }
    }
}

/// `m.date`, `"GPT-2".date`
fn property(pair: Pair) -> Built<ExprKind> {
    let mut nodes = inside(pair);
    let owner = nodes.any();
    let span = span(&owner);
    let owner = Spanned::new(noun_kind(owner)?, span);
    let property = spanned(&nodes.after([Rule::op_dot], Rule::property_name));
    Ok(ExprKind::Property { owner, property })
}

/// Builds a run that begins with a capital or a digit: a number, a date with a month, or a name (`2024` may be all
/// three).
fn run(pair: &Pair, span: Span) -> Built<ExprKind> {
    let name = name(pair);
    if name.contains(' ') {
        return Ok(ExprKind::Name(name));
    }
    match (literal_date(&name, span), literal_number(&name, span)) {
        (Some(date), _) if name.contains('-') => Ok(ExprKind::Literal(date?)),
        (None, Some(Ok(number))) => Ok(ExprKind::Literal(number)),
        _ => Ok(ExprKind::Name(name)),
    }
}

/// Builds `(m uses MLA)` as a pattern; alternatives become a single group in it.
fn exists(pair: Pair) -> Built<Pattern> {
    let mut group = group(inside(pair).next(Rule::group))?;
    let span = group.span;
    let is_pattern = group.alternatives.len() == 1 && group.condition.is_none();
    if is_pattern && let Some(pattern) = group.alternatives.pop() {
        return Ok(pattern);
    }
    Ok(Pattern { sentences: vec![PatternItem { cross: false, sentence: Sentence::Group(group) }], span })
}

/// Builds what stands behind `where` in a call: a sentence, or an expression.
fn condition_of_call(pair: Pair) -> Built<Tree> {
    let mut nodes = inside(pair);
    nodes.next(Rule::kw_where);
    sentence_or_expr(&mut nodes)
}

/// Builds what stands behind `where`: a sentence, as `m uses GELU`, or an expression.
pub fn condition(nodes: &mut Nodes) -> Built<Expr> {
    Ok(sentence_or_expr(nodes)?.expr)
}

fn sentence_or_expr(nodes: &mut Nodes) -> Built<Tree> {
    let Some(test) = nodes.maybe(Rule::bare_test) else { return tree(nodes.next(Rule::expr)) };
    let span = span(&test);
    nest(ExprKind::Exists(Box::new(bare_sentence(test)?)), span, 1)
}

/// Builds a sentence without brackets of its own as a pattern.
fn bare_sentence(test: Pair) -> Built<Pattern> {
    let span = span(&test);
    Ok(alone(super::sentence::plain(inside(test).next(Rule::plain), span)?, span))
}

/// Returns the pattern of one sentence.
fn alone(sentence: Sentence, span: Span) -> Pattern {
    Pattern { sentences: vec![PatternItem { cross: false, sentence }], span }
}

fn call(pair: Pair, span: Span) -> Built<Tree> {
    let mut nodes = inside(pair);
    let function = spanned(&nodes.next(Rule::function));
    let mut arguments = Vec::new();
    let mut depth = 0;
    let mut condition = None;
    for pair in nodes.rest() {
        let is_condition = pair.as_rule() == Rule::call_where;
        let argument = match pair.as_rule() {
            Rule::bare_test => {
                let fact = Box::new(bare_sentence(pair)?);
                return nest(ExprKind::OfFact { function, fact }, span, 1);
            }
            Rule::expr => tree(pair)?,
            Rule::call_where => condition_of_call(pair)?,
            _ => continue,
        };
        depth = depth.max(argument.depth);
        if is_condition { condition = Some(Box::new(argument.expr)) } else { arguments.push(argument.expr) }
    }
    nest(ExprKind::Call { function, arguments, condition }, span, depth)
}

/// Returns a node above children of the given depth.
fn nest(kind: ExprKind, span: Span, depth: usize) -> Built<Tree> {
    if depth >= MAX_DEPTH {
        return Err(too_deep(span));
    }
    Ok(Tree { expr: Expr { kind, span }, depth: depth + 1, bracketed: false })
}

fn prefix(op: &Pair, operand: Tree) -> Built<Tree> {
    let whole = span(op).to(operand.expr.span);
    let kind = match op.as_rule() {
        Rule::kw_not => ExprKind::Not(Box::new(operand.expr)),
        Rule::kw_possibly => ExprKind::Modal(Modality::Possibly, Box::new(operand.expr)),
        Rule::kw_certainly => ExprKind::Modal(Modality::Certainly, Box::new(operand.expr)),
        _ => ExprKind::Negative(Box::new(operand.expr)),
    };
    nest(kind, whole, operand.depth)
}

fn is_lacking(operand: Tree, op: Pair) -> Built<Tree> {
    let whole = operand.expr.span.to(span(&op));
    let mut nodes = inside(op);
    nodes.next(Rule::kw_is);
    let not = nodes.has(Rule::kw_not);
    if nodes.has(Rule::article) {
        let named = nodes.next(Rule::name);
        let type_name = Spanned::new(name(&named), span(&named));
        return nest(ExprKind::IsType { expr: Box::new(operand.expr), not, type_name }, whole, operand.depth);
    }
    let lack = if nodes.maybe(Rule::kw_absent).is_some() { Lack::Absent } else { Lack::Unknown };
    let kind = ExprKind::IsLacking { expr: Box::new(operand.expr), not, lack };
    nest(kind, whole, operand.depth)
}

fn infix(left: Tree, op: &Pair, right: Tree) -> Built<Tree> {
    let whole = left.expr.span.to(right.expr.span);
    let depth = left.depth.max(right.depth);
    let rule = op.as_rule();
    let right = if rule == Rule::kw_in && right.bracketed { listed(right) } else { right };
    if let Rule::kw_and | Rule::kw_or = rule {
        return flat(left, rule, right, whole);
    }
    let (left, right) = (Box::new(left.expr), Box::new(right.expr));
    if rule == Rule::or_else {
        return nest(ExprKind::OrElse(left, right), whole, depth);
    }
    if rule == Rule::kw_matches {
        return nest(ExprKind::Matches(left, right), whole, depth);
    }
    let kind = match (compare_op(rule), arithmetic_op(rule)) {
        (Some(op_kind), _) => ExprKind::Compare(Spanned::new(op_kind, span(op)), left, right),
        (_, Some(op_kind)) => ExprKind::Arithmetic(Spanned::new(op_kind, span(op)), left, right),
        _ => unexpected(rule),
    };
    nest(kind, whole, depth)
}

/// Makes the parentheses after `in` a list, even with a single item.
fn listed(tree: Tree) -> Tree {
    let span = tree.expr.span;
    Tree { expr: Expr { kind: ExprKind::List(vec![tree.expr]), span }, bracketed: false, ..tree }
}

/// Builds `a and b and c` as one node, so that long generated sequences need no deep stack.
fn flat(left: Tree, rule: Rule, right: Tree, span: Span) -> Built<Tree> {
    let depth = depth_within(&left, rule).max(depth_within(&right, rule));
    let join = if rule == Rule::kw_and { ExprKind::And } else { ExprKind::Or };
    let mut items = items_of(left.expr, rule);
    items.extend(items_of(right.expr, rule));
    nest(join(items), span, depth)
}

/// Returns the depth of the items that a tree adds to a sequence of that rule.
fn depth_within(tree: &Tree, rule: Rule) -> usize {
    match (&tree.expr.kind, rule) {
        (ExprKind::And(_), Rule::kw_and) | (ExprKind::Or(_), Rule::kw_or) => tree.depth - 1,
        _ => tree.depth,
    }
}

/// Returns the items of a sequence of that rule; any other expression is a single item.
fn items_of(expr: Expr, rule: Rule) -> Vec<Expr> {
    match (expr.kind, rule) {
        (ExprKind::And(items), Rule::kw_and) | (ExprKind::Or(items), Rule::kw_or) => items,
        (kind, _) => vec![Expr { kind, span: expr.span }],
    }
}

fn compare_op(rule: Rule) -> Option<CompareOp> {
    Some(match rule {
        Rule::op_equal => CompareOp::Equal,
        Rule::op_unequal => CompareOp::NotEqual,
        Rule::op_less => CompareOp::Less,
        Rule::op_at_most => CompareOp::LessOrEqual,
        Rule::op_greater => CompareOp::Greater,
        Rule::op_at_least => CompareOp::GreaterOrEqual,
        Rule::kw_like => CompareOp::Like,
        Rule::kw_in | Rule::kw_before | Rule::kw_after | Rule::kw_since | Rule::kw_until => {
            CompareOp::Period(period_op(rule))
        }
        _ => return None,
    })
}

fn arithmetic_op(rule: Rule) -> Option<ArithmeticOp> {
    Some(match rule {
        Rule::op_plus => ArithmeticOp::Add,
        Rule::op_minus => ArithmeticOp::Subtract,
        Rule::op_star => ArithmeticOp::Multiply,
        Rule::op_slash => ArithmeticOp::Divide,
        _ => return None,
    })
}
