//! What comes to a terminal: whatever the data hold, nothing that a terminal would obey, and nothing that it would hide.
#![cfg(all(unix, feature = "cli"))]

#[path = "support/screen.rs"]
#[allow(dead_code, reason = "the tests of the session use all of it")]
mod screen;

use begat::render::{FORMATS, steers};
use screen::{Home, Screen, write};

/// Names that would set a title, paint, hide, turn or move.
const HOSTILE: &[&str] = &[
    "Ax\u{1b}]0;pwned\u{7}",
    "Bx\u{202e}B",
    "Cx\u{200b}W",
    "Dx\u{9b}31mD",
    "Ex\ttab",
    "Fx\u{1b}[31mred",
    "Gx\u{2066}R",
    "Hx\u{e0041}",
    "Ix\u{1b}[8mhid",
    "Jx\rcr",
    "Kx\u{7f}l",
    "Lx\u{feff}\u{2060}\u{61c}\u{ad}\nM",
];

const QUERIES: &[&str] = &[
    "Model m uses Technique t show m, m.date, t, m.size",
    "Model m uses Technique t show first(m), list(t), count(m) by t",
    "graph Model m uses Technique t",
    "adoption of Technique by year",
    "adoption of \"Technique \u{41}x\" by year",
    "lineage of Model",
    "timeline of Model",
    "matrix of Model uses Technique",
    "describe Model",
    "describe \"Model Ax\"",
    "conflicts",
    "schema",
    "why Model uses Technique",
    "why not Model m uses Technique that uses Technique",
    "diff Model dated before 2006 and Model",
    "path Model succeeds+ Model",
    "explain Model m uses Technique t where m.date > 2003",
    "profile Model m uses Technique t where m.size > 3",
    "count Model",
];

/// A text in RON, all of it escaped that is not a letter or a digit.
fn quoted(text: &str) -> String {
    let each = text.chars().map(|c| match c.is_ascii_alphanumeric() || " []".contains(c) {
        true => c.to_string(),
        false => c.escape_unicode().to_string(),
    });
    format!("\"{}\"", each.collect::<String>())
}

fn graph() -> String {
    let model = |i: usize| format!("Model {}", HOSTILE[i]);
    let technique = |i: usize| format!("Technique {}", HOSTILE[i % HOSTILE.len()]);
    let sentence = |subject: &str, verb: &str, object: &str| {
        let fact = format!("{} {verb} {}", quoted(subject), quoted(object));
        format!("{:?}", fact)
    };
    let mut facts = Vec::new();
    for i in 0..HOSTILE.len() {
        facts.push(sentence(&model(i), "uses", &technique(0)));
        if i + 1 < HOSTILE.len() {
            facts.push(sentence(&model(i), "uses", &technique(i + 1)));
        }
        if i > 0 {
            facts.push(sentence(&model(i), "succeeds", &model(i - 1)));
        }
    }
    let models: Vec<String> = (0..HOSTILE.len())
        .map(|i| format!("{}: (date: \"{}\", size: \"{i}B\")", quoted(&model(i)), 2000 + i))
        .collect();
    let techniques: Vec<String> = (0..HOSTILE.len()).map(|i| format!("{}: ()", quoted(&technique(i)))).collect();
    format!(
        r#"(
    schema: (
        types: {{
            "Model": (properties: {{ "date": (type: Date, verb: "dated", single: true), "size": (type: Number, verb: "totals") }}),
            "Technique": (),
        }},
        verbs: {{
            "uses": (from: ["Model"], to: ["Technique"], inverse: "used by", adoption: true),
            "succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by", lineage: true),
        }},
    ),
    sources: {{ "s\u{{1b}}[1m": (title: "T\u{{1b}}]0;x\u{{7}}") }},
    entities: {{ "Model": {{ {} }}, "Technique": {{ {} }} }},
    claims: [(source: "s\u{{1b}}[1m", at: "L\u{{202e}}\u{{9b}}1", quote: "\u{{1b}}[2J", facts: [{}])],
)"#,
        models.join(", "),
        techniques.join(", "),
        facts.join(", ")
    )
}

