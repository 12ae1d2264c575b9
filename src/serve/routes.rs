//! Which path gives what.

use super::page;
use crate::api::RenderOptions;
use crate::database::{Database, Error, Options};
use crate::render::{FORMATS, Format};
use crate::tools::{self, TOOLS};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A request, without what belongs to the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// As `/answer.csv`.
    pub path: &'a str,
    /// What stands behind the `?`, encoded as forms are.
    pub query: &'a str,
    /// Of a POST.
    pub body: Option<&'a [u8]>,
}

/// What is sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// The media type.
    pub kind: &'static str,
    /// What a browser may load for it.
    pub policy: &'static str,
    /// What may be done at the path, where something else was (status 405).
    pub allowed: &'static str,
    pub body: Vec<u8>,
}

/// Nothing but what it holds.
const CLOSED: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
/// Its own parts.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                    frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A picture with its own script, which comes at nothing else.
const PICTURE: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                       font-src data:; base-uri 'none'; frame-ancestors 'self'; sandbox allow-scripts allow-popups";

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// Maximum length of a reply in bytes, which is in memory as a whole.
const LARGEST: usize = 4 << 20;
/// Maximum length of a query in bytes.
const LONGEST: usize = 64 << 10;

impl Reply {
    fn new(kind: &'static str, policy: &'static str, body: impl Into<Vec<u8>>) -> Reply {
        Reply { status: 200, kind, policy, allowed: "GET, HEAD", body: body.into() }
    }

    fn page(body: String) -> Reply {
        Reply::new(HTML, PAGE, body)
    }

    fn json(status: u16, json: &Json) -> Reply {
        Reply { status, ..Reply::new(JSON, CLOSED, json.to_string() + "\n") }
    }

    /// A request that gets no answer, and why.
    pub(super) fn refusal(status: u16, words: &str) -> Reply {
        Reply::json(status, &json!({ "message": words }))
    }

    /// That of an error, with its diagnostics.
    fn error(error: &Error, text: &str) -> Reply {
        let status = if matches!(error, Error::Limit(_)) { 422 } else { 400 };
        Reply::json(status, &crate::api::error_json(error, text))
    }

    /// The same, unless it is too large to be sent.
    fn small(self) -> Reply {
        match self.body.len() <= LARGEST {
            true => self,
            false => Reply::refusal(422, "the answer has more than 4 MiB: ask for less, as with `limit 1000`"),
        }
    }
}

/// The looks of all pages.
pub(super) const STYLE: &str = include_str!("assets/page.css");
/// Sorts and copies tables.
pub(super) const TABLES: &str = include_str!("assets/tables.js");

/// Parts of the page that no query has to do with.
pub(super) fn asset(path: &str) -> Option<Reply> {
    match path {
        "/page.css" => Some(Reply::new("text/css; charset=utf-8", CLOSED, STYLE)),
        "/page.js" => Some(Reply::new("text/javascript; charset=utf-8", CLOSED, include_str!("assets/page.js"))),
        "/tables.js" => Some(Reply::new("text/javascript; charset=utf-8", CLOSED, TABLES)),
        "/favicon.ico" => Some(Reply { status: 204, ..Reply::new("image/x-icon", CLOSED, "") }),
        _ => None,
    }
}

/// Answers a request. Setting `cancel` stops it soon.
pub fn reply(database: &Database, request: &Request<'_>, cancel: &Arc<AtomicBool>) -> Reply {
    if let Some(asset) = asset(request.path) {
        return asset;
    }
    if let Some(tool) = request.path.strip_prefix("/api/") {
        return api(database, tool, request, cancel).small();
    }
    if request.body.is_some() {
        return Reply::refusal(405, "only what begins with /api/ is posted to");
    }
    let fields = Fields::of(request.query);
    if fields.text("q").len() > LONGEST {
        return Reply::refusal(414, "a query has at most 64 KiB");
    }
    let options = options(&fields, cancel);
    // Names of a damaged part of a snapshot read as nothing: an answer with them is none.
    let damaged = || database.graph().damage().is_some();
    let reply = match request.path {
        "/" => Reply::page(page::home(database, &fields, &options)),
        "/entity" => page::entity(database, fields.text("name"), fields.text("type"), &options).map_or_else(
            || Reply { status: 404, ..Reply::page(page::missing(database, fields.text("name"))) },
            Reply::page,
        ),
        "/complete" => complete(database, &fields),
        path => match path.strip_prefix("/answer.").and_then(format_of) {
            Some(format) => written(database, format, &fields, &options),
            None => Reply::refusal(404, "there is nothing here; `/` is the page, `/api/` names the tools"),
        },
    };
    if damaged() {
        return Reply::refusal(500, "the snapshot is damaged: build it again from its sources");
    }
    reply.small()
}

/// The limits under which every request is answered.
fn options(fields: &Fields, cancel: &Arc<AtomicBool>) -> Options {
    Options::new()
        .timeout(Duration::from_secs(10))
        .max_rows(200_000)
        .max_memory(256 << 20)
        .cancel(cancel.clone())
        .possibly(fields.has("possibly"))
}

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(query: &str) -> Fields {
        Fields(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The first of that name; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text.as_str())
    }

    /// Whether a box is ticked.
    pub fn has(&self, name: &str) -> bool {
        !matches!(self.text(name), "" | "0" | "false")
    }
}

