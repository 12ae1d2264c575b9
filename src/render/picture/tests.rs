//! Tests of whole pictures.

mod geometry;

use super::sample::{World, adoption, diff, languages, lineage, lineages, matrix, real, toy, transformers};
use super::*;
use crate::answer::Table;
use crate::render::whole;

fn answer(view: View) -> Answer {
    Answer { view, table: Table::default(), more_possible: 0, notes: Vec::new() }
}

/// Returns every kind of picture, of generated and real worlds, each with a name.
fn gallery() -> Vec<(String, Graph, View, PictureStyle)> {
    let mut gallery = Vec::new();
    let mut add = |name: &str, graph: &Graph, view: View, looks: PictureStyle| {
        gallery.push((name.to_string(), graph.clone(), view, looks));
    };
    let looks = |query: &str| PictureStyle { query: query.into(), graph: "made up".into(), ..PictureStyle::default() };
    for world in
        [World::of(1, 1), World::of(36, 8), World { undated_each: 3, ..World::of(120, 30) }, World::of(450, 24)]
    {
        let graph = world.graph();
        add(
            &format!("timeline-{}", world.models),
            &graph,
            View::Timeline(lineages(&graph)),
            looks("timeline of Model"),
        );
        add(
            &format!("adoption-{}", world.models),
            &graph,
            View::Adoption(adoption(&graph)),
            looks("adoption of Technique by year"),
        );
        add(
            &format!("matrix-{}", world.models),
            &graph,
            View::Matrix(matrix(&graph)),
            looks("matrix Model uses Technique"),
        );
    }
    for (name, graph) in [("built-in", real()), ("toy", toy())] {
        add(&format!("{name}-models"), &graph, View::Graph(lineages(&graph)), looks("graph Model"));
        add(&format!("{name}-all"), &graph, View::Graph(whole(&graph)), looks("graph"));
        add(
            &format!("{name}-adoption"),
            &graph,
            View::Adoption(adoption(&graph)),
            looks("adoption of Technique by year"),
        );
        add(&format!("{name}-matrix"), &graph, View::Matrix(matrix(&graph)), looks("matrix Model uses Technique"));
    }
    let graph = real();
    let named = |name: &str| graph.names().lookup(name)[0];
    add("built-in-diff", &graph, View::Diff(vec![diff(&graph, named("Llama 3"), named("DeepSeek V3"))]), looks(""));
    add("built-in-lineage", &graph, View::Lineage(lineage(&graph, named("DeepSeek V3"))), looks(""));
    let graph = World::of(36, 8).graph();
    let models = lineages(&graph).entities;
    let pairs = vec![diff(&graph, models[11], models[30]), diff(&graph, models[8], models[9])];
    add("diff", &graph, View::Diff(pairs), looks(""));
    let entity = lineages(&graph).entities[20];
    let dark = PictureStyle { focus: Some(entity), theme: Theme::Dark, ..looks("timeline of Model") };
    add("focus-dark", &graph, View::Timeline(lineages(&graph)), dark);
    add("lineage", &graph, View::Lineage(lineage(&graph, entity)), looks(""));
    gallery
}

#[test]
fn every_view_is_drawn_the_same_each_time() {
    for (name, graph, view, looks) in gallery().into_iter().filter(|(name, ..)| !name.ends_with("450")) {
        let answer = answer(view);
        let first = svg(&answer, None, &graph, &looks).expect("a picture");
        assert_eq!(first, svg(&answer, None, &graph, &looks).expect("a picture"), "{name}");
        assert!(first.starts_with("<svg ") && first.ends_with("</svg>\n"), "{name}");
        assert!(first.contains("role=\"img\"") && first.contains("<desc id="), "{name}");
        assert!(!first.contains("NaN") && !first.contains("inf "), "{name}");
        assert_eq!(first.matches("<g").count(), first.matches("</g>").count(), "{name}");
    }
}

