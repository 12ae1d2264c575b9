//! From a query's text to its answer, stage by stage and operator by operator: `cargo bench --bench query`.

use begat::text::Text;
use begat::value::Value;
use begat::{Database, Options, load, syntax};
use divan::{Bencher, black_box};
use std::fmt::Write;
use std::io::Cursor;
use std::sync::LazyLock;

fn main() {
    divan::main();
}

const GRAPH: &str = r#"(
    schema: (
        types: {
            "Model": (properties: {"date": (type: Date, verb: "dated", single: true), "size": (type: Number, verb: "totals", single: true)}),
            "Technique": (),
        },
        verbs: {
            "succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by", lineage: true),
            "uses": (from: ["Model"], to: ["Technique"], inverse: "used by", adoption: true),
        },
    ),
    sources: {"made": (title: "made up")},
    tables: [
        (file: "models.csv", source: "made", entity: "Model", name: "name", properties: {"date": "date", "size": "size"}),
        (file: "techniques.csv", source: "made", entity: "Technique", name: "name"),
        (file: "links.csv", source: "made", verb: "succeeds", subject: "child", object: "parent"),
        (file: "uses.csv", source: "made", verb: "uses", subject: "model", object: "technique"),
    ],
)"#;

const MODELS: usize = 20_000;
const TECHNIQUES: usize = 200;

/// A family tree in which each model has one or two parents and uses five techniques.
static DATABASE: LazyLock<Database> = LazyLock::new(|| {
    let mut models = "name,date,size\n".to_string();
    let mut techniques = "name\n".to_string();
    let mut links = "child,parent\n".to_string();
    let mut uses = "model,technique\n".to_string();
    (0..TECHNIQUES).for_each(|i| _ = writeln!(techniques, "tech-{i}"));
    for i in 0..MODELS {
        _ = writeln!(models, "model-{i},{},{}", 2000 + i * 25 / MODELS, i % 100);
        (0..usize::from(i > 0) + usize::from(i > 9 && i % 4 == 0))
            .for_each(|k| _ = writeln!(links, "model-{i},model-{}", (i * 7919 + k * 31) % i));
        (0..5).for_each(|k| _ = writeln!(uses, "model-{i},tech-{}", (i * (k + 3) + k * k * 17) % TECHNIQUES));
    }
    let files = move |name: &str| -> std::io::Result<Box<dyn load::File>> {
        let body = match name {
            "models.csv" => &models,
            "techniques.csv" => &techniques,
            "links.csv" => &links,
            _ => &uses,
        };
        Ok(Box::new(Cursor::new(body.clone())))
    };
    let (graph, problems) = load::read_with(vec![Text::new("bench.ron", GRAPH)], &files);
    Database::of(graph.unwrap_or_else(|| panic!("the graph loads: {problems:?}")))
});

/// Ten words.
const TEN: &str = r#"Model uses "tech-7" and succeeds no Model that totals 7"#;

/// What pest takes of [`parse`].
#[divan::bench]
fn grammar() {
    _ = black_box(syntax::follows_grammar(black_box(TEN)));
}

#[divan::bench]
fn parse() {
    _ = black_box(syntax::parse(black_box(TEN)));
}

/// A parameter keeps the program from being remembered.
fn anew() -> Options {
    Options { params: [("unused".to_string(), Value::Number(1.0))].into_iter().collect(), ..Options::default() }
}

#[divan::bench]
fn parse_and_check(bencher: Bencher) {
    let (database, options) = (&*DATABASE, anew());
    bencher.bench_local(|| database.prepare(black_box(TEN), &options));
}

/// `explain` plans and prints, and runs nothing.
#[divan::bench]
fn parse_check_and_plan(bencher: Bencher) {
    let (database, options, text) = (&*DATABASE, anew(), format!("explain {TEN}"));
    bencher.bench_local(|| {
        let prepared = database.prepare(black_box(&text), &options).expect("the query is right");
        database.run(&prepared[0], &options)
    });
}

/// One query for each operator, prepared before.
const OPERATORS: &[(&str, &str)] = &[
    ("scan", "Model"),
    ("expand", r#"Model uses Technique "tech-7""#),
    ("filter numbers", "Model m where m.size < 3"),
    ("filter dates", "Model dated before 2003"),
    ("intersect", r#"Model uses "tech-7" and uses "tech-25""#),
    ("semi-join", "Technique used by Model that totals 7"),
    ("anti-join", "Model succeeds no Model"),
    ("reach", r#"Model succeeds+ Model "model-1""#),
    ("reach from all", r#"Model uses "tech-7" and succeeds+ no Model that uses "tech-7""#),
    ("closure of each", "Model m succeeds+ Model r show r, count(m) by r order by count(m) desc limit 20"),
    (
        "kinship of each",
        "Model m (succeeds | succeeded by)+ Model r show r, count(m) by r order by count(m) desc limit 20",
    ),
    ("distance", r#"Model "model-19999" (succeeds | succeeded by)+ as p Model "model-19000" show min(length(p))"#),
    ("count", "count Model m uses Technique t"),
    ("group", "Model m uses Technique t show count(m) by t"),
    ("group by year", "Model m uses Technique t show count(m), running(count(m)) by t, year(m.date)"),
    (
        "top",
        "Model m uses Technique t and uses Technique s where name(t) < name(s) show count(m) by t, s order by count(m) desc limit 20",
    ),
    (
        "cyclic pattern",
        "Model m succeeds Model p, m uses Technique t, p uses t show count(t) by m, p order by count(t) desc limit 20",
    ),
];

#[divan::bench(args = OPERATORS.iter().map(|(name, _)| *name))]
fn operator(bencher: Bencher, name: &str) {
    let (database, options) = (&*DATABASE, Options::default());
    let (_, text) = OPERATORS.iter().find(|(known, _)| *known == name).expect("the names are those of the table");
    let prepared = database.prepare(text, &options).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    bencher.bench_local(|| database.run(&prepared[0], &options).expect("the query runs").table.rows.len());
}
