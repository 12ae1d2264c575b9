//! Writes a plan as RON, with comments.

use super::columns::{Column, Holds};
use super::plan::{Plan, SectionPlan, text};
use super::table::Table;
use crate::load::sample::Kind;
use std::fmt::Write;

/// Returns the text of `graph.ron`.
pub fn graph(plan: &Plan, tables: &[Table]) -> String {
    let mut out =
        String::from("// Made by `begat new`; it is yours to edit. `begat check` tells what is wrong with it.\n");
    for decided in &plan.decided {
        _ = writeln!(out, "// {}", decided.replace('\n', " "));
    }
    for unsure in &plan.unsure {
        _ = writeln!(out, "// UNSURE {}", unsure.replace('\n', " "));
    }
    out.push_str("(\n    schema: (\n        types: {\n");
    for (name, type_) in &plan.types {
        let properties = type_.properties.iter().map(|(name, property)| {
            let verb = property.verb.as_ref().map_or(String::new(), |verb| format!(", verb: {}", text(verb)));
            format!("\n                {}: (type: {}{verb}),", text(name), property.value)
        });
        let properties: String = properties.collect();
        let properties =
            if properties.is_empty() { properties } else { format!(", properties: {{{properties}\n            }}") };
        _ = writeln!(out, "            {}: (doc: {}{properties}),", text(name), text(&type_.doc));
    }
    out.push_str("        },\n        verbs: {\n");
    for (name, verb) in &plan.verbs {
        let ends = |types: &[String]| types.iter().map(|type_| text(type_)).collect::<Vec<_>>().join(", ");
        let inverse = verb.inverse.as_ref().map_or(String::new(), |inverse| format!(", inverse: {}", text(inverse)));
        let has_date = |type_: &String| plan.types.get(type_).is_some_and(|plan| plan.properties.contains_key("date"));
        let rules = match verb.lineage {
            true if verb.from.iter().all(has_date) => ", lineage: true, chronological: warn, acyclic: warn",
            true => ", lineage: true, acyclic: warn",
            false => "",
        };
        _ = writeln!(
            out,
            "            {}: (from: [{}], to: [{}]{inverse}{rules}),",
            text(name),
            ends(&verb.from),
            ends(&verb.to)
        );
    }
    out.push_str("        },\n    ),\n    sources: {\n");
    for table in tables {
        _ = writeln!(out, "        {}: (title: {}),", text(&table.source), text(&table.file));
    }
    out.push_str("    },\n    tables: [\n");
    let mut described = vec![false; tables.len()];
    for section in &plan.sections {
        let is_first = !std::mem::replace(&mut described[section.table], true);
        _ = writeln!(out, "        ({}),", fields(section, &tables[section.table], is_first).join(", "));
    }
    out.push_str("    ],\n)\n");
    out
}

/// Returns the fields of a section; the first section over a file describes its dialect.
fn fields(section: &SectionPlan, table: &Table, is_first: bool) -> Vec<String> {
    let mut fields = vec![format!("file: {}", text(&table.file))];
    fields.extend(section.fields.iter().map(|(field, value)| format!("{field}: {value}")));
    fields.extend((!table.written.rows.is_empty()).then(|| format!("rows: {}", text(&table.written.rows))));
    let kind = table.main_kind.as_ref().map(|(column, cell)| format!("where: {{{}: {}}}", text(column), text(cell)));
    fields.extend(kind);
    fields.push(format!("source: {}", text(&table.source)));
    let splits = section.splits.iter().map(|(column, sign)| format!("{}: {}", text(column), text(sign)));
    let splits: Vec<String> = splits.collect();
    fields.extend((!splits.is_empty()).then(|| format!("split: {{{}}}", splits.join(", "))));
    if is_first {
        fields.extend(dialect(table));
    }
    fields
}

fn dialect(table: &Table) -> Vec<String> {
    let (written, mut fields) = (&table.written, Vec::new());
    let list = |words: &[String]| format!("[{}]", words.iter().map(|word| text(word)).collect::<Vec<_>>().join(", "));
    if table.kind == Kind::Csv {
        let is_tabs =
            written.delimiter == b'\t' && [".tsv", ".tab"].iter().any(|end| table.file.to_lowercase().contains(end));
        fields.extend(
            (written.delimiter != b',' && !is_tabs)
                .then(|| format!("delimiter: {}", text(&char::from(written.delimiter).to_string()))),
        );
        fields.extend((!written.header).then(|| "header: false".to_string()));
        fields.extend((!written.columns.is_empty()).then(|| format!("columns: {}", list(&written.columns))));
        fields.extend((written.skip > 0).then(|| format!("skip: {}", written.skip)));
        fields.extend((!written.quote).then(|| "quote: false".to_string()));
        fields.extend((!written.comment.is_empty()).then(|| format!("comment: {}", list(&written.comment))));
        fields.extend(written.is_filled.then(|| "ragged: fill".to_string()));
        fields.extend(table.is_ragged.then(|| "ragged: skip".to_string()));
    }
    fields.extend((!table.lists.is_empty()).then(|| format!("lists: {}", list(&table.lists))));
    let by_column = |field: &str, of: &dyn Fn(&Column) -> Option<String>| {
        let columns =
            table.columns.iter().filter_map(|column| Some(format!("{}: {}", text(&column.name), of(column)?)));
        let columns: Vec<String> = columns.collect();
        (!columns.is_empty()).then(|| format!("{field}: {{{}}}", columns.join(", ")))
    };
    fields.extend(by_column("null", &|column| (!column.null.is_empty()).then(|| list(&column.null))));
    fields.extend(by_column("dates", &|column| match &column.holds {
        Holds::Date(wordings) if !wordings.is_empty() => Some(list(wordings)),
        _ => None,
    }));
    fields.extend(by_column("decimal", &|column| match column.holds {
        Holds::Number(Some(sign), _) => Some(text(sign)),
        _ => None,
    }));
    fields.extend(by_column("thousands", &|column| match column.holds {
        Holds::Number(_, Some(sign)) => Some(text(sign)),
        _ => None,
    }));
    fields
}
