//! The whole statement: columns and order of the rows.

use super::scalar::Given;
use super::{Mode, Refused, Sql, Writer, identifier, pattern_of, refuse};
use crate::functions::FunctionId;
use crate::plan::{Aggregate, Condition, Limit, Modality, Operator, Projection, Scalar, SortKey, View};

/// A column: its text and its sort keys.
struct Shown {
    words: String,
    order: Vec<String>,
}

/// Returns the query behind its common tables.
pub(super) fn statement(writer: &mut Writer) -> Sql {
    let plan = writer.plan;
    if plan.as_of.is_some() {
        return refuse("`as of`");
    }
    if !matches!(plan.view, View::Rows | View::Verdict) {
        return refuse("a view, a picture or a proof");
    }
    let operators: Vec<&Operator> = plan.operators.iter().map(|node| &node.operator).collect();
    match operators.as_slice() {
        [Operator::Match(_), Operator::Ask] => ask(writer),
        [Operator::Match(_), Operator::Count] => count(writer),
        [Operator::Match(_), Operator::Project(projection), rest @ ..] => {
            rows(writer, projection, None, limit_of(rest)?)
        }
        [Operator::Match(_), Operator::Aggregate(aggregate), Operator::Project(projection), rest @ ..] => {
            rows(writer, projection, Some((aggregate, None)), limit_of(rest)?)
        }
        [
            Operator::Match(_),
            Operator::Aggregate(aggregate),
            Operator::Having(having),
            Operator::Project(projection),
            rest @ ..,
        ] => rows(writer, projection, Some((aggregate, Some(having))), limit_of(rest)?),
        _ => refuse("what this query makes of its matches"),
    }
}

fn limit_of(rest: &[&Operator]) -> Result<Limit, Refused> {
    match rest {
        [Operator::Sort { .. }, Operator::Distinct, Operator::Limit(limit)]
        | [Operator::Sort { .. }, Operator::Limit(limit)] => Ok(*limit),
        _ => refuse("what this query makes of its rows"),
    }
}

/// Returns a query for `yes`, `no` or `unknown`.
fn ask(writer: &mut Writer) -> Sql {
    let plan = writer.plan;
    let pattern = pattern_of(plan)?;
    let mut exists = |mode: Mode| {
        let found = writer
            .scoped(|writer| writer.block(&pattern.block, &pattern.paths, mode).map(|()| "SELECT 1".to_string()))?;
        Ok(format!("EXISTS ({found})"))
    };
    let (certain, possible) = (exists(Mode::SHOWN)?, exists(Mode::POSSIBLE)?);
    Ok(format!("SELECT CASE WHEN {certain} THEN 'yes' WHEN {possible} THEN 'unknown' ELSE 'no' END AS answer"))
}

/// Returns a query for the number of bindings.
fn count(writer: &mut Writer) -> Sql {
    let plan = writer.plan;
    let pattern = pattern_of(plan)?;
    let mode = if plan.all_possible { Mode::POSSIBLE } else { Mode::SHOWN };
    let found = writer.scoped(|writer| {
        writer.block(&pattern.block, &pattern.paths, mode)?;
        let wanted: Result<Vec<String>, Refused> = pattern.block.wanted.iter().map(|var| writer.number(*var)).collect();
        Ok(format!("SELECT DISTINCT {}", wanted?.join(", ")))
    })?;
    Ok(format!("SELECT count(*) AS count FROM ({found}) bindings"))
}

/// Groups with their aggregates, and their condition.
type Groups<'p> = (&'p Aggregate, Option<&'p Scalar>);

