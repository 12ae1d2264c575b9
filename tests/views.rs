//! Views and `as of`, by query text on small worlds.

use begat::answer::{Answer, Cell, Proof, Reason, Side, View};
use begat::graph::{Builder, ClaimSource, EntityId, Fact, Graph, Source};
use begat::load;
use begat::render::{self, Format, TextStyle};
use begat::schema::{PropertySource, Schema, SchemaSource, TypeSource, VerbSource};
use begat::text::Text;
use begat::value::{Date, Value, ValueType};
use begat::{Database, Options};

const SCHEMA: &str = r#"
    schema: (
        types: {
            "Model": (properties: {
                "date": (type: Date, verb: "dated", single: true),
                "size": (type: Number, verb: "totals", single: true),
                "tag": (type: Text, verb: "tagged"),
            }),
            "Technique": (properties: {"date": (type: Date, verb: "dated", single: true)}),
            "Org": (),
        },
        verbs: {
            "succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by", lineage: true, acyclic: true),
            "based on": (from: ["Model"], to: ["Model"], inverse: "base of", lineage: true, acyclic: true),
            "uses": (from: ["Model"], to: ["Technique"], inverse: "used by", adoption: true),
            "develops": (from: ["Org"], to: ["Model"], inverse: "developed by"),
        },
    ),
    sources: {"S": (title: "A source")},
    entities: {
        "Model": {"Ada": (aliases: ["First"]), "Bea": (), "Cid": (), "Dot": (), "Eve": ()},
        "Technique": {"GQA": (), "MLA": (), "MoE": ()},
        "Org": {"Acme": (), "Bolt": ()},
    },
"#;

/// A world of those facts; the second list is only rumoured.
fn world(facts: &str, doubtful: &str) -> Database {
    let claim = |trust: &str, facts: &str| format!(r#"(source: "S", at: "L1", trust: {trust}, facts: [{facts}]),"#);
    let (sure, rumour) = (claim("direct", facts), claim("doubtful", doubtful));
    let rumour = if doubtful.is_empty() { String::new() } else { rumour };
    let (graph, problems) = load::read(vec![Text::new("world.ron", format!("({SCHEMA} claims: [{sure}{rumour}])"))]);
    Database::of(graph.unwrap_or_else(|| panic!("{problems:#?}")))
}

const FAMILY: &str = r#""Bea succeeds Ada", "Cid succeeds Ada", "Dot succeeds Bea and Cid", "Dot based on Ada",
    "Ada dated 2020", "Bea dated 2022", "Cid dated 2021", "Dot dated 2023-05", "Eve dated 2024""#;

fn ask(database: &Database, query: &str) -> Answer {
    let options = Options::default();
    let prepared = database.prepare(query, &options).unwrap_or_else(|error| panic!("{query}: {error:#?}"));
    database.run(&prepared[0], &options).unwrap_or_else(|error| panic!("{query}: {error:#?}"))
}

/// The rows, cells with `|` between them; `?` after what is only possible.
fn rows(database: &Database, query: &str) -> Vec<String> {
    let answer = ask(database, query);
    let line = |row: &begat::answer::Row| {
        let cells: Vec<String> = row.cells.iter().map(|cell| word(database.graph(), cell)).collect();
        cells.join("|") + if row.certain { "" } else { "?" }
    };
    answer.table.rows.iter().map(line).collect()
}

fn word(graph: &Graph, cell: &Cell) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Entity(entity) => graph.name(*entity).to_string(),
        Cell::Value(value) => value.to_string(),
        Cell::Path(path) => path.iter().map(|entity| graph.name(*entity)).collect::<Vec<_>>().join(">"),
        Cell::List(cells) => {
            let mark = |sure: bool| if sure { "" } else { "?" };
            cells.iter().map(|(cell, sure)| word(graph, cell) + mark(*sure)).collect::<Vec<_>>().join(",")
        }
    }
}

