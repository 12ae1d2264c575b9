//! How far an agent comes that takes the first fix it is offered, and nothing else: `cargo bench --bench agent`.
//!
//! Every query of the reference that has an answer is spoilt in each of the ways in which agents spoil queries. Then the
//! first edit of the first problem is carried out, once and twice. A query is right if it gives the rows of the one that was
//! spoilt. `-- WAY` tries one way alone, and lists the queries that are still wrong after two fixes.

#[path = "../../tests/support/queries.rs"]
#[allow(dead_code, reason = "only the queries of the reference are wanted")]
mod queries;

use begat::{Database, Error, Options};
use std::collections::HashMap;
use std::time::Duration;

/// A way to spoil a query: every text that it makes of one.
type Spoil = fn(&str, &Database) -> Vec<String>;

const WAYS: &[(&str, Spoil)] = &[
    ("letters swapped", letters_swapped),
    ("a letter lost", letter_lost),
    ("plural types", plural_types),
    ("small letters", small_letters),
    ("underscores in names", underscores),
    ("verbs in another form", other_verbs),
    ("wrong direction", wrong_direction),
    ("invented columns", invented_columns),
    ("signs of SQL", sql_signs),
    ("Cypher", cypher),
    ("SPARQL", sparql),
];

/// How often the right rows came: at once, after one fix, after two.
#[derive(Default)]
struct Score {
    tried: usize,
    right: [usize; 3],
    wrong: Vec<String>,
}

fn main() {
    let wanted = std::env::args().nth(1).filter(|argument| !argument.starts_with('-'));
    let mut worlds: HashMap<String, Database> = HashMap::new();
    let mut scores: Vec<Score> = WAYS.iter().map(|_| Score::default()).collect();
    let mut seen = std::collections::HashSet::new();
    for example in queries::examples() {
        if !["toy", "builtin"].contains(&example.world.as_str())
            || !seen.insert((example.world.clone(), example.text.clone()))
        {
            continue;
        }
        let database = worlds.entry(example.world.clone()).or_insert_with(|| queries::open(&example.world));
        let Ok(rows) = rows(database, &example.text) else { continue };
        let is_wanted = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
        for ((_, spoil), score) in WAYS.iter().zip(&mut scores).filter(|((name, _), _)| is_wanted(name)) {
            for spoilt in spoil(&example.text, database).into_iter().filter(|spoilt| *spoilt != example.text) {
                score.add(database, spoilt, &rows);
            }
        }
    }
    report(&scores, wanted.as_deref());
}

fn report(scores: &[Score], wanted: Option<&str>) {
    let percent = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
    let line = |name: &str, tried: usize, right: [usize; 3]| {
        let [none, one, two] = right.map(|right| percent(right, tried));
        println!("{name:22} {tried:6} {none:7.1} % {one:7.1} % {two:7.1} %");
    };
    println!("{:22} {:>6} {:>9} {:>9} {:>9}", "spoilt by", "tried", "no fix", "one fix", "two fixes");
    for ((name, _), score) in WAYS.iter().zip(scores) {
        line(name, score.tried, score.right);
    }
    let sum = |i: usize| scores.iter().map(|score| score.right[i]).sum();
    line("all", scores.iter().map(|score| score.tried).sum(), [sum(0), sum(1), sum(2)]);
    let shown = WAYS.iter().zip(scores).filter(|((name, _), _)| wanted == Some(name));
    shown.flat_map(|(_, score)| &score.wrong).for_each(|text| println!("  {text}"));
}

impl Score {
    fn add(&mut self, database: &Database, spoilt: String, expected: &str) {
        self.tried += 1;
        let mut text = spoilt.clone();
        for fixes in 0..3 {
            match rows(database, &text) {
                Ok(found) => {
                    if found == expected {
                        self.right[fixes..].iter_mut().for_each(|right| *right += 1);
                        return;
                    }
                    break;
                }
                Err(error) => match first_fix(&error, &text) {
                    Some(fixed) => text = fixed,
                    None => break,
                },
            }
        }
        self.wrong.push(format!("{spoilt}   →   {text}"));
    }
}

fn first_fix(error: &Error, text: &str) -> Option<String> {
    let problem = error.diagnostics().iter().find(|problem| problem.is_error())?;
    problem.help.iter().find_map(|help| help.fix.as_ref())?.apply(text)
}

/// The rows of all statements of a text, whatever their columns are called.
fn rows(database: &Database, text: &str) -> Result<String, Error> {
    let options = Options::new().timeout(Duration::from_secs(5)).max_rows(100_000);
    let mut out = String::new();
    for prepared in database.prepare(text, &options)? {
        for row in &prepared.run(&options)? {
            let cells: Vec<String> = row.cells().map(|cell| cell.to_string()).collect();
            out += &format!("{}{}\n", cells.join("\t"), if row.is_certain() { "" } else { "?" });
        }
        out += "\n";
    }
    Ok(out)
}

/// The words of a text with their places: runs of letters and what names hold.
fn words(text: &str) -> Vec<(usize, &str)> {
    let is_inside = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.split(|c: char| !is_inside(c))
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .collect()
}

fn replaced(text: &str, at: usize, word: &str, by: &str) -> String {
    format!("{}{by}{}", &text[..at], &text[at + word.len()..])
}

