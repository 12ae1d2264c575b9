//! Samples the cells of a table that belongs to no graph, for the import.

use super::dialect::layout;
use super::input::{Input, Layout, TableSyntax, Tolerance};
use crate::load::File;
use crate::load::file::Ragged;
use std::io;
use std::sync::Arc;

pub use super::input::LIST;
pub use super::shape::bracketed;

/// The assumed dialect of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub delimiter: u8,
    pub header: bool,
    /// Prefixes of comments.
    pub comment: Vec<String>,
    /// Whether short rows are filled and the last cells of long rows are joined.
    pub is_filled: bool,
    /// Names of the columns, if the file has no header or one that does not tell them apart.
    pub columns: Vec<String>,
    /// The number of lines before the table.
    pub skip: u64,
    /// Whether cells may be quoted.
    pub quote: bool,
    /// The path of the rows in a JSON file.
    pub rows: String,
}

impl Default for Written {
    /// Returns the dialect of CSV with a header.
    fn default() -> Written {
        Written {
            delimiter: b',',
            header: true,
            comment: Vec::new(),
            is_filled: false,
            columns: Vec::new(),
            skip: 0,
            quote: true,
            rows: String::new(),
        }
    }
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Csv,
    Json,
    Parquet,
}

/// Rows of a table, each with one cell for each column.
#[derive(Debug)]
pub struct Sample {
    pub kind: Kind,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Number of rows with another number of cells, which are left out, and the line of the first.
    pub bad: usize,
    pub first_bad: Option<u64>,
    /// The first row that cannot be read: its place and the reason.
    pub fault: Option<String>,
}

/// Returns at most `most` of the first rows of a table; `name` determines whether it is JSON.
///
/// # Errors
/// The file or its header cannot be read.
pub fn sample(file: Box<dyn File>, name: &str, written: &Written, most: usize) -> io::Result<Sample> {
    let (layout, is_lines) = layout(name);
    let form = TableSyntax {
        layout,
        is_lines,
        delimiter: written.delimiter,
        header: written.header,
        columns: written.columns.clone(),
        comment: written.comment.clone(),
        ragged: if written.is_filled { Ragged::Fill } else { Ragged::Skip },
        skip: written.skip,
        quote: written.quote,
        rows: written.rows.clone(),
        ..TableSyntax::default()
    };
    let form = Arc::new(form);
    let mut input = Input::open(file, &form)?;
    let names = input.header()?.map_err(|bad| io::Error::other(format!("{}: {}", bad.place, bad.message)))?;
    let columns = if form.columns.is_empty() || layout == Layout::Json { names } else { form.columns.clone() };
    let kind = match &input {
        Input::Csv(_) => Kind::Csv,
        Input::Json(_) => Kind::Json,
        #[cfg(feature = "parquet")]
        Input::Parquet(_) => Kind::Parquet,
    };
    let mut sample = Sample { kind, columns, rows: Vec::new(), bad: 0, first_bad: None, fault: None };
    let used = vec![true; sample.columns.len()];
    while let Some(part) = input.next(&used) {
        let page = part?.into_page(sample.columns.len(), &form);
        for problem in &page.problems {
            let place = input.place(&sample.columns, problem.place, problem.column);
            sample.fault.get_or_insert_with(|| format!("{place}: {}", problem.message));
        }
        for (_, count, place) in page.tally.counts().filter(|(what, ..)| *what == Tolerance::Ragged) {
            sample.bad += count as usize;
            sample.first_bad.get_or_insert(place);
        }
        let cells = |row: super::input::Row<'_>| (0..used.len()).map(|i| row.get(i).to_string()).collect();
        sample.rows.extend(page.rows().take(most - sample.rows.len()).map(cells));
        if sample.rows.len() >= most {
            break;
        }
    }
    Ok(sample)
}
