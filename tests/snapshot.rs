//! Snapshots: they come back as they were, and damage is never read as data.
//!
//! `BLESS=1 cargo test --test snapshot` writes the snapshot of the built-in graph anew.

use begat::graph::{EntityId, FactId, Graph};
use begat::snapshot::{self, SnapshotError};
use begat::text::Text;
use begat::{Database, Error, Options, load};
use std::fs;
use std::path::{Path, PathBuf};

fn toy() -> Graph {
    load::read(vec![Text::new("toy.ron", include_str!("graphs/toy.ron"))]).0.expect("no errors")
}

fn bytes(graph: &Graph) -> Vec<u8> {
    let mut bytes = Vec::new();
    snapshot::write_to(graph, &mut bytes).expect("memory can be written to");
    bytes
}

/// A file of a test's own, which goes when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        Scratch(std::env::temp_dir().join(format!("begat-{}-{name}.begat", std::process::id())))
    }

    fn with(name: &str, bytes: &[u8]) -> Scratch {
        let file = Scratch::new(name);
        fs::write(&file.0, bytes).expect("the folder for temporary files can be written to");
        file
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.0);
    }
}

/// Everything that the graph says, as text: schema, names, facts, claims, definitions.
fn all(graph: &Graph) -> String {
    let facts = graph.facts().map(|fact| {
        let claims: Vec<String> = graph.claims().of(fact).map(|claim| format!("{claim:?}")).collect();
        format!("{:?} {claims:?}", graph.fact(fact))
    });
    let facts: Vec<String> = facts.collect();
    let dates: Vec<String> = graph.entities().map(|entity| graph.date_of(entity).to_string()).collect();
    let sources = &graph.claims().sources;
    format!("{}\n{facts:#?}\n{dates:?}\n{sources:?}\n{:?}", load::export::ron(graph), graph.schema())
}

#[test]
fn graphs_come_back() {
    for (name, graph) in [("toy", toy()), ("empty", Graph::default())] {
        let file = Scratch::new(name);
        let length = snapshot::write(&graph, &file.0).unwrap();
        assert_eq!(fs::metadata(&file.0).unwrap().len(), length);
        let back = snapshot::open(&file.0).unwrap();
        assert_eq!(all(&back), all(&graph));
        assert_eq!(back.damage(), None);
        assert!(snapshot::verify(&file.0).unwrap().iter().all(|section| section.is_sound));
        assert_eq!(bytes(&back), bytes(&graph), "a snapshot of a snapshot is the same file");
    }
}

#[test]
fn the_built_in_snapshot_is_that_of_its_folder() {
    let path = Path::new("graph-data/llm-evolution.begat");
    let now = bytes(&load::open("graph-data/llm-evolution").expect("no errors"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, &now).expect("the folder can be written to");
    }
    assert!(fs::read(path).unwrap() == now, "run `BLESS=1 cargo test --test snapshot`, and build again");
    assert!(bytes(&snapshot::builtin()) == now, "build again");
}

#[test]
fn an_old_snapshot_that_is_open_stays_good() {
    let file = Scratch::new("replaced");
    snapshot::write(&toy(), &file.0).unwrap();
    let old = snapshot::open(&file.0).unwrap();
    snapshot::write(&Graph::default(), &file.0).unwrap();
    assert_eq!(all(&old), all(&toy()));
    assert_eq!(snapshot::open(&file.0).unwrap().entity_count(), 0);
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let folder = std::env::temp_dir().join(format!("begat-{}-none", std::process::id()));
    let error = snapshot::write(&toy(), &folder.join("graph.begat")).unwrap_err();
    assert_eq!(error, SnapshotError::Io("there is no such file".to_string()));
    assert!(!folder.exists());
}

fn error(bytes: &[u8], name: &str) -> String {
    let file = Scratch::with(name, bytes);
    match Database::open(&file.0) {
        Err(Error::Data(problems)) => {
            let message = problems.0[0].message.clone();
            message.split_once(": ").map_or(message.clone(), |(_, reason)| reason.to_string())
        }
        Err(other) => format!("{other:?}"),
        Ok(_) => "opened".to_string(),
    }
}

#[test]
fn unusable_files_are_refused_with_the_reason() {
    let good = bytes(&toy());
    let changed = |at: usize, to: &[u8]| {
        let mut bytes = good.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        bytes
    };
    assert_eq!(error(&[], "nothing"), "it is not a snapshot");
    assert_eq!(error(b"(entities: {})", "ron"), "it is not a snapshot");
    assert_eq!(error(&good[..20], "header"), "it has 20 bytes of 64");
    assert_eq!(error(&good[..1000], "cut"), format!("it has 1000 bytes of {}", good.len()));
    assert_eq!(
        error(&[&good[..], b"more"].concat(), "long"),
        format!("it has {} bytes of {}", good.len() + 4, good.len())
    );
    assert_eq!(error(&changed(8, &999_u32.to_ne_bytes()), "flipped"), "its header is damaged");
    assert_eq!(
        error(&changed(12, &0x0403_0201_u32.to_ne_bytes()), "order"),
        "it was built on a machine of another byte order"
    );
    assert_eq!(error(&changed(70, &[0xff]), "table"), "its table of sections is damaged");
}

