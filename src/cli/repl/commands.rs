//! The table of session commands. `:help`, completion and the README read it.

use super::curating::{assert, retract, undo};
use super::entered::Entered;
use super::help::{examples, help};
use super::{LineEditor, Next, Repl};
use crate::answer::{Answer, Table, View};
use crate::cli::commands::code_text;
#[cfg(feature = "raster")]
use crate::cli::inline::Protocol;
use crate::cli::session::{read, report};
use crate::cli::show::counted;
use crate::cli::{output, params};
use crate::render::{self, FORMATS, Format};
use crate::syntax;
use crate::text::{CODES, Text, suggest};
use crate::value::Date;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// A row of [`COMMANDS`].
#[derive(Debug)]
pub struct CommandInfo {
    /// Without its colon.
    pub name: &'static str,
    /// The arguments, for help.
    pub arguments: &'static str,
    pub doc: &'static str,
    run: fn(&mut Repl, &str, &mut LineEditor) -> Next,
}

macro_rules! commands {
    ($($name:literal $arguments:literal $run:ident $doc:literal;)*) => {
        /// All commands, in the order of `:help`.
        pub static COMMANDS: &[CommandInfo] = &[$(CommandInfo {
            name: $name, arguments: $arguments, doc: $doc, run: $run,
        },)*];
    };
}

commands! {
    "help" "[topic]" help "commands; or a command, `functions`, `formats`, `keys`, `dates`, a keyword, or a code";
    "examples" "" examples "queries to begin with";
    "schema" "[name]" schema "types, verbs and properties, or one of them";
    "last" "" show_last "the last answer again; so does `_`";
    "why" "[row]" why "why a row of the last answer holds";
    "explain" "[query|code]" explain "the plan of a query, or what a code means";
    "profile" "[query]" profile "the plan of a query, and what happened";
    "format" "[format]" format "show the last answer so; without a name, go back to tables and drawings";
    "wide" "" wide "cut nothing, or cut again";
    "draw" "[FILE]" draw "write the last answer into a file, in the format of its extension; without a name, show its picture";
    "once" "FILE or | COMMAND" once "the last answer into a file or a command";
    "output" "[FILE]" log "add what is shown to a file, too; without a name, no more";
    "set" "[$name value]" set "bind a parameter; without a value, unbind it; alone, list them";
    "as-of" "[date]" as_of "ask the graph as it stood on that day; without a date, as it stands";
    "timing" "" timing "say under every answer how long it took, or under tables and slow ones only";
    "assert" "FACT according to SOURCE at PLACE" assert "write a fact into the graph's files; the colon may be left out; options as `begat add --help` lists";
    "retract" "FACT [according to SOURCE]" retract "take a fact out of the graph's files; the colon may be left out";
    "undo" "" undo "take back the last edit of the graph's files";
    "graph" "[path]" graph "what is loaded; or open another graph";
    "reload" "" reload "read the graph again";
    "run" "FILE" run "run a file of queries; its definitions stay";
    "save" "FILE" save "write the queries of this session into a file";
    "history" "[n]" history "the last lines entered";
    "edit" "" edit "edit the last query in $EDITOR";
    "quit" "" quit "leave; so does Ctrl-D";
}

impl Repl<'_> {
    pub fn command(&mut self, entered: Entered, editor: &mut LineEditor) -> Next {
        match COMMANDS.iter().find(|info| info.name == entered.name) {
            Some(info) => {
                self.session.begin(super::QUERY);
                (info.run)(self, entered.rest, editor)
            }
            None => {
                let near = suggest::nearest(entered.name, COMMANDS.iter().map(|info| info.name));
                let near = near.first().map_or(String::new(), |name| format!("; did you mean `:{name}`?"));
                self.error(&format!("no command is called `:{}`{near}", entered.name));
                Next::Prompt
            }
        }
    }

    pub(super) fn error(&self, words: &str) {
        self.session.terminal.error(words);
    }

    pub(super) fn say(&self, words: &str) -> Next {
        if self.silent {
            return Next::Prompt;
        }
        // A closed terminal is noticed at the next prompt.
        let _ = output::page(&format!("{}\n", words.trim_end()), &self.session.terminal, !self.session.global.no_pager);
        Next::Prompt
    }

    /// Returns the last answer; reports an error if there is none.
    fn last(&self) -> Option<&(super::AnsweredQuery, Arc<Text>)> {
        if self.last.is_none() {
            self.error("there is no answer yet");
        }
        self.last.as_ref()
    }
}

