//! The thirty questions: each must parse and answer as written in `graphs/questions.json`.

mod support;

use begat::answer::{Answer, Cell, Row, Subgraph, View};
use begat::graph::{EntityId, Fact, Graph};
use begat::value::Value;
use begat::{Database, Options};
use serde_json::Value as Json;
use support::queries::{self, Question};

/// Questions that the engine does not answer yet, with the reason. It must shrink.
const NOT_YET: &[(&str, &str)] = &[];

#[test]
fn every_question_is_answered() {
    let database = queries::open("toy");
    let mut wrong = Vec::new();
    for question in queries::questions() {
        let is_late = NOT_YET.iter().any(|(id, _)| *id == question.id);
        match (judge(&database, &question), is_late) {
            (Ok(()), false) | (Err(_), true) => {}
            (Ok(()), true) => wrong.push(format!("{}: is answered now; take it off the list", question.id)),
            (Err(problem), false) => wrong.push(format!("{}: {}\n{problem}", question.id, question.query)),
        }
    }
    assert!(wrong.is_empty(), "{} questions:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

fn judge(database: &Database, question: &Question) -> Result<(), String> {
    let answer = queries::ask(database, &question.query, &Options::default()).map_err(|error| format!("{error:?}"))?;
    let mut found = read(database.graph(), &question.id, &answer);
    let mut expected: Vec<Vec<String>> = question.rows.iter().map(|row| row.iter().map(json_word).collect()).collect();
    found.sort();
    expected.sort();
    if found == expected {
        return Ok(());
    }
    let list = |rows: &[Vec<String>]| rows.iter().map(|row| format!("  {}\n", row.join(" | "))).collect::<String>();
    Err(format!("found\n{}expected\n{}", list(&found), list(&expected)))
}

/// The rows of an answer with the columns that the question's note speaks of.
fn read(graph: &Graph, id: &str, answer: &Answer) -> Vec<Vec<String>> {
    match id {
        "L10" => diff_rows(answer, graph),
        "L15" => why_rows(answer, |row| {
            let [subject, object, verb] = [column(answer, "subject"), column(answer, "object"), column(answer, "verb")];
            let sentence = [subject, verb, object].map(|i| queries::word(graph, &row.cells[i])).join(" ") + ".";
            let source = queries::word(graph, &row.cells[column(answer, "source")]);
            vec![queries::word(graph, &row.cells[subject]), queries::word(graph, &row.cells[object]), source, sentence]
        }),
        "A2" => first_rows(graph, answer),
        "A3" => year_rows(graph, answer),
        "A11" => rows_with_certainty(graph, answer),
        "A12" => why_rows(answer, |row| {
            let cells =
                ["subject", "verb", "object"].map(|title| queries::word(graph, &row.cells[column(answer, title)]));
            let key = queries::word(graph, &row.cells[column(answer, "source")]);
            let source = graph.claims().sources.iter().find(|source| source.key == key);
            vec![source.map_or(key.clone(), |source| source.title.clone()), cells.join(" ") + "."]
        }),
        "A13" => rows(graph, answer).into_iter().map(|row| row.iter().map(|cell| in_words(cell)).collect()).collect(),
        "A15" => graph_rows(graph, answer),
        _ => rows(graph, answer),
    }
}

fn rows(graph: &Graph, answer: &Answer) -> Vec<Vec<String>> {
    answer.table.rows.iter().filter(|row| row.certain).map(|row| queries::words(graph, row)).collect()
}

/// A13 has its dates as a person says them: `July 2025` where begat writes `2025-07`.
fn in_words(cell: &str) -> String {
    if cell == "2025-07" { "July 2025".to_string() } else { cell.to_string() }
}

fn rows_with_certainty(graph: &Graph, answer: &Answer) -> Vec<Vec<String>> {
    let certainty = |row: &Row| if row.certain { "certain" } else { "possible" }.to_string();
    answer.table.rows.iter().map(|row| [queries::words(graph, row), vec![certainty(row)]].concat()).collect()
}

/// L10: one row of the diff is a side and what it has more; what both have is not listed.
fn diff_rows(answer: &Answer, graph: &Graph) -> Vec<Vec<String>> {
    let View::Diff(diffs) = &answer.view else { return rows(graph, answer) };
    let entries = diffs.iter().flat_map(|diff| &diff.entries).filter(|entry| entry.verb == "uses");
    let side = |side| match side {
        begat::answer::Side::Left => "added",
        begat::answer::Side::Right => "dropped",
        begat::answer::Side::Both => "kept",
    };
    let all = entries.map(|entry| vec![side(entry.side).to_string(), queries::word(graph, &entry.cell)]);
    all.filter(|row| row[0] != "kept").collect()
}

/// `why`: a row for each fact and claim.
fn why_rows(answer: &Answer, row: impl Fn(&Row) -> Vec<String>) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = answer.table.rows.iter().map(row).collect();
    rows.sort();
    rows.dedup();
    rows
}

fn column(answer: &Answer, title: &str) -> usize {
    let found = answer.table.columns.iter().position(|head| head.title == title);
    found.unwrap_or_else(|| panic!("no column `{title}` in {:?}", answer.table.columns))
}

/// A2: the candidates, each marked if it is certainly the first.
fn first_rows(graph: &Graph, answer: &Answer) -> Vec<Vec<String>> {
    let mark = |row: &Row| if row.certain { "!" } else { "" };
    answer.table.rows.iter().map(|row| vec![queries::words(graph, row).join(", ") + mark(row)]).collect()
}

/// A3: the years with their certain counts, and one row without a year for what spans years.
fn year_rows(graph: &Graph, answer: &Answer) -> Vec<Vec<String>> {
    let year = |cell: &Cell| match cell {
        Cell::Value(Value::Number(year)) => year.to_string(),
        _ => String::new(),
    };
    answer.table.rows.iter().map(|row| vec![year(&row.cells[0]), queries::word(graph, &row.cells[1])]).collect()
}

/// A15: the facts of a graph as subject, verb, object.
fn graph_rows(graph: &Graph, answer: &Answer) -> Vec<Vec<String>> {
    let View::Graph(Subgraph { facts, .. }) = &answer.view else { return rows(graph, answer) };
    let name = |entity: EntityId| graph.name(entity).to_string();
    let links = facts.iter().filter_map(|fact| match graph.fact(*fact) {
        Fact::Link { subject, verb, object } => {
            Some(vec![name(subject), graph.schema().verb(verb).name.clone(), name(object)])
        }
        Fact::Value { .. } => None,
    });
    links.collect()
}

fn json_word(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
