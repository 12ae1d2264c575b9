//! Repairs for what is denied in other words: `m.date is not after 2023`, `uses GQA except Llama`.

use super::parses;
use crate::syntax::error::Fault;
use crate::syntax::grammar::Rule;
use crate::syntax::lexemes::Lexeme;
use crate::text::{Code, Diagnostic, Span};

/// Suggests `not` before a comparison and no `is` in it: `m.date is not after 2023`, `name(m) not like "a*"`.
pub(super) fn negated_comparison(fault: &Fault) -> Option<Diagnostic> {
    const COMPARED: [&str; 7] = ["in", "like", "matches", "before", "after", "since", "until"];
    let is_one = |at: usize, words: &[&str]| {
        let word = fault.lexemes.get(at).map(|lexeme| fault.word(*lexeme));
        word.is_some_and(|word| words.iter().any(|other| other.eq_ignore_ascii_case(word)))
    };
    let compared = (fault.at..=fault.at + 2).find(|at| is_one(*at, &COMPARED))?;
    let not = compared.checked_sub(1).filter(|at| is_one(*at, &["not"]));
    let is = not.unwrap_or(compared).checked_sub(1).filter(|at| is_one(*at, &["is"]));
    let first = is.or(not)?;
    let operand = operand_before(fault, first)?;
    let words = fault.lexemes.get(first)?.span.to(fault.lexemes.get(compared.checked_sub(1)?)?.span);
    let (span, comparison) = (operand.to(words), fault.word(fault.lexemes[compared]));
    let meant = format!("{}{}", if not.is_some() { "not " } else { "" }, operand.of(fault.text));
    if !parses(fault, span, &meant) {
        return None;
    }
    let message = match not {
        Some(_) => format!("`not` stands before the whole comparison, not before `{comparison}`"),
        None => format!("`{comparison}` compares by itself, without `is`"),
    };
    Some(Diagnostic::error(Code::Syntax, words, message).fix(format!("write `{meant} {comparison}`"), span, meant))
}

/// Returns the span of the word, property or call before a lexeme.
fn operand_before(fault: &Fault, at: usize) -> Option<Span> {
    let last = at.checked_sub(1)?;
    let touches = |first: usize| first > 0 && fault.lexemes[first - 1].span.end == fault.lexemes[first].span.start;
    let mut first = last;
    if fault.word(fault.lexemes[last]) == ")" {
        let mut open = 0;
        first = (0..=last).rev().find(|at| {
            match fault.word(fault.lexemes[*at]) {
                ")" => open += 1,
                "(" => open -= 1,
                _ => {}
            }
            open == 0
        })?;
        first -= usize::from(touches(first));
    }
    while touches(first) && (fault.word(fault.lexemes[first]) == "." || fault.word(fault.lexemes[first - 1]) == ".") {
        first -= 1;
    }
    Some(fault.lexemes[first].span.to(fault.lexemes[last].span))
}

/// Suggests `where m != Llama` for one of those asked for that is excluded: `and is not Llama`, `except Llama`. If the name
/// is none of theirs, the comparison is wrong and the repair is dropped.
pub(super) fn excluded_name(fault: &Fault) -> Option<Diagnostic> {
    let word = |at: usize| fault.lexemes.get(at).map_or("", |lexeme| fault.word(*lexeme));
    let is_name = |at: usize| fault.lexemes.get(at).is_some_and(|l| matches!(l.rule, Rule::name | Rule::string));
    let denial = (0..fault.lexemes.len()).find_map(|at| match word(at) {
        "is" if word(at + 1) == "not" && is_name(at + 2) => Some((at, at + 2)),
        "except" | "excluding" if is_name(at + 1) => Some((at, at + 1)),
        _ => None,
    });
    let (mut first, name) = denial?;
    while first > 1 && matches!(word(first - 1), "and" | "but" | ",") {
        first -= 1;
    }
    // In front of the denial stands a sentence, whose subject is what is asked for.
    let subject = fault.lexemes.first().filter(|lexeme| lexeme.rule == Rule::name && first > 1)?;
    let given = fault.lexemes.get(1).filter(|lexeme| lexeme.is_variable());
    let letter = fault.word(*subject).chars().next()?.to_lowercase().to_string();
    let is_taken = |lexeme: &Lexeme| lexeme.is_variable() && fault.word(*lexeme) == letter;
    if given.is_none() && fault.lexemes.iter().any(is_taken) || word(name + 1) == "where" {
        return None;
    }
    let variable = given.map_or(letter.as_str(), |given| fault.word(*given));
    let from = if given.is_some() { 1 } else { 0 };
    let sentence = Span { start: fault.lexemes[from].span.end, end: fault.lexemes[first - 1].span.end };
    let space = if given.is_some() { String::new() } else { format!(" {variable}") };
    let span = Span { start: sentence.start, end: fault.lexemes[name].span.end };
    let joins = if (0..first).any(|at| word(at) == "where") { "and" } else { "where" };
    let meant = format!("{space}{} {joins} {variable} != {}", sentence.of(fault.text), word(name));
    if !parses(fault, span, &meant) {
        return None;
    }
    let denied = fault.lexemes[first].span.to(fault.lexemes[name].span);
    let message = format!("`{}` is excluded by a condition", word(name));
    let help = format!("write `{}{meant}{}`", &fault.text[..span.start as usize], &fault.text[span.end as usize..]);
    Some(Diagnostic::error(Code::Syntax, denied, message).fix(help, span, meant))
}
