//! Session commands that edit the graph's files.

use super::commands::{define_again, reopen};
use super::{LineEditor, Next, Repl};
use crate::Database;
use crate::cli::curate;
use crate::cli::curate::args::{AddArgs, RetractArgs};
use crate::graph::Graph;

pub(super) fn assert(repl: &mut Repl, rest: &str, _: &mut LineEditor) -> Next {
    let Some(args) = cited::<AddArgs>(repl, "assert", rest) else { return Next::Prompt };
    let mut args = args;
    if let Some((source, at)) = repl.cited.clone().filter(|_| args.source.is_empty()) {
        args.source = source;
        args.at = if args.at.is_empty() { at } else { args.at };
    }
    if args.source.is_empty() {
        repl.error("who says so? write `assert FACT according to SOURCE at PLACE`");
        return Next::Prompt;
    }
    let source = (args.source.clone(), args.at.clone());
    let (global, terminal) = (&repl.session.global, &repl.session.terminal);
    if let Ok(Some(edit)) = curate::run(global, terminal, args.writing, &|is_sure| Box::new(args.request(is_sure))) {
        repl.cited = Some(source);
        renewed(repl, edit.graph);
    }
    Next::Prompt
}

pub(super) fn retract(repl: &mut Repl, rest: &str, _: &mut LineEditor) -> Next {
    let Some(args) = cited::<RetractArgs>(repl, "retract", rest) else { return Next::Prompt };
    let (global, terminal) = (&repl.session.global, &repl.session.terminal);
    if let Ok(Some(edit)) = curate::run(global, terminal, args.writing, &|_| Box::new(args.request())) {
        renewed(repl, edit.graph);
    }
    Next::Prompt
}

/// Parses the arguments of a command that were entered as a sentence with its source; reports an error and returns
/// `None` if they are invalid.
fn cited<A: clap::Args>(repl: &Repl, name: &'static str, rest: &str) -> Option<A> {
    let entered = curate::asserted(rest);
    if entered.fact.is_empty() {
        repl.error(&format!("which fact? write `{name} DeepSeek V3 uses MLA according to goose at L23`"));
        return None;
    }
    let mut words = vec![name.to_string()];
    let given = [("--source", &entered.source), ("--at", &entered.at)];
    words.extend(given.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")));
    words.extend(entered.options);
    words.extend(["--".to_string(), entered.fact]);
    let command = A::augment_args(clap::Command::new(name).no_binary_name(false));
    let matches = command.try_get_matches_from(words).and_then(|matches| A::from_arg_matches(&matches));
    matches.map_err(|error| repl.error(error.to_string().trim_start_matches("error: ").trim_end())).ok()
}

pub(super) fn undo(repl: &mut Repl, _: &str, _: &mut LineEditor) -> Next {
    let session = &repl.session;
    if curate::undo(&session.global, &session.terminal, false) == Ok(true) {
        reopen(repl);
    }
    Next::Prompt
}

/// Switches the session to the graph of an edit.
fn renewed(repl: &mut Repl, graph: Graph) {
    repl.session.database = Database::of(graph);
    define_again(repl);
}
