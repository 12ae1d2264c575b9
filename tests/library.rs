//! The library as a program uses it: typed rows, errors, proofs, JSON, graphs made in code, many threads.

use begat::{
    Code, Database, Date, Entity, Error, ErrorKind, Format, GraphBuilder, Options, Prepared, ProofKind, RenderOptions,
    Truth, Value, ValueType, Verb,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

type Done = Result<(), Box<dyn std::error::Error>>;

#[test]
fn a_program_reads_rows() -> Done {
    let database = Database::builtin();
    let answer = database.query("Model m uses MLA show m, m.date, m.parameters")?;
    let titles: Vec<&str> = answer.table().columns().map(|column| column.title).collect();
    assert_eq!(titles, ["m", "m.date", "m.parameters"]);
    let mut rows = Vec::new();
    for row in &answer {
        let (model, date, parameters): (&str, Date, Option<f64>) = row.try_into()?;
        assert_eq!(row.get::<&str>("m")?, model);
        assert_eq!(row.get::<Date>(1)?, date);
        rows.push((model, date.to_string(), parameters));
    }
    assert_eq!(rows[1], ("DeepSeek V3", "2024-12".to_string(), Some(671e9)));
    assert_eq!((answer.len(), answer.certain(), answer.more_possible()), (2, 2, 0));
    assert!(answer.rows().all(|row| row.is_certain() && row.len() == 3));
    Ok(())
}

#[test]
fn rows_of_entities_are_read_as_they_are_held() -> Done {
    let database = Database::builtin();
    let answer = database.query("Org develops Model")?;
    let pairs: Result<Vec<(Entity, String)>, Error> = answer.rows().map(|row| row.try_into()).collect();
    let pairs = pairs?;
    assert_eq!(pairs.len(), answer.len());
    assert!(pairs.iter().all(|(org, model)| org.type_name() == "Org" && !model.is_empty()));
    assert!(answer.table().row(answer.len()).is_none());
    let again: Vec<String> = answer.rows().map(|row| row.cells().map(|cell| cell.to_string()).collect()).collect();
    assert!(again.iter().zip(&pairs).all(|(words, (org, model))| *words == format!("{org}{model}")));
    Ok(())
}

#[test]
fn wrong_uses_are_told_in_sentences() -> Done {
    let answer = Database::builtin().query("Model m uses MLA show m, m.date")?;
    let row = answer.rows().next().expect("a row");
    let said = |error: Error| {
        assert_eq!((error.kind(), error.diagnostics().len()), (ErrorKind::Usage, 0));
        error.to_string()
    };
    assert_eq!(said(row.get::<&str>("n").unwrap_err()), "no column is `n`; the columns are `m`, `m.date`");
    assert_eq!(said(row.get::<f64>("m.date").unwrap_err()), "`m.date` holds a date, which is no number");
    assert_eq!(said(<(String,)>::try_from(row).unwrap_err()), "the row has 2 columns, not 1");
    let none = Database::builtin().query("").unwrap_err();
    assert!(matches!(none.kind(), ErrorKind::Usage | ErrorKind::Query), "{none}");
    assert!(said(Database::builtin().query("Model; Org").unwrap_err()).contains("holds 2"));
    let table = answer.render(Format::Parquet, &RenderOptions::new()).unwrap_err();
    assert_eq!(table.kind(), ErrorKind::Usage);
    Ok(())
}

#[test]
fn errors_are_errors() {
    fn is_error<E: std::error::Error + Send + Sync + 'static>() {}
    is_error::<Error>();
    is_error::<begat::DateError>();
    let error = Database::builtin().query("Model uses MLAA").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
    assert_eq!(error.to_string(), "no entity, alias or type is called `MLAA`");
    let [problem] = error.diagnostics() else { panic!("{error:?}") };
    assert_eq!(problem.code, Code::UnknownName);
    let fix = problem.help[0].fix.as_ref().expect("an edit");
    assert_eq!((fix.replacement.as_str(), fix.span.start, fix.span.end), ("MLA", 11, 15));
    assert!(error.render(false, 80).contains("1 | Model uses MLAA"));
    assert_eq!(Database::open("no/such/folder").unwrap_err().kind(), ErrorKind::File);
}

#[test]
fn a_prepared_query_is_of_its_graph() -> Done {
    let (one, other) = (Database::builtin(), Database::builtin());
    let prepared: Prepared = one.prepare("Model uses MLA", &Options::new())?.remove(0);
    assert_eq!(prepared.run(&Options::new())?.len(), 2);
    // The same bytes are another graph all the same: only numbers of one graph mean anything in it.
    let refused = other.run(&prepared, &Options::new()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage);
    assert!(other.subgraph(&prepared, &Options::new()).is_err());
    let mut defined = one.clone();
    defined.define("define Model m likes Technique t as m uses t")?;
    assert_eq!(defined.run(&prepared, &Options::new())?.table.rows.len(), 2, "definitions change no graph");
    assert_eq!(defined.query("Model likes MLA")?.len(), 2);
    Ok(())
}

#[test]
fn parameters_are_values() -> Done {
    let database = Database::builtin();
    let ask = |value: Value| database.query_with("Model uses $t", &Options::new().param("t", value));
    assert_eq!(ask("MLA".into())?.len(), 2);
    let hostile = ask("MLA or Model uses MoE".into()).unwrap_err();
    assert_eq!(hostile.kind(), ErrorKind::Query);
    let dated = Options::new().param("d", Date::parse("2024")?).param("n", 1_i64);
    assert!(!database.query_with("Model dated before $d", &dated)?.is_empty());
    let unbound = database.query("Model uses $t").unwrap_err();
    assert_eq!(unbound.diagnostics()[0].advice, [begat::Advice::BindParameter("t".to_string())]);
    Ok(())
}

#[test]
fn a_fact_of_an_entity_with_itself_is_listed_once() {
    let text = r#"(schema: (types: {"M": ()}, verbs: {"likes": (from: ["M"], to: ["M"])}), sources: {"s": ()},
        entities: {"M": {"Ada": (), "Bob": ()}}, claims: [(source: "s", facts: ["Ada likes Ada and Bob", "Bob likes Ada"])])"#;
    let database = Database::from_texts(&[("graph.ron", text)]).expect("the graph is sound");
    let ada = database.entity("Ada").expect("an entity");
    let facts: Vec<String> = ada.facts().map(|fact| fact.to_string()).collect();
    assert_eq!(facts, ["Ada likes Ada", "Ada likes Bob", "Bob likes Ada"]);
}

