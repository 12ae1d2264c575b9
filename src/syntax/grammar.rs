//! Interface to pest: the rules of the grammar, how far a text follows them, and what was expected there.

use pest::Parser;
use pest::error::{Error, ErrorVariant};
use std::sync::{LazyLock, Once};

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/begat.pest"]
struct Grammar;

pub type Pair<'i> = pest::iterators::Pair<'i, Rule>;
pub type Pairs<'i> = pest::iterators::Pairs<'i, Rule>;

/// Returns the pair of an entry rule; `None` if the text does not follow the rule ([`stop`] tells where).
pub fn parse(rule: Rule, text: &str) -> Option<Pair<'_>> {
    Grammar::parse(rule, text).ok()?.next()
}

/// Returns true if an entry rule accepts a text without white space or comments around it.
pub fn covers(rule: Rule, text: &str) -> bool {
    let is_space = |character: char| character.is_whitespace() || character == '#';
    !text.starts_with(is_space)
        && !text.ends_with(char::is_whitespace)
        && !text.contains('#')
        && parse(rule, text).is_some()
}

/// The character that the rule `end_mark` looks for: everything that may follow a text is tried at it.
pub const END_MARK: char = '\u{1}';

/// Place where a text leaves the grammar.
#[derive(Debug)]
pub struct Stop {
    /// Number of bytes that were understood; it may end inside a word.
    pub at: usize,
    /// Tokens that the grammar tried there: marks as they are, keywords in capitals.
    tried: Vec<String>,
    /// True if the stack was exhausted, in which case the text may be correct.
    pub exhausted: bool,
}

impl Stop {
    /// Returns the keywords allowed there, sorted alphabetically.
    pub fn keywords(&self) -> Vec<&'static str> {
        let mut words: Vec<&'static str> =
            keywords().chain(REPORTS.iter().copied()).filter(|keyword| self.tries(&keyword.to_uppercase())).collect();
        words.sort_unstable();
        words
    }

    /// Returns true if this mark, or this keyword in capitals, is allowed there.
    pub fn tries(&self, word: &str) -> bool {
        self.tried.iter().any(|tried| tried == word)
    }
}

/// Returns where a text leaves an entry rule; `None` if it follows the rule to the end. Costs one parse, twice as slow
/// as [`parse`].
pub fn stop(rule: Rule, text: &str) -> Option<Stop> {
    // Set for the whole process and never reset, since a parse in another thread must not lose its details.
    static DETAIL: Once = Once::new();
    DETAIL.call_once(|| pest::set_error_detail(true));
    Grammar::parse(rule, text).err().map(|error| stop_of(&error))
}

fn stop_of(error: &Error<Rule>) -> Stop {
    let exhausted = matches!(error.variant, ErrorVariant::CustomError { .. });
    match error.parse_attempts() {
        Some(attempts) => {
            let tried = attempts.expected_tokens().iter().map(ToString::to_string).collect();
            Stop { at: attempts.max_position, tried, exhausted }
        }
        None => Stop { at: 0, tried: Vec::new(), exhausted },
    }
}

/// Words that begin a report, and are keywords only there.
pub const REPORTS: [&str; 4] = ["claims", "duplicates", "gaps", "sources"];

/// Returns all keywords in lower case, sorted alphabetically: the `kw_*` rules of the grammar.
pub fn keywords() -> impl Iterator<Item = &'static str> {
    KEYWORDS.iter().map(|(_, word)| word.as_str())
}

/// Returns true if a rule is one of the `kw_*` rules.
pub fn is_keyword_rule(rule: Rule) -> bool {
    KEYWORDS.binary_search_by_key(&rule, |(keyword, _)| *keyword).is_ok()
}

/// Returns true if a word is a keyword, in any case.
pub fn is_keyword(word: &str) -> bool {
    keywords().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// Returns true if a word is a keyword without a meaning yet.
pub fn is_reserved(word: &str) -> bool {
    parse(Rule::error_reserved, word).is_some_and(|pair| pair.as_str().len() == word.len())
}

/// Rules of the keywords with their words, in the order of the grammar.
static KEYWORDS: LazyLock<Vec<(Rule, String)>> = LazyLock::new(|| {
    let named = |rule: &Rule| Some((*rule, format!("{rule:?}").strip_prefix("kw_")?.to_string()));
    Rule::all_rules().iter().filter_map(named).collect()
});
