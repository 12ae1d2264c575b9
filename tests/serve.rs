//! `begat serve` as browsers and programs talk to it: HTTP over sockets.
#![cfg(all(feature = "cli", feature = "serve"))]

use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

struct Server {
    child: Child,
    address: String,
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

impl Server {
    fn new() -> Server {
        Server::of(&[])
    }

    fn of(arguments: &[&str]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
        command.args(["serve", "--port", "0"]).args(arguments).env_remove("BEGAT_GRAPH");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("begat runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("an address");
        let address = line.trim().strip_prefix("http://").and_then(|rest| rest.strip_suffix('/')).expect("an address");
        Server { child, address: address.to_string() }
    }

    fn send(&self, request: &str) -> Answer {
        exchange(&self.address, request.as_bytes())
    }

    fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address))
    }

    /// The page, or an answer, of a query.
    fn ask(&self, path: &str, query: &str) -> Answer {
        self.get(&format!("{path}?q={}", encoded(query)))
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        let length = body.len();
        self.send(&format!("POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\n\r\n{body}", self.address))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn exchange(address: &str, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a timeout");
    stream.write_all(request).expect("it reads");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("it answers");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[test]
fn a_page_is_whole_without_its_script() {
    let server = Server::new();
    let home = server.get("/");
    assert_eq!(home.status, 200);
    assert!(
        home.text().contains("<form action=\"/\" method=\"get\"") && home.text().contains(">Model</a>"),
        "{}",
        home.text()
    );
    let page = server.ask("/", "Model uses MLA").text();
    assert!(page.contains("<a href=\"/entity?name=DeepSeek+V3\">DeepSeek V3</a>"), "{page}");
    assert!(page.contains("2 certain") && page.contains("&amp;why=1\">why?</a>"), "{page}");
    let why = server.get("/?q=Model+uses+MLA&why=1").text();
    assert!(why.contains("DeepSeek V3 uses MLA") && why.contains(", L23"), "{why}");
    let possible = server.get("/?q=Model+dated+before+2022&possibly=1").text();
    assert!(possible.contains("<tr class=\"possible\">") && possible.contains("2 certain, 6 possible"), "{possible}");
    let entity = server.get("/entity?name=DeepSeek+V3").text();
    assert!(entity.contains("<h1>DeepSeek V3</h1>") && entity.contains("<iframe"), "{entity}");
    assert_eq!(server.get("/entity?name=Nobody").status, 404);
    let wrong = server.ask("/", "Modle uses MLA").text();
    assert!(wrong.contains("<a href=\"/?q=Model+uses+MLA\">Model uses MLA</a>"), "{wrong}");
    for (path, kind) in [("/page.css", "text/css"), ("/page.js", "text/javascript"), ("/tables.js", "text/javascript")]
    {
        let asset = server.get(path);
        assert!(asset.status == 200 && asset.head.contains(kind), "{}", asset.head);
    }
}

#[test]
fn what_the_first_page_offers_can_be_asked() {
    let server = Server::new();
    let home = server.get("/").text();
    let links: Vec<&str> =
        home.match_indices("href=\"/?q=").filter_map(|(at, _)| home[at + 6..].split('"').next()).collect();
    assert!(links.len() > 10, "{home}");
    for link in links {
        let page = server.get(link).text();
        assert!(!page.contains("class=\"error"), "{link}: {page}");
    }
}

#[test]
fn entities_of_one_name_have_pages_of_their_own() {
    let folder = std::env::temp_dir().join(format!("begat-serve-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let graph = folder.join("two.ron");
    let text = r#"(schema: (types: {"A": (), "B": ()}, verbs: {"likes": (from: ["A"], to: ["B"])}), sources: {"s": (title: "S")},
        entities: {"A": {"Same": ()}, "B": {"Same": ()}}, claims: [(source: "s", facts: ["A \"Same\" likes B \"Same\""])])"#;
    std::fs::write(&graph, text).expect("a file");
    let server = Server::of(&["-g", graph.to_str().expect("UTF-8")]);
    let rows = server.ask("/", "A likes B").text();
    for kind in ["A", "B"] {
        assert!(rows.contains(&format!("/entity?name=Same&amp;type={kind}")), "{rows}");
        let page = server.get(&format!("/entity?name=Same&type={kind}"));
        assert!(page.status == 200 && page.text().contains(&format!(">{kind}</a></p>")), "{}", page.text());
    }
    assert_eq!(server.get("/entity?name=Same").status, 404);
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn long_queries_keep_quick_ones_waiting_a_moment_only() {
    let server = Arc::new(Server::new());
    let clients: Vec<_> = (0..20)
        .map(|_| {
            let server = server.clone();
            thread::spawn(move || server.ask("/answer.json", ENDLESS).status)
        })
        .collect();
    thread::sleep(Duration::from_secs(2));
    let begun = Instant::now();
    assert_eq!(server.ask("/answer.json", "Model uses MLA").status, 200);
    // A long query takes its 10 s, and twenty of them far more.
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    for client in clients {
        let status = client.join().expect("an answer");
        assert!([422, 503].contains(&status), "{status}");
    }
}

#[test]
fn an_address_gives_the_same_in_every_format() {
    let server = Server::new();
    let json = server.ask("/answer.json", "Model uses MLA");
    assert_eq!(json.json()["rows"][1], json!({ "Model": "DeepSeek V3", "certainty": "certain" }));
    assert_eq!(server.ask("/answer.tsv", "Model uses MLA").text(), "Model\nDeepSeek V2\nDeepSeek V3\n");
    for (ending, kind, begins) in [
        ("csv", "text/csv", "Model"),
        ("md", "text/markdown", "| Model"),
        ("dot", "text/vnd.graphviz", "digraph"),
        ("svg", "image/svg+xml", "<svg"),
        ("html", "text/html", "<!"),
    ] {
        let answer = server.ask(&format!("/answer.{ending}"), "Model uses MLA");
        assert_eq!(answer.status, 200, "{ending}");
        assert!(answer.head.contains(kind), "{}", answer.head);
        assert!(answer.text().to_lowercase().starts_with(&begins.to_lowercase()), "{ending}: {}", answer.text());
    }
    let picture = server.ask("/answer.html", "lineage of DeepSeek R1");
    assert!(picture.head.contains("sandbox allow-scripts"), "{}", picture.head);
    assert_eq!(server.ask("/answer.png", "Model").status, 404);
    assert_eq!(server.ask("/answer.", "Model").status, 404);
    let wrong = server.ask("/answer.csv", "Modle");
    assert_eq!((wrong.status, wrong.json()["error"].clone()), (400, json!("query")));
    for (several_or_none, words) in [("Model; Org", "one query"), ("", ""), ("# nothing", "")] {
        let answer = server.ask("/answer.json", several_or_none);
        assert!(answer.status == 400 && answer.json().to_string().contains(words), "{}", answer.text());
    }
    // Brackets without end are neither followed nor fatal.
    let deep = "(".repeat(30_000);
    assert_eq!(server.get(&format!("/complete?q=Model+{deep}")).json()["candidates"], json!([]));
    let found = server.get("/complete?q=Model+uses+ML&cursor=13").json();
    assert_eq!((&found["start"], &found["candidates"][0]["replacement"]), (&json!(11), &json!("MLA")));
}

#[test]
fn programs_have_the_tools_of_agents() {
    let server = Server::new();
    let names = server.get("/api/").json()["tools"].as_array().expect("tools").len();
    assert_eq!(names, 6);
    let rows = server.post("/api/ask", r#"{"query": "Model uses $t", "parameters": {"t": "MLA"}}"#);
    assert_eq!((rows.status, rows.json()["certain"].clone()), (200, json!(2)));
    let some = server.get("/api/ask?query=Model&limit=3").json();
    assert_eq!(some["more"], 10);
    let wrong = server.post("/api/ask", r#"{"query": "Model uses MLAA"}"#);
    assert_eq!((wrong.status, wrong.json()["corrected"].clone()), (400, json!("Model uses MLA")));
    assert_eq!(server.post("/api/ask", "[1]").status, 400);
    assert_eq!(server.post("/api/ask", "").status, 400);
    assert_eq!(server.get("/api/drop").status, 404);
    assert!(server.get("/api/draw?query=timeline+of+Model").text().starts_with("<svg"));
}

#[test]
fn strangers_and_strange_requests_get_nothing() {
    let server = Server::new();
    let host = &server.address;
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_string(), 403),
        (format!("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\n\r\n"), 403),
        (
            format!("GET / HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n\r\n"),
            403,
        ),
        (format!("PUT / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"), 405),
        (format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"), 405),
        (format!("GET /../../etc/passwd HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404),
        (format!("GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404),
        (format!("GET /page.css/../Cargo.toml HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404),
        (format!("GET /?q={} HTTP/1.1\r\nHost: {host}\r\n\r\n", "a".repeat(70_000)), 414),
        (
            format!("POST /api/ask HTTP/1.1\r\nHost: {host}\r\nContent-Length: 200000\r\n\r\n{}", "a".repeat(200_000)),
            413,
        ),
    ] {
        let answer = server.send(&request);
        assert_eq!(answer.status, status, "{}", &request[..request.len().min(120)]);
    }
    let methods = server.send(&format!("PUT / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"));
    assert!(methods.head.contains("allow: get, head, post"), "{}", methods.head);
    let of_page = server.send(&format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"));
    assert!(of_page.head.contains("allow: get, head\r"), "{}", of_page.head);
    let chunks = format!("POST /api/ask HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n");
    assert_eq!(server.send(&chunks).status, 400);
    let hosts = format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n");
    assert_eq!(server.send(&hosts).status, 400);
    // Nothing is written, whatever a query says.
    let file = std::env::temp_dir().join(format!("begat-serve-{}.csv", std::process::id()));
    for path in ["/", "/answer.csv", "/answer.json", "/answer.svg"] {
        let told = server.ask(path, &format!("Model to \"{}\"", file.display())).text();
        assert!(told.contains("no file is written here"), "{path}: {told}");
    }
    assert!(!file.exists());
    // Markup in a query is text of the page.
    for query in
        ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "Model uses '</textarea><script>'", "\u{202e}"]
    {
        let page = server.ask("/", query).text();
        assert!(!page.contains("<script>") && !page.contains("<img") && !page.contains('\u{202e}'), "{page}");
    }
    let home = server.get("/");
    for header in ["content-security-policy: default-src 'none'", "x-content-type-options: nosniff", "x-frame-options"]
    {
        assert!(home.head.contains(header), "{}", home.head);
    }
}

/// Queries of which every one runs into a limit.
const ENDLESS: &str = "count Model a, cross Model b, cross Model c, cross Model d, cross Model e, cross Model f, cross Model g, cross Model h, cross Model i";

#[test]
fn many_clients_are_answered_in_spite_of_slow_and_costly_ones() {
    let server = Arc::new(Server::new());
    // Some send half a request, some read nothing, some ask for too much and go away.
    let half: Vec<TcpStream> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).expect("it listens");
            stream.write_all(b"GET / HTTP/1.1\r\nHo").expect("it reads");
            stream
        })
        .collect();
    let gone = |_| {
        let mut stream = TcpStream::connect(&server.address).expect("it listens");
        let request = format!("GET /answer.json?q={} HTTP/1.1\r\nHost: {}\r\n\r\n", encoded(ENDLESS), server.address);
        stream.write_all(request.as_bytes()).expect("it reads");
        thread::sleep(Duration::from_millis(100));
        stream.shutdown(Shutdown::Both).expect("closed");
    };
    (0..6).for_each(gone);
    let begun = Instant::now();
    let clients: Vec<_> = (0..100)
        .map(|_| {
            let server = server.clone();
            thread::spawn(move || server.ask("/answer.tsv", "Model uses MLA").text())
        })
        .collect();
    for client in clients {
        assert_eq!(client.join().expect("an answer"), "Model\nDeepSeek V2\nDeepSeek V3\n");
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    drop(half);
    let over =
        server.ask("/answer.csv", "Model a, cross Model b, cross Model c, cross Model d, cross Model e, cross Model f");
    assert_eq!((over.status, over.json()["error"].clone()), (422, json!("limit")));
}

#[test]
fn a_port_in_use_is_told_and_ctrl_c_ends_it() {
    let mut server = Server::new();
    let (_, port) = server.address.rsplit_once(':').expect("a port");
    let second =
        Command::new(env!("CARGO_BIN_EXE_begat")).args(["serve", "--port", port]).output().expect("begat runs");
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(second.status.code() == Some(5) && told.contains("cannot listen at 127.0.0.1"), "{told}");
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if server.child.try_wait().expect("a status").is_some() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("begat goes on after Ctrl-C");
}
