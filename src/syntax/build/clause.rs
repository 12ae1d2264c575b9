//! Clauses after the body of a query.

use super::Built;
use super::expr::{condition, expr};
use super::literal::{literal_number, moment, param, string};
use super::nodes::{Nodes, inside, span, unexpected};
use super::path;
use super::sentence::spanned;
use crate::syntax::ast::{Clause, Expr, ExprKind, GroupKey, Item, Key};
use crate::syntax::grammar::{Pair, Rule};
use crate::text::Spanned;

pub fn clause(pair: Pair) -> Built<Spanned<Clause>> {
    let place = span(&pair);
    let rule = pair.as_rule();
    let mut nodes = inside(pair);
    let clause = match rule {
        Rule::clause_where => {
            nodes.next(Rule::kw_where);
            Clause::Where(condition(&mut nodes)?)
        }
        Rule::clause_having => Clause::Having(expr(nodes.after([Rule::kw_having], Rule::expr))?),
        Rule::clause_show => show(nodes)?,
        Rule::clause_order => order(nodes)?,
        Rule::clause_limit => limit(nodes)?,
        Rule::clause_offset => Clause::Offset(number(&mut nodes)?),
        Rule::clause_nearest => Clause::Nearest(spanned(&nodes.after([Rule::kw_nearest], Rule::variable))),
        Rule::clause_as_of => Clause::AsOf(moment(nodes.after([Rule::kw_as, Rule::kw_of], Rule::moment))?),
        Rule::clause_over => {
            let verbs = nodes.rest().filter(|pair| pair.as_rule() == Rule::verb);
            Clause::Over(verbs.map(path::spanned_verb).collect())
        }
        Rule::clause_shortest => {
            let property = nodes.rest().find(|pair| pair.as_rule() == Rule::property_name);
            Clause::Shortest(property.map(|pair| spanned(&pair)))
        }
        Rule::clause_to => {
            let file = nodes.after([Rule::kw_to], Rule::string);
            Clause::To(Spanned::new(string(&file)?, span(&file)))
        }
        rule => unexpected(rule),
    };
    Ok(Spanned::new(clause, place))
}

fn show(nodes: Nodes) -> Built<Clause> {
    let (mut items, mut by) = (Vec::new(), Vec::new());
    for pair in nodes.rest() {
        match pair.as_rule() {
            Rule::item => items.push(item(inside(pair))?),
            Rule::group_key => by.push(group_key(inside(pair))?),
            _ => {}
        }
    }
    Ok(Clause::Show { items, by })
}

fn group_key(mut nodes: Nodes) -> Built<GroupKey> {
    let every = nodes.maybe(Rule::kw_every).map(|word| Spanned::new((), span(&word)));
    Ok(GroupKey { every, expr: expr(nodes.next(Rule::expr))? })
}

fn limit(mut nodes: Nodes) -> Built<Clause> {
    let number = number(&mut nodes)?;
    let ties = nodes.maybe(Rule::ties).map(|words| Spanned::new((), span(&words)));
    Ok(Clause::Limit { number, ties })
}

fn item(mut nodes: Nodes) -> Built<Item> {
    let expr = expr(nodes.next(Rule::expr))?;
    let name = nodes.maybe(Rule::kw_as).map(|_| spanned(&nodes.next(Rule::column)));
    Ok(Item { expr, name })
}

fn order(nodes: Nodes) -> Built<Clause> {
    let keys = nodes.rest().filter(|pair| pair.as_rule() == Rule::key);
    Ok(Clause::OrderBy(keys.map(|pair| key(inside(pair))).collect::<Built<_>>()?))
}

fn key(mut nodes: Nodes) -> Built<Key> {
    let expr = expr(nodes.next(Rule::expr))?;
    Ok(Key { expr, descending: nodes.has(Rule::kw_desc) })
}

/// Builds the whole number or parameter of `limit` and `offset`.
fn number(nodes: &mut Nodes) -> Built<Expr> {
    nodes.any();
    let pair = nodes.any();
    let span = span(&pair);
    let kind = match literal_number(&crate::value::plain(pair.as_str()), span) {
        Some(literal) => ExprKind::Literal(literal?),
        None => ExprKind::Param(param(&pair)),
    };
    Ok(Expr { kind, span })
}
