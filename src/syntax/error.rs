//! Errors for texts that do not follow the grammar: what was probably meant or, failing that, what was expected.

use super::expected::{self, Kind, Set};
use super::grammar::{self, Rule, Stop};
use super::lexemes::{Lexeme, words};
use super::{depth, repair};
use crate::text::{Code, Diagnostic, Span};

/// Maximum length in bytes of a statement that is searched for what was meant, since that takes many parses.
const SEARCHED: usize = 4000;

/// A statement that does not parse, with the place of the error.
pub struct Fault<'a> {
    pub rule: Rule,
    pub text: &'a str,
    pub stop: Stop,
    pub lexemes: Vec<Lexeme>,
    /// Position of the first lexeme that does not fit; the number of lexemes if the text ends too early.
    pub at: usize,
}

impl<'a> Fault<'a> {
    /// Returns the fault of a text; `None` if it parses.
    pub fn of(rule: Rule, text: &'a str) -> Option<Fault<'a>> {
        let stop = grammar::stop(rule, text)?;
        let lexemes = words(text);
        let at = lexemes.partition_point(|lexeme| lexeme.span.end as usize <= stop.at);
        Some(Fault { rule, text, stop, lexemes, at })
    }

    /// Returns the lexeme at an offset from the one that does not fit; `None` beyond either end.
    pub fn near(&self, offset: isize) -> Option<Lexeme> {
        self.lexemes.get(self.at.checked_add_signed(offset)?).copied()
    }

    pub fn word(&self, lexeme: Lexeme) -> &'a str {
        lexeme.span.of(self.text)
    }

    /// Returns the span of the lexeme that does not fit; if the text ends too early, an empty span behind its last
    /// lexeme.
    pub fn place(&self) -> Span {
        match (self.near(0), self.lexemes.last()) {
            (Some(lexeme), _) => lexeme.span,
            (None, Some(last)) => Span { start: last.span.end, end: last.span.end },
            (None, None) => Span::default(),
        }
    }

    /// Returns what is allowed in place of the lexeme at a position.
    pub fn expected_at(&self, at: usize) -> Set {
        let prior = &self.lexemes[..at.min(self.lexemes.len())];
        let before = prior.last().map_or(0, |lexeme| lexeme.span.end as usize);
        expected::after(self.rule, &self.text[..before], prior)
    }

    /// Returns true if the text ends before the sentence does.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.lexemes.len()
    }
}

/// Returns the diagnostic of a text that does not follow an entry rule.
pub fn explain(rule: Rule, text: &str) -> Diagnostic {
    explained(rule, text, &|fault| vec![explain_short(fault)]).remove(0)
}

/// Returns the interpretations of a text that does not parse, best first; the last one says what was expected.
pub fn readings(rule: Rule, text: &str) -> Vec<Diagnostic> {
    explained(rule, text, &|fault| {
        let meant = repair::REPAIRS.iter().filter_map(|repair| repair(fault));
        meant.chain([unexpected(fault)]).collect()
    })
}

/// Returns at least one diagnostic; for a short statement, those of `short`.
fn explained(rule: Rule, text: &str, short: &dyn Fn(&Fault) -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    let Some(fault) = Fault::of(rule, text) else {
        return vec![Diagnostic::error(Code::Syntax, Span::new(0, text.len()), "this does not follow the grammar")];
    };
    if fault.stop.exhausted {
        return vec![depth::too_deep(fault.place())];
    }
    let (start, end) = statement_around(&fault);
    let is_whole = (start, end) == (0, text.len());
    match if is_whole { Some(fault) } else { Fault::of(rule, &text[start..end]) } {
        Some(inner) if inner.text.len() <= SEARCHED => {
            short(&inner).into_iter().map(|diagnostic| shifted(diagnostic, start)).collect()
        }
        Some(long) => {
            let message = format!("{} does not fit here", found(&long));
            vec![shifted(Diagnostic::error(Code::Syntax, long.place(), message), start)]
        }
        None => vec![Diagnostic::error(Code::Syntax, Span::new(start, end), "this does not follow the grammar")],
    }
}

/// Returns the byte range of the statement with the fault; statements end at `;`.
fn statement_around(fault: &Fault) -> (usize, usize) {
    let is_end = |lexeme: &&Lexeme| lexeme.rule == Rule::op_semicolon;
    let before = fault.lexemes[..fault.at].iter().rev().find(is_end);
    let after = fault.lexemes[fault.at..].iter().find(is_end);
    let start = before.map_or(0, |lexeme| lexeme.span.end as usize);
    // A `;` that is itself the fault belongs to the statement.
    let end = after.filter(|lexeme| Some(**lexeme) != fault.near(0)).map(|lexeme| lexeme.span.start as usize);
    (start, end.unwrap_or(fault.text.len()))
}

