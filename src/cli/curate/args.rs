//! The arguments of the commands that edit a graph. Doc comments of the derived types are the text of `--help`.

use crate::cli::completions::{entities, queries, sources};
use crate::edit::{Add, AddSource, Citation, Merge, New, Rename, Retract};
use crate::graph::Trust;
use clap::{Args, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

/// Whether and how something is written.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Writing {
    /// Show what would be changed, as a diff, and change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Declare new names, though they are like known ones
    #[arg(short = 'y', long)]
    pub yes: bool,
}

#[derive(Debug, Clone, Default, Args)]
pub struct AddArgs {
    /// Sentences of the language: 'DeepSeek V3 uses MLA and MoE'
    #[arg(value_name = "FACT", required = true, add = ArgValueCompleter::new(queries))]
    pub facts: Vec<String>,
    /// Who says so: the key of a source
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true, add = ArgValueCompleter::new(sources))]
    pub source: String,
    /// Where in the source: L23, 'p. 4', '#models'
    #[arg(long, value_name = "PLACE", default_value = "", hide_default_value = true)]
    pub at: String,
    /// How surely it is said [default: direct]
    #[arg(long, value_enum, value_name = "TRUST", default_value_t, hide_default_value = true)]
    pub trust: TrustArg,
    /// The words of the source
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub quote: String,
    /// A remark of your own
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub note: String,
    /// When the facts began to hold
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    pub date: String,
    /// Declare what the facts name and nothing is called yet: any such name, or this one
    #[arg(long, value_name = "TYPE NAME", num_args = 0..=1, default_missing_value = "")]
    pub new: Vec<String>,
    #[command(flatten)]
    pub writing: Writing,
}

#[derive(Debug, Clone, Default, Args)]
pub struct RetractArgs {
    /// Sentences of the language, as they are claimed
    #[arg(value_name = "FACT", required = true, add = ArgValueCompleter::new(queries))]
    pub facts: Vec<String>,
    /// Only claims of this source
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true, add = ArgValueCompleter::new(sources))]
    pub source: String,
    /// Only claims at this place of the source
    #[arg(long, value_name = "PLACE", default_value = "", hide_default_value = true)]
    pub at: String,
    /// All claims of the facts, where there are several
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub writing: Writing,
}

#[derive(Debug, Clone, Default, Args)]
pub struct RenameArgs {
    /// What it is called
    #[arg(add = ArgValueCompleter::new(entities))]
    pub old: String,
    /// What it is to be called; the old name stays as an alias
    pub new: String,
    #[command(flatten)]
    pub writing: Writing,
}

#[derive(Debug, Clone, Default, Args)]
pub struct MergeArgs {
    /// The entity that stays
    #[arg(add = ArgValueCompleter::new(entities))]
    pub kept: String,
    /// The one that is the same; its names become aliases
    #[arg(add = ArgValueCompleter::new(entities))]
    pub other: String,
    #[command(flatten)]
    pub writing: Writing,
}

/// Sources
#[derive(Debug, Clone, Subcommand)]
pub enum SourceCommand {
    /// Declare a source
    Add(SourceArgs),
}

#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// The key by which claims name it
    pub key: String,
    /// Who wrote it
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub by: String,
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    pub url: String,
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    pub date: String,
    /// A file in the graph's folder that holds its text: plain, HTML or PDF
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub text: String,
    #[command(flatten)]
    pub writing: Writing,
}

/// How surely a source says something
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TrustArg {
    /// In so many words
    #[default]
    Direct,
    /// By hearsay
    Secondary,
    /// It can be concluded from what is said
    Inferred,
    /// A rumour: only possible
    Doubtful,
}

impl From<TrustArg> for Trust {
    fn from(arg: TrustArg) -> Trust {
        Trust::ALL[arg as usize]
    }
}

impl AddArgs {
    pub fn request(&self, is_sure: bool) -> Add {
        let new = |words: &String| if words.is_empty() { New::Any } else { New::Words(words.clone()) };
        let citation = Citation {
            source: self.source.clone(),
            at: self.at.clone(),
            trust: self.trust.into(),
            quote: self.quote.clone(),
            note: self.note.clone(),
            date: self.date.clone(),
        };
        Add { facts: self.facts.clone(), citation, new: self.new.iter().map(new).collect(), is_sure }
    }
}

impl RetractArgs {
    pub fn request(&self) -> Retract {
        Retract { facts: self.facts.clone(), source: self.source.clone(), at: self.at.clone(), all: self.all }
    }
}

impl RenameArgs {
    pub fn request(&self) -> Rename {
        Rename { old: self.old.clone(), new: self.new.clone() }
    }
}

impl MergeArgs {
    pub fn request(&self) -> Merge {
        Merge { kept: self.kept.clone(), other: self.other.clone() }
    }
}

impl SourceArgs {
    /// Returns the request; the title is that of `--title`, an option of all commands.
    pub fn request(&self, title: &str) -> AddSource {
        AddSource {
            key: self.key.clone(),
            title: title.to_string(),
            by: self.by.clone(),
            url: self.url.clone(),
            date: self.date.clone(),
            text: self.text.clone(),
        }
    }
}
