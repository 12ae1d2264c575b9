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
/// Without arguments: a REPL on a terminal; elsewhere the program on stdin. An argument that is no command is a query.
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
    /// Run queries: of the arguments, of a file, or of stdin
    Query(Query),
    /// Report everything that is wrong with a graph's data
    Check {
        // Not called `graph`: that is the option's id, which commands inherit.
        #[arg(value_name = "GRAPH")]
        data: Option<PathBuf>,
    },
    /// Make a graph of tables (CSV, TSV, JSON, Parquet): a folder with a `graph.ron` to edit
    New {
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Compile a graph into a snapshot that opens at once
    Build {
        #[arg(value_name = "GRAPH")]
        data: Option<PathBuf>,
    },
    /// Write the whole graph, or the graph of a query, in the format of the file's extension
    Export {
        #[arg(add = ArgValueCompleter::new(queries))]
        query: Option<String>,
        /// Write the whole graph as a lake: a folder of Parquet tables that other engines query
        #[arg(long, value_name = "DIR", conflicts_with = "query")]
        lake: Option<PathBuf>,
    },
    /// Write a query in another engine's language, over the tables of `export --lake`
    Translate {
        #[arg(add = ArgValueCompleter::new(queries))]
        query: String,
        /// The language
        #[arg(long, value_enum, default_value_t = Target::Duckdb)]
        to: Target,
        /// Where the tables lie
        #[arg(long, value_name = "DIR", default_value = "lake")]
        lake: String,
    },
    /// Bring data and query files into canonical form
    Fmt {
        /// Files and folders; without any, stdin to stdout
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Change nothing; exit 1 if something would be changed
        #[arg(long)]
        check: bool,
    },
    #[command(flatten)]
    Curate(Curate),
    /// Show the text of a source, with the facts that are drawn from each line
    Read(ReadArgs),
    /// Say what changed from one graph to another; exit 1 if anything did
    Diff(DiffArgs),
    /// List types, verbs and properties, or describe one
    Schema {
        #[arg(add = ArgValueCompleter::new(names))]
        name: Option<String>,
    },
    /// Count what the graph holds
    Stats,
    /// Time queries, from their text to their rows: rows on stdout, seconds on stderr
    ///
    /// `first` is the first run in this process; `fresh` are runs of a text not seen before, as a next question is; `times`
    /// are runs of the prepared text; `prepare` is the first preparation.
    Bench {
        #[arg(value_name = "QUERY", required = true)]
        queries: Vec<String>,
        /// How often each is run after the first time
        #[arg(long, value_name = "N", default_value_t = 5)]
        runs: usize,
    },
    /// Answer agents: a server of the Model Context Protocol on stdin and stdout
    ///
    /// Tools: `schema`, `find`, `ask`, `why`, `check_query`, `draw`; a wrong query comes back with the corrected one. Nothing is
    /// written unless `--writable` says so, no call names a file, and a call may take 10 s, 200,000 rows and 512 MiB.
    ///
    /// A client starts it so: {"mcpServers": {"begat": {"command": "begat", "args": ["-g", "PATH", "mcp"]}}}
    #[cfg(feature = "mcp")]
    Mcp {
        /// Let agents change the graph's files, too: tools `add` and `retract`, with the checks of these commands
        #[arg(long)]
        writable: bool,
    },
    /// Answer browsers and programs: a page and JSON over HTTP, for this machine alone
    ///
    /// `/` is the page, `/?q=QUERY` that of a query, `/answer.csv?q=QUERY` its rows (also .json, .svg, .html, .dot, …), `/api/`
    /// names the tools for programs. The address is written to stdout; Ctrl-C ends it. Nothing is written, no request names a
    /// file, and a query may take 10 s, 200,000 rows and 256 MiB.
    #[cfg(feature = "serve")]
    Serve {
        /// The address or name to listen at; any but 127.0.0.1 lets other machines ask
        #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
        host: String,
        /// The port; 0 takes a free one
        #[arg(long, value_name = "N", default_value_t = 4280)]
        port: u16,
    },
    /// Write the graph as static pages into a folder, to be published: begat site -o FOLDER
    ///
    /// A page for each entity, with its facts, who states them, and its family; one for each source; one for each query that is
    /// given. Links are relative and nothing is loaded from elsewhere: the pages work from a disk, too.
    #[cfg(feature = "serve")]
    Site {
        /// Queries that get a page
        #[arg(value_name = "QUERY", add = ArgValueCompleter::new(queries))]
        queries: Vec<String>,
        /// Files of queries, each with a page of its own that is named like the file
        #[arg(short, long, value_name = "FILE")]
        file: Vec<PathBuf>,
    },
    /// Answer editors: a server of the Language Server Protocol on stdin and stdout
    ///
    /// Query files (.begat) are checked against the graph of `-g`, data files (.ron) with the other files of their graph, as
    /// the editor holds them: problems with quick fixes, completion, hover, go to definition, formatting.
    #[cfg(feature = "lsp")]
    Lsp,
    /// Explain a diagnostic's code, or list all
    Explain {
        #[arg(default_value = "", add = ArgValueCompleter::new(codes))]
        code: String,
    },
    /// Write completions for a shell, which know the names of the graph
    Completions { shell: clap_complete::Shell },
    /// Write the manual page to stdout, or those of all commands into a folder
    Man { dir: Option<PathBuf> },
    /// Write what begat is built from, with the licences of that
    Notices,
}

