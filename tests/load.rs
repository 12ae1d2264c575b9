//! The loader: graphs that load, one example of each diagnostic, tables, and the way back to RON.

use begat::graph::{EntityId, Fact, Graph};
use begat::load::{self, LoadError};
use begat::text::{Diagnostics, Severity, Text};
use begat::value::Value;
use std::io::{Cursor, Read};

const TOY: &str = include_str!("graphs/toy.ron");

fn read(body: &str) -> (Option<Graph>, Diagnostics) {
    load::read(vec![Text::new("part.ron", body)])
}

fn graph(body: &str) -> Graph {
    let (graph, problems) = read(body);
    graph.unwrap_or_else(|| panic!("{:#?}", shown(&problems)))
}

/// `error[code] part.ron:3:14 «word»: message`, and the help below it, a line for each.
fn shown(problems: &Diagnostics) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in problems.iter() {
        let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
        let place = problem.labels.first().and_then(|label| Some((label.text.as_ref()?, label.span)));
        let place = place.map_or(String::new(), |(text, span)| {
            let (line, column) = text.line_column(span.start);
            format!(" {}:{line}:{column} «{}»", text.name, span.of(&text.body))
        });
        lines.push(format!("{severity}[{}]{place}: {}", problem.code.name(), problem.message));
        lines.extend(problem.help.iter().map(|help| match &help.fix {
            Some(fix) => format!("  help: {} → {}", help.message, fix.replacement),
            None => format!("  help: {}", help.message),
        }));
    }
    lines
}

/// A small graph in which one thing can be wrong: what stands in the sections is put in for the defaults.
struct World {
    schema: &'static str,
    entities: &'static str,
    claims: &'static str,
    rest: &'static str,
}

const WORLD: World = World {
    schema: r#"types: {
        "Model": (properties: {"date": (type: Date, verb: "dated", single: true), "size": (type: Number, verb: "totals"),
            "kind": (type: Text, verb: "classed", single: true)}),
        "Technique": (), "Org": ()},
    verbs: {
        "succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by", chronological: true, acyclic: true),
        "uses": (from: ["Model"], to: ["Technique"]),
        "develops": (from: ["Org"], to: ["Model"], inverse: "developed by")}"#,
    entities: r#""Model": {"GPT-2": (), "GPT-3": ()}, "Technique": {"MLA": (aliases: ["Latent Attention"])}, "Org": {"OpenAI": ()}"#,
    claims: r#"(source: "s", facts: ["GPT-3 succeeds GPT-2", "GPT-2 uses MLA", "OpenAI develops GPT-2"])"#,
    rest: "",
};

