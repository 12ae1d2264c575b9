//! Writes a whole graph as a lake: Parquet tables for other engines.
//!
//! Facts refer to entities by `vid`, the entity's id. The ids of a type's entities are contiguous and in the order of
//! names. [`LAYOUT`] describes the tables; the manifest repeats it.

use super::parquet::{Cells, file, table};
use crate::date::Date;
use crate::graph::{Claim, EntityId, FactId, Graph, Values};
use crate::limits;
use crate::schema::{Property, PropertyId};
use crate::value::{Number, Value, ValueType, natural};
use parquet::errors::Result;
use serde_json::json;
use std::collections::HashMap;

/// The version of the layout.
const FORMAT: u32 = 1;

/// The contents of each kind of table, by folder or file.
const LAYOUT: &[(&str, &str)] = &[
    ("types/TYPE", "vid, name: the entities declared with the type; its subtypes have tables of their own"),
    ("verbs/VERB", "fact, src, dst, certain: sorted by src, then dst"),
    ("verbs_by_object/VERB", "the same, sorted by dst, then src"),
    ("stated/PROPERTY", "fact, vid, position, certain and the value, for each value that a source states"),
    ("settled/PROPERTY", "vid and the value that all sources and lineage leave; no row where none is known"),
    ("claims", "fact, source, place, trust, quote, note: a row for each citation of a fact"),
    ("sources", "key, title, by, url, date"),
];

/// The columns of a value, by the type of its property.
const VALUE_COLUMNS: &[(ValueType, &str)] = &[
    (
        ValueType::Date,
        "words; earliest, latest: days since 1970-01-01, the least and the greatest 32-bit integer where open; \
         reach_earliest, reach_latest: the same, with an end that bears `~` or `?` moved outward by its unit; \
         core_earliest, core_latest: moved inward; first_year, last_year: of the reach, null where open",
    ),
    (ValueType::Number, "words; number: null where the entity has several values"),
    (ValueType::Text, "words; rank: the place of the text in natural order"),
];

/// Returns the files by path, with `/` between folders. O(facts log facts).
///
/// # Errors
/// A limit stopped the writing.
pub fn lake(graph: &Graph) -> Result<Vec<(String, Vec<u8>)>> {
    let schema = graph.schema();
    let mut files = Vec::new();
    for (id, type_) in schema.types() {
        let entities: Vec<EntityId> = graph.own_range(id).map(EntityId).collect();
        let names = entities.iter().map(|entity| Some(graph.name(*entity).to_string())).collect();
        let columns = named([("vid", vids(entities)), ("name", Cells::Texts(names))]);
        files.push((file("types", &type_.name), table(columns)?));
    }
    for (id, verb) in schema.verbs() {
        let mut facts: Vec<_> = graph.relation(id).iter().take_while(limits::in_budget).collect();
        files.push((file("verbs", &verb.name), table(links(graph, &facts))?));
        facts.sort_unstable_by_key(|(_, subject, object)| (*object, *subject));
        files.push((file("verbs_by_object", &verb.name), table(links(graph, &facts))?));
    }
    for (id, property) in schema.properties() {
        files.push((file("stated", &property.name), table(stated(graph, id, property))?));
        files.push((file("settled", &property.name), table(settled(graph, id, property))?));
    }
    files.push(("claims.parquet".to_string(), table(claims(graph))?));
    files.push(("sources.parquet".to_string(), table(sources(graph))?));
    files.push(("manifest.json".to_string(), manifest(graph).into_bytes()));
    Ok(files)
}

fn named<const N: usize>(columns: [(&str, Cells); N]) -> Vec<(String, Cells)> {
    columns.map(|(name, cells)| (name.to_string(), cells)).into()
}

fn vids(entities: impl IntoIterator<Item = EntityId>) -> Cells {
    Cells::Ids(entities.into_iter().map(|entity| entity.0.into()).collect())
}

