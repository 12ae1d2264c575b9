//! The command-line arguments. Doc comments of the derived types are the text of `--help`.

use super::completions::{codes, entities, names, queries, verbs};
use super::curate::args::{AddArgs, MergeArgs, RenameArgs, RetractArgs, SourceCommand};
use super::diff::DiffArgs;
use super::paper::{self, Width};
use super::reading::ReadArgs;
use super::{examples, exit, params};
use crate::load::Access;
use crate::render::picture::Paper;
use crate::render::{FORMATS, Format};
use crate::value::Value;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;
use std::path::PathBuf;
use std::time::Duration;

/// A knowledge graph of who begat whom, asked in sentences.
///
/// Without arguments, begat starts a session on a terminal, and otherwise runs the program on stdin. An argument that is not a
/// command is a query.
#[derive(Debug, Parser)]
#[command(name = "begat", version, max_term_width = 100, after_long_help = after_help(), after_help = examples::commands(false))]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub query: Query,
}

fn after_help() -> String {
    let width = FORMATS.iter().map(|info| info.name.len()).max().unwrap_or(0);
    let formats = FORMATS.iter().map(|info| format!("  {:width$}  {}\n", info.name, info.doc));
    format!("{}\n\nFormats:\n{}\n{}", examples::commands(true), formats.collect::<String>(), exit::listed())
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run queries from the arguments, a file, or stdin
    Query(Query),
    /// Report all errors and warnings of a graph's data
    Check {
        // Not called `graph`: that is the option's id, which commands inherit.
        #[arg(value_name = "GRAPH")]
        data: Option<PathBuf>,
    },
    /// Create a graph from files (CSV, TSV, JSON, Parquet, GEDCOM, RDF): a folder with a `graph.ron` to edit
    New {
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Compile a graph into a snapshot, which opens in milliseconds
    Build {
        #[arg(value_name = "GRAPH")]
        data: Option<PathBuf>,
    },
    /// Export the whole graph, or the graph of a query, in the format of the output file's extension
    Export {
        #[arg(add = ArgValueCompleter::new(queries))]
        query: Option<String>,
        /// Export the whole graph as a lake: a folder of Parquet tables that other engines can query
        #[arg(long, value_name = "DIR", conflicts_with = "query")]
        lake: Option<PathBuf>,
    },
    /// Translate a query into another engine's language
    ///
    /// DuckDB and Spark read the tables of `begat export --lake DIR`. Ladybug reads them after `ladybug.cypher`, which stands
    /// beside them. SPARQL engines read what `begat export -o FILE.trig` writes. What a language cannot say is refused.
    Translate {
        #[arg(add = ArgValueCompleter::new(queries))]
        query: String,
        /// The target language
        #[arg(long, value_enum, default_value_t = Target::Duckdb)]
        to: Target,
        /// The folder of the tables, for DuckDB and Spark
        #[arg(long, value_name = "DIR", default_value = "lake")]
        lake: String,
    },
    /// Format data files and query files
    Fmt {
        /// Files and folders to format; if none is given, stdin is formatted to stdout
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Write nothing; exit with status 1 if a file is not formatted
        #[arg(long)]
        check: bool,
    },
    #[command(flatten)]
    Curate(Curate),
    /// Show the text of a source, with the facts that cite each line
    Read(ReadArgs),
    /// Show the differences between two graphs; exit with status 1 if there are any
    Diff(DiffArgs),
    /// List types, verbs and properties, or describe one
    Schema {
        #[arg(add = ArgValueCompleter::new(names))]
        name: Option<String>,
    },
    /// Show the size of the graph: types, entities, facts, sources
    Stats,
    /// Measure queries from text to rows: rows on stdout, seconds on stderr
    ///
    /// `first` is the first run in this process; `fresh` are runs of a new text, like the next query of a session; `times` are
    /// runs of the prepared text; `prepare` is the first preparation.
    Bench {
        #[arg(value_name = "QUERY", required = true)]
        queries: Vec<String>,
        /// The number of runs of each query after the first
        #[arg(long, value_name = "N", default_value_t = 5)]
        runs: usize,
    },
    /// Serve agents by the Model Context Protocol on stdin and stdout
    ///
    /// Tools: `schema`, `find`, `ask`, `why`, `check_query`, `draw`. The error of a wrong query contains the corrected query. The
    /// server writes no files unless `--writable` is given, a call cannot name a file, and a call is limited to 10 s, 200,000 rows
    /// and 512 MiB.
    ///
    /// Configuration of a client: {"mcpServers": {"begat": {"command": "begat", "args": ["-g", "PATH", "mcp"]}}}
    #[cfg(feature = "mcp")]
    Mcp {
        /// Let agents change the graph's files: tools `add` and `retract`, with the checks of these commands
        #[arg(long)]
        writable: bool,
    },
    /// Serve a web page and a JSON API over HTTP, by default only to this machine
    ///
    /// `/` is the page, `/?q=QUERY` the page of a query, `/answer.csv?q=QUERY` its rows (also .json, .svg, .html, .dot, …), and
    /// `/api/` lists the tools for programs. The address is printed to stdout; Ctrl-C stops the server. The server writes no
    /// files, a request cannot name a file, and a query is limited to 10 s, 200,000 rows and 256 MiB.
    #[cfg(feature = "serve")]
    Serve {
        /// The address or host name to listen on; any other than 127.0.0.1 admits other machines
        #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
        host: String,
        /// The port; 0 selects a free one
        #[arg(long, value_name = "N", default_value_t = 4280)]
        port: u16,
    },
    /// Write the graph as static pages for publishing: begat site -o FOLDER
    ///
    /// There is a page for each entity (its facts, their sources, its family), for each source, and for each given query. All links
    /// are relative and nothing is loaded from elsewhere, so the pages also work from a disk.
    #[cfg(feature = "serve")]
    Site {
        /// Queries that get a page
        #[arg(value_name = "QUERY", add = ArgValueCompleter::new(queries))]
        queries: Vec<String>,
        /// Files of queries, each with a page named like the file
        #[arg(short, long, value_name = "FILE")]
        file: Vec<PathBuf>,
    },
    /// Serve editors by the Language Server Protocol on stdin and stdout
    ///
    /// Query files (.begat) are checked against the graph of `-g`, data files (.ron) together with the other files of their
    /// graph, including unsaved changes. Supports diagnostics with quick fixes, completion, hover, go to definition and
    /// formatting.
    #[cfg(feature = "lsp")]
    Lsp,
    /// Explain the code of a diagnostic, or list all codes
    Explain {
        #[arg(default_value = "", add = ArgValueCompleter::new(codes))]
        code: String,
    },
    /// Print the completion script for a shell; it also completes the names of the graph
    Completions { shell: clap_complete::Shell },
    /// Print the manual page, or write the manual pages of all commands into a folder
    Man { dir: Option<PathBuf> },
    /// Print the licences of the libraries that begat contains
    Notices,
}

/// The languages that queries are translated to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// DuckDB's SQL
    Duckdb,
    /// Spark's SQL, which Sail also reads
    SparkSql,
    /// Cypher as Ladybug reads it, for the tables that `ladybug.cypher` in the lake makes
    Cypher,
    /// SPARQL 1.1, for the graph exported to a file `.trig`
    Sparql,
}

