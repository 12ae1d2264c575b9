//! What is said about a graph: its differences from another, its checks, its sources' texts, and the reports of the language.

use super::folder::Folder;
use begat::compare::{How, Kind, changes};
use begat::load;
use begat::text::Text;
use std::fs;

const SCHEMA: &str = r#"(schema: (
    types: {"Model": (properties: {"date": (type: Date, verb: "dated", single: true)}), "Org": ()},
    verbs: {"uses": (from: ["Model"], to: ["Model"]), "develops": (from: ["Org"], to: ["Model"])},
), sources: {"s": (title: "S", text: "s.txt"), "t": (title: "T")},"#;

const OLD: &str = r#"
    entities: {"Model": {"Ada": (), "Bob": (), "Cid": ()}, "Org": {"Acme": ()}},
    claims: [
        (source: "s", at: "L1", facts: ["Ada dated 2019", "Ada uses Bob", "Acme develops Bob"]),
        (source: "t", at: "L9", trust: inferred, facts: ["Bob uses Cid"]),
    ])"#;

const NEW: &str = r#"
    entities: {"Model": {"Ada": (), "Robert": (aliases: ["Bob"]), "Dan": ()}, "Org": {"Acme": ()}},
    claims: [
        (source: "s", at: "L1", facts: ["Ada dated 2020", "Ada uses Robert", "Acme develops Robert"]),
        (source: "t", at: "L9", facts: ["Ada uses Robert", "Robert uses Dan"]),
    ])"#;

fn folder(name: &str, body: &str) -> Folder {
    let folder = Folder::new(name);
    fs::write(folder.graph().join("g.ron"), format!("{SCHEMA}{body}")).expect("a file");
    fs::write(folder.graph().join("s.txt"), "Ada and Bob, 2019.\n\nNobody cites this.\n").expect("a file");
    folder
}

#[test]
fn what_changed_is_told_once() {
    let graph = |body: &str| {
        let body = format!("{SCHEMA}{body}").replace(", text: \"s.txt\"", "");
        load::read(vec![Text::new("g.ron", body)]).0.expect("a graph")
    };
    let (old, new) = (graph(OLD), graph(NEW));
    let found: Vec<String> = changes(&old, &new).iter().map(|change| change.words()).collect();
    let wanted = [
        "- Model Cid",
        "~ Model Bob: Model Bob → Model Robert (also Bob)",
        "+ Model Dan",
        "~ Ada dated: 2019 → 2020",
        "- Bob uses Cid [t L9 (inferred)]",
        "+ Robert uses Dan [t L9]",
        "+ Ada uses Robert: t L9",
    ];
    let sorted = |mut words: Vec<String>| {
        words.sort();
        words
    };
    assert_eq!(sorted(found), sorted(wanted.map(str::to_string).to_vec()));
    assert_eq!(changes(&old, &old), []);
    // Backwards, what was gained is lost.
    let back = changes(&new, &old);
    assert_eq!(back.iter().filter(|change| change.how == How::Lost && change.kind == Kind::Fact).count(), 1);
    assert!(back.iter().any(|change| change.how == How::Gained && change.what == "Model Cid"));
}

#[test]
fn the_command_ends_with_one_where_anything_changed() {
    let folder = folder("diff", OLD);
    let other = folder.graph().with_file_name("other.ron");
    fs::write(&other, format!("{SCHEMA}{NEW}").replace(", text: \"s.txt\"", "")).expect("a file");
    let (status, rows, told) = folder.run(&["diff", "g", "other.ron"]);
    assert_eq!((status, rows.lines().next()), (1, Some("change\tkind\twhat\twas\tnow")), "{told}");
    assert!(rows.contains("changed\tfact\tAda dated\t2019\t2020"), "{rows}");
    let (status, rows, _) = folder.run(&["diff", "g", "g", "-F", "tree"]);
    assert_eq!((status, rows.as_str()), (0, ""));
    fs::write(folder.graph().with_file_name("q.begat"), "Model m dated 2019; count Model").expect("a file");
    let (status, rows, _) = folder.run(&["diff", "g", "other.ron", "--query", "q.begat", "-F", "tree"]);
    assert_eq!((status, rows.as_str()), (1, "- query 1: Ada\n"));
    assert_eq!(folder.run(&["diff", "g", "nope"]).0, 5);
}

#[test]
fn a_graph_is_read_at_a_revision() {
    let folder = folder("git", OLD);
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b"]).args(arguments).current_dir(folder.graph());
        command.output().is_ok_and(|output| output.status.success())
    };
    if !git(&["init", "-q"]) {
        // Nothing to be tried where git is not there.
        return;
    }
    assert!(git(&["add", "."]) && git(&["commit", "-qm", "a"]));
    let add = ["add", "Bob dated 2021", "--source", "t"];
    assert_eq!(folder.run(&add).0, 0);
    // From the top, from here, and by a whole path, from wherever begat is run.
    let whole = format!("git:HEAD:{}", folder.graph().display());
    let elsewhere = std::env::temp_dir();
    let now = folder.graph().display().to_string();
    for (old, new, place) in [
        ("git:HEAD:", ".", folder.graph()),
        ("git:HEAD:.", ".", folder.graph()),
        ("git:HEAD:./", ".", folder.graph()),
        (whole.as_str(), now.as_str(), elsewhere),
    ] {
        let mut command = folder.begat(&["diff", old, new, "-F", "tree"]);
        let output = command.current_dir(place).env("GIT_CEILING_DIRECTORIES", "/").output().expect("begat runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "+ Bob dated 2021 [t]\n", "{old}");
    }
    for wrong in ["git:HEAD:nope", "git:nope:", "git:--help:x"] {
        let output = folder.begat(&["diff", wrong, "."]).current_dir(folder.graph()).output().expect("begat runs");
        assert_eq!(output.status.code(), Some(5), "{wrong}");
    }
}

