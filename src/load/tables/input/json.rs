//! Reads a JSON file as batches of text cells. Each object is a row; a nested value has the column `outer.inner`, and
//! the items of a list are one cell, separated by [`LIST`].

use super::chunks::InBudget;
use super::form::TableSyntax;
use super::unpack::unpacked;
use super::{LIST, Problem, RecordBatch};
use crate::limits::is_over_now;
use crate::load::File;
use indexmap::IndexSet;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::{self, Read};

/// Maximum number of rows in a batch. By reasoning, no benchmark varies it: rows of some 64 bytes then make a
/// megabyte, as in a chunk of CSV.
const ROWS: usize = 1 << 14;

/// Maximum nesting depth of objects and lists. Bounds the recursion.
const DEEPEST: usize = 32;

/// The column for the keys of an object of rows.
const KEY: &str = "key";

/// The unread rest of a file. The whole file is in memory, because only the last row may have the last column.
#[derive(Default)]
pub(in crate::load::tables) struct Json {
    columns: IndexSet<String>,
    rows: Vec<ParsedRow>,
    /// The number of rows returned so far.
    before: usize,
}

/// The non-empty cells of a row by column, or the column and message of an error.
type ParsedRow = Result<Vec<(usize, String)>, (usize, String)>;

impl Json {
    /// Reads a file that is plain or compressed.
    ///
    /// # Errors
    /// The file cannot be read, is not JSON, or has no rows at the path of the form.
    pub fn open(file: Box<dyn File>, first: &[u8], form: &TableSyntax) -> io::Result<Json> {
        let mut text = String::new();
        InBudget(&mut unpacked(file, first)?).read_to_string(&mut text)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut json = Json::default();
        // Raw values keep numbers as written, without rounding them to floats.
        let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let values: Vec<&RawValue> = values.collect::<Result<_, _>>().map_err(io::Error::other)?;
        match values.as_slice() {
            [] => {}
            [one] if !form.is_lines => json.add_all(inner(one, &form.rows)?, &form.rows)?,
            _ if !form.rows.is_empty() => return Err(told("it has many values; `rows` is for a file of one")),
            many => many.iter().for_each(|row| json.add(None, row)),
        }
        Ok(json)
    }

    /// Returns the names of the columns, in order of first occurrence.
    pub fn header(&self) -> Vec<String> {
        self.columns.iter().cloned().collect()
    }

    /// Returns the next rows; `None` at the end.
    pub fn next(&mut self) -> Option<RecordBatch> {
        let rows = self.rows.get(self.before..).unwrap_or(&[]);
        let rows = &rows[..rows.len().min(ROWS)];
        if rows.is_empty() {
            return None;
        }
        let mut page = RecordBatch::blank(rows.len(), self.columns.len(), self.before as u64);
        for (i, row) in rows.iter().enumerate() {
            match row {
                Ok(cells) => cells.iter().for_each(|(column, text)| page.set(i, *column, text)),
                Err((column, message)) => {
                    let place = (self.before + i) as u64 + 1;
                    page.problems.push(Problem::new(place, *column, message.clone()));
                }
            }
        }
        self.before += rows.len();
        Some(page)
    }

    /// Adds the rows of a list, or of an object whose fields are rows.
    fn add_all(&mut self, rows: &RawValue, path: &str) -> io::Result<()> {
        match rows.get().as_bytes().first() {
            Some(b'[') => items(rows).map_err(told)?.iter().for_each(|row| self.add(None, row)),
            Some(b'{') => {
                let Fields(fields) = fields(rows).map_err(told)?;
                let is_row = |(_, row): &(String, &RawValue)| row.get().starts_with('{');
                if !fields.iter().all(is_row) || fields.is_empty() {
                    return Err(told(where_rows_are(&fields, path)));
                }
                fields.iter().for_each(|(key, row)| self.add(Some(key), row));
            }
            _ => return Err(told("it is neither a list of objects nor an object")),
        }
        Ok(())
    }

