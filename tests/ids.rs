//! No number of a thing overflows in silence: ids come from one constructor, and too many things are an error.

use begat::graph::Graph;
use begat::load;
use begat::text::{Code, Diagnostics, Text};
use begat::value::Id;
use std::fmt::Write;
use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

/// The modules that make ids.
const MODULES: &[&str] = &["schema", "graph", "load", "plan", "check", "snapshot"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The arguments of each `…Id(…)` of a text.
fn made_ids(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices("Id(") {
        let inside = &text[at + 3..];
        let mut open = 1;
        let end = inside.find(|c: char| {
            open += i32::from(c == '(') - i32::from(c == ')');
            open == 0
        });
        all.extend(end.map(|end| &inside[..end]));
    }
    all
}

#[test]
fn ids_are_made_in_one_place() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for module in MODULES {
        for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module)) {
            let text = fs::read_to_string(&path).expect("a source file");
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            seen += 1;
            let casts =
                made_ids(text).into_iter().filter(|inside| inside.contains(" as u16") || inside.contains(" as u32"));
            wrong.extend(casts.map(|inside| format!("{}: …Id({inside})", path.display())));
            let narrowed = text.lines().filter(|line| line.contains(" as u16") || line.contains(" as i16"));
            wrong.extend(narrowed.map(|line| format!("{}: {line}", path.display())));
        }
    }
    assert!(seen > 60, "{seen} files");
    assert!(wrong.is_empty(), "make it by `Id::new` or `Id::all`:\n{}", wrong.join("\n"));
}

/// A graph of a part and one table.
fn read(part: String, table: &'static str) -> (Option<Graph>, Diagnostics) {
    let files = |name: &str| match name {
        "t.csv" => Ok(Box::new(Cursor::new(table)) as Box<dyn load::File>),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    load::read_with(vec![Text::new("part.ron", part)], &files)
}

#[test]
fn every_source_is_cited_by_its_own_key() {
    const COUNT: usize = 70_000;
    let mut part = String::from(
        r#"(schema: (types: {"E": ()}, verbs: {"cites": (from: ["E"], to: ["E"])}), tables: [
            (file: "t.csv", entity: "E", name: "name", source: "s0"),
            (file: "t.csv", verb: "cites", subject: "name", object: "to", source: "{src}")], sources: {"#,
    );
    let mut table = String::from("name,to,src\n");
    for i in 0..COUNT {
        write!(part, "\"s{i}\": (),").unwrap();
        writeln!(table, "E{i},E0,s{i}").unwrap();
    }
    let (graph, problems) = read(part + "})", table.leak());
    assert_eq!(problems, Diagnostics::default());
    let graph = graph.expect("no errors");
    let holds = |graph: &Graph| {
        let verb = graph.schema().lookup_verb("cites").expect("the verb");
        let first = graph.names().lookup("E0")[0];
        for i in [0, 65_533, 65_534, 65_535, 65_536, COUNT - 1] {
            let entity = graph.names().lookup(&format!("E{i}"))[0];
            let fact = graph.relation(verb).fact(entity, first).expect("the fact");
            let cited: Vec<&str> =
                graph.claims().of(fact).map(|claim| graph.claims().source(claim.source).key.as_str()).collect();
            assert_eq!(cited, [format!("s{i}")]);
            let source = graph.claims().lookup_source(&format!("s{i}")).expect("the source");
            assert!(graph.claims().says(source, fact));
        }
    };
    holds(&graph);
    let path = std::env::temp_dir().join(format!("begat-ids-{}.begat", std::process::id()));
    begat::snapshot::write(&graph, &path).expect("it can be written");
    let back = begat::snapshot::open(&path);
    _ = fs::remove_file(&path);
    holds(&back.expect("it can be read"));
}

/// The first letters of five that say a number.
fn word(mut number: usize) -> String {
    let mut letters = [b'a'; 5];
    for letter in letters.iter_mut().rev() {
        *letter += (number % 26) as u8;
        number /= 26;
    }
    String::from_utf8_lossy(&letters).into_owned()
}

fn too_many(part: String) -> Vec<String> {
    let (graph, problems) = read(part, "");
    assert!(graph.is_none());
    assert!(problems.iter().all(|problem| problem.code == Code::TooMany), "{:?}", problems.0.first());
    problems.iter().map(|problem| problem.message.clone()).collect()
}

#[test]
fn too_many_words_of_a_schema_are_an_error() {
    let verbs: String = (0..65_540).map(|i| format!("\"{}\": (from: [\"M\"], to: [\"M\"]),", word(i))).collect();
    assert_eq!(too_many(format!("(schema: (types: {{\"M\": ()}}, verbs: {{{verbs}}}))")), ["more than 65,535 verbs"]);
    let properties: String = (0..65_540).map(|i| format!("\"{}\": (type: Text),", word(i))).collect();
    let schema = format!("(schema: (types: {{\"M\": (properties: {{{properties}}})}}))");
    assert_eq!(too_many(schema), ["more than 65,535 properties"]);
    let types: String = (0..129).map(|i| format!("\"T{i}\": (),")).collect();
    assert_eq!(too_many(format!("(schema: (types: {{{types}}}))")), ["more than 128 types"]);
}

#[test]
fn as_many_words_as_there_are_numbers_are_right() {
    let verbs: String = (0..65_535).map(|i| format!("\"{}\": (from: [\"M\"], to: [\"M\"]),", word(i))).collect();
    let facts = format!("\"A {} B\", \"B {} A\"", word(0), word(65_534));
    let part = format!(
        "(schema: (types: {{\"M\": ()}}, verbs: {{{verbs}}}), sources: {{\"s\": ()}}, entities: {{\"M\": {{\"A\": (), \"B\": ()}}}},
        claims: [(source: \"s\", facts: [{facts}])])"
    );
    let (graph, problems) = read(part, "");
    assert_eq!(problems, Diagnostics::default());
    let graph = graph.expect("no errors");
    let last = graph.schema().lookup_verb(&word(65_534)).expect("the last verb");
    assert_eq!((graph.relation(last).len(), usize::from(last.0)), (1, begat::schema::VerbId::MOST - 1));
}
