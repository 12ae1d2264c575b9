//! The tables that the help is made from tell the truth: each example of a code gives that code, and each example of a
//! function is answered.

mod support;

use begat::functions::FUNCTIONS;
use begat::text::{CODES, Code, Diagnostic};
use begat::{Database, Options};
use support::queries;

/// Codes whose examples are no queries, or need more than a query to come about.
const ELSEWHERE: &[(Code, &str)] = &[
    (Code::AmbiguousName, "no two names of the graph fold alike"),
    (Code::TooDeep, "the example is abridged"),
    (Code::UnknownParameter, "tested with the parameters of the spec"),
    (Code::Limit, "needs a limit"),
    (Code::Interrupted, "needs Ctrl-C"),
    (Code::NoPicture, "given where a format is chosen"),
    (Code::NoMatch, "told of an answer, not of a query"),
    (Code::NotYet, "what is not built yet changes"),
];

#[test]
fn examples_of_codes_give_them() {
    let database = Database::builtin();
    let of_queries = CODES.iter().take_while(|info| info.code != Code::Ron);
    let mut wrong = Vec::new();
    for info in of_queries.filter(|info| !ELSEWHERE.iter().any(|(code, _)| *code == info.code)) {
        let found = diagnostics(&database, info.example);
        if !found.iter().any(|diagnostic| diagnostic.code == info.code) {
            let names: Vec<_> = found.iter().map(|d| format!("{}: {}", d.code.name(), d.message)).collect();
            wrong.push(format!("{}: `{}` gives {names:?}", info.name, info.example));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Messages stand alone: lower case, no full stop, no words of the grammar or of Rust; the label is a whole word.
#[test]
fn messages_are_in_style() {
    let database = Database::builtin();
    let mut wrong = Vec::new();
    for info in CODES.iter().take_while(|info| info.code != Code::Ron) {
        for diagnostic in diagnostics(&database, info.example) {
            let message = &diagnostic.message;
            let starts_low = message.chars().next().is_some_and(|c| !c.is_uppercase());
            if !starts_low || message.ends_with('.') || message.contains('\n') || message.contains("kw_") {
                wrong.push(format!("{}: {message}", info.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_of_functions_are_answered() {
    let database = Database::builtin();
    for function in FUNCTIONS {
        if let Err(error) = queries::ask(&database, function.example, &Options::default()) {
            panic!("{}: {}: {error:?}", function.name, function.example);
        }
    }
}

/// Everything that is said of a text: errors, notes of the check, notes of the run.
fn diagnostics(database: &Database, text: &str) -> Vec<Diagnostic> {
    // A definition is looked at with the query that it stands beside.
    let text = if text.starts_with("define") { format!("{text}; Model") } else { text.to_string() };
    let prepared = match queries::prepare(database, &text) {
        Ok(prepared) => prepared,
        Err(error) => return queries::diagnostics(&error).0,
    };
    let mut found = Vec::new();
    for prepared in prepared {
        found.extend(prepared.query.notes.clone());
        match database.run(&prepared, &Options::default()) {
            Ok(answer) => found.extend(answer.notes),
            Err(error) => found.extend(queries::diagnostics(&error).0),
        }
    }
    found
}
