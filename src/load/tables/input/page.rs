//! Some rows of a table, whose cells lie in one text.

use super::chunks::not_text;
use super::problem::Problem;
use super::records::Records;

/// Rows of as many cells each as the table has columns.
#[derive(Debug, Default)]
pub(in crate::load::tables) struct Page {
    text: String,
    /// Row by row.
    cells: Vec<Cell>,
    /// By row: its line, or number, counted from the end of what comes before the page.
    places: Vec<u32>,
    /// How many cells a row has.
    width: usize,
    /// How many lines, or rows, of the file come before.
    before: u64,
    /// Of rows that are left out.
    pub problems: Vec<Problem>,
    /// Their words, which the rows of other tables may name in vain.
    pub refused: Vec<String>,
}

/// Where a cell, or a part of one, lies in the text of its page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::load::tables) struct Cell {
    start: u32,
    end: u32,
}

/// A row of a page.
#[derive(Clone, Copy)]
pub(in crate::load::tables) struct Row<'p> {
    page: &'p Page,
    number: usize,
}

impl<'p> Row<'p> {
    /// The text of a cell; empty where there is no such column.
    pub fn get(self, column: usize) -> &'p str {
        let cell = self.page.cells.get(self.number * self.page.width + column);
        cell.map_or("", |cell| self.page.text(*cell))
    }

    /// Its line, or its number, from 1.
    pub fn place(self) -> u64 {
        self.page.place(self.number)
    }

    /// A part of one of its cells.
    pub fn cell(self, part: &str) -> Cell {
        let start = part.as_ptr().addr().wrapping_sub(self.page.text.as_ptr().addr());
        Cell { start: start as u32, end: (start + part.len()) as u32 }
    }

    /// Its cells, for people.
    pub fn words(self) -> String {
        let first = self.number * self.page.width;
        self.page.words(self.page.cells.get(first..first + self.page.width).unwrap_or(&[]))
    }

    /// Whether no cell has anything in it.
    pub fn is_empty(self) -> bool {
        (0..self.page.width).all(|column| self.get(column).trim().is_empty())
    }
}

