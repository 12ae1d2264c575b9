//! Offers whole queries in place of a text that cannot be asked. Each has been tried.

use super::advice::Adviser;
use super::{Database, Error, Options};
use crate::answer::Answer;
use crate::limits::{self, Budget, Limits};
use crate::repair::{self, Extent, Offer, Verdict};
use crate::syntax;
use crate::syntax::ast::{Program, Statement};
use crate::text::{Code, Diagnostics, Fix, Help, Span, suggest};
use std::time::Duration;

/// Time limit for all trials together; everything takes about twenty times as long without optimization. Longer delays
/// the message, shorter leaves likely meanings untried.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 8000 } else { 250 });
/// Row limit of a trial. A query that exceeds it counts as answered. Only whether there are rows matters.
const ROWS: u64 = 2000;
/// Longer texts, in bytes, get no offers.
const LONGEST: usize = 2000;

/// Mistakes that only people who know the language make: only they know which of two readings they meant.
const OWN: &[Code] = &[Code::UnknownParameter, Code::MixedAndOr, Code::RepeatedType, Code::RepeatedVariable];

impl Database {
    /// Returns the whole queries that an invalid text may mean, the likeliest first, each tried on this graph: at most
    /// three, and none if the text is valid. Each names the words of the text that it leaves out.
    #[doc(hidden)]
    pub fn offers(&self, text: &str, options: &Options) -> Vec<Offer> {
        self.offers_after("", text, extent("", text), options)
    }

    /// Returns the same for a statement that follows others, which are valid.
    fn offers_after(&self, before: &str, text: &str, extent: Extent, options: &Options) -> Vec<Offer> {
        if before.len() + text.len() > LONGEST {
            return Vec::new();
        }
        let limits = Limits { time: Some(TIME), rows: Some(ROWS), memory: options.limits.memory };
        let outer = Budget::current().unwrap_or_else(|| Budget::new(options.limits, options.cancel.clone(), None));
        let budget = outer.narrowed(limits);
        let statements = syntax::parse_quietly(before).map_or(Vec::new(), |program| program.statements);
        let own = statements.iter().filter_map(|statement| match statement {
            Statement::Define(define) => Some(define),
            Statement::Query(_) => None,
        });
        let defines = || self.bundled_definitions().iter().chain(&self.defines).map(|definition| &definition.define);
        let tried = |query: &str| self.verdict(before, query, options);
        budget.enter(|| repair::offers(text, &self.graph, defines().chain(own.clone()), extent, &tried))
    }

    /// Tries a query that follows other statements; these are only checked.
    fn verdict(&self, before: &str, query: &str, options: &Options) -> Verdict {
        let options = Options { disabled_rewrites: Vec::new(), ..options.clone() };
        let is_one = |program: &Program| matches!(program.statements.as_slice(), [Statement::Query(_)]);
        if !syntax::parse_quietly(query).is_some_and(|program| is_one(&program)) {
            return Verdict::Wrong;
        }
        let checked = match self.checked_program(&format!("{before}{query}"), &options) {
            Ok(checked) => checked,
            Err(Error::Limit(_) | Error::Interrupted) => return Verdict::Untried,
            Err(_) => return Verdict::Wrong,
        };
        let Some((text, query)) = checked.last() else { return Verdict::Wrong };
        let prepared = self.planned(text.clone(), query.clone(), &options);
        match self.run_now(&prepared, &options) {
            Ok(answer) if answer.is_nothing() => Verdict::Empty,
            Ok(_) => Verdict::Answered,
            // The row limit was reached before the budget: there are rows.
            Err(Error::Limit(_)) if !limits::is_over_now() => Verdict::Answered,
            Err(_) => Verdict::Untried,
        }
    }

    /// Tries a mended statement. If it became several ones, they are only checked.
    fn verdict_of_all(&self, before: &str, mended: &str, options: &Options) -> Verdict {
        let is_several = syntax::parse_quietly(mended).is_some_and(|program| program.statements.len() > 1);
        match is_several.then(|| self.checked_program(&format!("{before}{mended}"), options)) {
            None => self.verdict(before, mended, options),
            Some(Ok(_) | Err(Error::Limit(_) | Error::Interrupted)) => Verdict::Untried,
            Some(Err(_)) => Verdict::Wrong,
        }
    }

    /// Adds whole queries to the diagnostics, unless they already offer an edit that leads to an answer: those that
    /// were tried, otherwise the first of some guesses that is valid.
    pub(super) fn with_offers(&self, adviser: &Adviser, found: Diagnostics, options: &Options) -> Diagnostics {
        let text = adviser.text();
        let statement = first_wrong(text, &found);
        let before = &text[..statement.start as usize];
        let verdict = first_mended(text, statement, &found).map(|mended| self.verdict_of_all(before, &mended, options));
        let mends = matches!(verdict, Some(Verdict::Answered | Verdict::Empty | Verdict::Untried));
        if mends && !is_far_fetched(text, &found) {
            return found;
        }
        // Says the same with variables, so it comes before what only resembles the text.
        let named = adviser.guessed(found.clone(), super::meant::named_types(text, &self.graph).into_iter());
        if named != found {
            return named;
        }
        let is_own = found.iter().any(|problem| OWN.contains(&problem.code));
        let words = statement.of(text);
        // Most often it is one of another language, such as `exists`.
        let has_unknown_function = found.iter().any(|problem| problem.code == Code::UnknownFunction);
        let offers = match is_own {
            true => Vec::new(),
            false if has_unknown_function => self.offers_after(before, words, Extent::Queries, options),
            false => self.offers_after(before, words, extent(before, words), options),
        };
        if offers.first().is_none_or(|offer| !offer.left_out.is_empty()) {
            if mends {
                return found;
            }
            let guessed = adviser.guessed(found.clone(), super::meant::guesses(text, &self.graph));
            if guessed != found || offers.is_empty() {
                return guessed;
            }
        }
        offered(statement, found, offers)
    }
}

