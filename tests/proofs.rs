//! Proofs are judged: in a graph of nothing but a proof's facts the row still holds, as surely as it was said to, and of
//! a single sentence's proof no fact can be left out.
//!
//! Of patterns without negations and numbers: those rest also on what is not there. The dates stay as they are. Several
//! conditions are proved each by itself, so that one may rest on a fact that another could have done without.

mod support;

use begat::answer::{Cell, Proof, Reason, Row};
use begat::check::typed::Query;
use begat::graph::{Fact, Graph};
use begat::{Database, Options};
use std::collections::BTreeSet;
use support::cases::Effort;
use support::generate::{self, Draft, Random};
use support::naive::{self, Mode, Outcome};
use support::phrases::{self, Repertoire};

const CASES: u64 = 1500;

const PLAIN: Repertoire = Repertoire {
    modal: false,
    optional: false,
    aggregates: false,
    heads: false,
    defines: false,
    sources: false,
    values: false,
};

/// What rests also on facts that are not there, or on their number.
const MORE_THAN_FACTS: [&str; 6] = ["no ", "not ", "every ", "at most", "exactly", "at least"];

#[test]
fn proofs_hold_and_hold_nothing_idle() {
    let wrong = Effort::of(CASES).run("proofs", |seed| {
        let mut random = Random(seed);
        let draft = generate::draft(&mut random);
        let database = Database::of(generate::build(&draft));
        let (mut tried, mut wrong) = (0, Vec::new());
        for _ in 0..12 {
            let parts = phrases::parts(&mut random, PLAIN);
            let text = parts.sentences.join(", ");
            if MORE_THAN_FACTS.iter().any(|word| text.contains(word)) {
                continue;
            }
            match judge(&database, &draft, &text) {
                Ok(rows) => tried += rows,
                Err(how) => {
                    wrong.push(format!("seed {seed}: {text}\n{how}\n{}", generate::describe(&draft)));
                    break;
                }
            }
        }
        (tried, wrong)
    });
    assert!(wrong.is_empty(), "{} failures\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// How many rows were proved rightly.
fn judge(database: &Database, draft: &Draft, text: &str) -> Result<u64, String> {
    let options = Options { possibly: true, ..Options::default() };
    let Ok(prepared) = database.prepare(text, &options) else { return Ok(0) };
    let answer = database.run(&prepared[0], &options).map_err(|error| format!("{error:?}"))?;
    let query = &prepared[0].query;
    if answer.table.rows.iter().any(|row| row.cells.is_empty()) {
        return Ok(0);
    }
    for row in &answer.table.rows {
        let explained = database.why(&prepared[0], row, &options).map_err(|error| format!("{error:?}"))?;
        let proof = explained.ok_or("no proof of a row")?.proof;
        let mut facts = BTreeSet::new();
        links(database.graph(), &proof, &mut facts);
        let only = Draft {
            links: draft.links.iter().filter(|link| facts.contains(&triple(draft, link))).cloned().collect(),
            ..draft.clone()
        };
        if !follows(&only, query, row) {
            return Err(format!("  {:?} does not follow from {facts:?}", row.cells));
        }
        let is_single = ![",", " or ", " and ", " that ", " but "].iter().any(|word| text.contains(word));
        for i in (0..only.links.len()).filter(|_| is_single) {
            let mut fewer = only.clone();
            let idle = fewer.links.remove(i);
            if follows(&fewer, query, row) {
                let idle = triple(draft, &idle);
                return Err(format!("  {:?} follows from {facts:?} without {idle:?}", row.cells));
            }
        }
    }
    Ok(answer.table.rows.len() as u64)
}

type Triple = [String; 3];

fn triple(draft: &Draft, link: &generate::Link) -> Triple {
    let name = |i: usize| draft.entities[i].1.to_string();
    [name(link.subject), link.verb.to_string(), name(link.object)]
}

/// The links that a proof rests on.
fn links(graph: &Graph, proof: &Proof, found: &mut BTreeSet<Triple>) {
    if let Reason::Fact(fact) = proof.reason
        && let Fact::Link { subject, verb, object } = graph.fact(fact)
    {
        let verb = graph.schema().verb(verb).name.to_string();
        found.insert([graph.name(subject).to_string(), verb, graph.name(object).to_string()]);
    }
    proof.because.iter().for_each(|inner| links(graph, inner, found));
}

/// Whether the row is in the answer of such a graph, as surely as it says.
fn follows(draft: &Draft, query: &Query, row: &Row) -> bool {
    let graph = generate::build(draft);
    let same = |other: &Row| -> bool {
        let pairs = other.cells.iter().zip(&row.cells);
        pairs.fold(true, |same, (a, b)| same && entity(a) == entity(b)) && (other.certain || !row.certain)
    };
    match naive::answer_in(&graph, query, Mode::Possible) {
        Some(Outcome::Rows { rows, .. }) => rows.iter().any(same),
        _ => false,
    }
}

/// Entities keep their numbers in all these graphs.
fn entity(cell: &Cell) -> Option<u32> {
    match cell {
        Cell::Entity(entity) => Some(entity.0),
        _ => None,
    }
}
