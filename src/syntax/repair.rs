//! Repairs: for known mistakes, the text is corrected and parsed again to find what was meant.

mod negation;
mod views;

use super::build::reserved;
use super::error::Fault;
use super::grammar::{self, Rule};
use super::lexemes::{Lexeme, words};
use crate::text::{Code, Diagnostic, Span, suggest};
use crate::value::Date;

/// Repairs for a text that does not parse, from the most to the least certain.
pub static REPAIRS: &[fn(&Fault) -> Option<Diagnostic>] = &[
    foreign_comment,
    foreign_mark,
    unclosed_string,
    reserved_word,
    misspelt_keyword,
    misspelt_particle,
    negation::negated_comparison,
    negation::excluded_name,
    views::needless_words,
    trailing_comma,
    odd_word,
    odd_date,
    foreign_word,
    unquoted_name,
    run_together,
    views::columns_alone,
];

/// Suggests `#` for a comment of another language.
fn foreign_comment(fault: &Fault) -> Option<Diagnostic> {
    let places = [fault.near(0), fault.near(-1)].into_iter().flatten().map(|lexeme| lexeme.span.start as usize);
    let (at, mark) = places
        .flat_map(|at| ["--", "//", "/*"].map(|mark| (at, mark)))
        .find(|(at, mark)| fault.text.get(*at..).is_some_and(|rest| rest.starts_with(mark)))?;
    let (before, rest) = (fault.text.get(..at)?, fault.text.get(at..)?);
    // Between two words of a line, the mark is more likely a typing error.
    let starts_line = before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    let replacement = format!("#{}", &rest[mark.len()..]);
    let parses = mark != "/*" && grammar::parse(Rule::program, &format!("{before}{replacement}")).is_some();
    let is_comment = starts_line || parses;
    let span = Span::new(at, at + mark.len());
    let problem = Diagnostic::error(Code::ForeignSyntax, span, format!("`{mark}` begins no comment here"));
    let help = "a comment begins with `#` and ends with its line";
    let mended = if parses { problem.clone().fix(help, span, "#") } else { problem.help(help) };
    is_comment.then_some(mended)
}

/// Suggests replacements for operators, arrows and quotes of other languages.
fn foreign_mark(fault: &Fault) -> Option<Diagnostic> {
    let is_arrow = |lexeme: &&Lexeme| lexeme.rule == Rule::error_arrow;
    let until = fault.lexemes.len().min(fault.at + 1);
    let is_mark = |lexeme: &&Lexeme| {
        matches!(lexeme.rule, Rule::error_equal | Rule::error_logic | Rule::error_arrow | Rule::error_quotes)
    };
    let first = fault.lexemes[..until].iter().find(is_mark);
    // Words before an arrow were not meant as a sentence either.
    let lexeme = first.or_else(|| fault.lexemes.iter().find(is_arrow))?;
    let word = fault.word(*lexeme);
    let (message, help, replacement) = instead_of(lexeme.rule, word);
    let diagnostic = Diagnostic::error(Code::ForeignSyntax, lexeme.span, message);
    Some(match replacement {
        Some(replacement) => diagnostic.fix(help, lexeme.span, replacement),
        None => diagnostic.help(help),
    })
}

/// Returns the message, the help, and the replacement of a mark.
fn instead_of(rule: Rule, word: &str) -> (String, String, Option<String>) {
    let no_operator = format!("`{word}` is no operator here");
    let write = |mark: &str| (no_operator.clone(), format!("write `{mark}`"), Some(mark.to_string()));
    match (rule, word) {
        (_, "<>") => write("!="),
        (_, "=~") => write("matches"),
        (Rule::error_equal, _) => write("="),
        (_, "&&" | "&") => write("and"),
        (_, "||") => write("or"),
        (_, "!") => write("not"),
        (Rule::error_quotes, _) => {
            let inner = word.trim_matches(['“', '”', '„', '«', '»', '‘', '’', '"']);
            let quoted = format!("\"{inner}\"");
            ("texts stand in straight quotes".to_string(), format!("write `{quoted}`"), Some(quoted))
        }
        _ => {
            let message = format!("`{word}` is an arrow, and sentences have none");
            (message, "write the verb between the two nouns: `DeepSeek V3 uses MLA`".to_string(), None)
        }
    }
}

