//! Renders a small world with all kinds of names in every format.

use super::*;
use crate::answer::*;
use crate::graph::{Builder, ClaimSource, EntityId, FactId, Source, Trust};
use crate::schema::{Plot, PropertySource, SchemaSource, TypeSet, TypeSource, VerbSource};
use crate::value::{Date, Truth, Value, ValueType};
use indexmap::IndexMap;
use std::process::{Command, Stdio};

/// Names that break formats without proper escaping.
const HOSTILE: [&str; 9] = [
    "say \"hi\"",
    "back\\slash\\",
    "two\nlines\ttab",
    "<b>&amp;</b>",
    "digraph",
    "数据库 e\u{301}",
    "a|b`c`]]>#;--",
    "\u{1b}[31mred\0",
    "2024 Q1",
];

fn schema() -> Schema {
    let property = |value, verb: Option<&str>, single| PropertySource {
        value,
        verb: verb.map(String::from),
        single,
        unit: None,
        doc: String::new(),
    };
    let model = TypeSource {
        properties: IndexMap::from([
            ("date".to_string(), property(ValueType::Date, Some("dated"), true)),
            ("parameters".to_string(), property(ValueType::Number, Some("totals"), false)),
        ]),
        plot: Plot { shape: "ellipse".into(), lane: "developed by".into(), filled: String::new() },
        ..TypeSource::default()
    };
    let verb = |from: &str, to: &str, inverse: &str| VerbSource {
        from: vec![from.into()],
        to: vec![to.into()],
        inverse: Some(inverse.into()),
        lineage: from == to,
        adoption: to == "Technique",
        ..VerbSource::default()
    };
    let types = [("Model", model), ("Technique", TypeSource::default()), ("Org", TypeSource::default())];
    let verbs = [
        ("succeeds", verb("Model", "Model", "succeeded by")),
        ("uses", verb("Model", "Technique", "used by")),
        ("develops", verb("Org", "Model", "developed by")),
    ];
    let source = SchemaSource {
        types: types.map(|(name, source)| (name.to_string(), source)).into(),
        verbs: verbs.map(|(name, source)| (name.to_string(), source)).into(),
    };
    Schema::build(source).expect("a sound schema")
}

use crate::schema::Schema;

/// Returns a chain of models with hostile names, one for each quarter from 2024 on, each using `MLA`; and an
/// organisation with the name of a model.
fn world() -> Graph {
    let mut builder = Builder::new(schema());
    let source = builder.source(Source { key: "s".into(), url: "https://x.org/?a=1&b=2".into(), ..Source::default() });
    let claim = |trust| ClaimSource { source: Some(source), at: "L1".into(), trust, ..ClaimSource::default() };
    let (sure, rumour) = (builder.claim(claim(Trust::Direct)), builder.claim(claim(Trust::Doubtful)));
    let schema = builder.schema.clone();
    let [model, technique, org] = ["Model", "Technique", "Org"].map(|name| schema.lookup_type(name).expect("a type"));
    let [succeeds, uses, develops] =
        ["succeeds", "uses", "develops"].map(|name| schema.lookup_verb(name).expect("a verb"));
    let date = schema.lookup_property("date").expect("a property");
    let parameters = schema.lookup_property("parameters").expect("a property");
    let mla = builder.entity(technique, "MLA", &[]);
    let maker = builder.entity(org, HOSTILE[0], &[]);
    let mut before = None;
    for (i, name) in HOSTILE.iter().enumerate() {
        let next = builder.entity(model, name, &[]);
        builder.link(next, uses, mla, Some(if i % 2 == 0 { sure } else { rumour }));
        builder.value(next, parameters, Value::Number(1e9 * (i + 1) as f64), Some(sure));
        if i > 0 {
            let written = format!("{}-{:02}", 2023 + i / 4, 1 + i % 4 * 3);
            builder.value(next, date, Value::Date(Date::parse(&written).expect("a date")), Some(sure));
            builder.link(maker, develops, next, Some(sure));
        }
        if let Some(before) = before.replace(next) {
            builder.link(next, succeeds, before, Some(sure));
        }
    }
    builder.finish()
}