/// Looks at everything in a graph, and asks it a few queries. Whether none of that went wrong unsaid, if it should say
/// what `good` says.
fn survives(graph: &Graph, good: &Good) -> bool {
    for name in ["GPT-2", "mla", "nobody"] {
        graph.names().lookup(name);
    }
    graph.fact(FactId(0));
    graph.date_of(EntityId(u32::MAX));
    let (said, answers) = (all(graph), answers(Database::of(graph.clone())));
    graph.damage().is_some() || said == good.said && answers == good.answers
}

/// A sound graph, and what it says.
struct Good {
    bytes: Vec<u8>,
    said: String,
    answers: Vec<Option<usize>>,
}

impl Good {
    fn of(graph: &Graph) -> Good {
        let answers = answers(Database::of(graph.clone()));
        assert!(answers.iter().all(|rows| rows.is_some_and(|rows| rows > 0)));
        Good { bytes: bytes(graph), said: all(graph), answers }
    }

    /// Where the sections begin.
    fn end_of_table(&self) -> usize {
        64 + 32 * u64::from_ne_bytes(self.bytes[16..24].try_into().unwrap()) as usize
    }
}

/// The number of rows of a few queries; nothing for those that fail.
fn answers(database: Database) -> Vec<Option<usize>> {
    let queries =
        ["Model uses MLA", "Model m succeeds+ GPT-2", "Model m dated 2024 show m, m.date", "Org develops Model"];
    let options = Options::default();
    let rows = |text: &&str| {
        let prepared = database.prepare(text, &options).ok()?;
        Some(database.run(prepared.first()?, &options).ok()?.table.rows.len())
    };
    queries.iter().map(rows).collect()
}

/// Numbers that look random, the same in each run.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

#[test]
fn damage_is_never_read_as_data() {
    let (good, file) = (Good::of(&toy()), Scratch::new("damaged"));
    let mut seed = 7;
    let anywhere: Vec<usize> = (0..4000).map(|_| random(&mut seed) % good.bytes.len()).collect();
    for (i, at) in (0..good.end_of_table()).chain(anywhere).enumerate() {
        let mut bytes = good.bytes.clone();
        bytes[at] ^= 1 << (random(&mut seed) % 8);
        fs::write(&file.0, bytes).unwrap();
        let Ok(graph) = snapshot::open(&file.0) else { continue };
        // Bytes between two sections are nothing.
        let mut again = Vec::new();
        let is_whole = snapshot::write_to(&graph, &mut again).is_ok();
        assert!(!is_whole || again == good.bytes, "byte {at}");
        assert!(i % 40 > 0 || survives(&snapshot::open(&file.0).unwrap(), &good), "byte {at}");
    }
}

/// Models in a line, each with a date, so many that every column has several blocks.
fn long() -> Graph {
    let count = 9_000;
    let names: String = (0..count).map(|i| format!("{i},model {i},{},{i}\n", 1900 + i / 200)).collect();
    let links: String = (1..count).map(|i| format!("{i},{}\n", i - 1)).collect();
    let files = [("names.csv", format!("id,name,date,at\n{names}")), ("links.csv", format!("child,parent\n{links}"))];
    let open = |name: &str| -> std::io::Result<Box<dyn load::File>> {
        let found = files.iter().find(|file| file.0 == name).ok_or(std::io::ErrorKind::NotFound)?;
        Ok(Box::new(std::io::Cursor::new(found.1.clone())))
    };
    let part = r#"(
        schema: (
            types: {"Model": (properties: {"date": (type: Date, verb: "dated", single: true)})},
            verbs: {"succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by", lineage: true)},
        ),
        sources: {"s": ()},
        tables: [
            (file: "names.csv", source: "s", entity: "Model", name: "name", key: "id", properties: {"date": "date"},
                at: "{at}"),
            (file: "links.csv", source: "s", verb: "succeeds", subject: "child", object: "parent"),
        ],
    )"#;
    load::read_with(vec![Text::new("part.ron", part)], &open).0.expect("no errors")
}

#[test]
fn damage_is_found_where_it_is_read() {
    let graph = long();
    let (good, file) = (bytes(&graph), Scratch::new("blocks"));
    let query = |database: &Database, text: &str| {
        let options = Options::default();
        let prepared = database.prepare(text, &options).ok()?;
        let answer = database.run(prepared.first()?, &options).ok()?;
        Some((answer.table.rows.len(), database.graph().damage()))
    };
    let texts = [
        ("\"model 777\" succeeds Model", 1),
        ("Model succeeds \"model 8500\"", 1),
        ("\"model 7000\" succeeds+ Model", 7000),
        ("Model m dated 1930 show m, m.date", 200),
    ];
    let (mut seed, mut found, mut missed) = (5, 0, 0);
    for _ in 0..40 {
        let mut bytes = good.clone();
        let at = random(&mut seed) % bytes.len();
        bytes[at] ^= 1 << (random(&mut seed) % 8);
        fs::write(&file.0, bytes).unwrap();
        let Ok(graph) = snapshot::open(&file.0) else { continue };
        let database = Database::of(graph);
        for (text, rows) in texts {
            match query(&database, text) {
                Some(answer) => assert_eq!(answer, (rows, None), "byte {at}: {text}"),
                None => found += 1,
            }
        }
        missed += usize::from(database.graph().damage().is_none());
        assert!(snapshot::verify(&file.0).is_ok_and(|all| all.iter().any(|part| !part.is_sound)), "byte {at}");
    }
    // Some of the damage lies where these queries look, and some does not: then they are answered.
    assert!(found > 10 && missed > 3, "{found} {missed}");
}

