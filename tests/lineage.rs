//! Family trees over graphs with cycles, self-loops and doubtful facts: in every format, the members shown are those of
//! the closure, as a plain search finds it and as the query `X (v | w)+ Type` does.

use begat::answer::{Answer, Cell, View};
use begat::render::{self, FORMATS, Format, Shows, TextStyle, picture};
use begat::text::Text;
use begat::{Database, Options, load};
use parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Names of which none is part of another, nor of a word of any format.
const NAMES: [&str; 6] = ["Qax", "Qbex", "Qcix", "Qdox", "Qeux", "Qfyx"];

/// Who comes from whom, by which verb, and whether that is sure.
type Links = BTreeSet<(usize, usize, usize, bool)>;

fn database(links: &Links) -> Database {
    let fact = |(from, to, verb, _): &(usize, usize, usize, bool)| {
        format!("\"{} {} {}\",", NAMES[*from], ["stems from", "copies"][*verb], NAMES[*to])
    };
    let of = |sure: bool| links.iter().filter(|link| link.3 == sure).map(fact).collect::<String>();
    let dates = "\"Qax dated 2020\", \"Qbex dated 2021-05\", \"Qdox dated 2019..2022\", \"Qeux dated ..2018\"";
    let text = format!(
        r#"(
            schema: (
                types: {{"Node": (properties: {{"date": (type: Date, verb: "dated", single: true)}})}},
                verbs: {{
                    "stems from": (from: ["Node"], to: ["Node"], inverse: "root of", lineage: true),
                    "copies": (from: ["Node"], to: ["Node"], lineage: true),
                }},
            ),
            sources: {{"s": (title: "S")}},
            entities: {{"Node": {{{}}}}},
            claims: [
                (source: "s", at: "L1", trust: direct, facts: [{} {dates}]),
                (source: "s", at: "L2", trust: doubtful, facts: [{}]),
            ],
            defines: ["define Node a comes from Node b as (a stems from b or a copies b)"],
        )"#,
        NAMES.map(|name| format!("\"{name}\": ()")).join(","),
        of(true),
        of(false),
    );
    let (graph, problems) = load::read(vec![Text::new("graph.ron", text)]);
    Database::of(graph.unwrap_or_else(|| panic!("{problems:#?}")))
}

/// What a plain search from one node finds.
fn closure(links: &Links, from: usize, up: bool, doubtful: bool) -> BTreeSet<&'static str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(node) = open.pop() {
        for (child, parent, _, sure) in links {
            let (near, far) = if up { (*child, *parent) } else { (*parent, *child) };
            if near == node && (*sure || doubtful) && found.insert(NAMES[far]) {
                open.push(far);
            }
        }
    }
    found
}

fn ask(database: &Database, query: &str) -> (begat::Prepared, Answer) {
    let options = Options::default();
    let prepared = database.prepare(query, &options).unwrap_or_else(|error| panic!("{query}: {error:?}")).remove(0);
    let answer = database.run(&prepared, &options).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    (prepared, answer)
}

/// The first column of the rows on one side (0: of all), and whether they are certain.
fn members(database: &Database, answer: &Answer, sign: f64) -> BTreeSet<(String, bool)> {
    let of_side = |row: &&begat::answer::Row| match row.cells.get(1) {
        Some(Cell::Value(begat::value::Value::Number(generation))) => generation * sign > 0.0,
        _ => sign == 0.0,
    };
    let name = |row: &begat::answer::Row| match &row.cells[0] {
        Cell::Entity(entity) => (database.graph().name(*entity).to_string(), row.certain),
        cell => panic!("{cell:?}"),
    };
    answer.table.rows.iter().filter(of_side).map(name).collect()
}

/// The names that a text holds.
fn named(text: &str) -> BTreeSet<&'static str> {
    NAMES.into_iter().filter(|name| text.contains(name)).collect()
}

/// The names that are the anchors of marks.
fn anchors(page: &str) -> String {
    let is_there = |name: &&str| page.contains(&format!("id=\"{}\"", name.to_lowercase()));
    NAMES.into_iter().filter(is_there).collect()
}

/// What a terminal's tree names below its root, on each of its sides.
fn below_roots(text: &str) -> Vec<BTreeSet<&'static str>> {
    let sides = text.split("\n\n").filter(|side| side.starts_with('Q'));
    sides.map(|side| named(side.split_once('\n').map_or("", |(_, below)| below))).collect()
}

/// The answer in a format, with the part of the graph that it asks for.
fn shown(database: &Database, (prepared, answer): &(begat::Prepared, Answer), format: Format) -> String {
    let (graph, looks) = (database.graph(), TextStyle::default());
    if !format.is_graph() {
        return render::answer(answer, graph, format, &looks).expect("an answer").text;
    }
    let part = database.subgraph(prepared, &Options::default()).expect("a part");
    let looks = picture::PictureStyle { title: Some("A picture".into()), ..Default::default() };
    match format {
        Format::Svg => picture::svg(answer, Some(&part), graph, &looks).expect("a picture"),
        Format::Html => picture::html(answer, Some(&part), graph, &looks).expect("a page"),
        Format::Parquet => {
            let files = render::parquet(&part, graph).expect("tables");
            let entities = files.into_iter().find(|(name, _)| name.starts_with("entities/")).expect("a table").1;
            let reader = SerializedFileReader::new(bytes::Bytes::from(entities)).expect("a table");
            reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row").to_string()).collect()
        }
        Format::Neo4j => {
            let tables = render::neo4j(&part, graph).into_iter().filter(|(name, _)| name.starts_with("nodes/"));
            tables.map(|(_, rows)| String::from_utf8_lossy(&rows).into_owned()).collect()
        }
        Format::Png | Format::Pdf => picture::svg(answer, Some(&part), graph, &looks).expect("a picture"),
        _ => render::subgraph(&part, graph, format).expect("a graph"),
    }
}

