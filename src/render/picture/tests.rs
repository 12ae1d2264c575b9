//! Tests of whole pictures.

use super::sample::{World, adoption, diff, lineage, lineages, matrix, real, whole};
use super::*;
use crate::answer::Table;

fn answer(view: View) -> Answer {
    Answer { view, table: Table::default(), more_possible: 0, notes: Vec::new() }
}

fn toy() -> Graph {
    std::env::var("TOY").ok().and_then(|path| crate::load::open(path).ok()).unwrap_or_else(real)
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
