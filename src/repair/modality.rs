//! `possibly` and `certainly` at a place where they say nothing yet: `possibly Model uses MLA`, `… where m.date < 2024 possibly`.

use super::Candidate;
use super::tokens::Token;

/// Words that begin a clause behind the conditions.
const BEHIND: &[&str] = &["show", "having", "order", "limit", "offset", "nearest", "by", "as", "to"];
/// The least cost of such an offer: less than that of another query, more than that of a spelling.
const MOVED: u32 = 2;

/// The text with its only modality before the conditions of `where`, or else before one word after the other.
pub(super) fn moved(text: &str, tokens: &[Token]) -> Vec<Candidate> {
    let is_modality = |token: &&Token| token.is("possibly") || token.is("certainly");
    let mut found = tokens.iter().filter(is_modality);
    let (Some(modality), None) = (found.next(), found.next()) else { return Vec::new() };
    let rest: Vec<&Token> = tokens.iter().filter(|token| token.span != modality.span).collect();
    let part = |from: usize, to: usize| match rest.get(from..to) {
        Some([first, .., last]) => written(text, first.span.start, last.span.end, modality),
        Some([only]) => written(text, only.span.start, only.span.end, modality),
        _ => String::new(),
    };
    let joined = |parts: &[String]| {
        parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ").replace(" ,", ",")
    };
    let word = modality.lower.clone();
    if let Some(at) = rest.iter().position(|token| token.is("where")).map(|at| at + 1) {
        let end = rest[at..].iter().position(|token| BEHIND.contains(&token.lower.as_str()) && !token.quoted);
        let end = end.map_or(rest.len(), |end| at + end);
        let is_joined = rest[at..end].iter().any(|token| token.is("and") || token.is("or"));
        let tests = if is_joined { format!("({})", part(at, end)) } else { part(at, end) };
        let query = joined(&[part(0, at), word, tests, part(end, rest.len())]);
        return vec![Candidate::new(query, MOVED, Vec::new())];
    }
    let query = |at: usize| joined(&[part(0, at), word.clone(), part(at, rest.len())]);
    (1..rest.len()).map(|at| Candidate::new(query(at), MOVED + at as u32, Vec::new())).collect()
}

/// The text between two places without the modality.
fn written(text: &str, start: u32, end: u32, modality: &Token) -> String {
    let slice = |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or_default();
    let (first, last) = (modality.span.start, modality.span.end);
    if start <= first && last <= end {
        return format!("{} {}", slice(start, first).trim_end(), slice(last, end).trim_start());
    }
    slice(start, end).to_string()
}
