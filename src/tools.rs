//! What agents and programs ask with: a JSON object in, JSON, a text or a picture out. An error says what to write instead.
//! The doors (`mcp`, `serve`) carry it over their protocols.

mod writing;

pub use writing::Curator;

use crate::api::answers;
use crate::database::{Database, Error, Options};
use crate::graph::{EntityId, Graph, fold};
use crate::render::Format;
use crate::schema::{PropertyId, Schema, TypeSet};
use crate::text::suggest;
use crate::value::Value;
use crate::{Answer, Diagnostic, RenderOptions};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// What a tool gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// An object.
    Json(Json),
    Text(String),
    /// An SVG document.
    Picture(String),
    /// A PNG.
    Pixels(Vec<u8>),
    /// What went wrong, as an object with a `message`, and where it can be told how to go on.
    Error(Json),
}

/// A tool by name. One row each.
#[derive(Debug)]
pub struct Tool {
    pub name: &'static str,
    pub about: &'static str,
    parameters: &'static [Parameter],
    run: fn(&Call<'_>) -> Result<Reply, Reply>,
}

#[derive(Debug)]
struct Parameter {
    name: &'static str,
    /// `string`, `integer`, `boolean`, `object` or `array` (of texts), as JSON Schema has it.
    kind: &'static str,
    about: &'static str,
    is_required: bool,
}

const fn needed(name: &'static str, kind: &'static str, about: &'static str) -> Parameter {
    Parameter { name, kind, about, is_required: true }
}

const fn optional(name: &'static str, kind: &'static str, about: &'static str) -> Parameter {
    Parameter { name, kind, about, is_required: false }
}

const QUERY: Parameter = needed("query", "string", "a query in begat's language, as `Model uses MLA`");
const VALUES: Parameter =
    optional("parameters", "object", "values of `$name` in the query, by name; never read as query text");
const POSSIBLY: Parameter = optional("possibly", "boolean", "rows that are only possible, too");

/// The tools that only read, in the order in which an agent needs them.
pub static TOOLS: &[Tool] = &[
    Tool {
        name: "schema",
        about: "The types, verbs and properties of the graph, with how many entities and facts there are. Call this first: \
                queries use these words and no others.",
        parameters: &[],
        run: schema,
    },
    Tool {
        name: "find",
        about: "Entities whose name or alias is, begins with, holds or nearly is a phrase; each with its type and date.",
        parameters: &[
            needed("phrase", "string", "a name or a part of it"),
            optional("type", "string", "only entities of that type"),
            optional("limit", "integer", "at most so many; 10 unless told, 100 at most"),
        ],
        run: find,
    },
    Tool {
        name: "ask",
        about: "Answers a query: rows by column with their certainty, how many are certain and possible, and `more`, the \
                number of rows that were left out. A wrong query gives its diagnostics and, where it can be told, the \
                corrected query.",
        parameters: &[
            QUERY,
            VALUES,
            POSSIBLY,
            optional("limit", "integer", "at most so many rows; 50 unless told, 1000 at most"),
        ],
        run: ask,
    },
    Tool {
        name: "why",
        about: "Proves rows of a query: for each the facts that it rests on, with source, place in the source and quote.",
        parameters: &[
            QUERY,
            VALUES,
            POSSIBLY,
            optional("limit", "integer", "the first so many rows; 5 unless told, 50 at most"),
        ],
        run: why,
    },
    Tool {
        name: "check_query",
        about: "Checks a query without running it: ok with notes, or what is wrong, each with its place and edits, and the \
                corrected query where the edits make one.",
        parameters: &[QUERY, VALUES],
        run: check_query,
    },
    Tool {
        name: "draw",
        about: "Draws a query as a picture, SVG or PNG: `timeline of Model`, `adoption of Technique by year`, `lineage of NAME`, \
                `matrix of Model uses Technique`, or the facts of any sentence as a graph.",
        parameters: &[
            QUERY,
            VALUES,
            optional("title", "string", "instead of one made from the query"),
            optional("focus", "string", "the name of an entity: what is not of its lineage fades"),
            optional("format", "string", "svg, unless told, or png"),
        ],
        run: draw,
    },
];

impl Tool {
    /// Returns the JSON Schema of its arguments.
    pub fn input(&self) -> Map<String, Json> {
        let property = |parameter: &Parameter| {
            let mut about = json!({ "type": parameter.kind, "description": parameter.about });
            if parameter.kind == "array" {
                about["items"] = json!({ "type": "string" });
            }
            (parameter.name.to_string(), about)
        };
        let required = self.parameters.iter().filter(|parameter| parameter.is_required);
        let schema = json!({
            "type": "object",
            "properties": self.parameters.iter().map(property).collect::<Map<String, Json>>(),
            "required": required.map(|parameter| parameter.name).collect::<Vec<_>>(),
            "additionalProperties": false,
        });
        if let Json::Object(schema) = schema { schema } else { Map::new() }
    }
}

/// Returns what an argument of a tool is to be, as JSON Schema has it; `None` where there is none of that name.
#[cfg(feature = "serve")]
pub(crate) fn kind_of(tool: &str, parameter: &str) -> Option<&'static str> {
    let tool = TOOLS.iter().find(|known| known.name == tool)?;
    tool.parameters.iter().find(|known| known.name == parameter).map(|known| known.kind)
}

