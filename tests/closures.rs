//! Closures from every entity of a graph with knots give what plain searches over the same links give, however they are
//! searched.

use begat::answer::Cell;
use begat::text::Text;
use begat::value::Value;
use begat::{Database, Limits, Options, load};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::io::Cursor;

/// Enough that searching from one after the other is given up for searching from many at once.
const MODELS: usize = 400;

/// Who follows whom: a tree, with ways back that close knots of many sizes.
fn links() -> BTreeSet<(usize, usize)> {
    let tree = (1..MODELS).map(|i| (i, i * 7 / 11));
    let back = (0..MODELS).filter(|i| i % 29 == 3).map(|i| (i * 7 / 11, (i * 3 + 1) % MODELS));
    let own = (0..MODELS).filter(|i| i % 97 == 5).map(|i| (i, i));
    tree.chain(back).chain(own).filter(|(a, _)| a % 50 != 49).collect()
}

fn database() -> Database {
    let schema = r#"(
        schema: (
            types: {"Model": ()},
            verbs: {"follows": (from: ["Model"], to: ["Model"], inverse: "followed by")},
        ),
        sources: {"s": ()},
        tables: [
            (file: "models.csv", source: "s", entity: "Model", name: "name"),
            (file: "follows.csv", source: "s", verb: "follows", subject: "from", object: "to"),
        ],
    )"#;
    let (mut models, mut follows) = ("name\n".to_string(), "from,to\n".to_string());
    (0..MODELS).for_each(|i| _ = writeln!(models, "m{i:03}"));
    links().iter().for_each(|(a, b)| _ = writeln!(follows, "m{a:03},m{b:03}"));
    let files = move |name: &str| -> std::io::Result<Box<dyn load::File>> {
        let text = if name == "models.csv" { models.clone() } else { follows.clone() };
        Ok(Box::new(Cursor::new(text)))
    };
    let (graph, problems) = load::read_with(vec![Text::new("graph.ron", schema)], &files);
    assert_eq!(problems.0, []);
    Database::of(graph.expect("the graph is sound"))
}

/// By model: what it reaches with one step or more, along `next`.
fn reached(next: &[Vec<usize>]) -> Vec<BTreeSet<usize>> {
    let search = |from: usize| {
        let (mut found, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(model) = open.pop() {
            for other in &next[model] {
                if found.insert(*other) {
                    open.push(*other);
                }
            }
        }
        found
    };
    (0..next.len()).map(search).collect()
}

/// The rows of a query as numbers, entities by their place.
fn rows(database: &Database, text: &str, disabled: &[&str]) -> Vec<Vec<usize>> {
    let disabled_rewrites = disabled.iter().map(ToString::to_string).collect();
    let options = Options { disabled_rewrites, ..Options::default() };
    let prepared = database.prepare(text, &options).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let answer = database.run(&prepared[0], &options).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let number = |cell: &Cell| match cell {
        Cell::Entity(entity) => entity.0 as usize,
        Cell::Value(Value::Number(number)) => *number as usize,
        other => panic!("{other:?} is no cell of these queries"),
    };
    answer.table.rows.iter().map(|row| row.cells.iter().map(number).collect()).collect()
}

fn numbers(reached: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let all = reached.iter().enumerate().map(|(i, found)| vec![i, found.len()]);
    all.filter(|row| row[1] > 0).collect()
}

#[test]
fn closures_are_those_of_plain_searches() {
    let database = database();
    let (mut ahead, mut back) = (vec![Vec::new(); MODELS], vec![Vec::new(); MODELS]);
    for (a, b) in links() {
        ahead[a].push(b);
        back[b].push(a);
    }
    let both: Vec<Vec<usize>> = ahead.iter().zip(&back).map(|(a, b)| [&a[..], &b[..]].concat()).collect();
    let (down, up, kin) = (reached(&ahead), reached(&back), reached(&both));
    let with_self = |all: &[BTreeSet<usize>]| -> Vec<BTreeSet<usize>> {
        all.iter().enumerate().map(|(i, found)| found.iter().copied().chain([i]).collect()).collect()
    };
    let pairs: Vec<Vec<usize>> =
        down.iter().enumerate().flat_map(|(i, all)| all.iter().map(move |j| vec![i, *j])).collect();
    let others: Vec<BTreeSet<usize>> =
        up.iter().enumerate().map(|(i, all)| all.iter().copied().filter(|j| *j != i).collect()).collect();
    let cases = [
        ("Model m follows+ Model r show m, r", pairs.clone()),
        ("count Model m follows+ Model r", vec![vec![pairs.len()]]),
        ("Model m follows+ Model r show m, count(r) by m", numbers(&down)),
        ("Model m follows+ Model r show r, count(m) by r", numbers(&up)),
        ("Model m follows* Model r show r, count(m) by r", numbers(&with_self(&up))),
        ("Model m (follows | ^follows)+ Model r show r, count(m) by r", numbers(&kin)),
        ("Model m (follows | ^follows)* Model r show m, count(r) by m", numbers(&with_self(&kin))),
        ("Model m follows+ Model r where m != r show r, count(m) by r", numbers(&others)),
    ];
    for (text, expected) in &cases {
        // Twice: the second time, what the first one condensed is there from the start.
        for disabled in [&[][..], &[], &["multi_source_reach"], &["all"]] {
            assert_eq!(rows(&database, text, disabled), *expected, "{text}, without {disabled:?}");
        }
    }
}

#[test]
fn a_limit_stops_them_and_leaves_nothing_behind() {
    let database = database();
    let text = "Model m follows+ Model r show m, r";
    let expected = rows(&database, text, &["all"]).len();
    for memory in [1, 1_000, 20_000] {
        let limits = Limits { memory: Some(memory), ..Limits::default() };
        let options = Options { limits, ..Options::default() };
        let prepared = database.prepare(text, &options).expect("the query is right");
        assert!(database.run(&prepared[0], &options).is_err(), "{memory} bytes are not enough");
        assert_eq!(rows(&database, text, &[]).len(), expected);
    }
}