fn schema(repl: &mut Repl, name: &str, _: &mut LineEditor) -> Next {
    repl.program(&Text::new("query", format!("schema {name}").trim().to_string()), true);
    Next::Prompt
}

fn show_last(repl: &mut Repl, _: &str, _: &mut LineEditor) -> Next {
    if let Some((answered, text)) = repl.last() {
        repl.show(answered, None, text);
    }
    Next::Prompt
}

fn why(repl: &mut Repl, row: &str, _: &mut LineEditor) -> Next {
    let Some((answered, text)) = repl.last() else { return Next::Prompt };
    let number = if row.is_empty() { Ok(1) } else { row.parse::<usize>() };
    let rows = &answered.answer.table.rows;
    let Some(row) = number.ok().and_then(|number| rows.get(number.checked_sub(1)?)) else {
        repl.error(&match rows.len() {
            0 => "the last answer has no rows".to_string(),
            count => format!("the last answer has rows 1 to {count}"),
        });
        return Next::Prompt;
    };
    let session = &repl.session;
    let row = row.clone();
    let prepared = match session.with_facts(&answered.prepared) {
        Ok(prepared) => prepared,
        Err(error) => {
            session.fail(error, text);
            return Next::Prompt;
        }
    };
    match session.asking(&prepared, move |database, prepared, options| database.why(prepared, &row, options)) {
        Ok(Some(explained)) => {
            let view = View::Why(vec![explained]);
            let answer = Answer { view, table: Table::default(), more_possible: 0, notes: Vec::new() };
            let looks = session.terminal.looks(&session.global, false);
            match render::answer(&answer, prepared.database().graph(), Format::Tree, &looks) {
                Ok(rendered) => return repl.say(&rendered.text),
                Err(words) => repl.error(&words),
            }
        }
        Ok(None) => repl.error("the last answer has no rows that could be explained"),
        Err(error) => drop(session.fail(error, text)),
    }
    Next::Prompt
}

fn explain(repl: &mut Repl, rest: &str, _: &mut LineEditor) -> Next {
    match CODES.iter().find(|info| info.name == rest) {
        Some(info) => repl.say(&code_text(info)),
        None => prefixed(repl, "explain", rest),
    }
}

fn profile(repl: &mut Repl, rest: &str, _: &mut LineEditor) -> Next {
    prefixed(repl, "profile", rest)
}

/// Runs a query, or the last one, with a keyword before it.
fn prefixed(repl: &mut Repl, word: &str, query: &str) -> Next {
    let query = match query.is_empty() {
        false => query.to_string(),
        true => match repl.last() {
            Some((_, text)) => text.body.clone(),
            None => return Next::Prompt,
        },
    };
    let last = repl.last.take();
    repl.program(&Text::new("query", format!("{word} {query}")), true);
    // `_` keeps the last answer, not the plan.
    repl.last = last.or(repl.last.take());
    Next::Prompt
}

fn format(repl: &mut Repl, name: &str, _: &mut LineEditor) -> Next {
    let format = match (name, Format::named(name)) {
        ("", _) => None,
        (_, Some(format)) => Some(format),
        (_, None) => {
            let near = suggest::nearest(name, FORMATS.iter().map(|info| info.name));
            let near = near.first().map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            repl.error(&format!("no format is called `{name}`{near}"));
            return Next::Prompt;
        }
    };
    repl.session.global.format = format;
    if let Some((answered, text)) = &repl.last {
        repl.show(answered, None, text);
    }
    Next::Prompt
}

