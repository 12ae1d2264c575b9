//! The script that loads a lake into Ladybug.

use super::cypher::{relation, ticked};
use crate::graph::Graph;
use crate::schema::{PropertyId, Schema};
use crate::value::ValueType;
use std::fmt::Write;

/// Returns the script. It reads the tables by relative paths, so that it runs in the folder of the lake.
///
/// - `Entity`: `vid`, `name`, `type`, and the columns of each settled value, as `date earliest`; null where none is known.
/// - A relationship of each verb, with `fact` and `certain`.
/// - `value of PROPERTY`: the values that sources state, and `stated PROPERTY`, which leads there from the entity.
/// - `Claim`: `fact`, `source`, `trust`.
pub fn ladybug(graph: &Graph) -> String {
    let schema = graph.schema();
    let mut out = String::from("// Run in the folder of the lake: lbug DATABASE < ladybug.cypher\n");
    entities(&mut out, schema);
    for (_, verb) in schema.verbs() {
        let (table, file) = (ticked(&relation(&verb.name)), path("verbs", &verb.name));
        _ = writeln!(out, "CREATE REL TABLE {table}(FROM Entity TO Entity, fact INT64, certain BOOL);");
        _ = writeln!(out, "COPY {table} FROM (LOAD FROM {file} RETURN src, dst, fact, certain);");
    }
    for (id, property) in schema.properties() {
        let (nodes, links) =
            (ticked(&format!("value of {}", property.name)), ticked(&format!("stated {}", property.name)));
        let columns = columns(schema, id);
        let typed: Vec<String> = columns.iter().map(|(name, type_)| format!("{name} {type_}")).collect();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let file = path("stated", &property.name);
        _ = writeln!(out, "CREATE NODE TABLE {nodes}(position INT64 PRIMARY KEY, {});", typed.join(", "));
        _ = writeln!(out, "COPY {nodes} FROM (LOAD FROM {file} RETURN position, {});", names.join(", "));
        _ = writeln!(out, "CREATE REL TABLE {links}(FROM Entity TO {nodes}, fact INT64, certain BOOL);");
        _ = writeln!(out, "COPY {links} FROM (LOAD FROM {file} RETURN vid, position, fact, certain);");
    }
    out.push_str("CREATE NODE TABLE Claim(id SERIAL PRIMARY KEY, fact INT64, source STRING, trust STRING);\n");
    out.push_str("COPY Claim FROM (LOAD FROM 'claims.parquet' RETURN fact, source, trust);\n");
    out
}

fn entities(out: &mut String, schema: &Schema) {
    let settled = || {
        schema.properties().flat_map(|(id, property)| {
            let own =
                |(column, type_): (&str, &str)| (ticked(&format!("{} {column}", property.name)), type_.to_string());
            columns(schema, id).into_iter().map(own).collect::<Vec<_>>()
        })
    };
    let typed: String = settled().map(|(name, type_)| format!(", {name} {type_}")).collect();
    _ = writeln!(out, "CREATE NODE TABLE Entity(vid INT64 PRIMARY KEY, name STRING, type STRING{typed});");
    let nulls: String = settled().map(|(_, type_)| format!(", CAST(NULL AS {type_})")).collect();
    for (_, type_) in schema.types() {
        let (file, name) = (path("types", &type_.name), &type_.name);
        _ = writeln!(out, "COPY Entity FROM (LOAD FROM {file} RETURN vid, name, '{name}'{nulls});");
    }
    for (id, property) in schema.properties() {
        let (columns, file) = (columns(schema, id), path("settled", &property.name));
        let set = columns
            .iter()
            .map(|(column, _)| format!("e.{} = {column}", ticked(&format!("{} {column}", property.name))));
        let (set, names) =
            (set.collect::<Vec<_>>().join(", "), columns.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        _ = writeln!(
            out,
            "LOAD FROM {file} WITH vid AS of, {} MATCH (e:Entity) WHERE e.vid = of SET {set};",
            names.join(", ")
        );
    }
}

/// The columns of the values of a property, with their types.
fn columns(schema: &Schema, property: PropertyId) -> Vec<(&'static str, &'static str)> {
    let own: &[(&str, &str)] = match schema.property(property).value {
        ValueType::Date => &[
            ("earliest", "INT32"),
            ("latest", "INT32"),
            ("reach_earliest", "INT32"),
            ("reach_latest", "INT32"),
            ("core_earliest", "INT32"),
            ("core_latest", "INT32"),
            ("first_year", "DOUBLE"),
            ("last_year", "DOUBLE"),
        ],
        ValueType::Number => &[("number", "DOUBLE")],
        ValueType::Text => &[("rank", "INT32")],
    };
    [("words", "STRING")].iter().chain(own).copied().collect()
}

/// The quoted path of a table of the lake.
fn path(folder: &str, name: &str) -> String {
    format!("'{folder}/{}.parquet'", name.replace(['/', '\\'], "_"))
}