impl Page {
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        (0..self.places.len()).map(|number| Row { page: self, number })
    }

    /// Some cells as one line, cut where it is long.
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

    /// So many rows of empty cells; `before` rows come before.
    #[cfg(feature = "parquet")]
    pub fn blank(rows: usize, width: usize, before: u64) -> Page {
        let places = (1..=rows as u32).collect();
        Page { cells: vec![Cell::default(); rows * width], places, width, before, ..Page::default() }
    }

    /// Sets a cell of [`Page::blank`]. A page may have 4 GB; what is beyond is a problem.
    #[cfg(feature = "parquet")]
    pub fn set(&mut self, row: usize, column: usize, text: &str) {
        let start = self.text.len() as u32;
        let Ok(end) = u32::try_from(self.text.len() + text.len()) else {
            let message = "this text is too long".to_string();
            return self.problems.push(Problem::new(self.place(row), column, message));
        };
        self.text.push_str(text);
        self.cells[row * self.width + column] = Cell { start, end };
    }

    /// The line, or number, of a row.
    pub fn place(&self, row: usize) -> u64 {
        self.before + u64::from(self.places[row])
    }

    /// The rows of some lines of CSV; `before` lines come before.
    pub fn of_csv(bytes: Vec<u8>, before: u64, width: usize) -> Page {
        let mut page = Page { width, before, ..Page::default() };
        match String::from_utf8(bytes) {
            Ok(text) if !text.contains('"') => {
                page.text = text;
                page.split();
            }
            Ok(text) => page.read(text.as_bytes()),
            Err(error) => page.read(error.as_bytes()),
        }
        page
    }

    /// Finds the rows of a text without quotes.
    fn split(&mut self) {
        self.text = {
            let text = std::mem::take(&mut self.text);
            let (mut start, mut line, bytes) = (0, 1, text.as_bytes());
            for (i, byte) in text.bytes().enumerate() {
                // Few bytes are that small, so that this is the one test for most.
                if byte > b',' {
                    continue;
                }
                match byte {
                    b',' => self.cells.push(Cell { start, end: i as u32 }),
                    b'\n' if i > 0 && bytes[i - 1] == b'\r' => {}
                    b'\n' | b'\r' => {
                        self.end_row((start, i as u32), line, &text);
                        line += 1;
                    }
                    _ => continue,
                }
                start = i as u32 + 1;
            }
            self.end_row((start, text.len() as u32), line, &text);
            text
        };
    }

    /// Ends a row with its last cell. A line without anything is no row.
    fn end_row(&mut self, (start, end): (u32, u32), line: u32, text: &str) {
        let first = self.places.len() * self.width;
        if start == end && self.cells.len() == first {
            return;
        }
        self.cells.push(Cell { start, end });
        let line_start = self.cells[first].start as usize;
        self.close_row(line, |_, _| cut(text.get(line_start..end as usize).unwrap_or("")));
    }

    /// Keeps the cells that were added as a row, if they are as many as there must be.
    fn close_row(&mut self, line: u32, words: impl Fn(&Page, &[Cell]) -> String) {
        let first = self.places.len() * self.width;
        let count = self.cells.len() - first;
        if count == self.width {
            return self.places.push(line);
        }
        let message = format!("the row has {count} fields, the header {}", self.width);
        let words = words(self, &self.cells[first..]);
        self.refuse(Problem::new(self.before + u64::from(line), 0, message), words);
    }

    /// Leaves the row at hand out, and keeps a problem with it.
    fn refuse(&mut self, problem: Problem, words: String) {
        self.cells.truncate(self.places.len() * self.width);
        self.refused.extend(words.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_string));
        self.problems.push(Problem { row: words, ..problem });
    }

    /// Reads rows with quotes, or with bytes that are no text.
    fn read(&mut self, bytes: &[u8]) {
        let mut records = Records::of(bytes);
        while records.advance() {
            let line = records.lines + 1;
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
            match bad {
                None => self.close_row(line as u32, Page::words),
                Some(problem) => {
                    let words = self.words(&self.cells[self.places.len() * self.width..]);
                    self.refuse(problem, words);
                }
            }
        }
    }

    /// Adds a cell to the row at hand.
    fn push(&mut self, cell: &str) {
        let start = self.text.len() as u32;
        self.text.push_str(cell);
        self.cells.push(Cell { start, end: self.text.len() as u32 });
    }
}

/// The start of a line, where it is long.
fn cut(line: &str) -> String {
    match line.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    /// The cells of each row, after its line.
    fn rows(page: &Page) -> Vec<String> {
        let cells = |row: super::Row<'_>| (0..page.width).map(move |i| row.get(i)).collect::<Vec<_>>().join("|");
        page.rows().map(|row| format!("{} {}", row.place(), cells(row))).collect()
    }

    #[test]
    fn rows_with_and_without_quotes_are_the_same() {
        let lines = "a,b\n\n,\r\nc c,d!\ne";
        let plain = Page::of_csv(lines.into(), 10, 2);
        assert_eq!(rows(&plain), ["11 a|b", "13 |", "14 c c|d!"]);
        let short = |place, fields| (place, format!("the row has {fields} fields, the header 2"));
        let problems = |page: &Page| page.problems.iter().map(|p| (p.place, p.message.clone())).collect::<Vec<_>>();
        assert_eq!(problems(&plain), [short(15, 1)]);
        assert_eq!(plain.problems[0].row, "e");
        let quoted = Page::of_csv(format!("{lines}\n\"x\n,\",y,z\n\"\"\"\",\"\"").into(), 10, 2);
        assert_eq!(rows(&quoted)[0], "11 a|b");
        assert_eq!(rows(&quoted)[3], "18 \"|");
        assert_eq!(problems(&quoted), [short(15, 1), short(16, 3)]);
    }

    #[test]
    fn bytes_that_are_no_text_spoil_their_row_alone() {
        let page = Page::of_csv(b"a,b\nc,\xff\nd,e\n".to_vec(), 0, 2);
        assert_eq!(rows(&page), ["1 a|b", "3 d|e"]);
        assert_eq!((page.problems[0].place, page.problems.len()), (2, 1));
        assert_eq!(page.problems[0].message, "field 2 is not UTF-8 text");
    }
}