#[test]
fn checks_of_the_graph_name_their_offenders() {
    let folder = folder("checks", OLD);
    let check = |checks: &str| {
        fs::write(folder.graph().join("checks.ron"), format!("(checks: {{{checks}}})")).expect("a file");
        let (status, _, told) = folder.run(&["check", "g"]);
        (status, told)
    };
    assert_eq!(check(r#""nobody uses Ada": "Model uses Ada", "some": (some: "Org develops Model")"#).0, 0);
    let (status, told) = check(r#""every Model of an Org is dated": "Org develops Model m where m.date is unknown""#);
    assert!(status == 1 && told.contains("every Model of an Org is dated: Acme, Bob"), "{told}");
    assert!(told.contains("checks.ron:1:11"), "{told}");
    let (status, told) = check(r#""somebody uses Ada": (some: "Model uses Ada")"#);
    assert!(status == 1 && told.contains("somebody uses Ada: nothing is found"), "{told}");
    let (status, told) = check(r#""wrong": "Model usse Ada""#);
    assert!(status == 1 && told.contains("checks.ron:1:27") && told.contains("did you mean `uses`?"), "{told}");
    assert!(check(r#""wrong": (none: "Model", some: "Model")"#).0 == 1);
    assert!(check(r#""wrong": 7"#).0 == 1);
}

#[test]
fn citations_are_looked_up_in_the_text() {
    let folder = folder("read", OLD);
    let (status, rows, told) = folder.run(&["read", "s"]);
    let wanted = "line\ttext\tfacts\n1\tAda and Bob, 2019.\tAcme develops Bob; Ada uses Bob; Ada dated 2019\n2\t\t\n3\tNobody cites this.\t\n";
    let sorted = |rows: &str| {
        let mut parts: Vec<String> = rows.split(['\n', '\t', ';']).map(|part| part.trim().to_string()).collect();
        parts.sort();
        parts
    };
    assert_eq!((status, sorted(&rows)), (0, sorted(wanted)), "{told}");
    assert!(told.contains("1 line cited, 1 not"), "{told}");
    let (_, rows, _) = folder.run(&["read", "s", "--uncited", "-F", "tree"]);
    assert_eq!(rows, "  3  Nobody cites this.\n");
    assert!(folder.run(&["read", "t"]).0 == 4 && folder.run(&["read", "nobody"]).0 == 2);
    let (_, _, told) = folder.run(&["why Ada uses Bob", "--lines"]);
    assert!(told.contains("s L1: Ada and Bob, 2019."), "{told}");
    // A citation that cannot be found is a warning.
    fs::write(folder.graph().join("s.txt"), "").expect("a file");
    let (status, _, told) = folder.run(&["check", "g"]);
    assert!(status == 0 && told.contains("`L1` is beyond the end of the source"), "{told}");
}

#[test]
fn claims_gaps_and_duplicates_are_asked() {
    let folder = folder("reports", OLD);
    let rows = |query: &str| {
        let (status, rows, told) = folder.run(&[query, "--no-header"]);
        assert_eq!(status, 0, "{query}: {told}");
        rows.lines().map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(rows("claims of Ada").len(), 2);
    assert_eq!(rows("claims of Bob").len(), 3, "at either end");
    assert_eq!(rows("claims by t"), ["Bob\tBob uses Cid\tt\tL9\tinferred\t\t\t"]);
    assert_eq!(rows("claims where trust = inferred"), rows("claims of Model by t"));
    assert_eq!(rows("claims of Org where trust = direct").len(), 1);
    let gaps = rows("gaps");
    assert_eq!(gaps.iter().filter(|row| row.contains("no date")).count(), 2, "{gaps:?}");
    assert!(gaps.contains(&"Bob\tonly inferred\tBob uses Cid\tt".to_string()), "{gaps:?}");
    assert!(gaps.contains(&"Ada\tone source only\tAda uses Bob\ts".to_string()), "{gaps:?}");
    assert_eq!(rows("gaps of Cid").len(), 2);
    assert_eq!(rows("sources"), ["s\tS\t\t\t\ts.txt\t1\t3", "t\tT\t\t\t\t\t1\t1"]);
    assert!(rows("duplicates").is_empty());
    for wrong in
        ["claims of Nobody", "claims by nobody", "claims where trust = sure", "gaps of no Model", "sources of Ada"]
    {
        assert_eq!(folder.run(&[wrong]).0, 3, "{wrong}");
    }
    // The words of the reports are no keywords: a verb may be called so.
    let body = OLD.replace("Ada uses Bob", "Ada claims Bob");
    let body = format!("{SCHEMA}{body}")
        .replace("\"uses\": (", "\"claims\": (from: [\"Model\"], to: [\"Model\"]), \"uses\": (");
    fs::write(folder.graph().join("g.ron"), body).expect("a file");
    assert_eq!(rows("Model claims Bob"), ["Ada"]);
}