/// Returns a query for the distinct rows of a projection, sorted by the keys, then by the columns from left to right.
fn rows(writer: &mut Writer, projection: &Projection, aggregate: Option<Groups>, limit: Limit) -> Sql {
    let all_possible = writer.plan.all_possible;
    let order = order(projection);
    let mut parts = Vec::new();
    let pattern = pattern_of(writer.plan)?;
    let mut may_be_possible = all_possible;
    pattern.conditions(&mut |inner| may_be_possible |= matches!(inner, Condition::Modal(Modality::Possibly, _)));
    let modes: &[(Mode, &str)] = match (all_possible, may_be_possible) {
        (true, _) => &[(Mode::CERTAIN, "true"), (Mode::POSSIBLE, "false")],
        (false, true) => &[(Mode::CERTAIN, "true"), (Mode::SHOWN, "false")],
        (false, false) => &[(Mode::SHOWN, "true")],
    };
    if aggregate.is_some() && may_be_possible {
        return refuse("groups that are only possible");
    }
    for (mode, certain) in modes {
        parts.push(match aggregate {
            None => selected(writer, projection, *mode, certain)?,
            Some(wanted) => groups(writer, projection, wanted)?,
        });
    }
    let titles: Vec<String> = projection.columns.iter().map(|column| identifier(&column.title)).collect();
    let shown: Vec<String> = titles.iter().enumerate().map(|(i, title)| format!("c{i} AS {title}")).collect();
    let (certain, shown) = match may_be_possible {
        true => {
            let words = "CASE WHEN certain THEN 'certain' ELSE 'possible' END AS certainty";
            (", bool_or(certain) AS certain", format!("{}, {words}", shown.join(", ")))
        }
        false => ("", shown.join(", ")),
    };
    let fields = (0..projection.columns.len()).map(|i| format!("c{i}"));
    let fields: Vec<String> = fields.chain((0..order.len()).map(|i| format!("k{i}"))).collect();
    let fields = fields.join(", ");
    // A row that is found in several modes is certain if it is in one of them.
    let grouped = format!("SELECT {fields}{certain} FROM ({}) found GROUP BY {fields}", parts.join(" UNION ALL "));
    let keys: Vec<String> = order.iter().enumerate().map(|(i, sign)| format!("k{i} {sign} NULLS LAST")).collect();
    let mut whole = format!("SELECT {shown} FROM ({grouped}) rows ORDER BY {}", keys.join(", "));
    if let Some(limit) = limit.limit {
        whole += &format!(" LIMIT {limit}");
    }
    if limit.offset > 0 {
        whole += &format!(" OFFSET {}", limit.offset);
    }
    Ok(whole)
}

/// Returns the direction of each part of the order.
fn order(projection: &Projection) -> Vec<&'static str> {
    let of_key = |key: &SortKey| [if key.descending { "DESC" } else { "ASC" }; PARTS];
    let keys = projection.keys.iter().flat_map(of_key);
    keys.chain(projection.columns.iter().flat_map(|_| ["ASC"; PARTS])).collect()
}

/// Number of sort columns of one value.
const PARTS: usize = 2;

/// Returns a `SELECT` of the bindings of a mode, with their columns.
fn selected(writer: &mut Writer, projection: &Projection, mode: Mode, certain: &str) -> Sql {
    let plan = writer.plan;
    let pattern = pattern_of(plan)?;
    writer.scoped(|writer| {
        writer.block(&pattern.block, &pattern.paths, mode)?;
        let columns = columns(writer, projection, &|writer, scalar| shown(writer, scalar))?;
        Ok(format!("SELECT DISTINCT {columns}, {certain} AS certain"))
    })
}

type Show<'s> = &'s dyn Fn(&mut Writer, &Scalar) -> Result<Shown, Refused>;

fn columns(writer: &mut Writer, projection: &Projection, show: Show) -> Sql {
    let mut fields = Vec::new();
    let mut order = Vec::new();
    for key in &projection.keys {
        if key.is_period {
            return refuse("an order by months or quarters");
        }
        order.extend(show(writer, &key.scalar)?.order);
    }
    for (i, column) in projection.columns.iter().enumerate() {
        let shown = show(writer, &column.scalar)?;
        fields.push(format!("{} AS c{i}", shown.words));
        order.extend(shown.order);
    }
    fields.extend(order.iter().enumerate().map(|(i, key)| format!("{key} AS k{i}")));
    Ok(fields.join(", "))
}

fn shown(writer: &mut Writer, scalar: &Scalar) -> Result<Shown, Refused> {
    let pair = |first: String, second: &str| vec![first, second.to_string()];
    if let Scalar::Slot(var) = scalar {
        let number = writer.number(*var)?;
        let words = writer.name(*var)?;
        return Ok(Shown { words, order: pair(number, "0") });
    }
    Ok(match writer.given(scalar)? {
        Given::Entity { number } => {
            let table = writer.entities()?;
            Shown { words: format!("(SELECT e.name FROM {table} e WHERE e.vid = {number})"), order: pair(number, "0") }
        }
        Given::Date(bounds) => {
            // A date with an open beginning is sorted by its end.
            let first = format!(
                "CASE WHEN {0} = {min} THEN {1} ELSE {0} END",
                bounds.plain.first,
                bounds.plain.last,
                min = i32::MIN
            );
            Shown { words: bounds.words, order: vec![first, bounds.plain.last] }
        }
        Given::Number { low, high } if low == high => Shown { words: number_words(&low), order: pair(low, "0") },
        Given::Number { .. } => return refuse("a column of numbers that are ranges"),
        Given::Text { text, rank: Some(rank) } => Shown { words: text, order: pair(rank, "0") },
        Given::Text { .. } => return refuse("the natural order of these texts"),
    })
}

