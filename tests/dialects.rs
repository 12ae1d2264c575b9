//! Tables as other people write them: what a graph says of how they are written, what it tolerates, and that each
//! tolerance is told.

use begat::graph::{Fact, Graph};
use begat::load;
use begat::text::{Diagnostics, Severity, Text};
use std::io::Cursor;

const SCHEMA: &str = r#"schema: (types: {
        "Thing": (properties: {"date": (type: Date, verb: "dated"), "size": (type: Number), "kind": (type: Text)}),
        "Person": (), "Child": (extends: "Person")},
    verbs: {"leads to": (from: ["Thing"], to: ["Thing"], lineage: true, chronological: warn, acyclic: warn),
        "made by": (from: ["Thing"], to: ["Person"])}), sources: {"s": ()},"#;

/// The graph of a table with sections over it, and what is said of it.
fn load_as(name: &str, table: &str, sections: &[&str]) -> (Option<Graph>, Vec<String>) {
    let sections: Vec<String> =
        sections.iter().map(|rest| format!(r#"(file: "{name}", source: "s", {rest}),"#)).collect();
    let body = format!("({SCHEMA} tables: [{}])", sections.concat());
    let table = table.to_string();
    let files = move |_: &str| Ok(Box::new(Cursor::new(table.clone().into_bytes())) as Box<dyn load::File>);
    let (graph, problems) = load::read_with(vec![Text::new("part.ron", body)], &files);
    (graph, shown(&problems))
}

fn shown(problems: &Diagnostics) -> Vec<String> {
    let word = |severity| match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        _ => "note",
    };
    problems.iter().map(|problem| format!("{}: {}", word(problem.severity), problem.message)).collect()
}

/// The facts of a table, and the notes of loading it. Nothing else is said.
fn facts_as(name: &str, table: &str, sections: &[&str]) -> (Vec<String>, Vec<String>) {
    let (graph, told) = load_as(name, table, sections);
    let graph = graph.unwrap_or_else(|| panic!("{told:?}"));
    (facts(&graph), told)
}

fn facts(graph: &Graph) -> Vec<String> {
    let all = (0..graph.fact_count() as u32).map(|i| match graph.fact(begat::graph::FactId(i)) {
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

const THINGS: &str = r#"entity: "Thing", name: "name", properties: {"date": "date", "size": "size"}"#;

#[test]
fn cells_are_parted_as_the_graph_says() {
    let wanted = ["A.date = 2020", "A.size = 1", "B; \"b\".size = 2"];
    let table = "name,date,size\nA,2020,1\n\"B; \"\"b\"\"\",,2\n";
    let cases = [(";", "\\u{3b}"), ("|", "|"), ("\t", "\\t")];
    assert_eq!(facts_as("n.csv", table, &[THINGS]).0, wanted);
    for (sign, written) in cases {
        let parted = table.replace(',', sign);
        let section = format!("{THINGS}, delimiter: \"{written}\"");
        assert_eq!(facts_as("n.csv", &parted, &[&section]), (wanted.map(str::to_string).to_vec(), vec![]), "{sign:?}");
    }
    assert_eq!(facts_as("n.tsv", &table.replace(',', "\t"), &[THINGS]).0, wanted);
}

#[test]
fn rows_before_the_table_comments_and_a_missing_header() {
    let bare = r#"header: false, columns: ["name", "date", "size"]"#;
    let section = format!(r##"{THINGS}, {bare}, skip: 2, comment: ["#", "//"]"##);
    let table = "A title, \"open\nby somebody\n# comment, \"\nA,2020,1\n\"// quoted\",,3\n//x,,\n";
    let (found, told) = facts_as("n.csv", table, &[&section]);
    assert_eq!(found, ["A.date = 2020", "A.size = 1"]);
    assert_eq!(told, ["note: `n.csv`: 3 rows are comments"]);
    // Lines keep their numbers.
    let (_, told) = load_as("n.csv", &table.replace("2020", "20x0"), &[&section]);
    assert!(told.contains(&"error: n.csv:4:2: `20x0` is not a date".to_string()), "{told:?}");
    // Without names, columns are called by their numbers.
    let found = facts_as(
        "n.csv",
        "A,B\nB,A\n",
        &[r#"entity: "Thing", name: "1", header: false"#, r#"verb: "leads to", subject: "1", object: "2""#],
    );
    assert_eq!(found.0, ["A leads to B", "B leads to A"]);
    let (_, told) = load_as("n.csv", "name,date\nA,\n", &[r#"entity: "Thing", name: "a", columns: ["a"]"#]);
    assert_eq!(told, ["error: `n.csv` has 2 columns, of which `columns` names 1"]);
}

#[test]
fn ragged_rows_are_filled_or_left_out_where_the_graph_says_so() {
    let table = "name,date,size\nA\nB,2020,1,2\nC,2021,3\n";
    assert_eq!(load_as("n.csv", table, &[THINGS]).1.len(), 2);
    let (found, told) = facts_as("n.csv", table, &[&format!("{THINGS}, ragged: skip")]);
    assert_eq!(
        (found.len(), &told[..]),
        (
            2,
            &["note: `n.csv`: 2 rows are left out: they have another number of fields, first at line 2".to_string()][..]
        )
    );
    let list = r#"entity: "Thing", name: "name", ragged: fill"#;
    let links = r#"verb: "leads to", subject: "name", object: "to", split: {"to": ","}"#;
    let (found, told) = facts_as("n.csv", "name,to\nA\nB,A,C\nC,A\n", &[list, links]);
    assert_eq!(found, ["B leads to A", "B leads to C", "C leads to A"]);
    assert_eq!(
        told[..2],
        [
            "note: `n.csv`: 1 row is short and filled with empty cells, first at line 2",
            "note: `n.csv`: 1 row is long: its last cells are one, first at line 3"
        ]
    );
}

#[test]
fn cells_that_say_nothing_are_named() {
    let table = "name,date,size\nA,NULL,N/A\nNA,2020,1\n";
    assert_eq!(load_as("n.csv", table, &[THINGS]).1.len(), 2);
    let section = format!(r#"{THINGS}, null: ["NULL", "N/A"]"#);
    let (found, told) = facts_as("n.csv", table, &[&section]);
    assert_eq!(found, ["NA.date = 2020", "NA.size = 1"]);
    assert_eq!(told, ["note: `n.csv`: 2 cells say nothing by `null`, first at line 2"]);
    let by_column = format!(r#"{THINGS}, null: {{"date": "NULL"}}"#);
    assert_eq!(load_as("n.csv", table, &[&by_column]).1[0], "error: n.csv:2:3: `N/A` is not a number");
}

#[test]
fn numbers_as_people_write_them() {
    let read = |size: &str, rest: &str| {
        let section = format!(r#"{THINGS}, delimiter: ";"{rest}"#);
        let (graph, told) = load_as("n.csv", &format!("name;date;size\nA;;{size}\n"), &[&section]);
        graph.map(|graph| facts(&graph).join(" ")).unwrap_or_else(|| told[0].clone())
    };
    assert_eq!(read("1.26e+24", ""), "A.size = 1260000000000000000000000");
    assert_eq!(
        (read(".5", ""), read("+5", ""), read("-.5E1", "")),
        ("A.size = 0.5".into(), "A.size = 5".into(), "A.size = -5".into())
    );
    let german = r#", decimal: ",", thousands: ".""#;
    assert_eq!(read("1.234.567,5", german), "A.size = 1234567.5");
    assert_eq!(read("1,234", r#", thousands: ",""#), "A.size = 1234");
    for (wrong, rest) in [
        ("1,234", ""),
        ("1,23", r#", thousands: ",""#),
        ("12,3456", r#", thousands: ",""#),
        ("1.5", r#", decimal: ",""#),
        ("+", ""),
        (".", ""),
        ("1e", ""),
    ] {
        assert_eq!(read(wrong, rest), format!("error: n.csv:2:3: `{wrong}` is not a number"), "{rest}");
    }
}

#[test]
fn dates_as_people_write_them() {
    let read = |date: &str, dates: &str| {
        let section = format!(r#"{THINGS}, delimiter: ";", dates: {{"date": [{dates}]}}"#);
        let (graph, told) = load_as("n.csv", &format!("name;date;size\nA;{date};\n"), &[&section]);
        graph.map(|graph| facts(&graph).join(" ")).unwrap_or_else(|| told[0].clone())
    };
    for (wording, text, date) in [
        ("%d-%b-%y", "04-Jul-96", "1996-07-04"),
        ("%Y.%m.%d", "1993.7.16", "1993-07-16"),
        ("time", "2020-01-02T03:04:05Z", "2020-01-02"),
        ("words", "c. 1991", "1991~"),
        ("words", "1852–1911", "1852..1911"),
        ("words", "mid 2021", "2021-05..2021-08"),
        ("years", "-690", "-0690"),
    ] {
        assert_eq!(read(text, &format!("\"{wording}\"")), format!("A.date = {date}"), "{wording}");
        // A date with a time is EDTF; the other ways have to be named.
        assert!(wording == "time" || read(text, "").starts_with("error"), "nothing is tolerated by default: {text}");
    }
    assert_eq!(read("2020-05", "\"time\", \"words\""), "A.date = 2020-05");
    assert!(read("2020", "\"%Q\"").starts_with("error: `%Q` is no way to write dates: "));
}

#[test]
fn names_that_are_declared_nowhere() {
    let table = "name,to\nA,B\nA,C\nB,C\n";
    let declared = r#"entity: "Thing", name: "name", repeated: true"#;
    let links = |missing: &str| format!(r#"verb: "leads to", subject: "name", object: "to", missing: {missing}"#);
    let (found, told) = facts_as("n.csv", table, &[declared, &links("declare")]);
    assert_eq!(found, ["A leads to B", "A leads to C", "B leads to C", "C.mentioned = n.csv"]);
    assert_eq!(told, ["note: `n.csv`: 1 name is declared by being named, first at line 3"]);
    let (found, told) = facts_as("n.csv", table, &[declared, &links("skip")]);
    assert_eq!(found, ["A leads to B"]);
    assert_eq!(told, ["note: `n.csv`: 2 facts are left out: they name what is declared nowhere, first at line 3"]);
    // An edge file needs no node file; without the word, nothing is declared.
    assert_eq!(facts_as("n.csv", table, &[&links("declare")]).0.len(), 6);
    assert_eq!(load_as("n.csv", table, &[&links("error")]).1.len(), 2);
    // Somebody of another kind may have the name.
    let person = r#"entity: "Person", name: "name", repeated: true"#;
    let (found, _) = facts_as("n.csv", table, &[person, &links("declare")]);
    assert_eq!(found.iter().filter(|fact| fact.contains("leads to")).count(), 3);
}

#[test]
fn keys_tell_those_of_one_name_apart() {
    let table = "id,given,surname,made\n1,Ann,Lee,\n2,Ann,Lee,\n3,Bob,,\n4,,Lee,\n";
    let people = r#"entity: "Person", name: "{given} {surname}", key: "id""#;
    let (graph, told) = load_as("n.csv", table, &[people]);
    let graph = graph.unwrap_or_else(|| panic!("{told:?}"));
    let names: Vec<&str> = graph.entities().map(|entity| graph.name(entity)).collect();
    assert_eq!(names, ["Ann Lee (1)", "Ann Lee (2)", "Bob", "Lee"]);
    assert_eq!(graph.names().lookup("Ann Lee").len(), 2, "either may be meant");
    let (_, told) = load_as("n.csv", &table.replace("2,Ann", "1,Ann"), &[people]);
    assert!(told[0].starts_with("error: n.csv:3:"), "{told:?}");
}

#[test]
fn a_template_has_the_line_of_a_row_and_columns_in_place_of_empty_ones() {
    // A quoted cell may have several lines; comments and empty lines count, too.
    let table = "name,code,made\nRome,R1,\n\nOslo,\"O\n1\",\nRome,R2,\n,X9,Rome\n";
    let place = r##"entity: "Person", name: "{name|code}", key: "{#}", repeated: false"##;
    let (graph, told) = load_as("n.csv", table, &[place]);
    let graph = graph.unwrap_or_else(|| panic!("{told:?}"));
    let names: Vec<&str> = graph.entities().map(|entity| graph.name(entity)).collect();
    assert_eq!(names, ["Oslo", "Rome (2)", "Rome (6)", "X9"]);
    // The line of an object is its number; a column of that name comes first.
    let objects = "{\"name\": \"A\"}\n{\"name\": \"A\"}\n";
    let (graph, told) = load_as("n.jsonl", objects, &[r##"entity: "Person", name: "{name} {#}""##]);
    let graph = graph.unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!(graph.entities().map(|entity| graph.name(entity)).collect::<Vec<_>>(), ["A 1", "A 2"]);
    let (graph, told) = load_as("n.csv", "#,name\n7,A\n8,B\n", &[r##"entity: "Person", name: "{name} {#}""##]);
    let graph = graph.unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!(graph.entities().map(|entity| graph.name(entity)).collect::<Vec<_>>(), ["A 7", "B 8"]);
    let (graph, told) = load_as("n.csv", "name,code\nA,1\n,\n,2\n", &[r##"entity: "Person", name: "{name|code|#}""##]);
    let graph = graph.unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!(graph.entities().map(|entity| graph.name(entity)).collect::<Vec<_>>(), ["2", "3", "A"]);
    let (_, told) = load_as("n.csv", "name,code\nA,1\n", &[r#"entity: "Person", name: "{name|cod}""#]);
    assert!(told[0].contains("no column is called `cod`"), "{told:?}");
}

#[test]
fn rows_that_break_a_rule_are_kept_where_it_only_warns() {
    let table = "name,date,size,to\nA,2020,,B\nB,2021,,\nC,,,D\nD,,,C\n";
    let (graph, told) = load_as("n.csv", table, &[THINGS, r#"verb: "leads to", subject: "name", object: "to""#]);
    assert_eq!(graph.map(|graph| graph.fact_count()), Some(5));
    assert_eq!(told.iter().filter(|line| line.starts_with("warning")).count(), 2, "{told:?}");
}

#[test]
fn trust_is_said_by_a_column() {
    let section = |trust: &str| format!(r#"{THINGS}, trust: (column: "kind", {trust})"#);
    let table = "name,date,size,kind\nA,2020,,Likely\nB,2021,,sure\nC,2022,,\n";
    let words = r#"words: {"sure": direct, "Likely": doubtful}, else: inferred"#;
    let (graph, told) = load_as("n.csv", table, &[&section(words)]);
    let graph = graph.unwrap_or_else(|| panic!("{told:?}"));
    let doubtful = (0..3).map(|i| graph.is_doubtful(begat::graph::FactId(i))).filter(|doubt| *doubt).count();
    assert_eq!(doubtful, 1);
    let (_, told) = load_as("n.csv", table, &[&section("")]);
    assert_eq!(told[0], "error: n.csv:2:4: `Likely` is no degree of trust");
}

#[test]
fn json_is_a_table_too() {
    let things =
        r#"entity: "Thing", name: "name", properties: {"date": "released.day", "size": "size", "kind": "tags"}"#;
    let links = r#"verb: "leads to", subject: "name", object: "to""#;
    let text = r#"[{"name": "A", "released": {"day": "2020-01"}, "size": 1.5e3, "to": ["B", "C"], "tags": ["x", "y"]},
        {"name": "B", "size": null}, {"name": "C", "to": "A"}]"#;
    let wanted = [
        "A leads to B",
        "A leads to C",
        "A.date = 2020-01",
        "A.kind = x",
        "A.kind = y",
        "A.size = 1500",
        "C leads to A",
    ];
    let (found, told) = facts_as("n.json", text, &[things, links]);
    assert_eq!(found, wanted);
    assert!(told.iter().all(|line| line.starts_with("warning: `leads to` goes in a circle")), "{told:?}");
    let lines = "{\"name\": \"A\", \"to\": [\"B\"], \"released\": {\"day\": null}, \"size\": 1, \"tags\": []}\n{\"name\": \"B\"}\n";
    assert_eq!(facts_as("n.jsonl", lines, &[things, links]).0, ["A leads to B", "A.size = 1"]);
    let within = format!(r#"{things}, rows: "graph.nodes""#);
    assert_eq!(facts_as("n.json", &format!("{{\"graph\": {{\"nodes\": {text}}}}}"), &[&within]).0.len(), 4);
    let (_, told) = load_as("n.json", r#"[{"name": "A", "released": {"day": "x"}, "size": 1, "tags": 1}]"#, &[things]);
    assert_eq!(told, ["error: n.json:row 1, column `released.day`: `x` is not a date"]);
    let (_, told) = load_as("n.json", "[{\"name\": \"A\"},\n{\"name\" 1}]", &[things]);
    assert!(told[0].starts_with("error: cannot read `n.json`: ") && told[0].contains("line 2"), "{told:?}");
    let (_, told) = load_as("n.json", text, &[&format!(r#"{things}, delimiter: ";""#)]);
    assert_eq!(told, ["error: `delimiter` says nothing here: `n.json` is JSON, by its name"]);
}

#[test]
fn what_is_said_of_a_file_is_said_alike() {
    let other = r#"entity: "Person", name: "name", delimiter: "|", repeated: true"#;
    let (_, told) = load_as("n.csv", "name;date;size\nA;2020;1\n", &[&format!(r#"{THINGS}, delimiter: ";""#), other]);
    assert_eq!(told, ["error: two sections say with `delimiter` different things of how `n.csv` is written"]);
}
