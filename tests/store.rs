//! The store: schema, builder, adjacency, dates that settle, and what the loader says.

use begat::graph::{
    Builder, ClaimSource, Direction, EntityId, Fact, Facts, Graph, Source, Trust, backwards, cycles, disjoint,
    narrowing,
};
use begat::schema::{PropertySource, Schema, SchemaSource, TypeId, TypeSource, VerbSource};
use begat::value::{Date, Value, ValueType};

/// `Model` (dated) with `Series` below it, and `Org`; `succeeds` is chronological, `develops` is not.
fn schema() -> Schema {
    let date =
        PropertySource { value: ValueType::Date, verb: Some("dated".into()), single: true, unit: None, doc: "".into() };
    let model = TypeSource { properties: [("date".to_string(), date)].into(), ..TypeSource::default() };
    let series = TypeSource { extends: Some("Model".into()), ..TypeSource::default() };
    let types = [("Org".into(), TypeSource::default()), ("Model".into(), model), ("Series".into(), series)].into();
    let verb = |from: &str, to: &str| VerbSource { from: vec![from.into()], to: vec![to.into()], ..Default::default() };
    let succeeds = VerbSource { chronological: true, acyclic: true, ..verb("Model", "Model") };
    let verbs = [("succeeds".into(), succeeds), ("develops".into(), verb("Org", "Model"))].into();
    Schema::build(SchemaSource { types, verbs }).expect("a good schema")
}

fn date(text: &str) -> Value {
    Value::Date(Date::parse(text).expect("a date"))
}

/// Models by name, with their dates, and who succeeds whom.
fn lineage(models: &[(&str, &[&str])], links: &[(usize, usize)]) -> Graph {
    let schema = schema();
    let (model, succeeds) = (schema.lookup_type("Model").unwrap(), schema.lookup_verb("succeeds").unwrap());
    let property = schema.lookup_property("date").unwrap();
    let mut builder = Builder::new(schema);
    let claim = builder.claim(ClaimSource::default());
    let ids: Vec<EntityId> = models.iter().map(|(name, _)| builder.entity(model, name, &[])).collect();
    for (id, (_, dates)) in ids.iter().zip(models) {
        dates.iter().for_each(|text| builder.value(*id, property, date(text), Some(claim)));
    }
    links.iter().for_each(|(s, o)| builder.link(ids[*s], succeeds, ids[*o], Some(claim)));
    builder.finish()
}

fn settled(graph: &Graph, name: &str) -> String {
    graph.date_of(graph.names().lookup(name)[0]).to_string()
}

#[test]
fn entities_are_numbered_by_type_and_natural_name() {
    let schema = schema();
    let of = |name: &str| schema.lookup_type(name).unwrap();
    let (org, model, series) = (of("Org"), of("Model"), of("Series"));
    assert_eq!((org, model, series), (TypeId(0), TypeId(1), TypeId(2)));
    let mut builder = Builder::new(schema);
    for (type_, name) in [(series, "Llama"), (model, "Llama 10"), (org, "Meta"), (model, "Llama 2")] {
        builder.entity(type_, name, &[]);
    }
    let graph = builder.finish();
    let names: Vec<&str> = graph.entities().map(|entity| graph.name(entity)).collect();
    assert_eq!(names, ["Meta", "Llama 2", "Llama 10", "Llama"]);
    assert_eq!(graph.ranges(graph.schema().type_(model).subtypes), vec![1..4]);
    assert_eq!(graph.own_range(model), 1..3);
    assert_eq!(graph.type_of(EntityId(3)), series);
}

#[test]
fn claims_add_up_and_rumours_are_apart() {
    let schema = schema();
    let (model, succeeds) = (schema.lookup_type("Model").unwrap(), schema.lookup_verb("succeeds").unwrap());
    let mut builder = Builder::new(schema);
    let ids = ["a", "b", "c"].map(|name| builder.entity(model, name, &[]));
    let source = Some(builder.source(Source { key: "S".into(), ..Source::default() }));
    let sure = builder.claim(ClaimSource { source, at: "L1".into(), ..ClaimSource::default() });
    let rumour = builder.claim(ClaimSource { source, trust: Trust::Doubtful, ..ClaimSource::default() });
    for (s, o, claim) in [(1, 0, rumour), (2, 1, rumour), (1, 0, sure), (1, 0, sure)] {
        builder.link(ids[s], succeeds, ids[o], Some(claim));
    }
    let graph = builder.finish();
    let relation = graph.relation(succeeds);
    let [a, b, c] = [0, 1, 2].map(EntityId);
    let both = relation.fact(b, a).unwrap();
    assert_eq!(graph.claims().of(both).map(|claim| claim.at).collect::<Vec<_>>(), ["L1", ""]);
    assert!(!graph.is_doubtful(both) && graph.is_doubtful(relation.fact(c, b).unwrap()));
    assert!(
        relation.adjacency(Direction::Forward, Facts::Certain).of(c).is_empty()
            && relation.adjacency(Direction::Forward, Facts::All).contains(c, b)
    );
    assert!(
        relation.adjacency(Direction::Reverse, Facts::Certain).of(b).is_empty()
            && relation.adjacency(Direction::Reverse, Facts::Certain).contains(a, b)
    );
    assert_eq!(graph.fact(both), Fact::Link { subject: b, verb: succeeds, object: a });
}

