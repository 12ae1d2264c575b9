//! Laws of the store, on random graphs: adjacency from both ends, the way to RON and back, and damaged files.

use begat::graph::{Builder, ClaimSource, Direction, EntityId, Fact, FactId, Facts, Graph, Source, Trust};
use begat::load::{self, export};
use begat::schema::{PropertySource, Schema, SchemaSource, TypeSource, VerbSource};
use begat::text::Text;
use begat::value::{Date, Number, Value, ValueType, plain};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// `Model` with a date, a size and a kind, `Series` below it, `Org`; three verbs.
fn schema() -> Schema {
    let property = |value, verb: Option<&str>, single| PropertySource {
        value,
        verb: verb.map(String::from),
        single,
        unit: None,
        doc: "what \"it\" is".into(),
    };
    let model = TypeSource {
        properties: [
            ("date".to_string(), property(ValueType::Date, Some("dated"), true)),
            ("size".to_string(), property(ValueType::Number, Some("totals"), false)),
            ("kind".to_string(), property(ValueType::Text, None, false)),
            // A keyword, so that no sentence can have it for a verb.
            ("year".to_string(), property(ValueType::Number, None, false)),
        ]
        .into(),
        ..TypeSource::default()
    };
    let series = TypeSource { extends: Some("Model".into()), ..TypeSource::default() };
    let types = [("Model".into(), model), ("Org".into(), TypeSource::default()), ("Series".into(), series)].into();
    let verb = |from: &str, to: &str| VerbSource { from: vec![from.into()], to: vec![to.into()], ..Default::default() };
    let succeeds = VerbSource { lineage: true, inverse: Some("succeeded by".into()), ..verb("Model", "Model") };
    let verbs = [
        ("succeeds".into(), succeeds),
        ("develops".into(), verb("Org", "Model")),
        ("member of".into(), verb("Model", "Series")),
    ];
    Schema::build(SchemaSource { types, verbs: verbs.into() }).expect("a good schema")
}

/// A graph as a random test makes it: entities, then claims, then facts by the numbers of both.
#[derive(Debug, Clone)]
struct Made {
    /// Type (0 to 2, as in the schema), name, alias.
    entities: Vec<(u16, String, Option<String>)>,
    /// Trust and locator.
    claims: Vec<(usize, String)>,
    /// Subject, verb, object, claim.
    links: Vec<(usize, u16, usize, usize)>,
    /// Subject, property and value, claim; without a claim beside the entity.
    values: Vec<(usize, (u16, Value), Option<usize>)>,
}

fn value() -> impl Strategy<Value = (u16, Value)> {
    let date =
        prop::sample::select(vec!["2024", "2024-05", "..2023", "2024~", "2023..2025", "202X", "-0044", "2024-21"]);
    prop_oneof![
        date.prop_map(|text| (0, Value::Date(Date::parse(text).expect("a date")))),
        prop_oneof![Just(671e9), Just(0.1), Just(-3.0), Just(1e300), any::<u32>().prop_map(f64::from)]
            .prop_map(|number| (1, Value::Number(number))),
        any::<i64>().prop_map(|whole| (1, Value::from(Number::of_whole(whole.into())))),
        any::<i16>().prop_map(|number| (3, Value::Number(f64::from(number)))),
        "[a-z\"\\\\\n é]{0,6}".prop_map(|text| (2, Value::text(&text))),
    ]
}

fn made() -> impl Strategy<Value = Made> {
    let name = prop_oneof![
        "[A-Z][a-zA-Z0-9]{0,3}( [0-9]{1,2})?",
        "[a-z]{1,4}",
        // Those differ by case, spaces and hyphens, or in how their letters are written.
        "[aA][ _-]?[bB]",
        "[Ee](\u{301})?\u{200b}?[-\t\n]?x",
        "[A-Z][a-z\"\\\\ '+.-]{0,5}é",
        prop::sample::select(vec!["Show", "By 2", "2024", "Model", "Model X", "In"]).prop_map(String::from),
    ];
    let entities = prop::collection::vec((0..3u16, name.clone(), prop::option::of(name)), 1..12);
    let claims = prop::collection::vec((0..4usize, "[L0-9 \"\\\\]{0,5}"), 1..5);
    (entities, claims).prop_flat_map(|(entities, claims)| {
        let (n, c) = (entities.len(), claims.len());
        let links = prop::collection::vec((0..n, 0..3u16, 0..n, 0..c), 0..40);
        let values = prop::collection::vec((0..n, value(), prop::option::of(0..c)), 0..20);
        (Just(entities), Just(claims), links, values).prop_map(|(entities, claims, links, values)| Made {
            entities,
            claims,
            links,
            values,
        })
    })
}

