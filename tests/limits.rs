//! Limits hold wherever the time, the rows and the memory go, and nothing goes on once a statement is over.
#![cfg(feature = "cli")]

use begat::limits::Budget;
use begat::render::picture::{self, PictureStyle};
use begat::render::{self, Format, TextStyle};
use begat::{Database, Error, Limits, Options};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// What may be asked of [`GRAPH`]; each has more than ten rows.
const STATEMENTS: &[&str] = &[
    "Node",
    "Node a cites Node b",
    "Node a cites Node b, b cites Node c, c cites Node d",
    "Node a, optional a uses Tech t show a, t order by name(t)",
    "Node a cites Node b show a, list(b) by a",
    "Node a cites Node b show b, first(a) by b",
    "Node a cites Node b show count(a), b by b order by count(a) desc",
    "Node a cites+ Node b",
    "paths N0 cites{1,4} Node b",
    "graph Node a cites Node b",
    "why Node a cites+ N2",
    "lineage of N0",
    "descendants of N0",
    "adoption of Tech by month",
    "adoption of Tech by Org",
    "timeline of Node",
    "matrix of Node cites Node",
    "diff Node a cites Node b",
    "describe Tech T0",
    "define Node a leads to Node b as (a cites b or a cites Node c that leads to b); Node a leads to Node b",
];

/// What has few rows.
const SMALL: &[&str] = &[
    "schema",
    "conflicts",
    "count Node a cites Node b",
    "path N0 cites+ N1",
    "why not Node a cites N1",
    "diff N0 and N1",
];

const NODES: usize = 3000;

/// A graph of as many nodes, each of which cites six others, as a snapshot.
static GRAPH: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("limits-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    fs::write(folder.join("graph.ron"), SCHEMA).expect("it can be written");
    let (mut nodes, mut cites, mut uses) = ("name,date\n".to_string(), "a,b\n".to_string(), "a,b\n".to_string());
    for i in 0..NODES {
        let _ = writeln!(nodes, "N{i},{}-{:02}", 1970 + i * 7 % 56, i * 5 % 12 + 1);
        (1..=6).for_each(|k| _ = writeln!(cites, "N{i},N{}", (i * 31 + k * k * 97) % NODES));
        let _ = writeln!(uses, "N{i},T{}\nN{i},T{}", i % 40, i * 3 % 40);
    }
    let named = |letter: char| (0..40).fold("name\n".to_string(), |all, i| format!("{all}{letter}{i}\n"));
    let makes = (0..NODES).fold("a,b\n".to_string(), |all, i| all + &format!("O{},N{i}\n", i % 40));
    let tables = [
        ("nodes", nodes),
        ("cites", cites),
        ("uses", uses),
        ("techs", named('T')),
        ("orgs", named('O')),
        ("makes", makes),
    ];
    for (name, rows) in tables {
        fs::write(folder.join(name).with_extension("csv"), rows).expect("it can be written");
    }
    let built = folder.join("graph.begat");
    let made = begat(&["build", text(&folder), "-o", text(&built)]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    built
});

const SCHEMA: &str = r#"(
    schema: (
        types: {
            "Node": (doc: "", properties: { "date": (type: Date, verb: "dated", single: true, doc: "") }, plot: (lane: "makes")),
            "Tech": (doc: ""), "Org": (doc: ""),
        },
        verbs: {
            "cites": (doc: "", from: ["Node"], to: ["Node"], inverse: "cited by", lineage: true),
            "uses": (doc: "", from: ["Node"], to: ["Tech"], inverse: "used by", adoption: true),
            "makes": (doc: "", from: ["Org"], to: ["Node"], inverse: "made by"),
        },
    ),
    sources: { "s": (title: "") },
    tables: [
        (file: "nodes.csv", entity: "Node", name: "name", properties: { "date": "date" }, source: "s"),
        (file: "techs.csv", entity: "Tech", name: "name", source: "s"),
        (file: "orgs.csv", entity: "Org", name: "name", source: "s"),
        (file: "cites.csv", verb: "cites", subject: "a", object: "b", source: "s"),
        (file: "uses.csv", verb: "uses", subject: "a", object: "b", source: "s"),
        (file: "makes.csv", verb: "makes", subject: "a", object: "b", source: "s"),
    ],
)"#;

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

fn begat(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_begat")).args(arguments).output().expect("begat runs")
}

