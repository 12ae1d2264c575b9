//! What a query shows of its matches, in a form that both languages write.

use super::super::{Mode, Refused, pattern_of, refuse};
use super::lower::Lowering;
use super::scalar::{LoweredBounds, LoweredScalar};
use super::tree::{Arithmetic, Attribute, Expr, Group, Node};
use crate::functions::FunctionId;
use crate::plan::{Aggregate, Condition, Limit, Modality, Operator, Projection, Scalar, View};

/// A whole query.
pub(super) enum Answer {
    /// `yes`, `no` or `unknown`.
    Ask {
        certain: Group,
        possible: Group,
    },
    /// The number of different values of these expressions together.
    Count {
        group: Group,
        of: Vec<Expr>,
    },
    Rows {
        group: Group,
        table: ResultTable,
    },
    Groups {
        groups: Box<Groups>,
        table: ResultTable,
    },
}

/// Columns, their order, and which rows are shown. A row stands once.
pub(super) struct ResultTable {
    /// With titles.
    pub columns: Vec<(String, Expr)>,
    /// What rows are sorted by, unknown last; true for the greatest first.
    pub order: Vec<(Expr, bool)>,
    pub limit: Option<usize>,
    pub offset: usize,
}

impl ResultTable {
    /// The expressions that it shows and sorts by.
    pub fn exprs(&self) -> Vec<Expr> {
        self.columns.iter().map(|(_, expr)| expr).chain(self.order.iter().map(|(expr, _)| expr)).cloned().collect()
    }
}

/// Matches by keys, with counts of each group.
pub(super) struct Groups {
    /// Variables of entities.
    pub keys: Vec<String>,
    /// The groups that are there in every world, if that is more than those with a certain match.
    pub present: Option<Group>,
    /// The matches that count at least.
    pub certain: Group,
    /// The matches that count at most.
    pub possible: Group,
    /// What is counted, each different value once, as [`Expr::Column`] `least0` and `most0`.
    pub counted: Vec<Expr>,
    /// What a group has to meet.
    pub having: Expr,
}

/// Reads a plan.
pub(super) fn answer(lowering: &mut Lowering) -> Result<Answer, Refused> {
    let plan = lowering.plan;
    if plan.as_of.is_some() {
        return refuse("`as of`");
    }
    if !matches!(plan.view, View::Rows | View::Verdict) {
        return refuse("a view, a picture or a proof");
    }
    let pattern = pattern_of(plan)?;
    let mut may_be_possible = plan.all_possible;
    pattern.conditions(&mut |inner| may_be_possible |= matches!(inner, Condition::Modal(Modality::Possibly, _)));
    let operators: Vec<&Operator> = plan.operators.iter().map(|node| &node.operator).collect();
    match operators.as_slice() {
        [Operator::Match(_), Operator::Ask] => {
            let [certain, possible] = [Mode::SHOWN, Mode::POSSIBLE].map(|mode| lowering.pattern(pattern, mode));
            return Ok(Answer::Ask { certain: certain?, possible: possible? });
        }
        _ if may_be_possible => return refuse("an answer that is only possible"),
        _ => {}
    }
    match operators.as_slice() {
        [Operator::Match(_), Operator::Count] => {
            let group = lowering.pattern(pattern, Mode::SHOWN)?;
            let of: Result<Vec<Expr>, _> = pattern.block.wanted.iter().map(|var| lowering.number(*var)).collect();
            Ok(Answer::Count { group, of: of? })
        }
        [Operator::Match(_), Operator::Project(projection), rest @ ..] => {
            let limit = limit_of(rest, projection)?;
            let group = lowering.pattern(pattern, Mode::SHOWN)?;
            Ok(Answer::Rows { group, table: table(lowering, projection, limit, &shown)? })
        }
        [Operator::Match(_), Operator::Aggregate(aggregate), rest @ ..] => {
            let (having, rest) = match rest {
                [Operator::Having(having), rest @ ..] => (Some(having), rest),
                rest => (None, rest),
            };
            let [Operator::Project(projection), rest @ ..] = rest else {
                return refuse("what this query makes of its groups");
            };
            let limit = limit_of(rest, projection)?;
            groups(lowering, (aggregate, having), projection, limit)
        }
        _ => refuse("what this query makes of its matches"),
    }
}

fn limit_of(rest: &[&Operator], projection: &Projection) -> Result<Limit, Refused> {
    match rest {
        [Operator::Sort { .. }, Operator::Distinct, Operator::Limit(limit)]
        | [Operator::Sort { .. }, Operator::Limit(limit)] => {
            if limit.ties && limit.limit.is_some() && !projection.keys.is_empty() {
                return refuse("`with ties`");
            }
            Ok(*limit)
        }
        _ => refuse("what this query makes of its rows"),
    }
}

/// A column: its words, and what it is sorted by.
type LoweredColumn = (Expr, Vec<Expr>);
type LowerColumn<'s> = &'s dyn Fn(&mut Lowering, &Scalar) -> Result<LoweredColumn, Refused>;

/// Columns sorted by the keys, then by the columns from left to right.
fn table(
    lowering: &mut Lowering,
    projection: &Projection,
    limit: Limit,
    show: LowerColumn,
) -> Result<ResultTable, Refused> {
    let (mut columns, mut order) = (Vec::new(), Vec::new());
    for key in &projection.keys {
        if key.is_period {
            return refuse("an order by months or quarters");
        }
        order.extend(show(lowering, &key.scalar)?.1.into_iter().map(|part| (part, key.descending)));
    }
    for column in &projection.columns {
        let (words, parts) = show(lowering, &column.scalar)?;
        columns.push((column.title.clone(), words));
        order.extend(parts.into_iter().map(|part| (part, false)));
    }
    let mut kept: Vec<(Expr, bool)> = Vec::new();
    for part in order {
        if !kept.iter().any(|(known, _)| *known == part.0) {
            kept.push(part);
        }
    }
    Ok(ResultTable { columns, order: kept, limit: limit.limit, offset: limit.offset })
}

