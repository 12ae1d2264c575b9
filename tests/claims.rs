//! The 50 claims of the source: each fact that encodes one is in the built-in graph, and cites the claim's line.

mod support;

use begat::answer::View;
use begat::graph::Trust;
use begat::render::{self, Format};
use begat::value::Truth;
use begat::{Database, Options};
use support::generate::{self, Random};
use support::queries;

/// `tests/graphs/claims.tsv`: claim number, locator, trust, and a ground sentence, a line each.
fn claims() -> Vec<[String; 4]> {
    let text = std::fs::read_to_string(queries::folder().join("graphs/claims.tsv")).expect("the list of claims");
    let line = |line: &str| {
        let fields: Vec<String> = line.split('\t').map(str::to_string).collect();
        <[String; 4]>::try_from(fields).unwrap_or_else(|fields| panic!("four fields: {fields:?}"))
    };
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

#[test]
fn all_fifty_claims_are_listed() {
    let mut numbers: Vec<u32> = claims().iter().map(|[number, ..]| number.parse().expect("a number")).collect();
    numbers.dedup();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
}

#[test]
fn every_claim_holds() {
    let database = Database::builtin();
    let mut wrong = Vec::new();
    for [number, _, _, sentence] in claims() {
        match queries::ask(&database, &format!("ask {sentence}"), &Options::default()) {
            Ok(answer) if answer.view == View::Verdict(Truth::Yes) => {}
            Ok(answer) => wrong.push(format!("{number}: {sentence}: {:?}", answer.view)),
            Err(error) => wrong.push(format!("{number}: {sentence}: {error:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A graph that is asked for according to a source cites that source, and is as sure of each fact as the source.
#[test]
fn graphs_cite_the_source_that_is_asked() {
    let mut restricted = 0;
    for seed in 0..150 {
        let draft = generate::draft(&mut Random(seed));
        let database = Database::of(generate::build(&draft));
        let graph = database.graph();
        let Some(source) = graph.claims().lookup_source("S1") else { continue };
        for said in ["possibly uses Tool", "possibly dated Date", "possibly succeeds+ Model", "possibly made by Org"] {
            let text = format!("graph Model {said} according to \"S1\"");
            let Ok(answer) = queries::ask(&database, &text, &Options::default()) else { continue };
            let View::Graph(part) = &answer.view else { panic!("a graph: {:?}", answer.view) };
            for (fact, row) in part.facts.iter().zip(answer.table.rows.iter()) {
                let own: Vec<_> = graph.claims().of(*fact).filter(|claim| claim.source == source).collect();
                let cited: Vec<_> = part.claims(graph, *fact).map(|claim| graph.claims().get(claim)).collect();
                assert!(!own.is_empty() && cited == own, "{text}: {cited:?}\n{}", generate::describe(&draft));
                let is_sure = own.iter().any(|claim| claim.trust != Trust::Doubtful);
                assert_eq!(row.certain, is_sure, "{text}: {row:?}\n{}", generate::describe(&draft));
                restricted += usize::from(graph.claims().of(*fact).count() > own.len());
            }
            // A drawn node has all its values, so that of the lines those of facts and sources are looked at.
            for (format, mark) in [(Format::Dot, "->"), (Format::Turtle, "begat:Source"), (Format::Json, "\"target\"")]
            {
                let written = render::subgraph(part, graph, format).expect("a format of graphs");
                let other = written.lines().filter(|line| line.contains(mark) && line.contains("S2"));
                assert_eq!(other.collect::<Vec<_>>(), [] as [&str; 0], "{text}");
            }
        }
    }
    assert!(restricted > 50, "only {restricted} facts had claims of another source");
}

#[test]
fn every_claim_is_cited() {
    let database = Database::builtin();
    let mut wrong = Vec::new();
    for [number, at, trust, sentence] in claims() {
        let answer = match queries::ask(&database, &format!("why {sentence}"), &Options::default()) {
            Ok(answer) => answer,
            Err(error) => {
                wrong.push(format!("{number}: {sentence}: {error:?}"));
                continue;
            }
        };
        let column = |title: &str| answer.table.columns.iter().position(|head| head.title == title);
        let (Some(at_column), Some(trust_column)) = (column("at"), column("trust")) else {
            panic!("no columns `at` and `trust` in {:?}", answer.table.columns);
        };
        let cites = answer.table.rows.iter().any(|row| {
            let words = queries::words(database.graph(), row);
            words[at_column] == at && words[trust_column] == trust
        });
        if !cites {
            let rows: Vec<_> =
                answer.table.rows.iter().map(|row| queries::words(database.graph(), row).join(" | ")).collect();
            wrong.push(format!("{number}: {sentence} does not cite {at} ({trust}): {rows:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What follows from the claims together.
#[test]
fn answers_that_must_hold() {
    let database = Database::builtin();
    let cases: &[(&str, &[&str])] = &[
        ("Model uses MLA", &["DeepSeek V2", "DeepSeek V3"]),
        ("Org develops Model that uses QK-Norm", &["Allen Institute for AI, OLMo 2"]),
        ("DeepSeek R1 (succeeds | based on)+ Model", &["DeepSeek V2", "DeepSeek V3"]),
        (
            "Technique replaces Technique t",
            &["GQA, MHA", "RMSNorm, LayerNorm", "RoPE, Absolute Positional Embeddings", "SwiGLU, GELU"],
        ),
        ("DeepSeek V3 adds Technique", &["MoE", "Shared Expert"]),
        ("DeepSeek V3 keeps Technique", &["MLA"]),
        ("Model drops Technique", &[]),
        ("Technique supplants Technique t", &[]),
        (
            "Org adopts Technique",
            &[
                "Allen Institute for AI, MHA",
                "Allen Institute for AI, Post-LN Variant",
                "Allen Institute for AI, QK-Norm",
                "Allen Institute for AI, RMSNorm",
                "Google, Large Vocabulary",
                "Google, RMSNorm",
                "Google, Sliding Window Attention",
            ],
        ),
        ("Technique reduces Computational Cost", &["GQA", "Sliding Window Attention"]),
        ("conflicts", &[]),
    ];
    for (text, expected) in cases {
        let answer = queries::ask(&database, text, &Options::default()).unwrap_or_else(|e| panic!("{text}: {e:?}"));
        let mut rows: Vec<String> =
            answer.table.rows.iter().map(|row| queries::words(database.graph(), row).join(", ")).collect();
        rows.sort();
        assert_eq!(rows, *expected, "{text}");
    }
}
