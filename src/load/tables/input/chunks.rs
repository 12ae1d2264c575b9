//! A CSV file in chunks of whole rows, unpacked.

use super::Problem;
use super::form::Form;
use super::lines::Lines;
use super::records::{Records, count_lines};
use super::unpack::unpacked;
use crate::limits::is_over_now;
use crate::load::File;
use memchr::{memchr, memrchr};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Enough that a chunk costs more to read than to hand over.
const CHUNK: usize = 1 << 20;

/// No table of facts has longer ones; a quote that never closes, or a packed file of one row, must not fill the memory.
const LONGEST_ROW: usize = 4 << 20;

/// Some rows.
pub(in crate::load::tables) struct Chunk {
    pub bytes: Vec<u8>,
    /// How many lines come before.
    pub lines: u64,
    /// Why there are no rows, nor more chunks.
    pub problem: Option<Problem>,
}

/// The rest of a file.
pub(in crate::load::tables) struct Chunks {
    reader: Box<dyn Read>,
    form: Arc<Form>,
    /// How many comments have been read over.
    comments: Arc<AtomicU64>,
    /// What was read and not given out.
    rest: Vec<u8>,
    lines: u64,
    ended: bool,
    /// How many bytes a chunk has, if its rows allow it.
    size: usize,
}

impl Chunks {
    /// Begins a file, as it is or packed by gzip or zstd, as its first bytes tell.
    ///
    /// # Errors
    /// It cannot be read, or not be unpacked.
    pub fn open(file: Box<dyn File>, first: &[u8], form: &Arc<Form>) -> io::Result<Chunks> {
        Chunks::with_size(file, first, form, CHUNK)
    }

    pub(super) fn with_size(file: Box<dyn File>, first: &[u8], form: &Arc<Form>, size: usize) -> io::Result<Chunks> {
        let (mut reader, comments) = (unpacked(file, first)?, Arc::<AtomicU64>::default());
        if form.skip > 0 || !form.comment.is_empty() {
            reader = Box::new(Lines::of(reader, form, comments.clone()));
        }
        let form = form.clone();
        let mut chunks = Chunks { reader, form, comments, rest: Vec::new(), lines: 0, ended: false, size };
        chunks.fill(size.max(4))?;
        if chunks.rest.starts_with(b"\xef\xbb\xbf") {
            chunks.rest.drain(..3);
        }
        Ok(chunks)
    }

    /// How many comments have been read over so far; not those in quotes.
    pub fn comments(&self) -> u64 {
        self.comments.load(Ordering::Relaxed)
    }

    /// The names of the columns: the first row, which is taken off, unless the form says that there is none; empty at the
    /// end of the file.
    ///
    /// # Errors
    /// What is wrong with it: it is not UTF-8 text, say.
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
            // A row that ends with the bytes at hand may go on after them.
            if (!is_there || end >= self.rest.len()) && !self.ended {
                if size >= LONGEST_ROW {
                    return Ok(Err(Problem::new(line, 0, "the header is longer than 4 MB")));
                }
                size *= 2;
                continue;
            }
            if let Some(fault) = fault {
                return Ok(Err(Problem::new(line + fault.lines, fault.column, fault.message)));
            }
            let names = records.row.iter().enumerate();
            if !self.form.header {
                return Ok(Ok(names.map(|(i, _)| (i + 1).to_string()).collect()));
            }
            let names = names.map(|(i, name)| String::from_utf8(name.to_vec()).map_err(|_| not_text(line, i)));
            let names = names.collect();
            self.take(end);
            return Ok(names);
        }
    }

    /// The next rows; `None` at the end of the file.
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
                // A row that is longer than a chunk.
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

/// What to say of a row that is too long: mostly it has a quote that never closes.
fn too_long(bytes: &[u8], lines: u64, form: &Form) -> Problem {
    let mut records = Records::of(bytes, form);
    records.advance();
    let line = lines + records.lines + 1;
    match records.fault() {
        Some(fault) => Problem::new(line + fault.lines, fault.column, format!("{} within 4 MB", fault.message)),
        None => Problem::new(line, 0, "a row is longer than 4 MB"),
    }
}

/// A cell that is no text.
pub(super) fn not_text(line: u64, column: usize) -> Problem {
    Problem::new(line, column, format!("field {} is not UTF-8 text", column + 1))
}

/// A reader that ends with the budget of the thread: a small file may unpack to any length.
pub(super) struct InBudget<'r>(pub &'r mut Box<dyn Read>);

impl Read for InBudget<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_over_now() { Err(io::Error::other("a limit was reached")) } else { self.0.read(buffer) }
    }
}

/// Where the last row ends that ends in these bytes; 0 where none does.
fn last_end(bytes: &[u8], form: &Form) -> usize {
    if form.quote && memchr(b'"', bytes).is_some() {
        return last_quoted_end(bytes, form);
    }
    // A `\r` at the end may be the first half of what ends a line.
    let before = &bytes[..bytes.len().saturating_sub(1)];
    memrchr(b'\n', bytes).or_else(|| memrchr(b'\r', before)).map_or(0, |at| at + 1)
}

/// The same where line ends may stand in quotes: only who reads all rows knows which do.
fn last_quoted_end(bytes: &[u8], form: &Form) -> usize {
    let mut records = Records::of(bytes, form);
    while records.advance() {}
    // The last row may go on after these bytes.
    records.begin()
}

/// The first bytes of a file: four, if it has as many.
pub(super) fn first_bytes(file: &mut Box<dyn File>) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    file.take(4).read_to_end(&mut first)?;
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chunks of a text, each with the lines before it.
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
