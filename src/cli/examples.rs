//! The table of example queries. `--help`, the manual and `:examples` read it; the tests run every row.

/// A row of [`EXAMPLES`], for the built-in graph.
#[derive(Debug)]
pub struct Example {
    pub query: &'static str,
    /// Options on the command line; the session skips examples that have some.
    pub options: &'static str,
    pub about: &'static str,
}

macro_rules! examples {
    ($($query:literal $options:literal $about:literal;)*) => {
        /// From the simplest to the most specific.
        pub static EXAMPLES: &[Example] = &[$(Example { query: $query, options: $options, about: $about },)*];
    };
}

examples! {
    "Model uses MLA" "" "who uses it";
    "Org develops Model that uses QK-Norm" "" "and whose are they";
    "Model uses MLA but not MoE" "" "combine, exclude";
    "DeepSeek R1 (succeeds | based on)+ Model" "" "all ancestors";
    "Org develops no Model that uses MoE" "" "negation";
    "Model m uses Technique t show count(m) by t" "" "count";
    "Model dated since 2024" "" "dates";
    "lineage of DeepSeek R1" "" "the family tree";
    "adoption of MLA by year" "" "who took it up, and when";
    "spread of MLA" "" "who inherited it, who took it up anew";
    "rise of Technique" "" "how fast each was taken up";
    "diff DeepSeek V2 and DeepSeek V3" "" "what they share, what they don't";
    "describe DeepSeek V3" "" "everything known of it";
    "why DeepSeek V3 uses MLA" "" "the sources that say so";
    "Model uses $t" "-p t=MoE -F json" "a value from outside; JSON";
    "graph DeepSeek R1 (succeeds | based on)+ Model" "-F dot" "the facts, for Graphviz";
    "adoption of Technique by year" "-o adoption.svg" "a picture";
}

/// Number of queries that `-h` shows.
const FEW: usize = 3;

/// Returns the examples as commands, for the end of `--help`.
pub fn commands(all: bool) -> String {
    let shown = EXAMPLES.iter().filter(|example| all || !example.options.is_empty());
    let first = EXAMPLES.iter().take(FEW).filter(|_| !all);
    let lines: Vec<(String, &str)> = first.chain(shown).map(|example| (example.command(), example.about)).collect();
    let width = lines.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    let lines = lines.iter().map(|(command, about)| format!("\n  {command:width$}  # {about}"));
    format!("Examples:{}", lines.collect::<String>())
}

/// Returns the examples as queries, for `:examples`.
pub fn queries() -> String {
    let shown = || EXAMPLES.iter().filter(|example| example.options.is_empty());
    let width = shown().map(|example| example.query.len()).max().unwrap_or(0);
    shown().map(|example| format!("{:width$}  # {}\n", example.query, example.about)).collect()
}

impl Example {
    /// Returns the command as typed in a shell.
    pub fn command(&self) -> String {
        format!("begat '{}' {}", self.query, self.options).trim_end().to_string()
    }
}
