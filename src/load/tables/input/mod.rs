//! The file of a table as pages of text cells, whatever its format.

mod chunks;
mod form;
mod json;
mod lines;
#[cfg(feature = "parquet")]
mod parquet;
mod problem;
mod record_batch;
mod records;
#[cfg(test)]
mod tests;
mod unpack;

use super::File;
use chunks::{Chunk, Chunks};
pub(super) use form::{Form, Layout, Tally, Tolerance};
use json::Json;
#[cfg(feature = "parquet")]
use parquet::Parquet;
#[cfg(feature = "parquet")]
pub use parquet::catches_panics;
pub(super) use problem::{Group, Problem, Problems, Unknown};
pub(super) use record_batch::{Cell, RecordBatch, Row};
use std::io::{self, SeekFrom};
use std::sync::Arc;

/// What parts the words of a list in a cell.
pub const LIST: &str = "\u{1f}";

/// The rest of a table's file.
pub(super) enum Input {
    Csv(Chunks),
    Json(Json),
    #[cfg(feature = "parquet")]
    Parquet(Box<Parquet>),
}

/// Some rows, perhaps still to be taken apart.
pub(super) enum RawChunk {
    Text(Chunk),
    RecordBatch(RecordBatch),
}

impl Input {
    /// Begins a file: JSON where the form says so, else Parquet, or CSV as it is or packed by gzip or zstd, as its first
    /// bytes tell.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn open(mut file: Box<dyn File>, form: &Arc<Form>) -> io::Result<Input> {
        let first = chunks::first_bytes(&mut file)?;
        if first == *b"PAR1" {
            return Input::parquet(file);
        }
        file.seek(SeekFrom::Start(0))?;
        if form.layout == Layout::Json {
            return Ok(Input::Json(Json::open(file, &first, form)?));
        }
        Ok(Input::Csv(Chunks::open(file, &first, form)?))
    }

    #[cfg(feature = "parquet")]
    fn parquet(file: Box<dyn File>) -> io::Result<Input> {
        Ok(Input::Parquet(Box::new(Parquet::open(file)?)))
    }

    #[cfg(not(feature = "parquet"))]
    fn parquet(_: Box<dyn File>) -> io::Result<Input> {
        let words = "it is Parquet, which this build does not read (feature `parquet`)";
        Err(io::Error::new(io::ErrorKind::Unsupported, words))
    }

    /// The names of the columns. Takes the first row of a CSV file off.
    ///
    /// # Errors
    /// It cannot be read; or, inside, what is wrong with it.
    pub fn header(&mut self) -> io::Result<Result<Vec<String>, Problem>> {
        match self {
            Input::Csv(chunks) => chunks.header(),
            Input::Json(json) => Ok(Ok(json.header())),
            #[cfg(feature = "parquet")]
            Input::Parquet(parquet) => Ok(Ok(parquet.header())),
        }
    }

    /// The next rows; `None` at the end of the file. Cells of columns that are not `used` may be empty.
    pub fn next(&mut self, used: &[bool]) -> Option<io::Result<RawChunk>> {
        // Only Parquet can leave out columns.
        #[cfg(not(feature = "parquet"))]
        let _ = used;
        match self {
            Input::Csv(chunks) => Some(chunks.next()?.map(RawChunk::Text)),
            Input::Json(json) => Some(Ok(RawChunk::RecordBatch(json.next()?))),
            #[cfg(feature = "parquet")]
            Input::Parquet(parquet) => Some(parquet.next(used)?.map(RawChunk::RecordBatch)),
        }
    }

    /// Whether cells hold lists, parted by [`LIST`].
    pub fn has_lists(&self) -> bool {
        matches!(self, Input::Json(_))
    }

    /// How many comments have been read over so far, beside those that pages count.
    pub fn comments(&self) -> u64 {
        match self {
            Input::Csv(chunks) => chunks.comments(),
            Input::Json(_) => 0,
            #[cfg(feature = "parquet")]
            Input::Parquet(_) => 0,
        }
    }

    /// Where a cell lies, for a person: line and number of the column, or row and name.
    pub fn place(&self, header: &[String], place: u64, column: usize) -> String {
        match self {
            Input::Csv(_) => format!("{place}:{}", column + 1),
            Input::Json(_) => row_place(header, place, column),
            #[cfg(feature = "parquet")]
            Input::Parquet(_) => row_place(header, place, column),
        }
    }

    /// What [`Row::place`] counts.
    pub fn unit(&self) -> &'static str {
        match self {
            Input::Csv(_) => "line",
            Input::Json(_) => "row",
            #[cfg(feature = "parquet")]
            Input::Parquet(_) => "row",
        }
    }
}

/// Whether this thread is inside of a reader whose panics are caught: no reader panics in this build.
#[cfg(not(feature = "parquet"))]
pub fn catches_panics() -> bool {
    false
}

/// A place by row and name of the column.
fn row_place(header: &[String], place: u64, column: usize) -> String {
    let column = header.get(column).map_or("", String::as_str);
    format!("row {place}, column `{column}`")
}

impl RawChunk {
    /// The rows, each with as many cells as there are columns; others are problems.
    pub fn into_page(self, width: usize, form: &Form) -> RecordBatch {
        match self {
            RawChunk::Text(chunk) => {
                let mut page = RecordBatch::of_csv(chunk.bytes, chunk.lines, width, form);
                page.problems.extend(chunk.problem);
                page
            }
            RawChunk::RecordBatch(page) => page,
        }
    }
}