/// Asks with these limits more, and says what is wrong with the end of it.
fn stops(statement: &str, format: &str, limits: &[&str]) -> Option<String> {
    let arguments = [&["-g", text(&GRAPH), "-F", format, statement], limits].concat();
    let ended = begat(&arguments);
    let said = String::from_utf8_lossy(&ended.stderr);
    let is_stopped = ended.status.code() == Some(6) && said.starts_with("error[limit]");
    (!is_stopped).then(|| format!("{arguments:?}: {:?} {said}", ended.status))
}

/// Does the work on each thing on a few threads; what each has to say of it.
fn all<T: Sync>(things: &[T], work: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let part = || -> Vec<String> {
        let things = std::iter::from_fn(|| things.get(next.fetch_add(1, Ordering::Relaxed)));
        things.filter_map(&work).collect()
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(part)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// Without any time each statement stops in each format, whatever it was about to do.
#[test]
fn no_time_is_no_answer() {
    let formats = render::FORMATS.iter().map(|info| info.name);
    let statements = STATEMENTS.iter().chain(SMALL);
    let pairs: Vec<(&str, &str)> = formats.flat_map(|f| statements.clone().map(move |s| (*s, f))).collect();
    let wrong = all(&pairs, |(statement, format)| stops(statement, format, &["--timeout", "0ms"]));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// More rows than that are found: of views and groups, too.
#[test]
fn rows_are_limited_everywhere() {
    let wrong = all(STATEMENTS, |statement| stops(statement, "tsv", &["--max-rows", "10"]));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rows of one binding are limited, too, before they are all made; and `limit` ends the listing.
#[test]
fn paths_of_one_binding_are_limited() {
    const DIAMONDS: usize = 24;
    let mut facts = String::new();
    for i in 0..DIAMONDS {
        let end = i + 1;
        let _ = write!(facts, "\"A{i} leads to B{i} and C{i}\", \"B{i} leads to A{end}\", \"C{i} leads to A{end}\", ");
    }
    let names =
        ["A", "B", "C"].iter().flat_map(|letter| (0..=DIAMONDS).map(move |i| format!("\"{letter}{i}\": (cost: 1)")));
    let places = names.collect::<Vec<_>>().join(", ");
    let graph = format!(
        r#"(schema: (types: {{"Place": (doc: "", properties: {{"cost": (type: Number, single: true, doc: "")}})}},
            verbs: {{"leads to": (doc: "", from: ["Place"], to: ["Place"])}}), sources: {{"s": (title: "")}},
            entities: {{"Place": {{{places}}}}}, claims: [(source: "s", facts: [{facts}])])"#
    );
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("diamonds-{}.ron", std::process::id()));
    fs::write(&file, graph).expect("it can be written");
    for end in ["", " shortest", " shortest by cost"] {
        let statement = format!("paths A0 leads to+ A{DIAMONDS}{end}");
        let asked = |more: &[&str]| begat(&[&["-g", text(&file), "-F", "tsv", &statement], more].concat());
        let ended = asked(&["--max-rows", "100", "--max-memory", "20M"]);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.code() == Some(6) && said.contains("number of rows"), "{statement}: {said}");
        let statement = format!("{statement} limit 3 offset 1");
        let ended = begat(&["-g", text(&file), "-F", "tsv", &statement, "--max-rows", "100", "--max-memory", "20M"]);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{statement}: {said}");
        assert_eq!(String::from_utf8_lossy(&ended.stdout).lines().count(), 4, "{statement}");
    }
    let _ = fs::remove_file(file);
}

/// What takes long stops soon after its time, in the engine, in views and in drawing.
#[test]
fn time_is_kept() {
    const SLOW: &[(&str, &str)] = &[
        ("Node a cites Node b, b cites Node c, c cites Node d, d cites Node e", "tsv"),
        ("Node a cites Node b, b cites Node c, c cites Node d show a, list(d) by a", "json"),
        ("paths N0 cites{1,12} Node b", "tsv"),
        ("why Node a cites+ Node b", "tree"),
        ("matrix of Node cites Node", "svg"),
        ("matrix of Node cites+ Node", "html"),
        ("graph Node a cites Node b", "svg"),
        ("timeline of Node", "html"),
        (
            "define Node a leads to Node b as (a cites b or a cites Node c that leads to b); Node a leads to Node b",
            "tsv",
        ),
        ("diff Node a cites+ Node b", "md"),
    ];
    for (statement, format) in SLOW {
        let start = Instant::now();
        let wrong = stops(statement, format, &["--timeout", "300ms"]);
        let took = start.elapsed();
        assert!(wrong.is_none(), "{wrong:?}");
        assert!(took < Duration::from_millis(300) + SOON, "{statement} as {format} took {took:?}");
    }
}

