use super::super::paint::marks::{Area, Point};
use super::super::sample::{World, descendants, languages, lineages, toy, transformers};
use super::super::timeline::data::{self, Few};
use super::super::{LinkChoice, PictureStyle, Room, paper};
use super::draw::drop;
use super::lay::FamilyScene;
use super::{Family, draw};
use crate::answer::Subgraph;
use crate::graph::{Builder, Graph};
use crate::schema::{PropertySource, Schema, SchemaSource, TypeSource, VerbSource};
use crate::value::{Date, Value, ValueType};

/// The layout of a family, with a name for messages.
struct Laid {
    name: String,
    family: Family,
    scene: FamilyScene,
}

fn laid_at(name: &str, graph: &Graph, part: &Subgraph, width: f64) -> Laid {
    let looks = PictureStyle::default();
    let family = Family::of(data::of_subgraph(part, graph, &looks, Few::Apart));
    let scene = family.scene(&looks, width);
    Laid { name: format!("{name}, {width} wide"), family, scene }
}

/// The layouts of all worlds, computed once for all tests.
fn laid() -> &'static [Laid] {
    static LAID: std::sync::LazyLock<Vec<Laid>> = std::sync::LazyLock::new(|| {
        let mut all = Vec::new();
        for world in [
            World::of(1, 1),
            World { undated_each: 3, ..World::of(40, 5) },
            World::of(450, 24),
            World { undated_each: 9, ..World::of(2000, 60) },
        ] {
            let graph = world.graph();
            let name = format!("a world of {}", world.models);
            all.push(laid_at(&name, &graph, &lineages(&graph), 1400.0));
        }
        let built_in = super::super::sample::real();
        all.push(laid_at("the built-in graph", &built_in, &lineages(&built_in), 900.0));
        let toy = toy();
        all.push(laid_at("the toy graph", &toy, &lineages(&toy), 900.0));
        let languages = languages();
        all.push(laid_at("languages", &languages, &descendants(&languages, None), 1000.0));
        let graph = transformers();
        all.push(laid_at("transformers", &graph, &descendants(&graph, None), 1480.0));
        let roots = ["Llama", "BERT", "GPT-2", "CLIP", "ViT", "Mistral", "Qwen2", "Gemma", "DeepSeek-V3", "DETR"];
        for root in roots {
            let part = descendants(&graph, Some(root));
            assert!(part.entities.len() > 1, "{root} has a family");
            for width in [369.0, 826.0, 1400.0] {
                all.push(laid_at(root, &graph, &part, width));
            }
        }
        all
    });
    &LAID
}

fn labels(laid: &Laid) -> Vec<(usize, Area)> {
    let mut labels: Vec<(usize, Area)> = laid.scene.spots.iter().map(|spot| spot.label).enumerate().collect();
    labels.sort_by(|a, b| a.1.x.total_cmp(&b.1.x));
    labels
}

/// Returns the segments of a tree, each with its node: the horizontal line to its children, or the vertical line to
/// itself.
fn segments(laid: &Laid) -> Vec<(usize, [Point; 2])> {
    let Laid { family, scene, .. } = laid;
    let lines = scene.ends.iter().enumerate().filter_map(|(node, end)| {
        let at = scene.spots[node].at;
        Some((node, [at, Point { x: (*end)?, y: at.y }]))
    });
    let drops = family.forest.main.iter().enumerate().filter_map(|(node, link)| {
        let ends = drop(scene, &family.chart.links[(*link)?]);
        Some((node, ends))
    });
    lines.chain(drops).collect()
}

fn bounds([a, b]: [Point; 2]) -> Area {
    Area::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs())
}

#[test]
fn no_label_overlaps_another() {
    for laid in laid() {
        let labels = labels(laid);
        for (k, (i, label)) in labels.iter().enumerate() {
            for (j, other) in labels[k + 1..].iter().take_while(|(_, other)| other.x < label.right()) {
                let names = [i, j].map(|node| &laid.family.chart.nodes[*node].name);
                assert!(!label.overlaps(other), "{}: {names:?}", laid.name);
            }
        }
    }
}

#[test]
fn no_link_crosses_a_label() {
    for laid in laid() {
        let labels = labels(laid);
        for (node, ends) in segments(laid) {
            let way = bounds(ends);
            let end = labels.partition_point(|(_, label)| label.x <= way.right());
            let hit = labels[..end]
                .iter()
                .find(|(_, label)| label.right() > way.x && label.y < way.bottom() && label.bottom() > way.y);
            let names = hit.map(|(i, _)| [&laid.family.chart.nodes[node].name, &laid.family.chart.nodes[*i].name]);
            assert_eq!(names, None, "{}", laid.name);
        }
        for arc in &laid.scene.arcs {
            let over = arc.points().find(|at| labels.iter().any(|(_, label)| label.contains(*at)));
            assert_eq!(over, None, "{}: an arc", laid.name);
        }
    }
}

