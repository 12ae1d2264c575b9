//! Makes tables of the lists of objects within the rows of a JSON file, whose items would otherwise be torn apart: each
//! item becomes a row that names the row it belongs to.

use serde_json::{Map, Value};
use std::collections::HashSet;

/// Maximum number of steps in a path within a row.
const DEEPEST: usize = 3;
/// The column that names the row to which an item belongs.
pub const OUTER: &str = "part_of";
/// The column of an item's name, for objects by name, and the one if the items have such a field.
const NAME: &str = "name";
const KEY: &str = "key";
/// Objects with more names than these are no structure.
const FEW: usize = 8;
/// A table of the items within rows.
#[derive(Debug, PartialEq)]
pub struct NestedTable {
    /// The path of the lists in each row.
    pub path: String,
    /// The items as JSON lines.
    pub lines: String,
    pub count: usize,
}

/// Rows with the paths of the lists of items within them.
pub struct Nested<'v> {
    rows: Vec<&'v Map<String, Value>>,
    pub paths: Vec<String>,
}

impl<'v> Nested<'v> {
    pub fn of(rows: &'v Value) -> Nested<'v> {
        let rows: Vec<&Map<String, Value>> = match rows {
            Value::Array(rows) => rows.iter().filter_map(Value::as_object).collect(),
            Value::Object(rows) => rows.values().filter_map(Value::as_object).collect(),
            _ => Vec::new(),
        };
        let mut paths: Vec<Vec<&str>> = Vec::new();
        rows.iter().for_each(|row| search(row, &mut Vec::new(), &mut paths));
        let mut seen = HashSet::new();
        paths.retain(|path| seen.insert(path.clone()));
        let paths = paths.iter().filter(|path| has_items(&rows, path)).map(|path| path.join("."));
        Nested { paths: paths.collect(), rows }
    }

    /// Returns the table of each path; `name` is the path of the name of a row.
    pub fn tables(&self, name: &str) -> Vec<NestedTable> {
        self.paths.iter().map(|path| table(&self.rows, name, path)).collect()
    }
}

/// Collects the paths of lists of objects, and of objects of objects.
fn search<'v>(row: &'v Map<String, Value>, path: &mut Vec<&'v str>, paths: &mut Vec<Vec<&'v str>>) {
    for (field, value) in row.iter().filter(|(field, _)| !field.is_empty() && !field.contains('.')) {
        path.push(field);
        match value {
            Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_object) => paths.push(path.clone()),
            Value::Object(inner) if !inner.is_empty() && inner.values().all(Value::is_object) => {
                paths.push(path.clone());
                if path.len() < DEEPEST {
                    search(inner, path, paths);
                }
            }
            Value::Object(inner) if path.len() < DEEPEST => search(inner, path, paths),
            _ => {}
        }
        path.pop();
    }
}

/// The items of a row.
enum Items<'v> {
    List(&'v [Value]),
    Named(&'v Map<String, Value>),
}

fn items_at<'v>(row: &'v Map<String, Value>, path: &[&str]) -> Option<Items<'v>> {
    let (last, outer) = path.split_last()?;
    let inner = outer.iter().try_fold(row, |at, field| at.get(*field)?.as_object())?;
    match inner.get(*last)? {
        Value::Array(items) => Some(Items::List(items)),
        Value::Object(items) => Some(Items::Named(items)),
        _ => None,
    }
}

/// Returns whether the values at a path are items rather than parts of the row.
fn has_items(rows: &[&Map<String, Value>], path: &[&str]) -> bool {
    let (mut has_lists, mut named, mut most) = (false, HashSet::new(), 0);
    let mut fields: HashSet<&str> = HashSet::new();
    for row in rows {
        match items_at(row, path) {
            Some(Items::List(inner)) => {
                has_lists = true;
                fields.extend(inner.iter().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str));
            }
            Some(Items::Named(inner)) => {
                most = most.max(inner.len());
                named.extend(inner.keys().map(String::as_str));
                fields.extend(inner.values().filter_map(Value::as_object).flat_map(Map::keys).map(String::as_str));
            }
            None => {}
        }
    }
    // Objects that have the same fields in all rows are structures: `translations.deu`.
    let are_named = named.len() > FEW && named.len() > 2 * most;
    let are_listed = has_lists && named.is_empty() && fields.len() > 1;
    (are_listed || !has_lists && are_named) && !fields.contains(OUTER)
}

fn table(rows: &[&Map<String, Value>], name: &str, path: &str) -> NestedTable {
    let steps: Vec<&str> = path.split('.').collect();
    let mut items: Vec<(Value, Option<&str>, &Map<String, Value>)> = Vec::new();
    for row in rows {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let outer = rest.split('.').filter(|step| !step.is_empty());
        let outer = row.get(first).and_then(|value| outer.into_iter().try_fold(value, |at, step| at.get(step)));
        let outer = outer.cloned().unwrap_or(Value::Null);
        match items_at(row, &steps) {
            Some(Items::List(inner)) => {
                items.extend(inner.iter().filter_map(|item| Some((outer.clone(), None, item.as_object()?))));
            }
            Some(Items::Named(inner)) => {
                let own =
                    inner.iter().filter_map(|(key, item)| Some((outer.clone(), Some(key.as_str()), item.as_object()?)));
                items.extend(own);
            }
            None => {}
        }
    }
    let has_name = items.iter().any(|(.., item)| item.contains_key(NAME));
    let name = if has_name { KEY } else { NAME };
    let mut lines = String::new();
    for (outer, key, item) in &items {
        let own = [(OUTER, Some(outer.clone())), (name, key.map(Value::from))];
        let own = own.into_iter().filter_map(|(field, value)| Some((field.to_string(), value?)));
        let row: Map<String, Value> =
            own.chain(item.iter().map(|(field, value)| (field.clone(), value.clone()))).collect();
        lines.push_str(&Value::Object(row).to_string());
        lines.push('\n');
    }
    NestedTable { path: path.to_string(), lines, count: items.len() }
}

#[cfg(test)]
mod tests {
    use super::Nested;

    #[test]
    fn items_within_rows_become_rows() {
        let found = |text: &str| {
            let rows = serde_json::from_str(text).expect("JSON");
            Nested::of(&rows).tables("name.en").into_iter().map(|table| (table.path, table.lines)).collect::<Vec<_>>()
        };
        let lists =
            r#"[{"name": {"en": "A"}, "cast": [{"who": "x", "since": 1}, {"who": "y"}]}, {"name": "B", "cast": []}]"#;
        let lines = "{\"part_of\":\"A\",\"who\":\"x\",\"since\":1}\n{\"part_of\":\"A\",\"who\":\"y\"}\n";
        assert_eq!(found(lists), [("cast".to_string(), lines.to_string())]);
        let names: Vec<String> = (0..12)
            .map(|i| format!(r#"{{"name": {{"en": "M{i}"}}, "models": {{"m{i}": {{"year": {i}}}}}}}"#))
            .collect();
        let named = found(&format!("[{}]", names.join(",")));
        assert!(named[0].1.starts_with("{\"part_of\":\"M0\",\"name\":\"m0\",\"year\":0}\n"), "{named:?}");
        for same in [
            r#"[{"name": "A", "kin": [{"name": "x"}]}]"#,
            r#"[{"name": "A", "in": {"de": {"word": "a"}, "fr": {"word": "b"}}}]"#,
        ] {
            assert_eq!(found(same), [], "{same}");
        }
    }
}
