//! Batches of rows whose cells lie in one text.

use super::chunks::not_text;
use super::form::{TableSyntax, Tally, Tolerance};
use super::problem::Problem;
use super::records::Records;
use crate::load::file::Ragged;

/// Rows with one cell for each column of the table.
#[derive(Debug, Default)]
pub(in crate::load::tables) struct RecordBatch {
    text: String,
    /// Row by row.
    cells: Vec<Cell>,
    /// The line or number of each row, relative to `before`.
    places: Vec<u32>,
    /// The number of cells in a row.
    width: usize,
    /// The number of lines or rows of the file before the batch.
    before: u64,
    /// The problems of rows that were dropped.
    pub problems: Vec<Problem>,
    /// Deviations that were tolerated.
    pub tally: Tally,
    /// The words of dropped rows, which rows of other tables may refer to.
    pub refused: Vec<String>,
}

/// The range of a cell, or of a part of one, in the text of its batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::load::tables) struct Cell {
    start: u32,
    end: u32,
}

/// A row of a batch.
#[derive(Clone, Copy)]
pub(in crate::load::tables) struct Row<'p> {
    page: &'p RecordBatch,
    number: usize,
}

impl<'p> Row<'p> {
    /// Returns the text of a cell; empty if there is no such column.
    pub fn get(self, column: usize) -> &'p str {
        let cell = self.page.cells.get(self.number * self.page.width + column);
        cell.map_or("", |cell| self.page.text(*cell))
    }

    /// Returns the line or number of the row, from 1.
    pub fn place(self) -> u64 {
        self.page.place(self.number)
    }

    /// Returns a part of one of the row's cells; `part` must be a slice of the batch's text.
    pub fn cell(self, part: &str) -> Cell {
        // `part` is a slice of `text`, so the difference of their addresses is its offset.
        let start = part.as_ptr().addr().wrapping_sub(self.page.text.as_ptr().addr());
        Cell { start: start as u32, end: (start + part.len()) as u32 }
    }

    /// Returns the cells as text for messages.
    pub fn words(self) -> String {
        let first = self.number * self.page.width;
        self.page.words(self.page.cells.get(first..first + self.page.width).unwrap_or(&[]))
    }

    /// Returns whether all cells are empty.
    pub fn is_empty(self) -> bool {
        (0..self.page.width).all(|column| self.get(column).trim().is_empty())
    }
}