#[test]
fn no_link_crosses_a_link_of_the_trees() {
    for laid in laid() {
        let all = segments(laid);
        let (level, upright): (Vec<_>, Vec<_>) = all.iter().partition(|(_, [a, b])| a.y == b.y);
        for (node, [from, to]) in upright {
            let crossed = level.iter().find(|(_, [a, b])| {
                let is_inside = a.x < from.x - 0.01 && from.x < b.x - 0.01;
                is_inside && from.y < a.y - 0.01 && a.y < to.y - 0.01
            });
            let name = |node: &usize| laid.family.chart.nodes[*node].name.clone();
            assert_eq!(crossed.map(|(other, _)| name(other)), None, "{}: {}", laid.name, name(&node));
        }
    }
}

#[test]
fn no_link_runs_through_a_foreign_dot() {
    for laid in laid() {
        let mut dots: Vec<(usize, Point)> = laid.scene.spots.iter().map(|spot| spot.at).enumerate().collect();
        dots.sort_by(|a, b| a.1.x.total_cmp(&b.1.x));
        for (node, ends) in segments(laid) {
            let way = bounds(ends);
            let parent = laid.family.forest.parent(&laid.family.chart, node);
            let from = dots.partition_point(|(_, at)| at.x < way.x - 1.0);
            let near = dots[from..].iter().take_while(|(_, at)| at.x <= way.right() + 1.0);
            let hit = near
                .filter(|(i, _)| *i != node && Some(*i) != parent)
                .find(|(_, at)| (way.y - 1.0..=way.bottom() + 1.0).contains(&at.y));
            assert_eq!(hit.map(|(i, _)| &laid.family.chart.nodes[*i].name), None, "{}", laid.name);
        }
    }
}

#[test]
fn children_hang_right_of_their_parents_from_their_lines() {
    for laid in laid() {
        let Laid { family, scene, name } = laid;
        for (child, link) in family.forest.main.iter().enumerate() {
            let Some(link) = link.map(|link| &family.chart.links[link]) else { continue };
            let (parent, at) = (scene.spots[link.parent].at, scene.spots[child].at);
            assert!(parent.x <= at.x && parent.y < at.y, "{name}: {}", link.title);
            assert!(scene.ends[link.parent].is_some_and(|end| at.x <= end + 0.01), "{name}: {}", link.title);
        }
    }
}

#[test]
fn every_link_is_shown_or_named() {
    for laid in laid() {
        let Laid { family, scene, name } = laid;
        for link in &family.forest.others {
            let is_arc = scene.arcs.iter().any(|arc| arc.link == *link);
            let is_named = scene.labels[family.chart.links[*link].child].more.contains("also from");
            // The narrowest sheets have no room for text behind names.
            assert!(is_arc || is_named || scene.width < 500.0, "{name}: {}", family.chart.links[*link].title);
        }
    }
}

#[test]
fn everything_is_inside_the_picture() {
    for laid in laid() {
        for spot in &laid.scene.spots {
            assert!(spot.label.x > 0.0 && spot.label.y > -1.0, "{}: {spot:?}", laid.name);
            assert!(
                spot.label.right() <= laid.scene.width && spot.label.bottom() <= laid.scene.height,
                "{}",
                laid.name
            );
        }
    }
}

#[test]
fn most_dots_stand_at_their_dates() {
    let llama = laid().iter().find(|laid| laid.name == "Llama, 1400 wide").expect("Llama");
    let axis = llama.scene.axis.as_ref().expect("an axis");
    let off = llama
        .family
        .chart
        .nodes
        .iter()
        .zip(&llama.scene.spots)
        .filter_map(|(node, spot)| Some((axis.x(super::super::cite::middle(node.date)?) - spot.at.x).abs()));
    let mut off: Vec<f64> = off.collect();
    off.sort_by(f64::total_cmp);
    assert!(off[off.len() / 2] < 12.0 && off[off.len() - 1] < 120.0, "{:?}", &off[off.len() - 5..]);
}

#[test]
fn pages_hold_everything_once_and_no_small_text() {
    let graph = transformers();
    let part = descendants(&graph, Some("Llama"));
    let looks = PictureStyle::default();
    let family = Family::of(data::of_subgraph(&part, &graph, &looks, Few::Apart));
    let sheet = paper::Paper { width: 538.6, height: Some(785.2), margin: 28.3 };
    let drawn = |room: Room| Ok(draw::pages(&family, &graph, &looks, room, "Llama"));
    let pages = paper::fitted(sheet, &drawn).expect("pages");
    assert!((2..=6).contains(&pages.len()), "{} pages", pages.len());
    for page in &pages {
        let (width, height) = page.paper.expect("a size");
        assert!(width <= 538.7 && height <= 785.3, "{width} by {height}");
        assert!(page.smallest_text() * width / page.width >= 6.0 - 1e-6);
    }
    let written: Vec<String> =
        pages.iter().map(|page| super::super::paint::svg::write(page, super::super::Theme::Light)).collect();
    for entity in &part.entities {
        let mark = format!("data-i=\"{}\"", entity.0);
        assert!(written.iter().any(|page| page.contains(&mark)), "{}", graph.name(*entity));
    }
}