/// Returns a number as begat writes it: without a fraction if it is whole.
fn number_words(number: &str) -> String {
    format!(
        "CASE WHEN {number} = floor({number}) AND abs({number}) < 1e15 THEN CAST(CAST({number} AS BIGINT) AS VARCHAR) ELSE CAST({number} AS VARCHAR) END"
    )
}

/// Returns a `SELECT` of groups with their counts, from the certain to the possible one.
fn groups(writer: &mut Writer, projection: &Projection, (aggregate, having): Groups) -> Sql {
    if aggregate.presence.is_some() || aggregate.sums {
        return refuse("groups of an `optional`, or running sums");
    }
    if aggregate.folds.iter().any(|fold| fold.function != FunctionId::Count) {
        return refuse("an aggregate other than `count`");
    }
    if aggregate.keys.iter().any(|key| !matches!(key, Scalar::Slot(_))) {
        return refuse("groups by other than entities");
    }
    let (certain, possible) = (counted(writer, aggregate, Mode::SHOWN)?, counted(writer, aggregate, Mode::POSSIBLE)?);
    let (certain_table, possible_table) = (writer.alias("certain"), writer.alias("possible"));
    writer.table(certain_table.clone(), |_| Ok(certain))?;
    writer.table(possible_table.clone(), |_| Ok(possible))?;
    let keys: Vec<String> = (0..aggregate.keys.len()).map(|i| format!("c.g{i} = p.g{i}")).collect();
    let on = if keys.is_empty() { "true".to_string() } else { keys.join(" AND ") };
    writer.counts = (0..aggregate.folds.len()).map(|fold| (format!("c.a{fold}"), format!("p.a{fold}"))).collect();
    let met = having.map(|having| writer.truth(having)).transpose()?;
    let met = met.map_or(String::new(), |tested| format!(" WHERE coalesce({}, false)", tested.certain));
    let show = |writer: &mut Writer, scalar: &Scalar| -> Result<Shown, Refused> {
        if let Scalar::AggregateCall(fold) = scalar {
            let (low, high) = &writer.counts[*fold];
            let words = format!(
                "CASE WHEN {low} = {high} THEN {low}::VARCHAR ELSE {low}::VARCHAR || '..' || {high}::VARCHAR END"
            );
            return Ok(Shown { words, order: vec![low.clone(), high.clone()] });
        }
        let key = aggregate.keys.iter().position(|key| key == scalar);
        let Some(key) = key else { return refuse("a column other than keys and counts") };
        let table = writer.entities()?;
        let number = format!("c.g{key}");
        let words = format!("(SELECT e.name FROM {table} e WHERE e.vid = {number})");
        Ok(Shown { words, order: vec![number, "0".to_string()] })
    };
    let columns = columns(writer, projection, &show)?;
    Ok(format!("SELECT {columns}, true AS certain FROM {certain_table} c JOIN {possible_table} p ON {on}{met}"))
}

/// Returns a `SELECT` of the counts of each group in a mode.
fn counted(writer: &mut Writer, aggregate: &Aggregate, mode: Mode) -> Sql {
    let plan = writer.plan;
    let pattern = pattern_of(plan)?;
    let found = writer.scoped(|writer| {
        writer.block(&pattern.block, &pattern.paths, mode)?;
        let mut fields = Vec::new();
        for (i, key) in aggregate.keys.iter().enumerate() {
            let Scalar::Slot(var) = key else { return refuse("groups by other than entities") };
            fields.push(format!("{} AS g{i}", writer.number(*var)?));
        }
        for (i, fold) in aggregate.folds.iter().enumerate() {
            let Scalar::Slot(var) = &fold.argument else { return refuse("a count of other than entities") };
            fields.push(format!("{} AS a{i}", writer.number(*var)?));
        }
        Ok(format!("SELECT DISTINCT {}", fields.join(", ")))
    })?;
    let keys: Vec<String> = (0..aggregate.keys.len()).map(|i| format!("g{i}")).collect();
    let counts = (0..aggregate.folds.len()).map(|i| format!("count(DISTINCT a{i}) AS a{i}"));
    let fields: Vec<String> = keys.iter().cloned().chain(counts).collect();
    // Without keys there is exactly one group, even if there are no bindings.
    let grouped = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
    Ok(format!("SELECT {} FROM ({found}) b{grouped}", fields.join(", ")))
}
