//! `:help` and `:examples`: the topics of the session.

use super::commands::{COMMANDS, CommandInfo};
use super::{LineEditor, Next, Repl};
use crate::cli::commands::code_text;
use crate::complete::keyword_doc;
use crate::functions::FUNCTIONS;
use crate::render::FORMATS;
use crate::text::CODES;

/// Topics of `:help` that are not commands, codes or functions.
pub(super) const TOPICS: &[(&str, Topic)] = &[
    ("functions", functions_help),
    ("formats", formats_help),
    ("keys", || KEYS.to_string()),
    ("dates", || DATES.to_string()),
];

pub(super) type Topic = fn() -> String;

const KEYS: &str = "\
Enter            run; goes on where a bracket or quote is open, or a word is missing
Alt-Enter        break the line
Tab              what can stand here
→ or Ctrl-E      take the grey hint
Ctrl-R           search the history
Ctrl-C           clear the line; stop a running query
Ctrl-D           leave
";

const DATES: &str = "\
2024   2024-05   2024-05-13      a year, a month, a day
202X   2024~   2024?             a decade; about; perhaps
..2023   2023..   2023..2025     until, since, some day between
\"2017/2019\"   \"156X-12-25\"     any other EDTF, in quotes
in  before  after  since  until  between 2023 and 2025
What a date leaves open is only possible: add `possibly` to see it.
";

fn functions_help() -> String {
    let width = FUNCTIONS.iter().map(|function| function.signature.len()).max().unwrap_or(0);
    FUNCTIONS.iter().map(|function| format!("{:width$}  {}\n", function.signature, function.doc)).collect()
}

fn formats_help() -> String {
    let width = FORMATS.iter().map(|info| info.name.len()).max().unwrap_or(0);
    FORMATS.iter().map(|info| format!("{:width$}  {}\n", info.name, info.doc)).collect()
}

pub(super) fn help(repl: &mut Repl, topic: &str, _: &mut LineEditor) -> Next {
    let topic = topic.trim_start_matches(':');
    if topic.is_empty() {
        return repl.say(&overview());
    }
    if let Some((_, text)) = TOPICS.iter().find(|(name, _)| *name == topic) {
        return repl.say(&text());
    }
    if let Some(info) = COMMANDS.iter().find(|info| info.name == topic) {
        return repl.say(&format!(":{} {}\n{}", info.name, info.arguments, info.doc));
    }
    if let Some(info) = CODES.iter().find(|info| info.name == topic) {
        return repl.say(&code_text(info));
    }
    if let Some(function) = crate::functions::lookup(topic) {
        return repl.say(&format!("{}  {}\n{}", function.signature, function.doc, function.example));
    }
    if !keyword_doc(topic).is_empty() {
        return repl.say(&format!("{topic}  {}", keyword_doc(topic)));
    }
    repl.error(&format!("there is no help on `{topic}`; `:help` lists the topics"));
    Next::Prompt
}

fn overview() -> String {
    let head = |info: &CommandInfo| format!(":{} {}", info.name, info.arguments);
    let width = COMMANDS.iter().map(|info| head(info).len()).max().unwrap_or(0);
    let lines = COMMANDS.iter().map(|info| format!("{:width$}  {}\n", head(info), info.doc));
    let topics: Vec<&str> = TOPICS.iter().map(|(name, _)| *name).collect();
    format!(
        "A query is a fact with holes: `Model uses MLA` asks which models do. `:examples` shows more.\n\n{}\n\
         Topics of :help: {}\n",
        lines.collect::<String>(),
        topics.join(", ")
    )
}

pub(super) fn examples(repl: &mut Repl, _: &str, _: &mut LineEditor) -> Next {
    repl.say(&crate::cli::examples::queries())
}
