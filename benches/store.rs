//! Opening and loading: `cargo bench --bench store`.

use begat::graph::{Builder, ClaimSource, EntityId, Graph};
use begat::text::Text;
use begat::{load, snapshot};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use parquet::basic::{Compression, ConvertedType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::fmt::Write;
use std::io::{Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;

fn main() {
    divan::main();
}

/// A graph of two files, whose facts name the models by key or by name.
fn graph(key: &str) -> String {
    let part = r#"(
        schema: (
            types: {"Model": (properties: {"date": (type: Date, verb: "dated", single: true)})},
            verbs: {"succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by", lineage: true)},
        ),
        sources: {"made": (title: "made up")},
        tables: [
            (file: "models", source: "made", entity: "Model", name: "name", KEY properties: {"date": "date"}),
            (file: "links", source: "made", verb: "succeeds", subject: "child", object: "parent"),
        ],
    )"#;
    part.replace("KEY", key)
}

const BY_KEY: &str = r#"key: "id","#;

/// Models: number, name, year.
fn models(links: usize) -> impl Iterator<Item = (usize, String, usize)> {
    (0..links / 7).map(|i| (i, format!("model-{i}"), 2000 + i % 25))
}

/// Seven links for each model: child and parent.
fn links(links: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..links).map(move |i| {
        let child = 1 + i % (links / 7 - 1);
        (child, i * 7919 % child)
    })
}

/// Both files as CSV, in whose links a model is `before` and its number.
fn csv(count: usize, before: &str) -> [Vec<u8>; 2] {
    let mut tables = ["id,name,date\n".to_string(), "child,parent\n".to_string()];
    models(count).for_each(|(i, name, year)| _ = writeln!(tables[0], "{i},{name},{year}"));
    links(count).for_each(|(child, parent)| _ = writeln!(tables[1], "{before}{child},{before}{parent}"));
    tables.map(String::into_bytes)
}

/// Both files as Parquet, as other programs write it unless told otherwise.
fn parquet(count: usize) -> [Vec<u8>; 2] {
    let field = |name: &str, physical, converted| {
        let field = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
        Arc::new(field.with_converted_type(converted).build().expect("a good type"))
    };
    let whole = |name| field(name, Physical::INT64, ConvertedType::NONE);
    let text = |name| field(name, Physical::BYTE_ARRAY, ConvertedType::UTF8);
    let file = |fields, write: &dyn Fn(&mut SerializedFileWriter<Vec<u8>>)| {
        let schema = Arc::new(Type::group_type_builder("table").with_fields(fields).build().expect("a good schema"));
        let settings = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(settings)).expect("a good schema");
        write(&mut writer);
        writer.into_inner().expect("memory can be written to")
    };
    let models: Vec<(usize, String, usize)> = models(count).collect();
    let links: Vec<(usize, usize)> = links(count).collect();
    [
        file(vec![whole("id"), text("name"), text("date")], &|writer| {
            let ids: Vec<i64> = models.iter().map(|model| model.0 as i64).collect();
            let names: Vec<ByteArray> = models.iter().map(|model| model.1.as_str().into()).collect();
            let years: Vec<ByteArray> = models.iter().map(|model| model.2.to_string().as_str().into()).collect();
            let mut group = writer.next_row_group().expect("a file that can be written to");
            put::<Int64Type>(&mut group, &ids);
            put::<ByteArrayType>(&mut group, &names);
            put::<ByteArrayType>(&mut group, &years);
            group.close().expect("as many columns as the schema has");
        }),
        file(vec![whole("child"), whole("parent")], &|writer| {
            for links in links.chunks(122_880) {
                let mut group = writer.next_row_group().expect("a file that can be written to");
                put::<Int64Type>(&mut group, &links.iter().map(|link| link.0 as i64).collect::<Vec<_>>());
                put::<Int64Type>(&mut group, &links.iter().map(|link| link.1 as i64).collect::<Vec<_>>());
                group.close().expect("as many columns as the schema has");
            }
        }),
    ]
}

