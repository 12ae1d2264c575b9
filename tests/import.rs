//! `begat new`: other people's files become graphs that load, and what begat exports comes back as it was.

use begat::Database;
use begat::graph::{Fact, FactId, Graph};
use begat::import;
use begat::load;
use begat::render::{self, Format, whole};
use begat::text::Severity;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("begat-import-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// What `begat new` makes of files: the graph, what it is unsure of, and what loading says beside notes.
fn made(files: &[(&str, &str)]) -> (Graph, Vec<String>, Vec<String>) {
    let (given, folder) = (Folder::new(), Folder::new());
    let paths = files.iter().map(|(name, text)| {
        let path = given.0.join(name);
        fs::write(&path, text).expect("the folder can be written to");
        path
    });
    let made =
        import::read(&paths.collect::<Vec<_>>()).unwrap_or_else(|(path, error)| panic!("{}: {error}", path.display()));
    for (name, bytes) in &made.files {
        fs::write(folder.0.join(name), bytes).expect("the folder can be written to");
    }
    let (graph, problems) = load::check(&folder.0).expect("the files are there");
    let told =
        problems.iter().filter(|problem| problem.severity != Severity::Note).map(|problem| problem.message.clone());
    let told: Vec<String> = told.collect();
    let ron = fs::read_to_string(folder.0.join("graph.ron")).expect("it was written");
    (graph.unwrap_or_else(|| panic!("{told:#?}\n{ron}")), made.unsure, told)
}

fn facts(graph: &Graph) -> Vec<String> {
    let all = (0..graph.fact_count() as u32).map(|i| match graph.fact(FactId(i)) {
        Fact::Link { subject, verb, object } => {
            format!("{} {} {}", graph.name(subject), graph.schema().verb(verb).name, graph.name(object))
        }
        Fact::Value { subject, property, value } => {
            format!("{}.{} = {value}", graph.name(subject), graph.schema().property(property).name)
        }
    });
    let mut all: Vec<String> = all.collect();
    all.sort();
    all
}

fn has(graph: &Graph, wanted: &[&str]) {
    let facts = facts(graph);
    for fact in wanted {
        assert!(facts.iter().any(|other| other == fact), "{fact} is not among {facts:#?}");
    }
}

#[test]
fn tables_that_name_each_other() {
    let orders = "orderID,customerID,orderDate,freight,shipRegion\n10248,VINET,1996-07-04 00:00:00.000,32.38,NULL\n10249,TOMSP,1996-07-05 00:00:00.000,11.61,RJ\n10250,VINET,1996-07-08 00:00:00.000,5,NULL\n";
    let customers = "customerID,companyName,country\nVINET,Vins et alcools,France\nTOMSP,Toms Spezialitäten,Germany\n";
    let employees =
        "employeeID,lastName,firstName,reportsTo\n1,Davolio,Nancy,2\n2,Fuller,Andrew,NULL\n3,Leverling,Janet,2\n";
    let (graph, _, told) =
        made(&[("x_orders.csv", orders), ("x_customers.csv", customers), ("x_employees.csv", employees)]);
    has(
        &graph,
        &[
            "Nancy Davolio reports to Andrew Fuller",
            "Janet Leverling reports to Andrew Fuller",
            "Vins et alcools located in France",
            "Order 10248 has_customer Vins et alcools",
            "Order 10248.date = 1996-07-04",
            "Order 10249.freight = 11.61",
            "Order 10249.ship_region = RJ",
        ],
    );
    assert!(told.iter().all(|line| !line.contains("is not")), "{told:?}");
}

#[test]
fn lists_of_edges_need_no_list_of_nodes() {
    let (graph, unsure, _) = made(&[("edges.txt", "# Nodes: 3\n# From\tTo\n0\t1\n0\t2\n1\t2\n")]);
    has(&graph, &["0 linked to 1", "0 linked to 2", "1 linked to 2"]);
    assert!(unsure.iter().any(|line| line.contains("no header")), "{unsure:?}");
    let nodes = "Id,Label\rAnn-Lee,Ann Lee\rBob-Ray,Bob Ray\r";
    let edges = "Source,Target,Type,id,weight\rAnn-Lee,Bob-Ray,Undirected,0,3\r";
    let (graph, ..) = made(&[("nodes.csv", nodes), ("edges.csv", edges)]);
    has(&graph, &["Ann Lee linked to Bob Ray"]);
    let note = graph.claims().get(0).note.to_string() + graph.claims().get(graph.claims().len() as u32 - 1).note;
    assert!(note.contains("weight 3"), "{note:?}");
}

#[test]
fn difficult_columns_are_read_or_told() {
    let table = "name;born;size;kind\nA;c. 1991;1.234.567,5;x\nB;mid 2021;2,5;y\nC;1852–1911;3;x\nD;04-Jul-96;NULL;x\n";
    let (graph, unsure, _) = made(&[("things.csv", table)]);
    has(&graph, &["A.born = 1991~", "B.born = 2021-05..2021-08", "C.born = 1852..1911"]);
    assert!(graph.fact_count() >= 10, "{:?} {unsure:?}", facts(&graph));
    let ragged = "Plankalkül,1948\nFORTRAN,1957,Speedcoding\nLisp,1958,FORTRAN,IPL\nSpeedcoding,1953\n";
    let (graph, unsure, _) = made(&[("languages.csv", ragged)]);
    assert!(unsure.iter().any(|line| line.contains("cells or more")), "{unsure:?}");
    assert!(
        facts(&graph).iter().any(|fact| fact.starts_with("Lisp") && fact.ends_with("FORTRAN")),
        "{:?}",
        facts(&graph)
    );
    let text = r#"[{"name": "A", "deps": ["B", "C"], "year": 2020}, {"name": "B", "deps": [], "year": 2019}, {"name": "C", "deps": ["B"]}]"#;
    let (graph, ..) = made(&[("models.json", text)]);
    has(&graph, &["A depends on B", "A depends on C", "C depends on B"]);
}

const GEDCOM: &str = "0 HEAD\n1 GEDC\n2 VERS 5.5.1\n1 CHAR UTF-8\n0 @I1@ INDI\n1 NAME Louis /CAPET/\n2 GIVN Louis\n1 SEX M\n1 BIRT\n2 DATE ABT 27 SEP 1601\n2 PLAC Fontainebleau\n2 SOUR @S1@\n3 PAGE p. 4\n3 QUAY 1\n1 EVEN\n2 TYPE Sacre\n1 FAMS @F1@\n0 @I2@ INDI\n1 NAME Anne /Austria/\n1 DEAT\n2 DATE BET 1666 AND MAR 1667\n1 FAMS @F1@\n0 @I3@ INDI\n1 NAME Louis /CAPET/\n1 BIRT\n2 DATE @#DFRENCH R@ 12 VEND 2\n1 NOTE a long\n2 CONC er\n2 CONT note\n1 FAMC @F1@\n0 @F1@ FAM\n1 HUSB @I1@\n1 WIFE @I2@\n1 CHIL @I3@\n1 MARR\n2 DATE 28 NOV 1615\n0 @S1@ SOUR\n1 TITL A register\n1 AUTH A clerk\n0 @O1@ OBJE\n1 FILE x.jpg\n0 TRLR\n";

#[test]
fn genealogies_keep_lines_sources_and_what_has_no_word() {
    for text in [GEDCOM.to_string(), GEDCOM.replace('\n', "\r\n"), format!("\u{feff}{GEDCOM}")] {
        let (graph, unsure, told) = made(&[("family.ged", &text)]);
        has(
            &graph,
            &[
                "Louis CAPET (I1).born = 1601-09-27~",
                "Louis CAPET (I1).birth_place = Fontainebleau",
                "Louis CAPET (I1).even = TYPE Sacre",
                "Anne Austria.died = 1666..1667-03",
                "Louis CAPET (I3).born_text = @#DFRENCH R@ 12 VEND 2",
                "Louis CAPET (I3).remark = a longer\nnote",
                "Louis CAPET (I3) child of Louis CAPET (I1)",
                "Louis CAPET (I3) child of Anne Austria",
                "Louis CAPET (I1) married to Anne Austria",
            ],
        );
        assert_eq!(graph.names().lookup("Louis CAPET (I3)").len(), 1, "two of one name are told apart");
        let claims = (0..graph.claims().len() as u32).map(|claim| graph.claims().get(claim));
        let claims: Vec<String> = claims
            .map(|claim| {
                format!(
                    "{} {} {:?} {:?}",
                    graph.claims().source(claim.source).key,
                    claim.at,
                    claim.trust,
                    claim.date.map(|d| d.to_string())
                )
            })
            .collect();
        assert!(claims.contains(&"S1 p. 4 Inferred None".to_string()), "{claims:?}");
        assert!(
            claims.iter().any(|claim| claim.starts_with("gedcom L35 ") && claim.contains("1615-11-28")),
            "{claims:?}"
        );
        assert!(
            unsure.iter().any(|line| line.contains("1 OBJE records are left out, the first in line 40")),
            "{unsure:?}"
        );
        assert!(unsure.iter().any(|line| line.contains("line 26")), "{unsure:?}");
        assert_eq!(told, [""; 0], "nothing is wrong");
    }
}

#[test]
fn rdf_of_others_is_a_graph() {
    let text = r#"@prefix : <http://example.org/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix prov: <http://www.w3.org/ns/prov#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        :ann a foaf:Person ; foaf:name "Ann Lee"@en ; :age 41 ; :born "1980-05-01"^^xsd:date ; foaf:knows :bob ~ :c1 ; foaf:homepage <http://ann.example/> .
        :bob a foaf:Person , :Smith ; foaf:name "Bob" .
        :c1 prov:wasDerivedFrom :book ; :page "4" . :book <http://purl.org/dc/terms/title> "A book" ."#;
    let (graph, unsure, _) = made(&[("people.ttl", text)]);
    has(
        &graph,
        &[
            "Ann Lee knows Bob",
            "Ann Lee.age = 41",
            "Ann Lee.born = 1980-05-01",
            "Ann Lee.homepage = http://ann.example/",
            "Bob.also = Smith",
            "Bob.iri = http://example.org/bob",
        ],
    );
    let claims = (0..graph.claims().len() as u32).map(|claim| graph.claims().get(claim));
    let told: Vec<String> =
        claims.map(|claim| format!("{} {}", graph.claims().source(claim.source).title, claim.note)).collect();
    assert!(told.contains(&"A book page 4".to_string()), "{told:?}");
    assert!(unsure.iter().any(|line| line.contains("language")), "{unsure:?}");
    let quads = "<http://e.org/a> <http://e.org/likes> <http://e.org/b> <http://e.org/g> .\n<http://e.org/b> <http://e.org/likes> <http://e.org/a> <http://e.org/g> .\n";
    let (graph, ..) = made(&[("x.nq", quads)]);
    has(&graph, &["a likes b", "b likes a"]);
    assert!(graph.claims().lookup_source("http://e.org/g").is_some());
}

/// Everything that a graph holds but its schema, as text.
fn contents(graph: &Graph) -> Vec<String> {
    let mut all: Vec<String> = graph.defines().to_vec();
    all.extend(graph.claims().sources.iter().map(|source| format!("{source:?}")));
    for entity in graph.entities() {
        let aliases: Vec<&str> = graph.names().aliases(entity).collect();
        all.push(format!("{entity:?} {:?} {} {aliases:?}", graph.type_of(entity), graph.name(entity)));
    }
    for fact in (0..graph.fact_count() as u32).map(FactId) {
        let claims: Vec<String> = graph.claims().of(fact).map(|claim| format!("{claim:?}")).collect();
        all.push(format!("{:?} {:?} {claims:?}", graph.fact(fact), graph.claims().numbers(fact)));
    }
    all
}

#[test]
fn graphs_come_back_from_turtle() {
    let shipped = |name: &str| {
        load::open(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("graph-data").join(name)).expect("it loads")
    };
    let odd = r#"(schema: (types: {"Thing": (properties: {"size": (type: Number)})}, verbs: {"leads to": (from: ["Thing"], to: ["Thing"], acyclic: warn)}),
        sources: {"s é": (title: "a \"b\"")}, entities: {"Thing": {"a/b": (), "é {x}": (aliases: ["..", "%2F"]), ".": ()}},
        claims: [(source: "s é", at: "\u{7}\n", facts: ["\"a/b\" leads to \"é {x}\"", "\"é {x}\" leads to \"a/b\"", "\"a/b\".size = -0.5", "\".\".size = 9007199254740993"])])"#;
    let odd = load::read(vec![begat::text::Text::new("odd.ron", odd)]).0.expect("it loads");
    let builtin = Database::builtin();
    for (name, graph) in [
        ("builtin", builtin.graph()),
        ("languages", &shipped("languages")),
        ("transformers", &shipped("transformers")),
        ("odd", &odd),
    ] {
        let turtle = render::subgraph(&whole(graph), graph, Format::Turtle).expect("a graph");
        let (back, unsure, _) = made(&[("graph.ttl", &turtle)]);
        assert_eq!(unsure, [""; 0], "{name}");
        let (before, after) = (contents(graph), contents(&back));
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before, after, "{name}");
        }
        assert_eq!(graph.schema(), back.schema(), "{name}");
        assert_eq!(before.len(), after.len(), "{name}");
    }
}