#[test]
fn verdicts_proofs_and_subgraphs() -> Done {
    let database = Database::builtin();
    assert_eq!(database.query("DeepSeek V3 uses MLA")?.verdict(), Some(Truth::Yes));
    let answer = database.query("DeepSeek R1 based on / uses Technique")?;
    let row = answer.rows().next().expect("a row");
    let proof = answer.why(&row)?.expect("a proof");
    assert_eq!(proof.kind, ProofKind::All);
    assert!(proof.certain && proof.because.len() == 1 && proof.because[0].kind == ProofKind::Path, "{proof}");
    let steps = &proof.because[0].because;
    assert_eq!(steps.len(), 2, "{proof}");
    assert!(steps.iter().all(|step| step.kind == ProofKind::Fact && step.claims[0].source == "goose"));
    assert!(proof.to_string().contains("[goose L"), "{proof}");
    let part = answer.subgraph()?;
    assert!(part.facts().len() >= 2 && part.entities().len() >= 3);
    assert!(part.facts().any(|fact| fact.to_string() == "DeepSeek R1 based on DeepSeek V3"));
    assert!(part.render(Format::Dot, &RenderOptions::new())?.starts_with("digraph"));
    let why = database.query("why DeepSeek V3 uses MLA")?;
    assert_eq!(why.proofs().len(), 1);
    assert!(database.query("schema")?.why(&row)?.is_none());
    Ok(())
}

#[test]
fn entities_lead_on() -> Done {
    let database = Database::builtin();
    let entity = database.entity("DeepSeek V3").expect("a model");
    assert_eq!((entity.name(), entity.type_name(), entity.date()), ("DeepSeek V3", "Model", Date::parse("2024-12")?));
    assert_eq!(entity.value("parameters"), Some(Value::Number(671e9)));
    assert_eq!(entity.value("colour"), None);
    let facts: Vec<String> = entity.facts().map(|fact| fact.to_string()).collect();
    assert!(facts.contains(&"DeepSeek V3 uses MLA".to_string()) && facts.len() > 4, "{facts:?}");
    assert!(facts.contains(&"DeepSeek V3 dated 2024-12".to_string()), "{facts:?}");
    assert_eq!(database.entities().count(), database.whole().entities().len());
    Ok(())
}

