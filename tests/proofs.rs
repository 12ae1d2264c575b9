//! Proofs are judged: in a graph of nothing but a proof's facts its row still holds, as surely as it was said to, and
//! none of the facts can be left out.
//!
//! What is judged, precisely. A proof cites the facts of what its pattern *affirms*. What it *denies* (inside `not` and
//! `no`, in `at most` and the upper end of `exactly`, and in what `every` speaks of: see [`support::apart`]) rests on what
//! is not there, so that it is looked up in the whole graph, while what is affirmed has the proof's facts alone. So the
//! row is to follow, and to follow no longer without any one of the facts.
//!
//! The values that tests read are facts, too. Where a test need only be possible, or says that something is unknown, it
//! rests on what is not known: it reads the values of the whole graph, and no fact needs to be cited for it.

mod support;

use begat::answer::{Cell, Proof, Reason, Row};
use begat::check::typed::{Body, Expr, ExprKind, Query, VarId};
use begat::graph::{Fact, Graph};
use begat::value::{Date, Value};
use begat::{Database, Options};
use support::apart;
use support::cases::{self, Effort};
use support::generate::{self, Claimed, Draft, Random};
use support::naive::{self, Mode, Outcome};
use support::phrases::{self, Repertoire};

const CASES: u64 = 700;

const PATTERNS: Repertoire = Repertoire {
    modal: true,
    optional: true,
    aggregates: false,
    heads: false,
    defines: true,
    sources: true,
    claims: false,
    values: false,
};

/// A query, and whether all that is possible is asked for.
#[derive(Debug, Clone)]
struct Case {
    text: String,
    possibly: bool,
}