/// Returns the tools: those that write only for who may.
pub fn listed(may_write: bool) -> impl Iterator<Item = &'static Tool> {
    TOOLS.iter().chain(writing::TOOLS.iter().filter(move |_| may_write))
}

impl Tool {
    /// Returns whether it changes files.
    pub fn writes(&self) -> bool {
        writing::TOOLS.iter().any(|tool| tool.name == self.name)
    }
}

/// Carries out a tool; `None` where there is none of that name. Setting `cancel` stops it soon, unless it writes.
pub fn call(
    database: &Database,
    curator: Option<&Curator>,
    name: &str,
    arguments: &Map<String, Json>,
    cancel: Arc<AtomicBool>,
) -> Option<Reply> {
    let tool = listed(curator.is_some()).find(|tool| tool.name == name)?;
    let edited = curator.and_then(Curator::current);
    let database = edited.as_ref().unwrap_or(database);
    let call = Call { database, curator, arguments, cancel, begun: Instant::now() };
    let done = checked(tool, arguments).and_then(|()| (tool.run)(&call)).and_then(small);
    // Names of a damaged part of a snapshot read as nothing: an answer with them is none.
    let done = match database.graph().damage() {
        Some(part) => {
            Err(error(format!("the snapshot is damaged in its part `{part}`: build it again from its sources")))
        }
        None => done,
    };
    Some(done.unwrap_or_else(|error| error))
}

/// Maximum length of a reply in bytes. A longer one would fill the context of a language model.
const LARGEST: usize = 400_000;
/// Maximum length of a text of a call in bytes, as of a query in an address. A longer one is no question.
const LONGEST: usize = 64 << 10;
/// How long a call may take, with the search for what was meant.
const TIME: Duration = Duration::from_secs(10);
/// The same for pictures in pixels, whose bytes are not read as text.
const LARGEST_PICTURE: usize = 4 << 20;

/// The reply, unless it is too large to be read.
fn small(reply: Reply) -> Result<Reply, Reply> {
    let size = match &reply {
        Reply::Json(json) => json.to_string().len(),
        Reply::Text(text) | Reply::Picture(text) => text.len(),
        Reply::Pixels(png) => png.len(),
        Reply::Error(_) => 0,
    };
    let most = if matches!(reply, Reply::Pixels(_)) { LARGEST_PICTURE } else { LARGEST };
    if size <= most {
        Ok(reply)
    } else {
        Err(error(format!("the answer has {size} bytes: ask for less, as with `limit 20`")))
    }
}

fn checked(tool: &Tool, arguments: &Map<String, Json>) -> Result<(), Reply> {
    for (name, value) in arguments {
        let Some(parameter) = tool.parameters.iter().find(|parameter| parameter.name == name) else {
            let known: Vec<_> = tool.parameters.iter().map(|parameter| format!("`{}`", parameter.name)).collect();
            let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
            return Err(error(format!("`{}` has no parameter `{name}`; its parameters: {known}", tool.name)));
        };
        let fits = match parameter.kind {
            "string" => value.is_string(),
            "integer" => value.is_u64(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            _ => value.is_object(),
        };
        if !fits && !value.is_null() {
            return Err(error(format!("`{name}` is to be of type {}", parameter.kind)));
        }
        if value.as_str().is_some_and(|text| text.len() > LONGEST) {
            return Err(error(format!("`{name}` is too long: a text has at most 64 KiB")));
        }
    }
    let is_missing =
        |parameter: &&Parameter| parameter.is_required && arguments.get(parameter.name).is_none_or(Json::is_null);
    match tool.parameters.iter().find(is_missing) {
        Some(missing) => Err(error(format!("`{}` is missing: {}", missing.name, missing.about))),
        None => Ok(()),
    }
}

fn error(message: impl Into<String>) -> Reply {
    Reply::Error(json!({ "message": message.into() }))
}

/// A tool at work.
struct Call<'a> {
    database: &'a Database,
    /// Of who may write.
    curator: Option<&'a Curator>,
    arguments: &'a Map<String, Json>,
    cancel: Arc<AtomicBool>,
    begun: Instant,
}

