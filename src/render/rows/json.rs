//! Writes JSON and JSON Lines.

use super::{certainty, column_keys};
use crate::answer::{Answer, Cell, Row, Table, View};
use crate::date::{Day, format_day};
use crate::graph::{Claim, Graph};
use crate::limits::in_budget;
use crate::render::words::{json_line, names};
use crate::value::{Date, Number, Truth, Value, truth_word};
use serde_json::{Map, Value as Json, json as object};
use std::io::{Result, Write};

/// Writes `{"columns", "rows", "certain", "possible"}`: each row is an object by column, with its `certainty`.
/// `possible` counts the possible rows shown and those that `possibly` would add. A question without holes also has its
/// `verdict`.
pub fn json(answer: &Answer, graph: &Graph, out: &mut dyn Write) -> Result<()> {
    let table = &answer.table;
    write!(out, r#"{{"columns":{},"rows":["#, json_line(&Json::from(column_keys(table))))?;
    for (i, row) in rows(table, graph).enumerate() {
        write!(out, "{}{}", if i > 0 { "," } else { "" }, json_line(&row))?;
    }
    let certain = table.rows.certain();
    let possible = table.rows.len() - certain + answer.more_possible;
    write!(out, r#"],"certain":{certain},"possible":{possible}"#)?;
    if let View::Verdict(truth) = answer.view {
        write!(out, r#","verdict":{}"#, Json::from(truth_word(truth)))?;
    }
    out.write_all(b"}\n")
}

/// Writes one object for each line, as in the `rows` of [`json`].
pub fn jsonl(table: &Table, graph: &Graph, out: &mut dyn Write) -> Result<()> {
    rows(table, graph).try_for_each(|row| writeln!(out, "{}", json_line(&row)))
}

fn rows<'a>(table: &'a Table, graph: &'a Graph) -> impl Iterator<Item = Json> + 'a {
    let keys = column_keys(table);
    table.rows.each().take_while(in_budget).map(move |row| row_json(&keys, &row, graph))
}

fn row_json(keys: &[String], row: &Row, graph: &Graph) -> Json {
    let cells = row.cells.iter().map(|cell| cell_json(cell, graph));
    let mut members: Map<String, Json> = keys.iter().cloned().zip(cells).collect();
    members.insert("certainty".to_string(), certainty(row).into());
    Json::Object(members)
}

/// Returns an entity's name; a path or list as an array, in which a possible member is `{"possible": …}`.
fn cell_json(cell: &Cell, graph: &Graph) -> Json {
    match cell {
        Cell::Absent => Json::Null,
        Cell::Entity(entity) => graph.name(*entity).into(),
        Cell::Value(value) => value_json(value),
        Cell::Path(path) => names(graph, path).into(),
        Cell::List(items) => items.iter().map(|(inner, certain)| item_json(inner, *certain, graph)).collect(),
    }
}

fn item_json(cell: &Cell, certain: bool, graph: &Graph) -> Json {
    let inner = cell_json(cell, graph);
    if certain { inner } else { object!({ "possible": inner }) }
}

/// Returns numbers as numbers, dates as [`date_json`], unknown values as null.
pub fn value_json(value: &Value) -> Json {
    match value {
        Value::Unknown | Value::Truth(Truth::Maybe) => Json::Null,
        Value::Number(number) => number_json(*number),
        Value::Integer(whole) => (*whole).into(),
        Value::Range(low, high) => object!({ "least": number_json(*low), "most": number_json(*high) }),
        Value::Date(date) => date_json(*date),
        Value::Text(text) => text.as_ref().into(),
        Value::Truth(truth) => truth.is_certain().into(),
        Value::Many(values) => values.iter().map(value_json).collect(),
    }
}

/// Returns an integer if the number is one of 64 bits; null if it is infinite, which JSON cannot represent.
fn number_json(number: f64) -> Json {
    let whole = Number::from(number).whole();
    whole.and_then(|whole| i64::try_from(whole).ok()).map_or(number.into(), Json::from)
}

/// Returns `{"edtf", "earliest", "latest"}`; open bounds are null, and so is the notation of an undated date.
pub fn date_json(date: Date) -> Json {
    let day = |day: Day| (day != Date::OPEN_START && day != Date::OPEN_END).then(|| format_day(day));
    let edtf = (!date.is_undated()).then(|| date.to_string());
    object!({ "edtf": edtf, "earliest": day(date.earliest()), "latest": day(date.latest()) })
}

/// Returns the claims of these numbers; texts that were not given are left out.
pub fn claims_json(graph: &Graph, claims: &[u32]) -> Json {
    claims.iter().map(|claim| claim_json(graph, graph.claims().get(*claim))).collect()
}

fn claim_json(graph: &Graph, claim: Claim) -> Json {
    let source = &graph.claims().source(claim.source).key;
    let words = [("source", source.as_str()), ("at", claim.at), ("trust", claim.trust.name()), ("quote", claim.quote)];
    let mut members = Map::new();
    for (key, word) in words.into_iter().chain([("note", claim.note)]).filter(|(_, word)| !word.is_empty()) {
        members.insert(key.to_string(), word.into());
    }
    if let Some(date) = claim.date {
        members.insert("date".to_string(), date_json(date));
    }
    Json::Object(members)
}
