//! Lakes: what is written of a graph is the graph. That engines read them is tried by `tests/duckdb`, `tests/sail` and
//! `tests/cluster`.

use begat::disk;
use begat::graph::{Builder, Census, ClaimSource, EntityId, Fact, Graph};
use begat::load;
use begat::render;

fn toy() -> Graph {
    let (graph, _) = load::check("tests/graphs/toy.ron").expect("it can be read");
    graph.expect("a graph")
}

fn citing(graph: &Graph, number: u32) -> ClaimSource {
    let claim = graph.claims().get(number);
    let [at, quote, note] = [claim.at, claim.quote, claim.note].map(str::to_string);
    ClaimSource { source: Some(claim.source), at, trust: claim.trust, quote, note, date: claim.date }
}

/// All facts of a graph, taken apart and put over its catalogue again, are that graph.
#[test]
fn facts_over_a_catalogue_are_the_graph() {
    let graph = &toy();
    let catalogue = graph.catalogue();
    assert_eq!((catalogue.fact_count(), catalogue.entity_count()), (0, graph.entity_count()));
    let mut builder = Builder::new(graph.schema().clone());
    graph.claims().sources.iter().for_each(|source| _ = builder.source(source.clone()));
    (0..graph.claims().len() as u32).for_each(|number| _ = builder.claim(citing(graph, number)));
    for fact in graph.facts() {
        let numbers = graph.claims().numbers(fact);
        let claims: Vec<Option<u32>> =
            if numbers.is_empty() { vec![None] } else { numbers.iter().map(|number| Some(*number)).collect() };
        for claim in claims {
            match graph.fact(fact) {
                Fact::Link { subject, verb, object } => builder.link(subject, verb, object, claim),
                Fact::Value { subject, property, value } => builder.value(subject, property, value, claim),
            }
        }
    }
    let dated = graph.schema().properties().filter(|(id, _)| !graph.values(*id).settled.is_empty());
    let dates = dated.map(|(id, _)| {
        let own = graph.values(id).range().map(|entity| (entity, graph.date(EntityId(entity), id)));
        (id, own.collect())
    });
    let settled = dates.collect();
    let again = builder.finish_over(&catalogue, settled);
    assert_eq!(load::export::ron(&again), load::export::ron(graph));
    assert_eq!(Census::of(&again), Census::of(graph));
    for (id, _) in graph.schema().properties() {
        assert!(graph.entities().all(|entity| graph.value(entity, id) == again.value(entity, id)));
    }
}

#[cfg(feature = "parquet")]
#[test]
fn a_lake_has_a_catalogue_and_a_census() {
    let graph = toy();
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().join("lake");
    disk::fill_folder(&lake, |folder| render::lake(&graph, folder)).expect("it can be written");
    for file in ["types/Model.parquet", "verbs/uses.parquet", "verbs_by_object/uses.parquet", "claims.parquet"] {
        assert!(lake.join(file).is_file(), "{file}");
    }
    let catalogue = begat::snapshot::open(&lake.join(render::CATALOGUE)).expect("a snapshot");
    assert_eq!((catalogue.entity_count(), catalogue.fact_count()), (graph.entity_count(), 0));
    assert!(graph.entities().all(|entity| graph.name(entity) == catalogue.name(entity)));
    let manifest = std::fs::read_to_string(lake.join("manifest.json")).expect("a manifest");
    assert_eq!(render::census(&manifest, catalogue.schema()), Some(Census::of(&graph)));
    assert_eq!(render::census("{}", catalogue.schema()), None);
}

/// A table longer than a group has several, and all of its rows.
#[cfg(feature = "parquet")]
#[test]
fn long_tables_are_written_in_groups() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    const ROWS: usize = 140_000;
    let csv = (0..ROWS).fold("name\n".to_string(), |csv, i| csv + &format!("n{i}\n"));
    let ron = r#"(schema: (types: {"Node": ()}), sources: {"s": ()},
        tables: [(file: "nodes.csv", entity: "Node", name: "name", source: "s")])"#;
    let database = begat::Database::from_texts(&[("graph.ron", ron), ("nodes.csv", &csv)]).expect("a graph");
    let folder = tempfile::tempdir().expect("a folder");
    let lake = folder.path().join("lake");
    disk::fill_folder(&lake, |folder| render::lake(database.graph(), folder)).expect("it can be written");
    let file = std::fs::File::open(lake.join("types/Node.parquet")).expect("a table");
    let reader = SerializedFileReader::new(file).expect("Parquet");
    assert_eq!(reader.metadata().file_metadata().num_rows(), ROWS as i64);
    assert_eq!(reader.num_row_groups(), 2);
}