    fn add(&mut self, key: Option<&str>, row: &RawValue) {
        // The rows dropped here are covered by the error of the limit.
        if is_over_now() {
            return;
        }
        let mut cells = Vec::new();
        let key = key.map_or(Ok(()), |key| self.set(&mut cells, KEY, key, false));
        let read = key.and_then(|()| match row.get().starts_with('{') {
            true => self.take(&mut cells, "", row, (0, false)),
            false => Err((0, "this row is no object".to_string())),
        });
        self.rows.push(read.map(|()| cells));
    }

    /// Adds a value's cells to a row, recursively.
    fn take(
        &mut self,
        row: &mut Vec<(usize, String)>,
        name: &str,
        value: &RawValue,
        (depth, in_list): (usize, bool),
    ) -> Result<(), (usize, String)> {
        let raw = value.get();
        let column = |json: &mut Json| json.columns.insert_full(name.to_string()).0;
        if depth > DEEPEST {
            return Err((column(self), format!("more than {DEEPEST} objects and lists lie within each other")));
        }
        match raw.as_bytes().first() {
            Some(b'{') => {
                for (key, inner) in fields(value).map_err(|reason| (0, reason))?.0 {
                    let name = if name.is_empty() { key } else { format!("{name}.{key}") };
                    self.take(row, &name, inner, (depth + 1, in_list))?;
                }
            }
            Some(b'[') => {
                // An empty list, like a null, still has its column.
                column(self);
                for inner in items(value).map_err(|reason| (0, reason))? {
                    self.take(row, name, inner, (depth + 1, true))?;
                }
            }
            Some(b'n') => _ = column(self),
            Some(b'"') => {
                let text: String = serde_json::from_str(raw).map_err(|error| (column(self), error.to_string()))?;
                self.set(row, name, &text, in_list)?;
            }
            _ => self.set(row, name, raw, in_list)?,
        }
        Ok(())
    }

    fn set(
        &mut self,
        row: &mut Vec<(usize, String)>,
        name: &str,
        text: &str,
        in_list: bool,
    ) -> Result<(), (usize, String)> {
        let column = self.columns.insert_full(name.to_string()).0;
        if text.contains(LIST) {
            return Err((column, "the text has U+001F, which parts the items of lists".to_string()));
        }
        match row.iter_mut().find(|(other, _)| *other == column) {
            Some((_, cell)) if in_list => {
                cell.push_str(LIST);
                cell.push_str(text);
            }
            Some(_) => return Err((column, format!("two fields are called `{name}`"))),
            None => row.push((column, text.to_string())),
        }
        Ok(())
    }
}

fn told(reason: impl Into<String>) -> io::Error {
    io::Error::other(reason.into())
}

/// Returns the value at a path: `graph.nodes`.
fn inner<'t>(value: &'t RawValue, path: &str) -> io::Result<&'t RawValue> {
    path.split('.').filter(|step| !step.is_empty()).try_fold(value, |value, step| {
        let Fields(fields) = fields(value).map_err(told)?;
        let found = fields.iter().find(|(key, _)| key == step).map(|(_, inner)| *inner);
        found.ok_or_else(|| {
            told(format!("there is no `{step}` in it, where `rows` is `{path}`; there is {}", listed(&fields)))
        })
    })
}

/// Returns the error of an object that is neither a row nor rows, with the fields that may hold rows.
fn where_rows_are(fields: &[(String, &RawValue)], path: &str) -> String {
    let lists: Vec<(String, &RawValue)> =
        fields.iter().filter(|(_, inner)| inner.get().starts_with(['[', '{'])).cloned().collect();
    let within = if path.is_empty() { "it is one object".to_string() } else { format!("`{path}` is one object") };
    match lists.is_empty() {
        true => within + ", and no row lies in it",
        false => format!("{within}; say with `rows` where its rows are: {}", listed(&lists)),
    }
}