#[test]
fn dates_of_several_sources_settle() {
    let graph = lineage(&[("A", &["2024", "2024-04"]), ("B", &["2020", "2023"]), ("C", &[])], &[]);
    assert_eq!(settled(&graph, "A"), "2024-04");
    assert_eq!(settled(&graph, "B"), Date::parse("2020..2023").unwrap().to_string());
    assert!(graph.date_of(EntityId(2)).is_undated());
    let property = graph.schema().lookup_property("date").unwrap();
    assert_eq!(disjoint(&graph, property).iter().map(|(entity, _)| entity.0).collect::<Vec<_>>(), [1]);
}

#[test]
fn lineage_narrows_dates() {
    let models: [(&str, &[&str]); 4] = [("A", &["2020"]), ("B", &[]), ("C", &["..2023"]), ("D", &["2022-05"])];
    let graph = lineage(&models, &[(1, 0), (2, 1), (3, 2)]);
    assert_eq!(settled(&graph, "B"), "2020-01..2022-05");
    let property = graph.schema().lookup_property("date").unwrap();
    let narrowed = narrowing(&graph, EntityId(1), property).unwrap();
    assert!(narrowed.before.is_undated());
    assert_eq!(narrowed.steps.iter().map(|fact| fact.0).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(narrowing(&graph, EntityId(0), property), None);
}

#[test]
fn contradictions_move_no_bounds() {
    let graph = lineage(&[("A", &["2024"]), ("B", &["2020"]), ("C", &[])], &[(1, 0), (2, 1)]);
    assert_eq!((settled(&graph, "A"), settled(&graph, "B")), ("2024".into(), "2020".into()));
    assert_eq!(graph.date_of(EntityId(2)).earliest(), Date::parse("2020").unwrap().earliest());
    let verb = graph.schema().lookup_verb("succeeds").unwrap();
    assert_eq!(backwards(&graph, verb).len(), 1);
}

#[test]
fn cycles_are_found_and_dates_stay_sane_on_them() {
    let models: [(&str, &[&str]); 4] = [("A", &["2020.."]), ("B", &["..2022"]), ("C", &[]), ("D", &[])];
    let graph = lineage(&models, &[(0, 1), (1, 2), (2, 0), (3, 3)]);
    let verb = graph.schema().lookup_verb("succeeds").unwrap();
    assert_eq!(cycles(&graph, verb), [vec![EntityId(0), EntityId(1), EntityId(2)], vec![EntityId(3)]]);
    assert_eq!(settled(&graph, "C"), Date::parse("2020..2022").unwrap().to_string());
}

#[test]
fn a_schema_names_all_its_problems() {
    let mut source = SchemaSource::default();
    for (name, extends) in [("Model", None), ("A", Some("B")), ("B", Some("A")), ("C", Some("Modle")), ("Date", None)] {
        let declared = TypeSource { extends: extends.map(String::from), ..TypeSource::default() };
        source.types.insert(name.to_string(), declared);
    }
    let verb = VerbSource { from: vec!["Modell".into()], inverse: Some("uses".into()), ..VerbSource::default() };
    source.verbs.insert("uses".into(), verb);
    let problems = Schema::build(source).unwrap_err();
    let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "`Date` is a type of values",
            "`uses` means two things: a verb, and the inverse of `uses`",
            "`A` extends itself: A, B, A",
            "`B` extends itself: B, A, B",
            "no type is called `Modle`",
            "no type is called `Modell`",
            "verb `uses` has no types in `to`",
        ]
    );
    assert_eq!(problems[4].help.as_deref(), Some("did you mean `Model`?"));
}
