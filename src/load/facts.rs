//! Reads the sections `claims` and `defines`.

use super::file::{ClaimPart, Word};
use super::source_text::Found;
use super::{Parsed, Place, Reading, Source, Statement, error, sentence};
use crate::date::Date;
use crate::graph::ClaimSource;
use crate::limits::in_budget;
use crate::text::{Code, Diagnostic, Severity, Span};
use std::collections::HashSet;

/// Adds the claims of all parts with their facts.
pub(super) fn read(reading: &mut Reading<'_>, parts: &[Source<'_>], parsed: &mut Parsed) {
    parsed.begin();
    for (part, file) in parts.iter().enumerate() {
        for claim in file.part.claims.iter().take_while(in_budget) {
            read_claim(reading, (file, part), claim, parsed);
        }
    }
    parsed.end();
}

fn read_claim(
    reading: &mut Reading<'_>,
    (file, part): (&Source<'_>, usize),
    claim: &ClaimPart<'_>,
    parsed: &mut Parsed,
) {
    let source = reading.source(file.text, &claim.source);
    if source.is_some() {
        check_locator(reading, file, claim);
        check_quote(reading, file, claim);
    }
    let text = |word: &Option<Word<'_>>| word.as_ref().map_or(String::new(), |word| word.text.to_string());
    let date = claim.date.as_ref().and_then(|date| read_date(reading, file, date));
    let (at, quote, note) = (text(&claim.at), text(&claim.quote), claim.note.clone());
    let number = reading.builder.claim(ClaimSource { source, at, trust: claim.trust.into(), quote, note, date });
    let mut said = HashSet::new();
    for fact in claim.facts.iter().take_while(in_budget) {
        for (statement, span) in read_fact(reading, file, fact, parsed) {
            let place = Place { part, span: fact.place(span, file.text) };
            if !said.insert(key(&statement)) {
                let message = format!("`{}` stands in this claim already", span.of(&fact.text));
                let problem = error(file.text, fact, Code::DuplicateFact, message).help("leave it out");
                reading.problems.push(problem);
            }
            add(reading, statement, number, place);
        }
    }
}

/// Returns a key that identifies a statement.
fn key(statement: &Statement) -> (u32, u16, String) {
    match statement {
        Statement::Link { subject, verb, object } => (subject.0, verb.0, object.0.to_string()),
        // A property id may equal a verb id, so the value begins with a space, which no entity id does.
        Statement::Value { subject, property, value } => (subject.0, property.0, format!(" {value}")),
    }
}

fn add(reading: &mut Reading<'_>, statement: Statement, claim: u32, place: Place) {
    match &statement {
        Statement::Link { subject, verb, object } => reading.builder.link(*subject, *verb, *object, Some(claim)),
        Statement::Value { subject, property, value } => {
            reading.builder.value(*subject, *property, value.clone(), Some(claim));
        }
    }
    reading.stated.push((statement, place));
}

/// Returns the statements of a sentence, each with its span in the sentence. On errors, adds diagnostics and returns
/// none.
fn read_fact(
    reading: &mut Reading<'_>,
    file: &Source<'_>,
    fact: &Word<'_>,
    parsed: &mut Parsed,
) -> Vec<(Statement, Span)> {
    let mut problems = Vec::new();
    let statements = match parsed.sentence(&fact.text) {
        Ok(sentence) => {
            let names = sentence::Names { schema: &reading.builder.schema, index: &reading.index };
            sentence::statements(names, &sentence, &mut problems)
        }
        Err(found) => {
            problems = found.0;
            Vec::new()
        }
    };
    for problem in problems {
        reading.problems.push(fact.placed(problem, file.text));
    }
    statements
}

fn read_date(reading: &mut Reading<'_>, file: &Source<'_>, word: &Word<'_>) -> Option<Date> {
    let date = crate::syntax::read_date(&word.text, Span::new(0, word.text.len()));
    date.map_err(|problem| reading.problems.push(word.placed(problem, file.text))).ok()
}

/// Checks that the locator of a claim exists in the source's text, if that is known: a line, a page, an anchor.
fn check_locator(reading: &mut Reading<'_>, file: &Source<'_>, claim: &ClaimPart<'_>) {
    let text = reading.sources.get(&*claim.source.text).and_then(|source| source.text.as_ref());
    let (Some(text), Some(at)) = (text, &claim.at) else { return };
    if let Err(message) = text.place(&at.text) {
        reading.problems.push(uncited(file, at, message));
    }
}

/// Returns a warning about a citation. It is not an error: the claim may be true all the same.
fn uncited(file: &Source<'_>, word: &Word<'_>, message: String) -> Diagnostic {
    Diagnostic::new(Severity::Warning, Code::BadQuote, message).label_in(file.text, word.span(file.text), "")
}

/// Checks that a quotation occurs literally in the source's text, if that is known.
fn check_quote(reading: &mut Reading<'_>, file: &Source<'_>, claim: &ClaimPart<'_>) {
    let text = reading.sources.get(&*claim.source.text).and_then(|source| source.text.as_ref());
    let (Some(text), Some(quote)) = (text, &claim.quote) else { return };
    let place = claim.at.as_ref().and_then(|at| text.place(&at.text).ok().flatten());
    let problem = match text.find(&quote.text, place) {
        Found::There => return,
        Found::Nowhere => uncited(file, quote, format!("this is not in the text of `{}`", claim.source.text))
            .help("a quotation stands in its source to the letter"),
        Found::Elsewhere => {
            let at = claim.at.as_ref().map_or("", |at| &at.text);
            uncited(file, quote, format!("this is in the text of `{}`, but not at `{at}`", claim.source.text))
        }
    };
    reading.problems.push(problem);
}

/// Adds the definitions of all parts, as text.
pub(super) fn read_defines(reading: &mut Reading<'_>, parts: &[Source<'_>]) {
    for file in parts {
        for define in &file.part.defines {
            match crate::syntax::parse_define(&define.text) {
                Ok(_) => reading.builder.define(define.text.to_string()),
                Err(problems) => {
                    let placed = problems.0.into_iter().map(|problem| define.placed(problem, file.text));
                    reading.problems.0.extend(placed);
                }
            }
        }
    }
}
