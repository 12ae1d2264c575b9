//! Tables that are Parquet files: they say the same as CSV, and damage is an error.
#![cfg(feature = "parquet")]

use begat::graph::Graph;
use begat::load::{self, File};
use begat::text::{Diagnostics, Text};
use begat::{Database, Options, render};
use parquet::basic::{Compression, ConvertedType, GzipLevel, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{PrimitiveTypeBuilder, Type};
use std::collections::HashMap;
use std::io::{self, Cursor};
use std::sync::Arc;

/// A column of a file: its type, and its cells, of which none is null.
enum Column {
    Truths(Vec<Option<bool>>),
    Wholes(Option<LogicalType>, Vec<Option<i32>>),
    Longs(Option<LogicalType>, Vec<Option<i64>>),
    Floats(Vec<Option<f32>>),
    Doubles(Vec<Option<f64>>),
    Texts(Vec<Option<&'static str>>),
    /// Bytes, and the number of decimals.
    Decimals(i32, Vec<Option<Vec<u8>>>),
}

impl Column {
    fn field(&self, name: &str) -> Type {
        let simple = |physical| Type::primitive_type_builder(name, physical);
        let logical = |physical, logical: &Option<LogicalType>| simple(physical).with_logical_type(logical.clone());
        let builder: PrimitiveTypeBuilder = match self {
            Column::Truths(_) => simple(Physical::BOOLEAN),
            Column::Wholes(type_, _) => logical(Physical::INT32, type_),
            Column::Longs(type_, _) => logical(Physical::INT64, type_),
            Column::Floats(_) => simple(Physical::FLOAT),
            Column::Doubles(_) => simple(Physical::DOUBLE),
            Column::Texts(_) => simple(Physical::BYTE_ARRAY).with_converted_type(ConvertedType::UTF8),
            Column::Decimals(scale, _) => simple(Physical::FIXED_LEN_BYTE_ARRAY)
                .with_converted_type(ConvertedType::DECIMAL)
                .with_length(3)
                .with_precision(6)
                .with_scale(*scale),
        };
        builder.with_repetition(Repetition::OPTIONAL).build().expect("a good type")
    }

    fn write(&self, to: &mut SerializedColumnWriter<'_>, rows: std::ops::Range<usize>) {
        let bytes = |text: &&str| ByteArray::from(*text);
        match self {
            Column::Truths(cells) => put::<BoolType, _>(to, &cells[rows], |cell| *cell),
            Column::Wholes(_, cells) => put::<Int32Type, _>(to, &cells[rows], |cell| *cell),
            Column::Longs(_, cells) => put::<Int64Type, _>(to, &cells[rows], |cell| *cell),
            Column::Floats(cells) => put::<FloatType, _>(to, &cells[rows], |cell| *cell),
            Column::Doubles(cells) => put::<DoubleType, _>(to, &cells[rows], |cell| *cell),
            Column::Texts(cells) => put::<ByteArrayType, _>(to, &cells[rows], bytes),
            Column::Decimals(_, cells) => put::<FixedLenByteArrayType, _>(to, &cells[rows], |cell| cell.clone().into()),
        }
    }
}

fn put<T: DataType, V>(to: &mut SerializedColumnWriter<'_>, cells: &[Option<V>], value: impl Fn(&V) -> T::T) {
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.iter().flatten().map(value).collect();
    to.typed::<T>().write_batch(&values, Some(&levels), None).expect("memory can be written to");
}

/// A file of these columns, in groups of so many rows.
fn file(columns: &[(&str, Column)], rows: usize, group: usize, settings: WriterPropertiesBuilder) -> Vec<u8> {
    let fields = columns.iter().map(|(name, column)| Arc::new(column.field(name))).collect();
    let schema = Type::group_type_builder("table").with_fields(fields).build().expect("a good schema");
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(settings.build())).unwrap();
    for start in (0..rows).step_by(group) {
        let mut part = writer.next_row_group().unwrap();
        for (_, column) in columns {
            let mut to = part.next_column().unwrap().expect("a column of the schema");
            column.write(&mut to, start..rows.min(start + group));
            to.close().unwrap();
        }
        part.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// Reads a part that names these files.
fn read(body: &str, files: &HashMap<&str, Vec<u8>>) -> (Option<Graph>, Diagnostics) {
    let open = |name: &str| -> io::Result<Box<dyn File>> {
        let found = files.get(name).ok_or(io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Box::new(Cursor::new(found.clone())))
    };
    load::read_with(vec![Text::new("part.ron", body)], &open)
}

/// A graph of `models.FORMAT` and `links.FORMAT`.
fn part(format: &str) -> String {
    include_str!("tables/models.ron").replace("FORMAT", format)
}

fn messages(problems: &Diagnostics) -> Vec<String> {
    problems.iter().map(|problem| problem.message.clone()).collect()
}

/// The tables of [`part`], once as Parquet and once as CSV.
fn models(group: usize, settings: &WriterPropertiesBuilder) -> [HashMap<&'static str, Vec<u8>>; 2] {
    let timestamp = |unit| Some(LogicalType::timestamp(true, unit));
    let day = 86_400_000_000;
    let columns = [
        ("id", Column::Longs(None, vec![Some(1), Some(2), Some(40)])),
        ("name", Column::Texts(vec![Some("Alpha"), Some("Beta, \"B\""), Some("Γ")])),
        ("released", Column::Wholes(Some(LogicalType::Date), vec![Some(18_399), None, Some(-1)])),
        ("size", Column::Longs(None, vec![Some(1_000_000_000), Some(-7), None])),
        ("cost", Column::Decimals(2, vec![Some(vec![0, 0, 150]), Some(vec![255, 255, 255]), Some(vec![0, 1, 0])])),
        ("seen", Column::Longs(timestamp(TimeUnit::MICROS), vec![Some(-1), Some(365 * day), None])),
        ("speed", Column::Doubles(vec![Some(0.1), None, Some(1e21)])),
        ("share", Column::Floats(vec![Some(0.1), Some(2.0), None])),
        ("open", Column::Truths(vec![Some(true), Some(false), None])),
        ("count", Column::Wholes(Some(LogicalType::integer(32, false)), vec![Some(-1), Some(0), Some(1)])),
    ];
    let links = [
        ("child", Column::Wholes(None, vec![Some(2), Some(40), Some(40)])),
        ("parent", Column::Texts(vec![Some("Alpha"), Some("2"), None])),
    ];
    let csv = "id,name,released,size,cost,seen,speed,share,open,count\n\
        1,Alpha,2020-05-17,1000000000,1.50,1969-12-31,0.1,0.1,true,4294967295\n\
        2,\"Beta, \"\"B\"\"\",,-7,-0.01,1971-01-01,,2,false,0\n\
        40,Γ,1969-12-31,,2.56,,1000000000000000000000,,,1\n";
    [
        [
            ("models.parquet", file(&columns, 3, group, settings.clone())),
            ("links.parquet", file(&links, 3, group, settings.clone())),
        ]
        .into(),
        [("models.csv", csv.into()), ("links.csv", "child,parent\n2,Alpha\n40,2\n40,\n".into())].into(),
    ]
}

#[test]
fn parquet_says_the_same_as_csv() {
    let gzip = Compression::GZIP(GzipLevel::default());
    for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY, gzip] {
        for (group, dictionary) in [(3, true), (2, false), (1, true)] {
            let settings = WriterProperties::builder().set_compression(compression).set_dictionary_enabled(dictionary);
            let [parquet, csv] = models(group, &settings);
            let ((one, problems), (other, _)) = (read(&part("parquet"), &parquet), read(&part("csv"), &csv));
            assert_eq!(messages(&problems), Vec::<String>::new());
            let (one, other) = (one.expect("no errors"), other.expect("no errors"));
            assert_eq!(load::export::ron(&one), load::export::ron(&other));
            assert_eq!(one.fact_count(), 20);
        }
    }
}

#[test]
fn zstd_is_unpacked_in_pages_of_both_kinds() {
    for bytes in [&include_bytes!("tables/zstd-1.parquet")[..], include_bytes!("tables/zstd-2.parquet")] {
        let body = r#"(schema: (types: {"Model": (properties: {"date": (type: Date), "size": (type: Number)})}),
            sources: {"s": ()}, tables: [(file: "zstd.parquet", source: "s", entity: "Model", name: "name",
            properties: {"date": "released", "size": "size"})])"#;
        let (graph, problems) = read(body, &[("zstd.parquet", bytes.to_vec())].into());
        assert_eq!(messages(&problems), Vec::<String>::new());
        let graph = graph.expect("no errors");
        let names: Vec<&str> = graph.entities().map(|entity| graph.name(entity)).collect();
        assert_eq!(names, ["Alpha", "Beta, the 2nd", "Γ \"3\""]);
        let dates: Vec<String> = graph.entities().map(|entity| graph.date_of(entity).to_string()).collect();
        assert_eq!(dates, ["2020-05-17", "undated", "1969-12-31"]);
    }
}

/// Written by pyarrow 26 in two row groups, with lists of texts, of numbers and of structures.
#[test]
fn lists_are_cells_of_several_names() {
    let body = r#"(schema: (types: {"Thing": (properties: {"tag": (type: Text), "lat": (type: Number), "size": (type: Number)})},
        verbs: {"needs": (from: ["Thing"], to: ["Thing"])}), sources: {"s": ()}, tables: [
        (file: "lists.parquet", source: "s", entity: "Thing", name: "name", repeated: true,
            properties: {"tag": "tags", "lat": "geo.lat", "size": "sizes"}),
        (file: "lists.parquet", source: "s", verb: "needs", subject: "name", object: "deps.n", note: "{deps.v}")])"#;
    let bytes = include_bytes!("tables/lists.parquet").to_vec();
    let (graph, problems) = read(body, &[("lists.parquet", bytes)].into());
    let graph = graph.unwrap_or_else(|| panic!("{:?}", messages(&problems)));
    let facts: Vec<String> = graph.facts().map(|fact| load::export::sentence(&graph, fact)).collect();
    for fact in ["A needs B", "B needs C", "B needs A"] {
        assert!(facts.iter().any(|known| known == fact), "{fact}: {facts:?}");
    }
    let values = facts.iter().filter(|fact| fact.contains("tag") || fact.contains("lat") || fact.contains("size"));
    // Two tags, one latitude, three sizes; a row without a name says nothing.
    assert_eq!(values.count(), 6, "{facts:?}");
}