/// Subject, verb and object to claims.
type Stated = BTreeMap<(String, u16, String), BTreeSet<u32>>;

/// The graph, and each link that was stated with its claims, by names of the ends.
fn build(made: &Made, distinct: bool) -> (Graph, Stated) {
    let schema = schema();
    let type_of = |made: u16| ["Model", "Series", "Org"][made as usize];
    let ids: Vec<_> = made.entities.iter().map(|(t, ..)| schema.lookup_type(type_of(*t)).unwrap()).collect();
    let verbs: Vec<_> = schema.verbs().map(|(id, verb)| (id, verb.from, verb.to)).collect();
    let properties: Vec<_> = schema.properties().map(|(id, property)| (id, property.of)).collect();
    let mut builder = Builder::new(schema);
    let source = Some(builder.source(Source { key: "s \"1\"".into(), ..Source::default() }));
    let mut seen = BTreeSet::new();
    let mut entities = Vec::new();
    for (i, (_, name, alias)) in made.entities.iter().enumerate() {
        // A number keeps names apart where the loader asks for it.
        let name =
            if distinct && !seen.insert(plain(name).into_owned()) { format!("{name} N{i}") } else { name.clone() };
        let _ = seen.insert(plain(&name).into_owned());
        let alias = alias.iter().filter(|alias| !distinct || seen.insert(plain(alias).into_owned())).cloned();
        let alias = alias.collect::<Vec<_>>();
        entities.push((builder.entity(ids[i], &name, &alias), ids[i], name));
    }
    let claim = |(trust, at): &(usize, String)| ClaimSource {
        source,
        at: at.clone(),
        trust: Trust::ALL[*trust],
        ..ClaimSource::default()
    };
    let claims: Vec<u32> = made.claims.iter().map(|made| builder.claim(claim(made))).collect();
    let mut stated = Stated::new();
    for (s, v, o, c) in &made.links {
        let ((verb, from, to), (subject, object)) = (verbs[*v as usize], (&entities[*s], &entities[*o]));
        if from.contains(subject.1) && to.contains(object.1) {
            builder.link(subject.0, verb, object.0, Some(claims[*c]));
            let key = (format!("{} {}", subject.2, s), *v, format!("{} {}", object.2, o));
            stated.entry(key).or_default().insert(claims[*c]);
        }
    }
    for (s, (p, value), c) in &made.values {
        let (id, of) = properties[*p as usize];
        if of.contains(entities[*s].1) {
            builder.value(entities[*s].0, id, value.clone(), c.map(|c| claims[c]));
        }
    }
    (builder.finish(), stated)
}

