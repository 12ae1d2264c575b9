//! `begat new`: other people's files become graphs that load, and what begat exports comes back as it was.

#[path = "support/generate.rs"]
#[allow(dead_code)]
mod generate;

use begat::Database;
use begat::graph::{Fact, FactId, Graph};
use begat::import;
use begat::load;
use begat::render::{self, Format, whole};
use begat::text::Severity;
use generate::Random;
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
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    made_of_bytes(&files)
}

fn made_of_bytes(files: &[(&str, &[u8])]) -> (Graph, Vec<String>, Vec<String>) {
    let (given, folder) = (Folder::new(), Folder::new());
    let paths = files.iter().map(|(name, bytes)| {
        let path = given.0.join(name);
        fs::write(&path, bytes).expect("the folder can be written to");
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
    let errors: Vec<&String> =
        problems.iter().filter(|problem| problem.is_error()).map(|problem| &problem.message).collect();
    let ron = fs::read_to_string(folder.0.join("graph.ron")).expect("it was written");
    let given = || files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes)).collect::<Vec<_>>().join("\n");
    (graph.unwrap_or_else(|| panic!("{errors:#?}\n{ron}\n{}", given())), made.unsure, told)
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

fn has_note(unsure: &[String], words: &str) {
    assert!(unsure.iter().any(|line| line.contains(words)), "{words} is not among {unsure:#?}");
}

#[test]
fn exports_of_spreadsheets_and_programs() {
    let german = "\u{feff}sep=;\r\nKunde;Ort;Umsatz;Datum\r\nMüller;Köln;1.234,50;03.01.2023\r\nSchmidt;Bonn;12,00;15.02.2023\r\nWeiß;Köln;99.000,10;28.12.2022\r\n";
    let (graph, unsure, _) = made(&[("umsatz.csv", german)]);
    has(&graph, &["Müller.umsatz = 1234.5", "Weiß.umsatz = 99000.1", "Schmidt.datum = 2023-02-15"]);
    has_note(&unsure, "comma is taken for a decimal point");
    // Decimals are numbers, even where each could be a month; two numbers in a cell are none.
    let (graph, unsure, _) = made(&[("places.csv", "name,lat,size\nA,41.9,\"14,15\"\nB,59.9,7.5\nC,48.8,3\n")]);
    has(&graph, &["A.lat = 41.9", "A.size = 14,15", "B.size = 7.5"]);
    assert!(!unsure.iter().any(|line| line.contains("lat")), "{unsure:?}");
    let (graph, unsure, _) = made(&[("x.csv", "name,start\nA,2008.8\nB,2010.11\n")]);
    has(&graph, &["A.start = 2008-08"]);
    has_note(&unsure, "a year and a month");
    let bank = "\"Data Source\",\"Indicators\",\n\n\"Last Updated\",\"2023-07-25\",\n\n\"Country Name\",\"Code\",\"Indicator\",\"1960\",\"1961\",\"1962\",\n\"Aruba\",\"ABW\",\"Population, total\",\"54608\",\"55811\",\"56682\",\n\"Austria\",\"AUT\",\"Population, total\",\"7047539\",\"7086299\",\"\",\n\"Belgium\",\"BEL\",\"Population, total\",\"9153489\",\"9183948\",\"9220578\",\n";
    let (graph, unsure, _) = made(&[("bank.csv", bank)]);
    has(&graph, &["Aruba.column_1960 = 54608", "Austria.indicator = Population, total"]);
    has_note(&unsure, "lines come before the table");
    // pandas and R count the rows in front.
    let (graph, ..) = made(&[("films.csv", ",title,year\n0,Alien,1979\n1,Heat,1995\n2,Solaris,1972\n")]);
    assert_eq!(facts(&graph), ["Alien.date = 1979", "Heat.date = 1995", "Solaris.date = 1972"]);
    let (graph, unsure, _) = made(&[("dups.csv", "Name, Name ,Value,Value,\nA,a1,1,2,\nB,b1,3,4,\n")]);
    has(&graph, &["A.name_2 = a1", "A.value = 1", "B.value_2 = 4"]);
    has_note(&unsure, "does not tell all columns apart");
    let lists = "name,tags,parents\nA,\"['x', 'y, z']\",[]\nB,['x'],['A']\nC,[],\"[\"\"A\"\", \"\"B\"\"]\"\n";
    let (graph, ..) = made(&[("lists.csv", lists)]);
    has(&graph, &["A.tags = x", "A.tags = y, z", "C child of A", "C child of B", "B child of A"]);
    let genes = "#tax_id\tGeneID\tSymbol\n9606\t1\tA1BG\n9606\t2\tA2M\n9606\t9\tNAT1\n";
    let (graph, unsure, _) = made(&[("genes.tsv", genes)]);
    has(&graph, &["A2M.tax_id = 9606"]);
    has_note(&unsure, "called as its last comment says");
    let table = "| Name | Parent | Year |\n|------|--------|------|\n| Foo | Bar | 1999 |\n| Bar | | 1990 |\n";
    let (graph, ..) = made(&[("table.txt", table)]);
    has(&graph, &["Foo child of Bar", "Foo.date = 1999"]);
    let (graph, ..) = made(&[("names.csv", "Name\nAlpha\nBeta\nGamma Delta\n")]);
    assert_eq!(graph.entities().map(|entity| graph.name(entity)).collect::<Vec<_>>(), ["Alpha", "Beta", "Gamma Delta"]);
    let sparse = "\"//\",\"made by hand\",,,,,,\n,,,,,,,\n\"#\",\"Name\",\"Parent\",\"Start\",\"Stop\",\"Icon\",\"Note\",\"When\"\nN,SLS,,1992.6,,,,\nN,Slackware,SLS,1993.7.16,,,,\nN,SUSE,Slackware,1994.3,,,big,1996.5\n";
    let (graph, unsure, _) = made(&[("sparse.csv", sparse)]);
    has(&graph, &["Slackware child of SLS", "SLS.start = 1992-06", "SUSE.note = big"]);
    assert!(unsure.iter().all(|line| !line.contains("come before")), "{unsure:?}");
    let inches = "name\tsize\nA\t19\"\nB\t\"21\nC\t5\n";
    let (graph, ..) = made(&[("inches.tsv", inches)]);
    has(&graph, &["A.size = 19\"", "B.size = \"21"]);
}

#[test]
fn numbers_of_one_row_stay_together() {
    let life = "Entity,Code,Year,Life expectancy\nAfghanistan,AFG,1950,27.7\nAfghanistan,AFG,2021,61.9\nWorld,,1950,46.5\nWorld,,2021,71.0\n";
    let (graph, ..) = made(&[("life.csv", life)]);
    has(
        &graph,
        &[
            "Afghanistan 2021 has_entity Afghanistan",
            "Afghanistan 2021.life_expectancy = 61.9",
            "World 1950.date = 1950",
            "World 1950.life_expectancy = 46.5",
        ],
    );
    let movies = "movieId,title\n1,Toy Story\n2,Jumanji\n3,Heat\n";
    let ratings = "userId,movieId,rating\n1,1,4\n1,3,4.5\n2,2,3.5\n2,1,5\n";
    let (graph, ..) = made(&[("movies.csv", movies), ("ratings.csv", ratings)]);
    has(&graph, &["1 3 has_movie Heat", "1 3.rating = 4.5", "1 3 has_user 1", "2 1.rating = 5"]);
    let scores = "name,when,score\nA,2020,1\nA,2020,2\nA,2021,3\nB,2020,3\n";
    let (_, unsure, _) = made(&[("scores.csv", scores)]);
    assert!(unsure.iter().all(|line| !line.contains("is not kept")), "the rows differ in `score`: {unsure:?}");
    let twice = "name,when,score\nA,2020,1\nA,2020,1\nA,2021,2\nB,2020,3\n";
    let (graph, ..) = made(&[("twice.csv", twice)]);
    has(&graph, &["A 2 has_twice A", "A 2.score = 1", "A 3.score = 1", "A 4.score = 2"]);
}

#[test]
fn keys_count_for_their_own_table_only() {
    let employees = "employeeID,name,country,reportsTo\n1,Nancy,UK,2\n2,Andrew,USA,\n";
    let suppliers = "supplierID,companyName,country\n1,Exotic,UK\n2,Cajun,USA\n";
    let products = "productID,productName,supplierID\n1,Chai,1\n2,Chang,1\n3,Syrup,2\n4,Pavlova,7\n7,Tofu,2\n";
    let (graph, unsure, told) =
        made(&[("employees.csv", employees), ("suppliers.csv", suppliers), ("products.csv", products)]);
    has(
        &graph,
        &[
            "Nancy located in UK",
            "Exotic located in UK",
            "Nancy reports to Andrew",
            "Syrup has_supplier Cajun",
            // Seven is no supplier, though it is a product.
            "Pavlova has_supplier 7",
        ],
    );
    has_note(&unsure, "1 name in `supplierID` is declared nowhere");
    assert!(told.iter().all(|line| !line.contains("fits several")), "{told:?}");
}

#[test]
fn tables_are_found_in_nested_json() {
    let graph = r#"{"nodes": [{"id": "m", "label": "Myriel"}, {"id": "v", "label": "Valjean"}], "links": [{"source": "v", "target": "m", "value": 5}], "directed": true}"#;
    let (graph, unsure, _) = made(&[("graph.json", graph)]);
    has(&graph, &["Valjean linked to Myriel"]);
    has_note(&unsure, "`directed` are no rows");
    let cyto = r#"{"elements": {"nodes": [{"data": {"id": "a", "name": "A"}}, {"data": {"id": "b", "name": "B"}}], "edges": [{"data": {"source": "a", "target": "b"}}]}}"#;
    let (graph, ..) = made(&[("cyto.json", cyto)]);
    has(&graph, &["A linked to B"]);
    let (graph, ..) = made(&[(
        "x.json",
        r#"{"meta": 1, "items": [{"name": "Rust", "info": {"year": 2010}, "influences": ["ML", "C"]}, {"name": "ML", "influences": []}, {"name": "C"}]}"#,
    )]);
    has(&graph, &["Rust influenced by ML", "Rust influenced by C"]);
}

#[test]
fn other_encodings_become_utf8() {
    let wide: Vec<u8> =
        "\u{feff}Name\tCity\nZoë\tParis\nÅsa\tOslo\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (graph, ..) = made_of_bytes(&[("unicode.txt", &wide)]);
    has(&graph, &["Zoë.city = Paris"]);
    let (graph, unsure, _) = made_of_bytes(&[("latin.csv", b"name;city\nJos\xe9;M\xe1laga\nAnn;K\xf6ln\n")]);
    has(&graph, &["José.city = Málaga", "Ann.city = Köln"]);
    has_note(&unsure, "taken for Windows-1252");
    let ansel = b"0 HEAD\n1 CHAR ANSEL\n0 @I1@ INDI\n1 NAME Ren\xe2ee /M\xe8uller/\n1 BIRT\n2 DATE 1900\n1 FAMC @VOID@\n0 TRLR\n";
    let (graph, unsure, _) = made_of_bytes(&[("ansel.ged", ansel)]);
    has(&graph, &["Renée Müller.born = 1900"]);
    assert_eq!(unsure, [""; 0], "a void family is no loss");
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
    let lists = "@prefix : <http://ex.org/> . :t a :T ; :parts ( :x :y ) ; :none () . :t :near :z .";
    let (graph, unsure, _) = made(&[("lists.ttl", lists)]);
    has(&graph, &["t parts x", "t parts y", "t near z"]);
    assert!(unsure.iter().any(|line| line.contains("2 collections are opened")), "{unsure:?}");
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
    assert!(said("b.ged", "0 HEAD\n1 NOTE éé".bytes().chain([0xff]).collect::<Vec<_>>().as_slice()).contains("line 2"));
    assert!(said("c.ttl", b"<a> <b> .\n").contains("line 1") || !said("c.ttl", b"<a> <b> .\n").is_empty());
    assert_eq!(said("d.csv", b"name,size\n"), "it has no rows");
    assert!(said("e.csv", b"PK\x03\x04").contains("zip archive"));
    assert_eq!(said("f.csv", b""), "it has no rows");
    assert!(said("g.csv", b"name,note\nA,x\nB,\"oops\nC,y\n").contains("a quote is opened here and never closed"));
    assert!(said("h.txt", b"name     born\nAnn      1980\nBob      1975\n").contains("aligned by spaces"));
    assert!(said("i.json", br#"{"name": {"0": "A", "1": "B"}}"#).contains("orient"));
}

#[test]
fn columns_may_hold_either_end_of_a_verb() {
    let kin = "name,parents,parentOf,children\nAnn,,Bob,Cid\nBob,Ann,,\nCid,Ann,,\n";
    let (graph, _, told) = made(&[("people.csv", kin)]);
    let all: Vec<String> = facts(&graph).into_iter().filter(|fact| fact.contains(" child of ")).collect();
    assert_eq!(all, ["Bob child of Ann", "Cid child of Ann"], "each way to say it states the same");
    assert!(told.is_empty(), "{told:?}");
    let (graph, ..) = made(&[("thinkers.csv", "name,influenced by,influenced\nKim,Lou,\nLou,,Max\nMax,Lou,\n")]);
    has(&graph, &["Kim influenced by Lou", "Max influenced by Lou"]);
    let (graph, ..) = made(&[("x.csv", "id!name!students!born\nD1!Eva!D2,D3!1900\nD2!Fay!!1930\nD3!Gus!!1931\n")]);
    has(&graph, &["Fay student of Eva", "Gus student of Eva", "Eva.born = 1900"]);
}

#[test]
fn keys_come_with_their_names() {
    let pairs = "influenced,influenced_lab,influencer,influencer_lab\nx:1,Ann,x:2,Bob\nx:3,Cid,x:2,Bob\nx:4,,x:1,Ann\n";
    let (graph, _, told) = made(&[("thinkers.csv", pairs)]);
    has(&graph, &["Ann influenced by Bob", "Cid influenced by Bob", "x:4 influenced by Ann"]);
    assert!(!told.iter().any(|line| line.contains("nothing")), "{told:?}");
    let query = "item,itemLabel,teacher,teacherLabel\nQ1,Ann,Q7,Gil\nQ2,Bob,Q7,Gil\nQ2,Bob,Q1,Ann\n";
    let (graph, ..) = made(&[("query.csv", query)]);
    has(&graph, &["Ann student of Gil", "Bob student of Gil", "Bob student of Ann"]);
    // A key of one name is not the name of several.
    let forms = "ID,Form\nf1,kan\nf2,kan\nf3,tal\nf4,tal\nf5,sur\n";
    let cognates = "ID,Form_ID,Form\nc1,f1,kan\nc2,f3,tal\nc3,f2,kan\n";
    let (graph, ..) = made(&[("forms.csv", forms), ("cognates.csv", cognates)]);
    has(&graph, &["c1 has_form kan (f1)", "c3 has_form kan (f2)", "c2.form = tal"]);
}

#[test]
fn names_of_the_row_itself_are_no_links() {
    let row = |name: &str, other: &str, code: &str, borders: &str| {
        format!(r#"{{"name": {{"common": "{name}"}}, "fr": "{other}", "code3": "{code}", "borders": [{borders}]}}"#)
    };
    let rows = [
        row("Norra", "Norra", "NOR", r#""SUD", "EST""#),
        row("Sudland", "Sudland", "SUD", r#""NOR""#),
        row("Estia", "Estie", "EST", r#""NOR""#),
    ];
    let (graph, ..) = made(&[("lands.json", &format!("[{}]", rows.join(",")))]);
    assert_eq!(graph.entity_count(), 3);
    has(&graph, &["Norra has_borders Sudland", "Norra has_borders Estia", "Norra.fr = Norra", "Estia.code_3 = EST"]);
}

#[test]
fn rows_that_share_a_name_are_not_mixed() {
    let terms = "content_text,party,start_date,end_date\nAda,Red,1900,1904\nBen,Blue,1904,1908\nAda,Red,1908,1910\nCy,Red,1910,1911\n";
    let (graph, ..) = made(&[("premiers.csv", terms)]);
    has(&graph, &["Ada 1900.end_date = 1904", "Ada 1908.end_date = 1910", "Ada 1908 has_premier Ada"]);
    let one = (0..12).map(|i| format!("P{i},{},x{}\n", 1900 + i, i % 4)).collect::<String>();
    let (graph, unsure, _) = made(&[("premiers.csv", &format!("name,year,seat\n{one}P3,1950,y\n"))]);
    has_note(
        &unsure,
        "2 rows share their `name` with another, as `P3` does, and differ in `year`, `seat`: each is a thing",
    );
    has(&graph, &["P3 (5).date = 1903", "P3 (14).date = 1950"]);
}

#[test]
fn items_within_rows_are_rows_of_their_own() {
    let cast = r#"[{"character": "Ada", "actors": [{"who": "Mia Lo", "year": 2001}, {"who": "Pia Mo", "year": 2005}]},
        {"character": "Ben", "actors": [{"who": "Leo Do", "year": 2001}]}]"#;
    let (graph, ..) = made(&[("cast.json", cast)]);
    has(&graph, &["Mia Lo part of Ada", "Mia Lo.date = 2001", "Pia Mo.date = 2005", "Leo Do part of Ben"]);
}

#[test]
fn words_and_numbers_that_stand_for_nothing() {
    let table = "name,released,end_year,version,month_start,predecessors\nA,1990,0,1.10,3,none\nB,1995,-8,1.5,4,A\nC,2001,2003,1.13.1,12,A\n";
    let (graph, unsure, _) = made(&[("tools.csv", table)]);
    has(&graph, &["A.version = 1.10", "C.version = 1.13.1", "B.month_start = 4", "B based on A", "C.end_year = 2003"]);
    assert_eq!(graph.names().lookup("none").len(), 0);
    assert!(!facts(&graph).iter().any(|fact| fact.starts_with("B.end_year")), "{:?}", facts(&graph));
    has_note(&unsure, "tools.csv: `end_year`: `0`, `-8` taken for nothing");
    has_note(&unsure, "tools.csv: `predecessors`: `none` taken for nothing");
    let (graph, ..) = made(&[("old.csv", "name,start\nA,-10000\nB,-6000\nC,1500\n")]);
    has(&graph, &["A.start = ..-9999-01-01", "B.start = -6000"]);
    let short = "name,languages\nA,English; French\nB,French; German; Dutch\nC,English\n";
    has(&made(&[("short.csv", short)]).0, &["B.languages = German", "A.languages = French"]);
    let (graph, ..) = made(&[("html.csv", "name;city\nCaf&eacute; &amp; Bar;K&#246;ln\nB;Bonn\n")]);
    has(&graph, &["Café & Bar.city = Köln"]);
}

#[test]
fn tables_of_links_are_known_by_what_they_name() {
    // The words that all file names begin with are no part of the types.
    let files = [
        ("my_data_companies.csv", "id,name\n1,Ax\n2,Bo\n3,Ax\n4,Ax\n"),
        ("my_data_addresses.csv", "id,street\n1,Elm 1\n2,Oak 2\n"),
        ("my_data_seats.csv", "company,address\n1,2\n2,1\n"),
    ];
    let (graph, ..) = made(&files);
    has(&graph, &["Ax (1) has_address Oak 2", "Bo has_address Elm 1"]);
    // Names may be long, and a column may have a name of its own.
    let long = "a name that is much too long to be taken for a name by its length only number";
    let nodes: String = (0..4).map(|i| format!("{long} {i}\n")).collect();
    let edges = format!("source,target\n{long} 0,{long} 1\n{long} 2,{long} 3\n");
    let (graph, ..) = made(&[("nodes.csv", &format!("name\n{nodes}")), ("edges.csv", &edges)]);
    assert_eq!((graph.entity_count(), graph.fact_count()), (4, 2));
    let parts: String = (0..20).map(|i| format!("t{},k{},t{}\n", i % 7, i % 3, (i * 3 + 1) % 7)).collect();
    let (graph, ..) = made(&[("parts.csv", &format!("whole,kind,component\n{parts}"))]);
    has(&graph, &["t0 has_component t1", "t1 has_component t4"]);
    // Without a header, numbers with gaps that match are keys; a column of other numbers is not.
    let places: String = (0..60).map(|i| format!("{},Place {i},{}\n", i * 7 + 3, i)).collect();
    let trip = |i: usize| format!("x,{},{}\n", (i % 40) * 7 + 3, (i * 11 % 45) * 7 + 3);
    let trips: String = (0..60).map(trip).collect();
    let (graph, ..) = made(&[("places.dat", &places), ("trips.dat", &trips)]);
    has(&graph, &["Place 1 linked to Place 11", "Place 2 linked to Place 22"]);
}

#[test]
fn what_begat_new_counts_is_what_check_counts() {
    let table = "name,influenced by\nAnn-Lee,Bob Ray\nBob Ray,Kim\nCid,kim\nDan,Ann Lee\n";
    let (_, unsure, _) = made(&[("people.csv", table)]);
    has_note(&unsure, "1 name in `influenced by` is declared nowhere");
}

#[test]
fn predicates_without_types_and_names_in_other_words() {
    let text = "@prefix : <http://e.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n\
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\
        :idle a owl:ObjectProperty . :likes a owl:ObjectProperty .\n\
        :p1 a :Person; :hasName \"Ann Lee\"; :likes :p2; :issued \"1999\"^^xsd:integer .\n\
        :p2 a :Person; :hasName \"Bob Ray\"; :issued \"2001\"^^xsd:integer .\n";
    let (graph, ..) = made(&[("people.ttl", text)]);
    has(&graph, &["Ann Lee likes Bob Ray", "Ann Lee.issued = 1999"]);
    assert!(
        graph
            .schema()
            .lookup_property("issued")
            .is_some_and(|id| { graph.schema().property(id).value == begat::value::ValueType::Date })
    );
}

#[test]
fn genealogies_of_old_programs() {
    let lines = [
        "0 HEAD",
        "1 CHAR ANSI",
        "0 @I1@ INDI",
        "1 NAME Ann /Lee/",
        "1 BIRT",
        "2 DATE 12 MAR 1637/38",
        "2 NOTE @N1@",
        "1 CHAN",
        "2 DATE 1 MAY 2000",
        "0 @I2@ INDI",
        "1 NAME Bob &amp; Co",
        "0 @F1@ FAM",
        "1 HUSB @I2@",
        "1 MARR",
        "2 DATE 1497",
        "0 @N1@ NOTE Said by her aunt.",
        "0 @N2@ NOTE Said of nobody.",
        "0 TRLR",
    ];
    let (graph, unsure, told) = made(&[("old.ged", &(lines.join("\r") + "\r"))]);
    let birth = "Ann Lee.born_detail = NOTE Said by her aunt.";
    has(&graph, &["Ann Lee.born = 1637-03-12..1638-03-12", birth, "Bob & Co.family = MARR DATE 1497"]);
    has_note(&unsure, "1 record of notes that no line refers to, the first in line 17");
    assert!(told.is_empty(), "lines end with a carriage return, and have their numbers: {told:?}");
}

#[test]
fn rows_of_another_kind_are_told() {
    let nodes: String = (0..20).map(|i| format!("N,Name {i},{},{}\n", 1990 + i, i * 3)).collect();
    let links: String = (0..6).map(|i| format!("C,{},thick,Name {i}\n", 2000 + i)).collect();
    let (graph, unsure, told) = made(&[("tree.csv", &format!("kind,name,start,size\n{nodes}{links}"))]);
    has(&graph, &["Name 3.start = 1993", "Name 3.size = 9"]);
    assert_eq!(graph.entity_count(), 20);
    has_note(&unsure, "6 rows with `C` in `kind` use the columns in another way than those with `N`");
    assert!(told.iter().any(|line| line.contains("takes the rows with `C`")), "`begat check` tells it, too: {told:?}");
    // Kinds that use the columns alike are an ordinary column.
    let (graph, ..) =
        made(&[("tree.csv", &format!("kind,name,start,size\n{nodes}{}", nodes.replace("N,Name", "M,Nome")))]);
    assert_eq!(graph.entity_count(), 40);
}

#[test]
fn years_of_two_digits_are_no_years_of_the_first_century() {
    for (cell, other, day) in [
        ("12-Jan-98", "3-Feb-99", "1998-01-12"),
        ("25/11/83", "13/12/84", "1983-11-25"),
        ("11/25/83", "12/13/84", "1983-11-25"),
        ("25.11.83", "13.12.84", "1983-11-25"),
        ("Nov 25, 83", "Dec 13, 84", "1983-11-25"),
        ("Jan-96", "Feb-97", "1996-01"),
    ] {
        let (graph, unsure, _) = made(&[("people.csv", &format!("name,date\nAnn,\"{cell}\"\nBob,\"{other}\"\n"))]);
        has(&graph, &[&format!("Ann.date = {day}")]);
        has_note(&unsure, "its years have two digits");
    }
    let (graph, unsure, _) = made(&[("people.csv", "name,year\nA,63\nB,92\n")]);
    has(&graph, &["A.year = 63"]);
    has_note(&unsure, "`year`: cells such as `63` are taken for numbers");
    let (graph, ..) = made(&[("people.csv", "name,died,birth\nA,0,36.4\nB,1,41.6\n")]);
    has(&graph, &["A.died = 0", "B.birth = 41.6"]);
    let (graph, ..) = made(&[("old.csv", "name,born\nA,-50\nB,63\nC,120\n")]);
    has(&graph, &["A.born = -0050", "B.born = 0063"]);
    let (graph, ..) = made(&[("films.csv", "name,year\nA,1950.0\nB,\nC,2003.0\n")]);
    has(&graph, &["A.date = 1950", "C.date = 2003"]);
    let (_, unsure, _) = made(&[("days.csv", "name,date\nA,02/01/2006\nB,13/01/2006\nC,01/25/2006\n")]);
    has_note(&unsure, "in some cells the day comes before the month, in others behind it");
}

#[test]
fn a_header_is_known_by_what_stands_below() {
    // What numbers or names the rows in front has no word of its own.
    let (graph, ..) = made(&[("people.csv", ",name,city\n0,Ann,Paris\n1,Bob,Rome\n")]);
    has(&graph, &["Ann.city = Paris", "Bob.city = Rome"]);
    let (graph, ..) =
        made(&[("rates.csv", "\"\",\"infant.mortality\",\"gdp\"\n\"Ghana\",NA,3\n\"Mali\",5,NA\n\"Chad\",6,2\n")]);
    has(&graph, &["Mali.infant_mortality = 5", "Chad.gdp = 2"]);
    let (graph, ..) = made(&[("goals.csv", "\"\",\"0\",\"1\"\n\"a\",27,29\n\"b\",59,53\n\"c\",28,32\n")]);
    assert_eq!(graph.entity_count(), 3);
    let (graph, ..) = made(&[("batting.csv", "playerID,2B,3B\nann01,5,1\nbob01,6,2\n")]);
    assert_eq!(graph.entity_count(), 2);
    // Codes under a code, and names in the order of the alphabet, have no header.
    let (graph, ..) = made(&[("zone.tsv", "AD\tAndorra\nAE\tEmirates\nAF\tAfghanistan\nAL\tAlbania\n")]);
    has(&graph, &["Andorra.code = AD"]);
    let names = "Aaron\nAda\nAdam\nAdele\nAlan\nAlbert\nAlice\nBert\n";
    assert_eq!(made(&[("names.txt", names)]).0.entity_count(), 8);
    let (graph, unsure, _) = made(&[("cities.txt", "Place\nRome\nOslo\n")]);
    assert_eq!(graph.entity_count(), 2);
    has_note(&unsure, "its first row, `Place`, is taken for the names of its columns");
}

#[test]
fn rows_without_values_are_of_the_same_kind() {
    let rows = (0..30)
        .map(|i| format!("{},p{i},{}\n", ["flat", "maps"][i % 2], if i % 2 == 0 { "1,2,3" } else { "NA,NA,NA" }));
    let (graph, ..) = made(&[("films.csv", &format!("study,name,a,b,c\n{}", rows.collect::<String>()))]);
    assert_eq!(graph.names().lookup("p1").len(), 1);
    assert_eq!(graph.names().lookup("p2").len(), 1);
}

#[test]
fn short_rows_are_filled() {
    let table = "version,name,created,release,eol,lts\n4.10,Warty,2004-03-05,2004-10-20\n5.04,Hoary,2004-10-20,2005-04-08\n\
        6.06,Dapper,2005-10-12,2006-06-01,2009-07-14,2011-06-01\n";
    let (graph, unsure, _) = made(&[("ubuntu.csv", table)]);
    has(&graph, &["Warty.release = 2004-10-20", "Dapper.eol = 2009-07-14"]);
    assert_eq!(graph.entity_count(), 3);
    has_note(&unsure, "some rows are shorter than its header");
}

#[test]
fn every_row_is_kept() {
    // A row may stand twice.
    let (graph, ..) = made(&[("sales.csv", "mode,sales,qty\nair,10,1\nair,20,2\nsea,30,3\nsea,30,3\n")]);
    has(&graph, &["air 2.sales = 10", "sea 4.sales = 30", "sea 5.sales = 30", "sea 5 has_mode sea"]);
    // A code tells rows of one name apart whatever it is called, and names those that have none.
    let rows: String = (0..12).map(|i| format!("K{i:02},Lowell,4{i}.5\n")).collect();
    let (graph, _, told) = made(&[("airports.csv", &format!("faa,name,lat\n{rows}ZZZ,Boston,2.5\n"))]);
    assert_eq!(graph.entity_count(), 13, "{told:?}");
    let rows: String = (0..12).map(|i| format!("A{i:02},Town {i},{i}\n")).collect();
    let (graph, unsure, _) = made(&[("places.csv", &format!("code,name,size\n{rows}B99,,7\n"))]);
    has(&graph, &["B99.size = 7", "Town 3.size = 3"]);
    has_note(&unsure, "1 row has no `name`: called by `code`");
    // Items within rows that have no name of their own.
    let items = r#"[{"id":"BUG","name":"Bug","damage":[{"id":"BUG","scalar":1},{"id":"FIRE","scalar":0.5}]},
        {"id":"FIRE","name":"Fire","damage":[{"id":"BUG","scalar":1.6}]}]"#;
    let (graph, ..) = made(&[("types.json", items)]);
    has(&graph, &["BUG 1.scalar = 1", "BUG 2.scalar = 0.5", "FIRE 3.scalar = 1.6", "FIRE 3 has_id Bug"]);
}

#[test]
fn what_happens_between_two_things_has_values_of_its_own() {
    let airports = "faa,name,lat\nJFK,Kennedy,40.5\nLAX,Los Angeles,33.5\nSFO,San Francisco,37.5\n";
    let flight = |i: usize| {
        let of = |i: usize| ["JFK", "LAX", "SFO"][i % 3];
        format!("{},{},2020-01-{:02},{}\n", of(i), of(i / 3 + i + 1), i % 28 + 1, i % 50)
    };
    let flights: String = (0..60).map(flight).collect();
    let (graph, ..) =
        made(&[("airports.csv", airports), ("flights.csv", &format!("origin,dest,day,delay\n{flights}"))]);
    has(&graph, &["Flight 2 has_origin Kennedy", "Flight 2.delay = 0", "Flight 61.delay = 9"]);
    assert_eq!(graph.entity_count(), 63);
}

#[test]
fn a_code_that_others_use_is_a_better_key_than_a_number_that_nothing_uses() {
    let countries = "id,code,name\n301,AD,Andorra\n302,AE,Emirates\n303,AF,Afghanistan\n304,AL,Albania\n";
    let airports = "ident,name,iso_country\nX1,One,AD\nX2,Two,AE\nX3,Three,AF\nX4,Four,AL\nX5,Five,AE\n";
    let (graph, ..) = made(&[("countries.csv", countries), ("airports.csv", airports)]);
    has(&graph, &["Five located in Emirates", "One located in Andorra", "Andorra.code = AD"]);
    let by_id = "ident,name,country_id\nX1,One,301\nX2,Two,302\nX3,Three,302\n";
    has(&made(&[("countries.csv", countries), ("airports.csv", by_id)]).0, &["Two has_country Emirates"]);
}

#[test]
fn columns_of_one_table_have_verbs_of_their_own() {
    let (graph, ..) =
        made(&[("people.csv", "name,birthCountry,deathCountry\nAnn,USA,Cuba\nBob,Cuba,USA\nCy,Peru,Peru\n")]);
    has(&graph, &["Ann located in USA", "Ann has_deathcountry Cuba"]);
}

#[test]
fn names_with_a_comma_are_no_lists() {
    let rows = [
        "Lee County, AL",
        "Clay County, AL",
        "Lake County, AL",
        "Lee County, GA",
        "Clay County, GA",
        "Lake County, GA",
    ];
    let rows: String = rows.iter().enumerate().map(|(i, place)| format!("P{i},\"{place}\"\n")).collect();
    has(&made(&[("people.csv", &format!("name,place\n{rows}"))]).0, &["P0.place = Lee County, AL"]);
    let lists = ["Text, Vision", "Vision", "Audio, Text", "Text", "Vision, Audio", "Audio"];
    let lists: String = lists.iter().enumerate().map(|(i, kinds)| format!("P{i},\"{kinds}\"\n")).collect();
    has(&made(&[("models.csv", &format!("name,kinds\n{lists}"))]).0, &["P0.kinds = Text", "P0.kinds = Vision"]);
}

#[test]
fn several_tables_may_list_the_same_things() {
    let population = r#"[{"country":"Aruba","pop":1},{"country":"Chad","pop":5},{"country":"Mali","pop":7}]"#;
    let area = r#"[{"country":"Aruba","area":3},{"country":"Chad","area":4},{"country":"Mali","area":9}]"#;
    let (graph, ..) = made(&[("population.json", population), ("area.json", area)]);
    has(&graph, &["Chad.pop = 5", "Chad.area = 4"]);
    assert_eq!(graph.entity_count(), 3);
}

#[test]
fn a_table_of_days_is_asked_by_dates() {
    let (graph, ..) = made(&[("prices.csv", "date,price\n2000-01-01,1.5\n2000-02-01,2.5\n2000-03-01,2.5\n")]);
    has(&graph, &["2000-02-01.date = 2000-02-01", "2000-03-01.price = 2.5"]);
}

#[test]
fn objects_are_found_by_their_keys() {
    let licences = r#"{"MIT":{"name":"MIT License","osi":true},"BSD":{"name":"BSD License","osi":true}}"#;
    has(&made(&[("licences.json", licences)]).0, &["MIT License.key = MIT"]);
    let colours = r##"{"Ada":{"color":"#02f","group":null},"Alloy":{"color":null,"group":"Ada"},"C":{"color":"#111","group":"Ada"}}"##;
    has(&made(&[("colors.json", colours)]).0, &["Alloy has_group Ada", "C.color = #111"]);
    // What repeats the key of its own row names nothing else.
    let states = r#"{"AL":{"code":"AL","name":"Alabama"},"AR":{"code":"AR","name":"Arkansas"},"CA":{"code":"CA","name":"California"}}"#;
    let countries =
        r#"{"AL":{"name":"Albania"},"AR":{"name":"Argentina"},"CA":{"name":"Canada"},"FR":{"name":"France"}}"#;
    let (graph, ..) = made(&[("states.json", states), ("countries.json", countries)]);
    assert_eq!(graph.entity_count(), 7, "{:?}", facts(&graph));
}

/// A table with columns of random kinds under random words, of which some are marks in RON, templates or lists.
fn random_table(random: &mut Random) -> Vec<Vec<String>> {
    const HEADERS: &[&str] = &[
        "name",
        "id",
        "code",
        "kind",
        "size",
        "weight",
        "a|b",
        "x {kg}",
        "#",
        "{#}",
        "note, long",
        "grösse",
        "key",
        "title",
    ];
    const WORDS: &[&str] =
        &["Ann", "Bob Lee", "Cy", "Dee, Eve", "F|G", "{H}", "\"I\"", "J\\K", "Lé", "M-N", "o p q", "R#1"];
    let mut headers: Vec<&str> = Vec::new();
    while headers.len() < 2 + random.below(4) {
        let header = *random.pick(HEADERS);
        if !headers.contains(&header) {
            headers.push(header);
        }
    }
    let kinds: Vec<usize> = headers.iter().map(|_| random.below(5)).collect();
    let few = 1 + random.below(WORDS.len());
    let mut table = vec![headers.iter().map(ToString::to_string).collect::<Vec<String>>()];
    for number in 0..2 + random.below(14) {
        let cell = |kind: &usize| match kind {
            _ if random.percent(6) => String::new(),
            0 => WORDS[random.below(few)].to_string(),
            1 => format!("{} {number}", WORDS[random.below(few)]),
            2 => format!("K{}", 100 + number * 7),
            3 => (random.below(40) * 3 + 1000).to_string(),
            _ => format!("{}.25", random.below(9)),
        };
        table.push(kinds.iter().map(cell).collect());
    }
    table
}

/// Whatever a table is taken for, its graph loads at once, and each cell is a name, a value or a note, unless it is told.
#[test]
fn no_cell_of_a_random_table_is_lost() {
    let seed: u64 = std::env::var("BEGAT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let cases: u64 = std::env::var("BEGAT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    for case in seed..seed + cases {
        let table = random_table(&mut Random(case));
        let mut writer = csv::Writer::from_writer(Vec::new());
        table.iter().for_each(|row| writer.write_record(row).expect("memory"));
        let text = String::from_utf8(writer.into_inner().expect("memory")).expect("text");
        let (graph, unsure, told) = made(&[("things.csv", &text)]);
        let mut known = facts(&graph).join("\n");
        graph.entities().for_each(|entity| known += &format!("\n{}", graph.name(entity)));
        (0..graph.claims().len() as u32).for_each(|claim| known += &format!("\n{}", graph.claims().get(claim).note));
        let left_out =
            || unsure.iter().chain(&told).any(|line| line.contains("left out") || line.contains("taken for nothing"));
        // A number that is only a key finds the rows, and is no value of theirs.
        let is_key = |c: usize| ["id", "key"].contains(&table[0][c].as_str());
        let cells = table.iter().skip(1).flat_map(|row| row.iter().enumerate().filter(|(c, _)| !is_key(*c)));
        for (_, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            // `{H}` may be a list as PostgreSQL writes it.
            let mut parts = cell.split([',', '|', '{', '}']).map(str::trim);
            let is_there = known.contains(cell) || parts.all(|part| known.contains(part));
            assert!(is_there || left_out(), "seed {case}: `{cell}` is lost\n{text}\n{known}\n{unsure:?}\n{told:?}");
        }
    }
}

/// Who a row follows is a link, whether or not each is followed by one other and no cell is empty.
#[test]
fn a_column_of_other_rows_is_no_key() {
    for (header, verb_part) in
        [("name,successor,year", "success"), ("name,predecessor,year", "predecess"), ("node,next,year", "next")]
    {
        let text = format!("{header}\nAnn,Bob,1990\nBob,Cyd,1992\nCyd,Dan,1995\nDan,Eve,1999\nEve,Fay,2001\n");
        let (graph, _, _) = made(&[("things.csv", &text)]);
        let all = facts(&graph);
        for (one, two) in [("Ann", "Bob"), ("Bob", "Cyd"), ("Cyd", "Dan"), ("Dan", "Eve")] {
            let is_linked = |fact: &&String| fact.contains(one) && fact.contains(two);
            assert!(all.iter().any(|fact| is_linked(&fact)), "{header} ({verb_part}): {one}, {two}: {all:?}");
        }
    }
}
