//! `begat mcp` as an agent's tool talks to it: lines of JSON-RPC over pipes. With the official Python client:
//! `python3 tests/mcp_client.py target/debug/begat`.
#![cfg(all(feature = "cli", feature = "mcp"))]

use serde_json::{Value as Json, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    last: u64,
}

impl Client {
    /// A client that has shaken hands; it got the instructions.
    fn new() -> (Client, Json) {
        Client::silent().greeted()
    }

    fn greeted(mut self) -> (Client, Json) {
        let client = &mut self;
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let told = client.request("initialize", hello);
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        (self, told["result"].clone())
    }

    fn silent() -> Client {
        Client::of(Command::new(env!("CARGO_BIN_EXE_begat")).arg("mcp"))
    }

    fn of(command: &mut Command) -> Client {
        command.env_remove("BEGAT_GRAPH").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("begat runs");
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Client { child, stdin, stdout, last: 0 }
    }

    fn send(&mut self, message: &Json) {
        let stdin = self.stdin.as_mut().expect("the pipe is open");
        writeln!(stdin, "{message}").and_then(|()| stdin.flush()).expect("begat reads");
    }

    fn begin(&mut self, method: &str, params: Json) -> u64 {
        self.last += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }));
        self.last
    }

    /// The next message that is an answer; every line is JSON.
    fn answer(&mut self) -> Json {
        loop {
            let mut line = String::new();
            assert!(self.stdout.read_line(&mut line).expect("begat writes") > 0, "begat ended");
            let message: Json = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if message.get("id").is_some() {
                return message;
            }
        }
    }

    fn request(&mut self, method: &str, params: Json) -> Json {
        let id = self.begin(method, params);
        let answer = self.answer();
        assert_eq!(answer["id"], id);
        answer
    }

    /// What a tool gives: its structured content, else its text; and whether that is an error.
    fn call(&mut self, name: &str, arguments: Json) -> (Json, bool) {
        let answer = self.request("tools/call", json!({ "name": name, "arguments": arguments }));
        let result = &answer["result"];
        let content = result.get("structuredContent").cloned();
        let is_error = result["isError"] == json!(true);
        (content.unwrap_or_else(|| result["content"][0].clone()), is_error)
    }

    fn fine(&mut self, name: &str, arguments: Json) -> Json {
        let (content, is_error) = self.call(name, arguments);
        assert!(!is_error, "{content}");
        content
    }

    fn wrong(&mut self, name: &str, arguments: Json) -> Json {
        let (content, is_error) = self.call(name, arguments);
        assert!(is_error, "{content}");
        content
    }
}

impl Drop for Client {
    /// A server ends when its client closes the pipe.
    fn drop(&mut self) {
        drop(self.stdin.take());
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if self.child.try_wait().expect("a status").is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        assert!(std::thread::panicking(), "begat goes on after its client has gone");
    }
}

#[test]
fn a_client_is_told_what_there_is() {
    let (mut client, hello) = Client::new();
    assert_eq!(hello["serverInfo"]["name"], "begat");
    assert!(hello["instructions"].as_str().is_some_and(|text| text.contains("`Model uses MLA`")), "{hello}");
    let tools = client.request("tools/list", json!({}))["result"]["tools"].clone();
    let names: Vec<&str> = tools.as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["schema", "find", "ask", "why", "check_query", "draw"]);
    for tool in tools.as_array().expect("tools") {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
    }
    let resources = client.request("resources/list", json!({}))["result"]["resources"].clone();
    for resource in resources.as_array().expect("resources") {
        let read = client.request("resources/read", json!({ "uri": resource["uri"] }));
        assert!(read["result"]["contents"][0]["text"].as_str().is_some_and(|text| text.len() > 50), "{resource}");
    }
    let missing = client.request("resources/read", json!({ "uri": "file:///etc/passwd" }));
    assert!(missing.get("error").is_some(), "{missing}");
}