fn shifted(mut diagnostic: Diagnostic, by: usize) -> Diagnostic {
    for label in &mut diagnostic.labels {
        label.span = label.span.shifted(by as u32);
    }
    for fix in diagnostic.help.iter_mut().filter_map(|help| help.fix.as_mut()) {
        fix.span = fix.span.shifted(by as u32);
    }
    diagnostic
}

fn explain_short(fault: &Fault) -> Diagnostic {
    repair::REPAIRS.iter().find_map(|repair| repair(fault)).unwrap_or_else(|| unexpected(fault))
}

/// Returns `expected a verb, found …`.
fn unexpected(fault: &Fault) -> Diagnostic {
    let words = wanted(&fault.expected_at(fault.at));
    let message = match &words[..] {
        [] => format!("{} does not fit here", found(fault)),
        words => format!("expected {}, found {}", listed(words), found(fault)),
    };
    Diagnostic::error(Code::Syntax, fault.place(), message)
}

/// Returns the lexeme at the fault, in words.
fn found(fault: &Fault) -> String {
    match fault.near(0) {
        Some(lexeme) if lexeme.is_keyword() => format!("the keyword `{}`", fault.word(lexeme)),
        Some(lexeme) => format!("`{}`", shortened(fault.word(lexeme))),
        None => "the end".to_string(),
    }
}

/// Shortens a text to forty characters.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}

/// Returns the words for what is allowed at a place, the most informative first. Words that others imply are left out,
/// such as quantifiers and quotes where a noun is allowed.
fn wanted(set: &Set) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut implied: Vec<&str> = Vec::new();
    for (kind, word, goes_without_saying) in WORDS {
        if set.kinds.contains(kind) && !implied.contains(word) {
            words.push(word.to_string());
            implied.push(word);
            implied.extend(*goes_without_saying);
        }
    }
    for (sign, word, goes_without_saying) in GROUPS {
        if set.keywords.contains(sign) || set.marks.contains(sign) {
            words.push(word.to_string());
            implied.extend(*goes_without_saying);
        }
    }
    let listed = set.keywords.iter().chain(&set.marks).filter(|word| !implied.contains(word) && **word != "according");
    let listed: Vec<String> = listed.map(|word| format!("`{word}`")).collect();
    [listed, words].concat().into_iter().take(MANY).collect()
}

/// Maximum number of alternatives in a message; more would not help.
const MANY: usize = 8;

/// Groups of words, each recognised by one of them that occurs nowhere else: that word, the name of the group, and its
/// words.
const GROUPS: &[(&str, &str, &[&str])] = &[
    (
        "limit",
        "a clause such as `where` or `show`",
        &["where", "show", "having", "order", "limit", "offset", "nearest", "as", "to", ";", "according"],
    ),
    (
        "like",
        "an operator",
        &[
            "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "(", "in", "before", "after", "since", "until",
            "like", "matches", "is",
        ],
    ),
    (
        "explain",
        "a keyword such as `lineage` or `why`",
        &[
            "explain",
            "profile",
            "why",
            "path",
            "paths",
            "graph",
            "diff",
            "count",
            "ask",
            "lineage",
            "ancestors",
            "descendants",
            "adoption",
            "spread",
            "rise",
            "timeline",
            "matrix",
            "describe",
            "conflicts",
            "schema",
            "claims",
            "gaps",
            "duplicates",
            "sources",
            "define",
            "let",
        ],
    ),
];

const BEFORE_NOUN: &[&str] = &[
    "no",
    "every",
    "at",
    "exactly",
    "optional",
    "not",
    "in",
    "before",
    "after",
    "since",
    "until",
    "between",
    "as",
    "(",
    "^",
    "+",
    "*",
    "?",
    "{",
    "|",
    "/",
    "-",
    "a date",
    "a text",
    "a variable",
];

/// Kinds of words, with their names in messages and the words that they imply.
const WORDS: &[(Kind, &str, &[&str])] = &[
    (Kind::Property, "a property", &[]),
    (
        Kind::Function,
        "an expression",
        &["not", "possibly", "certainly", "(", "-", "a name", "a date", "a variable", "a text", "a number"],
    ),
    (Kind::Source, "a source", &["a text", "a name", "a variable"]),
    (Kind::Entity, "a name", BEFORE_NOUN),
    (Kind::Type, "a name", BEFORE_NOUN),
    (Kind::Verb, "a verb", &["not", "possibly", "certainly", "is", "^", "(", "and", "that"]),
    (Kind::File, "a file's name in quotes", &["a text"]),
    (Kind::Variable, "a variable", &[]),
    (Kind::Date, "a date", &["a text"]),
    (Kind::Number, "a number", &[]),
];

/// `a, b or c`
fn listed(words: &[String]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        words => words.concat(),
    }
}
