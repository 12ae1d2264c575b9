//! Questions in other words: what a text that is no query was perhaps meant to ask, as whole queries.
//!
//! The language has one spelling for each question; people have many, in English, in SQL, Cypher and SPARQL. A text that
//! does not parse or check is taken as *keywords over structured data*:
//!
//! 1. `tokens` parts it into words and marks, `foreign` takes the furniture of other languages away.
//! 2. `recognise` finds what each run of words may be: a type, a name, a verb in any form, a property, a date, a number, a
//!    word that asks (`most`, `without`, `per`), one that names a view. The likeliest readings of the whole are kept.
//!    This is the forward step of QUEST (Bergamaschi et al., *Combining user and database perspective for solving keyword
//!    queries over relational databases*, Information Systems 2016), without its training.
//! 3. `draft` reads each row of words from left to right into nouns, links and conditions, and `join` connects what stands
//!    by itself along the cheapest path through the schema: the join networks of DISCOVER (Hristidis and Papakonstantinou,
//!    VLDB 2002), as Tran et al. search them over the summary of a graph (*Top-k exploration of query candidates for
//!    efficient keyword search on graph-shaped data*, ICDE 2009). Counts and superlatives become aggregates as in
//!    SQAK (Tata and Lohman, *SQAK: doing more with keywords*, SIGMOD 2008).
//! 4. `write` writes each as a sentence, `queries` as a whole query; `place` mends single words where they stand. All are ordered by what was guessed: words left out, spellings and
//!    synonyms, verbs that nobody named, directions against the order of the words.
//! 5. The caller tries them, cheapest first, and those are offered that parse, resolve and have an answer: at most
//!    [`MOST_OFFERED`]. It is for a person to choose; none is run unasked.
//!
//! A name that is not near is never guessed. What was not understood is told with each offer.

mod draft;
mod foreign;
mod join;
mod lemma;
mod lexicon;
mod links;
mod place;
mod queries;
mod recognise;
mod tokens;
mod views;
mod write;

use crate::graph::Graph;
use tokens::Token;

/// So many queries are offered.
pub const MOST_OFFERED: usize = 3;
/// So many that can be asked are tried, and so many others.
const MOST_TRIED: usize = 10;
const MOST_WRONG: usize = 80;
/// A text of more words is not looked at.
const MOST_WORDS: usize = 48;
/// So many readings of the words are followed up.
const MOST_READINGS: usize = 8;
/// Names of larger graphs are not looked through for one that is near.
const GRAPH_TOO_LARGE: usize = 20_000;
/// What costs so much more than the best is not offered beside it, nor in place of one that nothing answers.
const REACH: u32 = 14;

/// Words without which a query says something else.
const KEPT: &[&str] = &["according", "every", "optional", "possibly", "certainly"];

/// What guesses cost.
mod cost {
    /// Another form of a word of the schema, or other capitals.
    pub const INFLECTED: u32 = 1;
    /// A verb without its second word.
    pub const PARTICLE: u32 = 5;
    /// A word that means nearly the same.
    pub const SYNONYM: u32 = 6;
    /// A word that the schema's own description of a type has.
    pub const DOC: u32 = 17;
    /// A noun that is made of a verb.
    pub const DERIVED: u32 = 3;
    /// A name that is a common word, too.
    pub const COMMON: u32 = 8;
    /// The first words of a longer name.
    pub const BEGUN: u32 = 8;
    pub const UNKNOWN: u32 = 40;
    pub const MARK: u32 = 1;
    /// A word that was understood, and found no place in the query.
    pub const UNUSED: u32 = 30;
    /// A verb that no word names.
    pub const JOIN: u32 = 6;
    /// A direction against the order of the words.
    pub const REVERSED: u32 = 25;

    /// A slip of so many letters.
    pub fn near(letters: usize) -> u32 {
        8 + 6 * letters as u32
    }
}

/// A whole query, and the words of the text that it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub query: String,
    pub left_out: Vec<String>,
    /// It can be asked, and nothing is recorded that answers it.
    pub is_empty: bool,
}

/// What a query comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does not parse, or does not check.
    Wrong,
    /// It can be asked, and nothing is recorded that answers it.
    Empty,
    Answered,
    /// There is no time left to try it.
    Untried,
}

/// A query that may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    query: String,
    cost: u32,
    /// Positions of tokens that it says nothing of.
    left_out: Vec<usize>,
}

/// What may have been meant by a text, the likeliest first; `judge` tries a query. Where nothing that is offered has an
/// answer, the likeliest query that can be asked.
pub fn offers(text: &str, graph: &Graph, judge: &dyn Fn(&str) -> Verdict) -> Vec<Offer> {
    let tokens = foreign::plain(tokens::tokens(text));
    let mut offers: Vec<Offer> = Vec::new();
    let (mut best, mut empty) = (None, None);
    let (mut tried, mut wrong) = (0, 0);
    for candidate in candidates(text, &tokens, graph) {
        let is_far = best.is_some_and(|best| candidate.cost > best + REACH);
        if offers.len() == MOST_OFFERED || is_far || tried == MOST_TRIED || wrong == MOST_WRONG {
            break;
        }
        let offer = |is_empty: bool| {
            let word = |at: &usize| tokens[*at].word.clone();
            Offer { query: candidate.query.clone(), left_out: candidate.left_out.iter().map(word).collect(), is_empty }
        };
        let verdict = judge(&candidate.query);
        match verdict {
            Verdict::Answered => offers.push(offer(false)),
            Verdict::Empty => empty = empty.or_else(|| Some(offer(true))),
            Verdict::Wrong => wrong += 1,
            Verdict::Untried => break,
        }
        if verdict != Verdict::Wrong {
            tried += 1;
            best = best.or(Some(candidate.cost));
        }
    }
    if offers.is_empty() { empty.into_iter().collect() } else { offers }
}

/// Whether so many words of a text are understood that it makes sense without these: no names, and few.
fn may_go(left_out: &[usize], known: usize, tokens: &[Token]) -> bool {
    let is_name = |at: &usize| {
        let token = &tokens[*at];
        token.quoted || token.word.chars().skip(usize::from(*at == 0)).any(|c| c.is_uppercase() || c.is_ascii_digit())
    };
    3 * left_out.len() <= known && !left_out.iter().any(is_name)
}

/// The queries that may have been meant, the cheapest first, each once.
fn candidates(text: &str, tokens: &[Token], graph: &Graph) -> Vec<Candidate> {
    if tokens.is_empty() || tokens.len() > MOST_WORDS || crate::limits::is_over() {
        return Vec::new();
    }
    let mut candidates = Vec::new();
    for reading in recognise::readings(tokens, graph).into_iter().take(MOST_READINGS) {
        candidates.extend(place::in_place(text, tokens, &reading, graph));
        for draft in draft::drafts(tokens, &reading, graph) {
            if may_go(&draft.unknown, draft.content.len(), tokens) {
                candidates.extend(queries::candidates(&draft, graph));
            }
        }
    }
    // Variables, and words that change what holds, have been written on purpose.
    let is_meant = |at: &usize| {
        tokens[*at].word.chars().count() == 1 && tokens[*at].is_word() || KEPT.contains(&tokens[*at].lower.as_str())
    };
    candidates.retain(|candidate| !candidate.left_out.iter().any(is_meant));
    candidates.sort_by_key(|candidate| candidate.cost);
    let mut seen: Vec<String> = vec![text.trim().to_string()];
    candidates.retain(|candidate| {
        let is_new = !seen.contains(&candidate.query);
        if is_new {
            seen.push(candidate.query.clone());
        }
        is_new
    });
    candidates
}
