//! Query suggestions: complete queries that a text that is not a query may have meant.
//!
//! The language has one spelling for each question; people have many, in English, SQL, Cypher and SPARQL. A text that
//! does not parse or check is interpreted as *keywords over structured data*:
//!
//! 1. `tokens` splits it into words and marks, `foreign` removes the syntax of other languages. `unfold` parts words that
//!    say two things, such as `unused`, and reads variables as the types that they stand for.
//! 2. `recognise` finds what each run of words may be: a type, a name, a verb in any form, a property, a date, a
//!    number, a function word (`most`, `without`, `per`), or the name of a view. The likeliest readings of the whole
//!    text are kept. This is the forward step of QUEST (Bergamaschi et al., *Combining user and database perspective
//!    for solving keyword queries over relational databases*, Information Systems 2016), without its training.
//! 3. `draft` reads each sequence of words from left to right into nouns, links and conditions, and `join` connects
//!    isolated nouns along the cheapest path through the schema: the join networks of DISCOVER (Hristidis and
//!    Papakonstantinou, VLDB 2002), as Tran et al. search them over the summary of a graph (*Top-k exploration of query
//!    candidates for efficient keyword search on graph-shaped data*, ICDE 2009). Counts and superlatives become
//!    aggregates as in SQAK (Tata and Lohman, *SQAK: doing more with keywords*, SIGMOD 2008).
//! 4. `write` writes each draft as a sentence, `queries` as a complete query; `place` corrects single words in place,
//!    with the joining words that `joints` misses.
//!    All are ordered by the cost of what was guessed: omitted words, spellings and synonyms, verbs that were not
//!    named, directions against the order of the words.
//! 5. The caller tries them, cheapest first. Those that parse, resolve and have an answer are offered, at most
//!    [`MOST_OFFERED`]. A person chooses; no query is run unasked.
//!
//! Only similar names are guessed. Each offer lists the words that it leaves out.

mod beside;
mod clauses;
mod compared;
mod conditions;
mod countries;
mod dictionary;
mod draft;
mod foreign;
mod fragments;
mod join;
mod joints;
mod lemma;
mod lexicon;
mod links;
mod logic;
mod moved;
mod names;
mod nouns;
mod pandas;
mod place;
mod queries;
mod recognise;
mod roles;
mod shares;
mod sql;
mod synonyms;
mod tokens;
mod unfold;
mod values;
mod views;
mod vocabulary;
mod write;

use crate::graph::Graph;
use crate::syntax::ast::Define;
use dictionary::Dictionary;
use tokens::Token;
use vocabulary::Vocabulary;

/// Maximum number of offered queries.
pub const MOST_OFFERED: usize = 3;
/// Maximum number of valid queries that are tried, and of invalid ones. Valid ones are run, invalid ones only parsed
/// and checked; larger finds rarer meanings, and delays the message.
const MOST_TRIED: usize = 10;
const MOST_WRONG: usize = 80;
/// Texts of more tokens are not examined.
const MOST_WORDS: usize = 48;
/// Number of readings that are pursued.
const MOST_READINGS: usize = 12;
/// In larger graphs, similar names and beginnings of names are not searched, which would read all names.
const GRAPH_TOO_LARGE: usize = 20_000;
/// Candidates that cost more than the cheapest valid one plus this are not offered, even if that one has no answer.
const REACH: u32 = 14;
/// Candidates that cost more than the cheapest one without an answer plus this are not offered in its place.
const EMPTY_REACH: u32 = 10;

/// A candidate without an answer is offered before one that costs so much more.
const EMPTY_FIRST: u32 = 5;

/// Words whose omission changes the meaning of a query.
const KEPT: &[&str] = &["according", "every", "optional", "possibly", "certainly"];

