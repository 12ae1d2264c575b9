//! Other people's files → a folder of RON and tables that loads at once, with what was decided and what is unsure.
//!
//! [`tables`] looks at CSV, JSON and Parquet: how each is written ([`table`], [`columns`]), and what they say together
//! ([`plan`]).

mod columns;
mod plan;
mod table;
mod words;
mod write;

use std::io;
use std::path::PathBuf;
use table::Table;

/// A folder that is to be written.
#[derive(Debug, Default)]
pub struct Folder {
    /// Names and contents.
    pub files: Vec<(String, Vec<u8>)>,
    /// What was decided.
    pub decided: Vec<String>,
    /// What a person should look at.
    pub unsure: Vec<String>,
}

/// Returns the folder of a graph of some files.
///
/// # Errors
/// The path of a file that cannot be read, or bears the name of another, with the reason.
pub fn read(paths: &[PathBuf]) -> Result<Folder, (PathBuf, io::Error)> {
    tables(paths)
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
