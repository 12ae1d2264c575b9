//! What is fuzzed: four ways by which bytes of strangers come in. `tests/fuzz.rs` feeds them for a while on stable Rust,
//! `fuzz/` for as long as one likes with cargo-fuzz.
//!
//! A target may refuse its bytes in words. It must not panic, hang, or answer with what is no JSON.

use begat::{Database, Options};
use std::sync::LazyLock;
use std::time::Duration;

/// Each by name, with inputs to begin with.
pub const TARGETS: &[Target] = &[
    Target { name: "query", run: query, seeds: QUERIES },
    Target { name: "ron", run: ron, seeds: &[GRAPH] },
    Target { name: "csv", run: csv, seeds: TABLES },
    Target { name: "snapshot", run: snapshot, seeds: &[] },
];

pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub seeds: &'static [&'static str],
}

const QUERIES: &[&str] = &[
    "Model uses MLA",
    "Org develops no Model m that uses MoE and dated before 2024",
    "Model m uses Technique t show t, count(m), first(m) by t having count(m) >= 2 order by count(m) desc limit 5",
    "define Model m adds Technique t as m uses t and succeeds Model p, p uses no t; Model adds GQA",
    "path DeepSeek R1 (succeeds | ^based on){1,3} / uses Technique",
    "Model m possibly dated 2023~ where m.date < 2024-05..2025 or m.parameters >= 100B and not year(m.date) in 2020",
    "adoption of Technique by year; why not \"GPT-2\" uses MLA; lineage of DeepSeek R1; matrix of Model uses Technique",
    "explain Model m, optional m uses Technique t show m, list(t) by m # a comment",
];

const GRAPH: &str = r#"(
    schema: (
        types: {"Model": (properties: {"date": (type: Date, verb: "dated", single: true), "size": (type: Number)})},
        verbs: {"succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by", lineage: true, acyclic: true)},
    ),
    sources: {"s": (title: "A source")},
    entities: {"Model": {"A": (aliases: ["Alpha"]), "B": (), "C 2": ()}},
    claims: [(source: "s", at: "L1", trust: doubtful, facts: ["B succeeds A", "B dated 2024-05..", "A dated 2023~"])],
    defines: ["define Model m outlives Model n as m succeeds+ n"],
)"#;

const TABLES: &[&str] = &[
    "name,date,size\nA,2024-05,7\n\"B, the second\",..2023,1.5e3\n\"C \"\"x\"\"\",2024?,\n",
    "\u{feff}name,date,size\r\nA,2024,1\r\n",
];

/// The graph of [`csv`]: one table.
const OF_TABLE: &str = r#"(
    schema: (types: {"Model": (properties: {"date": (type: Date, single: true), "size": (type: Number)})}),
    sources: {"s": (title: "A source")},
    tables: [(file: "t.csv", entity: "Model", name: "name", properties: {"date": "date", "size": "size"}, source: "s")],
)"#;

fn options() -> Options {
    Options::new().timeout(Duration::from_secs(1)).max_rows(2000).max_memory(64 << 20)
}

fn query(bytes: &[u8]) {
    static DATABASE: LazyLock<Database> = LazyLock::new(Database::builtin);
    let text = String::from_utf8_lossy(bytes);
    let answer = DATABASE.ask(&text, &options().proofs(bytes.len().is_multiple_of(2)));
    assert!(answer.lines().all(is_json), "{text:?} is answered by {answer}");
    for cursor in [0, text.len() / 2, text.len()] {
        let found = DATABASE.complete(&text, cursor);
        assert!(text.is_char_boundary(found.start) && found.start <= cursor.max(text.len()), "{text:?}");
    }
}

fn is_json(line: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(line).is_ok_and(|json| json.is_object())
}

fn ron(bytes: &[u8]) {
    if let Ok(database) = Database::from_texts(&[("graph.ron", &String::from_utf8_lossy(bytes))]) {
        ask_all(&database);
    }
}

fn csv(bytes: &[u8]) {
    let table = String::from_utf8_lossy(bytes);
    if let Ok(database) = Database::from_texts(&[("graph.ron", OF_TABLE), ("t.csv", &table)]) {
        ask_all(&database);
    }
}

/// Bytes are mapped from a file, so that they are written into one first.
fn snapshot(bytes: &[u8]) {
    let file = std::env::temp_dir().join(format!("begat-fuzz-{}.begat", std::process::id()));
    std::fs::write(&file, bytes).expect("a temporary file");
    if let Ok(database) = Database::open(&file) {
        ask_all(&database);
    }
    let _ = std::fs::remove_file(&file);
}

/// Whatever was loaded can be asked, or says why not.
fn ask_all(database: &Database) {
    for text in ["schema", "Model m show m, m.date order by m.date", "Model succeeds+ Model", "conflicts", "describe A"]
    {
        let answer = database.ask(text, &options());
        assert!(answer.lines().all(is_json), "{text:?} is answered by {answer}");
    }
}

/// Feeds the target of that name.
#[allow(dead_code, reason = "each user of this file has its own way in")]
pub fn run(name: &str, bytes: &[u8]) {
    TARGETS.iter().filter(|target| target.name == name).for_each(|target| (target.run)(bytes));
}