/// Returns the statement in which the first error is, without its `;` and the white space around it.
fn first_wrong(text: &str, found: &Diagnostics) -> Span {
    let at = found.iter().find(|problem| problem.is_error()).map_or(0, |problem| problem.span().start);
    let words = syntax::words(text);
    // Inside of braces it ends no statement: that is SPARQL.
    let mut depth = 0_usize;
    let mut is_outside = |word: &str| {
        depth = match word {
            "{" => depth + 1,
            "}" => depth.saturating_sub(1),
            _ => depth,
        };
        depth == 0
    };
    let spans = words.iter().map(|word| word.span);
    let ends: Vec<Span> = spans.filter(|span| is_outside(span.of(text)) && span.of(text) == ";").collect();
    let start = ends.iter().rfind(|end| end.end <= at).map_or(0, |end| end.end as usize);
    let end = ends.iter().find(|end| end.start >= at).map_or(text.len(), |end| end.start as usize);
    let statement = &text[start..end.max(start)];
    let start = start + statement.len() - statement.trim_start().len();
    Span::new(start, start + statement.trim().len())
}

/// Who writes variables and definitions as the grammar wants them knows the language: another query is not what they
/// mean.
fn extent(before: &str, statement: &str) -> Extent {
    let has_variables = || syntax::words(statement).iter().any(|word| word.is_variable());
    match syntax::parse_quietly(statement).is_some() && (!before.trim().is_empty() || has_variables()) {
        true => Extent::Words,
        false => Extent::Queries,
    }
}

/// Whether an edit puts a word for one that it does not look like: `used by` for `added by`, `T5Gemma 2` for `both
/// Gemma 2`.
fn is_far_fetched(text: &str, found: &Diagnostics) -> bool {
    let most = |code: Code| match code {
        Code::UnknownVerb => Some(1),
        Code::UnknownName => Some(2),
        _ => None,
    };
    let distance = |fix: &Fix| suggest::distance(&fix.span.of(text).to_lowercase(), &fix.replacement.to_lowercase());
    found.iter().any(|problem| {
        let fix = problem.help.iter().find_map(|help| help.fix.as_ref());
        most(problem.code).zip(fix).is_some_and(|(most, fix)| fix.span.of(text).len() > 3 && distance(fix) > most)
    })
}

/// The statement with the first edit that is offered, unless that leaves out more than it mends, or is elsewhere.
fn first_mended(text: &str, statement: Span, found: &Diagnostics) -> Option<String> {
    let errors = found.iter().filter(|problem| problem.is_error());
    // `explain MLA` asks what that is, not how it is found.
    let explains =
        statement.of(text).split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("explain"));
    let (problem, fix) = errors
        .filter(|problem| problem.code != Code::MisplacedClause && !(explains && problem.code == Code::NoCondition))
        .find_map(|problem| Some((problem, problem.help.iter().find_map(|help| help.fix.as_ref())?)))?;
    // A slip is one edit away: `date(m)` is not a slip for `name(m)`.
    let is_slip = strsim::damerau_levenshtein(fix.span.of(text), &fix.replacement) <= 1;
    if problem.code == Code::UnknownFunction && !is_slip {
        return None;
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let words = |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let cut = fix.span.of(text);
    // What says nothing new may go.
    let is_needless = problem.code == Code::Syntax && fix.replacement.is_empty();
    if !is_needless && words(&fix.replacement) < words(cut) && letters(&fix.replacement) + 2 < letters(cut) {
        return None;
    }
    let before = text.get(statement.start as usize..fix.span.start as usize)?;
    Some(format!("{before}{}{}", fix.replacement, text.get(fix.span.end as usize..statement.end as usize)?))
}

/// Puts whole queries before the other help of the first error.
fn offered(span: Span, mut found: Diagnostics, offers: Vec<Offer>) -> Diagnostics {
    let Some(first) = found.0.iter_mut().find(|problem| problem.is_error()) else { return found };
    let help = |offer: Offer| {
        let words: Vec<String> = offer.left_out.iter().map(|word| format!("`{word}`")).collect();
        let left_out = if words.is_empty() { String::new() } else { format!(", without {}", words.join(", ")) };
        let empty = if offer.is_empty { " (nothing is recorded that answers it)" } else { "" };
        let message = format!("did you mean `{}`{left_out}?{empty}", offer.query);
        Help { message, fix: Some(Fix { span, replacement: offer.query }) }
    };
    let own = std::mem::take(&mut first.help);
    first.help = offers.into_iter().map(help).chain(own.into_iter().filter(|help| help.fix.is_none())).collect();
    found
}

impl Answer {
    /// Returns whether there are no rows, no facts and no proofs. A yes or no counts as something.
    pub(super) fn is_nothing(&self) -> bool {
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
