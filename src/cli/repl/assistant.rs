//! Support while a line is typed: colours, hints, completion, and whether Enter ends the input.

use super::entry::Keys;
use super::listed::{Listed, listed};
use super::{PROMPT, entered};
use crate::cli::session::Session;
use crate::complete::{Candidate, Completion, complete};
use crate::graph::Graph;
use crate::render::{Emphasis, escape, fit, paint, width};
use crate::syntax;
use crate::text::Span;
use anstyle::{AnsiColor, Style};
use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Cmd, CompletionType, ConditionalEventHandler, Context, Event, EventContext, Helper, RepeatCount};
use std::borrow::Cow;

/// In larger graphs, names are not searched at every keystroke.
const LOOKED_THROUGH: usize = 50_000;

/// On an empty line that shows an offer, editing keys accept the offer first.
pub struct TakesOffer;

impl ConditionalEventHandler for TakesOffer {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, ctx: &EventContext) -> Option<Cmd> {
        (ctx.line().is_empty() && ctx.has_hint()).then_some(Cmd::CompleteHint)
    }
}

/// The helper for rustyline. Holds its own reference to the graph.
pub struct Assistant {
    graph: Graph,
    /// Names of bound parameters.
    params: Vec<String>,
    color: bool,
    /// The width of the screen.
    screen: usize,
    history: HistoryHinter,
    /// The query shown in grey on an empty line; Enter accepts it.
    pub offer: Option<String>,
    pub keys: Keys,
}

impl Assistant {
    pub fn new(session: &Session) -> Assistant {
        let mut assistant = Assistant {
            graph: Graph::default(),
            params: Vec::new(),
            color: session.terminal.color_out,
            screen: 80,
            history: HistoryHinter::new(),
            offer: None,
            keys: Keys::of(session.terminal.stdin && !session.terminal.dumb),
        };
        assistant.look_at(session);
        assistant
    }

    /// Updates the graph and the parameters from the session.
    pub fn look_at(&mut self, session: &Session) {
        self.graph = session.graph().clone();
        self.screen = session.terminal.size.map_or(80, |(columns, _)| columns);
        self.params = session.global.param.iter().map(|(name, _)| name.clone()).collect();
    }
}

impl Helper for Assistant {}

impl Validator for Assistant {
    /// Continues the input after an open bracket or quote, or a last word that cannot end a query.
    fn validate(&self, ctx: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let input = ctx.input();
        let are_at_once = self.keys.are_at_once();
        let wants_more =
            entered::recognised(input).is_none() && !input.trim().is_empty() && syntax::is_incomplete(input);
        Ok(if wants_more || are_at_once && self.keys.wait_for_more(input) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}

impl Completer for Assistant {
    type Candidate = Listed;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Listed>)> {
        if self.graph.damage().is_some() {
            return Ok((0, Vec::new()));
        }
        let before = line.get(..pos).unwrap_or(line);
        if let Some(offer) = self.offer.as_ref().filter(|_| line.is_empty()) {
            return Ok((0, listed(vec![Candidate::new(offer, "")], self.screen)));
        }
        let found = match before.trim_start().starts_with([':', '\\', '.']) {
            true => entered::completions(before, &self.graph, &self.params)?,
            false => match fact_at(before) {
                0 => complete(before, &self.graph, &self.params),
                from => {
                    let found = complete(&before[from..], &self.graph, &self.params);
                    Completion { start: from + found.start, ..found }
                }
            },
        };
        Ok((found.start, listed(found.candidates, self.screen)))
    }
}

/// Returns the offset of the fact behind `assert` or `retract`; 0 on any other line.
fn fact_at(line: &str) -> usize {
    let rest = ["assert ", "retract "].iter().find_map(|word| line.trim_start().strip_prefix(word));
    rest.map_or(0, |rest| line.len() - rest.len())
}

/// The grey hint behind the line, truncated so that the line does not wrap.
pub struct Grey {
    shown: String,
    /// The text that → inserts; `None` if the hint is only a remark.
    text: Option<String>,
}

impl Hint for Grey {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// Shown when Enter has begun another line.
const UNFINISHED: &str = "… goes on; Ctrl-C clears";

impl Hinter for Assistant {
    type Hint = Grey;