/// The facts of a query's graph, as sentences.
fn facts(database: &Database, query: &str) -> Vec<String> {
    let options = Options::default();
    let prepared = database.prepare(query, &options).unwrap_or_else(|error| panic!("{query}: {error:#?}"));
    let part = database.subgraph(&prepared[0], &options).unwrap_or_else(|error| panic!("{query}: {error:#?}"));
    let graph = database.graph();
    let say = |fact: Fact| match fact {
        Fact::Link { subject, verb, object } => {
            format!("{} {} {}", graph.name(subject), graph.schema().verb(verb).name, graph.name(object))
        }
        Fact::Value { subject, property, value } => {
            format!("{} {} {value}", graph.name(subject), graph.schema().property(property).name)
        }
    };
    let mut ends: Vec<EntityId> = part.entities.clone();
    ends.sort();
    assert_eq!(ends, part.entities, "{query}: entities are in id order");
    part.facts.iter().map(|fact| say(graph.fact(*fact))).collect()
}

#[test]
fn lineage_has_both_sides() {
    let database = world(FAMILY, "");
    assert_eq!(
        rows(&database, "lineage of Bea"),
        ["Ada|-1|2020|succeeded by|Bea", "Dot|1|2023-05|succeeds|Bea"],
        "the sibling is no member, and neither is the root"
    );
    assert_eq!(facts(&database, "lineage of Bea"), ["Bea succeeds Ada", "Dot succeeds Bea"]);
}

#[test]
fn a_diamond_is_one_member_with_all_its_links() {
    let database = world(FAMILY, "");
    assert_eq!(
        rows(&database, "ancestors of Dot"),
        [
            "Ada|-1|2020|succeeded by,succeeded by,base of|Bea,Cid,Dot",
            "Cid|-1|2021|succeeded by|Dot",
            "Bea|-1|2022|succeeded by|Dot",
        ]
    );
    let View::Lineage(lineage) = ask(&database, "ancestors of Dot").view else { panic!("a lineage") };
    assert_eq!((lineage.members.len(), lineage.links.len()), (4, 5));
    assert_eq!((lineage.members[0].entity, lineage.members[0].generation), (lineage.root, 0));
    assert!(lineage.ancestors && !lineage.descendants);
}

#[test]
fn via_follows_other_verbs() {
    let database = world(FAMILY, "");
    let succeeds = ["Cid|-1|2021|succeeded by|Dot", "Bea|-1|2022|succeeded by|Dot", "Ada|-2|2020|succeeded by|Bea,Cid"];
    assert_eq!(rows(&database, "ancestors of Dot via succeeds"), succeeds);
    assert_eq!(rows(&database, "ancestors of Dot via succeeds+"), succeeds);
    assert_eq!(rows(&database, "descendants of Dot via succeeded by").len(), 3);
    let grand = rows(&database, "ancestors of Dot via succeeds / succeeds");
    assert_eq!(grand[0], "Ada|-1|2020|succeeded by|Bea,Cid", "the entities on the way are members too");
    assert_eq!(grand.len(), 3);
}