impl RecordBatch {
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.places.len()).map(|number| Row { page: self, number })
    }

    /// Returns some cells as one line, truncated to 100 characters.
    fn words(&self, cells: &[Cell]) -> String {
        let mut words = String::new();
        for (i, cell) in cells.iter().enumerate() {
            words.push_str(if i == 0 { "" } else { "," });
            words.extend(self.text(*cell).chars().take(100).map(|c| if c.is_control() { ' ' } else { c }));
            if words.len() > 100 {
                break;
            }
        }
        match words.char_indices().nth(100) {
            Some((end, _)) => format!("{}…", &words[..end]),
            None => words,
        }
    }

    pub fn text(&self, cell: Cell) -> &str {
        self.text.get(cell.start as usize..cell.end as usize).unwrap_or("")
    }

    /// Returns a batch of `rows` empty rows; `before` rows precede it.
    pub fn blank(rows: usize, width: usize, before: u64) -> RecordBatch {
        let places = (1..=rows as u32).collect();
        RecordBatch { cells: vec![Cell::default(); rows * width], places, width, before, ..RecordBatch::default() }
    }

    /// Sets a cell of a [`RecordBatch::blank`]. Offsets are 32-bit: text beyond 4 GB is reported as a problem.
    pub fn set(&mut self, row: usize, column: usize, text: &str) {
        let start = self.text.len() as u32;
        let Ok(end) = u32::try_from(self.text.len() + text.len()) else {
            let message = "this text is too long".to_string();
            return self.problems.push(Problem::new(self.place(row), column, message));
        };
        self.text.push_str(text);
        self.cells[row * self.width + column] = Cell { start, end };
    }

    /// Replaces cells. `change` gets the problems of the batch, the place of the row, the column and the current text,
    /// and returns the new text, or `None` to keep it.
    pub fn change_cells(&mut self, mut change: impl FnMut(&mut Vec<Problem>, u64, usize, &str) -> Option<String>) {
        let mut problems = std::mem::take(&mut self.problems);
        for i in 0..self.cells.len() {
            let (row, column) = (i / self.width, i % self.width);
            let Some(new) = change(&mut problems, self.place(row), column, self.text(self.cells[i])) else { continue };
            self.problems.clear();
            self.set(row, column, &new);
            problems.append(&mut self.problems);
        }
        self.problems = problems;
    }

    /// Appends `count` columns; `fill` writes the text of each column for a row.
    pub fn add_columns(&mut self, count: usize, fill: impl Fn(Row<'_>, usize, &mut String)) {
        // All cells move, because the rows become wider.
        let (mut cells, mut text) = (Vec::with_capacity(self.cells.len() + count * self.places.len()), String::new());
        let start = self.text.len();
        for number in 0..self.places.len() {
            cells.extend_from_slice(&self.cells[number * self.width..(number + 1) * self.width]);
            for column in 0..count {
                let begin = start + text.len();
                fill(Row { page: self, number }, column, &mut text);
                // Offsets are 32-bit; a cell beyond 4 GB is left empty.
                let cell = u32::try_from(begin).ok().zip(u32::try_from(start + text.len()).ok());
                cells.push(cell.map_or(Cell::default(), |(start, end)| Cell { start, end }));
            }
        }
        self.text.push_str(&text);
        (self.cells, self.width) = (cells, self.width + count);
    }

    /// Returns the line or number of a row.
    pub fn place(&self, row: usize) -> u64 {
        self.before + u64::from(self.places[row])
    }

    /// Parses rows from lines of CSV; `before` lines precede them.
    pub fn of_csv(bytes: Vec<u8>, before: u64, width: usize, form: &TableSyntax) -> RecordBatch {
        let mut page = RecordBatch { width, before, ..RecordBatch::default() };
        match String::from_utf8(bytes) {
            // Without quotes the text is split in place, without copying the cells.
            Ok(text) if !form.quote || !text.contains('"') => {
                page.text = text;
                page.split(form);
            }
            Ok(text) => page.read(text.as_bytes(), form),
            Err(error) => page.read(error.as_bytes(), form),
        }
        page
    }

    /// Splits a text without quotes into rows.
    fn split(&mut self, form: &TableSyntax) {
        let delimiter = form.delimiter;
        let last_sign = delimiter.max(b'\r');
        self.text = {
            let text = std::mem::take(&mut self.text);
            let (mut start, mut line, bytes) = (0, 1, text.as_bytes());
            for (i, byte) in text.bytes().enumerate() {
                // Few bytes are this small, so most bytes need only this test.
                if byte > last_sign {
                    continue;
                }
                match byte {
                    _ if byte == delimiter => self.cells.push(Cell { start, end: i as u32 }),
                    b'\n' if i > 0 && bytes[i - 1] == b'\r' => {}
                    b'\n' | b'\r' => {
                        self.end_row((start, i as u32), line, &text, form);
                        line += 1;
                    }
                    _ => continue,
                }
                start = i as u32 + 1;
            }
            self.end_row((start, text.len() as u32), line, &text, form);
            text
        };
    }

    /// Ends a row with its last cell. An empty line is not a row.
    fn end_row(&mut self, (start, end): (u32, u32), line: u32, text: &str, form: &TableSyntax) {
        let first = self.places.len() * self.width;
        if start == end && self.cells.len() == first {
            return;
        }
        self.cells.push(Cell { start, end });
        let line_start = self.cells[first].start as usize;
        if self.cells.len() - first > self.width && form.ragged == Ragged::Fill && self.width > 0 {
            // Joined cells are adjacent in the text, separators included, so only the end moves.
            self.cells.truncate(first + self.width);
            self.cells[first + self.width - 1].end = end;
            self.tally.add(Tolerance::Long, self.before + u64::from(line));
        }
        self.close_row(line, form, |_, _| cut(text.get(line_start..end as usize).unwrap_or("")));
    }

    /// Keeps the cells added last as a row if their number is right or the form tolerates it; otherwise reports a
    /// problem.
    fn close_row(&mut self, line: u32, form: &TableSyntax, words: impl Fn(&RecordBatch, &[Cell]) -> String) {
        let (first, place) = (self.places.len() * self.width, self.before + u64::from(line));
        let count = self.cells.len() - first;
        match form.ragged {
            _ if count == self.width => return self.places.push(line),
            Ragged::Skip => {
                self.tally.add(Tolerance::Ragged, place);
                return self.cells.truncate(first);
            }
            Ragged::Fill if count < self.width => {
                self.tally.add(Tolerance::Short, place);
                self.cells.resize(first + self.width, Cell::default());
                return self.places.push(line);
            }
            Ragged::Fill | Ragged::Error => {}
        }
        let message = format!("the row has {count} fields, the header {}", self.width);
        let words = words(self, &self.cells[first..]);
        self.refuse(Problem::new(place, 0, message), words);
    }

    /// Joins the surplus cells to the last column, with separators. `None` if one of them contains the separator, so
    /// that they could not be split again.
    fn join_long(&mut self, form: &TableSyntax, place: u64) -> Option<()> {
        let first = self.places.len() * self.width;
        if form.ragged != Ragged::Fill || self.cells.len() - first <= self.width || self.width == 0 {
            return Some(());
        }
        let last: Vec<&str> = self.cells[first + self.width - 1..].iter().map(|cell| self.text(*cell)).collect();
        let delimiter = char::from(form.delimiter);
        let joined = last.join(delimiter.encode_utf8(&mut [0; 4]));
        if last.iter().any(|cell| cell.contains(delimiter)) {
            return None;
        }
        self.cells.truncate(first + self.width - 1);
        self.push(&joined);
        self.tally.add(Tolerance::Long, place);
        Some(())
    }

    /// Drops the current row and reports a problem.
    fn refuse(&mut self, problem: Problem, words: String) {
        self.cells.truncate(self.places.len() * self.width);
        self.refused.extend(words.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_string));
        self.problems.push(Problem { row: words, ..problem });
    }

    /// Parses rows with quotes, or bytes that are not UTF-8.
    fn read(&mut self, bytes: &[u8], form: &TableSyntax) {
        let mut records = Records::of(bytes, form);
        while records.advance() {
            let line = records.lines + 1;
            if records.row.get(0).is_some_and(|first| form.is_comment(first)) {
                self.tally.add(Tolerance::Comment, self.before + line);
                continue;
            }
            let mut bad = None;
            for (column, cell) in records.row.iter().enumerate() {
                let text = std::str::from_utf8(cell).unwrap_or_else(|_| {
                    bad.get_or_insert_with(|| not_text(self.before + line, column));
                    ""
                });
                self.push(text);
            }
            if let Some(fault) = records.fault() {
                bad = Some(Problem::new(self.before + line + fault.lines, fault.column, fault.message));
            }
            if bad.is_none() && self.join_long(form, self.before + line).is_none() {
                let message = "the row is long, and has what parts its cells within one of them";
                bad = Some(Problem::new(self.before + line, self.width, message));
            }
            match bad {
                None => self.close_row(line as u32, form, RecordBatch::words),
                Some(problem) => {
                    let words = self.words(&self.cells[self.places.len() * self.width..]);
                    self.refuse(problem, words);
                }
            }
        }
    }

    /// Adds a cell to the current row.
    fn push(&mut self, cell: &str) {
        // A chunk of CSV has at most 4 MB, so offsets fit in 32 bits.
        let start = self.text.len() as u32;
        self.text.push_str(cell);
        self.cells.push(Cell { start, end: self.text.len() as u32 });
    }
}

