//! THIRD-PARTY-NOTICES: the licences of what is built into the binary and into the wheel for Python, each with its text,
//! as they demand.
//!
//! `BLESS=1 cargo test --test notices` writes the files anew, after a dependency has changed.

use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const HEAD: &str = "\
begat is built from the works of others. Each is listed here with its licence, and each licence with its text.
Where a work may be used under one of several licences, begat uses it under the MIT licence if that is one of them.
";

/// A work that is built in.
struct Work {
    name: String,
    version: String,
    licence: String,
    folder: PathBuf,
}

/// What cargo knows of the packages that the one in this folder is built from, and how they depend on each other; its
/// words if their sources are not here.
fn metadata(folder: &Path) -> Result<Json, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let arguments =
        ["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"];
    let output = Command::new(cargo).args(arguments).current_dir(folder).output().expect("cargo");
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).expect("JSON")),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn text<'j>(json: &'j Json, key: &str) -> &'j str {
    json[key].as_str().unwrap_or("")
}

/// Everything that begat depends on, but for its tests.
fn works(metadata: &Json) -> Vec<Work> {
    let list = |json: &Json| json.as_array().cloned().unwrap_or_default();
    let nodes: BTreeMap<String, Json> =
        list(&metadata["resolve"]["nodes"]).into_iter().map(|node| (text(&node, "id").to_string(), node)).collect();
    let root = text(&metadata["resolve"], "root").to_string();
    let (mut found, mut next) = (BTreeSet::from([root.clone()]), vec![root.clone()]);
    while let Some(id) = next.pop() {
        for dependency in list(&nodes[&id]["deps"]) {
            let is_built = list(&dependency["dep_kinds"]).iter().any(|kind| text(kind, "kind") != "dev");
            let of = text(&dependency, "pkg").to_string();
            if is_built && found.insert(of.clone()) {
                next.push(of);
            }
        }
    }
    // Not begat itself, on which the wheel depends.
    found.remove(&root);
    let packages = list(&metadata["packages"]).into_iter().filter(|package| found.contains(text(package, "id")));
    let work = |package: Json| Work {
        name: text(&package, "name").to_string(),
        version: text(&package, "version").to_string(),
        licence: text(&package, "license").to_string(),
        folder: Path::new(text(&package, "manifest_path")).parent().expect("a folder").to_path_buf(),
    };
    let mut works: Vec<Work> = packages.map(work).filter(|work| work.name != "begat").collect();
    works.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    works
}

/// The texts that a work brings: that of the MIT licence if it has one of its own, else all; and its notices.
fn texts(work: &Work) -> Vec<String> {
    let files = std::fs::read_dir(&work.folder).expect("the sources").filter_map(|entry| {
        let path = entry.ok()?.path();
        let name = path.file_name()?.to_str()?.to_uppercase();
        let is_licence =
            ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"].iter().any(|word| name.starts_with(word));
        (is_licence && path.is_file()).then_some((name, path))
    });
    let mut files: Vec<(String, PathBuf)> = files.collect();
    files.sort();
    let is_mit = |name: &str| name.contains("MIT");
    let has_mit = files.iter().any(|(name, _)| is_mit(name));
    files.retain(|(name, _)| !has_mit || is_mit(name) || name.starts_with("NOTICE"));
    let read = |(_, path): &(String, PathBuf)| {
        let text = String::from_utf8_lossy(&std::fs::read(path).expect("a text")).replace('\r', "");
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_string()
    };
    files.iter().map(read).collect()
}

/// The MIT licence, for works that name it and bring no text.
fn mit(work: &Work) -> Option<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("LICENSE")).ok()?;
    let (_, terms) = text.split_once("\n\nPermission is hereby")?;
    let head = format!("MIT License\n\nCopyright (c) the authors of {}", work.name);
    work.licence.contains("MIT").then(|| format!("{head}\n\nPermission is hereby{}", terms.trim_end()))
}

/// The fonts that pictures are drawn with.
const FONTS: &str = "the fonts Inter Regular and Inter SemiBold";

fn font_licence() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/picture/assets/fonts/OFL.txt");
    std::fs::read_to_string(path).expect("the licence of the fonts").trim_end().to_string()
}

fn notices(metadata: &Json) -> String {
    let works = works(metadata);
    let mut by_text: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, work) in works.iter().enumerate() {
        assert!(!work.licence.is_empty(), "{} names no licence", work.name);
        let mut own = texts(work);
        if own.is_empty() {
            own.extend(mit(work));
        }
        assert!(!own.is_empty(), "{} {} brings no text of its licence {}", work.name, work.version, work.licence);
        own.into_iter().for_each(|text| by_text.entry(text).or_default().push(i));
    }
    let mut shared: Vec<(&String, &Vec<usize>)> = by_text.iter().collect();
    shared.sort_by_key(|(_, works)| (works[0], works.len()));
    let mut out = HEAD.to_string();
    for work in &works {
        _ = write!(out, "\n  {} {}: {}", work.name, work.version, work.licence);
    }
    _ = writeln!(out, "\n  {FONTS}: OFL-1.1");
    for (text, of) in shared {
        let names: Vec<String> = of.iter().map(|i| format!("{} {}", works[*i].name, works[*i].version)).collect();
        _ = write!(out, "\n{}\n{}\n\n{text}\n", "-".repeat(80), names.join(", "));
    }
    _ = write!(out, "\n{}\n{FONTS}\n\n{}\n", "-".repeat(80), font_licence());
    out
}

/// Compares the file in a folder with what it has to be.
fn check(folder: &Path, metadata: &Json) {
    let path = folder.join("THIRD-PARTY-NOTICES");
    let expected = notices(metadata);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &expected).expect("written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "write {} anew: BLESS=1 cargo test --test notices", path.display());
}

#[test]
fn every_dependency_is_listed_with_its_licence() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(folder, &metadata(folder).unwrap_or_else(|error| panic!("{error}")));
}

/// The sources that only the wheel is built from are here once it has been built; the stage that does so sets
/// `BEGAT_WHEEL`.
#[test]
fn every_dependency_of_the_wheel_is_listed_with_its_licence() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    // The packed crate does not have it.
    if !folder.is_dir() {
        return;
    }
    match metadata(&folder) {
        Ok(metadata) => check(&folder, &metadata),
        Err(error) if std::env::var_os("BEGAT_WHEEL").is_some() => panic!("{error}"),
        Err(error) => println!("left out, since cargo says: {error}"),
    }
}
