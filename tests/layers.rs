//! The layers: a module uses only the modules that its row names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and what it may use.
const LAYERS: &[(&str, &str)] = &[
    ("text", ""),
    ("date", ""),
    ("disk", ""),
    ("limits", "text"),
    ("threads", ""),
    ("value", "date"),
    ("schema", "text value"),
    ("syntax", "limits text value date"),
    ("functions", "value date"),
    ("graph", "limits threads value date schema"),
    ("repair", "limits text value schema syntax graph"),
    ("load", "disk limits threads text date value schema syntax graph"),
    ("import", "date graph schema syntax value load"),
    ("snapshot", "disk limits value date schema graph"),
    ("check", "limits text date value schema syntax functions graph"),
    ("answer", "value date schema graph"),
    ("plan", "limits text date value schema functions check graph"),
    ("exec", "limits threads text date value schema functions graph answer plan"),
    ("provenance", "limits value schema graph answer plan exec"),
    ("views", "limits text value schema functions graph answer plan exec provenance"),
    ("translate", "date value schema functions graph plan"),
    ("render", "disk limits text date value schema syntax functions graph load snapshot check answer plan"),
    ("compare", "limits value schema graph load"),
    ("edit", "disk text value schema syntax graph load render"),
    (
        "database",
        "limits text date value schema syntax functions graph load snapshot check answer plan exec provenance views repair translate",
    ),
    ("complete", "value schema syntax functions graph render"),
    ("tools", "disk text value schema graph load render edit database api lib"),
    ("mcp", "graph database tools"),
    ("serve", "limits graph schema syntax render database api tools"),
    ("api", "limits text date value schema graph load snapshot answer render complete database"),
    (
        "lib",
        "limits text date value schema syntax functions graph load snapshot check answer plan exec render database complete \
         api tools mcp serve",
    ),
    (
        "cluster",
        "disk limits value date schema functions graph answer check plan exec snapshot translate render database",
    ),
    ("cli", "*"),
];

/// What the table forbids and is done all the same, with the reason. It must shrink.
const EXCEPTIONS: &[(&str, &str, &str)] = &[("answer", "text", "an answer carries the notes of its query")];

