//! Determines how a file is written: its delimiter, header, comments, the lines before the table, the path of the rows in
//! JSON.

use super::columns::NOTHING;
use crate::load::is_value;
use crate::load::sample::{Kind, Sample, Written, sample};
use crate::value::ValueType;
use std::collections::HashSet;
use std::io::{self, Cursor};
use std::sync::Arc;

/// Maximum number of rows that are examined.
const FEW_ROWS: usize = 2_000;
/// Maximum number of rows before a table.
const MOST_BEFORE: usize = 20;
const COMMENTS: [&str; 4] = ["#", "//", "%", "--"];
const DELIMITERS: [u8; 5] = [b',', b'\t', b';', b'|', b' '];
/// Delimiters that stand for themselves in most files, so that all rows must have the same number of them.
const RARE: [u8; 6] = [b'!', b'^', b'~', b'\x1f', b'\x01', b':'];

/// The bytes of a file.
pub struct Contents(pub Arc<[u8]>);

/// The dialect of a file, with what the user should check.
pub struct Dialect {
    pub written: Written,
    pub unsure: Vec<String>,
}

impl Contents {
    /// Returns at most `most` of the first rows; `name` determines whether the file is JSON.
    ///
    /// # Errors
    /// The file or its header cannot be read.
    pub fn sample(&self, name: &str, written: &Written, most: usize) -> io::Result<Sample> {
        sample(Box::new(Cursor::new(self.0.clone())), name, written, most)
    }

    /// Returns the first lines as text; empty if the file is compressed or binary.
    fn lines(&self) -> Vec<&str> {
        let start = &self.0[..self.0.len().min(1 << 18)];
        let text = match std::str::from_utf8(start) {
            Ok(text) => text,
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or("")
            }
            Err(_) => "",
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let end = if text.contains('\n') { '\n' } else { '\r' };
        text.split(end).map(|line| line.trim_end_matches('\r')).collect()
    }
}

/// Determines the dialect of a file; `rows` is the path of its rows if it is JSON.
///
/// # Errors
/// The file cannot be read, or its columns have no delimiter.
pub fn of(name: &str, contents: &Contents, rows: &str) -> io::Result<Dialect> {
    let written = Written { rows: rows.to_string(), ..Written::default() };
    // A first reading shows the format of the file and its comments.
    let bare = Written { header: false, ..written.clone() };
    let first = contents.sample(name, &bare, FEW_ROWS)?;
    if first.kind != Kind::Csv {
        return Ok(Dialect { written, unsure: Vec::new() });
    }
    let mut guess = Guess { name, contents, unsure: Vec::new() };
    let written = guess.csv(&first, bare)?;
    Ok(Dialect { written, unsure: guess.unsure })
}

struct Guess<'c> {
    name: &'c str,
    contents: &'c Contents,
    unsure: Vec<String>,
}