fn unclosed_string(fault: &Fault) -> Option<Diagnostic> {
    let lexeme = fault.near(0).or(fault.lexemes.last().copied()).filter(|l| l.rule == Rule::error_string)?;
    let quote = Span { start: lexeme.span.start, end: lexeme.span.start + 1 };
    let end = Span { start: lexeme.span.end, end: lexeme.span.end };
    let diagnostic = Diagnostic::error(Code::UnclosedString, lexeme.span, "this text never ends");
    Some(diagnostic.label(quote, "it begins here").fix("put a `\"` behind it", end, "\""))
}

fn reserved_word(fault: &Fault) -> Option<Diagnostic> {
    let lexeme = fault.near(0).filter(|lexeme| grammar::is_reserved(fault.word(*lexeme)))?;
    Some(reserved(fault.word(lexeme), lexeme.span))
}

/// Suggests the keyword for a misspelt one, if it is allowed there and lets the text continue.
fn misspelt_keyword(fault: &Fault) -> Option<Diagnostic> {
    (0..=3).filter_map(|back| fault.at.checked_sub(back)).find_map(|at| {
        let lexeme = fault.lexemes.get(at).filter(|lexeme| lexeme.is_word() && !lexeme.is_keyword())?;
        let keywords = near_keywords(first_and_last(fault.word(*lexeme)));
        if keywords.is_empty() {
            return None;
        }
        let fitting = fault.expected_at(at).keywords;
        // A complete text is preferred to one that continues: `lineag of` is closer to `lineage of` than to `lineage`.
        let tests: [Fits; 2] = [parses, goes_on];
        let spans = words_of(fault, *lexeme);
        tests.into_iter().find_map(|fits| spans.iter().find_map(|span| respelt(fault, *span, &fitting, fits)))
    })
}

fn first_and_last(run: &str) -> [&str; 3] {
    let first = run.split(' ').next().unwrap_or(run);
    [run, first, run.rsplit(' ').next().unwrap_or(run)]
}

/// Returns the words of a lexeme that may be misspelt keywords: the whole, and the first and the last of a run.
fn words_of(fault: &Fault, lexeme: Lexeme) -> Vec<Span> {
    let (start, end) = (lexeme.span.start, lexeme.span.end);
    let [whole, first, last] = first_and_last(fault.word(lexeme));
    let mut spans = vec![lexeme.span];
    if whole != first {
        spans.push(Span { start, end: start + first.len() as u32 });
        spans.push(Span { start: end - last.len() as u32, end });
    }
    spans
}

/// Test of a text with a replacement.
type Fits = fn(&Fault, Span, &str) -> bool;

/// Returns a suggestion of the keywords near the word at `span` with which the text passes the test; `fitting` are
/// those allowed there.
fn respelt(fault: &Fault, span: Span, fitting: &[&str], passes: Fits) -> Option<Diagnostic> {
    let word = span.of(fault.text);
    // Inside a run, only the first word is at a place where something else was expected.
    let is_first = fault.lexemes.iter().any(|lexeme| lexeme.span.start == span.start);
    let fits = |keyword: &&'static str| !is_first || fitting.contains(keyword);
    let near = near_keywords([word]).into_iter().filter(fits);
    let near: Vec<&str> = near.filter(|keyword| passes(fault, span, keyword)).take(3).collect();
    meant(word, span, &near)
}

/// Returns the suggestion that one of these words was meant, best first; `None` if there are none.
fn meant(word: &str, span: Span, near: &[&str]) -> Option<Diagnostic> {
    let (best, others) = near.split_first()?;
    let message = format!("`{word}` is neither a keyword nor a word that fits here");
    let diagnostic = Diagnostic::error(Code::Syntax, span, message);
    let diagnostic = diagnostic.fix(format!("did you mean `{best}`?"), span, *best);
    Some(others.iter().fold(diagnostic, |all, other| all.fix(format!("or `{other}`?"), span, *other)))
}