/// The languages that queries are translated to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// DuckDB's SQL
    Duckdb,
    /// Spark's SQL, which Sail reads too
    SparkSql,
}

/// The commands that change a graph's files.
#[derive(Debug, Clone, Subcommand)]
pub enum Curate {
    /// Add facts that a source states: begat add 'DeepSeek V3 uses MLA' --source goose --at L23
    Add(AddArgs),
    /// Take facts back: their claims are removed
    Retract(RetractArgs),
    /// Give an entity another name; the old one stays as an alias
    Rename(RenameArgs),
    /// Make one entity of two
    Merge(MergeArgs),
    /// Declare a source: begat source add KEY --title TEXT
    Source {
        #[command(subcommand)]
        command: SourceCommand,
    },
    /// Take back the last edit of the graph
    Undo {
        /// Show what would be changed, as a diff, and change nothing
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
    /// Queries, each a program of its own
    #[arg(value_name = "QUERY", add = ArgValueCompleter::new(queries))]
    pub queries: Vec<String>,
    /// Run the program in a file (`-` is stdin), before the queries; stop at the first error
    #[arg(short, long, value_name = "FILE")]
    pub file: Vec<PathBuf>,
    /// Stay in the REPL afterwards
    #[arg(short, long)]
    pub interactive: bool,
}

#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// The graph: a folder, a `.ron` file or a `.begat` snapshot; else $BEGAT_GRAPH, else the built-in one
    #[arg(short, long, global = true, value_name = "PATH", env = "BEGAT_GRAPH", hide_env = true)]
    pub graph: Option<PathBuf>,
    /// Read tables and texts that lie outside of the graph's folder, too
    #[arg(long, global = true)]
    pub allow_outside: bool,
    /// How the answer is written; else by the extension of the file, else a table or drawing on a terminal, TSV elsewhere
    #[arg(short = 'F', long, global = true, value_parser = formats(), help_heading = "Output")]
    pub format: Option<Format>,
    /// Write to a file (by way of a temporary one); `-` is stdout
    #[arg(short, long, global = true, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Let `to "FILE"` in a query file or on stdin lead out of the working folder
    #[arg(long, global = true, help_heading = "Output")]
    pub write_outside: bool,
    /// Bind `$NAME`: a number or a date if VALUE is one, else a text; never read as part of the query
    #[arg(short, long, global = true, value_name = "NAME=VALUE", value_parser = params::pair)]
    pub param: Vec<(String, Value)>,
    /// Show what is only possible, too
    #[arg(long, global = true, help_heading = "Answers")]
    pub possibly: bool,
    /// Exit 1 if the answer is empty, no or unknown
    #[arg(short, long, global = true, help_heading = "Answers")]
    pub exit_status: bool,
    /// Show at most that many rows
    #[arg(long, global = true, value_name = "N", help_heading = "Answers")]
    pub limit: Option<usize>,
    /// Cut and hide nothing, however narrow the screen
    #[arg(long, global = true, help_heading = "Output")]
    pub wide: bool,
    /// Leave out the line of column titles
    #[arg(long, global = true, help_heading = "Output")]
    pub no_header: bool,
    /// In CSV, put `'` before cells that a spreadsheet would take for formulas: they begin with = + - @, tab or CR
    #[arg(long, global = true, help_heading = "Output")]
    pub csv_guard: bool,
    /// The width to draw in: characters, instead of the terminal's; of a picture, on paper, as in 180mm, 7in or 500pt
    #[arg(long, global = true, value_name = "WIDTH", value_parser = paper::width, help_heading = "Output")]
    pub width: Option<Width>,
    /// Draw with ASCII characters only
    #[arg(long, global = true, help_heading = "Output")]
    pub ascii: bool,
    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are heeded
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = "Output")]
    pub color: When,
    /// Colours for a light or a dark ground
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub theme: Theme,
    /// In a picture, what does not belong to this entity's lineage fades
    #[arg(long, global = true, value_name = "ENTITY", add = ArgValueCompleter::new(entities), help_heading = "Pictures")]
    pub focus: Option<String>,
    /// In a picture, the verb that leads to the owner of a lane, instead of the schema's
    #[arg(long, global = true, value_name = "VERB", add = ArgValueCompleter::new(verbs), help_heading = "Pictures")]
    pub lane: Option<String>,
    /// How wide the years of a picture are
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub scale: Scale,
    /// Fit a picture onto pages: a3, a4, a5, letter or legal, upright, or a4-landscape and so on
    #[arg(long, global = true, value_name = "SIZE", value_parser = paper::page, conflicts_with_all = ["width", "columns"], help_heading = "Pictures")]
    pub page: Option<Paper>,
    /// Make a picture as wide as one column of a journal (85 mm), or as two (178 mm)
    #[arg(long, global = true, value_name = "1|2", value_parser = paper::columns, conflicts_with = "width", help_heading = "Pictures")]
    pub columns: Option<Paper>,
    /// How a timeline or a lineage is laid out
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub layout: Layout,
    /// In a family, all links, or from each entity only that to the parent it hangs from
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub links: Links,
    /// Draw so many generations of a family; the others are counted where they hang
    #[arg(long, global = true, value_name = "N", help_heading = "Pictures")]
    pub depth: Option<u16>,
    /// In a picture of adoption, leave out those of whom nothing is told
    #[arg(long, global = true, help_heading = "Pictures")]
    pub recorded: bool,
    /// Whether a picture of adoption compares its curves in one panel
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Pictures")]
    pub panels: Panels,
    /// How many panels a picture of adoption has at most: those most used today; 12 unless it is given
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Pictures")]
    pub top: Option<u16>,
    /// Under an answer with citations, print the lines of the sources' texts that it cites
    #[arg(long, global = true)]
    pub lines: bool,
    /// The title of a picture, instead of one made from the answer; after `source add`, that of the source
    #[arg(long, global = true, value_name = "TEXT", help_heading = "Pictures")]
    pub title: Option<String>,
    /// Stop after that long: 10s, 500ms, 2m
    #[arg(long, global = true, value_name = "TIME", value_parser = params::duration, help_heading = "Limits")]
    pub timeout: Option<Duration>,
    /// Stop when more rows than that are found
    #[arg(long, global = true, value_name = "N", help_heading = "Limits")]
    pub max_rows: Option<u64>,
    /// Stop when more memory than that is needed: 2G, 500M [default: half of what is free]
    #[arg(long, global = true, value_name = "BYTES", value_parser = params::bytes, help_heading = "Limits")]
    pub max_memory: Option<u64>,
    /// Say how long each query took
    #[arg(long, global = true, help_heading = "Output")]
    pub timing: bool,
    /// How errors are written
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM", help_heading = "Output")]
    pub diagnostics: Reports,
    /// Do not use a pager for answers taller than the screen
    #[arg(long, global = true, help_heading = "Output")]
    pub no_pager: bool,
    /// Neither read nor write settings and history
    #[arg(long, global = true)]
    pub no_config: bool,
    /// Only the exit status, and errors
    #[arg(short, long, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// Say more on stderr: counts, also when piped
    #[arg(short, long, global = true, help_heading = "Output")]
    pub verbose: bool,
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
    /// By what happened in them
    #[default]
    Elastic,
    /// All alike
    Linear,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Layout {
    /// Families for lineages and for timelines with many links, else lanes
    #[default]
    Auto,
    /// Children hang from their parents' lines
    Family,
    /// A lane for each owner
    Lanes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Links {
    #[default]
    All,
    /// One for each entity
    Main,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Panels {
    /// Together where they are two to six, else apart
    #[default]
    Auto,
    /// All curves in one panel
    Together,
    /// A panel for each
    Apart,
}

/// How errors are written
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Reports {
    #[default]
    Human,
    /// One JSON object a line
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