/// How many parents are named beside their children: `also from Qa`, `… Qa and Qb`, `… Qa and 3 more`.
fn named_parents(page: &str) -> usize {
    let labels = page.split("also from ").skip(1).map(|rest| rest.split(['<', ',']).next().unwrap_or(""));
    let others = |words: &str| words.strip_suffix(" more").map_or(Some(1), |number| number.parse().ok());
    labels.map(|words| 1 + words.split_once(" and ").map_or(0, |(_, rest)| others(rest).expect("a number"))).sum()
}

fn agree(links: &Links, root: usize, via: &str) {
    let database = database(links);
    let name = NAMES[root];
    let [up, down] = [true, false].map(|up| closure(links, root, up, true));
    let [sure_up, sure_down] = [true, false].map(|up| closure(links, root, up, false));
    let graded = |all: &BTreeSet<&str>, sure: &BTreeSet<&str>| -> BTreeSet<(String, bool)> {
        all.iter().map(|name| (name.to_string(), sure.contains(name))).collect()
    };
    let asked = [("ancestors", up.clone(), sure_up), ("descendants", down.clone(), sure_down)];
    let mut views = vec![(format!("lineage of {name}{via}"), vec![up, down])];
    for (word, all, sure) in asked {
        let query = format!("{word} of {name}{via}");
        let (_, answer) = ask(&database, &query);
        let sign = if word == "ancestors" { -1.0 } else { 1.0 };
        assert_eq!(members(&database, &answer, sign), graded(&all, &sure), "{query}");
        assert_eq!(members(&database, &ask(&database, &views[0].0).1, sign), graded(&all, &sure), "{query}, {links:?}");
        let path = if word == "ancestors" { "(stems from | copies)+" } else { "^(stems from | copies)+" };
        let (_, closed) = ask(&database, &format!("{name} possibly {path} Node"));
        assert_eq!(members(&database, &closed, 0.0), graded(&all, &sure), "{query}: the closure asked");
        views.push((query, vec![all]));
    }
    for (query, sides) in views {
        let answer = ask(&database, &query);
        let View::Lineage(lineage) = &answer.1.view else { panic!("a lineage") };
        let all: BTreeSet<&str> = sides.iter().flatten().copied().collect();
        let whole: BTreeSet<&str> = all.iter().copied().chain([name]).collect();
        for info in FORMATS {
            let text = shown(&database, &answer, info.format);
            // A page also tells of what lies outside of its picture.
            let text = if info.format == Format::Html { anchors(&text) } else { text };
            let wanted = match info.format {
                Format::Tree => {
                    assert_eq!(below_roots(&text), sides, "{query} as a tree: {text}");
                    continue;
                }
                // Facts alone: a node without any has none to stand in.
                Format::Edges if all.is_empty() => BTreeSet::new(),
                // A row names also those that it is a relative of: the root, unless there is no row.
                Format::Chart => continue,
                _ if info.shows == Shows::Graphs || info.shows == Shows::Pictures => whole.clone(),
                _ if all.is_empty() => BTreeSet::new(),
                _ => whole.clone(),
            };
            assert_eq!(
                named(&text),
                wanted,
                "{query} as {}, {links:?}: {}",
                info.name,
                text.get(..2000).unwrap_or(&text)
            );
        }
        // Each fact between the members of one side is there once, self-loops too.
        let drawn = shown(&database, &answer, Format::Dot);
        assert_eq!(drawn.matches("\" -> \"Q").count(), lineage.links.len(), "{query}: {drawn}");
        // Lanes draw each; a family names the parents that no arc can show.
        for layout in [picture::Layout::Lanes, picture::Layout::Family] {
            let looks = picture::PictureStyle { layout, ..Default::default() };
            let drawn = picture::svg(&answer.1, None, database.graph(), &looks).expect("a picture");
            let shown = drawn.matches("data-v=").count() + named_parents(&drawn);
            assert_eq!(shown, lineage.links.len(), "{query} as {layout:?}: {drawn}");
        }
    }
}

#[test]
fn two_that_come_from_each_other_and_one_more() {
    agree(&[(0, 1, 0, true), (1, 0, 0, true), (2, 0, 0, true)].into(), 0, "");
    agree(&[(3, 3, 0, true)].into(), 3, "");
    agree(&[(3, 3, 0, true), (4, 3, 1, true)].into(), 4, "");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn members_are_the_closure(
        links in prop::collection::btree_set((0..6usize, 0..6usize, 0..2usize, prop::bool::weighted(0.8)), 0..9),
        root in 0..6usize,
        defined in any::<bool>(),
    ) {
        // One claim for each fact: a sure one and a doubtful one would be sure.
        let sure: BTreeSet<_> = links.iter().filter(|link| link.3).map(|link| (link.0, link.1, link.2)).collect();
        let links = links.into_iter().filter(|link| link.3 || !sure.contains(&(link.0, link.1, link.2))).collect();
        agree(&links, root, if defined { " via comes from" } else { "" });
    }
}