/// The text without the turning sign that a slow machine sees: it returns to the start of its line.
fn without_sign_of_life(text: &str) -> String {
    let is_sign = |part: &str| {
        part.starts_with(|c| ('\u{2800}'..='\u{28ff}').contains(&c)) || (part.len() > 1 && part.trim().is_empty())
    };
    let mut parts = text.split('\r');
    let mut whole = parts.next().unwrap_or_default().to_string();
    let mut after_sign = false;
    for part in parts {
        let sign = is_sign(part);
        if !sign {
            whole.push_str(if after_sign { "" } else { "\r" });
            whole.push_str(part);
        }
        after_sign = sign;
    }
    whole
}

/// What came out is text, line breaks and colours, and the colours are begat's own.
fn assert_harmless(bytes: &[u8], what: &str) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    // The terminal itself puts a return before each line feed.
    let text = without_sign_of_life(&text.replace("\r\n", "\n"));
    let mut rest = text.as_str();
    while let Some(at) = rest.find(|c| steers(c) && c != '\n' && c != '\t') {
        let escape = &rest[at..];
        let end = escape.strip_prefix("\x1b[").and_then(|inner| inner.find(|c: char| !c.is_ascii_digit() && c != ';'));
        let is_color = end.is_some_and(|end| escape[2 + end..].starts_with('m') && !escape[2..2 + end].contains('8'));
        assert!(is_color, "{what}: {:?}", escape.chars().take(40).collect::<String>());
        rest = &escape[end.unwrap_or(0) + 3..];
        assert!(!rest.starts_with("red") && !rest.starts_with("hid"), "{what}: a colour of the data");
    }
}

fn shown(home: &Home, arguments: &[&str]) -> Vec<u8> {
    Screen::run(home, (40, 100), arguments, &[]).bytes_at_end()
}

#[test]
fn no_view_in_no_format_lets_a_control_character_out() {
    let home = Home::new("hostile");
    write(&home.file("g.ron"), &graph());
    let bytes = shown(&home, &["check", "g.ron"]);
    assert!(String::from_utf8_lossy(&bytes).contains("nothing wrong"), "{}", String::from_utf8_lossy(&bytes));
    let mut all: Vec<(Option<&str>, Vec<&str>)> = vec![(None, QUERIES.to_vec())];
    for info in FORMATS {
        match info.format.is_graph() {
            // What has no graph ends the run.
            true => all.extend(QUERIES.iter().map(|query| (Some(info.name), vec![*query]))),
            false => all.push((Some(info.name), QUERIES.to_vec())),
        }
    }
    std::thread::scope(|scope| {
        for part in all.chunks(all.len().div_ceil(4)) {
            let home = &home;
            scope.spawn(move || {
                for (format, queries) in part {
                    let mut arguments = vec!["-g", "g.ron", "--no-pager", "--possibly"];
                    arguments.extend(format.iter().flat_map(|format| ["-F", format]));
                    arguments.extend(queries);
                    let bytes = shown(home, &arguments);
                    assert_harmless(&bytes, &format!("{queries:?} as {format:?}"));
                    let text = String::from_utf8_lossy(&bytes);
                    let is_answer = bytes.len() > 20 || text.trim() == "no rows";
                    assert!(is_answer, "{queries:?} as {format:?}: {text}");
                }
            });
        }
    });
}

