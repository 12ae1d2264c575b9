//! Random edits of graphs that are written in random ways (eight for each seed; `BEGAT_SEEDS=125` makes a thousand): the claims are those that the edit says, nothing
//! but its own lines differs, comments and their order stay, and taking it back gives the bytes.

use super::folder::Folder;
use super::generate::Random;
use begat::edit::tokens::comments;
use begat::edit::{self, Add, AddSource, Citation, Edit, Merge, New, Rename, Request, Retract, Workspace};
use begat::graph::{FactId, Graph, Trust};
use begat::load::{self, Access};
use std::collections::BTreeSet;
use std::fs;

/// The names are such that sentences must quote some of them.
const NAMES: &[&str] = &["Ada", "Bob", "Cid", "GPT-2", "O \"Q\" x", "für Elise", "Llama 3", "uses", "Zoë"];
const PLACES: &[&str] = &["L1", "L2", "L10", "p. 3", ""];

/// What may stand between two tokens.
fn gap(random: &mut Random, number: &mut usize) -> String {
    *number += 1;
    match random.below(12) {
        0 => format!(" // c{number}, \"x\" [\n"),
        1 => format!(" /* c{number} ) */ "),
        2 => "\n\n    ".to_string(),
        3 => "\n\t".to_string(),
        4 | 5 => "\n        ".to_string(),
        _ => " ".to_string(),
    }
}

/// Tokens with random space and comments between them.
fn laid_out(random: &mut Random, tokens: &[String]) -> String {
    let (mut text, mut number) = (String::new(), 0);
    for token in tokens {
        text += token;
        if !(token == "facts" || token.ends_with(':')) || random.percent(5) {
            text += &gap(random, &mut number);
        }
    }
    text + "\n"
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", words.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A name as a sentence has it, always in quotes.
fn noun(name: &str) -> String {
    quoted(name)
}

fn schema() -> &'static str {
    "(schema: (types: { \"M\": (properties: { \"size\": (type: Number, verb: \"totals\") }), \"T\": () }, \
     verbs: { \"likes\": (from: [\"M\"], to: [\"M\"]), \"has\": (from: [\"M\"], to: [\"T\"]) }),\n\
     sources: { \"s\": (title: \"S\"), \"t\": () })\n"
}

/// Lists with random ends.
fn list(open: &str, items: Vec<Vec<String>>, close: &str, random: &mut Random) -> Vec<String> {
    let mut tokens = vec![open.to_string()];
    let count = items.len();
    for (at, item) in items.into_iter().enumerate() {
        tokens.extend(item);
        if at + 1 < count || random.percent(60) {
            tokens.push(",".to_string());
        }
    }
    tokens.push(close.to_string());
    tokens
}

fn fact(random: &mut Random) -> String {
    let (a, b) = (random.below(6), random.below(6));
    match random.below(4) {
        0 => format!("{} totals {}", noun(NAMES[a]), random.below(9)),
        1 => format!("{} has {} and {}", noun(NAMES[a]), noun("T one"), noun("uses")),
        2 => format!("{} has {}", noun(NAMES[a]), noun("T one")),
        _ if a != b => format!("{} likes {}", noun(NAMES[a]), noun(NAMES[b])),
        _ => format!("{} totals 1", noun(NAMES[a])),
    }
}

fn claim(random: &mut Random) -> Vec<String> {
    let mut facts: BTreeSet<String> = BTreeSet::new();
    for _ in 0..1 + random.below(3) {
        // No fact twice in a claim: each of another shape or subject.
        facts.insert(fact(random));
    }
    let mut seen = BTreeSet::new();
    facts.retain(|fact| seen.insert(fact.split(" has ").next().map(str::to_string)));
    let source = *random.pick(&["s", "t"]);
    let mut fields = vec![vec!["source:".to_string(), quoted(source)]];
    let at = *random.pick(PLACES);
    if !at.is_empty() {
        fields.push(vec!["at:".to_string(), quoted(at)]);
    }
    if random.percent(30) {
        fields.push(vec!["trust:".to_string(), "inferred".to_string()]);
    }
    let items = facts.iter().map(|fact| vec![quoted(fact)]).collect();
    let mut last = vec!["facts:".to_string()];
    last.extend(list("[", items, "]", random));
    fields.push(last);
    list("(", fields, ")", random)
}

/// The files of a random graph.
fn graph_files(random: &mut Random) -> Vec<(String, String)> {
    let entities = |names: &[&str], random: &mut Random| {
        let items = names.iter().map(|name| vec![format!("{}:", quoted(name)), "()".to_string()]).collect();
        list("{", items, "}", random)
    };
    let mut types = vec![vec!["\"M\":".to_string()], vec!["\"T\":".to_string()]];
    types[0].extend(entities(&NAMES[..6], random));
    types[1].extend(entities(&["T one", "uses"], random));
    let mut all = vec!["(".to_string(), "entities:".to_string()];
    all.extend(list("{", types, "}", random));
    let is_apart = random.percent(50);
    let mut claims = vec!["claims:".to_string()];
    let items = (0..random.below(5)).map(|_| claim(random)).collect();
    claims.extend(list("[", items, "]", random));
    let mut files = vec![("a.ron".to_string(), schema().to_string())];
    if is_apart {
        all.push(")".to_string());
        let mut second = vec!["(".to_string()];
        second.extend(claims);
        second.push(")".to_string());
        files.push(("c.ron".to_string(), laid_out(random, &second)));
    } else {
        all.push(",".to_string());
        all.extend(claims);
        all.push(")".to_string());
    }
    files.push(("b.ron".to_string(), laid_out(random, &all)));
    if random.percent(20) {
        files.iter_mut().for_each(|(_, text)| *text = text.replace('\n', "\r\n"));
    }
    files.sort();
    files
}

