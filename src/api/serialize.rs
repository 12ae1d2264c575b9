//! Serde implementations for answers, proofs, dates and their parts, in the JSON shapes that the command writes.

use super::ask::{claim_json, proof_json};
use super::{Answer, Cell, Claim, Entity, Proof, Row};
use crate::render;
use crate::text::{Diagnostic, Diagnostics, Text};
use crate::value::{Date, Truth, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};

/// Implements `Serialize` for a type by its JSON value.
macro_rules! by_json {
    ($($type:ty: $own:ident => $json:expr;)*) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $own = self;
                $json.serialize(serializer)
            }
        }
    )* };
}

by_json! {
    Date: own => render::date_json(*own);
    Value: own => render::value_json(own);
    Truth: own => render::value_json(&Value::Truth(*own));
    Claim: own => claim_json(own);
    Proof: own => proof_json(own);
    Entity<'_>: own => own.name();
    Diagnostic: own => {
        let all = render::diagnostics_value(&Diagnostics(vec![own.clone()]), &Text::new("query", ""));
        all.get(0).cloned().unwrap_or_default()
    };
    Cell<'_>: own => cell_json(own);
    Row<'_>: own => row_json(&render::column_keys(&own.answer.0.answer.table), own);
}

fn cell_json(cell: &Cell<'_>) -> Json {
    match cell {
        Cell::Absent => Json::Null,
        Cell::Entity(entity) => entity.name().into(),
        Cell::Value(value) => render::value_json(value),
        Cell::Path(path) => path.iter().map(|entity| entity.name()).collect(),
        Cell::List(items) => items
            .iter()
            .map(|(item, certain)| if *certain { cell_json(item) } else { json!({ "possible": cell_json(item) }) })
            .collect(),
    }
}

fn row_json(keys: &[String], row: &Row<'_>) -> Json {
    let cells = row.cells().map(|cell| cell_json(&cell));
    let mut members: Map<String, Json> = keys.iter().cloned().zip(cells).collect();
    let certainty = if row.is_certain() { "certain" } else { "possible" };
    members.insert("certainty".to_string(), certainty.into());
    Json::Object(members)
}

impl Serialize for Answer {
    /// Writes `{"columns", "rows", "certain", "possible"}`, and `"verdict"` for a question without holes, as the
    /// command does. Rows are made as they are written.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        let keys = render::column_keys(&self.0.answer.table);
        members.serialize_entry("columns", &keys)?;
        members.serialize_entry("rows", &SerializedRows(self, &keys))?;
        members.serialize_entry("certain", &self.certain())?;
        members.serialize_entry("possible", &(self.len() - self.certain() + self.more_possible()))?;
        if let Some(truth) = self.verdict() {
            members.serialize_entry("verdict", crate::value::truth_word(truth))?;
        }
        members.end()
    }
}

struct SerializedRows<'a>(&'a Answer, &'a [String]);

impl Serialize for SerializedRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows().map(|row| row_json(self.1, &row)))
    }
}