impl Guess<'_> {
    fn csv(&mut self, first: &Sample, bare: Written) -> io::Result<Written> {
        let lines = self.contents.lines();
        let bare = Written { comment: comments(first, &lines), ..bare };
        if let Some(delimiter) = lines.first().and_then(|line| told_delimiter(line)) {
            // Spreadsheets read the delimiter from a first line such as `sep=;`.
            let written = Written { delimiter, skip: 1, ..bare };
            let read = self.read(&written)?;
            let header = is_header(&read.rows);
            return Ok(self.named(Written { header, ..written }, &read));
        }
        let best = DELIMITERS.into_iter().filter_map(|delimiter| self.trial(delimiter, &bare));
        let best = best.reduce(|best, other| if other.0 > best.0 { other } else { best });
        let best = best.or_else(|| RARE.into_iter().filter_map(|delimiter| self.trial(delimiter, &bare)).next());
        if best.as_ref().is_none_or(|(.., written)| written.delimiter == b' ') && is_aligned(&lines) {
            return Err(io::Error::other("its columns are aligned by spaces; save it as CSV or TSV"));
        }
        let Some((_, read, written)) = best else { return Ok(self.ragged_or_plain(&bare)) };
        let is_markdown = written.comment.iter().any(|sign| sign.starts_with('|'));
        let mut written = Written { header: is_markdown || is_header(&read.rows), ..written };
        if !written.header && written.skip == 0 && read.bad * 10 > read.rows.len() {
            return Ok(self.ragged_or_plain(&bare));
        }
        self.warn_of_header(written.header && !is_markdown, &read.rows);
        if written.skip > 0 {
            self.unsure.push(format!("{} come before the table", super::table::counted(written.skip as usize, "line")));
        }
        if let Some(columns) = header_in_comment(&lines, &written, read.columns.len()).filter(|_| !written.header) {
            self.unsure.push("it has no header: its columns are called as its last comment says".to_string());
            return Ok(Written { columns, ..written });
        }
        if written.is_filled {
            self.unsure.push("some rows are shorter than its header: their last cells are taken for empty".to_string());
        }
        if read.fault.is_some() && written.delimiter == b'\t' {
            // In files with tabs, a quote is often a sign like others: 19" for inches.
            let other = Written { quote: false, ..written.clone() };
            if self.read(&other).is_ok_and(|other| other.fault.is_none() && other.bad <= read.bad) {
                self.unsure.push("quotes are taken for signs like others".to_string());
                written.quote = false;
            }
        }
        Ok(self.named(written, &read))
    }

    fn read(&self, written: &Written) -> io::Result<Sample> {
        // A header is read as a row, too.
        self.contents.sample(self.name, &Written { header: false, ..written.clone() }, FEW_ROWS)
    }

    /// Reads the file with a delimiter. Returns how well it fits, of 1000; `None` if it does not.
    fn trial(&self, delimiter: u8, bare: &Written) -> Option<(usize, Sample, Written)> {
        let mut written = Written { delimiter, ..bare.clone() };
        let mut read = self.read(&written).ok()?;
        let is_rare = delimiter == b' ' || RARE.contains(&delimiter);
        if !is_rare {
            let skip = self.lines_before(&written, &read);
            if skip > 0 {
                written.skip = skip;
                read = self.read(&written).ok()?;
            }
        }
        if !is_rare && read.bad > 0 && self.is_widest(&written) {
            let filled = Written { is_filled: true, ..written.clone() };
            if let Some(other) = self.read(&filled).ok().filter(|read| is_header(&read.rows)) {
                (written, read) = (filled, other);
            }
        }
        let (good, all) = (read.rows.len(), read.rows.len() + read.bad);
        // Spaces also occur within cells, so all rows must have the same length.
        let needed = if is_rare { all } else { all / 2 };
        let fewest = if RARE.contains(&delimiter) { 3 } else { 2 };
        (read.columns.len() >= fewest && good >= needed.max(1)).then(|| (good * 1000 / all.max(1), read, written))
    }

    /// Returns whether the first row has as many cells as any other, of which some have fewer.
    fn is_widest(&self, written: &Written) -> bool {
        let widths: Vec<usize> = self.widths(written).into_iter().map(|(width, ..)| width).collect();
        let most = widths.iter().copied().max().unwrap_or(0);
        widths.first() == Some(&most) && most > 2 && widths.iter().all(|width| *width > 1)
    }

    /// Returns the number of lines before the table: rows that are much shorter than the others, or nearly empty.
    fn lines_before(&self, written: &Written, read: &Sample) -> u64 {
        let rows = self.widths(written);
        let mut widths: Vec<usize> = rows.iter().map(|(width, ..)| *width).collect();
        widths.sort_unstable();
        let width = widths.get(widths.len() / 2).copied().unwrap_or(0);
        // A title fills one cell only; tables may be sparse, so two are enough.
        let is_like = |(own, filled, _): &(usize, usize, u64)| *own == width && *filled > 1;
        let Some(at) = rows.iter().take(MOST_BEFORE + 1).position(is_like) else { return 0 };
        let same = rows[at..].iter().filter(|(own, ..)| *own == width).count();
        let is_blank = rows[..at].iter().all(|(_, filled, _)| *filled == 0);
        if is_blank || width < 3 || read.columns.is_empty() || same * 10 < (rows.len() - at) * 9 || rows.len() - at < 2
        {
            return 0;
        }
        let start = self.start();
        lines_in(&start[..(rows[at].2 as usize).min(start.len())])
    }

    /// The beginning of the file.
    fn start(&self) -> &[u8] {
        let start = &self.contents.0[..self.contents.0.len().min(1 << 20)];
        start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start)
    }

    /// Returns for each of the first rows the number of its cells, of those that are not empty, and its place in bytes.
    fn widths(&self, written: &Written) -> Vec<(usize, usize, u64)> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(written.delimiter)
            .from_reader(self.start());
        let rows = reader.byte_records().take(FEW_ROWS).map_while(Result::ok);
        let is_comment = |row: &csv::ByteRecord| {
            written.comment.iter().any(|sign| row.get(0).is_some_and(|c| c.starts_with(sign.as_bytes())))
        };
        let of = |row: csv::ByteRecord| {
            let filled = row.iter().filter(|cell| !cell.trim_ascii().is_empty()).count();
            (row.len(), filled, row.position().map_or(0, csv::Position::byte))
        };
        rows.filter(|row| !is_comment(row)).map(of).collect()
    }

    /// Gives distinct names to the columns of a header that does not.
    fn named(&mut self, written: Written, read: &Sample) -> Written {
        let Some(header) = read.rows.first().filter(|_| written.header) else { return written };
        let all: Vec<&str> = header.iter().map(|name| name.trim()).collect();
        let distinct: HashSet<&str> = all.iter().copied().collect();
        let nameless = all.iter().filter(|name| name.is_empty()).count();
        if distinct.len() == all.len() && (nameless == 0 || all[0].is_empty() && counts(&read.rows)) {
            return written;
        }
        let mut all = all;
        if all[0].is_empty() && !distinct.contains("name") {
            // The names of the rows stand in front, under no word.
            all[0] = "name";
        }
        let all = all;
        let columns = distinct_names(&all);
        let written_names = header.iter().map(|name| name.trim());
        let changed = written_names.zip(&columns).filter(|(name, column)| name != column);
        let changed: Vec<String> = changed.map(|(_, column)| column.clone()).collect();
        self.unsure.push(format!(
            "its header does not tell all columns apart: some are called {} here",
            super::columns::listed(&changed)
        ));
        Written { columns, ..written }
    }

    /// Tells whether the first row of a file with a single column is its header.
    fn with_header(&mut self, written: Written) -> Written {
        let read = self.read(&written).map_or(Vec::new(), |read| read.rows);
        let header = is_header(&read);
        self.warn_of_header(header, &read);
        Written { header, ..written }
    }

    /// Tells that a first row of texts is taken for a header, where nothing shows that it is one.
    fn warn_of_header(&mut self, header: bool, rows: &[Vec<String>]) {
        let [first, rest @ ..] = rows else { return };
        let is_capital = |cell: &String| cell.trim().starts_with(char::is_uppercase);
        let is_over = |cell: &String| OVER_COLUMNS.contains(&cell.trim().to_lowercase().as_str());
        let has_values = rest.iter().flatten().any(|cell| !cell.trim().is_empty() && !is_word(cell.trim()));
        if header && !has_values && !rest.is_empty() && first.iter().all(is_capital) && !first.iter().any(is_over) {
            self.unsure.push(format!("its first row, `{}`, is taken for the names of its columns", first.join(", ")));
        }
    }

    /// Returns the dialect of a file whose rows differ in length, or of one with a single column.
    fn ragged_or_plain(&mut self, bare: &Written) -> Written {
        // A delimiter that no cell contains makes each row a single cell.
        let whole = Written { delimiter: b'\x01', ..bare.clone() };
        let rows = self.read(&whole).map_or(Vec::new(), |read| read.rows);
        let count = |sign: u8| rows.iter().map(move |row| row[0].bytes().filter(|byte| *byte == sign).count());
        let with_sign = |sign: u8| count(sign).filter(|n| *n > 0).count();
        let signs = DELIMITERS.into_iter().filter(|sign| *sign != b' ');
        let sign = signs.max_by_key(|sign| (with_sign(*sign), u8::MAX - sign));
        let delimiter = sign.filter(|sign| with_sign(*sign) * 2 > rows.len()).unwrap_or(b',');
        let fewest = count(delimiter).min().unwrap_or(0);
        if count(delimiter).all(|n| n == fewest) || with_sign(delimiter) * 2 <= rows.len() {
            // Cells of a single column may contain commas.
            let delimiter = if with_sign(delimiter) > 0 { b'\t' } else { delimiter };
            return self.with_header(Written { delimiter, ..bare.clone() });
        }
        let words = "cells or more: what follows is taken for a list";
        self.unsure.push(format!("its rows have {} {words}", fewest + 1));
        let columns = (1..=fewest + 2).map(|i| i.to_string()).collect();
        Written { delimiter, is_filled: true, columns, ..bare.clone() }
    }
}

