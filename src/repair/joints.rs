//! Joining words that are missing between two phrases: `that` or `and` before a verb behind a noun, and the verb itself
//! before a second period (`dated after 2023 and before 2025`).

use super::EMPTY_FIRST;
use super::lexicon::Role;
use super::place::written;
use super::recognise::{Reading, Segment, Sense};
use super::tokens::Token;
use super::vocabulary::Vocabulary;

/// Maximum number of places that are filled. Each doubles the number of texts.
const MOST_GAPS: usize = 3;
/// Words that begin a clause, in which nothing is joined so.
const CLAUSES: &[&str] = &["where", "show", "having", "order", "limit", "offset", "nearest", "to"];
const PERIODS: &[&str] = &["before", "after", "since", "until", "in", "between"];

/// A word that is to stand before a segment of the reading.
pub(super) struct InsertedWord {
    pub segment: usize,
    pub word: String,
}

/// The words for a place where one is missing, the likelier first.
struct Gap {
    segment: usize,
    words: Vec<String>,
}

/// What the words so far end in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LastWord {
    Start,
    Type,
    /// A name, a date or a number.
    Thing,
    And,
    Other,
}

/// The ways to fill the places where a joining word is missing, each with its cost; none where nothing is missing. The
/// likely word costs nothing: all that was written stays.
pub(super) fn joints(
    text: &str,
    tokens: &[Token],
    reading: &Reading,
    graph: &Vocabulary<'_>,
) -> Vec<(Vec<InsertedWord>, u32)> {
    let gaps = gaps(text, tokens, reading, graph);
    if gaps.is_empty() || gaps.len() > MOST_GAPS {
        return Vec::new();
    }
    let mut ways = vec![(Vec::new(), 0)];
    for gap in &gaps {
        let with = |(words, cost): &(Vec<usize>, u32)| {
            let ways = (0..gap.words.len()).map(|choice| {
                let words = words.iter().copied().chain([choice]).collect();
                (words, cost + EMPTY_FIRST * choice as u32)
            });
            ways.collect::<Vec<(Vec<usize>, u32)>>()
        };
        ways = ways.iter().flat_map(with).collect();
    }
    let joint = |(gap, choice): (&Gap, usize)| InsertedWord { segment: gap.segment, word: gap.words[choice].clone() };
    ways.into_iter().map(|(words, cost)| (gaps.iter().zip(words).map(joint).collect(), cost)).collect()
}

fn gaps(text: &str, tokens: &[Token], reading: &Reading, graph: &Vocabulary<'_>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut end = LastWord::Start;
    // The verb of the phrase before.
    let mut verb: Option<String> = None;
    for (at, segment) in reading.segments.iter().enumerate() {
        let token = &tokens[segment.from];
        if CLAUSES.iter().any(|word| token.is(word)) {
            break;
        }
        let is_denied = segment.sense == Sense::Role(Role::Not);
        let starts =
            reading.segments.get(at + usize::from(is_denied)).and_then(|next| verb_of(text, next, tokens, graph));
        if starts.is_some() && verb.is_some() {
            // `that` speaks of any thing of a type; of one that is named nothing more is asked.
            match end {
                LastWord::Type => gaps.push(Gap { segment: at, words: vec!["that".into(), "and".into()] }),
                LastWord::Thing => gaps.push(Gap { segment: at, words: vec!["and".into(), "that".into()] }),
                _ => (),
            }
        }
        if let Some(verb) = verb.as_ref().filter(|_| end == LastWord::And && PERIODS.iter().any(|word| token.is(word)))
        {
            gaps.push(Gap { segment: at, words: vec![verb.clone()] });
        }
        match &segment.sense {
            Sense::Type(_) => end = LastWord::Type,
            Sense::Entity(_) | Sense::Text(..) | Sense::Named(_) | Sense::Date(_) | Sense::Number(_) => {
                end = LastWord::Thing;
            }
            Sense::Role(Role::And | Role::Or | Role::But) => end = LastWord::And,
            // A variable belongs to the noun before it.
            Sense::Unknown if token.is_word() && token.word.chars().count() == 1 => (),
            Sense::Unknown if !token.is_word() => (end, verb) = (LastWord::Start, None),
            _ => end = LastWord::Other,
        }
        if let Some(starts) = starts {
            verb = Some(starts);
        }
    }
    gaps
}

/// The word for a verb, or for a property that a sentence can name.
fn verb_of(text: &str, segment: &Segment, tokens: &[Token], graph: &Vocabulary<'_>) -> Option<String> {
    match segment.sense {
        Sense::Verb { .. } => written(text, segment, tokens, graph),
        Sense::Property(id) => graph.schema().property(id).verb.clone(),
        _ => None,
    }
}
