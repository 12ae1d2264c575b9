//! Shell completion: clap knows commands and flags, the graph knows names.
//!
//! The scripts of `begat completions SHELL` call `begat` again, with the current line and [`VARIABLE`] set.

use super::args::Arguments;
use super::output::printed;
use super::progress::Watch;
use super::terminal::Terminal;
use super::{Exit, elsewhere, loading};
use crate::complete::complete;
use crate::graph::Graph;
use crate::load::Access;
use crate::text::CODES;
use clap::CommandFactory;
use clap_complete::CompleteEnv;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Set by the scripts to the name of their shell.
pub const VARIABLE: &str = "BEGAT_COMPLETE";

/// Answers a shell that asks for completions; returns false if none does.
pub fn answered() -> bool {
    let here = std::env::current_dir().ok();
    let complete = CompleteEnv::with_factory(Arguments::command).var(VARIABLE);
    // On an error there are no completions.
    std::env::var_os(VARIABLE).is_some() && complete.try_complete(std::env::args_os(), here.as_deref()).unwrap_or(true)
}

/// Writes the script of a shell.
pub fn script(shell: clap_complete::Shell, terminal: &Terminal) -> Exit {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let written = shells
        .completer(&shell.to_string())
        .map(|completer| completer.write_registration(VARIABLE, "begat", "begat", "begat", &mut script));
    match written {
        Some(Ok(())) => printed(&String::from_utf8_lossy(&script), terminal),
        _ => Exit::Bug,
    }
}

/// Returns the graph that the line names, or the one that a query without `--graph` would use.
fn graph() -> Option<Graph> {
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").collect();
    let after = words.windows(2).find(|pair| pair[0] == "-g" || pair[0] == "--graph").map(|pair| pair[1].clone());
    let joined = words.iter().find_map(|word| word.to_str()?.strip_prefix("--graph=").map(OsString::from));
    let path = after.or(joined).or_else(|| std::env::var_os("BEGAT_GRAPH")).map(PathBuf::from);
    // A key press waits for no server.
    if path.as_deref().is_some_and(elsewhere::is_name) {
        return elsewhere::catalogue(&path?);
    }
    Some(loading::open(path.as_deref(), Access::default(), &Watch::default()).ok()?.graph().clone())
}

/// Returns the queries that complete what was typed, each with a description of its last word.
pub fn queries(typed: &OsStr) -> Vec<CompletionCandidate> {
    let (Some(typed), Some(graph)) = (typed.to_str(), graph()) else { return Vec::new() };
    let typed = unquoted(typed);
    let found = complete(typed, &graph, &[]);
    let before = typed.get(..found.start).unwrap_or("");
    let whole = |word: &str| format!("{before}{word}");
    found.candidates.iter().map(|candidate| described(whole(&candidate.replacement), &candidate.about)).collect()
}

/// Removes the opening quote of the shell, which some shells pass on.
fn unquoted(typed: &str) -> &str {
    match typed.strip_prefix('"') {
        Some(rest) if rest.matches('"').count().is_multiple_of(2) => rest,
        _ => typed.strip_prefix('\'').unwrap_or(typed),
    }
}

fn described(word: String, about: &str) -> CompletionCandidate {
    CompletionCandidate::new(word).help((!about.is_empty()).then(|| about.to_string().into()))
}

/// Returns the words that begin with what was typed, in any case.
fn beginning<'a>(typed: &OsStr, words: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<CompletionCandidate> {
    let typed = unquoted(&typed.to_string_lossy()).to_lowercase();
    let fits = words.filter(|(word, _)| word.to_lowercase().starts_with(&typed));
    fits.map(|(word, about)| described(word.to_string(), about)).collect()
}

pub fn codes(typed: &OsStr) -> Vec<CompletionCandidate> {
    beginning(typed, CODES.iter().map(|info| (info.name, info.title)))
}

pub fn entities(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(graph) = graph() else { return Vec::new() };
    beginning(typed, graph.names().iter().map(|(name, _)| (name, "")))
}

/// Returns keys of sources.
pub fn sources(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(graph) = graph() else { return Vec::new() };
    beginning(typed, graph.claims().sources.iter().map(|source| (source.key.as_str(), source.title.as_str())))
}

pub fn verbs(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(graph) = graph() else { return Vec::new() };
    let forward = graph.schema().verbs().map(|(_, verb)| (verb.name.as_str(), verb.doc.as_str()));
    let inverse = graph.schema().verbs().filter_map(|(_, verb)| Some((verb.inverse.as_deref()?, verb.doc.as_str())));
    beginning(typed, forward.chain(inverse))
}

/// Returns types, verbs and properties, which `schema` describes.
pub fn names(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(graph) = graph() else { return Vec::new() };
    let types = graph.schema().types().map(|(_, type_)| (type_.name.as_str(), type_.doc.as_str()));
    let properties = graph.schema().properties().map(|(_, property)| (property.name.as_str(), property.doc.as_str()));
    [beginning(typed, types), verbs(typed), beginning(typed, properties)].into_iter().flatten().collect()
}
