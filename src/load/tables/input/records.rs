//! Reads CSV rows with the `csv` crate, and adds their exact places and the errors that the crate forgives.

use super::form::TableSyntax;
use memchr::{memchr, memchr_iter, memchr3};
use std::io::{Chain, Read};

/// Iterates over rows. Lines end with `\n`, `\r\n` or `\r`; an empty line is not a row.
pub(super) struct Records<'b> {
    bytes: &'b [u8],
    delimiter: u8,
    quote: bool,
    reader: csv::Reader<Chain<&'static [u8], &'b [u8]>>,
    /// The cells of the current row.
    pub row: csv::ByteRecord,
    /// The byte range of the current row.
    begin: usize,
    end: usize,
    /// The number of lines before the current row.
    pub lines: u64,
}

/// A quoting error of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The number of lines of the row before the cell.
    pub lines: u64,
    /// The column, from 0.
    pub column: usize,
    pub message: String,
}

impl<'b> Records<'b> {
    pub fn of(bytes: &'b [u8], form: &TableSyntax) -> Records<'b> {
        // The crate skips a byte order mark at the start of its input, which here may be the start of a cell. A
        // preceding empty line prevents that and is not a row.
        let text = (&b"\n"[..]).chain(bytes);
        let mut builder = csv::ReaderBuilder::new();
        // Accepts rows of any length: `RecordBatch` reports or tolerates them.
        let builder = builder.has_headers(false).flexible(true).buffer_capacity(bytes.len().clamp(16, 1 << 13));
        let reader = builder.delimiter(form.delimiter).quoting(form.quote).from_reader(text);
        Records {
            bytes,
            delimiter: form.delimiter,
            quote: form.quote,
            reader,
            row: csv::ByteRecord::new(),
            begin: 0,
            end: 0,
            lines: 0,
        }
    }

    /// Advances to the next row; returns false at the end.
    pub fn advance(&mut self) -> bool {
        // Reading from memory cannot fail, and rows of any length are accepted.
        if !matches!(self.reader.read_byte_record(&mut self.row), Ok(true)) {
            return false;
        }
        let rest = self.bytes.get(self.end..).unwrap_or(&[]);
        // The crate leaves the `\n` of a `\r\n` for the next row.
        let begin = self.end + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.lines += count_lines(self.bytes.get(self.begin..begin).unwrap_or(&[]));
        self.begin = begin;
        self.end = (self.reader.position().byte() as usize).saturating_sub(1);
        true
    }

    /// Returns the offset at which the current row begins.
    pub fn begin(&self) -> usize {
        self.begin
    }

    /// Returns the offset at which the current row ends, including its line end.
    pub fn end(&self) -> usize {
        let split = self.bytes.get(self.end.saturating_sub(1)..=self.end) == Some(b"\r\n");
        self.end + usize::from(split)
    }

    /// Returns the quoting error of the current row.
    pub fn fault(&self) -> Option<Fault> {
        if !self.quote {
            return None;
        }
        fault(self.bytes.get(self.begin..self.end).unwrap_or(&[]), self.delimiter)
    }
}

/// Returns the number of line ends in some bytes, which must not split a `\r\n`.
pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    let alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    let returns = memchr_iter(b'\r', bytes).filter(alone).count();
    (memchr_iter(b'\n', bytes).count() + returns) as u64
}

/// Finds a quote that never closes, or text behind a closing quote.
fn fault(row: &[u8], delimiter: u8) -> Option<Fault> {
    memchr(b'"', row)?;
    let (mut at, mut column) = (0, 0);
    loop {
        let opened = at;
        if row.get(at) == Some(&b'"') {
            let Some(closed) = closing(row, at + 1) else {
                let message = "a quote is opened here and never closed".to_string();
                return Some(Fault { lines: count_lines(&row[..opened]), column, message });
            };
            at = closed + 1;
            if row.get(at).is_some_and(|byte| ![delimiter, b'\r', b'\n'].contains(byte)) {
                return Some(text_behind(row, (opened, closed), column));
            }
        } else {
            at += memchr3(delimiter, b'\r', b'\n', &row[at..])?;
        }
        if row.get(at) != Some(&delimiter) {
            return None;
        }
        (at, column) = (at + 1, column + 1);
    }
}

/// Returns the offset of the quote that closes a cell; a doubled quote is an escaped one.
fn closing(row: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let quote = at + memchr(b'"', row.get(at..)?)?;
        if row.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

fn text_behind(row: &[u8], (opened, closed): (usize, usize), column: usize) -> Fault {
    let further = count_lines(&row[opened..closed]);
    let message = match further {
        0 => "text stands behind the quote that closes this cell".to_string(),
        1 => "a quote is opened here that closes a line further down, before more text".to_string(),
        _ => format!("a quote is opened here that closes {further} lines further down, before more text"),
    };
    Fault { lines: count_lines(&row[..opened]), column, message }
}
