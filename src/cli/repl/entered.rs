//! Recognises lines that begin like a command, and completes them.

use super::commands::COMMANDS;
use super::help::TOPICS;
use crate::complete::{Candidate, Completion, complete};
use crate::graph::Graph;
use crate::render::FORMATS;
use crate::text::CODES;
use rustyline::completion::{FilenameCompleter, Pair};

/// A command as entered: its name as typed, and its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entered<'a> {
    pub name: &'a str,
    pub rest: &'a str,
}

/// Parses a line that begins like a command: `:help`, and the habits of other tools: `.help`, `\?`, `help`, `quit`,
/// `exit`. `None` for other lines.
pub fn recognised(line: &str) -> Option<Entered<'_>> {
    let line = line.trim();
    let bare = ["help", "quit", "exit", "?", "_"].contains(&line);
    let marked =
        line.strip_prefix([':', '\\']).or_else(|| line.strip_prefix('.').filter(|rest| !rest.starts_with('.')));
    let text = match marked {
        // `..2023` is a date, and `.5` a typing mistake.
        Some(text) if text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '?') || line == ":" => text,
        _ if bare || edits(line) => line,
        _ => return None,
    };
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = match name {
        "" | "?" | "h" => "help",
        "q" | "exit" => "quit",
        "_" => "last",
        name if edits(line) && name.eq_ignore_ascii_case("assert") => "assert",
        name if edits(line) && name.eq_ignore_ascii_case("retract") => "retract",
        name => name,
    };
    Some(Entered { name, rest: rest.trim() })
}

/// Returns whether a line begins with `assert` or `retract`, which only a session accepts.
fn edits(line: &str) -> bool {
    let first = line.split(char::is_whitespace).next().unwrap_or("");
    first.len() < line.len() && ["assert", "retract"].iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// Returns the completions of a line that begins like a command.
pub fn completions(before: &str, graph: &Graph, params: &[String]) -> rustyline::Result<Completion> {
    let indent = before.len() - before.trim_start().len() + 1;
    let typed = before.get(indent..).unwrap_or("");
    let Some((name, argument)) = typed.split_once(char::is_whitespace) else {
        return Ok(fitting(before, typed, COMMANDS.iter().map(|info| (info.name, info.doc))));
    };
    let from = before.len() - argument.trim_start().len();
    let argument = argument.trim_start();
    // Completes a query that begins with `words`, of which the line holds only the rest.
    let queries = |argument: &str, from: usize, words: &str| {
        let Completion { start, candidates, .. } = complete(&format!("{words}{argument}"), graph, params);
        Completion { start: from + start - words.len(), candidates }
    };
    Ok(match name {
        "format" => fitting(before, argument, FORMATS.iter().map(|info| (info.name, info.doc))),
        "help" => {
            let commands = COMMANDS.iter().map(|info| (info.name, info.doc));
            fitting(before, argument, TOPICS.iter().map(|(name, _)| (*name, "")).chain(commands))
        }
        "explain" => {
            let mut found = fitting(before, argument, CODES.iter().map(|info| (info.name, info.title)));
            let queries = queries(argument, from, "");
            if found.candidates.is_empty() || queries.start > found.start {
                return Ok(queries);
            }
            found.candidates.extend(queries.candidates);
            found
        }
        "profile" | "assert" | "retract" => queries(argument, from, ""),
        "schema" => queries(argument, from, "schema "),
        "set" => fitting(before, argument.trim_start_matches('$'), params.iter().map(|name| (name.as_str(), ""))),
        "draw" | "once" | "output" | "graph" | "run" | "save" => {
            let (start, found) = FilenameCompleter::new().complete_path(before, before.len())?;
            let file = |pair: Pair| Candidate::replacing(&pair.display, "", pair.replacement);
            Completion { start, candidates: found.into_iter().map(file).collect() }
        }
        _ => Completion { start: before.len(), candidates: Vec::new() },
    })
}

/// Returns the words that begin with the last one typed.
fn fitting<'a>(before: &str, typed: &str, words: impl Iterator<Item = (&'a str, &'a str)>) -> Completion {
    let fits = words.filter(|(word, _)| word.starts_with(typed));
    let candidates = fits.map(|(word, about)| Candidate::new(word, about)).collect();
    Completion { start: before.len() - typed.len(), candidates }
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, Entered, completions, recognised};

    #[test]
    fn commands_are_recognised() {
        let help = Some(Entered { name: "help", rest: "" });
        for line in [":help", ".help", "\\?", "help", "?", ":", " :h "] {
            assert_eq!(recognised(line), help, "{line}");
        }
        assert_eq!(recognised("exit"), Some(Entered { name: "quit", rest: "" }));
        assert_eq!(recognised(":once | wc -l"), Some(Entered { name: "once", rest: "| wc -l" }));
        for line in ["Model", "..2023", "", "help me", ". 5"] {
            assert_eq!(recognised(line), None, "{line}");
        }
    }

    #[test]
    fn commands_complete() {
        let graph = crate::snapshot::builtin();
        let offered = |line: &str| {
            let found = completions(line, &graph, &["t".to_string()]).expect("completes");
            (found.start, found.candidates.into_iter().map(|candidate| candidate.replacement).collect::<Vec<_>>())
        };
        assert_eq!(offered(":sc"), (1, vec!["schema".to_string()]));
        assert_eq!(offered(":format js"), (8, vec!["json".to_string(), "jsonl".to_string()]));
        assert_eq!(offered(":explain Model uses ML"), (20, vec!["MLA".to_string()]));
        assert_eq!(offered(":explain unknown-ve"), (9, vec!["unknown-verb".to_string()]));
        assert_eq!(offered(":schema Mod"), (8, vec!["Model".to_string()]));
        assert_eq!(offered(":set $"), (6, vec!["t".to_string()]));
        assert!(offered(":run Cargo").1.iter().any(|name| name.starts_with("Cargo")));
        assert!(COMMANDS.iter().all(|info| !info.doc.is_empty()));
    }
}
