//! What an editor asks about places in texts.

use super::{Document, Server, Told, colours, is_data, names, place};
use crate::Database;
use crate::api::{Claim, Entity};
use crate::cli::fmt;
use crate::edit::tokens::tokens;
use crate::syntax::{TokenKind, lexemes};
use crate::text::Span;
use crate::value::ron_literal;
use lsp_server::Request;
use lsp_types::request::{
    CodeActionRequest, Completion, Formatting, GotoDefinition, HoverRequest, PrepareRenameRequest, References, Rename,
    Request as _, SemanticTokensFullRequest,
};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CompletionItem, CompletionItemKind,
    CompletionList, CompletionParams, CompletionTextEdit, DocumentFormattingParams, GotoDefinitionParams,
    GotoDefinitionResponse, Hover, HoverContents, HoverParams, Location, MarkupContent, MarkupKind, Position, Range,
    TextDocumentPositionParams, TextEdit, Uri, WorkspaceEdit,
};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A result as the protocol has it, or what is wrong with the request.
pub(super) type RequestResult = Result<Json, String>;

/// What answers a request of one kind.
type Handler = fn(&Server, Json) -> RequestResult;

/// The requests that are answered. One row each.
const REQUESTS: &[(&str, Handler)] = &[
    (Completion::METHOD, complete),
    (HoverRequest::METHOD, hover),
    (GotoDefinition::METHOD, definition),
    (CodeActionRequest::METHOD, fixes),
    (Formatting::METHOD, format),
    (References::METHOD, names::references),
    (PrepareRenameRequest::METHOD, names::prepare),
    (Rename::METHOD, names::rename),
    (SemanticTokensFullRequest::METHOD, colours::colours),
];

/// Answers a request; `None` where begat does not know it.
pub(super) fn answer(server: &Server, request: Request) -> Option<RequestResult> {
    let (_, answer) = REQUESTS.iter().find(|(method, _)| *method == request.method)?;
    Some(answer(server, request.params))
}

pub(super) fn read<T: DeserializeOwned>(params: Json) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}

pub(super) fn json(result: impl serde::Serialize) -> RequestResult {
    serde_json::to_value(result).map_err(|error| error.to_string())
}

impl Server {
    /// The text of an address, with its path. It is an error to ask about one that is not open.
    pub(super) fn document(&self, uri: &Uri) -> Result<(PathBuf, &Document), String> {
        let path = place::path(uri).ok_or("only files are known")?;
        let document = self.open.get(&path).ok_or("the file is not open")?;
        Ok((path, document))
    }

    /// Where a place lies in what begat reads: a query file as a whole, of data the text in quotes around it.
    pub(super) fn reading(&self, at: &TextDocumentPositionParams) -> Result<Option<Reading<'_>>, String> {
        let (path, document) = self.document(&at.text_document.uri)?;
        let cursor = place::byte(&document.text, at.position);
        let part = match is_data(&path) {
            false => Some(QuotedPart { start: 0, end: document.text.len(), kind: PartKind::Query }),
            true => literal(&document.text, cursor),
        };
        let database = self.database_of(&path);
        Ok(part.map(|QuotedPart { start, end, kind }| Reading {
            whole: &document.text,
            start,
            end,
            cursor,
            kind,
            database,
        }))
    }
}

/// A text in the language of queries, and a place in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'t> {
    whole: &'t str,
    start: usize,
    end: usize,
    cursor: usize,
    kind: PartKind,
    /// The graph that it speaks of.
    pub(super) database: &'t Database,
}

/// What a part of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartKind {
    Query,
    /// In quotes in a data file: a sentence, a name, or something else.
    Data,
    /// In quotes in such quotes: a name.
    Name,
    /// The rest of a sentence in a data file in which something is escaped, so that it is not what it reads like.
    Escaped,
}

/// A part of a text, from a byte to another one.
#[derive(Debug, Clone, Copy)]
struct QuotedPart {
    start: usize,
    end: usize,
    kind: PartKind,
}