fn wide(repl: &mut Repl, _: &str, _: &mut LineEditor) -> Next {
    let wide = &mut repl.session.global.wide;
    *wide = !*wide;
    let words = if *wide { "tables are not cut" } else { "tables fit the screen" };
    if let (true, Some((answered, text))) = (*wide, &repl.last) {
        repl.show(answered, None, text);
    }
    repl.say(words)
}

fn draw(repl: &mut Repl, file: &str, _: &mut LineEditor) -> Next {
    if file.is_empty() {
        return draw_here(repl);
    }
    if let Some((answered, text)) = repl.last() {
        // Errors have been reported.
        let _ = repl.session.write_as(answered, Path::new(file), None, text);
    }
    Next::Prompt
}

/// Draws the picture in a terminal that supports it, otherwise what the terminal can draw.
fn draw_here(repl: &mut Repl) -> Next {
    let Some((answered, text)) = repl.last() else { return Next::Prompt };
    #[cfg(feature = "raster")]
    if let Some(protocol) = Protocol::of(&|name| std::env::var(name).ok()).filter(|_| repl.session.terminal.stdout) {
        // Errors have been reported.
        let _ = repl.session.draw_here(answered, protocol, text);
        return Next::Prompt;
    }
    repl.show(answered, None, text);
    Next::Prompt
}

fn once(repl: &mut Repl, rest: &str, editor: &mut LineEditor) -> Next {
    let Some(command) = rest.strip_prefix('|') else { return draw(repl, rest, editor) };
    let Some((answered, text)) = repl.last() else { return Next::Prompt };
    let format = repl.session.global.format.unwrap_or_else(|| Format::piped(&answered.answer));
    let Ok(mut rendered) = repl.session.render(answered, format, true, text) else { return Next::Prompt };
    let child = Command::new("sh").arg("-c").arg(command.trim()).stdin(Stdio::piped()).spawn();
    let ended = child.and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            // The command may end before it has read everything.
            let _ = std::io::Write::write_all(&mut stdin, &rendered.taken());
        }
        child.wait()
    });
    if let Err(error) = ended {
        repl.error(&format!("cannot run `{}`: {}", command.trim(), output::reason(&error)));
    }
    Next::Prompt
}

fn log(repl: &mut Repl, file: &str, _: &mut LineEditor) -> Next {
    repl.log = (!file.is_empty()).then(|| file.into());
    let words =
        if file.is_empty() { "answers go to the screen".to_string() } else { format!("answers also go to {file}") };
    repl.say(&words)
}

fn set(repl: &mut Repl, rest: &str, _: &mut LineEditor) -> Next {
    let params = &mut repl.session.global.param;
    if rest.is_empty() {
        let lines = params.iter().map(|(name, value)| format!("${name} {value}\n"));
        let lines: String = lines.collect();
        return repl.say(if lines.is_empty() { "no parameter is bound" } else { &lines });
    }
    let (name, value) = rest.split_once([' ', '=']).unwrap_or((rest, ""));
    let name = name.trim_start_matches('$').to_string();
    params.retain(|(known, _)| *known != name);
    let value = value.trim_start();
    let value = value.strip_prefix('=').unwrap_or(value).trim();
    if !value.is_empty() {
        match params::pair(&format!("{name}={value}")) {
            Ok((name, value)) => {
                let words = format!("${name} {value}");
                params.push((name, value));
                return repl.say(&words);
            }
            Err(words) => repl.error(&words),
        }
    }
    Next::Prompt
}

fn as_of(repl: &mut Repl, date: &str, _: &mut LineEditor) -> Next {
    if date.is_empty() {
        repl.session.as_of = None;
        return repl.say("the graph as it stands");
    }
    match Date::parse(date) {
        Ok(date) => {
            repl.session.as_of = Some(date);
            repl.say(&format!("the graph as of {date}"))
        }
        Err(error) => {
            repl.error(&error.message);
            Next::Prompt
        }
    }
}