fn models(graph: &Graph) -> Vec<EntityId> {
    let model = graph.schema().lookup_type("Model").expect("a type");
    graph.own_range(model).map(EntityId).collect()
}

fn rows(graph: &Graph) -> Answer {
    let types = TypeSet::only(graph.schema().lookup_type("Model").expect("a type"));
    let head = |title: &str, numeric, types| Head { title: title.to_string(), numeric, types };
    let columns = vec![
        head("Model", false, types),
        head("Model", false, types),
        head("certainty", true, TypeSet::NONE),
        head("d", false, TypeSet::NONE),
        head("list", false, TypeSet::NONE),
    ];
    let row = |(i, entity): (usize, EntityId)| Row {
        cells: vec![
            Cell::Entity(entity),
            Cell::Path(vec![entity, entity]),
            Cell::Value(Value::Number(1e6 * i as f64)),
            Cell::Value(Value::Date(graph.date_of(entity))),
            Cell::List(vec![(Cell::Entity(entity), true), (Cell::Value(Value::text("x")), false)]),
        ],
        certain: i != 1,
    };
    let rows = models(graph).into_iter().enumerate().map(row).collect();
    Answer { view: View::Rows, table: Table { columns, rows }, more_possible: 2, notes: Vec::new() }
}

fn shown(one: &Answer, graph: &Graph, format: Format, looks: &TextStyle) -> String {
    answer(one, graph, format, looks).expect("the format shows it").text
}

#[test]
fn tables_keep_to_the_width() {
    let graph = world();
    for screen in [20, 40, 60, 80, 120, 200] {
        let looks = TextStyle { width: Some(screen), dates: true, ..TextStyle::default() };
        let text = shown(&rows(&graph), &graph, Format::Table, &looks);
        assert_eq!(text.lines().count(), HOSTILE.len() + 1, "{text}");
        assert!(text.lines().all(|line| width(line) <= screen), "{screen}\n{text}");
        assert!(!text.contains('\x1b') && !text.contains('\t'));
    }
    let narrow = TextStyle { width: Some(20), ..TextStyle::default() };
    let rendered = answer(&rows(&graph), &graph, Format::Table, &narrow).expect("a table");
    assert_eq!(rendered.hidden.last().map(String::as_str), Some("list"));
    assert!(
        footer(&rows(&graph), &rendered.hidden, "--wide")
            .starts_with("8 certain, 3 possible (add \"possibly\") · no room for")
    );
}