/// The commands that change a graph's files.
#[derive(Debug, Clone, Subcommand)]
pub enum Curate {
    /// Add facts that a source states: begat add 'DeepSeek V3 uses MLA' --source goose --at L23
    Add(AddArgs),
    /// Remove the claims of facts
    Retract(RetractArgs),
    /// Rename an entity; the old name stays as an alias
    Rename(RenameArgs),
    /// Merge two entities into one
    Merge(MergeArgs),
    /// Declare a source: begat source add KEY --title TEXT
    Source {
        #[command(subcommand)]
        command: SourceCommand,
    },
    /// Revert the last edit of the graph
    Undo {
        /// Print the edit as a diff and write nothing
        #[arg(short = 'n', long)]
        dry_run: bool,
    },
}

impl Global {
    /// Returns the permissions for reading the graph.
    pub fn access(&self) -> Access {
        Access { outside: self.allow_outside, ..Access::default() }
    }
}

#[derive(Debug, Default, Args)]
pub struct Query {
    /// Queries; each is a separate program
    #[arg(value_name = "QUERY", add = ArgValueCompleter::new(queries))]
    pub queries: Vec<String>,
    /// Run the program in a file (`-` is stdin) before the queries; stop at the first error
    #[arg(short, long, value_name = "FILE")]
    pub file: Vec<PathBuf>,
    /// Start a session after the queries
    #[arg(short, long)]
    pub interactive: bool,
}

