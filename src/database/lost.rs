//! Names that were written without their quotes or their capital. Only the graph can recognise them.

use super::{Database, Options};
use crate::syntax::{self, ast};
use crate::text::{Code, Diagnostic, Diagnostics, Span, suggest};
use std::cmp::Reverse;

/// In a larger graph, names are not compared for similarity, only looked up. Each run of words around the mistake is
/// compared with all of them.
const LOOKED_THROUGH: usize = 50_000;
/// Maximum length, in words, of a name without quotes. The number of runs around a mistake grows with its square.
const LONGEST: usize = 8;

impl Database {
    /// Returns the problem of a text that does not parse because it holds a name of the graph without the quotes that
    /// the name needs: `Allen Institute for AI`. `None` if quotes do not help.
    pub(super) fn quotes_lost(&self, text: &str, found: &Diagnostics) -> Option<Diagnostics> {
        let place = found.iter().next()?.span();
        let names = self.graph.names();
        let needs_quotes = |name: &&str| name.contains(' ') && syntax::quote_name(name).starts_with('"');
        let few = self.graph.entity_count() <= LOOKED_THROUGH;
        let known: Vec<&str> = names.iter().filter(|_| few).map(|(name, _)| name).filter(needs_quotes).collect();
        let near = |run: Span| {
            let exact = names.lookup(run.of(text)).first().map(|_| (0, run.of(text)));
            exact.or_else(|| suggest::near(run.of(text), known.iter().copied()).first().copied())
        };
        let parses = |run: Span, name: &str| {
            let quoted = syntax::quote_name(name);
            let mended = format!("{}{quoted}{}", text.get(..run.start as usize)?, text.get(run.end as usize..)?);
            syntax::parse_quietly(&mended).is_some().then_some(quoted)
        };
        let runs = runs_around(text, place).into_iter();
        let fitting = runs.filter_map(|run| near(run).and_then(|(far, name)| Some((far, run, parses(run, name)?))));
        let (far, run, quoted) = fitting.min_by_key(|(far, run, _)| (*far, Reverse(run.end - run.start)))?;
        let help = if far == 0 { format!("write `{quoted}`") } else { format!("did you mean `{quoted}`?") };
        let message = format!("`{}` is a name only in quotes", run.of(text));
        Some(Diagnostic::error(Code::Syntax, run, message).fix(help, run, quoted).into())
    }

    /// Returns the problem of a text that does not parse because a name has lost its capital: the grammar takes `odel`
    /// for a verb, and only the graph knows what was meant. `None` if a capital does not help.
    pub(super) fn capital_lost(&self, text: &str, found: &Diagnostics, options: &Options) -> Option<Diagnostics> {
        let place = found.iter().next()?.span();
        let words = text.get(..place.end as usize)?.split_inclusive(|c: char| !c.is_alphanumeric());
        let starts = words.scan(0, |at, word| {
            let start = *at;
            *at += word.len();
            Some((start, word))
        });
        let small = |(_, word): &(usize, &str)| word.len() > 1 && word.starts_with(|c: char| c.is_ascii_lowercase());
        let words: Vec<(usize, &str)> = starts.filter(small).collect();
        words.iter().rev().take(3).find_map(|(start, word)| self.as_name(text, *start, word, options))
    }

    /// Returns the problems of the word that begins at `start` when it is read as a name.
    fn as_name(&self, text: &str, start: usize, word: &str, options: &Options) -> Option<Diagnostics> {
        let mut capital = text.to_string();
        capital.get_mut(start..start + 1)?.make_ascii_uppercase();
        let program = syntax::parse_quietly(&capital)?;
        let query = program.statements.iter().find_map(|statement| match statement {
            ast::Statement::Query(query) => Some(query),
            ast::Statement::Define(_) => None,
        })?;
        let written = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let name = capital.get(start..start + written.len())?;
        let Err(problems) = self.checked(query, self.bundled_definitions(), options) else {
            let span = Span::new(start, start + written.len());
            let message = format!("`{written}` begins no name: names begin with a capital or a digit");
            let problem = Diagnostic::error(Code::UnknownName, span, message);
            return Some(problem.fix(format!("did you mean `{name}`?"), span, name).into());
        };
        let about = |problem: &Diagnostic| problem.span().start as usize == start && !problem.help.is_empty();
        let mut about: Vec<Diagnostic> = problems.0.into_iter().filter(about).collect();
        for problem in &mut about {
            problem.message = problem.message.replacen(name, written, 1);
        }
        (!about.is_empty()).then_some(Diagnostics(about))
    }
}

/// Returns the runs of at least two words that contain a place or end just before it, and that have a word in lower
/// case.
fn runs_around(text: &str, place: Span) -> Vec<Span> {
    let is_mark = |c: char| c.is_whitespace() || ",;()\"".contains(c);
    let mut words: Vec<Span> = Vec::new();
    for part in text.split(is_mark).filter(|part| !part.is_empty()) {
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        words.push(Span::new(start, start + part.len()));
    }
    let at = words.iter().position(|word| word.end >= place.start).unwrap_or(words.len());
    let mut runs = Vec::new();
    for first in at.saturating_sub(LONGEST)..(at + 1).min(words.len()) {
        for last in at.saturating_sub(1).max(first + 1)..(first + LONGEST).min(words.len()) {
            let run = words[first].to(words[last]);
            let is_small = |word: &Span| word.of(text).starts_with(char::is_lowercase);
            if words[first..=last].iter().any(is_small) && !run.of(text).contains([',', ';', '(', ')', '"']) {
                runs.push(run);
            }
        }
    }
    runs
}
