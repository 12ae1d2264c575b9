//! Pictures of real queries: drawn, well-formed, the same each time, safe whatever names say; and the page in a browser.

use begat::graph::{Builder, ClaimSource, Graph, Source};
use begat::render::picture::{PictureStyle, html, svg};
use begat::schema::{PropertySource, Schema, SchemaSource, TypeSource, VerbSource};
use begat::value::{Date, Value, ValueType};
use begat::{Database, Options};
use std::path::PathBuf;
use std::process::Command;

const QUERIES: [&str; 12] = [
    "lineage of DeepSeek R1",
    "ancestors of OLMo 2",
    "descendants of GPT",
    "timeline of Model",
    "timeline of Technique",
    "graph Model uses Technique",
    "graph Technique replaces Technique",
    "adoption of Technique by year",
    "adoption of Technique by Org",
    "matrix of Model uses Technique",
    "diff DeepSeek V3 and Llama 3",
    "Model uses MLA",
];

/// The graph that ships with begat, from its folder.
fn shipped() -> Database {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/graph-data/llm-evolution");
    Database::open(folder).expect("a good graph")
}

fn looks(query: &str) -> PictureStyle {
    PictureStyle { query: query.into(), graph: "llm-evolution".into(), ..PictureStyle::default() }
}

/// The picture of a query as SVG and as a page.
fn drawn(database: &Database, query: &str) -> (String, String) {
    let options = Options::default();
    let prepared = database.prepare(query, &options).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let answer = database.run(&prepared[0], &options).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let part = database.subgraph(&prepared[0], &options).ok();
    let (graph, looks) = (database.graph(), looks(query));
    let failed = |error| -> String { panic!("{query}: {error:?}") };
    let picture = svg(&answer, part.as_ref(), graph, &looks).unwrap_or_else(failed);
    (picture, html(&answer, part.as_ref(), graph, &looks).unwrap_or_else(failed))
}

/// The picture of a query, as `-o FILE.svg` writes it.
fn picture(database: &Database, query: &str, graph: &str) -> String {
    let options = Options::default();
    let prepared = database.prepare(query, &options).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let answer = database.run(&prepared[0], &options).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let part = database.subgraph(&prepared[0], &options).ok();
    let looks = PictureStyle { graph: graph.into(), ..looks(query) };
    svg(&answer, part.as_ref(), database.graph(), &looks).unwrap_or_else(|error| panic!("{query}: {error:?}"))
}

/// Every element ends, in order; no bare `<`, `&` or control character.
fn assert_well_formed(name: &str, xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        let is_entity =
            |at: usize| ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&#9;"].iter().any(|e| text[at..].starts_with(e));
        assert!(text.match_indices('&').all(|(at, _)| is_entity(at)), "{name}: {text}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{name}: {text:?}");
        let (tag, after) = after.split_once('>').expect("an end of the tag");
        let word = tag.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap_or_default();
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(_), _) => assert_eq!(open.pop(), Some(word), "{name}"),
            (None, false) => open.push(word),
            (None, true) => {}
        }
        rest = after;
    }
    assert!(open.is_empty(), "{name}: {open:?}");
}

#[test]
fn queries_are_drawn() {
    let database = shipped();
    for query in QUERIES {
        let (picture, page) = drawn(&database, query);
        assert_well_formed(query, &picture);
        assert_eq!((picture.clone(), page.clone()), drawn(&database, query), "{query}");
        if let Ok(folder) = std::env::var("PICTURES") {
            let name = query.replace(' ', "-");
            std::fs::write(format!("{folder}/{name}.svg"), picture).expect("a writable folder");
            std::fs::write(format!("{folder}/{name}.html"), page).expect("a writable folder");
        }
    }
}

/// Two models whose names try to break out of every syntax that a page has.
fn hostile() -> Graph {
    let property =
        PropertySource { value: ValueType::Date, verb: Some("dated".into()), single: true, unit: None, doc: "".into() };
    let model = TypeSource { properties: [("date".to_string(), property)].into(), ..TypeSource::default() };
    let verb = VerbSource { from: vec!["Model".into()], to: vec!["Model".into()], lineage: true, ..Default::default() };
    let source = SchemaSource { types: [("Model".into(), model)].into(), verbs: [("succeeds".into(), verb)].into() };
    let schema = Schema::build(source).expect("a good schema");
    let (model, succeeds) = (schema.lookup_type("Model").unwrap(), schema.lookup_verb("succeeds").unwrap());
    let date = schema.lookup_property("date").unwrap();
    let mut builder = Builder::new(schema);
    let key = "</script><script>alert(1)</script>".to_string();
    let source = Some(builder.source(Source { key, url: "javascript:alert(1)".into(), ..Source::default() }));
    let claim = builder.claim(ClaimSource { source, at: "\u{1}&\"'".into(), ..ClaimSource::default() });
    let a = builder.entity(model, "<b onclick=\"x\">&amp;</b>\u{0}\u{b}", &[]);
    let b = builder.entity(model, "</svg></script><!-- \u{202e}漢字 ' \" begat-data", &[]);
    builder.link(b, succeeds, a, Some(claim));
    for (id, text) in [(a, "2023"), (b, "2024-05")] {
        builder.value(id, date, Value::Date(Date::parse(text).unwrap()), Some(claim));
    }
    builder.finish()
}

