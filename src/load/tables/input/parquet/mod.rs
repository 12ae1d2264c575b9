//! Reads a Parquet file as batches of text cells.
//!
//! Reads row group by row group, and only the columns that are used; their compressed bytes stay in memory while the
//! row group is read. A number, date or boolean becomes the text that CSV would have.

mod column;
mod pages;

use super::{Problem, RecordBatch};
use crate::load::File;
use column::Column;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};
use std::cell::Cell;
use std::io::{self, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Maximum number of rows in a batch. By reasoning, no benchmark varies it: rows of some 64 bytes then make a
/// megabyte, as in a chunk of CSV.
const ROWS: usize = 1 << 14;

/// The unread rest of a file.
pub(in crate::load::tables) struct Parquet {
    file: Box<dyn File>,
    length: u64,
    metadata: ParquetMetaData,
    /// The index of the next row group.
    next_group: usize,
    /// The columns of the current row group; `None` for one that is not used.
    columns: Vec<Option<Column>>,
    /// Number of rows left in the current row group.
    left: usize,
    /// Number of rows returned so far.
    before: u64,
}

impl Parquet {
    /// Reads the metadata of a file.
    ///
    /// # Errors
    /// The file cannot be read or is damaged.
    pub fn open(mut file: Box<dyn File>) -> io::Result<Parquet> {
        let length = file.seek(SeekFrom::End(0))?;
        // The footer: the length of the metadata (4 bytes), then the magic.
        let footer = read_at(&mut file, length, length.saturating_sub(8), 8)?;
        let [a, b, c, d, ref magic @ ..] = footer[..] else { return Err(damaged("it ends too early")) };
        if *magic != b"PAR1"[..] {
            return Err(damaged("it ends too early"));
        }
        let size = u64::from(u32::from_le_bytes([a, b, c, d]));
        let start = length.saturating_sub(8 + size);
        let bytes = read_at(&mut file, length, start, size)?;
        let metadata = guarded(|| ParquetMetaDataReader::decode_metadata(&bytes).map_err(reason))?;
        Ok(Parquet { file, length, metadata, next_group: 0, columns: Vec::new(), left: 0, before: 0 })
    }

    /// Returns the names of the columns; a nested one is `outer.inner`, as is one in a list of structures.
    pub fn header(&self) -> Vec<String> {
        self.columns_of_file().iter().map(|column| name(column)).collect()
    }

    /// Returns whether a column holds lists.
    pub fn has_lists(&self) -> bool {
        self.columns_of_file().iter().any(|column| column.max_rep_level() > 0)
    }

    fn columns_of_file(&self) -> &[ColumnDescPtr] {
        self.metadata.file_metadata().schema_descr().columns()
    }

    /// Returns the next rows; `None` at the end of the file.
    pub fn next(&mut self, used: &[bool]) -> Option<io::Result<RecordBatch>> {
        while self.left == 0 {
            if self.next_group == self.metadata.num_row_groups() {
                return None;
            }
            if let Err(error) = guarded(|| self.begin_group(used)) {
                // After an error the file has no more rows.
                self.next_group = self.metadata.num_row_groups();
                return Some(Err(error));
            }
        }
        let page = guarded(|| self.page());
        if page.is_err() {
            (self.left, self.next_group) = (0, self.metadata.num_row_groups());
        }
        Some(page)
    }

    fn begin_group(&mut self, used: &[bool]) -> io::Result<()> {
        let group = self.metadata.row_group(self.next_group).clone();
        let open = |(chunk, used): (&ColumnChunkMetaData, &bool)| {
            used.then(|| self.open_column(chunk, group.num_rows())).transpose()
        };
        self.columns = group.columns().iter().zip(used).map(open).collect::<Result<_, _>>()?;
        self.left = usize::try_from(group.num_rows()).map_err(|_| damaged("a row group has fewer than no rows"))?;
        self.next_group += 1;
        Ok(())
    }

    fn open_column(&mut self, chunk: &ColumnChunkMetaData, rows: i64) -> io::Result<Column> {
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        let range = u64::try_from(start).ok().zip(u64::try_from(chunk.compressed_size()).ok());
        let (start, size) = range.ok_or_else(|| damaged("a column lies before the file"))?;
        let bytes = read_at(&mut self.file, self.length, start, size)?;
        Column::open(chunk, bytes, rows)
    }

    fn page(&mut self) -> io::Result<RecordBatch> {
        let rows = self.left.min(ROWS);
        let mut page = RecordBatch::blank(rows, self.columns.len(), self.before);
        for (number, column) in self.columns.iter_mut().enumerate() {
            if let Some(column) = column {
                column.fill(&mut page, number, rows)?;
            }
        }
        self.left -= rows;
        self.before += rows as u64;
        Ok(page)
    }
}

/// Returns the name of a column. The levels that only make up a list or a map are left out: those of `tags.list.element`
/// are `tags`.
fn name(column: &ColumnDescriptor) -> String {
    let parts = column.path().parts();
    let wrapped = [["list", "element"], ["list", "item"], ["bag", "array_element"], ["list", "array"]];
    let (mut kept, mut at): (Vec<&str>, usize) = (Vec::new(), 0);
    while at < parts.len() {
        let is_wrapper = |words: &[&str; 2]| at > 0 && parts.get(at..at + 2).is_some_and(|own| own == words);
        match column.max_rep_level() > 0 && wrapped.iter().any(is_wrapper) {
            true => at += 2,
            false => {
                kept.push(&parts[at]);
                at += 1;
            }
        }
    }
    kept.join(".")
}

/// Reads bytes of a file that is `length` bytes long. Checks the range first, so that a forged size allocates nothing.
fn read_at(file: &mut Box<dyn File>, length: u64, start: u64, size: u64) -> io::Result<Vec<u8>> {
    if start.checked_add(size).is_none_or(|end| end > length) {
        return Err(damaged("it ends too early"));
    }
    let mut bytes = vec![0; size as usize];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread reads a Parquet file. A panic then means a damaged file, not a bug, and is caught.
pub fn catches_panics() -> bool {
    GUARDED.get()
}

/// Calls code that reads untrusted bytes, and converts panics to errors: the Parquet library panics on some input.
fn guarded<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    GUARDED.set(true);
    let result = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(false);
    result.unwrap_or_else(|_| Err(damaged("it is damaged")))
}

fn damaged(reason: &str) -> io::Error {
    io::Error::other(reason)
}

/// Converts an error of the Parquet library to plain words.
fn reason(error: ParquetError) -> io::Error {
    match error {
        ParquetError::EOF(_) => damaged("it ends too early"),
        ParquetError::NYI(_) => damaged("it uses a part of the format that is not read here"),
        _ => damaged("it is damaged"),
    }
}
