//! No text, however wrong, does more than get an error, and no slip of a finger gets another answer.

mod support;

use begat::answer::Answer;
use begat::text::Severity;
use begat::{Database, Error, Options, syntax};
use std::time::{Duration, Instant};
use support::generate::Random;
use support::queries;

/// Each world with the queries that are asked of it.
fn corpus() -> Vec<(Database, Vec<String>)> {
    let mut corpus: Vec<(String, Vec<String>)> = Vec::new();
    let examples = queries::examples().into_iter().map(|example| (example.world, example.text));
    let questions = queries::questions().into_iter().map(|question| ("toy".to_string(), question.query));
    for (world, text) in examples.chain(questions) {
        match corpus.iter_mut().find(|(name, _)| *name == world) {
            Some((_, texts)) if texts.contains(&text) => {}
            Some((_, texts)) => texts.push(text),
            None => corpus.push((world, vec![text])),
        }
    }
    corpus.into_iter().map(|(world, texts)| (queries::open(&world), texts)).collect()
}

/// Of all prefixes and slips so many in a hundred are tried: enough to see every kind of word, in a few seconds.
const TRIED: usize = 15;

/// The same for slips. Each is corrected by trying what was meant, which takes a good part of a second without optimization.
/// So fewer are tried, unless more cases are asked for, as CI does with optimised tests.
fn slips_tried() -> usize {
    if std::env::var_os("BEGAT_CASES").is_some() { TRIED } else { 2 }
}

/// What is left of a query that breaks off is an answer or an error; if it parses, it prints as it parses.
#[test]
fn prefixes_are_answers_or_errors() {
    let mut random = Random(3);
    for (database, texts) in corpus() {
        for text in texts {
            for (end, _) in text.char_indices().filter(|_| random.percent(TRIED)) {
                let Ok(tree) = syntax::parse(&text[..end]) else { continue };
                let printed = syntax::print(&tree);
                assert_eq!(syntax::parse(&printed).as_ref(), Ok(&tree), "{} prints as {printed}", &text[..end]);
                let _ = queries::ask_all(&database, &text[..end]);
            }
        }
    }
}

#[test]
fn random_bytes_are_an_error() {
    let database = queries::open("toy");
    let mut random = Random(7);
    let pieces = [
        "Model", "m", "uses", "(", ")", "\"", "that", ",", "and", "no", "2024-13", "+", "{", "é", "\\", "$", "#", "\n",
        " ",
    ];
    for _ in 0..300 {
        let length = random.below(40);
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        let _ = queries::prepare(&database, &String::from_utf8_lossy(&bytes));
        let words: Vec<&str> = (0..random.below(20)).map(|_| *random.pick(&pieces)).collect();
        let _ = queries::prepare(&database, &words.join(" "));
        let _ = queries::prepare(&database, &words.concat());
    }
}

#[test]
fn deep_nesting_ends_soon() {
    let database = queries::open("toy");
    let nested = |open: &str, middle: &str, close: &str, depth: usize| {
        format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
    };
    for depth in [100, 199, 10_000] {
        let where_parentheses = format!("Model m uses MLA where {}", nested("(", "1 = 1", ")", depth));
        let patterns = nested("(", "Model m uses MLA", ")", depth);
        let nots = format!("Model m uses MLA where {}1 = 1", "not ".repeat(depth));
        let thats = format!("Model succeeds Model {}", "that succeeds Model ".repeat(depth));
        let paths = format!("DeepSeek R1 {} Model", nested("(", "succeeds", ")+", depth));
        let minus = format!("Model m uses MLA where {}1 = 1", "-".repeat(depth));
        let define = format!("define {}", nested("(", "Model", ")", depth));
        for text in [where_parentheses, patterns, nots, thats, paths, minus, define] {
            soon(&text, || queries::ask(&database, &text, &Options::default()));
        }
    }
}