impl Call<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).and_then(Json::as_str)
    }

    fn query(&self) -> &str {
        self.text("query").unwrap_or("")
    }

    fn is(&self, name: &str) -> bool {
        self.arguments.get(name).and_then(Json::as_bool).unwrap_or(false)
    }

    /// A number between 1 and `most`.
    fn number(&self, name: &str, usual: usize, most: usize) -> usize {
        let given = self.arguments.get(name).and_then(Json::as_u64).map(|given| usize::try_from(given).unwrap_or(most));
        given.unwrap_or(usual).clamp(1, most)
    }

    /// The limits under which every tool works; the time is what is left of that of the call.
    fn options(&self) -> Result<Options, Reply> {
        let mut options = Options::new()
            .timeout(TIME.saturating_sub(self.begun.elapsed()).max(Duration::from_millis(1)))
            .max_rows(200_000)
            .max_memory(512 << 20)
            .cancel(self.cancel.clone())
            .possibly(self.is("possibly"));
        for (name, value) in self.arguments.get("parameters").and_then(Json::as_object).into_iter().flatten() {
            options = options.param(name.trim_start_matches('$'), value_of(name, value)?);
        }
        Ok(options)
    }
}

fn value_of(name: &str, value: &Json) -> Result<Value, Reply> {
    match value {
        Json::String(text) => Ok(text.as_str().into()),
        Json::Number(number) => number
            .as_i64()
            .map(Value::from)
            .or_else(|| number.as_f64().map(Value::from))
            .ok_or_else(|| error(format!("the parameter `{name}` is no number that can be kept"))),
        _ => Err(error(format!("the parameter `{name}` is to be a text or a number"))),
    }
}

