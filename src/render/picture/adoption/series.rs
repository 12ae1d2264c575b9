//! Computes the values of adoption over time.

use super::super::cite::middle;
use super::users;
use crate::answer::Curve;
use crate::date::{civil_of, day_of};
use crate::graph::{EntityId, Graph};
use crate::value::Date;

/// Minimum number of entities in the window for a share to be drawn. Each is then a fifth of it at most; with fewer,
/// single entities make the curve jump.
pub const LEAST: usize = 5;
/// Length of the window in days. Shorter ones hold too few entities for a share, longer ones show a change later.
const WINDOW: f64 = 365.0;

/// The relation of an entity to the adopted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    Uses,
    /// Only doubtful facts, or facts of a range of periods, tell of it.
    Maybe,
    /// No adoption of anything is stated.
    Silent,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    pub entity: EntityId,
    pub date: Date,
    pub status: Status,
}

/// A period of days with one value: lower bound `low`, upper bound `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    pub from: f64,
    pub to: f64,
    pub low: f64,
    pub high: f64,
}

/// Returns all certain and possible adopters, unordered.
pub fn adopters(curve: &Curve) -> Vec<EntityId> {
    let (certain, possible) = users(curve);
    certain.into_iter().chain(possible).collect()
}

/// Returns all entities with their status, in id order.
pub fn members(curve: &Curve, people: &[EntityId], graph: &Graph) -> Vec<Member> {
    let (certain, possible) = users(curve);
    let status = |entity: &EntityId| match certain.contains(entity) {
        true => Status::Uses,
        false if possible.contains(entity) => Status::Maybe,
        false if is_silent(*entity, graph) => Status::Silent,
        false => Status::Not,
    };
    let member = |entity: &EntityId| Member { entity: *entity, date: graph.date_of(*entity), status: status(entity) };
    people.iter().map(member).collect()
}

/// Returns whether no adoption of an entity is stated.
pub fn is_silent(entity: EntityId, graph: &Graph) -> bool {
    graph.schema().adoption_verbs().iter().all(|verb| graph.relation(*verb).forward.degree(entity) == 0)
}

/// Returns the span from the first day of a curve or user to the end of the last month with any entity, in whole
/// months.
pub fn span<'a>(curves: impl Iterator<Item = (&'a [Member], Option<&'a [Level]>)>) -> Option<(f64, f64)> {
    let (mut first, mut possible, mut last) = (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY);
    for (members, levels) in curves {
        let days = members.iter().filter_map(|member| Some((middle(member.date)?, member.status)));
        for (day, status) in days {
            last = last.max(day);
            first = if status == Status::Uses { first.min(day) } else { first };
        }
        let drawn = levels.unwrap_or_default();
        let recorded = drawn.iter().find(|level| level.low > 0.0);
        first = recorded.map_or(first, |level| first.min(level.from));
        possible = drawn.iter().find(|level| level.high > 0.0).map_or(possible, |level| possible.min(level.from));
    }
    // Without any certain value, starts at the first possible one.
    let first = if first.is_finite() { first } else { possible };
    whole_months(first.min(last), last)
}

/// Returns the span of all dated entities: from the start of a year to the end of a month.
fn span_of_all(members: &[Member]) -> Option<(f64, f64)> {
    let days = || members.iter().filter_map(|member| middle(member.date));
    let first = days().reduce(f64::min)?;
    let start = day_of(civil_of(first as i32)?.0, 1, 1)?;
    whole_months(f64::from(start), days().reduce(f64::max)?)
}

/// Returns the span in whole months; two at least.
fn whole_months(first: f64, last: f64) -> Option<(f64, f64)> {
    let first = Some(first).filter(|first| first.is_finite())?;
    let (year, month, _) = civil_of(first as i32)?;
    let start = f64::from(day_of(year, month, 1)?);
    Some((start, next_month(last)?.max(start + 60.0)))
}

fn next_month(day: f64) -> Option<f64> {
    let (year, month, _) = civil_of(day as i32)?;
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    day_of(year, month, 1).map(f64::from)
}

