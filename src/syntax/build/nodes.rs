//! The children of a pair, taken in the order that the grammar gives them.

use crate::syntax::grammar::{Pair, Pairs, Rule};
use crate::text::Span;

/// The children of a pair. Taking a child that the grammar does not give there is a bug of ours, and panics.
pub struct Nodes<'i>(Pairs<'i>);

pub fn inside(pair: Pair<'_>) -> Nodes<'_> {
    Nodes(pair.into_inner())
}

impl<'i> Nodes<'i> {
    /// The next child, which is of that rule.
    #[track_caller]
    pub fn next(&mut self, rule: Rule) -> Pair<'i> {
        match self.0.next() {
            Some(pair) if pair.as_rule() == rule => pair,
            other => panic!("grammar and builder disagree: {rule:?} wanted, {other:?} found"),
        }
    }

    /// The next child, whatever it is.
    #[track_caller]
    pub fn any(&mut self) -> Pair<'i> {
        self.0.next().unwrap_or_else(|| panic!("grammar and builder disagree: a child is missing"))
    }

    /// The next child if it is of that rule.
    pub fn maybe(&mut self, rule: Rule) -> Option<Pair<'i>> {
        if self.0.peek()?.as_rule() == rule { self.0.next() } else { None }
    }

    /// Takes the next child if it is of that rule, and says whether it was.
    pub fn has(&mut self, rule: Rule) -> bool {
        self.maybe(rule).is_some()
    }

    /// The child after some that say nothing.
    #[track_caller]
    pub fn after<const N: usize>(&mut self, skipped: [Rule; N], rule: Rule) -> Pair<'i> {
        for rule in skipped {
            self.next(rule);
        }
        self.next(rule)
    }

    /// All children that are left.
    pub fn rest(self) -> Pairs<'i> {
        self.0
    }

    /// Says that no child is left.
    #[track_caller]
    pub fn end(mut self) {
        if let Some(pair) = self.0.next() {
            panic!("grammar and builder disagree: {pair:?} is left over");
        }
    }
}

/// A rule that the grammar does not give here.
#[track_caller]
pub fn unexpected(rule: Rule) -> ! {
    panic!("grammar and builder disagree: {rule:?}")
}

/// Where a pair's words lie, without the space and the comments after them (pest counts what it skipped in vain).
pub fn span(pair: &Pair) -> Span {
    let (start, text) = (pair.as_span().start(), pair.as_str());
    if text.contains('#') {
        return Span::new(start, end_of_words(pair));
    }
    let is_space = |character: char| character.is_whitespace() || character == '\u{feff}';
    Span::new(start, start + text.trim_end_matches(is_space).len())
}

/// The byte after the last word, where `#` may begin a comment or stand in a text.
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
