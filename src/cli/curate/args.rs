//! The arguments of the commands that edit a graph. Doc comments of the derived types are the text of `--help`.

use crate::cli::completions::{entities, queries, sources};
use crate::edit::{Add, AddSource, Citation, Merge, New, Rename, Retract};
use crate::graph::Trust;
use clap::{Args, Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

/// Whether and how something is written.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Writing {
    /// Print the edit as a diff and write nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Declare new names even if they resemble known ones
    #[arg(short = 'y', long)]
    pub yes: bool,
}

#[derive(Debug, Clone, Default, Args)]
pub struct AddArgs {
    /// The facts, as sentences: 'DeepSeek V3 uses MLA and MoE'
    #[arg(value_name = "FACT", required = true, add = ArgValueCompleter::new(queries))]
    pub facts: Vec<String>,
    /// The key of the source that states the facts
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true, add = ArgValueCompleter::new(sources))]
    pub source: String,
    /// The place in the source: L23, 'p. 4', '#models'
    #[arg(long, value_name = "PLACE", default_value = "", hide_default_value = true)]
    pub at: String,
    /// How reliably the source states the facts [default: direct]
    #[arg(long, value_enum, value_name = "TRUST", default_value_t, hide_default_value = true)]
    pub trust: TrustArg,
    /// A quotation from the source
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub quote: String,
    /// A note of your own
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub note: String,
    /// The date since which the facts hold
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    pub date: String,
    /// Declare unknown names in the facts as new entities: all of them, or only this one
    #[arg(long, value_name = "TYPE NAME", num_args = 0..=1, default_missing_value = "")]
    pub new: Vec<String>,
    #[command(flatten)]
    pub writing: Writing,
}

#[derive(Debug, Clone, Default, Args)]
pub struct RetractArgs {
    /// The facts, as sentences
    #[arg(value_name = "FACT", required = true, add = ArgValueCompleter::new(queries))]
    pub facts: Vec<String>,
    /// Remove only claims of this source
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true, add = ArgValueCompleter::new(sources))]
    pub source: String,
    /// Remove only claims at this place in the source
    #[arg(long, value_name = "PLACE", default_value = "", hide_default_value = true)]
    pub at: String,
    /// Remove all claims of the facts if there are several
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub writing: Writing,
}

#[derive(Debug, Clone, Default, Args)]
pub struct RenameArgs {
    /// The current name
    #[arg(add = ArgValueCompleter::new(entities))]
    pub old: String,
    /// The new name; the old name stays as an alias
    pub new: String,
    #[command(flatten)]
    pub writing: Writing,
}

#[derive(Debug, Clone, Default, Args)]
pub struct MergeArgs {
    /// The entity to keep
    #[arg(add = ArgValueCompleter::new(entities))]
    pub kept: String,
    /// The duplicate; its names become aliases of the kept entity
    #[arg(add = ArgValueCompleter::new(entities))]
    pub other: String,
    #[command(flatten)]
    pub writing: Writing,
}

/// Manage sources
#[derive(Debug, Clone, Subcommand)]
pub enum SourceCommand {
    /// Declare a source
    Add(SourceArgs),
}

#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// The key that claims use to name the source
    pub key: String,
    /// The author
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub by: String,
    /// The web address
    #[arg(long, value_name = "URL", default_value = "", hide_default_value = true)]
    pub url: String,
    /// The date of publication
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    pub date: String,
    /// A file in the graph's folder with the text of the source: plain text, HTML or PDF
    #[arg(long, value_name = "FILE", default_value = "", hide_default_value = true)]
    pub text: String,
    #[command(flatten)]
    pub writing: Writing,
}

/// How reliably a source states a fact
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TrustArg {
    /// The source states it explicitly
    #[default]
    Direct,
    /// The source repeats it from another source
    Secondary,
    /// It follows from what the source states
    Inferred,
    /// A rumour; the fact is only possible
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
