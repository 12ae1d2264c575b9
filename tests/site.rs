//! `begat site`: every link leads somewhere, and what stands in names does nothing.
#![cfg(all(feature = "cli", feature = "serve"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("begat-site-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
        command.current_dir(&self.0).env("HOME", &self.0).env_remove("BEGAT_GRAPH").args(arguments);
        command.output().expect("begat runs")
    }

    /// The files of a site, by their paths in it.
    fn site(&self, arguments: &[&str]) -> BTreeMap<PathBuf, String> {
        let done = self.run(&[arguments, &["-o", "site"]].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let root = self.0.join("site");
        let (mut files, mut folders) = (BTreeMap::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = fs::read_to_string(&path).expect("UTF-8");
                    files.insert(path.strip_prefix(&root).expect("inside").to_path_buf(), text);
                }
            }
        }
        files
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The values of attributes that lead somewhere.
fn links(page: &str) -> Vec<String> {
    let attribute = |name: &'static str| {
        page.match_indices(name).filter_map(move |(at, _)| page[at + name.len()..].split('"').next())
    };
    attribute(" href=\"").chain(attribute(" src=\"")).map(|link| link.replace("&amp;", "&")).collect()
}

/// A path without `..`, as the folder of its page reads it.
fn resolved(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(Path::new("")).to_path_buf();
    for part in link.split('/') {
        if part == ".." {
            assert!(path.pop(), "{link} leads out of the site");
        } else {
            path.push(part);
        }
    }
    path
}

/// The tags of a page, with their attributes; what is quoted in these is none.
fn tags(page: &str) -> Vec<String> {
    let (mut tags, mut rest) = (Vec::new(), page);
    while let Some(start) = rest.find('<') {
        let (mut end, mut is_quoted) = (start, false);
        for (at, c) in rest[start..].char_indices() {
            end = start + at;
            match c {
                '"' => is_quoted = !is_quoted,
                '>' if !is_quoted => break,
                _ => {}
            }
        }
        tags.push(rest[start..=end].to_string());
        rest = &rest[end + 1..];
    }
    tags
}

fn every_link_resolves(site: &BTreeMap<PathBuf, String>) -> usize {
    let mut count = 0;
    for (path, page) in site.iter().filter(|(path, _)| !path.starts_with("picture")) {
        for link in links(page).iter().filter(|_| path.extension().is_some_and(|extension| extension == "html")) {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            assert!(!link.starts_with(['/', '#']) && !link.contains(':'), "{}: {link}", path.display());
            let target = resolved(path, link);
            assert!(site.contains_key(&target), "{}: {link} leads to no file", path.display());
            count += 1;
        }
    }
    count
}

#[test]
fn a_graph_is_published_with_its_sources() {
    let folder = Folder::new("own");
    fs::write(folder.0.join("family.begat"), "Model uses MLA;\nlineage of DeepSeek R1").expect("a file");
    let site = folder.site(&["site", "timeline of Model", "-f", "family.begat", "--title", "Models"]);
    assert!(every_link_resolves(&site) > 500);
    let page = |path: &str| site.get(Path::new(path)).unwrap_or_else(|| panic!("{path}: {:?}", site.keys()));
    let index = page("index.html");
    assert!(index.contains("<title>Models</title>") && index.contains("entity/deepseek-v3.html"));
    assert!(index.contains("query/timeline-of-model.html") && index.contains("source/goose.html"));
    let entity = page("entity/deepseek-v3.html");
    assert!(entity.contains("href=\"../source/goose.html\"") && entity.contains("L23"), "{entity}");
    assert!(entity.contains("src=\"../picture/of-deepseek-v3.html\""), "its family is drawn");
    assert!(page("source/goose.html").contains("href=\"../entity/mla.html\""));
    let saved = page("query/family.html");
    assert!(saved.contains("<summary>why?</summary>") && saved.contains("src=\"../picture/query-family-2.html\""));
    assert!(page("picture/query-family-2.html").starts_with("<!DOCTYPE html>"));
    // Again into the same folder, and the bytes are the same.
    assert_eq!(folder.site(&["site", "timeline of Model", "-f", "family.begat", "--title", "Models"]), site);
}

