//! Children of a pair, in the order of the grammar.

use crate::syntax::grammar::{Pair, Pairs, Rule};
use crate::text::Span;

/// Children of a pair. Panics if the grammar does not allow the requested child, since grammar and builder then
/// disagree.
pub struct Nodes<'i>(Pairs<'i>);

pub fn inside(pair: Pair<'_>) -> Nodes<'_> {
    Nodes(pair.into_inner())
}

impl<'i> Nodes<'i> {
    /// Takes the next child, which must be of this rule.
    #[track_caller]
    pub fn next(&mut self, rule: Rule) -> Pair<'i> {
        match self.0.next() {
            Some(pair) if pair.as_rule() == rule => pair,
            other => panic!("grammar and builder disagree: {rule:?} wanted, {other:?} found"),
        }
    }

    /// Takes the next child, of any rule.
    #[track_caller]
    pub fn any(&mut self) -> Pair<'i> {
        self.0.next().unwrap_or_else(|| panic!("grammar and builder disagree: a child is missing"))
    }

    /// Takes the next child if it is of this rule; `None` otherwise.
    pub fn maybe(&mut self, rule: Rule) -> Option<Pair<'i>> {
        if self.0.peek()?.as_rule() == rule { self.0.next() } else { None }
    }

    /// Takes the next child if it is of this rule; returns whether it was.
    pub fn has(&mut self, rule: Rule) -> bool {
        self.maybe(rule).is_some()
    }

    /// Takes a child behind some others that carry no information.
    #[track_caller]
    pub fn after<const N: usize>(&mut self, skipped: [Rule; N], rule: Rule) -> Pair<'i> {
        for rule in skipped {
            self.next(rule);
        }
        self.next(rule)
    }

    /// Returns all remaining children.
    pub fn rest(self) -> Pairs<'i> {
        self.0
    }

    /// Checks that no child remains.
    #[track_caller]
    pub fn end(mut self) {
        if let Some(pair) = self.0.next() {
            panic!("grammar and builder disagree: {pair:?} is left over");
        }
    }
}

/// Panics for a rule that the grammar does not allow here.
#[track_caller]
pub fn unexpected(rule: Rule) -> ! {
    panic!("grammar and builder disagree: {rule:?}")
}

/// Returns the span of a pair without trailing white space and comments, which pest includes.
pub fn span(pair: &Pair) -> Span {
    let (start, text) = (pair.as_span().start(), pair.as_str());
    if text.contains('#') {
        return Span::new(start, end_of_words(pair));
    }
    let is_space = |character: char| character.is_whitespace() || character == '\u{feff}';
    Span::new(start, start + text.trim_end_matches(is_space).len())
}

/// Returns the end of the last word, if `#` may begin a comment or be part of a text.
fn end_of_words(pair: &Pair) -> usize {
    let mut last = pair.clone();
    while !matches!(last.as_rule(), Rule::string | Rule::param | Rule::property) {
        match last.clone().into_inner().next_back() {
            Some(child) => last = child,
            None => break,
        }
    }
    last.as_span().end()
}
