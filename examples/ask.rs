use begat::*;
fn main() {
    let mut args = std::env::args().skip(1);
    let graph = args.next().unwrap();
    let db = if graph == "builtin" {
        Database::builtin()
    } else {
        match Database::open(std::path::Path::new(&graph)) {
            Ok(db) => db,
            Err(e) => {
                println!("{e:#?}");
                return;
            }
        }
    };
    for q in args {
        println!("== {q}");
        let o = Options::default();
        match db.prepare(&q, &o) {
            Err(Error::Query(t, d)) => {
                for d in d.iter() {
                    println!(
                        "  {}[{}] {} @ {:?} `{}` {:?} help {:?}",
                        if d.is_error() { "error" } else { "note" },
                        d.code.name(),
                        d.message,
                        d.span(),
                        d.span().of(&t.body),
                        d.labels.first().map(|l| l.message.clone()),
                        d.help
                            .iter()
                            .map(|h| (h.message.clone(), h.fix.clone().map(|f| f.replacement)))
                            .collect::<Vec<_>>()
                    )
                }
            }
            Err(e) => println!("{e:?}"),
            Ok(ps) => {
                for p in ps {
                    for n in &p.query.notes {
                        println!("  note: {}", n.message);
                    }
                    match db.run(&p, &o) {
                        Err(e) => println!("  {e:?}"),
                        Ok(a) => {
                            println!(
                                "  | {}",
                                a.table.columns.iter().map(|c| c.title.clone()).collect::<Vec<_>>().join(" | ")
                            );
                            for r in &a.table.rows {
                                println!(
                                    "  {} {}",
                                    if r.certain { " " } else { "?" },
                                    r.cells.iter().map(|c| cell(&db, c)).collect::<Vec<_>>().join(" | ")
                                );
                            }
                            if a.more_possible > 0 {
                                println!("  {} more possible", a.more_possible);
                            }
                            if std::env::var("VIEW").is_ok() {
                                println!("{:#?}", a.view);
                            }
                        }
                    }
                }
            }
        }
    }
}
fn cell(db: &Database, c: &answer::Cell) -> String {
    use answer::Cell::*;
    match c {
        Absent => "-".into(),
        Entity(e) => db.graph().name(*e).to_string(),
        Value(v) => v.to_string(),
        Path(p) => p.iter().map(|e| db.graph().name(*e)).collect::<Vec<_>>().join(" > "),
        List(l) => l
            .iter()
            .map(|(c, s)| format!("{}{}", cell(db, c), if *s { "" } else { "?" }))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
