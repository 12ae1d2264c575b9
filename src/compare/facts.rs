//! Compares the facts, dates and citations of two graphs.

use super::{Change, How, Kind, Matched};
use crate::graph::{BitSet, Claim, EntityId, Fact, FactId, Graph};
use crate::limits::in_budget;
use crate::load::stated;
use crate::schema::{PropertyId, Schema};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The values of a single-valued property of an entity in the old and in the new graph.
#[derive(Default)]
struct Values {
    was: Vec<FactId>,
    now: Vec<FactId>,
}

/// Key: entity and property in the new graph.
type Singles = BTreeMap<(EntityId, PropertyId), Values>;

pub(super) fn changes(old: &Graph, new: &Graph, matched: &Matched) -> Vec<Change> {
    let mut all = Vec::new();
    let mut kept = BitSet::new(new.fact_count());
    let mut singles = Singles::new();
    for fact in old.facts().take_while(in_budget) {
        let said = moved(old, new.schema(), matched, &old.fact(fact));
        match said.as_ref().and_then(|said| new.find(said)) {
            Some(same) => {
                kept.insert(same.0 as usize);
                all.extend(cited_otherwise(old, fact, new, same));
            }
            None => match said.as_ref().and_then(|said| single(new, said)) {
                Some(place) => singles.entry(place).or_default().was.push(fact),
                None => all.push(lost(old, fact)),
            },
        }
    }
    for fact in new.facts().take_while(in_budget).filter(|fact| !kept.contains(fact.0 as usize)) {
        match single(new, &new.fact(fact)).and_then(|place| singles.get_mut(&place)) {
            Some(values) => values.now.push(fact),
            None => all.push(gained(new, fact)),
        }
    }
    let mut dated = BTreeSet::new();
    for ((entity, property), values) in &singles {
        dated.extend(new.dating(new.type_of(*entity)).filter(|dating| dating == property).map(|_| *entity));
        all.extend(revalued(old, new, *entity, *property, values));
    }
    all.extend(dates(old, new, matched, &dated));
    all
}

/// Returns a fact of the old graph in ids of the new one; `None` if the new one lacks its entities, verb or property.
fn moved(old: &Graph, schema: &Schema, matched: &Matched, fact: &Fact) -> Option<Fact> {
    match fact {
        Fact::Link { subject, verb, object } => {
            let name = &old.schema().verb(*verb).name;
            let verb = schema.verbs().find(|(_, verb)| verb.name == *name)?.0;
            Some(Fact::Link { subject: matched.get(*subject)?, verb, object: matched.get(*object)? })
        }
        Fact::Value { subject, property, value } => {
            let property = schema.lookup_property(&old.schema().property(*property).name)?;
            Some(Fact::Value { subject: matched.get(*subject)?, property, value: value.clone() })
        }
    }
}

/// Returns entity and property of a single-valued property's value; `None` for other facts.
fn single(graph: &Graph, fact: &Fact) -> Option<(EntityId, PropertyId)> {
    match fact {
        Fact::Value { subject, property, .. } if graph.schema().property(*property).single => {
            Some((*subject, *property))
        }
        _ => None,
    }
}

fn lost(graph: &Graph, fact: FactId) -> Change {
    Change::new(How::Lost, Kind::Fact, sentence(graph, fact), places(graph, fact), "")
}

fn gained(graph: &Graph, fact: FactId) -> Change {
    Change::new(How::Gained, Kind::Fact, sentence(graph, fact), "", places(graph, fact))
}

fn sentence(graph: &Graph, fact: FactId) -> String {
    stated::sentence_of(graph, &graph.fact(fact))
}

/// Returns a change if one value replaces another; otherwise facts lost or gained.
fn revalued(old: &Graph, new: &Graph, entity: EntityId, property: PropertyId, values: &Values) -> Vec<Change> {
    let [was, now] = [(old, &values.was), (new, &values.now)].map(|(graph, facts)| {
        let words = facts.iter().map(|fact| match graph.fact(*fact) {
            Fact::Value { value: Value::Text(text), .. } => stated::quoted(&text),
            Fact::Value { value, .. } => value.to_string(),
            Fact::Link { .. } => String::new(),
        });
        words.collect::<Vec<_>>().join(" and ")
    });
    if values.now.is_empty() {
        return values.was.iter().map(|fact| lost(old, *fact)).collect();
    }
    let known = new.schema().property(property);
    let verb = known.verb.as_ref().unwrap_or(&known.name);
    let what = format!("{} {verb}", stated::noun_of(new, entity));
    vec![Change::new(How::Changed, Kind::Fact, what, was, now)]
}

/// Returns the change of citations of a fact that is in both graphs; `None` if they are equal.
fn cited_otherwise(old: &Graph, was: FactId, new: &Graph, now: FactId) -> Option<Change> {
    let [old_words, new_words] = [(old, was), (new, now)].map(|(graph, fact)| {
        let words: BTreeSet<String> = graph.claims().of(fact).map(|claim| citation(graph, &claim, true)).collect();
        words
    });
    if old_words == new_words {
        return None;
    }
    let how = match (old_words.is_subset(&new_words), new_words.is_subset(&old_words)) {
        (true, _) => How::Gained,
        (_, true) => How::Lost,
        _ => How::Changed,
    };
    let [lost, gained] = [(&old_words, &new_words), (&new_words, &old_words)]
        .map(|(own, other)| own.difference(other).cloned().collect::<Vec<_>>().join("; "));
    Some(Change::new(how, Kind::Citation, sentence(new, now), lost, gained))
}

/// Returns the citations of a fact: `goose L23, notes p. 7`.
fn places(graph: &Graph, fact: FactId) -> String {
    graph.claims().of(fact).map(|claim| citation(graph, &claim, false)).collect::<Vec<_>>().join("; ")
}

/// Returns a claim in words: `goose L23`; if `is_full`, with date, quote and note.
fn citation(graph: &Graph, claim: &Claim<'_>, is_full: bool) -> String {
    let mut words = format!("{} {}", graph.claims().source(claim.source).key, claim.at).trim().to_string();
    if claim.trust != crate::graph::Trust::default() {
        words += &format!(" ({})", claim.trust.name());
    }
    if is_full {
        let date = claim.date.map_or(String::new(), |date| date.to_string());
        let quote = if claim.quote.is_empty() { String::new() } else { format!("\"{}\"", claim.quote) };
        let parts = [("from ", &date), ("", &quote), ("", &claim.note.to_string())];
        for (before, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
            words += &format!(", {before}{part}");
        }
    }
    words
}

/// Returns the dates that lineage or other sources moved although no dating fact changed.
fn dates(old: &Graph, new: &Graph, matched: &Matched, told: &BTreeSet<EntityId>) -> Vec<Change> {
    let pairs = old.entities().take_while(in_budget).filter_map(|entity| Some((entity, matched.get(entity)?)));
    let words = |date: crate::value::Date| if date.is_undated() { String::new() } else { date.describe() };
    let changed = pairs.filter(|(_, other)| !told.contains(other)).filter_map(|(entity, other)| {
        let (was, now) = (old.date_of(entity), new.date_of(other));
        let is_stated = |graph: &Graph, id: EntityId| {
            graph.dating(graph.type_of(id)).is_some_and(|property| !graph.values(property).span(id).is_empty())
        };
        // A date stated in only one of the graphs is already reported as a fact.
        let is_same_kind = is_stated(old, entity) == is_stated(new, other);
        let change = || Change::new(How::Changed, Kind::Date, new.name(other), words(was), words(now));
        (was != now && is_same_kind).then(change)
    });
    changed.collect()
}