/// Second words of verbs, as in the rule `particle`.
const PARTICLES: [&str; 15] =
    ["by", "of", "to", "from", "with", "for", "on", "in", "at", "into", "over", "as", "through", "after", "under"];

/// Suggests the particle for a misspelt one: `stems form`.
fn misspelt_particle(fault: &Fault) -> Option<Diagnostic> {
    (0..=1).filter_map(|back| fault.at.checked_sub(back)).find_map(|at| {
        let [verb, lexeme] = *fault.lexemes.get(at.checked_sub(1)?..=at)? else { return None };
        let word = fault.word(lexeme);
        if verb.rule != Rule::verb || !lexeme.is_word() || lexeme.is_keyword() || word.len() < 2 {
            return None;
        }
        let is_near = |particle: &&&str| strsim::damerau_levenshtein(word, particle) == 1;
        let near = PARTICLES.iter().filter(is_near).filter(|particle| goes_on(fault, lexeme.span, particle));
        meant(word, lexeme.span, &near.copied().collect::<Vec<&str>>())
    })
}

/// Returns keywords near any of the words, nearest first. Short keywords may differ in one letter, since parsing
/// decides.
fn near_keywords<const N: usize>(words: [&str; N]) -> Vec<&'static str> {
    let mut near = Vec::new();
    for word in words.map(str::to_lowercase) {
        let keywords = || grammar::keywords().chain(grammar::REPORTS);
        near.extend(suggest::nearest(&word, keywords()));
        let is_short = |keyword: &&str| keyword.len() <= 4 && strsim::damerau_levenshtein(&word, keyword) == 1;
        near.extend(keywords().filter(is_short));
    }
    let mut seen = Vec::new();
    near.retain(|keyword| {
        let is_new = !seen.contains(keyword);
        seen.push(*keyword);
        is_new && !grammar::is_reserved(keyword)
    });
    near
}

/// Returns true if the text with `replacement` at `span` parses, or at least gets beyond the word that did not fit.
fn goes_on(fault: &Fault, span: Span, replacement: &str) -> bool {
    let mended = mended(fault.text, span, replacement);
    let Some(stop) = grammar::stop(fault.rule, &mended) else { return true };
    let moved = mended.len() as isize - fault.text.len() as isize;
    let beyond = fault.near(0).map_or(usize::MAX, |lexeme| lexeme.span.end as usize);
    let reached = stop.at as isize - moved;
    span.end as usize != fault.text.len() && reached > beyond as isize && beyond != usize::MAX
}

fn mended(text: &str, span: Span, replacement: &str) -> String {
    let (before, after) = (text.get(..span.start as usize), text.get(span.end as usize..));
    format!("{}{replacement}{}", before.unwrap_or(""), after.unwrap_or(""))
}

fn parses(fault: &Fault, span: Span, replacement: &str) -> bool {
    grammar::parse(fault.rule, &mended(fault.text, span, replacement)).is_some()
}

/// Explains which words `let` can give, where another stands: `let x = …`.
fn odd_word(fault: &Fault) -> Option<Diagnostic> {
    let place = (fault.at.saturating_sub(1)..=fault.at).find(|at| {
        let before = at.checked_sub(1).and_then(|before| fault.lexemes.get(before));
        before.is_some_and(|before| fault.word(*before).eq_ignore_ascii_case("let"))
    })?;
    let lexeme = *fault.lexemes.get(place)?;
    let word = fault.word(lexeme);
    let is_equal = |lexeme: &Lexeme| fault.word(*lexeme) == "=";
    if grammar::parse(Rule::verb_word, word).is_some_and(|pair| pair.as_str().len() == word.len())
        || !fault.lexemes.get(place + 1).is_some_and(is_equal)
    {
        return None;
    }
    let message = format!("`{word}` cannot be the word of a named step");
    let problem = Diagnostic::error(Code::Syntax, lexeme.span, message);
    Some(problem.help("it has two small letters or more, and no digits: `let big = Org o develops at least 10 Model`"))
}

