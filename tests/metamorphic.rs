//! Laws that tie the answers of several queries to each other, on random graphs: a condition splits rows, `or` is a
//! union, `no` a complement, a limit a prefix, a column more changes none of the others.
//!
//! `BEGAT_CASES` says how many cases are tried, `BEGAT_SEED` from which graph on. What fails is made smaller before it
//! is told.

mod support;

use begat::answer::{Answer, Cell, Proof, Reason, View};
use begat::graph::FactId;
use begat::value::Value;
use begat::{Database, Options, load, snapshot};
use std::cell::Cell as Counter;
use std::collections::{BTreeMap, BTreeSet};
use support::cases::{self, Effort};
use support::generate::{self, Draft, Random};
use support::phrases::{self, Parts, Repertoire};
use support::queries;
use support::walks::Walk;

/// In a run of all tests; the stage `laws` of `.ci/run` tries more.
const CASES: u64 = 700;
/// Queries that are asked of one graph.
const QUERIES: usize = 24;

const SENTENCES: Repertoire = Repertoire {
    modal: false,
    optional: true,
    aggregates: false,
    heads: false,
    defines: false,
    sources: true,
    claims: false,
    values: false,
};

/// What a law is tried on.
#[derive(Debug, Clone)]
struct Case {
    parts: Parts,
    walk: Walk,
    limit: usize,
    offset: usize,
}

/// Whether a law held; `None` where it says nothing about the case.
type Held = Option<Result<(), String>>;

type Law = (&'static str, fn(&Database, &Case) -> Held);

const LAWS: &[Law] = &[
    ("a condition splits the rows", splits),
    ("an optional part adds to the rows, and takes none away", optional),
    ("sentences may change places", commutes),
    ("or is a union", or_is_a_union),
    ("alternatives bind variables of their own", alternatives_bind_their_own),
    ("no is a complement", no_is_a_complement),
    ("de Morgan", de_morgan),
    ("a limit is a prefix", limit_is_a_prefix),
    ("count is the number of rows", count_is_the_number),
    ("what is certain is possible", certain_is_possible),
    ("a parameter is a literal", parameter_is_a_literal),
    ("columns do not influence each other", columns),
    ("a group is its rows", groups),
    ("every adds groups, and changes none", every_group),
    ("an aggregate is the same beside any other", aggregates_apart),
    ("graph and why agree with rows", graph_and_why),
    ("a path turned round", turned),
    ("repetitions", repetitions),
    ("either path", either),
    ("a named path changes nothing", named),
    ("a bound end restricts", bound_end),
    ("a closure counted", counted),
    ("lineage is a closure", lineage),
    ("sums of bound values", sums),
    ("a written date is its period", written_dates),
    ("a property of a name is that of a variable for it", property_of_a_name),
    ("a sentence beside other conditions needs no parentheses", bare_sentences),
    ("the value of a sentence divides the rows", sentences_as_values),
    ("`possibly` before a condition is that of the sentence", modal_conditions),
];

#[test]
fn laws_hold() {
    let wrong = Effort::of(CASES).run("laws", |seed| {
        let mut random = Random(seed);
        let draft = generate::draft(&mut random);
        let database = Database::of(generate::build(&draft));
        let (mut tried, mut wrong) = (0, Vec::new());
        for _ in 0..QUERIES {
            let case = Case {
                parts: phrases::parts(&mut random, SENTENCES),
                walk: Walk::random(&mut random, 2),
                limit: random.below(4),
                offset: random.below(3),
            };
            for law in LAWS {
                let held = law.1(&database, &case);
                tried += COMPARED.take();
                match held {
                    None | Some(Ok(())) => {}
                    Some(Err(how)) => {
                        wrong.push(told(law, &draft, &case, seed, how));
                        return (tried, wrong);
                    }
                }
            }
        }
        (tried, wrong)
    });
    assert!(wrong.is_empty(), "{} failures\n\n{}", wrong.len(), wrong.join("\n\n"));
}

/// A failure, made as small as it goes.
fn told(law: &Law, draft: &Draft, case: &Case, seed: u64, how: String) -> String {
    let (mut draft, mut case, mut how) = (draft.clone(), case.clone(), how);
    let fails = |database: &Database, case: &Case| law.1(database, case).and_then(Result::err);
    loop {
        let (smaller, said) = cases::shrink(draft, |_, database| fails(database, &case));
        (draft, how) = (smaller, said.unwrap_or(how));
        let database = Database::of(generate::build(&draft));
        let Some((smaller, said)) =
            smaller_cases(&case).into_iter().find_map(|c| Some((c.clone(), fails(&database, &c)?)))
        else {
            return format!("{}: seed {seed}\n{how}\n{}", law.0, generate::describe(&draft));
        };
        (case, how) = (smaller, said);
    }
}

fn smaller_cases(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    for i in 0..case.parts.sentences.len() {
        let mut smaller = case.clone();
        smaller.parts.sentences.remove(i);
        let text = smaller.parts.sentences.join(", ");
        smaller.parts.seen.retain(|(name, type_name)| text.contains(&format!("{type_name} {name}")));
        all.extend((!smaller.parts.sentences.is_empty() && !smaller.parts.seen.is_empty()).then_some(smaller));
    }
    // Leave out what is joined by `and`.
    for i in 0..case.parts.sentences.len() {
        for (at, _) in case.parts.sentences[i].match_indices(" and ") {
            let mut smaller = case.clone();
            smaller.parts.sentences[i].truncate(at);
            all.push(smaller);
        }
    }
    let walks = case.walk.parts().into_iter();
    all.extend(walks.map(|walk| Case { walk, ..case.clone() }));
    let one = |change: fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        smaller
    };
    all.extend((case.limit > 1).then(|| one(|case| case.limit -= 1)));
    all.extend((case.offset > 0).then(|| one(|case| case.offset -= 1)));
    all
}

