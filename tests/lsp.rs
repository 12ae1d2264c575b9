//! `begat lsp` as an editor talks to it: JSON-RPC with headers over pipes.
#![cfg(all(feature = "cli", feature = "lsp"))]

use serde_json::{Value as Json, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

struct Editor {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    last: u64,
}

impl Editor {
    fn new(arguments: &[&str]) -> Editor {
        Editor::with(arguments, json!({ "processId": null, "rootUri": null, "capabilities": {} }))
    }

    /// An editor that says this of itself when it starts.
    fn with(arguments: &[&str], start: Json) -> Editor {
        let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
        command.args(arguments).arg("lsp").env_remove("BEGAT_GRAPH").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::inherit()).spawn().expect("begat runs");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut editor = Editor { child, stdin, stdout, last: 0 };
        let hello = editor.request("initialize", start);
        assert_eq!(hello["serverInfo"]["name"], "begat");
        editor.notify("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Json) {
        let text = message.to_string();
        let stdin = self.stdin.as_mut().expect("open");
        write!(stdin, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| stdin.flush())
            .expect("begat reads");
    }

    fn notify(&mut self, method: &str, params: Json) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn message(&mut self) -> Json {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).expect("begat writes") > 0, "begat ended");
            if line == "\r\n" {
                break;
            }
            if let Some(number) = line.strip_prefix("Content-Length: ") {
                length = number.trim().parse().expect("a length");
            }
        }
        let mut bytes = vec![0; length];
        self.stdout.read_exact(&mut bytes).expect("a message");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// The whole answer to a request; what is told meanwhile is passed over.
    fn answer(&mut self, method: &str, params: Json) -> Json {
        self.last += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }));
        loop {
            let message = self.message();
            if message["id"] == self.last {
                return message;
            }
        }
    }

    fn request(&mut self, method: &str, params: Json) -> Json {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    /// The problems that are told next of a file.
    fn problems(&mut self, uri: &str) -> Vec<Json> {
        loop {
            let message = self.message();
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri {
                return message["params"]["diagnostics"].as_array().expect("a list").clone();
            }
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "begat", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, uri: &str, version: i32, text: &str) {
        let document = json!({ "uri": uri, "version": version });
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [{ "text": text }] }),
        );
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.child.kill();
            return;
        }
        self.request("shutdown", Json::Null);
        self.notify("exit", Json::Null);
        drop(self.stdin.take());
        assert!(self.child.wait().expect("a status").success());
    }
}

/// A request about a place.
fn at(uri: &str, line: u32, character: u32) -> Json {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

/// A text with the edits of a list carried out, all on one line.
fn edited(text: &str, edit: &Json) -> String {
    let byte = |position: &Json| {
        let line = position["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + position["character"].as_u64().expect("a character") as usize
    };
    let (start, end) = (byte(&edit["range"]["start"]), byte(&edit["range"]["end"]));
    format!("{}{}{}", &text[..start], edit["newText"].as_str().expect("a text"), &text[end..])
}

/// A graph's folder of its own, which goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("begat-lsp-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        for file in fs::read_dir("graph-data/llm-evolution").expect("the graph").flatten() {
            fs::copy(file.path(), path.join(file.file_name())).expect("a copy");
        }
        Folder(path)
    }

    fn uri(&self, file: &str) -> String {
        format!("file://{}", self.0.join(file).display())
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("a file")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn query_files_are_checked_and_mended() {
    let mut editor = Editor::new(&[]);
    let uri = "file:///tmp/questions.begat";
    let text = "Model uses MLA;\nModel uses MLAA;\n";
    editor.open(uri, text);
    let problems = editor.problems(uri);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0]["code"], "unknown-name");
    assert_eq!(
        problems[0]["range"],
        json!({ "start": { "line": 1, "character": 11 }, "end": { "line": 1, "character": 15 } })
    );
    let asked =
        json!({ "textDocument": { "uri": uri }, "range": problems[0]["range"], "context": { "diagnostics": [] } });
    let actions = editor.request("textDocument/codeAction", asked);
    let edit = &actions[0]["edit"]["changes"][uri][0];
    let mended = edited(text, edit);
    assert_eq!((mended.as_str(), &actions[0]["isPreferred"]), ("Model uses MLA;\nModel uses MLA;\n", &json!(true)));
    editor.change(uri, 2, &mended);
    assert!(editor.problems(uri).is_empty());
    editor.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    let closed = editor.answer("textDocument/hover", at(uri, 0, 0));
    assert!(closed["error"]["message"].as_str().is_some_and(|words| words.contains("not open")), "{closed}");
}