fn schema(call: &Call<'_>) -> Result<Reply, Reply> {
    let graph = call.database.graph();
    let schema = graph.schema();
    let (entities, facts) = (graph.entity_count(), graph.fact_count());
    let mut out = format!("{entities} entities, {facts} facts\n\nTypes: own properties (the verb that asks for one)\n");
    for (_, kind) in schema.types() {
        let count = graph.count_of(kind.subtypes);
        let parent = kind.parent.map(|parent| schema.type_(parent));
        let of = parent.map_or(String::new(), |parent| format!(" (a {})", parent.name));
        let inherited = parent.map_or(&[][..], |parent| parent.properties.as_slice());
        let own = kind.properties.iter().filter(|property| !inherited.contains(property));
        let properties: Vec<String> = own.map(|property| property_words(schema, *property)).collect();
        let _ = writeln!(out, "- {count} {}{of}: {}", kind.name, properties.join(", "));
    }
    out.push_str("\nVerbs: from → to: verb (inverse)\n");
    let mut joined: IndexMap<String, Vec<String>> = IndexMap::new();
    for (_, verb) in schema.verbs() {
        let inverse = verb.inverse.as_ref().map_or(String::new(), |inverse| format!(" ({inverse})"));
        let ends = format!("{} → {}", names(schema, verb.from), names(schema, verb.to));
        joined.entry(ends).or_default().push(format!("{}{inverse}", verb.name));
    }
    for (ends, verbs) in joined {
        let _ = writeln!(out, "- {ends}: {}", verbs.join(", "));
    }
    for define in graph.defines() {
        let _ = writeln!(out, "- {}", define.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Ok(Reply::Text(out))
}

fn property_words(schema: &Schema, property: PropertyId) -> String {
    let property = schema.property(property);
    let verb = property.verb.as_ref().map_or(String::new(), |verb| format!(" ({verb})"));
    format!("{} {}{verb}", property.name, property.value.name())
}

/// The types, without those whose supertype is named.
fn names(schema: &Schema, types: TypeSet) -> String {
    let is_under = |id| schema.type_(id).parent.is_some_and(|parent| types.contains(parent));
    let names: Vec<&str> = types.iter().filter(|id| !is_under(*id)).map(|id| schema.type_(id).name.as_str()).collect();
    names.join("|")
}

fn find(call: &Call<'_>) -> Result<Reply, Reply> {
    let graph = call.database.graph();
    let phrase = call.text("phrase").unwrap_or("").trim();
    let types = match call.text("type") {
        None => graph.schema().all_types(),
        Some(name) => match graph.schema().lookup_type(name) {
            Some(id) => graph.schema().type_(id).subtypes,
            None => {
                let known: Vec<_> = graph.schema().types().map(|(_, kind)| kind.name.as_str()).collect();
                return Err(error(format!("no type is called `{name}`; the types: {}", known.join(", "))));
            }
        },
    };
    let mut found: Vec<(usize, EntityId)> = ranked(graph, phrase)
        .into_iter()
        .filter(|(entity, _)| graph.is_of(*entity, types))
        .map(|(entity, rank)| (rank, entity))
        .collect();
    found.sort_unstable();
    let limit = call.number("limit", 10, 100);
    let entities: Vec<Json> = found.iter().take(limit).map(|(_, entity)| entity_json(graph, *entity)).collect();
    Ok(Reply::Json(json!({ "entities": entities, "more": found.len().saturating_sub(limit) })))
}

/// Names of larger graphs are not compared letter by letter, which would read all of them at each call.
const LOOKED_THROUGH: usize = 200_000;

/// The entities that a phrase may mean; the lower the surer.
fn ranked(graph: &Graph, phrase: &str) -> HashMap<EntityId, usize> {
    let mut found: HashMap<EntityId, usize> = HashMap::new();
    let mut add = |entity: EntityId, rank: usize| {
        let known = found.entry(entity).or_insert(rank);
        *known = rank.min(*known);
    };
    let wanted = fold(phrase);
    if wanted.is_empty() {
        return found;
    }
    for entity in graph.names().lookup(phrase) {
        add(entity, 0);
    }
    let mut all = Vec::new();
    for (name, entity) in graph.names().iter() {
        let folded = fold(name);
        if folded == wanted {
            add(entity, 1);
        } else if folded.starts_with(&wanted) {
            add(entity, 2);
        } else if folded.contains(&wanted) {
            add(entity, 3);
        }
        all.push((name, entity));
    }
    if all.len() <= LOOKED_THROUGH {
        let near: HashMap<&str, usize> = suggest::near(phrase, all.iter().map(|(name, _)| *name))
            .into_iter()
            .map(|(far, name)| (name, far))
            .collect();
        for (name, entity) in &all {
            if let Some(far) = near.get(name) {
                add(*entity, 4 + far);
            }
        }
    }
    found
}

fn entity_json(graph: &Graph, entity: EntityId) -> Json {
    let mut members = Map::new();
    members.insert("name".into(), graph.name(entity).into());
    members.insert("type".into(), graph.schema().type_(graph.type_of(entity)).name.as_str().into());
    let date = graph.date_of(entity);
    if !date.is_undated() {
        members.insert("date".into(), date.to_string().into());
    }
    let aliases: Vec<&str> = graph.names().aliases(entity).collect();
    if !aliases.is_empty() {
        members.insert("aliases".into(), aliases.into());
    }
    Json::Object(members)
}

fn ask(call: &Call<'_>) -> Result<Reply, Reply> {
    answered(call, call.options()?, call.number("limit", 50, 1000))
}

fn why(call: &Call<'_>) -> Result<Reply, Reply> {
    answered(call, call.options()?.proofs(true), call.number("limit", 5, 50))
}

/// The answers of all statements, at most `most` rows of each.
fn answered(call: &Call<'_>, options: Options, most: usize) -> Result<Reply, Reply> {
    match answers(call.database, call.query(), &options, most) {
        Err(error) if matches!(error, Error::Limit(_)) => {
            Err(Reply::Error(crate::api::error_json(&error, call.query())))
        }
        Ok(mut each) if each.len() == 1 => Ok(Reply::Json(each.remove(0))),
        Ok(each) => Ok(Reply::Json(json!({ "answers": each }))),
        Err(error) => Err(refused(call, &error)?),
    }
}

/// Why there is no answer, with the query that can be asked instead where the first edits make one.
fn refused(call: &Call<'_>, error: &Error) -> Result<Reply, Reply> {
    let mut json = crate::api::error_json(error, call.query());
    let corrected = corrected(call)?.filter(|corrected| corrected != call.query());
    if let (Some(corrected), Some(members)) = (corrected, json.as_object_mut()) {
        members.insert("corrected".into(), corrected.into());
    }
    Ok(Reply::Error(json))
}

/// Maximum number of edits that are carried out one after the other. Each costs a check of the query.
const MOST_EDITS: usize = 4;

/// The query that its first edits make of one that is wrong; `None` where they do not make one that can be asked.
fn corrected(call: &Call<'_>) -> Result<Option<String>, Reply> {
    let mut text = call.query().to_string();
    for _ in 0..=MOST_EDITS {
        let fixed = match call.database.prepare(&text, &call.options()?) {
            Ok(_) => return Ok(Some(text)),
            Err(error) => first_fix(error.diagnostics()).and_then(|fix| fix.apply(&text)),
        };
        let Some(fixed) = fixed else { return Ok(None) };
        text = fixed;
    }
    Ok(None)
}

fn first_fix(problems: &[Diagnostic]) -> Option<&crate::Fix> {
    problems
        .iter()
        .filter(|problem| problem.is_error())
        .flat_map(|problem| &problem.help)
        .find_map(|help| help.fix.as_ref())
}

fn check_query(call: &Call<'_>) -> Result<Reply, Reply> {
    let options = call.options()?;
    match call.database.prepare(call.query(), &options) {
        Err(error) => {
            // Finding mistakes is what it is for: that is no failure of the tool.
            let Reply::Error(mut json) = refused(call, &error)? else {
                return Err(self::error("no diagnostics"));
            };
            if let Some(members) = json.as_object_mut() {
                members.insert("ok".into(), false.into());
            }
            Ok(Reply::Json(json))
        }
        Ok(prepared) => {
            if let Some(file) = prepared.iter().find_map(crate::Prepared::file) {
                let message = format!("no file is written here: leave out `to \"{file}\"`");
                return Ok(Reply::Json(json!({ "ok": false, "message": message })));
            }
            let notes: Vec<Json> = prepared.iter().flat_map(crate::api::notes_json).collect();
            Ok(Reply::Json(json!({ "ok": true, "statements": prepared.len(), "notes": notes })))
        }
    }
}

fn draw(call: &Call<'_>) -> Result<Reply, Reply> {
    let options = call.options()?;
    let mut look = RenderOptions::new();
    if let Some(title) = call.text("title") {
        look = look.title(title);
    }
    if let Some(focus) = call.text("focus") {
        look = look.focus(focus);
    }
    let draws_pixels = match call.text("format") {
        None | Some("svg") => false,
        Some("png") => true,
        Some(other) => return Err(error(format!("`{other}` is not drawn: `format` is svg or png"))),
    };
    let drawn =
        asked_alone(call.database, call.query(), &options).and_then(|answer: Answer| answer.render(Format::Svg, &look));
    let svg = match drawn {
        Ok(svg) => svg,
        Err(error) => return Err(refused(call, &error)?),
    };
    if draws_pixels { pixels(&svg) } else { Ok(Reply::Picture(svg)) }
}

/// Returns the answer to a text that is one query and names no file.
///
/// # Errors
/// It is none, several, or names one; and those of the query.
pub(crate) fn asked_alone(database: &Database, text: &str, options: &Options) -> Result<Answer, Error> {
    if let [one] = database.prepare(text, options)?.as_slice()
        && let Some(file) = one.file()
    {
        return Err(Error::usage(format!("no file is written here: leave out `to \"{file}\"`")));
    }
    database.query_with(text, options)
}

#[cfg(feature = "raster")]
fn pixels(svg: &str) -> Result<Reply, Reply> {
    /// Who looks at a picture sees no more.
    const MOST_PIXELS: f64 = 8e6;
    let drawn = crate::render::picture::raster::png_within(svg, MOST_PIXELS);
    drawn.map(Reply::Pixels).map_err(|problems| {
        error(problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; "))
    })
}

#[cfg(not(feature = "raster"))]
fn pixels(_: &str) -> Result<Reply, Reply> {
    Err(error("this begat draws SVG alone: leave `format` out"))
}