#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// The graph: a folder, a `.ron` file, a `.begat` snapshot or git:REV:PATH [default: $BEGAT_GRAPH, or the built-in graph]
    #[arg(short, long, global = true, value_name = "PATH", env = "BEGAT_GRAPH", hide_env = true)]
    pub graph: Option<PathBuf>,
    /// Also read tables and texts outside of the graph's folder
    #[arg(long, global = true)]
    pub allow_outside: bool,
    /// The output format [default: by the extension of the output file; on a terminal a table or drawing, otherwise TSV]
    #[arg(short = 'F', long, global = true, value_parser = formats(), help_heading = "Output")]
    pub format: Option<Format>,
    /// Write to a file, atomically; `-` is stdout
    #[arg(short, long, global = true, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Allow `to "FILE"` in a query file or on stdin to write outside of the working folder
    #[arg(long, global = true, help_heading = "Output")]
    pub write_outside: bool,
    /// Bind `$NAME` to a text, which the query reads as a name, number, date or text where it uses it, never as query text
    #[arg(short, long, global = true, value_name = "NAME=VALUE", value_parser = params::pair)]
    pub param: Vec<(String, Value)>,
    /// Also show results that are only possible
    #[arg(long, global = true, help_heading = "Answers")]
    pub possibly: bool,
    /// Exit with status 1 if the answer is empty, no or unknown
    #[arg(short, long, global = true, help_heading = "Answers")]
    pub exit_status: bool,
    /// Show at most N rows; a drawing shows all
    #[arg(long, global = true, value_name = "N", help_heading = "Answers")]
    pub limit: Option<usize>,
    /// Do not cut or hide columns, even on a narrow screen
    #[arg(long, global = true, help_heading = "Output")]
    pub wide: bool,
    /// Omit the line of column titles
    #[arg(long, global = true, help_heading = "Output")]
    pub no_header: bool,
    /// In CSV, put `'` before cells that a spreadsheet would read as formulas: those that begin with = + - @, tab or CR
    #[arg(long, global = true, help_heading = "Output")]
    pub csv_guard: bool,
    /// The width of the output in characters, or of a picture on paper: 180mm, 7in, 500pt [default: the terminal's]
    #[arg(long, global = true, value_name = "WIDTH", value_parser = paper::width, help_heading = "Output")]
    pub width: Option<Width>,
    /// Draw with ASCII characters only
    #[arg(long, global = true, help_heading = "Output")]
    pub ascii: bool,
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are respected
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Output")]
    pub color: When,
    /// Colours for a light or a dark background
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub theme: Theme,
    /// In a picture, fade everything outside of this entity's lineage
    #[arg(long, global = true, value_name = "ENTITY", add = ArgValueCompleter::new(entities), help_heading = "Pictures")]
    pub focus: Option<String>,
    /// In a picture, the verb that leads to the owner of a lane [default: that of the schema]
    #[arg(long, global = true, value_name = "VERB", add = ArgValueCompleter::new(verbs), help_heading = "Pictures")]
    pub lane: Option<String>,
    /// The scale of the time axis of a picture
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub scale: Scale,
    /// Fit a picture to pages: a3, a4, a5, letter or legal; with -landscape (a4-landscape) in landscape format
    #[arg(long, global = true, value_name = "SIZE", value_parser = paper::page, conflicts_with_all = ["width", "columns"], help_heading = "Pictures")]
    pub page: Option<Paper>,
    /// Make a picture as wide as one column of a journal (85 mm) or two (178 mm)
    #[arg(long, global = true, value_name = "1|2", value_parser = paper::columns, conflicts_with = "width", help_heading = "Pictures")]
    pub columns: Option<Paper>,
    /// The layout of a timeline or a lineage
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub layout: Layout,
    /// In the family layout, draw all links, or for each entity only the link to its main parent
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub links: Links,
    /// In the family layout, draw at most N generations; the remaining descendants are counted at their ancestors
    #[arg(long, global = true, value_name = "N", help_heading = "Pictures")]
    pub depth: Option<u16>,
    /// In a picture of adoption, omit entities without recorded facts
    #[arg(long, global = true, help_heading = "Pictures")]
    pub recorded: bool,
    /// The panels of a picture of adoption
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub panels: Panels,
    /// The maximum number of panels of a picture of adoption, most used first [default: 12]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Pictures")]
    pub top: Option<u16>,
    /// After an answer with citations, print the cited lines of the sources' texts
    #[arg(long, global = true)]
    pub lines: bool,
    /// The title of a picture [default: made from the answer]; for `source add`, the title of the source
    #[arg(long, global = true, value_name = "TEXT", help_heading = "Pictures")]
    pub title: Option<String>,
    /// Stop after this time: 10s, 500ms, 2m
    #[arg(long, global = true, value_name = "TIME", value_parser = params::duration, help_heading = "Limits")]
    pub timeout: Option<Duration>,
    /// Stop when more than N rows are found
    #[arg(long, global = true, value_name = "N", help_heading = "Limits")]
    pub max_rows: Option<u64>,
    /// Stop when more memory is needed: 2G, 500M [default: half of the free memory]
    #[arg(long, global = true, value_name = "BYTES", value_parser = params::bytes, help_heading = "Limits")]
    pub max_memory: Option<u64>,
    #[command(flatten)]
    pub cluster: Cluster,
    /// Print the duration of each query
    #[arg(long, global = true, help_heading = "Output")]
    pub timing: bool,
    /// The format of errors
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM", help_heading = "Output")]
    pub diagnostics: Reports,
    /// Do not use a pager for answers longer than the screen
    #[arg(long, global = true, help_heading = "Output")]
    pub no_pager: bool,
    /// Do not read or write settings and history
    #[arg(long, global = true)]
    pub no_config: bool,
    /// Print only errors; the exit status tells the rest
    #[arg(short, long, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// Print more to stderr: counts, also when piped
    #[arg(short, long, global = true, help_heading = "Output")]
    pub verbose: bool,
}