/// Returns the text in quotes around a place of a data file; `None` outside of quotes. Looks at one line, so that it
/// holds while something else is half written.
fn literal(text: &str, cursor: usize) -> Option<QuotedPart> {
    let line = text[..cursor].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[cursor..].find('\n').map_or(text.len(), |at| cursor + at);
    // Where the quotes began, and those within them; whether the character before escapes this one.
    let (mut opened, mut inner, mut is_escaped, mut has_escapes) = (None, None, false, false);
    let kind_at = |at: usize, opened: Option<usize>, inner: Option<usize>, has_escapes: bool| {
        let start: usize = inner.or(opened)?;
        let kind = match (inner, has_escapes) {
            (Some(_), _) => PartKind::Name,
            (None, true) => PartKind::Escaped,
            (None, false) => PartKind::Data,
        };
        Some(QuotedPart { start, end: at, kind })
    };
    let mut part = None;
    for (at, c) in text[line..line_end].char_indices().map(|(at, c)| (line + at, c)) {
        if at >= cursor && part.is_none() {
            part = kind_at(line_end, opened, inner, has_escapes);
            part?;
        }
        match (c, opened) {
            ('"', None) => opened = Some(at + 1),
            ('"', Some(_)) if !is_escaped => {
                if let Some(QuotedPart { start, kind, .. }) = part {
                    return Some(QuotedPart { start, end: at, kind });
                }
                (opened, inner, has_escapes) = (None, None, false);
            }
            ('"', Some(_)) => {
                if let Some(QuotedPart { start, kind: PartKind::Name, .. }) = part {
                    return Some(QuotedPart { start, end: at - 1, kind: PartKind::Name });
                }
                inner = if inner.is_some() { None } else { Some(at + 1) };
            }
            ('/', None) if text[at..].starts_with("//") => return None,
            _ => {}
        }
        is_escaped = opened.is_some() && c == '\\' && !is_escaped;
        has_escapes |= is_escaped;
    }
    part.or_else(|| kind_at(line_end, opened, inner, has_escapes))
}

fn complete(server: &Server, params: Json) -> RequestResult {
    let params: CompletionParams = read(params)?;
    let Some(reading) = server.reading(&params.text_document_position)? else { return Ok(Json::Null) };
    if matches!(reading.kind, PartKind::Name | PartKind::Escaped) {
        return Ok(Json::Null);
    }
    let before = &reading.whole[reading.start..reading.cursor];
    let found = reading.database.complete(before, before.len());
    let replaced = Span::new(reading.start + found.start, reading.cursor);
    let range = place::range(reading.whole, replaced);
    let items = found.candidates.iter().enumerate().map(|(order, candidate)| {
        let new_text = match reading.kind == PartKind::Data {
            true => candidate.replacement.replace('\\', "\\\\").replace('"', "\\\""),
            false => candidate.replacement.clone(),
        };
        CompletionItem {
            label: candidate.word.clone(),
            detail: (!candidate.about.is_empty()).then(|| candidate.about.clone()),
            kind: Some(kind_of(reading.database, &candidate.word)),
            sort_text: Some(format!("{order:04}")),
            // Editors compare what has been typed with this: with the quotes that it may begin with.
            filter_text: Some(candidate.replacement.clone()),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
            ..CompletionItem::default()
        }
    });
    json(CompletionList { is_incomplete: true, items: items.collect() })
}

fn kind_of(database: &Database, word: &str) -> CompletionItemKind {
    let schema = database.graph().schema();
    if schema.lookup_type(word).is_some() {
        CompletionItemKind::CLASS
    } else if schema.lookup_word(word).is_some() {
        CompletionItemKind::METHOD
    } else if database.entity(word).is_some() {
        CompletionItemKind::CONSTANT
    } else {
        CompletionItemKind::KEYWORD
    }
}

/// Names have at most so many words on each side of the one that is pointed at.
const NEIGHBOURS: usize = 5;

