//! Loading loses nothing in silence: what is wrong with tables is told, once, at its place.

use begat::graph::Graph;
use begat::load::{self, Access};
use begat::text::{Diagnostics, Severity};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("begat-loss-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), bytes).expect("the folder can be written to");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

const SCHEMA: &str = r#"schema: (types: {"Thing": (properties: {"date": (type: Date, verb: "dated"), "size": (type: Number)})},
    verbs: {"leads to": (from: ["Thing"], to: ["Thing"])}), sources: {"s": ()},"#;

/// `error: message` of each, and the help below it.
fn shown(problems: &Diagnostics) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in problems.iter() {
        let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
        lines.push(format!("{severity}: {}", problem.message));
        lines.extend(problem.help.iter().map(|help| format!("  {}", help.message)));
    }
    lines
}

/// What is said of `n.csv` with sections over it, each after `file` and `source`.
fn load(table: impl AsRef<[u8]>, sections: &[&str]) -> (Option<Graph>, Vec<String>) {
    let folder = Folder::new();
    folder.write("n.csv", table);
    let sections: Vec<String> =
        sections.iter().map(|rest| format!(r#"(file: "n.csv", source: "s", {rest}),"#)).collect();
    folder.write("g.ron", format!("({SCHEMA} tables: [{}])", sections.concat()));
    let (graph, problems) = load::check(&folder.0).expect("the files are there");
    (graph, shown(&problems))
}

fn said(table: impl AsRef<[u8]>, sections: &[&str]) -> Vec<String> {
    load(table, sections).1
}

const THINGS: &str = r#"entity: "Thing", name: "name""#;
const DATED: &str = r#"entity: "Thing", name: "name", properties: {"date": "date"}"#;
const LINKS: &str = r#"verb: "leads to", subject: "name", object: "to""#;

#[test]
fn quotes_are_closed_and_nothing_stands_behind_them() {
    assert_eq!(
        said("name,kind\nA,x\nB,\"y\nC,z\n", &[THINGS]),
        ["error: n.csv:3:2: a quote is opened here and never closed", "  the row is `B,y C,z `"]
    );
    assert_eq!(
        said("name,kind\nA,\"say \"hi\" now\"\n", &[THINGS]),
        ["error: n.csv:2:2: text stands behind the quote that closes this cell", "  the row is `A,say hi\" now\"`"]
    );
    // In a cell that no section asks for, in the header, behind quoted lines, and in a second quote.
    assert_eq!(said("name,\"kind\nA,x\n", &[THINGS]), ["error: n.csv:1:2: a quote is opened here and never closed"]);
    let lines = said("name,kind\r\n\"A\r\nB\",\"x\"y\r\nC,\"z\"\"\r\n", &[THINGS]);
    assert_eq!(lines[0], "error: n.csv:3:2: text stands behind the quote that closes this cell");
    assert_eq!(lines[2], "error: n.csv:4:2: a quote is opened here and never closed");
    assert!(said("name,kind\nA,\"say \"\"hi\"\" now\"\n\"B\",6\" long\n", &[THINGS]).is_empty());
}

#[test]
fn lines_are_counted_as_people_count_them() {
    for end in ["\n", "\r\n", "\r"] {
        let rows = ["name,date", "\"A\",2020", "", "\"B\nb\",2021", "C,2022", "D,oops", "E,300"];
        let lines = said(rows.join(end), &[DATED]);
        let place = |line: &str| line.split(": ").nth(1).map(str::to_string);
        assert_eq!(place(&lines[0]), Some("n.csv:7:2".to_string()), "{end:?} {lines:?}");
        assert!(lines.contains(&"  a year has four digits: write `0300`".to_string()), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("error: n.csv:8:2: `300` is not a date")), "{lines:?}");
    }
}

#[test]
fn rows_that_no_section_takes_are_told() {
    let code = r#"where: {"kind": "code"}, verb: "leads to", subject: "name", object: "to""#;
    let all = r#"file: "n.csv", where: {"kind": "all"}, entity: "Thing", name: "name""#;
    let all = all.strip_prefix(r#"file: "n.csv", "#).expect("a prefix");
    let table = "name,to,kind\nA,,all\nB,,all\nA,B,code\nA,B,cod\n,,\nA,Bb,\n";
    assert_eq!(
        said(table, &[all, code]),
        [
            "warning: n.csv:5:3: no section takes the rows with `cod` here",
            "  did you mean `code`?",
            "  the row is `A,B,cod`",
            "warning: n.csv:7:2: no entity is called `Bb`",
            "  did you mean `B`?",
            "  the row is `A,Bb,`",
            "warning: n.csv:7:3: no section takes the rows with `` here",
            "  the row is `A,Bb,`",
        ]
    );
    // Where a section takes every row, none is left.
    assert_eq!(
        said(table.replace("Bb", "B"), &[THINGS.replace("\"name\"", "\"name\", repeated: true").as_str(), code]),
        [""; 0]
    );
}

#[test]
fn a_filter_that_no_row_meets_is_told() {
    assert_eq!(
        said("name,kind\nA,code\nB,code\n", &[r#"entity: "Thing", name: "name", where: {"kind": "cdoe"}"#]),
        ["warning: no row of `n.csv` has `cdoe` as its `kind`", "  did you mean `code`?"]
    );
}

#[test]
fn headers_name_their_columns_once() {
    let twice = "error: n.csv:1:3: two columns are called `date`";
    assert_eq!(said("name,date,date\nA,2020,2021\n", &[DATED]), [twice, "  give one of them another name"]);
    let (graph, lines) = load("name,x,x\nA,1,2\n", &[THINGS]);
    assert_eq!(lines[0], "warning: n.csv:1:3: two columns are called `x`");
    assert!(graph.is_some());
    assert_eq!(
        said("name\tdate\nA\t2020\n", &[DATED, LINKS]),
        ["error: `n.csv` seems to be parted by tabs", "  add `delimiter: \"\\t\"` to its section"]
    );
    assert_eq!(said("", &[DATED])[0], "error: `n.csv` is empty");
}

#[test]
fn one_cause_is_told_once() {
    // A short row of four sections, and what names the entity that it would have declared.
    let inverse = r#"verb: "leads to", subject: "to", object: "name""#;
    assert_eq!(
        said("name,to,date\nA,A,2020\nB,A\nA2,B,2021\n", &[DATED, LINKS, inverse]),
        ["error: n.csv:3:1: the row has 2 fields, the header 3", "  the row is `B,A`"]
    );
    // One wrong name in several rows of two sections.
    let value = r#"verb: "dated", subject: "to", object: "date""#;
    assert_eq!(
        said("name,to,date\nAlpha,Beta,\nBeta,Alpa,2020\nGamma,Alpa,2021\n", &[THINGS, LINKS, value]),
        [
            "error: n.csv:3:2: no entity is called `Alpa`",
            "  did you mean `Alpha`?",
            "  the row is `Beta,Alpa,2020`",
            "  so too at n.csv:4:2",
        ]
    );
}

#[test]
fn rows_of_one_name_are_told_with_both_places() {
    let lines = said("name\nAnn\nBob\nAnn\n", &[THINGS]);
    assert_eq!(lines[0], "error: n.csv:4:1: two entities are called `Ann`; the first is in line 2 of `n.csv`");
    assert_eq!(lines.iter().filter(|line| line.starts_with("error")).count(), 1, "{lines:?}");
    // The same letters, composed and not.
    let lines = said("name\nZo\u{eb}\nZoe\u{308}\n", &[THINGS]);
    assert_eq!(lines[0], "error: n.csv:3:1: two entities are called `Zoe\u{308}`; the first is in line 2 of `n.csv`");
}

#[test]
fn what_parts_aliases_leaves_names_whole() {
    let aliases = r#"entity: "Thing", name: "name", aliases: ["aka"], split: ";""#;
    let (graph, lines) = load("name,aka\nStanding; Waiting,x;y\n", &[aliases]);
    assert_eq!(lines, [""; 0]);
    let graph = graph.expect("no errors");
    let names: Vec<&str> = graph.entities().map(|entity| graph.name(entity)).collect();
    assert_eq!(names, ["Standing; Waiting"]);
    assert_eq!(graph.names().lookup("y").len(), 1);
    let names =
        load("name\nA; B\n", &[r#"entity: "Thing", name: "name", split: ";""#]).0.map(|graph| graph.entity_count());
    assert_eq!(names, Some(2), "with no aliases, there is nothing else to part");
}

#[test]
fn names_are_found_however_their_letters_are_written() {
    let (graph, lines) = load("name,to\nZo\u{eb},\nA,Zoe\u{308}\n\u{200b}B,Z\u{200d}oe\u{308}\n", &[THINGS, LINKS]);
    assert_eq!(lines, [""; 0]);
    let graph = graph.expect("no errors");
    assert_eq!(graph.fact_count(), 2);
    for name in ["Zo\u{eb}", "Zoe\u{308}", "zoe\u{308}", "Zo\u{ad}\u{eb}"] {
        assert_eq!(graph.names().lookup(name).len(), 1, "{name:?}");
    }
    assert_eq!(graph.names().lookup("B").len(), 1);
}

#[test]
fn a_row_is_no_longer_than_some_megabytes() {
    let long = format!("name,kind\nA,\"{}\nB,x\n", "x".repeat(5 << 20));
    assert_eq!(said(&long, &[THINGS])[0], "error: n.csv:2:2: a quote is opened here and never closed within 4 MB");
    let long = format!("name,kind\nA,{}\nB,x\n", "x".repeat(5 << 20));
    assert_eq!(said(&long, &[THINGS])[0], "error: n.csv:2:1: a row is longer than 4 MB");
    let header = format!("name,{}\nA,x\n", "x".repeat(9 << 20));
    assert_eq!(said(&header, &[THINGS])[0], "error: n.csv:1:1: the header is longer than 4 MB");
}

/// A graph whose table is called so.
fn names_table(folder: &Path, table: &str) {
    let section = format!(r#"({SCHEMA} tables: [(file: "{table}", source: "s", {THINGS})])"#);
    fs::write(folder.join("g.ron"), section).expect("the folder can be written to");
}

#[test]
fn tables_lie_in_the_folder_of_the_graph() {
    let (outer, inner) = (Folder::new(), "graph");
    let graph = outer.0.join(inner);
    fs::create_dir_all(graph.join("below")).expect("a folder");
    outer.write("out.csv", "name\nA\n");
    fs::copy(outer.0.join("out.csv"), graph.join("below/in.csv")).expect("a copy");
    let absolute = outer.0.join("out.csv").display().to_string();
    let outside = |name: &str| format!("error: cannot read `{name}`: it lies outside of the graph's folder");
    let check =
        |access| load::check_as(&graph, access, &|_, _| {}).map(|(_, problems)| shown(&problems)).expect("parts");
    let mut names = vec!["../out.csv".to_string(), "below/../../out.csv".to_string(), absolute];
    // A link leads to tables alone, whatever its own name is.
    #[cfg(unix)]
    {
        outer.write("secret", "name\nA\n");
        std::os::unix::fs::symlink(outer.0.join("out.csv"), graph.join("table.csv")).expect("a link");
        std::os::unix::fs::symlink(outer.0.join("secret"), graph.join("link.csv")).expect("a link");
        names.push("link.csv".to_string());
    }
    for name in names {
        names_table(&graph, &name);
        assert_eq!(check(Access::default()), [outside(&name)]);
        assert_eq!(check(Access { outside: true, ..Access::default() }), [""; 0], "{name}");
    }
    let mut inside = vec!["below/in.csv", "./below/in.csv", "below/../below/in.csv"];
    inside.extend(cfg!(unix).then_some("table.csv"));
    for name in inside {
        names_table(&graph, name);
        assert_eq!(check(Access::default()), [""; 0], "{name}");
    }
    names_table(&graph, "below");
    assert_eq!(check(Access::default()), ["error: cannot read `below`: it is no regular file"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_waited_for() {
    let folder = Folder::new();
    folder.write("g.ron", format!(r#"({SCHEMA} tables: [(file: "pipe", source: "s", {THINGS})])"#));
    for name in ["pipe", "part.ron"] {
        let made = std::process::Command::new("mkfifo").arg(folder.0.join(name)).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo");
    }
    let (_, problems) = load::check(&folder.0).expect("a part can be read");
    let lines = shown(&problems);
    assert!(lines[0].starts_with("warning: `") && lines[0].ends_with("part.ron` is left out: it is no regular file"));
    assert_eq!(lines[1], "error: cannot read `pipe`: it is no regular file");
}

#[test]
fn files_that_are_no_tables_are_named_for_what_they_are() {
    let said = |bytes: &[u8]| said(bytes, &[THINGS]).swap_remove(0);
    assert_eq!(said(b"\xff\xfen\0"), "error: cannot read `n.csv`: it is UTF-16 text; save it as UTF-8");
    assert_eq!(
        said(b"PK\x03\x04rest"),
        "error: cannot read `n.csv`: it is a zip archive, as spreadsheets are; save the table as CSV"
    );
    assert_eq!(said(b"\x28\xb5\x2f\xfd"), "error: cannot read `n.csv`: the zstd data end too early");
}

#[test]
fn a_table_is_no_graph() {
    let folder = Folder::new();
    folder.write("n.csv", "name,date\nA,2020\n");
    let error = load::check(folder.0.join("n.csv")).expect_err("a table").to_string();
    assert!(error.ends_with("n.csv` is a table, and no graph"), "{error}");
    folder.write("n.txt", "name,date\nA,2020\n");
    let (_, problems) = load::check(folder.0.join("n.txt")).expect("it can be read");
    assert_eq!(shown(&problems)[0], "error: `name` begins no part of a graph");
}

/// What is said of `n.json` with sections over its paths of rows, each after `file` and `source`.
fn paths(text: &str, sections: &[&str]) -> Vec<String> {
    let folder = Folder::new();
    folder.write("n.json", text);
    let sections: Vec<String> =
        sections.iter().map(|rest| format!(r#"(file: "n.json", source: "s", {rest}),"#)).collect();
    folder.write("g.ron", format!("({SCHEMA} tables: [{}])", sections.concat()));
    shown(&load::check(&folder.0).expect("the files are there").1)
}

#[test]
fn problems_under_one_path_of_rows_hide_none_under_another() {
    let bad = r#"[{"name": "NAME", "date": "oops"}]"#;
    let text = format!(r#"{{"a": {}, "b": {}}}"#, bad.replace("NAME", "A"), bad.replace("NAME", "B"));
    let sections = ["a", "b"].map(|path| format!(r#"rows: "{path}", {DATED}"#));
    let lines = paths(&text, &sections.each_ref().map(String::as_str));
    assert_eq!(lines.iter().filter(|line| line.starts_with("error")).count(), 2, "{lines:#?}");
    // Rows that no section takes.
    let text = r#"{"a": [{"name": "A", "kind": "x"}, {"name": "A2", "kind": "y"}],
        "b": [{"name": "B", "kind": "x"}, {"name": "B2", "kind": "z"}]}"#;
    let sections = ["a", "b"].map(|path| format!(r#"rows: "{path}", {THINGS}, where: {{"kind": "x"}}"#));
    let lines = paths(text, &sections.each_ref().map(String::as_str));
    let taken =
        |kind: &str| lines.iter().any(|line| line.contains(&format!("no section takes the rows with `{kind}`")));
    assert!(taken("y") && taken("z"), "{lines:#?}");
    // A path without rows, before one with a problem.
    let sections = ["c", "a"].map(|path| format!(r#"rows: "{path}", {THINGS}, key: "name", aliases: ["nmae"]"#));
    let lines = paths(text, &sections.each_ref().map(String::as_str));
    assert!(lines.iter().any(|line| line.contains("nmae")), "{lines:#?}");
}

#[test]
fn further_rows_of_an_entity_give_it_further_aliases() {
    let repeated = r#"entity: "Thing", name: "name", aliases: ["aka"], repeated: true"#;
    let (graph, lines) = load("name,aka\nA,x\nA,y\nA,x\nA,\nA,A\n", &[repeated]);
    assert_eq!(lines, [""; 0]);
    let graph = graph.expect("no errors");
    let id = graph.names().lookup("A")[0];
    assert_eq!(graph.entity_count(), 1);
    assert_eq!(graph.names().aliases(id).collect::<Vec<_>>(), ["x", "y"]);
    // Those of another entity are refused, as in the first row.
    let lines = said("name,aka\nA,x\nB,y\nA,y\n", &[repeated]);
    assert_eq!(lines[0], "error: n.csv:4:1: the alias `y` is an alias of `B`, in line 3 of `n.csv`");
    // With keys the row is known by its key.
    let keyed = r#"entity: "Thing", name: "name", key: "id", aliases: ["aka"], repeated: true"#;
    let (graph, lines) = load("id,name,aka\n1,A,x\n1,A,y\n2,A,z\n", &[keyed]);
    assert_eq!(lines, [""; 0]);
    let graph = graph.expect("no errors");
    assert_eq!((graph.entity_count(), graph.names().lookup("y").len()), (2, 1));
}