/// Every claim of a graph in words.
fn claims_of(graph: &Graph) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for id in 0..graph.fact_count() as u32 {
        let sentence = load::export::sentence(graph, FactId(id));
        for claim in graph.claims().of(FactId(id)) {
            let source = &graph.claims().source(claim.source).key;
            let (at, trust) = (claim.at, claim.trust.name());
            all.insert(format!("{sentence} | {source} {at} {trust} {:?} {:?}", claim.quote, claim.note));
        }
    }
    all
}

/// Whether the letters of one text stand in another, in their order.
fn is_within(small: &str, large: &str) -> bool {
    let mut letters = large.chars();
    small.chars().all(|letter| letters.by_ref().any(|other| other == letter))
}

/// The name and the aliases of an entity.
fn names_of(graph: &Graph, name: &str) -> Vec<String> {
    let found = graph.names().lookup(name);
    let own = found.iter().flat_map(|id| graph.names().aliases(*id));
    own.map(str::to_string).chain([name.to_string()]).collect()
}

/// A random request, its kind, and for a rename or a merge the names that it is about.
fn request(random: &mut Random, graph: &Graph, step: usize) -> (Box<dyn Request>, &'static str, Vec<String>) {
    let claimed: Vec<String> = claims_of(graph).into_iter().collect();
    let names: Vec<String> = graph.entities().map(|id| graph.name(id).to_string()).collect();
    let model = |random: &mut Random| names[random.below(names.len())].clone();
    match random.below(8) {
        0..=2 => {
            let facts = vec![format!("{} likes {}", noun(&model(random)), noun(NAMES[6 + random.below(3)]))];
            let trust = *random.pick(&[Trust::Direct, Trust::Inferred]);
            let at = random.pick(PLACES).to_string();
            let note = if random.percent(20) { "a \"note\"".to_string() } else { String::new() };
            let citation = Citation { source: "s".to_string(), at, trust, note, ..Citation::default() };
            (Box::new(Add { facts, citation, new: vec![New::Any], is_sure: true }), "add", Vec::new())
        }
        3 | 4 if !claimed.is_empty() => {
            let fact = random.pick(&claimed).split(" | ").next().unwrap_or("").to_string();
            (Box::new(Retract { facts: vec![fact], all: true, ..Retract::default() }), "retract", Vec::new())
        }
        5 => {
            let old = model(random);
            let names = names_of(graph, &old);
            (Box::new(Rename { old, new: format!("New name {step}") }), "rename", names)
        }
        6 => {
            let (kept, other) = (model(random), model(random));
            let names = [names_of(graph, &kept), names_of(graph, &other)].concat();
            (Box::new(Merge { kept, other }), "merge", names)
        }
        _ => {
            let key = format!("key {step}");
            (Box::new(AddSource { key, title: "A \\ title".to_string(), ..AddSource::default() }), "source", Vec::new())
        }
    }
}

/// What must hold of any edit, and of each kind.
fn judge(kind: &str, before: &Workspace, edit: &Edit, names: &[String], context: &str) {
    let (old, new) = (claims_of(&before.graph), claims_of(&edit.graph));
    for file in &edit.files {
        let (was, is) = (file.old.as_deref().unwrap_or(""), file.new.as_deref().unwrap_or(""));
        assert_eq!(comments(was), comments(is), "{context}: comments and their order");
        match kind {
            "add" | "source" => assert!(is_within(was, is), "{context}: nothing goes\n{was}\n----\n{is}"),
            "retract" => assert!(is_within(is, was), "{context}: nothing comes\n{was}\n----\n{is}"),
            _ => lines_speak_of(was, is, names, context),
        }
        if is.contains('\n') && was.contains("\r\n") {
            assert_eq!(is.matches('\n').count(), is.matches("\r\n").count(), "{context}: line ends");
        }
    }
    match kind {
        "add" => {
            assert!(old.is_subset(&new) && new.len() == old.len() + 1, "{context}\n{}", edit.diff());
        }
        "retract" => {
            let gone: BTreeSet<&str> = old.difference(&new).filter_map(|claim| claim.split(" | ").next()).collect();
            assert!(new.is_subset(&old) && gone.len() == 1, "{context}: {gone:?}\n{}", edit.diff());
        }
        "source" => assert_eq!(old, new, "{context}"),
        "rename" => assert_eq!(old.len(), new.len(), "{context}"),
        _ => assert!(new.len() <= old.len(), "{context}"),
    }
}