/// Returns the delimiter that a first line such as `sep=;` tells.
fn told_delimiter(line: &str) -> Option<u8> {
    let line = line.trim_matches('"');
    let sign = line.get(..4).filter(|word| word.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..))?;
    match sign.as_bytes() {
        [sign] if !sign.is_ascii_alphanumeric() => Some(*sign),
        _ => None,
    }
}

/// Returns the number of line ends, each of `\n`, `\r\n` or `\r`.
fn lines_in(bytes: &[u8]) -> u64 {
    let is_end = |(i, byte): (usize, &u8)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(i + 1) != Some(&b'\n'),
        _ => false,
    };
    bytes.iter().enumerate().filter(|pair| is_end(*pair)).count() as u64
}

/// Returns whether most lines have their columns at fixed positions.
fn is_aligned(lines: &[&str]) -> bool {
    let some: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).take(50).collect();
    let aligned = some.iter().filter(|line| line.trim().contains("  ")).count();
    some.len() > 1 && aligned * 5 >= some.len() * 4
}

/// Returns the prefixes of comments, by the rows at the start.
fn comments(read: &Sample, lines: &[&str]) -> Vec<String> {
    // In a table of Markdown, a line of dashes follows the header.
    let dashes = lines.get(1).filter(|line| lines[0].starts_with('|') && line.starts_with('|'));
    let is_rule = |line: &&&str| line.contains('-') && line.chars().all(|c| "|-: ".contains(c));
    if let Some(end) = dashes.filter(is_rule).and_then(|line| line.find('-')) {
        return vec![lines[1][..=end].to_string()];
    }
    let mut signs: Vec<String> = Vec::new();
    let mut count = 0;
    for first in read.rows.iter().filter_map(|row| row.first()).filter(|cell| !cell.is_empty()).take(200) {
        let Some(sign) = COMMENTS.iter().find(|sign| first.starts_with(**sign)) else { break };
        count += 1;
        if !signs.iter().any(|known| known == sign) {
            signs.push(sign.to_string());
        }
    }
    // A single row may be the header.
    if count == 1 && read.columns.len() > 1 { Vec::new() } else { signs }
}

