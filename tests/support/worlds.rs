//! The worlds of a draft: each gives every uncertain date one of its days and decides every doubtful fact.

use super::generate::{self, Draft, SURE};
use begat::graph::Graph;
use begat::value::{Date, Value};
use std::collections::BTreeSet;

/// Worlds with some days of each date: the first and the last that it may be, those of its bounds, and one between.
pub fn some_worlds(draft: &Draft) -> Vec<Graph> {
    let days = |date: Date| -> Vec<i32> {
        let (reach, bounds) = (date.reach(), date.bounds());
        let between = bounds.0 + (bounds.1 - bounds.0) / 2;
        BTreeSet::from([reach.0, bounds.0, between, bounds.1, reach.1]).into_iter().collect()
    };
    worlds_of(draft, &days)
}

/// Every choice of a day for each date and of presence for each doubtful link.
pub fn worlds(draft: &Draft) -> Vec<Graph> {
    worlds_of(draft, &|date| {
        let (first, last) = date.reach();
        (first..=last).collect()
    })
}

fn worlds_of(draft: &Draft, days: &dyn Fn(Date) -> Vec<i32>) -> Vec<Graph> {
    let mut drafts = vec![draft.clone()];
    for i in 0..draft.values.len() {
        drafts = drafts.iter().flat_map(|draft| dated(draft, i, days)).collect();
    }
    for i in (0..draft.links.len()).rev().filter(|i| draft.links[*i].is_doubtful()) {
        drafts = drafts.iter().flat_map(|draft| [without(draft, i), with(draft, i)]).collect();
    }
    drafts.iter().map(|draft| generate::build(&Draft { chronological: false, ..draft.clone() })).collect()
}

fn dated(draft: &Draft, i: usize, days: &dyn Fn(Date) -> Vec<i32>) -> Vec<Draft> {
    let Value::Date(date) = draft.values[i].value else { return vec![draft.clone()] };
    let day = |day| Value::Date(Date::between(day, day).expect("a day of the calendar"));
    let exact = days(date).into_iter().map(|d| {
        let mut draft = draft.clone();
        draft.values[i].value = day(d);
        draft
    });
    exact.collect()
}

fn without(draft: &Draft, i: usize) -> Draft {
    let mut draft = draft.clone();
    draft.links.remove(i);
    draft
}

fn with(draft: &Draft, i: usize) -> Draft {
    let mut draft = draft.clone();
    draft.links[i].claims = vec![SURE];
    draft
}
