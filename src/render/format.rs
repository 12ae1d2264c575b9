//! The table of formats. `--help`, `:help`, completion and the README read it.

use crate::answer::{Answer, View};

/// A format in which an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Aligned text.
    Table,
    /// Tab-separated values; tabs, line breaks and backslashes are escaped.
    Tsv,
    /// Comma-separated values; for a graph, its facts.
    Csv,
    /// A single object with columns and rows; for a graph, nodes and links.
    Json,
    /// One object for each row.
    Jsonl,
    /// A Markdown table.
    Markdown,
    /// The terminal's display of an answer: trees, proofs, lanes.
    Tree,
    /// Bars and curves drawn with characters.
    Chart,
    /// Graphviz.
    Dot,
    /// A Mermaid flowchart, for Markdown pages.
    Mermaid,
    /// GraphML, for Gephi, yEd and networkx.
    Graphml,
    /// An openCypher CREATE statement.
    Cypher,
    /// A folder of CSV files for Neo4j.
    Neo4j,
    /// RDF 1.2 in Turtle.
    Turtle,
    /// RDF 1.1 in TriG, for SPARQL.
    Trig,
    /// The entities as CSV.
    Nodes,
    /// The facts as CSV.
    Edges,
    /// Several files, written by `Subgraph::parquet`.
    Parquet,
    /// begat's own data format, with citations.
    Ron,
    /// A picture.
    Svg,
    /// An interactive picture in a single file without dependencies.
    Html,
    Png,
    Pdf,
}

/// What a format can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    Rows,
    /// Rows, and graphs if the query asks for one.
    Both,
    Graphs,
    /// Drawings made of characters.
    Terminal,
    Pictures,
}

/// A row of [`FORMATS`].
#[derive(Debug)]
pub struct FormatInfo {
    pub format: Format,
    /// The name after `--format`.
    pub name: &'static str,
    /// The file extension that selects the format, without its dot; empty if there is none.
    pub extension: &'static str,
    pub shows: Shows,
    pub doc: &'static str,
}

macro_rules! formats {
    ($($format:ident $name:literal $extension:literal $shows:ident $doc:literal;)*) => {
        /// All formats, in the order of [`Format`].
        pub static FORMATS: &[FormatInfo] = &[$(FormatInfo {
            format: Format::$format, name: $name, extension: $extension, shows: Shows::$shows, doc: $doc,
        },)*];
    };
}

formats! {
    Table "table" "txt" Rows "aligned text, fitted to the width";
    Tsv "tsv" "tsv" Rows "tab-separated values; tabs, line breaks and backslashes in them escaped";
    Csv "csv" "csv" Both "comma-separated values; of a graph, its facts";
    Json "json" "json" Both "one object with columns and rows; of a graph, nodes and links";
    Jsonl "jsonl" "jsonl" Rows "one object a row";
    Markdown "md" "md" Rows "a Markdown table";
    Tree "tree" "" Terminal "a tree, a proof or lanes in characters, as the answer asks for";
    Chart "chart" "" Terminal "bars and curves in characters";
    Dot "dot" "dot" Graphs "Graphviz";
    Mermaid "mermaid" "mmd" Graphs "Mermaid flowchart, for Markdown pages";
    Graphml "graphml" "graphml" Graphs "GraphML, for Gephi, yEd and networkx";
    Cypher "cypher" "cypher" Graphs "openCypher CREATE statement";
    Neo4j "neo4j" "neo4j" Graphs "a folder of CSV for neo4j-admin: one of each type, one of each verb, and the command";
    Turtle "turtle" "ttl" Graphs "RDF 1.2, claims as reifiers";
    Trig "trig" "trig" Graphs "RDF 1.1, dates as numbers, for queries that `translate --to sparql` makes";
    Nodes "nodes" "nodes.csv" Graphs "the entities as comma-separated values";
    Edges "edges" "edges.csv" Graphs "the facts as comma-separated values";
    Parquet "parquet" "parquet" Graphs "a folder of Parquet tables: one of each type, one of each verb";
    Ron "ron" "ron" Graphs "begat's own data files, citations kept";
    Svg "svg" "svg" Pictures "a picture";
    Html "html" "html" Pictures "a picture to walk about in, in one file";
    Png "png" "png" Pictures "a picture in pixels";
    Pdf "pdf" "pdf" Pictures "a picture for print, on as many pages as its paper asks for";
}

