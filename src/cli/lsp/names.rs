//! Where entities are named, over all files of a graph and the open files of queries; and their renaming.

use super::answers::{Reading, RequestResult, json, meant, read};
use super::{Server, is_data, place};
use crate::edit::{self, FileEdit, Refusal, Rename, Workspace};
use crate::graph::{EntityId, Graph};
use crate::load::{self, stated};
use crate::syntax::{TokenKind, lexemes, quote_name};
use crate::text::{Diagnostics, Span};
use lsp_types::{
    Location, PrepareRenameResponse, ReferenceParams, RenameParams, TextDocumentPositionParams, TextEdit, Uri,
    WorkspaceEdit,
};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The entity at a place, with the span of its name, in the graph of its file as the editor holds it.
struct Pointed {
    workspace: Workspace,
    entity: EntityId,
    span: Span,
}

impl Server {
    /// Returns what a place names; `None` where it names nothing, or its graph has mistakes or no files.
    fn pointed(&self, at: &TextDocumentPositionParams) -> Result<Option<Pointed>, String> {
        let Some(reading) = self.reading(at)? else { return Ok(None) };
        let path = self.document(&at.text_document.uri)?.0;
        let Some(workspace) = self.workspace(&path) else { return Ok(None) };
        Ok(pointed(&reading, &workspace.graph).map(|(span, entity)| Pointed { workspace, entity, span }))
    }

    /// Returns the graph of a file as the editor holds it.
    fn workspace(&self, path: &Path) -> Option<Workspace> {
        let graph = match (is_data(path), &self.graph) {
            (true, _) => self.graph_of(path),
            (false, Some(graph)) => graph.clone(),
            // The graph that is compiled in has no files.
            (false, None) => {
                let graph = self.database.graph().clone();
                return Some(Workspace::of(PathBuf::new(), self.access, Vec::new(), graph, Diagnostics::default()));
            }
        };
        let (texts, _) = self.texts(&graph).ok()?;
        let (made, warnings) = load::check_texts(&graph, self.access, &texts, &|_, _| {});
        Some(Workspace::of(graph, self.access, texts, made?, warnings))
    }

    /// Returns where open files of queries name an entity; nowhere where they speak of another graph.
    fn in_queries<'s>(
        &'s self,
        workspace: &'s Workspace,
        entity: EntityId,
    ) -> impl Iterator<Item = (&'s Uri, &'s str, Span)> {
        let is_asked = match &self.graph {
            Some(graph) => workspace.path == *graph,
            None => workspace.texts.is_empty(),
        };
        let queries =
            self.open.iter().filter(move |(path, _)| is_asked && !is_data(path)).map(|(_, document)| document);
        queries.flat_map(move |document| {
            let text = document.text.as_str();
            named(text, &workspace.graph, entity).into_iter().map(move |span| (&document.uri, text, span))
        })
    }
}