#[test]
fn places_in_query_files_are_answered() {
    let mut editor = Editor::new(&[]);
    let uri = "file:///tmp/questions.begat";
    editor.open(uri, "# é𝄞\nModel   uses DeepSeek V3;\nModel uses ML");
    let found = editor.request("textDocument/completion", at(uri, 2, 13));
    let first = &found["items"][0];
    assert_eq!((&first["label"], &first["textEdit"]["newText"]), (&json!("MLA"), &json!("MLA")));
    assert_eq!(first["textEdit"]["range"]["start"], json!({ "line": 2, "character": 11 }));
    let told = editor.request("textDocument/hover", at(uri, 1, 22));
    let words = told["contents"]["value"].as_str().expect("a text");
    assert!(words.starts_with("DeepSeek V3: Model, 2024-12\n"), "{words}");
    assert!(words.contains("DeepSeek V3 uses MLA    [goose L23"), "{words}");
    let verb = editor.request("textDocument/hover", at(uri, 1, 9));
    assert_eq!(verb["contents"]["value"], "Model uses Technique (the other way: used by)");
    assert!(editor.request("textDocument/hover", at(uri, 0, 0)).is_null());
    editor.change(uri, 2, "Model   uses MLA");
    let options = json!({ "textDocument": { "uri": uri }, "options": { "tabSize": 4, "insertSpaces": true } });
    let edits = editor.request("textDocument/formatting", options.clone());
    assert_eq!(edited("Model   uses MLA", &edits[0]), "Model uses MLA\n");
    editor.change(uri, 3, "Model uses MLA\n");
    assert_eq!(editor.request("textDocument/formatting", options), json!([]));
    let unknown = editor.answer("textDocument/foldingRange", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(unknown["error"]["code"], -32601);
}

#[test]
fn a_wrong_fact_is_told_where_it_stands() {
    let folder = Folder::new("facts");
    let mut editor = Editor::new(&["-g", folder.0.to_str().expect("a path")]);
    let (uri, claims) = (folder.uri("claims.ron"), folder.read("claims.ron"));
    editor.open(&uri, &claims);
    assert!(editor.problems(&uri).is_empty());
    let wrong = claims.replacen("uses MLA\"", "uses MLAA\"", 1);
    assert_ne!(wrong, claims);
    editor.change(&uri, 2, &wrong);
    let problems = editor.problems(&uri);
    let at_fault = wrong.lines().position(|line| line.contains("MLAA")).expect("the line");
    assert_eq!(problems[0]["range"]["start"]["line"], at_fault, "{problems:?}");
    let asked =
        json!({ "textDocument": { "uri": uri }, "range": problems[0]["range"], "context": { "diagnostics": [] } });
    let actions = editor.request("textDocument/codeAction", asked);
    assert_eq!(edited(&wrong, &actions[0]["edit"]["changes"][&uri][0]), claims, "{actions}");
    // What is wrong here may be seen in another file, and only as long as the text is so.
    let entities = folder.uri("entities.ron");
    let text = folder.read("entities.ron");
    editor.change(&uri, 3, &claims);
    assert!(editor.problems(&uri).is_empty());
    editor.open(&entities, &text.replace("\"MLA\"", "\"MLB\""));
    assert!(!editor.problems(&uri).is_empty());
    editor.change(&entities, 2, &text);
    assert!(editor.problems(&uri).is_empty());
}

#[test]
fn places_in_data_files_are_answered() {
    let folder = Folder::new("places");
    let mut editor = Editor::new(&["-g", folder.0.to_str().expect("a path")]);
    let (uri, claims) = (folder.uri("claims.ron"), folder.read("claims.ron"));
    editor.open(&uri, &claims);
    editor.problems(&uri);
    let (line, text) = claims.lines().enumerate().find(|(_, line)| line.contains("uses MLA\"")).expect("a fact");
    let place = |word: &str| at(&uri, line as u32, (text.find(word).expect("the word") + 2) as u32);
    let told = editor.request("textDocument/hover", place("MLA\""));
    assert!(told["contents"]["value"].as_str().is_some_and(|words| words.starts_with("MLA: Technique")), "{told}");
    let found = editor.request("textDocument/completion", place("MLA\""));
    assert_eq!(found["items"][0]["label"], "MLA", "{found}");
    let declared = editor.request("textDocument/definition", place("MLA\""));
    assert_eq!(declared[0]["uri"], folder.uri("entities.ron"), "{declared}");
    // A half-written text, and one that is not UTF-8 to count by.
    editor.change(&uri, 2, "(claims: [(facts: [\"DeepSeek V3 uses é");
    assert!(!editor.problems(&uri).is_empty());
    let all = editor.request("textDocument/completion", at(&uri, 0, 37));
    assert!(all["items"].as_array().is_some_and(|items| !items.is_empty()), "{all}");
    for (line, character) in [(0, 0), (0, 9999), (9999, 0)] {
        for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition"] {
            editor.request(method, at(&uri, line, character));
        }
    }
}