impl Format {
    /// Returns all formats, in the order of this type.
    pub fn all() -> impl ExactSizeIterator<Item = Format> {
        FORMATS.iter().map(|info| info.format)
    }

    /// Returns the name, as read by [`Format::named`]: `json`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Returns the row of [`FORMATS`] for this format.
    #[doc(hidden)]
    pub fn info(self) -> &'static FormatInfo {
        &FORMATS[self as usize]
    }

    /// Returns the format with this name or extension, in any case; `None` if there is none.
    pub fn named(name: &str) -> Option<Format> {
        let is = |info: &&FormatInfo| info.name.eq_ignore_ascii_case(name) || is_extension(info, name);
        FORMATS.iter().find(is).map(|info| info.format)
    }

    /// Returns the format for a file name, by its longest known extension; `None` if none is known.
    pub fn of_file(path: &str) -> Option<Format> {
        let lower = path.to_ascii_lowercase();
        let ends = |word: &str| !word.is_empty() && lower.ends_with(&format!(".{word}"));
        let fits = |info: &&FormatInfo| ends(info.extension) || ends(info.name);
        FORMATS.iter().filter(fits).max_by_key(|info| info.extension.len()).map(|info| info.format)
    }

    /// Returns the default format on a terminal.
    #[doc(hidden)]
    pub fn natural(answer: &Answer) -> Format {
        match answer.view {
            View::Rows | View::Graph(_) | View::Conflicts => Format::Table,
            View::Adoption(_) => Format::Chart,
            _ => Format::Tree,
        }
    }

    /// Returns the default format elsewhere: drawings stay drawings, everything else is TSV.
    #[doc(hidden)]
    pub fn piped(answer: &Answer) -> Format {
        match answer.view {
            View::Adoption(_) => Format::Chart,
            View::Verdict(_) | View::Why(_) | View::WhyNot(_) | View::Lineage(_) => Format::Tree,
            View::Timeline(_) | View::Matrix(_) | View::Plan(_) => Format::Tree,
            _ => Format::Tsv,
        }
    }

    /// Returns what to do for a file type that begat does not write; `None` if the type is unknown.
    #[doc(hidden)]
    pub fn instead(path: &str) -> Option<String> {
        let (stem, extension) = path.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
        let kind = extension.to_ascii_lowercase();
        let words = match kind.as_str() {
            "ps" | "eps" => format!("write `{stem}.pdf`, and then `pdftops {stem}.pdf {path}`"),
            "jpg" | "jpeg" | "gif" | "webp" | "bmp" | "tif" | "tiff" => format!("write `{stem}.png`"),
            "xls" | "xlsx" | "ods" => format!("write `{stem}.csv`, which spreadsheets open"),
            "doc" | "docx" | "odt" | "tex" => format!("write `{stem}.md`, and then `pandoc {stem}.md -o {path}`"),
            "gv" => format!("write `{stem}.dot`, which is the same"),
            "htm" | "xhtml" => format!("write `{stem}.html`"),
            _ => return None,
        };
        Some(words)
    }

    /// Returns whether the format is binary.
    pub fn is_binary(self) -> bool {
        matches!(self, Format::Png | Format::Pdf)
    }

    /// Returns whether the format needs the graph of a query rather than its rows.
    #[doc(hidden)]
    pub fn is_graph(self) -> bool {
        matches!(self.info().shows, Shows::Graphs | Shows::Pictures)
    }
}

fn is_extension(info: &FormatInfo, name: &str) -> bool {
    !info.extension.is_empty() && info.extension.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::{FORMATS, Format};

    #[test]
    fn rows_stand_in_order() {
        for (i, info) in FORMATS.iter().enumerate() {
            assert_eq!(info.format as usize, i, "{}", info.name);
            assert_eq!(Format::named(info.name), Some(info.format));
        }
    }

    #[test]
    fn a_file_name_chooses() {
        assert_eq!(Format::of_file("a/b.DOT"), Some(Format::Dot));
        assert_eq!(Format::of_file("x.nodes.csv"), Some(Format::Nodes));
        assert_eq!(Format::of_file("x.csv"), Some(Format::Csv));
        assert_eq!(Format::of_file("x.doc"), None);
        assert_eq!(Format::of_file("tree"), None);
    }
}