/// Of a rename or a merge: each line that goes holds one of the names, or only signs of a list.
fn lines_speak_of(was: &str, is: &str, names: &[String], context: &str) {
    let mut kept: Vec<&str> = is.lines().collect();
    for line in was.lines() {
        if let Some(at) = kept.iter().position(|other| *other == line) {
            kept.remove(at);
            continue;
        }
        let plain = line.replace(['\\', '"'], "");
        let is_bare = !plain.chars().any(char::is_alphanumeric);
        let speaks = names.iter().any(|name| plain.contains(&name.replace('"', "")));
        assert!(is_bare || speaks, "{context}: `{line}` speaks of none of {names:?}\n{was}\n----\n{is}");
    }
}

#[test]
fn random_edits_change_what_they_say_and_can_be_taken_back() {
    let folder = Folder::new("random");
    let (mut made, mut refused) = (0, 0);
    let seeds = std::env::var("BEGAT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(32);
    for seed in 0..seeds {
        let mut random = Random(seed);
        folder.write(&graph_files(&mut random));
        for step in 0..8 {
            let workspace = Workspace::open(&folder.graph(), Access::default(), &|_, _| {}).unwrap_or_else(|refusal| {
                panic!("seed {seed}, step {step}: {refusal:?}\n{:?}", folder.files());
            });
            let (request, kind, names) = request(&mut random, &workspace.graph, step);
            let Ok(edit) = workspace.edit(&*request) else {
                refused += 1;
                continue;
            };
            if edit.files.is_empty() {
                continue;
            }
            let context = format!("seed {seed}, step {step}, {kind}");
            judge(kind, &workspace, &edit, &names, &context);
            written(&folder, &workspace, &edit, seed % 8 == 0, &context);
            made += 1;
        }
    }
    assert!(made > 4 * seeds, "{made} edits were made, {refused} refused");
}

/// Writes an edit; with `back`, takes it back and makes it again.
fn written(folder: &Folder, workspace: &Workspace, edit: &Edit, back: bool, context: &str) {
    if !back {
        for file in &edit.files {
            fs::write(&file.path, file.new.as_deref().expect("no file goes")).expect("a file");
        }
        return;
    }
    let before = folder.files();
    edit::write(&workspace.path, &edit.files).expect("it is written");
    let (graph, problems) = load::check(folder.graph()).expect("it is read");
    assert!(!problems.has_errors(), "{context}: {problems:?}");
    let graph = graph.expect("a graph");
    assert_eq!(claims_of(&graph), claims_of(&edit.graph), "{context}: what is written is what was checked");
    let after = folder.files();
    let reversed: Vec<edit::FileEdit> = edit.files.iter().map(edit::FileEdit::reversed).collect();
    edit::write(&workspace.path, &reversed).expect("it is written");
    assert_eq!(folder.files(), before, "{context}: taken back");
    folder.write(&after);
}

#[test]
fn what_was_changed_by_somebody_else_is_not_overwritten() {
    let folder = Folder::new("else");
    folder.write(&graph_files(&mut Random(3)));
    let workspace = Workspace::open(&folder.graph(), Access::default(), &|_, _| {}).expect("a graph");
    let add = Add {
        facts: vec!["Ada likes Cid".to_string()],
        citation: Citation { source: "s".to_string(), at: "L99".to_string(), ..Citation::default() },
        ..Add::default()
    };
    let edit = workspace.edit(&add).expect("an edit");
    let path = &edit.files[0].path;
    let changed = format!("{} // mine\n", fs::read_to_string(path).expect("a file"));
    fs::write(path, &changed).expect("a file");
    assert!(edit::write(&workspace.path, &edit.files).is_err());
    assert_eq!(fs::read_to_string(path).expect("a file"), changed);
}

#[test]
fn a_claim_with_something_new_is_added_and_one_with_nothing_new_is_not() {
    let folder = Folder::new("claimed");
    let body =
        r#"(entities: {"M": {"Ada": (), "Bob": ()}}, claims: [(source: "s", at: "L1", facts: ["Ada likes Bob"])])"#;
    folder.write(&[("a.ron".to_string(), schema().to_string()), ("b.ron".to_string(), body.to_string())]);
    let files = |citation: Citation| {
        let workspace = Workspace::open(&folder.graph(), Access::default(), &|_, _| {}).expect("the graph is right");
        let add = Add {
            facts: vec!["Ada likes Bob".to_string()],
            citation: Citation { source: "s".to_string(), at: "L1".to_string(), ..citation },
            ..Add::default()
        };
        workspace.edit(&add).expect("the claim can be added").files.len()
    };
    let word = || "new".to_string();
    assert_eq!(files(Citation::default()), 0);
    assert_eq!(files(Citation { quote: word(), ..Citation::default() }), 1);
    assert_eq!(files(Citation { note: word(), ..Citation::default() }), 1);
    assert_eq!(files(Citation { date: "2024".to_string(), ..Citation::default() }), 1);
}