#[test]
fn what_has_no_picture_says_so() {
    let graph = real();
    let error = svg(&answer(View::Schema), None, &graph, &PictureStyle::default()).unwrap_err();
    assert_eq!(error.0[0].code, Code::NoPicture);
    let looks = PictureStyle { lane: Some("develped by".into()), ..PictureStyle::default() };
    let error = svg(&answer(View::Schema), None, &graph, &looks).unwrap_err();
    assert_eq!(error.0[0].code, Code::UnknownVerb);
    assert_eq!(error.0[0].help[0].message, "did you mean `developed by`?");
    let empty = svg(&answer(View::Rows), Some(&Subgraph::default()), &graph, &PictureStyle::default());
    assert!(empty.expect("a picture").contains("nothing to draw"));
}

/// Writes the gallery as files, and prints the time of each: `PICTURES=/tmp cargo test --release --lib gallery_ --
/// --ignored --nocapture`.
#[test]
#[ignore = "writes files to look at"]
fn gallery_as_files() {
    let folder = std::env::var("PICTURES").unwrap_or_else(|_| ".".into());
    for (name, graph, view, looks) in gallery() {
        let answer = answer(view);
        let start = std::time::Instant::now();
        let svg = svg(&answer, None, &graph, &looks).expect("a picture");
        println!("{name}: {:?}, {} bytes", start.elapsed(), svg.len());
        std::fs::write(format!("{folder}/{name}.svg"), svg).expect("a writable folder");
        let page = html(&answer, None, &graph, &looks).expect("a page");
        std::fs::write(format!("{folder}/{name}.html"), page).expect("a writable folder");
    }
}

/// Queries about the built-in graph and about that of the transformers library: every kind of picture, and families of
/// all sizes.
const BUILT_IN: [&str; 22] = [
    "lineage of DeepSeek R1",
    "ancestors of DeepSeek R1",
    "ancestors of OLMo 2",
    "descendants of GPT",
    "timeline of Model",
    "timeline of Technique",
    "spread of MLA",
    "spread of MoE",
    "spread of GQA",
    "rise of Technique",
    "graph Model uses Technique",
    "graph Technique replaces Technique",
    "adoption of Technique by year",
    "adoption of MoE by year",
    "adoption of MLA, MoE by year",
    "adoption of Technique by Org",
    "matrix of Model uses Technique",
    "diff DeepSeek V3 and Llama 3",
    "why DeepSeek R1 based on / uses MLA",
    "why Model uses Technique",
    "why not Llama 3 uses MLA",
    "Org develops Model that uses QK-Norm",
];
const TRANSFORMERS: [&str; 28] = [
    "lineage of Llama",
    "descendants of BERT",
    "descendants of GPT-2",
    "lineage of CLIP",
    "lineage of ViT",
    "lineage of Mistral",
    "descendants of Qwen2",
    "lineage of Gemma",
    "lineage of DeepSeek-V3",
    "lineage of DETR",
    "ancestors of Qwen3",
    "timeline of Model",
    "timeline of Model that uses MLA",
    "timeline of Model that uses QK-Norm",
    "spread of MLA",
    "spread of GQA",
    "spread of QK-Norm",
    "spread of MoE",
    "graph Model that uses MLA stems from Model",
    "adoption of GQA by year",
    "adoption of MHA, GQA, MLA by year",
    "adoption of Technique by year",
    "matrix of Model uses Technique",
    "matrix of Model that uses MLA uses Technique",
    "diff OLMo and OLMo 2",
    "why Qwen3 uses QK-Norm",
    "why Model uses MLA",
    "graph Org develops Model that uses MLA",
];
const TOY: [&str; 8] = [
    "lineage of Llama",
    "descendants of GPT-2",
    "timeline of Model",
    "spread of MLA",
    "spread of RoPE",
    "adoption of Technique by year",
    "matrix of Model uses Technique",
    "why Model uses MLA",
];
const LANGUAGES: [&str; 4] =
    ["lineage of C", "timeline of Language", "descendants of Lisp", "why Language influenced by C"];

/// Returns the pictures of a query at a width; none if the query or the picture is refused.
fn drawn(database: &crate::Database, query: &str, style: &PictureStyle, room: Room) -> Vec<Picture> {
    let options = crate::Options::default();
    let prepared = database.prepare(query, &options).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let answer = database.run(&prepared[0], &options).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let part = database.subgraph(&prepared[0], &options).ok();
    pictures(&answer, part.as_ref(), database.graph(), style, room).unwrap_or_else(|error| panic!("{query}: {error:?}"))
}