/// Costs of guesses. Only their sums are compared, so that their proportions matter: of two readings, the one that
/// changes less of what was written is the cheaper.
mod cost {
    /// Another form of a word of the schema, or different capitals.
    pub const INFLECTED: u32 = 1;
    /// A verb without its particle.
    pub const PARTICLE: u32 = 5;
    /// A near-synonym.
    pub const SYNONYM: u32 = 6;
    /// A word that means nearly the same as one that is defined, since there is one of the schema besides.
    pub const DEFINED: u32 = 16;
    /// A thing that is written as a plural, where things of its kind may be meant.
    pub const KIND: u32 = 6;
    /// Two verbs that say the same of two things.
    pub const SIBLING: u32 = 20;
    /// A word that the schema's own description of a type has.
    pub const DOC: u32 = 17;
    /// A noun derived from a verb.
    pub const DERIVED: u32 = 3;
    /// A name that is also a common word.
    pub const COMMON: u32 = 8;
    /// The first words of a longer name.
    pub const BEGUN: u32 = 8;
    /// The same, where there is a thing that is called so.
    pub const BEGUN_YET_WHOLE: u32 = 16;
    pub const UNKNOWN: u32 = 40;
    /// Discount of two exchanged letters, compared with two wrong ones.
    pub const EXCHANGED: u32 = 4;
    /// A name after `a`, before the type of which it is, where a thing of such a kind is meant.
    pub const INDEFINITE: u32 = 30;
    pub const MARK: u32 = 1;
    /// A word that was understood but is not used in the query.
    pub const UNUSED: u32 = 30;
    /// A verb that was not named.
    pub const JOIN: u32 = 6;
    /// A thing behind a verb that does not speak of such things.
    pub const MISFIT: u32 = 10;
    /// A thing that `who` asks for, where it asks for people rather.
    pub const IMPERSONAL: u32 = 3;
    /// A direction against the order of the words.
    pub const REVERSED: u32 = 25;

    /// Returns the cost of a spelling error of that many letters.
    pub fn near(letters: usize) -> u32 {
        8 + 6 * letters as u32
    }
}

/// A complete query, and the words of the text that it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub query: String,
    pub left_out: Vec<String>,
    /// True if the query is valid but has no answer.
    pub is_empty: bool,
}

/// Result of trying a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does not parse or check.
    Wrong,
    /// It is valid but has no answer.
    Empty,
    Answered,
    /// There was no time to try it.
    Untried,
}

/// A query that may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    query: String,
    cost: u32,
    /// Positions of tokens that it does not use.
    left_out: Vec<usize>,
    /// These tokens.
    left: Vec<String>,
    /// True if it reads a verb between things of one kind against the order of the words.
    reversed: bool,
}

impl Candidate {
    fn new(query: String, cost: u32, left_out: Vec<usize>) -> Candidate {
        Candidate { query, cost, left_out, left: Vec::new(), reversed: false }
    }
}

/// How far an offer may be from the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Words are replaced in their places, or left out.
    Words,
    /// Another query may be written.
    Queries,
}

/// What may have been meant by a text, the likeliest first; `judge` tries a query. Where nothing that is offered has an
/// answer, the likeliest query that can be asked.
pub fn offers<'d>(
    text: &str,
    graph: &Graph,
    defines: impl Iterator<Item = &'d Define>,
    extent: Extent,
    judge: &dyn Fn(&str) -> Verdict,
) -> Vec<Offer> {
    let graph = &Vocabulary::new(graph, defines);
    let dictionary = Dictionary::of(graph);
    let tokens = foreign::plain(tokens::tokens(text), &dictionary, graph);
    let tokens = unfold::unfolded(tokens, &dictionary, graph);
    let mut offers: Vec<Offer> = Vec::new();
    let (mut best, mut empty): (Option<u32>, Option<(u32, Offer)>) = (None, None);
    // The cost of the first one that has an answer.
    let mut first: Option<u32> = None;
    let (mut tried, mut wrong) = (0, 0);
    for candidate in candidates(text, &tokens, &dictionary, graph, extent) {
        let is_far = best.is_some_and(|best| candidate.cost > best + REACH);
        // What the words say has no answer: the opposite that has one is not meant, nor what is far from it.
        if let Some((cost, offer)) = empty.as_ref().filter(|_| offers.is_empty()) {
            if candidate.cost > cost + EMPTY_REACH && offer.left_out.is_empty() {
                break;
            }
            if candidate.reversed {
                continue;
            }
        }
        if offers.len() == MOST_OFFERED || is_far || tried == MOST_TRIED || wrong == MOST_WRONG {
            break;
        }
        let offer =
            |is_empty: bool| Offer { query: candidate.query.clone(), left_out: candidate.left.clone(), is_empty };
        let verdict = judge(&candidate.query);
        match verdict {
            Verdict::Answered => {
                first = first.or(Some(candidate.cost));
                offers.push(offer(false));
            }
            Verdict::Empty => empty = empty.or_else(|| Some((candidate.cost, offer(true)))),
            Verdict::Wrong => wrong += 1,
            Verdict::Untried => break,
        }
        if verdict != Verdict::Wrong {
            tried += 1;
            best = best.or(Some(candidate.cost));
        }
    }
    // What the words say comes first, even if it has no answer and something farther off has.
    let said = empty.filter(|(cost, offer)| match first {
        Some(first) => offer.left_out.is_empty() && cost + EMPTY_FIRST <= first,
        None => true,
    });
    let offers = said.into_iter().map(|(_, offer)| offer).chain(offers);
    offers.take(MOST_OFFERED).collect()
}