#[test]
fn a_table() {
    let graph = world();
    let mut answer = rows(&graph);
    answer.table.columns.remove(1);
    answer.table.rows.truncate(3);
    answer.table.rows.iter_mut().for_each(|row| drop(row.cells.remove(1)));
    let text = shown(&answer, &graph, Format::Table, &TextStyle::default());
    let expected = "  \
Model               certainty  d        list
  2024 Q1                     0  2025-01  2024 Q1, x?
? \\u{1b}[31mred\\u{0}         1M  2024-10  \\u{1b}[31mred\\u{0}, x?
  <b>&amp;</b>               2M  2023-10  <b>&amp;</b>, x?
";
    assert_eq!(text, expected);
}

#[test]
fn delimited_rows_keep_their_shape() {
    let graph = world();
    let answer = rows(&graph);
    let tsv = shown(&answer, &graph, Format::Tsv, &TextStyle::default());
    assert!(tsv.starts_with("Model\tModel 2\tcertainty 2\td\tlist\tcertainty\n"), "{tsv}");
    assert!(tsv.lines().all(|line| line.matches('\t').count() == 5));
    assert_eq!((tsv.lines().count(), tsv.contains('\x1b')), (HOSTILE.len() + 1, false));
    let csv = shown(&answer, &graph, Format::Csv, &TextStyle::default());
    let read: Vec<csv::StringRecord> =
        csv::Reader::from_reader(csv.as_bytes()).into_records().map(|record| record.expect("a record")).collect();
    let names: Vec<&str> = models(&graph).iter().map(|entity| graph.name(*entity)).collect();
    assert_eq!(read.iter().map(|record| &record[0]).collect::<Vec<_>>(), names);
    let md = shown(&answer, &graph, Format::Markdown, &TextStyle::default());
    assert_eq!(md.lines().count(), HOSTILE.len() + 2);
    assert!(md.contains("| a\\|b\\`c\\`\\]\\]>#;-- |"), "{md}");
}

#[test]
fn json_rows_are_objects() {
    let graph = world();
    let json: serde_json::Value =
        serde_json::from_str(&shown(&rows(&graph), &graph, Format::Json, &TextStyle::default())).expect("JSON");
    assert_eq!(json["columns"], serde_json::json!(["Model", "Model 2", "certainty 2", "d", "list"]));
    assert_eq!((&json["certain"], &json["possible"]), (&8.into(), &3.into()));
    let row = &json["rows"][1];
    assert_eq!((&row["certainty"], &row["certainty 2"]), (&"possible".into(), &1_000_000.into()));
    assert_eq!(row["d"], serde_json::json!({"edtf": "2024-10", "earliest": "2024-10-01", "latest": "2024-10-31"}));
    assert_eq!(row["list"][1], serde_json::json!({"possible": "x"}));
    let lines = shown(&rows(&graph), &graph, Format::Jsonl, &TextStyle::default());
    assert_eq!(lines.lines().count(), HOSTILE.len());
}

#[test]
fn graphs_hold_any_name() {
    let graph = world();
    let part = whole(&graph);
    for format in [Format::Mermaid, Format::Graphml, Format::Json, Format::Nodes, Format::Edges, Format::Cypher] {
        let text = subgraph(&part, &graph, format).expect("a graph");
        assert_eq!(text, subgraph(&part, &graph, format).expect("a graph"));
        assert!(text.contains("数据库"), "{text}");
    }
    let graphml = subgraph(&part, &graph, Format::Graphml).expect("a graph");
    assert!(graphml.contains("&lt;b&gt;&amp;amp;&lt;/b&gt;") && !graphml.contains('\x1b'));
    let json: serde_json::Value =
        serde_json::from_str(&subgraph(&part, &graph, Format::Json).expect("a graph")).expect("JSON");
    assert_eq!(json["nodes"].as_array().map(Vec::len), Some(graph.entity_count()));
    assert!(subgraph(&part, &graph, Format::Tsv).is_err());
    assert!(answer(&rows(&graph), &graph, Format::Dot, &TextStyle::default()).is_err());
}

/// Graphviz accepts the drawing and finds every node and link of it. Skipped if `dot` is not installed.
#[test]
fn graphviz_takes_any_name() {
    let graph = world();
    let text = subgraph(&whole(&graph), &graph, Format::Dot).expect("a graph");
    let dot =
        Command::new("dot").arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(mut dot) = dot else {
        eprintln!("skipped: `dot` is not installed");
        return;
    };
    std::io::Write::write_all(&mut dot.stdin.take().expect("a pipe"), text.as_bytes()).expect("dot reads");
    let output = dot.wait_with_output().expect("dot ends");
    let (svg, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && errors.is_empty(), "{errors}\n{text}");
    assert_eq!(svg.matches("class=\"node\"").count(), graph.entity_count() + 8, "{text}");
    assert!(svg.contains("数据库"));
}

fn lineage(graph: &Graph) -> Lineage {
    let succeeds = graph.schema().lookup_verb("succeeds").expect("a verb");
    let relation = graph.relation(succeeds);
    let link = |(child, parent): (EntityId, EntityId)| {
        let fact = relation.fact(child, parent);
        Kinship { child, verb: "succeeds".into(), parent, inverse: false, fact }
    };
    let links: Vec<Kinship> = relation
        .forward
        .iter()
        .flat_map(|(subject, objects)| objects.iter().map(move |object| (subject, EntityId(*object))))
        .map(link)
        .collect();
    let members = models(graph).into_iter().map(|entity| Member {
        entity,
        asked: true,
        generation: if graph.name(entity) == HOSTILE[8] { 0 } else { -1 },
        date: graph.date_of(entity),
        certain: graph.name(entity) != HOSTILE[4],
    });
    let root = *graph.names().lookup(HOSTILE[8]).first().expect("an entity");
    Lineage { root, ancestors: true, descendants: false, members: members.collect(), links, left_out: 0 }
}

/// Returns an answer with a view and without rows.
fn drawn(view: View) -> Answer {
    Answer { view, table: Table::default(), more_possible: 0, notes: Vec::new() }
}

#[test]
fn a_family_tree() {
    let graph = world();
    let text = shown(&drawn(View::Lineage(lineage(&graph))), &graph, Format::Tree, &TextStyle::default());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), HOSTILE.len() + 2);
    assert_eq!(lines[HOSTILE.len()..], ["", "numbers are parameters"]);
    assert!(lines[0].starts_with("2024 Q1  9B ") && lines[0].ends_with("2025-01"), "{text}");
    assert!(lines[1].starts_with("└── \\u{1b}[31mred\\u{0}  8B "), "{text}");
    assert!(text.contains("digraph  5B ?"));
}

