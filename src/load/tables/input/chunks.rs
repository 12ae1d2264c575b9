//! A CSV file in chunks of whole rows, unpacked.

use crate::limits::is_over_now;
use crate::load::File;
use std::io::{self, Read};

/// Enough that a chunk costs more to read than to hand over.
const CHUNK: usize = 1 << 20;

/// What is longer is no row: a quote that is never closed, or no table at all.
const LONGEST_ROW: usize = 1 << 26;

/// Some rows.
pub(in crate::load::tables) struct Chunk {
    pub bytes: Vec<u8>,
    /// How many lines come before.
    pub lines: u64,
}

/// The rest of a file.
pub(in crate::load::tables) struct Chunks {
    reader: Box<dyn Read>,
    /// What was read and not given out.
    rest: Vec<u8>,
    lines: u64,
    ended: bool,
}

impl Chunks {
    /// Begins a file, as it is or packed by gzip or zstd, as its first bytes tell.
    ///
    /// # Errors
    /// It cannot be read, or not be unpacked.
    pub fn open(file: Box<dyn File>, first: &[u8]) -> io::Result<Chunks> {
        let mut chunks = Chunks { reader: unpacked(file, first)?, rest: Vec::new(), lines: 0, ended: false };
        chunks.fill(CHUNK)?;
        if chunks.rest.starts_with(b"\xef\xbb\xbf") {
            chunks.rest.drain(..3);
        }
        Ok(chunks)
    }

    /// Takes the first row off; empty at the end of the file.
    ///
    /// # Errors
    /// It is not UTF-8 text; its line, and the reason.
    pub fn header(&mut self) -> Result<Vec<String>, (u64, String)> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&self.rest[..]);
        let mut header = csv::StringRecord::new();
        let read = reader.read_record(&mut header);
        read.map_err(|reason| (reason.position().map_or(1, csv::Position::line), csv_reason(&reason)))?;
        let end = reader.position().byte() as usize;
        // Of two bytes that end a line, the reader leaves the second for the next row.
        let split = self.rest.get(end.saturating_sub(1)..=end) == Some(b"\r\n");
        self.take(end + usize::from(split));
        Ok(header.iter().map(str::to_string).collect())
    }

    /// The next rows; `None` at the end of the file.
    pub fn next(&mut self) -> Option<io::Result<Chunk>> {
        let mut size = CHUNK;
        loop {
            if let Err(error) = self.fill(size) {
                self.ended = true;
                self.rest.clear();
                return Some(Err(error));
            }
            let end = if self.ended { self.rest.len() } else { last_end(&self.rest) };
            match end {
                0 if self.ended => return None,
                0 if size >= LONGEST_ROW => {
                    self.ended = true;
                    self.rest.clear();
                    return Some(Err(io::Error::other("a row is longer than 64 MB")));
                }
                // A row that is longer than a chunk.
                0 => size *= 2,
                end => {
                    let lines = self.lines;
                    return Some(Ok(Chunk { bytes: self.take(end), lines }));
                }
            }
        }
    }

    fn take(&mut self, end: usize) -> Vec<u8> {
        let after = self.rest.split_off(end);
        let taken = std::mem::replace(&mut self.rest, after);
        self.lines += taken.iter().filter(|byte| **byte == b'\n').count() as u64;
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

/// A reader that ends with the budget of the thread: a small file may unpack to any length.
struct InBudget<'r>(&'r mut Box<dyn Read>);

impl Read for InBudget<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if is_over_now() { Err(io::Error::other("a limit was reached")) } else { self.0.read(buffer) }
    }
}

/// Where the last row ends that ends in these bytes; 0 where none does.
fn last_end(bytes: &[u8]) -> usize {
    if bytes.contains(&b'"') {
        return last_quoted_end(bytes);
    }
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// The same where line ends may stand in quotes: only who reads all rows knows which do.
fn last_quoted_end(bytes: &[u8]) -> usize {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let (mut row, mut start) = (csv::ByteRecord::new(), 0);
    while let Ok(true) = reader.read_byte_record(&mut row) {
        start = row.position().map_or(0, csv::Position::byte);
    }
    // The last row may go on after these bytes.
    start as usize
}

/// The first bytes of a file: four, if it has as many.
pub(super) fn first_bytes(file: &mut Box<dyn File>) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    file.take(4).read_to_end(&mut first)?;
    Ok(first)
}

fn unpacked(file: Box<dyn File>, first: &[u8]) -> io::Result<Box<dyn Read>> {
    if first.starts_with(b"\x1f\x8b") {
        return Ok(Box::new(flate2::read::MultiGzDecoder::new(file)));
    }
    if first == b"\x28\xb5\x2f\xfd" {
        return match ruzstd::decoding::StreamingDecoder::new(file) {
            Ok(decoder) => Ok(Box::new(decoder)),
            Err(error) => Err(io::Error::other(error.to_string())),
        };
    }
    Ok(Box::new(file))
}

/// What is wrong with a row.
pub(super) fn csv_reason(reason: &csv::Error) -> String {
    match reason.kind() {
        csv::ErrorKind::Utf8 { err, .. } => format!("field {} is not UTF-8 text", err.field() + 1),
        csv::ErrorKind::Io(reason) => crate::load::reason(reason),
        _ => reason.to_string().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chunks of a text, each with the lines before it.
    fn chunks(text: &str) -> Vec<(usize, u64)> {
        let mut chunks = Chunks::open(Box::new(io::Cursor::new(text.to_string())), b"").unwrap();
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