/// Returns the first 100 characters of a line.
fn cut(line: &str) -> String {
    match line.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Ragged, RecordBatch, TableSyntax, Tolerance};

    /// Returns the line and the cells of each row.
    fn rows(page: &RecordBatch) -> Vec<String> {
        let cells = |row: super::Row<'_>| (0..page.width).map(move |i| row.get(i)).collect::<Vec<_>>().join("|");
        page.rows().map(|row| format!("{} {}", row.place(), cells(row))).collect()
    }

    #[test]
    fn rows_with_and_without_quotes_are_the_same() {
        let lines = "a,b\n\n,\r\nc c,d!\ne";
        let plain = RecordBatch::of_csv(lines.into(), 10, 2, &TableSyntax::default());
        assert_eq!(rows(&plain), ["11 a|b", "13 |", "14 c c|d!"]);
        let short = |place, fields| (place, format!("the row has {fields} fields, the header 2"));
        let problems =
            |page: &RecordBatch| page.problems.iter().map(|p| (p.place, p.message.clone())).collect::<Vec<_>>();
        assert_eq!(problems(&plain), [short(15, 1)]);
        assert_eq!(plain.problems[0].row, "e");
        let quoted =
            RecordBatch::of_csv(format!("{lines}\n\"x\n,\",y,z\n\"\"\"\",\"\"").into(), 10, 2, &TableSyntax::default());
        assert_eq!(rows(&quoted)[0], "11 a|b");
        assert_eq!(rows(&quoted)[3], "18 \"|");
        assert_eq!(problems(&quoted), [short(15, 1), short(16, 3)]);
    }

    #[test]
    fn bytes_that_are_no_text_spoil_their_row_alone() {
        let page = RecordBatch::of_csv(b"a,b\nc,\xff\nd,e\n".to_vec(), 0, 2, &TableSyntax::default());
        assert_eq!(rows(&page), ["1 a|b", "3 d|e"]);
        assert_eq!((page.problems[0].place, page.problems.len()), (2, 1));
        assert_eq!(page.problems[0].message, "field 2 is not UTF-8 text");
    }

    #[test]
    fn rows_of_another_length_are_taken_as_the_form_says() {
        let text = "a\nb,c,d,e\nf,g,h\n";
        let form = |ragged| TableSyntax { ragged, ..TableSyntax::default() };
        let told = |page: &RecordBatch| page.tally.counts().collect::<Vec<_>>();
        for quoted in [text.to_string(), text.replace('b', "\"b\"")] {
            let filled = RecordBatch::of_csv(quoted.clone().into(), 0, 3, &form(Ragged::Fill));
            assert_eq!(rows(&filled), ["1 a||", "2 b|c|d,e", "3 f|g|h"]);
            assert_eq!(told(&filled), [(Tolerance::Short, 1, 1), (Tolerance::Long, 1, 2)]);
            let skipped = RecordBatch::of_csv(quoted.into(), 0, 3, &form(Ragged::Skip));
            assert_eq!((rows(&skipped).len(), told(&skipped)), (1, vec![(Tolerance::Ragged, 2, 1)]));
        }
        let page = RecordBatch::of_csv("a,b,c,\"d,e\"\n".into(), 0, 3, &form(Ragged::Fill));
        assert_eq!((rows(&page).len(), page.problems.len()), (0, 1));
    }

    #[test]
    fn cells_are_parted_by_what_the_form_says() {
        for delimiter in ['\t', ';', '|', ' ', '~'] {
            let form = TableSyntax { delimiter: delimiter as u8, ..TableSyntax::default() };
            let text = "a~b\r\n\"c~~\"~d,e\n".replace("~~", "@").replace('~', &delimiter.to_string());
            assert_eq!(
                rows(&RecordBatch::of_csv(text.replace('@', &delimiter.to_string()).into(), 0, 2, &form)),
                ["1 a|b".to_string(), format!("2 c{delimiter}|d,e")]
            );
        }
        let form = TableSyntax { quote: false, delimiter: b'\t', ..TableSyntax::default() };
        assert_eq!(rows(&RecordBatch::of_csv("\"a\tb\"\n".into(), 0, 2, &form)), ["1 \"a|b\""]);
    }
}