#[test]
fn pictures_and_formats_have_one_entry() -> Done {
    let answer = Database::builtin().query("lineage of DeepSeek R1")?;
    let plain = RenderOptions::new();
    assert!(answer.render(Format::Svg, &plain.clone().title("A family"))?.contains("A family"));
    assert!(answer.render(Format::Html, &plain)?.starts_with("<!"));
    assert!(answer.render(Format::Tree, &plain.clone().ascii(true))?.is_ascii());
    assert!(answer.render(Format::Svg, &plain.clone().focus("Nobody")).is_err());
    assert_eq!(answer.to_string(), answer.render(Format::Table, &plain)?);
    Ok(())
}

/// What `ask` gives is what the command writes, for whatever the built-in pages ask.
#[cfg(feature = "cli")]
#[test]
fn ask_gives_the_bytes_of_the_command() {
    let database = Database::builtin();
    let texts = [
        "Model uses MLA",
        "DeepSeek V3 uses MLA",
        "count Model",
        "Model m uses Technique t show t, count(m), list(m) by t order by count(m) desc, t limit 3",
        "path DeepSeek R1 (succeeds | based on)+ DeepSeek V2",
        "why DeepSeek V3 uses MLA",
        "graph Org develops Model that uses MLA",
        "adoption of Technique by year",
        "lineage of DeepSeek R1",
        "Model possibly dated before 2024",
        "Model m show m, m.date, m.parameters order by m.parameters desc limit 4",
        "explain Model uses MLA",
        "count Model; count Org",
    ];
    for text in texts {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_begat"));
        let command = command.args([text, "-F", "json"]).env_remove("BEGAT_GRAPH").output().expect("the command runs");
        let expected = String::from_utf8(command.stdout).expect("UTF-8");
        assert!(!expected.is_empty(), "{text}");
        let told = !command.stderr.is_empty() && String::from_utf8_lossy(&command.stderr).contains('[');
        let found = database.ask(text, &Options::new());
        match told {
            false => assert_eq!(found, expected, "{text}"),
            // With a note the answer is written anew, on one line.
            true => {
                let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("an object");
                let mut members = parsed(&found);
                let notes = members.as_object_mut().and_then(|members| members.remove("diagnostics"));
                assert!(notes.is_some_and(|notes| notes.is_array()), "{text}\n{found}");
                assert_eq!(members, parsed(&expected), "{text}");
            }
        }
    }
}

#[test]
fn ask_tells_errors_notes_and_proofs() {
    let database = Database::builtin();
    let json = |text: &str, options: &Options| -> serde_json::Value {
        serde_json::from_str(&database.ask(text, options)).expect("one object")
    };
    let wrong = json("Model uses MLAA", &Options::new());
    assert_eq!(wrong["error"], "query");
    assert_eq!(wrong["diagnostics"][0]["help"][0]["fix"]["replacement"], "MLA");
    let proofs = json("Model uses MLA", &Options::new().proofs(true));
    assert_eq!(proofs["rows"][1]["because"]["sentence"], "DeepSeek V3 uses MLA");
    assert_eq!(proofs["rows"][1]["because"]["because"][0]["claims"][0]["source"], "goose");
    let over = json("Model a, cross Model b, cross Model c, cross Model d", &Options::new().max_rows(10));
    assert_eq!((&over["error"], &over["diagnostics"][0]["code"]), (&"limit".into(), &"limit".into()));
    let later = database.ask("count Model; Model uses MLAA", &Options::new());
    assert_eq!(later.lines().count(), 1, "a text is checked before any of it is run");
    let why = json("why DeepSeek V3 uses MLA", &Options::new().proofs(true));
    assert_eq!(why["proofs"][0]["sentence"], "DeepSeek V3 uses MLA");
}

#[test]
fn completion_needs_no_front_end() {
    let database = Database::builtin();
    let words = |text: &str, cursor: usize| -> Vec<String> {
        database.complete(text, cursor).candidates.into_iter().map(|candidate| candidate.replacement).collect()
    };
    assert!(words("Model uses ", 11).contains(&"MLA".to_string()));
    assert_eq!(words("Model uses ML and dated 2024", 13), ["MLA"]);
    assert_eq!(words("é", 1), words("", 0), "a cursor inside of a character stands before it");
    assert!(!words("Model", usize::MAX).is_empty());
}