/// Media types of the formats that are sent; the others are folders, drawings for terminals, or bytes that are no text.
const KINDS: &[(Format, &str)] = &[
    (Format::Table, "text/plain; charset=utf-8"),
    (Format::Tsv, "text/tab-separated-values; charset=utf-8"),
    (Format::Csv, "text/csv; charset=utf-8"),
    (Format::Json, JSON),
    (Format::Jsonl, "application/jsonl"),
    (Format::Markdown, "text/markdown; charset=utf-8"),
    (Format::Dot, "text/vnd.graphviz; charset=utf-8"),
    (Format::Mermaid, "text/plain; charset=utf-8"),
    (Format::Graphml, "application/xml"),
    (Format::Turtle, "text/turtle; charset=utf-8"),
    (Format::Trig, "application/trig; charset=utf-8"),
    (Format::Svg, "image/svg+xml"),
    (Format::Html, HTML),
];

/// The format of a file's ending, if answers are sent in it.
fn format_of(extension: &str) -> Option<(Format, &'static str)> {
    let info = FORMATS.iter().find(|info| info.extension == extension && !extension.is_empty())?;
    KINDS.iter().find(|(format, _)| *format == info.format).copied()
}

fn written(database: &Database, (format, kind): (Format, &'static str), fields: &Fields, options: &Options) -> Reply {
    let text = fields.text("q");
    // What `ask` refuses: an answer that is to be a file.
    if format == Format::Json {
        return json_lines(database, text, options);
    }
    let policy = if format == Format::Html { PICTURE } else { CLOSED };
    let drawn = single(database, text, options).and_then(|answer| answer.render(format, &look(fields)));
    drawn.map_or_else(|error| Reply::error(&error, text), |body| Reply::new(kind, policy, body))
}

/// The bytes of [`Database::ask`].
fn json_lines(database: &Database, text: &str, options: &Options) -> Reply {
    match database.prepare(text, options) {
        Err(error) => Reply::error(&error, text),
        // Two documents, or none, are no JSON.
        Ok(all) if all.len() != 1 => match single(database, text, options) {
            Err(error) => Reply::error(&error, text),
            Ok(_) => Reply::refusal(400, "one query is asked at a time"),
        },
        Ok(_) => {
            let lines = database.ask(text, options);
            // An error that comes while it runs is the last line.
            let last = lines.trim_end().rsplit('\n').next().unwrap_or("");
            let status = match last.starts_with("{\"error\":") {
                false => 200,
                true if last.starts_with("{\"error\":\"limit\"") => 422,
                true => 400,
            };
            Reply { status, ..Reply::new(JSON, CLOSED, lines) }
        }
    }
}

fn look(fields: &Fields) -> RenderOptions {
    let look = RenderOptions::new().guard_csv(fields.has("guard"));
    match fields.text("focus") {
        "" => look,
        focus => look.focus(focus),
    }
}

pub(super) use crate::tools::asked_alone as single;

fn complete(database: &Database, fields: &Fields) -> Reply {
    let text = fields.text("q");
    // A page counts in UTF-16.
    let cursor = fields.text("cursor").parse().map_or(text.len(), |units: usize| byte_of(text, units));
    let found = database.complete(text, cursor);
    let each = found.candidates.iter().map(
        |candidate| json!({ "word": candidate.word, "about": candidate.about, "replacement": candidate.replacement }),
    );
    let start = text[..found.start].encode_utf16().count();
    Reply::json(200, &json!({ "start": start, "candidates": each.collect::<Vec<_>>() }))
}

/// The byte at which so many UTF-16 units end.
fn byte_of(text: &str, units: usize) -> usize {
    let mut left = units;
    for (at, c) in text.char_indices() {
        if left < c.len_utf16() {
            return at;
        }
        left -= c.len_utf16();
    }
    text.len()
}

/// The tools that agents have, as JSON: `GET /api/ask?query=…`, or `POST /api/ask` with an object.
fn api(database: &Database, name: &str, request: &Request<'_>, cancel: &Arc<AtomicBool>) -> Reply {
    if name.is_empty() {
        let each = TOOLS.iter().map(|tool| json!({ "name": tool.name, "about": tool.about, "input": tool.input() }));
        return Reply::json(200, &json!({ "tools": each.collect::<Vec<_>>() }));
    }
    let arguments = match request.body {
        None => of_fields(name, request.query),
        Some(body) => match serde_json::from_slice(body) {
            Ok(Json::Object(object)) => object,
            _ => return Reply::refusal(400, "the body is to be a JSON object"),
        },
    };
    match tools::call(database, None, name, &arguments, cancel.clone()) {
        None => Reply::refusal(404, "there is no such tool; `/api/` names them"),
        Some(tools::Reply::Json(json)) => Reply::json(200, &json),
        Some(tools::Reply::Text(text)) => Reply::json(200, &json!({ "text": text })),
        Some(tools::Reply::Picture(svg)) => Reply::new("image/svg+xml", CLOSED, svg),
        Some(tools::Reply::Pixels(png)) => Reply::new("image/png", CLOSED, png),
        Some(tools::Reply::Error(json)) => Reply::json(if json["error"] == "limit" { 422 } else { 400 }, &json),
    }
}

/// The arguments of a tool as fields of a form: what is to be a number, a truth value or an object is read as JSON.
fn of_fields(name: &str, query: &str) -> Map<String, Json> {
    let fields = Fields::of(query).0.into_iter();
    let read = |(field, text): (String, String)| {
        let is_text = tools::kind_of(name, &field).is_none_or(|kind| kind == "string");
        let value = if is_text { None } else { serde_json::from_str(&text).ok() };
        (field, value.unwrap_or(Json::String(text)))
    };
    fields.map(read).collect()
}