#[test]
fn names_cannot_break_out() {
    let (picture, page) = drawn(&Database::of(hostile()), "timeline of Model");
    assert_well_formed("hostile", &picture);
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("onclick=\"x\"") && !page.contains("<!-- "));
}

/// Visits to pages; each leaves a report in the place of the page.
const TOOLS: &str = include_str!("pictures/tools.js");
const VISIT: &str = include_str!("pictures/visit.js");
const FAMILY: &str = include_str!("pictures/family.js");
const ARCS: &str = include_str!("pictures/arcs.js");
const PHONE: &str = include_str!("pictures/phone.js");

/// Opens the page of a query at an anchor in a browser window of this size, runs a visit, and checks its report. Skips
/// that, with a word, if no browser is installed.
fn visit(database: &Database, query: &str, anchor: &str, visit: &str, (wide, tall): (u32, u32)) {
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let found = browsers.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    let Some(browser) = found else {
        eprintln!("skipped: no Chromium is installed");
        return;
    };
    let (_, page) = drawn(database, query);
    let page = page.replace("</body>", &format!("<script>{{\n{TOOLS}{visit}}}</script></body>"));
    let name = format!("begat-page-{}-{anchor}-{wide}.html", std::process::id());
    let file: PathBuf = std::env::temp_dir().join(name);
    std::fs::write(&file, page).expect("a writable temporary folder");
    let url = format!("file://{}#{anchor}", file.display());
    let size = format!("--window-size={wide},{tall}");
    let flags = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=2000", &size];
    let output = Command::new(browser).args(flags).arg(url).output().expect("a running browser");
    let _ = std::fs::remove_file(&file);
    let report = String::from_utf8_lossy(&output.stdout);
    let is_whole = report.contains("the end of the visit");
    assert!(is_whole && !report.contains("FAILED"), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_page_works_in_a_browser() {
    visit(&shipped(), "timeline of Model", "deepseek-v3", VISIT, (1280, 800));
    visit(&shipped(), "timeline of Model", "deepseek-v3", PHONE, (390, 800));
}

/// The whole graph of the transformers library, and a family of it, in windows of several sizes.
#[test]
fn large_pages_work_in_a_browser() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/graph-data/transformers");
    let database = Database::open(folder).expect("a good graph");
    visit(&database, "timeline of Model", "qwen3-next", FAMILY, (1280, 800));
    visit(&database, "timeline of Model", "llama", FAMILY, (1440, 900));
    visit(&database, "timeline of Model", "zaya", FAMILY, (1100, 700));
    visit(&database, "timeline of Model", "deepseek-v2", PHONE, (390, 800));
    let languages = Database::open(concat!(env!("CARGO_MANIFEST_DIR"), "/graph-data/languages")).expect("a good graph");
    visit(&languages, "lineage of C", "c", ARCS, (1280, 800));
}

/// The pictures of the README and of the tour are those that begat draws today; `BLESS=1` draws them anew.
#[test]
fn the_pictures_of_the_pages_are_current() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/graph-data/transformers");
    let (shipped, transformers) = (shipped(), Database::open(folder).expect("a good graph"));
    for (database, query, file) in [
        (&shipped, "timeline of Model", "timeline.svg"),
        (&shipped, "adoption of Technique by year", "adoption.svg"),
        (&transformers, "adoption of MHA, GQA and MLA by year", "tour-attention.svg"),
        (&transformers, "spread of QK-Norm", "tour-spread.svg"),
        (&transformers, "lineage of DeepSeek-V3", "tour-family.svg"),
        (&transformers, "why OLMo 2 drops Pre-Norm", "tour-proof.svg"),
    ] {
        let graph = if std::ptr::eq(database, &shipped) { "llm-evolution" } else { "transformers" };
        let picture = picture(database, query, graph);
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(file);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &picture).expect("a folder to write in");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == picture, "{file} is stale: BLESS=1 cargo test --test pictures");
    }
}