fn shown(lowering: &mut Lowering, scalar: &Scalar) -> Result<LoweredColumn, Refused> {
    Ok(match lowering.given(scalar)? {
        LoweredScalar::Entity(node) => {
            (Expr::Read(node.clone(), Attribute::Name), vec![Expr::Read(node, Attribute::Number)])
        }
        LoweredScalar::Date(bounds) => {
            let LoweredBounds { first, last } = bounds.plain;
            // A date without a beginning is sorted by its end.
            let is_open = Expr::equal(&first, &Expr::Whole(i32::MIN.into()));
            let by = Expr::If(Box::new(is_open), Box::new(last.clone()), Box::new(first));
            let words = bounds.words.or_else(Expr::Text("undated".to_string()));
            (lowering.unless_absent(scalar, words)?, vec![by, last])
        }
        LoweredScalar::Number { low, high, words: Some(words) } if low == high => (words, vec![low]),
        LoweredScalar::Number { .. } => return refuse("a column of computed numbers"),
        LoweredScalar::Text { text, rank: Some(rank) } => (text, vec![rank]),
        LoweredScalar::Text { .. } => return refuse("the natural order of these texts"),
    })
}

/// The variables of the keys, and what is counted.
fn keys_and_counted(lowering: &mut Lowering, aggregate: &Aggregate) -> Result<(Vec<String>, Vec<Expr>), Refused> {
    let (mut keys, mut counted) = (Vec::new(), Vec::new());
    for key in &aggregate.keys {
        match key {
            Scalar::Slot(var) if lowering.may_be_absent(*var) => return refuse("groups by what may be absent"),
            Scalar::Slot(var) => keys.push(lowering.name_of(*var)?),
            _ => return refuse("groups by other than entities"),
        }
    }
    for fold in &aggregate.folds {
        let Scalar::Slot(var) = &fold.argument else { return refuse("a count of other than entities") };
        counted.push(lowering.number(*var)?);
    }
    Ok((keys, counted))
}

/// Groups with their counts: what is certain at least, what is possible at most.
fn groups<'a>(
    lowering: &mut Lowering<'a>,
    (aggregate, having): (&'a Aggregate, Option<&Scalar>),
    projection: &Projection,
    limit: Limit,
) -> Result<Answer, Refused> {
    if aggregate.sums {
        return refuse("running sums");
    }
    if aggregate.folds.iter().any(|fold| fold.function != FunctionId::Count) {
        return refuse("an aggregate other than `count`");
    }
    let plan = lowering.plan;
    let pattern = pattern_of(plan)?;
    // What is counted for certain is told by one pattern here.
    let presence = aggregate.folds.first().and_then(|fold| fold.presence);
    if aggregate.folds.iter().any(|fold| fold.presence != presence) {
        return refuse("counts of variables of which some are optional");
    }
    let members = aggregate.folds.first().and_then(|fold| aggregate.pattern_of_members(fold));
    let certain = lowering.pattern(members.unwrap_or(pattern), Mode::SHOWN)?;
    let possible = lowering.pattern(pattern, Mode::POSSIBLE)?;
    let (keys, counted) = keys_and_counted(lowering, aggregate)?;
    let present = match aggregate.pattern_of_keys() {
        Some(pattern) => Some(lowering.part(pattern, Mode::SHOWN)?),
        None => None,
    };
    lowering.counts = counts(counted.len(), aggregate.of_keys.is_some());
    let show = |lowering: &mut Lowering, scalar: &Scalar| -> Result<LoweredColumn, Refused> {
        if let Scalar::AggregateCall(fold) = scalar {
            let low = lowering.counts[*fold].0.clone();
            // How many more are possible has no part in the order.
            return Ok((Expr::Words(Box::new(low.clone())), vec![low]));
        }
        let Some(at) = aggregate.keys.iter().position(|key| key == scalar) else {
            return refuse("a column other than keys and counts");
        };
        let key = Node::Var(keys[at].clone());
        Ok((Expr::Read(key.clone(), Attribute::Name), vec![Expr::Read(key, Attribute::Number)]))
    };
    let mut table = table(lowering, projection, limit, &show)?;
    for count in &projection.counts {
        let (low, high) = lowering.counts[count.fold].clone();
        let beyond = Expr::Arithmetic(Arithmetic::Minus, Box::new(high), Box::new(low));
        table.columns.push((count.title.clone(), Expr::Words(Box::new(beyond))));
    }
    let having = match having {
        Some(having) => lowering.truth(having)?.certain.or_false(),
        None => Expr::Truth(true),
    };
    let groups = Groups { keys, present, certain, possible, counted, having };
    Ok(Answer::Groups { groups: Box::new(groups), table })
}

/// The columns of what each count is at least, and at most; of nothing it is 0 if groups may be there without members.
fn counts(number: usize, may_lack_members: bool) -> Vec<(Expr, Expr)> {
    let column = |name: &str, fold: usize| {
        let column = Expr::Column(format!("{name}{fold}"));
        if may_lack_members { column.or_else(Expr::Whole(0)) } else { column }
    };
    (0..number).map(|fold| (column("least", fold), column("most", fold))).collect()
}
