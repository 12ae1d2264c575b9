//! Three evaluators, one answer: the engine, the engine with every rewrite switched off, and the naive judge. Between the
//! first two stand the engine without one rewrite, and with one alone.
//!
//! `BEGAT_CASES` says how many random queries are tried, `BEGAT_SEED` from which graph on; those that fail are told with
//! the smallest graph on which they do.

mod support;

use begat::answer::{Answer, Row, View};
use begat::plan::RULES;
use begat::value::Truth;
use begat::{Database, Options, Prepared};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use support::cases::{self, Effort};
use support::generate::{self, Draft, Random};
use support::naive::{self, Outcome};
use support::phrases::{self, Repertoire};
use support::queries;

/// Random queries that are tried for each random graph.
const QUERIES: usize = 24;
/// The stage `laws` of `.ci/run` tries more.
const CASES: u64 = 1000;
/// The judge tries every combination, so larger graphs are not for it.
const MOST_ENTITIES: usize = 200;

#[test]
fn spec_and_questions() {
    let mut worlds: HashMap<String, Database> = HashMap::new();
    let (mut compared, mut wrong) = (0, Vec::new());
    for (world, text) in texts() {
        let database = &*worlds.entry(world.clone()).or_insert_with(|| queries::open(&world));
        if database.graph().entities().count() > MOST_ENTITIES {
            continue;
        }
        for prepared in queries::prepare(database, &text).unwrap_or_default() {
            tally(agree(database, &prepared, &text, &[all_rewrites(), all_rewrites()]), &mut compared, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", report(&wrong));
    assert!(compared > 60, "only {compared} queries were compared");
}

/// A rewrite that no query of the spec and the questions meets would be tested by chance alone.
#[test]
fn every_rewrite_is_applied_somewhere() {
    let mut idle: BTreeSet<&str> = all_rewrites().into_iter().collect();
    let mut worlds: HashMap<String, Database> = HashMap::new();
    for (world, text) in texts() {
        let database = worlds.entry(world.clone()).or_insert_with(|| queries::open(&world));
        // Only an explained plan tells the rules that were applied.
        let mut defines = String::new();
        for sentence in text.split(';').map(str::trim).filter(|sentence| !sentence.is_empty()) {
            if ["define ", "let "].iter().any(|word| sentence.starts_with(word)) {
                defines.push_str(&format!("{sentence};\n"));
                continue;
            }
            let asked = sentence.strip_prefix("explain ").unwrap_or(sentence);
            for prepared in queries::prepare(database, &format!("{defines}explain {asked}")).unwrap_or_default() {
                prepared.plan.applied.iter().flatten().for_each(|name| _ = idle.remove(name));
            }
        }
    }
    assert!(idle.is_empty(), "no query of the spec or of the questions applies {idle:?}");
}

#[test]
fn comparisons_of_entities() {
    let database = queries::open("toy");
    let texts = [
        "Model m succeeds Model p, Org o develops m, Org q develops p, m uses Technique t where o != q",
        "Model m uses Technique t, Model p uses t, p uses Technique s where name(t) < name(s) and m != p",
        "define Model a rivals Model b as Org o develops a, Org q develops b, a uses Technique t, b uses t where o != q; Model rivals Model",
        "Org o develops Model m, m uses Technique t, Org q develops Model p, p uses t where o != q show o, q, count(t) by o, q",
    ];
    // With little optimised these take long.
    let alone = vec!["columnar_predicates", "probe_neighbours"];
    for text in texts {
        for prepared in queries::prepare(&database, text).unwrap_or_else(|error| panic!("{text}: {error:?}")) {
            assert!(
                agree(&database, &prepared, text, &[all_rewrites(), alone.clone()])
                    .unwrap_or_else(|difference| panic!("{difference}")),
                "{text}"
            );
        }
    }
}

#[test]
fn random_queries() {
    let (typed, compared) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let effort = Effort::of(CASES);
    let wrong = effort.run("differential", |seed| {
        let mut random = Random(seed);
        let draft = generate::draft(&mut random);
        let database = Database::of(generate::build(&draft));
        for i in 0..QUERIES {
            let text = phrases::query(&mut random, Repertoire::ALL);
            let possibly = random.percent(40);
            let one = RULES[(seed as usize + i) % RULES.len()].name;
            let agreed = agreement(&database, &text, possibly, &[one]);
            typed.fetch_add(usize::from(agreed.is_some()), Ordering::Relaxed);
            match agreed {
                Some(Ok(judged)) => _ = compared.fetch_add(usize::from(judged), Ordering::Relaxed),
                Some(Err(difference)) => {
                    let fails = |_: &Draft, database: &Database| {
                        agreement(database, &text, possibly, &[one]).and_then(Result::err)
                    };
                    let (small, smaller) = cases::shrink(draft, fails);
                    let difference = smaller.unwrap_or(difference);
                    let said = if possibly { ", possibly" } else { "" };
                    let told = format!("seed {seed}{said}: {difference}\n{}", generate::describe(&small));
                    return (QUERIES as u64, vec![told]);
                }
                None => {}
            }
        }
        (QUERIES as u64, Vec::new())
    });
    assert!(wrong.is_empty(), "{}", report(&wrong));
    let (typed, compared, tried) = (typed.into_inner(), compared.into_inner(), effort.cases as usize);
    assert!(typed * 10 > tried * 6, "only {typed} of {tried} random queries are well typed");
    assert!(compared * 2 > tried, "only {compared} of {tried} were compared");
}

/// The queries of the spec and the questions, each with its world.
fn texts() -> impl Iterator<Item = (String, String)> {
    let examples = queries::examples().into_iter().map(|example| (example.world, example.text));
    let questions = queries::questions().into_iter().map(|question| ("toy".to_string(), question.query));
    examples.chain(questions)
}

/// Whether all agree on each query of a text; `None` where it is not well typed. Whether the judge had a say in it.
fn agreement(database: &Database, text: &str, possibly: bool, rewrites: &[&str]) -> Option<Result<bool, String>> {
    let options = Options { possibly, ..Options::default() };
    let prepared = database.prepare(text, &options).ok()?;
    Some(
        prepared
            .iter()
            .try_fold(false, |_, prepared| agree(database, prepared, text, &[rewrites.to_vec(), rewrites.to_vec()])),
    )
}

fn tally(outcome: Result<bool, String>, compared: &mut usize, wrong: &mut Vec<String>) {
    match outcome {
        Ok(judged) => *compared += usize::from(judged),
        Err(difference) => wrong.push(difference),
    }
}

/// The first differences, and how many there are.
fn report(wrong: &[String]) -> String {
    format!("{} differences\n\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n\n"))
}

fn all_rewrites() -> Vec<&'static str> {
    RULES.iter().map(|rewrite| rewrite.name).collect()
}

/// The names of all rewrites but one.
fn all_but(rewrite: &str) -> Vec<String> {
    all_rewrites().into_iter().filter(|other| *other != rewrite).map(str::to_string).collect()
}

/// Whether the query has a reference; then that all agree on it, also without all rewrites, without each of the first
/// ones, and with each of the second alone.
fn agree(database: &Database, prepared: &Prepared, about: &str, rewrites: &[Vec<&str>; 2]) -> Result<bool, String> {
    let options = Options::default();
    let unoptimised = Options { disabled_rewrites: vec!["all".to_string()], ..options.clone() };
    let answer = database.run(prepared, &options);
    let plain = database.run(prepared, &unoptimised);
    let (answer, plain) = match (answer, plain) {
        (Ok(answer), Ok(plain)) => (answer, plain),
        (Err(a), Err(b)) if queries::diagnostics(&a) == queries::diagnostics(&b) => return Ok(false),
        (a, b) => return Err(format!("{about}\n  engine  {a:?}\n  plain   {b:?}")),
    };
    let show = |outcome: Option<&Outcome>| outcome.map(|outcome| table(database, outcome));
    let differ = |name: &str, other: &Outcome, found: &Outcome| {
        let tables = [other, found].map(|outcome| table(database, outcome).join("\n           "));
        format!("{about}\n  {name:8} {}\n  engine   {}", tables[0], tables[1])
    };
    let (found, plain) = (outcome(&answer), outcome(&plain));
    let (Some(found), Some(plain)) = (found, plain) else {
        return Ok(false);
    };
    if show(Some(&found)) != show(Some(&plain)) {
        return Err(differ("plain", &plain, &found));
    }
    // No rewrite may rest on what another one does, nor on there being no other.
    let [without, alone] = rewrites;
    let without = without.iter().map(|rewrite| ("without", *rewrite));
    for (how, rewrite) in without.chain(alone.iter().map(|rewrite| ("with only", *rewrite))) {
        let disabled = if how == "without" { vec![rewrite.to_string()] } else { all_but(rewrite) };
        let some = Options { disabled_rewrites: disabled, ..options.clone() };
        let other = database.run(prepared, &some).ok().as_ref().and_then(outcome);
        if show(other.as_ref()) != show(Some(&found)) {
            let told = other.map_or_else(|| "no answer".to_string(), |other| differ(how, &other, &found));
            return Err(format!("{how} {rewrite}: {about}\n{told}"));
        }
    }
    match naive::answer(database.graph(), &prepared.query) {
        Some(judged) if show(Some(&judged)) != show(Some(&found)) => Err(differ("judge", &judged, &found)),
        judged => Ok(judged.is_some()),
    }
}

/// What the engine's answer comes to, where it is one of rows or a verdict.
fn outcome(answer: &Answer) -> Option<Outcome> {
    match &answer.view {
        View::Plan(_) => None,
        View::Verdict(truth) => Some(Outcome::Verdict(*truth)),
        View::Rows => Some(Outcome::Rows { rows: answer.table.rows.to_vec(), more: answer.more_possible }),
        _ => None,
    }
}

/// In words, a line per row.
fn table(database: &Database, outcome: &Outcome) -> Vec<String> {
    let line = |row: &Row| {
        let words = queries::words(database.graph(), row).join(" | ");
        if row.certain { words } else { format!("{words} | possible") }
    };
    match outcome {
        Outcome::Verdict(truth) => vec![word(*truth).to_string()],
        Outcome::Rows { rows, more } => rows.iter().map(line).chain([format!("{more} more possible")]).collect(),
    }
}

fn word(truth: Truth) -> &'static str {
    begat::value::truth_word(truth)
}
