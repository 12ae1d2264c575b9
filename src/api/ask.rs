//! Answers a text as JSON lines; an error is a line, too.

use super::{Answer, Claim, Proof};
use crate::answer::{Answer as Found, View};
use crate::database::{Database, Error, Options, Prepared, within};
use crate::render::{self, Format, TextStyle, json_line};
use crate::text::{Diagnostics, Text};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

pub(super) fn ask(database: &Database, text: &str, options: &Options) -> String {
    let mut lines = String::new();
    let told = each(database, text, options, |answer| {
        lines.push_str(&line(answer)?);
        Ok(())
    });
    if let Err(error) = told {
        lines.push_str(&(json_line(&error_json(&error, text)) + "\n"));
    }
    lines
}

/// Returns the answers of a text as [`Database::ask`] writes them, with at most `most` rows of each; `more` counts those that
/// are left out.
///
/// # Errors
/// As [`Prepared::run`] of any of its statements.
#[cfg(any(feature = "mcp", feature = "serve"))]
pub(crate) fn answers(database: &Database, text: &str, options: &Options, most: usize) -> Result<Vec<Json>, Error> {
    let mut all = Vec::new();
    each(database, text, options, |answer| {
        all.push(first_rows(answer, most)?);
        Ok(())
    })?;
    Ok(all)
}

/// Answers the statements of a text in order.
fn each(
    database: &Database,
    text: &str,
    options: &Options,
    mut tell: impl FnMut(&Answer) -> Result<(), Error>,
) -> Result<(), Error> {
    // One budget for the text, from its first byte to the last of its answers.
    within(options, |_| {
        let prepared = database.prepare(text, options)?;
        if let Some(file) = prepared.iter().find_map(Prepared::file) {
            return Err(Error::usage(format!("no file is written here: leave out `to \"{file}\"`")));
        }
        for statement in prepared {
            tell(&statement.run(options)?)?;
            crate::limits::check()?;
        }
        Ok(())
    })
}

/// An answer as the command writes it, with what was asked for beyond that.
fn line(answer: &Answer) -> Result<String, Error> {
    let found = &answer.0.answer;
    if answer.diagnostics().is_empty() && !answer.0.options.proofs {
        return plain(answer, found);
    }
    Ok(json_line(&Json::Object(members(answer, found)?)) + "\n")
}

fn plain(answer: &Answer, found: &Found) -> Result<String, Error> {
    let text = render::answer(found, answer.graph(), Format::Json, &TextStyle::default()).map_err(Error::usage)?.text;
    // Limits end what is written early: it is no JSON then, and no answer.
    crate::limits::check()?;
    Ok(text)
}

/// The members of what [`plain`] writes, with proofs and diagnostics where they are wanted.
fn members(answer: &Answer, found: &Found) -> Result<Map<String, Json>, Error> {
    let text = plain(answer, found)?;
    let Ok(Json::Object(mut members)) = serde_json::from_str(&text) else {
        return Err(Error::usage("the answer is no object"));
    };
    if answer.0.options.proofs {
        add_proofs(answer, found, &mut members)?;
    }
    let notes = answer.diagnostics();
    if !notes.is_empty() {
        let text = &answer.0.prepared.text;
        members.insert("diagnostics".to_string(), render::diagnostics_value(&Diagnostics(notes.to_vec()), text));
    }
    Ok(members)
}

/// The same with the first rows only; the counts are those of all.
#[cfg(any(feature = "mcp", feature = "serve"))]
fn first_rows(answer: &Answer, most: usize) -> Result<Json, Error> {
    let found = &answer.0.answer;
    let left = answer.len().saturating_sub(most);
    if left == 0 {
        return members(answer, found).map(Json::Object);
    }
    let rows = found.table.rows.each().take(most).map(|row| row.into_owned()).collect();
    let table = crate::answer::Table { columns: found.table.columns.clone(), rows };
    let view = match &found.view {
        View::Why(explained) => View::Why(explained.iter().take(most).cloned().collect()),
        other => other.clone(),
    };
    let first = Found { view, table, more_possible: found.more_possible, notes: found.notes.clone() };
    let mut members = members(answer, &first)?;
    if members.contains_key("rows") {
        let certain = answer.certain();
        members.insert("certain".to_string(), certain.into());
        members.insert("possible".to_string(), (answer.len() - certain + answer.more_possible()).into());
        members.insert("more".to_string(), left.into());
    }
    Ok(Json::Object(members))
}

