//! Tries advice before it is given: an edit is offered only if the query that it makes is valid.
//!
//! Whoever finds a mistake may propose what was probably meant (`syntax::repair`, `check::name::offer`). Here each of
//! those edits is applied, parsed and checked. If several things are wrong, an edit is widened to mend them all, or
//! dropped.

use crate::text::{Code, Diagnostic, Diagnostics, Fix, Help, Span};
use std::cell::Cell;

/// Longer queries, in bytes, get no edits: each trial costs a parse and a check.
const LONGEST: usize = 4000;
/// Maximum number of trials for one wrong query. More find edits of rarer mistakes, and delay the message.
const MOST_TRIED: usize = 48;
/// Maximum number of guesses tried.
const MOST_GUESSED: usize = 16;
/// Maximum number of mistakes mended one after the other, where each hides the next.
const MOST_IN_TURN: usize = 4;

/// Tries the advice about one text.
pub(super) struct Adviser<'a> {
    text: &'a str,
    /// Checks a query; its diagnostics hold advice that has not been tried.
    problems: &'a dyn Fn(&str) -> Result<(), Diagnostics>,
    /// Checks a query without searching for what is wrong with it.
    sound: &'a dyn Fn(&str) -> bool,
    left: Cell<usize>,
}

impl<'a> Adviser<'a> {
    pub fn new(
        text: &'a str,
        problems: &'a dyn Fn(&str) -> Result<(), Diagnostics>,
        sound: &'a dyn Fn(&str) -> bool,
    ) -> Adviser<'a> {
        Adviser { text, problems, sound, left: Cell::new(MOST_TRIED) }
    }

    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the diagnostics with only the advice that helps.
    pub fn tried(&self, found: Diagnostics) -> Diagnostics {
        let errors = found.iter().filter(|problem| problem.is_error()).count();
        let whole = if errors > 1 { self.all_mended(&found) } else { None };
        let tried = |problem: Diagnostic| {
            let help = problem.help.iter().filter_map(|help| self.helpful(help, &problem, &found, whole.as_deref()));
            let mut help: Vec<Help> = help.collect();
            help.dedup_by(|a, b| a.message == b.message);
            if errors > 1 && help.iter().all(|help| help.fix.is_none()) {
                help.extend(near(&problem));
            }
            Diagnostic { help, ..problem }
        };
        Diagnostics(found.0.iter().cloned().map(tried).collect())
    }

    /// Returns the first reading of a mistake whose advice helps, or that gives no edit to try; otherwise the first
    /// with a more specific code than `Syntax`, without its advice; otherwise the last.
    pub fn first_helpful(&self, readings: Vec<Diagnostic>) -> Diagnostics {
        let (mut known, mut last) = (None, Diagnostics::default());
        for reading in readings {
            let advised = reading.help.iter().any(|help| help.fix.is_some());
            let is_known = reading.code != Code::Syntax;
            last = self.tried(reading.into());
            if last.iter().flat_map(|problem| &problem.help).any(|help| help.fix.is_some()) {
                return last;
            }
            if !advised {
                break;
            }
            if is_known && known.is_none() {
                known = Some(last.clone());
            }
        }
        known.unwrap_or(last)
    }

    /// Returns the help unchanged if its edit mends the query, widened if more must be mended, `None` if it does not
    /// help.
    fn helpful(&self, help: &Help, problem: &Diagnostic, all: &Diagnostics, whole: Option<&[Fix]>) -> Option<Help> {
        let Some(fix) = &help.fix else {
            return self.is_worth_reading(help, problem).then(|| help.clone());
        };
        let once = edited(self.text, std::slice::from_ref(fix))?;
        if self.is_sound(&once) {
            return Some(help.clone());
        }
        if let Some(whole) = whole {
            // Applies this edit in place of those that overlap it.
            let apart = whole.iter().filter(|other| apart(other.span, fix.span));
            let fixes: Vec<Fix> = apart.cloned().chain([fix.clone()]).collect();
            let mended = edited(self.text, &fixes).filter(|text| self.is_sound(text))?;
            return Some(Help { message: help.message.clone(), fix: Some(self.widened(&mended)) });
        }
        if all.iter().filter(|problem| problem.is_error()).count() > 1 {
            return None;
        }
        let mended = self.mended_in_turn(once)?;
        let fix = self.widened(&mended);
        Some(Help { message: format!("did you mean `{}`?", mended.trim()), fix: Some(fix) })
    }

    /// Returns whether help without an edit is worth showing. If it tells the user what to write, that must be valid.
    fn is_worth_reading(&self, help: &Help, problem: &Diagnostic) -> bool {
        let advice = ["write `", "did you mean `"].iter().find_map(|begin| help.message.strip_prefix(begin));
        let Some((words, rest)) = advice.and_then(|rest| rest.split_once('`')) else { return true };
        if !matches!(rest, "" | "?") {
            return true;
        }
        let here = Fix { span: problem.span(), replacement: words.to_string() };
        self.is_sound(words) || edited(self.text, &[here]).is_some_and(|text| self.is_sound(&text))
    }

    /// Returns one edit for each mistake, which together mend the query; `None` if there are none.
    fn all_mended(&self, found: &Diagnostics) -> Option<Vec<Fix>> {
        let fixes: Vec<Fix> = first_fixes(found);
        let mended = edited(self.text, &fixes).filter(|_| !fixes.is_empty())?;
        self.is_sound(&mended).then_some(fixes)
    }

    /// Applies the offered edits, then those for the mistakes that these reveal, until the query is valid. `None` if it
    /// stays wrong.
    fn mended_in_turn(&self, mut text: String) -> Option<String> {
        for _ in 0..MOST_IN_TURN {
            let Err(found) = self.problems(&text)? else { return Some(text) };
            let fixes = first_fixes(&found);
            let has_more = found.iter().filter(|problem| problem.is_error()).count() > fixes.len();
            if has_more || fixes.is_empty() {
                return None;
            }
            text = edited(&text, &fixes)?;
        }
        self.is_sound(&text).then_some(text)
    }

    /// Adds the first valid guess to the first error, unless an edit is offered already that is worth more.
    pub fn guessed(&self, mut found: Diagnostics, guesses: impl Iterator<Item = String>) -> Diagnostics {
        let says_less = |problem: &Diagnostic| matches!(problem.code, Code::MisplacedClause | Code::UnknownFunction);
        let is_mended = |problem: &&Diagnostic| problem.help.iter().any(|help| help.fix.is_some());
        if found.iter().filter(is_mended).any(|problem| !says_less(problem)) {
            return found;
        }
        let guess = guesses.take(MOST_GUESSED).find(|guess| self.is_sound(guess));
        if let (Some(guess), Some(first)) = (guess, found.0.iter_mut().find(|problem| problem.is_error())) {
            let fix = Some(self.widened(&guess));
            first.help.insert(0, Help { message: format!("write `{guess}`"), fix });
        }
        found
    }

    fn is_sound(&self, text: &str) -> bool {
        self.may_try(text) && (self.sound)(text)
    }

    /// Counts a trial; returns false once they are used up or if the text is too long.
    fn may_try(&self, text: &str) -> bool {
        let left = self.left.get().checked_sub(1).filter(|_| text.len() <= LONGEST);
        self.left.set(left.unwrap_or(self.left.get()));
        left.is_some()
    }

    /// Checks a text; `None` once the trials are used up or if the text is too long.
    fn problems(&self, text: &str) -> Option<Result<(), Diagnostics>> {
        self.may_try(text).then(|| (self.problems)(text))
    }

    /// Returns one edit that turns the text into `mended`: everything between their common prefix and suffix.
    fn widened(&self, mended: &str) -> Fix {
        let alike = |pair: &(char, char)| pair.0 == pair.1;
        let bytes = |pairs: &mut dyn Iterator<Item = (char, char)>| pairs.map(|(c, _)| c.len_utf8()).sum::<usize>();
        let start = bytes(&mut self.text.chars().zip(mended.chars()).take_while(alike));
        let (own, new) = (&self.text[start..], &mended[start..]);
        let end = bytes(&mut own.chars().rev().zip(new.chars().rev()).take_while(alike));
        let span = Span::new(start, self.text.len() - end);
        Fix { span, replacement: mended[start..mended.len() - end].to_string() }
    }
}

