//! Words that stand where they say nothing yet, put where they do: `possibly Model uses MLA`, `… where m.date < 2024 possibly`,
//! `adoption of MoE among Model m where m.date > 2024 by year`.

use super::Candidate;
use super::tokens::Token;

/// Words that begin a clause behind the conditions.
const BEHIND: &[&str] = &["show", "having", "order", "limit", "offset", "nearest", "by", "as", "to"];
const PERIODS: &[&str] = &["year", "quarter", "month"];
/// The least cost of such an offer: less than that of another query, more than that of a spelling.
const MOVED: u32 = 2;

/// The texts in which one word stands elsewhere.
pub(super) fn moved(text: &str, tokens: &[Token]) -> Vec<Candidate> {
    let mut found = modality(text, tokens);
    found.extend(period(text, tokens));
    found
}

/// The text with its only modality before the conditions of `where`, or else before one word after the other.
fn modality(text: &str, tokens: &[Token]) -> Vec<Candidate> {
    let is_modality = |token: &&Token| token.is("possibly") || token.is("certainly");
    let mut found = tokens.iter().filter(is_modality);
    let (Some(modality), None) = (found.next(), found.next()) else { return Vec::new() };
    let rest: Vec<&Token> = tokens.iter().filter(|token| token.span != modality.span).collect();
    let part = |from: usize, to: usize| match rest.get(from..to) {
        Some([first, .., last]) => without(text, first.span.start, last.span.end, modality),
        Some([only]) => without(text, only.span.start, only.span.end, modality),
        _ => String::new(),
    };
    let word = modality.lower.clone();
    if let Some(at) = rest.iter().position(|token| token.is("where")).map(|at| at + 1) {
        let end = rest[at..].iter().position(|token| BEHIND.iter().any(|word| token.is(word)));
        let end = end.map_or(rest.len(), |end| at + end);
        let is_joined = rest[at..end].iter().any(|token| token.is("and") || token.is("or"));
        let tests = if is_joined { format!("({})", part(at, end)) } else { part(at, end) };
        let query = joined(&[&part(0, at), &word, &tests, &part(end, rest.len())]);
        return vec![Candidate::new(query, MOVED, Vec::new())];
    }
    let query = |at: usize| joined(&[&part(0, at), &word, &part(at, rest.len())]);
    (1..rest.len()).map(|at| Candidate::new(query(at), MOVED + at as u32, Vec::new())).collect()
}

/// The text of a view with its period before `where`.
fn period(text: &str, tokens: &[Token]) -> Option<Candidate> {
    let test = tokens.iter().find(|token| token.is("where"))?;
    let is_period = |pair: &&[Token]| pair[0].is("by") && PERIODS.iter().any(|period| pair[1].is(period));
    let by = tokens.windows(2).rfind(is_period).filter(|by| by[0].span.start > test.span.start)?;
    let (start, end) = (by[0].span.start as usize, by[1].span.end as usize);
    let test = test.span.start as usize;
    let parts = [text.get(..test)?, text.get(start..end)?, text.get(test..start)?, text.get(end..)?];
    Some(Candidate::new(joined(&parts), MOVED, Vec::new()))
}

/// The text between two places without a word.
fn without(text: &str, start: u32, end: u32, word: &Token) -> String {
    let slice = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or_default();
    let (first, last) = (word.span.start, word.span.end);
    if start <= first && last <= end {
        return joined(&[slice(start, first), slice(last, end)]);
    }
    slice(start, end).to_string()
}

/// Parts of a text with one space between them, and none before a comma.
fn joined(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        if !text.is_empty() && !part.starts_with(',') {
            text.push(' ');
        }
        text.push_str(part);
    }
    text
}