#[test]
fn proofs_hold_and_hold_nothing_idle() {
    let wrong = Effort::of(CASES).run("proofs", |seed| {
        let mut random = Random(seed);
        let mut draft = generate::draft(&mut random);
        draft.chronological = random.percent(25);
        let database = Database::of(generate::build(&draft));
        let (mut tried, mut wrong) = (0, Vec::new());
        for _ in 0..12 {
            let case = Case { text: phrases::query(&mut random, PATTERNS), possibly: random.percent(50) };
            match judge(&database, &draft, &case) {
                Ok(rows) => tried += rows,
                Err(how) => {
                    wrong.push(told(&draft, case, seed, how));
                    break;
                }
            }
        }
        (tried, wrong)
    });
    assert!(wrong.is_empty(), "{} failures\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// What the proof of the only row cites, by the facts that there are.
const CITED: &[(&str, &str, &[&str])] = &[
    // One fact serves two sentences.
    (
        "Elm makes Ada; Elm makes Cid",
        "Org o makes Model n or makes Model k, o makes Model m where m != Ada show o, m",
        &["Elm makes Cid"],
    ),
    // An alternative that needs less.
    ("Elm makes Ada; Ada dated 2021", "Model m dated since 2020 or made by Elm show m", &["Ada dated 2021"]),
    // A number needs so many, and one that is nought or an upper bound none.
    (
        "Elm makes Ada; Elm makes Bob; Elm makes Cid",
        "Org o makes at least 2 Model show o",
        &["Elm makes Ada", "Elm makes Bob"],
    ),
    ("Elm makes Ada", "Org o makes at most 1 Model and makes at least 0 Model show o", &[]),
    ("Elm makes Ada", "Org o makes exactly 1 Model show o", &["Elm makes Ada"]),
    // Two members of what `every` speaks of.
    (
        "Elm makes Ada; Elm makes Bob; Ada uses Axe; Bob uses Axe",
        "Org o makes every Model that uses Axe show o",
        &["Elm makes Ada", "Elm makes Bob"],
    ),
    // A negated test is a test; a negated negation cites what it affirms.
    ("Ada dated 2021", "Model m not dated before 2020 show m", &["Ada dated 2021"]),
    ("Ada uses Axe", "Model m, not (m uses no Tool) show m", &["Ada uses Axe"]),
    // A test for facts beside one of values.
    ("Ada uses Axe; Ada dated 2021", "Model m where (m uses Axe) or m.date < 2020 show m", &["Ada uses Axe"]),
    // What a row does not show may be chosen.
    ("Ada succeeds Bob; Ada uses Axe; Bob uses Axe", "Model m uses Tool t, Model k uses t show t", &["Ada uses Axe"]),
    // A path that is named is proved as it is.
    (
        "Ada succeeds Bob; Bob succeeds Cid; Ada succeeds Cid",
        "Ada succeeds+ as p Cid where length(p) = 2",
        &["Ada succeeds Bob", "Bob succeeds Cid"],
    ),
    // A path of no steps is denied, too; according to a source it needs a fact that the source states.
    (
        "Bob dated 2021",
        "Model m dated 2022 or (succeeds | succeeded by)* no Model or dated since 2021 show m",
        &["Bob dated 2021"],
    ),
    ("Bob uses Axe", "Model n (uses / used by){,2} n according to \"S1\" show n", &["Bob uses Axe"]),
    // Where an optional part has a match, its variables and those beside it may be chosen.
    (
        "Elm makes Ada; Elm makes Bob",
        "Model x made by Org o, optional o makes / succeeds* Model n and makes Model k show n order by n desc limit 1",
        &["Elm makes Bob"],
    ),
    (
        "Bob succeeds Bob; Bob succeeds Cid; Cid succeeds Ada",
        "Model m succeeds Model n, optional n succeeds+ Model k show k order by k limit 1",
        &["Bob succeeds Cid", "Cid succeeds Ada"],
    ),
    // An alternative is chosen, unless the row shows which one it is.
    (
        "Bob uses Axe; Axe dated 2021",
        "Tool t, ((t used by Bob and dated since 2020) or t dated since 2019 or t used by Model m that succeeds Model k)",
        &["Axe dated 2021"],
    ),
    (
        "Ada uses Axe; Ada dated 2021; Ada succeeds Bob",
        "Tool t used by Ada or used by Model m that succeeds Bob and succeeds Model k show t, k where k is not absent",
        &["Ada uses Axe", "Ada succeeds Bob"],
    ),
    // What a row does not show may not be chosen if it decides what the row shows, also where a later test reads that.
    (
        "Ada succeeds Ada; Bob succeeds Ada; Ada uses Axe; Axe dated 2020; Ada dated 2021",
        "Ada (succeeded by / succeeded by) Model x, optional x uses Tool t where t.date or else Ada.date = 2021 show t",
        &["Ada succeeds Ada", "Bob succeeds Ada", "Ada dated 2021"],
    ),
    // A limit keeps a row that is surer than each binding that gives it.
    (
        "Elm makes Ada",
        "Org o makes Ada, optional (o makes Model m where m.date < 2020) show o limit 1",
        &["Elm makes Ada"],
    ),
    // A fact that a definition finds doubtfully at first, and surely by itself.
    (
        "Ada succeeds Bob?; Ada succeeds Cid; Cid succeeds Bob",
        "define Model m outlives Model n as (m succeeds n or m succeeds Model k that outlives n); Ada outlives Model m \
         where m != Cid show m",
        &["Ada succeeds Cid", "Cid succeeds Bob"],
    ),
];

#[test]
fn proofs_cite_what_they_need() {
    for (facts, query, wanted) in CITED {
        let draft = written(facts);
        let database = Database::of(generate::build(&draft));
        let prepared =
            database.prepare(query, &Options::default()).unwrap_or_else(|error| panic!("{query}: {error:?}"));
        let prepared = prepared.last().expect("there is a query");
        let answer = database.run(prepared, &Options::default()).expect("no limit");
        assert_eq!(answer.table.rows.len(), 1, "{query}: {:?}", answer.table.rows);
        let why = database.why(prepared, &answer.table.rows[0], &Options::default()).expect("no limit");
        let cited = cited(database.graph(), &draft, &why.expect("the row has a proof").proof);
        let name = |i: usize| draft.entities[i].1;
        let links =
            cited.links.iter().map(|link| format!("{} {} {}", name(link.subject), link.verb, name(link.object)));
        let values = cited.values.iter().map(|stated| format!("{} dated {}", name(stated.subject), stated.value));
        assert_eq!(links.chain(values).collect::<Vec<_>>(), *wanted, "{query}");
    }
}

/// The draft that holds these facts about the usual entities; a question mark makes one doubtful.
fn written(facts: &str) -> Draft {
    let mut draft = Draft::default();
    for (type_name, names) in [("Model", &generate::MODELS[..3]), ("Tool", &generate::TOOLS[..1]), ("Org", &["Elm"])] {
        draft.entities.extend(names.iter().map(|name| (type_name, *name)));
    }
    let place = |name: &str| draft.entities.iter().position(|(_, own)| *own == name).expect("there is one");
    let (mut links, mut values) = (Vec::new(), Vec::new());
    for fact in facts.split("; ") {
        let doubtful = fact.ends_with('?');
        let claims = vec![Claimed { source: 0, doubtful }];
        let words: Vec<&str> = fact.trim_end_matches('?').split(' ').collect();
        let subject = place(words[0]);
        match ["succeeds", "uses", "makes"].into_iter().find(|verb| *verb == words[1]) {
            Some(verb) => links.push(generate::Link { subject, verb, object: place(words[2]), claims }),
            None => {
                let value = Value::Date(Date::parse(words[2]).expect("a date"));
                values.push(generate::Stated { subject, property: "date", value, claims });
            }
        }
    }
    Draft { links, values, ..draft }
}

/// A failure, made as small as it goes.
fn told(draft: &Draft, case: Case, seed: u64, how: String) -> String {
    let (mut draft, mut case, mut how) = (draft.clone(), case, how);
    loop {
        let (smaller, said) = cases::shrink(draft, |draft, database| judge(database, draft, &case).err());
        (draft, how) = (smaller, said.unwrap_or(how));
        let database = Database::of(generate::build(&draft));
        let fails = |case: &Case| judge(&database, &draft, case).err();
        let Some((smaller, said)) = smaller_cases(&case).into_iter().find_map(|c| Some((c.clone(), fails(&c)?))) else {
            let chronological = if draft.chronological { "chronological " } else { "" };
            return format!("seed {seed}: {case:?}\n{how}\n{chronological}{}", generate::describe(&draft));
        };
        (case, how) = (smaller, said);
    }
}

/// The queries that lack a sentence, a phrase or a clause.
fn smaller_cases(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for mark in [", ", " and ", " or ", " where ", " show ", " that "] {
        let pieces: Vec<&str> = case.text.split(mark).collect();
        for i in (0..pieces.len()).filter(|_| pieces.len() > 1) {
            let mut fewer = pieces.clone();
            fewer.remove(i);
            all.push(Case { text: fewer.join(mark), ..case.clone() });
        }
    }
    all
}

/// How many rows were proved rightly.
fn judge(database: &Database, draft: &Draft, case: &Case) -> Result<u64, String> {
    let options = Options { possibly: case.possibly, ..Options::default() };
    let Ok(prepared) = database.prepare(&case.text, &options) else { return Ok(0) };
    let Some(prepared) = prepared.last() else { return Ok(0) };
    let answer = database.run(prepared, &options).map_err(|error| format!("{error:?}"))?;
    if answer.table.rows.iter().any(|row| row.cells.is_empty()) {
        return Ok(0);
    }
    let (mut judged, shown) = (0, if case.possibly { Mode::Possible } else { Mode::Shown });
    for row in &answer.table.rows {
        let mode = if row.certain { Mode::Certain } else { shown };
        let (query, denies) = apart::query(&prepared.query, mode, &absent(&prepared.query, row));
        if denies && draft.chronological {
            // Lineage narrows the dates of one property alone.
            continue;
        }
        judged += 1;
        let explained = database.why(prepared, row, &options).map_err(|error| format!("{error:?}"))?;
        let proof = explained.ok_or("no proof of a row")?.proof;
        let only = cited(database.graph(), draft, &proof);
        let (links, values) = (only.links.len(), only.values.len());
        let follows = |only: &Draft| follows(&apart::build(only, draft), &query, row, shown);
        if !follows(&only) {
            return Err(format!("  {:?} does not follow from {}", row.cells, generate::describe(&only)));
        }
        for i in 0..links + values {
            let mut fewer = only.clone();
            match i < links {
                true => _ = fewer.links.remove(i),
                false => _ = fewer.values.remove(i - links),
            }
            if follows(&fewer) {
                let (more, fewer) = (generate::describe(&only), generate::describe(&fewer));
                return Err(format!("  {:?} follows from {fewer}\n  beside {more}", row.cells));
            }
        }
    }
    Ok(judged)
}

/// The variables that the row shows to be absent.
fn absent(query: &Query, row: &Row) -> Vec<VarId> {
    let Body::Select(select) = &query.body else { return Vec::new() };
    let cells = select.columns.iter().zip(&row.cells).filter(|(_, cell)| **cell == Cell::Absent);
    let var = |expr: &Expr| if let ExprKind::Var(var) = expr.kind { Some(var) } else { None };
    cells.filter_map(|(column, _)| var(&column.expr)).collect()
}

/// The part of the draft that a proof cites.
fn cited(graph: &Graph, draft: &Draft, proof: &Proof) -> Draft {
    let mut facts = Vec::new();
    read(graph, proof, &mut facts);
    let name = |i: usize| draft.entities[i].1;
    let has = |subject: usize, word: &str, object: Object| {
        facts.iter().any(|fact| (fact.0.as_str(), fact.1.as_str(), &fact.2) == (name(subject), word, &object))
    };
    let links = draft.links.iter().filter(|l| has(l.subject, l.verb, Object::Entity(name(l.object).to_string())));
    let values = draft.values.iter().filter(|v| has(v.subject, v.property, Object::Value(v.value.clone())));
    Draft { links: links.cloned().collect(), values: values.cloned().collect(), ..draft.clone() }
}

#[derive(Debug, PartialEq)]
enum Object {
    Entity(String),
    Value(Value),
}

/// The facts of a proof: subject, verb or property, object or value.
fn read(graph: &Graph, proof: &Proof, found: &mut Vec<(String, String, Object)>) {
    let name = |entity| graph.name(entity).to_string();
    if let Reason::Fact(cited) = proof.reason {
        found.push(match graph.fact(cited.fact) {
            Fact::Link { subject, verb, object } => {
                (name(subject), graph.schema().verb(verb).name.to_string(), Object::Entity(name(object)))
            }
            Fact::Value { subject, property, value } => {
                (name(subject), graph.schema().property(property).name.to_string(), Object::Value(value))
            }
        });
    }
    proof.because.iter().for_each(|inner| read(graph, inner, found));
}

/// Whether the row is in the answer of such a graph, as surely as it says.
fn follows(graph: &Graph, query: &Query, row: &Row, shown: Mode) -> bool {
    let same = |other: &Row| -> bool {
        let pairs = other.cells.iter().zip(&row.cells);
        pairs.fold(true, |same, (a, b)| same && entity(a) == entity(b)) && (other.certain || !row.certain)
    };
    match naive::answer_in(graph, query, shown) {
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
