//! The statement as a whole: what is shown of the bindings, in which order.

use super::scalar::SqlScalar;
use super::{Mode, Refused, Sql, Writer, pattern_of, refuse};
use crate::functions::FunctionId;
use crate::plan::{Aggregate, Condition, Limit, Modality, Operator, Pattern, Projection, Scalar, SortKey, View};

/// A column: its words, and what it is sorted by.
struct SqlColumn {
    words: String,
    order: Vec<String>,
}

/// The whole query behind its common tables.
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

/// `yes`, `no` or `unknown`.
fn ask(writer: &mut Writer) -> Sql {
    let plan = writer.plan;
    let pattern = pattern_of(plan)?;
    let mut counted = |mode: Mode| {
        let found = writer.scoped(|writer| writer.pattern(pattern, mode).map(|()| "SELECT 1 AS hit".to_string()))?;
        Ok(format!("(SELECT count(*) AS n FROM ({found}) matches)"))
    };
    let (certain, possible) = (counted(Mode::SHOWN)?, counted(Mode::POSSIBLE)?);
    let answer = "CASE WHEN c.n > 0 THEN 'yes' WHEN p.n > 0 THEN 'unknown' ELSE 'no' END";
    Ok(format!("SELECT {answer} AS answer FROM {certain} c CROSS JOIN {possible} p"))
}

/// The number of bindings.
fn count(writer: &mut Writer) -> Sql {
    let plan = writer.plan;
    let pattern = pattern_of(plan)?;
    let mode = if plan.all_possible { Mode::POSSIBLE } else { Mode::SHOWN };
    let found = writer.scoped(|writer| {
        writer.pattern(pattern, mode)?;
        let wanted: Result<Vec<String>, Refused> = pattern
            .block
            .wanted
            .iter()
            .enumerate()
            .map(|(i, var)| Ok(format!("{} AS x{i}", writer.number(*var)?)))
            .collect();
        Ok(format!("SELECT DISTINCT {}", wanted?.join(", ")))
    })?;
    Ok(format!("SELECT count(*) AS count FROM ({found}) bindings"))
}

/// Groups with their aggregates, and the condition that they have to meet.
type FilteredAggregate<'p> = (&'p Aggregate, Option<&'p Scalar>);

/// Rows of a projection, each once, sorted by the keys, then by the columns from left to right.
fn rows<'a>(
    writer: &mut Writer<'a>,
    projection: &Projection,
    aggregate: Option<FilteredAggregate<'a>>,
    limit: Limit,
) -> Sql {
    let order = order(projection);
    let mut parts = Vec::new();
    let modes = modes(writer)?;
    let may_be_possible = modes.len() > 1;
    if aggregate.is_some() && may_be_possible {
        return refuse("groups that are only possible");
    }
    for (mode, certain) in modes {
        parts.push(match aggregate {
            None => selected(writer, projection, *mode, certain)?,
            Some(wanted) => groups(writer, projection, wanted)?,
        });
    }
    let titles: Vec<String> = projection.columns.iter().map(|column| writer.dialect.name(&column.title)).collect();
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
    let mut fields = fields.join(", ");
    let mut shown = shown;
    for (i, count) in projection.counts.iter().enumerate() {
        fields += &format!(", beyond{i}");
        shown += &format!(", beyond{i} AS {}", writer.dialect.name(&count.title));
    }
    let grouped = format!("SELECT {fields}{certain} FROM ({}) found GROUP BY {fields}", parts.join(" UNION ALL "));
    let keys: Vec<String> = order.iter().enumerate().map(|(i, sign)| format!("k{i} {sign} NULLS LAST")).collect();
    let by = keys.join(", ");
    if let (true, Some(most)) = (limit.ties && !projection.keys.is_empty(), limit.limit) {
        let told = keys[..PARTS * projection.keys.len()].join(", ");
        let ranked = format!("rank() OVER (ORDER BY {told}) AS tied, row_number() OVER (ORDER BY {by}) AS place");
        let (last, offset) = (most.saturating_add(limit.offset), limit.offset);
        let kept = format!("tied <= {last} AND place > {offset}");
        return Ok(format!(
            "SELECT {shown} FROM (SELECT *, {ranked} FROM ({grouped}) all_rows) rows WHERE {kept} ORDER BY place"
        ));
    }
    let mut whole = format!("SELECT {shown} FROM ({grouped}) rows ORDER BY {by}");
    if let Some(limit) = limit.limit {
        whole += &format!(" LIMIT {limit}");
    }
    if limit.offset > 0 {
        whole += &format!(" OFFSET {}", limit.offset);
    }
    Ok(whole)
}

