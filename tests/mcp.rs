//! `begat mcp` as an agent's tool talks to it: lines of JSON-RPC over pipes. With the official Python client:
//! `python3 tests/mcp_client.py target/debug/begat`.
#![cfg(all(feature = "cli", feature = "mcp"))]

use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader, Write};
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
        let mut client = Client::silent();
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let told = client.request("initialize", hello);
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        (client, told["result"].clone())
    }

    fn silent() -> Client {
        let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
        command.arg("mcp").env_remove("BEGAT_GRAPH").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
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