/// The rows of a query as sets.
#[derive(Debug, Clone, PartialEq, Default)]
struct Sets {
    certain: BTreeSet<String>,
    possible: BTreeSet<String>,
}

impl Sets {
    fn union(mut self, other: Sets) -> Sets {
        self.certain.extend(other.certain);
        self.possible.extend(other.possible);
        self
    }

    /// Inserts absent cells before the column at `at`.
    fn insert_absent(&mut self, at: usize, number: usize) {
        let wider = |row: &String| {
            let mut cells: Vec<&str> = row.split(BETWEEN).collect();
            cells.splice(at..at, vec![""; number]);
            cells.join(&BETWEEN.to_string())
        };
        self.certain = self.certain.iter().map(wider).collect();
        self.possible = self.possible.iter().map(wider).collect();
    }

    /// What is certainly or possibly among these, but not among the others.
    fn without(&self, other: &Sets) -> Sets {
        Sets {
            certain: self.certain.difference(&other.possible).cloned().collect(),
            possible: self.possible.difference(&other.certain).cloned().collect(),
        }
    }
}

const BETWEEN: char = '|';

/// The answer of the last query of a text; `None` where it is not well typed.
fn answer(database: &Database, text: &str, options: &Options) -> Option<Answer> {
    let prepared = database.prepare(text, options).ok()?;
    let prepared = prepared.last()?;
    Some(database.run(prepared, options).unwrap_or_else(|error| panic!("{text}: {error:?}")))
}

fn possibly() -> Options {
    Options { possibly: true, ..Options::default() }
}

fn sets(database: &Database, text: &str) -> Option<Sets> {
    let answer = answer(database, text, &possibly())?;
    let mut sets = Sets::default();
    if let View::Verdict(truth) = answer.view {
        sets.certain.extend(truth.is_certain().then(String::new));
        sets.possible.extend(truth.is_possible().then(String::new));
        return Some(sets);
    }
    for row in &answer.table.rows {
        let key = key(database, &row.cells);
        sets.certain.extend(row.certain.then(|| key.clone()));
        sets.possible.insert(key);
    }
    Some(sets)
}

fn key(database: &Database, cells: &[Cell]) -> String {
    let words: Vec<String> = cells.iter().map(|cell| queries::word(database.graph(), cell)).collect();
    words.join(&BETWEEN.to_string())
}

/// That two texts have the same answer.
fn same(database: &Database, a: &str, b: &str) -> Held {
    let (of_a, of_b) = (sets(database, a)?, sets(database, b)?);
    Some(equal((a, of_a), (b, of_b)))
}

thread_local! {
    /// How often answers were compared on this thread since somebody asked.
    static COMPARED: Counter<u64> = const { Counter::new(0) };
}

/// A comparison of answers is a case.
fn compared() {
    COMPARED.set(COMPARED.get() + 1);
}

fn equal(a: (&str, Sets), b: (&str, Sets)) -> Result<(), String> {
    compared();
    if a.1 == b.1 { Ok(()) } else { Err(format!("  {}\n    {:?}\n  {}\n    {:?}", a.0, a.1, b.0, b.1)) }
}

fn check(holds: bool, texts: &[(&str, &Sets)]) -> Result<(), String> {
    compared();
    let lines = texts.iter().map(|(text, sets)| format!("  {text}\n    {sets:?}\n")).collect::<String>();
    if holds { Ok(()) } else { Err(lines) }
}

impl Case {
    fn pattern(&self) -> String {
        self.parts.sentences.join(", ")
    }