/// The modes in which rows are looked for, each with whether its rows are certain.
fn modes(writer: &Writer) -> Result<&'static [(Mode, &'static str)], Refused> {
    let mut says_possibly = false;
    pattern_of(writer.plan)?
        .conditions(&mut |inner| says_possibly |= matches!(inner, Condition::Modal(Modality::Possibly, _)));
    Ok(match (writer.plan.all_possible, says_possibly) {
        (true, _) => &[(Mode::CERTAIN, "true"), (Mode::POSSIBLE, "false")],
        (false, true) => &[(Mode::CERTAIN, "true"), (Mode::SHOWN, "false")],
        (false, false) => &[(Mode::SHOWN, "true")],
    })
}

/// The direction of each part of the order.
fn order(projection: &Projection) -> Vec<&'static str> {
    let of_key = |key: &SortKey| [if key.descending { "DESC" } else { "ASC" }; PARTS];
    let keys = projection.keys.iter().flat_map(of_key);
    keys.chain(projection.columns.iter().flat_map(|_| ["ASC"; PARTS])).collect()
}

/// How many parts the order of one value has.
const PARTS: usize = 2;

/// The bindings of a mode with what is shown of them.
fn selected(writer: &mut Writer, projection: &Projection, mode: Mode, certain: &str) -> Sql {
    let plan = writer.plan;
    let pattern = pattern_of(plan)?;
    writer.scoped(|writer| {
        writer.pattern(pattern, mode)?;
        let columns = columns(writer, projection, &|writer, scalar| shown(writer, scalar))?;
        Ok(format!("SELECT DISTINCT {columns}, {certain} AS certain"))
    })
}

type WriteColumn<'s> = &'s dyn Fn(&mut Writer, &Scalar) -> Result<SqlColumn, Refused>;