/// Returns the names of the columns if the last comment before the rows has as many cells as they, none of them a value.
fn header_in_comment(lines: &[&str], written: &Written, width: usize) -> Option<Vec<String>> {
    let is_comment = |line: &&&str| {
        let line = line.trim_start_matches('"');
        written.comment.iter().any(|sign| line.starts_with(sign.as_str())) || line.chars().all(|c| !c.is_alphanumeric())
    };
    let last = lines.iter().take_while(is_comment).filter(|line| line.chars().any(char::is_alphanumeric)).last()?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(written.delimiter).from_reader(last.as_bytes());
    let row = reader.records().next()?.ok()?;
    let sign = written.comment.iter().find(|sign| row.get(0).is_some_and(|first| first.starts_with(sign.as_str())))?;
    let names: Vec<&str> = row
        .iter()
        .enumerate()
        .map(|(i, name)| if i == 0 { name.strip_prefix(sign.as_str()).unwrap_or(name) } else { name }.trim())
        .collect();
    let named = names.iter().filter(|name| !name.is_empty()).collect::<HashSet<_>>().len();
    let fits = names.len() == width && width > 1 && named * 2 > width;
    (fits && names.iter().all(|name| is_word(name))).then(|| distinct_names(&names))
}

/// Returns names that are distinct and not empty: `Value`, `Value 2`, `column 3`.
fn distinct_names(names: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut all = Vec::new();
    for (i, name) in names.iter().enumerate() {
        let name = if name.is_empty() { format!("column {}", i + 1) } else { name.to_string() };
        let others = (2..).map(|number| format!("{name} {number}"));
        let free = std::iter::once(name.clone()).chain(others).find(|name| !taken.contains(name));
        let name = free.unwrap_or(name);
        taken.insert(name.clone());
        all.push(name);
    }
    all
}

fn is_word(cell: &str) -> bool {
    !is_value(ValueType::Number, cell) && !is_value(ValueType::Date, cell)
}

