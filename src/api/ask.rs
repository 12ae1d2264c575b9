//! Answers a text as JSON lines; an error is a line, too.

use super::{Answer, Claim, Proof};
use crate::answer::{Answer as Found, View};
use crate::database::{Database, Error, Options, within};
use crate::render::{self, Format, TextStyle, json_line};
use crate::text::{Diagnostics, Text};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

pub(super) fn ask(database: &Database, text: &str, options: &Options) -> String {
    let mut lines = String::new();
    // One budget for the whole text: parsing, running and writing all answers.
    let done = within(options, |_| {
        for prepared in database.prepare(text, options)? {
            let line = line(&prepared.run(options)?)?;
            crate::limits::check()?;
            lines.push_str(&line);
        }
        Ok(())
    });
    if let Err(error) = done {
        lines.push_str(&error_line(&error, text));
    }
    lines
}

/// Returns an answer as the command writes it, with proofs and diagnostics added if there are any.
fn line(answer: &Answer) -> Result<String, Error> {
    let found = &answer.0.answer;
    let plain = render::answer(found, answer.graph(), Format::Json, &TextStyle::default()).map_err(Error::usage)?.text;
    let notes = answer.diagnostics();
    if notes.is_empty() && !answer.0.options.proofs {
        return Ok(plain);
    }
    // A limit cuts the output short: the rest is not valid JSON.
    crate::limits::check()?;
    let Ok(Json::Object(mut members)) = serde_json::from_str(&plain) else { return Ok(plain) };
    if answer.0.options.proofs {
        add_proofs(answer, found, &mut members)?;
    }
    if !notes.is_empty() {
        let text = &answer.0.prepared.text;
        members.insert("diagnostics".to_string(), render::diagnostics_value(&Diagnostics(notes.to_vec()), text));
    }
    Ok(json_line(&Json::Object(members)) + "\n")
}

/// Adds each row's proof to the row; for a `why` query, adds the proofs as a member of their own.
fn add_proofs(answer: &Answer, found: &Found, members: &mut Map<String, Json>) -> Result<(), Error> {
    if let View::Why(_) = found.view {
        let proofs: Vec<Json> = answer.proofs().iter().map(proof_json).collect();
        members.insert("proofs".to_string(), proofs.into());
        return Ok(());
    }
    let Some(rows) = members.get_mut("rows").and_then(Json::as_array_mut) else { return Ok(()) };
    let own: Vec<_> = answer.rows().map(|row| row.to_ids()).collect();
    let proofs = answer.database().why_all(&answer.0.prepared, &own, &answer.0.options)?;
    for (row, explained) in rows.iter_mut().zip(proofs) {
        let proof = explained.map_or(Json::Null, |one| proof_json(&Proof::of(&one, answer.graph())));
        if let Some(row) = row.as_object_mut() {
            row.insert("because".to_string(), proof);
        }
    }
    Ok(())
}

/// Returns `{"sentence", "kind", "certain", "claims", "because"}`; empty members are left out.
pub(super) fn proof_json(proof: &Proof) -> Json {
    let mut members = Map::new();
    members.insert("sentence".to_string(), proof.sentence.as_str().into());
    members.insert("kind".to_string(), proof.kind.name().into());
    members.insert("certain".to_string(), proof.certain.into());
    if !proof.claims.is_empty() {
        members.insert("claims".to_string(), proof.claims.iter().map(claim_json).collect());
    }
    if !proof.because.is_empty() {
        members.insert("because".to_string(), proof.because.iter().map(proof_json).collect());
    }
    Json::Object(members)
}

/// Returns a claim as an object; texts that were not given are left out.
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

fn error_line(error: &Error, text: &str) -> String {
    let own: Arc<Text> = match error {
        Error::Query(own, _) => own.clone(),
        _ => Text::new("query", text),
    };
    let found = Diagnostics(error.diagnostics().to_vec());
    let line = json!({
        "error": error.kind().name(),
        "message": error.to_string(),
        "diagnostics": render::diagnostics_value(&found, &own),
    });
    json_line(&line) + "\n"
}