fn put<T: DataType>(group: &mut parquet::file::writer::SerializedRowGroupWriter<'_, Vec<u8>>, values: &[T::T]) {
    let mut column = group.next_column().ok().flatten().expect("a column of the schema");
    column.typed::<T>().write_batch(values, None, None).expect("memory can be written to");
    column.close().expect("memory can be written to");
}

fn packed(bytes: Vec<u8>) -> Vec<u8> {
    let mut packed = Vec::new();
    let read = flate2::read::GzEncoder::new(&bytes[..], flate2::Compression::default()).read_to_end(&mut packed);
    read.expect("memory can be read");
    packed
}

fn loaded(part: &str, [models, links]: &[Vec<u8>; 2]) -> Graph {
    let files = |name: &str| -> std::io::Result<Box<dyn load::File>> {
        Ok(Box::new(Cursor::new(if name == "models" { models.clone() } else { links.clone() })))
    };
    load::read_with(vec![Text::new("made", part)], &files).0.expect("sound tables")
}

/// From tables to a graph, counted by the rows of links.
fn load_files(bencher: Bencher, links: usize, key: &str, files: &[Vec<u8>; 2]) {
    let (part, bytes) = (graph(key), files.iter().map(Vec::len).sum::<usize>());
    bencher.counter(ItemsCount::new(links)).counter(BytesCount::new(bytes)).bench(|| loaded(&part, files));
}

#[divan::bench(args = [10_000, 100_000, 1_000_000], max_time = 3)]
fn load_csv_by_name(bencher: Bencher, links: usize) {
    load_files(bencher, links, "", &csv(links, "model-"));
}

#[divan::bench(args = [10_000, 100_000, 1_000_000], max_time = 3)]
fn load_csv_by_key(bencher: Bencher, links: usize) {
    load_files(bencher, links, BY_KEY, &csv(links, ""));
}

#[divan::bench(args = [1_000_000], max_time = 3)]
fn load_csv_gzip(bencher: Bencher, links: usize) {
    load_files(bencher, links, BY_KEY, &csv(links, "").map(packed));
}

#[divan::bench(args = [10_000, 100_000, 1_000_000], max_time = 3)]
fn load_parquet(bencher: Bencher, links: usize) {
    load_files(bencher, links, BY_KEY, &parquet(links));
}

/// From facts in memory to a graph.
#[divan::bench(args = [10_000, 100_000, 1_000_000], max_time = 3)]
fn build(bencher: Bencher, count: usize) {
    let schema = loaded(&graph(""), &csv(14, "model-")).schema().clone();
    let (model, verb) = (schema.lookup_type("Model").expect("a type"), schema.lookup_verb("succeeds").expect("a verb"));
    let filled = || {
        let mut builder = Builder::new(schema.clone());
        let claim = builder.claim(ClaimSource::default());
        models(count).for_each(|(_, name, _)| _ = builder.entity(model, &name, &[]));
        for (child, parent) in links(count) {
            builder.link(EntityId(child as u32), verb, EntityId(parent as u32), Some(claim));
        }
        builder
    };
    bencher.counter(ItemsCount::new(count)).with_inputs(filled).bench_values(Builder::finish);
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
    snapshot::write(&loaded(&graph(BY_KEY), &csv(links, "")), &path).expect("a folder that can be written to");
    path
}

#[divan::bench(args = [10_000, 100_000, 1_000_000, 10_000_000])]
fn open_snapshot(bencher: Bencher, links: usize) {
    let path = written(links);
    bencher.bench(|| snapshot::open(&path).expect("a sound file"));
    _ = std::fs::remove_file(path);
}

#[divan::bench(args = [10_000, 100_000, 1_000_000])]
fn write_snapshot(bencher: Bencher, links: usize) {
    let graph = loaded(&graph(BY_KEY), &csv(links, ""));
    bencher.bench(|| snapshot::write_to(&graph, &mut std::io::sink()).expect("a sink takes all"));
}

#[divan::bench(args = [10_000, 100_000, 1_000_000])]
fn verify_snapshot(bencher: Bencher, links: usize) {
    let path = written(links);
    bencher.bench(|| snapshot::verify(&path).expect("a sound file"));
    _ = std::fs::remove_file(path);
}
