//! Finds the rows in a JSON file: the paths of its lists of objects, and of its objects of objects.

use serde_json::Value;
use std::io;

/// Maximum number of steps in a path.
const DEEPEST: usize = 3;

/// The tables in a JSON file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The paths of the rows; empty for rows at the top.
    pub paths: Vec<String>,
    /// The paths of values that are not rows.
    pub left: Vec<String>,
}

/// Returns the tables in a file that is one JSON value; for JSON lines, one table at the top.
///
/// # Errors
/// The file holds columns instead of rows.
pub fn tables(text: &str) -> io::Result<Found> {
    let top = || Found { paths: vec![String::new()], left: Vec::new() };
    // Lists need no search, and errors are reported when the rows are read.
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Ok(top());
    }
    let Ok(value) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else { return Ok(top()) };
    if holds_columns(&value) {
        let words = "it holds columns, not rows; write a list of rows, as pandas does with `orient=\"records\"`";
        return Err(io::Error::other(words));
    }
    if is_rows(&value) {
        return Ok(top());
    }
    let mut found = Found::default();
    search(&value, &mut Vec::new(), &mut found);
    // Without rows the reader reports the reason.
    Ok(if found.paths.is_empty() { top() } else { found })
}

/// Returns the rows at a path of a file.
pub fn rows_at(text: &str, rows: &str) -> Option<Value> {
    let mut value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    for step in rows.split('.').filter(|step| !step.is_empty()) {
        value = value.get_mut(step)?.take();
    }
    Some(value)
}

fn search<'v>(value: &'v Value, path: &mut Vec<&'v str>, found: &mut Found) {
    let Value::Object(fields) = value else { return };
    for (key, inner) in fields {
        path.push(key);
        let is_reachable = !key.is_empty() && !key.contains('.');
        match inner {
            Value::Array(items) if is_reachable && !items.is_empty() && items.iter().all(Value::is_object) => {
                found.paths.push(path.join("."));
            }
            inner if is_reachable && is_rows(inner) => found.paths.push(path.join(".")),
            Value::Object(fields) if is_reachable && !fields.is_empty() && path.len() < DEEPEST => {
                search(inner, path, found);
            }
            _ => found.left.push(path.join(".")),
        }
        path.pop();
    }
}

/// Returns whether an object has several fields, each of them a row: `{"Ann": {"born": 1980}, "Bob": {"born": 1975}}`.
fn is_rows(value: &Value) -> bool {
    let Value::Object(fields) = value else { return false };
    let is_row =
        |row: &Value| row.as_object().is_some_and(|row| !row.is_empty() && !row.values().any(is_list_of_objects));
    fields.len() > 1 && fields.values().all(is_row)
}

fn is_list_of_objects(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_object))
}

/// Returns whether each field of an object is a column, with the cells by number: `{"name": {"0": "Ann", "1": "Bob"}}`.
fn holds_columns(value: &Value) -> bool {
    let Value::Object(fields) = value else { return false };
    let is_column = |column: &Value| {
        if let Value::Array(cells) = column {
            return cells.len() > 1 && !cells.iter().any(|cell| cell.is_object() || cell.is_array());
        }
        let Value::Object(cells) = column else { return false };
        !cells.is_empty() && (0..cells.len()).all(|i| cells.get(&i.to_string()).is_some_and(|cell| !cell.is_object()))
    };
    // Lists are columns if there are several, each as long as the others.
    let lengths: Vec<usize> = fields.values().filter_map(|column| Some(column.as_array()?.len())).collect();
    let are_even = lengths.len() != 1 && lengths.windows(2).all(|pair| pair[0] == pair[1]);
    !fields.is_empty() && are_even && fields.values().all(is_column)
}

#[cfg(test)]
mod tests {
    use super::{Found, tables};

    #[test]
    fn rows_are_found_in_nested_json() {
        let found = |text: &str| {
            let Found { paths, left } = tables(text).expect("rows");
            (paths.join("|"), left.join("|"))
        };
        let of = |paths: &str, left: &str| (paths.to_string(), left.to_string());
        assert_eq!(found(r#"[{"a": 1}]"#), of("", ""));
        assert_eq!(found(r#"{"meta": {"n": 1}, "items": [{"a": 1}]}"#), of("items", "meta.n"));
        assert_eq!(found(r#"{"nodes": [{"id": 1}], "links": [{"source": 1}], "n": 2}"#), of("nodes|links", "n"));
        assert_eq!(
            found(r#"{"elements": {"nodes": [{"data": {}}], "edges": [{}]}}"#),
            of("elements.nodes|elements.edges", "")
        );
        assert_eq!(found(r#"{"Ann": {"born": 1}, "Bob": {"born": 2}}"#), of("", ""));
        assert_eq!(found(r#"{"packages": {"a": {"v": 1}, "b": {"v": 2}}, "lock": true}"#), of("packages", "lock"));
        assert_eq!(found("{\"a\": 1}\n{\"a\": 2}"), of("", ""), "JSON lines");
        assert_eq!(found(r#"{"a.b": [{"c": 1}], "d": [1]}"#), of("", ""), "nothing that a path reaches");
        assert!(tables(r#"{"name": {"0": "A", "1": "B"}, "size": {"0": 1, "1": 2}}"#).is_err());
    }
}