    /// Returns the offered correction on an empty line; otherwise the continuation in the history; otherwise the only
    /// name that fits.
    fn hint(&self, line: &str, pos: usize, ctx: &Context<'_>) -> Option<Grey> {
        self.keys.touch();
        let hint = self.ghost(line, pos, ctx);
        self.keys.note(line, pos);
        hint
    }
}

impl Assistant {
    fn ghost(&self, line: &str, pos: usize, ctx: &Context<'_>) -> Option<Grey> {
        if self.keys.are_waiting() || self.graph.damage().is_some() {
            return None;
        }
        if line.ends_with('\n') && pos == line.len() && syntax::is_incomplete(line) {
            return Some(Grey { shown: UNFINISHED.to_string(), text: None });
        }
        let text = self.continuation(line, pos, ctx)?;
        Some(Grey { shown: self.cut(line, &text), text: Some(text) })
    }

    /// Truncates a hint to the room behind a line on its row of the screen.
    fn cut(&self, line: &str, hint: &str) -> String {
        let before = match line.rsplit_once('\n') {
            Some((_, last)) => width(last),
            None => PROMPT.len() + width(line),
        };
        let (first, rest) = hint.split_once('\n').unwrap_or((hint, ""));
        // The last column is reserved for the cursor.
        let room = (self.screen.saturating_sub(1)).saturating_sub(before % self.screen.max(1));
        let mark = if rest.is_empty() { "" } else { " …" };
        fit(&format!("{}{mark}", escape(first)), room, false)
    }

    fn continuation(&self, line: &str, pos: usize, ctx: &Context<'_>) -> Option<String> {
        if line.is_empty() {
            return self.offer.clone();
        }
        if pos < line.len() {
            return None;
        }
        self.history.hint(line, pos, ctx).or_else(|| {
            if self.graph.entity_count() > LOOKED_THROUGH {
                return None;
            }
            let found = complete(line, &self.graph, &self.params);
            let typed = line.get(found.start..).filter(|typed| typed.chars().count() > 1)?;
            let [only] = found.candidates.as_slice() else { return None };
            only.replacement.strip_prefix(typed).filter(|rest| !rest.is_empty()).map(String::from)
        })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        let is_plain = !self.color || self.graph.damage().is_some();
        if is_plain || entered::recognised(line).is_some() || line.trim_start().starts_with(':') {
            return Cow::Borrowed(line);
        }
        let mut painted = String::with_capacity(line.len() * 2);
        let mut at = 0;
        for (span, face) in syntax::lexemes(line) {
            let (start, end) = (span.start as usize, span.end as usize);
            painted.push_str(line.get(at..start).unwrap_or(""));
            painted += &styled(self.style(face, span, line), span.of(line));
            at = end.max(at);
        }
        painted.push_str(line.get(at..).unwrap_or(""));
        self.keys.touch();
        Cow::Owned(painted)
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Owned(paint(Emphasis::Head, prompt, self.color))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(paint(Emphasis::Aside, hint, self.color))
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: CompletionType) -> Cow<'c, str> {
        match candidate.split_once("  ") {
            Some((word, about)) => Cow::Owned(format!("{word}  {}", paint(Emphasis::Aside, about, self.color))),
            None => Cow::Borrowed(candidate),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

impl Assistant {
    /// Returns the style of a token. Unknown names and verbs are underlined.
    fn style(&self, face: syntax::TokenKind, span: Span, line: &str) -> Style {
        use syntax::TokenKind::*;
        let color = |color: AnsiColor| color.on_default();
        match face {
            Keyword => Style::new().bold(),
            Name if self.is_type(span.of(line)) => color(AnsiColor::Blue),
            Name if self.is_known(span.of(line)) => color(AnsiColor::Green),
            Verb if self.is_word(span.of(line)) => color(AnsiColor::Cyan),
            Name | Verb => Style::new().underline(),
            Variable | Parameter => color(AnsiColor::Magenta),
            Date | Number => color(AnsiColor::Yellow),
            Text => color(AnsiColor::Green),
            Mark => Style::new(),
            Comment => Style::new().dimmed(),
            Unknown => color(AnsiColor::Red).underline(),
        }
    }

    fn is_type(&self, run: &str) -> bool {
        self.graph.schema().lookup_type(run).is_some()
    }

    /// Returns whether a name is that of an entity, optionally after its type.
    fn is_known(&self, run: &str) -> bool {
        let of_type = || run.split_once(' ').is_some_and(|(first, rest)| self.is_type(first) && self.is_entity(rest));
        self.is_entity(run) || of_type()
    }

    fn is_entity(&self, name: &str) -> bool {
        !self.graph.names().lookup(name).is_empty()
    }

    /// Returns whether a word is a verb, a property or a function. Definitions of the session are not checked.
    fn is_word(&self, word: &str) -> bool {
        let schema = self.graph.schema();
        schema.lookup_word(word).is_some()
            || schema.lookup_property(word).is_some()
            || crate::functions::lookup(word).is_some()
            || self.graph.defines().iter().any(|define| define.contains(&format!(" {word} ")))
    }
}