#[test]
fn modules_use_what_their_row_names() {
    let mut wrong = Vec::new();
    for (module, file) in sources() {
        let allowed = LAYERS.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        let Some(allowed) = allowed else {
            wrong.push(format!("{}: module `{module}` has no row", file.display()));
            continue;
        };
        for used in uses(&code(&file), depth(&file)) {
            let is_allowed = allowed == "*" || used == module || allowed.split(' ').any(|name| name == used);
            let is_excepted = EXCEPTIONS.iter().any(|(by, of, _)| (*by, *of) == (module.as_str(), used.as_str()));
            if !is_allowed && !is_excepted {
                wrong.push(format!("{}: `{module}` may not use `{used}`", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn exceptions_are_needed() {
    let used: BTreeSet<(String, String)> = sources()
        .into_iter()
        .flat_map(|(module, file)| uses(&code(&file), depth(&file)).into_iter().map(move |u| (module.clone(), u)))
        .collect();
    let idle: Vec<_> =
        EXCEPTIONS.iter().filter(|(by, of, _)| !used.contains(&(by.to_string(), of.to_string()))).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn only_syntax_knows_pest() {
    let others = sources().into_iter().filter(|(module, _)| module != "syntax");
    let guilty: Vec<PathBuf> =
        others.map(|(_, file)| file).filter(|file| words(&code(file)).any(|word| word.starts_with("pest"))).collect();
    assert!(guilty.is_empty(), "{guilty:?}");
}

#[test]
fn unsafe_only_where_files_are_mapped_and_memory_is_counted() {
    let others =
        sources().into_iter().filter(|(module, file)| module != "snapshot" && !file.ends_with("cli/memory.rs"));
    let is_unsafe =
        |file: &PathBuf| ["unsafe {", "unsafe fn", "unsafe impl"].iter().any(|word| code(file).contains(word));
    let guilty: Vec<PathBuf> = others.map(|(_, file)| file).filter(is_unsafe).collect();
    assert!(guilty.is_empty(), "{guilty:?}");
}

/// The library prints nothing: `print!` and its kin belong to the command.
#[test]
fn the_library_prints_nothing() {
    let others = sources().into_iter().filter(|(module, _)| module != "cli");
    let prints = |file: &PathBuf| {
        words(&code(file)).any(|word| ["println", "eprintln", "print", "eprint", "dbg"].contains(&word))
    };
    let calls = |file: &PathBuf| {
        let code = code(file);
        prints(file) && ["println!", "eprintln!", "print!", "eprint!", "dbg!"].iter().any(|call| code.contains(call))
    };
    let guilty: Vec<PathBuf> = others.map(|(_, file)| file).filter(calls).collect();
    assert!(guilty.is_empty(), "{guilty:?}");
}

#[test]
fn nothing_is_left_to_do() {
    let unfinished = |file: &PathBuf| ["todo!", "unimplemented!"].iter().any(|call| code(file).contains(call));
    let guilty: Vec<PathBuf> = sources().into_iter().map(|(_, file)| file).filter(unfinished).collect();
    assert!(guilty.is_empty(), "{guilty:?}");
}

/// Every source file with the module it belongs to; `main.rs` belongs to the command.
fn sources() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let module = |file: &PathBuf| {
        let inside = file.strip_prefix(&root).expect("collected below the root");
        let first = inside.components().next().expect("a file has a name").as_os_str().to_string_lossy().into_owned();
        match first.trim_end_matches(".rs") {
            "main" => "cli".to_string(),
            name => name.to_string(),
        }
    };
    files.into_iter().map(|file| (module(&file), file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        match path.is_dir() {
            true => collect(&path, files),
            false if path.ends_with("tests.rs") => {}
            false if path.extension().is_some_and(|e| e == "rs") => files.push(path),
            false => {}
        }
    }
}

/// The code of a file without comments and without its test module.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("the file can be read");
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// How many modules a file is inside of, its own included.
fn depth(file: &Path) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let inside = file.strip_prefix(&root).expect("a source file");
    let own = usize::from(!["mod.rs", "lib.rs", "main.rs"].iter().any(|name| inside.ends_with(name)));
    inside.components().count() - 1 + own
}

/// The modules that the code names after `crate::`, or after as many `super::` as lead out of all modules; alone or in
/// braces.
fn uses(code: &str, depth: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let roots = ["crate::".to_string(), "super::".repeat(depth)];
    for root in roots.iter().filter(|root| !root.is_empty()) {
        for (at, _) in code.match_indices(root.as_str()) {
            let rest = &code[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(list) => found.extend(first_words(list)),
                None => found.extend(words(rest).next().map(str::to_string)),
            }
        }
    }
    found.retain(|word| word.chars().next().is_some_and(char::is_lowercase) && word != "super");
    found
}

#[test]
fn uses_are_seen_however_they_are_written() {
    let used = |code: &str, depth: usize| uses(code, depth).into_iter().collect::<Vec<_>>();
    assert_eq!(used("use crate::{graph::Graph, plan}; crate::text::f()", 2), ["graph", "plan", "text"]);
    assert_eq!(used("use super::super::graph::Graph; super::own()", 2), ["graph"]);
    assert_eq!(used("use super::{exec::run, plan::Plan};", 1), ["exec", "plan"]);
    assert!(used("use super::super::Context;", 3).is_empty());
}

/// The crate has one name inside itself.
#[test]
fn the_crate_has_no_other_name() {
    let renames = |file: &PathBuf| ["use crate as ", "extern crate self"].iter().any(|text| code(file).contains(text));
    let guilty: Vec<PathBuf> = sources().into_iter().map(|(_, file)| file).filter(renames).collect();
    assert!(guilty.is_empty(), "{guilty:?}");
}

/// The first word of each item of a list in braces, up to the closing one.
fn first_words(list: &str) -> Vec<String> {
    let (mut depth, mut item, mut items) = (0, String::new(), Vec::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            _ => item.push(c),
        }
    }
    items.push(item);
    items.iter().filter_map(|item| words(item).next().map(str::to_string)).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