fn pointed(reading: &Reading<'_>, graph: &Graph) -> Option<(Span, EntityId)> {
    meant(reading, |words| match graph.names().lookup(words).as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

/// Returns where a text of queries names an entity, with the quotes.
fn named(text: &str, graph: &Graph, entity: EntityId) -> Vec<Span> {
    let is_it = |words: &str| graph.names().lookup(words).as_slice() == [entity];
    let mut found = Vec::new();
    let all = lexemes(text);
    for (at, (span, kind)) in all.iter().enumerate() {
        let words = span.of(text);
        match kind {
            TokenKind::Name if is_it(words) => found.push(*span),
            TokenKind::Name => {
                // `Model GPT-2`: a type in front of its name.
                let typed = words.split_once(' ').filter(|(first, _)| graph.schema().lookup_type(first).is_some());
                if let Some((first, rest)) = typed
                    && graph.names().lookup(rest).as_slice().contains(&entity)
                {
                    found.push(Span { start: span.start + first.len() as u32 + 1, end: span.end });
                }
            }
            TokenKind::Text if is_it(&unquoted(words)) && !is_text(text, &all, at) => found.push(*span),
            _ => {}
        }
    }
    found
}

/// Returns the name in quotes.
fn unquoted(words: &str) -> String {
    let (mut name, mut is_escaped) = (String::new(), false);
    for c in words[1..words.len() - 1].chars() {
        is_escaped = c == '\\' && !is_escaped;
        if !is_escaped {
            name.push(c);
        }
    }
    name
}

/// Returns true if what is quoted there is no name, but a text: a pattern, a file, a source, or what a property or a
/// function is compared with.
fn is_text(text: &str, all: &[(Span, TokenKind)], at: usize) -> bool {
    let words = |at: usize| all.get(at).map_or("", |(span, _)| span.of(text));
    let is_sign = |word: &str| ["=", "!=", "<", "<=", ">", ">="].contains(&word);
    // `m.kind` and `name(m)` are values; so is what ends with them.
    let ends_value = |end: usize| {
        let is_property = end > 1 && words(end - 1) == "." && all[end].1 == TokenKind::Verb;
        is_property || words(end) == ")"
    };
    let begins_value = |start: usize| {
        words(start + 1) == "." || all.get(start).is_some_and(|one| one.1 == TokenKind::Verb) && words(start + 1) == "("
    };
    // In a list, what stands before the list counts.
    let mut before = at;
    while before > 1 && words(before - 1) == "," && all[before - 2].1 == TokenKind::Text {
        before -= 2;
    }
    let is_listed = before > 1 && words(before - 1) == "(" && words(before - 2).eq_ignore_ascii_case("in");
    let Some(before) = (if is_listed { before.checked_sub(2) } else { at.checked_sub(1) }) else {
        return is_sign(words(at + 1)) && begins_value(at + 2);
    };
    let word = words(before).to_ascii_lowercase();
    let is_compared = (is_sign(&word) || is_listed) && before > 0 && ends_value(before - 1);
    ["to", "like", "matches", "by"].contains(&word.as_str())
        || is_compared
        || is_sign(words(at + 1)) && begins_value(at + 2)
}

pub(super) fn references(server: &Server, params: Json) -> RequestResult {
    let params: ReferenceParams = read(params)?;
    let Some(Pointed { workspace, entity, .. }) = server.pointed(&params.text_document_position)? else {
        return Ok(Json::Null);
    };
    let mentions = edit::mentions(&workspace, entity, params.context.include_declaration).map_err(words_of)?;
    let in_data = mentions.into_iter().filter_map(|(file, span)| {
        let text = workspace.texts.get(file)?;
        Some(Location { uri: place::uri(Path::new(&text.name))?, range: place::range(&text.body, span) })
    });
    let in_queries = server.in_queries(&workspace, entity);
    let in_queries = in_queries.map(|(uri, text, span)| Location { uri: uri.clone(), range: place::range(text, span) });
    json(in_data.chain(in_queries).collect::<Vec<_>>())
}

pub(super) fn prepare(server: &Server, params: Json) -> RequestResult {
    let at: TextDocumentPositionParams = read(params)?;
    let Some(Pointed { workspace, entity, span }) = server.pointed(&at)? else { return Ok(Json::Null) };
    let text = &server.document(&at.text_document.uri)?.1.text;
    let placeholder = workspace.graph.name(entity).to_string();
    json(PrepareRenameResponse::RangeWithPlaceholder { range: place::range(text, span), placeholder })
}

#[allow(clippy::mutable_key_type, reason = "the protocol's own type; its address never changes")]
pub(super) fn rename(server: &Server, params: Json) -> RequestResult {
    let params: RenameParams = read(params)?;
    let Some(Pointed { workspace, entity, .. }) = server.pointed(&params.text_document_position)? else {
        return Err("no entity is named there, or its graph has mistakes: mend these first".to_string());
    };
    if workspace.texts.is_empty() {
        return Err("the built-in graph cannot be changed".to_string());
    }
    let request = Rename { old: stated::noun_of(&workspace.graph, entity), new: params.new_name.clone() };
    let made = workspace.edit(&request).map_err(words_of)?;
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for file in &made.files {
        let uri = server.open.get(&file.path).map(|document| document.uri.clone()).or_else(|| place::uri(&file.path));
        if let (Some(uri), Some(change)) = (uri, change_of(file)) {
            changes.entry(uri).or_default().push(change);
        }
    }
    let new_text = quote_name(params.new_name.trim());
    let name = workspace.graph.name(entity).to_lowercase();
    for (uri, text, span) in server.in_queries(&workspace, entity) {
        // Its other names stay, as in data.
        let words = span.of(text);
        if (if words.starts_with('"') { unquoted(words) } else { words.to_string() }).to_lowercase() != name {
            continue;
        }
        changes
            .entry(uri.clone())
            .or_default()
            .push(TextEdit { range: place::range(text, span), new_text: new_text.clone() });
    }
    json(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

/// Returns the edit that makes the new text of the old one: of all that lies between what both begin and end with.
fn change_of(file: &FileEdit) -> Option<TextEdit> {
    let (old, new) = (file.old.as_deref()?, file.new.as_deref()?);
    let before = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let before = old.floor_char_boundary(before).min(new.floor_char_boundary(before));
    let most = old.len().min(new.len()) - before;
    let mut after = old.bytes().rev().zip(new.bytes().rev()).take(most).take_while(|(a, b)| a == b).count();
    while !old.is_char_boundary(old.len() - after) || !new.is_char_boundary(new.len() - after) {
        after -= 1;
    }
    let range = place::range(old, Span::new(before, old.len() - after));
    Some(TextEdit { range, new_text: new[before..new.len() - after].to_string() })
}

fn words_of(refusal: Refusal) -> String {
    match refusal {
        Refusal::Cannot(words) => words,
        Refusal::Near { name, near } => format!("`{name}` is like `{}`", near.join("`, `")),
        Refusal::Unread(error) => crate::Error::from(error).to_string(),
        Refusal::Request(_, found) | Refusal::Data(found) => {
            found.iter().filter(|one| one.is_error()).map(|one| one.message.as_str()).collect::<Vec<_>>().join("; ")
        }
    }
}