#[test]
fn long_lists_end_soon() {
    let database = queries::open("toy");
    // Without optimisation a tenth has to do.
    let items = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
    let and = format!("Model m uses MLA where {}", vec!["1 = 1"; items].join(" and "));
    let or = format!("Model m uses MLA where {}", vec!["1 = 2"; items].join(" or "));
    let sum = format!("Model m uses MLA where {} = 1", vec!["1"; items].join(" + "));
    let phrases = format!("Model m {}", vec!["uses MLA"; items].join(" and "));
    let objects = format!("Model m uses {}", vec!["MLA"; items].join(" and "));
    for text in [and, or, sum, phrases, objects] {
        soon(&text, || queries::prepare(&database, &text));
    }
}

/// Makes small slips in every word of every query: the answer is an error, or the same answer; and it is measured how
/// often the first suggestion is the word that was meant.
#[test]
fn typos_never_change_the_answer() {
    let mut random = Random(11);
    let mut tally = Tally::default();
    for (database, texts) in corpus() {
        for text in &texts {
            let Some(answer) = run(&database, text) else { continue };
            for (start, word) in words(text) {
                for wrong in slips(word, &mut random) {
                    if random.percent(slips_tried()) {
                        slip(&database, (text, &answer), (start, word, &wrong), &mut tally);
                    }
                }
            }
        }
    }
    println!("{}", tally.report());
    let silent = &tally.silent;
    assert!(tally.first * 100 >= tally.errors * 90, "fewer than nine in ten first suggestions are right");
    assert!(silent.is_empty(), "{} silently different:\n{}", silent.len(), silent[..silent.len().min(40)].join("\n"));
}

#[derive(Default)]
struct Tally {
    errors: usize,
    /// The first suggestion, or any, is what was meant.
    first: usize,
    offered: usize,
    same: usize,
    /// The slip wrote another name or another keyword, or changed a free text: a right question, though another one.
    other: usize,
    silent: Vec<String>,
    /// Errors without the right suggestion.
    missed: Vec<String>,
}

impl Tally {
    fn report(&self) -> String {
        let rate = |n: usize| 100.0 * n as f64 / self.errors.max(1) as f64;
        let (first, offered) = (rate(self.first), rate(self.offered));
        let sample = self.missed.iter().step_by(self.missed.len() / 25 + 1).cloned().collect::<Vec<_>>().join("\n  ");
        format!(
            "{} errors (first suggestion right {first:.1} %, some suggestion {offered:.1} %), {} same answers, {} other \
             questions, {} silently different\nwithout the right suggestion, for example:\n  {sample}",
            self.errors,
            self.same,
            self.other,
            self.silent.len()
        )
    }
}

/// Tries one slip: the word at `start` becomes `wrong`.
fn slip(
    database: &Database,
    (text, answer): (&str, &Answer),
    (start, word, wrong): (usize, &str, &str),
    tally: &mut Tally,
) {
    let changed = format!("{}{wrong}{}", &text[..start], &text[start + word.len()..]);
    let prepared = match queries::prepare(database, &changed) {
        Ok(prepared) => prepared,
        Err(error) => {
            let words = suggestions(&error);
            let is_meant =
                |suggestion: &String| names(suggestion, word, text) || is_defined(suggestion, wrong, text, start);
            tally.errors += 1;
            tally.first += usize::from(words.first().is_some_and(is_meant));
            match words.iter().any(is_meant) {
                true => tally.offered += 1,
                false => tally.missed.push(format!("{changed:?} ({word}): {words:?}")),
            }
            return;
        }
    };
    let warns = prepared.iter().any(|prepared| prepared.query.notes.iter().any(|note| note.severity < Severity::Note));
    match run(database, &changed) {
        Some(other) if !is_same(&other, answer) && !warns => {
            let is_keyword = [word, wrong].iter().all(|word| syntax::keywords().any(|keyword| keyword == *word));
            let is_other =
                is_free_text(text, start) || is_title(text, start) || is_name(database, text, &changed, start);
            match is_keyword || is_other {
                true => tally.other += 1,
                false => tally.silent.push(format!("{text}\n  {changed}")),
            }
        }
        _ => tally.same += 1,
    }
}