/// Suggests removing a comma with nothing after it.
fn trailing_comma(fault: &Fault) -> Option<Diagnostic> {
    let comma = fault.near(-1).filter(|lexeme| lexeme.rule == Rule::op_comma)?;
    let ends = fault.near(0).is_none_or(|lexeme| lexeme.is_keyword() || lexeme.rule == Rule::op_close);
    if !ends || !parses(fault, comma.span, "") {
        return None;
    }
    let diagnostic = Diagnostic::error(Code::Syntax, comma.span, "nothing follows this comma");
    Some(diagnostic.fix("leave it out", comma.span, ""))
}

/// Suggests quotes for a date that needs them, such as `2023/2025`, or another form for one that is not accepted, such
/// as `{2023,2025}`.
fn odd_date(fault: &Fault) -> Option<Diagnostic> {
    let from = fault.at.saturating_sub(3)..(fault.at + 1).min(fault.lexemes.len());
    let span = fault.lexemes[from].iter().rev().find_map(|lexeme| run_of_date(fault, lexeme.span))?;
    let word = span.of(fault.text);
    match Date::parse(word) {
        Ok(_) => {
            let message = format!("the date `{word}` stands in quotes");
            let quoted = format!("\"{word}\"");
            Some(Diagnostic::error(Code::Syntax, span, message).fix(format!("write `{quoted}`"), span, quoted))
        }
        Err(error) => {
            let diagnostic = Diagnostic::error(Code::BadDate, span, error.message);
            Some(match error.help {
                Some(help) => match help.strip_prefix("write `").and_then(|rest| rest.strip_suffix('`')) {
                    Some(meant) => diagnostic.fix(format!("write `{meant}`"), span, meant.to_string()),
                    None => diagnostic.help(help),
                },
                None => diagnostic,
            })
        }
    }
}

/// Returns the characters around a place, between white space, if they look like a date in an unusual form: a year,
/// with marks used in dates. In brackets there may be spaces.
fn run_of_date(fault: &Fault, place: Span) -> Option<Span> {
    let text = fault.text;
    let (before, rest) = text.split_at_checked(place.start as usize)?;
    let bracket = before.rfind(['[', '{']).filter(|at| !before[*at..].contains([']', '}']));
    let start = match bracket.or_else(|| rest.starts_with(['[', '{']).then_some(before.len())) {
        Some(at) => at,
        None => before.rfind(|c: char| c.is_whitespace() || c == '(').map_or(0, |at| at + 1),
    };
    let is_first = text[..start].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '(');
    let length = match text[start..].chars().next()? {
        '[' => text[start..].find(']')? + 1,
        '{' => text[start..].find('}')? + 1,
        _ => text[start..].find(|c: char| c.is_whitespace() || ",;)".contains(c)).unwrap_or(text.len() - start),
    };
    let word = text[start..start + length].trim_end();
    let is_mark = |c: char| "-/.~?%:XTZ+[]{}, ".contains(c);
    let is_date = word.chars().all(|c| c.is_ascii_digit() || is_mark(c));
    let has_year = word.split(|c: char| !c.is_ascii_digit() && c != 'X').any(|part| part.len() >= 4);
    let is_odd = word.contains(['/', '~', '?', '%', ':', '[', '{', 'T']);
    (is_first && is_date && has_year && is_odd).then(|| Span::new(start, start + word.len()))
}

/// Suggests removing a word of another language that is not needed here: `exists (…)`.
fn foreign_word(fault: &Fault) -> Option<Diagnostic> {
    let until = (fault.at + 1).min(fault.lexemes.len());
    let is_exists = |pair: &&[Lexeme]| {
        fault.word(pair[0]).eq_ignore_ascii_case("exists") && matches!(fault.word(pair[1]), "(" | "{")
    };
    let [word, bracket] = *fault.lexemes[..until].windows(2).rev().find(is_exists)? else { return None };
    let span = Span { start: word.span.start, end: bracket.span.start };
    let message = "a sentence in brackets is a condition by itself, without `exists`";
    Some(Diagnostic::error(Code::ForeignSyntax, word.span, message).fix("leave it out", span, ""))
}

