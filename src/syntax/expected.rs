//! Words allowed at the cursor, for completion, and at an error, for its message.
//!
//! They are found by parsing the text before the place: whatever the grammar tries there is allowed there.

use super::ast::{Noun, Path};
use super::context;
use super::depth;
use super::grammar::{self, Rule};
use super::lexemes::{Lexeme, words};

/// Kind of a word that is allowed at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Type,
    Entity,
    Verb,
    /// A declared variable.
    Variable,
    /// A variable that is declared here: after a type, or `as` in a sentence.
    NewVariable,
    Property,
    Function,
    Date,
    Number,
    Parameter,
    /// Source of `according to`.
    Source,
    /// File of `to`, in quotes.
    File,
}

/// Words allowed at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Set {
    /// Sorted alphabetically.
    pub keywords: Vec<&'static str>,
    /// Sorted as in [`Kind`].
    pub kinds: Vec<Kind>,
    pub marks: Vec<&'static str>,
}

/// Words allowed at the cursor, and what is known about its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expected {
    /// Byte offset of the word under the cursor; the cursor itself after a space or a mark.
    pub start: usize,
    /// True if the word under the cursor is in quotes; `start` is then the opening quote.
    pub quoted: bool,
    /// Words allowed at `start`.
    pub next: Set,
    /// Name or verb of several words that the word at `start` may continue: for `DeepSeek V`, it starts at `DeepSeek`.
    pub run: Option<Run>,
    /// Noun whose verb is being written, or was written last: `Model` for `Model uses `.
    pub subject: Option<Noun>,
    /// Verb whose object is being written.
    pub path: Option<Path>,
    /// Variable before the dot.
    pub owner: Option<String>,
    /// Variables declared before the cursor with the words of their types, in the order written.
    pub variables: Vec<(String, String)>,
    /// True if the text before `start` is a complete program.
    pub can_end: bool,
}

/// A name or verb of several words that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub start: usize,
    pub next: Set,
}

const MARKS: &[&str] =
    &["(", ")", "{", "}", ",", ";", "|", "/", "^", "+", "*", "?", "=", "!=", "<", "<=", ">", ">=", "-"];

/// Returns what is allowed at the end of `before`, the text up to the cursor; nothing if it is nested too deeply. Costs
/// about ten parses of the last statement.
pub fn expected(before: &str) -> Expected {
    let from = super::last_statement(before);
    let statement = &before[from..];
    let Ok(depth) = depth::checked(statement) else {
        return Expected { start: before.len(), ..Expected::default() };
    };
    let mut expected = depth::with_stack(depth, || in_statement(statement));
    expected.start += from;
    if let Some(run) = &mut expected.run {
        run.start += from;
    }
    expected
}

fn in_statement(before: &str) -> Expected {
    let lexemes = words(before);
    if is_in_comment(before) {
        return Expected { start: before.len(), ..Expected::default() };
    }
    let (start, quoted) = word_start(before, &lexemes);
    let prior = words_before(&lexemes, start);
    let next = |start: usize| after(Rule::program, &before[..start], words_before(&lexemes, start));
    let mut found = Expected { start, quoted, next: next(start), ..Expected::default() };
    found.run = run_start(before, start, &lexemes).map(|start| Run { start, next: next(start) });
    found.can_end = grammar::parse(Rule::program, &before[..start]).is_some();
    found.owner = owner(prior, before);
    found.variables = declared(prior, before);
    (found.subject, found.path) = context::around(&before[..place(&found, &before[start..])]);
    found
}

/// Returns the start of the noun or verb that is being written: the word under the cursor, or the run that it
/// continues.
fn place(found: &Expected, word: &str) -> usize {
    let begins = [Kind::Type, Kind::Entity, Kind::Verb].iter().any(|kind| found.next.kinds.contains(kind));
    match &found.run {
        Some(run) if !begins || word.starts_with(char::is_uppercase) => run.start,
        _ => found.start,
    }
}

fn words_before(lexemes: &[Lexeme], at: usize) -> &[Lexeme] {
    &lexemes[..lexemes.partition_point(|lexeme| lexeme.span.end as usize <= at)]
}

/// Returns true if the text ends inside a comment.
fn is_in_comment(before: &str) -> bool {
    let last = super::lexemes(before).last().copied();
    last.is_some_and(|(span, face)| face == super::TokenKind::Comment && span.end as usize == before.len())
}

/// Returns the start of the word under the cursor, and whether it is an open quote.
fn word_start(before: &str, lexemes: &[Lexeme]) -> (usize, bool) {
    match lexemes.last() {
        Some(last) if last.rule == Rule::error_string => return (last.span.start as usize, true),
        _ => {}
    }
    let is_part = |character: char| character.is_alphanumeric() || "-_'’$".contains(character);
    let mut start = before.trim_end_matches(is_part).len();
    // `Llama 3.1`: a dot between digits belongs to the word.
    if before[..start].ends_with('.') && before[start..].starts_with(|c: char| c.is_ascii_digit()) {
        start = before[..start - 1].trim_end_matches(is_part).len();
    }
    (start, false)
}

