//! What scripts rely upon: streams, statuses, limits, files, values from outside; and every example that the command
//! shows of itself.
#![cfg(all(unix, feature = "cli"))]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("begat-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("the file is written");
        path
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).expect("the file can be read")
    }

    fn files(&self) -> usize {
        std::fs::read_dir(&self.0).expect("the folder can be read").count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind hurts nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A command in a folder, where `begat` is on the path.
fn at(folder: &Folder, program: &str, arguments: &[&str]) -> Command {
    let ours = Path::new(env!("CARGO_BIN_EXE_begat")).parent().expect("a folder").to_path_buf();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(ours).chain(std::env::split_paths(&path));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&folder.0)
        .env_clear()
        .env("PATH", std::env::join_paths(paths).expect("paths"))
        .env("HOME", &folder.0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn begat(folder: &Folder, arguments: &[&str]) -> Output {
    at(folder, "begat", arguments).output().expect("begat runs")
}

fn sh(folder: &Folder, script: &str) -> Output {
    at(folder, "sh", &["-c", script]).output().expect("sh runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn a_value_is_never_read_as_query_text() {
    let folder = Folder::new("values");
    let hostile = [
        "MLA or Model uses MoE",
        "MLA\" or Model uses \"MoE",
        "MLA; Model",
        "MLA # comment",
        "$t",
        "Technique",
        "Technique x",
        "no MoE",
        "every Technique",
        "\\",
        "\"",
        "MLA\n;Model",
        "\u{1b}[31mMLA",
        "MLA) or (Model uses MoE",
    ];
    for value in hostile {
        let output = begat(&folder, &["Model uses $t", "-p", &format!("t={value}")]);
        assert_eq!((output.status.code(), out(&output)), (Some(3), String::new()), "{value:?}");
        assert!(!output.stderr.contains(&0x1b), "{value:?}: {}", err(&output));
        // As a text it compares with texts, and with nothing else.
        let output = begat(&folder, &["Technique t where t.kind = $t", "-p", &format!("t={value}"), "--no-header"]);
        assert_eq!((output.status.code(), out(&output)), (Some(0), String::new()), "{value:?}");
    }
    assert_eq!(out(&begat(&folder, &["Model uses $t", "-p", "t=MLA"])), out(&begat(&folder, &["Model uses MLA"])));
    assert_eq!(out(&begat(&folder, &["Model uses $t", "-p", "$t=Mixture of Experts"])), "Model\nDeepSeek V3\n");
    assert_eq!(
        out(&begat(&folder, &["Model dated since $d", "-p", "d=2025"])),
        out(&begat(&folder, &["Model dated since 2025"]))
    );
}

#[test]
fn rows_go_through_pipes() {
    let folder = Folder::new("pipes");
    for query in ["Model", "Technique", "Model m uses Technique t"] {
        let rows = out(&begat(&folder, &[query, "-F", "jsonl"])).lines().count();
        assert_eq!(out(&sh(&folder, &format!("begat '{query}' | wc -l"))).trim(), (rows + 1).to_string());
    }
    // Many rows, of which a reader takes one. (`pipefail` is no part of every shell: the status is written aside.)
    let many = "Model a, cross Model b, cross Model c, cross Model d";
    let output = sh(&folder, &format!("{{ begat '{many}'; echo $? > status; }} | head -1"));
    assert_eq!(
        (out(&output), err(&output), folder.read("status")),
        ("a\tb\tc\td\n".into(), String::new(), "0\n".into())
    );
    let output = sh(&folder, "begat Model 2>&-; begat 'Model usse MLA' 2>&-");
    assert_eq!(output.status.code(), Some(3), "a closed stderr changes nothing");
    let output = sh(&folder, "begat Model >&-");
    assert!(matches!(output.status.code(), Some(0 | 5)), "{output:?}");
}

#[test]
fn statuses_for_scripts() {
    let folder = Folder::new("statuses");
    let graph = folder.write("bad.ron", "(schema: (types: {\"Model\": ()}), entities: {\"Modle\": {\"x\": ()}})");
    let bad = graph.to_str().expect("UTF-8");
    for (arguments, status) in [
        (&["Model"][..], 0),
        (&["Model uses MLA and dated before 2000"], 0),
        (&["-e", "Model uses MLA"], 0),
        (&["-e", "Model uses MLA and dated before 2000"], 1),
        (&["-qe", "GPT-2 uses MLA"], 1),
        (&["-e", "Model uses MLA and dated before 2000", "Model"], 1),
        (&["--frobnicate"], 2),
        (&["Model", "-F", "doc"], 2),
        (&["Model", "--timeout", "soon"], 2),
        (&["Model", "-p", "t"], 2),
        (&["Model usse MLA"], 3),
        (&["Model", "Model usse MLA", "Technique"], 3),
        (&["-g", bad, "Model"], 4),
        (&["check", bad], 1),
        (&["-g", "none.ron", "Model"], 5),
        (&["query", "-f", "none"], 5),
        (&["Model a, cross Model b, cross Model c, cross Model d, cross Model e", "--max-rows", "100"], 6),
        (&["Model a, cross Model b, cross Model c, cross Model d, cross Model e", "--max-memory", "1K"], 6),
        (
            &[
                "Model a, cross Model b, cross Model c, cross Model d, cross Model e, cross Model f, cross Model g",
                "--timeout",
                "200ms",
            ],
            6,
        ),
    ] {
        let output = begat(&folder, arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", err(&output));
        let is_told = status > 1 || arguments[0] == "check";
        assert_eq!(is_told, err(&output).contains("error"), "{arguments:?}: {}", err(&output));
    }
}

#[test]
fn forgotten_quotes_and_mistyped_commands_are_told() {
    let folder = Folder::new("misread");
    for (arguments, told) in [
        (&["Model", "uses", "MLA"][..], "write `begat 'Model uses MLA'`"),
        (&["lineage", "of", "DeepSeek", "R1"], "write `begat 'lineage of DeepSeek R1'`"),
        (&["chekc"], "did you mean `begat check`?"),
        (&["stat"], "did you mean `begat stats`?"),
    ] {
        let output = begat(&folder, arguments);
        assert_eq!((output.status.code(), out(&output)), (Some(2), String::new()), "{arguments:?}");
        assert!(err(&output).contains(told), "{arguments:?}: {}", err(&output));
    }
    assert_eq!(begat(&folder, &["Model", "Org"]).status.code(), Some(0));
    assert_eq!(begat(&folder, &["Modle"]).status.code(), Some(3));
}

#[test]
fn a_script_stops_at_its_first_error() {
    let folder = Folder::new("scripts");
    let script =
        folder.write("ask", "#!/usr/bin/env begat -f\n# two questions\ncount Model;\nModel usse MLA;\ncount Org\n");
    let output = begat(&folder, &["query", "-f", "ask"]);
    assert_eq!((output.status.code(), out(&output)), (Some(3), String::new()), "all of a program is checked first");
    assert!(err(&output).contains("ask:4:7"), "{}", err(&output));
    let output = begat(&folder, &["count Model", "Model usse MLA", "count Org"]);
    assert_eq!(out(&output).lines().count(), 2, "{}", out(&output));
    // A file of queries that runs itself.
    let ours = env!("CARGO_BIN_EXE_begat");
    std::fs::write(&script, format!("#!{ours} -f\ncount Model uses MLA; count Org\n")).expect("written");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("allowed");
    let output = sh(&folder, "./ask");
    assert_eq!((output.status.code(), out(&output)), (Some(0), "count\n2\n\ncount\n2\n".into()), "{}", err(&output));
    let output = sh(&folder, "echo 'Model uses MLA' | begat");
    assert_eq!(out(&output), "Model\nDeepSeek V2\nDeepSeek V3\n");
    let output = sh(&folder, "echo 'count Model' | begat -f - 'count Org' --no-header");
    assert_eq!(out(&output).lines().filter(|line| !line.is_empty()).count(), 2);
}

#[test]
fn nothing_is_half_written() {
    let folder = Folder::new("writing");
    folder.write("kept.json", "before");
    let output = begat(&folder, &["Model usse MLA", "-o", "kept.json"]);
    assert_eq!((output.status.code(), folder.read("kept.json").as_str()), (Some(3), "before"));
    let limited = ["Model a, cross Model b, cross Model c", "-o", "kept.json", "--max-rows", "5"];
    assert_eq!((begat(&folder, &limited).status.code(), folder.read("kept.json").as_str()), (Some(6), "before"));
    let output = begat(&folder, &["Model", "Org", "-o", "kept.json"]);
    assert_eq!(output.status.code(), Some(2), "a file holds one answer");
    assert_eq!(begat(&folder, &["Model", "-o", "no/folder/x.json"]).status.code(), Some(5));
    assert_eq!(begat(&folder, &["Model", "-o", "."]).status.code(), Some(2));
    std::fs::create_dir(folder.0.join("taken.json")).expect("a folder");
    let output = begat(&folder, &["Model", "-o", "taken.json"]);
    assert_eq!(output.status.code(), Some(5), "{}", err(&output));
    let output = sh(&folder, "begat Model > /dev/full");
    if Path::new("/dev/full").exists() {
        assert_eq!(output.status.code(), Some(5), "{}", err(&output));
    }
    assert_eq!(folder.files(), 2, "no temporary file is left");
}

#[test]
fn diagnostics_for_programs() {
    let folder = Folder::new("diagnostics");
    for arguments in [
        &["Model uses MLAA"][..],
        &["Model usse MLA and uzes MoE"],
        &["-g", "none.ron", "Model"],
        &["Model", "-o", "x.doc"],
        &["Model a, cross Model b", "--max-rows", "3"],
        &["explain", "nothing"],
    ] {
        let output = begat(&folder, &[arguments, &["--diagnostics", "json"]].concat());
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        for line in err(&output).lines() {
            let one: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
            assert_eq!(one["severity"], "error");
            assert!(one["message"].as_str().is_some_and(|message| !message.is_empty()), "{line}");
        }
    }
}

/// Every example of `--help`, the manual and `:examples` runs, and answers something.
#[test]
fn the_examples_of_the_help_run() {
    let folder = Folder::new("examples");
    let help = out(&begat(&folder, &["--help"]));
    let examples: Vec<&str> = help.lines().map(str::trim).filter(|line| line.starts_with("begat '")).collect();
    assert!(examples.len() >= 15, "{help}");
    for example in &examples {
        let output = sh(&folder, example);
        assert_eq!(output.status.code(), Some(0), "{example}: {}", err(&output));
        assert!(output.stdout.len() > 10 || err(&output).contains("wrote "), "{example} answers nothing");
    }
    let short = out(&begat(&folder, &["-h"]));
    let shown = short.lines().map(str::trim).filter(|line| line.starts_with("begat '"));
    assert!(
        shown.clone().count() >= 3
            && shown.into_iter().all(|line| help.contains(line.split("  ").next().unwrap_or(line))),
        "{short}"
    );
    let manual = out(&begat(&folder, &["man"])).replace("\\-", "-").replace("\\(aq", "'").replace("\\*(Aq", "'");
    assert!(examples.iter().all(|example| manual.contains(example.split("  ").next().unwrap_or(example))), "{manual}");
    for page in ["formats", "Exit status"] {
        assert!(help.to_lowercase().contains(&page.to_lowercase()), "{page}");
    }
}

/// A page of the repository.
fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The queries in the tables of the pages.
#[test]
fn the_queries_of_the_pages_are_understood() {
    let folder = Folder::new("pages");
    let section = |name: &str, title: &str| {
        let page = page(name);
        let rest = page.split_once(title).unwrap_or_else(|| panic!("no `{title}`")).1;
        rest.split_once("\n## ").map_or(rest, |(section, _)| section).to_string()
    };
    let cell =
        |line: &str, at: usize| line.replace("\\|", "\u{1}").split('|').nth(at).unwrap_or("").replace('\u{1}', "|");
    let quoted = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_string).collect() };
    let one_screen = section("docs/language.md", "## On one screen");
    let beside = section("docs/other-languages.md", "# Beside other languages");
    let rows =
        one_screen.lines().chain(beside.lines()).filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    let queries: Vec<String> =
        rows.flat_map(|line| quoted(&cell(line, 2))).filter(|query| query.contains(' ')).collect();
    assert!(queries.len() > 30, "{queries:?}");
    let mut wrong = Vec::new();
    for query in queries {
        let is_part = query.ends_with(" of")
            || query.contains('…')
            || ["at least 2", "at most 1", "exactly 3"].contains(&query.as_str())
            || query.contains("diff A and B");
        if is_part {
            continue;
        }
        let output = begat(&folder, &["-q", &query]);
        if output.status.code() != Some(0) {
            wrong.push(format!("{query}: {}", err(&output)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table of statuses in the docs is the command's own.
#[test]
fn the_statuses_of_the_docs_are_current() {
    let page = page("docs/command.md");
    let (_, rest) = page.split_once("<!-- exits -->\n").expect("the table");
    let rows = begat::cli::EXITS.iter().map(|row| format!("| {} | {} |\n", row.exit as u8, row.when));
    let table = format!("| status | when |\n|--:|---|\n{}\n", rows.collect::<String>());
    assert!(rest.starts_with(&table), "docs/command.md should have:\n{table}");
}

#[test]
fn shells_get_names_of_the_graph() {
    let folder = Folder::new("shells");
    for (shell, mark) in [
        ("bash", "complete "),
        ("zsh", "#compdef begat"),
        ("fish", "complete "),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let output = begat(&folder, &["completions", shell]);
        assert!(output.status.success() && out(&output).contains(mark), "{shell}: {}", out(&output));
    }
    let complete = |words: &[&str]| {
        let mut command = at(&folder, "begat", &[&["--", "begat"], words].concat());
        command
            .env("BEGAT_COMPLETE", "bash")
            .env("_CLAP_IFS", "\n")
            .env("_CLAP_COMPLETE_INDEX", words.len().to_string());
        let output = command.output().expect("begat runs");
        out(&output).lines().map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(complete(&["Model uses ML"]), ["Model uses MLA"]);
    assert_eq!(complete(&["Org dev"]), ["Org develops", "Org developed by"].map(String::from)[..1]);
    assert_eq!(complete(&["query", "lineage of DeepSeek R"]), ["lineage of DeepSeek R1"]);
    // Some shells pass the quote on that they are in.
    assert_eq!(complete(&["'Model uses ML"]), ["Model uses MLA"]);
    assert_eq!(complete(&["\"Model uses ML"]), ["Model uses MLA"]);
    assert_eq!(complete(&["schema", "Techn"]), ["Technique"]);
    assert!(complete(&["explain", "unknown-v"]).contains(&"unknown-verb".to_string()));
    assert!(complete(&["--focus", "Gem"]).contains(&"Gemma 3".to_string()));
    assert!(complete(&["-F", "me"]).contains(&"mermaid".to_string()));
    assert!(complete(&["st"]).contains(&"stats".to_string()));
    let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph-data/languages");
    let found = complete(&["-g", graph.to_str().expect("UTF-8"), "lineage of Rus"]);
    assert_eq!(found, ["lineage of Rust"]);
}

#[test]
fn manual_pages_are_written() {
    let folder = Folder::new("man");
    assert!(begat(&folder, &["man", "pages"]).status.success());
    for page in ["begat.1", "begat-query.1", "begat-fmt.1", "begat-build.1"] {
        assert!(folder.read(&format!("pages/{page}")).starts_with(".ie"), "{page}");
    }
}

#[test]
fn stats_are_rows_in_any_format() {
    let folder = Folder::new("stats");
    let rows = out(&begat(&folder, &["stats"]));
    assert!(rows.starts_with("kind\tname\tcount\ntype\tModel\t"), "{rows}");
    let json: serde_json::Value = serde_json::from_str(&out(&begat(&folder, &["stats", "-F", "json"]))).expect("JSON");
    assert_eq!(json["rows"].as_array().map(Vec::len), Some(rows.lines().count() - 1));
    assert!(begat(&folder, &["stats", "-o", "stats.md"]).status.success());
    assert!(folder.read("stats.md").starts_with("| kind |"));
}

mod format {
    use super::*;

    #[test]
    fn files_are_formatted_and_checked() {
        let folder = Folder::new("fmt");
        folder.write("a.ron", "( entities:{\"Model\":{\"X\":( )},}, // one\n)");
        folder.write("q.begat", "# who\nModel   uses MLA ;count Org");
        let output = begat(&folder, &["fmt", "--check", "."]);
        assert_eq!((output.status.code(), out(&output)), (Some(1), "./a.ron\n./q.begat\n".into()));
        assert!(begat(&folder, &["fmt", "."]).status.success());
        assert_eq!(folder.read("a.ron"), "(\n    entities: { \"Model\": { \"X\": () } }, // one\n)\n");
        assert_eq!(folder.read("q.begat"), "# who\nModel uses MLA;\ncount Org;\n");
        assert_eq!(begat(&folder, &["fmt", "--check", "."]).status.code(), Some(0));
        folder.write("bad.ron", "(\n  a: [1,\n)");
        let output = begat(&folder, &["fmt", "bad.ron", "q.begat"]);
        assert_eq!(output.status.code(), Some(4));
        assert!(err(&output).contains("bad.ron:3:1"), "{}", err(&output));
        let output = sh(&folder, "printf 'Model  uses MLA' | begat fmt");
        assert_eq!(out(&output), "Model uses MLA\n");
        assert_eq!(begat(&folder, &["fmt", "none.ron"]).status.code(), Some(5));
    }

    /// The data that ships is in canonical form, and formatting other data changes nothing of what it says.
    #[test]
    fn formatted_data_loads_to_an_equal_graph() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = Folder::new("fmt-data");
        let shipped = root.join("graph-data");
        let output = begat(&folder, &["fmt", "--check", shipped.to_str().expect("UTF-8")]);
        assert_eq!((output.status.code(), out(&output)), (Some(0), String::new()));
        let text = std::fs::read_to_string(root.join("tests/graphs/toy.ron")).expect("the toy");
        // All on one line, comments left out: as far from canonical as can be.
        let bare: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| line.split(" // ").next().unwrap_or(line))
            .collect();
        folder.write("toy.ron", &bare.join(" "));
        let before = out(&begat(&folder, &["-g", "toy.ron", "export", "-F", "ron"]));
        assert!(begat(&folder, &["fmt", "toy.ron"]).status.success());
        let longest = folder.read("toy.ron").lines().map(str::len).max();
        assert!(folder.read("toy.ron").lines().count() > 50 && longest <= Some(140), "{longest:?}");
        assert_eq!(out(&begat(&folder, &["-g", "toy.ron", "export", "-F", "ron"])), before);
        assert!(before.len() > 1000);
    }

    /// Queries with comments in odd places mean what they did, keep their comments, and are done after once.
    #[test]
    fn formatted_queries_keep_their_meaning() {
        let folder = Folder::new("fmt-queries");
        let pages = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec")).expect("the spec");
        let mut tried = 0;
        for page in pages {
            let page = std::fs::read_to_string(page.expect("an entry").path()).expect("a page");
            for (i, block) in page.split("```begat\n").skip(1).enumerate() {
                let query = block.split("\n```").next().unwrap_or("");
                if begat::syntax::parse(query).is_err() {
                    continue;
                }
                // A comment after each third word, where no quote is open.
                let words = query.split(' ').enumerate();
                let noisy: String = match query.contains('"') {
                    true => format!("# before\n{query} # behind\n# after\n"),
                    false => words
                        .map(
                            |(at, word)| {
                                if at % 3 == i % 3 { format!("{word} # c{at}\n  ") } else { format!("{word}  ") }
                            },
                        )
                        .collect(),
                };
                if begat::syntax::parse(&noisy).is_err() {
                    continue;
                }
                folder.write("q", &noisy);
                assert!(begat_ok(&folder, &["fmt", "-q", "q"]), "{noisy}");
                let once = folder.read("q");
                assert_eq!(begat::syntax::parse(&once), begat::syntax::parse(&noisy), "{once}");
                assert_eq!(once.matches("# ").count(), noisy.matches("# ").count(), "{once}");
                assert!(begat_ok(&folder, &["fmt", "--check", "q"]), "{once}");
                tried += 1;
            }
        }
        assert!(tried > 100, "{tried}");
    }

    fn begat_ok(folder: &Folder, arguments: &[&str]) -> bool {
        super::begat(folder, arguments).status.success()
    }
}

/// Input of any kind gets an answer or an error, never silence or a bug.
#[test]
fn stdin_may_be_anything() {
    let folder = Folder::new("stdin");
    for (input, status) in [(&b""[..], 0), (b"# nothing\n", 0), (b"\xff\xfe", 5), (b"\0", 3), (b"Model", 0)] {
        let mut child = at(&folder, "begat", &[]).stdin(Stdio::piped()).spawn().expect("begat runs");
        child.stdin.take().expect("a pipe").write_all(input).expect("begat reads");
        let output = child.wait_with_output().expect("begat ends");
        assert_eq!(output.status.code(), Some(status), "{input:?}: {}", err(&output));
    }
}