#[test]
fn tools_answer() {
    let (mut client, _) = Client::new();
    let schema = client.fine("schema", json!({}));
    let schema = schema["text"].as_str().expect("a text");
    assert!(schema.len() < 2048 && schema.contains("Model → Technique: uses (used by)"), "{schema}");
    let found = client.fine("find", json!({ "phrase": "deepseek v" }));
    assert_eq!(found["entities"][1], json!({ "name": "DeepSeek V3", "type": "Model", "date": "2024-12" }));
    assert_eq!(client.fine("find", json!({ "phrase": "MLAA", "type": "Technique" }))["entities"][0]["name"], "MLA");
    let rows = client.fine("ask", json!({ "query": "Model uses $t", "parameters": { "t": "MLA" } }));
    assert_eq!(rows["rows"][1], json!({ "Model": "DeepSeek V3", "certainty": "certain" }));
    assert_eq!((&rows["certain"], rows.get("more")), (&json!(2), None));
    let some = client.fine("ask", json!({ "query": "Model", "limit": 3 }));
    assert_eq!((some["rows"].as_array().expect("rows").len(), &some["more"]), (3, &json!(10)));
    let why = client.fine("why", json!({ "query": "DeepSeek R1 based on / uses MLA" }));
    let fact = &why["rows"][0]["because"]["because"][0]["because"][0];
    assert_eq!(
        (&fact["sentence"], &fact["claims"][0]["at"]),
        (&json!("DeepSeek R1 based on DeepSeek V3"), &json!("L27"))
    );
    let fine = client.fine("check_query", json!({ "query": "Model uses MLA" }));
    assert_eq!((&fine["ok"], &fine["statements"]), (&json!(true), &json!(1)));
    let picture = client.fine("draw", json!({ "query": "timeline of Model", "title": "In time" }));
    assert_eq!((&picture["type"], &picture["mimeType"]), (&json!("image"), &json!("image/svg+xml")));
    // `<svg` in base64.
    assert!(picture["data"].as_str().is_some_and(|data| data.starts_with("PHN2Z")), "{picture}");
    let pixels = client.fine("draw", json!({ "query": "timeline of Model", "format": "png" }));
    assert_eq!(pixels["mimeType"], "image/png");
    // The first bytes of every PNG in base64.
    assert!(pixels["data"].as_str().is_some_and(|data| data.starts_with("iVBORw0KGgo")), "{pixels}");
    let two = client.fine("ask", json!({ "query": "count Model; count Org" }));
    assert_eq!(two["answers"].as_array().expect("two").len(), 2);
}

#[test]
fn mistakes_come_back_corrected() {
    let (mut client, _) = Client::new();
    let wrong = client.wrong("ask", json!({ "query": "Modle usse MLAA" }));
    assert_eq!((&wrong["error"], &wrong["corrected"]), (&json!("query"), &json!("Model uses MLA")));
    let told = client.fine("check_query", json!({ "query": "Model uses MLAA" }));
    assert_eq!((&told["ok"], &told["corrected"]), (&json!(false), &json!("Model uses MLA")));
    for (tool, arguments, part) in [
        ("ask", json!({}), "`query` is missing"),
        ("ask", json!({ "query": 5 }), "of type string"),
        ("ask", json!({ "query": "Model", "rows": 5 }), "no parameter `rows`; its parameters: `query`"),
        ("ask", json!({ "query": "Model uses $t", "parameters": { "t": [1] } }), "a text or a number"),
        ("find", json!({ "phrase": "x", "type": "Nope" }), "no type is called `Nope`; the types: "),
        ("draw", json!({ "query": "Model uses MLA", "focus": "Nobody" }), "Nobody"),
        ("draw", json!({ "query": "Model; Org" }), "one query is asked at a time"),
        ("draw", json!({ "query": "Model", "format": "gif" }), "`format` is svg or png"),
    ] {
        let told = client.wrong(tool, arguments);
        assert!(told["message"].as_str().is_some_and(|message| message.contains(part)), "{told}");
    }
    let none = client.request("tools/call", json!({ "name": "drop_graph", "arguments": {} }));
    assert!(none["error"]["message"].as_str().is_some_and(|message| message.contains("drop_graph")), "{none}");
}

