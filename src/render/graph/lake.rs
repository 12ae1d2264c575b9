//! Writes a whole graph as a lake: Parquet tables for other engines, and a catalogue for begat.
//!
//! Rows are made and written a group at a time, so that memory does not grow with the graph. Facts refer to entities by
//! `vid`, the entity's id. The ids of a type's entities are contiguous and in the order of names. [`LAYOUT`] describes
//! the tables; the manifest repeats it.

use super::parquet::{Cells, file, write_table};
use crate::date::Date;
use crate::disk::NewFolder;
use crate::graph::{Census, Claim, EntityId, FactCount, FactId, Graph, Source, ValueColumn, ValueCount, Values};
use crate::limits::{self, in_budget};
use crate::schema::{Property, Schema};
use crate::snapshot;
use crate::value::{Number, Value, ValueType, natural};
use parquet::errors::{ParquetError, Result};
use serde_json::json;
use std::io::Write;

/// The version of the layout.
const FORMAT: u32 = 2;

/// The contents of each kind of table, by folder or file.
const LAYOUT: &[(&str, &str)] = &[
    ("types/TYPE", "vid, name: the entities declared with the type; its subtypes have tables of their own"),
    ("verbs/VERB", "fact, src, dst, certain: sorted by src, then dst"),
    ("verbs_by_object/VERB", "the same, sorted by dst, then src"),
    ("stated/PROPERTY", "fact, vid, position, certain and the value, for each value that a source states"),
    ("settled/PROPERTY", "vid and the value that all sources and lineage leave; no row where none is known"),
    (
        "claims",
        "fact, claim, source, place, trust, quote, note, date: a row for each citation of a fact, sorted by fact",
    ),
    ("sources", "key, title, by, url, date"),
];

/// The columns of a value, by the type of its property.
const VALUE_COLUMNS: &[(ValueType, &str)] = &[
    (
        ValueType::Date,
        "words; earliest, latest: days since 1970-01-01, the least and the greatest 32-bit integer where open; \
         reach_earliest, reach_latest: the same, with an end that bears `~` or `?` moved outward by its unit; \
         core_earliest, core_latest: moved inward; first_year, last_year: of the reach, null where open; form: begat's \
         code of how the date is written",
    ),
    (ValueType::Number, "words; number: null where the entity has several values"),
    (ValueType::Text, "words; rank: the place of the text in natural order"),
];

/// The rows of a group of a table, which are in memory together. Larger groups take more memory, smaller ones compress
/// less and have more statistics to read.
const GROUP: usize = 1 << 17;

/// The name of the snapshot that has everything but the facts.
pub const CATALOGUE: &str = "catalogue.begat";

type Columns = Vec<(String, Cells)>;

/// Writes the files into a folder. O(facts log facts).
///
/// # Errors
/// A limit stopped the writing, or a file cannot be written.
pub fn lake(graph: &Graph, folder: &mut NewFolder) -> Result<()> {
    let schema = graph.schema();
    for (id, type_) in schema.types() {
        let entities = graph.own_range(id).map(EntityId);
        write(folder, file("types", &type_.name), entities, |all| {
            let names = all.iter().map(|entity| Some(graph.name(*entity).to_string())).collect();
            named([("vid", vids(all.iter().copied())), ("name", Cells::Texts(names))])
        })?;
    }
    for (id, verb) in schema.verbs() {
        let relation = graph.relation(id);
        write(folder, file("verbs", &verb.name), relation.iter(), |facts| links(graph, facts))?;
        let reverse =
            relation.reverse.iter().flat_map(|(object, row)| row.iter().map(move |subject| (*subject, object)));
        let fact = |(subject, object)| Some((relation.fact(EntityId(subject), object)?, EntityId(subject), object));
        let facts = reverse.filter_map(fact);
        write(folder, file("verbs_by_object", &verb.name), facts, |facts| links(graph, facts))?;
    }
    for (id, property) in schema.properties() {
        let values = graph.values(id);
        let ranks = Ranks::of(values);
        let all = values.range().map(EntityId);
        let positions = all.clone().flat_map(|entity| values.span(entity).map(move |i| (entity, i)));
        write(folder, file("stated", &property.name), positions, |all| stated(graph, values, property, &ranks, all))?;
        let known = all.map(|entity| (entity, graph.value(entity, id))).filter(|(_, value)| is_known(value));
        write(folder, file("settled", &property.name), known, |all| settled(property, &ranks, all))?;
    }
    let cited = graph.facts().flat_map(|fact| graph.claims().numbers(fact).iter().map(move |claim| (fact, *claim)));
    write(folder, "claims.parquet".to_string(), cited, |all| claims(graph, all))?;
    write(folder, "sources.parquet".to_string(), graph.claims().sources.iter(), sources)?;
    folder.file("manifest.json")?.write_all(manifest(graph).as_bytes())?;
    let mut catalogue = std::io::BufWriter::new(folder.file(CATALOGUE)?);
    snapshot::write_to(&graph.catalogue(), &mut catalogue).map_err(|error| ParquetError::General(error.to_string()))?;
    Ok(())
}

