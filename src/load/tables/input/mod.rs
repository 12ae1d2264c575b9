//! Reads a table's file as batches of text cells, whatever its format.

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
pub(super) use form::{Layout, TableSyntax, Tally, Tolerance};
use json::Json;
#[cfg(feature = "parquet")]
use parquet::Parquet;
#[cfg(feature = "parquet")]
pub use parquet::catches_panics;
pub(super) use problem::{Group, Problem, Problems, Unknown};
pub(super) use record_batch::{Cell, RecordBatch, Row};
use std::io::{self, SeekFrom};
use std::sync::Arc;

/// Separates the items of a list in a cell.
pub const LIST: &str = "\u{1f}";

/// The unread rest of a table's file.
pub(super) enum Input {
    Csv(Chunks),
    Json(Json),
    #[cfg(feature = "parquet")]
    Parquet(Box<Parquet>),
}

/// Some rows; for CSV still unparsed, so that parsing can run on another thread.
pub(super) enum RawChunk {
    Text(Chunk),
    RecordBatch(RecordBatch),
}

impl Input {
    /// Opens a file: JSON if the form says so, otherwise Parquet or CSV, plain or compressed with gzip or zstd, as its
    /// first bytes show.
    ///
    /// # Errors
    /// The file cannot be read or is damaged.
    pub fn open(mut file: Box<dyn File>, form: &Arc<TableSyntax>) -> io::Result<Input> {
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

    /// Returns the names of the columns. Consumes the header of a CSV file.
    ///
    /// # Errors
    /// The file cannot be read; the inner error is a problem of the header.
    pub fn header(&mut self) -> io::Result<Result<Vec<String>, Problem>> {
        match self {
            Input::Csv(chunks) => chunks.header(),
            Input::Json(json) => Ok(Ok(json.header())),
            #[cfg(feature = "parquet")]
            Input::Parquet(parquet) => Ok(Ok(parquet.header())),
        }
    }

    /// Returns the next rows; `None` at the end of the file. Cells of columns that are not `used` may be empty.
    pub fn next(&mut self, used: &[bool]) -> Option<io::Result<RawChunk>> {
        // Only Parquet can skip columns.
        #[cfg(not(feature = "parquet"))]
        let _ = used;
        match self {
            Input::Csv(chunks) => Some(chunks.next()?.map(RawChunk::Text)),
            Input::Json(json) => Some(Ok(RawChunk::RecordBatch(json.next()?))),
            #[cfg(feature = "parquet")]
            Input::Parquet(parquet) => Some(parquet.next(used)?.map(RawChunk::RecordBatch)),
        }
    }

    /// Returns whether cells hold lists, separated by [`LIST`].
    pub fn has_lists(&self) -> bool {
        match self {
            Input::Csv(_) => false,
            Input::Json(_) => true,
            #[cfg(feature = "parquet")]
            Input::Parquet(parquet) => parquet.has_lists(),
        }
    }

    /// Returns the number of comments skipped so far, without those counted in batches.
    pub fn comments(&self) -> u64 {
        match self {
            Input::Csv(chunks) => chunks.comments(),
            Input::Json(_) => 0,
            #[cfg(feature = "parquet")]
            Input::Parquet(_) => 0,
        }
    }

    /// Returns the place of a cell for messages: line and column number, or row and column name.
    pub fn place(&self, header: &[String], place: u64, column: usize) -> String {
        match self {
            Input::Csv(_) => format!("{place}:{}", column + 1),
            Input::Json(_) => row_place(header, place, column),
            #[cfg(feature = "parquet")]
            Input::Parquet(_) => row_place(header, place, column),
        }
    }

    /// Returns the unit of [`Row::place`].
    pub fn unit(&self) -> &'static str {
        match self {
            Input::Csv(_) => "line",
            Input::Json(_) => "row",
            #[cfg(feature = "parquet")]
            Input::Parquet(_) => "row",
        }
    }
}

/// Returns whether this thread is in a reader whose panics are caught; always false in this build.
#[cfg(not(feature = "parquet"))]
pub fn catches_panics() -> bool {
    false
}

/// Returns a place as row and column name.
fn row_place(header: &[String], place: u64, column: usize) -> String {
    let column = header.get(column).map_or("", String::as_str);
    format!("row {place}, column `{column}`")
}

impl RawChunk {
    /// Parses the rows. Each has one cell for each column; other rows become problems.
    pub fn into_page(self, width: usize, form: &TableSyntax) -> RecordBatch {
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