/// Returns what a run of words around a place means: what is in quotes as a whole; else the longest that means something.
/// With its span.
pub(super) fn meant<T>(reading: &Reading<'_>, look_up: impl Fn(&str) -> Option<T>) -> Option<(Span, T)> {
    let Reading { whole, start, end, cursor, kind, .. } = *reading;
    let quoted = match kind {
        PartKind::Name => Some(Span::new(start, end)),
        PartKind::Data => look_up(&whole[start..end]).is_some().then(|| Span::new(start, end)),
        PartKind::Query | PartKind::Escaped => None,
    };
    let quoted = quoted.or_else(|| {
        let in_quotes = lexemes(&whole[start..end]).into_iter().filter(|(_, kind)| *kind == TokenKind::Text);
        let mut spans =
            in_quotes.map(|(span, _)| Span::new(start + span.start as usize + 1, start + span.end as usize - 1));
        spans.find(|span| kind != PartKind::Escaped && (span.start as usize..=span.end as usize).contains(&cursor))
    });
    if let Some(span) = quoted {
        return Some((span, look_up(span.of(whole))?));
    }
    let (from, to) = line_around(reading);
    let words = words(reading.whole, from, to);
    let here = words.iter().position(|(start, end)| (*start..=*end).contains(&reading.cursor))?;
    let first = here.saturating_sub(NEIGHBOURS);
    let last = (here + NEIGHBOURS).min(words.len() - 1);
    let mut runs: Vec<(usize, usize)> =
        (first..=here).flat_map(|one| (here..=last).map(move |two| (one, two))).collect();
    runs.sort_by_key(|(one, two)| std::cmp::Reverse(two - one));
    runs.into_iter().find_map(|(one, two)| {
        let (start, end) = (words[one].0, words[two].1);
        // A name goes on over spaces alone.
        let between = words[one..=two].windows(2).map(|pair| &whole[pair[0].1..pair[1].0]);
        let is_run = between.into_iter().all(|gap| gap.chars().all(char::is_whitespace));
        Some((Span::new(start, end), look_up(&whole[start..end]).filter(|_| is_run)?))
    })
}

fn line_around(reading: &Reading<'_>) -> (usize, usize) {
    let from =
        reading.whole[reading.start..reading.cursor].rfind('\n').map_or(reading.start, |at| reading.start + at + 1);
    let to = reading.whole[reading.cursor..reading.end].find('\n').map_or(reading.end, |at| reading.cursor + at);
    (from, to)
}

/// The words between two places, as bytes where they begin and end.
fn words(text: &str, from: usize, to: usize) -> Vec<(usize, usize)> {
    let is_inside = |c: char| c.is_alphanumeric() || "-_.'+".contains(c);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, c) in text[from..to].char_indices().filter(|(_, c)| is_inside(*c)) {
        let (start, end) = (from + at, from + at + c.len_utf8());
        match found.last_mut() {
            Some((_, last)) if *last == start => *last = end,
            _ => found.push((start, end)),
        }
    }
    found
}

fn hover(server: &Server, params: Json) -> RequestResult {
    let params: HoverParams = read(params)?;
    let Some(reading) = server.reading(&params.text_document_position_params)? else { return Ok(Json::Null) };
    let Some((span, value)) = meant(&reading, |words| described(reading.database, words)) else {
        return Ok(Json::Null);
    };
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::PlainText, value });
    json(Hover { contents, range: Some(place::range(reading.whole, span)) })
}

/// What is known of an entity, a type or a verb.
fn described(database: &Database, words: &str) -> Option<String> {
    if let Some(entity) = database.entity(words) {
        return Some(of_entity(entity));
    }
    let graph = database.graph();
    let schema = graph.schema();
    if let Some(id) = schema.lookup_type(words) {
        let kind = schema.type_(id);
        let count = graph.count_of(kind.subtypes);
        let properties = kind.properties.iter().map(|property| schema.property(*property).name.as_str());
        let properties: Vec<&str> = properties.collect();
        let of = if properties.is_empty() { String::new() } else { format!("\nproperties: {}", properties.join(", ")) };
        return Some(format!("{}: a type, {count} entities{of}", kind.name));
    }
    let verb = schema.verbs().find(|(_, verb)| verb.name == words || verb.inverse.as_deref() == Some(words))?.1;
    let name =
        |types: crate::schema::TypeSet| types.iter().next().map_or(String::new(), |id| schema.type_(id).name.clone());
    let inverse = verb.inverse.as_ref().map_or(String::new(), |inverse| format!(" (the other way: {inverse})"));
    Some(format!("{} {} {}{inverse}", name(verb.from), verb.name, name(verb.to)))
}

/// More facts than these are not read in passing.
const FACTS: usize = 16;