/// Writes a table of these rows, which `columns` turns into cells group by group.
fn write<T>(
    folder: &mut NewFolder,
    name: String,
    rows: impl Iterator<Item = T>,
    columns: impl Fn(&[T]) -> Columns,
) -> Result<()> {
    let mut rows = rows.take_while(in_budget);
    let mut is_first = true;
    // A table without rows has one empty group, which tells its columns.
    let groups = std::iter::from_fn(|| {
        let group: Vec<T> = rows.by_ref().take(GROUP).collect();
        (std::mem::take(&mut is_first) || !group.is_empty()).then(|| columns(&group))
    });
    write_table(folder.file(&name)?, groups).map(|_| ())
}

fn named<const N: usize>(columns: [(&str, Cells); N]) -> Columns {
    columns.map(|(name, cells)| (name.to_string(), cells)).into()
}

fn vids(entities: impl IntoIterator<Item = EntityId>) -> Cells {
    Cells::Ids(entities.into_iter().map(|entity| entity.0.into()).collect())
}

fn links(graph: &Graph, facts: &[(FactId, EntityId, EntityId)]) -> Columns {
    named([
        ("fact", Cells::Ids(facts.iter().map(|(fact, ..)| fact.0.into()).collect())),
        ("src", vids(facts.iter().map(|(_, subject, _)| *subject))),
        ("dst", vids(facts.iter().map(|(.., object)| *object))),
        ("certain", Cells::Truths(facts.iter().map(|(fact, ..)| !graph.is_doubtful(*fact)).collect())),
    ])
}

fn stated(graph: &Graph, values: &Values, property: &Property, ranks: &Ranks, all: &[(EntityId, usize)]) -> Columns {
    let facts: Vec<FactId> = all.iter().map(|(_, i)| values.fact(*i)).collect();
    let mut columns = named([
        ("fact", Cells::Ids(facts.iter().map(|fact| fact.0.into()).collect())),
        ("vid", vids(all.iter().map(|(entity, _)| *entity))),
        ("position", Cells::Ids(all.iter().map(|(_, i)| *i as i64).collect())),
        ("certain", Cells::Truths(facts.iter().map(|fact| !graph.is_doubtful(*fact)).collect())),
    ]);
    let found: Vec<Value> = all.iter().map(|(_, i)| values.stated.get(*i)).collect();
    columns.extend(cells(property.value, &found.iter().collect::<Vec<_>>(), ranks));
    columns
}

fn settled(property: &Property, ranks: &Ranks, all: &[(EntityId, Value)]) -> Columns {
    let mut columns = named([("vid", vids(all.iter().map(|(entity, _)| *entity)))]);
    columns.extend(cells(property.value, &all.iter().map(|(_, value)| value).collect::<Vec<_>>(), ranks));
    columns
}

fn is_known(value: &Value) -> bool {
    match value {
        Value::Unknown => false,
        Value::Date(date) => !date.is_undated(),
        _ => true,
    }
}

/// Returns the columns of values of one type; see [`VALUE_COLUMNS`].
fn cells(of: ValueType, found: &[&Value], ranks: &Ranks) -> Columns {
    let words = Cells::Texts(found.iter().map(|value| Some(value.to_string())).collect());
    let mut columns = named([("words", words)]);
    match of {
        ValueType::Date => columns.extend(date_cells(&found.iter().map(|value| date_of(value)).collect::<Vec<_>>())),
        ValueType::Number => {
            let numbers = found.iter().map(|value| value.number().map(Number::to_f64)).collect();
            columns.extend(named([("number", Cells::Numbers(numbers))]));
        }
        ValueType::Text => {
            let rank = |value: &&Value| if let Value::Text(text) = value { ranks.rank(text) } else { -1 };
            columns.extend(named([("rank", Cells::Ints(found.iter().map(rank).collect()))]));
        }
    }
    columns
}

fn date_cells(dates: &[Date]) -> Columns {
    type Bound = fn(Date) -> i32;
    let bounds: [(&str, Bound); 7] = [
        ("earliest", Date::earliest),
        ("latest", Date::latest),
        ("reach_earliest", |date| date.reach().0),
        ("reach_latest", |date| date.reach().1),
        ("core_earliest", |date| date.core().0),
        ("core_latest", |date| date.core().1),
        ("form", |date| date.form_bits() as i32),
    ];
    let bound = |of: Bound| Cells::Ints(dates.iter().map(|date| of(*date)).collect());
    let mut columns: Columns = bounds.map(|(name, of)| (name.to_string(), bound(of))).into();
    let year = |year: Option<i32>| year.map(f64::from);
    let first = dates.iter().map(|date| year(date.reached_years().0)).collect();
    let last = dates.iter().map(|date| year(date.reached_years().1)).collect();
    columns.extend(named([("first_year", Cells::Numbers(first)), ("last_year", Cells::Numbers(last))]));
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

/// The texts of a property in natural order, as numbers, four bytes each.
struct Ranks<'v> {
    values: &'v Values,
    texts: Vec<u32>,
}

