//! The syntax of a table's file, and the deviations that are tolerated.

use crate::load::file::Ragged;

/// The format of a file, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::load::tables) enum Layout {
    /// CSV or Parquet, as its first bytes show.
    Bytes,
    Json,
}

/// The syntax of a table's file.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::load::tables) struct TableSyntax {
    pub layout: Layout,
    /// The separator of cells.
    pub delimiter: u8,
    /// Whether cells may be quoted.
    pub quote: bool,
    /// Whether a backslash in a cell begins an escape.
    pub escape: bool,
    /// Whether the first row is a header.
    pub header: bool,
    /// Names of the columns, in place of the header's; empty if not given.
    pub columns: Vec<String>,
    /// Prefixes of comments: a row whose first cell begins with one is skipped.
    pub comment: Vec<String>,
    /// The number of lines before the table.
    pub skip: u64,
    pub ragged: Ragged,
    /// The path of the rows in a JSON file.
    pub rows: String,
    /// Whether each value of a JSON file is a row, even if there is only one.
    pub is_lines: bool,
}

impl Default for TableSyntax {
    /// Returns CSV according to RFC 4180, with a header.
    fn default() -> TableSyntax {
        TableSyntax {
            layout: Layout::Bytes,
            delimiter: b',',
            quote: true,
            escape: false,
            header: true,
            columns: Vec::new(),
            comment: Vec::new(),
            skip: 0,
            ragged: Ragged::Error,
            rows: String::new(),
            is_lines: false,
        }
    }
}

impl TableSyntax {
    /// Returns whether a row is a comment, by its first cell.
    pub fn is_comment(&self, first: &[u8]) -> bool {
        self.comment.iter().any(|sign| first.starts_with(sign.as_bytes()))
    }
}

/// Deviations that are tolerated where the graph says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::load::tables) enum Tolerance {
    Comment,
    Short,
    Long,
    Ragged,
    Null,
    Declared,
    Missing,
}

impl Tolerance {
    const ALL: [Tolerance; 7] = [
        Tolerance::Comment,
        Tolerance::Short,
        Tolerance::Long,
        Tolerance::Ragged,
        Tolerance::Null,
        Tolerance::Declared,
        Tolerance::Missing,
    ];

    /// Returns what was done with `count` occurrences, for a note.
    pub fn told(self, count: u64) -> String {
        let one = count == 1;
        let (noun, words) = match self {
            Tolerance::Comment => ("row", ["is a comment", "are comments"]),
            Tolerance::Short => {
                ("row", ["is short and filled with empty cells", "are short and filled with empty cells"])
            }
            Tolerance::Long => ("row", ["is long: its last cells are one", "are long: their last cells are one"]),
            Tolerance::Ragged => (
                "row",
                ["is left out: it has another number of fields", "are left out: they have another number of fields"],
            ),
            Tolerance::Null => ("cell", ["says nothing by `null`", "say nothing by `null`"]),
            Tolerance::Declared => ("name", ["is declared by being named", "are declared by being named"]),
            Tolerance::Missing => (
                "fact",
                ["is left out: it names what is declared nowhere", "are left out: they name what is declared nowhere"],
            ),
        };
        format!("{count} {noun}{} {}", if one { "" } else { "s" }, words[usize::from(!one)])
    }
}

/// The count and the first place of each deviation; places are lines or row numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::load::tables) struct Tally([(u64, u64); Tolerance::ALL.len()]);

impl Tally {
    pub fn add(&mut self, tolerance: Tolerance, place: u64) {
        self.add_all(tolerance, 1, place);
    }

    /// Adds `count` occurrences, the first of them at `place`.
    pub fn add_all(&mut self, tolerance: Tolerance, count: u64, place: u64) {
        let (known, first) = &mut self.0[tolerance as usize];
        if *known == 0 {
            *first = place;
        }
        *known += count;
    }

    /// Adds the counts of later rows.
    pub fn append(&mut self, other: &Tally) {
        for (tolerance, count, place) in other.counts() {
            self.add_all(tolerance, count, place);
        }
    }

    /// Iterates over the deviations that occurred, with their counts and first places.
    pub fn counts(&self) -> impl Iterator<Item = (Tolerance, u64, u64)> {
        let all = Tolerance::ALL.into_iter().zip(&self.0);
        all.filter(|(_, (count, _))| *count > 0).map(|(tolerance, (count, place))| (tolerance, *count, *place))
    }
}
