//! pest, and nothing else of it: the grammar's rules, and how far a text follows them.

use pest::Parser;
use pest::error::Error;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/begat.pest"]
struct Grammar;

pub type Pair<'i> = pest::iterators::Pair<'i, Rule>;
pub type Pairs<'i> = pest::iterators::Pairs<'i, Rule>;

/// The pair of an entry rule.
///
/// # Errors
/// Where the text does not follow the rule.
pub fn parse(rule: Rule, text: &str) -> Result<Pair<'_>, Box<Error<Rule>>> {
    let mut pairs = Grammar::parse(rule, text).map_err(Box::new)?;
    Ok(pairs.next().expect("an entry rule gives one pair"))
}

/// All keywords, in lower case and alphabetical order. They are the grammar's `kw_*` rules.
pub fn keywords() -> impl Iterator<Item = &'static str> {
    Rule::all_rules().iter().filter_map(|rule| keyword(*rule))
}

/// The word of a `kw_*` rule.
pub fn keyword(rule: Rule) -> Option<&'static str> {
    NAMES.get(rule as usize).and_then(|name| name.strip_prefix("kw_"))
}

/// The rules' names in the grammar, by the rule's number.
static NAMES: std::sync::LazyLock<Vec<String>> =
    std::sync::LazyLock::new(|| Rule::all_rules().iter().map(|rule| format!("{rule:?}")).collect());