fn timing(repl: &mut Repl, _: &str, _: &mut LineEditor) -> Next {
    let timing = &mut repl.session.global.timing;
    *timing = !*timing;
    let words =
        if *timing { "every answer says how long it took" } else { "tables and slow answers say how long they took" };
    repl.say(words)
}

fn graph(repl: &mut Repl, path: &str, _: &mut LineEditor) -> Next {
    if path.is_empty() {
        return loaded(repl);
    }
    let before = repl.session.global.graph.replace(path.into());
    if reopen(repl) {
        return loaded(repl);
    }
    repl.session.global.graph = before;
    Next::Prompt
}

/// Reports what is loaded.
fn loaded(repl: &Repl) -> Next {
    let path = repl.session.global.graph.as_ref();
    let name = path.map_or("the built-in graph".to_string(), |path| path.display().to_string());
    repl.say(&format!("{name}\n{}", super::greeting(repl.session)))
}

fn reload(repl: &mut Repl, _: &str, _: &mut LineEditor) -> Next {
    if reopen(repl) { loaded(repl) } else { Next::Prompt }
}

/// Opens the graph of the settings and keeps the session's definitions. On an error the current graph stays.
pub(super) fn reopen(repl: &mut Repl) -> bool {
    match repl.session.load() {
        Ok((database, engine)) => {
            (repl.session.database, repl.session.engine) = (database, engine);
            define_again(repl);
            true
        }
        Err(error) => {
            report(&repl.session.terminal, error, None);
            false
        }
    }
}

fn run(repl: &mut Repl, file: &str, _: &mut LineEditor) -> Next {
    if let Ok(text) = read(Path::new(file), &repl.session.terminal) {
        // No correction is offered: it would belong in the file.
        repl.program(&text, false);
    }
    Next::Prompt
}

fn save(repl: &mut Repl, file: &str, _: &mut LineEditor) -> Next {
    if file.is_empty() {
        repl.error("into which file? write `:save queries.begat`");
        return Next::Prompt;
    }
    let own = &repl.programs[repl.settled..];
    let ended = own.iter().map(|text| format!("{};\n", text.trim_end().trim_end_matches(';')));
    let text: String = ended.collect();
    if output::write_file(Path::new(file), &text, &repl.session.terminal).is_ok() {
        return repl.say(&format!("wrote {file} ({})", counted(own.len(), "query")));
    }
    Next::Prompt
}

fn history(repl: &mut Repl, count: &str, editor: &mut LineEditor) -> Next {
    let count = count.parse::<usize>().unwrap_or(20);
    let lines: Vec<&String> = editor.history().iter().rev().take(count).collect();
    let lines: Vec<&str> = lines.into_iter().rev().map(String::as_str).collect();
    repl.say(&lines.join("\n"))
}

fn edit(repl: &mut Repl, _: &str, _: &mut LineEditor) -> Next {
    let body = repl.last.as_ref().map_or("", |(_, text)| text.body.as_str());
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_string());
    let path = std::env::temp_dir().join(format!("begat-{}.begat", std::process::id()));
    let edited = std::fs::write(&path, format!("{body}\n")).and_then(|()| {
        let mut words = editor.split_whitespace();
        Command::new(words.next().unwrap_or("vi")).args(words).arg(&path).status()?;
        std::fs::read_to_string(&path)
    });
    // The file may not exist.
    let _ = std::fs::remove_file(&path);
    match edited {
        Ok(text) if text.trim().is_empty() || syntax::parse(&text).is_ok_and(|p| p.statements.is_empty()) => {}
        Ok(text) => repl.offer = Some(text.trim_end().to_string()),
        Err(error) => repl.error(&format!("cannot edit with `{editor}`: {}", output::reason(&error))),
    }
    Next::Prompt
}

/// Applies the session's definitions to the new graph.
pub(super) fn define_again(repl: &mut Repl) {
    for program in &repl.programs {
        // They were valid when they ran.
        let _ = repl.session.database.define(program);
    }
    repl.last = None;
}

fn quit(_: &mut Repl, _: &str, _: &mut LineEditor) -> Next {
    Next::Quit
}