    /// All variables, as columns.
    fn columns(&self) -> String {
        let names: Vec<&str> = self.parts.seen.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    fn is_plain(&self) -> bool {
        !self.parts.sentences.iter().any(|sentence| sentence.starts_with("optional"))
    }
}

/// Each row makes the condition true, false, or neither for certain; or it leaves it open. Only where something is
/// absent a row may be dropped by both.
fn splits(database: &Database, case: &Case) -> Held {
    let (pattern, columns, test) = (case.pattern(), case.columns(), &case.parts.tests[0]);
    let texts = [
        format!("{pattern} show {columns}"),
        format!("{pattern} where {test} show {columns}"),
        format!("{pattern} where not ({test}) show {columns}"),
    ];
    let [all, yes, no] = &texts;
    let (all, yes, no) = (sets(database, all)?, sets(database, yes)?, sets(database, no)?);
    let is_dropped = |row: &&String| !yes.possible.contains(*row) && !no.possible.contains(*row);
    let holds = yes.certain.is_disjoint(&no.possible)
        && no.certain.is_disjoint(&yes.possible)
        && yes.possible.union(&no.possible).all(|row| all.possible.contains(row))
        && yes.certain.union(&no.certain).all(|row| all.certain.contains(row))
        && all.possible.iter().filter(is_dropped).all(|row| row.split(BETWEEN).any(str::is_empty))
        && all.certain.iter().all(|row| {
            let open = yes.possible.contains(row) && no.possible.contains(row);
            open || yes.certain.contains(row) || no.certain.contains(row) || !case.is_plain()
        });
    Some(check(holds, &[(&texts[0], &all), (&texts[1], &yes), (&texts[2], &no)]))
}

/// Variables that a text declares.
fn declared(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    let pairs = words.windows(2).filter(|pair| ["Model", "Tool", "Org", "Chat"].contains(&pair[0]));
    pairs.map(|pair| pair[1].to_string()).filter(|name| name.starts_with(char::is_lowercase)).collect()
}

/// With a match: the rows of the pattern and the part. Without: the rows of the pattern that have none.
fn optional(database: &Database, case: &Case) -> Held {
    let (pattern, further, columns) = (case.pattern(), &case.parts.further, case.columns());
    let new = declared(further);
    let [new] = &new[..] else { return None };
    let texts = [
        format!("{pattern} show {columns}"),
        format!("{pattern}, {further} show {columns}, {new}"),
        format!("{pattern}, optional {further} show {columns}, {new}"),
    ];
    let [rows, both, left] = &texts;
    let (rows, both, left) = (sets(database, rows)?, sets(database, both)?, sets(database, left)?);
    let front = |row: &String| row.rsplit_once(BETWEEN).map_or(String::new(), |(front, _)| front.to_string());
    let is_absent = |row: &&String| row.ends_with(BETWEEN);
    let matched = |set: &BTreeSet<String>| set.iter().filter(|row| !is_absent(row)).cloned().collect::<BTreeSet<_>>();
    let absent = |set: &BTreeSet<String>| set.iter().filter(is_absent).map(front).collect::<BTreeSet<_>>();
    let fronts = |set: &BTreeSet<String>| set.iter().map(front).collect::<BTreeSet<_>>();
    let (some, sure) = (fronts(&both.possible), fronts(&both.certain));
    let certainly_without: BTreeSet<String> = rows.certain.difference(&some).cloned().collect();
    let holds = matched(&left.certain) == both.certain
        && matched(&left.possible) == both.possible
        && absent(&left.certain) == certainly_without
        && absent(&left.possible).iter().all(|row| rows.possible.contains(row) && !sure.contains(row))
        && rows.possible.iter().all(|row| some.contains(row) || absent(&left.possible).contains(row))
        && rows.certain.difference(&sure).all(|row| absent(&left.possible).contains(row));
    Some(check(holds, &[(&texts[0], &rows), (&texts[1], &both), (&texts[2], &left)]))
}

/// The type of a variable is said where it is first met.
fn commutes(database: &Database, case: &Case) -> Held {
    if !case.is_plain() || case.parts.sentences.len() < 2 {
        return None;
    }
    let mut turned = case.parts.sentences.clone();
    turned.reverse();
    let mut text = turned.join(", ");
    for (name, type_name) in &case.parts.seen {
        text = text.replace(&format!("{type_name} {name}"), name);
        let at = text.match_indices(name.as_str()).map(|(at, _)| at).find(|at| {
            let before = text[..*at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })?;
        text.insert_str(at, &format!("{type_name} "));
    }
    let columns = case.columns();
    same(database, &format!("{} show {columns}", case.pattern()), &format!("{text} show {columns}"))
}

fn or_is_a_union(database: &Database, case: &Case) -> Held {
    let (pattern, columns) = (case.pattern(), case.columns());
    let (first, [a, b]) = (&case.parts.seen[0].0, &case.parts.phrases);
    let either = format!("{pattern}, ({first} {a} or {first} {b}) show {columns}");
    let one = |phrase: &str| sets(database, &format!("{pattern}, ({first} {phrase}) show {columns}"));
    let (of_a, of_b) = (one(a)?, one(b)?);
    let both = sets(database, &either)?;
    Some(equal((&either, both), ("the one and the other", of_a.union(of_b))))
}

/// A value of a named entity is that of a variable which can only be the entity.
fn property_of_a_name(database: &Database, case: &Case) -> Held {
    let (pattern, columns) = (case.pattern(), case.columns());
    let (first, type_name) = &case.parts.seen[0];
    if *type_name == "Org" {
        return None;
    }
    let (wide, names) = match *type_name {
        "Tool" => ("Tool", &generate::TOOLS[..]),
        _ => ("Model", &generate::MODELS[..]),
    };
    let (name, operator) = (names[case.limit % 2], ["<", "<=", "=", "!="][case.offset % 4]);
    let short = format!("{pattern} where {first}.date {operator} {name}.date show {columns}");
    let test = format!("z9 = {name} and {first}.date {operator} z9.date");
    let long = format!("{pattern}, cross {wide} z9 where {test} show {columns}");
    same(database, &short, &long)
}

/// Each row is one of one alternative, and leaves the variables of the other absent.
fn alternatives_bind_their_own(database: &Database, case: &Case) -> Held {
    let (pattern, columns) = (case.pattern(), case.columns());
    let (first, [a, b]) = (&case.parts.seen[0].0, &case.parts.phrases);
    let (of_a, of_b) = (declared(a), declared(b));
    if of_a.is_empty() && of_b.is_empty() {
        return None;
    }
    let show = |own: &[String]| [std::slice::from_ref(&columns), own].concat().join(", ");
    let both = [&of_a[..], &of_b].concat();
    let either = format!("{pattern}, ({first} {a} or {first} {b}) show {}", show(&both));
    let one =
        |phrase: &str, own: &[String]| sets(database, &format!("{pattern}, ({first} {phrase}) show {}", show(own)));
    let (mut only_a, mut only_b) = (one(a, &of_a)?, one(b, &of_b)?);
    let width = case.parts.seen.len();
    only_a.insert_absent(width + of_a.len(), of_b.len());
    only_b.insert_absent(width, of_a.len());
    let both = sets(database, &either)?;
    Some(equal((&either, both), ("the one and the other", only_a.union(only_b))))
}

fn no_is_a_complement(database: &Database, case: &Case) -> Held {
    let (pattern, columns) = (case.pattern(), case.columns());
    let (first, phrase) = (&case.parts.seen[0].0, &case.parts.phrases[0]);
    let texts = [
        format!("{pattern} show {columns}"),
        format!("{pattern}, ({first} {phrase}) show {columns}"),
        format!("{pattern}, not ({first} {phrase}) show {columns}"),
    ];
    let [all, some, none] = &texts;
    let (all, some, none) = (sets(database, all)?, sets(database, some)?, sets(database, none)?);
    let mut expected = all.without(&some);
    // What is itself only possible may lack what would then be certain.
    let open = |row: &String| !all.certain.contains(row);
    let holds = none.certain == expected.certain && none.possible.iter().all(|row| all.possible.contains(row)) && {
        expected.possible.retain(|row| !open(row));
        none.possible.iter().filter(|row| !open(row)).cloned().collect::<BTreeSet<_>>() == expected.possible
    };
    Some(check(holds, &[(&texts[0], &all), (&texts[1], &some), (&texts[2], &none)]))
}

fn de_morgan(database: &Database, case: &Case) -> Held {
    let (pattern, columns, [a, b]) = (case.pattern(), case.columns(), &case.parts.tests);
    let ask = |condition: String| format!("{pattern} where {condition} show {columns}");
    let pairs = [
        (format!("not (({a}) and ({b}))"), format!("not ({a}) or not ({b})")),
        (format!("not (({a}) or ({b}))"), format!("not ({a}) and not ({b})")),
        (format!("not (not ({a}))"), a.clone()),
        (format!("({a}) and ({b})"), format!("({b}) and ({a})")),
    ];
    for (left, right) in pairs {
        if let Err(how) = same(database, &ask(left), &ask(right))? {
            return Some(Err(how));
        }
    }
    Some(Ok(()))
}

fn limit_is_a_prefix(database: &Database, case: &Case) -> Held {
    let (pattern, columns, Case { limit, offset, .. }) = (case.pattern(), case.columns(), case);
    let first = &case.parts.seen[0];
    let order = if first.1 == "Org" { String::new() } else { format!(" order by {}.date desc", first.0) };
    let whole = format!("{pattern} show {columns}{order}");
    let cut = format!("{whole} limit {limit} offset {offset}");
    for options in [Options::default(), possibly()] {
        let (all, some) = (answer(database, &whole, &options)?, answer(database, &cut, &options)?);
        compared();
        let rows: Vec<_> = all.table.rows.iter().skip(*offset).take(*limit).collect();
        let fits = rows.len() == some.table.rows.len()
            && rows.iter().zip(&some.table.rows).all(|(a, b)| a.cells == b.cells && (a.certain || !b.certain))
            && all.more_possible == some.more_possible;
        if !fits {
            let words = |answer: &Answer| -> Vec<String> {
                answer.table.rows.iter().map(|row| format!("{} {}", key(database, &row.cells), row.certain)).collect()
            };
            return Some(Err(format!("  {whole}\n    {:?}\n  {cut}\n    {:?}", words(&all), words(&some))));
        }
    }
    Some(Ok(()))
}

fn count_is_the_number(database: &Database, case: &Case) -> Held {
    let pattern = case.pattern();
    let counting = format!("count {pattern}");
    for options in [Options::default(), possibly()] {
        let (rows, count) = (answer(database, &pattern, &options)?, answer(database, &counting, &options)?);
        if rows.table.columns.is_empty() || matches!(rows.view, View::Verdict(_)) {
            return None;
        }
        compared();
        let number = Cell::Value(Value::Number(rows.table.rows.len() as f64));
        let fits = count.table.rows.len() == 1
            && count.table.rows[0].cells[0] == number
            && count.more_possible == rows.more_possible;
        if !fits {
            let found = key(database, &count.table.rows[0].cells);
            let (of_rows, of_count) = (rows.more_possible, count.more_possible);
            return Some(Err(format!(
                "  {pattern}\n    {} rows, {of_rows} more\n  {counting}\n    {found}, {of_count} more",
                rows.table.rows.len()
            )));
        }
    }
    Some(Ok(()))
}

/// Without `possibly` the certain rows are listed, and the others counted.
fn certain_is_possible(database: &Database, case: &Case) -> Held {
    let text = format!("{} show {}", case.pattern(), case.columns());
    let all = sets(database, &text)?;
    let listed = answer(database, &text, &Options::default())?;
    let rows: BTreeSet<String> = listed.table.rows.iter().map(|row| key(database, &row.cells)).collect();
    let fits = rows == all.certain
        && all.certain.is_subset(&all.possible)
        && listed.more_possible == all.possible.len() - all.certain.len()
        && listed.table.rows.iter().all(|row| row.certain);
    Some(check(fits, &[(&text, &all), ("without possibly", &Sets { certain: rows, possible: BTreeSet::new() })]))
}

fn parameter_is_a_literal(database: &Database, case: &Case) -> Held {
    let text = format!("{} show {}", case.pattern(), case.columns());
    let name = ["Ada", "Axe", "Elm"].into_iter().find(|name| text.split(' ').any(|word| word == *name))?;
    let words: Vec<&str> = text.split(' ').map(|word| if word == name { "$x" } else { word }).collect();
    let asked = words.join(" ");
    let mut options = possibly();
    options.params.insert("x".to_string(), Value::text(name));
    let literal = answer(database, &text, &possibly())?;
    // Not everywhere where a name may stand a parameter may.
    let by_parameter = answer(database, &asked, &options)?;
    compared();
    Some(if literal.table.rows == by_parameter.table.rows { Ok(()) } else { Err(format!("  {text}\n  {asked}")) })
}

/// A column more or less, an order: the rows of one variable are the same however they are shown.
fn columns(database: &Database, case: &Case) -> Held {
    let (pattern, columns) = (case.pattern(), case.columns());
    let wide = sets(database, &format!("{pattern} show {columns}"))?;
    for (i, (name, type_name)) in case.parts.seen.iter().enumerate() {
        let column = |row: &String| row.split(BETWEEN).nth(i).unwrap_or_default().to_string();
        let projected = Sets {
            certain: wide.certain.iter().map(column).collect(),
            possible: wide.possible.iter().map(column).collect(),
        };
        let alone = format!("{pattern} show {name}");
        let found = sets(database, &alone)?;
        // Where an optional part is not looked at, its doubts do not matter.
        let fits = found.possible == projected.possible
            && projected.certain.is_subset(&found.certain)
            && (found.certain == projected.certain || !case.is_plain());
        if !fits {
            return Some(check(false, &[(&alone, &found), ("its column among all", &projected)]));
        }
        if *type_name != "Org" {
            let ordered = format!("{pattern} show {columns} order by {name}.date desc");
            let found = equal((&ordered, sets(database, &ordered)?), ("without order", wide.clone()));
            if found.is_err() {
                return Some(found);
            }
        }
    }
    Some(Ok(()))
}

/// `count`, alone, beside another aggregate and with `having`, is the number of rows of the group.
fn groups(database: &Database, case: &Case) -> Held {
    let pattern = case.pattern();
    let [(b, _), .., (a, _)] = &case.parts.seen[..] else { return None };
    let rows = sets(database, &format!("{pattern} show {b}, {a}"))?;
    let mut expected = BTreeMap::<String, [BTreeSet<String>; 2]>::new();
    for (set, at) in [(&rows.certain, 0), (&rows.possible, 1)] {
        for row in set {
            let (group, member) = row.split_once(BETWEEN)?;
            let members = expected.entry(group.to_string()).or_default();
            members[at].extend((!member.is_empty()).then(|| member.to_string()));
        }
    }
    let certain = sets(database, &format!("{pattern} show {b}"))?.certain;
    let expected: BTreeMap<String, [usize; 2]> = expected
        .into_iter()
        .filter(|(group, _)| certain.contains(group))
        .map(|(group, [sure, all])| (group, [sure.len(), all.len()]))
        .collect();
    let texts = [
        format!("{pattern} show {b}, count({a}) by {b}"),
        format!("{pattern} show {b}, count({a}), list({a}) by {b}"),
        format!("{pattern} show {b}, count({a}) by {b} having count({a}) >= 0 order by {b} desc"),
    ];
    for text in &texts {
        let found = numbers(database, text)?;
        compared();
        if found != expected {
            return Some(Err(format!("  {text}\n    {found:?}\n  by its rows\n    {expected:?}")));
        }
    }
    Some(Ok(()))
}

/// The numbers in the second column by what stands in the first: certain members, and possible ones.
fn numbers(database: &Database, text: &str) -> Option<BTreeMap<String, [usize; 2]>> {
    numbers_in(database, text, 1)
}

/// The same of another column.
fn numbers_in(database: &Database, text: &str, column: usize) -> Option<BTreeMap<String, [usize; 2]>> {
    let answer = answer(database, text, &Options::default())?;
    let titles: Vec<&str> = answer.table.columns.iter().map(|head| head.title.as_str()).collect();
    let own = format!("possible {}", titles[column]);
    let beyond = titles.iter().position(|title| *title == "possible" || *title == own);
    let number = |cell: &Cell| match cell {
        Cell::Value(Value::Number(number)) => *number as usize,
        _ => 0,
    };
    let of_row = |cells: &[Cell]| {
        let sure = number(&cells[column]);
        (key(database, &cells[..1]), [sure, sure + beyond.map_or(0, |at| number(&cells[at]))])
    };
    Some(answer.table.rows.iter().map(|row| of_row(&row.cells)).collect())
}

fn every_group(database: &Database, case: &Case) -> Held {
    let pattern = case.pattern();
    let [(b, _), .., (a, _)] = &case.parts.seen[..] else { return None };
    for (key, counted) in [(a, b), (b, a)] {
        let [some, every] =
            ["", "every "].map(|every| format!("{pattern} show {key}, count({counted}) by {every}{key}"));
        let (Some(of_some), Some(of_every)) = (numbers(database, &some), numbers(database, &every)) else { continue };
        compared();
        if !of_some.iter().all(|group| of_every.get(group.0) == Some(group.1)) {
            return Some(Err(format!("  {some}\n    {of_some:?}\n  {every}\n    {of_every:?}")));
        }
    }
    Some(Ok(()))
}

/// What is counted beside, or only sorted by, changes no other number: not if it is of an optional part, or of some members.
fn aggregates_apart(database: &Database, case: &Case) -> Held {
    let (pattern, seen) = (case.pattern(), &case.parts.seen);
    let cells = |text: &str| -> Option<BTreeMap<String, String>> {
        let answer = answer(database, text, &Options::default())?;
        let of_row = |row: &begat::answer::Row| (key(database, &row.cells[..1]), key(database, &row.cells[1..2]));
        Some(answer.table.rows.iter().map(of_row).collect())
    };
    let mut tried = None;
    for ((group, _), (member, _), (other, _)) in
        (0..seen.len()).map(|at| (&seen[0], &seen[at], &seen[(at + 1) % seen.len()]))
    {
        let beside = [
            format!("count({other})"),
            format!("list({other})"),
            format!("count({member} where {member}.date < 2022)"),
            format!("count({other} where {other}.date < 2022)"),
        ];
        for beside in &beside {
            let count = format!("{pattern} show {group}, count({member})");
            let texts = [format!("{count}, {beside} by {group}"), format!("{count} by {group} order by {beside}")];
            let alone = format!("{count} by {group}");
            let second = format!("{pattern} show {group}, {beside} by {group}");
            let of_second = beside.starts_with("count").then(|| (&second, &texts[0], 2));
            for (alone, text, column) in texts.iter().map(|text| (&alone, text, 1)).chain(of_second) {
                let expected = numbers(database, alone);
                let (Some(expected), Some(found)) = (expected, numbers_in(database, text, column)) else {
                    continue;
                };
                compared();
                tried = Some(());
                if found != expected {
                    return Some(Err(format!("  {alone}\n    {expected:?}\n  {text}\n    {found:?}")));
                }
            }
            for folded in [format!("list({member})"), format!("min({member}.date)"), format!("last({member})")] {
                let alone = format!("{pattern} show {group}, {folded} by {group}");
                let text = format!("{pattern} show {group}, {folded}, {beside} by {group}");
                let (Some(expected), Some(found)) = (cells(&alone), cells(&text)) else { continue };
                compared();
                if found != expected {
                    return Some(Err(format!("  {alone}\n    {expected:?}\n  {text}\n    {found:?}")));
                }
            }
        }
    }
    tried.map(Ok)
}

/// `why` has a proof for each row, as sure as the row is; and the facts of a proof are facts of `graph`. The same of the rows
/// that a limit leaves.
fn graph_and_why(database: &Database, case: &Case) -> Held {
    let (limit, offset) = (case.limit, case.offset);
    let by = case.parts.seen.last().map_or(String::new(), |(name, _)| format!(" order by {name} desc"));
    for tail in [String::new(), format!(" limit {limit} offset {offset}"), format!("{by} limit {limit}")] {
        if let wrong @ Some(Err(_)) = of_graph_and_why(database, &format!("{}{tail}", case.pattern())) {
            return wrong;
        }
    }
    Some(Ok(()))
}

fn of_graph_and_why(database: &Database, pattern: &str) -> Held {
    let rows = answer(database, pattern, &possibly())?;
    if matches!(rows.view, View::Verdict(_)) {
        return None;
    }
    let why = answer(database, &format!("why {pattern}"), &possibly())?;
    let View::Why(explained) = &why.view else { return None };
    let graph = answer(database, &format!("graph {pattern}"), &possibly())?;
    let View::Graph(graph) = &graph.view else { return None };
    let sure = |all: &mut dyn Iterator<Item = bool>| all.filter(|certain| *certain).count();
    let mut facts = BTreeSet::new();
    explained.iter().for_each(|explained| collect(&explained.proof, &mut facts));
    let graph: BTreeSet<FactId> = graph.facts.iter().copied().collect();
    // What a picture of the rows shows.
    let prepared = database.prepare(pattern, &possibly()).ok()?;
    let drawn = database.subgraph(prepared.last()?, &possibly()).ok()?.facts.iter().copied().collect::<BTreeSet<_>>();
    let fits = explained.len() == rows.table.rows.len()
        && sure(&mut explained.iter().map(|explained| explained.certain))
            == sure(&mut rows.table.rows.iter().map(|row| row.certain))
        && facts.is_subset(&graph)
        && drawn == graph
        && (!rows.table.rows.is_empty() || graph.is_empty());
    compared();
    Some(if fits {
        Ok(())
    } else {
        Err(format!(
            "  {pattern}\n    {} rows, {} proofs; facts of the proofs {facts:?}, of the graph {graph:?}",
            rows.table.rows.len(),
            explained.len()
        ))
    })
}

fn collect(proof: &Proof, facts: &mut BTreeSet<FactId>) {
    if let Reason::Fact(fact) = proof.reason {
        facts.insert(fact.fact);
    }
    proof.because.iter().for_each(|inner| collect(inner, facts));
}

fn joins(path: &str) -> String {
    format!("Model a {path} Model b show a, b")
}

fn turned(database: &Database, case: &Case) -> Held {
    let back = format!("Model b {} Model a show a, b", case.walk.turned().text());
    same(database, &joins(&case.walk.text()), &back)
}

fn repetitions(database: &Database, case: &Case) -> Held {
    let step = case.walk.step();
    let pairs = |path: &str| sets(database, &joins(path));
    let laws: [(String, Vec<String>); 8] = [
        (format!("{step}+"), vec![format!("{step} / {step}*")]),
        (format!("{step}+"), vec![format!("{step}* / {step}")]),
        (format!("{step}*"), vec![format!("{step}+"), format!("{step}{{0}}")]),
        (format!("{step}?"), vec![format!("{step}{{0}}"), format!("{step}{{1}}")]),
        (format!("{step}{{1}}"), vec![step.clone()]),
        (format!("{step}{{2}}"), vec![format!("{step} / {step}")]),
        (format!("{step}{{1,3}}"), (1..=3).map(|n| format!("{step}{{{n}}}")).collect()),
        (format!("{step}{{2,}}"), vec![format!("{step} / {step}+")]),
    ];
    for (whole, parts) in laws {
        let mut union = Sets::default();
        for part in &parts {
            union = union.union(pairs(part)?);
        }
        let found = equal((&joins(&whole), pairs(&whole)?), (&parts.join(" and "), union));
        if found.is_err() {
            return Some(found);
        }
    }
    Some(Ok(()))
}

fn either(database: &Database, case: &Case) -> Held {
    let step = case.walk.step();
    let pairs = |path: &str| sets(database, &joins(path));
    let both = format!("({step} | base of)");
    let found = equal((&joins(&both), pairs(&both)?), ("each", pairs(&step)?.union(pairs("base of")?)));
    if found.is_err() {
        return Some(found);
    }
    let turned = same(database, &joins(&both), &joins(&format!("(base of | {step})")))?;
    if turned.is_err() {
        return Some(turned);
    }
    same(database, &joins(&format!("{both} / {step}")), &joins(&format!("(({step} / {step}) | (base of / {step}))")))
}

fn named(database: &Database, case: &Case) -> Held {
    let path = case.walk.text();
    same(database, &joins(&path), &format!("Model a {path} as p Model b show a, b"))
}

fn bound_end(database: &Database, case: &Case) -> Held {
    let path = case.walk.text();
    let all = sets(database, &joins(&path))?;
    for (text, at) in [(format!("Ada {path} Model b show b"), 0), (format!("Model a {path} Ada show a"), 1)] {
        let other = |row: &String| {
            let (a, b) = row.split_once(BETWEEN).unwrap_or_default();
            let (end, other) = if at == 0 { (a, b) } else { (b, a) };
            (end == "Ada").then(|| other.to_string())
        };
        let expected = Sets {
            certain: all.certain.iter().filter_map(other).collect(),
            possible: all.possible.iter().filter_map(other).collect(),
        };
        let found = equal((&text, sets(database, &text)?), ("of all pairs", expected));
        if found.is_err() {
            return Some(found);
        }
    }
    Some(Ok(()))
}

/// Counting what a path reaches, and counting all pairs.
fn counted(database: &Database, case: &Case) -> Held {
    let path = case.walk.text();
    let pairs = sets(database, &joins(&path))?;
    let count = answer(database, &format!("count Model a {path} Model b"), &Options::default())?;
    let number = Cell::Value(Value::Number(pairs.certain.len() as f64));
    let more = pairs.possible.len() - pairs.certain.len();
    if count.table.rows[0].cells[0] != number || count.more_possible != more {
        let found = key(database, &count.table.rows[0].cells);
        return Some(Err(format!(
            "  count {}\n    {found}, {} more\n    {pairs:?}",
            joins(&path),
            count.more_possible
        )));
    }
    for (end, other, at) in [("a", "b", 0), ("b", "a", 1)] {
        let text = format!("Model a {path} Model b show {end}, count({other}) by {end}");
        let mut numbers = BTreeMap::<String, usize>::new();
        for row in &pairs.certain {
            let (a, b) = row.split_once(BETWEEN).unwrap_or_default();
            *numbers.entry(if at == 0 { a } else { b }.to_string()).or_default() += 1;
        }
        let expected: BTreeSet<String> = numbers.into_iter().map(|(end, n)| format!("{end}{BETWEEN}{n}")).collect();
        let answer = answer(database, &text, &Options::default())?;
        let found: BTreeSet<String> = answer.table.rows.iter().map(|row| key(database, &row.cells[..2])).collect();
        compared();
        if found != expected {
            return Some(Err(format!("  {text}\n    {found:?}\n  by its rows\n    {expected:?}")));
        }
    }
    Some(Ok(()))
}

/// The members of a lineage are what a closure over its verbs reaches, the root itself apart.
fn lineage(database: &Database, _: &Case) -> Held {
    for (view, path) in [("ancestors", "(succeeds | based on)+"), ("descendants", "(succeeded by | base of)+")] {
        let text = format!("{view} of Ada");
        let found = answer(database, &text, &possibly())?;
        let View::Lineage(lineage) = &found.view else { return None };
        let mut members = Sets::default();
        for member in lineage.members.iter().filter(|member| member.entity != lineage.root) {
            let name = database.graph().name(member.entity).to_string();
            members.certain.extend(member.certain.then(|| name.clone()));
            members.possible.insert(name);
        }
        let mut closure = sets(database, &format!("Ada {path} Model m show m"))?;
        closure.certain.remove("Ada");
        closure.possible.remove("Ada");
        let same = equal((&text, members), (path, closure));
        if same.is_err() {
            return Some(same);
        }
    }
    Some(Ok(()))
}

/// A bound value counts once for each of its subjects, as the property itself does; where no source doubts it.
fn sums(database: &Database, case: &Case) -> Held {
    let graph = database.graph();
    let size = graph.schema().lookup_property("size")?;
    let values = graph.values(size);
    if (0..values.len()).any(|i| graph.is_doubtful(values.fact(i))) {
        return None;
    }
    let (first, type_name) = case.parts.seen.first()?;
    if !matches!(*type_name, "Model" | "Chat") {
        return None;
    }
    let pattern = format!("{}, {first} totals Number p", case.pattern());
    for fold in ["sum", "avg", "min", "max"] {
        let texts = [format!("{pattern} show {fold}(p)"), format!("{pattern} show {fold}({first}.size)")];
        let found = same(database, &texts[0], &texts[1])?;
        if found.is_err() {
            return Some(found);
        }
    }
    Some(Ok(()))
}

/// A graph written as RON and loaded again, or mapped from a snapshot, gives the same answers.
/// `=` with a date in the query asks whether the other lies in it, and `!=` denies that.
fn written_dates(database: &Database, case: &Case) -> Held {
    let (name, _) = case.parts.seen.iter().find(|(_, of)| *of != "Org")?;
    let date = ["2021", "2020-06", "2021-03-05", "2019..2021"][case.limit % 4];
    let pattern = case.pattern();
    for (a, b) in [
        ("DATE = WRITTEN", "DATE in WRITTEN"),
        ("DATE != WRITTEN", "not (DATE in WRITTEN)"),
        ("WRITTEN = DATE", "DATE in WRITTEN"),
    ] {
        let text = |condition: &str| {
            format!("{pattern} where {}", condition.replace("DATE", &format!("{name}.date")).replace("WRITTEN", date))
        };
        if let wrong @ Some(Err(_)) = same(database, &text(a), &text(b)) {
            return wrong;
        }
    }
    Some(Ok(()))
}

fn bare_sentences(database: &Database, case: &Case) -> Held {
    let (name, _) = case.parts.seen.iter().find(|(_, of)| *of == "Model")?;
    let (pattern, test) = (case.pattern(), &case.parts.tests[0]);
    let said = ["uses Axe or Bow", "dated since 2021", "succeeds+ Ada and not Bob", "made by Org that makes Ada"];
    let sentence = format!("{name} {}", said[case.limit % said.len()]);
    for condition in ["(TEST) and SENTENCE", "SENTENCE and (TEST)", "(TEST) or not SENTENCE", "SENTENCE or (TEST)"] {
        let text = |sentence: &str| {
            format!("{pattern} where {}", condition.replace("TEST", test).replace("SENTENCE", sentence))
        };
        if let wrong @ Some(Err(_)) = same(database, &text(&sentence), &text(&format!("({sentence})"))) {
            return wrong;
        }
    }
    Some(Ok(()))
}

/// A sentence is yes where it certainly holds, no where it certainly does not, else unknown; no row becomes two.
fn sentences_as_values(database: &Database, case: &Case) -> Held {
    let (pattern, columns) = (case.pattern(), case.columns());
    let (first, phrase) = (&case.parts.seen[0].0, &case.parts.phrases[0]);
    if phrase.contains("possibly") || phrase.contains("certainly") {
        return None;
    }
    let value = |sentence: &str| format!("{pattern} show {columns}, {sentence}");
    let of = |answer: &Sets, word: &str| {
        let own = |row: &String| row.strip_suffix(word)?.strip_suffix(BETWEEN).map(String::from);
        let rows = |all: &BTreeSet<String>| all.iter().filter_map(own).collect();
        Sets { certain: rows(&answer.certain), possible: rows(&answer.possible) }
    };
    let sentence = format!("({first} {phrase})");
    let (text, all) = (value(&sentence), format!("{pattern} show {columns}"));
    let (valued, rows) = (sets(database, &text)?, sets(database, &all)?);
    let [yes, no, unknown] = ["yes", "no", "unknown"].map(|word| of(&valued, word));
    let holds = sets(database, &format!("{pattern} where {sentence} show {columns}"))?;
    let denied = sets(database, &format!("{pattern} where not {sentence} show {columns}"))?;
    let union = yes.clone().union(no.clone()).union(unknown.clone());
    let number = yes.possible.len() + no.possible.len() + unknown.possible.len();
    let fits = union == rows
        && number == rows.possible.len()
        && yes.certain == holds.certain
        && no.certain == denied.certain
        && unknown.possible.iter().all(|row| holds.possible.contains(row) && denied.possible.contains(row));
    if let wrong @ Err(_) = check(fits, &[(&text, &valued), (&all, &rows), ("where", &holds), ("not", &denied)]) {
        return Some(wrong);
    }
    let (possible, certain) = (value(&format!("possibly {sentence}")), value(&format!("certainly {sentence}")));
    let (of_possible, of_certain) = (sets(database, &possible)?, sets(database, &certain)?);
    let fits = of(&of_possible, "yes") == yes.clone().union(unknown.clone())
        && of(&of_possible, "no") == no
        && of(&of_certain, "yes") == yes
        && of(&of_certain, "no") == no.union(unknown);
    Some(check(fits, &[(&text, &valued), (&possible, &of_possible), (&certain, &of_certain)]))
}

fn modal_conditions(database: &Database, case: &Case) -> Held {
    let (pattern, columns) = (case.pattern(), case.columns());
    let (first, phrase) = (&case.parts.seen[0].0, &case.parts.phrases[0]);
    for modality in ["possibly", "certainly"] {
        let condition = format!("{pattern} where {modality} ({first} {phrase}) show {columns}");
        let sentence = format!("{pattern} where ({first} {modality} {phrase}) show {columns}");
        let shown = |text: &str| {
            let answer = answer(database, text, &Options::default())?;
            let row = |row: &begat::answer::Row| format!("{} {}", key(database, &row.cells), row.certain);
            Some((answer.table.rows.iter().map(row).collect::<Vec<String>>(), answer.more_possible))
        };
        let (Some(one), Some(other)) = (shown(&condition), shown(&sentence)) else { return None };
        compared();
        if one != other {
            return Some(Err(format!("  {condition}\n    {one:?}\n  {sentence}\n    {other:?}")));
        }
    }
    Some(Ok(()))
}

#[test]
fn graphs_are_the_same_however_they_are_kept() {
    let wrong = Effort::of(CASES).part(20).run("kept", |seed| {
        let mut random = Random(seed);
        let draft = generate::draft(&mut random);
        let graph = generate::build(&draft);
        let file = std::env::temp_dir().join(format!("begat-{}-laws-{seed}.begat", std::process::id()));
        snapshot::write(&graph, &file).expect("the folder for temporary files can be written to");
        let mapped = Database::of(snapshot::open(&file).expect("just written"));
        _ = std::fs::remove_file(&file);
        let text = begat::text::Text::new("graph.ron", load::export::ron(&graph));
        let (loaded, problems) = load::read(vec![text]);
        let mut wrong = Vec::new();
        let Some(loaded) = loaded else { return (1, vec![format!("seed {seed}: {problems:?}")]) };
        let (built, loaded) = (Database::of(graph), Database::of(loaded));
        let mut tried = 0;
        for _ in 0..QUERIES {
            let text = phrases::query(&mut random, Repertoire::ALL);
            let show = |database: &Database| {
                let answer = answer(database, &text, &Options::default())?;
                let row = |row: &begat::answer::Row| format!("{} {}", key(database, &row.cells), row.certain);
                Some((answer.table.rows.iter().map(row).collect::<Vec<String>>(), answer.more_possible))
            };
            let of_built = show(&built);
            tried += 2 * u64::from(of_built.is_some());
            for (kept, other) in [("snapshot", show(&mapped)), ("RON", show(&loaded))] {
                if other != of_built {
                    wrong.push(format!(
                        "{kept}, seed {seed}: {text}\n  {other:?}\n  {of_built:?}\n{}",
                        generate::describe(&draft)
                    ));
                }
            }
        }
        (tried, wrong)
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
