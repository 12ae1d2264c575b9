//! Converts foreign files into a folder of RON and tables that loads without changes, with the decisions made and the
//! doubts left.
//!
//! For CSV, JSON and Parquet, [`table`] and [`columns`] determine how each file is written, and [`plan`] derives the
//! schema of all of them. [`gedcom`] and [`rdf`] make a [`draft`] of facts and claims.

mod columns;
mod draft;
mod gedcom;
mod plan;
mod rdf;
mod table;
mod vocabulary;
mod words;
mod write;

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
    let mut tables: Vec<Table> = Vec::new();
    for path in paths {
        let table = Table::open(path).map_err(|error| (path.clone(), error))?;
        if tables.iter().any(|other| other.file == table.file) {
            return Err((path.clone(), io::Error::other("another of the files has the same name")));
        }
        tables.push(table);
    }
    let plan = plan::plan(&mut tables);
    let mut files = vec![("graph.ron".to_string(), write::graph(&plan, &tables).into_bytes())];
    for table in &tables {
        let bytes = std::fs::read(&table.path).map_err(|error| (table.path.clone(), error))?;
        files.push((table.file.clone(), bytes));
    }
    Ok(Folder { files, decided: plan.decided, unsure: plan.unsure })
}