/// Whether the place lies in a quoted text that a condition compares with: no dictionary knows what may stand there.
fn is_free_text(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let is_quoted = before.matches('"').count() % 2 == 1;
    is_quoted && before.contains("where")
}

/// Whether the place is the title that a column is given: a plan tells it.
fn is_title(text: &str, at: usize) -> bool {
    text.starts_with("explain") && text[..at].trim_end().ends_with(" as")
}

/// Whether what stands at the place now is the exact name of an entity, as what stood there before was.
fn is_name(database: &Database, text: &str, changed: &str, at: usize) -> bool {
    let names: Vec<String> = database.graph().names().iter().map(|(name, _)| name.to_lowercase()).collect();
    let around = |text: &str| {
        let text = text.to_lowercase();
        let holds = |name: &&String| text.match_indices(name.as_str()).any(|(i, _)| i <= at && at <= i + name.len());
        names.iter().filter(holds).max_by_key(|name| name.len()).cloned()
    };
    match (around(text), around(changed)) {
        (Some(old), Some(new)) => old != new,
        _ => false,
    }
}

fn run(database: &Database, text: &str) -> Option<Answer> {
    queries::ask(database, text, &Options::default()).ok()
}

fn is_same(a: &Answer, b: &Answer) -> bool {
    a.table.rows == b.table.rows && a.more_possible == b.more_possible
}

/// The words of a query, with their places: letters and what stands inside names.
fn words(text: &str) -> Vec<(usize, &str)> {
    // A full stop belongs to a number, or parts a variable from a property.
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let mut words = Vec::new();
    let mut start = None;
    for (i, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_inside(c)) {
            (None, true) => start = Some(i),
            (Some(from), false) => {
                words.push((from, &text[from..i]));
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Every deletion, doubling and swap of one letter, and some replacements. Words of one letter are left alone, and so are
/// numbers and dates (`201X-1X`), since another number is another question.
fn slips(word: &str, random: &mut Random) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < 2 || letters.iter().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | 'X')) {
        return Vec::new();
    }
    let mut slips = Vec::new();
    for i in 0..letters.len() {
        let mut deleted = letters.clone();
        deleted.remove(i);
        slips.push(deleted);
        let mut doubled = letters.clone();
        doubled.insert(i, letters[i]);
        slips.push(doubled);
        if i + 1 < letters.len() {
            let mut swapped = letters.clone();
            swapped.swap(i, i + 1);
            slips.push(swapped);
        }
    }
    let mut replaced = letters.clone();
    let at = random.below(letters.len());
    replaced[at] = (b'a' + random.below(26) as u8) as char;
    slips.push(replaced);
    slips.into_iter().map(String::from_iter).filter(|slip: &String| slip != word).collect()
}

/// The edits that the first error offers, and the words in backticks of its helps.
fn suggestions(error: &Error) -> Vec<String> {
    let diagnostics = queries::diagnostics(error);
    let mut words = Vec::new();
    for help in diagnostics.iter().flat_map(|diagnostic| &diagnostic.help) {
        words.extend(help.fix.iter().map(|fix| fix.replacement.clone()));
        words.extend(help.message.split('`').skip(1).step_by(2).map(str::to_string));
    }
    words
}

/// Whether the slip is in the head of a definition: then its own word is what the others should be.
fn is_defined(suggestion: &str, wrong: &str, text: &str, at: usize) -> bool {
    text.starts_with("define") && text[..at].split(' ').count() < 5 && suggestion.contains(wrong)
}

/// Whether a suggestion is what was meant: the word, or a longer name of the query that holds it.
fn names(suggestion: &str, word: &str, text: &str) -> bool {
    let [bare, text, word] = [suggestion.trim_matches('"'), text, word].map(begat::graph::fold);
    bare == word || (bare.contains(&word) && text.contains(&bare))
}

fn soon<T>(text: &str, work: impl FnOnce() -> T) {
    let start = Instant::now();
    work();
    let shown: String = text.chars().take(60).collect();
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 120 } else { 3 });
    assert!(start.elapsed() < limit, "{:?} for {shown}…", start.elapsed());
}
