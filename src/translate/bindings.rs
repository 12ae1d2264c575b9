//! The bindings of a pattern, for begat to make rows, groups and views of.

use super::{Dialect, Lake, Mode, Program, Refused, Sql, Writer, program};
use crate::graph::Census;
use crate::plan::{Condition, Link, Pattern, Plan, Step};

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
    let mut writer = Writer::new(plan, lake, dialect);
    let whole = graded(&mut writer, pattern).map_err(|refused| refused.by(dialect))?;
    Ok(program::assembled(dialect, writer.tables, whole))
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