/// Ten times what it is to be, for a machine that does much else; far less than any of this takes without a limit.
const SOON: Duration = Duration::from_secs(1);

#[test]
fn memory_is_kept() {
    const LARGE: &[(&str, &str)] = &[
        ("Node a cites Node b, b cites Node c, c cites Node d", "tsv"),
        ("matrix of Node cites Node", "svg"),
        ("Node a cites+ Node b", "json"),
        ("graph Node a cites Node b", "html"),
        ("timeline of Node", "svg"),
    ];
    let wrong = all(LARGE, |(statement, format)| stops(statement, format, &["--max-memory", "2M"]));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a process takes for itself at most during its life, in bytes, and how it ends. Looked at from outside.
#[cfg(target_os = "linux")]
fn peak(arguments: &[&str]) -> (u64, Output) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
    let mut child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("begat runs");
    let status = format!("/proc/{}/status", child.id());
    let own = || {
        let told = fs::read_to_string(&status).ok()?;
        let line = told.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    let mut most = 0;
    while child.try_wait().expect("it can be waited for").is_none() {
        most = most.max(own().unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    (most << 10, child.wait_with_output().expect("it has ended"))
}

/// No statement takes a tenth more than it may, whatever it is about to do, nor loading and the statement together.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_kept_within_a_tenth() {
    const LIMIT: u64 = 24 << 20;
    const LARGE: &[(&str, &str)] = &[
        ("Node a cites Node b, b cites Node c, c cites Node d, d cites Node e", "tsv"),
        ("Node a cites Node b, b cites Node c, c cites Node d show a, list(d) by a", "json"),
        ("Node a cites Node b, b cites Node c, c cites Node d show d, a order by name(d)", "csv"),
        ("paths N0 cites{1,9} Node b", "table"),
        ("Node a cites+ Node b", "md"),
        ("why Node a cites Node b, b cites Node c", "tree"),
        ("graph Node a cites+ Node b", "svg"),
        ("matrix of Node cites+ Node", "html"),
        ("diff Node a cites+ Node b", "jsonl"),
    ];
    // Stacks, and what the allocator keeps for later, which is more on a busy machine: 4.5 MiB once.
    const OWN: u64 = 5 << 20;
    let limit = LIMIT.to_string();
    let sources = GRAPH.with_file_name("graph.ron");
    let graphs = [text(&GRAPH), text(&sources)];
    let cases: Vec<_> = LARGE.iter().flat_map(|case| graphs.map(|graph| (case, graph))).collect();
    let wrong = all(&cases, |((statement, format), graph)| {
        let (most, ended) = peak(&["-g", graph, "-F", format, statement, "--max-memory", &limit]);
        let is_kept = ended.status.code() == Some(6) && most <= LIMIT / 10 * 11 + OWN;
        let said = String::from_utf8_lossy(&ended.stderr);
        (!is_kept).then(|| format!("{statement} as {format} of {graph} took {most} bytes: {said}"))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A text of many sentences, or with a mistake far behind, is read and planned within the time.
#[test]
fn large_texts_are_within_the_limits() {
    let sentences = (0..500).fold("Node m uses T0".to_string(), |all, i| format!("{all}, m uses Tech t{i}"));
    let mistake = "Node uses T0; ".repeat(20_000) + "Node uses ) x";
    for (name, query) in [("sentences", sentences), ("mistake", mistake)] {
        let file = GRAPH.with_file_name(name);
        fs::write(&file, query).expect("it can be written");
        let start = Instant::now();
        let ended = begat(&["-g", text(&GRAPH), "-f", text(&file), "--timeout", "300ms"]);
        assert_eq!(ended.status.code(), Some(6), "{name}: {}", String::from_utf8_lossy(&ended.stderr));
        assert!(start.elapsed() < Duration::from_millis(300) + SOON, "{name} took {:?}", start.elapsed());
    }
}

/// A search goes a level deeper for each variable: what the stack does not bear is told.
#[test]
fn very_many_variables_are_told() {
    let sentences = (0..2100).fold("ask Node m uses T0".to_string(), |all, i| format!("{all}, m cites Node n{i}"));
    let file = GRAPH.with_file_name("variables");
    fs::write(&file, sentences).expect("it can be written");
    let ended = begat(&["-g", text(&GRAPH), "-f", text(&file), "--timeout", "20s"]);
    assert_eq!(ended.status.code(), Some(6), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// A small file may unpack to any length.
#[test]
fn loading_is_within_the_limits() {
    let folder = GRAPH.with_file_name("bomb");
    fs::create_dir_all(&folder).expect("a folder can be made");
    fs::write(folder.join("graph.ron"), SCHEMA.replace("nodes.csv", "nodes.csv.gz")).expect("it can be written");
    for name in ["techs", "orgs", "cites", "uses", "makes"] {
        let name = Path::new(name).with_extension("csv");
        fs::copy(GRAPH.with_file_name(&name), folder.join(&name)).expect("it can be copied");
    }
    let file = fs::File::create(folder.join("nodes.csv.gz")).expect("it can be made");
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    let mut put = |bytes: &[u8]| std::io::Write::write_all(&mut packed, bytes).expect("it can be written");
    put(b"name,date\n\"");
    (0..3000).for_each(|_| put(&[b'x'; 1 << 16]));
    drop(packed);
    for limits in [["--timeout", "300ms"], ["--max-memory", "16M"]] {
        let ended = begat(&[&["-g", text(&folder), "Node"], &limits[..]].concat());
        assert_eq!(ended.status.code(), Some(6), "{limits:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }
}

/// As many rows as there may be as JSON take no more memory than as TSV.
#[test]
fn rows_are_streamed() {
    let streamed = |format: &str| {
        let ended =
            begat(&["-g", text(&GRAPH), "-F", format, "Node a cites Node b, b cites Node c", "--max-memory", "8M"]);
        assert!(ended.status.success(), "{format}: {}", String::from_utf8_lossy(&ended.stderr));
        ended.stdout.len()
    };
    let lengths = ["tsv", "csv", "json", "jsonl", "md"].map(streamed);
    assert!(lengths.iter().all(|length| *length > 1 << 20), "{lengths:?}");
}

/// So do rows that go into a file.
#[test]
fn rows_are_streamed_into_files() {
    let query = "Node a cites Node b, b cites Node c";
    for name in ["rows.tsv", "rows.csv", "rows.json", "rows.jsonl", "rows.md"] {
        let file = GRAPH.with_file_name(name);
        let ended = begat(&["-g", text(&GRAPH), "-o", text(&file), query, "--max-memory", "8M"]);
        assert!(ended.status.success(), "{name}: {}", String::from_utf8_lossy(&ended.stderr));
        let format = file.extension().and_then(|extension| extension.to_str()).expect("an extension");
        let printed = begat(&["-g", text(&GRAPH), "-F", format, query]).stdout;
        assert!(fs::read(&file).expect("it was written") == printed, "{name} is not what is printed");
    }
}

/// What is written when a limit stops it is whole, or not there, and nothing else is.
#[test]
fn files_are_whole_or_absent() {
    let folder = GRAPH.with_file_name("written");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let sources = GRAPH.with_file_name("graph.ron");
    let place = |name: &str| text(&folder.join(name)).to_string();
    let (built, rows, tables) = (place("g.begat"), place("rows.json"), place("all.parquet"));
    let query = "Node a cites Node b, b cites Node c";
    let works: [&[&str]; 3] = [
        &["build", text(&sources), "-o", &built],
        &["-g", text(&GRAPH), "-o", &rows, query],
        &["export", "-g", text(&GRAPH), "-o", &tables],
    ];
    for work in works {
        for time in ["1ms", "20ms", "60ms", "150ms", "400ms", "60s"] {
            let ended = begat(&[work, &["--timeout", time]].concat());
            let found: Vec<String> = fs::read_dir(&folder)
                .expect("it is there")
                .map(|entry| entry.expect("a name").file_name().to_string_lossy().into_owned())
                .collect();
            let said = String::from_utf8_lossy(&ended.stderr);
            match ended.status.code() {
                Some(0) => assert_eq!(found.len(), 1, "{work:?} after {time}: {found:?}"),
                Some(6) => assert!(found.is_empty(), "{work:?} after {time}: {found:?}"),
                _ => panic!("{work:?} after {time}: {said}"),
            }
            for name in found {
                let path = folder.join(name);
                fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path)).expect("it can be removed");
            }
        }
    }
}

/// Where the system gives no memory, that is a limit as another.
#[cfg(target_os = "linux")]
#[test]
fn the_limits_of_the_system_count() {
    let query = "Node a cites Node b, b cites Node c, c cites Node d, d cites Node e";
    let script = format!("ulimit -v 400000; exec {} -g {} '{query}'", env!("CARGO_BIN_EXE_begat"), text(&GRAPH));
    let ended = Command::new("sh").args(["-c", &script]).output().expect("a shell runs");
    assert_eq!(ended.status.code(), Some(6), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// Answers in a library's way, all within one budget.
fn answer(database: &Database, statement: &str, format: Format) -> Result<usize, Error> {
    let options = Options::default();
    let mut length = 0;
    for prepared in database.prepare(statement, &options)? {
        let (answer, graph) = (database.run(&prepared, &options)?, database.graph());
        length += match format {
            Format::Svg => {
                let part = database.subgraph(&prepared, &options)?;
                picture::svg(&answer, Some(&part), graph, &PictureStyle::default()).map_or(0, |drawn| drawn.len())
            }
            _ if format.is_graph() => {
                let part = database.subgraph(&prepared, &options)?;
                render::subgraph(&part, graph, format).map_or(0, |text| text.len())
            }
            _ => render::answer(&answer, graph, format, &TextStyle::default()).map_or(0, |drawn| drawn.text.len()),
        };
    }
    Ok(length)
}

/// Whoever sets the flag gets the thread back: every stage looks at it, and nothing goes on behind.
#[test]
fn cancelled_work_ends() {
    let database = Database::open(&*GRAPH).expect("a good graph");
    let cases = [
        ("Node a cites Node b, b cites Node c, c cites Node d, d cites Node e", Format::Tsv),
        ("Node a cites Node b, b cites Node c, c cites Node d show a, first(d), list(d) by a", Format::Tsv),
        ("paths N0 cites{1,12} Node b", Format::Tsv),
        ("why Node a cites+ Node b", Format::Tree),
        ("matrix of Node cites Node", Format::Svg),
        ("matrix of Node cites+ Node", Format::Tree),
        ("graph Node a cites Node b", Format::Svg),
        ("graph Node a cites+ Node b", Format::Dot),
        ("timeline of Node", Format::Svg),
        ("diff Node a cites+ Node b", Format::Markdown),
    ];
    for (statement, format) in cases {
        let cancel = Arc::new(AtomicBool::new(false));
        let budget = Budget::new(Limits::default(), Some(cancel.clone()), None);
        let (ended, waited) = std::thread::scope(|scope| {
            let work = || budget.enter(|| answer(&database, statement, format));
            let thread = scope.spawn(work);
            std::thread::sleep(Duration::from_millis(300));
            let start = Instant::now();
            cancel.store(true, Ordering::Relaxed);
            (thread.join().expect("no panic"), start.elapsed())
        });
        assert!(waited < SOON, "{statement} as {format:?} went on for {waited:?}");
        let is_over = matches!(ended, Err(Error::Interrupted)) || budget.check().is_err();
        assert!(is_over, "{statement} as {format:?} ended by itself: {ended:?}");
    }
}

/// A statement that was stopped leaves nothing behind that a later one would take for an answer.
#[test]
fn what_was_stopped_is_not_kept() {
    let database = Database::open(&*GRAPH).expect("a good graph");
    let ask = |budget: Budget, statement| budget.enter(|| answer(&database, statement, Format::Tsv));
    for statement in STATEMENTS.iter().chain(SMALL).take(20) {
        let none = Limits { time: Some(Duration::ZERO), ..Limits::default() };
        let stopped = ask(Budget::new(none, None, None), statement);
        assert!(matches!(stopped, Err(Error::Limit(_))), "{statement}: {stopped:?}");
    }
    let fresh = Database::open(&*GRAPH).expect("a good graph");
    for statement in ["Node a cites Node b show count(a), b by b", "lineage of N0", "describe Tech T0"] {
        let (known, anew) = [&database, &fresh].map(|d| answer(d, statement, Format::Tsv).expect("an answer")).into();
        assert_eq!(known, anew, "{statement}");
    }
}
