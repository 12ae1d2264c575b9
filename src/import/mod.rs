//! Converts foreign files into a folder of RON and tables that loads without changes, with the decisions made and the
//! doubts left.
//!
//! For CSV, JSON and Parquet, [`dialect`] and [`columns`] determine how each file is written, [`table`] and [`naming`] what its rows are,
//! and [`plan`] derives the schema of all of them. [`gedcom`] and [`rdf`] make a [`draft`] of facts and claims.

mod columns;
mod dialect;
mod draft;
mod encoding;
mod gedcom;
mod json;
mod kinds;
mod links;
mod markup;
mod naming;
mod nested;
mod plan;
mod rdf;
mod table;
mod triples;
mod vocabulary;
mod words;
mod write;

use dialect::Contents;
use std::io;
use std::path::PathBuf;
use table::Table;

/// The contents of a folder that is to be written.
#[derive(Debug, Default)]
pub struct Folder {
    /// File names and contents.
    pub files: Vec<(String, Vec<u8>)>,
    /// The decisions that were made.
    pub decided: Vec<String>,
    /// What the user should check.
    pub unsure: Vec<String>,
}

/// File extensions of RDF.
const RDF: &[&str] = &[".ttl", ".turtle", ".nt", ".trig", ".nq"];

/// Returns the folder of a graph for some files: tables, or one GEDCOM or RDF file.
///
/// # Errors
/// The path of a file that cannot be read, or that has the same name as another, with the reason.
pub fn read(paths: &[PathBuf]) -> Result<Folder, (PathBuf, io::Error)> {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is =
        |path: &PathBuf, endings: &[&str]| endings.iter().any(|ending| name(path).to_lowercase().ends_with(ending));
    let alone = |path: &PathBuf, read: &dyn Fn(Vec<u8>, &str) -> io::Result<Folder>| {
        let bytes = std::fs::read(path).map_err(|error| (path.clone(), error))?;
        read(bytes, &name(path)).map_err(|error| (path.clone(), error))
    };
    match paths {
        [path] if is(path, &[".ged", ".gedcom"]) => alone(path, &gedcom::read),
        [path] if is(path, RDF) => alone(path, &|bytes, name| rdf::read(&bytes, name)),
        paths => match paths.iter().find(|path| is(path, RDF) || is(path, &[".ged", ".gedcom"])) {
            Some(path) => Err((path.clone(), io::Error::other("GEDCOM and RDF make a graph of one file each"))),
            None => tables(paths),
        },
    }
}

fn tables(paths: &[PathBuf]) -> Result<Folder, (PathBuf, io::Error)> {
    let mut folder = Folder::default();
    let mut tables: Vec<Table> = Vec::new();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if folder.files.iter().any(|(other, _)| *other == name) {
            return Err((path.clone(), io::Error::other("another of the files has the same name")));
        }
        let read = std::fs::read(path).and_then(|bytes| of_file(&name, bytes, &mut folder));
        tables.extend(read.map_err(|error| (path.clone(), error))?);
    }
    for i in 0..tables.len() {
        let stem = tables[i].stem().join("_");
        let is_taken = |key: &String| tables[..i].iter().any(|other| other.source == *key);
        let others = (2..).map(|number| format!("{stem}_{number}"));
        let key = std::iter::once(stem.clone()).chain(others).find(|key| !is_taken(key));
        tables[i].source = key.unwrap_or_default();
    }
    let plan = plan::plan(&mut tables);
    folder.files.insert(0, ("graph.ron".to_string(), write::graph(&plan, &tables).into_bytes()));
    folder.decided.extend(plan.decided);
    folder.unsure.extend(plan.unsure);
    Ok(folder)
}

/// Returns the table of items within the rows of the file `name`, and adds its file to the folder.
fn of_items(name: &str, nested: nested::NestedTable, folder: &mut Folder) -> io::Result<Table> {
    let file = format!("{}.{}.jsonl", name.split('.').next().unwrap_or(name), nested.path);
    if folder.files.iter().any(|(other, _)| *other == file) {
        return Err(io::Error::other(format!("`{file}` would be written twice")));
    }
    let topic = nested.path.rsplit('.').next().map(str::to_string);
    let contents = Contents(nested.lines.as_bytes().into());
    let table = Table { topic, ..Table::open(&file, &contents, ("", &[]))? };
    let count = table::counted(nested.count, "row");
    folder.decided.push(format!("{name}: what lies in `{}` is a table of its own, {file}, of {count}", nested.path));
    folder.files.push((file, nested.lines.into_bytes()));
    Ok(table)
}

/// Returns a text without character references of HTML, and what was done; other bytes stay as they are.
fn plain(bytes: Vec<u8>) -> (Vec<u8>, Option<String>) {
    let found = std::str::from_utf8(&bytes).ok().and_then(markup::without_references);
    let told = |count: usize| {
        format!("{} of HTML, such as `&amp;`, became characters in its copy here", table::counted(count, "reference"))
    };
    found.map_or((bytes, None), |(text, count)| (text.into_bytes(), Some(told(count))))
}

/// Returns the tables in a file, and adds the file to the folder.
fn of_file(name: &str, bytes: Vec<u8>, folder: &mut Folder) -> io::Result<Vec<Table>> {
    let encoding::Decoded { bytes, decided, unsure } = encoding::utf8(bytes)?;
    folder.decided.extend(decided.map(|words| format!("{name}: {words}")));
    folder.unsure.extend(unsure.map(|words| format!("{name}: {words}")));
    let (bytes, references) = plain(bytes);
    folder.decided.extend(references.map(|words| format!("{name}: {words}")));
    let text = name.to_lowercase().ends_with(".json").then(|| std::str::from_utf8(&bytes));
    let found = match text {
        Some(Ok(text)) => json::tables(text)?,
        _ => json::Found { paths: vec![String::new()], left: Vec::new() },
    };
    let contents = Contents(bytes.as_slice().into());
    let mut tables = Vec::new();
    for path in &found.paths {
        let rows = text.and_then(Result::ok).and_then(|text| json::rows_at(text, path)).unwrap_or_default();
        let nested = nested::Nested::of(&rows);
        let table = Table::open(name, &contents, (path, &nested.paths))?;
        let outer = table.naming_column().map_or(String::new(), |c| table.columns[c].name.clone());
        tables.push(table);
        for nested in nested.tables(&outer) {
            tables.push(of_items(name, nested, folder)?);
        }
    }
    if !found.left.is_empty() {
        folder.unsure.push(format!("{name}: {} are no rows, and are left out", columns::listed(&found.left)));
    }
    folder.files.push((name.to_string(), bytes));
    Ok(tables)
}