#[test]
fn what_is_cut_is_counted_where_it_hangs() {
    let graph = transformers();
    let part = descendants(&graph, Some("Llama"));
    let looks = PictureStyle::default();
    let whole = Family::of(data::of_subgraph(&part, &graph, &looks, Few::Apart));
    let (count, depths) = (whole.chart.nodes.len(), whole.depths());
    let family = whole.cut(&depths.iter().map(|depth| *depth <= 1).collect::<Vec<bool>>());
    let shown = family.chart.nodes.len();
    assert!(shown < count && shown > 20, "{shown} of {count}");
    assert_eq!(shown + family.before + family.after.iter().sum::<usize>(), count);
    assert!(family.scene(&looks, 1400.0).labels.iter().any(|label| label.more.contains("more")));
}

#[test]
fn further_parents_can_be_left_out() {
    let graph = World::of(36, 8).graph();
    let looks = PictureStyle { links: LinkChoice::Main, ..PictureStyle::default() };
    let family = Family::of(data::of_subgraph(&lineages(&graph), &graph, &looks, Few::Apart));
    let scene = family.scene(&looks, 900.0);
    assert!(!family.forest.others.is_empty() && scene.arcs.is_empty());
    assert!(scene.labels.iter().all(|label| !label.more.contains("also")));
}

/// Returns a graph of systems, each with a name, a date, a date of its end, and the name of its parent.
fn systems(rows: &[(&str, &str, &str, &str)]) -> Graph {
    let property = |verb: &str| PropertySource {
        value: ValueType::Date,
        verb: Some(verb.into()),
        single: true,
        unit: None,
        doc: String::new(),
    };
    let properties = [("date".into(), property("appeared")), ("end".into(), property("ended"))].into();
    let system = TypeSource { properties, ..TypeSource::default() };
    let stems = VerbSource {
        from: vec!["System".into()],
        to: vec!["System".into()],
        lineage: true,
        chronological: true,
        ..Default::default()
    };
    let source =
        SchemaSource { types: [("System".into(), system)].into(), verbs: [("stems from".into(), stems)].into() };
    let schema = Schema::build(source).expect("a good schema");
    let (system, stems) = (schema.lookup_type("System").unwrap(), schema.lookup_verb("stems from").unwrap());
    let (date, end) = (schema.lookup_property("date").unwrap(), schema.lookup_property("end").unwrap());
    let mut builder = Builder::new(schema);
    let ids: Vec<_> = rows.iter().map(|(name, ..)| builder.entity(system, name, &[])).collect();
    for ((_, from, to, parent), id) in rows.iter().zip(ids.iter().copied()) {
        for (property, text) in [(date, from), (end, to)].into_iter().filter(|(_, text)| !text.is_empty()) {
            builder.value(id, property, Value::Date(Date::parse(text).expect("a date")), None);
        }
        if let Some(parent) = rows.iter().position(|(name, ..)| name == parent) {
            builder.link(id, stems, ids[parent], None);
        }
    }
    builder.finish()
}

#[test]
fn a_line_runs_through_a_span_of_life() {
    let rows = [
        ("Ended later", "1993-08", "2020-05", ""),
        ("Child", "2000-01", "", "Ended later"),
        ("Ended before its child", "1994-01", "1996-01", ""),
        ("Late child", "2004-01", "2010", "Ended before its child"),
        ("Alive", "1999-01", "", ""),
        ("Ended before it began", "1999-01", "1990-01", ""),
    ];
    let graph = systems(&rows);
    let part = crate::render::whole(&graph);
    let laid = laid_at("systems", &graph, &part, 900.0);
    let place = |name: &str| laid.family.chart.nodes.iter().position(|node| node.name == name).expect("a node");
    let x = |text: &str| {
        let day = super::super::cite::middle(Date::parse(text).expect("a date")).expect("a day");
        laid.scene.axis.as_ref().expect("an axis").x(day)
    };
    let near = |end: Option<f64>, x: f64| end.is_some_and(|end| (end - x).abs() < 9.0);
    assert!(near(laid.scene.ends[place("Ended later")], x("2020-05")));
    assert!(near(laid.scene.ends[place("Ended before its child")], laid.scene.spots[place("Late child")].at.x));
    assert!(near(laid.scene.ends[place("Late child")], x("2010")));
    assert_eq!(laid.scene.ends[place("Alive")], None);
    assert_eq!(laid.scene.ends[place("Ended before it began")], None);
    assert!(super::suits(&part, &graph, &PictureStyle::default()), "lanes show no spans of life");
}

#[test]
fn what_a_query_leaves_out_is_counted() {
    let graph = transformers();
    let root = graph.names().lookup("Llama")[0];
    let whole = super::super::sample::lineage(&graph, root);
    let lineage = crate::answer::Lineage { left_out: 168, ..whole };
    let pages = super::of_lineage(&lineage, &graph, &PictureStyle::default(), Room::default());
    let written = super::super::paint::svg::write(&pages[0], super::super::Theme::Light);
    assert!(written.contains("… and 168 more, left out"));
}