/// The words at a range, all on one line of plain letters.
fn words<'t>(text: &'t str, range: &Json) -> &'t str {
    let line = text.lines().nth(range["start"]["line"].as_u64().expect("a line") as usize).expect("the line");
    let at = |end: &str| range[end]["character"].as_u64().expect("a character") as usize;
    &line[at("start")..at("end")]
}

#[test]
fn a_name_is_found_and_changed_in_all_files() {
    let folder = Folder::new("names");
    let mut editor = Editor::new(&["-g", folder.0.to_str().expect("a path")]);
    let (uri, claims) = (folder.uri("claims.ron"), folder.read("claims.ron"));
    editor.open(&uri, &claims);
    editor.problems(&uri);
    let query = "file:///tmp/names.begat";
    editor.open(
        query,
        "# DeepSeek V3\nDeepSeek V3 uses Technique;\nModel based on DeepSeek V3;\ndescribe \"DeepSeek V3\"",
    );
    editor.problems(query);
    let (line, text) =
        claims.lines().enumerate().find(|(_, line)| line.contains("\"DeepSeek V3 uses")).expect("a fact");
    let place = at(&uri, line as u32, (text.find("DeepSeek V3").expect("the name") + 3) as u32);

    let mut asked = place.clone();
    asked["context"] = json!({ "includeDeclaration": true });
    let found = editor.request("textDocument/references", asked);
    let found = found.as_array().expect("places");
    let of =
        |wanted: &str| found.iter().filter(|one| one["uri"] == wanted).map(|one| &one["range"]).collect::<Vec<_>>();
    assert_eq!(of(&folder.uri("entities.ron")).len(), 1, "{found:?}");
    assert_eq!(of(query).len(), 3, "not the comment: {found:?}");
    let facts = of(&uri);
    assert!(facts.len() > 3 && facts.iter().all(|range| words(&claims, range).contains("DeepSeek V3")), "{facts:?}");

    let ready = editor.request("textDocument/prepareRename", place.clone());
    assert_eq!(ready["placeholder"], "DeepSeek V3");
    let mut asked = place.clone();
    asked["newName"] = json!("DeepSeek Three");
    let changes = editor.request("textDocument/rename", asked)["changes"].clone();
    let renamed = edited(&claims, &changes[&uri][0]);
    assert!(renamed.contains("\"DeepSeek Three uses") && !renamed.contains("\"DeepSeek V3 "), "{renamed}");
    let entities = edited(&folder.read("entities.ron"), &changes[folder.uri("entities.ron")][0]);
    assert!(entities.contains("\"DeepSeek Three\": (aliases: [\"DeepSeek V3\""), "{entities}");
    assert_eq!(changes[query].as_array().expect("edits").len(), 3, "{changes}");

    let mut taken = place;
    taken["newName"] = json!("GPT-2");
    let refused = editor.answer("textDocument/rename", taken);
    assert!(refused["error"]["message"].as_str().is_some_and(|words| words.contains("`GPT-2`")), "{refused}");
}

