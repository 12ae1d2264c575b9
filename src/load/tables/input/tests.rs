//! Compares batches of chunks with the `csv` crate's own reader and with a byte-wise reference reader, over random
//! texts.

use super::chunks::Chunks;
use super::{RawChunk, RecordBatch};
use std::io::Cursor;
use std::sync::Arc;

/// The pieces of random texts; earlier ones are drawn more often.
const PIECES: &[&[u8]] = &[
    b",",
    b"\n",
    b"\r\n",
    b"\"",
    b"a",
    b"bc",
    b"\r",
    b"\"\"",
    b",\"",
    b"\",",
    b"\"x\"",
    b"\"\n",
    b" ",
    b"\xc3\xa9",
    b"\xe2\x82\xac",
    b"\xef\xbb\xbf",
    b"\n\n",
    b"\"p\r\nq\"",
    b"\"r\rs\",",
    b"\xff",
    b"\t",
    b"0",
];

/// Random numbers (xorshift), reproducible by seed.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn text(&mut self) -> Vec<u8> {
        let kinds = 2 + self.below(PIECES.len() - 1);
        let count = self.below(60);
        let mut text: Vec<u8> = if self.below(8) == 0 { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        for _ in 0..count {
            let (a, b) = (self.below(kinds), self.below(kinds));
            text.extend(PIECES[a.min(b)]);
        }
        text
    }
}

/// A row with its first line, and the line and column of its quoting error.
#[derive(Debug, Default, PartialEq, Eq)]
struct Record {
    line: u64,
    cells: Vec<Vec<u8>>,
    fault: Option<(u64, usize)>,
}

/// Parses byte by byte.
fn by_bytes(text: &[u8]) -> Vec<Record> {
    let (mut records, mut at, mut line) = (Vec::new(), 0, 1);
    while at < text.len() {
        if let Some(length) = line_end(text, at) {
            (at, line) = (at + length, line + 1);
            continue;
        }
        let mut record = Record { line, ..Record::default() };
        loop {
            let mut cell = Vec::new();
            let column = record.cells.len();
            if text.get(at) == Some(&b'"') {
                let opened = line;
                at += 1;
                loop {
                    match (text.get(at), text.get(at + 1)) {
                        (Some(b'"'), Some(b'"')) => (at, _) = (at + 2, cell.push(b'"')),
                        (Some(b'"'), _) => break at += 1,
                        (Some(byte), _) => {
                            line += u64::from(line_end(text, at).is_some_and(|length| length == 1 || *byte == b'\r'));
                            line -= u64::from(*byte == b'\n' && at > 0 && text[at - 1] == b'\r');
                            cell.push(*byte);
                            at += 1;
                        }
                        (None, _) => break record.fault = record.fault.or(Some((opened, column))),
                    }
                }
                if text.get(at).is_some_and(|byte| *byte != b',') && line_end(text, at).is_none() {
                    record.fault = record.fault.or(Some((opened, column)));
                }
            }
            while text.get(at).is_some_and(|byte| *byte != b',') && line_end(text, at).is_none() {
                cell.push(text[at]);
                at += 1;
            }
            record.cells.push(cell);
            if text.get(at) != Some(&b',') {
                break;
            }
            at += 1;
        }
        records.push(record);
    }
    records
}

/// Returns the length of the line end at `at`.
fn line_end(text: &[u8], at: usize) -> Option<usize> {
    match (text.get(at)?, text.get(at + 1)) {
        (b'\r', Some(b'\n')) => Some(2),
        (b'\r' | b'\n', _) => Some(1),
        _ => None,
    }
}

/// Returns the rows with their lines, and line and column of the problems, as begat reads a text in chunks of about
/// `size` bytes.
type Read = (Vec<(u64, Vec<String>)>, Vec<(u64, usize)>);

fn by_chunks(text: &[u8], size: usize) -> Read {
    let form = Arc::default();
    let mut chunks =
        Chunks::with_size(Box::new(Cursor::new(text.to_vec())), b"", &form, size).expect("memory can be read");
    let header = match chunks.header().expect("memory can be read") {
        Ok(header) => header,
        Err(problem) => return (Vec::new(), vec![(problem.place, problem.column)]),
    };
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    while let Some(chunk) = chunks.next() {
        let page: RecordBatch = RawChunk::Text(chunk.expect("memory can be read")).into_page(header.len(), &form);
        let cells = |row: super::Row<'_>| (0..header.len()).map(|column| row.get(column).to_string()).collect();
        rows.extend(page.rows().map(|row| (row.place(), cells(row))));
        problems.extend(page.problems.iter().map(|problem| (problem.place, problem.column)));
    }
    (rows, problems)
}

/// Returns the expected result for the records of a text; the first one is the header.
fn wanted(records: &[Record]) -> Read {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let width = records.first().map_or(0, |header| header.cells.len());
    for (number, record) in records.iter().enumerate() {
        let not_text = record.cells.iter().position(|cell| std::str::from_utf8(cell).is_err());
        let problem = record.fault.or(not_text.map(|column| (record.line, column)));
        match problem.or((record.cells.len() != width).then_some((record.line, 0))) {
            Some(problem) if number == 0 => return (Vec::new(), vec![problem]),
            Some(problem) => problems.push(problem),
            None if number == 0 => {}
            None => {
                let cells = record.cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
                rows.push((record.line, cells.collect()));
            }
        }
    }
    (rows, problems)
}

/// Returns the cells of each row as the `csv` crate reads them.
fn by_csv(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let cells = |record: csv::ByteRecord| record.iter().map(<[u8]>::to_vec).collect();
    reader.byte_records().map(|record| cells(record.expect("memory can be read"))).collect()
}

/// `BEGAT_CSV_FILES` sets the number of files; default 5,000.
#[test]
fn chunks_say_what_the_csv_crate_says() {
    let files = std::env::var("BEGAT_CSV_FILES").ok().and_then(|files| files.parse().ok()).unwrap_or(5_000);
    let (mut rows, mut problems) = (0, 0);
    for seed in 1..=files {
        let mut random = Random(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15) | 1);
        let text = random.text();
        let plain = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let records = by_bytes(plain);
        let shown = || format!("seed {seed}: {:?}", String::from_utf8_lossy(&text));
        let cells: Vec<Vec<Vec<u8>>> = records.iter().map(|record| record.cells.clone()).collect();
        // begat reads a second byte order mark as text, the crate does not.
        if !plain.starts_with(b"\xef\xbb\xbf") {
            assert_eq!(cells, by_csv(plain), "{}", shown());
        }
        let wanted = wanted(&records);
        (rows, problems) = (rows + wanted.0.len(), problems + wanted.1.len());
        for size in [1, 2 + random.below(40), 1 << 10] {
            assert_eq!(by_chunks(&text, size), wanted, "size {size}, {}", shown());
        }
    }
    assert!(rows as u64 > files / 2 && problems as u64 > files / 4, "{rows} rows, {problems} problems");
}
