//! The cells of a table outside of any graph, for who wants to know what a file holds.

use super::dialect::layout;
use super::input::{Form, Input, Layout};
use crate::load::File;
use crate::load::file::Ragged;
use std::io;
use std::sync::Arc;

pub use super::input::LIST;

/// How the text of a file is taken to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub delimiter: u8,
    pub header: bool,
    /// How comments begin.
    pub comment: Vec<String>,
    /// Whether rows of another length are filled up, or their last cells made one.
    pub is_filled: bool,
    /// Names of the columns, where the file has none.
    pub columns: Vec<String>,
}

impl Default for Written {
    /// CSV with a header.
    fn default() -> Written {
        Written { delimiter: b',', header: true, comment: Vec::new(), is_filled: false, columns: Vec::new() }
    }
}

/// What a file is beside its cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Csv,
    Json,
    Parquet,
}

/// Rows of a table, each with as many cells as there are columns.
#[derive(Debug)]
pub struct Sample {
    pub kind: Kind,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// How many rows cannot be read; the first of them, with its place, and why.
    pub bad: usize,
    pub first_bad: Option<String>,
}

/// Returns the first rows of a table, at most so many; `name` tells JSON.
///
/// # Errors
/// It cannot be read, or its header not.
pub fn sample(file: Box<dyn File>, name: &str, written: &Written, most: usize) -> io::Result<Sample> {
    let (layout, is_lines) = layout(name);
    let form = Form {
        layout,
        is_lines,
        delimiter: written.delimiter,
        header: written.header,
        columns: written.columns.clone(),
        comment: written.comment.clone(),
        ragged: if written.is_filled { Ragged::Fill } else { Ragged::Error },
        ..Form::default()
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
    let mut sample = Sample { kind, columns, rows: Vec::new(), bad: 0, first_bad: None };
    let used = vec![true; sample.columns.len()];
    while let Some(part) = input.next(&used) {
        let page = part?.into_page(sample.columns.len(), &form);
        for problem in &page.problems {
            sample.bad += 1;
            let place = input.place(&sample.columns, problem.place, problem.column);
            sample.first_bad.get_or_insert_with(|| format!("{place}: {}", problem.message));
        }
        let cells = |row: super::input::Row<'_>| (0..used.len()).map(|i| row.get(i).to_string()).collect();
        sample.rows.extend(page.rows().take(most - sample.rows.len()).map(cells));
        if sample.rows.len() >= most {
            break;
        }
    }
    Ok(sample)
}
