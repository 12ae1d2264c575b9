//! The rows of CSV text as the `csv` crate reads them, with their true places, and what that crate forgives.

use super::form::Form;
use memchr::{memchr, memchr_iter, memchr3};
use std::io::{Chain, Read};

/// Rows one after the other. What ends a line is `\n`, `\r\n` or `\r`; a line without anything is no row.
pub(super) struct Records<'b> {
    bytes: &'b [u8],
    delimiter: u8,
    quote: bool,
    reader: csv::Reader<Chain<&'static [u8], &'b [u8]>>,
    /// The cells of the row at hand.
    pub row: csv::ByteRecord,
    /// Where the row at hand begins and ends.
    begin: usize,
    end: usize,
    /// How many lines come before it.
    pub lines: u64,
}

/// What is wrong with the quotes of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// How many lines of the row come before the cell.
    pub lines: u64,
    /// From 0.
    pub column: usize,
    pub message: String,
}

impl<'b> Records<'b> {
    pub fn of(bytes: &'b [u8], form: &Form) -> Records<'b> {
        // The reader leaves out the mark of UTF-8 at the start of its text, where here it may be the start of a cell.
        // An empty line before it makes no row.
        let text = (&b"\n"[..]).chain(bytes);
        let mut builder = csv::ReaderBuilder::new();
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

    /// Goes on to the next row; false at the end.
    pub fn advance(&mut self) -> bool {
        // Reading from memory never fails, and rows of any length are taken.
        if !matches!(self.reader.read_byte_record(&mut self.row), Ok(true)) {
            return false;
        }
        let rest = self.bytes.get(self.end..).unwrap_or(&[]);
        // Of two bytes that end a line, the reader leaves the second for the next row.
        let begin = self.end + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.lines += count_lines(self.bytes.get(self.begin..begin).unwrap_or(&[]));
        self.begin = begin;
        self.end = (self.reader.position().byte() as usize).saturating_sub(1);
        true
    }

    /// Where the row at hand begins.
    pub fn begin(&self) -> usize {
        self.begin
    }

    /// Where the row at hand ends, with what ends its line.
    pub fn end(&self) -> usize {
        let split = self.bytes.get(self.end.saturating_sub(1)..=self.end) == Some(b"\r\n");
        self.end + usize::from(split)
    }

    /// What is wrong with the quotes of the row at hand.
    pub fn fault(&self) -> Option<Fault> {
        if !self.quote {
            return None;
        }
        fault(self.bytes.get(self.begin..self.end).unwrap_or(&[]), self.delimiter)
    }
}

/// How many lines end in some bytes, which do not part a `\r\n`.
pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    let alone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    let returns = memchr_iter(b'\r', bytes).filter(alone).count();
    (memchr_iter(b'\n', bytes).count() + returns) as u64
}

/// A quote of a row that never closes, or text behind one that does.
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

/// Where the cell closes whose text begins there; two quotes stand for one.
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