fn links(graph: &Graph, facts: &[(FactId, EntityId, EntityId)]) -> Vec<(String, Cells)> {
    named([
        ("fact", Cells::Ids(facts.iter().map(|(fact, ..)| fact.0.into()).collect())),
        ("src", vids(facts.iter().map(|(_, subject, _)| *subject))),
        ("dst", vids(facts.iter().map(|(.., object)| *object))),
        ("certain", Cells::Truths(facts.iter().map(|(fact, ..)| !graph.is_doubtful(*fact)).collect())),
    ])
}

fn stated(graph: &Graph, id: PropertyId, property: &Property) -> Vec<(String, Cells)> {
    let values = graph.values(id);
    let positions = || values.range().map(EntityId).flat_map(|entity| values.span(entity).map(move |i| (entity, i)));
    let all: Vec<(EntityId, usize)> = positions().take_while(limits::in_budget).collect();
    let facts: Vec<FactId> = all.iter().map(|(_, i)| values.fact(*i)).collect();
    let mut columns = named([
        ("fact", Cells::Ids(facts.iter().map(|fact| fact.0.into()).collect())),
        ("vid", vids(all.iter().map(|(entity, _)| *entity))),
        ("position", Cells::Ids(all.iter().map(|(_, i)| *i as i64).collect())),
        ("certain", Cells::Truths(facts.iter().map(|fact| !graph.is_doubtful(*fact)).collect())),
    ]);
    columns.extend(cells(property.value, all.iter().map(|(_, i)| values.stated.get(*i)).collect(), values));
    columns
}

fn settled(graph: &Graph, id: PropertyId, property: &Property) -> Vec<(String, Cells)> {
    let values = graph.values(id);
    let is_known = |value: &Value| match value {
        Value::Unknown => false,
        Value::Date(date) => !date.is_undated(),
        _ => true,
    };
    let all = values.range().map(EntityId).take_while(limits::in_budget);
    let known = all.map(|entity| (entity, graph.value(entity, id))).filter(|(_, value)| is_known(value));
    let (entities, found): (Vec<EntityId>, Vec<Value>) = known.unzip();
    let mut columns = named([("vid", vids(entities))]);
    columns.extend(cells(property.value, found, values));
    columns
}

/// Returns the columns of values of one type; see [`VALUE_COLUMNS`].
fn cells(of: ValueType, found: Vec<Value>, all: &Values) -> Vec<(String, Cells)> {
    let words = Cells::Texts(found.iter().map(|value| Some(value.to_string())).collect());
    let mut columns = named([("words", words)]);
    match of {
        ValueType::Date => {
            let dates: Vec<Date> = found.iter().map(date_of).collect();
            type Bound = fn(Date) -> i32;
            let bounds: [(&str, Bound); 6] = [
                ("earliest", Date::earliest),
                ("latest", Date::latest),
                ("reach_earliest", |date| date.reach().0),
                ("reach_latest", |date| date.reach().1),
                ("core_earliest", |date| date.core().0),
                ("core_latest", |date| date.core().1),
            ];
            let bound = |of: Bound| Cells::Ints(dates.iter().map(|date| of(*date)).collect());
            columns.extend(bounds.map(|(name, of)| (name.to_string(), bound(of))));
            let year = |year: Option<i32>| year.map(f64::from);
            let first = dates.iter().map(|date| year(date.reached_years().0)).collect();
            let last = dates.iter().map(|date| year(date.reached_years().1)).collect();
            columns.extend(named([("first_year", Cells::Numbers(first)), ("last_year", Cells::Numbers(last))]));
        }
        ValueType::Number => {
            let numbers = found.iter().map(|value| value.number().map(Number::to_f64)).collect();
            columns.extend(named([("number", Cells::Numbers(numbers))]));
        }
        ValueType::Text => {
            let ranks = ranks(all);
            let rank = |value: &Value| ranks.get(value.to_string().as_str()).copied().unwrap_or(-1);
            columns.extend(named([("rank", Cells::Ints(found.iter().map(rank).collect()))]));
        }
    }
    columns
}