const ODD: &str = r#"(
    schema: (
        types: {"A": (properties: {"note": (type: Text)}), "B": ()},
        verbs: {"likes": (from: ["A"], to: ["A", "B"]), "made of": (from: ["A"], to: ["A"], inverse: "part of", lineage: true)},
    ),
    sources: {
        "s<i>": (title: "<img src=x onerror=alert(1)>", url: "javascript:alert(1)"),
        "../t": (title: "\"><script>alert(1)</script>", url: "https://example.org/?a=1&b=\"'<"),
    },
    entities: {
        "A": {
            "<script>alert(1)</script>": (note: "</pre><script>"), "../../x": (), "x'\" onclick=\"alert(1)": (), "数": (),
            "漢": (), "Con": (), "Same": (),
        },
        "B": {"Same": (), "con": ()},
    },
    claims: [
        (source: "s<i>", at: "<b>", quote: "</q><script>alert(1)</script>", facts: [
            "\"<script>alert(1)</script>\" made of \"../../x\"", "数 likes B \"Same\"", "漢 likes A \"Same\"",
        ]),
        (source: "../t", at: "\" onload=\"x", facts: ["数 likes 漢"]),
    ],
)"#;

#[test]
fn names_are_shown_and_do_nothing() {
    let folder = Folder::new("odd");
    fs::write(folder.0.join("odd.ron"), ODD).expect("a file");
    let query = "A a likes A p";
    let site = folder.site(&["-g", "odd.ron", "site", query, "--title", "<u>\""]);
    assert!(every_link_resolves(&site) > 20);
    let known = [
        "!doctype", "html", "head", "meta", "title", "link", "script", "body", "header", "nav", "a", "main", "h1",
        "h2", "p", "ul", "li", "div", "table", "thead", "tbody", "tr", "th", "td", "br", "q", "small", "code", "pre",
        "iframe", "details", "summary",
    ];
    for (path, page) in site.iter().filter(|(path, _)| path.extension().is_some_and(|extension| extension == "html")) {
        for tag in tags(page).iter().filter(|_| !path.starts_with("picture")) {
            let name = tag.trim_start_matches(['<', '/']).split([' ', '>']).next().unwrap_or("");
            assert!(known.contains(&name), "{}: {tag}", path.display());
            let bare: String = tag.split('"').step_by(2).collect();
            assert!(!bare.contains(" on") && !tag.contains("javascript:"), "{}: {tag}", path.display());
            assert!(name != "script" || tag.contains("tables.js") || tag == "</script>", "{}: {tag}", path.display());
        }
        assert!(!page.contains("<script>alert(1)"), "{}", path.display());
    }
    // Entities and sources have pages of their own, though their names are alike.
    let pages = |folder: &str| site.keys().filter(|path| path.starts_with(folder)).count();
    assert_eq!((pages("entity"), pages("source"), pages("query")), (9, 2, 1));
}

#[test]
fn what_cannot_be_a_site_is_said() {
    let folder = Folder::new("wrong");
    for (arguments, part) in [
        (&["site"][..], "into which folder? write `-o FOLDER`"),
        (&["site", "Model uses MLAA", "-o", "s"], "did you mean"),
        (&["site", "-f", "none.begat", "-o", "s"], "none.begat"),
        (&["site", "Model a, cross Model b, cross Model c", "--max-rows", "10", "-o", "s"], "`--max-rows`"),
    ] {
        let done = folder.run(arguments);
        let told = String::from_utf8_lossy(&done.stderr);
        assert!(!done.status.success() && told.contains(part), "{arguments:?}: {told}");
        assert!(!folder.0.join("s").exists(), "{arguments:?}");
    }
}