/// How a graph on a cluster is asked.
#[derive(Debug, Clone, Default, Args)]
pub struct Cluster {
    /// Of a graph on a cluster: fetch at most N facts for a query that the server cannot answer [default: 10,000,000]
    #[cfg(feature = "spark")]
    #[arg(long, global = true, value_name = "N", help_heading = "Clusters")]
    pub fetch: Option<u64>,
    /// The folder, seen by begat and the server, for tables that grow large [default: one beside the lake]
    #[cfg(feature = "spark")]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Clusters")]
    pub state: Option<PathBuf>,
    /// Where queries run: on the server as far as it can, or here on facts that are fetched
    #[cfg(feature = "spark")]
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHERE", help_heading = "Clusters")]
    pub closure: Closure,
    /// Pairs of a table that grows that are held here; for tests.
    #[cfg(feature = "spark")]
    #[arg(long, global = true, value_name = "N", hide = true)]
    pub held: Option<usize>,
}

/// Where queries on a cluster's graph run
#[cfg(feature = "spark")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Closure {
    #[default]
    Server,
    Embedded,
}

/// When to use colours
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Scale {
    /// The width of a year depends on the number of its events
    #[default]
    Elastic,
    /// All years have the same width
    Linear,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Layout {
    /// Families for lineages and for timelines with many links, otherwise lanes
    #[default]
    Auto,
    /// Descendants branch off the lines of their ancestors
    Family,
    /// A lane for each owner
    Lanes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Links {
    #[default]
    All,
    /// One link for each entity
    Main,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Panels {
    /// Together if there are two to six, otherwise apart
    #[default]
    Auto,
    /// All curves in one panel
    Together,
    /// One panel for each curve
    Apart,
}

/// The format of errors
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Reports {
    #[default]
    Human,
    /// One JSON object on each line
    Json,
}

fn formats() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(FORMATS.iter().map(|info| info.name));
    names.map(|name| Format::named(&name).expect("the names are those of the table"))
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Command};
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_argument_that_is_no_command_is_a_query() {
        let parsed = Arguments::try_parse_from(["begat", "Model uses MLA", "-F", "json", "-p", "a=1"]).expect("parses");
        assert_eq!(parsed.query.queries, ["Model uses MLA"]);
        assert!(parsed.command.is_none() && parsed.global.param.len() == 1);
        let parsed = Arguments::try_parse_from(["begat", "-g", "x", "query", "schema"]).expect("parses");
        assert!(matches!(parsed.command, Some(Command::Query(query)) if query.queries == ["schema"]));
        let parsed = Arguments::try_parse_from(["begat", "build", "-g", "x", "-o", "y"]).expect("parses");
        assert!(matches!(parsed.command, Some(Command::Build { data: None })) && parsed.global.graph.is_some());
    }
}