/// Suggests quotes for a name that contains a keyword, a mark or lower-case words: `Command R+`, `Mixture of Experts`.
fn unquoted_name(fault: &Fault) -> Option<Diagnostic> {
    for width in 1..=6 {
        for back in (0..=3.min(width)).rev() {
            let Some(first) = fault.at.checked_sub(back) else { continue };
            let Some(run) = fault.lexemes.get(first..first + width) else { continue };
            if let Some(diagnostic) = quoted(fault, first, run) {
                return Some(diagnostic);
            }
        }
    }
    None
}

fn quoted(fault: &Fault, first: usize, run: &[Lexeme]) -> Option<Diagnostic> {
    let (head, tail) = (run.first()?, run.last()?);
    let span = head.span.to(tail.span);
    let name = span.of(fault.text);
    let after_name = first > 0 && fault.lexemes[first - 1].rule == Rule::name;
    let is_name = is_odd_name(fault, run) && !after_name || is_small_name(fault, run);
    if !is_name || name.contains(['\n', '"']) || !parses(fault, span, &format!("\"{name}\"")) {
        return None;
    }
    let keyword = run.iter().find(|lexeme| lexeme.is_keyword());
    let diagnostic = match keyword {
        Some(keyword) => {
            let message = format!("the keyword `{}` stands in a name", fault.word(*keyword));
            Diagnostic::error(Code::KeywordAsName, span, message)
        }
        None => Diagnostic::error(Code::Syntax, span, format!("`{name}` is a name only in quotes")),
    };
    Some(diagnostic.fix(format!("write `\"{name}\"`"), span, format!("\"{name}\"")))
}

/// Returns true for `Command R+`, `GPT_2`, `Mixture of Experts`, `Order`: capitalised words, possibly with marks that
/// touch a word or single keywords between them.
fn is_odd_name(fault: &Fault, run: &[Lexeme]) -> bool {
    let is_capital =
        |lexeme: &Lexeme| fault.word(*lexeme).starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let is_part = |lexeme: &Lexeme| is_inner_mark(lexeme) || is_capital(lexeme) || is_linking(fault.word(*lexeme));
    let touches = |pair: &[Lexeme]| !is_inner_mark(&pair[1]) || pair[0].span.end == pair[1].span.start;
    let links = |pair: &[Lexeme]| !(pair[0].is_keyword() && pair[1].is_keyword());
    let is_odd = run.iter().any(|lexeme| lexeme.rule != Rule::name);
    let ends_well = run.last().is_some_and(|last| is_capital(last) || is_inner_mark(last));
    is_odd
        && ends_well
        && is_capital(&run[0])
        && run.iter().all(is_part)
        && run.windows(2).all(|p| touches(p) && links(p))
}

/// Returns true for keywords that occur in titles.
fn is_linking(word: &str) -> bool {
    ["of", "in", "by", "to", "at", "and", "as"].contains(&word)
}

/// Returns true for `deepseek v3`, and for `gpt-oss` after its type.
fn is_small_name(fault: &Fault, run: &[Lexeme]) -> bool {
    match run {
        [only] => only.rule == Rule::lower,
        [rest @ .., last] => {
            let is_small = |lexeme: &Lexeme| matches!(lexeme.rule, Rule::verb | Rule::lower);
            let is_telling = last.rule == Rule::lower || last.rule == Rule::variable && fault.word(*last).len() > 1;
            is_telling && rest.len() <= 2 && rest.iter().all(is_small)
        }
        [] => false,
    }
}

/// Returns true for a mark that may be part of a name.
fn is_inner_mark(lexeme: &Lexeme) -> bool {
    let Lexeme { rule, .. } = lexeme;
    let is_operator =
        matches!(rule, Rule::op_plus | Rule::op_star | Rule::op_slash | Rule::op_question | Rule::op_minus);
    is_operator || matches!(rule, Rule::op_dot | Rule::error_logic | Rule::date | Rule::unknown)
}