fn people() -> GraphBuilder {
    let mut graph = GraphBuilder::new();
    graph.entity_type("Person").property_with_verb("Person", "born", ValueType::Date, "born");
    graph.property("Person", "papers", ValueType::Number);
    graph.subtype("Professor", "Person");
    graph.verb(Verb::new("taught by", "Person", "Professor").inverse("taught").lineage().acyclic());
    graph.source("mgp", "Mathematics Genealogy Project");
    graph
        .entity("Professor", "Euler")
        .alias("Leonhard Euler")
        .entity("Professor", "Bernoulli")
        .entity("Person", "Krafft");
    graph.claim("mgp", "id 38586").fact("Euler", "taught by", "Bernoulli").fact(
        "Krafft",
        "taught by",
        "Leonhard Euler",
    );
    graph.value("Euler", "born", Date::year(1707).expect("a year")).value("Euler", "papers", 866_i64);
    graph
}

#[test]
fn a_graph_is_built_in_code() -> Done {
    let database = people().build()?;
    let answer = database.query("Krafft taught by+ Person p show p, p.born, p.papers")?;
    type Person = (String, Option<Date>, Option<i64>);
    let rows: Result<Vec<Person>, Error> = answer.rows().map(TryInto::try_into).collect();
    let euler = ("Euler".to_string(), Date::year(1707), Some(866));
    assert_eq!(rows?, [("Bernoulli".to_string(), None, None), euler]);
    let why = answer.why(&answer.rows().last().expect("a row"))?.expect("a proof");
    assert_eq!(why.because[0].because[0].claims[0].at, "id 38586", "{why}");
    assert_eq!(database.query("Person born before 1750")?.len(), 1);
    assert_eq!(database.query("lineage of Krafft")?.len(), 2, "the ancestors");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("people.begat");
    database.save(&file)?;
    assert_eq!(Database::open(&file)?.query("Professor")?.len(), 2);
    Ok(())
}

#[test]
fn mistakes_of_a_builder_are_told() {
    let wrong = |change: &dyn Fn(&mut GraphBuilder)| {
        let mut graph = people();
        change(&mut graph);
        let error = graph.build().expect_err("a mistake");
        assert_eq!(error.kind(), ErrorKind::Data);
        error.to_string()
    };
    type Case<'a> = (&'a dyn Fn(&mut GraphBuilder), &'a str);
    let cases: [Case; 9] = [
        (&|graph| _ = graph.fact("Eulr", "taught by", "Bernoulli"), "no entity is called `Eulr`"),
        (&|graph| _ = graph.fact("Euler", "taught", "Krafft"), "no verb is called `taught`"),
        (&|graph| _ = graph.fact("Euler", "taught by", "Krafft"), "`Krafft` is no Professor"),
        (&|graph| _ = graph.value("Euler", "born", "1707"), "`born` holds a Date, and `1707` is none"),
        (&|graph| _ = graph.value("Euler", "papers", f64::NAN), "`papers` holds a Number, and `unknown` is none"),
        (&|graph| _ = graph.entity("Persn", "Gauss"), "no type is called `Persn`"),
        (&|graph| _ = graph.entity("Professor", "Euler"), "two entities of type `Professor` are called `Euler`"),
        (&|graph| _ = graph.claim("nobody", ""), "no source is called `nobody`"),
        (&|graph| _ = graph.verb(Verb::new("cites", "Paper", "Paper")), "no type is called `Paper`"),
    ];
    for (change, expected) in cases {
        let found = wrong(change);
        assert!(found.contains(expected), "{found}");
    }
    let circle = wrong(&|graph| _ = graph.fact("Bernoulli", "taught by", "Euler"));
    assert!(circle.contains("taught by"), "{circle}");
}

#[test]
fn a_graph_is_loaded_from_memory() -> Done {
    let graph = r#"(
        schema: (types: {"City": (properties: {"people": (type: Number)})}),
        sources: {"mine": (title: "My own table")},
        tables: [(file: "cities.csv", entity: "City", name: "name", properties: {"people": "people"}, source: "mine")],
    )"#;
    let database = Database::from_texts(&[("graph.ron", graph), ("cities.csv", "name,people\nUlm,128928\n")])?;
    let answer = database.query("City c show c.people")?;
    assert_eq!(answer.rows().next().expect("a row").get::<u64>(0)?, 128_928);
    let missing = Database::from_texts(&[("graph.ron", graph)]).unwrap_err();
    assert!(missing.to_string().contains("cannot read `cities.csv`"), "{missing}");
    Ok(())
}