/// A graph in which names hold signs and contain each other.
const SIGNS: &str = r#"(
    schema: (
        types: {"Lang": (properties: {"kind": (type: Text, verb: "classed")})},
        verbs: {"likes": (from: ["Lang"], to: ["Lang"])},
    ),
    sources: {"s": ()},
    entities: {"Lang": {"C": (), "C#": (), "F": (aliases: ["Eff"]), "Pear 😀": ()}},
    claims: [(source: "s", facts: ["C likes \"C#\"", "F likes C", "\"Pear 😀\" likes F", "F classed \"C\""])],
)
"#;

#[test]
fn what_is_quoted_is_one_name_or_a_text() {
    let folder = Folder::new("signs");
    fs::write(folder.0.join("g.ron"), SIGNS).expect("a file");
    let graph = folder.0.join("g.ron");
    let mut editor = Editor::new(&["-g", graph.to_str().expect("a path")]);
    let (data, query) = (folder.uri("g.ron"), "file:///tmp/signs.begat");
    let text = "Lang likes \"C#\";\nLang f where f.kind = \"C\" and name(f) != \"C\";\nLang f where name(f) like \"C\" to \"C\";\n\
                Lang likes C;\nLang f where f in (\"C\", \"F\") and f.kind in (\"C\");\nLang likes Eff";
    editor.open(&data, SIGNS);
    editor.problems(&data);
    editor.open(query, text);
    let placeholder =
        |editor: &mut Editor, place: Json| editor.request("textDocument/prepareRename", place)["placeholder"].clone();
    assert_eq!(placeholder(&mut editor, at(query, 0, 12)), "C#");
    let hover = editor.request("textDocument/hover", at(query, 0, 13));
    assert!(hover["contents"]["value"].as_str().is_some_and(|words| words.starts_with("C#: Lang")), "{hover}");
    let line = SIGNS.lines().position(|line| line.contains("entities")).expect("a line") as u32;
    let column = |word: &str| SIGNS.lines().nth(line as usize).and_then(|text| text.find(word)).expect("a name") as u32;
    assert_eq!(placeholder(&mut editor, at(&data, line, column("C#") + 1)), "C#");
    assert_eq!(placeholder(&mut editor, at(&data, line, column("Pear") + 1)), "Pear 😀");
    let facts = SIGNS.lines().position(|line| line.contains("facts")).expect("a line");
    let inner = SIGNS.lines().nth(facts).and_then(|text| text.find("C#")).expect("a name") as u32;
    assert_eq!(placeholder(&mut editor, at(&data, facts as u32, inner + 1)), "C#");

    let mut asked = at(query, 3, 11);
    asked["newName"] = json!("Cee");
    let changes = editor.request("textDocument/rename", asked)["changes"].clone();
    let mut edits = changes[query].as_array().expect("edits").clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit["range"]["start"]["line"].as_u64()));
    let renamed = edits.iter().fold(text.to_string(), |text, edit| edited(&text, edit));
    let expected = text.replace("Lang likes C;", "Lang likes Cee;").replace("f in (\"C\"", "f in (Cee");
    assert_eq!(renamed, expected, "texts, patterns, files and other names stay");
    let mut asked = at(query, 5, 11);
    asked["newName"] = json!("Phi");
    let changes = editor.request("textDocument/rename", asked)["changes"].clone();
    assert!(!changes[query].to_string().contains("\"line\":5"), "an alias stays: {changes}");
}