/// Returns the start of the run that the word at `start` continues; `None` if there is none.
fn run_start(before: &str, start: usize, lexemes: &[Lexeme]) -> Option<usize> {
    let at = lexemes.partition_point(|lexeme| (lexeme.span.end as usize) < start);
    let touching = lexemes.iter().rev().find(|lexeme| (lexeme.span.start as usize) < start)?;
    let is_run = matches!(touching.rule, Rule::name | Rule::verb);
    let only_space = before[..start].trim_end().len() <= (touching.span.end as usize).min(start) && at <= lexemes.len();
    (is_run && only_space && before[..start].ends_with([' ', '\t'])).then_some(touching.span.start as usize)
}

/// Returns the variable of `m.`; `None` if there is none.
fn owner(prior: &[Lexeme], text: &str) -> Option<String> {
    match prior {
        [.., owner, dot] if dot.rule == Rule::op_dot && owner.span.end == dot.span.start => {
            Some(owner.span.of(text).to_string())
        }
        _ => None,
    }
}

/// Returns the declared variables with the runs before them.
fn declared(prior: &[Lexeme], text: &str) -> Vec<(String, String)> {
    let is_declaration = |pair: &&[Lexeme]| pair[0].rule == Rule::name && pair[1].rule == Rule::variable;
    let names = |pair: &[Lexeme]| (pair[1].span.of(text).to_string(), pair[0].span.of(text).to_string());
    prior.windows(2).filter(is_declaration).map(names).collect()
}

/// Returns what is allowed after `before`, which ends between two words; `prior` are its words. Costs one parse.
pub fn after(rule: Rule, before: &str, prior: &[Lexeme]) -> Set {
    let last = |back: usize| prior.len().checked_sub(back).map(|at| prior[at].rule);
    if last(1) == Some(Rule::op_dot)
        && last(2).is_some_and(|rule| {
            matches!(rule, Rule::owner | Rule::string | Rule::param | Rule::variable | Rule::lower | Rule::verb)
        })
    {
        return Set { kinds: vec![Kind::Property], ..Set::default() };
    }
    // The space ends the last word. No rule accepts the mark, so that the grammar stops there.
    let Some(stop) = grammar::stop(rule, &format!("{before} {}", grammar::END_MARK)) else { return Set::default() };
    // The grammar stopped earlier: the text before has an error.
    if stop.at != before.len() + 1 {
        return Set::default();
    }
    let mut set = Set { keywords: stop.keywords(), kinds: Vec::new(), marks: Vec::new() };
    set.keywords.retain(|keyword| !grammar::is_reserved(keyword));
    set.marks = MARKS.iter().copied().filter(|mark| stop.tries(mark)).collect();
    set.kinds = kinds(&set, &stop, [last(2), last(1)]);
    if matches!(last(1), Some(Rule::lower | Rule::verb)) && set.keywords.contains(&"via") {
        only_fitting(&mut set, rule, before);
    }
    set
}

/// Keeps the words that let the grammar continue: after a lower-case object it has tried everything that may end one.
fn only_fitting(set: &mut Set, rule: Rule, before: &str) {
    let fits = |word: &&str| {
        let text = format!("{before} {word} ");
        grammar::stop(rule, &text).is_none_or(|stop| stop.at >= text.len())
    };
    set.keywords.retain(fits);
    set.marks.retain(fits);
}

/// Returns the kinds of words that the keywords and marks of a place imply, in order. `last` are the two words before
/// it.
fn kinds(set: &Set, stop: &grammar::Stop, last: [Option<Rule>; 2]) -> Vec<Kind> {
    let keyword = |word: &str| set.keywords.contains(&word);
    let is_source = matches!(last, [Some(Rule::kw_according), Some(Rule::kw_to)]);
    let is_named = stop.tries("\"") && stop.tries("$") && !stop.tries("-") && !stop.tries("..") && !is_source;
    let is_noun = keyword("no") || is_named;
    let is_expr = keyword("not") && stop.tries("-") && !stop.tries("=") && !is_noun;
    let is_date = stop.tries("..") && !is_source;
    let is_schema = matches!(last, [_, Some(Rule::kw_schema)]);
    let is_new =
        matches!(last, [_, Some(Rule::name)]) && stop.tries("\"") || matches!(last, [_, Some(Rule::kw_as)]) && !is_date;
    let answers = [
        (Kind::Type, is_noun || is_schema || keyword("year")),
        (Kind::Entity, is_noun || is_expr),
        (Kind::Verb, stop.tries("^") && !matches!(last, [_, None]) || is_schema),
        (Kind::Variable, is_noun || is_expr || matches!(last, [_, Some(Rule::kw_nearest)])),
        (Kind::NewVariable, is_new),
        (Kind::Function, is_expr),
        (Kind::Date, is_date),
        (
            Kind::Number,
            is_expr
                || matches!(
                    last,
                    [_, Some(Rule::kw_limit | Rule::kw_offset | Rule::kw_least | Rule::kw_most | Rule::kw_exactly)]
                ),
        ),
        (Kind::Parameter, stop.tries("$")),
        (Kind::Source, is_source),
        (Kind::File, matches!(last, [_, Some(Rule::kw_to)]) && !is_source),
    ];
    answers.into_iter().filter(|(_, holds)| *holds).map(|(kind, _)| kind).collect()
}