/// Suggests a comma between two sentences.
fn run_together(fault: &Fault) -> Option<Diagnostic> {
    let breaks = [0, -1, -2].into_iter().filter_map(|offset| fault.near(offset));
    breaks.flat_map(|lexeme| breaks_in(fault, lexeme)).find_map(|place| {
        let gap = gap_before(fault, place)?;
        let mark = if gap.of(fault.text).contains('\n') { ";" } else { "," };
        let replacement = if mark == ";" { ";\n" } else { ", " };
        let follows = words(&fault.text[place..]).iter().skip(1).any(|lexeme| lexeme.rule == Rule::verb);
        if !follows || declares(fault, place) || !parses(fault, gap, replacement) {
            return None;
        }
        let word = Span::new(place, word_end(fault.text, place));
        let message = format!("a new sentence begins at `{}`, without a `{mark}` before it", word.of(fault.text));
        let diagnostic = Diagnostic::error(Code::Syntax, word, message);
        Some(diagnostic.fix(format!("put a `{mark}` before it"), gap, replacement))
    })
}

/// Returns the places before which a sentence may begin: the words of a run, last first; after `and`, only the whole
/// run.
fn breaks_in(fault: &Fault, lexeme: Lexeme) -> Vec<usize> {
    let word = fault.word(lexeme);
    let start = lexeme.span.start as usize;
    if fault.text[..start].trim_end().ends_with("and") {
        return vec![start];
    }
    let mut places: Vec<usize> = word.match_indices(' ').map(|(at, _)| start + at + 1).collect();
    places.insert(0, start);
    places.reverse();
    places
}

/// Returns the span of the white space before a place, including an `and`; `None` if no sentence with a verb stands
/// before it.
fn gap_before(fault: &Fault, place: usize) -> Option<Span> {
    let before = words(&fault.text[..place]);
    let last = before.last()?;
    let last = if last.rule == Rule::kw_and { before.get(before.len().checked_sub(2)?)? } else { last };
    let is_comma = |lexeme: &Lexeme| matches!(lexeme.rule, Rule::op_comma | Rule::op_open);
    let sentence = before.iter().rev().take_while(|lexeme| !is_comma(lexeme));
    let has_verb = sentence.clone().any(|lexeme| lexeme.rule == Rule::verb);
    (has_verb && sentence.count() >= 3).then(|| Span::new(last.span.end as usize, place))
}

/// Returns true if a variable occurs first at a place, so that it belongs to the noun before it: `Org develops Model m uses MoE`.
fn declares(fault: &Fault, place: usize) -> bool {
    let word = Span::new(place, word_end(fault.text, place)).of(fault.text);
    let is_variable = words(word).first().is_some_and(|lexeme| lexeme.rule == Rule::variable);
    is_variable && !words(&fault.text[..place]).iter().any(|lexeme| fault.word(*lexeme) == word)
}

fn word_end(text: &str, start: usize) -> usize {
    text[start..].find(char::is_whitespace).map_or(text.len(), |length| start + length)
}

#[cfg(test)]
mod tests {
    use super::PARTICLES;
    use crate::syntax::grammar::{Rule, covers};

    #[test]
    fn particles_are_those_of_the_grammar() {
        for particle in PARTICLES {
            assert!(covers(Rule::whole_verb, &format!("stems {particle}")), "{particle}");
        }
        assert!(!covers(Rule::whole_verb, "stems upon"));
    }

    #[test]
    fn a_misspelt_particle_is_told_from_an_object() {
        for (text, meant) in [
            ("Model stems form BERT", "from"),
            ("Model stems form+ BERT", "from"),
            ("Model m (stems from | ^stems form)+ Model r", "from"),
            ("Model rewritten wiht Model", "with"),
        ] {
            let Err(problems) = crate::syntax::parse(text) else { panic!("{text} parses") };
            let help = &problems.0[0].help[0].message;
            assert_eq!(*help, format!("did you mean `{meant}`?"), "{text}");
        }
    }
}
