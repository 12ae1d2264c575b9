//! The tools that change a graph's files, with the checks of `begat add` and `begat retract`: nothing is written unless the
//! whole graph is right afterwards.

use super::{Call, Parameter, Reply, Tool, error, needed, optional};
use crate::Database;
use crate::edit::{self, Add, Citation, Edit, New, Refusal, Request, Retract, Workspace};
use crate::graph::Trust;
use crate::load::Access;
use crate::render::diagnostics_value;
use crate::text::{Diagnostics, Text};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Keeps an edit of the graph at a path.
type Record = Box<dyn Fn(&Path, &Edit) + Send + Sync>;

/// The files that may be changed, and what is to be done after each change.
pub struct Curator {
    path: PathBuf,
    access: Access,
    /// Keeps the edit for `begat undo`.
    record: Record,
    /// The graph as it was read or edited last; `None` while the files are as the server found them.
    current: Mutex<Current>,
}

/// A graph, and what its files were like then.
struct Current {
    database: Option<Database>,
    files: Vec<FileState>,
}

/// A file with its length and the time of its last change.
type FileState = (PathBuf, u64, Option<SystemTime>);

impl std::fmt::Debug for Curator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Curator({})", self.path.display())
    }
}

impl Curator {
    pub fn new(path: PathBuf, access: Access, record: impl Fn(&Path, &Edit) + Send + Sync + 'static) -> Curator {
        let current = Mutex::new(Current { database: None, files: states(&path) });
        Curator { path, access, record: Box::new(record), current }
    }

    /// Returns the graph as its files are now, whoever has changed them; `None` while they are as the server found them.
    /// Where they cannot be read, it is the graph as it was read last.
    pub fn current(&self) -> Option<Database> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let files = states(&self.path);
        if files != current.files
            && let Ok(workspace) = Workspace::open(&self.path, self.access, &|_, _| {})
        {
            *current = Current { database: Some(Database::of(workspace.graph)), files };
        }
        current.database.clone()
    }

    /// Makes an edit and writes it, unless it is only to be shown.
    fn make(&self, request: &dyn Request, is_trial: bool) -> Result<Reply, Refusal> {
        // One edit at a time: who asks next asks the graph that this one leaves.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let workspace = Workspace::open(&self.path, self.access, &|_, _| {})?;
        let edit = workspace.edit(request)?;
        let is_written = !is_trial && !edit.files.is_empty();
        if is_written {
            edit::write(&self.path, &edit.files)
                .map_err(|error| Refusal::Cannot(format!("nothing was changed: {}", crate::disk::reason(&error))))?;
            (self.record)(&self.path, &edit);
            *current = Current { database: Some(Database::of(edit.graph.clone())), files: states(&self.path) };
        }
        Ok(Reply::Json(json!({
            "written": is_written,
            "done": edit.done,
            "diff": edit.diff(),
            "warnings": diagnostics_value(&edit.warnings, &Text::new("", "")),
        })))
    }
}