impl Ranks<'_> {
    fn of(values: &Values) -> Ranks<'_> {
        let ValueColumn::Texts(column, all) = &values.stated else { return Ranks { values, texts: Vec::new() } };
        let mut texts: Vec<u32> = column.iter().copied().collect();
        texts.sort_unstable();
        texts.dedup();
        limits::sort_unstable_by(&mut texts, |a, b| order(all.get(*a), all.get(*b)));
        Ranks { values, texts }
    }

    /// Returns the place of a text; -1 if it is none of them.
    fn rank(&self, text: &str) -> i32 {
        let ValueColumn::Texts(_, all) = &self.values.stated else { return -1 };
        let found = self.texts.binary_search_by(|other| order(all.get(*other), text));
        found.ok().and_then(|rank| i32::try_from(rank).ok()).unwrap_or(-1)
    }
}

fn order(a: &str, b: &str) -> std::cmp::Ordering {
    natural(a, b).then_with(|| a.cmp(b))
}

fn claims(graph: &Graph, all: &[(FactId, u32)]) -> Columns {
    let cited: Vec<Claim> = all.iter().map(|(_, number)| graph.claims().get(*number)).collect();
    let texts = |of: &dyn Fn(&Claim) -> String| {
        Cells::Texts(cited.iter().map(|claim| Some(of(claim)).filter(|text| !text.is_empty())).collect())
    };
    named([
        ("fact", Cells::Ids(all.iter().map(|(fact, _)| fact.0.into()).collect())),
        ("claim", Cells::Ids(all.iter().map(|(_, claim)| (*claim).into()).collect())),
        ("source", texts(&|claim| graph.claims().source(claim.source).key.clone())),
        ("place", texts(&|claim| claim.at.to_string())),
        ("trust", texts(&|claim| claim.trust.name().to_string())),
        ("quote", texts(&|claim| claim.quote.to_string())),
        ("note", texts(&|claim| claim.note.to_string())),
        ("date", texts(&|claim| claim.date.map_or(String::new(), |date| date.to_string()))),
    ])
}

fn sources(all: &[&Source]) -> Columns {
    type Field = fn(&Source) -> &String;
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
    let (schema, census) = (graph.schema(), Census::of(graph));
    let type_names = |types| schema.type_names(types);
    let types = schema.types().map(|(id, type_)| {
        let range = graph.own_range(id);
        let parent = type_.parent.map(|parent| schema.type_(parent).name.clone());
        json!({"name": type_.name, "extends": parent, "first_vid": range.start, "entities": range.len()})
    });
    let verbs = schema.verbs().map(|(id, verb)| {
        let count = census.verb(id);
        json!({"name": verb.name, "inverse": verb.inverse, "from": type_names(verb.from), "to": type_names(verb.to),
            "lineage": verb.lineage, "adoption": verb.adoption, "facts": count.facts, "doubtful": count.doubtful})
    });
    let properties = schema.properties().map(|(id, property)| {
        let count = census.property(id);
        json!({"name": property.name, "value": property.value.name(), "of": type_names(property.of),
            "single": property.single, "unit": property.unit, "stated": count.stated, "several": count.several,
            "wide": count.wide})
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

/// Reads from a manifest what the facts of a schema are like; `None` if it is no manifest of that schema.
pub fn census(manifest: &str, schema: &Schema) -> Option<Census> {
    let whole: serde_json::Value = serde_json::from_str(manifest).ok()?;
    if whole.get("format")?.as_u64()? != u64::from(FORMAT) {
        return None;
    }
    let named = |list: &str, name: &str| {
        whole.get(list)?.as_array()?.iter().find(|item| item["name"].as_str() == Some(name)).cloned()
    };
    let verbs = schema.verbs().map(|(_, verb)| {
        let item = named("verbs", &verb.name)?;
        Some(FactCount { facts: item["facts"].as_u64()?, doubtful: item["doubtful"].as_u64()? })
    });
    let properties = schema.properties().map(|(_, property)| {
        let item = named("properties", &property.name)?;
        let is = |field: &str| item[field].as_bool();
        Some(ValueCount { stated: item["stated"].as_u64()?, several: is("several")?, wide: is("wide")? })
    });
    Some(Census { verbs: verbs.collect::<Option<_>>()?, properties: properties.collect::<Option<_>>()? })
}
