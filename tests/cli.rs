//! The command as people and scripts meet it: transcripts that run, and the rules of its streams.
#![cfg(feature = "cli")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// `TRYCMD=overwrite cargo test --test cli` writes what is shown now into the transcripts.
#[test]
fn transcripts() {
    trycmd::TestCases::new().case("tests/cli/*.md").case("README.md").case("docs/*.md");
}

fn begat(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
    for name in ["BEGAT_GRAPH", "NO_COLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    begat(arguments).output().expect("begat runs")
}

fn stdout(arguments: &[&str]) -> String {
    String::from_utf8(run(arguments).stdout).expect("UTF-8")
}

fn piped(arguments: &[&str], input: &str) -> Output {
    let mut child = begat(arguments).stdin(Stdio::piped()).spawn().expect("begat runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("begat reads");
    drop(stdin);
    child.wait_with_output().expect("begat ends")
}

#[test]
fn a_pipe_gets_a_header_and_every_row() {
    let rows = stdout(&["Model", "-F", "json"]).matches("\"certainty\"").count();
    assert_eq!(stdout(&["Model"]).lines().count(), rows + 1);
    assert_eq!(stdout(&["Model", "--no-header"]).lines().count(), rows);
}

#[test]
fn no_escape_byte_leaves_for_what_is_no_terminal() {
    for query in ["Model", "lineage of DeepSeek R1", "Model uses MLAA", "describe DeepSeek V3", "schema"] {
        let output = run(&[query]);
        assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b), "{query}");
    }
    assert!(run(&["Model", "--color", "always", "-F", "table"]).stdout.contains(&0x1b));
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = begat(&["Model a, cross Model b, cross Model c", "--no-header"]).spawn().expect("begat runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("begat ends");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn equal_input_gives_equal_bytes() {
    for format in ["table", "json", "dot", "mermaid", "graphml", "cypher", "ron"] {
        let arguments = ["graph Model uses Technique", "-F", format];
        assert_eq!(run(&arguments).stdout, run(&arguments).stdout, "{format}");
    }
}

#[test]
fn a_program_on_stdin() {
    let program = "#!/usr/bin/env begat\ndefine Model m has Technique t as m uses t;\nModel has MLA;\nModel uses MLA";
    let output = piped(&[], program);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (first, second) = text.split_once("\n\n").expect("two answers");
    assert_eq!((output.status.code(), first), (Some(0), second.trim_end()));
    let output = piped(&["query", "-f", "-"], "Model;\nModel usse MLA;\nModel");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("stdin:2:7"), "{output:?}");
}

#[test]
fn parameters_are_never_read_as_query_text() {
    let output = run(&["Model uses $t", "-p", "t=MLA or Model uses MoE"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(stdout(&["Model uses $t", "-p", "t=MLA"]), stdout(&["Model uses MLA"]));
}

#[test]
fn a_file_is_written_whole() {
    let folder = std::env::temp_dir().join(format!("begat-cli-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("mla.json");
    let name = file.to_str().expect("UTF-8");
    let output = run(&["Model uses MLA", "-o", name]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    assert_eq!(json["columns"][0], "Model");
    assert_eq!(std::fs::read_dir(&folder).expect("a folder").count(), 1);
    let missing = folder.join("no/such/folder.json");
    assert_eq!(run(&["Model", "-o", missing.to_str().expect("UTF-8")]).status.code(), Some(5));
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// The exported data loads back to a graph that answers alike.
#[test]
fn the_graph_goes_round_by_ron() {
    let folder = std::env::temp_dir().join(format!("begat-ron-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("graph.ron");
    let name = file.to_str().expect("UTF-8");
    assert_eq!(run(&["export", "-o", name]).status.code(), Some(0));
    assert_eq!(run(&["check", name]).status.code(), Some(0));
    assert_eq!(stdout(&["-g", name, "stats"]), stdout(&["stats"]));
    std::fs::remove_dir_all(&folder).expect("removed");
}