/// Returns the date; for several, their hull.
fn date_of(value: &Value) -> Date {
    match value {
        Value::Date(date) => *date,
        Value::Many(many) => many.iter().map(date_of).reduce(Date::hull).unwrap_or(Date::UNDATED),
        _ => Date::UNDATED,
    }
}

/// Returns the rank of each text of a property in natural order.
fn ranks(values: &Values) -> HashMap<String, i32> {
    let mut texts: Vec<String> = (0..values.len()).map(|i| values.stated.get(i).to_string()).collect();
    texts.sort_by(|a, b| natural(a, b).then_with(|| a.cmp(b)));
    texts.dedup();
    texts.into_iter().zip(0..).collect()
}

fn claims(graph: &Graph) -> Vec<(String, Cells)> {
    let all = graph.claims();
    let (mut facts, mut cited): (Vec<i64>, Vec<Claim>) = (Vec::new(), Vec::new());
    for fact in graph.facts().take_while(limits::in_budget) {
        for claim in all.of(fact) {
            facts.push(fact.0.into());
            cited.push(claim);
        }
    }
    let texts = |of: &dyn Fn(&Claim) -> String| {
        Cells::Texts(cited.iter().map(|claim| Some(of(claim)).filter(|text| !text.is_empty())).collect())
    };
    named([
        ("source", texts(&|claim| all.source(claim.source).key.clone())),
        ("place", texts(&|claim| claim.at.to_string())),
        ("trust", texts(&|claim| claim.trust.name().to_string())),
        ("quote", texts(&|claim| claim.quote.to_string())),
        ("note", texts(&|claim| claim.note.to_string())),
        ("fact", Cells::Ids(facts)),
    ])
}

fn sources(graph: &Graph) -> Vec<(String, Cells)> {
    let all = &graph.claims().sources;
    type Field = fn(&crate::graph::Source) -> &String;
    let fields: [(&str, Field); 5] = [
        ("key", |source| &source.key),
        ("title", |source| &source.title),
        ("by", |source| &source.by),
        ("url", |source| &source.url),
        ("date", |source| &source.date),
    ];
    let column = |of: Field| Cells::Texts(all.iter().map(|source| Some(of(source).clone())).collect());
    fields.map(|(name, of)| (name.to_string(), column(of))).into()
}

/// Returns the description of the lake, as JSON.
fn manifest(graph: &Graph) -> String {
    let schema = graph.schema();
    let type_names = |types| schema.type_names(types);
    let types = schema.types().map(|(id, type_)| {
        let range = graph.own_range(id);
        let parent = type_.parent.map(|parent| schema.type_(parent).name.clone());
        json!({"name": type_.name, "extends": parent, "first_vid": range.start, "entities": range.len()})
    });
    let verbs = schema.verbs().map(|(id, verb)| {
        let facts = graph.relation(id).len();
        json!({"name": verb.name, "inverse": verb.inverse, "from": type_names(verb.from), "to": type_names(verb.to),
            "lineage": verb.lineage, "adoption": verb.adoption, "facts": facts})
    });
    let properties = schema.properties().map(|(id, property)| {
        json!({"name": property.name, "value": property.value.name(), "of": type_names(property.of),
            "single": property.single, "unit": property.unit, "stated": graph.values(id).len()})
    });
    let value = |(of, columns): &(ValueType, &str)| (of.name().to_string(), json!(columns));
    let whole = json!({
        "format": FORMAT,
        "order": "vid is ascending by type, then by name in natural order",
        "types": types.collect::<Vec<_>>(),
        "verbs": verbs.collect::<Vec<_>>(),
        "properties": properties.collect::<Vec<_>>(),
        "tables": LAYOUT.iter().map(|(name, columns)| (name.to_string(), json!(columns))).collect::<serde_json::Map<_, _>>(),
        "values": VALUE_COLUMNS.iter().map(value).collect::<serde_json::Map<_, _>>(),
    });
    format!("{whole:#}\n")
}
