//! Facts in words, with their sources: what the titles of marks say.

use crate::graph::{Direction, EntityId, Fact, FactId, Facts, Graph};
use crate::render::words::{compact, marked};
use crate::schema::{PropertyId, VerbId, Word};
use crate::value::{Date, Value};

/// `goose L23, L34; notes p. 7`: the citations of a fact, source by source. Empty where no claim states it.
pub fn citations(graph: &Graph, fact: FactId) -> String {
    let mut parts: Vec<(&str, Vec<&str>)> = Vec::new();
    for claim in graph.claims().of(fact) {
        let source = graph.claims().source(claim.source);
        let key = if source.key.is_empty() { source.title.as_str() } else { source.key.as_str() };
        let places = match parts.iter_mut().find(|(known, _)| *known == key) {
            Some((_, places)) => places,
            None => {
                parts.push((key, Vec::new()));
                &mut parts.last_mut().expect("just pushed").1
            }
        };
        if !claim.at.is_empty() && !places.contains(&claim.at) {
            places.push(claim.at);
        }
    }
    let parts = parts.iter().map(|(key, places)| format!("{key} {}", places.join(", ")).trim().to_string());
    parts.collect::<Vec<_>>().join("; ")
}

/// The words with their citations behind them: `DeepSeek V3 dated 2024-12 [goose L23]`.
pub fn cited(graph: &Graph, words: &str, fact: FactId) -> String {
    match citations(graph, fact) {
        sources if sources.is_empty() => words.to_string(),
        sources => format!("{words} [{sources}]"),
    }
}

/// A link as a sentence, with its sources.
pub fn link(graph: &Graph, subject: EntityId, verb: VerbId, object: EntityId, fact: FactId) -> String {
    let verb = &graph.schema().verb(verb).name;
    cited(graph, &format!("{} {verb} {}", graph.name(subject), graph.name(object)), fact)
}

/// An entity with its type, its stated values, and their sources, on one line.
pub fn entity(graph: &Graph, entity: EntityId) -> String {
    let kind = graph.schema().type_(graph.type_of(entity));
    let mut parts = vec![format!("{}, {}", graph.name(entity), kind.name)];
    for property in &kind.properties {
        parts.extend(values(graph, entity, *property));
    }
    let date = graph.date_of(entity);
    if parts.len() == 1 && !date.is_undated() {
        parts.push(format!("dated {} by its lineage", date.describe()));
    }
    parts.join(" · ")
}

/// Each stated value of a property with its sources: `dated 2024-12 [goose L23]`.
pub fn values(graph: &Graph, entity: EntityId, property: PropertyId) -> Vec<String> {
    let declared = graph.schema().property(property);
    let word = declared.verb.as_deref().unwrap_or(&declared.name);
    let stated = graph.values(property).span(entity).map(|i| {
        let value = graph.values(property).stated.get(i);
        cited(graph, &format!("{word} {}", short_value(&value)), graph.values(property).fact(i))
    });
    stated.collect()
}

/// A value for a label: dates and texts as they are written, numbers short.
pub fn short_value(value: &Value) -> String {
    match value {
        Value::Number(number) => short_number(*number),
        value => value.to_string(),
    }
}

/// A number with the digits that tables for people show: `671B`, `1.5B`, `32,000`.
pub fn short_number(number: f64) -> String {
    marked(&compact(number))
}

/// What an adjacency word (`developed by`, `member of`) leads to from an entity, in id order; also what is only
/// possible.
pub fn reached(graph: &Graph, entity: EntityId, word: Word) -> Vec<EntityId> {
    match word {
        Word::Verb { verb, inverse } => {
            let targets = graph.relation(verb).adjacency(Direction::inverse_if(inverse), Facts::All).of(entity);
            targets.iter().map(|id| EntityId(*id)).collect()
        }
        Word::Property(_) => Vec::new(),
    }
}

/// What a setting of a type's plot says, or that of the nearest type above it.
pub fn plot<'g>(graph: &'g Graph, entity: EntityId, setting: impl Fn(&'g crate::schema::Plot) -> &'g str) -> &'g str {
    let mut id = Some(graph.type_of(entity));
    while let Some(kind) = id.map(|id| graph.schema().type_(id)) {
        if !setting(&kind.plot).is_empty() {
            return setting(&kind.plot);
        }
        id = kind.parent;
    }
    ""
}

/// The newest date that one of the entities has, if any: by the latest day that is known.
pub fn newest(graph: &Graph, entities: &[EntityId]) -> Option<Date> {
    let dates = entities.iter().map(|entity| graph.date_of(*entity)).filter(|date| !date.is_undated());
    dates.max_by_key(|date| match date.bounds() {
        (earliest, Date::OPEN_END) => (earliest, earliest),
        (earliest, latest) => (latest, earliest),
    })
}

/// The day that stands for a date in pictures: the middle of what is possible, or the end that is known.
pub fn middle(date: Date) -> Option<f64> {
    let (earliest, latest) = date.reach();
    match (earliest != Date::OPEN_START, latest != Date::OPEN_END) {
        (true, true) => Some((f64::from(earliest) + f64::from(latest)) / 2.0),
        (true, false) => Some(f64::from(earliest)),
        (false, true) => Some(f64::from(latest)),
        (false, false) => None,
    }
}

/// The sentence of a fact without its sources.
pub fn fact(graph: &Graph, fact: FactId) -> String {
    match graph.fact(fact) {
        Fact::Link { subject, verb, object } => {
            format!("{} {} {}", graph.name(subject), graph.schema().verb(verb).name, graph.name(object))
        }
        Fact::Value { subject, property, value } => {
            let declared = graph.schema().property(property);
            let word = declared.verb.as_deref().unwrap_or(&declared.name);
            format!("{} {word} {}", graph.name(subject), short_value(&value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::short_number;

    #[test]
    fn numbers_are_short_where_nothing_is_lost() {
        let cases = [
            (671e9, "671B"),
            (1.5e9, "1.5B"),
            (15e12, "15T"),
            (32000.0, "32,000"),
            (8192.0, "8192"),
            (7_360_010_000_000_001e6, "7,360,010,000,000,001,000,000"),
            (128.0, "128"),
            (0.25, "0.25"),
            (1_234_567.0, "1,234,567"),
            (-40960.0, "-40,960"),
        ];
        cases.iter().for_each(|(number, text)| assert_eq!(short_number(*number), *text));
    }
}