fn columns(writer: &mut Writer, projection: &Projection, show: WriteColumn) -> Sql {
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

fn shown(writer: &mut Writer, scalar: &Scalar) -> Result<SqlColumn, Refused> {
    let pair = |first: String, second: &str| vec![first, second.to_string()];
    if let Scalar::Slot(var) = scalar {
        let number = writer.number(*var)?;
        let words = writer.name(*var)?;
        return Ok(SqlColumn { words, order: pair(number, "0") });
    }
    Ok(match writer.given(scalar)? {
        SqlScalar::Entity { number } => {
            let words = writer.name_of(&number)?;
            SqlColumn { words, order: pair(number, "0") }
        }
        SqlScalar::Date(bounds) => {
            let first = format!(
                "CASE WHEN {0} = {min} THEN {1} ELSE {0} END",
                bounds.plain.first,
                bounds.plain.last,
                min = i32::MIN
            );
            let words = writer.unless_absent(scalar, &format!("coalesce({}, 'undated')", bounds.words))?;
            SqlColumn { words, order: vec![first, bounds.plain.last] }
        }
        SqlScalar::Number { low, high } if low == high => {
            SqlColumn { words: number_words(&low, writer.dialect.text), order: pair(low, "0") }
        }
        SqlScalar::Number { .. } => return refuse("a column of numbers that are ranges"),
        SqlScalar::Text { text, rank: Some(rank) } => SqlColumn { words: text, order: pair(rank, "0") },
        SqlScalar::Text { .. } => return refuse("the natural order of these texts"),
    })
}

/// A number as begat writes it: no fraction where it is whole.
fn number_words(number: &str, text: &str) -> String {
    format!(
        "CASE WHEN {number} = floor({number}) AND abs({number}) < 1e15 THEN CAST(CAST({number} AS BIGINT) AS {text}) ELSE CAST({number} AS {text}) END"
    )
}

/// Groups with their counts: what is certain at least, what is possible at most.
fn groups<'a>(writer: &mut Writer<'a>, projection: &Projection, (aggregate, having): FilteredAggregate<'a>) -> Sql {
    if aggregate.sums {
        return refuse("running sums");
    }
    if aggregate.folds.iter().any(|fold| fold.function != FunctionId::Count) {
        return refuse("an aggregate other than `count`");
    }
    if aggregate.keys.iter().any(|key| !matches!(key, Scalar::Slot(_))) {
        return refuse("groups by other than entities");
    }
    let tables = group_tables(writer, aggregate)?;
    // A group of which no binding is certain may be: then at least none is counted.
    let count = |(fold, table): (usize, &usize)| match tables.present {
        Some(_) => (format!("coalesce(c{table}.a{fold}, 0)"), format!("coalesce(p.a{fold}, 0)")),
        None => (format!("c{table}.a{fold}"), format!("p.a{fold}")),
    };
    writer.counts = tables.of_folds.iter().enumerate().map(count).collect();
    let group = if tables.present.is_some() { "g" } else { "c0" };
    let show = |writer: &mut Writer, scalar: &Scalar| -> Result<SqlColumn, Refused> {
        if let Scalar::AggregateCall(fold) = scalar {
            let (low, _) = &writer.counts[*fold];
            let words = format!("CAST({low} AS {})", writer.dialect.text);
            // How many more are possible has no part in the order.
            return Ok(SqlColumn { words, order: vec![low.clone(), "0".to_string()] });
        }
        let key = aggregate.keys.iter().position(|key| key == scalar);
        let Some(key) = key else { return refuse("a column other than keys and counts") };
        let number = format!("{group}.g{key}");
        let words = writer.name_of(&number)?;
        Ok(SqlColumn { words, order: vec![number, "0".to_string()] })
    };
    writer.scoped(|writer| {
        join_tables(writer, &tables, aggregate.keys.len());
        if let Some(having) = having {
            let tested = writer.truth(having)?;
            writer.scope().wheres.push(format!("coalesce({}, false)", tested.certain));
        }
        let columns = columns(writer, projection, &show)?;
        let beyond = projection.counts.iter().enumerate().map(|(i, count)| {
            let (low, high) = &writer.counts[count.fold];
            format!(", {high} - {low} AS beyond{i}")
        });
        Ok(format!("SELECT {columns}, true AS certain{}", beyond.collect::<String>()))
    })
}

/// The tables of which groups are made.
struct GroupTables {
    /// The counts that are possible.
    possible: String,
    /// The counts that are certain: a table for each pattern that tells them.
    certain: Vec<String>,
    /// Per aggregate: position of its table in `certain`.
    of_folds: Vec<usize>,
    /// The groups that exist, where their bindings do not tell.
    present: Option<String>,
}

/// Adds the tables of counts. What is possible of any binding is so of its variables; what is certain, each pattern tells
/// apart.
fn group_tables<'a>(writer: &mut Writer<'a>, aggregate: &'a Aggregate) -> Result<GroupTables, Refused> {
    let pattern = pattern_of(writer.plan)?;
    let all: Vec<usize> = (0..aggregate.folds.len()).collect();
    let possible = counted(writer, aggregate, (pattern, &all), Mode::POSSIBLE)?;
    let possible = writer.new_table("possible", possible);
    let presence = |fold: usize| aggregate.folds[fold].presence;
    let mut known: Vec<Option<usize>> = Vec::new();
    for fold in &all {
        if !known.contains(&presence(*fold)) {
            known.push(presence(*fold));
        }
    }
    if known.is_empty() {
        // Without aggregates the bindings tell the groups.
        known.push(None);
    }
    let mut certain = Vec::new();
    for one in &known {
        let own: Vec<usize> = all.iter().copied().filter(|fold| presence(*fold) == *one).collect();
        let told_by = one.and_then(|at| aggregate.presences.get(at)).unwrap_or(pattern);
        let counted = counted(writer, aggregate, (told_by, &own), Mode::SHOWN)?;
        certain.push(writer.new_table("certain", counted));
    }
    let of_folds = all.iter().filter_map(|fold| known.iter().position(|one| *one == presence(*fold))).collect();
    let present = aggregate.pattern_of_keys().map(|pattern| keys_of(writer, pattern, aggregate)).transpose()?;
    Ok(GroupTables { possible, certain, of_folds, present })
}

