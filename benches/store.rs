//! Opening and loading: `cargo bench --bench store`.

use begat::graph::Graph;
use begat::text::Text;
use begat::{load, snapshot};
use divan::Bencher;
use divan::counter::ItemsCount;
use std::fmt::Write;
use std::io::Cursor;
use std::path::PathBuf;

fn main() {
    divan::main();
}

const GRAPH: &str = r#"(
    schema: (
        types: {"Model": (properties: {"date": (type: Date, verb: "dated", single: true)})},
        verbs: {"succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by", lineage: true)},
    ),
    sources: {"made": (title: "made up")},
    tables: [
        (file: "models.csv", source: "made", entity: "Model", name: "name", properties: {"date": "date"}),
        (file: "links.csv", source: "made", verb: "succeeds", subject: "child", object: "parent"),
    ],
)"#;

/// Models and links between them, seven for each model, as CSV.
fn tables(links: usize) -> [String; 2] {
    let models = links / 7;
    let mut tables = ["name,date\n".to_string(), "child,parent\n".to_string()];
    (0..models).for_each(|i| _ = writeln!(tables[0], "model-{i},{}", 2000 + i % 25));
    for i in 0..links {
        let child = 1 + i % (models - 1);
        _ = writeln!(tables[1], "model-{child},model-{}", i * 7919 % child);
    }
    tables
}

fn loaded([models, links]: &[String; 2]) -> Graph {
    let files = |name: &str| -> std::io::Result<Box<dyn load::File>> {
        let body = if name == "models.csv" { models } else { links };
        Ok(Box::new(Cursor::new(body.clone())))
    };
    load::read_with(vec![Text::new("made", GRAPH)], &files).0.expect("sound tables")
}

#[divan::bench(args = [10_000, 100_000, 1_000_000], max_time = 3)]
fn load_tables(bencher: Bencher, links: usize) {
    let tables = tables(links);
    bencher.counter(ItemsCount::new(links)).bench(|| loaded(&tables));
}

#[divan::bench]
fn load_sentences(bencher: Bencher) {
    bencher.bench(|| load::open("graph-data/llm-evolution").expect("sound parts"));
}

#[divan::bench]
fn open_built_in() -> Graph {
    snapshot::builtin()
}

/// A snapshot in the folder for temporary files.
fn written(links: usize) -> PathBuf {
    let path = std::env::temp_dir().join(format!("begat-bench-{links}.begat"));
    snapshot::write(&loaded(&tables(links)), &path).expect("a folder that can be written to");
    path
}

#[divan::bench(args = [10_000, 100_000, 1_000_000])]
fn open_snapshot(bencher: Bencher, links: usize) {
    let path = written(links);
    bencher.bench(|| snapshot::open(&path).expect("a sound file"));
    _ = std::fs::remove_file(path);
}

#[divan::bench(args = [10_000, 100_000, 1_000_000])]
fn verify_snapshot(bencher: Bencher, links: usize) {
    let path = written(links);
    bencher.bench(|| snapshot::verify(&path).expect("a sound file"));
    _ = std::fs::remove_file(path);
}