#[test]
fn bad_rows_are_reported_with_their_number_and_column() {
    let [mut files, _] = models(2, &WriterProperties::builder());
    let links = [
        ("child", Column::Wholes(None, vec![Some(2), Some(3), Some(40)])),
        ("parent", Column::Texts(vec![Some("Alpha"), Some("Alpha"), Some("Delta")])),
    ];
    files.insert("links.parquet", file(&links, 3, 2, WriterProperties::builder()));
    let (graph, problems) = read(&part("parquet"), &files);
    assert!(graph.is_none());
    assert_eq!(
        messages(&problems),
        [
            "links.parquet:row 2, column `child`: no entity is called `3`",
            "links.parquet:row 3, column `parent`: no entity is called `Delta`",
        ]
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let [mut files, _] = models(3, &WriterProperties::builder());
    let whole = files["links.parquet"].clone();
    for length in [4, 11, 12, whole.len() - 1] {
        files.insert("links.parquet", whole[..length].to_vec());
        let (graph, problems) = read(&part("parquet"), &files);
        assert!(graph.is_none());
        assert_eq!(messages(&problems), ["cannot read `links.parquet`: it ends too early"], "{length} bytes");
    }
}

/// Numbers that look random, the same in each run.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

#[test]
fn damage_is_an_error_or_another_table() {
    let mut seed = 3;
    for settings in [
        WriterProperties::builder().set_compression(Compression::SNAPPY),
        WriterProperties::builder().set_dictionary_enabled(false),
    ] {
        let [good, _] = models(2, &settings);
        for _ in 0..1500 {
            let mut files = good.clone();
            let name = if random(&mut seed).is_multiple_of(4) { "links.parquet" } else { "models.parquet" };
            let bytes = files.get_mut(name).expect("both are there");
            for _ in 0..=random(&mut seed) % 2 {
                let at = random(&mut seed) % bytes.len();
                bytes[at] = [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1 << (random(&mut seed) % 8)][random(&mut seed) % 6];
            }
            let (graph, problems) = read(&part("parquet"), &files);
            assert_eq!(graph.is_none(), problems.has_errors());
        }
    }
}

#[test]
fn tables_that_were_exported_load() {
    let graph = load::open("graph-data/llm-evolution").expect("no errors");
    let files = render::parquet(&render::whole(&graph), &graph).expect("tables");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["entities/Model.parquet", "entities/Technique.parquet", "facts/uses.parquet", "facts/based on.parquet"]
    {
        assert!(names.contains(&name), "{names:?}");
    }
    let body = r#"(
        schema: (types: {"Model": (properties: {"date": (type: Date, verb: "dated", single: true), "parameters": (type: Number), "from": (type: Date),
            "to": (type: Date)}), "Series": (extends: "Model"), "Technique": ()}, verbs: {"uses": (from: ["Model"], to: ["Technique"])}),
        sources: {"s": ()},
        tables: [
            (file: "entities/Model.parquet", source: "s", entity: "Model", name: "name", key: "vid",
                properties: {"date": "date", "parameters": "parameters", "from": "earliest", "to": "latest"}),
            (file: "entities/Series.parquet", source: "s", entity: "Series", name: "name", key: "vid"),
            (file: "entities/Technique.parquet", source: "s", entity: "Technique", name: "name", key: "vid"),
            (file: "facts/uses.parquet", source: "s", where: {"certain": "true"}, verb: "uses", subject: "src",
                object: "dst", note: "{claim}"),
        ],
    )"#;
    let all = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let (back, problems) = read(body, &all);
    assert_eq!(messages(&problems), Vec::<String>::new());
    let said = |graph: &Graph, query: &str| {
        let (database, options) = (Database::of(graph.clone()), Options::default());
        let prepared = database.prepare(query, &options).expect("a good query");
        let answer = database.run(&prepared[0], &options).expect("an answer");
        let looks = render::TextStyle::default();
        render::answer(&answer, database.graph(), render::Format::Tsv, &looks).expect("rows").text
    };
    let back = back.expect("no errors");
    for query in ["Model uses Technique", "Model m dated 2024 show m, m.date, m.parameters"] {
        assert_eq!(said(&back, query), said(&graph, query));
    }
    assert_eq!(
        said(&back, "Model m where m = DeepSeek V2 show m.from, m.to").lines().last(),
        Some("undated\t2024-12-31")
    );
}