#[test]
fn a_file_has_the_words_of_its_own_graph() {
    let (mine, other) = (Folder::new("mine"), Folder::new("other"));
    fs::write(mine.0.join("g.ron"), SIGNS).expect("a file");
    let foreign =
        SIGNS.replace("likes", "hates").replace("Lang", "Kind").replace("\"F\"", "\"Zig\"").replace("F ", "Zig ");
    let foreign = foreign.replace("likes F", "hates Zig").replace("hates F", "hates Zig");
    fs::create_dir_all(other.0.join("apart")).expect("a folder");
    fs::write(other.0.join("apart/g.ron"), &foreign).expect("a file");
    for arguments in [vec!["-g".to_string(), mine.0.join("g.ron").display().to_string()], Vec::new()] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut editor = Editor::with(&arguments, json!({ "capabilities": {}, "rootUri": other.uri("apart") }));
        let query = "file:///tmp/whose.begat";
        let asked = if arguments.is_empty() { "Model uses MLA" } else { "Lang likes C" };
        editor.open(query, asked);
        assert!(editor.problems(query).is_empty());
        let data = other.uri("apart/g.ron");
        editor.open(&data, &foreign);
        assert!(editor.problems(&data).is_empty(), "{foreign}");
        let line = foreign.lines().position(|line| line.contains("facts")).expect("a line");
        let column = foreign.lines().nth(line).and_then(|text| text.find("Zig hates")).expect("a name") as u32;
        let hover = editor.request("textDocument/hover", at(&data, line as u32, column + 1));
        assert!(hover["contents"]["value"].as_str().is_some_and(|words| words.starts_with("Zig: Kind")), "{hover}");
        let found = editor.request("textDocument/completion", at(&data, line as u32, column + 4));
        let words = found.to_string();
        assert!(words.contains("hates") && !words.contains("likes"), "{words}");
        editor.change(query, 2, &format!("{asked} "));
        assert!(editor.problems(query).is_empty(), "other data says nothing of it");
    }
}

#[test]
fn brackets_without_end_end_nothing() {
    let folder = Folder::new("deep");
    let mut editor = Editor::new(&["-g", folder.0.to_str().expect("a path")]);
    let (query, data) = ("file:///tmp/deep.begat", folder.uri("deep.ron"));
    let deep = "(".repeat(60_000);
    editor.open(query, &format!("Model {deep}"));
    editor.problems(query);
    assert!(
        editor.request("textDocument/completion", at(query, 0, 60_006))["items"].as_array().is_some_and(Vec::is_empty)
    );
    editor.open(&data, &deep);
    editor.problems(&data);
    let options = json!({ "textDocument": { "uri": data }, "options": { "tabSize": 4, "insertSpaces": true } });
    assert_eq!(editor.request("textDocument/formatting", options), json!([]));
}

#[test]
fn words_have_the_colours_of_what_they_are() {
    let folder = Folder::new("colours");
    let mut editor = Editor::new(&["-g", folder.0.to_str().expect("a path")]);
    let query = "file:///tmp/colours.begat";
    let text = "# é𝄞\nModel m uses MLA,\n  m dated before 2024 show m # \"x\n";
    editor.open(query, text);
    let uri = folder.uri("claims.ron");
    editor.open(&uri, "// one\n(claims: [(source: \"goose\", facts: [\"DeepSeek V3 uses MLA\"])])");
    let mut coloured = |uri: &str| {
        let answer = editor.request("textDocument/semanticTokens/full", json!({ "textDocument": { "uri": uri } }));
        let numbers: Vec<u64> = answer["data"].as_array().expect("numbers").iter().filter_map(Json::as_u64).collect();
        let (mut line, mut column, mut parts) = (0, 0, Vec::new());
        for part in numbers.chunks(5) {
            column = if part[0] == 0 { column + part[1] } else { part[1] };
            line += part[0];
            parts.push((line, column, part[2], part[3]));
        }
        parts
    };
    // Numbers of classes: 0 keyword, 1 type, 2 name, 3 verb, 4 variable, 6 number, 9 comment, 10 property.
    let parts = coloured(query);
    for part in [(0, 0, 5, 9), (1, 0, 5, 1), (1, 6, 1, 4), (1, 8, 4, 3), (1, 13, 3, 2), (2, 17, 4, 6), (2, 29, 4, 9)] {
        assert!(parts.contains(&part), "{part:?}: {parts:?}");
    }
    let parts = coloured(&uri);
    for part in [(0, 0, 6, 9), (1, 1, 6, 10), (1, 19, 7, 7), (1, 37, 11, 2), (1, 49, 4, 3), (1, 54, 3, 2)] {
        assert!(parts.contains(&part), "{part:?}: {parts:?}");
    }
}