/// Returns the files of a graph, or in its folder, sorted; hidden ones apart, which begat does not read.
fn states(path: &Path) -> Vec<FileState> {
    let (mut found, mut folders) = (Vec::new(), vec![path.to_path_buf()]);
    while let Some(place) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&place) else {
            let about = std::fs::metadata(&place);
            found.extend(about.map(|about| (place, about.len(), about.modified().ok())));
            continue;
        };
        for entry in entries.flatten().filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b".")) {
            match entry.metadata() {
                Ok(about) if about.is_dir() => folders.push(entry.path()),
                Ok(about) => found.push((entry.path(), about.len(), about.modified().ok())),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

const FACTS: Parameter = needed("facts", "array", "sentences of the language, as `DeepSeek V3 uses MLA and MoE`");
const TRIAL: Parameter = optional("dry_run", "boolean", "only show the diff, and change nothing");

/// The tools that write.
pub(super) static TOOLS: &[Tool] = &[
    Tool {
        name: "add",
        about: "Adds facts that a source states to the graph's files. Checks the whole graph first: if it would be wrong, \
                nothing is written, and the reply says why. Gives what was done, and the diff.",
        parameters: &[
            FACTS,
            needed("source", "string", "the key of the source that states them, as `begat://sources` lists it"),
            optional("at", "string", "the place in the source: `L23`, `p. 4`"),
            optional("trust", "string", "direct (unless told), secondary, inferred or doubtful"),
            optional("quote", "string", "the words of the source"),
            optional("note", "string", "a remark"),
            optional("date", "string", "when the facts began to hold"),
            optional("new", "array", "names that may be declared, each as `Model DeepSeek V4`; no others are"),
            optional(
                "sure",
                "boolean",
                "declare new names though they are like known ones: only after looking at those",
            ),
            TRIAL,
        ],
        run: add,
    },
    Tool {
        name: "retract",
        about: "Takes facts back: removes their claims from the graph's files, where the whole graph is right without them. \
                Gives what was done, and the diff.",
        parameters: &[
            FACTS,
            optional("source", "string", "only claims of this source"),
            optional("at", "string", "only claims at this place of the source"),
            optional("all", "boolean", "all claims of the facts, where there are several"),
            TRIAL,
        ],
        run: retract,
    },
];

fn add(call: &Call<'_>) -> Result<Reply, Reply> {
    let text = |name: &str| call.text(name).unwrap_or("").to_string();
    let trust = match call.text("trust") {
        None => Trust::default(),
        Some(name) => Trust::ALL.into_iter().find(|trust| trust.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Trust::ALL.iter().map(|trust| trust.name()).collect();
            error(format!("no trust is called `{name}`: it is {}", names.join(", ")))
        })?,
    };
    if text("source").is_empty() {
        return Err(error("who says so? `source` is the key of a source"));
    }
    let citation = Citation {
        source: text("source"),
        at: text("at"),
        trust,
        quote: text("quote"),
        note: text("note"),
        date: text("date"),
    };
    let new = texts(call, "new")?.into_iter().map(New::Words).collect();
    write(call, &Add { facts: facts(call)?, citation, new, is_sure: call.is("sure") })
}

fn retract(call: &Call<'_>) -> Result<Reply, Reply> {
    let text = |name: &str| call.text(name).unwrap_or("").to_string();
    write(call, &Retract { facts: facts(call)?, source: text("source"), at: text("at"), all: call.is("all") })
}

fn facts(call: &Call<'_>) -> Result<Vec<String>, Reply> {
    let facts = texts(call, "facts")?;
    if facts.is_empty() { Err(error("`facts` is empty")) } else { Ok(facts) }
}

/// The texts of a list; none where it is not given.
fn texts(call: &Call<'_>, name: &str) -> Result<Vec<String>, Reply> {
    let items = call.arguments.get(name).and_then(Json::as_array).into_iter().flatten();
    let text = |item: &Json| item.as_str().map(str::to_string);
    items.map(text).collect::<Option<_>>().ok_or_else(|| error(format!("`{name}` is to be a list of texts")))
}

fn write(call: &Call<'_>, request: &dyn Request) -> Result<Reply, Reply> {
    let Some(curator) = call.curator else { return Err(error("this server writes nothing")) };
    curator.make(request, call.is("dry_run")).map_err(refused)
}

/// Why nothing was changed, and what to do instead.
fn refused(refusal: Refusal) -> Reply {
    let told = |kind: &str, found: &Diagnostics, text: &Arc<Text>| {
        let errors = found.iter().filter(|one| one.is_error()).map(|one| one.message.as_str());
        json!({
            "error": kind,
            "message": errors.collect::<Vec<_>>().join("; "),
            "diagnostics": diagnostics_value(found, text),
        })
    };
    let mut json = match refusal {
        Refusal::Request(text, found) => {
            let mut json = told("query", &found, &text);
            let fix = super::first_fix(&found.0).and_then(|fix| fix.apply(&text.body));
            if let (Some(corrected), Some(members)) = (fix, json.as_object_mut()) {
                members.insert("corrected".into(), corrected.into());
            }
            json
        }
        Refusal::Data(found) => told("data", &found, &Text::new("", "")),
        Refusal::Unread(error) => json!({ "error": "file", "message": crate::Error::from(error).to_string() }),
        Refusal::Cannot(words) => json!({ "error": "data", "message": words }),
        Refusal::Near { name, near } => json!({
            "error": "data",
            "message": format!(
                "`{name}` is like `{}`: use that name if it is the same, else say `sure`",
                near.join("`, `")
            ),
            "near": near,
        }),
    };
    if let Some(members) = json.as_object_mut().filter(|members| !members.contains_key("diagnostics")) {
        members.insert("diagnostics".into(), Json::Array(Vec::new()));
    }
    Reply::Error(json)
}