#[test]
fn hostile_texts_do_no_harm() {
    let (mut client, _) = Client::new();
    let deep = "(".repeat(2000);
    let long = "Model uses MLA and ".repeat(300);
    for query in ["", "\0", "\u{202e}", "Model to \"/tmp/x.csv\"", "'; DROP TABLE", &deep, &long, "MATCH (m) RETURN m"]
    {
        for tool in ["ask", "why", "check_query", "draw"] {
            let (told, _) = client.call(tool, json!({ "query": query }));
            assert!(!told.is_null(), "{tool} {query:?}");
        }
        client.call("find", json!({ "phrase": query }));
    }
    let begun = Instant::now();
    let told = client.wrong("ask", json!({ "query": format!("Model {}", "(".repeat(1_500_000)) }));
    assert!(told.to_string().contains("64 KiB") && begun.elapsed() < Duration::from_secs(5), "{told}");
    let file = client.fine("check_query", json!({ "query": "Model to \"/tmp/x.csv\"" }));
    assert_eq!(file["ok"], false, "what `ask` refuses is not right: {file}");
    client.send(&json!({ "jsonrpc": "2.0", "id": "odd", "method": "no/such/method" }));
    assert!(client.answer().get("error").is_some());
    assert_eq!(client.fine("ask", json!({ "query": "count Model" }))["rows"][0]["count"], 13);
}

const ENDLESS: &str =
    "Model a, cross Model b, cross Model c, cross Model d, cross Model e, cross Model f, cross Model g";

#[test]
fn a_call_that_takes_too_much_is_stopped() {
    let (mut client, _) = Client::new();
    let over = client.wrong("ask", json!({ "query": ENDLESS }));
    assert_eq!(over["error"], "limit", "{over}");
    let counted = client.begin(
        "tools/call",
        json!({ "name": "ask", "arguments": { "query": format!("count {ENDLESS}, cross Model h, cross Model i") } }),
    );
    let other = client.request("ping", json!({}));
    assert!(other.get("result").is_some(), "a call keeps nobody waiting: {other}");
    client.send(&json!({
        "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": counted, "reason": "enough" },
    }));
    let begun = Instant::now();
    assert_eq!(client.fine("ask", json!({ "query": "count Model" }))["rows"][0]["count"], 13);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

/// A graph in a folder of its own, with an agent that may change it.
struct Curated {
    folder: PathBuf,
    client: Client,
}

impl Curated {
    fn new(name: &str) -> Curated {
        let folder = std::env::temp_dir().join(format!("begat-mcp-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("g")).expect("a folder");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph-data/llm-evolution");
        for entry in fs::read_dir(from).expect("the graph") {
            let path = entry.expect("an entry").path();
            fs::copy(&path, folder.join("g").join(path.file_name().expect("a name"))).expect("a copy");
        }
        let client = Client::of(Curated::begat(&folder).args(["mcp", "--writable"])).greeted().0;
        Curated { folder, client }
    }

    fn begat(folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
        command.current_dir(folder).env("HOME", folder).env_remove("XDG_STATE_HOME").args(["-g", "g"]);
        command
    }

    fn claims(&self) -> String {
        fs::read_to_string(self.folder.join("g/claims.ron")).expect("claims")
    }
}

impl Drop for Curated {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn agents_write_only_where_they_may() {
    let (mut client, _) = Client::new();
    let told = client.request("tools/call", json!({ "name": "add", "arguments": { "facts": ["x"], "source": "y" } }));
    assert!(told["error"]["message"].as_str().is_some_and(|message| message.contains("`add`")), "{told}");
    let refused =
        Command::new(env!("CARGO_BIN_EXE_begat")).args(["mcp", "--writable"]).env_remove("BEGAT_GRAPH").output();
    let refused = refused.expect("begat runs");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("the built-in graph cannot be changed"));