#[test]
fn an_editor_that_goes_away_ends_it() {
    let mut editor = Editor::new(&[]);
    drop(editor.stdin.take());
    assert!(editor.child.wait().expect("a status").code().is_some());
    // It has gone already.
    std::mem::forget(editor);
}

#[test]
fn a_graph_with_mistakes_is_what_it_is_for() {
    let folder = Folder::new("broken");
    let path: &Path = &folder.0.join("claims.ron");
    fs::write(path, "(claims: [").expect("written");
    let mut editor = Editor::new(&["-g", folder.0.to_str().expect("a path")]);
    let uri = folder.uri("claims.ron");
    editor.open(&uri, "(claims: [");
    assert_eq!(editor.problems(&uri)[0]["severity"], 1);
}

/// A graph below another one is its own if the editor has its folder open, and a part of the other if not.
#[test]
fn the_folder_of_an_editor_is_not_left_for_one_above_it() {
    let folder = Folder::new("above");
    let inner = folder.0.join("inner");
    fs::create_dir(&inner).expect("a folder");
    // It needs the schema of the folder above.
    let text = "(entities: {\"Org\": {\"Inner Org\": ()}})";
    fs::write(inner.join("more.ron"), text).expect("written");
    let uri = folder.uri("inner/more.ron");
    let root = folder.uri("inner");
    let folders =
        json!({ "processId": null, "capabilities": {}, "workspaceFolders": [{ "uri": root, "name": "inner" }] });
    let older = json!({ "processId": null, "rootUri": root, "capabilities": {} });
    let nothing = json!({ "processId": null, "rootUri": null, "capabilities": {} });
    for (start, is_alone) in [(folders, true), (older, true), (nothing, false)] {
        let mut editor = Editor::with(&[], start.clone());
        editor.open(&uri, text);
        let is_wrong = editor.problems(&uri).iter().any(|problem| problem["severity"] == 1);
        assert_eq!(is_wrong, is_alone, "{start}");
    }
    fs::remove_dir_all(&inner).expect("removed");
}

/// What is told after a change is what is told of the same texts without a past.
#[test]
fn a_graph_that_is_read_again_has_the_problems_of_a_fresh_one() {
    use begat::load::{self, Access, Parsed};
    use begat::text::Text;

    let path = Path::new("tests/graphs/toy.ron");
    let mut lines: Vec<String> = fs::read_to_string(path).expect("a graph").lines().map(str::to_string).collect();
    let (mut parsed, mut last_right) = (Parsed::kept(), lines.clone());
    let mut state: u64 = 20;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    let words = ["uses", "succeeds", "Llama 2", "MLA", "MoE", "not", "2024", "Model", "\"", ",", "(", "dated"];
    let (mut wrong, mut right) = (0, 0);
    for step in 0..60 {
        let at = next(lines.len());
        match next(4) {
            0 => _ = lines.remove(at),
            1 => lines.insert(at, lines[next(lines.len())].clone()),
            2 => lines[at] = lines[at].replacen(words[next(4)], words[next(words.len())], 1),
            _ => {
                let spaces: Vec<usize> = lines[at].match_indices(' ').map(|(space, _)| space).collect();
                if let Some(space) = spaces.get(next(spaces.len().max(1))) {
                    lines[at].insert_str(*space, &format!(" {}", words[next(words.len())]));
                }
            }
        }
        let text = Text::new("toy.ron", lines.join("\n"));
        let again = load::check_again(path, Access::default(), std::slice::from_ref(&text), &mut parsed);
        let fresh = load::check_texts(path, Access::default(), &[text], &|_, _| {});
        assert_eq!(
            format!("{:?}", again.1),
            format!("{:?}", fresh.1),
            "step {step}: {}",
            lines[at.min(lines.len() - 1)]
        );
        let written = |graph: Option<begat::graph::Graph>| graph.map(|graph| load::export::ron(&graph));
        assert_eq!(written(again.0), written(fresh.0), "step {step}");
        if fresh.1.has_errors() {
            wrong += 1;
            // Some mistakes stay, and others are added to them.
            if next(3) > 0 {
                lines = last_right.clone();
            }
        } else {
            right += 1;
            last_right = lines.clone();
        }
    }
    assert!(wrong > 5 && right > 5, "{wrong} wrong, {right} right");
}