/// Whether so many words of a text are understood that it makes sense without these: no names, and few.
fn may_go(left_out: &[usize], known: usize, tokens: &[Token]) -> bool {
    // The first word of a text may have a capital without being a name.
    let is_name = |at: &usize| {
        let token = &tokens[*at];
        token.quoted
            || token.word.starts_with('$')
            || token.word.chars().skip(usize::from(*at == 0)).any(|c| c.is_uppercase() || c.is_ascii_digit())
    };
    3 * left_out.len() <= known && !left_out.iter().any(is_name)
}

/// The queries of a reading.
fn drafted(tokens: &[Token], reading: &recognise::Reading, graph: &Vocabulary<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for draft in draft::drafts(tokens, reading, graph) {
        if may_go(&draft.unknown, draft.content.len(), tokens) {
            candidates.extend(queries::candidates(&draft, graph));
        }
    }
    told(candidates, tokens)
}

/// The candidates with the words that each leaves out, except those that leave out a variable or a word that changes the
/// meaning: these were written on purpose.
fn told(mut candidates: Vec<Candidate>, tokens: &[Token]) -> Vec<Candidate> {
    let is_meant = |at: &usize| {
        tokens[*at].word.chars().count() == 1 && tokens[*at].is_word() || KEPT.contains(&tokens[*at].lower.as_str())
    };
    candidates.retain(|candidate| !candidate.left_out.iter().any(is_meant));
    for candidate in &mut candidates {
        candidate.left = candidate.left_out.iter().map(|at| tokens[*at].word.clone()).collect();
    }
    candidates
}

/// The queries that may have been meant, the cheapest first, each once.
fn candidates(
    text: &str,
    tokens: &[Token],
    dictionary: &Dictionary,
    graph: &Vocabulary<'_>,
    extent: Extent,
) -> Vec<Candidate> {
    if tokens.is_empty() || tokens.len() > MOST_WORDS || crate::limits::is_over() {
        return Vec::new();
    }
    let mut candidates = told(moved::moved(text, tokens), tokens);
    let without = unfold::without_variables(tokens, graph);
    let readings = recognise::readings(tokens, dictionary, graph).into_iter().take(MOST_READINGS);
    for reading in readings {
        candidates.extend(told(place::in_place(text, tokens, &reading, graph), tokens));
        if extent == Extent::Queries && without.is_none() {
            candidates.extend(drafted(tokens, &reading, graph));
        }
    }
    if let Some(tokens) = without.filter(|_| extent == Extent::Queries) {
        let readings = recognise::readings(&tokens, dictionary, graph).into_iter().take(MOST_READINGS);
        readings.for_each(|reading| candidates.extend(drafted(&tokens, &reading, graph)));
    }
    candidates.retain(|candidate| logic::is_kept(text, &candidate.query));
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
