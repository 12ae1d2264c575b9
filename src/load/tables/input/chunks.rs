//! Reads a CSV file, decompressed, in chunks of whole rows.

use super::Problem;
use super::form::TableSyntax;
use super::lines::Lines;
use super::records::{Records, count_lines};
use super::unpack::unpacked;
use crate::limits::is_over_now;
use crate::load::File;
use memchr::{memchr, memrchr};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Chunk size in bytes: large enough that parsing costs more than passing a chunk to another thread.
const CHUNK: usize = 1 << 20;

/// Maximum length of a row in bytes. Bounds memory for a quote that never closes, or a compressed file of one row.
const LONGEST_ROW: usize = 4 << 20;

/// Some whole rows.
pub(in crate::load::tables) struct Chunk {
    pub bytes: Vec<u8>,
    /// The number of lines before the chunk.
    pub lines: u64,
    /// Why there are no rows in this chunk, which is then the last.
    pub problem: Option<Problem>,
}

/// The unread rest of a file.
pub(in crate::load::tables) struct Chunks {
    reader: Box<dyn Read>,
    form: Arc<TableSyntax>,
    /// The number of comments skipped so far.
    comments: Arc<AtomicU64>,
    /// Bytes that were read and not returned yet.
    rest: Vec<u8>,
    lines: u64,
    ended: bool,
    /// The target size of a chunk in bytes.
    size: usize,
}

impl Chunks {
    /// Opens a file that is plain or compressed with gzip or zstd, as its first bytes show.
    ///
    /// # Errors
    /// The file cannot be read or decompressed.
    pub fn open(file: Box<dyn File>, first: &[u8], form: &Arc<TableSyntax>) -> io::Result<Chunks> {
        Chunks::with_size(file, first, form, CHUNK)
    }

    pub(super) fn with_size(
        file: Box<dyn File>,
        first: &[u8],
        form: &Arc<TableSyntax>,
        size: usize,
    ) -> io::Result<Chunks> {
        let (mut reader, comments) = (unpacked(file, first)?, Arc::<AtomicU64>::default());
        if form.skip > 0 || !form.comment.is_empty() {
            reader = Box::new(Lines::of(reader, form, comments.clone()));
        }
        let form = form.clone();
        let mut chunks = Chunks { reader, form, comments, rest: Vec::new(), lines: 0, ended: false, size };
        // At least four bytes, so that the byte order mark is complete.
        chunks.fill(size.max(4))?;
        if chunks.rest.starts_with(b"\xef\xbb\xbf") {
            chunks.rest.drain(..3);
        }
        Ok(chunks)
    }

    /// Returns the number of comments skipped so far; those in quotes do not count.
    pub fn comments(&self) -> u64 {
        self.comments.load(Ordering::Relaxed)
    }

    /// Returns the names of the columns and consumes the header, unless the form has none. Empty at the end of the
    /// file.
    ///
    /// # Errors
    /// The header is wrong: it is not UTF-8, for example.
    pub fn header(&mut self) -> io::Result<Result<Vec<String>, Problem>> {
        let mut size = self.size;
        loop {
            self.fill(size)?;
            let mut records = Records::of(&self.rest, &self.form);
            let mut is_there = records.advance();
            while is_there && records.row.get(0).is_some_and(|first| self.form.is_comment(first)) {
                is_there = records.advance();
            }
            let (line, end) = (records.lines + 1, records.end());
            let fault = records.fault().filter(|_| is_there);
            // A row that ends with the buffer may continue after it.
            if (!is_there || end >= self.rest.len()) && !self.ended {
                if size >= LONGEST_ROW {
                    return Ok(Err(Problem::new(line, 0, "the header is longer than 4 MB")));
                }
                // Doubles, so that repeated parsing costs O(length) in all.
                size *= 2;
                continue;
            }
            if let Some(fault) = fault {
                return Ok(Err(Problem::new(line + fault.lines, fault.column, fault.message)));
            }
            let names = records.row.iter().enumerate();
            // The first row is data, so that nothing is consumed.
            if !self.form.header {
                return Ok(Ok(names.map(|(i, _)| (i + 1).to_string()).collect()));
            }
            let names = names.map(|(i, name)| String::from_utf8(name.to_vec()).map_err(|_| not_text(line, i)));
            let names = names.collect();
            self.take(end);
            return Ok(names);
        }
    }

    /// Returns the next rows; `None` at the end of the file.
    pub fn next(&mut self) -> Option<io::Result<Chunk>> {
        let mut size = self.size;
        loop {
            if let Err(error) = self.fill(size) {
                self.ended = true;
                self.rest.clear();
                return Some(Err(error));
            }
            let end = if self.ended { self.rest.len() } else { last_end(&self.rest, &self.form) };
            match end {
                0 if self.ended => return None,
                0 if size >= LONGEST_ROW => {
                    self.ended = true;
                    let (lines, bytes) = (self.lines, std::mem::take(&mut self.rest));
                    return Some(Ok(Chunk {
                        bytes: Vec::new(),
                        lines,
                        problem: Some(too_long(&bytes, lines, &self.form)),
                    }));
                }
                // A row longer than the chunk: reads more.
                0 => size = (size * 2).min(LONGEST_ROW),
                end => {
                    let lines = self.lines;
                    return Some(Ok(Chunk { bytes: self.take(end), lines, problem: None }));
                }
            }
        }
    }