#[test]
fn rumoured_relatives_are_possible() {
    let database = world(FAMILY, r#""Eve succeeds Dot""#);
    let rows = rows(&database, "descendants of Bea");
    assert_eq!(rows, ["Dot|1|2023-05|succeeds|Bea", "Eve|2|2024|succeeds|Dot??"]);
}

const USERS: &str = r#""Ada uses GQA", "Bea uses GQA", "Cid uses GQA", "Dot uses GQA",
    "Ada dated 2020-03", "Bea dated 2022-01", "Cid dated 2020..2021", "Eve dated 2019",
    "Acme develops Ada", "Acme develops Bea", "Bolt develops Cid""#;

#[test]
fn adopters_add_up() {
    let database = world(USERS, r#""Eve uses GQA""#);
    assert_eq!(
        rows(&database, "adoption of GQA by year"),
        [
            "GQA|2019|0|1|0|Eve??",
            "GQA|2020|1|1|1|Ada,Cid?",
            "GQA|2021|0|1|1|Cid??",
            "GQA|2022|1|0|2|Bea",
            "GQA|several|1|0|3|Cid",
            "GQA|undated|1|0|4|Dot",
        ]
    );
    let View::Adoption(adoption) = ask(&database, "adoption of GQA by year").view else { panic!("an adoption") };
    let curve = &adoption.curves[0];
    assert_eq!(adoption.periods, ["2019", "2020", "2021", "2022"]);
    assert_eq!(curve.certain.iter().flatten().count() + curve.wide.len() + curve.undated.len(), 4);
    let first: Vec<(&str, bool)> =
        curve.first.iter().map(|(entity, sure)| (database.graph().name(*entity), *sure)).collect();
    assert_eq!(first, [("Cid", false), ("Ada", false), ("Dot", false)], "a rumour is no first, but unsettles them");
}

#[test]
fn adoption_by_quarter_and_group() {
    let database = world(USERS, "");
    let quarters = rows(&database, "adoption of GQA by quarter");
    assert_eq!((quarters[0].as_str(), quarters.len()), ("GQA|2020-Q1|1|1|1|Ada,Cid?", 11));
    let groups = rows(&database, "adoption of GQA by Org");
    assert_eq!(groups, ["GQA|Acme|2|0|Ada,Bea", "GQA|Bolt|1|0|Cid", "GQA||1|0|Dot"]);
    let types = rows(&database, "adoption of Technique by year");
    assert!(types.contains(&"MLA||0|0|0|".to_string()), "every entity of the type has a row");
    assert_eq!(facts(&database, "adoption of GQA"), ["Ada uses GQA", "Bea uses GQA", "Cid uses GQA", "Dot uses GQA"]);
}

#[test]
fn the_first_is_certain_where_nobody_rivals_it() {
    let database = world(r#""Ada uses MLA", "Bea uses MLA", "Ada dated 2020", "Bea dated 2022""#, "");
    let View::Adoption(adoption) = ask(&database, "adoption of MLA").view else { panic!("an adoption") };
    assert_eq!(adoption.curves[0].first.len(), 1);
    assert!(adoption.curves[0].first[0].1);
}

#[test]
fn a_timeline_is_in_order_of_date() {
    let database = world(USERS, "");
    let dated = rows(&database, "timeline of Model");
    assert_eq!(dated, ["Eve|2019", "Cid|2020..2021", "Ada|2020-03", "Bea|2022-01", "Dot|undated"]);
    assert_eq!(rows(&database, "timeline of Model uses GQA limit 1"), ["Cid|2020..2021"]);
    let View::Timeline(part) = ask(&database, "timeline of Model").view else { panic!("a timeline") };
    assert_eq!(database.graph().name(part.entities[0]), "Eve");
    assert_eq!(facts(&world(FAMILY, ""), "timeline of Model dated until 2021"), ["Cid succeeds Ada"]);
}

#[test]
fn a_matrix_is_a_staircase() {
    let facts = r#""Ada uses MoE", "Bea uses GQA and MoE", "Ada dated 2020", "Bea dated 2021", "Cid dated 2022""#;
    let database = world(facts, r#""Cid uses GQA", "Cid uses MLA""#);
    assert_eq!(
        rows(&database, "matrix of Technique used by Model"),
        ["MoE|yes|yes|no", "GQA|no|yes|unknown", "MLA|no|no|unknown"]
    );
    let heads: Vec<String> = ask(&database, "matrix of Technique used by Model")
        .table
        .columns
        .iter()
        .map(|head| head.title.clone())
        .collect();
    assert_eq!(heads, ["Technique", "Ada", "Bea", "Cid"]);
}

#[test]
fn a_diff_tells_both_sides() {
    let facts = r#""Bea succeeds Ada", "Ada uses GQA and MoE", "Bea uses GQA and MLA", "Ada dated 2020",
        "Bea dated 2021", "Ada totals 7", "Bea totals 7", "Ada tagged \"a\" and \"b\"", "Bea tagged \"b\"""#;
    let database = world(facts, "");
    let lines = rows(&database, "diff Bea succeeds Model");
    assert_eq!(
        lines,
        [
            "Bea|Ada|removed|uses|MLA",
            "Bea|Ada|removed|dated|2021",
            "Bea|Ada|added|uses|MoE",
            "Bea|Ada|added|dated|2020",
            "Bea|Ada|added|tagged|a",
            "Bea|Ada|kept|uses|GQA",
            "Bea|Ada|kept|totals|7",
            "Bea|Ada|kept|tagged|b",
        ]
    );
    assert!(rows(&database, "diff Bea and Ada").contains(&"Bea|Ada|removed|succeeds|Ada".to_string()));
    let turned = rows(&database, "diff Ada succeeded by Model");
    assert!(turned.contains(&"Ada|Bea|removed|uses|MoE".to_string()), "the subject as written is on the left");
    let View::Diff(diffs) = ask(&database, "diff Bea and Ada").view else { panic!("a diff") };
    let kept = diffs[0].entries.iter().find(|entry| entry.side == Side::Both).expect("something is kept");
    assert_eq!(kept.facts.len(), 2, "the facts of both sides");
}

#[test]
fn a_description_says_everything_with_its_sources() {
    let database = world(r#""Ada dated 2024", "Ada dated 2024-04", "Bea succeeds Ada", "Ada uses GQA""#, "");
    assert_eq!(
        rows(&database, "describe Ada"),
        [
            "Ada|type|Model|||||",
            "Ada|alias|First|||||",
            "Ada|dated|2024-04|||||as its sources leave it",
            "Ada|dated|2024|S|L1|direct||",
            "Ada|dated|2024-04|S|L1|direct||",
            "Ada|uses|GQA|S|L1|direct||",
            "Bea|succeeds|Ada|S|L1|direct||",
        ]
    );
}

#[test]
fn the_schema_counts() {
    let database = world(USERS, "");
    let lines = rows(&database, "schema Technique");
    assert_eq!(lines[0], "type|Technique|||||3|");
    assert_eq!(lines[1], "property|date|Model or Technique|Date||asked as `dated`, single|4|");
    assert_eq!(lines[2], "verb|uses|Model|Technique|used by|adoption|4|");
    assert_eq!(rows(&database, "schema").len(), 3 + 3 + 4);
}

/// A chronological world that the loader would refuse: models with dates, and who succeeds whom.
fn wrong(models: &[(&str, &[&str])], links: &[(usize, usize)]) -> Database {
    let date =
        PropertySource { value: ValueType::Date, verb: Some("dated".into()), single: true, unit: None, doc: "".into() };
    let model = TypeSource { properties: [("date".to_string(), date)].into(), ..TypeSource::default() };
    let ends = || vec!["Model".to_string()];
    let succeeds = VerbSource { from: ends(), to: ends(), chronological: true, acyclic: true, ..Default::default() };
    let source =
        SchemaSource { types: [("Model".into(), model)].into(), verbs: [("succeeds".into(), succeeds)].into() };
    let schema = Schema::build(source).expect("a good schema");
    let (model, verb) = (schema.lookup_type("Model").unwrap(), schema.lookup_verb("succeeds").unwrap());
    let property = schema.lookup_property("date").unwrap();
    let mut builder = Builder::new(schema);
    let source = builder.source(Source { key: "S".into(), ..Source::default() });
    let claim = builder.claim(ClaimSource { source: Some(source), at: "L1".into(), ..ClaimSource::default() });
    let ids: Vec<EntityId> = models.iter().map(|(name, _)| builder.entity(model, name, &[])).collect();
    for (id, (_, dates)) in ids.iter().zip(models) {
        for date in *dates {
            builder.value(*id, property, Value::Date(Date::parse(date).expect("a date")), Some(claim));
        }
    }
    links.iter().for_each(|(s, o)| builder.link(ids[*s], verb, ids[*o], Some(claim)));
    Database::of(builder.finish())
}

/// The statements of all conflicts, with their numbers and kinds.
fn conflicts(database: &Database, query: &str) -> Vec<String> {
    let cut = |line: String| line.split('|').take(4).map(str::to_string).collect::<Vec<_>>().join("|");
    rows(database, query).into_iter().map(cut).collect()
}

#[test]
fn values_that_exclude_each_other_conflict() {
    let database = wrong(&[("Ada", &["2020", "2021"]), ("Bea", &["2020", "2020-05"])], &[]);
    assert_eq!(conflicts(&database, "conflicts"), ["1|values|Ada|Ada dated 2020", "1|values|Ada|Ada dated 2021"]);
    assert!(conflicts(&database, "conflicts of Bea").is_empty());
}

#[test]
fn orders_in_time_conflict_plainly_or_through_lineage() {
    let plain = wrong(&[("Ada", &["2022"]), ("Bea", &["2020"])], &[(1, 0)]);
    assert_eq!(
        conflicts(&plain, "conflicts"),
        ["1|order|Bea|Bea succeeds Ada", "1|order|Bea|Bea dated 2020", "1|order|Ada|Ada dated 2022"]
    );
    let through = wrong(&[("Ada", &["2022"]), ("Bea", &[]), ("Cid", &["2020"])], &[(1, 0), (2, 1)]);
    let found = conflicts(&through, "conflicts of Ada");
    assert_eq!(found[0], "1|lineage|Cid|Cid succeeds Bea");
    assert!(found.contains(&"1|lineage|Bea|Bea succeeds Ada".to_string()), "{found:?}");
    assert!(found.contains(&"1|lineage|Ada|Ada dated 2022".to_string()), "{found:?}");
}

/// Dates that may be days of each other's years neither contradict each other nor an order in time.
#[test]
fn about_a_year_is_no_conflict_with_the_next() {
    let agree = wrong(&[("Ada", &["2021~", "2022"]), ("Bea", &["2020?", "2019"])], &[]);
    assert!(conflicts(&agree, "conflicts").is_empty());
    assert_eq!(rows(&agree, "Model m show m, m.date"), ["Ada|2022", "Bea|2019"]);
    let order = wrong(&[("Ada", &["2022"]), ("Bea", &["2021~"]), ("Cid", &["2020~"])], &[(1, 0)]);
    assert!(conflicts(&order, "conflicts").is_empty());
    assert_eq!(rows(&order, "Model m show m, m.date"), ["Ada|2022", "Bea|2022", "Cid|2020~"]);
    let wide = wrong(&[("Ada", &["2021~"]), ("Bea", &["..2022"])], &[(1, 0)]);
    assert_eq!(rows(&wide, "Model m show m, m.date"), ["Ada|2021~", "Bea|2020..2022"]);
    let apart = wrong(&[("Ada", &["2023"]), ("Bea", &["2021~"])], &[(1, 0)]);
    assert_eq!(conflicts(&apart, "conflicts")[0], "1|order|Bea|Bea succeeds Ada");
}

#[test]
fn cycles_conflict() {
    let database = wrong(&[("Ada", &[]), ("Bea", &[]), ("Cid", &[])], &[(0, 1), (1, 0), (2, 0)]);
    assert_eq!(conflicts(&database, "conflicts"), ["1|cycle|Ada|Ada succeeds Bea", "1|cycle|Bea|Bea succeeds Ada"]);
    assert_eq!(facts(&database, "conflicts of Bea"), ["Ada succeeds Bea", "Bea succeeds Ada"]);
    let both = rows(&database, "lineage of Ada via succeeds");
    assert_eq!(both.len(), 5, "a cycle puts its members, the root too, on both sides: {both:?}");
}

#[test]
fn as_of_keeps_what_certainly_stood() {
    let facts = r#""Ada dated 2020", "Bea dated 2022", "Cid dated 2020..2021", "Bea succeeds Ada", "Cid succeeds Ada",
        "Ada uses GQA", "Bea uses MLA", "Acme develops Ada", "Acme develops Bea", "MLA dated 2019", "Ada tagged \"a\"""#;
    let database = world(facts, r#""Ada uses MLA""#);
    assert_eq!(rows(&database, "Model as of 2020"), ["Ada"]);
    assert_eq!(rows(&database, "Model as of 2021"), ["Ada", "Cid"]);
    assert_eq!(rows(&database, "Org develops Model as of 2020"), ["Acme|Ada"]);
    assert_eq!(rows(&database, "Technique as of 2020"), ["GQA", "MLA"], "what Ada uses was there");
    assert_eq!(rows(&database, "Model uses Technique as of 2022"), ["Ada|GQA", "Bea|MLA"]);
    assert_eq!(rows(&database, "Model possibly uses Technique as of 2020"), ["Ada|GQA", "Ada|MLA?"]);
    assert_eq!(rows(&database, "Ada succeeded by+ Model as of 2021"), ["Cid"]);
    assert_eq!(rows(&database, "Bea succeeds* Model as of 2021"), [""; 0], "not even itself");
    assert_eq!(rows(&database, "Bea succeeds Ada as of 2021"), ["no"]);
    assert_eq!(rows(&database, "Bea dated Date d as of 2021"), [""; 0]);
    assert_eq!(rows(&database, "Ada tagged Text a as of 2020"), ["a"]);
    assert_eq!(rows(&database, "descendants of Ada as of 2021"), ["Cid|1|2020..2021|succeeds|Ada"]);
    assert_eq!(facts_of(&database, "graph Model succeeds Model as of 2021"), 1);
}

#[test]
fn as_of_leaves_out_what_came_later() {
    let database =
        world(r#""Ada dated 2020", "Ada uses GQA", "GQA dated 2025", "Acme develops Bea", "Bea dated 2023""#, "");
    assert_eq!(rows(&database, "Model uses Technique as of 2022"), [""; 0], "a fact brings in nothing that came later");
    assert_eq!(rows(&database, "Technique as of 2022"), [""; 0]);
    assert_eq!(rows(&database, "Org develops Model as of 2022"), [""; 0]);
    assert_eq!(rows(&database, "Model uses Technique as of 2025"), ["Ada|GQA"]);
}

#[test]
fn a_recursive_proof_does_not_rest_on_itself() {
    let cyclic = SCHEMA.replace(", acyclic: true", "");
    let facts = r#"[(source: "S", facts: ["Ada succeeds Ada", "Ada succeeds Bea", "Bea succeeds Ada and Cid"])]"#;
    let (graph, problems) = load::read(vec![Text::new("world.ron", format!("({cyclic} claims: {facts})"))]);
    let database = Database::of(graph.unwrap_or_else(|| panic!("{problems:#?}")));
    for body in ["m succeeds Model k that gets n or m succeeds n", "m gets Model k that gets n or m succeeds n"] {
        for (object, steps) in [("Bea", 1), ("Cid", 2)] {
            let text = format!("define Model m gets Model n as ({body}); why Ada gets {object}");
            let View::Why(explained) = ask(&database, &text).view else { panic!("{text} explains") };
            assert_eq!(explained.len(), 1, "{text}");
            assert_eq!(leaves(&explained[0].proof), steps, "{text}: {:#?}", explained[0].proof);
        }
    }
}

/// The facts that a proof rests on, again for each time it does.
fn leaves(proof: &Proof) -> usize {
    usize::from(matches!(proof.reason, Reason::Fact(_))) + proof.because.iter().map(leaves).sum::<usize>()
}

fn facts_of(database: &Database, query: &str) -> usize {
    facts(database, query).len()
}

#[test]
fn the_date_of_a_claim_counts() {
    let dated = r#"(source: "S", at: "L2", date: "2021", facts: ["Ada uses MoE"]),
        (source: "S", at: "L3", date: "2019", facts: ["Bea uses MoE", "Dot uses GQA"]),
        (source: "S", at: "L4", facts: ["Ada dated 2020", "Bea dated 2021"]),"#;
    let (graph, problems) = load::read(vec![Text::new("world.ron", format!("({SCHEMA} claims: [{dated}])"))]);
    let database = Database::of(graph.unwrap_or_else(|| panic!("{problems:#?}")));
    assert_eq!(rows(&database, "Model uses Technique as of 2020"), ["Dot|GQA"], "an undated end of it stood too");
    assert_eq!(rows(&database, "Model uses Technique as of 2021"), ["Ada|MoE", "Bea|MoE", "Dot|GQA"]);
}

#[test]
fn drawings_in_ascii_stay_in_ascii_at_every_width() {
    let facts = r#""Bea succeeds Ada", "Cid based on Bea", "Dot succeeds Bea", "Ada uses GQA", "Bea uses GQA", "Cid uses MLA",
        "Acme develops Ada", "Acme develops Bea", "Bolt develops Bea", "Bolt develops Cid", "Ada dated 2020",
        "Bea dated 2021-03", "Cid dated ..2022", "Dot dated 2022", "GQA dated 2019", "MLA dated 2021", "Eve uses GQA""#;
    let database = world(facts, r#""Dot uses MoE""#);
    let queries = [
        "timeline of Model",
        "lineage of Bea",
        "ancestors of Cid",
        "matrix of Org develops Model",
        "adoption of GQA by year",
        "adoption of GQA, MLA by year",
        "describe Bea",
        "spread of GQA",
        "rise of GQA",
        "why Cid uses MLA",
        "why not Ada uses MLA",
        "diff Ada and Bea",
        "schema",
        "Model m show m, m.date",
        "Model m uses Technique t show count(m) by t",
        "ask Ada uses GQA",
        "explain Model uses GQA",
        "conflicts",
    ];
    let mut cut = 0;
    for query in queries {
        let answer = ask(&database, query);
        for width in [1, 8, 20, 30, 40, 60, 200] {
            for format in [Format::Table, Format::Tree, Format::Chart] {
                let looks = TextStyle { width: Some(width), ascii: true, ..TextStyle::default() };
                let text = render::answer(&answer, database.graph(), format, &looks).expect("a drawing").text;
                assert!(text.is_ascii(), "{query}, {width} columns, {format:?}:\n{text}");
                cut += usize::from(text.contains('~'));
            }
        }
    }
    assert!(cut > 0, "nothing was cut");
}

/// `Source` is any source, unless one is called so.
#[test]
fn a_source_may_be_called_source() {
    let both = SCHEMA.replace(r#"{"S": "#, r#"{"Source": (title: "Another"), "S": "#);
    let claim =
        |source: &str, fact: &str| format!(r#"(source: "{source}", at: "L1", trust: direct, facts: ["{fact}"]),"#);
    let claims = [claim("Source", "Ada uses MLA"), claim("S", "Bea uses MLA")].concat();
    let (graph, problems) = load::read(vec![Text::new("world.ron", format!("({both} claims: [{claims}])"))]);
    let database = Database::of(graph.unwrap_or_else(|| panic!("{problems:#?}")));
    assert_eq!(rows(&database, "Model uses MLA according to Source"), ["Ada"]);
    let any = world(r#""Ada uses MLA", "Bea uses MLA""#, "");
    assert_eq!(rows(&any, "Model uses MLA according to Source"), ["Ada|S", "Bea|S"]);
}
