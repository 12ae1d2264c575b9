use super::super::paint::marks::Area;
use super::super::sample::{World, lineage, lineages};
use super::super::{PictureStyle, Room, paint};
use super::data::{self, Chart, Few};
use super::place::{self, TimelineScene};
use crate::graph::{EntityId, Graph};

fn worlds() -> Vec<World> {
    let half_dated = World { undated_each: 2, ..World::of(40, 5) };
    let scarcely = World { undated_each: 4, seed: 3, ..World::of(120, 30) };
    vec![World::of(1, 1), World::of(8, 3), World::of(36, 8), half_dated, scarcely, World::of(450, 24)]
}

/// The layouts of all worlds, computed once for all tests.
fn laid() -> &'static [(Chart, TimelineScene)] {
    static LAID: std::sync::LazyLock<Vec<(Chart, TimelineScene)>> = std::sync::LazyLock::new(|| {
        let lay = |world: World| {
            let graph = world.graph();
            let chart = data::of_subgraph(&lineages(&graph), &graph, &PictureStyle::default(), Few::Together);
            let scene = place::scene(&chart, false, None);
            (chart, scene)
        };
        worlds().into_iter().map(lay).collect()
    });
    &LAID
}

#[test]
fn labels_do_not_overlap() {
    for (chart, scene) in laid() {
        let mut order: Vec<usize> = (0..scene.spots.len()).collect();
        order.sort_by(|a, b| scene.spots[*a].label.x.total_cmp(&scene.spots[*b].label.x));
        for (k, i) in order.iter().enumerate() {
            let label = scene.spots[*i].label;
            let near = order[k + 1..].iter().take_while(|j| scene.spots[**j].label.x < label.right());
            for j in near {
                let other = &scene.spots[*j].label;
                assert!(!label.overlaps(other), "{} and {}", chart.nodes[*i].name, chart.nodes[*j].name);
            }
        }
    }
}

#[test]
fn no_link_runs_through_a_foreign_dot() {
    for (chart, scene) in laid() {
        for (link, route) in chart.links.iter().zip(&scene.routes) {
            for at in route.points() {
                let hit = scene.spots.iter().enumerate().find(|(i, spot)| {
                    *i != link.parent
                        && *i != link.child
                        && (spot.at.x - at.x).hypot(spot.at.y - at.y) < spot.radius + 1.0
                });
                assert_eq!(hit.map(|(i, _)| &chart.nodes[i].name), None, "{} runs through it", link.title);
            }
        }
    }
}

#[test]
fn lanes_follow_each_other_and_hold_their_own() {
    for (chart, scene) in laid() {
        assert!(scene.strips.windows(2).all(|pair| pair[0].area.bottom() <= pair[1].area.y + 0.01));
        for (node, spot) in chart.nodes.iter().zip(&scene.spots) {
            let strip = scene.strips.iter().find(|strip| strip.lane == node.lane).expect("its lane");
            assert!(strip.area.contains(spot.at) && holds(&strip.area, &spot.label), "{}", node.name);
        }
    }
}

fn holds(outer: &Area, inner: &Area) -> bool {
    outer.x <= inner.x && outer.y <= inner.y && inner.right() <= outer.right() && inner.bottom() <= outer.bottom()
}

#[test]
fn all_is_inside_the_picture() {
    for (_, scene) in laid() {
        for spot in &scene.spots {
            assert!(spot.at.x > 0.0 && spot.label.right() <= scene.width, "{spot:?}");
        }
        let points = scene.routes.iter().flat_map(|route| route.points());
        let outside =
            points.filter(|at| !(0.0..=scene.width).contains(&at.x) || !(-30.0..=scene.height + 30.0).contains(&at.y));
        assert_eq!(outside.count(), 0);
    }
}

#[test]
fn dots_stand_within_what_their_dates_allow() {
    for (chart, scene) in laid() {
        for (node, spot) in chart.nodes.iter().zip(&scene.spots) {
            if let Some(bar) = spot.bar {
                assert!((bar.from - 0.01..=bar.to + 0.01).contains(&spot.at.x), "{}: {bar:?} {:?}", node.name, spot.at);
            }
        }
        let of_undated = chart.nodes.iter().zip(&scene.spots).filter(|(node, _)| node.date.is_undated());
        let column = scene.undated.unwrap_or_default();
        of_undated.for_each(|(_, spot)| assert!(column.x <= spot.label.x && spot.label.right() <= column.right()));
    }
}

#[test]
fn parents_stand_left_of_their_children_where_dates_allow_it() {
    let (chart, scene) = laid().last().expect("the largest world");
    let is_left = |link: &&data::ChartLink| scene.spots[link.parent].at.x <= scene.spots[link.child].at.x + 0.01;
    let left = chart.links.iter().filter(is_left).count();
    assert!(left * 100 >= chart.links.len() * 99, "{left} of {}", chart.links.len());
}

#[test]
fn focus_fades_the_others() {
    let graph = World::of(36, 8).graph();
    let found = lineages(&graph);
    let focus = found.entities[20];
    let chart =
        data::of_subgraph(&found, &graph, &PictureStyle { focus: Some(focus), ..Default::default() }, Few::Together);
    let kin: Vec<EntityId> = lineage(&graph, focus).members.iter().map(|member| member.entity).collect();
    for node in &chart.nodes {
        assert_eq!(node.faded, !kin.contains(&node.entity), "{}", node.name);
    }
}

fn picture(graph: &Graph, looks: &PictureStyle) -> String {
    paint::svg::write(
        &super::of_subgraph(&lineages(graph), graph, looks, Room::default(), "Models in time").0,
        looks.theme,
    )
}

#[test]
fn equal_graphs_give_equal_bytes() {
    let looks = PictureStyle::default();
    let bytes = picture(&World::of(120, 12).graph(), &looks);
    assert_eq!(bytes, picture(&World::of(120, 12).graph(), &looks));
    assert!(bytes.starts_with("<svg ") && bytes.contains("role=\"img\"") && bytes.contains("prefers-color-scheme"));
    assert!(bytes.contains("<title id=\"begat-title\">Models in time</title>") && bytes.contains("<desc "));
}
