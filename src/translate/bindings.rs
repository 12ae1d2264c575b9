//! The bindings of a pattern, for begat to make rows, groups and views of.

use super::{Dialect, Lake, Mode, Program, Refused, Sql, Writer, program, refuse};
use crate::functions::FunctionId;
use crate::graph::Census;
use crate::plan::{Aggregate, AggregateCall, Condition, Link, Pattern, Plan, Scalar, Step, VarId};

/// What the column `grade` says of a binding, from the least.
pub const GRADES: [&str; 3] = ["only possible", "possible, and shown", "certain"];

/// The statements that find the bindings of a pattern of a plan: a column for each wanted variable, `x0`, `x1`, …, which is
/// the number of an entity, the position of a stated value, or null; and `grade`, the position in [`GRADES`]. Each tuple
/// stands once, in any order.
///
/// # Errors
/// The pattern says something that cannot be said so.
pub fn bindings<'a>(
    plan: &'a Plan,
    pattern: &'a Pattern,
    lake: Lake<'a>,
    dialect: &'static Dialect,
) -> Result<Program, Refused> {
    told(plan, pattern, lake, dialect, |found| found)
}

/// The statements that count the bindings of a pattern: a row for each `grade` with their number `n`.
///
/// # Errors
/// Those of [`bindings`].
pub fn count<'a>(
    plan: &'a Plan,
    pattern: &'a Pattern,
    lake: Lake<'a>,
    dialect: &'static Dialect,
) -> Result<Program, Refused> {
    told(plan, pattern, lake, dialect, |found| {
        format!("SELECT grade, count(*) AS n FROM ({found}) bindings GROUP BY grade")
    })
}

/// The statements that count by groups: a row for each group, with its keys `g0`, `g1`, …, which are numbers of entities;
/// then three numbers for each aggregate, of certain, shown and possible members, each including the one before; and the
/// best `grade` of its bindings.
///
/// # Errors
/// Those of [`bindings`], or the groups are of other than entities, or what is asked of them is not their number.
pub fn groups<'a>(
    plan: &'a Plan,
    pattern: &'a Pattern,
    aggregate: &Aggregate,
    lake: Lake<'a>,
    dialect: &'static Dialect,
) -> Result<Program, Refused> {
    let place = |var: VarId| pattern.block.wanted.iter().position(|wanted| *wanted == var).map(|i| format!("x{i}"));
    let may_be_absent = |var: &VarId| {
        pattern.block.steps.iter().any(|step| matches!(step, Step::Optional(block) if block.bound().contains(var)))
    };
    let key =
        |scalar: &Scalar| scalar.as_slot().filter(|var| scalar.is_entity() && !may_be_absent(var)).and_then(place);
    let counted = |fold: &AggregateCall| match &fold.argument {
        Scalar::Slot(var) if fold.function == FunctionId::Count && fold.over == [*var] => place(*var),
        _ => None,
    };
    let keys: Option<Vec<String>> = aggregate.keys.iter().map(key).collect();
    let folds: Option<Vec<String>> = aggregate.folds.iter().map(counted).collect();
    let is_by_bindings = aggregate.folds.iter().all(|fold| fold.presence.is_none());
    let (Some(keys), Some(folds), false, true) = (keys, folds, aggregate.sums, is_by_bindings) else {
        return refuse("what is asked of groups");
    };
    let numbers = folds.iter().flat_map(|x| {
        [
            format!("count(DISTINCT CASE WHEN grade >= 2 THEN {x} END)"),
            format!("count(DISTINCT CASE WHEN grade >= 1 THEN {x} END)"),
            format!("count(DISTINCT {x})"),
        ]
    });
    let fields: Vec<String> = keys.iter().cloned().chain(numbers).chain(["max(grade)".to_string()]).collect();
    let fields: Vec<String> = fields.iter().enumerate().map(|(i, field)| format!("{field} AS y{i}")).collect();
    let by = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
    told(plan, pattern, lake, dialect, |found| format!("SELECT {} FROM ({found}) bindings{by}", fields.join(", ")))
}

fn told<'a>(
    plan: &'a Plan,
    pattern: &'a Pattern,
    lake: Lake<'a>,
    dialect: &'static Dialect,
    tell: impl FnOnce(String) -> String,
) -> Result<Program, Refused> {
    let mut writer = Writer::new(plan, lake, dialect);
    let found = graded(&mut writer, pattern).map_err(|refused| refused.by(dialect))?;
    Ok(program::assembled(dialect, writer.tables, tell(found)))
}

fn graded<'a>(writer: &mut Writer<'a>, pattern: &'a Pattern) -> Sql {
    let plan = writer.plan;
    let shown = match (plan.all_possible, plan.possibly) {
        (false, true) => Some((Mode::SHOWN, 1)),
        _ => None,
    };
    let possible = (Mode::POSSIBLE, i32::from(plan.all_possible));
    let is_certain = is_certain(plan, pattern, writer.census);
    let modes = [(Mode::CERTAIN, 2)].into_iter().chain(shown).chain([possible]).take(if is_certain { 1 } else { 3 });
    let parts: Result<Vec<String>, Refused> = modes.map(|(mode, grade)| found(writer, pattern, mode, grade)).collect();
    let keys = (0..pattern.block.wanted.len()).map(|i| format!("x{i}")).collect::<Vec<_>>().join(", ");
    let parts = parts?;
    Ok(match (parts.as_slice(), keys.is_empty()) {
        ([only], false) => format!("SELECT * FROM ({only}) found"),
        (parts, false) => {
            format!("SELECT {keys}, max(grade) AS grade FROM ({}) found GROUP BY {keys}", parts.join(" UNION ALL "))
        }
        // No tuple has columns, so that all are the same.
        (parts, true) => {
            let all = parts.join(" UNION ALL ");
            format!("SELECT max(grade) AS grade FROM ({all}) found HAVING count(*) > 0")
        }
    })
}

fn found<'a>(writer: &mut Writer<'a>, pattern: &'a Pattern, mode: Mode, grade: i32) -> Sql {
    writer.scoped(|writer| {
        writer.pattern(pattern, mode)?;
        let mut fields = Vec::new();
        for (i, var) in pattern.block.wanted.iter().enumerate() {
            fields.push(format!("CAST({} AS BIGINT) AS x{i}", writer.number(*var)?));
        }
        fields.push(format!("{grade} AS grade"));
        Ok(format!("SELECT DISTINCT {}", fields.join(", ")))
    })
}

/// Returns true if nothing that the pattern reads is doubtful or vague, so that what is possible is certain.
fn is_certain(plan: &Plan, pattern: &Pattern, census: &Census) -> bool {
    // A source may doubt what another one states.
    let (mut certain, mut is_cited) = (reads_facts_only(pattern), false);
    let mut follow = |link: Link| match link {
        Link::Verb(verb) => certain &= census.verb(verb).doubtful == 0,
        // Definitions have patterns of their own.
        Link::Define(_) => certain &= plan.definitions.is_empty(),
    };
    pattern.links(&mut |link, source| {
        follow(link);
        is_cited |= source.is_some();
    });
    certain && !is_cited
}

fn reads_facts_only(pattern: &Pattern) -> bool {
    let mut only = true;
    pattern.each_step(&mut |step| only &= !matches!(step, Step::ScanValues { .. } | Step::ScanLabels { .. }));
    pattern.conditions(&mut |condition| match condition {
        Condition::Test(scalar) | Condition::Exact(scalar) => only &= !scalar.reads_values(),
        Condition::Value(_) | Condition::Claim(_) | Condition::Compare(_) => only = false,
        _ => {}
    });
    only
}