/// Returns the share of users among the entities of the last twelve months, month by month; months with too few
/// entities are omitted.
pub fn shares(members: &[Member]) -> Vec<Level> {
    let Some((start, end)) = span_of_all(members) else { return Vec::new() };
    let mut dated: Vec<(f64, Status)> =
        members.iter().filter_map(|member| Some((middle(member.date)?, member.status))).collect();
    dated.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut levels: Vec<Level> = Vec::new();
    let mut from = start;
    while from < end {
        let Some(to) = next_month(from) else { break };
        let inside = dated.iter().filter(|(day, _)| to - WINDOW <= *day && *day < to);
        let (mut all, mut uses, mut maybe) = (0usize, 0usize, 0usize);
        for (_, status) in inside {
            all += 1;
            uses += usize::from(*status == Status::Uses);
            maybe += usize::from(matches!(status, Status::Maybe | Status::Silent));
        }
        if all >= LEAST {
            let share = |count: usize| count as f64 / all as f64;
            levels.push(Level { from, to, low: share(uses), high: share(uses + maybe) });
        }
        from = to;
    }
    levels
}

/// Returns whether there are shares for a year in total.
pub fn has_shares(members: &[Member]) -> bool {
    shares(members).iter().map(|level| level.to - level.from).sum::<f64>() >= WINDOW
}

/// Returns the number of users up to each day: lower bounds by the certain users and the latest days of their dates,
/// upper bounds by the earliest days and with the possible users. An entity of which no adoption is stated does not
/// count: it would be a possible user of everything.
pub fn counts(members: &[Member]) -> Vec<Level> {
    let Some((start, end)) = span_of_all(members) else { return Vec::new() };
    let users = || members.iter().filter(|member| matches!(member.status, Status::Uses | Status::Maybe));
    let mut days: Vec<f64> = users()
        .flat_map(|member| [f64::from(member.date.reach().0), f64::from(member.date.reach().1)])
        .filter(|day| start < *day && *day < end)
        .chain([start, end])
        .collect();
    days.sort_by(f64::total_cmp);
    days.dedup();
    let level = |pair: &[f64]| {
        let low = users().filter(|member| member.status == Status::Uses && f64::from(member.date.reach().1) <= pair[0]);
        let high = users().filter(|member| f64::from(member.date.reach().0) <= pair[0]);
        Level { from: pair[0], to: pair[1], low: low.count() as f64, high: high.count() as f64 }
    };
    days.windows(2).map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(i: u32, date: &str, status: Status) -> Member {
        Member { entity: EntityId(i), date: Date::parse(date).unwrap(), status }
    }

    #[test]
    fn shares_wait_for_five() {
        let mut members: Vec<Member> = (1..=4).map(|i| member(i, &format!("2023-0{i}"), Status::Uses)).collect();
        assert!(shares(&members).is_empty());
        members.push(member(5, "2023-06", Status::Maybe));
        members.push(member(6, "2023-07", Status::Not));
        let levels = shares(&members);
        assert_eq!((levels[0].low, levels[0].high), (0.8, 1.0));
        let last = levels.last().unwrap();
        assert_eq!((last.low * 6.0).round(), 4.0);
        assert_eq!((last.high * 6.0).round(), 5.0);
    }

    #[test]
    fn doubtful_adopters_count_as_possible_and_silent_ones_do_not() {
        let members = [
            member(1, "2023-01", Status::Uses),
            member(2, "2023-03", Status::Maybe),
            member(3, "2023-04", Status::Silent),
            member(4, "2023-05", Status::Not),
        ];
        let last = *counts(&members).last().unwrap();
        assert_eq!((last.low, last.high), (1.0, 2.0));
        // As one of five at least, a silent entity is a possible user in a share.
        let more = [members.as_slice(), &[member(5, "2023-06", Status::Not)]].concat();
        let last = *shares(&more).last().unwrap();
        assert_eq!(((last.low * 5.0).round(), (last.high * 5.0).round()), (1.0, 3.0));
    }

    #[test]
    fn counts_keep_within_what_dates_allow() {
        let members = [
            member(1, "2023", Status::Uses),
            member(2, "2024-05-01", Status::Uses),
            member(3, "undated", Status::Uses),
        ];
        let levels = counts(&members);
        assert!(levels.iter().all(|level| level.low <= level.high));
        assert_eq!((levels[0].low, levels[0].high), (0.0, 2.0));
        let last = levels.last().unwrap();
        assert_eq!((last.low, last.high), (2.0, 3.0));
        assert!(levels.windows(2).all(|pair| pair[0].low <= pair[1].low));
    }
}