#[test]
fn a_snapshot_that_was_cut_short_is_refused() {
    let good = bytes(&toy());
    for length in (0..good.len()).step_by(97) {
        assert!(snapshot::open(&Scratch::with("short", &good[..length]).0).is_err(), "{length} bytes");
    }
}

/// Writes right checksums over a damaged file, as an adversary would.
fn sign(bytes: &mut [u8]) {
    use xxhash_rust::xxh3::xxh3_64;
    let most = (bytes.len() - 64) / 32;
    let count = most.min(u64::from_ne_bytes(bytes[16..24].try_into().unwrap()) as usize);
    let number = |bytes: &[u8], at: usize| u64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    let range = |bytes: &[u8], entry: usize| {
        let start = number(bytes, entry + 8);
        start..start.saturating_add(number(bytes, entry + 16))
    };
    let entries: Vec<usize> = (0..count).map(|i| 64 + 32 * i).collect();
    let Some((last, others)) = entries.split_last() else { return };
    let mut next = range(bytes, *last).start;
    for entry in others {
        let width = u32::from_ne_bytes(bytes[entry + 4..entry + 8].try_into().unwrap()).max(1) as usize;
        let section = bytes.get(range(bytes, *entry)).unwrap_or(&[]);
        let sums: Vec<u8> = section.chunks(4096 * width).flat_map(|block| xxh3_64(block).to_ne_bytes()).collect();
        bytes[entry + 24..entry + 32].copy_from_slice(&xxh3_64(&sums).to_ne_bytes());
        let end = next.saturating_add(sums.len());
        if let Some(list) = bytes.get_mut(next..end) {
            list.copy_from_slice(&sums);
        }
        next = end;
    }
    let table = xxh3_64(&bytes[64..64 + 32 * count]);
    bytes[32..40].copy_from_slice(&table.to_ne_bytes());
    let header = xxh3_64(&bytes[..56]);
    bytes[56..64].copy_from_slice(&header.to_ne_bytes());
}

#[test]
fn hostile_numbers_lead_nowhere() {
    let (good, file) = (Good::of(&toy()), Scratch::new("hostile"));
    let (table, mut seed) = (good.end_of_table(), 11);
    let mut same = good.bytes.clone();
    sign(&mut same);
    assert!(same == good.bytes, "what is sound is signed already");
    for i in 0..3000 {
        let mut bytes = good.bytes.clone();
        // The table a third of the time, else the sections; small changes and large ones.
        let at = if i % 3 == 0 { 64 + random(&mut seed) % (table - 64) } else { random(&mut seed) % bytes.len() };
        bytes[at] = [0, 1, 0x7f, 0x80, 0xff, bytes[at].wrapping_add(1)][random(&mut seed) % 6];
        sign(&mut bytes);
        fs::write(&file.0, &bytes).unwrap();
        if let Ok(graph) = snapshot::open(&file.0) {
            _ = snapshot::write_to(&graph, &mut Vec::new());
            if i % 10 == 0 {
                // It may say something else, but it must come to an end.
                survives(&graph, &good);
            }
        }
    }
}

/// A column that is an element short, in a file whose checksums are right, does not fit the others.
#[test]
fn columns_that_do_not_fit_each_other_are_refused() {
    let good = Good::of(&toy());
    let (file, mut refused) = (Scratch::new("columns"), Vec::new());
    for entry in (64..good.end_of_table() - 32).step_by(32) {
        let mut bytes = good.bytes.clone();
        let number = |at: usize| u32::from_ne_bytes(good.bytes[at..at + 4].try_into().unwrap());
        let (tag, width) = (number(entry), u64::from(number(entry + 4)));
        let length = u64::from_ne_bytes(bytes[entry + 16..entry + 24].try_into().unwrap());
        if length < 2 * width {
            continue;
        }
        bytes[entry + 16..entry + 24].copy_from_slice(&(length - width).to_ne_bytes());
        sign(&mut bytes);
        fs::write(&file.0, &bytes).unwrap();
        refused.extend(snapshot::open(&file.0).is_err().then_some(tag));
    }
    refused.sort_unstable();
    refused.dedup();
    // Schema, names, folded names, facts and values with their dates, claims and what they say.
    assert_eq!(refused, [1, 2, 7, 9, 10, 11, 12, 15, 16, 17, 18, 19, 22]);
}