/// Lists similar words, whose insertion alone does not mend the query.
fn near(problem: &Diagnostic) -> Option<Help> {
    let words = problem.help.iter().filter(|help| help.message.starts_with("did you mean"));
    let words: Vec<String> = words.filter_map(|help| Some(format!("`{}`", help.fix.as_ref()?.replacement))).collect();
    (!words.is_empty()).then(|| Help { message: format!("near to it: {}", words.join(", ")), fix: None })
}

/// Returns the first edit of each error that offers one, without edits that overlap an earlier one.
fn first_fixes(found: &Diagnostics) -> Vec<Fix> {
    let mut fixes: Vec<Fix> = Vec::new();
    for problem in found.iter().filter(|problem| problem.is_error()) {
        let fix = problem.help.iter().find_map(|help| help.fix.as_ref());
        fixes.extend(fix.filter(|fix| fixes.iter().all(|other| apart(other.span, fix.span))).cloned());
    }
    fixes
}

fn apart(a: Span, b: Span) -> bool {
    (a.end <= b.start || b.end <= a.start) && a != b
}

/// Returns the text after these edits, which must not overlap. `None` if a span is not valid in the text.
fn edited(text: &str, fixes: &[Fix]) -> Option<String> {
    let mut fixes: Vec<&Fix> = fixes.iter().collect();
    fixes.sort_by_key(|fix| fix.span);
    let (mut edited, mut at) = (String::new(), 0);
    for fix in fixes {
        edited += text.get(at..fix.span.start as usize)?;
        edited += &fix.replacement;
        at = fix.span.end as usize;
    }
    Some(edited + text.get(at..)?)
}