/// Joins the tables of groups by their keys: those that are certain as `c0`, `c1`, …, what is possible as `p`, and where
/// groups may be without either, the groups as `g`.
fn join_tables(writer: &mut Writer, tables: &GroupTables, keys: usize) {
    let on = |alias: &str, other: &str| -> Vec<String> {
        (0..keys).map(|i| format!("{alias}.g{i} = {other}.g{i}")).collect()
    };
    let certain = tables.certain.iter().enumerate().map(|(i, table)| (table, format!("c{i}")));
    let counts: Vec<(&String, String)> = certain.chain([(&tables.possible, "p".to_string())]).collect();
    if let Some(present) = &tables.present {
        writer.scope().join(&format!("{present} g"), &[]);
        for (table, alias) in counts {
            writer.scope().left(&format!("{table} {alias}"), &on(&alias, "g").join(" AND "));
        }
        return;
    }
    for (table, alias) in counts {
        let same = if alias == "c0" { Vec::new() } else { on("c0", &alias) };
        writer.scope().join(&format!("{table} {alias}"), &same);
    }
}

/// The groups of which one is there in every world, by the pattern of their keys alone.
fn keys_of<'a>(writer: &mut Writer<'a>, pattern: &'a Pattern, aggregate: &Aggregate) -> Sql {
    let slots = writer.slots;
    let found = writer.scoped(|writer| {
        writer.pattern(pattern, Mode::SHOWN)?;
        let fields = keys(writer, aggregate)?;
        Ok(format!("SELECT DISTINCT {}", fields.join(", ")))
    });
    writer.slots = slots;
    Ok(writer.new_table("present", found?))
}

/// The keys of a group as columns.
fn keys(writer: &Writer, aggregate: &Aggregate) -> Result<Vec<String>, Refused> {
    let mut fields = Vec::new();
    for (i, key) in aggregate.keys.iter().enumerate() {
        let Scalar::Slot(var) = key else { return refuse("groups by other than entities") };
        if writer.places.get(var).is_some_and(|place| place.may_be_absent) {
            return refuse("groups by what may be absent");
        }
        fields.push(format!("{} AS g{i}", writer.number(*var)?));
    }
    Ok(fields)
}

/// These counts of each group, by the bindings of a pattern in a mode.
fn counted<'a>(
    writer: &mut Writer<'a>,
    aggregate: &Aggregate,
    (pattern, folds): (&'a Pattern, &[usize]),
    mode: Mode,
) -> Sql {
    let slots = writer.slots;
    let found = writer.scoped(|writer| {
        writer.pattern(pattern, mode)?;
        let mut fields = keys(writer, aggregate)?;
        for i in folds {
            let Scalar::Slot(var) = &aggregate.folds[*i].argument else {
                return refuse("a count of other than entities");
            };
            fields.push(format!("{} AS a{i}", writer.number(*var)?));
        }
        Ok(format!("SELECT DISTINCT {}", fields.join(", ")))
    });
    writer.slots = slots;
    let found = found?;
    let keys: Vec<String> = (0..aggregate.keys.len()).map(|i| format!("g{i}")).collect();
    let counts = folds.iter().map(|i| format!("count(DISTINCT a{i}) AS a{i}"));
    let fields: Vec<String> = keys.iter().cloned().chain(counts).collect();
    // Without keys there is one group, also of no bindings.
    let grouped = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
    Ok(format!("SELECT {} FROM ({found}) b{grouped}", fields.join(", ")))
}