fn of_entity(entity: Entity<'_>) -> String {
    let mut words = format!("{}: {}", entity.name(), entity.type_name());
    if !entity.date().is_undated() {
        let _ = write!(words, ", {}", entity.date());
    }
    let aliases: Vec<&str> = entity.aliases().collect();
    if !aliases.is_empty() {
        let _ = write!(words, "\nalso called {}", aliases.join(", "));
    }
    let mut left = 0;
    for (position, fact) in entity.facts().enumerate() {
        if position < FACTS {
            let claims: Vec<String> = fact.claims().map(|claim| cited(&claim)).collect();
            let claims = if claims.is_empty() { String::new() } else { format!("    [{}]", claims.join(", ")) };
            let _ = write!(words, "\n{fact}{claims}");
        } else {
            left += 1;
        }
    }
    if left > 0 {
        let _ = write!(words, "\n… {left} more");
    }
    words
}

fn cited(claim: &Claim) -> String {
    format!("{} {}", claim.source, claim.at).trim().to_string()
}

fn definition(server: &Server, params: Json) -> RequestResult {
    let params: GotoDefinitionParams = read(params)?;
    let at = &params.text_document_position_params;
    let Some(reading) = server.reading(at)? else { return Ok(Json::Null) };
    let Some((_, name)) =
        meant(&reading, |words| reading.database.entity(words).map(|entity| entity.name().to_string()))
    else {
        return Ok(Json::Null);
    };
    let path = server.document(&at.text_document.uri)?.0;
    let graph = match (is_data(&path), &server.graph) {
        (true, _) => server.graph_of(&path),
        (false, Some(graph)) => graph.clone(),
        // The graph that is compiled in has no files.
        (false, None) => return Ok(Json::Null),
    };
    let Ok((texts, _)) = server.texts(&graph) else { return Ok(Json::Null) };
    let found = texts.iter().flat_map(|text| {
        let spans = declared(&text.body, &name);
        spans.into_iter().filter_map(|span| {
            Some(Location { uri: place::uri(Path::new(&text.name))?, range: place::range(&text.body, span) })
        })
    });
    json(GotoDefinitionResponse::Array(found.collect()))
}

/// Where a name stands alone in quotes: that is where it is declared; facts name it in sentences.
fn declared(text: &str, name: &str) -> Vec<Span> {
    let quoted = ron_literal(name);
    let all = tokens(text).unwrap_or_default().into_iter();
    all.filter(|token| token.text == quoted)
        .map(|token| Span::new(token.start + 1, token.start + token.text.len() - 1))
        .collect()
}

#[allow(clippy::mutable_key_type, reason = "the protocol's own type; its address never changes")]
fn fixes(server: &Server, params: Json) -> RequestResult {
    let params: CodeActionParams = read(params)?;
    let (path, document) = server.document(&params.text_document.uri)?;
    let told = server.told.get(&path).into_iter().flatten();
    let here = told.filter(|told| touch(told.problem.range, params.range));
    // What was said of an older text may be nowhere in this one.
    let is_current = !server.unchecked.contains(&path);
    let actions = here.filter(|_| is_current).flat_map(|told: &Told| {
        told.fixes.iter().enumerate().map(|(order, (title, edit))| {
            let changes = HashMap::from([(document.uri.clone(), vec![edit.clone()])]);
            CodeActionOrCommand::CodeAction(CodeAction {
                title: title.clone(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![told.problem.clone()]),
                edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
                is_preferred: Some(order == 0),
                ..CodeAction::default()
            })
        })
    });
    json(actions.collect::<Vec<_>>())
}

fn touch(one: Range, two: Range) -> bool {
    let before = |a: Position, b: Position| (a.line, a.character) <= (b.line, b.character);
    before(one.start, two.end) && before(two.start, one.end)
}

fn format(server: &Server, params: Json) -> RequestResult {
    let params: DocumentFormattingParams = read(params)?;
    let (path, document) = server.document(&params.text_document.uri)?;
    // What cannot be read stays as it is: its mistakes are underlined.
    match fmt::formatted_text(&path, &document.text) {
        Some(new_text) if new_text != document.text => {
            json(vec![TextEdit { range: place::whole(&document.text), new_text }])
        }
        _ => json(Vec::<TextEdit>::new()),
    }
}