/// One graph, asked from many threads at once: every answer is that of a single thread.
#[test]
fn many_threads_ask_one_database() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Database>();
    is_shared::<Prepared>();
    is_shared::<begat::Answer>();
    let database = Database::builtin();
    let texts = [
        "Model uses MLA",
        "Org develops Model that uses GQA",
        "DeepSeek R1 (succeeds | based on)+ Model",
        "Model m uses Technique t show t, count(m) by t",
        "Model possibly dated before 2024",
        "define Model m shares Technique t as m uses t; Model shares MLA",
        "why DeepSeek V3 uses MLA",
        "Model uses NOTHING",
    ];
    let options = Options::new().proofs(true);
    let expected: Vec<String> = texts.iter().map(|text| database.ask(text, &options)).collect();
    std::thread::scope(|scope| {
        for thread in 0..32 {
            let (database, expected, options) = (&database, &expected, &options);
            scope.spawn(move || {
                for round in 0..24 {
                    let i = (thread * 7 + round) % texts.len();
                    assert_eq!(database.ask(texts[i], options), expected[i], "{}", texts[i]);
                }
            });
        }
    });
}

#[test]
fn a_query_is_stopped_from_another_thread_and_by_limits() {
    let database = Database::builtin();
    let endless = "Model a, cross Model b, cross Model c, cross Model d, cross Model e, cross Model f, cross Model g";
    let flag = Arc::new(AtomicBool::new(false));
    let setter = flag.clone();
    let begun = Instant::now();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(30));
        setter.store(true, Ordering::Relaxed);
    });
    let stopped = database.query_with(endless, &Options::new().cancel(flag)).unwrap_err();
    stopper.join().expect("the thread ends");
    assert_eq!(stopped.kind(), ErrorKind::Interrupted);
    let late = database.query_with(endless, &Options::new().timeout(Duration::from_millis(20))).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Limit);
    assert_eq!(late.diagnostics()[0].advice, [begat::Advice::RaiseLimit(begat::Resource::Time)]);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[cfg(feature = "serde")]
#[test]
fn values_are_what_serde_and_the_command_have() -> Done {
    let database = Database::builtin();
    for text in
        ["Model m uses Technique t show t, list(m), first(m) by t", "DeepSeek V3 uses MLA", "Model m show m, m.date"]
    {
        let answer = database.query(text)?;
        let expected: serde_json::Value = serde_json::from_str(&answer.render(Format::Json, &RenderOptions::new())?)?;
        assert_eq!(serde_json::to_value(&answer)?, expected, "{text}");
        let rows: Vec<serde_json::Value> = answer.rows().map(|row| serde_json::to_value(row).expect("JSON")).collect();
        assert_eq!(serde_json::Value::from(rows), expected["rows"]);
    }
    let date = serde_json::to_value(Date::parse("2024~")?)?;
    assert_eq!(date, serde_json::json!({ "edtf": "2024~", "earliest": "2024-01-01", "latest": "2024-12-31" }));
    assert!(matches!(
        database.query("count Model")?.rows().next().and_then(|row| row.cell(0)),
        Some(begat::Cell::Value(_))
    ));
    Ok(())
}

/// Advice is data, which each front end words: no text of the library names an option or a command of the shell.
#[test]
fn no_message_of_the_library_names_a_flag() {
    let mut guilty = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match path.is_dir() {
                // What these do is done for the command alone.
                true if !["cli", "edit", "import"].contains(&name.as_str()) => folders.push(path),
                false if name.ends_with(".rs") && name != "tests.rs" => guilty.extend(flags(&path)),
                _ => {}
            }
        }
    }
    assert!(guilty.is_empty(), "{}", guilty.join("\n"));
}

/// What names a command all the same. It must shrink: it is to become an `Advice`.
const SAID_ALL_THE_SAME: &[&str] =
    &["write them with `begat export -o FOLDER.neo4j`", "a table is no graph; `begat new FILE"];

fn flags(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a source file");
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//") && line.contains('"'));
    let is_command = |line: &&str| {
        let is_session = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase());
        ["`begat ", "`--", "`-p "].iter().any(|mark| line.contains(mark)) || line.split("`:").skip(1).any(is_session)
    };
    let is_excepted = |line: &&str| SAID_ALL_THE_SAME.iter().any(|words| line.contains(words));
    lines
        .filter(is_command)
        .filter(|line| !is_excepted(line))
        .map(|line| format!("{}: {}", path.display(), line.trim()))
        .collect()
}