/// What is said of a world whose own sections come after those of [`WORLD`].
fn said(world: World) -> Vec<String> {
    let World { schema, entities, claims, rest } = world;
    let sources = if rest.contains("sources:") { "" } else { r#"sources: {"s": ()},"# };
    let body =
        format!("(\nschema: ({schema}),\nentities: {{{entities}}},\n{sources}{rest}\nclaims: [\n{claims},\n],\n)\n");
    let (graph, problems) = read(&body);
    assert_eq!(graph.is_some(), !problems.has_errors());
    without_places(shown(&problems))
}

/// Without `part.ron:3:14`.
fn without_places(lines: Vec<String>) -> Vec<String> {
    let without = |line: String| match (line.find(" part.ron:"), line.find(" «")) {
        (Some(start), Some(end)) => format!("{}{}", &line[..start], &line[end..]),
        _ => line,
    };
    lines.into_iter().map(without).collect()
}

fn claims(claims: &'static str) -> Vec<String> {
    let mut lines = said(World { claims, ..WORLD });
    lines.retain(|line| !line.contains("[unused-entity]") && !line.contains("state a fact of it"));
    lines
}

fn facts(facts: &str) -> Vec<String> {
    claims(String::leak(format!("(source: \"s\", facts: [{facts}])")))
}

#[test]
fn the_toy_graph_loads() {
    let (graph, problems) = read(TOY);
    let graph = graph.expect("no errors");
    let count = |name: &str| graph.own_range(graph.schema().lookup_type(name).unwrap()).len();
    assert_eq!((count("Model"), count("Technique"), count("Org")), (29, 14, 10));
    assert_eq!(
        shown(&problems)[0],
        "warning[contradiction] part.ron:273:14 «Kimi K2 dated 2024»: \
         `Kimi K2` has one date, but sources differ: 2024 and 2025-07"
    );
    assert_eq!(problems.0.len(), 1);
    let date = |name: &str| graph.date_of(graph.names().lookup(name)[0]).to_string();
    assert_eq!(
        (date("Kimi K2"), date("Llama 3"), date("PaLM")),
        ("2024-01..2025-07".into(), "2024-04".into(), "..2023".into())
    );
}

#[test]
fn the_built_in_graph_loads_without_a_word() {
    let (graph, problems) = load::check("graph-data/llm-evolution").unwrap();
    assert_eq!(shown(&problems), Vec::<String>::new());
    assert!(same(&graph.unwrap(), &begat::snapshot::builtin()));
}

#[test]
fn shapes_are_strict() {
    let lines = |body: &str| shown(&read(body).1);
    assert_eq!(
        lines("(sorces: {})"),
        [
            "error[ron] part.ron:1:2 «sorces»: no field is called `sorces` here",
            "  help: did you mean `sources`? → sources",
            "  help: the fields are `schema`, `sources`, `entities`, `claims`, `defines`, `tables`, `checks`",
        ]
    );
    assert_eq!(
        lines("(\n  claims: [(at: \"L1\", trust: dirct)],\n)")[0],
        "error[ron] part.ron:2:30 «dirct»: `dirct` is none of the words that can stand here"
    );
    assert_eq!(lines("(claims: [(facts: [])])")[0], "error[ron] part.ron:1:21 «)»: the field `source` is missing");
    assert_eq!(lines("(entities: {\"Model\": {\"GPT-2\": 7}})")[0], "error[ron] part.ron:1:32 «7»: `(` is wanted here");
    assert_eq!(
        lines("(sources: {\"s\": (text: 7)})")[0],
        "error[ron] part.ron:1:24 «7»: a text in quotes is wanted here, not `7`"
    );
    assert_eq!(
        lines("(sources: {\"s\": (by: \"x\" url: \"y\")})")[0],
        "error[ron] part.ron:1:26 «url»: `,` is wanted here"
    );
    assert_eq!(lines("(defines: [\"x)")[0], "error[ron] part.ron:1:12 «\"»: a text in quotes never ends");
}

#[test]
fn schemas_are_strict() {
    let schema = r#"types: {"Model": ()}, verbs: {"uses": (from: ["Modle"], to: ["Model"])}"#;
    assert_eq!(
        said(World { schema, ..WORLD }),
        ["error[bad-schema] «\"Modle\"»: no type is called `Modle`", "  help: did you mean `Model`?",]
    );
    let schema = r#"types: {"Model": (), "Model": ()}, verbs: {"by": (from: ["Model"], to: ["Model"])}"#;
    let lines = said(World { schema, ..WORLD });
    assert_eq!(lines[0], "error[bad-schema] «\"Model\"»: the type `Model` is declared twice");
    assert_eq!(lines[2], "error[bad-schema] «\"by\"»: `by` begins with a keyword of the language");
}

#[test]
fn names_are_declared_once() {
    let entities = r#""Model": {"GPT-2": (), "gpt 2": (), "GPT-3": (aliases: ["GPT2"])}, "Modle": {}, "Technique": {"MLA": ()}, "Org": {"OpenAI": ()}"#;
    let lines = said(World { entities, ..WORLD });
    assert_eq!(lines[0], "error[duplicate-name] «\"gpt 2\"»: `gpt 2` and `GPT-2` cannot be told apart");
    assert_eq!(lines[2], "error[duplicate-name] «\"GPT2\"»: `GPT2` and `GPT-2` cannot be told apart");
    assert_eq!(lines[4], "error[undeclared] «Modle»: no type is called `Modle`");
    assert_eq!(lines[5], "  help: did you mean `Model`? → Model");
}

#[test]
fn fields_of_entities_are_checked() {
    let entities = r#""Model": {"GPT-2": (size: 1.5e, kind: "x", colour: "red"), "GPT-3": (sise: "3B")}, "Technique": {"MLA": ()}, "Org": {"OpenAI": ()}"#;
    assert_eq!(shown(&read("(entities: {\"Model\": {\"x\": (size: 1e)}})").1).len(), 1);
    let entities = entities.replace("1.5e", "\"1.5e\"").leak();
    let lines = said(World { entities, ..WORLD });
    assert_eq!(lines[0], "error[bad-number] «1.5e»: `1.5e` is not a number");
    assert_eq!(lines[2], "error[unknown-property] «colour»: Model has no property `colour`");
    assert_eq!(lines[4], "error[unknown-property] «sise»: Model has no property `sise`");
    assert_eq!(lines[5], "  help: did you mean `size`? → size");
}

#[test]
fn words_of_facts_are_declared() {
    assert_eq!(
        facts(r#""GPT-2 uses MLAA""#),
        ["error[undeclared] «MLAA»: no entity is called `MLAA`", "  help: did you mean `MLA`? → MLA",]
    );
    assert_eq!(
        facts(r#""GPT-2 usse MLA", "GPT-2 uses \"Latent Atention\"""#),
        [
            "error[undeclared] «usse»: no verb or property is called `usse`",
            "  help: did you mean `uses`? → uses",
            r#"error[undeclared] «\"Latent Atention\"»: no entity is called `Latent Atention`"#,
            "  help: did you mean `Latent Attention`? → Latent Attention",
        ]
    );
    assert_eq!(
        claims(r#"(source: "S", facts: ["GPT-2 dated 2024-13"])"#),
        [
            "error[undeclared] «S»: no source is called `S`",
            "  help: did you mean `s`? → s",
            "error[bad-date] «2024-13»: there is no month 13 in `2024-13`",
            "  help: write a month from `01` to `12`, or a season, quarter or half year from `21` to `41`",
        ]
    );
}

#[test]
fn ends_have_the_right_types() {
    assert_eq!(
        facts(r#""GPT-2 develops OpenAI""#),
        [
            "error[wrong-direction] «develops»: `develops` goes from Org to Model, not the other way round",
            "  help: write `developed by` → developed by",
        ]
    );
    assert_eq!(
        facts(r#""MLA uses GPT-2""#),
        [
            "error[wrong-direction] «uses»: `uses` goes from Model to Technique, not the other way round",
            "  help: let subject and object change places",
        ]
    );
    assert_eq!(
        facts(r#""OpenAI uses MLA", "MLA dated 2024""#),
        [
            "error[wrong-type] «OpenAI»: `OpenAI` is a Org, and a Model is wanted here",
            "error[wrong-type] «MLA»: `MLA` is a Technique, and a Model is wanted here",
        ]
    );
}

#[test]
fn facts_have_no_holes() {
    let line = |fact: &str| facts(fact).swap_remove(0);
    assert_eq!(line(r#""Model uses MLA""#), "error[not-a-fact] «Model»: a fact has no holes, and `Model` is a type");
    assert_eq!(
        line(r#""GPT-2 classed Attention""#),
        "error[wrong-type] «Attention»: the text `Attention` stands in quotes"
    );
}

#[test]
fn sentences_follow_the_grammar() {
    assert!(facts(r#""\"GPT-2\" uses""#)[0].starts_with("error[syntax]"));
    assert!(said(World { rest: r#"defines: ["define Model m has as"],"#, ..WORLD })[0].starts_with("error[syntax]"));
}

#[test]
fn facts_are_stated_once_in_a_claim() {
    assert_eq!(
        facts(r#""GPT-2 uses MLA", "GPT-3 uses MLA and \"latent attention\"""#)[0],
        r#"error[duplicate-fact] «"GPT-3 uses MLA and \"latent attention\""»: `"latent attention"` stands in this claim already"#
    );
    assert_eq!(
        claims(r#"(source: "s", facts: ["GPT-2 uses MLA"]), (source: "s", facts: ["GPT-2 uses MLA"])"#),
        Vec::<String>::new()
    );
}

#[test]
fn facts_agree_with_each_other() {
    let line = |fact: &str| facts(fact).swap_remove(0);
    assert_eq!(
        line(r#""GPT-2 succeeds GPT-3", "GPT-3 succeeds GPT-2""#),
        "error[cyclic-verb] «GPT-2 succeeds GPT-3»: `succeeds` goes in a circle: GPT-2 succeeds GPT-3, GPT-3 succeeds GPT-2"
    );
    assert_eq!(
        line(r#""GPT-3 succeeds GPT-2", "GPT-3 dated 2019", "GPT-2 dated 2020""#),
        "error[backwards] «GPT-3 succeeds GPT-2»: `GPT-3` succeeds `GPT-2`, but is dated before it: 2019 and 2020"
    );
    assert_eq!(
        line(r#""GPT-3 dated 2019", "GPT-3 dated 2020", "GPT-3 dated 2019..2020""#),
        "warning[contradiction] «GPT-3 dated 2019»: `GPT-3` has one date, but sources differ: 2019 and 2019..2020 and 2020"
    );
    let lines = said(World { claims: r#"(source: "s", facts: ["GPT-3 succeeds GPT-2", "GPT-2 uses MLA"])"#, ..WORLD });
    assert_eq!(lines[0], "warning[unused-entity] «\"OpenAI\"»: no fact speaks of `OpenAI`");
}

/// The files that the parts of these tests name.
fn files(name: &str) -> std::io::Result<Box<dyn load::File>> {
    let body = match name {
        "page.txt" => "one\ntwo\nthree\n",
        "models.csv" => "id,name,released,size\na,Alpha,2020,1B\nb,Beta,,\n",
        "lineage.csv" => "child,parent,where\nb,a,x.py:3\nbeta,Alpha,x.py:4\n",
        "bad.csv" => "child,parent,where\nb,a,x\nnobody,a,x\nb\n",
        "wide.csv" => {
            "name,org,tools,basis,key,year\nAlpha,Elm,RoPE; MLA,code,s,2020\nBeta,Elm,MLA,paper,t,\nGamma,,,code,u,2021\n"
        }
        "alike.csv" => "name,key\nblack-box,1\nblackbox,2\nBlack Box,3\n",
        "pairs.csv" => "from,to\n2,1\nBlack Box,black-box\n",
        _ => return Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
    };
    Ok(Box::new(Cursor::new(body)))
}

fn read_with_files(body: &str) -> (Option<Graph>, Vec<String>) {
    let (graph, problems) = load::read_with(vec![Text::new("part.ron", body)], &files);
    (graph, shown(&problems))
}

#[test]
fn quotes_and_lines_are_in_the_source() {
    let body = r#"(sources: {"s": (text: "page.txt"), "t": (text: "no.txt")}, claims: [
        (source: "s", at: "L3", quote: "two\nthree", facts: []), (source: "s", at: "p. 9", facts: []),
        (source: "s", at: "L4", facts: []), (source: "s", at: "L2-4", quote: "Two", facts: []),
        (source: "s", at: "L3-2", facts: []), (source: "s", at: "L0", facts: []),
    ])"#;
    assert_eq!(
        read_with_files(body).1,
        [
            "error[file] part.ron:1:49 «\"no.txt\"»: cannot read `no.txt`: there is no such file",
            "warning[bad-quote] part.ron:3:27 «\"L4\"»: `L4` is beyond the end of the source, which has 3 lines",
            "warning[bad-quote] part.ron:3:63 «\"L2-4\"»: `L2-4` is beyond the end of the source, which has 3 lines",
            "warning[bad-quote] part.ron:3:78 «\"Two\"»: this is not in the text of `s`",
            "  help: a quotation stands in its source to the letter",
            "warning[bad-quote] part.ron:4:27 «\"L3-2\"»: `L3-2` ends before it begins",
            "warning[bad-quote] part.ron:4:65 «\"L0\"»: lines are counted from 1",
        ]
    );
}

/// Tables over the schema of [`WORLD`].
fn tables(tables: &str) -> (Option<Graph>, Vec<String>) {
    read_with_files(&table_graph(tables))
}

fn table_graph(tables: &str) -> String {
    format!("(schema: ({}), sources: {{\"s\": ()}}, tables: [\n{tables}])", WORLD.schema)
}

const ENTITIES: &str = r#"(file: "models.csv", source: "s", entity: "Model", name: "name", aliases: ["id"], properties: {"date": "released", "size": "size"}, at: "{id}"),"#;

#[test]
fn tables_load() {
    let links = r#"(file: "lineage.csv", source: "s", verb: "succeeds", subject: "child", object: "parent", at: "at {where}", trust: inferred)"#;
    let (graph, lines) = tables(&format!("{ENTITIES}\n{links}"));
    assert_eq!(lines, Vec::<String>::new());
    let graph = graph.unwrap();
    let verb = graph.schema().lookup_verb("succeeds").unwrap();
    let fact = graph.relation(verb).fact(EntityId(1), EntityId(0)).unwrap();
    assert_eq!(graph.claims().of(fact).map(|claim| claim.at).collect::<Vec<_>>(), ["at x.py:3", "at x.py:4"]);
    let size = graph.schema().lookup_property("size").unwrap();
    assert_eq!(graph.value(EntityId(0), size), Value::Number(1e9));
    assert_eq!(graph.value(EntityId(1), size), Value::Unknown);
    assert_eq!(graph.date_of(EntityId(0)).to_string(), "2020");
    assert_eq!(graph.names().lookup("a"), [EntityId(0)]);
}

#[test]
fn bad_rows_are_reported_with_their_lines() {
    let links = r#"(file: "bad.csv", source: "s", verb: "succeeds", subject: "child", object: "parnt")"#;
    let lines = without_places(tables(&format!("{ENTITIES}\n{links}")).1);
    assert_eq!(lines[0], "error[undeclared] «parnt»: no column is called `parnt`");
    let links = links.replace("parnt", "parent").leak();
    let lines = without_places(tables(&format!("{ENTITIES}\n{links}")).1);
    assert_eq!(
        lines,
        [
            "error[bad-row] «\"bad.csv\"»: bad.csv:3:1: no entity is called `nobody`",
            "  help: the row is `nobody,a,x`",
            "error[bad-row] «\"bad.csv\"»: bad.csv:4:1: the row has 1 fields, the header 3",
            "  help: the row is `b`",
        ]
    );
}

#[test]
fn packed_tables_are_unpacked() {
    let gzip = |bytes: &[u8]| {
        let mut packed = Vec::new();
        flate2::read::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut packed).unwrap();
        packed
    };
    let zstd = |bytes: &[u8]| ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest);
    let facts =
        r#"(file: "lineage.csv", source: "s", verb: "succeeds", subject: "child", object: "parent", at: "{where}"),"#;
    let body = table_graph(&format!("{ENTITIES}\n{facts}"));
    let read = |pack: &dyn Fn(&[u8]) -> Vec<u8>| {
        let packed = |name: &str| {
            let mut plain = Vec::new();
            files(name)?.read_to_end(&mut plain)?;
            Ok(Box::new(Cursor::new(pack(&plain))) as Box<dyn load::File>)
        };
        load::read_with(vec![Text::new("part.ron", body.as_str())], &packed)
    };
    let plain = read(&|bytes| bytes.to_vec()).0.expect("no errors");
    for packed in [read(&gzip), read(&zstd)] {
        assert!(same(&packed.0.expect("no errors"), &plain));
    }
    let lines = without_places(shown(&read(&|bytes| gzip(bytes)[..20].to_vec()).1));
    assert!(lines[0].contains("cannot read `models.csv`"), "{lines:?}");
    let lines = without_places(shown(&read(&|_| b"PAR1 and more".to_vec()).1));
    assert!(lines[0].ends_with("cannot read `models.csv`: it ends too early"), "{lines:?}");
}

#[test]
fn large_tables_keep_their_order_and_lines() {
    let rows = 200_000;
    let names: String = (0..rows).map(|i| format!("{i},model {i},{}\n", 2000 + i * 20 / rows)).collect();
    let links: String = (1..rows).map(|i| format!("{i},{},row {i}\n", i / 2)).collect();
    let files = |name: &str| -> std::io::Result<Box<dyn load::File>> {
        Ok(Box::new(Cursor::new(match name {
            "names.csv" => format!("id,name,date\n{names}"),
            "links.csv" => format!("child,parent,at\n{links}"),
            _ => format!("child,parent,at\n{links}199999,200000,\n"),
        })))
    };
    let entities =
        r#"(file: "names.csv", source: "s", entity: "Model", name: "name", key: "id", properties: {"date": "date"}),"#;
    let read = |file: &str| {
        let facts = format!(
            r#"(file: "{file}", source: "s", verb: "succeeds", subject: "child", object: "parent", at: "{{at}}"),"#
        );
        load::read_with(vec![Text::new("part.ron", table_graph(&format!("{entities}\n{facts}")))], &files)
    };
    let (graph, problems) = read("links.csv");
    let graph = graph.unwrap_or_else(|| panic!("{:?}", shown(&problems)));
    assert_eq!((graph.entity_count(), graph.fact_count()), (rows, 2 * rows - 1));
    let verb = graph.schema().lookup_verb("succeeds").unwrap();
    let [subject, object] = ["model 777", "model 388"].map(|name| graph.names().lookup(name)[0]);
    let fact = graph.relation(verb).fact(subject, object).unwrap();
    assert_eq!(graph.claims().of(fact).map(|claim| claim.at.to_string()).collect::<Vec<_>>(), ["row 777"]);
    assert_eq!(graph.claims().numbers(fact), [777]);
    let lines = without_places(shown(&read("bad.csv").1));
    assert_eq!(lines[0], "error[bad-row] «\"bad.csv\"»: bad.csv:200001:2: no entity is called `200000`");
}

#[test]
fn files_that_cannot_be_opened() {
    let error = load::open("no such folder").unwrap_err();
    assert_eq!(error.to_string(), "cannot read `no such folder`: there is no such file");
    assert!(matches!(load::open("src"), Err(LoadError::Io { reason, .. }) if reason.contains("no .ron file")));
}

/// Whether two graphs say the same in all their parts.
fn same(a: &Graph, b: &Graph) -> bool {
    contents(a) == contents(b) && a.schema() == b.schema()
}

/// Everything a graph holds but its schema, as text.
fn contents(graph: &Graph) -> Vec<String> {
    let mut all: Vec<String> = graph.defines().to_vec();
    all.extend(graph.claims().sources.iter().map(|source| format!("{source:?}")));
    for entity in graph.entities() {
        let aliases: Vec<&str> = graph.names().aliases(entity).collect();
        all.push(format!("{entity:?} {:?} {} {aliases:?}", graph.type_of(entity), graph.name(entity)));
        all.push(format!("{:?}", graph.date_of(entity)));
    }
    for i in 0..graph.fact_count() as u32 {
        let fact = begat::graph::FactId(i);
        let claims: Vec<String> = graph.claims().of(fact).map(|claim| format!("{claim:?}")).collect();
        let numbers = graph.claims().numbers(fact);
        all.push(format!("{:?} {numbers:?} {claims:?}", graph.fact(fact)));
    }
    all
}

#[test]
fn graphs_come_back_from_ron() {
    for graph in [graph(TOY), begat::snapshot::builtin()] {
        let text = load::export::ron(&graph);
        let back = self::graph(&text);
        assert!(same(&graph, &back));
        assert_eq!(load::export::ron(&back), text);
    }
}

#[test]
fn a_part_of_a_graph_comes_back_from_ron() {
    let graph = graph(TOY);
    let model = graph.names().lookup("DeepSeek R1")[0];
    let of_model = |fact: &Fact| match fact {
        Fact::Link { subject, .. } | Fact::Value { subject, .. } => *subject == model,
    };
    let facts = (0..graph.fact_count() as u32).map(begat::graph::FactId);
    let facts: Vec<_> = facts.filter(|fact| of_model(&graph.fact(*fact))).collect();
    let part = self::graph(&load::export::ron_of(&graph, &[model], &facts));
    assert_eq!(part.fact_count(), facts.len());
    let names: Vec<&str> = part.entities().map(|entity| part.name(entity)).collect();
    assert_eq!(names, ["DeepSeek R1", "DeepSeek V3", "MLA", "MoE", "RMSNorm", "RoPE", "SwiGLU"]);
    assert_eq!(part.claims().sources.len(), 2);
}

/// A table of [`WORLD`] over `wide.csv`.
fn wide(rest: &str) -> String {
    format!(r#"(file: "wide.csv", source: "s", {rest}),"#)
}

/// Each fact with the trusts, locators and notes of its claims.
fn citations(graph: &Graph) -> Vec<String> {
    let schema = graph.schema();
    let words = |fact: Fact| match fact {
        Fact::Link { subject, verb, object } => {
            format!("{} {} {}", graph.name(subject), schema.verb(verb).name, graph.name(object))
        }
        Fact::Value { subject, property, value } => {
            format!("{} {} {value}", graph.name(subject), schema.property(property).name)
        }
    };
    let claims = |fact| graph.claims().of(fact).map(|claim| format!("{:?} {} {}", claim.trust, claim.at, claim.note));
    let line = |fact| format!("{}: {}", words(graph.fact(fact)), claims(fact).collect::<Vec<_>>().join(", "));
    graph.facts().map(line).collect()
}

#[test]
fn one_wide_table_is_a_graph() {
    let sections = [
        wide(r#"entity: "Model", name: "name""#),
        wide(r#"entity: "Technique", name: "tools", split: ";", repeated: true"#),
        wide(r#"entity: "Org", name: "org", repeated: true"#),
        wide(r#"verb: "developed by", subject: "name", object: "org""#),
        wide(r#"verb: "dated", subject: "name", object: "year", note: "from {key}""#),
        wide(r#"where: {"basis": "code"}, verb: "uses", subject: "name", object: "tools", split: ";", at: "{basis}""#),
        wide(r#"where: {"basis": "paper"}, verb: "uses", subject: "name", object: "tools", trust: doubtful"#),
    ];
    let (graph, lines) = tables(&sections.join("\n"));
    assert_eq!(lines, Vec::<String>::new());
    assert_eq!(
        citations(&graph.unwrap()),
        [
            "Alpha uses MLA: Direct code ",
            "Alpha uses RoPE: Direct code ",
            "Beta uses MLA: Doubtful  ",
            "Elm develops Alpha: Direct  ",
            "Elm develops Beta: Direct  ",
            "Alpha date 2020: Direct  from s",
            "Gamma date 2021: Direct  from u",
        ]
    );
}

#[test]
fn rows_name_their_sources() {
    let wide = |source: &str| {
        format!(
            r#"(file: "wide.csv", source: "{source}", entity: "Model", name: "name", properties: {{"date": "year"}}),"#
        )
    };
    assert_eq!(
        without_places(tables(&wide("{key}")).1)[0],
        "error[bad-row] «\"wide.csv\"»: wide.csv:4:5: no source is called `u`"
    );
    assert_eq!(without_places(tables(&wide("{kye}")).1)[0], "error[undeclared] «\"{kye}\"»: no column is called `kye`");
    assert_eq!(without_places(tables(&wide("{key")).1)[0], "error[ron] «\"{key\"»: a brace is opened and not closed");
    let typed = wide("s").replace("entity:", "where: {\"key\": \"s\"}, entity:");
    let dated = r#"(file: "wide.csv", source: "s", entity: "Org", verb: "dated", subject: "name", object: "year"),"#;
    let lines = without_places(tables(&format!("{typed}{dated}")).1);
    assert_eq!(lines, ["error[wrong-type] «\"Org\"»: here a Model is wanted"]);
    let twice = [wide("s"), wide("s").replace("entity:", "where: {\"basis\": \"code\"}, entity:")].concat();
    let mut lines = without_places(tables(&twice).1);
    lines.retain(|line| line.starts_with("error"));
    assert_eq!(
        lines,
        [
            "error[bad-row] «\"wide.csv\"»: wide.csv:2:1: two entities are called `Alpha`; the first is in line 2 of `wide.csv`",
            "error[bad-row] «\"wide.csv\"»: wide.csv:4:1: two entities are called `Gamma`; the first is in line 4 of `wide.csv`",
        ]
    );
}

#[test]
fn the_graphs_that_ship_load_without_a_word() {
    for name in ["languages", "transformers"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("graph-data").join(name);
        let (graph, problems) = load::check(folder).expect("the files are there");
        assert_eq!(shown(&problems), Vec::<String>::new(), "{name}");
        assert!(graph.is_some_and(|graph| graph.fact_count() > 150), "{name}");
    }
}

#[test]
fn names_of_tables_may_fold_alike() {
    let (graph, problems) = tables(
        r#"(file: "alike.csv", source: "s", entity: "Model", name: "name", key: "key"),
           (file: "pairs.csv", source: "s", verb: "succeeds", subject: "from", object: "to"),"#,
    );
    assert_eq!(
        problems,
        [
            "warning[duplicate-name] part.ron:9:8 «\"alike.csv\"»: `blackbox` differs from `black-box` by case, spaces or hyphens only, and 1 more so",
            "  help: each is found by its exact name"
        ]
    );
    let graph = graph.expect("a warning is no error");
    let names = |written: &str| graph.names().lookup(written).iter().map(|e| graph.name(*e)).collect::<Vec<_>>();
    assert_eq!(names("blackbox"), ["blackbox"]);
    assert_eq!(names("black box").len(), 3);
}

/// Each name that a schema may have can be used in a query that has it; what cannot is refused, with the reason.
#[test]
fn names_of_a_schema_can_be_read() {
    let cases: [fn(&str) -> String; 4] = [str::to_string, str::to_uppercase, str::to_lowercase, |word| {
        word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect()
    }];
    let odd = [
        "who",
        "find",
        "select",
        "prefix",
        "match",
        "how",
        "\u{c4}rzte",
        "A\u{308}rzte",
        "\u{4eba}",
        "gr\u{f6}\u{df}er als",
        "X",
        "T5",
    ];
    let odd = odd.into_iter().chain([
        "\u{24d0}\u{24d1}",
        "from",
        "with of",
        "ab",
        "a",
        "leads_to",
        "fine-tuned from",
        "name",
        "Date",
    ]);
    let (mut accepted, mut refused) = (0, 0);
    for word in begat::syntax::keywords().chain(odd).flat_map(|word| cases.map(|case| case(word))) {
        let types = [
            format!("{word} links to {word} m where m.p = 1 show m, count(m) by m"),
            format!("count {word} m, ({word} n links to m or m links to {word} o), not (m links to X0)"),
            format!("adoption of {word} by year"),
            format!("{word} \"A\" links to no {word} and at least 2 {word} and {word}"),
        ];
        let verbs = [
            format!("X0 m {word} X0 and not {word} X0"),
            format!("X0 that {word}+ / ^{word} X0 and possibly {word} X0 {word} X0 m"),
            format!("count X0 m where (m {word} X0)"),
        ];
        let typed = format!(
            r#"types: {{"X0": (), "{word}": (properties: {{"p": (type: Number)}})}}, verbs: {{"links to": (from: ["X0"], to: ["X0"])}}"#
        );
        let verbal = format!(r#"types: {{"X0": ()}}, verbs: {{"{word}": (from: ["X0"], to: ["X0"])}}"#);
        for (schema, queries) in [(typed, &types[..]), (verbal, &verbs[..])] {
            let (graph, problems) = read(&format!("(schema: ({schema}))"));
            match graph {
                None => {
                    refused += 1;
                    assert!(!problems.0[0].help.is_empty(), "{word}: {:?}", shown(&problems));
                }
                Some(_) => {
                    accepted += 1;
                    for query in queries {
                        assert!(begat::syntax::parse(query).is_ok(), "{word}: {query}");
                    }
                }
            }
        }
    }
    assert!(accepted > 30 && refused > 100, "{accepted} accepted, {refused} refused");
}