/// Returns whether the first row is a header: its cells are words, or a column has a word there and only values below, or
/// its numbers are years in sequence.
fn is_header(rows: &[Vec<String>]) -> bool {
    let Some(first) = rows.first() else { return true };
    // Programs that number or name the rows in front write no word above that.
    let is_numbered = first.len() > 1 && first[0].trim().is_empty() && are_filled(rows);
    let from = usize::from(is_numbered);
    let cells: Vec<&str> = first[from..].iter().map(|cell| cell.trim()).collect();
    let filled: Vec<&str> = cells.iter().copied().filter(|cell| !cell.is_empty()).collect();
    let distinct = filled.iter().collect::<HashSet<_>>().len();
    // An empty corner over names and under numbers, as of a matrix, is one, too.
    if is_numbered && distinct == cells.len() {
        return true;
    }
    let below = |c: usize| {
        let below = rows[1..].iter().filter_map(move |row| row.get(c + from)).map(|cell| cell.trim());
        below.filter(|cell| !cell.is_empty() && !NOTHING.contains(cell))
    };
    // `2B` over plain numbers is no number.
    let has_letter = |cell: &str| cell.chars().any(char::is_alphabetic);
    let is_word_above = |c: usize| {
        is_word(cells[c]) || has_letter(cells[c]) && is_value(ValueType::Number, cells[c]) && !below(c).any(has_letter)
    };
    let values: Vec<&str> =
        (0..cells.len()).filter(|c| !cells[*c].is_empty() && !is_word_above(*c)).map(|c| cells[c]).collect();
    let is_evident = |c: usize| {
        let mut below = below(c).peekable();
        !cells[c].is_empty() && is_word_above(c) && below.peek().is_some() && below.all(|cell| !is_word(cell))
    };
    match values.is_empty() {
        true => {
            let has_evidence = (0..cells.len()).any(is_evident);
            let is_named = distinct * 5 >= cells.len() * 4 || filled.len() * 2 > cells.len() && has_evidence;
            is_named && (has_evidence || is_numbered || !is_like_below(rows))
        }
        false => filled.len() > values.len() && distinct == filled.len() && are_years(&values),
    }
}

/// Returns whether the first cells below the first row count the rows, from 0 or 1.
fn counts(rows: &[Vec<String>]) -> bool {
    let mut numbers = rows.iter().skip(1).map(|row| row.first().and_then(|cell| cell.trim().parse::<usize>().ok()));
    let first = numbers.clone().next().flatten().filter(|first| *first < 2);
    first.is_some_and(|first| numbers.by_ref().zip(first..).all(|(number, wanted)| number == Some(wanted)))
}

/// Returns whether all rows below the first one have a first cell.
fn are_filled(rows: &[Vec<String>]) -> bool {
    rows.len() > 1 && rows[1..].iter().all(|row| row.first().is_some_and(|cell| !cell.trim().is_empty()))
}

/// The least number of rows that show how the cells of a column are written.
const SHOWN: usize = 3;
/// Words that stand over columns, and are no values.
const OVER_COLUMNS: [&str; 24] = [
    "name",
    "names",
    "id",
    "code",
    "key",
    "title",
    "label",
    "type",
    "kind",
    "class",
    "group",
    "category",
    "country",
    "city",
    "state",
    "date",
    "year",
    "value",
    "word",
    "text",
    "language",
    "source",
    "target",
    "description",
];

/// Returns whether the first row of texts is written as those below: a code such as `AD` over codes of two letters, or a
/// name before others in the order of the alphabet.
fn is_like_below(rows: &[Vec<String>]) -> bool {
    let (first, rest) = (&rows[0], &rows[1..]);
    let is_over = |cell: &String| OVER_COLUMNS.contains(&cell.trim().to_lowercase().as_str());
    if rest.len() < SHOWN - 1 || first.iter().any(is_over) {
        return false;
    }
    // Each letter by its kind; words in small letters are written as columns are.
    let shape = |cell: &str| -> String {
        let of = |c: char| match c {
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c if c.is_ascii_digit() => '9',
            c => c,
        };
        cell.trim().chars().map(of).collect()
    };
    let is_code = |c: usize| {
        let own = shape(&first[c]);
        let is_plain = own.chars().all(|c| c == 'a');
        let mut below = rest.iter().filter_map(|row| row.get(c)).map(|cell| shape(cell));
        own.chars().count() > 1 && !is_plain && below.all(|other| other == own)
    };
    let lower = |row: &Vec<String>| row.first().map_or(String::new(), |cell| cell.trim().to_lowercase());
    let begins = |row: &Vec<String>| lower(row).chars().next();
    let is_sorted = || {
        rest.len() >= 2 * SHOWN
            && rows.windows(2).all(|pair| lower(&pair[0]) <= lower(&pair[1]))
            && begins(first) == begins(&rest[0])
    };
    (0..first.len()).any(is_code) || is_sorted()
}

/// Returns whether numbers are at least three years at equal distances.
fn are_years(cells: &[&str]) -> bool {
    let years: Option<Vec<i32>> =
        cells.iter().map(|cell| cell.parse().ok().filter(|year| (1000..2200).contains(year))).collect();
    let years = years.unwrap_or_default();
    let step = years.get(1).zip(years.first()).map_or(0, |(second, first)| second - first);
    years.len() >= 3 && step != 0 && years.windows(2).all(|pair| pair[1] - pair[0] == step)
}
