//! How engines spell the same SQL. Everything else is said once, in words that all of them read.

/// One engine's spelling.
#[derive(Debug)]
pub struct Dialect {
    /// For people.
    pub name: &'static str,
    /// Stands around a name, and doubled within it.
    quote: char,
    /// Within a text: what each such character becomes.
    escapes: &'static [(char, &'static str)],
    /// What stands before and behind the quoted path of a file that is read as a table.
    file: (&'static str, &'static str),
    /// The path of a file is quoted as a name, not as a text.
    file_is_name: bool,
    /// The type of texts.
    pub text: &'static str,
    /// A common table may read itself, as a set. Where it may not, the client grows such tables by a loop.
    pub recursion: bool,
}

/// DuckDB's SQL.
pub static DUCKDB: Dialect = Dialect {
    name: "DuckDB's SQL",
    quote: '"',
    escapes: &[('\'', "''")],
    file: ("read_parquet(", ")"),
    file_is_name: false,
    text: "VARCHAR",
    recursion: true,
};

/// Spark's SQL, which Sail reads too. Its recursion knows no sets, so that cycles would never end.
pub static SPARK: Dialect = Dialect {
    name: "Spark's SQL",
    quote: '`',
    escapes: &[('\\', "\\\\"), ('\'', "\\'")],
    file: ("parquet.", ""),
    file_is_name: true,
    text: "STRING",
    recursion: false,
};

impl Dialect {
    /// A text in quotes.
    pub fn text(&self, text: &str) -> String {
        let escaped = |c: char| match self.escapes.iter().find(|(from, _)| *from == c) {
            Some((_, to)) => (*to).to_string(),
            None => c.to_string(),
        };
        format!("'{}'", text.chars().map(escaped).collect::<String>())
    }

    /// A name in quotes.
    pub fn name(&self, name: &str) -> String {
        let quote = self.quote;
        format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
    }

    /// A Parquet file as a table.
    pub fn file(&self, path: &str) -> String {
        let quoted = if self.file_is_name { self.name(path) } else { self.text(path) };
        format!("{}{quoted}{}", self.file.0, self.file.1)
    }
}