/// Each text in which one of the words has been changed.
fn each_word(text: &str, change: impl Fn(&str) -> Option<String>) -> Vec<String> {
    words(text).into_iter().filter_map(|(at, word)| Some(replaced(text, at, word, &change(word)?))).collect()
}

fn is_long(word: &str) -> bool {
    word.len() >= 4 && word.is_ascii() && word.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn letters_swapped(text: &str, _: &Database) -> Vec<String> {
    each_word(text, |word| {
        is_long(word).then(|| {
            let mut letters: Vec<char> = word.chars().collect();
            letters.swap(1, 2);
            letters.into_iter().collect()
        })
    })
}

fn letter_lost(text: &str, _: &Database) -> Vec<String> {
    each_word(text, |word| is_long(word).then(|| format!("{}{}", &word[..2], &word[3..])))
}

fn plural_types(text: &str, database: &Database) -> Vec<String> {
    let is_type = |word: &str| database.graph().schema().lookup_type(word).is_some();
    each_word(text, |word| is_type(word).then(|| format!("{word}s")))
}

fn small_letters(text: &str, _: &Database) -> Vec<String> {
    each_word(text, |word| word.starts_with(|c: char| c.is_ascii_uppercase()).then(|| word.to_lowercase()))
}

/// `DeepSeek V3` as `DeepSeek_V3`.
fn underscores(text: &str, database: &Database) -> Vec<String> {
    let names =
        database.entities().map(|entity| entity.name()).filter(|name| name.contains(' ') && text.contains(name));
    names.map(|name| text.replacen(name, &name.replace(' ', "_"), 1)).collect()
}

/// `uses` as `use` and `used`.
fn other_verbs(text: &str, database: &Database) -> Vec<String> {
    let is_verb = |word: &str| word.len() > 3 && database.graph().schema().lookup_verb(word).is_some();
    let stem = |word: &str| word.strip_suffix('s').map(str::to_string);
    let mut all = each_word(text, |word| stem(word).filter(|_| is_verb(word)));
    all.extend(each_word(text, |word| stem(word).filter(|_| is_verb(word)).map(|stem| stem + "d")));
    all
}

/// Subject, verb and object of a text that is a plain sentence.
fn sentence<'t>(text: &'t str, database: &Database) -> Option<(&'t str, &'t str, &'t str)> {
    let schema = database.graph().schema();
    let split = |verb: &str| {
        let at = text.find(&format!(" {verb} "))? + 1;
        Some((text[..at].trim(), &text[at..at + verb.len()], text[at + verb.len()..].trim()))
    };
    let is_noun = |noun: &str| schema.lookup_type(noun).is_some() || database.entity(noun).is_some();
    schema
        .verbs()
        .filter_map(|(_, verb)| split(&verb.name))
        .find(|(subject, _, object)| is_noun(subject) && is_noun(object))
}

fn wrong_direction(text: &str, database: &Database) -> Vec<String> {
    sentence(text, database).into_iter().map(|(subject, verb, object)| format!("{object} {verb} {subject}")).collect()
}

/// `m.date` as `m.release_date` or `m.dates`.
fn invented_columns(text: &str, database: &Database) -> Vec<String> {
    let names: Vec<String> =
        database.graph().schema().properties().map(|(_, property)| property.name.clone()).collect();
    let used = names.iter().filter(|name| text.contains(&format!(".{name}")));
    used.flat_map(|name| {
        [format!(".{name}s"), format!(".{name}_value")].map(|new| text.replacen(&format!(".{name}"), &new, 1))
    })
    .collect()
}

fn sql_signs(text: &str, _: &Database) -> Vec<String> {
    let pairs = [
        (" = ", " == "),
        (" and ", " AND "),
        (" and ", " && "),
        (" where ", " WHERE "),
        (" or ", " || "),
        (" order by ", " ORDER BY "),
        (" limit ", " LIMIT "),
    ];
    pairs.iter().filter(|(own, _)| text.contains(own)).map(|(own, other)| text.replacen(own, other, 1)).collect()
}

fn cypher(text: &str, database: &Database) -> Vec<String> {
    let Some((subject, verb, object)) = sentence(text, database) else { return Vec::new() };
    let schema = database.graph().schema();
    let node = |noun: &str, letter: &str| match schema.lookup_type(noun) {
        Some(_) => format!("({letter}:{noun})"),
        None => format!("({letter} {{name: '{noun}'}})"),
    };
    let relation = verb.to_uppercase().replace(' ', "_");
    vec![format!("MATCH {}-[:{relation}]->{} RETURN a", node(subject, "a"), node(object, "b"))]
}

fn sparql(text: &str, database: &Database) -> Vec<String> {
    let Some((subject, verb, object)) = sentence(text, database) else { return Vec::new() };
    let is_type = |noun: &str| database.graph().schema().lookup_type(noun).is_some();
    let term = |noun: &str, letter: &str| {
        if is_type(noun) { format!("?{letter}") } else { format!(":{}", noun.replace(' ', "_")) }
    };
    let typed = if is_type(subject) { format!("?s a :{subject} . ") } else { String::new() };
    vec![format!(
        "SELECT ?s WHERE {{ {typed}{} :{} {} }}",
        term(subject, "s"),
        verb.replace(' ', "_"),
        term(object, "o")
    )]
}
