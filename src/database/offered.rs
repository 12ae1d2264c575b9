//! Queries that are offered in place of a text that cannot be asked: each has been tried.

use super::{Database, Error, Options};
use crate::answer::Answer;
use crate::limits::{Budget, Limits};
use crate::repair::{self, Offer, Verdict};
use crate::text::{Diagnostics, Fix, Help, Span};
use std::time::Duration;

/// So long all trials together may take.
const TIME: Duration = Duration::from_millis(250);
/// An answer of more rows is one.
const ROWS: u64 = 100_000;
/// Longer texts, in bytes, are not looked at.
const LONGEST: usize = 2000;

impl Database {
    /// The whole queries that a text may mean that is none, the likeliest first, each tried on this graph: at most three, and
    /// none where the text can be asked as it is. The words that an offer leaves out are named with it.
    pub fn offers(&self, text: &str, options: &Options) -> Vec<Offer> {
        if text.len() > LONGEST {
            return Vec::new();
        }
        let limits = Limits { time: Some(TIME), rows: Some(ROWS), memory: options.limits.memory };
        let outer = Budget::current().unwrap_or_else(|| Budget::new(options.limits, options.cancel.clone(), None));
        let budget = outer.narrowed(limits);
        budget.enter(|| repair::offers(text, &self.graph, &|query| self.verdict(query, options)))
    }

    fn verdict(&self, query: &str, options: &Options) -> Verdict {
        let options = Options { disabled_rewrites: Vec::new(), ..options.clone() };
        let checked = match self.checked_program(query, &options) {
            Ok(checked) => checked,
            Err(Error::Limit(_) | Error::Interrupted) => return Verdict::Untried,
            Err(_) => return Verdict::Wrong,
        };
        let [(text, query)] = checked.as_slice() else { return Verdict::Wrong };
        let prepared = self.planned(text.clone(), query.clone(), &options);
        match self.run(&prepared, &options) {
            Ok(answer) if answer.is_nothing() => Verdict::Empty,
            Ok(_) => Verdict::Answered,
            Err(_) => Verdict::Untried,
        }
    }

    /// Adds offers to what is wrong with a text.
    pub(super) fn with_offers(&self, text: &str, mut found: Diagnostics, options: &Options) -> Diagnostics {
        let errors = found.0.iter_mut().filter(|problem| problem.is_error());
        let mut errors = errors.filter(|problem| problem.labels.first().is_none_or(|label| label.text.is_none()));
        let Some(first) = errors.next() else { return found };
        for offer in self.offers(text, options) {
            let left_out = match offer.left_out.as_slice() {
                [] => String::new(),
                words => format!(" It leaves out {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")),
            };
            let empty = if offer.is_empty { " Nothing is recorded that answers it" } else { "" };
            let message = format!("did you mean `{}`?{left_out}{empty}", offer.query);
            let span = Span::new(0, text.len());
            first.help.push(Help { message, fix: Some(Fix { span, replacement: offer.query }) });
        }
        found
    }
}

impl Answer {
    /// Whether there are no rows, no facts and no proofs. A yes or no is something.
    fn is_nothing(&self) -> bool {
        use crate::answer::View;
        match &self.view {
            View::Verdict(_) | View::Plan(_) | View::Schema | View::Describe(_) => false,
            View::Graph(part) => part.facts.is_empty() && part.derived.is_empty(),
            View::Why(explained) => explained.is_empty(),
            View::Lineage(lineage) => lineage.members.len() <= 1,
            _ => self.table.rows.is_empty() && self.more_possible == 0,
        }
    }
}