fn listed(fields: &[(String, &RawValue)]) -> String {
    fields.iter().take(12).map(|(key, _)| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

fn items(list: &RawValue) -> Result<Vec<&RawValue>, String> {
    serde_json::from_str(list.get()).map_err(|error| error.to_string())
}

fn fields(object: &RawValue) -> Result<Fields<'_>, String> {
    serde_json::from_str(object.get()).map_err(|error| error.to_string())
}

/// The fields of an object in order, with duplicates.
struct Fields<'t>(Vec<(String, &'t RawValue)>);

impl<'de: 't, 't> Deserialize<'de> for Fields<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields<'t>, D::Error> {
        deserializer.deserialize_map(FieldsVisitor(std::marker::PhantomData))
    }
}

struct FieldsVisitor<'t>(std::marker::PhantomData<&'t str>);

impl<'de: 't, 't> Visitor<'de> for FieldsVisitor<'t> {
    type Value = Fields<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'t>, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the columns, and the cells or the error of each row.
    fn read(text: &str, is_lines: bool, rows: &str) -> Result<(String, Vec<String>), String> {
        let form = TableSyntax { is_lines, rows: rows.to_string(), ..TableSyntax::default() };
        let mut json =
            Json::open(Box::new(io::Cursor::new(text.to_string())), b"", &form).map_err(|e| e.to_string())?;
        let (columns, mut shown) = (json.header(), Vec::new());
        while let Some(page) = json.next() {
            let cells = |row: super::super::Row<'_>| {
                (0..columns.len()).map(|i| row.get(i).replace(LIST, "+")).collect::<Vec<_>>()
            };
            shown.extend(page.rows().map(|row| cells(row).join("|")));
            shown.extend(page.problems.iter().map(|problem| format!("{} {}", problem.place, problem.message)));
        }
        Ok((columns.join("|"), shown))
    }

    #[test]
    fn objects_are_rows() {
        let text =
            r#"[{"a": 1.50, "b": {"c": "x", "d": null}}, {"e": ["p", "q"], "a": true, "f": [{"g": 1}, {"g": 2}]}]"#;
        assert_eq!(
            read(text, false, ""),
            Ok(("a|b.c|b.d|e|f|f.g".into(), vec!["1.50|x||||".into(), "true|||p+q||1+2".into()]))
        );
        assert_eq!(
            read("{\"a\": 1}\n\n{\"a\": 12345678901234567890123}\n", true, "").unwrap().1,
            ["1", "12345678901234567890123"]
        );
        assert_eq!(
            read(r#"{"x": {"A": {"v": 1}, "B": {"v": 2}}}"#, false, "x"),
            Ok(("key|v".into(), vec!["A|1".into(), "B|2".into()]))
        );
        assert_eq!(read("", false, ""), Ok((String::new(), vec![])));
    }

    #[test]
    fn what_is_no_row_is_told() {
        let text = r#"{"nodes": [{"a": 1}], "n": 1}"#;
        assert_eq!(read(text, false, "").unwrap_err(), "it is one object; say with `rows` where its rows are: `nodes`");
        assert_eq!(
            read(text, false, "edges").unwrap_err(),
            "there is no `edges` in it, where `rows` is `edges`; there is `nodes`, `n`"
        );
        assert_eq!(read(text, false, "nodes").unwrap().1, ["1"]);
        assert!(read("[{\"a\": 1},\n {\"a\" 2}]", false, "").unwrap_err().contains("line 2"));
        let rows = read(r#"[{"a": 1, "a": 2}, [1], {"a": "x\u001fy"}, {"a": "\ud800"}]"#, false, "").unwrap().1;
        let problems: Vec<&String> = rows.iter().filter(|row| row.starts_with(|c: char| c.is_ascii_digit())).collect();
        assert_eq!(problems.len(), 4, "{rows:?}");
        assert_eq!(problems[0], "1 two fields are called `a`");
        let deep = format!("[{}1{}]", "{\"a\":".repeat(50), "}".repeat(50));
        assert!(read(&deep, false, "").unwrap().1.iter().any(|row| row.contains("more than 32")));
    }
}