#[test]
fn nor_do_errors_and_the_names_of_files() {
    let home = Home::new("names");
    write(&home.file("g.ron"), &graph());
    write(&home.file("bad\u{1b}]0;x\u{7}\u{202e}.ron"), "(sources: 1)");
    write(&home.file("q\u{1b}[31mred.begat"), "Model uses \u{9b}31m\u{202e} (\u{1b}[31mred");
    let cases: &[&[&str]] = &[
        &["-g", "no\u{1b}]0;x\u{7}", "Model"],
        &["-g", "bad\u{1b}]0;x\u{7}\u{202e}.ron", "Model"],
        &["check", "bad\u{1b}]0;x\u{7}\u{202e}.ron"],
        &["-f", "no\u{1b}[31mred"],
        &["-f", "q\u{1b}[31mred.begat"],
        &["Model", "-o", "no\u{1b}[31mred/x.tsv"],
        &["Model", "-o", "x\u{202e}\u{1b}[31mred.tsv"],
        &["Model uses \"\u{1b}[31mred\u{202e}\""],
        &["Model uses \u{1b}[31mred"],
        &["--fo\u{1b}[31mred"],
        &["-F", "\u{1b}[31mred\u{9b}", "Model"],
        &["Model", "--focus", "\u{1b}[31mred\u{9b}", "-F", "svg"],
        &["explain", "\u{1b}[31mred"],
        &["fmt", "q\u{1b}[31mred.begat"],
        &["-g", "g.ron", "Model uses \"Technique Ax\"", "--diagnostics", "json"],
        &["-g", "no\u{202e}\u{9b}", "Model", "--diagnostics", "json"],
        &["-g", "g.ron", "-p", "x=\u{1b}[31mred", "Model uses $x"],
        &["-g", "g.ron", "export", "-F", "ron"],
        &["-g", "g.ron", "stats"],
        &["\u{1b}[31mred", "Model"],
    ];
    for arguments in cases {
        assert_harmless(&shown(&home, arguments), &format!("{arguments:?}"));
    }
}

/// What the session offers and keeps goes the same way.
#[test]
fn nor_does_the_session() {
    let home = Home::new("offers");
    write(&home.file("g.ron"), &graph());
    let session = Screen::run(&home, (40, 100), &["-g", "g.ron"], &[]);
    session.wait_for("begat> ");
    session.type_("Model m uses Tech\t\t");
    session.wait_for("Technique Dx");
    session.type_("\x15Model uses \"Technique A\t");
    session.wait_for("pwned");
    session.enter("");
    session.enter(":history");
    session.type_("Model uses \"Tech");
    session.wait_for("nique");
    let text = String::from_utf8(session.bytes()).expect("UTF-8");
    assert!(!text.contains("\x1b]0;") && !text.contains("\x1b[31mred") && !text.contains("\x1b[8m"), "{text:?}");
    assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{9b}', '\u{e0041}', '\u{7f}']), "{text:?}");
}

/// A file has what the data have, as far as its format can hold it.
#[test]
fn files_are_faithful() {
    let home = Home::new("faithful");
    write(&home.file("g.ron"), &graph());
    let text = |name: &str| std::fs::read_to_string(home.file(name)).expect("written");
    for name in ["a.json", "a.csv", "a.graphml", "a.svg"] {
        let query = if name == "a.svg" || name == "a.graphml" { "graph Model succeeds Model" } else { "Model" };
        shown(&home, &["-g", "g.ron", query, "-o", name]);
    }
    let json: serde_json::Value = serde_json::from_str(&text("a.json")).expect("JSON");
    let names: Vec<String> = HOSTILE.iter().map(|name| format!("Model {name}")).collect();
    let rows = json["rows"].as_array().expect("rows").iter().map(|row| row["Model"].as_str().expect("a name"));
    assert_eq!(rows.collect::<Vec<_>>(), names);
    assert!(!text("a.json").contains(['\u{202e}', '\u{9b}']));
    let csv = text("a.csv");
    assert!(names.iter().filter(|name| !name.contains('\r')).all(|name| csv.contains(name.as_str())), "{csv:?}");
    let graphml = text("a.graphml");
    assert!(graphml.contains("Ex&#9;tab") && graphml.contains("Bx&#8238;B") && !graphml.contains('\u{1b}'));
    let svg = text("a.svg");
    assert!(
        svg.contains("Ex&#9;tab") && svg.contains("Bx\\u{202e}B") && !svg.contains(['\u{202e}', '\u{9b}', '\u{1b}'])
    );
}