/// Returns a view of every kind that is drawn.
fn views(graph: &Graph) -> Vec<View> {
    let all = models(graph);
    let part = Subgraph { entities: all.clone(), ..Subgraph::default() };
    let cells = |i: usize| (0..all.len()).map(|j| [Truth::No, Truth::Maybe, Truth::Yes][(i + j) % 3]).collect();
    let facts: Vec<FactId> = whole(graph).facts;
    let proof = |fact: &FactId| Proof { reason: Reason::Fact((*fact).into()), because: Default::default() };
    let because: Vec<Proof> = facts.iter().take(4).map(proof).collect();
    let entries = [Side::Left, Side::Right, Side::Both].map(|side| Difference {
        side,
        verb: "uses".into(),
        cell: Cell::Entity(all[0]),
        facts: facts[..2].to_vec(),
    });
    let curve = Curve {
        adopted: all[2],
        certain: vec![all[..2].to_vec(), Vec::new(), all[2..5].to_vec()],
        possible: vec![Vec::new(), all[5..7].to_vec(), all[5..6].to_vec()],
        wide: Vec::new(),
        undated: all[7..8].to_vec(),
        first: vec![(all[0], true)],
        shares: Vec::new(),
    };
    let periods: Vec<String> = ["2023", "2024", "2025"].map(String::from).into();
    let adoption = |curves| View::Adoption(Adoption { timed: true, among: None, periods: periods.clone(), curves });
    vec![
        View::Lineage(lineage(graph)),
        View::Timeline(part),
        View::Matrix(Matrix {
            rows: all.clone(),
            columns: all.clone(),
            cells: (0..all.len()).map(cells).collect(),
            earliest: vec![vec![true; all.len()]; all.len()],
            verb: Some("a \x1b b".into()),
            is_turned: false,
        }),
        View::Describe(all[3]),
        View::Diff(vec![Diff { left: all[0], right: all[1], entries: entries.into() }]),
        View::Why(vec![Explained {
            title: "a \x1b b".into(),
            proof: Proof { reason: Reason::All, because: because.into() },
            certain: true,
        }]),
        View::WhyNot(WhyNot {
            holds: vec![proof(&facts[0])],
            fails: Some("x uses y".into()),
            nearest: vec![proof(&facts[1])],
        }),
        adoption(vec![curve.clone()]),
        adoption(vec![curve.clone(), curve]),
        View::Verdict(Truth::Maybe),
    ]
}

/// No drawing at any width, coloured or not, is wider than the screen or controls the terminal.
#[test]
fn drawings_keep_to_the_width() {
    let graph = world();
    for view in views(&graph) {
        let one = drawn(view);
        for (screen, ascii) in [(40, true), (60, false), (80, false), (200, true)] {
            let looks = TextStyle { width: Some(screen), ascii, ..TextStyle::default() };
            let text = shown(&one, &graph, Format::natural(&one), &looks);
            assert!(text.lines().all(|line| width(line) <= screen), "{screen} {ascii}\n{text}");
            assert!(!text.contains('\x1b') && text.ends_with('\n'), "{text}");
            assert!(!ascii || !text.contains(['─', '█', '●', '│']), "{text}");
            eprintln!("{text}");
            let painted = shown(&one, &graph, Format::natural(&one), &TextStyle { color: true, ..looks.clone() });
            assert_eq!(anstream::adapter::strip_str(&painted).to_string(), text);
        }
    }
}