    let mut own = Curated::new("tools");
    let tools = own.client.request("tools/list", json!({}))["result"]["tools"].clone();
    let hint = |name: &str, hint: &str| {
        let tools = tools.as_array().expect("tools").iter();
        tools.clone().find(|tool| tool["name"] == name).map(|tool| tool["annotations"][hint].clone())
    };
    assert_eq!(hint("add", "readOnlyHint"), Some(json!(false)));
    assert_eq!(hint("retract", "destructiveHint"), Some(json!(true)));
    assert_eq!(hint("ask", "readOnlyHint"), Some(json!(true)));
}

#[test]
fn facts_are_added_and_taken_back() {
    let mut own = Curated::new("add");
    let before = own.claims();
    let fact = json!({ "facts": ["DeepSeek V3 uses GQA"], "source": "goose", "at": "L24", "quote": "so <it> is" });
    let mut trial = fact.clone();
    trial["dry_run"] = json!(true);
    let shown = own.client.fine("add", trial);
    assert_eq!((&shown["written"], own.claims() == before), (&json!(false), true));
    assert!(shown["diff"].as_str().is_some_and(|diff| diff.contains("+") && diff.contains("DeepSeek V3 uses GQA")));

    let done = own.client.fine("add", fact.clone());
    assert_eq!((&done["written"], &done["done"]), (&json!(true), &json!(["DeepSeek V3 uses GQA"])));
    assert!(own.claims().contains("so <it> is"));
    let why = own.client.fine("why", json!({ "query": "DeepSeek V3 uses GQA" }));
    assert!(why.to_string().contains("L24"), "who asks next asks the graph that was left: {why}");
    assert_eq!(own.client.fine("add", fact)["written"], json!(false), "it stands there already");

    let gone = own.client.fine("retract", json!({ "facts": ["DeepSeek V3 uses GQA"] }));
    assert_eq!(gone["written"], true);
    assert_eq!(own.client.fine("ask", json!({ "query": "DeepSeek V3 uses GQA" }))["verdict"], "no");
    // What an agent did, a person takes back, the last edit first.
    let undo = Curated::begat(&own.folder).arg("undo").output().expect("begat runs");
    assert!(undo.status.success(), "{}", String::from_utf8_lossy(&undo.stderr));
    assert!(own.claims().contains("DeepSeek V3 uses GQA"));
    let ask = json!({ "query": "DeepSeek V3 uses GQA" });
    assert_eq!(own.client.fine("ask", ask.clone())["verdict"], "yes", "the agent asks the files as they are");
    let undo = Curated::begat(&own.folder).arg("undo").output().expect("begat runs");
    assert!(undo.status.success() && own.claims() == before);
    assert_eq!(own.client.fine("ask", ask)["verdict"], "no");
}

#[test]
fn what_would_be_wrong_is_not_written() {
    let mut own = Curated::new("wrong");
    let before = own.claims();
    for (tool, arguments, part) in [
        ("add", json!({ "facts": ["DeepSeek V3 uses MLA"] }), "`source` is missing"),
        ("add", json!({ "facts": ["DeepSeek V3 uses MLA"], "source": "" }), "who says so?"),
        ("add", json!({ "facts": [], "source": "goose" }), "`facts` is empty"),
        ("add", json!({ "facts": [1], "source": "goose" }), "a list of texts"),
        ("add", json!({ "facts": "DeepSeek V3 uses MLA", "source": "goose" }), "of type array"),
        ("add", json!({ "facts": ["DeepSeek V3 uses MLA"], "source": "nobody" }), "nobody"),
        ("add", json!({ "facts": ["DeepSeek V3 uses MLA"], "source": "goose", "trust": "sure" }), "it is direct,"),
        ("add", json!({ "facts": ["DeepSeek V3 uses MLA"], "source": "goose", "date": "soon" }), "soon"),
        ("add", json!({ "facts": ["MLA uses DeepSeek V3"], "source": "goose" }), "uses"),
        ("add", json!({ "facts": ["GPT-2 succeeds DeepSeek R1"], "source": "goose" }), ""),
        ("add", json!({ "facts": ["Model uses MLA"], "source": "goose" }), ""),
        ("add", json!({ "facts": ["Quokka uses MLA"], "source": "goose" }), "Quokka"),
        ("retract", json!({ "facts": ["GPT-2 uses MLA"] }), "GPT-2"),
        ("retract", json!({ "facts": ["DeepSeek V3 uses MLA"], "source": "nobody" }), ""),
    ] {
        let told = own.client.wrong(tool, arguments.clone());
        assert!(told["message"].as_str().is_some_and(|message| message.contains(part)), "{arguments}: {told}");
    }
    let near = own
        .client
        .wrong("add", json!({ "facts": ["DeepSeeek V3 uses MLA"], "source": "goose", "new": ["Model DeepSeeek V3"] }));
    assert!(near["near"].as_array().is_some_and(|near| near.contains(&json!("DeepSeek V3"))), "{near}");
    assert_eq!(own.claims(), before);
    let typo = own.client.wrong("add", json!({ "facts": ["DeepSeek V3 uses MLAA"], "source": "goose" }));
    assert_eq!(typo["corrected"], "DeepSeek V3 uses MLA", "{typo}");
    let sure = json!({
        "facts": ["DeepSeeek V3 uses MLA"], "source": "goose", "new": ["Model DeepSeeek V3"], "sure": true,
    });
    assert_eq!(own.client.fine("add", sure)["written"], true);
    assert_eq!(own.client.fine("ask", json!({ "query": "DeepSeeek V3 uses MLA" }))["verdict"], "yes");
}
