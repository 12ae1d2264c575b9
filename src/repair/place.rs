//! Correction of a text that is nearly a query: known words are written as in the graph and the grammar.

use super::joints::{InsertedWord, joints};
use super::lexicon::Role;
use super::recognise::{Reading, Segment, Sense};
use super::tokens::Token;
use super::vocabulary::Vocabulary;
use super::write::name;
use super::{Candidate, cost, may_go};
use crate::syntax;

/// The text with each word that is known in its place: once with all others as they are, once without those that say
/// nothing, and with the joining words that are missing.
pub(super) fn in_place(text: &str, tokens: &[Token], reading: &Reading, graph: &Vocabulary<'_>) -> Vec<Candidate> {
    let is_ordered = tokens.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start);
    if !is_ordered || text.is_empty() {
        return Vec::new();
    }
    let spoken = |lean: bool| rewritten(text, tokens, reading, graph, lean, &[]);
    let joined = joints(text, tokens, reading, graph).into_iter().filter_map(|(joints, cost)| {
        let candidate = rewritten(text, tokens, reading, graph, false, &joints)?;
        Some(Candidate { cost: candidate.cost + cost, ..candidate })
    });
    [false, true].into_iter().filter_map(spoken).chain(joined).collect()
}

/// The text with its known words as they are written, and with words that are missing.
fn rewritten(
    text: &str,
    tokens: &[Token],
    reading: &Reading,
    graph: &Vocabulary<'_>,
    lean: bool,
    joints: &[InsertedWord],
) -> Option<Candidate> {
    let (mut query, mut at, mut cost, mut kept) = (String::new(), 0, 0, 0);
    let mut left_out = Vec::new();
    for (number, segment) in reading.segments.iter().enumerate() {
        let (first, last) = (tokens.get(segment.from)?, tokens.get(segment.to - 1)?);
        query += text.get(at..first.span.start as usize)?;
        for joint in joints.iter().filter(|joint| joint.segment == number) {
            query = query + &joint.word + " ";
        }
        let own = text.get(first.span.start as usize..last.span.end as usize)?;
        at = last.span.end as usize;
        match written(text, segment, tokens, graph) {
            Some(word) => query += &word,
            None if lean && is_idle(segment, tokens) => {
                query.truncate(query.trim_end().len());
                cost += 1;
            }
            None if segment.sense == Sense::Unknown && lean && tokens[segment.from].is_word() => {
                query.truncate(query.trim_end().len());
                left_out.push(segment.from);
                cost += 1;
            }
            None => {
                query += own;
                // A variable that stays is no guess.
                kept += if segment.sense == Sense::Unknown && is_variable(own) { segment.cost } else { 0 };
            }
        }
    }
    query += text.get(at..)?;
    let is_known = |segment: &&Segment| !matches!(segment.sense, Sense::Unknown | Sense::Role(Role::Filler));
    if !may_go(&left_out, reading.segments.iter().filter(is_known).count(), tokens) {
        return None;
    }
    let is_lean = cost > 0;
    (lean == is_lean).then(|| Candidate::new(query.trim().to_string(), reading.cost + cost - kept, left_out))
}

fn is_variable(word: &str) -> bool {
    word.chars().count() == 1 && word.starts_with(char::is_lowercase)
}

/// Returns true if a word can be omitted: it is a filler and no keyword.
fn is_idle(segment: &Segment, tokens: &[Token]) -> bool {
    let word = &tokens[segment.from].lower;
    let is_keyword = syntax::keywords().any(|keyword| keyword == word);
    segment.sense == Sense::Role(Role::Filler) && !is_keyword && tokens[segment.from].is_word()
}

/// A word of the schema or of the grammar, as it is to be written; `None` where it stays.
pub(super) fn written(text: &str, segment: &Segment, tokens: &[Token], graph: &Vocabulary<'_>) -> Option<String> {
    let schema = graph.schema();
    match &segment.sense {
        Sense::Type(id) => Some(schema.type_(*id).name.clone()),
        Sense::Entity(id) => Some(name(*id, graph)),
        Sense::Verb { verb, inverse, .. } => Some(graph.spelt(*verb, *inverse)),
        Sense::Property(id) => {
            let property = schema.property(*id);
            // `m.date`: a property of a variable is written by its name, not by its verb.
            let start = tokens[segment.from].span.start as usize;
            let owner = text.get(..start).and_then(|before| before.strip_suffix('.'));
            let is_own = owner.is_some_and(|owner| owner.ends_with(|c: char| c.is_ascii_lowercase()));
            Some(if is_own { property.name.clone() } else { property.verb.clone().unwrap_or(property.name.clone()) })
        }
        Sense::Role(_) if segment.cost > cost::COMMON - 1 => near_keyword(&tokens[segment.from].lower),
        Sense::Date(date) => Some(date.clone()),
        _ => None,
    }
}

/// Returns the keyword to which a misspelt word is similar.
fn near_keyword(word: &str) -> Option<String> {
    crate::text::suggest::nearest(word, syntax::keywords()).first().map(|near| near.to_string())
}