    fn take(&mut self, end: usize) -> Vec<u8> {
        let after = self.rest.split_off(end);
        let taken = std::mem::replace(&mut self.rest, after);
        self.lines += count_lines(&taken);
        taken
    }

    fn fill(&mut self, size: usize) -> io::Result<()> {
        let missing = size.saturating_sub(self.rest.len()) as u64;
        if !self.ended && missing > 0 {
            let read = InBudget(&mut self.reader).take(missing).read_to_end(&mut self.rest)?;
            self.ended = (read as u64) < missing;
        }
        Ok(())
    }
}

/// Returns the problem of a row that is too long, usually because of a quote that never closes.
fn too_long(bytes: &[u8], lines: u64, form: &TableSyntax) -> Problem {
    let mut records = Records::of(bytes, form);
    records.advance();
    let line = lines + records.lines + 1;
    match records.fault() {
        Some(fault) => Problem::new(line + fault.lines, fault.column, format!("{} within 4 MB", fault.message)),
        None => Problem::new(line, 0, "a row is longer than 4 MB"),
    }
}

/// Returns the problem of a cell that is not UTF-8.
pub(super) fn not_text(line: u64, column: usize) -> Problem {
    Problem::new(line, column, format!("field {} is not UTF-8 text", column + 1))
}

/// A reader that fails when the budget of the thread is exhausted: a small file may decompress to any length.
pub(super) struct InBudget<'r>(pub &'r mut Box<dyn Read>);

impl Read for InBudget<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_over_now() { Err(io::Error::other("a limit was reached")) } else { self.0.read(buffer) }
    }
}

/// Returns the end of the last complete row in these bytes; 0 if there is none.
fn last_end(bytes: &[u8], form: &TableSyntax) -> usize {
    if form.quote && memchr(b'"', bytes).is_some() {
        return last_quoted_end(bytes, form);
    }
    // A `\r` at the end may be the first half of `\r\n`.
    let before = &bytes[..bytes.len().saturating_sub(1)];
    memrchr(b'\n', bytes).or_else(|| memrchr(b'\r', before)).map_or(0, |at| at + 1)
}

/// Returns the same if there are quotes, which may contain line ends: finding the row ends then requires a full scan.
fn last_quoted_end(bytes: &[u8], form: &TableSyntax) -> usize {
    let mut records = Records::of(bytes, form);
    while records.advance() {}
    // The last row may continue after these bytes.
    records.begin()
}

/// Returns the first four bytes of a file, or fewer if it is shorter.
pub(super) fn first_bytes(file: &mut Box<dyn File>) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    file.take(4).read_to_end(&mut first)?;
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the chunks of a text, each with the number of lines before it.
    fn chunks(text: &str) -> Vec<(usize, u64)> {
        let mut chunks = Chunks::open(Box::new(io::Cursor::new(text.to_string())), b"", &Arc::default()).unwrap();
        let mut all = Vec::new();
        while let Some(chunk) = chunks.next() {
            let chunk = chunk.unwrap();
            all.push((chunk.bytes.len(), chunk.lines));
        }
        all
    }

    #[test]
    fn chunks_end_with_a_row() {
        let row = "some words,more words\n";
        let text = row.repeat(2 * CHUNK / row.len() + 100);
        let found = chunks(&text);
        assert_eq!(found.iter().map(|chunk| chunk.0).sum::<usize>(), text.len());
        assert_eq!(found.len(), 3);
        for (bytes, _) in &found {
            assert_eq!(bytes % row.len(), 0);
        }
        assert_eq!(found[1].1, (found[0].0 / row.len()) as u64);
    }

    #[test]
    fn line_ends_in_quotes_end_no_row() {
        let row = "\"some\nwords\",a \"\n";
        let text = row.repeat(2 * CHUNK / row.len());
        for (bytes, lines) in chunks(&text) {
            assert_eq!((bytes % row.len(), lines % 2), (0, 0));
        }
    }

    #[test]
    fn a_row_may_be_longer_than_a_chunk() {
        let (long, short) = ("x".repeat(CHUNK + 1), "a\n".repeat(CHUNK));
        let found = chunks(&format!("{long}\n{short}"));
        assert_eq!(found[0], (2 * CHUNK, 0));
        assert_eq!(found.iter().map(|chunk| chunk.0).sum::<usize>(), long.len() + 1 + short.len());
        assert_eq!(chunks(""), []);
    }
}