#[test]
fn neo4j_gets_every_entity_and_fact() {
    let builtin = Database::builtin();
    let graph = builtin.graph();
    let files = render::neo4j(&whole(graph), graph);
    let lines = |folder: &str| -> usize {
        let own = files.iter().filter(|(name, _)| name.starts_with(folder));
        own.map(|(_, bytes)| csv::Reader::from_reader(&bytes[..]).records().filter(Result::is_ok).count()).sum()
    };
    assert_eq!(lines("nodes/"), graph.entity_count());
    let links = (0..graph.fact_count() as u32).filter(|i| matches!(graph.fact(FactId(*i)), Fact::Link { .. })).count();
    assert_eq!(lines("relationships/"), links);
    let (_, command) = files.last().expect("the command");
    let command = String::from_utf8_lossy(command);
    assert!(files.iter().take(files.len() - 1).all(|(name, _)| command.contains(name.as_str())), "{command}");
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let folder = Folder::new();
    let said = |name: &str, bytes: &[u8]| {
        let path = folder.0.join(name);
        fs::write(&path, bytes).expect("the folder can be written to");
        import::read(&[path]).err().map(|(_, error)| error.to_string()).unwrap_or_default()
    };
    assert_eq!(said("a.ged", b"nothing"), "line 1 is no line of GEDCOM: `nothing`");
    assert_eq!(
        said("b.ged", b"0 HEAD\n1 CHAR ANSEL\n1 NOTE \xe2e\n"),
        "it is not UTF-8 text; convert it first, with `iconv` say"
    );
    assert!(said("c.ttl", b"<a> <b> .\n").contains("line 1") || !said("c.ttl", b"<a> <b> .\n").is_empty());
    assert_eq!(said("d.csv", b"name,size\n"), "it has no rows");
    assert!(said("e.csv", b"PK\x03\x04").contains("zip archive"));
}