/// Returns the faults of a picture: texts on texts, lines through texts, texts outside.
fn faults(name: &str, picture: &Picture) -> Vec<String> {
    let shapes = geometry::Shapes::of(picture);
    let overlaps = shapes.overlaps().into_iter().map(|(a, b)| format!("{name}: `{a}` overlaps `{b}`"));
    let struck = shapes.struck().into_iter().map(|(line, words)| format!("{name}: `{line}` strikes `{words}`"));
    let outside = shapes.outside(picture).into_iter().map(|words| format!("{name}: `{words}` is outside"));
    overlaps.chain(struck).chain(outside).collect()
}

fn assert_faultless(database: &crate::Database, queries: &[&str]) {
    let mut all = Vec::new();
    for query in queries {
        for width in [None, Some(826.0)] {
            let name = format!("{query} at {}", width.map_or("any width".to_string(), |width| width.to_string()));
            for picture in drawn(database, query, &PictureStyle::default(), Room { width, ..Room::default() }) {
                all.extend(faults(&name, &picture));
                if let Ok(folder) = std::env::var("PICTURES") {
                    let svg = paint::svg::write(&picture, Theme::Light);
                    std::fs::write(format!("{folder}/{}.svg", slug(&name)), svg).expect("a writable folder");
                }
            }
        }
    }
    assert!(all.is_empty(), "{} faults\n{}", all.len(), all.join("\n"));
}

#[test]
fn no_text_of_the_built_in_graph_is_covered() {
    assert_faultless(&crate::Database::of(real()), &BUILT_IN);
}

#[test]
fn no_text_of_the_transformers_graph_is_covered() {
    assert_faultless(&crate::Database::of(transformers()), &TRANSFORMERS);
}

#[test]
fn no_text_of_the_languages_graph_is_covered() {
    assert_faultless(&crate::Database::of(languages()), &LANGUAGES);
}

#[test]
fn no_text_of_the_toy_graph_is_covered() {
    assert_faultless(&crate::Database::of(toy()), &TOY);
}

#[test]
fn no_text_of_generated_graphs_is_covered() {
    let mut all = Vec::new();
    for world in [World::of(450, 24), World { undated_each: 9, ..World::of(2000, 60) }] {
        let graph = world.graph();
        let views = [View::Timeline(lineages(&graph)), View::Adoption(adoption(&graph)), View::Matrix(matrix(&graph))];
        for view in views {
            let drawn = pictures(&answer(view), None, &graph, &PictureStyle::default(), Room::default());
            let name = format!("a world of {}", world.models);
            all.extend(drawn.expect("a picture").iter().flat_map(|picture| faults(&name, picture)));
        }
    }
    assert!(all.is_empty(), "{} faults\n{}", all.len(), all.join("\n"));
}

/// The sheets that journals and printers use: A4 between margins, and a column.
#[test]
fn text_on_paper_is_large_enough_and_not_covered() {
    let sheets = [
        Paper { width: 538.6, height: Some(785.2), margin: 28.3 },
        Paper { width: 180.0 * MILLIMETRE, height: None, margin: 0.0 },
    ];
    let database = crate::Database::of(real());
    let mut all = Vec::new();
    for query in BUILT_IN {
        for sheet in sheets {
            let draw = |room: Room| Ok(drawn(&database, query, &PictureStyle::default(), room));
            let pages = paper::fitted(sheet, &draw).unwrap_or_else(|error| panic!("{query}: {error:?}"));
            for page in &pages {
                let (width, height) = page.paper.expect("a size");
                let fits = width <= sheet.width + 0.1 && sheet.height.is_none_or(|most| height <= most + 0.1);
                assert!(fits, "{query}: {width} by {height}");
                let least = page.smallest_text() * width / page.width;
                assert!(least >= paper::LEAST - 1e-6, "{query}: {least}");
                all.extend(faults(&format!("{query} on paper {} wide", sheet.width), page));
            }
        }
    }
    assert!(all.is_empty(), "{} faults\n{}", all.len(), all.join("\n"));
}