/// Everything a graph holds but its schema, as text.
fn contents(graph: &Graph) -> Vec<String> {
    let mut all = Vec::new();
    for entity in graph.entities() {
        let aliases: Vec<&str> = graph.names().aliases(entity).collect();
        let dates = graph.date_of(entity);
        all.push(format!("{:?} {} {aliases:?} {dates:?}", graph.type_of(entity), graph.name(entity)));
    }
    for i in 0..graph.fact_count() as u32 {
        let claims: Vec<_> = graph.claims().of(FactId(i)).collect();
        all.push(format!("{:?} {:?} {claims:?}", graph.fact(FactId(i)), graph.claims().numbers(FactId(i))));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_fact_is_found_from_both_ends_once(made in made()) {
        let (graph, stated) = build(&made, false);
        let mut count = 0;
        for (id, _) in graph.schema().verbs() {
            let relation = graph.relation(id);
            let mut positions = BTreeSet::new();
            for (subject, row) in relation.forward.iter() {
                prop_assert!(row.is_sorted_by(|a, b| a < b));
                for object in row {
                    let fact = relation.fact(subject, EntityId(*object)).unwrap();
                    let said = Fact::Link { subject, verb: id, object: EntityId(*object) };
                    prop_assert_eq!(graph.fact(fact), said);
                    prop_assert!(relation.reverse.contains(EntityId(*object), subject));
                    prop_assert_eq!(relation.adjacency(Direction::Forward, Facts::Certain).contains(subject, EntityId(*object)), !graph.is_doubtful(fact));
                    prop_assert_eq!(relation.adjacency(Direction::Reverse, Facts::Certain).contains(EntityId(*object), subject), !graph.is_doubtful(fact));
                    count += 1;
                }
            }
            for (object, row) in relation.reverse.iter() {
                prop_assert!(row.is_sorted_by(|a, b| a < b));
                for subject in row {
                    let position = relation.forward.position(EntityId(*subject), object);
                    prop_assert!(position.is_some_and(|position| positions.insert(position)));
                }
            }
            prop_assert_eq!(positions.len(), relation.len());
        }
        prop_assert_eq!(count, stated.len());
        let claims: usize = stated.values().map(BTreeSet::len).sum();
        let values: usize = graph.schema().properties().map(|(id, _)| graph.values(id).len()).sum();
        prop_assert_eq!(graph.fact_count(), count + values);
        let links = (0..count as u32).map(|fact| graph.claims().numbers(FactId(fact)).len());
        prop_assert_eq!(links.sum::<usize>(), claims);
    }

    #[test]
    fn ids_are_in_order_of_type_and_name(made in made()) {
        let (graph, _) = build(&made, false);
        let keys: Vec<_> = graph.entities().map(|e| (graph.type_of(e), begat::value::natural_key(graph.name(e)))).collect();
        prop_assert!(keys.is_sorted());
        for (name, entity) in graph.names().iter() {
            prop_assert!(!graph.names().lookup(name).is_empty());
            prop_assert!(graph.names().lookup(graph.name(entity)).contains(&entity));
        }
    }

    #[test]
    fn graphs_come_back_from_ron(made in made()) {
        let (graph, _) = build(&made, true);
        let text = export::ron(&graph);
        let (back, problems) = load::read(vec![Text::new("export", text.clone())]);
        let Some(back) = back else { panic!("{text}\n{problems:#?}") };
        prop_assert_eq!(contents(&graph), contents(&back));
        prop_assert!(graph.schema() == back.schema());
        prop_assert_eq!(export::ron(&back), text);
    }

    /// Damage: some bytes of a good file are cut out, doubled or replaced.
    #[test]
    fn damaged_files_are_refused_or_read_but_never_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..8usize, "[\\[\\](){}:,\"\\\\a-zA-Z0-9 é\n]{0,3}"), 1..4)
    ) {
        let mut body = SMALL.to_string();
        for (at, length, put) in cuts {
            let boundaries: Vec<usize> = body.char_indices().map(|(i, _)| i).chain([body.len()]).collect();
            let start = at.index(boundaries.len());
            let end = (start + length).min(boundaries.len() - 1);
            body.replace_range(boundaries[start]..boundaries[end], &put);
        }
        let (graph, problems) = load::read(vec![Text::new("damaged", body.clone())]);
        prop_assert_eq!(graph.is_none(), problems.has_errors());
        for problem in problems.iter() {
            for label in &problem.labels {
                prop_assert!(body.get(label.span.start as usize..label.span.end as usize).is_some(), "{problem:?}");
            }
        }
    }
}

const SMALL: &str = r##"// A comment, "with quotes"
(
    schema: (types: {"Model": (properties: {"date": (type: Date, verb: "dated", single: true)}), "Org": ()},
        verbs: {"succeeds": (from: ["Model"], to: ["Model"], chronological: true, acyclic: true), "develops": (from: ["Org"], to: ["Model"])}),
    sources: {"s": (title: "Ä title"), r#"t"#: ()},
    entities: {"Model": {"GPT-2": (), "GPT-3": (aliases: ["Gé \"3\"", "G\u{e9}\x41"])}, "Org": {"OpenAI": (name: "Open AI")}},
    claims: [
        (source: "s", at: "L1", trust: direct, facts: ["GPT-3 succeeds GPT-2", "\"Gé \\\"3\\\"\" dated 2020", "OpenAI develops GPT-2 and GPT-3"]),
        (source: r#"t"#, date: "..2023", trust: doubtful, note: "a \
            note", facts: ["GPT-2 dated ..2019"]),
    ],
    defines: ["define Org o keeps Model m as o develops m"],
)
"##;