/// Adds each row's proof to the row; for a `why` query, adds the proofs as a member of their own.
fn add_proofs(answer: &Answer, found: &Found, members: &mut Map<String, Json>) -> Result<(), Error> {
    if let View::Why(explained) = &found.view {
        let proofs: Vec<Json> = explained.iter().map(|one| proof_json(&Proof::of(one, answer.graph()))).collect();
        members.insert("proofs".to_string(), proofs.into());
        return Ok(());
    }
    let Some(rows) = members.get_mut("rows").and_then(Json::as_array_mut) else { return Ok(()) };
    let own: Vec<_> = found.table.rows.each().map(|row| row.into_owned()).collect();
    let proofs = answer.database().why_all(&answer.0.prepared, &own, &answer.0.options)?;
    for (row, explained) in rows.iter_mut().zip(proofs) {
        let proof = explained.map_or(Json::Null, |one| proof_json(&Proof::of(&one, answer.graph())));
        if let Some(row) = row.as_object_mut() {
            row.insert("because".to_string(), proof);
        }
    }
    Ok(())
}

/// Readers of JSON give up on what is nested deeper than some 128 objects and arrays: a proof may have so many levels.
const DEEPEST: usize = 40;

/// `{"sentence", "kind", "certain", "claims", "because"}`; members that would be empty are left out. On the lowest level
/// `more` counts the steps that are left out.
pub(super) fn proof_json(proof: &Proof) -> Json {
    proof_to(DEEPEST, proof)
}

fn proof_to(levels: usize, proof: &Proof) -> Json {
    let mut members = Map::new();
    members.insert("sentence".to_string(), proof.sentence.as_str().into());
    members.insert("kind".to_string(), proof.kind.name().into());
    members.insert("certain".to_string(), proof.certain.into());
    if !proof.claims.is_empty() {
        members.insert("claims".to_string(), proof.claims.iter().map(claim_json).collect());
    }
    if !proof.because.is_empty() && levels == 0 {
        members.insert("more".to_string(), steps_below(proof).into());
    } else if !proof.because.is_empty() {
        members.insert("because".to_string(), proof.because.iter().map(|below| proof_to(levels - 1, below)).collect());
    }
    Json::Object(members)
}

fn steps_below(proof: &Proof) -> usize {
    let (mut steps, mut open) = (0, vec![proof]);
    while let Some(next) = open.pop() {
        steps += next.because.len();
        open.extend(&next.because);
    }
    steps
}

/// A claim; texts that were not given are left out.
pub(super) fn claim_json(claim: &Claim) -> Json {
    let words = [("source", &claim.source), ("at", &claim.at), ("trust", &claim.trust), ("quote", &claim.quote)];
    let mut members = Map::new();
    for (key, word) in words.into_iter().chain([("note", &claim.note)]).filter(|(_, word)| !word.is_empty()) {
        members.insert(key.to_string(), word.as_str().into());
    }
    if let Some(date) = claim.date {
        members.insert("date".to_string(), render::date_json(date));
    }
    Json::Object(members)
}

/// An error as the last line of [`Database::ask`].
pub(crate) fn error_json(error: &Error, text: &str) -> Json {
    let own: Arc<Text> = match error {
        Error::Query(own, _) => own.clone(),
        _ => Text::new("query", text),
    };
    let found = Diagnostics(error.diagnostics().to_vec());
    json!({
        "error": error.kind().name(),
        "message": error.to_string(),
        "diagnostics": render::diagnostics_value(&found, &own),
    })
}

/// Warnings and notes of a statement that has not been run.
#[cfg(any(feature = "mcp", feature = "serve"))]
pub(crate) fn notes_json(prepared: &Prepared) -> Vec<Json> {
    let notes = render::diagnostics_value(&Diagnostics(prepared.query.notes.clone()), &prepared.text);
    if let Json::Array(notes) = notes { notes } else { Vec::new() }
}
